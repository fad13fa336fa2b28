"""The catalogue: indicators that lenders use, each a function of its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from inspect import signature
from types import MappingProxyType
from typing import Literal

from attrs import evolve

from loanperf._explanations import Label
from loanperf._indicators._fields import PRACTICE, chosen, made, ratio_of, yes
from loanperf._indicators._risk import (
    collateral_valuation_accuracy,
    complaint_rate,
    compliance_score,
    credit_inquiry_compliance,
    first_payment_default_rate,
    npl_ratio,
    overdue_ratio,
    par_30,
    par_90,
)
from loanperf._indicators._types import Direction, HeldAt, Indicator, Kind, Ratio, Total, Where
from loanperf._quantities import Number, Quantity
from loanperf.errors import MeasureError, UnknownIndicatorError

SERVICE = "months_of_service"
"""The code of what is told from assignments, and no facts."""

# ── performance ─────────────────────────────────────────────────────────────────────────────────────────────


def loan_amount(*, held_at: HeldAt = "event") -> Indicator:
    """Loan amount: sum of the amounts signed in the period, in currency; higher is better.

    Args:
        held_at: officer for whom a contract counts.

    Source: field practice (签约额, kept apart from drawdowns).

    >>> print(loan_amount().name.to("zh"))
    贷款额
    """
    signed = Where(field="event", values=("signed",))
    return made(
        "loan_amount",
        Label("loan amount", "贷款额"),
        "performance",
        Kind.MONEY,
        Total(over="loan events", sum="amount", where=(signed,), held_at=held_at),
        Label("sum of amounts signed in the period", "期内签约金额之和"),
    )


def disbursed_amount(*, cancelled: Literal["netted", "kept"] = "netted", held_at: HeldAt = "event") -> Indicator:
    """Disbursed amount: sum of the drawdowns in the period, in currency; higher is better.

    Args:
        cancelled: "netted" leaves out drawdowns of loans that are cancelled within the same period; "kept"
            counts them.
        held_at: officer for whom a drawdown counts.

    Source: field practice.

    >>> disbursed_amount(cancelled="kept").measure.where[-1].field
    'event'
    """
    drawn = Where(field="event", values=("disbursed",))
    alive = Where(field="cancelled", values=(False,))
    net = Label(", cancelled ones left out", "（扣除同期撤销）")
    choices = {"netted": ((drawn, alive), net), "kept": ((drawn,), Label(""))}
    where, net = chosen("disbursed_amount", "cancelled", cancelled, choices)
    return made(
        "disbursed_amount",
        Label("disbursed amount", "放款量"),
        "performance",
        Kind.MONEY,
        Total(over="loan events", sum="amount", where=where, held_at=held_at),
        Label(f"sum of drawdowns in the period{net.en}", f"期内放款金额之和{net.zh}"),
    )


def customer_count(*, counted: Literal["at end", "new"] = "at end") -> Indicator:
    """Customer count: customers held, as a number; higher is better.

    Args:
        counted: "at end" counts those held on the last day; "new" those gained in the period that nobody held
            before it, so that a customer handed on is not new.

    Source: field practice (管户数).

    >>> customer_count(counted="new").measure.where[0].field
    'new'
    """
    choices = {
        "at end": ("at_end", Label("customers held on the last day", "期末管户客户数")),
        "new": ("new", Label("customers gained in the period", "期内新增客户数")),
    }
    name, formula = chosen("customer_count", "counted", counted, choices)
    total = Total(over="customers", where=(yes(name),))
    count = made("customer_count", Label("customers", "客户数"), "performance", Kind.COUNT, total, formula)
    return evolve(count, timing="flow" if counted == "new" else "stock")


def average_daily_balance(*, held_at: HeldAt = "as of") -> Indicator:
    """Average daily balance: sum of each day's balances over the days, in currency; higher is better.

    A balance is that at the end of a day. A loan counts for one officer for the whole period.

    Args:
        held_at: officer for whom a loan counts; "event" and "as of" both mean the last day.

    Source: field practice; preferred to a balance at period end, which is easily dressed up.

    >>> average_daily_balance().measure.sum
    'average_balance'
    """
    balance = made(
        "average_daily_balance",
        Label("average daily balance", "日均余额"),
        "performance",
        Kind.MONEY,
        Total(over="loans", sum="average_balance", held_at=held_at),
        Label("sum of daily balances / days of the period", "每日余额之和 / 期内天数"),
    )
    return evolve(balance, timing="stock", least=Fraction(0))


# ── growth ──────────────────────────────────────────────────────────────────────────────────────────────────


def retention_rate() -> Indicator:
    """Retention rate: customers at the end but for new ones, over those at the start; a ratio, higher is better.

    (E − N) / S: S are held on the day before the period, E on its last day, N are those of E that came since.
    A customer handed to a colleague is lost to the one and no base for the other.

    Source: field practice.

    >>> retention_rate().measure.numerator.where[0].field
    'kept'
    """
    return made(
        "retention_rate",
        Label("retention rate", "客户留存率"),
        "growth",
        Kind.RATIO,
        ratio_of("customers", (yes("kept"),), (yes("at_start"),)),
        Label("(customers at end − new ones) / customers at start", "（期末客户数 − 新增客户数）/ 期初客户数"),
    )


def cross_sell_rate(*, counted: Literal["products per customer", "two or more"] = "two or more") -> Indicator:
    """Cross-sell rate: customers with two products or more, over customers; a ratio, higher is better.

    Args:
        counted: "two or more" is customers with at least two products over customers, never above 100%;
            "products per customer" is products over customers. Both are of the last day, and a product that a
            customer holds twice counts once.

    Source: field practice; only products consented to and active count.

    >>> cross_sell_rate(counted="products per customer").kind
    <Kind.COUNT: 'count'>
    """
    held = yes("at_end")
    several = Where(field="products", at_least=Quantity(Fraction(2)))
    with_several = Label("customers with two products or more / customers", "持有两种及以上产品的客户数 / 客户数")
    per_customer = Label("products held / customers", "持有产品数 / 客户数")
    choices = {
        "two or more": (Kind.RATIO, Total(over="customers", where=(held, several)), with_several),
        "products per customer": (Kind.COUNT, Total(over="customers", sum="products", where=(held,)), per_customer),
    }
    kind, above, formula = chosen("cross_sell_rate", "counted", counted, choices)
    measure = Ratio(numerator=above, denominator=Total(over="customers", where=(held,)))
    name = Label("cross-sell rate", "交叉销售率")
    return evolve(made("cross_sell_rate", name, "growth", kind, measure, formula), timing="stock")


def contribution_per_customer(*, counted: Literal["in period", "at end"] = "in period") -> Indicator:
    """Contribution per customer: profit of the period over customers, in currency; higher is better.

    Args:
        counted: "in period" takes customers held on some day of the period; "at end" only those held on the
            last day, and their profit alone.

    Source: field practice; the host supplies profit by FTP or EVA.

    >>> contribution_per_customer().measure.numerator.sum
    'profit'
    """
    name = chosen("contribution_per_customer", "counted", counted, {"in period": "in_period", "at end": "at_end"})
    return made(
        "contribution_per_customer",
        Label("contribution per customer", "单客户贡献度"),
        "growth",
        Kind.MONEY,
        Ratio(
            numerator=Total(over="customers", sum="profit", where=(yes(name),)),
            denominator=Total(over="customers", where=(yes(name),)),
        ),
        Label("profit in the period / customers", "期内利润之和 / 客户数"),
    )


def training_completion_rate(*, course: str = "") -> Indicator:
    """Training completion rate: courses completed over courses due; a ratio, higher is better.

    Due in the period, and completed by its last day or before. With the code of a compliance course it is
    the completion of compliance training.

    Args:
        course: only this course; empty is every course.

    Source: field practice.

    >>> training_completion_rate(course="AML").measure.denominator.where[0].values
    ('AML',)
    """
    due = (Where(field="course", values=(course,)),) if course else ()
    return made(
        "training_completion_rate",
        Label("training completion rate", "培训完成率"),
        "growth",
        Kind.RATIO,
        ratio_of("trainings", (*due, yes("completed")), due),
        Label("courses completed / courses due", "已完成课程数 / 应完成课程数"),
    )


def leads_assigned(*, origin: str = "") -> Indicator:
    """Leads assigned: how many leads a payee was given in the period; higher is better.

    It says what support somebody had, rather than what they did, and is shown beside targets; few weigh it.

    Args:
        origin: only leads that come from there; empty is all.

    Source: field practice (线索分配).

    >>> print(leads_assigned().name.to("zh"))
    分配线索数
    """
    return made(
        "leads_assigned",
        Label("leads assigned", "分配线索数"),
        "growth",
        Kind.COUNT,
        Total(over="leads", where=_from(origin)),
        Label("leads assigned in the period", "期内分配线索数"),
    )


def lead_follow_up_rate(*, origin: str = "") -> Indicator:
    """Lead follow-up rate: leads followed over leads assigned; a ratio, higher is better.

    Assigned in the period, and followed by its last day or before. Without a lead there is no reading.

    Args:
        origin: only leads that come from there; empty is all.

    Source: field practice (线索跟进率).

    >>> print(lead_follow_up_rate().name.to("zh"))
    线索跟进率
    """
    return made(
        "lead_follow_up_rate",
        Label("lead follow-up rate", "线索跟进率"),
        "growth",
        Kind.RATIO,
        ratio_of("leads", (*_from(origin), yes("followed")), _from(origin)),
        Label("leads followed / leads assigned", "已跟进线索数 / 分配线索数"),
    )


def lead_conversion_rate(*, origin: str = "") -> Indicator:
    """Lead conversion rate: leads that led to a loan over leads assigned; a ratio, higher is better.

    Assigned in the period, and a loan by its last day or before. Without a lead there is no reading.

    Args:
        origin: only leads that come from there; empty is all.

    Source: field practice (线索转化率).

    >>> lead_conversion_rate(origin="branch").measure.denominator.where[0].values
    ('branch',)
    """
    return made(
        "lead_conversion_rate",
        Label("lead conversion rate", "线索转化率"),
        "growth",
        Kind.RATIO,
        ratio_of("leads", (*_from(origin), yes("converted")), _from(origin)),
        Label("leads that led to a loan / leads assigned", "已转化线索数 / 分配线索数"),
    )


def _from(origin: str) -> tuple[Where, ...]:
    """The filter of leads that come from somewhere; none where nothing is said."""
    return (Where(field="origin", values=(origin,)),) if origin else ()


def months_of_service() -> Indicator:
    """Months of service: full months from the first day in service to the end of the period; higher is better.

    They run from the first day of the unbroken run of assignments, in whatever roles. `lp.accrue` and `lp.run` tell
    them from the assignments; elsewhere the host supplies them.

    Source: field practice.

    >>> print(months_of_service().name.to("zh"))
    司龄
    """
    return Indicator(
        code=SERVICE,
        name=Label("months of service", "司龄"),
        dimension="growth",
        direction=Direction.HIGHER,
        kind=Kind.COUNT,
        formula=Label("full months since the first day", "自入职之日起的整月数"),
        source=PRACTICE,
        least=Fraction(0),
        timing="stock",
    )


# ── team ────────────────────────────────────────────────────────────────────────────────────────────────────


def teamwork() -> Indicator:
    """Teamwork: mean of the ratings on the topic "teamwork" in the period, 0 to 100 points; higher is better.

    Source: field practice.

    >>> teamwork().measure.numerator.sum
    'score'
    """
    topic = Where(field="topic", values=("teamwork",))
    return made(
        "teamwork",
        Label("teamwork", "团队协作"),
        "team",
        Kind.POINTS,
        Ratio(
            numerator=Total(over="ratings", sum="score", where=(topic,)),
            denominator=Total(over="ratings", where=(topic,)),
        ),
        Label("sum of ratings on teamwork / ratings", "团队协作评分之和 / 评分数"),
    )


_PERFORMANCE = (loan_amount, disbursed_amount, customer_count, average_daily_balance)
_RISK = (
    *(npl_ratio, overdue_ratio, par_30, par_90, first_payment_default_rate, compliance_score),
    *(collateral_valuation_accuracy, credit_inquiry_compliance, complaint_rate),
)
_GROWTH = (
    *(retention_rate, cross_sell_rate, contribution_per_customer, training_completion_rate),
    *(leads_assigned, lead_follow_up_rate, lead_conversion_rate, months_of_service),
)
CATALOGUE: Mapping[str, Callable[..., Indicator]] = MappingProxyType(
    {function.__name__: function for function in (*_PERFORMANCE, *_RISK, *_GROWTH, teamwork)}
)
"""The function of each code, by dimension."""

_NO_OPTIONS: Mapping[str, Number] = MappingProxyType({})


def indicator(code: str, options: Mapping[str, Number] = _NO_OPTIONS) -> Indicator:
    """An indicator of the catalogue by its code, with the options that a scheme writes.

    Args:
        code: one of `CATALOGUE`.
        options: values by option; what is left out has its default.

    Raises:
        UnknownIndicatorError: no such code.
        MeasureError: no such option, or a value that it cannot have.
        QuantityError: a number that cannot be read.

    >>> indicator("overdue_ratio", {"basis": "count"}).formula.en
    'overdue loans / loans with a balance'
    """
    if code not in CATALOGUE:
        raise UnknownIndicatorError(code, tuple(CATALOGUE))
    if not options:
        return _usual(code)
    known = signature(CATALOGUE[code]).parameters
    for name in options:
        if name not in known:
            remedy = f"its options are {', '.join(known)}" if known else "it has no options"
            raise MeasureError(f"indicator {code}", f"there is no option {name!r}", remedy)
    return CATALOGUE[code](**options)


@cache
def _usual(code: str) -> Indicator:
    """An indicator with its defaults, made once."""
    return CATALOGUE[code]()
