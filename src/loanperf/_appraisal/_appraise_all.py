"""Appraise all: (cards, a table of readings and targets) -> appraisals, a score of every row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from loanperf._appraisal._appraisals import Appraisals
from loanperf._appraisal._columns import ScoredColumns, cells_not_whole, looked_at
from loanperf._appraisal._groups import patterns, rows_of
from loanperf._appraisal._points import FaultKind, Faults, grades_of, scored
from loanperf._appraisal._rules import Family, Seen, places_of, shape_of
from loanperf._numbers import Certain, Places, Rows, Truth, Whole, as_places, laid, nowhere
from loanperf._scorecard import Card
from loanperf._tables._chunks import OnProgress, in_chunks
from loanperf._tables._columns import MISSING, Table, frozen_array
from loanperf._tables._given import table_of
from loanperf._tables._settled import Wanted, settled
from loanperf._tables._units import NO_UNITS, Units, UnitsSaid
from loanperf._validators import must_be
from loanperf.errors import DataError

_NO_SCALES: Mapping[str, int] = MappingProxyType({})
_LARGE = 2**44
"""Rows with such a number are worked apart, so that the others need no numbers of Python."""
_ANY = inf
"""More than any number."""


class _TooLargeError(Exception):
    """Some rows of a chunk are to be worked apart."""


def appraise_all(
    cards: Card | Mapping[str, Card],
    rows: Any,
    *,
    scales: Mapping[str, int] = _NO_SCALES,
    units: Units = NO_UNITS,
    progress: OnProgress | None = None,
    workers: int | None = None,
) -> Appraisals:
    """Score every row of a table, each by its own card, as `appraise` scores one.

    Args:
        cards: one for all rows, or by the words of the column `card`.
        rows: what `measure` gives, or a mapping of arrays or any data frame, one row a payee. For each indicator a
            column of its code holds the reading, or `code.numerator` and `code.denominator` hold a quotient;
            `code.target` holds the target, where the row does not go by that of its card. `payee` and `card` are text;
            codes of payees may be whole numbers. A column that an indicator of the card lacks is a reading that is
            missing in every row.
        scales: units in one whole by name of column: 100 for fen, 10,000 for ratios in hundredths of a percent.
        units: units by name of column, which a heading may name too: `loan_amount(万元)`, `npl_ratio(%)`. What is said
            of a reading holds for its target. Whole numbers for money, ratios and points, and decimals for ratios,
            are refused without; decimals for money are whole currency, counts and quotients of ratios are as they
            stand. Floats are refused for money.
        progress: called after each chunk of 65,536 rows.
        workers: threads that work chunks at once; None is one a processor, four at most. No result depends on it.

    Raises:
        UnknownIndicatorError: a column of no indicator of the cards.
        DataError: columns that cannot be read, numbers that nobody says the unit of, bare ratios above 1; several
            cards and no column `card`.

    >>> import numpy as np
    >>> import loanperf as lp
    >>> card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    >>> given = {"loan_amount(元)": 1_200_000, "npl_ratio(%)": 2, "retention_rate(%)": 85}
    >>> found = appraise_all(card, {code: np.array([value]) for code, value in given.items()})
    >>> found.score, found.places
    (array([1212]), 1)
    """
    said = UnitsSaid.of(table_of(rows, "rows"), units)
    if not isinstance(cards, Card):
        must_be(cards, Mapping, "the cards", "pass a card, or cards by the words of the column card")
    by_word = {"": cards} if isinstance(cards, Card) else dict(cards)
    if not by_word:
        raise DataError("the cards", "there are none", "pass one at least")
    for card in by_word.values():
        must_be(card, Card, "one of the cards", "pass scheme.resolve(period=...)")
    table = _named(said.table)
    looked = looked_at(by_word.values(), table, scales, said.units)
    return appraise_columns(by_word, table, looked, units=dict(said.units), progress=progress, workers=workers)


def appraise_columns(
    cards: Mapping[str, Card],
    rows: Table,
    looked: Mapping[str, ScoredColumns],
    *,
    units: Units = NO_UNITS,
    progress: OnProgress | None = None,
    workers: int | None = None,
) -> Appraisals:
    """As `appraise_all`, of rows whose readings and targets are columns of exact numbers already.

    Args:
        cards: by the words of the column `card`; one at least.
        rows: with columns `payee` and `card`, as far as they have them.
        looked: the columns of every indicator that cards look at, in int64 or Python ints.
        units: what is said of the units of columns of `rows`.
        progress: called after each chunk.
        workers: threads that work chunks at once.
    """
    found = Appraisals(
        rows=rows,
        cards=cards,
        score=np.full(rows.rows, MISSING),
        ok=nowhere(rows.rows),
        places=max(places_of(card) for card in cards.values()),
        grade=np.full(rows.rows, -1),
        looked=looked,
        which=_which(cards, rows),
        units=units,
    )
    work, score = _Scoring(found, tuple(cards.values())), found.score
    parts = in_chunks(rows.rows, work.chunk, progress, workers)
    for some, scores in work.large:
        score = laid(score, some, scores)
    for column in (score, found.ok, found.grade):
        frozen_array(column)
    return evolve(found, score=score, faulty=tuple(one for part in parts for one in sorted(part, key=_row)))


def _row(fault: tuple[int, FaultKind, str]) -> int:
    return fault[0]


def _named(table: Table) -> Table:
    """Rows whose payees are text, also where their codes came as whole numbers."""
    if "payee" not in table or table["payee"].kind == "text":
        return table
    given = settled(table["payee"], Wanted("text", digits="words"), "column payee", "", table.came_as)
    return evolve(table, columns={**table.columns, "payee": given.column})


def _which(cards: Mapping[str, Card], table: Table) -> Places | None:
    """The place of each row's card; None where there is one card and no column says otherwise."""
    if "card" not in table:
        if len(cards) > 1:
            raise DataError("table rows", "it has no column 'card', and there are several cards", "say whose is whose")
        return None
    column = table["card"]
    if column.kind != "text":
        raise DataError("column card", f"it holds {column.kind}", f"pass text: {', '.join(cards)}")
    places = {word: place for place, word in enumerate(cards)}
    if tuple(column.words) == tuple(cards):
        same: Places = column.values
        return same
    # The last stands for no word, which is coded as -1.
    found: Places = np.array([*(places.get(word, -1) for word in column.words), -1])[column.values]
    return found


_Faulty = list[tuple[int, FaultKind, str]]
"""Rows without a score, what is wrong with each, and with which indicator or column."""


@frozen(eq=False)
class _Scoring:
    """One scoring: what is read and what is filled."""

    found: Appraisals
    cards: tuple[Card, ...]
    large: list[tuple[Places, Whole]] = field(factory=list, init=False)
    """Rows, and scores of them beyond 64 bits among others."""
    families: Sequence[tuple[Family, tuple[int, ...]]] = field(init=False)
    """Cards of one shape, and their places."""

    @families.default
    def _by_shape(self) -> Sequence[tuple[Family, tuple[int, ...]]]:
        shapes = [shape_of(card) for card in self.cards]
        first = dict.fromkeys(shapes.index(shape) for shape in shapes)
        alike = [tuple(place for place, shape in enumerate(shapes) if shape == shapes[one]) for one in first]
        return [(Family(tuple(self.cards[place] for place in places)), places) for places in alike]

    def chunk(self, start: int, stop: int) -> _Faulty:
        """Fill a chunk; the rows at fault."""
        chosen, which = slice(start, stop), None
        if self.found.which is not None:
            which = as_places(self.found.which[chosen])
        none = dict[str, Truth | None]()
        for code, looked in self.found.looked.items():
            none |= {code: looked.missing(chosen), f"{code}.target": looked.without_goal(chosen)}
        masks = {name: mask for name, mask in none.items() if mask is not None}
        if not masks and len(self.families) == 1 and (which is None or int(which.min()) >= 0):
            return self._part(0, chosen, which, frozenset())
        found = []
        of_card = np.array([*(self._family(place) for place in range(len(self.cards))), -1])
        kinds = of_card[np.full(stop - start, 0) if which is None else which]
        for family, places, names in patterns(kinds, masks):
            rows = places + start
            if family < 0:
                found += [(row, "card", "") for row in rows.tolist()]
            else:
                found += self._part(family, rows, None if which is None else which[places], names)
        return found

    def _family(self, card: int) -> int:
        return next(place for place, (_, cards) in enumerate(self.families) if card in cards)

    def _part(
        self, place: int, chosen: Rows, which: Places | None, missing: frozenset[str], large: float = _LARGE
    ) -> _Faulty:
        """Score rows of one family in which the same columns have nothing; the rows at fault."""
        found, (family, cards) = self.found, self.families[place]
        rows, faults = rows_of(chosen), Faults()
        looked = [found.looked[item.code] for item in family.looked_at]
        for one in looked:
            for name, column in one.columns():
                if name not in missing and (bad := cells_not_whole(column, chosen)) is not None:
                    faults.note(bad, "cell", name)
        local = None if which is None or len(cards) == 1 else which
        if local is not None and len(cards) < len(self.cards):
            local = np.searchsorted(np.array(cards), local)
        lacking = frozenset(one.indicator.code for one in looked if one.top is None or one.indicator.code in missing)
        try:
            total = scored(family, lacking, partial(self._look, chosen, missing, large), local, found.places, faults)
        except _TooLargeError:
            apart = _large(looked, chosen, missing)
            parts = [(rows[mask], None if which is None else which[mask]) for mask in (apart, ~apart) if mask.any()]
            return [one for some, its in parts for one in self._part(place, some, its, missing, _ANY)]
        return self._fill(chosen, rows, total, grades_of(family, total, found.places), faults)

    def _look(self, chosen: Rows, missing: frozenset[str], large: float, code: str) -> Seen:
        """What is seen of an indicator.

        Raises:
            _TooLargeError: a number is `large` or more.
        """
        seen = self.found.looked[code].seen(chosen, missing)
        if seen.most >= large:
            raise _TooLargeError
        return seen

    def _fill(self, chosen: Rows, rows: Places, total: Certain, grades: Places | None, faults: Faults) -> _Faulty:
        """Put scores and grades in their places; the rows at fault."""
        found, first = self.found, faults.first(len(rows))
        bad = first >= 0
        total = total.but(bad, 0)
        scores = np.where(bad, MISSING, total.whole(len(rows)))
        if total.most >= -MISSING:
            self.large.append((rows, scores))
        else:
            found.score[chosen] = scores
        found.ok[chosen] = ~bad
        found.grade[chosen] = np.where(bad, -1, -1 if grades is None else grades)
        if not faults.found:
            return []
        which = np.flatnonzero(bad)
        return [
            (row, *faults.found[at][1:]) for row, at in zip(rows[which].tolist(), first[which].tolist(), strict=True)
        ]


def _large(looked: Iterable[ScoredColumns], chosen: Rows, missing: frozenset[str]) -> Truth:
    """In which rows some number is so large that it is worked apart."""
    found = nowhere(1)
    for one in looked:
        for name, column in one.columns():
            if name not in missing:
                values = column.values[chosen]
                found = found | (values >= _LARGE) | (values <= -_LARGE)
    return found
