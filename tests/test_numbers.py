"""Primitives over columns: each is held to whole numbers and Fractions, at every bound and in both number types."""

import pickle
import re
from datetime import date, timedelta
from fractions import Fraction
from inspect import isclass, isfunction
from itertools import accumulate, groupby, pairwise
from math import ceil, floor, gcd, prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from attrs import frozen
from dateutil.relativedelta import relativedelta
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf import _numbers as n
from loanperf._quantities import rounded as rounded_exactly

BOUNDS = [2**52, 2**53, 2**62, 2**63]
EDGES = [sign * (bound + step) for bound in BOUNDS for step in (-2, -1, 0, 1, 2) for sign in (1, -1)]
INTS = st.one_of(st.integers(-20, 20), st.sampled_from(EDGES), st.integers(-(2**70), 2**70))
SMALL = st.integers(-1000, 1000)
ROUNDINGS = st.sampled_from(list(lp.Rounding))


@st.composite
def grouped(draw: st.DrawFn, values: st.SearchStrategy[int] = INTS) -> tuple[list[list[int]], Any, Any]:
    """Groups of values; the same as one column in which every sum of them is certain; and where groups start."""
    lists = draw(st.lists(st.lists(values, min_size=1, max_size=6), max_size=6))
    flat = [item for group in lists for item in group]
    (column,) = n.bounded(sum(map(abs, flat)), n.whole(flat))
    starts = np.array([0, *accumulate(map(len, lists))][: len(lists)], dtype=np.intp)
    return lists, column, starts


def flat(lists: list[list[Any]]) -> list[Any]:
    return [item for group in lists for item in group]


# ── the bound ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("edge", EDGES)
def test_a_number_at_each_bound_is_held_exactly(edge: int) -> None:
    """A column never wraps: what 64 bits cannot hold with room for a sum is Python's."""
    column = n.whole([edge, 0])
    assert [edge, 0] == column.tolist()
    assert (np.int64 if abs(edge) < 2**62 else np.object_) == column.dtype.type
    assert abs(edge) == n.largest(column)


@pytest.mark.parametrize("wrong", [1.0, "1", None, np.float64(2)])
def test_what_is_no_whole_number_is_refused(wrong: Any) -> None:
    """An array of numpy reads 1.9 as 1 without a word."""
    with pytest.raises(TypeError):
        n.whole([wrong])


@given(st.lists(INTS), st.lists(INTS), INTS)
def test_columns_of_one_bound_have_one_number_type(one: list[int], other: list[int], most: int) -> None:
    """int64 times a large Python int wraps silently, so that no step mixes the two."""
    first, second = n.bounded(abs(most), n.whole(one), n.whole(other))
    assert (one, other) == (first.tolist(), second.tolist())
    certain = max(map(abs, [*one, *other, most])) < 2**62
    assert {np.dtype(np.int64 if certain else object)} == {first.dtype, second.dtype}


def exactly(value: Fraction, rounding: lp.Rounding) -> int:
    """A quotient rounded as the names say, by the neighbours alone."""
    below, above = floor(value), ceil(value)
    near = {value - below: below, above - value: above}
    tie = value - below == above - value
    inner, outer = (below, above) if value > 0 else (above, below)
    nearest = near[min(near)]
    return {
        lp.Rounding.FLOOR: below,
        lp.Rounding.CEILING: above,
        lp.Rounding.DOWN: inner,
        lp.Rounding.UP: outer,
        lp.Rounding.HALF_EVEN: (below if below % 2 == 0 else above) if tie else nearest,
        lp.Rounding.HALF_UP: outer if tie else nearest,
        lp.Rounding.HALF_DOWN: inner if tie else nearest,
    }[rounding]


BELOW = st.one_of(st.integers(1, 9), st.sampled_from([abs(edge) for edge in EDGES]), st.integers(1, 2**70))


@st.composite
def quotients(draw: st.DrawFn) -> tuple[int, int]:
    """A numerator and a denominator, often at a tie or next to one."""
    below = draw(BELOW)
    if draw(st.booleans()):
        return draw(INTS), below
    halves = draw(st.one_of(st.integers(-9, 9), st.integers(-(2**20), 2**20)))
    return (halves * below + draw(st.integers(-1, 1))) // 2, below


@given(st.lists(quotients(), min_size=1, max_size=5), ROUNDINGS)
def test_a_quotient_is_rounded_as_its_fraction(pairs: list[tuple[int, int]], rounding: lp.Rounding) -> None:
    """In float64, int64 and Python ints alike: ties, signs and neighbours of ties."""
    top, below = n.bounded(0, n.whole([top for top, _ in pairs]), n.whole([below for _, below in pairs]))
    expected = [exactly(Fraction(*pair), rounding) for pair in pairs]
    assert expected == n.rounded(top, below, rounding).tolist()


@given(st.lists(INTS, max_size=5), st.integers(1, 2**61), ROUNDINGS)
def test_one_denominator_for_all_rows_is_as_one_a_row(tops: list[int], below: int, rounding: lp.Rounding) -> None:
    """No row at all is a column too."""
    expected = [exactly(Fraction(top, below), rounding) for top in tops]
    assert expected == n.rounded(n.whole(tops), below, rounding).tolist()


# ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────

KEYS = st.one_of(st.integers(-3, 3), st.sampled_from([-(2**61), 2**61, 2**31]))


@given(st.lists(st.tuples(KEYS, KEYS), max_size=12), st.sampled_from([np.int64, object]))
def test_rows_are_put_in_order_as_sort_does(rows: list[tuple[int, int]], number: Any) -> None:
    """Stable, whether the keys fit in one number or not."""
    keys = [np.array([row[place] for row in rows], dtype=number) for place in (0, 1)]
    expected = sorted(range(len(rows)), key=rows.__getitem__)
    assert expected == np.arange(len(rows))[n.ordered(*keys)].tolist()
    order, starts = n.grouped(*keys)
    assert expected == np.arange(len(rows))[order].tolist()
    new = [place for place, row in enumerate(expected) if not place or rows[row] != rows[expected[place - 1]]]
    assert new == starts.tolist()


@pytest.mark.parametrize("number", [np.int8, np.int16, np.int32, np.uint8])
@given(st.data())
def test_codes_of_few_bytes_are_put_in_order_too(number: Any, data: st.DataObject) -> None:
    """What lies between the lowest and the highest code of a narrow column does not fit into that column."""
    low, high = int(np.iinfo(number).min), int(np.iinfo(number).max)
    code = st.sampled_from([low, max(low, -1), 0, 1, 2, high])
    rows = data.draw(st.lists(st.tuples(code, code)))
    keys = [np.array([row[place] for row in rows], dtype=number) for place in (0, 1)]
    expected = sorted(range(len(rows)), key=rows.__getitem__)
    assert expected == np.arange(len(rows))[n.ordered(*keys)].tolist()


@given(st.lists(st.booleans(), max_size=6))
def test_rows_of_a_mask(good: list[bool]) -> None:
    """Side by side they are a slice, of which nothing is copied."""
    rows, expected = n.rows_where(np.array(good, dtype=np.bool_)), [place for place, one in enumerate(good) if one]
    assert expected == np.arange(len(good))[rows].tolist()
    assert isinstance(rows, slice) == (expected == [*range(min(expected, default=0), max(expected, default=-1) + 1)])


def test_rows_in_order_are_not_sorted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wide tape comes in order, and must not pay for a sort; nor must codes or single rows for anything."""
    for name in ("argsort", "lexsort", "sort", "unique", "repeat"):
        monkeypatch.setattr(np, name, _never)
    ones, starts = np.arange(4), np.arange(4)
    assert n.AS_THEY_ARE == n.ordered(np.array([1, 1, 2]), np.array([0, 4, 3]))
    assert [[1, 5, 9], [0, 1, 2]] == [found.tolist() for found in n.distinct(np.array([1, 5, 9]))]
    assert [[0, 2], [1, 0, 1]] == [found.tolist() for found in n.distinct(np.array([2, 0, 2]))]
    assert ones is n.summed(ones, starts)
    assert ones is n.running(ones, starts)
    assert ones is n.spread(ones, starts, 4)
    assert ones is n.shared(ones, np.array([3, 1, 2, 9]), starts)


@given(st.lists(INTS, max_size=5), st.sampled_from([1, 2, 65_536]))
def test_what_rises_or_counts_up_is_known_in_parts(values: list[int], part: int) -> None:
    """A column that is in order is not sorted; one that is taken for it by mistake would mix loans up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loanperf._numbers._groups._PART", part)
        for given_ in (values, [*range(len(values))], sorted({*values}), [*range(3), *values]):
            assert n.rising(n.whole(given_)) is all(one < other for one, other in pairwise(given_))
            assert n.counts_up(n.whole(given_)) is (given_ == [*range(len(given_))])
            unlike = [place for place, value in enumerate(given_) if value != 1]
            assert n.places_unlike(n.whole(given_), 1).tolist() == unlike


def _never(*_: object, **__: object) -> None:
    raise AssertionError


@given(grouped())
def test_what_is_known_of_each_group(drawn: tuple[list[list[int]], Any, Any]) -> None:
    """Sums, running sums, the row before and the place in the group, by plain loops."""
    lists, column, starts = drawn
    assert [sum(group) for group in lists] == n.summed(column, starts).tolist()
    assert flat([list(accumulate(group)) for group in lists]) == n.running(column, starts).tolist()
    assert flat([[0, *group[:-1]] for group in lists]) == n.before(column, starts).tolist()
    assert flat([list(range(len(group))) for group in lists]) == n.ranked(starts, len(column)).tolist()
    assert (
        flat([[place] * len(group) for place, group in enumerate(lists)])
        == n.spread(np.arange(len(lists)), starts, len(column)).tolist()
    )


@given(st.lists(st.integers(0, 3)))
def test_groups_start_where_a_key_changes(keys: list[int]) -> None:
    """As itertools.groupby finds them."""
    lengths = [len(list(group)) for _, group in groupby(keys)]
    expected = [0, *accumulate(lengths)][: len(lengths)]
    assert expected == n.starts_of(np.array(keys, dtype=np.int64)).tolist()


@given(st.one_of(st.lists(INTS), st.lists(st.integers(0, 9))))
def test_what_occurs_is_listed_once(values: list[int]) -> None:
    """In order, with the place of each; codes and large numbers alike."""
    found, places = n.distinct(n.whole(values))
    assert sorted(set(values)) == found.tolist()
    assert values == found[places].tolist()


@given(st.lists(st.tuples(st.integers(0, 4), INTS)))
def test_totals_by_place_take_rows_in_any_order(rows: list[tuple[int, int]]) -> None:
    """A place without a row has nothing."""
    (values,) = n.bounded(sum(abs(value) for _, value in rows), n.whole([value for _, value in rows]))
    places = np.array([place for place, _ in rows], dtype=np.intp)
    expected = [sum(value for place, value in rows if place == mine) for mine in range(6)]
    assert expected == n.total_of(values, places, 6).tolist()


@given(grouped(), st.data())
def test_the_last_row_before_that_counts(drawn: tuple[list[list[int]], Any, Any], data: st.DataObject) -> None:
    """Never one of another group."""
    lists, column, starts = drawn
    counts = [[data.draw(st.booleans()) for _ in group] for group in lists]
    expected = [
        next((group[at] for at in range(place - 1, -1, -1) if flags[at]), 0)
        for group, flags in zip(lists, counts, strict=True)
        for place in range(len(group))
    ]
    assert expected == n.last_before(column, np.array(flat(counts), dtype=np.bool_), starts).tolist()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5))))
def test_each_row_is_paired_with_its_range(ranges: list[tuple[int, int]]) -> None:
    """A range that is empty or turned round has no place."""
    low, high = (np.array([item[side] for item in ranges], dtype=np.intp) for side in (0, 1))
    expected = [(row, place) for row, (start, end) in enumerate(ranges) for place in range(start, end)]
    assert expected == list(zip(*(part.tolist() for part in n.paired(low, high)), strict=True))


@given(st.lists(st.integers(0, 4)), st.lists(st.integers(0, 4)))
def test_rows_of_equal_keys_are_matched(keys: list[int], wanted: list[int]) -> None:
    """Every pair of them, in order."""
    known = sorted(keys)
    expected = [(row, place) for row, key in enumerate(wanted) for place, item in enumerate(known) if item == key]
    found = n.matched(np.array(known, dtype=np.int64), np.array(wanted, dtype=np.int64))
    assert expected == list(zip(*(part.tolist() for part in found), strict=True))


@given(st.lists(st.integers(-2, 4)), st.lists(st.integers(-2, 4)))
def test_a_key_is_found_at_its_first_place(keys: list[int], wanted: list[int]) -> None:
    """Or nowhere, which is -1, also where -1 itself is asked for."""
    known = sorted(keys)
    found = n.place_in(np.array(known, dtype=np.int64), np.array(wanted, dtype=np.int64))
    assert [known.index(key) if key in known else -1 for key in wanted] == found.tolist()


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9))),
    st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 9))),
)
@example([(0, 5)], [(-2, 9)])
def test_what_holds_on_a_day_is_the_last_that_began(rows: list[tuple[int, int]], asked: list[tuple[int, int]]) -> None:
    """Of the same key alone; before its first day nothing holds, nor of a key below zero, which stands for none."""
    known = sorted(rows)
    expected = [
        max((place for place, (item, on) in enumerate(known) if item == key and on <= day), default=-1)
        for key, day in asked
    ]
    columns = [np.array([row[side] for row in table], dtype=np.int64) for table in (known, asked) for side in (0, 1)]
    assert expected == n.as_of(*columns).tolist()


# ── shares ──────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.tuples(INTS, st.lists(st.integers(0, 2**70), min_size=1, max_size=5)), max_size=4))
def test_a_total_is_divided_as_allocate_divides_it(rows: list[tuple[int, list[int]]]) -> None:
    """To the last unit, signs and ties among it: one rule, for a value and for columns."""
    rows = [(total if any(weights) else 0, weights) for total, weights in rows]
    most = max((abs(total) * sum(weights) for total, weights in rows), default=0)
    totals, weights = n.bounded(most, n.whole([total for total, _ in rows]), n.whole(flat([item for _, item in rows])))
    starts = np.array([0, *accumulate(len(item) for _, item in rows)][: len(rows)], dtype=np.intp)
    expected = [
        lp.allocate(total, shares, step=1, tie_break="first") if any(shares) else [0] * len(shares)
        for total, shares in rows
    ]
    assert flat([list(parts) for parts in expected]) == n.shared(totals, weights, starts).tolist()


@given(grouped(st.integers(0, 2**70)), st.data())
def test_what_a_group_has_is_used_up_in_order(drawn: tuple[list[list[int]], Any, Any], data: st.DataObject) -> None:
    """The first row goes first; nothing goes below zero."""
    lists, column, starts = drawn
    most = [data.draw(INTS) for _ in lists]
    expected = []
    for has, group in zip(most, lists, strict=True):
        left = max(has, 0)
        for amount in group:
            expected.append(min(left, amount))
            left -= expected[-1]
    whole, amounts = n.bounded(sum(map(sum, lists)) + max(map(abs, most), default=0), n.whole(most), column)
    assert expected == n.drained(whole, amounts, starts).tolist()


@given(grouped())
def test_a_sum_that_stops_at_zero(drawn: tuple[list[list[int]], Any, Any]) -> None:
    """And which rows would have gone below."""
    lists, column, starts = drawn
    sums, below = [], []
    for group in lists:
        held = 0
        for value in group:
            below.append(held + value < 0)
            held = max(held + value, 0)
            sums.append(held)
    found, where = n.floored(column, starts)
    assert (sums, below) == (found.tolist(), where.tolist())


# ── curves ──────────────────────────────────────────────────────────────────────────────────────────────────

NUMBERS = st.fractions(-5, 5, max_denominator=12)


@st.composite
def curves(draw: st.DrawFn) -> lp.schemes.Curve:
    """Steps and lines with jumps, closed on either side, that go on or not."""
    shape: Literal["step", "linear"] = draw(st.sampled_from(["step", "linear"]))
    xs = sorted(draw(st.lists(NUMBERS, min_size=1, max_size=5, unique=True)))
    if shape == "linear" and draw(st.booleans()):
        xs = sorted([*xs, xs[-1]])
    counted: Literal["pro rata", "whole"] | None = draw(st.sampled_from([None, "pro rata", "whole"]))
    point = draw(st.none() | st.sampled_from([Fraction(2), Fraction(3, 7), Fraction(100_000)]))
    then = None if counted is None else lp.schemes.Then(draw(NUMBERS), counted, point)
    knots = tuple((x, draw(NUMBERS)) for x in xs)
    unit = draw(st.sampled_from(["", "point"]))
    return lp.schemes.Curve(
        knots=knots, shape=shape, closed=draw(st.sampled_from(["left", "right"])), then=then, x_unit=unit
    )


@pytest.mark.parametrize("top", [2**59, 2**60, 2**61 - 1, 2**61, 2**62 - 1])
def test_points_far_above_the_last_knot_do_not_wrap(top: int) -> None:
    """Full points fit in 64 bits where their worth, over the denominators of curve and numbers, does not."""
    knots = ((Fraction(0), Fraction(-1, 3)), (Fraction(5), Fraction(0)))
    curve = lp.schemes.Curve(knots=knots, shape="linear", then=lp.schemes.Then(Fraction(1, 7), "whole"), x_unit="KWD")
    found, under = n.Pieces.of(curve).at(n.whole([top]), 1000)
    assert curve.at(Fraction(top, 1000)) == Fraction(found[0]) / under


@given(curves(), st.lists(st.tuples(INTS, BELOW), min_size=1, max_size=5), st.sampled_from(["one", "one a row"]))
def test_a_curve_over_columns_is_the_curve(
    curve: lp.schemes.Curve, pairs: list[tuple[int, int]], given_below: str
) -> None:
    """At knots, beside them and far beyond: the value of each row is that of `Curve.at`."""
    pairs += [(x.numerator, x.denominator) for x, _ in curve.knots]
    one = given_below == "one"
    pairs = [(top, pairs[0][1]) for top, _ in pairs] if one else pairs
    tops, below = n.whole([top for top, _ in pairs]), n.whole([below for _, below in pairs])
    found, under = n.Pieces.of(curve).at(tops, pairs[0][1] if one else below)
    unders = [under] * len(pairs) if isinstance(under, int) else under.tolist()
    actual = [Fraction(top, bottom) for top, bottom in zip(found.tolist(), unders, strict=True)]
    assert [curve.at(Fraction(*pair)) for pair in pairs] == actual


@st.composite
def rate_tables(draw: st.DrawFn) -> lp.schemes.RateTable:
    """Tables of one to three rows and columns, in steps and along lines."""
    shapes: tuple[Literal["step", "linear"], ...] = ("step", "linear")
    rows, columns = (
        [lp.quantity(x) for x in sorted(draw(st.lists(NUMBERS, min_size=1, max_size=3, unique=True)))] for _ in range(2)
    )
    return lp.schemes.RateTable(
        rows=rows,
        columns=columns,
        cells=[[lp.quantity(draw(NUMBERS)) for _ in columns] for _ in rows],
        between_rows=draw(st.sampled_from(shapes)),
        between_columns=draw(st.sampled_from(shapes)),
        outside=draw(st.sampled_from(["edge", "problem"])),
        closed=draw(st.sampled_from(["left", "right"])),
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("cell", "one"), [(1, 2**30 - 1), (1, 2**30), (2, 2**30), (3, 2**30), (1, 2**31 - 1)])
def test_a_table_at_the_edge_of_a_number_type_does_not_wrap(cell: int, one: int, sign: int) -> None:
    """By hand: lines through c·(1 + x)·(1 + y) are c·x·y + c·x + c·y + c, four products of which none takes off.

    At x = y = one / one they come to 4·c over 1, as 4·c·one² over one²: with c = 2 and one = 2**30, 2**63 over 2**60.
    Each product by itself, 2**61, still fits in 64 bits.
    """
    c = sign * cell
    table = lp.schemes.RateTable(
        rows=[0, 2], columns=[0, 2], cells=[[c, 3 * c], [3 * c, 9 * c]],
        between_rows="linear", between_columns="linear", outside="edge",
    )  # fmt: skip
    at = n.whole([one]), n.whole([one])
    (top,), (below,) = n.Grid.of(table).at(at, at)

    assert (4 * c * one**2, one**2) == (int(top), int(below))


@given(rate_tables(), st.lists(st.tuples(INTS, BELOW, INTS, BELOW), min_size=1, max_size=5))
def test_a_table_over_columns_is_the_table(table: lp.schemes.RateTable, pairs: list[tuple[int, int, int, int]]) -> None:
    """At its points, beside them and far outside: each row is `RateTable.at`, and tells whether it is outside."""
    pairs += [(*x.value.as_integer_ratio(), *y.value.as_integer_ratio()) for x in table.rows for y in table.columns]
    x, below_x, y, below_y = (n.whole(column) for column in zip(*pairs, strict=True))
    grid = n.Grid.of(table)
    found, under = grid.at((x, below_x), (y, below_y))
    actual = [Fraction(top, below) for top, below in zip(found.tolist(), under.tolist(), strict=True)]
    points = [(Fraction(a, b), Fraction(c, d)) for a, b, c, d in pairs]
    inside = [
        all(low.value <= at <= high.value for at, low, high in
            ((x, table.rows[0], table.rows[-1]), (y, table.columns[0], table.columns[-1])))
        for x, y in points
    ]  # fmt: skip

    assert [table.at(*point) for point in points] == actual
    assert inside == grid.holds((x, below_x), (y, below_y)).tolist()


@given(st.lists(st.integers(1, 2**40), max_size=4, unique=True), st.data())
def test_slices_are_paid_at_their_own_values(more: list[int], data: st.DataObject) -> None:
    """As many units as lie between two knots, at the value of the lower one."""
    knots = [0, *sorted(more)]
    values = [data.draw(st.integers(0, 2**30)) for _ in knots]
    x = data.draw(st.integers(0, 2**66))
    ends = [*knots[1:], max(x, knots[-1])]
    slices = zip(knots, ends, values, strict=True)
    expected = sum(max(min(x, end) - start, 0) * value for start, end, value in slices)
    assert [expected] == n.sliced(n.whole(knots), n.whole(values), n.whole([x])).tolist()


# ── days ────────────────────────────────────────────────────────────────────────────────────────────────────

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


def number(on: date) -> Any:
    return np.array([n.day_number(on)])


@given(DAYS, st.integers(-600, 600))
def test_months_later_is_the_same_day_of_the_month_or_its_last(on: date, months: int) -> None:
    """As dateutil counts."""
    assert n.day_number(on + relativedelta(months=months)) == n.months_after(number(on), months).item()


@given(DAYS, st.integers(0, 600), st.integers(0, 20_000))
def test_an_age_is_counted_in_days_or_in_full_months(on: date, months: int, days: int) -> None:
    """As dateutil and subtraction count: the day of an age has it, and the day before has not."""
    for count, unit, whole in ((months, "month", relativedelta(months=months)), (days, "day", timedelta(days=days))):
        reached = n.days_of_age(number(on), n.Age(count, unit))
        assert n.day_number(on + whole) == reached.item()
        assert count == n.ages(number(on), reached, unit).item()
        assert not count or count > n.ages(number(on), reached - 1, unit).item()


def test_an_age_is_stated_in_days_or_in_months_or_not_at_all() -> None:
    """And what never begins is never old."""
    assert (None, n.Age(6, "month"), n.Age(180, "day")) == (
        n.Age.of(None, None),
        n.Age.of(6, None),
        n.Age.of(None, 180),
    )
    assert [n.FAR, n.FAR] == [n.days_of_age(np.array([n.FAR]), n.Age(1, unit)).item() for unit in ("day", "month")]


def test_a_day_that_never_comes_stays() -> None:
    """What is open is open however many months later; and nothing lies past the last day there is."""
    assert [n.FAR, n.FAR - 1] == n.months_after(np.array([n.FAR, n.FAR - 1]), 12).tolist()
    assert n.FAR == n.months_after(np.array([n.day_number(date(9999, 11, 30))]), 2).item() + 1


@given(DAYS, DAYS)
def test_full_months_are_the_most_that_fit(one: date, other: date) -> None:
    """One more would go past the end."""
    start, end = sorted((one, other))
    months = n.months_between(number(start), number(end)).item()
    assert start + relativedelta(months=months) <= end < start + relativedelta(months=months + 1)


# ── places ──────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.integers(0, 9)), st.integers(1, 4), st.sampled_from([np.int8, np.int32, np.int64]))
def test_rows_of_codes_are_cut_where_codes_begin(codes: list[int], size: int, number: Any) -> None:
    """A chunk of loans has the rows between two edges, and places from 0 on in it."""
    codes.sort()
    column = np.array(codes, dtype=number)
    at = [*range(0, 13, size)]
    found = n.edges(column, at)
    assert [sum(code < first for code in codes) for first in at] == found
    for first, (low, high) in zip(at, pairwise(found), strict=False):
        places = n.places_of(column[low:high], first, size)
        mine = [code - first for code in codes[low:high]]
        assert (mine == [*range(size)]) == isinstance(places, slice)
        assert mine == np.arange(size)[places].tolist()


@given(st.lists(st.tuples(st.integers(0, 4), INTS)))
def test_what_is_known_of_each_place(rows: list[tuple[int, int]]) -> None:
    """The last value, the largest, how many there are, and a bound that each of their sums keeps."""
    places = np.array([place for place, _ in rows], dtype=np.intp)
    values = n.whole(value for _, value in rows)
    of = [[value for at, value in rows if at == place] for place in range(5)]
    assert [found[-1] if found else -1 for found in of] == n.put(values, places, 5, -1).tolist()
    assert [max([0, *found]) for found in of] == n.most_of(values, places, 5).tolist()
    assert [len(found) for found in of] == n.count_of(places, 5).tolist()
    assert [bool(found) for found in of] == n.marked(places, 5).tolist()
    assert all(sum(map(abs, found)) <= n.reach(values, places, 5) for found in of)


@given(st.lists(INTS, min_size=1))
def test_what_has_one_row_a_place_is_the_column_itself(values: list[int]) -> None:
    """A tape has one row a loan: nothing of it is looked up, scattered or copied."""
    column, size = n.whole(values), len(values)
    assert n.put(column, n.AS_THEY_ARE, size, 0) is column
    assert n.total_of(column, n.AS_THEY_ARE, size) is column
    assert [max(0, value) for value in values] == n.most_of(column, n.AS_THEY_ARE, size).tolist()
    assert [1] * size == n.count_of(n.AS_THEY_ARE, size).tolist()
    assert [True] * size == n.marked(n.AS_THEY_ARE, size).tolist()
    assert n.largest(column) == n.reach(column, n.AS_THEY_ARE, size)


@given(
    st.lists(st.lists(st.integers(-(2**22), 2**22), min_size=1, max_size=5), max_size=5),
    st.sampled_from([np.int32, np.int64]),
)
def test_the_largest_value_before_each_row(lists: list[list[int]], number: Any) -> None:
    """Whether a record overlaps one before it; days before 1970 are below zero, and columns of days are narrow."""
    starts = np.array([0, *accumulate(map(len, lists))][: len(lists)], dtype=np.intp)
    values = np.array(flat(lists), dtype=number)
    expected = [[max(group[:place] or group[:1]) for place in range(len(group))] for group in lists]
    assert flat(expected) == n.most_before(values, starts).tolist()


# ── sums ────────────────────────────────────────────────────────────────────────────────────────────────────


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(0, 3), INTS), max_size=6), st.sampled_from([1, 1, 2, 3, 31, 2**40, 2**62])
        ),
        max_size=6,
    )
)
def test_sums_of_columns_are_those_of_fractions(columns: list[tuple[list[tuple[int, int]], int]]) -> None:
    """Whichever denominators columns come over, and however large a sum grows on the way."""
    expected, sums = [Fraction(0)] * 4, n.Sums.of(2)
    sums.grow(4)
    for rows, below in columns:
        places = np.array([place for place, _ in rows], dtype=np.intp)
        (values,) = n.bounded(0, n.whole(value for _, value in rows))
        sums.add(values, places, below)
        sums.count(places)
        for place, value in rows:
            expected[place] += Fraction(value, below) + 1
    assert expected == [Fraction(value) / sums.below for value in sums.values().tolist()]


@pytest.mark.parametrize("large", [2**61, 2**62 - 1, 2**62, 2**63 - 1, 2**70])
def test_only_the_places_that_need_it_have_numbers_of_python(large: int) -> None:
    """One payee with an absurd amount costs the others nothing; their sums stay certain and small."""
    sums = n.Sums.of(2)
    for _ in range(3):
        given_type = np.int64 if large < 2**63 else object
        sums.add(np.array([large, 5], dtype=given_type), np.array([0, 1]))
    assert [3 * large, 15] == sums.values().tolist()
    sums.add(np.array([Fraction(1, 3)], dtype=object), np.array([1]))
    assert [3 * large, 15 + Fraction(1, 3)] == sums.values().tolist()


# ── quotients ───────────────────────────────────────────────────────────────────────────────────────────────


@given(
    st.lists(st.tuples(INTS, st.integers(1, 2**63))), INTS, st.integers(1, 2**40), st.sampled_from([None, 1, 3, 2**40])
)
def test_quotients_are_compared_as_fractions(
    pairs: list[tuple[int, int]], top: int, below: int, same: int | None
) -> None:
    """A filter at exactly 10% takes a deviation of exactly 10%, whatever the numbers."""
    bound = Fraction(top, below)
    tops = n.whole(one for one, _ in pairs)
    under: Any = same or n.whole(other for _, other in pairs)
    exact = [Fraction(one, same or other) for one, other in pairs]
    assert [value >= bound for value in exact] == n.at_least(tops, under, bound).tolist()
    assert [value > bound for value in exact] == n.above(tops, under, bound).tolist()
    if same is None:
        assert exact == n.fractions(tops, under).tolist()


@pytest.mark.parametrize("large", [2**53, 2**62, 2**63, 10**30])
@pytest.mark.parametrize("values", [[], [0], [0, 1, -1]])
def test_what_is_multiplied_by_a_large_number_may_be_zero(values: list[int], large: int) -> None:
    """The product of no row passes a bound then, and still 64 bits do not hold the other factor."""
    column, small, sums = n.whole(values), Fraction(1, large), n.Sums.of(1)
    belows: list[Any] = [1, n.whole([1] * len(values))]
    for below in belows:
        for bound in (small, -small, 1 / small, -1 / small):
            assert [value >= bound for value in values] == n.at_least(column, below, bound).tolist()
            assert [value > bound for value in values] == n.above(column, below, bound).tolist()
    top, under = n.left_of(small, column, 1)
    assert [max(Fraction(0), small - value) for value in values] == [Fraction(left, under) for left in top.tolist()]
    sums.add(n.whole([1]), np.array([0]), large)
    sums.add(column, np.zeros(len(values), dtype=np.intp))
    assert sum(values) + small == Fraction(sums.values().tolist()[0], sums.below)


@given(st.lists(st.fractions(max_denominator=2**40)), st.lists(INTS))
def test_fractions_are_taken_apart(exact: list[Fraction], whole: list[int]) -> None:
    """Columns of Fractions become whole numbers over whole numbers; whole numbers stay as they are."""
    column = np.array([*exact, None], dtype=object)[:-1]
    assert column.tolist() == n.exact(exact).tolist()
    top, below = n.quotients(column)
    if exact:
        assert not isinstance(below, int)
        assert exact == n.fractions(top, below).tolist()
    assert (whole, 1) == (n.quotients(n.whole(whole))[0].tolist(), n.quotients(n.whole(whole))[1])


@given(st.lists(st.tuples(INTS, INTS)), st.fractions(max_denominator=40), st.integers(1, 2**40))
def test_products_and_what_is_left(pairs: list[tuple[int, int]], start: Fraction, below: int) -> None:
    """No product wraps; points that start full never fall below zero."""
    one, other = n.whole(value for value, _ in pairs), n.whole(value for _, value in pairs)
    assert [first * second for first, second in pairs] == n.times(one, other).tolist()
    three = n.product(below, one, other)
    assert not isinstance(three, int)
    assert [first * second * below for first, second in pairs] == three.tolist()
    assert below * below == n.product(below, below)
    top, under = n.left_of(start, one, below)
    assert [max(Fraction(0), start - Fraction(value, below)) for value, _ in pairs] == [
        Fraction(value, under) for value in top.tolist()
    ]


@given(
    st.integers(1, 4).flatmap(
        lambda size: st.lists(
            st.tuples(st.lists(INTS, min_size=size, max_size=size), BELOW, st.fractions(max_denominator=2**33)),
            min_size=1,
            max_size=4,
        )
    )
)
def test_a_blend_is_the_sum_of_quotients_times_factors(parts: list[tuple[list[int], int, Fraction]]) -> None:
    """Each column over a denominator of its own and times a factor; at the edges of 64 bits nothing wraps."""
    top, below = n.blended((n.whole(values), under, factor) for values, under, factor in parts)

    expected = [
        sum(
            (Fraction(value, under) * factor for value, (_, under, factor) in zip(row, parts, strict=True)), Fraction(0)
        )
        for row in zip(*(values for values, _, _ in parts), strict=True)
    ]
    assert expected == [Fraction(value, below) for value in top.tolist()]


@given(grouped(), st.data(), st.sampled_from([1, 2, 12, 2**70]))
def test_quotients_of_a_group_are_brought_over_one_denominator(
    drawn: tuple[list[list[int]], Any, Any], data: st.DataObject, also: int
) -> None:
    """What each is stays as it is, the denominator divides by `also`, and sums of a group do not wrap."""
    lists, _, starts = drawn
    belows = st.one_of(st.integers(1, 12), st.sampled_from([2**31, 3**39, 2**61, 2**62, 10**30]))
    under = [[data.draw(belows) for _ in items] for items in lists]
    tops, shared = n.in_common(n.whole(flat(lists)), n.whole(flat(under)), starts, also)
    assert [0] * len(lists) == [below % also for below in shared.tolist()]
    exact = [sum(map(Fraction, items, below)) for items, below in zip(lists, under, strict=True)]
    sums = n.summed(tops, starts).tolist() if len(starts) else []
    assert exact == [Fraction(top, below) for top, below in zip(sums, shared.tolist(), strict=True)]
    spread = n.spread(shared, starts, len(tops)).tolist()
    assert [*map(Fraction, flat(lists), flat(under))] == [*map(Fraction, tops.tolist(), spread)]


@given(st.lists(INTS, min_size=1, max_size=6), st.data())
def test_values_are_laid_at_places(values: list[int], data: st.DataObject) -> None:
    """A large number among small ones does not wrap, and what was there before stays for who still holds it."""
    column = n.whole(values)
    places = data.draw(st.lists(st.sampled_from(range(len(values))), unique=True))
    others = data.draw(st.lists(INTS, min_size=len(places), max_size=len(places)))
    expected = dict(enumerate(values)) | dict(zip(places, others, strict=True))
    assert [*expected.values()] == n.laid(column, np.array(places, dtype=np.intp), n.whole(others)).tolist()
    assert values == column.tolist()


@given(st.lists(INTS))
def test_a_value_that_changes_is_another_than_the_one_before(values: list[int]) -> None:
    """The first row changes nothing."""
    expected = [bool(place) and value != values[place - 1] for place, value in enumerate(values)]
    assert expected == n.changed(n.whole(values)).tolist()
    assert [False] * len(values) == n.nowhere(len(values)).tolist()


@given(st.dates())
def test_a_day_has_one_number(on: date) -> None:
    """Counted from 1970 on, both ways."""
    assert (on - date(1970, 1, 1)).days == n.day_number(on)
    assert on == n.day_of(n.day_number(on))


@given(st.lists(st.booleans(), min_size=1, max_size=9), st.data())
def test_codes_are_looked_up_among_chosen_ones(known: list[bool], data: st.DataObject) -> None:
    """Few of them are compared one by one and many looked up; what is missing has the code -1."""
    otherwise, *chosen = known
    codes = data.draw(st.lists(st.integers(-1, len(chosen) - 1)))
    expected = [otherwise if code < 0 else chosen[code] for code in codes]
    column = np.array(codes, dtype=np.int8)
    assert expected == n.among(column, chosen, otherwise=otherwise).tolist()
    assert codes == n.as_places(column).tolist()
    places = n.as_places(column)
    assert places is n.as_places(places)


@given(st.lists(INTS), INTS)
def test_whether_all_are_below_a_bound(values: list[int], bound: int) -> None:
    """Of one value for all rows it is looked at once."""
    assert all(value < bound for value in values) == n.all_below(n.whole(values), bound)
    for value in values:
        assert (value < bound) == n.all_below(np.broadcast_to(n.whole([value])[0], 2**40), bound)


# ── certain numbers, and quotients of them ──────────────────────────────────────────────────────────────────


CURVES = st.builds(
    lambda knots, shape, closed, then: lp.schemes.Curve(
        knots=tuple(sorted({x: (x, y) for x, y in knots}.values())), shape=shape, closed=closed, then=then
    ),
    st.lists(st.tuples(st.fractions(0, 3, max_denominator=9), st.fractions(-3, 3, max_denominator=9)), min_size=1),
    st.sampled_from(["step", "linear"]),
    st.sampled_from(["left", "right"]),
    st.none()
    | st.builds(lp.schemes.Then, st.fractions(-2, 2, max_denominator=5), st.sampled_from(["pro rata", "whole"])),
)
PARTS = st.fractions(0, 3, max_denominator=12)


def certain(values: list[int]) -> n.Certain:
    """Numbers a row; where they are all the same, one number for all rows."""
    return n.Certain.of(values[0] if len(set(values)) == 1 else n.bounded(0, n.whole(values))[0])


@given(st.lists(st.tuples(INTS, INTS, st.booleans()), min_size=1, max_size=5))
def test_certain_numbers_are_those_of_python(rows: list[tuple[int, int, bool]]) -> None:
    """Floats, int64 and Python ints come and go as sizes ask for; no result wraps, and none leaves its bounds."""
    ones, others, chosen = ([row[place] for row in rows] for place in range(3))
    one, other, size = certain(ones), certain(others), len(rows)
    results = [
        (one + other, [a + b for a, b, _ in rows]),
        (one - other, [a - b for a, b, _ in rows]),
        (one * other, [a * b for a, b, _ in rows]),
        (one * 3, [3 * a for a in ones]),
        (one.least(other), [min(a, b) for a, b, _ in rows]),
        (one.greatest(other), [max(a, b) for a, b, _ in rows]),
        (one.but(np.array(chosen), other), [b if there else a for a, b, there in rows]),
    ]
    for found, expected in results:
        assert expected == found.whole(size).tolist()
        assert found.low <= min(expected) <= max(expected) <= found.high
    assert [a >= b for a, b, _ in rows] == np.broadcast_to(one >= other, size).tolist()
    assert [a > b for a, b, _ in rows] == np.broadcast_to(one > other, size).tolist()
    bounds = sorted(set(others))
    assert [sum(a >= b for b in bounds) for a in ones] == np.broadcast_to(one.reached(bounds), size).tolist()


@given(st.lists(st.tuples(INTS, st.integers(1, 2**70)), min_size=1, max_size=5), ROUNDINGS)
def test_certain_numbers_are_divided_as_fractions_are(rows: list[tuple[int, int]], rounding: lp.Rounding) -> None:
    """In floats too, every tie and every neighbour of a tie is rounded as the exact quotient."""
    tops, belows = ([row[place] for row in rows] for place in range(2))
    found = certain(tops).divided(certain(belows), rounding)
    expected = [int(rounded_exactly(Fraction(top, below), 0, rounding)) for top, below in rows]

    assert expected == found.whole(len(rows)).tolist()
    assert found.low <= min(expected) <= max(expected) <= found.high


@given(st.lists(INTS, min_size=1, max_size=4), st.data())
def test_a_number_is_looked_up_by_code(numbers: list[int], data: st.DataObject) -> None:
    """By a code a row, by one for all, and without where there is one number."""
    codes = data.draw(st.lists(st.integers(0, len(numbers) - 1), min_size=1))
    table = n.Lookup(tuple(numbers))

    assert [7 * numbers[code] for code in codes] == table.times(7).at(np.array(codes)).whole(len(codes)).tolist()
    assert [numbers[codes[0]], numbers[0]] == [table.at(codes[0]).low, table.at(None).low]


@given(st.lists(st.floats(allow_nan=True) | st.sampled_from([2.0**53, 2.0**53 + 2, -3.0]), min_size=1))
def test_floats_that_are_no_whole_numbers_are_told(values: list[float]) -> None:
    """Half a unit, NaN, infinity, and what floats leave out above 2**53."""
    expected = [not (value.is_integer() and abs(value) <= 2**53) for value in values]
    assert expected == n.not_whole(np.array(values)).tolist()


@st.composite
def quotients_of(draw: st.DrawFn) -> tuple[n.Quotient, list[Fraction]]:
    """Quotients and the same as Fractions, after some of the rules that scores and bonuses have."""
    rows = draw(st.lists(st.tuples(INTS, st.integers(1, 50) | st.sampled_from(EDGES[::2])), min_size=1, max_size=4))
    over, times = draw(st.integers(1, 100)), draw(PARTS)
    tops, belows = [top for top, _ in rows], [max(below, 1) for _, below in rows]
    found = n.Quotient(certain(tops), certain(belows), over=over).by(times)
    exact = [times * Fraction(top, over * below) for top, below in zip(tops, belows, strict=True)]
    for rule in draw(st.lists(st.integers(0, 7), max_size=3)):
        curve, low, high = draw(CURVES), draw(st.none() | PARTS), draw(st.none() | PARTS.map(lambda part: part + 3))
        match rule:
            case 0:
                found, exact = found.taken_from(2), [2 - one for one in exact]
            case 7:
                lost = n.Quotient(certain(belows), certain([7] * len(belows)), over=3)
                found, exact = (
                    found.less(lost),
                    [one - Fraction(two, 21) for one, two in zip(exact, belows, strict=True)],
                )
            case 1:
                found = found.within(low, high)
                exact = [one if low is None else max(one, low) for one in exact]
                exact = [one if high is None else min(one, high) for one in exact]
            case 2:
                found, exact = found.along(n.Pieces.of(curve)), [curve.at(one) for one in exact]
            case 3:
                codes = np.array([draw(st.integers(0, 1)) for _ in exact])
                found = found.by_each(n.Lookup((3, 5)), codes, 7)
                exact = [one * Fraction((3, 5)[code], 7) for one, code in zip(exact, codes.tolist(), strict=True)]
            case 4 if all(exact):
                found, exact = found.inverse(), [1 / one for one in exact]
            case 5:
                found, exact = found * found, [one * one for one in exact]
            case _:
                chosen = np.array([draw(st.booleans()) for _ in exact])
                found = found.but(chosen, 1)
                exact = [Fraction(1) if there else one for one, there in zip(exact, chosen, strict=True)]
    return found, exact


@given(quotients_of(), PARTS, ROUNDINGS)
def test_quotients_are_fractions(drawn: tuple[n.Quotient, list[Fraction]], bound: Fraction, mode: lp.Rounding) -> None:
    """Through every rule of scores and bonuses, for one payee or many; compared, and rounded once."""
    found, exact = drawn
    size = len(exact)

    assert exact == found.fractions(size)
    assert exact[:1] == [found.fraction()] if size == 1 else True
    for limit in (bound, exact[0]):
        assert [one >= limit for one in exact] == np.broadcast_to(found.reaches(limit), size).tolist()
        assert [one > limit for one in exact] == np.broadcast_to(found.passes(limit), size).tolist()
    rounded = found.rounded(mode, 10)
    assert [int(rounded_exactly(10 * one, 0, mode)) for one in exact] == rounded.whole(size).tolist()
    spent = (
        n.Quotient(found.top * 1 + 0, found.below, found.times, found.over).to_spend().within(Fraction(0), bound + 1)
    )
    within = [min(max(one, Fraction(0)), bound + 1) for one in exact]
    assert [int(rounded_exactly(10 * one, 0, mode)) for one in within] == spent.rounded(mode, 10).whole(size).tolist()
    assert [Fraction(5, 3)] == n.Quotient.of(Fraction(5, 3)).fractions(1)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=2, max_size=5),
    st.sampled_from([None, Fraction(0), Fraction(1), Fraction(1, 2)]),
    st.sampled_from([None, Fraction(1), Fraction(3, 2), Fraction(4)]),
    st.sampled_from(["higher", "lower"]),
)
def test_what_is_spent_comes_to_the_same(
    rows: list[tuple[int, int]], low: Fraction | None, high: Fraction | None, better: str
) -> None:
    """Writing over numerators must not touch denominators, also where a limit makes them one column."""
    tops, belows = ([row[place] for row in rows] for place in range(2))
    codes = np.array([row % 2 for row in range(len(rows))])

    def points(*, spend: bool) -> list[int]:
        one, other = (n.Certain.of(np.array(column)) for column in (tops, belows))
        found = n.Quotient(one, other)
        found = found.to_spend() if spend else found
        found = (found.taken_from(2) if better == "lower" else found).within(low, high)
        units = found.by_each(n.Lookup((3, 5)), codes, 1).rounded(lp.Rounding.FLOOR, 10)
        return [int(unit) for unit in units.whole(len(rows))]

    assert points(spend=False) == points(spend=True)


def test_what_is_spent_is_written_over_only_where_it_fits() -> None:
    """A column of int64 whose numbers are small by now holds no quotients; one number for all rows holds no column."""
    small = (n.Certain.of(np.array([2**52, 5])) + 1).least(n.Certain.of(7), spend=True)
    found = small.divided(n.Certain.of(np.array([2**52 + 1, 2**53 - 1])), lp.Rounding.UP, spend=True)
    assert [1, 1] == found.whole(2).tolist()

    one = n.Certain.of(1) + 1
    column = n.Certain.of(np.array([2, 3]))
    assert [4, 6] == one.times(column, spend=True).whole(2).tolist()
    assert [2, 2] == one.least(column, spend=True).whole(2).tolist()
    assert [1, 1] == one.divided(column, lp.Rounding.UP, spend=True).whole(2).tolist()
    assert [2, 3] == column.whole(2).tolist()


@given(st.lists(INTS, min_size=1, max_size=4), st.integers(0, 2**30), st.integers(1, 2**30))
def test_a_look_up_is_divided_by_what_it_shares(numbers: list[int], factor: int, over: int) -> None:
    """So that weights take up the factors of places and caps, and no pass over a column is needed for them."""
    shared = gcd(factor * n.Lookup(tuple(numbers)).divisor, over)
    found = n.Lookup(tuple(numbers)).times(factor, over)
    assert [Fraction(factor * number, shared) for number in numbers] == list(found.numbers)


def test_what_holds_in_every_row_and_in_none_is_told_by_bounds() -> None:
    """A comparison that bounds decide looks at no row, and says so by one of two constants."""
    column = n.Certain.of(np.array([1, 5]))
    assert (column >= 1) is n.EVERY_ROW
    assert (column > 5) is n.NO_ROW
    assert column.but(n.NO_ROW, 9) is column


@given(values=st.lists(INTS))
def test_whole_numbers_come_back_from_their_bytes(values: list[int]) -> None:
    """In 1, 2, 4 or 8 bytes each, or as decimals; a digit before them says which."""
    said = n.in_bytes(n.whole(values))
    width = next((w for w in (1, 2, 4, 8) if all(-(2 ** (8 * w - 1)) <= v < 2 ** (8 * w - 1) for v in values)), 0)

    assert values == n.of_bytes([said]).tolist()
    assert [*values, *values, 7] == n.of_bytes([said, said, b"1\7"]).tolist()
    assert said[:1] == b"%d" % width
    assert not width or len(said) == 1 + width * len(values)
    with pytest.raises(ValueError, match="3 bytes"):
        n.of_bytes([b"3abc"])


@given(first=st.integers(-(2**63), 2**63 - 65_000), size=st.integers(0, 200), others=st.lists(INTS, max_size=20))
def test_numbers_that_mostly_count_up_come_back_from_their_differences(
    first: int, size: int, others: list[int]
) -> None:
    """They are kept in fewer bytes; of numbers that are large, as they are."""
    values = [*range(first, first + size), *others]
    said = n.in_bytes(n.whole(values))

    assert [*values, *values] == n.of_bytes([said, said]).tolist()
    if size > 2 * len(others) + 64 and max(map(abs, values)) < 2**62:
        assert b"+" == said[:1]
    with pytest.raises(ValueError, match="beyond 64 bits"):
        n.of_bytes([b"+01180591620717411303424"])


@given(known=st.dictionaries(st.integers(-9, 9), INTS), more=st.dictionaries(st.integers(-9, 9), INTS))
def test_what_is_added_to_sums_is_put_among_their_keys(known: dict[int, int], more: dict[int, int]) -> None:
    """As a dictionary adds it, and the keys stay in order."""
    expected = {key: known.get(key, 0) + more.get(key, 0) for key in sorted({*known, *more})}
    sides = [(sorted(side), [side[key] for key in sorted(side)]) for side in (known, more)]
    columns = n.bounded(
        2 * max(map(abs, [0, *known.values(), *more.values()])), *(n.whole(given) for _, given in sides)
    )
    keys, sums = n.added_to(n.whole(sides[0][0]), columns[0], n.whole(sides[1][0]), columns[1])

    assert expected == dict(zip(keys.tolist(), sums.tolist(), strict=True))
    assert [*expected] == keys.tolist()


@given(texts=st.lists(st.text(max_size=1)), wanted=st.sets(st.text(max_size=1)))
def test_places_of_texts_that_are_wanted(texts: list[str], wanted: set[str]) -> None:
    """In the order of the texts."""
    assert [place for place, text in enumerate(texts) if text in wanted] == n.places_among(texts, wanted).tolist()


@given(INTS, st.integers(1, 2**70))
def test_a_row_of_a_quotient_is_a_fraction(top: int, below: int) -> None:
    """That of its own row, of any size."""
    assert Fraction(top, below) == n.fraction(n.whole([0, top]), n.whole([1, below]), 1)


def test_every_primitive_is_held_to_plain_numbers_here() -> None:
    """All arithmetic of the program stands on them; one that is added comes with its property."""
    names = [name for name in n.__all__ if isfunction(getattr(n, name)) or isclass(getattr(n, name))]
    tests = Path(__file__).read_text("utf-8")
    assert [] == [name for name in names if not re.search(rf"\bn\.{name}\b", tests)]


def test_a_sum_brought_over_another_denominator_does_not_wrap() -> None:
    """What fits in 64 bits over 1 may not fit over 4."""
    sums = n.Sums.of(1)
    sums.add(np.array([2**61 + 1]), np.array([0]))
    sums.add(np.array([1]), np.array([0]), 4)
    assert ([2**63 + 5], 4) == (sums.values().tolist(), sums.below)


FEW_BELOW = st.one_of(st.integers(1, 12), st.sampled_from([2**31, 2**61 - 1, 2**63, 2**70]))


@given(st.lists(st.lists(st.tuples(INTS, FEW_BELOW), min_size=1, max_size=5), max_size=5))
def test_quotients_add_up_in_lowest_terms(lists: list[list[tuple[int, int]]]) -> None:
    """In each group by itself, whatever the denominators."""
    starts = np.array([0, *accumulate(map(len, lists))][: len(lists)], dtype=np.intp)
    tops, belows = (n.whole([pair[side] for pair in flat(lists)]) for side in (0, 1))
    single = [Fraction(*pair) for pair in flat(lists)]
    assert [(one.numerator, one.denominator) for one in single] == rows_of(*n.reduced(*n.bounded(0, tops, belows)))
    sums = flat([list(accumulate(Fraction(*pair) for pair in group)) for group in lists])
    tops, belows = n.bounded(0, tops, belows)
    assert [(one.numerator, one.denominator) for one in sums] == rows_of(*n.summed_up(tops, belows, starts))


def rows_of(*columns: Any) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(st.lists(st.lists(st.tuples(FEW_BELOW, st.integers(0, 5)), min_size=1, max_size=5), max_size=5))
def test_what_each_row_takes_of_the_rest_is_a_part_of_the_whole(lists: list[list[tuple[int, int]]]) -> None:
    """Of which others left something before."""
    starts = np.array([0, *accumulate(map(len, lists))][: len(lists)], dtype=np.intp)
    rest = [below for below, _ in flat(lists)]
    units = [below * fifths // 5 for below, fifths in flat(lists)]
    expected = []
    for group in lists:
        left = Fraction(1)
        for below, fifths in group:
            expected.append(left * Fraction(below * fifths // 5, below))
            left -= expected[-1]
    takes, left_over = n.bounded(0, n.whole(units), n.whole(rest))
    found = rows_of(*n.parts_of_rest(takes, left_over, starts))
    assert [(one.numerator, one.denominator) for one in expected] == found


@given(st.lists(st.lists(FEW_BELOW, min_size=1, max_size=4), max_size=5))
def test_a_denominator_of_a_group(lists: list[list[int]]) -> None:
    """Each denominator of a group divides it, and it is no larger than their product."""
    starts = np.array([0, *accumulate(map(len, lists))][: len(lists)], dtype=np.intp)
    for group, found in zip(lists, n.in_one(n.whole(flat(lists)), starts).tolist(), strict=True):
        assert [0] * len(group) == [found % below for below in group]
        assert 0 < found <= prod(group)


@given(st.lists(st.tuples(st.integers(0, 3), FEW_BELOW), max_size=8))
def test_a_denominator_of_a_group_for_each_of_its_rows(rows: list[tuple[int, int]]) -> None:
    """In whatever order they stand: one for the whole group, which each of its denominators divides."""
    keys, belows = ([row[side] for row in rows] for side in (0, 1))
    found = n.in_one_each(n.whole(belows), n.whole(keys), n.whole(keys) * 0).tolist()
    for group in {*keys}:
        mine = [below for key, below in rows if key == group]
        (shared,) = {each for key, each in zip(keys, found, strict=True) if key == group}
        assert [0] * len(mine) == [shared % below for below in mine]
        assert 0 < shared <= max(*belows, prod(mine))


@given(st.lists(st.tuples(INTS, INTS), max_size=5))
def test_a_sum_of_columns_does_not_wrap(pairs: list[tuple[int, int]]) -> None:
    """Of numbers of either type."""
    one, other = (n.whole([pair[side] for pair in pairs]) for side in (0, 1))
    assert [sum(pair) for pair in pairs] == n.plus(one, other).tolist()


@given(curves(), st.integers(-(2**40), 2**64), BELOW)
def test_slices_of_a_curve_are_paid_at_its_heights(curve: lp.schemes.Curve, top: int, below: int) -> None:
    """From 0 up, and from 0 down at the first height, over whatever x is over."""
    knots = {Fraction(0): curve.knots[0][1]} | {x: y for x, y in curve.knots if x > 0}
    steps = lp.schemes.Curve(knots=tuple(knots.items()), shape="step")
    x, pieces = Fraction(top, below), n.Pieces.of(steps)
    edges = [*(knot for knot, _ in steps.knots), max(x, steps.knots[-1][0])]
    expected = sum(
        ((min(max(x, low), high) - low) * y for (low, y), high in zip(steps.knots, edges[1:], strict=True)), Fraction(0)
    )
    expected += min(x, Fraction(0)) * steps.knots[0][1]
    found, over = pieces.slices(n.whole([top]), n.whole([below]))
    assert expected == Fraction(int(found[0]), below * over)


def test_a_base_earns_tier_by_tier_of_what_it_earns() -> None:
    """A tier ends where enough is earned; what goes out again goes the same way back, and stops at a rate of zero."""
    tiers = lp.schemes.Curve.of([[0, "1%"], [10, "2%"], [30, "0%"]], shape="step")
    earned, base = (
        n.exact([Fraction(0), Fraction(20), Fraction(30)]),
        n.exact(list(map(Fraction, (1500, -1500, 10**6)))),
    )

    assert [20, -20, 0] == n.earned_from(tiers, earned, base).tolist()
    parts = [(Fraction(1, 100), Fraction(1000)), (Fraction(2, 100), Fraction(500))]
    assert parts == n.parts_of_earned(tiers, Fraction(0), Fraction(1500))


@given(st.lists(INTS, min_size=1), st.data())
def test_values_are_replaced_by_larger_ones_too(values: list[int], data: st.DataObject) -> None:
    """The number type grows with what comes in; the column that was given stays."""
    column = n.whole(values)
    places = data.draw(st.lists(st.integers(0, len(values) - 1), unique=True))
    given_ = data.draw(st.lists(INTS, min_size=len(places), max_size=len(places)))
    expected = [dict(zip(places, given_, strict=True)).get(place, value) for place, value in enumerate(values)]
    assert expected == n.replaced(column, np.array(places, dtype=np.intp), n.whole(given_)).tolist()
    assert values == column.tolist()


@given(st.lists(st.lists(INTS, max_size=3), min_size=1, max_size=4))
def test_columns_stand_end_to_end(lists: list[list[int]]) -> None:
    """All rows of all columns, in order; a column beside empty ones is not copied."""
    columns = n.bounded(0, *map(n.whole, lists))
    found = n.end_to_end(*columns)
    assert flat(lists) == found.tolist()
    full = [column for column in columns if len(column)]
    assert len(full) != 1 or found is full[0]


def test_tables_are_taken_and_put_under_each_other() -> None:
    """With the tables in them; what is no column is of all rows."""

    @frozen(eq=False)
    class Inner(n.Columns):
        day: Any

    @frozen(eq=False)
    class Outer(n.Columns):
        inner: Inner
        units: Any
        part: tuple[Any, Any]
        unit: str

    part = n.whole([1, 2, 3]), n.whole([4, 5, 6])
    table = Outer(Inner(np.array([1, 2, 3])), n.whole([10, 20, 2**70]), part, "CNY")
    both = Outer.stacked([table.some(np.array([True, False, False])), table.some(slice(1, 3))])
    assert ([1, 2, 3], [10, 20, 2**70], "CNY") == (both.inner.day.tolist(), both.units.tolist(), both.unit)
    assert ([1, 2, 3], [4, 5, 6]) == tuple(column.tolist() for column in both.part)
    assert Outer.stacked([table]) is table
    assert ([3, 1], [6, 4]) == tuple(column.tolist() for column in n.taken(part, np.array([2, 0])))
    assert [1, 2, 3, 4, 5, 6] == n.stacked(part).tolist()


# ── columns with one value ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def every_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns of few rows are kept as one value too."""
    monkeypatch.setattr("loanperf._numbers._alike._FEW", 1)


@pytest.mark.usefixtures("every_size")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(INTS, INTS, st.lists(st.integers(-(2**61), 2**61), min_size=2, max_size=6), st.data())
def test_a_column_of_one_value_is_as_any_other(one: int, other: int, more: list[int], data: st.DataObject) -> None:
    """Whatever is asked of it, of two of them, and of one beside a column, it gives what a full column gives."""
    size, column = len(more), n.whole(more)
    good = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    alike, full = (n.alike(n.whole([one])[0], size), np.repeat(n.whole([one]), size))
    second, plain = (n.alike(n.whole([other])[0], size), np.repeat(n.whole([other]), size))
    assert full.tolist() == alike.tolist()
    assert (full.dtype, n.largest(full)) == (alike.dtype, n.largest(alike))
    for made, expected in (
        (n.times(alike, second), n.times(full, plain)),
        (n.times(alike, column), n.times(full, column)),
        (n.plus(column, alike), n.plus(column, full)),
        (alike[good], full[good]),
        (alike[1:], full[1:]),
        (alike < column, full < column),
        (alike == second, full == plain),
        (np.where(good, alike, second), np.where(good, full, plain)),
        (np.where(good, column, second), np.where(good, column, plain)),
        (np.where(alike == second, column, 0), np.where(full == plain, column, 0)),
        (np.concatenate([alike, second]), np.concatenate([full, plain])),
        (np.concatenate([alike, alike]), np.concatenate([full, full])),
        (np.append(alike, column), np.append(full, column)),
        (np.flatnonzero(alike == second), np.flatnonzero(full == plain)),
        (n.spread(alike[:1], np.array([0]), size), full),
        (n.distinct(alike)[0], full[:1]),
        (n.laid(column, np.flatnonzero(good), alike[good]), n.laid(column, np.flatnonzero(good), full[good])),
        (n.laid(alike, np.flatnonzero(good), column[good]), n.laid(full, np.flatnonzero(good), column[good])),
    ):
        assert expected.tolist() == made.tolist()
    assert np.count_nonzero(alike == second) == np.count_nonzero(full == plain)
    assert (alike == second).any() == (full == plain).any()
    assert pickle.loads(pickle.dumps(alike)).tolist() == full.tolist()  # noqa: S301


@pytest.mark.usefixtures("every_size")
def test_a_column_of_one_value_is_kept_once_and_stays_as_it_is() -> None:
    """To write to it would change all rows; what is added to it makes another column, and a copy is one of its own."""
    column = before = n.alike(3, 1000)
    assert (0,) == column.strides
    with pytest.raises(ValueError, match="read-only"):
        column[0] = 4
    column += 1
    assert [3, 4] == [before[0], column[0]]
    copy = before.copy()
    copy[0] = 9
    assert [9, 3] == copy[:2].tolist()
    assert 3 == before[0]
    assert isinstance(before, n.Alike)
    assert [True, False] == [n.is_alike(before), n.is_alike(before.copy())]
    assert not isinstance(copy, n.Alike)
    chosen = np.where(before == 3, given_ := np.arange(1000), 0)
    chosen[0] = 5
    assert 0 == given_[0]


@pytest.mark.usefixtures("every_size")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SMALL, min_size=1, max_size=6), st.data())
def test_what_is_alike_is_noticed(values: list[int], data: st.DataObject) -> None:
    """A column whose rows are equal is kept as one value; of codes that are alike, or values that are, so are these."""
    column, codes = n.whole(values), data.draw(st.lists(st.integers(0, len(values) - 1), min_size=2, max_size=5))
    assert values == n.folded(column).tolist()
    assert len(values) == 1 or ((0,) == n.folded(column).strides) == (len({*values}) == 1)
    assert [values[code] for code in codes] == n.by_code(column)[np.array(codes)].tolist()
    assert [values[codes[0]]] * 3 == n.by_code(column)[n.alike(codes[0], 3)].tolist()
    assert [False] * len(values) == n.no_rows(len(values)).tolist()


@given(st.lists(st.integers(0, 5), max_size=8), st.lists(st.integers(0, 5), max_size=8))
def test_equal_keys_are_brought_together_as_they_came(one: list[int], other: list[int]) -> None:
    """Nothing is moved where each key stands once."""
    keys, order = n.together(np.array(one, dtype=np.intp), np.array(other, dtype=np.intp))
    both, rows = [*one, *other], np.arange(len(one) + len(other))[order].tolist()
    assert both == keys.tolist()
    assert sorted(rows) == [*range(len(both))]
    runs = [[both[row] for row in run] for _, run in groupby(rows, key=lambda row: both[row])]
    assert len(runs) == len({*both})
    assert all(earlier < later for earlier, later in pairwise(rows) if both[earlier] == both[later])
    assert isinstance(order, slice) == (len({*both}) == len(both)) or both == sorted(both)


@given(grouped(SMALL))
def test_rows_come_in_turns(drawn: tuple[list[list[int]], Any, Any]) -> None:
    """The first of each group, then the second of those that have one."""
    lists, column, starts = drawn
    most = max(map(len, lists), default=0)
    expected = [[held[turn] for held in lists if len(held) > turn] for turn in range(most)]
    assert expected == [column[rows].tolist() for rows in n.turns(starts, len(column))]


@pytest.mark.parametrize("bits", [15, 16, 17, 31, 32, 33, 46, 48, 50])
@pytest.mark.parametrize("size", [2, 300, 70_000])
def test_numbers_of_any_length_are_put_in_order_as_sort_does(bits: int, size: int) -> None:
    """By digits, with their places in lower bits, or as they are."""
    number = np.arange(size)
    first, second = number * 7919 % (2**bits - 1), number * 31 % 3
    assert (
        sorted(range(size), key=lambda row: (first[row], second[row], row)) == number[n.ordered(first, second)].tolist()
    )
    order, starts = n.grouped(second, first)
    assert sorted(range(size), key=lambda row: (second[row], first[row], row)) == np.arange(size)[order].tolist()
    assert n.starts_of(second[order], first[order]).tolist() == starts.tolist()
