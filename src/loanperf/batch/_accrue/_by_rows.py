"""By rows: the payees whom columns cannot work, together with those who share loans with them -> their accruals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._commission import Accruals, DatedPlan, accrue, deals_of
from loanperf._commission._periodic import pays_by_period
from loanperf._facts import Balance, Credit, Facts, Loan, LoanEvent
from loanperf._indicators import Reading
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._targets import Target
from loanperf.batch._accrue._deals import BookDeals
from loanperf.batch._book._book import Book
from loanperf.errors import Problem

Codes: TypeAlias = NDArray[np.int64]
CHUNK_LOANS = 20_000
"""Loans that the rows path works at once, if payees do not share more."""


@frozen(eq=False)
class AskedByRows:
    """What the rows path is asked with, besides facts."""

    book: Book
    plans: tuple[DatedPlan, ...]
    organisation: Organisation
    through: Period
    since: date
    readings: tuple[Reading, ...]
    targets: Mapping[Period, tuple[Target, ...]]

    def accruals(self, payees: Sequence[str], loans: Iterable[str]) -> Accruals:
        """The accruals of payees from some loans: all that anybody among them has to do with."""
        people = set(payees)
        goals = {period: [goal for goal in held if goal.payee in people] for period, held in self.targets.items()}
        return accrue(
            self.book.facts(loans=frozenset(loans)),
            self.plans,
            self._staff(people),
            through=self.through,
            since=self.since,
            readings=[reading for reading in self.readings if reading.subject in people],
            targets=goals,
        )

    def _staff(self, people: set[str]) -> Organisation:
        """The organisation; without everybody else where plans pay by period, for all who are in it."""
        if not any(pays_by_period(dated.plan) for dated in self.plans) or pays_teams(self.plans):
            return self.organisation
        held = self.organisation
        return Organisation(
            units=held.units,
            assignments=[item for item in held.assignments if item.payee in people],
            payees=[item for item in held.payees if item.code in people],
        )


def pays_teams(plans: Iterable[DatedPlan]) -> bool:
    """Whether any plan pays for what others earn."""
    return any(component.base == "team" for dated in plans for component in dated.plan.components)


def groups_of(deals: BookDeals, payees: Codes, plans: Sequence[DatedPlan]) -> Iterator[tuple[list[int], Codes]]:
    """Payees in groups that share no loan with others, with the rows of their loans.

    Args:
        deals: of the book.
        payees: places of payees, and of everybody who shares loans with them.
        plans: of every version; where one pays teams, everybody is one group.
    """
    if not len(payees):
        return
    rows = np.flatnonzero(np.isin(deals.payee, payees))
    of = np.concatenate([deals.payee[rows], deals.ties[1]])
    rows = np.concatenate([rows, deals.ties[0]])
    if pays_teams(plans):
        yield payees.tolist(), np.unique(rows)
        return
    root = _roots(deals, payees)
    order = np.argsort(of, kind="stable")
    bounds = np.searchsorted(of[order], [payees, payees + 1])
    loans = {payee: order[low:high] for payee, low, high in zip(payees.tolist(), *bounds.tolist(), strict=True)}
    together: dict[int, list[int]] = defaultdict(list)
    for payee in payees.tolist():
        together[root.get(payee, payee)].append(payee)
    chunk: list[int] = []
    size = 0
    for members in together.values():
        many = sum(len(loans[payee]) for payee in members)
        if chunk and size + many > CHUNK_LOANS:
            yield chunk, np.unique(rows[np.concatenate([loans[payee] for payee in chunk])])
            chunk, size = [], 0
        chunk, size = chunk + members, size + many
    yield chunk, np.unique(rows[np.concatenate([loans[payee] for payee in chunk])])


def _roots(deals: BookDeals, payees: Codes) -> dict[int, int]:
    """One payee for each who shares loans with others, the same for all who are linked by them."""
    root = {payee: payee for payee in payees.tolist()}

    def found(payee: int) -> int:
        while root[payee] != payee:
            root[payee] = root[root[payee]]
            payee = root[payee]
        return payee

    for row, payee in zip(*(tie.tolist() for tie in deals.ties), strict=True):
        if payee in root:
            root[found(payee)] = found(int(deals.payee[row]))
    return {payee: found(payee) for payee in root}


# ── rows that could not be used ─────────────────────────────────────────────────────────────────────────────


def strangers(book: Book, deals: BookDeals, through: Period) -> tuple[Problem, ...]:
    """A problem for each event and credit of a loan that the book does not have."""
    if not deals.strange:
        return ()
    return accrue(book.facts(loans=deals.strange), (), Organisation(), through=through).problems


def refused(book: Book, through: Period) -> set[str]:
    """Payees whose loans, events or credits were refused, since rows contradict each other."""
    codes = frozenset(fact.loan for fact in book.refused if isinstance(fact, (Loan, LoanEvent, Credit, Balance)))
    if not codes:
        return set()
    deals = deals_of(Facts.of(book.facts(loans=codes)), through.last_day)
    held = {deal.loan.loan: {*deal.officers, *(credit.payee for credit in deal.credits)} for deal in deals}
    payees: set[str] = set()
    for fact in book.refused:
        if isinstance(fact, (Loan, LoanEvent, Credit, Balance)):
            payees |= held.get(fact.loan, set())
        if isinstance(fact, (Loan, LoanEvent)) and fact.officer:
            payees.add(fact.officer)
        if isinstance(fact, Credit):
            payees.add(fact.payee)
    return payees
