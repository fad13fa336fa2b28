"""Appraise: (card, targets, readings) -> appraisal, a score that says why: a book of one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TypeAlias

from attrs import evolve

from loanperf._appraisal._appraisal import Appraisal, ScoredLine
from loanperf._appraisal._faults import error_of
from loanperf._appraisal._points import Faults, ScoreNumbers, attainments, grades_of, scored
from loanperf._appraisal._rules import Family, Seen, places_of, weights_of
from loanperf._explanations import Label
from loanperf._indicators import Indicator, Reading
from loanperf._numbers import Certain, Quotient
from loanperf._quantities import Number, Quantity, decimal_of, quantity
from loanperf._scorecard import Card, Veto, level_of, value_of
from loanperf._targets import Target
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, UnknownIndicatorError

Readings: TypeAlias = Mapping[str, "Number | Reading"] | Iterable[Reading]
"""Readings by code of indicator, as values or as `measure` made them; or the readings of one payee in any order."""


def appraise(
    card: Card, targets: Mapping[str, Number | Target] | None = None, readings: Readings = (), *, payee: str = ""
) -> Appraisal:
    """Score a payee's readings against targets, by a card.

    Higher is better: weight × actual / target. Lower is better: weight × (2 − actual / target). Or a curve. Then
    floor and cap, one rounding per indicator, and the sum. Nothing is rounded before.

    Args:
        card: from `Scheme.resolve`.
        targets: by code of indicator, as values or as `lp.Target`, whose `source` is said with it, such as which
            version of it was confirmed; those of the card where one is not given.
        readings: values, or what `measure` returned for the payee.
        payee: named in the result and in errors.

    Raises:
        DataError: two readings of one indicator, or one under the code of another; what is no card, target or reading.
        MissingReadingError: a reading is missing, and the scheme says to refuse that; or all are.
        DataError: a reading that cannot be, such as a share of 8500%, or that is of another period or payee.
        TargetError: a target is missing, zero, or above what the phase allows.
        UnknownIndicatorError: a code that nothing knows.
        UnitError: a value in another unit than its indicator's.

    >>> import loanperf as lp
    >>> card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    >>> readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    >>> appraise(card, readings=readings).score
    Decimal('121.2')
    """
    must_be(card, Card, "card", "pass scheme.resolve(period=...)")
    if targets is not None:
        must_be(targets, Mapping, "targets", "pass them by code of indicator, such as {'loan_amount': '100万元'}")
    given = readings_of(card, readings, payee)
    own = goals_of(card, targets or {})
    card = _with_sources(card, targets or {}, own, payee)
    family, places, faults, shown = Family.of(card), places_of(card), Faults(), ScoreNumbers()
    used = {item.code for item in family.looked_at}
    missing = frozenset(used - given.keys())
    total = scored(family, missing, partial(_seen, given, own), None, places, faults, shown)
    if faults.found:
        _, kind, code = faults.found[0]
        raise error_of(kind, code, card, given, own, payee)
    grades, weights = grades_of(family, total, places), weights_of(card, missing)
    vetoes = tuple(veto for veto, struck in shown.struck if struck)
    return Appraisal(
        card=card,
        payee=payee,
        lines=_lines(card, weights, given, own, shown),
        score=_printed(card, weights, total, shown, vetoes),
        grade=None if grades is None else card.grades[int(grades)],
        vetoes=vetoes,
        readings=tuple(reading for code, reading in given.items() if code in used),
        unused=tuple(code for code in dict.fromkeys((*given, *(targets or {}))) if code not in used),
    )


def _with_sources(card: Card, targets: Mapping[str, Number | Target], own: Mapping[str, Quantity], payee: str) -> Card:
    """The card with the targets that say whose they are.

    Raises:
        DataError: a target is of another payee, period or indicator than is scored.
    """
    sources: dict[str, Label] = {}
    for code, target in targets.items():
        if not isinstance(target, Target):
            continue
        if target.indicator != code or target.period not in (None, card.period) or (payee and target.payee != payee):
            fault = f"it is of {target.payee}, of {target.indicator} for {target.period or card.period}"
            raise DataError(f"target of {code!r}", fault, "pass the targets of the payee for the period of the card")
        if target.source.en and code in own:
            sources[code] = target.source
    if not sources:
        return card
    lines = (
        evolve(line, target=own[line.indicator.code], target_source=sources[line.indicator.code])
        if line.indicator.code in sources
        else line
        for line in card.lines
    )
    return evolve(card, lines=tuple(lines))


def _seen(given: Mapping[str, Reading], own: Mapping[str, Quantity], code: str) -> Seen:
    """What is seen of an indicator."""
    value, goal = given[code].value if code in given else None, own.get(code)
    return Seen(
        None if value is None else Quotient.of(value.value),
        None if goal is None else Quotient.of(goal.value),
    )


def _lines(
    card: Card,
    weights: Mapping[str, Fraction],
    given: Mapping[str, Reading],
    own: Mapping[str, Quantity],
    shown: ScoreNumbers,
) -> tuple[ScoredLine, ...]:
    """What each indicator earned, by the numbers of its score."""
    found = []
    for line in card.lines:
        code, places = line.indicator.code, line.scoring.places
        weight, target, worked = weights.get(code), own.get(code, line.target), shown.lines.get(code)
        if weight is None:
            found.append(ScoredLine(line=line, weight=Fraction(0), target=target, reading=None))
        elif worked is None:
            none = decimal_of(Fraction(0), places)
            found.append(ScoredLine(line=line, weight=weight, target=target, reading=None, points=none))
        else:
            attained = worked.attainment
            if attained is None and target is not None and target.value:
                attained, _ = attainments(_seen(given, own, code).value, Quotient.of(target.value))
            found.append(
                ScoredLine(
                    line=line,
                    weight=weight,
                    target=target,
                    reading=given[code],
                    attainment=None if attained is None else attained.fraction(),
                    earned=worked.earned.fraction(),
                    share=worked.share.fraction(),
                    exact=worked.exact.fraction(),
                    points=decimal_of(Fraction(worked.points.whole(1).item(), 10**places), places),
                )
            )
    return tuple(found)


def _printed(
    card: Card, weights: Mapping[str, Fraction], score: Certain, shown: ScoreNumbers, vetoes: tuple[Veto, ...]
) -> Decimal:
    """The score, to the places of the lines that count; or as the veto says it that struck."""
    places = max(line.scoring.places for line in card.lines if line.indicator.code in weights)
    unit, units = 10 ** places_of(card), score.whole(1).item()
    if units == shown.sums[0].whole(1).item():
        return decimal_of(Fraction(units, unit), places)
    return next(veto.score for veto in vetoes if Fraction(veto.score) * unit == units)


def readings_of(card: Card, readings: Readings, payee: str) -> dict[str, Reading]:
    """The readings of a payee that have a value, by code, those that the card only knows among them.

    Raises:
        DataError: two of one indicator, or one under the code of another, of another payee or period.
        UnknownIndicatorError: one of an indicator that the card does not know.
        UnitError: one in another unit than its indicator's.
    """
    named = readings if isinstance(readings, Mapping) else _named(readings)
    indicators = {item.code: item for item in (*card.others, *(line.indicator for line in card.lines))}
    found = {}
    for code, value in named.items():
        indicator = indicators.get(code)
        if indicator is None and code not in card.known:
            raise _unknown(card, code)
        reading = value if isinstance(value, Reading) else _supplied(card, indicator, code, value, payee)
        if reading.indicator != code:
            raise DataError(f"reading of {code!r}", f"it is one of {reading.indicator!r}", "pass it under its own code")
        if indicator is not None and reading.value is not None:
            _check_reading(card, indicator, reading, reading.value, payee)
        if reading.value is not None:
            found[code] = reading
    return found


def _unknown(card: Card, code: str) -> UnknownIndicatorError:
    """The error of a code that a card does not know; where it is the name of an indicator, it says the code."""
    found = (*card.others, *(line.indicator for line in card.lines))
    meant = next((one.code for one in found if code in (one.name.en, one.name.zh)), "")
    return UnknownIndicatorError(code, dict.fromkeys((*(one.code for one in found), *card.known)), meant)


def _check_reading(card: Card, indicator: Indicator, reading: Reading, value: Quantity, payee: str) -> None:
    """Refuse a reading of another unit, period or payee."""
    value_of(indicator, value, card.currency, "the reading")
    where = f"reading of {indicator.code!r}"
    if reading.period not in (None, card.period):
        raise DataError(
            where, f"it is of {reading.period}, and the card of {card.period}", "pass the reading of that period"
        )
    if payee and reading.subject not in ("", payee) and level_of(indicator.code)[1] is None:
        raise DataError(where, f"it is of {reading.subject!r}, not of {payee!r}", "pass the readings of one payee")


def _named(readings: Iterable[Reading]) -> dict[str, Reading]:
    named: dict[str, Reading] = {}
    asked = "pass values by code of indicator, such as {'loan_amount': '120万元'}, or a list of lp.Reading"
    for reading in each_of(readings, Reading, "readings", asked):
        if reading.indicator in named:
            fault = f"there are two, of {named[reading.indicator].subject!r} and {reading.subject!r}"
            raise DataError(f"reading of {reading.indicator!r}", fault, "pass those of one payee")
        named[reading.indicator] = reading
    return named


def _supplied(card: Card, indicator: Indicator | None, code: str, value: Number, payee: str) -> Reading:
    found = quantity(value) if indicator is None else value_of(indicator, value, card.currency, "the reading")
    return Reading(
        indicator=code, numerator=found.value, unit=found.unit, subject=payee, period=card.period, bare=found.bare
    )


def goals_of(card: Card, targets: Mapping[str, Number | Target]) -> dict[str, Quantity]:
    """The targets of a payee for the lines of a card, by code.

    Raises:
        UnknownIndicatorError: one of an indicator that the card does not know.
        UnitError: one in another unit than its indicator's.
    """
    lines = {line.indicator.code: line.indicator for line in card.lines}
    unknown = [code for code in targets if code not in lines and code not in card.known]
    if unknown:
        raise _unknown(card, unknown[0])
    values = {code: value.value if isinstance(value, Target) else value for code, value in targets.items()}
    read = {
        code: value_of(lines[code], value, card.currency, "the target") if code in lines else quantity(value)
        for code, value in values.items()
    }
    return {code: value for code, value in read.items() if code in lines}
