"""Drawn: a book -> a problem for each drawing above what was signed, as the rows path has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

import numpy as np

from loanperf._facts import over_drawn
from loanperf._numbers import Places
from loanperf._tables._columns import Column, Table, Truth, Whole, is_there
from loanperf._tables._joins import together
from loanperf.batch._book._book import Book
from loanperf.errors import Problem

_MOST = 2**62
_Amounts: TypeAlias = "tuple[Places, Whole]"
"""Places of loans, and an amount of each."""


def over_drawn_of(book: Book, through: date = date.max) -> tuple[Problem, ...]:
    """A problem for each drawing up to a day that goes above the signed amounts of its loan, else above its amount.

    Columns find the loans of which more is drawn in all than was signed; `over_drawn` says what is wrong with them.
    All amounts of a book are in its currency.
    """
    tables = [book.tables[name] for name in ("loans", "events") if name in book.tables and book.tables[name].rows]
    if not tables:
        return ()
    columns = [table["loan"] for table in tables]
    places = together(*columns)
    size = 1 + max(int(codes.max()) for codes in places)
    drawn, signed, amount = (
        _sums(
            [part for table, codes in zip(tables, places, strict=True) for part in _amounts(table, codes, what)], size
        )
        for what in ("disbursed", "signed", "amount")
    )
    if drawn is None or signed is None or amount is None:
        chosen = np.ones(size, dtype=np.bool_)
    else:
        chosen = drawn[1] & np.where(signed[1], drawn[0] > signed[0], amount[1] & (drawn[0] > amount[0]))
    loans: set[str] = set()
    for column, codes in zip(columns, places, strict=True):
        loans |= {str(column.at(row)) for row in np.flatnonzero(chosen[codes]).tolist()}
    return over_drawn(book.facts(loans=loans), through) if loans else ()


def _amounts(table: Table, places: Places, what: str) -> Iterator[_Amounts]:
    """The amounts of a table that are drawn or signed, or those of the loans themselves."""
    if table.name == "loans":
        if what in table:
            there = is_there(table[what])
            yield places[there], table[what].values[there]
    elif "amount" in table and what != "amount":
        there = is_there(table["amount"]) & _is_word(table["kind"], what)
        yield places[there], table["amount"].values[there]


def _is_word(column: Column, word: str) -> Truth:
    found: Truth = column.values == (column.words.index(word) if word in column.words else -2)
    return found


def _sums(parts: list[_Amounts], size: int) -> tuple[Whole, Truth] | None:
    """What amounts come to by loan, and which loans have any; None where 64 bits may not hold a sum."""
    sums, there = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.bool_)
    count = sum(len(amounts) for _, amounts in parts)
    for places, amounts in parts:
        if amounts.size and int(amounts.max()) > _MOST // count:
            return None
        np.add.at(sums, places, amounts)
        there[places] = True
    return sums, there
