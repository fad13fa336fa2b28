"""A scheme that learns: volume weighs less, payees say what is wrong, a change is decided with them, and is looked at.

    python examples/learning.py

Where volume weighed 70%, bad loans were 7%. The next version weighs performance, risk and growth 50/30/20 and warns at
5%. Then payees say that the NPL ratio weighs too much, so that nobody dares to open promising customers; a proposal
takes a part of its weight to retention. Whom each version moves is worked over a past period, person by person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries
from loanperf.learning import (
    ChangeCaveat,
    ChangeEffect,
    ChangeRow,
    FeedbackGiven,
    Learning,
    LearningPlan,
    PastPeriod,
    PayMoves,
    ProposalView,
    SchemeProposed,
    SurveyAnswered,
    SurveyItem,
    SurveyShare,
    effect_of,
    feedback_stream,
    proposal_view,
    whom_it_moves,
)
from loanperf.reviews import RatingScale
from loanperf.viewer import Viewer

BEFORE, AFTER = lp.Period.quarter(2025, 4), lp.Period.quarter(2026, 2)
PEOPLE = {f"E{number:02}": "east" if number <= 10 else "west" for number in range(1, 21)}
"""Twenty people by code, and their units."""
LEADS = {"east": "L1", "west": "L2"}
HR = Viewer(who="hr", sees="all")
SCHEME = """
name = "branch pay"
currency = "CNY"
effective = {effective}

[indicators.npl_ratio.options]
written_off = "excluded"
rescheduled = "as classified"

[indicators.cross_sell_rate.options]
counted = "two or more"

[profiles.officer.weights]
{weights}

[targets]
loan_amount = "100万元"
npl_ratio = "5%"
retention_rate = "80%"
cross_sell_rate = "20%"

[scoring.default]
places = 1
rounding = "half up"

[grades]
A = {{ at_least = 110, name = {{ en = "outstanding", zh = "优秀" }} }}
B = {{ at_least = 90, name = {{ en = "good", zh = "良好" }} }}
C = {{ at_least = 0, name = {{ en = "fair", zh = "合格" }} }}

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
then = {{ per_point = "0.1%", counted = "pro rata" }}
rounding = "half up"
{alerts}"""
ALERTS = """
[alerts.npl_line]
indicator = "npl_ratio"
kind = "threshold"
test = "above"
limit = "5%"
"""
WEIGHTS_FIRST = 'loan_amount = "70%"\nnpl_ratio = "20%"\nretention_rate = "10%"'
WEIGHTS_NEXT = 'loan_amount = "50%"\nnpl_ratio = "30%"\nretention_rate = "10%"\ncross_sell_rate = "10%"'
FIRST = lp.parse_scheme(SCHEME.format(effective="2025-01-01", weights=WEIGHTS_FIRST, alerts=""), "toml")
"""Volume weighs 70%."""
NEXT = lp.parse_scheme(SCHEME.format(effective="2026-01-01", weights=WEIGHTS_NEXT, alerts=ALERTS), "toml")
"""Performance 50%, risk 30%, growth 20%, and a warning at 5%."""
LAST = NEXT.rebalance("officer", {"npl_ratio": "25%", "retention_rate": "15%"}, effective="2026-10-01")
"""As payees ask: the NPL ratio 25%, retention 15%."""
WORK = [(150, 75, 64, 10), (80, 25, 80, 20), (90, 50, 96, 30), (100, 50, 80, 20)]
"""Four ways to work: loans in 万元, NPL ratio in ‰, retention and cross-selling in %; the fourth is as asked."""
TEXT = "自2026年10月1日起，不良率权重由30%调整为25%，客户留存率权重由10%调整为15%。"
SURVEY = SurveyItem(
    code="scheme",
    name=lp.Label("satisfied with the scheme", "对考核方案的满意度"),
    scale=RatingScale(low=1, high=5, step=1),
    satisfied=4,
)


@frozen(kw_only=True)
class Lessons:
    """What came of it."""

    first_move: PayMoves
    """From 70% volume to 50/30/20, over the last quarter before it."""
    proposal: ProposalView
    """What payees asked for, over the quarter of their experience."""
    book: lp.SchemeBook
    """With the version that was approved."""
    satisfied: tuple[tuple[SurveyShare, ...], tuple[SurveyShare, ...]]
    """By unit, in both rounds."""
    effect: ChangeEffect
    """What was seen after volume weighed less."""


def organisation() -> lp.Organisation:
    """Who works where."""
    units = [lp.Unit(code="bank"), *(lp.Unit(code=unit, parent="bank") for unit in LEADS)]
    held = [(payee, unit, "officer") for payee, unit in PEOPLE.items()]
    held += [(lead, unit, "lead") for unit, lead in LEADS.items()]
    return lp.Organisation(
        units=units,
        assignments=[
            lp.Assignment(payee=payee, unit=unit, role=role, since="2025-01-01") for payee, unit, role in held
        ],
    )


def past(period: lp.Period) -> PastPeriod:
    """What was measured in a period: everybody works in one of four ways; a month's salary is 10000 元."""
    ways = [WORK[place % len(WORK)] for place in range(len(PEOPLE))]
    columns = ("loan_amount(万元)", "npl_ratio(‰)", "retention_rate(%)", "cross_sell_rate(%)")
    rows = {name: [way[place] for way in ways] for place, name in enumerate(columns)}
    return PastPeriod(
        period=period,
        rows={"payee": [*PEOPLE], **rows, "month(元)": [10_000] * len(ways)},
        organisation=organisation(),
    )


class Round:
    """The feedback of one period, kept in a stream."""

    def __init__(self, period: lp.Period, opens: str, closes: str) -> None:
        self.store, self.stream = MemoryEntries(), feedback_stream(NEXT.name, period)
        self.opens = opens
        plan = LearningPlan(
            period=period, opens=opens, closes=closes, indicators=["npl_ratio"], survey=[SURVEY], notice_days=30
        )
        self.keep(self.now.start(plan, by="hr", at=opens))

    @property
    def now(self) -> Learning:
        """How it stands."""
        return Learning.of(self.store.read(self.stream))

    def keep(self, events: Iterable[Any]) -> None:
        """Append events, or learn that somebody else has acted meanwhile."""
        now = self.now
        self.store.append(self.stream, now.lines(events), expected=now.records)

    def survey(self, satisfied: int, closed: str) -> tuple[SurveyShare, ...]:
        """Everybody answers: 5 of 5 so many of them, in turn from both units, and the others 2; the shares by unit."""
        people, known = organisation(), sorted(PEOPLE, key=lambda payee: payee[2] + payee[1])
        for place, payee in enumerate(known):
            marks = {"scheme": 5 if place < satisfied else 2}
            answer = SurveyAnswered(by=payee, unit=PEOPLE[payee], marks=marks, at=self.opens)
            self.keep(self.now.answer_survey(answer, by=payee, organisation=people))
        self.keep(self.now.close(by="hr", at=closed))
        return self.now.satisfaction(HR, people)


def decide(feedback: Round, book: lp.SchemeBook) -> None:
    """Propose what payees ask for, discuss it with them, make it known, and approve it."""
    asked = [one.number for one in feedback.now.seen_by(HR) if one.about == "npl_ratio"]
    proposed = SchemeProposed.of(
        NEXT, LAST, code="npl-25", why="promising customers", answers=asked, by="hr", at="2026-07-20"
    )
    feedback.keep(feedback.now.propose(proposed, book=book))
    feedback.keep(
        feedback.now.consult(
            "npl-25",
            whom="representatives",
            people=8,
            how="职工代表座谈会",
            on="2026-07-28",
            said="同意",
            by="hr",
            at="2026-07-28",
        )
    )
    feedback.keep(feedback.now.notify("npl-25", text=TEXT, how="内网公示", on="2026-08-01", by="hr", at="2026-08-01"))
    feedback.keep(feedback.now.approve("npl-25", book=book, ledger=lp.Ledger(), by="president", at="2026-08-20"))


def seen() -> ChangeEffect:
    """What was seen before and after volume weighed less."""
    loans, months, answers = lp.Label("loans", "笔贷款"), lp.Label("months", "个月"), lp.Label("answers", "份答卷")
    pay = lp.Label("pay lines", "笔薪酬")
    return effect_of(
        lp.Label(
            "performance, risk and growth weigh 50/30/20; volume weighed 70%", "业绩、风险、成长 50/30/20，原业绩占 70%"
        ),
        [
            ChangeRow(
                code="npl_ratio",
                name=lp.Label("NPL ratio", "不良率"),
                before="7%",
                after="4.5%",
                n_before=1000,
                n_after=1200,
                counted=loans,
            ),
            ChangeRow(
                code="volume",
                name=lp.Label("loans made", "放款额"),
                before="5000万元",
                after="5900万元",
                n_before=3,
                n_after=3,
                counted=months,
            ),
            ChangeRow(
                code="satisfaction",
                name=lp.Label("satisfied", "满意度"),
                before="60%",
                after="85%",
                n_before=20,
                n_after=20,
                counted=answers,
            ),
            ChangeRow(
                code="hours",
                name=lp.Label("working pay out", "核算用时"),
                before=40,
                after=6,
                n_before=3,
                n_after=3,
                counted=months,
                measured=lp.Label("hours", "小时"),
            ),
            ChangeRow(
                code="errors",
                name=lp.Label("corrections of pay", "薪酬更正"),
                before=9,
                after=1,
                n_before=600,
                n_after=600,
                counted=pay,
                measured=lp.Label("corrections", "次"),
            ),
        ],
        before=BEFORE,
        after=AFTER,
        caveat=ChangeCaveat(else_changed=[lp.Label("warnings at 5% began", "同时启用了 5% 预警线")], chosen=True),
        people=PEOPLE,
        viewer=HR,
    )


def play() -> Lessons:
    """The whole story."""
    earlier = Round(BEFORE, opens="2026-01-05", closes="2026-01-15").survey(satisfied=12, closed="2026-01-16")
    feedback, people = Round(AFTER, opens="2026-07-01", closes="2026-07-15"), organisation()
    for payee in ("E01", "E02", "E05", "E11"):
        given = FeedbackGiven(
            by=payee,
            unit=PEOPLE[payee],
            about="npl_ratio",
            says="weight too high",
            text="不良率权重过高，没人敢开拓有潜力的客户",
            at="2026-07-02",
        )
        feedback.keep(feedback.now.give(given, by=payee, organisation=people))
    later = feedback.survey(satisfied=17, closed="2026-07-16")
    book = lp.SchemeBook([FIRST, NEXT])
    decide(feedback, book)
    return Lessons(
        first_move=whom_it_moves(FIRST, NEXT, past(BEFORE), viewer=HR),
        proposal=proposal_view(feedback.now, "npl-25", book=book, viewer=HR, past=past(AFTER)),
        book=feedback.now.approved_book(book),
        satisfied=(earlier, later),
        effect=seen(),
    )


if __name__ == "__main__":
    lessons = play()
    print(lessons.first_move.explain().text("zh"))
    print(*(change.to("zh") for change in lessons.proposal.changes), sep="\n")
    if lessons.proposal.moves is not None:
        print(lessons.proposal.moves.explain().text("zh"))
    print(lessons.effect.text("zh"))
