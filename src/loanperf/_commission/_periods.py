"""Periods: drafts -> lines: period after period, from the leaves of teams to their root, what is paid for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from functools import partial
from itertools import chain

import numpy as np
from attrs import define, evolve, field

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._answers import Answers
from loanperf._commission._begun import due_of, terms_of_run, words_of
from loanperf._commission._books import Books
from loanperf._commission._drafts import Drafts
from loanperf._commission._due import DueRows, Notes, Terms
from loanperf._commission._earlier import Earlier
from loanperf._commission._found import Draft, Found, Group, drafts_of
from loanperf._commission._joined import Joined, RunWords, joined
from loanperf._commission._limits import RulesOfPeriod
from loanperf._commission._lines import Lines
from loanperf._commission._lots import Tally
from loanperf._commission._periodic import held_in, periodic
from loanperf._commission._teams import Team, must_not_go_round, rings_of, teams_of, waves_of
from loanperf._curves import Curve
from loanperf._explanations import Explanation, because
from loanperf._numbers import Places, Truth, Whole, among, day_number, edges, marked, nowhere, ordered, whole
from loanperf._periods import Period
from loanperf._quantities import Money, plain
from loanperf.errors import LoanPerfError


def work_periods(books: Books, drafts: Drafts, found: Found) -> Lines:
    """Every line; whoever cannot be worked in a period is noted, and has none in it."""
    asked = _WhyLines(books, drafts, frozenset(found.blocked))
    run = _PeriodRun.of(books, drafts, found)
    run.work()
    asked.lines, asked.members = run.joined(asked.steps).lines, run.members
    return asked.lines


@define(eq=False)
class _WhyLines:
    """The reasons of lines: the periods of a payee, and of the team, are worked again when somebody asks."""

    books: Books
    drafts: Drafts
    blocked: Collection[str]
    """Who could not be worked before any period was."""
    lines: Lines | None = None
    members: Mapping[str, Collection[str]] = field(factory=dict)
    _known: dict[int, tuple[int, list[tuple[Explanation, ...]]]] = field(factory=dict)

    def steps(self, place: int) -> tuple[Explanation, ...]:
        """What was done to come to the amount of a line."""
        if self.lines is None:
            return ()
        payee = int(self.lines.payee[place])
        if payee not in self._known:
            first = int(np.searchsorted(self.lines.payee, payee))
            self._known = {payee: (first, self._again(self.lines.payees[payee]))}
        first, told = self._known[payee]
        return told[place - first]

    def _again(self, payee: str) -> list[tuple[Explanation, ...]]:
        """The reasons of the lines of a payee, in their order."""
        some, more = {payee}, {payee}
        while more:
            more = {member for lead in more for member in self.members.get(lead, ())} - some
            some |= more
        found, notes = Found(), Notes()
        found.blocked.update({code: {} for code in self.blocked})
        run = _PeriodRun.of(self.books, self.drafts, found, some, notes)
        run.work()
        again = run.joined(lambda _: ())
        ends = np.append(again.starts, len(again.rows))
        mine = np.flatnonzero(again.lines.payee == run.codes[payee]).tolist()
        rows = [again.rows[ends[line] : ends[line + 1]].tolist() for line in mine]
        return [tuple(chain(*(notes.of.get(row, ()) for row in of))) for of in rows]


@define(eq=False, kw_only=True)
class _PeriodRun:
    """A run through the periods, of all payees or of some."""

    books: Books
    found: Found
    some: Collection[str] | None
    """Of whom lines are asked; None is everybody."""
    words: RunWords
    codes: Mapping[str, int]
    """By payee."""
    terms: Terms
    due: DueRows
    """The drafts, in order of period."""
    begins: Sequence[int]
    """By period, the row with which its drafts begin; one more at the end."""
    earlier: Earlier
    over: DueRows
    """What is carried to the next period."""
    left: Truth
    """By deal, whether what it came to in an earlier period is not known; one more for no deal."""
    hanging: Truth
    """By payee, whether there is such a deal."""
    tallies: dict[Group, Tally] = field(factory=dict)
    members: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    """By lead, everybody who was in a team."""
    closed: list[tuple[DueRows, Whole, Places]] = field(factory=list)
    """Lines after the rules of their period, their amounts, and the place of the period of each."""

    @classmethod
    def of(
        cls,
        books: Books,
        drafts: Drafts,
        found: Found,
        some: Collection[str] | None = None,
        notes: Notes | None = None,
    ) -> _PeriodRun:
        """Before the first period."""
        words = words_of(books.plans, drafts, books.organisation.codes)
        terms = terms_of_run(books.plans, words, partial(_looked, books, words), notes)
        place = np.searchsorted(whole([day_number(period.start) for period in books.periods]), drafts.on, "right") - 1
        if some is None:
            wanted = np.arange(len(drafts))
        else:
            wanted = np.flatnonzero(among(drafts.payee, [payee in some for payee in drafts.payees], otherwise=False))
        wanted = wanted[ordered(place[wanted])] if len(wanted) else wanted
        due, earlier = due_of(terms, words, drafts, wanted)
        terms.note_all(due.row, lambda place: drafts.steps(int(wanted[place])))
        return cls(
            books=books,
            found=found,
            some=some,
            words=words,
            codes={payee: code for code, payee in enumerate(words.payees)},
            terms=terms,
            due=due,
            begins=edges(place[wanted], range(len(books.periods) + 1)),
            earlier=earlier,
            over=due.rows(np.arange(0)),
            left=nowhere(len(earlier.known) + 1),
            hanging=nowhere(len(words.payees)),
        )

    def work(self) -> None:
        """Work every period."""
        for place, period in enumerate(self.books.periods):
            held = held_in(self.books, period, self.found, self.some)
            teams = teams_of(self.books, period, held, self.found)
            month = _Month(self, place, period, held, teams)
            month.work()
            for lead, team in teams.items():
                self.members[lead].update(chain(*team.values()))

    def joined(self, steps: Callable[[int], tuple[Explanation, ...]]) -> Joined:
        """The lines that came of it."""
        nothing = self.due.rows(np.arange(0))
        due = DueRows.together(nothing, *(due for due, _, _ in self.closed))
        units = np.concatenate([nothing.row, *(units for _, units, _ in self.closed)])
        period = np.concatenate([nothing.row, *(period for _, _, period in self.closed)])
        return joined(self.terms, self.words, self.books.periods, (due, units, period), steps)


@define(eq=False)
class _Month:
    """One period of a run."""

    run: _PeriodRun
    place: int
    period: Period
    held: Mapping[str, DatedPlan]
    """By payee, the plan that pays for the period."""
    teams: Mapping[str, Team]
    pay: dict[str, list[Money]] = field(factory=lambda: defaultdict(list))
    """What members of teams earn in it."""

    def work(self) -> None:
        """Work payees, those before whose pay theirs is made of."""
        run, rings = self.run, rings_of(self.teams)
        due = run.due.rows(slice(run.begins[self.place], run.begins[self.place + 1]))
        over, run.over = self._moved_on(), due.rows(np.arange(0))
        due = DueRows.together(due, over)
        wave = np.repeat(0, len(run.codes))
        waves = [(), *waves_of(self.teams, rings)]
        for turn, leads in enumerate(waves):
            wave[[run.codes[lead] for lead in leads]] = turn
        waves[0] = tuple(sorted(set(self.held) - set(chain(*waves))))
        at = wave[due.payee]
        for turn, payees in enumerate(waves):
            self._wave(due.rows(np.flatnonzero(at == turn)) if len(waves) > 1 else due, turn, payees, rings)

    def _moved_on(self) -> DueRows:
        """What was carried, as lines of this period."""
        terms, over = self.run.terms, self.run.over
        on = over.on * 0 + day_number(self.period.start)
        # What is no deal's is earned when it comes.
        earned = np.where(over.deal < 0, on, over.earned)
        moved = evolve(over, row=terms.numbers(len(over)), on=on, earned=earned)
        terms.note(moved.row, lambda row: because("accrual.carried", {"amount": plain(moved.left(row))}))
        return moved

    def _wave(self, due: DueRows, turn: int, payees: Sequence[str], rings: Mapping[str, tuple[str, ...]]) -> None:
        run, faults = self.run, dict[int, LoanPerfError]()
        made: list[tuple[str, Draft]] = []
        for payee in payees:
            try:
                must_not_go_round(rings.get(payee, ()), payee, self.period)
                drafts = periodic(
                    run.books, self.held[payee], payee, self.period, run.tallies, self.teams.get(payee, {}), self.pay,
                    run.found.blocked,
                )  # fmt: skip
                made += [(payee, draft) for draft in drafts]
            except LoanPerfError as error:
                faults[run.codes[payee]] = error
        due = DueRows.together(due, self._periodic(made))
        self._must_not_hang_on(due, faults)
        self._close(self._without(due, faults), faults)
        self._remember_missing(due)
        self._note(turn, payees, faults)

    def _periodic(self, made: list[tuple[str, Draft]]) -> DueRows:
        """Lines that are no loan's."""
        run = self.run
        drafts = drafts_of(run.books.plans, made)
        due, _ = due_of(run.terms, run.words, drafts, np.arange(len(drafts)))
        run.terms.note_all(due.row, drafts.steps)
        return evolve(due, draft=np.repeat(-1, len(due)))

    def _without(self, due: DueRows, faults: Mapping[int, LoanPerfError]) -> DueRows:
        """The lines of those who can be worked."""
        if not faults:
            return due
        return due.rows(~marked(whole([*faults]), len(self.run.codes))[due.payee])

    def _must_not_hang_on(self, due: DueRows, faults: dict[int, LoanPerfError]) -> None:
        """Note who would go on with deals of an earlier period of which a reading or target is missing."""
        run = self.run
        hang = run.hanging[due.payee] & ~due.ends & (run.left[due.deal] | (due.deal >= 0) & ~due.in_parts)
        for payee in {*due.payee[hang].tolist()}:
            known = run.books.missing.items()
            missing = (error for (whose, _), error in known if whose == run.words.payees[payee])
            faults.setdefault(payee, next(missing))

    def _close(self, due: DueRows, faults: dict[int, LoanPerfError]) -> None:
        """Put lines through the rules of the period, and round them."""
        run = self.run
        if not len(due):
            return
        due = run.earlier.taken_back(run.terms, due)
        closing = RulesOfPeriod.of(run.terms, self.place, day_number(self.period.end) - 1, due)
        closing.apply()
        for account, error in sorted(closing.faults.items()):
            faults.setdefault(int(closing.due.payee[closing.account == account][0]), error)
        due = self._without(closing.due, faults)
        units = run.earlier.rounded(run.terms, due)
        ended = marked(due.deal[due.ends], len(run.left))
        over = self._without(DueRows.together(run.over, *closing.over), faults)
        run.over = over.rows(~ended[over.deal])
        run.closed.append((due, units, np.repeat(self.place, len(due))))
        self._pay(due, units)

    def _pay(self, due: DueRows, units: Whole) -> None:
        """Keep what members of teams earn."""
        if self.teams:
            run = self.run
            for payee, plan, amount in zip(due.payee.tolist(), due.plan.tolist(), units.tolist(), strict=True):
                money = Money.from_units(amount, run.terms.plans[plan].currency)
                self.pay[run.words.payees[payee]].append(money)

    def _remember_missing(self, due: DueRows) -> None:
        """Keep which deals cannot go on, of those of whom a reading or target of this period is missing."""
        run = self.run
        short = [
            run.codes[payee] for payee, period in run.books.missing if period == self.period and payee in run.codes
        ]
        if short:
            rows = np.flatnonzero(marked(whole(short), len(run.codes))[due.payee] & (due.deal >= 0))
            run.left[due.deal[rows]] = True
            run.hanging[due.payee[rows]] = True

    def _note(self, turn: int, payees: Sequence[str], faults: Mapping[int, LoanPerfError]) -> None:
        """Tell of whom this period could not be worked."""
        run = self.run
        order = {run.codes[payee]: place for place, payee in enumerate(payees if turn else ())}
        for code in sorted(faults, key=lambda code: (order.get(code, -1), code)):
            payee = run.words.payees[code]
            with run.found.noting(f"payee {payee} in {self.period}", [payee]):
                raise faults[code]


def _looked(books: Books, words: RunWords, payees: Places, place: int, plan: int, code: str, curve: Curve) -> Answers:
    """A reading or attainment of payees in a period."""
    faults: dict[int, LoanPerfError] = {}
    values = []
    for which, payee in enumerate(payees.tolist()):
        try:
            value = books.look(words.payees[payee], books.periods[place], books.plans[plan].plan)(code, curve)
        except LoanPerfError as error:
            faults[which], value = error, Fraction(0)
        values.append(value)
    return Answers(
        top=whole([value.numerator for value in values]),
        below=whole([value.denominator for value in values]),
        faulty=marked(whole([*faults]), len(values)),
        gone=nowhere(len(values)),
        error=faults.__getitem__,
    )
