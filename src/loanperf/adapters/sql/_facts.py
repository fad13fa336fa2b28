"""Facts in a database: the rows of feeds that hold, with their cursors, and readings that the host has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from secrets import token_hex
from typing import Any

from attrs import frozen
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from loanperf._facts import USUAL, Authority, Facts, FactsWanted
from loanperf._feeds import FactChange, SaidOfRow, must_be_source
from loanperf._indicators import Reading
from loanperf._periods import Period
from loanperf._quantities import plain
from loanperf._validators import is_code
from loanperf.adapters.sql._bulk import inserted, staged
from loanperf.adapters.sql._changes import APART, changes_since
from loanperf.adapters.sql._engine import insert_into
from loanperf.adapters.sql._held import among, by_form, held_facts, held_parts, held_some
from loanperf.adapters.sql._rows import CONTRADICTION, PROBLEM, row_of, said_of
from loanperf.adapters.sql._schema import FIELDS, column_of, cursors, marks, takes
from loanperf.adapters.sql._schema import facts as facts_table
from loanperf.adapters.sql._schema import readings as readings_table
from loanperf.adapters.sql._scope import Scope
from loanperf.adapters.sql._stored import exact, in_parts, kept, kept_quantity, made, read
from loanperf.adapters.sql._taken import TakenRows, batches_of
from loanperf.ports import Pulled

_KEY = ("company", "source", "row_code")
_NOT_SAID = ("company", "source", "came_at", "mark", "again", "loans_before")
_CELLS = tuple(column.name for column in facts_table.c if column.name not in _NOT_SAID)


@frozen
class SqlFacts:
    """A `FactSelection` over a database."""

    scope: Scope
    authority: Authority = USUAL
    """Whose word holds for each kind of event; by the names of the feeds."""

    def cursor(self, source: str) -> str:
        """The cursor last taken of a source.

        Raises:
            DataError: the name of the source is empty, not printable, or longer than 200 characters.
            StoreError: the database fails.
        """
        must_be_source(source)
        mine = (cursors.c.company == self.scope.company, cursors.c.source == source)
        with self.scope.reading() as connection:
            return next((str(row["cursor"]) for row in read(connection, cursors, *mine)), "")

    def take(self, source: str, pulled: Pulled) -> None:
        """Keep rows and cursor, both or neither. Who takes of one source waits for who did so before.

        A row with an amount beyond 64 bits of smallest units becomes a problem of `facts`.

        Raises:
            DataError: the name of the source is empty, not printable or longer than 200 characters, or the code of a
                row is longer.
            StoreError: the database fails; nothing was kept.
        """
        batches = batches_of(source, pulled)
        with self.scope.writing() as connection:
            mark = _next_mark(connection, self.scope.company)
            _set_cursor(connection, self.scope.company, source, pulled.cursor, mark)
            among_held = [_are_among_held(connection, self.scope.company, source, batch) for batch in batches]
            added = 0
            for batch, are_among in zip(batches, among_held, strict=True):
                take_in = _merge if are_among else _put_in
                added += take_in(connection, self.scope.company, source, batch, mark)
            _count(connection, self.scope.company, added)

    def mark(self) -> str:
        """That of the last `take`, by the authority.

        Empty before the first, and where an older version of this library took last.

        Raises:
            StoreError: the database fails.
        """
        last = select(takes.c.token).join(marks, (marks.c.company == takes.c.company) & (marks.c.mark == takes.c.mark))
        with self.scope.reading() as connection:
            token = connection.execute(last.where(takes.c.company == self.scope.company)).scalar()
        return self.authority.marked(str(token or ""))

    def changes(self, since: str) -> tuple[FactChange, ...] | None:
        """What rows that were taken behind a mark may say else of loans.

        None where the mark, a source or the authority is new. A row that comes again under a higher revision may do so
        whatever it says.

        Raises:
            StoreError: the database fails.
        """
        token = self.authority.token_of(since)
        with self.scope.reading() as connection:
            known = select(takes.c.mark).where(takes.c.company == self.scope.company, takes.c.token == token)
            mark = connection.execute(known).scalar()
            return changes_since(connection, self.scope.company, mark) if type(mark) is int else None

    def facts(self, period: Period) -> Facts:
        """All that hold, whatever the period.

        Raises:
            StoreError: the database fails.
        """
        return held_facts(self.scope, self.authority)

    def some(self, period: Period, wanted: FactsWanted) -> Facts:
        """The facts of some loans, and all of no loan, whatever the period; rows of other loans are counted alone.

        Raises:
            StoreError: the database fails.
        """
        return held_some(self.scope, self.authority, wanted)

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
        return held_parts(self.scope, self.authority, currency=currency, most=loans)

    # ── readings ────────────────────────────────────────────────────────────────────────────────────────────

    def readings(self, period: Period) -> tuple[Reading, ...]:
        """Those that were kept for the period.

        Raises:
            StoreError: the database fails.
        """
        rows = self.scope.rows_of(readings_table, period)
        return tuple(made(readings_table, row, partial(_reading, period)) for row in rows)

    def keep_readings(self, readings: Iterable[Reading], period: Period) -> None:
        """Keep the readings of a period in place of those that were kept for it before.

        Raises:
            StoreError: two of one payee and indicator, or the database fails; nothing was kept.
        """
        rows = [
            {
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
        self.scope.keep_rows(readings_table, period, rows)


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


def _next_mark(connection: Connection, company: str) -> int:
    """The mark of rows that are taken now; its row is the lock for which others of the company wait."""
    given = insert_into(connection, marks).values(company=company, mark=1)
    connection.execute(given.on_conflict_do_update(index_elements=["company"], set_={"mark": marks.c.mark + 1}))
    mark = int(connection.execute(select(marks.c.mark).where(marks.c.company == company)).scalar_one())
    connection.execute(insert(takes).values(company=company, token=token_hex(16), mark=mark))
    return mark


def _set_cursor(connection: Connection, company: str, source: str, cursor: str, mark: int) -> None:
    """Note where to go on, and with which mark a source begins."""
    given = insert_into(connection, cursors).values(company=company, source=source, cursor=cursor, begun=mark)
    connection.execute(given.on_conflict_do_update(index_elements=["company", "source"], set_={"cursor": cursor}))


def _count(connection: Connection, company: str, added: int) -> None:
    """Note how many rows were taken that were not there."""
    connection.execute(update(marks).where(marks.c.company == company).values(taken=marks.c.taken + added))


def _are_among_held(connection: Connection, company: str, source: str, batch: TakenRows) -> bool:
    """Whether a code that is held lies between the lowest and highest of those that come, or is one of the two."""
    code = facts_table.c.row_code
    here = (facts_table.c.company == company, facts_table.c.source == source)
    between = (code >= min(batch.rows), code <= max(batch.rows))
    return bool(connection.execute(select(exists(select(literal(1)).where(*here, *between)))).scalar())


def _stated(company: str, source: str, batch: TakenRows, mark: int) -> dict[str, Any]:
    """The cells that are the same in every row."""
    return {"company": company, "source": source, "mark": mark} | ({"form": batch.form} if batch.form else {})


def _put_in(connection: Connection, company: str, source: str, batch: TakenRows, mark: int) -> int:
    """Insert rows that are all new to the table, without comparing them with what is there; how many they are."""
    inserted(connection, facts_table, _stated(company, source, batch, mark) | {**batch.sorted()})
    return len(batch.rows)


def _merge(connection: Connection, company: str, source: str, batch: TakenRows, mark: int) -> int:
    """Put rows in that are new, and replace those that are held under a lower revision.

    Where a row says something else than is held under the same revision, both are kept, and `facts` tells a problem.

    Returns:
        How many are new.
    """
    stage = staged(connection, facts_table, batch.sorted())
    found = _compared(connection, stage, company, source, batch)
    disputed = _disputed(connection, stage, company, source, batch, found[_OTHERWISE])
    loans = _loans_of_unusable(connection, company, source, found[_HIGHER])
    names, stated = [*batch.cells], _stated(company, source, batch, mark)
    if chosen := found[_NEW] + found[_HIGHER]:
        every = (*(literal(text).label(name) for name, text in stated.items()), *(stage.c[name] for name in names))
        rows = select(*every).where(among(connection, stage.c.row_code, chosen))
        given = insert_into(connection, facts_table).from_select([*stated, *names], rows)
        new: dict[str, Any] = {name: given.excluded[name] for name in _CELLS if name != "row_code"}
        new |= {"mark": given.excluded.mark, "again": true(), "loans_before": _loans_before(given.excluded)}
        connection.execute(given.on_conflict_do_update(index_elements=list(_KEY), set_=new))
    here = (facts_table.c.company == company) & (facts_table.c.source == source)
    for row, before in loans.items():
        connection.execute(update(facts_table).where(here, facts_table.c.row_code == row).values(loans_before=before))
    for row, both in disputed.items():
        cells = {name: row_of(row, both).get(name) for name in _CELLS}
        cells |= {"mark": mark, "again": True, "loans_before": _loans_before(None)}
        connection.execute(update(facts_table).where(here, facts_table.c.row_code == row).values(cells))
    return len(found[_NEW])


def _loans_before(new: Any) -> Any:
    """The loans of which a row said something, before it says another thing, or something of another one or of none."""
    held, before = facts_table.c.loan, facts_table.c.loans_before
    more = func.coalesce(before, "") + held + APART
    names = ("form", "kind", "loan")
    other = true() if new is None else or_(*(facts_table.c[name].is_distinct_from(new[name]) for name in names))
    return case((held.is_not(None) & other, more), else_=before)


def _loans_of_unusable(connection: Connection, company: str, source: str, codes: Sequence[str]) -> dict[str, str]:
    """What `loans_before` is to be, by the code of each row that holds a problem or a contradiction.

    No column has the loans of such a row. What is no code of a loan is left out: no fact can be of it.
    """
    columns = facts_table.c
    unusable = columns.form.in_([PROBLEM, CONTRADICTION]) & among(connection, columns.row_code, codes)
    found: dict[str, str] = {}
    for row in read(connection, facts_table, by_form(company), columns.source == source, unusable) if codes else ():
        said = sorted(str(getattr(says, "loan", "")) for says in said_of(row)[1])
        before = (row["loans_before"] or "").split(APART)[:-1]
        loans = dict.fromkeys((*before, *(loan for loan in said if is_code(loan, longest=None))))
        found[row["row_code"]] = "".join(f"{loan}{APART}" for loan in loans)
    return found


_NOTHING_ELSE, _NEW, _HIGHER, _OTHERWISE = range(4)
"""What a row that comes is beside the one that is held: of a lower revision or the same again; not there before; of a
higher revision; of the same one, and says something else."""


def _compared(
    connection: Connection, stage: Table, company: str, source: str, batch: TakenRows
) -> Mapping[int, list[str]]:
    """The codes of staged rows, by what the row is beside the one that is held."""
    held = facts_table.c
    # From the left, so that SQLite looks the rows up by their key, one by one.
    both = stage.outerjoin(
        facts_table, and_(held.company == company, held.source == source, held.row_code == stage.c.row_code)
    )
    compared = case(
        (held.row_code.is_(None), _NEW),
        (stage.c.revision > held.revision, _HIGHER),
        (and_(stage.c.revision == held.revision, _says_otherwise(stage, batch)), _OTHERWISE),
        else_=_NOTHING_ELSE,
    )
    found: Mapping[int, list[str]] = {_NOTHING_ELSE: [], _NEW: [], _HIGHER: [], _OTHERWISE: []}
    for row, is_now in connection.execute(select(stage.c.row_code, compared).select_from(both)):
        found[is_now].append(row)
    return found


def _disputed(
    connection: Connection, stage: Table, company: str, source: str, batch: TakenRows, codes: Sequence[str]
) -> dict[str, SaidOfRow]:
    """Rows that contradict what is stored: the same revision with other content. All versions of each are given."""
    found: dict[str, SaidOfRow] = {}
    for some in in_parts(codes):
        here = (facts_table.c.company == company, facts_table.c.source == source, facts_table.c.row_code.in_(some))
        came = connection.execute(select(stage).where(stage.c.row_code.in_(some))).mappings()
        said = {row["row_code"]: said_of(_whole(batch, row))[1] for row in came}
        for row in read(connection, facts_table, *here):
            revision, held = said_of(row)
            found[row["row_code"]] = revision, held | said[row["row_code"]]
    return found


def _whole(batch: TakenRows, row: Mapping[Any, Any]) -> dict[str, Any]:
    """A received row with all columns of the table `facts`: None in those that the sender left out."""
    stated = {"form": batch.form} if batch.form else {}
    return {column.name: None for column in facts_table.c} | stated | {**row}


def _says_otherwise(stage: Table, batch: TakenRows) -> ColumnElement[bool]:
    """Whether a staged row says something else than the one that is held."""
    held = facts_table
    said = [name for name in batch.cells if name not in ("row_code", "revision", "fact_source")]
    left_out = {column_of(name, of) for name, of in FIELDS.get(batch.form, {}).items()} | {"currency"}
    more = [held.c[name].is_not(None) for name in sorted(left_out - {*said})] if batch.form in FIELDS else []
    other = held.c.form != batch.form if batch.form else false()
    return or_(other, *map(partial(_differs, stage), said), *more)


def _differs(stage: Table, name: str) -> ColumnElement[bool]:
    return facts_table.c[name].is_distinct_from(stage.c[name])
