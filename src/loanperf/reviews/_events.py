"""Events: what is said in the stream of a cycle of reviews; each is a record that is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from attrs import field, frozen

from loanperf._data import PlainData
from loanperf._streams import moment
from loanperf._validators import a_code, a_text, as_tuple, is_a, numbers_of, some_words
from loanperf.reviews._forms import as_marks
from loanperf.reviews._plan import ReviewPlan


@frozen(kw_only=True)
class ReviewsPlanned(PlainData):
    """The plan of the cycle was set: the first record of its stream."""

    plan: ReviewPlan = field(validator=is_a(ReviewPlan))
    by: str = field(validator=a_code)
    """The code of who set it."""
    at: str = field(converter=moment)
    """The day, or the time with its offset from UTC; as of all events."""


@frozen(kw_only=True)
class Invited(PlainData):
    """A rater was asked to review somebody, in a category."""

    ratee: str = field(validator=a_code)
    """The code of who is reviewed."""
    rater: str = field(validator=a_code)
    """The code of who is to review them."""
    category: str = field(validator=a_code)
    by: str = field(validator=a_code)
    """The code of who invites; the ratee and the rater only where they are one person."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class Declined(PlainData):
    """A rater declined to review somebody, with a reason."""

    ratee: str = field(validator=a_code)
    rater: str = field(validator=a_code)
    why: str = field(validator=some_words)
    """The reason; it is shown to nobody but those who see everybody."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class Submitted(PlainData):
    """A rater's review of somebody.

    Raises:
        DataError: a code that is none, or marks that are no numbers by codes of items.
    """

    ratee: str = field(validator=a_code)
    rater: str = field(validator=a_code)
    category: str = field(validator=a_code)
    """Code of the rater category, such as `peers`, in which the rater was invited."""
    marks: Mapping[str, Fraction] = field(converter=as_marks)
    """One for each item of the form, on its scale, by code."""
    comment: str = field(default="", validator=a_text)
    cites: tuple[int, ...] = field(default=(), converter=as_tuple, validator=numbers_of("records"))
    """Numbers of notes that the rater wrote about the ratee, which are shown with the review."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class Withdrawn(PlainData):
    """A rater took a review back, to give another or none."""

    ratee: str = field(validator=a_code)
    rater: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ReviewNote(PlainData):
    """What somebody noted about a person in the course of the period; a review may cite it."""

    about: str = field(validator=a_code)
    """The code of the person."""
    by: str = field(validator=a_code)
    """The code of who wrote it; nobody else reads it, and nobody else cites it."""
    text: str = field(validator=some_words)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ReviewsClosed(PlainData):
    """The cycle was closed: what was submitted counts, and nothing changes any more."""

    by: str = field(validator=a_code)
    """The code of who closed it."""
    at: str = field(converter=moment)


ReviewEvent: TypeAlias = ReviewsPlanned | Invited | Declined | Submitted | Withdrawn | ReviewNote | ReviewsClosed
KINDS: Mapping[str, type[ReviewEvent]] = {
    "planned": ReviewsPlanned,
    "invited": Invited,
    "declined": Declined,
    "submitted": Submitted,
    "withdrawn": Withdrawn,
    "note": ReviewNote,
    "closed": ReviewsClosed,
}
"""The class of each kind of record."""
