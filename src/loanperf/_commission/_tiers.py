"""Tiers: the rates of a component, at what they are read, and the terms on which loans are paid; data, checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeAlias

from attrs import converters, field, frozen
from attrs.validators import optional

from loanperf._curves import Curve, RateTable
from loanperf._facts import EventKind
from loanperf._holdback import refuse
from loanperf._indicators import Total, View, Where, bounds_of, check_measure
from loanperf._quantities import CURRENCIES, Quantity, percent, unsigned
from loanperf._validators import LARGEST_FACTOR, a_rate, as_quantity, between, is_a, one_of, rate_curve, rate_table
from loanperf.errors import DataError, Problem, shown

# ── terms ───────────────────────────────────────────────────────────────────────────────────────────────────

OF_DAYS = frozenset({"age", "days_past_due", "receipt"})
"""Terms whose value depends on the day: the age of the loan, its days past due, and the kind of receipt."""
OWN_RATES = frozenset({"interest_rate", "discount", "ltv"})
"""Ratios of a loan's own that terms can bound."""
TEXT_TERMS = ("product", "segment", "collateral", "customer_type")
"""Texts of a loan that terms can ask for."""
TERMS = frozenset({*TEXT_TERMS, "amount", "term_months"}) | OF_DAYS | OWN_RATES
"""What the terms of a plan can ask of a loan."""
RECEIPTS: Mapping[str, EventKind] = MappingProxyType(
    {"repayment": EventKind.REPAID, "prepayment": EventKind.PREPAID, "recovery": EventKind.RECOVERED}
)
"""The kinds of receipts: events with which principal comes back."""


def check_terms(instance: object, attribute: Any, value: tuple[Any, ...]) -> None:
    """A validator: filters on what a plan knows of a loan."""
    for item in value:
        if not isinstance(item, Where) or item.field not in TERMS:
            found = shown(item.field if isinstance(item, Where) else item)
            known = ", ".join(sorted(TERMS))
            where = f"{type(instance).__name__}.{attribute.name}"
            raise DataError(where, f"a loan has no such term (found {found})", f"use one of {known}")


def asked_terms(component: Any) -> tuple[Where, ...]:
    """All terms that a component asks: of what is paid, of what counts for tiers, and of its rates."""
    counts = () if component.tiers is None or isinstance(component.tiers.counts, str) else component.tiers.counts
    return (*component.where, *counts, *(term for rate in component.rates for term in rate.where))


def check_days(instance: object, base: str, terms: tuple[Where, ...], of_time: frozenset[str]) -> None:
    """Refuse terms of a day where what was earned by then would go as the loan gets older.

    Raises:
        DataError: there is one.
    """
    for term in terms:
        fits = of_time if term.field != "receipt" else {"receipts"}
        if term.field in OF_DAYS and base not in fits:
            fault = f"{term.field} is asked where base is {base!r}"
            remedy = f"ask for it where base is {' or '.join(map(repr, sorted(fits)))}"
            raise DataError(f"{type(instance).__name__}.where", fault, remedy)


def term_problems(item: Where) -> tuple[Problem, ...]:
    """What is wrong with a filter, each under the path within it, such as `.at_least`."""
    bounds, found = bounds_of(item), ""
    nothing = [".values"] * bool(item.values) or [""] * (not bounds)
    match item.field:
        case "age":
            wrong = [f".{name}" for name, bound in bounds.items() if not _is_age(bound)] + nothing
            fault, remedy = "it is no age of a loan", "give whole months or days, such as below 12 months"
        case "receipt":
            wrong = [".values"] * (not item.values or not {*item.values} <= {*RECEIPTS})
            fault, remedy = "it is no kind of receipt", f"use one of {', '.join(RECEIPTS)}"
            found = shown(", ".join(map(str, item.values)))
        case name if name in OWN_RATES:
            wrong = [f".{name}" for name, bound in bounds.items()
                     if bound.unit or (bound.bare and unsigned(bound.value)[0])] + nothing  # fmt: skip
            fault, remedy = "it is no ratio", "give bounds with their sign, such as at_most = '70%'"
        case _:
            return _problems_of_measure(item)
    return tuple(Problem(path, fault, found, remedy) for path in wrong)


def _problems_of_measure(item: Where) -> tuple[Problem, ...]:
    """What is wrong with a filter that measures know too."""
    view: View = "loans" if item.field == "days_past_due" else "loan events"
    return tuple(
        Problem(problem.where.removeprefix(f".where.{item.field}"), problem.fault, problem.found, problem.remedy)
        for problem in check_measure(Total(over=view, where=(item,)), "")
    )


def _is_age(bound: Quantity) -> bool:
    return bound.unit in ("month", "day") and bound.value.denominator == 1 and 0 <= bound.value < _OLDEST


_OLDEST = 100_000
"""More than the months, and the days, that a loan runs."""


def must_be_terms(path: str, currency: str, where: tuple[Where, ...]) -> None:
    """Refuse filters that no loan can be compared with, such as bounds of a product, or of an amount in yen of yuan.

    Raises:
        DataError: there is one.
    """
    for item in where:
        for problem in term_problems(item):
            found = f" (found {problem.found})" if problem.found else ""
            raise DataError(f"{path}, {item.field}", f"{problem.fault}{found}", problem.remedy)
        for bound in bounds_of(item).values() if item.field == "amount" else ():
            if bound.unit not in (currency, ""):
                raise DataError(f"{path}, amount", f"{bound} is in another currency", f"give it in {currency}")


# ── tiers and rates ─────────────────────────────────────────────────────────────────────────────────────────

TierBy: TypeAlias = Literal["amount", "count", "attainment", "earned", "indicator", "indicator attainment", "loan"]
"""What the tiers are read at.

`amount` and `count`: what accumulates of loans. `attainment`: that amount / quota. `earned`: commission earned so
far. `indicator` and `indicator attainment`: a reading, or reading / target, of the period. `loan`: a number of the
loan's own, such as its term or its interest rate.
"""
LoanNumber: TypeAlias = Literal["term_months", "interest_rate", "margin", "discount", "ltv"]
"""Numbers of a loan's own; its margin is its interest rate less its funding rate."""
RatesBy: TypeAlias = Literal["most terms", "first"]
Applies: TypeAlias = Literal["flat", "marginal", "interpolated", "forward before", "forward after"]
"""How the rate of a tier applies.

`flat`: all that accumulates, at the tier reached. `marginal`: each slice at its own rate. `interpolated`: all, at
the rate between two knots. `forward before` and `forward after`: each loan whole, at the rate in force before or
after it; nothing earlier changes.
"""
Accumulates: TypeAlias = Literal["per transaction", "period", "to date", "rolling"]
Counts: TypeAlias = Literal["what is paid", "every loan"]
"""Which loans count for the tier: those that the component pays, or each that it could be asked about."""
Resets: TypeAlias = Literal["never", "year", "half", "quarter"]


def _check_counts(instance: object, attribute: Any, value: object) -> None:
    if isinstance(value, tuple):
        if not value:
            refuse(instance, attribute.name, "there is no term", "write 'every loan', or the terms on which one counts")
        check_terms(instance, attribute, value)
    else:
        one_of(Counts)(instance, attribute, value)


# ── rates ───────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Rate:
    """A rate for loans on stated terms: one number, or one for each tier."""

    where: tuple[Where, ...] = field(default=(), validator=check_terms)
    """Terms that a loan must all fulfil; of the rates that fit, `rates_by` says which one holds."""
    of: Literal["base", "loan"] = field(default="base", validator=one_of(Literal["base", "loan"]))
    """`loan`: money for each loan that is paid, whatever its amount; of balances a period, of receipts each."""
    rate: Quantity | None = field(default=None, converter=converters.optional(as_quantity), validator=optional(a_rate))
    """Paid for one unit of the base: a share of money, such as '0.5%' or '6‱', or money for a count or a period."""
    curve: Curve | None = field(default=None, validator=optional(rate_curve))
    """The rate by what `tiers` measure."""
    table: RateTable | None = field(default=None, validator=optional(rate_table))
    """The rate by two numbers: what `tiers` measure, by row, and the number of the loan that is `across`, by column."""

    def __attrs_post_init__(self) -> None:
        if len(stated_rates(self)) != 1:
            refuse(self, "rate", "it takes one rate, or a curve or a table of them", "state rate, curve or table")
        if self.of == "loan" and any(unit not in CURRENCIES for unit in _units(self)):
            refuse(self, "rate", "it is no amount for a loan", "give money, such as '150元', or leave of out")


@frozen(kw_only=True)
class Tiers:
    """How rates depend on what accumulates, or on a reading."""

    by: TierBy = field(validator=one_of(TierBy))
    """What they are read at: what accumulates of the base or of loans, or a reading."""
    applies: Applies = field(validator=one_of(Applies))
    """`flat`: all at the tier reached. `marginal`: each slice at its own rate. `interpolated`: between knots.

    `forward before` and `forward after`: each loan whole, at the rate in force before or after it.
    """
    accumulates: Accumulates | None = field(default=None, validator=optional(one_of(Accumulates)))
    """What is summed: one transaction, the period, everything to date, or the last `periods` periods.

    It must be stated, except where the tiers are read at a reading: there nothing is summed.
    """
    periods: int = field(default=1, validator=between(1, 120, int))
    """How many periods a rolling sum has, this one included."""
    resets: Resets = field(default="never", validator=one_of(Resets))
    """When a sum to date starts again: never, or with each year, half or quarter of the scheme's calendar."""
    indicator: str = field(default="", validator=is_a(str))
    """Code of the indicator whose reading or target is looked at."""
    number: LoanNumber | None = field(default=None, validator=optional(one_of(LoanNumber)))
    """Which number of the loan is looked at, where `by` is `loan`; a loan that does not state it is a problem."""
    across: LoanNumber | None = field(default=None, validator=optional(one_of(LoanNumber)))
    """Which other number of the loan tables of rates are read at, by their columns, where `by` is `loan`."""
    quota: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """What 100% attainment is of all that is summed, where the payee has no target of `indicator`.

    Of a month where a month is summed; of the whole time where sums run to date.
    """
    counts: tuple[Where, ...] | Counts = field(default="what is paid", validator=_check_counts)
    """Which loans count for the tier: those that the component pays, `every loan`, or those that fulfil these terms.

    Terms stand alone: a loan may fulfil them and not be paid, or be paid and not count.
    """

    def __attrs_post_init__(self) -> None:
        self._check_numbers()
        if self.are_read:
            for name, fault, remedy in wrong_reads(self.by, self.indicator, self.applies, self.accumulates):
                refuse(self, name, f"tiers by {self.by} {fault}", remedy)
        elif self.accumulates is None:
            refuse(self, "accumulates", "it is missing", "state 'per transaction', 'period', 'to date' or 'rolling'")
        if self.by == "attainment" and not self.indicator and self.quota is None:
            refuse(self, "quota", "nothing says what 100% is", "state quota, or the indicator whose target it is")
        if (self.by == "earned" or self.are_read) and self.counts != "what is paid":
            refuse(self, "counts", f"tiers by {self.by} count no loans", "leave it out")
        if self.by == "earned" and self.applies != "marginal":
            refuse(self, "applies", "tiers by what is earned are slices", "use 'marginal'")
        if self.quota is not None and self.quota.value <= 0:
            refuse(self, "quota", f"it is {self.quota}", "give more than zero")

    def _check_numbers(self) -> None:
        if (self.by == "loan") != (self.number is not None):
            refuse(self, "number", f"tiers are by {self.by}", "state number exactly where by is 'loan'")
        if self.across is not None and self.by != "loan":
            refuse(self, "across", f"tiers are by {self.by}", "leave it out, or write by = 'loan'")
        if self.across is not None and self.across == self.number:
            refuse(self, "across", f"it is {self.across!r} too", "name another number of the loan than number does")

    @property
    def are_read(self) -> bool:
        """Whether the tier is read off an indicator or the loan itself, so that nothing accumulates."""
        return self.by in ("indicator", "indicator attainment", "loan")

    @property
    def go_on(self) -> bool:
        """Whether what counts in one period counts in a later one too."""
        return self.accumulates in ("to date", "rolling")

    @property
    def are_of_all(self) -> bool:
        """Whether the tier reached holds for all that has accumulated, so that what comes later changes its rate."""
        return self.applies in ("flat", "interpolated") and not self.are_read


# ── what is stated of rates ─────────────────────────────────────────────────────────────────────────────────
class Rated(Protocol):
    """What states a rate: that of some loans, or of a component."""

    @property
    def rate(self) -> Quantity | None:
        """One for everything."""

    @property
    def curve(self) -> Curve | None:
        """By what tiers measure."""

    @property
    def table(self) -> RateTable | None:
        """By two numbers."""


def stated_rates(item: Rated) -> tuple[tuple[str, Quantity | Curve | RateTable], ...]:
    """The rate, the curve and the table that something states, each with its key; of what is right one at most."""
    given = (("rate", item.rate), ("curve", item.curve), ("table", item.table))
    return tuple((name, rate) for name, rate in given if rate is not None)


def is_interpolated(rate: Curve | RateTable) -> bool:
    """Whether rates lie on lines between points."""
    if isinstance(rate, RateTable):
        return "linear" in (rate.between_rows, rate.between_columns)
    return rate.shape == "linear" or rate.then is not None


def _units(item: Rated) -> set[str]:
    """The units of the rates that something states."""
    found = set[str]()
    for _, rate in stated_rates(item):
        match rate:
            case Quantity(unit=unit):
                found.add(unit)
            case Curve(y_unit=unit):
                found.add(unit)
            case RateTable():
                found |= {cell.unit for row in rate.cells for cell in row}
    return found


def largest_rate(base: str, total: str, per: Quantity | None) -> Fraction:
    """The largest rate without a currency: all of the base, or of the average of a team several times that.

    Args:
        base: what the rate is taken of.
        total: `sum` or `average`, where that is the pay of a team.
        per: how much of the base the rate is for.
    """
    if base == "team" and total == "average":
        return LARGEST_FACTOR
    return Fraction(1) if per is None else per.value


def wrong_reads(by: str, indicator: str, applies: str, accumulates: str | None) -> Iterator[tuple[str, str, str]]:
    """What tiers may not say that are read off an indicator or the loan: the field, what is wrong, and what to do."""
    if not indicator and by != "loan":
        yield "indicator", "name none", "state its code"
    if applies not in ("flat", "interpolated"):
        yield "applies", "have no slices", "use 'flat' or 'interpolated'"
    if accumulates is not None:
        yield "accumulates", "sum nothing", "leave it out"


def check_rate(where: str, rate: Quantity | Curve, *, per: Quantity | None, largest: Fraction, deducts: bool) -> None:
    """Refuse a rate that pays more than its base, or less than nothing where the plan does not say that it deducts.

    Raises:
        DataError: it does.
    """
    if isinstance(rate, Curve):
        unit, values = rate.y_unit, [y for _, y in rate.knots]
        values += [rate.then.per_point] if rate.then is not None else []
    else:
        unit, values = rate.unit, [rate.value]
    is_share = not unit or (unit in CURRENCIES and per is not None and per.unit == unit)
    for value in values:
        found = str(Quantity(value, unit)) if unit else percent(value)
        if value < 0 and not deducts:
            remedy = "give zero or more, or write deducts = true where it takes from pay"
            raise DataError(where, f"it is negative (found {found})", remedy)
        if is_share and abs(value) > largest:
            most = str(Quantity(largest, unit)) if unit else percent(largest)
            raise DataError(where, f"it is more than {most} (found {found})", f"give {most} at most")
