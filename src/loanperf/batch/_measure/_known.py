"""Known: what a tape says of loans, and over it what is worked out for those that have rows of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from loanperf._facts import EventKind
from loanperf._tables._columns import Truth, Whole
from loanperf._tables._sums import Places
from loanperf.batch._measure._people import Named
from loanperf.batch._measure._tape import Tape
from loanperf.batch._measure._touched import Touched


@frozen(eq=False)
class Laid:
    """Loans of a chunk that are touched."""

    known: Touched
    """All that are."""
    at: Places
    """Their places in the chunk."""
    among: slice
    """Their places among all."""


@frozen(eq=False)
class Known:
    """What is known of the loans of a chunk on the last day, under the names of `Standing`."""

    tape: Tape
    officers: Named
    laid: Laid | None
    """None where no loan is touched."""
    _made: dict[str, NDArray[Any]] = field(factory=dict, init=False)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Numbers, truths or codes, one a loan."""
        if name not in self._made:
            self._made[name] = self._over(name, _OF_TAPE[name](self.tape))
        return self._made[name]

    def _over(self, name: str, own: NDArray[Any]) -> NDArray[Any]:
        if self.laid is None:
            return own
        over = own.copy()
        over[self.laid.at] = getattr(self.laid.known.standing, name)[self.laid.among]
        return over

    def officer(self) -> Places:
        """The code of who originated each loan."""
        if "officer" not in self._made:
            self._made["officer"] = self.officers.codes(self.tape.chosen)
        return self._made["officer"]

    def holder(self) -> Places:
        """The code of who holds each loan on the last day."""
        if self.laid is None:
            return self.officer()
        if "holder" not in self._made:
            self._made["holder"] = self._over("holder", self.officer())
        return self._made["holder"]

    def doubt(self, *, careful: bool) -> Truth | None:
        """Loans that the rows path must work; None where there is none.

        Args:
            careful: whether balances are added up over days or moved, so that large ones may not fit in 64 bits.
        """
        found = self.tape.too_large() if careful else None
        if self.laid is not None:
            found = self.tape.no() if found is None else found.copy()
            found[self.laid.at] = self.laid.known.doubt[self.laid.among]
        return found if found is not None and found.any() else None


def _unit_days(tape: Tape) -> Whole:
    return tape.unit_days()[0]


def _unknown(tape: Tape) -> Truth:
    return tape.unit_days()[1]


def _category(tape: Tape) -> NDArray[np.int8]:
    return tape.categories() if tape.stands else np.zeros(tape.size, dtype=np.int8)


def _rescheduled(tape: Tape) -> Truth:
    return tape.stated(EventKind.RESCHEDULED) if tape.stands else tape.no()


def _cancelled(tape: Tape) -> Truth:
    found = tape.until("cancelled_on")
    return ~tape.no() if found is None else found


def _cancelled_now(tape: Tape) -> Truth:
    found = tape.happened(EventKind.CANCELLED)
    return ~tape.no() if found is None else found


def _days(tape: Tape) -> Whole:
    said = tape.said("days_past_due")
    return tape.none() if said is None else said


def _signed(tape: Tape) -> Whole:
    return tape.amount("signed")


def _disbursed(tape: Tape) -> Whole:
    return tape.amount("disbursed")


_OF_TAPE: Mapping[str, Callable[[Tape], NDArray[Any]]] = {
    "balance": Tape.balance,
    "unit_days": _unit_days,
    "average_unknown": _unknown,
    "overdue": Tape.overdue,
    "days": _days,
    "current_again": Tape.no,
    "days_late": Tape.days_late,
    "category": _category,
    "rescheduled": _rescheduled,
    "written_off": Tape.none,
    "signed": _signed,
    "disbursed": _disbursed,
    "cancelled": _cancelled,
    "cancelled_now": _cancelled_now,
}
"""What a tape says, under the names of `Standing`."""
