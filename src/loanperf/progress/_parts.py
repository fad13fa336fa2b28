"""Parts of progress: indicators, limits, steps, tiers, support and members, each a value by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal, TypeAlias

from attrs import frozen

from loanperf._commission._tiers import TierBy
from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._facts import SalesLead, Training
from loanperf._indicators import Indicator
from loanperf._quantities import CURRENCIES, Money, Quantity

LimitKind: TypeAlias = Literal["veto", "gate", "cap of points", "cap of the bonus", "cap of commission"]
"""What a limit does: a veto lowers the score, a gate forfeits part of the bonus, and beyond a cap nothing is earned."""
StepTo: TypeAlias = Literal["target", "grade", "bonus"]
"""What a step leads to: the target of an indicator, the next grade, or the next step of the bonus."""


@frozen(kw_only=True)
class IndicatorProgress(PlainData):
    """Where somebody stands in one indicator of the card, by a day of the period."""

    indicator: Indicator
    weight: Fraction
    """The weight that counts now, 0 to 1; of a unit 0, since it has no card."""
    points: Decimal | None
    """So far; None of a unit."""
    reading: Quantity | None
    """So far; None where there is none."""
    target: Quantity | None
    """For the days that are appraised; None where there is none."""
    attainment: Fraction | None
    """Reading / target, unrounded, whichever way is better; None without one of them or where the target is zero."""
    part_due: Fraction
    """The part of the target that is due by the day, 0 to 1; of a stock always 1."""
    by: Label
    """How the target falls due, such as by working days."""
    due: Quantity | None
    """Target × part due; None without a target."""
    ahead: Quantity | None
    """How far the reading is better than what is due, in the unit of the indicator; below zero it is behind."""
    at_end: Quantity | None
    """The reading at the end at this pace: of a flow reading / part due, of a stock the reading as it is. None where
    nothing is due yet, or there is no reading."""

    @property
    def is_behind(self) -> bool:
        """Whether the reading is worse than what is due."""
        return self.ahead is not None and self.ahead.value < 0


@frozen(kw_only=True)
class LimitProgress(PlainData):
    """A limit of the card, whether it is kept so far, and how far away it is."""

    kind: LimitKind
    indicator: Indicator | None
    """The indicator whose reading is limited; None for a cap of pay."""
    name: Label = Label("")
    """The name of the component or plan whose commission is capped, to show; else empty."""
    actual: Quantity
    """The reading; of a cap of points the part of the weight that was earned before it; the bonus before its cap; the
    commission of the period, behind its cap."""
    limit: Quantity
    """In the same unit."""
    is_kept: bool
    """Whether it has not struck: no veto, nothing forfeited, nothing lost to a cap. A cap of commission is kept below
    it: what would have been earned beyond is no longer seen."""
    margin: Fraction
    """How far the actual value is from the limit, in the unit of both, while it is kept; below zero where it is broken,
    how far beyond. Zero is on the limit itself, where the limit says whether that strikes."""
    forfeited: Fraction | None = None
    """The part of the bonus that a gate forfeits now, 0 to 1."""

    @property
    def has_struck(self) -> bool:
        """Whether it is a veto or gate that is not kept; a cap only takes what is beyond it."""
        return self.kind in ("veto", "gate") and not self.is_kept


@frozen(kw_only=True)
class Outlook(PlainData):
    """Score, grade and bonus that some readings would give."""

    score: Decimal
    grade: str = ""
    """Its code; empty where there are none."""
    bonus: Money | None = None
    """None where there is no bonus plan."""


@frozen(kw_only=True)
class StepAhead(PlainData):
    """How much more of one indicator leads to something better, while all other readings stay as they are."""

    to: StepTo
    indicator: Indicator
    more: Quantity
    """How much better the reading must get, above zero: more where higher is better, less where lower is."""
    then: Outlook
    """What that would give."""
    worth: Money | None = None
    """The bonus then, less that of now; None where there is no bonus plan."""


@frozen(kw_only=True)
class TierProgress(PlainData):
    """Where a payee stands in the tiers of a component of commission, as the last line of the period says it."""

    plan: str
    component: str
    name: Label
    """The name of the component, to show."""
    by: TierBy
    """What the tiers are read at."""
    reached: Quantity
    """What has accumulated, or was read, with the last loan."""
    rate: Quantity
    """The rate reached: a share, or money for a loan."""
    next_at: Quantity | None
    """Where the next tier starts; None where no tier follows."""
    next_rate: Quantity | None
    is_beyond: bool
    """Whether the next tier starts above `next_at` and not there itself."""
    more: Quantity | None
    """`next_at` less what is reached; None where no tier follows."""
    quota: Quantity | None = None
    """What 100% is, where tiers are read at an attainment of a quota."""
    last_loan: str = ""
    """Number of the loan with which that was reached; empty where it was none."""
    worth: tuple[Money, ...] | None = None
    """What one loan of the amount `loan`, on the terms of `last_loan`, would earn by commission, one a currency; None
    where nobody worked it."""

    @property
    def loan(self) -> Money | None:
        """The smallest loan that would reach the next tier, where tiers are read at amounts or at a quota of money."""
        more = self.more_of_quota if self.by == "attainment" else self.more if self.by == "amount" else None
        if more is None or more.unit not in CURRENCIES:
            return None
        units = more.value * 10 ** CURRENCIES[more.unit]
        return Money.from_units(floor(units) + 1 if self.is_beyond else ceil(units), more.unit)

    @property
    def more_of_quota(self) -> Quantity | None:
        """What is to come until the next tier, in the unit of the quota; None without a quota or a next tier."""
        if self.quota is None or self.more is None:
            return None
        return Quantity(self.more.value * self.quota.value, self.quota.unit)


@frozen(kw_only=True)
class MemberProgress(PlainData):
    """Where one member of a unit stands: a line of a list in which a lead looks for whom to help."""

    payee: str
    name: str
    score: Decimal
    grade: str
    """Its code; empty where there are none."""
    attainments: tuple[tuple[str, Fraction], ...]
    """Reading / target by code of indicator, where there are both."""
    behind: tuple[str, ...]
    """Codes of the indicators that are behind what is due."""
    broken: tuple[str, ...]
    """Codes of the indicators of which a veto or gate has struck."""


@frozen(kw_only=True)
class Support(PlainData):
    """What a person was given to work with, and what became of it by a day: leads and trainings (线索, 培训)."""

    leads: tuple[SalesLead, ...] = ()
    """Assigned on the days that are looked at, by `as_of`; in order of day and number."""
    trainings: tuple[Training, ...] = ()
    """Due on the days that are looked at, also after `as_of`; in order of day and course."""
    as_of: date
    """The last day that has passed."""

    @property
    def followed(self) -> tuple[SalesLead, ...]:
        """The leads that were followed by then."""
        return tuple(lead for lead in self.leads if _is_by(lead.followed_on, self.as_of))

    @property
    def converted(self) -> tuple[SalesLead, ...]:
        """The leads that led to a loan by then."""
        return tuple(lead for lead in self.leads if _is_by(lead.converted_on, self.as_of))

    @property
    def waiting(self) -> tuple[SalesLead, ...]:
        """The leads that wait to be followed, the oldest first."""
        return tuple(lead for lead in self.leads if not _is_by(lead.followed_on, self.as_of))

    @property
    def completed(self) -> tuple[Training, ...]:
        """The trainings that were completed by then."""
        return tuple(one for one in self.trainings if _is_by(one.completed_on, self.as_of))

    @property
    def ahead(self) -> tuple[Training, ...]:
        """The trainings that are not completed yet, the one that is due first before the others."""
        return tuple(one for one in self.trainings if not _is_by(one.completed_on, self.as_of))


def _is_by(on: date | None, as_of: date) -> bool:
    return on is not None and on <= as_of


def summed(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Amounts summed, one a currency, in the order in which currencies come."""
    found: dict[str, Money] = {}
    for amount in amounts:
        found[amount.currency] = found[amount.currency] + amount if amount.currency in found else amount
    return tuple(found.values())
