"""Books of the benchmarks: made-up data of a size, as plain numpy columns; the same data for every engine.

Money is in fen, ratios in 0.01%, points in 0.01, counts in ones; days count from 1970-01-01. The data are as uneven as
a bank's: round targets, whole amounts, a few payees with most of the loans.
"""

from collections.abc import Mapping

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

Whole = NDArray[np.int64]
SEED = 20260331

# ── A: nine indicators of each payee ────────────────────────────────────────────────────────────────────────

CODES = (
    "loan_amount",
    "disbursed_amount",
    "customer_count",
    "npl_ratio",
    "overdue_ratio",
    "compliance_score",
    "retention_rate",
    "cross_sell_rate",
    "training_completion_rate",
)
LOWER = ("npl_ratio", "overdue_ratio")
"""Of these less is better: twice the weight, less weight × actual / target."""
WEIGHTS = {
    "standard": (30, 15, 5, 20, 5, 5, 10, 5, 5),
    "senior": (20, 10, 5, 30, 10, 5, 10, 5, 5),
    "new_hire": (25, 15, 10, 10, 5, 10, 5, 5, 15),
}
"""Points of each indicator by profile, in the order of `CODES`."""
CAP = 1.5
"""No indicator earns more than this many times its weight."""


@frozen(eq=False)
class ScoreBook:
    """One row a payee."""

    profile: NDArray[np.int8]
    """Place in `WEIGHTS`."""
    actual: Mapping[str, NDArray[np.number]]
    target: Mapping[str, NDArray[np.number]]
    month: NDArray[np.number]
    """A month's salary."""

    @property
    def rows(self) -> int:
        """How many payees."""
        return len(self.profile)

    def first(self, rows: int) -> "ScoreBook":
        """The first payees."""
        actual, target = ({code: held[code][:rows] for code in CODES} for held in (self.actual, self.target))
        return ScoreBook(self.profile[:rows], actual, target, self.month[:rows])

    def as_floats(self) -> "ScoreBook":
        """The same whole numbers, held by float64, for peers; ours refuses floats for money."""
        actual, target = (
            {code: held[code].astype(np.float64) for code in CODES} for held in (self.actual, self.target)
        )
        return evolve(self, actual=actual, target=target, month=self.month.astype(np.float64))


def score_book(rows: int) -> ScoreBook:
    """Payees with targets of their own, around which their readings scatter."""
    draw = np.random.default_rng(SEED)

    def between(low: int, high: int, unit: int) -> Whole:
        return draw.integers(low, high + 1, rows) * unit

    target = {
        "loan_amount": between(10, 50, 10_000_000),
        "disbursed_amount": between(8, 40, 10_000_000),
        "customer_count": between(10, 30, 1),
        "npl_ratio": between(2, 6, 50),
        "overdue_ratio": between(6, 12, 50),
        "compliance_score": between(1, 1, 10_000),
        "retention_rate": between(14, 18, 500),
        "cross_sell_rate": between(6, 10, 500),
        "training_completion_rate": between(1, 1, 10_000),
    }
    unit = {"loan_amount": 10_000, "compliance_score": 100}
    most = {"compliance_score": 10_000, "retention_rate": 10_000, "cross_sell_rate": 10_000}
    most["training_completion_rate"] = 10_000
    actual = {}
    for code in CODES:
        share = np.clip(draw.normal(0.8 if code in LOWER else 1.0, 0.25, rows), 0.05, 2.2)
        value = (target[code] * share).astype(np.int64) // unit.get(code, 1) * unit.get(code, 1)
        actual[code] = np.minimum(value, most[code]) if code in most else value
    profile = draw.choice(len(WEIGHTS), rows, p=[0.6, 0.25, 0.15]).astype(np.int8)
    return ScoreBook(profile, actual, target, between(50, 200, 10_000))


# ── B: loans, to be summed by payee ─────────────────────────────────────────────────────────────────────────

CATEGORIES = ("normal", "special mention", "substandard", "doubtful", "loss")
"""The last three are non-performing."""


@frozen(eq=False)
class LoanBook:
    """One row a loan, in order of its number: a tape as of the last day of the month."""

    payee: NDArray[np.int32]
    """Numbers from 0 to payees − 1."""
    payees: int
    signed: Whole
    disbursed: Whole
    balance: Whole
    category: NDArray[np.int8]
    """Place in `CATEGORIES`."""
    days_past_due: Whole
    disbursed_on: Whole

    @property
    def rows(self) -> int:
        """How many loans."""
        return len(self.payee)


JANUARY = 20_454
"""The number of 2026-01-01."""


def loan_book(rows: int, payees: int) -> LoanBook:
    """Loans of 10,000 to 500,000 yuan, 2% of them non-performing, 5% past due."""
    draw = np.random.default_rng(SEED)
    signed = draw.integers(100, 5_001, rows) * 10_000
    disbursed = signed - draw.integers(0, 10, rows) * 1_000
    balance = disbursed - draw.integers(0, 900_000, rows)
    category = draw.choice(5, rows, p=[0.94, 0.04, 0.01, 0.006, 0.004]).astype(np.int8)
    late = np.where(draw.random(rows) < 0.05, draw.integers(1, 181, rows), 0)
    # A tenth of the payees have half of the loans.
    payee = draw.integers(0, payees, rows)
    few = draw.random(rows) < 0.5
    payee[few] //= 10
    day = JANUARY + draw.integers(0, 31, rows)
    return LoanBook(payee.astype(np.int32), payees, signed, disbursed, balance, category, late, day)


# ── C: deals paid in two stages ─────────────────────────────────────────────────────────────────────────────

KNOTS = (0, 300_000_000, 1_000_000_000)
"""Where each tier starts, in fen that a payee brought in in a month."""
RATES = (40, 45, 55)
"""Of each tier, in 0.01%."""
FIRST = 20
"""Percent that is earned when due diligence is complete; the rest when the loan is drawn."""


@frozen(eq=False)
class DealBook:
    """One row a deal, in order of its number; each of them is two events."""

    payee: NDArray[np.int32]
    """Numbers from 0 to payees − 1."""
    payees: int
    amount: Whole
    checked_on: Whole
    """The day on which due diligence was complete, of January, February or March."""
    drawn_on: Whole
    """The day of disbursement, 3 to 30 days later."""

    @property
    def rows(self) -> int:
        """How many events."""
        return 2 * len(self.payee)


MONTHS = np.repeat(np.arange(3), (31, 28, 31)).astype(np.int64)
"""The month of each day from the first of January on."""


def deal_book(events: int) -> DealBook:
    """Deals of 10,000 to 500,000 yuan, fifty for each payee in a quarter."""
    rows = events // 2
    draw = np.random.default_rng(SEED)
    payees = max(rows // 50, 1)
    checked_on = JANUARY + draw.integers(0, 90, rows)
    return DealBook(
        payee=draw.integers(0, payees, rows).astype(np.int32),
        payees=payees,
        amount=draw.integers(10_000, 500_001, rows) * 100,
        checked_on=checked_on,
        drawn_on=checked_on + draw.integers(3, 31, rows),
    )
