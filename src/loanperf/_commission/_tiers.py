"""Tiers: the rates of a component: one number, a curve or a table of them, and at what those are read; data."""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias

from attrs import converters, field, frozen
from attrs.validators import optional

from loanperf._commission._checks import check_terms, wrong_reads
from loanperf._curves import Curve, RateTable
from loanperf._holdback import refuse
from loanperf._indicators import Where
from loanperf._quantities import CURRENCIES, Quantity
from loanperf._validators import a_rate, as_quantity, between, is_a, one_of, rate_curve, rate_table

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
