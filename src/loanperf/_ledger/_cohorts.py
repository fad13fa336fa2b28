"""Cohorts: what was earned in a period, after caps and amounts set by hand, and how much of it is held."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from attrs import evolve, field, frozen

from loanperf._commission import Accrual, Accruals, Cap, DatedPlan, Holdback, line_key
from loanperf._explanations import Explanation, because
from loanperf._ledger._entries import Entry
from loanperf._periods import Period
from loanperf._quantities import Money, Rounding, allocate

Cohort: TypeAlias = tuple[str, str, Period, str, Holdback | None, Rounding]
"""Payee, plan, period, currency, and the terms on which pay is held."""
REVERSALS = frozenset({"cancelled", "expired"})
"""Stages of lines below zero that reverse what a deal earned."""


@frozen(kw_only=True)
class Line:
    """A line of a payee with the amount that holds for it."""

    key: str
    payee: str
    component: str = ""
    loan: str = ""
    stage: str = ""
    on: date
    period: Period
    units: int
    currency: str
    plan: DatedPlan | None = None
    accrual: Accrual | None = None
    steps: tuple[Explanation, ...] = ()
    set_by_hand: Entry | None = None

    @property
    def money(self) -> Money:
        """The amount that holds."""
        return Money(self.units, self.currency)

    @property
    def reverses(self) -> bool:
        """Whether it takes back what a dead deal earned."""
        return self.units < 0 and self.stage in REVERSALS and self.set_by_hand is None


@frozen
class Hit:
    """A part of a line that a reversal takes back."""

    on: date
    period: Period
    units: int
    by: str
    """Key of the reversal."""


@frozen
class Reversed:
    """What reversals take of which lines."""

    hits: Mapping[str, tuple[Hit, ...]] = field(factory=dict)
    """By key of the line that is reversed."""
    against: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """Keys of the lines reversed, by key of the reversal."""

    def within(self, line: Line) -> int:
        """What is reversed of a line in the very period in which it was earned, in smallest units."""
        return sum(hit.units for hit in self.hits.get(line.key, ()) if hit.period == line.period)


def lines_of(accruals: Accruals, overruled: Mapping[str, Entry]) -> list[Line]:
    """Every line with the amount that holds for it: set by hand, or accrued and cut by the caps of persons."""
    found: dict[str, Line] = {}
    for accrual in accruals.lines:
        key = accrual.key
        if key in found:
            known = found[key]
            if known.set_by_hand is None:
                found[key] = evolve(known, units=known.units + (accrual.amount - Money(0, known.currency)).units)
            continue
        hand = overruled.get(key)
        amount = accrual.amount if hand is None or hand.set_to is None else hand.set_to
        found[key] = Line(
            key=key,
            payee=accrual.payee,
            component=accrual.component,
            loan=accrual.loan,
            stage=accrual.stage,
            on=accrual.on,
            period=accrual.period,
            units=amount.units,
            currency=amount.currency,
            plan=accrual.plan,
            accrual=accrual,
            set_by_hand=hand,
        )
    for key, hand in overruled.items():
        if key not in found and hand.set_to is not None:
            found[key] = _by_hand(key, hand, hand.set_to)
    return capped(list(found.values()), accruals.through)


def _by_hand(key: str, hand: Entry, amount: Money) -> Line:
    return Line(
        key=key,
        payee=hand.payee,
        loan=hand.loan,
        on=hand.on,
        period=Period.parse(hand.cohort),
        units=amount.units,
        currency=amount.currency,
        set_by_hand=hand,
    )


# ── the most for a person ───────────────────────────────────────────────────────────────────────────────────


def capped(lines: list[Line], through: Period) -> list[Line]:
    """The lines with the excess over the cap of each person taken off those that came last.

    What is carried becomes a line of component `carried` in the next period, where the cap holds again.
    """
    bounded = {id(line.plan) for line in lines if line.plan is not None and line.plan.rules.person_most is not None}
    people = {(line.payee, line.currency) for line in lines if id(line.plan) in bounded}
    done = [line for line in lines if (line.payee, line.currency) not in people]
    by_person: dict[tuple[str, str], dict[Period, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        if (line.payee, line.currency) in people:
            by_person[line.payee, line.currency][line.period].append(line)
    for periods in by_person.values():
        waiting = sorted(periods)
        while waiting:
            period = waiting.pop(0)
            kept, carried = _cut(periods[period])
            done += kept
            known = () if carried is None else (line.key for line in periods.get(carried.period, ()))
            if carried is not None and carried.period.start < through.end and carried.key not in known:
                if carried.period not in periods:
                    insort(waiting, carried.period)
                periods[carried.period].append(carried)
    return done


def _cut(lines: list[Line]) -> tuple[list[Line], Line | None]:
    """The lines of a person's period within the cap, and what is carried to the next."""
    plans = [line.plan for line in lines if line.plan is not None and line.plan.rules.person_most is not None]
    plan = max(plans, key=lambda item: item.since, default=None)
    cap: Cap | None = plan.rules.person_most if plan is not None else None
    ordered = sorted(lines, key=lambda line: (line.on, line.key))
    if plan is None or cap is None:
        return ordered, None
    currency = ordered[0].currency
    most = Money.rounded(cap.most.value, cap.most.unit, Rounding.DOWN)
    over = sum(line.units for line in ordered) - (most - Money(0, currency)).units
    excess, last = max(0, over), None
    for index in reversed(range(len(ordered))):
        line = ordered[index]
        off = min(excess, line.units) if line.set_by_hand is None and line.units > 0 else 0
        if off:
            values = {
                "limit": str(most),
                "off": str(Money(off, currency)),
                "left": str(Money(line.units - off, currency)),
            }
            why = because(f"entry.person cap {cap.excess}", values)
            ordered[index] = evolve(line, units=line.units - off, steps=(*line.steps, why))
            excess, last = excess - off, last or line
    taken = max(0, over) - excess
    if last is None or cap.excess == "lost":
        return ordered, None
    return ordered, _carried(last, taken)


def _carried(line: Line, units: int) -> Line:
    period, plan = line.period.next(), line.plan
    code = plan.plan.code if plan is not None else ""
    return Line(
        key=line_key(line.payee, code, "carried", "", "", period),
        payee=line.payee,
        component="carried",
        on=period.start,
        period=period,
        units=units,
        currency=line.currency,
        plan=plan,
    )


# ── deals that die ──────────────────────────────────────────────────────────────────────────────────────────


def reversed_of(lines: list[Line]) -> Reversed:
    """Which lines each reversal takes back, the latest first; a line is never taken back by more than it is."""
    families: dict[tuple[str, str, str, str], list[Line]] = defaultdict(list)
    reversals = [line for line in lines if line.reverses]
    names = {_family(line) for line in reversals}
    if not names:
        return Reversed()
    for line in lines:
        if line.units > 0 and _family(line) in names:
            families[_family(line)].append(line)
    hits: dict[str, tuple[Hit, ...]] = defaultdict(tuple)
    against: dict[str, tuple[str, ...]] = {}
    for reversal in sorted(reversals, key=lambda line: (line.on, line.key)):
        left, taken = -reversal.units, []
        for line in sorted(families[_family(reversal)], key=lambda line: (line.on, line.key), reverse=True):
            part = min(left, line.units - sum(hit.units for hit in hits[line.key])) if line.on <= reversal.on else 0
            if part > 0:
                hits[line.key] += (Hit(reversal.on, reversal.period, part, reversal.key),)
                taken.append(line.key)
                left -= part
        against[reversal.key] = tuple(taken)
    return Reversed(hits, against)


def _family(line: Line) -> tuple[str, str, str, str]:
    return line.payee, line.plan.plan.code if line.plan is not None else "", line.component, line.loan


# ── how much is held ────────────────────────────────────────────────────────────────────────────────────────


def cohorts_of(lines: Iterable[Line]) -> dict[Cohort, list[Line]]:
    """Lines by payee, plan and period, apart where versions of the plan hold pay on different terms."""
    terms: dict[int, tuple[str, Holdback | None, Rounding]] = {}
    known: dict[tuple[str, Holdback | None, Rounding], tuple[str, Holdback | None, Rounding]] = {}
    found: dict[tuple[str, Period, str, int], list[Line]] = defaultdict(list)
    for line in lines:
        if line.plan is None:
            continue
        plan = line.plan.plan
        if id(plan) not in terms:
            term = (plan.code, plan.holdback, plan.rounding)
            terms[id(plan)] = known.setdefault(term, term)
        found[line.payee, line.period, line.currency, id(terms[id(plan)])].append(line)
    kept = {id(term): term for term in known.values()}
    return {
        (payee, kept[term][0], period, currency, *kept[term][1:]): held
        for (payee, period, currency, term), held in found.items()
    }


def held_pay(holdback: Holdback, pay: Money, rounding: Rounding) -> Money:
    """How much of a period's pay is held: nothing of pay of zero or less.

    >>> from loanperf import Holdback, Money, Rounding
    >>> tenth = Holdback(share="10%", instalments=(), repaid="releases")
    >>> print(held_pay(tenth, Money.of("1234.56 CNY"), Rounding.HALF_UP))
    123.46 CNY
    """
    if pay.units <= 0:
        return Money(0, pay.currency)
    whole = pay.exact
    if holdback.applies == "flat":
        return Money.rounded(holdback.share.at(whole) * whole, pay.currency, rounding)
    ends = [Fraction(0), *(x for x, _ in holdback.share.knots if 0 < x < whole), whole]
    slices = ((high - low) * holdback.share.at((low + high) / 2) for low, high in pairwise(ends))
    return Money.rounded(sum(slices, Fraction(0)), pay.currency, rounding)


def held_lines(cohort: Cohort, lines: list[Line], reversed_: Reversed) -> tuple[Money, Money, dict[str, int]]:
    """The pay of a cohort, what is held of it, and how much of that is held of each line.

    It falls on the lines above zero in proportion to what is not reversed in the same period. Where only a
    repayment releases, nothing is held of lines without a loan.
    """
    _, _, _, currency, holdback, rounding = cohort
    pay = Money(sum(line.units for line in lines), currency)
    if holdback is None or pay.units <= 0:
        return pay, Money(0, currency), {}
    weights = {
        line.key: line.units - reversed_.within(line)
        for line in sorted(lines, key=lambda line: (line.on, line.key))
        if line.units > 0 and (line.loan or holdback.instalments)
    }
    weights = {key: weight for key, weight in weights.items() if weight > 0}
    held = Money(min(held_pay(holdback, pay, rounding).units, sum(weights.values())), currency)
    if not held.units:
        return pay, held, {}
    parts = allocate(held.units, list(weights.values()), step=1, tie_break="first")
    return pay, held, dict(zip(weights, parts, strict=True))
