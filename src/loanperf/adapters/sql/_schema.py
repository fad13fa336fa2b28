"""Schema: the tables. Each begins with the company, which every statement names.

Amounts are whole numbers of the currency's smallest unit, in 64 bits, beside the code of the currency: exact in every
database, and their sums too. Shares, points and rates are exact decimals or fractions as text. Days are dates; the one
moment, when a row came, is in UTC, and nothing is computed from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    func,
    true,
)
from sqlalchemy.types import TypeEngine

from loanperf._kinds import COLUMN_TYPES, KINDS, TypeName

METADATA = MetaData()
CODE = String(200)
"""Codes of companies, sources, streams."""
ORDERED = CODE.with_variant(String(200, collation="C"), "postgresql")
"""Codes that are compared by their characters, in every database as in Python."""

_TYPES: Mapping[str, type[TypeEngine[Any]]] = {
    "TEXT": Text,
    "DATE": Date,
    "BOOLEAN": Boolean,
    "BIGINT": BigInteger,
    "INTEGER": Integer,
}


EXACT = frozenset({"share", "points", "rate"})
"""Types whose numbers are kept as text: exact decimals or fractions."""


def column_of(name: str, of: TypeName) -> str:
    """The column of the database that holds a field of a fact."""
    return f"{name}_units" if of == "money" else "on_day" if name == "on" else name


FIELDS: Mapping[str, Mapping[str, TypeName]] = {
    name: {field: column.type for field, column in kind.columns.items()} for name, kind in KINDS.items()
}
"""The fields of the facts of each kind, with what they hold."""


def _fact_columns() -> list[Column[Any]]:
    """One for each field of any fact; fields of one name hold the same."""
    types = {column_of(name, of): COLUMN_TYPES[of].sql for fields in FIELDS.values() for name, of in fields.items()}
    return [Column(name, _TYPES[held]) for name, held in sorted(types.items()) if name != "currency"]


def _company() -> Column[str]:
    return Column("company", CODE, primary_key=True)


def _mark(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _came() -> Column[Any]:
    return Column("came_at", DateTime(timezone=True), nullable=False, server_default=func.current_timestamp())


facts = Table(
    "facts",
    METADATA,
    _company(),
    Column("source", CODE, primary_key=True),
    Column("row_code", ORDERED, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("form", String(20), nullable=False),
    Column("said", Text),
    Column("fact_source", Text),
    Column("currency", String(3)),
    *_fact_columns(),
    _mark("mark"),
    Column("again", Boolean, nullable=False, server_default=false()),
    Column("loans_before", Text),
    _came(),
    Index("facts_by_mark", "company", "mark"),
    Index("facts_by_loan", "form", "loan"),
    sqlite_with_rowid=False,
)
"""What holds of each row of each feed.

`form` is the name of the kind of facts, or `withdrawn`, `problem` or `contradiction`, of which `said` holds the rest. A
text or a truth that a fact may leave out is NULL where it is empty or no. `mark` is that of the `take` that said it;
where the row said something else before, `again` says so, and `loans_before` of which other loans, one behind another.
"""

cursors = Table(
    "cursors",
    METADATA,
    _company(),
    Column("source", CODE, primary_key=True),
    Column("cursor", Text, nullable=False),
    _mark("begun"),
)
marks = Table("marks", METADATA, _company(), _mark("mark"), _mark("taken"))
"""How often rows of a company were taken, and how many are held by now."""
takes = Table(
    "takes",
    METADATA,
    _company(),
    Column("token", String(32), primary_key=True),
    Column("mark", BigInteger, nullable=False),
)
"""A random token for each time rows were taken; a database restored to an earlier state does not have it."""

streams = Table(
    "streams",
    METADATA,
    _company(),
    Column("stream", CODE, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("seal", String(64), nullable=False),
)
"""How far each stream is, with its last seal, empty where it has none; who appends locks its row."""
batches = Table(
    "batches",
    METADATA,
    _company(),
    Column("stream", CODE, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("seal", String(64), nullable=False),
    _came(),
)
"""Seals of what was added to streams, each up to its version from that of the one before: rows of `records`, or of
`entries`. Nothing in it is ever changed."""
records = Table(
    "records",
    METADATA,
    _company(),
    Column("stream", CODE, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("record", Text, nullable=False),
    _came(),
)
"""The records of streams that are lines of text; nothing in it is ever changed."""
entries = Table(
    "entries",
    METADATA,
    _company(),
    Column("stream", CODE, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("payee", Text, nullable=False),
    Column("loan", Text),
    Column("amount_units", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("period", Text, nullable=False),
    Column("cohort", Text),
    Column("on_day", Date, nullable=False),
    Column("line", Text),
    Column("plan", Text),
    Column("component", Text),
    Column("stage", Text),
    Column("scheme_version", Text),
    Column("corrects", Text),
    Column("rule", Text, nullable=False),
    Column("before_units", BigInteger),
    Column("now_units", BigInteger),
    Column("moves", BigInteger),
    Column("drawn_units", BigInteger),
    Column("said", Text),
    Column("reason", Text),
    Column("set_to_units", BigInteger),
    Column("set_to_currency", String(3)),
    Column("set_by", Text),
    Column("set_why", Text),
    Column("evidence", Text),
    _came(),
)
"""The records of streams that are entries of a ledger; see `lp.Entries.table`. Nothing in it is ever changed."""

schemes = Table(
    "schemes",
    METADATA,
    _company(),
    Column("name", CODE, primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("effective", Date, nullable=False),
    Column("document", Text, nullable=False),
    Column("in_book", Boolean, nullable=False),
    Column("backdated_because", Text),
    _came(),
)
"""Every version that was ever published; those of the book that holds now are `in_book`."""
targets = Table(
    "targets",
    METADATA,
    _company(),
    Column("period", String(30), primary_key=True),
    Column("payee", CODE, primary_key=True),
    Column("indicator", CODE, primary_key=True),
    Column("value", Text, nullable=False),
    Column("unit", String(20), nullable=False),
)
readings = Table(
    "readings",
    METADATA,
    _company(),
    Column("period", String(30), primary_key=True),
    Column("payee", CODE, primary_key=True),
    Column("indicator", CODE, primary_key=True),
    Column("numerator", Text, nullable=False),
    Column("denominator", Text),
    Column("unit", String(20), nullable=False),
)

units = Table(
    "units",
    METADATA,
    _company(),
    Column("code", CODE, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("name", Text, nullable=False),
    Column("parent", CODE),
    Column("until", Date),
)
payees = Table(
    "payees", METADATA, _company(), Column("code", CODE, primary_key=True), Column("name", Text, nullable=False)
)
assignments = Table(
    "assignments",
    METADATA,
    _company(),
    Column("payee", CODE, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
    Column("unit", CODE, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("tier", Text, nullable=False),
    Column("product_line", Text, nullable=False),
    Column("salary_units", BigInteger),
    Column("salary_currency", String(3)),
    Column("base_units", BigInteger),
    Column("base_currency", String(3)),
    Column("sealed", Text),
    Column("is_primary", Boolean, nullable=False, server_default=true()),
)
"""With a host's key, salary and base are in `sealed` and nowhere else."""
accounts = Table(
    "accounts",
    METADATA,
    _company(),
    Column("payee", CODE, primary_key=True),
    Column("account", Text),
    Column("sealed", Text),
)
"""Where payees are paid to; with a host's key in `sealed` and nowhere else."""

personal = Table(
    "personal",
    METADATA,
    _company(),
    Column("commitment", String(64), primary_key=True),
    Column("payee", CODE, nullable=False),
    Column("salt", Text),
    Column("said", Text),
    Column("sealed", Text),
    _came(),
    Index("personal_of_payee", "company", "payee"),
)
"""What is personal of results in the archive, by the commitment that those have; all that can be erased of them."""

payments = Table(
    "payments",
    METADATA,
    _company(),
    Column("key", String(400), primary_key=True),
    Column("payee", CODE, nullable=False),
    Column("period", String(30), nullable=False),
    Column("amount_units", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("earned_units", BigInteger),
    Column("earned_currency", String(3)),
    Column("rate", Text),
    Column("rate_on", Date),
    Column("rate_source", Text),
    _came(),
)
"""What finance is to pay, each key once."""

scopes = Table("scopes", METADATA, Column("role", CODE, primary_key=True), Column("company", CODE, primary_key=True))
"""Which company a reader of the database sees; PostgreSQL asks it of every row."""
