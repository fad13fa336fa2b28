"""Group findings: (facts, people, indicators) -> which groups differ, how surely, and what may answer it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import lcm
from types import MappingProxyType
from typing import Any, TypeAlias, get_args

import numpy as np
from attrs import field, frozen

from loanperf._charts import paired_bars
from loanperf._commission import BY_AMOUNT
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._indicators import Direction, Indicator, Where
from loanperf._periods import Period, day
from loanperf._quantities import Number, percent, ratio
from loanperf._scheme import Scheme, indicators_of
from loanperf._validators import is_a, must_be
from loanperf.analytics._advice import Advice, Edit, advise, product_rate, unit_weight, weight
from loanperf.analytics._breakdown import (
    BREAKDOWNS,
    ByLoan,
    ByPayee,
    Counted,
    group_of_payee,
    label_of,
    measured_by,
    must_be_given,
)
from loanperf.analytics._difference import FourNumbers, ends_of
from loanperf.analytics._findings import (
    SMALLEST,
    Analysis,
    AnalysisColumn,
    Finding,
    Interval,
    column,
    filled,
    said,
    too_small,
    unit_between,
    unit_in,
)
from loanperf.analytics._scenario import Scenario, periods_in_order
from loanperf.errors import DataError, UnknownIndicatorError
from loanperf.viewer import Viewer

_Sums: TypeAlias = dict[str, tuple[Fraction, Fraction]]
"""By payee: part and whole; of an indicator that is no ratio the whole is 1, so that a group has a mean per person."""
_TIMES, _TIMES_EACH = 2000, 80
"""Draws of an interval, and so many for each comparison where that is more: the ends must come up."""
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "others": Label("{name}, {group}: {one}, and {two} for all others; {by} {way}",
                        "{name}：{group}为 {one}，其他为 {two}，{way} {by}"),
        "before": Label("{name}, {group}: {two} in {before} and {one} in {after}; {by} {way}",
                        "{name}：{group}由 {before} 的 {two} 变为 {after} 的 {one}，{way} {by}"),
        "shares": Label("; it makes {first} of the whole, then {last}", "；占比由 {first} 变为 {last}"),
        "more others": Label("more", "高出"),
        "less others": Label("less", "低于"),
        "more before": Label("more", "上升"),
        "less before": Label("less", "下降"),
        "person": Label("{name} per person", "人均{name}"),
        "cheaper": Label("cut rates for {group} by {part}", "{group}提成费率下调 {part}"),
        "heavier": Label("{name} weighs {part} more for {group}", "{group}的{name}权重提高 {part}"),
        "indicator": Label("indicator", "指标"),
        "people": Label("people", "人数"),
        "value": Label("value", "数值"),
        "against": Label("others, or before", "其他组或前期"),
        "by": Label("difference", "差异"),
        "low": Label("from", "区间下限"),
        "high": Label("to", "区间上限"),
    }
)  # fmt: skip
_METHOD = Label(
    "sums over sums, or means per person; the interval by {times} resamples of people, wide enough for all groups that "
    "were compared",
    "分子合计除以分母合计，或人均值；区间以人为单位有放回重抽样 {times} 次得出，并按比较组数放宽",
)
_LIMITS = Label(
    "whether the one brings the other about: groups may differ in products, places and time; and what people would do "
    "under another scheme",
    "因果关系：各组的产品、地区与时间可能不同；亦不说明方案调整后人员行为的变化",
)


@frozen(kw_only=True)
class GroupFinding(PlainData):
    """The difference of a group from all others, or from itself a period before, in an indicator, with its interval."""

    finding: Finding
    """The difference in words, with its interval."""
    indicator: str
    name: Label
    """The name of the indicator."""
    by: str
    """A key of `BREAKDOWNS`."""
    group: str
    """The code of the group, as facts and assignments name it."""
    shown: Label
    """The name of the group."""
    value: Fraction
    """The ratio of the group, or its mean per person; amounts in whole currency."""
    against: Fraction
    """The same of all others, or of the group a period before."""
    low: Fraction
    """The lower end of the interval of the difference."""
    high: Fraction
    """The upper end of the interval of the difference."""
    unit: str = field(default="", validator=is_a(str))
    """The unit of `value`, `against` and both ends: `%` for ratios, a currency or another unit, empty for counts."""
    is_worse: bool | None = None
    """Whether the difference is for the worse; None where the interval holds zero, so that nothing is sure."""

    @property
    def difference(self) -> Fraction:
        """The value less what it is compared with."""
        return self.value - self.against

    def advice(self, scheme: Scheme, *, effective: date | str, step: Number) -> Advice:
        """The next version of a scheme that answers the finding; nothing is applied.

        Where a role is worse, the indicator weighs more in its profile; where a unit or region is, in all profiles for
        that unit and all below it; where loans of a product are, rates for them fall.

        Args:
            scheme: the version that is changed.
            effective: the first day of the next version.
            step: how far: percentage points by which a weight rises, or the part by which rates fall; above 0%.

        Raises:
            DataError: the finding is not for the worse, or not surely; a scheme says nothing by such groups, or this
                one has neither a weight of the indicator nor a plain rate for the product; or the step is no such part.
            SchemeError: the changed scheme is not valid.
        """
        where = f"advice by {self.finding.label.en!r}"
        if not self.is_worse:
            fault = "nothing is sure" if self.is_worse is None else "it is for the better"
            raise DataError(where, fault, "take a finding whose is_worse is true, or write the change with advise")
        must_be(scheme, Scheme, "scheme", "pass an lp.Scheme")
        part = ratio(step, "step")
        if not 0 < part < 1:
            raise DataError("step", f"it is {step!r}", "give how far, such as '5%', above 0% and below 100%")
        match self.by:
            case "role":
                edits = [_heavier(scheme, _profile_of(scheme, self.group), self.indicator, part)]
            case "unit" | "region":
                profiles = [one.code for one in scheme.profiles if self.indicator in dict(one.weights)]
                since = day(effective)
                edits = [_heavier(scheme, one, self.indicator, part, self.group, since) for one in profiles]
            case "product":
                edits = [*_cheaper(scheme, self.group, part)]
            case _:
                edits = []
        if not edits:
            fault = f"the scheme has nothing to change for {self.group!r}"
            raise DataError(where, fault, "write the change with advise")
        return advise(scheme, _all_of(edits), effective=effective, what=self._what(part), why=self.finding)

    def _what(self, part: Fraction) -> Label:
        if self.by == "product":
            return filled(_WORDS["cheaper"], group=self.shown, part=percent(part))
        return filled(_WORDS["heavier"], group=self.shown, name=self.name, part=said(part, "pp"))


@frozen(kw_only=True, repr=False)
class GroupFindings(Analysis):
    """Differences of groups: those that are sure as findings, and all that were looked at as rows."""

    findings: tuple[Finding, ...]
    """Those of `groups` whose interval does not hold zero, in their order."""
    by: Label
    groups: tuple[GroupFinding, ...]
    """One a group and indicator: by indicator in the order asked for, groups by name."""

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A row a comparison; amounts and ratios as they are read, since indicators differ in their units."""
        every = self.groups
        texts = {
            "value": [said(one.value, one.unit) for one in every],
            "against": [said(one.against, one.unit) for one in every],
            "by": [said(one.difference, unit_between(one.unit)) for one in every],
            "low": [said(one.low, unit_between(one.unit)) for one in every],
            "high": [said(one.high, unit_between(one.unit)) for one in every],
        }
        return (
            column(_WORDS, "indicator", (one.name for one in every)),
            AnalysisColumn(code="group", name=self.by, values=tuple(one.shown for one in every)),
            column(_WORDS, "people", (one.finding.n for one in every)),
            *(column(_WORDS, code, some) for code, some in texts.items()),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """Bars of the first indicator: each group, and what it is compared with."""
        first = [one for one in self.groups if one.indicator == self.groups[0].indicator]
        order = (self.by.to(language), _WORDS["against"].to(language))
        scale = 100 if first[0].unit == "%" else 1
        bars = [
            (one.shown.to(language), what, value * scale)
            for one in first
            for what, value in zip(order, (one.value, one.against), strict=True)
        ]
        return paired_bars(bars, order=order, up=unit_in(first[0].unit, language))


def findings_of(
    then: Scenario,
    indicators: Iterable[str],
    *,
    by: ByPayee | ByLoan,
    periods: Iterable[Period],
    viewer: Viewer,
    rng: np.random.Generator,
    smallest: int = SMALLEST,
) -> GroupFindings:
    """Which groups differ in some indicators, by how much and how surely; each can advise a version of a scheme.

    With one period each group is compared with all others; with two, with itself in the first one. A ratio is that of
    sums; anything else is a mean per person. Values are exact. The interval of a difference is that of people drawn
    with replacement, and the more groups are compared the wider: all m intervals together hold 95%, each 1 − 5%/m.

    Args:
        then: what happened and was agreed: facts, people and the scheme, whose indicators and currency these are.
        indicators: codes, such as `npl_ratio`.
        by: see `BREAKDOWNS`.
        periods: one, or two, one behind the other; payees of no assignment in a period are not counted in it.
        viewer: who looks; payees whom the viewer may not see are not counted.
        rng: numpy's generator, made of a seed that is kept: the same one gives the same intervals.
        smallest: how many people a group must have in each period, and those it is compared with.

    Raises:
        DataError: no group is large enough to compare, or an argument cannot be used.
        UnknownIndicatorError: the scheme knows no such indicator.
        LoanPerfError: what `lp.measure` raises.
    """
    must_be(then, Scenario, "then", "pass a Scenario")
    must_be(rng, np.random.Generator, "rng", "pass numpy.random.default_rng(seed), and keep the seed")
    must_be_given(by, then.people, viewer)
    order = periods_in_order(periods)
    if len(order) > 2:
        raise DataError("the periods", f"there are {len(order)}", "pass one, or two to compare the second with")
    asked = _GroupsAsked(then, by, order, viewer, smallest)
    known = indicators_of(then.schemes.at(order[-1].last_day).indicators)
    cases = list[_GroupCase]()
    for code in indicators:
        if code not in known:
            raise UnknownIndicatorError(code, tuple(known))
        cases += asked.cases(known[code])
    if not cases:
        fault = f"no group has {smallest} people, and as many to compare them with"
        raise DataError(f"groups by {by}", fault, "check facts, periods and the viewer, or state another smallest")
    level, times = 1 - Fraction(1, 20 * len(cases)), max(_TIMES, _TIMES_EACH * len(cases))
    found = tuple(_found(case, asked, level, times, rng) for case in cases)
    sure = tuple(one.finding for one in found if one.is_worse is not None)
    return GroupFindings(findings=sure, by=BREAKDOWNS[by], groups=found)


# ── what is compared ────────────────────────────────────────────────────────────────────────────────────────


@frozen
class _GroupCase:
    """A group and what it is compared with."""

    indicator: Indicator
    group: str
    one: _Sums
    two: _Sums
    is_ratio: bool
    shares: tuple[Fraction, Fraction] | None
    """The group's part of the denominator of all, before and after; None unless it is a ratio over two periods."""


@frozen
class _GroupsAsked:
    """What is asked of `findings_of`."""

    then: Scenario
    by: ByPayee | ByLoan
    periods: tuple[Period, ...]
    viewer: Viewer
    smallest: int

    @property
    def of_payees(self) -> bool:
        """Whether groups are of payees, each of whom is in one of them."""
        return self.by in get_args(ByPayee)

    def cases(self, indicator: Indicator) -> Iterator[_GroupCase]:
        """Every group of an indicator that is large enough, with what it is compared with."""
        counted = [one for period in self.periods for one in self._counted(indicator, period)]
        is_ratio = any(one.whole is not None for one in counted)
        payees = defaultdict[tuple[Period, str], set[str]](set)
        for one in counted:
            payees[one.period, one.group].add(one.payee)
        groups = sorted({group for _, group in payees} - too_small(payees, self.smallest) - {""})
        sums = {period: _by_group(counted, period) for period in self.periods}
        for group in groups:
            last = sums[self.periods[-1]]
            first = sums[self.periods[0]]
            mine = last.get(group, {})
            others = _joined([some for name, some in last.items() if name != group])
            two = first.get(group, {}) if len(self.periods) == 2 else others
            if min(len(mine), len(two)) < self.smallest:
                continue
            shares = None
            if is_ratio and len(self.periods) == 2:
                shares = (_whole(two) / _whole(_joined(first.values())), _whole(mine) / _whole(_joined(last.values())))
            yield _GroupCase(indicator, group, mine, two, is_ratio, shares)

    def _counted(self, indicator: Indicator, period: Period) -> Iterator[Counted]:
        """What counts for whom the viewer may see; of means per person, those too who have nothing."""
        people = self.then.people
        found = [
            one
            for one in measured_by(self.then.facts, indicator, self.by, people, period, self.then.currency)
            if self.viewer.may_see(one.payee)
        ]
        yield from found
        if any(one.whole is not None for one in found):
            return
        known = {(one.payee, one.group) for one in found}
        groups = sorted({one.group for one in found})
        for payee in sorted({one.payee for one in people.assignments}):
            if not self.viewer.may_see(payee) or not people.assignments_in(payee, period):
                continue
            mine = [group_of_payee(self.by, people, payee, period)] if self.of_payees else groups
            for group in mine:
                if (payee, group) not in known:
                    yield Counted(period, group, payee, Fraction(0), None)


def _by_group(counted: Sequence[Counted], period: Period) -> dict[str, _Sums]:
    found = defaultdict[str, _Sums](dict)
    for one in counted:
        if one.period == period:
            found[one.group][one.payee] = (one.amount, Fraction(1) if one.whole is None else one.whole)
    return found


def _joined(groups: Iterable[_Sums]) -> _Sums:
    """Groups together; who is in several has the sum of all."""
    found: _Sums = {}
    for some in groups:
        for payee, (part, whole) in some.items():
            before = found.get(payee, (Fraction(0), Fraction(0)))
            found[payee] = before[0] + part, before[1] + whole
    return found


def _whole(some: _Sums) -> Fraction:
    return sum((whole for _, whole in some.values()), Fraction(0))


def _ratio(some: _Sums) -> Fraction:
    return sum((part for part, _ in some.values()), Fraction(0)) / _whole(some)


# ── how sure it is ──────────────────────────────────────────────────────────────────────────────────────────


def _found(
    case: _GroupCase, asked: _GroupsAsked, level: Fraction, times: int, rng: np.random.Generator
) -> GroupFinding:
    value, against = _ratio(case.one), _ratio(case.two)
    apart = asked.of_payees and len(asked.periods) == 1
    low, high = ends_of([*_strata(case, apart=apart)], rng, times, level)
    unit = "%" if case.is_ratio else case.indicator.kind.unit(asked.then.currency)
    name = case.indicator.name if case.is_ratio else filled(_WORDS["person"], name=case.indicator.name)
    shown = label_of(case.group, asked.by)
    worse = (value > against) == (case.indicator.direction is Direction.LOWER)
    finding = Finding(
        label=_said(case, asked, name, shown, (value, against), unit),
        n=len({*case.one, *case.two}),
        certainty=Interval(low=low, high=high, level=level, unit=unit_between(unit)),
        method=filled(_METHOD, times=times),
        limits=_LIMITS,
    )
    return GroupFinding(
        finding=finding,
        indicator=case.indicator.code,
        name=case.indicator.name,
        by=asked.by,
        group=case.group,
        shown=shown,
        value=value,
        against=against,
        low=low,
        high=high,
        unit=unit,
        is_worse=worse if low > 0 or high < 0 else None,
    )


def _strata(case: _GroupCase, *, apart: bool) -> Iterator[Sequence[FourNumbers]]:
    """People who are drawn together, in order of their codes: two groups apart, or each person with both numbers."""
    none = (Fraction(0), Fraction(0))
    over = lcm(*(number.denominator for some in (case.one, case.two) for pair in some.values() for number in pair))

    def of(payees: Iterable[str]) -> list[FourNumbers]:
        pairs = [(*case.one.get(payee, none), *case.two.get(payee, none)) for payee in sorted(payees)]
        return [(int(a * over), int(b * over), int(c * over), int(d * over)) for a, b, c, d in pairs]

    yield from (of(case.one), of(case.two)) if apart else (of({*case.one, *case.two}),)


# ── what is said ────────────────────────────────────────────────────────────────────────────────────────────


def _said(
    case: _GroupCase, asked: _GroupsAsked, name: Label, shown: Label, values: tuple[Fraction, Fraction], unit: str
) -> Label:
    how = "others" if len(asked.periods) == 1 else "before"
    by = values[0] - values[1]
    way = f"{'more' if by >= 0 else 'less'} {how}"
    texts = {"one": said(values[0], unit), "two": said(values[1], unit), "by": said(abs(by), unit_between(unit))}
    ends = {"before": str(asked.periods[0]), "after": str(asked.periods[-1])}
    found = filled(_WORDS[how], name=name, group=shown, way=_WORDS[way], **texts, **ends)
    if case.shares is None:
        return found
    more = filled(_WORDS["shares"], first=said(case.shares[0], "%"), last=said(case.shares[1], "%"))
    return Label(found.en + more.en, found.to("zh") + more.to("zh"))


# ── what a scheme may change ────────────────────────────────────────────────────────────────────────────────


def _all_of(edits: Sequence[Edit]) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        for one in edits:
            one(document)

    return edit


def _profile_of(scheme: Scheme, role: str) -> str:
    """The profile of a role: that of the first rule of the role, else the only one.

    Raises:
        DataError: there are several, and no rule names the role.
    """
    codes = [one.profile for one in scheme.who if one.role == role] or [one.code for one in scheme.profiles]
    if not codes or len({*codes}) > 1:
        fault = f"it has {', '.join(dict.fromkeys(codes)) or 'none'} for role {role!r}"
        raise DataError("the profile whose weights change", fault, "write the change with advise and weight")
    return codes[0]


def _heavier(
    scheme: Scheme, profile: str, indicator: str, part: Fraction, unit: str = "", since: date | None = None
) -> Edit:
    """An indicator that weighs more, for a unit alone where one is named.

    Raises:
        DataError: the profile does not weigh the indicator, or not so much is left.
    """
    now = dict(scheme.profile(profile).weights).get(indicator)
    if now is None or now + part >= 1:
        fault = "it has no weight" if now is None else f"it weighs {percent(now)}"
        raise DataError(
            f"{indicator} in profile {profile}", fault, "give a smaller step, or write the change by advise"
        )
    changes = {indicator: percent(now + part)}
    return weight(profile, changes) if since is None else unit_weight(unit, profile, changes, since=since)


def _cheaper(scheme: Scheme, product: str, part: Fraction) -> Iterator[Edit]:
    """Plain rates of loans of a product, each less by a part; tiers, tables and amounts a loan stay."""
    for plan in scheme.plans:
        for component in plan.components:
            own = [one.rate for one in component.rates if _is_of(one.where, product)]
            rest = [one.rate for one in component.rates if not one.where]
            rate = next((one for one in (*own, *rest, component.rate) if one is not None), None)
            fits = all(term.field != "product" or product in term.values for term in component.where)
            if fits and component.base in BY_AMOUNT and rate is not None:
                yield product_rate(plan.code, component.code, product, percent(rate.value * (1 - part)))


def _is_of(terms: Sequence[Where], product: str) -> bool:
    """Whether terms name one product, and nothing else."""
    return len(terms) == 1 and terms[0].field == "product" and terms[0].values == (product,)
