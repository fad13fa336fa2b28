"""What stores promise: streams of entries, and rows of feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import permutations
from typing import Any, TypeAlias

from attrs import evolve

from loanperf._facts import Facts
from loanperf._feeds import MOST_REVISION, FeedRow, Pulled, RowKey, SaidOfRow, facts_of, merged
from loanperf._periods import Period
from loanperf._seals import misfits, seal_of
from loanperf._tables._values import of_days
from loanperf.errors import ConflictError, Problem
from loanperf.ports import EntryStore, FactStore
from loanperf.testing._promises import Check, at_once, check, raises, same, torn_off
from loanperf.testing._samples import CODES, FACTS, TEXTS, drawn, shuffled

_MARCH = Period.month(2026, 3)
_MANY = 20_000
_WRITERS, _ROUNDS = 8, 10
_TORN = 2500
"""More than stores write at once, so that the end may come after a part was written."""


def check_entry_store(
    make: Callable[[], EntryStore], *, reopen: Callable[[EntryStore], EntryStore] | None = None
) -> None:
    """Put an `EntryStore` through everything that its port promises.

    Args:
        make: a new store with no streams, each time.
        reopen: the same data by new connections, as after a crash; None for a store that lives in memory alone.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryEntries
    >>> check_entry_store(MemoryEntries)
    """
    check("EntryStore", _ENTRY_STORE, make, reopen)


def check_fact_store(make: Callable[[], FactStore], *, reopen: Callable[[FactStore], FactStore] | None = None) -> None:
    """Put a `FactStore` through everything that its port promises of rows and cursors.

    Args:
        make: a new store with no rows, each time.
        reopen: the same data by new connections, as after a crash; None for a store that lives in memory alone.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryFactStore
    >>> check_fact_store(MemoryFactStore)
    """
    check("FactStore", _FACT_STORE, make, reopen)


# ── streams of entries ──────────────────────────────────────────────────────────────────────────────────────

_Again: TypeAlias = Callable[[EntryStore], EntryStore]


def _empty(store: EntryStore, _: _Again) -> None:
    same([], list(store.read("nothing")), "reading a stream that nobody appended to")
    same(0, store.append("nothing", [], expected=0), "the version after appending nothing")
    same([], list(store.read("nothing")), "reading after appending nothing")
    store.append("s", ["one"], expected=0)
    same(1, store.append("s", [], expected=1), "the version after appending nothing to one record")
    same(["one"], list(store.read("s")), "the records after appending nothing")


def _in_order(store: EntryStore, again: _Again) -> None:
    lines = [f"{number}" for number in range(25)]
    same(10, store.append("s", lines[:10], expected=0), "the version after ten records")
    same(25, store.append("s", lines[10:], expected=10), "the version after 15 more")
    same(lines, list(again(store).read("s")), "the records")
    for after in (0, 1, 24, 25, 99):
        same(lines[after:], list(store.read("s", after)), f"the records behind version {after}")


def _texts(store: EntryStore, again: _Again) -> None:
    store.append("texts", TEXTS, expected=0)
    same(list(TEXTS), list(again(store).read("texts")), "texts of all kinds")


def _conflict(store: EntryStore, _: _Again) -> None:
    store.append("s", ["one", "two"], expected=0)
    for expected in (0, 1, 3, -1):
        act = partial(store.append, "s", ["x"], expected=expected)
        raises(ConflictError, act, f"appending to version {expected} of a stream at version 2")
    raises(ConflictError, partial(store.append, "new", ["x"], expected=1), "appending to version 1 of a new stream")
    raises(ConflictError, partial(store.append, "s", [], expected=1), "appending nothing to version 1 of 2")
    same(["one", "two"], list(store.read("s")), "the records after conflicts")
    same([], list(store.read("new")), "a stream whose only append was a conflict")
    same(3, store.append("s", ["three"], expected=2), "the version after an append that follows conflicts")
    same(1, store.append("new", ["one"], expected=0), "the version of a new stream after a conflict")


def _apart(store: EntryStore, again: _Again) -> None:
    for code in CODES:
        store.append(code, [f"of {code}"], expected=0)
    store = again(store)
    for code in CODES:
        same([f"of {code}"], list(store.read(code)), f"the records of stream {code!r}")


def _whole(store: EntryStore, again: _Again) -> None:
    lines = ["one", "two", *(f"{number}" for number in range(3, _TORN))]
    store.append("s", lines[:1], expected=0)
    torn_off(partial(store.append, "s", expected=1), lines[1:], "appending records that end in the middle")
    torn_off(
        partial(store.append, "new", expected=0), lines, "appending to a new stream records that end in the middle"
    )
    same(lines[:1], list(store.read("s")), "the records after an append that ended in the middle")
    store = again(store)
    same([], list(store.read("new")), "a stream whose only append ended in the middle")
    same(len(lines), store.append("s", lines[1:], expected=1), "the version after the whole of it was appended again")
    same(lines, list(store.read("s")), "the records after the whole of it was appended again")


def _one_wins(store: EntryStore, again: _Again) -> None:
    won: list[str] = []

    def write(name: int) -> None:
        for version in range(_ROUNDS):
            try:
                store.append("s", [f"{name}/{version}"], expected=version)
            except ConflictError:
                continue
            won.append(f"{name}/{version}")

    at_once(
        [partial(write, name) for name in range(_WRITERS)], "appending to one stream; who comes late gets ConflictError"
    )
    records = list(again(store).read("s"))
    same(sorted(won), sorted(records), "the records of those who were told that they won")
    same([f"{place}" for place in range(len(records))], [item.split("/")[1] for item in records], "their versions")
    same(_ROUNDS, len(records), "the number of versions for which somebody won")


def _side_by_side(store: EntryStore, again: _Again) -> None:
    def write(stream: str) -> None:
        for version in range(_ROUNDS):
            store.append(stream, [f"{stream}/{version}"], expected=version)

    streams = [f"stream {number}" for number in range(_WRITERS)]
    at_once([partial(write, stream) for stream in streams], "appending, each to a stream of its own")
    store = again(store)
    for stream in streams:
        expected = [f"{stream}/{version}" for version in range(_ROUNDS)]
        same(expected, list(store.read(stream)), f"the records of {stream}")


def _whole_reads(store: EntryStore, _: _Again) -> None:
    store.append("begun", ["one", "two"], expected=0)
    reading = iter(store.read("begun"))
    begun = [next(reading)]
    store.append("begun", ["three", "four"], expected=2)
    begun += reading
    if begun not in (["one", "two"], ["one", "two", "three", "four"]):
        same(["one", "two"], begun, "what was being read while somebody appended")
    halves: list[int] = []

    def write() -> None:
        for number in range(_ROUNDS):
            store.append("s", [f"{number}"] * 100, expected=100 * number)

    def look() -> None:
        for _ in range(_ROUNDS):
            read = len(list(store.read("s")))
            if read % 100:
                halves.append(read)

    at_once([write, look, look], "reading while somebody appends")
    same([], halves, "reads that saw a part of an append")


def _huge(store: EntryStore, again: _Again) -> None:
    lines = [f'{{"number":{number}}}' for number in range(_MANY)]
    same(_MANY, store.append("s", lines, expected=0), "the version after a huge append")
    same(lines, list(again(store).read("s")), "the records of a huge append")


def _sealed(store: EntryStore, again: _Again) -> None:
    parts = [["one"], ["two", "three"], [], [*TEXTS]]
    for part in parts:
        store.append("s", part, expected=len([*store.read("s")]))
    same([], [*store.batches("nothing")], "the batches of a stream that nobody appended to")
    batches = [*again(store).batches("s")]
    same([], [str(one) for one in misfits("s", batches)], "what does not fit the seals")
    same([1, 3, 3 + len(TEXTS)], [batch.version for batch in batches], "the versions of the batches")
    seals = [seal_of("", "s", 0, parts[0])]
    seals.append(seal_of(seals[0], "s", 1, parts[1]))
    same(seals, [batch.seal for batch in batches][:2], "the first two seals")
    store.append("s", ["last"], expected=3 + len(TEXTS))
    same(seals, [batch.seal for batch in again(store).batches("s")][:2], "the first two seals after one more append")


_ENTRY_STORE: Mapping[str, Check[EntryStore]] = {
    "a stream to which nothing was appended has no records": _empty,
    "records come back in order, behind any version, and append says the new one": _in_order,
    "records come back as they were, whatever their text": _texts,
    "who expects another version gets ConflictError, and nothing is added": _conflict,
    "streams do not mix, whatever their names": _apart,
    "an append is whole or not there": _whole,
    "of those who append to one version one wins": _one_wins,
    "who appends to another stream is not hindered": _side_by_side,
    "a read sees whole appends": _whole_reads,
    "a huge append is kept": _huge,
    "each append is sealed, over all before it": _sealed,
}


# ── rows of feeds ───────────────────────────────────────────────────────────────────────────────────────────

_Store: TypeAlias = Callable[[FactStore], FactStore]


def row(code: str, revision: int, says: Any) -> FeedRow:
    """A row of a feed."""
    return FeedRow(row=code, revision=revision, says=says)


def taken(store: FactStore, *rows: FeedRow, source: str = "crm") -> Facts:
    """The facts of a store that has taken some rows more."""
    store.take(source, Pulled(rows=rows, cursor="c"))
    return store.facts(_MARCH)


def _agree(expected: Facts, found: Facts, what: str) -> None:
    """Refuse facts that differ, in what they are, where they come from, or what is told of the rest."""
    same(list(expected.items), list(found.items), f"the facts {what}")
    same([fact.source for fact in expected], [fact.source for fact in found], f"the sources of facts {what}")
    same(expected.problems, found.problems, f"the problems {what}")
    same(expected.rows, found.rows, f"the number of rows {what}")
    same(set(expected.refused), set(found.refused), f"the facts that are refused {what}")


def _nothing(store: FactStore, _: _Store) -> None:
    same((0, 0), (len(store.facts(_MARCH)), store.facts(_MARCH).rows), "facts and rows of an empty store")
    same("", store.cursor("crm"), "the cursor before the first rows")
    store.take("crm", Pulled(rows=(), cursor="5"))
    same("5", store.cursor("crm"), "the cursor after a pull without rows")
    for reading in store.readings(_MARCH):
        same("Reading", type(reading).__name__, "the type of what readings() gives")


def _exact(store: FactStore, again: _Store) -> None:
    rows = [row(f"row {place}", place, fact) for place, fact in enumerate(FACTS)]
    store.take("crm", Pulled(rows=rows, cursor="1"))
    _agree(facts_of(merged({}, "crm", rows)), again(store).facts(_MARCH), "of every kind")


def _any_order(store: FactStore, _: _Store) -> None:
    rows = [
        row("1", 1, drawn("1 元")),
        row("1", 3, drawn("3 元")),
        row("1", 2, None),
        row("2", 0, drawn("2 元", "L2")),
    ]
    for place, order in enumerate(permutations(rows)):
        source = f"source {place}"
        for item in order:
            store.take(source, Pulled(rows=(item, order[0]), cursor="c"))
        found = taken(store, *order, source=source)
        _agree(facts_of(merged({}, source, rows)), found, f"in the order {[item.revision for item in order]}")
        store.take(source, Pulled(rows=[row(code, 9, None) for code in ("1", "2")], cursor="c"))


def _batches(store: FactStore, again: _Store) -> None:
    """Rows of many revisions, in an order and in batches that look like chance and are the same each time."""
    rows = [
        row(f"{code}", revision, None if revision == 4 else drawn(f"{revision + 1} 元", f"L{code}"))
        for code in range(40)
        for revision in range(code % 7)
    ]
    for seed in range(5):
        source, mixed = f"source {seed}", shuffled([*rows, *rows[::3]], seed)
        size = 1 + 17 * seed
        for start in range(0, len(mixed), size):
            store.take(source, Pulled(rows=mixed[start : start + size], cursor=f"{start}"))
        store = again(store)
        _agree(facts_of(merged({}, source, rows)), store.facts(_MARCH), f"taken {size} rows at a time")
        store.take(source, Pulled(rows=[row(f"{code}", 9, None) for code in range(40)], cursor="c"))


def _ends(store: FactStore, again: _Store) -> None:
    least, most = row("1", 0, drawn("1 元")), row("1", MOST_REVISION, drawn("2 元"))
    for order in ([least, most], [most, least]):
        store.take("crm", Pulled(rows=order, cursor="c"))
    store.take("crm", Pulled(rows=[row("1", MOST_REVISION - 1, None)], cursor="c"))
    store = again(store)
    _agree(facts_of(merged({}, "crm", [most])), store.facts(_MARCH), "of the highest revision of 64 bits")


def _codes(store: FactStore, again: _Store) -> None:
    rows = [row(code, 1, drawn(f"{place} 元", f"L{place}")) for place, code in enumerate(CODES)]
    store.take("crm", Pulled(rows=rows, cursor="c"))
    store = again(store)
    _agree(facts_of(merged({}, "crm", rows)), store.facts(_MARCH), "of rows whose codes are alike")
    rows[0] = row(CODES[0], 2, None)
    _agree(facts_of(merged({}, "crm", rows)), taken(store, rows[0]), "after one of them was withdrawn")


def _withdrawn(store: FactStore, _: _Store) -> None:
    same(1, len(taken(store, row("1", 1, drawn()))), "facts of a row")
    same((0, 0), _counts(taken(store, row("1", 2, None))), "facts and rows after it was withdrawn")
    same((0, 0), _counts(taken(store, row("1", 1, drawn()))), "facts and rows after its old revision came late")
    same((1, 1), _counts(taken(store, row("1", 3, drawn()))), "facts and rows after it was sent again")


def _counts(facts: Facts) -> tuple[int, int]:
    return len(facts), facts.rows


def _unreadable(store: FactStore, again: _Store) -> None:
    torn_row = Problem('合同 7, "a\'b"', "the amount is torn; see %s", "12OOOO 😀\n\\", "改正金额")
    found = taken(store, row("7", 1, torn_row), row("8", 1, drawn()))
    _agree(facts_of(merged({}, "crm", [row("7", 1, torn_row), row("8", 1, drawn())])), found, "beside a torn row")
    found = again(store).facts(_MARCH)
    same(1, len(found.problems), "problems as long as the row is torn")
    same(0, len(taken(store, row("7", 2, drawn("2 元", "L7"))).problems), "problems after it was corrected")


def _contradicting(store: FactStore, again: _Store) -> None:
    one, other = row("1", 1, drawn("1 元")), row("1", 1, drawn("2 元"))
    expected = facts_of(merged({}, "crm", [one, other]))
    _agree(expected, taken(store, one, other), "that contradict each other at once")
    store.take("risk", Pulled(rows=[one], cursor="c"))
    store.take("risk", Pulled(rows=[other], cursor="c"))
    store.take("crm", Pulled(rows=[row("1", 2, None)], cursor="c"))
    _agree(facts_of(merged({}, "risk", [one, other])), again(store).facts(_MARCH), "that contradict each other later")
    same(0, len(taken(store, row("1", 2, None), source="risk").problems), "problems after a higher revision")
    same(0, len(taken(store, one, other, source="risk").problems), "problems of a revision that holds no more")


def _kinds_of_contradiction(store: FactStore, again: _Store) -> None:
    torn_row = Problem("contract 7", "the amount is torn", "12OOOO", "correct it")
    rows: dict[str, list[FeedRow]] = {
        "withdrawn": [row("1", 3, drawn("1 元", "L1")), row("1", 3, None)],
        "unreadable": [row("2", 3, drawn("1 元", "L2")), row("2", 3, torn_row)],
        "three things": [row("3", 3, drawn(f"{number} 元", "L3")) for number in (1, 2, 3)],
    }
    for pair in rows.values():
        for item in pair:
            store.take("crm", Pulled(rows=[item], cursor="c"))
    store = again(store)
    every = [item for pair in rows.values() for item in pair]
    _agree(facts_of(merged({}, "crm", every)), store.facts(_MARCH), "that are withdrawn or torn under one revision too")
    for item in every[::-1]:
        store.take("crm", Pulled(rows=[item], cursor="c"))
    _agree(facts_of(merged({}, "crm", every)), store.facts(_MARCH), "that are said again")


def _one_fact(store: FactStore, again: _Store) -> None:
    rows = {
        "crm": [row("1", 1, drawn("1 元", "L1")), row("2", 1, drawn("1 元", "L2"))],
        "core": [row("7", 1, drawn("1 元", "L1")), row("8", 1, drawn("2 元", "L2"))],
    }
    for source, sent in rows.items():
        store.take(source, Pulled(rows=sent, cursor="c"))
    held = merged(merged({}, "crm", rows["crm"]), "core", rows["core"])
    _agree(facts_of(held), again(store).facts(_MARCH), "that two sources say, once alike and once not")


def _authority(store: FactStore, again: _Store) -> None:
    """Finance is believed of drawdowns; what CRM says otherwise, or alone, is told and not counted."""
    rows = {
        "crm": [
            row("1", 1, drawn("1 元", "L1")),
            row("2", 1, drawn("1 元", "L2")),
            row("3", 1, drawn("1 元", "L3")),
        ],
        "finance": [row("7", 1, drawn("1 元", "L1")), row("8", 1, drawn("2 元", "L2"))],
    }
    held: dict[RowKey, SaidOfRow] = {}
    for source, sent in rows.items():
        store.take(source, Pulled(rows=sent, cursor="c"))
        held = merged(held, source, sent)
    found = again(store).facts(_MARCH)
    same((2, 1, 2), (len(found), found.repeats, len(found.problems)), "facts, repeats and problems of two sources")
    _agree(facts_of(held), found, "of which finance is believed")


def _said_twice(store: FactStore, again: _Store) -> None:
    rows = [row("1", 1, drawn("1 元", "L1")), row("2", 1, drawn("1 元", "L1"))]
    for item in rows:
        store.take("crm", Pulled(rows=[item], cursor="c"))
    found = again(store).facts(_MARCH)
    same((1, 1), (len(found), len(found.problems)), "facts and problems of two rows that say the same")
    _agree(facts_of(merged({}, "crm", rows)), found, "that two rows say")


def _sources(store: FactStore, again: _Store) -> None:
    for place, code in enumerate(CODES):
        store.take(code, Pulled(rows=[row("1", 1, drawn(f"{place + 1} 元", f"L{place}"))], cursor=f"c{place} 工"))
    store = again(store)
    same(len(CODES), len(store.facts(_MARCH)), "facts of one row code in many sources")
    for place, code in enumerate(CODES):
        same(f"c{place} 工", store.cursor(code), f"the cursor of source {code!r}")


def _together(store: FactStore, again: _Store) -> None:
    store.take("crm", Pulled(rows=[row("1", 1, drawn())], cursor="5"))
    store = again(store)
    same(("5", 1), (store.cursor("crm"), len(store.facts(_MARCH))), "cursor and facts")
    store.take("crm", Pulled(rows=[], cursor="4"))
    same("4", store.cursor("crm"), "a cursor that was set back, to pull again")


def _both_or_neither(store: FactStore, again: _Store) -> None:
    rows = [row(f"{number}", 1, drawn("1 元", f"L{number}")) for number in range(_TORN)]
    store.take("crm", Pulled(rows=rows[:1], cursor="1"))

    def take(torn: Any) -> None:
        whole = Pulled(rows=(), cursor="9")
        object.__setattr__(whole, "rows", torn)
        store.take("crm", whole)

    torn_off(take, rows[1:], "taking rows that end in the middle")
    same(("1", 1), (store.cursor("crm"), len(store.facts(_MARCH))), "cursor and facts after rows ended in the middle")
    store = again(store)
    store.take("crm", Pulled(rows=rows, cursor="9"))
    same(("9", _TORN), (store.cursor("crm"), len(store.facts(_MARCH))), "cursor and facts after all rows came")


def _many_takers(store: FactStore, again: _Store) -> None:
    rows = [
        row(f"{number}", revision, drawn(f"{revision} 元", f"L{number}"))
        for revision in (1, 2, 3)
        for number in range(80)
    ]
    parts = [rows[:160], rows[160:], rows[80:][::-1], rows[::-1]]
    acts = [partial(store.take, "crm", Pulled(rows=part, cursor="c")) for part in parts]
    acts += [partial(store.take, "risk", Pulled(rows=part, cursor="c")) for part in parts]
    at_once(acts, "taking rows at once")
    held = merged(merged({}, "crm", rows), "risk", rows)
    _agree(facts_of(held), again(store).facts(_MARCH), "that many took at once")


def _tables(store: FactStore, again: _Store) -> None:
    """By tables, by both at once, and by rows again: late, repeated, contradicting, withdrawn, and one below zero."""
    late = _drawings(["1", "2", "3", "4"], [2, 1, 1, 1], [20, 1, -1, 4])
    pulls = [
        Pulled(
            tables={"events": late, "withdrawn": {"row": ["5", "4"], "revision": [1, 2]}}, currency="CNY", cursor="1"
        ),
        Pulled(rows=[row("1", 1, drawn("1 元", "L1")), row("2", 1, drawn("2 元", "L2"))], tables={}, cursor="2"),
        Pulled(tables={"events": _drawings(["6", "6", "1"], [1, 2, 3], [6, 7, 21])}, currency="CNY", cursor="3"),
        Pulled(rows=[row("6", 2, None)], tables={"events": late}, currency="CNY", cursor="4"),
    ]
    held: dict[RowKey, SaidOfRow] = {}
    for pulled in pulls:
        store.take("crm", pulled)
        held = merged(held, "crm", pulled.every_row())
        _agree(facts_of(held), again(store).facts(_MARCH), f"of the pull to the cursor {pulled.cursor!r}, with tables")


def _drawings(rows: list[str], revisions: list[int], amounts: list[int]) -> dict[str, Any]:
    """A table of drawdowns, each of a loan of its own, with amounts in whole yuan."""
    facts = [drawn("1 元", f"L{row}") for row in rows]
    on = of_days([fact.on for fact in facts])
    return {
        "row": rows,
        "revision": revisions,
        "loan": [fact.loan for fact in facts],
        "kind": ["disbursed"] * len(rows),
        "on": evolve(on, values=on.values.astype("i8")),
        "amount(元)": amounts,
    }


def _huge_take(store: FactStore, again: _Store) -> None:
    rows = [row(f"{number}", 1, drawn("1 元", f"L{number}")) for number in range(_MANY)]
    store.take("crm", Pulled(rows=rows, cursor="c"))
    same((_MANY, _MANY), _counts(again(store).facts(_MARCH)), "facts and rows of a huge take")


_FACT_STORE: Mapping[str, Check[FactStore]] = {
    "an empty store has no facts and no cursor": _nothing,
    "facts of every kind come back exactly, with their source": _exact,
    "the order and number of times in which rows come does not matter": _any_order,
    "the batches in which rows come do not matter": _batches,
    "revisions go from 0 to 2**63 - 1": _ends,
    "rows do not mix, whatever their codes": _codes,
    "a row that was withdrawn says nothing until a higher revision does": _withdrawn,
    "a row that cannot be read is told until it is corrected": _unreadable,
    "a row that says two things under one revision is told and not used": _contradicting,
    "so is one that is withdrawn, or cannot be read, under the same revision": _kinds_of_contradiction,
    "a fact that two sources say is one; where they differ, both are told and not used": _one_fact,
    "of events that two sources report one is believed": _authority,
    "two rows of a source that say the same event are told, and one is used": _said_twice,
    "sources are kept apart, with their cursors": _sources,
    "rows are kept with their cursor": _together,
    "rows and cursor are kept both or neither": _both_or_neither,
    "rows of tables are rows like others": _tables,
    "many may take at once": _many_takers,
    "a huge take is kept": _huge_take,
}
