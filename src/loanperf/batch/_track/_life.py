"""Life: a loan's facts, in order and as whole numbers -> what it gives to each total; the twin of the views of loans.

Days are days since 1970-01-01 and money is in smallest units, so that a life is read from facts and from columns alike.
Only what is dated up to the last day of the period is kept: nothing later changes a row.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias

from attrs import define, field, frozen

from loanperf._facts import Balance, Category, EventKind, Loan, LoanEvent
from loanperf._indicators import HeldAt
from loanperf._indicators._views import BEYOND_EVERY_BOUND_DAYS
from loanperf._periods import Period
from loanperf._tables._columns import day_number
from loanperf.batch._track._worth import Exact, Worth

Dated: TypeAlias = tuple[int, str, Any]
"""Day, number, and what an event states: units, a category, days past due, an officer, or nothing."""
Given: TypeAlias = dict[str, list["Exact"]]
"""What a group of facts gives to each total, by payee."""

KINDS = tuple(EventKind)
PLACES: Mapping[EventKind, int] = {kind: place for place, kind in enumerate(KINDS)}
_SIGNED, _DISBURSED, _REPAID, _PREPAID = (
    PLACES[kind] for kind in (EventKind.SIGNED, EventKind.DISBURSED, EventKind.REPAID, EventKind.PREPAID)
)
_CLASSIFIED, _PAST_DUE, _RESCHEDULED = (
    PLACES[kind] for kind in (EventKind.CLASSIFIED, EventKind.PAST_DUE, EventKind.RESCHEDULED)
)
_WRITTEN_OFF, _RECOVERED, _CANCELLED, _ASSIGNED = (
    PLACES[kind] for kind in (EventKind.WRITTEN_OFF, EventKind.RECOVERED, EventKind.CANCELLED, EventKind.ASSIGNED)
)
_MOVES = {_DISBURSED: (0, 1), _REPAID: (1, -1), _PREPAID: (2, -1), _WRITTEN_OFF: (3, -1)}
"""Of what moves a balance: its place within a day, and its sign."""

FLOW_FIELDS = ("amount", "cancelled", "product", "segment", "collateral", "customer_type", "term_months")
"""Fields of a row of the view `loan events` but for `event`, in their order in the tuple."""
STATE_FIELDS = (
    "balance", "average_balance", "overdue", "is_overdue", "days_past_due", "arrears_days", "category", "standing",
    "rescheduled", "written_off", "exposure", "non_performing_exposure", "impaired_exposure", "signed", "disbursed",
    "age_days", "opened_in_period", "first_due_in_period", "first_payment_days_late",
    "product", "segment", "collateral", "customer_type", "term_months",
)  # fmt: skip
"""Fields of a row of the view `loans`, in their order in the tuple; `term_months` is there for the length alone."""


@frozen
class Terms:
    """What a loan states of itself."""

    officer: str
    opened: int
    first_due: int | None
    words: tuple[str, str, str, str, int | None]
    """Product, segment, collateral, type of customer, and term in months."""


@define(eq=False)
class Life:
    """What is known of a loan until the last day of a period; each list is in order of day and number."""

    terms: Terms | None = None
    events: list[Sequence[Dated]] = field(factory=lambda: [()] * len(KINDS))
    """By place of kind."""
    moves: list[tuple[int, int, str, int]] = field(factory=list)
    """Day, place within the day, number, and signed units."""
    balances: list[tuple[int, int, int | None]] = field(factory=list)
    """Day, outstanding and overdue units."""

    def open(self, loan: Loan) -> None:
        """Take in what the loan states of itself."""
        due = loan.first_due_on
        self.terms = Terms(
            loan.officer,
            day_number(loan.opened_on),
            None if due is None else day_number(due),
            (loan.product, loan.segment, loan.collateral, loan.customer_type, loan.term_months),
        )

    def happened(self, event: LoanEvent) -> None:
        """Take in an event; the caller sees to its day and currency."""
        amount = event.amount
        if amount is not None:
            stated: int | str | None = amount.units
        else:
            stated = event.days if event.category is None else event.category.value
        self.add(PLACES[event.kind], day_number(event.on), event.number, event.officer or stated)

    def add(self, place: int, day: int, number: str, stated: Any) -> None:
        """Take in an event by the place of its kind."""
        known = self.events[place]
        if isinstance(known, list):
            insort(known, (day, number, stated))
        else:
            self.events[place] = [(day, number, stated)]
        move = _MOVES.get(place)
        if move is not None:
            insort(self.moves, (day, move[0], number, move[1] * stated))

    def stood(self, balance: Balance) -> None:
        """Take in a balance; the caller sees to its day and currency."""
        overdue = balance.overdue
        units = None if overdue is None else overdue.units
        insort(self.balances, (day_number(balance.on), balance.outstanding.units, units))


# ── what it gives ───────────────────────────────────────────────────────────────────────────────────────────


Counted: TypeAlias = tuple[tuple[int, HeldAt, Worth], ...]
"""Totals that look at a row: place of the total, for whom it counts, and what the row gives."""


@frozen(eq=False)
class Frame:
    """A period, and the totals that look at loans and their events."""

    start: int
    """First day."""
    last: int
    """Last day."""
    size: int
    """How many totals there are."""
    flows: tuple[tuple[int, bool, Counted], ...]
    """Of each kind of event that some total counts: its place, whether it states an amount, and the totals."""
    states: Counted
    """The totals that look at loans as they stand."""
    averages: bool
    """Whether those look at the average balance, which takes a walk over all days on which something changed."""

    needs_term: bool
    """Whether those that look at events look at the term in months, which may be unknown."""

    @classmethod
    def of(
        cls, period: Period, size: int, flows: Mapping[int, Counted], states: Counted, fields: AbstractSet[str]
    ) -> Frame:
        """The frame of a period, given the fields of loans and events that its totals look at."""
        return cls(
            start=day_number(period.start),
            last=day_number(period.last_day),
            size=size,
            flows=tuple((place, place in _AMOUNTS, totals) for place, totals in flows.items() if totals),
            states=states,
            averages="average_balance" in fields,
            needs_term="term_months" in fields,
        )


_AMOUNTS = frozenset((*_MOVES, _SIGNED, _RECOVERED))


def given_by(life: Life, frame: Frame) -> Given:
    """What a loan gives to each total, by payee; amounts that cannot be known are left out."""
    terms = life.terms
    if terms is None:
        return {}
    events, start = life.events, frame.start
    given: Given = {terms.officer: [0] * frame.size}
    alone = None if events[_ASSIGNED] else given[terms.officer]
    ended = events[_CANCELLED]
    for kind, has_amount, counted in frame.flows:
        for day, _, stated in events[kind]:
            if day < start:
                continue
            row = (stated if has_amount else 0, bool(ended) and ended[-1][0] >= start, *terms.words)
            for place, held_at, worth in counted:
                amount = worth(row)
                if amount:
                    (alone or _to(life, terms, frame, given, held_at, day))[place] += amount
    if frame.states and terms.opened <= frame.last and not ended:
        row = state_of(life, terms, frame)
        for place, held_at, worth in frame.states:
            amount = worth(row)
            if amount:
                (alone or _to(life, terms, frame, given, held_at, frame.last))[place] += amount
    return given


def _to(life: Life, terms: Terms, frame: Frame, given: Given, held_at: HeldAt, day: int) -> list[Exact]:
    """The amounts of whoever a row counts for, of a loan that was handed on."""
    officer = terms.officer
    if held_at != "origination":
        officer = holder(life, terms, frame.last if held_at == "as of" else day)
    if officer not in given:
        given[officer] = [0] * frame.size
    return given[officer]


def holder(life: Life, terms: Terms, day: int) -> str:
    """Who holds the loan on a day."""
    officer = terms.officer
    for on, _, to in life.events[_ASSIGNED]:
        if on > day:
            break
        officer = to
    return officer


def is_doubtful(life: Life, frame: Frame) -> bool:
    """Whether a field may be unknown, or a move takes more than is there: what `measure` makes a problem of."""
    terms = life.terms
    if terms is None or outstanding(life, terms, frame)[2]:
        return True
    seen = any(events and events[-1][0] >= frame.start for events in life.events)
    if frame.needs_term and terms.words[-1] is None and seen:
        return True
    row = state_of(life, terms, frame)
    return any(worth(row) is None for _, _, worth in frame.states)


def state_of(life: Life, terms: Terms, frame: Frame) -> tuple[Any, ...]:
    """A row of the view `loans`, with its fields in the order of `STATE_FIELDS`; its average is in units and days."""
    events, last = life.events, frame.last
    balance, unit_days = outstanding(life, terms, frame)[:2] if frame.averages else (_balance(life), None)
    overdue, days = _arrears(life, balance)
    classified = events[_CLASSIFIED]
    category = classified[-1][2] if classified else _NORMAL
    rescheduled, bad = bool(events[_RESCHEDULED]), category in _BAD
    lost = events[_WRITTEN_OFF]
    written_off = max(0, _sum(lost) - _sum(events[_RECOVERED])) if lost else 0
    disbursed, due = _sum(events[_DISBURSED]), terms.first_due
    return (
        balance,
        unit_days,
        overdue,
        balance > 0 and (days > 0 or (overdue or 0) > 0),
        days,
        BEYOND_EVERY_BOUND_DAYS if rescheduled else days,
        category,
        "non-performing" if bad else "rescheduled" if rescheduled else "performing",
        rescheduled,
        written_off,
        balance + written_off,
        written_off + (balance if bad else 0),
        written_off + (balance if bad or rescheduled else 0),
        _sum(events[_SIGNED]),
        disbursed,
        last - terms.opened,
        frame.start <= terms.opened,
        (None if disbursed or balance else False) if due is None else frame.start <= due <= last,
        0 if due is None else _days_late(life, due),
        *terms.words,
    )


_NORMAL = Category.NORMAL.value
_BAD = frozenset(category.value for category in Category if category.non_performing)


def _sum(events: Sequence[Dated]) -> int:
    return sum([event[2] for event in events]) if events else 0


def _days_late(life: Life, due: int) -> int:
    return max((days for on, _, days in life.events[_PAST_DUE] if on > due and on - due <= days), default=0)


def _arrears(life: Life, balance: int) -> tuple[int | None, int]:
    """The overdue amount on the last day, None where unknown, and the days past due."""
    past_due, stated = life.events[_PAST_DUE], life.balances
    days: int = past_due[-1][2] if past_due else 0
    if not balance or (past_due and not days and (not stated or stated[-1][0] <= past_due[-1][0])):
        return 0, days
    overdue = stated[-1][2] if stated else None
    return None if overdue is None else min(overdue, balance), days


def _balance(life: Life) -> int:
    """What is outstanding on the last day: the last balance, moved by what came after its day."""
    since, balance = (life.balances[-1][0], life.balances[-1][1]) if life.balances else (-(2**62), 0)
    for day, _, _, units in life.moves:
        if day > since:
            balance = max(0, balance + units)
    return balance


def outstanding(life: Life, terms: Terms, frame: Frame) -> tuple[int, int | None, bool]:
    """What is outstanding on the last day; the sum of each day's balances, None where the start is unknown; overdrawn.

    Overdrawn is a loan of which something took more than was outstanding.
    """
    stated, moves, start = life.balances, life.moves, frame.start
    before = [item for item in stated if item[0] < start]
    unknown = not before and _starts_unknown(life, terms)
    stated = before[-1:] + stated[len(before) :]
    first = stated[0][0] if before or unknown else None
    units, unit_days, since, place, lowest = 0, 0, start, 0, 0
    for day, at, _ in [*stated, (frame.last + 1, None, None)]:
        for on, _, _, change in moves[place:]:
            if on >= day:
                break
            place += 1
            if first is not None and on <= first:
                continue
            if on > since:
                unit_days, since = unit_days + units * (on - since), on
            lowest = min(lowest, units + change)
            units = max(0, units + change)
        if day > since:
            unit_days, since = unit_days + units * (day - since), day
        if at is not None:
            units = at
            while place < len(moves) and moves[place][0] == day:
                place += 1
    return units, None if unknown else unit_days, lowest < 0


def _starts_unknown(life: Life, terms: Terms) -> bool:
    """Whether the first balance falls from the sky: on an older loan, with no drawdown that leads to it."""
    if not life.balances or terms.opened >= life.balances[0][0]:
        return False
    first, units, _ = life.balances[0]
    drawn = life.events[_DISBURSED]
    earlier = bool(life.moves) and life.moves[0][0] <= first
    return not (drawn and drawn[0][0] <= first) and bool(earlier or units)
