"""Events: what is said in the stream of a cycle; each is a record that is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from attrs import converters, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._data import PlainData
from loanperf._periods import Period, day
from loanperf._streams import moment
from loanperf._validators import a_code, a_hash, a_text, as_factor, as_points, as_tuple, between, is_a, some_words
from loanperf.cycle._plan import CyclePlan

_A_FACTOR = optional(between(0, 10))


@frozen(kw_only=True)
class CyclePlanned(PlainData):
    """The plan of the cycle was set: the first record of its stream."""

    plan: CyclePlan = field(validator=is_a(CyclePlan))
    by: str = field(validator=a_code)
    """The code of who set it."""
    at: str = field(converter=moment)
    """The day, or the time with its offset from UTC; as of all events."""


@frozen(kw_only=True)
class SnapshotTaken(PlainData):
    """What a participant was on a day: unit, role and superiors; or that they had left."""

    payee: str = field(validator=a_code)
    unit: str = field(validator=a_text)
    """The code of the unit of the primary assignment; of who has left, the last one."""
    role: str = field(validator=a_text)
    superiors: tuple[str, ...] = field(converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes of who leads above, the nearest first; of who has left, the last ones."""
    as_of: date = field(converter=day)
    """The day of which it speaks."""
    is_there: bool = field(default=True, validator=is_a(bool))
    """Whether they had an assignment on that day."""
    by: str = field(validator=a_code)
    """The code of who took it."""
    at: str = field(converter=moment)

    def says(self) -> tuple[object, ...]:
        """What two snapshots have in common between which nothing changed."""
        return self.unit, self.role, self.superiors, self.is_there


@frozen(kw_only=True)
class ResultScored(PlainData):
    """The score of a participant was taken in, as an appraisal has it."""

    payee: str = field(validator=a_code)
    score: Decimal = field(converter=as_points, validator=is_a(Decimal))
    grade: str = field(default="", validator=a_text)
    """The code of the grade; empty where the card has none."""
    coefficient: Fraction | None = field(default=None, converter=converters.optional(as_factor), validator=_A_FACTOR)
    """0% to 1000%: that of the grade, where calibration changes coefficients; else None."""
    appraisal: str = field(validator=a_hash)
    """The hash of the appraisal; see `appraisal_hash`."""
    part: Period | None = field(default=None, validator=optional(is_a(Period)))
    """The part of the period in which the participant was there, where the appraisal is of that alone; else None."""
    by: str = field(validator=a_code)
    """The code of who took it in."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ResultCalibrated(PlainData):
    """A person changed the grade or the coefficient of a result, as the plan says; the score stays."""

    payee: str = field(validator=a_code)
    grade_before: str = field(default="", validator=a_text)
    grade: str = field(default="", validator=a_text)
    """The code of the grade afterwards."""
    coefficient_before: Fraction | None = field(
        default=None, converter=converters.optional(as_factor), validator=_A_FACTOR
    )
    coefficient: Fraction | None = field(default=None, converter=converters.optional(as_factor), validator=_A_FACTOR)
    """Afterwards; None where grades are calibrated."""
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    """The code of who did it; never the participant."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ResultApproved(PlainData):
    """A result was approved as it stood."""

    payee: str = field(validator=a_code)
    result: str = field(validator=a_hash)
    """The hash of what was approved; see `CycleResult.hash`."""
    by: str = field(validator=a_code)
    """The code of who approved it; never the participant."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ResultPublished(PlainData):
    """A result was shown to its participant."""

    payee: str = field(validator=a_code)
    version: int = field(validator=between(1, None, int))
    """1, and one more after each upheld appeal."""
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ResultAcknowledged(PlainData):
    """A participant confirmed to have seen the published result; that is no consent."""

    payee: str = field(validator=a_code)
    version: int = field(validator=between(1, None, int))
    """Which publication they saw."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class InterviewNoted(PlainData):
    """What was said in the interview about the result (绩效面谈)."""

    payee: str = field(validator=a_code)
    text: str = field(validator=some_words)
    by: str = field(validator=a_code)
    """The code of the superior who noted it."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class AppealOpened(PlainData):
    """A participant appealed against the published result."""

    payee: str = field(validator=a_code)
    why: str = field(validator=some_words)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class AppealTakenUp(PlainData):
    """Somebody looks into an appeal."""

    payee: str = field(validator=a_code)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class AppealUpheld(PlainData):
    """An appeal was found right: the new result, which is to be published."""

    payee: str = field(validator=a_code)
    score: Decimal = field(converter=as_points, validator=is_a(Decimal))
    grade: str = field(default="", validator=a_text)
    coefficient: Fraction | None = field(default=None, converter=converters.optional(as_factor), validator=_A_FACTOR)
    appraisal: str = field(validator=a_hash)
    """The hash of the new appraisal; that of the old one where the grade or coefficient alone is changed."""
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class AppealRejected(PlainData):
    """An appeal was rejected, with a reason."""

    payee: str = field(validator=a_code)
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class AppealWithdrawn(PlainData):
    """A participant took the appeal back."""

    payee: str = field(validator=a_code)
    at: str = field(converter=moment)


OfResult: TypeAlias = (
    ResultScored | ResultCalibrated | ResultApproved | ResultPublished | ResultAcknowledged | InterviewNoted
)
OfAppeal: TypeAlias = AppealOpened | AppealTakenUp | AppealUpheld | AppealRejected | AppealWithdrawn
OfParticipant: TypeAlias = SnapshotTaken | OfResult | OfAppeal
CycleEvent: TypeAlias = CyclePlanned | OfParticipant
KINDS: Mapping[str, type[CycleEvent]] = {
    "planned": CyclePlanned,
    "snapshot": SnapshotTaken,
    "scored": ResultScored,
    "calibrated": ResultCalibrated,
    "approved": ResultApproved,
    "published": ResultPublished,
    "acknowledged": ResultAcknowledged,
    "interview": InterviewNoted,
    "appeal": AppealOpened,
    "taken up": AppealTakenUp,
    "upheld": AppealUpheld,
    "rejected": AppealRejected,
    "withdrawn": AppealWithdrawn,
}
"""The class of each kind of record."""
