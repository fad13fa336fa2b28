"""Ports over values in memory: for tests, notebooks, and as the reference of what a port promises."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field, frozen

from loanperf._facts import Fact, Facts
from loanperf._indicators import Reading
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._scheme import Scheme, SchemeBook
from loanperf._targets import Target
from loanperf.ports import Payment


def _facts(facts: Iterable[Fact]) -> Facts:
    return facts if isinstance(facts, Facts) else Facts.of(facts)


def _readings(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    return tuple(readings)


def _targets(targets: Iterable[Target]) -> tuple[Target, ...]:
    return tuple(targets)


def _book(schemes: SchemeBook | Scheme) -> SchemeBook:
    return SchemeBook([schemes]) if isinstance(schemes, Scheme) else schemes


@frozen
class MemoryFacts:
    """A `FactSource` over facts and readings."""

    held: Facts = field(converter=_facts, default=Facts(()))
    supplied: tuple[Reading, ...] = field(converter=_readings, default=())

    def facts(self, period: Period) -> Facts:
        """All of them, whatever the period."""
        return self.held

    def readings(self, period: Period) -> tuple[Reading, ...]:
        """Those that are for the period, or for no stated one."""
        return tuple(reading for reading in self.supplied if reading.period in (None, period))


@frozen
class MemoryPeople:
    """A `PeopleSource` over an organisation."""

    held: Organisation

    def organisation(self, period: Period) -> Organisation:
        """The organisation, whatever the period."""
        return self.held


@frozen
class MemorySchemes:
    """A `SchemeSource` over a book, or one scheme, and targets that hold in every period."""

    book: SchemeBook = field(converter=_book)
    goals: tuple[Target, ...] = field(converter=_targets, default=())

    def schemes(self) -> SchemeBook:
        """The book."""
        return self.book

    def targets(self, period: Period) -> tuple[Target, ...]:
        """The targets, whatever the period."""
        return self.goals


@define
class MemoryPayments:
    """A `PaymentSink` that keeps what it was given, each key once."""

    paid: dict[str, Payment] = field(factory=dict)

    def pay(self, payments: tuple[Payment, ...]) -> None:
        """Keep payments whose key is new."""
        for payment in payments:
            self.paid.setdefault(payment.key, payment)
