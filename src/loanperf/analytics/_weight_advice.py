"""Advice: weights that are advised, as values: by indicator, what they come to, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from loanperf._charts import two_shares
from loanperf._data import PlainData
from loanperf._explanations import Label, Language, in_words
from loanperf._quantities import Money, Number, percent, plain, ratio
from loanperf._scheme import Scheme
from loanperf._validators import is_a
from loanperf.analytics._advice import Advice
from loanperf.analytics._findings import Analysis, AnalysisColumn, Exact, Finding, Interval, filled, must_be_from
from loanperf.errors import DataError

NOW, ADVISED = Label("now", "现行"), Label("advised", "建议")


@frozen(kw_only=True)
class AdvisedWeight(PlainData):
    """What an indicator weighs, what it is advised to weigh, and how far that is from certain."""

    indicator: str
    name: Label
    now: Fraction
    advised: Fraction | None
    """None where no weights keep all rules."""
    low: Fraction | None
    """A tenth of the draws advise less than this."""
    high: Fraction | None
    """A tenth of the draws advise more than this."""
    least: Fraction
    """The bounds within which it may weigh."""
    most: Fraction


@frozen(kw_only=True)
class WeightOutcome(PlainData):
    """What the past period would have come to by some weights: validity, ties, spread of scores and cost."""

    validity: Fraction
    """Correlation of scores before rounding with the later outcome, from -1 to 1, four places; above zero is right."""
    tied: Fraction | None
    """Share of pairs of people who have the same grade; None where there are no grades or no pairs."""
    gini: Fraction | None
    """How unequal scores are, 0 to 1; None where one is below zero, or all are zero."""
    cost: Money | None
    """Sum of the bonuses; None where there is no bonus plan."""


@frozen(kw_only=True)
class RelaxedRule(PlainData):
    """A rule without which, alone, some weights keep all others."""

    rule: Label
    by: Fraction | Money
    """By how much it must give way: a share of the score, or an amount."""


@frozen(kw_only=True, repr=False)
class WeightAdvice(Analysis):
    """Weights that are advised for a profile, with what is known of them. Nobody's weights change by it."""

    findings: tuple[Finding, ...]
    profile: str
    phase: str = ""
    weights: tuple[AdvisedWeight, ...]
    """In the order of the profile."""
    candidates: int
    """How many vectors of weights are within the bounds."""
    feasible: int
    """How many of them keep the rules of phases too."""
    now: WeightOutcome
    advised: WeightOutcome | None
    """None where no weights keep all rules."""
    best: Fraction | None
    """The highest validity of weights that keep all rules."""
    error: Fraction | None
    """One standard error of `best`, by the bootstrap."""
    rank_correlation: Fraction | None
    """Spearman's correlation of the scores now and as advised: 1 is the same order."""
    regraded: int
    """How many people would have another grade."""
    people: int
    """The number of people whose scores and bonuses were worked."""
    compared: int
    """How many of them have a later outcome, and a score that is the weighted sum of their points."""
    binding: tuple[Label, ...] = ()
    """The rules at whose limit the advised weights stand."""
    relaxed: tuple[RelaxedRule, ...] = ()
    """Where no weights keep all rules: each rule that would do, dropped alone."""

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A table with a row an indicator."""
        shares = {
            "now": NOW,
            "advised": ADVISED,
            "low": Label("10% of draws below", "10% 分位"),
            "high": Label("10% of draws above", "90% 分位"),
            "least": Label("at least", "下限"),
            "most": Label("at most", "上限"),
        }
        return (
            AnalysisColumn(
                code="indicator", name=Label("indicator", "指标"), values=tuple(w.name for w in self.weights)
            ),
            *(
                AnalysisColumn(code=code, name=name, values=tuple(getattr(w, code) for w in self.weights), unit="%")
                for code, name in shares.items()
            ),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """Each weight now and as advised, as dots."""
        pairs = [(w.name.to(language), NOW.to(language), w.now) for w in self.weights]
        pairs += [(w.name.to(language), ADVISED.to(language), w.advised) for w in self.weights if w.advised is not None]
        return two_shares(pairs, order=(NOW.to(language), ADVISED.to(language)))

    def advice(self, scheme: Scheme, *, effective: date | str) -> Advice:
        """The next version of a scheme, with the advised weights, to be compared and proposed; see `Scheme.rebalance`.

        Raises:
            DataError: nothing is advised.
            WeightsError: the scheme's phases forbid them by then.
            ResolveError: the day is not later than that of `scheme`.
        """
        found = {one.indicator: one.advised for one in self.weights if one.advised is not None}
        if len(found) < len(self.weights):
            said = "; ".join(one.rule.en for one in self.relaxed) or "no rule alone"
            raise DataError("the advised weights", "no weights keep all rules", f"relax one of these: {said}")
        return Advice(
            what=Label(f"change the weights of {self.profile}", f"调整权重方案 {self.profile} 的权重"),
            why=self.findings[0],
            base=scheme,
            following=scheme.rebalance(self.profile, found, effective=effective, phase=self.phase),
        )


def _step(value: Number) -> Fraction:
    return ratio(value, "the step")


def _bounds(given: Any) -> tuple[tuple[str, Fraction, Fraction], ...]:
    """Bounds as shares, from a mapping of pairs or as they are kept."""
    pairs = [(code, *ends) for code, ends in given.items()] if isinstance(given, Mapping) else given
    found = tuple(
        (code, ratio(low, f"the least of {code}"), ratio(high, f"the most of {code}")) for code, low, high in pairs
    )
    for code, low, high in found:
        if not 0 <= low <= high <= 1:
            fault = f"they are {percent(low)} and {percent(high)}"
            raise DataError(f"the bounds of {code}", fault, "give the lower one first, both from 0% to 100%")
    return found


@frozen(kw_only=True)
class AdviceRules(PlainData):
    """Which weights may be advised, and how often chance is tried.

    Raises:
        DataError: the step is no part of 100%, or draws are not 20 to 100,000.
    """

    step: Fraction = field(default=Fraction(5, 100), converter=_step)
    """What every weight is a multiple of; 100% is a whole number of steps."""
    bounds: tuple[tuple[str, Fraction, Fraction], ...] = field(default=(), converter=_bounds)
    """By indicator the least and the most that it may weigh; the others 5% to 45%."""
    phase: str = field(default="", validator=is_a(str))
    """Code of the phase whose weights are advised on; empty is the profile's own."""
    budget: Money | None = field(default=None, validator=optional(is_a(Money)))
    """What bonuses of the past period may come to by the advised weights, itself allowed; None is no limit."""
    draws: int = field(default=100, validator=is_a(int))
    """How often people are drawn anew for intervals (bootstrap); 20 to 100,000."""

    def __attrs_post_init__(self) -> None:
        if not 0 < self.step <= 1 or (1 / self.step).denominator != 1:
            raise DataError("the step of weights", f"it is {percent(self.step)}", "give one that divides 100%, as 5%")
        must_be_from(self.draws, "AdviceRules.draws", 20, 10**5)


# ── what is said ────────────────────────────────────────────────────────────────────────────────────────────

_GRID = Label(
    "all vectors of weights in whole steps: rules, then validity within one standard error, then the least change; "
    "intervals by the bootstrap",
    "穷举全部整步长权重组合：先满足规则，再取有效性在最优值一个标准误以内者，再取调整最小者；区间由自助法得出",
)
_PROGRAM = Label("the past period worked by the program that scores and pays", "以计分计奖程序对历史期间逐人试算")
_NOT_CAUSE = Label(
    "whether weights cause the outcome, and what people would do under others",
    "权重与后续结果之间的因果关系，以及权重调整后人员行为的变化",
)
_MOVED = Label("{name} from {now} to {new}", "{name}由 {now} 调整为 {new}")
_LEFT_OUT = Label(
    "{left_out:person has no score and is/people have no score and are} left out; {missing} more are left out of "
    "validity, without a later outcome or with a score that does not follow the weights",
    "{left_out} 人无得分，未纳入；另有 {missing} 人无后续结果，或得分不随权重变化（如一票否决），未纳入有效性计算",
)
_REGRADED = Label(
    "{count:person has/people have} another grade, and the orders of scores correlate by {same}",
    "{count} 人等级变化，前后名次的相关系数为 {same}",
)
_NOBODY = Label("what people would do under other weights", "权重调整后人员行为的变化")


def findings_of(advice: WeightAdvice, certainty: Interval | None, left_out: int) -> Iterator[Finding]:
    """What is said of an advice.

    Args:
        advice: without findings.
        certainty: of the validity of the advised weights; None where there are none.
        left_out: people of the profile without a score.
    """
    if advice.advised is None or certainty is None:
        yield _refused(advice)
    else:
        label = _advice_said(advice, advice.advised)
        yield Finding(label=label, n=advice.compared, certainty=certainty, method=_GRID, limits=_NOT_CAUSE)
        label = _outcome_said(advice, advice.advised)
        yield Finding(label=label, n=advice.people, certainty=Exact(), method=_PROGRAM, limits=_NOBODY)
        if advice.binding:
            yield Finding(
                label=_binding_said(advice), n=advice.compared, certainty=Exact(), method=_GRID, limits=_NOT_CAUSE
            )
    missing = advice.people - advice.compared
    if left_out or missing:
        label = filled(_LEFT_OUT, left_out=left_out, missing=missing)
        limits = Label("how these people would have scored", "上述人员的得分情况")
        yield Finding(label=label, n=left_out + missing, certainty=Exact(), method=_PROGRAM, limits=limits)


def _refused(advice: WeightAdvice) -> Finding:
    count = advice.feasible
    en = "no weights keep all rules" if not count else f"none of {count} vectors of weights keeps the budget"
    zh = "没有满足全部规则的权重组合" if not count else f"{count} 组符合规则的权重均超出预算"
    if advice.relaxed:
        en += "; one of these, given way alone, would do: " + "; ".join(
            f"{one.rule.en}, by {_by(one, 'en')}" for one in advice.relaxed
        )
        zh += "；单独放宽以下任一条即可：" + "；".join(
            f"{one.rule.zh}（放宽 {_by(one, 'zh')}）" for one in advice.relaxed
        )
    else:
        en, zh = f"{en}; no rule given way alone would do", f"{zh}；单独放宽任何一条均不足够"
    limits = Label("which rule may be given up", "哪条规则可以放宽")
    return Finding(label=Label(en, zh), n=advice.people, certainty=Exact(), method=_GRID, limits=limits)


def _by(one: RelaxedRule, language: Language) -> str:
    if isinstance(one.by, Money):
        return in_words(one.by, language)
    points = plain(one.by * 100)
    return f"{points} percentage points" if language == "en" else f"{points} 个百分点"


def _advice_said(advice: WeightAdvice, advised: WeightOutcome) -> Label:
    moved = [
        filled(_MOVED, name=one.name, now=percent(one.now), new=percent(one.advised))
        for one in advice.weights
        if one.advised is not None and one.advised != one.now
    ]
    en = ", ".join(one.en for one in moved) or "the weights of now"
    zh = "，".join(one.zh for one in moved) or "维持现行权重"
    new, now, best, error = (
        plain(one or Fraction(0)) for one in (advised.validity, advice.now.validity, advice.best, advice.error)
    )
    return Label(
        f"advised: {en}; the correlation of scores with the later outcome is {new}, now {now}, at best {best} with a "
        f"standard error of {error}",
        f"建议：{zh}；得分与后续结果的相关系数为 {new}，现行 {now}，最优 {best}（标准误 {error}）",
    )


def _outcome_said(advice: WeightAdvice, advised: WeightOutcome) -> Label:
    first = filled(_REGRADED, count=advice.regraded, same=plain(advice.rank_correlation or Fraction(0)))
    en, zh = first.en, first.zh
    pairs = (
        ("pairs with the same grade", "等级相同的人员对占比", advice.now.tied, advised.tied),
        ("Gini of scores", "得分基尼系数", advice.now.gini, advised.gini),
    )
    for name_en, name_zh, now, new in pairs:
        if now is not None and new is not None:
            en += f"; {name_en}: {percent(new, 2)}, now {percent(now, 2)}"
            zh += f"；{name_zh} {percent(new, 2)}，现行 {percent(now, 2)}"
    if advice.now.cost is not None and advised.cost is not None:
        move = advised.cost - advice.now.cost
        en += f"; bonuses come to {advised.cost}, a difference of {move}"
        zh += f"；奖金总额 {in_words(advised.cost, 'zh')}，较现行差额 {in_words(move, 'zh')}"
    return Label(en, zh)


def _binding_said(advice: WeightAdvice) -> Label:
    return Label(
        "on the limit: " + "; ".join(one.en for one in advice.binding),
        "达到界限的规则：" + "；".join(one.zh for one in advice.binding),
    )
