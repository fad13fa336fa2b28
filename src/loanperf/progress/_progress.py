"""Progress: where somebody stands in the course of a period, indicator by indicator, what comes next, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from loanperf._commission._tiers import TierBy
from loanperf._data import PlainData
from loanperf._explanations import (
    Explanation,
    Label,
    Language,
    because,
    carried,
    html_of,
    in_words,
    near_label,
    spoken,
    told,
)
from loanperf._facts import SalesLead, Training
from loanperf._indicators import Direction, Indicator
from loanperf._ledger import HeldCohort
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money, Quantity, percent, plain
from loanperf._scorecard import value_near, value_text
from loanperf.errors import UnknownIndicatorError

LimitKind: TypeAlias = Literal["veto", "gate", "cap of points", "cap of the bonus"]
"""What a limit does: a veto lowers the score, a gate forfeits part of the bonus, and beyond a cap nothing is earned."""
StepTo: TypeAlias = Literal["target", "grade", "bonus"]
"""What a step leads to: the target of an indicator, the next grade, or the next step of the bonus."""
Of: TypeAlias = Literal["person", "unit"]


@frozen(kw_only=True)
class IndicatorProgress(PlainData):
    """Where somebody stands in one indicator of the card, by a day of the period."""

    indicator: Indicator
    weight: Fraction
    """The weight that counts now, 0 to 1; of a unit 0, since it has no card."""
    points: Decimal | None
    """So far; None of a unit."""
    reading: Quantity | None
    """So far; None where there is none."""
    target: Quantity | None
    """For the days that are appraised; None where there is none."""
    attainment: Fraction | None
    """Reading / target, unrounded, whichever way is better; None without one of them or where the target is zero."""
    part_due: Fraction
    """The part of the target that is due by the day, 0 to 1; of a stock always 1."""
    by: Label
    """By what it goes what is due, such as by working days."""
    due: Quantity | None
    """Target × part due; None without a target."""
    ahead: Quantity | None
    """How far the reading is better than what is due, in the unit of the indicator; below zero it is behind."""
    at_end: Quantity | None
    """The reading at the end at this pace: of a flow reading / part due, of a stock the reading as it is. None where
    nothing is due yet, or there is no reading."""

    @property
    def is_behind(self) -> bool:
        """Whether the reading is worse than what is due."""
        return self.ahead is not None and self.ahead.value < 0


@frozen(kw_only=True)
class LimitProgress(PlainData):
    """A limit of the card, whether it is kept so far, and how far away it is."""

    kind: LimitKind
    indicator: Indicator | None
    """Whose reading is limited; None of a cap of the bonus."""
    actual: Quantity
    """The reading; of a cap of points the part of the weight that was earned before it; else the bonus before it."""
    limit: Quantity
    """In the same unit."""
    is_kept: bool
    """Whether it has not struck: no veto, nothing forfeited, nothing lost to a cap."""
    margin: Fraction
    """How far the actual value is from the limit, in the unit of both, while it is kept; below zero where it is broken,
    how far beyond. Zero is on the limit itself, where the limit says whether that strikes."""
    forfeited: Fraction | None = None
    """Of a gate: the part of the bonus that it forfeits now, 0 to 1."""

    @property
    def has_struck(self) -> bool:
        """Whether it is a veto or gate that is not kept; a cap only takes what is beyond it."""
        return self.kind in ("veto", "gate") and not self.is_kept


@frozen(kw_only=True)
class Outlook(PlainData):
    """Score, grade and bonus that some readings would give."""

    score: Decimal
    grade: str = ""
    """Its code; empty where there are none."""
    bonus: Money | None = None
    """None where there is no bonus plan."""


@frozen(kw_only=True)
class StepAhead(PlainData):
    """How much more of one indicator leads to something better, while all other readings stay as they are."""

    to: StepTo
    indicator: Indicator
    more: Quantity
    """How much better the reading must get, above zero: more where higher is better, less where lower is."""
    then: Outlook
    """What that would give."""
    worth: Money | None = None
    """The bonus then, less that of now; None where there is no bonus plan."""


@frozen(kw_only=True)
class TierProgress(PlainData):
    """Where a payee stands in the tiers of a component of commission, as the last line of the period says it."""

    plan: str
    component: str
    name: Label
    """Of the component, to show."""
    by: TierBy
    """What the tiers are read at."""
    reached: Quantity
    """What has accumulated, or was read, with the last loan."""
    rate: Quantity
    """The rate reached: a share, or money for a loan."""
    next_at: Quantity | None
    """Where the next tier starts; None where no tier follows."""
    next_rate: Quantity | None
    is_beyond: bool
    """Whether the next tier starts above `next_at` and not there itself."""
    more: Quantity | None
    """`next_at` less what is reached; None where no tier follows."""
    quota: Quantity | None = None
    """What 100% is, where tiers are read at an attainment of a quota."""
    last_loan: str = ""
    """Number of the loan with which that was reached; empty where it was none."""
    worth: tuple[Money, ...] | None = None
    """What one loan of the amount `loan`, on the terms of `last_loan`, would earn by commission, one a currency; None
    where nobody worked it."""

    @property
    def loan(self) -> Money | None:
        """The smallest loan that would reach the next tier, where tiers are read at amounts or at a quota of money."""
        more = self.more_of_quota if self.by == "attainment" else self.more if self.by == "amount" else None
        if more is None or more.unit not in CURRENCIES:
            return None
        units = more.value * 10 ** CURRENCIES[more.unit]
        return Money.from_units(floor(units) + 1 if self.is_beyond else ceil(units), more.unit)

    @property
    def more_of_quota(self) -> Quantity | None:
        """What is to come until the next tier, in the unit of the quota; None without a quota or a next tier."""
        if self.quota is None or self.more is None:
            return None
        return Quantity(self.more.value * self.quota.value, self.quota.unit)


@frozen(kw_only=True)
class MemberProgress(PlainData):
    """Where one member of a unit stands: a line of a list in which a lead looks for whom to help."""

    payee: str
    name: str
    score: Decimal
    grade: str
    """Its code; empty where there are none."""
    attainments: tuple[tuple[str, Fraction], ...]
    """Reading / target by code of indicator, where there are both."""
    behind: tuple[str, ...]
    """Codes of the indicators that are behind what is due."""
    broken: tuple[str, ...]
    """Codes of the indicators of which a veto or gate has struck."""


@frozen(kw_only=True)
class Support(PlainData):
    """What a person was given to work with, and what became of it by a day: leads and trainings (线索, 培训)."""

    leads: tuple[SalesLead, ...] = ()
    """Assigned on the days that are looked at, by `as_of`; in order of day and number."""
    trainings: tuple[Training, ...] = ()
    """Due on the days that are looked at, also after `as_of`; in order of day and course."""
    as_of: date
    """The last day that has passed."""

    @property
    def followed(self) -> tuple[SalesLead, ...]:
        """The leads that were followed by then."""
        return tuple(lead for lead in self.leads if _is_by(lead.followed_on, self.as_of))

    @property
    def converted(self) -> tuple[SalesLead, ...]:
        """The leads that led to a loan by then."""
        return tuple(lead for lead in self.leads if _is_by(lead.converted_on, self.as_of))

    @property
    def waiting(self) -> tuple[SalesLead, ...]:
        """The leads that wait to be followed, the oldest first."""
        return tuple(lead for lead in self.leads if not _is_by(lead.followed_on, self.as_of))

    @property
    def completed(self) -> tuple[Training, ...]:
        """The trainings that were completed by then."""
        return tuple(one for one in self.trainings if _is_by(one.completed_on, self.as_of))

    @property
    def ahead(self) -> tuple[Training, ...]:
        """The trainings that are not completed yet, the one that is due first before the others."""
        return tuple(one for one in self.trainings if not _is_by(one.completed_on, self.as_of))


def _is_by(on: date | None, as_of: date) -> bool:
    return on is not None and on <= as_of


@frozen(kw_only=True)
class Progress(PlainData):
    """Where a person, in one assignment, or a unit stands by a day of a period, and what comes next."""

    of: Of
    who: str
    """The code of the payee or unit."""
    name: str
    """To show; the code where it is not known."""
    period: Period
    """The days that are appraised."""
    as_of: date
    """The last day that has passed."""
    indicators: tuple[IndicatorProgress, ...]
    """In the order of the card."""
    now: Outlook | None
    """Score, grade and bonus so far; None of a unit."""
    limits: tuple[LimitProgress, ...] = ()
    """Vetoes, gates and caps."""
    earned: tuple[Money, ...] = ()
    """Commission of the period so far, one a currency."""
    _end: Outlook | Callable[[], Outlook | None] | None = field(default=None, alias="end", repr=False, eq=told)
    _steps: tuple[StepAhead, ...] | Callable[[], tuple[StepAhead, ...]] = field(
        default=(), alias="steps", repr=False, eq=told
    )
    _tiers: tuple[TierProgress, ...] | Callable[[], tuple[TierProgress, ...]] = field(
        default=(), alias="tiers", repr=False, eq=told
    )
    _held: tuple[HeldCohort, ...] | Callable[[], tuple[HeldCohort, ...]] = field(
        default=(), alias="held", repr=False, eq=told
    )
    _support: Support | Callable[[], Support | None] | None = field(default=None, alias="support", repr=False, eq=told)
    members: tuple[MemberProgress, ...] = ()
    """Of a unit, in order of code and date."""

    @property
    def end(self) -> Outlook | None:
        """What the readings `at_end` would give; None of a unit, and where nothing is due yet."""
        return told(self._end)

    @property
    def steps(self) -> tuple[StepAhead, ...]:
        """What leads to targets, the next grade and the next bonus, by indicator; looked for when somebody asks."""
        return told(self._steps)

    @property
    def tiers(self) -> tuple[TierProgress, ...]:
        """Where the payee stands in tiers of commission; worked out when somebody asks."""
        return told(self._tiers)

    @property
    def held(self) -> tuple[HeldCohort, ...]:
        """What the ledger holds of the payee, the oldest first, and when some of it is released next."""
        return told(self._held)

    @property
    def support(self) -> Support | None:
        """The leads and trainings of the payee, of a unit those of its members; None where no facts were passed."""
        return told(self._support)

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        known = {"steps": self.steps, "tiers": self.tiers, "held": self.held, "support": self.support}
        return carried(self, end=self.end, **known)

    def indicator(self, code: str) -> IndicatorProgress:
        """Where it stands in one indicator.

        Raises:
            UnknownIndicatorError: the card does not weigh it.
        """
        found = {line.indicator.code: line for line in self.indicators}
        if code not in found:
            raise UnknownIndicatorError(code, tuple(found))
        return found[code]

    def explain(self) -> Explanation:
        """What stands in it, as sentences in both languages."""
        return because(
            "progress",
            {"who": self.who, "period": str(self.period), "on": self.as_of.isoformat(), "state": _state(self)},
            *(_why_indicator(line) for line in self.indicators),
            *(_why_limit(limit) for limit in self.limits),
            *(_why_step(step) for step in self.steps),
            *(() if (end := self.end) is None else (because("progress.outlook", {"outlook": _outlook(end)}),)),
            *(because("progress.earned", {"amount": str(amount)}) for amount in self.earned),
            *map(_why_tier, self.tiers),
            *map(_why_held, self.held),
            *_why_supported(self.support),
            *map(_why_member, self.members),
        )

    def html(self, language: Language = "en") -> str:
        """A small table of the indicators, and the rest as a list; every value is escaped.

        Raises:
            DataError: the language is neither English nor simplified Chinese.
        """
        spoken(language)
        head, *nodes = self.explain().sentence(language), *self.explain().because[len(self.indicators) :]
        rows = "".join(f"<tr>{''.join(map(_cell, _cells(line, language)))}</tr>" for line in self.indicators)
        heads = "".join(f"<th>{html_of(word)}</th>" for word in _HEADS.to(language).split("|"))
        below = "".join(f"<li>{node.html(language)}</li>" for node in nodes)
        table = f"<table class='loanperf'><caption>{html_of(head)}</caption><tr>{heads}</tr>{rows}</table>"
        return table + (f"<ul>{below}</ul>" if below else "")

    def _repr_html_(self) -> str:
        return f"<div class='loanperf'>{self.html()}</div>"


@frozen(kw_only=True)
class NextLoan(PlainData):
    """What one more loan would earn a payee in a period: everything worked with it, less everything without it."""

    payee: str
    period: Period
    amount: Money | None
    """Of the loan; None where its facts state none."""
    commission: tuple[Money, ...]
    """What the payee's commission of the period would be more, one a currency; below zero where it would be less. Empty
    where there is no plan."""
    before: Outlook | None
    """Score and bonus without the loan; None where nobody appraises the payee."""
    after: Outlook | None
    """Score and bonus with it."""
    tiers: tuple[TierProgress, ...] = ()
    """Where the payee would stand in tiers with it."""

    @property
    def bonus(self) -> Money | None:
        """What the bonus would be more; None where there is none."""
        if self.before is None or self.after is None or self.before.bonus is None or self.after.bonus is None:
            return None
        return self.after.bonus - self.before.bonus

    @property
    def earns(self) -> tuple[Money, ...]:
        """Commission and bonus together, one a currency, before holdbacks and what is netted."""
        return summed((*self.commission, *(() if self.bonus is None else (self.bonus,))))

    def explain(self) -> Explanation:
        """What it would earn, as sentences in both languages."""
        return because(
            "progress.next loan",
            {
                "who": self.payee,
                "period": str(self.period),
                "loan": _of_loan(self.amount),
                "earns": _amounts(self.earns),
            },
            *(because("progress.more commission", {"amount": str(amount)}) for amount in self.commission),
            *_why_moved(self),
            *map(_why_tier, self.tiers),
        )

    def _repr_html_(self) -> str:
        return f"<div class='loanperf'>{self.explain().html()}</div>"


def summed(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Amounts summed, one a currency, in the order in which currencies come."""
    found: dict[str, Money] = {}
    for amount in amounts:
        found[amount.currency] = found[amount.currency] + amount if amount.currency in found else amount
    return tuple(found.values())


# ── in words ────────────────────────────────────────────────────────────────────────────────────────────────

_HEADS = Label(
    "indicator|reading|target|attainment|due by now|ahead|at this pace|weight|points",
    "指标|完成值|目标|完成率|应完成|进度差|预计期末|权重|得分",
)
_KINDS = {
    "veto": Label("veto", "一票否决"),
    "gate": Label("gate", "门槛"),
    "cap of points": Label("cap of points", "得分封顶"),
    "cap of the bonus": Label("cap of the bonus", "奖金封顶"),
}
_ENDS = {
    "target": Label("reaches the target", "完成目标"),
    "grade": Label("gives the next grade", "升入下一等级"),
    "bonus": Label("gives the next step of the bonus", "奖金升入下一档"),
}
_NOTHING = Label("nothing", "无")


def _joined(parts: Iterable[str | Label], en: str = ", ", zh: str = "，") -> Label:
    given = [*parts]
    return Label(en.join(in_words(part, "en") for part in given), zh.join(in_words(part, "zh") for part in given))


def _amounts(amounts: Iterable[Money]) -> Label:
    return _joined(map(str, given), zh="、") if (given := [*amounts]) else _NOTHING


def _outlook(outlook: Outlook) -> Label:
    """Score, grade and bonus, as a list."""
    parts: list[str | Label] = [Label(f"{outlook.score} points", f"{outlook.score} 分")]
    if outlook.grade:
        parts.append(Label(f"grade {outlook.grade}", f"等级 {outlook.grade}"))
    if outlook.bonus is not None:
        parts.append(Label(f"bonus {outlook.bonus}", f"奖金 {in_words(outlook.bonus, 'zh')}"))
    return _joined(parts)


def _state(progress: Progress) -> Label:
    if progress.now is not None:
        return _outlook(progress.now)
    count = len(progress.members)
    return Label(f"{count} member{'' if count == 1 else 's'}", f"{count} 人")


def _why_indicator(line: IndicatorProgress) -> Explanation:
    """The reading of an indicator, what is due, and where it leads."""
    if line.reading is None:
        return because("progress.no reading", {"indicator": line.indicator.name})
    item, below = line.indicator, list[Explanation]()
    target: str | Label = ""
    if line.target is not None:
        aim, part = value_near(item, line.target), "" if line.attainment is None else f", {percent(line.attainment)}"
        of = "" if line.attainment is None else f"，完成率 {percent(line.attainment)}"
        target = Label(f"; target {in_words(aim, 'en')}{part}", f"；目标 {in_words(aim, 'zh')}{of}")
    if line.due is not None and line.ahead is not None:
        values: dict[str, str | Label] = {"by": line.by, "ahead": _ahead(item, line.ahead)}
        values |= {"part": percent(line.part_due), "due": value_near(item, line.due)}
        below.append(because("progress.due" if item.timing == "flow" else "progress.whole", values))
    if line.at_end is not None:
        end, actual = value_near(item, line.at_end), value_near(item, line.reading)
        values = {"actual": actual, "part": percent(line.part_due), "end": end}
        below.append(because("progress.end" if item.timing == "flow" else "progress.stays", values))
    values = {"indicator": item.name, "actual": value_near(item, line.reading), "target": target}
    return because("progress.indicator", values, *below)


def _ahead(item: Indicator, ahead: Quantity) -> Label:
    """How far ahead or behind, in words."""
    far = value_near(item, Quantity(abs(ahead.value), ahead.unit))
    en, zh = ("behind by", "落后") if ahead.value < 0 else ("ahead by", "领先")
    return Label(f"{en} {in_words(far, 'en')}", f"{zh} {in_words(far, 'zh')}")


def _why_limit(limit: LimitProgress) -> Explanation:
    item = limit.indicator
    name = _KINDS[limit.kind] if item is None else _joined((_KINDS[limit.kind], item.name), en=" of ", zh="：")

    def said(value: Quantity) -> str | Label:
        if limit.kind == "cap of points":
            return percent(value.value)
        return near_label(value) if item is None else value_near(item, value)

    margin = said(Quantity(abs(limit.margin), limit.actual.unit))
    values: dict[str, str | Label] = {
        "what": name,
        "actual": said(limit.actual),
        "limit": said(limit.limit),
        "margin": margin,
    }
    if limit.is_kept or not limit.has_struck:
        return because("progress.kept" if limit.is_kept else "progress.capped", values)
    takes = "" if limit.forfeited is None else percent(limit.forfeited)
    return because(
        "progress.broken", {**values, "takes": Label(f"; it takes {takes}", f"，扣减 {takes}") if takes else ""}
    )


def _why_step(step: StepAhead) -> Explanation:
    more = value_near(step.indicator, step.more)
    en, zh = ("more", "再增加") if step.indicator.direction is Direction.HIGHER else ("less", "再降低")
    by = Label(f"{in_words(more, 'en')} {en}", f"{zh} {in_words(more, 'zh')}")
    worth = "" if step.worth is None else Label(f"; worth {step.worth}", f"；可增加奖金 {in_words(step.worth, 'zh')}")
    values = {"indicator": step.indicator.name, "more": by, "what": _ENDS[step.to]}
    return because("progress.step", {**values, "then": _outlook(step.then), "worth": worth})


def _why_tier(tier: TierProgress) -> Explanation:
    at, rate = _at_tier(tier, tier.reached), _rate(tier.rate)
    ahead = Label("; no tier follows", "，已无下一档")
    if tier.next_at is not None and tier.next_rate is not None and tier.more is not None:
        edge, coming, left = _at_tier(tier, tier.next_at), _rate(tier.next_rate), _at_tier(tier, tier.more)
        where, bis = ("above", "以上（不含）") if tier.is_beyond else ("from", "起")
        quota = tier.more_of_quota
        is_of = "" if quota is None else f" ({in_words(near_label(quota), 'en')})"
        ist = "" if quota is None else f"（{in_words(near_label(quota), 'zh')}）"
        ahead = Label(
            f"; next: {in_words(coming, 'en')} {where} {in_words(edge, 'en')}, {in_words(left, 'en')}{is_of} to go",
            f"；下一档：{in_words(edge, 'zh')} {bis} {in_words(coming, 'zh')}，还差 {in_words(left, 'zh')}{ist}",
        )
    below = []
    if tier.worth is not None and tier.loan is not None:
        below = [because("progress.worth", {"loan": str(tier.loan), "amount": _amounts(tier.worth)})]
    return because("progress.tier", {"what": tier.name, "reached": at, "rate": rate, "next": ahead}, *below)


def _at_tier(tier: TierProgress, value: Quantity) -> str | Label:
    is_share = tier.by in ("attainment", "indicator attainment") or (tier.by == "indicator" and not value.unit)
    return percent(value.value) if is_share else near_label(value)


def _rate(rate: Quantity) -> str | Label:
    return near_label(rate) if rate.unit else percent(rate.value)


def _why_held(cohort: HeldCohort) -> Explanation:
    ahead: str | Label = ""
    if cohort.next_on is not None and cohort.next_amount is not None:
        on, much = cohort.next_on.isoformat(), cohort.next_amount
        ahead = Label(f"; {much} of it expected on {on}", f"；预计 {on} 返还 {in_words(much, 'zh')}")
    return because("progress.held", {"amount": str(cohort.amount), "cohort": cohort.cohort, "next": ahead})


def _why_supported(support: Support | None) -> Iterable[Explanation]:
    """Leads and trainings, with those that wait; nothing where there are none."""
    if support is not None and support.leads:
        counts = {"assigned": support.leads, "followed": support.followed, "converted": support.converted}
        waiting = (
            because("progress.lead waits", {"lead": lead.number, "on": lead.on.isoformat()}) for lead in support.waiting
        )
        yield because("progress.leads", {name: str(len(leads)) for name, leads in counts.items()}, *waiting)
    if support is not None and support.trainings:
        counted = {"completed": str(len(support.completed)), "due": str(len(support.trainings))}
        ahead = (
            because("progress.training ahead", {"course": one.course, "on": one.on.isoformat()})
            for one in support.ahead
        )
        yield because("progress.trainings", counted, *ahead)


def _why_member(member: MemberProgress) -> Explanation:
    grade = Label(f", grade {member.grade}", f"，等级 {member.grade}") if member.grade else ""
    behind, broken = ", ".join(member.behind), ", ".join(member.broken)
    state = Label(
        (f"; behind: {behind}" if behind else "") + (f"; broken: {broken}" if broken else ""),
        (f"；进度落后：{behind}" if behind else "") + (f"；已触发限额：{broken}" if broken else ""),
    )
    values: dict[str, str | Label] = {"who": member.payee, "score": str(member.score), "grade": grade, "state": state}
    return because("progress.member", values)


def _of_loan(amount: Money | None) -> str | Label:
    return Label("without an amount", "未注明金额") if amount is None else str(amount)


def _why_moved(loan: NextLoan) -> Iterable[Explanation]:
    """What the loan does to score and bonus."""
    if loan.before is not None and loan.after is not None:
        yield because("progress.moved", {"now": _outlook(loan.before), "then": _outlook(loan.after)})


def _cell(text: str) -> str:
    return f"<td>{html_of(text)}</td>"


def _cells(line: IndicatorProgress, language: Language) -> list[str]:
    item = line.indicator

    def said(value: Quantity | None) -> str:
        return "" if value is None else value_text(item, value, language)

    return [
        item.name.to(language),
        said(line.reading),
        said(line.target),
        "" if line.attainment is None else percent(line.attainment),
        said(line.due),
        "" if line.ahead is None else _ahead(item, line.ahead).to(language),
        said(line.at_end),
        percent(line.weight) if line.points is not None else "",
        "" if line.points is None else plain(Fraction(line.points)),
    ]
