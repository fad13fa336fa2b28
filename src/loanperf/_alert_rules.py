"""Alert rules: when to warn of an indicator, how badly, when to say it again, and who hears of it next."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import Attribute, converters, field, frozen
from attrs.validators import optional

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._indicators import refuse_bare
from loanperf._quantities import Quantity, percent
from loanperf._scorecard import Comparison, Of
from loanperf._validators import as_quantity, as_share, between, is_a, must_be_storable, one_of
from loanperf.errors import DataError

AlertKind: TypeAlias = Literal["threshold", "pace", "near", "trend", "forecast"]
"""What a rule looks at: a reading; a reading against what is due by the day; the distance from a veto or gate; readings
one after the other; what is expected at the end."""
Severity: TypeAlias = Literal["attention", "warning", "critical"]
SEVERITIES: Mapping[Severity, Label] = MappingProxyType(
    {
        "attention": Label("attention", "关注"),
        "warning": Label("warning", "预警"),
        "critical": Label("critical", "严重"),
    }
)
"""How badly something is meant, the mildest first, and what it is called."""

_NEEDS: Mapping[AlertKind, tuple[str, ...]] = MappingProxyType(
    {
        "threshold": ("limit", "test"),
        "pace": ("limit",),
        "near": ("limit",),
        "trend": ("in_a_row",),
        "forecast": ("limit", "test"),
    }
)
"""What a rule of each kind has to state."""
_MAY_HAVE: Mapping[AlertKind, tuple[str, ...]] = MappingProxyType(
    {
        "threshold": ("margin", "after"),
        "pace": ("margin", "after"),
        "near": ("margin",),
        "trend": (),
        "forecast": ("margin",),
    }
)
"""What it may state besides; of the other kinds nobody would look at it."""
_SAY: Mapping[str, str] = MappingProxyType(
    {
        "limit": "state the limit, such as '5%'",
        "test": "state how a reading is compared with the limit: above, at least, below or at most",
        "in_a_row": "state after how many worse readings in a row it warns, such as 3",
    }
)


def _a_code(_: AlertRule, attribute: Attribute[str], value: object) -> None:
    must_be_storable(f"AlertRule.{attribute.name}", value, 100)
    if not isinstance(value, str) or not value.isprintable() or value.strip() != value:
        raise DataError(
            f"AlertRule.{attribute.name}", "it is no code", "give printable characters without blanks around"
        )


_LEAVE = "leave it out, or choose another kind"


def _refused(name: str, fault: str, remedy: str) -> DataError:
    return DataError(f"AlertRule.{name}", fault, remedy)


@frozen(kw_only=True)
class AlertRule(PlainData):
    """When to warn of an indicator. Each kind needs a limit of its own, and a rule without one is refused.

    `threshold`: a reading, or its attainment, is past `limit`. `pace`: it is below the part `limit` of what is due by
    the day. `near`: a veto or gate of the card has struck, or is at most `limit` away. `trend`: the reading was worse
    than the one before `in_a_row` times. `forecast`: what is expected at the end is past `limit`.

    Raises:
        DataError: a limit or another field that its kind needs is missing, one that nobody would look at is there, or
            one is out of range.

    >>> line = AlertRule(code="npl line", kind="threshold", indicator="npl_ratio", test="above", limit="5%")
    >>> line.limit.value, line.severity
    (Fraction(1, 20), 'warning')
    """

    code: str = field(validator=_a_code)
    """What it is called, 1 to 100 characters; an alert is told apart from others by it."""
    indicator: str = field(validator=is_a(str))
    """Code of the indicator."""
    kind: AlertKind = field(validator=one_of(AlertKind))
    """What it looks at."""
    severity: Severity = field(default="warning", validator=one_of(Severity))
    """How badly it is meant."""
    of: Of = field(default="value", validator=one_of(Of))
    """`value`: the reading, or what is expected. `attainment`: that over the target of the period."""
    test: Comparison | None = field(default=None, validator=optional(one_of(Comparison)))
    """How the unrounded reading is compared with `limit`; `at least` and `at most` warn on the limit itself."""
    limit: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """Threshold and forecast: in the unit of the indicator, or a part of the target. Pace: a part of what is due, above
    0% and up to 100%. Near: the distance, in the unit of the indicator, 0 or more."""
    in_a_row: int | None = field(default=None, validator=optional(between(1, 100, int)))
    """Of a trend: how many times in a row a reading was worse than the one before; 1 to 100."""
    after: Fraction | None = field(
        default=None, converter=converters.optional(as_share), validator=optional(between(0, 1))
    )
    """Look once this part of the period has passed, 0% to 100%. Without it at once, but the attainment of a flow, such
    as an amount, from the last day on: what is not due yet is not short."""
    margin: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """An alert is closed only where the limit would be kept too if it were stricter by this much: with a limit above 5%
    and 1%, at 4% and not at 4.5%; in the unit of `limit`, 0 or more. Without it, as soon as the limit is kept."""
    worse_by: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """An alert is told again where the reading is worse by at least this than when it was last told; in the unit of
    `limit`, of a trend a number of readings; above 0. Without it only a veto or gate that strikes is told again."""
    escalate_after: int | None = field(default=None, validator=optional(between(1, 366, int)))
    """After how many days without an acknowledgement an alert goes to who leads above; 1 to 366, None is never."""
    advice: Label | None = field(default=None, validator=optional(is_a(Label)))
    """What to do; without it what is usual for the kind and the dimension of the indicator."""

    def __attrs_post_init__(self) -> None:
        for name in _NEEDS[self.kind]:
            if getattr(self, name) is None:
                raise _refused(name, f"rule {self.code!r}, a {self.kind}, has none", _SAY[name])
        allowed = {*_NEEDS[self.kind], *_MAY_HAVE[self.kind]}
        for name in ("test", "limit", "in_a_row", "after", "margin"):
            if getattr(self, name) is not None and name not in allowed:
                raise _refused(name, f"rule {self.code!r}, a {self.kind}, does not look at it", _LEAVE)
        if self.of == "attainment" and self.kind not in ("threshold", "forecast"):
            raise _refused("of", f"rule {self.code!r}, a {self.kind}, does not look at attainment", _LEAVE)
        for name in ("limit", "margin", "worse_by"):
            if (value := getattr(self, name)) is not None:
                self._must_be_in_range(name, value)
        self._must_be_able_to_close()

    def _must_be_able_to_close(self) -> None:
        """Refuse a margin of a share by which an alert closes only below 0%, which no share is."""
        if self.test not in ("above", "at least") or self.limit is None or self.margin is None:
            return
        limit, margin = self.limit, self.margin
        if limit.unit or margin.unit or limit.bare or limit.value < 0:
            return
        if margin.value > limit.value or (self.test == "at least" and margin.value == limit.value):
            least = "less than" if self.test == "at least" else "at most"
            edge = percent(limit.value)
            fault = f"rule {self.code!r}, with a limit of {edge}, could never close with {percent(margin.value)}"
            raise _refused("margin", fault, f"give {least} {edge}")

    def _must_be_in_range(self, name: str, value: Quantity) -> None:
        if self.is_part or (self.kind == "trend" and name == "worse_by"):
            if value.unit:
                raise _refused(name, f"it is {value}, and the limit a pure number", "give one, such as '80%'")
            if self.is_part and value.bare:
                refuse_bare(f"AlertRule.{name}", value.value)
        if name == "limit" and self.kind == "pace" and not 0 < value.value <= 1:
            fault = f"it is {percent(value.value)} of what is due"
            raise _refused(name, fault, "give a part above 0% and up to 100%")
        if value.value < 0 and (name != "limit" or self.kind == "near"):
            raise _refused(name, f"it is {value}", "give zero or more")
        if name == "worse_by" and not value.value:
            raise _refused(name, "it is 0", "give more than zero, or leave it out")

    @property
    def is_part(self) -> bool:
        """Whether its limit is a part of a target or of what is due, and not in the unit of the indicator."""
        return self.kind == "pace" or self.of == "attainment"
