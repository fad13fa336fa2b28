"""Indicators made of others: converted deposits, profit after funds and provision, conversion; down to the facts."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes

YEAR = lp.Period.year(2026)
HEAD = """
name = "profit"
currency = "CNY"
effective = 2026-01-01

[scoring.default]
places = 1
rounding = "half up"

[profiles.all]
targets = { profit = "10万元" }
weights = { profit = "100%" }
"""
MONEY = 'dimension = "performance"\ndirection = "higher is better"\nkind = "money"\n'


def declared(**indicators: str) -> lp.Scheme:
    """A scheme with indicators of money."""
    tables = (f"[indicators.{code}]\n{MONEY}{text}\n" for code, text in indicators.items())
    return lp.parse_scheme(HEAD + "\n".join(tables))


EVA = declared(
    interest='name = { en = "interest", zh = "利息收入" }\nparts = { average_daily_balance = "4.25%" }',
    funds='name = { en = "cost of funds", zh = "资金成本" }\nparts = { average_daily_balance = "3.35%" }',
    profit="parts = { interest = 1, funds = -1 }",
)
FTP = declared(
    deposits='name = { en = "deposits", zh = "存款" }\ntiming = "stock"',
    income='parts = { deposits = "2%" }',
    paid='parts = { deposits = "1.5%" }',
    profit="parts = { income = 1, paid = -1 }",
)


def case(published: Sequence[Mapping[str, Any]], code: str) -> Mapping[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


def loan(number: int, amount: str, officer: str = "lin") -> list[lp.Fact]:
    """A loan whose balance stands all year."""
    code = f"L{number}"
    return [
        lp.Loan(loan=code, customer=code, officer=officer, opened_on="2025-12-01"),
        lp.Balance(loan=code, on="2025-12-31", outstanding=amount),
    ]


def scored(scheme: lp.Scheme, facts: Sequence[lp.Fact], **readings: str) -> lp.Appraisal:
    """What lin scores in the year, of what facts say and of what the host says."""
    staff = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01")])
    given = [lp.Reading.of(code, value, subject="lin") for code, value in readings.items()]
    done = lp.run(
        YEAR,
        facts=MemoryFacts(facts, given),
        people=MemoryPeople(staff),
        schemes=MemorySchemes(lp.SchemeBook([scheme])),
    )
    assert done.problems == ()
    (result,) = done.results
    return result.appraisal


def reading(appraisal: lp.Appraisal, code: str = "profit") -> lp.Reading:
    """The reading of an indicator."""
    found = appraisal.line(code).reading
    assert found is not None
    return found


# ── published ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_loan_earns_its_rate_less_the_price_of_funds(published: list[dict[str, Any]]) -> None:
    """Published (EVA): 10m at 4.25%, funds at 3.35%: 425,000 less 335,000 a year is 90,000; no tax, no impairment.

    The explanation goes down to the balance, once for each part.
    """
    found = case(published, "eva-loan-inputs")
    appraisal = scored(EVA, loan(1, f"{found['inputs']['amount']} CNY"))
    assert Fraction(found["expected"]["net_interest_per_year"]) == reading(appraisal).numerator
    assert Decimal("90.0") == appraisal.score
    parts = [(part.within.en, int(part.amount)) for part in reading(appraisal).parts or ()]
    assert [("interest, average daily balance", 425_000), ("cost of funds, average daily balance", -335_000)] == parts
    said = appraisal.explain()
    assert "interest − cost of funds" in said.text()
    assert "利息收入，日均余额" in said.text("zh")


def test_a_deposit_earns_the_price_of_funds_less_its_rate(published: list[dict[str, Any]]) -> None:
    """Published (FTP): 10m at 1.5%, funds at 2%: 200,000 less 150,000 is 50,000. The host says the deposits."""
    found = case(published, "ftp-deposit")
    appraisal = scored(FTP, loan(1, "1元"), deposits=f"{found['inputs']['amount']} CNY")
    expected = found["expected"]
    assert [Fraction(expected["ftp_income"]), -Fraction(expected["interest_paid"])] == [
        part.amount for part in reading(appraisal).parts or ()
    ]
    assert Fraction(expected["net"]) == reading(appraisal).numerator
    assert "存款：由系统提供" in appraisal.explain().text("zh")


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_profit_is_after_provision() -> None:
    """By hand: 3% of 100万 and 50万 is 45,000; 1% of what is not late and half of 50万 late 100 days, 260,000."""
    curve = "{ knots = [['0 days', '1%'], ['90 days', '50%']], shape = 'step', closed = 'right' }"
    provision = f"{{ over = 'loans', sum = 'balance', weighed_by = 'days_past_due', weights = {curve} }}"
    scheme = declared(
        interest='parts = { average_daily_balance = "3%" }',
        provision=f"measure = {provision}",
        profit="parts = { interest = 1, provision = -1 }",
    )
    late = lp.LoanEvent(loan="L2", kind=lp.EventKind.PAST_DUE, on="2026-12-31", days=100)
    appraisal = scored(scheme, [*loan(1, "100万元"), *loan(2, "50万元"), late])
    assert 45_000 - 10_000 - 250_000 == reading(appraisal).numerator


def test_deposits_are_converted_by_kind() -> None:
    """By hand: 100万 of demand deposits in full and 200万 of term deposits by half are 200万; the rest of 4 is 0."""
    scheme = declared(demand='timing = "stock"', term='timing = "stock"', profit='parts = { demand = 1, term = "50%" }')
    assert 2_000_000 == reading(scored(scheme, loan(1, "1元"), demand="100万元", term="200万元")).numerator


def test_conversion_is_one_sum_over_another() -> None:
    """By hand: deposits of 20万 over 100万 of loans that facts say are 20%; of a team the sum over the sum."""
    ratio = MONEY.replace('"money"', '"ratio"')
    text = f'[indicators.deposits]\n{MONEY}timing = "stock"\n[indicators.profit]\n{ratio}'
    parts = "parts = { deposits = 1 }\ndivided_by = { average_daily_balance = 1 }\n"
    scheme = lp.parse_scheme(HEAD.replace('"10万元"', '"40%"') + text + parts)
    appraisal = scored(scheme, loan(1, "100万元"), deposits="20万元")
    found = reading(appraisal)
    assert (200_000, 1_000_000, Decimal("50.0")) == (int(found.numerator), int(found.denominator or 0), appraisal.score)
    assert "(average daily balance)" in appraisal.explain().text()


def test_a_part_that_the_host_says_stands_in_the_place_of_facts() -> None:
    """By hand: the host says 20m of average balance where facts say 10m: 180,000 and not 90,000."""
    assert 180_000 == reading(scored(EVA, loan(1, "1000万元"), average_daily_balance="2000万元")).numerator
    assert 7 == reading(scored(EVA, loan(1, "1000万元"), profit="7元")).numerator


def test_a_team_has_the_sum_of_its_members() -> None:
    """By hand: 9,000 and 18,000 are 27,000, by columns and with reasons, and none is missing where one has no loan."""
    facts = [*loan(1, "100万元"), *loan(2, "200万元", "wu")]
    measured = lp.measure(facts, YEAR, [EVA.indicator("profit")], currency="CNY")
    team = measured.team("east", ["lin", "wu", "nobody"])["profit"]
    assert (27_000, 4) == (int(team.numerator), len(team.parts or ()))
    assert [9_000, 18_000] == [measured.of(payee)["profit"].numerator for payee in ("lin", "wu")]
    assert [10_000_000 * Fraction("0.009")] == [reading(scored(EVA, loan(1, "1000万元"))).numerator]


def test_a_part_that_is_missing_leaves_no_reading() -> None:
    """A profit of which half is not known is not half a profit."""
    with pytest.raises(AssertionError):
        scored(FTP, loan(1, "1元"))


@given(st.fractions(-3, 3, max_denominator=7), st.fractions(-3, 3, max_denominator=9), st.integers(1, 2**62))
def test_it_is_the_sum_of_its_parts_to_the_last_digit(one: Fraction, other: Fraction, units: int) -> None:
    """Whatever the factors and however large the amounts: no float, no overflow, and parts that sum to the whole."""
    entries = tuple(
        evolve(entry, parts=(("average_daily_balance", factor),)) if entry.code == code else entry
        for code, factor in (("interest", one), ("funds", other))
        for entry in EVA.indicators
        if entry.code == code
    )
    scheme = evolve(EVA, indicators=(*entries, EVA.indicators[-1]))
    facts = [*loan(1, "100万元"), *loan(2, f"{units}.07 CNY")]
    found = lp.measure(facts, YEAR, [scheme.indicator("profit")], currency="CNY").of("lin")["profit"]
    assert (one - other) * (1_000_000 + units + Fraction(7, 100)) == found.numerator
    assert found.numerator == sum(part.amount for part in found.parts or ())


# ── what cannot be ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        (
            {"profit": "parts = { profits = 1 }"},
            r"profit.parts.profits.*there is no indicator of that code",
        ),
        (
            {"profit": "parts = { other = 1 }", "other": "parts = { profit = 1 }"},
            "made of itself: profit → other",
        ),
        ({"profit": "parts = { npl_ratio = 1 }"}, r"\$.indicators.profit.parts.npl_ratio.*NPL ratio is no sum"),
        ({"profit": "parts = { disbursed_amount = 1, customer_count = 1 }"}, "money and counts are not added up"),
        (
            {"profit": "divided_by = { disbursed_amount = 1 }"},
            "profit.divided_by.* nothing to divide",
        ),
        ({"profit": "parts = { customer_count = 1 }"}, r"\$.indicators.profit.kind.*its measure comes to number"),
        (
            {"profit": "parts = { loan_amount = 1 }\nmeasure = { over = 'loans', sum = 'balance' }"},
            "a measure too",
        ),
    ],
)
def test_what_cannot_be_composed_is_refused(tables: dict[str, str], says: str) -> None:
    """What, where, and what to do."""
    with pytest.raises(lp.errors.SchemeError, match=says):
        declared(**tables)


def test_a_composed_indicator_is_written_as_it_was_read_and_told() -> None:
    """Whoever approves a version sees the factor that changes."""
    assert EVA == lp.parse_scheme(lp.schemes.write_scheme(EVA), "json")
    entries = [evolve(one, parts=(("average_daily_balance", Fraction(4, 100)),)) if one.code == "interest" else one
               for one in EVA.indicators]  # fmt: skip
    (change,) = lp.diff(EVA, evolve(EVA, indicators=tuple(entries)))
    assert str(change) == "the average daily balance of the parts of the indicator interest falls from 4.25% to 4%"
    assert change.to("zh") == "指标 利息收入的构成的日均余额由 4.25% 降至 4%"


# ── ready to be measured ────────────────────────────────────────────────────────────────────────────────────


def test_a_scheme_gives_its_indicators_ready_to_be_measured() -> None:
    """With its options and its parts; a card measures the facts of its month at once."""
    facts = [*loan(1, "100万元"), *loan(2, "100万元"), *loan(3, "200万元")]
    bad = lp.LoanEvent(loan="L3", kind=lp.EventKind.CLASSIFIED, on="2026-03-01", category=lp.Category.LOSS)
    text = HEAD + f"[indicators.profit]\n{MONEY}parts = {{ average_daily_balance = '1%' }}\n"
    scheme = lp.parse_scheme(text + "[indicators.npl_ratio.options]\nbasis = 'count'\n")

    def ratio(asked: lp.Scheme) -> Fraction:
        found = lp.measure([*facts, bad], YEAR, [asked.indicator("npl_ratio")], currency="CNY").of("lin")["npl_ratio"]
        assert found.value is not None
        return found.value.value

    assert (Fraction(1, 3), Fraction(1, 2)) == (ratio(scheme), ratio(EVA))  # one of three; 200万 of 400万
    card = scheme.resolve(period=YEAR)
    own = card.measure(facts).of("lin")
    assert [*own] == ["profit"]
    assert Decimal("40.0") == lp.appraise(card, readings=own, payee="lin").score
    with pytest.raises(lp.errors.UnknownIndicatorError, match="npl_ration"):
        scheme.indicator("npl_ration")


def test_npl_by_count_may_have_what_is_written_off() -> None:
    """By hand: one of two loans with a balance is bad, and a third is written off: 1 of 2, and 2 of 3."""
    facts = [*loan(1, "100万元"), *loan(2, "100万元"), *loan(3, "50万元")]
    facts.append(lp.LoanEvent(loan="L2", kind=lp.EventKind.CLASSIFIED, on="2026-03-01", category=lp.Category.DOUBTFUL))
    facts.append(lp.LoanEvent(loan="L3", kind=lp.EventKind.WRITTEN_OFF, on="2026-03-01", amount="50万元"))
    for written_off, expected in (("excluded", Fraction(1, 2)), ("included", Fraction(2, 3))):
        asked = lp.indicator("npl_ratio", {"basis": "count", "written_off": written_off})
        (found,) = lp.measure(facts, YEAR, [asked], currency="CNY")
        assert found.value is not None
        assert expected == found.value.value
