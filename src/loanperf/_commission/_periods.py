"""Periods: drafts -> lines: period after period, from the leaves of teams to their root, what is paid for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain

import numpy as np
from attrs import define, evolve, field

from loanperf._commission._drafts import AskedPayees, Drafts
from loanperf._commission._due import (
    CARRIED,
    LEAST,
    ROUNDED,
    DueRows,
    Earlier,
    Joined,
    Notes,
    RunWords,
    Terms,
    Windows,
    joined,
)
from loanperf._commission._found import Found
from loanperf._commission._limits import RulesOfPeriod, keys_of_rules
from loanperf._commission._lines import Lines
from loanperf._commission._lookups import FAULTY_SEAT, Lookups
from loanperf._commission._periodic import PaidLines, PayeesAtOnce, Periodic, pays_by_period
from loanperf._commission._resolve import Resolved
from loanperf._commission._states import WORDS
from loanperf._commission._teams import PlansHeld, Teams, ring_fault
from loanperf._explanations import Explanation, Label, because
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    alike,
    by_code,
    counts_up,
    day_number,
    edges,
    grouped,
    marked,
    no_rows,
    nowhere,
    ordered,
    spread,
    starts_of,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, plain
from loanperf.errors import LoanPerfError


def work_periods(resolved: Resolved, drafts: Drafts, found: Found) -> Lines:
    """Every line; whoever cannot be worked in a period is noted, and has none in it."""
    words = words_of_run(resolved.lookups)
    asked = _WhyLines(resolved, words, drafts, frozenset(found.blocked))
    run = _PeriodRun.of(resolved, words, drafts, found)
    run.work()
    asked.lines, asked.teams = run.joined(asked).lines, tuple(run.teams)
    return asked.lines


@define(eq=False)
class _WhyLines:
    """The reasons of lines: the periods of some payees, and of their teams, are worked again when somebody asks."""

    resolved: Resolved
    words: RunWords
    drafts: Drafts
    blocked: Collection[str]
    """Who could not be worked before any period was."""
    lines: Lines | None = None
    teams: tuple[Teams, ...] = ()
    _asked: AskedPayees | None = None
    _notes: Notes = field(factory=Notes)
    _rows: dict[int, list[int]] = field(factory=dict)
    """By line of who was worked last: the numbers of the rows of which it is made, by which the notes are kept."""

    def __call__(self, place: int) -> tuple[Explanation, ...]:
        """What was done to come to the amount of a line."""
        if self.lines is None:
            return ()
        notes, rows = self._noted(self.lines, place)
        return (*self._role(self.lines, place), *chain(*map(notes.told, rows)))

    def why_slices(self, place: int) -> tuple[Explanation, ...]:
        """The slices that a line is priced by."""
        if self.lines is None:
            return ()
        notes, rows = self._noted(self.lines, place)
        return (*chain(*map(notes.why_slices, rows)),)

    def _noted(self, lines: Lines, place: int) -> tuple[Notes, list[int]]:
        """What is said of rows, and the numbers of those of which a line is made."""
        if place not in self._rows:
            self._again(lines, int(lines.payee[place]))
        return self._notes, self._rows[place]

    def _role(self, lines: Lines, place: int) -> tuple[Explanation, ...]:
        """By which role a line is paid, where the payee holds several at once; else nothing."""
        lookups, tracks, payee = self.resolved.lookups, self.resolved.tracks, int(lines.payee[place])
        people, loan, codes = lookups.people, int(lines.loan[place]), lookups.fitting.codes
        if not marked(people.payee[people.beside], len(self.words.payees))[payee]:
            return ()
        code, none = int(codes[lines.plan[place]]), len(codes)
        if loan >= 0:
            deal = self.resolved.deals.place(self.words.loans[loan])
            mine = (tracks.payee == payee) & (tracks.deal == deal)
            rows = np.flatnonzero(mine & (np.append(codes, none)[np.maximum(tracks.plan, -1)] == code))
            held = tracks.role(int(rows[0]))
            return (_why_role(held.role, held.unit, primary=held.primary),)
        stints = lookups.stints(int(lines.period[place]))
        mine = (stints.payee == payee) & (np.append(codes, none)[np.maximum(stints.plan, -1)] == code)
        rows = np.flatnonzero(mine)
        by = lookups.career(
            lines.plan[place : place + 1], lines.payee[place : place + 1], lines.period[place : place + 1]
        )
        rows = rows[ordered((stints.career[rows] != by) * 1, stints.career[rows])]
        found = [(int(people.position[stints.assignment[row]]), int(stints.career[row])) for row in rows.tolist()[:1]]
        positions = [(people.positions[position], career < people.payees) for position, career in found]
        return tuple(_why_role(role, unit, primary=primary) for (role, _, _, unit), primary in positions)

    def _again(self, lines: Lines, payee: int) -> None:
        """Work the periods of a payee, and of those who follow, again."""
        found, notes, size = Found(), Notes(), len(self.words.payees)
        found.blocked.update({code: {} for code in self.blocked})
        if self._asked is None:
            self._asked = AskedPayees.of(lines.payee)
        asked = self._asked.ahead(payee)
        some = marked(whole(sorted(self._with_teams(asked))), size)
        drafts = self.drafts.of_payees(some)
        run = _PeriodRun.of(self.resolved, self.words, drafts, found, some, notes)
        run.work()
        again = run.joined(lambda _: ())
        ends, chosen = np.append(again.starts, len(again.rows)), marked(asked, size)
        mine, places = (np.flatnonzero(chosen[known.payee]).tolist() for known in (again.lines, lines))
        rows = (again.rows[ends[line] : ends[line + 1]].tolist() for line in mine)
        self._notes, self._rows = notes, dict(zip(places, rows, strict=True))

    def _with_teams(self, payees: Places) -> set[int]:
        """Some payees, and everybody of whose pay theirs is made."""
        some, more = {*payees.tolist()}, {*payees.tolist()}
        while more:
            leads = whole(sorted(more))
            pairs = ((teams.lead, teams.member) for teams in self.teams)
            found = [member[marked(leads, len(self.resolved.deals.payees))[lead]] for lead, member in pairs]
            more = {*np.concatenate([leads[:0], *found]).tolist()} - some
            some |= more
        return some


@define(eq=False, kw_only=True)
class _PeriodRun:
    """A run through the periods, of all payees or of some."""

    resolved: Resolved
    found: Found
    some: Truth
    """Of whom lines are asked, by payee."""
    words: RunWords
    terms: Terms
    periodic: Periodic
    due: DueRows
    """The drafts, in order of period, and in each as they go through its rules."""
    begins: Sequence[int]
    """By period, the row with which its drafts begin; one more at the end."""
    earlier: Earlier
    over: DueRows
    """What is carried to the next period."""
    left: Truth
    """By deal, whether what it came to in an earlier period is not known; one more for no deal."""
    hanging: Truth
    """By payee, whether there is such a deal."""
    teams: list[Teams] = field(factory=list)
    """Of each period that was worked."""
    closed: list[tuple[DueRows, Whole, Places]] = field(factory=list)
    """Lines after the rules of their period, their amounts, and the place of the period of each."""

    @classmethod
    def of(
        cls,
        resolved: Resolved,
        words: RunWords,
        drafts: Drafts,
        found: Found,
        some: Truth | None = None,
        notes: Notes | None = None,
    ) -> _PeriodRun:
        """Before the first period."""
        lookups, size = resolved.lookups, len(words.payees)
        terms = terms_of_run(lookups, words, notes)
        place = lookups.calendar.place(drafts.on)
        due, earlier = due_of(terms, words, drafts)
        terms.note(due.row, drafts.steps)
        order = ordered(place, *keys_of_rules(terms, due))
        return cls(
            resolved=resolved,
            found=found,
            periodic=Periodic.of(resolved, terms),
            some=~nowhere(size) if some is None else some,
            words=words,
            terms=terms,
            due=due.some(order),
            begins=edges(place[order], range(len(lookups.calendar) + 1)),
            earlier=earlier,
            over=due.some(np.arange(0)),
            left=nowhere(len(earlier.known) + 1),
            hanging=nowhere(size),
        )

    @property
    def lookups(self) -> Lookups:
        """What is looked up by payee and period."""
        return self.resolved.lookups

    def work(self) -> None:
        """Work every period."""
        pays = any(pays_by_period(dated.plan) for dated in self.lookups.plans)
        for place, period in enumerate(self.lookups.calendar.periods):
            held = self._held(place, period) if pays else PlansHeld.of(self.lookups, np.arange(0))
            teams = Teams.of(self.lookups, place, held)
            for lead in sorted(teams.faults):
                self.note(lead, period, teams.faults[lead])
            _Month(self, place, period, held, teams).work()
            self.teams.append(teams)

    def _held(self, place: int, period: Period) -> PlansHeld:
        """The plans of those who have any in a period."""
        seats, plans = self.lookups.seats, self.lookups.plans
        rows = np.flatnonzero((seats.period == place) & self.some[seats.payee])
        for row in rows[seats.plan[rows] == FAULTY_SEAT].tolist():
            self.note(int(seats.payee[row]), period, self.lookups.no_plan(seats, row))
        draws = np.array([*(bool(dated.plan.draws) for dated in plans), False])[np.maximum(seats.plan[rows], -1)]
        for row in self.lookups.in_turn(rows[draws]).tolist():
            key = self.words.payees[int(seats.payee[row])], period
            # Draws are of the person: those by the primary role, which stands first, else by one beside it.
            self.found.drawing.setdefault(key, (plans[int(seats.plan[row])], int(seats.nth[row])))
        return PlansHeld.of(self.lookups, rows)

    def note(self, payee: int, period: Period, error: LoanPerfError) -> None:
        """Tell why a period of a payee could not be worked."""
        name = self.words.payees[payee]
        self.found.note(f"payee {name} in {period}", error, [name])

    def joined(self, steps: Callable[[int], tuple[Explanation, ...]]) -> Joined:
        """The lines that came of it."""
        nothing = self.due.some(np.arange(0))
        closed = [(nothing, nothing.row, nothing.row), *self.closed]
        return joined(self.terms, self.words, self.lookups.calendar.periods, closed, steps)


@define(eq=False)
class _Month:
    """One period of a run."""

    run: _PeriodRun
    place: int
    period: Period
    held: PlansHeld
    """The plans that pay for the period."""
    teams: Teams
    late: Truth = field(factory=lambda: nowhere(0))
    """By payee, whether they are worked after others, of whose pay theirs is made."""
    paid: list[tuple[DueRows, Whole]] = field(factory=list)
    """What was earned in it so far, by those who are worked first."""

    def work(self) -> None:
        """Work payees, those before whose pay theirs is made of."""
        run, rings = self.run, self.teams.rings()
        due = run.due.some(slice(run.begins[self.place], run.begins[self.place + 1]))
        over, run.over = self._moved_on(), due.some(np.arange(0))
        due = DueRows.stacked([due, over])
        wave = np.repeat(0, len(run.words.payees))
        waves = [whole(leads) for leads in ((), *self.teams.waves(rings))]
        for turn, leads in enumerate(waves):
            wave[leads] = turn
        waves[0] = np.flatnonzero((wave == 0) & marked(self.held.payee, len(wave)))
        at, self.late = wave[due.payee], wave > 0
        for turn, payees in enumerate(waves):
            self._wave(due.some(np.flatnonzero(at == turn)), turn, payees, rings)

    def _moved_on(self) -> DueRows:
        """What was carried, as lines of this period."""
        terms, over = self.run.terms, self.run.over
        on = over.on * 0 + day_number(self.period.start)
        # What is no deal's is earned when it comes.
        earned = np.where(over.deal < 0, on, over.earned)
        moved = evolve(over, row=terms.numbers(len(over)), on=on, earned=earned)
        terms.note(moved.row, lambda row: because("accrual.carried", {"amount": plain(moved.left(row))}))
        return moved

    def _wave(self, due: DueRows, turn: int, payees: Places, rings: Mapping[int, tuple[int, ...]]) -> None:
        """Work some payees at once."""
        names = self.run.words.payees
        faults: dict[int, LoanPerfError] = {
            payee: ring_fault(names, rings[payee], payee, self.period)
            for payee in (payees.tolist() if rings else ())
            if payee in rings
        }
        good = payees[~marked(whole([*faults]), len(names))[payees]]
        held = self.held.some(marked(good, len(names))[self.held.payee])
        if len(held.payee):
            lines, wrong = self.run.periodic.lines(self._payees(held))
            due, faults = DueRows.stacked([due, lines]), faults | wrong
        of_turn = marked(payees, len(names)) & self.run.some
        lines, wrong = self.run.periodic.by_days(self.place, of_turn if turn else ~self.late & self.run.some)
        due, faults = DueRows.stacked([due, lines]), faults | wrong
        self._must_not_hang_on(due, faults)
        self._close(self._without(due, faults), faults)
        self._remember_missing(due)
        self._note(turn, payees, faults)

    def _payees(self, held: PlansHeld) -> PayeesAtOnce:
        """The payees who are worked now, with their teams and with what was paid in the period so far."""
        names = self.run.words.payees
        none = self.run.due.payee[:0]
        pairs = [(due.payee, due.plan, units) for due, units in self.paid if len(self.teams.leads)]
        payee, plan, units = (np.concatenate(column) for column in zip((none, none, none), *pairs, strict=True))
        codes = {name: code for code, name in enumerate(names)} if len(self.teams.leads) else {}
        blocked = marked(whole([codes[name] for name in self.run.found.blocked if name in codes]), len(names))
        return PayeesAtOnce(
            place=self.place,
            payee=held.payee,
            plan=held.plan,
            teams=self.teams,
            paid=PaidLines(payee, plan, units),
            blocked=blocked,
        )

    def _without(self, due: DueRows, faults: Mapping[int, LoanPerfError]) -> DueRows:
        """The lines of those who can be worked."""
        if not faults:
            return due
        return due.some(~marked(whole([*faults]), len(self.run.words.payees))[due.payee])

    def _must_not_hang_on(self, due: DueRows, faults: dict[int, LoanPerfError]) -> None:
        """Note who would go on with deals of an earlier period of which a reading or target is missing."""
        run = self.run
        if not run.hanging.any():
            return
        hang = run.hanging[due.payee] & ~due.ends & (run.left[due.deal] | ((due.deal >= 0) & ~due.in_parts))
        if hang.any():
            first: dict[str, LoanPerfError] = {}
            for (whose, _), error in run.lookups.missing.items():
                first.setdefault(whose, error)
            for payee in {*due.payee[hang].tolist()}:
                faults.setdefault(payee, first[run.words.payees[payee]])

    def _close(self, due: DueRows, faults: dict[int, LoanPerfError]) -> None:
        """Put lines through the rules of the period, and round them."""
        run = self.run
        if not len(due):
            return
        due = run.earlier.ended(run.terms, run.earlier.taken_back(run.terms, due))
        closing = RulesOfPeriod.of(run.terms, self.place, day_number(self.period.end) - 1, due, run.periodic.sums)
        closing.apply()
        payees = closing.due.payee[starts_of(closing.account)]
        for account, error in sorted(closing.faults.items()):
            faults.setdefault(int(payees[account]), error)
        due = self._without(closing.due, faults)
        units = run.earlier.rounded(run.terms, due)
        due, units = closing.in_steps(due, units)
        ended = marked(due.deal[due.ends], len(run.left))
        over = self._without(DueRows.stacked([run.over, *closing.over]), faults)
        run.over = over.some(~ended[over.deal])
        run.closed.append((due, units, alike(self.place, len(due))))
        self.paid.append((due, units))

    def _remember_missing(self, due: DueRows) -> None:
        """Keep which deals cannot go on, of those of whom a reading or target of this period is missing."""
        run, period = self.run, alike(self.place, len(due))
        rows = np.flatnonzero(run.lookups.is_missing(due.payee, period) & (due.deal >= 0))
        run.left[due.deal[rows]] = True
        run.hanging[due.payee[rows]] = True

    def _note(self, turn: int, payees: Places, faults: Mapping[int, LoanPerfError]) -> None:
        """Tell of whom this period could not be worked."""
        order = {payee: place for place, payee in enumerate(payees.tolist() if turn and faults else ())}
        for payee in sorted(faults, key=lambda payee: (order.get(payee, -1), payee)):
            self.run.note(payee, self.period, faults[payee])


def _why_role(role: str, unit: str, *, primary: bool) -> Explanation:
    which = Label("primary role", "主岗") if primary else Label("role held beside it", "兼岗")
    return because("accrual.role", {"which": which, "role": role, "unit": unit})


# ── what a run starts from ──────────────────────────────────────────────────────────────────────────────────


def words_of_run(lookups: Lookups) -> RunWords:
    """The words of a run, with the codes that those of drafts have among them."""
    stages = sorted({*WORDS, "", CARRIED, LEAST, ROUNDED})
    loan, loans = lookups.deals.rank, lookups.deals.texts
    return RunWords(
        payees=lookups.deals.payees,
        components=lookups.components,
        loans=loans if counts_up(loan) else tuple(sorted(loans)),
        stages=stages,
        loan=np.append(loan, -1),
        stage=by_code(whole([stages.index(word) for word in (*WORDS, "")])),
    )


def terms_of_run(lookups: Lookups, words: RunWords, notes: Notes | None) -> Terms:
    """What the rules of all periods look at."""
    plans = lookups.plans
    codes = sorted({dated.plan.code for dated in plans})
    lines = [dated.plan.round_line for dated in plans]
    modes = [dated.plan.rounding if step is None else step.mode for dated, step in zip(plans, lines, strict=True)]
    roundings = tuple(dict.fromkeys([*(dated.plan.rounding for dated in plans), *modes]))
    return Terms(
        plans=plans,
        code=by_code(whole([codes.index(dated.plan.code) for dated in plans])),
        smallest=by_code(whole([10 ** CURRENCIES[dated.currency] for dated in plans])),
        roundings=roundings,
        rounding=by_code(whole([roundings.index(dated.plan.rounding) for dated in plans])),
        line_rounding=by_code(whole([roundings.index(mode) for mode in modes])),
        line_step=by_code(whole([1 if step is None else step.units for step in lines])),
        components=_codes(words.components),
        stages=_codes(words.stages),
        lookups=lookups,
        notes=notes,
    )


def due_of(terms: Terms, words: RunWords, drafts: Drafts) -> tuple[DueRows, Earlier]:
    """Drafts as lines that are due, in their order; and nothing yet of their deals and windows."""
    code = terms.code[drafts.plan]
    component = drafts.component
    summed = np.flatnonzero(drafts.in_parts | drafts.fell_back)
    keys = [drafts.payee, code, component, drafts.loan, drafts.role]
    deal, size = _grouped(len(drafts), summed, [key[summed] for key in keys])
    windows, more = _windows(drafts, [drafts.payee, code, component], size)
    rows, no = np.arange(len(drafts)), no_rows(len(drafts))
    due = DueRows(
        row=terms.numbers(len(drafts)),
        draft=rows,
        payee=drafts.payee,
        plan=drafts.plan,
        component=component,
        loan=words.loan[drafts.loan],
        stage=words.stage[drafts.stage],
        deal=deal,
        on=drafts.on,
        earned=drafts.earned,
        top=drafts.top,
        below=drafts.below,
        net=drafts.top,
        over=drafts.below,
        ends=drafts.ends,
        in_parts=drafts.in_parts,
        carried=no,
        passed=no,
    )
    takes = (drafts.top < 0) & ~drafts.ends
    return due, Earlier.of(size + more, windows, is_asked=bool(takes.any()))


def _windows(drafts: Drafts, keys: list[Places], size: int) -> tuple[Windows, int]:
    """The windows of which anything may fall back, with the drafts that accumulated in them; and how many they are."""
    draft = drafts.window_draft
    if not drafts.fell_back.any():
        return Windows(draft[:0], draft[:0]), 0
    of, many = _grouped(len(draft), np.arange(len(draft)), [*(key[draft] for key in keys), drafts.window])
    asked = np.flatnonzero(marked(of[drafts.fell_back[draft]], many)[of]) if len(draft) else np.arange(0)
    return Windows(draft[asked], of[asked] + size), many


def _grouped(size: int, rows: Places, keys: list[Places]) -> tuple[Places, int]:
    """By row, the place of its keys among those of some rows, -1 of others; and how many places there are."""
    if not len(rows):
        return np.repeat(-1, size), 0
    order, starts = grouped(*keys)
    found = np.repeat(-1, size)
    found[rows[order]] = spread(np.arange(len(starts)), starts, len(rows))
    return found, len(starts)


def _codes(words: Sequence[str]) -> Mapping[str, int]:
    return {word: code for code, word in enumerate(words)}
