"""Lookups: (organisation, dated plans, pay periods, readings, targets, rates) -> what pay asks of a payee in a period.

Questions are columns: a payee and a period a row. What cannot be answered is a fault of that row, and its text is made
where somebody reads it.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from loanperf._numbers import Places, Truth, Whole
from loanperf.errors import LoanPerfError


@frozen(eq=False, kw_only=True)
class Answers:
    """What questions come to, a number a row, and which of them have none."""

    top: Whole
    """Numerators; 0 where there is a fault."""
    below: Whole
    """Denominators, above zero."""
    faulty: Truth
    """Which rows have no answer."""
    error: Callable[[int], LoanPerfError]
    """What is wrong with a faulty row."""


@frozen(eq=False, kw_only=True)
class Seats:
    """A payee in a pay period in which they are assigned, a row each, in order of payee and period."""

    payee: Places
    period: Places
    plan: Places
    """Place of the plan that fits them on the last of their days in the period; -1 where none does, -2 is a fault."""
    unit: Places
    """Place of their unit on that day."""
    on: Whole
    """That day."""
    nth: Whole
    """Which period in their role it is: 1 is the one in which the role started, without a break."""
    error: Callable[[int], LoanPerfError]
    """What is wrong with a seat whose plan is -2."""
