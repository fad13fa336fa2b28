"""Settle: (ledger, accruals) -> entries, the difference between what is due and what was posted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import numpy as np
from attrs import evolve, frozen

from loanperf._bonus import Award, Awards
from loanperf._commission import Accrual, Accruals, Standing, Standings
from loanperf._explanations import Explanation, because
from loanperf._ledger._begun import begun, first_of
from loanperf._ledger._bonuses import BONUS, bonuses_of, set_by_hand
from loanperf._ledger._calendar import must_be_cut_alike, open_for_posting
from loanperf._ledger._coded import codes_of
from loanperf._ledger._deferred import CLAWED, HELD_AS, Pay, left_of_claws
from loanperf._ledger._entitlement import CodedMoves, due_of, entitled
from loanperf._ledger._entries import Entries
from loanperf._ledger._grounds import Grounds
from loanperf._ledger._keys import LineKeys, Vocabulary, escaped
from loanperf._ledger._kinds import EFFECT_ON, GROUP_OF, GROUPS, EntryKind, are, code_of
from loanperf._ledger._late import unposted
from loanperf._ledger._ledger import Ledger
from loanperf._ledger._sums import (
    NEVER,
    accounts_of,
    distinct_slots,
    ends_of,
    paid_since,
    parts_of_slots,
    rows_of,
    slots_of,
)
from loanperf._numbers import (
    AS_THEY_ARE,
    Places,
    Rows,
    Truth,
    Whole,
    alike,
    bounded,
    count_of,
    counts_up,
    day_number,
    distinct,
    folded,
    laid,
    largest,
    marked,
    matched,
    nowhere,
    ordered,
    paired,
    put,
    ranked,
    reach,
    replaced,
    rows_where,
    starts_of,
    total_of,
    whole,
)
from loanperf._periods import Period, must_be_period
from loanperf._quantities import Money
from loanperf._validators import must_be

_EARNED, _TAKEN = GROUPS.index("earned"), GROUPS.index("taken")
_CLAWED, _CANCELLED, _ADJUSTMENT = map(code_of, (EntryKind.CLAWED_BACK, EntryKind.CANCELLED, EntryKind.ADJUSTMENT))
_KIND_OF: Places = np.array([int(np.flatnonzero(group == GROUP_OF)[0]) for group in range(len(GROUPS))])
"""By group, the kind of an entry that posts it for the first time."""


def settle(ledger: Ledger, accruals: Accruals, *, period: Period, awards: Awards | Iterable[Award] = ()) -> Entries:
    """What is to be posted so that the ledger says what is due at the end of a period; to append and keep.

    Each line and group is compared with everything posted in this period or earlier ones, and only the difference is
    posted: settling twice posts nothing, and the order in which facts came does not matter. What was posted before,
    or was earned in a closed period, gets an adjustment that names what it corrects. What a dead or bad loan takes is
    clawed back as far as it was paid net, and cancelled as far as it was not. What was posted for payees who are
    `blocked` stays as it is, and so does what was earned in a period of which a reading or target is `missing`; of an
    open period of which nothing is posted, that blocks the payee.

    Args:
        ledger: everything posted so far.
        accruals: of all payees of the ledger, from the first fact to the end of `period` at least. A line that
            they no longer have is taken back.
        period: into which to post; it must be open.
        awards: bonuses of this period, or of parts of it that share no day; those of a payee are summed. One that was
            posted and is not given again stays as it is: later facts change no bonus of an earlier period, as they
            change lines. Of each is held what its plan says.

    Raises:
        LedgerError: the period is closed, the accruals end before it, an award is of another period, or the accruals
            are cut by other periods than the ledger.
        DataError: one of the arguments is of another class.

    >>> from loanperf import Accruals, Ledger, Period, settle
    >>> march = Period.month(2026, 3)
    >>> len(settle(Ledger(), Accruals(through=march, lines=()), period=march))
    0
    """
    must_be(accruals, Accruals, "accruals", "pass what lp.accrue gives")
    must_be_period(period)
    period = evolve(period, calendar=accruals.through.calendar or period.calendar)
    open_for_posting(ledger, period)
    given = awards if isinstance(awards, Awards) else Awards.gathered(awards)
    must_be_cut_alike(accruals.through, period)
    first = first_of(ledger, period)
    if first is not None:
        accruals = begun(accruals, first, ledger)
    bonuses, overruled = set_by_hand(bonuses_of(given, period), ledger.overruled(period))
    nets = ledger.nets(period) if accruals.missing else {}
    moves = entitled(accruals, overruled, nets, ledger)
    due = due_of(ledger, moves, bonuses, accruals, period)
    changes = _changes(ledger, accruals, due, period)
    lacking = unposted(ledger, accruals, period)
    stays = _blocked(changes, {*accruals.blocked, *lacking}, accruals.unknown)
    changes = changes.take(np.flatnonzero(~stays))
    posts = _posts(ledger, changes.in_order(), period, accruals.standings)
    problems = tuple(problem for found in lacking.values() for problem in found)
    return evolve(posts, problems=problems, came_as=accruals.came_as)


def touched(ledger: Ledger, accruals: Accruals, before: Period) -> frozenset[str]:
    """Payees of whom something would be posted, by accruals of some loans, into a period or one before it.

    What is held of their other loans may change too.
    """
    moves = entitled(accruals, ledger.overruled(before), None, ledger)
    changes = _changes(ledger, accruals, due_of(ledger, moves, bonuses_of((), before), accruals, before), before)
    codes, _ = distinct(np.sort(changes.payee))
    return frozenset(changes.due.words.payee.of(codes))


# ── what has changed ────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class _Changes:
    """Slots whose entries do not come to what is due; a row a slot."""

    due: CodedMoves
    entries: Entries
    """Of the ledger."""
    rows: Places
    """The entries of their lines, in order of line."""
    slot: Whole
    line: Places
    group: Places
    currency: Places
    units: Whole
    """What is due less what was posted."""
    before: Whole
    """What was posted."""
    on: Whole
    """The day of the last move, or the last day of the period."""
    moved: Truth
    """Whether any move is of it, though they may sum to zero."""
    payee: Places
    first: Places
    """The first entry of its line; -1 where there is none."""

    def take(self, rows: Rows) -> _Changes:
        """Some of the slots."""
        if isinstance(rows, slice) or (len(rows) == len(self.slot) and counts_up(rows)):
            return self
        return evolve(self, **{name: getattr(self, name)[rows] for name in _OF_SLOTS})

    def in_order(self) -> _Changes:
        """The slots in order of payee, key, group and currency."""
        if not len(self.line):
            return self
        words, (lines, place) = self.due.words, distinct(self.line)
        # A line is of one payee, who need not be the one that its key names.
        whose, keys = put(self.payee, place, len(lines), -1), self.due.keys.some(lines)
        who, *parts = keys.ranks(words)
        if (keys.payee != whose).any():
            parts = [who, *parts]
        by_key = ordered(words.payee.ranks[0][whose], *parts)
        rank = put(np.arange(len(lines)), np.arange(len(lines))[by_key], len(lines), -1)[place]
        return self.take(ordered(rank, self.group, words.currency.ranks[0][self.currency]))

    @property
    def for_reasons(self) -> _Changes:
        """The changes with only what reasons need, since reasons are kept as long as the entries."""
        none = np.arange(0)
        return evolve(self, entries=Entries.none(), rows=none, moved=nowhere(0), payee=none, first=none)

    def earlier(self, end: int) -> tuple[Places, Places]:
        """Pairs of a slot and an entry of it, of periods that end by a day; in order of the entries."""
        entries = self.entries
        rows = self.rows[ends_of(entries)[self.rows] <= end] if len(self.rows) else self.rows
        slots = slots_of(entries.line[rows], GROUP_OF[entries.kind[rows]], entries.currency[rows])
        order = ordered(slots)
        row, place = matched(slots[order], self.slot)
        return row, rows[order][place]


_OF_SLOTS = ("slot", "line", "group", "currency", "units", "before", "on", "moved", "payee", "first")


def _changes(ledger: Ledger, accruals: Accruals, due: CodedMoves, period: Period) -> _Changes:
    """The slots of which something is to be posted."""
    now = rows_where(due.on < day_number(period.end))
    known, nets = ledger.slots(period)
    if accruals.scope is not None:
        some = _of_loans(ledger.entries, accruals.scope.loans)[parts_of_slots(known)[0]]
        known, nets = known[some], nets[some]
    of_line = due.move[now]
    slots, places = distinct_slots(np.append(slots_of(due.line[of_line], due.group[now], due.currency[of_line]), known))
    at, was, size = places[: len(of_line)], places[len(of_line) :], len(slots)
    most = 2 * (reach(due.units[now], at, size) + largest(nets))
    units, nets = bounded(most, due.units[now], nets)
    before = put(nets, was, size, 0)
    differs = total_of(units, at, size) - before
    moved = folded(marked(at, size))
    on = put(due.on[now], at, size, day_number(period.last_day))
    found = rows_where((differs != 0) | _are_claws(due, parts_of_slots(slots)[0]))
    line, group, currency = parts_of_slots(slots[found])
    entries = ledger.entries
    rows = rows_of(entries, line[line < len(entries.keys)])
    starts = starts_of(entries.line[rows])
    first = put(rows[starts], entries.line[rows[starts]], len(due.keys), -1)[line]
    payee = np.where(moved[found], np.append(due.payee, -1)[due.of_key[line]], np.append(entries.payee, -1)[first])
    changes = _Changes(
        due=due,
        entries=entries,
        rows=rows,
        slot=slots[found],
        line=line,
        group=group,
        currency=currency,
        units=differs[found],
        before=before[found],
        on=on[found],
        moved=moved[found],
        payee=payee,
        first=first,
    )
    stay = _are_bonuses(changes) | _stay(changes, accruals)
    return _by_hand(changes.take(np.flatnonzero(~stay)), day_number(period.end))


def _of_loans(entries: Entries, loans: Iterable[str]) -> Truth:
    """By line of entries, whether it is of one of some loans, or of none."""
    words = entries.words.loan
    some = marked(codes_of(words, ("", *loans)), len(words.texts))
    rows = rows_where(np.append(some, False)[entries.loan] & (entries.line >= 0))
    return marked(entries.line[rows], len(entries.keys))


def _are_bonuses(changes: _Changes) -> Truth:
    """Which slots are bonuses that were posted and are not given again: these stay as they are."""
    gone = np.flatnonzero(~changes.moved)
    words, keys, payee = changes.due.words, changes.due.keys.some(changes.line[gone]), changes.payee[gone]
    good = (changes.first[gone] >= 0) & (keys.cohort >= 0)
    for name in ("plan", "component"):
        good = good & (getattr(keys, name) == getattr(words, name).code(BONUS[name]))
    for row in np.flatnonzero(good & (keys.payee != payee)).tolist():
        said = escaped((words.payee.texts[int(payee[row])],))[0]
        good[row] = words.payee.texts[int(keys.payee[row])] == said
    return marked(gone[good], len(changes.slot))


def _are_claws(due: CodedMoves, line: Places) -> Truth:
    """Which lines say what a host clawed back."""
    code = due.words.component.code(CLAWED)
    if code < 0:
        return nowhere(len(line))
    found: Truth = ((due.keys.component == code) & (due.keys.plan == due.words.plan.code(BONUS["plan"])))[line]
    return found


def _by_hand(changes: _Changes, end: int) -> _Changes:
    """The changes; what a host clawed back by hand is lowered to what is left of its cohort."""
    due, claws = changes.due, _are_claws(changes.due, changes.line)
    if not claws.any():
        return changes
    mine, others = np.flatnonzero(claws), np.flatnonzero(~claws)
    said, was = np.append(due.cohort, -1)[due.of_key[changes.line]], np.append(changes.entries.cohort, -1)
    more = Pay(
        payee=changes.payee[others],
        cohort=np.where(changes.moved, said, was[changes.first])[others],
        currency=changes.currency[others],
        units=(EFFECT_ON["due"][_KIND_OF[changes.group]] * changes.units)[others],
    )
    stands = left_of_claws(changes.entries, changes.first[mine], changes.currency[mine], more, end)
    found = evolve(changes, units=replaced(changes.units, mine, stands - changes.before[mine]))
    return found.take(np.flatnonzero(found.units != 0))


def _stay(changes: _Changes, accruals: Accruals) -> Truth:
    """Which slots whose lines are no longer accrued stay as posted, since not all is known of their period.

    A reading or target of it is missing, or it lies before the first fact and the line is of no loan. What is held of
    persons, and was clawed back by hand, is worked from the ledger, which knows it of every period.
    """
    words, entries = changes.due.words, changes.entries
    gone = np.flatnonzero(~changes.moved)
    found = marked(gone[:0], len(changes.slot))
    if not len(gone) or not (accruals.missing or accruals.first):
        return found
    first = changes.first[gone]
    cohort, payee = entries.cohort[first], entries.payee[first]
    texts = {code: words.cohort.texts[code] for code in sorted({*cohort.tolist()})}
    parts = {code: Period.parse(text) for code, text in texts.items() if text}
    if accruals.first is not None:
        start = accruals.first.start
        early = whole([code for code, part in parts.items() if part.start < start])
        known = codes_of(words.component, (*HELD_AS, CLAWED)), words.plan.code(BONUS["plan"])
        keys = changes.due.keys.some(changes.line[gone])
        held = marked(known[0], len(words.component.texts))[keys.component] & (keys.plan == known[1])
        no_loan = (entries.loan[first] == words.loan.code("")) & ~held
        found[gone] = no_loan & marked(early, len(words.cohort.texts))[cohort]
    of_part = {part: code for code, part in parts.items()}
    lacking = whole(
        sorted(
            {
                words.payee.code(name) * len(words.cohort.texts) + of_part[part]
                for name, part in accruals.missing
                if part in of_part and words.payee.code(name) >= 0
            }
        )
    )
    row, _ = matched(lacking, payee * len(words.cohort.texts) + cohort)
    found[gone[row]] = True
    return found


def _blocked(changes: _Changes, names: Iterable[str], unknown: Iterable[str]) -> Truth:
    """Which changes are of payees who are named, or who were paid for an unknown loan: nothing is posted for them."""
    words, entries = changes.due.words, changes.entries
    loans = marked(codes_of(words.loan, unknown), len(words.loan.texts))
    paid_for = (changes.first >= 0) & np.append(loans[entries.loan], False)[changes.first]
    stopped = np.append(codes_of(words.payee, names), changes.payee[paid_for])
    return marked(stopped, len(words.payee.texts))[changes.payee]


# ── posting ─────────────────────────────────────────────────────────────────────────────────────────────────


def _posts(ledger: Ledger, changes: _Changes, period: Period, standings: Mapping[str, Standing]) -> Entries:
    """The entries that post what has changed."""
    entries, size = changes.entries, len(changes.slot)
    earlier = changes.earlier(day_number(period.end))
    row, place = earlier
    had = count_of(row, size) > 0
    oldest = put(place[::-1], row[::-1], size, -1)
    of_line, gone = changes.due.of_key[changes.line], np.flatnonzero(~changes.moved)

    def said(name: str) -> Places:
        """By slot, what its line says, or else the first of its entries."""
        column = getattr(changes.due, name)
        if not len(gone):
            found: Places = column[of_line]
            return found
        return laid(np.append(column, -1)[of_line], gone, getattr(entries, name)[oldest[gone]])

    cohort = said("cohort")
    adjusts = (changes.group == _EARNED) & (had | _closed(ledger, changes.due.words, cohort))
    kind = np.where(adjusts, _ADJUSTMENT, _KIND_OF[changes.group])
    clawed, pairs = _taken(ledger, changes, earlier)
    # One slot may post two entries: what is clawed back comes first.
    rest = changes.units - clawed
    claws, others = np.flatnonzero(clawed), np.flatnonzero(rest)
    order = ordered(np.append(claws, others))
    slot = np.append(claws, others)[order]
    is_claw = (np.arange(len(claws) + len(others)) < len(claws))[order]
    part = np.append(clawed[claws], rest[others])[order]
    entry, pair = matched(pairs[0], slot)
    keys, line = _used(changes, slot)
    at: Rows = AS_THEY_ARE if len(slot) == size and counts_up(slot) else slot
    fill = alike(0, len(slot))
    return Entries(
        words=changes.due.words,
        keys=keys,
        periods=(period,),
        number=np.arange(len(slot)) + len(entries) + 1,
        kind=np.where(folded(is_claw), _CLAWED, kind[at]),
        payee=changes.payee[at],
        line=line,
        cohort=cohort[at],
        loan=said("loan")[at],
        period=fill,
        on=changes.on[at],
        units=part,
        currency=folded(changes.currency[at]),
        version=said("version")[at],
        fixing=entry,
        fixed=pairs[1][pair],
        hands={},
        reasons=_WhyPosted(changes.for_reasons, slot, part, is_claw, period, standings),
    )


def _used(changes: _Changes, slot: Places) -> tuple[LineKeys, Places]:
    """The keys of the ledger, and behind them those of new lines that are posted; and the key of each entry."""
    keys, known = changes.due.keys, len(changes.entries.keys)
    used = marked(changes.line[slot], len(keys))
    used[:known] = True
    rows = np.flatnonzero(used)
    return keys.some(rows), put(np.arange(len(rows)), rows, len(keys), -1)[changes.line[slot]]


def _closed(ledger: Ledger, words: Vocabulary, cohort: Places) -> Truth:
    """Which cohorts are of closed periods."""
    closed = ledger.closed
    codes = sorted({*cohort.tolist()}) if closed else []
    shut = whole([code for code in codes if Period.parse(words.cohort.texts[code]) in closed])
    return marked(shut, len(words.cohort.texts))[cohort]


# ── what is taken ───────────────────────────────────────────────────────────────────────────────────────────


def _taken(ledger: Ledger, changes: _Changes, earlier: tuple[Places, Places]) -> tuple[Whole, tuple[Places, Whole]]:
    """How much of each change is clawed back; and pairs of a change and the number of an entry that it corrects.

    What is taken is clawed back as far as it was paid, and cancelled as far as it was not. Where nothing takes any
    more, what was clawed back comes to zero, and so does what was cancelled.
    """
    entries, size = changes.entries, len(changes.slot)
    row, place = earlier
    taken = changes.group == _TAKEN
    some = np.flatnonzero(taken)
    claws = are(entries.kind[place], EntryKind.CLAWED_BACK) & taken[row]
    (units,) = bounded(largest(entries.units) * (len(place) + 1), entries.units[place])
    before = total_of(np.where(claws, units, 0), row, size)
    less = np.maximum(changes.units[some], -np.maximum(before[some], 0))
    ends = ~changes.moved[some] & (changes.units[some] == -changes.before[some])
    given = np.where(ends, -before[some], less)
    wanted = put(given, some, size, 0)
    fresh, undone = taken & changes.moved & (changes.units > 0), taken & ~changes.moved
    owner, fixed = matched(entries.fixing, place[undone[row]])
    corrected = row[undone[row]][owner], entries.fixed[fixed]
    pairs = _with_lines(
        changes, fresh, np.append(row[undone[row]], corrected[0]), np.append(place[undone[row]], corrected[1] - 1)
    )
    back = np.flatnonzero(wanted > 0)
    clawed = wanted
    if len(back):
        clawed = wanted.copy()
        clawed[back] = _clawable(ledger, changes, back, wanted[back], pairs)
    originals = _originals(changes, fresh, pairs)
    stays = ~fresh[row]
    rows = np.concatenate([row[stays], corrected[0], originals[0]])
    numbers = np.concatenate([place[stays] + 1, corrected[1], originals[1]])
    wide = len(entries) + 1
    both, _ = distinct(np.sort(rows * wide + numbers))
    return clawed, (both // wide, both % wide)


def _with_lines(changes: _Changes, fresh: Truth, rows: Places, places: Places) -> tuple[Places, Places]:
    """Pairs of a change and a line of which it takes: its own, those its moves say, and those that it corrects."""
    taking = np.flatnonzero(changes.group == _TAKEN)
    due, entries = changes.due, changes.entries
    mine = np.flatnonzero(fresh)
    pair, other = matched(due.taker, due.of_key[changes.line[mine]])
    which = np.concatenate([taking, mine[pair], rows])
    line = np.concatenate([changes.line[taking], due.line[due.taken_of[other]], entries.line[places]])
    wide = max(len(due.keys), 1)
    both, _ = distinct(np.sort((which * wide + line)[line >= 0]))
    return both // wide, both % wide


def _originals(changes: _Changes, fresh: Truth, pairs: tuple[Places, Places]) -> tuple[Places, Places]:
    """Pairs of a change that takes and the number of an entry by which its lines were earned."""
    entries = changes.entries
    which, line = (column[fresh[pairs[0]]] for column in pairs)
    rows = rows_of(entries, line[line < len(entries.keys)])
    rows = rows[GROUP_OF[entries.kind[rows]] == _EARNED]
    taker, place = matched(entries.line[rows], line)
    return which[taker], rows[place] + 1


def _clawable(ledger: Ledger, changes: _Changes, back: Places, wanted: Whole, pairs: tuple[Places, Places]) -> Whole:
    """How much of `wanted` can be clawed back: what was paid of the lines and to the payee, in order of the changes."""
    entries, sums = changes.entries, ledger.sums
    start, end = (np.searchsorted(pairs[0], back, side) for side in ("left", "right"))
    slots = accounts_of(pairs[1], changes.currency[pairs[0]])
    known, at = distinct(slots)
    rows = rows_of(entries, pairs[1][pairs[1] < len(entries.keys)])
    rows = rows[paid_since(entries, rows) < NEVER]
    most = 4 * largest(entries.units) * (len(rows) + 1)
    units, kept, wanted = bounded(most, entries.units[rows], sums.kept, wanted)
    due = EFFECT_ON["due"][entries.kind[rows]] * units
    _, mine = distinct(np.append(known, accounts_of(entries.line[rows], entries.currency[rows])))
    room = total_of(due, mine[len(known) :], int(mine.max()) + 1)[mine[: len(known)]]
    account = np.append(sums.account, -1)
    whose = accounts_of(changes.payee[back], changes.currency[back])
    place = np.searchsorted(sums.account, whose)
    budget = np.where(account[place] == whose, np.append(kept, 0)[place], 0)
    order = np.arange(len(back))[ordered(whose)]
    turn = ranked(starts_of(whose[order]), len(order))
    _, purse = distinct(whose)
    left, got = put(budget, purse, len(back), 0), (wanted * 0).copy()
    own = np.searchsorted(known, accounts_of(changes.line[back], changes.currency[back]))
    by_turn = order[ordered(turn)]
    stops = np.searchsorted(np.sort(turn), np.arange(int(turn.max()) + 2))
    for low, high in zip(stops[:-1].tolist(), stops[1:].tolist(), strict=True):  # the n-th taking of every payee
        now = by_turn[low:high]
        of, pair = paired(start[now], end[now])
        rooms = total_of(room[at[pair]], of, len(now))
        part = np.maximum(np.minimum(wanted[now], np.minimum(rooms, left[purse[now]])), 0)
        got[now] = part
        room[own[now]] -= part
        left[purse[now]] -= part
    return got


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class _WhyPosted:
    """Why entries were posted: what moved in the period, or how the sum has changed."""

    changes: _Changes
    slot: Places
    """By entry, the change that it posts."""
    part: Whole
    is_claw: Truth
    period: Period
    standings: Mapping[str, Standing]
    """How loans performed."""

    @cached_property
    def _moves(self) -> tuple[Whole, Places]:
        return self.changes.due.by_slot(day_number(self.period.end))

    def __call__(self, place: int) -> Explanation:
        return self._posted(place, self.changes.due.why)

    def kept(self, places: Places) -> Grounds:
        """What is kept of reasons: of one movement its columns, of several the text of the reason."""
        changes, due, rows = self.changes, self.changes.due, self.slot[places]
        count, total, last = self._recent(rows)
        units, before = changes.units[rows], changes.before[rows]
        rule = due.why.rules(last)
        trees = np.flatnonzero((count != 1) | (total != units) | (changes.group[rows] == _TAKEN))
        said, texts = due.why.said(last)
        drawn, is_drawn = due.why.principal(
            due.of_key[changes.line[rows]], changes.on[rows], Standings.of(self.standings)
        )
        found = Grounds(
            rule=rule, differs=~nowhere(len(places)), before=before, now=before + units, moves=count,
            is_drawn=is_drawn & (changes.group[rows] == _EARNED), drawn=drawn,
            said=said, tree=said * 0 - 1, texts=texts,
        )  # fmt: skip
        shown = Grounds.of_reasons(self._posted(place, due.why.top) for place in places[trees].tolist())
        texts, codes = texts.joined(shown.texts)
        found.rule[trees], found.said[trees], found.tree[trees] = shown.rule, -1, codes[shown.tree]
        return evolve(found, texts=texts)

    def _recent(self, rows: Places) -> tuple[Whole, Whole, Places]:
        """For each slot: how many movements of the period it has, their sum, and the place of the last one, or -1."""
        due, (slots, moves) = self.changes.due, self._moves
        row, place = matched(slots, self.changes.slot[rows])
        move = moves[place]
        recent = due.on[move] >= day_number(self.period.start)
        row, move, size = row[recent], move[recent], len(rows)
        (units,) = bounded(reach(due.units[move], row, size), due.units[move])
        return count_of(row, size), total_of(units, row, size), put(move, row, size, -1)

    def _posted(self, place: int, why: Callable[[int], Explanation]) -> Explanation:
        """Why an entry was posted; `why` gives the reason of a movement."""
        changes, row = self.changes, int(self.slot[place])
        currency = changes.due.words.currency.texts[int(changes.currency[row])]
        said = self._of(row, currency, why)
        if int(changes.group[row]) != _TAKEN:
            return said
        kind = EntryKind.CLAWED_BACK if self.is_claw[place] else EntryKind.CANCELLED
        return because(f"entry.{kind.value}", {"amount": str(Money.from_units(int(self.part[place]), currency))}, said)

    def accrued(self, place: int) -> Accrual | None:
        """The line that an entry is of, as it was accrued; None where its reasons name none."""
        mine, recent = self._of_slot(int(self.slot[place]))
        return self.changes.due.why.accrued(recent or mine[-1:])

    def _of_slot(self, row: int) -> tuple[list[int], list[int]]:
        """The moves up to the end of the period of what a change changes; and those of the period."""
        due, (slots, moves), slot = self.changes.due, self._moves, self.changes.slot[row]
        low, high = slots.searchsorted([slot, slot + 1]).tolist()
        mine, first = moves[low:high].tolist(), day_number(self.period.start)
        return mine, [move for move in mine if int(due.on[move]) >= first]

    def _of(self, row: int, currency: str, why: Callable[[int], Explanation]) -> Explanation:
        changes, due, (mine, recent) = self.changes, self.changes.due, self._of_slot(row)
        units, before = int(changes.units[row]), int(changes.before[row])
        amounts = [int(due.units[move]) for move in recent]
        if amounts == [units]:
            return why(recent[0])
        if recent and sum(amounts) == units:
            values = {"amount": str(Money.from_units(units, currency)), "count": str(len(recent))}
            return because("entry.several", values, *map(why, recent))
        was, now = (Money.from_units(amount, currency) for amount in (before, before + units))
        values = {"before": str(was), "now": str(now)}
        return because("entry.difference", values, *map(why, recent or mine[-1:]))
