"""Advice on weights from 200 people, and the budget of a thousand people by ten thousand draws.

Nothing is asserted about time: machines are shared. Processor time is printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from time import process_time
from typing import Any

import numpy as np
from benchmarks.sizes import PART, sized

import loanperf as lp
from loanperf.analytics import AdviceRules, Spread, advise_weights, bonus_budget
from loanperf.learning import PastPeriod
from loanperf.schemes import Direction
from loanperf.viewer import Viewer

ALL = Viewer(who="hr", sees="all")
MARCH = lp.Period.month(2026, 3)
MEANS = {
    "loan_amount(元)": 3_000_000,
    "disbursed_amount(元)": 2_000_000,
    "customer_count": 20,
    "npl_ratio(bp)": 200,
    "overdue_ratio(bp)": 400,
    "retention_rate(bp)": 8_000,
    "cross_sell_rate(bp)": 3_000,
    "training_completion_rate(bp)": 9_000,
}
SCHEME = """
name = "eight"
currency = "CNY"
effective = 2026-01-01
[profiles.standard.weights]
loan_amount = "20%"
disbursed_amount = "15%"
customer_count = "15%"
npl_ratio = "15%"
overdue_ratio = "15%"
retention_rate = "10%"
cross_sell_rate = "5%"
training_completion_rate = "5%"
[targets]
loan_amount = "300万元"
disbursed_amount = "200万元"
customer_count = "20"
npl_ratio = "2%"
overdue_ratio = "4%"
retention_rate = "80%"
cross_sell_rate = "30%"
training_completion_rate = "100%"
[scoring.default]
places = 1
rounding = "half even"
floor = "0%"
cap = "150%"
[grades.C]
at_least = "0 point"
[grades.B]
at_least = "90 point"
[grades.A]
at_least = "105 point"
[bonus]
unit = "month"
curve = [["60 point", 0], ["100 point", 1], ["150 point", 3]]
rounding = "half even"
"""


def rows_of(people: int) -> Mapping[str, Any]:
    """Readings that scatter by a quarter around their targets; no share is above 100%."""
    draw = np.random.default_rng(20260331)
    columns = {
        name: np.rint(mean * draw.normal(1, 0.25, people).clip(0, 1.2)).astype(int) for name, mean in MEANS.items()
    }
    columns |= {name: column.clip(max=10_000) for name, column in columns.items() if name.endswith("(bp)")}
    return {"payee": [f"p{place:04}" for place in range(people)], **columns, "month(元)": np.full(people, 10_000)}


def test_advice_from_two_hundred_people() -> None:
    """49,428 vectors of weights, a hundred draws; then with a budget, and with one that nothing keeps."""
    rows, scheme = rows_of(200), lp.parse_scheme(SCHEME)
    noise = np.random.default_rng(1).integers(0, 200, 200).tolist()
    bad = zip(rows["payee"], rows["npl_ratio(bp)"].tolist(), noise, strict=True)
    later = {payee: Fraction(one + other, 10_000) for payee, one, other in bad}
    for budget in (None, "250万元", "100万元", "1 元") if PART < 100 else (None,):
        rules = AdviceRules(budget=None if budget is None else lp.Money.of(budget))
        begun = process_time()
        found = advise_weights(
            scheme,
            "standard",
            PastPeriod(period=MARCH, rows=rows),
            later,
            better=Direction.LOWER,
            rng=np.random.default_rng(3),
            viewer=ALL,
            rules=rules,
        )
        spent = process_time() - begun
        assert 49_428 == found.candidates
        print(
            f"\nadvice, budget {budget}: {spent * 1000:.0f} ms, {'none' if found.advised is None else 'found'}", end=""
        )


def test_the_budget_of_a_thousand_people() -> None:
    """Ten million bonuses of eight indicators, exact; at a hundredth of the size, of ten people."""
    card = lp.parse_scheme(SCHEME).resolve(period=MARCH)
    rows = rows_of(sized(1_000) if PART == 100 else 1_000)
    for common in ("0%", "5%", "10%"):
        spread, begun = Spread(total="25%", common=common), process_time()
        found = bonus_budget(card, rows, spread, rng=np.random.default_rng(3), viewer=ALL)
        spent, (half, _, most) = process_time() - begun, found.levels
        over = float(most.amount.exact / half.amount.exact) - 1
        print(
            f"\nbudget, {common} common: {spent:.1f} s, P95 {over:.1%} above P50, error {float(most.error):.2%}", end=""
        )
