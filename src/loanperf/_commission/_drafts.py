"""Drafts: what deals and balances earn, a row a line, before the rules of the period in which it falls due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import define, evolve, frozen

from loanperf._commission._slices import StepsElsewhere
from loanperf._explanations import Explanation
from loanperf._numbers import Places, Truth, Whole, distinct, matched, nowhere, whole


@frozen(eq=False, kw_only=True)
class Drafts:
    """Lines before accelerators, gates, caps and rounding; a word is a code.

    Those of one payee, day, component, loan and stage stand in the order in which they are rounded.
    """

    payees: Sequence[str]
    components: Sequence[str]
    loans: Sequence[str]
    roles: Sequence[str]
    stages: Sequence[str]
    payee: Places
    plan: Places
    """The place of the dated plan under which it was earned."""
    component: Places
    loan: Places
    """-1 where it is no loan's."""
    role: Places
    """The kind of credit that a part of a deal is paid for; -1 where it is of no deal."""
    stage: Places
    """-1 where it is of no stage."""
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
        names = ("payee", "plan", "component", "loan", "role", "stage", "on", "earned", "top", "below")
        columns = {name: getattr(self, name)[rows] for name in (*names, "ends", "in_parts", "fell_back")}
        steps = StepsElsewhere(self.steps, rows)
        return evolve(self, **columns, window_draft=at, window=self.window[pairs], steps=steps)

    @classmethod
    def nothing(cls, payees: Sequence[str]) -> Drafts:
        """No line."""
        none, no = np.arange(0), nowhere(0)
        return cls(
            payees=payees, components=(), loans=(), roles=(), stages=(), payee=none, plan=none, component=none,
            loan=none, role=none, stage=none, on=none, earned=none, top=none, below=none, ends=no, in_parts=no,
            fell_back=no, window_draft=none, window=none, steps=lambda _: (),
        )  # fmt: skip

    @classmethod
    def together(cls, one: Drafts, other: Drafts) -> Drafts:
        """The drafts of both, those of `one` first. `other` must have no windows."""
        if not len(one) or not len(other):
            return one if len(one) else other
        columns: dict[str, Any] = {}
        for name in ("payee", "component", "loan", "role", "stage"):
            known = [getattr(drafts, f"{name}s") for drafts in (one, other)]
            words = known[0] if known[0] is known[1] else sorted({*known[0], *known[1]})
            codes = (getattr(drafts, name) for drafts in (one, other))
            columns[f"{name}s"] = words
            columns[name] = np.concatenate([_recoded(*pair, words) for pair in zip(codes, known, strict=True)])
        for name in ("plan", "on", "earned", "top", "below", "ends", "in_parts", "fell_back"):
            columns[name] = np.concatenate([getattr(one, name), getattr(other, name)])
        return cls(
            **columns,
            window_draft=one.window_draft,
            window=one.window,
            steps=lambda row: one.steps(row) if row < len(one) else other.steps(row - len(one)),
        )


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


def _recoded(codes: Places, words: Sequence[str], others: Sequence[str]) -> Places:
    """Codes of words as codes of other words, of which they are some; -1 stays."""
    if words is others:
        return codes
    known = {word: place for place, word in enumerate(others)}
    return whole([*(known[word] for word in words), -1])[codes]
