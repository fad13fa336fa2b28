"""Rows: what a host saw, each with a natural key, a business date and a source. A fact never changes."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from numbers import Integral
from typing import Any, TypeAlias

from attrs import Attribute, AttrsInstance, field, fields, frozen
from attrs.validators import optional

from loanperf._kinds import DETAIL, Category, EventKind
from loanperf._periods import day
from loanperf._quantities import CURRENCIES, Money, Number, number, percent, plain, quantity
from loanperf.errors import FactError, UnitError


def _money(value: Number) -> Money:
    return value if isinstance(value, Money) else Money.of(value)


def _money_or_none(value: Number | None) -> Money | None:
    return None if value is None else _money(value)


def _day_or_none(value: date | str | None) -> date | None:
    return None if value is None else day(value)


def _share_or_none(value: Number | None) -> Fraction | None:
    # Unbounded here: the validators name the field in what they say of 4.35 for 4.35%.
    return None if value is None else number(value)


def _points(value: Number) -> Fraction:
    found = quantity(value, default="point")
    if found.unit != "point":
        raise UnitError("a number of points", found.unit or str(value), "point")
    return found.value


def _whole(value: Any) -> Any:
    """Integers of numpy become Python's; what is no integer is left for the check."""
    return value if isinstance(value, bool) or not isinstance(value, Integral) else int(value)


def _text(instance: AttrsInstance, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise FactError(_title(instance), attribute.name, value, "give printable text, or leave it out")


def _truth(instance: AttrsInstance, attribute: Attribute[bool], value: object) -> None:
    if not isinstance(value, bool):
        raise FactError(_title(instance), attribute.name, value, "give True or False")


def _event_kind(instance: AttrsInstance, attribute: Attribute[EventKind], value: object) -> None:
    if not isinstance(value, EventKind):
        raise FactError(_title(instance), attribute.name, value, "give an lp.EventKind, such as EventKind.DISBURSED")


def _category(instance: AttrsInstance, attribute: Attribute[Category | None], value: object) -> None:
    if value is not None and not isinstance(value, Category):
        raise FactError(_title(instance), attribute.name, value, "give an lp.Category, such as Category.LOSS")


def _named(instance: object, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise FactError(type(instance).__name__, attribute.name, value, "give a printable, non-empty code")


def _positive(instance: AttrsInstance, attribute: Attribute[Any], value: object) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise FactError(_title(instance), attribute.name, value, "give a whole number of one or more")


def _not_negative(instance: AttrsInstance, attribute: Attribute[Any], value: Money | None) -> None:
    if value is not None and value.units < 0:
        raise FactError(
            _title(instance),
            attribute.name,
            str(value),
            "give zero or more; what goes back is an event of its own",
        )


def _a_part(instance: AttrsInstance, attribute: Attribute[Any], value: Fraction | None) -> None:
    if value is not None and not 0 < value <= 1:
        remedy = "give a part above 0% and up to 100%, such as '60%'"
        raise FactError(_title(instance), attribute.name, percent(value), remedy)


def _a_year(instance: AttrsInstance, attribute: Attribute[Any], value: Fraction | None) -> None:
    if value is not None and not 0 <= value <= 1:
        remedy = "give 0% to 100% a year, with its sign, such as '4.35%'"
        raise FactError(_title(instance), attribute.name, percent(value), remedy)


def _currency(_: AttrsInstance, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or value not in CURRENCIES:
        raise FactError("exchange rate", attribute.name, value, "give a code of ISO 4217, such as 'USD'")


def _title(fact: AttrsInstance) -> str:
    names: dict[type, str] = {LoanEvent: "event of loan", ExchangeRate: "exchange rate"}
    name = names.get(type(fact), type(fact).__name__.lower())
    return f"{name} {getattr(fact, fields(type(fact))[0].name)}"


def _until_after_since(instance: Customer | Holding, _: object, value: date | None) -> None:
    if value is not None and value <= instance.since:
        raise FactError(_title(instance), "until", value.isoformat(), f"give a day after {instance.since}")


@frozen(kw_only=True)
class Loan:
    """A loan or application, and the officer who brought it in."""

    loan: str = field(validator=_named)
    customer: str = field(validator=_named)
    officer: str = field(validator=_named)
    """The payee who originated it; an event `assigned` hands it to another."""
    opened_on: date = field(converter=day)
    product: str = field(default="", validator=_text)
    segment: str = field(default="", validator=_text)
    """`personal`, `corporate` or the host's own."""
    term_months: int | None = field(default=None, converter=_whole, validator=_positive)
    """Months from drawing to the last instalment, one or more; needed where volume is converted by term."""
    first_due_on: date | None = field(default=None, converter=_day_or_none)
    """The day the first instalment is due; needed for first payment default."""
    amount: Money | None = field(default=None, converter=_money_or_none, validator=_not_negative)
    """Applied for or approved, not negative; what is signed and drawn later are events."""
    collateral: str = field(default="", validator=_text)
    """What secures it: `mortgage`, `guarantee`, `credit` or the host's own."""
    customer_type: str = field(default="", validator=_text)
    """`new`, `existing` or the host's own."""
    interest_rate: Fraction | None = field(default=None, converter=_share_or_none, validator=_a_year)
    """What the customer pays a year: 0 to 1, both included."""
    funding_rate: Fraction | None = field(default=None, converter=_share_or_none, validator=_a_year)
    """What the bank charges its branch for the money a year (FTP price): 0 to 1, both included."""
    revolving: bool = field(default=False, validator=_truth)
    """Whether principal that is repaid may be drawn again, as on a line of credit."""
    source: str = field(default="", eq=False, validator=_text)

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("loan", self.loan)

    @property
    def on(self) -> date:
        """The business date."""
        return self.opened_on


@frozen(kw_only=True)
class LoanEvent:
    """Something that happened to a loan on a day.

    >>> LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元").amount
    Money('300000.00 CNY')
    """

    loan: str = field(validator=_named)
    kind: EventKind = field(validator=_event_kind)
    on: date = field(converter=day)
    number: str = field(default="", validator=_text)
    """Tells two events of one kind and loan on one day apart, such as two drawdowns."""
    amount: Money | None = field(default=None, converter=_money_or_none, validator=_not_negative)
    """Signed, disbursed, repaid, prepaid, written off or recovered; not negative."""
    category: Category | None = field(default=None, validator=_category)
    days: int | None = field(default=None, converter=_whole)
    """Days past due on that day; 0 says that the loan is current again."""
    officer: str | None = field(default=None, validator=optional(_named))
    """The payee who holds the loan from that day on."""
    source: str = field(default="", eq=False, validator=_text)

    def __attrs_post_init__(self) -> None:
        for name in ("amount", "category", "days", "officer"):
            value, needed = getattr(self, name), name in DETAIL[self.kind]
            if needed == (value is None):
                remedy = f"an event '{self.kind.value}' {'needs' if needed else 'takes no'} {name}"
                raise FactError(_title(self), name, value, remedy)
        if self.days is not None and (type(self.days) is not int or self.days < 0):
            raise FactError(_title(self), "days", self.days, "give whole days, zero or more")

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("event", self.loan, self.kind.value, self.on.isoformat(), self.number)


@frozen(kw_only=True)
class Balance:
    """What is outstanding of a loan at the end of a day."""

    loan: str = field(validator=_named)
    on: date = field(converter=day)
    outstanding: Money = field(converter=_money, validator=_not_negative)
    """Principal not yet repaid."""
    overdue: Money | None = field(default=None, converter=_money_or_none, validator=_not_negative)
    """The part of it that is past due; None where the host does not say."""
    source: str = field(default="", eq=False, validator=_text)

    def __attrs_post_init__(self) -> None:
        if self.overdue is None:
            return
        if self.overdue.currency != self.outstanding.currency:
            raise FactError(_title(self), "overdue", str(self.overdue), "give the currency of outstanding")
        if self.overdue > self.outstanding:
            remedy = f"give a part of the {self.outstanding} outstanding; interest does not belong to it"
            raise FactError(_title(self), "overdue", str(self.overdue), remedy)

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("balance", self.loan, self.on.isoformat())


@frozen(kw_only=True)
class Customer:
    """A customer looked after by a payee, from a day up to another."""

    customer: str = field(validator=_named)
    officer: str = field(validator=_named)
    since: date = field(converter=day)
    until: date | None = field(default=None, converter=_day_or_none, validator=_until_after_since)
    """The first day on which the customer is lost or handed on; None is open."""
    source: str = field(default="", eq=False, validator=_text)

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("customer", self.customer, self.since.isoformat())

    @property
    def on(self) -> date:
        """The business date."""
        return self.since


@frozen(kw_only=True)
class Holding:
    """A product that a customer holds, consented to and active, from a day up to another."""

    customer: str = field(validator=_named)
    product: str = field(validator=_named)
    since: date = field(converter=day)
    until: date | None = field(default=None, converter=_day_or_none, validator=_until_after_since)
    source: str = field(default="", eq=False, validator=_text)

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("holding", self.customer, self.product, self.since.isoformat())

    @property
    def on(self) -> date:
        """The business date."""
        return self.since


@frozen(kw_only=True)
class Profit:
    """What a customer contributed, as the host's finance system computes it (FTP profit or EVA); may be negative."""

    customer: str = field(validator=_named)
    on: date = field(converter=day)
    amount: Money = field(converter=_money)
    number: str = field(default="", validator=_text)
    """Tells two amounts of one customer on one day apart."""
    source: str = field(default="", eq=False, validator=_text)

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("profit", self.customer, self.on.isoformat(), self.number)


@frozen(kw_only=True)
class Violation:
    """A breach of rules by a payee and the points that it costs."""

    number: str = field(validator=_named)
    payee: str = field(validator=_named)
    on: date = field(converter=day)
    points: Fraction = field(converter=_points)
    """Points deducted, zero or more."""
    source: str = field(default="", eq=False, validator=_text)

    def __attrs_post_init__(self) -> None:
        if self.points < 0:
            raise FactError(f"violation {self.number}", "points", self.points, "give zero or more")

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("violation", self.number)


@frozen(kw_only=True)
class Inquiry:
    """A look into a credit register by a payee."""

    number: str = field(validator=_named)
    payee: str = field(validator=_named)
    on: date = field(converter=day)
    authorised: bool = field(validator=_truth)
    """Whether the customer authorised it in writing."""
    permitted: bool = field(validator=_truth)
    """Whether its purpose is permitted."""
    source: str = field(default="", eq=False, validator=_text)

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("inquiry", self.number)


@frozen(kw_only=True)
class Valuation:
    """A collateral valued by a payee, and the benchmark known later (re-appraisal or disposal price)."""

    number: str = field(validator=_named)
    payee: str = field(validator=_named)
    on: date = field(converter=day)
    appraised: Money = field(converter=_money, validator=_not_negative)
    benchmark: Money = field(converter=_money, validator=_not_negative)
    source: str = field(default="", eq=False, validator=_text)

    def __attrs_post_init__(self) -> None:
        if not self.benchmark.units:
            raise FactError(f"valuation {self.number}", "benchmark", str(self.benchmark), "give an amount above zero")
        if self.benchmark.currency != self.appraised.currency:
            raise FactError(
                f"valuation {self.number}", "benchmark", str(self.benchmark), "give the currency of appraised"
            )

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("valuation", self.number)


@frozen(kw_only=True)
class Training:
    """A course assigned to a payee and due on a day."""

    payee: str = field(validator=_named)
    course: str = field(validator=_named)
    on: date = field(converter=day)
    """The day it is due."""
    completed_on: date | None = field(default=None, converter=_day_or_none)
    source: str = field(default="", eq=False, validator=_text)

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("training", self.payee, self.course, self.on.isoformat())


@frozen(kw_only=True)
class Rating:
    """A score given to a payee on a topic, such as teamwork, on a scale of 0 to 100 points."""

    number: str = field(validator=_named)
    payee: str = field(validator=_named)
    on: date = field(converter=day)
    topic: str = field(validator=_named)
    score: Fraction = field(converter=_points)
    """0 to 100 points, both included."""
    rater: str = field(default="", validator=_text)
    source: str = field(default="", eq=False, validator=_text)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.score <= 100:
            raise FactError(f"rating {self.number}", "score", self.score, "give 0 to 100 points")

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("rating", self.number)


@frozen(kw_only=True)
class Credit:
    """A part that a payee has in a loan; the parts of a loan may be credited to several payees.

    >>> Credit(loan="L1", payee="wei", on="2026-03-02", role="assistant", share="60%").share
    Fraction(3, 5)
    """

    loan: str = field(validator=_named)
    payee: str = field(validator=_named)
    on: date = field(converter=day)
    """The day from which it is known."""
    role: str = field(default="lead", validator=_named)
    """`lead`, `assistant`, `referrer` or the host's own."""
    share: Fraction | None = field(default=None, converter=_share_or_none, validator=_a_part)
    """The part of what is credited to this role, above 0 and up to 1; None is an equal part."""
    source: str = field(default="", eq=False, validator=_text)

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key; a part is said once, so a second row with another day or share contradicts the first."""
        return ("credit", self.loan, self.role, self.payee)


@frozen(kw_only=True)
class ExchangeRate:
    """What one unit of a currency is worth in another on a day.

    >>> ExchangeRate(currency="USD", into="CNY", on="2026-03-31", rate="7.1").rate
    Fraction(71, 10)
    """

    currency: str = field(validator=_currency)
    into: str = field(validator=_currency)
    on: date = field(converter=day)
    rate: Fraction = field(converter=number)
    """Units of `into` for one unit of `currency`; above zero."""
    source: str = field(default="", eq=False, validator=_text)

    def __attrs_post_init__(self) -> None:
        if self.into == self.currency:
            raise FactError(_title(self), "into", self.into, "give another currency than the one that is converted")
        if self.rate <= 0:
            raise FactError(_title(self), "rate", plain(self.rate), "give a number above zero")

    @property
    def key(self) -> tuple[str, ...]:
        """The natural key."""
        return ("exchange rate", self.currency, self.into, self.on.isoformat())


Fact: TypeAlias = (
    Loan
    | LoanEvent
    | Balance
    | Customer
    | Holding
    | Profit
    | Violation
    | Inquiry
    | Valuation
    | Training
    | Rating
    | Credit
    | ExchangeRate
)
"""Anything a host can tell."""


def text_of(fact: Fact) -> str:
    """A fact as it is printed: its natural key, what it says, and where it comes from.

    >>> text_of(Balance(loan="L1", on="2026-03-31", outstanding="5万元", source="balances.csv row 7"))
    'balance L1 2026-03-31: 50000.00 CNY (balances.csv row 7)'
    """
    said = ""
    match fact:
        case Balance():
            said = str(fact.outstanding)
        case LoanEvent():
            days = None if fact.days is None else f"{fact.days} days past due"
            said = str(fact.amount or (fact.category and fact.category.value) or days or fact.officer or "")
        case Credit():
            said = "" if fact.share is None else percent(fact.share)
        case ExchangeRate():
            said = plain(fact.rate)
        case _:
            pass
    source = f" ({fact.source})" if fact.source else ""
    return " ".join(fact.key).strip() + (f": {said}" if said else "") + source
