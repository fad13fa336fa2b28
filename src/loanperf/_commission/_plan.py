"""Plan: what is paid for loans, at what rate, in which stages, and on what terms it is kept; data without choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

from attrs import converters, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._commission._tiers import (
    Rate,
    RatesBy,
    Tiers,
    asked_terms,
    check_days,
    check_rate,
    check_terms,
    is_interpolated,
    largest_rate,
    stated_rates,
)
from loanperf._commission._withheld import Clawback, Draw, check_money
from loanperf._curves import Curve, RateTable
from loanperf._explanations import Label
from loanperf._holdback import MOST_DAYS, Holdback, must_be_one_age, refuse
from loanperf._indicators import Where
from loanperf._numbers import Age
from loanperf._quantities import CURRENCIES, Quantity, Rounding, percent
from loanperf._rounding import RoundingStep
from loanperf._scorecard import Gate, GatesApply, Multiplier
from loanperf._validators import (
    a_rate,
    as_quantity,
    as_share,
    between,
    factor_curve,
    is_a,
    one_of,
    pairs_of,
    rate_curve,
    rate_table,
    share_pairs,
    weight_curve,
)

Base: TypeAlias = Literal[
    "contracted", "disbursed", "balance", "interest margin", "receipts", "count", "fixed", "indicator", "team",
    "components",
]  # fmt: skip
"""What a commission is a rate of.

`contracted`: amounts signed. `disbursed`: drawdowns. `balance`: average daily balance of each period. `interest
margin`: that balance × (interest rate − funding rate). `receipts`: principal that was repaid, prepaid or recovered.
`count`: loans. `fixed`: 1 a period. `indicator`: a reading. `team`: the pay of the payees below. `components`: what
other components of the plan come to.
"""
Milestone: TypeAlias = Literal[
    "opened", "applied", "due diligence complete", "signed", "disbursed", "first repayment", "repaid in full"
]
"""What a loan can reach, each once: the first event of its kind."""
YearPart: TypeAlias = Literal["whole", "months/12", "days/365", "days/360"]
HeldAt: TypeAlias = Literal["origination", "event"]
InPart: TypeAlias = Literal["whole", "by days", "full periods"]
Dead: TypeAlias = Literal["keep", "reverse"]
Excess: TypeAlias = Literal["lost", "carried"]

NATURAL_MILESTONE: Mapping[str, Milestone] = MappingProxyType(
    {"contracted": "signed", "disbursed": "disbursed", "count": "disbursed"}
)
"""Where a commission without stages is earned, by base."""
OF_LOANS = frozenset({"contracted", "disbursed", "count"})
"""Bases that are earned deal by deal."""
OF_BALANCES = frozenset({"balance", "interest margin"})
"""Bases that are earned by loan and period."""
OF_TIME = OF_BALANCES | {"receipts"}
"""Those, and what is earned with each receipt: nothing of it is taken back when the loan changes."""
BY_AMOUNT = (OF_LOANS | OF_TIME) - {"count"}


@frozen(kw_only=True)
class Cap:
    """A largest amount, and what becomes of the excess."""

    most: Quantity = field(converter=as_quantity, validator=is_a(Quantity))
    """In money, zero or more."""
    excess: Excess = field(validator=one_of(Excess))
    """`lost`, or `carried` to the next period."""

    def __attrs_post_init__(self) -> None:
        check_money(self, "most", self.most)


# ── stages and components ───────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Stage:
    """A part of a deal's commission, earned when the loan reaches a milestone."""

    milestone: Milestone = field(validator=one_of(Milestone))
    """What the loan reaches."""
    share: Fraction = field(converter=as_share, validator=between(0, 1))
    """Part of the whole; the shares of a component sum to exactly 100%."""
    payable: Milestone | None = field(default=None, validator=optional(one_of(Milestone)))
    """What must be reached too before it is paid; until then it is eligible and waits."""


@frozen(kw_only=True)
class Team:
    """Whose pay an override is taken of."""

    total: Literal["sum", "average"] = field(validator=one_of(Literal["sum", "average"]))
    """The sum of what the members earn in the period, or that sum by heads.

    It is what their plans leave after gates and caps, before the cap of a person, holdbacks and clawbacks; of members
    who lead teams of their own, with their overrides. Teams that hold each other on the day of `as_of` are a problem.
    """
    members: Literal["direct", "all"] = field(default="all", validator=one_of(Literal["direct", "all"]))
    """`direct`: those in the payee's own unit. `all`: those in units below it too, team leads with their overrides."""
    as_of: Literal["start", "end"] = field(default="end", validator=one_of(Literal["start", "end"]))
    """The day of the period whose tree decides: the first or the last."""
    roles: tuple[str, ...] = field(default=(), validator=deep_iterable(is_a(str), is_a(tuple)))
    """Roles of the members that count; empty counts every role."""


_LEAD = (("lead", Fraction(1)),)


@frozen(kw_only=True)
class Component:
    """One thing that is paid for: a base, its rate, and when and to whom it is credited."""

    code: str = field(validator=is_a(str))
    name: Label = field(default=Label(""), validator=is_a(Label))
    """The name to show; where it is not stated, the code."""
    base: Base = field(validator=one_of(Base))
    """What the rate is taken of."""
    indicator: str = field(default="", validator=is_a(str))
    """Code of the indicator that is the base, where `base` is `indicator`."""
    weighed_by: Curve | None = field(default=None, validator=optional(weight_curve))
    """From the amount of a loan to how many loans it counts as, where `base` is `count`; without it, one."""
    year_part: YearPart = field(default="whole", validator=one_of(YearPart))
    """What part of a year's rate a period takes, where `base` is a balance or an interest margin."""
    where: tuple[Where, ...] = field(default=(), validator=check_terms)
    """Terms on which a loan is paid; others are passed over.

    Of receipts and balances they may ask for the `age` and `days_past_due` on their day; of receipts for the `receipt`.
    """
    rate: Quantity | None = field(default=None, converter=converters.optional(as_quantity), validator=optional(a_rate))
    """See `Rate.rate`; holds where none of `rates` fits."""
    curve: Curve | None = field(default=None, validator=optional(rate_curve))
    """See `Rate.curve`; holds where none of `rates` fits."""
    table: RateTable | None = field(default=None, validator=optional(rate_table))
    """See `Rate.table`; holds where none of `rates` fits."""
    rates: tuple[Rate, ...] = field(default=(), validator=deep_iterable(is_a(Rate), is_a(tuple)))
    """Rates by product, segment, collateral, customer type or size; shares and amounts a loan may stand together."""
    rates_by: RatesBy = field(default="most terms", validator=one_of(RatesBy))
    """Which rate holds of several that fit: the one with most terms (two are a problem), or the first in order."""
    deducts: bool = field(default=False, validator=is_a(bool))
    """Whether it may take from pay: only then can its rates be below zero."""
    per: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """How much of the base the rate is for, such as '1万元'; with it, rates of money are in money, such as '6 元'."""
    tiers: Tiers | None = field(default=None, validator=optional(is_a(Tiers)))
    """What the curves of rates are read at."""
    multipliers: tuple[Multiplier, ...] = field(default=(), validator=deep_iterable(is_a(Multiplier), is_a(tuple)))
    """Accelerators, one after the other."""
    gates: tuple[Gate, ...] = field(default=(), validator=deep_iterable(is_a(Gate), is_a(tuple)))
    """What forfeits part of this component alone, before the gates of the plan; see `Plan.gates_apply`."""
    stages: tuple[Stage, ...] = field(default=(), validator=deep_iterable(is_a(Stage), is_a(tuple)))
    """In the order of milestones; without any, all is earned where the base is."""
    dead: Dead | None = field(default=None, validator=optional(one_of(Dead)))
    """What becomes of what was earned when a loan is cancelled: it is kept, or reversed.

    It must be stated where there are several stages; with one, it is reversed if nothing is said. A clawback on
    `cancelled` needs `keep`: what is reversed cannot be taken back in part.
    """
    expires_days: int | None = field(default=None, validator=optional(between(1, MOST_DAYS, int)))
    """Days after a stage within which the next must follow, or what was earned is reversed; None is no limit."""
    expires_months: int | None = field(default=None, validator=optional(between(1, 600, int)))
    """The same in months, in place of days."""
    split: tuple[tuple[str, Fraction], ...] = field(
        default=_LEAD, converter=share_pairs, validator=pairs_of(between(0, 1))
    )
    """Kinds of credit, such as lead, assistant and referrer, with their parts of a loan; see `Credit`."""
    credited: Literal["split", "full"] = field(default="split", validator=one_of(Literal["split", "full"]))
    """`split`: the parts of a loan sum to 100%. `full`: each kind is paid by its own part, whatever the sum."""
    unfilled: Literal["lead", "unpaid"] = field(default="lead", validator=one_of(Literal["lead", "unpaid"]))
    """Who gets the part of a kind of credit that nobody has."""
    held_at: HeldAt = field(default="event", validator=one_of(HeldAt))
    """Whose loan it is without credits: the officer at origination, or on the day of each stage."""
    team: Team | None = field(default=None, validator=optional(is_a(Team)))
    """Whose pay is the base, where `base` is `team`."""
    in_part: InPart = field(default="whole", validator=one_of(InPart))
    """What of a period's amount is paid, where `base` is `fixed`, of a period in which the plan fits on some days only.

    `whole`: all of it, by the plan that fits on the last of the payee's days. `by days`: its share of the days of the
    period, by each plan that fits on some of them. `full periods`: all, where the plan fits on every day, else nothing.
    Which plan fits is asked once for each assignment: on the last of its days in the period.
    """
    sums: tuple[str, ...] = field(default=(), validator=deep_iterable(is_a(str), is_a(tuple)))
    """Codes of the components of the plan whose sum is the base, where `base` is `components`.

    It is what they come to in the period after their own accelerators, minima and gates, and before the rules of the
    plan, which hold for this component too. What a cap carries counts once, in the period before; a reversal with
    what it takes; and a sum below zero as nothing. A component is in no sum of which it is a part itself.
    """
    least: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The least for one loan, in money."""
    most: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The most for one loan, in money; what is above is lost."""
    period_least: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """The least for a period in which anything is earned, in money."""
    period_most: Cap | None = field(default=None, validator=optional(is_a(Cap)))
    """The most for a period."""

    def __attrs_post_init__(self) -> None:
        check_days(self, self.base, asked_terms(self), OF_TIME)
        if self.tiers is not None and self.tiers.by == "loan" and self.base not in OF_LOANS:
            refuse(self, "tiers", f"base is {self.base!r}", "read tiers at a loan that is contracted, drawn or counted")
        self._check_base()
        self._check_bounds()
        self._check_rates()
        self._check_stages()
        if not self.split:
            refuse(self, "split", "nobody is credited", "leave it out, or name a kind of credit")
        if len(dict(self.split)) != len(self.split):
            refuse(self, "split", "two of its parts have one kind of credit", "add them up")
        total = sum((share for _, share in self.split), Fraction(0))
        if self.credited == "split" and total != 1:
            refuse(self, "split", f"the parts sum to {percent(total)}", "make them sum to exactly 100%")

    def _check_base(self) -> None:
        if (self.base == "indicator") != bool(self.indicator):
            refuse(self, "indicator", f"base is {self.base!r}", "state an indicator exactly where base is 'indicator'")
        if (self.base == "team") != (self.team is not None):
            refuse(self, "team", f"base is {self.base!r}", "state team exactly where base is 'team'")
        if self.in_part != "whole" and self.base != "fixed":
            refuse(self, "in_part", f"base is {self.base!r}", "leave it out, or pay a fixed amount")
        if (self.base == "components") != bool(self.sums):
            refuse(self, "sums", f"base is {self.base!r}", "name components exactly where base is 'components'")
        of_loans = self.base in OF_LOANS | OF_TIME
        if self.where and not of_loans:
            refuse(self, "where", f"base is {self.base!r}, which is of no loan", "leave it out")
        if self.tiers is not None and self.tiers.counts != "what is paid" and not of_loans:
            refuse(self, "tiers", f"base is {self.base!r}, of which no loans count", "leave counts out")
        if self.weighed_by is not None and self.base != "count":
            refuse(self, "weighed_by", f"base is {self.base!r}", "weigh loans only where base is 'count'")
        if self.base == "interest margin" and self.year_part == "whole":
            refuse(self, "year_part", "a margin is a year's", "state 'months/12', 'days/365' or 'days/360'")
        if self.base not in OF_BALANCES and self.year_part != "whole":
            refuse(self, "year_part", f"base is {self.base!r}", "leave it out")

    def _check_bounds(self) -> None:
        for name in ("least", "most"):
            bound = getattr(self, name)
            if bound is not None and (self.base not in OF_LOANS | OF_BALANCES or bound.unit not in CURRENCIES):
                refuse(self, name, f"{bound} is no amount for one loan", "give money, where base is one of loans")
            if bound is not None and bound.value < 0 and not self.deducts:
                remedy = "give zero or more, or write deducts = true where it takes from pay"
                refuse(self, name, f"it is negative (found {bound})", remedy)
        if self.period_least is not None:
            check_money(self, "period_least", self.period_least)
        if self.per is not None and self.per.value <= 0:
            refuse(self, "per", f"it is {self.per}", "give more than zero, such as '1万元'")
        if self.least is not None and self.most is not None and self.most.value < self.least.value:
            refuse(self, "most", f"{self.most} is below the least, {self.least}", "swap them")

    def _check_rates(self) -> None:
        given = stated_rates(self)
        if len(given) > 1 or not (given or self.rates):
            fault = "it takes one rate, or a curve or table of them, or rates by terms"
            refuse(self, "rate", fault, "state one of them")
        held: list[tuple[str, Rate | Component]] = [("", self)]
        held += [(f"rates[{index}].", item) for index, item in enumerate(self.rates)]
        curves = [rate for _, item in held for _, rate in stated_rates(item) if not isinstance(rate, Quantity)]
        if bool(curves) != (self.tiers is not None):
            refuse(self, "tiers", "a curve of rates needs them, and only such a curve does", "state both or neither")
        if any(isinstance(curve, RateTable) for curve in curves) != (getattr(self.tiers, "across", None) is not None):
            fault = "a table of rates needs another number of the loan for its columns, and only a table does"
            refuse(self, "tiers", fault, "state both across in tiers and a table, or neither")
        for curve in curves:
            if self.tiers is not None:
                self._check_curve(curve, self.tiers)
        per = None if self.base in ("count", "fixed") else self.per
        largest = largest_rate(self.base, "" if self.team is None else self.team.total, per)
        for path, item in held:
            of_loan = isinstance(item, Rate) and item.of == "loan"
            if of_loan and self.base not in BY_AMOUNT:
                refuse(self, f"{path}of", f"base is {self.base!r}", "leave it out: only amounts of loans have a size")
            for name, rate in stated_rates(item):
                where, of = f"Component.{path}{name}", None if of_loan else per
                for one in rate.down if isinstance(rate, RateTable) else (rate,):
                    check_rate(where, one, per=of, largest=largest, deducts=self.deducts)

    def _check_curve(self, curve: Curve | RateTable, tiers: Tiers) -> None:
        name, shape = ("curve", "shape") if isinstance(curve, Curve) else ("table", "between_rows")
        if isinstance(curve, Curve) and curve.knots[0][0] > 0 and not tiers.are_read:
            fault = f"nothing holds from 0 to {curve.x_text(curve.knots[0][0])}"
            refuse(self, name, fault, "start the first tier at 0")
        linear = is_interpolated(curve)
        if linear and tiers.applies != "interpolated":
            remedy = f"write {shape} = 'step', or applies = 'interpolated'"
            refuse(self, name, f"{tiers.applies} tiers are steps", remedy)
        if not linear and tiers.applies == "interpolated":
            remedy = f"write {shape} = 'linear', or applies = 'flat'"
            refuse(self, name, "interpolated rates lie between knots", remedy)

    def _check_stages(self) -> None:
        must_be_one_age(self, "expires")
        if self.stages and self.base not in OF_LOANS:
            refuse(self, "stages", f"base is {self.base!r}", "stages are of loans: contracted, disbursed or count")
        if len(self.stages) > 1 and self.dead is None:
            refuse(self, "dead", "nothing says what becomes of a deal that dies", "state dead = 'keep' or 'reverse'")
        total = sum((stage.share for stage in self.stages), Fraction(0))
        if self.stages and total != 1:
            refuse(self, "stages", f"the shares sum to {percent(total)}", "make them sum to exactly 100%")
        milestones = [stage.milestone for stage in self.stages]
        if len(set(milestones)) != len(milestones):
            refuse(self, "stages", "two of them have one milestone", "add their shares")
        order = get_args(Milestone)
        if milestones != sorted(milestones, key=order.index):
            refuse(self, "stages", "their milestones are out of order", f"follow {', '.join(order)}")

    @property
    def deadline_age(self) -> Age | None:
        """How long after a stage the next must follow; None is no limit."""
        return Age.of(self.expires_months, self.expires_days)

    @property
    def is_by_drawing(self) -> bool:
        """Whether each drawing earns its own part: what is disbursed, in one stage at disbursement."""
        return self.base == "disbursed" and [stage.milestone for stage in self.steps] == ["disbursed"]

    @property
    def steps(self) -> tuple[Stage, ...]:
        """The stages; where none is stated, one of 100% where the base is earned."""
        if self.stages or self.base not in OF_LOANS:
            return self.stages
        return _in_one_stage(self.base)


@cache
def _in_one_stage(base: Base) -> tuple[Stage, ...]:
    return (Stage(milestone=NATURAL_MILESTONE[base], share=Fraction(1)),)


def in_turn(components: Iterable[Component]) -> Iterator[list[Component]]:
    """Components one after the other, those at one time that are made of none that is left; a circle is left out."""
    left, done = [*components], set[str]()
    while ready := [item for item in left if done.issuperset(item.sums)]:
        yield ready
        done |= {item.code for item in ready}
        left = [item for item in left if item.code not in done]


def _wrong_sums(components: Sequence[Component]) -> tuple[str, str] | None:
    """What is wrong with what components are made of, and what to do: what is none of them, or a circle."""
    codes = [item.code for item in components]
    for item in components:
        for code in item.sums:
            if code not in codes:
                return f"component {item.code!r} sums {code!r}, which is none", f"name some of {', '.join(codes)}"
    if circle := _circle(components):
        return f"they are made of each other: {' → '.join(circle)}", "take one of these out of sums"
    return None


def _circle(components: Sequence[Component]) -> list[str]:
    """The codes of components that are made of each other, the first again at the end; none where there are none."""
    done = {item.code for ready in in_turn(components) for item in ready}
    left = {item.code: item.sums for item in components if item.code not in done}
    path = [*left][:1]
    while path and path[-1] not in path[:-1]:
        path.append(next(code for code in left[path[-1]] if code in left))
    return path[path.index(path[-1]) :] if path else []


@frozen(kw_only=True)
class Plan:
    """A commission plan: who is paid by it, for what, and how pay is gated, capped, held and taken back."""

    code: str = field(validator=is_a(str))
    name: Label = field(default=Label(""), validator=is_a(Label))
    """The name to show; where it is not stated, the code."""
    role: str = field(default="", validator=is_a(str))
    """Role of the payees; empty fits every role. The plan with most conditions wins."""
    product_line: str = field(default="", validator=is_a(str))
    """Product line of the payees; empty fits every product line."""
    tier: str = field(default="", validator=is_a(str))
    """Tier of the payees; empty fits every tier."""
    unit: str = field(default="", validator=is_a(str))
    """A unit and all below it; the deeper unit wins."""
    precedence: int = field(default=0, validator=between(0, None, int))
    """Of plans that fit a loan equally, the one with the highest precedence holds; two of the same are a problem."""
    selected_at: Milestone = field(default="opened", validator=one_of(Milestone))
    """The milestone of a loan whose day decides, once, by which version of the plan it is paid.

    `disbursed`: in a component of one stage, each drawing goes by the version in force on its own day.
    Accelerators, gates and caps of a period are those of the version in force on its last day.
    """
    components: tuple[Component, ...] = field(validator=deep_iterable(is_a(Component), is_a(tuple)))
    """What is paid for."""
    rounding: Rounding = field(validator=is_a(Rounding))
    """To the smallest unit of the currency, of each payee's commission of a deal; its stages sum to it. The parts of a
    split are each rounded by itself, and need not sum to the commission of the deal."""
    round_line: RoundingStep | None = field(default=None, validator=optional(is_a(RoundingStep)))
    """The step to which each line is rounded, such as 1 yuan; the lines of one deal sum to its total rounded so."""
    round_component: RoundingStep | None = field(default=None, validator=optional(is_a(RoundingStep)))
    """A step for all that a component comes to in a period, after gates and caps; what it changes is a line."""
    round_total: RoundingStep | None = field(default=None, validator=optional(is_a(RoundingStep)))
    """The same for all that the plan comes to in a period, last of all, before the caps and guards of a person."""
    ramp: Curve | None = field(default=None, validator=optional(factor_curve))
    """From the period in the role (1 is the first) to the part of quota and targets that holds in it."""
    gates: tuple[Gate, ...] = field(default=(), validator=deep_iterable(is_a(Gate), is_a(tuple)))
    """What forfeits part of a period's commission, in this order; see `gates_apply`."""
    gates_apply: GatesApply = field(default="in turn", validator=one_of(GatesApply))
    """`in turn`: each gate takes its share of what was left. `added`: the shares of the gates of the plan are added,
    and those of the gates of a component; of either sum 100% at most."""
    multipliers: tuple[Multiplier, ...] = field(default=(), validator=deep_iterable(is_a(Multiplier), is_a(tuple)))
    """Coefficients on all components, after the accelerators of each."""
    most: Cap | None = field(default=None, validator=optional(is_a(Cap)))
    """The most for a period under this plan, after gates."""
    holdback: Holdback | None = field(default=None, validator=optional(is_a(Holdback)))
    """What is kept back, after gates and caps."""
    clawbacks: tuple[Clawback, ...] = field(default=(), validator=deep_iterable(is_a(Clawback), is_a(tuple)))
    """What is taken back when a loan goes bad; where several strike one loan, the first in time."""
    draws: tuple[Draw, ...] = field(default=(), validator=deep_iterable(is_a(Draw), is_a(tuple)))
    """Guarantees and draws of new hires."""
    without: tuple[str, ...] = field(default=(), validator=deep_iterable(is_a(str), is_a(tuple)))
    """What it has not of what is common to all plans: keys such as `holdback`, and codes of components."""

    def __attrs_post_init__(self) -> None:
        if self.code == "bonus":
            refuse(self, "code", "'bonus' is the word for bonuses in the keys of the ledger", "use another")
        if self.holdback is not None:
            self.holdback.must_be_of("Plan.holdback", loans=True)
        if not self.components:
            refuse(self, "components", "there is none", "add what is paid for")
        codes = [component.code for component in self.components]
        if len(set(codes)) != len(codes):
            refuse(self, "components", "two of them have one code", "rename one")
        if wrong := _wrong_sums(self.components):
            refuse(self, "components", *wrong)
        reversing = [item.code for item in self.components if item.base in OF_LOANS and item.dead != "keep"]
        if reversing and any(rule.on == "cancelled" for rule in self.clawbacks):
            fault = (
                f"component {reversing[0]!r} reverses all that a cancelled loan earned, so that nothing is left to take"
            )
            remedy = "write dead = 'keep' there, and the clawback on 'cancelled' decides; or drop the clawback"
            refuse(self, "clawbacks", fault, remedy)

    @property
    def indicators(self) -> frozenset[str]:
        """Codes of every indicator whose reading or target the plan looks at."""
        found = {*(item.indicator for item in self._looks), *(component.indicator for component in self.components)}
        found |= {item.tiers.indicator for item in self.components if item.tiers is not None}
        found |= {self.holdback.indicator} if self.holdback is not None else set()
        return frozenset(found - {""})

    @property
    def of_units(self) -> frozenset[str]:
        """Codes of the indicators of which the plan looks at the reading of a unit above the payee."""
        return frozenset(item.indicator for item in self._looks if item.level is not None)

    @property
    def _looks(self) -> tuple[Gate | Multiplier, ...]:
        """The gates and multipliers of the plan and of its components."""
        parts: tuple[Plan | Component, ...] = (self, *self.components)
        gates, multipliers = (part.gates for part in parts), (part.multipliers for part in parts)
        return (*chain.from_iterable(gates), *chain.from_iterable(multipliers))


@frozen(kw_only=True)
class PayRules:
    """How payees are netted and paid, over all their plans."""

    negative: Literal["receivable", "carried"] = field(
        default="receivable", validator=one_of(Literal["receivable", "carried"])
    )
    """What becomes of a net below zero: it is raised as a receivable, or carried as it is, into the next net."""
    guard_share: Fraction | None = field(
        default=None, converter=converters.optional(as_share), validator=optional(between(0, 1))
    )
    """The most that may be taken from a period's pay, as a share of it; the rest is carried. None is no guard."""
    guard_floor: Quantity | None = field(
        default=None, converter=converters.optional(as_quantity), validator=optional(is_a(Quantity))
    )
    """What is taken must leave this amount of a period's pay, in money; so too what is recovered of receivables."""
    person_most: Cap | None = field(default=None, validator=optional(is_a(Cap)))
    """The most that a payee earns in a period, over all plans, after the caps of each."""
    payment_most: Cap | None = field(default=None, validator=optional(is_a(Cap)))
    """The most that is paid for one period; what is above it stays due."""
    holdback: Holdback | None = field(default=None, validator=optional(is_a(Holdback)))
    """What is kept back of all that a payee earns in a period: commissions and bonus, less what their plans hold.

    It is rounded down to the smallest unit. Draws look at pay before it.
    """

    def __attrs_post_init__(self) -> None:
        if self.payment_most is not None and self.payment_most.excess != "carried":
            fault = "what was earned and not paid cannot be lost"
            refuse(self, "payment_most", fault, "write excess = 'carried', or cap what is earned with person_most")
        if self.holdback is not None:
            self.holdback.must_be_of("PayRules.holdback", loans=False)
        if self.guard_floor is not None:
            check_money(self, "guard_floor", self.guard_floor)
