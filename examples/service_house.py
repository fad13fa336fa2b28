"""What both parts of the service share: its database, the month that is asked about, and who looks."""

from __future__ import annotations

import os
from functools import cached_property, lru_cache
from typing import Annotated, Any

from attrs import frozen
from fastapi import Path, Query
from pydantic import BaseModel, Field

import loanperf as lp
from loanperf.adapters.sql import Database
from loanperf.alerts import Leads
from loanperf.errors import ConflictError, DataError
from loanperf.viewer import Viewer

Code = Annotated[str, Field(min_length=1, max_length=100)]
PeriodText = Annotated[str, Path(max_length=30, examples=["2026-03"])]
Moment = Annotated[str, Field(max_length=40, examples=["2026-04-01T09:30:00+08:00"])]
"""A day, or a time with its offset; a house that knows who is signed in fills in `by` and `at` itself."""
Day = Annotated[str, Field(max_length=30, examples=["2026-03-10"])]
Language = Annotated[str, Query()]
"""Any tag of English or simplified Chinese; the library refuses others."""
HR = ("hr",)
"""Who sees everybody, and proposes targets beside the superiors of a payee."""
LEAD_ROLES = ("lead", "head")
"""Whoever holds one of these roles leads the unit, and sees those below."""


class Refusal(BaseModel):
    """What is wrong, where, and what to do."""

    detail: str
    problems: list[str] = []


class Said(BaseModel):
    """What somebody does: by whom, when, and what the act needs; `expected` is how many records they had seen."""

    by: Code
    at: Moment
    says: dict[Code, Any] = {}
    expected: Annotated[int | None, Field(ge=0, lt=2**31)] = None

    def words(self, *needed: str, **left_out: str) -> dict[str, Any]:
        """Texts of `says` with who and when, as the arguments of a command.

        Args:
            needed: must be there.
            left_out: what holds where it is not there; empty is left to the command.

        Raises:
            DataError: one is missing or no text, or there is one that the act does not take.
        """
        for name in (*needed, *self.says):
            if name not in self.says or name not in (*needed, *left_out) or not isinstance(self.says[name], str):
                takes = ", ".join((*needed, *left_out)) or "nothing"
                raise DataError(f"says.{name}", "it is missing, no text, or not of this act", f"give text: {takes}")
        found = {name: text for name, text in {**left_out, **self.says}.items() if text}
        return {**found, "by": self.by, "at": self.at}

    def apart(self, name: str, kind: type) -> tuple[Any, Said]:
        """Something of `says` that is no text, and the rest.

        Raises:
            DataError: it is missing, or of another kind.
        """
        found = self.says.get(name)
        if type(found) is not kind:
            raise DataError(f"says.{name}", f"it is missing, or no {kind.__name__}", f"give a {kind.__name__}")
        rest = {other: value for other, value in self.says.items() if other != name}
        return found, self.model_copy(update={"says": rest})

    def event(self, kind: Any, **own: Any) -> Any:
        """An event of a class, from what is said, when, and what is known of it beside that."""
        return kind.from_data({**self.says, "at": self.at, **own})

    def plan(self, kind: Any) -> dict[str, Any]:
        """The plan of a class, with who sets it and when."""
        return {"plan": kind.from_data(self.says), "by": self.by, "at": self.at}

    def must_be_newest(self, stream: str, records: int) -> None:
        """Refuse who acts on what is no longer so.

        Raises:
            ConflictError: there are other records than they had seen.
        """
        if self.expected not in (None, records):
            raise ConflictError(stream, self.expected or 0, records)


@lru_cache
def database() -> Database:
    """The database of this service, with its tables."""
    url = os.environ.get("LOANPERF_DATABASE", "sqlite:///loanperf.db")
    found = Database.connect(url, company=os.environ.get("LOANPERF_COMPANY", "ours"))
    found.upgrade()
    return found


@frozen
class House:
    """The house in a period: its scheme, its people, and who sees whom."""

    period: lp.Period

    @cached_property
    def scheme(self) -> lp.Scheme:
        """The version in force on the first day."""
        return database().schemes.schemes().at(self.period.start)

    @cached_property
    def people(self) -> lp.Organisation:
        """Who works where."""
        return database().people.organisation(self.period)

    @cached_property
    def leads(self) -> Leads:
        """Who leads which unit."""
        return Leads(organisation=self.people, roles=LEAD_ROLES)

    @cached_property
    def ledger(self) -> lp.Ledger:
        """What was posted by the scheme."""
        return database().entries.ledger(f"{self.scheme.name}/ledger")

    def viewer(self, who: str) -> Viewer:
        """Whom somebody may see: HR everybody, others themselves and whom they lead on the last day of the period."""
        if who in HR:
            return Viewer(who=who, sees="all")
        led = [
            payee
            for payee in self.people.codes
            if any(who in level for level in self.leads.above(payee, self.period.last_day))
        ]
        return Viewer(who=who, sees=[who, *led])

    def append(self, stream: str, known: Any, events: Any) -> dict[str, int]:
        """Append; who acts at the same time as somebody else is told so, with 409."""
        lines = known.lines(events)
        database().entries.append(stream, lines, expected=known.records)
        return {"appended": len(lines), "records": known.records + len(lines)}


def house_of(period: str) -> House:
    """The house in a period as it is written.

    Raises:
        PeriodError: it is none.
    """
    return House(lp.Period.parse(period))
