"""Before: what had counted for tiers before the first period -> steps that stand before all others, and go again.

A step of what had counted comes into the sums of its payee, plan and component on the last day of its period; what
follows is priced behind it. It earns nothing that is paid, and is no deal.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from attrs import evolve, field, frozen

from loanperf._commission._earned import AMOUNTS_OF_STEPS, EarnedSteps, earned_of
from loanperf._commission._found import Found
from loanperf._commission._happenings import counts_amounts
from loanperf._commission._plan import Component
from loanperf._commission._rates import constant
from loanperf._commission._states import EVENTS, DealEvent
from loanperf._commission._steps import Before, Sources, Steps, looked_up, window_of
from loanperf._commission._tiers import Tiers
from loanperf._commission._versions import Versions
from loanperf._data import PlainData
from loanperf._numbers import (
    FAR,
    Pieces,
    bounded,
    day_number,
    in_one_each,
    ordered,
    place_in,
    put,
    times,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money, Quantity
from loanperf._validators import between, is_a
from loanperf.errors import DataError, LoanPerfError, ResolveError


@frozen(kw_only=True)
class CountedBefore(PlainData):
    """What had counted for the tiers of a payee before the first period that is worked, of loans that facts lack."""

    payee: str = field(validator=is_a(str))
    plan: str = field(validator=is_a(str))
    """Code of the plan."""
    component: str = field(validator=is_a(str))
    """Code of the component of which the tiers go on from there."""
    amount: Money = field(validator=is_a(Money))
    """What counted, zero or more; where tiers are by what is earned, what was earned."""
    loans: int = field(default=0, validator=between(0, 10**6, int))
    """Of how many loans; needed where loans count, or are paid, by their number."""
    period: Period = field(validator=is_a(Period))
    """In which it counted: it stands in the window of the last day of that period."""


_AS_IT_IS = constant(Quantity(Fraction(1)))
"""The rate of what is earned, which counts as it is."""


def with_before(given: Sources, counted: Iterable[CountedBefore], found: Found) -> Sources:
    """What steps are worked out from, with what had counted before; what cannot be is a problem of its payee."""
    items = tuple(counted)
    if not items:
        return given
    versions = evolve(
        given.versions,
        curves=(*given.versions.curves, Pieces.of(_AS_IT_IS)),
        of_loan=np.append(given.versions.of_loan, False),
    )
    given, parts = evolve(given, versions=versions), list[Before]()
    for item in sorted(items, key=lambda one: (one.period, one.payee, one.plan, one.component)):
        try:
            parts.append(_before(given, item))
        except LoanPerfError as error:
            found.note(f"what had counted of {item.payee} by {item.period}", error, [item.payee])
    return evolve(given, before=Before.stacked(parts) if parts else None)


def _before(given: Sources, item: CountedBefore) -> Before:
    """The rows of what had counted by one component.

    Raises:
        ResolveError: no plan has the component, or nothing accumulates in it from one period to the next.
        DataError: the amount is of another currency, loans are not numbered, or a sum does not say enough.
        TargetError: what 100% is is not known.
    """
    versions, on = given.versions, whole([day_number(item.period.last_day)])
    version = _version(versions, item)
    component, dated = versions.components[version], versions.dated[version]
    tiers = _accumulating(component, item)
    if dated.currency != item.amount.currency:
        fault = f"it is {item.amount}, and plan {item.plan!r} pays in {dated.currency}"
        raise DataError("the amount", fault, f"give it in {dated.currency}")
    if item.payee not in given.deals.payees:
        raise DataError("the payee", "nobody of that code is assigned", "open the ledger with the right code")
    payee = given.deals.payees.index(item.payee)
    period = given.lookups.calendar.place_or_before(on)
    quota, _ = looked_up(versions, given.lookups, version, whole([payee]), np.maximum(period, 0))
    if quota is not None and quota.faulty[0]:
        raise quota.error(0)
    base, counts, below = _sums(component, item, 10 ** CURRENCIES[dated.currency])
    names = int(versions.named.max(initial=0)) + 1
    once = whole([1] * len(base))
    return Before(
        group=once * (payee * names + int(versions.named[version])),
        on=once * on,
        version=once * version,
        curve=once * _curve(versions, version, tiers),
        base=whole(base),
        counts=whole(counts),
        below=once * below,
        window=np.repeat(window_of(component, dated.calendar, on, period), len(base)),
        quota=(once, once) if quota is None else (once * quota.top, once * quota.below),
    )


def _version(versions: Versions, item: CountedBefore) -> int:
    """The version of a component that held on the last day of a period, or else the first."""
    keys = [(dated.plan.code, one.code) for dated, one in zip(versions.dated, versions.components, strict=True)]
    named = [place for place, key in enumerate(keys) if key == (item.plan, item.component)]
    if not named:
        fault = f"no plan {item.plan!r} pays for loans by a component {item.component!r}"
        said = ", ".join(f"{plan}: {component}" for plan, component in sorted({*keys}))
        raise ResolveError("its component", fault, f"use one of {said}")
    in_force = [place for place in named if versions.dated[place].since <= item.period.last_day]
    return max(in_force or named[:1], key=lambda place: versions.dated[place].since)


def _accumulating(component: Component, item: CountedBefore) -> Tiers:
    """The tiers of a component, of which a sum may stand for loans."""
    tiers = component.tiers
    if tiers is None or not tiers.go_on:
        fault = f"nothing that was lent before counts for the tiers of {item.component!r}"
        raise ResolveError("its component", fault, "leave the row out")
    apart = component.rates or tiers.counts != "what is paid" if tiers.are_of_all else False
    if apart or component.weighed_by is not None:
        fault = f"the tiers of {item.component!r} look at what each loan was paid on, and a sum does not say it"
        raise DataError("its component", fault, "leave the row out, and give the facts of the loans that counted")
    return tiers


def _curve(versions: Versions, version: int, tiers: Tiers) -> int:
    """The code of the rate of what had counted, where later loans change it."""
    if tiers.by == "earned":
        return len(versions.curves) - 1
    return int(versions.rates[version][0]) if tiers.are_of_all else 0


def _sums(component: Component, item: CountedBefore, scale: int) -> tuple[list[int], list[int], int]:
    """What is paid on, and what counts, of each row, over a number.

    Where loans count by their number each is a row, with a part of the amount.
    """
    units, number = item.amount.units, item.loans
    tiers = component.tiers
    by_number = component.base == "count" or (tiers is not None and tiers.by == "count")
    if by_number and not number and units:
        raise DataError("its loans", "loans count by their number, and it does not say how many", "give loans")
    if component.base == "count":
        return [number * scale], [units if counts_amounts(component) else number * scale], scale
    if by_number:
        return [units // number + (one < units % number) for one in range(number)], [scale] * number, scale
    return [units], [units], scale


# ── before the steps of deals ───────────────────────────────────────────────────────────────────────────────


def earned_behind(given: Sources, steps: Steps) -> EarnedSteps:
    """What each of some steps earns, behind what had counted before; one step at least."""
    before = given.before
    if before is None:
        return earned_of(given.versions, steps)
    before = before.some(place_in(np.unique(steps.group), before.group) >= 0)
    if not len(before.group):
        return earned_of(given.versions, steps)
    return _without(earned_of(given.versions, _with(given.versions, steps, before)), len(steps.track))


def _with(versions: Versions, steps: Steps, before: Before) -> Steps:
    """The steps, and behind them a step for each row of what had counted, of its own track and first of its group."""
    size, rows = len(steps.track), np.arange(len(before.group))
    none, one, no = rows * 0, rows * 0 + 1, rows < 0
    below = in_one_each(np.concatenate(bounded(0, steps.below, before.below)), np.append(steps.group, before.group))
    mine, theirs = below[:size] // steps.below, below[size:] // before.below
    more = Steps(
        group=before.group, track=int(steps.track.max()) + 1 + rows, order=rows - len(rows),
        on=before.on, event=none + EVENTS.index(DealEvent.LAST_STAGE), version=before.version, stage=none,
        reached=versions.of[before.version], base=times(before.base, theirs), amount=times(before.base, theirs),
        counts=times(before.counts, theirs), below=below[size:], curve=before.curve, faulty=no, held=~no,
        due=none + FAR, lowers=no, window=before.window, quota=before.quota, no_quota=no,
        at=(none, one), across=(none, one), no_reading=no, part=(one, one),
    )  # fmt: skip
    steps = evolve(
        steps, base=times(steps.base, mine), amount=times(steps.amount, mine), counts=times(steps.counts, mine),
        below=below[:size],
    )  # fmt: skip
    both = Steps.stacked([steps, more])
    turn = ordered(both.group, both.order)
    return evolve(both, order=put(np.arange(len(both.order)), np.arange(len(both.order))[turn], len(both.order), 0))


def _without(found: EarnedSteps, size: int) -> EarnedSteps:
    """What the first `size` steps earn: the results of the steps that `_with` added are left out."""
    rows, (ends, lots) = np.flatnonzero(found.deals.step < size), found.windows
    deals = found.deals.some(rows)
    return evolve(
        found,
        **{name: getattr(found, name)[:size] for name in AMOUNTS_OF_STEPS},
        bases=found.bases.some(slice(size)),
        windows=(ends[ends < size], lots[ends < size]),
        deals=evolve(deals, lot=np.searchsorted(rows, deals.lot)),
        prices=found.prices.some(rows),
    )
