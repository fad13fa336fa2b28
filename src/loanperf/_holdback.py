"""Holdback: what of pay is kept back, for whom, and when it is released; data of plans, of bonuses and of all pay."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import converters, evolve, field, fields_dict, frozen
from attrs.validators import deep_iterable, optional

from loanperf._curves import Curve
from loanperf._numbers import Age
from loanperf._quantities import Quantity, percent
from loanperf._validators import as_quantity, as_share, between, is_a, one_of, pairs_of, share_curve, share_pairs
from loanperf.errors import DataError, LoanPerfError


def refuse(instance: object, name: str, fault: str, remedy: str) -> None:
    """Raise what is wrong with a field of a plan."""
    raise DataError(f"{type(instance).__name__}.{name}", fault, remedy)


Condition: TypeAlias = Literal["none", "performing", "reading", "stated"]
"""What a release waits for."""
MOST_DAYS = 36500
"""The longest age in days, of about a hundred years."""


def must_be_one_age(instance: object, name: str) -> None:
    """Refuse an age that is stated both in months and in days."""
    if getattr(instance, f"{name}_months") is not None and getattr(instance, f"{name}_days") is not None:
        refuse(instance, f"{name}_days", f"{name}_months is stated too", "keep one of them")


def as_curve(value: Any) -> Any:
    """A curve, or one share or amount that holds everywhere."""
    if isinstance(value, Curve):
        return value
    try:
        return Curve.of([[0, value]], shape="step")
    except LoanPerfError:
        return value


@frozen(kw_only=True)
class Instalment:
    """A part of a holdback, released some months or days after the period in which it was earned."""

    after_months: int | None = field(default=None, validator=optional(between(0, 600, int)))
    """Months after the last day of the period of the cohort; state months or days."""
    after_days: int | None = field(default=None, validator=optional(between(0, MOST_DAYS, int)))
    """Days after the last day of the period of the cohort, in place of months."""
    share: Fraction = field(converter=as_share, validator=between(0, 1))
    """Part of what was held of each line; the shares of a holdback sum to exactly 100%. Each is rounded
    down, and the last instalment of a line takes its remainder."""

    def __attrs_post_init__(self) -> None:
        must_be_one_age(self, "after")
        if self.after_months is None and self.after_days is None:
            refuse(self, "after_months", "nothing says when it is released", "state after_months or after_days")

    @property
    def age(self) -> Age:
        """How old the cohort is when it is released."""
        return Age.of(self.after_months, self.after_days) or Age(0, "month")


@frozen(kw_only=True)
class Holdback:
    """Pay that is kept back (风险金) by cohort, the period in which it was earned, and released later."""

    share: Curve = field(converter=as_curve, validator=share_curve)
    """What share of the period's pay is held, by that pay; a single share holds for all."""
    applies: Literal["flat", "marginal"] = field(default="flat", validator=one_of(Literal["flat", "marginal"]))
    """`flat`: all pay at the share reached. `marginal`: each slice at its own share."""
    roles: tuple[tuple[str, Fraction], ...] = field(
        default=(), converter=share_pairs, validator=pairs_of(between(0, 1))
    )
    """Roles of which another share is held, whatever the pay, such as 51% of a president's; of bonuses and all pay."""
    instalments: tuple[Instalment, ...] = field(default=(), validator=deep_iterable(is_a(Instalment), is_a(tuple)))
    """When it is released; empty where `years` says it, or where only an event releases it."""
    years: int | None = field(default=None, validator=optional(between(1, 50, int)))
    """In place of instalments: equal parts, one at the end of each of so many years after the period."""
    repaid: Literal["releases", "waits"] = field(default="waits", validator=one_of(Literal["releases", "waits"]))
    """`releases`: all that is held for a loan when its principal is repaid in full. `waits`: its dates decide."""
    condition: Condition = field(default="none", validator=one_of(Condition))
    """`performing`: while the loan is non-performing an instalment waits, until the loan is cured or repaid.

    `reading`: an instalment is released where the reading of `indicator` is within its bound, unrounded: that of the
    payee for the pay period of its day. Else, and where there is no reading, it waits for the first later period whose
    reading is, and is released on its last day. Of what a plan holds.

    `stated`: nothing is released before the host says so, such as when a guarantee has ended; of bonuses and all pay.
    """
    indicator: str = field(default="", validator=is_a(str))
    """Code of the indicator whose reading is looked at, where the condition is `reading`; it needs no weight."""
    at_most: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The bound of the reading, itself included, where lower is better; in the unit of the indicator."""
    at_least: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The same where higher is better."""
    condition_months: int = field(default=0, validator=between(0, 600, int))
    """How many months without a break it must have been performing then."""
    condition_days: int | None = field(default=None, validator=optional(between(1, MOST_DAYS, int)))
    """The same in days, in place of months."""
    leavers: Literal["released", "forfeited"] = field(
        default="released", validator=one_of(Literal["released", "forfeited"])
    )
    """What becomes of what is held of who leaves: it is `released` on its days as of others, or `forfeited` on the
    first day without an assignment. Who has an assignment again has not left: what was forfeited comes back, and is
    released on its days. Of bonuses and all pay."""

    def __attrs_post_init__(self) -> None:
        if self.share.shape == "linear" and self.applies == "marginal":
            refuse(self, "share", "marginal shares are steps", "write shape = 'step'")
        total = sum((item.share for item in self.instalments), Fraction(0))
        if self.instalments and total != 1:
            refuse(self, "instalments", f"the shares sum to {percent(total)}", "make them sum to exactly 100%")
        if self.instalments and self.years is not None:
            refuse(self, "years", "instalments say when it is released", "keep one of them")
        if self.parts and self.condition == "stated":
            refuse(self, "condition", "its days release it", "leave out instalments and years, or the condition")
        if not self.parts and self.repaid == "waits" and self.condition != "stated":
            refuse(self, "instalments", "nothing ever releases it", "state instalments, or repaid = 'releases'")
        self._must_state_a_reading()
        if len(dict(self.roles)) != len(self.roles):
            refuse(self, "roles", "one of them has two shares", "keep one of them")
        ages = [item.age for item in self.instalments]
        if len({age.unit for age in ages}) > 1:
            refuse(self, "instalments", "some are in months, some in days", "state all in months, or all in days")
        counts = [age.count for age in ages]
        if counts != sorted(set(counts)):
            refuse(
                self, "instalments", f"their {ages[0].unit}s do not rise", "write them from the earliest to the latest"
            )
        if self.condition_months and self.condition_days is not None:
            refuse(self, "condition_days", "condition_months is stated too", "keep one of them")

    def _must_state_a_reading(self) -> None:
        """Refuse a condition by a reading without its indicator, its one bound and dates, and those without it."""
        bounds = (self.at_most is not None) + (self.at_least is not None)
        if (bool(self.indicator), bounds) != ((True, 1) if self.condition == "reading" else (False, 0)):
            remedy = "state indicator and at_most or at_least, exactly where condition is 'reading'"
            refuse(self, "condition", f"condition is {self.condition!r}", remedy)
        if self.condition == "reading" and not self.parts:
            refuse(self, "condition", "no date says when the reading is looked at", "state instalments or years")

    @property
    def parts(self) -> tuple[Instalment, ...]:
        """The instalments, be they stated or equal ones over years."""
        if self.years is None:
            return self.instalments
        share = Fraction(1, self.years)
        return tuple(Instalment(after_months=12 * year, share=share) for year in range(1, self.years + 1))

    def of_role(self, role: str) -> Holdback | None:
        """What holds for a role, which has no choices left; None where nothing is held."""
        share = dict(self.roles).get(role)
        if share == 0:
            return None
        return evolve(self, share=self.share if share is None else share, roles=())

    def must_be_of(self, where: str, *, loans: bool) -> None:
        """Refuse what concerns loans where pay is of none, and what concerns persons where pay is of loans.

        Raises:
            DataError: it says what, and what to do.
        """
        of_loans = ("repaid", "condition_months", "condition_days")
        wrong = [name for name in ("roles", "leavers") if loans] + [name for name in of_loans if not loans]
        wrong = [name for name in wrong if getattr(self, name) != fields_dict(Holdback)[name].default]
        wrong += ["condition"] * (self.condition == ("stated" if loans else "performing"))
        if self.condition == "reading" and not loans:
            raise DataError(f"{where}.condition", "a reading releases what a plan holds", "state dates alone")
        if wrong:
            what = "bonuses and all pay, not of one plan" if loans else "loans, and this pay is of none"
            raise DataError(f"{where}.{wrong[0]}", f"it is of {what}", "leave it out")

    @property
    def condition_age(self) -> Age:
        """How long a loan must have been performing without a break."""
        return Age.of(self.condition_months or None, self.condition_days) or Age(0, "month")
