"""History: what subjects came to, period by period, and whose sum is what -> series of one grid of periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from attrs import Attribute, field, frozen

from loanperf._explanations import Language
from loanperf._indicators import Readings
from loanperf._periods import Period, periods_through
from loanperf._quantities import Money, Quantity
from loanperf._tables._frames import values_from
from loanperf._validators import each_of, must_be, one_of
from loanperf.analytics._breakdown import Breakdown
from loanperf.analytics._forecast._methods import Matrix
from loanperf.errors import DataError, shown
from loanperf.run import Results

TOTAL = "total"
"""The subject that is the sum of all."""
Series: TypeAlias = Mapping[str, Mapping[Period, float]]
SubjectKind: TypeAlias = Literal["people", "units"]
_Pair: TypeAlias = tuple[Fraction, Fraction | None]
"""What stands above, and of a ratio what stands below."""
_SEASONS: Mapping[int, int] = MappingProxyType({1: 12, 3: 4})
"""How many periods a year has, by the months of each."""
_ROWS = 65_536
_LARGEST = 1e100
"""Squares and products of larger numbers have no float."""


def _series(given: Any) -> Any:
    """By subject and period, as floats."""
    if given is None:
        return None
    remedy = "pass a mapping of subjects to mappings of periods to numbers, or use PastValues.of_table"
    must_be(given, Mapping, "the history", remedy)
    found: dict[str, dict[Period, float]] = {}
    for subject, values in given.items():
        must_be(subject, str, "a subject of a history", "name it by its code")
        must_be(values, Mapping, f"the history of {subject!r}", remedy)
        found[subject] = {}
        for period, value in values.items():
            _put(found[subject], subject, period, value)
    return found


def _must_be_in(unit: str, series: object) -> str:
    """Refuse amounts and quantities in another unit than that of a history; those of a ratio must be in one.

    Returns:
        The unit; of a ratio that of its amounts, or `%` where there are none.

    Raises:
        DataError: one is in another unit.
    """
    asked = unit
    for subject, values in series.items() if isinstance(series, Mapping) else ():
        for period, value in values.items() if isinstance(values, Mapping) else ():
            if not isinstance(value, Money | Quantity):
                continue
            own = value.currency if isinstance(value, Money) else value.unit
            asked = own if asked == "%" else asked
            if own != asked:
                fault = f"it is in {own or 'no unit'}, and the history in {asked or 'none'}"
                raise DataError(f"the history of {subject!r} in {period}", fault, "give all in one unit, and state it")
    return asked


def _as_float(number: object) -> float | None:
    """A number as a float; None where it is none, is not finite, or is too large to reckon with."""
    if isinstance(number, bool) or not isinstance(number, int | float | Fraction | Decimal):
        return None
    try:
        found = float(number)
    except (OverflowError, ValueError):
        return None
    return found if abs(found) <= _LARGEST else None


def _put(into: dict[Period, float], subject: str, period: object, value: object) -> None:
    """Add a value of a subject.

    Raises:
        DataError: it is no finite number, or there is one of the same period.
    """
    when = period if isinstance(period, Period) else Period.parse(str(period))
    number = _as_float(
        value.exact if isinstance(value, Money) else value.value if isinstance(value, Quantity) else value
    )
    if number is None:
        remedy = "give a number of ordinary size; 0 where there was nothing, and no value before the subject began"
        raise DataError(f"the history of {subject!r} in {when}", f"it is {shown(value)}", remedy)
    many = len(into)
    into[when] = number
    if len(into) == many:
        remedy = "give one of each subject and period"
        raise DataError(f"the history of {subject!r} in {when}", "there are two values", remedy)


def _after_gaps(of: Mapping[Period, _Pair], periods: Sequence[Period]) -> dict[Period, _Pair]:
    """The values of a series after the last period before its end in which it has none."""
    known = sorted(of)
    gaps = [period for period in periods if period not in of and known[0].start < period.start < known[-1].start]
    return {period: of[period] for period in known if not gaps or period.start > max(gaps).start}


def _parents_of(subjects: Iterable[str], parents: Mapping[str, str]) -> dict[str, str]:
    """The units above the given subjects, by part: the unit of each, and that of each unit."""
    found = dict[str, str]()
    for subject in subjects:
        code = subject
        while code in parents and code not in found:
            found[code] = parents[code]
            code = parents[code]
    return found


def _parents(instance: PastValues, attribute: Attribute[Any], given: Mapping[str, str]) -> None:
    """Refuse a hierarchy that goes in a circle, or has no place in the history."""
    del attribute
    must_be(
        given, Mapping, "PastValues.parents", "pass a mapping of subjects and units to the unit of which each is part"
    )
    for code, unit in given.items():
        must_be(code, str, "a part in PastValues.parents", "name it by its code")
        must_be(unit, str, f"the unit of {code!r}", "name it by its code")
    for code in given:
        above = [code]
        while above[-1] in given:
            above.append(given[above[-1]])
            if above[-1] in above[:-1]:
                raise DataError("PastValues.parents", f"{code!r} is a part of itself", "name larger units only")
    units = set(given.values())
    if both := sorted(units & set(instance.values)):
        raise DataError("PastValues.parents", f"{both[0]!r} has values of its own and parts", "leave one of them out")
    if lost := sorted(set(given) - units - set(instance.values)):
        raise DataError("PastValues.parents", f"nothing is known of {lost[0]!r}", "leave it out, or give its history")
    if TOTAL in units | set(instance.values):
        raise DataError("the history", f"a subject is called {TOTAL!r}, as the sum of all is", "give it another code")


@frozen(kw_only=True)
class PastValues:
    """Past values of people or units by month or quarter, from which forecasts and tests are made; kept as floats.

    Raises:
        DataError: a value is no finite number, is beyond 10¹⁰⁰, in another unit or there twice, periods are neither
            months nor quarters or leave a gap, or units do not form a tree.

    >>> past = PastValues(values={"lin": {"2026-01": 10, "2026-02": 12}, "wu": {"2026-02": 5}}, parents={"lin": "east"})
    >>> past.periods[0], past.units
    (Period(start=datetime.date(2026, 1, 1), end=datetime.date(2026, 2, 1)), ('east',))
    """

    values: Series = field(converter=_series)
    """By subject and period; with `out_of` the numerators of a ratio, such as the balance of bad loans."""
    out_of: Series | None = field(default=None, converter=_series)
    """The denominators of a ratio, such as the balance of all loans, of the same subjects and periods; else None."""
    unit: str = "CNY"
    """`%` for ratios, as parts of one: 0.05 is 5%; or a unit of a `Quantity`, such as `CNY`."""
    parents: Mapping[str, str] = field(factory=dict, validator=_parents)
    """By subject the unit that it is part of, such as a team; by unit the larger one, such as a region."""
    subjects: SubjectKind = field(default="people", validator=one_of(SubjectKind))
    """Whether the subjects are people, whose figures not everybody sees, or units, such as teams and products."""

    def __attrs_pre_init__(
        self, values: object, out_of: object = None, unit: str = "CNY", parents: object = None, subjects: object = None
    ) -> None:
        del parents, subjects
        _must_be_in(_must_be_in(unit, values), out_of)

    def __attrs_post_init__(self) -> None:
        if self.unit != "%":
            Quantity(Fraction(0), self.unit)
        if not any(self.values.values()):
            raise DataError("the history", "nothing is in it", "give the values of past periods")
        if self.out_of is None and self.unit == "%" and self.parents:
            fault = "ratios of units are no sums of ratios"
            raise DataError("PastValues.parents", fault, "pass what stands above as values, and below as out_of")
        if self.out_of is not None and self.unit != "%":
            raise DataError("PastValues.unit", f"it is {self.unit!r} of a ratio", "write '%', or leave out_of away")
        for subject, values in self.values.items():
            if self.out_of is not None and self.out_of.get(subject, {}).keys() != values.keys():
                fault = "what stands above and below are of other periods"
                raise DataError(f"the ratio of {subject!r}", fault, "give both for each period")

    @classmethod
    def of_table(
        cls,
        table: Any,
        *,
        subject: str = "subject",
        period: str = "period",
        value: str = "value",
        out_of: str = "",
        unit: str = "CNY",
        parents: Mapping[str, str] = MappingProxyType({}),
        subjects: SubjectKind = "people",
    ) -> PastValues:
        """A history from a data frame of any kind, or a mapping of lists; a row a subject and period.

        Args:
            table: pandas, Polars, PyArrow, DuckDB, or a mapping of names to lists.
            subject: the column of who or what it is of.
            period: the column of periods, such as `2026-03` or `2026-Q1`.
            value: the column of values; of a ratio what stands above.
            out_of: the column of what stands below; empty is none.
            unit: of the values.
            parents: of subjects the unit that they are part of.
            subjects: people or units.

        Raises:
            DataError: a column is not there, a value is none, amounts are in another unit, or two rows are of one
                subject and period.
        """
        names, parts = values_from(table, "history", _ROWS)
        wanted = [subject, period, value, *([out_of] if out_of else [])]
        if missing := [name for name in wanted if name not in names]:
            raise DataError("the table of a history", f"it has no column {missing[0]!r}", f"name one of {list(names)}")
        places = [names.index(name) for name in wanted]
        asked = unit
        above: dict[str, dict[Period, float]] = {}
        below: dict[str, dict[Period, float]] = {}
        for part in parts:
            for who, when, *numbers in zip(*(part[place] for place in places), strict=True):
                must_be(who, str, f"the column {subject!r} of a history", "write codes as text")
                for into, number in zip((above, below), numbers, strict=False):
                    asked = _must_be_in(asked, {who: {when: number}})
                    _put(into.setdefault(who, {}), who, when, number)
        return cls(values=above, out_of=below if out_of else None, unit=unit, parents=parents, subjects=subjects)

    @classmethod
    def of_results(
        cls,
        results: Mapping[Period, Results],
        indicator: str,
        *,
        unit: str = "CNY",
        parents: Mapping[str, str] = MappingProxyType({}),
    ) -> PastValues:
        """The readings of an indicator by payee and period, from the results of past periods.

        A payee with several assignments in a period has the sum of their readings, or where the unit is `%` none that
        could be told: that is refused. A payee without a reading in a period has no value there.

        Args:
            results: by period, such as an archive or `lp.run` gave them.
            indicator: its code.
            unit: of the readings, `%` for ratios.
            parents: of payees the unit that they are part of.

        Raises:
            DataError: a ratio of two assignments, readings in another unit, or a gap.
        """
        found: dict[str, dict[Period, Any]] = {}
        for period, rows in results.items():
            must_be(rows, Results, f"the results of {period}", "pass those of lp.run")
            for row in rows:
                for reading in row.appraisal.readings:
                    if reading.indicator != indicator or reading.value is None:
                        continue
                    _must_be_in(unit, {row.payee: {period: reading.value}})
                    own = found.setdefault(row.payee, {})
                    if period in own and unit == "%":
                        fault, remedy = (
                            "there are two ratios",
                            "give what stands above and below by PastValues(out_of=...)",
                        )
                        raise DataError(f"{row.payee!r} in {period}", fault, remedy)
                    own[period] = own.get(period, Fraction(0)) + reading.value.value
        return cls(values=found, unit=unit, parents=parents)

    @classmethod
    def of_breakdown(cls, found: Breakdown, *, language: Language = "en") -> PastValues:
        """The figures of a breakdown by group and period; of a ratio numerators and denominators.

        A history begins after the last period in which its group had nothing to divide by.

        Args:
            found: over months or quarters.
            language: in which groups are named.
        """
        must_be(found, Breakdown, "the breakdown", "pass what loanperf.analytics.breakdown gives")
        series = found.series(language)
        periods = list(dict.fromkeys(one.period for one in found.groups))
        return cls._of_pairs(series, periods, found.unit, subjects="units")

    @classmethod
    def of_readings(
        cls,
        readings: Iterable[Readings],
        indicator: str,
        *,
        parents: Mapping[str, str] = MappingProxyType({}),
    ) -> PastValues:
        """The readings of an indicator by payee and period, from what `lp.measure` gave for past periods.

        A history begins after the last period in which a payee was not measured or had nothing to divide by.

        Args:
            readings: one a period, the earliest first.
            indicator: its code; of a ratio what stands above and below is taken.
            parents: of payees the unit that they are part of.

        Raises:
            DataError: nothing was measured.
        """
        found, periods, unit = dict[str, dict[Period, _Pair]](), list[Period](), ""
        for of in each_of(readings, Readings, "the readings", "pass a list of what lp.measure gives"):
            periods.append(of.period)
            for one in of:
                if one.indicator == indicator and (one.denominator is None or one.denominator):
                    found.setdefault(one.subject, {})[of.period] = (one.numerator, one.denominator)
                    unit = one.unit
        return cls._of_pairs(found, periods, unit, subjects="people", parents=parents)

    @classmethod
    def _of_pairs(
        cls,
        series: Mapping[str, Mapping[Period, _Pair]],
        periods: Sequence[Period],
        unit: str,
        *,
        subjects: SubjectKind,
        parents: Mapping[str, str] = MappingProxyType({}),
    ) -> PastValues:
        kept = {code: _after_gaps(of, periods) for code, of in series.items()}
        is_ratio = any(below is not None for of in kept.values() for _, below in of.values())
        above, below = ({code: {when: of[when][side] for when in of} for code, of in kept.items()} for side in (0, 1))
        return cls(
            values=above,
            out_of=below if is_ratio else None,
            unit="%" if is_ratio else unit,
            parents=_parents_of(above, parents),
            subjects=subjects,
        )

    @property
    def periods(self) -> tuple[Period, ...]:
        """All periods from the first that any subject has to the last.

        Raises:
            DataError: they are neither months nor quarters, of both, or more than 600.
        """
        known = sorted(set[Period]().union(*self.values.values()))
        months = {period.months for period in known}
        if len(months) > 1 or not months <= set(_SEASONS):
            raise DataError("the periods of a history", f"{known[0]} to {known[-1]}", "give months, or quarters")
        found = periods_through(known[0], known[-1])
        if lost := sorted(set(known) - set(found)):
            raise DataError("the periods of a history", f"{lost[0]} overlaps another", "give one kind of periods")
        return found

    @property
    def season(self) -> int:
        """How many periods a year has."""
        return _SEASONS[self.periods[0].months]

    @property
    def units(self) -> tuple[str, ...]:
        """Sums of subjects, the smallest first; the sum of all is not among them."""
        found = sorted(set(self.parents.values()))
        return tuple(sorted(found, key=lambda unit: (self.height(unit), unit)))

    def height(self, code: str) -> int:
        """How many levels are below a subject or unit."""
        below = [part for part, unit in self.parents.items() if unit == code]
        return 1 + max(map(self.height, below)) if below else 0

    def above(self, subject: str) -> Iterable[str]:
        """The units of which a subject is part, the smallest first."""
        while subject in self.parents:
            subject = self.parents[subject]
            yield subject


def matrix(series: Series, periods: tuple[Period, ...]) -> Matrix:
    """A row a subject, a column a period; NaN before the first value of each and after its last.

    Raises:
        DataError: a period between them has no value.
    """
    place = {period: number for number, period in enumerate(periods)}
    found = np.full((len(series), len(periods)), np.nan)
    before, columns = list[Period](), list[int]()
    for row, (subject, values) in enumerate(series.items()):
        known = [*values]
        if known != before:
            before, columns = known, [place[period] for period in known]
            if columns and max(columns) - min(columns) >= len(columns):
                lost = min({*range(min(columns), max(columns))} - {*columns})
                fault, remedy = "there is no value", "give 0 where there was nothing, or leave out what is before"
                raise DataError(f"the history of {subject!r} in {periods[lost]}", fault, remedy)
        found[row, columns] = [*values.values()]
    return found
