"""Ports: the few Protocols that a host implements so that `loanperf.run` can work a period for it.

Any object with these methods serves; nothing is subclassed or registered. `loanperf.adapters` has ready ones, and the
checks of `loanperf.testing` put a host's own through what each method promises. A method raises what it likes where its
system fails (a connection, a right); a run passes that on, having lost nothing, and is run again. For `run_async` each
method may be a coroutine function.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from attrs import Attribute, field, frozen

from loanperf._explanations import Label
from loanperf._facts import Facts
from loanperf._feeds import FeedRow, Pulled
from loanperf._indicators import Reading
from loanperf._ledger import Answer, Payment
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._scheme import SchemeBook
from loanperf._targets import Target
from loanperf.errors import PayError, is_encodable, shown

__all__ = [
    "Answer",
    "Answered",
    "EntryStore",
    "FactSource",
    "FactStore",
    "Feed",
    "FeedRow",
    "Notice",
    "NoticeKind",
    "Notifier",
    "Payment",
    "PaymentAnswers",
    "PaymentSink",
    "PeopleSource",
    "Pulled",
    "SchemeSource",
]


# ── what happened ───────────────────────────────────────────────────────────────────────────────────────────


class FactSource(Protocol):
    """What happened, from the host's CRM, risk, training and finance systems."""

    def facts(self, period: Period) -> Facts:
        """Every fact that the indicators of a period need, in any order; repeats are harmless.

        What is measured at the end of the period (balances, classes, customers) may be dated long before it. A run
        that keeps a ledger asks for the span from the first commission plan to the end of the period.
        Rows that cannot be read are returned as problems of `Facts`, not raised; `Facts.rows` counts every row
        that came in, also those of people and targets where the source reads them from the same files.
        """
        ...

    def readings(self, period: Period) -> Iterable[Reading]:
        """Indicator values that the host already has, with the payee as their subject.

        They hold for the whole period and are used in place of what would be measured. One without a period belongs
        to the period that is worked: a run that asks for an earlier one uses those that say so. Rows that cannot be
        read are among the problems of `facts`, or `problems` of what is returned.
        """
        ...


class Feed(Protocol):
    """One system of the host that says what changed: loans (CRM), classes and days past due (risk), ratings."""

    def pull(self, cursor: str) -> Pulled:
        """Some rows that are new or changed behind a cursor; from the first one on where it is empty.

        Every row comes at least once. Rows may come again, late, and in any order: the highest revision of a row
        holds. A row that is withdrawn, or that cannot be read, comes as such, so that nobody takes it for unchanged.
        The same cursor may be asked again, after a crash. As long as there is `more`, the cursor moves; a pull without
        rows says `more=False`.
        """
        ...


@runtime_checkable
class FactStore(FactSource, Protocol):
    """Where rows of feeds are kept, so that facts are there whichever feed is down."""

    def cursor(self, source: str) -> str:
        """The cursor that was last taken with rows of a source; empty before the first."""
        ...

    def take(self, source: str, pulled: Pulled) -> None:
        """Keep rows with their cursor, both or neither; rows that were taken before change nothing.

        Of each row the highest revision holds, whatever the order in which they come; a row that says two things
        under one revision is a problem of `facts`, and neither is used. Of events that several sources report, the word
        of the authority holds, and a report that differs is a problem; so are two rows of one source that say the same
        event without a number, of which one is used.
        """
        ...


# ── who and by which rules ──────────────────────────────────────────────────────────────────────────────────


class PeopleSource(Protocol):
    """Who works where, from the host's HR system."""

    def organisation(self, period: Period) -> Organisation:
        """Units, payees and dated assignments, as far as they touch a period.

        A run that keeps a ledger asks for the span from the first commission plan to the end of the period. Rows that
        cannot be read are `problems` of the organisation, and a run with such rows is held: nobody is left out unsaid.
        """
        ...


class SchemeSource(Protocol):
    """Schemes and targets, from whoever decides them."""

    def schemes(self) -> SchemeBook:
        """Every version of the scheme."""
        ...

    def targets(self, period: Period) -> Iterable[Target]:
        """Targets of payees for the whole period, where the scheme's own do not apply.

        One without a period belongs to the period that is worked: a run that asks for an earlier one, whose plans look
        at targets, uses those that say so.
        Rows that cannot be read are `problems` of what is returned, or are told by `facts` of the same source.
        """
        ...


# ── what must not be forgotten ──────────────────────────────────────────────────────────────────────────────


class EntryStore(Protocol):
    """Streams of records to which is added and of which nothing is ever changed or removed.

    A record is a line of text (JSON without line breaks). The version of a stream is how many records it has.
    """

    def read(self, stream: str, after: int = 0) -> Iterable[str]:
        """The records of a stream behind a version, in the order in which they were appended.

        A stream to which nothing was appended has none. What is read is a state that the stream had: all records of
        an append or none of them.
        """
        ...

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records to a stream that is at version `expected`: all or none; the new version.

        When it returns, they survive a crash. Of two who append to one version, one gets the error; so does who appends
        nothing to another version.

        Raises:
            ConflictError: the stream is at another version.
        """
        ...


# ── where pay goes ──────────────────────────────────────────────────────────────────────────────────────────


class PaymentSink(Protocol):
    """Where pay goes, such as the host's finance system."""

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Take payments, all or none; one whose key was taken before is not paid again, whatever its amount is now."""
        ...


def _tuple_of_answers(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    return tuple(answers)


def _a_cursor(_: Answered, attribute: Attribute[str], value: object) -> None:
    if not isinstance(value, str) or not is_encodable(value):
        raise PayError(
            "Answered", f"its {attribute.name} is {shown(value)}", "give text in UTF-8, '' for the beginning"
        )


@frozen(kw_only=True)
class Answered:
    """Some answers of finance, and where to go on.

    Raises:
        PayError: the cursor is no text, or none that a store can keep.
    """

    answers: tuple[Answer, ...] = field(converter=_tuple_of_answers)
    cursor: str = field(validator=_a_cursor)
    more: bool = False
    """Whether there is more to ask for at once."""


class PaymentAnswers(Protocol):
    """What became of payments; often the same object as the sink."""

    def answers(self, cursor: str) -> Answered:
        """Answers that are new behind a cursor; from the first one on where it is empty.

        Every answer comes at least once; again, late and in any order does no harm. A payment may be answered twice:
        paid, and weeks later returned. As long as there is `more`, the cursor moves.
        """
        ...


NoticeKind: TypeAlias = Literal["held", "blocked", "posted", "returned", "closed"]
"""A run waits for approval; a payee could not be worked, so that the period stays open; pay of a payee was posted; a
payment came back; a period was closed."""


@frozen(kw_only=True)
class Notice:
    """Something that somebody should be told."""

    key: str
    """Idempotency key: one kind, scheme, period and payee, and how far the ledger was."""
    kind: NoticeKind
    period: Period
    payee: str = ""
    """Whom it concerns; empty where it concerns those who run the scheme."""
    amount: Money | None = None
    text: Label
    """What to say, in both languages."""


class Notifier(Protocol):
    """Tells people: mail, chat, a task list."""

    def notify(self, notices: tuple[Notice, ...]) -> None:
        """Tell; one whose key was told before is not told again. It is called last, when all else is kept."""
        ...
