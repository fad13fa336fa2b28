"""Faults: what is wrong with a row that has no score, or no bonus, as the error that says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from loanperf._appraisal._bounds import beyond_bounds
from loanperf._appraisal._points import FaultKind, Faults, check_goal
from loanperf._indicators import Reading
from loanperf._numbers import Quotient
from loanperf._quantities import Quantity
from loanperf._scorecard import Card, CardLine, value_text
from loanperf.errors import DataError, LoanPerfError, MissingReadingError, TargetError


def error_of(
    kind: FaultKind, code: str, card: Card, readings: Mapping[str, Reading], goals: Mapping[str, Quantity], payee: str
) -> LoanPerfError:
    """The error of a row without a score.

    Args:
        kind: what is wrong.
        code: with which indicator.
        card: of the row.
        readings: those that it has, by code.
        goals: targets that it has of its own, by code.
        payee: of the row.
    """
    match kind:
        case "no reading":
            return MissingReadingError(code, payee, tuple(readings))
        case "no veto reading":
            return MissingReadingError(code, payee, tuple(readings), "a veto")
        case "reading beyond bounds":
            item, value = card.indicator(code), readings[code].value
            beyond = None if value is None else beyond_bounds(item, value)
            if beyond is None:
                raise AssertionError("only a reading is beyond a bound")
            return DataError(f"reading of {code!r}", *beyond)
        case "no target":
            return TargetError(code, "is missing", "pass it to appraise, or state it in the scheme")
        case "target too low" | "target beyond bounds" | "target beyond phase":
            (line,) = (line for line in card.lines if line.indicator.code == code)
            target = goals.get(code, line.target)
            if target is None:
                raise AssertionError("a target that is missing is out of no bound")
            return _target_error(kind, line, target)
        case "card" | "cell":
            raise AssertionError("a row of a table alone has such a fault")
        case _:
            assert_never(kind)


def unscorable(line: CardLine, target: Quantity) -> TargetError | None:
    """The error of a target against which no reading of a line can be scored; None where it can be.

    Args:
        line: of a card; one without weight takes any target.
        target: in the unit of its indicator.
    """
    faults = Faults()
    if line.weight:
        check_goal(line, Quotient.of(target.value), faults)
    return next((_target_error(kind, line, target) for _, kind, _ in faults.found), None)


def _target_error(kind: FaultKind, line: CardLine, target: Quantity) -> TargetError:
    return TargetError(line.indicator.code, f"is {value_text(line.indicator, target)}", _remedy(kind, line, target))


def _remedy(kind: FaultKind, line: CardLine, target: Quantity) -> str:
    """What to do about a target."""
    if kind == "target too low":
        return "give one above zero, or score the value itself by a curve (of = 'value')"
    beyond = beyond_bounds(line.indicator, target)
    if kind == "target beyond bounds" and beyond is not None:
        return f"no reading can reach it; {beyond[1]}"
    if line.target_at_most is None:
        raise AssertionError("only a phase bounds a target that readings can reach")
    return f"the phase allows at most {value_text(line.indicator, line.target_at_most)}"
