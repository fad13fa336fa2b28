"""Diff: two versions of a scheme -> the changes between them, as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from loanperf._explanations import Label, Language
from loanperf._quantities import quantity
from loanperf._scheme._definition import Scheme
from loanperf._scheme._entries import indicators_of
from loanperf.errors import LoanPerfError


@frozen
class Change:
    """One difference between two versions."""

    path: str
    """Where it is in the document."""
    before: str
    """Empty where it was not there."""
    after: str
    """Empty where it is no longer there."""
    sentence: Label

    def to(self, language: Language) -> str:
        """The change as a sentence."""
        return self.sentence.to(language)

    def __str__(self) -> str:
        return self.sentence.en


def diff(before: Scheme, after: Scheme) -> tuple[Change, ...]:
    """What changed from one version of a scheme to another, in the order of the document.

    >>> import loanperf as lp
    >>> old = lp.template("consumer-finance")
    >>> new = old.rebalance("standard", {"npl_ratio": "25%", "loan_amount": "25%"}, effective="2026-07-01")
    >>> for change in diff(old, new):
    ...     print(change)
    the effective date changes from 2026-01-01 to 2026-07-01
    in profile standard, the weight of loan amount falls from 30% to 25%
    in profile standard, the weight of NPL ratio rises from 20% to 25%
    """
    old, new = dict(_leaves(before.document())), dict(_leaves(after.document()))
    names = {code: item.name for scheme in (before, after) for code, item in indicators_of(scheme.indicators).items()}
    paths = [*old, *(path for path in new if path not in old)]
    return tuple(_change(path, old.get(path), new.get(path), names) for path in paths if old.get(path) != new.get(path))


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(part, Mapping) for part in value):
        for index, part in enumerate(value):
            yield from _leaves(part, (*path, str(index)))
    else:
        yield path, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _change(path: tuple[str, ...], old: str | None, new: str | None, names: Mapping[str, Label]) -> Change:
    what = _what(path, names)
    if old is None:
        sentence = Label(f"{what.en} is new: {new}", f"新增{what.zh}：{new}")
    elif new is None:
        sentence = Label(f"{what.en} no longer holds (it was {old})", f"取消{what.zh}（原为 {old}）")
    else:
        verb = _verb(old, new)
        sentence = Label(f"{what.en} {verb.en} from {old} to {new}", f"{what.zh}由 {old} {verb.zh} {new}")
    return Change("$." + ".".join(path), old or "", new or "", sentence)


def _verb(old: str, new: str) -> Label:
    try:
        before, after = quantity(old), quantity(new)
    except LoanPerfError:
        return Label("changes", "改为")
    if before.unit != after.unit:
        return Label("changes", "改为")
    return Label("rises", "升至") if after.value > before.value else Label("falls", "降至")


def _what(path: tuple[str, ...], names: Mapping[str, Label]) -> Label:
    """What a path of the document is about, in words."""

    def name(code: str) -> Label:
        return names.get(code, Label(code, code))

    match path:
        case ("effective",):
            return Label("the effective date", "生效日期")
        case ("profiles", profile, "weights", code):
            return Label(
                f"in profile {profile}, the weight of {name(code).en}",
                f"权重方案 {profile} 中，{name(code).to('zh')}的权重",
            )
        case ("profiles", profile, "targets", code):
            return Label(
                f"in profile {profile}, the target of {name(code).en}",
                f"权重方案 {profile} 中，{name(code).to('zh')}的目标",
            )
        case ("phases", phase, "weights", profile, code):
            return Label(
                f"in phase {phase}, profile {profile}, the weight of {name(code).en}",
                f"{phase} 阶段权重方案 {profile} 中，{name(code).to('zh')}的权重",
            )
        case ("targets", code):
            return Label(f"the target of {name(code).en}", f"{name(code).to('zh')}的目标")
        case ("scoring", code, key):
            return Label(f"in the scoring of {name(code).en}, {key}", f"{name(code).to('zh')}的计分规则 {key}")
        case ("bonus", *keys):
            return Label(f"in the bonus plan, {' '.join(keys)}", f"奖金方案的 {' '.join(keys)}")
        case _:
            return Label(" ".join(path), " ".join(path))
