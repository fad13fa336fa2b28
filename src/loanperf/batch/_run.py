"""Run a book: (facts in columns, people, schemes) -> scores, bonuses, commissions and entries; equal to `run`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TypeAlias

import numpy as np
from attrs import evolve, field, frozen

from loanperf._appraisal import Appraisals, appraise_all
from loanperf._bonus import Awards, award_all
from loanperf._commission import Accruals, DatedPlan, accrue
from loanperf._explanations import Explanation
from loanperf._facts import KIND_AT, Fact, Facts, over_drawn
from loanperf._indicators import Indicator, Kind, Reading, Readings, measure, on_days_off
from loanperf._kinds import KINDS
from loanperf._ledger import Entries, Ledger, settle
from loanperf._numbers import day_number
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES
from loanperf._scheme import SchemeBook
from loanperf._scheme._entries import indicators_of
from loanperf._scorecard import Card
from loanperf._tables._chunks import Progress
from loanperf._tables._columns import Column, Table
from loanperf._targets import Target
from loanperf._validators import must_be
from loanperf.batch._book import Book
from loanperf.errors import DataError, LoanPerfError, Problem
from loanperf.run import Result, run, strangers

_RATIO_SCALE = 10_000
"""Units in one whole of targets that are no money: hundredths of a percent."""
Parts: TypeAlias = Sequence[tuple[Assignment, Period]]
"""The assignments of a payee, with the days of the period on which each holds."""


@frozen(eq=False, kw_only=True)
class RunBook:
    """A period of a book worked: everybody's score and bonus, and what commission plans pay."""

    period: Period
    measured: Readings
    appraised: Appraisals | None
    """Of those who have one assignment for the whole period, in order of payee; None where nobody has."""
    awarded: Awards | None
    """Their bonuses; None where no scheme has a bonus plan."""
    assignments: tuple[Assignment, ...]
    """Of the rows of `appraised`."""
    others: tuple[Result, ...]
    """Of those who came, went or changed within the period, or whose targets fit no column, by `run`."""
    accrued: Accruals | None
    """Commissions; None where no scheme has a commission plan."""
    settled: Entries | None
    """The entries to be posted, bonuses among them; None where no scheme has a commission plan."""
    problems: tuple[Problem, ...] = field(repr=False)
    """Of every step, each once."""
    _again: Callable[[str], tuple[Result, ...]] = field(repr=False)
    """What `run` makes of a payee who is a row of `appraised`."""

    def results(self, payee: str) -> tuple[Result, ...]:
        """What each assignment of a payee came to, as `run` gives it, down to the facts.

        Raises:
            DataError: nobody of that code has a result; see `problems`.
        """
        found = tuple(result for result in self.others if result.payee == payee)
        if not found and any(held.payee == payee for held in self.assignments):
            found = self._again(payee)
        if not found:
            raise DataError(f"payee {payee!r}", "there is no result", "name one who has, or see the problems")
        return found

    def explain(self, payee: str) -> tuple[Explanation, ...]:
        """Why each assignment of a payee came to what it did; the same trees as `run` gives.

        Raises:
            DataError: nobody of that code has a result; see `problems`.
        """
        return tuple(result.explain() for result in self.results(payee))


@frozen(eq=False)
class _Ports:
    """The ports of `run` over a book, for the payees whom `run` works."""

    book: Book
    apart: frozenset[str]
    """Who is worked."""
    people: Organisation
    book_of_schemes: SchemeBook
    goals: Sequence[Target]
    supplied: Sequence[Reading]

    def facts(self, period: Period) -> Facts:
        """The facts that concern them, and one more, since something is known of the period, though not of them."""
        return self.book.facts(payees=self.apart) + Facts.of(_a_fact_by(self.book.held, period.last_day))

    def readings(self, period: Period) -> Iterable[Reading]:
        """What the host supplies of them."""
        return self.supplied

    def organisation(self, period: Period) -> Organisation:
        """Units, and the assignments of these payees."""
        mine = [held for held in self.people.assignments if held.payee in self.apart]
        return Organisation(units=self.people.units, assignments=mine, payees=self.people.payees)

    def schemes(self) -> SchemeBook:
        """Every version of the scheme."""
        return self.book_of_schemes

    def targets(self, period: Period) -> Iterable[Target]:
        """Their targets."""
        return tuple(goal for goal in self.goals if goal.payee in self.apart)


@frozen(kw_only=True)
class Supplied:
    """What a host supplies for pay periods, beside facts."""

    targets: Mapping[Period, Sequence[Target]] = field(factory=dict)
    """Of payees for whole periods, where those of the scheme do not apply."""
    readings: Sequence[Reading] = ()
    """Of indicators, with payee as subject, of this period or of those that commissions look back to. Who has one of
    this period is scored by `run`."""
    ledger: Ledger = field(factory=Ledger)
    """Everything posted so far."""

    def goals(self, period: Period) -> tuple[Target, ...]:
        """The targets of a period, but for those that say another one."""
        return tuple(goal for goal in self.targets.get(period, ()) if goal.period in (None, period))

    def readings_of(self, period: Period) -> tuple[Reading, ...]:
        """The readings of a period, but for those that say another one."""
        return tuple(reading for reading in self.readings if reading.period in (None, period))


def run_book(
    book: Book,
    organisation: Organisation,
    schemes: SchemeBook,
    *,
    period: Period,
    supplied: Supplied | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
) -> RunBook:
    """Work a period for a whole bank: measure, appraise, award, and where there are plans, accrue and settle.

    Scores and bonuses equal those of `run`, and entries those of `settle`, by `==`.

    Args:
        book: all facts, as far back as balances, customers and commissions need.
        organisation: who is assigned when.
        schemes: every version of the scheme.
        period: what to work; with commission plans, a pay period.
        supplied: targets, readings and the ledger.
        progress: called between chunks of each step.
        workers: threads; see `appraise_all`.

    Raises:
        EmptyPeriodError: no row is dated in the period or before it, whatever readings are supplied.
        LoanPerfError: what the steps raise of a wrong call.
    """
    _must_fit(book, organisation, schemes, period)
    given, cards = supplied or Supplied(), _Cards(schemes, organisation, period)
    goals, now = given.goals(period), given.readings_of(period)
    staff = {code: parts for code in organisation.codes if (parts := organisation.assignments_in(code, period))}
    chosen = _Targets.of(_for_all_of_it(staff, period, named := {one.subject for one in now}), _by_payee(goals), cards)
    cards.resolve(held for parts in staff.values() for held, _ in parts)
    asked = _of_plans(schemes, period) | {item.code: item for card in cards.found for item in _looked_at(card)}
    measured = _measured(book, period, asked.values(), organisation, progress)
    chosen = chosen.but(_beyond_64_bits(table := measured.table()))
    ports = _Ports(book, frozenset(staff) - {held.payee for held in chosen.kept}, organisation, schemes, goals, now)
    again = partial(_again, evolve(ports, supplied=()), period)
    appraised, awarded = _scored(table, chosen, cards, again, progress, workers)
    others, lost = _by_rows(ports, period)
    accrued = settled = None
    if plans := schemes.plans():
        readings = (*given.readings, *_measured_for(plans, measured, named))
        accrued = accrue(book.held, plans, organisation, through=period, readings=readings, targets=given.targets)
        settled = settle(given.ledger, accrued, period=period, awards=_bonuses(awarded, others, lost))
    problems = (*strangers(organisation, period, tuple(given.readings), goals), *_of_rows(book, organisation, measured))
    problems += (*measured.problems, *_of_payees(appraised if awarded is None else awarded, accrued, period), *lost)
    return RunBook(
        period=period,
        measured=measured,
        appraised=appraised,
        awarded=awarded,
        assignments=tuple(chosen.kept),
        others=others,
        accrued=accrued,
        settled=settled,
        problems=tuple(dict.fromkeys(problems)),
        again=again,
    )


def _measured(
    book: Book, period: Period, asked: Iterable[Indicator], organisation: Organisation, progress: Progress | None
) -> Readings:
    currency = book.currency
    return measure(book.held, period, asked, currency=currency, organisation=organisation, progress=progress)


def _must_fit(book: object, organisation: object, schemes: object, period: object) -> None:
    must_be(book, Book, "the book", "pass batch.Book.of(tables, currency=...)")
    must_be(organisation, Organisation, "the organisation", "pass lp.Organisation(assignments=[...])")
    must_be(schemes, SchemeBook, "the schemes", "pass lp.SchemeBook([scheme])")
    must_be(period, Period, "the period", "pass one, such as lp.Period.parse('2026-03')")


def _again(ports: _Ports, period: Period, payee: str) -> tuple[Result, ...]:
    """One payee by `run`."""
    alone = frozenset((payee,))
    results, problems = _by_rows(evolve(ports, apart=alone), period)
    if not results:
        fault = problems[0].fault if problems else "there is no result"
        raise DataError(f"payee {payee!r}", fault, "see the problems of the book")
    return results


def _scored(
    measured: Table,
    chosen: _Targets,
    cards: _Cards,
    again: Callable[[str], tuple[Result, ...]],
    progress: Progress | None,
    workers: int | None,
) -> tuple[Appraisals | None, Awards | None]:
    """Scores and bonuses of those who go through columns."""
    if not chosen.kept:
        return None, None
    rows, named = _rows(measured, chosen, cards), dict(cards.named())
    scored = appraise_all(named, rows, progress=progress, workers=workers)
    appraised, awarded = evolve(scored, made=lambda row: again(chosen.kept[row].payee)[0].appraisal), None
    if any(card.bonus is not None for card in cards.found):
        awarded = award_all(appraised, progress=progress, workers=workers)
    return appraised, awarded


def _of_payees(scored: Appraisals | Awards | None, accrued: Accruals | None, period: Period) -> Iterator[Problem]:
    """The problems of rows, by the payees whose rows they are, and those of commissions."""
    for problem in () if scored is None else scored.problems:
        yield evolve(problem, where=f"payee {problem.payee} in {period}")
    yield from () if accrued is None else accrued.problems


def _for_all_of_it(staff: Mapping[str, Parts], period: Period, named: Collection[str]) -> list[Assignment]:
    """The assignments that hold for the whole period, but for those of payees for whom readings are supplied."""
    return [
        parts[0][0] for payee, parts in staff.items() if payee not in named and [period] == [part for _, part in parts]
    ]


def _of_rows(book: Book, organisation: Organisation, measured: Readings) -> tuple[Problem, ...]:
    """A problem for each row that does not fit the assignments, or the other rows of its loan."""
    asked, currency = measured.indicators, book.currency
    off = on_days_off(book.held, measured.period, asked, currency=currency, organisation=organisation)
    return (*off, *over_drawn(book.held))


def _of_plans(schemes: SchemeBook, period: Period) -> dict[str, Indicator]:
    """The indicators that plans in force look at and that facts can measure."""
    scheme = schemes.at(period.start)
    wanted = {code for plan in scheme.plans for code in plan.indicators}
    return {code: item for code, item in indicators_of(scheme.indicators).items() if code in wanted}


def _measured_for(plans: Sequence[DatedPlan], measured: Readings, named: Collection[str]) -> Iterator[Reading]:
    """What was measured of the indicators that plans look at, of those for whom nothing is supplied."""
    codes = {code for dated in plans for code in dated.plan.indicators} & {item.code for item in measured.indicators}
    for payee in measured.payees if codes else ():
        if payee not in named:
            yield from (reading for code, reading in measured.of(payee).items() if code in codes)


def _bonuses(awarded: Awards | None, others: Iterable[Result], lost: Iterable[Problem]) -> Awards:
    """Bonuses of all assignments; none of a payee of whom one assignment failed."""
    failed = {problem.payee for problem in lost}
    more = Awards.gathered(result.award for result in others if result.award is not None and result.payee not in failed)
    return more if awarded is None else awarded + more


def _by_payee(targets: Iterable[Target]) -> Mapping[str, list[Target]]:
    found: dict[str, list[Target]] = defaultdict(list)
    for goal in targets:
        found[goal.payee].append(goal)
    return found


def _looked_at(card: Card) -> tuple[Indicator, ...]:
    return (*card.others, *(line.indicator for line in card.lines))


@frozen(eq=False)
class _Cards:
    """The cards of a period, each resolved once for all who share it."""

    schemes: SchemeBook
    organisation: Organisation
    period: Period
    found: list[Card] = field(factory=list)
    _places: dict[tuple[str, ...], int | None] = field(factory=dict)

    def resolve(self, assignments: Iterable[Assignment]) -> None:
        """Have the cards of some assignments, so that what they look at is measured."""
        for held in assignments:
            self.place(held)

    def place(self, held: Assignment) -> int | None:
        """The place of the card of an assignment; None where none can be resolved."""
        start = self.period.start
        try:
            units = self.organisation.path(held.unit, start) if self.organisation.units else ()
        except LoanPerfError:
            return None
        key = (held.role, held.product_line, held.tier, *units)
        if key not in self._places:
            self._places[key] = self._resolved(held, units)
        return self._places[key]

    def _resolved(self, held: Assignment, units: tuple[str, ...]) -> int | None:
        try:
            card = self.schemes.at(self.period.start).resolve(
                period=self.period,
                role=held.role,
                product_line=held.product_line,
                tier=held.tier,
                units=units,
            )
        except LoanPerfError:
            return None
        if card not in self.found:
            self.found.append(card)
        return self.found.index(card)

    def named(self) -> Iterable[tuple[str, Card]]:
        """The cards by the words of the column `card`."""
        return ((str(place), card) for place, card in enumerate(self.found))


@frozen(eq=False)
class _Targets:
    """Who goes through columns, and their own targets as numbers of units."""

    kept: list[Assignment]
    by_code: Mapping[str, Mapping[str, int]]
    """Units by code of indicator and payee."""
    scales: Mapping[str, int]

    @classmethod
    def of(cls, whole: Iterable[Assignment], goals: Mapping[str, Sequence[Target]], cards: _Cards) -> _Targets:
        """Those whose targets fit columns."""
        kept: list[Assignment] = []
        by_code: dict[str, dict[str, int]] = defaultdict(dict)
        scales: dict[str, int] = {}
        for held in whole:
            place = cards.place(held)
            units = None if place is None else _in_units(goals.get(held.payee, ()), cards.found[place])
            if units is None or place is None or _in_another(held, cards.found[place].currency):
                continue
            kept.append(held)
            for code, (number, scale) in units.items():
                by_code[code][held.payee] = number
                scales[code] = scale
        return cls(kept, by_code, scales)

    def but(self, payees: Collection[str]) -> _Targets:
        """Without some payees, whom `run` works."""
        return evolve(self, kept=[held for held in self.kept if held.payee not in payees]) if payees else self


def _in_another(held: Assignment, currency: str) -> bool:
    """Whether a salary or base is in another currency than the card, so that `run` says so."""
    return any(amount is not None and amount.currency != currency for amount in (held.salary, held.base))


def _in_units(goals: Sequence[Target], card: Card) -> dict[str, tuple[int, int]] | None:
    """Targets of a payee as whole numbers of units; None where one is odd, so that `run` decides."""
    lines = {line.indicator.code: line.indicator for line in card.lines}
    found: dict[str, tuple[int, int]] = {}
    for goal in goals:
        item = lines.get(goal.indicator)
        if item is None or goal.indicator in found:
            return None
        unit = item.kind.unit(card.currency)
        scale = 10 ** CURRENCIES[card.currency] if item.kind is Kind.MONEY else _RATIO_SCALE
        units = goal.value.value * scale
        if goal.value.unit != unit or units.denominator != 1 or abs(units) >= 2**62:
            return None
        found[goal.indicator] = int(units), scale
    return found


def _a_fact_by(facts: Facts, last_day: date) -> list[Fact]:
    """A fact that is dated on a day or before; none where there is none."""
    last = day_number(last_day)
    for place, table in facts.tables.items():
        within = table[KINDS[KIND_AT[place]].on].values <= last
        if within.any():
            return [facts.fact(place, int(within.argmax()))]
    return []


def _beyond_64_bits(measured: Table) -> set[str]:
    """Payees with a reading that no column holds."""
    columns = [column for column in measured.columns.values() if column.missing is not None]
    rows = {row for column in columns if column.missing is not None for row in np.flatnonzero(column.missing).tolist()}
    return {str(measured["payee"].at(row)) for row in rows}


def _rows(measured: Table, chosen: _Targets, cards: _Cards) -> Table:
    """The table that is scored: readings, cards, targets and salaries of those who go through columns."""
    places = {payee: place for place, payee in enumerate(measured["payee"].words)}
    table = measured.take(np.array([places[held.payee] for held in chosen.kept], dtype=np.intp))
    words = tuple(name for name, _ in cards.named())
    codes = np.array([cards.place(held) for held in chosen.kept], dtype=np.int32)
    columns = dict(table.columns) | {"card": Column("text", codes, None, words)}
    for code, units in chosen.by_code.items():
        numbers = [units.get(held.payee) for held in chosen.kept]
        columns[f"{code}.target"] = _numbers(numbers, chosen.scales[code])
    for name, attribute in (("month", "salary"), ("base", "base")):
        amounts = [getattr(held, attribute) for held in chosen.kept]
        scale = 10 ** CURRENCIES[cards.found[0].currency]
        columns[name] = _numbers([None if amount is None else amount.units for amount in amounts], scale)
    return Table("rows", len(chosen.kept), columns)


def _numbers(numbers: Sequence[int | None], scale: int | None) -> Column:
    missing = np.array([number is None for number in numbers], dtype=np.bool_)
    values = np.array([number or 0 for number in numbers], dtype=np.int64)
    return Column("whole", values, missing if missing.any() else None, (), scale)


def _by_rows(ports: _Ports, period: Period) -> tuple[tuple[Result, ...], tuple[Problem, ...]]:
    """Those who do not go through columns, and their problems."""
    if not ports.apart:
        return (), ()
    done = run(period, facts=ports, people=ports, schemes=ports)
    return done.results, tuple(problem for one in done.blocked for problem in one.why)
