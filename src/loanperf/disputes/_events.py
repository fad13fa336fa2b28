"""Events: what is said in the stream of disputes and holds; each is a record that is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias

from attrs import Attribute, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._data import PlainData
from loanperf._ledger import PayHold
from loanperf._periods import Period, day
from loanperf._quantities import Money
from loanperf._streams import moment
from loanperf._validators import a_code, as_tuple, between, is_a, numbers_of, one_of, some_words
from loanperf.errors import DataError, shown

UpheldHow: TypeAlias = Literal["recomputed", "adjusted"]
"""How a dispute is answered.

`recomputed`: facts were corrected, and `lp.settle` posted the difference. `adjusted`: an amount was set by hand.
"""
_LONGEST = 366
_UNITS_MOST = 10**15


def _an_amount(instance: object, attribute: Attribute[Any], value: object) -> None:
    is_a(Money)(instance, attribute, value)
    if not isinstance(value, Money) or not 0 <= value.units < _UNITS_MOST:
        fault = f"it is {shown(str(value))}"
        raise DataError(
            f"{type(instance).__name__}.{attribute.name}", fault, "pass zero or more, of 15 digits in fen at most"
        )


@frozen(kw_only=True)
class DisputePlan(PlainData):
    """How long disputes may be opened, how soon they are to be decided, and by whom; calendar days.

    >>> plan = DisputePlan(days_to_open=15, days_to_decide=10, days_to_tell=5, panel=["hr"])
    >>> plan.told_until(Period.month(2026, 3))
    datetime.date(2026, 4, 5)
    """

    days_to_open: int = field(validator=between(1, _LONGEST, int))
    """Days after the one on which the payee had the statement or the payment; the last one counts."""
    days_to_decide: int = field(validator=between(1, _LONGEST, int))
    """Days after the one on which a dispute was opened; the last one is its deadline."""
    days_to_tell: int = field(default=0, validator=between(0, _LONGEST, int))
    """Days after the last day of a period, on which the ledger pays it, until every payee has had the statement of it
    at the latest: nobody can say that they had it later. 0 is that last day itself."""
    panel: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes of people who may take up and decide disputes, and place and lift holds, for everybody but themselves;
    beside them only superiors may."""

    def told_until(self, period: Period) -> date:
        """The last day on which a payee can have had the statement or the payment of a period."""
        return period.last_day + timedelta(self.days_to_tell)


@frozen(kw_only=True)
class DisputesPlanned(PlainData):
    """The plan was set, for disputes that are opened from then on."""

    plan: DisputePlan = field(validator=is_a(DisputePlan))
    by: str = field(validator=a_code)
    """The code of who set it."""
    at: str = field(converter=moment)
    """The day, or the time with its offset from UTC; as of all events."""


@frozen(kw_only=True)
class DisputeOpened(PlainData):
    """A payee says that a line of their pay is wrong."""

    payee: str = field(validator=a_code)
    line: str = field(validator=some_words)
    """The key of the line in the ledger (`lp.Entry.line`): payee, plan, component, loan, stage and period."""
    period: Period = field(validator=is_a(Period))
    """The period in which the entry was posted that the payee disputes."""
    told_on: date = field(converter=day)
    """The day on which the payee had the statement or the payment with it; see `DisputePlan.days_to_tell`."""
    claim: str = field(validator=some_words)
    """What they say is right."""
    amount: Money | None = field(default=None, validator=optional(_an_amount))
    """What the line should come to, as they say, in its currency: zero or more, of 15 digits in fen at most; None where
    they do not say it."""
    seen: int = field(validator=between(1, None, int))
    """The number of the last entry of the ledger then; what answers the dispute comes after it."""
    by: str = field(validator=a_code)
    """The code of who opens it: the payee, or somebody who stands for them."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class DisputeTakenUp(PlainData):
    """Somebody looks into a dispute."""

    dispute: int = field(validator=between(1, None, int))
    """The number of the record by which it was opened; as of all events about a dispute."""
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class DisputeUpheld(PlainData):
    """The payee was right."""

    dispute: int = field(validator=between(1, None, int))
    how: UpheldHow = field(validator=one_of(UpheldHow))
    entries: tuple[int, ...] = field(converter=as_tuple, validator=numbers_of("entries", least=1))
    """The numbers of the entries that answer it."""
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class DisputeRejected(PlainData):
    """The line is right as it is."""

    dispute: int = field(validator=between(1, None, int))
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class DisputeWithdrawn(PlainData):
    """The payee took a dispute back."""

    dispute: int = field(validator=between(1, None, int))
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class DisputeExpired(PlainData):
    """Nobody decided a dispute by its deadline."""

    dispute: int = field(validator=between(1, None, int))
    by: str = field(validator=a_code)
    """The code of who notes it, such as that of the host's nightly run."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class HoldPlaced(PlainData):
    """The pay of a person or of a loan is held by hand, by `hold.by`."""

    hold: PayHold = field(validator=is_a(PayHold))
    dispute: int = field(default=0, validator=between(0, None, int))
    """The dispute for which it is placed; 0 where it is for another reason."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class HoldLifted(PlainData):
    """A hold was lifted before its last day: pay goes out from that day on."""

    hold: int = field(validator=between(1, None, int))
    """The number of the record by which it was placed."""
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class HoldEnded(PlainData):
    """The last day of a hold has passed."""

    hold: int = field(validator=between(1, None, int))
    by: str = field(validator=a_code)
    """The code of who notes it."""
    at: str = field(converter=moment)


DisputeAnswer: TypeAlias = DisputeTakenUp | DisputeUpheld | DisputeRejected | DisputeWithdrawn
"""What is done about a dispute by hand."""
DisputeEvent: TypeAlias = (
    DisputesPlanned | DisputeOpened | DisputeAnswer | DisputeExpired | HoldPlaced | HoldLifted | HoldEnded
)
KINDS: Mapping[str, type[DisputeEvent]] = {
    "planned": DisputesPlanned,
    "opened": DisputeOpened,
    "taken up": DisputeTakenUp,
    "upheld": DisputeUpheld,
    "rejected": DisputeRejected,
    "withdrawn": DisputeWithdrawn,
    "expired": DisputeExpired,
    "hold placed": HoldPlaced,
    "hold lifted": HoldLifted,
    "hold ended": HoldEnded,
}
"""The class of each kind of record."""
