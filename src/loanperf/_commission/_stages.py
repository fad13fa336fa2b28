"""Stages: (deal, component) -> what happens to its commission and when; then, deal after deal, what each step earns.

Order is business date, then the loan: never the order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property

from attrs import evolve, frozen

from loanperf._allocation import allocate
from loanperf._commission._credits import Share, holds, in_turn, part_of
from loanperf._commission._deals import TRANSITIONS, Deal, DealEvent, DealState, Exchange
from loanperf._commission._lots import Context, Priced, Record, Tally, lowered, repriced
from loanperf._commission._names import name_of
from loanperf._commission._plan import Component, Plan, Stage
from loanperf._commission._rates import ZERO, constant, counts_for_tier, rate_for
from loanperf._commission._terms import fits
from loanperf._commission._withheld import Clawback
from loanperf._explanations import Explanation, Label, because
from loanperf._facts import EventKind, LoanEvent
from loanperf._indicators import fact_label
from loanperf._periods import Tenor
from loanperf._quantities import CURRENCIES, Money, percent, plain
from loanperf.errors import DataError

_E = DealEvent
_RANK = {event: rank for rank, event in enumerate(DealEvent)}


@frozen(kw_only=True)
class Happening:
    """One step in the life of a deal's commission."""

    on: date
    loan: str
    event: DealEvent
    stage: str = ""
    """Its milestone, or what ended the deal."""
    reached: Fraction = ZERO
    """The share of the stages reached with it."""
    share: Fraction = ZERO
    """The share of the stage itself."""
    base: Fraction = ZERO
    """The credited base from then on."""
    counts: Fraction = ZERO
    """What counts for the tier from then on, if the loan counts."""
    part: Fraction = Fraction(1)
    """The payee's part of the loan; the least and most for a loan are divided like it."""
    amount: Fraction | None = None
    """The amount of the loan from then on."""
    held: bool = True
    """Whether the payee holds the loan on that day."""
    due: date | None = None
    """When it is payable; None where its milestone is not reached."""
    waits_for: str = ""
    why: tuple[Explanation, ...] = ()
    """What its base is made of."""
    lowers: bool = False
    """Whether it takes the loan out of the tier that it counted for."""

    @property
    def order(self) -> tuple[date, str, int]:
        """Business date, then the loan, then the kind of event."""
        return self.on, self.loan, _RANK[self.event]


@frozen(kw_only=True)
class StageLine:
    """What a step earns, unrounded, before the rules of the period."""

    loan: str
    stage: str
    on: date
    amount: Fraction
    ends: bool = False
    """Whether it ends the deal: all that was earned by it goes."""
    windows: tuple[object, ...] = ()
    """What it accumulated in; of what other loans lose as tiers fall back, where they had gained it."""
    fell_back: bool = False
    """Whether it is what other loans lose as tiers fall back."""
    steps: tuple[Explanation, ...] = ()


# ── what happens ────────────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Track:
    """A deal as one payee is paid for it by one component."""

    deal: Deal
    plan: Plan
    component: Component
    share: Share
    shares: tuple[Share, ...]
    exchange: Exchange

    def events(self, on: date) -> tuple[LoanEvent, ...]:
        """What the amount of the loan is made of on a day: its drawdowns, else what was signed."""
        kinds = [EventKind.SIGNED] if self.component.base == "contracted" else [EventKind.DISBURSED, EventKind.SIGNED]
        for kind in kinds:
            if events := tuple(event for event in self.deal.of(kind) if event.on <= on):
                return events
        return ()

    def amount(self, on: date) -> Fraction | None:
        """The amount of the loan as known on a day: drawn, else signed, else applied for; None where none is known."""
        if events := self.events(on):
            return sum((self.exchange.amount(event.amount, event.on) for event in events if event.amount), ZERO)
        loan = self.deal.loan
        return None if loan.amount is None else self.exchange.amount(loan.amount, loan.opened_on)

    def why(self, on: date, base: Fraction) -> tuple[Explanation, ...]:
        """What the base is made of, down to the facts."""
        events, loan = self.events(on), self.deal.loan
        facts: list[tuple[Money, date]] = [(event.amount, event.on) for event in events if event.amount]
        if not facts and loan.amount is not None:
            facts = [(loan.amount, loan.opened_on)]
        seen = [because("seen", {"fact": fact_label(event)}) for event in events or (loan,)]
        converted = [why for money, day in facts for why in self.exchange.why(money, day)]
        kind = name_of(events[0].kind.value if events else "applied for")
        whole = self.amount(on)
        values: dict[str, str | Label] = {"loan": loan.loan, "base": kind, "on": on.isoformat()}
        values |= {"whole": "1" if whole is None else plain(whole), "part": percent(self.part), "amount": plain(base)}
        return (because("accrual.base", values, *seen, *converted),)

    def base(self, amount: Fraction | None) -> Fraction | None:
        """The part of the base that is credited to the payee; None where the amount is needed and not known."""
        if self.component.base == "count":
            weights = self.component.weighed_by
            if weights is None and not self.counts_amounts:
                return self.part
            return None if amount is None else (weights.at(amount) if weights else 1) * self.part
        return None if amount is None else self._credited(amount)

    def counts(self, amount: Fraction | None) -> Fraction | None:
        """What counts for the tier: the base, or where loans are paid by their number, their amount."""
        return self._credited(amount) if self.counts_amounts and amount is not None else self.base(amount)

    @cached_property
    def counts_amounts(self) -> bool:
        """Whether loans are paid by their number, in tiers of their amount."""
        tiers = self.component.tiers
        return self.component.base == "count" and tiers is not None and tiers.by == "amount"

    @cached_property
    def known_on(self) -> date:
        """The first day on which the base is known; the last of all days where it never is."""
        if self.base(None) is not None or self.deal.loan.amount is not None:
            return date.min
        kinds = (EventKind.SIGNED,) if self.component.base == "contracted" else (EventKind.DISBURSED, EventKind.SIGNED)
        return min((event.on for kind in kinds for event in self.deal.of(kind)), default=date.max)

    def concerns(self, on: date) -> bool:
        """Whether the component pays for such a loan, as far as is known on a day."""
        amount = self.amount(on)
        known = tuple(item for item in self.component.where if amount is not None or item.field != "amount")
        return fits(known, self.terms(amount))

    @cached_property
    def part(self) -> Fraction:
        """The payee's part of the loan."""
        return part_of(self.component, self.share, self.shares)

    def _credited(self, amount: Fraction) -> Fraction:
        """The part of an amount in whole smallest units: the parts of all sum to it."""
        exact, scale = amount * self.part, 10 ** CURRENCIES[self.exchange.currency]
        if (exact * scale).denominator == 1 or (amount * scale).denominator != 1 or self.component.credited == "full":
            return exact
        mine = [share for share in self.shares if share.stated or share is self.share]
        others = in_turn(self.deal, mine, self.component)
        weights = [part_of(self.component, share, self.shares) for share in others]
        rest = 1 - sum(weights, ZERO)
        parts = allocate(int(amount * scale), [*weights, max(rest, ZERO)], step=1, tie_break="first")
        return Fraction(parts[others.index(self.share)], scale)

    def terms(self, amount: Fraction | None) -> dict[str, object]:
        """What the terms of a plan can ask of the loan."""
        return {**terms_of(self.deal), "amount": amount}


def terms_of(deal: Deal) -> dict[str, object]:
    """A loan's terms but for its amount."""
    loan = deal.loan
    return {
        "product": loan.product,
        "segment": loan.segment,
        "collateral": loan.collateral,
        "customer_type": loan.customer_type,
        "term_months": loan.term_months,
    }


def happenings(track: Track, last: date) -> Iterator[Happening]:
    """What happened to a deal's commission up to a last day, in no order."""
    reached = ZERO
    stages = track.component.steps
    days: list[date] = []
    for stage in stages:
        reached += stage.share
        event = _E.LAST_STAGE if stage is stages[-1] else _E.STAGE
        for on in _days(track, stage, event, last):
            if on <= last:
                days.append(on)
                yield _stage(track, stage, on, reached, event)
    yield from _endings(track, last, days)
    kind = EventKind.SIGNED if track.component.base == "contracted" else EventKind.DISBURSED
    amended = [event.on for event in track.deal.of(kind)][1:] if track.component.base != "count" else []
    for on in dict.fromkeys(on for on in amended if on <= last and on not in days):
        yield _happening(track, on, _E.AMENDED, "amended")


def _days(track: Track, stage: Stage, event: DealEvent, last: date) -> list[date]:
    """The days on which a stage is reached: of a last stage at disbursement, those of all drawdowns.

    A stage whose amount is not known yet is reached on the day on which it is.
    """
    if event is _E.LAST_STAGE and stage.milestone == "disbursed":
        return sorted({event.on for event in track.deal.of(EventKind.DISBURSED)})
    on, known = track.deal.reached(stage.milestone), track.known_on
    if on is None:
        return []
    return [max(on, known) if known <= last else on]


def _happening(track: Track, on: date, event: DealEvent, stage: str) -> Happening:
    amount = track.amount(on)
    return Happening(
        on=on,
        loan=track.deal.loan.loan,
        event=event,
        stage=stage,
        base=track.base(amount) or ZERO,
        counts=track.counts(amount) or ZERO,
        part=track.part,
        amount=amount,
        held=holds(track.component, track.share, track.deal, on),
        due=on,
    )


def _stage(track: Track, stage: Stage, on: date, reached: Fraction, event: DealEvent) -> Happening:
    due: date | None = on
    waits_for = ""
    if stage.payable is not None:
        payable = track.deal.reached(stage.payable)
        due = None if payable is None else max(on, payable)
        waits_for = stage.payable
    if track.base(track.amount(on)) is None:
        due, waits_for = None, "amount"
    found = _happening(track, on, event, stage.milestone)
    return evolve(
        found, why=track.why(on, found.base), reached=reached, share=stage.share, due=due, waits_for=waits_for
    )


def _endings(track: Track, last: date, days: list[date]) -> Iterator[Happening]:
    """Its cancellation, the day on which a next stage came too late, and bad events with their recoveries."""
    standing, component = track.deal.standing, track.component
    dead = _E.CANCELLED_KEPT if component.dead == "keep" else _E.CANCELLED_REVERSED
    yield from (_happening(track, on, dead, "cancelled") for on in standing.cancelled if on <= last)
    if component.expires_days is not None and days:
        ended = track.deal.reached(component.steps[-1].milestone)
        for day, following in zip(sorted(days), [*sorted(days)[1:], None], strict=True):
            on = Tenor(days=component.expires_days).after(day)
            if on <= last and (following is None or following > on) and (ended is None or ended > on):
                yield _happening(track, on, _E.EXPIRED, "expired")
    since = min(days, default=None)
    if since is not None:
        must_have_size(track.plan, track.deal, last)
    for rule, on in strikes(track.plan, track.deal, since) if since is not None else ():
        if on <= last:
            event = _happening(track, on, _E.WENT_BAD, "went bad")
            yield evolve(event, lowers=rule.attainment == "lowered")
            for day, _ in standing.recoveries(rule, on, last) if rule.refund else ():
                yield _happening(track, day, _E.RECOVERED, "recovered")


def strikes(plan: Plan, deal: Deal, since: date) -> tuple[tuple[Clawback, date], ...]:
    """Each day from `since` on which a rule of the plan strikes a loan, in order of date, then of the plan."""
    found = [(on, index, rule) for index, rule in enumerate(plan.clawbacks) for on in deal.standing.onsets(rule, since)]
    return tuple((rule, on) for on, _, rule in sorted(found, key=lambda item: item[:2]))


def must_have_size(plan: Plan, deal: Deal, last: date) -> None:
    """Refuse a loan of which a part is gone by a last day, where nothing says how much there was.

    Raises:
        DataError: a rule of the plan asks what part that is.
    """
    standing = deal.standing
    for rule in plan.clawbacks:
        happened = {"prepaid": standing.prepaid, "written off": standing.written_off}.get(rule.on, ())
        parts = rule.takes in ("in proportion", "when paid off") and any(on <= last for on, _ in happened)
        if parts and not standing.drawn:
            fault = f"it is {rule.on}, and nothing says how much was drawn, of which that is a part"
            lacks = ("amounts", deal.loan.loan)
            raise DataError(f"loan {deal.loan.loan}", fault, "send its drawdowns, or its Loan with amount", lacks)


# ── what each step earns ────────────────────────────────────────────────────────────────────────────────────


_EARNING = frozenset({DealState.PART_EARNED, DealState.EARNED, DealState.TAKEN_BACK, DealState.REFUNDED})
"""States in which stages earn."""
_FELL_BACK = "fell back"
"""The stage of what other loans lose as tiers fall back."""


def earn(
    context: Context, tally: Tally, record: Record, step: Happening, terms: Mapping[str, object]
) -> tuple[Tally, Record, tuple[StageLine, ...]]:
    """What one step of one deal earns, by the table of transitions."""
    state = TRANSITIONS[record.state, step.event]
    moved = evolve(record, state=state)
    match step.event:
        case DealEvent.STAGE | DealEvent.LAST_STAGE if state in _EARNING:
            moved = evolve(moved, reached=max(moved.reached, step.reached))
            if not step.held:
                return tally, _passed(context, tally, moved, step, terms), ()
            return _stage_earned(context, tally, moved, step, terms)
        case DealEvent.AMENDED if record.reached == 1 and state in _EARNING and step.held and record.earned:
            return _stage_earned(context, tally, moved, step, terms)
        case DealEvent.CANCELLED_REVERSED | DealEvent.EXPIRED if state in (DealState.REVERSED, DealState.EXPIRED):
            return (tally, moved, ()) if record.state is state else _ended(context, tally, moved, step)
        case DealEvent.WENT_BAD if state in (DealState.TAKEN_BACK, DealState.KEPT) and step.lowers:
            windows = tuple(dict.fromkeys(lot.window for lot in moved.lots))
            tally, moved, amount, steps = lowered(context, tally, moved, step.on)
            return tally, moved, _fell_back(step, amount, windows, steps)
        case _:
            return tally, moved, ()


def _bases(component: Component, record: Record, step: Happening, terms: Mapping[str, object]) -> Priced:
    """The base of a deal from a step on, and the curve of rates that it is priced by."""
    paid = step.base if fits(component.where, terms) else ZERO
    counted = step.counts if counts_for_tier(component, terms) else ZERO
    curve = record.lots[-1].curve if record.lots else None
    if paid:
        rate = rate_for(component, terms)
        curve = rate.curve or constant(rate.rate)
    return Priced(curve, max(paid - record.away, ZERO), max(counted - record.away, ZERO))


def _passed(context: Context, tally: Tally, record: Record, step: Happening, terms: Mapping[str, object]) -> Record:
    """The record after a step in the hands of somebody else.

    Of a deal in one stage, what is drawn there is theirs. Of several stages, they earned what they would by the
    rates of the payee; the last stage is what is left of the whole.
    """
    now = _bases(context.component, record, step, terms)
    if len(context.component.steps) == 1:
        return evolve(record, away=record.away + max(now.paid - record.paid, ZERO))
    _, priced, gained, _ = repriced(context, tally, record, step.on, now)
    total = _bounded(context.component, evolve(priced, total=record.total + gained), step.part)
    return evolve(record, others=record.reached * total - record.earned)


def _stage_earned(
    context: Context, tally: Tally, record: Record, step: Happening, terms: Mapping[str, object]
) -> tuple[Tally, Record, tuple[StageLine, ...]]:
    now, before = _bases(context.component, record, step, terms), record
    tally, record, gained, steps = repriced(context, tally, record, step.on, now)
    if before.paid and steps:
        # What is priced is the change of the base alone.
        change = {"before": plain(before.paid), "now": plain(now.paid), "was": plain(before.total)}
        steps = (because("accrual.change", change, *steps),)
    record = evolve(record, total=record.total + gained)
    total = _bounded(context.component, record, step.part)
    due = record.reached * total - record.others
    line = StageLine(
        loan=step.loan,
        stage=step.stage,
        on=step.on,
        amount=due - record.earned,
        windows=tuple(lot.window for lot in record.lots[-1:]),
        steps=_why(step, total, steps, due, record),
    )
    return tally, evolve(record, earned=due), (line,) if line.amount or now.paid else ()


def _bounded(component: Component, record: Record, part: Fraction) -> Fraction:
    """The total of a loan within its least and most, of which each payee has a part."""
    total = record.total
    if component.least is not None and record.paid > 0:
        total = max(total, component.least.value * part)
    return total if component.most is None else min(total, component.most.value * part)


def _why(
    step: Happening, total: Fraction, slices: tuple[Explanation, ...], due: Fraction, record: Record
) -> tuple[Explanation, ...]:
    if step.share == 1 and not record.earned:
        return (*step.why, *slices)
    values: dict[str, str | Label] = {"stage": name_of(step.stage), "reached": percent(record.reached)}
    values |= {"total": plain(total), "due": plain(due), "earned": plain(record.earned)}
    return (because("accrual.stage", values, *step.why, *slices),)


def _ended(
    context: Context, tally: Tally, record: Record, step: Happening
) -> tuple[Tally, Record, tuple[StageLine, ...]]:
    """A deal that ends: what it earned is reversed, and its base falls out of the tier that it counted for."""
    nothing = Priced(record.lots[-1].curve if record.lots else None, ZERO, ZERO)
    windows = tuple(dict.fromkeys(lot.window for lot in record.lots))
    tally, ended, gained, steps = repriced(context, tally, record, step.on, nothing)
    why = because("accrual.ended", {"stage": name_of(step.stage), "on": step.on.isoformat(), "loan": step.loan})
    line = StageLine(loan=step.loan, stage=step.stage, on=step.on, amount=ZERO, ends=True, steps=(why,))
    lost = _fell_back(step, record.total + gained, windows, steps)
    ended = evolve(ended, total=ZERO, earned=ZERO, reached=ZERO, others=ZERO, away=ZERO)
    return tally, ended, (*((line,) if record.earned else ()), *lost)


def _fell_back(
    step: Happening, amount: Fraction, windows: tuple[object, ...], steps: tuple[Explanation, ...]
) -> tuple[StageLine, ...]:
    """What other loans lose, or gain, as tiers fall back."""
    line = StageLine(
        loan=step.loan, stage=_FELL_BACK, on=step.on, amount=amount, windows=windows, fell_back=True, steps=steps
    )
    return (line,) if amount else ()
