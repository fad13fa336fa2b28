"""Budget: (cards, expected readings, how far they scatter) -> what bonuses may come to, by many draws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from math import ceil, sqrt
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from loanperf._appraisal import Appraisals, ScoredColumns, appraise_all, appraise_columns
from loanperf._bonus import award_all
from loanperf._charts import count_bars
from loanperf._data import PlainData
from loanperf._explanations import Label, Language, in_words
from loanperf._indicators import Direction, Kind
from loanperf._quantities import Money, Number, percent, quantity, ratio
from loanperf._scorecard import Card
from loanperf._tables._columns import Column
from loanperf._tables._units import NO_UNITS, Units
from loanperf._validators import between, must_be
from loanperf.analytics._findings import Analysis, AnalysisColumn, Finding, Interval, filled, must_be_from, said
from loanperf.analytics._scored_rows import must_be_possible, must_have_bonuses
from loanperf.analytics._statistics import Floats, near
from loanperf.errors import DataError
from loanperf.viewer import Viewer, must_be_viewer

LEVELS = (Fraction(50, 100), Fraction(90, 100), Fraction(95, 100))
"""The quantiles that are told: half, nine of ten and nineteen of twenty draws come to no more."""
_ROWS = 65_536
"""So many bonuses are worked at a time."""
_FINE = 10_000
"""Parts of the smallest unit of a column to which readings of ratios and points are drawn."""
_BARS = 20
_GROUPS = 50
"""Groups of draws with shocks of about one size, by which the share of the common shock is found."""
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "level": Label(
            "with a probability of {level} bonuses come to {amount} or less", "奖金总额有 {level} 的概率不超过 {amount}"
        ),
        "common": Label(
            "a common shock of {common} makes {part} of the variance of the sum",
            "共同冲击（{common}）占奖金总额方差的 {part}",
        ),
        "expected": Label(
            "where all have what is expected, bonuses come to {expected}; the mean of the draws is {mean}",
            "全员达到预期时奖金总额 {expected}；抽样均值 {mean}",
        ),
        "exceeded": Label(
            "the budget of {budget} is exceeded with a probability of {part}", "超出预算 {budget}的概率为 {part}"
        ),
    }
)
_METHOD = Label(
    "readings drawn around expectation with a shock that all share, scored and paid by the program that pays",
    "以预期值为中心、含共同冲击随机抽取指标读数，由计分计奖程序逐一核算",
)
_LIMITS = Label(
    "whether readings scatter as stated, people who join or leave, and commission",
    "指标波动是否符合设定、人员进出，以及提成",
)


def _share(value: Number) -> Fraction:
    return ratio(value, "a spread")


@frozen(kw_only=True)
class Spread(PlainData):
    """How far readings scatter around what is expected, as standard deviations of logarithms.

    A reading is what is expected times a factor, whose logarithm is normal and whose mean is 1. Part of it is a shock
    that all people share, such as the market in a month; it moves all indicators for the better or for the worse. What
    is expected below zero, such as a loss, stays below zero: a shock for the worse makes it larger.

    Raises:
        DataError: `total` is not from 0% to 100%, or `common` is larger than it.

    >>> Spread(total="25%", common="5%").own == Fraction(6, 100) ** Fraction(1, 2)
    True
    """

    total: Fraction = field(converter=_share, validator=between(0, 1))
    """How far one reading scatters, from 0% to 100%: 25% is about a quarter of what is expected."""
    common: Fraction = field(converter=_share, validator=between(0, 1))
    """The part that all share: people vary together by it; 0% to `total`, of which it is part as squares add up."""
    months: int = field(default=0, validator=between(0, None, int))
    """The number of months from which it was estimated; 0 where it is stated."""

    def __attrs_post_init__(self) -> None:
        if self.common > self.total:
            fault = f"all share {percent(self.common)}, and one reading scatters by {percent(self.total)}"
            raise DataError("a spread", fault, "give a total that is not below the common part")

    @property
    def own(self) -> float:
        """The part of each reading by itself: total squared is common squared and this squared."""
        return sqrt(float(self.total**2 - self.common**2))


def spread_of(history: Mapping[str, Mapping[str, Number]]) -> Spread:
    """How far readings scattered in the past: from month to month for all, and for each person.

    Logarithms of readings are taken apart into people, months and the rest, by the analysis of variance. The common
    part is what months differ by beyond what chance would give; it may be zero.

    Args:
        history: by month, by payee, a reading above zero, such as amounts; the same payees in each.

    Raises:
        DataError: fewer than three months or two payees, other payees in some month, a reading that is not above zero,
            several units, or readings that do not scatter, or by more than 100%.
    """
    must_be(history, Mapping, "the history", "pass readings by month and by payee")
    for month, of in history.items():
        must_be(of, Mapping, f"the history, {month}", "pass readings by payee")
    months = [*history]
    payees = [*history[months[0]]] if months else []
    if len(months) < 3 or len(payees) < 2:
        fault = f"it has {len(months)} months and {len(payees)} payees"
        raise DataError("the history", fault, "pass three months or more, of two payees or more; or state the spread")
    rows, units = [], dict[str, str]()
    for month in months:
        if {*history[month]} != {*payees}:
            raise DataError(f"the history, {month}", "it has other payees than the first month", "pass those in all")
        rows.append([_above_zero(month, payee, history[month][payee], units) for payee in payees])
    if len(units) > 1:
        (one, where), (other, there) = list(units.items())[:2]
        fault = f"{where} is in {one or 'no unit'}, and {there} in {other or 'no unit'}"
        raise DataError("the history", fault, "pass readings of one unit")
    logs = np.log(np.array(rows))
    of_months, of_payees = logs.mean(axis=1, keepdims=True), logs.mean(axis=0, keepdims=True)
    rest = logs - of_months - of_payees + logs.mean()
    count, people = logs.shape
    own = float((rest**2).sum()) / ((count - 1) * (people - 1))
    common = max(float(of_months.var(ddof=1)) - own / people, 0.0)
    total = near(sqrt(own + common))
    if not total:
        raise DataError("the history", "its readings do not scatter", "pass months that differ, or state the spread")
    if total > 1:
        fault = f"its readings scatter by {percent(total)}, beyond 100%"
        raise DataError("the history", fault, "pass readings of one kind in ordinary months, or state the spread")
    return Spread(total=total, common=min(near(sqrt(common)), total), months=count)


def _above_zero(month: str, payee: str, value: Number, units: dict[str, str]) -> float:
    """A reading; where its unit is new, it is noted with the place."""
    found = quantity(value)
    if found.value <= 0:
        raise DataError(f"the history, {month}, {payee}", f"it is {value}", "pass readings above zero")
    units.setdefault(found.unit, f"{month}, {payee}")
    return float(found.value)


@frozen(kw_only=True)
class BudgetLevel(PlainData):
    """A quantile of the sum of bonuses over the draws, with its error."""

    level: Fraction
    """The part of the draws, such as 95%."""
    amount: Money
    """The smallest sum of bonuses of a draw such that this part of all draws come to it or less."""
    low: Money
    high: Money
    """One standard error below and above: the draws that are √(n·p·(1 − p)) places before and behind it in order."""

    @property
    def error(self) -> Fraction:
        """Half of what lies between them, over the amount: the relative error of the draws; 0 where all are zero."""
        return Fraction(self.high.units - self.low.units, 2 * self.amount.units) if self.amount.units else Fraction(0)


@frozen(kw_only=True, repr=False)
class BudgetForecast(Analysis):
    """What the bonuses of a period may come to, all people together."""

    findings: tuple[Finding, ...]
    people: int
    draws: int
    spread: Spread
    expected: Money
    """What bonuses come to where everybody has just what is expected; exact."""
    mean: Money
    """The mean of the draws, rounded to the smallest unit."""
    mean_error: Money
    """One standard error of the mean."""
    levels: tuple[BudgetLevel, ...]
    from_common: Fraction
    """Which part of the variance of the sum comes of the shock that all share, 0 to 1, by groups of draws."""
    budget: Money | None
    exceeded: Fraction | None
    """The part of the draws that come to more than the budget; None where none is stated."""
    bars: tuple[tuple[Money, int], ...]
    """A histogram of the draws: the lower end of each of twenty bands of equal width, and how many draws are in it."""

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A quantile a row."""
        given = self.levels
        return (
            AnalysisColumn(
                code="level", name=Label("draws", "概率"), values=tuple(one.level for one in given), unit="%"
            ),
            AnalysisColumn(code="amount", name=Label("bonuses", "奖金总额"), values=tuple(one.amount for one in given)),
            AnalysisColumn(
                code="error", name=Label("error", "抽样误差"), values=tuple(one.error for one in given), unit="%"
            ),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """How many draws come to what, as bars."""
        across, up = Label("bonuses", "奖金总额"), Label("draws", "抽样次数")
        bands = [(in_words(low, language), count) for low, count in self.bars]
        return count_bars(bands, across=across.to(language), up=up.to(language))


def bonus_budget(
    cards: Card | Mapping[str, Card],
    rows: Any,
    spread: Spread,
    *,
    rng: np.random.Generator,
    viewer: Viewer,
    draws: int = 10_000,
    budget: Money | None = None,
    units: Units = NO_UNITS,
) -> BudgetForecast:
    """What the bonuses of a period may come to, if readings scatter around what is expected.

    Exact is how a drawn reading becomes points, a score, a grade and a bonus, and the sum of the bonuses: it is
    `lp.appraise_all` and `lp.award_all`, for every person and draw. Not exact are the readings: they are drawn in
    float64, and rounded to whole smallest units (money, counts) or to the ten-thousandth of one (ratios, points); so
    quantiles have an error of the draws, which is told. A reading beyond what its indicator can be is set to that.

    Args:
        cards: as `lp.appraise_all` takes them.
        rows: as there, one a payee and card: what is expected of each, targets, and the salary or base that bonuses are
            taken of.
        spread: how far readings scatter, in all and together; `spread_of` estimates it from a history.
        rng: numpy's generator: of the same seed it gives the same draws, in whatever order payees come.
        viewer: people whom they may not see are left out.
        draws: how many; 1,000 to a million.
        budget: to tell how often it is exceeded.
        units: units of columns, as of `lp.appraise_all`.

    Raises:
        DataError: nobody is left, a reading or target is beyond what its indicator can be, somebody has no score or no
            bonus, a payee has two rows of one card, draws
            beyond 1,000 and a million, or a budget in another currency.
        AwardError: no card has a bonus plan.
    """
    must_be(spread, Spread, "the spread", 'pass Spread(total="25%", common="5%"), or spread_of(history)')
    must_be(rng, np.random.Generator, "rng", "pass numpy.random.default_rng(seed), and keep the seed")
    must_be_viewer(viewer)
    must_be_from(draws, "draws", 1000, 10**6)
    scored = appraise_all(cards, rows, units=units)
    if budget is not None:
        must_be(budget, Money, "the budget", "pass lp.Money, such as lp.Money('50000.00 CNY')")
    seen = [row for row in range(scored.rows.rows) if viewer.may_see(scored.payee(row))]
    if not seen:
        raise DataError("the rows", "there is nobody whom the viewer may see", "name payees, and who sees them")
    seen, people = _in_order(scored, seen), len({scored.payee(row) or row for row in seen})
    if seen != list(range(scored.rows.rows)):
        scored = appraise_all(cards, scored.rows.take(np.array(seen)), units=scored.units)
    must_be_possible(scored)
    expected = _sums(scored, 1)
    currency = _currency(scored, budget)
    shocks, sums = _drawn(scored, spread, rng, draws)
    found = _forecast(shocks, sums, spread, people, currency, budget, expected[0])
    return evolve(found, findings=tuple(_findings(found)))


def _in_order(scored: Appraisals, seen: list[int]) -> list[int]:
    """Rows by payee and card, so that neither is told apart by where it stands.

    Raises:
        DataError: a payee has two rows of one card.
    """
    named = "card" in scored.rows
    keys = {row: (scored.payee(row), str(scored.rows["card"].at(row)) if named else "") for row in seen}
    order = sorted(seen, key=keys.__getitem__)
    for one, other in pairwise(order):
        if keys[one] == keys[other] and keys[one][0]:
            fault = f"{keys[one][0]} has two rows of one card (rows {one} and {other})"
            raise DataError("the rows", fault, "join them, or name the card of each")
    return order


def _currency(scored: Appraisals, budget: Money | None) -> str:
    found = {card.currency for card in scored.cards.values()}
    if len(found) > 1 or (budget is not None and {budget.currency} != found):
        fault = f"cards are in {', '.join(sorted(found))}" + ("" if budget is None else f", and the budget is {budget}")
        raise DataError("the budget", fault, "forecast the cards of one currency, with a budget in it")
    return next(iter(found))


# ── draws ───────────────────────────────────────────────────────────────────────────────────────────────────


def _drawn(scored: Appraisals, spread: Spread, rng: np.random.Generator, draws: int) -> tuple[Floats, NDArray[Any]]:
    """The common shock of each draw, and the sum of its bonuses in smallest units."""
    people = scored.rows.rows
    at_once = max(min(_ROWS // people, draws), 1)
    shocks, sums = rng.standard_normal(draws), []
    for start in range(0, draws, at_once):
        some = shocks[start : start + at_once]
        rows = scored.rows.take(np.tile(np.arange(people), len(some)))
        looked = {code: _scattered(columns, spread, rng, some, people) for code, columns in scored.looked.items()}
        sums.append(_sums(appraise_columns(scored.cards, rows, looked, units=scored.units), len(some)))
    return shocks, np.concatenate(sums)


def _scattered(
    given: ScoredColumns, spread: Spread, rng: np.random.Generator, shocks: Floats, people: int
) -> ScoredColumns:
    """The columns of an indicator, once for each draw, with readings that scatter around those that are given."""
    times = len(shocks)
    tiled = evolve(
        given,
        top=_tiled(given.top, times),
        bottom=_tiled(given.bottom, times),
        goal=_tiled(given.goal, times),
        goal_bottom=_tiled(given.goal_bottom, times),
    )
    if tiled.top is None or given.top is None:
        return tiled
    better = 1.0 if given.indicator.direction is Direction.HIGHER else -1.0
    common = better * float(spread.common) * np.where(given.top.values < 0, -1.0, 1.0)
    logs = rng.standard_normal((times, people))
    logs *= spread.own
    logs += common * shocks[:, None] - float(spread.total**2) / 2
    drawn = np.exp(logs, out=logs)
    fine = _FINE if given.indicator.kind in (Kind.RATIO, Kind.POINTS) and given.bottom is None else 1
    drawn *= given.top.values.astype(np.float64) * fine
    top = _at_most(given, np.rint(drawn, out=drawn), fine).ravel()
    return evolve(tiled, top=evolve(tiled.top, kind="whole", values=top), scale=given.scale * fine)


def _tiled(column: Column | None, times: int) -> Column | None:
    if column is None:
        return None
    missing = None if column.missing is None else np.tile(column.missing, times)
    return evolve(column, values=np.tile(column.values, times), missing=missing)


def _at_most(given: ScoredColumns, drawn: Floats, fine: int) -> NDArray[np.int64]:
    """Readings in whole numbers, none beyond what the indicator can be."""
    found = drawn.astype(np.int64)
    most = given.indicator.most
    if most is None:
        return found
    bottom: Any = 1 if given.bottom is None else given.bottom.values.astype(np.int64)
    limit = most.numerator * given.scale * fine * bottom // most.denominator
    kept: NDArray[np.int64] = np.minimum(found, limit)
    return kept


def _sums(scored: Appraisals, draws: int) -> NDArray[Any]:
    """The sum of the bonuses of each draw, in smallest units.

    Raises:
        DataError: somebody has no score or no bonus.
    """
    paid = award_all(scored)
    must_have_bonuses(paid)
    found: NDArray[Any] = paid.amount.reshape(draws, -1).sum(axis=1)
    return found


# ── what they come to ───────────────────────────────────────────────────────────────────────────────────────


def _forecast(
    shocks: Floats, sums: NDArray[Any], spread: Spread, people: int, currency: str, budget: Money | None, expected: Any
) -> BudgetForecast:
    ordered = np.sort(sums).tolist()
    draws, total = len(ordered), sum(ordered)

    def money(units: Any) -> Money:
        return Money.from_units(int(units), currency)

    levels = []
    for level in LEVELS:
        place, off = ceil(level * draws) - 1, sqrt(draws * float(level * (1 - level)))
        ends = (max(round(place - off), 0), min(round(place + off), draws - 1))
        levels.append(
            BudgetLevel(
                level=level,
                amount=money(ordered[place]),
                low=money(ordered[ends[0]]),
                high=money(ordered[ends[1]]),
            )
        )
    over = None if budget is None else Fraction(sum(one > budget.units for one in ordered), draws)
    return BudgetForecast(
        findings=(),
        people=people,
        draws=draws,
        spread=spread,
        expected=money(expected),
        mean=money(round(Fraction(total, draws))),
        mean_error=money(round(float(np.std(sums.astype(np.float64), ddof=1)) / sqrt(draws))),
        levels=tuple(levels),
        from_common=_from_common(shocks, sums.astype(np.float64)),
        budget=budget,
        exceeded=over,
        bars=tuple((money(low), count) for low, count in _bars(ordered)),
    )


def _from_common(shocks: Floats, sums: Floats) -> Fraction:
    """The part of a variance that comes of the shock: between groups of like shocks, less what chance gives."""
    size = len(sums) // _GROUPS
    groups = sums[np.argsort(shocks, kind="stable")][: size * _GROUPS].reshape(_GROUPS, size)
    within = float(groups.var(axis=1, ddof=1).mean())
    across = max(float(groups.mean(axis=1).var(ddof=1)) - within / size, 0.0)
    return near(across / (across + within)) if across + within > 0 else Fraction(0)


def _bars(ordered: list[int]) -> Iterator[tuple[int, int]]:
    """Twenty equal bands from the least to the most, and how many are in each; one where all are equal."""
    least, most = ordered[0], ordered[-1]
    width = -(-(most - least + 1) // _BARS)
    counts = [0] * _BARS
    for one in ordered:
        counts[(one - least) // width] += 1
    for place, count in enumerate(counts):
        if least + place * width <= most:
            yield least + place * width, count


def _findings(found: BudgetForecast) -> Iterator[Finding]:
    for one in reversed(found.levels):
        label = filled(_WORDS["level"], level=percent(one.level), amount=one.amount)
        yield _drawn_finding(found, label, one.low.exact, one.high.exact, found.expected.currency)
    if found.exceeded is not None and found.budget is not None:
        yield _exceeded(found, found.exceeded, found.budget)
    label = filled(_WORDS["common"], common=percent(found.spread.common), part=said(found.from_common, "%"))
    # The standard error of a squared correlation from so many draws; where none was seen, up to 4 in so many may be.
    off = near(2 * sqrt(float(found.from_common)) * (1 - float(found.from_common)) / sqrt(found.draws))
    unseen = Fraction(0 if found.from_common or not found.mean_error.units else 4, found.draws)
    yield _drawn_finding(found, label, found.from_common - 2 * off, found.from_common + 2 * off + unseen)
    label = filled(_WORDS["expected"], expected=found.expected, mean=found.mean)
    ends = ((found.mean - found.mean_error).exact, (found.mean + found.mean_error).exact)
    yield _drawn_finding(found, label, *ends, found.mean.currency)


def _drawn_finding(found: BudgetForecast, label: Label, low: Fraction, high: Fraction, currency: str = "") -> Finding:
    """A finding with an interval: amounts within a standard error (68%); shares within two (95%), from 0% to 100%."""
    if not currency:
        low, high = max(low, Fraction(0)), min(high, Fraction(1))
    level = Fraction(68 if currency else 95, 100)
    ends = Interval(low=low, high=high, level=level, unit=currency or "%")
    return Finding(label=label, n=found.draws, certainty=ends, method=_METHOD, limits=_LIMITS)


def _exceeded(found: BudgetForecast, part: Fraction, budget: Money) -> Finding:
    label = filled(_WORDS["exceeded"], budget=budget, part=said(part, "%"))
    off = 2 * near(sqrt(float(part * (1 - part)) / found.draws))
    # Where no draw exceeds it, three in so many still may (the rule of three); and the other way round.
    least = Fraction(3, found.draws)
    low = part - off if 0 < part < 1 else part - (least if part else 0)
    high = part + off if 0 < part < 1 else part + (0 if part else least)
    return _drawn_finding(found, label, low, high)
