"""Calibration on a page: people by unit with score and grade before and after, beside the shares that are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from loanperf._charts import count_bars
from loanperf._explanations import Language
from loanperf._org import Organisation
from loanperf._quantities import percent
from loanperf._validators import is_same_person, must_be
from loanperf.cycle import (
    PARTICIPANT_STATES,
    RESULT_STATES,
    Cycle,
    CycleParticipant,
    CyclePlan,
    ForcedDistribution,
    GradeBounds,
    GroupDistribution,
    ParticipantState,
    ProposedBorder,
    ProposedChange,
)
from loanperf.report._cycles import before_text, calibration_text, held_text, must_be_cycle
from loanperf.report._given import subject_of
from loanperf.report._page import Page
from loanperf.report._parts import Chart, PageRow, PageTable, Remark, Section, table_of
from loanperf.report._people import named_person, named_unit
from loanperf.report._words import WORDS, say
from loanperf.viewer import Viewer, must_be_viewer


def calibration_page(cycle: Cycle, *, viewer: Viewer, people: Organisation | None = None) -> Page:
    """The page of who calibrates: people by unit, their score, grade before and after, and what is proposed.

    Of each unit all of which the viewer may see it says whether the shares that the plan asks for are kept, and the
    fewest changes if not; nothing is changed by it. The viewer is not on it: nobody calibrates themselves.

    Args:
        cycle: the cycle.
        viewer: who calibrates, and whom they see.
        people: what people and units are called; None shows codes.

    Raises:
        DataError: there is no plan, or something is of another class.
    """
    must_be_viewer(viewer)
    must_be_cycle(cycle)
    if people is not None:
        must_be(people, Organisation, "the people", "pass a lp.Organisation, or None for codes alone")
    plan, on = cycle.plan, cycle.plan.calibrates_as_of
    seen = [one for one in cycle.participants(viewer) if not is_same_person(one.payee, viewer.who)]
    seen.sort(key=lambda one: one.snapshot(on).unit)
    units = {unit: [*members] for unit, members in groupby(seen, lambda one: one.snapshot(on).unit)}
    groups = {one.unit: one for one in cycle.distribution(viewer)} if plan.distribution is not None else {}
    changes = {payee: change for group in groups.values() for change in group.changes for payee in change.payees}

    def made(language: Language) -> tuple[Section, ...]:
        may = say("may calibrate", language, day=on)
        lead = say("calibrate grades" if plan.calibrates == "grade" else "calibrate factors", language, may=may)
        whole: list[Section] = [Section(heading=say("how to calibrate", language), remarks=(Remark(text=lead),))]
        if "" in groups and groups[""].people:
            whole.append(_group(say("all units", language), plan, groups[""], (), changes, people, language))
        for unit, members in units.items():
            name = named_unit(unit, people, on).to(language)
            whole.append(_group(name, plan, groups.get(unit), members, changes, people, language))
        if not seen:
            whole.append(Section(heading=say("people", language), remarks=(Remark(text=say("nobody", language)),)))
        return tuple(whole)

    subject = subject_of(named_person(viewer.who, people), plan.period, None)
    return Page(title=WORDS["calibration"], subject=subject, made=made)


def _group(
    heading: str,
    plan: CyclePlan,
    group: GroupDistribution | None,
    members: Sequence[CycleParticipant],
    changes: Mapping[str, ProposedChange],
    people: Organisation | None,
    language: Language,
) -> Section:
    """A unit, or all of them: the shares, what is proposed, and the people."""
    asked = plan.distribution
    tables = (_people(plan, members, changes, people, language),) if members else ()
    if asked is None or (group is None and asked.by == "all"):
        return Section(heading=heading, tables=tables)
    if group is None:
        return Section(heading=heading, remarks=(Remark(text=say("group not shown", language)),), tables=tables)
    remarks = tuple(_remarks(asked, group, people, language))
    return Section(heading=heading, remarks=remarks, charts=(_shares(asked, group, language),), tables=tables)


# ── shares ──────────────────────────────────────────────────────────────────────────────────────────────────


def _shares(asked: ForcedDistribution, group: GroupDistribution, language: Language) -> Chart:
    """How many have each grade, beside how many may."""
    tolerances = {one.grade: one.tolerance for one in asked.shares}
    rows = []
    for one in group.grades:
        asks = percent(one.share) + (f" ± {percent(tolerances[one.grade])}" if tolerances[one.grade] else "")
        has = percent(Fraction(one.count, group.people), 1) if group.people else ""
        span = "just" if one.least == one.most else "least to most"
        allowed = say(span, language, least=one.least, most=one.most) if group.is_applied else ""
        is_off = group.is_applied and not one.is_kept
        cells = (one.grade, asks, allowed, str(one.count), has, _state(group, one, language))
        rows.append(PageRow(cells=cells, tone="bad" if is_off else "plain"))
    heads = ("a grade", "asked", "allowed", "count", "has share", "state")
    table = table_of("shares", heads, rows, language, numbers=heads[1:5])
    bands = [(one.grade, one.count) for one in group.grades]
    spec = count_bars(bands, across=say("a grade", language), up=say("count", language))
    return Chart(title=say("by grade", language), specification=spec, table=table)


def _state(group: GroupDistribution, one: GradeBounds, language: Language) -> str:
    if not group.is_applied:
        return say("not applied", language)
    if one.is_kept:
        return say("within", language)
    word, by = ("too many", one.count - one.most) if one.count > one.most else ("too few", one.least - one.count)
    return say(word, language, by=by)


def _remarks(
    asked: ForcedDistribution, group: GroupDistribution, people: Organisation | None, language: Language
) -> Iterator[Remark]:
    """Whether the shares are kept, ties that a person has to decide, and who is not counted."""
    if not group.is_applied:
        text = say("small group", language, people=group.people, smallest=asked.smallest)
        yield Remark(mark=say("not applied", language), text=text)
    elif group.is_kept:
        yield Remark(mark=say("within", language), text=say("shares kept", language), tone="good")
    else:
        steps = sum(abs(one.count) for one in group.borders)
        yield Remark(mark=say("off", language), text=say("shares off", language, count=steps), tone="bad")
    for change in group.changes:
        if change.is_tied:
            yield Remark(mark=say("tie", language), text=_tie(change, people, language), tone="warn")
    for border in group.borders:
        if (border.lowest, border.highest) != (border.count, border.count):
            yield Remark(mark=say("choice", language), text=_choice(border, language))
    for word, codes in (("ungraded", group.ungraded), ("left out", group.left_out)):
        if codes:
            yield Remark(text=say(word, language, names=_names(codes, people, language)))


def _tie(change: ProposedChange, people: Organisation | None, language: Language) -> str:
    return say(
        "tied",
        language,
        names=_names(change.payees, people, language),
        score=change.score,
        before=change.before,
        after=change.after,
        count=change.count,
    )


def _choice(border: ProposedBorder, language: Language) -> str:
    """The sentence that other numbers of people may cross a border between grades with no more changes in all."""
    moved = [_across(border, count, language) for count in (border.lowest, border.highest)]
    return say("other ways", language, better=border.better, worse=border.worse, least=moved[0], most=moved[1])


def _across(border: ProposedBorder, count: int, language: Language) -> str:
    if not count:
        return say("nobody crosses", language)
    higher, lower = (border.worse, border.better) if count > 0 else (border.better, border.worse)
    return say("cross", language, count=abs(count), before=higher, after=lower)


def _names(codes: Sequence[str], people: Organisation | None, language: Language) -> str:
    return say("between names", language).join(named_person(code, people).to(language) for code in codes)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────


def _people(
    plan: CyclePlan,
    members: Sequence[CycleParticipant],
    changes: Mapping[str, ProposedChange],
    people: Organisation | None,
    language: Language,
) -> PageTable:
    """The people of a unit, from the best on; who has no result comes last."""
    grades = plan.calibrates == "grade"
    before, after = ("grade before", "grade after") if grades else ("factor before", "factor after")
    heads = ["person", "role", "total score"] + ([] if grades else ["a grade"]) + [before]
    heads += (["proposed"] if plan.distribution is not None else []) + [after, "by and why", "state"]
    rows = [
        _row(plan, one, changes.get(one.payee), people, language) for one in sorted(members, key=_from_the_best(plan))
    ]
    return table_of("people", heads, rows, language, numbers=("total score", "factor before", "factor after"))


def _from_the_best(plan: CyclePlan) -> Callable[[CycleParticipant], tuple[object, ...]]:
    places = {grade: place for place, grade in enumerate(plan.grades)}

    def key(one: CycleParticipant) -> tuple[object, ...]:
        if one.result is None:
            return (True, one.payee)
        return (False, places.get(one.result.grade, len(places)), -one.result.score, one.payee)

    return key


def _row(
    plan: CyclePlan,
    one: CycleParticipant,
    change: ProposedChange | None,
    people: Organisation | None,
    language: Language,
) -> PageRow:
    result, grades = one.result, plan.calibrates == "grade"
    role = one.snapshot(plan.calibrates_as_of).role
    if one.state is ParticipantState.LEFT:
        role = say("between names", language).join([role, PARTICIPANT_STATES[one.state].to(language)])
    cells = [named_person(one.payee, people).to(language), role, "" if result is None else str(result.score)]
    if not grades:
        cells.append("" if result is None else result.grade)
    cells.append("" if result is None else before_text(plan, result, one.calibrations))
    if plan.distribution is not None:
        cells.append("" if change is None else _proposed(change, language))
    cells.append(held_text(plan, result) if result is not None and one.calibrations else "")
    cells.append(say("then", language).join(calibration_text(each, people, language) for each in one.calibrations))
    cells.append("" if one.result_state is None else RESULT_STATES[one.result_state].to(language))
    return PageRow(cells=tuple(cells), tone="warn" if change is not None else "plain")


def _proposed(change: ProposedChange, language: Language) -> str:
    if not change.is_tied:
        return say("to grade", language, before=change.before, after=change.after)
    return say(
        "some to grade",
        language,
        before=change.before,
        after=change.after,
        count=change.count,
        of=len(change.payees),
    )
