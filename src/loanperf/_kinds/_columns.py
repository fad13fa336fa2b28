"""Columns: what a column of facts and a kind of facts can say of themselves; specifications, without any row."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from loanperf._explanations import Label
from loanperf._kinds._events import Category, EventKind

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
