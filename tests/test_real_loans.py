"""Two public books of real loans come out as plain arithmetic over their rows says."""

import csv
from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from examples.real_loans import LEAST_LOANS, SCHEME, Book, lendingclub, sba, score

import loanperf as lp


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_salesperson(rows: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """The rows of everybody with enough loans; a row without a salesperson counts for nobody."""
    found = defaultdict(list)
    for row in rows:
        found[row["salesperson"]].append(row)
    return {name: held for name, held in found.items() if name and len(held) >= LEAST_LOANS}


@pytest.fixture(scope="module")
def sba_rows(shared_data: Path) -> list[dict[str, str]]:
    return rows_of(shared_data / "sba.csv")


@pytest.fixture(scope="module")
def sba_book(shared_data: Path) -> Book:
    return sba(shared_data / "sba.csv")


@pytest.fixture(scope="module")
def sba_run(sba_book: Book) -> lp.Run:
    return score(sba_book)


@pytest.fixture(scope="module")
def lendingclub_rows(shared_data: Path) -> list[dict[str, str]]:
    return rows_of(shared_data / "lendingclub.csv")


@pytest.fixture(scope="module")
def lendingclub_book(shared_data: Path) -> Book:
    return lendingclub(shared_data / "lendingclub.csv")


@pytest.fixture(scope="module")
def lendingclub_run(lendingclub_book: Book) -> lp.Run:
    return score(lendingclub_book)


def test_everybody_with_enough_loans_is_scored(sba_run: lp.Run, lendingclub_run: lp.Run) -> None:
    """122 of the SBA's stand-ins have 30 loans or more; nobody is lost on the way, and no row is."""
    assert (122, ()) == (len(sba_run.results), sba_run.problems)
    assert (97, ()) == (len(lendingclub_run.results), lendingclub_run.problems)
    assert (sba_run.rows, lendingclub_run.rows) == (sba_run.used, lendingclub_run.used)


def test_each_loan_amount_and_bad_loan_ratio_is_the_sum_of_its_rows(
    sba_run: lp.Run, sba_rows: list[dict[str, str]]
) -> None:
    """What a salesperson lent, and how much of it went bad, is what a spreadsheet would sum up."""
    expected = {
        name: (
            Fraction(sum(int(row["amount"]) for row in held)),
            Fraction(sum(row["bad"] == "1" for row in held), len(held)),
        )
        for name, held in by_salesperson(sba_rows).items()
    }
    actual = {
        result.payee: (result.appraisal.reading("loan_amount"), result.appraisal.reading("bad_loan_ratio"))
        for result in sba_run.results
    }
    assert expected == actual


def test_each_score_is_the_rule_worked_by_hand(sba_run: lp.Run, sba_rows: list[dict[str, str]]) -> None:
    """50 × actual / target and 50 × (2 − bad / 21%), between 0 and 75 each, rounded half-even to one place."""
    groups = by_salesperson(sba_rows)
    amounts = {name: sum(int(row["amount"]) for row in held) for name, held in groups.items()}
    before = {name: sum(row["open_date"] < "2005-01-01" for row in held) for name, held in groups.items()}
    cents = shares_of(100 * sum(amounts.values()), before)

    def points(share: Fraction) -> Decimal:
        tenths = round(500 * min(max(share, Fraction(0)), Fraction(3, 2)))  # Python rounds a Fraction half-even
        return Decimal(tenths) / 10

    for result in sba_run.results:
        name = result.payee
        bad = Fraction(sum(row["bad"] == "1" for row in groups[name]), len(groups[name]))
        volume = points(Fraction(100 * amounts[name], cents[name]))
        assert volume + points(2 - bad / Fraction(21, 100)) == result.appraisal.score, name


def shares_of(total: int, weights: dict[str, int]) -> dict[str, int]:
    """Largest remainder, written out once more: ties to the larger weight, then to the first by name."""
    whole = sum(weights.values())
    parts = {name: total * weight // whole for name, weight in weights.items()}
    order = sorted(weights, key=lambda name: (-(total * weights[name] % whole), -weights[name], name))
    for name in order[: total - sum(parts.values())]:
        parts[name] += 1
    return parts


def test_a_fifth_of_the_sba_book_went_bad(sba_book: Book, sba_rows: list[dict[str, str]]) -> None:
    """21.0% of all SBA loans were charged off: the whole book as one team, by sums and not by a mean of ratios."""
    ratio = lp.read_scheme(SCHEME).resolve(period=sba_book.period, product_line="sba")
    measured = lp.measure(sba_book.facts, sba_book.period, [ratio.indicator("bad_loan_ratio")], currency="USD")
    team = lp.combine([reading for reading in measured if reading.denominator], "all").value
    assert Fraction(sum(row["bad"] == "1" for row in sba_rows), len(sba_rows)) == (team and team.value)
    assert "21.0" == f"{Decimal(4693) / 22308 * 100:.1f}"
    assert team is not None
    assert Fraction(4693, 22308) == team.value


def test_what_is_late_of_the_lendingclub_book(lendingclub_book: Book, lendingclub_rows: list[dict[str, str]]) -> None:
    """0.84% of the balance is more than 30 days late, by balance and not by count."""
    measured = lp.measure(lendingclub_book.facts, lendingclub_book.period, [lp.indicator("par_30")], currency="USD")
    team = lp.combine(measured, "all").value
    late = sum(Decimal(row["balance"]) for row in lendingclub_rows if row["status"] == "Late (31-120 days)")
    total = sum(Decimal(row["balance"]) for row in lendingclub_rows)
    assert team is not None
    assert Fraction(late) / Fraction(total) == team.value
    assert "0.84" == f"{late / total * 100:.2f}"


def test_each_lendingclub_salesperson_has_their_own_balance_late(
    lendingclub_run: lp.Run, lendingclub_rows: list[dict[str, str]]
) -> None:
    """PAR 30 and loan amount of each, from the rows."""
    expected = {}
    for name, held in by_salesperson(lendingclub_rows).items():
        late = sum(Decimal(row["balance"]) for row in held if row["status"] == "Late (31-120 days)")
        total = sum(Decimal(row["balance"]) for row in held)
        expected[name] = (Fraction(sum(int(row["amount"]) for row in held)), Fraction(late) / Fraction(total))
    actual = {
        result.payee: (result.appraisal.reading("loan_amount"), result.appraisal.reading("par_30"))
        for result in lendingclub_run.results
    }
    assert expected == actual
