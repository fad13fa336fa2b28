"""Plan: which period, by whose snapshot people decide, what calibration changes, and until when payees may appeal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import converters, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._data import PlainData
from loanperf._periods import Period, day, has_passed
from loanperf._quantities import percent
from loanperf._validators import a_code, as_factor, as_tuple, between, is_a, one_of
from loanperf.cycle._distribution import ForcedDistribution
from loanperf.errors import DataError

Calibrates: TypeAlias = Literal["grade", "coefficient"]


@frozen(kw_only=True)
class CyclePlan(PlainData):
    """The plan of an appraisal cycle, kept as the first record of its stream.

    Raises:
        DataError: grades are calibrated and there are none, or one is there twice; coefficients are bounded and grades
            calibrated, or the highest is below the lowest; or the distribution has other grades, or the same in another
            order.

    >>> plan = CyclePlan(
    ...     period=Period.month(2026, 6),
    ...     grades=["A", "B", "C"],
    ...     calibrates_as_of="2026-06-30",
    ...     publishes_as_of="2026-07-15",
    ...     appeal_days=5,
    ... )
    >>> plan.appeals_until(date(2026, 7, 16))
    datetime.date(2026, 7, 21)
    """

    period: Period = field(validator=is_a(Period))
    """Which period is appraised."""
    grades: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes of the grades of the cards, best first; without any, a result of any grade is taken."""
    calibrates: Calibrates = field(default="grade", validator=one_of(Calibrates))
    """What calibration changes: the grade, or the coefficient alone. Points and scores are never changed."""
    coefficient_at_least: Fraction | None = field(
        default=None, converter=converters.optional(as_factor), validator=optional(between(0, 10))
    )
    """The lowest coefficient that calibration gives, itself allowed, 0% to 1000%; None is 0%."""
    coefficient_at_most: Fraction | None = field(
        default=None, converter=converters.optional(as_factor), validator=optional(between(0, 10))
    )
    """The highest one, itself allowed; None is 1000%."""
    calibrates_as_of: date = field(converter=day)
    """The day whose snapshot of a participant says who their superiors are that calibrate."""
    publishes_as_of: date = field(converter=day)
    """The day whose snapshot says who approves and publishes, notes the interview, and decides an appeal."""
    panel: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes of people who may do what a superior may, for everybody but themselves. Whoever starts the cycle names
    them; the first record keeps the plan with their code."""
    scorers: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes of who may take in scores beside superiors and the panel, such as that of the host's run."""
    another_approves: bool = field(default=True, validator=is_a(bool))
    """Whether who took in the score or calibrated the result is kept from approving it."""
    acknowledgement_days: int | None = field(default=None, validator=optional(between(0, 366, int)))
    """How many days after the publication a participant is to acknowledge it; later is accepted too. None: no limit."""
    appeal_days: int = field(default=0, validator=between(0, 366, int))
    """How many days after the publication an appeal is opened at the latest; 0 is the day of the publication only."""
    appeal_recalibrates: bool = field(default=False, validator=is_a(bool))
    """Whether an upheld appeal may change the grade or coefficient of the same appraisal, beside bringing a new one."""
    appeal_by_others: bool = field(default=True, validator=is_a(bool))
    """Whether who scored or calibrated a result is kept from deciding the appeal of it."""
    distribution: ForcedDistribution | None = field(default=None, validator=optional(is_a(ForcedDistribution)))
    """What part of people is to have each grade; None where nothing is asked."""

    def __attrs_post_init__(self) -> None:
        where = f"the plan of the cycle of {self.period}"
        if len(set(self.grades)) < len(self.grades) or (self.calibrates == "grade" and not self.grades):
            fault = f"its grades are {', '.join(self.grades) or 'none'}"
            raise DataError(where, fault, "give the grades of the cards, best first, each once")
        low, high = self.coefficient_at_least, self.coefficient_at_most
        if self.calibrates == "grade" and not (low is None and high is None):
            raise DataError(where, "it bounds coefficients and calibrates grades", "leave the bounds out")
        if low is not None and high is not None and high < low:
            fault = f"coefficients are {percent(low)} at least and {percent(high)} at most"
            raise DataError(where, fault, "give a highest one that is not below the lowest")
        if self.distribution is not None and self.distribution.codes != self.grades:
            fault = f"its grades are {', '.join(self.grades)}, and those of its distribution "
            remedy = "give both the same grades in the same order, best first"
            raise DataError(where, fault + ", ".join(self.distribution.codes), remedy)

    def appeals_until(self, published_on: date) -> date:
        """The last day on which a result that was published on a day is appealed."""
        return published_on + timedelta(self.appeal_days)

    def may_appeal(self, published_on: date, on: date) -> bool:
        """Whether a result that was published on a day may still be appealed on another."""
        return not has_passed(self.appeals_until(published_on), on)

    def acknowledged_by(self, published_on: date) -> date | None:
        """The last day on which a result is to be acknowledged; None where there is no limit."""
        if self.acknowledgement_days is None:
            return None
        return published_on + timedelta(self.acknowledgement_days)

    def must_allow(self, where: str, coefficient: Fraction) -> None:
        """Refuse a coefficient that calibration may not give.

        Raises:
            DataError: it is below the lowest or above the highest.
        """
        low, high = self.coefficient_at_least or Fraction(0), self.coefficient_at_most
        if coefficient < low or (high is not None and coefficient > high):
            bounds = f"{percent(low)} or more" if high is None else f"{percent(low)} to {percent(high)}"
            fault = f"its coefficient would be {percent(coefficient)}"
            raise DataError(where, fault, f"give {bounds}, as the plan says")

    def must_know(self, where: str, grades: Iterable[str]) -> None:
        """Refuse grades that the plan does not name.

        Raises:
            DataError: one of them is none of the plan's.
        """
        for grade in grades:
            if self.grades and grade not in self.grades:
                fault = f"its grade is {grade or 'none'}, and the plan has {', '.join(self.grades)}"
                raise DataError(where, fault, "give a grade of the plan")
