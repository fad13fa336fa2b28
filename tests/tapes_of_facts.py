"""Tapes of loans at random, by seed: one row a loan, and the facts that each row stands for."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from attrs import frozen
from tests.books_of_facts import CATALOGUED, EDGES, Draft, FactsAsked

import loanperf as lp

MILESTONES = {
    "due_diligence_on": "due diligence complete",
    "signed_on": "signed",
    "disbursed_on": "disbursed",
    "cancelled_on": "cancelled",
}
"""The event of which a column of a tape says the day."""


@frozen
class Tape:
    """One row a loan, with its milestones and how it stands on a day; and the facts that say the same."""

    asked: FactsAsked
    """What is measured; its deliveries are the facts of the tape, and those that came beside it."""
    loans: Mapping[str, Any]
    """Columns by heading, with None where nothing is said."""
    as_of: date


def tape_of_seed(seed: int) -> Tape:
    """The tape of a seed, with any of its columns."""
    draft = Draft()
    draft.chance.seed(seed)
    draft.sizes += draft.some([[], *EDGES.values()][:4])
    draft.officers = draft.some([draft.officers, ["7", "10", "-3"]])
    draft.loans = [str(place) for place in range(5, draft.chance.randint(6, 14))]
    as_of = draft.some([draft.period.last_day, draft.period.last_day, draft.day()])
    columns = {name for name in (*MILESTONES, *STANDS, "first_due_on", "term_months") if draft.often()}
    loans = [_tape_row(draft, code, columns) for code in draft.loans]
    told = [fact for row in loans for fact in _told_by(draft, row, as_of)]
    if draft.often():
        for kind in ("past due", "assigned", "classified", "signed", "disbursed", "repaid", "rescheduled", "cancelled"):
            more: dict[str, dict[str, Any]] = {
                "past due": {"days": 31},
                "assigned": {"officer": "wu"},
                "classified": {"category": lp.Category.LOSS},
            }
            if draft.often():
                draft.event(kind, draft.some([draft.day(), as_of]), **more.get(kind, {}))
        draft.balance(draft.some([draft.day(), as_of]), share=draft.some([None, 50]))
    draft.indicators = draft.chance.sample(CATALOGUED, 14)
    asked = FactsAsked(
        seed, frozenset(), [told, draft.facts], draft.period, draft.indicators, draft.currency, draft.organisation
    )
    there = [
        "loan",
        "customer",
        "officer",
        "opened_on",
        *(name for name in loans[0] if name in {*columns, *_with(columns)}),
    ]
    return Tape(asked, {name: [row[name] for row in loans] for name in dict.fromkeys(there)}, as_of)


STANDS = ("balance", "overdue", "days_past_due", "category", "rescheduled")
"""What a tape says of the day of which it is."""


def _with(columns: set[str]) -> set[str]:
    """The columns that come with others."""
    amounts = {name.removesuffix("_on") for name in columns & {"signed_on", "disbursed_on"}}
    return amounts | ({"balance"} if "overdue" in columns else set())


def _tape_row(draft: Draft, code: str, columns: set[str]) -> dict[str, Any]:
    """What a tape says of a loan, as far as it has the columns."""

    def maybe(name: str, value: Any) -> Any:
        return value if name in columns | _with(columns) and draft.chance.random() < 0.8 else None

    row: dict[str, Any] = {
        "loan": code,
        "customer": code,
        "officer": draft.some(draft.officers),
        "opened_on": draft.day(),
    }
    row |= {name: maybe(name, draft.day()) for name in (*MILESTONES, "first_due_on")}
    row |= {name: draft.units() if row[f"{name}_on"] else None for name in ("signed", "disbursed")}
    row["balance"] = maybe("balance", draft.units())
    row["overdue"] = (
        None if row["balance"] is None else maybe("overdue", row["balance"] * draft.some([0, 50, 100]) // 100)
    )
    row["days_past_due"] = maybe("days_past_due", draft.some([0, 1, 30, 31, 91]))
    row["category"] = maybe("category", draft.some([*lp.Category]).value)
    row["rescheduled"] = maybe("rescheduled", draft.often())
    row["term_months"] = maybe("term_months", draft.some([12, 36]))
    return row


def _told_by(draft: Draft, row: Mapping[str, Any], as_of: date) -> list[Any]:
    """The facts that a row of a tape stands for: 0 days, `normal` and not rescheduled say nothing."""
    code, named = (
        row["loan"],
        {name: row[name] for name in ("customer", "officer", "opened_on", "first_due_on", "term_months")},
    )
    found: list[Any] = [lp.Loan(loan=code, **named)]

    def event(kind: str, on: date, **more: Any) -> None:
        found.append(lp.LoanEvent(loan=code, kind=lp.EventKind(kind), on=on, **more))

    for name, kind in MILESTONES.items():
        if row[name] is not None:
            units = row.get(kind)
            event(kind, row[name], **({} if units is None else {"amount": draft.money(units)}))
    if row["balance"] is not None:
        overdue = None if row["overdue"] is None else draft.money(row["overdue"])
        found.append(lp.Balance(loan=code, on=as_of, outstanding=draft.money(row["balance"]), overdue=overdue))
    if row["days_past_due"]:
        event("past due", as_of, days=row["days_past_due"])
    if row["category"] not in (None, "normal"):
        event("classified", as_of, category=lp.Category(row["category"]))
    if row["rescheduled"]:
        event("rescheduled", as_of)
    return found
