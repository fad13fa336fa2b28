"""Names: the words of plans that explanations and statements show, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations import Label
from loanperf._indicators import EVENT_LABELS, ROLES

RULE_NAMES: Mapping[str, Label] = MappingProxyType(
    {
        "components": Label("components", "提成项目"),
        "rounding": Label("rounding", "舍入方式"),
        "round_line": Label("rounding of lines", "逐笔舍入"),
        "round_component": Label("rounding of components", "按项目舍入"),
        "round_total": Label("rounding of the total", "合计舍入"),
        "ramp": Label("ramp", "新人爬坡"),
        "gates": Label("gates", "门槛"),
        "multipliers": Label("multipliers", "加速系数"),
        "most": Label("cap", "封顶"),
        "holdback": Label("holdback", "风险金"),
        "clawbacks": Label("clawbacks", "追索扣回"),
        "draws": Label("draws", "保底与预支"),
    }
)
"""What plans can have in common."""
TERM_NAMES: Mapping[str, Label] = MappingProxyType(
    {
        "product": Label("product", "产品"),
        "segment": Label("segment", "客群"),
        "collateral": Label("collateral", "担保方式"),
        "customer_type": Label("type of customer", "客户类型"),
        "term_months": Label("term in months", "期限（月）"),
        "age": Label("age", "账龄"),
        "interest_rate": Label("interest rate", "年利率"),
        "margin": Label("margin", "利差"),
        "discount": Label("discount", "利率优惠"),
        "ltv": Label("loan to value", "抵押率"),
        "days_past_due": Label("days past due", "逾期天数"),
        "receipt": Label("kind of receipt", "回款类型"),
        "repayment": Label("repayment", "还款"),
        "prepayment": Label("prepayment", "提前还款"),
        "recovery": Label("recovery", "清收"),
    }
)
"""What terms can ask of loans, and the kinds of receipts."""
NAMES: Mapping[str, Label] = MappingProxyType(
    {
        # milestones, and what else happens to a loan
        **EVENT_LABELS,
        "opened": Label("opened", "受理"),
        "first repayment": Label("first repayment", "首次还款"),
        "repaid in full": Label("repaid in full", "结清"),
        "amount": Label("an amount", "金额"),
        # bases
        "applied for": Label("applied for", "申请额"),
        "contracted": Label("contracted", "签约额"),
        "balance": Label("balance", "余额"),
        "interest margin": Label("interest margin", "利差"),
        "receipts": Label("receipts", "回款"),
        "count": Label("count", "笔数"),
        "fixed": Label("fixed amount", "固定金额"),
        "indicator": Label("indicator", "指标"),
        "team": Label("team", "团队"),
        "components": Label("components", "提成项目"),
        **TERM_NAMES,
        **ROLES,
        # what ends, moves or adds to a deal
        "amended": Label("amount changed", "金额变更"),
        "expired": Label("expired", "超期未进入下一阶段"),
        "went bad": Label("went bad", "转为不良"),
        "fell back": Label("tiers fall back", "档位回落"),
        "carried": Label("carried over", "上期结转"),
        "carried over": Label("carried over", "上期结转"),
        "least": Label("least of the period", "本期保底"),
        "rounded": Label("rounding", "舍入"),
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
