"""Loan cells: what is known of loans -> the fields of the view `loans`, as `FIELDS` names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from loanperf._facts import Category
from loanperf._indicators._fields import STANDINGS
from loanperf._indicators._loans import BEYOND_EVERY_BOUND_DAYS
from loanperf._tables._columns import Table, Truth, Whole
from loanperf._tables._joins import as_text
from loanperf._tables._sums import Places
from loanperf.batch._measure._cells import Cells
from loanperf.batch._measure._known import Known
from loanperf.batch._measure._standing import NOT_DUE

TEXTS = ("product", "segment", "collateral", "customer_type")
"""Fields that a loan states of itself."""
_CATEGORIES = tuple(category.value for category in Category)
_NON_PERFORMING = tuple(place for place, category in enumerate(Category) if category.non_performing)


def text_cells(table: Table, name: str, chosen: slice | Places, size: int) -> Cells:
    """A column of text; the empty text where nothing is said."""
    if name not in table:
        return Cells(np.zeros(size, dtype=np.int8), words=("",))
    column = table[name]
    if column.kind == "text":
        return Cells(column.values[chosen], words=column.words)
    read = as_text(column.rows(chosen))
    return Cells(read.values, words=read.words)


def loan_cells(known: Known, name: str, money: int) -> Cells:
    """A field of loans.

    Args:
        known: of the loans.
        name: of the field, but for texts.
        money: smallest units in one whole.
    """
    if name in _MONEY:
        return Cells(_MONEY[name](known), unit=money)
    if name in _WHOLE:
        return Cells(_WHOLE[name](known))
    if name in _TRUTH:
        return Cells(_TRUTH[name](known))
    return _OTHER[name](known, money)


def _same(name: str) -> Callable[[Known], NDArray[np.int64]]:
    return lambda known: known[name]


def _non_performing(known: Known) -> Truth:
    category = known["category"]
    found: Truth = category == _NON_PERFORMING[0]
    for place in _NON_PERFORMING[1:]:
        found |= category == place
    return found


def _exposure(known: Known) -> Whole:
    found: Whole = known["balance"] + known["written_off"]
    return found


def _non_performing_exposure(known: Known) -> Whole:
    found: Whole = known["written_off"] + known["balance"] * _non_performing(known)
    return found


def _impaired_exposure(known: Known) -> Whole:
    found: Whole = known["written_off"] + known["balance"] * (_non_performing(known) | known["rescheduled"])
    return found


_MONEY: Mapping[str, Callable[[Known], Whole]] = {
    "balance": _same("balance"),
    "written_off": _same("written_off"),
    "exposure": _exposure,
    "non_performing_exposure": _non_performing_exposure,
    "impaired_exposure": _impaired_exposure,
    "signed": _same("signed"),
    "disbursed": _same("disbursed"),
}


def _arrears_days(known: Known) -> Whole:
    return np.where(known["rescheduled"], BEYOND_EVERY_BOUND_DAYS, known["days"])


def _age_days(known: Known) -> Whole:
    return known.tape.days.last - known.tape.whole("opened_on")[0]


_WHOLE: Mapping[str, Callable[[Known], Whole]] = {
    "days_past_due": _same("days"),
    "arrears_days": _arrears_days,
    "age_days": _age_days,
    "first_payment_days_late": _same("days_late"),
}


def _is_overdue(known: Known) -> Truth:
    found: Truth = known["overdue"] > 0
    found &= ~known["current_again"]
    found |= known["days"] > 0
    found &= known["balance"] > 0
    return found


def _opened_in_period(known: Known) -> Truth:
    found = known.tape.between("opened_on", known.tape.days.start, known.tape.days.last)
    return ~known.tape.no() if found is None else found


def _rescheduled(known: Known) -> Truth:
    found: Truth = known["rescheduled"]
    return found


_TRUTH: Mapping[str, Callable[[Known], Truth]] = {
    "is_overdue": _is_overdue,
    "rescheduled": _rescheduled,
    "opened_in_period": _opened_in_period,
}


def _average_balance(known: Known, money: int) -> Cells:
    unknown: Truth = known["average_unknown"]
    unit_days, unit = known["unit_days"], money * known.tape.days.count
    if not unknown.any():
        return Cells(unit_days, unit=unit)
    return Cells(np.where(unknown, 0, unit_days), unknown, unit=unit)


def _overdue(known: Known, money: int) -> Cells:
    """The past-due part; 0 where nothing is outstanding or it is said to be current, unknown where nothing is said."""
    stated, balance = known["overdue"], known["balance"]
    unsaid: Truth = (stated < 0) & (balance != 0) & ~known["current_again"]
    stands = (balance != 0) & ~known["current_again"] & (stated >= 0)
    return Cells(np.minimum(stated, balance) * stands, unsaid if unsaid.any() else None, unit=money)


def _category(known: Known, _: int) -> Cells:
    return Cells(known["category"], words=_CATEGORIES)


def _standing(known: Known, _: int) -> Cells:
    performing = np.where(_non_performing(known), np.int8(2), known["rescheduled"].astype(np.int8))
    return Cells(performing, words=STANDINGS)


def _first_due_in_period(known: Known, _: int) -> Cells:
    """Unknown where the day is not stated and something is drawn or outstanding."""
    days, due = known.tape.days, known.tape.due()
    unknown: Truth = (due == NOT_DUE) & ((known["disbursed"] != 0) | (known["balance"] != 0))
    within: Truth = (due >= days.start) & (due <= days.last)
    return Cells(within, unknown if unknown.any() else None)


_OTHER: Mapping[str, Callable[[Known, int], Cells]] = {
    "average_balance": _average_balance,
    "overdue": _overdue,
    "category": _category,
    "standing": _standing,
    "first_due_in_period": _first_due_in_period,
}
