"""Conditions: a history of results and a rule -> each condition met or not, with the figure and the distance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import accumulate
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from loanperf._appraisal import COMPARISONS
from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, because, carried, near_label, told
from loanperf._facts import Facts, Training
from loanperf._indicators import CATALOGUE, indicator, indicator_label
from loanperf._numbers import day_number, months_between, whole
from loanperf._periods import Period
from loanperf._quantities import Quantity, percent
from loanperf._scorecard import value_near
from loanperf.errors import UnitError
from loanperf.outcomes._results import PersonResult, ResultHistory
from loanperf.outcomes._rules import GradeCount, MissingPeriod, OutcomeRule, ReadingLimit

ConditionKind: TypeAlias = Literal["share", "months in role", "grades", "limit", "course"]
_MISSING: Mapping[MissingPeriod, Label] = {
    "against": Label("it counts against the person", "按不利情形计"),
    "ignored": Label("it counts as having none of the grades", "按未出现该等级计"),
    "passed over": Label("there is none further back to take its place", "此前也无可替补的考核期"),
    "undecided": Label("it is left open", "暂不认定"),
}


@frozen(kw_only=True)
class ConditionMet(PlainData):
    """Whether a person meets one condition of a rule, and why."""

    kind: ConditionKind
    met: bool | None
    """None where it cannot be told, such as in a group that is too small or without a reading."""
    _reasons: Explanation | Callable[[], Explanation] = field(alias="reasons", repr=False, eq=told)

    @property
    def reasons(self) -> Explanation:
        """The figure, what is asked, and how far away it is; worked out when somebody asks."""
        return told(self._reasons)

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return carried(self, reasons=self.reasons)


@frozen(kw_only=True)
class OutcomeBasis:
    """What conditions are worked with."""

    history: ResultHistory
    as_of: date
    role_names: Mapping[str, Label]
    """What roles are called, by code."""
    done: Mapping[tuple[str, str], date]
    """The first day on which a payee completed a course."""


def conditions_of(rule: OutcomeRule, person: PersonResult, asked: OutcomeBasis) -> Iterator[ConditionMet]:
    """Every condition of a rule but its share, in the order of its fields."""
    if rule.months_in_role is not None:
        yield _months(rule.months_in_role, person, asked)
    for count in rule.grades:
        yield _grades(count, asked.history, person.payee)
    for limit in rule.limits:
        yield _limit(limit, person)
    for course in rule.courses:
        on = asked.done.get((person.payee, course))
        done = on is not None and on <= asked.as_of
        values: dict[str, str | Label] = {"course": course, "on": str(on if done else asked.as_of)}
        why = "outcome.course done" if done else "outcome.course not done"
        yield ConditionMet(kind="course", met=done, reasons=partial(because, why, values))


# ── months in a role ────────────────────────────────────────────────────────────────────────────────────────


def _months(least: int, person: PersonResult, asked: OutcomeBasis) -> ConditionMet:
    months, role = None, asked.role_names.get(person.role, Label(person.role))
    if person.role_since is not None:
        until = day_number(asked.as_of) + 1
        since = min(day_number(person.role_since), until)
        (months,) = months_between(whole([since]), whole([until])).tolist()
    met = None if months is None else months >= least
    return ConditionMet(kind="months in role", met=met, reasons=partial(_why_months, least, person, months, role))


def _why_months(least: int, person: PersonResult, months: int | None, role: Label) -> Explanation:
    values: dict[str, str | Label] = {"role": role, "asked": str(least)}
    if months is None:
        return because("outcome.months unknown", values)
    values |= {"months": str(months), "since": str(person.role_since), "missing": str(max(least - months, 0))}
    return because("outcome.months enough" if months >= least else "outcome.months", values)


# ── grades over periods ─────────────────────────────────────────────────────────────────────────────────────


def _grades(count: GradeCount, history: ResultHistory, payee: str) -> ConditionMet:
    seen = _looked_at(count, history, payee)
    low, high = (
        _counted([_hit(grade, count, open_is=open_is) for _, grade in seen], count) for open_is in (False, True)
    )
    return ConditionMet(
        kind="grades", met=_is_met(count, low, high), reasons=partial(_why_grades, count, seen, low, high)
    )


def _is_met(count: GradeCount, low: int, high: int) -> bool | None:
    """Whether a count between two bounds is as it has to be; None where some of them are and others are not."""
    if count.at_least is not None:
        return True if low >= count.at_least else False if high < count.at_least else None
    most = count.at_most or 0
    return True if high <= most else False if low > most else None


def _why_grades(count: GradeCount, seen: Sequence[tuple[Period | None, str]], low: int, high: int) -> Explanation:
    met = _is_met(count, low, high)
    rule = {True: "outcome.grades met", False: "outcome.grades not met", None: "outcome.grades open"}[met]
    away = low - (count.at_most or 0) if count.at_least is None else count.at_least - low
    values: dict[str, str | Label] = {
        "grades": "/".join(count.grades),
        "count": str(low) if met is not None else f"{low}-{high}",
        "periods": str(count.periods),
        "asked": _asked_label(count),
        "away": str(max(away, 0)),
    }
    return because(rule, values, *_by_period(seen, count))


def _looked_at(count: GradeCount, history: ResultHistory, payee: str) -> list[tuple[Period | None, str]]:
    """The periods that are looked at and the grade in each, the latest first; empty where there is none."""
    mine, periods = history.by_payee[payee], history.periods
    last = len(periods) - 1
    if count.missing == "passed over":
        there = [at for at in sorted(mine, reverse=True) if mine[at].grade][: count.periods]
        found: list[tuple[Period | None, str]] = [(periods[at], mine[at].grade) for at in there]
    else:
        places = range(last, max(last - count.periods, -1), -1)
        found = [(periods[at], mine[at].grade if at in mine else "") for at in places]
    return found + [(None, "")] * (count.periods - len(found))


def _hit(grade: str, count: GradeCount, *, open_is: bool) -> bool:
    """Whether a period counts, where one without a grade that is left open is taken as a hit or as none."""
    if grade:
        return grade in count.grades
    match count.missing:
        case "against":
            return count.at_least is None
        case "ignored":
            return False
        case _:
            return open_is


def _counted(hits: Sequence[bool], count: GradeCount) -> int:
    """How many periods count; of a row, the longest run of them."""
    if not count.in_a_row:
        return sum(hits)
    return max(accumulate(hits, lambda run, hit: (run + 1) * hit, initial=0))


def _asked_label(count: GradeCount) -> Label:
    if count.at_least is None:
        return Label(f"at most {count.at_most}", f"不多于 {count.at_most} 次")
    row = Label(" in a row", "连续") if count.in_a_row else Label("", "")
    return Label(f"at least {count.at_least}{row.en}", f"{row.zh}不少于 {count.at_least} 次")


def _by_period(seen: Sequence[tuple[Period | None, str]], count: GradeCount) -> Iterator[Explanation]:
    """What each period had, the latest first."""
    for period, grade in seen:
        said = Label("before the first period", "首个考核期之前") if period is None else str(period)
        if grade:
            yield because("outcome.grade of", {"period": said, "grade": grade})
        else:
            yield because("outcome.no grade", {"period": said, "missing": _MISSING[count.missing]})


# ── limits of readings ──────────────────────────────────────────────────────────────────────────────────────


def _limit(limit: ReadingLimit, person: PersonResult) -> ConditionMet:
    value = person.reading(limit.indicator)
    if value is not None and value.unit != limit.limit.unit and limit.limit.value:
        what = f"the limit of {limit.indicator!r}, compared with the reading of {person.payee},"
        raise UnitError(what, limit.limit.unit or "no unit", value.unit or "no unit")
    met = None if value is None else limit.holds(value.value)
    return ConditionMet(kind="limit", met=met, reasons=partial(_why_limit, limit, value))


def _why_limit(limit: ReadingLimit, value: Quantity | None) -> Explanation:
    values: dict[str, str | Label] = {
        "indicator": indicator_label(limit.indicator),
        "test": COMPARISONS[limit.test],
        "limit": _shown(limit.indicator, limit.limit),
    }
    if value is None:
        return because("outcome.limit open", values)
    away = Quantity(abs(value.value - limit.limit.value), value.unit)
    values |= {"value": _shown(limit.indicator, value), "away": _shown(limit.indicator, away)}
    return because("outcome.limit met" if limit.holds(value.value) else "outcome.limit not met", values)


def _shown(code: str, value: Quantity) -> str | Label:
    """A value as people read it; of an indicator that is not of the catalogue, a share in percent."""
    if code in CATALOGUE:
        return value_near(indicator(code), value)
    return percent(value.value) if not value.unit and value.value.denominator > 1 else near_label(value)


def completed(facts: Facts) -> Mapping[tuple[str, str], date]:
    """The first day on which each payee completed each course."""
    found = dict[tuple[str, str], date]()
    for one in facts.rows_at("trainings", slice(None)):
        if isinstance(one, Training) and one.completed_on is not None:
            key = one.payee, one.course
            found[key] = min(found.get(key, one.completed_on), one.completed_on)
    return found
