"""Lost: a row that cannot be used -> what may be unknown without it, by the table of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from loanperf._facts._rows import KIND_OF, Fact
from loanperf._kinds import DETAIL, KINDS, EventKind
from loanperf.errors import Problem, Subject, rate_for


def lost_with(kind: str, cells: Mapping[str, Any]) -> Subject | None:
    """What else becomes unknown where a row cannot be used, such as `("loan", "L1")`; None where nothing does.

    It is also None where the row does not say of which loan, customer or payee it is.

    Of an event these are the amounts of its loan, unless it is of a kind that states none.

    Args:
        kind: name of the kind of facts, such as `events`.
        cells: what could be read of the row, by column.

    >>> [lost_with("events", {"loan": "L1", "kind": kind}) for kind in ("disbursed", "it cannot be read", "assigned")]
    [('amounts', 'L1'), ('amounts', 'L1'), None]
    """
    entry = KINDS[kind]
    columns = (entry.domain,) if entry.domain else ("currency", "into")
    codes = [cells[name] for name in columns if cells.get(name)]
    if not entry.loses or len(codes) < len(columns):
        return None
    if kind == "events" and _states_no_amount(cells.get("kind")):
        return None
    return entry.loses, str(codes[0]) if entry.domain else rate_for(*codes)


def _states_no_amount(said: object) -> bool:
    return any(said in (kind, kind.value) and "amount" not in DETAIL[kind] for kind in EventKind)


def about(fact: Fact, problem: Problem) -> Problem:
    """A problem of a refused fact: with the payee and the loan whom it concerns, and what is lost with it."""
    payee = getattr(fact, "payee", None) or getattr(fact, "officer", None) or ""
    kind = KIND_OF[type(fact)]
    cells = {name: getattr(fact, name) for name in kind.columns}
    return evolve(problem, payee=payee, loan=getattr(fact, "loan", ""), loses=lost_with(kind.name, cells))
