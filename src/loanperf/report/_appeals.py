"""The appeal page: (cycle, payee) -> the state of their appeal, its history and outcome, and a form to open one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from loanperf._explanations import Label, Language
from loanperf._org import Organisation
from loanperf._periods import day
from loanperf._quantities import percent
from loanperf.cycle import (
    APPEAL_STATES,
    AppealState,
    Cycle,
    CycleParticipant,
    CyclePlan,
    PublishedResult,
)
from loanperf.report._cycles import appeal_state, may_be_appealed, published_to
from loanperf.report._fields import (
    FormField,
    FormTarget,
    PageForm,
    Posted,
    answers_of,
    fault_of,
    must_be_right,
    texts_of,
)
from loanperf.report._given import is_own, must_be_own, subject_of, time_left, wrong_answers
from loanperf.report._page import Page
from loanperf.report._parts import KeyFigure, PageRow, Remark, Section, table_of
from loanperf.report._people import named_person
from loanperf.report._words import WORDS, said, say
from loanperf.viewer import Viewer

WHY = "why"
"""The name of the field of the reason."""


def appeal_page(
    payee: str,
    cycle: Cycle,
    *,
    viewer: Viewer,
    as_of: date | str,
    target: FormTarget | None = None,
    posted: Mapping[str, Any] | None = None,
    people: Organisation | None = None,
) -> Page:
    """The page of an appeal: state, deadline, what happened, before and after; and the form while one can be opened.

    Args:
        payee: whose result.
        cycle: the cycle.
        viewer: who looks; the form is for the payee alone.
        as_of: the day, by which the deadline is near or has passed.
        target: where the form is sent; None shows the page without a form.
        posted: what the form sent where something was wrong with it: it is filled in again, with what is wrong.
        people: what people are called; None shows codes.

    Raises:
        RightsError: the viewer may not see the payee.
        DataError: nothing is published, or something is of another class.
    """
    one, plan, today = published_to(payee, cycle, viewer), cycle.plan, day(as_of)
    texts = answers_of(posted, target)
    faults = {} if posted is None else _faults(texts)
    until = plan.appeals_until(one.published[-1].on)
    is_open = plan.may_appeal(one.published[-1].on, today) and may_be_appealed(one)

    def made(language: Language) -> tuple[Section, ...]:
        return (
            _standing(one, until, today, language),
            _history(one, people, language),
            *_before_and_after(one, plan, language),
            *(_to_open(until, target, texts, faults, language) if is_open and is_own(viewer, payee) else ()),
        )

    return Page(title=WORDS["appeal"], subject=subject_of(named_person(payee, people), plan.period, today), made=made)


def appeal_posted(
    posted: Mapping[str, Any], payee: str, *, viewer: Viewer, besides: Iterable[str] = ()
) -> dict[str, str]:
    """What the form of `appeal_page` sent, as arguments for `Cycle.appeal`; that command checks the rest.

    Args:
        posted: a text, or a list of texts where one name came several times, by name of field.
        payee: whose result.
        viewer: the payee, as the host knows them to be.
        besides: names of the hidden fields of the host, which are passed over.

    Raises:
        RightsError: the viewer is not the payee.
        DataError: there is no reason, more than one, or a field that the form does not have. All of them at once.

    >>> lin = Viewer(who="lin", sees="self")
    >>> appeal_posted({"why": "a loan is missing"}, "lin", viewer=lin)
    {'payee': 'lin', 'why': 'a loan is missing', 'by': 'lin'}
    """
    must_be_own(viewer, payee, f"appeal for {payee!r}")
    texts = texts_of(posted, besides)
    must_be_right(_faults(texts), f"the appeal of {payee}")
    return {"payee": payee, "why": texts[WHY][0], "by": viewer.who}


def _faults(texts: Posted) -> dict[str, Label]:
    faults = {name: said("unknown field", name=name) for name in texts if name != WHY}
    given = texts.get(WHY, ())
    if len(given) != 1:
        faults[WHY] = said("no reason" if not given else "two reasons")
    return faults


# ── what is said ────────────────────────────────────────────────────────────────────────────────────────────


def _standing(one: CycleParticipant, until: date, today: date, language: Language) -> Section:
    state, result = appeal_state(one), one.published[-1].result
    figures = [
        KeyFigure(name=say("state", language), value=APPEAL_STATES[state].to(language)),
        KeyFigure(
            name=say("result", language),
            value=say("points", language, points=result.score),
            note=say("grade", language, grade=result.grade) if result.grade else "",
        ),
    ]
    if may_be_appealed(one):
        note = time_left(until, today, language)
        figures.append(KeyFigure(name=say("appeals until", language), value=until.isoformat(), note=note))
    remarks: tuple[Remark, ...] = ()
    if state is AppealState.UPHELD and one.appeal is not None and one.appeal.version == len(one.published):
        remarks = (Remark(text=say("not yet anew", language), tone="good"),)
    return Section(heading=say("summary", language), figures=tuple(figures), remarks=remarks)


def _history(one: CycleParticipant, people: Organisation | None, language: Language) -> Section:
    """What happened, in order of day."""
    rows = [
        PageRow(cells=(on.isoformat(), what, named_person(who, people).to(language) if who else "", words))
        for on, _, what, who, words in sorted(_events(one, language), key=lambda event: event[:2])
    ]
    table = table_of("history", ("day", "what", "whose", "words"), rows, language)
    return Section(heading=say("history", language), tables=(table,))


def _events(one: CycleParticipant, language: Language) -> Iterator[tuple[date, int, str, str, str]]:
    """The day, the place among those of one day, what, who, and their words."""
    for each in one.published:
        place = 10 * each.version
        yield each.on, place, say("published as", language, version=each.version), each.by, ""
        if each.acknowledged_on is not None:
            yield each.acknowledged_on, place + 1, say("was acknowledged", language), one.payee, ""
    appeal = one.appeal
    if appeal is None:
        return
    place = 10 * appeal.version
    yield appeal.opened_on, place + 2, APPEAL_STATES[AppealState.OPENED].to(language), one.payee, appeal.why
    if appeal.taken_up_on is not None:
        taken_up = APPEAL_STATES[AppealState.TAKEN_UP].to(language)
        yield appeal.taken_up_on, place + 3, taken_up, appeal.taken_up_by, ""
    if appeal.ended_on is not None:
        who = one.payee if appeal.state is AppealState.WITHDRAWN else appeal.decided_by
        yield appeal.ended_on, place + 4, APPEAL_STATES[appeal.state].to(language), who, appeal.answer


def _before_and_after(one: CycleParticipant, plan: CyclePlan, language: Language) -> Iterator[Section]:
    """The result that was appealed beside the one that came of it."""
    appeal = one.appeal
    if appeal is None or appeal.state is not AppealState.UPHELD or len(one.published) <= appeal.version:
        return
    old, new = one.published[appeal.version - 1], one.published[appeal.version]
    lines = [("score", str(old.result.score), str(new.result.score))]
    lines += [("a grade", old.result.grade, new.result.grade)] if old.result.grade or new.result.grade else []
    lines += [("factor", _factor(old), _factor(new))] if plan.calibrates == "coefficient" else []
    rows = [PageRow(cells=(say(word, language), before, after)) for word, before, after in lines]
    table = table_of("was and is", ("part of result", "was", "is"), rows, language, numbers=("was", "is"))
    yield Section(heading=table.title, tables=(table,))


def _factor(published: PublishedResult) -> str:
    factor = published.result.coefficient
    return "" if factor is None else percent(factor)


def _to_open(
    until: date, target: FormTarget | None, texts: Posted, faults: Mapping[str, Label], language: Language
) -> Iterator[Section]:
    if target is None:
        return
    reason = FormField(
        name=WHY,
        label=say("your reason", language),
        kind="text",
        note=say("reason note", language),
        is_required=True,
        given=texts.get(WHY, ()),
        fault=fault_of(WHY, faults, language),
    )
    form = PageForm(
        code="appeal",
        target=target,
        fields=(reason,),
        button=say("send appeal", language),
        required=say("required", language),
    )
    wrong = wrong_answers(faults, language)
    lead = say("appeal lead", language, day=until)
    yield Section(heading=say("open appeal", language), lead=lead, remarks=wrong, forms=(form,))
