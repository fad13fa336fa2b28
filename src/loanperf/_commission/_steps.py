"""Steps: what happened to each deal as one payee is paid for it by one component, as columns."""

from __future__ import annotations

from typing import get_args

from attrs import frozen

from loanperf._commission._deals import TRANSITIONS, DealEvent, DealState
from loanperf._commission._plan import Milestone
from loanperf._numbers import Places, Truth, Whole, whole

STATES = tuple(DealState)
EVENTS = tuple(DealEvent)
"""In the order in which they count on one day."""
WORDS = (*get_args(Milestone), "cancelled", "expired", "went bad", "recovered", "amended", "fell back")
"""Of stages, and of what else happens to a deal, by code."""
NEXT = whole(STATES.index(TRANSITIONS[state, event]) for state in STATES for event in EVENTS)
"""The state after each event, by state × events + event; see `TRANSITIONS`."""


@frozen(eq=False, kw_only=True)
class DealSteps:
    """One row a step, by track, and of each track in the order in which its steps are worked.

    A track is a deal as one payee is paid for it by one component and kind of credit. A group is the tracks of a payee,
    plan and component, over all its versions: what may accumulate together.
    """

    group: Places
    """Of each step; groups are in order of payee, plan and component."""
    track: Places
    order: Whole
    """The place of the step among all: of its group in order of day, loan and event."""
    on: Whole
    event: Places
    """Place in `EVENTS`."""
    version: Places
    """The row of `Versions` that holds for it."""
    stage: Places
    """Code of its milestone, or of what ended the deal."""
    reached: Whole
    """The share of the stages reached with it, over `of` of its version."""
    base: Whole
    """What is paid from then on, over `below`; 0 where the terms of the component are not met."""
    counts: Whole
    """What counts for the tier from then on, over `below`."""
    below: Whole
    """One for all steps of a group."""
    curve: Places
    """Code of the rate that holds for it; -1 where none is asked, or none is known."""
    faulty: Truth
    """Whether no rate fits it, or two."""
    held: Truth
    """Whether the payee holds the loan on that day."""
    due: Whole
    """When it is payable; FAR where its milestone is not reached."""
    lowers: Truth
    """Whether it takes the loan out of the tier that it counted for."""
    window: Whole
    """A code of what accumulates together on its day."""
    quota: tuple[Whole, Whole]
    """What 100% is on its day; 1 where tiers are not by attainment."""
    no_quota: Truth
    """Whether that is not known."""
    at: tuple[Whole, Whole]
    """The reading or attainment at which the curve is read."""
    no_reading: Truth
    part: tuple[Whole, Whole]
    """The payee's part of the loan."""
