"""Deals: loan facts -> what each loan reached and when, how it performed, and the life of its commission.

The life of a deal's commission is one table, `TRANSITIONS`, that the code, its test and the diagram in the docs share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import assert_never

from attrs import field, frozen

from loanperf._commission._plan import BadEvent, Milestone
from loanperf._explanations import Explanation, because
from loanperf._facts import Balance, Credit, EventKind, ExchangeRate, Facts, Loan, LoanEvent
from loanperf._periods import Tenor
from loanperf._quantities import Money, plain
from loanperf.errors import DataError


class DealState(Enum):
    """What a deal's commission can be."""

    WAITING = "waiting"
    """No stage is reached."""
    PART_EARNED = "part earned"
    """A stage is reached, and not the last."""
    EARNED = "earned"
    """The last stage is reached."""
    KEPT = "kept"
    """The loan was cancelled, and what was earned is kept."""
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
    _S.KEPT: {_E.WENT_BAD: _S.TAKEN_BACK},
    _S.REVERSED: {},
    _S.EXPIRED: _REACHED | _CANCELLED,
    _S.TAKEN_BACK: _CANCELLED | {_E.RECOVERED: _S.REFUNDED},
    _S.REFUNDED: _CANCELLED | {_E.WENT_BAD: _S.TAKEN_BACK},
}
TRANSITIONS: Mapping[tuple[DealState, DealEvent], DealState] = MappingProxyType(
    {(state, event): _MOVES[state].get(event, state) for state in DealState for event in DealEvent}
)
"""The state after each event, for every state and event; an event without a move of its own changes nothing."""


# ── how a loan performed ────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Standing:
    """How a loan performed, by date; what holdbacks and clawbacks look at."""

    classes: tuple[tuple[date, bool], ...] = ()
    """Days on which it was classified, and whether as non-performing."""
    past_due: tuple[tuple[date, int], ...] = ()
    """Days on which days past due were stated."""
    written_off: tuple[tuple[date, int], ...] = ()
    """Days and amounts in smallest units."""
    recovered: tuple[tuple[date, int], ...] = ()
    prepaid: tuple[date, ...] = ()
    cancelled: tuple[date, ...] = ()
    repaid_on: date | None = None
    """The day on which its principal was repaid in full."""

    def onsets(self, event: BadEvent, more_than_days: int, since: date) -> tuple[date, ...]:
        """Each day, from `since` on, on which something bad began; again after each cure where there can be one."""
        match event:
            case "written off":
                days = [on for on, _ in self.written_off if on >= since][:1]
            case "prepaid":
                days = [on for on in self.prepaid if on >= since][:1]
            case "cancelled":
                days = [on for on in self.cancelled if on >= since][:1]
            case "non-performing":
                days = _begun([(on, bad) for on, bad in self.classes if on >= since])
            case "past due":
                days = _begun([(on, late > more_than_days) for on, late in self.past_due if on >= since])
            case _:
                assert_never(event)
        return tuple(days)

    def performing_from(self, on: date, months: int = 0) -> date | None:
        """The first day from `on` on which it is performing, and has been for so many months without a break.

        None where none is known: it is non-performing still, or was written off before.
        """
        if self.repaid_on is not None and self.repaid_on <= on:
            return on
        gone = min((day for day, _ in self.written_off), default=date.max)
        good: date | None = on
        for start, end in self._bad_times():
            if good is None or start > good:
                break
            clean = None if end is None else end if end == self.repaid_on else Tenor(months).after(end)
            good = None if clean is None else max(good, clean)
        return good if good is not None and good < gone else None

    def _bad_times(self) -> Iterator[tuple[date, date | None]]:
        """The times of being non-performing, each with the day on which it was cured or repaid; None goes on."""
        since: date | None = None
        for on, bad in self.classes:
            if bad and since is None:
                since = on
            elif not bad and since is not None:
                yield since, on
                since = None
        if since is not None:
            yield since, self.repaid_on

    def recoveries(self, event: BadEvent, bad_on: date, until: date) -> tuple[tuple[date, Fraction], ...]:
        """After a bad event: days up to `until`, and the part of the bad loan that was recovered by each."""
        if event == "written off":
            lost, found = sum(units for _, units in self.written_off), Fraction(0)
            parts = []
            for on, units in self.recovered:
                if bad_on <= on <= until and lost:
                    found = min(Fraction(1), found + Fraction(units, lost))
                    parts.append((on, found))
            return tuple(parts)
        healed: list[date] = []
        match event:
            case "non-performing":
                healed = [on for on, bad in self.classes if not bad]
            case "past due":
                healed = [on for on, late in self.past_due if late == 0]
            case _:
                return ()
        healed += [self.repaid_on] if self.repaid_on is not None else []
        first = min((on for on in healed if bad_on < on <= until), default=None)
        return () if first is None else ((first, Fraction(1)),)


def _begun(said: list[tuple[date, bool]]) -> list[date]:
    """The days on which a state began, of days and whether it held."""
    before = [False, *(held for _, held in said)]
    return [on for (on, held), was in zip(said, before, strict=False) if held and not was]


# ── deals ───────────────────────────────────────────────────────────────────────────────────────────────────

_MILESTONE_EVENTS: Mapping[Milestone, tuple[EventKind, ...]] = MappingProxyType(
    {
        "applied": (EventKind.APPLIED,),
        "due diligence complete": (EventKind.DUE_DILIGENCE,),
        "signed": (EventKind.SIGNED,),
        "disbursed": (EventKind.DISBURSED,),
        "first repayment": (EventKind.REPAID, EventKind.PREPAID),
    }
)
_TAKES = (EventKind.REPAID, EventKind.PREPAID, EventKind.WRITTEN_OFF)


@frozen(kw_only=True, eq=False)
class Deal:
    """A loan with its events and credits, in order of date, then kind, then number."""

    loan: Loan
    events: tuple[LoanEvent, ...]
    credits: tuple[Credit, ...]
    standing: Standing
    _holders: tuple[tuple[date, str], ...] = field(alias="holders")

    def reached(self, milestone: Milestone) -> date | None:
        """The day on which the loan reached a milestone; None where it has not."""
        if milestone == "opened":
            return self.loan.opened_on
        if milestone == "repaid in full":
            return self.standing.repaid_on
        kinds = _MILESTONE_EVENTS[milestone]
        return next((event.on for event in self.events if event.kind in kinds), None)

    def of(self, kind: EventKind) -> tuple[LoanEvent, ...]:
        """Its events of a kind."""
        return tuple(event for event in self.events if event.kind is kind)

    @property
    def officers(self) -> tuple[str, ...]:
        """Everyone who ever held it, from the first on."""
        return tuple(dict.fromkeys((self.loan.officer, *(officer for _, officer in self._holders))))

    def officer(self, on: date) -> str:
        """Who held it on a day."""
        held = [officer for since, officer in self._holders if since <= on]
        return held[-1] if held else self.loan.officer


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
        standing=_standing(ordered, sorted(empty)),
        holders=tuple((event.on, event.officer) for event in ordered if event.officer is not None),
    )


def _standing(events: tuple[LoanEvent, ...], empty: list[date]) -> Standing:
    """What the events say of a loan's performance."""
    if not any(event.kind not in (EventKind.SIGNED, EventKind.DISBURSED, EventKind.DUE_DILIGENCE) for event in events):
        return Standing(repaid_on=_repaid_on(events, empty))

    def amounts(kind: EventKind) -> tuple[tuple[date, int], ...]:
        return tuple((event.on, event.amount.units) for event in events if event.kind is kind and event.amount)

    return Standing(
        classes=tuple((event.on, event.category.non_performing) for event in events if event.category is not None),
        past_due=tuple((event.on, event.days) for event in events if event.days is not None),
        written_off=amounts(EventKind.WRITTEN_OFF),
        recovered=amounts(EventKind.RECOVERED),
        prepaid=tuple(event.on for event in events if event.kind is EventKind.PREPAID),
        cancelled=tuple(event.on for event in events if event.kind is EventKind.CANCELLED),
        repaid_on=_repaid_on(events, empty),
    )


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


# ── currencies ──────────────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True, eq=False)
class Exchange:
    """Amounts in the currency of a plan, each converted once at the latest rate on or before its day."""

    currency: str
    rates: Mapping[tuple[str, str], tuple[ExchangeRate, ...]]
    """By pair of currencies, in order of date."""

    def amount(self, money: Money, on: date) -> Fraction:
        """An amount in whole currency of the plan.

        Raises:
            DataError: it is in another currency, and no rate is known on that day.
        """
        return money.exact if money.currency == self.currency else money.exact * self.rate(money.currency, on).rate

    def rate(self, currency: str, on: date) -> ExchangeRate:
        """The rate that converts a currency on a day."""
        known = [rate for rate in self.rates.get((currency, self.currency), ()) if rate.on <= on]
        if not known:
            fault = f"an amount in {currency} on {on} has no rate into {self.currency}"
            remedy = f"supply an lp.ExchangeRate of {currency} into {self.currency} of that day or before"
            raise DataError("exchange rates", fault, remedy)
        return known[-1]

    def why(self, money: Money, on: date) -> tuple[Explanation, ...]:
        """The rate of a conversion with its date and source; nothing where there is none."""
        if money.currency == self.currency:
            return ()
        rate = self.rate(money.currency, on)
        values = {
            "amount": str(money),
            "rate": plain(rate.rate),
            "converted": plain(money.exact * rate.rate),
            "into": self.currency,
            "on": rate.on.isoformat(),
            "source": f" ({rate.source})" if rate.source else "",
        }
        return (because("accrual.converted", values),)


def exchange_rates(facts: Facts) -> dict[tuple[str, str], tuple[ExchangeRate, ...]]:
    """The rates of the facts by pair of currencies, in order of date."""
    found: dict[tuple[str, str], list[ExchangeRate]] = defaultdict(list)
    for fact in facts:
        if isinstance(fact, ExchangeRate):
            found[fact.currency, fact.into].append(fact)
    return {pair: tuple(sorted(rates, key=lambda rate: rate.on)) for pair, rates in found.items()}


def months_between(start: date, end: date) -> int:
    """Full months from a day to a later one, by the calendar."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return months if months <= 0 or Tenor(months).after(start) <= end else months - 1
