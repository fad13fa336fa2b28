"""Rules of outcomes: what a result leads to, on which conditions; a dated document, checked when it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import Any, Literal, Self, TypeAlias

from attrs import field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._indicators import CATALOGUE, Kind, indicator, refuse_bare
from loanperf._periods import day
from loanperf._quantities import Quantity, Rounding, percent, rounded
from loanperf._scheme import read_rules
from loanperf._scorecard import Comparison, compares
from loanperf._validators import a_code, as_quantity, as_share, as_tuple, between, in_both, is_a, one_of, pairs_of
from loanperf.errors import DataError

Best: TypeAlias = Literal["highest", "lowest"]
Grouped: TypeAlias = Literal["unit", "role", "unit and role", "all"]
"""Whom a person is compared with: the people of their unit itself, of their role, of both, or everybody."""
Side: TypeAlias = Literal["top", "bottom"]
Ties: TypeAlias = Literal["all in", "all out"]
MissingPeriod: TypeAlias = Literal["against", "ignored", "passed over", "undecided"]
"""What a period without a grade is, such as before somebody came or while they were on leave. `against`: it speaks
against the person. `ignored`: it has none of the grades. `passed over`: a period further back takes its place.
`undecided`: the condition is open where it depends on that period."""
SCORE = "score"
"""The key that is the score, and no reading."""


@frozen(kw_only=True)
class RankKey(PlainData):
    """By what people are ranked: the score, or the reading of an indicator."""

    of: str = field(validator=a_code)
    """`score`, or the code of an indicator."""
    best: Best = field(validator=one_of(Best))
    """Whether the highest or the lowest is the best."""


_KEYS = deep_iterable(is_a(RankKey), is_a(tuple))


def must_be_keys(where: str, keys: tuple[RankKey, ...]) -> None:
    """Refuse keys of which there is none, or one twice.

    Raises:
        DataError: so it is.
    """
    codes = [key.of for key in keys]
    if not codes or len(set(codes)) < len(codes):
        fault = f"its keys are {', '.join(codes) or 'none'}"
        raise DataError(where, fault, "give one key or more, each once, such as { of = 'score', best = 'highest' }")


@frozen(kw_only=True)
class RankShare(PlainData):
    """The top or bottom part of a group: how many places that is, and who takes them where people are equal.

    Places are part × people, rounded once. Who is equal to others in all keys, those of `split` included, is in with
    all of them or out with all of them.

    Raises:
        DataError: a part of 0% or above 100%, no key or one twice.

    >>> top = RankShare(
    ...     side="top",
    ...     part="10%",
    ...     group="unit",
    ...     by=[RankKey(of="score", best="highest")],
    ...     rounding=Rounding.DOWN,
    ...     ties="all in",
    ...     smallest=5,
    ... )
    >>> [top.places(people) for people in (9, 10, 29)]
    [0, 1, 2]
    """

    side: Side = field(validator=one_of(Side))
    part: Fraction = field(converter=as_share, validator=between(0, 1))
    """Above 0%, 100% at most."""
    group: Grouped = field(validator=one_of(Grouped))
    by: tuple[RankKey, ...] = field(converter=as_tuple, validator=_KEYS)
    """Keys by which people are ranked, the first before the others; whoever is equal in all of them shares a rank."""
    split: tuple[RankKey, ...] = field(default=(), converter=as_tuple, validator=_KEYS)
    """Keys that part people of one rank where places do not suffice; they change no rank."""
    rounding: Rounding = field(validator=is_a(Rounding))
    """How a fraction of a person is rounded, such as `down`, `up` or `half up`."""
    ties: Ties = field(validator=one_of(Ties))
    """What becomes of people who are equal where places do not suffice for all of them."""
    smallest: int = field(validator=between(1, None, int))
    """The fewest ranked people of a group to which it applies; in a smaller one it is undecided, and a person
    may decide it."""

    def __attrs_post_init__(self) -> None:
        if not self.part:
            raise DataError("RankShare.part", "it is 0%", "give a part above 0%, such as '10%'")
        must_be_keys("RankShare.by", (*self.by, *self.split))

    def places(self, people: int) -> int:
        """How many places there are among so many people."""
        return int(rounded(self.part * people, 0, self.rounding))

    @property
    def label(self) -> Label:
        """What it is called in reasons."""
        part = percent(self.part)
        return Label(f"{self.side} {part}", f"{'前' if self.side == 'top' else '后'} {part}")


@frozen(kw_only=True)
class GradeCount(PlainData):
    """How often grades are asked for, or allowed, in the last periods: A twice in three quarters, no D in four.

    Raises:
        DataError: no grade, both bounds or neither, or a bound that nobody can miss or reach.

    >>> twice = GradeCount(grades=["A"], at_least=2, periods=3, missing="ignored")
    >>> never = GradeCount(grades=["D"], at_most=0, periods=4, missing="undecided")
    """

    grades: tuple[str, ...] = field(converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Any of these is counted."""
    at_least: int | None = field(default=None, validator=optional(between(1, None, int)))
    """How often they are asked for."""
    at_most: int | None = field(default=None, validator=optional(between(0, None, int)))
    """How often they are allowed."""
    periods: int = field(validator=between(1, 100, int))
    """How many periods are looked at, that of the outcome and those before it; 1 to 100."""
    missing: MissingPeriod = field(validator=one_of(MissingPeriod))
    in_a_row: bool = field(default=False, validator=is_a(bool))
    """Whether they have to be in consecutive periods; only with `at_least`."""

    def __attrs_post_init__(self) -> None:
        if not self.grades or len(set(self.grades)) < len(self.grades):
            raise DataError("GradeCount.grades", "it has none, or one twice", "name one grade or more, each once")
        if (self.at_least is None) == (self.at_most is None):
            raise DataError("GradeCount.at_least", "it and at_most are both there or both missing", "give one of them")
        if (self.at_least or 0) > self.periods or (self.at_most or 0) >= self.periods:
            fault = (
                f"it is {self.at_least or self.at_most} in {self.periods} period(s), which everybody or nobody meets"
            )
            where = "at_most" if self.at_least is None else "at_least"
            raise DataError(f"GradeCount.{where}", fault, "give a bound within the periods that are looked at")
        if self.in_a_row and self.at_least is None:
            raise DataError("GradeCount.in_a_row", "it is said of at_most", "leave it out, or give at_least")


@frozen(kw_only=True)
class ReadingLimit(PlainData):
    """What the reading of an indicator in the period has to be, such as an NPL ratio of at most 3%.

    Raises:
        DataError: a ratio above 100% without its sign.
    """

    indicator: str = field(validator=a_code)
    test: Comparison = field(validator=one_of(Comparison))
    """How the reading is compared with the limit. The reading is not rounded first. A reading equal to the limit meets
    `at least` and `at most`, and does not meet `above` and `below`."""
    limit: Quantity = field(converter=as_quantity, validator=is_a(Quantity))
    """In the unit of the indicator."""

    def __attrs_post_init__(self) -> None:
        is_ratio = self.indicator in CATALOGUE and indicator(self.indicator).kind is Kind.RATIO
        if is_ratio and self.limit.bare:
            refuse_bare("ReadingLimit.limit", self.limit.value)

    def holds(self, value: Fraction) -> bool:
        """Whether a reading, unrounded, is as it has to be."""
        return compares(value, self.test, self.limit.value)


@frozen(kw_only=True)
class OutcomeRule(PlainData):
    """What is given to whoever meets every one of its conditions: a right, a training that is due, a role.

    Raises:
        DataError: no condition, a course without days, or days without a course.
    """

    code: str = field(validator=a_code)
    name: Label = field(validator=in_both)
    """What is given, such as `Label("eligible for promotion", "晋升候选")`."""
    roles: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Whom it concerns; nobody named is everybody. Ranks go by `group` of the share, whatever stands here."""
    share: RankShare | None = field(default=None, validator=optional(is_a(RankShare)))
    months_in_role: int | None = field(default=None, validator=optional(between(1, None, int)))
    """Whole months for which somebody has had their role, by the calendar, by the end of the day of the outcomes."""
    grades: tuple[GradeCount, ...] = field(
        default=(), converter=as_tuple, validator=deep_iterable(is_a(GradeCount), is_a(tuple))
    )
    limits: tuple[ReadingLimit, ...] = field(
        default=(), converter=as_tuple, validator=deep_iterable(is_a(ReadingLimit), is_a(tuple))
    )
    courses: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Courses that have to be completed by the day of the outcomes."""
    to_role: str = field(default="", validator=is_a(str))
    """The role to which it proposes to promote: of `OutcomeRules.ladder`, the next above the one that it concerns."""
    course: str = field(default="", validator=is_a(str))
    """The course that becomes due; empty is none."""
    due_days: int | None = field(default=None, validator=optional(between(1, None, int)))
    """Days after that of the outcome on which the course is due."""

    def __attrs_post_init__(self) -> None:
        where = f"the rule {self.code}"
        if not (self.share or self.months_in_role or self.grades or self.limits or self.courses):
            raise DataError(where, "it has no condition", "give share, months_in_role, grades, limits or courses")
        if bool(self.course) != (self.due_days is not None):
            raise DataError(where, "it has a course without days, or days without a course", "give both or neither")
        if self.to_role and len(self.roles) != 1:
            raise DataError(where, "it promotes, and concerns not just one role", "name the role below in roles")


def _as_moves(given: Any) -> Any:
    pairs = given.items() if isinstance(given, Mapping) else given
    return tuple(map(tuple, pairs)) if isinstance(pairs, Iterable) and not isinstance(pairs, str) else pairs


@frozen(kw_only=True)
class PayLadder(PlainData):
    """Pay steps, and by how many of them a grade moves a person up or down; nobody moves past an end.

    Raises:
        DataError: fewer than two steps, one twice, an entry that is none of them, or a step that nobody can reach.
    """

    steps: tuple[str, ...] = field(converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes, the lowest first."""
    entry: str = field(validator=a_code)
    """The step at which people begin."""
    moves: tuple[tuple[str, int], ...] = field(
        converter=_as_moves,
        validator=pairs_of(is_a(int)),
    )
    """Steps up by grade; below zero they are steps down. Every grade has one."""
    months_after: int = field(validator=between(0, 120, int))
    """Whole months from the first day after the period until the new step holds; 0 is that day."""

    def __attrs_post_init__(self) -> None:
        if len(self.steps) < 2 or len(set(self.steps)) < len(self.steps):
            raise DataError("PayLadder.steps", "it has fewer than two, or one twice", "give two or more, each once")
        if self.entry not in self.steps:
            raise DataError("PayLadder.entry", f"{self.entry!r} is none of its steps", "name one of them")
        grades = [grade for grade, _ in self.moves]
        if len(set(grades)) < len(grades):
            raise DataError("PayLadder.moves", "a grade stands twice", "say it once")
        lost = [step for step in self.steps if step not in self._reached()]
        if lost:
            fault = f"{', '.join(lost)} cannot be reached from {self.entry}"
            raise DataError("PayLadder.steps", fault, "leave them out, or let a grade move there")

    def _reached(self) -> set[str]:
        found, waiting = {self.entry}, [self.entry]
        while waiting:
            step = waiting.pop()
            fresh = {self.moved(step, by)[0] for _, by in self.moves} - found
            found |= fresh
            waiting += fresh
        return found

    def moved(self, step: str, by: int) -> tuple[str, int]:
        """The step that many steps from another, and how many steps an end of the ladder took away."""
        place = self.steps.index(step) + by
        held = min(max(place, 0), len(self.steps) - 1)
        return self.steps[held], abs(place - held)


@frozen(kw_only=True)
class OutcomeRules(PlainData):
    """What results of periods are put to use for: a document with a day from which it holds.

    Raises:
        DataError: a grade that is not among its grades, a code twice, shares of one group that overlap, or a role of
            the ladder that no rule leads to from the one below.
    """

    name: str = field(validator=a_code)
    effective: date = field(converter=day)
    """The first day on which it is in force: it is used for periods that begin on it or later."""
    grades: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Codes of all grades that results have, the best first."""
    ladder: tuple[str, ...] = field(default=(), converter=as_tuple, validator=deep_iterable(a_code, is_a(tuple)))
    """Roles to which people are promoted, the lowest first; empty where nobody is."""
    role_names: tuple[tuple[str, Label], ...] = field(default=(), converter=_as_moves, validator=pairs_of(in_both))
    """What roles are called in reasons, by code; a role that is not named is shown by its code."""
    rules: tuple[OutcomeRule, ...] = field(
        default=(), converter=as_tuple, validator=deep_iterable(is_a(OutcomeRule), is_a(tuple))
    )
    pay: PayLadder | None = field(default=None, validator=optional(is_a(PayLadder)))

    def __attrs_post_init__(self) -> None:
        _must_be_once("OutcomeRules.grades", self.grades)
        _must_be_once("OutcomeRules.ladder", self.ladder)
        _must_be_once("OutcomeRules.role_names", [code for code, _ in self.role_names])
        _must_be_once("OutcomeRules.rules", [rule.code for rule in self.rules])
        moves: tuple[tuple[str, int], ...] = () if self.pay is None else self.pay.moves
        asked = [grade for rule in self.rules for one in rule.grades for grade in one.grades]
        for grade in (*asked, *(grade for grade, _ in moves)):
            if grade not in self.grades:
                known = ", ".join(self.grades) or "none"
                raise DataError("OutcomeRules.grades", f"a rule names {grade!r}", f"add it, or use one of {known}")
        left = sorted({*self.grades} - {grade for grade, _ in moves})
        if left and self.pay is not None:
            raise DataError("OutcomeRules.pay", f"it says nothing of {', '.join(left)}", "give 0 where nobody moves")
        self._must_not_overlap()
        self._must_lead_up()

    def _must_not_overlap(self) -> None:
        """Refuse a top and a bottom share of one group that are more than everybody."""
        for one, other in combinations([rule for rule in self.rules if rule.share], 2):
            if opposite(one, other) and one.share and other.share and one.share.group == other.share.group:
                total = one.share.part + other.share.part
                if total > 1:
                    fault = f"{one.code} and {other.code} take {percent(total)} of one group from both ends"
                    raise DataError("OutcomeRules.rules", fault, "let them sum to 100% at most")

    def _must_lead_up(self) -> None:
        below = dict(zip(self.ladder[1:], self.ladder, strict=False))
        for rule in self.rules:
            if rule.to_role and below.get(rule.to_role) != rule.roles[0]:
                fault = f"{rule.code} promotes from {rule.roles[0]} to {rule.to_role}"
                raise DataError("OutcomeRules.ladder", fault, "promote to the role that comes next in the ladder")
        lost = [role for role in below if role not in {rule.to_role for rule in self.rules}]
        if lost:
            fault = f"no rule promotes to {', '.join(lost)}"
            raise DataError("OutcomeRules.ladder", fault, "add a rule for it, or leave the role out")

    @classmethod
    def parse(cls, text: str, form: Literal["toml", "json"] = "toml", *, source: str = "the document") -> Self:
        """Rules from the text of a document.

        Raises:
            SchemeError: everything that is wrong with it, each with its path, line and column.
        """
        return read_rules(text, cls, form, source=source)


def opposite(one: OutcomeRule, other: OutcomeRule) -> bool:
    """Whether two rules take the top and the bottom: what is given by both contradicts itself."""
    return one.share is not None and other.share is not None and one.share.side != other.share.side


def _must_be_once(where: str, codes: Iterable[str]) -> None:
    given = [*codes]
    twice = sorted({code for code in given if given.count(code) > 1})
    if twice:
        raise DataError(where, f"{', '.join(twice)} stands twice", "leave one out")
