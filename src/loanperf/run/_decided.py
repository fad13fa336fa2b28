"""Decided: (cycles of a period, scheme) -> what people decided about results, and whose pay waits for that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from attrs import frozen

from loanperf._appraisal import Calibrated
from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._quantities import percent, plain
from loanperf._scheme import SchemeBook
from loanperf._scorecard import Grade
from loanperf.cycle import RESULT_STATES, Cycle, CycleParticipant, CycleResult, ResultState, appraisal_hash
from loanperf.errors import Problem
from loanperf.run._agreed import rules_in
from loanperf.run._scores import Scores
from loanperf.run._tasks import Task
from loanperf.viewer import Viewer

_EVERYBODY = Viewer(who="the run", sees="all")
_HOLDING = (ResultState.PUBLISHED, ResultState.ACKNOWLEDGED)
"""The states of a result that was approved and then shown to its payee."""
_REMEDY = Label("take its score into the cycle, approve and publish it", "请将得分纳入考核，审批并发布")
_ANEW = Label(
    "mend what changed since, take the appraisal in by an appeal, or pay them outside the run",
    "请更正发布后变动的数据或方案，或通过申诉更正结果，或另行发放",
)
_APART = Label(
    "let a cycle of those days, <scheme>/cycle/<days>, decide about it",
    "请另建该任职期间的考核周期进行审批和发布",
)
_OTHER = "the appraisal is another one than was published, though score and grade are the same"
_LOOK = "look at which facts or rules changed since, and approve the run"

_Decided: TypeAlias = tuple[Period, CycleParticipant]
"""Of which days a cycle is, and how a payee stands in it."""


@frozen(kw_only=True)
class Decisions:
    """Whose pay waits for what people decide about results, and what does not fit."""

    held: Mapping[str, tuple[Problem, ...]] = MappingProxyType({})
    """By payee whose pay waits: why."""
    waits: Mapping[str, tuple[Label, ...]] = MappingProxyType({})
    """By the same: what it waits for."""
    problems: tuple[Problem, ...] = ()
    """Published results that are not those of the run, where nobody's pay waits for that."""


def calibrations_in(cycles: Mapping[Period, Cycle], scores: Scores) -> dict[int, Calibrated]:
    """The calibrations in force, by the row of the appraisal about which people decided."""
    known = {when: {one.payee: one for one in cycle.calibrated(_EVERYBODY)} for when, cycle in cycles.items()}
    if not any(known.values()):
        return {}
    decided = _deciding(cycles, scores).items()
    return {row: known[when][one.payee] for row, (when, one) in decided if one.payee in known[when]}


def decided_in(
    cycles: Mapping[Period, Cycle], book: SchemeBook, period: Period, tasks: Iterable[Task], scores: Scores | None
) -> Decisions:
    """Whose pay waits for what people decide about results.

    A result holds once it was approved and published, for the appraisal that it names, while that has the score, grade
    and coefficient which were published. A payee with several assignments has an appraisal of each: no decision about
    one holds for another. Where the scheme confirms results and holds what is not confirmed, a payee of whom a result
    does not hold is paid nothing.

    An appraisal that differs in anything else, such as the facts behind the same score or what the scheme pays for a
    grade, is a problem, for which somebody is to approve the run; nobody is blocked by it.

    Args:
        cycles: that of the period, and of days of who has several assignments; none where there is no store.
        book: the scheme.
        period: which is worked.
        tasks: the assignments with a card.
        scores: what they came to; None where nobody could be scored.
    """
    if period not in cycles:
        return Decisions()
    rules = rules_in(book, period)
    holds = rules is not None and "results" in rules.of and rules.unconfirmed == "hold"
    known = {one.payee: one for one in cycles[period].participants(_EVERYBODY)}
    rows = {} if scores is None else _rows_of(scores)
    decided = {} if scores is None else _deciding(cycles, scores)
    held, waits, problems = dict[str, tuple[Problem, ...]](), dict[str, tuple[Label, ...]](), list[Problem]()
    for payee in sorted({task.payee for task in tasks if task.card.bonus is not None}):
        where = Label(f"the result of {payee} for {period}", f"{payee} {period} 的考核结果")
        if scores is None or payee not in rows:
            found = [(_unpublished(known.get(payee)), _REMEDY)]
        else:
            found = [_lacking(row, decided.get(row), known.get(payee), scores) for row in rows[payee]]
        lacks = next(((what, remedy) for what, remedy in found if what and (holds or remedy != _REMEDY)), None)
        if lacks is None:
            mine = [row for row in rows.get(payee, ()) if row in decided]
            if scores is not None and any(_is_other(row, decided[row][1], scores) for row in mine):
                problems.append(Problem(where.en, _OTHER, "", _LOOK, payee=payee))
            continue
        what, remedy = lacks
        problem = Problem(where.en, what.en, "", remedy.en, payee=payee)
        if holds:
            held[payee] = (problem,)
            waits[payee] = (Label(f"{where.en}: {what.en}", f"{where.zh}：{what.zh}；{remedy.zh}"),)
        else:
            problems.append(problem)
    return Decisions(held=held, waits=waits, problems=tuple(problems))


def _rows_of(scores: Scores) -> Mapping[str, Sequence[int]]:
    """The rows with a score, by payee."""
    found, ok = defaultdict[str, list[int]](list), scores.appraised.ok.tolist()
    for row, task in enumerate(scores.tasks):
        if ok[row]:
            found[task.payee].append(row)
    return found


def _deciding(cycles: Mapping[Period, Cycle], scores: Scores) -> dict[int, _Decided]:
    """By row, in which cycle people decided about it, and how its payee stands there.

    That of the period decides about somebody with one assignment, and about the appraisal of which it has the hash.
    That of the days of an assignment decides about who has no other on the same days, and by the hash too.
    """
    found, rows = dict[int, _Decided](), _rows_of(scores)
    for when, cycle in cycles.items():
        for one in cycle.participants(_EVERYBODY):
            mine = [row for row in rows.get(one.payee, ()) if when in (scores.period, scores.tasks[row].part)]
            if not one.published or not mine:
                continue
            task = scores.tasks[mine[0]]
            is_sole = len(mine) == 1 and (when != scores.period or task.held == task.part.days)
            for row in mine:
                if is_sole or not _is_other(row, one, scores):
                    found.setdefault(row, (when, one))
    return found


def _is_other(row: int, one: CycleParticipant, scores: Scores) -> bool:
    """Whether the appraisal of a row is another one than was published."""
    return appraisal_hash(scores.appraisal(row)) != one.published[-1].result.appraisal


def _lacking(
    row: int, decided: _Decided | None, one: CycleParticipant | None, scores: Scores
) -> tuple[Label | None, Label]:
    """Why a row is not to be paid as it was worked, and what to do; None where it is.

    Args:
        row: which.
        decided: where people decided about it.
        one: how its payee stands in the cycle of the period.
        scores: what rows came to.
    """
    task = scores.tasks[row]
    if task.card.bonus is None or not scores.ok[row]:  # a problem of its own blocks who has no bonus
        return None, _REMEDY
    if decided is None:
        lacks = _unpublished(one)
        part, unit, role = task.part, task.assignment.unit, task.assignment.role
        apart = Label(
            f"another appraisal was published than that of {part} in {unit} as {role}, which nobody approved",
            f"已发布的结果不是 {part} 在 {unit} 任 {role} 期间的核算结果，该期间的结果尚未审批",
        )
        return (apart, _APART) if lacks is None else (lacks, _REMEDY)
    lacks = _unpublished(decided[1])
    if lacks is not None:
        return lacks, _REMEDY
    return _differs(decided[1].published[-1].result, scores.score(row), scores.final_grade(row)), _ANEW


def _unpublished(one: CycleParticipant | None) -> Label | None:
    """Why a result was not approved and published; None where it was."""
    state = ResultState.WAITING if one is None or one.result_state is None else one.result_state
    if state in _HOLDING:
        return None
    stands = RESULT_STATES[state]
    return Label(f"it is not approved and published: {stands.en}", f"尚未审批发布，当前状态为“{stands.zh}”")


def _differs(shown: CycleResult, score: Fraction, grade: Grade | None) -> Label | None:
    """What decides pay and is another one than was published: score, grade or coefficient."""
    code = "" if grade is None else grade.code
    if Fraction(shown.score) != score:
        now = plain(score)
        return Label(
            f"a score of {shown.score} was published, and it is {now} now",
            f"已发布得分 {shown.score}，现核算得分为 {now}",
        )
    if shown.grade != code:
        return Label(
            f"{shown.grade} was published, and it is {code} now", f"已发布等级 {shown.grade}，现核算等级为 {code}"
        )
    if shown.coefficient is not None and grade is not None and shown.coefficient != grade.coefficient:
        before, after = percent(shown.coefficient), percent(grade.coefficient)
        return Label(f"{before} was published, and it is {after} now", f"已发布系数 {before}，现核算系数为 {after}")
    return None
