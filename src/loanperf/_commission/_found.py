"""Found: what accrue has come to so far, with the faults that it met on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from attrs import field, frozen

from loanperf._commission._accrual import DatedPlan, Waiting
from loanperf._commission._door import LoanFault
from loanperf._commission._states import DealPairs, DealState, DealStates
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.errors import LoanPerfError, Problem, problem_of

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
