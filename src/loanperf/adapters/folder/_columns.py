"""The files of a folder and their columns: one table for the reader, its messages and the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import frozen

from loanperf._facts import Category, EventKind
from loanperf._indicators import CATALOGUE, indicator

CellKind: TypeAlias = Literal[
    "code",
    "text",
    "day",
    "money",
    "currency",
    "currency code",
    "share",
    "number",
    "points",
    "days",
    "months",
    "truth",
    "word",
    "indicator",
    "value",
    "period",
]
"""How a cell is read; `KINDS` says what is accepted."""

KINDS: Mapping[CellKind, str] = MappingProxyType(
    {
        "code": "printable text that is the same in every file",
        "text": "printable text",
        "day": "`2026-03-31` or `2026/3/31`",
        "money": "`30万元` or `300000 CNY`; a plain number only beside the column `currency`",
        "currency": "ISO 4217 code, such as `CNY`",
        "currency code": "ISO 4217 code, such as `USD`",
        "share": "`60%`, `0.6` or `1/3`",
        "number": "a plain number: `7.1`",
        "points": "`85` or `85 point`",
        "days": "whole days, zero or more: `31` or `31 days`",
        "months": "whole months, one or more: `36` or `36 months`",
        "truth": "`true` or `false`, `yes` or `no`, `是` or `否`",
        "word": "one of the words below",
        "indicator": "code of an indicator, or the Chinese name of one in the catalogue",
        "value": "a quantity in the unit of the indicator: `100万元`, `3%`, `12`, `85 point`",
        "period": "`2026-03`, `2026-Q1`, `2026-H1` or `2026`; empty is every period",
    }
)


@frozen
class Column:
    """What a column holds, and the headers by which it is known."""

    kind: CellKind
    zh: tuple[str, ...]
    """Chinese headers; the first is the one that is shown."""
    meaning: str
    required: bool = False
    words: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """What a cell may say, each with its Chinese forms."""


Columns: TypeAlias = Mapping[str, Column]


def _must(kind: CellKind, zh: str, meaning: str, words: Mapping[str, tuple[str, ...]] | None = None) -> Column:
    return Column(kind, tuple(zh.split("|")), meaning, required=True, words=words or {})


def _may(kind: CellKind, zh: str, meaning: str, words: Mapping[str, tuple[str, ...]] | None = None) -> Column:
    return Column(kind, tuple(zh.split("|")), meaning, words=words or {})


EVENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        EventKind.APPLIED.value: ("申请",),
        EventKind.DUE_DILIGENCE.value: ("尽调完成",),
        EventKind.SIGNED.value: ("签约",),
        EventKind.DISBURSED.value: ("放款",),
        EventKind.REPAID.value: ("还款",),
        EventKind.PREPAID.value: ("提前还款",),
        EventKind.CLASSIFIED.value: ("分类",),
        EventKind.PAST_DUE.value: ("逾期",),
        EventKind.RESCHEDULED.value: ("重组",),
        EventKind.WRITTEN_OFF.value: ("核销",),
        EventKind.RECOVERED.value: ("收回",),
        EventKind.CANCELLED.value: ("撤销",),
        EventKind.ASSIGNED.value: ("移交",),
    }
)
CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Category.NORMAL.value: ("正常",),
        Category.SPECIAL_MENTION.value: ("关注",),
        Category.SUBSTANDARD.value: ("次级",),
        Category.DOUBTFUL.value: ("可疑",),
        Category.LOSS.value: ("损失",),
    }
)
INDICATORS: Mapping[str, str] = MappingProxyType({indicator(code).name.zh: code for code in CATALOGUE})
"""Codes of the catalogue by Chinese name."""

_LOAN = _must("code", "贷款编号|借据号", "number of the loan")
_CUSTOMER = _must("code", "客户编号|客户号", "code of the customer")
_PAYEE = _must("code", "员工编号|工号|客户经理", "code of the payee")
_NUMBER = _must("code", "编号|序号", "tells it from every other row of this file")
_CURRENCY = _may("currency", "币种", "currency of the plain amounts in the row")
_SINCE = _must("day", "开始日期|起始日期", "first day on which it holds")
_UNTIL = _may("day", "结束日期|终止日期", "first day on which it no longer holds; empty is open")
_PERIOD = _may("period", "考核周期|周期", "period that it is for; empty is every period")
_INDICATOR = _must("indicator", "指标|指标代码", "which indicator")

_FACTS: dict[str, Columns] = {
    "loans.csv": {
        "loan": _LOAN,
        "customer": _CUSTOMER,
        "officer": _must("code", "客户经理|经办人", "code of the payee who originated it"),
        "opened_on": _must("day", "开立日期|受理日期", "day on which it was opened or applied for"),
        "product": _may("text", "产品", "name or code of the product"),
        "segment": _may("text", "客群", "`personal`, `corporate` or the host's own"),
        "term_months": _may("months", "期限月数|期限（月）", "months from drawing to the last instalment"),
        "first_due_on": _may("day", "首期到期日|首次还款日", "day on which the first instalment is due"),
        "amount": _may("money", "申请金额|授信金额", "applied for or approved"),
        "currency": _CURRENCY,
        "collateral": _may("text", "担保方式", "`mortgage`, `guarantee`, `credit` or the host's own"),
        "customer_type": _may("text", "客户类型", "`new`, `existing` or the host's own"),
        "interest_rate": _may("share", "年利率|贷款利率", "what the customer pays a year, with its sign: `4.35%`"),
        "funding_rate": _may("share", "FTP价格|内部资金转移价格", "FTP price a year, with its sign: `2.1%`"),
    },
    "events.csv": {
        "loan": _LOAN,
        "kind": _must("word", "事件|事件类型", "what happened", EVENTS),
        "on": _must("day", "日期|业务日期", "day on which it happened"),
        "number": _may("text", "编号|序号", "tells two events of one kind, loan and day apart"),
        "amount": _may("money", "金额", "signed, disbursed, repaid, prepaid, written off or recovered"),
        "currency": _CURRENCY,
        "category": _may("word", "五级分类|分类", "of an event `classified`", CATEGORIES),
        "days": _may("days", "逾期天数", "of an event `past due`; 0 says that the loan is current again"),
        "officer": _may("code", "接收客户经理|客户经理", "of an event `assigned`: who holds the loan from then on"),
    },
    "balances.csv": {
        "loan": _LOAN,
        "on": _must("day", "日期|业务日期", "the balance is that at the end of this day"),
        "outstanding": _must("money", "贷款余额|余额", "principal not yet repaid"),
        "overdue": _may("money", "逾期金额", "the part of it that is past due; empty is unknown"),
        "currency": _CURRENCY,
    },
    "customers.csv": {
        "customer": _CUSTOMER,
        "officer": _must("code", "客户经理|管户人", "code of the payee who looks after the customer"),
        "since": _SINCE,
        "until": _UNTIL,
    },
    "holdings.csv": {
        "customer": _CUSTOMER,
        "product": _must("code", "产品", "what the customer holds, consented to and active"),
        "since": _SINCE,
        "until": _UNTIL,
    },
    "profits.csv": {
        "customer": _CUSTOMER,
        "on": _must("day", "日期|业务日期", "day to which the profit belongs"),
        "amount": _must("money", "金额|利润", "FTP profit or EVA; may be negative"),
        "number": _may("text", "编号|序号", "tells two amounts of one customer on one day apart"),
        "currency": _CURRENCY,
    },
    "violations.csv": {
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|业务日期", "day of the violation"),
        "points": _must("points", "扣分", "points that it costs, zero or more"),
    },
    "inquiries.csv": {
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|查询日期", "day of the look into the credit register"),
        "authorised": _must("truth", "已授权|是否授权", "whether the customer authorised it in writing"),
        "permitted": _must("truth", "用途合规|是否合规", "whether its purpose is permitted"),
    },
    "valuations.csv": {
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|评估日期", "day of the valuation"),
        "appraised": _must("money", "评估值", "value that the payee gave"),
        "benchmark": _must("money", "基准值", "value known later, above zero"),
        "currency": _CURRENCY,
    },
    "trainings.csv": {
        "payee": _PAYEE,
        "course": _must("code", "课程", "name or code of the course"),
        "on": _must("day", "截止日期|应完成日期", "day on which it is due"),
        "completed_on": _may("day", "完成日期", "day on which it was completed; empty is not yet"),
    },
    "ratings.csv": {
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|评分日期", "day of the rating"),
        "topic": _must("code", "主题|评分主题", "what is rated, such as `teamwork`"),
        "score": _must("points", "评分|得分", "0 to 100 points"),
        "rater": _may("text", "评分人", "who rates"),
    },
    "credits.csv": {
        "loan": _LOAN,
        "payee": _PAYEE,
        "on": _must("day", "日期|登记日期", "day from which it is known"),
        "role": _may("code", "分工|角色", "`lead`, `assistant`, `referrer` or the host's own; empty is `lead`"),
        "share": _may("share", "分成比例|比例", "part of what is credited to the role; empty is an equal part"),
    },
    "exchange_rates.csv": {
        "currency": _must("currency code", "币种|外币", "currency of which the rate prices one unit"),
        "into": _must("currency code", "折算币种|本位币", "currency in which it is priced"),
        "on": _must("day", "日期|汇率日期", "day of the rate"),
        "rate": _must("number", "汇率", "units of `into` for one unit of `currency`, above zero"),
    },
}
FACT_FILES = tuple(_FACTS)
"""The files whose rows are facts."""

COLUMNS: Mapping[str, Columns] = MappingProxyType(
    {
        **_FACTS,
        "readings.csv": {
            "payee": _PAYEE,
            "indicator": _INDICATOR,
            "value": _must("value", "实际值|实绩", "what the indicator showed, used in place of what is measured"),
            "period": _PERIOD,
        },
        "units.csv": {
            "code": _must("code", "机构编号|机构号", "code of the branch or team"),
            "name": _may("text", "机构名称|名称", "its name"),
            "parent": _may("code", "上级机构|上级机构编号", "code of the unit above; empty at the top"),
            "since": _may("day", "开始日期|起始日期", "first day on which it holds; empty is from ever"),
            "until": _UNTIL,
        },
        "payees.csv": {
            "code": _must("code", "员工编号|工号", "code of the payee"),
            "name": _may("text", "姓名", "name to show"),
        },
        "assignments.csv": {
            "payee": _PAYEE,
            "unit": _must("code", "机构编号|机构号|机构", "code of the unit"),
            "role": _must("code", "岗位|角色", "role, as the scheme names it"),
            "since": _SINCE,
            "until": _UNTIL,
            "tier": _may("text", "职级|级别", "grade of the post, as the scheme names it"),
            "product_line": _may("text", "产品线|条线", "as the scheme names it"),
            "salary": _may("money", "月薪|工资", "one month's salary, the base of a bonus in months"),
            "base": _may("money", "奖金基数", "what a bonus in shares is taken of, for a whole period"),
            "currency": _CURRENCY,
        },
        "targets.csv": {
            "payee": _PAYEE,
            "indicator": _INDICATOR,
            "value": _must("value", "目标值|目标", "what is to be reached in the whole period"),
            "period": _PERIOD,
        },
    }
)
"""Every file that a folder may hold, with its columns."""
