"""What a store of what is personal promises."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeAlias

from loanperf.errors import LoanPerfError
from loanperf.ports import PersonalStore
from loanperf.testing._promises import Check, check, raises, same, torn_off
from loanperf.testing._samples import CODES, TEXTS

_UNKNOWN = "0" * 64
_MANY = 2500


def check_personal_store(
    make: Callable[[], PersonalStore], *, reopen: Callable[[PersonalStore], PersonalStore] | None = None
) -> None:
    """Put a `PersonalStore` through everything that its port promises.

    Args:
        make: a new store with no texts, each time.
        reopen: the same data by new connections, as after a crash; None for a store that lives in memory alone.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryPersonal
    >>> check_personal_store(MemoryPersonal)
    """
    check("PersonalStore", _PERSONAL_STORE, make, reopen)


_Again: TypeAlias = Callable[[PersonalStore], PersonalStore]


def _empty(store: PersonalStore, _: _Again) -> None:
    same([], [*store.commit([])], "the commitments of nothing")
    same({}, {**store.told([])}, "what is told of nothing")
    same({}, {**store.told([_UNKNOWN])}, "what is told of a commitment that nobody gave")
    same(0, store.erase("lin"), "texts of a payee of whom nothing is kept")


def _texts(store: PersonalStore, again: _Again) -> None:
    said = [("lin", text) for text in TEXTS]
    first = [*store.commit(said)]
    same(len(TEXTS), len({*first}), "different commitments of different texts")
    odd = [one for one in first if not re.fullmatch("[0-9a-f]{64}", one)]
    same([], odd, "commitments that are no SHA-256 in hexadecimal")
    store = again(store)
    same(dict(zip(first, TEXTS, strict=True)), {**store.told([*first, _UNKNOWN])}, "the texts")
    same(first, [*store.commit(said)], "the commitments of the same texts, told once more")
    same(len(TEXTS), store.erase("lin"), "texts that were erased")


def _once(store: PersonalStore, _: _Again) -> None:
    one, other, third = store.commit([("lin", "a"), ("lin", "b"), ("lin", "a")])
    same((one, True), (third, one != other), "the commitment of a text that comes twice, and of another one")
    same(2, store.erase("lin"), "texts of which one came twice")


def _apart(store: PersonalStore, again: _Again) -> None:
    first = [*store.commit([(code, "a") for code in CODES])]
    same(len(CODES), len({*first}), "different commitments of one text of many payees")
    same(1, store.erase(CODES[0]), "texts of one of them")
    kept = dict.fromkeys(first[1:], "a")
    same(kept, {**again(store).told(first)}, "the texts of the others after those of one were erased")


def _erased(store: PersonalStore, again: _Again) -> None:
    (first,) = store.commit([("lin", "a")])
    same(1, store.erase("lin"), "texts that were erased")
    store = again(store)
    same({}, {**store.told([first])}, "what is told of a text that was erased")
    same(0, store.erase("lin"), "texts that are erased once more")
    (second,) = store.commit([("lin", "a")])
    same((True, {second: "a"}), (first != second, {**store.told([first, second])}), "the text, kept anew")


def _by_chance(store: PersonalStore, _: _Again) -> None:
    found = set[str]()
    for _round in range(5):
        found |= {*store.commit([("lin", "a")])}
        store.erase("lin")
    same(5, len(found), "commitments of a text that was kept anew five times")


def _refused(store: PersonalStore, _: _Again) -> None:
    for payee, text in (("lin", "\ud800"), ("lin", "a\0b"), ("\ud800", "a"), ("", "a"), ("x" * 201, "a")):
        act = partial(store.commit, [("wei", "a"), (payee, text)])
        raises(LoanPerfError, act, f"keeping {text!r} of {payee[:9]!r}")
        same(0, store.erase("wei"), "texts that were kept beside one that is refused")


def _whole(store: PersonalStore, again: _Again) -> None:
    said = [("lin", f"{number}") for number in range(_MANY)]
    torn_off(store.commit, said, "keeping texts that end in the middle")
    store = again(store)
    same(0, store.erase("lin"), "texts of those that ended in the middle")
    same(_MANY, len(store.told([*store.commit(said)])), "texts after the whole of them came")


_PERSONAL_STORE: Mapping[str, Check[PersonalStore]] = {
    "of what was never kept nothing is told or erased": _empty,
    "texts come back as they were, by their commitments": _texts,
    "the same text of a payee has one commitment": _once,
    "payees do not mix, whatever their codes": _apart,
    "what was erased is not told any more, and has a new commitment when it is kept again": _erased,
    "the salt is by chance": _by_chance,
    "what not every store can keep is refused": _refused,
    "texts are kept all or none": _whole,
}
