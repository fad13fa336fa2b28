"""Steps: a generator that hands out the calls of ports -> what it comes to, by making the calls or by awaiting them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

from loanperf.errors import ConflictError, DataError

_Done = TypeVar("_Done")
Call: TypeAlias = Callable[[], Any]
"""A method of a port with its arguments."""
Steps: TypeAlias = Generator[Call, Any, _Done]
"""The calls that are made, one after the other; it is sent what each answers, and thrown a conflict."""


def made(steps: Steps[_Done], instead: str) -> _Done:
    """Make the calls.

    Args:
        steps: the calls.
        instead: what to use where a port is a coroutine function.

    Raises:
        DataError: a method of a port is a coroutine function.
    """
    act: Callable[[], Call] = partial(next, steps)
    while True:
        try:
            call = act()
        except StopIteration as end:
            done: _Done = end.value
            return done
        try:
            answer = call()
        except ConflictError as error:
            act = partial(steps.throw, error)
            continue
        if isawaitable(answer):
            _never(answer)
            raise DataError("a port", "its method is a coroutine function", f"use {instead}")
        act = partial(steps.send, answer)


async def awaited(steps: Steps[_Done]) -> _Done:
    """Make the calls, and await those that are coroutines."""
    act: Callable[[], Call] = partial(next, steps)
    while True:
        try:
            call = act()
        except StopIteration as end:
            done: _Done = end.value
            return done
        try:
            answer = call()
            answer = await answer if isawaitable(answer) else answer
        except ConflictError as error:
            act = partial(steps.throw, error)
            continue
        act = partial(steps.send, answer)


def _never(answer: Any) -> None:
    """Close a coroutine that nobody will await, so that Python does not complain of it as well."""
    close = getattr(answer, "close", None)
    if close is not None:
        close()
