"""Tracks: deals, plans and people -> each deal as each payee may be paid for it by one credit, and by which plan."""

from __future__ import annotations

from attrs import frozen

from loanperf._commission._loans import Deals
from loanperf._numbers import Places, Truth, Whole

NOT_HELD, NOT_CHOSEN, NONE_FITS, NOT_IN_FORCE, NOBODY, NO_FIT, TWO_FIT = range(-1, -8, -1)
"""Why a track has no plan.

Nothing happened to the deal in the payee's hands; its day has not come; no plan fits on its day; it lies before the
first plan. Of the others a problem tells: the payee, or a unit, is not there on a day; no plan fits at all; two do.
"""


@frozen(eq=False, kw_only=True)
class Tracks:
    """A deal as one payee may be paid for it by one credit, a row each, in the order of deals, then of their shares.

    Every share of a deal whose shares are without a fault has a row, with a plan or without, so that the shares of a
    deal are the rows `begins[deal]` to `begins[deal + 1]`.
    """

    deals: Deals
    deal: Places
    payee: Places
    role: Places
    """Place in `Deals.roles`."""
    top: Whole
    """The payee's part of the credit of that role, over `below`; the stated parts of a role sum to 1."""
    below: Whole
    stated: Truth
    """Whether a credit says so; else the payee is an officer of the loan, which can change."""
    known: Whole
    """The day of the credit, else that on which the loan was opened."""
    since: Whole
    """The first day on which something happened to the deal in the payee's hands, up to the last; `FAR` is never."""
    plan: Places
    """Place of the dated plan that holds for it; below zero why there is none."""
    begins: Places
    """By deal, the row with which its tracks begin; one more at the end."""
