"""Drafts: what deals and balances earn, a row a line, before the rules of the period in which it falls due."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import define, evolve, frozen

from loanperf._commission._rates import StepsElsewhere
from loanperf._explanations import Explanation
from loanperf._numbers import Places, Truth, Whole, distinct, matched, nowhere


@frozen(eq=False, kw_only=True)
class Drafts:
    """Lines before accelerators, gates, caps and rounding; a word is a code.

    Those of one payee, day, component, loan and stage stand in the order in which they are rounded.
    """

    payee: Places
    plan: Places
    """The place of the dated plan under which it was earned."""
    component: Places
    """Place in `Lookups.components`."""
    loan: Places
    """The deal; -1 where it is no loan's."""
    role: Places
    """Place in `Deals.roles` of the credit that a part of a deal is paid for; -1 where it is of no deal."""
    stage: Places
    """Place in `WORDS`; -1 where it is of no stage."""
    on: Whole
    """The day on which it is due; it says the period."""
    earned: Whole
    """The day on which its stage was reached."""
    top: Whole
    """What it comes to in whole currency of its plan, over `below`."""
    below: Whole
    ends: Truth
    """Whether it reverses all that its deal came to; accelerators, gates and caps pass it by."""
    in_parts: Truth
    """Whether it is one of the parts of a deal, which are rounded so that they sum."""
    fell_back: Truth
    """Whether it is what other loans lose as tiers fall back."""
    window_draft: Places
    """In order of drafts: a draft with each window in which it accumulated; of one that fell back, each window in which
    other loans had gained what they lose. Nothing where none fell back."""
    window: Places
    """Its code; drafts of one payee, plan (by its code) and component that have the same accumulated together."""
    steps: Callable[[int], tuple[Explanation, ...]]
    """By row, what was done to come to it; worked out when somebody asks."""

    def __len__(self) -> int:
        return len(self.payee)

    def of_payees(self, chosen: Truth) -> Drafts:
        """Those of some payees, by their codes."""
        rows = np.flatnonzero(chosen[self.payee])
        at, pairs = matched(self.window_draft, rows)
        columns = {name: getattr(self, name)[rows] for name in _OF_DRAFTS}
        steps = StepsElsewhere(self.steps, rows)
        return evolve(self, **columns, window_draft=at, window=self.window[pairs], steps=steps)

    @classmethod
    def nothing(cls) -> Drafts:
        """No line."""
        none = np.arange(0)
        columns: dict[str, Any] = dict.fromkeys(_OF_DRAFTS, none)
        columns |= dict.fromkeys(("ends", "in_parts", "fell_back"), nowhere(0))
        return cls(**columns, window_draft=none, window=none, steps=lambda _: ())

    @classmethod
    def together(cls, one: Drafts, other: Drafts) -> Drafts:
        """The drafts of both, those of `one` first. `other` must have no windows."""
        if not len(one) or not len(other):
            return one if len(one) else other
        columns = {name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in _OF_DRAFTS}
        return evolve(
            one, **columns, steps=lambda row: one.steps(row) if row < len(one) else other.steps(row - len(one))
        )


_OF_DRAFTS = (
    *("payee", "plan", "component", "loan", "role", "stage", "on", "earned", "top", "below"),
    *("ends", "in_parts", "fell_back"),
)
"""The columns of drafts with a value a draft."""


@define(eq=False)
class AskedPayees:
    """Whose deals are worked again at once, to say why their lines are what they are.

    One payee; where somebody goes on with the payee that follows, as all statements of a month do, twice as many each
    time, up to `_MOST_AT_ONCE`.
    """

    payees: Places
    """Who has lines, in order."""
    last: Places
    """Who was worked last."""

    @classmethod
    def of(cls, payees: Places) -> AskedPayees:
        """Before anybody is asked for; `payees` is that of each line."""
        known, _ = distinct(payees)
        return cls(known, known[:0])

    def ahead(self, payee: int) -> Places:
        """Who is to be worked, where a payee is asked for who was not worked last."""
        place, size = int(np.searchsorted(self.payees, payee)), 1
        if len(self.last) and place and self.payees[place - 1] == self.last[-1]:
            size = min(2 * len(self.last), _MOST_AT_ONCE)
        self.last = self.payees[place : place + size]
        return self.last


_MOST_AT_ONCE = 256
