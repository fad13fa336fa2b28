"""Decided: (the cycle of a period, scheme) -> what people decided about results, and whose pay waits for that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from attrs import frozen

from loanperf._appraisal import Calibrated
from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._quantities import percent, plain
from loanperf._scheme import SchemeBook
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
_OTHER = "the appraisal is another one than was published, though score and grade are the same"
_LOOK = "look at which facts or rules changed since, and approve the run"


@frozen(kw_only=True)
class Decisions:
    """Whose pay waits for what people decide about results, and what does not fit."""

    held: Mapping[str, tuple[Problem, ...]] = MappingProxyType({})
    """By payee whose pay waits: why."""
    waits: Mapping[str, tuple[Label, ...]] = MappingProxyType({})
    """By the same: what it waits for."""
    problems: tuple[Problem, ...] = ()
    """Published results that are not those of the run, where nobody's pay waits for that."""


def calibrations_in(cycle: Cycle | None, scores: Scores) -> dict[int, Calibrated]:
    """The calibrations in force, by the row of the appraisal about which people decided."""
    found = {} if cycle is None else {one.payee: one for one in cycle.calibrated(_EVERYBODY)}
    if cycle is None or not found:
        return {}
    rows = _rows_of(scores)
    return {
        row: one
        for payee, one in found.items()
        for row in _named(cycle.participant(payee, _EVERYBODY).published[-1].result, rows.get(payee, ()), scores)
    }


def decided_in(
    cycle: Cycle | None, book: SchemeBook, period: Period, tasks: Iterable[Task], scores: Scores | None
) -> Decisions:
    """Whose pay waits for what people decide about results.

    A result holds once it was approved and published, for the appraisal that it names, while that has the score, grade
    and coefficient which were published. A payee with several assignments has an appraisal of each: no decision about
    one holds for another. Where the scheme confirms results and holds what is not confirmed, a payee of whom a result
    does not hold is paid nothing.

    An appraisal that differs in anything else, such as the facts behind the same score or what the scheme pays for a
    grade, is a problem, for which somebody is to approve the run; nobody is blocked by it.

    Args:
        cycle: that of the period; None where there is no store that would keep one.
        book: the scheme.
        period: which is worked.
        tasks: the assignments with a card.
        scores: what they came to; None where nobody could be scored.
    """
    if cycle is None:
        return Decisions()
    rules = rules_in(book, period)
    holds = rules is not None and "results" in rules.of and rules.unconfirmed == "hold"
    known = {one.payee: one for one in cycle.participants(_EVERYBODY)}
    rows = {} if scores is None else _rows_of(scores)
    held, waits, problems = dict[str, tuple[Problem, ...]](), dict[str, tuple[Label, ...]](), list[Problem]()
    for payee in sorted({task.payee for task in tasks if task.card.bonus is not None}):
        one, where = known.get(payee), Label(f"the result of {payee} for {period}", f"{payee} {period} 的考核结果")
        what, remedy = _unpublished(one), _REMEDY
        if what is not None and not holds:
            continue
        if what is None and one is not None and scores is not None:
            shown, mine = one.published[-1].result, rows.get(payee, ())
            named = _named(shown, mine, scores)
            what, remedy = _differs(shown, mine, named, scores), _ANEW
            if what is None and any(appraisal_hash(scores.appraisal(row)) != shown.appraisal for row in named):
                problems.append(Problem(where.en, _OTHER, "", _LOOK, payee=payee))
        if what is None:
            continue
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


def _named(shown: CycleResult, rows: Sequence[int], scores: Scores) -> Sequence[int]:
    """Of the rows of a payee, that about which people decided: by its hash, or the one of somebody with one assignment.

    Of somebody with several assignments it is none where facts or scheme changed since, so that it cannot be told.
    """
    if len(rows) == 1 and scores.tasks[rows[0]].held == scores.tasks[rows[0]].part.days:
        return rows
    return [row for row in rows if appraisal_hash(scores.appraisal(row)) == shown.appraisal]


def _unpublished(one: CycleParticipant | None) -> Label | None:
    """Why a result was not approved and published; None where it was."""
    state = ResultState.WAITING if one is None or one.result_state is None else one.result_state
    if state in _HOLDING:
        return None
    stands = RESULT_STATES[state]
    return Label(f"it is not approved and published: {stands.en}", f"尚未审批发布，当前状态为“{stands.zh}”")


def _differs(shown: CycleResult, rows: Sequence[int], named: Sequence[int], scores: Scores) -> Label | None:
    """What decides the pay of somebody, and was not published: another assignment, score, grade or coefficient."""
    for row in rows:
        task, score = scores.tasks[row], scores.score(row)
        if not scores.ok[row]:
            continue  # a problem of its own blocks them
        if row not in named:
            if task.card.bonus is None:
                continue
            part, unit, role = task.part, task.assignment.unit, task.assignment.role
            return Label(
                f"another appraisal was published than that of {part} in {unit} as {role}, which nobody approved",
                f"已发布的结果不是 {part} 在 {unit} 任 {role} 期间的核算结果，该期间的结果尚未审批",
            )
        if Fraction(shown.score) != score:
            said = plain(score)
            return Label(
                f"a score of {shown.score} was published, and it is {said} now",
                f"已发布得分 {shown.score}，现核算得分为 {said}",
            )
        grade = scores.final_grade(row)
        code = "" if grade is None else grade.code
        if shown.grade != code:
            return Label(
                f"{shown.grade} was published, and it is {code} now", f"已发布等级 {shown.grade}，现核算等级为 {code}"
            )
        if shown.coefficient is not None and grade is not None and shown.coefficient != grade.coefficient:
            before, now = percent(shown.coefficient), percent(grade.coefficient)
            return Label(f"{before} was published, and it is {now} now", f"已发布系数 {before}，现核算系数为 {now}")
    return None
