"""Fields: what each view's rows can be filtered and summed by; and options of indicators, checked against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeAlias, TypeVar, assert_never, get_args

from attrs import frozen

from loanperf._curves import Curve
from loanperf._explanations import Label
from loanperf._facts import Category, EventKind
from loanperf._indicators._types import (
    Deduct,
    Direction,
    HeldAt,
    Indicator,
    Kind,
    MadeOf,
    Measure,
    Ratio,
    Total,
    View,
    Where,
)
from loanperf._kinds import KINDS, Deviation, FactKind, Reached, TypeName
from loanperf._quantities import CURRENCIES, Number, Quantity, quantity
from loanperf.errors import MeasureError, Problem, Subject, shown

FieldKind: TypeAlias = Literal["money", "number", "ratio", "days", "points", "text", "truth"]

_UNITS: dict[FieldKind, frozenset[str]] = {
    "money": frozenset(CURRENCIES),
    "number": frozenset({""}),
    "ratio": frozenset({""}),
    "days": frozenset({"day", ""}),
    "points": frozenset({"point", ""}),
}
"""Units in which a field can be bounded or weighed; a bare 0 fits each of them."""


@frozen
class Field:
    """One field of the rows of a view."""

    kind: FieldKind
    label: Label
    meaning: str
    values: tuple[str, ...] = ()
    """All values that a text can have; empty where the host chooses them."""
    unknown: str = ""
    """What to send where it can be unknown; a row that lacks a value that a measure needs is a `Problem`."""
    of_amounts: bool = False
    """Whether it is unknown just where amounts of the loan's events or balances are missing."""


FIELDS_OF_LOANS: Mapping[str, Field] = MappingProxyType(
    {
        "product": Field("text", Label("product", "产品"), "product of the loan"),
        "segment": Field("text", Label("segment", "客群"), "segment of the loan, such as personal or corporate"),
        "collateral": Field(
            "text", Label("collateral", "担保方式"), "what secures the loan, such as mortgage, guarantee or credit"
        ),
        "customer_type": Field(
            "text", Label("type of customer", "客户类型"), "of the loan's customer, such as new or existing"
        ),
    }
)
"""The fields of a view that stand in the table of loans."""
STANDINGS = ("performing", "rescheduled", "non-performing")

_FIELD_KINDS: Mapping[TypeName, FieldKind] = {
    "code": "text",
    "text": "text",
    "truth": "truth",
    "money": "money",
    "points": "points",
    "share": "ratio",
}
"""What a field of a view is, that is a column of its kind of facts."""


def _plain(kind: FactKind) -> Mapping[str, Field]:
    """The fields of a view whose rows are the rows of a kind of facts."""
    return MappingProxyType(
        {name: Field(_field_kind(kind, given.of), given.label, given.meaning) for name, given in kind.view.items()}
    )


def _field_kind(kind: FactKind, of: str | Deviation | Reached) -> FieldKind:
    match of:
        case Deviation():
            return "ratio"
        case Reached():
            return "truth"
        case str():
            return _FIELD_KINDS[kind.columns[of].type]
        case _:
            assert_never(of)


_FIELDS: Mapping[View, Mapping[str, Field]] = {
    "loan events": {
        "event": Field("text", Label("event", "事件"), "what happened", tuple(kind.value for kind in EventKind)),
        "amount": Field("money", Label("amount", "金额"), "amount of the event; 0 where its kind has none"),
        **FIELDS_OF_LOANS,
        "term_months": Field(
            "number",
            Label("term in months", "期限（月）"),
            "months from drawing to the last instalment",
            unknown="send the Loan with its term_months",
        ),
        "cancelled": Field("truth", Label("cancelled", "已撤销"), "the loan is cancelled within the period"),
    },
    "loans": {
        "balance": Field(
            "money",
            Label("balance", "余额"),
            "outstanding on the last day: the latest `Balance` moved by later events; without one, their sum",
        ),
        "average_balance": Field(
            "money",
            Label("average daily balance", "日均余额"),
            "the balances at the end of each day of the period, over its days",
            unknown="send a Balance dated before the period, or the disbursements",
            of_amounts=True,
        ),
        "overdue": Field(
            "money",
            Label("overdue instalments", "逾期金额"),
            "past-due part of the latest `Balance`, at most the balance;"
            " 0 once 0 days past due are said on its day or later",
            unknown="send a Balance that states its overdue part",
            of_amounts=True,
        ),
        "is_overdue": Field(
            "truth",
            Label("overdue", "逾期"),
            "something is outstanding, and it is past due by days or by overdue instalments",
        ),
        "days_past_due": Field(
            "days", Label("days past due", "逾期天数"), "as the latest event `past due` says; 0 without one"
        ),
        "arrears_days": Field(
            "days",
            Label("days past due, rescheduled included", "逾期天数（含重组）"),
            "days past due; a rescheduled loan is put beyond every bound, at 999999",
        ),
        "category": Field(
            "text",
            Label("category", "五级分类"),
            "as the latest event `classified` says; normal without one",
            tuple(category.value for category in Category),
        ),
        "standing": Field(
            "text",
            Label("standing", "资产状态"),
            "non-performing by category, else rescheduled, else performing",
            STANDINGS,
        ),
        "rescheduled": Field("truth", Label("rescheduled", "重组"), "rescheduled by the last day"),
        "written_off": Field(
            "money", Label("written off", "核销净额"), "written off less recovered by the last day, at least 0"
        ),
        "exposure": Field("money", Label("exposure", "含核销余额"), "balance and what is written off"),
        "non_performing_exposure": Field(
            "money",
            Label("non-performing exposure", "不良含核销"),
            "what is written off, and the balance where it is non-performing",
        ),
        "impaired_exposure": Field(
            "money",
            Label("impaired exposure", "不良及重组含核销"),
            "what is written off, and the balance where it is non-performing or rescheduled",
        ),
        "signed": Field("money", Label("signed", "签约额"), "sum of the amounts signed by the last day"),
        "disbursed": Field("money", Label("disbursed", "放款额"), "sum of the drawdowns by the last day"),
        "age_days": Field("days", Label("age", "账龄（天）"), "days from opening to the last day"),
        "opened_in_period": Field("truth", Label("new", "本期新增"), "opened within the period"),
        "first_due_in_period": Field(
            "truth",
            Label("first instalment due", "本期首期到期"),
            "its first instalment falls due within the period;"
            " without a day for it, no where nothing is drawn or outstanding",
            unknown="send the Loan with its first_due_on",
        ),
        "first_payment_days_late": Field(
            "days",
            Label("days late on the first instalment", "首期逾期天数"),
            "the most days past due, seen by the last day, that reach back to the first instalment",
        ),
        **FIELDS_OF_LOANS,
    },
    "customers": {
        "at_start": Field("truth", Label("at start", "期初"), "held on the day before the period"),
        "at_end": Field("truth", Label("at end", "期末"), "held on the last day"),
        "kept": Field("truth", Label("kept", "留存"), "held at start and at end, by the same payee"),
        "in_period": Field("truth", Label("in period", "期内"), "held on some day of the period"),
        "new": Field(
            "truth",
            Label("new", "新增"),
            "gained in the period and held by nobody the day before it; counts for the first who holds it",
        ),
        "products": Field(
            "number", Label("products", "持有产品数"), "different products held on the last day; 0 unless at end"
        ),
        "profit": Field("money", Label("profit", "利润"), "contributed on days of the period on which it was held"),
    },
}
FIELDS: Mapping[View, Mapping[str, Field]] = MappingProxyType(
    {view: MappingProxyType(fields) for view, fields in _FIELDS.items()}
    | {view: _plain(KINDS[view]) for view in get_args(View) if view in KINDS and KINDS[view].view}
)
"""The views, and the fields of their rows by name.

>>> FIELDS["customers"]["kept"].meaning
'held at start and at end, by the same payee'
"""


def totals_of(measure: Measure | MadeOf) -> tuple[tuple[str, Total], ...]:
    """The totals that a measure is made of, each with its path in the measure."""
    match measure:
        case Total():
            return (("", measure),)
        case Ratio():
            return ((".numerator", measure.numerator), (".denominator", measure.denominator))
        case Deduct():
            return ((".less", measure.less),)
        case MadeOf():
            return tuple(
                (f".{part.code}{path}", total)
                for part, _ in measure.all
                if part.measure is not None
                for path, total in totals_of(part.measure)
            )
        case _:
            assert_never(measure)


def lacking(view: View, name: str, loan: str) -> Subject | None:
    """What is not there where a field of a loan is unknown; None where no events or balances say it."""
    return ("amounts", loan) if FIELDS[view][name].of_amounts else None


def bounds_of(where: Where) -> dict[str, Quantity]:
    """The bounds of a filter that are given, by name."""
    names = ("at_least", "above", "at_most", "below")
    return {name: bound for name in names if (bound := getattr(where, name)) is not None}


def check_measure(measure: Measure | MadeOf, where: str) -> tuple[Problem, ...]:
    """What is wrong with a measure: unknown views, fields and values, and units that do not fit.

    Args:
        measure: a measure of the catalogue or one that a host declares.
        where: path of the measure, with which the path of each problem starts.

    >>> [str(problem) for problem in check_measure(Total(over="inquiries", sum="points"), "indicators.x")]
    ["indicators.x.sum: inquiries have no such field (found 'points'); use one of authorised, permitted"]
    """
    faults = [fault for path, total in totals_of(measure) for fault in _of_total(total, where + path)]
    if faults:
        return tuple(faults)
    if isinstance(measure, Ratio):
        above, below = _sums(measure.numerator), _sums(measure.denominator)
        if below not in {above, "number"}:
            remedy = f"divide by {above} or by a number"
            faults.append(Problem(f"{where}.denominator", f"{above} is divided by {below}", "", remedy))
    if isinstance(measure, MadeOf):
        faults += _of_composed(measure, where)
    if isinstance(measure, Deduct):
        if measure.start < 0:
            faults.append(Problem(f"{where}.start", "it is negative", shown(measure.start), "start at 0 or above"))
        if _sums(measure.less) == "money":
            faults.append(Problem(f"{where}.less", "money is no points", "", "deduct points or a weighed number"))
    return tuple(faults)


def _of_composed(measure: MadeOf, where: str) -> Iterator[Problem]:
    if not measure.parts:
        yield Problem(f"{where}.parts", "there is none", "", "name one indicator at least, with its factor")
    for name, factors in (("parts", measure.parts), ("divided_by", measure.divided_by)):
        kinds = {part.kind for part, _ in factors}
        for part, _ in factors:
            path = f"{where}.{name}.{part.code}"
            divided = isinstance(part.measure, Ratio | Deduct) or (
                isinstance(part.measure, MadeOf) and part.measure.divided_by
            )
            if part.kind not in (Kind.MONEY, Kind.COUNT) or divided:
                fault, remedy = f"{part.name.en} is no sum", "compose it of money or counts, and divide once"
                yield Problem(path, fault, repr(part.kind.value), remedy)
            elif len(kinds) > 1:
                remedy = "give all of them one kind"
                yield Problem(path, "money and counts are not added up", repr(part.kind.value), remedy)


def check_indicator(indicator: Indicator, where: str) -> tuple[Problem, ...]:
    """What is wrong with an indicator: its measure, or a kind in which that measure does not count.

    >>> from attrs import evolve
    >>> from loanperf._indicators import npl_ratio
    >>> [str(problem) for problem in check_indicator(evolve(npl_ratio(), kind=Kind.MONEY), "npl")]
    ["npl.kind: its measure comes to number (found 'money'); use 'ratio' or 'count'"]
    """
    if indicator.measure is None:
        return ()
    faults = check_measure(indicator.measure, f"{where}.measure")
    if faults:
        return faults
    kinds = {"money": (Kind.MONEY,), "points": (Kind.POINTS,), "number": (Kind.RATIO, Kind.COUNT)}
    found = _comes_to(indicator.measure)
    if indicator.kind in kinds[found]:
        return ()
    names = " or ".join(repr(kind.value) for kind in kinds[found])
    return (Problem(f"{where}.kind", f"its measure comes to {found}", repr(indicator.kind.value), f"use {names}"),)


_Sum: TypeAlias = Literal["money", "points", "number"]


def _sums(total: Total) -> _Sum:
    kind = FIELDS[total.over][total.sum].kind if total.sum else "number"
    return kind if kind in ("money", "points") else "number"


def _comes_to(measure: Measure | MadeOf) -> _Sum:
    match measure:
        case Total():
            return _sums(measure)
        case Ratio():
            above = _sums(measure.numerator)
            return "number" if above == _sums(measure.denominator) else above
        case Deduct():
            return "points"
        case MadeOf():
            above, below = ("money" if held and held[0][0].kind is Kind.MONEY else "number"
                            for held in (measure.parts, measure.divided_by))  # fmt: skip
            return "money" if above == "money" and below == "number" else "number"
        case _:
            assert_never(measure)


def _of_total(total: Total, where: str) -> Iterator[Problem]:
    if total.over not in FIELDS:
        yield Problem(f"{where}.over", "there is no such view", shown(total.over), f"use one of {', '.join(FIELDS)}")
        return
    if total.held_at not in get_args(HeldAt):
        remedy = f"use one of {', '.join(get_args(HeldAt))}"
        yield Problem(f"{where}.held_at", "no officer is fixed by it", shown(total.held_at), remedy)
    if total.sum:
        yield from _of_number(total, total.sum, f"{where}.sum")
    if bool(total.weighed_by) != (total.weights is not None):
        remedy = "give both a field and its curve, or neither"
        yield Problem(f"{where}.weighed_by", "weighing is half said", shown(total.weighed_by), remedy)
    elif total.weights is not None:
        faults = [*_of_number(total, total.weighed_by, f"{where}.weighed_by")]
        yield from faults or _of_weights(FIELDS[total.over][total.weighed_by], total.weights, f"{where}.weights")
    for test in total.where:
        yield from _of_filter(total, test, f"{where}.where.{test.field}")


def _of_number(total: Total, name: str, where: str) -> Iterator[Problem]:
    fields = FIELDS[total.over]
    known = [key for key, field in fields.items() if field.kind in _UNITS]
    if name not in fields:
        yield Problem(
            where, f"{total.over} have no such field", shown(name), f"use one of {', '.join(known or fields)}"
        )
    elif name not in known:
        remedy = f"use one of {', '.join(known)}" if known else "leave it out to count the rows"
        yield Problem(where, "the field is no number", shown(name), remedy)


def _of_weights(field: Field, weights: Curve, where: str) -> Iterator[Problem]:
    bare = field.kind == "money" and not weights.x_unit and not any(x for x, _ in weights.knots)
    if weights.x_unit not in _UNITS[field.kind] and not bare:
        yield Problem(f"{where}", f"x is not in the unit of {field.kind}", shown(weights.x_unit), _unit_remedy(field))
    if weights.y_unit:
        yield Problem(f"{where}", "a weight has a unit", shown(weights.y_unit), "give plain numbers or percentages")


def _of_filter(total: Total, test: Where, where: str) -> Iterator[Problem]:
    fields, bounds = FIELDS[total.over], bounds_of(test)
    if test.field not in fields:
        remedy = f"use one of {', '.join(fields)}"
        yield Problem(where, f"{total.over} have no such field", shown(test.field), remedy)
        return
    field = fields[test.field]
    if bool(test.values) == bool(bounds):
        remedy = "give values to be one of" if field.kind not in _UNITS else "give bounds"
        yield Problem(where, "a filter needs either values or bounds", shown(test.field), remedy)
        return
    if (field.kind in _UNITS) != bool(bounds):
        wanted = "bounds, such as at_least" if field.kind in _UNITS else "values"
        yield Problem(where, f"{test.field} is of kind {field.kind}", ", ".join(bounds) or "values", f"give {wanted}")
        return
    for name, bound in bounds.items():
        bare = not bound.unit and not bound.value
        if bound.unit not in _UNITS[field.kind] and not bare:
            yield Problem(f"{where}.{name}", "it is in another unit than the field", str(bound), _unit_remedy(field))
    for value in test.values:
        if isinstance(value, bool) != (field.kind == "truth"):
            remedy = "use true or false" if field.kind == "truth" else "use a text"
            yield Problem(where, f"{test.field} is a {field.kind}", shown(value), remedy)
        elif field.values and value not in field.values:
            remedy = f"use one of {', '.join(field.values)}"
            yield Problem(where, f"{test.field} is never that", shown(value), remedy)


def _unit_remedy(field: Field) -> str:
    words: dict[FieldKind, str] = {
        "money": "give an amount with its currency, such as 50000 CNY",
        "days": "give days, such as 30 days",
        "points": "give points, such as 5 points",
    }
    return words.get(field.kind, "give a plain number or percentage")


PRACTICE = "field practice"

LARGEST_SHARE = Fraction(10)
"""1000%: no ratio that may be above 100% comes near it, and 85 for 85% is far beyond."""

_T = TypeVar("_T")


def yes(name: str) -> Where:
    """The filter that takes the rows of which a truth holds."""
    return Where(field=name, values=(True,))


def ratio_of(
    over: View, above: tuple[Where, ...], below: tuple[Where, ...] = (), *, summed: str = "", held_at: HeldAt = "event"
) -> Ratio:
    """What passes some filters over what passes others: sums of a field of one view, or numbers of its rows."""
    tops, bottoms = (Total(over=over, sum=summed, where=where, held_at=held_at) for where in (above, below))
    return Ratio(numerator=tops, denominator=bottoms)


def chosen(code: str, option: str, value: str, choices: dict[str, _T]) -> _T:
    """What a choice stands for; any other choice is refused."""
    for choice, meaning in choices.items():
        if value == choice:
            return meaning
    known = " or ".join(repr(choice) for choice in choices)
    raise MeasureError(f"indicator {code}", f"option {option} is {shown(value)}", f"use {known}")


def number(code: str, option: str, value: Number, unit: str) -> Fraction:
    """A number of zero or more in a unit; a bare number takes the unit."""
    found = quantity(value, default=unit)
    if found.unit != unit or found.value < 0:
        remedy = f"give {f'0 {unit}'.strip()} or more"
        raise MeasureError(f"indicator {code}", f"option {option} is {str(value)!r}", remedy)
    return found.value


def made(
    code: str,
    name: Label,
    dimension: str,
    kind: Kind,
    measure: Measure,
    formula: Label,
    *,
    source: str = PRACTICE,
    direction: Direction = Direction.HIGHER,
) -> Indicator:
    """An indicator of the catalogue; refused where its measure has an option without a meaning there, as `held_at`.

    Numbers, points and ratios are zero or more, and a ratio is a part of a whole, 100% at most. Money may be below
    zero: what is taken back in a period may be more than what comes.
    """
    indicator = Indicator(
        code=code,
        name=name,
        dimension=dimension,
        direction=direction,
        kind=kind,
        formula=formula,
        source=source,
        measure=measure,
        least=None if kind is Kind.MONEY else Fraction(0),
        most=Fraction(1) if kind is Kind.RATIO else None,
    )
    for problem in check_indicator(indicator, f"indicator {code}"):
        raise MeasureError(problem.where, f"{problem.fault} (found {problem.found})", problem.remedy)
    return indicator


def unit_of_parts(indicator: Indicator, currency: str) -> str:
    """What the parts of its readings count in: the currency where money is summed, points, or nothing but a number."""
    match indicator.measure:
        case MadeOf(parts=((first, _), *_)):
            return unit_of_parts(first, currency)
        case Deduct():
            return "point"
        case Ratio(numerator=total) | (Total() as total) if total.sum:
            return currency if FIELDS[total.over][total.sum].kind == "money" else ""
        case _:
            return ""
