"""Diff: two versions of a scheme -> the changes between them, as sentences in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from attrs import frozen

from loanperf._data import PlainData
from loanperf._explanations import UNIT_NAMES, Label, Language, in_words, quantity_label
from loanperf._quantities import quantity
from loanperf._scheme._common import compared
from loanperf._scheme._definition import Scheme
from loanperf._scheme._entries import DIMENSIONS, indicators_of
from loanperf._scheme._words import CALENDAR_WORDS, ITEMS, PLAN_ITEMS, PLAN_WORDS, WORDS
from loanperf._scorecard import level_of, of_level, unit_label
from loanperf._validators import must_be
from loanperf.errors import LoanPerfError

Names: TypeAlias = Mapping[str, Label]
"""The names of indicators and dimensions, by code."""
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
"""Of what tells items apart, numbers that count something."""
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


def _words_at(path: tuple[str, ...], names: Names) -> Names:
    """The names, and in plans the words of plans, some of which mean something else there."""
    if path[:1] == ("calendar",):
        return {**CALENDAR_WORDS, **names}
    return {**PLAN_WORDS, **names} if path[:1] in (("common",), ("plans",), ("pay",)) or "holdback" in path else names


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
        yield _change(where, path, old, new, _words_at(path, names))


def _items(path: tuple[str, ...], value: Any) -> dict[str, tuple[str, Any]]:
    """The parts of a table or of a list of tables, by what tells them apart; each with its step of the path."""
    if isinstance(value, Mapping) and not _is_label(value) and not _is_curve(value):
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


def _is_label(value: Mapping[str, Any]) -> bool:
    # A code of the host's own may be any word.
    return isinstance(value.get("en"), str)


def _is_curve(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("knots"), list)


def _change(where: str, path: tuple[str, ...], old: Any, new: Any, names: Names) -> Change:
    if _is_section(path[:-1]):
        old, new = _unmarked(path, old), _unmarked(path, new)
    what = Label(_what(path, names, "en"), _what(path, names, "zh"))
    was = Label(_said(old, names, "en"), _said(old, names, "zh"))
    now = Label(_said(new, names, "en"), _said(new, names, "zh"))
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
            name = _word(code, names, language)
            return f"{name}的目标" if chinese else f"the target of {name}"
        case (*outer, ("weights" | "targets") as kind, code):
            item, name = _in(tuple(outer), names, language), _word(code, names, language)
            noun = WORDS[kind].to(language)
            return f"{item}中，{name}的{noun}" if chinese else f"in {item}, the {noun} of {name}"
        case ("plans" | "common" | "bonus" | "pay", *_, section, code) if (
            section in PLAN_ITEMS and path[:2] != ("bonus", "gates") and _is_section(path[:-1])
        ):
            said = _said if section == "instalments" else _named
            name = code if section == "components" else said(code, names, language)
            item = PLAN_ITEMS[section].to(language).format(name)
            whole = _what(path[:-3] if section == "instalments" else path[:-2], names, language)
            return f"{whole}的{item}" if chinese else f"{item} of {whole}"
        case (*outer, section, code) if _is_section((*outer, section)):
            name = _word(code, names, language) or WORDS["all others"].to(language)
            return ITEMS[section].to(language).format(name)
        case (*outer, key) if outer:
            item, noun = _in(tuple(outer), names, language), _word(key, names, language)
            return f"{item}的{noun}" if chinese else f"the {noun} of {item}"
        case _:
            return _word(path[0], names, language) if chinese else f"the {_word(path[0], names, language)}"


def _in(path: tuple[str, ...], names: Names, language: Language) -> str:
    """The item that something belongs to: the profile of a weight, or its phase and profile."""
    match path:
        case ("phases", phase, "weights", profile):
            return f"{_what(('phases', phase), names, language)}{'' if language == 'zh' else ', '}" + (
                _what(("profiles", profile), names, language)
            )
        case _:
            return _what(path, names, language)


def _word(code: str, names: Names, language: Language) -> str:
    """A code or key in words: the name of an indicator, a word of schemes, or what the scheme itself calls it."""
    code, level = level_of(code)
    known = names.get(code) or WORDS.get(code)
    known = known if level is None else unit_label(known or Label(code), level)
    return known.to(language) if known else code


def _named(mark: str, names: Names, language: Language) -> str:
    """What tells an item of a plan apart, in words: a code, terms of loans, or a word and a number."""
    if mark.startswith("{"):
        return _said(json.loads(mark), names, language)
    head, _, number = mark.rpartition(" ")
    if number.isdigit() and mark not in names and head:
        return f"{_named(head, names, language)} {number}"
    return _word(mark, names, language) or PLAN_WORDS["all loans"].to(language)


def _said(value: Any, names: Names, language: Language) -> str:
    """A part of the document in words; empty where it is not there."""
    chinese = language == "zh"
    if value is None:
        return ""
    if isinstance(value, Mapping) and _is_label(value):
        return str(value.get(language) or value["en"])
    if isinstance(value, Mapping) and _is_curve(value):
        return _said_curve(value, names, language)
    if isinstance(value, Mapping):
        parts = [f"{_word(key, names, language)} {_said(part, names, language)}" for key, part in value.items()]
        return ("，" if chinese else ", ").join(parts)
    if isinstance(value, list) and value and all(isinstance(part, list) for part in value):
        return ("；" if chinese else "; ").join(_said(part, names, language) for part in value)
    if isinstance(value, list):
        return ("、" if chinese else ", ").join(_said(part, names, language) for part in value)
    try:
        found = quantity(str(value))
    except LoanPerfError:
        return _word(str(value), names, language)
    label = quantity_label(found) if found.unit in UNIT_NAMES else str(value)
    return in_words(label, language)


def _said_curve(curve: Mapping[str, Any], names: Names, language: Language) -> str:
    """`0 points → 0%, 100 points → 100%, linear`."""
    knots = [" → ".join(_said(end, names, language) for end in knot) for knot in curve["knots"]]
    words = [WORDS[curve["shape"]], *([WORDS["right"]] if curve["closed"] == "right" else [])]
    said = [*knots, *(word.to(language) for word in words)]
    if then := curve.get("then"):
        counted = WORDS[then["counted"]].to(language)
        per_point = _said(then["per_point"], names, language)
        point = _said(then.get("point"), names, language)
        each = WORDS["then each" if point else "then"].to(language)
        said.append(each.format(per_point=per_point, counted=counted, point=point))
    return ", ".join(said) if language == "en" else "，".join(said)
