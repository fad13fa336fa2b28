"""Results: what a run came to -> the kind of data frame that the data came as."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from loanperf._explanations import harmless
from loanperf._ledger import Entry, Payment
from loanperf._quantities import Money
from loanperf.errors import DataError, Problem
from loanperf.run import Result

Of: TypeAlias = Literal["results", "entries", "payments", "problems"]
_Kind: TypeAlias = Literal["text", "whole", "day", "decimal"]
_Column: TypeAlias = tuple[_Kind, Callable[[Any], Any]]


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else money.amount


def _currency(money: Money | None) -> str | None:
    return None if money is None else money.currency


def _bonus(result: Result) -> Money | None:
    return None if result.award is None else result.award.amount


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
        "bonus": ("decimal", lambda result: _amount(_bonus(result))),
        "currency": ("text", lambda result: _currency(_bonus(result))),
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
        "set_to": ("decimal", lambda entry: _amount(entry.set_to)),
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
    columns = {name: (what, [_leaving(value(row)) for row in given]) for name, (what, value) in form.items()}
    return frame_like(kind_of(like), {name: _scaled(what, values) for name, (what, values) in columns.items()})


def _leaving(value: Any) -> Any:
    """A cell as it leaves: text is no formula in whatever the frame is written to."""
    return harmless(value) if isinstance(value, str) else value


def _scaled(what: _Kind, values: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
    """A column, of decimals with the places that the longest of them has."""
    if what != "decimal":
        return what, values
    return max((0, *(-value.as_tuple().exponent for value in values if value is not None))), values
