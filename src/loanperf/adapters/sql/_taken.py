"""Taken: what was pulled -> batches of cells by form, each row once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import lt

from attrs import frozen

from loanperf._facts import KIND_OF, Fact, once_each, table_of_kind
from loanperf._feeds import FeedRow, Pulled, SaidOfRow, merged, must_be_short, must_be_source
from loanperf.adapters.sql._cells import CellColumns, cells_of
from loanperf.adapters.sql._rows import WITHDRAWN, kept_content, row_of
from loanperf.errors import Problem

_OTHERS = ("row_code", "revision", "form", "said")


@frozen(eq=False)
class TakenRows:
    """Rows of one form; or, where its cells have a column `form`, of any that are no facts."""

    form: str
    cells: CellColumns

    @property
    def rows(self) -> Sequence[str]:
        """The code of each row."""
        return self.cells["row_code"]

    def sorted(self) -> CellColumns:
        """The cells in order of code, in which an index grows fastest."""
        rows = self.rows
        if all(map(lt, rows, islice(rows, 1, None))):
            return self.cells
        order = sorted(range(len(rows)), key=rows.__getitem__)
        return {name: [*map(column.__getitem__, order)] for name, column in self.cells.items()}


def batches_of(source: str, pulled: Pulled) -> list[TakenRows]:
    """The rows of a pull, each with the highest of its revisions.

    Raises:
        DataError: the name of the source is empty, not printable or longer than 200 characters, or the code of a row is
            longer.
    """
    must_be_source(source)
    found: list[TakenRows] = []
    rows = [*pulled.rows]
    for table, others in once_each(pulled.sent, [row.row for row in pulled.rows]):
        rows += [FeedRow(row=row, revision=revision, says=says) for row, revision, says in others.each()]
        if not table.rows:
            continue
        keys = {"row_code": table.rows, "revision": table.revisions.tolist()}
        stated = table.stated()
        cells = {} if stated is None else cells_of(stated.name, stated)
        found.append(TakenRows(WITHDRAWN if stated is None else stated.name, keys | {**cells}))
    found += _of_rows({row: said for (_, row), said in merged({}, source, rows).items()})
    for batch in found:
        must_be_short(batch.rows)
    return found


def _of_rows(came: dict[str, SaidOfRow]) -> Iterator[TakenRows]:
    """Batches of rows that came as objects; an amount beyond 64 bits of smallest units makes its fact a problem."""
    facts: dict[str, list[tuple[str, int, Fact]]] = defaultdict(list)
    others: list[tuple[str, SaidOfRow]] = []
    for row, (revision, contents) in came.items():
        held = frozenset(None if content is None else kept_content(content) for content in contents)
        (content,) = held if len(held) == 1 else (None,)
        if content is None or isinstance(content, Problem):
            others.append((row, (revision, held)))
        else:
            facts[KIND_OF[type(content)].name].append((row, revision, content))
    for form, found in facts.items():
        codes, revisions, said = zip(*found, strict=True)
        yield TakenRows(
            form, {"row_code": codes, "revision": revisions} | {**cells_of(form, table_of_kind(form, said))}
        )
    if others:
        cells = [row_of(row, said) for row, said in others]
        yield TakenRows("", {name: [cell.get(name) for cell in cells] for name in _OTHERS})
