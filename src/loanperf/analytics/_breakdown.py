"""Breakdown: (facts, people, an indicator) -> its readings by groups of payees or loans, small ones shown together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from attrs import evolve, field, frozen

from loanperf._charts import paired_bars
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._facts import NO_FACTS, Facts, FactsWanted, some_of
from loanperf._indicators import Indicator, measure
from loanperf._numbers import day_of
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._validators import is_a, must_be
from loanperf.analytics._compare import of_assignment
from loanperf.analytics._comparison import TENURES
from loanperf.analytics._findings import (
    OTHERS,
    SMALLEST,
    Analysis,
    AnalysisColumn,
    Exact,
    Finding,
    column,
    filled,
    too_small,
    unit_in,
)
from loanperf.analytics._mix import MixEffects, mix_effects
from loanperf.analytics._scenario import periods_in_order
from loanperf.analytics._trend import TrendPoint
from loanperf.analytics._why import PayOfPeriod
from loanperf.analytics._worked import held_in
from loanperf.errors import DataError, EmptyPeriodError
from loanperf.viewer import Viewer, must_be_viewer

ByPayee: TypeAlias = Literal["role", "unit", "region", "tenure"]
ByLoan: TypeAlias = Literal["product", "segment", "vintage"]
BREAKDOWNS: Mapping[ByPayee | ByLoan, Label] = MappingProxyType(
    {
        "role": Label("role", "岗位"),
        "unit": Label("unit", "机构"),
        "region": Label("region", "区域"),
        "tenure": Label("service", "司龄"),
        "product": Label("product", "产品"),
        "segment": Label("segment", "客群"),
        "vintage": Label("year of opening", "发放年份"),
    }
)
"""By what figures are broken down: the first four of who a payee is in the period, the others of a loan."""
_ZERO = Fraction(0)
_PER = 10_000
"""Pay is told per 10,000 of what it is set against, as banks do (每万元)."""
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "period": Label("period", "期间"),
        "people": Label("people", "人数"),
        "amount": Label("amount", "数值"),
        "part": Label("numerator", "分子"),
        "whole": Label("denominator", "分母"),
        "share": Label("share", "占比"),
        "none": Label("not stated", "未注明"),
        "no loan": Label("bonuses, and loans of which it is not stated", "奖金及未注明的贷款"),
        "said": Label(
            "{what} by {by}: {groups:group/groups} in {periods}", "按{by}分析{what}：{periods}，共 {groups} 组"
        ),
        "pay": Label("pay", "薪酬"),
        "pay against": Label("pay against {what}", "薪酬（对比{what}）"),
        "per 10,000": Label("per 10,000", "每万元"),
    }
)
_AMOUNTS: Mapping[str, Label] = MappingProxyType({"contribution_per_customer": Label("profit", "利润")})
"""What the numerators of ratios are called by themselves."""
_METHOD = Label(
    "sums over people of each group, for ratios the sum over the sum; groups with too few people are shown together",
    "按组对人员加总，比率为分子合计除以分母合计；人数过少的组合并列示",
)
_LIMITS = Label("why groups differ", "各组差异的原因")


@frozen(kw_only=True)
class BreakdownRow(PlainData):
    """The figures of a group in a period; the groups of a period sum to all."""

    period: Period
    group: Label
    people: int
    """Payees for whom anything counts; one who is in two groups counts in both."""
    amount: Fraction
    """The sum, or the numerator of a ratio; amounts in whole currency."""
    whole: Fraction | None = None
    """The denominator of a ratio; None of a sum."""


@frozen(kw_only=True, repr=False)
class Breakdown(Analysis):
    """Figures by group and period; small groups are shown together, the same ones in all periods."""

    findings: tuple[Finding, ...]
    what: Label
    """What is broken down."""
    by: Label
    groups: tuple[BreakdownRow, ...]
    """One row a period and group: in order of periods, groups by name, small ones shown together last."""
    unit: str = field(default="", validator=is_a(str))
    """The unit of amounts: a currency or another one; empty for counts."""
    told_per: int = field(default=1, validator=is_a(int))
    """How many units of the denominator a ratio is told for: 10,000 of pay set against amounts, else 1, in percent."""

    def total(self, period: Period) -> tuple[Fraction, Fraction | None]:
        """The amounts of all groups in a period, summed; and their denominators, or None where there is no ratio."""
        some = [one for one in self.groups if one.period == period]
        wholes = [one.whole for one in some if one.whole is not None]
        return sum((one.amount for one in some), _ZERO), sum(wholes, _ZERO) if wholes else None

    def series(self, language: Language = "en") -> dict[str, dict[Period, tuple[Fraction, Fraction | None]]]:
        """By group and period the amount, and of a ratio its whole: what `PastValues.of_breakdown` takes.

        Of a sum a group has 0 where nothing counted, from its first period on; of a ratio it has no value there.

        Args:
            language: in which groups are named.
        """
        found = defaultdict[str, dict[Period, tuple[Fraction, Fraction | None]]](dict)
        for period in dict.fromkeys(one.period for one in self.groups):
            for of in found.values() if not self.is_ratio else ():
                of[period] = (_ZERO, None)
            for one in self.groups:
                if one.period == period and (one.whole or not self.is_ratio):
                    found[one.group.to(language)][period] = (one.amount, one.whole)
        return dict(found)

    def points(self, language: Language = "en") -> tuple[TrendPoint, ...]:
        """The series as `trend` takes them: amounts, or ratios as parts of one.

        Args:
            language: in which groups are named.
        """
        return tuple(
            (group, period, amount if whole is None else amount / whole)
            for group, of in self.series(language).items()
            for period, (amount, whole) in of.items()
        )

    def sizes(self, language: Language = "en") -> dict[str, int]:
        """How many people are in each group in the period in which they are fewest, as `trend` takes it.

        Args:
            language: in which groups are named.
        """
        found = dict[str, int]()
        for one in self.groups:
            group = one.group.to(language)
            found[group] = min(one.people, found.get(group, one.people))
        return found

    @property
    def is_ratio(self) -> bool:
        """Whether figures are ratios, with a denominator, and not sums."""
        return any(one.whole is not None for one in self.groups)

    def mix(self) -> MixEffects:
        """How much of the change of a ratio over two periods is volume, mix and rate, by group; exact.

        Raises:
            DataError: it is no ratio, or of another number of periods.
        """
        periods = list(dict.fromkeys(one.period for one in self.groups))
        if len(periods) != 2 or any(one.whole is None for one in self.groups):
            fault = f"it is of {len(periods)} periods" if len(periods) != 2 else "it is no ratio"
            raise DataError(f"the mix of {self.what.en}", fault, "break a ratio down over two periods")
        sides = [
            {one.group.en: (one.amount, one.whole or _ZERO) for one in self.groups if one.period == period}
            for period in periods
        ]
        names = {one.group.en: one.group for one in self.groups}
        return mix_effects(*sides, unit=self.unit, names=names, people=self.findings[0].n)

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A row a period and group: people, the amount and its share of all, and of a ratio whole and ratio."""
        every = self.groups
        totals = {one.period: self.total(one.period)[0] for one in every}
        shares = [one.amount / totals[one.period] if totals[one.period] else None for one in every]
        part = _WORDS["part"] if self.is_ratio and self.told_per == 1 else self.what
        columns = [
            column(_WORDS, "period", (str(one.period) for one in every)),
            AnalysisColumn(code="group", name=self.by, values=tuple(one.group for one in every)),
            column(_WORDS, "people", (one.people for one in every)),
            AnalysisColumn(code="amount", name=part, values=tuple(one.amount for one in every), unit=self.unit),
            column(_WORDS, "share", shares, "%"),
        ]
        if self.is_ratio:
            ratios = tuple(one.amount / one.whole if one.whole else None for one in every)
            columns.append(column(_WORDS, "whole", (one.whole for one in every), self.unit))
            columns.append(self._of_whole(ratios))
        return tuple(columns)

    def _of_whole(self, ratios: tuple[Fraction | None, ...]) -> AnalysisColumn:
        """The column of ratios, a row a group: in percent, or as an amount per 10,000 of what stands below."""
        if self.told_per == 1:
            return AnalysisColumn(code="ratio", name=self.what, values=ratios, unit="%")
        values = tuple(None if one is None else one * self.told_per for one in ratios)
        return AnalysisColumn(code="per_10000", name=_WORDS["per 10,000"], values=values, unit=self.unit)

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """Bars of the first and the last period, of ratios in percent or per 10,000."""
        periods = [str(one.period) for one in self.groups]
        ends = (periods[0], periods[-1])
        bars = [
            (one.group.to(language), str(one.period), one.amount if one.whole is None else self._bar(one))
            for one in self.groups
            if str(one.period) in ends
        ]
        up = "%" if self.is_ratio and self.told_per == 1 else unit_in(self.unit, language)
        return paired_bars(bars, order=ends, up=up)

    def _bar(self, one: BreakdownRow) -> Fraction:
        return one.amount / one.whole * (100 if self.told_per == 1 else self.told_per) if one.whole else _ZERO


@frozen
class Counted:
    """What counts for a payee in a group of a period."""

    period: Period
    group: str
    payee: str
    amount: Fraction
    whole: Fraction | None


def breakdown(
    facts: Facts,
    indicator: Indicator,
    *,
    by: ByPayee | ByLoan,
    people: Organisation,
    periods: Iterable[Period],
    currency: str,
    viewer: Viewer,
    smallest: int = SMALLEST,
) -> Breakdown:
    """The readings of an indicator by groups of payees or loans, over one or more periods.

    They are measured by the program that measures for pay; of loans, once for the loans of each group.

    Args:
        facts: all that is known.
        indicator: such as `lp.CATALOGUE["npl_ratio"]()`.
        by: see `BREAKDOWNS`.
        people: who was what and where; payees of no assignment in a period are not counted in it.
        periods: one behind the other.
        currency: of amounts.
        viewer: who looks; payees whom the viewer may not see are not counted.
        smallest: how many people a group must have in each period to be shown by itself.

    Raises:
        DataError: nobody is left to count, the indicator counts what is of no loan or is no sum of loans and `by` is of
            loans, or an argument cannot be used.
        LoanPerfError: what `lp.measure` raises.
    """
    must_be(facts, Facts, "facts", "pass lp.Facts")
    must_be(indicator, Indicator, "indicator", "pass one of lp.CATALOGUE, such as lp.CATALOGUE['npl_ratio']()")
    must_be_given(by, people, viewer)
    order = periods_in_order(periods)
    counted = [one for period in order for one in measured_by(facts, indicator, by, people, period, currency)]
    unit = next((one.unit for one in measure(facts, order[-1], [indicator], currency=currency)), "")
    is_ratio = any(one.whole is not None for one in counted)
    return _grouped(counted, indicator.name, by, currency if is_ratio else unit, viewer, smallest)


def breakdown_of_pay(
    pay: Iterable[PayOfPeriod],
    *,
    by: ByPayee | ByLoan,
    people: Organisation,
    viewer: Viewer,
    facts: Facts = NO_FACTS,
    against: Indicator | None = None,
    smallest: int = SMALLEST,
) -> Breakdown:
    """The pay of periods by groups of payees or loans, as `PayOfPeriod.pay` has it; exact.

    By loans, pay is that of the entries of each loan, or of its lines where nothing is posted; bonuses, and what else
    is of no loan, are a group of their own.

    Args:
        pay: one a payee and period.
        by: see `BREAKDOWNS`.
        people: who was what and where.
        viewer: who looks; payees whom the viewer may not see are not counted.
        facts: know the product, segment and day of each loan, and what `against` measures.
        against: what pay is set against, in currency: `lp.CATALOGUE["disbursed_amount"]()` for pay per 10,000 of loans,
            `lp.CATALOGUE["contribution_per_customer"]()` per 10,000 of profit as the host's finance system computes it.
        smallest: how many people a group must have in each period to be shown by itself.

    Raises:
        DataError: nobody is left to count, currencies differ, a payee and period is given twice, the indicator counts
            no currency, or an argument cannot be used.
        LoanPerfError: what `lp.measure` raises.
    """
    given = tuple(pay)
    must_be_given(by, people, viewer)
    must_be(facts, Facts, "facts", "pass lp.Facts")
    for one in given:
        must_be(one, PayOfPeriod, "one of the pay", "pass PayOfPeriod.of_run(run, payee)")
    currencies = sorted({code for one in given for code in one.currencies})
    if len(currencies) > 1:
        raise DataError("the pay", f"it is in {', '.join(currencies)}", "break one currency down at a time")
    if len({(one.payee, one.period) for one in given}) < len(given):
        raise DataError("the pay", "a payee is there twice in one period", "give each once")
    currency = "".join(currencies)
    counted = [*_paid(given, by, people, facts)]
    if against is not None:
        counted = [*_set_against(counted, against, by, people, facts, currency)]
    found = _grouped(counted, _pay_name(against), by, currency, viewer, smallest)
    rows = [evolve(one, group=_WORDS["no loan"]) if one.group == _WORDS["none"] else one for one in found.groups]
    return evolve(
        found, groups=tuple(rows if by in get_args(ByLoan) else found.groups), told_per=1 if against is None else _PER
    )


def _paid(given: Sequence[PayOfPeriod], by: ByPayee | ByLoan, people: Organisation, facts: Facts) -> Iterator[Counted]:
    """Pay by payee, period and group."""
    groups = {} if by in get_args(ByPayee) else _loans_by(facts, by)
    of_loan = {loan: group for group, some in groups.items() for loan in some}
    for one in sorted(given, key=lambda one: (one.period.start, one.payee)):
        if by in get_args(ByPayee):
            yield Counted(one.period, group_of_payee(by, people, one.payee, one.period), one.payee, one.pay, None)
            continue
        sums = defaultdict[str, Fraction](Fraction)
        for loan, amount in one.by_loan().items():
            sums[of_loan.get(loan, "")] += amount
        for group in sorted(sums):
            yield Counted(one.period, group, one.payee, sums[group], None)


def _set_against(
    counted: Sequence[Counted],
    against: Indicator,
    by: ByPayee | ByLoan,
    people: Organisation,
    facts: Facts,
    currency: str,
) -> Iterator[Counted]:
    """Pay with what it is set against, of the payees who are paid; zero where there is none."""
    must_be(against, Indicator, "against", "pass one of lp.CATALOGUE, such as lp.CATALOGUE['disbursed_amount']()")
    if against.kind.unit(currency) != currency:
        raise DataError("against", f"{against.code} counts no currency", "set pay against amounts of money")
    found = {(one.period, one.group, one.payee): (one.amount, _ZERO) for one in counted}
    paid = {(one.period, one.payee) for one in counted}
    for period in dict.fromkeys(one.period for one in counted):
        for one in measured_by(facts, against, by, people, period, currency):
            if (period, one.payee) in paid:
                amount, _ = found.get((period, one.group, one.payee), (_ZERO, _ZERO))
                found[period, one.group, one.payee] = amount, one.amount
    for period, group, payee in sorted(found, key=lambda key: (key[0].start, key[1:])):
        yield Counted(period, group, payee, *found[period, group, payee])


def _pay_name(against: Indicator | None) -> Label:
    if against is None:
        return _WORDS["pay"]
    what = _AMOUNTS.get(against.code, against.name)
    return filled(_WORDS["pay against"], what=what)


def must_be_given(by: object, people: object, viewer: object) -> None:
    """Check the arguments that all breakdowns share; raises DataError."""
    if by not in BREAKDOWNS:
        raise DataError("by", f"it is {by!r}", f"write one of {', '.join(BREAKDOWNS)}")
    must_be(people, Organisation, "people", "pass lp.Organisation")
    must_be_viewer(viewer)


def group_of_payee(by: ByPayee | ByLoan, people: Organisation, payee: str, period: Period) -> str:
    """The group of a payee in a period; empty where there is no assignment."""
    held = held_in(people, payee, period)
    return "" if held is None else of_assignment(by, people, held, period)


# ── what counts ─────────────────────────────────────────────────────────────────────────────────────────────


def measured_by(
    facts: Facts, indicator: Indicator, by: ByPayee | ByLoan, people: Organisation, period: Period, currency: str
) -> Iterator[Counted]:
    """What counts for each payee in each group of a period."""
    whole = _readings(facts, indicator, people, period, currency)
    if by in get_args(ByPayee):
        for payee, (amount, below) in whole.items():
            yield Counted(period, group_of_payee(by, people, payee, period), payee, amount, below)
        return
    found = [
        Counted(period, group, payee, amount, below)
        for group, loans in _loans_by(facts, by).items()
        for payee, (amount, below) in _readings(_of_loans(facts, loans), indicator, people, period, currency).items()
    ]
    sums = [
        (sum((amount for amount, _ in some), _ZERO), sum((below or _ZERO for _, below in some), _ZERO))
        for some in (list(whole.values()), [(one.amount, one.whole) for one in found])
    ]
    if sums[0] != sums[1]:
        fault = f"the {indicator.code} of groups of loans do not sum to that of all: it counts more than loans"
        raise DataError(f"a breakdown by {by}", fault, f"break it down by {', '.join(get_args(ByPayee))}")
    yield from found


def _of_loans(facts: Facts, loans: frozenset[str]) -> Facts:
    return some_of(facts, FactsWanted(loans=loans, payees=frozenset(), since=date.max))


def _readings(
    facts: Facts, indicator: Indicator, people: Organisation, period: Period, currency: str
) -> dict[str, tuple[Fraction, Fraction | None]]:
    """Numerator and denominator by payee, of those for whom anything counts."""
    try:
        found = measure(facts, period, [indicator], currency=currency, organisation=people)
    except EmptyPeriodError:
        return {}
    numbers = ((one.subject, one.numerator, one.denominator) for one in found)
    return {payee: (amount, below) for payee, amount, below in numbers if amount or below}


def _loans_by(facts: Facts, by: ByPayee | ByLoan) -> dict[str, frozenset[str]]:
    """The numbers of loans by group."""
    table, found = facts.tables["loans"], defaultdict[str, set[str]](set)
    if not table.rows:
        return {}
    loans, column = table["loan"], table["opened_on" if by == "vintage" else by]
    for loan, value in zip(loans.values.tolist(), column.values.tolist(), strict=True):
        named = str(day_of(value).year) if by == "vintage" else str(column.words[value]) if value >= 0 else ""
        found[named].add(str(loans.words[loan]))
    return {group: frozenset(found[group]) for group in sorted(found)}


# ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────


def _grouped(
    counted: Sequence[Counted], what: Label, by: ByPayee | ByLoan, unit: str, viewer: Viewer, smallest: int
) -> Breakdown:
    seen = [one for one in counted if viewer.may_see(one.payee)]
    if not seen:
        raise DataError(f"a breakdown of {what.en}", "there is nobody to count", "check periods, facts and the viewer")
    payees = defaultdict[tuple[Period, str], set[str]](set)
    for one in seen:
        payees[one.period, one.group].add(one.payee)
    hidden = too_small(payees, smallest)
    sums = defaultdict[tuple[Period, str | None], list[Counted]](list)
    for one in seen:
        sums[one.period, None if one.group in hidden else one.group].append(one)
    order = sorted(sums, key=lambda key: (key[0].start, key[1] is None, key[1] or ""))
    rows = tuple(_row(period, group, by, sums[period, group]) for period, group in order)
    people, groups = len({one.payee for one in seen}), len({one.group for one in rows})
    periods = dict.fromkeys(str(one.period) for one in rows)
    listed = Label(", ".join(periods), "、".join(periods))
    label = filled(_WORDS["said"], what=what, by=BREAKDOWNS[by], groups=groups, periods=listed)
    finding = Finding(label=label, n=people, certainty=Exact(), method=_METHOD, limits=_LIMITS)
    return Breakdown(findings=(finding,), what=what, by=BREAKDOWNS[by], groups=rows, unit=unit)


def _row(period: Period, group: str | None, by: ByPayee | ByLoan, some: Sequence[Counted]) -> BreakdownRow:
    wholes = [one.whole for one in some if one.whole is not None]
    return BreakdownRow(
        period=period,
        group=label_of(group, by),
        people=len({one.payee for one in some}),
        amount=sum((one.amount for one in some), _ZERO),
        whole=sum(wholes, _ZERO) if wholes else None,
    )


def label_of(group: str | None, by: ByPayee | ByLoan) -> Label:
    """The name of a group; None is all those that are too small."""
    if group is None:
        return OTHERS
    if by == "tenure" and group:
        return TENURES[group]
    return Label(group, group) if group else _WORDS["none"]
