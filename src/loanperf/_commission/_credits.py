"""Credits: whose loan it is, and which part of it; exact parts that sum to the whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from attrs import frozen

from loanperf._commission._deals import LEAD, Deal
from loanperf._commission._plan import Component


@frozen
class Share:
    """A payee's part in a loan by one kind of credit."""

    payee: str
    role: str
    part: Fraction
    """Of the credit of that role; the parts of a role sum to 1."""
    stated: bool
    """Whether a `Credit` says so; else the payee is the officer of the loan, which can change."""


def in_turn(deal: Deal, shares: Iterable[Share], component: Component) -> list[Share]:
    """The shares of a loan in the order in which they get what is left over of a split.

    The officer of the loan comes first, then who was credited earlier, then the kind of credit in the order of the
    split. The code of a payee decides between two whom nothing else tells apart.
    """
    known = {(credit.payee, credit.role): credit.on for credit in deal.credits}
    roles = [role for role, _ in component.split]

    def turn(share: Share) -> tuple[bool, date, int, str]:
        on = known.get((share.payee, share.role), deal.loan.opened_on)
        place = roles.index(share.role) if share.role in roles else len(roles)
        return share.payee != deal.loan.officer, on, place, share.payee

    return sorted(shares, key=turn)


def part_of(component: Component, share: Share, shares: Iterable[Share]) -> Fraction:
    """What part of a loan a component credits to a share: its part of the role, times the role's part.

    The part of a role that nobody has goes to the lead, or to nobody, as the component says.
    """
    split = dict(component.split)
    weight = split.get(share.role, Fraction(0))
    if share.role == LEAD and component.unfilled == LEAD and component.credited == "split":
        filled = {item.role for item in shares}
        weight += sum((part for role, part in component.split if role not in filled), Fraction(0))
    return weight * share.part


def holds(component: Component, share: Share, deal: Deal, on: date) -> bool:
    """Whether a share is its payee's on a day; a stated one always is."""
    if share.stated:
        return True
    return share.payee == (deal.loan.officer if component.held_at == "origination" else deal.officer(on))
