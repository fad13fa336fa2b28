"""Words of the reasons of outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations._labels import Label

OF_OUTCOMES: Mapping[str, Label] = MappingProxyType(
    {
        "outcome": Label(
            "{payee}, {period}, {name}: {verdict}",
            "{payee} {period} {name}：{verdict}",
        ),
        "outcome.rules": Label(
            "rules {rules}, in force from {effective}; as of {on}",
            "规则 {rules}，{effective} 起生效；截至 {on}",
        ),
        "outcome.override": Label(
            "decided by {by} on {on}: {before} becomes {after}; {why}",
            "{on} 由 {by} 决定：由“{before}”改为“{after}”；{why}",
        ),
        "outcome.training": Label("training {course}, due {on}", "须参加培训：{course}，{on} 前（含当日）完成"),
        "outcome.opposite": Label(
            "it contradicts {names}, which {payee} meets too: nobody is at the top and at the bottom; a person decides",
            "{payee} 同时符合{names}，二者相抵触：同一人不得既在前列又在末尾，须人工决定",
        ),
        "outcome.rank": Label(
            "rank {rank} of {of} in {group}, by {keys}",
            "在{group} {of} 人中排名第 {rank}（按{keys}）",
        ),
        "outcome.rank shared": Label(
            "rank {rank} of {of} in {group}, by {keys}; shared by {tied} people",
            "在{group} {of} 人中并列第 {rank}，共 {tied} 人（按{keys}）",
        ),
        "outcome.in share": Label("in the {share}", "进入{share}"),
        "outcome.not in share": Label(
            "not in the {share}; {away} place(s) away",
            "未进入{share}，相差 {away} 位",
        ),
        "outcome.places": Label(
            "{part} of {of} people is {exact}, {rounding}: {places} place(s)",
            "{of} 人的 {part} 为 {exact}（{rounding}），共 {places} 个名额",
        ),
        "outcome.all in": Label(
            "{tied} people are equal at the border, for {free} place(s): all of them are in",
            "名额边界上有 {tied} 人相同，只剩 {free} 个名额：全部计入",
        ),
        "outcome.all out": Label(
            "{tied} people are equal at the border, for {free} place(s): none of them is in",
            "名额边界上有 {tied} 人相同，只剩 {free} 个名额：全部不计入",
        ),
        "outcome.small group": Label(
            "the {share}: {group} has {of} people who are ranked, fewer than {smallest}: the rule does not apply",
            "{share}：{group}参与排名 {of} 人，不足 {smallest} 人，不适用本规则",
        ),
        "outcome.not ranked": Label(
            "the {share}: not ranked, since there is no {key}",
            "{share}：缺少{key}，不参与排名",
        ),
        "outcome.months": Label(
            "{months} month(s) in the role of {role}, since {since}; {asked} are asked, {missing} short",
            "任{role} {months} 个月（{since} 起），要求 {asked} 个月，还差 {missing} 个月",
        ),
        "outcome.months enough": Label(
            "{months} month(s) in the role of {role}, since {since}; {asked} are asked",
            "任{role} {months} 个月（{since} 起），已满 {asked} 个月",
        ),
        "outcome.months unknown": Label(
            "since when in the role of {role} is not known; {asked} month(s) are asked",
            "任{role}的起始日期不详，要求 {asked} 个月",
        ),
        "outcome.grades met": Label(
            "{grades} {count} time(s) in {periods} period(s); {asked}",
            "{periods} 期中 {grades} 出现 {count} 次，符合“{asked}”",
        ),
        "outcome.grades not met": Label(
            "{grades} {count} time(s) in {periods} period(s); {asked}; {away} away",
            "{periods} 期中 {grades} 出现 {count} 次，未达“{asked}”，相差 {away} 次",
        ),
        "outcome.grades open": Label(
            "{grades} {count} time(s) in {periods} period(s); {asked}: it depends on periods without a grade",
            "{periods} 期中 {grades} 出现 {count} 次，要求“{asked}”：取决于无等级的考核期",
        ),
        "outcome.grade of": Label("{period}: {grade}", "{period}：{grade}"),
        "outcome.no grade": Label("{period}: no grade; {missing}", "{period}：无等级，{missing}"),
        "outcome.limit met": Label(
            "{indicator} = {value}, {test} {limit}",
            "{indicator} = {value}，{test} {limit}",
        ),
        "outcome.limit not met": Label(
            "{indicator} = {value}, and not {test} {limit}; {away} away",
            "{indicator} = {value}，要求{test} {limit}，相差 {away}",
        ),
        "outcome.limit open": Label(
            "{indicator}: there is no reading; {test} {limit} is asked",
            "{indicator}：无数据，要求{test} {limit}",
        ),
        "outcome.course done": Label("training {course} completed on {on}", "已于 {on} 完成培训：{course}"),
        "outcome.course not done": Label(
            "training {course} is not completed by {on}", "截至 {on} 未完成培训：{course}"
        ),
        "outcome.pay": Label(
            "{payee}, {period}, pay step: {before} becomes {after} from {on}",
            "{payee} {period} 薪档：由 {before} 调整为 {after}，{on} 起执行",
        ),
        "outcome.pay stays": Label(
            "{payee}, {period}, pay step: {before} stays",
            "{payee} {period} 薪档：{before}，不变",
        ),
        "outcome.grade moves": Label("grade {grade}: {move} step(s)", "等级 {grade}：{move} 档"),
        "outcome.no grade, no move": Label("no grade in the period: no move", "本期无等级，不调整"),
        "outcome.at the end": Label(
            "the ladder ends at {step}: {lost} step(s) are not taken", "已到薪档边界 {step}：{lost} 档不再调整"
        ),
    }
)
"""The words of every rule of outcomes."""
