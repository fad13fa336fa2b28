"""Outcomes: results of periods and rules -> what each person is given, with reasons, and what a person decided."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import permutations
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, because
from loanperf._facts import Facts, Training
from loanperf._periods import Period, Tenor, day
from loanperf._validators import a_code, each_of, is_a, is_same_person, must_be, some_words
from loanperf.errors import DataError
from loanperf.outcomes._conditions import ConditionMet, OutcomeBasis, completed, conditions_of
from loanperf.outcomes._ranks import share_of
from loanperf.outcomes._results import PersonResult, ResultHistory, history_of
from loanperf.outcomes._rules import OutcomeRule, OutcomeRules, PayLadder, opposite
from loanperf.viewer import Viewer, must_be_viewer

Verdict: TypeAlias = Literal["given", "not given", "undecided"]
VERDICTS: Mapping[str, Label] = {
    "given": Label("given", "是"),
    "not given": Label("not given", "否"),
    "undecided": Label("undecided", "待定"),
}
"""What rules or a person come to."""
PAY = "pay"
"""What overrides of pay steps name as their rule."""


@frozen(kw_only=True)
class OutcomeOverride(PlainData):
    """That a person decided otherwise than the rules, or where the rules leave it open; kept beside what they said.

    Raises:
        DataError: somebody would decide on themselves, nothing changes, a code that is none, or no word why.
    """

    payee: str = field(validator=a_code)
    period: Period = field(validator=is_a(Period))
    rule: str = field(validator=a_code)
    """The code of the rule; `pay` of a pay step."""
    before: str = field(validator=a_code)
    """What the rules came to: `given`, `not given` or `undecided`; of pay the step."""
    after: str = field(validator=a_code)
    """What is decided: `given` or `not given`; of pay the step."""
    by: str = field(validator=a_code)
    on: date = field(converter=day)
    why: str = field(validator=some_words)

    def __attrs_post_init__(self) -> None:
        where = f"the override of {self.rule} of {self.payee}"
        if is_same_person(self.by, self.payee):
            raise DataError(where, f"{self.by} would decide on themselves", "let somebody else decide")
        if self.before == self.after:
            raise DataError(where, f"it changes nothing: {self.before}", "leave it out, or say what is decided")


def _why_overridden(override: OutcomeOverride | None) -> tuple[Explanation, ...]:
    if override is None:
        return ()
    before, after = (VERDICTS.get(word, word) for word in (override.before, override.after))
    values = {"by": override.by, "on": str(override.on), "before": before, "after": after, "why": override.why}
    return (because("outcome.override", values),)


@frozen(kw_only=True)
class PersonOutcome(PlainData):
    """What a rule comes to for one person in a period, condition by condition, and what a person decided of it."""

    payee: str
    period: Period
    as_of: date
    rules: str
    """The name of the rules."""
    effective: date
    """The day from which they are in force."""
    code: str
    """Of the rule."""
    name: Label
    """What is given."""
    to_role: str = ""
    """The role to which it promotes; empty where it is no promotion."""
    course: str = ""
    due_on: date | None = None
    """When the course is due; None where there is none."""
    conditions: tuple[ConditionMet, ...]
    against: tuple[Label, ...] = ()
    """What else the person would be given, and contradicts it."""
    override: OutcomeOverride | None = None

    @property
    def proposed(self) -> Verdict:
        """What the rules come to: given where every condition is met, undecided where that cannot be told."""
        met = [condition.met for condition in self.conditions]
        if False in met:
            return "not given"
        return "undecided" if None in met or self.against else "given"

    @property
    def decided(self) -> Verdict:
        """What holds: what a person decided, or else what the rules come to."""
        if self.override is None:
            return self.proposed
        return "given" if self.override.after == "given" else "not given"

    @property
    def training(self) -> Training | None:
        """The course that is due, as a fact for the periods to come; None where none is given."""
        if self.decided != "given" or self.due_on is None:
            return None
        return Training(payee=self.payee, course=self.course, on=self.due_on, source=f"outcomes of {self.period}")

    def explain(self) -> Explanation:
        """Why it is given or not, with each figure and distance; nobody else's figures are in it."""
        values: dict[str, str | Label] = {
            "payee": self.payee,
            "period": str(self.period),
            "name": self.name,
            "verdict": VERDICTS[self.decided],
        }
        reasons = [*_why_overridden(self.override)]
        if self.against:
            en, zh = ", ".join(one.en for one in self.against), "、".join(one.zh for one in self.against)
            reasons.append(because("outcome.opposite", {"names": Label(en, zh), "payee": self.payee}))
        reasons += [condition.reasons for condition in self.conditions]
        if self.training is not None:
            reasons.append(because("outcome.training", {"course": self.course, "on": str(self.due_on)}))
        rules = {"rules": self.rules, "effective": str(self.effective), "on": str(self.as_of)}
        return because("outcome", values, *reasons, because("outcome.rules", rules))


def outcomes_of(
    rules: OutcomeRules,
    results: Iterable[PersonResult],
    period: Period,
    *,
    as_of: date | str,
    viewer: Viewer,
    facts: Facts | None = None,
    overrides: Iterable[OutcomeOverride] = (),
) -> tuple[PersonOutcome, ...]:
    """What each rule comes to for everybody whom it concerns and who has a result in a period.

    Args:
        rules: in force on the first day of the period.
        results: of the period, and of those before it as far as rules look back; in any order.
        period: whose results are put to use.
        as_of: the day of the outcomes, not before the last day of the period: months in a role are counted and courses
            are completed by then.
        viewer: who looks; outcomes of others are left out, and their results count all the same.
        facts: of which trainings say what is completed; asked for where a rule names courses.
        overrides: what persons decided on outcomes of the period; those of `pay` belong to `pay_steps_of`.

    Returns:
        In order of rule, as the rules have them, and payee.

    Raises:
        DataError: the rules are not in force yet; the results are of no sequence of periods, or somebody has two in
            one; a grade is unknown; an override is of somebody or something without an outcome, is given twice, or says
            something else than the rules came to.
        UnitError: a reading is in another unit than its limit, or than that of others who are ranked by it.
    """
    history = _asked(rules, results, period, viewer)
    if facts is None and any(rule.courses for rule in rules.rules):
        raise DataError("facts", "there are none, and a rule names courses", "pass an lp.Facts with trainings")
    done = {} if facts is None else completed(facts)
    asked = OutcomeBasis(history=history, as_of=day(as_of), role_names=dict(rules.role_names), done=done)
    if asked.as_of < period.last_day:
        fault = f"they are asked for as of {asked.as_of}, and it lasts until {period.last_day}"
        raise DataError(f"the outcomes of {period}", fault, "give the last day of the period, or a later one")
    found = dict[tuple[str, str], PersonOutcome]()
    for rule in rules.rules:
        for outcome in _of_rule(rules, rule, asked, period):
            found[outcome.payee, rule.code] = outcome
    found = _without_opposites(rules, found)
    proposed: dict[tuple[str, str], str] = {key: outcome.proposed for key, outcome in found.items()}
    for key, one in _overrides(overrides, period, proposed, ("given", "not given"), of_pay=False).items():
        found[key] = evolve(found[key], override=one)
    return tuple(outcome for outcome in found.values() if viewer.may_see(outcome.payee))


def _asked(rules: OutcomeRules, results: Iterable[PersonResult], period: Period, viewer: Viewer) -> ResultHistory:
    """The results by payee and period, once rules and results are seen to fit.

    Raises:
        DataError: as for `outcomes_of`.
    """
    must_be(rules, OutcomeRules, "the rules", "pass OutcomeRules")
    must_be_viewer(viewer)
    history = history_of(results, period)
    if rules.effective > period.start:
        fault = f"they are in force from {rules.effective}, and {period} begins on {period.start}"
        raise DataError(f"the rules {rules.name}", fault, "pass those that are in force on its first day")
    known = {"", *rules.grades}
    for mine in history.by_payee.values():
        for result in mine.values():
            if result.grade not in known:
                fault = f"its grade is {result.grade!r}, which the rules do not have"
                where = f"the result of {result.payee} in {result.period}"
                raise DataError(where, fault, f"use one of {', '.join(rules.grades) or 'none'}, or add it to grades")
    return history


def _of_rule(rules: OutcomeRules, rule: OutcomeRule, asked: OutcomeBasis, period: Period) -> Iterator[PersonOutcome]:
    """What a rule comes to for everybody whom it concerns, before opposites are compared."""
    now = asked.history.now
    shares = {} if rule.share is None else share_of(now, rule.share, period, asked.role_names)
    due = None if rule.due_days is None else asked.as_of + timedelta(days=rule.due_days)
    for person in now:
        if rule.roles and person.role not in rule.roles:
            continue
        conditions = [*conditions_of(rule, person, asked)]
        if rule.share is not None:
            conditions.insert(0, shares[person.payee])
        yield PersonOutcome(
            payee=person.payee,
            period=period,
            as_of=asked.as_of,
            rules=rules.name,
            effective=rules.effective,
            code=rule.code,
            name=rule.name,
            to_role=rule.to_role,
            course=rule.course,
            due_on=due,
            conditions=tuple(conditions),
        )


def _without_opposites(
    rules: OutcomeRules, found: Mapping[tuple[str, str], PersonOutcome]
) -> dict[tuple[str, str], PersonOutcome]:
    """The outcomes, where one of the top and one of the bottom that the same person would be given are undecided."""
    held, given = {**found}, defaultdict[str, set[str]](set)
    for (payee, code), outcome in found.items():
        if outcome.proposed == "given":
            given[code].add(payee)
    for one, other in permutations(rules.rules, 2):
        for payee in given[one.code] & given[other.code] if opposite(one, other) else ():
            there = held[payee, one.code]
            held[payee, one.code] = evolve(there, against=(*there.against, other.name))
    return held


def _overrides(
    given: Iterable[OutcomeOverride],
    period: Period,
    proposed: Mapping[tuple[str, str], str],
    words: Iterable[str],
    *,
    of_pay: bool,
) -> dict[tuple[str, str], OutcomeOverride]:
    """Overrides by payee and rule, once each is seen to fit what the rules came to.

    Raises:
        DataError: one is of another period, given twice, of nobody or nothing with an outcome, or fits not.
    """
    found, words = dict[tuple[str, str], OutcomeOverride](), tuple(words)
    for one in each_of(given, OutcomeOverride, "the overrides", "pass OutcomeOverride"):
        where, key = f"the override of {one.rule} of {one.payee}", (one.payee, one.rule)
        if one.period != period:
            raise DataError(where, f"it is of {one.period}, and not of {period}", "pass those of the period")
        if one.on < period.start:
            fault = f"it is of {one.on}, and {period} begins on {period.start}"
            raise DataError(where, fault, "give the day on which it was decided")
        if (one.rule == PAY) != of_pay:
            continue
        if key in found:
            raise DataError(where, "it is given twice", "pass the one that holds")
        if key not in proposed:
            raise DataError(where, "there is no such outcome", "name a payee with a result, and a rule for their role")
        if one.before != proposed[key]:
            fault = f"it says that the rules came to {one.before!r}, and they come to {proposed[key]!r}"
            raise DataError(where, fault, "decide anew on what they come to now")
        if one.after not in words:
            raise DataError(where, f"it decides {one.after!r}", f"decide one of {', '.join(words)}")
        found[key] = one
    return found


# ── pay steps ───────────────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class PayStep(PlainData):
    """The pay step of one person after a period: what the grade moves it to, and what a person decided of it."""

    payee: str
    period: Period
    rules: str
    """The name of the rules."""
    effective: date
    """The day from which they are in force."""
    grade: str
    """Empty where the period has none; nobody moves then."""
    before: str
    proposed: str
    """The step to which the grade leads."""
    move: int
    """How many steps up the grade moves somebody; below zero is down."""
    lost: int
    """How many of them an end of the ladder took away."""
    holds_from: date
    """The first day on which the new step holds."""
    override: OutcomeOverride | None = None

    @property
    def decided(self) -> str:
        """The step that holds: what a person decided, or else what the rules come to."""
        return self.proposed if self.override is None else self.override.after

    def explain(self) -> Explanation:
        """Why the step is what it is."""
        values: dict[str, str | Label] = {"payee": self.payee, "period": str(self.period), "before": self.before}
        reasons = [*_why_overridden(self.override)]
        if self.grade:
            reasons.append(because("outcome.grade moves", {"grade": self.grade, "move": f"{self.move:+d}"}))
        else:
            reasons.append(because("outcome.no grade, no move", {}))
        if self.lost:
            reasons.append(because("outcome.at the end", {"step": self.proposed, "lost": str(self.lost)}))
        rules = {"rules": self.rules, "effective": str(self.effective), "on": str(self.period.last_day)}
        reasons.append(because("outcome.rules", rules))
        if self.decided == self.before:
            return because("outcome.pay stays", values, *reasons)
        return because("outcome.pay", values | {"after": self.decided, "on": str(self.holds_from)}, *reasons)


def pay_steps_of(
    rules: OutcomeRules,
    results: Iterable[PersonResult],
    period: Period,
    *,
    steps: Mapping[str, str],
    viewer: Viewer,
    overrides: Iterable[OutcomeOverride] = (),
) -> tuple[PayStep, ...]:
    """Where the grade of a period moves each person on the ladder of pay steps.

    Args:
        rules: in force on the first day of the period, with a ladder of pay.
        results: of the period; those of periods before it are left alone.
        period: whose grades count.
        steps: the step that each payee with a result holds now.
        viewer: who looks; steps of others are left out.
        overrides: what persons decided, with the rule `pay`; those of other rules belong to `outcomes_of`.

    Returns:
        In order of payee.

    Raises:
        DataError: as for `outcomes_of`; the rules have no ladder of pay; somebody has no step, one that the ladder does
            not have, or a step and no result.
    """
    history = _asked(rules, results, period, viewer)
    ladder = rules.pay
    if ladder is None:
        raise DataError(f"the rules {rules.name}", "they have no pay", "give steps, entry, moves and months_after")
    now = history.now
    strangers = sorted({*steps} ^ {one.payee for one in now})
    if strangers:
        fault = f"{', '.join(strangers[:5])} has a step without a result, or a result without a step"
        raise DataError("steps", fault, "give the step of everybody who has a result in the period, and of nobody else")
    found = {one.payee: _step_of(rules, ladder, one, steps[one.payee]) for one in now}
    proposed = {(payee, PAY): step.proposed for payee, step in found.items()}
    for (payee, _), override in _overrides(overrides, period, proposed, ladder.steps, of_pay=True).items():
        found[payee] = evolve(found[payee], override=override)
    return tuple(step for step in found.values() if viewer.may_see(step.payee))


def _step_of(rules: OutcomeRules, ladder: PayLadder, person: PersonResult, before: str) -> PayStep:
    if before not in ladder.steps:
        raise DataError(f"the step of {person.payee}", f"it is {before!r}", f"use one of {', '.join(ladder.steps)}")
    move = dict(ladder.moves).get(person.grade, 0)
    proposed, lost = ladder.moved(before, move)
    return PayStep(
        payee=person.payee,
        period=person.period,
        rules=rules.name,
        effective=rules.effective,
        grade=person.grade,
        before=before,
        proposed=proposed,
        move=move,
        lost=lost,
        holds_from=Tenor(ladder.months_after).after(person.period.end),
    )
