"""Lint: scheme -> findings; what is allowed, and known to go wrong elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise, product
from math import prod
from operator import ge, gt, le, lt
from typing import TypeAlias

from attrs import frozen

from loanperf._commission import Component, stated_rates
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._indicators import Direction, Indicator, Where, bounds_of
from loanperf._quantities import percent
from loanperf._scheme._checks import merged
from loanperf._scheme._combinations import combinations, composed_sets
from loanperf._scheme._common import shared_by
from loanperf._scheme._definition import Scheme
from loanperf._scheme._entries import dimensions_of, indicators_of
from loanperf._scheme._places import Form, Place, places_of
from loanperf._scorecard import Veto, Weights
from loanperf._validators import must_be

_Known: TypeAlias = str | bool | Fraction | None
"""What a field of a loan may be; None is another word, or a number that is not stated."""
_MOST_KINDS = 20_000
"""The most kinds of loans for which rates are tried; a component that tells more apart is not looked at."""
_ALWAYS_KNOWN = ("amount", "age", "days_past_due")
"""Numbers that are known of each loan that a rate is asked for."""
MOST_PERFORMANCE = Fraction(70, 100)
"""Performance may weigh as much as this without a finding."""


@frozen(kw_only=True)
class LintFinding(PlainData):
    """One thing in a scheme that is allowed and that somebody should look at."""

    code: str
    """The code of the rule, by which a host can sort findings or ignore some."""
    path: str
    """Where it is in the document."""
    text: Label
    """What is found, why it matters, and what to do, in both languages."""
    at: Place | None = None
    """Line and column of the text of the scheme, each from 1; None where `lint` was given no text."""

    def to(self, language: Language) -> str:
        """The finding with its place, as a sentence. Languages are those of `Explanation.text`."""
        at = _AT.to(language).format(*self.at) if self.at else ""
        return f"{self.path}{at}{_COLON.to(language)}{self.text.to(language)}"

    def __str__(self) -> str:
        return self.to("en")


_COLON = Label(": ", "：")
_AT = Label(" (line {}, column {})", "（第 {} 行第 {} 列）")


def lint(scheme: Scheme, text: str = "", form: Form = "toml") -> tuple[LintFinding, ...]:
    """What is allowed in a scheme and known to go wrong, in the order of the document; nothing is refused for it.

    `performance-weight`: in a profile, a phase or an override of a unit, the indicators of the dimension `performance`
    weigh more than 70% together. Exactly 70% is not found. A published study of loan officers found non-performing
    loans 4.2 points higher above 70% than at 50%.

    `rate-never-holds`: a rate of a component that holds for no loan that the component pays, since others cover it: in
    a list of which the first that fits holds, one behind a wider one; or the rate for all others, where none is left.

    `veto-above-score`: the score of a veto is zero or more, and points can be below zero, since lower is better or a
    curve falls below zero and no floor of 0% is stated: the veto leaves such a score as it is.

    Args:
        scheme: that was read without a fault.
        text: from which it was read; with it, each finding has its line and column.
        form: `toml` or `json`, of the text.

    >>> import loanperf as lp
    >>> lp.lint(lp.template("worked-example"))
    ()
    """
    must_be(scheme, Scheme, "the scheme", "pass an lp.Scheme, such as lp.read_scheme(path)")
    places = places_of(text, form) if text else {}
    dimensions = dimensions_of(scheme.indicators)
    found = []
    for path, weights in _weighed(scheme):
        performance = sum(
            (weight for code, weight in weights if dimensions.get(code) == "performance"), start=Fraction(0)
        )
        if performance > MOST_PERFORMANCE:
            said = _said(performance)
            found.append(LintFinding(code="performance-weight", path=path, text=said, at=places.get(path)))
    for index, veto in enumerate(scheme.vetoes):
        if veto.score >= 0 and (codes := _below_zero(scheme)):
            said, path = _said_of_veto(veto, codes), f"$.vetoes[{index}]"
            found.append(LintFinding(code="veto-above-score", path=path, text=said, at=places.get(path)))
    idle = dict.fromkeys(_idle_rates(scheme))
    found += [LintFinding(code="rate-never-holds", path=path, text=_NEVER, at=places.get(path)) for path in idle]
    return tuple(dict.fromkeys(found))


# ── vetoes above scores ─────────────────────────────────────────────────────────────────────────────────────


def _below_zero(scheme: Scheme) -> tuple[str, ...]:
    """The codes of the weighed indicators whose points can be below zero."""
    known = indicators_of(scheme.indicators)
    codes = sorted({code for _, weights in _weighed(scheme) for code, weight in weights if weight})
    return tuple(code for code in codes if code in known and _can_be_below(scheme, known[code]))


def _can_be_below(scheme: Scheme, indicator: Indicator) -> bool:
    rules = merged(scheme.scoring, indicator.code, indicator.direction)
    if rules["floor"] is not None and rules["floor"] >= 0:
        return False
    curve = rules["curve"] if rules["rule"] == "curve" else None
    if curve is not None:
        return any(y < 0 for _, y in curve.knots)
    return bool(rules["rule"] == Direction.LOWER.value)


def _said_of_veto(veto: Veto, codes: tuple[str, ...]) -> Label:
    return Label(
        f"the score can be below {veto.score} without this veto, by {', '.join(codes)}, and then the veto leaves it as"
        " it is: state floor = '0%' in the scoring, or a score of the veto that is lower",
        f"{'、'.join(codes)} 的得分可为负，总分可能低于 {veto.score} 分，此时该一票否决不改变总分："
        "请在计分规则中设置 floor = '0%'（保底），或调低一票否决的分值",
    )


# ── rates that never hold ───────────────────────────────────────────────────────────────────────────────────

_NEVER = Label(
    "this rate never holds: for each loan that the component pays and that meets its terms, another one does; take it"
    " out, or write it before those that cover it",
    "该费率不会适用：凡符合其条件的贷款均适用其他费率；请删除，或调整到覆盖它的费率之前",
)


def _idle_rates(scheme: Scheme) -> Iterator[str]:
    """The paths of rates that hold for no loan."""
    for plan in scheme.plans:
        shared = shared_by(plan, scheme.common)
        for component in plan.components:
            of = "$.common" if component.code in shared else f"$.plans.{plan.code}"
            reached = _reached(component) if component.rates else None
            if reached is None:
                continue
            path = f"{of}.components.{component.code}"
            yield from (f"{path}.rates[{place}]" for place in range(len(component.rates)) if place not in reached)
            if len(component.rates) not in reached:
                yield from (f"{path}.{key}" for key, _ in stated_rates(component))


def _reached(component: Component) -> frozenset[int] | None:
    """The places of rates that hold for some kind of loan, the component's own last; None where kinds are too many.

    A kind of loan is one choice of each field that terms ask for: a word of theirs or another one; a bound of theirs,
    a number between two of them, or none.
    """
    terms = [*component.where, *(term for rate in component.rates for term in rate.where)]
    if len({bound.unit for term in terms if term.field == "age" for bound in bounds_of(term).values()}) > 1:
        return None
    names = dict.fromkeys(term.field for term in terms)
    fields = {name: _kinds([term for term in terms if term.field == name]) for name in names}
    if prod(map(len, fields.values())) > _MOST_KINDS:
        return None
    found = set[int]()
    for kind in product(*fields.values()):
        known = dict(zip(fields, kind, strict=True))
        if _meets(component.where, known):
            good = [place for place, rate in enumerate(component.rates) if _meets(rate.where, known)]
            if component.rates_by == "most terms":
                most = max((len(component.rates[place].where) for place in good), default=0)
                good = [place for place in good if len(component.rates[place].where) == most]
            found.update((good or [len(component.rates)])[: 1 if component.rates_by == "first" else None])
    return frozenset(found)


def _kinds(terms: list[Where]) -> list[_Known]:
    """What terms tell apart of one field."""
    words = dict.fromkeys(word for term in terms for word in term.values)
    bounds = sorted({bound.value for term in terms for bound in bounds_of(term).values()})
    if not bounds:
        return [*words, None]
    between = [(low + high) / 2 for low, high in pairwise([*bounds, bounds[-1] + 2])]
    below = [bounds[0] / 2] if bounds[0] > 0 else []
    return [*below, *bounds, *between, *([] if terms[0].field in _ALWAYS_KNOWN else [None])]


def _meets(terms: Iterable[Where], known: Mapping[str, _Known]) -> bool:
    """Whether a kind of loan meets all of some terms."""
    return all(_within(term, known[term.field]) for term in terms)


def _within(term: Where, known: _Known) -> bool:
    if not isinstance(known, Fraction):
        return known in term.values
    tests = {"at_least": ge, "above": gt, "at_most": le, "below": lt}
    return all(tests[name](known, bound.value) for name, bound in bounds_of(term).items())


# ── weights ─────────────────────────────────────────────────────────────────────────────────────────────────


def _weighed(scheme: Scheme) -> Iterator[tuple[str, Weights]]:
    """Every set of weights that a payee can have, with its place: of profiles, of phases, of units, and composed."""
    alone = {profile.code for profile in scheme.profiles if not profile.is_on_top}
    for profile in scheme.profiles:
        if profile.code in alone:
            yield f"$.profiles.{profile.code}.weights", profile.weights
    for phase in scheme.phases:
        for code, weights in phase.weights:
            if code in alone:
                yield f"$.phases.{phase.code}.weights.{code}", weights
    for index, override in enumerate(scheme.overrides):
        if override.weights and override.profile in alone:
            yield f"$.overrides[{index}].weights", override.weights
    for found in composed_sets(combinations(scheme.profiles, scheme.who), scheme.phases, scheme.overrides):
        yield found.where, found.weights


def _said(performance: Fraction) -> Label:
    shown, most = percent(performance, 10), percent(MOST_PERFORMANCE)
    return Label(
        f"performance weighs {shown}, more than {most}; above {most}, non-performing loans ran 4.2 points higher than"
        " at 50%: give more weight to risk, or hold back pay until the loans have proved good",
        f"业绩类指标权重合计 {shown}，超过 {most}；公开研究显示，业绩权重超过 {most} 时，不良率比业绩权重为 50% 时高"
        " 4.2 个百分点：请提高风险类指标权重，或以风险金延期支付",
    )
