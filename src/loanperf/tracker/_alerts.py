"""Alerts: (card, readings, rules, a day) -> what a payee should be warned of while the period still runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import Attribute, AttrsInstance, converters, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label, in_words
from loanperf._indicators import Direction, Indicator, Reading
from loanperf._pace import passed
from loanperf._periods import day
from loanperf._quantities import Quantity, percent, quantity
from loanperf._scorecard import Card, value_label, value_of
from loanperf._validators import as_share
from loanperf.errors import DataError, TargetError, UnknownIndicatorError

AlertKind: TypeAlias = Literal["behind", "veto", "near veto", "gate", "near gate"]

_WORDS: Mapping[AlertKind, Label] = {
    "behind": Label("is behind what is due by then,", "低于按时间进度应达到的"),
    "veto": Label("strikes the veto at", "已触发一票否决，界限为"),
    "near veto": Label("is near the veto at", "接近一票否决，界限为"),
    "gate": Label("forfeits of the bonus", "已触发奖金扣减，比例为"),
    "near gate": Label("is near to forfeiting of the bonus", "接近奖金扣减，比例为"),
}


def _a_part(instance: AttrsInstance, attribute: Attribute[Fraction | None], value: Fraction | None) -> None:
    if value is not None and not 0 < value <= 1:
        where = f"an alert rule of {getattr(instance, 'indicator', '')!r}"
        raise DataError(where, f"{attribute.name} is {percent(value)}", "give a part above 0% and up to 100%")


@frozen(kw_only=True)
class AlertRule(PlainData):
    """When to warn of one indicator: by its pace towards the target, by its distance from a veto or gate, or both.

    Raises:
        DataError: neither is given, a pace that is no part, or a distance below zero.

    >>> AlertRule(indicator="loan_amount", pace="90%").pace
    Fraction(9, 10)
    """

    indicator: str
    pace: Fraction | None = field(default=None, converter=converters.optional(as_share), validator=_a_part)
    """Warn below this part of what is due by the day: of a flow the target × days passed / days of the period, of a
    stock the target itself. Where lower is better, warn where what is due is below this part of the reading."""
    within: Quantity | None = field(default=None, converter=converters.optional(quantity))
    """Warn where a veto or gate has struck, where the limit of a veto is at most this far away, and where a gate would
    strike if the reading were worse by this much; zero or more, in the unit of the indicator."""

    def __attrs_post_init__(self) -> None:
        where = f"an alert rule of {self.indicator!r}"
        if self.pace is None and self.within is None:
            raise DataError(where, "it warns of nothing", "give a pace, such as '90%', a distance within, or both")
        if self.within is not None and self.within.value < 0:
            raise DataError(where, f"it warns within {self.within}", "give zero or more")


@frozen(kw_only=True)
class Alert(PlainData):
    """Something to warn a payee of."""

    payee: str
    indicator: Indicator
    kind: AlertKind
    as_of: date
    actual: Quantity
    """The reading."""
    limit: Quantity
    """What is due by the day; the limit of the veto; of a gate the share of the bonus that it forfeits."""

    @property
    def text(self) -> Label:
        """What there is to say, in both languages."""
        name, words = self.indicator.name, _WORDS[self.kind]
        of_share = self.kind in ("gate", "near gate")
        limit = percent(self.limit.value) if of_share else value_label(self.indicator, self.limit)
        actual = value_label(self.indicator, self.actual)
        is_now, until = in_words(actual, "zh"), in_words(limit, "zh")
        return Label(
            f"{self.payee}: {name.en} at {actual} on {self.as_of} {words.en} {limit}",
            f"{self.payee}：{name.to('zh')} 截至 {self.as_of} 为 {is_now}，{words.zh} {until}",
        )

    def __str__(self) -> str:
        return self.text.en


def alerts_of(
    card: Card,
    targets: Mapping[str, Quantity],
    readings: Mapping[str, Reading],
    rules: Iterable[AlertRule],
    *,
    payee: str,
    as_of: date | str,
) -> tuple[Alert, ...]:
    """What rules have to say of a payee, in the order of the rules.

    An indicator that the card does not look at, or of which there is no reading, is passed over.

    Args:
        card: of the payee.
        targets: of the payee, by code; those of the card where one is not given.
        readings: of the payee, by code.
        rules: of the host.
        payee: whom to warn.
        as_of: the last day that has passed; what is before the period is nothing yet, what is after it all.

    Raises:
        TargetError: a pace towards a target that there is not.
        UnitError: a distance in another unit than the indicator.
        UnknownIndicatorError: a rule of an indicator that nothing knows.
    """
    looked_at = {item.code: item for item in (*card.others, *(line.indicator for line in card.lines))}
    found: list[Alert] = []
    for rule in rules:
        indicator = looked_at.get(rule.indicator)
        if indicator is None and rule.indicator not in card.known:
            raise UnknownIndicatorError(rule.indicator, (*looked_at, *card.known))
        reading = readings.get(rule.indicator)
        if indicator is None or reading is None or reading.value is None:
            continue
        warned = [*_behind(card, targets, indicator, rule, reading.value, day(as_of))]
        warned += _near(card, indicator, rule, reading.value)
        found += [
            Alert(payee=payee, indicator=indicator, kind=kind, as_of=day(as_of), actual=reading.value, limit=limit)
            for kind, limit in warned
        ]
    return tuple(found)


def _behind(
    card: Card, targets: Mapping[str, Quantity], indicator: Indicator, rule: AlertRule, actual: Quantity, as_of: date
) -> Iterator[tuple[AlertKind, Quantity]]:
    """Whether a reading is behind what is due by a day."""
    if rule.pace is None:
        return
    line = next((line for line in card.lines if line.indicator.code == indicator.code), None)
    target = targets.get(indicator.code) or (None if line is None else line.target)
    if target is None:
        raise TargetError(indicator.code, "is missing", "give one, or no pace towards it")
    due = value_of(indicator, target, card.currency, "the target").value
    if indicator.timing == "flow":
        due *= passed(card.period, as_of)
    higher = indicator.direction is Direction.HIGHER
    if actual.value < rule.pace * due if higher else due < rule.pace * actual.value:
        yield "behind", Quantity(due, actual.unit)


def _near(card: Card, indicator: Indicator, rule: AlertRule, actual: Quantity) -> Iterator[tuple[AlertKind, Quantity]]:
    """The vetoes and gates that a reading has struck, or is near to."""
    if rule.within is None:
        return
    margin, value = value_of(indicator, rule.within, card.currency, "the distance").value, actual.value
    for veto in card.vetoes:
        if veto.indicator == indicator.code:
            if veto.struck(value):
                yield "veto", veto.limit
            elif abs(value - veto.limit.value) <= margin:
                yield "near veto", veto.limit
    for gate in card.bonus.gates if card.bonus is not None else ():
        if gate.looks_at == indicator.code:
            worse = value + margin * (1 if indicator.direction is Direction.LOWER else -1)
            if share := gate.forfeits.at(value):
                yield "gate", Quantity(share)
            elif share := gate.forfeits.at(worse):
                yield "near gate", Quantity(share)
