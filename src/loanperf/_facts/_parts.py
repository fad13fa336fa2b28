"""Parts: a tape larger than memory -> its facts, some rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from loanperf._facts._apart import Parts, apart
from loanperf._facts._facts import Facts
from loanperf._tables._batches import batches_of
from loanperf._tables._units import NO_UNITS, Units


def parts_of(
    source: Any,
    *,
    currency: str,
    as_of: date | str | None = None,
    columns: Sequence[str] | None = None,
    money: str = "",
    units: Units = NO_UNITS,
) -> Parts:
    """The facts of each batch of a tape, one after another, such as `lp.measure` takes; see `batches_of`.

    Each loan must stand in one batch alone: what an earlier batch said of it has been used by then.

    Args:
        source: the tape, of the table `loans`.
        currency: ISO 4217 code of every amount.
        as_of: the day on which the loans stood as the tape says.
        columns: which columns to read; None is all.
        money: the unit of whole numbers for money; see `Facts.read`.
        units: the units of columns of plain numbers.

    Raises:
        DataError: what `batches_of` and `Facts.read` raise, and a loan that stands in two batches; that is known only
            when the last batch has been read.
        UnitError: a currency that does not exist.
    """
    said = {"loans": units}
    tables = batches_of(source, "loans", columns=columns)
    return apart(
        Facts.read({"loans": table}, currency=currency, as_of=as_of, money=money, units=said) for table in tables
    )
