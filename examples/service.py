"""A service over the library: a scheme in, scores with their reasons out, and months that are paid.

Run it with `uvicorn examples.service:app`. LOANPERF_DATABASE names the database; without it a file here is one. It has
no sign-in, no rights and no limits of size: put it behind what your house uses for them. Amounts are text with a unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from attrs import evolve
from examples.service_decisions import router
from examples.service_house import HR, Code, Day, Language, Moment, PeriodText, Refusal, database
from fastapi import FastAPI, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

import loanperf as lp
from loanperf.adapters.tables import Tables
from loanperf.alerts import Leads
from loanperf.errors import (
    ConflictError,
    DataError,
    LoanPerfError,
    OrganisationError,
    RightsError,
    StoreError,
    UnknownPayeeError,
)
from loanperf.goals import Confirmations, Proposal, Reply, confirmations_stream, plan_document, target_letter
from loanperf.ports import FeedRow, Pulled
from loanperf.run import acknowledge_alert, read_alerts, read_confirmations, tell_alerts
from loanperf.schemes import Confirmation
from loanperf.tracker import Tracker, Watch
from loanperf.viewer import Viewer

Number = Annotated[int, Path(ge=1, lt=2**31)]
Matter = Literal["targets", "plan"]


class SchemeText(BaseModel):
    """A scheme as a document."""

    text: str
    form: Literal["toml", "json"] = "toml"


class Appraise(BaseModel):
    """Readings of a payee, as text with units."""

    period: Annotated[str, Field(max_length=30, examples=["2026-03"])]
    readings: dict[Code, str]
    targets: dict[Code, str] = {}
    role: str = ""
    salary: str | None = Field(None, examples=["8000 元"])


class UnitRow(BaseModel):
    """A branch or team, and the unit above it; none at the top."""

    code: Code
    parent: Code | None = None


class Row(BaseModel):
    """What a system says of one of its rows: a row of a table, or that it was withdrawn."""

    row: Code
    revision: Annotated[int, Field(ge=0, lt=2**63)]
    table: str = Field("", examples=["events"])
    cells: dict[Code, str] | None = None


class RunHow(BaseModel):
    """How to work a period."""

    dry_run: bool = True
    approve: bool = False
    close_by: str = ""


class Propose(BaseModel):
    """Targets of a payee to confirm, as text with units; without any, the plan document."""

    by: Code
    at: Moment
    targets: dict[Code, str] = {}


class Answer(BaseModel):
    """What somebody says to a version whose text they were shown."""

    act: Literal["confirm", "refuse", "set"]
    version: Annotated[int, Field(ge=1, lt=2**31)]
    digest: Annotated[str, Field(max_length=64)]
    by: Code
    at: Moment
    why: Annotated[str, Field(max_length=2000)] = ""


class Look(BaseModel):
    """A day to look at, and the roles whose holders lead a unit."""

    as_of: Day
    leads: list[Code] = []


class TakeUp(BaseModel):
    """When an alert was taken up, and what is said of it."""

    on: Day
    why: Annotated[str, Field(max_length=1000)] = ""
    leads: list[Code] = []


STATUS: dict[type[LoanPerfError], int] = {
    RightsError: 403,
    UnknownPayeeError: 404,
    ConflictError: 409,
    StoreError: 503,
}
"""What is answered where it is neither done nor the caller's mistake, which is 400."""
REFUSED: dict[int | str, dict[str, Any]] = {status: {"model": Refusal} for status in (400, *STATUS.values())}
app = FastAPI(title="loanperf", version="1", responses=REFUSED)
app.include_router(router)


@app.exception_handler(LoanPerfError)
def refused(request: Request, error: LoanPerfError) -> JSONResponse:
    """What the library says is what the caller reads, in Chinese where the request asks for it."""
    status = STATUS.get(type(error), 400)
    language = "zh" if request.query_params.get("language", "en").startswith("zh") else "en"
    problems = [problem.text(language) for problem in getattr(error, "problems", ())]
    return JSONResponse(Refusal(detail=error.text(language), problems=problems).model_dump(), status)


@app.get("/health")
def health() -> dict[str, str]:
    """Whether the database answers, and the version of its tables."""
    return {"schema": database().version}


@app.put("/scheme")
def publish(given: SchemeText) -> dict[str, str]:
    """Publish a scheme; the version of one effective date takes the place of the one before it."""
    scheme = lp.parse_scheme(given.text, given.form)
    try:
        kept = [one for one in database().schemes.schemes().versions if one.effective != scheme.effective]
    except DataError:
        kept = []
    database().schemes.publish(lp.SchemeBook([*kept, scheme]))
    return {"name": scheme.name, "version": scheme.fingerprint}


@app.post("/appraisals")
def appraise(given: Appraise) -> dict[str, Any]:
    """Score readings by the scheme in force, with the reasons down to each input."""
    period = lp.Period.parse(given.period)
    card = database().schemes.schemes().at(period.start).resolve(period=period, role=given.role)
    found = lp.appraise(card, given.targets, given.readings)
    points = {line.line.indicator.code: str(line.points) for line in found.lines}
    said = {"score": str(found.score), "points": points, "reason": found.explain().data()}
    if card.bonus is None or given.salary is None:
        return said
    bonus = lp.award(card.bonus, found, month=given.salary)
    return said | {"bonus": str(bonus.amount), "reason": bonus.explain().data()}


@app.put("/units")
def units(given: list[UnitRow]) -> dict[str, int]:
    """Keep the tree of units, in place of what was kept before; people stay, and their units must be among them."""
    rows = [lp.Unit(**one.model_dump()) for one in given]
    database().people.keep(evolve(_held(), units=rows))
    return {"units": len(rows)}


@app.put("/people")
def people(given: list[dict[Code, str]]) -> dict[str, int]:
    """Keep who works where, in place of what was kept before: rows of the table `assignments`; units stay.

    One row that cannot be used, or that says nothing, refuses them all: what is kept is in place of everybody who was
    kept before.
    """
    for place, row in enumerate(given):
        if not any(cell.strip() for cell in row.values()):
            raise DataError(f"people row {place}", "it says nothing", "leave it out, or send its assignment")
    table = {head: [row.get(head, "") for row in given] for head in sorted({head for row in given for head in row})}
    organisation = Tables({"assignments": table}, name="people").organisation(_ANY)
    if organisation.problems:
        raise OrganisationError(organisation.problems)
    database().people.keep(evolve(organisation, units=_held().units))
    return {"assignments": len(organisation.assignments)}


def _held() -> lp.Organisation:
    return database().people.organisation(_ANY)


_ANY = lp.Period.year(2000)
"""A period where none is looked at: units, people and rows come with their own days."""


@app.post("/feeds/{source}")
def take(source: Annotated[str, Path(min_length=1, max_length=100)], given: list[Row]) -> dict[str, int]:
    """Take rows of a system; the highest revision of each holds, however often and in whatever order they come."""
    rows = [FeedRow(row=one.row, revision=one.revision, says=_said(one)) for one in given]
    database().facts.take(source, Pulled(rows=rows, cursor=database().facts.cursor(source)))
    return {"taken": len(rows)}


def _said(row: Row) -> Any:
    if row.cells is None:
        return None
    table = {head: [cell] for head, cell in row.cells.items()}
    found = Tables({row.table: table}, name="row").facts(_ANY)
    said = next(iter((*found.items, *found.problems)), None)
    if said is None:
        remedy = "send a row of facts, or none of its cells to withdraw it"
        raise DataError(f"row {row.row}", f"it says nothing in the table {row.table!r}", remedy)
    return said


@app.post("/periods/{period}/runs")
def run(period: PeriodText, given: RunHow) -> dict[str, Any]:
    """Work a period; unless it is a dry run, post it, put its payments into the outbox, and close it."""
    mine = database()
    done = lp.run(
        lp.Period.parse(period),
        facts=mine.facts,
        people=mine.people,
        schemes=mine.schemes,
        payments=None if given.dry_run else mine.payments,
        approve=(lambda _: True) if given.approve else None,
        keeping=lp.Keeping(entries=mine.entries, answers=mine.payments, close_by=given.close_by),
    )
    payments = {payment.key: str(payment.amount) for payment in done.payments}
    counts = {"rows": done.rows, "used": done.used, "entries": len(done.entries)}
    said = {"problems": [str(problem) for problem in done.problems], "blocked": [str(one) for one in done.blocked]}
    return counts | said | {"held": done.held, "closed": done.closed, "payments": payments}


@app.get("/periods/{period}/payees/{payee}/statement")
def statement(period: PeriodText, payee: str, language: Language = "en") -> dict[str, str]:
    """A payee's statement of a period."""
    book = database().schemes.schemes().versions[0]
    ledger = database().entries.ledger(f"{book.name}/ledger")
    month = lp.Period.parse(period)
    people = database().people.organisation(month)
    return {"text": lp.statement(ledger, payee, month, currency=book.currency, organisation=people).text(language)}


@app.post("/periods/{period}/alerts")
def look(period: PeriodText, given: Look) -> dict[str, Any]:
    """Look at everybody on a day by the alert rules of the scheme, and keep what changed; nothing is said twice."""
    month, scheme, people = _of_month(period)
    mine = database()
    seen = Watch(
        period=month,
        currency=scheme.currency,
        schemes=mine.schemes.schemes(),
        organisation=people,
        targets=mine.schemes.targets(month),
    )
    tracker = Tracker.start(seen, facts=mine.facts.facts(month))
    looked = tell_alerts(
        mine.entries,
        scheme=scheme.name,
        observations=tracker.observed(as_of=given.as_of, readings=mine.facts.readings(month)),
        rules=scheme.alerts,
        as_of=given.as_of,
        leads=Leads(organisation=people, roles=given.leads),
    )
    events = [{"what": event.move.value, "to": [*event.to], "text": str(event.alert)} for event in looked.events]
    return {"events": events, "problems": [str(problem) for problem in looked.problems]}


@app.get("/periods/{period}/payees/{payee}/alerts")
def alerts(period: PeriodText, payee: Code, language: Language = "en") -> list[dict[str, Any]]:
    """What a payee sees of alerts: their own that are open, and those that they were told."""
    _, scheme, people = _of_month(period)
    found = read_alerts(database().entries, scheme=scheme.name).seen_by(
        Viewer(who=payee, sees="self"), organisation=people
    )
    return [
        {
            "number": case.number,
            "stands": case.state.value,
            "since": case.alert.since.isoformat(),
            "text": case.alert.text.to(language),
            "advice": case.alert.advice.to(language),
            "evidence": [one.text.to(language) for one in case.alert.evidence],
        }
        for case in found
    ]


@app.post("/periods/{period}/payees/{payee}/alerts/{number}/acknowledgements")
def take_up(period: PeriodText, payee: Code, number: Number, given: TakeUp) -> list[dict[str, Any]]:
    """Take up an alert as its payee, or as somebody who was told of it."""
    _, scheme, people = _of_month(period)
    leads = Leads(organisation=people, roles=given.leads)
    acknowledge_alert(database().entries, number, scheme=scheme.name, by=payee, on=given.on, leads=leads, why=given.why)
    return alerts(period, payee)


CONFIRMATIONS = "/periods/{period}/payees/{payee}/confirmations/{of}"


@app.put(CONFIRMATIONS)
def propose(period: PeriodText, payee: Code, of: Matter, given: Propose) -> dict[str, Any]:
    """Propose targets or a plan document to a payee; the same again is no new version."""
    month, scheme, people = _of_month(period)
    targets = [lp.Target(payee=payee, indicator=code, value=value) for code, value in given.targets.items()]
    if of == "targets":
        document = target_letter(targets, scheme, month, organisation=people)
    else:
        document = plan_document(scheme, payee, month, organisation=people, targets=targets)
    known = _confirmations(scheme)
    rules = must_confirm(scheme)
    _keep(
        scheme,
        known,
        known.propose(document, by=given.by, at=given.at, rules=rules, organisation=people, proposers=HR),
    )
    return shown(period, payee, of)


@app.get(CONFIRMATIONS)
def shown(period: PeriodText, payee: Code, of: Matter, language: Language = "en") -> dict[str, Any]:
    """The newest version with its text and hash, how it stands, and which one is in force."""
    month, scheme, _ = _of_month(period)
    known = _confirmations(scheme)
    newest = known.newest(payee, month, on=month.last_day, of=of)
    if newest is None:
        raise DataError(f"the {of} of {payee} for {month}", "nothing was proposed", "propose it first")
    holds = known.in_force(payee, month, on=month.last_day, of=of)
    return {
        "text": newest.proposal.document.to(language),
        "version": newest.version,
        "digest": newest.proposal.digest,
        "stands": newest.said.to(language),
        "in_force": None if holds is None else holds.version,
    }


@app.post(CONFIRMATIONS + "/answers")
def answer(period: PeriodText, payee: Code, of: Matter, given: Answer) -> dict[str, Any]:
    """Confirm or refuse as the payee, or set as a superior, what was shown; a refusal and a setting say why."""
    month, scheme, people = _of_month(period)
    reply = Reply(of=of, payee=payee, period=month, **given.model_dump())
    known = _confirmations(scheme)
    _keep(scheme, known, known.answer(reply, rules=must_confirm(scheme), organisation=people))
    return shown(period, payee, of)


def _of_month(period: str) -> tuple[lp.Period, lp.Scheme, lp.Organisation]:
    month = lp.Period.parse(period)
    return month, database().schemes.schemes().at(month.start), database().people.organisation(month)


def must_confirm(scheme: lp.Scheme) -> Confirmation:
    """What the scheme says of confirmations.

    Raises:
        DataError: it says nothing.
    """
    if scheme.confirmation is None:
        raise DataError(f"scheme {scheme.name!r}", "it asks nobody to confirm anything", "add [confirmation] to it")
    return scheme.confirmation


def _confirmations(scheme: lp.Scheme) -> Confirmations:
    return read_confirmations(database().entries, scheme=scheme.name)


def _keep(scheme: lp.Scheme, known: Confirmations, events: Sequence[Proposal | Reply]) -> None:
    """Append; who answers at the same time as somebody else is told so, with 409."""
    database().entries.append(confirmations_stream(scheme.name), known.lines(events), expected=known.records)
