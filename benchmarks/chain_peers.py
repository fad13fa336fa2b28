"""The chain: loans of a month to scores, bonuses, commissions and entries of ledgers; by engine.

A payee is scored on what was drawn, the number of loans, the NPL ratio and the overdue ratio, and has a bonus. Each
loan earns a commission by marginal tiers of what the payee brought in so far in the month, in order of day, then of
number, half even to the fen: an entry each. Of all that a payee earned, 20% is held back: one more entry.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import duckdb
import numpy as np
import polars as pl
from attrs import frozen
from benchmarks.books import JANUARY, KNOTS, LoanBook
from benchmarks.deal_peers import STEPS, since_start
from benchmarks.sum_peers import numpy_exact as summed
from numpy.typing import NDArray

WEIGHTS = {"drawn": 400, "loans": 200, "bad": 250, "late": 150}
"""In tenths of points."""
TARGETS = {"drawn": 2_000_000_000, "loans": 80}
"""In fen and loans."""
LIMITS = {"bad": (3, 100), "late": (8, 100)}
"""Shares of the balance."""
SALARY = 800_000
"""A month's salary of everybody, in fen."""


@frozen(eq=False)
class Chain:
    """What comes out."""

    score: NDArray[Any]
    """In tenths of points, by number of payee."""
    bonus: NDArray[Any]
    """In fen."""
    earned: NDArray[Any]
    """In fen, by row of the loan."""
    held: NDArray[Any]
    """In fen, by number of payee."""

    def whole(self) -> tuple[NDArray[np.int64], ...]:
        """What a payee has, and a sum that tells whether all their entries are right."""
        return tuple(np.asarray(column).astype(np.int64) for column in (self.score, self.bonus, self.held))


Work: TypeAlias = Callable[[], Chain]


# ── numpy ───────────────────────────────────────────────────────────────────────────────────────────────────


def numpy_exact(book: LoanBook) -> Work:
    """Hand-written int64, without a guard, in one thread."""
    sums = summed(book)

    def work() -> Chain:
        drawn, owed, bad, late, loans = sums().whole()
        score = (
            _points(WEIGHTS["drawn"], drawn, TARGETS["drawn"])
            + _points(WEIGHTS["loans"], loans, TARGETS["loans"])
            + _lower(WEIGHTS["bad"], bad, owed, *LIMITS["bad"])
            + _lower(WEIGHTS["late"], late, owed, *LIMITS["late"])
        )
        bonus = half_even(np.minimum(score * 10, score + 9_000) * SALARY, 10_000)
        earned = _earned(book)
        pay = np.zeros(book.payees, dtype=np.int64)
        np.add.at(pay, book.payee, earned)
        return Chain(score, bonus, earned, half_even(pay * 20, 100))

    return work


def half_even(top: NDArray[np.int64], below: Any) -> NDArray[np.int64]:
    """Quotients of whole numbers, half even."""
    found, rest = np.divmod(2 * top + below, 2 * below)
    return np.asarray(found - ((rest == 0) & (found & 1 == 1)))


def _points(weight: int, actual: NDArray[np.int64], target: int) -> NDArray[np.int64]:
    return np.minimum(half_even(weight * actual, target), weight * 3 // 2)


def _lower(weight: int, part: NDArray[np.int64], whole: NDArray[np.int64], top: int, below: int) -> NDArray[np.int64]:
    points = 2 * weight - half_even(weight * below * part, np.maximum(whole, 1) * top)
    return np.clip(points, 0, weight * 3 // 2)


def _earned(book: LoanBook) -> NDArray[np.int64]:
    """The commission of each loan, in the order of the book."""
    bits = book.rows.bit_length()
    key = book.payee.astype(np.int64)
    key <<= 5
    key |= book.disbursed_on - JANUARY
    key <<= bits
    key |= np.arange(book.rows)
    key.sort()
    order = key & ((1 << bits) - 1)
    key >>= bits + 5
    starts = np.append(0, np.flatnonzero(np.not_equal(key[1:], key[:-1])) + 1)
    sums = np.cumsum(np.take(book.disbursed, order, mode="wrap"), out=key)
    before = np.append(0, sums[starts[1:] - 1])
    sums -= np.repeat(before, np.diff(starts, append=book.rows))
    paid = sums * STEPS[0]
    for knot, step in zip(KNOTS[1:], STEPS[1:], strict=True):
        paid += step * np.maximum(sums - knot, 0)
    gained = sums
    np.subtract(paid[1:], paid[:-1], out=gained[1:])
    gained[starts] = paid[starts]
    found = np.empty_like(gained)
    found[order] = half_even(gained, 10_000)
    return found


# ── Polars ──────────────────────────────────────────────────────────────────────────────────────────────────


def polars_exact(book: LoanBook) -> Work:
    """Two lazy queries over all threads: the totals of payees, and the loans in order."""
    frame = _frame(book).lazy()
    balance, score = pl.col("balance"), pl.col("score")
    totals = frame.group_by("payee").agg(
        drawn=pl.col("disbursed").sum(),
        loans=pl.len().cast(pl.Int64),
        owed=balance.sum(),
        bad=pl.when(pl.col("category") >= 2).then(balance).otherwise(0).sum(),
        late=pl.when(pl.col("days_past_due") > 0).then(balance).otherwise(0).sum(),
    )
    scores = totals.select("payee", score=pl.sum_horizontal(_polars_points())).select(
        "payee", "score", bonus=_half_even(pl.min_horizontal(score * 10, score + 9_000) * SALARY, pl.lit(10_000))
    )
    place = pl.col("payee").cast(pl.Int64) * 32 + pl.col("disbursed_on") - JANUARY
    key = place * (1 << book.rows.bit_length()) + pl.col("loan")
    ordered = frame.select("payee", "loan", "disbursed", key=key).sort("key")
    sums = ordered.with_columns(after=since_start(pl.col("disbursed"), pl.col("payee")))
    paid = _polars_paid(pl.col("after")) - _polars_paid(pl.col("after") - pl.col("disbursed"))
    earned = sums.select("payee", "loan", earned=_half_even(paid, pl.lit(10_000)))

    def work() -> Chain:
        people, entries = scores.sort("payee").collect(), earned.collect()
        pay = entries.lazy().group_by("payee").agg(pay=pl.col("earned").sum())
        held = pay.select("payee", held=_half_even(pl.col("pay") * 20, pl.lit(100))).sort("payee").collect()
        lines = np.empty(book.rows, dtype=np.int64)
        lines[entries["loan"].to_numpy()] = entries["earned"].to_numpy()
        return Chain(people["score"].to_numpy(), people["bonus"].to_numpy(), lines, held["held"].to_numpy())

    return work


def _frame(book: LoanBook) -> pl.DataFrame:
    names = ("payee", "disbursed_on", "disbursed", "balance", "category", "days_past_due")
    return pl.DataFrame({"loan": np.arange(book.rows), **{name: getattr(book, name) for name in names}})


def _half_even(top: pl.Expr, below: pl.Expr) -> pl.Expr:
    twice, unit = 2 * top + below, 2 * below
    found = twice // unit
    return found - ((found * unit == twice) & ((found & 1) == 1)).cast(pl.Int64)


def _polars_points() -> list[pl.Expr]:
    found = []
    for code, weight in WEIGHTS.items():
        if code in TARGETS:
            points = _half_even(weight * pl.col(code), pl.lit(TARGETS[code], dtype=pl.Int64))
        else:
            top, below = LIMITS[code]
            points = 2 * weight - _half_even(weight * below * pl.col(code), pl.col("owed") * top)
        found.append(points.clip(0, weight * 3 // 2))
    return found


def _polars_paid(sums: pl.Expr) -> pl.Expr:
    paid = sums * STEPS[0]
    for knot, step in zip(KNOTS[1:], STEPS[1:], strict=True):
        paid += step * pl.max_horizontal(sums - knot, pl.lit(0, dtype=pl.Int64))
    return paid


# ── DuckDB ──────────────────────────────────────────────────────────────────────────────────────────────────


def duckdb_exact(book: LoanBook) -> Work:
    """Three statements over a table of its own: totals and scores, entries of loans, what is held."""
    database = duckdb.connect()
    database.register("given", _frame(book).to_arrow())
    database.execute("CREATE TABLE loans AS FROM given")
    scores, entries = _score_query(), _entry_query()
    held = f"SELECT payee, {_rounded('n', 200)} AS held FROM (SELECT payee, 40 * sum(earned)::BIGINT + 100 AS n FROM"
    held += " entries GROUP BY payee) ORDER BY payee"

    def work() -> Chain:
        people = database.execute(scores).fetchnumpy()
        database.execute(f"CREATE OR REPLACE TEMP TABLE entries AS {entries}")
        found = database.execute("FROM entries").fetchnumpy()
        lines = np.empty(book.rows, dtype=np.int64)
        lines[np.asarray(found["loan"])] = np.asarray(found["earned"])
        kept = database.execute(held).fetchnumpy()["held"]
        return Chain(np.asarray(people["score"]), np.asarray(people["bonus"]), lines, np.asarray(kept))

    return work


def _rounded(twice: str, unit: int | str) -> str:
    """What is half even of `twice`, which is twice the numerator and the denominator, over twice the denominator."""
    found = f"({twice} // ({unit}))"
    return f"(CASE WHEN {found} & 1 = 1 AND {found} * ({unit}) = {twice} THEN {found} - 1 ELSE {found} END)"


def _score_query() -> str:
    halves, points = [], []
    for code, weight in WEIGHTS.items():
        cap = weight * 3 // 2
        if code in TARGETS:
            below, unit, top, sign = f"{TARGETS[code]}::BIGINT", f"{2 * TARGETS[code]}::BIGINT", weight, ""
        else:
            share, whole = LIMITS[code]
            below, unit = f"owed * {share}", f"owed * {2 * share}"
            top, sign = weight * whole, f"{2 * weight} - "
        halves.append(f"{2 * top} * {code} + {below} AS n_{code}")
        points.append(f"greatest(least({sign}{_rounded(f'n_{code}', unit)}, {cap}), 0)")
    return f"""
        WITH totals AS (
            SELECT payee, sum(disbursed)::BIGINT AS drawn, count(*) AS loans, sum(balance)::BIGINT AS owed,
                   coalesce(sum(balance) FILTER (WHERE category >= 2), 0)::BIGINT AS bad,
                   coalesce(sum(balance) FILTER (WHERE days_past_due > 0), 0)::BIGINT AS late
            FROM loans GROUP BY payee),
        halves AS (SELECT *, {", ".join(halves)} FROM totals),
        scores AS (SELECT payee, {" + ".join(points)} AS score FROM halves),
        paid AS (SELECT *, {2 * SALARY} * least(score * 10, score + 9000)::BIGINT + 10000 AS n FROM scores)
        SELECT payee, score, {_rounded("n", 20_000)} AS bonus FROM paid ORDER BY payee
    """


def _entry_query() -> str:
    def paid(sums: str) -> str:
        above = list(zip(KNOTS[1:], STEPS[1:], strict=True))
        return f"{STEPS[0]} * {sums}" + "".join(f" + {step} * greatest({sums} - {knot}, 0)" for knot, step in above)

    return f"""
        WITH sums AS (SELECT loan, payee, disbursed, (sum(disbursed) OVER (PARTITION BY payee
                             ORDER BY disbursed_on, loan ROWS UNBOUNDED PRECEDING))::BIGINT AS after FROM loans),
        gained AS (SELECT loan, payee, 2 * (({paid("after")}) - ({paid("before")})) + 10000 AS n
                   FROM (SELECT *, after - disbursed AS before FROM sums))
        SELECT loan, payee, {_rounded("n", 20_000)} AS earned FROM gained
    """
