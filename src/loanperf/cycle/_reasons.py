"""Reasons: a participant of a cycle -> why their result is what it is, and what was decided of it by whom."""

from __future__ import annotations

from collections.abc import Iterator

from loanperf._appraisal import Appraisal
from loanperf._explanations import Explanation, Label, because
from loanperf._periods import Period
from loanperf._quantities import percent
from loanperf._validators import must_be
from loanperf.cycle._events import ResultCalibrated
from loanperf.cycle._moves import APPEAL_STATES, RESULT_STATES, AppealState, ResultState
from loanperf.cycle._participants import (
    CycleParticipant,
    CycleResult,
    PublishedResult,
    ScoreAppeal,
    appraisal_hash,
)
from loanperf.cycle._rules import named
from loanperf.errors import DataError
from loanperf.reviews import ReviewResult

_NOT_PUBLISHED = Label("not published", "未发布")


def why_result(
    one: CycleParticipant, period: Period, appraisal: Appraisal | None, reviews: ReviewResult | None
) -> Explanation:
    """How a result came about, as far as the participant is shown.

    Args:
        one: the participant, as the viewer may see them.
        period: of the cycle.
        appraisal: that of the result, whose own reasons stand below the score; None leaves them out.
        reviews: what the reviews of the participant came to, with their reasons; None leaves them out.

    Raises:
        DataError: there is no result for them to explain, the appraisal is not that of the result, or the reviews are
            of somebody else or another period.
    """
    given = [*_of_appraisal(one, appraisal), *_of_reviews(one, period, reviews)]
    state = _NOT_PUBLISHED if one.result_state is None else RESULT_STATES[one.result_state]
    values: dict[str, str | Label] = {"payee": one.payee, "period": str(period), "state": state}
    if one.result is None:
        return because("cycle.none", values)
    reasons = [because("cycle.score", {"score": str(one.result.score)}, *given), *_changes(one.calibrations)]
    if one.approval is not None and one.result_state is ResultState.APPROVED:
        reasons.append(because("cycle.approved", {"by": one.approval.by, "day": one.approval.at[:10]}))
    reasons += [_publication(one, shown) for shown in one.published]
    reasons += [
        because("cycle.interview", {"by": said.by, "day": said.at[:10], "text": said.text}) for said in one.interviews
    ]
    if one.appeal is not None:
        reasons.append(_appeal(one.payee, one.appeal))
    return because("cycle", values | {"result": _said(one.result)}, *reasons)


def _of_appraisal(one: CycleParticipant, appraisal: Appraisal | None) -> Iterator[Explanation]:
    if appraisal is None:
        return
    must_be(appraisal, Appraisal, "appraisal", "pass a lp.Appraisal, or None")
    if one.result is None or appraisal_hash(appraisal) != one.result.appraisal:
        fault = "the appraisal is not that of the result"
        raise DataError(named(one.payee), fault, "pass the one that was taken in, such as from an archive, or None")
    yield appraisal.explain()


def _of_reviews(one: CycleParticipant, period: Period, reviews: ReviewResult | None) -> Iterator[Explanation]:
    if reviews is None:
        return
    must_be(reviews, ReviewResult, "the reviews", "pass what loanperf.reviews.Reviews.result gives, or None")
    reviews.must_be_of(one.payee, period)
    if one.result is None:
        raise DataError(named(one.payee), "it has none that reviews would explain", "pass no reviews")
    yield reviews.explain()


def _said(result: CycleResult) -> Label:
    """Score, grade and coefficient, as far as there are any."""
    en, zh = f"{result.score} points", f"{result.score} 分"
    if result.grade:
        en, zh = f"{en}, grade {result.grade}", f"{zh}，等级 {result.grade}"
    if result.coefficient is not None:
        share = percent(result.coefficient)
        en, zh = f"{en}, coefficient {share}", f"{zh}，绩效系数 {share}"
    return Label(en, zh)


def _changes(calibrations: tuple[ResultCalibrated, ...]) -> Iterator[Explanation]:
    """What people changed, in order."""
    for each in calibrations:
        before, after = each.grade_before, each.grade
        if each.coefficient is not None:
            before = "" if each.coefficient_before is None else percent(each.coefficient_before)
            after = percent(each.coefficient)
        values = {"before": before or "—", "after": after, "by": each.by, "day": each.at[:10], "why": each.why}
        yield because("cycle.calibrated", values)


def _publication(one: CycleParticipant, shown: PublishedResult) -> Explanation:
    """A publication; below it what was calibrated in it and holds no more, and that it was acknowledged."""
    values = {"version": str(shown.version), "approver": shown.approved_by, "by": shown.by, "day": str(shown.on)}
    below = [] if shown.calibrations == one.calibrations else [*_changes(shown.calibrations)]
    if shown.acknowledged_on is not None:
        below.append(because("cycle.acknowledged", {"payee": one.payee, "day": str(shown.acknowledged_on)}))
    return because("cycle.published", {**values, "result": _said(shown.result)}, *below)


def _appeal(payee: str, appeal: ScoreAppeal) -> Explanation:
    values: dict[str, str | Label] = {"day": str(appeal.opened_on), "version": str(appeal.version), "why": appeal.why}
    below = []
    if appeal.taken_up_on is not None:
        below.append(because("cycle.appeal.taken up", {"by": appeal.taken_up_by, "day": str(appeal.taken_up_on)}))
    if appeal.state is AppealState.WITHDRAWN:
        below.append(because("cycle.appeal.withdrawn", {"by": payee, "day": str(appeal.ended_on)}))
    elif appeal.ended_on is not None:
        decided = {"by": appeal.decided_by, "day": str(appeal.ended_on), "why": appeal.answer}
        below.append(because("cycle.appeal.decided", decided))
    return because("cycle.appeal", values | {"state": APPEAL_STATES[appeal.state]}, *below)
