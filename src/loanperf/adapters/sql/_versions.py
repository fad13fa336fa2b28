"""Versions of the schema: created and migrated by alembic; the door of alembic."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select

from loanperf.adapters.sql._engine import named, reading, writing
from loanperf.errors import StoreError


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "loanperf.adapters.sql:migrations")
    config.set_main_option("path_separator", "os")
    return config


def known_versions() -> tuple[str, ...]:
    """The versions of the schema that this library knows, the oldest first."""
    scripts = ScriptDirectory.from_config(_config())
    return tuple(reversed([script.revision for script in scripts.walk_revisions()]))


def version_of(engine: Engine) -> str:
    """The version of the schema in a database; empty where there is none."""
    with reading(engine) as connection:
        return _version(engine, connection)


def _version(engine: Engine, connection: Connection) -> str:
    """The version as a connection sees it."""
    heads = MigrationContext.configure(connection).get_current_heads()
    if len(heads) > 1:
        fault = f"table alembic_version has {len(heads)} rows: {', '.join(map(str, heads))}"
        raise StoreError(named(engine), fault, "restore it: one row, with the version of the schema that is there")
    return str(heads[0] or "") if heads else ""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Create the schema, or bring it to a version; all of it or nothing.

    Raises:
        StoreError: the database has a version that is unknown here, tables that are not the library's, or fails.
    """
    config = _config()
    with writing(engine) as connection:
        _lock(connection)  # whoever does the same at the same time is done by now
        found = _version(engine, connection)
        if found:
            _must_be_known(engine, found)
        elif inspect(connection).has_table("records"):
            where, fault = named(engine), "it has tables of these names that are not of loanperf"
            raise StoreError(where, fault, "use a database or schema of its own")
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _lock(connection: Connection) -> None:
    """Wait for whoever upgrades; SQLite has locked the file already, as for every transaction that writes."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("loanperf.upgrade"))))


def must_be_current(engine: Engine) -> None:
    """Refuse a database whose schema is another than that of this library.

    Raises:
        StoreError: it has none, an older or a newer one.
    """
    found, newest = version_of(engine), known_versions()[-1]
    if found == newest:
        return
    if not found:
        raise StoreError(named(engine), "it has no schema of loanperf yet", "create it with Database.upgrade()")
    _must_be_known(engine, found)
    fault = f"its schema is version {found}, and this library works on {newest}"
    raise StoreError(named(engine), fault, "make a copy, and bring it up with Database.upgrade()")


def _must_be_known(engine: Engine, found: str) -> None:
    known = known_versions()
    if found not in known:
        fault = f"its schema is version {found!r}, which is newer than this library knows ({known[-1]})"
        raise StoreError(named(engine), fault, "install a newer loanperf")
