"""Strategy map: (goals of a company, scheme) -> the next version of the scheme, by which everybody works for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from attrs import converters, evolve, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, because
from loanperf._indicators import BOUNDS
from loanperf._org import Organisation
from loanperf._periods import Period, day, holds_on
from loanperf._quantities import Number, percent
from loanperf._scheme import Change, Scheme, diff, dimensions_of, weights_in
from loanperf._scheme._rebalance import rebalance
from loanperf._scheme._resolve import phase_on
from loanperf._scorecard import Phase, Profile, Veto, value_of
from loanperf._validators import as_points, as_share, as_tuple, between, each_of, is_a, must_be, one_of
from loanperf.errors import DataError, Problem, ResolveError, TargetError
from loanperf.goals._goal import Goal
from loanperf.goals._reasons import goal_reason

LimitAs: TypeAlias = Literal["target", "veto", "target and veto", "cascade"]
"""What the value of a goal becomes: the target of everybody, a veto (一票否决), or both; `cascade`: nothing in the
scheme, since each has a target of their own by `cascade`."""


@frozen(kw_only=True)
class StrategyLine(PlainData):
    """What a goal of a company becomes in the scheme: an indicator with a weight, and its value as target or veto.

    Raises:
        DataError: it changes nothing; a goal that is divided has its value as a target of everybody.

    >>> goal = Goal(indicator="npl_ratio", owner="bank", period="2026", value="5%")
    >>> StrategyLine(goal=goal, weight="30%").limit
    'target'
    """

    goal: Goal = field(validator=is_a(Goal))
    weight: Fraction | None = field(
        default=None, converter=converters.optional(as_share), validator=optional(between(0, 1))
    )
    """What its indicator weighs from then on; the others scale to 100%. None leaves the weights as they are."""
    limit: LimitAs = field(validator=one_of(LimitAs))
    """Where it is not stated: `target` of a goal that is handed down whole, and `cascade` of one that is divided."""
    score: Decimal = field(default=Decimal(0), converter=as_points, validator=is_a(Decimal))
    """What the whole score is at most past a veto, in points."""

    @limit.default
    def _as_it_is_handed_down(self) -> LimitAs:
        return "target" if self.goal.hands_down == "whole" else "cascade"

    def __attrs_post_init__(self) -> None:
        where = f"the strategy line of goal {self.goal.code!r}"
        if self.weight is None and self.limit == "cascade":
            raise DataError(
                where, "it has neither weight nor limit", "state a weight, or that its value is a target or veto"
            )
        if self.limit != "cascade" and self.goal.hands_down == "divided":
            fault = f"{self.goal.value} is a goal of all together, and cannot be the {self.limit} of each"
            raise DataError(where, fault, "leave limit out, and hand the goal down by cascade")


@frozen(kw_only=True)
class StrategyMap(PlainData):
    """The goals of a strategy, and what each becomes in the scheme.

    Raises:
        DataError: no line, or two lines of one indicator.
    """

    strategy: str = field(validator=is_a(str))
    """Its name, as it is to be read."""
    lines: tuple[StrategyLine, ...] = field(
        converter=as_tuple, validator=deep_iterable(is_a(StrategyLine), is_a(tuple))
    )

    @lines.validator
    def _one_each(self, _: object, lines: tuple[StrategyLine, ...]) -> None:
        codes = [line.goal.indicator for line in lines]
        if not codes or len(set(codes)) < len(codes):
            fault = "there is no line" if not codes else "two lines have one indicator"
            raise DataError("StrategyMap.lines", fault, "state one line for each indicator")

    def apply(
        self, scheme: Scheme, *, effective: date | str, profiles: Iterable[str] = (), step: Number = "1%"
    ) -> MappedStrategy:
        """The next version of a scheme, in which the goals weigh and limit as the map says.

        The weights that change are those that hold on the effective day: of the phase where it has its own, else of the
        profile.

        Args:
            scheme: as it is; it stays so.
            effective: the first day of the new version.
            profiles: codes of the profiles; none is all that stand alone.
            step: what a scaled weight is a multiple of.

        Raises:
            WeightsError: the weights cannot land on 100%, or the phase forbids them; it says why.
            TargetError: a target above what the phase allows.
            UnknownIndicatorError: an indicator that neither the scheme nor the catalogue has.
            UnitError: a value in another unit than its indicator.
            ResolveError: no such profile; a day that is not after the version's own.
            SchemeError: the scheme does not say how a new indicator scores.

        >>> import loanperf as lp
        >>> npl = Goal(indicator="npl_ratio", owner="bank", period="2026-H2", value="5%")
        >>> caution = StrategyMap(strategy="steady growth", lines=[StrategyLine(goal=npl, weight="30%")])
        >>> new = caution.apply(lp.template("consumer-finance"), effective="2026-07-01", profiles=["standard"])
        >>> print(*new.changes[1:3], sep=chr(10))
        in profile standard, the weight of loan amount falls from 30% to 26%
        in profile standard, the weight of disbursed amount falls from 15% to 13%
        """
        must_be(scheme, Scheme, "the scheme", "pass an lp.Scheme, such as lp.read_scheme(path)")
        on = day(effective)
        if on <= scheme.effective:
            remedy = f"choose a day after {scheme.effective}"
            raise ResolveError(f"a version from {on}", "it does not follow this one", remedy)
        named = each_of(profiles, str, "profiles", "pass a list of codes")
        chosen = [scheme.profile(code) for code in named] or [item for item in scheme.profiles if not item.is_on_top]
        if not chosen:
            raise ResolveError("a profile", f"scheme {scheme.name!r} has none", "add [profiles.NAME.weights]")
        phase = phase_on(scheme, on)
        for line in self.lines:
            _must_be_allowed(line, scheme, phase)
        changed = _reweighted(scheme, self, chosen, phase, step)
        after = evolve(scheme, effective=on, vetoes=_with_those_of(scheme, self), **changed)
        return MappedStrategy(map=self, before=scheme, scheme=after, profiles=tuple(item.code for item in chosen))


@frozen(kw_only=True)
class MappedStrategy(PlainData):
    """The version of a scheme that a strategy asks for: its weights and limits, what changed, and why."""

    map: StrategyMap
    before: Scheme
    scheme: Scheme
    """The next version; publish it in a `SchemeBook`."""
    profiles: tuple[str, ...]
    """Codes of the profiles that it changed."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is otherwise than before; see `lp.diff`."""
        return diff(self.before, self.scheme)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Units that have set weights or targets of their own, which hold there in place of those of the strategy."""
        return tuple(_apart(self))

    def explain(self) -> Explanation:
        """What each goal of the company became, and what the phase asked."""
        return because("strategy", self._head(), *(self._line(line) for line in self.map.lines))

    def explain_to(self, payee: str, organisation: Organisation) -> Explanation:
        """What the strategy means for one payee on the first day of the version, from the company down.

        Raises:
            NoAssignmentError: nothing is said of the payee on that day.
            ResolveError: no profile fits the payee.
        """
        on = self.scheme.effective
        held = organisation.assignment(payee, on)
        path = organisation.path(held.unit, on) if organisation.units else (held.unit,)
        of: dict[str, str] = {"role": held.role, "product_line": held.product_line, "tier": held.tier}
        card = self.scheme.resolve(period=Period(on, Period.month(on.year, on.month).end), units=path, **of)
        lines = {line.indicator.code: line for line in card.lines}
        way = because("strategy.path", {"units": " → ".join((*path, payee)), "profile": card.profile})
        nodes = []
        for line in self.map.lines:
            found = lines.get(line.goal.indicator)
            if found is None:
                nodes.append(self._line(line))
                continue
            by_cascade = line.limit == "cascade" or found.target is None
            target = Label("by cascade", "由目标分解得出") if by_cascade else line.goal.label(found.target)
            values: dict[str, str | Label] = {"payee": payee, "indicator": line.goal.name}
            values |= {"weight": percent(found.weight), "target": target}
            nodes.append(because("strategy.of payee", values, way, self._line(line, *card.profile.split(" + "))))
        return because("strategy", self._head(), *nodes)

    def _head(self) -> dict[str, str | Label]:
        return {
            "strategy": self.map.strategy,
            "scheme": self.scheme.name,
            "effective": str(self.scheme.effective),
            "version": self.scheme.fingerprint,
        }

    def _line(self, line: StrategyLine, *profiles: str) -> Explanation:
        """What a goal became in some profiles; in all that were changed, where none is named."""
        on, found = self.scheme.effective, list[Explanation]()
        was, phase = (phase_on(scheme, on) for scheme in (self.before, self.scheme))
        code = line.goal.indicator
        for profile in (item for item in self.profiles if not profiles or item in profiles):
            before = dict(weights_in(self.before.profile(profile), was))
            after = dict(weights_in(self.scheme.profile(profile), phase))
            if line.weight is not None:
                weights = {"weight": percent(after[code]), "before": percent(before.get(code, Fraction(0)))}
                found.append(because("strategy.weight", {"profile": profile, **weights}))
            if "target" in line.limit:
                found.append(because("strategy.target", {"profile": profile, "target": line.goal.label()}))
            found += _asked(self.scheme, phase, profile, code)
        if "veto" in line.limit:
            test = BOUNDS["above" if line.goal.test == "at most" else "below"]
            values: dict[str, str | Label] = {"test": test, "limit": line.goal.label(), "score": str(line.score)}
            found.append(because("strategy.veto", values))
        if line.limit == "cascade":
            found.append(because("strategy.cascade", {}))
        return goal_reason(line.goal, *found)


# ── what is changed ─────────────────────────────────────────────────────────────────────────────────────────


def _must_be_allowed(line: StrategyLine, scheme: Scheme, phase: Phase | None) -> None:
    """Refuse a goal that the scheme cannot know, and a target above what the phase allows."""
    indicator = scheme.indicator(line.goal.indicator)
    value = value_of(indicator, line.goal.value, scheme.currency, "the goal")
    most = dict(phase.targets_at_most).get(indicator.code) if phase else None
    if phase is not None and most is not None and "target" in line.limit and value.value > most.value:
        fault = f"is {line.goal.label()}, above the {line.goal.label(most)} that phase {phase.code!r} allows"
        raise TargetError(indicator.code, fault, "lower the goal, or change the phase")


def _reweighted(
    scheme: Scheme, strategy: StrategyMap, chosen: Iterable[Profile], phase: Phase | None, step: Number
) -> dict[str, Any]:
    """The profiles and phases with the weights and targets of a strategy."""
    changes = {line.goal.indicator: line.weight for line in strategy.lines if line.weight is not None}
    targets = {line.goal.indicator: line.goal.value for line in strategy.lines if "target" in line.limit}
    dimensions = dimensions_of(scheme.indicators)
    profiles, of_phase = {item.code: item for item in scheme.profiles}, dict(phase.weights) if phase else {}
    for profile in chosen:
        before = weights_in(profile, phase)
        more = tuple((code, Fraction(0)) for code in changes if code not in dict(before))
        require = phase.require if phase else ()
        given: dict[str, Any] = {"dimensions": dimensions, "step": step, "require": require, "profile": profile.code}
        after = rebalance((*before, *more), changes, **given) if changes else before
        if profile.code in of_phase:
            of_phase[profile.code] = after
        else:
            profiles[profile.code] = evolve(profile, weights=after)
        held = dict(profiles[profile.code].targets) | targets
        profiles[profile.code] = evolve(profiles[profile.code], targets=tuple(held.items()))
    phases = [evolve(item, weights=tuple(of_phase.items())) if item is phase else item for item in scheme.phases]
    return {"profiles": tuple(profiles.values()), "phases": tuple(phases)}


def _with_those_of(scheme: Scheme, strategy: StrategyMap) -> tuple[Veto, ...]:
    """The vetoes of a scheme with those of a strategy, which take the place of those of the same indicators."""
    new = {
        line.goal.indicator: Veto(
            indicator=line.goal.indicator,
            test="above" if line.goal.test == "at most" else "below",
            limit=line.goal.value,
            score=line.score,
        )
        for line in strategy.lines
        if "veto" in line.limit
    }
    return (*(veto for veto in scheme.vetoes if veto.indicator not in new), *new.values())


def _asked(scheme: Scheme, phase: Phase | None, profile: str, code: str) -> Iterator[Explanation]:
    """What the phase asks of the weight of an indicator and its dimension, and what it comes to."""
    if phase is None:
        return
    dimensions, weights = dimensions_of(scheme.indicators), weights_in(scheme.profile(profile), phase)
    for rule in phase.require:
        if code in rule.of or dimensions[code] in rule.of:
            found = rule.weighs(weights, dimensions)
            bounds = [("at_least", rule.at_least)] * (rule.at_least > 0) + [("at_most", rule.at_most)] * (
                rule.at_most < 1
            )
            for bound, share in bounds:
                of, asked = " + ".join(rule.of), BOUNDS[bound]
                said = Label(f"{of} weighs {asked.en} {percent(share)}", f"{of} 权重{asked.to('zh')} {percent(share)}")
                values: dict[str, str | Label] = {"phase": phase.code, "rule": said, "found": percent(found)}
                yield because("strategy.asks", values)


def _apart(mapped: MappedStrategy) -> Iterator[Problem]:
    """Units whose own weights or targets hold in place of those of a strategy."""
    on, codes = mapped.scheme.effective, {line.goal.indicator for line in mapped.map.lines}
    for override in mapped.scheme.overrides:
        now = holds_on(override.since, override.until, on)
        own = codes & {code for code, _ in (*override.weights, *override.targets)}
        if now and own and override.profile in mapped.profiles:
            where = f"unit {override.unit}, profile {override.profile}"
            fault, found = "it has set its own, which hold there in place of the strategy", ", ".join(sorted(own))
            yield Problem(where, fault, found, "end or change what the unit has set, where the strategy is to hold")
