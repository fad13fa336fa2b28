"""Entry rows: entries of a ledger <-> the cells of the table `entries`, and the lines that they stand for."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import define, field
from sqlalchemy import Text, case, cast, func, type_coerce
from sqlalchemy.types import NullType

from loanperf._ledger import Entries, Entry
from loanperf._ledger._ledger import line_of
from loanperf._ledger._tabled import NUMBERS, is_keepable
from loanperf._periods import day
from loanperf._seals import is_empty
from loanperf._tables._columns import MISSING, Column, Table
from loanperf._tables._values import no_words, of_days, of_texts, of_whole
from loanperf.errors import DataError, LoanPerfError

NAMES: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in ("number", "kind", "payee", "line", "plan", "component", "stage", "cohort", "loan")},
        "period": "period",
        "on": "on_day",
        "amount": "amount_units",
        "currency": "currency",
        "version": "scheme_version",
        "corrects": "corrects",
        "rule": "rule",
        "before": "before_units",
        "now": "now_units",
        "moves": "moves",
        "drawn": "drawn_units",
        "said": "said",
        "reason": "reason",
        "set_to": "set_to_units",
        "set_to_currency": "set_to_currency",
        "by": "set_by",
        "why": "set_why",
        "evidence": "evidence",
    }
)
"""By column of `Entries.table`, that of the database."""
_BEGINS = '{"entry":{"number":'


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────


def cells_of(columns: Mapping[str, Column]) -> dict[str, Sequence[Any]]:
    """The values to store of the columns of entries: a list of each, but of those that are empty in every row."""
    return {NAMES[name]: _values(column) for name, column in columns.items() if not is_empty(column)}


def _values(column: Column) -> list[Any]:
    """The values of a column, None where there is none; days as text."""
    if column.kind == "text":
        words = np.array([*column.words, None], dtype=object)
        found: list[Any] = words[column.values].tolist()
        return found
    if column.kind == "day":
        numbers, places = np.unique(column.values, return_inverse=True)
        days = [date.fromordinal(number + _FIRST).isoformat() for number in numbers.tolist()]
        shown: list[Any] = np.array([*days, None], dtype=object)[places].tolist()
        return shown
    values = column.values
    if column.missing is not None:
        values = values.astype(object)
        values[column.missing] = None
    held: list[Any] = values.tolist()
    return held


_FIRST = date(1970, 1, 1).toordinal()


# ── rows that are read ──────────────────────────────────────────────────────────────────────────────────────

_NUMBERS = ("number", "amount", "before", "now", "drawn")
_TEXTS = ("payee", "loan", "line", "corrects", "said", "reason")
_JOINED = tuple(name for name in NAMES if name not in (*_NUMBERS, *_TEXTS))
"""What few rows say differently: it is read as one array of JSON, which is far faster than a cell each."""


def read_as(table: Any, dialect: str, *, whole: bool = False) -> list[Any]:
    """The columns of the table of entries as `EntryCells` takes them: numbers, texts, and the rest as JSON.

    Args:
        table: of entries.
        dialect: the kind of database.
        whole: with the key of each line also where other columns make it.
    """
    column = {name: table.c[NAMES[name]] for name in NAMES}
    if not whole:
        column["line"] = case((column["plan"].is_(None), column["line"]))
    numbers = [func.coalesce(column[name], MISSING) for name in _NUMBERS]
    rest = [column[name] for name in _JOINED]
    joined = cast(func.json_build_array(*rest), Text) if dialect == "postgresql" else func.json_array(*rest)
    return [type_coerce(one, NullType()) for one in (*numbers, *(column[name] for name in _TEXTS), joined)]


def as_read(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The cells of one row, by the columns of the database, as `read_as` reads them."""
    cells = {name: row.get(NAMES[name]) for name in NAMES}
    numbers = (MISSING if cells[name] is None else cells[name] for name in _NUMBERS)
    joined = json.dumps([cells[name] for name in _JOINED], default=str)
    return (*numbers, *(cells[name] for name in _TEXTS), joined)


@define(eq=False)
class EntryCells:
    """Rows of entries as they are read, some at a time."""

    rows: int = 0
    _parts: dict[str, list[Any]] = field(factory=lambda: defaultdict(list))
    _words: dict[str, dict[Any, int]] = field(factory=lambda: defaultdict(no_words))

    def add(self, columns: Iterable[Sequence[Any]]) -> None:
        """Add some more rows, given as one sequence of cells for each column, in the order of `read_as`.

        Raises:
            DataError: a cell holds what was never written.
        """
        for name, cells in zip((*_NUMBERS, *_TEXTS, ""), columns, strict=True):
            if name in _NUMBERS:
                _must_be(name, cells, int)
                self._parts[name].append(np.fromiter(cells, np.int64, len(cells)))
            elif cells[0] is None and cells.count(None) == len(cells):
                self._parts[name].append(np.full(len(cells), -1, np.int32))
            else:
                self._parts[name].append(of_texts(cells, self._words[name]).values)
        self.rows += len(cells)

    @property
    def table(self) -> Table:
        """The rows as `Entries.table` gives them.

        Raises:
            LoanPerfError: a cell holds what was never written.
        """
        if not self.rows:
            return Table("entries", 0, {})
        columns = {}
        for name in _NUMBERS:
            values = np.concatenate(self._parts[name])
            columns[name] = Column("whole", values, values == MISSING)
        for name in _TEXTS:
            words = [*self._words[name]][1:]
            _must_be(name, words, str)
            columns[name] = Column("text", np.concatenate(self._parts[name]), None, tuple(words))
        return Table("entries", self.rows, columns | self._rest)

    @property
    def _rest(self) -> dict[str, Column]:
        """The columns that were read as one text."""
        said, codes = [*self._words[""]][1:], np.concatenate(self._parts[""])
        cells = zip(*map(json.loads, said), strict=True)
        return {name: _column(name, given).rows(codes) for name, given in zip(_JOINED, cells, strict=True)}


def _column(name: str, cells: Sequence[Any]) -> Column:
    """A column of some cells."""
    there = [cell for cell in cells if cell is not None]
    if name in NUMBERS:
        _must_be(name, there, int)
        return of_whole(cells)
    _must_be(name, there, str)
    if name == "on":
        return of_days([None if cell is None else day(cell) for cell in cells])
    index = no_words()
    found = of_texts(cells, index)
    return Column("text", found.values, None, tuple(index)[1:])


def _must_be(name: str, cells: Sequence[Any], kind: type) -> None:
    if {*map(type, cells)} - {kind}:
        raise _damaged(name)


def _damaged(name: str) -> DataError:
    return DataError(f"column {name}", "a cell is of another kind", "restore the row as it was written")


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────


def table_of(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The table of entries of rows, each with its cells by the columns of the database.

    Raises:
        LoanPerfError: a cell holds what was never written.
    """
    read = EntryCells()
    if rows:
        read.add(zip(*map(as_read, rows), strict=True))
    return read.table


def entries_of(table: Table) -> Entries:
    """The entries that a table says.

    Raises:
        LoanPerfError: a cell holds what was never written.
    """
    return Entries.read(table) if table.rows else Entries.none()


def lines_of(entries: Entries) -> Iterator[str]:
    """The lines of entries, as `Ledger.lines` gives them."""
    return (line_of("entry", entry.data()) for entry in entries)


def split(lines: Sequence[str]) -> tuple[Table, list[int]]:
    """The columns of those lines that are entries as `Ledger.lines` writes them, and the places of those lines.

    Their reasons are kept whole. A line that its cells would not give back sign by sign is left out.
    """
    found = [(place, entry) for place, line in enumerate(lines) if (entry := _entry(line)) is not None]
    columns = Entries.of_rows(entry for _, entry in found).exact if found else {}
    if not found or not is_keepable(columns):
        return Table("entries", 0, {}), []
    places = [place for place, _ in found]
    cells = cells_of(columns)
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    good = [at for at, line in enumerate(lines_of(entries_of(table_of(rows)))) if line == lines[places[at]]]
    return Table("entries", len(places), columns).take(np.array(good, dtype=np.int64)), [places[at] for at in good]


def _entry(line: str) -> Entry | None:
    if not line.startswith(_BEGINS):
        return None
    try:
        return Entry.from_data(json.loads(line)["entry"])
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError):
        return None
