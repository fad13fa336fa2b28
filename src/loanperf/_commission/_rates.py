"""Rates: (what has accumulated, a transaction) -> what the transaction pays, slice by slice.

A plan says how the rate of a tier applies and what accumulates; `price` knows every combination. Sums are values:
each transaction gives the sums that the next one starts from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import pairwise

from attrs import evolve, field, frozen

from loanperf._commission._plan import Component, Rate, Tiers
from loanperf._commission._terms import fits
from loanperf._curves import Curve
from loanperf._explanations import Explanation, Label, because, in_words
from loanperf._indicators import indicator_label
from loanperf._quantities import Quantity, percent, plain
from loanperf.errors import DataError

ZERO = Fraction(0)


@frozen
class Slice:
    """A part of a transaction that one rate applies to."""

    rate: Fraction
    part: Fraction
    """Of the paid base."""


@frozen
class WindowSums:
    """What has accumulated for a payee's component in one window."""

    before: Fraction = ZERO
    """What counts for the tier from earlier periods of a rolling sum."""
    tier: Fraction = ZERO
    """What counts for the tier in this window."""
    paid: Mapping[Curve, Fraction] = field(factory=dict)
    """The base paid by each curve of rates in this window."""


@frozen(kw_only=True)
class Transaction:
    """An amount to price: what it adds to the tier, and what it is paid on."""

    tier: Fraction
    """In the unit of the tiers: money, loans or attainment; 0 where it does not count for them."""
    paid: Fraction
    """In the unit of the base; 0 where it is not paid."""
    curve: Curve
    at: Fraction | None = None
    """A reading or attainment at which the curve is read instead of what accumulates."""


def price(tiers: Tiers, sums: WindowSums, item: Transaction) -> tuple[Fraction, tuple[Slice, ...], WindowSums]:
    """What a transaction pays, its slices, and the sums after it.

    With flat and interpolated rates that is the difference to date: passing a tier pays what all that accumulated
    before gains by it, and falling back reverses that.
    """
    if item.at is not None:
        rate = item.curve.at(item.at)
        return rate * item.paid, (Slice(rate, item.paid),), sums
    x = sums.before + sums.tier
    after = WindowSums(sums.before, sums.tier + item.tier, sums.paid)
    match tiers.applies:
        case "flat" | "interpolated":
            paid = {**sums.paid, item.curve: sums.paid.get(item.curve, ZERO) + item.paid}
            gained = sum((curve.at(x + item.tier) * amount for curve, amount in paid.items()), ZERO)
            had = sum((curve.at(x) * amount for curve, amount in sums.paid.items()), ZERO)
            return gained - had, (Slice(item.curve.at(x + item.tier), item.paid),), evolve(after, paid=paid)
        case "marginal" if tiers.by == "earned":
            slices = _slices_of_earned(item.curve, x, item.paid)
            amount = _total(slices)
            return amount, slices, evolve(after, tier=sums.tier + amount)
        case "marginal":
            slices = _slices(item.curve, x, item.tier, item.paid)
            return _total(slices), slices, after
        case "forward before" | "forward after":
            rate = item.curve.at(x if tiers.applies == "forward before" else x + item.tier)
            return rate * item.paid, (Slice(rate, item.paid),), after


ONE_RATE = Tiers(by="amount", applies="forward after", accumulates="per transaction")
"""The tiers of a rate that depends on nothing."""


NOTHING = Curve.of([[0, 0]], shape="step")
"""The rate of what is not paid."""


@cache
def constant(rate: Quantity) -> Curve:
    """One rate for everything, as a curve."""
    return Curve.of([[0, rate]], shape="step")


def _total(slices: tuple[Slice, ...]) -> Fraction:
    return sum((item.rate * item.part for item in slices), ZERO)


def _slices(curve: Curve, x: Fraction, tier: Fraction, paid: Fraction) -> tuple[Slice, ...]:
    """The paid base spread over the way from x to x + tier, each stretch at its own rate."""
    if not tier:
        return (Slice(curve.at(x), paid),)
    low, high = min(x, x + tier), max(x, x + tier)
    edges = [low, *(knot for knot, _ in curve.knots if low < knot < high), high]
    return tuple(Slice(curve.limits(start)[1], paid * (end - start) / (high - low)) for start, end in pairwise(edges))


def _slices_of_earned(curve: Curve, earned: Fraction, paid: Fraction) -> tuple[Slice, ...]:
    """The base spread over tiers of what it earns: a tier ends where enough is earned, not where enough is done."""
    found, left, at = [], paid, earned
    while left:
        up = left > 0
        rate = curve.limits(at)[1 if up else 0]
        edges = [knot for knot, _ in curve.knots if (knot > at if up else knot < at)]
        edge = (min(edges) if up else max(edges)) if edges else None
        part = left
        if edge is not None and rate and abs(left * rate) > abs(edge - at):
            part = (edge - at) / rate
        found.append(Slice(rate, part))
        left, at = left - part, at + rate * part
    return tuple(found)


def rate_for(component: Component, terms: Mapping[str, object]) -> Rate | Component:
    """The rate that holds for a loan: of those whose terms it fulfils, the one with most terms.

    Raises:
        DataError: none fits, or two fit equally; it names their terms.
    """
    fitting = [rate for rate in component.rates if fits(rate.where, terms)]
    if fitting:
        most = max(len(rate.where) for rate in fitting)
        best = [rate for rate in fitting if len(rate.where) == most]
        if len(best) > 1:
            names = " and ".join(terms_text(rate) for rate in best)
            raise DataError(f"rates of {component.code!r}", f"two fit equally: {names}", "add a term to one of them")
        return best[0]
    if component.rate is None and component.curve is None:
        known = "; ".join(terms_text(rate) for rate in component.rates)
        found = ", ".join(f"{name} {value}" for name, value in sorted(terms.items()) if value not in (None, ""))
        fault = f"no rate fits a loan of {found or 'unknown terms'}; there are rates for {known}"
        raise DataError(f"rates of {component.code!r}", fault, "add one, or state rate = '0%' for all others")
    return component


def counts_for_tier(component: Component, terms: Mapping[str, object]) -> bool:
    """Whether a loan, by its terms, counts for the tiers of a component; without tiers none does."""
    if component.tiers is None:
        return False
    match component.tiers.counts:
        case "every loan":
            return True
        case "what is paid":
            return fits(component.where, terms)
        case where:
            return fits(where, terms)


def terms_text(rate: Rate) -> str:
    """The terms of a rate, as printed in messages."""
    parts = []
    for where in rate.where:
        bounds = [f"{name} {bound}" for name in ("at_least", "above", "at_most", "below")
                  if (bound := getattr(where, name)) is not None]  # fmt: skip
        parts.append(f"{where.field} {' or '.join(map(str, where.values)) or ' and '.join(bounds)}")
    return " and ".join(parts) or "all loans"


_WHAT = {
    "amount": Label("amount", "累计额"),
    "count": Label("loans", "累计笔数"),
    "attainment": Label("attainment", "完成率"),
    "earned": Label("commission earned", "累计提成"),
}
"""What tiers are read at."""
_SPANS = {
    "per transaction": Label(" of the loan", "本笔"),
    "period": Label(" of the period", "本期"),
    "never": Label(" to date", "至今"),
    "year": Label(" of the year to date", "本年"),
    "half": Label(" of the half-year to date", "本半年"),
    "quarter": Label(" of the quarter to date", "本季"),
}
"""What is summed."""


def why_tier(
    tiers: Tiers, curve: Curve, sums: tuple[Fraction, Fraction], quota: Fraction | None, unit: str
) -> Explanation:
    """Where a transaction stands in its tiers: what is summed or read, the tier reached, and what the next one asks.

    Args:
        tiers: what they are read at, and what accumulates.
        curve: of the rates.
        sums: what had accumulated before it and with it; a reading that is looked at, twice.
        quota: what 100% is, where that is asked.
        unit: of rates that are money.
    """
    before, after = sums
    at = before if tiers.applies == "forward before" else after
    text = _text_of(tiers, curve)
    passed = [knot for knot in curve.knots if knot[0] < at or (knot[0] == at and curve.closed == "left")]
    start = passed[-1][0] if passed else curve.knots[0][0]
    ahead = next(((x, y) for x, y in curve.knots[len(passed) :] if x > start), None)
    said = Label("; no tier follows", "，已无下一档")
    if ahead is not None:
        edge, rate, missing = _edge(curve, text(ahead[0])), _rate_text(ahead[1], unit), text(ahead[0] - at)
        lacks = in_words(missing, "zh", bare=True)
        said = Label(
            f"; next: {rate} {edge.en}, {missing} to go",
            f"；下一档：{edge.zh} {in_words(rate, 'zh')}，还差 {lacks}",
        )
    values: dict[str, str | Label] = {"after": text(after), "rate": _rate_text(curve.at(at), unit), "next": said}
    values["start"] = _edge(curve, text(start))
    if tiers.are_read:
        what = indicator_label(tiers.indicator)
        if tiers.by == "indicator attainment":
            what = Label(f"attainment of {what.en}", f"{what.to('zh')}完成率")
        return because("accrual.tier read", {"what": what, **values})
    span = _span(tiers)
    named = "" if quota is None else _quota(plain(quota))
    values |= {"what": _WHAT[tiers.by], "span": span, "quota": named, "before": text(before)}
    return because("accrual.tier", values)


def _edge(curve: Curve, x: str) -> Label:
    """Where a tier starts, and whether it starts there or above."""
    zh = in_words(x, "zh", bare=True)
    return Label(f"from {x}", f"{zh} 起") if curve.closed == "left" else Label(f"above {x}", f"{zh} 以上（不含）")


def _quota(quota: str) -> Label:
    return Label(f", quota {quota}", f"（任务量 {in_words(quota, 'zh', bare=True)}）")


def _span(tiers: Tiers) -> Label:
    if tiers.accumulates == "rolling":
        return Label(f" of the last {tiers.periods} periods", f"近 {tiers.periods} 期")
    return _SPANS[tiers.resets if tiers.accumulates == "to date" else tiers.accumulates or "period"]


def _text_of(tiers: Tiers, curve: Curve) -> Callable[[Fraction], str]:
    """How what tiers are read at is printed."""
    if tiers.by == "indicator":
        return curve.x_text if curve.x_unit else plain
    return percent if tiers.by in ("attainment", "indicator attainment") else plain


def _rate_text(rate: Fraction, unit: str) -> str:
    return percent(rate) if not unit else f"{plain(rate)} {unit}"


def why_priced(slices: tuple[Slice, ...], amount: Fraction, per: Fraction, unit: str) -> tuple[Explanation, ...]:
    """The slices of a transaction as explanations."""
    found = []
    for item in slices:
        values: dict[str, str | Label] = {"part": plain(item.part), "rate": _rate_text(item.rate, unit)}
        if per == 1:
            found.append(because("accrual.slice", {**values, "amount": plain(item.part * item.rate)}))
        else:
            found.append(
                because(
                    "accrual.slice per", {**values, "per": plain(per), "amount": plain(item.part * item.rate / per)}
                )
            )
    if (paid := _total(slices) / per) != amount:
        found.append(because("accrual.earlier", {"amount": plain(amount - paid)}))
    return tuple(found)
