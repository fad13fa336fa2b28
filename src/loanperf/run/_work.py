"""Work: (what ports said, period) -> every payee's appraisal and award."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import partial

from attrs import evolve, field, frozen

from loanperf._facts import (
    Facts,
    FactsWanted,
    drawn_early,
    far_ahead,
    latest_day,
    loans_stated,
    may_be_ahead,
    over_drawn,
)
from loanperf._indicators import (
    Indicator,
    Reading,
    Readings,
    is_known_by,
    measure_part,
    must_have_facts_by,
    on_days_off,
    totals_of,
    with_parts,
)
from loanperf._kinds import KINDS
from loanperf._ledger import Payment
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._scheme import SchemeBook
from loanperf._tables._columns import CameAs
from loanperf._targets import Target
from loanperf.cycle import Cycle
from loanperf.errors import LoanPerfError, MissingReadingError, Problem, Subject, problem_of
from loanperf.goals import Confirmations
from loanperf.run._agreed import agreed_in, goals_in_force, missing_targets
from loanperf.run._carried import Carried
from loanperf.run._decided import calibrations_in, decided_in
from loanperf.run._held import HeldByHand
from loanperf.run._results import Blocked, Results, Run
from loanperf.run._scores import Fault, Scores, scored
from loanperf.run._supplied import Supplied, strangers
from loanperf.run._tasks import Task, looked_at, tasks_of
from loanperf.run._unmet import Met, unmet


@frozen(kw_only=True)
class PeriodData:
    """What the ports say of a period."""

    period: Period
    facts: Facts
    organisation: Organisation
    schemes: SchemeBook
    supplied: tuple[Reading, ...]
    goals: tuple[Target, ...]
    carried: Carried = field(factory=Carried)
    by_hand: HeldByHand = field(factory=HeldByHand)
    """What was missed in the period before, where an archive is kept."""
    mark: str = ""
    """How far the fact store was, before and after it gave the facts; empty where that is not known."""
    known: Confirmations | None = None
    """What was proposed and confirmed; None where nobody is asked, or nothing is kept."""
    cycles: Mapping[Period, Cycle] = field(factory=dict)
    """Appraisal cycles of the period, and of days of who has several assignments; none where nothing is kept."""
    some: FactsWanted | None = None
    """Of which loans the facts are; None is of all."""
    met: Met | None = None
    """What loans had by the last close, for facts of some loans; None where that is not known."""

    def must_have(self, *, loans: Collection[str] = (), payees: Collection[str] = ()) -> None:
        """Ask for more where the facts of some loans, or of loans of some payees, were not read.

        Raises:
            LackingFactsError: they were not.
        """
        if self.some is None:
            return
        loans, payees = {*loans} - self.some.loans, {*payees} - self.some.payees
        if loans:
            loans -= loans_stated(self.facts)
        if loans or payees:
            raise LackingFactsError(evolve(self.some, loans=self.some.loans | loans, payees=self.some.payees | payees))

    def must_have_all(self) -> None:
        """Ask for all facts where some were not read.

        Raises:
            LackingFactsError: they were not.
        """
        if self.some is not None:
            raise LackingFactsError(None)


class LackingFactsError(Exception):
    """Facts were not read that are needed: a run reads them, and works anew."""

    def __init__(self, wanted: FactsWanted | None) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        """What is to be read then; None is all."""


def work(given: PeriodData, progress: Callable[[int, int], None] | None = None) -> Run:
    """Measure, appraise and award every payee of a period.

    A payee who cannot be worked is blocked, and the others go on. Each assignment is appraised on its own days, with
    targets and bonus in proportion; flows that the host supplies are divided among them by days.
    """
    period, seen, organisation = given.period, given.facts, given.organisation
    if not is_known_by(seen, period.last_day) or may_be_ahead(latest_day(seen), period.end):
        given.must_have_all()
    if not given.supplied and not _needs_no_facts(given):
        must_have_facts_by(seen, period)
    tasks, unresolved = tasks_of(period, organisation, given.schemes)
    goals = goals_in_force(given.known, given.schemes, period, given.goals)
    agreed = agreed_in(given.known, given.schemes, period, organisation, tasks, given.goals, held=goals)
    tasks = [task for task in tasks if task.payee not in agreed.held]
    unresolved += [problem for payee in sorted(agreed.held) for problem in agreed.held[payee]]
    if any(indicators for _, indicators in _looked_at(tasks).values()):
        given.must_have_all()
    measured = measured_parts(seen, tasks, organisation.assigned(period)) if len(seen) else {}
    lost = _at_fault(given, tasks, measured)
    supplied = Supplied.of(period, given.supplied, goals, given.carried)
    worked = scored(period, tasks, organisation, measured, supplied, progress, partial(calibrations_in, given.cycles))
    decided = decided_in(given.cycles, given.schemes, period, tasks, worked[0])
    if worked[0] is not None:
        worked = evolve(worked[0], used=agreed.used), worked[1]
    results = results_of(*worked, unresolved, lambda: (*seen.problems, *lost), seen.came_as)
    why = defaultdict[str, list[Problem]](list)
    unheld = (*results.problems, *(problem for found in decided.held.values() for problem in found))
    for problem in unheld:
        why[problem.payee].append(problem)
    problems = (
        *_named_wrongly(given),
        *agreed.problems,
        *decided.problems,
        *unheld,
    )
    bonuses, lacking = bonuses_of(results), missing_targets(tasks, goals)
    waits = {**decided.waits, **agreed.waits}  # who waits for a confirmation has no result that could wait
    return Run(
        period=period,
        scheme=given.schemes.versions[0].name,
        results=evolve(results, unpublished=frozenset(decided.held)),
        problems=(*seen.problems, *lost, *dict.fromkeys(problems)),
        payments=_payments(period, given.schemes, {who: paid for who, paid in bonuses.items() if who not in why}),
        rows=seen.rows,
        used=seen.rows - len(seen.problems) - len(lost),
        held=False,
        holding=decided.problems,
        blocked=tuple(
            Blocked(
                payee=payee,
                why=tuple(why[payee]),
                bonus=bonuses.get(payee, ()),
                waits=waits.get(payee) or (lacking.get(payee, ()) if _lacks_target(why[payee]) else ()),
            )
            for payee in sorted(why)
        ),
    )


def _at_fault(given: PeriodData, tasks: Iterable[Task], measured: Mapping[Period, Readings]) -> list[Problem]:
    """A problem for each fact at fault or in doubt, besides those that the facts came with; one for each fact."""
    facts = given.facts
    lost = lost_of(facts, given.period, given.organisation, tasks, measured)
    ahead = far_ahead(facts, given.period.end) if given.some is None else ()
    one_each = dict[tuple[str, ...], Problem]()
    for problem in (*lost, *ahead, *over_drawn(facts), *drawn_early(facts)):
        one_each.setdefault(problem.fact, problem)
    return [*one_each.values()]


def _named_wrongly(given: PeriodData) -> Iterator[Problem]:
    """A problem for each name that may be a slip.

    These are values that a scheme asks for and no fact has, and codes in readings and targets of nobody assigned.
    """
    before = {} if given.some is None else given.met
    if before is not None:
        yield from unmet(given.schemes, given.period, given.facts, before)
    yield from strangers(given.organisation, given.period, given.supplied, given.goals)


def _lacks_target(problems: Iterable[Problem]) -> bool:
    return any(problem.lacks is not None and problem.lacks[0] == "target" for problem in problems)


def with_problems(seen: Facts, *answers: object) -> Facts:
    """The facts with the problems of rows that other answers had, each once; a source may have told them itself."""
    known = dict.fromkeys(seen.problems)
    more = dict.fromkeys(problem for answer in answers for problem in getattr(answer, "problems", ()))
    lost = tuple(problem for problem in more if problem not in known)
    return evolve(seen, problems=(*seen.problems, *lost), rows=seen.rows + len(lost)) if lost else seen


def results_of(
    scores: Scores | None,
    faults: Iterable[Fault],
    unresolved: Iterable[Problem],
    refused: Callable[[], Iterable[Problem]],
    came_as: CameAs,
) -> Results:
    """What assignments came to, and why others have no result.

    Args:
        scores: what was scored; None where nobody was.
        faults: assignments without a result, and why.
        unresolved: those for which there is no card.
        refused: gives the problems of rows, for one of which a reading may be missing.
        came_as: the kind of data frame that facts came as.
    """
    unworked = sorted(faults, key=_in_order)
    lost = _Refused.of(refused() if unworked else ())
    problems = (*unresolved, *(lost.problem(*fault) for fault in unworked))
    if scores is None:
        return evolve(Results.gathered(()), problems=problems)
    return scores.results(problems, came_as)


def _in_order(fault: tuple[Task, LoanPerfError]) -> tuple[str, date]:
    return fault[0].payee, fault[0].part.start


@frozen(eq=False)
class _Refused:
    """Rows of facts that were refused, by what is lost with them."""

    lost: frozenset[Subject | None]
    by_payee: Mapping[str, list[Subject]]

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> _Refused:
        """What is lost with some rows."""
        lost, by_payee = set[Subject | None](), defaultdict[str, list[Subject]](list)
        for problem in problems:
            lost.add(problem.loses)
            if problem.loses is not None:
                by_payee[problem.payee].append(problem.loses)
        return cls(frozenset(lost), by_payee)

    def problem(self, task: Task, error: LoanPerfError) -> Problem:
        """Why an assignment has no result; a measured reading is missing since a row of the payee was refused."""
        payee = task.payee
        problem = problem_of(f"payee {payee} in {task.part}", error, payee=payee)
        if not isinstance(error, MissingReadingError) or problem.lacks in self.lost:
            return problem
        item = {item.code: item for item in looked_at(task.card)}.get(error.indicator)
        totals = totals_of(item.measure) if item is not None and item.measure is not None else ()
        kinds = {_LOST_OF[total.over] for _, total in totals}
        rows = (loses for loses in self.by_payee.get(payee, ()) if loses[0] in kinds)
        return evolve(problem, lacks=next(rows, problem.lacks))


_LOST_OF: Mapping[str, str] = {"loan events": "loan", **{name: kind.loses for name, kind in KINDS.items()}}
"""By view: what its rows are lost with."""


def bonuses_of(results: Results) -> dict[str, tuple[Money, ...]]:
    """By payee, in the order of results: the bonuses of all assignments that have one, one a currency."""
    columns = results.awards.columns
    sums = defaultdict[str, dict[str, int]](dict)
    rows = zip(*(columns[name].values.tolist() for name in ("payee", "currency", "amount")), strict=True)
    payees, currencies = columns["payee"].words, columns["currency"].words
    for who, what, units in rows:
        mine = sums[payees[who]]
        mine[currencies[what]] = mine.get(currencies[what], 0) + units
    return {who: tuple(Money.from_units(units, code) for code, units in mine.items()) for who, mine in sums.items()}


def _needs_no_facts(given: PeriodData) -> bool:
    """Whether plans in force pay whatever happens: draws, guarantees and fixed amounts."""
    last_day = given.period.last_day
    plans = [dated.plan for dated in given.schemes.plans() if dated.holds_on(last_day)]
    return any(plan.draws or any(item.base == "fixed" for item in plan.components) for plan in plans)


def measured_parts(facts: Facts, tasks: Iterable[Task], payees: frozenset[str] | None) -> dict[Period, Readings]:
    """Readings by part of the period, of what the cards look at; each part is measured once for all who share it.

    Args:
        facts: all that concern the payees.
        tasks: assignments with their cards.
        payees: who has readings. Who works on some day of the period is no stranger on any other.
    """
    return {
        part: measure_part(facts, part, indicators.values(), currency=currency, payees=payees)
        for part, (currency, indicators) in _looked_at(tasks).items()
    }


def _looked_at(tasks: Iterable[Task]) -> dict[Period, tuple[str, dict[str, Indicator]]]:
    """By part of the period: the currency of its cards, and what they look at that can be measured."""
    found, cards = dict[Period, tuple[str, dict[str, Indicator]]](), set[int]()
    for task in tasks:
        if task.place not in cards:
            cards.add(task.place)
            known = found.get(task.part, ("", {}))[1]
            mine = {item.code: item for one in looked_at(task.card) for item in with_parts(one) if item.is_measured}
            found[task.part] = (task.card.currency, known | mine)
    return found


def lost_of(
    facts: Facts, period: Period, organisation: Organisation, tasks: Iterable[Task], measured: Mapping[Period, Readings]
) -> list[Problem]:
    """A problem for each fact at fault, besides those that the facts came with."""
    if not len(facts):
        return []
    parts, known = _looked_at(tasks).values(), set(facts.problems)
    lost: dict[tuple[str, ...], Problem] = {}
    everything = {code: item for _, indicators in parts for code, item in indicators.items()}.values()
    for currency in {currency for currency, _ in parts}:
        off = on_days_off(facts, period, everything, currency=currency, organisation=organisation)
        lost |= {problem.fact: problem for problem in off}
    for found in measured.values():
        for problem in found.problems:
            if problem not in known:
                lost.setdefault(problem.fact, problem)
    return list(lost.values())


def _payments(period: Period, schemes: SchemeBook, bonuses: Mapping[str, tuple[Money, ...]]) -> tuple[Payment, ...]:
    """One a payee: the sum of the awards of its roles."""
    scheme = schemes.versions[0].name
    return tuple(
        Payment(key=f"{scheme}/{period}/{payee}", payee=payee, period=period, amount=amount)
        for payee, amounts in bonuses.items()
        for amount in amounts
        if amount.units > 0
    )
