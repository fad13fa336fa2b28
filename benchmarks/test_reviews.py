"""A cycle of reviews of ten thousand people by five raters each, replayed from its records; then all results.

Nothing is asserted about time: machines are shared.
"""

from __future__ import annotations

from time import process_time
from typing import Any

from benchmarks.sizes import sized

import loanperf as lp
from loanperf.reviews import (
    Invited,
    RaterCategory,
    RatingScale,
    ReviewForm,
    ReviewItem,
    ReviewPlan,
    Reviews,
    ReviewsClosed,
    ReviewsPlanned,
    Submitted,
)
from loanperf.viewer import Viewer

PEOPLE, RATERS = sized(10_000), 5
SCALE = RatingScale(low=1, high=5, step="0.5")
ITEMS = [
    ReviewItem(code=code, name=lp.Label(code, code), weight="20%", scale=SCALE)
    for code in ("service", "risk", "teamwork", "records", "growth")
]


def category(code: str, relation: Any, weight: str, minimum: int = 1) -> RaterCategory:
    """A group of raters."""
    return RaterCategory(code=code, name=lp.Label(code, code), relation=relation, weight=weight, minimum=minimum)


PLAN = ReviewPlan(
    period=lp.Period.month(2026, 6),
    indicator="reviewed",
    form=ReviewForm(items=ITEMS),
    categories=[category("boss", "supervisor", "60%"), category("peers", "peers", "40%", 3)],
    opens="2026-07-01",
    deadline="2026-07-10",
)


def records() -> list[str]:
    """The plan; for everybody the invitations of a superior and four peers, and their reviews; then the end."""
    events: list[Any] = [ReviewsPlanned(plan=PLAN, by="hr", at="2026-06-01")]
    for number in range(PEOPLE):
        ratee, team = f"p{number:05}", number // RATERS * RATERS
        raters = [f"lead{team:05}", *(f"p{team + at:05}" for at in range(RATERS) if team + at != number)]
        for place, rater in enumerate(raters):
            seat = {"ratee": ratee, "rater": rater, "category": "peers" if place else "boss"}
            marks = {item.code: 1 + (number + place + at) % 9 * SCALE.step for at, item in enumerate(ITEMS)}
            events.append(Invited(**seat, by="hr", at="2026-07-01"))
            events.append(Submitted(**seat, marks=marks, comment="knows every client by name", at="2026-07-03"))
    return Reviews().lines([*events, ReviewsClosed(by="hr", at="2026-07-11")])


def test_reviews_of_ten_thousand_people() -> None:
    """Replayed from 100,002 records; then what the reviews of everybody come to."""
    lines = records()
    begun = process_time()
    known = Reviews.of(lines)
    spent, begun = process_time() - begun, process_time()
    results = known.results(Viewer(who="hr", sees="all"))
    looked = process_time() - begun
    assert len(results) == PEOPLE
    assert all(one.score is not None for one in results)
    print(f"\nreplay of {len(lines):,} records {spent:.1f} s; results of everybody {looked:.1f} s")
