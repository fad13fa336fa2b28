"""Bonuses: (bonus plan, appraisal) -> award, in money that is exact and says why.

The order is fixed: curve, base, grade, days in role; then gates; then cap and floor; then one rounding.
"""

from __future__ import annotations

from fractions import Fraction

from attrs import field, frozen

from loanperf._appraisal import Appraisal
from loanperf._explanations import ROUNDING_NAMES, SOMEBODY, Explanation, because, quantity_label
from loanperf._quantities import CURRENCIES, Money, Number, Quantity, percent, plain
from loanperf._scorecard import Bonus, value_label
from loanperf._validators import must_be
from loanperf.errors import AwardError, UnitError, shown


@frozen(kw_only=True)
class Award:
    """A bonus: what is paid, what it was before rounding, and why."""

    payee: str
    period: str
    amount: Money
    exact: Fraction
    """The amount in whole currency before it was rounded; of a pool, before floors and caps too."""
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
) -> Award:
    """What a payee earns by a bonus plan for an appraisal.

    Args:
        bonus: `card.bonus`.
        appraisal: whose score, grade, attainments and readings decide.
        month: one month's salary with its currency, for a plan in months.
        base: what a share is taken of, with its currency, for a plan in shares.
        days: days in role and days of the period, such as `(10, 31)`; None is the whole period.

    Raises:
        AwardError: there is no plan, no base that it needs or one below zero, or the days make no share.
        MissingReadingError: a gate or the curve needs a reading that is not there.
        DataError: it is no bonus plan or no appraisal.
        UnitError: the base is in no currency (a bare number may be yuan or fen), or in another than the scheme.

    >>> import loanperf as lp
    >>> card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    >>> readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    >>> print(award(card.bonus, lp.appraise(card, readings=readings), month="8000 元").amount)
    8169.60 CNY
    """
    bonus = _must_fit(bonus, appraisal)
    currency = appraisal.card.currency
    whole = _base(bonus, month, base, currency)
    part = _part(days)
    steps: list[Explanation] = []
    multiple = _multiple(bonus, appraisal, steps)
    amount = _gross(bonus, appraisal, multiple, whole, steps)
    if part != 1:
        amount *= part
        held, of = days or (1, 1)
        shown = _text(amount, currency)
        steps.append(because("award.days", {"days": str(held), "of": str(of), "share": percent(part), "gross": shown}))
    amount = _gated(bonus, appraisal, amount, steps)
    amount = _bounded(bonus, amount, whole * part, part, currency, steps)
    paid = Money.rounded(amount, currency, bonus.rounding)
    if paid.exact != amount:
        steps.append(
            because(
                "award.rounded",
                {"exact": plain(amount), "amount": str(paid), "rounding": ROUNDING_NAMES[bonus.rounding]},
            )
        )
    return Award(
        payee=appraisal.payee,
        period=str(appraisal.card.period),
        amount=paid,
        exact=amount,
        multiple=multiple,
        appraisal=appraisal,
        steps=tuple(steps),
    )


def _must_fit(bonus: Bonus | None, appraisal: object) -> Bonus:
    """The bonus plan, if there is one and it is one."""
    if bonus is None:
        raise AwardError("the scheme has no bonus plan", "add a [bonus] table to it")
    must_be(bonus, Bonus, "bonus", "pass card.bonus")
    must_be(appraisal, Appraisal, "appraisal", "pass what lp.appraise gives")
    return bonus


def _text(amount: Fraction, currency: str) -> str:
    return str(Quantity(amount, currency))


def _base(bonus: Bonus, month: Number | None, base: Number | None, currency: str) -> Fraction:
    if bonus.unit == "amount":
        return Fraction(1)
    given = month if bonus.unit == "month" else base
    if given is None:
        name, example = ("month", "8000 元") if bonus.unit == "month" else ("base", "10000 元")
        raise AwardError(
            f"the plan pays in {bonus.unit}s, and there is nothing to take them of", f"pass {name}='{example}'"
        )
    whole = Money.of(given)
    if whole.currency != currency:
        raise UnitError(f"the amount {given}", whole.currency, currency)
    if whole.units < 0:
        raise AwardError(f"a bonus is taken of {whole}", "give an amount of zero or more")
    return whole.exact


def _part(days: tuple[int, int] | None) -> Fraction:
    if days is None:
        return Fraction(1)
    held, of = days
    if type(held) is not int or type(of) is not int:
        raise AwardError(f"{shown(days)} is no pair of whole days", "give days in role and days of the period")
    if of <= 0 or not 0 <= held <= of:
        raise AwardError(f"{held} of {of} days is no part of a period", "give days in role and days of the period")
    return Fraction(held, of)


def _multiple(bonus: Bonus, appraisal: Appraisal, steps: list[Explanation]) -> Fraction:
    """What the curve gives at the score or attainment."""
    if bonus.of == "score":
        at = Fraction(appraisal.score)
    else:
        attainment = appraisal.line(bonus.of).attainment
        if attainment is None:
            raise AwardError(f"{bonus.of!r} has no attainment", "supply its reading and target")
        at = attainment
    multiple = bonus.curve.at(at)
    unit = {"month": "month", "share": "", "amount": appraisal.card.currency}[bonus.unit]
    shown = percent(multiple) if bonus.unit == "share" else quantity_label(Quantity(multiple, unit))
    looked_at = quantity_label(Quantity(at, bonus.curve.x_unit)) if bonus.curve.x_unit else percent(at)
    steps.append(because("award.curve", {"result": shown, "at": looked_at}))
    return multiple


def _gross(
    bonus: Bonus, appraisal: Appraisal, multiple: Fraction, whole: Fraction, steps: list[Explanation]
) -> Fraction:
    currency = appraisal.card.currency
    amount = multiple * whole
    if bonus.unit != "amount":
        shown = plain(multiple)
        steps.append(
            because("award.base", {"result": shown, "base": _text(whole, currency), "gross": _text(amount, currency)})
        )
    grade = appraisal.grade
    if grade is not None and grade.coefficient != 1:
        amount *= grade.coefficient
        name, times, gross = (
            grade.name if grade.name.en else grade.code,
            percent(grade.coefficient),
            _text(amount, currency),
        )
        steps.append(because("award.grade", {"grade": name, "coefficient": times, "gross": gross}))
    return amount


def _gated(bonus: Bonus, appraisal: Appraisal, amount: Fraction, steps: list[Explanation]) -> Fraction:
    """What is left after each gate in turn, each taking its share of what the gate before it left."""
    currency = appraisal.card.currency
    for gate in bonus.gates:
        indicator = appraisal.card.indicator(gate.indicator)
        actual = appraisal.reading(gate.indicator)
        share = gate.forfeits.at(actual)
        shown = value_label(indicator, Quantity(actual, gate.forfeits.x_unit))
        if not share:
            steps.append(because("award.gate passed", {"indicator": indicator.name, "actual": shown}))
            continue
        forfeited, amount = amount * share, amount * (1 - share)
        taken, left = _text(forfeited, currency), _text(amount, currency)
        name, part = indicator.name, percent(share)
        steps.append(
            because("award.gate", {"indicator": name, "actual": shown, "share": part, "forfeited": taken, "left": left})
        )
    return amount


def _bounded(
    bonus: Bonus, amount: Fraction, base: Fraction, part: Fraction, currency: str, steps: list[Explanation]
) -> Fraction:
    if bonus.cap is not None and amount > (limit := _limit(bonus.cap, base, part)):
        steps.append(because("award.cap", {"limit": _text(limit, currency), "lost": _text(amount - limit, currency)}))
        amount = limit
    if bonus.floor is not None and amount < (limit := _limit(bonus.floor, base, part)):
        steps.append(
            because("award.floor", {"limit": _text(limit, currency), "added": _text(limit - amount, currency)})
        )
        amount = limit
    return amount


def _limit(bound: Quantity, base: Fraction, part: Fraction) -> Fraction:
    """A cap or floor in money, for the days in role; `base` is already for those days."""
    return bound.value * part if bound.unit in CURRENCIES else bound.value * base
