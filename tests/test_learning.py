"""Learning: nobody is told from what a few say, no change goes by without its evidence, and what it moves is exact."""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from examples import learning as example
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.learning import (
    FEEDBACK_MOVES,
    PROPOSAL_MOVES,
    ChangeCaveat,
    ChangeRow,
    FeedbackAct,
    FeedbackAnswered,
    FeedbackGiven,
    FeedbackState,
    Learning,
    LearningPlan,
    PastPeriod,
    ProposalAct,
    ProposalState,
    SchemeProposed,
    SurveyAnswered,
    SurveyItem,
    effect_of,
    feedback_stream,
    phase_rules,
    proposal_view,
    text_hash,
    whom_it_moves,
)
from loanperf.learning._moves import (
    FEEDBACK_ACT_NAMES,
    FEEDBACK_STATE_NAMES,
    PROPOSAL_ACT_NAMES,
    PROPOSAL_STATE_NAMES,
)
from loanperf.reviews import RatingScale
from loanperf.viewer import Viewer

JUNE = lp.Period.month(2026, 6)
HR = Viewer(who="hr", sees="all")
EAST = ("e1", "e2", "e3", "e4", "e5")
WEST = ("w1", "w2")
SOUTH = ("s1", "s2")
UNIT = {**dict.fromkeys(EAST, "east"), **dict.fromkeys(WEST, "west"), **dict.fromkeys(SOUTH, "south")}
BANK = lp.Organisation(
    units=[lp.Unit(code="bank"), *(lp.Unit(code=code, parent="bank") for code in ("east", "west", "south"))],
    assignments=[lp.Assignment(payee=who, unit=unit, role="officer", since="2026-01-01") for who, unit in UNIT.items()],
)
FAIR = SurveyItem(
    code="fair", name=lp.Label("fair", "公平"), scale=RatingScale(low=1, high=5, step=1), satisfied=4
)  # fmt: skip
PLAN = LearningPlan(
    period=JUNE, opens="2026-07-01", closes="2026-07-10", indicators=["npl_ratio"], survey=[FAIR], notice_days=30
)
OLD = example.NEXT
NEW = example.LAST
BOOK = lp.SchemeBook([OLD])
NOTICE = "Weights change on 1 October."


def said(by: str, says: Any = "weight too high", about: str = "npl_ratio", text: str = "") -> FeedbackGiven:
    """Feedback of somebody."""
    return FeedbackGiven(by=by, unit=UNIT[by], about=about, says=says, text=text, at="2026-07-02")


def proposed(**more: Any) -> SchemeProposed:
    """The proposal of the mission."""
    kept: dict[str, Any] = {"code": "npl", "why": "nobody opens promising customers", "by": "lin", "at": "2026-07-20"}
    return SchemeProposed.of(OLD, NEW, **(kept | more))


def started(*events: Any, plan: LearningPlan = PLAN) -> Learning:
    """A stream with a plan and what followed."""
    return Learning.of([]).after([*Learning.of([]).start(plan, by="hr", at="2026-06-01"), *events])


def closed(*events: Any, plan: LearningPlan = PLAN) -> Learning:
    """A stream in which feedback was closed."""
    known = started(*events, plan=plan)
    return known.after(known.close(by="hr", at="2026-07-11"))


def step(known: Learning, command: Callable[[Learning], Iterable[Any]]) -> Learning:
    """The stream after a command."""
    return known.after(command(known))


def evidence(known: Learning) -> Learning:
    """The proposal with a consultation and a notice."""
    known = step(
        known,
        lambda now: now.consult(
            "npl", whom="representatives", people=8, how="a meeting", on="2026-07-28", by="hr", at="2026-07-28"
        ),
    )
    return step(
        known, lambda now: now.notify("npl", text=NOTICE, how="intranet", on="2026-08-01", by="hr", at="2026-08-01")
    )


def approve(known: Learning, **more: Any) -> Any:
    """Approve the proposal."""
    kept: dict[str, Any] = {"book": BOOK, "ledger": lp.Ledger(), "by": "chen", "at": "2026-08-20"}
    return known.approve("npl", **(kept | more))


# ── the mission's case ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def lessons() -> example.Lessons:
    """The example, played once."""
    return example.play()


def test_from_volume_to_balance_moves_each_person_by_what_was_worked_by_hand(lessons: example.Lessons) -> None:
    """70/20/10 to 50/30/10/10: a chaser of volume loses the grade and 200 元, the careful and the loyal gain."""
    moves = {one.payee: one for one in lessons.first_move.people}

    # 70×1.5 + 20×(2−7.5/5) + 10×64/80 = 105 + 10 + 8; 50×1.5 + 30×0.5 + 10×0.8 + 10×10/20 = 75 + 15 + 8 + 5
    chaser = moves["E01"]
    assert (chaser.score_before, chaser.score_after) == (Decimal("123.0"), Decimal("103.0"))
    assert (chaser.grade_before, chaser.grade_after) == ("A", "B")
    # 123 points are 1 + 23 × 0.1% months of 10000 元
    assert [str(chaser.bonus_before), str(chaser.bonus_after)] == ["10230.00 CNY", "10030.00 CNY"]
    # 56 + 30 + 10; 40 + 45 + 10 + 10
    assert [(moves["E02"].score_before, moves["E02"].score_after)] == [(Decimal(96), Decimal(105))]
    assert str(moves["E02"].bonus_difference) == "450.00 CNY"
    # 63 + 20 + 12; 45 + 30 + 12 + 15
    assert str(moves["E03"].bonus_difference) == "520.00 CNY"
    assert str(moves["E04"].bonus_difference) == "0.00 CNY"
    # five of each: 5 × (−200 + 450 + 520 + 0)
    assert str(lessons.first_move.difference) == "3850.00 CNY"
    counts = lessons.first_move
    assert (counts.gain, counts.lose, counts.same, counts.regraded) == (10, 5, 5, 5)


def test_what_payees_asked_for_moves_each_person_by_what_was_worked_by_hand(lessons: example.Lessons) -> None:
    """30% to 25% for the NPL ratio, 10% to 15% for retention: the careful lose 25 元, the sum stays."""
    moves = lessons.proposal.moves
    assert moves is not None

    # 75 + 12.5 + 12 + 5 = 104.5; 40 + 37.5 + 15 + 10 = 102.5; 45 + 25 + 18 + 15 = 103; 100
    assert [str(one.score_after) for one in moves.people[:4]] == ["104.5", "102.5", "103.0", "100.0"]
    assert [str(one.bonus_difference) for one in moves.people[:4]] == [
        "15.00 CNY", "-25.00 CNY", "10.00 CNY", "0.00 CNY",
    ]  # fmt: skip
    assert (str(moves.difference), moves.regraded) == ("0.00 CNY", 0)
    assert [str(change) for change in lessons.proposal.changes] == [
        "the effective date changes from 2026-01-01 to 2026-10-01",
        "in profile officer, the weight of NPL ratio falls from 30% to 25%",
        "in profile officer, the weight of retention rate rises from 10% to 15%",
    ]
    # E01, E02 and E05 are of east; what E11 says, alone of west, is read by nobody else
    assert (lessons.proposal.taken_up, lessons.proposal.feedback[0].says) == (3, "weight too high")


def test_the_approved_version_is_the_next_one_of_the_book(lessons: example.Lessons) -> None:
    """The document that was proposed is read by the reader of schemes, and holds from its day on."""
    assert lessons.book.at("2026-09-30") == example.NEXT
    assert lessons.book.at("2026-10-01") == example.LAST
    assert dict(lessons.book.at("2026-10-01").profile("officer").weights)["npl_ratio"] == Fraction(1, 4)


def test_satisfaction_rises_from_60_to_85_percent(lessons: example.Lessons) -> None:
    """12 of 20 and 17 of 20, exact, from both units together and apart."""
    shares = [sum(one.satisfied for one in part) for part in lessons.satisfied]
    people = [sum(one.people for one in part) for part in lessons.satisfied]

    assert [Fraction(a, b) for a, b in zip(shares, people, strict=True)] == [Fraction(3, 5), Fraction(17, 20)]
    assert [(one.unit, one.share) for one in lessons.satisfied[0]] == [
        ("east", Fraction(3, 5)),
        ("west", Fraction(3, 5)),
    ]


# ── feedback and survey ─────────────────────────────────────────────────────────────────────────────────────


def test_feedback_is_counted_once_a_person_and_in_groups_that_are_large_enough() -> None:
    """Three of east say it, one of them twice; two of west and one of south are shown as three others."""
    known = closed(*(said(who) for who in ("e1", "e2", "e3", "e3", "w1", "w2", "s1")), said("e1", "unclear"))

    assert [(one.about, one.says, one.unit, one.people) for one in known.counts(HR, BANK)] == [
        ("npl_ratio", "weight too high", "", 3),
        ("npl_ratio", "weight too high", "east", 3),
    ]


def test_a_lead_sees_the_units_all_of_whose_members_they_see() -> None:
    """Not those of whom they see most, and not the others together; whether somebody spoke plays no part."""
    known = closed(*(said(who) for who in (*EAST[:3], *WEST, *SOUTH)))

    assert [one.unit for one in known.counts(Viewer(who="l", sees=set(EAST)), BANK)] == ["east"]
    assert known.counts(Viewer(who="l", sees={*EAST[:4], *WEST, *SOUTH}), BANK) == ()
    assert known.counts(Viewer(who="e1", sees="self"), BANK) == ()


_TEXTS = st.sampled_from(["", "why", "nobody dares"])
_MANY = st.lists(st.tuples(st.sampled_from(EAST), _TEXTS), max_size=7).filter(
    lambda many: len({who for who, _ in many}) in (0, 3, 4, 5)
)  # fmt: skip
_FEW = st.lists(st.tuples(st.sampled_from([*WEST, "s1"]), _TEXTS), max_size=4).filter(
    lambda few: len({who for who, _ in few}) <= 2
)  # fmt: skip


_LEAD = Viewer(who="l", sees=set(EAST))
_VIEWS: tuple[Callable[[Learning], Any], ...] = (
    lambda known: known.seen_by(HR),
    lambda known: known.counts(HR, BANK),
    lambda known: known.satisfaction(HR, BANK),
    lambda known: known.seen_by(_LEAD),
    lambda known: known.counts(_LEAD, BANK),
)
"""Everything that somebody else than the givers is shown of feedback."""


@settings(max_examples=20)
@given(many=_MANY, one=_FEW, other=_FEW)
def test_who_said_what_in_a_small_group_changes_nothing_that_is_shown(
    many: list[tuple[str, str]], one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    """Whether nobody, one or two people of small units spoke, and what they wrote, cannot be told from any view."""
    streams = [closed(*(said(who, text=text) for who, text in (*many, *few))) for few in (one, other)]
    shown = [[show(known) for show in _VIEWS] for known in streams]

    assert shown[0] == shown[1]
    assert all(count.people >= PLAN.smallest_group for count in streams[0].counts(HR, BANK))
    assert sorted(text for _, text in many) == sorted(seen.text for seen in streams[0].seen_by(HR))


@settings(max_examples=12)
@given(spoken=_MANY, more=_MANY | _FEW)
def test_while_feedback_is_open_nobody_reads_what_others_say(
    spoken: list[tuple[str, str]], more: list[tuple[str, str]]
) -> None:
    """A list that grows by one while one person is at work tells what that person said."""
    for many in (spoken, [*spoken, *more]):
        known = started(*(said(who, text=text) for who, text in many))
        assert known.seen_by(HR) == ()
        assert [one.text for one in known.seen_by(Viewer(who="e1", sees="all"))] == [t for w, t in many if w == "e1"]


def test_what_a_small_group_says_is_left_by_no_difference_of_two_views() -> None:
    """Of four who say one thing, three are of east: the text of the fourth is in no view, and is answered by nobody."""
    known = closed(*(said(who, text=f"{who} says") for who in (*EAST[:3], "w1")))

    assert ["e1 says", "e2 says", "e3 says"] == [one.text for one in known.seen_by(HR)]
    assert [3] == [one.people for one in known.counts(HR, BANK)]
    assert ["w1 says"] == [one.text for one in known.seen_by(Viewer(who="w1", sees="self"))]
    for number in (5, 99):
        with pytest.raises(lp.errors.DataError, match=f"feedback {number}: hr reads none of that number"):
            known.answer(number, "we look", viewer=HR, at="2026-07-20")


def test_small_units_that_are_large_enough_together_are_read_together() -> None:
    """Two of west and one of south are three."""
    known = closed(
        *(said(who, text=who) for who in ("w1", "w2", "s1")), said("e1", text="alone of east", says="unclear")
    )

    assert ["w1", "w2", "s1"] == [one.text for one in known.seen_by(HR)]
    assert [("", 3)] == [(one.unit, one.people) for one in known.counts(HR, BANK)]


@settings(max_examples=12)
@given(order=st.permutations(EAST))
def test_who_handles_feedback_reads_what_is_said_and_not_by_whom(order: list[str]) -> None:
    """The same words from other mouths are the same page; their giver alone reads that they are their own."""
    texts = ("a", "b", "c", "d", "e")
    mine, others = (
        closed(*(said(who, text=text) for who, text in zip(people, texts, strict=True))) for people in (EAST, order)
    )

    assert mine.seen_by(HR) == others.seen_by(HR)
    assert [one.text for one in others.seen_by(Viewer(who="e1", sees="self"))] == [texts[order.index("e1")]]
    assert others.seen_by(Viewer(who="lead", sees=set(EAST))) == ()


def answered(who: str, mark: Any = 4, **more: Any) -> SurveyAnswered:
    """The answer of somebody."""
    return SurveyAnswered(**({"by": who, "unit": UNIT[who], "marks": {"fair": mark}, "at": "2026-07-03"} | more))


def test_satisfaction_is_an_exact_share_of_those_who_answered() -> None:
    """4 and 5 of 5 are satisfied; west is too small, and not even counted."""
    known = closed(answered("e1", 5), answered("e2", 4), answered("e3", 3), answered("w1", 5))
    (share,) = known.satisfaction(HR, BANK)

    assert (share.item, share.unit, share.satisfied, share.people, share.share) == (
        "fair",
        "east",
        2,
        3,
        Fraction(2, 3),
    )


@settings(max_examples=12)
@given(few=st.dictionaries(st.sampled_from(["w1", "w2"]), st.integers(1, 5)))
def test_how_a_small_group_answers_changes_nothing_that_is_shown(few: dict[str, int]) -> None:
    """Marks, and whether anybody of a small group answered."""
    many = [answered("e1", 5), answered("e2", 2), answered("e3", 4)]

    assert closed(*many).satisfaction(HR, BANK) == closed(
        *many, *(answered(who, mark) for who, mark in few.items())
    ).satisfaction(HR, BANK)


def test_one_person_is_counted_once_however_their_code_is_written() -> None:
    """E1 and e1 are one, so that with e2 they are two, which are too few; e3 makes three."""
    twice = (said("e1"), evolve(said("e1"), by="E1"), said("e2"))
    assert () == closed(*twice).counts(HR, BANK)
    assert [3] == [one.people for one in closed(*twice, said("e3")).counts(HR, BANK)]
    with pytest.raises(lp.errors.DataError, match="E1 has answered it"):
        started(answered("e1"), evolve(answered("e1"), by="E1"))


def test_feedback_is_taken_on_the_last_day() -> None:
    """10 July."""
    last = evolve(said("e1"), at="2026-07-10")
    assert (last,) == started().give(last, by="e1", organisation=BANK)


def test_counts_wait_until_feedback_is_closed() -> None:
    """A count that grows by one tells who spoke last."""
    known = started(*(said(who) for who in EAST))
    for show in (known.counts, known.satisfaction):
        with pytest.raises(lp.errors.DataError, match="it is not closed"):
            show(HR, BANK)


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (lambda now: now.answer_survey(answered("e1"), by="e1", organisation=BANK), "e1 has answered it"),
        (lambda now: now.answer_survey(answered("w1", unit="east"), by="w1", organisation=BANK), "theirs on"),
        (lambda now: now.answer_survey(answered("e2", 6), by="e2", organisation=BANK), "not on its scale"),
        (lambda now: now.answer_survey(answered("e2", marks={}), by="e2", organisation=BANK), "answers nothing"),
        (lambda now: now.give(said("e1"), by="e2", organisation=BANK), "e2 would speak for e1"),
        (lambda now: now.give(evolve(said("e1"), unit="west"), by="e1", organisation=BANK), "theirs on .* is east"),
        (
            lambda now: now.give(evolve(said("e1"), at="2026-07-11"), by="e1", organisation=BANK),
            "2026-07-11 is not within",
        ),
        (
            lambda now: now.give(evolve(said("e1"), at="2026-06-30"), by="e1", organisation=BANK),
            "2026-06-30 is not within",
        ),
        (lambda now: now.give(said("e1", about="npl"), by="e1", organisation=BANK), "no such indicator"),
        (lambda now: now.withdraw(3, by="e2", at="2026-07-03"), "feedback 3: e2 gave none of that number"),
        (lambda now: now.withdraw(99, by="e2", at="2026-07-03"), "feedback 99: e2 gave none of that number"),
        (lambda now: now.answer(99, "we look", viewer=HR, at="2026-07-03"), "reads none of that number"),
        (lambda now: now.close(by="hr", at="2026-07-10"), "people have until 2026-07-10"),
        (lambda now: now.start(evolve(PLAN, smallest_group=2), by="hr", at="2026-07-01"), "one was set before"),
    ],
)
def test_what_cannot_be_said_is_refused(command: Callable[[Learning], Any], fault: str) -> None:
    """Twice, in another's name, from another unit, off the scale, on another day."""
    known = started(answered("e1"), said("e1"))
    with pytest.raises(lp.errors.LoanPerfError, match=fault):
        command(known)
    for make in (partial(said, "e1", "other"), partial(said, "e1", "bad"), partial(answered, "e2", 4.0)):
        with pytest.raises(lp.errors.DataError):
            make()


def test_only_who_sees_everybody_answers_feedback() -> None:
    """A lead who could answer would read it."""
    with pytest.raises(lp.errors.RightsError, match="answer feedback"):
        started(said("e1")).answer(2, "we look", viewer=Viewer(who="lead", sees=set(EAST)), at="2026-07-03")


def test_nothing_is_said_without_a_plan_or_after_the_close() -> None:
    """The plan says who is counted, and is the first record."""
    with pytest.raises(lp.errors.DataError, match="it has no plan"):
        Learning.of([]).give(said("e1"), by="e1", organisation=BANK)
    with pytest.raises(lp.errors.DataError, match="closed on 2026-07-11"):
        closed().give(said("e1"), by="e1", organisation=BANK)
    assert closed().close(by="hr", at="2026-07-12") == ()


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"smallest_group": 1}, "out of range"),
        ({"closes": "2026-06-30"}, "from 2026-07-01 to 2026-06-30"),
        ({"survey": [FAIR, FAIR]}, "fair, fair"),
        ({"indicators": ["scheme"]}, "its indicators are scheme"),
        ({"needs_notice": False, "notice_days": 5}, "a notice is not needed"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(wrong: dict[str, Any], fault: str) -> None:
    """Before anybody speaks."""
    kept: dict[str, Any] = {"period": JUNE, "opens": "2026-07-01", "closes": "2026-07-10"}
    with pytest.raises(lp.errors.DataError, match=fault):
        LearningPlan(**(kept | wrong))
    with pytest.raises(lp.errors.DataError, match="not on its scale"):
        evolve(FAIR, satisfied=6)


# ── moves ───────────────────────────────────────────────────────────────────────────────────────────────────

_FEEDBACK_ACTS: dict[FeedbackAct, Callable[[Learning], Any]] = {
    FeedbackAct.WITHDRAW: lambda now: now.withdraw(2, by="e1", at="2026-07-04"),
    FeedbackAct.ANSWER: lambda _: [FeedbackAnswered(feedback=2, by="hr", text="we look", at="2026-07-20")],
    FeedbackAct.USE: lambda now: now.propose(
        proposed(code=f"npl {now.records}", answers=(2,), at="2026-07-20"), book=BOOK
    ),
}
_FEEDBACK_TO: dict[FeedbackState, tuple[FeedbackAct, ...]] = {
    FeedbackState.OPEN: (),
    FeedbackState.ANSWERED: (FeedbackAct.ANSWER,),
    FeedbackState.USED: (FeedbackAct.USE,),
    FeedbackState.WITHDRAWN: (FeedbackAct.WITHDRAW,),
}


@pytest.mark.parametrize("act", _FEEDBACK_ACTS)
@pytest.mark.parametrize("state", _FEEDBACK_TO)
def test_feedback_moves_by_its_table_alone(state: FeedbackState, act: FeedbackAct) -> None:
    """Every move of the table, and no other."""
    known = started(said("e1"))
    for one in _FEEDBACK_TO[state]:
        known = step(known, _FEEDBACK_ACTS[one])
    after = FEEDBACK_MOVES.get((state, act))
    if after is None:
        with pytest.raises(lp.errors.DataError):
            step(known, _FEEDBACK_ACTS[act])
    else:
        (seen,) = step(known, _FEEDBACK_ACTS[act]).seen_by(Viewer(who="e1", sees="self"))
        assert seen.state is after


_PROPOSAL_ACTS: dict[ProposalAct, Callable[[Learning], Any]] = {
    ProposalAct.CONSULT: lambda now: now.consult(
        "npl", whom="union", people=1, how="a letter", on="2026-08-01", by="hr", at="2026-09-01"
    ),
    ProposalAct.NOTIFY: lambda now: now.notify(
        "npl", text=NOTICE, how="intranet", on="2026-08-01", by="hr", at="2026-09-01"
    ),
    ProposalAct.APPROVE: lambda now: approve(now, at="2026-09-01"),
    ProposalAct.REJECT: lambda now: now.reject("npl", why="too early", by="chen", at="2026-09-01"),
    ProposalAct.RECALL: lambda now: now.recall("npl", by="lin", at="2026-09-01"),
}
_PROPOSAL_TO: dict[ProposalState, tuple[ProposalAct, ...]] = {
    ProposalState.PROPOSED: (),
    ProposalState.APPROVED: (ProposalAct.APPROVE,),
    ProposalState.REJECTED: (ProposalAct.REJECT,),
    ProposalState.RECALLED: (ProposalAct.RECALL,),
}


@pytest.mark.parametrize("act", _PROPOSAL_ACTS)
@pytest.mark.parametrize("state", _PROPOSAL_TO)
def test_a_proposal_moves_by_its_table_alone(state: ProposalState, act: ProposalAct) -> None:
    """Every move of the table, and no other; what was decided stays decided."""
    known = evidence(started(proposed()))
    for one in _PROPOSAL_TO[state]:
        known = step(known, _PROPOSAL_ACTS[one])
    after = PROPOSAL_MOVES.get((state, act))
    if after is None:
        with pytest.raises(lp.errors.DataError, match="there is no way"):
            _PROPOSAL_ACTS[act](known)
    else:
        assert step(known, _PROPOSAL_ACTS[act]).proposal("npl").state is after


def test_states_and_acts_have_names_in_both_languages() -> None:
    """They are shown to people."""
    for kind, names in (
        (FeedbackState, FEEDBACK_STATE_NAMES),
        (FeedbackAct, FEEDBACK_ACT_NAMES),
        (ProposalState, PROPOSAL_STATE_NAMES),
        (ProposalAct, PROPOSAL_ACT_NAMES),
    ):
        assert {*names} == {*kind}
        assert all(label.en and label.zh for label in names.values())


# ── proposals ───────────────────────────────────────────────────────────────────────────────────────────────


def test_an_approved_proposal_is_kept_with_its_evidence() -> None:
    """Who was consulted, when and how, the day of the notice and the hash of its text, who decided."""
    known = step(evidence(started(proposed())), approve)
    standing = known.proposal("npl")

    assert (standing.consulted[0].whom, standing.consulted[0].people) == ("representatives", 8)
    assert (standing.noticed[0].text_hash, str(standing.noticed[0].on)) == (text_hash(NOTICE), "2026-08-01")
    assert (standing.decided_by, standing.state) == ("chen", ProposalState.APPROVED)
    assert known.approved_book(BOOK).at("2026-10-01") == NEW
    assert Learning.of(known.lines([])) == Learning.of([])


@pytest.mark.parametrize(
    ("plan", "known", "more", "fault"),
    [
        (PLAN, evidence, {"by": "lin"}, "lin made it, and would approve it"),
        (PLAN, evidence, {"by": "LIN"}, "LIN made it, and would approve it"),
        (PLAN, lambda now: now, {}, "no consultation"),
        (evolve(PLAN, needs_consultation=False), lambda now: now, {}, "no notice is recorded"),
        (evolve(PLAN, notice_days=62), evidence, {}, "62 days are asked before 2026-10-01"),
        (PLAN, evidence, {"at": "2026-10-01"}, "it would hold from 2026-10-01, and is approved on 2026-10-01"),
        (PLAN, evidence, {"at": "2026-07-19"}, "what it follows 2026-08-01"),
        (PLAN, evidence, {"ledger": lp.Ledger().close(lp.Period.month(2026, 10), by="fin")}, "2026-10 is closed"),
        (PLAN, evidence, {"book": lp.SchemeBook([example.FIRST])}, "would be in force before it"),
        (PLAN, evidence, {"book": BOOK.publish(evolve(OLD, effective="2027-01-01"), as_of="2026-06-01")}, "2027-01-01"),
    ],
)
def test_an_approval_without_what_it_takes_is_refused(
    plan: LearningPlan, known: Callable[[Learning], Learning], more: dict[str, Any], fault: str
) -> None:
    """By its proposer alone, without evidence, too late, for a closed period, or over what changed meanwhile."""
    with pytest.raises(lp.errors.LoanPerfError, match=fault):
        approve(known(started(proposed(), plan=plan)), **more)


def test_the_days_of_notice_count_from_the_first_one() -> None:
    """30 days after 1 August is 31 August, before 5 September; a reminder of 30 August changes nothing of that."""
    new = evolve(NEW, effective="2026-09-05")
    said_so = SchemeProposed.of(OLD, new, code="npl", why="w", by="lin", at="2026-07-20")
    known = step(
        evidence(started(said_so)),
        lambda now: now.notify("npl", text=NOTICE, how="mail", on="2026-08-30", by="hr", at="2026-08-30"),
    )
    assert ProposalState.APPROVED is step(known, lambda now: approve(now, at="2026-08-31")).proposal("npl").state


def test_people_may_be_consulted_on_the_day_of_the_proposal() -> None:
    """20 July."""
    known = started(proposed())
    day = "2026-07-20"
    assert known.consult("npl", whom="union", people=2, how="a meeting", on=day, by="hr", at=day)


def test_only_whom_the_plan_names_decides_a_proposal() -> None:
    """Where approvers are named it is one of them; their own proposal is still another's to approve."""
    plan = evolve(PLAN, approvers=["chen", "lin"])
    known = evidence(started(proposed(), plan=plan))
    with pytest.raises(lp.errors.DataError, match="audit is none of those who decide proposals, who are chen, lin"):
        approve(known, by="audit")
    with pytest.raises(lp.errors.DataError, match="audit is none of those who decide"):
        known.reject("npl", why="no", by="audit", at="2026-08-20")
    with pytest.raises(lp.errors.DataError, match="lin made it, and would approve it"):
        approve(known, by="lin")

    assert step(known, approve).proposal("npl").decided_by == "chen"
    assert known.reject("npl", why="no", by="chen", at="2026-08-20")
    assert approve(evidence(started(proposed())), by="audit")


def test_a_plan_that_asks_for_nothing_lets_the_proposer_approve() -> None:
    """What has to be shown is the plan's to say; 61 days before are 61 days before."""
    plan = evolve(PLAN, another_approves=False, needs_consultation=False, needs_notice=False, notice_days=0)
    assert step(started(proposed(), plan=plan), lambda now: approve(now, by="lin")).proposal("npl").decided_by == "lin"
    known = evidence(started(proposed(), plan=evolve(PLAN, notice_days=61)))
    assert step(known, approve).proposal("npl").state is ProposalState.APPROVED


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (lambda now: now.propose(proposed(code="b", at="2026-10-01"), book=BOOK), "choose a later effective date"),
        (lambda now: now.propose(proposed(why="else"), book=BOOK), "one of that code was made before"),
        (lambda now: now.propose(proposed(code="b", answers=(3,)), book=BOOK), "feedback 3: it is not given"),
        (lambda now: now.propose(proposed(code="b", answers=(2, 2)), book=BOOK), "each once"),
        (lambda now: now.propose(SchemeProposed.of(OLD, OLD, code="b", why="w", by="l", at="2026-07-20"), book=BOOK),
         "it changes nothing"),
        (lambda now: now.propose(evolve(proposed(code="b"), effective="2026-11-01"), book=BOOK), "was proposed"),
        (lambda now: now.propose(evolve(proposed(code="b"), document="{}"), book=BOOK), "name"),
        (lambda now: now.reject("other", why="no", by="chen", at="2026-08-01"), "nobody made it"),
        (lambda now: now.recall("npl", by="chen", at="2026-08-01"), "chen did not make it"),
        (lambda now: now.consult("npl", whom="union", people=0, how="a", on="2026-08-01", by="h", at="2026-08-01"),
         "out of range"),
        (lambda now: now.consult("npl", whom="union", people=2, how="a", on="2026-08-02", by="h", at="2026-08-01"),
         "record it once it has happened"),
        (lambda now: now.consult("npl", whom="union", people=2, how="a", on="2026-07-01", by="h", at="2026-08-01"),
         "not of an earlier draft"),
        (lambda now: now.notify("npl", text=" ", how="a", on="2026-08-01", by="h", at="2026-08-01"), "it is empty"),
    ],
)  # fmt: skip
def test_what_is_no_proposal_or_evidence_is_refused(command: Callable[[Learning], Any], fault: str) -> None:
    """A day that has come, a code twice, feedback that nobody gave, a document of another version."""
    with pytest.raises(lp.errors.LoanPerfError, match=fault):
        command(started(said("e1"), proposed()))


def test_weights_that_do_not_sum_and_rules_of_phases_that_break_make_no_version() -> None:
    """The scheme says so, and here is by how much: 25% of 30% is short by 5%, risk 36% of 40% by 4%."""
    with pytest.raises(lp.errors.WeightsError, match="exceed 100%"):
        OLD.rebalance("officer", {"npl_ratio": "60%", "retention_rate": "60%"}, effective="2026-10-01")
    cautious = lp.template("risk-control")
    with pytest.raises(lp.errors.WeightsError):
        cautious.rebalance("standard", {"npl_ratio": "25%"}, effective="2026-10-01", phase="risk-control")
    broken = phase_rules(cautious, "standard", {"npl_ratio": "25%"}, phase="risk-control")
    kept = phase_rules(cautious, "standard", {"npl_ratio": "35%"}, phase="risk-control")

    assert [(rule.of, rule.short, rule.over) for rule in broken] == [
        (("risk",), Fraction(4, 100), Fraction(0)),
        (("npl_ratio",), Fraction(5, 100), Fraction(0)),
    ]
    assert "尚差 5%" in broken[1].sentence.zh
    assert all(rule.is_kept for rule in kept)
    with pytest.raises(lp.errors.ResolveError, match="none of that name"):
        phase_rules(cautious, "standard", {}, phase="growth")


def test_a_phase_with_weights_of_its_own_is_not_asked_about_those_of_the_profile() -> None:
    """The phase of the template weighs the standard profile itself: 25% in the profile breaks no rule of it."""
    cautious = lp.template("risk-control")
    assert "standard" in dict(cautious.phases[0].weights)
    assert () == phase_rules(cautious, "standard", {"npl_ratio": "25%"})


def test_a_view_of_a_proposal_has_the_rules_of_phases_with_what_weights_were() -> None:
    """From 30% to 35% in the phase that asks for 30%."""
    cautious = lp.template("risk-control")
    new = cautious.rebalance("standard", {"npl_ratio": "35%"}, effective="2026-10-01", phase="risk-control")
    known = started(SchemeProposed.of(cautious, new, code="a", why="w", by="lin", at="2026-07-20"))
    view = proposal_view(known, "a", book=lp.SchemeBook([cautious]), viewer=HR)

    assert [(rule.of, rule.before, rule.after) for rule in view.rules] == [
        (("risk",), Fraction(40, 100), Fraction(44, 100)),
        (("npl_ratio",), Fraction(30, 100), Fraction(35, 100)),
    ]
    assert view.moves is None
    with pytest.raises(lp.errors.ResolveError, match="the book has none of it"):
        proposal_view(known, "a", book=BOOK, viewer=HR)


# ── whom it moves ───────────────────────────────────────────────────────────────────────────────────────────

ROWS: dict[str, list[Any]] = {
    "payee": ["e1", "e2", "w1"],
    "loan_amount(万元)": [150, 80, 90],
    "npl_ratio(‰)": [75, 25, 50],
    "retention_rate(%)": [64, 80, 96],
    "cross_sell_rate(%)": [10, 20, 30],
    "month(元)": [10_000, 10_000, 10_000],
}


def past(**more: Any) -> PastPeriod:
    """What three people did in June."""
    return PastPeriod(period=JUNE, rows=ROWS | more, organisation=BANK)


def test_each_move_is_what_two_appraisals_and_awards_say() -> None:
    """By the scalar steps of the library, person by person."""
    moves = whom_it_moves(OLD, NEW, past(), viewer=HR)
    for place, one in enumerate(moves.people):
        for scheme, score, bonus in (
            (OLD, one.score_before, one.bonus_before),
            (evolve(NEW, effective=OLD.effective), one.score_after, one.bonus_after),
        ):
            readings = {
                "loan_amount": f"{ROWS['loan_amount(万元)'][place]}万元",
                "npl_ratio": f"{ROWS['npl_ratio(‰)'][place]}‰",
                "retention_rate": f"{ROWS['retention_rate(%)'][place]}%",
                "cross_sell_rate": f"{ROWS['cross_sell_rate(%)'][place]}%",
            }
            card = scheme.resolve(period=JUNE)
            appraisal = lp.appraise(card, readings=readings, payee=one.payee)
            assert appraisal.score == score
            assert lp.award(card.bonus, appraisal, month="10000 元").amount == bonus


_READINGS = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 200), st.integers(0, 100), st.integers(0, 100)),
    min_size=1,
    max_size=5,
)


@pytest.mark.parametrize("kind", [Fraction, Decimal])
def test_past_rows_take_exact_numbers(kind: Any) -> None:
    """Fractions and decimals are what readings take elsewhere: 150万元 of e1 are 1,500,000元 in any of them."""
    exact = {name: [kind(value) for value in values] for name, values in ROWS.items() if name != "payee"}

    assert whom_it_moves(OLD, NEW, past(**exact), viewer=HR).people == whom_it_moves(OLD, NEW, past(), viewer=HR).people
    with pytest.raises(lp.errors.DataError, match=r"PastPeriod.rows: row 1 of the column npl_ratio.* is 0.5"):
        past(**{"npl_ratio(‰)": [kind(25), 0.5, None]})


def test_a_third_is_exact_in_past_rows() -> None:
    """A third of 225‰ is 75‰, which no decimal says."""
    thirds = past(**{"npl_ratio(‰)": [Fraction(225) / 3, Fraction(75, 3), 50]})

    assert whom_it_moves(OLD, NEW, thirds, viewer=HR).people == whom_it_moves(OLD, NEW, past(), viewer=HR).people


@settings(max_examples=8)
@given(_READINGS)
def test_sums_are_those_of_people_and_the_way_back_is_the_way_there(readings: list[tuple[int, ...]]) -> None:
    """Gains and losses add up, nobody is lost, and from new to old each difference has the other sign."""
    names = [name for name in ROWS if "(" in name and name != "month(元)"]
    rows: dict[str, Any] = {name: [one[place] for one in readings] for place, name in enumerate(names)}
    rows |= {"payee": [f"p{place}" for place in range(len(readings))], "month(元)": [10_000] * len(readings)}
    was = PastPeriod(period=JUNE, rows=rows)
    there = whom_it_moves(OLD, NEW, was, viewer=HR)
    back = whom_it_moves(evolve(NEW, effective=OLD.effective), OLD, was, viewer=HR)

    assert [one.score_difference for one in there.people] == [-one.score_difference for one in back.people]
    assert there.difference == -back.difference  # type: ignore[operator] # both pay
    assert there.after == there.before + there.difference  # type: ignore[operator] # both pay
    assert there.gain + there.lose + there.same == len(readings)
    assert (there.gain, there.lose) == (back.lose, back.gain)
    same = whom_it_moves(OLD, evolve(OLD, effective="2027-01-01"), was, viewer=HR)
    assert same.same == len(readings)


def test_a_viewer_sees_the_moves_and_sums_of_those_whom_they_may_see() -> None:
    """A lead of east sees two of three, and sums of two."""
    lead = whom_it_moves(OLD, NEW, past(), viewer=Viewer(who="l", sees=set(EAST)))

    assert [one.payee for one in lead.people] == ["e1", "e2"]
    assert str(lead.difference) == "-10.00 CNY"
    assert whom_it_moves(OLD, NEW, past(), viewer=Viewer(who="s1", sees="self")).difference is None


def test_what_is_said_of_moves_begins_with_that_nobody_changes_what_they_do() -> None:
    """Figures of what would have been are read as forecasts otherwise."""
    explained = whom_it_moves(OLD, NEW, past(), viewer=HR).explain()

    assert "所有人的行为都不变" in explained.text("zh").splitlines()[1]
    assert "e2: 105 points, and would have had 102.5: -2.5" in explained.text()


def test_who_has_no_score_by_the_version_that_held_is_named_and_in_no_sum() -> None:
    """A reading that is missing for both is nobody's difference."""
    moves = whom_it_moves(OLD, NEW, past(**{"retention_rate(%)": np.ma.masked_equal([64, 0, 96], 0)}), viewer=HR)

    assert [one.payee for one in moves.people] == ["e1", "w1"]
    assert [one.payee for one in moves.unscored] == ["e2"]
    assert "e2：无得分" in moves.explain().text("zh")


def test_a_sum_that_lacks_one_bonus_is_none() -> None:
    """Of two people one has no bonus plan: a sum of one bonus would be said of both."""
    moves = whom_it_moves(OLD, NEW, past(), viewer=HR)
    assert moves.before is not None
    first, *others = moves.people
    lacks = evolve(moves, people=(evolve(first, bonus_before=None), *others))
    assert (None, None, moves.after) == (lacks.before, lacks.difference, lacks.after)


@pytest.mark.parametrize(
    ("history", "fault"),
    [
        (past(payee=["e1", "e1", "w1"]), "e1 is there twice"),
        (past(payee=["e1", None, "w1"]), "names nobody"),
        (past(payee=["e1", "x", "w1"]), "no assignment of x"),
        (PastPeriod(period=JUNE, rows={"loan_amount(元)": [1]}), "name no payees"),
        (PastPeriod(period=lp.Period.month(2025, 6), rows=ROWS), "in force from 2026-01-01"),
    ],
)
def test_a_past_that_a_scheme_does_not_fit_is_refused(history: PastPeriod, fault: str) -> None:
    """Rows that name nobody, or one twice; a period before the version held."""
    with pytest.raises(lp.errors.LoanPerfError, match=fault):
        whom_it_moves(OLD, NEW, history, viewer=HR)


def test_a_version_that_looks_at_what_was_not_measured_is_refused() -> None:
    """It would leave people out of one side of the sum."""
    rows = {name: cells for name, cells in ROWS.items() if not name.startswith("cross")}
    was = PastPeriod(period=lp.Period.month(2025, 6), rows=rows)
    with pytest.raises(lp.errors.DataError, match="payee e1: the version from 2026-01-01 gives no score"):
        whom_it_moves(example.FIRST, OLD, was, viewer=HR)
    with pytest.raises(lp.errors.DataError, match="pass versions of one scheme"):
        whom_it_moves(lp.template("worked-example"), OLD, past(), viewer=HR)


# ── before and after ────────────────────────────────────────────────────────────────────────────────────────


def test_figures_before_and_after_are_exact_and_no_sentence_lacks_its_caveat(lessons: example.Lessons) -> None:
    """7% to 4.5% is 2.5 points; 5000 to 5900 万元 is 18%; every sentence ends with what it does not show."""
    effect = lessons.effect
    rows = {row.code: row for row in effect.rows}

    assert rows["npl_ratio"].difference.value == Fraction(-25, 1000)
    assert rows["volume"].relative == Fraction(18, 100)
    assert rows["satisfaction"].difference.value == Fraction(1, 4)
    for code in rows:
        sentence = effect.sentence(code)
        assert sentence.en.endswith(effect.caveat.text.en)
        assert sentence.zh.endswith(effect.caveat.text.zh)
    assert "下降 2.5 个百分点" in effect.sentence("npl_ratio").zh
    assert "up 9000000 CNY (18%)" in effect.sentence("volume").en
    assert effect.text("zh").splitlines()[-1] == effect.caveat.text.zh
    with pytest.raises(lp.errors.DataError, match="no figure 'mood'"):
        effect.sentence("mood")


def test_a_caveat_says_what_else_changed_and_why_figures_come_back() -> None:
    """An association, what else changed or that nothing is known, regression to the mean."""
    plain = ChangeCaveat(else_changed=[], chosen=False).text
    chosen = ChangeCaveat(else_changed=[lp.Label("rates fell", "利率下调")], chosen=True).text

    assert "No other change is recorded" in plain.en
    assert "不等于没有其他变化" in plain.zh
    assert "rates fell" in chosen.en
    assert "the more so as the change was made because of them" in chosen.en
    assert all("向均值回归" in one.zh for one in (plain, chosen))


def row(**more: Any) -> ChangeRow:
    """A figure before and after."""
    kept: dict[str, Any] = {"code": "npl", "name": lp.Label("NPL", "不良率"), "before": "7%", "after": "4.5%"}
    counts: dict[str, Any] = {"n_before": 10, "n_after": 12, "counted": lp.Label("loans", "笔贷款")}
    return ChangeRow(**(kept | counts | more))


EFFECT: dict[str, Any] = {
    "before": lp.Period.month(2026, 5),
    "after": JUNE,
    "caveat": ChangeCaveat(else_changed=[], chosen=False),
    "people": ["e1", "e2", "e3"],
    "viewer": HR,
}


def test_what_is_of_too_few_is_left_out_of_an_effect() -> None:
    """How satisfied one person is, or two, is nobody's to read: of 3 answers it is shown, of 2 it is not."""
    told = [row(code=f"n{n}", name=lp.Label(f"of {n}", f"共 {n}"), n_before=n, n_after=9) for n in (1, 2, 3)]
    told += [row(code="after", n_before=9, n_after=2)]
    effect = effect_of(lp.Label("weights", "权重"), told, **EFFECT)

    assert ["n3"] == [one.code for one in effect.rows]
    assert ["of 1", "of 2", "NPL"] == [one.en for one in effect.left_out]
    assert "共 1：数量过少，不予显示。" in effect.text("zh").splitlines()
    with pytest.raises(lp.errors.DataError, match="no figure 'n1'"):
        effect.sentence("n1")
    assert 4 == len(effect_of(lp.Label("weights", "权重"), told, **EFFECT, smallest_group=1).rows)


@pytest.mark.parametrize("people", [["e1"], ["e1", "e2"], ["e1", "E1", "e\u00ad1", "e2"]])
def test_an_effect_is_of_a_group_that_is_large_enough(people: list[str]) -> None:
    """One person under three codes is one."""
    with pytest.raises(lp.errors.DataError, match="whose figures they are, and 3 are needed; pass the codes"):
        effect_of(lp.Label("weights", "权重"), [row()], **(EFFECT | {"people": people}))


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"rows": []}, "its figures are none"),
        ({"rows": [row(), row()]}, "npl, npl"),
        ({"people": []}, "of nobody"),
        ({"smallest_group": "3"}, "the smallest group: it is no int"),
        ({"after": lp.Period.month(2026, 5)}, "starts before"),
        ({"viewer": Viewer(who="l", sees={"e1"})}, "may not see"),
        ({"caveat": None}, "the caveat"),
        ({"rows": [row(before=7)]}, "nobody says of what"),
    ],
)
def test_an_effect_without_what_it_needs_is_refused(more: dict[str, Any], fault: str) -> None:
    """Figures, people, periods that follow each other, a viewer who sees the people, a caveat."""
    with pytest.raises(lp.errors.LoanPerfError, match=fault):
        effect_of(lp.Label("weights", "权重"), **({"rows": [row()]} | EFFECT | more))
    for wrong in (
        {"after": "5 元"},
        {"n_after": 0},
        {"before": 0.07},
        {"before": "7 元", "after": "5 元", "measured": row().name},
    ):
        with pytest.raises(lp.errors.LoanPerfError):
            row(**wrong)


# ── records ─────────────────────────────────────────────────────────────────────────────────────────────────


def whole() -> list[str]:
    """The records of a stream with one of nearly every kind."""
    events: list[Any] = [
        *Learning.of([]).start(PLAN, by="hr", at="2026-06-01"),
        said("e1", text="没人敢开拓"),
        said("e2"),
        said("e3"),
        said("e4"),
    ]
    known = Learning.of([]).after(events)
    for command in (
        lambda now: now.give(said("e5"), by="e5", organisation=BANK),
        lambda now: now.withdraw(3, by="e2", at="2026-07-03"),
        lambda now: now.answer_survey(answered("e1", "4"), by="e1", organisation=BANK),
        lambda now: now.close(by="hr", at="2026-07-11"),
        lambda now: now.answer(2, "we look", viewer=HR, at="2026-07-15"),
        lambda now: now.propose(proposed(answers=(2,)), book=BOOK),
        lambda now: now.consult("npl", whom="union", people=2, how="a", on="2026-07-28", by="hr", at="2026-07-28"),
        lambda now: now.notify("npl", text=NOTICE, how="a", on="2026-08-01", by="hr", at="2026-08-01"),
        approve,
    ):
        more = list(command(known))
        events, known = [*events, *more], known.after(more)
    return Learning.of([]).lines(events)


def test_records_replay_to_what_was_said() -> None:
    """A stream that is read again is the same, and the same again is no new event."""
    records = whole()
    known = Learning.of(records)

    assert known.records == len(records) == 14
    assert known.lines([]) == []
    assert known.proposal("npl").state is ProposalState.APPROVED
    assert known.approved_book(BOOK).versions == (OLD, NEW)
    assert known.start(PLAN, by="hr", at="2026-06-02") == ()
    assert known.propose(proposed(answers=(2,)), book=BOOK) == ()
    assert feedback_stream("branch pay", JUNE) == "branch pay/feedback/2026-06"


@pytest.mark.parametrize("place", range(13))
def test_a_stream_with_a_hole_is_refused(place: int) -> None:
    """Whatever is missing, but the last record."""
    records = whole()
    with pytest.raises(lp.errors.DataError, match="one is missing or was put in"):
        Learning.of([*records[:place], *records[place + 1 :]])


def test_records_of_a_newer_form_or_that_were_changed_are_refused() -> None:
    """Nothing is guessed of what an older version cannot know."""
    records = whole()
    newer = json.dumps(json.loads(records[1]) | {"form": 2})
    changed = records[1].replace("weight too high", "weight too low")
    for wrong, fault in ((newer, "of form 2"), (changed, "it was changed"), ("{", "cannot be read")):
        with pytest.raises(lp.errors.DataError, match=fault):
            Learning.of([records[0], wrong])
    with pytest.raises(lp.errors.DataError, match="it cannot follow what stands before it"):
        Learning.of([json.dumps(json.loads(records[1]) | {"number": 1})])


def test_what_is_shown_and_kept_comes_back_from_its_data(lessons: example.Lessons) -> None:
    """Exact, through JSON."""
    known = closed(*(said(who) for who in EAST), *(answered(who) for who in EAST))
    shown = (PLAN, *known.counts(HR, BANK), *known.satisfaction(HR, BANK), *known.seen_by(HR))
    for value in (*shown, lessons.first_move, lessons.proposal, lessons.effect):
        assert type(value).from_data(json.loads(json.dumps(value.data()))) == value
