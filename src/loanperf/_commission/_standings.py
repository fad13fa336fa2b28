"""Standings: deals -> how loans performed, by day, as columns; what holdbacks and clawbacks look at.

Questions are asked for many loans at once, a row a question: a loan as its code, and a day. What a loan was asked for
may have several answers; they come as the rows of the questions, in order, and columns beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import repeat
from operator import eq
from typing import Any, TypeAlias, assert_never

import numpy as np
from attrs import field, fields, frozen

from loanperf._commission._deals import Deals
from loanperf._commission._withheld import BadEvent, Clawback
from loanperf._data import PlainData
from loanperf._facts import EVENT_PLACES, Category, EventKind
from loanperf._numbers import (
    FAR,
    Age,
    Places,
    Truth,
    Whole,
    before,
    bounded,
    day_number,
    day_of,
    days_of_age,
    marked,
    months_after,
    nowhere,
    ordered,
    paired,
    parts_of_rest,
    reach,
    running,
    starts_of,
    summed,
    summed_up,
    whole,
)
from loanperf._tables._columns import is_there

_SPAN = 2**23
"""More days than there are from the year 1 to 9999, so that loan times span plus day sorts by loan and day."""
_AT_ONCE = Age(0, "day")
_NEVER = -(2**20)
"""Before the first day that there is."""
_BAD = frozenset(category.value for category in Category if category.non_performing)
Answers: TypeAlias = tuple[Places, Whole]
"""The rows of questions, in order, and a day that answers each."""
Parts: TypeAlias = tuple[Places, Whole, Whole, Whole]
"""The rows of questions, in order; a day that answers each; and a part of the loan: numerators, and denominators."""


Days: TypeAlias = tuple[tuple[date, int], ...]
"""Days and amounts in smallest units, in order."""


@frozen(kw_only=True)
class Standing(PlainData):
    """How a loan performed, by date; what holdbacks and clawbacks look at."""

    classes: tuple[tuple[date, bool], ...] = ()
    """Days on which it was classified, and whether as non-performing."""
    past_due: tuple[tuple[date, int], ...] = ()
    """Days on which days past due were stated."""
    drawn: Days = ()
    """Its principal: what was drawn, else what was signed, else what was applied for."""
    repaid: Days = ()
    prepaid: Days = ()
    written_off: Days = ()
    recovered: Days = ()
    emptied: tuple[date, ...] = ()
    """Days on which a balance of zero was stated."""
    cancelled: tuple[date, ...] = ()
    repaid_on: date | None = None
    """The day on which its principal was repaid in full."""
    matures_on: date | None = None
    """The end of its term; a repayment in full before it is a prepayment. None where no term is known."""


_DAYS = tuple(one.name for one in fields(Standing) if one.default == ())
"""What is known of loans by day."""


@frozen(eq=False)
class LoanDays:
    """One kind of what is known of loans, in order of loan and day."""

    loan: Places
    """Code of the loan."""
    on: Whole
    value: Whole
    """An amount in smallest units, days past due, or 1 where it is so and 0 where it is not."""
    _keys: Whole = field(init=False)

    @_keys.default
    def _by_loan_and_day(self) -> Whole:
        keys: Whole = self.loan * _SPAN + self.on
        return keys

    @classmethod
    def of(cls, loan: Places, on: Whole, value: Whole) -> LoanDays:
        """Rows in any order; those of one loan and day stay in the order that they have."""
        order = ordered(loan, on)
        (value,) = bounded(reach(value, loan, 0), value)
        return cls(loan[order], on[order], value[order])

    def some(self, chosen: Truth) -> LoanDays:
        """Some of the rows."""
        return LoanDays(self.loan[chosen], self.on[chosen], self.value[chosen])

    def first(self, loan: Places, on: Whole) -> Places:
        """The place of the first row of each loan on a day or later, or behind its last."""
        return np.searchsorted(self._keys, loan * _SPAN + on)

    def through(self, loan: Places, on: Whole) -> Places:
        """The place behind the last row of each loan on a day or before."""
        return np.searchsorted(self._keys, loan * _SPAN + on, "right")

    def next_on(self, loan: Places, since: Whole) -> Whole:
        """The first day of each loan from a day on; FAR where there is none."""
        place = self.first(loan, since)
        return np.where(np.append(self.loan, -2)[place] == loan, np.append(self.on, FAR)[place], FAR)

    def sum_through(self, loan: Places, on: Whole) -> Whole:
        """What the values of each loan come to by the end of a day."""
        sums = np.append(0, np.cumsum(self.value))
        found: Whole = sums[self.through(loan, on)] - sums[self.first(loan, on * 0 + _NEVER)]
        return found

    def from_on(self, loan: Places, since: Whole, until: Whole | int = FAR) -> tuple[Places, Places]:
        """The rows of each loan from a day on, and to another: rows of the questions, and places."""
        return paired(self.first(loan, since), self.through(loan, since * 0 + until))


@frozen(eq=False, kw_only=True)
class GoneDays:
    """Principal that was paid back before its time, or written off: a row a loan, day and kind, in order of day.

    What was drawn first is paid back first: all that is drawn of a loan is a line from 0 on, of which a row takes what
    lies between `low` and `high`.
    """

    days: LoanDays
    """With 1 where it was prepaid, 0 where it was written off."""
    low: Whole
    high: Whole
    drawn: Whole
    """All that was drawn up to that day."""
    last: Truth
    """Whether nothing was outstanding any more."""

    def how(self, event: BadEvent) -> Truth:
        """Where it was prepaid, or written off."""
        found: Truth = self.days.value == (event == "prepaid")
        return found


@frozen(eq=False, kw_only=True)
class Standings(Mapping[str, Standing]):
    """How loans performed; by the code of a loan it gives that as a row."""

    codes: Sequence[str]
    """Words of the loans."""
    classes: LoanDays
    """Days on which it was classified, and whether as non-performing."""
    past_due: LoanDays
    """Days on which days past due were stated."""
    drawn: LoanDays
    """Its principal: what was drawn, else what was signed, else what was applied for."""
    repaid: LoanDays
    prepaid: LoanDays
    written_off: LoanDays
    recovered: LoanDays
    emptied: LoanDays
    """Days on which a balance of zero was stated."""
    cancelled: LoanDays
    repaid_on: Whole
    """By loan, the day on which its principal was repaid in full; FAR where it was not."""
    matures_on: Whole
    """By loan, the end of its term; a repayment in full before it is a prepayment. FAR where no term is known."""

    # ── made of rows, of facts ──────────────────────────────────────────────────────────────────────────────

    @classmethod
    def of(cls, rows: Mapping[str, Standing]) -> Standings:
        """The columns of some rows."""
        if isinstance(rows, cls):
            return rows
        given = [*rows.values()]

        def dated(name: str) -> LoanDays:
            pairs = ((place, item if isinstance(item, tuple) else (item, 1))
                     for place, row in enumerate(given) for item in getattr(row, name))  # fmt: skip
            found = [(place, day_number(on), int(value)) for place, (on, value) in pairs]
            return LoanDays.of(*(whole(item[at] for item in found) for at in range(3)))

        ends = ([getattr(row, name) for row in given] for name in ("repaid_on", "matures_on"))
        repaid_on, matures_on = (whole([FAR if on is None else day_number(on) for on in days]) for days in ends)
        days = {name: dated(name) for name in _DAYS}
        return cls(codes=[*rows], repaid_on=repaid_on, matures_on=matures_on, **days)

    @classmethod
    def of_deals(cls, deals: Deals) -> Standings:
        """How deals performed, by all that their facts say; the code of a loan is its place among deals."""
        size = len(deals)

        def paid(kind: EventKind) -> LoanDays:
            events = deals.events(kind)
            return LoanDays.of(events.deal, events.on, events.units)

        def said(kind: EventKind, value: Whole) -> LoanDays:
            events = deals.events(kind)
            return LoanDays.of(events.deal, events.on, value[events.row])

        tables = deals.facts.tables
        classified = tables[EVENT_PLACES[EventKind.CLASSIFIED]]["category"]
        bad = np.array([word in _BAD for word in classified.words] + [False])
        cancelled, (empty, empty_on) = deals.events(EventKind.CANCELLED), deals.emptied
        drawn, term = _principal(deals, paid(EventKind.DISBURSED), paid(EventKind.SIGNED)), deals.column("term_months")
        start = drawn.next_on(np.arange(size), np.full(size, _NEVER))
        there = is_there(term)
        ends = (
            months_after(np.where(start < FAR, start, deals.opened), np.where(there, term.values, 0))
            if there.any()
            else start
        )
        return cls(
            codes=deals.texts,
            classes=said(EventKind.CLASSIFIED, np.where(bad[classified.values], 1, 0)),
            past_due=said(EventKind.PAST_DUE, tables[EVENT_PLACES[EventKind.PAST_DUE]]["days"].values),
            drawn=drawn,
            repaid=paid(EventKind.REPAID),
            prepaid=paid(EventKind.PREPAID),
            written_off=paid(EventKind.WRITTEN_OFF),
            recovered=paid(EventKind.RECOVERED),
            emptied=LoanDays.of(empty, empty_on, np.full(len(empty), 1)),
            cancelled=LoanDays.of(cancelled.deal, cancelled.on, np.full(len(cancelled), 1)),
            repaid_on=deals.repaid_on,
            matures_on=np.where(there, ends, FAR),
        )

    # ── read as rows ────────────────────────────────────────────────────────────────────────────────────────

    def __len__(self) -> int:
        return len(self.repaid_on)

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes[: len(self)])

    def __getitem__(self, loan: str) -> Standing:
        if loan not in self._places:
            raise KeyError(loan)
        return self.row(self._places[loan])

    def row(self, place: int) -> Standing:
        """How the loan of a code performed, as a row."""

        def said(days: LoanDays) -> list[tuple[date, int]]:
            _, rows = days.from_on(np.array([place]), np.array([_NEVER]))
            on, values = days.on[rows].tolist(), days.value[rows].tolist()
            return list(zip(map(day_of, on), values, strict=True))

        repaid, matures = int(self.repaid_on[place]), int(self.matures_on[place])
        days: dict[str, Any] = {name: tuple(said(getattr(self, name))) for name in _DAYS}
        days["classes"] = tuple((on, value == 1) for on, value in days["classes"])
        days |= {name: tuple(on for on, _ in days[name]) for name in ("emptied", "cancelled")}
        return Standing(
            **days,
            repaid_on=None if repaid == FAR else day_of(repaid),
            matures_on=None if matures == FAR else day_of(matures),
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        return {code: place for place, code in enumerate(self)}

    def places(self, loans: Sequence[str]) -> Places:
        """The code here of each loan of another list, -1 where it is not known; one more -1 stands for no loan."""
        codes = self.codes
        same = loans is codes or (len(loans) == len(codes) and all(map(eq, loans, codes)))
        if same:
            found = np.arange(len(loans))
            return np.append(np.where(found < len(self), found, -1), -1)
        return np.array([*map(self._places.get, loans, repeat(-1)), -1])

    # ── what is prepaid and written off ─────────────────────────────────────────────────────────────────────

    @cached_property
    def gone(self) -> GoneDays:
        """What was prepaid and written off, by day; what is repaid in full before the end of the term is prepaid."""
        loan, on, kind, units = self._payments
        high, low = _first_drawn(self, loan, on, kind, units)
        drawn, off = self.drawn.sum_through(loan, on), high - low
        last = (drawn == high) & ((off > 0) | ((kind == _EMPTIED) & (drawn == 0)))
        early = last & (on < self.matures_on[loan])
        # A balance of zero says that all is gone, however much that was; nobody needs to hear it twice.
        first = nowhere(len(loan))
        nothing = np.flatnonzero(early & (drawn == 0))
        first[nothing[starts_of(loan[nothing])]] = True
        lost = (off > 0) & (kind == _LOST)
        there = lost | (early & ((drawn > 0) | first)) | ((off > 0) & (kind == _PREPAID))
        days = LoanDays(loan[there], on[there], np.where(lost, 0, 1)[there])
        return GoneDays(days=days, low=low[there], high=high[there], drawn=drawn[there], last=last[there])

    @property
    def _payments(self) -> tuple[Places, Whole, Places, Whole]:
        """What was paid or lost of loans, a row a day and kind, and the days on which nothing is left."""
        kinds = (self.repaid, self.prepaid, self.written_off, self.emptied)
        loan, on, units = (np.concatenate([getattr(days, name) for days in kinds]) for name in ("loan", "on", "value"))
        kind = np.repeat(np.arange(len(kinds)), [len(days.loan) for days in kinds])
        order = ordered(loan, on, kind)
        loan, on, kind, units = loan[order], on[order], kind[order], units[order]
        starts = starts_of(loan, on, kind)
        return loan[starts], on[starts], kind[starts], summed(units, starts)

    # ── questions ───────────────────────────────────────────────────────────────────────────────────────────

    def onsets(self, rule: Clawback, loan: Places, since: Whole) -> Answers:
        """Each day, from `since` on, on which the event of a clawback began.

        A bad class and days past due begin again after each cure. A prepayment and a write-off that count in
        proportion count each time; else the first one counts, or the first day on which all was paid off.
        """
        if rule.takes == "in proportion":
            days = self.gone.days.some(self.gone.how(rule.on))
            rows, places = days.from_on(loan, since)
            starts = starts_of(rows, days.on[places])
            return rows[starts], days.on[places[starts]]
        match rule.on:
            case "non-performing":
                return _begun(self.classes, loan, since)
            case "past due":
                late = LoanDays(self.past_due.loan, self.past_due.on, self.past_due.value > rule.more_than_days)
                return _begun(late, loan, since)
            case "prepaid":
                any_part = rule.takes == "whole"
                gone = self.gone.how("prepaid") & (self.gone.last | any_part)
                first = self.gone.days.some(gone).next_on(loan, since)
                if any_part:
                    first = np.minimum(first, self.prepaid.some(self.prepaid.value > 0).next_on(loan, since))
            case "written off":
                first = self.written_off.next_on(loan, since)
            case "cancelled":
                first = self.cancelled.next_on(loan, since)
            case _:
                assert_never(rule.on)
        rows = np.flatnonzero(first < FAR)
        return rows, first[rows]

    def parts(self, event: BadEvent, loan: Places, since: Whole, of_drawing: Truth) -> Parts:
        """Days from `since` on, and the part of a commission that stands on the principal prepaid or written off then.

        Args:
            event: which of the two.
            loan: codes.
            since: the day on which each commission was earned.
            of_drawing: whether it was earned by what was drawn on that day, and stands on that alone; else it stands on
                all that is drawn, less what went before it was earned.
        """
        start, end = self.drawn.sum_through(loan, since - 1), self.drawn.sum_through(loan, since)
        alone = of_drawing & (end > start)
        rows, places = self.gone.days.from_on(loan, since)
        low, high = self.gone.low[places], self.gone.high[places]
        off = np.minimum(high, end[rows]) - np.maximum(low, start[rows])
        others = self._parts_of_all(rows, places)
        top = np.where(alone[rows], np.maximum(off, 0), others[0])
        below = np.where(alone[rows], (end - start)[rows], others[1])
        there = np.flatnonzero(self.gone.how(event)[places] & (~alone[rows] | (top > 0)))
        return rows[there], self.gone.days.on[places[there]], top[there], below[there]

    def _parts_of_all(self, rows: Places, places: Places) -> tuple[Whole, Whole]:
        """The part of all that was still drawn that went on each of some days, a row a question and day."""
        gone = self.gone
        units = gone.high - gone.low
        starts = starts_of(gone.days.loan)
        before = running(units, starts) - units
        nothing = gone.drawn == 0
        units, rest = np.where(nothing, 1, units), np.where(nothing, 1, gone.drawn - before)
        return parts_of_rest(units[places], rest[places], starts_of(rows))

    def performing_from(self, loan: Places, on: Whole, age: Age = _AT_ONCE) -> Whole:
        """The first day from a day on on which a loan performs, and has for so long without a break.

        FAR where none is known: it is non-performing still, or was written off before.
        """
        of, since, clean = self._bad_times(age)
        keys = LoanDays(of, since, clean)
        low, high = keys.first(loan, on * 0 + _NEVER), keys.through(loan, on * 0 + FAR)
        found = on
        for turn in range(int((high - low).max(initial=0))):  # the n-th bad time of every loan
            at = np.where(low + turn < high, low + turn, len(of))
            begun = np.append(since, FAR)[at] <= found
            found = np.where(begun & (found < FAR), np.maximum(found, np.append(clean, 0)[at]), found)
        lost = self.written_off.next_on(loan, on * 0 + _NEVER)
        repaid = np.append(self.repaid_on, FAR)[loan]
        return np.where(repaid <= on, on, np.where(found < lost, found, FAR))

    def _bad_times(self, age: Age) -> tuple[Places, Whole, Whole]:
        """The times of being non-performing: loan, first day, and the day from which it is clean; FAR is never."""
        said = self.classes
        turns = starts_of(said.loan, said.value)
        onset = turns[said.value[turns] > 0]
        of = said.loan[onset]
        cured = np.append(turns, len(said.loan))[np.searchsorted(turns, onset, "right")]
        repaid = self.repaid_on[of]
        ends = np.where(np.append(said.loan, -2)[cured] == of, np.append(said.on, FAR)[cured], repaid)
        return of, said.on[onset], np.where(ends == repaid, ends, days_of_age(ends, age))

    def recoveries(self, rule: Clawback, loan: Places, bad_on: Whole, until: Whole) -> Parts:
        """After bad events: days up to another, and the part of the bad loan that was recovered by each.

        Of a loan that is written off in parts, and takes in proportion, a recovery is a part of what is lost by then.
        """
        if rule.on == "written off":
            said = self.recovered
            rows, places = said.from_on(loan, bad_on, until)
            by = said.on[places] if rule.takes != "whole" else np.full(len(rows), FAR)
            lost = self.written_off.sum_through(loan[rows], by)
            rows, places, lost = rows[lost > 0], places[lost > 0], lost[lost > 0]
            top, below = summed_up(said.value[places], lost, starts_of(rows))
            return rows, said.on[places], np.minimum(top, below), below
        match rule.on:
            case "non-performing":
                healed = self.classes.some(self.classes.value == 0).next_on(loan, bad_on + 1)
            case "past due":
                healed = self.past_due.some(self.past_due.value == 0).next_on(loan, bad_on + 1)
            case "prepaid" | "cancelled":
                healed = np.full(len(loan), FAR)
                return healed[:0], healed[:0], healed[:0], healed[:0]
            case _:
                assert_never(rule.on)
        repaid = np.append(self.repaid_on, FAR)[loan]
        first = np.minimum(healed, np.where(repaid > bad_on, repaid, FAR))
        rows = np.flatnonzero((first <= until) & (first < FAR))
        one = np.full(len(rows), 1)
        return rows, first[rows], one, one

    def has_no_size(self, rule: Clawback, loan: Places, last: int) -> Truth:
        """Where a part of a loan is gone by a day, the rule asks what part, and nothing says how much there was."""
        happened = {"prepaid": self.prepaid, "written off": self.written_off}.get(rule.on)
        if happened is None or rule.takes not in ("in proportion", "when paid off"):
            return nowhere(len(loan))
        never = np.full(len(loan), _NEVER)
        found: Truth = (happened.next_on(loan, never) <= last) & (self.drawn.next_on(loan, never) == FAR)
        return found


_REPAID, _PREPAID, _LOST, _EMPTIED = range(4)
"""Kinds of payments, in the order in which they count on one day."""


def _first_drawn(said: Standings, loan: Places, on: Whole, kind: Places, units: Whole) -> tuple[Whole, Whole]:
    """How much of all that was drawn is gone after and before each payment; no more than was drawn by then."""
    drawn, before = said.drawn.sum_through(loan, on), said.drawn.sum_through(loan, on - 1)
    starts = starts_of(loan)
    counts = np.diff(starts, append=len(loan))
    high, so_far, low = (drawn * 0).copy(), (drawn[starts] * 0).copy(), (drawn * 0).copy()
    for turn in range(int(counts.max(initial=0))):  # the n-th payment of every loan
        live = np.flatnonzero(counts > turn)
        here = starts[live] + turn
        low[here] = so_far[live]
        paid = np.minimum(so_far[live] + units[here], drawn[here])
        so_far[live] = np.where(kind[here] == _EMPTIED, np.maximum(so_far[live], before[here]), paid)
        high[here] = so_far[live]
    return high, low


def _begun(said: LoanDays, loan: Places, since: Whole) -> Answers:
    """The days on which a state began, from a day on; on the first day that is known then it may hold already."""
    rows, places = said.from_on(loan, since)
    starts = starts_of(rows)
    held = said.value[places] > 0
    begun = held & ~(before(held, starts))
    return rows[begun], said.on[places[begun]]


def _principal(deals: Deals, disbursed: LoanDays, signed: LoanDays) -> LoanDays:
    """What was drawn of each loan; else what was signed; else what was applied for, on the day on which it opened."""
    has_drawn, has_signed = marked(disbursed.loan, len(deals)), marked(signed.loan, len(deals))
    agreed = signed.some(~has_drawn[signed.loan])
    asked = np.flatnonzero(~has_drawn & ~has_signed & deals.known)
    loan, on, value = (
        np.concatenate(columns)
        for columns in (
            (disbursed.loan, agreed.loan, asked),
            (disbursed.on, agreed.on, deals.opened[asked]),
            (disbursed.value, agreed.value, deals.units[asked]),
        )
    )
    return LoanDays.of(loan, on, value)
