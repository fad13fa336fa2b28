"""Feeds: (rows that sources sent, in any order, again and again) -> the facts that hold now.

A source sends each of its rows with a revision. The highest revision of a row says what holds: a fact, nothing more
(the row was withdrawn), or that the row cannot be read. So repeats, late rows and rows out of order come to the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, TypeAlias, TypeGuard, get_args

from attrs import Attribute, AttrsInstance, evolve, field, frozen

from loanperf._facts import (
    KIND_OF,
    USUAL,
    Authority,
    Fact,
    Facts,
    LoanEvent,
    SentFact,
    SentTable,
    about,
    sent_tables,
)
from loanperf._validators import must_be
from loanperf.errors import DataError, FeedError, Problem, is_encodable, shown

MOST_REVISION = 2**63 - 1
"""The highest revision: what a column of 64 bits holds."""
LONGEST_NAME = 200
"""A store of facts takes names of sources, and codes of rows, of so many characters at most."""
_BROKEN = "give text that can be written in UTF-8: half of a surrogate pair is no character"


def must_be_source(source: object) -> None:
    """Refuse the name of a source that not every store keeps.

    Raises:
        DataError: it is no text, empty, not printable, or longer than 200 characters.
    """
    if not _is_printable(source) or len(source) > LONGEST_NAME:
        fault = f"its name is empty, not printable or longer than {LONGEST_NAME} characters"
        raise DataError(f"source {shown(source)}", fault, "give it another name")


def must_be_short(codes: Collection[str]) -> None:
    """Refuse codes of rows that not every store keeps.

    Raises:
        DataError: one is longer than 200 characters.
    """
    if max(map(len, codes), default=0) > LONGEST_NAME:
        longest = max(codes, key=len)
        raise DataError(
            f"row code {shown(longest)}", f"its code is longer than {LONGEST_NAME} characters", "give a shorter one"
        )


def _is_printable(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _code(instance: AttrsInstance, attribute: Attribute[str], value: object) -> None:
    if not _is_printable(value):
        raise FeedError(type(instance).__name__, attribute.name, shown(value), "give a printable, non-empty code")


def _text(instance: AttrsInstance, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str):
        raise FeedError(type(instance).__name__, attribute.name, shown(value), "give text, '' for the beginning")
    if not is_encodable(value):
        raise FeedError(type(instance).__name__, attribute.name, shown(value), _BROKEN)
    if "\0" in value:
        raise FeedError(type(instance).__name__, attribute.name, shown(value), "leave the character 0 out")


def _revision(instance: FeedRow, attribute: Attribute[int], value: object) -> None:
    if type(value) is not int or not 0 <= value <= MOST_REVISION:
        remedy = "give a whole number from 0 to 2**63 - 1 that rises with each change, such as a version column"
        raise FeedError(f"row {instance.row}", attribute.name, shown(value), remedy)


def _said(instance: FeedRow, attribute: Attribute[Fact | Problem | None], value: object) -> None:
    if value is not None and not isinstance(value, (*get_args(Fact), Problem)):
        remedy = "give a fact, a Problem, or None where the row was withdrawn"
        raise FeedError(f"row {instance.row}", attribute.name, type(value).__name__, remedy)
    for name in _misfits(value) if isinstance(value, Problem) else ():
        remedy = "give the fields of a Problem as it lists them, so that a store can keep it"
        raise FeedError(f"row {instance.row}", f"{attribute.name}.{name}", shown(getattr(value, name)), remedy)


def _misfits(problem: Problem) -> Iterator[str]:
    """The names of fields of a problem that hold another type than `Problem` states; `Problem` itself checks none."""
    texts = ("where", "fault", "found", "remedy", "payee", "loan", "column")
    yield from (name for name in texts if not isinstance(getattr(problem, name), str))
    if problem.row is not None and type(problem.row) is not int:
        yield "row"
    for name, of in (("at", int), ("loses", str), ("lacks", str)):
        pair = getattr(problem, name)
        if pair is not None and not (isinstance(pair, tuple) and [of, of] == [*map(type, pair)]):
            yield name


def _tuple_of_rows(rows: Iterable[FeedRow]) -> tuple[FeedRow, ...]:
    return tuple(rows)


def _rows(instance: Pulled, attribute: Attribute[tuple[FeedRow, ...]], value: tuple[object, ...]) -> None:
    for item in value:
        if not isinstance(item, FeedRow):
            raise FeedError(type(instance).__name__, attribute.name, type(item).__name__, "give ports.FeedRow objects")


@frozen(kw_only=True)
class FeedRow:
    """What a source says of one of its rows.

    Raises:
        FeedError: the row has no code, the revision is no whole number from 0 to 2**63 - 1, it says no fact, or it says
            a problem whose fields are of other types than `Problem` lists.
    """

    row: str = field(validator=_code)
    """What the source calls the row, such as `contracts/4711`; it stays the same when the row is corrected."""
    revision: int = field(validator=_revision)
    """Rises with each change of the row; a version column or a sequence, and no clock that may be set back."""
    says: Fact | Problem | None = field(validator=_said)
    """The fact; a problem where the row cannot be read; None where it was withdrawn."""


_NO_TABLES: Mapping[str, Any] = MappingProxyType({})


def _by_name(tables: Mapping[str, Any]) -> Mapping[str, Any]:
    must_be(tables, Mapping, "the tables of a pull", "pass them by name, such as {'loans': columns}")
    return MappingProxyType({**tables}) if tables else _NO_TABLES


@frozen(kw_only=True)
class Pulled:
    """Some rows of a source, and where to go on. Many rows come faster as tables; both may be in one pull.

    Raises:
        FeedError: something else than rows, a row of a table without a code or a revision, or a cursor that is no text
            or that no store can keep.
        DataError: an unknown table or column, one that is missing, or of another kind or unit.
        UnitError: a currency that does not exist.
        MissingExtraError: a data frame or file, and the extra `tables` is not installed.

    >>> import numpy as np
    >>> drawn = {"row": ["drawn/1"], "revision": [1], "loan": ["L1"], "kind": ["disbursed"], "amount(万元)": [30]}
    >>> drawn["on"] = np.array(["2026-03-02"], dtype="datetime64[D]")
    >>> pulled = Pulled(tables={"events": drawn}, currency="CNY", cursor="1")
    >>> pulled.count, [row.says.amount for row in pulled.every_row()]
    (1, [Money('300000.00 CNY')])
    """

    rows: tuple[FeedRow, ...] = field(converter=_tuple_of_rows, validator=_rows, default=())
    tables: Mapping[str, Any] = field(converter=_by_name, default=_NO_TABLES, eq=id, hash=False, repr=False)
    """Arrays, data frames or Parquet files by kind of facts, with the columns that `lp.Facts.read` takes, the units in
    their headings, and two more: `row`, as `FeedRow.row`, and `revision`. Each row says one fact; where it cannot be
    used, that is a problem of the row. A table `withdrawn` has these two columns alone."""
    currency: str = ""
    """ISO 4217 code of the amounts in tables."""
    cursor: str = field(validator=_text)
    """Whatever the source needs to go on behind these rows; nobody else looks into it."""
    more: bool = False
    """Whether there is more to pull at once."""
    sent: tuple[SentTable, ...] = field(init=False, eq=False, repr=False)
    """The tables, checked."""

    @sent.default
    def _checked(self) -> tuple[SentTable, ...]:
        return sent_tables(self.tables, self.currency)

    @property
    def count(self) -> int:
        """How many rows came, those of tables too."""
        return len(self.rows) + sum(len(table.rows) for table in self.sent)

    def every_row(self) -> Iterator[FeedRow]:
        """All rows, those of tables too."""
        yield from self.rows
        for table in self.sent:
            for row, revision, says in table.each():
                yield FeedRow(row=row, revision=revision, says=says)


RowKey: TypeAlias = tuple[str, str]
"""Source and row."""
SaidOfRow: TypeAlias = "tuple[int, frozenset[Fact | Problem | None]]"
"""The highest revision of a row, and what was said under it; more than one thing is a contradiction."""


@frozen
class FactChange:
    """A row of a feed that says something of a loan which was not said before."""

    loan: str
    kind: str
    """Of an event its kind, such as `disbursed`; else that of facts, such as `loans`; empty where it is not known.

    Of a row that was of another kind before, there is a change of each kind, or one of none.
    """
    since: date
    """The first day of which it may say something else: of a new row the day of its fact, else the first there is."""


def changes_of(before: SaidOfRow | None, after: SaidOfRow) -> Iterator[FactChange]:
    """What a row that was taken may say else of loans than it said before."""
    known = frozenset[Fact | Problem | None]() if before is None else before[1]
    for says in known | after[1] if known != after[1] else ():
        loan = str(getattr(says, "loan", ""))
        if not loan or says is None:
            continue
        if isinstance(says, Problem):
            yield FactChange(loan, "", date.min)
            continue
        kind = KIND_OF[type(says)]
        name = says.kind.value if isinstance(says, LoanEvent) else kind.name
        yield FactChange(loan, name, date.min if before is not None else getattr(says, kind.on))


def merged(held: Mapping[RowKey, SaidOfRow], source: str, rows: Iterable[FeedRow]) -> dict[RowKey, SaidOfRow]:
    """What holds after some more rows; the order in which rows come does not matter.

    >>> from loanperf.ports import FeedRow
    >>> new, old = FeedRow(row="7", revision=2, says=None), FeedRow(row="7", revision=1, says=None)
    >>> merged({}, "crm", [new, old, new]) == merged({}, "crm", [old, new])
    True
    """
    found = dict(held)
    for row in rows:
        key = (source, row.row)
        revision, said = found.get(key, (-1, frozenset[Fact | Problem | None]()))
        if row.revision > revision:
            found[key] = row.revision, frozenset([row.says])
        elif row.revision == revision:
            found[key] = revision, said | {row.says}
    return found


def unusable(held: Mapping[RowKey, SaidOfRow]) -> tuple[list[Problem], list[Fact]]:
    """A problem for each row that cannot be read or says two things under one revision, and the facts of the latter."""
    problems: list[Problem] = []
    refused: list[Fact] = []
    for (source, row), (revision, said) in held.items():
        where = f"{source} {row}"
        if len(said) == 1:
            problems += [evolve(item, where=f"{where}: {item.where}") for item in said if isinstance(item, Problem)]
            continue
        found = " and ".join(sorted("withdrawn" if item is None else str(item) for item in said))
        facts = [item for item in said if isinstance(item, get_args(Fact))]
        fault, remedy = f"revision {revision} says two things", "raise the revision with each change"
        problem = Problem(where, fault, shown(found, 300), remedy)
        problems.append(about(min(facts, key=str), problem) if facts else problem)
        refused += facts
    return problems, refused


def facts_of(held: Mapping[RowKey, SaidOfRow], *, authority: Authority = USUAL, sources: Collection[str] = ()) -> Facts:
    """The facts that hold, each with its source, and a problem for each row that cannot be used.

    A row that says two things under one revision is refused, since nothing tells which is true. Of events that several
    sources report, the word of the authority holds. Two rows of one source that say the same event without a number are
    one fact and a problem that names both, whenever they came: a source that says a row again says it under its code.

    Args:
        held: by source and row.
        authority: whose word holds for each kind of event.
        sources: the names of those that were pulled, though nothing of theirs is held.
    """
    rows: list[SentFact] = []
    problems, refused = unusable(held)
    for (source, row), (_, said) in held.items():
        (item,) = said if len(said) == 1 else (None,)
        if item is not None and not isinstance(item, Problem):
            where = f"{source} {row}"
            rows.append(SentFact(item if item.source else evolve(item, source=where), source, where))
    known = {*sources, *(source for source, _ in held)}
    found_facts = Facts.of_sent(rows, problems, authority=authority, known=known)
    both = sorted([*found_facts.refused, *refused], key=str)
    return evolve(found_facts, refused=tuple(both))
