"""Table: what was tried, and what it came to."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define

from faults.branch import Outcome

HEADS = ("fault", "database", "tries", "recovered", "same result", "lost", "doubled")
_PLACES = range(len(HEADS))


@define
class Row:
    """One kind of fault on one database."""

    fault: str
    database: str
    tries: int = 0
    recovered: int = 0
    same: int = 0
    lost: int = 0
    doubled: int = 0
    skipped: str = ""
    """Why it could not be tried on this machine."""

    def judge(self, recovered: object, found: Outcome, expected: Outcome) -> None:
        """Count a try, by what it came to."""
        self.count(recovered, found.lost(expected), found.doubled(expected))
        self.same -= not found.lost(expected) and not found.doubled(expected) and found != expected

    def count(self, recovered: object, lost: int, doubled: int) -> None:
        """Count a try, by what was lost and doubled."""
        self.tries += 1
        self.recovered += bool(recovered)
        self.same += not lost and not doubled
        self.lost += lost
        self.doubled += doubled

    @property
    def kept(self) -> bool:
        """Whether every try came to what it should."""
        return not self.lost and not self.doubled and self.tries == self.recovered == self.same

    def cells(self) -> tuple[str, ...]:
        """As it is printed."""
        if self.skipped:
            return (self.fault, self.database, "0", self.skipped, "", "", "")
        numbers = (self.tries, self.recovered, self.same, self.lost, self.doubled)
        return (self.fault, self.database, *map(str, numbers))


def printed(rows: Iterable[Row]) -> str:
    """A table of text."""
    lines = [HEADS, *(row.cells() for row in rows)]
    widths = [max(len(line[place]) for line in lines if not line[place].startswith("not tried")) for place in _PLACES]
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
