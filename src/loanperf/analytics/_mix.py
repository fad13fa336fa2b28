"""Mix: (segments in two periods) -> what of a change is volume, mix and rate, of all and of each segment; exact."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from loanperf._charts import waterfall
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._quantities import Money
from loanperf._validators import must_be
from loanperf.analytics._findings import (
    Analysis,
    AnalysisColumn,
    Exact,
    Finding,
    column,
    filled,
    must_be_a_unit,
    must_be_from,
    said,
)
from loanperf.errors import DataError, FloatError, shown

MixNumber: TypeAlias = int | Decimal | Fraction | Money
Parts: TypeAlias = Mapping[str, tuple[MixNumber, MixNumber]]
"""By segment: a part and the whole that it is of, such as non-performing and outstanding loans."""
_ZERO = Fraction(0)
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "segment": Label("segment", "分部"),
        "share before": Label("share before", "前期占比"),
        "share after": Label("share after", "后期占比"),
        "rate before": Label("rate before", "前期比率"),
        "rate after": Label("rate after", "后期比率"),
        "volume": Label("volume", "规模"),
        "mix": Label("mix", "结构"),
        "rate": Label("rate", "比率"),
        "of rate": Label("mix and rate, of the ratio", "结构与比率对总比率的影响"),
        "total": Label("total", "合计"),
        "before": Label("before", "前期"),
        "after": Label("after", "后期"),
        "said": Label(
            "the ratio goes from {before} to {after}, {by}: mix {mix}, rate {rate}",
            "总比率由 {before} 变为 {after}，变动 {by}：结构影响 {mix}，比率影响 {rate}",
        ),
        "amount": Label(
            "the amount changes by {by}: volume {volume}, mix {mix}, rate {rate}",
            "金额变动 {by}：规模影响 {volume}，结构影响 {mix}，比率影响 {rate}",
        ),
    }
)
_METHOD = Label(
    "volume = change of the whole × rate of all before; mix = whole after × change of the share × (rate of the segment "
    "before − rate of all before); rate = whole after × share after × change of the rate",
    "规模 = 总量变动 × 前期总比率；结构 = 后期总量 × 占比变动 ×（该分部前期比率 − 前期总比率）；"
    "比率 = 后期总量 × 后期占比 × 比率变动",
)
_LIMITS = Label(
    "why shares and rates moved; a segment that is new has no rate before, and all of it is mix",
    "占比与比率变动的原因；新增分部无前期比率，全部计入结构",
)


@frozen(kw_only=True)
class MixSegment(PlainData):
    """A segment in both periods, and the part of the change of the amount that its share and its rate make."""

    segment: Label
    before: tuple[Fraction, Fraction]
    """Numerator and denominator in the first period, such as the bad and the whole balance of the segment."""
    after: tuple[Fraction, Fraction]
    """Numerator and denominator in the second period."""
    shares: tuple[Fraction, Fraction]
    """The part of the whole of all segments that is this one's, before and after; 0 to 1."""
    mix: Fraction
    """The change of the amount by another share, in the unit of the parts; below zero where it lowers the amount."""
    rate: Fraction
    """The change of the amount by another rate of the segment, in the unit of the parts."""

    @property
    def rates(self) -> tuple[Fraction | None, Fraction | None]:
        """Part over whole in each period; None where the whole is zero."""
        (part, whole), (now, all_now) = self.before, self.after
        return part / whole if whole else None, now / all_now if all_now else None


@frozen(kw_only=True, repr=False)
class MixEffects(Analysis):
    """What of a change is volume, mix and rate; the effects of segments sum to it, exactly."""

    findings: tuple[Finding, ...]
    segments: tuple[MixSegment, ...]
    """The segments, in the order in which they were given."""
    volume: Fraction
    """The change of the amount, in `unit`, had each segment grown alike and kept its rate."""
    unit: str = field(default="")
    """A currency, or empty for counts."""

    @property
    def before(self) -> tuple[Fraction, Fraction]:
        """Part and whole of all segments in the first period."""
        return _total([one.before for one in self.segments])

    @property
    def after(self) -> tuple[Fraction, Fraction]:
        """Part and whole of all segments in the second period."""
        return _total([one.after for one in self.segments])

    @property
    def mix(self) -> Fraction:
        """The change of the amount that other shares of segments bring, in `unit`."""
        return sum((one.mix for one in self.segments), _ZERO)

    @property
    def rate(self) -> Fraction:
        """The change of the amount that other rates within segments bring, in `unit`."""
        return sum((one.rate for one in self.segments), _ZERO)

    @property
    def ratio_change(self) -> tuple[Fraction, Fraction]:
        """By how much mix and rate change the ratio of all, as parts of one; both sum to its change."""
        whole = self.after[1]
        return self.mix / whole, self.rate / whole

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A row a segment, and the total, which alone has an effect of volume."""
        every, whole = self.segments, self.after[1]
        (was, all_before), (now, all_after) = self.before, self.after
        columns: dict[str, tuple[Fraction | None, ...]] = {
            "share_before": (*(one.shares[0] for one in every), Fraction(1)),
            "share_after": (*(one.shares[1] for one in every), Fraction(1)),
            "rate_before": (*(one.rates[0] for one in every), was / all_before),
            "rate_after": (*(one.rates[1] for one in every), now / all_after),
        }
        effects: dict[str, tuple[Fraction | None, ...]] = {
            "volume": (*(None for _ in every), self.volume),
            "mix": (*(one.mix for one in every), self.mix),
            "rate": (*(one.rate for one in every), self.rate),
        }
        of_rate = (*((one.mix + one.rate) / whole for one in every), (self.mix + self.rate) / whole)
        names = (*(one.segment for one in every), _WORDS["total"])
        return (
            column(_WORDS, "segment", names),
            *(column(_WORDS, name, values, "%") for name, values in columns.items()),
            *(column(_WORDS, name, values, self.unit) for name, values in effects.items()),
            column(_WORDS, "of_rate", of_rate, "pp"),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """A waterfall of the ratio, in percent: before, mix and rate, after."""
        (was, all_before), (now, all_after) = self.before, self.after
        first, last = was / all_before * 100, now / all_after * 100
        middle = first + self.ratio_change[0] * 100
        bars = (("before", None, first), ("mix", first, middle), ("rate", middle, last), ("after", None, last))
        return waterfall([(_WORDS[name].to(language), start, end) for name, start, end in bars], across="%")


def mix_effects(
    before: Parts, after: Parts, *, unit: str = "", names: Mapping[str, Label] | None = None, people: int | None = None
) -> MixEffects:
    """What of the change of an amount, and of its ratio to a whole, is volume, mix and rate; exact.

    With W the whole of all segments, w the share of a segment in it, r its rate, R the rate of all, and 0 and 1 for the
    periods: volume = (W₁ − W₀) R₀; mix = Σ W₁ (w₁ − w₀)(r₀ − R₀); rate = Σ W₁ w₁ (r₁ − r₀). They sum to W₁R₁ − W₀R₀.
    Of the ratio mix and rate, each over W₁, sum to R₁ − R₀. A segment that is new has its rate of the second period as
    r₀, so that all of it is mix; so has one that is gone.

    Args:
        before: by segment, part and whole in the first period, such as non-performing and outstanding loans.
        after: those of the second period.
        unit: of the parts: a currency, or empty for counts.
        names: of segments; their codes where there is none.
        people: how many people they are of, for the findings; None is how many segments there are.

    Raises:
        DataError: segments are no pairs, a period has no whole, a part or whole is below zero, a part has no whole, or
            currencies differ.
        FloatError: a number is a float, NaN too.

    >>> found = mix_effects({"secured": (1, 100), "unsecured": (5, 100)}, {"secured": (1, 100), "unsecured": (15, 300)})
    >>> str(found.volume), str(found.mix), str(found.rate)
    ('6', '4', '0')
    """
    for given, when in ((before, "before"), (after, "after")):
        _must_be_pairs(given, when)
    must_be_a_unit(unit)
    must_be(names or {}, Mapping, "names", "pass an lp.Label by segment")
    for code, name in (names or {}).items():
        must_be(name, Label, f"the name of {code}", "pass an lp.Label by segment")
    if people is not None:
        must_be_from(people, "people", 0, 10**9)
    codes = list(dict.fromkeys((*before, *after)))
    one, two = (_read(given, codes, unit, when) for given, when in ((before, "before"), (after, "after")))
    total, whole = zip(_total(one), _total(two), strict=True)
    rate_of_all = total[0] / whole[0]
    segments = []
    for code, was, now in zip(codes, one, two, strict=True):
        shares = (was[1] / whole[0], now[1] / whole[1])
        rates = [part / of if of else None for part, of in (was, now)]
        rate = next((known for known in rates if known is not None), _ZERO)
        segments.append(
            MixSegment(
                segment=(names or {}).get(code, Label(code)),
                before=was,
                after=now,
                shares=shares,
                mix=whole[1] * (shares[1] - shares[0]) * (rate - rate_of_all),
                rate=now[0] - now[1] * rate,
            )
        )
    found = MixEffects(findings=(), segments=tuple(segments), volume=(whole[1] - whole[0]) * rate_of_all, unit=unit)
    count = len(codes) if people is None else people
    return evolve(found, findings=tuple(_finding(found, word, count) for word in ("said", "amount")))


def _must_be_pairs(given: object, when: str) -> None:
    """Refuse what does not say a part and a whole of each segment.

    Raises:
        DataError: it does not.
    """
    remedy = "pass a part and the whole that it is of by segment, such as {'secured': (1, 100)}"
    where = f"the segments {when}"
    must_be(given, Mapping, where, remedy)
    segments: Any = given
    for code, pair in segments.items():
        must_be(code, str, f"a code of {where}", remedy)
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise DataError(f"{code} {when}", f"it is {shown(pair)}", remedy)


def _read(given: Parts, codes: list[str], unit: str, when: str) -> list[tuple[Fraction, Fraction]]:
    """Part and whole of each segment; zero of one that is not there.

    Raises:
        DataError: they make no ratio.
    """
    found = []
    for code in codes:
        part, whole = (as_number(value, unit, f"{code} {when}") for value in given.get(code, (0, 0)))
        if part < 0 or whole < 0 or (part and not whole):
            fault = f"a part of {part} of a whole of {whole}"
            raise DataError(
                f"{code} {when}", fault, "give a part of zero or more of a whole above zero, or zero for both"
            )
        found.append((part, whole))
    if not _total(found)[1]:
        raise DataError(f"the segments {when}", "the whole of all of them is zero", "compare periods with loans")
    return found


def as_number(value: object, unit: str, where: str) -> Fraction:
    """An exact number, in whole currency where it is money.

    Raises:
        DataError: it is no number, or money of another currency than `unit`.
        FloatError: it is a float.
    """
    if isinstance(value, Money):
        if value.currency != unit:
            fault = f"it is in {value.currency}, and the unit is {unit or 'none'}"
            raise DataError(where, fault, "state the currency as unit, the same for all")
        return value.exact
    if isinstance(value, float):
        raise FloatError(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise DataError(where, f"{shown(value)} is no exact number", "pass an int, a Decimal, a Fraction or lp.Money")
    if isinstance(value, Decimal) and not value.is_finite():
        raise DataError(where, f"it is {value}", "pass a number")
    return Fraction(value)


def _total(given: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    return sum((part for part, _ in given), _ZERO), sum((whole for _, whole in given), _ZERO)


# ── findings ────────────────────────────────────────────────────────────────────────────────────────────────


def _finding(found: MixEffects, word: str, count: int) -> Finding:
    return Finding(label=_said(found, word), n=count, certainty=Exact(), method=_METHOD, limits=_LIMITS)


def _said(found: MixEffects, word: str) -> Label:
    (was, all_before), (now, all_after) = found.before, found.after
    if word == "amount":
        amounts = {"by": now - was, "volume": found.volume, "mix": found.mix, "rate": found.rate}
        return filled(_WORDS["amount"], **{name: said(value, found.unit) for name, value in amounts.items()})
    first, last = was / all_before, now / all_after
    shares = {"before": said(first, "%"), "after": said(last, "%"), "by": said(last - first, "pp")}
    mix, rate = (said(value, "%").en.removesuffix("%") for value in found.ratio_change)
    return filled(_WORDS["said"], mix=mix, rate=rate, **shares)
