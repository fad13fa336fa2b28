"""Words of the reasons of what a new version of a scheme would have moved."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations._labels import Label

OF_LEARNING: Mapping[str, Label] = MappingProxyType(
    {
        "moved": Label(
            "the new version over {period}: {gain} would have had more, {lose} less, {same} the same; {regraded} "
            "another grade",
            "按新版本试算 {period}：{gain} 人增加，{lose} 人减少，{same} 人不变；{regraded} 人等级变化",
        ),
        "moved.nobody changes": Label(
            "as if the new version had held then and nobody had done anything otherwise; what people do will change "
            "with it",
            "假定当期即按新版本执行，且所有人的行为都不变；实际上，方案一改，行为也会随之改变",
        ),
        "moved.sum": Label(
            "bonuses sum to {before} by the version that held, and would have to {after}: {difference}",
            "奖金合计：原版本 {before}，新版本 {after}，差额 {difference}",
        ),
        "moved.payee": Label(
            "{payee}: {before} points, and would have had {after}: {difference}",
            "{payee}：原得分 {before} 分，新得分 {after} 分，差 {difference} 分",
        ),
        "moved.grade": Label("grade {before}, and would have been {after}", "等级由 {before} 变为 {after}"),
        "moved.bonus": Label(
            "bonus {before}, and would have been {after}: {difference}",
            "奖金由 {before} 变为 {after}，差额 {difference}",
        ),
        "moved.unscored": Label(
            "{payee}: in no sum, since there is no score: {fault}",
            "{payee}：无得分，未计入合计（{fault}）",
        ),
    }
)
"""The words of every rule of moves."""
