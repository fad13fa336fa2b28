"""Drafts: what deals and balances earn, a row a line, before the rules of the period in which it falls due."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen

from loanperf._explanations import Explanation
from loanperf._numbers import Places, Truth, Whole


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
    other loans had gained what they lose."""
    window: Places
    """Its code; drafts of one payee, plan (by its code) and component that have the same accumulated together."""
    steps: Callable[[int], tuple[Explanation, ...]]
    """By row, what was done to come to it; worked out when somebody asks."""

    def __len__(self) -> int:
        return len(self.payee)
