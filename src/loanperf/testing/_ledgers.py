"""What stores of ledgers promise: entries as columns, and as the lines that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from loanperf._commission import PayRules
from loanperf._ledger import Ledger, overrule, pay
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._seals import misfits, proven, seal_of
from loanperf.errors import ConflictError, DataError, LedgerError
from loanperf.ports import LedgerStore, LedgerTails
from loanperf.testing._promises import Check, check, raises, same

_MARCH = Period.month(2026, 3)


def check_ledger_store(
    make: Callable[[], LedgerStore], *, reopen: Callable[[LedgerStore], LedgerStore] | None = None
) -> None:
    """Put a `LedgerStore` through everything that its port promises beside what an `EntryStore` does.

    Args:
        make: a new store with no streams, each time.
        reopen: the same data by new connections, as after a crash; None for a store that lives in memory alone.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryEntries
    >>> check_ledger_store(MemoryEntries)
    """
    check("LedgerStore", _LEDGER_STORE, make, reopen)


_Reopened: TypeAlias = Callable[[LedgerStore], LedgerStore]


def _sample() -> Ledger:
    """A ledger of two months: amounts set by hand, paid, closed; and one that is corrected."""
    ledger, april = Ledger(), _MARCH.next()
    said = {"by": "chen", "why": '合同有误 "17"', "evidence": "HR-17"}

    def by_hand(line: str, amount: str, period: Period) -> Ledger:
        return ledger.append([overrule(ledger, line, Money.of(amount), period=period, payee="林", **said)])

    for line in ("林/计划/x//s/2026-03", "a\\/b", "plain"):
        ledger = by_hand(line, "12.34 CNY", _MARCH)
    ledger = ledger.append(pay(ledger, period=_MARCH, rules=PayRules()).entries).close(_MARCH, by="chen")
    ledger = by_hand("plain", "5 CNY", april)
    return ledger.append(pay(ledger, period=april, rules=PayRules()).entries).close(april, by="chen")


def _post(store: LedgerStore, stream: str, ledger: Ledger) -> int:
    """Post the entries of a ledger month by month, and append its closings; the version in the end."""
    version = done = 0
    for closing in ledger.closings:
        version = store.post(stream, ledger.entries[done : closing.after], expected=version)
        version = store.append(stream, [*ledger.lines(version)][:1], expected=version)
        done = closing.after
    return version


def _agrees(store: LedgerStore, stream: str, ledger: Ledger, what: str) -> None:
    """Refuse a stream that does not come to a ledger, by columns and by lines."""
    same(ledger, store.ledger(stream), f"the ledger of {what}")
    same([*ledger.lines()], [*store.read(stream)], f"the lines of {what}")


def _posted(store: LedgerStore, again: _Reopened) -> None:
    same(Ledger(), store.ledger("nothing"), "the ledger of a stream that nobody appended to")
    ledger = _sample()
    lines = [*ledger.lines()]
    same(len(lines), _post(store, "s", ledger), "the version after all was posted")
    store = again(store)
    _agrees(store, "s", ledger, "entries that were posted")
    same(lines[2:], [*store.read("s", 2)], "the lines behind version 2")


def _appended(store: LedgerStore, again: _Reopened) -> None:
    ledger = _sample()
    lines = [*ledger.lines()]
    store.append("s", lines, expected=0)
    store.append("mixed", lines[:1], expected=0)
    store.post("mixed", ledger.entries[1:2], expected=1)
    store.append("mixed", lines[2:], expected=2)
    store = again(store)
    _agrees(store, "s", ledger, "lines that were appended")
    _agrees(store, "mixed", ledger, "lines and entries in turn")


def _posts_sealed(store: LedgerStore, again: _Reopened) -> None:
    ledger = _sample()
    _post(store, "s", ledger)
    store.append("lines", [*ledger.lines()], expected=0)
    store = again(store)
    for stream in ("s", "lines"):
        batches = [*store.batches(stream)]
        same([], [str(one) for one in misfits(stream, batches)], "what does not fit the seals")
        same(len([*ledger.lines()]), batches[-1].version, "the version of the last batch")
    first = ledger.entries[: ledger.closings[0].after]
    same(seal_of("", "s", 0, first), next(iter(store.batches("s"))).seal, "the seal of what was posted first")


def _tails(store: LedgerStore, again: _Reopened) -> None:
    _post(store, "s", _sample())
    store = again(store)
    if not isinstance(store, LedgerTails):
        return
    batches = [*store.batches("s")]
    for before, place in enumerate((0, *(batch.version for batch in batches))):
        seal, behind = store.tail("s", place)
        same(batches[before - 1].seal if before else "", seal, f"the seal at version {place}")
        found = [*behind]
        said = [(batch.before, batch.version, batch.seal) for batch in batches[before:]]
        same(said, [(batch.before, batch.version, batch.seal) for batch in found], f"what stands behind {place}")
        same(len(said), len([*proven("s", found, place, seal)]), f"what fits its seal behind {place}")
    same("", store.tail("s", batches[-1].version + 1)[0], "the seal of a version that the stream has not")


def _post_conflict(store: LedgerStore, _: _Reopened) -> None:
    entries = _sample().entries
    store.post("s", entries[:1], expected=0)
    for expected in (0, 2, -1):
        act = partial(store.post, "s", entries[1:2], expected=expected)
        raises(ConflictError, act, f"posting to version {expected} of a stream at version 1")
    same(Ledger(entries=entries[:1]), store.ledger("s"), "the ledger after conflicts")
    same(2, store.post("s", entries[1:2], expected=1), "the version after a post that follows conflicts")


def _contradicted(store: LedgerStore, _: _Reopened) -> None:
    entries = _sample().entries
    store.post("gap", entries[1:2], expected=0)
    raises(LedgerError, partial(store.ledger, "gap"), "the ledger of entries whose numbers do not follow on")
    store.append("s", ["one"], expected=0)
    raises(DataError, partial(store.ledger, "s"), "the ledger of records that are none of a ledger")


_LEDGER_STORE: Mapping[str, Check[LedgerStore]] = {
    "entries that are posted are the ledger, and are read as lines": _posted,
    "entries that are appended as lines are among those of the ledger": _appended,
    "entries are sealed as what was posted": _posts_sealed,
    "what stands behind a version is what a LedgerTails gives of it": _tails,
    "who posts to another version gets ConflictError, and nothing is added": _post_conflict,
    "what contradicts itself is no ledger": _contradicted,
}
