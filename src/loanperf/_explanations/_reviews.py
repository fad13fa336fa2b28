"""Words of the reasons of reviews."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations._labels import Label

OF_REVIEWS: Mapping[str, Label] = MappingProxyType(
    {
        "review": Label(
            "reviews of {payee} in {period}: {score} points",
            "{payee} {period} 评价得分：{score} 分",
        ),
        "review.none": Label(
            "reviews of {payee} in {period}: no score, since too few reviews count",
            "{payee} {period} 评价无得分：有效评价不足",
        ),
        "review.category": Label(
            "{category}: {score} points, the mean of {count} review(s); weight {weight}",
            "{category}：{score} 分（{count} 份评价的平均分），权重 {weight}",
        ),
        "review.rolled up": Label(
            "{category}: fewer than {minimum} review(s); counted in {into}, with weight {weight}",
            "{category}：不足 {minimum} 份，并入{into}计分，权重 {weight} 一并转入",
        ),
        "review.left out": Label(
            "{category}: fewer than {minimum} review(s), left out; weight {weight} goes to the others in proportion",
            "{category}：不足 {minimum} 份，不计分；其权重 {weight} 按比例分摊给其他类别",
        ),
        "review.takes in": Label("takes in {category}, with weight {weight}", "并入{category}，转入权重 {weight}"),
        "review.reweighted": Label(
            "weight {before} becomes {weight}, since other categories are left out",
            "因其他类别不计分，权重由 {before} 变为 {weight}",
        ),
        "review.item": Label(
            "{item}: {mean} on a scale of {low} to {high}, {share} of full marks; weight {weight}",
            "{item}：平均 {mean}（量表 {low} 至 {high}），得分率 {share}，权重 {weight}",
        ),
        "review.by": Label("{rater}: {score} points", "{rater}：{score} 分"),
    }
)
"""The words of every rule of reviews."""
