"""Catch-up: a tenth of each month's commission is kept until the target of the quarter is met, and then paid back."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.loans import by_period, clean, component, dated, drawn

import loanperf as lp
from loanperf import testing

DAYS = ("2026-01-10", "2026-02-10", "2026-03-10", "2026-04-10")
NINE_TENTHS = lp.schemes.Curve.of([["0%", "0.9%"], ["100%", "1%"]], shape="step")
OF_THE_QUARTER = lp.schemes.Tiers(
    by="attainment", applies="flat", accumulates="to date", resets="quarter", quota="3000000 CNY"
)
PLAN = dated(component(curve=NINE_TENTHS, tiers=OF_THE_QUARTER))


@pytest.mark.parametrize(
    ("amounts", "paid"),
    [
        ((800_000, 900_000, 1_300_000, 500_000), (7_200, 8_100, 14_700, 4_500)),
        ((800_000, 900_000, 1_200_000, 500_000), (7_200, 8_100, 10_800, 4_500)),
        ((800_000, 2_200_000, 1_000_000, 500_000), (7_200, 22_800, 10_000, 4_500)),
    ],
)
def test_what_was_withheld_comes_back_when_the_quarter_is_met(amounts: Any, paid: tuple[int, ...]) -> None:
    """Of 1% a tenth is kept: of 800,000 and 900,000 it is 1,700.

    With 1,300,000 in March the quarter has its 3,000,000: 13,000 and 1,700 are 14,700. With 1,200,000 it has not, and
    10,800 are paid. Met in February, 22,000 and 800 are 22,800, and March pays all of 10,000. April begins anew.
    """
    assert dict(zip(["2026-01", "2026-02", "2026-03", "2026-04"], paid, strict=True)) == by_period(
        clean(drawn(*amounts, on=DAYS), PLAN, through="2026-04")
    )


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([0, 1000, 99_000, 1_000_000, 1_500_000, 2_999_000, 3_000_000]), min_size=4, max_size=4))
def test_a_catch_up_pays_what_was_withheld_and_no_more(amounts: list[int]) -> None:
    """Beyond 1% of a month's own loans it pays at most the tenth of 1% that the months before it kept."""
    found, withheld = by_period(clean(drawn(*amounts, on=DAYS), PLAN, through="2026-04")), Fraction(0)
    for month, amount in zip(["2026-01", "2026-02", "2026-03"], amounts, strict=False):
        paid, whole = found.get(month, Fraction(0)), Fraction(amount, 100)
        assert paid - whole <= withheld
        withheld += whole - paid
        assert withheld in (0, Fraction(sum(amounts[: DAYS.index(f"{month}-10") + 1]), 1000))


def test_a_scheme_with_a_catch_up_keeps_the_laws() -> None:
    """What is paid of a window is never above the highest rate of all that accumulated in it."""
    scheme = lp.parse_scheme("""
name = "quarter"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
curve = { bands = [["0%", "100%", "0.9%"], ["100%", "", "1%"]], shape = "step" }
tiers = { by = "attainment", applies = "flat", accumulates = "to date", resets = "quarter", quota = "300万元" }
""")
    testing.check_laws(scheme, examples=5)
