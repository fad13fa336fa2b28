"""Names: facts, indicators and measures as explanations show them, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, assert_never

from loanperf._explanations import Label, in_words, quantity_label
from loanperf._facts import Fact, key_text, said_of, shown_cell, text_of
from loanperf._indicators._catalogue import CATALOGUE, indicator
from loanperf._indicators._fields import FIELDS, Field, bounds_of, check_measure
from loanperf._indicators._types import (
    SUPPLIED_FORMULA,
    Deduct,
    Factors,
    HeldAt,
    Indicator,
    MadeOf,
    Ratio,
    Total,
    Where,
)
from loanperf._kinds import KINDS, FactColumn
from loanperf._quantities import Quantity, percent, plain

_EVENT, _CATEGORY = (KINDS["events"].columns[name].words for name in ("kind", "category"))
EVENT_LABELS: Mapping[str, Label] = MappingProxyType({word: Label(word, zh[0]) for word, zh in _EVENT.items()})
"""What can happen to a loan."""
CATEGORIES: Mapping[str, str] = MappingProxyType({word: zh[0] for word, zh in _CATEGORY.items()})
"""The five categories of loans in Chinese."""
_KINDS = {kind.one: kind.label.zh for kind in KINDS.values()}
"""What each kind of fact is called in Chinese."""
ROLES: Mapping[str, Label] = MappingProxyType(
    {"lead": Label("lead", "主办"), "assistant": Label("assistant", "协办"), "referrer": Label("referrer", "推荐人")}
)
"""Kinds of credit that the library has words for."""
_ROW = re.compile(r"(?:(?P<file>.*) sheet (?P<sheet>.*)|(?P<table>.*)) row (?P<row>[0-9]+)", re.DOTALL)


def key_label(key: Sequence[str]) -> Label:
    """The natural key of a fact, in both languages; its codes and days stay as they are."""
    kind, *rest = key
    if kind == "event":
        loan, what, on, *number = rest
        rest = [loan, *number, on, EVENT_LABELS[what].zh if what in EVENT_LABELS else what]
    elif kind == "credit":
        loan, role, payee = rest
        rest = [loan, ROLES.get(role, Label(role)).to("zh"), payee]
    return Label(key_text(key), " ".join(part for part in (_KINDS.get(kind, kind), *rest) if part))


def source_label(source: str) -> Label:
    """Where a fact comes from, in both languages: file, sheet and row; what is written otherwise stays as it is."""
    found = _ROW.fullmatch(source)
    if found is None:
        return Label(source)
    table = found["table"] if found["sheet"] is None else f"{found['file']} 工作表 {found['sheet']}"
    return Label(source, f"{table} 第 {found['row']} 行")


def fact_label(fact: Fact) -> Label:
    """A fact in both languages: its natural key, what it says, and where it comes from.

    >>> from loanperf._facts import EventKind, LoanEvent
    >>> fact_label(LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元")).zh
    '贷款 L1 2026-03-02 放款：300,000.00 元'
    """
    said = said_of(fact)
    source = f"（{source_label(fact.source).to('zh')}）" if fact.source else ""
    return Label(text_of(fact), key_label(fact.key).zh + (f"：{_in_chinese(*said)}" if said else "") + source)


def cell_label(column: FactColumn, value: Any) -> Label:
    """A value of a fact in both languages; it must be there."""
    if column.type == "truth":
        return Label("yes", "是") if value else Label("no", "否")
    return Label(shown_cell(column, value), _in_chinese(column, value))


def _in_chinese(column: FactColumn, value: Any) -> str:
    """A value of a fact in Chinese."""
    match column.type:
        case "word":
            return column.words[value.value][0]
        case "whole":
            return f"{value} {_COUNTED[column.counts]}"
        case "money":
            return in_words(value, "zh")
        case _:
            return shown_cell(column, value)


_COUNTED = {"days": "天", "months": "个月", "": ""}


def indicator_label(code: str) -> Label:
    """The code of an indicator, and in Chinese the name that the catalogue has for it."""
    return Label(code, indicator(code).name.zh if code in CATALOGUE else "")


# ── measures ────────────────────────────────────────────────────────────────────────────────────────────────

_VIEWS: Mapping[str, str] = {"loan events": "贷款事件", **{name: kind.label.zh for name, kind in KINDS.items()}}
BOUNDS: Mapping[str, Label] = {
    "at_least": Label("at least", "不低于"),
    "above": Label("above", "高于"),
    "at_most": Label("at most", "不高于"),
    "below": Label("below", "低于"),
}
"""The bounds of a filter."""
_HOLDERS: Mapping[HeldAt, Label] = {
    "event": Label(""),
    "origination": Label("for the officer at origination", "归经办客户经理"),
    "as of": Label("for the officer on the last day", "归期末管户客户经理"),
}
_VALUES: Mapping[str, Label] = {
    **EVENT_LABELS,
    **{en: Label(en, zh) for en, zh in CATEGORIES.items()},
    "performing": Label("performing", "正常"),
    "non-performing": Label("non-performing", "不良"),
    "teamwork": Label("teamwork", "团队协作"),
}

_TERMS: Mapping[str, Mapping[str, str]] = {
    "segment": {"personal": "个人", "corporate": "对公"},
    "collateral": {"mortgage": "抵押", "guarantee": "保证", "credit": "信用"},
    "customer_type": {"new": "新客户", "existing": "存量客户"},
}
"""In Chinese, the values of terms of loans that the library has words for; all others are the host's own."""


def term_label(name: str, value: str) -> Label:
    """A value of a field of loans in both languages; the host's own words stay as they are."""
    return Label(value, _TERMS[name].get(value, "")) if name in _TERMS else _VALUES.get(value, Label(value))


def formula_of(indicator: Indicator) -> Label:
    """How an indicator comes about: its formula, or where none is stated, what its measure does; both languages.

    A measure that `check_measure` refuses has no words: the formula stays as it is stated.

    >>> from loanperf._indicators._types import Direction, Kind
    >>> drawn = Total(over="loan events", sum="amount", where=(Where(field="event", values=("disbursed",)),))
    >>> own = Indicator(
    ...     code="x", name=Label("x"), dimension="d", direction=Direction.HIGHER, kind=Kind.MONEY, measure=drawn
    ... )
    >>> print(formula_of(own), formula_of(own).zh)
    sum of amount over loan events (event is disbursed) 贷款事件的金额之和（事件为放款）
    """
    if indicator.measure is None or indicator.formula != SUPPLIED_FORMULA or check_measure(indicator.measure, ""):
        return indicator.formula
    match indicator.measure:
        case Total() as total:
            return _total(total)
        case Ratio(numerator=top, denominator=bottom):
            above, below = _total(top), _total(bottom)
            return Label(f"{above.en} / {below.en}", f"{above.zh} / {below.zh}")
        case Deduct(start=start, less=less):
            taken, full = _total(less), plain(start)
            return Label(f"{full} points − {taken.en}, at least 0", f"{full} 分 − {taken.zh}，不低于 0")
        case MadeOf(parts=parts, divided_by=per):
            over, under = _factors(parts), _factors(per)
            return Label(f"{over.en} / ({under.en})", f"{over.zh} /（{under.zh}）") if per else over
        case _:
            assert_never(indicator.measure)


def _factors(factors: Factors) -> Label:
    """`interest − FTP cost × 50%`."""
    en = zh = ""
    for part, factor in factors:
        sign = " − " if factor < 0 else " + " if en else ""
        times = "" if abs(factor) == 1 else f" × {percent(abs(factor))}"
        en, zh = f"{en}{sign}{part.name.en}{times}", f"{zh}{sign}{part.name.to('zh')}{times}"
    return Label(en.strip(), zh.strip())


def _total(total: Total) -> Label:
    fields, view = FIELDS[total.over], _VIEWS[total.over]
    tests, holder = [_test(fields[where.field], where) for where in total.where], _HOLDERS[total.held_at]
    said = [Label(" and ".join(test.en for test in tests), "且".join(test.zh for test in tests)), holder]
    if total.weights is not None:
        by = fields[total.weighed_by].label
        said.append(Label(f"each times its weight by {by.en}", f"按{by.zh}折算"))
    en, zh = "; ".join(part.en for part in said if part.en), "；".join(part.zh for part in said if part.zh)
    if total.sum:
        summed = fields[total.sum].label
        what = Label(f"sum of {summed.en} over {total.over}", f"{view}的{summed.zh}之和")
    else:
        what = Label(f"number of {total.over}", f"{view}数")
    return Label(f"{what.en} ({en})", f"{what.zh}（{zh}）") if en else what


def _test(field: Field, where: Where) -> Label:
    """A filter in words."""
    name = field.label
    if where.values and field.kind == "truth":
        both, yes = len(set(where.values)) > 1, True in where.values
        if both:
            return Label(f"{name.en} or not", f"不论{name.zh}与否")
        return name if yes else Label(f"not {name.en}", f"不含{name.zh}")
    if where.values:
        values = [term_label(where.field, str(value)) for value in where.values]
        en, zh = " or ".join(value.en for value in values), "或".join(value.to("zh") for value in values)
        return Label(f"{name.en} is {en}", f"{name.zh}为{zh}")
    bounds = [(BOUNDS[bound], _bound(field, value)) for bound, value in bounds_of(where).items()]
    en = " and ".join(f"{word.en} {in_words(value, 'en')}" for word, value in bounds)
    zh = "且".join(f"{word.zh} {in_words(value, 'zh', bare=True)}" for word, value in bounds)
    return Label(f"{name.en} {en}", f"{name.zh}{zh}")


def _bound(field: Field, bound: Quantity) -> str | Label:
    return percent(bound.value) if field.kind == "ratio" else quantity_label(bound)
