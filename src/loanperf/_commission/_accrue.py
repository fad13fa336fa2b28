"""Accrue: (facts, plans, organisation) -> accruals, from scratch, to the end of a period.

Accruals are everything that was earned from the first fact on; columns inside, rows outside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any

import numpy as np
from attrs import field, frozen
from attrs.validators import optional

from loanperf._commission._accrual import Accrual, DatedPlan, Unpaid, Waiting, Withholding
from loanperf._commission._before import CountedBefore, with_before
from loanperf._commission._drafts import Drafts
from loanperf._commission._found import Found, note_deals, note_tracks, refused, strangers
from loanperf._commission._lines import Lines
from loanperf._commission._lookups import Lookups
from loanperf._commission._periods import work_periods
from loanperf._commission._plan import OF_TIME
from loanperf._commission._resolve import Resolved, resolve
from loanperf._commission._scope import LoansWorked
from loanperf._commission._standings import Standing, Standings
from loanperf._commission._states import DealState
from loanperf._commission._stocks import stocks
from loanperf._commission._unpaid import unpaid
from loanperf._commission._walk import given_of, walk
from loanperf._explanations import Explanation, Label, because, carried, printed, told
from loanperf._facts import Facts, over_drawn
from loanperf._holdback import Holdback
from loanperf._indicators import Reading, Readings
from loanperf._numbers import Truth, above, at_least, distinct, paired
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._tables._columns import CameAs
from loanperf._tables._frames import like
from loanperf._targets import Target
from loanperf._validators import each_of, is_a, must_be
from loanperf.errors import DataError, Problem, UnknownPayeeError, problem_of, shown


def _given(lines: Iterable[Accrual] | Lines) -> tuple[Accrual, ...] | Lines:
    """Lines as columns, or a tuple of `Accrual` made of any other rows that are given."""
    if isinstance(lines, Lines):
        return lines
    return each_of(lines, Accrual, "the lines of accruals", "pass a tuple of lp.Accrual")


@frozen(kw_only=True)
class Accruals:
    """Everything earned from the first fact to the end of a period, computed from scratch."""

    through: Period = field(validator=is_a(Period))
    """The last period; its length is the pay period."""
    _lines: tuple[Accrual, ...] | Lines = field(alias="lines", repr=False, eq=tuple, converter=_given)
    first: Period | None = field(default=None, validator=optional(is_a(Period)))
    """The first period that was worked; None where nothing was.

    What the ledger has of earlier ones and of no loan stays as it is, such as fixed pay before the first loan.
    """
    waiting: tuple[Waiting, ...] = ()
    _unpaid: tuple[Unpaid, ...] | Callable[[], tuple[Unpaid, ...]] = field(
        default=(), alias="unpaid", repr=False, eq=told
    )
    states: Mapping[tuple[str, str, str, str], DealState] = field(factory=dict, repr=False)
    """The state of each deal's commission, by payee, plan, component and loan."""
    standings: Mapping[str, Standing] = field(factory=dict, repr=False, validator=is_a(Mapping))
    """How each loan performed, by its code."""
    drawing: Mapping[tuple[str, Period], tuple[DatedPlan, int]] = field(
        factory=dict, repr=False, validator=is_a(Mapping)
    )
    """By payee and period: the plan that grants draws, and which period in the role it is, 1 the first."""
    drawn_before: Mapping[tuple[str, str, str], int] = field(factory=dict, repr=False, validator=is_a(Mapping))
    """By payee, code of the plan and currency: what of its draws was not repaid before the first period of the ledger;
    in smallest units."""
    counted: tuple[CountedBefore, ...] = ()
    """What had counted for tiers before the first period of the ledger, of loans that the facts lack."""
    problems: tuple[Problem, ...] = ()
    """Loans and payees that could not be worked."""
    blocked: frozenset[str] = field(default=frozenset(), validator=is_a(frozenset, set))
    """Payees whose lines are not whole, since something could not be worked; the ledger leaves them as they are."""
    why: Mapping[str, tuple[Problem, ...]] = field(factory=dict, repr=False, validator=is_a(Mapping))
    """By payee who is blocked: the problems because of which."""
    missing: Mapping[tuple[str, Period], Problem] = field(factory=dict, repr=False, validator=is_a(Mapping))
    """By payee and period before the last: the reading or target that is missing. What the lines of that period come to
    is not known; the ledger keeps what it has of them, and later periods are worked."""
    unknown: frozenset[str] = field(default=frozenset(), validator=is_a(frozenset, set))
    """Loans of which there are events or credits, but no Loan; who was paid for one is left as they are."""
    currency: str = ""
    """Of the plans, where they have one and the same; empty where they do not."""
    came_as: CameAs = field(default="arrays", eq=False, repr=False)
    """The kind of data frame that the facts came as."""
    met: Mapping[tuple[str, Holdback], tuple[Period, ...]] = field(factory=dict, repr=False, validator=is_a(Mapping))
    """By payee and terms on which a plan holds pay until a reading is within a bound: the periods in which it is."""
    withholding: Withholding | None = field(default=None, eq=False, repr=False)
    """Who says what is kept back of all pay, and who has left."""
    scope: LoansWorked | None = field(default=None, eq=False, repr=False)
    """Which loans were worked, where the others stand as they were posted; None is all."""
    memo: dict[str, Any] = field(factory=dict, init=False, eq=False, repr=False)
    """What the ledger has worked out of these accruals, so that it settles month after month without doing so anew."""

    @cached_property
    def lines(self) -> tuple[Accrual, ...]:
        """In order of payee, period, date and key."""
        return tuple(self._lines)

    @cached_property
    def unpaid(self) -> tuple[Unpaid, ...]:
        """Each loan for which a payee is paid nothing, once, with the reason; in order of payee and loan.

        Who held a loan by the last day, or has a credit in it, is paid for it, waits, has a problem with it, or is
        here. They are looked for when somebody asks.
        """
        return told(self._unpaid)

    @cached_property
    def columns(self) -> Lines:
        """The lines as columns."""
        return self._lines if isinstance(self._lines, Lines) else Lines.of(self._lines)

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return carried(self, lines=self.columns, unpaid=self.unpaid)

    def __iter__(self) -> Iterator[Accrual]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self._lines)

    _repr_pretty_ = printed

    def __repr__(self) -> str:
        return f"Accruals({len(self)})"

    def of(self, payee: str) -> tuple[Accrual, ...]:
        """The lines of a payee, in order of period, date and key; none for somebody who earned nothing."""
        return self.columns.of_payee(payee)

    def explain(self, payee: str) -> Explanation:
        """What a payee earned, line by line, and why; worked out for that payee when it is asked for.

        Raises:
            UnknownPayeeError: nobody of that code is assigned, holds a loan or is credited; it names who is.
        """
        lines, sums = self.of(payee), dict[str, Money]()
        known = {*self.columns.payees, *self.blocked, *(part.payee for part in self.waiting)} if not lines else ()
        if not lines and payee not in known:
            raise UnknownPayeeError(payee, sorted(map(str, known)))
        for line in lines:
            currency = line.amount.currency
            sums[currency] = sums[currency] + line.amount if currency in sums else line.amount
        amount: str | Label = ", ".join(map(str, sums.values())) or Label("nothing", "无")
        values: dict[str, str | Label] = {"payee": payee, "through": str(self.through), "amount": amount}
        return because("accruals", values, *(line.explain() for line in lines))

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The lines as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row a line, in their order: `payee`, `plan`, `component`, `loan`, `stage`, `period`, `on`, `earned_on`,
            `amount` in whole currency (yuan, not fen), of the nearest float64, and `currency`. `loan` and `stage` are
            missing where the line is no loan's.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        return like(came_as or self.came_as, self.columns.shown())


def accrue(
    facts: Facts,
    plans: Sequence[DatedPlan],
    organisation: Organisation,
    *,
    through: Period,
    since: date | None = None,
    readings: Iterable[Reading | Readings] = (),
    targets: Mapping[Period, Iterable[Target]] | None = None,
    counted: Iterable[CountedBefore] = (),
) -> Accruals:
    """Everything earned by commission plans, computed from scratch to the end of a period.

    The order of facts does not matter: deals are worked by business date, then by loan. A loan whose selection date
    lies before the first plan is under no plan and earns nothing. Every loan is paid, waits, has a problem or is listed
    as unpaid with the reason, for everybody who held it or has a credit in it.

    Args:
        facts: all that happened; what is dated after `through` is passed over.
        plans: of every version of the scheme; see `SchemeBook.plans`.
        organisation: who held which role where.
        through: the last pay period; those before it are of the calendar of the plans, or else have the same length.
        since: the first day of the books; None is the first fact, or the first plan if that is later.
        readings: of the indicators that plans look at, with payee as subject and their pay period. What `lp.measure`
            gives for a pay period is taken as it is, and holds where no reading by itself says otherwise.
        targets: of payees, by pay period.
        counted: what had counted for tiers before the ledger, of loans that facts lack; see `opening.counted_before`.

    Returns:
        Lines in order of payee, period and date. Loans and payees that could not be worked are problems, and the
        payees concerned are `blocked`. Drawings above what was signed are problems too, and are paid as they stand.

    Raises:
        PeriodError: `through` is no `Period`, or not one of the calendar of the plans.
        DataError: a reading is supplied twice, with two values.
    """
    _must_be_given(facts, plans, organisation, since)
    given, goals = _apart(readings), _goals(targets)
    run = resolve(facts, plans, organisation, through=through, since=since, readings=given, targets=goals)
    unknown = _checked(run, facts, found := Found())
    before = each_of(counted, CountedBefore, "what had counted", "pass opening.counted_before(ledger)")
    sources, standings = with_before(given_of(run), before, found), Standings.of_deals(run.deals)
    drafts = Drafts.together(walk(sources, standings, found), stocks(given_of(run, OF_TIME), facts, standings, found))
    lines = work_periods(run, drafts, found)
    missing, over = _missing(run), over_drawn(facts, through.last_day)
    return Accruals(
        through=run.calendar.periods[-1],
        first=run.calendar.periods[0],
        lines=lines,
        **_noted(run, found),
        unpaid=partial(unpaid, sources, drafts, lines, found, (*facts.problems, *found.problems)),
        standings=standings,
        problems=(*facts.problems, *dict.fromkeys((*found.problems, *missing.values(), *over))),
        missing=missing,
        unknown=unknown,
        currency=plans[0].currency if len({dated.currency for dated in plans}) == 1 else "",
        came_as=facts.came_as,
        withholding=Withholding(tuple(plans), organisation),
        counted=before,
    )


def _noted(run: Resolved, found: Found) -> dict[str, Any]:
    """What was noted on the way, as fields of accruals."""
    met = _periods_met(run.lookups, found)
    return {
        "met": met,
        "waiting": tuple(found.waiting),
        "states": found.states,
        "drawing": found.drawing,
        "blocked": frozenset(found.blocked),
        "why": found.why,
    }


def _missing(run: Resolved) -> dict[tuple[str, Period], Problem]:
    """What was asked of a payee in a period and is not there, as problems."""
    return {
        (payee, period): problem_of(f"payee {payee} in {period}", error, payee=payee)
        for (payee, period), error in run.lookups.missing.items()
    }


def _apart(readings: object) -> tuple[Reading | Readings, ...]:
    """Single readings, and those of many, as they were measured."""
    where, remedy = "the readings", "pass what lp.measure gives, or a list of lp.Reading"
    given = each_of([readings] if isinstance(readings, Readings) else readings, object, where, remedy)
    many = tuple(item for item in given if isinstance(item, Readings))
    return *each_of([item for item in given if not isinstance(item, Readings)], Reading, where, remedy), *many


def _goals(targets: Mapping[Period, Iterable[Target]] | None) -> dict[Period, tuple[Target, ...]]:
    """Targets by period, each of them a target."""
    if targets is None:
        return {}
    remedy = "pass lists of lp.Target by lp.Period"
    must_be(targets, Mapping, "the targets", remedy)
    for period in targets:
        must_be(period, Period, "a period of targets", remedy)
    return {period: each_of(goals, Target, f"the targets of {period}", remedy) for period, goals in targets.items()}


def _must_be_given(facts: object, plans: object, organisation: object, since: object) -> None:
    """Refuse what looks like facts and plans and is not."""
    if not isinstance(facts, Facts):
        raise DataError("the facts", f"they are a {type(facts).__name__}", "pass lp.Facts.of(facts)")
    if not isinstance(plans, (tuple, list)) or not all(isinstance(plan, DatedPlan) for plan in plans):
        raise DataError(
            "the plans", f"they are no dated plans (found {shown(plans)})", "pass lp.SchemeBook([scheme]).plans()"
        )
    must_be(organisation, Organisation, "the organisation", "pass lp.Organisation(assignments=[...])")
    if since is not None:
        must_be(since, date, "since", "pass a date, such as date(2026, 3, 1), or leave it out")


def _checked(run: Resolved, facts: Facts, found: Found) -> frozenset[str]:
    """Note what is wrong with loans, and who is concerned by rows that were refused; the loans that are not there."""
    unknown = strangers(facts, run.deals)
    found.problems.extend(unknown.values())
    note_deals(found, run.deals, [dated.plan for dated in run.plans])
    for payee, problem in refused(facts, run.deals):
        found.blocked[payee][problem] = None
    note_tracks(found, run.tracks)
    return frozenset(fact.loan for fact in unknown)


def _periods_met(lookups: Lookups, found: Found) -> Mapping[tuple[str, Holdback], tuple[Period, ...]]:
    """By payee and terms on which pay is held: the periods whose reading is within the bound, in order.

    Args:
        lookups: of a run.
        found: where readings in another unit than their indicator's are noted.
    """
    met, calendar, payees = dict[tuple[str, Holdback], tuple[Period, ...]](), lookups.calendar, lookups.deals.payees
    for place, dated in enumerate(lookups.plans):
        terms = dated.plan.holdback
        if terms is None or not terms.indicator:
            continue
        payee, period = paired(np.repeat(0, len(payees)), np.repeat(len(calendar), len(payees)))
        there = lookups.readings.find(payee, terms.indicator, period) >= 0
        payee, period = payee[there], period[there]
        answers = lookups.look(place, terms.indicator, None, payee, period)
        good: Truth = ~(answers.faulty | answers.gone)
        for row in np.flatnonzero(~good).tolist():
            name = payees[int(payee[row])]
            found.note(f"payee {name} in {calendar.periods[int(period[row])]}", answers.error(row), [name])
        if terms.at_most is not None:
            good &= ~above(answers.top, answers.below, terms.at_most.value)
        if terms.at_least is not None:
            good &= at_least(answers.top, answers.below, terms.at_least.value)
        payee, period = payee[good], period[good]
        for code in distinct(payee)[0].tolist() if len(payee) else ():
            places = period[payee == code].tolist()
            met[payees[code], terms] = tuple(calendar.periods[one] for one in sorted(places))
    return met
