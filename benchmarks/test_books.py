"""Whole books: scores (A), sums (B), commissions (C) and the chain, each beside its peers on the same data.

Ratios are printed and nothing is asserted about time; every peer's results are compared with exact arithmetic, and
loanperf's must all be right.
"""

from collections.abc import Sequence

import pytest
from benchmarks import ours, score_office, works
from benchmarks.books import score_book
from benchmarks.paired import Peer, Result, compare, table
from benchmarks.sizes import SECONDS, sized

INT64 = "numpy int64, no guard"


BASES = {works.FLOATS: "to float64", works.BASE: "to float64", INT64: "to int64", ours.OURS: "to loanperf"}
BASES |= {ours.INTEGERS: "to ours, int64"}


def show(capsys: pytest.CaptureFixture[str], title: str, results: Sequence[Result], unit: str = "row") -> None:
    """Print a table; what loanperf says must be exact."""
    with capsys.disabled():
        print(table(title, results, {base: BASES[base] for base in results[0].ratios}, unit))
    assert {0} == {result.wrong for result in results if result.name.startswith("loanperf")}


@pytest.mark.parametrize("payees", sorted({min(sized(1_000_000), 100_000), sized(1_000_000)}))
def test_scores(payees: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A: nine indicators of each payee by three profiles, then bonuses."""
    found = works.scores(payees, samples=payees <= 100_000, seconds=SECONDS)
    show(capsys, f"A: {payees:,} payees scored and paid", found, "payee")


@pytest.mark.skipif(score_office.SOFFICE is None, reason="LibreOffice is not installed: no soffice on PATH")
def test_scores_in_a_spreadsheet(capsys: pytest.CaptureFixture[str]) -> None:
    """A as a sheet of formulas, recalculated."""
    book = score_book(sized(100_000))
    expected = ours.scored(book)().whole()
    peers = [
        Peer(name=ours.INTEGERS, make=ours.scored, book=book, rows=book.rows, expected=expected),
        Peer(name="LibreOffice", make=score_office.office, book=book, rows=book.rows, expected=expected, traced=False),
    ]
    show(capsys, "A in a spreadsheet", compare(peers, (ours.INTEGERS,), SECONDS), "payee")


def test_sums(capsys: pytest.CaptureFixture[str]) -> None:
    """B: loans summed by payee."""
    rows = sized(10_000_000)
    show(capsys, f"B: {rows:,} loans summed by payee", works.sums(rows, seconds=SECONDS))


def test_deals(capsys: pytest.CaptureFixture[str]) -> None:
    """C: deals paid in two stages by cumulative tiers."""
    events = sized(1_000_000)
    found = works.deals(events, seconds=SECONDS)
    show(capsys, f"C: {events:,} events of deals paid in stages", found, "event")


def test_chain(capsys: pytest.CaptureFixture[str]) -> None:
    """Loans to scores, bonuses, commissions and entries."""
    rows = sized(1_000_000)
    found = works.chain(rows, seconds=SECONDS)
    show(capsys, f"The chain: {rows:,} loans to scores, bonuses and entries", found)
