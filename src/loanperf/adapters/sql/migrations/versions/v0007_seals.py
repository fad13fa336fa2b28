"""Seals of what was added to streams, each over all that stands before it."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from loanperf._seals import Sealed, seal_of
from loanperf.adapters.sql._entry_rows import table_of

revision = "0007"
down_revision = "0006"

_KEY = ("company", "stream", "version")
_CELLS = (
    *("number", "kind", "payee", "loan", "amount_units", "currency", "period", "cohort", "on_day", "line", "plan"),
    *("component", "stage", "scheme_version", "corrects", "rule", "before_units", "now_units", "moves", "drawn_units"),
    *("said", "reason", "set_to_units", "set_to_currency", "set_by", "set_why", "evidence"),
)
_MOST = 100_000
"""Records of one seal."""


def upgrade() -> None:
    """Add the table, and seal what is there; who knows of no seals can add nothing from now on."""
    op.create_table(
        "batches",
        sa.Column("company", sa.String(200), nullable=False),
        sa.Column("stream", sa.String(200), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
        sa.PrimaryKeyConstraint("company", "stream", "version"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("LOCK TABLE streams IN ACCESS EXCLUSIVE MODE")
        _policies()
    with op.batch_alter_table("streams") as table:
        table.add_column(sa.Column("seal", sa.String(64)))
    streams = _table("streams", "company", "stream", "seal")
    bind = op.get_bind()
    for company, stream in list(bind.execute(sa.select(streams.c.company, streams.c.stream))):
        seal = _sealed(company, stream)
        here = (streams.c.company == company) & (streams.c.stream == stream)
        bind.execute(streams.update().where(here).values(seal=seal))
    with op.batch_alter_table("streams") as table:
        table.alter_column("seal", existing_type=sa.String(64), nullable=False)


def _policies() -> None:
    """Who reads the records of a company reads their seals."""
    op.execute("ALTER TABLE batches ENABLE ROW LEVEL SECURITY")
    seen = "SELECT scopes.company FROM scopes WHERE scopes.role = current_user"
    op.execute(f"CREATE POLICY own_company ON batches FOR SELECT USING (company IN ({seen}))")
    bind = op.get_bind()
    readers = bind.execute(sa.text("SELECT DISTINCT role FROM scopes JOIN pg_roles ON rolname = role")).scalars().all()
    for role in readers:
        quoted = bind.dialect.identifier_preparer.quote_identifier(role)
        bind.exec_driver_sql(f"GRANT SELECT ON batches TO {quoted}".replace("%", "%%"))


def _table(name: str, *columns: str) -> Any:
    return sa.table(name, *map(sa.column, columns))


def _sealed(company: str, stream: str) -> str:
    """Seal what a stream has, lines and entries in turn; the last seal."""
    batches, bind = _table("batches", *_KEY, "seal"), op.get_bind()
    seal, version = "", 0
    for part in _parts(company, stream):
        seal = seal_of(seal, stream, version, part)
        version += len(part) if isinstance(part, tuple) else part.rows
        bind.execute(batches.insert().values(company=company, stream=stream, version=version, seal=seal))
    return seal


def _parts(company: str, stream: str) -> Iterator[Any]:
    """Runs of lines, and of entries as a table, in order of version."""
    bind, records, entries = op.get_bind(), _table("records", *_KEY, "record"), _table("entries", *_KEY, *_CELLS)
    versions = []
    for what in (records, entries):
        mine = (what.c.company == company) & (what.c.stream == stream)
        versions += [(version, what.name) for version in bind.scalars(sa.select(what.c.version).where(mine))]
    for name, run in groupby(sorted(versions), key=lambda one: one[1]):
        numbers = [version for version, _ in run]
        for start in range(0, len(numbers), _MOST):
            part = numbers[start : start + _MOST]
            what = records if name == "records" else entries
            span = what.c.version.between(part[0], part[-1])
            mine = (what.c.company == company) & (what.c.stream == stream) & span
            found = bind.execute(sa.select(what).where(mine).order_by(what.c.version)).mappings()
            yield _records([dict(row) for row in found], name)


def _records(rows: list[dict[str, Any]], name: str) -> Sealed:
    return tuple(str(row["record"]) for row in rows) if name == "records" else table_of(rows)
