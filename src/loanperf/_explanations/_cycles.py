"""Words of the reasons of results of a cycle."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations._labels import Label

OF_CYCLES: Mapping[str, Label] = MappingProxyType(
    {
        "cycle": Label("{payee} in {period}: {result} ({state})", "{payee} {period} 考核结果：{result}（{state}）"),
        "cycle.none": Label("{payee} in {period}: no result ({state})", "{payee} {period} 无考核结果（{state}）"),
        "cycle.score": Label("score as computed: {score} points", "计算得分：{score} 分"),
        "cycle.calibrated": Label(
            "calibrated from {before} to {after} by {by} on {day}: {why}",
            "校准：由 {before} 调整为 {after}（{by}，{day}）：{why}",
        ),
        "cycle.approved": Label("approved by {by} on {day}", "{by} 于 {day} 审批"),
        "cycle.published": Label(
            "version {version}, approved by {approver}, published by {by} on {day}: {result}",
            "第 {version} 版（{approver} 审批，{by} 于 {day} 发布）：{result}",
        ),
        "cycle.acknowledged": Label("acknowledged by {payee} on {day}", "{payee} 于 {day} 确认已阅"),
        "cycle.interview": Label("interview, noted by {by} on {day}: {text}", "绩效面谈（{by} 于 {day} 记录）：{text}"),
        "cycle.appeal": Label(
            "appeal of {day} against version {version} ({state}): {why}",
            "{day} 对第 {version} 版提出申诉（{state}）：{why}",
        ),
        "cycle.appeal.taken up": Label("taken up by {by} on {day}", "{by} 于 {day} 受理"),
        "cycle.appeal.decided": Label("decided by {by} on {day}: {why}", "{by} 于 {day} 裁定：{why}"),
        "cycle.appeal.withdrawn": Label("withdrawn by {by} on {day}", "{by} 于 {day} 撤回"),
    }
)
"""The words of every rule of cycles."""
