"""Parts: what pages are made of, as data in one language: figures, tables, charts, notes, and sections of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from loanperf._charts import VEGA_LITE
from loanperf._explanations import Explanation, Language, one_line, told
from loanperf.report._fields import PageForm
from loanperf.report._words import say

Reason: TypeAlias = Explanation | str
"""Why a number is what it is: a tree of reasons, or one sentence."""
Reasons: TypeAlias = tuple[Reason, ...] | Callable[[], tuple[Reason, ...]]
"""The reasons of a number, or what works them out when they are shown."""
Tone: TypeAlias = Literal["plain", "good", "warn", "bad"]
"""How something is meant; pages say it in words as well as by a colour."""


ROWS_IN_PART = 50
"""How many rows of a long table are in one part of a page; with their reasons they are less than 100 KiB."""


@frozen(kw_only=True)
class KeyFigure:
    """One number with its name, such as the score so far."""

    name: str
    value: str
    """The number with its unit, as it is shown."""
    note: str = ""
    """What is said beside it, such as its share of a target."""
    tone: Tone = "plain"
    _why: Reasons = field(default=(), alias="why", repr=False, eq=False)

    @property
    def why(self) -> tuple[Reason, ...]:
        """The reasons of the number, worked out when somebody asks."""
        return told(self._why)


@frozen(kw_only=True)
class PageRow:
    """A row of a table, and the reasons of its numbers."""

    cells: tuple[str, ...]
    """One a heading; the first names the row."""
    tone: Tone = "plain"
    is_total: bool = False
    """Whether it sums the rows above it."""
    opens: str = ""
    """What its reasons are the reasons of, such as `points 36.8`."""
    _why: Reasons = field(default=(), alias="why", repr=False, eq=False)

    @property
    def why(self) -> tuple[Reason, ...]:
        """The reasons of its numbers, worked out when somebody asks."""
        return told(self._why)


@frozen(kw_only=True)
class PageTable:
    """A table of texts under headings."""

    title: str
    heads: tuple[str, ...]
    numbers: tuple[bool, ...]
    """For each column, whether it holds numbers, which are aligned right."""
    rows: tuple[PageRow, ...]
    note: str = ""
    """What is said above it, such as which of its rows these are."""
    in_parts: bool = False
    """Whether a page in parts has some of its rows in each part."""

    def of_part(self, part: int, note: Callable[[int, int, int], str]) -> PageTable:
        """The rows of one part, from 1, of `ROWS_IN_PART` each, and what sums them all.

        Args:
            part: which; behind the last one are no rows.
            note: says which rows these are: the number of the first, of the last, and how many there are.
        """
        rows = [row for row in self.rows if not row.is_total]
        if not self.in_parts or len(rows) <= ROWS_IN_PART:
            return self
        first = (part - 1) * ROWS_IN_PART
        mine, totals = rows[first : first + ROWS_IN_PART], [row for row in self.rows if row.is_total]
        return evolve(self, rows=(*mine, *totals), note=note(first + 1, first + len(mine), len(rows)))

    def __str__(self) -> str:
        rows = ("  ".join(cell or "–" for cell in row.cells) for row in self.rows)
        return "\n".join(map(one_line, [self.title, "  ".join(self.heads), *rows]))


def table_of(
    title: str,
    heads: Sequence[str],
    rows: Iterable[PageRow],
    language: Language,
    *,
    numbers: Collection[str] = (),
    in_parts: bool = False,
) -> PageTable:
    """A table whose title and headings are words of pages; `numbers` are the headings of columns of numbers."""
    return PageTable(
        title=say(title, language),
        heads=tuple(say(head, language) for head in heads),
        numbers=tuple(head in numbers for head in heads),
        rows=tuple(rows),
        in_parts=in_parts,
    )


@frozen(kw_only=True)
class Chart:
    """A chart as data: a Vega-Lite specification, and the table of what it shows.

    In a notebook it shows itself, and needs nothing else for it.
    """

    title: str
    specification: Mapping[str, Any] = field(repr=False)
    """Vega-Lite 5, with its data in it; numbers are the nearest float64, since they become lengths and places."""
    table: PageTable = field(repr=False)
    """The numbers of the chart as exact text."""

    def __str__(self) -> str:
        return str(self.table)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """What a notebook shows: the chart, or where it knows no Vega-Lite the table as text."""
        del include, exclude
        return {VEGA_LITE: dict(self.specification), "text/plain": str(self)}


@frozen(kw_only=True)
class Remark:
    """Something to be read, such as an alert or what comes next."""

    text: str
    mark: str = ""
    """What kind of remark it is, such as `critical`."""
    tone: Tone = "plain"
    _why: Reasons = field(default=(), alias="why", repr=False, eq=False)

    @property
    def why(self) -> tuple[Reason, ...]:
        """What it stands on, worked out when somebody asks."""
        return told(self._why)


@frozen(kw_only=True)
class Section:
    """A part of a page under a heading."""

    heading: str
    lead: str = ""
    """A sentence under the heading."""
    figures: tuple[KeyFigure, ...] = ()
    remarks: tuple[Remark, ...] = ()
    charts: tuple[Chart, ...] = ()
    """Each with the table of what it shows."""
    tables: tuple[PageTable, ...] = ()
    """The other tables."""
    forms: tuple[PageForm, ...] = ()
    parts: tuple[Section, ...] = ()
    """Sections that are folded until somebody opens them, such as one a person."""
