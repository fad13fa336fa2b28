"""Places: the text of a document -> the line and column at which each of its keys and items begins.

The parsers of Python give values without their places. What is read here was read by one of them before, or refused;
so nothing is checked here, and no text is too broken to be looked at.
"""

from __future__ import annotations

import json
import re
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import evolve, frozen

from loanperf.errors import Problem, is_encodable, shown

Form: TypeAlias = Literal["toml", "json"]
Place: TypeAlias = tuple[int, int]
"""Line and column of a text, each from 1; a column is a character, and a tab is one."""
_Path: TypeAlias = tuple[str | int, ...]

_TOKENS = {
    "toml": re.compile(
        r'"""(?s:\\.|[^\\])*?(?:"""(?:"{0,2})|\Z)' + r"|'''(?s:.)*?(?:'''(?:'{0,2})|\Z)"
        r'|"(?:\\.|[^"\\\n])*+"?' + r"|'[^'\n]*+'?"
        r"|\#[^\n]*+|\n|[\[\]{},=]|[^ \t\r\n\[\]{},=\"'\#]++"
    ),
    "json": re.compile(r'"(?s:\\.|[^"\\])*+"?|[\[\]{},:]|[^\s\[\]{},:"]++'),
}
"""Each pattern takes what does not end up to the end, so that no text is looked at twice."""
_MOST_FAULTS = 20
_MOST_STEPS = 50
"""Steps up from a path that is looked for; no path of a document that is read has more."""


@frozen
class WordError(ValueError):
    """A word of a document that stands for a number that cannot be."""

    word: str

    def __str__(self) -> str:
        return f"{shown(self.word)} is no ordinary number"


@frozen
class _Token:
    text: str
    start: int

    @property
    def is_text(self) -> bool:
        return self.text[0] in "\"'"


def places_of(text: str, form: Form) -> dict[str, Place]:
    """The places of the keys and items of a document by path, as problems write it; `$` is where it begins.

    A key has its own place, an item of a list that of its first character, and an item of an array of tables that of
    its header. Paths that are written alike, since a key may have dots, have none.
    """
    lines = _line_starts(text)
    paths: dict[str, _Path] = {}
    places = {"$": (1, 1)}
    for path, start in _stated(text, form).items():
        where = "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{key_text(step)}" for step in path)
        if paths.setdefault(where, path) == path:
            places[where] = _place(lines, start)
        else:
            places.pop(where, None)
    return places


def placed(problems: Iterable[Problem], text: str, form: Form) -> tuple[Problem, ...]:
    """Problems of a document with their places, in the order of places.

    What is missing stands where the table begins in which it is missing.
    """
    places = places_of(text, form)
    found = [evolve(problem, at=_nearest(problem.where, places)) for problem in problems]
    return tuple(sorted(found, key=lambda problem: problem.at or (1, 1)))


def _nearest(where: str, places: Mapping[str, Place]) -> Place:
    for _ in range(_MOST_STEPS):
        if where in places:
            return places[where]
        where = where[: max(where.rfind("."), where.rfind("["), 0)]
    return places["$"]


def key_text(key: object) -> str:
    """A key as paths write it."""
    return key if isinstance(key, str) and key.strip() and is_encodable(key) else ascii(key)[:80]


def faults_of_syntax(text: str, form: Form, error: ValueError) -> list[tuple[str, Place | None]]:
    """What is wrong with a text that a parser refused, and where: of TOML, in its first twenty wrong statements.

    Args:
        text: that was refused.
        form: of the text.
        error: what the parser said.
    """
    if isinstance(error, json.JSONDecodeError):
        return [(error.msg, (error.lineno, error.colno))]
    if isinstance(error, WordError):
        return [(str(error), _place_of(error.word, text, form))]
    lines = _line_starts(text)
    found: list[tuple[str, Place | None]] = []
    for statement in _statements(text) if form == "toml" else ():
        start, last = statement[0].start, statement[-1]
        try:
            tomllib.loads(text[start : last.start + len(last.text)])
        except ValueError as fault:
            found.append(_of_statement(fault, lines, statement))
        if len(found) == _MOST_FAULTS:
            break
    return found or [(_AT.sub("", str(error)), _repeated(text, form))]


_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
"""How the parser of TOML names a place."""


def _of_statement(error: ValueError, lines: list[int], statement: list[_Token]) -> tuple[str, Place]:
    """What the parser says of a statement alone, and where that is in the document."""
    found, last = _AT.search(str(error)), statement[-1]
    begins, ends = (_place(lines, start) for start in (statement[0].start, last.start + len(last.text)))
    if found is None:
        return str(error), begins
    words = str(error)[: found.start()]
    if found[1] is None:
        return words, ends
    line, column = int(found[1]), int(found[2])
    return words, (begins[0] + line - 1, column if line > 1 else begins[1] + column - 1)


def _repeated(text: str, form: Form) -> Place | None:
    """Where a key stands for the second time."""
    seen: set[_Path] = set()
    for path, start, is_stated in _starts(text, form):
        if is_stated and path in seen:
            return _place(_line_starts(text), start)
        seen |= {path} if is_stated else set()
    return None


def _place_of(word: str, text: str, form: Form) -> Place | None:
    starts = (token.start for token in _tokens(text, form) if token.text == word)
    return next((_place(_line_starts(text), start) for start in starts), None)


def _line_starts(text: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("\n", text))]


def _place(lines: list[int], start: int) -> Place:
    line = bisect_right(lines, start)
    return line, start - lines[line - 1] + 1


# ── paths ───────────────────────────────────────────────────────────────────────────────────────────────────


def _stated(text: str, form: Form) -> dict[_Path, int]:
    """Where each path begins: where it is stated, else where it is first the way to another."""
    found: dict[_Path, int] = {}
    stated: dict[_Path, int] = {}
    for path, start, is_stated in _starts(text, form):
        (stated if is_stated else found).setdefault(path, start)
    return found | stated


def _starts(text: str, form: Form) -> Iterator[tuple[_Path, int, bool]]:
    """Each path of a document, the place where it starts, and whether it has a value or only others below it."""
    if form == "json":
        yield from _within((), _tokens(text, form))
        return
    here: _Path = ()
    items = Counter[_Path]()
    for statement in _statements(text):
        if statement[0].text != "[":
            key = _until("=", statement)
            path = here
            for path, start, is_last in _way(here, key, {}):
                yield path, start, is_last
            yield from _within(path, statement[len(key) + 1 :])
            continue
        is_item = len(statement) > 1 and statement[1].text == "["
        for here, start, is_last in _way((), _until("]", statement[1 + is_item :]), items):
            if not is_last or here not in items:
                yield here, start, is_last
            if is_last and is_item:
                yield (*here, items[here]), start, True
        if is_item:
            items[here] += 1
            here = (*here, items[here] - 1)


def _way(path: _Path, key: list[_Token], items: Mapping[_Path, int]) -> Iterator[tuple[_Path, int, bool]]:
    """The paths along the parts of a key, each with its start and whether it is the last.

    Args:
        path: in which the key stands.
        key: its tokens.
        items: how many items each array of tables has so far; a way through one goes through its last.
    """
    parts = [part for token in key for part in _parts(token)]
    for index, (name, start) in enumerate(parts):
        path = (*path, name)
        is_last = index == len(parts) - 1
        yield path, start, is_last
        if not is_last and path in items:
            path = (*path, items[path] - 1)


def _parts(token: _Token) -> Iterator[tuple[str, int]]:
    if token.is_text:
        yield _decoded(token.text), token.start
        return
    for part in re.finditer(r"[^.]+", token.text):
        yield part[0], token.start + part.start()


def _decoded(text: str) -> str:
    for read in (json.loads, lambda given: tomllib.loads(f"key = {given}")["key"]):
        try:
            return str(read(text))
        except (ValueError, RecursionError):
            continue
    return text


def _within(path: _Path, tokens: Iterable[_Token]) -> Iterator[tuple[_Path, int, bool]]:
    """The paths within a value: of the items of lists, and of the keys of inline tables."""
    value: _Path | None = path
    """The path of the value that the next token begins; None within one, after one, and where a key stands."""
    around: list[tuple[_Path, int | None]] = []
    """The lists and tables that are open, with the number of the item in a list."""
    key: list[_Token] = []
    for token in tokens:
        outer, item = around[-1] if around else ((), None)
        if token.text in ("]", "}"):
            around, value, key = around[:-1], None, []
        elif token.text == "," and item is not None:
            around[-1] = outer, item + 1
            value = (*outer, item + 1)
        elif token.text == ",":
            value, key = None, []
        elif token.text in ("=", ":") and item is None and value is None:
            for value, start, is_last in _way(outer, key, {}):
                yield value, start, is_last
            key = []
        elif value is None:
            key.append(token)
        else:
            if item is not None:
                yield value, token.start, True
            if token.text in ("[", "{"):
                around.append((value, 0 if token.text == "[" else None))
            value = (*value, 0) if token.text == "[" else None
            key = []


# ── statements and tokens ───────────────────────────────────────────────────────────────────────────────────


def _until(mark: str, tokens: list[_Token]) -> list[_Token]:
    ends = (index for index, token in enumerate(tokens) if token.text == mark)
    return tokens[: next(ends, len(tokens))]


def _statements(text: str) -> Iterator[list[_Token]]:
    """The headers and pairs of TOML; a list that does not end ends before a line that begins with a key."""
    statement: list[_Token] = []
    depth = row = 0
    opened = False
    for token in _tokens(text, "toml"):
        if token.text == "\n":
            row, opened = len(statement), False
            if depth <= 0 and statement:
                yield statement
                statement, row, depth = [], 0, 0
            continue
        if token.text == "=" and depth > 0 and not opened and 0 < row < len(statement):
            yield statement[:row]
            statement, row, depth = statement[row:], 0, 0
        depth += (token.text in ("[", "{")) - (token.text in ("]", "}"))
        opened = opened or token.text in ("[", "{")
        statement.append(token)
    if statement:
        yield statement


def _tokens(text: str, form: Form) -> Iterator[_Token]:
    for found in _TOKENS[form].finditer(text):
        if form == "json" or found[0][0] != "#":
            yield _Token(found[0], found.start())
