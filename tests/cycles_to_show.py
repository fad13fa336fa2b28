"""Reviews, to be shown on pages: lin is reviewed by zhou, wu and others, by two items of which one has five marks."""

from collections.abc import Mapping

import loanperf as lp
from loanperf.alerts import Leads
from loanperf.reviews import (
    Invited,
    RaterCategory,
    RatingScale,
    ReviewForm,
    ReviewItem,
    ReviewNote,
    ReviewPlan,
    Reviews,
)

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
