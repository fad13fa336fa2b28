"""States: the events of a stream of alerts -> what is open, by one table of the moves that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from loanperf._data import PlainData, read_as
from loanperf._explanations import Label, told
from loanperf._org import Organisation
from loanperf._quantities import Quantity
from loanperf._streams import RESTORE, UNREADABLE, record_of, said_in, unreadable
from loanperf._validators import between
from loanperf.alerts._alert import Alert, AlertKey
from loanperf.errors import DataError
from loanperf.viewer import Viewer, must_be_viewer

_Read = TypeVar("_Read")
_KINDS, _STREAM = ("alert", "told"), "alerts"


class AlertState(Enum):
    """Where an alert stands."""

    OPEN = "open"
    """It was told, and nobody has acknowledged it."""
    ESCALATED = "escalated"
    """Nobody acknowledged it in time, and who leads above was told."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody has taken it up."""
    CLOSED = "closed"
    """There is none: it was mended, or is about nothing any more, or was never raised."""


class AlertMove(Enum):
    """What happens to an alert."""

    RAISED = "raised"
    """A reading is past its limit."""
    WORSENED = "worsened"
    """The reading is worse by what the rule says, or a veto or gate that was near has struck."""
    ACKNOWLEDGED = "acknowledged"
    """Its payee, or who leads above, has taken it up."""
    ESCALATED = "escalated"
    """It was not acknowledged for as many days as the rule says."""
    MENDED = "mended"
    """The reading is back behind the limit, by the margin of the rule."""
    ENDED = "ended"
    """The period of a flow is over, there is no reading, no such rule, or no such payee any more."""


_IS, _MOVE = AlertState, AlertMove
ALERT_MOVES: Mapping[tuple[AlertState, AlertMove], AlertState] = MappingProxyType(
    {
        (_IS.CLOSED, _MOVE.RAISED): _IS.OPEN,
        (_IS.OPEN, _MOVE.WORSENED): _IS.OPEN,
        (_IS.OPEN, _MOVE.ACKNOWLEDGED): _IS.ACKNOWLEDGED,
        (_IS.OPEN, _MOVE.ESCALATED): _IS.ESCALATED,
        (_IS.OPEN, _MOVE.MENDED): _IS.CLOSED,
        (_IS.OPEN, _MOVE.ENDED): _IS.CLOSED,
        (_IS.ESCALATED, _MOVE.WORSENED): _IS.ESCALATED,
        (_IS.ESCALATED, _MOVE.ACKNOWLEDGED): _IS.ACKNOWLEDGED,
        (_IS.ESCALATED, _MOVE.ESCALATED): _IS.ESCALATED,
        (_IS.ESCALATED, _MOVE.MENDED): _IS.CLOSED,
        (_IS.ESCALATED, _MOVE.ENDED): _IS.CLOSED,
        (_IS.ACKNOWLEDGED, _MOVE.WORSENED): _IS.OPEN,
        (_IS.ACKNOWLEDGED, _MOVE.MENDED): _IS.CLOSED,
        (_IS.ACKNOWLEDGED, _MOVE.ENDED): _IS.CLOSED,
    }
)
"""Every move that there is, and the state after it; all others are refused."""


@frozen(kw_only=True)
class AlertEvent(PlainData):
    """Something that happened to an alert: a record of a stream, never changed."""

    number: int = field(validator=between(1, None, int))
    """Which record of the stream it is, from 1 on."""
    case: int = field(validator=between(1, None, int))
    """The number of the record by which the alert was raised; that of this one where it raises one."""
    move: AlertMove
    """What happened."""
    on: date
    """The day."""
    alert: Alert
    """What it is about; where it was raised or worsened, as it is now, else as it was last told."""
    to: tuple[str, ...] = ()
    """Codes of whom to tell; nobody where no lead of a unit is known."""
    by: str = ""
    """The code of who acknowledged it; empty for other moves."""
    reading: Quantity | None = None
    """The reading by which it was mended; None for other moves."""
    why: Label = Label("")
    """Why it ended; the reading, as printed, by which it was mended; or what who acknowledged it says."""

    def record(self) -> str:
        """The event as a line of JSON; `Alerts.of` reads it."""
        said = self.data()
        return record_of(said.pop("number"), "alert", said)


@frozen(kw_only=True)
class AlertCase(PlainData):
    """An alert from the day on which it was raised, as it stands."""

    number: int
    """That of the record by which it was raised; no other alert of the stream has it."""
    state: AlertState
    _alert: Alert | Callable[[], Alert] = field(alias="alert", eq=told, repr=False)
    told: tuple[str, ...] = ()
    """Codes of all who were told, in that order."""
    waits_since: date
    """The day since which it waits for an acknowledgement: that on which it was raised, last escalated, or worsened
    after it had been acknowledged."""
    acknowledged_by: str = ""
    """The code of who did last; empty where nobody has."""
    acknowledged_on: date | None = None
    closed_on: date | None = None

    @property
    def alert(self) -> Alert:
        """The alert as it was last told; one that was replayed is read when it is first asked for.

        Raises:
            DataError: what its record says of it cannot be read.
        """
        return told(self._alert)

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.state is not AlertState.CLOSED


@frozen(kw_only=True)
class Alerts:
    """Every alert of a stream as it stands, replayed from its records.

    >>> Alerts.of([]).open
    ()
    """

    version: int = 0
    """How many records there are."""
    cases: Mapping[int, AlertCase] = field(factory=dict)
    """All alerts, closed ones too, by number, in order."""
    untold: tuple[AlertEvent, ...] = ()
    """Events that nobody has noted as told."""
    last_day: date = date.min
    """The day of the last event that a look made; acknowledgements may be of a later day."""

    @classmethod
    def of(cls, records: Iterable[str]) -> Alerts:
        """What the records of a stream say, from the first on.

        Raises:
            DataError: a record is missing, none of a stream of alerts, of a later version, or of a move that there is
                not; it says which.
        """
        return _replayed(cls(), enumerate(records, 1))

    def after(self, events: Iterable[AlertEvent]) -> Alerts:
        """What stands after some more events.

        Raises:
            DataError: one does not follow on, or is of a move that there is not.
        """
        given = tuple(events)
        cases = {**self.cases}
        for place, event in enumerate(given, self.version + 1):
            if event.number != place:
                fault = f"it is numbered {event.number}: one is missing or was put in"
                raise DataError(f"record {place} of the alerts", fault, RESTORE)
            cases[event.case] = _moved(cases.get(event.case), _Move.of(event))
        looks = (event.on for event in given if event.move is not AlertMove.ACKNOWLEDGED)
        return evolve(
            self,
            version=self.version + len(given),
            cases=cases,
            untold=(*self.untold, *given),
            last_day=max((self.last_day, *looks)),
        )

    def told(self, through: int) -> Alerts:
        """What stands after it was noted, as one more record, that events up to a number were told."""
        left = tuple(event for event in self.untold if event.number > through)
        return evolve(self, version=self.version + 1, untold=left)

    @property
    def open(self) -> tuple[AlertCase, ...]:
        """All that are not closed, the oldest first."""
        return tuple(case for case in self.cases.values() if case.is_open)

    def about(self, subject: str, *, is_unit: bool = False) -> tuple[AlertCase, ...]:
        """All of a payee or unit, closed ones too, the oldest first."""
        mine = (case for case in self.cases.values() if case.alert.subject == subject)
        return tuple(case for case in mine if case.alert.is_unit == is_unit)

    def seen_by(
        self, viewer: Viewer, *, organisation: Organisation | None = None, on: date | None = None
    ) -> tuple[AlertCase, ...]:
        """The open alerts that somebody may see, the oldest first.

        They are those of payees whom the viewer sees, those that the viewer was told, and those of units all of whose
        members the viewer sees.

        Args:
            viewer: who looks.
            organisation: who works where; without it only who sees all, and who was told, see alerts of units.
            on: the day on which somebody is a member; without it that of the last event.

        Raises:
            DataError: it is no viewer.
        """
        must_be_viewer(viewer)
        day, known = on or self.last_day, dict[str, bool]()

        def may_see(case: AlertCase) -> bool:
            alert = case.alert
            if viewer.sees == "all" or viewer.who in case.told:
                return True
            if not alert.is_unit:
                return viewer.may_see(alert.subject)
            if alert.subject not in known:
                known[alert.subject] = _sees_unit(viewer, alert.subject, organisation, day)
            return known[alert.subject]

        return tuple(case for case in self.open if may_see(case))

    def by_key(self) -> dict[AlertKey, AlertCase]:
        """The open alerts by what tells them apart."""
        return {case.alert.key: case for case in self.open}


def _sees_unit(viewer: Viewer, unit: str, organisation: Organisation | None, on: date) -> bool:
    """Whether a viewer sees every member of a unit, of which there is one at least."""
    if organisation is None or all(one.code != unit or not one.holds_on(on) for one in organisation.units):
        return False
    members = organisation.members(unit, on)
    return bool(members) and all(map(viewer.may_see, members))


# ── replay ──────────────────────────────────────────────────────────────────────────────────────────────────


def told_record(number: int, through: int) -> str:
    """The record that notes that events were told.

    Args:
        number: of the record in its stream.
        through: number of the last event that was told.
    """
    return record_of(number, "told", {"through": through})


def _replayed(alerts: Alerts, records: Iterator[tuple[int, str]]) -> Alerts:
    cases, untold, last, version = dict[int, AlertCase](), list[tuple[int, dict[str, Any]]](), date.min, 0
    for version, record in records:
        kind, data = said_in(version, record, _KINDS, _STREAM)
        try:
            if kind == "told":
                through = int(data["through"])
                untold = [event for event in untold if event[0] > through]
                continue
            move = _Move.read(version, data)
        except UNREADABLE as error:
            raise unreadable(version, _STREAM, error) from None
        cases[move.case] = _moved(cases.get(move.case), move)
        untold.append((version, data))
        last = last if move.move is AlertMove.ACKNOWLEDGED else max(last, move.on)
    events = tuple(_read(AlertEvent, number, {"number": number, **data}) for number, data in untold)
    return evolve(alerts, version=version, cases=cases, untold=events, last_day=last)


def _read(kind: type[_Read], number: int, data: Mapping[str, Any]) -> _Read:
    """A value of what the record of a number says.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return read_as(kind, data)
    except UNREADABLE as error:
        raise unreadable(number, _STREAM, error) from None


@frozen
class _Move:
    """What an event does to where an alert stands."""

    number: int
    case: int
    move: AlertMove
    on: date
    to: tuple[str, ...]
    by: str
    alert: Alert | Callable[[], Alert]

    @classmethod
    def of(cls, event: AlertEvent) -> _Move:
        """The move of an event."""
        return cls(event.number, event.case, event.move, event.on, event.to, event.by, event.alert)

    @classmethod
    def read(cls, number: int, data: Mapping[str, Any]) -> _Move:
        """The move of a record; its alert is read when somebody asks, since most alerts of a stream are closed."""
        move, on, to = AlertMove(data["move"]), date.fromisoformat(data["on"]), tuple(data["to"])
        return cls(number, data["case"], move, on, to, data["by"], _Late(number, data["alert"]))


@frozen(eq=False)
class _Late:
    """An alert that is read when it is first asked for."""

    number: int
    data: Mapping[str, Any]
    _found: list[Alert] = field(factory=list, init=False)

    def __call__(self) -> Alert:
        if not self._found:
            self._found.append(_read(Alert, self.number, self.data))
        return self._found[0]


def _moved(case: AlertCase | None, event: _Move) -> AlertCase:
    """An alert after an event.

    Raises:
        DataError: there is no such move from where it stands.
    """
    state = AlertState.CLOSED if case is None else case.state
    after = ALERT_MOVES.get((state, event.move))
    is_new = event.move is AlertMove.RAISED
    if after is None or is_new != (case is None) or (is_new and event.case != event.number):
        there = "there is no such alert" if case is None else f"alert {event.case} is {state.value}"
        fault = f"{there}, and cannot be {event.move.value}"
        raise DataError(f"record {event.number} of the alerts", fault, RESTORE)
    if case is None:
        return AlertCase(number=event.case, state=after, alert=event.alert, told=event.to, waits_since=event.on)
    told = case.told if event.to == case.told else (*case.told, *(who for who in event.to if who not in case.told))
    changes: dict[str, Any] = {"state": after, "alert": event.alert, "told": told}
    match event.move:
        case AlertMove.ACKNOWLEDGED:
            changes |= {"acknowledged_by": event.by, "acknowledged_on": event.on}
        case AlertMove.MENDED | AlertMove.ENDED:
            changes |= {"closed_on": event.on}
        case AlertMove.ESCALATED:
            changes |= {"waits_since": event.on}
        case AlertMove.RAISED | AlertMove.WORSENED:
            if state is AlertState.ACKNOWLEDGED:
                changes |= {"waits_since": event.on}
    return evolve(case, **changes)
