"""Words of progress: parts of it -> sentences in both languages, and cells of a table."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from loanperf._explanations import Explanation, Label, Language, because, html_of, in_words, near_label
from loanperf._indicators import Direction, Indicator
from loanperf._ledger import HeldCohort
from loanperf._quantities import Money, Quantity, percent, plain
from loanperf._scorecard import value_near, value_text
from loanperf.progress._parts import (
    IndicatorProgress,
    LimitProgress,
    MemberProgress,
    Outlook,
    StepAhead,
    Support,
    TierProgress,
)

HEADS = Label(
    "indicator|reading|target|attainment|due by now|ahead|at this pace|weight|points",
    "指标|完成值|目标|完成率|应完成|进度差|预计期末|权重|得分",
)
_KINDS = {
    "veto": Label("veto", "一票否决"),
    "gate": Label("gate", "门槛"),
    "cap of points": Label("cap of points", "得分封顶"),
    "cap of the bonus": Label("cap of the bonus", "奖金封顶"),
    "cap of commission": Label("cap of the commission", "提成封顶"),
}
_ENDS = {
    "target": Label("reaches the target", "完成目标"),
    "grade": Label("gives the next grade", "升入下一等级"),
    "bonus": Label("gives the next step of the bonus", "奖金升入下一档"),
}
_NOTHING = Label("nothing", "无")
_PLACES = 2


def share_near(share: Fraction | None) -> str:
    """A share as a percentage for who only reads it, to two places; one that goes on is marked with ≈."""
    return "" if share is None else percent(share, _PLACES)


def _joined(parts: Iterable[str | Label], en: str = ", ", zh: str = "，") -> Label:
    given = [*parts]
    return Label(en.join(in_words(part, "en") for part in given), zh.join(in_words(part, "zh") for part in given))


def amounts_label(amounts: Iterable[Money]) -> Label:
    return _joined(map(str, given), zh="、") if (given := [*amounts]) else _NOTHING


def outlook_label(outlook: Outlook) -> Label:
    """Score, grade and bonus, as a list."""
    parts: list[str | Label] = [Label(f"{outlook.score} points", f"{outlook.score} 分")]
    if outlook.grade:
        parts.append(Label(f"grade {outlook.grade}", f"等级 {outlook.grade}"))
    if outlook.bonus is not None:
        parts.append(Label(f"bonus {outlook.bonus}", f"奖金 {in_words(outlook.bonus, 'zh')}"))
    return _joined(parts)


def why_indicator(line: IndicatorProgress) -> Explanation:
    """The reading of an indicator, what is due, and where it leads."""
    if line.reading is None:
        return because("progress.no reading", {"indicator": line.indicator.name})
    item, below = line.indicator, list[Explanation]()
    target: str | Label = ""
    if line.target is not None:
        aim, done = value_near(item, line.target, _PLACES), share_near(line.attainment)
        part, of = (f", {done}", f"，完成率 {done}") if done else ("", "")
        target = Label(f"; target {in_words(aim, 'en')}{part}", f"；目标 {in_words(aim, 'zh')}{of}")
    if line.due is not None and line.ahead is not None:
        values: dict[str, str | Label] = {"by": line.by, "ahead": _ahead(item, line.ahead)}
        values |= {"part": share_near(line.part_due), "due": value_near(item, line.due, _PLACES)}
        below.append(because("progress.due" if item.timing == "flow" else "progress.whole", values))
    if line.at_end is not None:
        end, actual = value_near(item, line.at_end, _PLACES), value_near(item, line.reading, _PLACES)
        values = {"actual": actual, "part": share_near(line.part_due), "end": end}
        below.append(because("progress.end" if item.timing == "flow" else "progress.stays", values))
    values = {"indicator": item.name, "actual": value_near(item, line.reading, _PLACES), "target": target}
    return because("progress.indicator", values, *below)


def _ahead(item: Indicator, ahead: Quantity) -> Label:
    """How far ahead or behind, in words."""
    far = value_near(item, Quantity(abs(ahead.value), ahead.unit), _PLACES)
    en, zh = ("behind by", "落后") if ahead.value < 0 else ("ahead by", "领先")
    return Label(f"{en} {in_words(far, 'en')}", f"{zh} {in_words(far, 'zh')}")


def why_limit(limit: LimitProgress) -> Explanation:
    item = limit.indicator
    whose = limit.name if item is None else item.name
    name = _joined((_KINDS[limit.kind], whose), en=" of ", zh="：") if whose.en else _KINDS[limit.kind]

    def said(value: Quantity) -> str | Label:
        if limit.kind == "cap of points":
            return share_near(value.value)
        return near_label(value) if item is None else value_near(item, value, _PLACES)

    margin = said(Quantity(abs(limit.margin), limit.actual.unit))
    values: dict[str, str | Label] = {
        "what": name,
        "actual": said(limit.actual),
        "limit": said(limit.limit),
        "margin": margin,
    }
    if limit.is_kept or not limit.has_struck:
        return because("progress.kept" if limit.is_kept else "progress.capped", values)
    takes = share_near(limit.forfeited)
    return because(
        "progress.broken", {**values, "takes": Label(f"; it takes {takes}", f"，扣减 {takes}") if takes else ""}
    )


def why_step(step: StepAhead) -> Explanation:
    more = value_near(step.indicator, step.more, _PLACES)
    en, zh = ("more", "再增加") if step.indicator.direction is Direction.HIGHER else ("less", "再降低")
    by = Label(f"{in_words(more, 'en')} {en}", f"{zh} {in_words(more, 'zh')}")
    worth = "" if step.worth is None else Label(f"; worth {step.worth}", f"；可增加奖金 {in_words(step.worth, 'zh')}")
    values = {"indicator": step.indicator.name, "more": by, "what": _ENDS[step.to]}
    return because("progress.step", {**values, "then": outlook_label(step.then), "worth": worth})


def why_tier_ahead(tier: TierProgress) -> Explanation:
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
        below = [because("progress.worth", {"loan": str(tier.loan), "amount": amounts_label(tier.worth)})]
    return because("progress.tier", {"what": tier.name, "reached": at, "rate": rate, "next": ahead}, *below)


def _at_tier(tier: TierProgress, value: Quantity) -> str | Label:
    is_share = tier.by in ("attainment", "indicator attainment") or (tier.by == "indicator" and not value.unit)
    return share_near(value.value) if is_share else near_label(value)


def _rate(rate: Quantity) -> str | Label:
    return near_label(rate) if rate.unit else percent(rate.value)


def why_held(cohort: HeldCohort) -> Explanation:
    ahead: str | Label = ""
    if cohort.next_on is not None and cohort.next_amount is not None:
        on, much = cohort.next_on.isoformat(), cohort.next_amount
        ahead = Label(f"; {much} of it expected on {on}", f"；预计 {on} 返还 {in_words(much, 'zh')}")
    return because("progress.held", {"amount": str(cohort.amount), "cohort": cohort.cohort, "next": ahead})


def why_supported(support: Support | None) -> Iterable[Explanation]:
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


def why_member(member: MemberProgress) -> Explanation:
    grade = Label(f", grade {member.grade}", f"，等级 {member.grade}") if member.grade else ""
    behind, broken = ", ".join(member.behind), ", ".join(member.broken)
    state = Label(
        (f"; behind: {behind}" if behind else "") + (f"; broken: {broken}" if broken else ""),
        (f"；进度落后：{behind}" if behind else "") + (f"；已触发红线：{broken}" if broken else ""),
    )
    values: dict[str, str | Label] = {"who": member.payee, "score": str(member.score), "grade": grade, "state": state}
    return because("progress.member", values)


def cell_html(text: str) -> str:
    return f"<td>{html_of(text)}</td>"


def cells_of(line: IndicatorProgress, language: Language) -> list[str]:
    item = line.indicator

    def said(value: Quantity | None) -> str:
        return "" if value is None else value_text(item, value, language, _PLACES)

    return [
        item.name.to(language),
        said(line.reading),
        said(line.target),
        share_near(line.attainment),
        said(line.due),
        "" if line.ahead is None else _ahead(item, line.ahead).to(language),
        said(line.at_end),
        percent(line.weight) if line.points is not None else "",
        "" if line.points is None else plain(Fraction(line.points)),
    ]
