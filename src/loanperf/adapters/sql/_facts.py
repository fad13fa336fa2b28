"""Facts in a database: the rows of feeds that hold, with their cursors, and readings that the host has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Table, delete, exists, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from loanperf._facts import USUAL, Authority, Facts
from loanperf._feeds import RowKey, Said, facts_of, merged
from loanperf._indicators import Reading
from loanperf._periods import Period
from loanperf._quantities import plain
from loanperf.adapters.sql._parts import parts
from loanperf.adapters.sql._rows import WITHDRAWN, row_of, said_of
from loanperf.adapters.sql._schema import cursors
from loanperf.adapters.sql._schema import facts as facts_table
from loanperf.adapters.sql._schema import readings as readings_table
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stage import staged
from loanperf.adapters.sql._stored import exact, kept, kept_quantity, made, read
from loanperf.errors import DataError, shown
from loanperf.ports import Pulled

_AT_ONCE = 10_000
_LONGEST = 200
_KEY = ("company", "source", "row_code")
_CELLS = tuple(column.name for column in facts_table.c if column.name not in ("company", "source", "came_at"))


@frozen
class SqlFacts:
    """A `FactStore` over a database."""

    scope: Scope
    authority: Authority = USUAL
    """Whose word holds for each kind of event; by the names of the feeds."""

    def cursor(self, source: str) -> str:
        """The cursor last taken of a source.

        Raises:
            StoreError: the database fails.
        """
        mine = (cursors.c.company == self.scope.company, cursors.c.source == source)
        with self.scope.reading() as connection:
            return next((str(row["cursor"]) for row in read(connection, cursors, *mine)), "")

    def take(self, source: str, pulled: Pulled) -> None:
        """Keep rows and cursor, both or neither. Who takes of one source waits for who did so before.

        A row with an amount beyond 64 bits of smallest units becomes a problem of `facts`.

        Raises:
            DataError: the code of the source or of a row is longer than 200 characters.
            StoreError: the database fails; nothing was kept.
        """
        for code in (source, *(row.row for row in pulled.rows)):
            if not code or len(code) > _LONGEST:
                fault = f"its code is empty or longer than {_LONGEST} characters"
                raise DataError(f"source or row {shown(code)}", fault, "give a shorter one")
        came = {row: said for (_, row), said in merged({}, source, pulled.rows).items()}
        with self.scope.writing() as connection:
            _set_cursor(connection, self.scope.company, source, pulled.cursor)
            if came:
                _merge(connection, self.scope.company, source, came)

    def facts(self, period: Period) -> Facts:
        """All that hold, whatever the period.

        Raises:
            StoreError: the database fails.
        """
        return facts_of(dict(self._held()), authority=self.authority, sources=self._sources())

    def parts(self, *, currency: str, loans: int = 100_000) -> Iterator[Facts]:
        """The facts in parts, each of as many loans at most, so that a bank larger than memory goes through.

        All parts but the first hold loans with their events, balances and credits alone; the first holds the rest too.
        Pass them to `lp.measure`. What rows of feeds could not be read is told by `facts` alone.

        Args:
            currency: ISO 4217 code; rows in another one are problems of their part.
            loans: in a part, one or more.

        Raises:
            StoreError: the database fails.
        """
        return parts(self.scope, self.authority, currency=currency, most=loans)

    def _sources(self) -> list[str]:
        """The sources that were pulled, whether rows of theirs are held or not."""
        with self.scope.reading() as connection:
            return [str(row["source"]) for row in read(connection, cursors, cursors.c.company == self.scope.company)]

    def _held(self) -> Iterator[tuple[RowKey, Said]]:
        """What holds of each row that was not withdrawn."""
        mine = (facts_table.c.company == self.scope.company, facts_table.c.form != WITHDRAWN)
        with self.scope.reading() as connection:
            connection.execution_options(yield_per=_AT_ONCE)
            for row in read(connection, facts_table, *mine):
                yield (row["source"], row["row_code"]), said_of(row)

    # ── readings ────────────────────────────────────────────────────────────────────────────────────────────

    def readings(self, period: Period) -> tuple[Reading, ...]:
        """Those that were kept for the period.

        Raises:
            StoreError: the database fails.
        """
        mine = (readings_table.c.company == self.scope.company) & (readings_table.c.period == str(period))
        with self.scope.reading() as connection:
            rows = sorted(read(connection, readings_table, mine), key=lambda row: (row["payee"], row["indicator"]))
        return tuple(made(readings_table, row, partial(_reading, period)) for row in rows)

    def keep_readings(self, readings: Iterable[Reading], period: Period) -> None:
        """Keep the readings of a period in place of those that were kept for it before.

        Raises:
            StoreError: two of one payee and indicator, or the database fails; nothing was kept.
        """
        rows = [
            {
                "company": self.scope.company,
                "period": str(period),
                "payee": reading.subject,
                "indicator": reading.indicator,
                "numerator": plain(reading.numerator)
                if reading.denominator is not None
                else kept(reading.numerator, reading.unit, bare=reading.bare),
                "denominator": None if reading.denominator is None else plain(reading.denominator),
                "unit": reading.unit,
            }
            for reading in readings
        ]
        mine = (readings_table.c.company == self.scope.company) & (readings_table.c.period == str(period))
        with self.scope.writing() as connection:
            connection.execute(delete(readings_table).where(mine))
            if rows:
                connection.execute(insert(readings_table), rows)


def _reading(period: Period, row: Mapping[str, Any]) -> Reading:
    denominator = None if row["denominator"] is None else exact(row["denominator"])
    found = kept_quantity(row["numerator"], row["unit"])
    return Reading(
        indicator=row["indicator"],
        numerator=found.value,
        denominator=denominator,
        unit=found.unit,
        bare=found.bare and denominator is None,
        subject=row["payee"],
        period=period,
    )


# ── taking rows ─────────────────────────────────────────────────────────────────────────────────────────────


def _set_cursor(connection: Connection, company: str, source: str, cursor: str) -> None:
    """Note where to go on; the row is the lock for which others of the source wait."""
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    given = kind(cursors).values(company=company, source=source, cursor=cursor)
    connection.execute(given.on_conflict_do_update(index_elements=["company", "source"], set_={"cursor": cursor}))


def _merge(connection: Connection, company: str, source: str, came: Mapping[str, Said]) -> None:
    """Put rows in where they are new or of a higher revision; where one says something else, keep both."""
    rows = [row_of(row, said) for row, said in came.items()]
    used = {name for row in rows for name in row}
    names = [name for name in _CELLS if name in used]
    stage = staged(connection, facts_table, "row_code", names, rows)
    disputed = _disputed(connection, stage, company, source)
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    mine: list[ColumnElement[Any]] = [
        literal(company).label("company"),
        literal(source).label("source"),
    ]
    # SQLite needs a WHERE there, to tell ON CONFLICT from the ON of a join.
    chosen = select(*mine, *(stage.c[name] for name in names)).where(stage.c.revision >= 0)
    given = kind(facts_table).from_select(["company", "source", *names], chosen)
    new = {name: given.excluded[name] for name in _CELLS if name != "row_code"}
    connection.execute(
        given.on_conflict_do_update(
            index_elements=list(_KEY), set_=new, where=given.excluded.revision > facts_table.c.revision
        )
    )
    for row, (revision, said) in disputed.items():
        both = row_of(row, (revision, said | came[row][1]))
        here = (facts_table.c.company == company) & (facts_table.c.source == source)
        cells = {name: both.get(name) for name in _CELLS}
        connection.execute(update(facts_table).where(here, facts_table.c.row_code == row).values(cells))


def _disputed(connection: Connection, stage: Table, company: str, source: str) -> dict[str, Said]:
    """What is held of the rows that now say something else under the revision that is held."""
    here = (facts_table.c.company == company) & (facts_table.c.source == source)
    came = facts_table.c.row_code.in_(select(stage.c.row_code))  # looked up row by row, by the key of the table
    same = (stage.c.row_code == facts_table.c.row_code) & (stage.c.revision == facts_table.c.revision)
    otherwise = exists().where(same, stage.c.digest != facts_table.c.digest)
    return {row["row_code"]: said_of(row) for row in read(connection, facts_table, here, came, otherwise)}
