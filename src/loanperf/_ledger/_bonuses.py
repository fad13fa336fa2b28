"""Bonuses: awards -> what each payee earned by them in a period, as columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from attrs import evolve, frozen

from loanperf._bonus import Award, Awards
from loanperf._commission import line_key
from loanperf._explanations import Explanation, because
from loanperf._ledger._entries import Entry
from loanperf._ledger._grounds import BONUS_RULE
from loanperf._ledger._keys import Texts
from loanperf._numbers import (
    Places,
    Whole,
    as_places,
    bounded,
    day_number,
    largest,
    ordered,
    replaced,
    shared,
    spread,
    starts_of,
    summed,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._scorecard import Bonus
from loanperf.errors import LedgerError

BONUS = {"plan": "bonus", "component": "bonus", "loan": "", "stage": ""}
"""The parts of the key of a bonus, beside its payee and period."""


@frozen(eq=False, kw_only=True)
class BonusMoves:
    """What payees earned by bonuses in a period, one a payee: the sum of those of its parts."""

    period: Period
    awards: Awards
    payees: Sequence[str]
    currencies: Sequence[str]
    currency: Places
    units: Whole
    each: Whole
    """Of the awards, in that order."""
    plan: Places
    """Of the awards, in that order: the place of its plan."""
    plans: Sequence[Bonus | None]
    order: Places
    """Of the awards, by payee and time."""
    first: Places
    """The place in that order of the first award of each payee."""

    def __len__(self) -> int:
        return len(self.payees)

    def top(self, place: int) -> Explanation:
        """Why a payee earned it, without what that stands on."""
        amount = Money.from_units(int(self.units[place]), self.currencies[int(self.currency[place])])
        values = {
            "amount": str(amount),
            "on": self.period.last_day.isoformat(),
            "cohort": str(self.period),
            "loan": "",
        }
        return because(BONUS_RULE, values)

    def why(self, place: int) -> Explanation:
        """Why a payee earned it."""
        end = int(np.append(self.first, len(self.order))[place + 1])
        rows = self.order[int(self.first[place]) : end].tolist()
        return evolve(self.top(place), because=tuple(self.awards.row(row).explain() for row in rows))


def bonuses_of(given: Awards | Iterable[Award], period: Period) -> BonusMoves:
    """What awards of a period, or of parts of it that share no day, come to by payee.

    Raises:
        LedgerError: an award is of another period or of nobody, or two of a payee share a day.
        CurrencyError: awards of a payee are in two currencies.
        DataError: these are no awards.
    """
    awards = given if isinstance(given, Awards) else Awards.gathered(given)
    who, what, when = (awards.columns[name] for name in ("payee", "currency", "period"))
    words, codes = Texts().joined(tuple(who.words))
    codes, parts = codes[who.values], [Period.parse(text) for text in when.words]
    if (codes == words.code("")).any():
        raise LedgerError(f"an award of {period}", "it names no payee", "appraise with the code of one")
    starts = whole([day_number(part.start) for part in parts])
    order = np.arange(len(codes))[ordered(codes, starts[when.values])] if len(codes) else codes
    first = starts_of(codes[order])
    if len(first) < len(order) or any(part != period for part in parts):
        said = [(when.words[code], parts[code]) for code in when.values.tolist()]
        _must_be_apart(words.of(codes), said, period)
    units, currency = awards.columns["amount"].values[order], as_places(what.values[order])
    (units,) = bounded(largest(units) * max(len(units), 1), units)
    if (currency != spread(currency[first], first, len(order))).any():
        _must_be_alike(awards, codes)
    return BonusMoves(
        period=period,
        awards=awards,
        payees=tuple(words.of(codes[order[first]])),
        currencies=tuple(what.words),
        currency=currency[first],
        units=summed(units, first) if len(units) else units,
        each=units,
        plan=awards.plans[0][order],
        plans=awards.plans[1],
        order=order,
        first=first,
    )


def set_by_hand(bonuses: BonusMoves, overruled: Mapping[str, Entry]) -> tuple[BonusMoves, dict[str, Entry]]:
    """Bonuses with what the host set them to, divided over their awards as they are; and the lines set by hand else."""
    others, units, each = dict(overruled), bonuses.units, bonuses.each
    ends = np.append(bonuses.first[1:], len(bonuses.order))
    for place, payee in enumerate(bonuses.payees if overruled else ()):
        line = line_key(payee, BONUS["plan"], BONUS["component"], "", "", bonuses.period)
        set_to = others[line].set_to if line in others else None
        if set_to is None or set_to.currency != bonuses.currencies[int(bonuses.currency[place])]:
            continue
        del others[line]
        rows = np.arange(int(bonuses.first[place]), int(ends[place]))
        weights = bonuses.each[rows] if (bonuses.each[rows] > 0).any() else rows * 0 + 1
        total, weights = bounded(set_to.units * largest(weights), whole([set_to.units]), weights)
        units = replaced(units, whole([place]), total)
        each = replaced(each, rows, shared(total, weights, whole([0])))
    return evolve(bonuses, units=units, each=each), others


def _must_be_apart(payees: Sequence[str], parts: Sequence[tuple[str, Period]], period: Period) -> None:
    """Refuse awards of other periods, and two of a payee that share a day."""
    known: dict[str, list[Period]] = {}
    for payee, (text, part) in zip(payees, parts, strict=True):
        if not (period.start <= part.start and part.end <= period.end):
            where = f"the award of {payee!r}"
            raise LedgerError(where, f"it is of {text}", f"settle it there, or give those of {period}")
        if any(part.start < other.end and other.start < part.end for other in known.get(payee, ())):
            where = f"the awards of {payee!r} for {period}"
            raise LedgerError(where, "there are two", "give one, with the sum of the parts")
        known.setdefault(payee, []).append(part)


def _must_be_alike(awards: Awards, codes: Places) -> None:
    """Refuse to add up awards of a payee in two currencies."""
    sums: dict[int, Money] = {}
    for code, award in zip(codes.tolist(), awards, strict=True):
        sums[code] = sums[code] + award.amount if code in sums else award.amount
