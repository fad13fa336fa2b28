"""Several roles of one payee at once: an assignment says whether it is primary, and is known by unit and role too."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
_KEY = ("company", "payee", "since", "unit", "role")
_TABLE, _NEW = "assignments", "assignments_new"


def upgrade() -> None:
    """Make what is held primary; SQLite, which can change no key, copies the table into one with the other key."""
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.add_column(_TABLE, sa.Column("is_primary", sa.Boolean(), nullable=False, server_default=sa.true()))
        op.drop_constraint(f"{_TABLE}_pkey", _TABLE, type_="primary")
        op.create_primary_key(f"{_TABLE}_pkey", _TABLE, [*_KEY])
        return
    (legacy,) = bind.exec_driver_sql("PRAGMA legacy_alter_table").one()
    bind.exec_driver_sql("PRAGMA legacy_alter_table = ON")  # a host's views stay as they are
    try:
        _copied(bind)
    finally:
        bind.exec_driver_sql(f"PRAGMA legacy_alter_table = {legacy}")


def _copied(bind: sa.Connection) -> None:
    """Put a table of the same rows, checks and indexes in its place, with one column more and another key."""
    beside = "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
    said = bind.exec_driver_sql(beside, (_TABLE,)).all()
    made = next(sql for kind, sql in said if kind == "table")
    columns = [column.name for column in bind.exec_driver_sql(f'PRAGMA table_info("{_TABLE}")').all()]
    key = 'PRIMARY KEY ("company", "payee", "since")'
    new_key = f"PRIMARY KEY ({', '.join(map(_quoted, _KEY))})"
    truth = f'CONSTRAINT "{_TABLE}_is_primary" CHECK ("is_primary" IN (0, 1))'
    body = made[made.index("(") :].replace(key, f'"is_primary" INTEGER NOT NULL DEFAULT 1, {new_key}, {truth}', 1)
    bind.exec_driver_sql(f'CREATE TABLE "{_NEW}" {body}')
    names = ", ".join(map(_quoted, columns))
    bind.exec_driver_sql(f'INSERT INTO "{_NEW}" ({names}) SELECT {names} FROM "{_TABLE}"')
    bind.exec_driver_sql(f'DROP TABLE "{_TABLE}"')
    bind.exec_driver_sql(f'ALTER TABLE "{_NEW}" RENAME TO "{_TABLE}"')
    for kind, sql in said:
        if kind != "table":
            bind.exec_driver_sql(sql)


def _quoted(name: str) -> str:
    return f'"{name}"'
