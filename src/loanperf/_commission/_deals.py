"""Deals: loan facts -> what each loan reached and when, how it performed, and the life of its commission.

The life of a deal's commission is one table, `TRANSITIONS`, that the code, its test and the diagram in the docs share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Literal, TypeAlias, assert_never

from attrs import frozen

from loanperf._commission._plan import Milestone
from loanperf._commission._withheld import Clawback
from loanperf._facts import Balance, Credit, EventKind, Facts, Loan, LoanEvent
from loanperf._periods import Tenor


class DealState(Enum):
    """What a deal's commission can be."""

    WAITING = "waiting"
    """No stage is reached."""
    PART_EARNED = "part earned"
    """A stage is reached, and not the last."""
    EARNED = "earned"
    """The last stage is reached."""
    KEPT = "kept"
    """The loan was cancelled, and what was earned is kept; if it goes bad, a share of that is taken back."""
    REVERSED = "reversed"
    """The loan was cancelled, and what was earned is reversed."""
    EXPIRED = "expired"
    """The next stage came too late or never, and what was earned is reversed."""
    TAKEN_BACK = "taken back"
    """The loan went bad, and a share of what was earned is taken back."""
    REFUNDED = "refunded"
    """The bad loan was recovered, and a part of what was taken is given back."""


class DealEvent(Enum):
    """What can happen to a deal's commission."""

    STAGE = "stage reached"
    LAST_STAGE = "last stage reached"
    AMENDED = "amount changed"
    CANCELLED_KEPT = "cancelled, kept"
    CANCELLED_REVERSED = "cancelled, reversed"
    EXPIRED = "expired"
    WENT_BAD = "went bad"
    RECOVERED = "recovered"


_S, _E = DealState, DealEvent
_CANCELLED = {_E.CANCELLED_KEPT: _S.KEPT, _E.CANCELLED_REVERSED: _S.REVERSED}
_REACHED = {_E.STAGE: _S.PART_EARNED, _E.LAST_STAGE: _S.EARNED}
_MOVES: dict[DealState, dict[DealEvent, DealState]] = {
    _S.WAITING: _REACHED | _CANCELLED,
    _S.PART_EARNED: _REACHED | _CANCELLED | {_E.EXPIRED: _S.EXPIRED, _E.WENT_BAD: _S.TAKEN_BACK},
    _S.EARNED: _CANCELLED | {_E.WENT_BAD: _S.TAKEN_BACK},
    _S.KEPT: {},
    _S.REVERSED: {},
    _S.EXPIRED: _REACHED | _CANCELLED,
    _S.TAKEN_BACK: _CANCELLED | {_E.EXPIRED: _S.EXPIRED, _E.RECOVERED: _S.REFUNDED},
    _S.REFUNDED: _CANCELLED | {_E.EXPIRED: _S.EXPIRED, _E.WENT_BAD: _S.TAKEN_BACK},
}
TRANSITIONS: Mapping[tuple[DealState, DealEvent], DealState] = MappingProxyType(
    {(state, event): _MOVES[state].get(event, state) for state in DealState for event in DealEvent}
)
"""The state after each event, for every state and event; an event without a move of its own changes nothing."""


# ── how a loan performed ────────────────────────────────────────────────────────────────────────────────────

Days: TypeAlias = tuple[tuple[date, int], ...]
"""Days and amounts in smallest units, in order."""


@frozen
class Gone:
    """Principal that was paid back before its time, or written off, on one day."""

    on: date
    how: Literal["prepaid", "written off"]
    of: Days
    """Principal by the day on which it was drawn; what was drawn first is paid back first."""
    drawn: int
    """All that was drawn up to that day."""
    last: bool
    """Whether nothing was outstanding any more."""

    @property
    def units(self) -> int:
        """The principal of that day, of all drawings."""
        return sum(units for _, units in self.of)


@frozen(kw_only=True)
class Standing:
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

    @cached_property
    def gone(self) -> tuple[Gone, ...]:
        """What was prepaid and written off, by day; what is repaid in full before the end of the term is prepaid."""
        moves = [(on, 0, "drawn", units) for on, units in self.drawn]
        paid: dict[tuple[date, int, str], int] = defaultdict(int)
        for place, how in enumerate(("repaid", "prepaid", "written off"), 1):
            for on, units in {"repaid": self.repaid, "prepaid": self.prepaid, "written off": self.written_off}[how]:
                paid[on, place, how] += units
        moves += [(*key, units) for key, units in paid.items()]
        moves += [(on, 4, "emptied", 0) for on in self.emptied]
        found, left, drawn = list[Gone](), dict[date, int](), 0
        for on, _, how, units in sorted(moves):
            if how == "drawn":
                left[on], drawn = left.get(on, 0) + units, drawn + units
                continue
            rest = sum(part for since, part in left.items() if since < on)
            off = _first_drawn(left, rest if how == "emptied" else units)
            # A balance of zero says that all is gone, however much that was.
            last = not any(left.values()) and (bool(off) or (how == "emptied" and not drawn and not found))
            early = last and (self.matures_on is None or on < self.matures_on)
            if off and how == "written off":
                found.append(Gone(on, "written off", off, drawn, last))
            elif early or (off and how == "prepaid"):
                found.append(Gone(on, "prepaid", off, drawn, last))
        return tuple(found)

    def onsets(self, rule: Clawback, since: date) -> tuple[date, ...]:
        """Each day, from `since` on, on which the event of a clawback began.

        A bad class and days past due begin again after each cure. A prepayment and a write-off that count in
        proportion count each time; else the first one counts, or the first day on which all was paid off.
        """
        if rule.takes == "in proportion":
            days = [item.on for item in self.gone if item.how == rule.on and item.on >= since]
            return tuple(dict.fromkeys(days))
        match rule.on:
            case "written off":
                days = [on for on, _ in self.written_off if on >= since][:1]
            case "prepaid":
                days = [item.on for item in self.gone if item.how == "prepaid" and (item.last or rule.takes == "whole")]
                if rule.takes == "whole":
                    days += [on for on, units in self.prepaid if units]
                days = sorted(on for on in days if on >= since)[:1]
            case "cancelled":
                days = [on for on in self.cancelled if on >= since][:1]
            case "non-performing":
                days = _begun([(on, bad) for on, bad in self.classes if on >= since])
            case "past due":
                days = _begun([(on, late > rule.more_than_days) for on, late in self.past_due if on >= since])
            case _:
                assert_never(rule.on)
        return tuple(days)

    def recoveries(self, rule: Clawback, bad_on: date, until: date) -> tuple[tuple[date, Fraction], ...]:
        """After a bad event: days up to `until`, and the part of the bad loan that was recovered by each.

        Of a loan that is written off in parts, and takes in proportion, a recovery is a part of what is lost by then.
        """
        if rule.on == "written off":
            found, parts = Fraction(0), []
            for on, units in self.recovered:
                by = date.max if rule.takes == "whole" else on
                lost = sum(units for day, units in self.written_off if day <= by)
                if bad_on <= on <= until and lost:
                    found = min(Fraction(1), found + Fraction(units, lost))
                    parts.append((on, found))
            return tuple(parts)
        healed: list[date] = []
        match rule.on:
            case "non-performing":
                healed = [on for on, bad in self.classes if not bad]
            case "past due":
                healed = [on for on, late in self.past_due if late == 0]
            case "prepaid" | "cancelled":
                return ()
            case _:
                assert_never(rule.on)
        healed += [self.repaid_on] if self.repaid_on is not None else []
        first = min((on for on in healed if bad_on < on <= until), default=None)
        return () if first is None else ((first, Fraction(1)),)


def _first_drawn(left: dict[date, int], units: int) -> Days:
    """Some principal taken off what is left of each drawing, the earliest first; how much of each."""
    found = []
    for on in sorted(left):
        part = min(units, left[on])
        if part:
            left[on], units = left[on] - part, units - part
            found.append((on, part))
    return tuple(found)


def _begun(said: list[tuple[date, bool]]) -> list[date]:
    """The days on which a state began, of days and whether it held."""
    before = [False, *(held for _, held in said)]
    return [on for (on, held), was in zip(said, before, strict=False) if held and not was]


# ── deals ───────────────────────────────────────────────────────────────────────────────────────────────────

MILESTONE_EVENTS: Mapping[Milestone, tuple[EventKind, ...]] = MappingProxyType(
    {
        "applied": (EventKind.APPLIED,),
        "due diligence complete": (EventKind.DUE_DILIGENCE,),
        "signed": (EventKind.SIGNED,),
        "disbursed": (EventKind.DISBURSED,),
        "first repayment": (EventKind.REPAID, EventKind.PREPAID),
    }
)
"""The kinds of events of which the first reaches a milestone."""
_TAKES = (EventKind.REPAID, EventKind.PREPAID, EventKind.WRITTEN_OFF)


@frozen(kw_only=True, eq=False)
class Deal:
    """A loan with its events and credits, in order of date, then kind, then number."""

    loan: Loan
    events: tuple[LoanEvent, ...]
    credits: tuple[Credit, ...]
    standing: Standing
    holders: tuple[tuple[date, str], ...]
    """Who took it over, and when."""

    def reached(self, milestone: Milestone) -> date | None:
        """The day on which the loan reached a milestone; None where it has not."""
        if milestone == "opened":
            return self.loan.opened_on
        if milestone == "repaid in full":
            return self.standing.repaid_on
        kinds = MILESTONE_EVENTS[milestone]
        return next((event.on for event in self.events if event.kind in kinds), None)

    def of(self, kind: EventKind) -> tuple[LoanEvent, ...]:
        """Its events of a kind."""
        return tuple(event for event in self.events if event.kind is kind)

    @property
    def officers(self) -> tuple[str, ...]:
        """Everyone who ever held it, from the first on."""
        return tuple(dict.fromkeys((self.loan.officer, *(officer for _, officer in self.holders))))

    def officer(self, on: date) -> str:
        """Who held it on a day."""
        held = [officer for since, officer in self.holders if since <= on]
        return held[-1] if held else self.loan.officer


LEAD = "lead"
"""The kind of credit of whoever leads a loan: its officer where nobody is credited as such."""
_ORDER = {kind: index for index, kind in enumerate(EventKind)}


def deals_of(facts: Facts, last: date = date.max) -> tuple[Deal, ...]:
    """Every loan of the facts with what happened to it, in order of code; credits known later than `last` are none."""
    loans: dict[str, Loan] = {}
    events: dict[str, list[LoanEvent]] = defaultdict(list)
    shares: dict[str, list[Credit]] = defaultdict(list)
    empty: dict[str, list[date]] = defaultdict(list)
    for fact in facts:
        match fact:
            case Loan():
                loans[fact.loan] = fact
            case LoanEvent():
                events[fact.loan].append(fact)
            case Credit() if fact.on <= last:
                shares[fact.loan].append(fact)
            case Balance() if not fact.outstanding.units:
                empty[fact.loan].append(fact.on)
            case _:
                pass
    return tuple(_deal(loans[code], events[code], shares[code], empty[code]) for code in sorted(loans))


def _deal(loan: Loan, events: list[LoanEvent], shares: list[Credit], empty: list[date]) -> Deal:
    ordered = tuple(sorted(events, key=lambda event: (event.on, _ORDER[event.kind], event.number)))
    return Deal(
        loan=loan,
        events=ordered,
        credits=tuple(shares),
        standing=_standing(loan, ordered, sorted(empty)),
        holders=tuple((event.on, event.officer) for event in ordered if event.officer is not None),
    )


def _standing(loan: Loan, events: tuple[LoanEvent, ...], empty: list[date]) -> Standing:
    """What the events say of a loan's performance."""
    if not empty and all(event.kind in _QUIET for event in events):
        return Standing(repaid_on=_repaid_on(events, empty))

    def amounts(kind: EventKind) -> Days:
        return tuple((event.on, event.amount.units) for event in events if event.kind is kind and event.amount)

    drawn = amounts(EventKind.DISBURSED) or amounts(EventKind.SIGNED)
    if not drawn and loan.amount is not None:
        drawn = ((loan.opened_on, loan.amount.units),)
    start = min((on for on, _ in drawn), default=loan.opened_on)
    return Standing(
        classes=tuple((event.on, event.category.non_performing) for event in events if event.category is not None),
        past_due=tuple((event.on, event.days) for event in events if event.days is not None),
        drawn=drawn,
        repaid=amounts(EventKind.REPAID),
        prepaid=amounts(EventKind.PREPAID),
        written_off=amounts(EventKind.WRITTEN_OFF),
        recovered=amounts(EventKind.RECOVERED),
        emptied=tuple(empty),
        cancelled=tuple(event.on for event in events if event.kind is EventKind.CANCELLED),
        repaid_on=_repaid_on(events, empty),
        matures_on=None if loan.term_months is None else Tenor(loan.term_months).after(start),
    )


_QUIET = (EventKind.SIGNED, EventKind.DISBURSED, EventKind.DUE_DILIGENCE)
"""Events that say nothing of how a loan performs."""


def _repaid_on(events: tuple[LoanEvent, ...], empty: list[date]) -> date | None:
    """The day on which nothing was outstanding any more, by its events or by a balance of zero."""
    drawn = left = 0
    last: date | None = None
    repaid: date | None = None
    for event in events:
        if event.kind is EventKind.WRITTEN_OFF:
            return None
        if event.kind is EventKind.DISBURSED and event.amount is not None:
            drawn, left, last, repaid = drawn + event.amount.units, left + event.amount.units, event.on, None
        elif event.kind in _TAKES and event.amount is not None:
            left -= event.amount.units
            if drawn and left <= 0 and repaid is None:
                repaid = event.on
    if repaid is not None:
        return repaid
    return next((on for on in empty if last is not None and on > last), None)
