"""Weight methods: weights by entropy, by CRITIC and by pairwise comparison (AHP), for who is asked for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import frozen

from loanperf._allocation import allocate
from loanperf._charts import share_bars
from loanperf._explanations import Label, Language, spoken
from loanperf._quantities import Number, percent, plain, quantity
from loanperf._scorecard import Weights
from loanperf._validators import each_of, must_be
from loanperf.analytics._findings import Analysis, AnalysisColumn, Exact, Finding, must_be_list
from loanperf.analytics._statistics import Floats, floats, near
from loanperf.errors import DataError

_STEP = Fraction(1, 1000)
_RANDOM = {1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
"""Mean consistency index of random matrices by their size (Saaty 1980)."""
CONSISTENT = Fraction(1, 10)
"""The consistency ratio from which comparisons contradict each other too much."""
_DISPERSION = Label(
    "importance: these methods measure how far people differ in an indicator, and it may matter little",
    "重要性：此类方法只衡量指标的离散程度，差异大的指标不一定重要",
)
_JUDGEMENT = Label("whether the judgements are right", "判断本身是否恰当")


@frozen(kw_only=True, repr=False)
class MethodWeights(Analysis):
    """Weights that a method gives; they sum to 100% in steps of 0.1%. They are no advice."""

    findings: tuple[Finding, ...]
    method: Label
    weights: Weights
    consistency: Fraction | None
    """The consistency ratio of AHP, below 0.1 where comparisons agree well enough; None for other methods."""

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """An indicator a row."""
        codes, shares = zip(*self.weights, strict=True)
        return (
            AnalysisColumn(code="indicator", name=Label("indicator", "指标"), values=codes),
            AnalysisColumn(code="weight", name=Label("weight", "权重"), values=shares, unit="%"),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """The weights as bars."""
        spoken(language)
        return share_bars((code, weight, percent(weight)) for code, weight in self.weights)


def entropy_weights(columns: Mapping[str, Sequence[Number]]) -> MethodWeights:
    """Weights by entropy: an indicator by which people differ more weighs more.

    With shares p of an indicator's sum over n people, its weight goes by 1 − (−Σ p ln p / ln n).

    Args:
        columns: by indicator a number a person, zero or more, of which more is better, such as attainments.

    Raises:
        DataError: fewer than two people, columns of several lengths, a column of several units, a number below zero,
            all zero, or no indicator by which people differ.

    >>> entropy_weights({"loans": [1, 1], "customers": [1, 3]}).weights
    (('loans', Fraction(0, 1)), ('customers', Fraction(1, 1)))
    """
    codes, given = _numbers(columns)
    if (given < 0).any() or not given.sum(axis=0).all():
        raise DataError(
            "the columns", "a number is below zero, or all of one are zero", "pass shares, such as attainments"
        )
    parts = given / given.sum(axis=0)
    logs = np.log(np.where(parts > 0, parts, 1))
    spread = np.maximum(1 + (parts * logs).sum(axis=0) / np.log(len(given)), 0)
    return _by_dispersion(Label("entropy", "熵权法"), codes, spread, len(given))


def critic_weights(columns: Mapping[str, Sequence[Number]]) -> MethodWeights:
    """Weights by CRITIC: an indicator weighs more by which people differ more, and which goes less with the others.

    Columns are scaled to 0 to 1; a weight goes by the standard deviation times Σ (1 − correlation with each other).

    Args:
        columns: by indicator a number a person, of which more is better.

    Raises:
        DataError: fewer than two people, columns of several lengths, a column of several units, or no indicator by
            which people differ.
    """
    codes, given = _numbers(columns)
    low, high = given.min(axis=0), given.max(axis=0)
    scaled = (given - low) / np.where(high > low, high - low, 1)
    off = scaled - scaled.mean(axis=0)
    size = np.sqrt((off**2).sum(axis=0))
    size[size == 0] = 1
    alike = (off / size).T @ (off / size)
    spread = scaled.std(axis=0, ddof=1) * (1 - alike).sum(axis=0)
    return _by_dispersion(Label("CRITIC", "CRITIC 法"), codes, np.maximum(spread, 0), len(given))


def ahp_weights(comparisons: Mapping[tuple[str, str], Number], codes: Sequence[str]) -> MethodWeights:
    """Weights by pairwise comparison (AHP, 层次分析法): the principal eigenvector, and whether comparisons agree.

    Args:
        comparisons: by pair how many times as important the first is as the second, 1/9 to 9; each pair once, in either
            order.
        codes: of the indicators, 2 to 10.

    Raises:
        DataError: a pair is missing, twice, or of unknown codes; a number beyond 1/9 and 9; too many or few codes.

    >>> found = ahp_weights({("a", "b"): 3, ("a", "c"): 5, ("b", "c"): 3}, ["a", "b", "c"])
    >>> [percent(weight) for _, weight in found.weights], found.consistency
    (['63.7%', '25.8%', '10.5%'], Fraction(83, 2500))
    """
    must_be(comparisons, Mapping, "the comparisons", "pass a number by pair of codes, such as {('a', 'b'): 3}")
    codes = each_of(codes, str, "the indicators to compare", "pass a list of codes, such as ['a', 'b']")
    count = len(codes)
    if not 2 <= count <= 10 or len({*codes}) < count:
        raise DataError("the indicators to compare", f"there are {count}", "compare 2 to 10, each once")
    matrix = np.ones((count, count))
    for one, first in enumerate(codes):
        for other in range(one + 1, count):
            matrix[one, other] = _compared(comparisons, first, codes[other])
            matrix[other, one] = 1 / matrix[one, other]
    if len(comparisons) != count * (count - 1) // 2:
        raise DataError("the comparisons", f"there are {len(comparisons)}", "compare each pair of the indicators once")
    values, vectors = np.linalg.eig(matrix)
    place = int(np.argmax(values.real))
    vector = np.abs(vectors[:, place].real)
    index = (float(values[place].real) - count) / (count - 1)
    consistency = near(max(index, 0.0) / _RANDOM[count]) if count > 2 else Fraction(0)
    method = Label("AHP", "层次分析法（AHP）")
    agrees = consistency < CONSISTENT
    en, zh = (
        ("agree well enough", "通过一致性检验")
        if agrees
        else ("contradict each other; compare again", "未通过一致性检验，请重新判断")
    )
    label = Label(
        f"AHP: the comparisons {en}, with a consistency ratio of {plain(consistency)} (below 0.1 is asked)",
        f"层次分析法：一致性比率 {plain(consistency)}（应小于 0.1），{zh}",
    )
    finding = Finding(label=label, n=len(comparisons), certainty=Exact(), method=method, limits=_JUDGEMENT)
    return MethodWeights(findings=(finding,), method=method, weights=_whole(codes, vector), consistency=consistency)


def _compared(comparisons: Mapping[tuple[str, str], Number], one: str, other: str) -> float:
    found = [pair for pair in ((one, other), (other, one)) if pair in comparisons]
    if len(found) != 1:
        fault = f"{one} and {other} are compared {len(found)} times"
        raise DataError("the comparisons", fault, "compare each pair once")
    value = quantity(comparisons[found[0]]).value
    if not Fraction(1, 9) <= value <= 9:
        raise DataError(f"the comparison of {one} and {other}", f"it is {plain(value)}", "give 1/9 to 9")
    return float(value if found[0] == (one, other) else 1 / value)


def _numbers(columns: Mapping[str, Sequence[Number]]) -> tuple[list[str], Floats]:
    remedy = "pass a list of numbers by indicator, such as {'loans': [1, 2]}"
    must_be(columns, Mapping, "the columns", remedy)
    for code, values in columns.items():
        must_be_list(values, f"the column {code}", remedy)
    known = {code: [quantity(one) for one in values] for code, values in columns.items()}
    sizes = {len(values) for values in known.values()}
    if len(sizes) != 1 or min(sizes) < 2:
        raise DataError(
            "the columns", f"they have {sorted(sizes)} rows", "pass columns of one length, two or more people"
        )
    for code, given in known.items():
        if len(units := sorted({one.unit or "no unit" for one in given})) > 1:
            raise DataError(f"the column {code}", f"it is in {' and in '.join(units)}", "give all of it in one unit")
    return [*known], np.column_stack([floats(one.value for one in given) for given in known.values()])


def _by_dispersion(method: Label, codes: Sequence[str], spread: Floats, people: int) -> MethodWeights:
    if float(spread.sum()) <= 1e-12:
        raise DataError("the columns", "people do not differ in any", "pass at least one by which they differ")
    weights = _whole(codes, spread)
    most = max(weights, key=lambda pair: pair[1])
    label = Label(
        f"by {method.en}, {most[0]} weighs most: {percent(most[1])}",
        f"按{method.zh}，{most[0]} 权重最高：{percent(most[1])}",
    )
    finding = Finding(label=label, n=people, certainty=Exact(), method=method, limits=_DISPERSION)
    return MethodWeights(findings=(finding,), method=method, weights=weights, consistency=None)


def _whole(codes: Sequence[str], sizes: Floats) -> Weights:
    """Weights in proportion to sizes, in whole steps of 0.1% that sum to 100%."""
    scaled = [near(float(size / sizes.max()), 9) for size in sizes]
    parts = allocate(Fraction(1), scaled, step=_STEP, tie_break="first")
    return tuple(zip(codes, parts, strict=True))
