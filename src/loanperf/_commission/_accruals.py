"""Accruals: everything that was earned from the first fact to the end of a period; columns inside, rows outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen
from attrs.validators import optional

from loanperf._commission._accrual import Accrual, DatedPlan, Unpaid, Waiting
from loanperf._commission._lines import Lines
from loanperf._commission._standings import Standing
from loanperf._commission._states import DealState
from loanperf._explanations import Explanation, Label, because, carried, printed, told
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._tables._columns import CameAs
from loanperf._tables._frames import like
from loanperf._validators import each_of, is_a
from loanperf.errors import Problem, UnknownPayeeError


def _given(lines: Iterable[Accrual] | Lines) -> tuple[Accrual, ...] | Lines:
    """Columns as they are; rows, each of them a line."""
    if isinstance(lines, Lines):
        return lines
    return each_of(lines, Accrual, "the lines of accruals", "pass a tuple of lp.Accrual")


@frozen(kw_only=True)
class Accruals:
    """Everything earned from the first fact to the end of a period, computed from scratch."""

    through: Period = field(validator=is_a(Period))
    """The last period; its length is the pay period."""
    _lines: tuple[Accrual, ...] | Lines = field(alias="lines", repr=False, eq=tuple, converter=_given)
    first: Period | None = field(default=None, validator=optional(is_a(Period)))
    """The first period that was worked; None where nothing was.

    What the ledger has of earlier ones and of no loan stays as it is, such as fixed pay before the first loan.
    """
    waiting: tuple[Waiting, ...] = ()
    _unpaid: tuple[Unpaid, ...] | Callable[[], tuple[Unpaid, ...]] = field(
        default=(), alias="unpaid", repr=False, eq=told
    )
    states: Mapping[tuple[str, str, str, str], DealState] = field(factory=dict, repr=False)
    """The state of each deal's commission, by payee, plan, component and loan."""
    standings: Mapping[str, Standing] = field(factory=dict, repr=False, validator=is_a(Mapping))
    """How each loan performed, by its code."""
    drawing: Mapping[tuple[str, Period], tuple[DatedPlan, int]] = field(
        factory=dict, repr=False, validator=is_a(Mapping)
    )
    """By payee and period: the plan that grants draws, and which period in the role it is, 1 the first."""
    problems: tuple[Problem, ...] = ()
    """Loans and payees that could not be worked."""
    blocked: frozenset[str] = field(default=frozenset(), validator=is_a(frozenset, set))
    """Payees whose lines are not whole, since something could not be worked; the ledger leaves them as they are."""
    why: Mapping[str, tuple[Problem, ...]] = field(factory=dict, repr=False, validator=is_a(Mapping))
    """By payee who is blocked: the problems because of which."""
    missing: Mapping[tuple[str, Period], Problem] = field(factory=dict, repr=False, validator=is_a(Mapping))
    """By payee and period before the last: the reading or target that is missing. What the lines of that period come to
    is not known; the ledger keeps what it has of them, and later periods are worked."""
    unknown: frozenset[str] = field(default=frozenset(), validator=is_a(frozenset, set))
    """Loans of which there are events or credits, but no Loan; who was paid for one is left as they are."""
    currency: str = ""
    """Of the plans, where they have one and the same; empty where they do not."""
    came_as: CameAs = field(default="arrays", eq=False, repr=False)
    """The kind of data frame that the facts came as."""
    memo: dict[str, Any] = field(factory=dict, init=False, eq=False, repr=False)
    """What the ledger has worked out of these accruals, so that it settles month after month without doing so anew."""

    @cached_property
    def lines(self) -> tuple[Accrual, ...]:
        """In order of payee, period, date and key."""
        return tuple(self._lines)

    @cached_property
    def unpaid(self) -> tuple[Unpaid, ...]:
        """Each loan that comes to nothing for a payee, once, with the reason; in order of payee and loan.

        Who held a loan by the last day, or has a credit in it, is paid for it, waits, has a problem with it, or is
        here. They are looked for when somebody asks.
        """
        return told(self._unpaid)

    @cached_property
    def columns(self) -> Lines:
        """The lines as columns."""
        return self._lines if isinstance(self._lines, Lines) else Lines.of(self._lines)

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return carried(self, lines=self.columns, unpaid=self.unpaid)

    def __iter__(self) -> Iterator[Accrual]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self._lines)

    _repr_pretty_ = printed

    def __repr__(self) -> str:
        return f"Accruals({len(self)})"

    def of(self, payee: str) -> tuple[Accrual, ...]:
        """The lines of a payee, in order of period, date and key; none for somebody who earned nothing."""
        return self.columns.of_payee(payee)

    def explain(self, payee: str) -> Explanation:
        """What a payee earned, line by line, and why; worked out for that payee when it is asked for.

        Raises:
            UnknownPayeeError: nobody of that code is assigned, holds a loan or is credited; it names who is.
        """
        lines, sums = self.of(payee), dict[str, Money]()
        known = {*self.columns.payees, *self.blocked, *(part.payee for part in self.waiting)} if not lines else ()
        if not lines and payee not in known:
            raise UnknownPayeeError(payee, sorted(map(str, known)))
        for line in lines:
            currency = line.amount.currency
            sums[currency] = sums[currency] + line.amount if currency in sums else line.amount
        amount: str | Label = ", ".join(map(str, sums.values())) or Label("nothing", "无")
        values: dict[str, str | Label] = {"payee": payee, "through": str(self.through), "amount": amount}
        return because("accruals", values, *(line.explain() for line in lines))

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The lines as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row a line, in their order: `payee`, `plan`, `component`, `loan`, `stage`, `period`, `on`, `earned_on`,
            `amount` in whole currency (yuan, not fen), of the nearest float64, and `currency`. `loan` and `stage` are
            missing where the line is no loan's.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        return like(came_as or self.came_as, self.columns.shown())
