"""Facts: rows in any order -> each fact once, and a `Problem` for each row that cannot be used.

A row that a later delivery or another source says again is the same row. Rows that say different things under one key
are all refused, because nothing tells which of them is true. Two equal rows of one delivery that a number would tell
apart, and that have none, may be one event or two: one is used, and the other is a problem that names both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, get_args

from attrs import evolve, frozen

from loanperf._facts._authority import USUAL, Authority, SentFact, about, compared, must_be_authority, named
from loanperf._facts._rows import Fact
from loanperf.errors import NAMED_PLACES, FactError, Problem, natural_key, natural_order, shown

_ORDER = {kind: index for index, kind in enumerate(get_args(Fact))}


@frozen
class Facts:
    """Facts in one order, whatever order they came in, and what could not be used.

    >>> from loanperf._facts import Training
    >>> facts = Facts.of([Training(payee="lin", course="AML", on="2026-03-31")] * 2)
    >>> facts.rows, len(facts), facts.repeats, facts.problems
    (2, 1, 1, ())
    """

    items: tuple[Fact, ...]
    repeats: int = 0
    """Rows that said again what another row had said."""
    problems: tuple[Problem, ...] = ()
    rows: int = 0
    """Rows that came in: facts, repeats and problems together."""
    refused: tuple[Fact, ...] = ()
    """Facts that contradict each other; each has a problem."""

    @classmethod
    def of(cls, facts: Iterable[Fact], problems: Iterable[Problem] = (), *, authority: Authority = USUAL) -> Facts:
        """Facts of one delivery: take each fact once; refuse those that contradict each other under one key.

        A fact whose `source` is a name that `authority` has comes from that source; all others come from one source
        without a name. Of events that several sources report, the word of the authority holds, and a report that
        differs is a problem. Two equal events or profits of one source without a number are one fact and a problem.

        Args:
            facts: in any order, repeated or not.
            problems: rows that the reader of the facts already had to refuse; they are counted and kept.
            authority: whose word holds for each kind of event.

        Raises:
            FactError: one of the rows is no fact, or what is passed is no list of them.
        """
        return cls.joined([facts], problems, authority=authority)

    @classmethod
    def joined(
        cls,
        deliveries: Iterable[Iterable[Fact]],
        problems: Iterable[Problem] = (),
        *,
        authority: Authority = USUAL,
    ) -> Facts:
        """Facts of several deliveries, such as files of two days; as `of`, but what a later one repeats is one row.

        >>> from loanperf._facts import LoanEvent, EventKind
        >>> drawn = LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元")
        >>> later, at_once = Facts.joined([[drawn], [drawn]]), Facts.of([drawn, drawn])
        >>> (len(later), later.repeats, later.problems), (len(at_once), at_once.repeats, len(at_once.problems))
        ((1, 1, ()), (1, 0, 1))
        """
        names = must_be_authority(authority).sources
        problems = _must_be_list(problems, "problems", "pass a list of problems, such as those of lp.Facts")
        asked = "pass a list of facts, such as [loan, event]"
        rows = [
            SentFact(_must_be_fact(fact), fact.source if fact.source in names else "", fact.source, place)
            for place, delivery in enumerate(_must_be_list(deliveries, "deliveries", "pass a list of lists of facts"))
            for fact in _must_be_list(delivery, "facts", asked)
        ]
        return cls.of_sent(rows, problems, authority=authority)

    @classmethod
    def of_sent(
        cls,
        rows: Collection[SentFact],
        problems: Iterable[Problem],
        *,
        authority: Authority,
        known: Collection[str] = (),
    ) -> Facts:
        """Facts of rows whose sources are known by name.

        Args:
            rows: in any order.
            problems: rows that could not be read.
            authority: whose word holds for each kind of event.
            known: names of sources that may have sent nothing.
        """
        refused = list(problems)
        came = len(rows) + len(refused)
        found = compared(rows, authority, known)
        refused += found.problems
        contradicting = list(found.refused)
        said: dict[tuple[str, ...], list[SentFact]] = defaultdict(list)
        for row in found.rows:
            said[row.fact.key].append(row)
        items: list[Fact] = []
        repeats = found.repeats
        for same in said.values():
            if all(row.fact == same[0].fact for row in same):
                same.sort(key=_place)
                again = _said_again(same) if len(same) > 1 else []
                items.append(same[0].fact)
                repeats += len(same) - 1 - len(again)
                refused += again
            else:
                refused += [_contradiction(row, len(same)) for row in same]
                contradicting += [row.fact for row in same]
        items.sort(key=lambda fact: (_ORDER[type(fact)], fact.key))
        return cls(
            tuple(items),
            repeats,
            tuple(sorted(refused, key=natural_order)),
            came,
            tuple(sorted(contradicting, key=str)),
        )

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.items)


def _must_be_list(given: object, what: str, remedy: str) -> Iterable[Any]:
    if not isinstance(given, Iterable):
        raise FactError(what, "what is passed", given, remedy)
    return given


def _must_be_fact(fact: Fact) -> Fact:
    if type(fact) not in _ORDER:
        raise FactError("a row", "its type", type(fact).__name__, "pass facts such as lp.Loan or lp.LoanEvent")
    return fact


def _said_again(same: list[SentFact]) -> list[Problem]:
    """A problem for each row that says what another one of its source and delivery says, without a number."""
    if getattr(same[0].fact, "number", "a number tells it apart"):
        return []
    groups: dict[tuple[int, str], list[SentFact]] = defaultdict(list)
    for row in same:
        groups[row.delivery, row.source].append(row)
    found = []
    for rows in groups.values():
        names = [row.where for row in rows]
        found += [said_twice(named(row), names, row.fact) for row in rows[1:]]
    return found


def said_twice(where: str, names: Collection[str], fact: Fact) -> Problem:
    """What is said of a row that says what others of its delivery say.

    Args:
        where: the row.
        names: what all of the rows are called, those among them that have a name.
        fact: what they say.
    """
    shown_names = [name for name in names if name][:NAMED_PLACES]
    more = f" and {len(names) - len(shown_names)} more" if shown_names and len(names) > len(shown_names) else ""
    which = f"{', '.join(shown_names)}{more}: " if shown_names else ""
    fault = f"{len(names)} rows say the same, and no number tells whether it happened once or more often"
    remedy = "give each event its own number, or send the row once; until then it counts once"
    # Nothing is lost: one of the rows counts.
    return evolve(about(fact, Problem(where, fault, which + shown(str(fact), 300), remedy)), loses=None)


def _contradiction(row: SentFact, many: int) -> Problem:
    return contradiction(named(row), row.fact, many)


def contradiction(where: str, fact: Fact, many: int) -> Problem:
    """What is said of one of several rows that contradict each other."""
    apart = ", or tell them apart by their number" if hasattr(fact, "number") else ""
    remedy = f"send the true one alone{apart}"
    fault = f"{many} rows contradict each other"
    return about(fact, Problem(where, fault, shown(str(fact), 300), remedy))


def _place(row: SentFact) -> tuple[object, ...]:
    """The order of rows that say the same."""
    return row.source, natural_key(row.where), row.delivery
