"""Words of the pages, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations import Label, Language
from loanperf.report._words_of_cycles import CYCLES

WORDS: Mapping[str, Label] = MappingProxyType(
    {
        # ── pages ───────────────────────────────────────────────────────────────────────────────────────────
        "my month": Label("My month", "我的绩效"),
        "my team": Label("My team", "我的团队"),
        "statement": Label("Statement", "绩效结算单"),
        "of": Label("{who}, {period}", "{who}　{period}"),
        "of as of": Label("{of}, as of {day}", "{of}，截至 {day}"),
        "named": Label("{name} ({code})", "{name}（{code}）"),
        "part": Label("{heading}: {role} in {unit}, {start} to {end}", "{heading}：{unit} {role}，{start} 至 {end}"),
        # ── scores ──────────────────────────────────────────────────────────────────────────────────────────
        "score": Label("Score", "得分"),
        "score so far": Label("Score so far", "目前得分"),
        "points": Label("{points} points", "{points} 分"),
        "grade": Label("grade {grade}", "等级 {grade}"),
        "scorecard": Label("Scorecard", "记分卡"),
        "by indicator": Label("Share of each weight that is earned", "各指标得分率"),
        "indicator": Label("indicator", "指标"),
        "weight": Label("weight", "权重"),
        "target": Label("target", "目标"),
        "reading": Label("reading", "完成值"),
        "attainment": Label("attainment", "完成率"),
        "earned share": Label("weight earned", "得分率"),
        "earned points": Label("points", "得分"),
        "limits": Label("Limits", "红线与门槛"),
        "limit": Label("limit", "限值"),
        "state": Label("state", "状态"),
        "kept": Label("kept", "未触发"),
        "broken": Label("broken", "已触发"),
        "no reading": Label("no reading", "无数据"),
        "veto": Label(
            "veto {test} {limit}: the score is at most {score} points",
            "{test} {limit}：一票否决，总分不高于 {score} 分",
        ),
        "gate": Label("gate of the bonus", "奖金门槛"),
        # ── money ───────────────────────────────────────────────────────────────────────────────────────────
        "money": Label("Money", "薪酬"),
        "bonus": Label("Bonus", "奖金"),
        "bonus so far": Label("Bonus so far", "目前奖金"),
        "entitled": Label("earned", "应得"),
        "due": Label("due", "应发"),
        "held": Label("held", "预留风险金"),
        "owed": Label("owed", "待扣回"),
        "paid": Label("paid", "已发"),
        "balances": Label("Balances", "余额"),
        "before": Label("before", "期初"),
        "change": Label("of the period", "本期变动"),
        "after": Label("after", "期末"),
        "balance": Label("balance", "项目"),
        "lines": Label("What the period is made of", "本期明细"),
        "line": Label("line", "明细"),
        "rate × base": Label("base × rate", "基数 × 比例"),
        "total": Label("total", "合计"),
        "lines of": Label("lines {first} to {last} of {of}", "第 {first} 至 {last} 条，共 {of} 条"),
        "lines elsewhere": Label("{of} lines, on earlier pages", "共 {of} 条，见前页"),
        "part of page": Label("page {number}", "第 {number} 页"),
        "gap": Label("; ", "；"),
        "carried": Label("{amount} before the period", "期初 {amount}"),
        # ── what comes ──────────────────────────────────────────────────────────────────────────────────────
        "pace": Label("Pace and limits", "进度与红线"),
        "due by now": Label("due by now", "应完成"),
        "ahead by": Label("ahead by", "进度差"),
        "at the end": Label("at this pace", "预计期末"),
        "next": Label("What comes next", "接下来"),
        "nothing next": Label("Nothing is known of what comes next.", "暂无待发生事项。"),
        "alerts": Label("Alerts", "预警"),
        "alerts of the unit": Label("Alerts of the unit", "本机构预警"),
        "progress of the unit": Label("Progress of the unit", "本机构进度"),
        "no alerts": Label("No alerts.", "无预警。"),
        # ── teams ───────────────────────────────────────────────────────────────────────────────────────────
        "total score": Label("score", "得分"),
        "people": Label("People", "人员"),
        "person": Label("person", "人员"),
        "heaviest": Label("heaviest indicator", "权重最大的指标"),
        "risk": Label("risk", "风险得分率"),
        "rate of": Label("points of {of}", "{of}得分率"),
        "warned": Label("alerts", "预警"),
        "limits broken": Label("limits broken", "触发红线"),
        "scores": Label("Distribution of scores", "得分分布"),
        "band": Label("score", "得分段"),
        "from to": Label("from {low}, below {high}", "{low} 至 {high} 以下"),
        "count": Label("people", "人数"),
        "attention": Label("Who needs attention comes first.", "按需关注程度排序。"),
        "share": Label("share", "占比"),
        "average": Label("average score", "平均得分"),
        "lowest": Label("lowest", "最低"),
        "highest": Label("highest", "最高"),
        "by risk": Label("Performance and risk by person", "各人业绩与风险得分率"),
        "each": Label("Each person", "逐人明细"),
        "not published": Label("The result is not published yet.", "结果尚未发布。"),
        "bonus not published": Label(
            "Bonuses, payments and balances are shown once it is; these are the lines of commission.",
            "奖金、发放及余额在结果发布后显示，以下仅列提成明细。",
        ),
        "own not published": Label(
            "Your own result is not published yet, and is in no figure here.",
            "您本人的结果尚未发布，未列入本页。",
        ),
        "standing": Label("Where I stand", "概览"),
        "summary": Label("Summary", "概要"),
        "ahead": Label("Held, waiting and not paid", "预留、等待与未计提"),
        "advice": Label("what to do: {advice}", "处置建议：{advice}"),
        "acknowledged": Label("taken up by {by} on {on}", "{by} 于 {on} 签收"),
        "since": Label("since {day}", "起始日 {day}"),
        # ── units ───────────────────────────────────────────────────────────────────────────────────────────
        "unit page": Label("Figures of a unit", "经营分析"),
        "period": Label("period", "期间"),
        "expected in": Label("{what}, expected in {period}", "{what}　{period} 预测值"),
        "no scatter": Label("no interval, as nothing scatters", "数据没有波动，无法给出区间"),
        "between": Label("{level} interval from {low} to {high}", "{level} 区间 {low} 至 {high}"),
        "a period": Label("{slope} a period", "平均每期 {slope}"),
        "trend of": Label("Trend: {what}", "趋势：{what}"),
        "forecast of": Label("Forecast: {what}", "预测：{what}"),
        "broken down by": Label("{what} by {by}", "{what}：按{by}"),
        "stands on": Label("n = {n}; {certainty}", "样本数 {n}；{certainty}"),
        "method": Label("method: {method}", "方法：{method}"),
        "not shown": Label("it does not show: {limits}", "局限：{limits}"),
        # ── reasons ─────────────────────────────────────────────────────────────────────────────────────────
        "why": Label("why", "计算说明"),
        **CYCLES,
    }
)
"""The words; `{name}` stands for a value."""


def say(word: str, language: Language, **values: object) -> str:
    """Words in a language, with values in their places."""
    said = WORDS[word].to(language)
    return said.format_map(values) if values else said


def said(word: str, **values: object) -> Label:
    """Words in both languages, with values in their places; a label is in each language as it is there."""
    texts = []
    for language in _LANGUAGES:
        known = {name: value.to(language) if isinstance(value, Label) else value for name, value in values.items()}
        texts.append(say(word, language, **known))
    return Label(*texts)


_LANGUAGES: tuple[Language, ...] = ("en", "zh")
