"""Authority: (events that several sources report, whose word holds) -> each event once, and where reports differ.

The list of the authority for a kind of event is what holds of a loan. The reports of other sources are compared with it
and never added to it: systems number and date what they see each in their own way.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from attrs import define, field, frozen

from loanperf._data import PlainData
from loanperf._facts._rows import Fact, LoanEvent, about, key_text
from loanperf._kinds import EventKind
from loanperf._validators import is_code
from loanperf.errors import DataError, Problem, meant_by, shown

_DOT = "."
"""What stands between the text of a `take` and the sign of an authority."""
_USUAL: Mapping[EventKind, str] = MappingProxyType(
    {
        EventKind.APPLIED: "crm",
        EventKind.DUE_DILIGENCE: "crm",
        EventKind.SIGNED: "crm",
        EventKind.CANCELLED: "crm",
        EventKind.ASSIGNED: "crm",
        EventKind.DISBURSED: "finance",
        EventKind.REPAID: "finance",
        EventKind.PREPAID: "finance",
        EventKind.WRITTEN_OFF: "finance",
        EventKind.RECOVERED: "finance",
        EventKind.CLASSIFIED: "risk",
        EventKind.PAST_DUE: "risk",
        EventKind.RESCHEDULED: "risk",
    }
)


def _stated(given: Mapping[Any, Any]) -> Mapping[EventKind, str]:
    if not isinstance(given, Mapping):
        raise DataError("authority", f"it is a {type(given).__name__}", "write lp.Authority({'disbursed': 'core'})")
    words = {kind.value: kind for kind in EventKind}
    found: dict[EventKind, str] = {}
    for name, source in given.items():
        kind = name if isinstance(name, EventKind) else words.get(name)
        if kind is None:
            remedy = meant_by(name, words, f"use one of {', '.join(words)}")
            raise DataError("authority", f"there is no kind of event {shown(name)}", remedy)
        if not is_code(source, longest=None):
            remedy = "name the source, as the feed is named"
            raise DataError(f"authority for {kind.value!r}", f"{shown(source)} names no source", remedy)
        found[kind] = source
    return MappingProxyType(found)


@frozen
class Authority(PlainData):
    """Whose word holds for each kind of event, where several sources are named.

    What is not stated is as usual: `crm` for applications, due diligence, signings, cancellations and assignments,
    `finance` for drawdowns, repayments, prepayments, write-offs and recoveries, `risk` for classes, days past due and
    reschedulings; as far as there is a source of that name. The word of one that is stated holds even where it has said
    nothing yet.

    Raises:
        DataError: a kind of event that there is not, or a source without a name.

    >>> Authority({"disbursed": "core"}).of(EventKind.DISBURSED), Authority().of(EventKind.SIGNED)
    ('core', 'crm')
    """

    stated: Mapping[EventKind, str] = field(default=MappingProxyType({}), converter=_stated)
    """Source by kind of event, or by its word, such as `disbursed`."""

    def of(self, kind: EventKind) -> str:
        """The source whose word holds."""
        return self.stated.get(kind, _USUAL[kind])

    @property
    def sources(self) -> frozenset[str]:
        """All whose word holds for some kind of event."""
        return frozenset(self.of(kind) for kind in EventKind)

    def marked(self, token: str) -> str:
        """The mark of a store in which this authority decides, from the text of its last `take`; see `token_of`."""
        return token and token + self._sign

    def token_of(self, mark: str) -> str:
        """The text of a `take` from a mark; empty where another authority decided then, so that any loan may differ."""
        token, dot, sign = mark.partition(_DOT)
        return token if dot + sign == self._sign else ""

    @property
    def _sign(self) -> str:
        """What marks end with: nothing where every word is as usual."""
        stated = sorted((kind.value, source) for kind, source in self.stated.items())
        return _DOT + sha256(json.dumps(stated).encode()).hexdigest()[:16] if stated else ""


def must_be_authority(given: Authority) -> Authority:
    """What was passed as authority; a mapping is refused, since nothing would look at it before facts come.

    Raises:
        DataError: it is something else.
    """
    if not isinstance(given, Authority):
        raise DataError("authority", f"it is a {type(given).__name__}", "write lp.Authority({'disbursed': 'core'})")
    return given


USUAL = Authority()
"""The authority where a host states none."""


@frozen
class SentFact:
    """A fact as it was sent."""

    fact: Fact
    source: str = ""
    """The name of the source; empty where it has none."""
    where: str = ""
    """What the row is called in problems."""
    delivery: int = 0
    """Rows of one file, pull or call have one number."""


@frozen
class _Report:
    """What a source says of an event."""

    row: SentFact
    event: LoanEvent

    @property
    def detail(self) -> tuple[object, ...]:
        """What two systems must agree on; each has numbers of its own."""
        event = self.event
        return event.on, event.amount, event.category, event.days, event.officer

    @property
    def place(self) -> tuple[str, ...]:
        """By day; reports of one source keep one order."""
        return self.event.on.isoformat(), str(self.detail), self.event.number, self.row.where

    def __str__(self) -> str:
        event = self.event
        said = str(event.amount or (event.category and event.category.value) or event.officer or "")
        said = f"{event.days} days past due" if event.days is not None else said
        number = f"number {event.number}" if event.number else ""
        words = " ".join(word for word in (event.on.isoformat(), said, number) if word)
        return f"{words} ({self.row.where})" if self.row.where else words


@define
class Compared:
    """What is left of rows after those of several sources were compared."""

    rows: list[SentFact] = field(factory=list)
    repeats: int = 0
    problems: list[Problem] = field(factory=list)
    refused: list[Fact] = field(factory=list)
    """Reports that differ where nobody's word holds."""


def are_compared(authority: Authority, known: Collection[str]) -> bool:
    """Whether events of these sources are compared with each other at all; `known` are those that have a name."""
    return len(known) >= (1 if authority.stated else 2)


def compared(rows: Collection[SentFact], authority: Authority, known: Collection[str]) -> Compared:
    """The rows that hold: all but events that another source than the authority reports.

    Args:
        rows: in any order.
        authority: whose word holds.
        known: names of the sources that there are, whether they sent rows or not.
    """
    known = (frozenset(known) | {row.source for row in rows}) - {""}
    if not are_compared(authority, known):
        return Compared([*rows])
    found = Compared()
    groups: dict[tuple[str, EventKind], list[_Report]] = defaultdict(list)
    for row in rows:
        if isinstance(row.fact, LoanEvent):
            groups[row.fact.loan, row.fact.kind].append(_Report(row, row.fact))
        else:
            found.rows.append(row)
    for (_, kind), group in groups.items():
        reports: dict[str, list[_Report]] = defaultdict(list)
        for report in sorted(group, key=lambda report: report.place):
            reports[report.row.source].append(report)
        source = authority.of(kind)
        if source in known or kind in authority.stated:
            _held_to(source, reports, found)
        elif len(reports) == 1:
            found.rows += [report.row for report in group]
        else:
            _without_authority(kind, reports, found)
    return found


def _held_to(source: str, reports: dict[str, list[_Report]], found: Compared) -> None:
    """Take the rows of the source whose word holds, and compare those of each other source with them."""
    mine = reports.pop(source, [])
    found.rows += [report.row for report in mine]
    for others in reports.values():
        said, differing = [*mine], list[_Report]()
        for report in others:
            same = next((held for held in said if held.detail == report.detail), None)
            if same is None:
                differing.append(report)
            else:
                said.remove(same)
                found.repeats += 1
        for place, report in enumerate(differing):
            found.problems.append(_differs(source, report, said[place] if place < len(said) else None))


def _differs(source: str, report: _Report, held: _Report | None) -> Problem:
    """What is said of a report that the authority does not confirm."""
    kind, by = report.event.kind.value, report.row.source or "another source"
    if held is None:
        fault = f"{source}, whose word holds for {kind!r}, does not report it, so it is not counted"
        found, remedy = str(report), f"send it from {source}, or take it back in {by}"
    else:
        fault = f"{source}, whose word holds for {kind!r}, says otherwise, so it is not counted"
        found, remedy = f"{by}: {report}; {source}: {held}", "correct the one that is wrong"
    return about(report.event, Problem(named(report.row), fault, found, f"{remedy}; {_state(kind)}"))


def _without_authority(kind: EventKind, reports: dict[str, list[_Report]], found: Compared) -> None:
    """Take the reports of several sources once where all agree; else none, since nothing tells which is true."""
    first, *others = (reports[source] for source in sorted(reports))
    details = [report.detail for report in first]
    if all(details == [report.detail for report in other] for other in others):
        found.rows += [report.row for report in first]
        found.repeats += sum(map(len, others))
        return
    names = " and ".join(source or "another source" for source in sorted(reports))
    fault = f"{names} report {kind.value!r} of this loan, they differ, and nobody's word holds"
    for report in (report for group in reports.values() for report in group):
        problem = Problem(named(report.row), fault, str(report), _state(kind.value))
        found.problems.append(about(report.event, problem))
        found.refused.append(report.event)


def _state(kind: str) -> str:
    return f"state whose word holds: lp.Authority({{{kind!r}: <name of the source>}})"


def named(row: SentFact) -> str:
    """Where a row stands, and the natural key of what it says."""
    key = key_text(row.fact.key)
    return f"{row.where}: {key}" if row.where else key
