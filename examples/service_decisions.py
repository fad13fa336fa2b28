"""The part of the service in which people decide: reviews, the cycle, disputes and holds, outcomes, feedback, pages.

Each act is a row of a table: how its body becomes a command of the library. What the library gives is appended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import parse_qs, quote

from examples.service_house import Code, Day, House, Language, PeriodText, Refusal, Said, database, house_of
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

import loanperf as lp
from loanperf import report
from loanperf.archive import Archive
from loanperf.cycle import Cycle, CyclePlan, CycleResult, ResultState, cycle_stream
from loanperf.disputes import (
    DisputeOpened,
    DisputePlan,
    DisputeRejected,
    Disputes,
    DisputeTakenUp,
    DisputeUpheld,
    DisputeWithdrawn,
    HoldLifted,
    HoldPlaced,
    disputes_stream,
)
from loanperf.errors import DataError
from loanperf.learning import FeedbackGiven, Learning, LearningPlan, SchemeProposed, SurveyAnswered, feedback_stream
from loanperf.outcomes import OutcomeOverride, OutcomeRules, outcomes_of, pay_steps_of, results_of
from loanperf.reviews import Declined, Invited, ReviewNote, ReviewPlan, Reviews, Submitted, Withdrawn, reviews_stream
from loanperf.run import read_disputes
from loanperf.viewer import Viewer

router = APIRouter()
EVERYBODY = Viewer(who="the service", sees="all")
"""Who looks where nobody is shown what is seen."""
Act = Annotated[str, Path(min_length=1, max_length=40)]
Command = Callable[[Any, Said, House], Iterable[Any]]


def acted(table: Mapping[str, Command], act: str, said: Said, house: House, stream: str, known: Any) -> dict[str, int]:
    """Do what an act stands for, and append it.

    Raises:
        DataError: there is no such act, or the library refuses it.
        ConflictError: others have acted since.
    """
    if act not in table:
        raise DataError(f"the act {act!r}", "there is none", f"use one of {', '.join(table)}")
    said.must_be_newest(stream, known.records)
    return house.append(stream, known, table[act](known, said, house))


# ── reviews ─────────────────────────────────────────────────────────────────────────────────────────────────


def _answer(kind: Any) -> Command:
    return lambda known, said, _: known.answer(said.event(kind, rater=said.by), by=said.by)


REVIEWS: dict[str, Command] = {
    "start": lambda known, said, _: known.start(**said.plan(ReviewPlan)),
    "invite": lambda known, said, house: known.invite(said.event(Invited, by=said.by), leads=house.leads),
    "give": _answer(Submitted),
    "decline": _answer(Declined),
    "withdraw": _answer(Withdrawn),
    "note": lambda known, said, _: known.note(said.event(ReviewNote, by=said.by), by=said.by),
    "close": lambda known, said, house: known.close(viewer=house.viewer(said.by), at=said.at),
}


def reviews_in(house: House) -> Reviews:
    """The reviews of a period, as the stream has them now."""
    return Reviews.of(database().entries.read(reviews_stream(house.scheme.name, house.period)))


@router.post("/periods/{period}/reviews/{act}")
def review(period: PeriodText, act: Act, given: Said) -> dict[str, int]:
    """Start, invite, give, decline, withdraw, note or close; the rater of an answer is `by`."""
    house = house_of(period)
    stream = reviews_stream(house.scheme.name, house.period)
    return acted(REVIEWS, act, given, house, stream, reviews_in(house))


@router.get("/periods/{period}/payees/{payee}/reviews")
def reviews(period: PeriodText, payee: Code, language: Language = "en") -> dict[str, Any]:
    """The reviews that somebody is to give or may know of, and results of whom they may see once all is closed."""
    house = house_of(period)
    known, viewer = reviews_in(house), house.viewer(payee)
    results = () if known.closed_on is None else known.results(viewer)
    return {
        "records": known.records,
        "seats": [seat.data() for seat in known.seen_by(viewer)],
        "results": [one.data() | {"text": one.explain().text(language)} for one in results],
    }


# ── the cycle ───────────────────────────────────────────────────────────────────────────────────────────────


def _score(known: Cycle, said: Said, house: House) -> Iterable[Any]:
    """Take in what the last run came to; of who moved, the later part decides."""
    last = {row.payee: row.appraisal for row in archived(house)}
    moved = [payee for payee, appraisal in last.items() if appraisal.card.period != house.period]
    return known.score(last.values(), **said.words(), parts_of=moved)


def _approve(known: Cycle, said: Said, _: House) -> Iterable[Any]:
    """Approve what was seen: `says.results` as the cycle shows them."""
    seen, rest = said.apart("results", list)
    return known.approve([CycleResult.from_data(one) for one in seen], **rest.words())


def _publish(known: Cycle, said: Said, _: House) -> Iterable[Any]:
    payees, rest = said.apart("payees", list)
    return known.publish(payees, **rest.words())


def _acknowledge(known: Cycle, said: Said, _: House) -> Iterable[Any]:
    version, rest = said.apart("version", int)
    return known.acknowledge(said.by, version=version, **rest.words())


def _uphold(known: Cycle, said: Said, house: House) -> Iterable[Any]:
    """Uphold with another grade or coefficient, or without any with what the last run came to."""
    words = said.words("payee", "why", grade="", coefficient="")
    if not ({"grade", "coefficient"} & {*words}):
        words["appraisal"] = {row.payee: row.appraisal for row in archived(house)}.get(words["payee"])
    return known.uphold(**words)


CYCLE: dict[str, Command] = {
    "start": lambda known, said, _: known.start(**said.plan(CyclePlan)),
    "snapshots": lambda known, said, house: known.take_snapshots(house.leads, **said.words("on")),
    "score": _score,
    "calibrate": lambda known, said, _: known.calibrate(**said.words("payee", "why", grade="", coefficient="")),
    "approve": _approve,
    "publish": _publish,
    "acknowledge": _acknowledge,
    "interview": lambda known, said, _: known.note_interview(**said.words("payee", "text")),
    "appeal": lambda known, said, _: known.appeal(said.by, **said.words("why")),
    "withdraw": lambda known, said, _: known.withdraw(said.by, **said.words()),
    "take up": lambda known, said, _: known.take_up(**said.words("payee")),
    "uphold": _uphold,
    "reject": lambda known, said, _: known.reject(**said.words("payee", "why")),
}


def cycle_in(house: House) -> Cycle:
    """The cycle of a period, as the stream has it now."""
    return Cycle.of(database().entries.read(cycle_stream(house.scheme.name, house.period)))


def unpublished(known: Cycle) -> list[str]:
    """Codes of participants to whom their result is not published, or not as an appeal left it."""
    shown = (ResultState.PUBLISHED, ResultState.ACKNOWLEDGED)
    return [one.payee for one in known.participants(EVERYBODY) if one.result_state not in shown]


def archived(house: House) -> Any:
    """The results of the last run of a period that was kept."""
    return Archive(database().entries, house.scheme.name, database().personal).results(house.period)


@router.post("/periods/{period}/cycle/{act}")
def decide(period: PeriodText, act: Act, given: Said) -> dict[str, int]:
    """Start, snapshots, score, calibrate, approve, publish, acknowledge, interview, appeal, take up, uphold, reject."""
    house = house_of(period)
    return acted(CYCLE, act, given, house, cycle_stream(house.scheme.name, house.period), cycle_in(house))


@router.get("/periods/{period}/payees/{payee}/cycle")
def cycle(period: PeriodText, payee: Code) -> dict[str, Any]:
    """The participants whom somebody may see, and how the grades stand; of oneself what is published, and no more."""
    house = house_of(period)
    known, viewer = cycle_in(house), house.viewer(payee)
    people = known.participants(viewer)
    grades = known.distribution(viewer) if people and known.plan.distribution is not None else ()
    return {
        "records": known.records,
        "participants": [one.data() for one in people],
        "distribution": [one.data() for one in grades],
    }


# ── disputes and holds ──────────────────────────────────────────────────────────────────────────────────────


def _settle(kind: Any) -> Command:
    return lambda known, said, house: known.answer(said.event(kind, by=said.by), ledger=house.ledger, leads=house.leads)


def _hold(known: Disputes, said: Said, house: House) -> Iterable[Any]:
    """Hold the pay of a `payee` or a `loan`, for a `dispute` or for another reason."""
    hold = {name: value for name, value in said.says.items() if name != "dispute"} | {"by": said.by}
    placed = {"hold": hold, "dispute": said.says.get("dispute", 0), "at": said.at}
    return known.place(HoldPlaced.from_data(placed), ledger=house.ledger, leads=house.leads)


DISPUTES: dict[str, Command] = {
    "start": lambda known, said, _: known.start(**said.plan(DisputePlan)),
    "open": lambda known, said, house: known.open(
        said.event(DisputeOpened, payee=said.by, by=said.by, seen=len(house.ledger.entries)), ledger=house.ledger
    ),
    "take up": _settle(DisputeTakenUp),
    "uphold": _settle(DisputeUpheld),
    "reject": _settle(DisputeRejected),
    "withdraw": _settle(DisputeWithdrawn),
    "hold": _hold,
    "lift": lambda known, said, house: known.lift(
        said.event(HoldLifted, by=said.by), ledger=house.ledger, leads=house.leads
    ),
    "close overdue": lambda known, said, _: known.close_overdue(**said.words()),
}


@router.post("/periods/{period}/disputes/{act}")
def dispute(period: PeriodText, act: Act, given: Said) -> dict[str, int]:
    """Start, open, take up, uphold, reject, withdraw, hold, lift or close overdue; the period says which scheme."""
    house = house_of(period)
    known = read_disputes(database().entries, scheme=house.scheme.name)
    return acted(DISPUTES, act, given, house, disputes_stream(house.scheme.name), known)


@router.get("/periods/{period}/payees/{payee}/disputes")
def disputes(period: PeriodText, payee: Code, language: Language = "en") -> dict[str, Any]:
    """The disputes and holds of whom somebody may see."""
    house = house_of(period)
    known, viewer = read_disputes(database().entries, scheme=house.scheme.name), house.viewer(payee)
    held = known.holds_seen_by(viewer, house.ledger)
    return {
        "records": known.records,
        "disputes": [one.data() | {"text": one.text.to(language)} for one in known.seen_by(viewer)],
        "holds": [one.data() | {"text": one.text.to(language)} for one in held],
    }


# ── outcomes ────────────────────────────────────────────────────────────────────────────────────────────────


class Outcomes(BaseModel):
    """Rules of outcomes as a document, the day, pay steps, and what persons decided otherwise."""

    text: str
    form: Literal["toml", "json"] = "toml"
    as_of: Day
    steps: dict[Code, Code] = Field({}, description="the pay step of everybody who has a result; empty asks for none")
    overrides: list[dict[str, Any]] = []


@router.post("/periods/{period}/payees/{payee}/outcomes")
def outcomes(period: PeriodText, payee: Code, given: Outcomes, language: Language = "en") -> dict[str, Any]:
    """What the results of a period are put to use for, of whom somebody may see, by grades as they were published."""
    house, rules = house_of(period), OutcomeRules.parse(given.text, given.form)
    known, viewer = cycle_in(house), house.viewer(payee)
    rows = archived(house)
    waiting = sorted({*unpublished(known)} & {row.payee for row in rows})
    if waiting:
        remedy = "wait for the publication, since ranks would tell of it"
        raise DataError(f"outcomes of {period}", f"results of {', '.join(waiting)} are not published", remedy)
    calibrated = known.calibrated(EVERYBODY)
    results = results_of(rows, house.period, of_several="last", calibrated=calibrated, organisation=house.people)
    decided = [OutcomeOverride.from_data(one) for one in given.overrides]
    facts = database().facts.facts(house.period)
    how: dict[str, Any] = {"viewer": viewer, "overrides": decided}
    found = outcomes_of(rules, results, house.period, as_of=given.as_of, facts=facts, **how)
    steps = pay_steps_of(rules, results, house.period, steps=given.steps, **how) if given.steps else ()
    return {
        "outcomes": [
            {
                "payee": one.payee,
                "rule": one.code,
                "decided": one.decided,
                "training": None if one.training is None else one.training.data(),
                "text": one.explain().text(language),
            }
            for one in found
        ],
        "steps": [
            {"payee": one.payee, "before": one.before, "after": one.decided, "text": one.explain().text(language)}
            for one in steps
        ],
    }


# ── feedback, surveys, proposals ────────────────────────────────────────────────────────────────────────────


def _propose(known: Learning, said: Said, _: House) -> Iterable[Any]:
    """Propose a version: its document, a code, why, and the numbers of the feedback that it takes up."""
    answers, rest = said.apart("answers", list)
    words, book = rest.words("text", "code", "why", form="toml"), database().schemes.schemes()
    new = lp.parse_scheme(words.pop("text"), words.pop("form"))
    base = book.at(new.effective - timedelta(days=1))
    return known.propose(SchemeProposed.of(base, new, answers=answers, **words), book=book)


def _consult(known: Learning, said: Said, _: House) -> Iterable[Any]:
    people, rest = said.apart("people", int)
    return known.consult(people=people, **rest.words("proposal", "whom", "how", "on", said=""))


def _reply(known: Learning, said: Said, house: House) -> Iterable[Any]:
    feedback, rest = said.apart("feedback", int)
    return known.answer(feedback, rest.words("text")["text"], viewer=house.viewer(said.by), at=said.at)


def _take_back(known: Learning, said: Said, _: House) -> Iterable[Any]:
    feedback, rest = said.apart("feedback", int)
    return known.withdraw(feedback, **rest.words())


def _approve_version(known: Learning, said: Said, house: House) -> Iterable[Any]:
    book = database().schemes.schemes()
    return known.approve(**said.words("proposal"), book=book, ledger=house.ledger)


LEARNING: dict[str, Command] = {
    "start": lambda known, said, _: known.start(**said.plan(LearningPlan)),
    "give": lambda known, said, house: known.give(
        said.event(FeedbackGiven, by=said.by), by=said.by, organisation=house.people
    ),
    "survey": lambda known, said, house: known.answer_survey(
        said.event(SurveyAnswered, by=said.by), by=said.by, organisation=house.people
    ),
    "withdraw": _take_back,
    "answer": _reply,
    "close": lambda known, said, _: known.close(**said.words()),
    "propose": _propose,
    "consult": _consult,
    "notify": lambda known, said, _: known.notify(**said.words("proposal", "text", "how", "on")),
    "approve": _approve_version,
    "reject": lambda known, said, _: known.reject(**said.words("proposal", "why")),
    "recall": lambda known, said, _: known.recall(**said.words("proposal")),
}


def learning_in(house: House) -> Learning:
    """Feedback on a period and proposals, as the stream has them now."""
    return Learning.of(database().entries.read(feedback_stream(house.scheme.name, house.period)))


@router.post("/periods/{period}/feedback/{act}")
def feed_back(period: PeriodText, act: Act, given: Said) -> dict[str, int]:
    """Start, give, survey, withdraw, answer, close; propose, consult, notify, approve, reject or recall a version."""
    house = house_of(period)
    stream = feedback_stream(house.scheme.name, house.period)
    done = acted(LEARNING, act, given, house, stream, learning_in(house))
    if act == "approve":
        book = database().schemes.schemes()
        database().schemes.publish(learning_in(house).approved_book(book))
    return done


@router.get("/periods/{period}/payees/{payee}/feedback")
def feedback(period: PeriodText, payee: Code) -> dict[str, Any]:
    """What somebody may read of feedback, its counts once it is closed, and how proposals stand."""
    house = house_of(period)
    known, viewer = learning_in(house), house.viewer(payee)
    closed = known.closed_on is not None
    return {
        "records": known.records,
        "feedback": [one.data() for one in known.seen_by(viewer)],
        "counts": [one.data() for one in known.counts(viewer, house.people)] if closed else [],
        "satisfaction": [one.data() for one in known.satisfaction(viewer, house.people)] if closed else [],
        "proposals": {code: one.state.value for code, one in known.proposals.items()},
    }


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────

PAGES = "/periods/{period}/payees/{payee}/pages"
FORM = PAGES + "/reviews/{ratee}"
HTML: dict[int | str, dict[str, Any]] = {200: {"content": {"text/html": {}}}}
"""A page is HTML; what is refused is JSON, as everywhere."""


@router.get(PAGES + "/month", responses=HTML)
def month_page(period: PeriodText, payee: Code, language: Language = "zh") -> HTMLResponse:
    """The month of a payee, as the last run that was kept has it; of their own result what is published."""
    house = house_of(period)
    money = lp.statement(house.ledger, payee, house.period, currency=house.scheme.currency, organisation=house.people)
    viewer = house.viewer(payee)
    results = report.as_published(archived(house), cycle_in(house), viewer=viewer)
    page = report.my_month(payee, results, viewer=viewer, statements=[money])
    return HTMLResponse(page.html(language))


@router.get(PAGES + "/letter", responses=HTML)
def result_letter(period: PeriodText, payee: Code, language: Language = "zh") -> HTMLResponse:
    """The letter to a payee about their published result."""
    house = house_of(period)
    page = report.result_letter(payee, cycle_in(house), viewer=house.viewer(payee), people=house.people)
    return HTMLResponse(page.html(language))


@router.get(FORM, responses=HTML)
def review_form(period: PeriodText, payee: Code, ratee: Code, on: Day, language: Language = "zh") -> HTMLResponse:
    """The form by which a payee reviews somebody; what was given, where it was."""
    house = house_of(period)
    return HTMLResponse(_form(house, payee, ratee, on).html(language))


def _form(house: House, payee: str, ratee: str, on: str, posted: Any = None) -> report.Page:
    path = FORM.format(period=house.period, payee=quote(payee, safe=""), ratee=quote(ratee, safe=""))
    return report.review_page(
        reviews_in(house),
        ratee,
        viewer=house.viewer(payee),
        as_of=on,
        target=report.FormTarget(action=f"{path}?on={quote(on, safe='')}"),
        posted=posted,
        people=house.people,
    )


async def sent(request: Request) -> dict[str, list[str]]:
    """The fields of a form that was sent.

    Raises:
        DataError: there are too many.
    """
    try:
        return parse_qs((await request.body()).decode(errors="replace"), keep_blank_values=True, max_num_fields=500)
    except ValueError as error:
        raise DataError("the form", str(error), "send the fields of the page") from None


@router.post(FORM, responses={**HTML, 400: {"model": Refusal, "content": {"text/html": {}}}})
def review_sent(
    period: PeriodText,
    payee: Code,
    ratee: Code,
    on: Day,
    posted: Annotated[dict[str, list[str]], Depends(sent)],
    language: Language = "zh",
) -> HTMLResponse:
    """Take a review that was sent by its form; what is wrong is on the page again."""
    house = house_of(period)
    known, viewer = reviews_in(house), house.viewer(payee)
    try:
        event = report.review_posted(posted, known, ratee, viewer=viewer, at=on)
    except DataError:
        return HTMLResponse(_form(house, payee, ratee, on, posted).html(language), 400)
    house.append(reviews_stream(house.scheme.name, house.period), known, known.answer(event, by=payee))
    return HTMLResponse(_form(house, payee, ratee, on).html(language))
