"""Lives: a line and how its loan performed -> what is released, forfeited, taken back and refunded of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from attrs import evolve, frozen

from loanperf._allocation import allocate
from loanperf._commission import Clawback, Holdback, Plan, Standing, months_between
from loanperf._explanations import Label
from loanperf._ledger._cohorts import HeldLine, Hit, by_day
from loanperf._ledger._kinds import Group
from loanperf._ledger._movements import EVENT_NAMES, Movement, Shown
from loanperf._periods import Tenor
from loanperf._quantities import Money, Rounding, percent

_FAR = date.max
Corrections: TypeAlias = Sequence[tuple[date, int]]
"""Days, and what is taken off a line from then on."""


def moved(
    line: HeldLine, group: Group, on: date, units: int, rule: str, values: tuple[tuple[str, Shown], ...] = ()
) -> Movement:
    """A movement of a line."""
    return Movement(
        group=group,
        line=line.key,
        payee=line.payee,
        cohort=line.period,
        loan=line.loan,
        on=on,
        amount=Money.from_units(units, line.currency),
        plan=line.plan,
        rule=rule,
        values=values,
    )


def left_of(line: HeldLine, found: Iterable[Movement], on: date, corrections: Corrections) -> int:
    """What is left of a line before a day: not corrected, and not taken by bad events."""
    signs = {"forfeited": 1, "taken": 1, "refunded": -1}
    net = sum(signs.get(move.group, 0) * move.amount.units for move in found if move.on < on)
    return max(0, _standing(line, on, corrections) - net)


def _standing(line: HeldLine, on: date, corrections: Corrections) -> int:
    return max(0, line.units - sum(units for day, units in corrections if day <= on))


# ── what becomes of what is held ────────────────────────────────────────────────────────────────────────────


@frozen
class _HeldPart:
    """A part of what is held of a line, and when it is released; None is not known yet."""

    when: date | None
    units: int
    rule: str
    values: tuple[tuple[str, Shown], ...] = ()


def _parts(line: HeldLine, held: int, holdback: Holdback, standing: Standing) -> list[_HeldPart]:
    """The instalments of what is held of a line, each rounded down, the last with the remainder."""
    parts, left, last = [], held, line.period.last_day
    repaid = standing.repaid_on if holdback.repaid == "releases" else None
    free = max(repaid, last) if repaid is not None else None
    count = len(holdback.instalments)
    for number, item in enumerate(holdback.instalments, 1):
        units = left if number == count else int(held * item.share)
        when: date | None = Tenor(item.after_months).after(last)
        if holdback.condition == "performing" and line.loan and when is not None:
            when = standing.performing_from(when, holdback.condition_months)
        rule, values = "entry.released", (("n", number), ("of", count))
        if free is not None and (when is None or free < when):
            when, rule = free, "entry.released repaid"
        parts.append(_HeldPart(when, units, rule, values))
        left -= units
    if not count:
        parts.append(_HeldPart(free, held, "entry.released repaid"))
    return parts


def _split(pending: list[_HeldPart], on: date) -> tuple[list[_HeldPart], list[_HeldPart]]:
    """The parts that are released before a day, and the others."""
    before = [part for part in pending if part.when is not None and part.when < on]
    return before, [part for part in pending if part.when is None or part.when >= on]


def _off(pending: list[_HeldPart], units: int) -> tuple[list[_HeldPart], int]:
    """What is pending with as much as there is of some units taken off, in proportion; and how much that was."""
    off = min(units, sum(part.units for part in pending))
    if not off:
        return pending, 0
    shares = allocate(off, [part.units for part in pending], step=1, tie_break="first")
    left = [evolve(part, units=part.units - share) for part, share in zip(pending, shares, strict=True)]
    return [part for part in left if part.units], off


def _released(line: HeldLine, parts: Iterable[_HeldPart]) -> Iterator[Movement]:
    for part in parts:
        if part.when is not None:
            yield moved(line, "released", part.when, part.units, part.rule, part.values)


# ── what bad loans take ─────────────────────────────────────────────────────────────────────────────────────


@frozen
class _Strike:
    """A bad event and the rule that it falls under."""

    rule: Clawback
    event: date
    on: date
    """The day from which it counts: not before the line is there, nor before its cohort is complete."""
    part: Fraction
    """The part of the line that it concerns."""

    @property
    def adds(self) -> bool:
        """Whether what it takes comes on top of what other parts of the loan take."""
        return self.rule.takes == "in proportion"


@frozen
class _Refund:
    """What a recovery gives back."""

    rule: Clawback
    units: int
    part: Fraction


_Event: TypeAlias = tuple[date, date, int, _Strike | _Refund]
"""The day from which it counts, the day on which it happened, and its place among those of the same day."""


def _strikes(line: HeldLine, standing: Standing) -> list[_Event]:
    """Every bad event that a rule of the line's plan takes for."""
    if line.plan is None or not line.of_loan:
        return []
    found: list[_Event] = []
    for rule in line.plan.plan.clawbacks:
        if rule.takes == "in proportion":
            events = standing.parts(rule.on, line.earned_on, of_drawing=_is_of_drawing(line, line.plan.plan))
        else:
            events = tuple((event, Fraction(1)) for event in standing.onsets(rule, line.earned_on))
        for event, part in events:
            on = max(event, line.on, line.period.last_day)
            found.append((on, event, len(found), _Strike(rule, event, on, part)))
    heapify(found)
    return found


def _is_of_drawing(line: HeldLine, plan: Plan) -> bool:
    """Whether each drawing earned its own part; where a later one changes the rate of all, each has a part of all."""
    return any(
        item.code == line.component and item.is_by_drawing and not (item.tiers is not None and item.tiers.are_of_all)
        for item in plan.components
    )


def life(
    line: HeldLine, held: int, standing: Standing, hit: Hit | None, corrections: Corrections
) -> Iterator[Movement]:
    """What becomes of a line after it was earned: released, forfeited, taken back, refunded.

    Each bad event takes what is missing to its share of what the line stands at; those that concern parts of the loan
    add up. Once the deal is reversed, nothing happens to the line any more. What was earned on several days, as by two
    drawings, is struck by what happens from each of them on.
    """
    days = by_day(line) if line.parts else []
    if len(days) < 2 or not _strikes(line, standing):
        yield from _life(line, held, standing, hit, corrections)
        return
    parts = [evolve(line, units=units, earned_on=on, parts=()) for on, units in days]
    kept = allocate(held, [part.units for part in parts], step=1, tie_break="first")
    off = [(on, units) for on, units in corrections]
    for part, units in reversed(list(zip(parts, kept, strict=True))):
        mine, off = _split_off(off, part.units)
        yield from _life(part, units, standing, hit, mine)


def _split_off(off: list[tuple[date, int]], most: int) -> tuple[Corrections, list[tuple[date, int]]]:
    """Reductions of a line: those that fall on one part, up to its amount, and those that remain for other parts."""
    mine, rest = [], []
    for on, units in off:
        part = min(units, most)
        most -= part
        mine += [(on, part)] if part else []
        rest += [(on, units - part)] if units > part else []
    return mine, rest


def _life(
    line: HeldLine, held: int, standing: Standing, hit: Hit | None, corrections: Corrections
) -> Iterator[Movement]:
    """What becomes of what was earned on one day."""
    holdback = line.plan.plan.holdback if line.plan is not None else None
    pending = _parts(line, held, holdback, standing) if holdback is not None and held else []
    events, net, added = _strikes(line, standing), 0, Fraction(0)
    count = len(events)
    while events:
        on, _, _, event = heappop(events)
        if hit is not None and on >= hit.on:
            break
        if isinstance(event, _Refund):
            what: tuple[tuple[str, Shown], ...] = (("part", event.part), ("refund", event.rule.refund))
            yield moved(line, "refunded", on, event.units, "entry.refunded", what)
            net -= event.units
            continue
        before, pending = _split(pending, on)
        yield from _released(line, before)
        units, added = _due(line, event, _standing(line, on, corrections), net, added)
        pending, off = _off(pending, max(0, units))
        taken = max(off, units) if event.rule.reach == "held and paid" else off
        if taken <= 0:
            continue
        net += taken
        yield from _taken(line, event, off, taken, hit)
        for refund in _refunds(line, event, taken, standing):
            heappush(events, (max(refund[0], on), refund[0], count, refund[1]))
            count += 1
    if hit is not None:
        before, pending = _split(pending, hit.on)
        yield from _released(line, before)
        if freed := sum(part.units for part in pending):
            yield moved(line, "released", hit.on, freed, "entry.released reversed")
        return
    yield from _released(line, pending)


def _due(line: HeldLine, strike: _Strike, left: int, net: int, added: Fraction) -> tuple[int, Fraction]:
    """What a bad event takes of a line now, and the share of the line that partial events have taken with it.

    Args:
        line: of commission.
        strike: the event, and the rule of the plan.
        left: the amount of the line by that day, before anything is taken.
        net: what was taken of it before and not refunded.
        added: the share of the line that earlier partial events have taken.
    """
    share = strike.rule.share.at(Fraction(months_between(line.earned_on, strike.event))) * strike.part
    if not strike.adds:
        return _share_of(line, left, share) - net, added
    whole = min(Fraction(1), added + share)
    taken = _share_of(line, left, whole)
    return min(taken - net, taken - _share_of(line, left, added)), whole


def _share_of(line: HeldLine, units: int, share: Fraction) -> int:
    whole = Money.from_units(units, line.currency).exact
    return max(0, min(Money.rounded(share * whole, line.currency, _rounding(line)).units, units))


def _rounding(line: HeldLine) -> Rounding:
    return line.plan.plan.rounding if line.plan is not None else Rounding.HALF_UP


def _taken(line: HeldLine, strike: _Strike, forfeited: int, taken: int, hit: Hit | None) -> Iterator[Movement]:
    values: tuple[tuple[str, Shown], ...] = (
        ("event", _name(strike)),
        ("on", strike.event),
        ("taken", Money.from_units(taken, line.currency)),
        ("earned", line.money),
    )
    if forfeited:
        yield moved(line, "forfeited", strike.on, forfeited, "entry.forfeited", values)
    if taken > forfeited:
        keys = (line.key,) if hit is None else (line.key, hit.by)
        yield evolve(moved(line, "taken", strike.on, taken - forfeited, "entry.taken", values), against=keys)


def _name(strike: _Strike) -> Label:
    """What happened to the loan, with how much of it that was."""
    name = EVENT_NAMES[strike.rule.on]
    if strike.part == 1:
        return name
    part = percent(strike.part)
    return Label(f"{name.en} by {part} of what was drawn", f"{name.zh}（占放款额的 {part}）")


def _refunds(line: HeldLine, strike: _Strike, taken: int, standing: Standing) -> Iterator[tuple[date, _Refund]]:
    """What recoveries give back of what one bad event took."""
    rule = strike.rule
    if not rule.refund:
        return
    until = _FAR if rule.refund_months is None else Tenor(rule.refund_months).after(strike.event)
    given, whole = 0, Money.from_units(taken, line.currency).exact
    for on, part in standing.recoveries(rule, strike.event, until):
        units = Money.rounded(rule.refund * whole * part, line.currency, _rounding(line)).units
        if units != given:
            yield on, _Refund(rule, units - given, part)
        given = units
