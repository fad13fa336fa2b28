"""The tables and their columns: one list for every reader, its messages and the documentation."""

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
        "day": "`2026-03-31`, `2026-3-31`, `2026/3/31`, `20260331`, `2026年3月31日` or `2026-03-31 00:00:00`",
        "money": "`30万元`, `¥300000` or `300000 CNY`; a plain number beside a `currency` or under a unit",
        "currency": "ISO 4217 code, such as `CNY`",
        "currency code": "ISO 4217 code, such as `USD`",
        "share": "`60%`, `600‰`, `6000 bp` or `1/3`; a plain number where its column has a unit: `%`, `ratio` …",
        "number": "a plain number: `7.1`",
        "points": "`85`, `85分` or `85 point`",
        "days": "whole days, zero or more: `31` or `31 days`",
        "months": "whole months, one or more: `36` or `36 months`",
        "truth": "`true` or `false`, `yes` or `no`, `是` or `否`",
        "word": "one of the words below",
        "indicator": "code of an indicator, or the Chinese name of one in the catalogue",
        "value": "a quantity in the unit of the indicator: `100万元`, `3%`, `12`, `85 point`",
        "period": "`2026-03`, `2026-Q1`, `2026-H1` or `2026`; empty is the period that is worked",
    }
)


@frozen
class Column:
    """What a column holds, and the headers by which it is known."""

    kind: CellKind
    zh: tuple[str, ...]
    """Chinese headers; the first is the one that is shown."""
    en: tuple[str, ...]
    """English headers besides its own name."""
    meaning: str
    required: bool = False
    words: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """What a cell may say, each with its Chinese forms."""


Columns: TypeAlias = Mapping[str, Column]


def _must(kind: CellKind, heads: str, meaning: str, words: Mapping[str, tuple[str, ...]] | None = None) -> Column:
    return Column(kind, _zh(heads), _en(heads), meaning, required=True, words=words or {})


def _may(kind: CellKind, heads: str, meaning: str, words: Mapping[str, tuple[str, ...]] | None = None) -> Column:
    return Column(kind, _zh(heads), _en(heads), meaning, words=words or {})


def _zh(heads: str) -> tuple[str, ...]:
    return tuple(head for head in heads.split("|") if not head.isascii())


def _en(heads: str) -> tuple[str, ...]:
    return tuple(head for head in heads.split("|") if head.isascii())


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

_LOAN = _must("code", "贷款编号|借据号|借据编号|贷款号|loan id|loan number|loan no", "number of the loan")
_CUSTOMER = _must(
    "code", "客户编号|客户号|客户代码|customer id|customer number|customer no|client id", "code of the customer"
)
_PAYEE = _must(
    "code", "员工编号|工号|客户经理|员工号|柜员号|employee id|employee no|staff id|payee id", "code of the payee"
)
_NUMBER = _must("code", "编号|序号|流水号|no|serial number|record id", "tells it from every other row of this file")
_CURRENCY = _may("currency", "币种|货币|currency code|ccy", "currency of the plain amounts in the row")
_SINCE = _must("day", "开始日期|起始日期|生效日期|start date|valid from|from date", "first day on which it holds")
_UNTIL = _may(
    "day",
    "结束日期|终止日期|失效日期|end date|valid to|to date",
    "first day on which it no longer holds; empty is open",
)
_PERIOD = _may("period", "考核周期|周期|考核期", "period that it is for; empty is the period that is worked")
_INDICATOR = _must("indicator", "指标|指标代码|指标名称|kpi|indicator code", "which indicator")

_FACTS: dict[str, Columns] = {
    "loans": {
        "loan": _LOAN,
        "customer": _CUSTOMER,
        "officer": _must(
            "code",
            "客户经理|经办人|客户经理编号|经办客户经理|loan officer|officer id|account manager|relationship manager",
            "code of the payee who originated it",
        ),
        "opened_on": _must(
            "day",
            "开立日期|受理日期|申请日期|open date|opening date|application date",
            "day on which it was opened or applied for",
        ),
        "product": _may(
            "text",
            "产品|产品名称|贷款产品|贷款品种|product name|product code|loan product",
            "name or code of the product",
        ),
        "segment": _may("text", "客群|客群分类|customer segment", "`personal`, `corporate` or the host's own"),
        "term_months": _may(
            "months",
            "期限月数|期限（月）|贷款期限（月）|term|tenor months|loan term",
            "months from drawing to the last instalment",
        ),
        "first_due_on": _may(
            "day",
            "首期到期日|首次还款日|首期还款日|first due date|first payment date",
            "day on which the first instalment is due",
        ),
        "amount": _may(
            "money", "申请金额|授信金额|批准金额|loan amount|approved amount|applied amount", "applied for or approved"
        ),
        "currency": _CURRENCY,
        "collateral": _may(
            "text",
            "担保方式|担保类型|collateral type|guarantee type",
            "`mortgage`, `guarantee`, `credit` or the host's own",
        ),
        "customer_type": _may("text", "客户类型|新老客户|customer kind", "`new`, `existing` or the host's own"),
        "interest_rate": _may(
            "share",
            "年利率|贷款利率|执行利率|annual rate|loan rate",
            "what the customer pays a year, with its sign: `4.35%`",
        ),
        "funding_rate": _may(
            "share",
            "FTP价格|内部资金转移价格|FTP利率|ftp rate|ftp price|transfer price",
            "FTP price a year, with its sign: `2.1%`",
        ),
        "revolving": _may(
            "truth",
            "循环贷款|是否循环|循环额度|revolving line|revolving loan|is revolving",
            "whether principal that is repaid may be drawn again; empty is no",
        ),
    },
    "events": {
        "loan": _LOAN,
        "kind": _must("word", "事件|事件类型|业务类型|event|event type|event kind", "what happened", EVENTS),
        "on": _must(
            "day", "日期|业务日期|发生日期|交易日期|date|event date|transaction date", "day on which it happened"
        ),
        "number": _may(
            "text",
            "编号|序号|流水号|serial number|event number|event id",
            "tells two events of one kind, loan and day apart",
        ),
        "amount": _may(
            "money",
            "金额|发生额|发生金额|交易金额|event amount|transaction amount",
            "signed, disbursed, repaid, prepaid, written off or recovered",
        ),
        "currency": _CURRENCY,
        "category": _may(
            "word", "五级分类|分类|风险分类|classification|risk class", "of an event `classified`", CATEGORIES
        ),
        "days": _may(
            "days",
            "逾期天数|days past due|overdue days|dpd",
            "of an event `past due`; 0 says that the loan is current again",
        ),
        "officer": _may(
            "code",
            "接收客户经理|客户经理|接收人|new officer|assigned to",
            "of an event `assigned`: who holds the loan from then on",
        ),
    },
    "balances": {
        "loan": _LOAN,
        "on": _must(
            "day",
            "日期|业务日期|余额日期|数据日期|date|balance date|as of",
            "the balance is that at the end of this day",
        ),
        "outstanding": _must(
            "money",
            "贷款余额|余额|本金余额|balance|outstanding balance|outstanding principal",
            "principal not yet repaid",
        ),
        "overdue": _may(
            "money",
            "逾期金额|逾期本金|overdue amount|past due amount",
            "the part of it that is past due; empty is unknown",
        ),
        "currency": _CURRENCY,
    },
    "customers": {
        "customer": _CUSTOMER,
        "officer": _must(
            "code",
            "客户经理|管户人|管户经理|loan officer|account manager|relationship manager",
            "code of the payee who looks after the customer",
        ),
        "since": _SINCE,
        "until": _UNTIL,
    },
    "holdings": {
        "customer": _CUSTOMER,
        "product": _must(
            "code",
            "产品|产品名称|持有产品|product name|product code",
            "what the customer holds, consented to and active",
        ),
        "since": _SINCE,
        "until": _UNTIL,
    },
    "profits": {
        "customer": _CUSTOMER,
        "on": _must("day", "日期|业务日期|date|profit date", "day to which the profit belongs"),
        "amount": _must("money", "金额|利润|贡献|profit|contribution", "FTP profit or EVA; may be negative"),
        "number": _may("text", "编号|序号|流水号|serial number", "tells two amounts of one customer on one day apart"),
        "currency": _CURRENCY,
    },
    "violations": {
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|业务日期|违规日期|date|violation date", "day of the violation"),
        "points": _must(
            "points", "扣分|扣分值|违规扣分|deduction|points deducted", "points that it costs, zero or more"
        ),
    },
    "inquiries": {
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|查询日期|date|inquiry date", "day of the look into the credit register"),
        "authorised": _must(
            "truth", "已授权|是否授权|authorized|is authorised", "whether the customer authorised it in writing"
        ),
        "permitted": _must(
            "truth", "用途合规|是否合规|purpose permitted|is permitted", "whether its purpose is permitted"
        ),
    },
    "valuations": {
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|评估日期|date|valuation date", "day of the valuation"),
        "appraised": _must("money", "评估值|评估价值|评估价|appraised value", "value that the payee gave"),
        "benchmark": _must("money", "基准值|基准价|benchmark value", "value known later, above zero"),
        "currency": _CURRENCY,
    },
    "trainings": {
        "payee": _PAYEE,
        "course": _must("code", "课程|课程名称|培训课程|course name|course code", "name or code of the course"),
        "on": _must("day", "截止日期|应完成日期|due date|due on", "day on which it is due"),
        "completed_on": _may(
            "day", "完成日期|completion date|completed", "day on which it was completed; empty is not yet"
        ),
    },
    "ratings": {
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|评分日期|评价日期|date|rating date", "day of the rating"),
        "topic": _must("code", "主题|评分主题|评价维度|rating topic", "what is rated, such as `teamwork`"),
        "score": _must("points", "评分|得分|分数|rating", "0 to 100 points"),
        "rater": _may("text", "评分人|评价人|rated by", "who rates"),
    },
    "credits": {
        "loan": _LOAN,
        "payee": _PAYEE,
        "on": _must("day", "日期|登记日期|date|registered on", "day from which it is known"),
        "role": _may(
            "code", "分工|角色|credit role", "`lead`, `assistant`, `referrer` or the host's own; empty is `lead`"
        ),
        "share": _may(
            "share",
            "分成比例|比例|分配比例|split|credit share",
            "part of what is credited to the role; empty is an equal part",
        ),
    },
    "exchange_rates": {
        "currency": _must("currency code", "币种|外币|from currency", "currency of which the rate prices one unit"),
        "into": _must("currency code", "折算币种|本位币|to currency|base currency", "currency in which it is priced"),
        "on": _must("day", "日期|汇率日期|date|rate date", "day of the rate"),
        "rate": _must(
            "number", "汇率|折算汇率|exchange rate|fx rate", "units of `into` for one unit of `currency`, above zero"
        ),
    },
}
FACT_TABLES = tuple(_FACTS)
"""The tables whose rows are facts."""

COLUMNS: Mapping[str, Columns] = MappingProxyType(
    {
        **_FACTS,
        "readings": {
            "payee": _PAYEE,
            "indicator": _INDICATOR,
            "value": _must(
                "value",
                "实际值|实绩|完成值|actual|actual value|reading",
                "what the indicator showed, used in place of what is measured",
            ),
            "period": _PERIOD,
        },
        "units": {
            "code": _must(
                "code", "机构编号|机构号|机构代码|unit|unit code|branch|branch code", "code of the branch or team"
            ),
            "name": _may("text", "机构名称|名称|unit name|branch name", "its name"),
            "parent": _may(
                "code",
                "上级机构|上级机构编号|上级机构号|parent unit|parent code",
                "code of the unit above; empty at the top",
            ),
            "since": _may(
                "day",
                "开始日期|起始日期|生效日期|start date|valid from|from date",
                "first day on which it holds; empty is from ever",
            ),
            "until": _UNTIL,
        },
        "payees": {
            "code": _must(
                "code", "员工编号|工号|员工号|payee|payee code|employee id|employee no|staff id", "code of the payee"
            ),
            "name": _may("text", "姓名|员工姓名|full name|employee name", "name to show"),
        },
        "assignments": {
            "payee": _PAYEE,
            "unit": _must("code", "机构编号|机构号|机构|所属机构|unit code|branch|branch code", "code of the unit"),
            "role": _must("code", "岗位|角色|岗位名称|职务|post|position|job role", "role, as the scheme names it"),
            "since": _SINCE,
            "until": _UNTIL,
            "tier": _may("text", "职级|级别|grade|job grade", "grade of the post, as the scheme names it"),
            "product_line": _may("text", "产品线|条线|业务条线|business line", "as the scheme names it"),
            "salary": _may(
                "money", "月薪|工资|月工资|基本工资|monthly salary", "one month's salary, the base of a bonus in months"
            ),
            "base": _may(
                "money",
                "奖金基数|绩效基数|绩效奖金基数|bonus base",
                "what a bonus in shares is taken of, for a whole period",
            ),
            "currency": _CURRENCY,
        },
        "targets": {
            "payee": _PAYEE,
            "indicator": _INDICATOR,
            "value": _must(
                "value", "目标值|目标|任务数|目标任务|target|target value", "what is to be reached in the whole period"
            ),
            "period": _PERIOD,
        },
    }
)
"""Every table, with its columns."""

TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "loans": ("贷款", "贷款台账", "借据"),
        "events": ("事件", "贷款事件", "业务事件"),
        "balances": ("余额", "贷款余额"),
        "customers": ("客户", "管户"),
        "holdings": ("持有产品", "客户产品"),
        "profits": ("利润", "客户利润"),
        "violations": ("违规", "违规扣分"),
        "inquiries": ("征信查询",),
        "valuations": ("评估", "押品评估"),
        "trainings": ("培训",),
        "ratings": ("评分", "评价"),
        "credits": ("分成", "业绩分成"),
        "exchange_rates": ("汇率",),
        "readings": ("实际值", "实绩"),
        "units": ("机构",),
        "payees": ("员工", "人员"),
        "assignments": ("任职", "岗位"),
        "targets": ("目标", "目标值"),
    }
)
"""The Chinese names by which a sheet of a workbook is known as a table."""
