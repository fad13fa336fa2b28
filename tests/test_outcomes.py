"""Outcomes: places are counted exactly, equal people fall alike, and a decision stands beside what rules say."""

import json
import pickle
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.cycle import Calibrated
from loanperf.outcomes import (
    GradeCount,
    OutcomeOverride,
    OutcomeRule,
    OutcomeRules,
    PayLadder,
    PersonOutcome,
    PersonResult,
    RankKey,
    RankShare,
    ReadingLimit,
    outcomes_of,
    pay_steps_of,
    ranks_of,
    results_of,
)
from loanperf.progress import follow
from loanperf.viewer import Viewer

QUARTERS = [lp.Period.quarter(2026, number) for number in (1, 2, 3, 4)]
LAST = QUARTERS[-1]
ALL = Viewer(who="hr", sees="all")
SCORE = RankKey(of="score", best="highest")
NPL = RankKey(of="npl_ratio", best="lowest")
AS_OF = "2027-01-15"


def result(payee: str, score: Any = 80, grade: str = "", period: lp.Period = LAST, **more: Any) -> PersonResult:
    """What somebody came to in the last quarter."""
    usual: dict[str, Any] = {"unit": "east", "role": "officer"}
    return PersonResult(**{**usual, "payee": payee, "period": period, "score": score, "grade": grade, **more})


def scored(*scores: Any) -> list[PersonResult]:
    """People named a, b, c … by their scores."""
    return [result(chr(97 + place), score) for place, score in enumerate(scores)]


def share(side: Any = "top", part: Any = "10%", **more: Any) -> RankShare:
    """A share of a unit."""
    usual: dict[str, Any] = {"group": "unit", "by": [SCORE], "rounding": lp.Rounding.DOWN, "ties": "all in"}
    return RankShare(**{**usual, "side": side, "part": part, "smallest": 1, **more})


def rule(code: str = "top", **more: Any) -> OutcomeRule:
    """A rule called by its code."""
    return OutcomeRule(code=code, name=lp.Label(f"{code} given", f"{code}资格"), **more)


def rules(*given: OutcomeRule, **more: Any) -> OutcomeRules:
    """Rules in force from the first day of 2026."""
    usual: dict[str, Any] = {"effective": "2026-01-01", "grades": ["A", "B", "C", "D"]}
    return OutcomeRules(**{**usual, "name": "use of results", "rules": given, **more})


def worked(agreed: OutcomeRules, results: Any, **more: Any) -> tuple[PersonOutcome, ...]:
    """The outcomes of the last quarter, as everybody's figures show them."""
    return outcomes_of(agreed, results, LAST, **{"as_of": AS_OF, "viewer": ALL, **more})


def given_to(agreed: OutcomeRules, results: Any, code: str = "top", **more: Any) -> set[str]:
    """Who is given what a rule gives."""
    found = worked(agreed, results, **more)
    return {one.payee for one in found if one.code == code and one.decided == "given"}


# ── ranks ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_equal_people_share_a_rank_and_the_next_is_left_out() -> None:
    """Competition ranking, by hand: 90, 85, 85, 70 are 1, 2, 2, 4."""
    places = ranks_of(scored(85, 70, 90, 85), LAST, by=[SCORE], group="unit", viewer=ALL)
    assert [("c", 1, 1), ("a", 2, 2), ("d", 2, 2), ("b", 4, 1)] == [(one.payee, one.rank, one.tied) for one in places]
    assert {4} == {one.of for one in places}


def test_a_second_key_parts_people_of_one_score() -> None:
    """At one score, the lower NPL ratio stands before the higher one; who has none is not ranked."""
    people = [
        result("a", 85, readings={"npl_ratio": "2%"}),
        result("b", 85, readings={"npl_ratio": "1%"}),
        result("c", 99),
    ]
    places = ranks_of(people, LAST, by=[SCORE, NPL], group="all", viewer=ALL)
    assert [("b", 1, 2), ("a", 2, 2)] == [(one.payee, one.rank, one.of) for one in places]


@pytest.mark.parametrize(
    ("group", "ranks"),
    [
        ("all", {"a": 1, "b": 2, "c": 3, "d": 4}),
        ("unit", {"a": 1, "b": 2, "c": 1, "d": 2}),
        ("role", {"a": 1, "b": 1, "c": 2, "d": 2}),
        ("unit and role", {"a": 1, "b": 1, "c": 1, "d": 1}),
    ],
)
def test_people_are_compared_within_their_group(group: Any, ranks: dict[str, int]) -> None:
    """By hand: two units, two roles, one person of each pair."""
    people = [
        result("a", 90),
        result("b", 80, role="lead"),
        result("c", 70, unit="west"),
        result("d", 60, unit="west", role="lead"),
    ]
    assert ranks == {one.payee: one.rank for one in ranks_of(people, LAST, by=[SCORE], group=group, viewer=ALL)}


def test_ranks_are_shown_of_whom_the_viewer_sees() -> None:
    """Who sees themselves alone learns their rank, and of nobody else."""
    found = ranks_of(scored(85, 70, 90), LAST, by=[SCORE], group="unit", viewer=Viewer(who="a", sees="self"))
    assert [("a", 2, 3)] == [(one.payee, one.rank, one.of) for one in found]
    assert "rank 2 of 3 in east, by score highest first" == found[0].explain().text()
    assert "在east 3 人中排名第 2（按得分由高到低）" == found[0].explain().text("zh")


# ── shares ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rounding", "places"),
    [(lp.Rounding.DOWN, (0, 1, 1, 2)), (lp.Rounding.UP, (1, 1, 2, 2)), (lp.Rounding.HALF_UP, (0, 1, 2, 2))],
)
def test_a_fraction_of_a_person_is_rounded_as_the_rule_says(rounding: lp.Rounding, places: tuple[int, ...]) -> None:
    """10% of 4, 10, 15 and 20 people are 0.4, 1, 1.5 and 2, by hand."""
    assert places == tuple(share(rounding=rounding).places(people) for people in (4, 10, 15, 20))


@pytest.mark.parametrize(
    ("ties", "split", "into"),
    [
        ("all in", [], {"a", "b", "c", "d"}),
        ("all out", [], {"a"}),
        ("all in", [NPL], {"a", "c"}),
        ("all out", [NPL], {"a", "c"}),
    ],
)
def test_equal_people_fall_as_the_rule_says(ties: Any, split: Any, into: set[str]) -> None:
    """40% of 5 people are 2 places; b, c and d are equal at 80, and c has the lowest NPL ratio."""
    npl = {"a": "5%", "b": "3%", "c": "1%", "d": "2%", "e": "0%"}
    scores = {"a": 90, "b": 80, "c": 80, "d": 80, "e": 70}
    people = [result(one, scores[one], readings={"npl_ratio": npl[one]}) for one in scores]
    assert into == given_to(rules(rule(share=share(part="40%", ties=ties, split=split))), people)


def test_the_bottom_is_taken_from_the_end_and_is_due_a_training() -> None:
    """20% of 10 people are the two lowest; the course is due 60 days after 15 January, on 16 March."""
    training = rule("bottom", share=share("bottom", "20%"), course="risk control", due_days=60)
    found = worked(rules(training), scored(*range(60, 70)))
    due = [one.training for one in found if one.training is not None]
    assert [("a", "2027-03-16"), ("b", "2027-03-16")] == [(one.payee, str(one.on)) for one in due]
    assert {"risk control"} == {one.course for one in due}


def test_in_a_group_that_is_too_small_there_is_no_outcome() -> None:
    """Nine people where ten are asked for: nobody is in, and nobody is out."""
    found = worked(rules(rule(share=share(smallest=10))), scored(*range(9)))
    assert {"undecided"} == {one.proposed for one in found}
    said = "the top 10%: east has 9 people who are ranked, fewer than 10: the rule does not apply"
    assert said in found[0].explain().text()


def test_a_group_of_exactly_the_smallest_size_has_outcomes() -> None:
    """Ten people where ten are asked for: the best of them, j with 9, is the top 10%."""
    assert {"j"} == given_to(rules(rule(share=share(smallest=10))), scored(*range(10)))


def test_nobody_is_at_the_top_and_at_the_bottom() -> None:
    """Five people who are equal are all in both: each outcome is left to a person, and says why."""
    both = rules(rule("top", share=share(part="20%")), rule("bottom", share=share("bottom", "20%")))
    found = worked(both, scored(*[80] * 5))
    assert {"undecided": 10} == Counter(one.proposed for one in found)
    assert "contradicts bottom given" in found[0].explain().text()
    assert "a 同时符合bottom资格，二者相抵触" in found[0].explain().text("zh")


SCORES = st.lists(st.integers(0, 12), min_size=1, max_size=30)
SHARES = st.builds(
    share,
    side=st.sampled_from(["top", "bottom"]),
    part=st.fractions(Fraction(1, 100), 1, max_denominator=100),
    ties=st.sampled_from(["all in", "all out"]),
    rounding=st.sampled_from([lp.Rounding.DOWN, lp.Rounding.UP, lp.Rounding.HALF_UP]),
)


def people_of(scores: list[int]) -> list[PersonResult]:
    """People by their scores, as many as there are."""
    return [result(f"E{place:02}", score) for place, score in enumerate(scores)]


@given(SCORES, SHARES, st.randoms())
def test_a_share_holds_its_rule(scores: list[int], one: RankShare, chance: Any) -> None:
    """Places are counted by the rounding, nobody is parted from an equal, the best are in, in whatever order."""
    people = people_of(scores)
    agreed, held = rules(rule(share=one)), {person.payee: person.score for person in people}
    into = given_to(agreed, people)
    chance.shuffle(people)
    assert into == given_to(agreed, people)

    exact = one.part * len(scores)
    whole, rest = divmod(exact.numerator, exact.denominator)
    up = {lp.Rounding.DOWN: 0, lp.Rounding.UP: rest > 0, lp.Rounding.HALF_UP: 2 * rest >= exact.denominator}
    places = whole + up[one.rounding]
    inside, outside = ([held[who] for who in held if (who in into) is is_in] for is_in in (True, False))
    assert not {*inside} & {*outside}
    signed = 1 if one.side == "top" else -1
    assert not inside or not outside or min(signed * s for s in inside) > max(signed * s for s in outside)
    if one.ties == "all in":
        worst = min((signed * s for s in inside), default=0)
        assert places <= len(inside)
        assert not inside or places > sum(signed * s > worst for s in inside)
    else:
        best = max((signed * s for s in outside), default=0)
        assert len(inside) <= places
        assert not outside or len(inside) + sum(signed * s == best for s in outside) > places


@given(SCORES, SHARES)
def test_somebody_below_takes_nobody_out_of_the_top(scores: list[int], one: RankShare) -> None:
    """One more person below all others leaves everybody in the top who was there."""
    agreed = rules(rule(share=evolve(one, side="top")))
    people = people_of(scores)
    assert given_to(agreed, people) <= given_to(agreed, [*people, result("new", -1)])


# ── grades over periods ─────────────────────────────────────────────────────────────────────────────────────


def graded(grades: str, payee: str = "lin") -> list[PersonResult]:
    """Somebody's grades by quarter, and another person who was there all the time; `-` is no result, `.` no grade."""
    mine = [
        result(payee, grade=grade.strip("."), period=period)
        for grade, period in zip(grades, QUARTERS, strict=True)
        if grade != "-"
    ]
    return [*mine, *(result("there", grade="B", period=period) for period in QUARTERS)]


def count(grades: str, missing: Any = "ignored", **more: Any) -> OutcomeRules:
    """A rule that counts grades."""
    return rules(rule(grades=[GradeCount(grades=[*grades], missing=missing, **more)]))


@pytest.mark.parametrize(
    ("agreed", "grades", "verdict"),
    [
        # A twice in three quarters.
        (count("A", at_least=2, periods=3), "DABA", "given"),
        (count("A", at_least=2, periods=3), "AABB", "not given"),
        (count("A", at_least=2, periods=3, in_a_row=True), "DABA", "not given"),
        (count("A", at_least=2, periods=3, in_a_row=True), "BAAB", "given"),
        (count("AB", at_least=3, periods=3), "DABA", "given"),
        # No D in four quarters.
        (count("D", at_most=0, periods=4), "ABCB", "given"),
        (count("D", at_most=0, periods=4), "DBCB", "not given"),
        (count("D", at_most=1, periods=4), "DBCB", "given"),
        # Away in the third quarter.
        (count("A", "ignored", at_least=2, periods=3), "AA-A", "given"),
        (count("A", "ignored", at_least=3, periods=3), "AA-A", "not given"),
        (count("A", "undecided", at_least=3, periods=3), "AA-A", "undecided"),
        (count("A", "undecided", at_least=3, periods=3), "AB-A", "not given"),
        (count("A", "passed over", at_least=3, periods=3), "AA-A", "given"),
        (count("A", "passed over", at_least=3, periods=3, in_a_row=True), "AA.A", "given"),
        (count("A", "against", at_least=3, periods=3), "AA-A", "not given"),
        (count("D", "against", at_most=0, periods=3), "AA-A", "not given"),
        (count("D", "ignored", at_most=0, periods=3), "AA-A", "given"),
        (count("D", "undecided", at_most=0, periods=3), "AA-A", "undecided"),
        (count("D", "undecided", at_most=0, periods=3), "AA-D", "not given"),
        # Here since the third quarter.
        (count("A", "passed over", at_least=3, periods=3), "--AA", "undecided"),
        (count("A", "passed over", at_least=2, periods=3), "--AA", "given"),
        (count("D", "passed over", at_most=0, periods=4), "--AA", "undecided"),
        # Rules that look back further than there are results.
        (count("D", "ignored", at_most=0, periods=9), "AAAA", "given"),
        (count("D", "undecided", at_most=0, periods=9), "AAAA", "undecided"),
    ],
)
def test_grades_are_counted_over_periods(agreed: OutcomeRules, grades: str, verdict: str) -> None:
    """Each by hand; a period without a grade counts as the rule states, and in no other way."""
    (found,) = (one for one in worked(agreed, graded(grades)) if one.payee == "lin")
    assert verdict == found.proposed
    assert ("undecided" == verdict) == (found.conditions[0].met is None)


def test_who_has_no_result_in_the_period_has_no_outcome() -> None:
    """Somebody who has left is not promoted for what they did before."""
    assert {"there"} == {one.payee for one in worked(count("A", at_least=1, periods=4), graded("AAA-"))}


# ── promotion ───────────────────────────────────────────────────────────────────────────────────────────────

SENIOR = rule(
    "senior",
    roles=["officer"],
    to_role="senior",
    months_in_role=12,
    grades=[GradeCount(grades=["A"], at_least=2, periods=3, missing="ignored")],
    limits=[ReadingLimit(indicator="npl_ratio", test="at most", limit="3%")],
    courses=["AML"],
    share=share(part="50%", group="role"),
)
LADDER = rules(SENIOR, ladder=["officer", "senior"])
AML = lp.Facts.of([lp.Training(payee="lin", course="AML", on="2026-06-30", completed_on="2026-06-12")])


def promoted(npl: str = "2%", since: str = "2026-01-16", facts: lp.Facts = AML, **more: Any) -> PersonOutcome:
    """What the ladder comes to for lin, who had A twice and is first of two."""
    people = [one for one in graded("BABA") if one.period != LAST]
    now = result("lin", 95, "A", readings={"npl_ratio": npl}, role_since=since)
    (found,) = worked(
        LADDER, [*people, now, result("there", grade="B")], facts=facts, viewer=Viewer(who="lin", sees="self"), **more
    )
    return found


def test_who_meets_every_condition_is_proposed() -> None:
    """Five conditions, each with its figure."""
    found = promoted()
    assert "given" == found.proposed
    assert "senior" == found.to_role
    assert ["share", "months in role", "grades", "limit", "course"] == [one.kind for one in found.conditions]
    text = found.explain().text()
    for said in (
        "in the top 50%",
        "rank 1 of 2 in officer",
        "12 month(s) in the role of officer, since 2026-01-16; 12 are asked",
        "A 2 time(s) in 3 period(s); at least 2",
        "npl_ratio = 2%, at or below 3%",
        "training AML completed on 2026-06-12",
    ):
        assert said in text
    assert "任officer 12 个月（2026-01-16 起），已满 12 个月" in found.explain().text("zh")


def test_roles_are_called_in_reasons_as_the_rules_say() -> None:
    """A code stands bare where nobody says what it is called; a name is there in both languages or not at all."""
    names = {"officer": lp.Label("loan officer", "客户经理")}
    people = [result("lin", 95, "A", role_since="2026-01-16"), result("there", grade="B")]
    (found,) = (one for one in worked(evolve(LADDER, role_names=names), people, facts=AML) if one.payee == "lin")

    assert "任客户经理 12 个月" in found.explain().text("zh")
    assert "12 month(s) in the role of loan officer" in found.explain().text()
    assert "客户经理 2 人" in found.explain().text("zh")
    with pytest.raises(lp.errors.DataError, match=r"OutcomeRules\.role_names: it is Label"):
        evolve(LADDER, role_names={"officer": lp.Label("officer")})
    with pytest.raises(lp.errors.DataError, match=r"OutcomeRules\.role_names: officer stands twice"):
        evolve(LADDER, role_names=[*names.items(), *names.items()])


@pytest.mark.parametrize(
    ("more", "said", "verdict"),
    [
        ({"npl": "3.5%"}, "npl_ratio = 3.5%, and not at or below 3%; 0.5% away", "not given"),
        ({"since": "2026-01-17"}, "11 month(s) in the role of officer, since 2026-01-17; 12 are asked, 1 short", ""),
        ({"since": None}, "since when in the role of officer is not known; 12 month(s) are asked", "undecided"),
        ({"facts": lp.Facts.of([])}, "training AML is not completed by 2027-01-15", "not given"),
    ],
)
def test_a_condition_that_is_not_met_says_how_far_away_it_is(more: Any, said: str, verdict: str) -> None:
    """One condition is not met, and the promotion is not proposed."""
    found = promoted(**more)
    assert (verdict or "not given") == found.proposed
    assert [None if verdict == "undecided" else False] == [one.met for one in found.conditions if one.met is not True]
    assert said in found.explain().text()


def test_a_course_that_is_completed_on_the_very_day_counts() -> None:
    """On 15 January, as of which outcomes are worked; on the 16th it is too late."""
    for on, met in ((AS_OF, "given"), ("2027-01-16", "not given")):
        facts = lp.Facts.of([lp.Training(payee="lin", course="AML", on="2026-06-30", completed_on=on)])
        assert met == promoted(facts=facts).proposed


def test_one_person_stands_once_in_a_ranking() -> None:
    """Those called a and A are one, and would have two places; and nothing comes of a quarter that is not over."""
    low = rules(OutcomeRule(code="top", name=lp.Label("top", "优秀"), share=share()))
    with pytest.raises(lp.errors.DataError, match="a and A are one person, written in two ways"):
        worked(low, [result("a"), result("A", 90)])
    with pytest.raises(lp.errors.DataError, match="they are asked for as of 2026-12-30, and it lasts until 2026-12-31"):
        worked(low, scored(80, 90), as_of="2026-12-30")


# ── what persons decide ─────────────────────────────────────────────────────────────────────────────────────


def decided(**more: Any) -> OutcomeOverride:
    """That the head of personnel promotes lin."""
    usual = {"payee": "lin", "period": LAST, "rule": "senior", "before": "not given", "after": "given", "by": "chen"}
    return OutcomeOverride(**{**usual, "on": "2027-01-20", "why": "led the unit for half a year", **more})


def test_a_person_decides_and_both_stay_on_record() -> None:
    """What the rules came to stands beside what was decided, by whom, when and why; in both languages."""
    found = promoted(npl="3.5%", overrides=[decided()])
    assert ("not given", "given") == (found.proposed, found.decided)
    said = "decided by chen on 2027-01-20: not given becomes given; led the unit for half a year"
    assert said in found.explain().text()
    assert "2027-01-20 由 chen 决定：由“否”改为“是”；led the unit for half a year" in found.explain().text("zh")
    assert "npl_ratio = 3.5%, and not at or below 3%" in found.explain().text()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"before": "undecided"}, "they come to 'not given'"),
        ({"payee": "wu"}, "there is no such outcome"),
        ({"rule": "manager"}, "there is no such outcome"),
        ({"period": QUARTERS[0]}, "it is of 2026-Q1, and not of 2026-Q4"),
        ({"on": "2026-09-30"}, "it is of 2026-09-30, and 2026-Q4 begins on 2026-10-01"),
        ({"after": "perhaps"}, "it decides 'perhaps'"),
        ({"by": "LIN"}, "would decide on themselves"),
        ({"after": "not given"}, "it changes nothing"),
        ({"why": " "}, "it is empty"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(more: Any, said: str) -> None:
    """A decision on something else than the rules came to would hide what they say."""
    with pytest.raises(lp.errors.DataError, match=said):
        promoted(npl="3.5%", overrides=[decided(**more)])


# ── pay steps ───────────────────────────────────────────────────────────────────────────────────────────────

PAY = PayLadder(steps=["P1", "P2", "P3"], entry="P1", moves={"A": 1, "B": 0, "C": 0, "D": -2}, months_after=1)


@pytest.mark.parametrize(
    ("grade", "before", "after", "lost"),
    [("A", "P1", "P2", 0), ("A", "P3", "P3", 1), ("D", "P3", "P1", 0), ("D", "P2", "P1", 1), ("", "P2", "P2", 0)],
)
def test_a_grade_moves_a_pay_step_within_the_ladder(grade: str, before: str, after: str, lost: int) -> None:
    """Up one for A, down two for D, and never past an end; the fourth quarter holds from 1 February."""
    (found,) = pay_steps_of(rules(pay=PAY), [result("lin", grade=grade)], LAST, steps={"lin": before}, viewer=ALL)
    assert (after, lost, "2027-02-01") == (found.decided, found.lost, str(found.holds_from))
    assert ("stays" in found.explain().text()) == (before == after)


def test_a_pay_step_is_decided_by_a_person() -> None:
    """The step of the rules stays on record."""
    override = decided(rule="pay", before="P2", after="P3")
    people, steps = [result("lin", grade="A"), result("wu", grade="A")], {"lin": "P1", "wu": "P1"}
    lin = Viewer(who="lin", sees="self")
    (found,) = pay_steps_of(rules(pay=PAY), people, LAST, steps=steps, viewer=lin, overrides=[override])
    assert ("P2", "P3") == (found.proposed, found.decided)
    assert "由“P2”改为“P3”" in found.explain().text("zh")
    with pytest.raises(lp.errors.DataError, match="decide one of P1, P2, P3"):
        pay_steps_of(
            rules(pay=PAY),
            people,
            LAST,
            steps=steps,
            viewer=lin,
            overrides=[decided(rule="pay", before="P2", after="P9")],
        )


@pytest.mark.parametrize("steps", [{}, {"lin": "P1", "wu": "P1"}, {"lin": "P9"}])
def test_a_step_of_a_stranger_is_refused(steps: dict[str, str]) -> None:
    """Nobody gets a step that the host did not say, and no step belongs to nobody."""
    with pytest.raises(lp.errors.DataError, match="step"):
        pay_steps_of(rules(pay=PAY), [result("lin", grade="A")], LAST, steps=steps, viewer=ALL)


# ── what does not fit ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: share(part="110%"), "out of range"),
        (lambda: share(part="0%"), "it is 0%"),
        (lambda: share(by=[]), "its keys are none"),
        (lambda: share(split=[SCORE]), "its keys are score, score"),
        (lambda: share(smallest=0), "RankShare.smallest"),
        (rule, "it has no condition"),
        (lambda: rule(months_in_role=3, course="AML"), "a course without days"),
        (lambda: rule(months_in_role=3, to_role="senior"), "not just one role"),
        (lambda: rule(limits=[ReadingLimit(indicator="npl_ratio", test="at most", limit=3)]), "300%"),
        (lambda: count("A", at_least=4, periods=3), "everybody or nobody meets"),
        (lambda: count("A", at_most=3, periods=3), "it is 3 in 3"),
        (lambda: count("A", at_least=1, at_most=1, periods=3), "both there or both missing"),
        (lambda: count("A", at_most=1, periods=3, in_a_row=True), "it is said of at_most"),
        (lambda: count("E", at_least=1, periods=3), "a rule names 'E'"),
        (lambda: rules(rule(months_in_role=3), rule(months_in_role=4)), "top stands twice"),
        (
            lambda: rules(rule(share=share(part="60%")), rule("low", share=share("bottom", "50%"))),
            "take 110% of one group from both ends",
        ),
        (lambda: rules(SENIOR, ladder=["officer", "senior", "manager"]), "no rule promotes to manager"),
        (lambda: rules(SENIOR, ladder=["senior", "officer"]), "promotes from officer to senior"),
        (lambda: evolve(PAY, moves={"A": 2, "B": 0}), "P2 cannot be reached from P1"),
        (lambda: evolve(PAY, entry="P0"), "is none of its steps"),
        (lambda: rules(pay=evolve(PAY, moves={"A": 1})), "it says nothing of B, C, D"),
        (lambda: result("lin", 0.5), "0.5 is a float"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_when_it_is_made(make: Any, said: str) -> None:
    """Whoever writes the rules learns it, and not who is ranked by them."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        make()


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([result("lin"), result("lin")], "given twice for 2026-Q4"),
        ([], "none is of 2026-Q4"),
        ([result("lin"), result("lin", period=QUARTERS[0])], "2026-Q4 does not follow 2026-Q1"),
        ([result("lin"), result("lin", period=lp.Period.half(2026, 1))], "does not follow"),
        ([result("lin", grade="E")], "its grade is 'E'"),
        (["lin"], "PersonResult"),
    ],
)
def test_results_that_make_no_history_are_refused(results: Any, said: str) -> None:
    """Two results of one person in one period would count twice."""
    with pytest.raises(lp.errors.DataError, match=said):
        worked(rules(rule(share=share())), results)


def test_rules_hold_from_their_day_on() -> None:
    """Nobody is ranked by rules that were not in force when the period began."""
    with pytest.raises(lp.errors.DataError, match="in force from 2026-10-02"):
        worked(rules(rule(share=share()), effective="2026-10-02"), scored(80))


def test_a_limit_in_another_unit_is_refused() -> None:
    """3 yuan say nothing of a count."""
    agreed = rules(rule(limits=[ReadingLimit(indicator="loan_amount", test="at least", limit="3万元")]))
    with pytest.raises(lp.errors.UnitError, match="loan_amount"):
        worked(agreed, [result("lin", readings={"loan_amount": "3 USD"})])


def test_courses_are_asked_of_facts() -> None:
    """Without facts nobody knows whether a course is completed."""
    with pytest.raises(lp.errors.DataError, match="a rule names courses"):
        worked(LADDER, [result("lin")])


# ── rules as data, results of runs, facts ───────────────────────────────────────────────────────────────────

DOCUMENT = """
name = "use of results"
effective = 2026-01-01
grades = ["A", "B", "C", "D"]
ladder = ["officer", "senior"]

[rules.bottom]
name = { en = "bottom given", zh = "bottom资格" }
course = "risk control"
due_days = 60

[rules.bottom.share]
side = "bottom"
part = "20%"
group = "unit"
by = [{ of = "score", best = "highest" }]
rounding = "down"
ties = "all in"
smallest = 1

[rules.senior]
name = { en = "senior given", zh = "senior资格" }
roles = ["officer"]
to_role = "senior"
months_in_role = 12
grades = [{ grades = ["A"], at_least = 2, periods = 3, missing = "ignored" }]
limits = [{ indicator = "npl_ratio", test = "at most", limit = "3%" }]
courses = ["AML"]

[rules.senior.share]
side = "top"
part = "50%"
group = "role"
by = [{ of = "score", best = "highest" }]
rounding = "down"
ties = "all in"
smallest = 1

[pay]
steps = ["P1", "P2", "P3"]
entry = "P1"
moves = { A = 1, B = 0, C = 0, D = -2 }
months_after = 1
"""


def test_rules_are_read_from_a_document_and_kept_as_data() -> None:
    """TOML, JSON and data() give the rules that are built by hand."""
    by_hand = rules(
        rule("bottom", share=share("bottom", "20%"), course="risk control", due_days=60),
        SENIOR,
        ladder=["officer", "senior"],
        pay=PAY,
    )
    assert by_hand == OutcomeRules.parse(DOCUMENT)
    assert by_hand == OutcomeRules.from_data(json.loads(json.dumps(by_hand.data())))
    document = {"long": {"name": {"en": "long there", "zh": "任职已久"}, "months_in_role": 3}}
    text = json.dumps({"name": "x", "effective": "2026-01-01", "rules": document})
    assert 3 == OutcomeRules.parse(text, "json").rules[0].months_in_role


def test_a_document_says_all_its_faults_with_their_places() -> None:
    """Three faults, each by line."""
    text = DOCUMENT.replace('"20%"', '"120%"').replace('"at most"', '"under"').replace("due_days = 60", "due_day = 60")
    with pytest.raises(lp.errors.SchemeError, match="document is not a valid set of rules") as caught:
        OutcomeRules.parse(text)
    said = {problem.where: problem.at and problem.at[0] for problem in caught.value.problems}
    assert {"$.rules.bottom.share.part": 14, "$.rules.bottom.due_day": 10, "$.rules.senior.limits[0].test": 27} == said


def test_outcomes_are_data_and_travel() -> None:
    """What was decided is kept as it was shown."""
    found = promoted(npl="3.5%", overrides=[decided()])
    again = PersonOutcome.from_data(json.loads(json.dumps(found.data())))
    assert found == again == pickle.loads(pickle.dumps(found))  # noqa: S301 - our own
    assert found.explain() == again.explain()
    assert "<li>" in found.explain().html("zh")


SCHEME = lp.parse_scheme(
    """
name = "branch pay"
currency = "CNY"
effective = 2026-01-01
grades = { A = { at_least = 90 }, B = { at_least = 0 } }
[profiles.officer.weights]
loan_amount = "100%"
[targets]
loan_amount = "100万元"
[scoring.default]
places = 1
rounding = "half up"
"""
)
JUNE = lp.Period.month(2026, 6)
BANK = lp.Organisation(
    units=[lp.Unit(code="east")],
    assignments=[lp.Assignment(payee=code, unit="east", role="officer", since="2025-03-01") for code in ("lin", "wu")],
)


def rows_of(period: lp.Period) -> list[lp.Result]:
    """95 of 100 by lin, 60 by wu."""
    return [
        lp.Result(
            payee=code,
            name=code,
            assignment=BANK.assignment(code, period.start),
            part=period,
            appraisal=lp.appraise(
                SCHEME.resolve(period=period),
                readings=[lp.Reading.of("loan_amount", amount, subject=code, period=period)],
                payee=code,
            ),
            award=None,
        )
        for code, amount in (("lin", "95万元"), ("wu", "60万元"))
    ]


def test_the_results_of_a_run_become_those_of_persons() -> None:
    """Score, grade, unit, role and readings of a run or archive; a calibrated grade takes the place of the first."""
    rows = rows_of(JUNE)
    better = Calibrated(payee="wu", period=JUNE, grade="A", by="chen", why="a new branch", at="2026-07-03")
    more: dict[str, Any] = {"of_several": "refuse", "calibrated": [better], "organisation": BANK}
    found = results_of(lp.Results.gathered(rows), JUNE, **more)
    assert [("lin", Decimal(95), "A"), ("wu", Decimal(60), "A")] == [(one.payee, one.score, one.grade) for one in found]
    assert ["2025-03-01"] * 2 == [str(one.role_since) for one in found]
    assert lp.quantity("95万元") == found[0].reading("loan_amount")
    assert found == results_of([row.in_numbers for row in reversed(rows)], JUNE, **more)
    factor = evolve(better, grade="", coefficient="1.2")
    assert ["A", "B"] == [one.grade for one in results_of(rows, JUNE, of_several="refuse", calibrated=[factor])]

    early, late = lp.Period("2026-06-01", "2026-06-16"), lp.Period("2026-06-16", "2026-07-01")
    moved = [evolve(rows[0], part=late), evolve(rows[1], payee="lin", part=early)]
    assert [Decimal(95)] == [one.score for one in results_of(moved, JUNE, of_several="last")]
    with pytest.raises(lp.errors.DataError, match="there are several in 2026-06"):
        results_of(moved, JUNE, of_several="refuse")
    with pytest.raises(lp.errors.DataError, match="and not of 2026-05"):
        results_of(rows, lp.Period.month(2026, 5), of_several="refuse")
    with pytest.raises(lp.errors.UnknownPayeeError, match="fang"):
        results_of(rows, JUNE, of_several="refuse", calibrated=[evolve(better, payee="fang")])
    with pytest.raises(lp.errors.NoAssignmentError, match="wu"):
        results_of(
            rows,
            JUNE,
            of_several="refuse",
            organisation=lp.Organisation(units=BANK.units, assignments=BANK.assignments[:1]),
        )


def test_of_two_results_that_begin_on_one_day_the_primary_one_decides() -> None:
    """In both orders; of two that are primary none is the last."""
    rows = [row for row in rows_of(JUNE) if row.payee == "lin"] * 2
    west = evolve(rows[1], assignment=evolve(rows[1].assignment, unit="west", primary=False))
    for given_rows in ([rows[0], west], [west, rows[0]]):
        assert ["east"] == [one.unit for one in results_of(given_rows, JUNE, of_several="last")]
        both = [evolve(row, assignment=evolve(row.assignment, primary=True)) for row in given_rows]
        with pytest.raises(lp.errors.DataError, match=r"2 that begin on 2026-06-01, .* pass the one that decides"):
            results_of(both, JUNE, of_several="last")


def test_a_training_that_is_given_is_in_the_progress_of_the_next_period() -> None:
    """Wu is the lower of two in June; the course is due on 28 July, and July shows it until it is completed."""
    low = rule("bottom", share=share("bottom", "50%"), course="risk control", due_days=20)
    people = results_of(rows_of(JUNE), JUNE, of_several="refuse")
    found = outcomes_of(rules(low), people, JUNE, as_of="2026-07-08", viewer=ALL)
    facts = lp.Facts.of([one.training for one in found if one.training is not None])
    july = lp.Period.month(2026, 7)
    there = {one.who: one.support for one in follow(rows_of(july), july, as_of="2026-07-15", facts=facts)}
    assert {"lin": [], "wu": [("risk control", "2026-07-28")]} == {
        payee: [(one.course, str(one.on)) for one in support.ahead] for payee, support in there.items() if support
    }
