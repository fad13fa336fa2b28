"""Weights by entropy, CRITIC and pairwise comparison are those of the books, and say that they are no advice."""

from fractions import Fraction
from typing import Any

import pytest

import loanperf as lp
from loanperf.analytics import MethodWeights, ahp_weights, critic_weights, entropy_weights


def in_percent(found: MethodWeights) -> list[str]:
    return [lp.percent(weight) for _, weight in found.weights]


def test_entropy_weighs_by_how_far_people_differ() -> None:
    """Of 1 and 3 the entropy is 0.8113 of ln 2, of 1 and 2 it is 0.9183: 0.1887 to 0.0817."""
    found = entropy_weights({"loans": [1, 3], "customers": [1, 2]})
    assert ["69.8%", "30.2%"] == in_percent(found)
    assert "importance" in found.text()
    assert "重要性" in found.text("zh")


def test_critic_weighs_by_spread_and_by_what_is_of_its_own() -> None:
    """0, 0.5, 1 and 0, 1, 0 are uncorrelated, with standard deviations of 0.5 and 0.5774."""
    assert ["46.4%", "53.6%"] == in_percent(critic_weights({"loans": [0, 1, 2], "customers": [5, 7, 5]}))


def test_two_indicators_that_say_the_same_share_by_critic() -> None:
    """Against a third that goes its own way each of them weighs less: 1 - 1 adds nothing."""
    found = critic_weights({"loans": [0, 1, 2], "amounts": [0, 10, 20], "customers": [5, 7, 5]})
    first, second, third = (weight for _, weight in found.weights)
    assert abs(first - second) <= Fraction(1, 1000)
    assert third > first


def test_comparisons_give_the_weights_of_the_book_and_say_whether_they_agree() -> None:
    """3, 5 and 3 times: 63.7%, 25.8%, 10.5%, with a consistency ratio of 0.033."""
    given: dict[tuple[str, str], Any] = {("volume", "risk"): 3, ("volume", "value"): 5, ("risk", "value"): 3}
    found = ahp_weights(given, ["volume", "risk", "value"])
    assert ["63.7%", "25.8%", "10.5%"] == in_percent(found)
    assert found.consistency is not None
    assert Fraction("0.033") == round(found.consistency, 3)
    assert "一致性比率 0.0332（应小于 0.1），通过一致性检验" in found.text("zh")
    turned: dict[tuple[str, str], Any] = {
        ("volume", "risk"): 3,
        ("volume", "value"): 5,
        ("value", "risk"): Fraction(1, 3),
    }
    assert found == ahp_weights(turned, ["volume", "risk", "value"])
    against = ahp_weights({**given, ("volume", "value"): Fraction(1, 5)}, ["volume", "risk", "value"])
    assert "contradict each other" in against.text()
    assert ["75%", "25%"] == in_percent(ahp_weights({("volume", "risk"): 3}, ["volume", "risk"]))
    assert found == MethodWeights.from_data(found.data())
    assert 3 == len(found.chart()["data"]["values"])


@pytest.mark.parametrize("method", [entropy_weights, critic_weights])
@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "rows"),
        (None, "the columns: it is no Mapping"),
        ({"a": 5}, "the column a: it is no list"),
        ({"a": ["1 CNY", "2 USD"]}, "the column a: it is in CNY and in USD"),
        ({"a": ["1 CNY", 2]}, "the column a: it is in CNY and in no unit"),
        ({"a": [1]}, r"\[1\] rows"),
        ({"a": [1, 2], "b": [1]}, r"\[1, 2\] rows"),
        ({"a": [1, 1], "b": [2, 2]}, "people do not differ"),
        ({"a": [1, float("nan")]}, "nan"),
    ],
)
def test_columns_that_say_nothing_are_refused(method: Any, columns: Any, said: str) -> None:
    """One person, lengths that differ, constants, and what is no exact number."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        method(columns)


def test_entropy_takes_nothing_below_zero() -> None:
    """Shares of a sum are asked for."""
    for values in ([-1, 2], [0, 0]):
        with pytest.raises(lp.errors.DataError, match="below zero"):
            entropy_weights({"a": values})


@pytest.mark.parametrize(
    ("comparisons", "codes", "said"),
    [
        (None, ["a", "b"], "the comparisons: it is no Mapping"),
        ({}, None, "the indicators to compare: it is no list"),
        ({}, ["a"], "compare 2 to 10"),
        ({("a", "a"): 1}, ["a", "a"], "compare 2 to 10"),
        ({}, ["a", "b"], "compared 0 times"),
        ({("a", "b"): 2, ("b", "a"): 2}, ["a", "b"], "compared 2 times"),
        ({("a", "b"): 10}, ["a", "b"], "give 1/9 to 9"),
        ({("a", "b"): 2, ("a", "c"): 2}, ["a", "b"], "compare each pair"),
    ],
)
def test_comparisons_that_are_not_whole_are_refused(comparisons: Any, codes: list[str], said: str) -> None:
    """Each pair once, on the scale of 1 to 9."""
    with pytest.raises(lp.errors.DataError, match=said):
        ahp_weights(comparisons, codes)
