"""Rates: what a rate of a plan is, and what explanations say of tiers and slices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

from attrs import evolve, frozen

from loanperf._commission._names import name_of
from loanperf._commission._tiers import LoanNumber, Rate, Tiers
from loanperf._curves import Curve, RateTable
from loanperf._explanations import Explanation, Label, because, in_words
from loanperf._indicators import indicator_label
from loanperf._numbers import Places
from loanperf._quantities import Quantity, percent, plain

ZERO = Fraction(0)


@frozen
class Slice:
    """A part of a transaction that one rate applies to."""

    rate: Fraction
    part: Fraction
    """Of the paid base."""


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


def number_label(name: LoanNumber, at: Fraction) -> Label:
    """A number of a loan: a term in months, all others as shares."""
    if name == "term_months":
        return Label(f"{plain(at)} months", f"{plain(at)} 个月")
    return Label(percent(at), percent(at))


def said_number(name: LoanNumber, at: Fraction) -> Label:
    """What a number of a loan is called, and how much it is, such as “term in months 24”."""
    number, what = plain(at) if name == "term_months" else percent(at), name_of(name)
    return Label(f"{what.en} {number}", f"{what.to('zh')} {number}")


def why_table(tiers: Tiers, table: RateTable, at: tuple[Fraction, Fraction], unit: str) -> Explanation:
    """Where a loan stands in a table of rates: its two numbers, the cells between which its rate lies, and that rate.

    Args:
        tiers: which numbers are looked at, of rows and of columns.
        table: of the rates.
        at: the two numbers.
        unit: of rates that are money.
    """
    names = [name for name in (tiers.number, tiers.across) if name is not None]
    given, said = [said_number(name, x) for name, x in zip(names, at, strict=True)], []
    for row, column, rate in table.cells_at(*at):
        corner = [number_label(name, point.value) for name, point in zip(names, (row, column), strict=True)]
        cell = _rate_text(rate.value, unit)
        said.append(Label(f"{cell} at {corner[0].en}, {corner[1].en}",
                          f"{corner[0].zh}、{corner[1].zh}为 {in_words(cell, 'zh')}"))  # fmt: skip
    values: dict[str, str | Label] = {
        "row": given[0],
        "column": given[1],
        "cells": Label("; ".join(one.en for one in said), "；".join(one.zh for one in said)),
        "rate": _rate_text(table.at(*at), unit),
    }
    why = because("accrual.cell" if len(said) == 1 else "accrual.between cells", values)
    return evolve(why, numbers={"rate": table.at(*at)})


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
    said = cache(lambda: _tier_said(tiers, curve, sums, quota, unit))
    rule = "accrual.tier read" if tiers.are_read else "accrual.tier"
    return Explanation(rule, lambda: tuple(said()[0].items()), numbers=lambda: said()[1])


def _tier_said(
    tiers: Tiers, curve: Curve, sums: tuple[Fraction, Fraction], quota: Fraction | None, unit: str
) -> tuple[dict[str, str | Label], dict[str, Fraction]]:
    """What is said of the tier in which a transaction stands, and the numbers behind it; see `why_tier`."""
    before, after = sums
    at = before if tiers.applies == "forward before" else after
    text = _text_of(tiers, curve)
    passed = [knot for knot in curve.knots if knot[0] < at or (knot[0] == at and curve.closed == "left")]
    start = passed[-1][0] if passed else curve.knots[0][0]
    ahead = next(((x, y) for x, y in curve.knots[len(passed) :] if x > start), None)
    said = Label("; no tier follows", "，已无下一档")
    numbers = {"at": at, "rate": curve.at(at), "is_money": Fraction(bool(unit))}
    numbers |= {"is_beyond": Fraction(curve.closed == "right")} | ({} if quota is None else {"quota": quota})
    if ahead is not None:
        numbers |= {"next_at": ahead[0], "next_rate": ahead[1]}
        edge, rate, missing = _edge(curve, text(ahead[0])), _rate_text(ahead[1], unit), text(ahead[0] - at)
        lacks = in_words(missing, "zh", bare=True)
        said = Label(
            f"; next: {rate} {edge.en}, {missing} to go",
            f"；下一档：{edge.zh} {in_words(rate, 'zh')}，还差 {lacks}",
        )
    values: dict[str, str | Label] = {"after": text(after), "rate": _rate_text(curve.at(at), unit), "next": said}
    values["start"] = _edge(curve, text(start))
    if tiers.are_read:
        what = indicator_label(tiers.indicator) if tiers.number is None else name_of(tiers.number)
        if tiers.by == "indicator attainment":
            what = Label(f"attainment of {what.en}", f"{what.to('zh')}完成率")
        return {"what": what, **values}, numbers
    span = _span(tiers)
    named = "" if quota is None else _quota(plain(quota))
    values |= {"what": _WHAT[tiers.by], "span": span, "quota": named, "before": text(before)}
    return values, numbers


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
    if tiers.by == "indicator" or tiers.number == "term_months":
        return curve.x_text if curve.x_unit else plain
    return percent if tiers.by in ("attainment", "indicator attainment", "loan") else plain


def _rate_text(rate: Fraction, unit: str) -> str:
    return percent(rate) if not unit else f"{plain(rate)} {unit}"


def why_priced(slices: tuple[Slice, ...], amount: Fraction, per: Fraction, unit: str) -> tuple[Explanation, ...]:
    """The slices of a transaction as explanations."""
    found = why_slices(slices, per, unit)
    if (paid := _total(slices) / per) != amount:
        return (*found, because("accrual.earlier", {"amount": plain(amount - paid)}))
    return found


def why_slices(slices: tuple[Slice, ...], per: Fraction, unit: str) -> tuple[Explanation, ...]:
    """The slices alone, without what is made good of earlier loans."""
    return tuple(_why_slice(item, per, unit) for item in slices)


def _why_slice(item: Slice, per: Fraction, unit: str) -> Explanation:
    comes_to = item.part * item.rate if per == 1 else item.part * item.rate / per

    def values() -> tuple[tuple[str, str], ...]:
        words = {"part": plain(item.part), "rate": _rate_text(item.rate, unit), "amount": plain(comes_to)}
        return tuple((words if per == 1 else words | {"per": plain(per)}).items())

    rule = "accrual.slice" if per == 1 else "accrual.slice per"
    return Explanation(rule, values, numbers={"part": item.part, "rate": item.rate, "amount": comes_to})


# ── the slices of a line alone ─

Said: TypeAlias = Explanation | tuple[Explanation, ...]
Why: TypeAlias = Callable[[int], Said]
"""By place, why a line is what it is. What has a method `why_slices` tells those alone, which is less work."""
SLICES = ("accrual.slice", "accrual.slice per")
"""The reasons that say: base × rate = amount."""


def why_sliced(why: Why, place: int) -> tuple[Explanation, ...]:
    """The slices among the reasons of a line, in order."""
    alone: Any = getattr(why, "why_slices", None)
    if alone is not None:
        found: tuple[Explanation, ...] = alone(place)
        return found
    said = why(place)
    return tuple(one for one in within((said,) if isinstance(said, Explanation) else said) if one.rule in SLICES)


def within(reasons: Iterable[Explanation]) -> Iterator[Explanation]:
    """Reasons and all that they stand on, in order."""
    for why in reasons:
        yield why
        yield from within(why.because)


@frozen(eq=False)
class StepsElsewhere:
    """What was done to lines that stand at other places."""

    steps: Callable[[int], tuple[Explanation, ...]]
    places: Places | Sequence[int]

    def __call__(self, place: int) -> tuple[Explanation, ...]:
        return self.steps(int(self.places[place]))

    def why_slices(self, place: int) -> tuple[Explanation, ...]:
        """The slices of a line alone."""
        return why_sliced(self.steps, int(self.places[place]))


@frozen(eq=False)
class StepsOfLine:
    """What was done to one line."""

    steps: Callable[[int], tuple[Explanation, ...]]
    place: int

    def __call__(self) -> tuple[Explanation, ...]:
        return self.steps(self.place)

    def why_slices(self) -> tuple[Explanation, ...]:
        """Its slices alone."""
        return why_sliced(self.steps, self.place)


# ── rates, as numbers ───────────────────────────────────────────────────────────────────────────────────────

_READ_AT = ("accrual.tier", "accrual.tier read", "accrual.cell", "accrual.between cells")


def rate_reached(reasons: Iterable[Explanation]) -> Fraction | None:
    """The rate of the last tier or cell that reasons of a line name; None where they name none."""
    rates = [why.numbers["rate"] for why in within(reasons) if why.rule in _READ_AT]
    return rates[-1] if rates else None


def blended_rate(reasons: Iterable[Explanation]) -> Fraction | None:
    """What the slices of a line come to over what they are of; None where there are none, or they are of nothing."""
    slices = [why.numbers for why in within(reasons) if why.rule in SLICES]
    whole = sum((numbers["part"] for numbers in slices), Fraction(0))
    return sum((numbers["amount"] for numbers in slices), Fraction(0)) / whole if whole else None
