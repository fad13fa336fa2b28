"""Cases: the cards of a scheme, and readings at and around everything that looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import floor

from attrs import evolve, frozen
from hypothesis import strategies as st

from loanperf._appraisal import Appraisal, appraise
from loanperf._bonus import award
from loanperf._curves import Curve
from loanperf._indicators import Direction, Indicator, Kind, Reading
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money, Quantity, decimal_of
from loanperf._scheme import Scheme, Who
from loanperf._scorecard import Card, CardLine, Grade
from loanperf.errors import LoanPerfError

SALARY = Fraction(8000)
"""A month's salary and the base of shares, in whole currency."""
_PARTS = (0, 50, 80, 99, 100, 101, 120, 150, 300)
"""Of a target, in percent."""


# ── cards ───────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Asked:
    """What a card is resolved for."""

    profile: str
    rule: Who
    units: tuple[str, ...]
    on: date

    def card(self, scheme: Scheme) -> Card:
        """The card, with a target wherever one is needed."""
        rule = self.rule
        found = scheme.resolve(
            period=Period(self.on, self.on + timedelta(days=31)),
            role=rule.role,
            product_line=rule.product_line,
            tier=rule.tier,
            units=self.units,
        )
        return evolve(found, lines=tuple(_with_target(found, line) for line in found.lines))

    def __str__(self) -> str:
        rule = self.rule
        parts = {"role": rule.role, "product line": rule.product_line, "tier": rule.tier}
        said = [f"{name} {value!r}" for name, value in parts.items() if value]
        said += [f"unit {self.units[-1]!r}"] if self.units else []
        return f"profile {self.profile!r} on {self.on}" + (f" for {', '.join(said)}" if said else "")


def asked(scheme: Scheme) -> Iterator[Asked]:
    """One for each rule of each profile, each day on which something changes, and each unit that overrides it."""
    changes = (*(stretch.since for stretch in scheme.timeline), *(item.since for item in scheme.overrides))
    days = sorted({max(scheme.effective, on) for on in changes} | {scheme.effective})
    for profile in scheme.profiles:
        rules = [rule for rule in scheme.who if rule.profile == profile.code]
        over = {item.unit for item in scheme.overrides if item.profile == profile.code}
        for rule in rules or [Who(profile=profile.code)]:
            for unit in ("", *sorted(over)):
                units = tuple(dict.fromkeys(code for code in (rule.unit, unit) if code))
                for on in (on for on in days if scheme.holds_on(on)):
                    yield Asked(profile=profile.code, rule=rule, units=units, on=on)


def cards(scheme: Scheme) -> list[Card]:
    """Every card that can be resolved, each once."""
    found: list[Card] = []
    for item in asked(scheme):
        try:
            card = item.card(scheme)
        except LoanPerfError:
            continue
        if not any((card.profile, card.lines) == (other.profile, other.lines) for other in found):
            found.append(card)
    return found


def _with_target(card: Card, line: CardLine) -> CardLine:
    if line.target is not None:
        return line
    wanted, most = goal(line.indicator, card.currency), line.target_at_most
    return evolve(line, target=wanted if most is None or wanted.value <= most.value else most)


def goal(indicator: Indicator, currency: str) -> Quantity:
    """A target where nobody states one."""
    match indicator.kind:
        case Kind.MONEY:
            return Quantity(Fraction(1_000_000), currency)
        case Kind.POINTS:
            return Quantity(Fraction(100), "point")
        case Kind.COUNT:
            return Quantity(Fraction(20), "")
        case Kind.RATIO:
            return Quantity(Fraction(1, 2), "")


# ── readings ────────────────────────────────────────────────────────────────────────────────────────────────


def around(xs: Iterable[Fraction], step: Fraction) -> list[Fraction]:
    """Each x, a step below and above it, and between each two; from the lowest to the highest, none below zero."""
    known = sorted(set(xs))
    near = {x + shift for x in known for shift in (-step, Fraction(0), step)}
    return sorted(x for x in near | {(low + high) / 2 for low, high in pairwise(known)} if x >= 0)


def possible(indicator: Indicator, xs: Iterable[Fraction], currency: str) -> list[Quantity]:
    """Readings of an indicator at and around some values, in the smallest steps that it has."""
    unit = {Kind.MONEY: currency, Kind.POINTS: "point"}.get(indicator.kind, "")
    places = {Kind.MONEY: CURRENCIES.get(currency, 2), Kind.COUNT: 0, Kind.POINTS: 2, Kind.RATIO: 4}[indicator.kind]
    step, most = Fraction(1, 10**places), indicator.most
    whole = {Fraction(floor(x / step)) * step for x in around(xs, step)}
    return [Quantity(x, unit) for x in sorted(whole) if most is None or x <= most]


def ladder(card: Card, indicator: Indicator) -> list[Quantity]:
    """Readings at and around the target, the knots and the limits of whatever looks at them, from the lowest up."""
    bonus, at = card.bonus, {Fraction(0), Fraction(1)}
    at |= {veto.limit.value for veto in card.vetoes if veto.indicator == indicator.code}
    for gate in bonus.gates if bonus else ():
        at |= _ends(gate.forfeits) if gate.indicator == indicator.code else set()
    for line in card.lines:
        if line.indicator.code != indicator.code or line.target is None:
            continue
        goal, scoring = line.target.value, line.scoring
        parts = {Fraction(part, 100) for part in _PARTS}
        parts |= {bound for edge in (scoring.cap, scoring.floor) if edge is not None for bound in (edge, 2 - edge)}
        parts |= _ends(bonus.curve) if bonus and bonus.of == indicator.code else set()
        if isinstance(scoring.rule, Curve):
            parts |= _ends(scoring.rule) if scoring.of == "attainment" else set()
            at |= _ends(scoring.rule) if scoring.of == "value" else set()
        at |= {goal * part for part in parts}
    return possible(indicator, at, card.currency)


def _ends(curve: Curve) -> set[Fraction]:
    """The knots of a curve, and some x beyond the last."""
    last = curve.knots[-1][0]
    point = Fraction(1) if curve.x_unit else Fraction(1, 100)
    return {x for x, _ in curve.knots} | {last + point, last + 10 * point}


def _best_first(card: Card, indicator: Indicator) -> list[Quantity]:
    """The ladder, with what is good in front: the target where there is one, else the best."""
    found = ladder(card, indicator)
    found = found[::-1] if indicator.direction is Direction.HIGHER else found
    targets = [line.target for line in card.lines if line.indicator.code == indicator.code and line.target in found]
    return [*(target for target in targets if target is not None), *found]


@frozen(kw_only=True)
class Case:
    """A card with a reading of all that it looks at."""

    card: Card
    readings: Mapping[str, Quantity]

    def at(self, code: str, value: Quantity) -> Case:
        """The case with one reading changed."""
        return evolve(self, readings={**self.readings, code: value})

    def appraised(self) -> Appraisal:
        """The appraisal of the readings."""
        given = {
            code: Reading(indicator=code, numerator=value.value, unit=value.unit)
            for code, value in self.readings.items()
        }
        return appraise(self.card, {}, given)

    def paid(self, appraisal: Appraisal) -> Money:
        """The bonus of an appraisal, of a salary or base of 8,000."""
        base = Quantity(SALARY, self.card.currency)
        return award(self.card.bonus, appraisal, month=base, base=base).amount

    def __str__(self) -> str:
        said = ", ".join(f"{code} {value}" for code, value in sorted(self.readings.items()))
        return f"profile {self.card.profile!r}, {said}"


@st.composite
def cases(draw: st.DrawFn, card: Card) -> Case:
    """A card with readings; the simplest has every target reached and no gate or veto that strikes."""
    looked = (*card.others, *(line.indicator for line in card.lines))
    return Case(card=card, readings={item.code: draw(st.sampled_from(_best_first(card, item))) for item in looked})


# ── scores ──────────────────────────────────────────────────────────────────────────────────────────────────


def scores(card: Card) -> list[Decimal]:
    """Printed scores at and around the knots of the bonus and the starts of grades, from the lowest to the highest."""
    places = max(line.scoring.places for line in card.lines)
    step = Fraction(1, 10**places)
    knots = _ends(card.bonus.curve) if card.bonus and card.bonus.of == "score" else set()
    at = knots | {Fraction(grade.at_least) for grade in card.grades} | {Fraction(0), Fraction(60), Fraction(100)}
    whole = {Fraction(floor(x / step)) * step for x in around(at, step)}
    return [decimal_of(x, places) for x in sorted(whole)]


def at_score(appraisal: Appraisal, score: Decimal) -> Appraisal:
    """An appraisal with another score, and the grade of that."""
    return evolve(appraisal, score=score, grade=_grade(appraisal.card.grades, score))


def _grade(grades: tuple[Grade, ...], score: Decimal) -> Grade | None:
    reached = [grade for grade in grades if grade.at_least <= score]
    return reached[-1] if reached else grades[0] if grades else None
