"""Lots: a deal's base as it was priced, in the windows in which it came in, and what another base changes.

What is gone is taken out of the window in which it came in; what is new counts in the window of its day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from attrs import evolve, field, frozen

from loanperf._commission._deals import DealState
from loanperf._commission._plan import Component, Tiers
from loanperf._commission._rates import (
    NOTHING,
    ONE_RATE,
    ZERO,
    Slice,
    Transaction,
    WindowSums,
    price,
    why_priced,
    why_tier,
)
from loanperf._curves import Curve
from loanperf._explanations import Explanation
from loanperf._quantities import CURRENCIES


@frozen(kw_only=True)
class Lot:
    """A part of a deal's base as it was priced; it is taken out of the window in which it came in."""

    window: object
    version: Component
    """The component by which it was priced; drawings of one loan may fall under several versions of a plan."""
    curve: Curve | None
    paid: Fraction
    counted: Fraction
    tier: Fraction
    """What it counts for, in the unit of the tiers."""
    pay: Fraction
    """What it came to when it was priced."""

    @property
    def quota(self) -> Fraction | None:
        """What 100% was when it was priced, where tiers are by attainment; None where it does not count."""
        return self.counted / self.tier if self.tier else None


@frozen(kw_only=True)
class Record:
    """What is known of a deal's commission between two steps."""

    state: DealState = DealState.WAITING
    total: Fraction = ZERO
    """What the deal comes to, by the base priced so far."""
    lots: tuple[Lot, ...] = ()
    """The base priced so far, from the first part on."""
    own: WindowSums = field(factory=WindowSums)
    """What has accumulated of this deal alone, where that is what accumulates."""
    reached: Fraction = ZERO
    others: Fraction = ZERO
    """What somebody else earned of it, by the rates of the payee, in stages that were reached in their hands."""
    away: Fraction = ZERO
    """The base that came in while somebody else held the loan, of a deal in one stage."""
    earned: Fraction = ZERO

    @property
    def paid(self) -> Fraction:
        """The base priced so far."""
        return sum((lot.paid for lot in self.lots), ZERO)

    @property
    def counted(self) -> Fraction:
        """The base that counts for the tier so far."""
        return sum((lot.counted for lot in self.lots), ZERO)


@frozen(kw_only=True)
class Context:
    """What the steps of one component of one payee look at besides the deals."""

    component: Component
    window: Callable[[date], object]
    """What accumulates together, by day."""
    before: Callable[[object, Mapping[object, WindowSums]], Fraction]
    """What of earlier windows counts in a window."""
    quota: Callable[[date], Fraction]
    """What 100% is on a day, where tiers are by attainment."""
    at: Callable[[date], Fraction | None]
    """The reading or attainment at which curves are read; None where sums are."""
    currency: str

    @property
    def tiers(self) -> Tiers:
        """The tiers; those of a single rate where the component has none."""
        return self.component.tiers or ONE_RATE


Tally: TypeAlias = Mapping[object, WindowSums]
"""The sums of a component of one payee between two steps, by window."""


@frozen
class Priced:
    """A base and the curve of rates that it is priced by."""

    curve: Curve | None
    paid: Fraction
    counted: Fraction
    """What counts for the tier."""


def repriced(
    context: Context, tally: Tally, record: Record, on: date, now: Priced
) -> tuple[Tally, Record, Fraction, tuple[Explanation, ...]]:
    """The record with another base, what that changes, and why; what another version priced keeps its rate."""
    keeps = bool(record.lots) and record.lots[-1].curve == now.curve
    kept = [lot for lot in record.lots if keeps or lot.version is not context.component]
    paid = min(sum((lot.paid for lot in kept), ZERO), now.paid)
    counted = min(sum((lot.counted for lot in kept), ZERO), now.counted)
    gone = Priced(None, record.paid - paid, record.counted - counted)
    tally, record, gained, steps = _taken_out(context, tally, record, gone)
    if (now.paid, now.counted) == (paid, counted):
        return tally, record, gained, steps
    window, alone = context.window(on), context.tiers.accumulates == "per transaction"
    if not alone:
        tally = {**tally, window: evolve(tally.get(window, WindowSums()), before=context.before(window, tally))}
    tier = _counts(context, now.counted, on) - _counts(context, counted, on)
    item = Transaction(tier=tier, paid=now.paid - paid, curve=now.curve or NOTHING, at=context.at(on))
    had = record.own if alone else tally[window]
    amount, slices, sums = price(context.tiers, had, item)
    lot = Lot(
        window=window,
        version=context.component,
        curve=now.curve,
        paid=item.paid,
        counted=now.counted - counted,
        tier=tier,
        pay=amount,
    )
    record = evolve(record, lots=(*record.lots, lot), own=sums if alone else record.own)
    quota = context.quota(on) if context.tiers.by == "attainment" else None
    steps += (*_why_tier(context, quota, had, sums, item), *_why(context, now.curve, slices, amount))
    return tally if alone else {**tally, window: sums}, record, gained + amount / _per(context), steps


def lowered(
    context: Context, tally: Tally, record: Record, on: date
) -> tuple[Tally, Record, Fraction, tuple[Explanation, ...]]:
    """The record of a deal that no longer counts for the tier of the window that is open, and what that changes."""
    lots, gained, steps = list(record.lots), ZERO, tuple[Explanation, ...]()
    for place, lot in enumerate(lots):
        if lot.window == context.window(on) and context.tiers.accumulates != "per transaction" and lot.tier:
            out = Transaction(tier=-lot.tier, paid=-lot.paid, curve=lot.curve or NOTHING)
            had = tally[lot.window]
            amount, slices, sums = price(context.tiers, had, out)
            lots[place] = evolve(lot, counted=ZERO, tier=ZERO)
            tally = {**tally, lot.window: sums}
            if not _at_the_rate_of_its_day(context.tiers):
                # What the deal's own lines were paid is for the clawback to take.
                lost = amount + lot.pay
                gained, steps = gained + lost / _per(context), steps + _why_tier(context, lot.quota, had, sums, out)
                steps += _why(context, lot.curve, slices, lost)
    return tally, evolve(record, lots=tuple(lots)), gained, steps


def _at_the_rate_of_its_day(tiers: Tiers) -> bool:
    """Whether each loan has the rate of its day, and goes at the rate at which it came."""
    return tiers.applies in ("forward before", "forward after") or tiers.are_read


def _taken_out(
    context: Context, tally: Tally, record: Record, gone: Priced
) -> tuple[Tally, Record, Fraction, tuple[Explanation, ...]]:
    """The record without a part of its base: the last lots go first, each out of its own window."""
    tiers, lots, own = context.tiers, list(record.lots), record.own
    paid, counted, gained, steps = gone.paid, gone.counted, ZERO, tuple[Explanation, ...]()
    stays = tiers.by == "count" != context.component.base and counted < record.counted
    for place in range(len(lots) - 1, -1, -1):
        lot = lots[place]
        out = Priced(lot.curve, min(paid, lot.paid), min(counted, lot.counted))
        if not (out.paid or out.counted):
            continue
        paid, counted = paid - out.paid, counted - out.counted
        tier = ZERO if stays or not lot.counted else lot.tier * out.counted / lot.counted
        item = Transaction(tier=-tier, paid=-out.paid, curve=lot.curve or NOTHING)
        alone = tiers.accumulates == "per transaction"
        had = own if alone else tally[lot.window]
        amount, slices, sums = price(tiers, had, item)
        steps += () if _at_the_rate_of_its_day(tiers) else _why_tier(context, lot.quota, had, sums, item)
        if _at_the_rate_of_its_day(tiers):
            amount = -lot.pay * out.paid / lot.paid if lot.paid else ZERO
            slices = (Slice(lot.pay / lot.paid, -out.paid),) if lot.paid else ()
        own, tally = (sums, tally) if alone else (own, {**tally, lot.window: sums})
        pay = lot.pay * (lot.paid - out.paid) / lot.paid if lot.paid else ZERO
        lots[place] = evolve(lot, paid=lot.paid - out.paid, counted=lot.counted - out.counted, tier=lot.tier - tier,
                             pay=pay)  # fmt: skip
        gained, steps = gained + amount / _per(context), steps + _why(context, lot.curve, slices, amount)
    return tally, evolve(record, lots=tuple(lot for lot in lots if lot.paid or lot.counted), own=own), gained, steps


def _per(context: Context) -> Fraction:
    return Fraction(1) if context.component.per is None else context.component.per.value


def _why(context: Context, curve: Curve | None, slices: tuple[Slice, ...], amount: Fraction) -> tuple[Explanation, ...]:
    return why_priced(slices, amount / _per(context), _per(context), _unit(context, curve))


def _unit(context: Context, curve: Curve | None) -> str:
    """The currency of rates that are money; empty of shares."""
    return context.currency if curve is not None and curve.y_unit in CURRENCIES else ""


def _why_tier(
    context: Context, quota: Fraction | None, had: WindowSums, has: WindowSums, item: Transaction
) -> tuple[Explanation, ...]:
    """Where a transaction stands in the tiers; nothing where there are none, or it is not paid."""
    tiers = context.component.tiers
    if tiers is None or item.curve == NOTHING:
        return ()
    sums = (had.before + had.tier, has.before + has.tier) if item.at is None else (item.at, item.at)
    asked = quota if tiers.by == "attainment" else None
    return (why_tier(tiers, item.curve, sums, asked, _unit(context, item.curve)),)


def _counts(context: Context, counted: Fraction, on: date) -> Fraction:
    """What a counted base is in the unit of the tiers."""
    if context.tiers.by == "count" != context.component.base:
        return Fraction(counted > 0)
    quota = context.quota(on)
    return counted if quota == 1 else counted / quota
