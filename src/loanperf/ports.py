"""Ports: the few Protocols that a host implements so that `loanperf.run` can work a period for it.

Any object with these methods serves; nothing is subclassed or registered. `loanperf.adapters` has ready ones, and the
checks of `loanperf.testing` put a host's own through what each method promises. A method raises what it likes where its
system fails (a connection, a right); a run passes that on, having lost nothing, and is run again. For `run_async` each
method may be a coroutine function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Protocol, TypeAlias, runtime_checkable

from attrs import Attribute, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._facts import Facts, FactsWanted
from loanperf._feeds import FactChange, FeedRow, Pulled
from loanperf._indicators import Reading
from loanperf._ledger import Answer, Closing, Entries, Ledger, Payment
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._scheme import SchemeBook
from loanperf._seals import Batch, Head, seal_of
from loanperf._targets import Target
from loanperf._validators import must_be_storable
from loanperf.errors import DataError, PayError, is_encodable, shown

__all__ = [
    "NOTICE_KINDS",
    "Answer",
    "Answered",
    "Batch",
    "Closing",
    "EntryStore",
    "FactChange",
    "FactHistory",
    "FactSelection",
    "FactSource",
    "FactStore",
    "FactsWanted",
    "Feed",
    "FeedRow",
    "Head",
    "LedgerStore",
    "LedgerTails",
    "Notice",
    "NoticeKind",
    "Notifier",
    "Payment",
    "PaymentAnswers",
    "PaymentSink",
    "PaymentsTaken",
    "PeopleSource",
    "PersonalStore",
    "Pulled",
    "SchemeSource",
    "commitment_of",
    "must_be_as_taken",
    "must_be_committable",
    "must_be_payable",
    "seal_of",
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

        Rows come one by one, as `FeedRow`, or many at once, as `tables` of `Pulled`; both say the same. Every row comes
        at least once. Rows may come again, late, and in any order: the highest revision of a row
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

        The name of a source is printable and of 1 to 200 characters, and the code of a row is not longer.

        The rows of tables are rows like others: `Pulled.every_row` gives all of them as `FeedRow`, for a store that
        keeps no columns.
        Of each row the highest revision holds, whatever the order in which they come; a row that says two things
        under one revision is a problem of `facts`, and neither is used. Of events that several sources report, the word
        of the authority holds, and a report that differs is a problem; so are two rows of one source that say the same
        event without a number, of which one is used.
        """
        ...


@runtime_checkable
class FactHistory(FactStore, Protocol):
    """A fact store that knows what it took since when, so that a run passes over what is closed and untouched."""

    def mark(self) -> str:
        """How far it is: with each `take` a new text by chance, which no other store has; empty before the first."""
        ...

    def changes(self, since: str) -> Iterable[FactChange] | None:
        """What rows that were taken behind a mark may say else of loans; more than that is harmless.

        None where the store does not know that mark, as one that was restored from before it, or filled again.
        None where that concerns loans of which no row was taken, as after a first pull of another source, whose word
        may hold, or where the word of another source holds than at that mark.
        """
        ...


@runtime_checkable
class FactSelection(FactHistory, Protocol):
    """A fact store that gives the facts of some loans alone, so that a run passes over the others unread."""

    def some(self, period: Period, wanted: FactsWanted) -> Facts:
        """The facts of loans that are wanted, and all facts of no loan.

        All facts of each such loan, as `facts` gives them. Facts of other loans may come too. `rows` counts all rows,
        and rows that cannot be used are `problems`, though those of other loans may be left out.
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

    def batches(self, stream: str) -> Iterable[Batch]:
        """What was added to a stream, in order, as it stands in one moment: the records of one append, or of a part.

        Each has the seal that `seal_of` gave when it was added, kept in the same transaction, and never made anew.
        Records that nobody sealed come last, with an empty seal. A run that reads a stream checks it.
        """
        ...


@runtime_checkable
class LedgerStore(EntryStore, Protocol):
    """An entry store that keeps the entries of ledgers as columns, so that a run makes no line of text of each.

    What is posted is read as lines too, and entries that were appended as lines are among those of the ledger. Closings
    are appended as lines.
    """

    def ledger(self, stream: str) -> Ledger:
        """The ledger of a stream, as it stands in one moment; an empty one where nothing was appended.

        It is what `read_ledger` makes of the records of the stream, and is checked as that does, once each batch is
        seen to fit its seal. Of the reason of an entry that was posted it has the rule and the values, and not all that
        these stand on.

        Raises:
            StoreError: a batch does not fit its seal.
            LedgerError: the entries do not follow on, or contradict the closings.
        """
        ...

    def post(self, stream: str, entries: Entries, *, expected: int) -> int:
        """Add entries to a stream that is at version `expected`: all or none; the new version. As `append`.

        Raises:
            ConflictError: the stream is at another version.
        """
        ...


@runtime_checkable
class LedgerTails(LedgerStore, Protocol):
    """A ledger store that reads what stands behind a version alone, for a run that has the rest from its last close."""

    def tail(self, stream: str, version: int) -> tuple[str, Iterable[Batch]]:
        """The seal of a stream at a version, and the batches behind it, as they stand in one moment.

        The seal is empty where no batch ends there. A run checks it and the batches.
        """
        ...


def commitment_of(salt: str, text: str) -> str:
    """What a `PersonalStore` gives for a text: SHA-256 in hexadecimal over both, with a line break between them.

    Raises:
        DataError: a store cannot keep the text; see `must_be_committable`.

    >>> commitment_of("00", "lin")[:12]
    '2c25b0639026'
    """
    must_be_storable("what is personal", text)
    return sha256(f"{salt}\n{text}".encode()).hexdigest()


def must_be_committable(said: Iterable[tuple[str, str]]) -> None:
    """Refuse, before anything is kept, texts that not every store can keep; payees have 1 to 200 characters.

    Raises:
        DataError: a payee is too long or empty, or it or a text has the character 0 or one that is not of Unicode; the
            text is not in the error.
    """
    for payee, text in said:
        must_be_storable(f"the payee {shown(payee)}", payee, 200)
        must_be_storable(f"what is personal of {shown(payee)}", text)


class PersonalStore(Protocol):
    """What is personal of payees, apart from the streams, where nothing can be erased.

    A commitment is the SHA-256 in hexadecimal over a salt and the text: who has it can prove the text as long as it is
    here, and learns nothing of it once it is erased. The salt is by chance, new for each text, and erased with it.
    """

    def commit(self, said: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Keep texts, each behind its payee, all or none; the commitment of each, in order.

        The same text of a payee has the same commitment as long as it is kept; that of another payee has another one.

        Raises:
            DataError: a text cannot be kept; see `must_be_committable`.
        """
        ...

    def told(self, commitments: Sequence[str]) -> Mapping[str, str]:
        """The texts by commitment, of those that are kept; others are left out."""
        ...

    def erase(self, payee: str) -> int:
        """Erase all texts of a payee, for ever; how many that were."""
        ...


# ── where pay goes ──────────────────────────────────────────────────────────────────────────────────────────


class PaymentSink(Protocol):
    """Where pay goes, such as the host's finance system."""

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Take payments, all or none; one whose key was taken before is not paid again.

        One whose key was taken with another payee, period or amount is refused, and nothing is taken; see
        `must_be_as_taken`. A run hands over again what it handed over before a crash, and that is the same.
        """
        ...


@runtime_checkable
class PaymentsTaken(PaymentSink, Protocol):
    """A sink that says what it took, so that a run learns that its ledger has lost what was paid."""

    def payments_taken(self, prefix: str) -> Iterable[Payment]:
        """Every payment that was ever taken under a key that begins with a text, in any order."""
        ...


def must_be_as_taken(taken: Payment, given: Payment) -> None:
    """Refuse a payment whose key was used before, for a payment that says something else.

    Raises:
        DataError: the two are not equal; it says both.
    """
    if taken != given:
        fault = f"it was taken as {_body(taken)}, and is now {_body(given)}"
        raise DataError(f"payment {given.key}", fault, "give it a key of its own; nothing of this was taken")


def must_be_payable(payments: Iterable[Payment]) -> None:
    """Refuse payments that not every sink can keep: keys have 1 to 400 characters, payees 1 to 200.

    Raises:
        DataError: a text is too long, empty, or has signs that cannot be kept.
    """
    for payment in payments:
        must_be_storable(f"the key of payment {shown(payment.key)}", payment.key, 400)
        must_be_storable(f"the payee of payment {shown(payment.key)}", payment.payee, 200)


def _body(payment: Payment) -> str:
    return f"{payment.amount} to {payment.payee} for {payment.period}"


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


NoticeKind: TypeAlias = str
"""A word of `NOTICE_KINDS`, or one that a later version adds: a notifier tells what it does not know by its text."""
NOTICE_KINDS: Mapping[str, Label] = MappingProxyType(
    {
        "held": Label("a run waits for approval", "核算待审批"),
        "blocked": Label("a payee could not be worked, so that the period stays open", "有人员无法核算，期间未结账"),
        "posted": Label("pay of a payee was posted", "绩效已入账"),
        "returned": Label("a payment came back", "款项被退回"),
        "closed": Label("a period was closed", "期间已结账"),
        "alert": Label("an alert was raised", "新增预警"),
        "worsened": Label("what an alert is about has become worse", "预警加重"),
        "escalated": Label("an alert that nobody acknowledged goes to who leads", "预警上报"),
        "acknowledged": Label("somebody has taken up an alert", "预警已签收"),
        "mended": Label("what an alert was about is mended", "预警解除"),
        "ended": Label("an alert is about nothing any more", "预警终止"),
    }
)
"""The kinds of notices that there are now, and what each says."""


def _a_word(_: Notice, attribute: Attribute[str], value: object) -> None:
    must_be_storable(f"the {attribute.name} of a notice", value, 40)


@frozen(kw_only=True)
class Notice(PlainData):
    """Something that somebody should be told.

    Raises:
        DataError: its kind is no text, or empty.
    """

    key: str
    """Idempotency key: one kind, scheme, period and payee, and how far the ledger was; of an alert also whom to tell
    and the number of the record of its stream."""
    kind: NoticeKind = field(validator=_a_word)
    """Such as `posted`; see `NOTICE_KINDS`. Others may come."""
    period: Period
    payee: str = ""
    """Whom it concerns; empty where it concerns those who run the scheme, or a unit."""
    to: str = ""
    """Code of whom to tell, where that is somebody else than the payee whom it concerns."""
    amount: Money | None = None
    text: Label
    """What to say, in both languages."""
    short: Label = Label("")
    """The same for a phone: at most 70 characters in Chinese and 160 in English; empty where the text is short."""


class Notifier(Protocol):
    """Tells people: mail, chat, a task list."""

    def notify(self, notices: tuple[Notice, ...]) -> None:
        """Tell; one whose key was told before is not told again. It is called last, when all else is kept."""
        ...
