"""Found: what accrue has come to so far, with the faults that it met on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TypeAlias

from attrs import evolve, field, frozen

from loanperf._commission._accrual import Accrual, DatedPlan, NoPlan, Waiting
from loanperf._commission._credits import Share
from loanperf._commission._deals import Deal, DealState
from loanperf._commission._limits import Draft
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.errors import LoanPerfError, Problem, problem_of

Group: TypeAlias = tuple[str, str, str]
"""Payee, plan and component: what accumulates together."""


@frozen(kw_only=True, eq=False)
class CreditedPart:
    """A payee's part of a deal, and the plan that pays for it."""

    deal: Deal
    share: Share
    shares: tuple[Share, ...]
    """Of everybody."""
    dated: DatedPlan


@frozen(eq=False)
class Found:
    """Gathered while accrue works; it does not leave it."""

    drafts: dict[tuple[int, str], list[Draft]] = field(factory=lambda: defaultdict(list))
    """By place of the period and payee."""
    lines: dict[str, Accrual] = field(factory=dict)
    waiting: list[Waiting] = field(factory=list)
    states: dict[tuple[str, str, str, str], DealState] = field(factory=dict)
    lifted: set[tuple[str, str]] = field(factory=set)
    """Payees and loans that earned nothing at their own tier, and are paid since later loans reached a higher one."""
    unplanned: dict[tuple[str, str], NoPlan] = field(factory=dict)
    """By payee and loan: why it is under no plan."""
    drawing: dict[tuple[str, Period], tuple[DatedPlan, int]] = field(factory=dict)
    problems: list[Problem] = field(factory=list)
    blocked: dict[str, dict[Problem, None]] = field(factory=lambda: defaultdict(dict))
    """By payee whose pay is not known: why, each reason once."""

    @contextmanager
    def noting(self, where: str, payees: Iterable[str], loan: str = "") -> Iterator[None]:
        """Turns what is raised within it into a problem, and blocks the payees whose pay it leaves unknown."""
        try:
            yield
        except LoanPerfError as error:
            concerned = sorted(set(payees))
            problem = problem_of(where, error, payee=concerned[0] if len(concerned) == 1 else "", loan=loan)
            self.problems.append(problem)
            for payee in concerned:
                self.blocked[payee][problem] = None

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

    def add(self, payee: str, period: Period, draft: Draft, amount: Money) -> None:
        """Add a line; what one stage earned in one period is one line."""
        line = Accrual(
            payee=payee,
            plan=draft.dated,
            component=draft.component,
            loan=draft.loan,
            stage=draft.stage,
            on=draft.on,
            earned_on=draft.earned_on or draft.on,
            period=period,
            amount=amount,
            gross=draft.gross,
            steps=draft.steps,
        )
        before = self.lines.get(line.key)
        if before is not None:
            line = evolve(
                line,
                on=max(before.on, line.on),
                earned_on=min(before.earned_on, line.earned_on),
                amount=before.amount + amount,
                gross=before.gross + draft.gross,
                parts=_joined((*before.parts, *line.parts)),
                steps=(*before.steps, *draft.steps),
            )
        self.lines[line.key] = line


def _joined(parts: Iterable[tuple[date, Money]]) -> tuple[tuple[date, Money], ...]:
    """What was earned by day, in order; what is earned on one day is one part."""
    found: dict[date, Money] = {}
    for on, amount in parts:
        found[on] = found[on] + amount if on in found else amount
    return tuple(sorted(found.items()))
