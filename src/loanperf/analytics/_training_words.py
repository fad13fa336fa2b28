"""Words: what is said of the effect of a training, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations import Label

_INTERVAL = "interval over people (Bell and McCaffrey)"
_INTERVAL_ZH = "区间以人为单位计算（Bell–McCaffrey 稳健标准误）"
WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "effect": Label(
            "{what}: {by} {way} after training than of untrained people who were alike before, {size}",
            "{what}：与训前情况相近的未参训人员相比，参训后{way} {by}，{size}",
        ),
        "no effect": Label(
            "{what}: no effect of training is told from chance, {size}",
            "{what}：未能检出培训效果，{size}",
        ),
        "doubtful": Label(
            "{what}: nothing can be said of training, as those trained differed from people who were alike already "
            "when training can have had no effect, {size}",
            "{what}：无法判断培训效果，参训人员在培训不可能起作用的期间已与情况相近者不同，{size}",
        ),
        "size": Label(
            "{trained} trained, {untrained} not, {after} periods after; an effect below {least} would be missed in a "
            "fifth of cases or more",
            "参训 {trained} 人，未参训 {untrained} 人，训后 {after} 期；若效果小于 {least}，有两成以上的可能检验不出",
        ),
        "lower": Label("lower", "低"),
        "higher": Label("higher", "高"),
        "chosen": Label(
            "before training, trained less untrained: {what} {last} in the last quarter, {earlier} in the {before} "
            "periods before it, a change of {change}; {how}",
            "训前参训人员与其他人员的{what}之差：近一季度 {last}，此前 {before} 期 {earlier}，变动 {change}；{how}",
        ),
        "worst sent": Label(
            "who was sent had just moved away from the others, and part of what then comes back would have come back "
            "without training",
            "参训人员是近期指标刚发生偏离者，其后的回归有一部分即使不培训也会发生",
        ),
        "alike": Label("no such move is told from chance", "未见近期偏离"),
        "did": Label(
            "difference in differences says {value}, and before against after of the trained alone {alone}; both take "
            "what comes back by itself for an effect",
            "双重差分结果为 {value}，仅比较参训人员前后则为 {alone}；两者均会把自然回落误作培训效果",
        ),
        "placebo": Label(
            "placebo: in the quarter before the last, when training can have had no effect, the same comparison says "
            "{value}",
            "安慰剂检验：对培训不可能起作用的再前一季度作同样比较，结果为 {value}",
        ),
        "no placebo": Label("there are too few figures for a placebo", "数据不足，无法作安慰剂检验"),
        "projected": Label(
            "if those still untrained ({share} of {base}) gain as much, {what} of all goes from {now} to {to}",
            "若尚未参训者（占{base} {share}）取得同样效果，整体{what}将由 {now} 变为 {to}",
        ),
        "base": Label("what it is a ratio of", "比率分母"),
        "people base": Label("people", "人数"),
        "not projected": Label(
            "nothing is projected: what {what} is a ratio of is not given",
            "未给出{what}的分母，不作整体推算",
        ),
        "lost": Label(
            "{trained} trained and {untrained} untrained people are left out, who lack figures of the last quarter, of "
            "before it or of after the training",
            "参训 {trained} 人、未参训 {untrained} 人因缺少训前近一季度、此前或训后的数据，未纳入",
        ),
        "too late": Label(
            "{count} trained people are left out, as there are too few periods before or after their training",
            "{count} 名参训人员训前或训后期数不足，未纳入",
        ),
        "method ancova": Label(
            "analysis of covariance on the last quarter and on what was before it, "
            f"people trained later taken as untrained until then; {_INTERVAL}",
            f"协方差分析，以近一季度与此前水平为协变量，后参训者在参训前作为对照；{_INTERVAL_ZH}",
        ),
        "method did": Label(
            f"difference in differences, after less all periods before; {_INTERVAL}",
            f"双重差分，训后减训前全部期间；{_INTERVAL_ZH}",
        ),
        "method gap": Label(
            f"change of the mean of the trained less that of the others, before training; {_INTERVAL}",
            f"训前参训人员均值的变动减其他人员均值的变动；{_INTERVAL_ZH}",
        ),
        "method placebo": Label(
            f"the same analysis of covariance, of a quarter before training; {_INTERVAL}",
            f"以训前一个季度为结果变量的同一协方差分析；{_INTERVAL_ZH}",
        ),
        "method projected": Label(
            "now, in the last quarter of the data, plus the effect times the share of those still untrained; the "
            "interval is that of the effect",
            "数据最后一个季度的水平，加上效果乘以尚未参训者占比；区间取自效果的区间",
        ),
        "counted": Label("counted", "仅为计数"),
        "limits": Label(
            "a cause for certain: who was trained was chosen, and may differ in what the figures before do not show",
            "不能完全证明因果关系：参训人员系挑选产生，可能存在训前数据未反映的差异",
        ),
        "limits projected": Label(
            "whether others gain as much, and what else will change",
            "不能说明其他人员能否取得同样效果，亦未考虑其他变化",
        ),
        "limits counted": Label("how these people would have done", "不能说明上述人员的情况"),
        "kind": Label("comparison", "比较方式"),
        "value": Label("difference", "差异"),
        "low": Label("from", "下限"),
        "high": Label("to", "上限"),
        "trained": Label("trained", "参训人数"),
        "untrained": Label("untrained", "未参训人数"),
        "after training": Label("after training", "训后效果"),
        "before training": Label("before training", "训前差异"),
    }
)
METHOD_NAMES: Mapping[str, Label] = MappingProxyType(
    {
        "covariance": Label("analysis of covariance", "协方差分析"),
        "differences": Label("difference in differences", "双重差分"),
        "alone": Label("trained alone, before and after", "仅参训人员前后比较"),
        "last quarter": Label("last quarter before training", "训前近一季度"),
        "move": Label("last quarter less before it", "近一季度较此前的变动"),
        "earlier": Label("before the last quarter", "近一季度之前"),
        "placebo": Label("placebo quarter", "安慰剂季度"),
    }
)
"""How trained and untrained are compared."""
