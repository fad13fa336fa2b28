"""Promises: each in words with the check of it; all are checked, and all that are broken are told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Thread
from typing import Any, TypeAlias, TypeVar

from loanperf.errors import LoanPerfError, shown

_Made = TypeVar("_Made")
Check: TypeAlias = Callable[[_Made, Callable[[_Made], _Made]], None]
"""Takes a new adapter, and a way to open the same data again."""
_RAISED = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LoanPerfError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)


class TornError(RuntimeError):
    """What the checks raise in the middle of rows, as a crash would."""


def torn(items: Iterable[Any]) -> Iterator[Any]:
    """The items, and then an end in the middle."""
    yield from items
    raise TornError


def same(expected: object, found: object, what: str) -> None:
    """Refuse what is not as promised."""
    if expected != found:
        raise AssertionError(f"{what}: expected {shown(expected, 300)}, found {shown(found, 300)}")


def raises(error: type[Exception], act: Callable[[], object], what: str) -> None:
    """Refuse what does not raise as promised."""
    try:
        found = act()
    except error:
        return
    raise AssertionError(f"{what}: expected {error.__name__}, found {shown(found)}")


def at_once(acts: Iterable[Callable[[], object]]) -> list[Exception]:
    """Do things at the same time, in threads; what they raised."""
    raised: list[Exception] = []

    def done(act: Callable[[], object]) -> None:
        try:
            act()
        except _RAISED as error:
            raised.append(error)

    threads = [Thread(target=done, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def check(
    port: str, promises: Mapping[str, Check[_Made]], make: Callable[[], _Made], reopen: Callable[[_Made], _Made] | None
) -> None:
    """Check every promise on an adapter of its own.

    Raises:
        AssertionError: promises are broken; it names each, with what was expected and what came.
    """
    broken: list[str] = []
    for words, kept in promises.items():
        try:
            kept(make(), reopen or _same_one)
        except _RAISED as error:
            said = str(error) if isinstance(error, AssertionError) else f"it raised {error!r}"
            broken.append(f"  - {words}: {said}")
    if broken:
        raise AssertionError("\n".join([f"{port} breaks {len(broken)} of {len(promises)} promises:", *broken]))


def _same_one(adapter: _Made) -> _Made:
    return adapter
