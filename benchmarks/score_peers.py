"""A: nine indicators of each payee, scored and paid, by engine; each as somebody who knows the engine well writes it.

A peer takes a book, puts it into the form in which its engine likes it best, and returns the work: a function without
arguments, which is what is timed.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from attrs import frozen
from benchmarks.books import CAP, CODES, LOWER, WEIGHTS, ScoreBook
from numpy.typing import NDArray

CHUNK = 16_384
"""Rows whose buffers stay in the processor's cache."""


@frozen(eq=False)
class Scores:
    """What comes out, in the order of the rows."""

    score: NDArray[Any]
    bonus: NDArray[Any]
    per_point: int = 10
    """Units of `score` in a point."""
    per_yuan: int = 100
    """Units of `bonus` in a yuan."""

    def whole(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Tenths of points and fen."""
        tenths = np.rint(np.asarray(self.score, dtype=np.float64) * (10 // self.per_point))
        fen = np.rint(np.asarray(self.bonus, dtype=np.float64) * (100 // self.per_yuan))
        return tenths.astype(np.int64), fen.astype(np.int64)


Work: TypeAlias = Callable[[], Scores]


def tenths(code: str) -> tuple[int, ...]:
    """The weight of an indicator in tenths of points, by profile."""
    return tuple(10 * weights[CODES.index(code)] for weights in WEIGHTS.values())


# ── numpy ───────────────────────────────────────────────────────────────────────────────────────────────────


def numpy_float(book: ScoreBook) -> Work:
    """Hand-written float64, inexact: the practical limit of one thread.

    A column at a time, in chunks whose buffers are made once; caps as an array, since numpy is faster at the minimum of
    two arrays than of an array and a number.
    """
    weights = {code: np.array(tenths(code), dtype=np.float64) for code in CODES}

    def work() -> Scores:
        score, bonus = np.empty(book.rows), np.empty(book.rows)
        size = min(CHUNK, book.rows)
        buffers = np.empty((2, size))
        caps, places = np.full(size, CAP), np.empty(size, dtype=np.intp)
        for start in range(0, book.rows, size):
            chunk = slice(start, min(start + size, book.rows))
            total = score[chunk]
            share, weight = buffers[0, : len(total)], buffers[1, : len(total)]
            cap, place = caps[: len(total)], places[: len(total)]
            place[:] = book.profile[chunk]
            total[:] = 0.0
            for code in CODES:
                np.divide(book.actual[code][chunk], book.target[code][chunk], out=share)
                if code in LOWER:
                    np.subtract(2.0, share, out=share)
                np.minimum(share, cap, out=share)
                np.take(weights[code], place, out=weight, mode="wrap")
                np.multiply(share, weight, out=share)
                np.rint(share, out=share)
                np.add(total, share, out=total)
            # Below 100 points a hundredth of the salary for each, above 0.1%: the lower of two lines.
            np.multiply(total, 10.0, out=share)
            np.add(total, 9_000.0, out=weight)
            np.minimum(share, weight, out=share)
            np.multiply(share, book.month[chunk], out=share)
            np.divide(share, 10_000.0, out=share)
            np.rint(share, out=bonus[chunk])
        return Scores(score, bonus)

    return work


def numpy_exact(book: ScoreBook) -> Work:
    """Whole numbers in int64, a column at a time: exact while 2 × weight × reading stays below 2**63."""
    weights = {code: np.array(tenths(code)) for code in CODES}
    place = book.profile.astype(np.intp)

    def half_even(top: NDArray[Any], below: NDArray[Any] | int) -> NDArray[Any]:
        twice = 2 * top + below
        found, rest = np.divmod(twice, 2 * below)
        return np.asarray(found - ((rest == 0) & (found & 1 == 1)))

    def work() -> Scores:
        score = np.zeros(book.rows, dtype=np.int64)
        for code in CODES:
            weight = weights[code][place]
            points = half_even(weight * book.actual[code], book.target[code])
            if code in LOWER:
                points = 2 * weight - points
            score += np.minimum(points, weight * 3 // 2)
        return Scores(score, half_even(np.minimum(score * 10, score + 9_000) * book.month, 10_000))

    return work


# ── Polars ──────────────────────────────────────────────────────────────────────────────────────────────────


def _frame(book: ScoreBook) -> pl.DataFrame:
    columns: dict[str, Any] = {"profile": book.profile, "month": book.month}
    for code in CODES:
        columns |= {code: book.actual[code], f"{code}.target": book.target[code]}
    return pl.DataFrame(columns)


def _by_profile(numbers: tuple[int, ...], dtype: Any) -> pl.Expr:
    first, second, third = (pl.lit(number, dtype=dtype) for number in numbers)
    profile = pl.col("profile")
    return pl.when(profile == 0).then(first).when(profile == 1).then(second).otherwise(third)


def _half_even(top: pl.Expr, below: pl.Expr) -> pl.Expr:
    """One division: the quotient and a half, less one where that was a tie above an odd number."""
    twice, unit = 2 * top + below, 2 * below
    found = twice // unit
    return found - ((found * unit == twice) & ((found & 1) == 1)).cast(pl.Int64)


def polars_exact(book: ScoreBook) -> Work:
    """Whole numbers in Int64, a lazy query over all threads."""
    frame = _frame(book).lazy()
    points = []
    for code in CODES:
        weight = _by_profile(tenths(code), pl.Int64)
        found = _half_even(weight * pl.col(code), pl.col(f"{code}.target"))
        found = 2 * weight - found if code in LOWER else found
        points.append(pl.min_horizontal(found, _by_profile(tuple(n * 3 // 2 for n in tenths(code)), pl.Int64)))
    score = pl.col("score")
    parts = pl.when(score <= 1_000).then(score * 10).otherwise(score + 9_000)
    query = frame.select("month", score=pl.sum_horizontal(points)).select(
        "score", bonus=_half_even(parts * pl.col("month"), pl.lit(10_000, dtype=pl.Int64))
    )
    return lambda: _scores(query.collect(), 10)


def polars_float(book: ScoreBook) -> Work:
    """The same in floats, inexact: points rounded to one place, half even."""
    frame = _frame(book).lazy()
    points = []
    for code in CODES:
        share = pl.col(code) / pl.col(f"{code}.target")
        share = (2 - share if code in LOWER else share).clip(upper_bound=CAP)
        weight = _by_profile(tenths(code), pl.Float64) / 10
        points.append((share * weight).round(1))
    score = pl.col("score")
    months = pl.when(score <= 100).then(score / 100).otherwise(0.9 + score / 1_000)
    query = frame.select("month", score=pl.sum_horizontal(points)).select(
        "score", bonus=(months * pl.col("month")).round(0)
    )
    return lambda: _scores(query.collect(), 1)


def _scores(found: pl.DataFrame, per_point: int) -> Scores:
    return Scores(found["score"].to_numpy(), found["bonus"].to_numpy(), per_point)


# ── DuckDB ──────────────────────────────────────────────────────────────────────────────────────────────────


def duckdb_exact(book: ScoreBook) -> Work:
    """Whole numbers in BIGINT, which raises where it overflows."""
    return _duckdb(book, "BIGINT")


def duckdb_huge(book: ScoreBook) -> Work:
    """Whole numbers in HUGEINT, which holds every product."""
    return _duckdb(book, "HUGEINT")


def _duckdb(book: ScoreBook, kind: str) -> Work:
    """One pass over the table; it keeps the order of rows, since nothing is joined."""
    weights = [f"[{', '.join(map(str, tenths(code)))}][profile + 1]::{kind} AS w{i}" for i, code in enumerate(CODES)]
    halves, quotients, points = [], [], []
    for i, code in enumerate(CODES):
        target = f'"{code}.target"'
        halves.append(f'2 * w{i} * "{code}" + {target} AS n{i}')
        quotients.append(f"n{i} // (2 * {target}) AS q{i}")
        rounded = f"(CASE WHEN q{i} & 1 = 1 AND q{i} * 2 * {target} = n{i} THEN q{i} - 1 ELSE q{i} END)"
        points.append(f"least({f'2 * w{i} - ' if code in LOWER else ''}{rounded}, w{i} * 3 // 2)")
    query = f"""
        WITH weighed AS (SELECT *, {", ".join(weights)} FROM book),
             halves AS (SELECT *, {", ".join(halves)} FROM weighed),
             quotients AS (SELECT *, {", ".join(quotients)} FROM halves),
             scores AS (SELECT month, {" + ".join(points)} AS score FROM quotients),
             paid AS (SELECT score, 2 * least(score * 10, score + 9000) * month + 10000 AS n FROM scores),
             rounded AS (SELECT *, n // 20000 AS q FROM paid)
        SELECT score::BIGINT AS score, (CASE WHEN q & 1 = 1 AND q * 20000 = n THEN q - 1 ELSE q END)::BIGINT AS bonus
        FROM rounded
    """
    database = duckdb.connect()
    database.register("given", _frame(book).to_arrow())
    database.execute("CREATE TABLE book AS FROM given")

    def work() -> Scores:
        found = database.execute(query).fetchnumpy()
        return Scores(np.asarray(found["score"]), np.asarray(found["bonus"]))

    return work


# ── pandas ──────────────────────────────────────────────────────────────────────────────────────────────────


def pandas_float(book: ScoreBook) -> Work:
    """Columns of a frame, inexact."""
    frame = pd.DataFrame({code: book.actual[code] for code in CODES})
    goals = pd.DataFrame({code: book.target[code] for code in CODES})
    month = pd.Series(book.month)
    weights = pd.DataFrame({code: np.array(tenths(code)) / 10 for code in CODES})
    profile = book.profile.astype(np.intp)

    def work() -> Scores:
        score = pd.Series(0.0, index=frame.index)
        for code in CODES:
            share = frame[code] / goals[code]
            share = (2 - share if code in LOWER else share).clip(upper=CAP)
            score += (share * weights[code].to_numpy()[profile]).round(1)
        months = (score / 100).where(score <= 100, 0.9 + score / 1_000)
        return Scores(score.to_numpy(), (months * month).round().to_numpy(), 1)

    return work


# ── Python ──────────────────────────────────────────────────────────────────────────────────────────────────


def python_decimal(book: ScoreBook) -> Work:
    """Decimals of 28 digits, multiplied before they are divided."""
    rows = _rows(book, Decimal)
    tenth, whole, cap = Decimal("0.1"), Decimal(1), Decimal("1.5")

    def work() -> Scores:
        scores, bonuses = [], []
        for weights, cells, month in rows:
            score = Decimal(0)
            for weight, (actual, target, lower) in zip(weights, cells, strict=True):
                share = weight * actual / target
                points = min(2 * weight - share if lower else share, cap * weight)
                score += points.quantize(tenth, ROUND_HALF_EVEN)
            months = score / 100 if score <= 100 else (score + 900) / 1_000
            scores.append(int(score * 10))
            bonuses.append(int((months * month).quantize(whole, ROUND_HALF_EVEN)))
        return Scores(np.array(scores), np.array(bonuses))

    return work


def python_fraction(book: ScoreBook) -> Work:
    """Fractions: what everything else is held to."""
    rows = _rows(book, Fraction)
    cap = Fraction(3, 2)

    def work() -> Scores:
        scores, bonuses = [], []
        for weights, cells, month in rows:
            score = Fraction(0)
            for weight, (actual, target, lower) in zip(weights, cells, strict=True):
                share = 2 - actual / target if lower else actual / target
                score += Fraction(round(10 * weight * min(share, cap)), 10)
            months = score / 100 if score <= 100 else 1 + (score - 100) / 1_000
            scores.append(int(score * 10))
            bonuses.append(round(months * month))
        return Scores(np.array(scores), np.array(bonuses))

    return work


def _rows(book: ScoreBook, kind: Callable[[int], Any]) -> list[Any]:
    """Weights, cells and salary of each payee, as numbers of a kind."""
    held = {name: tuple(map(kind, weights)) for name, weights in WEIGHTS.items()}
    names = tuple(held)
    columns = [(book.actual[code].tolist(), book.target[code].tolist(), code in LOWER) for code in CODES]
    return [
        (
            held[names[profile]],
            [(kind(int(actual[row])), kind(int(target[row])), lower) for actual, target, lower in columns],
            kind(int(month)),
        )
        for row, (profile, month) in enumerate(zip(book.profile.tolist(), book.month.tolist(), strict=True))
    ]
