"""C: deals paid in two stages by cumulative marginal tiers per payee and month; by engine.

Deals accumulate in order of the day on which due diligence was complete, then of their number. What a deal earns is
the tiers of the sum after it less those of the sum before it. A fifth of it is paid at once, half even to the fen; the
last stage is the whole, rounded the same way, less that fifth.
"""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import duckdb
import numpy as np
import pandas as pd
import polars as pl
from attrs import frozen
from benchmarks.books import FIRST, JANUARY, KNOTS, MONTHS, RATES, DealBook
from numpy.typing import NDArray


@frozen(eq=False)
class Stages:
    """One row a deal, in the order of the book: what each stage pays, in fen."""

    first: NDArray[Any]
    last: NDArray[Any]

    def whole(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """As whole numbers."""
        return np.asarray(self.first).astype(np.int64), np.asarray(self.last).astype(np.int64)


Work: TypeAlias = Callable[[], Stages]
CHUNK = 16_384
"""Deals whose buffers stay in the processor's cache."""
STEPS = tuple(after - before for before, after in zip((0, *RATES), RATES, strict=False))
"""By how much the rate rises at each knot, in 0.01%."""


# ── numpy ───────────────────────────────────────────────────────────────────────────────────────────────────


def numpy_float(book: DealBook) -> Work:
    """Hand-written float64, inexact: the practical limit of one thread; arrays are used again where they can be."""
    rates = [step / 10_000 for step in STEPS]

    def work() -> Stages:
        order, starts, spare = _ordered(book)
        sums = np.take(book.amount, order, mode="wrap").astype(np.float64)
        _summed(sums, starts)
        paid = _paid(sums, rates, spare.view(np.float64))
        earned = _gained(paid, starts, sums)
        first = np.multiply(earned, FIRST / 100, out=paid)
        np.rint(first, out=first)
        np.rint(earned, out=earned)
        earned -= first
        return _in_order(order, first, earned)

    return work


def numpy_exact(book: DealBook) -> Work:
    """The same in int64, without a guard."""

    def work() -> Stages:
        order, starts, spare = _ordered(book)
        sums = np.take(book.amount, order, mode="wrap")
        _summed(sums, starts)
        paid = _paid(sums, STEPS, spare)
        earned = _gained(paid, starts, sums)
        first, whole = _half_even(earned * FIRST, 1_000_000), _half_even(earned, 10_000)
        return _in_order(order, first, whole - first)

    return work


def _ordered(book: DealBook) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows by payee, day and number; where each payee's months start; and an array of that length to use again.

    One sort of whole numbers that hold all of it: payee, month, day of the quarter, row.
    """
    rows = len(book.payee)
    bits = rows.bit_length()
    day = book.checked_on - JANUARY
    key = book.payee.astype(np.int64)
    key <<= 2
    key |= np.take(MONTHS, day, mode="wrap")
    key <<= 7
    key |= day
    key <<= bits
    key |= np.arange(rows)
    key.sort()
    order = np.bitwise_and(key, (1 << bits) - 1, out=day)
    key >>= bits + 7
    starts = np.flatnonzero(np.not_equal(key[1:], key[:-1]))
    return order, np.append(0, starts + 1), key


def _summed(sums: NDArray[Any], starts: NDArray[np.int64]) -> None:
    """Amounts as sums from the start of their group on, in place."""
    np.cumsum(sums, out=sums)
    before = np.zeros(len(starts), dtype=sums.dtype)
    before[1:] = sums[starts[1:] - 1]
    sums -= np.repeat(before, np.diff(starts, append=len(sums)))


def _paid(sums: NDArray[Any], steps: Sequence[Any], out: NDArray[Any]) -> NDArray[Any]:
    """What sums come to, each slice at its own rate."""
    space, zeros = np.empty(CHUNK, dtype=sums.dtype), np.zeros(CHUNK, dtype=sums.dtype)
    for start in range(0, len(sums), CHUNK):
        chunk = sums[start : start + CHUNK]
        paid, over, zero = out[start : start + CHUNK], space[: len(chunk)], zeros[: len(chunk)]
        np.multiply(chunk, steps[0], out=paid)
        for knot, step in zip(KNOTS[1:], steps[1:], strict=True):
            np.subtract(chunk, knot, out=over)
            np.maximum(over, zero, out=over)
            np.multiply(over, step, out=over)
            np.add(paid, over, out=paid)
    return out


def _gained(paid: NDArray[Any], starts: NDArray[np.int64], out: NDArray[Any]) -> NDArray[Any]:
    """What each deal adds to what its group is paid."""
    np.subtract(paid[1:], paid[:-1], out=out[1:])
    out[starts] = paid[starts]
    return out


def _half_even(top: NDArray[np.int64], below: int) -> NDArray[np.int64]:
    twice = 2 * top + below
    found, rest = np.divmod(twice, 2 * below)
    return np.asarray(found - ((rest == 0) & (found & 1 == 1)))


def _in_order(deal: NDArray[Any], first: NDArray[Any], last: NDArray[Any]) -> Stages:
    """Back into the order of the book."""
    found = Stages(np.empty_like(first), np.empty_like(last))
    found.first[deal], found.last[deal] = first, last
    return found


# ── data frames and databases ───────────────────────────────────────────────────────────────────────────────


def _frame(book: DealBook) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "deal": np.arange(len(book.payee)),
            "payee": book.payee,
            "amount": book.amount,
            "checked_on": book.checked_on,
            "month": MONTHS[book.checked_on - JANUARY].astype(np.int8),
        }
    )


def since_start(amount: pl.Expr, group: pl.Expr) -> pl.Expr:
    """Sums from the first row of each group on, of rows in order of group; a window would look groups up by hash."""
    sums = amount.cum_sum()
    first = group != group.shift(1, fill_value=-1)
    return sums - pl.when(first).then(sums - amount).otherwise(None).forward_fill()


def polars_exact(book: DealBook) -> Work:
    """Whole numbers in Int64: one sort by one number, running sums, and back into the order of the deals."""
    frame = _frame(book).lazy()
    group = pl.col("payee").cast(pl.Int64) * 4 + pl.col("month")
    place = group * 128 + pl.col("checked_on") - JANUARY
    key = place * (1 << len(book.payee).bit_length()) + pl.col("deal")

    def paid(sums: pl.Expr) -> pl.Expr:
        over = [step * pl.max_horizontal(sums - knot, pl.lit(0, dtype=pl.Int64)) for knot, step in _above()]
        return STEPS[0] * sums + sum(over[1:], over[0])

    def half_even(top: pl.Expr, below: int) -> pl.Expr:
        twice = 2 * top + below
        found = twice // (2 * below)
        return found - ((found * (2 * below) == twice) & ((found & 1) == 1)).cast(pl.Int64)

    earned, first = pl.col("earned"), half_even(pl.col("earned") * FIRST, 1_000_000)
    query = (
        frame.select("deal", "amount", group=group, key=key)
        .sort("key")
        .with_columns(after=since_start(pl.col("amount"), pl.col("group")))
        .select("deal", earned=paid(pl.col("after")) - paid(pl.col("after") - pl.col("amount")))
        .select("deal", first=first, last=half_even(earned, 10_000) - first)
    )

    def work() -> Stages:
        found = query.collect()
        return _in_order(found["deal"].to_numpy(), found["first"].to_numpy(), found["last"].to_numpy())

    return work


def _above() -> list[tuple[int, int]]:
    """The knots above zero, each with the step of the rate."""
    return list(zip(KNOTS[1:], STEPS[1:], strict=True))


def duckdb_exact(book: DealBook) -> Work:
    """Whole numbers in BIGINT, with a window over payee and month."""
    database = duckdb.connect()
    database.register("given", _frame(book).to_arrow())
    database.execute("CREATE TABLE deals AS FROM given")
    over = {
        name: f"{STEPS[0]} * {name}" + "".join(f" + {step} * greatest({name} - {knot}, 0)" for knot, step in _above())
        for name in ("after", "before")
    }

    def half_even(n: str, q: str, below: int) -> str:
        return f"(CASE WHEN {q} & 1 = 1 AND {q} * {2 * below} = {n} THEN {q} - 1 ELSE {q} END)"

    query = f"""
        WITH sums AS (SELECT deal, amount, (sum(amount) OVER (PARTITION BY payee, month ORDER BY checked_on, deal
                             ROWS UNBOUNDED PRECEDING))::BIGINT AS after FROM deals),
             earned AS (SELECT deal, ({over["after"]}) - ({over["before"]}) AS earned
                        FROM (SELECT *, after - amount AS before FROM sums)),
             halves AS (SELECT deal, 2 * {FIRST} * earned + 1000000 AS n1, 2 * earned + 10000 AS n2 FROM earned),
             quotients AS (SELECT *, n1 // 2000000 AS q1, n2 // 20000 AS q2 FROM halves),
             parts AS (SELECT deal, {half_even("n1", "q1", 1_000_000)} AS first,
                              {half_even("n2", "q2", 10_000)} AS whole FROM quotients)
        SELECT deal, first, whole - first AS last FROM parts
    """

    def work() -> Stages:
        found = {name: np.asarray(column) for name, column in database.execute(query).fetchnumpy().items()}
        return _in_order(found["deal"], found["first"], found["last"])

    return work


def pandas_float(book: DealBook) -> Work:
    """Columns of a frame, inexact."""
    frame = pd.DataFrame({"payee": book.payee, "amount": book.amount, "checked_on": book.checked_on})
    rates = [step / 10_000 for step in STEPS]

    def paid(sums: Any) -> Any:
        found = sums * rates[0]
        for knot, rate in zip(KNOTS[1:], rates[1:], strict=True):
            found += (sums - knot).clip(lower=0) * rate
        return found

    def work() -> Stages:
        ordered = frame.sort_values(["payee", "checked_on"], kind="stable")
        month = MONTHS[ordered["checked_on"].to_numpy() - JANUARY]
        amount = ordered["amount"].astype(np.float64)
        after = amount.groupby([ordered["payee"].to_numpy(), month], sort=False).cumsum()
        earned = paid(after) - paid(after - amount)
        first = (earned * (FIRST / 100)).round()
        return _in_order(ordered.index.to_numpy(), first.to_numpy(), (earned.round() - first).to_numpy())

    return work


# ── Python ──────────────────────────────────────────────────────────────────────────────────────────────────


def python_int(book: DealBook) -> Work:
    """Python's whole numbers."""

    def earned(low: int, high: int) -> tuple[int, int]:
        top = sum(step * (max(high - knot, 0) - max(low - knot, 0)) for knot, step in zip(KNOTS, STEPS, strict=True))
        return half_even(top * FIRST, 1_000_000), half_even(top, 10_000)

    def half_even(top: int, below: int) -> int:
        found, rest = divmod(2 * top + below, 2 * below)
        return found - (rest == 0 and found & 1)

    return lambda: _one_by_one(book, int, earned)


def python_decimal(book: DealBook) -> Work:
    """Decimals of 28 digits."""
    steps = [(Decimal(knot), Decimal(step) / 10_000) for knot, step in zip(KNOTS, STEPS, strict=True)]
    share, zero, one = Decimal(FIRST) / 100, Decimal(0), Decimal(1)

    def earned(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal]:
        whole = sum((rate * (max(high - knot, zero) - max(low - knot, zero)) for knot, rate in steps), zero)
        return (whole * share).quantize(one, ROUND_HALF_EVEN), whole.quantize(one, ROUND_HALF_EVEN)

    return lambda: _one_by_one(book, Decimal, earned)


def python_fraction(book: DealBook) -> Work:
    """Fractions: what everything else is held to."""
    steps = [(knot, Fraction(step, 10_000)) for knot, step in zip(KNOTS, STEPS, strict=True)]

    def earned(low: Fraction, high: Fraction) -> tuple[int, int]:
        zero = Fraction(0)
        whole = sum((rate * (max(high - knot, zero) - max(low - knot, zero)) for knot, rate in steps), zero)
        return round(whole * Fraction(FIRST, 100)), round(whole)

    return lambda: _one_by_one(book, Fraction, earned)


def _one_by_one(book: DealBook, kind: Any, earned: Callable[[Any, Any], tuple[Any, Any]]) -> Stages:
    """Deal by deal, in order of day, then of number."""
    rows = zip(book.payee.tolist(), book.amount.tolist(), book.checked_on.tolist(), strict=True)
    months = MONTHS.tolist()
    first, last = [0] * len(book.payee), [0] * len(book.payee)
    sums: dict[tuple[int, int], Any] = {}
    for deal, (payee, amount, on) in sorted(enumerate(rows), key=lambda item: (item[1][2], item[0])):
        window = (payee, months[on - JANUARY])
        low = sums.get(window, kind(0))
        high = sums[window] = low + kind(amount)
        part, whole = earned(low, high)
        first[deal], last[deal] = int(part), int(whole - part)
    return Stages(np.array(first), np.array(last))
