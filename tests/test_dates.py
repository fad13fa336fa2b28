"""Dates that cannot be: a drawing before its loan was opened, and a year mistyped, are told and hold the run."""

from collections.abc import Iterable

import pytest
from tests.test_unmet import MARCH, drawn, scheme, worked

import loanperf as lp


def run(facts: Iterable[lp.Fact], period: lp.Period = MARCH) -> lp.Run:
    """A run that pays 0.5% of what is drawn."""
    return worked(facts, scheme({}), period, first=period)


def event(loan: str, kind: lp.EventKind, on: str, amount: str | None = None) -> lp.LoanEvent:
    """Something that happened to a loan."""
    return lp.LoanEvent(loan=loan, kind=kind, on=on, amount=amount)


def opened(on: str) -> lp.Loan:
    """A loan of lin over 100,000 yuan."""
    return lp.Loan(loan="L1", customer="C1", officer="lin", opened_on=on, amount="10万元")


def test_a_drawing_before_its_loan_was_opened_holds_the_run() -> None:
    """It counts as it stands, as a drawing above what was signed does: 0.5% of 100,000 yuan wait for approval."""
    found = run([opened("2026-03-10"), event("L1", lp.EventKind.DISBURSED, "2026-03-09", "10万元")])
    (told,) = found.problems

    expected = (
        "event L1 disbursed 2026-03-09: it is drawn before its loan was opened, on 2026-03-10 (found 2026-03-09);"
        " it counts as it stands: mend the date of the drawing, or that of the loan"
    )
    assert expected == str(told)
    assert (2, 1, True) == (found.rows, found.used, found.held)
    assert (told,) == found.counted
    assert ["500.00 CNY"] == [str(payment.amount) for payment in found.payments]


def ahead(found: lp.Run) -> list[str]:
    """The loans of what is told to be dated too late."""
    return [problem.loan for problem in found.problems if "more than five years" in problem.fault]


@pytest.mark.parametrize("on", ["2026-03-10", "2026-03-11"])
def test_a_drawing_on_the_day_or_later_is_as_it_should_be(on: str) -> None:
    """Small loans are opened and drawn on one day."""
    assert () == run([opened("2026-03-10"), event("L1", lp.EventKind.DISBURSED, on, "10万元")]).problems


def test_a_loan_that_was_applied_for_before_it_was_opened_may_be_drawn_in_between() -> None:
    """Whichever of the two was first is the first day on which it can be drawn."""
    facts: list[lp.Fact] = [
        opened("2026-03-10"),
        event("L1", lp.EventKind.APPLIED, "2026-03-05"),
        event("L1", lp.EventKind.DISBURSED, "2026-03-05", "10万元"),
    ]
    assert () == run(facts).problems
    early = event("L1", lp.EventKind.DISBURSED, "2026-03-04", "10万元")
    assert "before its loan was opened, on 2026-03-05" in str(run([*facts[:2], early]).problems)


def test_a_drawing_that_is_early_and_too_large_is_one_row_in_doubt() -> None:
    """Rows in are rows used and rows with a problem."""
    found = run([opened("2026-03-10"), event("L1", lp.EventKind.DISBURSED, "2026-03-09", "11万元")])
    assert (2, 1, 1) == (found.rows, found.used, len(found.counted))


def test_a_year_mistyped_is_told() -> None:
    """2062 for 2026: the drawing counts in no month until then, and the run waits until somebody has looked."""
    facts: list[lp.Fact] = [
        *drawn("L0"),
        opened("2026-03-10"),
        event("L1", lp.EventKind.DISBURSED, "2062-03-11", "10万元"),
    ]
    found = run(facts)
    (told,) = found.problems

    assert "event L1 disbursed 2062-03-11: it is dated more than five years after 2026-04-01" in str(told)
    assert "mend the year: it counts in no period until then" == told.remedy
    assert ("L1", False, True) == (told.loan, told.is_counted, found.held)
    assert (4, 3) == (found.rows, found.used)


def test_what_follows_a_month_of_long_ago_is_not_told() -> None:
    """A month of 2015 is worked anew with what happened in each year since; behind a gap of six years it is told."""
    since = [fact for year in range(2015, 2027, 3) for fact in drawn(f"L{year}", f"{year}-03-05")]
    past = lp.Period.month(2015, 3)
    old = scheme({}, effective="2010-01-01")

    assert [] == ahead(worked(since, old, past, first=past))
    slip = drawn("L2032", "2032-03-05")
    assert ["L2032", "L2032"] == ahead(worked([*since, *slip], old, past, first=past))


def test_what_is_planned_for_the_next_years_is_not_told() -> None:
    """A repayment that is planned in each of the next thirty years is no slip."""
    planned = [event("L1", lp.EventKind.REPAID, f"{year}-03-05", "100 元") for year in range(2027, 2057)]
    facts: list[lp.Fact] = [opened("2026-03-05"), event("L1", lp.EventKind.DISBURSED, "2026-03-05", "10万元")]
    assert () == run([*facts, *planned]).problems
