"""The plain reference of what was earned -> movements, entries and payments: the rules in dicts and loops.

Written from `docs/` and from what plans, `settle` and `pay` say; a ledger is a list of entries, read from its first.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

from attrs import Factory, define, evolve
from dateutil.relativedelta import relativedelta
from tests.reference import ONE, ZERO, height
from tests.reference_pay import FAR, Book, Loan, converted, refuse
from tests.reference_scores import SMALLEST, divided, nearest

import loanperf as lp
from loanperf.schemes import Clawback, DatedPlan, Holdback, PayRules, Plan

Slot: TypeAlias = tuple[str, str, str]
"""Line, group and currency: what is compared with what was posted."""
GROUPS = ("earned", "held", "released", "forfeited", "taken", "refunded", "guarantee", "draw", "recovery", "waived")
GROUP_OF = {"adjustment": "earned", "override": "earned", "cancelled": "taken", "clawed back": "taken"}
DUE = {"held": -1, "forfeited": 0, "taken": -1, "recovery": -1, "waived": 0, "receivable recovered": -1, "paid": -1}
OWED = {"draw": 1, "recovery": -1, "waived": -1, "receivable raised": 1, "receivable recovered": -1}
"""Groups that kinds are of; what those add to what is due; what kinds add to what is owed."""
Days: TypeAlias = Sequence[tuple[date, int]]


def key_of(payee: str, plan: str, component: str, loan: str, stage: str, period: lp.Period) -> str:
    """The key of a line as text."""
    words = (payee, plan, component, loan, stage, str(period))
    return "/".join(word.replace("\\", "\\\\").replace("/", "\\/") for word in words)


# ── lines as they hold ──────────────────────────────────────────────────────────────────────────────────────
@define(eq=False)
class Held:
    """A line with the amount that holds for it."""

    key: str
    payee: str
    on: date
    earned_on: date
    cohort: lp.Period
    units: int
    currency: str
    dated: DatedPlan | None = None
    component: str = ""
    loan: str = ""
    stage: str = ""
    parts: Days = ()
    """By the day on which they were earned, where those are several."""
    by_hand: bool = False
    held: int = 0
    off: list[tuple[date, int]] = Factory(list)
    """Days, and what lines below zero take off it from then on."""
    hit: "Hit" = None
    takes: dict[date, int] = Factory(lambda: defaultdict(int))
    """Of a reversal, what it takes by day; then the lines that it takes, and what of lines that were there before."""
    of: list[str] = Factory(list)
    in_time: int = 0
    version: str = Factory(lambda self: "" if self.dated is None else self.dated.version, takes_self=True)

    @property
    def reverses(self) -> bool:
        """Whether it takes what a dead deal earned."""
        return self.stage in ("cancelled", "expired") and not self.by_hand

    @property
    def of_loan(self) -> bool:
        """Whether it is pay of its own loan."""
        return bool(self.loan) and self.dated is not None and self.stage != "fell back" and not self.reverses

    @property
    def family(self) -> tuple[str, str, str, str]:
        """What one reversal takes together."""
        return self.payee, self.dated.plan.code if self.dated is not None else "", self.component, self.loan


Hit: TypeAlias = tuple[Held, date, lp.Period, bool] | None
"""The reversal that takes all that is left of a line, its day and period, and whether the line came later."""


def lines_of(book: Book, hands: Mapping[str, Any], posted: Mapping[Slot, int]) -> list[Held]:
    """Every line with the amount that holds: set by hand, or earned; of a period that lacks something, as posted."""
    found = dict[str, Held]()
    for (payee, plan, component, loan, stage, period), line in book.lines.items():
        key = key_of(payee, plan, component, loan, stage, period)
        units, currency, parts = line.units, line.dated.currency, sorted(line.parts.items())
        if key in hands:
            units, currency = hands[key]["set_to"], hands[key]["currency"]
        elif (payee, period) in book.missing:
            units = posted.get((key, "earned", currency), 0)
        whose, parts = (component, loan, stage), parts if len(parts) > 1 else []
        days = line.on, min(line.on, line.earned_on)
        found[key] = Held(key, payee, *days, period, units, currency, line.dated, *whose, parts, by_hand=key in hands)
    for key, hand in hands.items():
        said = {name: hand[name] for name in ("payee", "on", "cohort", "currency", "loan")}
        found.setdefault(key, Held(key, **said, earned_on=hand["on"], units=hand["set_to"], by_hand=True))
    return capped([*found.values()], book.periods[-1])


def by_day(line: Held) -> Days:
    """The amount of a line by the days on which it was earned; what is below zero lowers what was earned last."""
    left: Days = []
    for on, units in line.parts:
        left = [*left, (on, units)] if units > 0 else parted(left, -units)[0]
    whole = sum(units for _, units in left)
    if line.by_hand and left and line.units > 0:
        shares = divided(line.units, [units for _, units in left])
        return [(on, share) for (on, _), share in zip(left, shares, strict=True) if share]
    left = parted(left, whole - line.units)[0]
    return left if left and whole >= line.units else [(line.earned_on, line.units)]


def parted(parts: Days, units: int) -> tuple[Days, Days]:
    """Parts less some units, of the latest first; and what was taken off."""
    left, gone = list[tuple[date, int]](), list[tuple[date, int]]()
    for on, part in reversed(parts):
        off = max(0, min(units, part))
        units -= off
        left = [(on, part - off), *left] if part > off else left
        gone = [(on, off), *gone] if off else gone
    return left, gone


def capped(lines: list[Held], through: lp.Period) -> list[Held]:
    """The lines with what is above the most for a person taken off the last ones, and what is carried of it.

    Of several versions that state it, the latest holds.
    """
    done, people = list[Held](), defaultdict[tuple[str, str], dict[lp.Period, list[Held]]](lambda: defaultdict(list))
    for line in lines:
        people[line.payee, line.currency][line.cohort].append(line)
    for person in sorted(people):
        left = people[person]
        while left:
            mine = sorted(left.pop(min(left)), key=lambda line: (line.on, line.key))
            done, following = done + mine, mine[0].cohort.next()
            stated = [line.dated for line in mine if line.dated is not None]
            stated.sort(key=lambda dated: dated.since, reverse=True)
            caps = [dated.rules.person_most for dated in stated if dated.rules.person_most is not None]
            hits = [hit_of(line, lines) for line in mine] if caps else []
            counted = [line for line, hit in zip(mine, hits, strict=bool(caps)) if not hit or hit[2] != line.cohort]
            counted = [line for line in counted if not line.reverses]
            over = sum(line.units for line in counted)
            over -= in_full(caps[0].most, caps[0].most.unit) if caps else 0
            for line in reversed(counted):
                off = 0 if line.by_hand else min(over, line.units)
                if off > 0:
                    if caps[0].excess == "carried" and following.start < through.end:
                        arrive(left[following], line, off, following)
                    line.units, over = line.units - off, over - off
    return done


def arrive(lines: list[Held], line: Held, units: int, period: lp.Period) -> None:
    """Carry units of a line over to a period: a line of their own, or a part of one that is there."""
    payee, plan, component, loan = line.family
    key, (_, parts) = key_of(payee, plan, component, loan, "carried over", period), parted(by_day(line), units)
    first, more, names = parts[0][0], parts if len(parts) > 1 else [], (component, loan, "carried over")
    moved = Held(key, payee, period.start, first, period, units, line.currency, line.dated, *names, more)
    known = [other for other in lines if other.key == key]
    if known and known[0].by_hand:
        lines[lines.index(known[0])] = evolve(moved, units=known[0].units, by_hand=True)
    elif known:
        known[0].parts = sorted([*by_day(known[0]), *by_day(moved)])
        known[0].units, known[0].earned_on = known[0].units + units, min(known[0].earned_on, first)
    else:
        lines.append(moved)


def hit_of(line: Held, lines: Iterable[Held]) -> Hit:
    """The first reversal of a line's deal after it was earned."""
    after = [item for item in lines if item.reverses and item.family == line.family and item.on >= line.earned_on]
    if not after or line.units <= 0 or not line.of_loan:
        return None
    first = min(after, key=lambda item: (item.on, item.key))
    late = first.cohort.start < line.cohort.start
    return first, max(first.on, line.on), line.cohort if late else first.cohort, late


def find_corrections(lines: Sequence[Held]) -> None:
    """Find what lines below zero take off the lines of their loan that came before them, of the latest first."""
    ordered = sorted((line for line in lines if line.of_loan), key=lambda line: (line.on, line.key))
    for item in ordered:
        units = max(0, -item.units)
        for line in reversed(ordered):
            part = min(units, max(0, line.units) - sum(off for _, off in line.off))
            if part > 0 and line.family == item.family and line.on <= item.on:
                line.off.append((item.on, part))
                units -= part


def part_held(holdback: Holdback, pay: int, currency: str, rounding: lp.Rounding) -> int:
    """How much of a period's pay is held: at the share reached, or each slice at its own."""
    whole = Fraction(pay, SMALLEST[currency])
    ends = [ZERO, *(x for x, _ in holdback.share.knots if 0 < x < whole), whole]
    held = sum((high - low) * height(holdback.share, (low + high) / 2) for low, high in pairwise(ends))
    held = height(holdback.share, whole) * whole if holdback.applies == "flat" else held
    return nearest(held * SMALLEST[currency], rounding)


# ── movements ───────────────────────────────────────────────────────────────────────────────────────────────
@define(eq=False)
class Move:
    """Something that is due to a line from a day on, and the lines that it takes of."""

    line: Held
    group: str
    on: date
    units: int
    of: Sequence[str] = ()
    slot: Slot = Factory(lambda self: (self.line.key, self.group, self.line.currency), takes_self=True)


def movements(book: Book, hands: Mapping[str, Any], posted: Mapping[Slot, int]) -> list[Move]:
    """Everything that is due, by day."""
    lines, found = sorted(lines_of(book, hands, posted), key=lambda line: (line.on, line.key)), list[Move]()
    for line in lines:
        line.hit = hit_of(line, lines)
    find_corrections(lines)
    pays: dict[tuple[str, lp.Period, str], int] = defaultdict(int)
    for period in sorted({line.cohort for line in lines} | {line.hit[2] for line in lines if line.hit is not None}):
        reverse(book, [line for line in lines if line.hit is not None and line.hit[2] == period])
        cohorts: dict[Any, list[Held]] = defaultdict(list)
        for line in lines:
            if line.cohort == period and line.dated is not None:
                plan = line.dated.plan
                cohorts[line.payee, line.currency, plan.code, plan.rounding, plan.holdback].append(line)
        for (payee, currency, _, _, _), mine in cohorts.items():
            pays[payee, period, currency] += hold(mine, period)
    book.pays = dict(pays)
    for line in lines:
        found += [Move(line, "held", line.cohort.last_day, line.held)] if line.held else []
        if line.reverses:
            found += [Move(line, "taken", on, units, line.of) for on, units in line.takes.items() if units]
        else:
            found.append(Move(line, "earned", line.on, line.units))
        found += life(book, line, line.hit) if line.units > 0 and line.dated is not None else []
    return sorted([*found, *drawn(book, pays)], key=lambda move: move.on)


def reverse(book: Book, lines: Iterable[Held]) -> None:
    """Take all that is left of lines on the day on which their deals are reversed."""
    signs = {"forfeited": 1, "taken": 1, "refunded": -1}
    for line in lines:
        by, on, _, late = line.hit or (line, FAR, line.cohort, False)
        taken = sum(signs.get(move.group, 0) * move.units for move in life(book, line, None) if move.on < on)
        units = max(0, stands(line, on) - taken)
        by.takes[on] += units
        by.in_time += 0 if late else units
        by.of.append(line.key)


def hold(lines: Sequence[Held], period: lp.Period) -> int:
    """Hold a part of a cohort, borne by its lines above zero in proportion; what is left of its pay."""
    pay = sum(line.units for line in lines if not line.reverses and not (line.hit is not None and line.hit[3]))
    pay -= sum(line.in_time for line in lines if line.reverses)
    plan = lines[0].dated.plan if lines[0].dated is not None else None
    if plan is None or plan.holdback is None or pay <= 0:
        return pay
    bears = [line for line in lines if line.units > 0 and (line.loan or plan.holdback.parts)]
    bears = [line for line in bears if line.hit is None or line.hit[2] != period]
    held = part_held(plan.holdback, pay, lines[0].currency, plan.rounding)
    held = min(held, sum(line.units for line in bears))
    for line, share in zip(bears, divided(held, [line.units for line in bears]) if held else (), strict=bool(held)):
        line.held = share
    return pay - held


def stands(line: Held, on: date) -> int:
    """What a line stands at on a day, before bad events."""
    return max(0, line.units - sum(units for day, units in line.off if day <= on))


def life(book: Book, line: Held, hit: Hit) -> list[Move]:
    """What becomes of a line; what was earned on several days is struck by what happens from each of them on."""
    days = by_day(line) if line.parts and strikes(book, line) else [(line.earned_on, line.units)]
    found, off = list[Move](), line.off
    shares = divided(line.held, [units for _, units in days]) if line.held else [0] * len(days)
    for (on, units), held in reversed([*zip(days, shares, strict=True)]):
        mine, rest, most = list[tuple[date, int]](), list[tuple[date, int]](), units
        for day, less in off:
            part = min(less, most)
            most, mine, rest = most - part, [*mine, (day, part)], [*rest, (day, less - part)]
        found += life_of(book, evolve(line, units=units, earned_on=on, parts=(), held=held, off=mine), line, hit)
        off = rest
    return found


def strikes(book: Book, line: Held) -> list[Any]:
    """The bad events of a line that its plan takes for.

    Of each the day from which it counts, its own day, its place, its rule, and the part of the line that it concerns.
    """
    found = list[Any]()
    if line.dated is not None and line.of_loan and line.loan in book.loans:
        loan = book.loans[line.loan]
        for rule in line.dated.plan.clawbacks:
            whole = rule.takes != "in proportion"
            days = loan.bad_days(rule, line.earned_on) if whole else []
            for on, part in [(on, ONE) for on in days] if whole else parts_gone(loan, line, line.dated.plan, rule):
                found.append((max(on, line.on, line.cohort.last_day), on, len(found), rule, part))
    return found


def parts_gone(loan: Loan, line: Held, plan: Plan, rule: Clawback) -> list[tuple[date, Fraction]]:
    """Days from earning on, and the part of the commission that stands on what was prepaid or written off then.

    What one drawing earned stands on that alone, unless a later one changes the rate of all, or it is an amount a loan.
    """
    items = [item for item in plan.components if item.code == line.component and item.is_by_drawing]
    alone = any(item.tiers is None or not item.tiers.are_of_all for item in items)
    alone = alone and all(rate.of == "base" for item in items for rate in item.rates)
    whole = sum(units for on, units in loan.drawn() if on == line.earned_on) if alone else 0
    left, before, found = ONE, 0, list[tuple[date, Fraction]]()
    for on, how, of, drawn, _ in loan.gone():
        units, part = sum(of.values()), ZERO
        if whole:
            part = Fraction(of.get(line.earned_on, 0), whole)
        elif on >= line.earned_on:
            part = left * min(ONE, Fraction(units, drawn - before)) if drawn else left
            left -= part
        found += [(on, part)] if how == rule.on and (part or (on >= line.earned_on and not whole)) else []
        before += units
    return found


def later(on: date, months: int | None, days: int | None) -> date:
    """The day some months or days later; far away where neither is stated."""
    if days is not None:
        return on + relativedelta(days=days)
    return FAR if months is None else on + relativedelta(months=months)


def pending_of(book: Book | None, loan: Loan | None, line: Held, holdback: Holdback) -> list[tuple[date, int]]:
    """The instalments of what is held of a line, and when each is released; far away where that is not known."""
    last, left, found = line.cohort.last_day, line.held, list[tuple[date, int]]()
    repaid = loan.repaid_on() if loan is not None and holdback.repaid == "releases" else None
    free = max(last, repaid or FAR)
    for place, item in enumerate(holdback.parts, 1):
        units, when = int(line.held * item.share), later(last, item.after_months, item.after_days)
        units, left = (left, 0) if place == len(holdback.parts) else (units, left - units)
        if holdback.condition == "performing" and loan is not None:
            when = performing_from(loan, when, holdback)
        if holdback.condition == "reading" and book is not None:
            when = met_from(book, line.payee, when, holdback)
        found.append((min(when, free), units))
    return found or [(free, line.held)]


def met_from(book: Book, payee: str, on: date, holdback: Holdback) -> date:
    """A day where the reading of its period is within the bound, else the last day of the first period after it."""
    for period in (period for period in book.periods if on < period.end and on <= book.last):
        found, low, high = book.readings.get((payee, holdback.indicator, period)), holdback.at_least, holdback.at_most
        good = found is not None and (low is None or found.value >= low.value)
        if good and found is not None and (high is None or found.value <= high.value):
            return on if period.start <= on else period.last_day
    return FAR if on <= book.last else on


def performing_from(loan: Loan, on: date, holdback: Holdback) -> date:
    """The first day from `on` on which a loan performs, and has for so long; far away where there is none."""
    repaid, good, since = loan.repaid_on() or FAR, on, FAR
    if repaid <= on:
        return on
    for day, bad in [*loan.said("non-performing"), (repaid, False)]:
        since = min(since, day) if bad else since
        if not bad and since <= good:
            good = max(good, day if day == repaid else later(day, holdback.condition_months, holdback.condition_days))
        since = since if bad else FAR
    return good if good < min((day for day, _ in loan.moved("written off")), default=FAR) else FAR


def life_of(book: Book, line: Held, whole: Held, hit: Hit) -> list[Move]:
    """What becomes of what was earned on one day: released, forfeited, taken, refunded, until its deal is reversed."""
    if line.dated is None:
        return []
    plan, loan, found = line.dated.plan, book.loans.get(line.loan) if line.loan else None, list[Move]()
    pending = pending_of(book, loan, line, plan.holdback) if plan.holdback is not None and line.held else []
    net, added, until, events = 0, ZERO, FAR if hit is None else hit[1], strikes(book, line)

    def share_of(units: int, share: Fraction) -> int:
        return max(0, min(nearest(share * units, plan.rounding), units))

    def release(parts: Days, before: date) -> list[tuple[date, int]]:
        found.extend(Move(whole, "released", on, units) for on, units in parts if on < before)
        return [(on, units) for on, units in parts if on >= before]

    while events and min(events, key=lambda event: event[:3])[0] < until:
        events.sort(key=lambda event: event[:3])
        on, day, _, rule, what = events.pop(0)
        if isinstance(what, int):
            found.append(Move(whole, "refunded", on, what))
            net -= what
            continue
        pending, left = release(pending, on), stands(line, on)
        since = relativedelta(day, line.earned_on)
        age = (day - line.earned_on).days if rule.share.x_unit == "day" else since.years * 12 + since.months
        share = height(rule.share, Fraction(age)) * what
        units = share_of(left, share) - net
        if rule.takes == "in proportion":
            taken = share_of(left, min(ONE, added + share))
            units, added = min(taken - net, taken - share_of(left, added)), min(ONE, added + share)
        off = min(max(0, units), sum(part for _, part in pending))
        less = divided(off, [part for _, part in pending]) if off else [0] * len(pending)
        pending = [(at, part - gone) for (at, part), gone in zip(pending, less, strict=True) if part > gone or not off]
        units = max(off, units) if rule.reach == "held and paid" else off
        if units > 0:
            net += units
            of = (line.key,) if hit is None else (line.key, hit[0].key)
            found += [Move(whole, "forfeited", on, off)] if off else []
            found += [Move(whole, "taken", on, units - off, of)] if units > off else []
            backs = refunds(loan, rule, day, units, plan.rounding)
            events += [(max(at, on), at, len(found) + at.toordinal(), rule, back) for at, back in backs]
    pending = release(pending, until)
    freed = sum(units for _, units in pending)
    return found + ([Move(whole, "released", until, freed)] if hit is not None and freed else [])


def refunds(
    loan: Loan | None, rule: Clawback, bad_on: date, taken: int, rounding: lp.Rounding
) -> Iterator[tuple[date, int]]:
    """What recoveries give back of what one bad event took."""
    until, given = later(bad_on, rule.refund_months, rule.refund_days), 0
    for on, part in loan.recovered(rule, bad_on, until) if loan is not None and rule.refund else ():
        units = nearest(rule.refund * taken * part, rounding)
        if units != given:
            yield on, units - given
        given = units


def drawn(book: Book, pays: dict[tuple[str, lp.Period, str], int]) -> list[Move]:
    """Guarantees, draws, their recovery and waiver, period by period of each payee; what is owed outlives its plan."""
    found = list[Move]()
    for payee in sorted({payee for payee, _ in book.drawing}):
        owed: dict[tuple[str, int], tuple[DatedPlan, int, int]] = {}
        for period in sorted({*book.periods} | {period for _, period in book.drawing}):
            earlier = {place: (dated, nth + 1, left) for place, (dated, nth, left) in owed.items() if left}
            now, floors = dict[tuple[str, int], tuple[DatedPlan, int, int]](), defaultdict[str, int](int)
            if (payee, period) in book.drawing:
                dated, nth = book.drawing[payee, period]
                places = [(dated.plan.code, index) for index in range(len(dated.plan.draws))]
                now = {place: (dated, nth, earlier.pop(place, (0, 0, 0))[2]) for place in places}
            for place, (dated, nth, _) in now.items():
                tops_up = dated.plan.draws[place[1]].style == "top up"
                floors[dated.currency] = max(floors[dated.currency], least_of(dated, place[1], nth) * tops_up)
            owed = {}
            for place, (dated, nth, balance) in [*now.items(), *earlier.items()]:
                draw, money = dated.plan.draws[place[1]], (payee, period, dated.currency)
                least = least_of(dated, place[1], nth) if place in now else 0
                floor = least * (draw.style == "top up") if place in now else floors[dated.currency]
                units = least if draw.style == "advance" or not least else max(0, least - pays[money])
                moves, back = {"guarantee": units}, 0
                if draw.kind == "recoverable":
                    recovers = draw.recovered_from <= nth <= (draw.recovered_until or nth)
                    back = min(balance + units, max(0, pays[money] - floor)) if recovers else 0
                    ends = draw.left == "waived" and draw.recovered_until is not None and nth >= draw.recovered_until
                    left = balance + units - back
                    moves = {"draw": units, "recovery": back, "waived": left if ends else 0}
                    owed[place] = dated, nth, 0 if ends else left
                pays[money] += moves.get("guarantee", 0) - back
                key, last = key_of(payee, place[0], f"draw {place[1] + 1}", "", "", period), period.last_day
                line = Held(key, payee, last, last, period, 0, dated.currency, dated)
                found += [Move(line, group, last, units) for group, units in moves.items() if units]
    return found


def least_of(dated: DatedPlan, place: int, nth: int) -> int:
    """What a draw gives at least in a period in the role; nothing where it does not apply."""
    draw = dated.plan.draws[place]
    least = nearest(draw.least.value * SMALLEST[draw.least.unit], dated.plan.rounding)
    return least if draw.first_period <= nth <= (draw.last_period or nth) else 0


# ── the ledger ──────────────────────────────────────────────────────────────────────────────────────────────
Entry: TypeAlias = dict[str, Any]
"""number, kind, payee, line, cohort, loan, period, units, currency, on, version, corrects; perhaps set_to, or pays."""


def group(entry: Entry) -> str:
    """What an entry is summed with."""
    return str(GROUP_OF.get(entry["kind"], entry["kind"]))


def due(entry: Entry) -> int:
    """What an entry adds to what is to be paid."""
    return int(DUE.get(group(entry), 1) * entry["units"])


def covers(paid: Entry, entry: Entry) -> bool:
    """Whether a payment covers an entry that it does not leave out: one before it, or itself, of no later period."""
    behind = paid["number"] >= entry["number"] and paid["period"].end >= entry["period"].end
    return bool(behind and entry["number"] not in paid["corrects"])


def covered_of(entry: Entry, paid: Iterable[Entry]) -> bool:
    """Whether one of some payments covers an entry; what came back covers nothing."""
    return any(one["units"] >= 0 and covers(one, entry) for one in paid)


def total(entries: Iterable[Entry], *kinds: str) -> int:
    """The sum of entries of some kinds."""
    return sum(entry["units"] for entry in entries if entry["kind"] in kinds)


@define(eq=False)
class Ledger:
    """Everything that was posted; the periods that are closed, and those that ever were."""

    entries: list[Entry] = Factory(list)
    closed: set[lp.Period] = Factory(set)
    ever_closed: set[lp.Period] = Factory(set)

    def add(self, kind: str, units: int, currency: str, payee: str, period: lp.Period, **more: Any) -> None:
        """Post an entry."""
        entry: Entry = {"line": "", "cohort": None, "loan": "", "on": period.last_day, "version": "", "corrects": ()}
        entry |= {"number": len(self.entries) + 1, "kind": kind, "units": units, "currency": currency, "payee": payee}
        self.entries.append(entry | {"period": period} | more)

    def must_be_open(self, period: lp.Period) -> None:
        """Refuse a period that shares a day with a closed one."""
        refuse(any(period.start < shut.end and shut.start < period.end for shut in self.closed), "it is closed")

    def of_line(self, line: str) -> list[Entry]:
        """The entries of a line; payments are no line's."""
        return [entry for entry in self.entries if entry["line"] == line != "" and entry["kind"] != "paid"]

    def of(self, payee: str, currency: str) -> list[Entry]:
        """The entries of a payee in a currency."""
        return [entry for entry in self.entries if (entry["payee"], entry["currency"]) == (payee, currency)]

    def nets(self, through: lp.Period) -> dict[Slot, int]:
        """What was posted, where that is not nothing."""
        found: dict[Slot, int] = defaultdict(int)
        for entry in self.entries:
            if entry["line"] and entry["kind"] != "paid" and entry["period"].end <= through.end:
                found[entry["line"], group(entry), entry["currency"]] += entry["units"]
        return {slot: units for slot, units in found.items() if units}

    def hands(self, through: lp.Period) -> dict[str, Entry]:
        """The last amount set by hand of each line."""
        set_by = (entry for entry in self.entries if entry["kind"] == "override")
        return {entry["line"]: entry for entry in set_by if entry["period"].end <= through.end}

    def paid_total(self, payee: str, currency: str) -> int:
        """What was paid and is neither owed nor taken back since: what may be clawed back of a payee."""
        kept = paid = owed = open_ = 0
        for entry in self.of(payee, currency):
            owed, open_ = owed + OWED.get(entry["kind"], 0) * entry["units"], open_ + due(entry)
            if entry["kind"] == "paid":
                paid += entry["units"]
                kept = paid - owed + min(0, open_) if entry["units"] >= 0 else kept + entry["units"]
            kept -= total([entry], "clawed back")
        return kept

    def paid_net(self, payee: str, currency: str, lines: Iterable[str]) -> int:
        """What was paid of some lines, less what was clawed back since."""
        room, mine = 0, self.of(payee, currency)
        paid = [entry for entry in mine if entry["kind"] == "paid" and entry["units"] >= 0]
        for entry in (entry for line in {*lines} for entry in self.of_line(line) if entry["currency"] == currency):
            room += due(entry) if covered_of(entry, paid) else -total([entry], "clawed back")
        return room


def settle(ledger: Ledger, book: Book, period: lp.Period, awards: Sequence[lp.Award] = ()) -> None:
    """Post the difference between what is due at the end of a period and what was posted."""
    ledger.must_be_open(period)
    nets, moves, last = ledger.nets(period), defaultdict[Slot, list[Move]](list), period.last_day
    for move in movements(book, ledger.hands(period), nets):
        if move.on < period.end:
            moves[move.slot].append(move)
    for award in awards:
        key, amount = key_of(award.payee, "bonus", "bonus", "", "", period), award.amount
        bonus = Move(Held(key, award.payee, last, last, period, 0, amount.currency), "earned", last, amount.units)
        moves[bonus.slot].append(bonus)
    for move in deferred(ledger, book, period, awards):
        if move.on < period.end:
            moves[move.slot].append(move)
    for slot in nets:
        if slot not in moves and not stays(ledger, book, slot):
            moves[slot] = []
    changed = {slot: sum(move.units for move in found) - nets.get(slot, 0) for slot, found in moves.items()}
    changed = {slot: units for slot, units in changed.items() if units}
    payees = {
        slot: moves[slot][0].line.payee if moves[slot] else ledger.of_line(slot[0])[0]["payee"] for slot in changed
    }
    lost = {row.loan for row in book.rows if isinstance(row, lp.Credit | lp.LoanEvent)} - {*book.loans}
    of_lost = {payees[slot] for slot in payees for entry in ledger.of_line(slot[0])[:1] if entry["loan"] in lost}
    stopped, posted = book.blocked | unposted(ledger, book, period) | of_lost, evolve(ledger, entries=[*ledger.entries])
    for slot in sorted(changed, key=lambda slot: (payees[slot], slot[0], GROUPS.index(slot[1]), slot[2])):
        if payees[slot] not in stopped:
            post(ledger, posted, period, slot, changed[slot], moves[slot])
    ledger.entries = posted.entries


Seat: TypeAlias = tuple[str, lp.Period, str]
"""Payee, period in which it was earned, and currency."""


@define(eq=False)
class HeldBack:
    """What is held of bonuses and of all pay, by key and currency, each until a day; and what that leaves of pay."""

    left: defaultdict[Seat, int]
    found: dict[tuple[str, str], tuple[Held, date]] = Factory(dict)

    def add(self, seat: Seat, key: str, until: date, units: int) -> None:
        """Hold units back."""
        payee, cohort, currency = seat
        line, _ = self.found.setdefault((key, currency), (Held(key, payee, until, until, cohort, 0, currency), until))
        line.held += units
        self.left[seat] -= units

    def hold(self, seat: Seat, pay: int, terms: Holdback, rounding: lp.Rounding, name: str) -> None:
        """Hold back of pay what the terms say."""
        (payee, cohort, currency), name = seat, name + " in service" * (terms.leavers == "forfeited")
        line = Held("", payee, cohort.last_day, cohort.last_day, cohort, 0, currency)
        line.held = part_held(terms, pay, currency, rounding) if pay > 0 else 0
        for until, part in pending_of(None, None, line, terms) if line.held else ():
            key = key_of(payee, "bonus", name, "", "" if until == FAR else str(until), cohort)
            self.add(seat, key, until, part)


def deferred(ledger: Ledger, book: Book, period: lp.Period, awards: Sequence[lp.Award]) -> Iterator[Move]:
    """What is held of bonuses and of all pay, until the day of its key; then released, or forfeited by leaving."""
    held = HeldBack(defaultdict(int, book.pays))
    known = [entry for entry in ledger.entries if entry["period"].end <= period.end]
    posted_of(held, known, {(award.payee, period) for award in awards})
    for award in awards:
        seat, plan = (award.payee, period, award.amount.currency), award.appraisal.card.bonus
        held.left[seat] += award.amount.units
        if plan is not None and plan.holdback is not None:
            held.hold(seat, award.amount.units, plan.holdback, plan.rounding, "held")
    for seat, pay in [*held.left.items()]:
        terms = terms_of(book, seat)
        if terms is not None:
            held.hold(seat, pay, terms, lp.Rounding.DOWN, "held of all pay")
    for line, until in held.found.values():
        left, last = book.staff.left_on(line.payee), line.cohort.last_day
        yield Move(line, "held", last, line.held)
        if left is not None and left <= until and " in service/" in line.key:
            yield Move(line, "forfeited", max(left, last), line.held)
        elif until < FAR:
            yield Move(line, "released", until, line.held)


def posted_of(held: HeldBack, known: Iterable[Entry], given: set[tuple[str, lp.Period]]) -> None:
    """What was posted of bonuses that are not given again, and is held of them, stays."""
    for entry in known:
        seat, parts = (entry["payee"], entry["cohort"], entry["currency"]), re.split(r"(?<!\\)/", entry["line"])[1:]
        if seat[:2] not in given and parts[:1] == ["bonus"] and entry["kind"] != "paid":
            held.left[seat] += entry["units"] * (parts[1] == "bonus" and group(entry) == "earned")
            if group(entry) == "held" and not parts[1].startswith("held of all pay"):
                until = date.fromisoformat(parts[3]) if parts[3] else FAR
                held.add(seat, entry["line"], until, entry["units"])


def terms_of(book: Book, seat: Seat) -> Holdback | None:
    """What holds of all pay, by the version in force on the last day and the last role; None where nothing does."""
    payee, cohort, _ = seat
    dated = [one for one in book.plans if one.rules.holdback is not None and one.holds_on(cohort.last_day)]
    terms = max(dated, key=lambda one: one.since).rules.holdback if dated else None
    roles = [item.role for item, _ in book.staff.assignments_in(payee, cohort)]
    share = dict(terms.roles).get(roles[-1] if roles else "") if terms is not None else None
    return terms if terms is None or share is None else evolve(terms, share=share)


def stays(ledger: Ledger, book: Book, slot: Slot) -> bool:
    """Whether what is posted and not due any more stays: a bonus, and what lies where not everything is known."""
    first = ledger.of_line(slot[0])[0]
    bonus = slot[0] == key_of(first["payee"], "bonus", "bonus", "", "", first["cohort"])
    before = first["cohort"].start < book.periods[0].start and not first["loan"]
    return bonus or before or (first["payee"], first["cohort"]) in book.missing


def unposted(ledger: Ledger, book: Book, period: lp.Period) -> set[str]:
    """Payees who lack something in an open period in which nothing is posted for them."""
    posted = {(entry["payee"], entry["period"]) for entry in ledger.entries}
    begins = min(held.start for held in [period, *ledger.ever_closed, *(held for _, held in posted)])
    late = [(payee, held) for payee, held in book.missing if begins <= held.start < period.start]
    return {payee for payee, held in late if held not in ledger.closed and (payee, held) not in posted}


def post(ledger: Ledger, posted: Ledger, period: lp.Period, slot: Slot, units: int, moves: Sequence[Move]) -> None:
    """Post a difference; what is taken is clawed back as far as it was paid, and cancelled as far as it was not."""
    line, kind, currency = slot
    ours = [entry for entry in ledger.of_line(line) if entry["currency"] == currency and group(entry) == kind]
    earlier = [entry for entry in ours if entry["period"].end <= period.end]
    corrects = {entry["number"] for entry in earlier}
    names = ("payee", "cohort", "loan", "version")
    known: Entry = {name: getattr(moves[-1].line, name) if moves else earlier[0][name] for name in names}
    known |= {"line": line, "on": moves[-1].on if moves else period.last_day, "period": period}
    if kind == "earned" and (earlier or known["cohort"] in ledger.closed):
        kind = "adjustment"
    parts = {kind: units}
    if kind == "taken":
        clawed, keys = total(earlier, "clawed back"), {line, *(key for move in moves for key in move.of)}
        if not moves:
            corrects |= {number for entry in earlier for number in entry["corrects"]}
        elif units > 0:
            earned = [entry for key in keys for entry in ledger.of_line(key) if group(entry) == "earned"]
            corrects = {entry["number"] for entry in earned}
        now = -clawed if not moves else units if units > 0 else -min(-units, max(0, clawed))
        if now > 0:
            new = [entry for entry in posted.entries[len(ledger.entries) :] if entry["currency"] == currency]
            new = [entry for entry in new if entry["kind"] == "clawed back" and entry["units"] > 0]
            keys |= {ledger.entries[number - 1]["line"] for number in corrects if not moves}
            of_lines = total((entry for entry in new if entry["line"] in keys), "clawed back")
            of_payee = total((entry for entry in new if entry["payee"] == known["payee"]), "clawed back")
            of_lines = ledger.paid_net(known["payee"], currency, keys) - of_lines
            now = min(now, max(0, min(of_lines, ledger.paid_total(known["payee"], currency) - of_payee)))
        parts = {"clawed back": now, "cancelled": units - now}
    for name, part in parts.items():
        if part:
            posted.add(name, part, currency, **known, corrects=tuple(sorted(corrects)))


def overrule(ledger: Ledger, line: str, amount: lp.Money, period: lp.Period, payee: str) -> None:
    """Set a line by hand."""
    ledger.must_be_open(period)
    known = ledger.of_line(line)
    earned = [entry for entry in known if group(entry) == "earned" and entry["period"].end <= period.end]
    names = ("cohort", "loan", "on", "version")
    more = {name: known[0][name] for name in names} if known else {"cohort": period}
    more |= {"line": line, "corrects": tuple(entry["number"] for entry in earned), "set_to": amount.units}
    before = sum(entry["units"] for entry in earned)
    ledger.add("override", amount.units - before, amount.currency, payee, period, **more)


# ── pay ─────────────────────────────────────────────────────────────────────────────────────────────────────
def in_full(bound: lp.Quantity, currency: str) -> int:
    """A bound in the smallest units that fill it."""
    return nearest(bound.value * SMALLEST[currency], lp.Rounding.DOWN)


def pay(
    ledger: Ledger, period: lp.Period, rules: Mapping[str, Any], pay_in: Mapping[str, str], rates: Any, held: Any
) -> None:
    """Net every payee, and pay what is due and not held."""
    ledger.must_be_open(period)
    new = list[tuple[str, int, str, str, dict[str, Any]]]()
    for payee, currency in sorted({(entry["payee"], entry["currency"]) for entry in ledger.entries}):
        mine = ledger.of(payee, currency)
        paid = [entry for entry in mine if entry["kind"] == "paid"]
        kept = held_back(mine, paid, held)
        free = {n for one in paid for n in one["corrects"] if not covered_of(ledger.entries[n - 1], paid)} - {*kept}
        done = ("payee", payee) in held or (not sum(map(due, mine)) and mine[-1]["kind"] == "paid" and not free)
        if not done and all(entry["period"].end <= period.end for entry in mine):
            posts, left = netted([e for e in mine if e["number"] not in kept], period, rules[currency], currency)
            into = pay_in.get(payee, currency) if left else currency
            money = lp.Money.from_units(left, currency)
            pays = nearest(converted(rates, money, into, period.last_day) * SMALLEST[into], lp.Rounding.HALF_UP)
            waits = any(not any(covers(one, entry) for one in paid) for entry in mine if entry["number"] not in kept)
            if (left or posts or waits or free) and (pays or not left):
                place = 1 + sum(entry["period"] == period and entry["units"] >= 0 for entry in paid)
                key = f"{payee}/{period}/{currency}/{place}"
                posts.append(("paid", left, {"line": key, "pays": (pays, into), "corrects": kept}))
            new += [(kind, units, currency, payee, more) for kind, units, more in posts]
    for kind, units, currency, payee, more in new:
        ledger.add(kind, units, currency, payee, period, **more)


def held_back(mine: Sequence[Entry], paid: Sequence[Entry], held: Iterable[tuple[str, str]]) -> tuple[int, ...]:
    """Entries of held loans that no payment covers, where those of a loan sum to more than zero."""
    open_ = [e for e in mine if ("loan", e["loan"]) in held and not covered_of(e, paid)]
    sums = {e["loan"]: sum(due(other) for other in open_ if other["loan"] == e["loan"]) for e in open_}
    return tuple(e["number"] for e in open_ if sums[e["loan"]] > 0)


def netted(mine: Sequence[Entry], period: lp.Period, rules: PayRules, currency: str) -> tuple[list[Any], int]:
    """Net one payee in one currency: the guard, receivables, and the most for a payment; what is left to be paid."""
    posts, left, now = list[Any](), sum(map(due, mine)), [entry for entry in mine if entry["period"] == period]
    takings = ("receivable raised", "receivable recovered", "clawed back", "recovery")
    counted = [entry for entry in now if entry["kind"] != "paid"]
    takes = [e for e in counted if e["kind"] in takings or (due(e) < 0 and e["kind"] not in ("held", "cancelled"))]
    taken = -sum(map(due, takes))
    gross = sum(map(due, counted)) + taken
    limits = [] if rules.guard_share is None else [int(rules.guard_share * max(0, gross))]
    limits += [] if rules.guard_floor is None else [gross - in_full(rules.guard_floor, currency)]
    allowed = max(0, min(limits)) if limits else None
    if allowed is not None and taken > allowed:
        posts.append(("receivable raised", taken - allowed, {}))
        left, taken = left + taken - allowed, allowed
    owed = total(mine, "receivable raised") - total(mine, "receivable recovered")
    owed -= total((entry for entry in mine if not entry["line"]), "waived")
    posts += [("receivable raised", -left, {})] if left < 0 and rules.negative == "receivable" else []
    left = max(0, left)
    back = min(owed, left) if allowed is None else min(owed, left, allowed - taken)
    if back > 0:
        posts.append(("receivable recovered", back, {}))
        left -= back
    if rules.payment_most is not None:
        left = min(left, max(0, in_full(rules.payment_most.most, currency) - total(now, "paid")))
    return posts, left


def standing(ledger: Ledger, period: lp.Period) -> list[Entry]:
    """The payments of a period that did not come back, in order of payee."""
    paid = [entry for entry in ledger.entries if entry["kind"] == "paid"]
    back = {number for entry in paid if entry["units"] < 0 for number in entry["corrects"]}
    made = [entry for entry in paid if entry["units"] > 0 and entry["number"] not in back and entry["period"] == period]
    return sorted(made, key=lambda entry: (entry["payee"], entry["currency"], entry["number"]))


def returned(ledger: Ledger, paid: Entry, period: lp.Period) -> None:
    """A payment that came back is due again."""
    ledger.must_be_open(period)
    more = {"line": paid["line"], "corrects": (paid["number"],)}
    ledger.add("paid", -paid["units"], paid["currency"], paid["payee"], period, **more)
