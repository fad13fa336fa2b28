"""Watch: (what stands, observations, rules, a day) -> what stands then, and what happened on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from loanperf._alert_rules import AlertRule
from loanperf._explanations import Label
from loanperf._indicators import Indicator
from loanperf._periods import day, must_be_in
from loanperf._quantities import Quantity
from loanperf._validators import must_be, must_be_storable, must_be_text
from loanperf.alerts._alert import Alert, alert_of, rules_of, with_evidence
from loanperf.alerts._found import PastLimit, found_by, in_unit
from loanperf.alerts._leads import Leads
from loanperf.alerts._observed import Observation, months_of, must_know, one_each
from loanperf.alerts._states import ALERT_MOVES, AlertCase, AlertEvent, AlertMove, Alerts, AlertState
from loanperf.alerts._texts import both
from loanperf.errors import DataError, LoanPerfError, NoAssignmentError, Problem, RightsError, problem_of

_Whose: TypeAlias = tuple[str, bool, str]
"""Code of a rule, whether it is about a unit, subject."""
_NO_WORDS = Label("")
_Why: TypeAlias = Literal["period", "reading", "rule", "subject"]
_WHY: Mapping[_Why, Label] = MappingProxyType(
    {
        "period": Label("its period is over", "所属期间已结束"),
        "reading": Label("there is no reading any more", "已无指标值"),
        "rule": Label("no rule looks at it any more", "已无对应的预警规则"),
        "subject": Label("nobody of this code is there any more", "该人员或机构已不在岗"),
    }
)


@frozen(kw_only=True)
class Watched:
    """What a day's look came to."""

    alerts: Alerts
    """What stands after it."""
    events: tuple[AlertEvent, ...]
    """What happened, in order: to be appended to the stream, and told."""
    problems: tuple[Problem, ...]
    """What could not be looked at, such as a pace of a payee without a target; alerts of it stay as they are."""


def watch(
    alerts: Alerts,
    observations: Iterable[Observation],
    rules: Iterable[AlertRule],
    *,
    as_of: date | str,
    leads: Leads | None = None,
) -> Watched:
    """Look at payees and units on a day, and say what changed since the last look; nothing is said twice.

    An alert is raised where a rule strikes, told again only where it is worse by what the rule says, closed where the
    reading is back by the margin, and handed up the tree where nobody acknowledges it. Who is not observed
    stays as they are, so that it is enough to pass those whose facts changed; days in between may be left out.

    Args:
        alerts: what stands.
        observations: one a payee or unit, of the period in which the day falls.
        rules: all of them; an alert of a rule that is not among them ends.
        as_of: the last day that has passed, in the months of the periods that are observed, and none before that of the
            last look that changed something.
        leads: who leads which unit; without it nothing is handed up, and nobody is told of units.

    Raises:
        DataError: the day is before that of an earlier look, there are two observations of one subject or two rules of
            one code, or an argument is of another class.
        PeriodError: the day is in no month of what is observed.
        UnitError: a limit, margin or step of a rule in another unit than its indicator.
        UnknownIndicatorError: a rule of an indicator that nothing knows.

    >>> from loanperf._indicators import Reading, npl_ratio
    >>> from loanperf._periods import Period
    >>> seen = Observation(
    ...     subject="lin", period=Period.month(2026, 3), currency="CNY", indicators=[npl_ratio()],
    ...     readings={"npl_ratio": Reading.of("npl_ratio", "6%")},
    ... )
    >>> line = AlertRule(code="npl line", kind="threshold", indicator="npl_ratio", test="above", limit="5%")
    >>> first = watch(Alerts(), [seen], [line], as_of="2026-03-10")
    >>> [event.move.value for event in first.events]
    ['raised']
    >>> watch(first.alerts, [seen], [line], as_of="2026-03-11").events
    ()
    """
    must_be(alerts, Alerts, "alerts", "pass Alerts(), or Alerts.of(the records of the stream)")
    on, seen, given = day(as_of), one_each(observations), rules_of(rules)
    if on < alerts.last_day:
        fault = f"it is {on}, and the last look that changed something was of {alerts.last_day}"
        raise DataError("as_of", fault, "look at days in their order; corrections of earlier days count from now on")
    if seen:
        must_be_in(on, months_of(seen))
    look = _Look(alerts, on, Leads() if leads is None else leads)
    for observation in seen:
        for rule in given:
            look.at(rule, observation)
    look.prove()
    look.end_gone({rule.code for rule in given}, {(one.is_unit, one.subject) for one in seen})
    look.escalate({rule.code: rule.escalate_after for rule in given})
    events = tuple(look.events)
    return Watched(alerts=alerts.after(events), events=events, problems=tuple(dict.fromkeys(look.problems)))


@frozen(eq=False)
class _Look:
    """The look of a day on its way."""

    alerts: Alerts
    on: date
    leads: Leads
    events: list[AlertEvent] = field(factory=list, init=False)
    problems: list[Problem] = field(factory=list, init=False)
    _open: dict[_Whose, list[AlertCase]] = field(init=False)
    """What was open before, by whose it is."""
    _closed: set[int] = field(factory=set, init=False)
    """What was closed on the way."""
    _seen: list[Observation | None] = field(factory=list, init=False)
    """The observation in which each event was found; None for other events."""
    _now: dict[int, Alert] = field(factory=dict, init=False)
    """What was raised or told again on the way, by number of the alert."""
    _checked: set[tuple[str, str, str]] = field(factory=set, init=False)
    """Rules whose units were looked at, by code, kind of the indicator, and currency."""

    @_open.default
    def _by_whose(self) -> dict[_Whose, list[AlertCase]]:
        found = dict[_Whose, list[AlertCase]]()
        for case in self.alerts.open:
            found.setdefault((case.alert.rule, case.alert.is_unit, case.alert.subject), []).append(case)
        return found

    def at(self, rule: AlertRule, seen: Observation) -> None:
        """Look at one payee or unit by one rule."""
        indicator = must_know(seen, rule.indicator)
        mine = self._open.get((rule.code, seen.is_unit, seen.subject), [])
        left = [case for case in mine if not self._ends(case, rule, indicator, seen)]
        if indicator is None:
            return
        self._must_fit(rule, indicator, seen.currency)
        try:
            found = found_by(rule, indicator, seen, self.on)
        except LoanPerfError as error:
            whom = "unit" if seen.is_unit else "payee"
            payee = "" if seen.is_unit else seen.subject
            self.problems.append(problem_of(f"{whom} {seen.subject} in {seen.period}", error, payee=payee))
            return
        if found is not None:
            self._compare(rule, indicator, seen, {one.place: one for one in found}, left)

    def _must_fit(self, rule: AlertRule, indicator: Indicator, currency: str) -> None:
        key = rule.code, indicator.kind.value, currency
        if key not in self._checked:
            for name in ("limit", "margin", "worse_by"):
                in_unit(rule, indicator, currency, getattr(rule, name), f"the {name} of alert rule {rule.code!r}")
            self._checked.add(key)

    def _ends(self, case: AlertCase, rule: AlertRule, indicator: Indicator | None, seen: Observation) -> bool:
        """End what is open where it is about nothing any more."""
        alert = case.alert
        reading = seen.readings.get(rule.indicator)
        if indicator is None or alert.indicator != rule.indicator or alert.kind != rule.kind:
            self._end(case, "rule")
        elif alert.flows and alert.period != seen.period and rule.kind != "trend":
            self._end(case, "period")
        elif reading is not None and reading.value is None and rule.kind not in ("trend", "forecast"):
            self._end(case, "reading")
        else:
            return False
        return True

    def _compare(
        self,
        rule: AlertRule,
        indicator: Indicator,
        seen: Observation,
        found: dict[str, PastLimit],
        mine: list[AlertCase],
    ) -> None:
        """What a rule found now against what is open of it."""
        known = {case.alert.place: case for case in mine}
        for place, one in found.items():
            case = known.get(place)
            if case is None and one.strikes:
                alert = alert_of(rule, indicator, seen, one, self.on)
                self._add(AlertMove.RAISED, alert, to=self._first(seen), seen=seen)
            elif case is not None and _is_worse(rule, indicator, seen.currency, one, case.alert):
                alert = alert_of(rule, indicator, seen, one, self.on, case.alert.since)
                self._add(AlertMove.WORSENED, alert, case, seen=seen)
        now = seen.projected.get(rule.indicator) if rule.kind == "forecast" else seen.value(rule.indicator)
        shown = Label("") if now is None else both(indicator, now)
        for place in sorted(known.keys() - found.keys()):
            self._add(AlertMove.MENDED, known[place].alert, known[place], reading=now, why=shown)

    def _first(self, seen: Observation) -> tuple[str, ...]:
        """Whom to tell first: the payee; of a unit who leads it."""
        if not seen.is_unit:
            return (seen.subject,)
        return next(iter(self.leads.above(seen.subject, self.on, is_unit=True)), ())

    def prove(self) -> None:
        """Give the facts that weigh most to what was raised or has become worse."""
        places = [(place, seen) for place, seen in enumerate(self._seen) if seen is not None]
        alerts = with_evidence((self.events[place].alert, seen) for place, seen in places)
        for (place, _), alert in zip(places, alerts, strict=True):
            event = self.events[place] = evolve(self.events[place], alert=alert)
            self._now[event.case] = alert

    def end_gone(self, rules: set[str], seen: set[tuple[bool, str]]) -> None:
        """End alerts of rules that are gone, and of payees and units that are gone and were not observed."""
        for case in self._standing():
            alert = case.alert
            if alert.rule not in rules:
                self._end(case, "rule")
            elif (alert.is_unit, alert.subject) not in seen and self._is_gone(alert):
                self._end(case, "subject")

    def _is_gone(self, alert: Alert) -> bool:
        """Whether the organisation knows of others, and of this one nothing on the day."""
        organisation = self.leads.organisation
        if not alert.is_unit:
            return bool(organisation.assignments) and not organisation.held_on(alert.subject, self.on)
        try:
            return bool(organisation.units) and not organisation.path(alert.subject, self.on)
        except NoAssignmentError:
            return True

    def escalate(self, after: Mapping[str, int | None]) -> None:
        """Hand up what nobody acknowledged in time, one level a look."""
        for case in self._standing():
            days, alert = after.get(case.alert.rule), case.alert
            waits = (case.state, AlertMove.ESCALATED) in ALERT_MOVES
            if days is None or not waits or (self.on - case.waits_since).days < days:
                continue
            levels = self.leads.above(alert.subject, self.on, is_unit=alert.is_unit)
            to = next((level for level in levels if not set(level) <= set(case.told)), ())
            if to:
                self._add(AlertMove.ESCALATED, self._now.get(case.number, alert), case, to=to)

    def _standing(self) -> Iterator[AlertCase]:
        """What was open before and still is, the oldest first."""
        return (case for case in self.alerts.open if case.number not in self._closed)

    def _end(self, case: AlertCase, why: _Why) -> None:
        self._add(AlertMove.ENDED, case.alert, case, why=_WHY[why])

    def _add(
        self,
        move: AlertMove,
        alert: Alert,
        case: AlertCase | None = None,
        *,
        to: tuple[str, ...] | None = None,
        reading: Quantity | None = None,
        why: Label = _NO_WORDS,
        seen: Observation | None = None,
    ) -> None:
        number = self.alerts.version + len(self.events) + 1
        if case is not None and move in (AlertMove.MENDED, AlertMove.ENDED):
            self._closed.add(case.number)
        told = case.told if case is not None and to is None else to or ()
        self._seen.append(seen)
        self.events.append(
            AlertEvent(
                number=number,
                case=number if case is None else case.number,
                move=move,
                on=self.on,
                alert=alert,
                to=told,
                reading=reading,
                why=why,
            )
        )


def _is_worse(rule: AlertRule, indicator: Indicator, currency: str, found: PastLimit, told: Alert) -> bool:
    """Whether what is found is worse than what was last told, by as much as the rule says."""
    if not found.strikes or (told.struck and not found.struck):
        return False
    if found.struck and not told.struck:
        return True
    if found.place.startswith("gate"):
        return found.past > told.past
    step = in_unit(rule, indicator, currency, rule.worse_by, "worse_by of an alert rule")
    return step > Fraction(0) and found.past >= told.past + step


def acknowledge(
    alerts: Alerts, number: int, *, by: str, on: date | str, leads: Leads | None = None, why: str = ""
) -> AlertEvent:
    """Take up an alert: the event to append; nobody higher up is told from then on.

    Args:
        alerts: what stands.
        number: of the alert; see `AlertCase`.
        by: code of the payee whom it is about, of somebody who was told, or of who leads above on the day.
        on: the day, none before the alert was raised.
        leads: who leads which unit.
        why: what they say of it, such as what is done now.

    Raises:
        DataError: there is no such alert, it is closed or acknowledged already, or the day is before it was raised.
        RightsError: it is somebody else's.
    """
    must_be(alerts, Alerts, "alerts", "pass Alerts.of(the records of the stream)")
    must_be_storable("by", by, 200)
    must_be_text("why", why)
    case, where, at = alerts.cases.get(number), f"alert {number}", day(on)
    if case is None:
        raise DataError(where, "there is none of that number", "use the number of an AlertCase of `Alerts.open`")
    if case.state is AlertState.CLOSED:
        fault = f"it was closed on {case.closed_on}"
        raise DataError(where, fault, "there is nothing to take up; an alert that is raised again has a new number")
    if case.state is AlertState.ACKNOWLEDGED:
        fault = f"{case.acknowledged_by!r} acknowledged it on {case.acknowledged_on}"
        raise DataError(where, fault, "speak with them; it opens again if it becomes worse")
    alert = case.alert
    if at < alert.since:
        raise DataError(where, f"it was raised on {alert.since}, after {at}", "give the day on which it was taken up")
    known = Leads() if leads is None else leads
    above = {who for level in known.above(alert.subject, at, is_unit=alert.is_unit) for who in level}
    own = set() if alert.is_unit else {alert.subject}
    if by not in own | above | {*case.told}:
        whose = f"acknowledge alert {number} of {alert.subject!r}"
        raise RightsError(by, whose, "let the payee, who was told, or who leads above do it")
    return AlertEvent(
        number=alerts.version + 1,
        case=number,
        move=AlertMove.ACKNOWLEDGED,
        on=at,
        alert=alert,
        to=tuple(who for who in case.told if who != by),
        by=by,
        why=Label(why),
    )
