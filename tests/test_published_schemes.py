"""Published schemes as templates: the numbers that were published come out, and where there are none, those by hand."""

from fractions import Fraction
from typing import Any

import pytest
from tests.loans import LIN, Published, by_payee, case, event, loan

import loanperf as lp

JAN = lp.Period.month(2026, 1)
MARCH = lp.Period.month(2026, 3)
SHORT = ("us-matrix", "microfinance", "referral-bands", "balance-pool", "earnings-override")


@pytest.mark.parametrize("name", SHORT)
def test_a_published_scheme_fits_in_60_lines(name: str) -> None:
    """Comments and blank lines included."""
    assert len(lp.schemes.template_text(name).splitlines()) <= 60


# ── a matrix of five levels ─────────────────────────────────────────────────────────────────────────────────

WORST = {
    "pre_tax_income": "6600000 USD",
    "loan_balance": "650000000 USD",
    "expense": "30200000 USD",
    "core_deposits": "407000000 USD",
    "asset_quality": "35%",
}
LEVELS = {
    "pre_tax_income": ("6600000 7100000 7600000 8100000 8600000", "0 1.88 3.75 5.63 7.50"),
    "loan_balance": ("650000000 665000000 675000000 685000000 700000000", "0 1.25 2.50 3.75 5.00"),
    "expense": ("30200000 29450000 28700000 27950000 27200000", "0 0.94 1.88 2.81 3.75"),
    "core_deposits": ("407000000 420000000 432000000 452000000 472000000", "0 1.25 2.50 3.75 5.00"),
    "asset_quality": ("35% 30% 25% 20% 15%", "0 0.94 1.88 2.81 3.75"),
}
"""What exhibit 10.1 of 2017 prints: each measure at levels 1 to 5, and the percent of base pay that it earns."""


def of_base_pay(**readings: Any) -> Fraction:
    """The bonus in percent of base pay, to two places; what is not stated is at level 1."""
    card = lp.template("us-matrix").resolve(period=MARCH)
    found = lp.appraise(card, readings=WORST | readings)
    assert card.bonus is not None
    return lp.award(card.bonus, found, base="100 USD").amount.exact


@pytest.mark.parametrize("level", range(5))
@pytest.mark.parametrize("measure", LEVELS)
def test_each_level_of_the_matrix_earns_what_is_printed(measure: str, level: int) -> None:
    """25 cells; the source prints a quarter of 7.5% as 1.88%, and of 100 dollars that is what they round to."""
    at, earns = (row.split()[level] for row in LEVELS[measure])
    unit = "" if at.endswith("%") else " USD"

    assert Fraction(earns) == of_base_pay(**{measure: f"{at}{unit}"})


def test_the_whole_matrix_earns_a_quarter_of_base_pay() -> None:
    """7.5 + 5 + 3.75 + 5 + 3.75 = 25; at level 3 half of it; between levels 3 and 4 what level 3 earns."""
    tops = {code: f"{at.split()[4]}{'' if '%' in at else ' USD'}" for code, (at, _) in LEVELS.items()}
    thirds = {code: f"{at.split()[2]}{'' if '%' in at else ' USD'}" for code, (at, _) in LEVELS.items()}

    assert 25 == of_base_pay(**tops)
    assert Fraction("12.5") == of_base_pay(**thirds) == of_base_pay(**thirds | {"expense": "28000000 USD"})


# ── microfinance ────────────────────────────────────────────────────────────────────────────────────────────


def drawn_in_a_month(loans: int, clients: int = 0) -> lp.Accruals:
    """A January of lin with so many loans and clients."""
    facts = [
        fact
        for number in range(loans)
        for fact in (
            loan(f"L{number:02}", on="2026-01-05"),
            event(f"L{number:02}", "disbursed", "2026-01-05", lp.Money.of("30000", "CNY")),
        )
    ]
    readings = [lp.Reading.of("maintained_clients", clients, subject="lin", period=JAN)]
    plans = lp.SchemeBook([lp.template("microfinance")]).plans()
    return lp.accrue(lp.Facts.of(facts), plans, LIN, through=JAN, since=JAN.start, readings=readings)


def test_a_month_of_25_loans_earns_what_is_published(published: Published) -> None:
    """Case micro-2006-ladder-n25: 4 × 0 + 20 + 4 × 70 + 6 × 120 + 5 × 150 + 5 × 200, by the bounds of its source."""
    found = case(published, "micro-2006-ladder-n25")

    expected = Fraction(found["expected"]["loan_reward_marginal_reading"])
    assert expected == by_payee(drawn_in_a_month(found["inputs"]["loans"]))["lin"]


@pytest.mark.parametrize(
    ("loans", "clients", "pay"), [(4, 0, 0), (5, 0, 20), (6, 0, 90), (10, 0, 420), (16, 0, 1170), (4, 60, 600)]
)
def test_each_component_has_a_threshold_of_its_own(loans: int, clients: int, pay: int) -> None:
    """By hand: 20; 20 + 70; 20 + 280 + 120; 20 + 280 + 720 + 150; and 60 clients earn without a loan that does."""
    assert pay == by_payee(drawn_in_a_month(loans, clients)).get("lin", 0)


# ── referrals ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_referral_is_paid_by_the_size_of_the_loan() -> None:
    """No amounts are published. By hand: 50 for 99 999.99; 100 from 100 000 on; 200 from 250 000 on."""
    sizes = {"A": "99999.99", "B": "100000", "C": "249999.99", "D": "250000", "E": "400000"}
    facts: list[lp.Fact] = []
    for code, size in sizes.items():
        facts += [loan(code, on="2026-01-05"), event(code, "disbursed", "2026-01-06", lp.Money.of(size, "USD"))]
    facts += [lp.Credit(loan=code, payee="tina", role="referrer", on="2026-01-05") for code in "ABCD"]
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee=who, unit="east", role="teller", since="2026-01-01") for who in ("lin", "tina")
        ]
    )
    plans = lp.SchemeBook([lp.template("referral-bands")]).plans()
    found = lp.accrue(lp.Facts.of(facts), plans, people, through=JAN, since=JAN.start)

    assert {"A": 50, "B": 100, "C": 100, "D": 200} == {line.loan: line.amount.exact for line in found.lines}
    assert {"tina": 450} == by_payee(found)


# ── a pool by balances ──────────────────────────────────────────────────────────────────────────────────────


def shared(pool: str, balances: dict[str, int], **npl: str) -> dict[str, Fraction]:
    """What each gets of a pool; an NPL ratio that is not stated is 1%."""
    card = lp.template("balance-pool").resolve(period=MARCH)
    scored = [
        lp.appraise(card, readings={"average_daily_balance": f"{held} CNY", "npl_ratio": npl.get(who, "1%")}, payee=who)
        for who, held in balances.items()
    ]
    return {part.payee: part.amount.exact for part in lp.share_pool(lp.Money.of(pool), scored)}


def test_a_pool_is_shared_by_balances_as_published(published: Published) -> None:
    """Case hamilton-five-counties: 42 parts, here fen, by 247, 185, 459, 400 and 413 thousand."""
    found = case(published, "hamilton-five-counties")
    inputs = found["inputs"]
    names = [f"m{number}" for number in range(len(inputs["weights"]))]
    parts = shared(f"0.{inputs['total']} CNY", dict(zip(names, inputs["weights"], strict=True)))

    assert found["expected"] == [part * 100 for part in parts.values()]


def test_who_bears_bad_loans_leaves_their_part_to_the_others() -> None:
    """By hand: 3, 5 and 2 million of 10 share 100 000; without the second, 3 and 2 of 5."""
    balances = {"an": 3_000_000, "bi": 5_000_000, "cy": 2_000_000}

    assert {"an": 30000, "bi": 50000, "cy": 20000} == shared("100000 CNY", balances)
    assert {"an": 60000, "bi": 0, "cy": 40000} == shared("100000 CNY", balances, bi="3.01%")


# ── an earnings override ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("numbers", "words", "earnings", "bonus"),
    [
        ("100%", "100%", "110%", 82500),
        ("100%", "100%", "100%", 75000),
        ("75%", "100%", "100%", "62812.50"),
        ("74.99%", "100%", "100%", 26250),
        ("200%", "100%", "100%", "99375"),
        ("120%", "100%", "0%", 0),
    ],
)
def test_a_bonus_is_multiplied_by_the_earnings_of_the_bank(numbers: str, words: str, earnings: str, bonus: Any) -> None:
    """The formula and the 37.5% are published; 200 000 × 37.5% × 100% × 110% is 82 500.

    By hand: 65 × 75% + 35 = 83.75 points; below 75% the 35 alone; at most 65 × 150% + 35 = 132.5; no earnings, nothing.
    """
    card = lp.template("earnings-override").resolve(period=MARCH)
    readings = {"goals_in_numbers": numbers, "goals_in_words": words, "earnings@1": earnings}
    assert card.bonus is not None
    found = lp.award(card.bonus, lp.appraise(card, readings=readings), base="200000 USD")

    assert Fraction(bonus) == found.amount.exact
