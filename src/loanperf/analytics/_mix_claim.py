"""Mix claims: (what another mix is said to bring, loans) -> what that takes for granted, and whether loans show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from attrs import evolve, field, frozen

from loanperf._charts import paired_bars
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._quantities import Number, percent
from loanperf._quantities import ratio as as_ratio
from loanperf._validators import is_a, must_be, must_be_in_both
from loanperf.analytics._findings import (
    SMALLEST,
    Analysis,
    AnalysisColumn,
    Exact,
    Finding,
    Interval,
    filled,
    must_be_list,
    must_be_smallest,
    said,
)
from loanperf.analytics._mix import as_number
from loanperf.analytics._statistics import Floats, near
from loanperf.errors import DataError, shown
from loanperf.viewer import Viewer

ClaimNumber: TypeAlias = int | Decimal | Fraction
ClaimLoan: TypeAlias = tuple[str, str, ClaimNumber, ClaimNumber]
"""A loan: who holds it, its segment, its amount, and the part of that which counts, such as what is non-performing.

Amounts are numbers of one currency.
"""
ClaimKind: TypeAlias = Literal["ticket", "gap", "volume", "ratio"]
"""Size of a loan of the segment in sizes of others; its ratio less theirs; change of volume; change of the ratio."""
_UNITS: Mapping[ClaimKind, str] = MappingProxyType({"ticket": "", "gap": "pp", "volume": "%", "ratio": "pp"})
_LEVEL = Fraction(95, 100)
_TIMES = 2000
_PARTS = 10_000
"""Ends of intervals are rounded outwards to parts of one."""
_CELLS = 1_000_000
"""How many counts of draws are held at once."""
_ONE = Fraction(1)
_LARGEST = 10**30
"""The sum of all loans is no more."""
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "ticket": Label("average loan, to that of others", "笔均金额与其他客群之比"),
        "gap": Label("ratio above that of others", "比率高出其他客群"),
        "volume": Label("change of volume", "规模变动"),
        "ratio": Label("change of the ratio", "总比率变动"),
        "figure": Label("figure", "指标"),
        "claimed": Label("as claimed", "主张"),
        "seen": Label("by the loans", "数据所示"),
        "low": Label("from", "区间下限"),
        "high": Label("to", "区间上限"),
        "implied": Label(
            "{segment} from {first} to {last} of loans changes volume by {volume} and the ratio by {ratio} only if its "
            "average loan is {ticket} times that of others, and its ratio {gap} above theirs",
            "{segment}笔数占比由 {first} 变为 {last}，要使规模变动 {volume}、总比率变动 {ratio}，"
            "须其笔均金额为其他客群的 {ticket} 倍，且其比率高出其他客群 {gap}",
        ),
        "impossible": Label(
            "{segment} from {first} to {last} of loans cannot change volume by {volume}: whatever the size of its "
            "loans, the change lies between {low} and {high}",
            "{segment}笔数占比由 {first} 变为 {last}，规模不可能变动 {volume}：无论其笔均金额多少，"
            "变动幅度均在 {low} 与 {high} 之间",
        ),
        "no ratio": Label(
            "with a ratio of {now} of all, the claim takes a ratio of {own} for {segment} and of {others} for others: "
            "no ratio is below 0% or above 100%",
            "现总比率为 {now}，该主张意味着{segment}的比率为 {own}、其他客群为 {others}，而比率不会低于 0% 或高于 100%",
        ),
        "inside": Label(
            "{what}: {seen} by the loans; the claimed {claimed} lies within the interval",
            "{what}：数据所示为 {seen}；主张为 {claimed}，在区间之内",
        ),
        "outside": Label(
            "{what}: {seen} by the loans; the claimed {claimed} lies outside the interval",
            "{what}：数据所示为 {seen}；主张为 {claimed}，在区间之外",
        ),
        "same": Label(
            "{what}: {seen} by the loans; the claimed {claimed} is the same",
            "{what}：数据所示为 {seen}；主张为 {claimed}，两者一致",
        ),
        "other": Label(
            "{what}: {seen} by the loans; the claimed {claimed} is another",
            "{what}：数据所示为 {seen}；主张为 {claimed}，两者不符",
        ),
        "only": Label("{what}: {seen} by the loans", "{what}：数据所示为 {seen}"),
        "beyond": Label(
            "{last} of loans lies outside the shares that were seen, {low} to {high}: how {segment} does there is not "
            "known",
            "{last} 的占比超出历史上出现过的范围（{low} 至 {high}），{segment}在此占比下的表现未知",
        ),
        "assumed": Label(
            "as many loans as before; the average loan and the ratio of each segment stay as they are",
            "假设贷款笔数不变，各客群自身的笔均金额与比率不变",
        ),
        "drawn": Label(
            "the same, by the loans; the interval by {times} resamples of holders with all their loans, with "
            "replacement",
            "同上，取自实际贷款；区间以持有人为单位（连同其全部贷款）有放回重抽样 {times} 次得出",
        ),
        "compared": Label("shares by number of loans, compared", "按笔数占比比较"),
        "limits": Label(
            "whether sizes and ratios of segments stay as they are when their shares move, and what has not fallen due",
            "占比变动后各客群的笔均金额与比率是否仍不变，以及尚未暴露的风险",
        ),
    }
)


@frozen(kw_only=True)
class ClaimFigure(PlainData):
    """A figure as the claim says or implies it, and as loans show it."""

    kind: ClaimKind
    claimed: Fraction | None
    """The figure that the claim says or implies, exact; None where none makes it true. Changes are parts of one."""
    seen: Fraction | None = None
    """The figure that the loans show, to four decimals; None without loans."""
    low: Fraction | None = None
    """The lower end of the 95% interval."""
    high: Fraction | None = None

    @property
    def agrees(self) -> bool | None:
        """Whether what is claimed lies within the interval; None where one of them is not there."""
        if self.claimed is None or self.low is None or self.high is None:
            return None
        return self.low <= self.claimed <= self.high


@frozen(kw_only=True, repr=False)
class MixClaim(Analysis):
    """What a claim about another mix takes for granted, and whether loans show it."""

    findings: tuple[Finding, ...]
    segment: Label
    shares: tuple[Fraction, Fraction]
    """The part of the number of loans that is the segment's, before and after; above 0, below 1."""
    figures: tuple[ClaimFigure, ...]
    """Average loan, difference of ratios, change of volume and change of the ratio."""
    is_extrapolated: bool | None = field(default=None)
    """Whether the share after lies outside those that were seen; None where none were."""

    def figure(self, kind: ClaimKind) -> ClaimFigure:
        """The figure of a kind."""
        return next(one for one in self.figures if one.kind == kind)

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A row of what is claimed, one of what loans show, and two of the ends of its interval."""
        whose = ("claimed", "seen", "low", "high") if self.figures[0].seen is not None else ("claimed",)
        return (
            AnalysisColumn(code="figure", name=_WORDS["figure"], values=tuple(_WORDS[one] for one in whose)),
            *(
                AnalysisColumn(
                    code=one.kind,
                    name=_WORDS[one.kind],
                    values=tuple(getattr(one, name) for name in whose),
                    unit=_UNITS[one.kind],
                )
                for one in self.figures
            ),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """Bars of the changes of volume and ratio, in percent and percentage points: claimed, and by the loans."""
        order = (_WORDS["claimed"].to(language), _WORDS["seen"].to(language))
        bars = [
            (_WORDS[one.kind].to(language), name, value * 100)
            for one in self.figures[2:]
            for name, value in zip(order, (one.claimed, one.seen), strict=True)
            if value is not None
        ]
        return paired_bars(bars, order=order, up="%")


def _loans(given: Any) -> tuple[tuple[str, str, Fraction, Fraction], ...]:
    """Loans as they are counted.

    Raises:
        DataError: one cannot be used, or there is none.
    """
    remedy = "pass (holder, segment, amount, part), such as ('lin', 'small business', 500_000, 0)"
    must_be_list(given, "the loans", f"{remedy}, in a list")
    found = tuple(_loan(number, one, remedy) for number, one in enumerate(given))
    if not found:
        raise DataError("the loans", "there are none", f"{remedy}, or leave them out")
    return found


def _loan(number: int, one: object, remedy: str) -> tuple[str, str, Fraction, Fraction]:
    """A loan as it is counted.

    Raises:
        DataError: it is none, or its part is no part of its amount.
    """
    if not isinstance(one, tuple) or len(one) != 4 or not all(isinstance(code, str) and code for code in one[:2]):
        raise DataError(f"loan {number}", f"it is {shown(one)}", remedy)
    amount, part = (as_number(value, "", f"loan {number} of {one[0]}") for value in one[2:])
    if not 0 <= part <= amount:
        fault = f"a part of {part} of an amount of {amount}"
        raise DataError(f"loan {number} of {one[0]}", fault, "give an amount of zero or more, and a part up to it")
    return one[0], one[1], amount, part


@frozen(kw_only=True, eq=False)
class ClaimLoans:
    """Loans by which a claim is checked, and who looks.

    Raises:
        DataError: a loan cannot be used, there is none, or something is of another class.
    """

    loans: tuple[tuple[str, str, Fraction, Fraction], ...] = field(converter=_loans, repr=False)
    """Who holds each, its segment, amount and part; `ClaimLoan` says what is taken."""
    viewer: Viewer = field(validator=is_a(Viewer))
    """Who looks; loans of holders whom the viewer may not see are not counted."""
    rng: np.random.Generator = field(repr=False)
    """numpy's generator, made of a seed that is kept with the result; it draws holders for the intervals."""
    smallest: int = SMALLEST
    """How many holders of loans of the segment, and of others, there must be."""

    def __attrs_post_init__(self) -> None:
        must_be(self.rng, np.random.Generator, "rng", "pass numpy.random.default_rng(seed), and keep the seed")
        must_be_smallest(self.smallest)


def mix_claim(
    segment: str | Label,
    shares: tuple[Number, Number],
    *,
    volume: Number,
    ratio: Number,
    loans: ClaimLoans | None = None,
    seen: Iterable[Number] = (),
) -> MixClaim:
    """What must hold for a claim such as "30% to 50% small business: 40% more volume, and NPL 3 points higher".

    With as many loans as before, s₀ and s₁ the shares of the segment in their number, k the average loan of the segment
    over that of the others, and D its ratio less theirs: volume changes by (s₁k + 1 − s₁) / (s₀k + 1 − s₀) − 1, and the
    ratio by (w₁ − w₀) D, where w = sk / (sk + 1 − s) is the share of the segment in the amount. A claim of both says
    what k and D are, exactly. With loans, k and D are measured, and both changes follow from them; holders are drawn
    anew with all their loans for the intervals.

    Args:
        segment: its code, as loans have it, and its name where it is a label: the code is the English one.
        shares: of the segment in the number of loans, before and after; above 0% and below 100%.
        volume: by how much volume is said to change, such as "40%" or "-5%".
        ratio: by how much the ratio is said to change, in percentage points: "3%" is 3 points.
        loans: those by which the claim is checked; None asks for what the claim implies alone.
        seen: shares of the segment that were seen, such as in other periods or regions; that of the loans is too.

    Raises:
        DataError: shares are equal or not between 0% and 100%, loans are too few or cannot be used, or an argument
            cannot be used.
        FloatError: a number is a float, NaN too.
        QuantityError: a share is none.

    >>> found = mix_claim("small business", ("30%", "50%"), volume="40%", ratio="3%")
    >>> [str(found.figure(kind).claimed) for kind in ("ticket", "gap")]
    ['6', '7/32']
    """
    name = Label(segment, segment) if isinstance(segment, str) else segment
    must_be_in_both("the segment", name)
    both = _shares_given(shares)
    claimed = _implied(both, as_ratio(volume, "volume"), as_ratio(ratio, "ratio"))
    sums, measured = None, dict[ClaimKind, dict[str, Fraction]]()
    if loans is not None:
        must_be(loans, ClaimLoans, "loans", "pass ClaimLoans(loans=..., viewer=..., rng=...)")
        sums = _ClaimBook.of(loans, name.en)
        measured = _measured(sums, both, loans.rng)
    known = _seen_given(seen) + ([] if sums is None else [sums.share])
    found = MixClaim(
        findings=(),
        segment=name,
        shares=both,
        figures=tuple(ClaimFigure(kind=kind, claimed=claimed[kind], **measured.get(kind, {})) for kind in claimed),
        is_extrapolated=not min(known) <= both[1] <= max(known) if known else None,
    )
    return evolve(found, findings=tuple(_findings(found, sums, known)))


def _shares_given(shares: tuple[Number, Number]) -> tuple[Fraction, Fraction]:
    """The shares before and after.

    Raises:
        DataError: one is not between 0% and 100%, or they are equal.
    """
    given: Any = shares
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise DataError("shares", f"they are {shown(given)}", "give two: the share before, and the share after")
    before, after = (as_ratio(share, "shares") for share in given)
    for share in (before, after):
        if not 0 < share < 1:
            raise DataError("shares", f"one is {percent(share)}", "give shares above 0% and below 100%")
    if before == after:
        raise DataError("shares", f"both are {percent(before)}", "give the share before, and another one after")
    return before, after


def _seen_given(seen: Iterable[Number]) -> list[Fraction]:
    """The shares that were seen.

    Raises:
        DataError: one is below 0% or above 100%, or they are no list.
    """
    remedy = "give a list of shares from 0% to 100%"
    must_be_list(seen, "seen", remedy)
    found = [as_ratio(share, "seen") for share in seen]
    if beyond := [share for share in found if not 0 <= share <= 1]:
        raise DataError("seen", f"one is {percent(beyond[0])}", remedy)
    return found


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────


def _implied(shares: tuple[Fraction, Fraction], volume: Fraction, ratio: Fraction) -> dict[ClaimKind, Fraction | None]:
    """The sizes and ratios that make a claim true; None where none do."""
    before, after = shares
    over, under = (1 + volume) * (1 - before) - (1 - after), after - (1 + volume) * before
    ticket = over / under if under and over / under > 0 else None
    gap = None if ticket is None else ratio / _follows(ticket, _ONE, shares)[1]
    return {"ticket": ticket, "gap": gap, "volume": volume, "ratio": ratio}


def _follows(ticket: Any, gap: Any, shares: tuple[Any, Any]) -> tuple[Any, Any]:
    """The changes of volume and ratio that follow from an average loan and a difference of ratios."""
    wholes = [share * ticket + 1 - share for share in shares]
    weights = [share * ticket / whole for share, whole in zip(shares, wholes, strict=True)]
    return wholes[1] / wholes[0] - 1, (weights[1] - weights[0]) * gap


@frozen(kw_only=True, eq=False)
class _ClaimBook:
    """Sums of loans, by holder and in all: number, amount and part of loans of the segment, then of other loans."""

    holders: Floats
    every: tuple[Fraction, ...]

    @classmethod
    def of(cls, loans: ClaimLoans, segment: str) -> _ClaimBook:
        """The sums of the loans whose holders the viewer may see.

        Raises:
            DataError: too few hold loans of the segment or of others, or amounts cannot be used.
        """
        found = defaultdict[str, list[Fraction]](lambda: [Fraction(0)] * 6)
        for holder, own, amount, part in loans.loans:
            if not loans.viewer.may_see(holder):
                continue
            place = 0 if own == segment else 3
            for more, value in enumerate((_ONE, amount, part)):
                found[holder][place + more] += value
        for place, what in ((0, repr(segment)), (3, "other segments")):
            many = sum(1 for of in found.values() if of[place])
            if many < loans.smallest:
                remedy = "check the code of the segment and the viewer, look at more loans, or state another smallest"
                raise DataError(f"the loans of {what}", f"{many} hold some, fewer than {loans.smallest}", remedy)
        every = tuple(sum(column, Fraction(0)) for column in zip(*found.values(), strict=True))
        if sum(every) > _LARGEST:
            raise DataError("the loans", f"they come to more than {_LARGEST}", "give amounts of ordinary size")
        if min(float(every[1]), float(every[4])) <= 0:
            raise DataError("the loans", "the amount of a segment is zero", "look at loans with an amount")
        rows = np.array([[float(value) for value in found[holder]] for holder in sorted(found)])
        return cls(holders=rows, every=every)

    @property
    def share(self) -> Fraction:
        """The segment's part of the number of loans."""
        return self.every[0] / (self.every[0] + self.every[3])

    @property
    def ratio(self) -> Fraction:
        """Counted amount over the amount of all loans, such as bad loans over loans: the NPL ratio."""
        return (self.every[2] + self.every[5]) / (self.every[1] + self.every[4])

    @property
    def loans(self) -> int:
        """How many there are."""
        return int(self.every[0] + self.every[3])

    def resampled(self, rng: np.random.Generator) -> Floats:
        """The sums of holders drawn anew, a column a draw; those without a loan of one of both are left out."""
        many = len(self.holders)
        at_once, parts = max(1, _CELLS // many), list[Floats]()
        for first in range(0, _TIMES, at_once):
            size = min(at_once, _TIMES - first)
            parts.append(rng.multinomial(many, np.full(many, 1 / many), size=size) @ self.holders)
        found = np.concatenate(parts).T
        kept: Floats = found[:, (found[1] > 0) & (found[4] > 0)]
        return kept


def _of_sums(sums: Any) -> tuple[Any, Any]:
    """The average loan of the segment over that of the others, and its ratio less theirs."""
    own, amount, part, others, amount_of_others, part_of_others = sums
    return (amount / own) / (amount_of_others / others), part / amount - part_of_others / amount_of_others


def _measured(sums: _ClaimBook, shares: tuple[Fraction, Fraction], rng: Any) -> dict[ClaimKind, dict[str, Fraction]]:
    """By kind: the figure by the loans, and both ends of its interval."""
    own, each = _of_sums(sums.every), _of_sums(sums.resampled(rng))
    seen = (*own, *_follows(*own, shares))
    drawn = (*each, *_follows(*each, (float(shares[0]), float(shares[1]))))
    tail = float(1 - _LEVEL) / 2
    found = dict[ClaimKind, dict[str, Fraction]]()
    for kind, value, many in zip(get_args(ClaimKind), seen, drawn, strict=True):
        low, high = (float(end) * _PARTS for end in np.quantile(many, (tail, 1 - tail)))
        ends = {"low": Fraction(floor(low), _PARTS), "high": Fraction(ceil(high), _PARTS)}
        found[kind] = {"seen": near(float(value)), **ends}
    return found


# ── findings ────────────────────────────────────────────────────────────────────────────────────────────────


def _findings(found: MixClaim, sums: _ClaimBook | None, known: Sequence[Fraction]) -> Iterator[Finding]:
    ticket, gap, volume, ratio = found.figures
    (before, after), many = found.shares, 0 if sums is None else sums.loans
    shares = {"segment": found.segment, "first": said(before, "%"), "last": said(after, "%")}
    if ticket.claimed is None:
        ends = sorted((after / before - 1, (1 - after) / (1 - before) - 1))
        parts = dict(zip(("low", "high"), (said(end, "%") for end in ends), strict=True))
        yield _exact(filled(_WORDS["impossible"], **shares, **parts, volume=_claimed(volume)), many, "assumed")
    else:
        parts = {one.kind: _claimed(one) for one in found.figures}
        yield _exact(filled(_WORDS["implied"], **shares, **parts), many, "assumed")
    if sums is not None and gap.claimed is not None and ticket.claimed is not None:
        others = sums.ratio - before * ticket.claimed / (before * ticket.claimed + 1 - before) * gap.claimed
        own = others + gap.claimed
        if not (0 <= others <= 1 and 0 <= own <= 1):
            parts = {"now": said(sums.ratio, "%"), "own": said(own, "%"), "others": said(others, "%")}
            yield _exact(filled(_WORDS["no ratio"], segment=found.segment, **parts), many, "assumed")
    if known and found.is_extrapolated:
        parts = {"last": said(after, "%"), "low": said(min(known), "%"), "high": said(max(known), "%")}
        yield _exact(filled(_WORDS["beyond"], segment=found.segment, **parts), len(known), "compared")
    for one in (volume, ratio, ticket, gap) if sums is not None else ():
        yield _by_loans(one, many)


def _claimed(one: ClaimFigure) -> Label:
    """The figure that was claimed, with its unit; an empty text where only the data give a figure."""
    return Label("") if one.claimed is None else said(one.claimed, _UNITS[one.kind])


def _exact(label: Label, many: int, method: str) -> Finding:
    return Finding(label=label, n=many, certainty=Exact(), method=_WORDS[method], limits=_WORDS["limits"])


def _by_loans(one: ClaimFigure, many: int) -> Finding:
    """What loans show of a figure, and whether what is claimed lies within the interval."""
    unit, zero = _UNITS[one.kind], Fraction(0)
    words = ("same", "other") if one.low == one.high else ("inside", "outside")
    word = "only" if one.agrees is None else words[0 if one.agrees else 1]
    seen = said(one.seen or zero, unit)
    return Finding(
        label=filled(_WORDS[word], what=_WORDS[one.kind], seen=seen, claimed=_claimed(one)),
        n=many,
        certainty=Interval(low=one.low or zero, high=one.high or zero, level=_LEVEL, unit=unit),
        method=filled(_WORDS["drawn"], times=_TIMES),
        limits=_WORDS["limits"],
    )
