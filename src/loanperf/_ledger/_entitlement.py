"""Entitlement: (accruals, amounts set by hand) -> movements, everything that is due by its day, from scratch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from attrs import evolve, field, frozen

from loanperf._commission import Accruals, Clawback, DatedPlan, Draw, Holdback, Standing, line_key, months_between
from loanperf._ledger._cohorts import Line, Reversed, cohorts_of, held_lines, lines_of, reversed_of
from loanperf._ledger._entries import Entry
from loanperf._ledger._kinds import Group
from loanperf._ledger._ledger import Slot
from loanperf._ledger._movements import EVENT_NAMES, Movement, Shown
from loanperf._periods import Period, Tenor
from loanperf._quantities import Money, Rounding, allocate

_FAR = date.max


def movements(accruals: Accruals, overruled: Mapping[str, Entry] | None = None) -> tuple[Movement, ...]:
    """Everything that is due, dated; what is due at the end of a period is the sum of what is dated before that end.

    Per payee, plan and period: the lines, set by hand where they are; the cap of the person; what is held of the
    period's pay, on its last day; its release in instalments, each rounded down and the last with the remainder;
    what a bad loan takes, first of what is still held; what its recovery gives back; guarantees and draws. A
    release does not pass a gate again.

    Args:
        accruals: of all payees, from the first fact on.
        overruled: by line key, the entry that sets its amount by hand; see `Ledger.overruled`.

    >>> from loanperf import Accruals, Period, movements
    >>> movements(Accruals(through=Period.month(2026, 3), lines=()))
    ()
    """
    return entitled(accruals, overruled or {}).movements


@frozen(eq=False)
class Entitlement:
    """Movements in order of day, and what they come to on any day."""

    hands: Mapping[str, Entry]
    """The amounts set by hand that it was worked out with."""
    movements: tuple[Movement, ...]
    slots: Mapping[Slot, list[Movement]]
    """By line, group and currency, in order of day."""
    _reached: list[int] = field(factory=lambda: [0], init=False)
    _sums: dict[Slot, int] = field(factory=dict, init=False)

    def due(self, end: date) -> Mapping[Slot, int]:
        """What is due before a day, in smallest units; months that follow each other go on where the last ended."""
        if self._reached[0] and self.movements[self._reached[0] - 1].on >= end:
            self._reached[0] = 0
            self._sums.clear()
        place = self._reached[0]
        while place < len(self.movements) and self.movements[place].on < end:
            movement = self.movements[place]
            slot = slot_of(movement)
            self._sums[slot] = self._sums.get(slot, 0) + movement.amount.units
            place += 1
        self._reached[0] = place
        return self._sums


def slot_of(movement: Movement) -> Slot:
    """What a movement is compared by."""
    return movement.line, movement.group, movement.amount.currency


def entitled(accruals: Accruals, overruled: Mapping[str, Entry]) -> Entitlement:
    """What the accruals entitle to; worked out once for the same amounts set by hand."""
    known = accruals.memo.get("entitlement")
    if isinstance(known, Entitlement) and known.hands == overruled:
        return known
    found = tuple(sorted(_moved(accruals, overruled), key=lambda movement: movement.on))
    slots: dict[Slot, list[Movement]] = defaultdict(list)
    for movement in found:
        slots[slot_of(movement)].append(movement)
    worked = Entitlement(dict(overruled), found, slots)
    accruals.memo["entitlement"] = worked
    return worked


def _moved(accruals: Accruals, overruled: Mapping[str, Entry]) -> list[Movement]:
    lines = lines_of(accruals, overruled)
    back = reversed_of(lines)
    found: list[Movement] = []
    pays: dict[tuple[str, str, Period, str], int] = defaultdict(int)
    held_of: dict[str, int] = {}
    for cohort, members in cohorts_of(lines).items():
        payee, code, period, currency, _, _ = cohort
        pay, held, parts = held_lines(cohort, members, back)
        held_of |= parts
        pays[payee, code, period, currency] += pay.units - held.units
        for line in members:
            if parts.get(line.key):
                values = (("pay", pay), ("held", held))
                found.append(_move(line, "held", period.last_day, parts[line.key], "entry.held", values))
    for line in lines:
        found.append(_earned(line, back))
        if line.units > 0 and line.plan is not None:
            standing = accruals.standings.get(line.loan, Standing()) if line.loan else Standing()
            found += _life(line, held_of.get(line.key, 0), standing, back)
    found += _drawn(accruals, pays)
    return found


def _move(
    line: Line, group: Group, on: date, units: int, rule: str, values: tuple[tuple[str, Shown], ...] = ()
) -> Movement:
    return Movement(
        group=group,
        line=line.key,
        payee=line.payee,
        cohort=line.period,
        loan=line.loan,
        on=on,
        amount=Money(units, line.currency),
        plan=line.plan,
        rule=rule,
        values=values,
    )


def _earned(line: Line, back: Reversed) -> Movement:
    if line.reverses:
        what = (("event", EVENT_NAMES[line.stage]),)
        taken = _move(line, "taken", line.on, -line.units, "entry.reversed", what)
        return evolve(taken, accrual=line.accrual, steps=line.steps, against=back.against[line.key])
    if line.set_by_hand is not None:
        by = line.set_by_hand
        rule, values = "entry.set by hand", (("by", by.by), ("why", by.why), ("evidence", by.evidence))
        return evolve(_move(line, "earned", line.on, line.units, rule, values), accrual=line.accrual)
    rule = "entry.earned" if line.accrual is not None else "entry.carried"
    return evolve(_move(line, "earned", line.on, line.units, rule), accrual=line.accrual, steps=line.steps)


# ── what becomes of what is held ────────────────────────────────────────────────────────────────────────────


@frozen
class _Part:
    """A part of what is held of a line, and when it is released; None is not known yet."""

    when: date | None
    units: int
    rule: str
    values: tuple[tuple[str, Shown], ...] = ()


@frozen
class _Strike:
    """A bad event, the rule that it falls under, and what it takes of a line."""

    rule: Clawback
    event: date
    on: date
    """The day from which it counts: not before the cohort is complete."""
    units: int = field(default=0)


def _parts(line: Line, held: int, holdback: Holdback, standing: Standing) -> list[_Part]:
    """The instalments of what is held of a line, each rounded down, the last with the remainder."""
    parts, left, last = [], held, line.period.last_day
    repaid = standing.repaid_on if holdback.repaid == "releases" else None
    free = max(repaid, last) if repaid is not None else None
    count = len(holdback.instalments)
    for number, item in enumerate(holdback.instalments, 1):
        units = left if number == count else int(held * item.share)
        when: date | None = Tenor(item.after_months).after(last)
        if holdback.condition == "performing" and line.loan and when is not None:
            when = standing.performing_from(when)
        rule, values = "entry.released", (("n", number), ("of", count))
        if free is not None and (when is None or free < when):
            when, rule = free, "entry.released repaid"
        parts.append(_Part(when, units, rule, values))
        left -= units
    if not count:
        parts.append(_Part(free, held, "entry.released repaid"))
    return parts


def _strike(line: Line, standing: Standing, back: Reversed) -> _Strike | None:
    """The first bad event that a rule of the line's plan takes for, and how much it takes."""
    if line.plan is None or not line.loan:
        return None
    struck = []
    for rule in line.plan.plan.clawbacks:
        event = standing.first(rule.on, rule.more_than_days, line.on)
        if event is not None:
            struck.append((event, rule))
    if not struck:
        return None
    event, rule = min(struck, key=lambda item: item[0])
    gone = sum(hit.units for hit in back.hits.get(line.key, ()) if hit.on <= event)
    left = Money(line.units - gone, line.currency)
    share = rule.share.at(Fraction(months_between(line.on, event)))
    taken = Money.rounded(share * left.exact, line.currency, line.plan.plan.rounding).units
    return _Strike(rule, event, max(event, line.period.last_day), max(0, min(taken, left.units)))


def _life(line: Line, held: int, standing: Standing, back: Reversed) -> Iterator[Movement]:
    """What becomes of a line after it was earned: released, forfeited, taken back, refunded."""
    holdback = line.plan.plan.holdback if line.plan is not None else None
    pending = _parts(line, held, holdback, standing) if holdback is not None and held else []
    strike = _strike(line, standing, back)
    later = [hit for hit in back.hits.get(line.key, ()) if hit.period != line.period]
    events: list[tuple[date, int, _Strike | int]] = [(hit.on, 1, hit.units) for hit in later]
    events += [(strike.on, 0, strike)] if strike is not None and strike.units else []
    for on, _, event in sorted(events, key=lambda item: item[:2]):
        yield from (_released(line, part) for part in pending if part.when is not None and part.when < on)
        pending = [part for part in pending if part.when is None or part.when >= on]
        units = event.units if isinstance(event, _Strike) else event
        pending, off = _off(pending, units)
        if isinstance(event, _Strike):
            yield from _taken(line, event, off, standing, back)
        elif off:
            yield _move(line, "released", on, off, "entry.released reversed")
    yield from (_released(line, part) for part in pending if part.when is not None)


def _off(pending: list[_Part], units: int) -> tuple[list[_Part], int]:
    """What is pending with as much as there is of some units taken off, in proportion; and how much that was."""
    off = min(units, sum(part.units for part in pending))
    if not off:
        return pending, 0
    shares = allocate(off, [part.units for part in pending], step=1, tie_break="first")
    left = [evolve(part, units=part.units - share) for part, share in zip(pending, shares, strict=True)]
    return [part for part in left if part.units], off


def _released(line: Line, part: _Part) -> Movement:
    return _move(line, "released", part.when or _FAR, part.units, part.rule, part.values)


def _taken(line: Line, strike: _Strike, forfeited: int, standing: Standing, back: Reversed) -> Iterator[Movement]:
    """What a bad event takes, and what recoveries give back of it."""
    rest = strike.units - forfeited if strike.rule.takes == "held and paid" else 0
    values: tuple[tuple[str, Shown], ...] = (
        ("event", EVENT_NAMES[strike.rule.on]),
        ("on", strike.event),
        ("taken", Money(strike.units, line.currency)),
        ("earned", line.money),
    )
    if forfeited:
        yield _move(line, "forfeited", strike.on, forfeited, "entry.forfeited", values)
    if rest:
        keys = (line.key, *(hit.by for hit in back.hits.get(line.key, ())))
        yield evolve(_move(line, "taken", strike.on, rest, "entry.taken", values), against=keys)
    if not strike.rule.refund or not forfeited + rest:
        return
    months = strike.rule.refund_months
    until = _FAR if months is None else Tenor(months).after(strike.event)
    given, whole = 0, Money(forfeited + rest, line.currency).exact
    rounding = line.plan.plan.rounding if line.plan is not None else Rounding.HALF_UP
    for on, part in standing.recoveries(strike.rule.on, strike.event, until):
        units = Money.rounded(strike.rule.refund * whole * part, line.currency, rounding).units
        if units != given:
            what: tuple[tuple[str, Shown], ...] = (("part", part), ("refund", strike.rule.refund))
            yield _move(line, "refunded", max(on, strike.on), units - given, "entry.refunded", what)
        given = units


# ── guarantees and draws ────────────────────────────────────────────────────────────────────────────────────


def _drawn(accruals: Accruals, pays: Mapping[tuple[str, str, Period, str], int]) -> Iterator[Movement]:
    """Guarantees, draws, their recovery and waiver, period by period of each payee."""
    balances: dict[tuple[str, str, int], int] = defaultdict(int)
    for (payee, period), (plan, nth) in sorted(accruals.drawing.items(), key=lambda item: item[0]):
        pay = pays.get((payee, plan.plan.code, period, plan.currency), 0)
        for index, draw in enumerate(plan.plan.draws):
            balance = balances[payee, plan.plan.code, index]
            moved = _draw(draw, plan, nth, pay, balance)
            for group, units in moved:
                balance += {"draw": units, "recovery": -units, "waived": -units}.get(group, 0)
                pay += {"guarantee": units, "recovery": -units}.get(group, 0)
                yield _draw_moved(payee, period, plan, index, group, units)
            balances[payee, plan.plan.code, index] = balance


def _draw(draw: Draw, plan: DatedPlan, nth: int, pay: int, balance: int) -> Iterator[tuple[Group, int]]:
    """What one draw does in the nth period of a role, by the period's pay and the balance before it."""
    least = (Money.rounded(draw.least.value, draw.least.unit, plan.plan.rounding) - Money(0, plan.currency)).units
    granted = draw.first_period <= nth and (draw.last_period is None or nth <= draw.last_period)
    units = 0
    if granted:
        units = least if draw.style == "advance" else max(0, least - pay)
    if draw.kind == "plain":
        if units:
            yield "guarantee", units
        return
    if units:
        yield "draw", units
    balance += units
    if draw.recovered_from <= nth and (draw.recovered_until is None or nth <= draw.recovered_until):
        floor = least if granted and draw.style == "top up" else 0
        recovered = min(balance, max(0, pay - floor))
        balance -= recovered
        if recovered:
            yield "recovery", recovered
    if draw.left == "waived" and draw.recovered_until is not None and nth >= draw.recovered_until and balance:
        yield "waived", balance


def _draw_moved(payee: str, period: Period, plan: DatedPlan, index: int, group: Group, units: int) -> Movement:
    return Movement(
        group=group,
        line=line_key(payee, plan.plan.code, f"draw {index + 1}", "", "", period),
        payee=payee,
        cohort=period,
        on=period.last_day,
        amount=Money(units, plan.currency),
        plan=plan,
        rule=f"entry.{group}",
        values=(("least", str(plan.plan.draws[index].least)),),
    )
