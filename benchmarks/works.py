"""The works of the benchmarks at a size: every peer that fits it, measured and counted against exact arithmetic."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks import chain_peers, deal_peers, ours, score_openfisca, score_peers, sum_peers
from benchmarks.books import DealBook, LoanBook, ScoreBook, deal_book, loan_book, score_book
from benchmarks.paired import Peer, Result, Whole, compare, wrongs

LOANS_A_PAYEE = 100
FLOATS = "numpy float64, from float64"
"""The base of A: hand-written, inexact."""
BASE = "numpy float64"
"""The base of the other works."""


def scores(rows: int, *, samples: bool = True, seconds: float = 2.0) -> list[Result]:
    """A: nine indicators of each payee, three profiles.

    Args:
        rows: payees.
        samples: whether to measure the engines that work one cell at a time, on a sample.
        seconds: to spend on each peer.
    """
    book = score_book(rows)
    floats = book.as_floats()
    expected = score_peers.numpy_exact(book)().whole()
    sample, few = book.first(min(rows, 2_000)), book.first(min(rows, 20_000))

    def peer(name: str, make: Callable[[ScoreBook], Any], on: ScoreBook = book, *, traced: bool = True) -> Peer:
        right = tuple(column[: on.rows] for column in expected)
        return Peer(name=name, make=make, book=on, rows=on.rows, expected=right, traced=traced)

    _must_agree(expected, score_peers.python_fraction(sample)().whole())
    peers = [
        peer(FLOATS, score_peers.numpy_float, floats),
        peer("numpy float64, from int64", score_peers.numpy_float),
        peer("numpy int64", score_peers.numpy_exact),
        peer(ours.INTEGERS, ours.scored),
        peer(f"{ours.INTEGERS}, one thread", ours.scored_by_one_thread),
        peer("Polars exact", score_peers.polars_exact, traced=False),
        peer("Polars float64", score_peers.polars_float, traced=False),
        peer("DuckDB exact, BIGINT", score_peers.duckdb_exact, traced=False),
        peer("DuckDB exact, HUGEINT", score_peers.duckdb_huge, traced=False),
        peer("pandas float64", score_peers.pandas_float),
        peer("OpenFisca float32, weights looked up by numpy", score_openfisca.openfisca),
    ]
    if samples:
        peers += [
            peer("OpenFisca float32, parameters indexed by role", score_openfisca.openfisca_by_role, few),
            peer("Python Decimal", score_peers.python_decimal, sample),
            peer("Python Fraction", score_peers.python_fraction, sample),
        ]
    return compare(peers, (FLOATS, ours.INTEGERS), seconds)


def sums(rows: int, *, samples: bool = True, seconds: float = 2.0) -> list[Result]:
    """B: loans summed by payee."""
    book = loan_book(rows, max(rows // LOANS_A_PAYEE, 1))
    expected = sum_peers.numpy_exact(book)().whole()
    sample = loan_book(100_000, 1_000)
    right = sum_peers.numpy_exact(sample)().whole()
    _must_agree(right, sum_peers.python_int(sample)().whole())

    def peer(name: str, make: Callable[[LoanBook], Any], *, traced: bool = True) -> Peer:
        return Peer(name=name, make=make, book=book, rows=rows, expected=expected, traced=traced)

    peers = [
        peer(BASE, sum_peers.numpy_float),
        peer("numpy int64, no guard", sum_peers.numpy_exact),
        peer("numpy bincount, whole columns", sum_peers.numpy_bincount),
        peer(ours.OURS, ours.measured),
        peer("loanperf, cells checked too", ours.checked_and_measured),
        peer("Polars exact", sum_peers.polars_exact, traced=False),
        peer("DuckDB exact", sum_peers.duckdb_exact, traced=False),
        peer("pandas int64, no guard", sum_peers.pandas_exact),
    ]
    if samples:
        peers.append(Peer(name="Python int", make=sum_peers.python_int, book=sample, rows=sample.rows, expected=right))
    return compare(peers, (BASE, ours.OURS), seconds)


def deals(events: int, *, samples: bool = True, seconds: float = 2.0) -> list[Result]:
    """C: deals paid in two stages by cumulative tiers."""
    book = deal_book(events)
    expected = deal_peers.numpy_exact(book)().whole()
    sample = deal_book(min(events, 20_000))
    right = deal_peers.numpy_exact(sample)().whole()
    _must_agree(right, deal_peers.python_fraction(sample)().whole())

    def peer(name: str, make: Callable[[DealBook], Any], *, traced: bool = True) -> Peer:
        return Peer(name=name, make=make, book=book, rows=book.rows, expected=expected, traced=traced)

    def one_by_one(name: str, make: Callable[[DealBook], Any]) -> Peer:
        return Peer(name=name, make=make, book=sample, rows=sample.rows, expected=right)

    peers = [
        peer(BASE, deal_peers.numpy_float),
        peer("numpy int64, no guard", deal_peers.numpy_exact),
        peer(ours.OURS, ours.accrued),
        peer("loanperf, cells checked too", ours.checked_and_accrued),
        peer("Polars exact", deal_peers.polars_exact, traced=False),
        peer("DuckDB exact", deal_peers.duckdb_exact, traced=False),
        peer("pandas float64", deal_peers.pandas_float),
    ]
    if samples:
        peers += [
            one_by_one("Python int", deal_peers.python_int),
            one_by_one("Python Decimal", deal_peers.python_decimal),
            one_by_one("Python Fraction", deal_peers.python_fraction),
        ]
    return compare(peers, (BASE, ours.OURS), seconds)


def chain(rows: int, *, seconds: float = 2.0) -> list[Result]:
    """Loans to scores, bonuses, commissions and entries."""
    book = loan_book(rows, max(rows // LOANS_A_PAYEE, 1))
    expected = chain_peers.numpy_exact(book)().whole()

    def peer(name: str, make: Callable[[LoanBook], Any], *, traced: bool = True) -> Peer:
        return Peer(name=name, make=make, book=book, rows=rows, expected=expected, traced=traced)

    peers = [
        peer("numpy int64, no guard", chain_peers.numpy_exact),
        peer(ours.OURS, ours.chained),
        peer("loanperf, cells checked too", ours.checked_and_chained),
        peer("Polars exact", chain_peers.polars_exact, traced=False),
        peer("DuckDB exact", chain_peers.duckdb_exact, traced=False),
    ]
    return compare(peers, ("numpy int64, no guard", ours.OURS), seconds)


def _must_agree(exact: Whole, fractions: Sequence[Any]) -> None:
    """Whole numbers, to which every peer is held, are themselves held to Fractions."""
    few = len(fractions[0])
    if wrong := wrongs(tuple(column[:few] for column in exact), tuple(fractions)):
        raise AssertionError(f"{wrong} of {few} exact results differ from those of Fractions")
