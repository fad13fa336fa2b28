"""Accrue a book: (facts in columns, plans, organisation) -> lines of commission as columns; the twin of `accrue`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from attrs import define, field
from numpy.typing import NDArray

from loanperf._commission import OF_LOANS, Accrual, Accruals, Component, DatedPlan
from loanperf._commission._figures import Figures
from loanperf._commission._periodic import pays_by_period
from loanperf._commission._resolve import calendar_of, goals_of, values_of
from loanperf._facts import Facts
from loanperf._indicators import Reading
from loanperf._numbers import day_number
from loanperf._org import Organisation
from loanperf._people import People
from loanperf._periods import Period, must_be_period
from loanperf._tables._chunks import Progress
from loanperf._tables._columns import Table, Truth, frozen_array
from loanperf._targets import Target
from loanperf._validators import must_be
from loanperf.batch._accrue._accrued import AccruedBook
from loanperf.batch._accrue._by_rows import AskedByRows, groups_of, pays_teams, refused, strangers
from loanperf.batch._accrue._calendar import BookCalendar
from loanperf.batch._accrue._courses import DealCourse
from loanperf.batch._accrue._deals import BookDeals, deals_of, stands_badly
from loanperf.batch._accrue._lanes import Worked, worked
from loanperf.batch._accrue._lines import NAMES, BookLines, Words
from loanperf.batch._accrue._staff import OPEN, date_of, plans_of, timetable_of
from loanperf.batch._accrue._terms import curves_of, filters_of, is_known
from loanperf.batch._book._book import Book
from loanperf.batch._book._drawn import over_drawn_of
from loanperf.errors import DataError, Problem, shown

Codes: TypeAlias = NDArray[np.int64]


def accrue_book(
    book: Book,
    plans: Sequence[DatedPlan],
    organisation: Organisation,
    *,
    through: Period,
    since: date | None = None,
    readings: Iterable[Reading] = (),
    targets: Mapping[Period, Iterable[Target]] | None = None,
    progress: Progress | None = None,
) -> AccruedBook:
    """Everything earned by commission plans, from scratch to the end of a period; each line equals that of `accrue`.

    Payees whose plans and loans are plain are worked in columns: bases of loans, one rate or tiers, stages, endings.
    Everybody else goes through the rows path, and the result counts them. The order of rows does not matter.

    Args:
        book: all that happened; what is dated after `through` is passed over.
        plans: of every version of the scheme; see `SchemeBook.plans`.
        organisation: who held which role where.
        through: the last pay period; those before it have the same length.
        since: the first day of the books; None is the first fact, or the first plan if that is later.
        readings: of the indicators that plans look at, with payee as subject and their pay period.
        targets: of payees, by pay period.
        progress: called with how many payees are done and how many there are.

    Raises:
        PeriodError: `through` is no `Period`.
        DataError: no book, no dated plans, no organisation, a reading that is supplied twice, with two values, or an
            amount that int64 does not hold.
    """
    _must_be_given(book, plans)
    must_be(organisation, Organisation, "the organisation", "pass lp.Organisation(assignments=[...])")
    given = tuple(readings)
    goals = {period: tuple(held) for period, held in (targets or {}).items()}
    must_be_period(through)
    first = since or _first_day(book, plans, given, through)
    periods = calendar_of(Facts.of(()), plans, given, through, first).periods
    Figures.of("reading", values_of(given, through), {}, periods)
    Figures.of("target", goals_of(goals), {}, periods)
    asked = AskedByRows(book, tuple(plans), organisation, through, first, given, goals)
    deals = deals_of(book)
    run = _Run(asked, deals, BookCalendar(periods), _everybody(deals, plans, organisation))
    run.work_columns()
    if progress is not None:
        progress(len(run.payees) - int(run.left.sum()), len(run.payees))
    run.work_rows(progress)
    return run.result()


def _must_be_given(book: object, plans: object) -> None:
    """Refuse what looks like a book and plans and is not."""
    if not isinstance(book, Book):
        raise DataError("the book", f"it is a {type(book).__name__}", "pass batch.Book.of(tables, currency=...)")
    if not isinstance(plans, (tuple, list)) or not all(isinstance(plan, DatedPlan) for plan in plans):
        fault = f"they are no dated plans (found {shown(plans)})"
        raise DataError("the plans", fault, "pass lp.SchemeBook([scheme]).plans()")


def _everybody(deals: BookDeals, plans: Sequence[DatedPlan], organisation: Organisation) -> tuple[str, ...]:
    """Who has to do with loans; and where plans pay by period, all who work there."""
    if not any(pays_by_period(dated.plan) for dated in plans):
        return deals.payees
    return tuple(dict.fromkeys((*deals.payees, *organisation.codes)))


def _first_day(book: Book, plans: Sequence[DatedPlan], readings: tuple[Reading, ...], through: Period) -> date:
    """The earliest fact or reading; not before the first plan."""
    seen = [date_of(day) for table in book.tables.values() for day in _first_days(table, book.as_of)]
    seen += [reading.period.start for reading in readings if reading.period is not None]
    return max(min(seen, default=through.start), min((dated.since for dated in plans), default=date.min))


def _first_days(table: Table, as_of: date | None) -> Iterable[int]:
    """The first day in each column that dates a fact of the table."""
    if not table.rows:
        return
    names = {"loans": ("opened_on", "due_diligence_on", "signed_on", "disbursed_on", "cancelled_on")}
    for name in names.get(table.name, ("on", "since")):
        if name in table:
            column = table[name]
            values = column.values if column.missing is None else column.values[~column.missing]
            if len(values):
                yield int(values.min())
    if as_of is not None and table.name == "loans" and _says_how_it_stands(table):
        yield day_number(as_of)


def _says_how_it_stands(loans: Table) -> bool:
    """Whether a tape says of any loan how it stands on the day of the book."""
    if "balance" in loans and (loans["balance"].missing is None or not bool(loans["balance"].missing.all())):
        return True
    said = stands_badly(loans)
    if "rescheduled" in loans:
        column = loans["rescheduled"]
        said |= column.values if column.missing is None else column.values & ~column.missing
    return bool(said.any())


# ── columns and rows ────────────────────────────────────────────────────────────────────────────────────────


@define(eq=False)
class _Run:
    """One accrual of a book while it is worked."""

    asked: AskedByRows
    deals: BookDeals
    calendar: BookCalendar
    payees: tuple[str, ...]
    left: Truth = field(init=False)
    """Payees who go through the rows path."""
    done: list[Worked] = field(factory=list)
    by_rows: dict[str, Accruals] = field(factory=dict)
    problems: dict[Problem, None] = field(factory=dict)
    blocked: set[str] = field(factory=set)
    missing: dict[tuple[str, Period], Problem] = field(factory=dict)

    @left.default
    def _nobody(self) -> Truth:
        return np.zeros(len(self.payees), dtype=np.bool_)

    def work_columns(self) -> None:
        """Work everybody whose plans and loans are plain, and note who is not."""
        asked, deals = self.asked, self.deals
        self.left[deals.payee[deals.odd]] = True
        self.left[deals.ties[1]] = True
        people = People.of(asked.organisation.assignments, self.payees)
        if pays_teams(asked.plans):
            # What a lead is paid for hangs on the pay of everybody below.
            self.left[:] = True
            return
        if any(pays_by_period(dated.plan) for dated in asked.plans):
            self._open_by_period(people)
        plan = plans_of(asked.plans, asked.organisation, people, deals, self.calendar.last)
        self._leave(plan == OPEN)
        # A limit of a period holds for the deals of earlier versions too: one version that is not plain is enough.
        ruled = {dated.plan.code for dated in asked.plans if not is_plain(dated, asked)}
        for place, dated in enumerate(asked.plans):
            if dated.plan.code in ruled:
                self._leave(plan == place)
        ranks = deals.ranks()
        for lane in self._lanes(plan):
            for found in worked(lane, self.calendar, ranks):
                self.done.append(found)
                self.left[deals.payee[found.course.loans(found.open)]] = True

    def _leave(self, loans: Truth) -> None:
        """Leave the officers of some loans to the rows path."""
        if loans.any():
            self.left[self.deals.payee[loans]] = True

    def _open_by_period(self, people: People) -> None:
        """Leave to the rows path whom any plan in reach pays by the period, or for whom two fit."""
        plans = self.asked.plans
        table = timetable_of(plans, self.asked.organisation, people.positions)
        paid = np.array([*(pays_by_period(dated.plan) for dated in plans), False, True])
        among = np.where(table.chosen == OPEN, len(plans) + table.unsure, table.chosen)
        profiles: Truth = np.any(paid[among], axis=1)
        self.left[people.payee[profiles[people.position]]] = True

    def _lanes(self, plan: Codes) -> Iterable[list[DealCourse]]:
        """The deals of everybody who is not left to the rows path, by what accumulates together."""
        asked, deals = self.asked, self.deals
        lanes: dict[Any, dict[Any, list[DealCourse]]] = {}
        there = np.bincount(plan[plan >= 0], minlength=len(asked.plans))
        for place, dated in enumerate(asked.plans):
            if not there[place] or not is_plain(dated, asked):
                continue
            mine = (plan == place) & ~self.left[deals.payee] if self.left.any() or there[place] < len(plan) else None
            rows = slice(None) if mine is None else np.flatnonzero(mine)
            for component in dated.plan.components:
                course = DealCourse(deals, rows, place, dated, component, self.calendar.last)
                alike = (component.tiers, component.base, component.per)
                lanes.setdefault((dated.plan.code, component.code), {}).setdefault(alike, []).append(course)
        for versions in lanes.values():
            self._open_mixed(versions)
            yield from versions.values()

    def _open_mixed(self, versions: Mapping[Any, list[DealCourse]]) -> None:
        """Leave to the rows path who has deals of two versions of a component that accumulate by other rules."""
        if len(versions) < 2:
            return
        seen = np.zeros(len(self.payees), dtype=np.int64)
        for courses in versions.values():
            mine = np.zeros(len(self.payees), dtype=np.bool_)
            for course in courses:
                mine[self.deals.payee[course.loans(slice(None))]] = True
            seen += mine
        self.left |= seen > 1

    def work_rows(self, progress: Progress | None) -> None:
        """Work everybody else, group after group."""
        asked, deals = self.asked, self.deals
        self.problems |= dict.fromkeys(strangers(asked.book, deals, asked.through))
        done = len(self.payees) - int(self.left.sum())
        for members, rows in groups_of(deals, np.flatnonzero(self.left), asked.plans):
            people = [self.payees[member] for member in members]
            found = asked.accruals(people, (str(deals.loan.at(row)) for row in rows.tolist()))
            self.by_rows |= dict.fromkeys(people, found)
            self.problems |= dict.fromkeys(found.problems)
            self.blocked |= found.blocked
            self.missing |= found.missing
            done += len(members)
            if progress is not None:
                progress(done, len(self.payees))

    def result(self) -> AccruedBook:
        """What everybody earned."""
        asked = self.asked
        over = over_drawn_of(asked.book, asked.through.last_day)
        currencies = {dated.currency for dated in asked.plans}
        components, stages = Words(), Words()
        parts = [self._of_columns(found, components, stages) for found in self.done]
        mine = self._of_rows(components, stages)
        parts.append([mine])
        columns = [part for held in parts for part in held]
        lines = BookLines(**{name: frozen_array(np.concatenate([part[name] for part in columns])) for name in NAMES})
        return AccruedBook(
            periods=self.calendar.periods,
            currency=currencies.pop() if len(currencies) == 1 else "",
            payees=self.payees,
            plans=asked.plans,
            components=components.all,
            stages=stages.all,
            lines=lines,
            problems=(*asked.book.problems, *dict.fromkeys((*self.problems, *over))),
            blocked=frozenset(self.blocked | refused(asked.book, asked.through)),
            missing=self.missing,
            unknown=self.deals.strange,
            scalar=len(self.by_rows),
            scalar_lines=len(mine["amount"]),
            deals=self.deals,
            asked=asked,
            by_rows=self.by_rows,
        )

    def _of_columns(self, found: Worked, components: Words, stages: Words) -> Iterable[dict[str, NDArray[Any]]]:
        """The lines of a course, but for those of payees who go through the rows path."""
        course, any_left = found.course, bool(self.left.any())
        words = (*(stage.milestone for stage in course.stages), "cancelled", "fell back")
        places = np.array([stages.place(word) for word in words], dtype=np.int32)
        component = components.place(course.component.code)
        loans = course.loans(slice(None))
        for earned in found.lines:
            kept = np.flatnonzero(~self.left[self.deals.payee[loans[earned.rows]]]) if any_left else None
            part = earned if kept is None else earned.take(kept)
            loan = loans[part.rows]
            payee = self.deals.payee[loan]
            size = len(loan)
            yield {
                "payee": payee.astype(np.int32),
                "plan": np.full(size, course.place, dtype=np.int32),
                "component": np.full(size, component, dtype=np.int32),
                "loan": loan.astype(np.int32),
                "stage": places[part.word],
                "period": self.calendar.index(part.on).astype(np.int32),
                "on": part.on.astype(np.int32),
                "earned_on": part.earned_on.astype(np.int32),
                "amount": part.amount,
            }

    def _of_rows(self, components: Words, stages: Words) -> dict[str, NDArray[Any]]:
        """The lines of payees who went through the rows path."""
        place_of = {payee: place for place, payee in enumerate(self.payees)}
        plans = {id(dated): place for place, dated in enumerate(self.asked.plans)}
        periods = {period: place for place, period in enumerate(self.calendar.periods)}
        rows = np.flatnonzero(self.left[self.deals.payee])
        rows = np.union1d(rows, self.deals.ties[0])
        loans = {str(self.deals.loan.at(row)): row for row in rows.tolist()} | {"": -1}
        found: list[tuple[int, ...]] = []
        for accruals in {id(item): item for item in self.by_rows.values()}.values():
            found += [
                (
                    place_of[line.payee],
                    plans[id(line.plan)],
                    components.place(line.component),
                    loans[line.loan],
                    stages.place(line.stage),
                    periods[line.period],
                    day_number(line.on),
                    day_number(line.earned_on),
                    _held(line),
                )
                for line in accruals.lines
                if line.payee in self.by_rows
            ]
        table = np.array(found, dtype=np.int64).reshape(len(found), len(NAMES)).T
        return {
            name: values if name == "amount" else values.astype(np.int32)
            for name, values in zip(NAMES, table, strict=True)
        }


def _held(line: Accrual) -> int:
    """The amount of a line in smallest units, which int64 must hold."""
    units = line.amount.units
    if not -(2**63) < units < 2**63:
        fault = f"{line.amount} is {units} smallest units, more than the columns of a book hold"
        raise DataError(f"line {line.key}", fault, "mend the loan or its rate, or accrue it with lp.accrue")
    return units


def is_plain(dated: DatedPlan, asked: AskedByRows) -> bool:
    """Whether columns know everything that a plan asks for."""
    plan = dated.plan
    if dated.currency != asked.book.currency or plan.gates or plan.most is not None or pays_by_period(plan):
        return False
    return _has_one_quota(dated, asked) and all(map(_is_plain, plan.components))


def _is_plain(component: Component) -> bool:
    tiers = component.tiers
    if component.base not in OF_LOANS or component.weighed_by is not None or component.multipliers:
        return False
    if component.period_least is not None or component.period_most is not None:
        return False
    if not _is_the_leads(component) or not all(map(is_known, filters_of(component))):
        return False
    if tiers is None:
        return True
    if tiers.by not in ("amount", "count", "attainment"):
        return False
    return not any(curve.then is not None and curve.then.counted == "whole" for curve in curves_of(component))


def _has_one_quota(dated: DatedPlan, asked: AskedByRows) -> bool:
    """Whether what 100% attainment is, where that is asked, is the same for all payees and periods."""
    found = [item.tiers for item in dated.plan.components if item.tiers is not None and item.tiers.by == "attainment"]
    if found and dated.plan.ramp is not None:
        return False
    return all(tiers.quota is not None and not (tiers.indicator and asked.targets) for tiers in found)


def _is_the_leads(component: Component) -> bool:
    """Whether a loan without credits is all its officer's."""
    unfilled = component.credited == "split" and component.unfilled == "lead"
    return unfilled or dict(component.split).get("lead") == 1
