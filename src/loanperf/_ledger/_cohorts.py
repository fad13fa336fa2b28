"""Cohorts: what was earned in a period, after caps and amounts set by hand, and how much of it is held."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from attrs import evolve, frozen

from loanperf._allocation import allocate
from loanperf._commission import Accrual, Accruals, Cap, DatedPlan, Holdback, line_key
from loanperf._explanations import Explanation, because
from loanperf._ledger._entries import Entry
from loanperf._periods import Period
from loanperf._quantities import Money, Rounding

Cohort: TypeAlias = tuple[str, str, Period, str, Holdback | None, Rounding]
"""Payee, plan, period, currency, and the terms on which pay is held."""
REVERSALS = frozenset({"cancelled", "expired"})
"""Stages of lines that take back all that a payee earned by a deal up to their day."""
_FELL_BACK = "fell back"
"""The stage of a line that says what other loans lose as tiers fall back; it is no part of its own loan's pay."""
_CARRIED = "carried over"
"""The stage of what the cap of a person carries; a word that is no milestone, and that accruals do not use."""
Family: TypeAlias = tuple[str, str, str, str]
"""Payee, plan, component and loan: what a reversal takes back."""


@frozen(kw_only=True)
class HeldLine:
    """A line of a payee with the amount that holds for it."""

    key: str
    payee: str
    component: str = ""
    loan: str = ""
    stage: str = ""
    on: date
    earned_on: date
    """The day from which its loan going bad, or ending, takes it back; of what is carried, that of its origin."""
    period: Period
    units: int
    currency: str
    parts: tuple[tuple[date, int], ...] = ()
    """Amounts by the day on which each was earned, where there are several days; they may sum to more than `units`."""
    plan: DatedPlan | None = None
    accrual: Accrual | None = None
    steps: tuple[Explanation, ...] = ()
    set_by_hand: Entry | None = None

    @property
    def money(self) -> Money:
        """The amount that holds."""
        return Money.from_units(self.units, self.currency)

    @property
    def reverses(self) -> bool:
        """Whether it takes back what a dead deal earned; how much that is, what is left of the deal decides."""
        return self.stage in REVERSALS and self.accrual is not None and self.set_by_hand is None

    @property
    def of_loan(self) -> bool:
        """Whether it is pay of its own loan."""
        return bool(self.loan) and self.plan is not None and self.stage != _FELL_BACK and not self.reverses

    @property
    def family(self) -> Family:
        """What one reversal takes back together."""
        return self.payee, self.plan.plan.code if self.plan is not None else "", self.component, self.loan


@frozen
class Hit:
    """The day on which a reversal takes all that is left of a line: not before the line is there."""

    by: str
    """Key of the reversal."""
    on: date
    period: Period
    late: bool
    """Whether the line came only after its deal was reversed."""


def lines_of(
    accruals: Accruals, overruled: Mapping[str, Entry], kept: Mapping[tuple[str, str], int] | None = None
) -> list[HeldLine]:
    """Every line with the amount that holds for it: set by hand, or accrued and cut by the caps of persons.

    Of a period of which a reading or target is missing that amount is what was posted: `kept`, by key and currency.
    """
    found: dict[str, HeldLine] = {}
    for accrual in accruals.lines:
        key = accrual.key
        if key in found:
            known = found[key]
            if known.set_by_hand is None:
                units = known.units + (accrual.amount - Money.from_units(0, known.currency)).units
                earned_on = min(known.earned_on, accrual.earned_on, accrual.on)
                found[key] = evolve(known, units=units, earned_on=earned_on, parts=())
            continue
        hand = overruled.get(key)
        amount = accrual.amount if hand is None or hand.set_to is None else hand.set_to
        if (accrual.payee, accrual.period) in accruals.missing and hand is None:
            amount = Money.from_units((kept or {}).get((key, amount.currency), 0), amount.currency)
        found[key] = HeldLine(
            key=key,
            payee=accrual.payee,
            component=accrual.component,
            loan=accrual.loan,
            stage=accrual.stage,
            on=accrual.on,
            earned_on=min(accrual.earned_on, accrual.on),
            period=accrual.period,
            units=amount.units,
            currency=amount.currency,
            parts=tuple((on, part.units) for on, part in accrual.parts) if len(accrual.parts) > 1 else (),
            plan=accrual.plan,
            accrual=accrual,
            set_by_hand=hand,
        )
    for key, hand in overruled.items():
        if key not in found and hand.set_to is not None:
            found[key] = _by_hand(key, hand, hand.set_to)
    return capped(list(found.values()), accruals.through)


def _by_hand(key: str, hand: Entry, amount: Money) -> HeldLine:
    return HeldLine(
        key=key,
        payee=hand.payee,
        loan=hand.loan,
        on=hand.on,
        earned_on=hand.on,
        period=Period.parse(hand.cohort),
        units=amount.units,
        currency=amount.currency,
        set_by_hand=hand,
    )


def by_day(line: HeldLine) -> list[tuple[date, int]]:
    """The amount of a line by the days on which it was earned; reductions lower what was earned last."""
    left: list[tuple[date, int]] = []
    for on, units in line.parts:
        if units > 0:
            left.append((on, units))
        else:
            _last_of(left, -units)
    whole = sum(units for _, units in left)
    if line.set_by_hand is not None and left and line.units > 0:
        shares = allocate(line.units, [units for _, units in left], step=1, tie_break="first")
        return [(on, share) for (on, _), share in zip(left, shares, strict=True) if share]
    _last_of(left, whole - line.units)
    return left if left and whole >= line.units else [(line.earned_on, line.units)]


def _last_of(parts: list[tuple[date, int]], units: int) -> list[tuple[date, int]]:
    """Remove units from the latest parts, in place; returns what was removed, by day."""
    off: list[tuple[date, int]] = []
    while units > 0 and parts:
        on, last = parts.pop()
        part = min(last, units)
        if last > part:
            parts.append((on, last - part))
        off.insert(0, (on, part))
        units -= part
    return off


# ── the most for a person ───────────────────────────────────────────────────────────────────────────────────


def capped(lines: list[HeldLine], through: Period) -> list[HeldLine]:
    """The lines with the excess over the cap of each person taken off those that came last.

    What is carried becomes a line of the same component and loan in the next period, where the cap holds again.
    Amounts set by hand are not cut. Reversals make no room for more, and what is reversed in the period needs none.
    """
    bounded = {id(line.plan) for line in lines if line.plan is not None and line.plan.rules.person_most is not None}
    people = {(line.payee, line.currency) for line in lines if id(line.plan) in bounded}
    done = [line for line in lines if (line.payee, line.currency) not in people]
    by_person: dict[tuple[str, str], dict[Period, list[HeldLine]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        if (line.payee, line.currency) in people:
            by_person[line.payee, line.currency][line.period].append(line)
    reversals = _reversals(lines)
    for periods in by_person.values():
        while periods:
            first = min(periods)
            kept, carried = _cut(periods.pop(first), reversals)
            done += kept
            if carried and first.next().start < through.end:
                _arrive(periods[first.next()], carried)
    return done


def _arrive(lines: list[HeldLine], carried: list[HeldLine]) -> None:
    """Add what is carried to the lines of a period; the parts of one loan become one line, unless a hand sets it."""
    places = {line.key: place for place, line in enumerate(lines)}
    for line in carried:
        place = places.setdefault(line.key, len(lines))
        if place == len(lines):
            lines.append(line)
            continue
        known = lines[place]
        if known.set_by_hand is not None:
            lines[place] = evolve(line, units=known.units, set_by_hand=known.set_by_hand)
        else:
            earned_on = min(known.earned_on, line.earned_on)
            parts = tuple(sorted((*by_day(known), *by_day(line))))
            lines[place] = evolve(known, units=known.units + line.units, earned_on=earned_on, parts=parts)


def _cut(lines: list[HeldLine], reversals: Mapping[Family, list[HeldLine]]) -> tuple[list[HeldLine], list[HeldLine]]:
    """The lines of a person's period within the cap, and what is carried to the next."""
    plans = [line.plan for line in lines if line.plan is not None and line.plan.rules.person_most is not None]
    plan = max(plans, key=lambda item: item.since, default=None)
    cap: Cap | None = plan.rules.person_most if plan is not None else None
    ordered = sorted(lines, key=lambda line: (line.on, line.key))
    if cap is None:
        return ordered, []
    currency = ordered[0].currency
    most = Money.rounded(cap.most.value, cap.most.unit, Rounding.DOWN)
    counts = [not line.reverses and not _gone(line, reversals) for line in ordered]
    earned = sum(line.units for line, counted in zip(ordered, counts, strict=True) if counted)
    excess, carried = max(0, earned - (most - Money.from_units(0, currency)).units), []
    for index in reversed(range(len(ordered))):
        line = ordered[index]
        off = min(excess, line.units) if counts[index] and line.set_by_hand is None and line.units > 0 else 0
        if off:
            values = {
                "limit": str(most),
                "off": str(Money.from_units(off, currency)),
                "left": str(Money.from_units(line.units - off, currency)),
            }
            why = because(f"entry.person cap {cap.excess}", values)
            ordered[index] = evolve(line, units=line.units - off, steps=(*line.steps, why))
            excess -= off
            carried.append(_carried(line, off))
    return ordered, carried if cap.excess == "carried" else []


def _gone(line: HeldLine, reversals: Mapping[Family, list[HeldLine]]) -> bool:
    """Whether a line is reversed in its own period."""
    hit = _hit(line, reversals)
    return hit is not None and hit.period == line.period


def _carried(line: HeldLine, units: int) -> HeldLine:
    period = line.period.next()
    code = line.plan.plan.code if line.plan is not None else ""
    parts = tuple(_last_of(by_day(line), units))
    return HeldLine(
        key=line_key(line.payee, code, line.component, line.loan, _CARRIED, period),
        payee=line.payee,
        component=line.component,
        loan=line.loan,
        stage=_CARRIED,
        on=period.start,
        earned_on=parts[0][0],
        period=period,
        units=units,
        parts=parts if len(parts) > 1 else (),
        currency=line.currency,
        plan=line.plan,
    )


# ── deals that die ──────────────────────────────────────────────────────────────────────────────────────────


def _reversals(lines: Iterable[HeldLine]) -> Mapping[Family, list[HeldLine]]:
    """Reversals by what they take back, in order of day."""
    found: dict[Family, list[HeldLine]] = defaultdict(list)
    for line in lines:
        if line.reverses:
            found[line.family].append(line)
    return {family: sorted(items, key=lambda line: (line.on, line.key)) for family, items in found.items()}


def _hit(line: HeldLine, reversals: Mapping[Family, list[HeldLine]]) -> Hit | None:
    if not reversals or line.units <= 0 or not line.of_loan:
        return None
    for item in reversals.get(line.family, ()):
        if item.on >= line.earned_on:
            late = item.period.start < line.period.start
            return Hit(item.key, max(item.on, line.on), line.period if late else item.period, late)
    return None


def hits_of(lines: list[HeldLine]) -> dict[str, Hit]:
    """By key of a line: the first reversal of its deal after it was earned, which takes all that is left of it."""
    reversals = _reversals(lines)
    return {line.key: hit for line in lines if (hit := _hit(line, reversals)) is not None}


def corrections_of(lines: list[HeldLine]) -> dict[str, list[tuple[date, int]]]:
    """By key of a line: days, and what lines below zero take off its loan from then on, of the latest first."""
    below = sorted((line for line in lines if line.units < 0 and line.of_loan), key=lambda line: (line.on, line.key))
    names = {line.family for line in below}
    families: dict[Family, list[HeldLine]] = defaultdict(list)
    for line in lines:
        if names and line.units > 0 and line.of_loan and line.family in names:
            families[line.family].append(line)
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for item in below:
        off = -item.units
        for line in sorted(families[item.family], key=lambda line: (line.on, line.key), reverse=True):
            part = min(off, line.units - sum(units for _, units in found[line.key])) if line.on <= item.on else 0
            if part > 0:
                found[line.key].append((item.on, part))
                off -= part
    return found


# ── how much is held ────────────────────────────────────────────────────────────────────────────────────────


def cohorts_of(lines: Iterable[HeldLine]) -> dict[Cohort, list[HeldLine]]:
    """Lines by payee, plan and period, apart where versions of the plan hold pay on different terms."""
    terms: dict[int, tuple[str, Holdback | None, Rounding]] = {}
    known: dict[tuple[str, Holdback | None, Rounding], tuple[str, Holdback | None, Rounding]] = {}
    found: dict[tuple[str, Period, str, int], list[HeldLine]] = defaultdict(list)
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
        return Money.from_units(0, pay.currency)
    whole = pay.exact
    if holdback.applies == "flat":
        return Money.rounded(holdback.share.at(whole) * whole, pay.currency, rounding)
    ends = [Fraction(0), *(x for x, _ in holdback.share.knots if 0 < x < whole), whole]
    slices = ((high - low) * holdback.share.at((low + high) / 2) for low, high in pairwise(ends))
    return Money.rounded(sum(slices, Fraction(0)), pay.currency, rounding)


def held_lines(
    cohort: Cohort, lines: list[HeldLine], hits: Mapping[str, Hit], taken: Mapping[str, Sequence[tuple[Hit, int]]]
) -> tuple[Money, Money, dict[str, int]]:
    """The pay of a cohort, what is held of it, and how much of that is held of each line.

    It falls on the lines above zero that are not reversed in the same period, in proportion. Where only a repayment
    releases, nothing is held of lines without a loan.

    Args:
        cohort: whose, and the terms.
        lines: of the cohort.
        hits: by key of a line, what reverses it.
        taken: by key of a reversal, what it takes.
    """
    _, _, period, currency, holdback, rounding = cohort
    units = 0
    for line in lines:
        if line.reverses:
            units -= sum(part for hit, part in taken.get(line.key, ()) if not hit.late)
        elif line.key not in hits or not hits[line.key].late:
            units += line.units
    pay = Money.from_units(units, currency)
    if holdback is None or pay.units <= 0:
        return pay, Money.from_units(0, currency), {}
    weights = {
        line.key: line.units
        for line in sorted(lines, key=lambda line: (line.on, line.key))
        if line.units > 0
        and (line.loan or holdback.instalments)
        and (line.key not in hits or hits[line.key].period != period)
    }
    held = Money.from_units(min(held_pay(holdback, pay, rounding).units, sum(weights.values())), currency)
    if not held.units:
        return pay, held, {}
    parts = allocate(held.units, list(weights.values()), step=1, tie_break="first")
    return pay, held, dict(zip(weights, parts, strict=True))
