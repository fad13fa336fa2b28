"""Circle: (ratee, rater, relation, a day) -> whether the organisation says that the rater is what the category asks."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from loanperf.alerts import Leads
from loanperf.reviews._plan import Relation


def outside(relation: Relation, ratee: str, rater: str, leads: Leads, on: date) -> str:
    """Why a rater is not what a relation asks on a day, in words; empty where they are, or where nobody can know.

    Supervisors lead the nearest unit at or above the ratee's that others lead, second-level leaders the next one.
    Peers have their primary assignment in the same unit, and neither leads the other. Nobody checks a dotted line or a
    custom relation but who invites; nobody has it to themselves.
    """
    if relation == "self":
        return "" if ratee == rater else f"{rater} is somebody else"
    if ratee == rater:
        return "it is the ratee"
    match relation:
        case "supervisor":
            return "" if rater in _level(leads, ratee, on, 0) else f"{rater} does not lead {ratee} on {on}"
        case "second-level":
            return "" if rater in _level(leads, ratee, on, 1) else f"{rater} leads no supervisor of {ratee} on {on}"
        case "upward":
            return "" if ratee in _level(leads, rater, on, 0) else f"{ratee} does not lead {rater} on {on}"
        case "peers":
            return _no_peer(leads, ratee, rater, on)
        case "dotted line" | "custom":
            return ""
        case _:
            assert_never(relation)


def _level(leads: Leads, payee: str, on: date, level: int) -> tuple[str, ...]:
    above = leads.above(payee, on)
    return above[level] if level < len(above) else ()


def _no_peer(leads: Leads, ratee: str, rater: str, on: date) -> str:
    units = [held[0].unit if (held := leads.organisation.held_on(who, on)) else "" for who in (ratee, rater)]
    if not units[0] or units[0] != units[1]:
        return f"{rater} is not in the unit of {ratee} on {on}"
    one_leads = rater in _level(leads, ratee, on, 0) or ratee in _level(leads, rater, on, 0)
    return f"one of {ratee} and {rater} leads the other on {on}" if one_leads else ""
