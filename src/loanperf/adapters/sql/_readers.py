"""Readers: roles of PostgreSQL that see one company's rows, and write nothing."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from loanperf.adapters.sql._schema import METADATA, accounts, personal, scopes
from loanperf.adapters.sql._scope import Scope
from loanperf.errors import StoreError

_HIDDEN = {accounts.name, personal.name}


def admit_reader(scope: Scope, role: str) -> None:
    """Grant a role to read, and note whose rows it sees; the policies of the schema ask for that."""
    engine = scope.engine
    if engine.dialect.name != "postgresql":
        remedy = "open the file so: sqlite:///file:pay.db?mode=ro&uri=true"
        raise StoreError(f"reader {role!r}", "SQLite has no roles", remedy)
    quoted = engine.dialect.identifier_preparer.quote_identifier(role).replace(":", "\\:")
    tables = ", ".join(table for table in METADATA.tables if table not in _HIDDEN)
    with scope.writing() as connection:
        connection.execute(text(f"GRANT SELECT ON {tables}, alembic_version TO {quoted}"))
        connection.execute(insert(scopes).values(role=role, company=scope.company).on_conflict_do_nothing())
