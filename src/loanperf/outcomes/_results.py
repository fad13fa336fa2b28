"""Results of people: what somebody came to in a period, by hand or of the results of runs and archives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, Protocol, TypeAlias

from attrs import converters, field, frozen
from attrs.validators import optional

from loanperf._appraisal import Appraisal, Calibrated, by_payee, grade_paid
from loanperf._data import PlainData
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period, day, must_be_period
from loanperf._quantities import Quantity
from loanperf._validators import a_code, as_pairs, as_points, as_quantity, each_of, is_a, must_be, pairs_of, person_of
from loanperf.errors import DataError, UnknownPayeeError

OfSeveral: TypeAlias = Literal["refuse", "last"]
"""What is done with a payee who has several results in a period, such as after a move: refuse, or take the last.

Of those that begin last on the same day, the one of the primary assignment is taken.
"""


def _as_readings(given: Any) -> Any:
    pairs = given.items() if isinstance(given, Mapping) else given
    return as_pairs(pairs, lambda value: value if type(value) is Quantity else as_quantity(value))


@frozen(kw_only=True)
class PersonResult(PlainData):
    """What a person came to in a period, as the rules of outcomes look at it.

    Raises:
        DataError: a code that is none, a score that is no exact number, a float.

    >>> june = Period.month(2026, 6)
    >>> PersonResult(payee="lin", period=june, unit="east", role="officer", score="89.5", grade="A").score
    Decimal('89.5')
    """

    payee: str = field(validator=a_code)
    period: Period = field(validator=is_a(Period))
    unit: str = field(validator=a_code)
    role: str = field(validator=a_code)
    score: Decimal = field(converter=as_points, validator=is_a(Decimal))
    """In points."""
    grade: str = field(default="", validator=is_a(str))
    """The code of the grade, after calibration where there was one; empty where there is none."""
    readings: tuple[tuple[str, Quantity], ...] = field(
        default=(), converter=_as_readings, validator=pairs_of(is_a(Quantity))
    )
    """Unrounded, by code of the indicator; what was not there to be measured is left out."""
    role_since: date | None = field(default=None, converter=converters.optional(day), validator=optional(is_a(date)))
    """The first day in this role; None where it is not known."""

    def reading(self, code: str) -> Quantity | None:
        """The reading of an indicator; None where there is none."""
        return next((value for name, value in self.readings if name == code), None)


class Appraised(Protocol):
    """A result of a run or of an archive: whatever has these four is one."""

    @property
    def payee(self) -> str: ...
    @property
    def part(self) -> Period: ...
    @property
    def assignment(self) -> Assignment: ...
    @property
    def appraisal(self) -> Appraisal: ...


def results_of(
    rows: Iterable[Appraised],
    period: Period,
    *,
    of_several: OfSeveral,
    calibrated: Iterable[Calibrated] = (),
    organisation: Organisation | None = None,
) -> tuple[PersonResult, ...]:
    """The results of a run or of an archive, as rules of outcomes look at them; one a payee, in order of code.

    Args:
        rows: `Run.results`, or what `Archive.results` returns; in any order.
        period: of which they are.
        of_several: what is done with a payee who has several results in the period.
        calibrated: what was decided of results afterwards; its grade takes the place of the one of the score. Who is
            not named, or has another coefficient alone, keeps that.
        organisation: says since when each has the role; without it nobody's months in a role are known.

    Raises:
        DataError: a result is not of the period; a payee has several and they are refused, or none of them is the last;
            or is calibrated twice.
        UnknownPayeeError: somebody without a result is calibrated.
        AwardError: somebody is calibrated to a grade that the card does not have.
        NoAssignmentError: the organisation knows nothing of a payee on the last day of the result.
    """
    must_be_period(period)
    held = defaultdict[str, list[Appraised]](list)
    for row in rows:
        if not (period.start <= row.part.start and row.part.end <= period.end):
            fault = f"it is of {row.part}, and not of {period}"
            raise DataError(f"the result of {row.payee}", fault, "pass the results of one period")
        held[row.payee].append(row)
    last = {payee: _last_of(some, period, of_several) for payee, some in held.items()}
    decided = by_payee(calibrated)
    for payee in decided:
        if payee not in last:
            raise UnknownPayeeError(payee, sorted(last))
    return tuple(_result_of(last[payee], period, decided.get(payee), organisation) for payee in sorted(last))


def _last_of(rows: Sequence[Appraised], period: Period, of_several: OfSeveral) -> Appraised:
    """The result of a payee that decides, whatever the order in which they are given."""
    if len(rows) > 1 and of_several != "last":
        fault = f"there are several in {period}, of {rows[0].part} and of {rows[1].part}"
        raise DataError(f"the result of {rows[0].payee}", fault, "say of_several='last', or pass one of them")
    last = max(map(_place, rows))
    found = [row for row in rows if _place(row) == last]
    if len(found) > 1:
        fault = f"there are {len(found)} that begin on {last[0]}, and none of them is the last"
        raise DataError(f"the result of {rows[0].payee}", fault, "pass the one that decides")
    return found[0]


def _place(row: Appraised) -> tuple[date, bool]:
    return row.part.start, row.assignment.primary


def _result_of(
    row: Appraised, period: Period, calibrated: Calibrated | None, organisation: Organisation | None
) -> PersonResult:
    appraisal, held = row.appraisal, row.assignment
    since = None if organisation is None else organisation.role_since(row.payee, held.role, row.part.last_day)
    grade = grade_paid(appraisal, calibrated)
    readings = {one.indicator: one.value for one in appraisal.readings if one.value is not None}
    return PersonResult(
        payee=row.payee,
        period=period,
        unit=held.unit,
        role=held.role,
        score=appraisal.score,
        grade="" if grade is None else grade.code,
        readings=readings,
        role_since=since,
    )


@frozen(kw_only=True)
class ResultHistory:
    """Results of periods that follow each other, by payee and place of the period."""

    periods: tuple[Period, ...]
    """From the first up to that of the outcomes."""
    by_payee: Mapping[str, Mapping[int, PersonResult]]

    @property
    def now(self) -> tuple[PersonResult, ...]:
        """The results of the last period, in order of payee."""
        last = len(self.periods) - 1
        return tuple(held[last] for _, held in sorted(self.by_payee.items()) if last in held)


def history_of(results: Iterable[PersonResult], period: Period) -> ResultHistory:
    """Results up to a period, once they are seen to make a history.

    Raises:
        DataError: somebody has two results in a period, or a code written in two ways; no result is of the period;
            or two periods overlap or do not follow each other.
    """
    must_be(period, Period, "the period", "pass lp.Period.month(2026, 3)")
    given = each_of(results, PersonResult, "the results", "pass PersonResult, or what results_of returns")
    until = [one for one in given if one.period.start <= period.start]
    periods = tuple(sorted({one.period for one in until}))
    if not periods or periods[-1] != period:
        found = ", ".join(map(str, periods[-3:])) or "none"
        raise DataError("the results", f"none is of {period} (found {found})", "pass those of the period, too")
    for one, other in pairwise(periods):
        if one.end != other.start:
            fault = f"{other} does not follow {one}"
            raise DataError("the results", fault, "pass those of every period in between, of periods of one kind")
    places = {one: place for place, one in enumerate(periods)}
    by_payee, people = dict[str, dict[int, PersonResult]](), dict[str, str]()
    for result in until:
        known = people.setdefault(person_of(result.payee), result.payee)
        if known != result.payee:
            fault = f"{known} and {result.payee} are one person, written in two ways"
            raise DataError(f"the result of {result.payee}", fault, "write the code of a person in one way")
        mine, place = by_payee.setdefault(result.payee, {}), places[result.period]
        if place in mine:
            raise DataError(f"the result of {result.payee}", f"it is given twice for {result.period}", "give it once")
        mine[place] = result
    return ResultHistory(periods=periods, by_payee=by_payee)
