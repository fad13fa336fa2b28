"""Decided: (the cycle of a period, scheme) -> what people decided about results, and whose pay waits for that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from attrs import frozen

from loanperf._appraisal import Calibrated
from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._scheme import SchemeBook
from loanperf.cycle import RESULT_STATES, Cycle, ResultState
from loanperf.errors import Problem
from loanperf.run._agreed import rules_in
from loanperf.viewer import Viewer

_EVERYBODY = Viewer(who="the run", sees="all")
_HOLDING = (ResultState.PUBLISHED, ResultState.ACKNOWLEDGED)
"""The states of a result that was approved and then shown to its payee."""
_REMEDY = Label("approve and publish it, or approve the run", "请审批并发布该结果，或批准本次核算")


@frozen(kw_only=True)
class Decisions:
    """What people decided about the results of a period, and whose pay waits for that."""

    calibrated: Mapping[str, Calibrated] = MappingProxyType({})
    """By payee: the calibration in force."""
    held: Mapping[str, tuple[Problem, ...]] = MappingProxyType({})
    """By payee whose pay waits: why."""
    waits: Mapping[str, tuple[Label, ...]] = MappingProxyType({})
    """By the same: what it waits for."""


def decided_in(cycle: Cycle | None, book: SchemeBook, period: Period, payees: Iterable[str]) -> Decisions:
    """What people decided about the results of a period.

    A result holds once it was approved and published. Where the scheme confirms results and holds what is not
    confirmed, a payee whose result does not hold is paid nothing.

    Args:
        cycle: that of the period; None where there is no store that would keep one.
        book: the scheme.
        period: which is worked.
        payees: who has a bonus plan.
    """
    if cycle is None:
        return Decisions()
    calibrated = {one.payee: one for one in cycle.calibrated(_EVERYBODY)}
    rules = rules_in(book, period)
    if rules is None or "results" not in rules.of or rules.unconfirmed != "hold":
        return Decisions(calibrated=calibrated)
    states = {one.payee: one.result_state for one in cycle.participants(_EVERYBODY)}
    held, waits = dict[str, tuple[Problem, ...]](), dict[str, tuple[Label, ...]]()
    for payee in sorted(set(payees)):
        if (state := states.get(payee, ResultState.WAITING)) in _HOLDING:
            continue
        stands = RESULT_STATES[state or ResultState.WAITING]
        where = Label(f"the result of {payee} for {period}", f"{payee} {period} 的考核结果")
        what = Label(f"it is not approved and published: {stands.en}", f"尚未审批发布，当前状态为“{stands.zh}”")
        held[payee] = (Problem(where.en, what.en, "", _REMEDY.en, payee=payee),)
        waits[payee] = (Label(f"{where.en}: {what.en}", f"{where.zh}：{what.zh}；{_REMEDY.zh}"),)
    return Decisions(calibrated=calibrated, held=held, waits=waits)
