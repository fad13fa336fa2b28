"""Awards: the bonuses of many, as columns; awards as rows when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import field, frozen

from loanperf._appraisal import Appraisals
from loanperf._bonus._amounts import AwardFault
from loanperf._bonus._award import Award
from loanperf._explanations import Explanation, printed, told
from loanperf._numbers import Places, Truth, Whole, nowhere, put, whole
from loanperf._quantities import CURRENCIES
from loanperf._scorecard import Bonus
from loanperf._tables._columns import CameAs, Column, Table, frozen_array
from loanperf._tables._exact import decimals
from loanperf._tables._frames import like
from loanperf._tables._values import of_own_texts, of_whole
from loanperf._tables._words import stacked_tables
from loanperf._validators import each_of
from loanperf.errors import DataError, Problem, UnknownPayeeError


@frozen(eq=False, kw_only=True)
class Awards:
    """The bonuses of many. It iterates as awards, in the order of its columns."""

    _problems: tuple[Problem, ...] | Callable[[], tuple[Problem, ...]] = field(default=(), alias="problems", repr=False)
    amount: Whole
    """A row each of what was awarded, in smallest units; `tables.MISSING` where there is none. Python ints where one is
    beyond 64 bits."""
    ok: Truth
    """Which rows of what was awarded have an award."""
    faulty: tuple[tuple[int, AwardFault, str], ...] = field(default=(), repr=False)
    """The rows that have a score and no bonus, what is wrong with each, and with which indicator or column."""
    appraisals: Appraisals | None = None
    """What was awarded; None where the awards are known one by one."""
    _known: Mapping[str, Column] = field(factory=dict, repr=False)
    """The columns of awards that are known one by one."""
    _plans: tuple[Places, tuple[Bonus | None, ...]] | None = field(default=None, alias="plans", repr=False)
    """The plans of awards that are known one by one."""
    _award: Callable[[int], Award] = field(repr=False)
    """What makes the award of a row of what was awarded."""

    @classmethod
    def gathered(cls, awards: Iterable[Award]) -> Awards:
        """Awards that are known one by one, in the order in which they come.

        Raises:
            DataError: it is no list, or one of them is no award.
        """
        given = tuple(each_of(awards, Award, "awards", "pass a list of what lp.award gives"))
        columns = {
            "payee": of_own_texts([award.payee for award in given]),
            "amount": of_whole([award.amount.units for award in given]),
            "currency": of_own_texts([award.amount.currency for award in given]),
            "period": of_own_texts([award.period for award in given]),
        }
        amount, cards = columns["amount"].values, {id(award.appraisal.card): award.appraisal.card for award in given}
        place = {code: number for number, code in enumerate(cards)}
        of = whole([place[id(award.appraisal.card)] for award in given])
        plans = of, tuple(card.bonus for card in cards.values())
        return cls(known=columns, amount=amount, ok=~nowhere(len(given)), plans=plans, award=given.__getitem__)

    @property
    def plans(self) -> tuple[Places, tuple[Bonus | None, ...]]:
        """The bonus plan of each row of the columns, as its place in a list, and that list."""
        scored, rows = self.appraisals, np.flatnonzero(self.ok)
        if scored is None:
            return self._plans or (rows * 0, (None,))
        which = rows * 0 if scored.which is None else scored.which[rows]
        return which, tuple(card.bonus for card in scored.cards.values())

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Of those who have one: `payee`, `amount` in smallest units, `currency`, and the text of its `period`."""
        scored, rows = self.appraisals, np.flatnonzero(self.ok)
        if scored is None:
            return self._known
        cards, none = tuple(scored.cards.values()), np.full(len(rows), 0)
        which = none if scored.which is None else scored.which[rows]
        named = scored.rows["payee"].rows(rows) if "payee" in scored.rows else Column("text", none, None, ("",))
        return {
            "payee": named,
            "amount": Column("whole", frozen_array(self.amount[rows]), None, (), 1),
            "currency": _by_card(which, [card.currency for card in cards]),
            "period": _by_card(which, [str(card.period) for card in cards]),
        }

    def but(self, payees: Collection[str]) -> Awards:
        """The awards of all others than some payees."""
        names = self.columns["payee"]
        out = np.array([*(word in payees for word in names.words), False])[names.values]
        kept = np.flatnonzero(~out)
        columns = Table("awards", len(names), self.columns).take(kept).columns

        def made(row: int) -> Award:
            return self.row(int(kept[row]))

        of, plans = self.plans
        amount, ok = columns["amount"].values, ~nowhere(len(kept))
        return Awards(known=columns, amount=amount, ok=ok, plans=(of[kept], plans), award=made)

    def __add__(self, other: Awards) -> Awards:
        """The awards of both, those of the other behind."""
        if not len(other):
            return self
        tables = [Table("awards", len(one), one.columns) for one in (self, other)]
        size = len(self.amount)

        def made(row: int) -> Award:
            return self.award(row) if row < size else other.award(row - size)

        amount, ok = (np.concatenate([getattr(one, name) for one in (self, other)]) for name in ("amount", "ok"))
        problems, (of, plans), (more, others) = (*self.problems, *other.problems), self.plans, other.plans
        both = np.append(of, more + len(plans)), (*plans, *others)
        return Awards(
            known=stacked_tables(tables).columns, amount=amount, ok=ok, award=made, problems=problems, plans=both
        )

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """One problem for each row without a bonus: first the rows without a score, then the others, each in order."""
        return told(self._problems)

    _repr_pretty_ = printed

    def __repr__(self) -> str:
        return f"Awards({len(self)})"

    def __len__(self) -> int:
        return len(self.columns["payee"])

    def __iter__(self) -> Iterator[Award]:
        return map(self._award, np.flatnonzero(self.ok).tolist())

    def row(self, place: int) -> Award:
        """The award of a row of the columns."""
        return self._award(np.flatnonzero(self.ok)[place].item())

    def of(self, payee: str) -> tuple[Award, ...]:
        """The awards of a payee; none for somebody who has none."""
        rows, names = np.flatnonzero(self.ok), self.columns["payee"]
        codes = [code for code, word in enumerate(names.words) if word == payee]
        found = sorted(row for code in codes for row in rows[names.values == code].tolist())
        return tuple(map(self._award, found))

    def award(self, row: int) -> Award:
        """The award of a row of what was awarded.

        Raises:
            LoanPerfError: what `appraise` and `award` raise, where there is none.
        """
        return self._award(row)

    def explain(self, payee: str) -> Explanation:
        """Why a payee has the bonus, down to the facts.

        Raises:
            UnknownPayeeError: there is none of that payee; it names those who have one.
            DataError: there are several of that payee.
            LoanPerfError: what `appraise` and `award` raise, where there is none.
        """
        if self.appraisals is not None:
            return self._award(self.appraisals.row_of(payee)).explain()
        found = self.of(payee)
        if not found:
            raise UnknownPayeeError(payee, sorted(self.columns["payee"].words))
        if len(found) != 1:
            raise DataError("column payee", f"{payee!r} has {len(found)} awards", "name a payee with one award")
        return found[0].explain()

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The awards as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the rows came as.

        Returns:
            One row a row of what was awarded: `payee`, what the frame of appraisals says, `amount` in whole currency
            (yuan, not fen), of the nearest float64, and `currency`; and `period`, where the awards are known one by
            one. What there is not is missing.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        currency = self.columns["currency"]
        per_unit = np.array([*(10 ** CURRENCIES[code] for code in currency.words), 1])
        rows = np.flatnonzero(self.ok)
        shown = decimals(self.amount[rows], 1, per_unit[currency.values], 1)
        if self.appraisals is None:
            return like(came_as or "arrays", dict(self.columns) | {"amount": shown})
        size = len(self.amount)
        gone = ~self.ok
        amounts = Column("float", put(shown.values, rows, size, 0), gone if gone.any() else None)
        codes = Column("text", put(currency.values, rows, size, -1), None, currency.words)
        columns = {**self.appraisals.columns, "amount": amounts, "currency": codes}
        return like(came_as or self.appraisals.rows.came_as, columns)


def _by_card(which: Places, words: Sequence[str]) -> Column:
    """A word a card, as a column of the rows of each."""
    known = tuple(dict.fromkeys(words))
    return Column("text", np.array([known.index(word) for word in words])[which], None, known)
