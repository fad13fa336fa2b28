"""What sources promise: feeds, facts, people, schemes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from loanperf._facts import Facts
from loanperf._feeds import FeedRow, Pulled, RowKey, SaidOfRow, merged
from loanperf._indicators import Reading
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._scheme import SchemeBook
from loanperf._targets import Target
from loanperf.ports import FactSource, Feed, PeopleSource, SchemeSource
from loanperf.testing._promises import Check, check, same

_MARCH = Period.month(2026, 3)
_MOST = 1_000_000
"""Pulls after which a feed is taken to have no end."""
_CURSORS = 20
"""Cursors that are asked again, about."""
_Feed: TypeAlias = Callable[[Feed], Feed]


def check_feed(make: Callable[[], Feed]) -> None:
    """Put a `Feed` through what its port promises, over the rows that it has.

    Args:
        make: the feed, each time by new connections; nothing may change behind it meanwhile.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryFeed
    >>> check_feed(lambda: MemoryFeed([]))
    """
    check("Feed", _FEED, make, lambda _: make())


def check_fact_source(make: Callable[[], FactSource], *, period: Period = _MARCH, others: int = 0) -> None:
    """Put a `FactSource` through what its port promises, over what it has for a period.

    Args:
        make: the source, each time by new connections.
        period: what to ask for.
        others: rows that it counts though they become no facts, such as those of people and targets.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf.adapters.memory import MemoryFacts
    >>> check_fact_source(MemoryFacts)
    """

    def facts(source: FactSource, _: object) -> None:
        found = source.facts(period)
        _must_be(found, Facts, "facts()")
        same(found, source.facts(period), "facts() asked again")
        told = found.rows - len(found) - found.repeats - len(found.problems) - others
        same(0, told, "rows that came in, less facts, repeats and problems")

    def longer(source: FactSource, _: object) -> None:
        dated = [fact for fact in source.facts(period) if period.start <= fact.on < period.end]
        more = set(source.facts(Period(period.previous().start, period.end)))
        lost = sorted(" ".join(fact.key) for fact in dated if fact not in more)
        same([], lost, "facts of a period that are missing where a longer one is asked for")

    def readings(source: FactSource, _: object) -> None:
        _values(lambda: source.readings(period), Reading, "readings()")

    promises: dict[str, Check[FactSource]] = {
        "facts are Facts, the same each time, and no row is dropped": facts,
        "a longer period has the facts of a shorter one": longer,
        "readings are Reading objects, the same each time": readings,
    }
    check("FactSource", promises, make, None)


def check_people_source(make: Callable[[], PeopleSource], *, period: Period = _MARCH) -> None:
    """Put a `PeopleSource` through what its port promises, over what it has for a period.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> from loanperf import Organisation
    >>> from loanperf.adapters.memory import MemoryPeople
    >>> check_people_source(lambda: MemoryPeople(Organisation()))
    """

    def people(source: PeopleSource, _: object) -> None:
        found = source.organisation(period)
        _must_be(found, Organisation, "organisation()")
        same(found, source.organisation(period), "organisation() asked again")

    def longer(source: PeopleSource, _: object) -> None:
        year = Period(period.previous().start, period.end)
        codes = {
            code
            for code in source.organisation(period).codes
            if source.organisation(period).assignments_in(code, period)
        }
        more = source.organisation(year)
        lost = sorted(code for code in codes if not more.assignments_in(code, period))
        same([], lost, "payees of a period who are missing where a longer one is asked for")

    promises: dict[str, Check[PeopleSource]] = {
        "people are an Organisation, the same each time": people,
        "a longer period has the people of a shorter one": longer,
    }
    check("PeopleSource", promises, make, None)


def check_scheme_source(make: Callable[[], SchemeSource], *, period: Period = _MARCH) -> None:
    """Put a `SchemeSource` through what its port promises, over what it has for a period.

    Raises:
        AssertionError: it breaks promises; each is named.

    >>> import loanperf as lp
    >>> from loanperf.adapters.memory import MemorySchemes
    >>> check_scheme_source(lambda: MemorySchemes(lp.template("worked-example")))
    """

    def schemes(source: SchemeSource, _: object) -> None:
        found = source.schemes()
        _must_be(found, SchemeBook, "schemes()")
        same(found, source.schemes(), "schemes() asked again")

    def targets(source: SchemeSource, _: object) -> None:
        _values(lambda: source.targets(period), Target, "targets()")

    promises: dict[str, Check[SchemeSource]] = {
        "schemes are a SchemeBook, the same each time": schemes,
        "targets are Target objects, the same each time": targets,
    }
    check("SchemeSource", promises, make, None)


def _values(ask: Callable[[], Iterable[object]], kind: type, what: str) -> None:
    found = list(ask())
    for value in found:
        _must_be(value, kind, what)
    same(found, list(ask()), f"{what} asked again")


def _must_be(found: object, kind: type, what: str) -> None:
    named = kind if isinstance(found, kind) else type(found)
    same(kind.__name__, named.__name__, f"the type of {what}")


# ── feeds ───────────────────────────────────────────────────────────────────────────────────────────────────


def _pulled(feed: Feed, cursor: str) -> tuple[dict[RowKey, SaidOfRow], list[tuple[str, Pulled]]]:
    """What a feed says to its end from a cursor on, and each pull with the cursor that it was asked with."""
    held: dict[RowKey, SaidOfRow] = {}
    pulls: list[tuple[str, Pulled]] = []
    while len(pulls) < _MOST:
        pulled = feed.pull(cursor)
        _must_be(pulled, Pulled, "pull()")
        held = merged(held, "feed", pulled.every_row())
        pulls.append((cursor, pulled))
        if not pulled.more:
            return held, pulls
        if not pulled.count:
            raise AssertionError(f"it says that there is more, and gave no rows behind the cursor {cursor!r}")
        if pulled.cursor == cursor:
            raise AssertionError(f"it says that there is more, and its cursor stays at {cursor!r}")
        cursor = pulled.cursor
    raise AssertionError(f"it says that there is more after {_MOST} pulls")


def _ends(feed: Feed, _: object) -> None:
    _pulled(feed, "")


def _asked_again(feed: Feed, again: _Feed) -> None:
    """What came before a cursor and what comes behind it, asked by a new connection, is everything."""
    held, pulls = _pulled(feed, "")
    first: dict[RowKey, SaidOfRow] = {}
    often = max(1, len(pulls) // _CURSORS)
    feed = again(feed)
    for place, (cursor, pulled) in enumerate(pulls):
        if place % often == 0:
            rest, _pulls = _pulled(feed, cursor)
            _holds(held, _with(first, rest), f"after the cursor {cursor!r} was asked again")
        first = merged(first, "feed", pulled.every_row())
    _holds(held, _pulled(feed, "")[0], "when everything is pulled again")


def _with(first: Mapping[RowKey, SaidOfRow], rest: Mapping[RowKey, SaidOfRow]) -> dict[RowKey, SaidOfRow]:
    rows = [
        FeedRow(row=row, revision=revision, says=one) for (_, row), (revision, said) in rest.items() for one in said
    ]
    return merged(first, "feed", rows)


def _holds(expected: Mapping[RowKey, SaidOfRow], found: Mapping[RowKey, SaidOfRow], what: str) -> None:
    apart = sorted(row for _, row in {key for key, _ in set(expected.items()) ^ set(found.items())})
    same([], apart, f"rows of which another thing holds {what}")


def _in_any_order(feed: Feed, _: object) -> None:
    """The revisions tell which row holds, so that rows under one revision say one thing."""
    held, _pulls = _pulled(feed, "")
    apart = sorted(row for (_, row), (_, said) in held.items() if len(said) > 1)
    same([], apart, "rows that say two things under one revision")


def _nothing_new(feed: Feed, _: object) -> None:
    held, pulls = _pulled(feed, "")
    more, _pulls = _pulled(feed, pulls[-1][1].cursor)
    same({}, {key: said for key, said in more.items() if held.get(key) != said}, "what is new behind the last cursor")


_FEED: Mapping[str, Check[Feed]] = {
    "pulling comes to an end, and as long as there is more rows come and the cursor moves": _ends,
    "the same cursor may be asked again": _asked_again,
    "the revision of a row rises with each change": _in_any_order,
    "behind the last cursor there is nothing new": _nothing_new,
}
