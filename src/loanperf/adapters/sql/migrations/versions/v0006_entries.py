"""Entries of ledgers as columns, so that finance can ask for them."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from loanperf.adapters.sql._entry_rows import cells_of, split

revision = "0006"
down_revision = "0005"

_AT_ONCE = 5000
_RECORDS = sa.table("records", *map(sa.column, ("company", "stream", "version", "record", "came_at")))
_TEXTS = ("loan", "cohort", "line", "plan", "component", "stage", "scheme_version", "corrects")
_UNITS = ("before_units", "now_units", "moves", "drawn_units")


def upgrade() -> None:
    """Add the table, and move the lines of entries into it; the reason of each stays as it was written."""
    op.create_table(
        "entries",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("stream", sa.String(200), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("payee", sa.Text(), nullable=False),
        sa.Column("amount_units", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in _TEXTS),
        sa.Column("rule", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in _UNITS),
        sa.Column("said", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("set_to_units", sa.BigInteger()),
        sa.Column("set_to_currency", sa.String(3)),
        sa.Column("set_by", sa.Text()),
        sa.Column("set_why", sa.Text()),
        sa.Column("evidence", sa.Text()),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
        sa.PrimaryKeyConstraint("company", "stream", "version"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _policies()
    for rows in _parts():
        _move(rows)


def _policies() -> None:
    """Who reads the records of a company reads its entries."""
    op.execute("ALTER TABLE entries ENABLE ROW LEVEL SECURITY")
    seen = "SELECT scopes.company FROM scopes WHERE scopes.role = current_user"
    op.execute(f"CREATE POLICY own_company ON entries FOR SELECT USING (company IN ({seen}))")
    bind = op.get_bind()
    readers = bind.execute(sa.text("SELECT DISTINCT role FROM scopes JOIN pg_roles ON rolname = role")).scalars().all()
    for role in readers:
        quoted = bind.dialect.identifier_preparer.quote_identifier(role)
        bind.exec_driver_sql(f"GRANT SELECT ON entries TO {quoted}".replace("%", "%%"))


def _parts() -> Iterator[list[Any]]:
    """The records that may be entries, some at a time."""
    key = sa.tuple_(_RECORDS.c.company, _RECORDS.c.stream, _RECORDS.c.version)
    wanted = sa.select(*(sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in _RECORDS.c))
    wanted = wanted.where(_RECORDS.c.record.like('{"entry":%')).order_by(*_RECORDS.primary_key or key.clauses)
    after: Any = None
    while rows := list(op.get_bind().execute((wanted if after is None else wanted.where(key > after)).limit(_AT_ONCE))):
        yield rows
        after = tuple(rows[-1][:3])


def _move(rows: list[Any]) -> None:
    """Move those of some records that are entries."""
    table, places = split([row.record for row in rows])
    moved = [rows[place] for place in places]
    if not moved:
        return
    keys = {name: [getattr(row, name) for row in moved] for name in ("company", "stream", "version", "came_at")}
    columns = keys | cells_of(table.columns)
    target = sa.table("entries", *map(sa.column, columns))
    bind = op.get_bind()
    bind.execute(target.insert(), [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])
    here = [_RECORDS.c[name] == sa.bindparam(f"its_{name}") for name in ("company", "stream", "version")]
    gone = [{f"its_{name}": getattr(row, name) for name in ("company", "stream", "version")} for row in moved]
    bind.execute(_RECORDS.delete().where(*here), gone)
