"""Movements: one dated thing that is due to a line, computed from scratch; entries post the difference to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from attrs import field, frozen

from loanperf._commission import Accrual, DatedPlan
from loanperf._explanations import Explanation, Label, because
from loanperf._ledger._kinds import Group
from loanperf._periods import Period
from loanperf._quantities import Money, percent

Shown: TypeAlias = str | int | date | Money | Fraction | Period | Label

EVENT_NAMES: Mapping[str, Label] = MappingProxyType(
    {
        "written off": Label("was written off", "已核销"),
        "non-performing": Label("became non-performing", "转为不良"),
        "past due": Label("was past due too long", "逾期超限"),
        "prepaid": Label("was prepaid", "提前还款"),
        "cancelled": Label("was cancelled", "已撤销"),
        "expired": Label("expired", "超期未进入下一阶段"),
    }
)
"""The words for what strikes a loan."""


@frozen(kw_only=True)
class Movement:
    """One dated thing that is due to a line of a payee, from the facts alone."""

    group: Group
    line: str
    payee: str
    cohort: Period
    """The period in which the line was earned."""
    loan: str = ""
    on: date
    """The day from which it counts."""
    amount: Money
    """Signed as entries of the group are."""
    plan: DatedPlan | None = field(default=None, repr=False)
    """The plan that made it; None for a bonus, and for a line that only a hand made."""
    rule: str = field(default="entry.earned", repr=False)
    values: tuple[tuple[str, Shown], ...] = field(default=(), repr=False)
    """What the reason says, besides amount and day."""
    steps: tuple[Explanation, ...] = field(default=(), repr=False)
    accrual: Accrual | None = field(default=None, repr=False)
    against: tuple[str, ...] = field(default=(), repr=False)
    """Keys of the lines that it is taken of."""

    def reason(self) -> Explanation:
        """Why it is due."""
        values = {"amount": str(self.amount), "on": self.on.isoformat(), "cohort": str(self.cohort), "loan": self.loan}
        values_shown = {**values, **{name: _text(value) for name, value in self.values}}
        earned = (self.accrual.explain(),) if self.accrual is not None else ()
        return because(self.rule, values_shown, *earned, *self.steps)


def _text(value: Shown) -> str | Label:
    if isinstance(value, str | Label):
        return value
    if isinstance(value, Fraction):
        return percent(value)
    return value.isoformat() if isinstance(value, date) else str(value)
