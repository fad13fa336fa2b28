"""Award: (bonus plan, appraisal) -> award, in money that is exact and says why: a book of one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from typing import assert_never

from attrs import field, frozen

from loanperf._appraisal import Appraisal, Calibrated, grade_named, grade_paid, why_calibrated
from loanperf._bonus._amounts import AmountNumbers, AwardFault, Basis, Fault, PlanRules, amounts
from loanperf._curves import Curve
from loanperf._data import PlainData
from loanperf._explanations import ROUNDING_NAMES, SOMEBODY, Explanation, Label, because, quantity_label
from loanperf._indicators import Indicator
from loanperf._numbers import Certain, Quotient
from loanperf._quantities import Money, Number, Quantity, percent, plain
from loanperf._scorecard import Bonus, Gate, Multiplier, value_label
from loanperf._validators import must_be
from loanperf.errors import (
    AwardError,
    LoanPerfError,
    MissingReadingError,
    UnitError,
    UnknownIndicatorError,
    shown,
)


@frozen(kw_only=True)
class Award(PlainData):
    """A bonus: what is paid, what it was before rounding, and why."""

    payee: str
    period: str
    amount: Money
    exact: Fraction
    """The amount in whole currency (yuan, not fen) before it was rounded to the smallest unit.

    Of a part of a pool: pool × weight / all weights, before floors and caps move anything.
    """
    multiple: Fraction
    """What the curve gave: months, money or shares, by the unit of the plan; of a pool, the weight."""
    appraisal: Appraisal = field(repr=False)
    steps: tuple[Explanation, ...] = field(repr=False)
    """What was done to the amount, in order."""

    def explain(self) -> Explanation:
        """Why the amount is what it is, down to the facts."""
        payee = self.payee or SOMEBODY
        return because(
            "award",
            {"payee": payee, "period": self.period, "amount": str(self.amount)},
            *self.steps,
            self.appraisal.explain(),
        )

    def _repr_html_(self) -> str:
        return f"<div class='loanperf'>{self.explain().html()}</div>"


def award(
    bonus: Bonus | None,
    appraisal: Appraisal,
    *,
    month: Number | None = None,
    base: Number | None = None,
    days: tuple[int, int] | None = None,
    calibrated: Calibrated | None = None,
) -> Award:
    """What a payee earns by a bonus plan for an appraisal.

    Args:
        bonus: `card.bonus`.
        appraisal: whose score, grade, attainments and readings decide.
        month: one month's salary with its currency, for a plan in months.
        base: what a share is taken of, with its currency, for a plan in shares.
        days: days in role and days of the period, such as `(10, 31)`; None is the whole period.
        calibrated: what people decided about the result: its coefficient counts in the place of that of the grade.

    Raises:
        AwardError: there is no plan, no base that it needs or one below zero, or the days make no share;
            the calibration is of another payee or period, or does not fit the grades of the card.
        MissingReadingError: a gate, a multiplier or the curve needs a reading that is not there.
        DataError: it is no bonus plan or no appraisal.
        UnitError: the base is in no currency (a bare number may be yuan or fen), or in another than the scheme.

    >>> import loanperf as lp
    >>> card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    >>> readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    >>> print(award(card.bonus, lp.appraise(card, readings=readings), month="8000 元").amount)
    8169.60 CNY
    """
    bonus = _must_fit(bonus, appraisal)
    card, faults, steps = appraisal.card, list[Fault](), AmountNumbers()
    given = None if bonus.unit == "amount" else _money(month if bonus.unit == "month" else base, card.currency)
    grade = grade_paid(appraisal, calibrated)
    looked = Basis(
        score=lambda: Quotient.of(Fraction(appraisal.score)),
        attained=partial(_share_of_target, appraisal),
        base=None if given is None else Quotient.of(given.exact),
        days=None if days is None else _whole_days(days),
        grades=None if grade is None else len(card.grades),
        calibrated=() if grade is None else (Fraction(grade.coefficient),),
        reading=partial(_reading, appraisal),
    )
    units = amounts(PlanRules.of(card, bonus), looked, faults, steps)
    if faults:
        raise award_error(*faults[0][1:], lambda: appraisal, given, days)
    paid = Money.from_units(units.whole(1).item(), card.currency)
    reasons, exact = _reasons(bonus, appraisal, steps, days, calibrated)
    reasons += _why_rounded(bonus, exact, paid)
    return Award(
        payee=appraisal.payee,
        period=str(card.period),
        amount=paid,
        exact=exact,
        multiple=steps.multiple[0].fraction(),
        appraisal=appraisal,
        steps=tuple(reasons),
    )


def _must_fit(bonus: Bonus | None, appraisal: object) -> Bonus:
    """The bonus plan, if there is one and it is one."""
    if bonus is None:
        raise no_plan()
    must_be(bonus, Bonus, "bonus", "pass card.bonus")
    must_be(appraisal, Appraisal, "appraisal", "pass what lp.appraise gives")
    return bonus


def _money(given: Number | None, currency: str) -> Money | None:
    """What months or shares are taken of."""
    if given is None:
        return None
    whole = Money.of(given)
    if whole.currency != currency:
        raise UnitError(f"the amount {given}", whole.currency, currency)
    return whole


def _whole_days(days: object) -> tuple[Certain, Certain]:
    held, of = days if isinstance(days, tuple | list) and len(days) == 2 else (None, None)
    if type(held) is not int or type(of) is not int:
        raise AwardError(f"{shown(days)} is no pair of whole days", "give days in role and days of the period")
    return Certain.of(held), Certain.of(of)


def _share_of_target(appraisal: Appraisal, code: str) -> Quotient | None:
    """The attainment of an indicator, where it has one."""
    attainment = appraisal.line(code).attainment
    return None if attainment is None else Quotient.of(attainment)


def _reading(appraisal: Appraisal, code: str) -> Quotient:
    """What a gate or multiplier looks at.

    Raises:
        UnknownIndicatorError: the card does not look at it.
        MissingReadingError: there is no reading.
    """
    appraisal.card.indicator(code)
    return Quotient.of(appraisal.reading(code))


def no_plan() -> AwardError:
    """The error of a card without a bonus plan."""
    return AwardError("the scheme has no bonus plan", "add a [bonus] table to it")


def award_error(
    kind: AwardFault, code: str, made: Callable[[], Appraisal], base: Money | None, days: tuple[int, int] | None
) -> LoanPerfError:
    """The error of a row that has a score and no bonus.

    Args:
        kind: what is wrong.
        code: with which indicator, or the unit of the plan.
        made: gives the appraisal of the row.
        base: what months or shares are taken of.
        days: days in role and days of the period.
    """
    match kind:
        case "no base":
            name, example = ("month", "8000 元") if code == "month" else ("base", "10000 元")
            fault = f"the plan pays in {code}s, and there is nothing to take them of"
            return AwardError(fault, f"pass {name}='{example}'")
        case "base below zero":
            return AwardError(f"a bonus is taken of {base}", "give an amount of zero or more")
        case "days":
            held, of = days or (0, 0)
            return AwardError(f"{held} of {of} days is no part of a period", "give days in role and days of the period")
        case "no attainment":
            return AwardError(f"{code!r} has no attainment", "supply its reading and target")
        case "no such line":
            return UnknownIndicatorError(code, tuple(line.line.indicator.code for line in made().lines))
        case "no reading":
            appraisal = made()
            available = tuple(reading.indicator for reading in appraisal.readings)
            return MissingReadingError(code, appraisal.payee, available, "the bonus")
        case "no plan":
            return no_plan()
        case "cell" | "uneven base" | "calibration":
            raise AssertionError("a row of a table alone has such a fault")
        case _:
            assert_never(kind)


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────


def _reasons(
    bonus: Bonus,
    appraisal: Appraisal,
    steps: AmountNumbers,
    days: tuple[int, int] | None,
    calibrated: Calibrated | None,
) -> tuple[list[Explanation], Fraction]:
    """What was done to an amount, in order; and what it came to before it was rounded."""
    currency, found = appraisal.card.currency, list[Explanation]()
    multiple, at = steps.multiple[0].fraction(), steps.at[0].fraction()
    part = steps.part[0].fraction()
    gross, graded, prorated = (amount.fraction() for amount in steps.gross)
    unit = {"month": "month", "share": "", "amount": currency}[bonus.unit]
    result = percent(multiple) if bonus.unit == "share" else quantity_label(Quantity(multiple, unit))
    looked_at = quantity_label(Quantity(at, bonus.curve.x_unit)) if bonus.curve.x_unit else percent(at)
    found.append(because("award.curve", {"result": result, "at": looked_at}))
    if bonus.unit != "amount":
        taken_of = _text(steps.base[0].fraction(), currency)
        values = {"result": plain(multiple), "base": taken_of, "gross": _text(gross, currency)}
        found.append(because("award.base", values))
    found += why_calibrated(appraisal, calibrated)
    grade = grade_paid(appraisal, calibrated)
    if grade is not None and grade.coefficient != 1:
        times, by_grade = percent(grade.coefficient), _text(graded, currency)
        found.append(because("award.grade", {"grade": grade_named(grade), "coefficient": times, "gross": by_grade}))
    if part != 1:
        held, of = days or (1, 1)
        values = {"days": str(held), "of": str(of), "share": percent(part), "gross": _text(prorated, currency)}
        found.append(because("award.days", values))
    amount = prorated
    for item, (value, factor, made) in zip(bonus.multipliers, steps.multipliers, strict=True):
        amount = made.fraction()
        if (by := factor.fraction()) != 1:
            found.append(_why_multiplied(appraisal, item, value.fraction(), by, amount))
    for gate, (value, share, left) in zip(bonus.gates, steps.gates, strict=True):
        found.append(_why_gate(appraisal, gate, value.fraction(), share.fraction(), (amount, left.fraction())))
        amount = left.fraction()
    return found, _bounded(amount, steps, currency, found)


def _why_multiplied(
    appraisal: Appraisal, item: Multiplier, actual: Fraction, factor: Fraction, gross: Fraction
) -> Explanation:
    """What a multiplier made of the amount."""
    indicator, currency = appraisal.card.indicator(item.of_unit or item.looks_at), appraisal.card.currency
    seen = percent(actual) if item.of == "attainment" else _seen(indicator, actual, item.curve)
    values = {"indicator": indicator.name, "at": seen, "factor": percent(factor), "gross": _text(gross, currency)}
    return because("award.multiplier", values)


def _seen(indicator: Indicator, actual: Fraction, curve: Curve) -> str | Label:
    return value_label(indicator, Quantity(actual, curve.x_unit))


def _why_gate(
    appraisal: Appraisal, gate: Gate, actual: Fraction, share: Fraction, around: tuple[Fraction, Fraction]
) -> Explanation:
    """What a gate took; `around` is the amount before it and after it."""
    indicator, currency = appraisal.card.indicator(gate.looks_at), appraisal.card.currency
    seen, (before, after) = _seen(indicator, actual, gate.forfeits), around
    if not share:
        return because("award.gate passed", {"indicator": indicator.name, "actual": seen})
    taken, left = _text(before - after, currency), _text(after, currency)
    return because(
        "award.gate",
        {"indicator": indicator.name, "actual": seen, "share": percent(share), "forfeited": taken, "left": left},
    )


def _why_rounded(bonus: Bonus, exact: Fraction, paid: Money) -> Iterator[Explanation]:
    if paid.exact != exact:
        mode = ROUNDING_NAMES[bonus.rounding] if bonus.round_total is None else bonus.round_total.label
        yield because("award.rounded", {"exact": plain(exact), "amount": str(paid), "rounding": mode})


def _bounded(amount: Fraction, steps: AmountNumbers, currency: str, found: list[Explanation]) -> Fraction:
    """The amount within cap and floor, with what they did."""
    cap, floor = (None if name not in steps.limits else steps.limits[name].fraction() for name in ("cap", "floor"))
    if cap is not None and amount > cap:
        found.append(because("award.cap", {"limit": _text(cap, currency), "lost": _text(amount - cap, currency)}))
        amount = cap
    if floor is not None and amount < floor:
        added = _text(floor - amount, currency)
        found.append(because("award.floor", {"limit": _text(floor, currency), "added": added}))
        amount = floor
    return amount


def _text(amount: Fraction, currency: str) -> str:
    return str(Quantity(amount, currency))
