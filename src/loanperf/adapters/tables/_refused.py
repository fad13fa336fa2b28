"""Refused: rows that could not be used -> a file to mend them by."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from loanperf._explanations import harmless
from loanperf._facts import Facts
from loanperf.errors import DataError, Problem

HEADINGS = ("source", "row", "column", "reason", "found", "remedy")


def write_refused(refused: Facts | Iterable[Problem], path: str | Path) -> int:
    """Write problems to a new CSV file: source, row, column, reason, what was found, remedy.

    The file is UTF-8 with a byte order mark, so that Excel shows Chinese. No cell can act as a formula: one that begins
    like one has an apostrophe before it; numbers stay numbers. A problem that is of no row has an empty row and column.

    Args:
        refused: facts with their problems, or problems.
        path: of the file, as given; it must not exist.

    Returns:
        How many rows were written, without the heading.

    Raises:
        DataError: the file is there already, or cannot be written.
    """
    problems = refused.problems if isinstance(refused, Facts) else tuple(refused)
    where = str(path)
    try:
        with Path(path).open("x", encoding="utf-8-sig", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADINGS)
            writer.writerows([harmless(cell) for cell in _cells(problem)] for problem in problems)
    except FileExistsError:
        raise DataError(where, "it is there already", "name another file, or move that one away") from None
    except OSError as error:
        raise DataError(where, f"it cannot be written: {error.strerror}", "check the folder and its rights") from None
    return len(problems)


def _cells(problem: Problem) -> tuple[str, ...]:
    row = "" if problem.row is None else str(problem.row)
    return (problem.source or problem.where, row, problem.column, problem.fault, problem.found, problem.remedy)
