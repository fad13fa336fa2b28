"""Packed: entries <-> texts of their columns, as far as they are new behind others; no step for each entry."""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import Any

import numpy as np
from attrs import fields_dict, frozen

from loanperf._explanations import Explanation
from loanperf._ledger._entries import COLUMNS, Closing, Entries, Hand
from loanperf._ledger._grounds import CODED_RULES, Grounds, KeptReasons
from loanperf._ledger._grounds import COLUMNS as COLUMNS_OF_GROUNDS
from loanperf._ledger._keys import PARTS, LineKeys, Texts, Vocabulary
from loanperf._ledger._kinds import ENTRY_KINDS
from loanperf._ledger._ledger import Ledger, ledger_of, line_of
from loanperf._ledger._sums import CURRENCIES_MOST, OF_ACCOUNTS, LedgerSums
from loanperf._numbers import Places, distinct, in_bytes, marked, of_bytes, rising, whole
from loanperf._periods import Period
from loanperf._quantities import Money

_AT_ONCE = 500_000
"""Entries of one part at most, so that its text is one that every store can keep."""
_TRUTHS = ("differs", "is_drawn")
_NUMBERED = tuple(name for name in COLUMNS if name not in ("number", "kind"))
_OF_GROUNDS = tuple(name for name in COLUMNS_OF_GROUNDS if name != "rule")
_WORDS = tuple(fields_dict(Vocabulary))
_KINDS = tuple(kind.value for kind in ENTRY_KINDS)


def packed(entries: Entries, first: Entries) -> Iterator[dict[str, Any]]:
    """Entries behind those with which they begin, in parts of plain data; `unpacked` is the inverse of all parts.

    Args:
        entries: of a ledger.
        first: those with which they begin, by the same words, keys and periods as far as these go; see `begins`.
    """
    words = {name: (getattr(first.words, name).texts, getattr(entries.words, name).texts) for name in _WORDS}
    named = {
        "periods": [str(period) for period in entries.periods[len(first.periods) :]],
        "words": {name: _of_texts(now[len(before) :]) for name, (before, now) in words.items()},
        "keys": {name: _of_numbers(getattr(entries.keys, name)[len(first.keys) :]) for name in PARTS},
    }
    start = len(first)
    while start < len(entries) or named:
        end = min(start + _AT_ONCE, len(entries))
        low, high = np.searchsorted(entries.fixing, [start, end]).tolist()
        yield named | {
            "entries": [start, end],
            "columns": {name: _of_numbers(getattr(entries, name)[start:end]) for name in _NUMBERED},
            "kind": _of_words(entries.kind[start:end], _KINDS),
            "fixing": _of_numbers(entries.fixing[low:high]),
            "fixed": _of_numbers(entries.fixed[low:high]),
            "hands": [[place, *_hand(hand)] for place, hand in entries.hands.items() if start <= place < end],
            **_reasons_kept(entries.kept(np.arange(start, end))),
        }
        named, start = {}, end


def begins(entries: Entries, first: Entries) -> bool:
    """Whether entries begin with others, so that the codes of their words, keys and periods are the same."""
    return (
        len(entries) >= len(first)
        and entries.periods[: len(first.periods)] == first.periods
        and first.keys.begins(entries.keys)
        and all(
            getattr(entries.words, name).texts[: len(getattr(first.words, name).texts)]
            == getattr(first.words, name).texts
            for name in _WORDS
        )
    )


def _reasons_kept(kept: Grounds) -> dict[str, Any]:
    """What is kept of reasons, by texts that are used there alone."""
    used, places = distinct(np.append(kept.said, kept.tree))
    none = int(bool((used[:1] < 0).any()))
    codes = {"said": places[: len(kept)] - none, "tree": places[len(kept) :] - none}
    return {
        "grounds": {name: _of_numbers(codes.get(name, getattr(kept, name))) for name in _OF_GROUNDS},
        "rule": _of_words(kept.rule, CODED_RULES),
        "texts": _of_texts([kept.texts.texts[code] for code in used[none:].tolist()]),
    }


def _hand(hand: Hand) -> list[Any]:
    amount, by, why, evidence = hand
    return [*(("", "") if amount is None else (str(amount.units), amount.currency)), by, why, evidence]


# ── and back ────────────────────────────────────────────────────────────────────────────────────────────────


def unpacked(parts: Sequence[Mapping[str, Any]]) -> Entries:
    """The entries of parts, in order from the first entry on.

    Raises:
        LookupError, TypeError, ValueError, LoanPerfError: they are not what `packed` gave.
    """
    size = 0
    for part in parts:
        start, end = part["entries"]
        if start != size or end < start:
            raise ValueError(f"entries from {start + 1} on, behind {size}")
        size = end
    columns: dict[str, Any] = {name: _numbers((part["columns"][name] for part in parts), size) for name in _NUMBERED}
    columns["kind"] = _words((part["kind"] for part in parts), _KINDS, size)
    named = [part for part in parts if "words" in part]
    words = Vocabulary(
        **{name: Texts(tuple(chain.from_iterable(_texts(part["words"][name]) for part in named))) for name in _WORDS}
    )
    stated = {name: columns[name] for name in ("units", "currency", "on", "cohort", "loan")}
    return Entries(
        **columns,
        number=np.arange(1, size + 1),
        words=words,
        keys=LineKeys(**{name: _numbers(part["keys"][name] for part in named) for name in PARTS}),
        periods=tuple(Period.parse(text) for part in named for text in part["periods"]),
        fixing=_numbers(part["fixing"] for part in parts),
        fixed=_numbers(part["fixed"] for part in parts),
        hands={place: _hand_of(*said) for part in parts for place, *said in part["hands"]},
        reasons=_PackedReasons(parts, partial(KeptReasons, words=words, **stated)),
    )


@frozen(eq=False)
class _PackedReasons:
    """What is kept of reasons, made of parts when somebody asks."""

    parts: Sequence[Mapping[str, Any]]
    made: Callable[..., KeptReasons]

    def __call__(self, place: int) -> Explanation:
        return self.reasons(place)

    def kept(self, places: Places) -> Grounds:
        """The grounds of some entries, as they are."""
        return self.reasons.kept(places)

    @cached_property
    def reasons(self) -> KeptReasons:
        """All of them."""
        known: dict[str, Any] = {name: _numbers(part["grounds"][name] for part in self.parts) for name in _OF_GROUNDS}
        known["rule"] = _words((part["rule"] for part in self.parts), CODED_RULES)
        texts, start = list[str](), 0
        for part in self.parts:
            end = start + _size(part)
            for name in ("said", "tree"):
                known[name][start:end] += np.where(known[name][start:end] < 0, 0, len(texts))
            texts, start = texts + _texts(part["texts"]), end
        return self.made(
            columns=Grounds(**known | {name: known[name] != 0 for name in _TRUTHS}, texts=Texts((*texts,)))
        )


def _size(part: Mapping[str, Any]) -> int:
    start, end = part["entries"]
    return int(end) - int(start)


def _hand_of(units: str, currency: str, by: str, why: str, evidence: str) -> Hand:
    return Money.from_units(int(units), currency) if currency else None, by, why, evidence


def packed_sums(sums: LedgerSums) -> dict[str, str]:
    """What a ledger comes to by account; few numbers beside its entries."""
    return {name: _of_numbers(getattr(sums, name)) for name in OF_ACCOUNTS}


def unpacked_sums(given: Mapping[str, str], entries: Entries) -> LedgerSums:
    """The inverse of `packed_sums`, with what the entries come to by line.

    Raises:
        LookupError, TypeError, ValueError: it is not what `packed_sums` gave.
    """
    account = _numbers([given["account"]])
    if not rising(account) or (account // CURRENCIES_MOST >= len(entries.words.payee.texts)).any():
        raise ValueError("accounts that are not in order, or of nobody")
    return LedgerSums(**{name: _numbers([given[name]], len(account)) for name in OF_ACCOUNTS}).nets(entries)


def ledger_behind(
    entries: Entries,
    closings: Sequence[Closing],
    more: Iterable[tuple[int, Entries | Sequence[str]]],
    sums: LedgerSums | None = None,
) -> Ledger:
    """The ledger of entries and closings, and of what came behind them in its stream.

    Args:
        entries: in order.
        closings: of which each says how many of them it stands behind.
        more: entries, or lines, each with the version of the stream before them.
        sums: what the entries come to; without them everything is checked and summed once more.

    Raises:
        DataError: a line is not what `Ledger.lines` gave.
        LedgerError: the entries do not follow on, or contradict the closings.
    """
    ends = [closing.after + place for place, closing in enumerate(closings)]
    versions = np.flatnonzero(~marked(whole(ends), len(entries) + len(closings))) + 1
    size = len(entries)
    lines = [(end + 1, line_of("closing", act.data())) for end, act in zip(ends, closings, strict=True)]
    for before, records in more:
        if isinstance(records, Entries):
            entries = entries.joined(records)
            versions = np.append(versions, np.arange(before, before + len(records)) + 1)
        else:
            lines += enumerate(records, before + 1)
    return ledger_of(entries, versions, lines, size, sums)


# ── columns as text ─────────────────────────────────────────────────────────────────────────────────────────


def _of_numbers(values: Places) -> str:
    return _shortened(in_bytes(values))


def _numbers(texts: Iterable[str], size: int | None = None) -> Places:
    """The inverse of `_of_numbers`, of columns one behind the other.

    Raises:
        ValueError: they are not so many.
    """
    found = of_bytes(map(_whole_of, texts))
    if size is not None and len(found) != size:
        raise ValueError(f"{len(found)} values of {size}")
    return found


def _of_words(codes: Places, names: Sequence[str]) -> dict[str, Any]:
    """Codes with the names that they stand for: who reads them may have other names, or the same in another order."""
    used, places = distinct(codes)
    return {"words": [names[code] for code in used.tolist()], "places": _of_numbers(places)}


def _words(given: Iterable[Mapping[str, Any]], names: Sequence[str], size: int | None = None) -> Places:
    """The inverse of `_of_words`, of columns one behind the other.

    Raises:
        ValueError: a name is none of `names`, or they are not so many.
    """
    found = [whole([names.index(word) for word in one["words"]])[_numbers([one["places"]])] for one in given]
    codes = np.concatenate(found)
    if size is not None and len(codes) != size:
        raise ValueError(f"{len(codes)} values of {size}")
    return codes


def _of_texts(texts: Sequence[str]) -> str:
    return _shortened(json.dumps([*texts], separators=(",", ":")).encode())


def _texts(text: str) -> list[str]:
    found: list[str] = json.loads(_whole_of(text))
    return found


def _shortened(said: bytes) -> str:
    return b64encode(zlib.compress(said, 1)).decode("ascii")


def _whole_of(text: str) -> bytes:
    try:
        return zlib.decompress(b64decode(text, validate=True))
    except zlib.error as error:
        raise ValueError(str(error)) from None
