"""Tabled: entries <-> a table of plain columns, exact, as stores keep it and Arrow carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, frozen

from loanperf._ledger._grounds import CODED_RULES, Grounds, KeptReasons
from loanperf._ledger._keys import PARTS, LineKeys, Texts, Vocabulary, parts_of
from loanperf._ledger._kinds import ENTRY_KINDS
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    among,
    as_places,
    bounded,
    distinct,
    largest,
    nowhere,
    put,
    replaced,
    starts_of,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money
from loanperf._tables._columns import Column, Table, distinct_words
from loanperf._tables._values import absent, of_own_texts, of_whole
from loanperf.errors import DataError, LoanPerfError, is_encodable, shown

OF_KEYS = ("plan", "component", "stage")
"""Parts of a line's key that stand in columns of their own, where its other parts are the payee, loan and cohort."""
OF_HANDS = ("set_to", "set_to_currency", "by", "why", "evidence")
"""What is said of an amount that was set by hand."""
NUMBERS = ("number", "amount", "before", "now", "moves", "drawn", "set_to")
REQUIRED = ("number", "kind", "payee", "period", "on", "amount", "currency", "rule")
"""What every entry has; amounts are in smallest units."""
_MOST = 2**62 - 1
_BETWEEN = ","
"""What separates the numbers of the entries that one entry corrects."""
_MANY = 2
"""So many words a row are too many to look at each."""


def fits(table: Mapping[str, Column]) -> bool:
    """Whether all numbers of a table are below 2**62, so that no sum of two leaves 64 bits."""
    return all(largest(table[name].values) <= _MOST for name in NUMBERS)


def is_keepable(table: Mapping[str, Column]) -> bool:
    """Whether a store can keep a table: its numbers fit, and its texts are of Unicode without the character 0."""
    return fits(table) and all(map(_is_plain, table.values()))


def _is_plain(column: Column) -> bool:
    joined = "".join(column.words)
    return "\0" not in joined and (joined.isascii() or is_encodable(joined))


# ── entries to a table ──────────────────────────────────────────────────────────────────────────────────────


def columns_of(
    columns: Mapping[str, Whole],
    grounds: Grounds,
    *,
    words: Vocabulary,
    keys: LineKeys,
    periods: Sequence[Period],
    fixing: Places,
    fixed: Whole,
    hands: Mapping[int, tuple[Money | None, str, str, str]],
) -> dict[str, Column]:
    """The columns of a table of entries, of which each says what is missing in it; see the fields of `Entries`."""
    lines, line = distinct(columns["line"] + 1)
    no_line, size = int(bool((lines[:1] == 0).any())), len(columns["number"])
    texts = keys.some(lines[no_line:] - 1).texts(words)
    names = {name: named(getattr(words, name), columns[name]) for name in ("payee", "currency")}
    names |= {name: named(getattr(words, name), columns[name], "") for name in ("cohort", "loan", "version")}
    known = {
        "before": grounds.differs,
        "now": grounds.differs,
        "moves": grounds.moves > 0,
        "drawn": grounds.is_drawn,
    }
    return {
        "number": _known(columns["number"]),
        "kind": _words([kind.value for kind in ENTRY_KINDS], columns["kind"]),
        **names,
        "line": _words(texts, line - no_line),
        **_parts(words, keys, columns),
        "period": _words([str(period) for period in periods], columns["period"]),
        "on": Column("day", columns["on"]),
        "amount": _known(columns["units"]),
        "corrects": _corrects(fixing, fixed, size),
        "rule": _words(CODED_RULES, grounds.rule),
        **{name: _known(getattr(grounds, name), there) for name, there in known.items()},
        "said": named(grounds.texts, grounds.said),
        "reason": named(grounds.texts, grounds.tree),
        **_said_by_hand(hands, size),
    }


def _parts(words: Vocabulary, keys: LineKeys, columns: Mapping[str, Whole]) -> dict[str, Column]:
    """Plan, component and stage of the key; nothing where the key is not the one that the entry's words make."""
    line, held = columns["line"], dict[str, Places]()
    makes = line >= 0
    for name in PARTS:
        held[name] = np.append(getattr(keys, name), -1)[line]
        makes = makes & _are_plain(getattr(words, name), held[name])
        if name not in OF_KEYS:
            makes = makes & (held[name] == columns[name])
    return {name: named(getattr(words, name), np.where(makes, held[name], -1)) for name in OF_KEYS}


def _corrects(fixing: Places, fixed: Whole, size: int) -> Column:
    """The numbers that each entry corrects, with commas between them."""
    starts, numbers = starts_of(fixing), [*map(str, fixed.tolist())]
    ends = [*starts[1:].tolist(), len(numbers)]
    found = of_own_texts(
        [_BETWEEN.join(numbers[low:high]) for low, high in zip(starts.tolist(), ends, strict=bool(numbers))]
    )
    return evolve(found, values=put(found.values, fixing[starts], size, -1))


def _said_by_hand(hands: Mapping[int, tuple[Money | None, str, str, str]], size: int) -> dict[str, Column]:
    """Who set an amount by hand, to what and why."""
    if not hands:
        return {name: absent("whole" if name == "set_to" else "text", size) for name in OF_HANDS}
    given = [hands.get(place, (None, "", "", "")) for place in range(size)]
    amounts = [hand[0] for hand in given]
    found = {
        "set_to": of_whole([None if amount is None else amount.units for amount in amounts]),
        "set_to_currency": of_own_texts([None if amount is None else amount.currency for amount in amounts]),
    }
    by_name = {name: [str(hand[at]) or None for hand in given] for at, name in enumerate(OF_HANDS[2:], 1)}
    return found | {name: of_own_texts(texts) for name, texts in by_name.items()}


def _are_plain(words: Texts, codes: Places) -> Truth:
    """Where there is a word, and none of its signs is one that keys escape."""
    words, codes = _of_rows(words, codes)
    joined = "".join(words.texts)
    if "/" not in joined and "\\" not in joined:
        return codes >= 0
    return among(codes, ["/" not in text and "\\" not in text for text in words.texts], otherwise=False)


def _words(words: Sequence[str], codes: Places) -> Column:
    return Column("text", codes, None, words)


def named(words: Texts, codes: Places, empty: str | None = None) -> Column:
    """A column of words; one of them is none. Of a few rows of a long ledger, the words that they use alone."""
    codes = codes if empty is None else np.where(codes == words.code(empty), -1, codes)
    words, codes = _of_rows(words, codes)
    return _words(words.texts, codes)


def _of_rows(words: Texts, codes: Places) -> tuple[Texts, Places]:
    """Of a few rows of a long ledger, the words that they use alone, and their codes among them."""
    if len(words.texts) <= _MANY * (len(codes) + 1):
        return words, codes
    found, places = distinct(codes + 1)
    none = int(bool((found[:1] == 0).any()))
    return words.some(found[none:] - 1), places - none


def _known(values: Whole, there: Truth | None = None) -> Column:
    """A column of numbers, and where there is one."""
    if there is not None and not there.all():
        values = np.where(there, values, 0)
    return Column("whole", bounded(0, values)[0], None if there is None or there.all() else ~there)


# ── a table to entries ──────────────────────────────────────────────────────────────────────────────────────


def entries_from(table: Table) -> dict[str, Any]:
    """What entries are made of, by the columns of a table.

    Raises:
        DataError: a column or a value is not what `columns_of` gives.
    """
    given = _TableOfEntries(table)
    words = {name: given.coded(name) for name in ("payee", "cohort", "loan", "version", "currency")}
    for currency in {*words["currency"][0].texts} - {*CURRENCIES}:
        raise _unlike("currency", f"{shown(currency)} is no currency")
    columns: dict[str, Any] = {name: codes for name, (_, codes) in words.items()}
    columns |= {"number": given.whole("number"), "units": given.whole("amount"), "on": given.there("on").values}
    columns["kind"] = given.places("kind", [kind.value for kind in ENTRY_KINDS])
    periods, columns["period"] = _periods(given.there("period"))
    known = {name: held for name, (held, _) in words.items()}
    keys, columns["line"], known = _keys(given, known, columns)
    fixing, fixed = _fixes(given)
    vocabulary, kept = Vocabulary(**known), _reasons_kept(given)
    stated = {name: columns[name] for name in ("units", "currency", "on", "cohort", "loan")}
    return {
        **columns,
        "words": vocabulary,
        "keys": keys,
        "periods": periods,
        "fixing": fixing,
        "fixed": fixed,
        "hands": _hands(given),
        "reasons": KeptReasons(columns=kept, words=vocabulary, **stated),
    }


def _unlike(name: str, fault: str) -> DataError:
    return DataError(f"column entries.{name}", fault, "pass what Entries.table gave")


@frozen(eq=False)
class _TableOfEntries:
    """A table that is said to be one of entries."""

    table: Table

    def column(self, name: str) -> Column:
        """A column of its kind; one that is not there, or in which there is nothing, is missing in all rows."""
        kind: Any = "day" if name == "on" else "whole" if name in NUMBERS else "text"
        found = self.table.columns.get(name)
        if found is None or (found.kind != kind and found.missing is not None and found.missing.all()):
            return absent(kind, self.table.rows)
        if found.kind != kind or found.scale not in (None, 1):
            raise _unlike(name, f"it holds {found.kind}, and not {kind}")
        return _used(distinct_words(found, f"entries.{name}")) if kind == "text" else found

    def there(self, name: str) -> Column:
        """A column in which there is a value in each row."""
        column = self.column(name)
        missing = column.values < 0 if column.kind == "text" else column.missing
        if missing is not None and missing.any():
            raise _unlike(name, f"row {int(np.flatnonzero(missing)[0])} has none")
        return column

    def whole(self, name: str) -> Whole:
        """The numbers of a column in which there is one in each row, in the number type in which they are certain."""
        (values,) = bounded(0, self.there(name).values)
        return values

    def known(self, name: str) -> tuple[Whole, Truth]:
        """The numbers of a column, and where there is one."""
        column = self.column(name)
        there = ~nowhere(len(column)) if column.missing is None else ~column.missing
        (values,) = bounded(0, np.where(there, column.values, 0))
        return values, there

    def coded(self, name: str) -> tuple[Texts, Places]:
        """The words of a column and the code of each row; the empty word where there is none."""
        column = self.there(name) if name in REQUIRED else self.column(name)
        codes, words = as_places(column.values), tuple(column.words)
        if name in REQUIRED or not (codes < 0).any():
            return Texts(words), codes
        texts, places = Texts(("",)).joined(words)
        return texts, np.append(places[:-1], 0)[codes]

    def places(self, name: str, words: Sequence[str]) -> Places:
        """The places of a column's words in a list that has them all."""
        column, known = self.there(name), {word: place for place, word in enumerate(words)}
        for word in {*column.words} - {*known}:
            raise _unlike(name, f"there is no {shown(word)}")
        return whole([known[word] for word in column.words])[as_places(column.values)]


def _used(column: Column) -> Column:
    """The same column of text, without words in its list that no row uses."""
    codes, places = distinct(as_places(column.values) + 1)
    none = int(bool((codes[:1] == 0).any()))
    if len(codes) - none == len(column.words):
        return column
    return Column("text", places - none, None, [column.words[code - 1] for code in codes[none:].tolist()])


def _periods(column: Column) -> tuple[tuple[Period, ...], Places]:
    """Periods, each once, and the place of that of each entry."""
    try:
        parsed = [Period.parse(text) for text in column.words]
    except (LoanPerfError, ValueError) as error:
        raise _unlike("period", shown(str(error), 200)) from None
    places = {period: place for place, period in enumerate(dict.fromkeys(parsed))}
    return tuple(places), whole([places[period] for period in parsed])[as_places(column.values)]


def _keys(
    given: _TableOfEntries, words: dict[str, Texts], columns: Mapping[str, Places]
) -> tuple[LineKeys, Places, dict[str, Texts]]:
    """The lines, each once, the row there of that of each entry, and the words with those of keys."""
    parts = {name: given.column(name) for name in OF_KEYS}
    known = words | {name: Texts(tuple(column.words)) for name, column in parts.items()}
    codes = {name: as_places(column.values) for name, column in parts.items()}
    codes |= {name: columns[name] for name in PARTS if name not in codes}
    makes = codes["plan"] >= 0
    line = given.column("line")
    others = np.flatnonzero(~makes & (line.values >= 0))
    if len(others):
        texts, place = distinct(as_places(line.values[others]))
        said = [parts_of(line.words[code]) for code in texts.tolist()]
        for at, name in enumerate(PARTS):
            given_parts = [part[at] for part in said]
            index = dict.fromkeys(text for text in given_parts if text is not None)
            known[name], _ = known[name].joined(tuple(index))
            found = whole([-1 if text is None else known[name].code(text) for text in given_parts])
            codes[name] = replaced(codes[name], others, found[place])
    there = np.flatnonzero(makes | (line.values >= 0))
    keys, places = LineKeys(**{name: column[there] for name, column in codes.items()}).once()
    return keys, put(places, there, len(makes), -1), known


def _fixes(given: _TableOfEntries) -> tuple[Places, Whole]:
    """Pairs of the place of an entry and the number of one that it corrects."""
    column = given.column("corrects")
    try:
        numbers = [[*map(int, text.split(_BETWEEN))] for text in column.words]
    except ValueError:
        raise _unlike("corrects", "they are no numbers of entries, with commas between them") from None
    rows = np.flatnonzero(column.values >= 0)
    found = [numbers[code] for code in column.values[rows].tolist()]
    fixing = np.repeat(rows, whole([len(some) for some in found]))
    return fixing, whole([number for some in found for number in some])


def _hands(given: _TableOfEntries) -> dict[int, tuple[Money | None, str, str, str]]:
    """By place: to what an amount was set by hand, by whom, why, and where that can be checked."""
    (units, there), said = given.known("set_to"), {name: given.column(name) for name in OF_HANDS[1:]}
    any_said = there
    for column in said.values():
        any_said = any_said | (column.values >= 0)
    found = {}
    for place in np.flatnonzero(any_said).tolist():
        texts = {name: str(column.at(place) or "") for name, column in said.items()}
        currency = texts.pop("set_to_currency")
        if there[place] and currency not in CURRENCIES:
            raise _unlike("set_to_currency", f"{shown(currency)} is no currency")
        amount = Money.from_units(int(units[place]), currency) if there[place] else None
        found[place] = (amount, texts["by"], texts["why"], texts["evidence"])
    return found


def _reasons_kept(given: _TableOfEntries) -> Grounds:
    """What is kept of reasons."""
    rule = given.places("rule", CODED_RULES)
    numbers = {name: given.known(name) for name in ("before", "now", "moves", "drawn")}
    texts, said = given.column("said"), given.column("reason")
    known, codes = Texts(tuple(texts.words)).joined(tuple(said.words))
    tree = codes[as_places(said.values)]
    return Grounds(
        rule=rule,
        differs=numbers["before"][1] & numbers["now"][1],
        before=numbers["before"][0],
        now=numbers["now"][0],
        moves=numbers["moves"][0],
        is_drawn=numbers["drawn"][1],
        drawn=numbers["drawn"][0],
        said=as_places(texts.values),
        tree=tree,
        texts=known,
    )
