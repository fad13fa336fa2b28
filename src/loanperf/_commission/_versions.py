"""Versions: the components of dated plans -> what pricing asks of each, as columns of whole numbers without choices."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cached_property
from math import lcm
from typing import TypeAlias

import numpy as np
from attrs import frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._plan import OF_LOANS, Component
from loanperf._commission._rates import NOTHING, ONE_RATE, constant
from loanperf._commission._tiers import Rate, Tiers, stated_rates
from loanperf._curves import Curve, RateTable
from loanperf._numbers import (
    Grid,
    Pieces,
    Places,
    Truth,
    Whole,
    bounded,
    by_code,
    in_one_each,
    largest,
    total_of,
    whole,
)
from loanperf._quantities import Quantity

APPLIES = ("flat", "interpolated", "marginal", "forward before", "forward after")
"""How the rate of a tier applies, by code."""


@frozen(eq=False, kw_only=True, slots=False)
class Versions:
    """Components of dated plans, one a row; curves of rates by code, of which the first is that of what is not paid."""

    dated: tuple[DatedPlan, ...]
    components: tuple[Component, ...]
    places: tuple[int, ...]
    """Of the dated plans, among all."""
    named: Places
    """A code of plan and component, of all versions of both, that sorts as their texts do."""
    rates: tuple[Places, ...]
    """By place of the rate that holds for a loan, see `Eligible.rates`, the code of its curve."""
    curves: tuple[Pieces, ...]
    """By code; of a table that of what is not paid, since what it pays stands in `tables`."""
    tables: Mapping[int, tuple[RateTable, Grid]]
    """The tables of rates, by code."""
    of_loan: Truth
    """By code of a curve, whether it is of each loan, whatever the amount."""
    same: Places
    """A code of the component: one that stands unchanged in two versions of a plan is the same."""
    of: Whole
    """What the shares of the stages are over."""
    single: Truth
    """Whether there is one stage."""
    alone: Truth
    """Whether each loan has its own tier, so that nothing accumulates over loans."""
    by_number: Truth
    """Whether loans count for the tier by their number, whatever they are paid on."""
    own_rate: Truth
    """Whether each loan has the rate of its day, and goes at the rate at which it came."""
    applies: Places
    """Place in `APPLIES`."""
    by_earned: Truth
    by_attainment: Truth
    read: Truth
    """Whether curves are read at a reading or an attainment."""
    rolls: Whole
    """How many periods a rolling sum has; 0 where sums do not roll."""
    by_period: Truth
    """Whether sums begin anew with each period."""
    of_all: Truth
    """Whether the tier reached holds for all that has accumulated over loans."""
    under: Whole
    """What all rates are over, in every version of a component."""
    per: tuple[Whole, Whole]
    """How much of the base a rate is for: a quotient; 1 where nothing says it."""
    least: tuple[Whole, Whole]
    """The least for one loan, in whole currency: a quotient; over 0 where there is none."""
    most: tuple[Whole, Whole]
    """The most for one loan, in whole currency: a quotient; over 0 where there is none."""

    @classmethod
    def of_plans(cls, plans: Sequence[DatedPlan], bases: Container[str] = OF_LOANS) -> Versions:
        """The components of some plans that pay for one of some bases, in this order."""
        held = [(place, item) for place, dated in enumerate(plans) for item in dated.plan.components]
        held = [(place, item) for place, item in held if item.base in bases]
        given = [(plans[place], item) for place, item in held]
        components = tuple(component for _, component in given)
        tiers = [component.tiers or ONE_RATE for component in components]
        codes: dict[_Coded, int] = {(NOTHING, False): 0}
        for component in components:
            for curve in rates_of(component):
                codes.setdefault(curve, len(codes))
        pieces = tuple(Pieces.of(NOTHING if isinstance(curve, RateTable) else curve) for curve, _ in codes)
        tables = {code: (curve, Grid.of(curve)) for (curve, _), code in codes.items() if isinstance(curve, RateTable)}
        belows = [tables[code][1].below if code in tables else one.below for code, one in enumerate(pieces)]
        names: dict[int, int] = {}
        shares = [[stage.share for stage in component.steps] for component in components]

        def of_tiers(asked: Callable[[Component, Tiers], bool]) -> Truth:
            return truths(asked(component, held) for component, held in zip(components, tiers, strict=True))

        return cls(
            dated=tuple(dated for dated, _ in given),
            components=components,
            places=tuple(place for place, _ in held),
            named=_named(given),
            rates=tuple(whole(codes[curve] for curve in rates_of(component)) for component in components),
            curves=pieces,
            tables=tables,
            of_loan=truths(of_loan for _, of_loan in codes),
            same=by_code(whole(names.setdefault(id(component), len(names)) for component in components)),
            of=by_code(whole(lcm(*(share.denominator for share in held)) for held in shares)),
            single=truths(len(held) == 1 for held in shares),
            alone=of_tiers(lambda _, held: held.accumulates == "per transaction"),
            by_number=of_tiers(lambda component, held: held.by == "count" != component.base),
            own_rate=of_tiers(lambda _, held: held.applies.startswith("forward") or held.are_read),
            applies=by_code(whole(APPLIES.index(held.applies) for held in tiers)),
            by_earned=of_tiers(lambda _, held: held.by == "earned"),
            by_attainment=of_tiers(lambda _, held: held.by == "attainment"),
            read=of_tiers(lambda _, held: held.are_read),
            rolls=by_code(whole(held.periods if held.accumulates == "rolling" else 0 for held in tiers)),
            by_period=of_tiers(lambda _, held: held.accumulates in ("period", None)),
            of_all=of_tiers(lambda _, held: held.are_of_all),
            under=by_code(whole(_under(given, belows, codes))),
            per=_quotients((component.per for component in components), none=(1, 1)),
            least=_quotients((component.least for component in components), none=(0, 0)),
            most=_quotients((component.most for component in components), none=(0, 0)),
        )

    @cached_property
    def linear(self) -> Truth:
        """Whether a curve of rates is no stairs."""
        return truths(one.curve.shape == "linear" or one.curve.then is not None for one in self.curves)


_Coded: TypeAlias = tuple[Curve | RateTable, bool]
"""A curve or table of rates, and whether it is of each loan."""


def rates_of(component: Component) -> list[_Coded]:
    """The curves of rates of a component: of each rate by terms, then that of all other loans, where there is one."""
    held: list[Rate | Component] = [*component.rates, component]
    return [
        (constant(rate) if isinstance(rate, Quantity) else rate, isinstance(item, Rate) and item.of == "loan")
        for item in held
        for _, rate in stated_rates(item)
    ]


def _named(given: Sequence[tuple[DatedPlan, Component]]) -> Places:
    keys = [(dated.plan.code, component.code) for dated, component in given]
    places = {key: place for place, key in enumerate(sorted({*keys}))}
    return by_code(whole(places[key] for key in keys))


def _under(
    given: Sequence[tuple[DatedPlan, Component]], belows: Sequence[int], codes: Mapping[_Coded, int]
) -> list[int]:
    """What all rates are over of each component, in every version of it."""
    found: dict[tuple[str, str], int] = {}
    keys = [(dated.plan.code, component.code) for dated, component in given]
    for key, (_, component) in zip(keys, given, strict=True):
        found[key] = lcm(found.get(key, 1), *(belows[codes[curve]] for curve in rates_of(component)))
    return [found[key] for key in keys]


def truths(found: Iterable[bool]) -> Truth:
    """Some truths as a mask."""
    return by_code(whole(map(int, found)) > 0)


def _quotients(found: Iterable[Quantity | None], *, none: tuple[int, int]) -> tuple[Whole, Whole]:
    """Quantities as quotients; `none` where there is none."""
    given = [none if item is None else (item.value.numerator, item.value.denominator) for item in found]
    return by_code(whole(top for top, _ in given)), by_code(whole(below for _, below in given))


def units_of_tiers(
    versions: Versions, version: Places, group: Places, window: Whole, quota: tuple[Whole, Whole], below: Whole
) -> tuple[Whole, Whole]:
    """What a base is in the unit of tiers, over a number; and what tiers are over, in the window of each row.

    Where tiers are by attainment that number takes in the quotas of all windows that are compared.
    """
    top, under = quota
    by_attainment = versions.by_attainment[version]
    if not by_attainment.any():
        return top * 0 + 1, below
    apart = total_of(~versions.by_period[version] * 1, group, int(group.max()) + 1) == 0
    window = np.where(apart[group], window, 0)
    shared = in_one_each(np.where(by_attainment, top, 1), group, window)
    most = largest(shared) * max(largest(below), largest(under))
    shared, below, under, top = bounded(most, shared, below, under, top)
    return np.where(by_attainment, under * (shared // top), shared), below * shared
