"""Results of a cycle on pages: what grade or coefficient they have, and who changed it why."""

from __future__ import annotations

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
)
from loanperf.errors import DataError
from loanperf.report._given import must_be_viewer
from loanperf.report._people import named_person
from loanperf.report._words import say
from loanperf.viewer import Viewer


def must_be_cycle(cycle: object) -> None:
    """Refuse what is no cycle."""
    must_be(cycle, Cycle, "the cycle", "pass a loanperf.cycle.Cycle")


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
