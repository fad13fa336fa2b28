"""Allocation: parts in whole steps that sum to the total exactly, as fair as whole steps can be."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import permutations, product
from random import Random
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import loanperf as lp

Published = list[dict[str, Any]]
Bounds = Sequence[int | None]
MONEY = st.builds(lp.Money.from_units, st.integers(-(10**18), 10**18), st.sampled_from(["CNY", "JPY", "KWD", "CLF"]))


def case(published: Published, code: str) -> dict[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


TIE_BREAKS = st.sampled_from(["first", "last", "largest weight", "smallest weight"])
WEIGHTS = st.lists(st.integers(0, 50) | st.fractions(0, 10), min_size=1, max_size=8).filter(any)


def split(
    total: Any,
    weights: Sequence[Any],
    *,
    step: Any = 1,
    floors: Any = None,
    caps: Any = None,
    tie_break: Any = "first",
    owed: Any = None,
) -> list[Any]:
    """The parts of a total."""
    return list(lp.allocate(total, weights, step=step, tie_break=tie_break, floors=floors, caps=caps, owed=owed))


@pytest.mark.parametrize("code", ["hamilton-five-counties", "lr-package-list", "lr-package-mapping"])
def test_published_largest_remainders(published: Published, code: str) -> None:
    """Seats and parts, divided by Hamilton's method in a textbook and by another library."""
    found = case(published, code)

    assert found["expected"] == split(found["inputs"]["total"], found["inputs"]["weights"])


def test_a_year_divided_by_the_seasons(published: Published) -> None:
    """ERPNext divides a year into ten months of 8% and two of 10%; the shares come to the year."""
    found = case(published, "target-monthly-distribution-erpnext")
    months = found["inputs"]["percentages"]

    assert found["expected"]["sum"] == sum(months)
    assert [96] * 10 + [120] * 2 == split(1200, months)
    assert lp.Money.of("1亿元") == sum(split(lp.Money.of("1亿元"), months), lp.Money.from_units(0, "CNY"))


def test_a_bonus_divided_by_stages(published: Published) -> None:
    """seed-stage-20-80: a corporate deal pays 20% at due diligence and 80% at disbursement."""
    found = case(published, "seed-stage-20-80")
    bonus, stages = lp.Money.of(found["inputs"]["bonus"], "CNY"), found["inputs"]["stages"]
    parts = split(bonus, [lp.quantity(share).value for _, share in stages])

    expected = {stage: lp.Money.of(amount, "CNY") for stage, amount in found["expected"].items()}
    assert expected == dict(zip([stage for stage, _ in stages], parts, strict=True))


def test_a_team_target_divided_by_head(published: Published) -> None:
    """A hundred people of equal history carry 1 million each of 100 million; the page implies the hundred."""
    found = case(published, "seed-decompose-target")
    goal, each = lp.Money.of(found["inputs"]["team_target"], "CNY"), lp.Money.of(found["inputs"]["per_person"], "CNY")

    assert [each] * int(found["expected"]["implied_headcount"]) == split(goal, [1] * 100)


def test_an_order_split_between_two(published: Published) -> None:
    """ERPNext credits each of two sales persons with half of an order of 20, 40 short of the target of 50."""
    found = case(published, "split-erpnext-sales-person")
    given_, expected = found["inputs"], found["expected"]
    achieved = split(given_["qty"], [given_["share"], 100 - given_["share"]])

    assert [expected["achieved"]] * 2 == achieved
    assert expected["variance"] == achieved[0] - given_["target_qty"]


def test_thirds_of_100_percent_sum_to_100_percent() -> None:
    """33.4/33.3/33.3: three equal weights at a tenth of a percent, as the design has it."""
    tenths = split(Fraction(100), [1, 1, 1], step=Fraction(1, 10))

    assert [Fraction("33.4"), Fraction("33.3"), Fraction("33.3")] == tenths
    assert 100 == sum(tenths)
    assert tenths == split(Fraction(100), [Decimal("33.4"), Decimal("33.3"), Decimal("33.3")], step=Fraction(1, 10))


@given(st.integers(0, 10**6), WEIGHTS, TIE_BREAKS)
def test_parts_sum_to_the_total_and_lie_within_a_step_of_their_quota(
    total: int, weights: list[Fraction], tie_break: str
) -> None:
    """Nothing is lost or made, and nobody is a whole step away from what is due (the quota rule)."""
    parts = split(total, weights, tie_break=tie_break)

    assert total == sum(parts)
    assert all(
        abs(part - Fraction(total) * weight / sum(weights)) < 1 for part, weight in zip(parts, weights, strict=True)
    )


@given(st.integers(0, 10**6), WEIGHTS, TIE_BREAKS)
def test_a_larger_weight_never_gets_less(total: int, weights: list[Fraction], tie_break: str) -> None:
    """Whoever brought more is never given a smaller share."""
    parts = split(total, weights, tie_break=tie_break)

    for (one, mine), (other, theirs) in permutations(zip(weights, parts, strict=True), 2):
        if one > other:
            assert mine >= theirs


@given(st.integers(0, 10**6), WEIGHTS, st.fractions(Fraction(1, 100), 100))
def test_only_the_proportion_of_weights_counts(total: int, weights: list[Fraction], factor: Fraction) -> None:
    """Weights in 元, in 万元 or in percent are the same weights."""
    assert split(total, weights) == split(total, [weight * factor for weight in weights])


@given(
    st.integers(0, 10**6), st.lists(st.integers(0, 50), min_size=1, max_size=8, unique=True).filter(any), st.randoms()
)
def test_the_order_of_different_weights_does_not_matter(total: int, weights: list[int], chance: Random) -> None:
    """Where a tie is broken by weight, nobody gains from standing first in a list."""
    other = chance.sample(weights, len(weights))
    for tie_break in ("largest weight", "smallest weight"):
        one = dict(zip(weights, split(total, weights, tie_break=tie_break), strict=True))
        assert one == dict(zip(other, split(total, other, tie_break=tie_break), strict=True))


def test_a_tie_falls_as_stated() -> None:
    """By hand: 3 steps among weights 1, 3, 1, 3 are quotas of 3/8, 9/8, 3/8 and 9/8; one step is left for two."""
    assert [1, 1, 0, 1] == split(3, [1, 3, 1, 3], tie_break="first")
    assert [0, 1, 1, 1] == split(3, [1, 3, 1, 3], tie_break="last")
    # 2 steps among 1 and 3 are quotas of 1/2 and 3/2.
    assert [0, 2] == split(2, [1, 3], tie_break="largest weight")
    assert [1, 1] == split(2, [1, 3], tie_break="smallest weight")


@given(st.integers(1, 10**6), WEIGHTS, TIE_BREAKS)
def test_a_negative_total_is_the_mirror_of_the_positive(total: int, weights: list[Fraction], tie_break: str) -> None:
    """A reversal takes from each exactly what the entry gave."""
    assert [-part for part in split(total, weights, tie_break=tie_break)] == split(-total, weights, tie_break=tie_break)


@given(MONEY, WEIGHTS)
def test_money_is_divided_in_smallest_units(amount: lp.Money, weights: list[Fraction]) -> None:
    """A pool of money leaves no fen behind."""
    parts = split(amount, weights)

    assert amount == sum(parts, lp.Money.from_units(0, amount.currency))
    assert [part.units for part in parts] == split(amount.units, weights)


def test_money_is_divided_in_larger_steps() -> None:
    """Targets in whole 万元: 1 million of them among 1, 1 and 1 is 34, 33 and 33."""
    parts = split(lp.Money.of("100万元"), [1, 1, 1], step=1_000_000)

    assert [lp.Money.of(text) for text in ("34万元", "33万元", "33万元")] == parts


def quotas(total: int, weights: Sequence[int], floors: Sequence[int], caps: Bounds) -> list[Fraction]:
    """What each is due: one rate times the weight, but where that is below a floor or above a cap, the bound.

    Who is held at a bound is found by trying every combination; the right one is that of some rate.
    """
    everyone = list(zip(weights, floors, [total if cap is None else cap for cap in caps], strict=True))
    for held in product(("floor", "cap", "free"), repeat=len(weights)):
        groups = {kind: [one for one, hold in zip(everyone, held, strict=True) if hold == kind] for kind in held}
        free = sum(weight for weight, _, _ in groups.get("free", ()))
        rest = (
            total - sum(low for _, low, _ in groups.get("floor", ())) - sum(cap for _, _, cap in groups.get("cap", ()))
        )
        least = max([Fraction(cap, weight) for weight, _, cap in groups.get("cap", ())], default=Fraction(0))
        most = min([Fraction(low, weight) for weight, low, _ in groups.get("floor", ())], default=Fraction(10**9))
        rate = Fraction(rest, free) if free else least
        within = all(low <= rate * weight <= cap for weight, low, cap in groups.get("free", ()))
        if least <= rate <= most and within and (free or rest == 0):
            return [min(max(rate * weight, Fraction(low)), Fraction(cap)) for weight, low, cap in everyone]
    raise AssertionError("no rate is right")


def all_parts(total: int, floors: Sequence[int], caps: Bounds) -> list[tuple[int, ...]]:
    """Every way to divide a total within the bounds."""
    ranges = [
        range(low, min(total, total if high is None else high) + 1) for low, high in zip(floors, caps, strict=True)
    ]
    return [parts for parts in product(*ranges) if sum(parts) == total]


BOUNDED = st.integers(1, 4).flatmap(
    lambda count: st.tuples(
        st.lists(st.integers(1, 9), min_size=count, max_size=count),
        st.lists(st.integers(0, 5), min_size=count, max_size=count),
        st.lists(st.none() | st.integers(0, 12), min_size=count, max_size=count),
    )
)


@given(st.integers(0, 15), BOUNDED)
@example(10, ([5, 3, 2], [0, 0, 4], [4, None, None]))
def test_no_division_within_floors_and_caps_is_fairer(
    total: int, given_: tuple[list[int], list[int], list[int | None]]
) -> None:
    """Of all ways to divide within the bounds, tried one by one, none is nearer to what each is due."""
    weights, floors, caps = given_
    ways = all_parts(total, floors, caps)
    if not ways:
        with pytest.raises(lp.errors.AllocationError):
            split(total, weights, floors=floors, caps=caps)
        return
    parts = split(total, weights, floors=floors, caps=caps)
    due = quotas(total, weights, floors, caps)

    def unfairness(way: Sequence[int]) -> Fraction:
        return sum(((part - quota) ** 2 for part, quota in zip(way, due, strict=True)), Fraction(0))

    assert tuple(parts) in ways
    assert min(map(unfairness, ways)) == unfairness(parts)


def test_floors_and_caps_by_hand() -> None:
    """10 among 5, 3 and 2: nobody above 4 and the last not below 4 leaves 2 for the one between, whose due is 3."""
    assert [5, 3, 2] == split(10, [5, 3, 2])
    assert [4, 4, 2] == split(10, [5, 3, 2], caps=[4, None, 2])
    assert [4, 2, 4] == split(10, [5, 3, 2], caps=[4, None, None], floors=[0, 0, 4])
    assert [6, 4, 0] == split(10, [3, 2, 0], floors=[0, 0, 0])
    assert [5, 3, 2] == split(10, [3, 2, 0], floors=[0, 0, 2])
    # Bounds between steps hold to the step within: at least 1.5 is 2, at most 2.5 is 2.
    assert [2, 8] == split(10, [1, 99], floors=[Fraction(3, 2), 0])
    assert [2, 8] == split(10, [99, 1], caps=[Fraction(5, 2), None])


def test_a_floor_below_zero_is_no_floor() -> None:
    """Nobody is given less than nothing of a positive total."""
    assert [0, 6] == split(6, [0, 1], floors=[-5, 2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": []}, "no weight is above zero; give one at least"),
        ({"weights": [0, 0]}, "no weight is above zero; give one at least"),
        ({"weights": [1, -1]}, "a weight is negative; give weights of zero or more"),
        ({"step": 0}, "the step is 0; give a step above zero"),
        ({"step": -1}, "the step is -1; give a step above zero"),
        ({"step": 3}, "10 is not a whole number of steps of 3; choose a step that divides it"),
        ({"total": Fraction(1, 3)}, "1/3 is not a whole number of steps of 1"),
        ({"floors": [6, 5]}, "the floors come to more than the total or than a cap; lower them"),
        ({"floors": [3, 0], "caps": [2, None]}, "the floors come to more than the total or than a cap; lower them"),
        ({"caps": [4, 5]}, "the caps come to less than the total; raise them"),
        ({"weights": [1, 0], "caps": [4, None]}, "the caps come to less than the total; raise them"),
        ({"floors": [1]}, "there are 1 bounds for 2 weights; give one for each weight"),
        ({"caps": [1, 2, 3]}, "there are 3 bounds for 2 weights; give one for each weight"),
        ({"floors": []}, "there are 0 bounds for 2 weights; give one for each weight"),
        ({"total": -10, "floors": [0, 0]}, "a negative total takes no floors and caps; allocate its absolute value"),
        ({"tie_break": "alphabet"}, "there is no tie-break 'alphabet'; use one of first, last, largest weight"),
        ({"total": lp.Money.from_units(3, "CNY"), "step": Fraction(1, 2)}, "the step is 0.5 of a smallest unit"),
    ],
)
def test_what_cannot_be_divided_is_refused(change: dict[str, Any], message: str) -> None:
    """Bounds that contradict each other and parts of a fen are told before anybody is paid."""
    with pytest.raises(lp.errors.AllocationError, match=f"cannot allocate: {message}"):
        split(**{"total": 10, "weights": [1, 1], **change})


@pytest.mark.parametrize("change", [{"total": 10.0}, {"weights": [0.5, 0.5]}, {"step": 0.1}, {"caps": [1.5, None]}])
def test_floats_are_not_allocated(change: dict[str, Any]) -> None:
    """0.1 is no tenth, and 1.1 is not eleven of them."""
    with pytest.raises(lp.errors.FloatError):
        split(**{"total": 10, "weights": [1, 1], **change})


def test_parts_are_of_the_type_of_the_total() -> None:
    """An int stays an int where the step is one; else parts are Fractions."""
    assert [int, int] == [type(part) for part in split(3, [1, 2])]
    assert [int, int] == [type(part) for part in split(np.int64(3), [1, 2])]
    assert [Fraction, Fraction] == [type(part) for part in split(Fraction(3), [1, 2])]
    assert [Fraction, Fraction] == [type(part) for part in split(3, [1, 2], step=Fraction(1, 2))]


def test_a_pool_of_5000_with_bounds_is_divided_at_once() -> None:
    """A bank's pool has thousands of shares with a floor and a cap each."""
    weights = [1 + 7919 * number % 1000 for number in range(5000)]
    floors = [104729 * number % 10**5 for number in range(5000)]
    start = process_time()
    parts = split(10**9, weights, floors=floors, caps=[10**7] * 5000)

    assert 10**9 == sum(parts)
    assert process_time() - start < 5


UNRELATED = [Fraction(10**9 + 7 * number, 10**9 + 9 * number + 1) for number in range(800)]
"""800 fractions of which no two have a denominator in common."""


@pytest.mark.parametrize("bounds", [{}, {"floors": [1000] * 800, "caps": [2000] * 800}], ids=["free", "bounded"])
def test_800_unrelated_fractions_are_divided_at_once(bounds: dict[str, Any]) -> None:
    """Weights that are themselves quotients, such as ratios of payees: their sum has thousands of digits."""
    start = process_time()
    parts = split(10**6, UNRELATED, **bounds)

    assert 10**6 == sum(parts)
    assert process_time() - start < 5


def test_weights_without_end_are_refused_before_the_work() -> None:
    """Millions of digits of a common denominator are no plan of anybody's."""
    start = process_time()
    with pytest.raises(lp.errors.AllocationError, match="the weights have too many denominators; round them"):
        split(10**6, [Fraction(1, 10**250 + number) for number in range(2000)])

    assert process_time() - start < 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"total": "10"}, r"the total is '10'; read it with lp\.Money\.of"),
        ({"total": "10 CNY"}, r"the total is '10 CNY'; read it with lp\.Money\.of"),
        ({"total": None}, "the total is None; pass an int, a Fraction or a Decimal"),
        ({"weights": ["1", "2"]}, "a weight is '1'; pass an int, a Fraction or a Decimal"),
        ({"weights": "12"}, "the weights are '12'; pass a list of numbers"),
        ({"weights": 5}, "the weights are 5; pass a list of numbers"),
        ({"weights": [lp.Money("1 CNY")]}, r"a weight is Money\('1.00 CNY'\); pass an int"),
        ({"weights": [None, 1]}, "a weight is None; pass an int"),
        ({"step": "1%"}, "the step is '1%'; pass an int"),
        ({"floors": "01"}, "the bounds are '01'; pass a list of numbers"),
        ({"floors": ["0", 1]}, "a floor is '0'; pass an int"),
        ({"caps": [True, None]}, "a cap is True; pass an int"),
        ({"weights": [10**5000, 1]}, "a weight is <int too long to print>; pass an int"),
    ],
)
def test_what_is_no_number_is_told_by_what_it_was_for(change: dict[str, Any], message: str) -> None:
    """Text that came from a file unread is the caller's slip: the message says of which argument."""
    with pytest.raises(lp.errors.AllocationError, match=f"cannot allocate: {message}"):
        split(**{"total": 10, "weights": [1, 1], **change})


# ── d'Hondt ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_d_hondt_divides_seats_as_published() -> None:
    """Published (Wikipedia, "D'Hondt method"): 100,000, 80,000, 30,000 and 20,000 votes for 8 seats: 4, 3, 1, 0.

    By largest remainder they are 3, 3, 1, 1: quotas of 3.48, 2.78, 1.04 and 0.70, and two seats left over.
    """
    votes = [100_000, 80_000, 30_000, 20_000]
    assert lp.allocate(8, votes, step=1, tie_break="first", method="d'hondt") == (4, 3, 1, 0)
    assert lp.allocate(8, votes, step=1, tie_break="first") == (3, 3, 1, 1)


def test_d_hondt_keeps_bounds_and_ties() -> None:
    """By hand: with at most 3 the fourth seat goes to the next quotient, 80,000/4 and 20,000/1: the first of them."""
    votes = [100_000, 80_000, 30_000, 20_000]
    how: Any = {"step": 1, "method": "d'hondt"}
    assert lp.allocate(8, votes, caps=[3, None, None, None], tie_break="first", **how) == (3, 4, 1, 0)
    assert lp.allocate(8, votes, caps=[3, None, None, None], tie_break="last", **how) == (3, 3, 1, 1)
    assert lp.allocate(8, votes, floors=[0, 0, 0, 2], tie_break="first", **how) == (3, 2, 1, 2)
    assert lp.allocate(lp.Money("-0.08 CNY"), votes, tie_break="first", **how) == tuple(
        lp.Money.from_units(-part, "CNY") for part in (4, 3, 1, 0)
    )
    with pytest.raises(lp.errors.AllocationError, match="there is no method 'adams'; use one of largest"):
        lp.allocate(8, votes, step=1, tie_break="first", method="adams")  # type: ignore[arg-type]


@given(st.integers(0, 60), st.lists(st.integers(0, 50), min_size=1, max_size=6).filter(any))
def test_d_hondt_is_one_seat_after_the_other(seats: int, votes: list[int]) -> None:
    """As its rule says it: each seat to the largest votes per seat with it."""
    won = [0] * len(votes)
    for _ in range(seats):
        best = max(range(len(votes)), key=lambda place: (Fraction(votes[place], won[place] + 1), -place))
        won[best] += 1
    assert tuple(won) == lp.allocate(seats, votes, step=1, tie_break="first", method="d'hondt")


# ── what is owed of earlier roundings ───────────────────────────────────────────────────────────────────────


def test_who_is_owed_most_is_served_first() -> None:
    """By hand, 100 among three equals: one step is left over, and falls to who lost most before, not to the first."""
    owed = [Fraction(-2, 3), Fraction(1, 3), Fraction(1, 3)]
    assert [33, 34, 33] == split(100, [1, 1, 1], owed=owed)
    assert [33, 33, 34] == split(100, [1, 1, 1], owed=owed, tie_break="last")
    with pytest.raises(lp.errors.AllocationError, match="there are 1 bounds for 3 weights"):
        split(100, [1, 1, 1], owed=[1])


@given(st.lists(st.tuples(st.integers(0, 1000), WEIGHTS), min_size=1, max_size=6))
def test_what_is_owed_moves_nobody_beyond_their_quota(months: list[tuple[int, list[Fraction]]]) -> None:
    """Whatever was owed: the parts sum, and each is one of the two whole numbers beside what is due."""
    for total, weights in months:
        due = [Fraction(total) * weight / sum(weights) for weight in weights]
        owed = [Fraction(place - 2) for place in range(len(weights))]
        parts = split(total, weights, owed=owed)
        assert total == sum(parts)
        assert all(abs(part - quota) < 1 for part, quota in zip(parts, due, strict=True))


@given(st.lists(st.integers(0, 100), min_size=12, max_size=12), WEIGHTS)
def test_over_a_year_of_months_nobody_is_two_steps_from_what_is_due(months: list[int], weights: list[Fraction]) -> None:
    """Rounded each month for itself, one of nine people may be four steps behind after twelve months."""
    behind = [Fraction(0)] * len(weights)
    for total in months:
        parts = split(total, weights, owed=behind)
        due = [Fraction(total) * weight / sum(weights) for weight in weights]
        behind = [before + quota - part for before, quota, part in zip(behind, due, parts, strict=True)]
        assert all(abs(left) < 2 for left in behind)
