"""What errors and problems say in Chinese.

They are raised in English, and may be kept so for years. Their Chinese stands in `messages.zh.toml`, under the English
with `{}` for each value. A sentence is found there by its words; what stands in a hole may be a sentence too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from attrs import frozen

_HOLE = re.compile(r"\{\}")
_QUOTED = r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"|`[^`]*`"
_MASK, _EDGE = "\0", "\1"
_HAN = "[\u4e00-\u9fff]"
_BLANKS = re.compile(f"({_HAN}) {_EDGE}(?={_HAN})|(?<={_HAN}){_EDGE} ({_HAN})")
_CLAUSES = re.compile(rf"((?:{_QUOTED}|(?!; |\n).)*)(; |\n|$)", re.DOTALL)
_JOINTS = ((": ", "："), (", and ", "，且"), (", ", "，"))
"""What stands between the parts of a clause, and how Chinese joins them; what parts most comes first."""
_OWN_WORDS = 12
"""How many letters of its own a sentence has that whole clauses are compared with; one of fewer fits too much."""


@frozen
class _Pattern:
    words: tuple[str, ...]
    longest: str
    form: re.Pattern[str]
    chinese: str

    @property
    def letters(self) -> int:
        return sum(map(len, self.words))

    @classmethod
    def of(cls, english: str, chinese: str) -> _Pattern:
        words = [part.replace("{{", "{").replace("}}", "}") for part in _HOLE.split(english)]
        form = re.compile("(.*?)".join(map(re.escape, words)), re.DOTALL)
        return cls(tuple(filter(None, words)), max(words, key=len), form, chinese)


@cache
def catalogue() -> dict[str, str]:
    """The Chinese of each sentence, by its English with `{}` for values; braces of its own are doubled in both."""
    return tomllib.loads(files("loanperf").joinpath("messages.zh.toml").read_text("utf-8"))


@cache
def _patterns() -> tuple[dict[str, str], tuple[_Pattern, ...], tuple[_Pattern, ...]]:
    """Sentences without values; those that their own words tell; and those that fit much: most words first."""
    whole, holed = {}, []
    for english, chinese in catalogue().items():
        if _HOLE.search(english):
            holed.append(_Pattern.of(english, chinese))
        else:
            whole[english.format()] = chinese.format()
    holed.sort(key=lambda one: -one.letters)
    telling = tuple(one for one in holed if one.letters >= _OWN_WORDS)
    return whole, telling, tuple(holed[len(telling) :])


def filled(english: str, values: Iterable[object]) -> str:
    """A sentence of the catalogue in Chinese, clause by clause, with values in its holes."""
    said = "；".join(catalogue().get(clause, clause) for clause in english.split("; "))
    return _put(said, (in_chinese(str(value)) for value in values))


@lru_cache(maxsize=4096)
def in_chinese(text: str) -> str:
    """A text of clauses in Chinese; what the catalogue does not have, such as codes and quoted values, stays."""
    if not any("a" <= letter <= "z" for letter in text) or re.fullmatch(_QUOTED, text):
        return text
    clauses = [(found[1], found[2]) for found in _CLAUSES.finditer(text)]
    return "".join(_clause(said) + ("；" if mark == "; " else mark) for said, mark in clauses)


def _clause(text: str) -> str:
    whole, telling, loose = _patterns()
    return whole.get(text) or _matched(text, telling) or _unquoted(text, loose) or text


def _unquoted(text: str, loose: Iterable[_Pattern]) -> str:
    """A clause part by part, or by a sentence of few words; neither looks into what is quoted."""
    quoted, bare = re.findall(_QUOTED, text), re.sub(_QUOTED, _MASK, text)
    for mark, chinese in _JOINTS:
        parts = _restored(bare.split(mark), quoted)
        said = [in_chinese(part) for part in parts] if len(parts) > 1 else parts
        if said != parts:
            return chinese.join(said)
    return _matched(bare, loose, quoted)


def _matched(text: str, patterns: Iterable[_Pattern], quoted: Sequence[str] = ()) -> str:
    for pattern in patterns:
        if pattern.longest in text and (found := pattern.form.fullmatch(text)):
            return _put(pattern.chinese, map(in_chinese, _restored(found.groups(), quoted)))
    return ""


def _put(chinese: str, values: Iterable[str]) -> str:
    """A sentence with values in its holes, and no blank where Chinese words come to stand side by side."""
    said = chinese.format(*(f"{_EDGE}{value}{_EDGE}" for value in values))
    return _BLANKS.sub(r"\1\2", said).replace(_EDGE, "")


def _restored(parts: Iterable[str], quoted: Sequence[str]) -> list[str]:
    """Parts of a text with what was quoted in them."""
    rest = iter(quoted)
    return [re.sub(_MASK, lambda _: next(rest, _MASK), part) for part in parts]
