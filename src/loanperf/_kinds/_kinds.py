"""Kinds: the one table of the kinds of facts; rows, columns, headings, databases, checks and views go by it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from loanperf._explanations import Label
from loanperf._kinds._columns import Category, Deviation, EventKind, FactColumn, FactKind, Reached, TypeName, ViewField


def _must(name: TypeName, heads: str, meaning: str, **more: Any) -> FactColumn:
    """A column that every row has; `|` parts its headings."""
    parts = heads.split("|")
    zh, en = (tuple(head for head in parts if head.isascii() is plain) for plain in (False, True))
    return FactColumn(name, zh, en, meaning, **more)


def _may(name: TypeName, heads: str, meaning: str, **more: Any) -> FactColumn:
    """A column that a row may leave out; a text is empty then."""
    default = "" if name == "text" else None
    return _must(name, heads, meaning, optional=True, **({"default": default} | more))


_EVENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        EventKind.APPLIED.value: ("申请",),
        EventKind.DUE_DILIGENCE.value: ("尽职调查完成", "尽调完成"),
        EventKind.SIGNED.value: ("签约",),
        EventKind.DISBURSED.value: ("放款",),
        EventKind.REPAID.value: ("还款",),
        EventKind.PREPAID.value: ("提前还款",),
        EventKind.CLASSIFIED.value: ("五级分类", "分类"),
        EventKind.PAST_DUE.value: ("逾期",),
        EventKind.RESCHEDULED.value: ("重组",),
        EventKind.WRITTEN_OFF.value: ("核销",),
        EventKind.RECOVERED.value: ("清收", "收回"),
        EventKind.CANCELLED.value: ("撤销",),
        EventKind.ASSIGNED.value: ("移交管户", "移交"),
    }
)
_CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Category.NORMAL.value: ("正常",),
        Category.SPECIAL_MENTION.value: ("关注",),
        Category.SUBSTANDARD.value: ("次级",),
        Category.DOUBTFUL.value: ("可疑",),
        Category.LOSS.value: ("损失",),
    }
)
_A_YEAR = "give 0% to 100% a year, with its sign, such as '4.35%'"
_LOAN = _must("loan", "贷款编号|借据号|借据编号|贷款号|loan id|loan number|loan no", "number of the loan")
_CUSTOMER_HEADS = "客户编号|客户号|客户代码|customer id|customer number|customer no|client id"
_CUSTOMER = _must("customer", _CUSTOMER_HEADS, "code of the customer")
_PAYEE_HEADS = "员工编号|工号|客户经理|员工号|柜员号|employee id|employee no|staff id|payee id"
_PAYEE = _must("payee", _PAYEE_HEADS, "code of the payee")
_NUMBER_HEADS = "编号|序号|流水号|no|serial number|record id"
_NUMBER = _must("code", _NUMBER_HEADS, "tells it from every other row of this file")
_SINCE = _must("day", "开始日期|起始日期|生效日期|start date|valid from|from date", "first day on which it holds")
_UNTIL = _may(
    "day",
    "结束日期|终止日期|失效日期|end date|valid to|to date",
    "first day on which it no longer holds; empty is open",
    after="since",
)
CURRENCY = _may("currency", "币种|货币|currency code|ccy", "currency of the plain amounts in the row")
"""The column that every table with amounts may have."""


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────

_LOANS = FactKind(
    name="loans",
    label=Label("loan", "贷款"),
    sheets=("贷款", "贷款台账", "借据"),
    key=("loan",),
    on="opened_on",
    loses="loan",
    columns={
        "loan": _LOAN,
        "customer": _must("key", _CUSTOMER_HEADS, "code of the customer"),
        "officer": _must(
            "payee",
            "客户经理|经办人|客户经理编号|经办客户经理|loan officer|officer id|account manager|relationship manager",
            "code of the payee who originated it",
        ),
        "opened_on": _must(
            "day",
            "开立日期|开户日|开户日期|受理日期|申请日期|open date|opening date|application date",
            "day on which it was opened or applied for",
        ),
        "product": _may(
            "text",
            "产品|产品名称|贷款产品|贷款品种|product name|product code|loan product",
            "name or code of the product",
        ),
        "segment": _may("text", "客群|客群分类|customer segment", "`personal`, `corporate` or the host's own"),
        "term_months": _may(
            "whole",
            "期限月数|期限（月）|贷款期限（月）|term|tenor months|loan term",
            "months from drawing to the last instalment",
            low=1,
            counts="months",
            remedy="give a whole number of one or more",
        ),
        "first_due_on": _may(
            "day",
            "首期到期日|首次还款日|首期还款日|first due date|first payment date",
            "day on which the first instalment is due",
        ),
        "amount": _may(
            "money",
            "申请金额|授信金额|批准金额|loan amount|approved amount|applied amount",
            "applied for or approved",
            low=0,
        ),
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
            low=0,
            high=1,
            remedy=_A_YEAR,
        ),
        "funding_rate": _may(
            "share",
            "FTP价格|内部资金转移价格|FTP利率|ftp rate|ftp price|transfer price",
            "FTP price a year, with its sign: `2.1%`",
            low=0,
            high=1,
            remedy=_A_YEAR,
        ),
        "discount": _may(
            "share",
            "利率优惠|优惠幅度|利率下浮|rate discount|discount on rate",
            "how far the customer pays less than the list price a year, with its sign: `0.25%`",
            low=0,
            high=1,
            remedy=_A_YEAR,
        ),
        "ltv": _may(
            "share",
            "抵押率|贷款成数|抵押成数|loan to value|loan-to-value",
            "loan to value: the amount over the value of what secures it, with its sign: `70%`",
            low=0,
            high=10,
            remedy="give 0% to 1000%, with its sign",
        ),
        "revolving": _may(
            "truth",
            "循环贷款|是否循环|循环额度|revolving line|revolving loan|is revolving",
            "whether principal that is repaid may be drawn again; empty is no",
            default=False,
        ),
    },
)
_LOAN_EVENTS = FactKind(
    name="events",
    label=Label("event", "贷款"),
    sheets=("事件", "贷款事件", "业务事件"),
    key=("loan", "kind", "on", "number"),
    title="event of loan",
    loses="amounts",
    says=("amount", "category", "days", "officer"),
    columns={
        "loan": _LOAN,
        "kind": _must(
            "word",
            "事件|事件类型|业务类型|event|event type|event kind",
            "what happened",
            enum=EventKind,
            words=_EVENTS,
            remedy="give an lp.EventKind, such as EventKind.DISBURSED",
        ),
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
            low=0,
        ),
        "category": _may(
            "word",
            "五级分类|分类|风险分类|classification|risk class",
            "of an event `classified`",
            enum=Category,
            words=_CATEGORIES,
            remedy="give an lp.Category, such as Category.LOSS",
        ),
        "days": _may(
            "whole",
            "逾期天数|days past due|overdue days|dpd",
            "of an event `past due`; 0 says that the loan is current again",
            low=0,
            counts="days",
            remedy="give whole days, zero or more",
        ),
        "officer": _may(
            "payee",
            "接收客户经理|客户经理|接收人|new officer|assigned to",
            "of an event `assigned`: who holds the loan from then on",
        ),
    },
)
_BALANCES = FactKind(
    name="balances",
    label=Label("balance", "贷款余额"),
    sheets=("余额", "贷款余额"),
    key=("loan", "on"),
    loses="amounts",
    says=("outstanding",),
    columns={
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
            low=0,
        ),
        "overdue": _may(
            "money",
            "逾期金额|逾期本金|overdue amount|past due amount",
            "the part of it that is past due; empty is unknown",
            low=0,
            within="outstanding",
            remedy="interest does not belong to it",
        ),
    },
)
_CUSTOMERS = FactKind(
    name="customers",
    label=Label("customer", "客户"),
    sheets=("客户", "管户"),
    key=("customer", "since"),
    on="since",
    loses="customer",
    columns={
        "customer": _CUSTOMER,
        "officer": _must(
            "payee",
            "客户经理|管户人|管户经理|loan officer|account manager|relationship manager",
            "code of the payee who looks after the customer",
        ),
        "since": _SINCE,
        "until": _UNTIL,
    },
)
_HOLDINGS = FactKind(
    name="holdings",
    label=Label("holding", "持有产品"),
    sheets=("持有产品", "客户产品"),
    key=("customer", "product", "since"),
    on="since",
    columns={
        "customer": _CUSTOMER,
        "product": _must(
            "code",
            "产品|产品名称|持有产品|product name|product code",
            "what the customer holds, consented to and active",
        ),
        "since": _SINCE,
        "until": _UNTIL,
    },
)
_PROFITS = FactKind(
    name="profits",
    label=Label("profit", "客户利润"),
    sheets=("利润", "客户利润"),
    key=("customer", "on", "number"),
    columns={
        "customer": _CUSTOMER,
        "on": _must("day", "日期|业务日期|date|profit date", "day to which the profit belongs"),
        "amount": _must("money", "金额|利润|贡献|profit|contribution", "FTP profit or EVA; may be negative"),
        "number": _may("text", "编号|序号|流水号|serial number", "tells two amounts of one customer on one day apart"),
    },
)
_VIOLATIONS = FactKind(
    name="violations",
    label=Label("violation", "违规"),
    sheets=("违规", "违规扣分"),
    key=("number",),
    loses="violations",
    columns={
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|业务日期|违规日期|date|violation date", "day of the violation"),
        "points": _must(
            "points",
            "扣分|扣分值|违规扣分|deduction|points deducted",
            "points that it costs, zero or more",
            low=0,
            remedy="give zero or more",
        ),
    },
    viewed="A violation dated in the period.",
    view={"points": ViewField("points", Label("points", "扣分"), "points that the violation costs")},
)
_INQUIRIES = FactKind(
    name="inquiries",
    label=Label("inquiry", "征信查询"),
    sheets=("征信查询",),
    key=("number",),
    loses="inquiries",
    columns={
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
    viewed="A credit inquiry dated in the period.",
    view={
        "authorised": ViewField("authorised", Label("authorised", "已授权"), "authorised in writing by the customer"),
        "permitted": ViewField("permitted", Label("permitted", "用途合规"), "made for a permitted purpose"),
    },
)
_VALUATIONS = FactKind(
    name="valuations",
    label=Label("valuation", "抵押物评估"),
    sheets=("评估", "押品评估"),
    key=("number",),
    loses="valuations",
    columns={
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|评估日期|date|valuation date", "day of the valuation"),
        "appraised": _must("money", "评估值|评估价值|评估价|appraised value", "value that the payee gave", low=0),
        "benchmark": _must(
            "money",
            "基准值|基准价|benchmark value",
            "value known later, above zero",
            low=0,
            above=0,
            remedy="give an amount above zero",
        ),
    },
    viewed="A collateral valuation dated in the period.",
    view={
        "deviation": ViewField(
            Deviation("appraised", "benchmark"), Label("deviation", "偏差率"), "|appraised − benchmark| / benchmark"
        ),
        "appraised": ViewField("appraised", Label("appraised", "评估值"), "value that the payee gave"),
        "benchmark": ViewField("benchmark", Label("benchmark", "基准值"), "value known later"),
    },
)
_TRAININGS = FactKind(
    name="trainings",
    label=Label("training", "培训"),
    sheets=("培训",),
    key=("payee", "course", "on"),
    loses="trainings",
    columns={
        "payee": _PAYEE,
        "course": _must("code", "课程|课程名称|培训课程|course name|course code", "name or code of the course"),
        "on": _must("day", "截止日期|应完成日期|due date|due on", "day on which it is due"),
        "completed_on": _may(
            "day", "完成日期|completion date|completed", "day on which it was completed; empty is not yet"
        ),
    },
    viewed="A course due in the period.",
    view={
        "completed": ViewField(
            Reached("completed_on"), Label("completed", "已完成"), "completed on the last day or before"
        ),
        "course": ViewField("course", Label("course", "课程"), "course"),
    },
)
_RATINGS = FactKind(
    name="ratings",
    label=Label("rating", "评分"),
    sheets=("评分", "评价"),
    key=("number",),
    loses="ratings",
    columns={
        "number": _NUMBER,
        "payee": _PAYEE,
        "on": _must("day", "日期|评分日期|评价日期|date|rating date", "day of the rating"),
        "topic": _must("code", "主题|评分主题|评价维度|rating topic", "what is rated, such as `teamwork`"),
        "score": _must(
            "points", "评分|得分|分数|rating", "0 to 100 points", low=0, high=100, remedy="give 0 to 100 points"
        ),
        "rater": _may("text", "评分人|评价人|rated by", "who rates"),
    },
    viewed="A rating dated in the period.",
    view={
        "topic": ViewField("topic", Label("topic", "主题"), "what is rated, such as teamwork"),
        "score": ViewField("score", Label("score", "评分"), "0 to 100 points"),
        "rater": ViewField("rater", Label("rater", "评分人"), "who rates"),
    },
)
_COMPLAINTS = FactKind(
    name="complaints",
    label=Label("complaint", "投诉"),
    sheets=("投诉", "客户投诉"),
    key=("number",),
    loses="complaints",
    columns={
        "number": _must(
            "code", f"{_NUMBER_HEADS}|投诉编号|投诉单号|complaint number|complaint no|complaint id", _NUMBER.meaning
        ),
        "payee": _must("payee", f"{_PAYEE_HEADS}|被投诉人", _PAYEE.meaning),
        "on": _must("day", "日期|投诉日期|受理日期|date|complaint date|received on", "day on which it was received"),
        "topic": _may("text", "投诉类型|投诉事项|complaint topic|complaint type", "what it is about"),
        "upheld": _may(
            "truth",
            "是否属实|属实|is upheld|justified",
            "whether it was found to be justified; empty is no",
            default=False,
        ),
    },
    viewed="A complaint received in the period.",
    view={
        "topic": ViewField("topic", Label("topic", "投诉事项"), "what the complaint is about"),
        "upheld": ViewField("upheld", Label("upheld", "属实"), "found to be justified"),
    },
)
_LEADS = FactKind(
    name="leads",
    label=Label("lead", "线索"),
    sheets=("线索", "商机线索"),
    key=("number",),
    loses="leads",
    columns={
        "number": _must("code", f"{_NUMBER_HEADS}|线索编号|商机编号|lead number|lead no|lead id", _NUMBER.meaning),
        "payee": _must("payee", f"{_PAYEE_HEADS}|跟进人|assigned to", "code of the payee who is to follow it"),
        "on": _must("day", "日期|分配日期|下发日期|date|assigned on|assignment date", "day on which it was assigned"),
        "origin": _may("text", "线索来源|渠道|lead source|channel", "where it comes from, in the host's own words"),
        "followed_on": _may(
            "day",
            "跟进日期|首次跟进日期|followed up on|follow-up date",
            "day on which the payee first followed it; empty is not yet",
        ),
        "converted_on": _may(
            "day",
            "转化日期|成交日期|conversion date|converted",
            "day on which it led to a loan; empty is not yet, or never",
        ),
        "led_to": _may(
            "text", "转化贷款编号|成交贷款|converted loan|resulting loan", "number of the loan that it led to"
        ),
    },
    viewed="A lead assigned in the period.",
    view={
        "followed": ViewField(
            Reached("followed_on"), Label("followed", "已跟进"), "followed on the last day or before"
        ),
        "converted": ViewField(
            Reached("converted_on"), Label("converted", "已转化"), "led to a loan on the last day or before"
        ),
        "origin": ViewField("origin", Label("origin", "线索来源"), "where it comes from"),
    },
)
_CREDITS = FactKind(
    name="credits",
    label=Label("credit", "业绩归属"),
    sheets=("分成", "业绩分成"),
    key=("loan", "role", "payee"),
    loses="credits",
    says=("share",),
    columns={
        "loan": _LOAN,
        "payee": _PAYEE,
        "on": _must("day", "日期|登记日期|date|registered on", "day from which it is known"),
        "role": _may(
            "code",
            "分工|角色|credit role",
            "`lead`, `assistant`, `referrer` or the host's own; empty is `lead`",
            default="lead",
        ),
        "share": _may(
            "share",
            "分成比例|比例|分配比例|split|credit share",
            "part of what is credited to the role; empty is an equal part",
            above=0,
            high=1,
            remedy="give a part above 0% and up to 100%, such as '60%'",
        ),
    },
)
_EXCHANGE_RATES = FactKind(
    name="exchange_rates",
    label=Label("exchange rate", "汇率"),
    sheets=("汇率",),
    key=("currency", "into", "on"),
    loses="exchange rate",
    says=("rate",),
    columns={
        "currency": _must("currency", "币种|外币|from currency", "currency of which the rate prices one unit"),
        "into": _must(
            "currency",
            "折算币种|本位币|to currency|base currency",
            "currency in which it is priced",
            unlike="currency",
            remedy="give another currency than the one that is converted",
        ),
        "on": _must("day", "日期|汇率日期|date|rate date", "day of the rate"),
        "rate": _must(
            "rate",
            "汇率|折算汇率|exchange rate|fx rate",
            "units of `into` for one unit of `currency`, above zero",
            above=0,
            remedy="give a number above zero",
        ),
    },
)
KINDS: Mapping[str, FactKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            _LOANS,
            _LOAN_EVENTS,
            _BALANCES,
            _CUSTOMERS,
            _HOLDINGS,
            _PROFITS,
            _VIOLATIONS,
            _INQUIRIES,
            _VALUATIONS,
            _TRAININGS,
            _RATINGS,
            _COMPLAINTS,
            _LEADS,
            _CREDITS,
            _EXCHANGE_RATES,
        )
    }
)
"""The kinds of facts by name, in the order in which facts come out."""
