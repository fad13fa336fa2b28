"""B: loans summed by payee: drawn, outstanding, non-performing and overdue balance, count; by engine."""

from collections.abc import Callable
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from attrs import frozen
from benchmarks.books import LoanBook
from numpy.typing import NDArray

CHUNK = 65_536
"""Rows whose buffers stay in the processor's cache."""
NAMES = ("disbursed", "balance", "non_performing", "overdue", "count")


@frozen(eq=False)
class Sums:
    """One row a payee, in order of number; money in fen."""

    columns: tuple[NDArray[Any], ...]
    """By the order of `NAMES`."""

    def whole(self) -> tuple[NDArray[np.int64], ...]:
        """As whole numbers; float64 holds every sum here."""
        return tuple(np.asarray(column).astype(np.int64) for column in self.columns)


Work: TypeAlias = Callable[[], Sums]


# ── numpy ───────────────────────────────────────────────────────────────────────────────────────────────────


def numpy_float(book: LoanBook) -> Work:
    """Hand-written float64: the practical limit of one thread; exact while no sum passes 2**53."""
    return lambda: _added(book, np.float64)


def numpy_exact(book: LoanBook) -> Work:
    """The same in int64, without a guard: what passes 2**63 wraps round."""
    return lambda: _added(book, np.int64)


def _added(book: LoanBook, kind: Any) -> Sums:
    """In chunks of rows; the few bad and overdue loans are looked up by place."""
    disbursed, balance, bad, late = (np.zeros(book.payees, dtype=kind) for _ in range(4))
    count = np.zeros(book.payees, dtype=np.int64)
    for start in range(0, book.rows, CHUNK):
        chunk = slice(start, start + CHUNK)
        payee = book.payee[chunk].astype(np.intp)
        np.add.at(disbursed, payee, book.disbursed[chunk].astype(kind, copy=False))
        owed = book.balance[chunk].astype(kind, copy=False)
        np.add.at(balance, payee, owed)
        places = np.flatnonzero(book.category[chunk] >= 2)
        np.add.at(bad, payee[places], owed[places])
        places = np.flatnonzero(book.days_past_due[chunk] > 0)
        np.add.at(late, payee[places], owed[places])
        np.add.at(count, payee, 1)
    return Sums((disbursed, balance, bad, late, count))


def numpy_bincount(book: LoanBook) -> Work:
    """`np.bincount` over whole columns, as most people would write it first."""

    def work() -> Sums:
        payee = book.payee.astype(np.intp)

        def summed(amounts: NDArray[Any], rows: Any) -> NDArray[Any]:
            return np.bincount(payee[rows], amounts[rows], minlength=book.payees)

        every, bad, late = slice(None), np.flatnonzero(book.category >= 2), np.flatnonzero(book.days_past_due > 0)
        sums = (summed(book.disbursed, every), *(summed(book.balance, rows) for rows in (every, bad, late)))
        return Sums((*sums, np.bincount(payee, minlength=book.payees)))

    return work


# ── data frames and databases ───────────────────────────────────────────────────────────────────────────────


def polars_exact(book: LoanBook) -> Work:
    """A lazy group by over Int64, over all threads."""
    balance = pl.col("balance")
    query = (
        _frame(book)
        .lazy()
        .group_by("payee")
        .agg(
            disbursed=pl.col("disbursed").sum(),
            balance=balance.sum(),
            non_performing=pl.when(pl.col("category") >= 2).then(balance).otherwise(0).sum(),
            overdue=pl.when(pl.col("days_past_due") > 0).then(balance).otherwise(0).sum(),
            count=pl.len(),
        )
    )
    return lambda: _by_payee(book, {name: column.to_numpy() for name, column in _columns(query.collect())})


def _columns(frame: pl.DataFrame) -> Any:
    return frame.to_dict().items()


def duckdb_exact(book: LoanBook) -> Work:
    """A group by; its sums of BIGINT are HUGEINT."""
    database = duckdb.connect()
    database.register("given", _frame(book).to_arrow())
    database.execute("CREATE TABLE loans AS FROM given")
    query = """
        SELECT payee, sum(disbursed)::BIGINT AS disbursed, sum(balance)::BIGINT AS balance,
               coalesce(sum(balance) FILTER (WHERE category >= 2), 0)::BIGINT AS non_performing,
               coalesce(sum(balance) FILTER (WHERE days_past_due > 0), 0)::BIGINT AS overdue,
               count(*) AS count
        FROM loans GROUP BY payee
    """
    return lambda: _by_payee(book, {k: np.asarray(v) for k, v in database.execute(query).fetchnumpy().items()})


def _frame(book: LoanBook) -> pl.DataFrame:
    names = ("payee", "disbursed", "balance", "category", "days_past_due")
    return pl.DataFrame({name: getattr(book, name) for name in names})


def _by_payee(book: LoanBook, found: dict[str, NDArray[Any]]) -> Sums:
    """Groups come in no order, and payees without loans not at all."""
    columns = []
    for name in NAMES:
        column = np.zeros(book.payees, dtype=np.int64)
        column[found["payee"]] = found[name]
        columns.append(column)
    return Sums(tuple(columns))


def pandas_exact(book: LoanBook) -> Work:
    """A group by over int64, without a guard: what passes 2**63 wraps round."""
    frame = pd.DataFrame({"disbursed": book.disbursed, "balance": book.balance})
    payee, category, late = pd.Series(book.payee), pd.Series(book.category), pd.Series(book.days_past_due)

    def work() -> Sums:
        balance = frame["balance"]
        more = {"non_performing": balance.where(category >= 2, 0), "overdue": balance.where(late > 0, 0)}
        grouped = frame.assign(**more).groupby(payee)
        found = grouped.sum().reindex(range(book.payees), fill_value=0)
        count = grouped.size().reindex(range(book.payees), fill_value=0)
        return Sums((*(found[name].to_numpy() for name in NAMES[:-1]), count.to_numpy()))

    return work


# ── Python ──────────────────────────────────────────────────────────────────────────────────────────────────


def python_int(book: LoanBook) -> Work:
    """Python's whole numbers, a row at a time: what everything else is held to."""
    columns = (book.payee, book.disbursed, book.balance, book.category, book.days_past_due)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))

    def work() -> Sums:
        found = [[0] * book.payees for _ in NAMES]
        disbursed, owed, bad, late, count = found
        for payee, drawn, balance, category, days in rows:
            disbursed[payee] += drawn
            owed[payee] += balance
            if category >= 2:
                bad[payee] += balance
            if days > 0:
                late[payee] += balance
            count[payee] += 1
        return Sums(tuple(np.array(column) for column in found))

    return work
