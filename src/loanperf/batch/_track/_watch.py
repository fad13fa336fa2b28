"""Watch: what a tracker looks at: a period, its indicators, cards, targets and people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from attrs import field, frozen

from loanperf._facts import NO_FACTS
from loanperf._indicators import Indicator, measure_part
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Quantity
from loanperf._scorecard import Card
from loanperf._targets import Target
from loanperf.errors import DataError

EVERYBODY = ""
"""The code under which a card for all payees is kept; no payee has it."""


def _as_cards(given: Card | Mapping[str, Card]) -> dict[str, Card]:
    return {EVERYBODY: given} if isinstance(given, Card) else dict(given)


def _as_indicators(given: Iterable[Indicator]) -> tuple[Indicator, ...]:
    return tuple(given)


def _as_targets(given: Iterable[Target]) -> tuple[Target, ...]:
    return tuple(sorted(given, key=lambda target: (target.payee, target.indicator)))


@frozen(kw_only=True)
class Watch:
    """What a tracker looks at.

    Raises:
        DataError: a card of another period or currency, or two targets of one payee in one indicator.
        MeasureError: a measure over fields or values that do not exist, or two indicators of one code.
        UnitError: a currency that does not exist.

    >>> from loanperf._indicators import disbursed_amount
    >>> watch = Watch(period=Period.month(2026, 3), currency="CNY", indicators=[disbursed_amount()])
    >>> [indicator.code for indicator in watch.measured]
    ['disbursed_amount']
    """

    period: Period
    currency: str
    """ISO 4217 code; amounts in another one are problems."""
    cards: Mapping[str, Card] = field(factory=dict, converter=_as_cards)
    """The card of each payee by code, or one card for all. What they look at and can be measured, is."""
    indicators: tuple[Indicator, ...] = field(default=(), converter=_as_indicators)
    """What is measured besides."""
    organisation: Organisation | None = None
    """Who is assigned when: with it the payees are those assigned on some day of the period; without it, all for whom
    a row of any view counts."""
    targets: tuple[Target, ...] = field(default=(), converter=_as_targets)
    """Of single payees for the whole period; the card's hold for all others."""
    measured: tuple[Indicator, ...] = field(init=False, eq=False, repr=False)
    """What is worked out of the facts, each code once; those of `indicators`, then those of the cards."""

    @measured.default
    def _all_that_can_be_measured(self) -> tuple[Indicator, ...]:
        of_cards = (item for card in self.cards.values() for item in looked_at(card))
        every = dict.fromkeys((*self.indicators, *of_cards))
        return tuple(indicator for indicator in every if indicator.measure is not None)

    def __attrs_post_init__(self) -> None:
        for payee, card in self.cards.items():
            where = f"the card of {payee!r}" if payee else "the card"
            if card.period != self.period:
                fault = f"it is of {card.period}, and the tracker of {self.period}"
                raise DataError(where, fault, "resolve the card for the period of the tracker")
            if card.currency != self.currency:
                fault = f"it is in {card.currency}, and the tracker in {self.currency}"
                raise DataError(where, fault, "track each currency alone")
        seen: dict[tuple[str, str], Quantity] = {}
        for target in self.targets:
            if seen.setdefault((target.payee, target.indicator), target.value) != target.value:
                where = f"the target of {target.payee!r} in {target.indicator!r}"
                raise DataError(where, "it is given twice, with two values", "give the true one alone")
        # It checks measures and currency as measuring does.
        measure_part(NO_FACTS, self.period, self.measured, currency=self.currency, organisation=None)

    def card(self, payee: str) -> Card:
        """The card of a payee.

        Raises:
            DataError: there is none.
        """
        card = self.cards.get(payee) or self.cards.get(EVERYBODY)
        if card is None:
            known = ", ".join(sorted(self.cards)[:12]) or "none at all"
            raise DataError(
                f"the card of {payee!r}", f"there is none; there are cards of {known}", "watch a card for it"
            )
        return card

    def goals(self, payee: str) -> dict[str, Quantity]:
        """The targets of a payee that are its own, by code of indicator."""
        return {target.indicator: target.value for target in self.targets if target.payee == payee}

    def staff(self) -> frozenset[str] | None:
        """The payees of the period; None without an organisation."""
        held = self.organisation
        if held is None:
            return None
        return frozenset(code for code in held.codes if held.assignments_in(code, self.period))

    def fingerprint(self) -> str:
        """Twelve hex digits that change where the same facts may give other readings."""
        staff = self.staff()
        text = repr((str(self.period), self.currency, self.measured, None if staff is None else sorted(staff)))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def looked_at(card: Card) -> Iterable[Indicator]:
    """What a card looks at, for points or otherwise."""
    return (*(line.indicator for line in card.lines), *card.others)
