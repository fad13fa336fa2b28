"""Keys: the words of a ledger, a code each, and the keys of lines as codes of them, in the order of their texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from operator import lt

import numpy as np
from attrs import field, fields_dict, frozen

from loanperf._numbers import (
    Columns,
    Places,
    Whole,
    by_code,
    counts_up,
    distinct,
    grouped,
    laid,
    marked,
    places_among,
    put,
    spread,
)

_FEW = 3
"""Up to so many words are looked for one by one."""
_PART = 8
"""Up to one word in so many is looked for in one go through all of them, and no index of all is made."""
_BELOW_SLASH = re.compile(r"[\x00-/]")
_CUT = re.compile(r"(?<!\\)((?:\\\\)*)/")
_ESCAPED = re.compile(r"\\([\\/])")
PARTS = ("payee", "plan", "component", "loan", "stage", "cohort")
"""The words of a line's key, in order; the last one has all that is left of a key with more slashes."""


@frozen(eq=False)
class Texts:
    """Texts, each once; the code of one is its place."""

    texts: tuple[str, ...] = ()
    _known: dict[str | None, int] = field(factory=dict)
    """The codes of texts that were looked for so far, -1 of those that are none; with None, of all of `texts` too."""

    def codes(self, given: Sequence[str]) -> list[int]:
        """The codes of some texts; -1 where one is none of these. A few are looked for without an index of all."""
        known = self._known
        new = {text for text in given if text not in known}
        if not new:
            return [*map(known.__getitem__, given)]
        if None not in known and len(new) <= _FEW:
            known |= {text: self.texts.index(text) for text in new if text in self.texts}
        elif None not in known and _PART * len(new) < len(self.texts):
            known |= {self.texts[code]: code for code in places_among(self.texts, new).tolist()}
        elif None not in known:
            known |= zip(self.texts, range(len(self.texts)), strict=True)
            known[None] = -1
        return [known.setdefault(text, -1) for text in given]

    @cached_property
    def ranks(self) -> tuple[Whole, Whole]:
        """The order of the texts as parts of keys: of each as the last part, and as one that a slash follows."""
        texts, size = self.texts, len(self.texts)
        if _is_above_slash("".join(texts)) or len({*map(len, texts)}) < 2:
            # No text begins with another one, or none goes on with a sign before the slash.
            found = np.arange(size)
            if not all(map(lt, texts, texts[1:])):
                found = put(found, np.array(sorted(range(size), key=texts.__getitem__)), size, 0)
            return 2 * found, 2 * found + 1
        both = [*texts, *(f"{text}/" for text in texts)]
        found = put(np.arange(2 * size), np.array(sorted(range(2 * size), key=both.__getitem__)), 2 * size, 0)
        return found[:size], found[size:]

    def code(self, text: str) -> int:
        """The code of a text; -1 where it is none of these."""
        if self.texts[:1] == (text,):
            return 0
        return self.codes((text,))[0]

    def joined(self, more: Texts | Sequence[str]) -> tuple[Texts, Places]:
        """These texts and more, and the code of each of `more`, with -1 behind it for none."""
        size, given = len(self.texts), more.texts if isinstance(more, Texts) else tuple(more)
        if given[:size] == self.texts and (len(given) == size or isinstance(more, Texts) or _once(given)):
            grown = self if len(given) == size else more if isinstance(more, Texts) else Texts(given)
            return grown, np.append(np.arange(len(given)), -1)
        if given == self.texts[: len(given)]:
            return self, np.append(np.arange(len(given)), -1)
        found = self.codes(given)
        if -1 not in found:
            return self, np.array([*found, -1])
        new = dict.fromkeys(text for text, code in zip(given, found, strict=True) if code < 0)
        codes: dict[str | None, int] = dict(zip(new, range(size, size + len(new)), strict=True))
        grown = Texts((*self.texts, *new), self._known | codes)
        return grown, np.array([*grown.codes(given), -1])

    def some(self, codes: Places) -> Texts:
        """The texts of some codes, in their order."""
        return Texts(tuple(map(self.texts.__getitem__, codes.tolist())))

    def of(self, codes: Whole) -> list[str]:
        """The texts of some codes; the empty text of -1."""
        texts = self.texts
        return ["" if code < 0 else texts[code] for code in codes.tolist()]


def _is_above_slash(text: str) -> bool:
    """Whether every sign of a text sorts behind the slash, as letters and digits do."""
    return text.isalnum() or not _BELOW_SLASH.search(text)


def _once(texts: Sequence[str]) -> bool:
    """Whether each text is there once."""
    return len({*texts}) == len(texts)


@frozen(eq=False, kw_only=True)
class Vocabulary:
    """All words of some entries. Those of keys are escaped; a payee, loan or cohort is here as it is, too."""

    payee: Texts = field(factory=Texts)
    plan: Texts = field(factory=Texts)
    component: Texts = field(factory=Texts)
    loan: Texts = field(factory=Texts)
    stage: Texts = field(factory=Texts)
    cohort: Texts = field(factory=Texts)
    version: Texts = field(factory=Texts)
    currency: Texts = field(factory=Texts)

    @property
    def of_keys(self) -> tuple[Texts, ...]:
        """The words of keys, part by part."""
        return self.payee, self.plan, self.component, self.loan, self.stage, self.cohort

    def joined(self, more: Vocabulary) -> tuple[Vocabulary, dict[str, Places]]:
        """These words and more, and by kind of word the code here of each of `more`, with -1 behind them."""
        found = {name: getattr(self, name).joined(getattr(more, name)) for name in fields_dict(Vocabulary)}
        return Vocabulary(**{name: words for name, (words, _) in found.items()}), {
            name: codes for name, (_, codes) in found.items()
        }


@frozen(eq=False, kw_only=True)
class LineKeys(Columns):
    """Keys of lines, a row each: codes of their words; -1 where a key has fewer parts."""

    payee: Places
    plan: Places
    component: Places
    loan: Places
    stage: Places
    cohort: Places

    @property
    def columns(self) -> tuple[Places, ...]:
        """The codes, part by part."""
        return self.payee, self.plan, self.component, self.loan, self.stage, self.cohort

    def __len__(self) -> int:
        return len(self.payee)

    def recoded(self, codes: dict[str, Places]) -> LineKeys:
        """The same keys by other codes of their words."""
        return LineKeys(**{name: recoded(codes[name], getattr(self, name)) for name in PARTS})

    def joined(self, more: LineKeys) -> tuple[LineKeys, Places]:
        """These keys, each once, and those of `more` that are new; and the place here of each of `more`."""
        if not len(more):
            return self, np.arange(0)
        size = 1 + max(int(self.loan.max(initial=-1)), int(more.loan.max()))
        near = np.flatnonzero(marked(more.loan + 1, size + 1)[self.loan + 1])  # keys of other loans are other keys
        found, places = LineKeys.stacked([self.some(near), more]).once()
        new = found.some(slice(len(near), None))
        place = np.append(near, np.arange(len(self), len(self) + len(new)))[places[len(near) :]]
        return LineKeys.stacked([self, new]) if len(new) else self, place

    def begins(self, more: LineKeys) -> bool:
        """Whether other keys begin with these."""
        size = len(self)
        pairs = zip(self.columns, more.columns, strict=True)
        return len(more) >= size and all((mine == others[:size]).all() for mine, others in pairs)

    def once(self) -> tuple[LineKeys, Places]:
        """The keys, each once, in the order in which they come first; and the place there of each."""
        size = len(self)
        by_key, starts = grouped(*self.columns)
        if len(starts) == size:
            return self, np.arange(size)
        order = np.arange(size)[by_key]
        first = put(spread(order[starts], starts, size), order, size, 0)
        new = np.flatnonzero(first == np.arange(size))
        return self.some(new), put(np.arange(len(new)), new, size, 0)[first]

    def ranks(self, words: Vocabulary) -> tuple[Whole, ...]:
        """What sorts keys as their texts, the first column first; see `Texts.ranks`."""
        found = []
        for name, following in zip(PARTS, (*PARTS[1:], ""), strict=True):
            used, codes = distinct(getattr(self, name) + 1)
            none = int(bool((used[:1] == 0).any()))
            codes = codes - none
            last, more = getattr(words, name).some(used[none:] - 1).ranks
            rank = by_code(np.append(more if following else last, -1))[codes]
            ends = np.flatnonzero(getattr(self, following) < 0) if following else codes[:0]
            found.append(laid(rank, ends, np.append(last, -1)[codes[ends]]))
        return tuple(found)

    def text(self, row: int, words: Vocabulary) -> str:
        """A key as text, as `line_key` writes it."""
        texts, codes = words.of_keys, [int(column[row]) for column in self.columns]
        return "/".join([known.texts[code] for known, code in zip(texts, codes, strict=True) if code >= 0])

    def texts(self, words: Vocabulary) -> list[str]:
        """All keys as texts."""
        lists = [known.of(codes) for known, codes in zip(words.of_keys, self.columns, strict=True)]
        found = [*map("/".join, zip(*lists, strict=True))]
        short = np.flatnonzero(self.cohort < 0)
        size = sum((codes[short] >= 0 for codes in self.columns), start=short * 0)
        for row, many in zip(short.tolist(), size.tolist(), strict=True):
            found[row] = "/".join([texts[row] for texts in lists[:many]])
        return found


def recoded(codes: Places, column: Places) -> Places:
    """A column by other codes of its words, with -1 behind them; the same column where they are the same."""
    return column if counts_up(codes[:-1]) else by_code(codes)[column]


def parts_of(key: str) -> tuple[str | None, ...]:
    """The parts of a key, as they are escaped in it; None behind its last part.

    >>> parts_of("lin/p/c//s/2026-03"), parts_of("x")
    (('lin', 'p', 'c', '', 's', '2026-03'), ('x', None, None, None, None, None))
    """
    found, start = list[str | None](), 0
    for cut in _CUT.finditer(key):
        if len(found) == len(PARTS) - 1:
            break
        found.append(key[start : cut.end() - 1])
        start = cut.end()
    found.append(key[start:])
    return (*found, *[None] * (len(PARTS) - len(found)))


def escaped(words: Sequence[str]) -> Sequence[str]:
    """Words as parts of keys: a slash or backslash within one is escaped; the same list where there is none.

    >>> [len(word) for word in escaped(("a/b", "c"))]
    [4, 1]
    """
    joined = "".join(words)
    if "/" not in joined and "\\" not in joined:
        return words
    return tuple(word.replace("\\", "\\\\").replace("/", "\\/") for word in words)


def unescaped(part: str) -> str:
    r"""The word of a part of a key; the inverse of `escaped`.

    >>> unescaped(r"a\/b")
    'a/b'
    """
    return _ESCAPED.sub(r"\1", part)
