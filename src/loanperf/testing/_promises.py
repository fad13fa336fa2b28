"""Promises: each in words with the check of it; all are checked, and all that are broken are told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import zip_longest
from threading import Barrier, Thread
from typing import Any, TypeAlias, TypeVar

from attrs import frozen

from loanperf.errors import shown

_Made = TypeVar("_Made")
Check: TypeAlias = Callable[[_Made, Callable[[_Made], _Made]], None]
"""Takes a new adapter, and a way to open the same data again."""
_PATIENCE = 120.0
"""Seconds after which a thread is taken to wait for ever."""


class TornError(Exception):
    """What the checks raise in the middle of rows, as a failing system would."""


class StoppedError(BaseException):
    """What the checks raise in the middle of rows, as a program that is told to stop would: no `Exception`."""


@frozen
class Torn:
    """A sequence that ends in the middle."""

    items: tuple[Any, ...]
    end: type[TornError | StoppedError]

    def __len__(self) -> int:
        return len(self.items) + 1

    def __iter__(self) -> Iterator[Any]:
        yield from self.items
        raise self.end

    def __getitem__(self, place: Any) -> Any:
        return self.items[place] if isinstance(place, int) and 0 <= place < len(self.items) else tuple(self)[place]


_OF_ADAPTERS = (Exception, StoppedError)
"""What adapters may raise; anything else ends the checks themselves."""


def _raised(act: Callable[[], object]) -> BaseException | None:
    """What an act raises, as a value; None where it raises nothing."""
    try:
        act()
    except _OF_ADAPTERS as error:
        return error
    return None


def same(expected: object, found: object, what: str) -> None:
    """Refuse what is not as promised."""
    if expected == found:
        return
    if isinstance(expected, list) and isinstance(found, list):
        what = f"{what}: {_apart(expected, found)}"
    raise AssertionError(f"{what}: expected {shown(expected, 300)}, found {shown(found, 300)}")


def _apart(expected: list[Any], found: list[Any]) -> str:
    """Where two lists differ first."""
    pairs = enumerate(zip_longest(expected, found, fillvalue="nothing"), 1)
    place, (one, other) = next((place, pair) for place, pair in pairs if pair[0] != pair[1])
    return f"{len(expected)} and {len(found)}, apart at number {place}, {shown(one)} and {shown(other)}"


def raises(error: type[Exception], act: Callable[[], object], what: str) -> None:
    """Refuse what does not raise as promised."""
    found = _raised(act)
    if isinstance(found, error):
        return
    came = "nothing was raised" if found is None else f"it raised {found!r}"
    raise AssertionError(f"{what}: expected {error.__name__}, and {came}") from found


def torn_off(act: Callable[[Any], object], items: Iterable[Any], what: str) -> None:
    """Hand over a sequence that ends in the middle, as an error and as the end of the program; it must be passed on."""
    for end in (TornError, StoppedError):
        if _raised(partial(act, Torn(tuple(items), end))) is None:
            raise AssertionError(f"{what}: expected an error, since there was one in the middle, and it went through")


def at_once(acts: Iterable[Callable[[], object]], what: str) -> None:
    """Do things at the same time, in threads, and refuse what raises."""
    todo = tuple(acts)
    raised: list[BaseException] = []
    barrier = Barrier(len(todo))

    def done(act: Callable[[], object]) -> None:
        barrier.wait(_PATIENCE)
        error = _raised(act)
        if error is not None:
            raised.append(error)

    threads = [Thread(target=done, args=(act,), daemon=True) for act in todo]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE)
        if thread.is_alive():
            raised.append(TimeoutError(f"a thread was not done after {_PATIENCE:.0f} seconds"))
    if raised:
        found = f"{len(raised)} of {len(todo)} threads raised, such as {raised[0]!r}"
        raise AssertionError(f"{what}: {found}") from raised[0]


def check(
    port: str, promises: Mapping[str, Check[_Made]], make: Callable[[], _Made], reopen: Callable[[_Made], _Made] | None
) -> None:
    """Check every promise on an adapter of its own.

    Raises:
        AssertionError: promises are broken; it names each, with what was expected and what came.
    """
    broken: list[str] = []
    first: BaseException | None = None
    for words, kept in promises.items():
        error = _raised(partial(_look, kept, make, reopen))
        if error is None:
            continue
        said = str(error) if isinstance(error, AssertionError) else f"it raised {error!r}"
        broken.append(f"  - {words}: {said}")
        first = first or error
    if broken:
        raise AssertionError(
            "\n".join([f"{port} breaks {len(broken)} of {len(promises)} promises:", *broken])
        ) from first


def _look(kept: Check[_Made], make: Callable[[], _Made], reopen: Callable[[_Made], _Made] | None) -> None:
    kept(make(), reopen or (lambda adapter: adapter))
