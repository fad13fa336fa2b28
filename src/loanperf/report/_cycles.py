"""Results of a cycle on pages: what grade or coefficient they have, and who changed it why."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from loanperf._explanations import Language
from loanperf._org import Organisation
from loanperf._quantities import percent
from loanperf._validators import must_be
from loanperf.cycle import (
    APPEAL_MOVES,
    AppealAct,
    AppealState,
    Cycle,
    CycleParticipant,
    CyclePlan,
    CycleResult,
    ResultCalibrated,
    appraisal_hash,
)
from loanperf.errors import DataError
from loanperf.report._given import is_own
from loanperf.report._people import named_person
from loanperf.report._words import say
from loanperf.run import Result, Results
from loanperf.viewer import Viewer, must_be_viewer


def must_be_cycle(cycle: object) -> None:
    """Refuse what is no cycle."""
    must_be(cycle, Cycle, "the cycle", "pass a loanperf.cycle.Cycle")


def as_published(results: Iterable[Result], cycle: Cycle, *, viewer: Viewer) -> Results:
    """Results for pages that a viewer looks at: nothing of their own is shown that a cycle did not publish.

    A payee's result is published where its appraisal is that of their last publication; what was scored anew since,
    such as for an appeal, waits for its own publication. Results of others are as they were.

    Args:
        results: of a run, a tracker or an archive.
        cycle: the appraisal cycle of their period.
        viewer: who looks.

    Raises:
        DataError: an argument is of another class.

    >>> as_published([], Cycle.of([]), viewer=Viewer(who="lin", sees="self"))
    Results(0)
    """
    must_be_viewer(viewer)
    must_be_cycle(cycle)
    known, hidden = Results.gathered(results), set[str]()
    last = {one.payee: one.published[-1].result for one in cycle.participants(viewer) if one.published}
    for payee in {payee for payee in known.payees if is_own(viewer, payee)}:
        hashes = {appraisal_hash(result.appraisal) for result in known.of(payee)}
        if payee not in last or last[payee].appraisal not in hashes:
            hidden.add(payee)
    return evolve(known, unpublished=known.unpublished | hidden)


def published_to(payee: str, cycle: Cycle, viewer: Viewer) -> CycleParticipant:
    """A participant whose result is published, as a viewer may see them.

    Raises:
        RightsError: the viewer may not see them.
        DataError: there is none of that code, nothing is published, or an argument is of another class.
    """
    must_be_viewer(viewer)
    must_be_cycle(cycle)
    one = cycle.participant(payee, viewer)
    if not one.published:
        raise DataError(f"the result of {payee}", "it is not published", "publish it first; until then nobody is told")
    return one


def appeal_state(one: CycleParticipant) -> AppealState:
    """How the appeal of a participant stands."""
    return AppealState.ABSENT if one.appeal is None else one.appeal.state


def may_be_appealed(one: CycleParticipant) -> bool:
    """Whether an appeal can be opened, as far as earlier ones go."""
    return (appeal_state(one), AppealAct.OPEN) in APPEAL_MOVES


def held_text(plan: CyclePlan, result: CycleResult) -> str:
    """What calibration changes as a result has it: the grade, or the coefficient; empty where there is none."""
    if plan.calibrates == "grade":
        return result.grade
    return "" if result.coefficient is None else percent(result.coefficient)


def before_text(plan: CyclePlan, result: CycleResult, calibrations: tuple[ResultCalibrated, ...]) -> str:
    """The grade or coefficient as it was computed, before people changed it."""
    return sides(calibrations[0])[0] if calibrations else held_text(plan, result)


def sides(one: ResultCalibrated) -> tuple[str, str]:
    """The grade or coefficient before and after a calibration."""
    if one.coefficient is None:
        return one.grade_before, one.grade
    return "" if one.coefficient_before is None else percent(one.coefficient_before), percent(one.coefficient)


def calibration_text(one: ResultCalibrated, people: Organisation | None, language: Language) -> str:
    """What somebody changed, when and why, in one sentence."""
    before, after = sides(one)
    who = named_person(one.by, people).to(language)
    return say("changed", language, before=before, after=after, who=who, day=one.at[:10], why=one.why)
