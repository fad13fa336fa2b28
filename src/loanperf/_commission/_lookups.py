"""Lookups: people, plans, pay periods, readings, targets and rates -> what pay asks of a payee in a period.

Questions are columns: a payee and a period a row. What cannot be answered is a fault of that row, and its text is made
where somebody reads it. Periods are columns too, so that days find theirs by one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property, partial

import numpy as np
from attrs import field, frozen

from loanperf._commission._accrual import DatedPlan, best_plans, choose_plan
from loanperf._commission._answers import Answers
from loanperf._commission._deals import Deals
from loanperf._commission._figures import Figures, must_fit, read
from loanperf._commission._fitting import TOP, Fitting
from loanperf._commission._plan import Plan
from loanperf._commission._tiers import Tiers
from loanperf._curves import Curve
from loanperf._indicators import SERVICE
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    by_code,
    day_number,
    day_of,
    distinct,
    grouped,
    months_between,
    most_before,
    no_rows,
    nowhere,
    ordered,
    paired,
    place_in,
    starts_of,
    whole,
)
from loanperf._org import Organisation
from loanperf._people import People
from loanperf._periods import Period
from loanperf._scorecard import level_of
from loanperf.errors import DataError, LoanPerfError, MissingReadingError, NoAssignmentError, ResolveError, TargetError


@frozen(eq=False, slots=False)
class Calendar:
    """The pay periods from the first to the last, one after the other without a gap."""

    periods: tuple[Period, ...]
    starts: Whole
    """The first day of each, as a number."""
    ends: Whole
    """The first day after each."""

    @classmethod
    def of(cls, periods: Iterable[Period]) -> Calendar:
        """The columns of periods that are in order."""
        given = tuple(periods)
        starts, ends = ([day_number(getattr(period, name)) for period in given] for name in ("start", "end"))
        return cls(given, whole(starts), whole(ends))

    def __len__(self) -> int:
        return len(self.periods)

    @property
    def last(self) -> int:
        """The last day that counts: that of the last period."""
        return int(self.ends[-1]) - 1

    def place(self, on: Whole) -> Places:
        """The place of the period of each day; -1 before the first, and the last from its first day on.

        >>> month = Period.month(2026, 3)
        >>> Calendar.of([month, month.next()]).place(Calendar.of([month, month.next()]).ends - 1).tolist()
        [0, 1]
        """
        first, last = int(self.starts[0]), int(self.starts[-1])
        found: Places = by_code(self._places)[np.minimum(np.maximum(on, first - 1), last) - (first - 1)]
        return found

    @cached_property
    def _places(self) -> Places:
        """The place of each day from the one before the first period to the first day of the last one."""
        days = np.arange(int(self.starts[0]) - 1, int(self.starts[-1]) + 1)
        return np.searchsorted(self.starts, days, "right") - 1

    def place_or_before(self, on: Whole) -> Whole:
        """The place of the period of each day; periods before the first one count down from -1."""
        starts, earlier = [*self.starts.tolist()], self.periods[0]
        while len(on) and starts[0] > int(on.min()):
            earlier = earlier.previous()
            starts.insert(0, day_number(earlier.start))
        return np.searchsorted(whole(starts), on, "right") - 1 - (len(starts) - len(self.starts))


_ASKED = ("role", "product_line", "tier")
NO_SEAT_PLAN, FAULTY_SEAT = -1, -2
"""Why a seat has no plan: none fits; two do, or a unit is not there."""


@frozen(eq=False, kw_only=True)
class Seats:
    """A career of a payee in a pay period in which it goes on, a row each, in order of career and period."""

    career: Places
    """See `People`; the primary career of each payee has the payee's code."""
    payee: Places
    period: Places
    assignment: Places
    """Row of its last assignment in the period, in `People`."""
    plan: Places
    """Place of the plan that fits it on the last of its days in it; `NO_SEAT_PLAN` or `FAULTY_SEAT`."""
    on: Whole
    """The last of its days in the period."""
    nth: Whole
    """Which period in its role it is: 1 is the one in which the role started, without a break."""

    def at(self, career: Places, period: Places, periods: int) -> Places:
        """The row of each career and period, of so many periods; -1 where there is none."""
        return place_in(self.career * periods + self.period, career * periods + period)


@frozen(eq=False, kw_only=True)
class Lookups:
    """What is looked up for a run, by payee and period."""

    deals: Deals
    """Whose payees they are."""
    calendar: Calendar
    people: People
    organisation: Organisation
    fitting: Fitting
    readings: Figures
    targets: Figures
    units: Mapping[str, int]
    """By code of a unit, in the order of the tree, its number among those who have readings; payees come first."""
    _missed: list[tuple[Places, Places, Callable[[int], LoanPerfError]]] = field(factory=list, init=False)
    """Payees and earlier periods of which something is not there, in the order in which it was asked for."""

    @property
    def plans(self) -> tuple[DatedPlan, ...]:
        """The dated plans, by their places."""
        return self.fitting.plans

    @cached_property
    def components(self) -> tuple[str, ...]:
        """The codes of the components of all plans, in order."""
        return tuple(sorted({item.code for dated in self.plans for item in dated.plan.components}))

    # ── seats ───────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def seats(self) -> Seats:
        """Every career in every period in which it goes on, with the plan that fits it at its end."""
        many, periods = len(self.people.payee), len(self.calendar)
        career, period = paired(np.repeat(0, many), np.repeat(periods, many))
        row, on = self._standing(career, period)
        there = np.flatnonzero((row >= 0) & (on >= self.calendar.starts[period]))
        career, period, row, on = (column[there] for column in (career, period, row, on))
        plan = self._fitting_plans(row, on)
        began = self.calendar.place_or_before(self.people.in_role_since)
        payee, nth = self.people.payee[career], period - began[row] + 1
        return Seats(career=career, payee=payee, period=period, assignment=row, plan=plan, on=on, nth=nth)

    def stints(self, place: int) -> Seats:
        """Every assignment in a period, with the plan that fits on its last day; `nth` is how many days it has.

        Days that a payee has under one plan by two assignments count once, with the one that begins first.
        """
        people = self.people
        start, end = int(self.calendar.starts[place]), int(self.calendar.ends[place])
        row = np.flatnonzero((people.since < end) & (people.until > start))
        until = np.minimum(people.until[row], end)
        plan = self._fitting_plans(row, until - 1)
        since, payee = np.maximum(people.since[row], start), people.payee[people.career[row]]
        if len(people.beside):
            code = np.append(self.fitting.codes, -1)[np.maximum(plan, -1)]
            order = ordered(payee, code, since)
            row, until, plan, since, payee, code = (item[order] for item in (row, until, plan, since, payee, code))
            starts = starts_of(payee, code)
            known = most_before(until, starts)
            known[starts] = start
            since = np.maximum(since, np.minimum(known, until))
        return Seats(
            career=people.career[row],
            payee=payee,
            period=row * 0 + place,
            assignment=row,
            plan=plan,
            on=until - 1,
            nth=row * 0 + until - since,  # days are narrower than what is counted
        )

    def _fitting_plans(self, assignment: Places, on: Whole) -> Places:
        """The place of the plan that fits each assignment on a day; `NO_SEAT_PLAN` or `FAULTY_SEAT`."""
        best = self.fitting.best(range(len(self.plans)), self.people.position[assignment], on)
        fits = np.where(best.rank < 0, NO_SEAT_PLAN, best.plan)
        return np.where(best.lost | ((best.rank >= 0) & (best.ties > 0)), FAULTY_SEAT, fits)

    def career(self, plan: Places, payee: Places, period: Places) -> Places:
        """The career by which payees are under plans in periods: the primary one, unless the plan is another's alone.

        Args:
            plan: the place of each plan; any of its versions.
            payee: of each question.
            period: of each question.
        """
        if not len(self.people.beside):
            return payee
        keys, careers = self._beside
        wanted = (payee * len(self.calendar) + period) * len(self.plans) + self.fitting.codes[plan]
        place = place_in(keys, wanted)
        return np.where(place >= 0, np.append(careers, -1)[place], payee)

    @cached_property
    def _beside(self) -> tuple[Whole, Places]:
        """By payee, period and code of a plan, the career under it where the primary one is not; keys are in order."""
        seats = self.seats
        rows = self.first_by_plan(np.flatnonzero(seats.plan >= 0))
        rows = rows[seats.career[rows] >= self.people.payees]
        keys = (seats.payee[rows] * len(self.calendar) + seats.period[rows]) * len(self.plans)
        return keys + self.fitting.codes[seats.plan[rows]], seats.career[rows]

    def in_turn(self, rows: Places) -> Places:
        """Seats so that of a payee in a period those of later last days come first, then the primary one.

        Of others, that which began first; of such that began on one day, the first by the codes of role and unit.
        """
        seats, people = self.seats, self.people
        if not len(people.beside):
            return rows
        beside = (seats.career[rows] >= people.payees) * 1
        return rows[ordered(-seats.on[rows], beside, people.since[seats.assignment[rows]], seats.career[rows])]

    def first_by_plan(self, rows: Places) -> Places:
        """Of some seats with plans the first, by `in_turn`, of each payee, period and plan; in order of these."""
        seats, rows = self.seats, self.in_turn(rows)
        order, starts = grouped(seats.payee[rows], seats.period[rows], self.fitting.codes[seats.plan[rows]])
        return rows[order][starts]

    def no_plan(self, seats: Seats, seat: int) -> LoanPerfError:
        """Why the plan of a seat on the last of its days cannot be told."""
        on, who = day_of(int(seats.on[seat])), self._payee(int(seats.payee[seat]))
        *position, unit = self.people.positions[int(self.people.position[seats.assignment[seat]])]
        asked = dict(zip(_ASKED, position, strict=True))
        try:
            units = self.organisation.path(unit, on) if self.organisation.units else ()
            choose_plan(best_plans(self.plans, on, asked, units), on=on, units=units, **asked)
        except (NoAssignmentError, ResolveError) as error:
            return error
        raise AssertionError(f"a plan fits {who} on {on}")

    def nth(self, plan: int, payee: Places, period: Places) -> Whole:
        """Which period it is in the role by which each payee is under a plan, 1 the first; 0 where they have none."""
        seat = self.seats.at(self.career(payee * 0 + plan, payee, period), period, len(self.calendar))
        return np.where(seat < 0, 0, np.append(self.seats.nth, 0)[seat])

    # ── readings and targets ────────────────────────────────────────────────────────────────────────────────────

    def look(self, plan: int, code: str, curve: Curve | None, payee: Places, period: Places) -> Answers:
        """Readings or attainments of payees in periods.

        Args:
            plan: place of the plan that asks.
            code: of the indicator, or `code@level` of the unit on a level above each payee; with `/attainment` behind
                it where that is asked for.
            curve: what looks at the reading, and so says what it counts where no indicator does.
            payee: of each question.
            period: of each question.

        Returns:
            What is not there is 0 where later periods do not need it.
        """
        code, _, attained = code.partition("/")
        if code == SERVICE:
            return self._service(payee, period)
        code, level = level_of(code)
        dated, sees, asking = self.plans[plan], None if attained else curve, payee
        payee = payee if level is None else self._units_above(plan, payee, period, level)
        row = self.readings.find(payee, code, period)
        there = np.flatnonzero(row >= 0)
        bad = row < 0
        bad[there] = ~self.readings.passes(row[there], partial(read, dated, code, "the reading", sees))
        if attained and dated.indicator(code) is None:
            goal = self.targets.find(payee, code, period)
            both = np.flatnonzero(~bad & (goal >= 0))
            bad[both] = ~self.readings.pass_together(row[both], self.targets, goal[both], partial(must_fit, code))

        def error(place: int) -> LoanPerfError:
            if payee[place] < 0:
                return self._no_unit(int(asking[place]), int(period[place]), level)
            return self._reading_error(
                dated, code, sees, int(payee[place]), int(period[place]), attained=bool(attained)
            )

        gone = bad & self._can_go_without(dated.plan, period)
        top, below = self.readings.at(np.where(bad, -1, row))
        found = Answers(top, below, bad & ~gone, gone, error)
        if not attained:
            return found
        rest = np.flatnonzero(~bad)
        return found.over(rest, self.target(plan, code, payee[rest], period[rest]))

    def _service(self, payee: Places, period: Places) -> Answers:
        """The full months of service of payees, by the last day of their assignments in a period or before it."""
        row, on = self._standing(payee, period)
        since, one = np.append(self.people.in_service_since, 0)[row], payee * 0 + 1

        def error(place: int) -> LoanPerfError:
            who, when = self._payee(int(payee[place])), self._period(int(period[place]))
            return NoAssignmentError(who, str(when), self.organisation.codes)

        months = months_between(since, np.where(row < 0, since, on + 1))
        return Answers(months, one, row < 0, nowhere(len(payee)), error)

    def _standing(self, career: Places, period: Places) -> tuple[Places, Whole]:
        """The last assignment of each career by the end of a period, -1 where there is none; and its last day by it."""
        last = self.calendar.ends[period] - 1
        row = self.people.begun(career, last)
        return row, np.minimum(last, np.append(self.people.until, 0)[row] - 1)

    def _reading_error(
        self, dated: DatedPlan, code: str, curve: Curve | None, payee: int, period: int, *, attained: bool
    ) -> LoanPerfError:
        (row,) = self.readings.find(whole([payee]), code, whole([period])).tolist()
        if row < 0:
            held = self.readings.of_payee(payee, period)
            return MissingReadingError(code, self._payee(payee), held, f"the commission of {self._period(period)}")
        (goal,) = self.targets.find(whole([payee]), code, whole([period])).tolist()
        given = self.readings.quantity(row)
        try:
            read(dated, code, "the reading", curve, given)
            if attained and goal >= 0:
                must_fit(code, given, self.targets.quantity(goal))
        except LoanPerfError as error:
            return error
        raise AssertionError(f"the reading of {code} of {self._payee(payee)} is sound")

    def target(self, plan: int, code: str, payee: Places, period: Places) -> Answers:
        """Targets of payees in periods, ramp included; 1 where one is not there that later periods do not need."""
        dated = self.plans[plan]
        row = self.targets.find(payee, code, period)
        there = np.flatnonzero(row >= 0)
        zero = np.append(self.targets.top, 1)[row] == 0
        bad = row < 0
        bad[there] = ~self.targets.passes(row[there], partial(read, dated, code, "the target", None))
        gone = bad & ~zero & self._can_go_without(dated.plan, period)
        bad |= zero

        def error(place: int) -> LoanPerfError:
            who, when = self._payee(int(payee[place])), self._period(int(period[place]))
            if row[place] < 0 or zero[place]:
                fault = f"of {who} is {'missing' if row[place] < 0 else 'zero'} for {when}"
                return TargetError(code, fault, "supply one")
            try:
                read(dated, code, "the target", None, self.targets.quantity(int(row[place])))
            except LoanPerfError as error:
                return error
            raise AssertionError(f"the target of {code} of {who} is sound")

        top, below = self.targets.at(np.where(bad, -1, row))
        found = Answers(np.where(gone, 1, top), below, bad & ~gone, gone, error)
        # A unit has no ramp.
        rest = np.flatnonzero(~bad & (payee < len(self.deals.payees)))
        return found.times(rest, self.ramp(plan, payee[rest], period[rest]))

    def _units_above(self, plan: int, payee: Places, period: Places, level: int) -> Places:
        """Of each payee the unit on a level of the tree, 1 the top, on the last of their days in a period.

        It is that above the assignment by which the payee is under the plan.

        Units stand behind the payees in the numbers of who has readings; -1 where there is no such unit.
        """
        (row, on), tree = self._standing(self.career(payee * 0 + plan, payee, period), period), self.fitting.tree
        path = tree.path(self.fitting.unit_of(np.append(self.people.position, -1)[row]), on)
        length = sum(((unit >= 0) * 1 for unit in path), payee * 0)
        found = payee * 0 - 1
        for step, unit in enumerate(path):
            found = np.where((unit >= 0) & (length - step == level) & (path[-1] == TOP), unit, found)
        return np.append(whole([*self.units.values()]), -1)[found]

    def _no_unit(self, payee: int, period: int, level: int | None) -> DataError:
        where = f"level {level} above {self._payee(payee)} in {self._period(period)}"
        fault = "there is no unit on it"
        return DataError(where, fault, "give a level that the tree has above everybody whom the plan pays, 1 its top")

    def quota(self, plan: int, tiers: Tiers, payee: Places, period: Places) -> Answers:
        """What 100% attainment is for payees in periods, ramp included."""
        if tiers.quota is None:
            return self.target(plan, tiers.indicator, payee, period)
        own = self.targets.find(payee, tiers.indicator, period) < 0
        whose, others = np.flatnonzero(own), np.flatnonzero(~own)
        top, below = tiers.quota.value.as_integer_ratio()
        ramp = self.ramp(plan, payee[whose], period[whose])
        stated = Answers.of(np.repeat(1, len(whose)) * whole([top]), np.repeat(1, len(whose)) * whole([below]))
        parts = stated.times(np.arange(len(whose)), ramp)
        return parts.beside(whose, self.target(plan, tiers.indicator, payee[others], period[others]), others)

    def ramp(self, plan: int, payee: Places, period: Places) -> Answers:
        """The part of quotas and targets that holds for payees in periods."""
        curve, one = self.plans[plan].plan.ramp, np.repeat(1, len(payee))
        if curve is None:
            return Answers.of(one, one)
        kinds, which = distinct(self.nth(plan, payee, period))
        parts = [curve.at(Fraction(nth)) if nth else Fraction(0) for nth in kinds.tolist()]

        def error(place: int) -> LoanPerfError:
            who, when, part = self._payee(int(payee[place])), self._period(int(period[place])), parts[which[place]]
            if not kinds[which[place]]:
                return NoAssignmentError(who, str(when), self.organisation.codes)
            return TargetError("the ramp", f"of {who} is {part} in {when}", "give parts above zero")

        top, below = (whole([getattr(part, name) for part in parts])[which] for name in ("numerator", "denominator"))
        return Answers(top, below, top <= 0, nowhere(len(payee)), error)

    # ── what is missing ─────────────────────────────────────────────────────────────────────────────────────────

    def _can_go_without(self, plan: Plan, period: Places) -> Truth:
        """Whether later periods can be worked without what is missing of one, so that what is posted of it stays."""
        return (period < len(self.calendar) - 1) & (not self.depends_on_earlier(plan))

    def depends_on_earlier(self, plan: Plan) -> bool:
        """Whether the pay of a period depends on readings or targets of earlier ones."""
        caps = (plan.most, *(component.period_most for component in plan.components))
        rules = [dated.rules.person_most for dated in self.plans]
        if plan.draws or any(cap is not None and cap.excess == "carried" for cap in (*caps, *rules)):
            return True
        return any(
            item.tiers is not None and item.tiers.go_on and (item.base == "indicator" or item.tiers.by == "attainment")
            for item in plan.components
        )

    def go_without(self, payee: Places, period: Places, answers: Answers, first: int = 0) -> None:
        """Note which answers go without a reading or target; the first of each payee and period stays.

        Args:
            payee: whose pay goes without it.
            period: of which it was asked for.
            answers: to questions of these payees and periods, behind the first ones.
            first: how many those are.
        """
        rows = np.flatnonzero(answers.gone[first:])
        self.miss(payee[rows], period[rows], lambda place: answers.error(first + int(rows[place])))

    def miss(self, payee: Places, period: Places, error: Callable[[int], LoanPerfError]) -> None:
        """Note what is not there of payees in earlier periods; `error` says by place what it is."""
        if len(payee):
            self._missed.append((payee, period, error))

    def is_missing(self, payee: Places, period: Places) -> Truth:
        """Whether something of each payee and period is noted as missing."""
        if not self._missed:
            return no_rows(len(payee))
        keys = [who * len(self.calendar) + when for who, when, _ in self._missed]
        return place_in(np.sort(np.concatenate(keys)), payee * len(self.calendar) + period) >= 0

    @property
    def missing(self) -> dict[tuple[str, Period], LoanPerfError]:
        """By payee and earlier period: the reading or target that is not there; what was posted for it stays."""
        found: dict[tuple[str, Period], LoanPerfError] = {}
        for payee, period, error in self._missed:
            for place, (who, when) in enumerate(zip(payee.tolist(), period.tolist(), strict=True)):
                key = self._payee(who), self._period(when)
                if key not in found:
                    found[key] = error(place)
        return found

    def _payee(self, place: int) -> str:
        if place < len(self.deals.payees):
            return self.deals.payees[place]
        return next(unit for unit, number in self.units.items() if number == place)

    def _period(self, place: int) -> Period:
        return self.calendar.periods[place]
