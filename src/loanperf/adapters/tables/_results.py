"""Results: what a run came to -> the kind of data frame that the data came as; bad rows -> a file to mend them by."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from loanperf._explanations import Label, Language, harmless
from loanperf._facts import Facts
from loanperf._ledger import Entry, Payment
from loanperf.adapters._files import write_whole
from loanperf.errors import DataError, Problem
from loanperf.run import Result

HEADINGS = (
    Label("source", "来源"),
    Label("row", "行"),
    Label("column", "列"),
    Label("reason", "问题"),
    Label("found", "原值"),
    Label("remedy", "处理方法"),
)


def write_refused(refused: Facts | Iterable[Problem], path: str | Path, language: Language = "en") -> int:
    """Write problems to a new CSV file: source, row, column, reason, what was found, remedy.

    The file is UTF-8 with a byte order mark, so that Excel shows Chinese. No cell can act as a formula: one that begins
    like one has an apostrophe before it; numbers stay numbers. A problem that is of no row has an empty row and column.

    Args:
        refused: facts with their problems, or problems.
        path: of the file, as given; it must not exist.
        language: of headings, reasons and remedies.

    Returns:
        How many rows were written, without the heading.

    Raises:
        DataError: the file is there already, or cannot be written, or the language is neither English nor Chinese.
    """
    problems = refused.problems if isinstance(refused, Facts) else tuple(refused)
    where = str(path)
    if Path(path).exists():
        raise DataError(where, "it is there already", "name another file, or move that one away")
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([heading.to(language) for heading in HEADINGS])
    writer.writerows([harmless(cell) for cell in _cells(problem, language)] for problem in problems)
    write_whole(Path(path), stream.getvalue().encode("utf-8-sig"))
    return len(problems)


def _cells(problem: Problem, language: Language) -> tuple[str, ...]:
    row, said = "" if problem.row is None else str(problem.row), problem.to(language)
    return (problem.source or said.where, row, problem.column, said.fault, said.found, said.remedy)


Of: TypeAlias = Literal["results", "entries", "payments", "problems"]
_Kind: TypeAlias = Literal["text", "whole", "day", "decimal"]
_Column: TypeAlias = tuple[_Kind, Callable[[Any], Any]]


def _bonus(result: Result, part: str) -> Any:
    return None if result.award is None else getattr(result.award.amount, part)


_RESULT: Mapping[str, _Column] = MappingProxyType(
    {
        "payee": ("text", lambda result: result.payee),
        "name": ("text", lambda result: result.name),
        "unit": ("text", lambda result: result.assignment.unit),
        "role": ("text", lambda result: result.assignment.role),
        "start": ("day", lambda result: result.part.start),
        "end": ("day", lambda result: result.part.end),
        "score": ("decimal", lambda result: result.appraisal.score),
        "grade": ("text", lambda result: result.appraisal.grade and result.appraisal.grade.code),
        "bonus": ("decimal", lambda result: _bonus(result, "amount")),
        "currency": ("text", lambda result: _bonus(result, "currency")),
    }
)
_ENTRY: Mapping[str, _Column] = MappingProxyType(
    {
        "number": ("whole", lambda entry: entry.number),
        "kind": ("text", lambda entry: entry.kind.value),
        "payee": ("text", lambda entry: entry.payee),
        "line": ("text", lambda entry: entry.line),
        "cohort": ("text", lambda entry: entry.cohort),
        "loan": ("text", lambda entry: entry.loan),
        "period": ("text", lambda entry: str(entry.period)),
        "amount": ("decimal", lambda entry: entry.amount.amount),
        "currency": ("text", lambda entry: entry.amount.currency),
        "on": ("day", lambda entry: entry.on),
        "set_to": ("decimal", lambda entry: None if entry.set_to is None else entry.set_to.amount),
        "by": ("text", lambda entry: entry.by),
        "why": ("text", lambda entry: entry.why),
        "evidence": ("text", lambda entry: entry.evidence),
        "version": ("text", lambda entry: entry.version),
    }
)
_PAYMENT: Mapping[str, _Column] = MappingProxyType(
    {
        "key": ("text", lambda payment: payment.key),
        "payee": ("text", lambda payment: payment.payee),
        "period": ("text", lambda payment: str(payment.period)),
        "amount": ("decimal", lambda payment: payment.amount.amount),
        "currency": ("text", lambda payment: payment.amount.currency),
    }
)
_PROBLEM: Mapping[str, _Column] = MappingProxyType(
    {
        "where": ("text", lambda problem: problem.where),
        "fault": ("text", lambda problem: problem.fault),
        "found": ("text", lambda problem: problem.found),
        "remedy": ("text", lambda problem: problem.remedy),
        "payee": ("text", lambda problem: problem.payee or None),
        "loan": ("text", lambda problem: problem.loan or None),
        "row": ("whole", lambda problem: problem.row),
        "column": ("text", lambda problem: problem.column or None),
    }
)
_FORMS: Mapping[str, tuple[type, Mapping[str, _Column]]] = MappingProxyType(
    {
        "results": (Result, _RESULT),
        "entries": (Entry, _ENTRY),
        "payments": (Payment, _PAYMENT),
        "problems": (Problem, _PROBLEM),
    }
)


def frame_of(rows: Iterable[Result | Entry | Payment | Problem], of: Of, *, like: Any) -> Any:
    """What a run came to, as the kind of data frame that the data came as, a row each in their order.

    Amounts are decimals in whole currency, decimal128 of 38 digits with all places of the smallest unit, beside a
    column of their currency; scores are decimals; days are days. Text that a spreadsheet would take for a formula has
    an apostrophe before it, so that the frame may be written to CSV or a workbook. `end` of results is the first day
    that is no longer in them.

    Args:
        rows: of one kind, none among others.
        of: which kind, since there may be no row to tell it by.
        like: a frame of pandas, Polars, PyArrow or DuckDB, of which only the kind is looked at; a mapping gives a
            mapping of lists.

    Raises:
        DataError: rows of another kind, or `like` is no frame.
        MissingExtraError: what that kind needs is not installed.

    >>> frame_of([Problem("loans.csv row 2", "it is empty", "", "fill it in")], "problems", like={})["fault"]
    ['it is empty']
    """
    from loanperf._tables._frames import frame_like, kind_of

    if of not in _FORMS:
        raise DataError("frame_of", f"there are no rows called {of!r}", f"say one of {', '.join(_FORMS)}")
    kind, form = _FORMS[of]
    given = tuple(rows)
    for row in given:
        if not isinstance(row, kind):
            raise DataError(
                "frame_of", f"a {type(row).__name__} is none of the {of}", "pass rows of one kind, and say it"
            )
    columns = {}
    for name, (what, value) in form.items():
        cells = [value(row) for row in given]
        # Text is no formula in whatever the frame is written to.
        cells = [harmless(cell) if isinstance(cell, str) else cell for cell in cells]
        columns[name] = _scaled(what, cells)
    return frame_like(kind_of(like), columns)


def _scaled(what: _Kind, values: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
    """A column, of decimals with the places that the longest of them has."""
    if what != "decimal":
        return what, values
    return max((0, *(-value.as_tuple().exponent for value in values if value is not None))), values
