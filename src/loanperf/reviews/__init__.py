"""Reviews: who rates whom, what they say, and what it comes to, with no anonymous rater to be told from it.

Hosts import it from here: `from loanperf.reviews import ReviewPlan, Reviews`.
"""

from loanperf.reviews._events import (
    Declined,
    Invited,
    ReviewNote,
    ReviewsClosed,
    ReviewsPlanned,
    Submitted,
    Withdrawn,
)
from loanperf.reviews._forms import RatingScale, ReviewForm, ReviewItem
from loanperf.reviews._moves import REVIEW_MOVES, STATES_OF_REVIEWS, ReviewAct, ReviewState
from loanperf.reviews._plan import RaterCategory, ReviewPlan
from loanperf.reviews._results import CategoryScore, ItemScore, ReviewComment, ReviewResult, shown_number
from loanperf.reviews._rules import ReviewSeat
from loanperf.reviews._states import Reminder, Reviews, reviews_stream

__all__ = [
    "REVIEW_MOVES",
    "STATES_OF_REVIEWS",
    "CategoryScore",
    "Declined",
    "Invited",
    "ItemScore",
    "RaterCategory",
    "RatingScale",
    "Reminder",
    "ReviewAct",
    "ReviewComment",
    "ReviewForm",
    "ReviewItem",
    "ReviewNote",
    "ReviewPlan",
    "ReviewResult",
    "ReviewSeat",
    "ReviewState",
    "Reviews",
    "ReviewsClosed",
    "ReviewsPlanned",
    "Submitted",
    "Withdrawn",
    "reviews_stream",
    "shown_number",
]
