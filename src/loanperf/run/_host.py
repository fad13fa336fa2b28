"""Host: what a run is given to call and to keep, checked before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from inspect import getattr_static, isfunction
from typing import TypeAlias

from attrs import field, frozen
from attrs.converters import optional

from loanperf._periods import Period, day
from loanperf._seals import Head
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, shown
from loanperf.ports import (
    EntryStore,
    FactSource,
    Feed,
    Notifier,
    PaymentAnswers,
    PaymentSink,
    PeopleSource,
    PersonalStore,
    SchemeSource,
)
from loanperf.run._results import Run

Approve: TypeAlias = Callable[[Run], bool]
Progress: TypeAlias = Callable[[int, int], None]


@frozen(kw_only=True)
class Keeping:
    """Where a run keeps what must not be forgotten, and whom it asks and tells beside that."""

    entries: EntryStore
    """Keeps the ledger."""
    feeds: Mapping[str, Feed] = field(factory=dict)
    """The systems to pull from first, by name; the `facts` of the run must be a `FactStore` then."""
    answers: PaymentAnswers | None = None
    """Finance's answers to payments."""
    notifier: Notifier | None = None
    close_by: str = ""
    """Who closes the period when it is paid; empty leaves it open."""
    heads: Sequence[Head] = ()
    """How far streams of `entries` were, as `lp.verify` or `Database.heads` said, kept elsewhere. A run reads these
    streams first, and stops where one is shorter or says something else up to there."""
    personal: PersonalStore | None = None
    """Keeps names and salaries of results, from which they can be erased; without it the archive has none."""
    first: Period | None = None
    """The period with which the ledger begins. Earlier ones count for tiers to date, and have no lines and no pay: they
    were paid elsewhere. Every run is given it. None pays from the first plan on; a run that would pay for periods
    before those of the ledger is held unless it is approved."""
    pay_on: date | None = field(default=None, converter=optional(day))
    """The day on which payments go out: what the stream `<scheme>/disputes` holds by hand on that day is not paid. None
    is the last day of the period, or the day of the latest record of that stream, whichever is later."""
    only_new: bool = False
    """Whether loans that are closed and untouched are passed over: what is posted of them stands, and `Run.accruals`
    has none of them. Entries, payments, problems and notices are those of a run that works everything, as one does
    where the last period was not closed by a run with `only_new`, where `facts` is no `FactHistory`, and where plans
    look at more than loans, as those with readings, balances, teams or draws."""


@frozen(kw_only=True)
class Host:
    """The ports of a run."""

    facts: FactSource
    people: PeopleSource
    schemes: SchemeSource
    payments: PaymentSink | None
    approve: Approve | None
    progress: Progress | None


def must_be_ports(host: Host, keeping: Keeping | None) -> None:
    """Refuse, before anything is asked, what lacks a method of its port.

    Raises:
        DataError: it names the argument and the method.
    """
    must_have("facts", host.facts, FactSource)
    must_have("people", host.people, PeopleSource)
    must_have("schemes", host.schemes, SchemeSource)
    _may_have("payments", host.payments, PaymentSink)
    for name, asked in (("approve", host.approve), ("progress", host.progress)):
        if asked is not None and not callable(asked):
            raise DataError(name, f"it is {shown(asked)}", "pass a function, or leave it out")
    if keeping is None:
        return
    must_be(keeping, Keeping, "keeping", "pass lp.Keeping(entries=...)")
    must_have("keeping.entries", keeping.entries, EntryStore)
    must_be(keeping.feeds, Mapping, "keeping.feeds", "pass feeds by name, such as {'crm': feed}")
    for source, feed in keeping.feeds.items():
        must_have(f"keeping.feeds[{source!r}]", feed, Feed)
    each_of(keeping.heads, Head, "keeping.heads", "pass what Database.heads or lp.verify gave")
    _may_have("keeping.answers", keeping.answers, PaymentAnswers)
    _may_have("keeping.notifier", keeping.notifier, Notifier)
    _may_have("keeping.personal", keeping.personal, PersonalStore)


def _may_have(argument: str, given: object, port: type) -> None:
    if given is not None:
        must_have(argument, given, port)


def must_have(argument: str, given: object, port: type) -> None:
    """Refuse what lacks a method of a port; of a class, its object is asked for."""
    for method in (name for name in dir(port) if not name.startswith("_")):
        remedy = f"pass a ports.{port.__name__}, such as those of loanperf.adapters"
        if not callable(getattr(given, method, None)):
            raise DataError(argument, f"{shown(given)} has no method {method}()", remedy)
        if isinstance(given, type) and isfunction(getattr_static(given, method, None)):
            raise DataError(argument, f"it is the class {given.__name__}", "pass an object of it")
