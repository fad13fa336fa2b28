"""Reviews: each rater counts once, nobody speaks for another, and nobody can tell which peer said what."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from hashlib import sha256
from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries
from loanperf.alerts import Leads
from loanperf.reviews import (
    REVIEW_MOVES,
    CategoryScore,
    Declined,
    Invited,
    RaterCategory,
    RatingScale,
    ReviewAct,
    ReviewForm,
    ReviewItem,
    ReviewNote,
    ReviewPlan,
    ReviewResult,
    Reviews,
    ReviewState,
    Submitted,
    Withdrawn,
    reviews_stream,
)
from loanperf.viewer import Viewer

JUNE = lp.Period.month(2026, 6)
HUNDRED = RatingScale(low=0, high=100, step=1)
FIVE = RatingScale(
    low=1, high=5, step=1, anchors={1: lp.Label("far below", "远低于要求"), 5: lp.Label("outstanding", "优秀")}
)
EVERYBODY = Viewer(who="hr", sees="all")


def held(payee: str, unit: str, role: str) -> lp.Assignment:
    """Who works where."""
    return lp.Assignment(payee=payee, unit=unit, role=role, since="2026-01-01")


BANK = lp.Organisation(
    units=[lp.Unit(code="bank"), lp.Unit(code="east", parent="bank"), lp.Unit(code="west", parent="bank")],
    assignments=[
        *(held(code, "east", "officer") for code in ("lin", "wu", "he", "gao", "tang")),
        held("zhou", "east", "lead"),
        held("chen", "bank", "lead"),
        held("fang", "west", "officer"),
    ],
)
LEADS = Leads(organisation=BANK, roles=["lead"])


def item(code: str, weight: str, scale: RatingScale = FIVE) -> ReviewItem:
    """What a rater marks."""
    return ReviewItem(code=code, name=lp.Label(code, f"{code}项"), weight=weight, scale=scale)


def category(code: str, relation: Any, weight: str, **more: Any) -> RaterCategory:
    """A group of raters."""
    return RaterCategory(code=code, name=lp.Label(code, f"{code}类"), relation=relation, weight=weight, **more)


CATEGORIES = (
    category("boss", "supervisor", "50%"),
    category("peers", "peers", "30%", minimum=3),
    category("up", "upward", "10%", minimum=2, below="roll up", into="peers"),
    category("self", "self", "10%"),
)
FORM = ReviewForm(items=[item("service", "60%"), item("risk", "40%")])
PLAN = ReviewPlan(
    period=JUNE,
    indicator="reviewed",
    form=FORM,
    categories=CATEGORIES,
    opens="2026-07-01",
    deadline="2026-07-10",
    remind_before=(3, 0),
)
"""Lin is reviewed from 1 to 10 July."""


def invited(rater: str, code: str, ratee: str = "lin", **more: Any) -> Invited:
    """An invitation by the head office."""
    return Invited(**{"ratee": ratee, "rater": rater, "category": code, "by": "hr", "at": "2026-07-01", **more})


def review(rater: str, code: str, service: Any = 4, risk: Any = 4, **more: Any) -> Submitted:
    """A review of lin."""
    usual = {"ratee": "lin", "rater": rater, "category": code, "at": "2026-07-03"}
    return Submitted(**{**usual, "marks": {"service": service, "risk": risk}, **more})


PLANNED_EVENTS = Reviews().start(PLAN, by="hr", at="2026-06-01")
PLANNED = Reviews().after(PLANNED_EVENTS)


def asked(known: Reviews, *invitations: Invited, leads: Leads = LEADS) -> Reviews:
    """A cycle once raters are invited."""
    for one in invitations:
        known = known.after(known.invite(one, leads=leads))
    return known


def answered(known: Reviews, *events: Any) -> Reviews:
    """A cycle once raters answered, each for themselves."""
    for one in events:
        known = known.after(known.answer(one, by=one.rater))
    return known


def closed(known: Reviews) -> Reviews:
    """A cycle once it is closed after the deadline."""
    return known.after(known.close(viewer=EVERYBODY, at="2026-07-11"))


ASKED = asked(
    PLANNED,
    invited("zhou", "boss"),
    invited("lin", "self"),
    *(invited(code, "peers") for code in ("wu", "he", "gao")),
)
"""Lin's boss, lin and three peers are invited."""


def result_of(known: Reviews, ratee: str = "lin") -> ReviewResult:
    """What somebody sees of their own reviews once the cycle is closed."""
    return closed(known).result(ratee, Viewer(who=ratee, sees="self"))


def by_code(result: ReviewResult) -> Mapping[str, CategoryScore]:
    """The scores by category."""
    return {one.category: one for one in result.categories}


# ── scores ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_whole_score_is_the_weighted_sum_of_the_means_of_categories() -> None:
    """Boss 5 and 4: 100 × (60% × 1 + 40% × 4/5) = 92. Peers 4/3, 5/5, 3/4: means 4 and 4, so 80. Self 5/5: 100.

    Nobody is below lin, so the upward category has none: it rolls up, with its 10%, into peers, which weigh 40%.
    92 × 50% + 80 × 40% + 100 × 10% = 46 + 32 + 10 = 88.
    """
    found = result_of(
        answered(
            ASKED,
            review("zhou", "boss", 5, 4),
            review("wu", "peers", 4, 3),
            review("he", "peers", 5, 5),
            review("gao", "peers", 3, 4),
            review("lin", "self", 5, 5),
        )
    )

    assert {"boss": 92, "peers": 80, "up": None, "self": 100} == {one.category: one.score for one in found.categories}
    assert Fraction(88) == found.score
    assert [Fraction(1, 2), Fraction(2, 5), 0, Fraction(1, 10)] == [one.counts_as for one in found.categories]


def test_the_published_mean_of_two_reviews(published: list[dict[str, Any]]) -> None:
    """`hrms-feedback-average`: 5 × (70% × 0.8 + 30% × 0.7) = 3.85, 5 × (70% × 0.6 + 30% × 0.8) = 3.3; mean 3.575."""
    (case,) = (one for one in published if one["id"] == "hrms-feedback-average")
    inputs, stars = case["inputs"], RatingScale(low=0, high=1, step="0.1")
    weights = [f"{weight}%" for weight in inputs["weights"]]
    form = ReviewForm(
        items=[item("one", weights[0], stars), item("two", weights[1], stars)], full_marks=inputs["scale"]
    )
    plan = evolve(PLAN, form=form, categories=[category("clients", "custom", "100%")])
    known = Reviews().after(Reviews().start(plan, by="hr", at="2026-06-01"))
    for rater, (one, two) in zip(("a", "b"), inputs["ratings"], strict=True):
        known = asked(known, invited(rater, "clients"))
        known = answered(known, review(rater, "clients", marks={"one": one, "two": two}))
    found = result_of(known)

    assert [Fraction(score) for score in case["expected"]["scores"]] == [
        points for _, points in found.categories[0].raters
    ]
    assert Fraction(case["expected"]["average"]) == found.score


def of_groups(marks: Mapping[str, int]) -> ReviewResult:
    """Five groups of 40/20/5/5/30 with one mark of 0 to 100 each; a group without a mark has no review."""
    weights = {"boss": "40%", "mates": "20%", "self": "5%", "clients": "5%", "second": "30%"}
    form = ReviewForm(items=[item("all", "100%", HUNDRED)])
    groups = [category(code, "custom", weight) for code, weight in weights.items()]
    plan = evolve(PLAN, form=form, categories=groups)
    known = Reviews().after(Reviews().start(plan, by="hr", at="2026-06-01"))
    known = asked(known, *(invited(f"of {code}", code) for code in weights))
    return result_of(
        answered(known, *(review(f"of {code}", code, marks={"all": mark}) for code, mark in marks.items()))
    )


def test_a_missing_group_is_left_out_and_never_counts_as_zero() -> None:
    """Weights 40/20/5/5/30, one group of 5% missing: 86.0526.

    40% × 85 + 20% × 80 + 5% × 95 + 30% × 90 = 34 + 16 + 4.75 + 27 = 81.75, over the 95% that are there: 86.0526;
    as zero it would have been 81.75.
    """
    found = of_groups({"boss": 85, "mates": 80, "self": 95, "second": 90})

    assert Fraction(8175, 95) == found.score
    assert "≈86.0526" in found.explain().sentence()
    assert Fraction(40, 95) == by_code(found)["boss"].counts_as


def test_too_few_peers_give_their_weight_to_the_others() -> None:
    """Two of three peers: boss 92 × 50% and self 100 × 10% are left, over 60%: 56 / 60% = 93 1/3; no mark of a peer."""
    few = answered(ASKED, *(review(code, "peers", 1, 1) for code in ("wu", "he")))
    found = result_of(answered(few, review("zhou", "boss", 5, 4), review("lin", "self", 5, 5)))

    assert Fraction(280, 3) == found.score
    assert (None, None, ()) == (by_code(found)["peers"].score, by_code(found)["peers"].count, found.categories[1].items)


def test_too_few_upward_raters_count_with_the_peers() -> None:
    """Zhou is rated by one of two officers and three leads beside: 4 reviews in one mean, of 40%.

    Peers 5, 5, 5 and an officer 1 on both items: mean 4, 80 points; the boss gives 100. 100 × 50% + 80 × 40%, over 90%
    since zhou said nothing: 82 / 90% = 91 1/9.
    """
    crowd = lp.Organisation(
        units=BANK.units, assignments=[*BANK.assignments, *(held(code, "east", "lead") for code in ("a", "b", "c"))]
    )
    named = Leads(organisation=crowd, named={"east": "zhou", "bank": "chen"})
    raters = [("chen", "boss", 5), ("a", "peers", 5), ("b", "peers", 5), ("c", "peers", 5), ("wu", "up", 1)]
    plan = evolve(
        PLAN,
        categories=[
            evolve(one, relation="custom", anonymous=True) if one.code == "peers" else one for one in CATEGORIES
        ],
    )
    known = Reviews().after(Reviews().start(plan, by="hr", at="2026-06-01"))
    known = asked(known, *(invited(rater, code, "zhou") for rater, code, _ in raters), leads=named)
    found = result_of(
        answered(known, *(review(rater, code, mark, mark, ratee="zhou") for rater, code, mark in raters)), "zhou"
    )

    assert Fraction(820, 9) == found.score
    assert (4, ("up",)) == (by_code(found)["peers"].count, by_code(found)["peers"].rolled_from)
    assert (None, "peers") == (by_code(found)["up"].count, by_code(found)["up"].rolled_into)


def test_nobody_has_a_score_where_nobody_said_anything() -> None:
    """No review is no zero: there is no score, no reading, and the reasons say so in both languages."""
    found = result_of(ASKED)

    assert (None, None) == (found.score, found.reading)
    assert () == closed(ASKED).readings(EVERYBODY)
    assert "no score" in found.explain().text("en")
    assert "评价无得分" in found.explain().text("zh")


@pytest.mark.parametrize(("counts", "expected"), [("of high", 60), ("above low", 50)])
def test_a_mark_is_worth_what_the_form_says(counts: Any, expected: int) -> None:
    """3 of 1 to 5 is 3/5, or (3 − 1)/(5 − 1) = 1/2."""
    marks = {"service": Fraction(3), "risk": Fraction(3)}
    assert Fraction(expected) == evolve(FORM, counts=counts).points(marks)


@given(st.fractions(0, 20, max_denominator=6), st.fractions("1/6", 3, max_denominator=6), st.integers(1, 8), st.data())
def test_a_mark_of_a_scale_is_a_whole_number_of_steps_above_its_lowest(
    low: Fraction, step: Fraction, steps: int, data: st.DataObject
) -> None:
    """Marks are told by whole numbers, and have to be those that counting up from the lowest comes by."""
    scale = RatingScale(low=low, high=low + steps * step, step=step)
    marks = [low + at * step for at in range(steps + 1)]
    near = st.sampled_from(marks).map(lambda mark: mark + Fraction(1, 12)) | st.sampled_from(marks)
    mark = data.draw(near | st.fractions(-30, 60, max_denominator=12))
    assert (mark in marks) is scale.has(mark)


def test_reasons_are_whole_in_both_languages() -> None:
    """Who reads one language sees each category, item, weight and named rater; peers have no names in it."""
    three = [review(code, "peers", 4, 4) for code in ("wu", "he", "gao")]
    found = result_of(answered(ASKED, review("zhou", "boss", 5, 4), *three)).explain()

    assert found.text("en").splitlines() == [
        "reviews of lin in 2026-06: ≈86.6667 points",
        "├─ boss: 92 points, the mean of 1 review(s); weight ≈55.5556%",
        "│  ├─ weight 50% becomes ≈55.5556%, since other categories are left out",
        "│  ├─ service: 5 on a scale of 1 to 5, 100% of full marks; weight 60%",
        "│  ├─ risk: 4 on a scale of 1 to 5, 80% of full marks; weight 40%",
        "│  └─ zhou: 92 points",
        "├─ peers: 80 points, the mean of 3 review(s); weight ≈44.4444%",
        "│  ├─ takes in up, with weight 10%",
        "│  ├─ weight 40% becomes ≈44.4444%, since other categories are left out",
        "│  ├─ service: 4 on a scale of 1 to 5, 80% of full marks; weight 60%",
        "│  └─ risk: 4 on a scale of 1 to 5, 80% of full marks; weight 40%",
        "├─ up: fewer than 2 review(s); counted in peers, with weight 10%",
        "└─ self: fewer than 1 review(s), left out; weight 10% goes to the others in proportion",
    ]
    assert "peers类：80 分（3 份评价的平均分），权重 ≈44.4444%" in found.text("zh")


# ── the score of an appraisal ───────────────────────────────────────────────────────────────────────────────


def test_reviews_are_a_part_of_the_score_by_the_weights_of_the_scheme() -> None:
    """Loans 120% of target × 70% = 84 points, reviews 80 of a target of 100 × 30% = 24: 108 points."""
    scheme = lp.parse_scheme(
        """
name = "branch pay"
currency = "CNY"
effective = 2026-01-01

[indicators.reviewed]
name = { en = "reviews", zh = "综合评价" }
dimension = "performance"
direction = "higher is better"
kind = "points"

[profiles.officer.weights]
loan_amount = "70%"
reviewed = "30%"

[targets]
reviewed = "100 point"

[scoring.default]
places = 1
rounding = "half up"
""",
        "toml",
    )
    four = [review(code, "peers", 4, 4) for code in ("wu", "he", "gao")]
    known = closed(answered(ASKED, review("zhou", "boss", 4, 4), *four, review("lin", "self", 4, 4)))
    volume = lp.Reading.of("loan_amount", "120万元", subject="lin", period=JUNE)
    card = scheme.resolve(period=JUNE)
    found = lp.appraise(card, {"loan_amount": "100万元"}, [volume, *known.readings(EVERYBODY)], payee="lin")

    assert "108.0" == str(found.score)


# ── moves ───────────────────────────────────────────────────────────────────────────────────────────────────

SERVED = review("wu", "peers")
IN_STATE: Mapping[ReviewState, Callable[[], Reviews]] = {
    ReviewState.ABSENT: lambda: PLANNED,
    ReviewState.INVITED: lambda: ASKED,
    ReviewState.DECLINED: lambda: answered(ASKED, declined("wu")),
    ReviewState.SUBMITTED: lambda: answered(ASKED, SERVED),
    ReviewState.COUNTED: lambda: closed(answered(ASKED, SERVED)),
    ReviewState.MISSED: lambda: closed(ASKED),
}
"""A cycle in which the review of lin by wu stands so."""


def declined(rater: str, at: str = "2026-07-02") -> Declined:
    """Somebody does not review lin."""
    return Declined(ratee="lin", rater=rater, why="on leave", at=at)


def withdrawn(rater: str, at: str = "2026-07-04") -> Withdrawn:
    """Somebody takes the review of lin back."""
    return Withdrawn(ratee="lin", rater=rater, at=at)


ACTS: Mapping[ReviewAct, Callable[[Reviews], Any]] = {
    ReviewAct.INVITE: lambda known: known.invite(invited("wu", "peers", at="2026-07-05"), leads=LEADS),
    ReviewAct.DECLINE: lambda known: known.answer(declined("wu", "2026-07-05"), by="wu"),
    ReviewAct.SUBMIT: lambda known: known.answer(review("wu", "peers", 1, 1, at="2026-07-05"), by="wu"),
    ReviewAct.WITHDRAW: lambda known: known.answer(withdrawn("wu", "2026-07-05"), by="wu"),
    ReviewAct.CLOSE: lambda known: known.close(viewer=EVERYBODY, at="2026-07-11"),
}


def state_of(known: Reviews, rater: str = "wu") -> ReviewState:
    """How the review of lin by somebody stands."""
    found = [seat.state for seat in known.seen_by(Viewer(who=rater, sees="self")) if seat.ratee == "lin"]
    absent = ReviewState.ABSENT if known.closed_on is None else ReviewState.MISSED
    return found[0] if found else absent


@pytest.mark.parametrize(("state", "act"), [*product(ReviewState, ReviewAct)])
def test_the_table_is_walked_whole(state: ReviewState, act: ReviewAct) -> None:
    """Each act in each state does what the table says, or is refused where the table has none; nothing else decides.

    A closed cycle that is closed again is no new event.
    """
    known = IN_STATE[state]()
    assert state is state_of(known)
    if (state, act) in REVIEW_MOVES:
        assert REVIEW_MOVES[state, act] is state_of(known.after(ACTS[act](known)))
    elif act is ReviewAct.CLOSE:
        assert () == ACTS[act](known)
    else:
        with pytest.raises(lp.errors.DataError, match=r"there is no way to|was invited before|cycle was closed on"):
            ACTS[act](known)


def test_a_review_that_was_withdrawn_is_given_anew() -> None:
    """Wu gives 1, takes it back, gives 5: the 5 counts alone, and the record keeps all three."""
    known = answered(ASKED, review("wu", "peers", 1, 1), withdrawn("wu"), review("wu", "peers", 5, 5, at="2026-07-05"))
    known = answered(known, *(review(code, "peers", 5, 5) for code in ("he", "gao")))

    assert 100 == by_code(result_of(known))["peers"].score
    assert ASKED.records + 5 == known.records


def test_what_was_said_already_is_no_new_event() -> None:
    """Pressed twice, by whatever clock: one plan, one review."""
    known = answered(ASKED, SERVED)
    assert () == known.answer(evolve(SERVED, at="2026-07-06"), by="wu")
    assert () == known.start(PLAN, by="hr", at="2026-06-02")


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────


def give(one: Any, by: str = "", known: Reviews = ASKED) -> Any:
    """What a rater, or somebody in their name, says."""
    return known.answer(one, by=by or one.rater)


NOTE = ReviewNote(about="lin", by="wu", text="kind", at="2026-07-12")
NOTED = PLANNED.after(
    [
        ReviewNote(about="lin", by="wu", text="helped a new colleague", at="2026-06-12"),
        ReviewNote(about="lin", by="he", text="late twice", at="2026-06-15"),
        ReviewNote(about="gao", by="wu", text="kind", at="2026-06-15"),
    ]
)
"""Records 2 to 4 are notes."""
NOTED_AND_ASKED = asked(NOTED, *(invited(code, "peers") for code in ("wu", "he", "gao")))


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        (lambda: give(review("wu", "peers", at="2026-07-11")), "not within the days .* to the deadline 2026-07-10"),
        (lambda: give(withdrawn("wu", "2026-07-11"), known=answered(ASKED, SERVED)), "line 2026-07-10"),
        (lambda: give(review("fang", "peers")), "it is not invited, .* invite the rater first"),
        (lambda: give(review("wu", "boss")), "given as boss, and wu was invited as peers"),
        (lambda: give(SERVED, by="he"), "he would speak for wu; let wu do it"),
        (lambda: give(withdrawn("wu"), by="lin", known=answered(ASKED, SERVED)), "by wu: lin would speak"),
        (lambda: give(declined("wu"), by="lin"), "lin would speak for wu; let wu do it"),
        (lambda: give(review("wu", "peers", 5), known=answered(ASKED, SERVED)), "it is submitted, .* withdraw it"),
        (lambda: give(review("wu", "peers", 6, 4)), "the mark 6 of service is not on 1 to 5 in steps of 1"),
        (lambda: give(review("wu", "peers", "3.5", 4)), "the mark 3.5 of service is not on 1 to 5"),
        (lambda: give(review("wu", "peers", marks={"service": 4})), "risk has no mark"),
        (lambda: give(review("wu", "peers", marks={"service": 4, "risk": 4, "joy": 4})), "'joy' is no item"),
        (lambda: review("wu", "peers", 4.5, 4), "the mark of 'service': .*4.5"),
        (lambda: review("wu", "peers", marks=[4]), "pass marks by code of item"),
        (lambda: give(review("wu", "peers", at="2026-06-30")), "dated 2026-06-30, and what it follows 2026-07-01"),
        (lambda: give(invited("he", "peers")), "the answer of a rater: "),
        (lambda: give(review("wu", "peers", cites=[3]), known=NOTED_AND_ASKED), "record 3 is no note of wu about lin"),
        (lambda: give(review("wu", "peers", cites=[4]), known=NOTED_AND_ASKED), "record 4 is no note of wu about lin"),
        (lambda: give(review("wu", "peers", cites=[2, 2]), known=NOTED_AND_ASKED), "numbers of records, each once"),
        (lambda: give(review("wu", "peers", cites=[9]), known=NOTED_AND_ASKED), "record 9 is no note"),
        (lambda: ASKED.note(NOTE, by="he"), "the note about lin: he would speak for wu"),
        (lambda: asked(ASKED, invited("wu", "peers")), "the rater was invited before"),
        (lambda: asked(answered(ASKED, SERVED), invited("wu", "peers")), "wu: the rater was invited before"),
        (lambda: asked(ASKED, invited("zhou", "peers")), "by zhou: the rater was invited before"),
        (lambda: asked(PLANNED, invited("wu", "peers", by="lin")), "lin would choose who reviews them"),
        (lambda: asked(PLANNED, invited("wu", "peers", by="wu")), "wu would choose who reviews them, or invite them"),
        (lambda: asked(PLANNED, invited("wu", "self")), "wu cannot review lin as self"),
        (lambda: asked(PLANNED, invited("lin", "peers")), "lin cannot review lin as peers"),
        (lambda: asked(PLANNED, invited("wu", "boss")), "takes supervisor, and wu does not lead lin"),
        (lambda: asked(PLANNED, invited("chen", "boss")), "chen does not lead lin on 2026-07-01"),
        (lambda: asked(PLANNED, invited("fang", "peers")), "fang is not in the unit of lin"),
        (lambda: asked(PLANNED, invited("nobody", "peers")), "nobody is not in the unit of lin"),
        (lambda: asked(PLANNED, invited("zhou", "peers")), "one of lin and zhou leads the other"),
        (lambda: asked(PLANNED, invited("wu", "up")), "lin does not lead wu"),
        (lambda: asked(PLANNED, invited("wu", "friends")), "it has no category 'friends'"),
        (lambda: asked(PLANNED, invited("wu", "peers", at="2026-06-30")), "not within the days from 2026-07-01"),
        (lambda: asked(PLANNED, invited("wu", "peers", at="2026-07-11")), "to the deadline 2026-07-10"),
        (lambda: asked(Reviews(), invited("wu", "peers")), "it has no plan"),
        (lambda: PLANNED.start(evolve(PLAN, remind_before=(1,)), by="hr", at="2026-06-02"), "one was set before"),
        (lambda: ASKED.close(viewer=EVERYBODY, at="2026-07-10"), "until 2026-07-10, and some have not answered"),
        (lambda: closed(ASKED).note(NOTE, by="wu"), "was closed on"),
        (lambda: give(SERVED, known=closed(ASKED)), "by wu: the cycle was closed on 2026-07-11"),
        (lambda: asked(closed(ASKED), invited("tang", "peers")), "by tang: the cycle was closed on 2026-07-11"),
        (lambda: Declined(ratee="lin", rater="wu", why=" ", at="2026-07-02"), "write some words"),
        (lambda: ASKED.result("lin", Viewer(who="lin", sees="self")), "the cycle is not closed"),
        (lambda: ASKED.readings(EVERYBODY), "for 2026-06: the cycle is not closed"),
        (lambda: closed(ASKED).result("wu", EVERYBODY), "nobody was invited to give one"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(asks: Callable[[], Any], said: str) -> None:
    """Late, twice, in another's name or category, off the scale, by who is no peer: each is told what to do."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        asks()


def plan_of(**changes: Any) -> ReviewPlan:
    """The plan with something else in it."""
    return evolve(PLAN, **changes)


PEERS = {"relation": "peers", "minimum": 2}


def two(one: Mapping[str, Any], other: Mapping[str, Any]) -> ReviewPlan:
    """The plan with two categories of half the weight each."""
    halves = {"a": {"relation": "custom", **one}, "b": {"relation": "custom", **other}}
    return plan_of(categories=[category(code, weight="50%", **more) for code, more in halves.items()])


def test_a_person_is_one_however_the_code_is_written() -> None:
    """WU is wu, so that nobody counts twice, reviews themselves as a client, or invites themselves in capitals."""
    plan = two({}, {"relation": "peers", "minimum": 2})
    known = Reviews().after(Reviews().start(plan, by="hr", at="2026-06-01"))
    known = asked(known, invited("wu", "b"))
    for one, said in [
        (invited("WU", "a"), "under a code that is written otherwise"),
        (invited("LIN", "a"), "LIN cannot review lin as a, which takes custom"),
        (invited("he", "b", by="HE"), "HE would choose who reviews them, or invite themselves"),
    ]:
        with pytest.raises(lp.errors.DataError, match=said):
            known.invite(one, leads=LEADS)


@pytest.mark.parametrize(
    ("makes", "said"),
    [
        (lambda: plan_of(categories=CATEGORIES[:3]), "its weights sum to 90%; give weights that sum to exactly 100%"),
        (lambda: plan_of(categories=()), "its categories are none"),
        (lambda: two(PEERS, PEERS), "each of its own code and relation"),
        (lambda: two({"below": "roll up", "into": "c"}, {}), "a rolls up into c, which is none of them"),
        (lambda: two({"below": "roll up", "into": "b"}, {"below": "roll up", "into": "a"}), "which rolls up into it"),
        (lambda: two({"below": "roll up", "into": "b"}, {"relation": "self"}), "which are reviews of oneself"),
        (lambda: two({"anonymous": True, "minimum": 2, "below": "roll up", "into": "b"}, {}), "names its raters"),
        (lambda: plan_of(deadline="2026-06-30"), "give a deadline on the first day or later"),
        (lambda: plan_of(remind_before=(-1,)), "ReviewPlan.remind_before: it is negative"),
        (lambda: plan_of(remind_before=("3",)), "ReviewPlan.remind_before"),
        (lambda: category("a", "peers", "30%", minimum=3, anonymous=False), "peers raters would be named"),
        (lambda: category("a", "peers", "30%"), "give a minimum of 2 or more"),
        (lambda: category("a", "self", "30%", minimum=2, anonymous=True), "cannot be anonymous"),
        (lambda: category("a", "custom", "30%", below="roll up"), "into no category"),
        (lambda: category("a", "custom", "30%", below="roll up", into="a"), "into a"),
        (lambda: category("a", "custom", "30%", into="b"), "it is to re-weight, into b"),
        (lambda: category("a", "boss", "30%"), "it is no known word"),
        (lambda: category("a", "custom", "130%"), "out of range"),
        (lambda: evolve(FORM, items=[]), "its items are none"),
        (lambda: evolve(FORM, items=[item("a", "60%"), item("b", "30%")]), "sum to 90%"),
        (lambda: evolve(FORM, items=[item("a", "50%"), item("a", "50%")]), "each of its own code"),
        (lambda: evolve(FORM, full_marks=0), "full marks are 0 points"),
        (lambda: RatingScale(low=5, high=1, step=1), "it does not go up"),
        (lambda: RatingScale(low=1, high=5, step=3), "steps of 3 do not lead from one end"),
        (lambda: RatingScale(low=1, high=5, step=0), "steps of 0"),
        (lambda: RatingScale(low=1, high=5, step=1, anchors={6: lp.Label("a", "甲")}), "the anchor 6 is off it"),
        (lambda: RatingScale(low=1, high=5, step=1, anchors={5: lp.Label("best")}), "anchor 5: .* in both languages"),
        (lambda: evolve(item("a", "60%"), name=lp.Label("a")), "ReviewItem.name: .* a text in both languages"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_kept_is_refused(makes: Callable[[], Any], said: str) -> None:
    """A plan says who is anonymous and what becomes of too few, before anybody is asked for a word."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        makes()


# ── days ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_raters_are_reminded_on_the_days_of_the_plan_of_what_waits() -> None:
    """Three days before the deadline of the 10th and on it, and only who has neither given nor declined."""
    known = answered(ASKED, SERVED, declined("he"))
    found = known.reminders(date(2026, 7, 7))

    assert [("gao", ("lin",), 3), ("lin", ("lin",), 3), ("zhou", ("lin",), 3)] == [
        (one.rater, one.ratees, one.days_left) for one in found
    ]
    assert [7, 10] == [on for on in range(1, 12) if known.reminders(date(2026, 7, on))]
    assert () == closed(known).reminders(date(2026, 7, 10))
    assert () == Reviews().reminders(date(2026, 7, 10))


def test_a_cycle_is_closed_early_once_everybody_answered() -> None:
    """Nobody is waited for: a review or a refusal of each is there before the deadline."""
    known = asked(PLANNED, invited("zhou", "boss"), invited("lin", "self"))
    known = answered(known, review("zhou", "boss"), declined("lin"))

    assert date(2026, 7, 5) == known.after(known.close(viewer=EVERYBODY, at="2026-07-05")).closed_on


def test_who_is_reviewed_makes_no_score_of_their_own_review() -> None:
    """Lin invites lin, gives 5 of 5 and would close on the same day: 100 points of 10% of the weight."""
    known = asked(PLANNED, invited("lin", "self", by="lin"))
    known = answered(known, review("lin", "self", 5, 5))
    for who in ("lin", "LIN"):
        with pytest.raises(lp.errors.DataError, match=f"{who} is reviewed in it"):
            known.close(viewer=Viewer(who=who, sees="all"), at="2026-07-20")
    with pytest.raises(lp.errors.RightsError, match="close reviews"):
        known.close(viewer=Viewer(who="zhou", sees={"lin"}), at="2026-07-20")
    with pytest.raises(lp.errors.DataError, match="nobody but lin was asked about lin"):
        known.close(viewer=EVERYBODY, at="2026-07-03")

    result = closed(known).result("lin", EVERYBODY)
    assert (None, None) == (result.score, result.reading)
    assert {Fraction(0)} == {one.counts_as for one in result.categories}
    assert "评价无得分：有效评价不足" in result.explain().text("zh")


def test_a_plan_of_self_reviews_alone_has_a_score_by_them() -> None:
    """4 and 4 of 5 are 80 points."""
    plan = evolve(PLAN, categories=[category("self", "self", "100%")])
    known = asked(Reviews().after(Reviews().start(plan, by="hr", at="2026-06-01")), invited("lin", "self", by="lin"))
    known = answered(known, review("lin", "self"))
    known = known.after(known.close(viewer=EVERYBODY, at="2026-07-03"))

    assert Fraction(80) == known.result("lin", EVERYBODY).score


@pytest.mark.parametrize(("least", "score"), [("0%", Fraction(80)), ("50%", Fraction(80)), ("50.1%", None)])
def test_below_the_least_weight_there_is_no_score(least: str, score: Fraction | None) -> None:
    """The boss alone has 50% of the weight."""
    planned = Reviews().after(Reviews().start(evolve(PLAN, least_weight=least), by="hr", at="2026-06-01"))
    known = answered(asked(planned, invited("zhou", "boss")), review("zhou", "boss"))

    assert score == closed(known).result("lin", EVERYBODY).score


def test_second_level_and_dotted_lines_are_invited_too() -> None:
    """Chen leads whoever leads lin; a dotted line is what who invites says that it is, and never lin."""
    plan = two({"relation": "second-level"}, {"relation": "dotted line"})
    known = Reviews().after(Reviews().start(plan, by="hr", at="2026-06-01"))
    known = asked(known, invited("chen", "a"), invited("fang", "b"))

    assert ReviewState.INVITED is state_of(known, "chen") is state_of(known, "fang")
    with pytest.raises(lp.errors.DataError, match="zhou leads no supervisor of lin"):
        asked(known, invited("zhou", "a"))


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────────


def test_nobody_sees_a_result_but_who_may_see_its_payee() -> None:
    """Wu sees no result of lin; a lead who sees lin does, and so does lin."""
    known = closed(answered(ASKED, review("zhou", "boss")))
    with pytest.raises(lp.errors.RightsError):
        known.result("lin", Viewer(who="wu", sees="self"))
    assert () == known.results(Viewer(who="wu", sees="self"))
    assert known.result("lin", Viewer(who="zhou", sees={"lin"})) == known.result("lin", Viewer(who="lin", sees="self"))
    anybody: Any = "lin"
    with pytest.raises(lp.errors.DataError, match="it is no Viewer"):
        known.results(anybody)


def test_raters_see_their_own_reviews_and_who_runs_the_cycle_sees_how_all_stand() -> None:
    """Wu reads what wu gave; the head office sees that wu gave something, and not what; lin sees nothing of peers."""
    known = answered(ASKED, SERVED, review("zhou", "boss"))
    (own,) = known.seen_by(Viewer(who="wu", sees="self"))
    everything = known.seen_by(EVERYBODY)

    assert SERVED == own.review
    assert {"gao", "he", "lin", "wu", "zhou"} == {seat.rater for seat in everything}
    assert {None} == {seat.review for seat in everything}
    assert ["lin"] == [seat.rater for seat in known.seen_by(Viewer(who="lin", sees="self"))]
    for who in ("lin", "LIN", "l in"):
        others = [seat.rater for seat in known.seen_by(Viewer(who=who, sees="all")) if seat.rater != "lin"]
        assert ["zhou"] == others


def test_a_note_is_read_by_its_author_and_with_the_review_that_cites_it() -> None:
    """Lin reads wu's note among the comments of the peers, without a name; he's note, which nobody cites, nowhere."""
    known = answered(
        NOTED_AND_ASKED,
        review("wu", "peers", cites=[2], comment="reliable"),
        review("he", "peers"),
        review("gao", "peers", comment="careful"),
    )
    (peers,) = (one for one in result_of(known).categories if one.category == "peers")

    assert ["careful", "helped a new colleague", "reliable"] == [one.text for one in peers.comments]
    assert {""} == {one.by for one in peers.comments}
    assert {2, 4} == {*known.notes_of(Viewer(who="wu", sees="self"))}
    assert {} == known.notes_of(Viewer(who="lin", sees="all"))


WORDS = st.sampled_from(["", "reliable", "late twice", "稳", "zhou told me so"])
MARKS = st.integers(1, 5)
SAID = st.tuples(st.sampled_from(["gives", "declines", "gives and withdraws", "is silent"]), MARKS, MARKS, WORDS, WORDS)


def all_that_is_visible(whose: str, speeches: Mapping[str, Any], order: list[str]) -> str:
    """Everything that lin, who is rated by the raters of `speeches`, can come to see, in one text.

    Args:
        whose: who is rated.
        speeches: by rater, what an anonymous rater did: category, act, marks, comment and note.
        order: in which order the raters act.
    """
    events: list[Any] = [*PLANNED_EVENTS, invited("zhou", "boss", whose), invited(whose, "self", whose)]
    cited = dict[str, int]()
    for rater in order:
        code, _, _, _, _, note = speeches[rater]
        if note:
            events.append(ReviewNote(about=whose, by=rater, text=note, at="2026-06-20"))
            cited[rater] = len(events)
        events.append(invited(rater, code, whose))
    for day_of_july, rater in enumerate(order, 2):
        code, act, service, risk, comment, _ = speeches[rater]
        at = f"2026-07-0{day_of_july}"
        one = review(rater, code, service, risk, ratee=whose, comment=comment, at=at)
        one = evolve(one, cites=[cited[rater]]) if rater in cited else one
        events += [one] if act.startswith("gives") else []
        events += [Withdrawn(ratee=whose, rater=rater, at=at)] if act.endswith("withdraws") else []
        events += [Declined(ratee=whose, rater=rater, why=comment or "busy", at=at)] if act == "declines" else []
    events.append(review("zhou", "boss", 5, 4, ratee=whose, at="2026-07-09"))
    known, viewer = closed(Reviews().after(events)), Viewer(who=whose, sees="self")
    result = known.result(whose, viewer)
    reasons = result.explain()
    seats = [seat.data() for person in (viewer, Viewer(who=whose, sees="all")) for seat in known.seen_by(person)]
    refused = [
        raised(lambda: known.result("wu", viewer)),
        raised(lambda: asked(known, invited("wu", "peers", by=whose))),
    ]
    readings = [reading.data() for reading in known.readings(viewer)]
    told = [reasons.text("en"), reasons.text("zh"), reasons.html("zh"), reasons.data(), repr(result)]
    notes = [note.data() for note in known.notes_of(viewer).values()]
    return json.dumps([result.data(), readings, told, seats, notes, "REFUSED", refused], ensure_ascii=False)


def raised(asks: Callable[[], Any]) -> str:
    """What somebody is told who asks for what they may not have."""
    with pytest.raises(lp.errors.LoanPerfError) as error:
        asks()
    return str(error.value)


@given(st.lists(SAID, min_size=5, max_size=5), st.permutations(range(5)), st.permutations(range(5)), st.integers(0, 5))
def test_nobody_can_tell_which_anonymous_rater_said_what(
    speeches: list[Any], swapped: list[int], order: list[int], upward: int
) -> None:
    """Change who said what, who declined, who wrote which note, and in what order: lin sees the very same.

    Peers and upward raters, fewer and more than the minimum of each; everything that lin can ask for is compared byte
    for byte: results, their data and reasons in both languages, readings, how reviews stand, and refusals. Within one
    category first; and where too few upward raters roll up, whoever of the two groups gave which.
    """
    raters = ["wu", "he", "gao", "tang", "fang"]
    codes = ["up" if place < upward else "peers" for place in range(5)]
    one = {rater: (code, *said) for rater, code, said in zip(raters, codes, speeches, strict=True)}
    names = [raters[place] for place in swapped]
    other = {rater: (code, *said) for rater, code, said in zip(names, codes, speeches, strict=True)}
    seen = all_that_is_visible("lin", one, raters)

    assert seen == all_that_is_visible("lin", other, [raters[place] for place in order])
    shown, _ = seen.split("REFUSED")
    assert [] == [rater for rater in raters if f'"{rater}"' in shown or f"{rater}:" in shown]


# ── records ─────────────────────────────────────────────────────────────────────────────────────────────────


def records_of(*events: Any) -> list[str]:
    """The records of events, from the first on."""
    return Reviews().lines(events)


FULL: tuple[Any, ...] = (
    *PLANNED_EVENTS,
    ReviewNote(about="lin", by="wu", text="帮助新同事", at="2026-06-12"),
    invited("wu", "peers", at="2026-07-01T09:00:00+08:00"),
    review("wu", "peers", 4, 5, cites=[2], comment="稳"),
)


def test_state_is_what_the_records_say() -> None:
    """After a restart the same stands; records are JSON lines that an entry store keeps and seals."""
    store, stream = MemoryEntries(), reviews_stream("branch pay", JUNE)
    store.append(stream, records_of(*FULL), expected=0)
    again = Reviews.of(store.read(stream))

    assert Reviews().after(FULL) == again
    assert 4 == again.records
    assert "branch pay/reviews/2026-06" == stream


def test_events_and_results_are_read_back_as_they_were() -> None:
    """A host that keeps a result, or shows one from its data, has the same marks, weights and reasons."""
    found = result_of(answered(NOTED_AND_ASKED, *(review(code, "peers") for code in ("wu", "he", "gao"))))
    for value in (*FULL, PLAN, declined("wu"), withdrawn("wu"), found):
        assert value == type(value).from_data(json.loads(json.dumps(value.data())))
    assert found.explain() == ReviewResult.from_data(found.data()).explain()


@pytest.mark.slow
def test_a_cycle_of_ten_thousand_people_is_replayed() -> None:
    """Ten events each, 100,001 records."""
    events: list[Any] = [*PLANNED_EVENTS]
    for place in range(10_000):
        who, others = f"p{place}", [f"p{(place + step) % 10_000}" for step in (1, 2, 3)]
        raters = [(f"b{place // 10}", "boss"), (who, "self"), *((other, "peers") for other in others)]
        events += [invited(rater, code, who) for rater, code in raters]
        events += [review(rater, code, ratee=who, comment="good work") for rater, code in raters]
    known = Reviews.of(Reviews().lines(events))

    assert (100_001, 10_000) == (known.records, len(known.ratees))


def spoiled(mark: str) -> Any:
    """The data of a review with another mark."""
    (record,) = records_of(FULL[-1])
    return json.loads(record)["submitted"] | {"marks": {"service": mark, "risk": "1"}}


def broken(number: int, **changes: Any) -> list[str]:
    """The records with something else in one of them, and its hash made to fit."""
    records = records_of(*FULL)
    said = json.loads(records[number]) | changes
    (held,) = [name for name in said if name not in ("form", "number", "digest", "more")]
    text = json.dumps(said[held], sort_keys=True, separators=(",", ":"))
    records[number] = json.dumps(said | {"digest": sha256(text.encode()).hexdigest()})
    return records


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (lambda: records_of(*FULL)[:2] + records_of(*FULL)[3:], "record 3 of the reviews: it is numbered 4: one is"),
        (lambda: broken(2, form=2), "record 3 of the reviews: it is of form 2, .* use the version that wrote it"),
        (lambda: broken(2, form="1"), "its form is '1'"),
        (lambda: broken(2, more={}), "it is none of closed, declined, invited"),
        (lambda: broken(0, planned={}), "record 1 of the reviews: it cannot be read"),
        (lambda: [records_of(FULL[0])[0].replace("2026-07-10", "2026-07-30")], "its hash is not that of what it says"),
        (lambda: ["["], "it cannot be read: "),
        (lambda: ["7"], "it cannot be read: .*TypeError"),
        (lambda: broken(3, submitted=spoiled("9")), "record 4 .* cannot follow .*the mark 9"),
        (lambda: records_of(*FULL, FULL[-1]), "record 5 .* cannot follow .* it is submitted"),
        (lambda: records_of(*FULL, *PLANNED_EVENTS), "record 5 .* one was set before"),
        (lambda: records_of(FULL[1]), "record 1 .* it has no plan"),
    ],
)  # fmt: skip
def test_records_that_cannot_be_are_refused(records: Callable[[], list[str]], said: str) -> None:
    """A hole, a newer version, or a record that no command would give: the stream is not guessed at."""
    with pytest.raises(lp.errors.DataError, match=said):
        Reviews.of(records())


def test_verify_reads_the_reviews_of_a_scheme_as_what_they_are() -> None:
    """A record that somebody appended by hand fits its seal and no cycle; a stream that is gone is missed."""
    store, stream = MemoryEntries(), reviews_stream("pay", JUNE)
    store.append(stream, records_of(*FULL), expected=0)
    good = lp.verify(store, stream)
    assert [stream] == [head.stream for head in good.heads]
    assert good

    store.append(stream, records_of(*FULL)[-1:], expected=len(FULL))
    assert "it is numbered 4" in lp.verify(store, stream).text()
    assert stream in lp.verify(MemoryEntries(), "pay", heads=good.heads).text()
