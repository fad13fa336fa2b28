"""Names: the words of plans that explanations and statements show, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations import Label
from loanperf._indicators import EVENTS, ROLES

NAMES: Mapping[str, Label] = MappingProxyType(
    {
        # milestones, and what else happens to a loan
        **EVENTS,
        "opened": Label("opened", "受理"),
        "first repayment": Label("first repayment", "首次还款"),
        "repaid in full": Label("repaid in full", "结清"),
        "amount": Label("an amount", "金额"),
        # bases
        "applied for": Label("applied for", "申请额"),
        "contracted": Label("contracted", "签约额"),
        "balance": Label("balance", "余额"),
        "interest margin": Label("interest margin", "利差"),
        "count": Label("count", "笔数"),
        "fixed": Label("fixed amount", "固定金额"),
        "indicator": Label("indicator", "指标"),
        "team": Label("team", "团队"),
        # terms of loans
        "product": Label("product", "产品"),
        "segment": Label("segment", "客群"),
        "collateral": Label("collateral", "担保方式"),
        "customer_type": Label("type of customer", "客户类型"),
        "term_months": Label("term in months", "期限（月）"),
        **ROLES,
        # what ends, moves or adds to a deal
        "amended": Label("amount changed", "金额变更"),
        "expired": Label("expired", "超期未进入下一阶段"),
        "went bad": Label("went bad", "转为不良"),
        "fell back": Label("tiers fall back", "档位回落"),
        "carried": Label("carried over", "上期结转"),
        "carried over": Label("carried over", "上期结转"),
        "least": Label("least of the period", "本期保底"),
    }
)
"""What plans, lines and stages call things; a word that is not here is the scheme's own."""

EXCESS_NAMES: Mapping[str, Label] = MappingProxyType(
    {"lost": Label("lost", "不予发放"), "carried": Label("carried", "结转下期")}
)
"""What becomes of what is above a cap."""


def name_of(word: str) -> Label:
    """A word of a plan as a label; one that is the scheme's own stays as it is."""
    return NAMES.get(word) or Label(word)


def joined(*labels: Label) -> Label:
    """Labels one after the other, without the empty ones."""
    held = [label for label in labels if label.en]
    return Label(" ".join(label.en for label in held), " ".join(label.to("zh") for label in held))
