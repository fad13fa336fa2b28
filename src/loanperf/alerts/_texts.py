"""Texts: what was found -> what to say of it, long and for a phone, and what to do, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._alert_rules import SEVERITIES, AlertKind, AlertRule
from loanperf._explanations import Label, in_words, period_label
from loanperf._indicators import Indicator, Kind
from loanperf._quantities import Quantity, percent
from loanperf._scorecard import Comparison, value_text
from loanperf.alerts._found import PastLimit
from loanperf.alerts._observed import Observation

LONGEST_ZH = 70
"""Characters of a short text in Chinese: one message of a phone."""
LONGEST_EN = 160

_TESTS: Mapping[Comparison, Label] = MappingProxyType(
    {
        "above": Label("above the limit of", "高于预警线"),
        "at least": Label("at or above the limit of", "已达到预警线"),
        "below": Label("below the limit of", "低于预警线"),
        "at most": Label("at or below the limit of", "已降至预警线"),
    }
)
_NEAR: Mapping[tuple[bool, bool], Label] = MappingProxyType(
    {
        (True, True): Label("strikes the veto at", "已触发一票否决，限值为"),
        (True, False): Label("is near the veto at", "接近一票否决，限值为"),
        (False, True): Label("forfeits of the bonus", "已触发奖金扣减，比例为"),
        (False, False): Label("is near to forfeiting of the bonus", "接近奖金扣减，比例为"),
    }
)
"""The words by whether it is a veto, and whether it has struck."""


_PLACES = 2
"""Decimals of a percentage that does not end: enough for a phone, and marked with ≈."""


def both(indicator: Indicator, value: Quantity) -> Label:
    """A value as printed, in both languages; a ratio to two places of a percent."""
    if indicator.kind is Kind.RATIO:
        return _label(percent(value.value, _PLACES))
    return Label(value_text(indicator, value), value_text(indicator, value, "zh"))


def _label(printed: str | Label) -> Label:
    return Label(str(printed), in_words(printed, "zh", bare=True))


def said(rule: AlertRule, indicator: Indicator, seen: Observation, found: PastLimit, as_of: str) -> Label:
    """What was found, as a sentence that names whom it is about."""
    clause, name = _clause(rule, indicator, found), indicator.name
    reading = both(indicator, found.reading)
    if rule.kind == "forecast":
        when = period_label(seen.period)
        head = Label(
            f"{seen.subject}: {name.en} is expected at {reading.en} at the end of {when.en}, as of {as_of},",
            f"{seen.subject}：{name.to('zh')}截至 {as_of} 预计 {when.zh} 期末为 {reading.zh}，",
        )
    else:
        head = Label(
            f"{seen.subject}: {name.en} at {reading.en} on {as_of}",
            f"{seen.subject}：{name.to('zh')}截至 {as_of} 为 {reading.zh}，",
        )
    return Label(f"{head.en} {clause.en}", f"{head.zh}{clause.zh}")


def _clause(rule: AlertRule, indicator: Indicator, found: PastLimit) -> Label:
    """What is wrong with a reading."""
    if rule.kind == "trend":
        times = int(found.past) + (rule.in_a_row or 0)
        return Label(f"has become worse {times} times in a row", f"已连续 {times} 次变差")
    if rule.kind == "pace":
        due = both(indicator, found.limit)
        return Label(f"is behind what is due by then, {due.en}", f"低于按时间进度应达到的 {due.zh}")
    if rule.kind == "near":
        is_veto = found.place.startswith("veto")
        words = _NEAR[is_veto, found.struck]
        limit = both(indicator, found.limit) if is_veto else _label(percent(found.limit.value))
        return Label(f"{words.en} {limit.en}", f"{words.zh} {limit.zh}")
    words, be = _TESTS[rule.test or "above"], "" if rule.kind == "forecast" else "is "
    if found.share is None:
        limit = both(indicator, found.limit)
        return Label(f"{be}{words.en} {limit.en}", f"{words.zh} {limit.zh}")
    share, limit = percent(found.share, _PLACES), _label(percent(found.limit.value))
    return Label(f"{be}{share} of its target, {words.en} {limit.en}", f"完成率 {share}，{words.zh} {limit.zh}")


def short_of(rule: AlertRule, indicator: Indicator, seen: Observation, found: PastLimit) -> Label:
    """The same for a phone, cut to the characters that it has."""
    clause, reading, name = _clause(rule, indicator, found), both(indicator, found.reading), indicator.name
    level = SEVERITIES[rule.severity]
    return shortened(
        Label(
            f"[{level.en}] {seen.subject} {name.en} {reading.en}: {clause.en}",
            f"【{level.zh}】{seen.subject} {name.to('zh')} {reading.zh}，{clause.zh}",
        )
    )


def shortened(text: Label) -> Label:
    """A text cut to what a phone shows in one message.

    >>> len(shortened(Label("a", "长" * 99)).zh)
    70
    """
    return Label(_cut(text.en, LONGEST_EN), _cut(text.zh, LONGEST_ZH))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


# ── advice ──────────────────────────────────────────────────────────────────────────────────────────────────

_RISK = Label(
    "pause taking on high-risk customers, and work through the loans named here, the largest first",
    "暂停高风险客户准入，并从金额最大的开始逐笔处置所列贷款",
)
_ADVICE: Mapping[tuple[str, AlertKind | str], Label] = MappingProxyType(
    {
        ("risk", ""): _RISK,
        ("risk", "trend"): Label(
            "find out what became worse before more is lent: review new customers more strictly, and visit those who"
            " pay late",
            "先查明恶化原因再投放：从严审查新增客户，逐户走访逾期客户",
        ),
        ("risk", "forecast"): Label(
            "call in what falls due until the end of the period, and lend to no high-risk customer until then",
            "期末前抓紧催收到期贷款，暂停高风险客户准入",
        ),
        ("performance", ""): Label(
            "go through the customers who are ready to sign, and agree with the lead what is drawn by when",
            "盘点储备客户，与主管商定放款计划和时间",
        ),
        ("performance", "near"): Label(
            "see to what the veto or gate looks at first: it costs more than the next loan earns",
            "优先解决触发否决或扣减的事项，其影响大于再放一笔贷款",
        ),
        ("growth", ""): Label(
            "call the customers who have not been in touch for long, and offer what they do not have yet",
            "回访久未联系的存量客户，排查流失风险，推荐其尚未使用的产品",
        ),
        ("team", ""): Label(
            "speak with each member, and give those who are behind a companion and a training",
            "与成员逐一沟通，为落后成员安排帮扶和培训",
        ),
        ("", ""): Label(
            "look at what the reading is made of, and agree with the lead on what to do by when",
            "查看指标构成，与主管商定改进措施和时限",
        ),
    }
)
"""By the dimension of the indicator and the kind of rule; an empty one is any."""


def advice_of(rule: AlertRule, indicator: Indicator) -> Label:
    """What to do: as the rule says, else what is usual."""
    if rule.advice is not None:
        return rule.advice
    for key in ((indicator.dimension, rule.kind), (indicator.dimension, "")):
        if key in _ADVICE:
            return _ADVICE[key]
    return _ADVICE["", ""]
