"""Correlation: (what people came to in several indicators) -> which go together, between people and within them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
from attrs import evolve, field, frozen

from loanperf._charts import intervals
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._indicators import CATALOGUE, indicator
from loanperf._periods import Period
from loanperf._quantities import Number, percent, ratio
from loanperf._scheme import Scheme
from loanperf._validators import is_a, is_code, must_be, must_be_in_both
from loanperf.analytics._advice import Advice, advise, weight
from loanperf.analytics._correlation_statistics import (
    DRAWS,
    PersonSums,
    as_much_between,
    as_much_within,
    between_people,
    interval,
    summed,
    within_people,
)
from loanperf.analytics._correlation_words import WORDS
from loanperf.analytics._findings import (
    Analysis,
    AnalysisColumn,
    Exact,
    Finding,
    Interval,
    column,
    filled,
    must_be_from,
    must_be_list,
    said,
)
from loanperf.analytics._forecast import PastValues
from loanperf.analytics._person_periods import above_and_below, people_seen, periods_of
from loanperf.analytics._statistics import Floats, near
from loanperf.analytics._trend_statistics import discoveries
from loanperf.errors import DataError, shown
from loanperf.viewer import Viewer

CorrelationKind: TypeAlias = Literal["between", "within"]
LEAST_PEOPLE = 10
"""With fewer people nothing is tested."""
LEAST_PERIODS = 3
"""Who has both indicators in fewer periods is left out."""
_CHANCE = Fraction(1, 10)
_LEVEL = Fraction(95, 100)
_SHOWN = ("outcome", "r", "low", "high", "p", "people", "months", "rows")
"""The columns of the table that are as a test has them."""


@frozen(kw_only=True)
class Correlation(PlainData):
    """How two indicators go together, between people or within them."""

    one: str
    """The code of an indicator."""
    other: str
    """The code of the other indicator; with a lag it is taken so many periods later."""
    kind: CorrelationKind
    """`between`: whether people who are higher in the one are higher in the other. `within`: whether a person is in the
    periods in which the same person is in the other."""
    people: int
    """The number of people who have both indicators in three periods or more."""
    months: int
    """The number of periods in which anybody of them has both."""
    rows: int
    """Pairs of a person and a period in which both indicators are known."""
    left_out: int = 0
    """The number of people left out, as they have both indicators in one or two periods only."""
    r: Fraction | None = None
    """From -1 to 1, three decimals; None where nothing can be said."""
    low: Fraction | None = None
    """The lower end of the 95% interval."""
    high: Fraction | None = None
    p: Fraction | None = None
    """The p-value, above 0 up to 1: how often chance gives as much; None where nothing can be said."""
    stands_out: bool = field(default=False, validator=is_a(bool))
    """Whether it is told apart from chance, among all tests."""

    @property
    def outcome(self) -> Label:
        """The outcome in words: go together, go against each other, not told from chance, or not tested."""
        if self.r is None:
            return WORDS["untested"]
        if not self.stands_out:
            return WORDS["none"]
        return WORDS["together" if self.r > 0 else "opposed"]


@frozen(kw_only=True, repr=False)
class Correlations(Analysis):
    """Which indicators go together; what stands out first."""

    findings: tuple[Finding, ...]
    names: tuple[tuple[str, Label], ...]
    """The names of the indicators, by code."""
    lag: int = 0
    """How many periods later the other indicator is."""
    tests: tuple[Correlation, ...]

    def of(self, one: str, other: str, kind: CorrelationKind) -> Correlation:
        """The test of a pair, in either order where there is no lag.

        Raises:
            DataError: it was not tested.
        """
        wanted = [(one, other)] if self.lag else [(one, other), (other, one)]
        for test in self.tests:
            if (test.one, test.other) in wanted and test.kind == kind:
                return test
        known = ", ".join(dict.fromkeys(f"{test.one} and {test.other}" for test in self.tests))
        raise DataError(f"{one} and {other}, {kind}", "it is not among the tests", f"name a pair of: {known}")

    def advice(
        self,
        scheme: Scheme,
        profile: str,
        code: str,
        to: Number,
        *,
        because_of: tuple[str, str],
        kind: CorrelationKind,
        effective: date | str,
    ) -> Advice:
        """A next version of a scheme in which an indicator weighs something else, on the ground of a correlation.

        The other weights of the profile scale. Nothing is applied: compare, propose and publish the version.

        Args:
            scheme: the version that is changed; it stays as it is.
            profile: whose weights.
            code: the indicator that shall weigh something else.
            to: what it shall weigh.
            because_of: the pair on which the advice stands.
            kind: of that pair, between or within people.
            effective: the first day of the next version.

        Raises:
            DataError: the pair does not stand out from chance, or it was not tested; or as `advise` raises.
        """
        test = self.of(*because_of, kind)
        if not test.stands_out:
            fault = f"its outcome is {test.outcome.en!r}"
            raise DataError(f"{test.one} and {test.other}, {kind}", fault, "advise on what stands out only")
        known = dict(self.names)
        before = dict(scheme.profile(profile).weights).get(code, Fraction(0))
        shares = {"before": percent(before), "after": percent(ratio(to, f"the weight of {code}"))}
        what = filled(WORDS["advised"], name=known.get(code, Label(code, code)), **shares)
        why = _of_pair(test, known, self.lag, sum(one.r is not None for one in self.tests))
        return advise(scheme, weight(profile, {code: to}), effective=effective, what=what, why=why)

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A table with a row a test."""
        names, every = dict(self.names), self.tests
        return (
            column(WORDS, "one", (names[one.one] for one in every)),
            column(WORDS, "other", (names[one.other] for one in every)),
            column(WORDS, "kind", (WORDS[one.kind] for one in every)),
            *(column(WORDS, code, (getattr(one, code) for one in every)) for code in _SHOWN),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """The correlations with their intervals, between and within people by colour."""
        names = dict(self.names)
        rows = [
            (
                f"{names[one.one].to(language)} – {names[one.other].to(language)}",
                WORDS[one.kind].to(language),
                one.r,
                one.low,
                one.high,
            )
            for one in self.tests
            if one.r is not None and one.low is not None and one.high is not None
        ]
        return intervals(rows, across=WORDS["r"].to(language))


def correlate(
    indicators: Mapping[str, PastValues],
    *,
    viewer: Viewer,
    rng: np.random.Generator,
    pairs: Iterable[tuple[str, str]] | None = None,
    lag: int = 0,
    names: Mapping[str, Label] = MappingProxyType({}),
) -> Correlations:
    """Which indicators go together, between people and within people apart, told from chance; it shows no cause.

    Twelve months of a person are not twelve people: months are alike, and people differ. So chance is drawn by whole
    people. Between people: people are ranked in each period; the means of their ranks are correlated. Within people: of
    ranks the means of each person and of each period are taken out, and what is left is correlated. Of all that is
    said at most a tenth is expected to be chance (Benjamini and Hochberg, over all pairs, between and within). The
    order of people, periods and indicators does not matter, nor do units.

    Args:
        indicators: by code what people came to in each period; ratios with `out_of` or without. Where one of both is
            missing in a period, that person and period do not count.
        viewer: who looks; only payees whom the viewer may see take part.
        rng: numpy's generator, made of a seed that is kept with the result: the same one gives the same result.
        pairs: codes of the pairs to test, chosen before looking; None is all of them.
        lag: by how many periods the other of each pair is later, 0 to 12; one number for all, chosen before looking.
            With a lag the pairs must be named.
        names: of the indicators; those of the catalogue have theirs.

    Raises:
        DataError: there are not two indicators, a pair is not known, periods differ in length, nobody may be seen, a
            ratio has nothing below, or an argument cannot be used.

    >>> months = [f"2026-{number:02}" for number in range(1, 7)]
    >>> kept = {f"p{who:02}": {month: 70 + who + place % 3 for place, month in enumerate(months)} for who in range(12)}
    >>> bad = {f"p{who:02}": {month: 40 - who + place % 2 for place, month in enumerate(months)} for who in range(12)}
    >>> found = correlate(
    ...     {"retention": PastValues(values=kept, unit=""), "npl": PastValues(values=bad, unit="")},
    ...     viewer=Viewer(who="hr", sees="all"),
    ...     rng=np.random.default_rng(2026),
    ... )
    >>> test = found.of("retention", "npl", "between")
    >>> print(test.r, test.outcome, test.people)
    -1 go against each other 12
    """
    must_be(viewer, Viewer, "viewer", "pass a loanperf.viewer.Viewer")
    must_be(rng, np.random.Generator, "rng", "pass numpy.random.default_rng(seed), and keep the seed")
    must_be_from(lag, "lag", 0, 12)
    must_be(names, Mapping, "names", "pass a mapping of codes to lp.Label(en, zh)")
    given = _given(indicators)
    wanted = _pairs(pairs, tuple(given), lag)
    named = {code: _name(code, names) for code in given}
    grid = _Grid.of(given, viewer)
    drawn = [grid.pair(one, other, lag) for one, other in wanted]
    tests = _judged(drawn, int(rng.integers(2**63)))
    order = sorted(tests, key=lambda one: (not one.stands_out, one.r is None, one.p or 0, one.kind, one.one, one.other))
    found = Correlations(findings=(), names=tuple((code, named[code]) for code in given), lag=lag, tests=tuple(order))
    return evolve(found, findings=tuple(_findings(found, grid)))


# ── what is given ───────────────────────────────────────────────────────────────────────────────────────────


def _given(indicators: Mapping[str, PastValues]) -> dict[str, PastValues]:
    """The indicators by code, in order.

    Raises:
        DataError: there are not two.
    """
    remedy = "pass a mapping of codes to PastValues, two or more"
    must_be(indicators, Mapping, "the indicators", remedy)
    for code, values in indicators.items():
        if not is_code(code):
            raise DataError("the code of an indicator", f"it is {shown(code)}", remedy)
        must_be(values, PastValues, f"the values of {code}", remedy)
    if len(indicators) < 2:
        raise DataError("the indicators", f"there are {len(indicators)}", remedy)
    return {code: indicators[code] for code in sorted(indicators)}


def _pairs(pairs: Iterable[tuple[str, str]] | None, codes: tuple[str, ...], lag: int) -> list[tuple[str, str]]:
    """The pairs that are tested, each once.

    Raises:
        DataError: one is not known, is there twice, or they are not named though there is a lag.
    """
    if pairs is None:
        if lag:
            raise DataError("the pairs", "there is a lag, and none are named", "name which indicator comes first")
        return list(combinations(codes, 2))
    found: list[tuple[str, str]] = []
    remedy = f"name two of: {', '.join(codes)}"
    must_be_list(pairs, "the pairs", remedy)
    for given in pairs:
        pair: Any = given
        if not isinstance(pair, tuple) or len(pair) != 2 or any(one not in codes for one in pair) or pair[0] == pair[1]:
            raise DataError("the pairs", f"one is {shown(pair)}", remedy)
        if pair in found or (not lag and pair[::-1] in found):
            raise DataError("the pairs", f"{pair[0]} and {pair[1]} are there twice", "name each pair once")
        found.append(pair)
    if not found:
        raise DataError("the pairs", "there is none", "name pairs of indicators, or leave them out to test all")
    return found


def _name(code: str, names: Mapping[str, Label]) -> Label:
    if code in names:
        must_be_in_both(f"the name of {code}", names[code])
        return names[code]
    return indicator(code).name if code in CATALOGUE else Label(code, code)


@frozen(eq=False)
class _Drawn:
    """A pair of indicators, ready to be tested."""

    between: Correlation
    """The pair and how many people, months and rows it has, without a result."""
    ranks: tuple[Floats, Floats]
    """Between people: a number a person."""
    inner: tuple[Floats, Floats]
    """Within people: a number a person and period."""


@frozen(eq=False)
class _Grid:
    """The indicators of the same people and periods, as arrays; NaN where one is missing."""

    periods: tuple[Period, ...]
    people: tuple[str, ...]
    values: Mapping[str, Floats]

    @classmethod
    def of(cls, given: Mapping[str, PastValues], viewer: Viewer) -> _Grid:
        """Raises DataError where periods differ in length, nobody may be seen, or a ratio has nothing below."""
        every = tuple(given.values())
        periods, people = periods_of(every), people_seen(every, viewer)
        parts = {code: above_and_below(past, code, people, periods) for code, past in given.items()}
        return cls(periods, people, {code: above / below for code, (above, below) in parts.items()})

    def pair(self, one: str, other: str, lag: int) -> _Drawn:
        """Two indicators of who has both in enough periods, the other `lag` periods later."""
        width = max(0, len(self.periods) - lag)
        first, second = self.values[one][:, :width], self.values[other][:, lag : lag + width]
        there = ~np.isnan(first) & ~np.isnan(second)
        counts = there.sum(axis=1)
        kept = counts >= LEAST_PERIODS
        some, a, b = there[kept], np.nan_to_num(first[kept]), np.nan_to_num(second[kept])
        between = Correlation(
            one=one,
            other=other,
            kind="between",
            people=int(kept.sum()),
            months=int(some.any(axis=0).sum()),
            rows=int(some.sum()),
            left_out=int((counts > 0).sum() - kept.sum()),
        )
        return _Drawn(between, between_people(a, b, some), within_people(a, b, some))


# ── the tests ───────────────────────────────────────────────────────────────────────────────────────────────


def _judged(drawn: Sequence[_Drawn], seed: int) -> list[Correlation]:
    """All tests, with which of them stand out among all."""
    sums: dict[tuple[int, CorrelationKind], PersonSums] = {}
    for place, one in enumerate(drawn):
        if one.between.people >= LEAST_PEOPLE:
            sums[place, "between"], sums[place, "within"] = summed(*one.ranks), summed(*one.inner)
    sums = {key: some for key, some in sums.items() if some.varies}
    chances = _chances(drawn, sums, seed)
    stand_out = dict(zip(chances, discoveries(list(chances.values()), _CHANCE), strict=True))
    found: list[Correlation] = []
    for place, one in enumerate(drawn):
        for kind in ("between", "within"):
            test = evolve(one.between, kind=kind)
            if some := sums.get((place, kind)):
                low, high = (near(end, 3) for end in interval(some, float(_LEVEL)))
                p = chances[place, kind]
                is_out = stand_out[place, kind]
                test = evolve(test, r=near(some.r, 3), low=low, high=high, p=p, stands_out=is_out)
            found.append(test)
    return found


def _chances(
    drawn: Sequence[_Drawn], sums: Mapping[tuple[int, CorrelationKind], PersonSums], seed: int
) -> dict[tuple[int, CorrelationKind], Fraction]:
    """The p-value of each test; pairs over as many people share what is drawn."""
    found: dict[tuple[int, CorrelationKind], Fraction] = {}
    for people, kind in sorted({(drawn[place].between.people, kind) for place, kind in sums}):
        places = [place for place, which in sums if which == kind and drawn[place].between.people == people]
        if kind == "between":
            counts = as_much_between([drawn[place].ranks for place in places], seed)
        else:
            counts = as_much_within([sums[place, kind].both for place in places], seed)
        found |= {(place, kind): Fraction(count + 1, DRAWS + 1) for place, count in zip(places, counts, strict=True)}
    return found


# ── findings ────────────────────────────────────────────────────────────────────────────────────────────────


def _findings(found: Correlations, grid: _Grid) -> Iterator[Finding]:
    names, tests = dict(found.names), found.tests
    made = sum(one.r is not None for one in tests)
    label = filled(
        WORDS["all"],
        pairs=len(tests) // 2,
        first=grid.periods[0],
        last=grid.periods[-1],
        people=len(grid.people),
        tests=len(tests),
        untested=len(tests) - made,
        **{kind: sum(one.stands_out and one.kind == kind for one in tests) for kind in ("between", "within")},
    )
    method = filled(WORDS["method all"], chance=percent(_CHANCE), tests=made)
    yield Finding(label=label, n=len(grid.people), certainty=Exact(), method=method, limits=WORDS["limits"])
    for one in tests:
        if one.stands_out:
            yield _of_pair(one, names, found.lag, made)
    for one in sorted(tests, key=lambda one: (one.one, one.other, one.kind)):
        yield from _left_out(one, names, found.lag)


def _of_pair(one: Correlation, names: Mapping[str, Label], lag: int, made: int) -> Finding:
    r = one.r or Fraction(0)
    counts = {code: getattr(one, code) for code in ("people", "months", "rows")}
    size = filled(WORDS["size"], r=said(r, ""), **counts)
    return Finding(
        label=filled(WORDS[f"{one.kind} {'up' if r > 0 else 'down'}"], **_both(one, names, lag), size=size),
        n=one.people,
        certainty=Interval(low=one.low or Fraction(0), high=one.high or Fraction(0), level=_LEVEL),
        method=filled(WORDS[f"method {one.kind}"], draws=DRAWS, chance=percent(_CHANCE), tests=made),
        limits=WORDS["limits"],
    )


def _left_out(one: Correlation, names: Mapping[str, Label], lag: int) -> Iterator[Finding]:
    """Why nothing can be said of a pair, and how many people were left out of it."""
    both, counts = _both(one, names, lag), {"least": LEAST_PERIODS, "needed": LEAST_PEOPLE}
    if one.r is None and one.people >= LEAST_PEOPLE:
        yield _counted(filled(WORDS["flat"], where=WORDS[f"flat {one.kind}"], **both), one.people)
    elif one.r is None and one.kind == "between":
        yield _counted(filled(WORDS["few"], people=one.people, **both, **counts), one.people)
    if one.left_out and one.kind == "between":
        yield _counted(filled(WORDS["short"], count=one.left_out, **both, least=LEAST_PERIODS), one.left_out)


def _counted(label: Label, count: int) -> Finding:
    return Finding(label=label, n=count, certainty=Exact(), method=WORDS["counted"], limits=WORDS["limits"])


def _both(one: Correlation, names: Mapping[str, Label], lag: int) -> dict[str, Label]:
    """The names of a pair, the later one with its lag."""
    other = filled(WORDS["later"], other=names[one.other], lag=lag) if lag else names[one.other]
    return {"one": names[one.one], "other": other}
