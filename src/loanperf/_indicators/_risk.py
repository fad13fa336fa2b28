"""Risk: the indicators of the risk dimension, each a function of its options."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import evolve

from loanperf._explanations import Label
from loanperf._indicators._fields import LARGEST_SHARE, STANDINGS, chosen, made, number, ratio_of, yes
from loanperf._indicators._types import Deduct, Direction, HeldAt, Indicator, Kind, Ratio, Total, Where
from loanperf._quantities import Number, Quantity, percent, plain, ratio
from loanperf.errors import MeasureError

Rescheduled: TypeAlias = Literal["as classified", "non-performing"]
"""Whether a rescheduled loan counts by its class and days past due, or always as bad."""

_FIVE_CLASSES = "five-category classification of loans (贷款五级分类); the last three are non-performing"
_PAR = "portfolio at risk as microfinance reports it: full balance of late loans over gross portfolio"
_LOWER = Direction.LOWER
_NOTHING = Quantity(Fraction(0))

_HELD = Where(field="balance", above=_NOTHING)
_KNOWN_OVERDUE = Where(field="overdue", at_least=_NOTHING)


_EXPOSED = Where(field="exposure", above=_NOTHING)
_WITH_WRITTEN_OFF = Label(
    "(non-performing balance + net written off) / (total balance + net written off)",
    "（不良余额 + 核销净额）/（总余额 + 核销净额）",
)
_BY_NUMBER = Label("non-performing loans / loans with a balance", "不良贷款笔数 / 有余额笔数")
_ALL_BY_NUMBER = Label(
    "loans non-performing or written off / loans with a balance or written off", "不良及核销笔数 /（有余额及核销笔数）"
)


def npl_ratio(
    *,
    written_off: Literal["excluded", "included"] = "excluded",
    rescheduled: Rescheduled = "as classified",
    basis: Literal["balance", "count"] = "balance",
    held_at: HeldAt = "as of",
) -> Indicator:
    """NPL ratio: balance of substandard, doubtful and loss loans over balance; a ratio, lower is better.

    As of the last day; by balance, or by number.

    Args:
        written_off: "excluded" looks at what is on the books; "included" adds what is written off, net of
            recoveries, to both parts as non-performing.
        rescheduled: "as classified" goes by category; "non-performing" counts every rescheduled loan as bad.
        basis: "balance" takes amounts; "count" the number of such loans over that of loans with something
            outstanding, or with "included" something outstanding or written off.
        held_at: officer for whom a loan counts; "event" and "as of" both mean the last day.

    Source: five-category classification of loans (贷款五级分类).

    >>> npl_ratio(rescheduled="non-performing").measure.numerator.where[0].values
    ('rescheduled', 'non-performing')
    """
    code = "npl_ratio"
    ways = {
        "as classified": (STANDINGS[2:], "non_performing_exposure"),
        "non-performing": (STANDINGS[1:], "impaired_exposure"),
    }
    standings, bad = chosen(code, "rescheduled", rescheduled, ways)
    standing = Where(field="standing", values=standings)
    on_books = ratio_of("loans", (standing,), summed="balance", held_at=held_at)
    with_written_off = Ratio(
        numerator=Total(over="loans", sum=bad, held_at=held_at),
        denominator=Total(over="loans", sum="exposure", held_at=held_at),
    )
    choices = {
        "excluded": (on_books, Label("non-performing balance / balance", "不良贷款余额 / 贷款总余额")),
        "included": (with_written_off, _WITH_WRITTEN_OFF),
    }
    counts = {
        "excluded": (ratio_of("loans", (standing, _HELD), (_HELD,), held_at=held_at), _BY_NUMBER),
        "included": (
            ratio_of("loans", (Where(field=bad, above=_NOTHING),), (_EXPOSED,), held_at=held_at),
            _ALL_BY_NUMBER,
        ),
    }
    by_basis = chosen(code, "basis", basis, {"balance": choices, "count": counts})
    measure, formula = chosen(code, "written_off", written_off, by_basis)
    name = Label("NPL ratio", "不良率")
    return made(code, name, "risk", Kind.RATIO, measure, formula, source=_FIVE_CLASSES, direction=_LOWER)


def overdue_ratio(
    *, basis: Literal["balance", "instalment", "count"] = "balance", held_at: HeldAt = "as of"
) -> Indicator:
    """Overdue ratio: what is overdue over what is outstanding on the last day; a ratio, lower is better.

    Args:
        basis: "balance" counts the full balance of overdue loans; "instalment" only their past-due part, over
            the balance of all loans for which it is known; "count" overdue loans over loans with a balance.
        held_at: officer for whom a loan counts; "event" and "as of" both mean the last day.

    Source: field practice; lenders use all three.

    >>> overdue_ratio(basis="instalment").measure.numerator.sum
    'overdue'
    """
    late = yes("is_overdue")
    of_balance = Label("balance of overdue loans / balance", "逾期贷款余额 / 贷款总余额")
    of_instalments = Label("overdue instalments / balance", "逾期金额 / 贷款总余额")
    of_loans = Label("overdue loans / loans with a balance", "逾期笔数 / 有余额笔数")
    choices = {
        "balance": ("balance", (late,), (), of_balance),
        "instalment": ("overdue", (_KNOWN_OVERDUE,), (_KNOWN_OVERDUE,), of_instalments),
        "count": ("", (_HELD, late), (_HELD,), of_loans),
    }
    summed, above, below, formula = chosen("overdue_ratio", "basis", basis, choices)
    measure = Ratio(
        numerator=Total(over="loans", sum=summed, where=above, held_at=held_at),
        denominator=Total(over="loans", sum="balance" if summed else "", where=below, held_at=held_at),
    )
    name = Label("overdue ratio", "逾期率")
    return made("overdue_ratio", name, "risk", Kind.RATIO, measure, formula, direction=_LOWER)


def par(days: Number, *, rescheduled: Rescheduled = "as classified", held_at: HeldAt = "as of") -> Indicator:
    """PAR-n: full balance of loans over n days past due, over all balance; a ratio, lower is better.

    As of the last day.

    Args:
        days: n, in whole days; a loan exactly n days late is not at risk.
        rescheduled: "non-performing" adds the balance of rescheduled loans, however punctual.
        held_at: officer for whom a loan counts; "event" and "as of" both mean the last day.

    Source: portfolio at risk, as microfinance reporting defines it.

    >>> par(60).code
    'par_60'
    """
    after = number("par", "days", days, "day")
    if after.denominator != 1:
        raise MeasureError("indicator par", f"option days is {str(days)!r}", "give whole days")
    fields = {"as classified": "days_past_due", "non-performing": "arrears_days"}
    days_field = chosen(f"par_{after}", "rescheduled", rescheduled, fields)
    late = Where(field=days_field, above=Quantity(after, "day"))
    measure = ratio_of("loans", (late,), summed="balance", held_at=held_at)
    formula = Label(f"balance of loans over {after} days past due / balance", f"逾期超过{after}天贷款余额 / 贷款总余额")
    name = Label(f"PAR{after}", f"{after}天以上风险贷款率")
    return made(f"par_{after}", name, "risk", Kind.RATIO, measure, formula, source=_PAR, direction=_LOWER)


def par_30(*, rescheduled: Rescheduled = "as classified", held_at: HeldAt = "as of") -> Indicator:
    """PAR30: full balance of loans over 30 days past due, over all balance; a ratio, lower is better.

    As of the last day.

    Args:
        rescheduled: "non-performing" adds the balance of rescheduled loans, however punctual.
        held_at: officer for whom a loan counts; "event" and "as of" both mean the last day.

    Source: portfolio at risk, as microfinance reporting defines it.

    >>> par_30() == par(30)
    True
    """
    return par(30, rescheduled=rescheduled, held_at=held_at)


def par_90(*, rescheduled: Rescheduled = "as classified", held_at: HeldAt = "as of") -> Indicator:
    """PAR90: full balance of loans over 90 days past due, over all balance; a ratio, lower is better.

    As of the last day.

    Args:
        rescheduled: "non-performing" adds the balance of rescheduled loans, however punctual.
        held_at: officer for whom a loan counts; "event" and "as of" both mean the last day.

    Source: portfolio at risk, as microfinance reporting defines it.

    >>> str(par_90().measure.numerator.where[0].above)
    '90 day'
    """
    return par(90, rescheduled=rescheduled, held_at=held_at)


def first_payment_default_rate(*, grace_days: Number = "0 day", held_at: HeldAt = "origination") -> Indicator:
    """First payment default: loans late on the first instalment over loans due; a ratio, lower is better.

    By number, of loans whose first instalment falls due in the period; late as seen by its last day.

    Args:
        grace_days: a loan is late only after more than these days.
        held_at: officer for whom a loan counts; "event" and "as of" both mean the last day.

    Source: field practice (首逾率).

    >>> first_payment_default_rate(grace_days="3 days").measure.numerator.held_at
    'origination'
    """
    code = "first_payment_default_rate"
    grace = number(code, "grace_days", grace_days, "day")
    due = yes("first_due_in_period")
    late = Where(field="first_payment_days_late", above=Quantity(grace, "day"))
    measure = ratio_of("loans", (due, late), (due,), held_at=held_at)
    formula = Label(
        f"loans over {plain(grace)} days late on the first instalment / loans whose first instalment is due",
        f"首期逾期超过{plain(grace)}天笔数 / 首期到期笔数",
    )
    name = Label("first payment default rate", "首逾率")
    return made(code, name, "risk", Kind.RATIO, measure, formula, direction=_LOWER)


def compliance_score(*, start: Number = "100 point") -> Indicator:
    """Compliance score: full points less those of the period's violations, at least 0; higher is better.

    A team's score is the mean of its members'.

    Args:
        start: points of a payee without violations.

    Source: field practice.

    >>> compliance_score(start=12).measure.start
    Fraction(12, 1)
    """
    points = number("compliance_score", "start", start, "point")
    return made(
        "compliance_score",
        Label("compliance score", "合规评分"),
        "risk",
        Kind.POINTS,
        Deduct(start=points, less=Total(over="violations", sum="points")),
        Label(f"{plain(points)} less the points of violations, at least 0", f"{plain(points)} − 违规扣分，不低于 0"),
    )


def collateral_valuation_accuracy(*, tolerance: Number = "10%") -> Indicator:
    """Collateral valuation accuracy: valuations within a tolerance, over all; a ratio, higher is better.

    Args:
        tolerance: most that |appraised − benchmark| / benchmark may be, itself included.

    Source: field practice; each lender sets its tolerance.

    >>> collateral_valuation_accuracy().measure.numerator.where[0].at_most
    Quantity(value=Fraction(1, 10), unit='')
    """
    code = "collateral_valuation_accuracy"
    most = number(code, "tolerance", ratio(tolerance, "the tolerance"), "")
    close = Where(field="deviation", at_most=Quantity(most))
    return made(
        code,
        Label("collateral valuation accuracy", "抵押物评估准确率"),
        "risk",
        Kind.RATIO,
        ratio_of("valuations", (close,)),
        Label(
            f"valuations off by at most {percent(most)} / valuations", f"偏差不超过 {percent(most)} 的评估数 / 评估数"
        ),
    )


def credit_inquiry_compliance() -> Indicator:
    """Credit inquiry compliance: authorised inquiries over all; a ratio, higher is better.

    Authorised in writing, and for a permitted purpose.

    Source: Regulation on the Credit Reporting Industry (征信业管理条例), which asks for the authorisation.

    >>> [where.field for where in credit_inquiry_compliance().measure.numerator.where]
    ['authorised', 'permitted']
    """
    proper = (yes("authorised"), yes("permitted"))
    return made(
        "credit_inquiry_compliance",
        Label("credit inquiry compliance", "征信查询合规率"),
        "risk",
        Kind.RATIO,
        ratio_of("inquiries", proper),
        Label("authorised inquiries for a permitted purpose / inquiries", "有授权且用途合规的查询数 / 查询数"),
        source="Regulation on the Credit Reporting Industry (征信业管理条例)",
    )


def complaint_rate(*, counted: Literal["received", "upheld"] = "received") -> Indicator:
    """Complaint rate: complaints of the period over customers held in it; a ratio, lower is better.

    A complaint counts for the payee whom it names, on the day on which it was received. Without a customer there is no
    reading.

    Args:
        counted: "received" counts every complaint; "upheld" only those that were found to be justified.

    Source: Measures for Handling Consumer Complaints in Banking and Insurance (银行业保险业消费投诉处理管理办法), which
    ask that complaints count in appraisals.

    >>> complaint_rate(counted="upheld").formula.en
    'complaints upheld in the period / customers held in the period'
    """
    choices = {
        "received": ((), Label("complaints received", "投诉数")),
        "upheld": ((yes("upheld"),), Label("complaints upheld", "属实投诉数")),
    }
    where, above = chosen("complaint_rate", "counted", counted, choices)
    rate = made(
        "complaint_rate",
        Label("complaint rate", "投诉率"),
        "risk",
        Kind.RATIO,
        Ratio(
            numerator=Total(over="complaints", where=where),
            denominator=Total(over="customers", where=(yes("in_period"),)),
        ),
        Label(f"{above.en} in the period / customers held in the period", f"期内{above.zh} / 期内管户客户数"),
        source="Measures for Handling Consumer Complaints in Banking and Insurance (银行业保险业消费投诉处理管理办法)",
        direction=_LOWER,
    )
    return evolve(rate, timing="flow", most=LARGEST_SHARE)
