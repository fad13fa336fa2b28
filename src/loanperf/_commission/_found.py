"""Found: what accrue has come to so far, with the faults that it met on its way.

The first of them are what is wrong with facts and tracks before anything is earned, and whose pay it leaves unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import chain
from typing import TypeAlias

import numpy as np
from attrs import field, frozen

from loanperf._commission._accrual import DatedPlan, Waiting
from loanperf._commission._deals import Deals
from loanperf._commission._plan import Plan
from loanperf._commission._states import DealPairs, DealState, DealStates
from loanperf._commission._tracks import NOBODY, Tracks, unsound
from loanperf._facts import EVENT_PLACES, Balance, Credit, EventKind, Facts, Loan, LoanEvent, text_of
from loanperf._numbers import marked, ordered, starts_of
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.errors import DataError, LoanPerfError, Problem, problem_of, shown

_MOVED = (
    EventKind.DISBURSED,
    EventKind.REPAID,
    EventKind.PREPAID,
    EventKind.WRITTEN_OFF,
    EventKind.RECOVERED,
)
"""Events whose amounts are summed."""


@frozen(eq=False)
class LoanFault:
    """What is wrong with a loan, and who is concerned."""

    where: str
    payees: Collection[str]
    loan: str
    error: LoanPerfError


def strangers(facts: Facts, deals: Deals) -> dict[Credit | LoanEvent, Problem]:
    """Each event and credit of a loan that the facts do not have, and its problem."""
    found: dict[Credit | LoanEvent, Problem] = {}
    events = chain.from_iterable(_of_no_loan(facts, deals, place) for place in EVENT_PLACES.values())
    for fact in (*sorted(events, key=_key), *sorted(_of_no_loan(facts, deals, "credits"), key=_key)):
        fault, remedy = "the facts have no loan of that code", "send its Loan"
        payee, loan = fact.payee if isinstance(fact, Credit) else "", fact.loan
        found[fact] = Problem(text_of(fact), fault, repr(loan), remedy, payee=payee, loan=loan, lacks=("loan", loan))
    return found


def _of_no_loan(facts: Facts, deals: Deals, place: str) -> Iterator[Credit | LoanEvent]:
    table = facts.tables[place]
    rows = np.flatnonzero(table["loan"].values >= len(deals)) if table.rows else ()
    for fact in facts.rows_at(place, rows) if len(rows) else ():
        if isinstance(fact, (Credit, LoanEvent)):
            yield fact


def _key(fact: Credit | LoanEvent) -> tuple[str, ...]:
    return fact.key


def faults_of_deals(deals: Deals, plans: Iterable[Plan]) -> Iterator[LoanFault]:
    """Loans whose amounts cannot be summed, or with a credit that no plan pays for; in order of their codes.

    A kind of credit that is in no split would be dropped without a word.
    """
    roles = {role for plan in plans for component in plan.components for role, _ in component.split}
    of = deals.credits
    unknown = np.array([*(role not in roles for role in deals.roles), False])[of.role]
    first: dict[int, int] = {}
    for row in np.flatnonzero(unknown).tolist():
        first.setdefault(int(of.deal[row]), row)
    mixed = _mixed(deals)
    for deal in sorted({*first, *mixed}, key=deals.codes.__getitem__):
        loan = deals.codes[deal]
        if deal in mixed:
            fault = f"its amounts are in {' and '.join(sorted(mixed[deal]))}"
            error = DataError(f"loan {loan}", fault, "send its drawdowns and repayments in one currency")
        else:
            payee, role = deals.payees[int(of.payee[first[deal]])], deals.roles[int(of.role[first[deal]])]
            close = get_close_matches(role, sorted(roles), 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(sorted(roles))}"
            fault = f"no plan has a kind of credit {shown(role)} in its split"
            error = DataError(f"the credit of {payee} in loan {loan}", fault, remedy)
        yield LoanFault(f"loan {loan}", concerned(deals, deal), loan, error)


def _mixed(deals: Deals) -> Mapping[int, set[str]]:
    """By deal the currencies of its drawdowns and repayments, where they are more than one."""
    moved = [deals.events(kind) for kind in _MOVED]
    currency = np.concatenate([events.currency for events in moved])
    if not len(currency) or (currency == currency[0]).all():
        return {}
    deal = np.concatenate([events.deal for events in moved])
    order = ordered(deal, currency)
    deal, currency = deal[order], currency[order]
    kinds = starts_of(deal, currency)
    deal, currency = deal[kinds], currency[kinds]
    several = marked(deal[1:][deal[1:] == deal[:-1]], len(deals))[deal]
    found: dict[int, set[str]] = defaultdict(set)
    for place, code in zip(deal[several].tolist(), currency[several].tolist(), strict=True):
        found[place].add(deals.currencies[code])
    return found


def concerned(deals: Deals, deal: int) -> set[str]:
    """Everybody who ever held a deal or is credited in it."""
    columns = (deals.ever_held, (deals.credits.deal, deals.credits.payee))
    rows = [payee[slice(*np.searchsorted(of, [deal, deal + 1]).tolist())] for of, payee in columns]
    return {deals.payees[place] for place in np.concatenate(rows).tolist()}


def refused(facts: Facts, deals: Deals) -> Iterator[tuple[str, Problem]]:
    """Each payee of loans, events or credits that were refused, since rows contradict each other; and of which."""
    of_loan: dict[str, list[Problem]] = defaultdict(list)
    for problem in facts.problems if facts.refused else ():
        of_loan[problem.loan].append(problem)
    for fact in facts.refused:
        if not isinstance(fact, (Loan, Credit, LoanEvent, Balance)):
            continue
        fault, remedy = "rows that say different things of it were refused", "keep the true one"
        said = of_loan[fact.loan] or [Problem(text_of(fact), fault, "", remedy, loan=fact.loan)]
        named = {str(getattr(fact, name, None) or "") for name in ("officer", "payee")} - {""}
        deal = deals.place(fact.loan)
        for payee in sorted(named | (concerned(deals, deal) if deal >= 0 else set())):
            yield from ((payee, problem) for problem in said)


def faults_of_tracks(tracks: Tracks) -> Iterator[LoanFault]:
    """Loans whose credits cannot be shared, and tracks of which no plan can be told; in order of the codes of loans."""
    deals = tracks.deals
    rows = np.flatnonzero(tracks.plan <= NOBODY)
    found = [(deals.codes[deal], -1, deal) for deal in tracks.shares.faulty.tolist()]
    of = zip(rows.tolist(), tracks.deal[rows].tolist(), strict=True)
    found += [(deals.codes[deal], row, deal) for row, deal in of]
    for loan, row, deal in sorted(found):
        if row < 0:
            yield LoanFault(f"loan {loan}", concerned(deals, deal), loan, unsound(deals, deal))
        else:
            payee = deals.payees[int(tracks.payee[row])]
            yield LoanFault(f"loan {loan} of {payee}", [payee], loan, tracks.error(row))


Group: TypeAlias = tuple[str, str, str]
"""Payee, plan and component: what accumulates together."""


@frozen(eq=False)
class Found:
    """Gathered while accrue works; it does not leave it."""

    waiting: list[Waiting] = field(factory=list)
    states: DealStates = field(factory=DealStates)
    lifted: DealPairs = field(factory=DealPairs)
    """Payees and loans that earned nothing at their own tier, and are paid since later loans reached a higher one."""
    drawing: dict[tuple[str, Period], tuple[DatedPlan, int]] = field(factory=dict)
    problems: list[Problem] = field(factory=list)
    blocked: dict[str, dict[Problem, None]] = field(factory=lambda: defaultdict(dict))
    """By payee whose pay is not known: why, each reason once."""

    @property
    def why(self) -> dict[str, tuple[Problem, ...]]:
        """By payee who is blocked: the problems because of which."""
        return {payee: tuple(reasons) for payee, reasons in self.blocked.items()}

    @contextmanager
    def noting(self, where: str, payees: Iterable[str], loan: str = "") -> Iterator[None]:
        """Turns what is raised within it into a problem, and blocks the payees whose pay it leaves unknown."""
        try:
            yield
        except LoanPerfError as error:
            self.note([LoanFault(where, set(payees), loan, error)])

    def note(self, faults: Iterable[LoanFault]) -> None:
        """Turn faults into problems, and block the payees whose pay they leave unknown."""
        for fault in faults:
            payees = sorted(fault.payees)
            payee = payees[0] if len(payees) == 1 else ""
            problem = problem_of(fault.where, fault.error, payee=payee, loan=fault.loan)
            self.problems.append(problem)
            for who in payees:
                self.blocked[who][problem] = None

    def wait(self, group: Group, loan: str, state: DealState, stage: str, waits_for: str, amount: Money | None) -> None:
        """Note a stage that is not payable yet."""
        payee, plan, component = group
        self.waiting.append(
            Waiting(
                payee=payee,
                plan=plan,
                component=component,
                loan=loan,
                state=state,
                stage=stage,
                waits_for=waits_for,
                amount=amount,
            )
        )
