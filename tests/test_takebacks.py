"""What is taken back of deals that gates and caps had cut: a whole amount, a part of what was posted for them."""

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from tests.loans import LIN, by_period, clean, component, dated, drawn, event, loan, reading

import loanperf as lp

STAGES = (
    lp.schemes.Stage(milestone="due diligence complete", share="20%"),
    lp.schemes.Stage(milestone="disbursed", share="80%"),
)
SIGNED = [loan("L1", on="2026-03-01", amount="100万元"), event("L1", "due diligence", "2026-03-10")]
SMALLER = event("L1", "disbursed", "2026-05-20", "10万元")
"""100 000 of a million are drawn: the whole is 1 000, of 2 000 that due diligence had come to."""
FORFEITS = lp.schemes.Curve.of([["0%", "0%"], ["1.5%", "1/3"]], shape="step")


def paid(facts: list[lp.Fact], *, through: str = "2026-12", readings: Any = (), **fields: Any) -> dict[str, Fraction]:
    """What each month comes to, in yuan."""
    most = fields.pop("period_most", None)
    item = component(rate="1%", stages=STAGES, period_most=most)
    return by_period(clean(facts, dated(item, **fields), through=through, readings=readings))


@pytest.mark.parametrize(
    ("rounding", "taken"),
    [
        (lp.Rounding.HALF_UP, "350.01"),
        (lp.Rounding.HALF_DOWN, "350.00"),
        (lp.Rounding.HALF_EVEN, "350.00"),
        (lp.Rounding.FLOOR, "350.00"),
        (lp.Rounding.CEILING, "350.01"),
        (lp.Rounding.DOWN, "350.00"),
        (lp.Rounding.UP, "350.01"),
    ],
)
def test_half_of_what_a_cap_left_is_a_whole_amount(rounding: lp.Rounding, taken: str) -> None:
    """A cap left 700.01 of 2 000; of the 2 000, 1 000 are gone, so half of 700.01 is taken, as the plan rounds."""
    cap = lp.schemes.Cap(most="700.01 CNY", excess="lost")
    found = paid([*SIGNED, SMALLER], period_most=cap, rounding=rounding)
    assert {"2026-03": Fraction("700.01"), "2026-05": -Fraction(taken)} == found


def test_what_nothing_cut_is_taken_as_it_is() -> None:
    """A cap that is not reached changes nothing."""
    cap = lp.schemes.Cap(most="2000 CNY", excess="lost")
    assert {"2026-03": 2000, "2026-05": -1000} == paid([*SIGNED, SMALLER], period_most=cap)


def test_what_was_carried_by_then_is_no_longer_cut() -> None:
    """1 200 in March and the other 800 in April: all of it is posted when 1 000 are gone."""
    cap = lp.schemes.Cap(most="1200 CNY", excess="carried")
    assert {"2026-03": 1200, "2026-04": 800, "2026-05": -1000} == paid([*SIGNED, SMALLER], period_most=cap)


def test_what_a_cap_still_carries_is_not_posted_yet() -> None:
    """500 a month of 2 000: half of the 1 000 that are posted by May goes, and the other 1 000 are due as they were."""
    cap = lp.schemes.Cap(most="500 CNY", excess="carried")
    assert {"2026-03": 500, "2026-04": 500, "2026-05": 500} == paid([*SIGNED, SMALLER], period_most=cap)


def test_the_gate_of_its_own_month_passes_it_by() -> None:
    """March kept two thirds of 2 000, 1 333.33; May's gate would take a third, and takes nothing of what goes back."""
    readings = [reading("npl_ratio", "2%", f"2026-{month:02}") for month in (3, 5)]
    gate = lp.schemes.Gate(indicator="npl_ratio", forfeits=FORFEITS)
    found = paid([*SIGNED, SMALLER], through="2026-05", readings=readings, gates=(gate,))
    assert {"2026-03": Fraction("1333.33"), "2026-05": -Fraction("666.67")} == found


FLAT = lp.schemes.Tiers(by="amount", applies="flat", accumulates="to date")
TWO = lp.schemes.Curve.of([[0, "1%"], ["150000 CNY", "2%"]], shape="step")


def test_what_falls_back_is_a_part_of_what_its_window_posted() -> None:
    """Two loans of 100 000 came to 1 000 and 3 000, of which a cap left 2 000.01.

    The first is cancelled: its own 1 000 go, and of the 4 000 of the window 2 000 more, which is half of 3 000.01.
    """
    cap = lp.schemes.Cap(most="2000.01 CNY", excess="lost")
    item = evolve(component(curve=TWO, tiers=FLAT, period_most=cap), dead="reverse")
    facts = [*drawn(100000, 100000, on=["2026-01-10", "2026-02-10"]), event("L1", "cancelled", "2026-03-05")]
    found = clean(facts, dated(item), staff=LIN)
    assert {"2026-01": 1000, "2026-02": Fraction("2000.01"), "2026-03": -Fraction("2500.01")} == by_period(found)
    lines = {line.stage: line.amount.exact for line in found if line.period.start.month == 3}
    assert {"cancelled": -1000, "fell back": -Fraction("1500.01")} == lines


def test_the_reasons_of_what_is_taken_back_are_those_of_its_line() -> None:
    """The reasons are worked out for the payee alone, and come to the same amount."""
    cap = lp.schemes.Cap(most="700.01 CNY", excess="lost")
    item = component(rate="1%", stages=STAGES, period_most=cap)
    found = clean([*SIGNED, SMALLER], dated(item))
    first, last = found.lines
    assert ["accrual.stage", "accrual.cap"] == [step.rule for step in first.steps]
    assert "accrual.stage" == last.steps[0].rule
