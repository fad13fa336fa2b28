"""Lint: scheme -> findings; what is allowed, and known to go wrong elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attrs import frozen

from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._quantities import percent
from loanperf._scheme._combinations import combinations, composed_sets
from loanperf._scheme._definition import Scheme
from loanperf._scheme._entries import indicators_of
from loanperf._scheme._places import Form, Place, places_of
from loanperf._scorecard import Weights
from loanperf._validators import must_be

MOST_PERFORMANCE = Fraction(70, 100)
"""Performance may weigh as much as this without a finding."""


@frozen(kw_only=True)
class Finding(PlainData):
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


def lint(scheme: Scheme, text: str = "", form: Form = "toml") -> tuple[Finding, ...]:
    """What is allowed in a scheme and known to go wrong, in the order of the document; nothing is refused for it.

    `performance-weight`: in a profile, a phase or an override of a unit, the indicators of the dimension `performance`
    weigh more than 70% together. Exactly 70% is not found. A published study of loan officers found non-performing
    loans 4.2 points higher above 70% than at 50%.

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
    dimensions = {code: item.dimension for code, item in indicators_of(scheme.indicators).items()}
    found = []
    for path, weights in _weighed(scheme):
        performance = sum(
            (weight for code, weight in weights if dimensions.get(code) == "performance"), start=Fraction(0)
        )
        if performance > MOST_PERFORMANCE:
            said = _said(performance)
            found.append(Finding(code="performance-weight", path=path, text=said, at=places.get(path)))
    return tuple(dict.fromkeys(found))


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
