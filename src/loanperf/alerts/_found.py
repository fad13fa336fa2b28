"""PastLimit: (an observation, a rule, a day) -> how far a reading is past what the rule allows, exact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias, assert_never

from attrs import frozen

from loanperf._alert_rules import AlertRule
from loanperf._indicators import Direction, Indicator
from loanperf._quantities import Quantity
from loanperf._scorecard import Comparison, Gate, Veto, margin_to, value_of
from loanperf.alerts._observed import Observation, possible
from loanperf.errors import TargetError


@frozen(kw_only=True)
class PastLimit:
    """What a rule found in an observation: past its limit, or back behind it by no more than the margin."""

    place: str = ""
    """Which veto or gate it is; empty for other limits."""
    reading: Quantity
    limit: Quantity
    past: Fraction
    """How far it is past the limit, in the unit of the limit; of a gate the share that it takes."""
    strikes: bool
    """Whether an alert is raised. False where the limit is kept by less than the margin: what is open stays open."""
    struck: bool = True
    """False where a veto or gate is near, and has not struck."""
    share: Fraction | None = None
    """What was compared, where that is a part of a target or of what is due."""


Findings: TypeAlias = tuple[PastLimit, ...]


def found_by(rule: AlertRule, indicator: Indicator, seen: Observation, as_of: date) -> Findings | None:
    """What a rule finds: nothing where all is well, None where it does not look, since nothing is known.

    Args:
        rule: of the indicator.
        indicator: of the rule, as the observation has it.
        seen: what is observed.
        as_of: the last day that has passed.

    Raises:
        UnitError: a limit, reading or target in another unit than the indicator.
        TargetError: it looks at a target that there is not.
    """
    if not _is_time(rule, indicator, seen, as_of):
        return None
    match rule.kind:
        case "trend":
            return _worse_in_a_row(rule, indicator, seen, as_of)
        case "forecast":
            given = seen.projected.get(rule.indicator)
            return None if given is None else _past_limit(rule, indicator, seen, _read(indicator, given, seen))
        case "threshold" | "pace" | "near":
            value = seen.value(rule.indicator)
        case _:
            assert_never(rule.kind)
    if value is None:
        return None
    if rule.kind == "near":
        return tuple(_near(rule, indicator, seen, value))
    return (_behind if rule.kind == "pace" else _past_limit)(rule, indicator, seen, value, as_of)


def _is_time(rule: AlertRule, indicator: Indicator, seen: Observation, as_of: date) -> bool:
    """Whether enough of the period has passed."""
    unfinished = rule.kind == "threshold" and rule.of == "attainment" and indicator.timing == "flow"
    after = rule.after if rule.after is not None else Fraction(unfinished)
    return seen.passed(as_of) >= after


def _read(indicator: Indicator, value: Quantity, seen: Observation) -> Quantity:
    return value_of(indicator, value, seen.currency, "what is expected")


def _target(indicator: Indicator, seen: Observation) -> Fraction:
    target = seen.targets.get(indicator.code)
    if target is None:
        raise TargetError(indicator.code, "is missing", "give one, or no alert rule that looks at it")
    return possible(indicator, target, seen.currency, "the target").value


def in_unit(rule: AlertRule, indicator: Indicator, currency: str, given: Quantity | None, what: str) -> Fraction:
    """A limit, margin or step of a rule as a number; nothing is 0.

    Raises:
        UnitError: it is in another unit than the indicator.
    """
    if given is None:
        return Fraction(0)
    return given.value if rule.is_part or rule.kind == "trend" else value_of(indicator, given, currency, what).value


def _limit_and_margin(rule: AlertRule, indicator: Indicator, seen: Observation) -> tuple[Fraction, Fraction]:
    limit = in_unit(rule, indicator, seen.currency, rule.limit, "the limit of an alert rule")
    return limit, in_unit(rule, indicator, seen.currency, rule.margin, "the margin of an alert rule")


# ── a limit ─────────────────────────────────────────────────────────────────────────────────────────────────


def _past_limit(
    rule: AlertRule, indicator: Indicator, seen: Observation, value: Quantity, _: date | None = None
) -> Findings | None:
    """Whether a reading, or what is expected, is past the limit; of no target there is no attainment."""
    limit, margin = _limit_and_margin(rule, indicator, seen)
    looked, share = value.value, None
    if rule.of == "attainment":
        target = _target(indicator, seen)
        if target <= 0:
            return None
        looked = share = value.value / target
    past = -margin_to(limit, rule.test or "below", looked)
    if not _is_past(rule.test, past + margin):
        return ()
    shown = Quantity(limit, "" if rule.is_part else value.unit)
    return (PastLimit(reading=value, limit=shown, past=past, strikes=_is_past(rule.test, past), share=share),)


def _is_past(test: Comparison | None, past: Fraction) -> bool:
    return past >= 0 if test in ("at least", "at most") else past > 0


# ── pace ────────────────────────────────────────────────────────────────────────────────────────────────────


def _behind(rule: AlertRule, indicator: Indicator, seen: Observation, value: Quantity, as_of: date) -> Findings:
    """Whether a reading is below a part of what is due by the day; where nothing is due, nothing is behind."""
    due = _target(indicator, seen) * seen.due(indicator, as_of)
    higher = indicator.direction is Direction.HIGHER
    top, below = (value.value, due) if higher else (due, value.value)
    if due <= 0 or below <= 0:
        return ()
    limit, margin = _limit_and_margin(rule, indicator, seen)
    past = limit - top / below
    if past + margin <= 0:
        return ()
    return (PastLimit(reading=value, limit=Quantity(due, value.unit), past=past, strikes=past > 0, share=top / below),)


# ── vetoes and gates ────────────────────────────────────────────────────────────────────────────────────────


def _near(rule: AlertRule, indicator: Indicator, seen: Observation, value: Quantity) -> Iterator[PastLimit]:
    """The vetoes and gates that a reading has struck, or is near to."""
    within, margin = _limit_and_margin(rule, indicator, seen)
    for veto in seen.vetoes:
        if veto.indicator == indicator.code:
            yield from _to_limit(veto, value, within, margin)
    mine = (gate for gate in seen.gates if gate.looks_at == indicator.code)
    for number, gate in enumerate(mine, 1):
        towards = 1 if gate.worsens_upwards(indicator.direction) else -1
        yield from _to_ladder(gate, f"gate {number}", value, within * towards, margin * towards)


def _to_limit(veto: Veto, value: Quantity, within: Fraction, margin: Fraction) -> Iterator[PastLimit]:
    struck, past = veto.struck(value.value), within - veto.margin(value.value)
    if struck or past + margin >= 0:
        place = f"veto {veto.test} {veto.limit}"
        yield PastLimit(
            place=place, reading=value, limit=veto.limit, past=past, strikes=struck or past >= 0, struck=struck
        )


def _to_ladder(gate: Gate, place: str, value: Quantity, within: Fraction, margin: Fraction) -> Iterator[PastLimit]:
    share, near = gate.forfeits.at(value.value), gate.forfeits.at(value.value + within)
    kept = share or near or gate.forfeits.at(value.value + within + margin)
    if kept:
        yield PastLimit(
            place=place,
            reading=value,
            limit=Quantity(kept),
            past=share,
            strikes=bool(share or near),
            struck=bool(share),
        )


# ── readings one after the other ────────────────────────────────────────────────────────────────────────────


def _worse_in_a_row(rule: AlertRule, indicator: Indicator, seen: Observation, as_of: date) -> Findings | None:
    """Whether readings became worse often enough; that of a flow counts once its period has ended."""
    values = [
        possible(indicator, one, seen.currency, "an earlier reading") for one in seen.earlier.get(rule.indicator, ())
    ]
    now = seen.value(rule.indicator)
    if now is not None and (indicator.timing == "stock" or seen.passed(as_of) == 1):
        values.append(now)
    if not values or rule.in_a_row is None:
        return None
    count, lower = 0, indicator.direction is Direction.LOWER
    for before, after in pairwise(values):
        worse = after.value > before.value if lower else after.value < before.value
        count = count + 1 if worse else 0
    past = count - rule.in_a_row
    if past < 0:
        # All that is known became worse, and more readings may be known another day.
        return None if count == len(values) - 1 else ()
    return (PastLimit(reading=values[-1], limit=Quantity(Fraction(rule.in_a_row)), past=Fraction(past), strikes=True),)
