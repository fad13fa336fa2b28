"""Observed: a card or the indicators of a unit, with readings and targets -> what alert rules look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from attrs import Attribute, field, frozen

from loanperf._appraisal import beyond_bounds
from loanperf._indicators import Indicator, Reading
from loanperf._pace import EVENLY, Pace
from loanperf._periods import Period
from loanperf._quantities import Number, Quantity, quantity
from loanperf._scorecard import Card, Gate, Veto, value_of
from loanperf._validators import each_of, is_a, must_be_storable
from loanperf.errors import DataError, UnknownIndicatorError

Values: TypeAlias = Mapping[str, Quantity]
"""By code of indicator."""


def _read(given: Mapping[str, Number]) -> dict[str, Quantity]:
    return {code: quantity(value) for code, value in given.items()}


def _rows(given: Mapping[str, Iterable[Number]]) -> dict[str, tuple[Quantity, ...]]:
    return {code: tuple(map(quantity, values)) for code, values in given.items()}


def _by_code(given: Mapping[str, Indicator] | Iterable[Indicator]) -> dict[str, Indicator]:
    if isinstance(given, Mapping):
        return {**given}
    return {
        item.code: item
        for item in each_of(given, Indicator, "indicators", "pass a list, such as [lp.indicator('npl_ratio')]")
    }


def _ends(given: Iterable[Veto]) -> tuple[Veto, ...]:
    return each_of(given, Veto, "vetoes", "pass those of a card")


def _ladders(given: Iterable[Gate]) -> tuple[Gate, ...]:
    return each_of(given, Gate, "gates", "pass those of the bonus of a card")


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    return each_of(given, str, "known", "pass a list of codes of indicators")


def _a_subject(_: Observation, __: Attribute[str], value: object) -> None:
    must_be_storable("the subject of an observation", value, 200)


@frozen(kw_only=True, eq=False)
class Observation:
    """What is known of a payee or unit on some day: the readings of a period so far, and what they are held against.

    Raises:
        DataError: the subject is no code.
        QuantityError: a target, or what is expected, is none.

    >>> from loanperf._indicators import npl_ratio
    >>> seen = Observation(
    ...     subject="east", is_unit=True, period=Period.month(2026, 3), currency="CNY", indicators=[npl_ratio()],
    ...     readings={"npl_ratio": Reading.of("npl_ratio", "6%")},
    ... )
    >>> seen.value("npl_ratio")
    Quantity(value=Fraction(3, 50), unit='')
    """

    subject: str = field(validator=_a_subject)
    """Code of the payee or unit, 1 to 200 characters."""
    is_unit: bool = field(default=False, validator=is_a(bool))
    """Whether the subject is a unit."""
    period: Period = field(validator=is_a(Period))
    """The days of which the readings are: of a payee those of the assignment."""
    currency: str
    """ISO 4217 code of amounts."""
    indicators: Mapping[str, Indicator] = field(converter=_by_code)
    """What is looked at, by code; given as a list too. A rule of another indicator that is `known` is passed over."""
    readings: Mapping[str, Reading] = field(factory=dict)
    """By code. Of an indicator without one nothing is known; a reading over 0 is none any more."""
    targets: Values = field(factory=dict, converter=_read)
    """By code, for the whole of `period`."""
    pace: Pace = field(default=EVENLY, validator=is_a(Pace))
    """How targets of flows fall due in the course of the period; by the days of the calendar, unless it says else."""
    vetoes: tuple[Veto, ...] = field(default=(), converter=_ends)
    """The vetoes of the card."""
    gates: tuple[Gate, ...] = field(default=(), converter=_ladders)
    """The gates of the bonus of the card."""
    known: tuple[str, ...] = field(default=(), converter=_codes)
    """Codes of other indicators that there are."""
    projected: Values = field(factory=dict, converter=_read)
    """By code: what is expected at the end of the period, by whatever the host forecasts with."""
    earlier: Mapping[str, Sequence[Quantity]] = field(factory=dict, converter=_rows)
    """By code: the readings of periods or days before, the oldest first, for rules of trends."""

    @classmethod
    def of_card(
        cls,
        card: Card,
        payee: str,
        readings: Mapping[str, Reading],
        *,
        targets: Mapping[str, Number] | None = None,
        pace: Pace = EVENLY,
        projected: Mapping[str, Number] | None = None,
        earlier: Mapping[str, Iterable[Number]] | None = None,
    ) -> Observation:
        """What is known of a payee who is appraised by a card.

        Args:
            card: of the payee; its targets hold where `targets` has none.
            payee: who is looked at.
            readings: by code.
            targets: by code, of the days of the card.
            pace: how targets fall due in the course of the period.
            projected: by code, what is expected at the end of the period.
            earlier: by code, the readings before, the oldest first.

        Raises:
            DataError: the payee is no code.
        """
        own = {line.indicator.code: line.target for line in card.lines if line.target is not None}
        return cls(
            subject=payee,
            period=card.period,
            currency=card.currency,
            indicators=(*card.others, *(line.indicator for line in card.lines)),
            readings=readings,
            targets={**own, **(targets or {})},
            pace=pace,
            vetoes=card.vetoes,
            gates=() if card.bonus is None else card.bonus.gates,
            known=card.known,
            projected=projected or {},
            earlier=earlier or {},
        )

    def value(self, code: str) -> Quantity | None:
        """The reading of an indicator; None where there is none.

        Raises:
            UnitError: it is in another unit than the indicator.
            DataError: it is beyond what the indicator can be.
        """
        reading = self.readings.get(code)
        if reading is None or reading.value is None:
            return None
        return possible(self.indicators[code], reading.value, self.currency, "the reading")

    def passed(self, as_of: date) -> Fraction:
        """The part of the period that has passed at the end of a day, by the days that count."""
        return self.pace.passed(self.period, as_of)

    def due(self, indicator: Indicator, as_of: date) -> Fraction:
        """The part of a target that is due at the end of a day, by the pace."""
        return self.pace.due_of(indicator, self.period, as_of)


def possible(indicator: Indicator, value: Quantity, currency: str, what: str) -> Quantity:
    """A reading or target in the unit of its indicator.

    Raises:
        UnitError: it is in another unit.
        DataError: it is beyond what the indicator can be.
    """
    found = value_of(indicator, value, currency, what)
    beyond = beyond_bounds(indicator, found)
    if beyond is not None:
        raise DataError(f"{what} of {indicator.code!r}", *beyond)
    return found


def months_of(seen: Iterable[Observation]) -> Period:
    """The whole months in which the periods of observations are: who comes or goes has a part of one alone."""
    periods = [one.period for one in seen]
    last = max(period.last_day for period in periods)
    return Period(min(period.start for period in periods).replace(day=1), Period.month(last.year, last.month).end)


def must_know(observation: Observation, code: str) -> Indicator | None:
    """The indicator of a rule; None where what is observed passes over it.

    Raises:
        UnknownIndicatorError: nothing knows it.
    """
    indicator = observation.indicators.get(code)
    if indicator is None and code not in observation.known:
        raise UnknownIndicatorError(code, (*observation.indicators, *observation.known))
    return indicator


def one_each(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """Observations in order of subject; units first.

    Raises:
        DataError: two of one subject, or something else.
    """
    given = each_of(observations, Observation, "observations", "pass a list of Observation")
    found = {(not one.is_unit, one.subject): one for one in given}
    if len(found) < len(given):
        counts = Counter((one.is_unit, one.subject) for one in given)
        twice = next(subject for (_, subject), count in counts.items() if count > 1)
        raise DataError("observations", f"there are two of {twice!r}", "pass one a payee or unit, of the day")
    return tuple(found[key] for key in sorted(found))
