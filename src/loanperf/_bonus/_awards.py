"""Awards: the bonuses of many, as columns; awards as rows when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from loanperf._bonus._award import Award
from loanperf._explanations import Explanation
from loanperf._numbers import whole
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import CameAs, Column
from loanperf._tables._exact import decimals
from loanperf._tables._frames import like
from loanperf._tables._values import no_words, of_texts, of_whole, values_of, words_in
from loanperf._validators import each_of
from loanperf.errors import DataError, Problem


@frozen(eq=False, kw_only=True)
class Awards:
    """The bonuses of many. It iterates as awards, in the order of its columns."""

    columns: Mapping[str, Column]
    """Of those who have one: `payee`, `amount` in smallest units, `currency`, and the text of its `period`."""
    problems: tuple[Problem, ...] = ()
    """One for each row without a bonus, in the order of rows."""
    _award: Callable[[int], Award] = field(repr=False)
    """What makes the award of a row of the columns."""
    _came_as: CameAs = field(default="arrays", repr=False)

    @classmethod
    def gathered(cls, awards: Iterable[Award]) -> Awards:
        """Awards that are known one by one, in the order in which they come.

        Raises:
            DataError: it is no list, or one of them is no award.
        """
        given = tuple(each_of(awards, Award, "awards", "pass a list of what lp.award gives"))
        columns = {
            "payee": _texts(award.payee for award in given),
            "amount": of_whole([award.amount.units for award in given]),
            "currency": _texts(award.amount.currency for award in given),
            "period": _texts(award.period for award in given),
        }
        return cls(columns=columns, award=given.__getitem__)

    def __len__(self) -> int:
        return len(self.columns["payee"])

    def __iter__(self) -> Iterator[Award]:
        return map(self._award, range(len(self)))

    def row(self, place: int) -> Award:
        """An award by its place."""
        return self._award(place)

    def of(self, payee: str) -> tuple[Award, ...]:
        """The awards of a payee; none for somebody who has none."""
        names = values_of(self.columns["payee"])
        return tuple(self._award(row) for row, name in enumerate(names) if name == payee)

    def explain(self, payee: str) -> Explanation:
        """Why a payee has the bonus, down to the facts.

        Raises:
            DataError: there is none, or there are several of that payee.
        """
        found = self.of(payee)
        if len(found) != 1:
            raise DataError("column payee", f"{payee!r} has {len(found)} awards", "name a payee with one award")
        return found[0].explain()

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The awards as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the rows came as.

        Returns:
            One row an award: `payee`, `amount` in whole currency (yuan, not fen), of the nearest float64, `currency`
            and `period`.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        currency, units = self.columns["currency"], self.columns["amount"].values
        below = whole([10 ** CURRENCIES[code] for code in currency.words])[currency.values]
        shown = {"amount": decimals(units, 1, below, 1)}
        return like(came_as or self._came_as, {name: shown.get(name, it) for name, it in self.columns.items()})


def _texts(texts: Iterable[str]) -> Column:
    index = no_words()
    found = of_texts(list(texts), index)
    return Column("text", found.values, None, words_in(index))
