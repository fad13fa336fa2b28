"""Engine: a URL -> connections that are safe to post by, and errors that say what to do and no secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
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


_SECRETS = "loanperf_secrets"
_URL = "the database's URL"
_PLAIN = re.compile(r"[\w.-]*")
"""Names of hosts and databases that are shown; one that looks otherwise may be half of a password."""
_WORDS = frozenset(
    {"0", "1", "allow", "disable", "false", "memory", "no", "off", "on", "prefer", "private", "require", "ro", "rw"}
    | {"rwc", "shared", "true", "verify-ca", "verify-full", "yes"}
)
"""Values of options that are no secrets, as numbers are none."""
_OF_SQLITE = frozenset(
    {"cache", "cached_statements", "check_same_thread", "immutable", "mode", "nolock", "timeout", "uri"}
)


def url_of(url: str) -> URL:
    """A URL of a database that the library knows.

    Raises:
        StoreError: it is no URL, or of another kind of database.
    """
    found = None
    with suppress(ArgumentError, TypeError, ValueError):
        found = make_url(url)
    if found is None:
        raise StoreError(_URL, "it cannot be read", "write sqlite:///pay.db or postgresql://user@host/name")
    backend, _, driver = found.drivername.partition("+")
    if backend == "sqlite" and driver in ("", "pysqlite"):
        if not set(found.query) <= _OF_SQLITE:
            fault = "it has an option that SQLite does not have"
            raise StoreError(_URL, fault, f"use one of {', '.join(sorted(_OF_SQLITE))}")
        return found
    if backend == "postgresql":
        return found.set(drivername="postgresql+psycopg")
    fault = f"there is no support for {shown(found.drivername)}"
    raise StoreError(_URL, fault, "use sqlite or postgresql")


def engine_of(url: URL) -> Engine:
    """An engine whose transactions are whole, whose waits end, and whose errors and `repr` show no values.

    Raises:
        MissingExtraError: there is no driver.
        StoreError: the URL has options that the driver does not take.
    """
    engine = None
    try:
        with suppress(ArgumentError, TypeError, ValueError):
            engine = _postgresql(url) if url.get_backend_name() == "postgresql" else _sqlite(url)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise MissingExtraError("postgres", "psycopg") from None
    if engine is None:
        raise StoreError(_URL, "the driver does not take its options", "check them, each with its value")
    engine.update_execution_options(**{_SECRETS: _secrets_of(url)})
    return engine


def _postgresql(url: URL) -> Engine:
    """The options go to the driver alone, since an engine shows its URL."""
    given: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "options": f"-c timezone=UTC -c lock_timeout={_LOCK_SECONDS * 1000}",
    }
    _, options = url.get_dialect()().create_connect_args(url)
    driven = {**given, **options}
    return create_engine(_bare(url), hide_parameters=True, pool_pre_ping=True, connect_args=driven)


def _sqlite(url: URL) -> Engine:
    given = {} if "timeout" in url.query else {"timeout": _LOCK_SECONDS}
    engine = create_engine(url, hide_parameters=True, connect_args=given)
    event.listen(engine, "connect", _opened)
    event.listen(engine, "begin", _begun)
    return engine


# ── what is not shown ───────────────────────────────────────────────────────────────────────────────────────


def _secrets_of(url: URL) -> tuple[str, ...]:
    """The parts of a URL that stand in no message, the longest first."""
    texts = [str(url.password or ""), str(url.username or "")]
    texts += [text for text in (url.host, url.database) if text and not _is_shown(url, text)]
    for name, value in url.query.items():
        texts += [text for text in ((value,) if isinstance(value, str) else value) if not _is_word(text)]
        if name not in _OF_LIBPQ | _OF_SQLITE:
            texts.append(name)
    parts = {part for text in texts for part in (text, *re.split(r"[\s=,;:'\"\\&?#@/]+", text))}
    every = {written for part in parts for written in (part, quote(part), quote_plus(part))} - {"", "-c"}
    return tuple(sorted(every, key=lambda part: (-len(part), part)))


_OF_LIBPQ = frozenset(
    {"application_name", "client_encoding", "connect_timeout", "dbname", "host", "hostaddr", "keepalives", "options"}
    | {"passfile", "password", "port", "service", "sslcert", "sslkey", "sslmode", "sslpassword", "sslrootcert"}
    | {"target_session_attrs", "user"}
)


def _is_shown(url: URL, text: str) -> bool:
    return url.get_backend_name() == "sqlite" or _PLAIN.fullmatch(text) is not None


def _is_word(value: object) -> bool:
    return isinstance(value, str) and (value in _WORDS or value.replace(".", "", 1).isdecimal())


def _bare(url: URL) -> URL:
    """Kind, host and name of a database, and nothing else of its URL."""
    host, database = (text if text and _is_shown(url, text) else None for text in (url.host, url.database))
    return URL.create(url.drivername, host=host, port=url.port, database=database)


def named(engine: Engine) -> str:
    """Which database it is: kind, host and name."""
    return _bare(engine.url).render_as_string()


def _without_secrets(engine: Engine, said: str) -> str:
    for secret in engine.get_execution_options().get(_SECRETS, ()):
        if len(secret) < _SHORT:
            said = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", said)
        else:
            said = said.replace(secret, "***")
    return said


_SHORT = 4
"""Shorter ones are looked for as whole words."""


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
    with _told(engine), _connected(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes; nothing of it is kept where anything fails."""
    with (
        _told(engine),
        _connected(engine).execution_options(**{_WRITES: True}) as connection,
        connection.begin(),
    ):
        yield connection


def _connected(engine: Engine) -> Connection:
    found = None
    with suppress(TypeError, ValueError):
        found = engine.connect()
    if found is None:
        raise StoreError(named(engine), "the driver does not take the options of its URL", "check each with its value")
    return found


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise_alone(_store_error(engine, error))


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what happens to rows whose keys are there already."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def told_by_driver(connection: Connection, statement: str, error: Exception) -> BaseException:
    """An error of the database driver, wrapped as SQLAlchemy wraps it, so that callers catch one kind of error."""
    dialect = connection.dialect
    return DBAPIError.instance(statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect)


def raise_alone(error: StoreError) -> NoReturn:
    """Raise an error with nothing behind it: what it stands for holds passwords and salaries.

    Nothing prints a suppressed context, but a reporter of errors may look into it.
    """
    try:
        raise error from None
    finally:
        error.__context__ = None


def _store_error(engine: Engine, error: SQLAlchemyError) -> StoreError:
    """What a database says, without values and passwords."""
    where = named(engine)
    if not isinstance(error, DBAPIError):
        return StoreError(where, f"{type(error).__name__}", "see the documentation of SQLAlchemy")
    said = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0]
    remedy = _remedy(said, error)
    said = _without_secrets(engine, said)
    return StoreError(where, shown(said, 300).strip("'\""), remedy)


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
    "check constraint|cannot store": "nobody who reads such a value could use it; correct or restore it",
}
"""What to do, by what the databases say; the first that is found."""


def _remedy(said: str, error: DBAPIError) -> str:
    for words, remedy in _REMEDIES.items():
        if re.search(words, said, re.IGNORECASE):
            return remedy
    if isinstance(error, IntegrityError):
        return "the row contradicts one that is there"
    return "see the log of the database" if isinstance(error, OperationalError) else "report it with this message"
