"""Figures: the readings and targets of a run as columns, found by payee, indicator and period; and their units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import frozen

from loanperf._appraisal import beyond_bounds
from loanperf._commission._accrual import DatedPlan
from loanperf._curves import Curve
from loanperf._indicators import Readings, refuse_bare
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    bounded,
    distinct,
    fraction,
    grouped,
    nowhere,
    ordered,
    place_in,
    put,
    reduced,
    spread,
    starts_of,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Quantity
from loanperf._scorecard import value_of
from loanperf.errors import DataError, LoanPerfError, UnitError

Value: TypeAlias = tuple[str, str, Period, Quantity]
"""Payee, indicator, period, and what is said of them."""
_COUNTED = frozenset({"", "point", "person"})
"""Units of counts and points, which may be written without one."""


@frozen(eq=False, kw_only=True)
class Figures:
    """Values of payees in pay periods, each once, in order of payee, indicator and period."""

    keys: Whole
    top: Whole
    """Numerators, over `below`, in the unit in which the value was given."""
    below: Whole
    form: Places
    """What its unit may be refused for: unit, whether it was bare, zero, or above 1."""
    units: tuple[str, ...]
    indicators: Mapping[str, int]
    periods: int

    @classmethod
    def of(
        cls,
        what: str,
        values: Iterable[Value],
        payees: Mapping[str, int],
        periods: Sequence[Period],
        measured: Iterable[Readings] = (),
        gone: Sequence[tuple[str, str, Period]] = (),
    ) -> Figures:
        """The values of some payees and periods, as columns.

        Args:
            what: what they are, as an error calls one of them.
            values: in any order, of others too.
            payees: the place of each payee.
            periods: the pay periods.
            measured: readings of many, for payees, indicators and periods of which nothing is given.
            gone: payee, indicator and period of which it is given that there is no value.

        Raises:
            DataError: one is supplied twice, with two values.
        """
        given = tuple(values)
        whom, named, when = dict(payees), dict[str, int](), {period: place for place, period in enumerate(periods)}
        names, codes = [row[0] for row in given], [row[1] for row in given]
        times, said = [row[2] for row in given], [row[3] for row in given]
        who = whole([whom.setdefault(payee, len(whom)) for payee in names])
        code = whole([named.setdefault(indicator, len(named)) for indicator in codes])
        time = whole([when.setdefault(period, len(when)) for period in times])
        units = {unit: place for place, unit in enumerate(dict.fromkeys(value.unit for value in said))}
        unit, bare = whole([units[value.unit] for value in said]), whole([value.bare * 1 for value in said])
        top, below = ([getattr(value.value, name) for value in said] for name in ("numerator", "denominator"))
        columns = [who, code, time, whole(top), whole(below), unit]
        kept = _once(columns)
        if isinstance(kept, int):
            payee, indicator, period, _ = given[kept]
            where = f"{what} of {indicator} of {payee} for {period}"
            raise DataError(where, "it is supplied twice, with two values", "supply the true one alone")
        kept = kept[(who[kept] < len(payees)) & (time[kept] < len(periods))]
        columns = [column[kept] for column in (*columns, bare)]
        blocks = list(_measured(measured, payees, periods, named, units))
        if blocks:
            columns = _behind(columns, [_none(gone, payees, periods, named), *blocks])
        who, code, time, tops, belows, unit, bare = columns
        above, zero = (abs(tops) > belows) * 1, (tops == 0) * 1
        return cls(
            keys=(who * max(len(named), 1) + code) * len(periods) + time,
            top=tops,
            below=belows,
            form=((unit * 2 + bare) * 2 + zero) * 2 + above,
            units=tuple(units),
            indicators=named,
            periods=len(periods),
        )

    def find(self, payee: Places, indicator: str, period: Places) -> Places:
        """The row of each payee and period in an indicator; -1 where there is none."""
        if indicator not in self.indicators:
            return np.repeat(-1, len(payee))
        wanted = (payee * len(self.indicators) + self.indicators[indicator]) * self.periods + period
        return place_in(self.keys, wanted)

    def of_payee(self, payee: int, period: int) -> tuple[str, ...]:
        """The indicators of which a payee has a value in a period."""
        names = sorted(self.indicators)
        found = [int(self.find(whole([payee]), name, whole([period]))[0]) for name in names]
        return tuple(name for name, row in zip(names, found, strict=True) if row >= 0)

    def at(self, rows: Places) -> tuple[Whole, Whole]:
        """Numerators and denominators of rows; 0 over 1 where one is -1."""
        return np.append(self.top, 0)[rows], np.append(self.below, 1)[rows]

    def quantity(self, row: int) -> Quantity:
        """The value of a row."""
        form = int(self.form[row])
        value = fraction(self.top, self.below, row)
        return Quantity(value, self.units[form // 8], bare=form // 4 % 2 == 1)

    def passes(self, rows: Places, check: Callable[[Quantity], object]) -> Truth:
        """Whether the values of rows pass a check of their units, which is made once for each form."""
        forms, which = distinct(self.form[rows])
        some = put(rows, which, len(forms), -1)
        good = [_passes(check, self.quantity(row)) for row in some.tolist()]
        return np.array([*good, False])[which]

    def pass_together(
        self, rows: Places, others: Figures, other: Places, check: Callable[[Quantity, Quantity], object]
    ) -> Truth:
        """Whether the values of rows pass a check with those of other rows, made once for each pair of forms."""
        form = self.form[rows] * (8 * len(others.units)) + others.form[other]
        order = ordered(form)
        mine, theirs = rows[order], other[order]
        starts = starts_of(form[order])
        good = [
            _passes(check, self.quantity(row), others.quantity(one))
            for row, one in zip(mine[starts].tolist(), theirs[starts].tolist(), strict=True)
        ]
        found = nowhere(len(rows))
        found[order] = np.array([*good, False])[spread(np.arange(len(good)), starts, len(rows))]
        return found


def _measured(
    measured: Iterable[Readings],
    payees: Mapping[str, int],
    periods: Sequence[Period],
    named: dict[str, int],
    units: dict[str, int],
) -> Iterator[list[Whole]]:
    """The columns of readings of many that have a value: payee, indicator, period, value, unit, and no bare number."""
    when = {period: place for place, period in enumerate(periods)}
    for found in measured:
        if found.period not in when:
            continue
        who = whole([payees.get(payee, -1) for payee in found.payees])
        for item in found.indicators:
            top, below = found.exact(item.code)
            under = below + np.repeat(0, len(who)) if isinstance(below, int) else below
            rows = np.flatnonzero((who >= 0) & (under != 0))
            tops, belows = reduced(top[rows], under[rows])
            unit = units.setdefault(item.kind.unit(found.currency), len(units))
            code, same = named.setdefault(item.code, len(named)), np.repeat(0, len(rows))
            yield [who[rows], same + code, same + when[found.period], tops, belows, same + unit, same]


def _none(
    gone: Iterable[tuple[str, str, Period]],
    payees: Mapping[str, int],
    periods: Sequence[Period],
    named: dict[str, int],
) -> list[Whole]:
    """The columns of `_measured` for payees of whom it is given that there is no value: the denominator is 0."""
    when = {period: place for place, period in enumerate(periods)}
    known = [(payees[who], code, when[time]) for who, code, time in gone if who in payees and time in when]
    none = np.repeat(0, len(known))
    who, code, time = (
        whole([who for who, _, _ in known]),
        whole([named.setdefault(code, len(named)) for _, code, _ in known]),
        whole([time for _, _, time in known]),
    )
    return [who, code, time, none, none, none, none]


def _behind(given: Sequence[Whole], blocks: Sequence[Sequence[Whole]]) -> list[Whole]:
    """Columns with those of readings of many behind them; of each key the first stays, in order of keys."""
    columns = [np.concatenate([*parts]) for parts in zip(given, *blocks, strict=True)]
    columns = [bounded(0, column)[0] for column in columns]
    order = ordered(*columns[:3])
    held = [column[order] for column in columns]
    starts = starts_of(*held[:3])
    kept = starts[held[4][starts] != 0]
    return [column[kept] for column in held]


def _passes(check: Callable[..., object], *given: Quantity) -> bool:
    try:
        check(*given)
    except LoanPerfError:
        return False
    return True


def _once(columns: Sequence[Whole]) -> Places | int:
    """The first row of each key, which is the first three columns; else one row that says another value than it."""
    order, starts = grouped(*columns[:3])
    held = [column[order] for column in columns]
    size = len(held[0])
    rows = np.arange(size)[order]
    differs = nowhere(size)
    for column in held[3:]:
        differs |= column != spread(column[starts], starts, size)
    if differs.any():
        return int(rows[differs].min())
    return rows[starts]


def read(dated: DatedPlan, code: str, what: str, curve: Curve | None, given: Quantity) -> None:
    """Check that a reading or target is in the unit of its indicator, else of the curve that looks at it.

    A bare 0 fits each unit.

    Args:
        dated: the plan that asks.
        code: of the indicator.
        what: whether it is a reading or a target, as an error calls it.
        curve: what looks at it; None where nothing does.
        given: the reading or target.

    Raises:
        UnitError: it is in another unit.
        DataError: it is a bare number above 1 for a ratio, or what the indicator cannot be.
    """
    if not given.value and not given.unit:
        return
    known, currency = dated.indicator(code), dated.currency
    if known is not None:
        beyond = beyond_bounds(known, value_of(known, given, currency, what))
        if beyond is not None:
            raise DataError(f"{what} of {code!r}", *beyond)
        return
    if given.unit in CURRENCIES and given.unit != currency:
        raise UnitError(f"{what} of {code!r} ({given})", given.unit, currency)
    if curve is not None and any(x for x, _ in curve.knots):
        if given.unit != curve.x_unit and not {given.unit, curve.x_unit} <= _COUNTED:
            raise UnitError(f"{what} of {code!r} ({given})", given.unit, curve.x_unit)
        if given.bare and not (curve.x_unit or curve.bare_x):
            refuse_bare(f"{what} of {code!r}", given.value)


def must_fit(code: str, reading: Quantity, target: Quantity) -> None:
    """Refuse a reading and a target of which nobody says what they count, where they count two things.

    Raises:
        UnitError: they are in two units.
        DataError: one is a share, and the other a bare number above 1.
    """
    if not reading.value and not reading.unit:
        return
    if reading.unit != target.unit and not {reading.unit, target.unit} <= _COUNTED:
        raise UnitError(f"the reading of {code!r} ({reading})", reading.unit, target.unit)
    for what, value, other in (("the reading", reading, target), ("the target", target, reading)):
        if value.bare and not (other.bare or other.unit) and abs(other.value) <= 1:
            refuse_bare(f"{what} of {code!r}", value.value)
