"""Mix, rate and volume sum to the change, exactly; the order of segments does not matter."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.analytics import MixEffects, mix_effects
from loanperf.analytics._mix import Parts


def must_sum(found: MixEffects) -> None:
    (was, before), (now, after) = found.before, found.after
    assert now - was == found.volume + found.mix + found.rate
    assert now / after - was / before == sum(found.ratio_change)
    assert sum(one.shares[0] for one in found.segments) == sum(one.shares[1] for one in found.segments) == 1


def test_unsecured_grows_and_sours() -> None:
    """Secured 1% of 80, then of 70. Unsecured 4% of 20, then 6% of 50. Amounts in 万.

    R₀ = 1.6 / 100 = 1.6%, W₁ = 120. Volume: 20 × 1.6% = 0.32. Mix: unsecured from 20% to 5/12 of all:
    120 × (5/12 − 1/5) × (4% − 1.6%) = 26 × 2.4% = 0.624; secured 120 × (7/12 − 4/5) × (1% − 1.6%) = 0.156. Rate:
    50 × 2% = 1. In all 2.1, from 1.6 to 3.7: 0.7 and 3.0.
    """
    before: Parts = {"secured": (Decimal("0.8"), 80), "unsecured": (Decimal("0.8"), 20)}
    after: Parts = {"secured": (Decimal("0.7"), 70), "unsecured": (3, 50)}
    found = mix_effects(before, after)
    must_sum(found)
    assert (Fraction("0.32"), Fraction("0.78"), Fraction(1)) == (found.volume, found.mix, found.rate)
    assert [Fraction("0.156"), Fraction("0.624")] == [one.mix for one in found.segments]
    assert [Fraction(0), Fraction(1)] == [one.rate for one in found.segments]
    # 0.78 / 120 and 1 / 120.
    assert (Fraction(13, 2000), Fraction(1, 120)) == found.ratio_change


def test_more_small_business_with_the_same_rates() -> None:
    """A share of customers of 30% that becomes 50% makes amounts 40% larger and the NPL ratio 3 points higher.

    That holds with constant rates where a small business borrows 6 times as much, and its NPL is 21.875 points higher:
    of 100 customers, 30 × 6 + 70 = 250 becomes 50 × 6 + 50 = 350, and 6/7 − 18/25 = 24/175 of 21.875 points is 3.
    """
    rate = Fraction("0.21875")
    before: Parts = {"small business": (180 * rate, 180), "others": (0, 70)}
    after: Parts = {"small business": (300 * rate, 300), "others": (0, 50)}
    found = mix_effects(before, after)
    must_sum(found)
    assert Fraction(40, 100) == found.after[1] / found.before[1] - 1
    assert (Fraction(3, 100), Fraction(0)) == found.ratio_change


def test_a_new_segment_is_mix() -> None:
    """10% of 50 beside 2% of 100: the ratio rises by (5 + 2) / 150 − 2% = 8/3 points, all of it mix."""
    found = mix_effects({"old": (2, 100)}, {"old": (2, 100), "new": (5, 50)})
    must_sum(found)
    assert (Fraction(2, 75), Fraction(0)) == found.ratio_change


AMOUNTS = st.fractions(0, 1000, max_denominator=100)
SEGMENTS = st.dictionaries(st.sampled_from("abcde"), st.tuples(AMOUNTS, AMOUNTS.filter(bool)), min_size=1)


@given(SEGMENTS, SEGMENTS)
def test_the_effects_sum_exactly(
    before: dict[str, tuple[Fraction, Fraction]], after: dict[str, tuple[Fraction, Fraction]]
) -> None:
    found = mix_effects(before, after)
    must_sum(found)
    turned = mix_effects(dict(reversed(before.items())), dict(reversed(after.items())))
    assert {one.segment: one for one in found.segments} == {one.segment: one for one in turned.segments}
    assert MixEffects.from_data(found.data()) == found


def test_amounts_are_in_their_currency() -> None:
    money = lp.Money
    before = {
        "secured": (money("8000 CNY"), money("800000 CNY")),
        "unsecured": (money("8000 CNY"), money("200000 CNY")),
    }
    found = mix_effects(before, before, unit="CNY")
    must_sum(found)
    said = found.text("zh")
    assert "总比率由 1.6% 变为 1.6%，变动 0 个百分点：结构影响 0，比率影响 0" in said
    assert 4 == len(found.chart()["data"]["values"])


@pytest.mark.parametrize(
    ("before", "after", "error", "said"),
    [
        ({"a": (1, 0)}, {"a": (1, 1)}, lp.errors.DataError, "a before: a part of 1 of a whole of 0"),
        ({}, {"a": (1, 1)}, lp.errors.DataError, "the segments before: the whole of all of them is zero"),
        ({"a": (1, 1)}, {"a": (0, 0)}, lp.errors.DataError, "the segments after: the whole of all of them is zero"),
        ({"a": (0.5, 1)}, {"a": (1, 1)}, lp.errors.FloatError, "0.5"),
        ({"a": (1, 1)}, {"a": (float("nan"), 1)}, lp.errors.FloatError, "nan"),
        ({"a": ("1", 1)}, {"a": (1, 1)}, lp.errors.DataError, "no exact number"),
        ({"a": (Decimal("NaN"), 1)}, {"a": (1, 1)}, lp.errors.DataError, "it is NaN"),
        (None, {"a": (1, 1)}, lp.errors.DataError, "the segments before: it is no Mapping"),
        ({"a": (1, 1)}, {"a": 5}, lp.errors.DataError, "a after: it is 5"),
        ({"a": (1, 2, 3)}, {"a": (1, 1)}, lp.errors.DataError, "a before: it is .1, 2, 3."),
        ({5: (1, 2)}, {"a": (1, 1)}, lp.errors.DataError, "a code of the segments before: it is no str"),
        ({"a": (-1, 2)}, {"a": (1, 1)}, lp.errors.DataError, "a before: a part of -1 of a whole of 2"),
        ({"a": (lp.Money("1 USD"), 1)}, {"a": (1, 1)}, lp.errors.DataError, "it is in USD, and the unit is none"),
    ],
)
def test_what_makes_no_ratio_is_refused(before: Any, after: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        mix_effects(before, after)


def test_names_that_are_none_are_refused() -> None:
    names: Any = 5
    with pytest.raises(lp.errors.DataError, match="names: it is no Mapping"):
        mix_effects({"a": (1, 2)}, {"a": (1, 2)}, names=names)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"unit": None}, "unit: it is no str"),
        ({"unit": "loans"}, "loans"),
        ({"people": "7"}, "people: it is '7'"),
        ({"names": {"a": "A"}}, "the name of a: it is no Label"),
    ],
)
def test_what_is_no_unit_name_or_number_of_people_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        mix_effects({"a": (1, 2)}, {"a": (1, 2)}, **given)


def test_bad_loans_of_the_sba_book_by_product(shared_data: Path) -> None:
    """Charged-off loans by count, approved until 2000 and from 2001: what a plain count gives, and nothing is left."""
    before, after = counts_of(shared_data / "sba.csv")
    found = mix_effects(before, after)
    must_sum(found)
    assert [sum(bad for bad, _ in before.values()), sum(all_ for _, all_ in before.values())] == [*found.before]
    assert found.mix + found.rate + found.volume == sum(bad for bad, _ in after.values()) - found.before[0]


def test_late_balances_of_the_lendingclub_book_by_product(shared_data: Path) -> None:
    """Dollars that are 31 days late or more, of loans of January and of March: effects sum to the cent."""
    found: tuple[dict[str, tuple[Decimal, Decimal]], ...] = ({}, {})
    with (shared_data / "lendingclub.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            month, balance = row["open_date"][:7], Decimal(row["balance"])
            if month != "2018-02" and balance:
                held = found[month == "2018-03"]
                late, whole = held.get(row["product"], (Decimal(0), Decimal(0)))
                more = balance if row["status"] == "Late (31-120 days)" else 0
                held[row["product"]] = late + more, whole + balance
    effects = mix_effects(*found, unit="USD")
    must_sum(effects)
    was, now = (sum(late for late, _ in side.values()) for side in found)
    assert Fraction(now) - Fraction(was) == effects.volume + effects.mix + effects.rate


def counts_of(path: Path) -> tuple[Mapping[str, tuple[int, int]], ...]:
    found: tuple[dict[str, list[int]], ...] = (defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0]))
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            pair = found[row["open_date"] >= "2001"][row["product"]]
            pair[0] += int(Decimal(row["bad"]))
            pair[1] += 1
    return tuple({product: (bad, all_) for product, (bad, all_) in one.items()} for one in found)
