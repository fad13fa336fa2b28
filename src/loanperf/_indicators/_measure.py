"""Measure: (facts, period, indicators) -> readings of every payee."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from operator import ge, gt, le, lt
from typing import Any, TypeAlias, assert_never

from attrs import evolve, field, frozen

from loanperf._facts import Fact, Facts, about
from loanperf._indicators._catalogue import CATALOGUE
from loanperf._indicators._fields import FIELDS, bounds_of, check_indicator, lacking, totals_of
from loanperf._indicators._readings import Reading, combine
from loanperf._indicators._types import (
    Deduct,
    HeldAt,
    Indicator,
    Measure,
    Part,
    Ratio,
    Total,
    View,
    Where,
)
from loanperf._indicators._views import Intake, Key, LoanRow, Problems, Row, payee_of, rows_of, take_in, text_of
from loanperf._org import Organisation
from loanperf._periods import Period, must_be_period
from loanperf._quantities import CURRENCIES
from loanperf._validators import must_be
from loanperf.errors import EmptyPeriodError, MeasureError, Problem, UnitError, natural_order, shown

Exact: TypeAlias = "int | Fraction"


@frozen(kw_only=True)
class Measured:
    """What a period's facts showed: a reading of every indicator for every payee, and what could not be used.

    Nothing is dropped: `rows == used + repeats + len(problems)`, with one problem a fact, the first found.
    """

    period: Period
    readings: tuple[Reading, ...]
    """By payee in order of code, then by indicator in the order asked for."""
    problems: tuple[Problem, ...]
    """In order of their text; what the facts came with is among them."""
    rows: int
    """Rows that came in."""
    repeats: int
    """Rows that said again what another row had said."""
    used: int
    """Facts without a problem, of the period or of another day."""
    _by_payee: dict[str, dict[str, Reading]] = field(init=False, eq=False, repr=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        for reading in self.readings:
            self._by_payee.setdefault(reading.subject, {})[reading.indicator] = reading

    @property
    def payees(self) -> tuple[str, ...]:
        """The codes of all who have readings, in order."""
        return tuple(self._by_payee)

    def of(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by indicator; none for somebody of whom the facts know nothing."""
        return dict(self._by_payee.get(payee, {}))

    def team(self, unit: str, members: Iterable[str]) -> dict[str, Reading]:
        """The readings of a unit by indicator: sums over its members, and for ratios the sum over the sum.

        Args:
            unit: code of the unit, which becomes the subject of its readings.
            members: codes of payees, each counted once; those without readings add nothing.
        """
        gathered: dict[str, list[Reading]] = {}
        for member in sorted(set(members)):
            for code, reading in self._by_payee.get(member, {}).items():
                gathered.setdefault(code, []).append(reading)
        return {code: combine(readings, unit) for code, readings in gathered.items()}


def measure(
    facts: Facts | Iterable[Fact],
    period: Period,
    indicators: Iterable[Indicator],
    *,
    currency: str,
    organisation: Organisation | None = None,
) -> Measured:
    """Measure indicators over the facts of a period, for every payee.

    Every payee known has a reading of every indicator: a sum of nothing is 0, points without a violation are
    full, and a ratio with nothing to divide by has denominator 0 and no value. With an organisation the
    payees are those assigned on some day of the period, and a fact that counts for somebody else is a
    problem; without one they are all for whom a row of any view counts. Nothing is rounded.

    Args:
        facts: `Facts`, or facts in any order, repeated or not; of this period and as far back as balances,
            classes and customers need.
        period: flows are those dated in it; stocks are as of its last day.
        indicators: each code once; those without a measure are the host's to supply and are passed over.
        currency: ISO 4217 code; amounts are in whole units of it (yuan), and other currencies are problems.
        organisation: who is assigned when.

    Raises:
        EmptyPeriodError: no fact is dated in the period or before it. A period without a fact of its own is measured:
            its flows are zero, and balances, classes and customers stand as they stood.
        MeasureError: a measure over fields or values that do not exist, or two indicators of one code.
        UnitError: a currency that does not exist.
        PeriodError: `period` is no `Period`.
        FactError: `facts` are no facts.
        DataError: `organisation` is none, or `currency` no text.

    >>> from loanperf._facts import EventKind, Loan, LoanEvent
    >>> from loanperf._indicators._catalogue import disbursed_amount
    >>> loan = Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01")
    >>> drawn = LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元")
    >>> march = measure([loan, drawn], Period.month(2026, 3), [disbursed_amount()], currency="CNY")
    >>> print(march.of("lin")["disbursed_amount"].value)
    300000 CNY
    """
    must_be_period(period)
    if organisation is not None:
        must_be(organisation, Organisation, "organisation", "pass lp.Organisation(...), or leave it out")
    asked = must_be_indicators(indicators)
    given = facts if isinstance(facts, Facts) else Facts.of(facts)
    must_have_facts_by(given, period)
    return measure_part(given, period, asked, currency=currency, organisation=organisation)


def measure_part(
    facts: Facts, period: Period, indicators: Iterable[Indicator], *, currency: str, organisation: Organisation | None
) -> Measured:
    """As `measure`, for some days of a longer period, in which nothing needs to have happened."""
    must_be(currency, str, "the currency", "pass a code, such as 'CNY'")
    if currency not in CURRENCIES:
        raise UnitError("what is measured", currency, "a currency of ISO 4217, such as CNY")
    given, wanted = facts, _checked(indicators, currency)
    intake = take_in(given, currency)
    totals = dict.fromkeys(total for _, how in wanted for _, total in totals_of(how))
    views, problems = _views(intake, period)
    payees = _counted(totals, views) if organisation is None else _assigned(organisation, period)
    shares = {total: _shares(total, views[total.over], currency) for total in totals}
    for total, given_by in shares.items():
        for key, problem in (given_by.problems | _strangers(total, given_by, payees, views)).items():
            problems.setdefault(key, problem)
    asked = [(indicator, how, payee) for payee in sorted(payees) for indicator, how in wanted]
    return Measured(
        period=period,
        readings=tuple(_reading(*each, shares, currency=currency, period=period) for each in asked),
        problems=tuple(sorted([*given.problems, *_placed(problems, given)], key=natural_order)),
        rows=given.rows,
        repeats=given.repeats,
        used=len(given) - len(problems),
    )


def on_days_off(
    facts: Facts, period: Period, indicators: Iterable[Indicator], *, currency: str, organisation: Organisation
) -> tuple[Problem, ...]:
    """A problem for each row of the period that counts for somebody on a day without an assignment.

    What is looked at on the last day (loans, customers) counts on the days that somebody has.
    """
    views, _ = _views(take_in(facts, currency), period)
    totals = dict.fromkeys(
        total for item in indicators if item.measure is not None for _, total in totals_of(item.measure)
    )
    problems: dict[Key, Problem] = {}
    for total in (total for total in totals if total.over not in ("loans", "customers")):
        for row in views[total.over]:
            payee = payee_of(row, total.held_at)
            here = organisation.assignments_in(payee, period)
            if here and not any(row.on in part for _, part in here) and _worth(total, currency)(row) != 0:
                fault = f"it counts for {payee!r}, who is not assigned on {row.on}"
                remedy = "assign that payee on that day, or assign the loan to another"
                lacks = ("payee", payee)
                problems[row.key] = Problem(text_of(row.key), fault, "", remedy, payee=payee, lacks=lacks)
    return _placed(problems, facts)


def _placed(problems: Problems, facts: Facts) -> tuple[Problem, ...]:
    """Problems with the source of their fact, such as a file and row, in front of its key, its payee and its loan."""
    stood = {fact.key: fact for fact in facts if fact.key in problems} if problems else {}
    return tuple(evolve(_placed_as(problem, stood.get(key)), fact=key) for key, problem in problems.items())


def _placed_as(problem: Problem, fact: Fact | None) -> Problem:
    """A problem with the source, payee and loan of the fact that it is about."""
    if fact is None:
        return problem
    where, said = f"{fact.source}: {problem.where}" if fact.source else problem.where, about(fact, problem)
    # What waits for something else, or counts for a stranger, is still there for the other facts.
    loses = said.loses if problem.lacks is None else problem.loses
    return evolve(said, where=where, payee=problem.payee or said.payee, loses=loses)


def must_be_indicators(given: Any) -> tuple[Indicator, ...]:
    """What is to be measured; codes and texts are refused.

    Raises:
        MeasureError: something else than indicators.
    """
    found = (given,) if isinstance(given, (str, Indicator)) or not isinstance(given, Iterable) else tuple(given)
    for item in found:
        if not isinstance(item, Indicator):
            remedy = f"pass lp.indicator({item!r})" if item in CATALOGUE else "pass indicators, such as lp.par_30()"
            raise MeasureError("indicators", f"{shown(item)} is no indicator", remedy)
    if isinstance(given, Indicator):
        raise MeasureError("indicators", "it is one indicator, and no list of them", "pass it in a list")
    return found


def _checked(indicators: Iterable[Indicator], currency: str) -> list[tuple[Indicator, Measure]]:
    """The indicators that are measured here, each once, with their measures."""
    by_code: dict[str, Indicator] = {}
    for indicator in must_be_indicators(indicators):
        where = f"indicator {indicator.code}"
        if by_code.setdefault(indicator.code, indicator) != indicator:
            raise MeasureError(where, "two indicators have this code", "give one of them another code")
        faults = [*check_indicator(indicator, where), *_in_another_currency(indicator, currency)]
        if faults:
            first = faults[0]
            found = f" (found {first.found})" if first.found else ""
            raise MeasureError(first.where, first.fault + found, first.remedy)
    return [(item, item.measure) for item in by_code.values() if item.measure is not None]


def _in_another_currency(indicator: Indicator, currency: str) -> Iterable[Problem]:
    for path, total in totals_of(indicator.measure) if indicator.measure is not None else ():
        units = [bound.unit for where in total.where for bound in bounds_of(where).values()]
        units += [total.weights.x_unit] if total.weights is not None else []
        for unit in units:
            if unit in CURRENCIES and unit != currency:
                where = f"indicator {indicator.code}.measure{path}"
                yield Problem(where, "a bound is in another currency", unit, f"give it in {currency}")


def must_have_facts_by(facts: Facts, period: Period) -> None:
    """Refuse a period of which nothing is known: no fact is dated on its last day or before.

    Raises:
        EmptyPeriodError: it says from when to when there are facts, and what was refused of them.
    """
    if not any(fact.on < period.end for fact in facts):
        dates = [fact.on.isoformat() for fact in facts]
        raise EmptyPeriodError(str(period), min(dates, default=""), max(dates, default=""), facts.problems)


def _views(intake: Intake, period: Period) -> tuple[dict[View, tuple[Row, ...]], Problems]:
    """The rows of every view, each built once, and what is wrong with the facts whatever is asked of them."""
    views: dict[View, tuple[Row, ...]] = {}
    problems = dict(intake.problems)
    for view in FIELDS:
        views[view], found = rows_of(view, intake, period)
        problems |= found
    return views, problems


def _assigned(organisation: Organisation, period: Period) -> set[str]:
    return {code for code in organisation.codes if organisation.assignments_in(code, period)}


def _counted(totals: Iterable[Total], views: Mapping[View, tuple[Row, ...]]) -> set[str]:
    """All for whom a row counts, of a view that is asked for or not."""
    held: dict[tuple[View, HeldAt], None] = dict.fromkeys((view, "event") for view in views)
    held |= dict.fromkeys((total.over, total.held_at) for total in totals)
    return {payee_of(row, held_at) for view, held_at in held for row in views[view]}


# ── totals ──────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class _Shares:
    """What each row gives to a total, by payee and key, in smallest units for money; never zero."""

    amounts: dict[str, dict[Key, Exact]]
    facts: dict[Key, tuple[Fact, ...]]
    """What each row that gave something stands on."""
    scale: int
    """Smallest units in a whole one."""
    problems: Problems

    def of(self, payee: str, key: Key) -> Fraction:
        return Fraction(self.amounts.get(payee, {}).get(key, 0), self.scale)

    def sum(self, payee: str) -> Fraction:
        return Fraction(sum(self.amounts.get(payee, {}).values()), self.scale)


_Worth: TypeAlias = Callable[[Row], "Exact | str"]
"""What a row gives to a total, 0 where it is filtered out; the name of a field that is unknown and needed."""


def _shares(total: Total, rows: tuple[Row, ...], currency: str) -> _Shares:
    amounts: dict[str, dict[Key, Exact]] = {}
    facts: dict[Key, tuple[Fact, ...]] = {}
    problems: Problems = {}
    worth = _worth(total, currency)
    for row in rows:
        amount = worth(row)
        if isinstance(amount, str):
            remedy = FIELDS[total.over][amount].unknown
            lacks = lacking(total.over, amount, row.key[1])
            problems[row.key] = Problem(text_of(row.key), f"{amount} is unknown on {row.on}", "", remedy, lacks=lacks)
        elif amount:
            amounts.setdefault(payee_of(row, total.held_at), {})[row.key] = amount
            facts[row.key] = row.facts
    scale = _scale(total.over, total.sum, currency) if total.sum else 1
    return _Shares(amounts, facts, scale, problems)


def _worth(total: Total, currency: str) -> _Worth:
    tests = [(where.field, _test(where, _scale(total.over, where.field, currency))) for where in total.where]
    summed, weighed, weights = total.sum, total.weighed_by, total.weights
    weighed_scale = _scale(total.over, weighed, currency) if weighed else 1

    def worth(row: Row) -> Exact | str:
        for name, passes in tests:
            value = getattr(row, name)
            if value is None:
                return name
            if not passes(value):
                return 0
        amount: Exact | None = getattr(row, summed) if summed else 1
        if amount is None:
            return summed
        if weights is None:
            return amount
        at: Exact | None = getattr(row, weighed)
        return weighed if at is None else amount * weights.at(Fraction(at, weighed_scale))

    return worth


def _test(where: Where, scale: int) -> Callable[[Any], bool]:
    if where.values:
        allowed = frozenset(where.values)
        return lambda value: value in allowed
    compare = {"at_least": ge, "above": gt, "at_most": le, "below": lt}
    bounds = [(compare[name], bound.value * scale) for name, bound in bounds_of(where).items()]
    return lambda value: all(holds(value, bound) for holds, bound in bounds)


def _scale(view: View, name: str, currency: str) -> int:
    """Smallest units in a whole one where the field is money; else 1."""
    return 10 ** CURRENCIES[currency] if FIELDS[view][name].kind == "money" else 1


def _strangers(total: Total, shares: _Shares, payees: set[str], views: Mapping[View, tuple[Row, ...]]) -> Problems:
    """A problem for each row that counts for somebody who is not assigned in the period."""
    strangers = sorted(shares.amounts.keys() - payees)
    rows = {row.key: row for row in views[total.over]} if strangers else {}
    problems: Problems = {}
    for payee in strangers:
        for key in shares.amounts[payee]:
            fault = f"it counts for {payee!r}, who is not assigned in the period"
            found = f"held on {_counted_on(rows[key], total.held_at)}"
            remedy = "assign that payee, or assign the loan or customer to another"
            lacks = ("payee", payee)
            problems[key] = Problem(text_of(key), fault, found, remedy, payee=payee, lacks=lacks)
    return problems


def _counted_on(row: Row, held_at: HeldAt) -> str:
    on = getattr(row, "opened_on", row.on) if held_at == "origination" else row.on
    return str(on)


# ── readings ────────────────────────────────────────────────────────────────────────────────────────────────


def _reading(
    indicator: Indicator,
    how: Measure,
    payee: str,
    shares: Mapping[Total, _Shares],
    *,
    currency: str,
    period: Period,
) -> Reading:
    numerator, denominator, parts = _worked_out(how, payee, shares)
    return Reading(
        indicator=indicator.code,
        numerator=numerator,
        denominator=denominator,
        unit=indicator.kind.unit(currency),
        subject=payee,
        period=period,
        parts=parts,
    )


def _worked_out(
    how: Measure, payee: str, shares: Mapping[Total, _Shares]
) -> tuple[Fraction, Fraction | None, tuple[Part, ...]]:
    """Numerator, denominator and the part of each row."""
    match how:
        case Total():
            given = shares[how]
            parts = tuple(
                Part(text_of(key), given.of(payee, key), facts=given.facts[key], key=key)
                for key in given.amounts.get(payee, {})
            )
            return given.sum(payee), None, parts
        case Ratio():
            above, below = shares[how.numerator], shares[how.denominator]
            keys = sorted(above.amounts.get(payee, {}).keys() | below.amounts.get(payee, {}).keys())
            parts = tuple(
                Part(
                    text_of(key),
                    above.of(payee, key),
                    below.of(payee, key),
                    below.facts[key] if key in below.facts else above.facts[key],
                    key=key,
                )
                for key in keys
            )
            return above.sum(payee), below.sum(payee), parts
        case Deduct():
            less = shares[how.less]
            parts = tuple(
                Part(text_of(key), -less.of(payee, key), facts=less.facts[key], key=key)
                for key in less.amounts.get(payee, {})
            )
            # Over a denominator of 1 the sum of a team's readings is the mean of its members.
            return max(Fraction(0), how.start - less.sum(payee)), Fraction(1), parts
        case _:
            assert_never(how)


def average_balances(facts: Facts, periods: Iterable[Period], currency: str) -> dict[tuple[str, Period], Fraction]:
    """The average daily balance of each loan in each period, in whole currency; unknown ones are left out."""
    intake, scale = take_in(facts, currency), 10 ** CURRENCIES[currency]
    found = {}
    for period in periods:
        for row in rows_of("loans", intake, period)[0]:
            if isinstance(row, LoanRow) and row.average_balance is not None:
                found[row.key[1], period] = row.average_balance / scale
    return found
