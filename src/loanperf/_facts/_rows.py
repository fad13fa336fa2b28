"""Rows: what a host saw, each with a natural key, a business date and a source. A fact never changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from numbers import Integral
from operator import attrgetter
from types import MappingProxyType
from typing import Any, TypeAlias, get_args

from attrs import evolve, field, fields, frozen
from attrs.converters import optional

from loanperf._data import PlainData
from loanperf._facts._row_checks import must_keep
from loanperf._kinds import DETAIL, KINDS, Category, EventKind, FactColumn, FactKind
from loanperf._periods import day
from loanperf._quantities import Money, Number, number, percent, plain, quantity
from loanperf.errors import FactError, Problem, Subject, UnitError, meant_by, rate_for


def _money(value: Number) -> Money:
    return value if isinstance(value, Money) else Money.of(value)


def _points(value: Number) -> Fraction:
    found = quantity(value, default="point")
    if found.unit != "point":
        raise UnitError("a number of points", found.unit or str(value), "point")
    return found.value


def _whole(value: Any) -> Any:
    """Integers of numpy become Python's; what is no integer is left for the check."""
    return value if isinstance(value, bool) or not isinstance(value, Integral) else int(value)


class _Key:
    """The natural key of a row: what its kind is called, then the texts of the columns that tell its rows apart."""

    def __get__(self, row: object, owner: object = None) -> tuple[str, ...]:
        if row is None:
            raise AttributeError("a row has a key, and its class has none")
        return _KEY_OF[type(row)](row)


def _reader_of_key(kind: FactKind) -> Callable[[Any], tuple[str, ...]]:
    one = kind.one
    read: Any = attrgetter(*kind.key)
    if len(kind.key) == 1:
        return lambda row: (one, read(row))
    return lambda row: (one, *map(_written, read(row)))


def _written(value: Any) -> str:
    """A value as it stands in a natural key."""
    if isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value.value)


def _checked(row: Any) -> None:
    must_keep(row, KIND_OF[type(row)].name)


@frozen(kw_only=True)
class Loan(PlainData):
    """A loan or application, and the officer who brought it in."""

    loan: str
    customer: str
    officer: str
    """The payee who originated it; an event `assigned` hands it to another."""
    opened_on: date = field(converter=day)
    product: str = ""
    segment: str = ""
    """`personal`, `corporate` or the host's own."""
    term_months: int | None = field(default=None, converter=_whole)
    """Months from drawing to the last instalment, one or more; needed where volume is converted by term."""
    first_due_on: date | None = field(default=None, converter=optional(day))
    """The day the first instalment is due; needed for first payment default."""
    amount: Money | None = field(default=None, converter=optional(_money))
    """Applied for or approved, not negative; what is signed and drawn later are events."""
    collateral: str = ""
    """What secures it: `mortgage`, `guarantee`, `credit` or the host's own."""
    customer_type: str = ""
    """`new`, `existing` or the host's own."""
    interest_rate: Fraction | None = field(default=None, converter=optional(number))
    """What the customer pays a year: 0 to 1, both included."""
    funding_rate: Fraction | None = field(default=None, converter=optional(number))
    """What the bank charges its branch for the money a year (FTP price): 0 to 1, both included."""
    discount: Fraction | None = field(default=None, converter=optional(number))
    """How far the customer pays less than the list price a year: 0 to 1, both included."""
    ltv: Fraction | None = field(default=None, converter=optional(number))
    """Loan to value, the amount over the value of what secures it: 0 to 10, both included."""
    revolving: bool = False
    """Whether principal that is repaid may be drawn again, as on a line of credit."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked

    @property
    def on(self) -> date:
        """The business date."""
        return self.opened_on


@frozen(kw_only=True)
class LoanEvent(PlainData):
    """Something that happened to a loan on a day.

    >>> LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元").amount
    Money('300000.00 CNY')
    """

    loan: str
    kind: EventKind
    on: date = field(converter=day)
    number: str = ""
    """Tells two events of one kind and loan on one day apart, such as two drawdowns."""
    amount: Money | None = field(default=None, converter=optional(_money))
    """Signed, disbursed, repaid, prepaid, written off or recovered; not negative."""
    category: Category | None = None
    days: int | None = field(default=None, converter=_whole)
    """Days past due on that day; 0 says that the loan is current again."""
    officer: str | None = None
    """The payee who holds the loan from that day on."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Balance(PlainData):
    """What is outstanding of a loan at the end of a day."""

    loan: str
    on: date = field(converter=day)
    outstanding: Money = field(converter=_money)
    """Principal not yet repaid."""
    overdue: Money | None = field(default=None, converter=optional(_money))
    """The part of it that is past due; None where the host does not say."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Customer(PlainData):
    """A customer looked after by a payee, from a day up to another."""

    customer: str
    officer: str
    since: date = field(converter=day)
    until: date | None = field(default=None, converter=optional(day))
    """The first day on which the customer is lost or handed on; None is open."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked

    @property
    def on(self) -> date:
        """The business date."""
        return self.since


@frozen(kw_only=True)
class Holding(PlainData):
    """A product that a customer holds, consented to and active, from a day up to another."""

    customer: str
    product: str
    since: date = field(converter=day)
    until: date | None = field(default=None, converter=optional(day))
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked

    @property
    def on(self) -> date:
        """The business date."""
        return self.since


@frozen(kw_only=True)
class Profit(PlainData):
    """What a customer contributed, as the host's finance system computes it (FTP profit or EVA); may be negative."""

    customer: str
    on: date = field(converter=day)
    amount: Money = field(converter=_money)
    number: str = ""
    """Tells two amounts of one customer on one day apart."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Violation(PlainData):
    """A breach of rules by a payee and the points that it costs."""

    number: str
    payee: str
    on: date = field(converter=day)
    points: Fraction = field(converter=_points)
    """Points deducted, zero or more."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Inquiry(PlainData):
    """A look into a credit register by a payee."""

    number: str
    payee: str
    on: date = field(converter=day)
    authorised: bool
    """Whether the customer authorised it in writing."""
    permitted: bool
    """Whether its purpose is permitted."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Valuation(PlainData):
    """A collateral valued by a payee, and the benchmark known later (re-appraisal or disposal price)."""

    number: str
    payee: str
    on: date = field(converter=day)
    appraised: Money = field(converter=_money)
    benchmark: Money = field(converter=_money)
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Training(PlainData):
    """A course assigned to a payee and due on a day."""

    payee: str
    course: str
    on: date = field(converter=day)
    """The day it is due."""
    completed_on: date | None = field(default=None, converter=optional(day))
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Rating(PlainData):
    """A score given to a payee on a topic, such as teamwork, on a scale of 0 to 100 points."""

    number: str
    payee: str
    on: date = field(converter=day)
    topic: str
    score: Fraction = field(converter=_points)
    """0 to 100 points, both included."""
    rater: str = ""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Complaint(PlainData):
    """A complaint of a customer about a payee."""

    number: str
    payee: str
    on: date = field(converter=day)
    """The day on which it was received."""
    topic: str = ""
    """What it is about, in the host's own words."""
    upheld: bool = False
    """Whether it was found to be justified."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class SalesLead(PlainData):
    """A possible customer whom a lender assigned to a payee, and what became of it (线索).

    >>> lead = SalesLead(number="X1", payee="lin", on="2026-04-02", followed_on="2026-04-03")
    >>> lead.followed_on, lead.converted_on
    (datetime.date(2026, 4, 3), None)
    """

    number: str
    payee: str
    """Who has it to follow: not who leads a team."""
    on: date = field(converter=day)
    """The day on which it was assigned."""
    origin: str = ""
    """Where it comes from, such as a branch or a campaign, in the host's own words."""
    followed_on: date | None = field(default=None, converter=optional(day))
    """The day on which the payee first followed it; None is not yet."""
    converted_on: date | None = field(default=None, converter=optional(day))
    """The day on which it led to a loan; None is not yet, or never."""
    led_to: str = ""
    """The number of that loan."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class Credit(PlainData):
    """A part that a payee has in a loan; the parts of a loan may be credited to several payees.

    A part is said once: a second row of its loan, role and payee with another day or share contradicts the first.

    >>> Credit(loan="L1", payee="wei", on="2026-03-02", role="assistant", share="60%").share
    Fraction(3, 5)
    """

    loan: str
    payee: str
    on: date = field(converter=day)
    """The day from which it is known."""
    role: str = "lead"
    """`lead`, `assistant`, `referrer` or the host's own."""
    share: Fraction | None = field(default=None, converter=optional(number))
    """The part of what is credited to this role, above 0 and up to 1; None is an equal part."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


@frozen(kw_only=True)
class ExchangeRate(PlainData):
    """What one unit of a currency is worth in another on a day.

    >>> ExchangeRate(currency="USD", into="CNY", on="2026-03-31", rate="7.1").rate
    Fraction(71, 10)
    """

    currency: str
    into: str
    on: date = field(converter=day)
    rate: Fraction = field(converter=number)
    """Units of `into` for one unit of `currency`; above zero."""
    source: str = field(default="", eq=False)
    key = _Key()
    __attrs_post_init__ = _checked


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
    | Complaint
    | SalesLead
    | Credit
    | ExchangeRate
)
"""Anything a host can tell."""


ROW_OF: Mapping[str, type[Fact]] = MappingProxyType(dict(zip(KINDS, get_args(Fact), strict=True)))
"""The row class of each kind."""
KIND_OF: Mapping[type, FactKind] = MappingProxyType({row: KINDS[name] for name, row in ROW_OF.items()})
"""The kind of each row class."""
_KEY_OF = {row: _reader_of_key(kind) for row, kind in KIND_OF.items()}


def fact_from(kind: str, cells: Mapping[str, Any], source: str = "") -> Fact:
    """The fact of cells.

    Args:
        kind: name of its kind, such as `events`.
        cells: what is there, by column; words of a list as text.
        source: where they come from.

    >>> fact_from("events", {"loan": "L1", "kind": "signed", "on": "2026-03-02", "amount": "30万元"}).kind
    <EventKind.SIGNED: 'signed'>
    """
    columns = KINDS[kind].columns
    given = {name: _worded(columns[name], name, cell) for name, cell in cells.items()}
    return ROW_OF[kind](**given, source=source)


def _worded(column: FactColumn, name: str, cell: Any) -> Any:
    """A cell; a word as the member of its list."""
    if column.enum is None:
        return cell
    if cell not in column.words:
        remedy = meant_by(cell, sorted(column.words), f"use one of {', '.join(sorted(column.words))}")
        raise FactError("a row", name, cell, remedy)
    return column.enum(cell)


def key_text(key: Sequence[str]) -> str:
    """A natural key as it is printed.

    >>> key_text(("balance", "L1", "2026-03-31"))
    'balance L1 2026-03-31'
    """
    return " ".join(key).strip()


def text_of(fact: Fact) -> str:
    """A fact as it is printed: its natural key, what it says, and where it comes from.

    >>> text_of(Balance(loan="L1", on="2026-03-31", outstanding="5万元", source="balances.csv row 7"))
    'balance L1 2026-03-31: 50000.00 CNY (balances.csv row 7)'
    """
    said = said_of(fact)
    source = f" ({fact.source})" if fact.source else ""
    return key_text(fact.key) + (f": {shown_cell(*said)}" if said else "") + source


def fields_shown(value: Any, limit: int = 300) -> str:
    """What a row says, field by field, cut at `limit` characters; fields without a value, and its source, are left out.

    >>> fields_shown(Balance(loan="L1", on="2026-03-31", outstanding="5万元", source="balances.csv row 7"))
    'loan L1, on 2026-03-31, outstanding 50000.00 CNY'
    """
    said = ((one.name, getattr(value, one.name)) for one in fields(type(value)) if one.repr and one.name != "source")
    texts = (f"{name} {getattr(cell, 'value', cell)}" for name, cell in said if cell not in (None, "", False))
    text = ", ".join(texts)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def said_of(fact: Fact) -> tuple[FactColumn, Any] | None:
    """What is shown of a fact beside its key: a column and its value; None where its kind shows nothing."""
    kind = KIND_OF[type(fact)]
    found = ((kind.columns[name], getattr(fact, name)) for name in kind.says)
    return next(((column, value) for column, value in found if value is not None), None)


def shown_cell(column: FactColumn, value: Any) -> str:
    """A value of a fact as text."""
    match column.type:
        case "word":
            return str(value.value)
        case "whole":
            return f"{value} {column.en[0]}"
        case "share":
            return percent(value)
        case "rate":
            return plain(value)
        case _:
            return str(value)


# ── what is unknown without a row that cannot be used ────────────────────────────────────────────────────────────


def lost_with(kind: str, cells: Mapping[str, Any]) -> Subject | None:
    """What else becomes unknown where a row cannot be used, such as `("loan", "L1")`; None where nothing does.

    It is also None where the row does not say of which loan, customer or payee it is.

    Of an event these are the amounts of its loan, unless it is of a kind that states none.

    Args:
        kind: name of the kind of facts, such as `events`.
        cells: what could be read of the row, by column.

    >>> [lost_with("events", {"loan": "L1", "kind": kind}) for kind in ("disbursed", "it cannot be read", "assigned")]
    [('amounts', 'L1'), ('amounts', 'L1'), None]
    """
    entry = KINDS[kind]
    columns = (entry.domain,) if entry.domain else ("currency", "into")
    codes = [cells[name] for name in columns if cells.get(name)]
    if not entry.loses or len(codes) < len(columns):
        return None
    if kind == "events" and _states_no_amount(cells.get("kind")):
        return None
    return entry.loses, str(codes[0]) if entry.domain else rate_for(*codes)


def _states_no_amount(said: object) -> bool:
    return any(said in (kind, kind.value) and "amount" not in DETAIL[kind] for kind in EventKind)


def about(fact: Fact, problem: Problem) -> Problem:
    """A problem of a refused fact: with the payee and the loan whom it concerns, and what is lost with it."""
    payee = getattr(fact, "payee", None) or getattr(fact, "officer", None) or ""
    kind = KIND_OF[type(fact)]
    cells = {name: getattr(fact, name) for name in kind.columns}
    return evolve(problem, payee=payee, loan=getattr(fact, "loan", ""), loses=lost_with(kind.name, cells))
