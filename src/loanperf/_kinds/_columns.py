"""Columns: what a column of facts, a column of a tape, a kind of facts and a kind of event can say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from loanperf._explanations import Label


class Category(Enum):
    """The five-category classification of loans; the last three are non-performing."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"

    @property
    def non_performing(self) -> bool:
        """Whether it counts as non-performing."""
        return self in (Category.SUBSTANDARD, Category.DOUBTFUL, Category.LOSS)


class EventKind(Enum):
    """What can happen to a loan."""

    APPLIED = "applied"
    DUE_DILIGENCE = "due diligence complete"
    SIGNED = "signed"
    DISBURSED = "disbursed"
    REPAID = "repaid"
    PREPAID = "prepaid"
    CLASSIFIED = "classified"
    PAST_DUE = "past due"
    RESCHEDULED = "rescheduled"
    WRITTEN_OFF = "written off"
    RECOVERED = "recovered"
    CANCELLED = "cancelled"
    ASSIGNED = "assigned"


_AMOUNT = frozenset({"amount"})
DETAIL: Mapping[EventKind, frozenset[str]] = MappingProxyType(
    {
        EventKind.APPLIED: frozenset(),
        EventKind.DUE_DILIGENCE: frozenset(),
        EventKind.SIGNED: _AMOUNT,
        EventKind.DISBURSED: _AMOUNT,
        EventKind.REPAID: _AMOUNT,
        EventKind.PREPAID: _AMOUNT,
        EventKind.CLASSIFIED: frozenset({"category"}),
        EventKind.PAST_DUE: frozenset({"days"}),
        EventKind.RESCHEDULED: frozenset(),
        EventKind.WRITTEN_OFF: _AMOUNT,
        EventKind.RECOVERED: _AMOUNT,
        EventKind.CANCELLED: frozenset(),
        EventKind.ASSIGNED: frozenset({"officer"}),
    }
)
"""What each kind of event must state, and nothing else."""


TypeName: TypeAlias = Literal[
    "loan",
    "customer",
    "payee",
    "key",
    "code",
    "text",
    "word",
    "currency",
    "day",
    "truth",
    "money",
    "whole",
    "share",
    "points",
    "rate",
]
"""What a column of facts holds. Codes are text that is never empty, a `text` may be; a `word` is one of a list."""
Domain: TypeAlias = Literal["", "loan", "customer", "payee"]
"""What codes are of. Columns of one domain, in whatever kind, share one list of words, so that they join by code."""

WordList: TypeAlias = "type[EventKind | Category]"
"""A list of words."""


@frozen
class ColumnType:
    """What a column of a type holds, in memory and in a database."""

    held: Literal["text", "day", "truth", "whole"]
    """The kind of column in memory."""
    sql: Literal["TEXT", "DATE", "BOOLEAN", "BIGINT", "INTEGER"]
    """The type of column in a database; shares, points and rates are exact decimals or fractions as text."""
    domain: Domain = ""
    whole_codes: bool = False
    """Whether codes may come as whole numbers in the columns of a host."""
    scale: int = 1
    """Units in one whole where a host's column does not say it; of money, the smallest units of its currency."""


COLUMN_TYPES: Mapping[TypeName, ColumnType] = MappingProxyType(
    {
        "loan": ColumnType("text", "TEXT", "loan", whole_codes=True),
        "customer": ColumnType("text", "TEXT", "customer", whole_codes=True),
        "payee": ColumnType("text", "TEXT", "payee"),
        "key": ColumnType("text", "TEXT", whole_codes=True),
        "code": ColumnType("text", "TEXT"),
        "text": ColumnType("text", "TEXT"),
        "word": ColumnType("text", "TEXT"),
        "currency": ColumnType("text", "TEXT"),
        "day": ColumnType("day", "DATE"),
        "truth": ColumnType("truth", "BOOLEAN"),
        "money": ColumnType("whole", "BIGINT"),
        "whole": ColumnType("whole", "INTEGER"),
        "share": ColumnType("whole", "TEXT", scale=10_000),
        "points": ColumnType("whole", "TEXT", scale=100),
        "rate": ColumnType("whole", "TEXT", scale=1_000_000),
    }
)
"""The types of columns. A share counts hundredths of a percent, points hundredths, a rate millionths."""


def _fixed(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(given))


@frozen
class FactColumn:
    """One column of a kind of facts, and what a value of it must keep."""

    type: TypeName
    zh: tuple[str, ...]
    """Chinese headings; the first is the one that is shown."""
    en: tuple[str, ...]
    """English headings besides its own name."""
    meaning: str
    optional: bool = False
    """Whether a row may leave it out."""
    default: str | bool | None = None
    """What it is in a row that leaves it out; None is not known."""
    low: int | None = None
    """The least that it may be, included."""
    high: int | None = None
    """The most that it may be, included."""
    above: int | None = None
    """What it must be above."""
    after: str = ""
    """The day, another column of the row, that it must be after."""
    within: str = ""
    """The amount, another column of the row, of which it is a part."""
    unlike: str = ""
    """The column of the row from which it must differ."""
    remedy: str = ""
    """What to give in place of a value that is out of bounds; empty is what is said of its type."""
    counts: Literal["", "days", "months"] = ""
    """What a whole number counts."""
    enum: WordList | None = None
    """Of a word: the list that it is of."""
    words: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """Of a word: what a cell may say, each with its Chinese forms, of which the first is shown."""

    @property
    def domain(self) -> Domain:
        """What its codes are of; empty where nothing joins on them."""
        return COLUMN_TYPES[self.type].domain


@frozen
class Deviation:
    """A field of a view: how far an amount is from another one, as a part of that other one."""

    of: str
    from_: str


@frozen
class Reached:
    """A field of a view: whether a day is stated and not after the last day of the period."""

    day: str


@frozen
class ViewField:
    """A field by which indicators filter and sum the rows of a plain kind."""

    of: str | Deviation | Reached
    """A column, or what is computed of columns."""
    label: Label
    meaning: str


@frozen(kw_only=True)
class FactKind:
    """A kind of facts: rows of one business date, told apart by a natural key."""

    name: str
    """Of its tables and files: `violations`."""
    label: Label
    """What one fact is called."""
    sheets: tuple[str, ...]
    """The Chinese names by which a sheet of a workbook is known."""
    columns: Mapping[str, FactColumn] = field(converter=_fixed)
    """By name, in the order of the row class, without `source`."""
    key: tuple[str, ...]
    """The columns that tell its rows apart."""
    on: str = "on"
    """The column of the business date."""
    title: str = ""
    """What errors call one fact; empty is as its label."""
    loses: str = ""
    """What is lost with a row that cannot be used: the first word of the subject; empty is nothing that is followed."""
    says: tuple[str, ...] = ()
    """The columns that are shown of a fact beside its key; the first that is there."""
    view: Mapping[str, ViewField] = field(default=MappingProxyType({}), converter=_fixed)
    """The fields for indicators, where the rows of the kind are a view; empty where a view is made otherwise."""
    viewed: str = ""
    """Which rows of such a view count in a period."""

    @property
    def one(self) -> str:
        """The first word of the natural key of a fact."""
        return self.label.en

    @property
    def domain(self) -> Domain:
        """What its rows belong to: a loan, a customer or a payee; the first that it names."""
        return next((column.domain for column in self.columns.values() if column.domain), "")

    @property
    def money(self) -> tuple[str, ...]:
        """The columns of amounts; a row has one currency."""
        return tuple(name for name, column in self.columns.items() if column.type == "money")

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which there is no row."""
        return tuple(name for name, column in self.columns.items() if not column.optional)


@frozen
class TapeColumn:
    """A column of a wide table of loans, and the column of an event or balance that it stands for."""

    type: TypeName
    event: EventKind | None
    """What happened; None is a balance."""
    column: str
    """Of the event or balance; empty where the event says nothing beside its day."""
    needs: str = ""
    """The column of the tape without which it says nothing."""
    usual: str | int | bool | None = None
    """The value that stands for no event."""

    @property
    def standing(self) -> bool:
        """Whether it is as of the day of the tape."""
        return self.column != "on" and not self.needs.endswith("_on")


TAPE: Mapping[str, TapeColumn] = MappingProxyType(
    {
        "due_diligence_on": TapeColumn("day", EventKind.DUE_DILIGENCE, "on"),
        "signed_on": TapeColumn("day", EventKind.SIGNED, "on", needs="signed"),
        "signed": TapeColumn("money", EventKind.SIGNED, "amount", needs="signed_on"),
        "disbursed_on": TapeColumn("day", EventKind.DISBURSED, "on", needs="disbursed"),
        "disbursed": TapeColumn("money", EventKind.DISBURSED, "amount", needs="disbursed_on"),
        "cancelled_on": TapeColumn("day", EventKind.CANCELLED, "on"),
        "balance": TapeColumn("money", None, "outstanding"),
        "overdue": TapeColumn("money", None, "overdue", needs="balance"),
        "days_past_due": TapeColumn("whole", EventKind.PAST_DUE, "days", usual=0),
        "category": TapeColumn("word", EventKind.CLASSIFIED, "category", usual=Category.NORMAL.value),
        "rescheduled": TapeColumn("truth", EventKind.RESCHEDULED, "", usual=False),
    }
)
"""What a wide table of loans says of each: milestones with their days, and how it stands on the day of the tape."""
