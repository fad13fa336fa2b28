"""Engine: a URL -> connections that are safe to post by, and errors that say what to do and no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from loanperf.errors import MissingExtraError, StoreError, shown

_LOCK_SECONDS = 30
"""How long a statement waits for another's lock."""
_CONNECT_SECONDS = 10
_WRITES = "loanperf_writes"


def url_of(url: str) -> URL:
    """A URL of a database that the library knows.

    Raises:
        StoreError: it is no URL, or of another kind of database.
    """
    try:
        found = make_url(url)
    except ArgumentError:
        remedy = "write sqlite:///pay.db or postgresql://user@host/name"
        raise StoreError("the database's URL", "it cannot be read", remedy) from None
    if found.get_backend_name() not in ("sqlite", "postgresql"):
        fault = f"there is no support for {shown(found.get_backend_name())}"
        raise StoreError("the database's URL", fault, "use sqlite or postgresql")
    return found.set(drivername="postgresql+psycopg") if found.get_backend_name() == "postgresql" else found


def engine_of(url: URL) -> Engine:
    """An engine whose transactions are whole, whose waits end, and whose errors show no values.

    Raises:
        MissingExtraError: there is no driver.
    """
    try:
        if url.get_backend_name() == "postgresql":
            given: dict[str, Any] = {
                "connect_timeout": _CONNECT_SECONDS,
                "options": f"-c timezone=UTC -c lock_timeout={_LOCK_SECONDS * 1000}",
            }
            given = {name: value for name, value in given.items() if name not in url.query}
            return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=given)
        given = {} if "timeout" in url.query else {"timeout": _LOCK_SECONDS}
        engine = create_engine(url, hide_parameters=True, connect_args=given)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise MissingExtraError("postgres", "psycopg") from None
    event.listen(engine, "connect", _opened)
    event.listen(engine, "begin", _begun)
    return engine


def _opened(connection: Any, _: Any) -> None:
    """SQLite: we begin transactions ourselves; a commit is on the disk when it returns."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "trusted_schema=OFF"):
        try:
            connection.execute(f"PRAGMA {pragma}")
        except connection.OperationalError:
            continue  # a reader may not change the journal, and need not


def _begun(connection: Connection) -> None:
    """SQLite: who writes locks at once, so that nobody reads what is about to change."""
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, all of it as it stood in one moment."""
    with _told(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; nothing of it is kept where anything fails."""
    with (
        _told(engine),
        engine.connect().execution_options(**{_WRITES: True}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise _store_error(engine, error) from None


def _store_error(engine: Engine, error: SQLAlchemyError) -> StoreError:
    """What a database says, without values and passwords."""
    where = engine.url.render_as_string(hide_password=True)
    if not isinstance(error, DBAPIError):
        return StoreError(where, f"{type(error).__name__}", "see the documentation of SQLAlchemy")
    said = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0]
    password = engine.url.password
    if password:
        said = said.replace(str(password), "***")
    return StoreError(where, shown(said, 300).strip("'\""), _remedy(said, error))


_REMEDIES: Mapping[str, str] = {
    "password authentication|no password supplied|authentication failed|role .* does not exist": (
        "check user, password and rights of the role"
    ),
    "locked|lock timeout|deadlock": "somebody else holds a lock; run it again",
    "disk is full|no space left|disk full|could not extend": ("make room; nothing of this was kept, run it again"),
    "readonly|read-only|permission denied": "connect as a role that may write",
    "server closed|terminating connection|shutting down|starting up|connection is lost|consuming input failed": (
        "the database went away; nothing of this was kept, run it again"
    ),
    "connection (?:refused|failed|is bad)|could not connect|timeout expired|unable to open|failed to resolve": (
        "check that the database is there and can be reached"
    ),
    "no such table|does not exist|no such column": "create or upgrade the schema with Database.upgrade()",
    "malformed|not a database|corrupt": "the file is no database or is damaged; restore it",
}
"""What to do, by what the databases say; the first that is found."""


def _remedy(said: str, error: DBAPIError) -> str:
    for words, remedy in _REMEDIES.items():
        if re.search(words, said, re.IGNORECASE):
            return remedy
    if isinstance(error, IntegrityError):
        return "the row contradicts one that is there"
    return "see the log of the database" if isinstance(error, OperationalError) else "report it with this message"
