"""Comparison: what two scenarios come to over one history, as a value: totals, people, groups, grades and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from loanperf._charts import paired_bars
from loanperf._data import PlainData
from loanperf._explanations import Label, Language, in_words
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._validators import as_share, between, is_a
from loanperf.analytics._findings import OTHERS, SMALLEST, Analysis, AnalysisColumn, Finding, column, unit_in
from loanperf.analytics._scenario import PaidDifference
from loanperf.analytics._trees import ReasonChange
from loanperf.errors import DataError

By: TypeAlias = Literal["total", "period", "role", "region", "unit", "product", "grade", "tenure"]
BY_NAMES: Mapping[By, Label] = MappingProxyType(
    {
        "total": Label("total", "合计"),
        "period": Label("period", "期间"),
        "role": Label("role", "岗位"),
        "region": Label("region", "区域"),
        "unit": Label("unit", "机构"),
        "product": Label("product", "产品"),
        "grade": Label("grade", "等级"),
        "tenure": Label("service", "司龄"),
    }
)
"""By what pay is broken down, in the order of the table."""
NOW, NEW = Label("now", "现行方案"), Label("new", "新方案")


@frozen(kw_only=True)
class GroupChange(PlainData):
    """What a group is paid now and would be paid; the groups of one breakdown sum to the total."""

    by: By
    group: Label
    people: int
    """How many have pay or a score in it; one who changes role within the history is in both groups."""
    now: Money
    new: Money

    @property
    def difference(self) -> Money:
        """Below zero where the group would be paid less."""
        return self.new - self.now


@frozen(kw_only=True)
class PayeeChange(PlainData):
    """What a payee is paid now and would be paid, over all periods."""

    payee: str
    name: str
    now: Money
    new: Money

    @property
    def difference(self) -> Money:
        """Below zero where the payee would be paid less."""
        return self.new - self.now


@frozen(kw_only=True)
class PayeeSpread(PlainData):
    """How differences of payees are spread; each is that of a payee, none lies between two.

    Who does not see everybody is told those alone at which, and on either side of which, lie `CompareRules.smallest`
    payees or more, that payee counted; the others are None.
    """

    least: Money | None
    p10: Money | None
    median: Money | None
    """The difference in the middle; of an even number of payees the lower of the two."""
    p90: Money | None
    most: Money | None


@frozen(kw_only=True)
class WinnersLosers(PlainData):
    """The number of payees who would be paid more, less and the same, and of those whose pay changes by a lot.

    A change counts as large where it is greater than the bound; a change equal to the bound does not.
    """

    share: Fraction
    """The first bound, as a part of what a payee is paid now, such as 1/20. For a payee who is paid nothing now, any
    change is greater."""
    amount: Money
    more: int
    less: int
    same: int
    more_by_share: int
    less_by_share: int
    more_by_amount: int
    less_by_amount: int


@frozen(kw_only=True)
class GradeMove(PlainData):
    """How often a payee who has one grade now would have another, or the same; once a period."""

    now: str
    """The grade now; empty for none."""
    new: str
    times: int | None
    """None where fewer than `CompareRules.smallest` payees moved so, or their number could be told from what else is
    shown, and the viewer does not see everybody."""


@frozen(kw_only=True)
class LimitHits(PlainData):
    """How often a limit, such as a cap or a veto, changes pay, now and by the new scenario."""

    code: str
    name: Label
    now: int
    new: int


@frozen(kw_only=True)
class ExplainedChange(PlainData):
    """Why the pay of one payee differs, in the period in which it differs most: what differs, and nothing else."""

    payee: str
    period: Period
    now: Money
    new: Money
    reasons: tuple[ReasonChange, ...]
    """The reasons of score and bonus that differ, and those of the ten lines of commission that differ most."""
    more: int = 0
    """How many other lines of commission differ."""

    def text(self, language: Language = "en") -> str:
        """The payee, the amounts, and a line for each reason on either side."""
        now, new = in_words(self.now, language), in_words(self.new, language)
        head = _WORDS["explained"].to(language).format(payee=self.payee, period=self.period, now=now, new=new)
        more = [_WORDS["more"].to(language).format(more=self.more)] if self.more else []
        return "\n".join([head, *(reason.text(language) for reason in self.reasons), *more])


@frozen(kw_only=True)
class VolumeCost(PlainData):
    """What the new scenario comes to where every amount of a loan is larger or smaller by a share."""

    change: Fraction
    """By which part amounts of loans are larger: -1/10 is a tenth less."""
    cost: Money


_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "explained": Label("{payee}, {period}: {now} → {new}", "{payee}，{period}：{now} → {new}"),
        "more": Label("and {more} more lines that differ", "另有 {more} 条明细不同"),
        "by": Label("by", "维度"),
        "group": Label("group", "分组"),
        "people": Label("people", "人数"),
        "now": NOW,
        "new": NEW,
        "difference": Label("difference", "差额"),
        "share": Label("of now", "变动幅度"),
    }
)


def _money_or_none(value: object) -> object:
    return Money.of(value) if isinstance(value, str) else value


@frozen(kw_only=True)
class CompareRules(PlainData):
    """Who counts as moved, which groups are shown, and how far volume is varied.

    Raises:
        DataError: a share is no share, `smallest` is below 1, or the amount is negative.
    """

    beyond_share: Fraction = field(default=Fraction(5, 100), converter=as_share, validator=between(0, None))
    """Payees who move by more than this part of what they are paid now are counted; zero or more."""
    beyond_amount: Money | None = field(default=None, converter=_money_or_none, validator=optional(is_a(Money)))
    """Payees who move by more than this are counted; None is 1,000 of the currency."""
    volume: Fraction = field(default=Fraction(0), converter=as_share, validator=between(0, 1))
    """The new scenario is also worked with every amount of a loan smaller and larger by this share; zero is not."""
    smallest: int = field(default=SMALLEST, validator=between(1, None, int))
    """Groups of fewer people are shown together, and single figures of fewer are not shown."""

    def amount_in(self, currency: str) -> Money:
        """The amount beyond which a payee counts as moved.

        Raises:
            DataError: it is negative or in another currency.
        """
        amount = Money.of(1000, currency) if self.beyond_amount is None else self.beyond_amount
        if amount.currency != currency or amount.units < 0:
            raise DataError("beyond_amount", f"it is {amount}", f"give an amount in {currency}, zero or more")
        return amount


@frozen(kw_only=True, repr=False)
class Comparison(Analysis):
    """What two scenarios come to over the same history. Amounts are exact, and in one currency.

    Pay is what is earned less what is taken back in a period, bonus and commission together, whenever it is paid out.
    """

    findings: tuple[Finding, ...]
    periods: tuple[Period, ...]
    now: Money
    """The cost of all periods by the scenario of then."""
    new: Money
    """The cost by the other scenario."""
    groups: tuple[GroupChange, ...]
    """The total, then each breakdown; a group with too few people is part of `OTHERS`."""
    spread: PayeeSpread
    moved: WinnersLosers
    grades: tuple[GradeMove, ...]
    limits: tuple[LimitHits, ...]
    gini: tuple[Fraction | None, Fraction | None]
    """How unequal pay is between payees, now and new: 0 is all alike; None where pay is below zero, or all is zero."""
    slope: tuple[Fraction | None, Fraction | None]
    """How much more pay goes with a point of score, in whole currency, now and new: the slope of the least squares over
    payees and periods; None where all scores are equal."""
    per_lent: tuple[Fraction | None, Fraction | None] = (None, None)
    """Cost per 10,000 of what loans drew in the periods, in whole currency, now and new; None where none was."""
    per_profit: tuple[Fraction | None, Fraction | None] = (None, None)
    """Cost per 10,000 of what their customers contributed, as the host's finance system computes it (FTP or EVA)."""
    people: tuple[PayeeChange, ...] = ()
    """The payees whom the viewer may see, the largest difference first."""
    largest: tuple[ExplainedChange, ...] = ()
    """The ten payees of `people` with the largest differences, explained."""
    volume: tuple[VolumeCost, ...] = ()
    """The cost of the new scenario at other volumes of loans."""
    digest: str = ""
    """The SHA-256 of facts, schemes, people, readings and targets of both, and of what each payee comes to: where it is
    the same, so is the comparison, whatever the order of facts."""
    accepted: tuple[PaidDifference, ...] = ()
    """Where the scenario of then comes to something else than was paid, and that was accepted; of those whom the viewer
    may see."""
    skipped: int = field(default=0)
    """How often a payee could not be worked in a period by the scenario of then, and is left out of both."""

    @property
    def difference(self) -> Money:
        """What the new scenario costs more; below zero where it costs less."""
        return self.new - self.now

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """The total and each breakdown."""
        given = self.groups
        shares = [Fraction(one.difference.units, one.now.units) if one.now.units else None for one in given]
        kept = ("group", "people", "now", "new", "difference")
        return (
            column(_WORDS, "by", (BY_NAMES[one.by] for one in given)),
            *(column(_WORDS, code, (getattr(one, code) for one in given)) for code in kept),
            column(_WORDS, "share", shares, "%"),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """What both cost in each period, as pairs of bars."""
        bars = [
            (one.group.to(language), what.to(language), amount.exact)
            for one in self.groups
            if one.by == "period"
            for what, amount in ((NOW, one.now), (NEW, one.new))
        ]
        return paired_bars(bars, order=(NOW.to(language), NEW.to(language)), up=unit_in(self.now.currency, language))

    def text(self, language: Language = "en") -> str:
        """The findings, the table, and the largest differences with what differs in their reasons."""
        return "\n".join([super().text(language), *(one.text(language) for one in self.largest)])


def label_of_group(group: str | None, by: By) -> Label:
    """The name of a group: as the host calls it, or what those that are too small go by."""
    if group is None:
        return OTHERS
    if by == "tenure" and group:
        return TENURES[group]
    return Label(group, group) if group else _NONE[by]


TENURES: Mapping[str, Label] = MappingProxyType(
    {
        "0": Label("less than 12 months", "不满 12 个月"),
        "12": Label("12 months or more, less than 36", "12 个月以上、不满 36 个月"),
        "36": Label("36 months or more", "36 个月以上"),
    }
)
"""Bands of service, by the months with which they begin."""
_UNASSIGNED = Label("not assigned in the period", "期内无任职")
_NONE: Mapping[By, Label] = MappingProxyType(
    {
        "product": Label("bonus, and loans without a product", "奖金及未注明产品的贷款"),
        "grade": Label("no grade", "无等级"),
        "role": _UNASSIGNED,
        "region": _UNASSIGNED,
        "unit": _UNASSIGNED,
        "tenure": _UNASSIGNED,
    }
)
