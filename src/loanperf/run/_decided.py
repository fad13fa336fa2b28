"""Decided: (the cycle of a period, scheme) -> what people decided about results, and whose pay waits for that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from types import MappingProxyType

from attrs import frozen

from loanperf._appraisal import Calibrated
from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._quantities import plain
from loanperf._scheme import SchemeBook
from loanperf.cycle import RESULT_STATES, Cycle, CycleParticipant, ResultState
from loanperf.errors import Problem
from loanperf.run._agreed import rules_in
from loanperf.viewer import Viewer

_EVERYBODY = Viewer(who="the run", sees="all")
_HOLDING = (ResultState.PUBLISHED, ResultState.ACKNOWLEDGED)
"""The states of a result that was approved and then shown to its payee."""
_REMEDY = Label("take its score into the cycle, approve and publish it", "请将得分纳入考核，审批并发布")


@frozen(kw_only=True)
class Decisions:
    """Whose pay waits for what people decide about results, and what does not fit."""

    held: Mapping[str, tuple[Problem, ...]] = MappingProxyType({})
    """By payee whose pay waits: why."""
    waits: Mapping[str, tuple[Label, ...]] = MappingProxyType({})
    """By the same: what it waits for."""
    problems: tuple[Problem, ...] = ()
    """Published results of other scores than those of the run, where nothing waits for that."""


def calibrations_in(cycle: Cycle | None) -> dict[str, Calibrated]:
    """The calibrations in force, by payee."""
    return {} if cycle is None else {one.payee: one for one in cycle.calibrated(_EVERYBODY)}


def decided_in(
    cycle: Cycle | None, book: SchemeBook, period: Period, scores: Mapping[str, Collection[Fraction]]
) -> Decisions:
    """Whose pay waits for what people decide about results.

    A result holds once it was approved and published, for the score that it is of. Where the scheme confirms results
    and holds what is not confirmed, a payee whose result does not hold is paid nothing.

    Args:
        cycle: that of the period; None where there is no store that would keep one.
        book: the scheme.
        period: which is worked.
        scores: by payee with a bonus plan, those of the run; one an assignment that could be scored.
    """
    if cycle is None:
        return Decisions()
    rules = rules_in(book, period)
    holds = rules is not None and "results" in rules.of and rules.unconfirmed == "hold"
    known = {one.payee: one for one in cycle.participants(_EVERYBODY)}
    held, waits, problems = dict[str, tuple[Problem, ...]](), dict[str, tuple[Label, ...]](), list[Problem]()
    for payee in sorted(scores):
        what = _lacking(known.get(payee), scores[payee], holds=holds)
        if what is None:
            continue
        where = Label(f"the result of {payee} for {period}", f"{payee} {period} 的考核结果")
        problem = Problem(where.en, what.en, "", _REMEDY.en, payee=payee)
        if holds:
            held[payee] = (problem,)
            waits[payee] = (Label(f"{where.en}: {what.en}", f"{where.zh}：{what.zh}；{_REMEDY.zh}"),)
        else:
            problems.append(problem)
    return Decisions(held=held, waits=waits, problems=tuple(problems))


def _lacking(one: CycleParticipant | None, scores: Collection[Fraction], *, holds: bool) -> Label | None:
    """Why a result does not hold; None where it does, or where nobody asks for results that were not published."""
    state = ResultState.WAITING if one is None or one.result_state is None else one.result_state
    if one is None or state not in _HOLDING:
        stands = RESULT_STATES[state]
        what = Label(f"it is not approved and published: {stands.en}", f"尚未审批发布，当前状态为“{stands.zh}”")
        return what if holds else None
    shown = one.published[-1].result.score
    if not scores or Fraction(shown) in scores:
        return None
    said = ", ".join(map(plain, sorted(scores)))
    return Label(f"a score of {shown} was published, and it is {said} now", f"已发布得分 {shown}，现核算得分为 {said}")
