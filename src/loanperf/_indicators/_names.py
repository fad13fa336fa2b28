"""Names: facts and indicators as explanations show them, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from loanperf._explanations import Label, in_words
from loanperf._facts import Balance, Credit, ExchangeRate, Fact, LoanEvent, text_of
from loanperf._indicators._catalogue import CATALOGUE
from loanperf._quantities import percent, plain

EVENTS: Mapping[str, Label] = MappingProxyType(
    {
        "applied": Label("applied", "申请"),
        "due diligence complete": Label("due diligence complete", "尽职调查完成"),
        "signed": Label("signed", "签约"),
        "disbursed": Label("disbursed", "放款"),
        "repaid": Label("repaid", "还款"),
        "prepaid": Label("prepaid", "提前还款"),
        "classified": Label("classified", "五级分类"),
        "past due": Label("past due", "逾期"),
        "rescheduled": Label("rescheduled", "重组"),
        "written off": Label("written off", "核销"),
        "recovered": Label("recovered", "清收"),
        "cancelled": Label("cancelled", "撤销"),
        "assigned": Label("assigned", "移交管户"),
    }
)
"""What can happen to a loan."""
CATEGORIES: Mapping[str, str] = MappingProxyType(
    {"normal": "正常", "special mention": "关注", "substandard": "次级", "doubtful": "可疑", "loss": "损失"}
)
"""The five categories of loans in Chinese."""
_KINDS = {
    "loan": "贷款",
    "event": "贷款",
    "balance": "贷款余额",
    "customer": "客户",
    "holding": "持有产品",
    "profit": "客户利润",
    "violation": "违规",
    "inquiry": "征信查询",
    "valuation": "抵押物评估",
    "training": "培训",
    "rating": "评分",
    "credit": "业绩归属",
    "exchange rate": "汇率",
}
"""What each kind of fact is called in Chinese."""
_ROLES = {"lead": "主办", "assistant": "协办", "referrer": "推荐人"}
_ROW = re.compile(r"(?:(?P<file>.*) sheet (?P<sheet>.*)|(?P<table>.*)) row (?P<row>[0-9]+)", re.DOTALL)


def key_label(key: Sequence[str]) -> Label:
    """The natural key of a fact, in both languages; its codes and days stay as they are."""
    kind, *rest = key
    if kind == "event":
        loan, what, on, *number = rest
        rest = [loan, *number, on, EVENTS[what].zh if what in EVENTS else what]
    elif kind == "credit":
        loan, role, payee = rest
        rest = [loan, _ROLES.get(role, role), payee]
    return Label(" ".join(key).strip(), " ".join(part for part in (_KINDS.get(kind, kind), *rest) if part))


def source_label(source: str) -> Label:
    """Where a fact comes from, in both languages: file, sheet and row; what is written otherwise stays as it is."""
    found = _ROW.fullmatch(source)
    if found is None:
        return Label(source)
    table = found["table"] if found["sheet"] is None else f"{found['file']} 工作表 {found['sheet']}"
    return Label(source, f"{table} 第 {found['row']} 行")


def fact_label(fact: Fact) -> Label:
    """A fact in both languages: its natural key, what it says, and where it comes from.

    >>> from loanperf._facts import EventKind
    >>> fact_label(LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元")).zh
    '贷款 L1 2026-03-02 放款：300,000.00 元'
    """
    said = _said(fact)
    source = f"（{source_label(fact.source).to('zh')}）" if fact.source else ""
    return Label(text_of(fact), key_label(fact.key).zh + (f"：{said}" if said else "") + source)


def _said(fact: Fact) -> str:
    """What a fact says besides its key, in Chinese."""
    match fact:
        case LoanEvent(category=category) if category is not None:
            return CATEGORIES[category.value]
        case LoanEvent(days=days) if days is not None:
            return f"{days} 天"
        case LoanEvent(amount=amount) if amount is not None:
            return in_words(amount, "zh")
        case LoanEvent(officer=officer):
            return officer or ""
        case Balance(outstanding=outstanding):
            return in_words(outstanding, "zh")
        case Credit(share=share) if share is not None:
            return percent(share)
        case ExchangeRate(rate=rate):
            return plain(rate)
        case _:
            return ""


def indicator_label(code: str) -> Label:
    """The code of an indicator, and in Chinese the name that the catalogue has for it."""
    return Label(code, CATALOGUE[code]().name.zh if code in CATALOGUE else "")
