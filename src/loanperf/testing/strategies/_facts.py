"""Facts of every kind, and rows of feeds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeVar, overload

from hypothesis import strategies as st

from loanperf._facts import ROW_OF, Fact, Facts, LoanEvent
from loanperf._feeds import MOST_REVISION, FeedRow, Pulled
from loanperf._kinds import DETAIL, KINDS, EventKind, FactColumn
from loanperf._quantities import Money
from loanperf.errors import Problem
from loanperf.testing.strategies._values import MOST, codes, days, money, percentages, texts

_Fact = TypeVar("_Fact", bound=Fact)
_SOLD, _BOUGHT = ("USD", "EUR"), ("CNY", "JPY", "KWD")


@overload
def facts() -> st.SearchStrategy[Fact]: ...
@overload
def facts(of: type[_Fact]) -> st.SearchStrategy[_Fact]: ...
def facts(of: type[Any] | None = None) -> st.SearchStrategy[Any]:
    """Facts of every kind, or of one; with and without what may be left out, at the bounds of each column.

    Args:
        of: the class of the rows, such as `lp.Balance`; None is any.
    """
    return st.one_of(*(_rows(name) for name, row in ROW_OF.items() if of in (None, row)))


def loan_events(loan: str | None = None, kind: EventKind | None = None) -> st.SearchStrategy[LoanEvent]:
    """Events with what each must state and nothing else.

    Args:
        loan: number of their loan; None is any.
        kind: what happened; None is anything.
    """
    given = {name: value for name, value in (("loan", loan), ("kind", kind)) if value is not None}
    return _rows("events", given)


@st.composite
def _rows(draw: st.DrawFn, kind: str, given: Mapping[str, Any] | None = None) -> Any:
    """Rows of a kind, each column within what the table of kinds says of it."""
    row = dict(given or {})
    for name, column in KINDS[kind].columns.items():
        if name in row:
            continue
        if kind == "events" and column.optional and name != "number":
            row[name] = draw(_values(column, row)) if name in DETAIL[row["kind"]] else None
            continue
        left_out = column.optional and column.type != "text" and draw(st.booleans())
        row[name] = column.default if left_out else draw(_values(column, row))
    return ROW_OF[kind](**row, source=draw(texts()))


def _values(column: FactColumn, row: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a column beside what is drawn of the row so far."""
    if column.enum is not None:
        return st.sampled_from(column.enum)
    match column.type:
        case "text":
            return texts()
        case "currency":
            return st.sampled_from(_BOUGHT if column.unlike else _SOLD)
        case "day":
            return _after(row[column.after]) if column.after else days()
        case "truth":
            return st.booleans()
        case "money":
            return _part(row[column.within]) if column.within else money(currency="CNY", least=_least(column, -MOST))
        case "whole":
            return st.integers(_least(column, 0), 480)
        case "share" | "points":
            high = 100 if column.high is None else column.high
            return percentages(0, high).filter(lambda value: column.above is None or value > column.above)
        case "rate":
            return st.fractions(Fraction(1, 1000), 1000, max_denominator=10_000)
        case _:
            return codes()


def _least(column: FactColumn, unbounded: int) -> int:
    low = unbounded if column.low is None else column.low
    return low if column.above is None else max(low, column.above + 1)


def _after(since: date) -> st.SearchStrategy[date]:
    return st.integers(1, 900).map(lambda more: since + timedelta(days=more))


def _part(whole: Money) -> st.SearchStrategy[Money]:
    """Nothing, one smallest unit, all of an amount, or any part of it."""
    units = st.sampled_from([0, min(1, whole.units), whole.units]) | st.integers(0, whole.units)
    return units.map(lambda part: Money.from_units(part, whole.currency))


def books_of_facts() -> st.SearchStrategy[Facts]:
    """Facts as a source answers them, repeats and contradictions among them; none at all too."""
    return st.lists(facts(), max_size=8).map(lambda found: Facts.of([*found, *found[::2]]))


def feed_rows() -> st.SearchStrategy[FeedRow]:
    """Rows of feeds: facts, withdrawals, rows that cannot be read; under few codes and revisions, so that they meet."""
    says = st.none() | facts() | st.builds(Problem, codes(), codes(), texts(), codes())
    revisions = st.integers(0, 3) | st.just(MOST_REVISION)
    return st.builds(FeedRow, row=st.sampled_from(["1", "2", "三"]), revision=revisions, says=says)


def pulls() -> st.SearchStrategy[Pulled]:
    """Some rows of a feed, and a cursor."""
    return st.builds(Pulled, rows=st.lists(feed_rows(), max_size=6), cursor=texts())
