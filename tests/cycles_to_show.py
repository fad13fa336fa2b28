"""Reviews and a cycle, to be shown on pages: few people and numbers, each of which can be worked out on paper.

Lin is reviewed by zhou, wu and others, by two items of which one has five marks.

Lin, wu and gao scored 92, an A from 90 on; he scored 70, a C. A quarter is to have A, half B and a quarter C: of four,
1, 2 and 1. Two of the three people of 92 points would get B, and which of them is for a person to decide.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.test_cycle import appraised

import loanperf as lp
from loanperf.alerts import Leads
from loanperf.cycle import Cycle, CyclePlan, ForcedDistribution, GradeShare
from loanperf.outcomes import OutcomeRule, OutcomeRules, PersonOutcome, PersonResult, outcomes_of
from loanperf.reviews import (
    Invited,
    RaterCategory,
    RatingScale,
    ReviewForm,
    ReviewItem,
    ReviewNote,
    ReviewPlan,
    ReviewResult,
    Reviews,
    Submitted,
)
from loanperf.viewer import Viewer

JUNE = lp.Period.month(2026, 6)
NAMES = {"lin": "林晓", "wu": "吴敏", "he": "何平", "gao": "高远", "zhou": "周杰", "chen": "陈东"}
UNITS = {"east": "城东支行", "bank": "总行"}
ANCHORS = {1: lp.Label("far below what is asked", "远低于要求"), 3: lp.Label("as asked", "达到要求")}
FIVE = RatingScale(low=1, high=5, step=1, anchors={**ANCHORS, 5: lp.Label("outstanding", "表现突出")})
HUNDRED = RatingScale(low=0, high=100, step="0.5", anchors={60: lp.Label("enough", "合格")})


def organisation(names: Mapping[str, str] = NAMES, units: Mapping[str, str] = UNITS) -> lp.Organisation:
    """Zhou leads east, chen the bank; four officers are in east."""
    roles = {"zhou": "lead", "chen": "lead"}
    return lp.Organisation(
        units=[
            lp.Unit(code="bank", name=units["bank"]),
            lp.Unit(code="east", name=units["east"], parent="bank"),
        ],
        payees=[lp.Payee(code=code, name=name) for code, name in names.items()],
        assignments=[
            lp.Assignment(
                payee=code,
                unit="bank" if code == "chen" else "east",
                role=roles.get(code, "officer"),
                since="2026-01-01",
            )
            for code in names
        ],
    )


def leads_of(people: lp.Organisation) -> Leads:
    """Whom each of them leads."""
    return Leads(organisation=people, roles=["lead"])


def item(code: str, name: lp.Label, weight: str, scale: RatingScale) -> ReviewItem:
    """What a rater marks."""
    return ReviewItem(code=code, name=name, weight=weight, scale=scale)


SERVICE = lp.Label("Service to customers", "客户服务")


def review_plan(service: lp.Label = SERVICE) -> ReviewPlan:
    """Boss, peers and self, from 1 to 10 July."""
    return ReviewPlan(
        period=JUNE,
        indicator="reviewed",
        form=ReviewForm(
            items=[item("service", service, "60%", FIVE), item("risk", lp.Label("Care", "风险意识"), "40%", HUNDRED)]
        ),
        categories=[
            RaterCategory(code="boss", name=lp.Label("Superior", "上级"), relation="supervisor", weight="60%"),
            RaterCategory(code="peers", name=lp.Label("Peers", "同级"), relation="peers", weight="30%", minimum=3),
            RaterCategory(code="self", name=lp.Label("Self", "自评"), relation="self", weight="10%"),
        ],
        opens="2026-07-01",
        deadline="2026-07-10",
    )


def reviews_begun(
    people: lp.Organisation | None = None, plan: ReviewPlan | None = None, note: str = "帮助客户补齐了资料"
) -> Reviews:
    """Everybody is invited to review lin; wu wrote a note about lin (record 2) and one about he (record 3)."""
    known = Reviews()
    known = known.after(known.start(plan or review_plan(), by="hr", at="2026-06-01"))
    for about, text in (("lin", note), ("he", "other")):
        known = known.after(known.note(ReviewNote(about=about, by="wu", text=text, at="2026-06-20"), by="wu"))
    leads = leads_of(people or organisation())
    for rater, category in {"zhou": "boss", "wu": "peers", "he": "peers", "gao": "peers", "lin": "self"}.items():
        event = Invited(ratee="lin", rater=rater, category=category, by="hr", at="2026-07-01")
        known = known.after(known.invite(event, leads=leads))
    return known


def reviewed(names: Mapping[str, str] = NAMES) -> ReviewResult:
    """What lin sees: 100 × (60% × 4/5 + 40% × 80/100) = 80 of zhou; of three peers 60, 70 and 80, which is 70; no self.

    Missing weights go to the others in proportion: 80 × 60/90 + 70 × 30/90 = 76.6667.
    """
    known = reviews_begun(organisation(names))
    given = {"zhou": ("boss", 4, 80), "wu": ("peers", 3, 60), "he": ("peers", 3, 85), "gao": ("peers", 4, 80)}
    for rater, (category, service, risk) in given.items():
        marks = {"service": service, "risk": risk}
        event = Submitted(ratee="lin", rater=rater, category=category, marks=marks, at="2026-07-08")
        known = known.after(known.answer(event, by=rater))
    known = known.after(known.close(viewer=Viewer(who="hr", sees="all"), at="2026-07-11"))
    return known.result("lin", Viewer(who="lin", sees="self"))


# ── a cycle ─────────────────────────────────────────────────────────────────────────────────────────────────

SCORES = {"lin": 92, "wu": 92, "gao": 92, "he": 70}
SHARES = [GradeShare(grade=grade, share=share) for grade, share in (("A", "25%"), ("B", "50%"), ("C", "25%"))]


def cycle_plan(**more: Any) -> CyclePlan:
    """Grades are calibrated; appeals are open for five days, and who calibrated does not decide them."""
    usual: dict[str, Any] = {
        "period": JUNE,
        "grades": ["A", "B", "C"],
        "calibrates_as_of": "2026-06-30",
        "publishes_as_of": "2026-06-30",
        "panel": ["hr"],
        "scorers": ["run"],
        "acknowledgement_days": 3,
        "appeal_days": 5,
        "distribution": ForcedDistribution(shares=SHARES, smallest=3),
    }
    return CyclePlan(**{**usual, **more})


def cycle_scored(plan: CyclePlan | None = None, people: lp.Organisation | None = None) -> Cycle:
    """A cycle with the scores of July 1."""
    known = Cycle()
    known = known.after(known.start(plan or cycle_plan(), by="hr", at="2026-06-01"))
    leads = leads_of(people or organisation())
    known = known.after(known.take_snapshots(leads, on="2026-06-30", by="hr", at="2026-06-30"))
    scores = [appraised(code, score) for code, score in SCORES.items()]
    return known.after(known.score(scores, by="run", at="2026-07-01"))


def cycle_calibrated(known: Cycle | None = None, why: str = "团队目标未完成", **change: Any) -> Cycle:
    """Zhou gave lin a B on July 2."""
    begun = known or cycle_scored()
    return begun.after(begun.calibrate("lin", why=why, by="zhou", at="2026-07-02", **(change or {"grade": "B"})))


def cycle_published(known: Cycle, payees: Iterable[str] = ("lin",)) -> Cycle:
    """Approved on July 3 by hr and published on July 4 by chen."""
    results = [one.result for one in known.participants(Viewer(who="hr", sees="all")) if one.payee in payees]
    known = known.after(known.approve([one for one in results if one is not None], by="hr", at="2026-07-03"))
    return known.after(known.publish(payees, by="chen", at="2026-07-04"))


def cycle_appealed(known: Cycle, why: str = "漏计一笔贷款") -> Cycle:
    """Lin appealed on July 6, and hr took it up on July 7."""
    known = known.after(known.appeal("lin", why=why, by="lin", at="2026-07-06"))
    return known.after(known.take_up("lin", by="hr", at="2026-07-07"))


def cycle_upheld(known: Cycle) -> Cycle:
    """Chen upheld it on July 8: 95 points, an A."""
    event = known.uphold("lin", appraisal=appraised("lin", 95), why="补录后重新计分", by="chen", at="2026-07-08")
    return known.after(event)


PROMOTION = lp.Label("Eligible for promotion", "晋升候选")


def outcomes_given(name: lp.Label = PROMOTION) -> tuple[PersonOutcome, ...]:
    """Lin has been an officer for 17 months: long enough for a promotion after 12, and for a course within 30 days."""
    rules = OutcomeRules(
        name="use of results",
        effective="2026-01-01",
        grades=["A", "B", "C"],
        rules=[
            OutcomeRule(code="promotion", name=name, months_in_role=12),
            OutcomeRule(
                code="training",
                name=lp.Label("Training", "专项培训"),
                months_in_role=1,
                course="合规课程",
                due_days=30,
            ),
        ],
    )
    result = PersonResult(
        payee="lin", period=JUNE, unit="east", role="officer", score=92, grade="B", role_since="2025-02-01"
    )
    return outcomes_of(rules, [result], JUNE, as_of="2026-07-15", viewer=Viewer(who="lin", sees="self"))
