"""Appraisals: (card, targets, readings) -> appraisal, a score that says why."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from attrs import field, frozen

from loanperf._curves import Curve
from loanperf._data import PlainData
from loanperf._explanations import ROUNDING_NAMES, SOMEBODY, Explanation, Label, Language, because, html_of
from loanperf._facts import key_text
from loanperf._indicators import (
    SUPPLIED_FORMULA,
    Direction,
    Indicator,
    Part,
    Reading,
    fact_label,
    formula_of,
    key_label,
    source_label,
)
from loanperf._quantities import Quantity, percent, plain
from loanperf._scorecard import (
    Card,
    CardLine,
    Grade,
    Missing,
    Veto,
    points_text,
    value_label,
    value_text,
)
from loanperf.errors import MissingReadingError, UnknownIndicatorError

_HEADS = Label("indicator|weight|target|reading|points", "指标|权重|目标|完成值|得分")
_SCORE = Label("score", "总分")
SUPPLIED = Label("as supplied by the host", "由系统提供")
"""The source of a target that is not the scheme's."""
COMPARISONS = {
    "above": Label("above", "高于"),
    "at least": Label("at or above", "不低于"),
    "below": Label("below", "低于"),
    "at most": Label("at or below", "不高于"),
}
"""How a reading compares with a limit, in words."""


@frozen(kw_only=True)
class ScoredLine(PlainData):
    """What one indicator earned."""

    line: CardLine
    weight: Fraction
    """The weight that counted: another than the line's where missing readings are renormalised."""
    target: Quantity | None
    reading: Reading | None
    """None where there is none and the card's rule counts zero or leaves it out."""
    attainment: Fraction | None = None
    """actual / target, unrounded; None without a reading or a target."""
    earned: Fraction = Fraction(0)
    """Share of the weight before cap and floor."""
    share: Fraction = Fraction(0)
    """Share of the weight that was earned."""
    exact: Fraction = Fraction(0)
    """Weight × 100 × share: the points before rounding."""
    points: Decimal = Decimal(0)
    """The points, rounded as the card says; where it rounds the total, they are rounded only to be shown."""


@frozen(kw_only=True)
class Appraisal(PlainData):
    """How a payee performed in a period: points per indicator, the score, the grade, and why."""

    card: Card
    payee: str
    lines: tuple[ScoredLine, ...]
    score: Decimal
    """The sum of the points, rounded each or once as the card says, or what a veto makes of it."""
    grade: Grade | None = None
    vetoes: tuple[Veto, ...] = ()
    """The vetoes that struck."""
    readings: tuple[Reading, ...] = field(default=(), repr=False)
    """Every reading that the card looked at, those of vetoes, gates and bonus included."""
    unused: tuple[str, ...] = ()
    """Codes of readings and targets that were supplied and that the card does not look at."""

    @property
    def beyond_points(self) -> Fraction:
        """How far the score is above the sum of the points; below zero where a veto lowered it, else zero.

        Where the total is rounded, less than one step of it is no difference.
        """
        if not _of_total(self):
            return Fraction(self.score) - sum(Fraction(scored.points) for scored in self.lines)
        off = Fraction(self.score) - sum(scored.exact for scored in self.lines)
        return off if abs(off) * 10 ** self.lines[0].line.scoring.places >= 1 else Fraction(0)

    def line(self, code: str) -> ScoredLine:
        """What an indicator earned.

        Raises:
            UnknownIndicatorError: it is not on the card.
        """
        found = {scored.line.indicator.code: scored for scored in self.lines}
        if code not in found:
            raise UnknownIndicatorError(code, tuple(found))
        return found[code]

    def reading(self, code: str) -> Fraction:
        """The unrounded reading of an indicator that the card looks at.

        Raises:
            MissingReadingError: there is none.
        """
        for reading in self.readings:
            if reading.indicator == code and reading.value is not None:
                return reading.value.value
        available = tuple(reading.indicator for reading in self.readings)
        raise MissingReadingError(code, self.payee, available, "the bonus")

    def explain(self) -> Explanation:
        """Why the score is what it is, down to the facts: data that prints as text, HTML and JSON, in two languages."""
        card, grade = self.card, self.grade
        units = ", ".join(card.set_by)
        head = because(
            "score.scheme",
            {
                "scheme": card.scheme,
                "version": Label(f"{card.version} ({card.effective})", f"{card.version}（{card.effective}）"),
                "profile": card.profile,
                "set_by": Label(f", weights set by {units}", f"，权重由 {units} 设定") if units else "",
                "phase": Label(f", phase {card.phase}", f"，阶段 {card.phase}") if card.phase else "",
            },
        )
        return because(
            "score",
            {
                "payee": self.payee or SOMEBODY,
                "period": str(card.period),
                "score": str(self.score),
                "grade": Label(f", grade {grade.code}", f"，等级 {grade.code}") if grade else "",
            },
            head,
            *(_why_line(self, scored) for scored in self.lines),
            *_why_total(self),
            *(_why_veto(self, veto) for veto in self.vetoes),
        )

    def to_html(self, language: Language = "en") -> str:
        """The scores as an HTML table; every value is escaped. Languages are those of `Explanation.text`."""
        heads = _HEADS.to(language).split("|")
        rows = [_cells(scored, language) for scored in self.lines]
        rows.append([_SCORE.to(language), "", "", self.grade.code if self.grade else "", str(self.score)])
        body = "".join(f"<tr>{''.join(f'<td>{html_of(cell)}</td>' for cell in row)}</tr>" for row in rows)
        caption = html_of(f"{self.payee} {self.card.period}")
        top = "".join(f"<th>{html_of(head)}</th>" for head in heads)
        return f"<table class='loanperf'><caption>{caption}</caption><tr>{top}</tr>{body}</table>"

    def _repr_html_(self) -> str:
        return self.to_html()


# ── explanations ────────────────────────────────────────────────────────────────────────────────────────────


def _of_total(appraisal: Appraisal) -> bool:
    """Whether the points of an appraisal are summed exact, and the sum is rounded."""
    return any(scored.line.scoring.rounds == "the total" for scored in appraisal.lines)


def _why_total(appraisal: Appraisal) -> Iterable[Explanation]:
    """How the exact sum of the points was rounded, where the card rounds that."""
    exact = sum((scored.exact for scored in appraisal.lines), Fraction(0))
    if _of_total(appraisal):
        scoring = appraisal.lines[0].line.scoring
        mode = ROUNDING_NAMES[scoring.rounding]
        yield because("total", {"exact": plain(exact), "places": str(scoring.places), "rounding": mode})


def _why_line(appraisal: Appraisal, scored: ScoredLine) -> Explanation:
    line, rule = scored.line, scored.line.scoring.rule
    name, points = line.indicator.name, str(scored.points)
    weight = points_text(scored.weight)
    if scored.reading is None or scored.reading.value is None:
        left_out = line.scoring.missing is Missing.RENORMALISE
        how = "points.left out" if left_out else "points.zero"
        return because(how, {"indicator": name, "points": points, "weight": points_text(line.weight)})
    actual = value_label(line.indicator, scored.reading.value)
    target = "" if scored.target is None else value_label(line.indicator, scored.target)
    steps = list(_why_steps(appraisal, scored))
    reading = why_reading(line.indicator, scored.reading)
    values: dict[str, str | Label] = {"indicator": name, "points": points, "weight": weight}
    match rule:
        case Direction.HIGHER:
            return because("points.higher", values | {"actual": actual, "target": target}, *steps, reading)
        case Direction.LOWER:
            return because("points.lower", values | {"actual": actual, "target": target}, *steps, reading)
        case Curve():
            at = actual if line.scoring.of == "value" else percent(scored.attainment or Fraction(0))
            return because("points.curve", values | {"share": percent(scored.earned), "at": at}, *steps, reading)
        case _:
            assert_never(rule)


def _why_steps(appraisal: Appraisal, scored: ScoredLine) -> Iterable[Explanation]:
    scoring = scored.line.scoring
    if scored.weight != scored.line.weight:
        left_out = [other.line.indicator for other in appraisal.lines if not other.weight and other.line.weight]
        codes, names = ", ".join(item.code for item in left_out), "、".join(item.name.to("zh") for item in left_out)
        missing = Label(codes, names)
        before, after = percent(scored.line.weight), percent(scored.weight)
        yield because("reweighted", {"before": before, "weight": after, "missing": missing})
    yield because("attainment", {"share": percent(scored.earned)})
    if scored.share != scored.earned:
        yield because("capped", {"share": percent(scored.share)})
    if 10**scoring.places % scored.exact.denominator and scoring.rounds == "the total":
        yield because("shown", {"exact": plain(scored.exact), "places": str(scoring.places)})
    elif 10**scoring.places % scored.exact.denominator:
        mode = ROUNDING_NAMES[scoring.rounding]
        yield because("rounded", {"exact": plain(scored.exact), "places": str(scoring.places), "rounding": mode})
    if scored.target is not None:
        own = scored.target == scored.line.target
        source = scored.line.target_source if own else SUPPLIED
        yield because("target", {"target": value_label(scored.line.indicator, scored.target), "source": source})


def why_reading(indicator: Indicator, reading: Reading) -> Explanation:
    """What a reading stands on: its facts, or the host's word."""
    shown = value_label(indicator, reading.value or Quantity(Fraction(0)))
    if reading.parts is None:
        rule = "reading.kept" if reading.is_measured else "reading.given"
        return because(rule, {"indicator": indicator.name, "value": shown})
    number = len(reading.parts)
    count = Label(f"{number} fact{'' if number == 1 else 's'}", f" {number} 条记录")
    formula = because("formula", {"formula": formula_of(indicator)})
    parts = (formula, *(_why_part(part) for part in reading.parts))
    if reading.denominator is None:
        return because("reading.sum", {"indicator": indicator.name, "value": shown, "count": count}, *parts)
    top, bottom = plain(reading.numerator), plain(reading.denominator)
    return because(
        "reading.ratio",
        {"indicator": indicator.name, "value": shown, "count": count, "numerator": top, "denominator": bottom},
        *parts,
    )


def _why_part(part: Part) -> Explanation:
    """What a row gave, and the facts that it stands on where it is not itself the one."""
    named = key_label(part.key) if part.key else Label(part.fact) if part.fact else SUPPLIED_FORMULA
    if part.within.en:
        named = Label(f"{part.within.en}: {named.en}", f"{part.within.to('zh')}：{named.to('zh')}")
    facts = part.facts
    if len(facts) == 1 and key_text(facts[0].key) == part.fact:
        if facts[0].source:
            source = source_label(facts[0].source)
            named = Label(f"{named.en} ({source.en})", f"{named.to('zh')}（{source.to('zh')}）")
        facts = ()
    values: dict[str, str | Label] = {"fact": named, "amount": plain(part.amount)}
    below = [because("seen", {"fact": fact_label(fact)}) for fact in facts]
    if part.whole is None:
        return because("fact", values, *below)
    return because("fact.ratio", values | {"whole": plain(part.whole)}, *below)


def _why_veto(appraisal: Appraisal, veto: Veto) -> Explanation:
    indicator = appraisal.card.indicator(veto.indicator)
    reading = next(reading for reading in appraisal.readings if reading.indicator == veto.indicator)
    is_lower = appraisal.score < veto.score
    return because(
        "veto.lower" if is_lower else "veto",
        {
            "indicator": indicator.name,
            "actual": value_label(indicator, Quantity(appraisal.reading(veto.indicator), veto.limit.unit)),
            "test": COMPARISONS[veto.test],
            "limit": value_label(indicator, veto.limit),
            "score": str(appraisal.score),
            **({"most": str(veto.score)} if is_lower else {}),
        },
        why_reading(indicator, reading),
    )


def _cells(scored: ScoredLine, language: Language) -> list[str]:
    indicator = scored.line.indicator
    value = None if scored.reading is None else scored.reading.value
    return [
        indicator.name.to(language),
        percent(scored.weight),
        "" if scored.target is None else value_text(indicator, scored.target, language),
        "" if value is None else value_text(indicator, value, language),
        str(scored.points),
    ]
