"""Words: what is said of correlations, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations import Label

_BETWEEN = "{one} and {other}: people who are higher in the one are {way} in the other, {size}"
_WITHIN = (
    "{one} and {other}: in periods in which a person is higher than usual in the one, they are {way} in the other, "
    "{size}"
)
_CORRECTED = "at most {chance} false discoveries expected over {tests} tests, by Benjamini and Hochberg"
_CORRECTED_ZH = "{tests} 项检验按本杰明-霍克伯格法校正，误报比例预期不超过 {chance}"
_JACKKNIFE, _JACKKNIFE_ZH = "interval by the jackknife over people", "区间以人为单位用刀切法得出"
WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "all": Label(
            "{pairs} pairs of indicators, {first} to {last}, {people} people: {between} go together or against each "
            "other between people, {within} within people; {untested} of {tests} tests cannot be made",
            "{first} 至 {last}，{people} 人，{pairs} 对指标：人员之间相关的 {between} 对，同一人员各期之间相关的 "
            "{within} 对；{tests} 项检验中 {untested} 项无法进行",
        ),
        "between up": Label(_BETWEEN.replace("{way}", "higher"), "{one}与{other}：前者较高的人员，后者也较高，{size}"),
        "between down": Label(_BETWEEN.replace("{way}", "lower"), "{one}与{other}：前者较高的人员，后者较低，{size}"),
        "within up": Label(
            _WITHIN.replace("{way}", "higher"), "{one}与{other}：同一人员前者高于平时的期间，后者也高于平时，{size}"
        ),
        "within down": Label(
            _WITHIN.replace("{way}", "lower"), "{one}与{other}：同一人员前者高于平时的期间，后者低于平时，{size}"
        ),
        "size": Label(
            "r = {r} ({people} people, {months} periods, {rows} people × periods)",
            "相关系数 {r}（{people} 人、{months} 期、{rows} 个人期）",
        ),
        "later": Label("{other}, {lag} periods later", "{lag} 期后的{other}"),
        "method between": Label(
            "Spearman's correlation of the mean rank of each person among all in each period; {draws} permutations of "
            f"whole people; {_CORRECTED}; {_JACKKNIFE}",
            "逐期排名后取每人平均名次，计算斯皮尔曼相关系数；以人为单位随机置换 {draws} 次；"
            f"{_CORRECTED_ZH}；{_JACKKNIFE_ZH}",
        ),
        "method within": Label(
            "correlation of ranks less the means of each person and of each period; the signs of whole people drawn "
            f"{{draws}} times; {_CORRECTED}; {_JACKKNIFE}",
            "取名次并扣除每人均值与每期均值后计算相关系数；以人为单位随机变号 {draws} 次；"
            f"{_CORRECTED_ZH}；{_JACKKNIFE_ZH}",
        ),
        "method all": Label(
            f"between and within people apart, since months of one person are not independent; {_CORRECTED}",
            f"同一人员各期数据并不独立，故人员之间与同一人员各期之间分别检验；{_CORRECTED_ZH}",
        ),
        "limits": Label(
            "a cause, since something else may move both, and what another weight would bring",
            "不能证明因果关系，可能另有因素同时影响两者；亦不能说明调整权重后的结果",
        ),
        "few": Label(
            "{one} and {other}: nothing can be said; {people} people have both in {least} periods or more, and it "
            "takes {needed}",
            "{one}与{other}：无法得出结论；有 {least} 期以上同时具备两项数据的仅 {people} 人，至少需要 {needed} 人",
        ),
        "flat": Label(
            "{one} and {other}, {where}: nothing can be said, as one of them does not vary",
            "{one}与{other}（{where}）：其中一项没有差异，无法得出结论",
        ),
        "flat between": Label("between people", "人员之间"),
        "flat within": Label("within people, beyond what moves all", "同一人员各期之间，扣除共同波动后"),
        "short": Label(
            "{one} and {other}: {count} people are left out, who have both in fewer than {least} periods",
            "{one}与{other}：{count} 人同时具备两项数据的期间不足 {least} 期，未纳入",
        ),
        "counted": Label("counted, no test", "仅为计数，未作检验"),
        "one": Label("indicator", "指标"),
        "other": Label("other indicator", "另一指标"),
        "kind": Label("compared", "比较方式"),
        "between": Label("between people", "人员之间"),
        "within": Label("within people", "同一人员各期之间"),
        "outcome": Label("outcome", "结论"),
        "r": Label("correlation", "相关系数"),
        "low": Label("from", "下限"),
        "high": Label("to", "上限"),
        "p": Label("p-value", "p 值"),
        "people": Label("people", "人数"),
        "months": Label("periods", "期数"),
        "rows": Label("people × periods", "人期数"),
        "together": Label("go together", "正相关"),
        "opposed": Label("go against each other", "负相关"),
        "none": Label("not told from chance", "与偶然无法区分"),
        "untested": Label("nothing can be said", "无法得出结论"),
        "advised": Label("{name} weighs {after} instead of {before}", "{name}的权重由 {before} 调整为 {after}"),
    }
)
