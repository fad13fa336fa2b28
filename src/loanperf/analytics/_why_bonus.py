"""Why bonuses differ: (awards of two periods) -> steps from one to the other, each worked by the program that pays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest

from attrs import evolve, frozen

from loanperf._appraisal import Appraisal, Calibrated, ScoredLine, appraise
from loanperf._bonus import Award, award
from loanperf._explanations import Label, in_words
from loanperf._indicators import indicator_label
from loanperf._quantities import Money, Quantity, Rounding
from loanperf._scorecard import Card, is_weighed, value_near
from loanperf.analytics._changes import FoundStep, from_to
from loanperf.errors import AwardError, LoanPerfError
from loanperf.run import Result

NO_LABEL = Label("")


@frozen(kw_only=True)
class _State:
    """What a bonus is worked from: the card, and what it looks at."""

    card: Card
    seen: Mapping[str, Quantity]
    """By indicator: the readings that are scored."""
    looked: Mapping[str, Quantity]
    """By code: the readings that gates and coefficients look at."""
    goals: Mapping[str, Quantity]
    base: Money | None
    days: tuple[int, int] | None
    calibrated: Calibrated | None = None
    limits: frozenset[str] = frozenset()
    """Which of veto, calibration, cap and floor count."""

    def amount(self) -> Fraction:
        """What is paid, in whole currency, rounded as the plan says."""
        card = _within(self.card, self.limits)
        bonus, goals = card.bonus, {code: goal for code, goal in self.goals.items() if is_weighed(card, code)}
        scored, seen = (appraise(card, goals, self._of(card, given)) for given in (self.seen, self.looked))
        given = {} if self.base is None else {_BASES[card.bonus.unit if card.bonus else "amount"]: str(self.base)}
        decided = self.calibrated if "calibration" in self.limits else None
        if decided is not None:
            scored = evolve(scored, payee=decided.payee)
        paid = award(bonus, evolve(scored, readings=seen.readings), **given, days=self.days, calibrated=decided)
        return paid.amount.exact

    def _of(self, card: Card, given: Mapping[str, Quantity]) -> Mapping[str, Quantity]:
        known = {*(item.code for item in card.others), *(line.indicator.code for line in card.lines)}
        return {code: value for code, value in given.items() if code in known}


_BASES = {"month": "month", "share": "base", "amount": "base"}
_LIMITS = ("veto", "calibration", "cap", "floor")


def _within(card: Card, limits: frozenset[str]) -> Card:
    """A card with those of its limits that count, and targets as they come."""
    bonus = card.bonus
    if bonus is not None:
        cap, floor = (getattr(bonus, name) if name in limits else None for name in ("cap", "floor"))
        bonus = evolve(bonus, cap=cap, floor=floor)
    lines = tuple(evolve(line, target_at_most=None) for line in card.lines)
    return evolve(card, lines=lines, bonus=bonus, vetoes=card.vetoes if "veto" in limits else ())


def bonus_steps(before: Sequence[Result | Award], after: Sequence[Result | Award]) -> Iterator[FoundStep]:
    """The steps from the bonuses of one period to those of another, of one payee; they sum to the difference, exactly.

    Those of one role are compared in order of time; a bonus that the other period has no counterpart of is one step.
    """
    roles = dict.fromkeys(map(_role, (*before, *after)))
    for role in roles:
        pairs = zip_longest(*([one for one in some if _role(one) == role] for some in (before, after)))
        for first, second in pairs:
            yield from _steps(first, second)


def _role(one: Result | Award) -> str:
    return one.assignment.role if isinstance(one, Result) else ""


def award_of(one: Result | Award | None) -> Award | None:
    """The bonus of a result; None where there is none."""
    return one.award if isinstance(one, Result) else one


def _steps(first: Result | Award | None, second: Result | Award | None) -> Iterator[FoundStep]:
    before, after = award_of(first), award_of(second)
    if before is None or after is None:
        yield from _alone(before, sign=-1)
        yield from _alone(after, sign=1)
        return
    try:
        yield from [*_between(_state(before, first), _state(after, second), before, after)]
    except LoanPerfError as error:
        yield _whole(before, after, str(error))


def _alone(given: Award | None, *, sign: int) -> Iterator[FoundStep]:
    """A bonus that one of the periods has alone."""
    if given is not None:
        amount = in_words(given.amount, "zh")
        why = Label(f"{given.amount} for {given.period} alone", f"仅 {given.period} 有 {amount}")
        yield FoundStep(kind="assignment", about=NO_LABEL, exact=sign * given.amount.exact, why=why)


def _whole(before: Award, after: Award, why: str) -> FoundStep:
    amounts = from_to(str(before.amount), str(after.amount))
    said = Label(f"{amounts.en}; {why}", f"{amounts.to('zh')}；无法拆分：{why}")
    return FoundStep(kind="bonus", about=NO_LABEL, exact=after.amount.exact - before.amount.exact, why=said)


def _state(given: Award, of: Result | Award | None) -> _State:
    """What an award was worked from, with all of its limits.

    Raises:
        AwardError: the same program comes to another amount, so another rule made it.
    """
    appraisal, told = given.appraisal, {step.rule: dict(step.values) for step in given.steps}
    base, days = told.get("award.base"), told.get("award.days")
    readings = {one.indicator: one.value for one in appraisal.readings if one.value is not None}
    found = _State(
        card=appraisal.card,
        seen=readings,
        looked=readings,
        goals={one.line.indicator.code: one.target for one in appraisal.lines if one.target is not None},
        base=None if base is None else Money.of(str(base["base"])),
        days=None if days is None else (int(str(days["days"])), int(str(days["of"]))),
        calibrated=of.calibrated if isinstance(of, Result) else None,
        limits=frozenset(_LIMITS),
    )
    if appraisal.card.bonus is None or found.amount() != given.amount.exact:
        fault = f"the bonus of {given.period} was made by another rule, such as a pool"
        raise AwardError(fault, "it is compared as a whole")
    return found


# ── the steps ───────────────────────────────────────────────────────────────────────────────────────────────


def _between(one: _State, two: _State, before: Award, after: Award) -> Iterator[FoundStep]:
    """Indicators, gates and coefficients, rules, days, base; then what veto, calibration, cap and floor change."""
    state = evolve(one, limits=frozenset())
    amount = state.amount()
    for kind, about, why, following in _moves(state, two, before, after):
        now = following.amount()
        yield FoundStep(kind=kind, about=about, exact=now - amount, why=why)
        amount = now
    for kind, (was, now) in zip(_LIMITS, zip(_effects(one), _effects(two), strict=True), strict=True):
        yield FoundStep(kind=kind, about=NO_LABEL, exact=now - was, why=_limited(kind, before, after, (was, now)))


def _effects(state: _State) -> Iterator[Fraction]:
    """What each limit changes of an amount, in order."""
    counted, amount = frozenset[str](), evolve(state, limits=frozenset()).amount()
    for kind in _LIMITS:
        counted |= {kind}
        now = evolve(state, limits=counted).amount()
        yield now - amount
        amount = now


def _moves(state: _State, two: _State, before: Award, after: Award) -> Iterator[tuple[str, Label, Label, _State]]:
    """Each thing that becomes that of the second period, with why, and all of the state from then on."""
    for line in state.card.lines:
        code = line.indicator.code
        if code in _same(state.card, two.card):
            state = evolve(state, seen=_with(state.seen, two.seen, code), goals=_with(state.goals, two.goals, code))
            yield "indicator", line.indicator.name, _scored(before.appraisal, after.appraisal, code), state
    bonus = state.card.bonus
    for code in dict.fromkeys(bonus.looks_at if bonus else ()):
        if code in _same(state.card, two.card):
            kind = "gate" if bonus and any(gate.looks_at == code for gate in bonus.gates) else "multiplier"
            state = evolve(state, looked=_with(state.looked, two.looked, code))
            yield kind, state.card.indicator(code).name, _looked(before.appraisal, after.appraisal, code), state
    state = evolve(state, card=two.card, seen=two.seen, looked=two.looked, goals=two.goals)
    yield "rules", NO_LABEL, _ruled(state.card, before.appraisal.card), state
    state = evolve(state, days=two.days)
    yield "days", NO_LABEL, from_to(_days(before), _days(after)), state
    state = evolve(state, base=two.base)
    yield "base", NO_LABEL, from_to(_based(before), _based(after)), state


def _same(one: Card, two: Card) -> frozenset[str]:
    """The codes that mean the same on both cards."""
    both = [
        {item.code: item for item in (*card.others, *(line.indicator for line in card.lines))} for card in (one, two)
    ]
    return frozenset(code for code, item in both[0].items() if both[1].get(code) == item)


def _with(these: Mapping[str, Quantity], those: Mapping[str, Quantity], code: str) -> Mapping[str, Quantity]:
    """Values with that of one code taken from others; without it where they have none."""
    found = {name: value for name, value in these.items() if name != code}
    return found | ({code: those[code]} if code in those else {})


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────


def _line(appraisal: Appraisal, code: str) -> ScoredLine | None:
    return next((one for one in appraisal.lines if one.line.indicator.code == code), None)


def _scored(before: Appraisal, after: Appraisal, code: str) -> Label:
    """Reading, target and points of an indicator in both periods; its weight where that differs."""
    one, two = _line(before, code), _line(after, code)
    read, aimed = (from_to(*(_value(line, name) for line in (one, two))) for name in ("reading", "target"))
    points = from_to(*("" if line is None else str(line.points) for line in (one, two)))
    return Label(
        f"reading {read.en}; target {aimed.en}; points {points.en}",
        f"完成值 {read.to('zh')}；目标 {aimed.to('zh')}；得分 {points.to('zh')}",
    )


def _value(line: ScoredLine | None, name: str) -> str | Label:
    if line is None:
        return _NOTHING
    read = None if line.reading is None else line.reading.value
    value = line.target if name == "target" else read
    return _NOTHING if value is None else value_near(line.line.indicator, value)


_NOTHING = Label("none", "无")


def _looked(before: Appraisal, after: Appraisal, code: str) -> Label:
    def value(appraisal: Appraisal) -> str | Label:
        found = next((one.value for one in appraisal.readings if one.indicator == code), None)
        return _NOTHING if found is None else value_near(appraisal.card.indicator(code), found)

    return from_to(value(before), value(after))


def _ruled(card: Card, was: Card) -> Label:
    """Which version, profile and phase hold."""
    texts = [" ".join(part for part in (one.version, one.profile, one.phase) if part) for one in (was, card)]
    return from_to(*texts)


def _days(given: Award) -> str | Label:
    found = next((dict(step.values) for step in given.steps if step.rule == "award.days"), None)
    return Label("the whole period", "整期") if found is None else f"{found['days']}/{found['of']}"


def _based(given: Award) -> str | Label:
    found = next((dict(step.values)["base"] for step in given.steps if step.rule == "award.base"), None)
    return _NOTHING if found is None else found


def _limited(kind: str, before: Award, after: Award, effects: tuple[Fraction, Fraction]) -> Label:
    """What a limit changes of the amount in both periods."""
    currency = before.amount.currency
    amounts = [str(Money.rounded(one, currency, Rounding.HALF_EVEN)) for one in effects]
    said = from_to(*amounts)
    codes = [veto.indicator for one in (before, after) for veto in one.appraisal.vetoes]
    if kind != "veto" or not codes:
        return Label(f"it changes the bonus by {said.en}", f"对奖金的影响 {said.to('zh')}")
    names = [indicator_label(code) for code in dict.fromkeys(codes)]
    en, zh = ", ".join(name.en for name in names), "、".join(name.to("zh") for name in names)
    return Label(f"{en}; it changes the bonus by {said.en}", f"{zh}；对奖金的影响 {said.to('zh')}")
