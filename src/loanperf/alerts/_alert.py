"""Alert: what an alert rule has to say of a payee or unit, with its advice and the facts that weigh most."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from attrs import evolve, frozen

from loanperf._alert_rules import AlertKind, AlertRule, Severity
from loanperf._data import PlainData
from loanperf._explanations import Label, in_words, near_label
from loanperf._indicators import Direction, Indicator, Part, key_label, parts_in_turn, unit_of_parts
from loanperf._periods import Period, day
from loanperf._quantities import Quantity
from loanperf._validators import each_of
from loanperf.alerts._found import PastLimit, found_by
from loanperf.alerts._observed import Observation, must_know
from loanperf.alerts._texts import advice_of, said, short_of
from loanperf.errors import DataError

MOST_EVIDENCE = 5
"""How many facts an alert names."""
AlertKey: TypeAlias = tuple[str, bool, str, str, str]
"""Code of the rule, whether it is about a unit, subject, indicator, and which veto or gate; empty for none."""


@frozen(kw_only=True)
class Evidence(PlainData):
    """A fact that weighs much in the reading of an alert."""

    fact: str
    """Its natural key, as text."""
    text: Label
    """What it says, in both languages."""
    amount: Fraction
    """What it gave to the reading, in the unit of what is summed; of a ratio what it gave above the line where lower is
    better, and else what it gave below the line and not above it."""
    unit: str = ""
    """In which currency or unit the amount is; empty for a plain number."""

    @property
    def said(self) -> Label:
        """The fact and its amount, such as `loan L6 (60000 CNY)`."""
        much = near_label(Quantity(self.amount, self.unit))
        return Label(
            f"{self.fact} ({in_words(much, 'en', bare=True)})",
            f"{self.text.to('zh')}（{in_words(much, 'zh', bare=True)}）",
        )


@frozen(kw_only=True)
class Alert(PlainData):
    """What to warn a payee or unit of, as it was when it was told."""

    rule: str
    """Code of the rule."""
    kind: AlertKind
    """What the rule looks at."""
    severity: Severity
    """How badly it is meant."""
    subject: str
    """Code of the payee or unit."""
    is_unit: bool = False
    """Whether the subject is a unit."""
    indicator: str
    """Code of the indicator."""
    name: Label
    """Of the indicator."""
    flows: bool
    """Whether the indicator adds up over a period, so that the alert ends with it."""
    period: Period
    """Of which the reading is."""
    since: date
    """The day on which it was raised."""
    as_of: date
    """The day of the reading."""
    reading: Quantity
    """The reading; of a forecast what is expected at the end."""
    limit: Quantity
    """What it was held against: the limit; of a pace what is due by the day; of a veto its limit; of a gate the share
    of the bonus that it forfeits; of a trend how many worse readings in a row."""
    past: Fraction
    """How far it is past that: in the unit of the limit of the rule; of a gate the share that it takes; of a trend a
    number of readings. Below zero where a veto is near by less than the distance."""
    place: str = ""
    """Which veto or gate, such as `veto above 5%` or `gate 1`; empty for other kinds."""
    struck: bool = True
    """False where a veto or gate is near and has not struck."""
    text: Label
    """What there is to say."""
    short: Label
    """The same for a phone: at most 70 characters in Chinese and 160 in English."""
    advice: Label
    """What to do."""
    evidence: tuple[Evidence, ...] = ()
    """The facts that weigh most in the reading, the heaviest first, at most five; none where the host supplied it."""

    @property
    def key(self) -> AlertKey:
        """What tells it apart from others: there is at most one open alert of a key."""
        return self.rule, self.is_unit, self.subject, self.indicator, self.place

    def __str__(self) -> str:
        return self.text.en


def alerts_of(observation: Observation, rules: Iterable[AlertRule], *, as_of: date | str) -> tuple[Alert, ...]:
    """What rules have to say of a payee or unit on a day, in the order of the rules, whatever was told before.

    A rule of an indicator that is not looked at, or of which there is no reading, is passed over.

    Args:
        observation: what is known of the payee or unit.
        rules: each with a code of its own.
        as_of: the last day that has passed; before the period nothing has passed of it, after it all.

    Raises:
        DataError: two rules of one code.
        TargetError: a rule looks at a target that there is not.
        UnitError: a limit or reading in another unit than the indicator.
        UnknownIndicatorError: a rule of an indicator that nothing knows.

    >>> from loanperf._indicators import Reading, npl_ratio
    >>> seen = Observation(
    ...     subject="lin", period=Period.month(2026, 3), currency="CNY", indicators=[npl_ratio()],
    ...     readings={"npl_ratio": Reading.of("npl_ratio", "6%")},
    ... )
    >>> line = AlertRule(code="npl line", kind="threshold", indicator="npl_ratio", test="above", limit="5%")
    >>> print(alerts_of(seen, [line], as_of="2026-03-10")[0])
    lin: NPL ratio at 6% on 2026-03-10 is above the limit of 5%
    """
    on = day(as_of)
    alerts = (
        alert_of(rule, indicator, observation, found, on)
        for rule in rules_of(rules)
        if (indicator := must_know(observation, rule.indicator)) is not None
        for found in found_by(rule, indicator, observation, on) or ()
        if found.strikes
    )
    return tuple(with_evidence((alert, observation) for alert in alerts))


def rules_of(rules: Iterable[AlertRule]) -> tuple[AlertRule, ...]:
    """Rules, each with a code of its own.

    Raises:
        DataError: two of one code, or something else.
    """
    given = each_of(rules, AlertRule, "rules", "pass a list of AlertRule")
    codes = set[str]()
    for rule in given:
        if rule.code in codes:
            raise DataError("rules", f"there are two of the code {rule.code!r}", "give each a code of its own")
        codes.add(rule.code)
    return given


def alert_of(
    rule: AlertRule, indicator: Indicator, seen: Observation, found: PastLimit, on: date, since: date | None = None
) -> Alert:
    """The alert of what a rule found, without evidence; `since` is the day on which it was raised before."""
    return Alert(
        rule=rule.code,
        kind=rule.kind,
        severity=rule.severity,
        subject=seen.subject,
        is_unit=seen.is_unit,
        indicator=indicator.code,
        name=indicator.name,
        flows=indicator.timing == "flow",
        period=seen.period,
        since=since or on,
        as_of=on,
        reading=found.reading,
        limit=found.limit,
        past=found.past,
        place=found.place,
        struck=found.struck,
        text=said(rule, indicator, seen, found, on.isoformat()),
        short=short_of(rule, indicator, seen, found),
        advice=advice_of(rule, indicator),
    )


def with_evidence(found: Iterable[tuple[Alert, Observation]]) -> Iterator[Alert]:
    """Alerts with the facts that weigh most in their readings, each of the observation in which it was found."""
    alerts = [
        (alert, seen.indicators[alert.indicator], seen.readings.get(alert.indicator), seen.currency)
        for alert, seen in found
    ]
    parts = parts_in_turn(reading for _, _, reading, _ in alerts if reading is not None)
    for alert, indicator, reading, currency in alerts:
        mine = None if reading is None else next(parts)
        unit = unit_of_parts(indicator, currency)
        yield evolve(alert, evidence=_heaviest(mine or (), indicator.direction, unit))


def _heaviest(parts: Iterable[Part], better: Direction, unit: str) -> tuple[Evidence, ...]:
    weighed = [(_weight(part, better), part) for part in parts]
    heaviest = sorted((pair for pair in weighed if pair[0]), key=lambda pair: (-abs(pair[0]), pair[1].fact))
    return tuple(
        Evidence(
            fact=part.fact, text=Label(part.fact, key_label(part.key).zh if part.key else ""), amount=weight, unit=unit
        )
        for weight, part in heaviest[:MOST_EVIDENCE]
    )


def _weight(part: Part, better: Direction) -> Fraction:
    return part.amount if better is Direction.LOWER or part.whole is None else part.whole - part.amount
