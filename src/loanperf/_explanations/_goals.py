"""Words of the rules by which goals are handed down, and by which a strategy becomes part of a scheme."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations._labels import Label

OF_GOALS: Mapping[str, Label] = MappingProxyType(
    {
        "goal": Label(
            "goal of {owner} in {period}: {indicator} {test} {value}{strategy}",
            "{owner} {period} 目标：{indicator}{test} {value}{strategy}",
        ),
        "goal.target": Label("target of {payee} in {period}: {target}", "{payee} {period} 目标：{target}"),
        "goal.limit": Label(
            "{payee}: {indicator} {test} {value}, handed down whole",
            "{payee}：{indicator}{test} {value}，整体下达，不分解",
        ),
        "goal.tighter": Label("by {change} stricter than the goal", "较上级目标收紧 {change}"),
        "goal.key": Label(
            "by {key}, {share} of what is assigned: {amount}", "按{key}分解（占下达总额的 {share}）：{amount}"
        ),
        "goal.equal share": Label(
            "no key gives anything: an equal share, {amount}", "各分解依据权重均为零，按人均分：{amount}"
        ),
        "goal.stated": Label("no key gives anything: {amount}, as stated", "各分解依据权重均为零，按约定取 {amount}"),
        "goal.carried": Label(
            "{share} of it is carried in month {month} of service: {amount}",
            "入职第 {month} 个月，按 {share} 承担：{amount}",
        ),
        "goal.added": Label(
            "{added} is added, which new people do not carry: {amount}", "分摊新员工未承担部分 {added}，得 {amount}"
        ),
        "goal.kept": Label(
            "{amount} of it stays with the unit, since new people do not carry it",
            "其中 {amount} 由机构留存（新员工未承担部分）",
        ),
        "goal.share": Label(
            "its share of the {whole} of {unit}: {amount}", "在 {unit} 的目标 {whole} 中所占份额：{amount}"
        ),
        "goal.floor": Label("floor {limit}: {added} is added", "保底 {limit}：补足 {added}"),
        "goal.cap": Label("cap {limit}: {taken} is taken off", "封顶 {limit}：调减 {taken}"),
        "goal.bounds": Label(
            "floors and caps of others in {unit} make it {amount}", "{unit} 内其他成员的保底、封顶使其调整为 {amount}"
        ),
        "goal.step": Label("{exact} in steps of {step}: {amount}{owed}", "{exact} 按 {step} 取整：{amount}{owed}"),
        "goal.over": Label(
            "{amount} of it is of the goal, {over} is assigned beyond it", "其中目标内 {amount}，超额下达 {over}"
        ),
        "goal.cut": Label(
            "target of {payee} in {period}: {target}, for {days} of the days of {whole}",
            "{payee} {period} 目标：{target}（{whole} 按天数 {days} 折算）",
        ),
        "goal.begun": Label(
            "{target} from {period} on, after {held} for the days before", "{period} 起 {target}；此前各日已确定 {held}"
        ),
        "strategy": Label(
            "strategy {strategy} in scheme {scheme} from {effective} on, version {version}",
            "战略“{strategy}”落实到方案 {scheme}，自 {effective} 起生效，版本 {version}",
        ),
        "strategy.weight": Label(
            "profile {profile}: it weighs {weight}, {before} before; the others scale to 100% in all",
            "权重方案 {profile}：权重由 {before} 调整为 {weight}，其他指标按比例调整，合计 100%",
        ),
        "strategy.target": Label(
            "profile {profile}: the target of everybody is {target}", "权重方案 {profile}：每人目标均为 {target}"
        ),
        "strategy.veto": Label(
            "veto: {test} {limit} the whole score is at most {score} points",
            "一票否决：{test} {limit} 时总分不高于 {score} 分",
        ),
        "strategy.cascade": Label("each has a target of their own, by cascade", "各人目标由目标分解得出"),
        "strategy.asks": Label(
            "phase {phase} asks that {rule}, which is kept: {found}", "阶段 {phase} 要求 {rule}，已满足（{found}）"
        ),
        "strategy.of payee": Label(
            "{payee}: {indicator} weighs {weight}; target: {target}", "{payee}：{indicator}权重 {weight}，目标 {target}"
        ),
        "strategy.path": Label(
            "from the company down: {units}; profile {profile}", "自上而下：{units}；权重方案 {profile}"
        ),
    }
)
"""The words of each rule; see `RULES`."""
