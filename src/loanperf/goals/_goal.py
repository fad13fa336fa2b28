"""Goals: what a unit or person is to reach, when and of which strategy; and what the goals below one come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from loanperf._appraisal import beyond_bounds
from loanperf._data import PlainData
from loanperf._explanations import Label, near_label
from loanperf._indicators import CATALOGUE, Direction, Kind, Ratio, Timing, indicator, refuse_bare
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Number, Quantity, percent, ratio
from loanperf._scorecard import value_of
from loanperf._validators import as_quantity, each_of, is_a, must_be, one_of
from loanperf.errors import DataError

Test: TypeAlias = Literal["at least", "at most"]
"""Whether a goal is reached from its value up, or kept up to it; the value itself is good."""
HandsDown: TypeAlias = Literal["divided", "whole"]
"""`divided`: the parts of those below sum to the goal, as with money and counts. `whole`: all below have the same
limit, as with ratios and averages."""
GoalStanding: TypeAlias = Literal["open", "closed", "archived"]
"""`closed` and `archived` stay so whatever is reached; an archived goal does not count for the one above it."""
Status: TypeAlias = Literal["pending", "in progress", "completed", "closed", "archived"]
"""What is done of an open goal: nothing, a part, or all of it."""


def _as_period(given: Period | str) -> Period:
    return Period.parse(given) if isinstance(given, str) else given


@frozen(kw_only=True)
class Goal(PlainData):
    """What a unit or person is to reach in an indicator over a period, and of which strategy that is a part.

    Raises:
        DataError: a bare number above 1 for a ratio, no code, a period that is none, a value below zero, or beyond what
            an indicator of the catalogue can be.
        UnitError: a value in another unit than the indicator of the catalogue counts in.

    >>> goal = Goal(indicator="npl_ratio", owner="bank", period="2026-06", value="5%", strategy="steady growth")
    >>> goal.test, goal.hands_down
    ('at most', 'whole')
    """

    code: str = field(default="", validator=is_a(str))
    """What tells the goal from others; where it is empty, owner, indicator and period do."""
    indicator: str = field(validator=is_a(str))
    """Code of the indicator in which it is reached; empty where it is only made of goals below it."""
    owner: str = field(validator=is_a(str))
    """Code of the unit or payee whose goal it is."""
    period: Period = field(converter=_as_period)
    """The days over which, or on whose last day, it is to be reached."""
    value: Quantity = field(converter=as_quantity, validator=is_a(Quantity))
    """How much, in the unit in which the indicator counts; zero or more."""
    strategy: str = field(default="", validator=is_a(str))
    """The strategy that it follows from, as it is to be read; empty where none is named."""
    test: Test = field(validator=one_of(Test))
    """Where it is not stated: `at most` for an indicator of the catalogue of which less is better."""
    hands_down: HandsDown = field(validator=one_of(HandsDown))
    """How those below share it. Where it is not stated, ratios, points and averages are handed down whole."""
    timing: Timing = field(validator=one_of(Timing))
    """Whether it adds up day by day; where it is not stated, as the catalogue says, else as its value does."""
    parent: str | None = field(default=None, validator=optional(is_a(str)))
    """Code of the goal that it is a part of."""
    standing: GoalStanding = field(default="open", validator=one_of(GoalStanding))

    @test.default
    def _as_the_indicator_says(self) -> Test:
        lower = self.indicator in CATALOGUE and indicator(self.indicator).direction is Direction.LOWER
        return "at most" if lower else "at least"

    @hands_down.default
    def _as_the_kind_says(self) -> HandsDown:
        if self.indicator in CATALOGUE:
            known = indicator(self.indicator)
            adds_up = known.kind in (Kind.MONEY, Kind.COUNT) and not isinstance(known.measure, Ratio)
            return "divided" if adds_up else "whole"
        adds_up = self.value.unit in {*CURRENCIES, "person"} or self.value.bare
        return "divided" if adds_up else "whole"

    @timing.default
    def _as_it_adds_up(self) -> Timing:
        if self.indicator in CATALOGUE:
            return indicator(self.indicator).timing
        return "flow" if self.hands_down == "divided" else "stock"

    def __attrs_post_init__(self) -> None:
        must_be(self.period, Period, "Goal.period", "pass one such as '2026-06' or lp.Period.month(2026, 6)")
        if not self.owner:
            raise DataError("Goal.owner", "it is empty", "name the unit or payee whose goal it is")
        if not self.code:
            object.__setattr__(self, "code", f"{self.owner}/{self.indicator}/{self.period}")
        if self.value.value < 0:
            raise DataError(f"goal {self.code!r}", f"its value is {self.value}", "give zero or more")
        if self.indicator in CATALOGUE:
            known = indicator(self.indicator)
            if self.value.bare and known.kind is Kind.RATIO:
                refuse_bare(f"goal {self.code!r}", self.value.value, known.most)
            currency = self.value.unit if self.value.unit in CURRENCIES else "CNY"
            beyond = beyond_bounds(known, value_of(known, self.value, currency, f"goal {self.code!r}"))
            if beyond is not None:
                raise DataError(f"goal {self.code!r}", *beyond)
            if known.kind is Kind.RATIO and self.hands_down == "divided":
                fault = f"{self.indicator!r} is a ratio, whose parts do not sum to it"
                raise DataError(f"goal {self.code!r}", fault, "leave hands_down out: a limit is handed down whole")

    def label(self, value: Quantity | None = None) -> str | Label:
        """A value of the goal as printed: ratios in percent, money and points with their unit."""
        shown = self.value if value is None else value
        is_ratio = indicator(self.indicator).kind is Kind.RATIO if self.indicator in CATALOGUE else (
            self.hands_down == "whole" and not shown.unit
        )  # fmt: skip
        return percent(shown.value) if is_ratio else near_label(shown)

    @property
    def name(self) -> Label:
        """What is looked at, in both languages; the code of what the catalogue does not have."""
        return indicator(self.indicator).name if self.indicator in CATALOGUE else Label(self.indicator)


# ── goals below goals ───────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class GoalState(PlainData):
    """How far a goal is."""

    goal: str
    """Its code."""
    share: Fraction
    """Done so far: 1 is all of it; more where it was exceeded."""
    status: Status
    of: int = 0
    """How many goals below it that share is the mean of; 0 where it was given."""

    def __str__(self) -> str:
        return f"{self.goal}: {percent(self.share, 3)}, {self.status}"


def states_of(goals: Iterable[Goal], done: Mapping[str, Number]) -> tuple[GoalState, ...]:
    """How far each goal is: as given, and where goals stand below it, the mean of theirs.

    Each goal below counts the same, and an archived one not at all. A goal of which nothing is given, and below which
    none is left, is at 0%.

    Args:
        goals: in any order; `Goal.parent` says which stands below which.
        done: the share done of goals below which there are none, by code, such as "50%".

    Returns:
        One state a goal, in their order.

    Raises:
        DataError: two goals of one code, a parent that is no goal, goals that are below themselves; a share below
            zero, of no goal, or of one whose share comes from the goals below it.

    >>> year = dict(indicator="loan_amount", period="2026", value="100万元")
    >>> goals = [Goal(code="bank", owner="bank", **year), Goal(code="a", owner="a", parent="bank", **year)]
    >>> print(*states_of(goals, {"a": "50%"}), sep="; ")
    bank: 50%, in progress; a: 50%, in progress
    """
    given = each_of(goals, Goal, "goals", "pass a list of goals")
    by_code = {goal.code: goal for goal in given}
    below = _below(given, by_code)
    shares = {code: ratio(share, f"what is done of goal {code!r}") for code, share in done.items()}
    for code, share in shares.items():
        _must_be_open(code, share, below)
    for code in _from_below(by_code, below):
        if below[code]:
            shares[code] = sum((shares[one] for one in below[code]), Fraction(0)) / len(below[code])
        shares.setdefault(code, Fraction(0))
    return tuple(
        GoalState(goal=code, share=shares[code], status=_status(goal, shares[code]), of=len(below[code]))
        for code, goal in by_code.items()
    )


def _must_be_open(code: str, share: Fraction, below: Mapping[str, list[str]]) -> None:
    """Refuse what is given of no goal, of one that is made of others, or below zero."""
    where = f"what is done of goal {code!r}"
    if code not in below:
        raise DataError(where, "there is no such goal", "pass that goal, or mend its code")
    if below[code]:
        raise DataError(where, "there are goals below it, and its share is their mean", "leave it out")
    if share < 0:
        raise DataError(where, f"it is {percent(share)}", "give 0% or more")


def _below(given: tuple[Goal, ...], by_code: Mapping[str, Goal]) -> dict[str, list[str]]:
    """By code of a goal, those right below it that count."""
    below: dict[str, list[str]] = {code: [] for code in by_code}
    if len(by_code) < len(given):
        twice = next(code for code, count in Counter(goal.code for goal in given).items() if count > 1)
        raise DataError(f"goal {twice!r}", "two goals have this code", "give each a code of its own")
    for goal in given:
        if goal.parent is not None and goal.parent not in by_code:
            fault = f"it is said to be a part of {goal.parent!r}, which is no goal"
            raise DataError(f"goal {goal.code!r}", fault, "pass that goal as well, or mend the code")
        if goal.parent is not None and goal.standing != "archived":
            below[goal.parent].append(goal.code)
    return below


def _from_below(by_code: Mapping[str, Goal], below: Mapping[str, list[str]]) -> list[str]:
    """The codes of goals, each behind those below it."""
    order = [code for code, goal in by_code.items() if goal.parent is None or goal.standing == "archived"]
    for code in order:  # it grows
        order += below[code]
    if missing := sorted(set(by_code) - set(order)):
        fault = f"{missing[0]!r} is a part of itself, by way of the goals above it"
        raise DataError("goals", fault, "give one of them another parent")
    return order[::-1]


def _status(goal: Goal, share: Fraction) -> Status:
    if goal.standing != "open":
        return goal.standing
    return "pending" if share <= 0 else "completed" if share >= 1 else "in progress"
