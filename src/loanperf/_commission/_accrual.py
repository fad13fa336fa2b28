"""Accruals: what was earned, line by line, with the plan that holds for each and the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import Factory, field, frozen

from loanperf._commission._names import RULE_NAMES, joined, name_of
from loanperf._commission._plan import Component, Milestone, PayRules, Plan
from loanperf._commission._rates import SLICES, StepsOfLine, blended_rate, rate_reached, within
from loanperf._commission._states import DealState
from loanperf._commission._tiers import must_be_terms
from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, because, carried, printed, told
from loanperf._holdback import Holdback
from loanperf._indicators import CATALOGUE, Indicator, indicator
from loanperf._org import Assignment, Organisation
from loanperf._periods import PayCalendar, Period, holds_on
from loanperf._quantities import Money
from loanperf.errors import LedgerError, ResolveError, meant_by

_AS_IN_ALL = Label("{}, {} as in all plans", "{}，{}按通用规则")
_WITHOUT = Label("{}, without {}", "{}，不适用{}")


@frozen(kw_only=True)
class DatedPlan(PlainData):
    """A plan of one version of a scheme, and the days on which that version is in force."""

    plan: Plan
    scheme: str
    version: str
    """Fingerprint of the scheme; tells which version made an amount."""
    currency: str
    since: date
    until: date | None = None
    """The first day on which it no longer holds; None is open."""
    rules: PayRules = field(factory=PayRules)
    """The pay rules of that version."""
    indicators: tuple[Indicator, ...] = ()
    """The scheme's own indicators that the plan looks at; those of the catalogue are known."""
    calendar: PayCalendar | None = None
    """The pay calendar of that version; None is periods of one length, and years from January."""
    shared: tuple[str, ...] = ()
    """What of the plan is common to all plans of the scheme: keys such as `holdback`, and codes of components."""

    def __attrs_post_init__(self) -> None:
        for component in self.plan.components:
            path = f"plan {self.plan.code!r}, component {component.code!r}"
            counts = () if component.tiers is None else component.tiers.counts
            for terms in (component.where, *(rate.where for rate in component.rates), counts):
                if isinstance(terms, tuple):
                    must_be_terms(path, self.currency, terms)

    def indicator(self, code: str) -> Indicator | None:
        """An indicator of the scheme or the catalogue; None where nobody says what it counts."""
        for item in self.indicators:
            if item.code == code:
                return item
        return indicator(code) if code in CATALOGUE else None

    def name(self, component: str = "") -> Label:
        """The name of the plan, or of one of its components, to show; its code where it has none."""
        names = (item.name for item in self.plan.components if item.code == component)
        shown = next(names, Label("")) if component else self.plan.name
        return shown if shown.en else Label(component or self.plan.code)

    def said(self) -> Label:
        """Its name, with the rules that it has in common with all plans, and those of them that it does without."""
        name = self.name()
        for words, keys in ((_AS_IN_ALL, self.shared), (_WITHOUT, self.plan.without)):
            said = [key for key in keys if words is _WITHOUT or (key in RULE_NAMES and key != "rounding")]
            rules = [RULE_NAMES.get(key) or self.name(key) for key in said]
            if rules:
                en, zh = ", ".join(rule.en for rule in rules), "、".join(rule.to("zh") for rule in rules)
                name = Label(words.en.format(name.en, en), words.zh.format(name.to("zh"), zh))
        return name

    def holds_on(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return holds_on(self.since, self.until, on)


@frozen
class Withholding:
    """Of whom how much of all pay is kept back; asked for who has any pay."""

    plans: tuple[DatedPlan, ...]
    organisation: Organisation

    def of(self, payee: str, period: Period, currency: str) -> Holdback | None:
        """What is kept back of all pay of a payee in a period; None where nothing is.

        By the version in force on the last day of the period, and the last role of the payee in it.

        Raises:
            LedgerError: its share is a ladder of amounts in another currency than that of the pay.
        """
        held = [dated for dated in self.plans if dated.rules.holdback is not None and dated.holds_on(period.last_day)]
        if not held:
            return None
        latest = max(held, key=lambda dated: dated.since)
        roles = [item.role for item, _ in self.organisation.assignments_in(payee, period)]
        rule = latest.rules.holdback and latest.rules.holdback.of_role(roles[-1] if roles else "")
        if rule is not None and len(rule.share.knots) > 1 and latest.currency != currency:
            where = f"what is held of all pay of {payee!r} in {period}"
            fault = f"its shares go by amounts in {latest.currency}, and the pay is in {currency}"
            raise LedgerError(where, fault, "state one share, for all or for the role of who is paid so")
        return rule

    @property
    def leavers(self) -> Mapping[str, date]:
        """Who has no open assignment, and the first day without one."""
        left = {payee: self.organisation.left_on(payee) for payee in self.organisation.codes}
        return {payee: on for payee, on in left.items() if on is not None}


EQUALLY = "add a condition to one of them, or write its precedence"
"""What to do where two plans fit equally."""


def choose_plan(
    plans: Sequence[DatedPlan],
    *,
    on: date,
    role: str = "",
    product_line: str = "",
    tier: str = "",
    units: Sequence[str] = (),
) -> DatedPlan:
    """The plan in force on a day that fits a payee; the one with most conditions wins, then the deeper unit.

    Of plans that still fit equally, the one with the highest `precedence` wins.

    Args:
        plans: of one or more versions of a scheme.
        on: the day that decides the version.
        role: of the payee; see `Assignment`.
        product_line: of the payee.
        tier: of the payee.
        units: from the top of the tree down to the payee's unit; see `Organisation.path`.

    Raises:
        ResolveError: no plan fits, or two fit equally; it names both.
    """
    found = best_plans(plans, on, {"role": role, "product_line": product_line, "tier": tier}, units)
    if len(found) == 1:
        return found[0]
    what = f"a plan on {on} for role {role!r}, product line {product_line!r}, tier {tier!r}, units {tuple(units)}"
    if not found:
        in_force = [item.plan for item in plans if item.holds_on(on)]
        known = ", ".join(sorted({plan.code for plan in in_force})) or "none"
        roles, remedy = sorted({plan.role for plan in in_force}), "add one, or widen its conditions"
        if roles and "" not in roles and role not in roles:
            meant = meant_by(role, roles, f"they are for the roles {', '.join(map(repr, roles))};")
            remedy = f"{meant} else {remedy}"
        raise ResolveError(what, f"no plan fits; in force: {known}", remedy)
    names = " and ".join(sorted(f"{item.plan.code!r} of {item.scheme!r}" for item in found))
    raise ResolveError(what, f"plans {names} fit equally", EQUALLY)


def best_plans(
    plans: Iterable[DatedPlan], on: date, is_now: Mapping[str, str], units: Sequence[str]
) -> tuple[DatedPlan, ...]:
    """The plans in force on a day that fit with most conditions and at the deepest unit; more than one is a fault."""
    fitting = [
        item
        for item in plans
        if item.holds_on(on)
        and all(getattr(item.plan, key) in ("", value) for key, value in is_now.items())
        and item.plan.unit in ("", *units)
    ]
    best = max((rank(item.plan, units) for item in fitting), default=None)
    return tuple(item for item in fitting if rank(item.plan, units) == best)


def rank(plan: Plan, units: Sequence[str]) -> tuple[int, int, int]:
    """How many conditions a plan states, how deep its unit is, and its precedence; the highest wins."""
    conditions = (plan.role, plan.product_line, plan.tier, plan.unit)
    return sum(map(bool, conditions)), list(units).index(plan.unit) if plan.unit else -1, plan.precedence


@frozen
class NoPlan:
    """Why a loan is under no plan of a payee."""

    why: Literal["none fits", "not in force", "not chosen"]
    """`not in force`: its day lies before the first plan. `not chosen`: its milestone is not reached."""
    milestone: Milestone
    """The milestone on whose day the plan is chosen."""
    on: date | None = None
    """The day of the milestone; None where it is not reached."""
    held: Assignment | None = None
    """What the payee was on that day; None where no plan was in force."""


@frozen(kw_only=True)
class Accrual(PlainData):
    """One line of commission (or a bonus): what a payee earned by one stage of one loan, or in one period."""

    payee: str
    plan: DatedPlan = field(repr=False)
    component: str
    loan: str = ""
    """Empty where the line is no loan's."""
    stage: str = ""
    """The milestone of the stage; empty where the line is no stage's."""
    on: date
    """The day on which it became payable."""
    earned_on: date = field(default=Factory(lambda self: self.on, takes_self=True))
    """The first day on which its stage was reached; a loan that goes bad from then on takes it back."""
    period: Period
    """The period in which it was earned: its cohort."""
    amount: Money
    """After multipliers, gates and caps, rounded; negative where it takes back."""
    gross: Fraction
    """Before multipliers, gates and caps, in whole currency, unrounded."""
    parts: tuple[tuple[date, Money], ...] = field(
        default=Factory(lambda self: ((self.earned_on, self.amount),), takes_self=True), repr=False
    )
    """Amounts by the day on which each was earned, such as the days of two drawings; they sum to `amount`.

    A loan that goes bad takes back what was earned up to that day, each part by its own age.
    """
    _steps: tuple[Explanation, ...] | Callable[[], tuple[Explanation, ...]] = field(
        default=(), alias="steps", repr=False, eq=told
    )

    _repr_pretty_ = printed

    @property
    def steps(self) -> tuple[Explanation, ...]:
        """What was done to come to the amount, in order; worked out when somebody asks."""
        return told(self._steps)

    @property
    def rate_reached(self) -> Fraction | None:
        """The rate of the tier or cell that its last transaction reached; None where its rate depends on nothing.

        A share of the base, or whole currency per what the plan states.
        """
        return rate_reached(self.steps)

    @property
    def blended_rate(self) -> Fraction | None:
        """What its slices come to over what they are of, before multipliers, gates and caps: 8,200 of 140万 is 41/7000.

        What it makes good of earlier loans, whose rate rose or fell, is not in it. None where it has no slices, or they
        are of nothing.
        """
        return blended_rate(self.steps)

    @property
    def key(self) -> str:
        """The natural key by which entries of the ledger find their line, however often it is computed anew."""
        return line_key(self.payee, self.plan.plan.code, self.component, self.loan, self.stage, self.period)

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return carried(self, steps=self.steps)

    def explain(self) -> Explanation:
        """Why the amount is what it is."""
        return self._because(self.steps)

    def in_short(self) -> Explanation:
        """Of its reasons the plan, and each base × rate = amount, alone: less work, for who shows many lines."""
        if isinstance(self._steps, StepsOfLine):
            return self._because(self._steps.why_slices())
        return self._because(tuple(why for why in within(self.steps) if why.rule in SLICES))

    def _because(self, below: tuple[Explanation, ...]) -> Explanation:
        return because("accrual", self._said, because("accrual.plan", self._said_of_plan), *below)

    def _said(self) -> dict[str, str | Label]:
        return {
            "payee": self.payee,
            "what": joined(self.plan.name(self.component), Label(self.loan), name_of(self.stage)),
            "amount": str(self.amount),
            "on": self.on.isoformat(),
        }

    def _said_of_plan(self) -> dict[str, str | Label]:
        return {"scheme": self.plan.scheme, "version": self.plan.version, "plan": self.plan.said()}


def line_key(payee: str, plan: str, component: str, loan: str, stage: str, period: Period) -> str:
    """A line's natural key; a slash or backslash within a part is escaped."""
    return "/".join(map(key_part, (payee, plan, component, loan, stage, str(period))))


def key_part(word: str) -> str:
    """A word as a part of a natural key: a slash or backslash within it is escaped."""
    return word.replace("\\", "\\\\").replace("/", "\\/")


@frozen(kw_only=True)
class Waiting(PlainData):
    """A part of a deal's commission that is not payable yet, and what it waits for."""

    payee: str
    plan: str
    component: str
    loan: str
    state: DealState
    """Of the deal's commission."""
    stage: str
    """The milestone of the stage that waits."""
    waits_for: str
    """The milestone, or what else is missing, such as an amount."""
    amount: Money | None
    """What it comes to as far as is known; None where no amount is known."""


UnpaidBy: TypeAlias = Literal[
    "no plan",
    "not chosen",
    "condition",
    "officer",
    "credit",
    "minimum",
    "limits",
    "ended",
    "balance",
    "base",
    "books",
]
"""Why a loan is not paid; see `UNPAID`."""
UNPAID: Mapping[UnpaidBy, Label] = MappingProxyType(
    {
        "no plan": Label("no plan on the day that decides", "方案选定日无适用方案"),
        "not chosen": Label("the plan is not chosen yet", "方案尚未选定"),
        "condition": Label("a condition of the plan is not met", "不符合方案条件"),
        "officer": Label("another officer", "归属其他客户经理"),
        "credit": Label("no part for this kind of credit", "方案未设该类分成"),
        "minimum": Label("below the minimum", "未达起付标准"),
        "limits": Label("nothing left after gates, caps and rounding", "经门槛、封顶或舍入后为零"),
        "ended": Label("it ended before anything was due", "应计前已终止"),
        "balance": Label("no balance", "无余额"),
        "base": Label("the plan pays nothing for it", "方案不计提"),
        "books": Label("due before the books begin", "早于账期起始日到期"),
    }
)
"""Each reason why a loan is not paid, in words; by these loans are counted."""


@frozen(kw_only=True)
class Unpaid(PlainData):
    """A loan that no component pays for a payee, and why."""

    payee: str
    """Who held it or has a credit in it."""
    loan: str
    on: date | None
    """The day on which commission for it first fell due, or would have been due; None where that day has not come."""
    period: Period | None
    """The pay period of that day, in which it is listed; None where it has none, or lies before the first."""
    by: UnpaidBy
    """What kind of reason it is."""
    reason: Label
    """Why, in words."""

    def to(self, language: str) -> str:
        """`loan L7 is not paid: its product is 'renewal', and must be 'new'`."""
        said = Label(
            f"loan {self.loan} is not paid: {self.reason.en}", f"贷款 {self.loan} 未计提：{self.reason.to('zh')}"
        )
        return said.to(language)

    def __str__(self) -> str:
        return self.to("en")


def component_of(line: Accrual) -> Component | None:
    """The component of the plan by which a line was earned; None of a line of the plan as a whole."""
    return next((item for item in line.plan.plan.components if item.code == line.component), None)


def counted(unpaid: Iterable[Unpaid]) -> tuple[tuple[UnpaidBy, int], ...]:
    """How many loans are not paid for each reason, in the order of `UNPAID`."""
    found = Counter(item.by for item in unpaid)
    return tuple((by, found[by]) for by in UNPAID if by in found)
