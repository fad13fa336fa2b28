"""Bonuses to settle: awards in columns, awards one by one, or payees with amounts -> one amount a payee."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from attrs import field, frozen

from loanperf._bonus import Award, Awards
from loanperf._commission import line_key
from loanperf._explanations import because
from loanperf._ledger import Entry, EntryKind, Ledger
from loanperf._ledger._movements import Movement
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._tables._columns import Whole
from loanperf._tables._values import values_of
from loanperf.errors import LedgerError

Bonus: TypeAlias = "Awards | Award | Mapping[str, int]"
Given: TypeAlias = "Bonus | Iterable[Bonus] | None"
"""Bonuses: awards in columns, an award, amounts in smallest units by payee, or several of these."""
BONUS = "bonus"
"""The plan and component of lines of bonuses."""


@frozen(eq=False)
class Bonuses:
    """The bonuses of a period, one a payee."""

    period: Period
    payees: tuple[str, ...] = ()
    units: Whole = field(factory=lambda: np.zeros(0, dtype=np.int64))
    currencies: Sequence[str] = ()
    """Of each."""
    awards: Sequence[Callable[[], Award] | None] = ()
    """Of each what makes its award; None where only its amount is known."""

    def award(self, place: int) -> Award | None:
        """The award of a bonus; None where only its amount is known."""
        make = self.awards[place]
        return None if make is None else make()

    def key(self, place: int) -> str:
        """The key of the line of a bonus."""
        return line_key(self.payees[place], BONUS, BONUS, "", "", self.period)

    def earlier(self, ledger: Ledger, place: int) -> tuple[Entry, ...]:
        """What was posted of a bonus by the end of the period."""
        found = ledger.of_line(self.key(place), "earned")
        currency = self.currencies[place]
        return tuple(
            entry for entry in found if entry.amount.currency == currency and entry.period.end <= self.period.end
        )

    def entry(self, ledger: Ledger, place: int, kind: EntryKind, units: int, number: int) -> Entry:
        """The entry that posts a bonus, or the difference to what was posted of it."""
        award, earlier, currency = self.award(place), self.earlier(ledger, place), self.currencies[place]
        whole = Money.from_units(int(self.units[place]), currency)
        move = Movement(
            group="earned",
            line=self.key(place),
            payee=self.payees[place],
            cohort=self.period,
            on=self.period.last_day,
            amount=whole,
            rule="entry.bonus",
            steps=() if award is None else (award.explain(),),
        )
        reason = move.reason()
        if units != whole.units:
            values = {"before": str(whole - Money.from_units(units, currency)), "now": str(whole)}
            reason = because("entry.difference", values, reason)
        return Entry(
            number=number,
            kind=kind,
            payee=self.payees[place],
            line=move.line,
            cohort=str(self.period),
            period=self.period,
            amount=Money.from_units(units, currency),
            on=move.on,
            corrects=tuple(entry.number for entry in earlier),
            reason=reason,
        )


def bonuses_of(given: Given, period: Period, currency: str) -> Bonuses:
    """The bonuses of a period.

    Raises:
        LedgerError: two of one payee, or one of another period.
    """
    several = given if isinstance(given, Iterable) and not isinstance(given, Mapping) else [given]
    parts = [_of(item, period, currency) for item in several if item is not None]
    found = Bonuses(
        period,
        tuple(payee for part in parts for payee in part.payees),
        np.concatenate([np.zeros(0, dtype=np.int64), *(part.units for part in parts)]),
        [code for part in parts for code in part.currencies],
        [make for part in parts for make in part.awards],
    )
    _must_differ(found)
    return found


def _of(given: Bonus, period: Period, currency: str) -> Bonuses:
    match given:
        case Awards():
            return _of_awards(given, period)
        case Award():
            if given.period != str(period):
                where, remedy = f"the award of {given.payee!r}", f"settle it there, or give those of {period}"
                raise LedgerError(where, f"it is of {given.period}", remedy)
            units = np.array([given.amount.units], dtype=np.int64)
            return Bonuses(period, (given.payee,), units, [given.amount.currency], [lambda: given])
        case Mapping():
            size = len(given)
            units = np.array(list(given.values()), dtype=np.int64)
            return Bonuses(period, tuple(given), units, [currency] * size, [None] * size)


def _of_awards(given: Awards, period: Period) -> Bonuses:
    for other in given.columns["period"].words:
        if other != str(period):
            remedy = f"settle it there, or give those of {period}"
            raise LedgerError("the awards", f"one of them is of {other}", remedy)
    rows = np.flatnonzero(given.ok).tolist()
    people, currencies = (tuple(values_of(given.columns[name])) for name in ("payee", "currency"))
    makers = [partial(given.award, row) for row in rows]
    return Bonuses(period, people, given.columns["amount"].values, currencies, makers)


def _must_differ(found: Bonuses) -> None:
    if len(set(found.payees)) < len(found.payees):
        seen: set[str] = set()
        for payee in found.payees:
            if payee in seen:
                where = f"the awards of {payee!r} for {found.period}"
                raise LedgerError(where, "there are two", "give one, with the sum of the parts")
            seen.add(payee)
