"""Changes: steps by which an amount went from one to another; each of a kind, with what it comes to and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType

from attrs import Attribute, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label, in_words
from loanperf._ledger._kinds import KIND_NAMES, EntryKind
from loanperf._quantities import CURRENCIES, Money
from loanperf.errors import DataError, shown

STEP_NAMES: Mapping[str, Label] = MappingProxyType(
    {
        "indicator": Label("score", "得分"),
        "gate": Label("gate", "门槛"),
        "multiplier": Label("coefficient", "系数"),
        "rules": Label("rules of the scheme", "方案规则"),
        "days": Label("days in role", "任职天数"),
        "base": Label("base of the bonus", "奖金基数"),
        "veto": Label("veto", "一票否决"),
        "calibration": Label("calibration", "校准"),
        "cap": Label("cap", "封顶"),
        "floor": Label("floor", "保底"),
        "bonus": Label("bonus as a whole", "奖金整体"),
        "assignment": Label("bonus of one period alone", "仅一期有的奖金"),
        "volume": Label("volume", "业务量"),
        "tier": Label("tier", "分档"),
        "mix": Label("other rates of the same plan", "适用费率结构"),
        "rate": Label("rate of the plan", "方案费率"),
        "limits": Label("coefficients, gates, caps and rounding together", "系数、门槛、封顶与舍入合计"),
        "rounding": Label("rounding", "舍入"),
        "earned": Label("earned", "计提"),
        "elsewhere": Label("worked and posted otherwise", "核算与入账差异"),
        "correction": Label("correction of earlier periods", "更正以前期间"),
        **{kind.value: name for kind, name in KIND_NAMES.items() if kind is not EntryKind.EARNED},
    }
)
"""Kinds of steps by code, with their names; entries of the ledger go by the name of their kind."""


def _a_kind(_step: object, _field: Attribute[str], value: object) -> None:
    if value not in STEP_NAMES:
        raise DataError("a step", f"{shown(value)} is no kind of steps", f"write one of {', '.join(STEP_NAMES)}")


@frozen(kw_only=True)
class FoundStep:
    """A step before it is rounded."""

    kind: str
    about: Label
    exact: Fraction
    why: Label


@frozen(kw_only=True)
class PayChangeStep(PlainData):
    """One step of the way from one amount of pay to another."""

    kind: str = field(validator=_a_kind)
    """A key of `STEP_NAMES`."""
    about: Label
    """The indicator or component whose change the step is; empty where the kind says it."""
    amount: Money
    """By how much pay rises at this step; below zero where it falls."""
    exact: Fraction
    """The same in whole currency, unrounded."""
    why: Label
    """The reason, with the figures of both periods."""

    @property
    def name(self) -> Label:
        """The kind, and what it is of."""
        return joined(STEP_NAMES[self.kind], self.about)


def joined(kind: Label, about: Label) -> Label:
    """`volume: mortgage`; the kind alone where nothing more is said."""
    if not about.en:
        return kind
    return Label(f"{kind.en}: {about.en}", f"{kind.to('zh')}：{about.to('zh')}")


def in_money(found: Iterable[FoundStep], first: Money) -> tuple[PayChangeStep, ...]:
    """Steps in money, one behind the other from an amount; they sum to the last amount less the first, to the unit.

    The running amount after each step is rounded half even to the smallest unit, and a step is the difference of two
    of them. Those that are exactly zero are left out.
    """
    per_whole = 10 ** CURRENCIES[first.currency]
    exact, units, steps = first.exact, first.units, list[PayChangeStep]()
    for one in found:
        if not one.exact:
            continue
        exact += one.exact
        now = round(exact * per_whole)
        amount = Money.from_units(now - units, first.currency)
        steps.append(PayChangeStep(kind=one.kind, about=one.about, amount=amount, exact=one.exact, why=one.why))
        units = now
    return tuple(steps)


def from_to(before: str | Label, after: str | Label) -> Label:
    """`80% → 95%`, or that it stays."""
    if before == after:
        en, zh = (in_words(after, language, bare=True) for language in ("en", "zh"))
        return Label(f"{en} in both periods", f"两期均为 {zh}")
    return Label(
        *(f"{in_words(before, lang, bare=True)} → {in_words(after, lang, bare=True)}" for lang in ("en", "zh"))
    )


def listed(said: Iterable[Label]) -> Label:
    """Sentences one after the other, each once."""
    given = tuple(dict.fromkeys(said))
    return Label("; ".join(one.en for one in given), "；".join(one.to("zh") for one in given))
