"""Why commissions differ: (lines of two periods) -> steps from one to the other: volume, rates, gates, caps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from attrs import frozen

from loanperf._commission import Accrual, component_of, name_of
from loanperf._explanations import Explanation, Label, near_label
from loanperf._quantities import CURRENCIES, Quantity, percent
from loanperf.analytics._changes import FoundStep, from_to

ZERO = Fraction(0)
_SLICES = ("accrual.slice", "accrual.slice per")
_Group: TypeAlias = tuple[str, str, str]
"""Codes of a plan and of a component, and the stage."""


@frozen(kw_only=True)
class _LineSums:
    """What the lines of a group come to in one period, each number before the one below it; in whole currency."""

    lines: tuple[Accrual, ...]
    volume: Fraction | None
    """What rates were applied to; None where lines do not say it."""
    gross: Fraction
    """Before coefficients, gates and caps."""
    raised: Fraction
    """After coefficients."""
    gated: Fraction
    """After gates."""
    capped: Fraction
    """What caps took."""
    net: Fraction
    """What the lines come to."""
    is_told: bool
    """Whether reasons say how the amount came of the gross, but for rounding."""


def line_steps(before: Sequence[Accrual], after: Sequence[Accrual]) -> Iterator[FoundStep]:
    """The steps from the lines of one period to those of another, of one payee; they sum to the difference, exactly.

    By plan, component and stage: volume × rate × coefficients × gates, of which each goes from the first to the second
    period in this order; then caps and rounding.
    """
    groups = dict.fromkeys(map(_group, (*before, *after)))
    for group in groups:
        one, two = (_sums([line for line in some if _group(line) == group]) for some in (before, after))
        about = _named((*two.lines, *one.lines)[0])
        for kind, exact, why in _between(one, two):
            yield FoundStep(kind=kind, about=about, exact=exact, why=why)


def _group(line: Accrual) -> _Group:
    return line.plan.plan.code, line.component, line.stage


def _named(line: Accrual) -> Label:
    """What a group goes by: its component, and its stage where it has one."""
    name, stage = line.plan.name(line.component), name_of(line.stage) if line.stage else Label("")
    if not stage.en:
        return name
    return Label(f"{name.en}, {stage.en}", f"{name.to('zh')}，{stage.to('zh')}")


# ── sums of a period ────────────────────────────────────────────────────────────────────────────────────────


def _sums(lines: Sequence[Accrual]) -> _LineSums:
    volumes = [_volume(line) for line in lines]
    walked = [_walked(line) for line in lines]
    gross, net = sum((line.gross for line in lines), ZERO), sum((line.amount.exact for line in lines), ZERO)
    known = [one for one in volumes if one is not None]
    volume = sum(known, ZERO) if len(known) == len(lines) else None
    return _LineSums(
        lines=tuple(lines),
        volume=volume if volume or not gross else None,
        gross=gross,
        raised=sum((raised for raised, *_ in walked), ZERO),
        gated=sum((gated for _, gated, *_ in walked), ZERO),
        capped=sum((capped for *_, capped, _ in walked), ZERO),
        net=net,
        is_told=all(told for *_, told in walked),
    )


def _volume(line: Accrual) -> Fraction | None:
    """What the rates of a line were applied to; None where its reasons do not say it."""
    parts = [why.numbers.get("part") for why in _within(line.steps) if why.rule in _SLICES]
    known = [one for one in parts if one is not None]
    return sum(known, ZERO) if len(known) == len(parts) and (known or not line.gross) else None


def _within(reasons: Iterable[Explanation]) -> Iterator[Explanation]:
    for why in reasons:
        yield why
        yield from _within(why.because)


def _walked(line: Accrual) -> tuple[Fraction, Fraction, Fraction, bool]:
    """What a line comes to after coefficients and after gates, what caps took; and whether rounding is all the rest."""
    raised, left, capped, told = line.gross, Fraction(1), ZERO, True
    for why in line.steps:
        match why.rule:
            case "accrual.multiplier":
                told, raised = told and "factor" in why.numbers, raised * why.numbers.get("factor", 1)
            case "accrual.gate":
                told, left = told and "share" in why.numbers, left * _kept(why.numbers)
            case "accrual.cap":
                told, capped = told and "taken" in why.numbers, capped + why.numbers.get("taken", ZERO)
            case _:
                pass
    gated = raised * left
    rest = abs(line.amount.exact - (gated - capped)) * 10 ** CURRENCIES[line.amount.currency]
    return raised, gated, capped, told and rest < max(len(line.parts), 1)


def _kept(numbers: Mapping[str, Fraction]) -> Fraction:
    """What part a gate leaves of what those before it left; where shares are added, they are of the whole."""
    before = 1 - numbers.get("before", ZERO)
    return max(before - numbers.get("share", ZERO), ZERO) / before if before > 0 else ZERO


# ── from one to the other ───────────────────────────────────────────────────────────────────────────────────


def _between(one: _LineSums, two: _LineSums) -> Iterator[tuple[str, Fraction, Label]]:
    before, after = _factors(one, two), _factors(two, one)
    fits = all(_product(side) == sums.gated for side, sums in ((before, one), (after, two)))
    if not (fits and one.is_told and two.is_told):
        by_volume = two.gross - one.gross
        yield "volume", by_volume, _volumes(one, two)
        yield "limits", two.net - one.net - by_volume, _amounts(one.net - one.gross, two.net - two.gross)
        return
    kinds = ("volume", _kind_of_rate(one, two), "multiplier", "gate")
    reasons = (_volumes(one, two), *(_shares(*pair) for pair in zip(before[1:], after[1:], strict=True)))
    now = list(before)
    for place, (kind, why) in enumerate(zip(kinds, reasons, strict=True)):
        was, now[place] = _product(now), after[place]
        yield kind, _product(now) - was, why
    yield "cap", one.capped - two.capped, _amounts(-one.capped, -two.capped)
    yield "rounding", _rest(two) - _rest(one), _amounts(_rest(one), _rest(two))


def _rest(sums: _LineSums) -> Fraction:
    """What rounding changed."""
    return sums.net - (sums.gated - sums.capped)


def _factors(sums: _LineSums, other: _LineSums) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """Volume, average rate, coefficient and what gates leave; a factor that there is not is that of the other period.

    Where the volume of one of them is not known, it is what is due before coefficients, gates and caps, and the rate 1.
    """
    mine, theirs = _averages(sums, other), _averages(other, sums)
    found = [own if own is not None else their for own, their in zip(mine, theirs, strict=True)]
    rate, coefficient, gate = (Fraction(1) if one is None else one for one in found)
    return _amount_of(sums, other), rate, coefficient, gate


def _averages(sums: _LineSums, other: _LineSums) -> tuple[Fraction | None, ...]:
    numbers = (_amount_of(sums, other), sums.gross, sums.raised, sums.gated)
    return tuple(top / below if below else None for below, top in pairwise(numbers))


def _amount_of(sums: _LineSums, other: _LineSums) -> Fraction:
    """The volume; the gross where one of both periods does not say it."""
    known = sums.volume is not None and other.volume is not None
    return sums.volume if sums.volume is not None and known else sums.gross


def _product(factors: Sequence[Fraction]) -> Fraction:
    found = Fraction(1)
    for one in factors:
        found *= one
    return found


def _kind_of_rate(one: _LineSums, two: _LineSums) -> str:
    """`rate` where the rules of the component are others, else `tier` where it has tiers, else `mix`."""
    rules = [dict.fromkeys(filter(None, map(component_of, sums.lines))) for sums in (one, two)]
    if rules[0].keys() != rules[1].keys():
        return "rate"
    return "tier" if any(rule.tiers is not None for rule in rules[0]) else "mix"


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────


def _near(value: Fraction) -> str:
    return str(near_label(Quantity(value, "")))


def _volumes(one: _LineSums, two: _LineSums) -> Label:
    known = one.volume is not None and two.volume is not None
    said = from_to(*(_near(_amount_of(*pair)) for pair in ((one, two), (two, one))))
    counts = from_to(*(str(len(sums.lines)) for sums in (one, two)))
    what = Label("base of rates", "计提基数") if known else Label("before limits", "限额前金额")
    return Label(
        f"{what.en} {said.en}; lines {counts.en}", f"{what.to('zh')} {said.to('zh')}；明细数 {counts.to('zh')}"
    )


def _shares(before: Fraction, after: Fraction) -> Label:
    """Averages, as shares where they are 1 at most."""
    shown = percent if max(abs(before), abs(after)) <= 1 else _near
    said = from_to(shown(before), shown(after))
    return Label(f"on average {said.en}", f"平均 {said.to('zh')}")


def _amounts(before: Fraction, after: Fraction) -> Label:
    return from_to(_near(before), _near(after))
