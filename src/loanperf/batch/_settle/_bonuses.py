"""Bonuses to settle: an awarded book, awards, or payees with amounts -> one amount a payee."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import field, frozen

from loanperf._bonus import Award
from loanperf._commission import line_key
from loanperf._explanations import because
from loanperf._ledger import Entry, EntryKind, Ledger
from loanperf._ledger._movements import Movement
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.batch._score._award import AwardedBook
from loanperf.batch._tables._codes import named
from loanperf.batch._tables._columns import Whole
from loanperf.errors import LedgerError

Given: TypeAlias = "AwardedBook | Mapping[str, int] | Iterable[Award] | None"
"""Bonuses: of an awarded book, amounts in smallest units by payee, or awards."""
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
    awards: Sequence[Award] = ()
    """Of each, where they were given so."""
    awarded: AwardedBook | None = None
    """Where they come from."""
    rows: Sequence[int] = ()
    """Of each in the awarded book."""

    def award(self, place: int) -> Award | None:
        """The award of a bonus; None where only its amount is known."""
        if self.awarded is not None:
            return self.awarded.award(self.rows[place])
        return self.awards[place] if self.awards else None

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
        whole = Money(int(self.units[place]), currency)
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
            values = {"before": str(whole - Money(units, currency)), "now": str(whole)}
            reason = because("entry.difference", values, reason)
        return Entry(
            number=number,
            kind=kind,
            payee=self.payees[place],
            line=move.line,
            cohort=str(self.period),
            period=self.period,
            amount=Money(units, currency),
            on=move.on,
            corrects=tuple(entry.number for entry in earlier),
            reason=reason,
        )


def bonuses_of(given: Given, period: Period, currency: str) -> Bonuses:
    """The bonuses of a period.

    Raises:
        LedgerError: two of one payee, or one of another period.
    """
    match given:
        case None:
            found = Bonuses(period)
        case AwardedBook():
            found = _of_book(given, period)
        case Mapping():
            units = np.array(list(given.values()), dtype=np.int64)
            found = Bonuses(period, tuple(given), units, [currency] * len(given))
        case _:
            found = _of_awards(tuple(given), period)
    _must_differ(found)
    return found


def _of_book(given: AwardedBook, period: Period) -> Bonuses:
    appraised = given.appraised
    for card in appraised.cards.values():
        if card.period != period:
            remedy = f"settle it there, or give those of {period}"
            raise LedgerError("the awarded book", f"a card of it is of {card.period}", remedy)
    rows = np.flatnonzero(given.ok)
    names = named(appraised.rows["payee"].rows(rows))
    people = tuple(names.names[place] for place in names.places.tolist())
    cards = appraised.cards
    if "card" in appraised.rows:
        words = named(appraised.rows["card"].rows(rows))
        currencies = [cards[words.names[place]].currency for place in words.places.tolist()]
    else:
        currencies = [next(iter(cards.values())).currency] * len(people)
    return Bonuses(period, people, given.amount[rows], currencies, awarded=given, rows=rows.tolist())


def _of_awards(given: tuple[Award, ...], period: Period) -> Bonuses:
    for award in given:
        if award.period != str(period):
            where = f"the award of {award.payee!r}"
            raise LedgerError(where, f"it is of {award.period}", f"settle it there, or give those of {period}")
    units = np.array([award.amount.units for award in given], dtype=np.int64)
    return Bonuses(
        period, tuple(award.payee for award in given), units, [award.amount.currency for award in given], awards=given
    )


def _must_differ(found: Bonuses) -> None:
    if len(set(found.payees)) < len(found.payees):
        seen: set[str] = set()
        for payee in found.payees:
            if payee in seen:
                where = f"the awards of {payee!r} for {found.period}"
                raise LedgerError(where, "there are two", "give one, with the sum of the parts")
            seen.add(payee)
