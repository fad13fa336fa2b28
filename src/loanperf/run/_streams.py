"""Streams: (a store) -> what the records of a stream of a scheme say, once it is seen to be what was sealed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from loanperf._seals import lines_proven
from loanperf._validators import must_be_storable
from loanperf.disputes import Disputes, disputes_stream
from loanperf.errors import DataError
from loanperf.goals import Confirmations, confirmations_stream
from loanperf.ports import Batch, EntryStore
from loanperf.run._host import must_have
from loanperf.run._steps import Steps, awaited, made

_Held = TypeVar("_Held")


def read_confirmations(entries: EntryStore, *, scheme: str) -> Confirmations:
    """What was proposed and confirmed by a scheme, replayed from its stream, every batch of which fits its seal.

    Args:
        entries: the store of the ledger, in which the stream `<scheme>/confirmations` is.
        scheme: name of the scheme.

    Raises:
        DataError: the store lacks a method; a record is missing, is none, is not what its hash is of, or is of a later
            version.
        StoreError: the stream is not what was sealed.

    >>> from loanperf.adapters.memory import MemoryEntries
    >>> read_confirmations(MemoryEntries(), scheme="branch pay").records
    0
    """
    return made(_replayed(entries, scheme, confirmations_stream, Confirmations.of), "read_confirmations_async")


async def read_confirmations_async(entries: Any, *, scheme: str) -> Confirmations:
    """As `read_confirmations`, with a store whose methods may be coroutine functions."""
    return await awaited(_replayed(entries, scheme, confirmations_stream, Confirmations.of))


def read_disputes(entries: EntryStore, *, scheme: str) -> Disputes:
    """Disputes and holds of a scheme, replayed from the stream `<scheme>/disputes`; see `read_confirmations`.

    >>> from loanperf.adapters.memory import MemoryEntries
    >>> read_disputes(MemoryEntries(), scheme="branch pay").records
    0
    """
    return made(_replayed(entries, scheme, disputes_stream, Disputes.of), "read_disputes_async")


async def read_disputes_async(entries: Any, *, scheme: str) -> Disputes:
    """As `read_disputes`, with a store whose methods may be coroutine functions."""
    return await awaited(_replayed(entries, scheme, disputes_stream, Disputes.of))


def _replayed(
    entries: EntryStore, scheme: str, named: Callable[[str], str], of: Callable[[Iterator[str]], _Held]
) -> Steps[_Held]:
    return of((yield from _proven(entries, scheme, named)))


def _proven(entries: EntryStore, scheme: str, named: Callable[[str], str]) -> Steps[Iterator[str]]:
    """The records of a stream of a scheme, once they are seen to be what was sealed.

    Args:
        entries: the store in which the stream is.
        scheme: name of the scheme.
        named: makes the name of the stream of that of the scheme.

    Raises:
        DataError: the store lacks a method, or answers with something else than it promises.
        StoreError: the stream is not what was sealed.
    """
    must_have("entries", entries, EntryStore)
    must_be_storable("scheme", scheme, 200)
    return (yield from batches_proven(entries, named(scheme)))


def batches_proven(entries: EntryStore, stream: str) -> Steps[Iterator[str]]:
    """The records of a stream by its full name, every batch of which fits its seal.

    Raises:
        DataError: the store answers with something else than batches.
        StoreError: the stream is not what was sealed.
    """
    batches = yield partial(entries.batches, stream)
    if not isinstance(batches, Iterable):
        fault = f"it returned a {type(batches).__name__}"
        raise DataError("entries.batches()", fault, "return Batch objects")
    given = tuple(batches)
    for batch in given:
        if not isinstance(batch, Batch):
            raise DataError("entries.batches()", f"it returned a {type(batch).__name__}", "return Batch objects")
    return lines_proven(stream, given)
