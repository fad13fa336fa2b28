"""Chinese: the English text of an error or a problem -> the same text in Chinese.

Errors are raised in English, and problems may be kept in it for years. The Chinese stands in `messages.zh.toml`, under
the English with `{}` for each value. A clause is found there by its words; what stands in a hole is a value, or is
found in the same way. A clause of which some is not known stays in English as a whole: nothing is said by halves.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib.resources import files

from attrs import frozen

_QUOTED = r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|`[^`]*`|\{[^{}]*\}"
_CLAUSES = re.compile(rf"((?:{_QUOTED}|(?!; |\? |\n).)*)(; |\? |\n|$)", re.DOTALL)
_JOINTS = ((": ", "："), (", and ", "，且"), (", ", "，"))
"""What stands between the parts of a clause, and how Chinese joins them; what parts most comes first."""
_APART = (": ", ", and ")
_PROSE = re.compile(r"(?<![\w./-])[a-z]+ [a-z]+(?![\w./-])")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|can|cannot|must|may|does|do|need|stand|hold|take|come|sum|end|fit)s?\b"
)
_FILE = re.compile(r".*\.[a-z]{2,7}")
_THIN = {"", "and", "or", "in", "of", "on", "at", "to", "by", "for", "from", "with", "is", "are", "has", "have", "else"}
_NOUNS = ("the ", "a ", "an ", "one ", "{}")
_PAIR = re.compile(r"\S+( and \S+)+|\S+ (in|of|on|for|to|from|at) \S*[^a-z ]\S*")
"""Codes that were joined, or a code and a period or another value beside it."""
_TELLING = 12
"""How many letters of its own a clause has that is looked for before a text is cut at commas."""
_MOST = 2000
"""Characters of a clause that is looked for; a longer one holds a value of somebody's own."""
_LONGEST = 100_000
_MASK, _EDGE, _HAN = "\0", "\1", "[\u4e00-\u9fff]"
_BLANKS = re.compile(f"([\u4e00-\u9fff？]) {_EDGE}(?={_HAN})|(?<={_HAN}){_EDGE} ({_HAN})")
_CUT = (",", ";", ":", " ")


@frozen
class _Pattern:
    """A clause with values in it."""

    english: str
    chinese: str
    words: tuple[str, ...]
    """What stands before, between and behind the values."""

    @classmethod
    def of(cls, english: str, chinese: str) -> _Pattern:
        words = (part.replace("{{", "{").replace("}}", "}") for part in english.split("{}"))
        return cls(english, chinese, tuple(words))

    @property
    def letters(self) -> int:
        return sum(map(len, self.words))

    @property
    def is_thin(self) -> bool:
        """Whether it has but a little word between values, as a name or a file may have too."""
        return not (self.words[0] or self.words[-1]) and {word.strip() for word in self.words} <= _THIN

    @property
    def is_name(self) -> bool:
        """Whether it names something and says nothing of it."""
        return self.english.startswith(_NOUNS) and ": " not in self.english and _VERB.search(self.english) is None

    @property
    def order(self) -> tuple[bool, bool, int]:
        """What says something before what names something, and then what has the most words of its own."""
        return self.is_thin, _VERB.search(self.english) is None, -self.letters

    def values(self, text: str) -> list[str] | None:
        """What stands in the holes, each up to the first place of the words behind it; None where it does not fit."""
        first, *between, last = self.words
        if not (text.startswith(first) and text.endswith(last)):
            return None
        start, end, found = len(first), len(text) - len(last), []
        for word in between:
            place = text.find(word, start + 1, end)
            if place < 0:
                return None
            found.append(text[start:place])
            start = place + len(word)
        return [*found, text[start:end]] if start < end else None


@cache
def catalogue() -> dict[str, str]:
    """The Chinese of each clause, by its English with `{}` for values; braces of its own are doubled in both."""
    return tomllib.loads(files("loanperf").joinpath("messages.zh.toml").read_text("utf-8"))


@cache
def _clauses() -> tuple[dict[str, str], list[_Pattern], list[_Pattern]]:
    """Clauses without values; those that their own words tell; and the others."""
    whole = {english.format(): chinese.format() for english, chinese in catalogue().items() if "{}" not in english}
    holed = [_Pattern.of(*item) for item in catalogue().items() if "{}" in item[0] and not item[0].startswith("{}: ")]
    holed.sort(key=lambda one: one.order)
    telling = [one for one in holed if one.letters >= _TELLING]
    return whole, telling, [one for one in holed if one.letters < _TELLING]


def filled(english: str, values: Iterable[object]) -> str:
    """A sentence of the catalogue in Chinese, clause by clause, with values in its holes."""
    said = "".join(catalogue().get(clause, clause) + end for clause, _, end in _parts_of(english))
    texts = [str(value) for value in values]
    return _put(said, texts, [*map(in_chinese, texts)])


def in_chinese(text: str) -> str:
    """A text of clauses in Chinese; those that are not known stay, and so do codes and quoted values."""
    if _MASK in text or _EDGE in text or len(text) > _LONGEST:
        return text
    try:
        said = [(clause, _known(clause), mark, end) for clause, mark, end in _parts_of(text)]
    except RecursionError:  # It is made of hundreds of parts, and none of ours.
        return text
    return "".join(clause + mark if known is None else known + end for clause, known, mark, end in said)


def _parts_of(text: str) -> list[tuple[str, str, str]]:
    """The clauses of a text, each with what stands behind it, and what stands there in Chinese."""
    found = [(one[1] + ("?" if one[2] == "? " else ""), one[2].lstrip("?")) for one in _CLAUSES.finditer(text)]
    return [(clause, mark, {"; ": "；", " ": ""}.get(mark, mark)) for clause, mark in found if clause or mark]


@lru_cache(maxsize=4096)
def _known(text: str) -> str | None:
    """A clause or a value in Chinese; None where some of it is not known."""
    if len(text) > _MOST:
        return None
    whole, telling, others = _clauses()
    return (
        whole.get(text)
        or _matched(text, telling)
        or _parted(text, all)
        or _matched(text, others)
        or _parted(text, any)
        or _value(text)
    )


def _value(text: str) -> str | None:
    """A value, or values one after the other; None where it is a text."""
    parts = _split(text, ", ")
    if len(parts) > 1 and all(" " not in re.sub(_QUOTED, "", part) or part in catalogue() for part in parts):
        return "、".join(parts)
    bare = re.sub(_QUOTED, "", text)
    return text if _FILE.fullmatch(text) or not (_PROSE.search(bare) or _VERB.search(bare)) else None


def _matched(text: str, patterns: Iterable[_Pattern]) -> str | None:
    for pattern in patterns:
        values = pattern.values(text)
        if values is None or any(len(value) > 1 and (value[0] in _CUT or value[-1] in _CUT) for value in values):
            continue
        if not pattern.words[0] and any(
            mark in values[0] and mark in re.sub(_QUOTED, "", values[0]) for mark in _APART
        ):
            continue  # it has parts, of which each is looked for
        if pattern.is_name and any(
            _VERB.search(re.sub(_QUOTED, "", value)) for value in values[not pattern.words[0] :]
        ):
            continue  # it is the subject of a sentence
        said = [_within(value) for value in values]
        if said[-1] is None and pattern.words[-2].endswith(": "):
            said[-1] = values[-1]  # what stands behind a colon may be of another program
        if pattern.is_thin and said == values:
            if _PAIR.fullmatch(text):
                return text  # values, as the source joined them
        elif None not in said:
            return _put(pattern.chinese, values, [one or "" for one in said])
    return None


def _within(text: str) -> str | None:
    """What stands in a hole: clauses that are all known, or a value."""
    said = [(_known(clause), end) for clause, _, end in _parts_of(text)]
    return None if any(one is None for one, _ in said) else "".join(f"{one}{end}" for one, end in said)


def _parted(text: str, which: Callable[[Iterable[bool]], bool]) -> str | None:
    """A clause of parts that are all known, and of which all or any are no values."""
    for mark, chinese in _JOINTS:
        parts = _split(text, mark)
        said = [_known(part) for part in parts] if len(parts) > 1 else [None]
        if None not in said and which(one != part for one, part in zip(said, parts, strict=True)):
            return chinese.join(one for one in said if one is not None)
    return None


def _split(text: str, mark: str) -> list[str]:
    """The parts between marks that are not quoted."""
    quoted = iter(re.findall(_QUOTED, text))
    parts = re.sub(_QUOTED, _MASK, text).split(mark)
    return [re.sub(_MASK, lambda _: next(quoted), part) for part in parts]


def _put(chinese: str, values: Iterable[str], said: Iterable[str]) -> str:
    """A sentence with values in its holes, and no blank beside one that came to be Chinese."""
    edged = [word if word == value else f"{_EDGE}{word}{_EDGE}" for value, word in zip(values, said, strict=True)]
    return _BLANKS.sub(r"\1\2", chinese.format(*edged)).replace(_EDGE, "")
