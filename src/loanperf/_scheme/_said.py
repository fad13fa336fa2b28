"""Said: parts of a scheme document, as plain values -> words in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from loanperf._explanations import UNIT_NAMES, Label, Language, in_words, quantity_label
from loanperf._quantities import quantity
from loanperf._scheme._words import ALERT_WORDS, CALENDAR_WORDS, CONFIRMATION_WORDS, PLAN_WORDS, WORDS
from loanperf._scorecard import level_of, unit_label
from loanperf.errors import LoanPerfError

Names: TypeAlias = Mapping[str, Label]
"""The names of indicators and dimensions, by code."""


def words_at(path: tuple[str, ...], names: Names) -> Names:
    """The names, and in plans the words of plans, some of which mean something else there."""
    if path[:1] == ("calendar",):
        return {**CALENDAR_WORDS, **names}
    if path[:1] == ("alerts",):
        return {**names, **ALERT_WORDS}
    if path[:1] == ("confirmation",):
        return {**names, **CONFIRMATION_WORDS}
    return {**PLAN_WORDS, **names} if path[:1] in (("common",), ("plans",), ("pay",)) or "holdback" in path else names


def is_label(value: Mapping[str, Any]) -> bool:
    """Whether a table is a name in two languages, and no table by code; a code of the host's own may be any word."""
    return isinstance(value.get("en"), str)


def is_curve(value: Mapping[str, Any]) -> bool:
    """Whether a table is a curve."""
    return isinstance(value.get("knots"), list)


def word_for(code: str, names: Names, language: Language) -> str:
    """A code or key in words: the name of an indicator, a word of schemes, or what the scheme itself calls it."""
    code, level = level_of(code)
    known = names.get(code) or WORDS.get(code)
    known = known if level is None else unit_label(known or Label(code), level)
    return known.to(language) if known else code


def mark_for(mark: str, names: Names, language: Language) -> str:
    """What tells an item of a plan apart, in words: a code, terms of loans, or a word and a number."""
    if mark.startswith("{"):
        return words_for(json.loads(mark), names, language)
    head, _, number = mark.rpartition(" ")
    if number.isdigit() and mark not in names and head:
        return f"{mark_for(head, names, language)} {number}"
    return word_for(mark, names, language) or PLAN_WORDS["all loans"].to(language)


def words_for(value: Any, names: Names, language: Language) -> str:
    """A part of the document in words; empty where it is not there."""
    chinese = language == "zh"
    if value is None:
        return ""
    if isinstance(value, bool):
        return word_for(str(value).lower(), names, language)
    if isinstance(value, Mapping) and is_label(value):
        return str(value.get(language) or value["en"])
    if isinstance(value, Mapping) and is_curve(value):
        return _curve(value, names, language)
    if isinstance(value, Mapping):
        parts = [f"{word_for(key, names, language)} {words_for(part, names, language)}" for key, part in value.items()]
        return ("，" if chinese else ", ").join(parts)
    if isinstance(value, list) and value and all(isinstance(part, list) for part in value):
        return ("；" if chinese else "; ").join(words_for(part, names, language) for part in value)
    if isinstance(value, list):
        return ("、" if chinese else ", ").join(words_for(part, names, language) for part in value)
    try:
        found = quantity(str(value))
    except LoanPerfError:
        return word_for(str(value), names, language)
    label = quantity_label(found) if found.unit in UNIT_NAMES else str(value)
    return in_words(label, language)


def _curve(curve: Mapping[str, Any], names: Names, language: Language) -> str:
    """`0 points → 0%, 100 points → 100%, linear`."""
    knots = [" → ".join(words_for(end, names, language) for end in knot) for knot in curve["knots"]]
    words = [WORDS[curve["shape"]], *([WORDS["right"]] if curve["closed"] == "right" else [])]
    said = [*knots, *(word.to(language) for word in words)]
    if then := curve.get("then"):
        counted = WORDS[then["counted"]].to(language)
        per_point = words_for(then["per_point"], names, language)
        point = words_for(then.get("point"), names, language)
        each = WORDS["then each" if point else "then"].to(language)
        said.append(each.format(per_point=per_point, counted=counted, point=point))
    return ", ".join(said) if language == "en" else "，".join(said)
