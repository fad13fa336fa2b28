"""Streams: what all streams of events have in common, seen on a stream of two kinds of events."""

from typing import Any

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._data import PlainData
from loanperf._streams import Stream, own


@frozen(kw_only=True)
class Put(PlainData):
    """So many of a thing were put in."""

    thing: str
    many: int = 1
    note: str = ""
    marks: tuple[int, ...] = ()
    of: str | None = None


@frozen(kw_only=True)
class Taken(PlainData):
    """All of a thing was taken out."""

    thing: str


@frozen(kw_only=True)
class Box:
    """How many there are of each thing."""

    things: dict[str, int] = field(factory=dict)


def applied(box: Box, event: Put | Taken, number: int) -> Box:
    """A box once something was put in or taken out."""
    if isinstance(event, Put):
        box.things[event.thing] = box.things.get(event.thing, 0) + event.many
    elif event.thing not in box.things:
        raise lp.errors.DataError(f"number {number}", f"there is no {event.thing}", "put it in first")
    else:
        del box.things[event.thing]
    return box


STREAM = Stream[Put | Taken, Box]("box", {"put": Put, "taken": Taken}, applied)
EVENTS = st.lists(st.builds(Put, thing=st.sampled_from("ab"), many=st.integers(1, 9)))


@given(EVENTS, EVENTS)
def test_what_stands_is_the_same_by_records_and_by_events(first: list[Put], then: list[Put]) -> None:
    """A command is checked against events that are not appended yet; what it found holds once they are read back."""
    held, count = STREAM.add(first, Box(), 0)
    before = {**held.things}
    after, number = STREAM.add(then, own(held), count)

    assert STREAM.read([*STREAM.lines(first, 0), *STREAM.lines(then, count)], Box()) == (after, number)
    assert number == len(first) + len(then)
    assert held.things == before


def test_records_leave_out_what_is_empty_and_may_be_left_out() -> None:
    """A stream is kept for years, and most of its fields are empty; what a class asks for is written all the same."""
    (record,) = STREAM.lines([Put(thing="")], 0)

    assert record.endswith('"put":{"thing":"","many":1}}')
    assert STREAM.read([record], Box()) == (Box(things={"": 1}), 1)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (Taken(thing="b"), "event 2 of the box: it cannot follow what stands before it: 'number 2: there is no b; put"),
        ("put", "event 2 of the box: it is 'put'; pass what a command gave"),
    ],
)
def test_what_cannot_come_next_is_refused_by_its_place(event: Any, message: str) -> None:
    """Of many events it says which one, and what the rule has against it."""
    with pytest.raises(lp.errors.DataError, match=message):
        STREAM.add([Put(thing="a"), event], Box(), 0)
