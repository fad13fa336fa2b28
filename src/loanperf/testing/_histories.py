"""What fact stores promise that say what they took since when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeAlias

from attrs import evolve

from loanperf._facts import Credit, FactsWanted, some_of
from loanperf._periods import Period
from loanperf.ports import FactHistory, FactSelection
from loanperf.testing._promises import Check, check, same
from loanperf.testing._samples import drawn
from loanperf.testing._stores import row, taken


def check_fact_history(
    make: Callable[[], FactHistory], *, reopen: Callable[[FactHistory], FactHistory] | None = None
) -> None:
    """Put a `FactHistory` through what its port promises beside what a `FactStore` does.

    Args:
        make: a new store with no rows, each time.
        reopen: the same data by new connections, as after a crash; None for a store that lives in memory alone.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryFactStore
    >>> check_fact_history(MemoryFactStore)
    """
    check("FactHistory", _FACT_HISTORY, make, reopen)


_Remembering: TypeAlias = Callable[[FactHistory], FactHistory]


def _told(store: FactHistory, since: str, what: str) -> set[tuple[str, str, date]]:
    """What a store says was taken behind a mark."""
    found = store.changes(since)
    if found is None:
        raise AssertionError(f"{what}: it says that all loans are concerned")
    return {(change.loan, change.kind, change.since) for change in found}


def _new_rows(store: FactHistory, again: _Remembering) -> None:
    taken(store)
    mark = store.mark()
    event = drawn(loan="L1")
    taken(store, row("1", 1, event))
    store = again(store)
    same({("L1", "disbursed", event.on)}, _told(store, mark, "a new row"), "what a new row changes")
    if store.mark() == mark:
        raise AssertionError(f"the mark after rows were taken: it still is {mark!r}")
    same(set(), _told(store, store.mark(), "nothing"), "what changed since the last mark")


def _again_and_gone(store: FactHistory, again: _Remembering) -> None:
    taken(store, row("1", 1, drawn(loan="L1")), row("2", 1, drawn(loan="L2")), row("3", 1, drawn(loan="L3")))
    store, mark = again(store), store.mark()
    taken(store, row("1", 1, drawn(loan="L1")), row("2", 2, drawn(loan="L4")), row("3", 2, None))
    found = _told(again(store), mark, "rows that were corrected and withdrawn")
    same({"L2", "L3", "L4"}, {loan for loan, _, _ in found} - {"L1"}, "the loans of rows that say something else")
    wrong = {loan for loan, _, since in found if loan != "L1" and since != date.min}
    same(set(), wrong, "the loans of which a row was changed and not all days are concerned")


def _another_source(store: FactHistory, again: _Remembering) -> None:
    taken(store, row("1", 1, drawn(loan="L1")))
    store, mark = again(store), store.mark()
    taken(store, source="finance")
    same(None, again(store).changes(mark), "what changed where another source was pulled for the first time")


def _no_mark_of_its_own(store: FactHistory, again: _Remembering) -> None:
    taken(store, row("1", 1, drawn(loan="L1")))
    store = again(store)
    for mark in ("", "0", "1", store.mark() + "0"):
        same(None, store.changes(mark), f"what changed since {mark!r}, which is no mark of the store")
    first, new = store.mark(), row("2", 1, drawn(loan="L2"))
    taken(store, new)
    if len(first) < _BY_CHANCE or len(store.mark()) < _BY_CHANCE:
        raise AssertionError(f"the mark: it is {first!r}, which another store may have too")


def _selected(store: FactHistory, again: _Remembering) -> None:
    days = (date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5))
    rows = [
        row(f"{code} {day}", 1, evolve(drawn(loan=code), on=day)) for code in ("L1", "L2", "L3") for day in days[:2]
    ]
    late = row("late", 1, evolve(drawn(loan="L4"), on=days[2]))
    lin, wei = (
        row(who, 1, Credit(loan=loan, payee=who, on="2026-01-06")) for who, loan in (("lin", "L2"), ("wei", "L3"))
    )
    taken(store, *rows, late, lin, wei)
    store = again(store)
    if not isinstance(store, FactSelection):
        return
    for loans, payees, since in (("L2",), (), days[2]), ((), ("wei",), date.max), (("no such",), (), date.max):
        wanted = FactsWanted(loans=frozenset(loans), payees=frozenset(payees), since=since)
        whole, found = store.facts(Period.month(2026, 3)), store.some(Period.month(2026, 3), wanted)
        expected = some_of(whole, wanted)
        known = {*expected.items}
        same(
            known,
            {fact for fact in found if fact in known},
            f"the facts of {loans}, of loans of {payees}, and since {since}",
        )
        same(whole.rows, found.rows, "how many rows there are, of which some facts were asked for")


_BY_CHANCE = 16
"""Letters of a mark, at least, so that no two stores have one by chance."""
_FACT_HISTORY: Mapping[str, Check[FactHistory]] = {
    "what new rows say is told with kind and day": _new_rows,
    "rows that are corrected or withdrawn concern the loans that they named, of all days": _again_and_gone,
    "another source concerns all loans": _another_source,
    "of the loans that are wanted a FactSelection gives all facts": _selected,
    "a mark is by chance, and one of another store concerns all loans": _no_mark_of_its_own,
}
