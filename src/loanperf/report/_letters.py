"""Letter: a published result -> what its payee is told of it, and a form by which they confirm to have read it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

from loanperf._explanations import Label, Language
from loanperf._org import Organisation
from loanperf._quantities import percent
from loanperf._validators import each_of, is_among, must_be
from loanperf.cycle import APPEAL_STATES, Cycle, CycleParticipant, CyclePlan, PublishedResult
from loanperf.outcomes import VERDICTS, PersonOutcome
from loanperf.report._cycles import appeal_state, held_text, may_be_appealed, published_to, sides
from loanperf.report._fields import (
    FormChoice,
    FormField,
    FormTarget,
    PageForm,
    Posted,
    answers_of,
    fault_of,
    must_be_right,
    texts_of,
)
from loanperf.report._given import is_own, must_be_own, subject_of, wrong_answers
from loanperf.report._page import Page
from loanperf.report._parts import KeyFigure, PageRow, Reason, Remark, Section, table_of
from loanperf.report._people import named_person, named_unit
from loanperf.report._words import WORDS, said, say
from loanperf.reviews import CategoryScore, ReviewResult, shown_number
from loanperf.viewer import Viewer

READ = "read"
"""The name of the field by which the payee confirms to have read the letter."""


def result_letter(
    payee: str,
    cycle: Cycle,
    *,
    viewer: Viewer,
    reviews: ReviewResult | None = None,
    outcomes: Iterable[PersonOutcome] = (),
    target: FormTarget | None = None,
    posted: Mapping[str, Any] | None = None,
    people: Organisation | None = None,
) -> Page:
    """The letter to a payee about a published result (绩效结果通知书): one page of A4.

    It says score and grade, what calibration changed and why, what reviews came to, what follows from it, that seeing
    it is no consent, and until when and how to appeal. What is not published is in no letter.

    Args:
        payee: whose result.
        cycle: the cycle.
        viewer: who looks.
        reviews: what the reviews of the payee came to; only points are shown, and words are left to a talk.
        outcomes: what the result is put to use for, such as a promotion or a training; those of others are passed over.
        target: where the form is sent by which the payee confirms to have read it; None is a letter to sign on paper.
            Nobody else is shown the form, and the payee only until the publication is acknowledged.
        posted: what the form sent where something was wrong with it, which is said then.
        people: what people and units are called; None shows codes.

    Raises:
        RightsError: the viewer may not see the payee.
        DataError: nothing is published, the reviews are of somebody else or another period, or something is of another
            class.
    """
    one, plan = published_to(payee, cycle, viewer), cycle.plan
    if reviews is not None:
        must_be(reviews, ReviewResult, "the reviews", "pass what loanperf.reviews.Reviews.result gives, or None")
        reviews.must_be_of(payee, plan.period)
    given = each_of(outcomes, PersonOutcome, "the outcomes", "pass what loanperf.outcomes.outcomes_of gives")
    mine = [outcome for outcome in given if (outcome.payee, outcome.period) == (payee, plan.period)]
    last, texts = one.published[-1], answers_of(posted, target)
    faults = {} if posted is None else _faults(texts)
    if not is_own(viewer, payee) or last.acknowledged_on is not None:
        target = None

    def made(language: Language) -> tuple[Section, ...]:
        return (
            _result(one, plan, last, people, language),
            _changes(last, people, language),
            *(() if reviews is None else (_reviewed(reviews, language),)),
            *((_follows(mine, language),) if mine else ()),
            _acknowledged(plan, last, target, texts, faults, language),
            _to_appeal(one, plan, last.on, people, language),
        )

    return Page(title=WORDS["letter"], subject=subject_of(named_person(payee, people), plan.period, None), made=made)


def acknowledgement_posted(
    posted: Mapping[str, Any], payee: str, *, viewer: Viewer, besides: Iterable[str] = ()
) -> dict[str, Any]:
    """What the form of `result_letter` sent, as arguments for `Cycle.acknowledge`; that command checks the rest.

    Args:
        posted: a text, or a list of texts where one name came several times, by name of field.
        payee: whose result.
        viewer: the payee, as the host knows them to be.
        besides: names of the hidden fields of the host, which are passed over.

    Raises:
        RightsError: the viewer is not the payee.
        DataError: the box is not ticked, what it sent is no version, or there is a field that the form does not have.
            All of them at once.

    >>> acknowledgement_posted({"read": "1"}, "lin", viewer=Viewer(who="lin", sees="self"))
    {'payee': 'lin', 'version': 1, 'by': 'lin'}
    """
    must_be_own(viewer, payee, f"acknowledge the result of {payee!r}")
    texts = texts_of(posted, besides)
    must_be_right(_faults(texts), f"the acknowledgement of {payee}")
    return {"payee": payee, "version": int(texts[READ][0]), "by": viewer.who}


def _faults(texts: Posted) -> dict[str, Label]:
    """By field of the form, the error to show beside it; a field that the form does not have is an error too."""
    faults = {name: said("unknown field", name=name) for name in texts if name != READ}
    given = texts.get(READ, ())
    if not given:
        faults[READ] = said("not ticked")
    elif len(given) > 1 or not re.fullmatch("[1-9][0-9]{0,5}", given[0]):
        faults[READ] = said("no version")
    return faults


def _form(
    last: PublishedResult, target: FormTarget, texts: Posted, faults: Mapping[str, Label], language: Language
) -> PageForm:
    """A box to tick, which sends the version that was read."""
    version = str(last.version)
    box = FormField(
        name=READ,
        label=say("your confirmation", language),
        kind="some of",
        choices=(FormChoice(value=version, text=say("i have read", language, version=version)),),
        is_required=True,
        given=texts.get(READ, ()),
        fault=fault_of(READ, faults, language),
    )
    return PageForm(
        code="acknowledgement",
        target=target,
        fields=(box,),
        button=say("send confirmation", language),
        required=say("required", language),
    )


def _result(
    one: CycleParticipant, plan: CyclePlan, last: PublishedResult, people: Organisation | None, language: Language
) -> Section:
    """Score and grade as they hold, and of whom they are."""
    snapshot, result = one.snapshot(plan.publishes_as_of), last.result
    figures = [KeyFigure(name=say("score", language), value=say("points", language, points=result.score))]
    if result.grade:
        note = "" if not last.calibrations or plan.calibrates != "grade" else say("calibrated", language)
        figures.append(KeyFigure(name=say("a grade", language), value=result.grade, note=note))
    if result.coefficient is not None:
        figures.append(KeyFigure(name=say("factor", language), value=held_text(plan, result)))
    note = say("version", language, version=last.version) if last.version > 1 else ""
    figures.append(KeyFigure(name=say("published on", language), value=last.on.isoformat(), note=note))
    unit = named_unit(snapshot.unit, people, plan.publishes_as_of).to(language)
    lead = say("dear", language, who=named_person(one.payee, people).to(language), unit=unit, role=snapshot.role)
    return Section(heading=say("result", language), lead=lead, figures=tuple(figures))


def _changes(last: PublishedResult, people: Organisation | None, language: Language) -> Section:
    """What people changed after the score was computed, and why."""
    heading = say("what changed", language)
    if not last.calibrations:
        return Section(heading=heading, remarks=(Remark(text=say("nothing changed", language)),))
    rows = [
        PageRow(cells=(each.at[:10], *sides(each), each.why, named_person(each.by, people).to(language)))
        for each in last.calibrations
    ]
    table = table_of("what changed", ("day", "was", "is", "reason", "changed by"), rows, language)
    return Section(heading=heading, lead=say("score stays", language), tables=(table,))


def _reviewed(reviews: ReviewResult, language: Language) -> Section:
    """What the reviews came to by category; nobody's name is in it."""
    heads = ("raters", "weight", "reviews", "average points")
    rows = [PageRow(cells=_category(each, language)) for each in reviews.categories]
    score = "" if reviews.score is None else shown_number(reviews.score)
    rows.append(PageRow(cells=(say("total", language), "", "", score), is_total=True))
    table = table_of("reviewed", heads, rows, language, numbers=heads[1:])
    return Section(heading=say("reviewed", language), lead=say("reviews lead", language), tables=(table,))


def _category(one: CategoryScore, language: Language) -> tuple[str, ...]:
    weight = percent(one.counts_as, 2) if one.score is not None else ""
    count = "" if one.count is None else str(one.count)
    score = say("too few reviews", language) if one.score is None else shown_number(one.score)
    return one.name.to(language), weight, count, score


def _follows(outcomes: Iterable[PersonOutcome], language: Language) -> Section:
    """What is given and what is not, with courses and their days, and the reasons to open."""
    rows = [
        PageRow(
            cells=(
                each.name.to(language),
                VERDICTS[each.decided].to(language),
                "" if each.training is None else each.training.course,
                "" if each.training is None else each.training.on.isoformat(),
            ),
            opens=each.name.to(language),
            why=partial(_why, each),
        )
        for each in outcomes
    ]
    table = table_of("follows", ("outcome", "decided", "course", "due on"), rows, language)
    return Section(heading=say("follows", language), tables=(table,))


def _why(outcome: PersonOutcome) -> tuple[Reason, ...]:
    return (outcome.explain(),)


def _acknowledged(
    plan: CyclePlan,
    last: PublishedResult,
    target: FormTarget | None,
    texts: Posted,
    faults: Mapping[str, Label],
    language: Language,
) -> Section:
    """The acknowledgement: who signs, or sends the form, has seen the result, which is no consent."""
    until = plan.acknowledged_by(last.on)
    remarks = [Remark(text=say("no consent", language))]
    forms: tuple[PageForm, ...] = ()
    if last.acknowledged_on is not None:
        remarks.append(Remark(text=say("acknowledged on", language, day=last.acknowledged_on), tone="good"))
    else:
        if until is not None:
            remarks.append(Remark(text=say("acknowledge by", language, day=until)))
        if target is None:
            remarks.append(Remark(text=say("sign here", language)))
        else:
            remarks += wrong_answers(faults, language)
            forms = (_form(last, target, texts, faults, language),)
    return Section(heading=say("acknowledgement", language), remarks=tuple(remarks), forms=forms)


def _to_appeal(
    one: CycleParticipant, plan: CyclePlan, published_on: date, people: Organisation | None, language: Language
) -> Section:
    """Until when and how to appeal, and to whom it goes."""
    kept_out = [one.payee]
    if plan.appeal_by_others:
        kept_out += [code for code in (one.scored_by, *(done.by for done in one.calibrations)) if code]
    deciders = dict.fromkeys((*one.snapshot(plan.publishes_as_of).superiors, *plan.panel))
    who = say("between names", language).join(
        named_person(code, people).to(language) for code in deciders if not is_among(code, kept_out)
    )
    if not may_be_appealed(one):
        state = APPEAL_STATES[appeal_state(one)].to(language)
        return Section(
            heading=say("to appeal", language), remarks=(Remark(text=say("appealed", language, state=state)),)
        )
    remarks = [Remark(text=say("appeal until", language, day=plan.appeals_until(published_on)))]
    if who:
        others = say("appeal by others", language) if plan.appeal_by_others else ""
        remarks.append(Remark(text=say("appeal to", language, who=who) + others))
    return Section(heading=say("to appeal", language), remarks=tuple(remarks))
