"""Withheld: what of pay is taken back when a loan goes bad, and advanced; data of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from loanperf._curves import Curve
from loanperf._holdback import MOST_DAYS, as_curve, must_be_one_age, refuse
from loanperf._numbers import Age
from loanperf._quantities import CURRENCIES, Quantity
from loanperf._validators import as_quantity, as_share, between, is_a, one_of, share_curve

BadEvent: TypeAlias = Literal["written off", "non-performing", "past due", "prepaid", "cancelled"]
Takes: TypeAlias = Literal["in proportion", "when paid off", "whole"]
"""What an event takes that may concern a part of a loan alone.

`in proportion`: as much of the commission as the event is of the loan. `when paid off`: nothing until the loan is paid
off, and then the whole. `whole`: the whole, however small the event.
"""


def check_money(instance: object, name: str, value: Quantity) -> None:
    """Refuse what is no amount of money, or below zero."""
    if value.unit not in CURRENCIES or value.value < 0:
        refuse(instance, name, f"it is no amount of money (found {value})", "give zero or more, such as '2万元'")


_PARTIAL: Mapping[str, tuple[Takes, ...]] = MappingProxyType(
    {"prepaid": ("in proportion", "when paid off", "whole"), "written off": ("in proportion", "whole")}
)
"""Events that may concern a part of a loan alone, and what they can take."""


@frozen(kw_only=True)
class Clawback:
    """What is taken back when a loan goes bad: first of what is still held (malus), then of what was paid."""

    on: BadEvent = field(validator=one_of(BadEvent))
    """The event, after the commission was earned: the first one, or each of them where `takes` is `in proportion`.

    `prepaid`: a prepayment, or the repayment in full before the end of the term (`Loan.term_months`; without a term,
    whenever it comes).
    """
    more_than_days: int = field(default=90, validator=between(0, None, int))
    """How many days past due are not yet bad, where `on` is `past due`."""
    share: Curve = field(converter=as_curve, validator=share_curve)
    """What share of the commission is taken, by its age: from earning it to the event; one share holds for all.

    Where the knots are in days, such as `181 day`, the age is whole days; else it is full months.
    """
    takes: Takes | None = field(default=None, validator=optional(one_of(Takes)))
    """What an event takes that may concern a part of the loan alone: `prepaid` and `written off` must state it.

    `in proportion`: of the commission that was earned by what was drawn, as much as is prepaid or written off of it.
    `when paid off`: nothing, until the loan is paid off. `whole`: all of it, at the first event, however small. The
    other events concern the whole loan.
    """
    reach: Literal["held", "held and paid"] = field(
        default="held and paid", validator=one_of(Literal["held", "held and paid"])
    )
    """Whether only what is still held is taken, or what was paid too."""
    attainment: Literal["stays", "lowered"] = field(validator=one_of(Literal["stays", "lowered"]))
    """`lowered`: from the event on, the loan no longer counts for tiers. `stays`: it still does."""
    refund: Fraction = field(default=Fraction(0), converter=as_share, validator=between(0, 1))
    """The part of what was taken that is given back as the bad loan is recovered, in proportion."""
    refund_months: int | None = field(default=None, validator=optional(between(1, None, int)))
    """Months after the event within which a recovery counts; None is no limit."""
    refund_days: int | None = field(default=None, validator=optional(between(1, MOST_DAYS, int)))
    """The same in days, in place of months."""

    def __attrs_post_init__(self) -> None:
        known = _PARTIAL.get(self.on, ())
        words = " or ".join(f"takes = '{word}'" for word in known)
        must_be_one_age(self, "refund")
        if self.share.x_unit not in ("", "day", "month"):
            fault = f"it is by an age, and its knots are in {self.share.x_unit}"
            refuse(self, "share", fault, "write ages such as '181 day' or '12 month'")
        if known and self.takes is None:
            fault = f"a loan may be {self.on} in part, and nothing says what a part of it takes"
            refuse(self, "takes", fault, f"write {words}")
        if known and self.takes not in known:
            refuse(self, "takes", f"a loan that is {self.on} is not paid off", f"write {words}")
        if not known and self.takes not in (None, "whole"):
            fault = f"{self.on!r} concerns the whole loan, never a part (found {self.takes!r})"
            refuse(self, "takes", fault, "leave it out")
        if self.takes == "in proportion" and self.attainment == "lowered":
            fault = "'lowered' takes the whole loan out of its tier, and a part of it is prepaid or written off"
            refuse(self, "attainment", fault, "write attainment = 'stays', or takes = 'whole'")

    @property
    def counting_age(self) -> Age | None:
        """How long after the event a recovery counts; None is no limit."""
        return Age.of(self.refund_months, self.refund_days)


@frozen(kw_only=True)
class Draw:
    """A least amount of pay in the first periods of a role; `plain` is a guarantee, `recoverable` an advance."""

    least: Quantity = field(converter=as_quantity, validator=is_a(Quantity))
    """What the payee gets in a period, in money."""
    kind: Literal["plain", "recoverable"] = field(validator=one_of(Literal["plain", "recoverable"]))
    """`plain` is never repaid; `recoverable` is repaid out of later pay."""
    style: Literal["top up", "advance"] = field(default="top up", validator=one_of(Literal["top up", "advance"]))
    """`top up`: what is missing to `least`. `advance`: all of `least`, before anything is earned."""
    first_period: int = field(default=1, validator=between(1, None, int))
    """The first period in the role to which it applies; 1 is the one in which the role starts."""
    last_period: int | None = field(default=None, validator=optional(between(1, None, int)))
    """The last period to which it applies; None goes on."""
    recovered_from: int = field(default=1, validator=between(1, None, int))
    """The first period in the role whose pay repays the balance."""
    recovered_until: int | None = field(default=None, validator=optional(between(1, None, int)))
    """The last period whose pay repays it; None goes on."""
    left: Literal["owed", "waived"] = field(default="owed", validator=one_of(Literal["owed", "waived"]))
    """What becomes of a balance after the last period of recovery: it is still owed, or waived."""

    def __attrs_post_init__(self) -> None:
        check_money(self, "least", self.least)
        if self.last_period is not None and self.last_period < self.first_period:
            refuse(self, "last_period", "it ends before it starts", "swap first_period and last_period")
        if self.kind == "plain" and self.style == "advance":
            refuse(self, "style", "a plain draw is nobody's advance", "write style = 'top up'")
