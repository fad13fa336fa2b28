"""Cycle: nobody decides about themselves, nobody sees a result before it is published, and no result is lost."""

import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from attrs import evolve

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries
from loanperf.alerts import Leads
from loanperf.cycle import (
    APPEAL_MOVES,
    PARTICIPANT_MOVES,
    RESULT_MOVES,
    AppealAct,
    AppealState,
    Calibrated,
    Cycle,
    CycleParticipant,
    CyclePlan,
    ParticipantAct,
    ParticipantState,
    ResultAct,
    ResultState,
    SnapshotTaken,
    appraisal_hash,
    cycle_stream,
)
from loanperf.reviews import ReviewResult
from loanperf.viewer import Viewer

JUNE = lp.Period.month(2026, 6)
HR = Viewer(who="hr", sees="all")
LIN = Viewer(who="lin", sees="self")
GRADES = tuple(
    lp.schemes.Grade(code=code, at_least=least, coefficient=factor)
    for code, least, factor in (("C", 0, "60%"), ("B", 75, "100%"), ("A", 90, "120%"))
)
CARD = lp.schemes.Card(
    scheme="branch pay", version="1", effective=date(2026, 1, 1), profile="all", currency="CNY", period=JUNE, lines=()
)


def appraised(payee: str, score: int | str, period: lp.Period = JUNE, **more: Any) -> lp.Appraisal:
    """An appraisal that came to a score."""
    points = Decimal(score)
    grade = [one for one in GRADES if one.at_least <= points][-1]
    card = evolve(CARD, period=period, grades=GRADES)
    return lp.Appraisal(card=card, payee=payee, lines=(), score=points, **{"grade": grade} | more)


def held(payee: str, unit: str, role: str, since: str = "2026-01-01", until: str | None = None) -> lp.Assignment:
    """Who works where."""
    return lp.Assignment(payee=payee, unit=unit, role=role, since=since, until=until)


def bank(*more: lp.Assignment, without: Iterable[str] = ()) -> Leads:
    """Zhou leads east, ma leads west, and chen the bank; officers in both."""
    staff = [
        *(held(code, "east", "officer") for code in ("lin", "wu", "he")),
        *(held("zhou", "east", "lead"), held("ma", "west", "lead"), held("chen", "bank", "lead")),
        held("fang", "west", "officer"),
    ]
    units = [lp.Unit(code="bank"), lp.Unit(code="east", parent="bank"), lp.Unit(code="west", parent="bank")]
    kept = [one for one in staff if one.payee not in without]
    return Leads(organisation=lp.Organisation(units=units, assignments=[*kept, *more]), roles=["lead"])


PLAN = CyclePlan(
    period=JUNE,
    grades=["A", "B", "C"],
    calibrates_as_of="2026-06-30",
    publishes_as_of="2026-06-30",
    panel=["hr", "audit"],
    scorers=["run"],
    acknowledgement_days=3,
    appeal_days=5,
    appeal_recalibrates=True,
)


def begun(plan: CyclePlan = PLAN, leads: Leads | None = None) -> Cycle:
    """A cycle with a plan and snapshots of the last of June."""
    known = Cycle()
    known = known.after(known.start(plan, by="hr", at="2026-06-01"))
    return known.after(known.take_snapshots(leads or bank(), on="2026-06-30", by="hr", at="2026-06-30"))


def scored(known: Cycle, at: str = "2026-07-01", by: str = "run", **scores: int | str) -> Cycle:
    """A cycle with scores of July 1."""
    return known.after(known.score([appraised(code, score) for code, score in scores.items()], by=by, at=at))


def one(known: Cycle, payee: str = "lin", viewer: Viewer = HR) -> CycleParticipant:
    """A participant as a viewer sees them."""
    return known.participant(payee, viewer)


def approved(known: Cycle, *payees: str, by: str = "hr", at: str = "2026-07-03") -> Cycle:
    """A cycle with results approved as they stand."""
    results = [result for payee in payees if (result := one(known, payee).result) is not None]
    return known.after(known.approve(results, by=by, at=at))


def published(known: Cycle, *payees: str, by: str = "hr", at: str = "2026-07-04") -> Cycle:
    """A cycle with results published."""
    return known.after(known.publish(payees, by=by, at=at))


SCORED = scored(begun(), lin=88, wu=92, he=70)
CALIBRATED = SCORED.after(SCORED.calibrate("lin", grade="A", why="a new branch", by="zhou", at="2026-07-02"))
APPROVED = approved(CALIBRATED, "lin")
PUBLISHED = published(APPROVED, "lin")
ACKNOWLEDGED = PUBLISHED.after(PUBLISHED.acknowledge("lin", version=1, by="lin", at="2026-07-05"))
OPENED = PUBLISHED.after(PUBLISHED.appeal("lin", why="a loan is missing", by="lin", at="2026-07-06"))
TAKEN_UP = OPENED.after(OPENED.take_up("lin", by="hr", at="2026-07-07"))
UPHELD = TAKEN_UP.after(
    TAKEN_UP.uphold("lin", appraisal=appraised("lin", 95), why="it was booked late", by="chen", at="2026-07-08")
)


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────

TOLD_EN = """\
lin in 2026-06: 95 points, grade A (published)
├─ score as computed: 95 points
├─ version 1, approved by hr, published by hr on 2026-07-04: 88 points, grade A
│  └─ calibrated from B to A by zhou on 2026-07-02: a new branch
├─ version 2, approved by chen, published by hr on 2026-07-09: 95 points, grade A
└─ appeal of 2026-07-06 against version 1 (upheld): a loan is missing
   ├─ taken up by hr on 2026-07-07
   └─ decided by chen on 2026-07-08: it was booked late"""
TOLD_ZH = """\
lin 2026-06 考核结果：88 分，等级 A（已确认）
├─ 计算得分：88 分
├─ 校准：由 B 调整为 A（zhou，2026-07-02）：a new branch
├─ 第 1 版（hr 审批，hr 于 2026-07-04 发布）：88 分，等级 A
│  └─ lin 于 2026-07-05 确认已阅
└─ 绩效面谈（zhou 于 2026-07-06 记录）：first-time buyers"""


def test_the_reasons_of_a_result_say_what_became_of_it_and_by_whom() -> None:
    """Every step of it in order, in both languages; what an amended result no longer holds by is below its version."""
    noted = ACKNOWLEDGED.note_interview("lin", "first-time buyers", by="zhou", at="2026-07-06")
    assert TOLD_EN == published(UPHELD, "lin", at="2026-07-09").explain("lin", HR).text("en")
    assert TOLD_ZH == ACKNOWLEDGED.after(noted).explain("lin", LIN).text("zh")
    assert "approved by hr on 2026-07-03" in APPROVED.explain("lin", HR).text("en")
    withdrawn = OPENED.after(OPENED.withdraw("lin", by="lin", at="2026-07-07")).explain("lin", LIN)
    assert "withdrawn by lin on 2026-07-07" in withdrawn.text("en")


@pytest.mark.parametrize("known", [begun(), SCORED, CALIBRATED, APPROVED])
def test_the_reasons_tell_nobody_of_their_own_result_before_it_is_published(known: Cycle) -> None:
    """Not even whether there is one."""
    assert "lin in 2026-06: no result (not published)" == known.explain("lin", LIN).text("en")
    assert "he in 2026-06: no result (waiting for a score)" == begun().explain("he", HR).text("en")
    with pytest.raises(lp.errors.RightsError, match="'lin' may not see the figures of 'wu'"):
        known.explain("wu", LIN)


def test_the_reasons_of_the_score_stand_below_it_where_they_are_given() -> None:
    """The appraisal that was taken in, and the reviews of the period; what is of another result is refused."""
    appraisal, reviews = (
        appraised("lin", 88),
        ReviewResult(payee="lin", period=JUNE, indicator="reviewed", score=None, categories=()),
    )
    score = PUBLISHED.explain("lin", LIN, appraisal=appraisal, reviews=reviews).because[0]
    assert (appraisal.explain(), reviews.explain()) == score.because
    for more, said in (
        ({"appraisal": appraised("lin", 89)}, "the appraisal is not that of the result"),
        ({"reviews": evolve(reviews, payee="wu")}, "the reviews: they are of wu in 2026-06; pass those of lin in"),
    ):
        with pytest.raises(lp.errors.DataError, match=said):
            PUBLISHED.explain("lin", LIN, **more)
    with pytest.raises(lp.errors.DataError, match="the appraisal is not that of the result"):
        APPROVED.explain("lin", LIN, appraisal=appraisal)
    with pytest.raises(lp.errors.DataError, match="it has none that reviews would explain"):
        APPROVED.explain("lin", LIN, reviews=reviews)


def test_the_reasons_say_coefficients_where_they_are_calibrated() -> None:
    """88 points are a B, with 100%."""
    known = scored(begun(evolve(PLAN, calibrates="coefficient")), lin=88)
    known = known.after(known.calibrate("lin", coefficient="110%", why="why not", by="zhou", at="2026-07-02"))
    first, _, third = known.explain("lin", HR).text("en").splitlines()
    assert "lin in 2026-06: 88 points, grade B, coefficient 110% (calibrated)" == first
    assert "└─ calibrated from 100% to 110% by zhou on 2026-07-02: why not" == third


# ── participants ────────────────────────────────────────────────────────────────────────────────────────────


def test_joiners_movers_and_leavers_each_give_a_snapshot() -> None:
    """By July 10 gao has joined east, fang has moved there, and wu has left; of everybody else nothing changed."""
    later = bank(
        held("gao", "east", "officer", "2026-07-02"),
        held("fang", "east", "officer", "2026-07-02"),
        held("wu", "east", "officer", "2026-01-01", "2026-07-05"),
        without=("fang", "wu"),
    )
    known = begun()
    taken = known.take_snapshots(later, on="2026-07-10", by="hr", at="2026-07-10")
    known = known.after(taken)

    assert ["fang", "gao", "wu"] == [event.payee for event in taken]
    assert [True, True, False] == [event.is_there for event in taken]
    assert ("east", ("zhou", "chen")) == (taken[0].unit, taken[0].superiors)
    assert ParticipantState.LEFT is one(known, "wu").state
    assert "wu" in known.without_result(HR)
    assert "east" == one(known, "wu").snapshots[-1].unit
    assert () == known.take_snapshots(later, on="2026-07-10", by="hr", at="2026-07-11")


def test_a_change_of_superior_gives_a_snapshot_of_everybody_below() -> None:
    """Zhou goes and tang leads east: lin, wu and he have another superior; zhou has left, tang has joined."""
    later = bank(held("tang", "east", "lead", "2026-07-01"), without=("zhou",))
    known = begun()
    taken = known.take_snapshots(later, on="2026-07-01", by="hr", at="2026-07-01")

    assert ["he", "lin", "tang", "wu", "zhou"] == [event.payee for event in taken]
    assert ("tang", "chen") == taken[1].superiors


def test_the_snapshot_of_the_stated_day_decides_who_calibrates_and_who_publishes() -> None:
    """Lin moved from east to west on July 1: zhou, of June 30, calibrates; ma, of July 3, approves and publishes."""
    plan = evolve(PLAN, publishes_as_of="2026-07-03", panel=[])
    moved = bank(held("lin", "west", "officer", "2026-07-01"), without=("lin",))
    known = begun(plan)
    known = known.after(known.take_snapshots(moved, on="2026-07-01", by="hr", at="2026-07-01"))
    known = scored(known, lin=88)

    with pytest.raises(lp.errors.DataError, match=r"ma is neither above them as of 2026-06-30 \(that is zhou, chen\)"):
        known.calibrate("lin", grade="A", why="good", by="ma", at="2026-07-02")
    known = known.after(known.calibrate("lin", grade="A", why="good", by="zhou", at="2026-07-02"))
    with pytest.raises(lp.errors.DataError, match=r"zhou is neither above them as of 2026-07-03 \(that is ma, chen\)"):
        approved(known, "lin", by="zhou")
    assert "A" == published(approved(known, "lin", by="ma"), "lin", by="ma").calibrated(HR)[0].grade


def test_who_has_left_keeps_their_result_and_may_get_one() -> None:
    """He leaves on July 2; his score is published on July 4 all the same."""
    known = SCORED.after(SCORED.take_snapshots(bank(without=["he"]), on="2026-07-02", by="hr", at="2026-07-02"))
    known = published(approved(known, "he"), "he")

    found = one(known, "he", Viewer(who="he", sees="self"))
    assert (ParticipantState.LEFT, Decimal(70)) == (found.state, found.published[0].result.score)


def test_nobody_without_a_result_is_dropped() -> None:
    """Of seven participants three have a score; the other four are listed."""
    assert ("chen", "fang", "ma", "zhou") == SCORED.without_result(HR)
    assert 7 == len(SCORED.participants(HR))


# ── what is shown, and to whom ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("known", [SCORED, CALIBRATED, APPROVED])
@pytest.mark.parametrize("sees", ["self", "all"])
def test_nothing_of_a_result_is_shown_to_its_payee_before_the_publication(known: Cycle, sees: Any) -> None:
    """Lin sees the same as before there was a score, whomever else lin may see."""
    viewer = Viewer(who="lin", sees=sees)
    assert one(begun(), viewer=viewer) == one(known, viewer=viewer)
    assert one(known, viewer=viewer).result_state is None
    assert "lin" not in known.without_result(viewer)
    assert () == known.calibrated(viewer)


def test_a_published_result_is_shown_with_what_was_calibrated() -> None:
    """Lin sees A in place of B, by zhou, and why; and may prove which appraisal it is of."""
    found = one(PUBLISHED, viewer=LIN)
    assert found.result is not None
    assert ("A", Decimal(88)) == (found.result.grade, found.result.score)
    assert [("B", "A", "zhou", "a new branch")] == [
        (done.grade_before, done.grade, done.by, done.why) for done in found.calibrations
    ]
    assert appraisal_hash(lp.Appraisal.from_data(appraised("lin", 88).data())) == found.result.appraisal
    assert ("hr", "hr", date(2026, 7, 4)) == tuple(
        getattr(found.published[0], name) for name in ("approved_by", "by", "on")
    )


def test_a_viewer_sees_whom_they_may_see() -> None:
    """Lin asks for wu, and is refused; a lead sees the team."""
    with pytest.raises(lp.errors.RightsError, match="'lin' may not see the figures of 'wu'"):
        SCORED.participant("wu", LIN)
    assert ["lin", "wu"] == [found.payee for found in SCORED.participants(Viewer(who="zhou", sees=("wu", "lin")))]
    with pytest.raises(lp.errors.DataError, match="the viewer: it is no Viewer"):
        SCORED.participants("lin")  # type: ignore[arg-type]


def test_an_amended_result_is_shown_once_it_is_published() -> None:
    """The appeal is upheld on July 8 with 95 points: lin sees that it is looked at, and 88 until the publication."""
    before = one(UPHELD, viewer=LIN)
    assert before.appeal is not None
    assert (AppealState.TAKEN_UP, "", "", None) == (
        before.appeal.state,
        before.appeal.answer,
        before.appeal.decided_by,
        before.appeal.ended_on,
    )
    decided = one(UPHELD, viewer=HR).appeal
    assert decided is not None
    assert (AppealState.UPHELD, "it was booked late") == (decided.state, decided.answer)
    assert (ResultState.PUBLISHED, Decimal(88)) == (before.result_state, before.result and before.result.score)
    assert "95" not in json.dumps(before.data())

    known = published(UPHELD, "lin", at="2026-07-09")
    after = one(known, viewer=LIN)
    assert decided == after.appeal
    assert [(1, Decimal(88), "A", "hr"), (2, Decimal(95), "A", "chen")] == [
        (shown.version, shown.result.score, shown.result.grade, shown.approved_by) for shown in after.published
    ]
    assert () == known.calibrated(HR)
    assert "A" == known.calibrated(HR, on="2026-07-08")[0].grade


def test_who_has_not_acknowledged_in_time_is_listed() -> None:
    """Published on July 4, with three days: from July 8 on."""
    assert () == PUBLISHED.unacknowledged(HR, on="2026-07-07")
    assert ("lin",) == PUBLISHED.unacknowledged(HR, on="2026-07-08")
    assert () == ACKNOWLEDGED.unacknowledged(HR, on="2026-07-08")


# ── calibration ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_calibrated_is_in_force_once_it_is_published() -> None:
    """Lin is paid by A from July 4 on, by zhou's word of July 2."""
    assert () == APPROVED.calibrated(HR)
    expected = Calibrated(payee="lin", period=PLAN.period, grade="A", by="zhou", why="a new branch", at="2026-07-02")
    assert (expected,) == PUBLISHED.calibrated(HR)
    assert () == PUBLISHED.calibrated(HR, on="2026-07-03")


def test_coefficients_are_calibrated_where_the_plan_says_so() -> None:
    """B has 100%; zhou makes it 110%, and hr 105%: both stay on record, and the grade as it is."""
    known = scored(begun(evolve(PLAN, calibrates="coefficient")), lin=88)
    known = known.after(known.calibrate("lin", coefficient="110%", why="good", by="zhou", at="2026-07-02"))
    known = known.after(known.calibrate("lin", coefficient="105%", why="budget", by="hr", at="2026-07-02"))
    known = published(approved(known, "lin", by="audit"), "lin")

    done = one(known).calibrations
    assert [("1", "11/10"), ("11/10", "21/20")] == [(str(d.coefficient_before), str(d.coefficient)) for d in done]
    assert ("", "21/20", "hr") == tuple(
        str(getattr(known.calibrated(HR)[0], n)) for n in ("grade", "coefficient", "by")
    )
    assert "B" == one(known).published[0].result.grade


def test_coefficients_are_calibrated_within_the_bounds_of_the_plan() -> None:
    """From 80% to 120%, both allowed: 120 for 120% would pay a hundredfold."""
    plan = evolve(PLAN, calibrates="coefficient", coefficient_at_least="80%", coefficient_at_most="120%")
    known = scored(begun(plan), lin=88)
    for coefficient in ("80%", "120%", Decimal("1.2")):
        assert known.calibrate("lin", coefficient=coefficient, why="good", by="zhou", at="2026-07-02")
    for coefficient in ("79.9%", "121%", "300%"):
        with pytest.raises(lp.errors.DataError, match=r"its coefficient would be .*; give 80% to 120%, as"):
            known.calibrate("lin", coefficient=coefficient, why="good", by="zhou", at="2026-07-02")
    with pytest.raises(lp.errors.DataError, match="give 90% or more"):
        scored(begun(evolve(plan, coefficient_at_least="90%", coefficient_at_most=None)), lin=88).calibrate(
            "lin", coefficient="80%", why="late", by="zhou", at="2026-07-02"
        )
    with pytest.raises(lp.errors.DataError, match="it bounds coefficients and calibrates grades"):
        evolve(PLAN, coefficient_at_most="120%")
    with pytest.raises(lp.errors.DataError, match="coefficients are 130% at least and 120% at most"):
        evolve(plan, coefficient_at_least="130%")
    with pytest.raises(lp.errors.DataError, match=r"CyclePlan\.coefficient_at_most: it is out of range"):
        evolve(plan, coefficient_at_most=120)


def test_another_approves_than_who_scored_or_calibrated() -> None:
    """Where the plan says so, as it does if nothing is said; else one person may do both."""
    both = SCORED.after(SCORED.calibrate("lin", grade="A", why="x", by="audit", at="2026-07-02"))
    with pytest.raises(lp.errors.DataError, match="audit scored or calibrated the result, and the plan asks that othe"):
        approved(both, "lin", by="audit")
    with pytest.raises(lp.errors.DataError, match="audit scored or calibrated the result, and the plan asks that othe"):
        approved(scored(begun(), by="audit", lin=88), "lin", by="audit")
    assert ResultState.APPROVED is one(approved(both, "lin", by="hr")).result_state

    alone = scored(begun(evolve(PLAN, another_approves=False)), by="audit", lin=88)
    assert ResultState.APPROVED is one(approved(alone, "lin", by="audit")).result_state


def test_nothing_is_calibrated_or_published_before_the_day_of_its_snapshot() -> None:
    """The plan names 3 July for calibration, and 5 July for publication; on those days it is done."""
    known = scored(begun(evolve(PLAN, calibrates_as_of="2026-07-03", publishes_as_of="2026-07-05")), lin=88)
    said: dict[str, Any] = {"grade": "A", "why": "x", "by": "zhou"}
    with pytest.raises(
        lp.errors.DataError, match="it is of 2026-07-02, and the plan says by the snapshot of 2026-07-03"
    ):
        known.calibrate("lin", **said, at="2026-07-02")
    known = approved(known.after(known.calibrate("lin", **said, at="2026-07-03")), "lin", at="2026-07-04")
    with pytest.raises(
        lp.errors.DataError, match="it is of 2026-07-04, and the plan says by the snapshot of 2026-07-05"
    ):
        published(known, "lin", at="2026-07-04")
    assert date(2026, 7, 5) == one(published(known, "lin", at="2026-07-05")).published_on


@pytest.mark.parametrize(("by", "may"), [("zhou", True), ("chen", True), ("hr", True), ("run", True), ("wu", False)])
def test_scores_are_taken_in_by_superiors_the_panel_and_whom_the_plan_names(by: str, *, may: bool) -> None:
    """A colleague takes none in; who starts the cycle names the others, and stands in its first record."""
    assert "hr" == json.loads(Cycle().lines(Cycle().start(PLAN, by="hr", at="2026-06-01"))[0])["planned"]["by"]
    if may:
        assert by == one(scored(begun(), by=by, lin=88)).scored_by
        return
    with pytest.raises(lp.errors.DataError, match=r"wu is neither above them as of 2026-06-30 .that is zhou"):
        scored(begun(), by=by, lin=88)


def test_a_score_is_of_the_whole_period_once_it_is_over() -> None:
    """A month of a quarter is no result of it, unless it is said that lin was there in June alone; that is kept."""
    quarter = lp.Period.quarter(2026, 2)
    known, june = begun(evolve(PLAN, period=quarter)), [appraised("lin", 88)]
    with pytest.raises(lp.errors.DataError, match="its appraisal is of 2026-06, and the cycle of 2026-Q2"):
        known.score(june, by="run", at="2026-07-01")
    (event,) = known.score(june, by="run", at="2026-07-01", parts_of=["lin"])
    assert JUNE == event.part
    (whole,) = known.score([appraised("wu", 88, quarter)], by="run", at="2026-07-01", parts_of=["wu"])
    assert whole.part is None
    with pytest.raises(lp.errors.DataError, match="it is taken in on 2026-06-30, and 2026-06 lasts until 2026-06-30"):
        scored(begun(), lin=88, at="2026-06-30")
    with pytest.raises(lp.errors.DataError, match="it is of 2026-07, and the cycle of 2026-Q2"):
        known.after([evolve(event, part=lp.Period.month(2026, 7), at="2026-08-01")])


def test_a_new_score_or_calibration_takes_the_approval_back() -> None:
    """What was approved was something else."""
    again = APPROVED.after(APPROVED.calibrate("lin", grade="B", why="as computed", by="chen", at="2026-07-03"))
    assert (ResultState.CALIBRATED, None) == (one(again).result_state, one(again).approval)
    anew = scored(APPROVED, lin=91, at="2026-07-03")
    assert (ResultState.SCORED, ()) == (one(anew).result_state, one(anew).calibrations)
    with pytest.raises(lp.errors.DataError, match="it is scored, and there is no way to publish it"):
        published(anew, "lin")


def test_what_was_changed_since_it_was_seen_is_not_approved() -> None:
    """Hr looks at 88, and approves it after it became 89."""
    seen = one(SCORED).result
    assert seen is not None
    with pytest.raises(lp.errors.DataError, match="it is not what was approved, but was changed since"):
        scored(SCORED, lin=89).approve([seen], by="hr", at="2026-07-03")


# ── appeals ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_appeal_that_is_upheld_may_recalibrate_where_the_plan_says_so() -> None:
    """The appraisal stays, and the grade goes from A to B; what was before is on record."""
    done = TAKEN_UP.after(TAKEN_UP.uphold("lin", grade="B", why="A was a mistake", by="chen", at="2026-07-08"))
    known = published(done, "lin", at="2026-07-08")
    assert [("B", "A"), ("A", "B")] == [(made.grade_before, made.grade) for made in one(known).calibrations]
    assert ["A", "B"] == [shown.result.grade for shown in one(known).published]
    assert ("B", "chen") == (known.calibrated(HR)[0].grade, known.calibrated(HR)[0].by)


def test_an_appeal_that_was_withdrawn_is_opened_again_in_time() -> None:
    """Until July 9, five days after the publication."""
    known = OPENED.after(OPENED.withdraw("lin", by="lin", at="2026-07-07"))
    assert known.appeal("lin", why="after all", by="lin", at="2026-07-09")
    with pytest.raises(lp.errors.DataError, match=r"it is of 2026-07-10, and the last day is 2026-07-09, 5 days after"):
        known.appeal("lin", why="after all", by="lin", at="2026-07-10")


def test_who_calibrated_does_not_decide_unless_the_plan_lets_them() -> None:
    """Zhou calibrated lin's result."""
    with pytest.raises(lp.errors.DataError, match="zhou scored or calibrated the result"):
        TAKEN_UP.reject("lin", why="no", by="zhou", at="2026-07-08")
    plan = evolve(PLAN, appeal_by_others=False)
    known = scored(begun(plan), lin=88)
    known = known.after(known.calibrate("lin", grade="A", why="good", by="zhou", at="2026-07-02"))
    known = published(approved(known, "lin"), "lin")
    known = known.after(known.appeal("lin", why="a loan is missing", by="lin", at="2026-07-06"))
    known = known.after(known.take_up("lin", by="zhou", at="2026-07-06"))
    assert known.reject("lin", why="no", by="zhou", at="2026-07-08")


def test_a_calibration_holds_from_the_day_of_its_publication() -> None:
    """On July 4 it does, and on July 3 not yet."""
    found = {on: [one.grade for one in PUBLISHED.calibrated(HR, on=on)] for on in ("2026-07-03", "2026-07-04")}
    assert {"2026-07-03": [], "2026-07-04": ["A"]} == found


def test_what_an_appeal_calibrates_is_shown_to_its_payee_once_it_is_published() -> None:
    """Chen upholds it with B: lin sees A from B alone, as published, and hr sees both."""
    done = TAKEN_UP.after(TAKEN_UP.uphold("lin", grade="B", why="A was a mistake", by="chen", at="2026-07-08"))
    assert ["A"] == [made.grade for made in one(done, viewer=LIN).calibrations]
    assert ["A", "B"] == [made.grade for made in one(done).calibrations]


def test_who_took_the_score_in_does_not_decide_an_appeal() -> None:
    """Nobody calibrates: hr scored, and rejects nothing."""
    known = published(approved(scored(begun(), by="hr", lin=88), "lin", by="audit"), "lin")
    known = known.after(known.appeal("lin", why="a loan is missing", by="lin", at="2026-07-06"))
    known = known.after(known.take_up("lin", by="audit", at="2026-07-07"))
    with pytest.raises(lp.errors.DataError, match="hr scored or calibrated the result"):
        known.reject("lin", why="no", by="hr", at="2026-07-08")
    assert known.reject("lin", why="no", by="audit", at="2026-07-08")


def test_who_calibrated_is_the_same_person_however_their_code_is_written() -> None:
    """CHEN of the panel calibrates, and chen, who is above lin, decides nothing."""
    known = scored(begun(evolve(PLAN, panel=["hr", "audit", "CHEN"])), lin=88)
    known = known.after(known.calibrate("lin", grade="A", why="good", by="CHEN", at="2026-07-02"))
    known = published(approved(known, "lin"), "lin")
    known = known.after(known.appeal("lin", why="a loan is missing", by="lin", at="2026-07-06"))
    known = known.after(known.take_up("lin", by="hr", at="2026-07-07"))
    with pytest.raises(lp.errors.DataError, match="chen scored or calibrated the result"):
        known.reject("lin", why="no", by="chen", at="2026-07-08")


def test_a_superior_of_the_very_day_of_the_snapshot_calibrates() -> None:
    """Zhou led east on June 15, and tang leads it from June 30 on, which is the day that the plan names."""
    known = Cycle()
    known = known.after(known.start(PLAN, by="hr", at="2026-06-01"))
    known = known.after(known.take_snapshots(bank(), on="2026-06-15", by="hr", at="2026-06-15"))
    later = bank(held("tang", "east", "lead", "2026-06-30"), without=("zhou",))
    known = scored(known.after(known.take_snapshots(later, on="2026-06-30", by="hr", at="2026-06-30")), lin=88)
    assert known.calibrate("lin", grade="A", why="good", by="tang", at="2026-07-02")
    with pytest.raises(
        lp.errors.DataError, match=r"zhou is neither above them as of 2026-06-30 \(that is tang, chen\)"
    ):
        known.calibrate("lin", grade="A", why="good", by="zhou", at="2026-07-02")


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────

SEEN = OPENED.after(OPENED.acknowledge("lin", version=1, by="lin", at="2026-07-06"))
RESULTS: dict[ResultState, Cycle] = {
    ResultState.WAITING: begun(),
    ResultState.SCORED: SCORED,
    ResultState.CALIBRATED: CALIBRATED,
    ResultState.APPROVED: APPROVED,
    ResultState.PUBLISHED: TAKEN_UP,
    ResultState.ACKNOWLEDGED: SEEN.after(SEEN.take_up("lin", by="hr", at="2026-07-07")),
    ResultState.AMENDED: UPHELD,
}
DAY = "2026-07-08"


def approve_it(known: Cycle) -> Any:
    """Approve what stands, or what somebody thinks does."""
    return known.approve([one(known).result or one(SCORED).result], by="audit", at=DAY)  # type: ignore[list-item]


RESULT_ACTS: dict[ResultAct, Callable[[Cycle], Any]] = {
    ResultAct.SCORE: lambda known: known.score([appraised("lin", 91)], by="run", at=DAY),
    ResultAct.CALIBRATE: lambda known: known.calibrate("lin", grade="C", why="x", by="chen", at=DAY),
    ResultAct.APPROVE: approve_it,
    ResultAct.PUBLISH: lambda known: known.publish(["lin"], by="audit", at=DAY),
    ResultAct.ACKNOWLEDGE: lambda known: known.acknowledge(
        "lin", version=max(1, len(one(known).published)), by="lin", at=DAY
    ),
    ResultAct.INTERVIEW: lambda known: known.note_interview("lin", "we talked", by="zhou", at=DAY),
    ResultAct.AMEND: lambda known: known.uphold("lin", appraisal=appraised("lin", 96), why="x", by="audit", at=DAY),
}


@pytest.mark.parametrize(("state", "act"), [*product(ResultState, ResultAct)])
def test_the_table_of_results_is_walked_whole(state: ResultState, act: ResultAct) -> None:
    """Each act in each state does what the table says, or is refused where the table has none; nothing else decides."""
    known = RESULTS[state]
    assert state is one(known).result_state
    if (state, act) in RESULT_MOVES:
        assert RESULT_MOVES[state, act] is one(known.after(RESULT_ACTS[act](known))).result_state
    else:
        with pytest.raises(lp.errors.DataError, match=r"there is no way to|is not published|there is none"):
            RESULT_ACTS[act](known)


APPEALS: dict[AppealState, Cycle] = {
    AppealState.ABSENT: PUBLISHED,
    AppealState.OPENED: OPENED,
    AppealState.TAKEN_UP: TAKEN_UP,
    AppealState.UPHELD: published(UPHELD, "lin", at=DAY),
    AppealState.REJECTED: TAKEN_UP.after(TAKEN_UP.reject("lin", why="booked in July", by="chen", at=DAY)),
    AppealState.WITHDRAWN: TAKEN_UP.after(TAKEN_UP.withdraw("lin", by="lin", at=DAY)),
}
APPEAL_ACTS: dict[AppealAct, Callable[[Cycle], Any]] = {
    AppealAct.OPEN: lambda known: known.appeal("lin", why="more", by="lin", at="2026-07-09"),
    AppealAct.TAKE_UP: lambda known: known.take_up("lin", by="audit", at="2026-07-09"),
    AppealAct.UPHOLD: lambda known: known.uphold("lin", grade="C", why="x", by="audit", at="2026-07-09"),
    AppealAct.REJECT: lambda known: known.reject("lin", why="y", by="audit", at="2026-07-09"),
    AppealAct.WITHDRAW: lambda known: known.withdraw("lin", by="lin", at="2026-07-09"),
}


def appeal_of(known: Cycle) -> AppealState:
    """How the appeal of lin stands."""
    found = one(known).appeal
    return AppealState.ABSENT if found is None else found.state


@pytest.mark.parametrize(("state", "act"), [*product(AppealState, AppealAct)])
def test_the_table_of_appeals_is_walked_whole(state: AppealState, act: AppealAct) -> None:
    """As that of results; the same act by the same person at once is no new event."""
    known = APPEALS[state]
    assert state is appeal_of(known)
    if (state, act) in APPEAL_MOVES:
        assert APPEAL_MOVES[state, act] is appeal_of(known.after(APPEAL_ACTS[act](known)))
    elif (state, act) == (AppealState.WITHDRAWN, AppealAct.WITHDRAW):
        assert () == APPEAL_ACTS[act](known)
    else:
        with pytest.raises(lp.errors.DataError, match="there is no way to"):
            APPEAL_ACTS[act](known)


LEFT = begun().after(begun().take_snapshots(bank(without=["lin"]), on="2026-07-01", by="hr", at="2026-07-01"))
PARTICIPANTS = {
    ParticipantState.ABSENT: begun(leads=bank(without=["lin"])),
    ParticipantState.THERE: begun(),
    ParticipantState.LEFT: LEFT,
}


@pytest.mark.parametrize(("state", "act"), [*product(ParticipantState, ParticipantAct)])
def test_the_table_of_participants_is_walked_whole(state: ParticipantState, act: ParticipantAct) -> None:
    """What a snapshot says is one act in each state: who is there joins if they were not, and else changes."""
    known = PARTICIPANTS[state]
    says = SnapshotTaken(
        payee="lin",
        unit="west",
        role="officer",
        superiors=["ma"],
        as_of="2026-07-02",
        is_there=act is not ParticipantAct.LEAVE,
        by="hr",
        at="2026-07-02",
    )
    joins = state is not ParticipantState.THERE
    if act is ParticipantAct.LEAVE and (state, act) not in PARTICIPANT_MOVES:
        with pytest.raises(lp.errors.DataError, match="there is no way to leave"):
            known.after([says])
        return
    after = one(known.after([says])).state
    if act is not ParticipantAct.LEAVE:
        assert ((state, act) in PARTICIPANT_MOVES) is (joins is (act is ParticipantAct.JOIN))
        act = ParticipantAct.JOIN if joins else ParticipantAct.CHANGE
    assert PARTICIPANT_MOVES[state, act] is after


def test_what_was_said_already_is_no_new_event() -> None:
    """Pressed twice, by whatever clock."""
    later = "2026-07-20"
    result = one(CALIBRATED).result
    assert result is not None
    assert () == CALIBRATED.start(PLAN, by="hr", at=later)
    assert () == CALIBRATED.score([appraised("lin", 88)], by="run", at=later)
    assert () == CALIBRATED.calibrate("lin", grade="A", why="a new branch", by="zhou", at=later)
    assert () == APPROVED.approve([result], by="hr", at=later)
    assert () == PUBLISHED.publish(["lin"], by="hr", at=later)
    assert () == ACKNOWLEDGED.acknowledge("lin", version=1, by="lin", at=later)
    assert () == OPENED.appeal("lin", why="a loan is missing", by="lin", at=later)
    assert () == TAKEN_UP.take_up("lin", by="hr", at=later)
    assert () == UPHELD.uphold("lin", appraisal=appraised("lin", 95), why="it was booked late", by="chen", at=later)


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────


def snapshot(**more: Any) -> SnapshotTaken:
    """Of lin, who moved to west."""
    said = {"payee": "lin", "unit": "west", "role": "officer", "superiors": ["ma"], "as_of": "2026-07-02", "by": "hr"}
    return SnapshotTaken(**said | {"at": "2026-07-02"} | more)


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: CALIBRATED.calibrate("lin", grade="A", why="x", by="lin", at=DAY),
        "lin would decide about themselves",
    ),
    (lambda: CALIBRATED.calibrate("lin", grade="A", why="x", by=" LIN", at=DAY), "ResultCalibrated.by"),
    (
        lambda: CALIBRATED.calibrate("lin", grade="A", why="x", by="LIN", at=DAY),
        "LIN would decide about themselves",
    ),
    (lambda: SCORED.calibrate("lin", grade="A", why="x", by="wu", at=DAY), "wu is neither above them"),
    (lambda: SCORED.calibrate("lin", grade="A", why="x", by="ma", at=DAY), "ma is neither above them"),
    (lambda: SCORED.calibrate("lin", grade="A", why=" ", by="zhou", at=DAY), "it is empty; write some words"),
    (
        lambda: SCORED.calibrate("lin", grade="D", why="x", by="zhou", at=DAY),
        "its grade is D, and the plan has A, B",
    ),
    (lambda: SCORED.calibrate("lin", grade="B", why="x", by="zhou", at=DAY), "it is B already"),
    (lambda: SCORED.calibrate("lin", why="x", by="zhou", at=DAY), "the plan calibrates grades alone"),
    (
        lambda: SCORED.calibrate("lin", coefficient=2, why="x", by="zhou", at=DAY),
        "the plan calibrates grades alone",
    ),
    (lambda: SCORED.calibrate("lin", coefficient=1.5, why="x", by="zhou", at=DAY), "1.5"),  # type: ignore[arg-type]
    (lambda: SCORED.calibrate("nobody", grade="A", why="x", by="zhou", at=DAY), "'nobody' takes no part in it"),
    (lambda: SCORED.calibrate("lin", grade="A", why="x", by="zhou", at="2026-06-30"), "what it follows 2026-07-01"),
    (lambda: PUBLISHED.calibrate("lin", grade="B", why="x", by="zhou", at=DAY), "unless its participant appeals"),
    (lambda: approved(SCORED, "lin", by="lin"), "lin would decide about themselves; let somebody else do it"),
    (lambda: approved(SCORED, "lin", by="fang"), "fang is neither above them"),
    (lambda: SCORED.approve("lin", by="hr", at=DAY), "results: it is no list"),  # type: ignore[arg-type]
    (lambda: published(APPROVED, "lin", by="lin"), "lin would decide about themselves"),
    (lambda: published(CALIBRATED, "lin"), "approve and publish it first"),
    (lambda: published(SCORED, "zhou"), "it is waiting for a score, and there is no way to publish it"),
    (lambda: APPROVED.acknowledge("lin", version=1, by="lin", at=DAY), "it is not published"),
    (lambda: APPROVED.appeal("lin", why="x", by="lin", at=DAY), "it is not published"),
    (
        lambda: PUBLISHED.acknowledge("lin", version=2, by="lin", at=DAY),
        "publication 2 is not the last, which is 1",
    ),
    (lambda: PUBLISHED.acknowledge("lin", version=1, by="zhou", at=DAY), "zhou would speak for lin; let lin do it"),
    (lambda: PUBLISHED.appeal("lin", why="x", by="wu", at=DAY), "wu would speak for lin"),
    (lambda: PUBLISHED.appeal("lin", why="", by="lin", at=DAY), "AppealOpened.why: it is empty"),
    (lambda: PUBLISHED.appeal("lin", why="x", by="lin", at="2026-07-10"), "the last day is 2026-07-09"),
    (lambda: PUBLISHED.note_interview("lin", "x", by="wu", at=DAY), "wu is neither above them"),
    (lambda: APPROVED.note_interview("lin", "x", by="zhou", at=DAY), "there is no way to interview it"),
    (lambda: OPENED.take_up("lin", by="lin", at=DAY), "lin would decide about themselves"),
    (lambda: OPENED.reject("lin", why="x", by="chen", at=DAY), "take it up first"),
    (lambda: OPENED.withdraw("lin", by="hr", at=DAY), "hr would speak for lin"),
    (lambda: TAKEN_UP.reject("lin", why="x", by="lin", at=DAY), "lin would decide about themselves"),
    (lambda: TAKEN_UP.uphold("lin", why="x", by="chen", at=DAY), "it is upheld, and nothing changes"),
    (lambda: TAKEN_UP.uphold("lin", why="x", by="chen", at=DAY, appraisal=appraised("wu", 9)), "of somebody else"),
    (lambda: TAKEN_UP.uphold("lin", why="x", by="chen", at=DAY, coefficient=2), "it changes more than"),
    (lambda: TAKEN_UP.uphold("lin", why="x", by="chen", at=DAY, grade="D"), "its grade is D"),
    (lambda: SCORED.uphold("lin", why="x", by="chen", at=DAY, grade="A"), "there is none"),
    (lambda: scored(begun(), nobody=80), "'nobody' takes no part in it"),
    (lambda: scored(begun(), by="lin", lin=100), "lin would decide about themselves"),
    (lambda: scored(PUBLISHED, lin=91, at=DAY), "there is no way to score it"),
    (
        lambda: SCORED.score([appraised("wu", 80), appraised("wu", 81)], by="run", at=DAY),
        "there are two appraisals",
    ),
    (lambda: SCORED.score([appraised("wu", 8, lp.Period.month(2026, 7))], by="run", at=DAY), "is of 2026-07, and"),
    (lambda: SCORED.score([appraised("wu", 8, grade=None)], by="run", at=DAY), "its grade is none, and the plan"),
    (lambda: SCORED.score([8], by="run", at=DAY), "one of appraisals: it is no Appraisal"),  # type: ignore[list-item]
    (lambda: Cycle().score([appraised("wu", 80)], by="run", at=DAY), "it has no plan; set one with start"),
    (lambda: begun().start(evolve(PLAN, appeal_days=9), by="hr", at=DAY), "one was set before"),
    (lambda: begun().after([snapshot(as_of="2026-06-29")]), "and the one before of 2026-06-30"),
    (lambda: begun().after([snapshot(as_of="2026-07-03")]), "it speaks of 2026-07-03, a day to come"),
    (lambda: begun().after([snapshot(superiors=["lin"])]), "they would be above themselves"),
    (lambda: begun().after([snapshot(unit="east", superiors=["zhou", "chen"])]), "what the one before says"),
    (lambda: begun().take_snapshots(bank(), on=DAY, by="hr", at=DAY, of=["x"]), "does not know 'x'"),
    (lambda: begun().take_snapshots(None, on=DAY, by="hr", at=DAY), "leads: it is no Leads"),  # type: ignore[arg-type]
    (lambda: evolve(PLAN, grades=["A", "A"]), "its grades are A, A"),
    (lambda: evolve(PLAN, grades=[]), "its grades are none"),
    (lambda: evolve(PLAN, appeal_days=-1), "CyclePlan.appeal_days: it is negative"),
    (lambda: evolve(PLAN, calibrates="score"), "no known word"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("asks", "said"), REFUSED, ids=[*map(str, range(len(REFUSED)))])
def test_what_cannot_be_is_refused_and_says_what_to_do(asks: Callable[[], Any], said: str) -> None:
    """By name, with what stands and what to do about it."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        asks()


# ── records ─────────────────────────────────────────────────────────────────────────────────────────────────


def stored() -> list[str]:
    """The records of a cycle from its plan to an upheld appeal, in a store."""
    store, stream = MemoryEntries(), cycle_stream("branch pay", JUNE)
    known = Cycle()
    commands: list[Callable[[Cycle], Any]] = [
        lambda known: known.start(PLAN, by="hr", at="2026-06-01"),
        lambda known: known.take_snapshots(bank(), on="2026-06-30", by="hr", at="2026-06-30"),
        lambda known: known.score([appraised("lin", 88)], by="run", at="2026-07-01"),
        lambda known: known.calibrate("lin", grade="A", why="good", by="zhou", at="2026-07-02T09:00:00+08:00"),
        lambda known: known.approve([one(known).result], by="hr", at="2026-07-03"),  # type: ignore[list-item]
        lambda known: known.publish(["lin"], by="hr", at="2026-07-04"),
        lambda known: known.acknowledge("lin", version=1, by="lin", at="2026-07-04"),
        lambda known: known.note_interview("lin", "we talked", by="zhou", at="2026-07-05"),
        lambda known: known.appeal("lin", why="a loan", by="lin", at="2026-07-05"),
        lambda known: known.take_up("lin", by="audit", at="2026-07-05"),
        lambda known: known.uphold("lin", appraisal=appraised("lin", 95), why="so", by="audit", at="2026-07-06"),
        lambda known: known.publish(["lin"], by="audit", at="2026-07-06"),
    ]
    for command in commands:
        events = command(known)
        store.append(stream, known.lines(events), expected=known.records)
        known = known.after(events)
        assert Cycle.of(store.read(stream)) == known
    return [*store.read(stream)]


def test_replay_of_the_records_is_the_state() -> None:
    """After every command whoever starts anew from the store knows the same, every kind of event included."""
    assert 18 == len(stored())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:5] + lines[6:], "record 6 .* is numbered 7: one is missing"),
        (lambda lines: [lines[0].replace('"form":1', '"form":2')], "it is of form 2, and this version .* reads 1"),
        (lambda lines: [*lines[:9], lines[9].replace('"grade":"A"', '"grade":"B"')], "its hash is not that"),
        (lambda lines: [line.replace("snapshot", "shot") for line in lines], "it is none of acknowledged, appeal"),
        (lambda lines: [*lines[:4], "{"], "it cannot be read"),
    ],
)
def test_records_that_were_changed_are_refused(change: Callable[[list[str]], list[str]], said: str) -> None:
    """A hole, a newer version, a changed word, another kind, and what is no record."""
    with pytest.raises(lp.errors.DataError, match=said):
        Cycle.of(change(stored()))


def test_participants_speak_for_themselves_however_their_code_is_written() -> None:
    """The result of `lin` is acknowledged and appealed by `LIN`, who could not approve it either."""
    assert PUBLISHED.acknowledge("lin", version=1, by="LIN", at=DAY) == PUBLISHED.acknowledge(
        "lin", version=1, by="lin", at=DAY
    )
    assert PUBLISHED.appeal("lin", why="x", by="LIN", at=DAY) == PUBLISHED.appeal("lin", why="x", by="lin", at=DAY)
    with pytest.raises(lp.errors.DataError, match="LIN would decide about themselves"):
        approved(SCORED, "lin", by="LIN")


def test_an_appeal_of_ten_megabytes_is_refused() -> None:
    """10,000 characters are about five pages; what is longer belongs beside the record."""
    assert PUBLISHED.appeal("lin", why="错" * 10_000, by="lin", at=DAY)
    for long in (10_001, 10_000_000):
        with pytest.raises(lp.errors.DataError, match=rf"AppealOpened.why: it has {long} characters; write 10000 at"):
            PUBLISHED.appeal("lin", why="x" * long, by="lin", at=DAY)


def test_a_result_may_be_appealed_on_the_last_day_and_not_after() -> None:
    """Three days after the publication of 1 July are 4 July."""
    plan, shown = evolve(PLAN, appeal_days=3), date(2026, 7, 1)

    assert [plan.may_appeal(shown, date(2026, 7, day)) for day in (1, 4, 5)] == [True, True, False]


def test_an_event_that_cannot_follow_is_refused_when_it_is_replayed() -> None:
    """Lin's own calibration of the result, written past the commands."""
    done = evolve(one(CALIBRATED).calibrations[0], by="lin")
    with pytest.raises(lp.errors.DataError, match=r"event 12 of the cycle: it cannot follow .* lin would decide about"):
        SCORED.after([done])
