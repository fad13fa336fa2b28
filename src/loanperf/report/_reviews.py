"""Reviews on pages: the form for a rater, in plain words of who sees what, and what it sends back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from loanperf._explanations import Label, Language
from loanperf._org import Organisation
from loanperf._periods import day, has_passed
from loanperf._quantities import plain
from loanperf._streams import moment
from loanperf._validators import must_be
from loanperf.errors import RightsError
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
from loanperf.report._given import subject_of, time_left, wrong_answers
from loanperf.report._page import Page
from loanperf.report._parts import KeyFigure, PageRow, Remark, Section, table_of
from loanperf.report._people import named_person
from loanperf.report._words import WORDS, said, say
from loanperf.reviews import (
    REVIEW_MOVES,
    STATES_OF_REVIEWS,
    RatingScale,
    ReviewAct,
    ReviewItem,
    ReviewNote,
    ReviewPlan,
    Reviews,
    ReviewSeat,
    Submitted,
)
from loanperf.viewer import Viewer, must_be_viewer

MOST_BUTTONS = 11
"""The most buttons of a scale; with more marks the mark is typed in, unless its steps do not end as decimals."""
COMMENT, CITE = "comment", "cite"
"""Names of fields, beside those of marks."""
_MARK = "mark."
_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20}|/[1-9][0-9]{0,19})?")


def review_page(
    reviews: Reviews,
    ratee: str,
    *,
    viewer: Viewer,
    as_of: date | str,
    target: FormTarget | None = None,
    posted: Mapping[str, Any] | None = None,
    people: Organisation | None = None,
) -> Page:
    """The page of a rater: who is reviewed, who sees what, and the form while it can be sent; else what was given.

    Args:
        reviews: the cycle.
        ratee: the code of who is reviewed.
        viewer: who looks: the rater.
        as_of: the day, by which the deadline is near or has passed.
        target: where the form is sent; None shows the page without a form.
        posted: what the form sent where something was wrong with it: it is filled in again, with what is wrong.
        people: what people are called; None shows codes.

    Raises:
        RightsError: the viewer was not invited to review that person.
        DataError: something is of another class.
    """
    seat = _own_seat(reviews, ratee, viewer)
    today, plan, notes = day(as_of), reviews.plan, _notes_about(reviews, ratee, viewer)
    texts = answers_of(posted, target)
    faults = {} if posted is None else _faults(plan, notes, texts)
    is_open = (
        plan.opens <= today and not has_passed(plan.deadline, today) and (seat.state, ReviewAct.SUBMIT) in REVIEW_MOVES
    )

    def made(language: Language) -> tuple[Section, ...]:
        form: tuple[PageForm, ...] = ()
        if is_open and target is not None:
            form = (_form(plan, notes, target, texts, faults, language),)
        lead = say("form lead", language) if form else ""
        remarks = wrong_answers(faults, language) if is_open else (Remark(text=say("no form", language)),)
        shown = Section(heading=say("your review", language), lead=lead, remarks=remarks, forms=form)
        given = () if seat.review is None else (_given(seat.review, plan, notes, language),)
        return (
            _standing(seat, plan, today, language),
            Section(heading=say("who sees", language), remarks=_who_sees(seat, plan, people, language)),
            *(given or (shown,)),
        )

    return Page(title=WORDS["review"], subject=subject_of(named_person(ratee, people), plan.period, today), made=made)


def review_posted(
    posted: Mapping[str, Any],
    reviews: Reviews,
    ratee: str,
    *,
    viewer: Viewer,
    at: date | datetime | str,
    besides: Iterable[str] = (),
) -> Submitted:
    """What the form of `review_page` sent, as the event for `Reviews.answer`; the rater is who looks.

    Args:
        posted: a text, or a list of texts where one name came several times, by name of field.
        reviews: the cycle.
        ratee: the code of who is reviewed.
        viewer: the rater, as the host knows them to be.
        at: the day, or the time with its offset.
        besides: names of the hidden fields of the host, which are passed over.

    Raises:
        RightsError: the viewer was not invited to review that person.
        DataError: an item has no mark, more than one, or one off its scale; a note is cited that is not the rater's
            about that person; there is a field that the form does not have. All of them at once.
    """
    seat, plan, notes = _own_seat(reviews, ratee, viewer), reviews.plan, _notes_about(reviews, ratee, viewer)
    texts = texts_of(posted, besides)
    must_be_right(_faults(plan, notes, texts), f"the review of {ratee} by {viewer.who}")
    return Submitted(
        ratee=ratee,
        rater=viewer.who,
        category=seat.category,
        marks={item.code: Fraction(texts[_MARK + item.code][0]) for item in plan.form.items},
        comment=texts.get(COMMENT, ("",))[0],
        cites=tuple(sorted(int(number) for number in texts.get(CITE, ()))),
        at=moment(at),
    )


def _own_seat(reviews: Reviews, ratee: str, viewer: Viewer) -> ReviewSeat:
    must_be_viewer(viewer)
    must_be(reviews, Reviews, "the reviews", "pass a loanperf.reviews.Reviews")
    for seat in reviews.seen_by(viewer):
        if (seat.ratee, seat.rater) == (ratee, viewer.who):
            return seat
    raise RightsError(viewer.who, f"review {ratee!r}", "ask as the rater who was invited")


def _notes_about(reviews: Reviews, ratee: str, viewer: Viewer) -> dict[int, ReviewNote]:
    return {number: note for number, note in reviews.notes_of(viewer).items() if note.about == ratee}


# ── what is said beside the form ────────────────────────────────────────────────────────────────────────────


def _standing(seat: ReviewSeat, plan: ReviewPlan, today: date, language: Language) -> Section:
    note = time_left(plan.deadline, today, language)
    figures = (
        KeyFigure(name=say("rated as", language), value=plan.category(seat.category).name.to(language)),
        KeyFigure(name=say("until", language), value=plan.deadline.isoformat(), note=note),
        KeyFigure(name=say("state", language), value=STATES_OF_REVIEWS[seat.state].to(language)),
    )
    text = say("after deadline", language, day=plan.deadline)
    return Section(heading=say("summary", language), figures=figures, remarks=(Remark(text=text),))


def _who_sees(
    seat: ReviewSeat, plan: ReviewPlan, people: Organisation | None, language: Language
) -> tuple[Remark, ...]:
    """What becomes of the rater's name, marks and words, by the rules of the category."""
    category = plan.category(seat.category)
    who = named_person(seat.ratee, people).to(language)
    own = seat.ratee == seat.rater
    named = "own review is named" if own else "rater is named"
    told = [say("rater is hidden" if category.anonymous else named, language, who=who)]
    if category.anonymous:
        into = plan.category(category.into).name.to(language) if category.into else ""
        few = "few roll up" if into else "few are left out"
        told += [say("averaged", language), say(few, language, least=category.minimum, into=into)]
        told.append(say("words are shown", language))
    told += [say("shown when closed", language), say("answered is seen", language)]
    return tuple(Remark(text=text) for text in told)


def _given(review: Submitted, plan: ReviewPlan, notes: Mapping[int, ReviewNote], language: Language) -> Section:
    """What the rater gave; they alone see it so."""
    rows = [
        PageRow(cells=(item.name.to(language), plain(mark), _anchor(item.scale, mark, language)))
        for item in plan.form.items
        for mark in [review.marks[item.code]]
    ]
    table = table_of("marks", ("item", "mark", "meaning"), rows, language, numbers=("mark",))
    remarks = [Remark(mark=say("comment", language), text=review.comment)] if review.comment else []
    remarks += [Remark(mark=say("cited", language), text=notes[number].text) for number in review.cites]
    lead = say("given lead", language, day=review.at[:10])
    return Section(heading=say("your review", language), lead=lead, tables=(table,), remarks=tuple(remarks))


def _anchor(scale: RatingScale, mark: Fraction, language: Language) -> str:
    return next((label.to(language) for at, label in scale.anchors if at == mark), "")


# ── the form ────────────────────────────────────────────────────────────────────────────────────────────────


def _form(
    plan: ReviewPlan,
    notes: Mapping[int, ReviewNote],
    target: FormTarget,
    texts: Posted,
    faults: Mapping[str, Label],
    language: Language,
) -> PageForm:
    fields = [_item_field(item, texts, faults, language) for item in plan.form.items]
    fields.append(
        FormField(
            name=COMMENT,
            label=say("comment", language),
            kind="text",
            note=say("comment note", language),
            given=texts.get(COMMENT, ()),
            fault=fault_of(COMMENT, faults, language),
        )
    )
    if notes:
        choices = tuple(
            FormChoice(value=str(number), text=say("note of", language, day=note.at[:10], text=note.text))
            for number, note in notes.items()
        )
        fields.append(
            FormField(
                name=CITE,
                label=say("your notes", language),
                kind="some of",
                note=say("cite note", language),
                choices=choices,
                given=texts.get(CITE, ()),
                fault=fault_of(CITE, faults, language),
            )
        )
    return PageForm(
        code="review",
        target=target,
        fields=tuple(fields),
        button=say("send review", language),
        required=say("required", language),
    )


def _item_field(item: ReviewItem, texts: Posted, faults: Mapping[str, Label], language: Language) -> FormField:
    """Buttons for the marks of an item with their anchors, or a number where there are many."""
    scale, name = item.scale, _MARK + item.code
    low, high, step = (plain(one) for one in (scale.low, scale.high, scale.step))
    count = int((scale.high - scale.low) / scale.step) + 1
    ends = all("/" not in one for one in (low, high, step))
    typed = count > MOST_BUTTONS and ends
    marks = () if typed else tuple(scale.low + scale.step * place for place in range(count))
    note = say("scale", language, low=low, high=high, step=step)
    if typed:
        anchors = [say("anchor", language, mark=plain(at), text=label.to(language)) for at, label in scale.anchors]
        note = say("then", language).join([note, *anchors])
    choices = []
    for mark in marks:
        anchor = _anchor(scale, mark, language)
        text = say("anchor", language, mark=plain(mark), text=anchor) if anchor else plain(mark)
        choices.append(FormChoice(value=plain(mark), text=text))
    return FormField(
        name=name,
        label=item.name.to(language),
        kind="number" if typed else "one of",
        note=note if typed else "",
        choices=tuple(choices),
        limits=(low, high, step),
        is_required=True,
        given=texts.get(name, ()),
        fault=fault_of(name, faults, language),
    )


# ── what it sends ───────────────────────────────────────────────────────────────────────────────────────────


def _faults(plan: ReviewPlan, notes: Mapping[int, ReviewNote], texts: Posted) -> dict[str, Label]:
    """By field of the form, the error to show beside it; a field that the form does not have is an error too."""
    known = {_MARK + item.code: item for item in plan.form.items}
    faults = {name: said("unknown field", name=name) for name in texts if name not in (*known, COMMENT, CITE)}
    for name, item in known.items():
        given = texts.get(name, ())
        if len(given) != 1:
            faults[name] = said("no mark" if not given else "two marks", item=item.name)
        elif not (_NUMBER.fullmatch(given[0]) and item.scale.has(Fraction(given[0]))):
            low, high, step = (plain(one) for one in (item.scale.low, item.scale.high, item.scale.step))
            faults[name] = said("off the scale", item=item.name, mark=given[0], low=low, high=high, step=step)
    if len(texts.get(COMMENT, ())) > 1:
        faults[COMMENT] = said("two comments")
    cited = texts.get(CITE, ())
    if len(set(cited)) < len(cited) or not {str(number) for number in notes} >= set(cited):
        faults[CITE] = said("no such note")
    return faults
