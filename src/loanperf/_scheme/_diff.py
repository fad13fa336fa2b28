"""Diff: two versions of a scheme -> the changes between them, as sentences in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._quantities import quantity
from loanperf._scheme._common import compared
from loanperf._scheme._definition import Scheme
from loanperf._scheme._entries import DIMENSIONS, indicators_of
from loanperf._scheme._said import Names, is_curve, is_label, mark_for, word_for, words_at, words_for
from loanperf._scheme._words import ITEMS, PLAN_ITEMS, WORDS
from loanperf._scorecard import of_level
from loanperf._validators import must_be
from loanperf.errors import LoanPerfError

_MATCHED_BY = {
    "timeline": ("phase", "since"),
    "who": ("role", "product_line", "tier", "unit"),
    "overrides": ("unit", "profile", "since"),
    "vetoes": ("indicator",),
    "gates": ("indicator",),
    "require": ("of",),
    "rates": ("where",),
    "multipliers": ("indicator",),
    "stages": ("milestone",),
    "instalments": ("after_months", "after_days"),
    "clawbacks": ("on", "more_than_days"),
    "draws": ("kind",),
}
"""What tells which item of a list is which, wherever it stands in the list."""
_AGES = {"after_months": "month", "after_days": "day"}
"""The numbers by which items are told apart, and the unit in which they count."""
_SECTIONS = {
    ("bonus", "gates"),
    ("bonus", "multipliers"),
    *((one, "holdback", "instalments") for one in ("bonus", "pay")),
    *zip(ITEMS),
}
_WITHIN = {"rates", "multipliers", "gates", "stages", "split"}
"""Lists of a component."""


def _is_section(path: tuple[str, ...]) -> bool:
    """Whether items stand there that are new or gone one by one."""
    match path:
        case ("plans", _, "components" | "gates" | "multipliers" | "clawbacks" | "draws" | "holdback", *inner):
            return _is_section_of_plan(path[2], tuple(inner))
        case ("common", "components" | "gates" | "multipliers" | "clawbacks" | "draws" | "holdback", *inner):
            return _is_section_of_plan(path[1], tuple(inner))
        case _:
            return path in _SECTIONS


def _is_section_of_plan(name: str, inner: tuple[str, ...]) -> bool:
    if name == "holdback":
        return inner == ("instalments",)
    return not inner or (name == "components" and len(inner) == 2 and inner[1] in _WITHIN)


@frozen
class Change(PlainData):
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

    What is new or gone as a whole, such as a profile, is one change.

    >>> import loanperf as lp
    >>> old = lp.template("consumer-finance")
    >>> new = old.rebalance("standard", {"npl_ratio": "25%", "loan_amount": "25%"}, effective="2026-07-01")
    >>> for change in diff(old, new):
    ...     print(change)
    the effective date changes from 2026-01-01 to 2026-07-01
    in profile standard, the weight of loan amount falls from 30% to 25%
    in profile standard, the weight of NPL ratio rises from 20% to 25%
    """
    for given in (before, after):
        must_be(given, Scheme, "the scheme", "pass two of lp.Scheme, such as lp.read_scheme(path)")
    names = {item.code: item.name for scheme in (before, after) for item in (*DIMENSIONS, *scheme.dimensions)}
    for scheme in (before, after):
        names |= {code: item.name for code, item in indicators_of(scheme.indicators).items()}
    return tuple(_changes("$", (), *compared(before.document(), after.document()), names))


def _changes(where: str, path: tuple[str, ...], old: Any, new: Any, names: Names) -> Iterator[Change]:
    """The changes at and below a place of the document; None is what is not there."""
    if old == new:
        return
    below = _items(path, old), _items(path, new)
    section = _is_section(path)
    if (below[0] and below[1]) or (section and (below[0] or below[1])):
        for key in dict.fromkeys((*below[0], *below[1])):
            (step, was), (now_step, now) = (side.get(key, ("", None)) for side in below)
            yield from _changes(where + (now_step or step), (*path, key), was, now, names)
    else:
        yield _change(where, path, old, new, words_at(path, names))


def _items(path: tuple[str, ...], value: Any) -> dict[str, tuple[str, Any]]:
    """The parts of a table or of a list of tables, by what tells them apart; each with its step of the path."""
    if isinstance(value, Mapping) and not is_label(value) and not is_curve(value):
        return {str(key): (f".{key}", part) for key, part in value.items()}
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        return {}
    found: dict[str, tuple[str, Any]] = {}
    for index, part in enumerate(value):
        marks = [part[key] for key in _MATCHED_BY.get(path[-1], ()) if key in part]
        units = [_AGES.get(key, "") for key in _MATCHED_BY.get(path[-1], ()) if key in part]
        key = " ".join(f"{_mark(mark)} {unit}".strip() for mark, unit in zip(marks, units, strict=True))
        key = of_level(key, part.get("level"))
        found[f"{key} {index + 1}" if key in found else key] = (f"[{index}]", part)
    return found


def _mark(mark: Any) -> str:
    if isinstance(mark, list):
        return " ".join(mark)
    return json.dumps(mark, ensure_ascii=False) if isinstance(mark, Mapping) else str(mark)


def _change(where: str, path: tuple[str, ...], old: Any, new: Any, names: Names) -> Change:
    if _is_section(path[:-1]):
        old, new = _unmarked(path, old), _unmarked(path, new)
    what = Label(_what(path, names, "en"), _what(path, names, "zh"))
    was = Label(words_for(old, names, "en"), words_for(old, names, "zh"))
    now = Label(words_for(new, names, "en"), words_for(new, names, "zh"))
    if old is None or not was.en:
        said = Label(f": {now.en}", f"：{now.to('zh')}") if now.en else Label("")
        sentence = Label(f"{what.en} is new{said.en}", f"新增{what.zh}{said.zh}")
    elif new is None or not now.en:
        said = Label(f" (it was {was.en})", f"（原为 {was.to('zh')}）") if was.en else Label("")
        sentence = Label(f"{what.en} no longer holds{said.en}", f"取消{what.zh}{said.zh}")
    else:
        verb = _verb(was.en, now.en)
        sentence = Label(
            f"{what.en} {verb.en} from {was.en} to {now.en}", f"{what.zh}由 {was.to('zh')} {verb.zh} {now.to('zh')}"
        )
    return Change(where, was.en, now.en, sentence)


def _unmarked(path: tuple[str, ...], item: Any) -> Any:
    """An item of a list without what already tells it apart."""
    marks = _MATCHED_BY.get(path[-2], ())
    return {key: part for key, part in item.items() if key not in marks} if marks and item else item


def _verb(old: str, new: str) -> Label:
    try:
        before, after = quantity(old), quantity(new)
    except LoanPerfError:
        return Label("changes", "改为")
    if before.unit != after.unit:
        return Label("changes", "改为")
    return Label("rises", "升至") if after.value > before.value else Label("falls", "降至")


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────


def _what(path: tuple[str, ...], names: Names, language: Language) -> str:
    """What a place of the document is about."""
    chinese = language == "zh"
    match path:
        case ("targets", code):
            name = word_for(code, names, language)
            return f"{name}的目标" if chinese else f"the target of {name}"
        case (*outer, ("weights" | "targets") as kind, code):
            item, name = _in(tuple(outer), names, language), word_for(code, names, language)
            noun = WORDS[kind].to(language)
            return f"{item}中，{name}的{noun}" if chinese else f"in {item}, the {noun} of {name}"
        case ("plans" | "common" | "bonus" | "pay", *_, section, code) if (
            section in PLAN_ITEMS and path[:2] != ("bonus", "gates") and _is_section(path[:-1])
        ):
            told = words_for if section == "instalments" else mark_for
            name = code if section == "components" else told(code, names, language)
            item = PLAN_ITEMS[section].to(language).format(name)
            whole = _what(path[:-3] if section == "instalments" else path[:-2], names, language)
            return f"{whole}的{item}" if chinese else f"{item} of {whole}"
        case (*outer, section, code) if _is_section((*outer, section)):
            name = word_for(code, names, language) or WORDS["all others"].to(language)
            return ITEMS[section].to(language).format(name)
        case (*outer, key) if outer:
            item, noun = _in(tuple(outer), names, language), word_for(key, names, language)
            return f"{item}的{noun}" if chinese else f"the {noun} of {item}"
        case _:
            return word_for(path[0], names, language) if chinese else f"the {word_for(path[0], names, language)}"


def _in(path: tuple[str, ...], names: Names, language: Language) -> str:
    """The item that something belongs to: the profile of a weight, or its phase and profile."""
    match path:
        case ("phases", phase, "weights", profile):
            return f"{_what(('phases', phase), names, language)}{'' if language == 'zh' else ', '}" + (
                _what(("profiles", profile), names, language)
            )
        case _:
            return _what(path, names, language)
