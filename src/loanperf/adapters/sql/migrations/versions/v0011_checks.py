"""The database itself keeps out what no row can say: types in SQLite too, and checks that both databases make."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

CHECKS = {
    "facts": {
        "revision": "revision >= 0",
        "mark": "mark >= 0",
        "currency": "length(currency) = 3",
    },
    "cursors": {"begun": "begun >= 0"},
    "marks": {"mark": "mark >= 0"},
    "takes": {"mark": "mark > 0", "token": "length(token) = 32"},
    "streams": {"version": "version >= 0", "seal": "length(seal) IN (0, 64)"},
    "batches": {"version": "version > 0", "seal": "length(seal) = 64"},
    "records": {"version": "version > 0"},
    "entries": {
        "version": "version > 0",
        "number": "number > 0",
        "currency": "length(currency) = 3",
        "set_to": "(set_to_units IS NULL) = (set_to_currency IS NULL)",
    },
    "assignments": {
        "salary": "(salary_units IS NULL) = (salary_currency IS NULL)",
        "base": "(base_units IS NULL) = (base_currency IS NULL)",
        "sealed": "sealed IS NULL OR (salary_units IS NULL AND base_units IS NULL)",
    },
    "accounts": {"sealed": "(account IS NULL) <> (sealed IS NULL)"},
    "personal": {
        "commitment": "length(commitment) = 64",
        "salt": "(salt IS NULL) = (said IS NULL)",
        "sealed": "(said IS NULL) <> (sealed IS NULL)",
    },
    "payments": {
        "amount": "amount_units > 0",
        "currency": "length(currency) = 3",
        "earned": "(earned_units IS NULL) = (earned_currency IS NULL)",
    },
}
"""By table, what must be so of each row. A check that comes to NULL, since a column is, keeps nothing out."""
_TABLES = (*CHECKS, "schemes", "targets", "readings", "units", "payees", "scopes")
_HELD = {"DATE": "TEXT", "DATETIME": "TEXT", "BOOLEAN": "INTEGER", "BIGINT": "INTEGER", "INTEGER": "INTEGER"}
"""Types of columns as a STRICT table knows them; others are text."""
_STRICT_SINCE = (3, 37)


def upgrade() -> None:
    """Add the checks; SQLite, which can add none to a table, copies each into one that has them."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        for table, checks in CHECKS.items():
            for name, check in checks.items():
                op.create_check_constraint(f"{table}_{name}", table, check)
        return
    (legacy,) = bind.exec_driver_sql("PRAGMA legacy_alter_table").one()
    bind.exec_driver_sql("PRAGMA legacy_alter_table = ON")  # a host's views stay as they are
    try:
        for table in _TABLES:
            _copied(bind, table)
    finally:
        bind.exec_driver_sql(f"PRAGMA legacy_alter_table = {legacy}")


def _copied(bind: sa.Connection, table: str) -> None:
    """Put a table of the same columns, indexes and rows in its place, with types and checks."""
    beside = "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
    said = bind.exec_driver_sql(beside, (table,)).all()
    made = "".join(sql for kind, sql in said if kind == "table")
    options = [*(["STRICT"] if bind.dialect.server_version_info >= _STRICT_SINCE else [])]  # type: ignore[operator]
    options += ["WITHOUT ROWID"] if "WITHOUT ROWID" in made.upper() else []
    columns = bind.exec_driver_sql(f'PRAGMA table_info("{table}")').all()
    parts, new = ", ".join(_parts(table, columns)), f"{table}_checked"
    bind.exec_driver_sql(f'CREATE TABLE "{new}" ({parts}) {", ".join(options)}')
    names = ", ".join(f'"{column.name}"' for column in columns)
    bind.exec_driver_sql(f'INSERT INTO "{new}" ({names}) SELECT {names} FROM "{table}"')
    bind.exec_driver_sql(f'DROP TABLE "{table}"')
    bind.exec_driver_sql(f'ALTER TABLE "{new}" RENAME TO "{table}"')
    for kind, sql in said:
        if kind != "table":
            bind.exec_driver_sql(sql)


def _parts(table: str, columns: Any) -> Iterator[str]:
    """What stands between the brackets of a table's definition."""
    for column in columns:
        held = f'"{column.name}" {_HELD.get(column.type, "TEXT")}'
        default = "" if column.dflt_value is None else f" DEFAULT {column.dflt_value}"
        yield held + (" NOT NULL" if column.notnull else "") + default
    keys = sorted((column.pk, column.name) for column in columns if column.pk)
    yield "PRIMARY KEY (" + ", ".join(f'"{name}"' for _, name in keys) + ")"
    for column in columns:
        if column.type == "DATE":
            day = f"""date("{column.name}", '+0 days')"""  # which makes 30 February a day of March
            yield f'CONSTRAINT "{table}_{column.name}" CHECK ("{column.name}" IS {day})'
        elif column.type == "BOOLEAN":
            yield f'CONSTRAINT "{table}_{column.name}" CHECK ("{column.name}" IN (0, 1))'
    for name, check in CHECKS.get(table, {}).items():
        yield f'CONSTRAINT "{table}_{name}" CHECK ({check})'
