"""Found: what accrue has come to so far, with the faults that it met on its way.

The first of them are what is wrong with facts and tracks before anything is earned, and whose pay it leaves unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain
from operator import attrgetter

import numpy as np
from attrs import field, frozen

from loanperf._commission._accrual import DatedPlan, Waiting
from loanperf._commission._deals import Deals
from loanperf._commission._plan import Plan
from loanperf._commission._states import ClaimedDeals, DealStates
from loanperf._commission._tracks import NOBODY, Tracks, unsound
from loanperf._facts import EVENT_PLACES, Balance, Credit, EventKind, Facts, Loan, LoanEvent, text_of
from loanperf._numbers import marked, ordered, starts_of
from loanperf._periods import Period
from loanperf.errors import DataError, LoanPerfError, Problem, problem_of, shown

_MOVED = (
    EventKind.DISBURSED,
    EventKind.REPAID,
    EventKind.PREPAID,
    EventKind.WRITTEN_OFF,
    EventKind.RECOVERED,
)
"""Events whose amounts are summed."""


def strangers(facts: Facts, deals: Deals) -> dict[Credit | LoanEvent, Problem]:
    """Each event and credit of a loan that the facts do not have, and its problem."""
    found: dict[Credit | LoanEvent, Problem] = {}
    events = chain.from_iterable(_of_no_loan(facts, deals, place) for place in EVENT_PLACES.values())
    for fact in (
        *sorted(events, key=attrgetter("key")),
        *sorted(_of_no_loan(facts, deals, "credits"), key=attrgetter("key")),
    ):
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


def note_deals(found: Found, deals: Deals, plans: Iterable[Plan]) -> None:
    """Note loans whose amounts cannot be summed, or with a credit that no plan pays for; in order of their codes.

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
        found.note(f"loan {loan}", error, concerned(deals, deal), loan)


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


def note_tracks(found: Found, tracks: Tracks) -> None:
    """Note loans whose credits cannot be shared, and tracks of which no plan can be told; in order of the loans."""
    deals = tracks.deals
    rows = np.flatnonzero(tracks.plan <= NOBODY)
    wrong = [(deals.codes[deal], -1, deal) for deal in tracks.shares.faulty.tolist()]
    wrong += [
        (deals.codes[deal], row, deal) for row, deal in zip(rows.tolist(), tracks.deal[rows].tolist(), strict=True)
    ]
    for loan, row, deal in sorted(wrong):
        if row < 0:
            found.note(f"loan {loan}", unsound(deals, deal), concerned(deals, deal), loan)
        else:
            found.note_of_loan((deals.payees[int(tracks.payee[row])], loan), tracks.error(row))


@frozen(eq=False)
class Found:
    """Gathered while accrue works; it does not leave it."""

    waiting: list[Waiting] = field(factory=list)
    states: DealStates = field(factory=DealStates)
    lifted: list[ClaimedDeals] = field(factory=list)
    """Payees and loans that earned nothing at their own tier, and are paid since later loans reached a higher one."""
    drawing: dict[tuple[str, Period], tuple[DatedPlan, int]] = field(factory=dict)
    problems: list[Problem] = field(factory=list)
    blocked: dict[str, dict[Problem, None]] = field(factory=lambda: defaultdict(dict))
    """By payee whose pay is not known: why, each reason once."""

    @property
    def why(self) -> dict[str, tuple[Problem, ...]]:
        """By payee who is blocked: the problems because of which."""
        return {payee: tuple(reasons) for payee, reasons in self.blocked.items()}

    def note(self, where: str, error: LoanPerfError, payees: Iterable[str], loan: str = "") -> None:
        """Note an error as a problem, and block the payees whose pay it leaves unknown."""
        known = sorted({*payees})
        problem = problem_of(where, error, payee=known[0] if len(known) == 1 else "", loan=loan)
        self.problems.append(problem)
        for payee in known:
            self.blocked[payee][problem] = None

    def note_of_loan(self, of: tuple[str, str], error: LoanPerfError, when: str = "") -> None:
        """Note what is wrong with a loan of a payee, both by their codes."""
        payee, loan = of
        self.note(f"loan {loan} of {payee}{when}", error, [payee], loan)
