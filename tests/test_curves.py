"""Curves: a value at every x, with the closed side stated, and a promise about risk that can be checked."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from html import escape
from itertools import pairwise
from time import process_time
from typing import Any, Literal, TypeAlias

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import loanperf as lp

Published = list[dict[str, Any]]
Closed: TypeAlias = Literal["left", "right"]
LADDER = [["0%", "0%"], ["1.5%", "30%"], ["2%", "50%"], ["2.5%", "100%"]]
"""Part of a month's pay that is forfeited, by NPL ratio."""


def case(published: Published, code: str) -> dict[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


def step(knots: Sequence[Sequence[Any]], closed: Closed = "left") -> lp.schemes.Curve:
    """A step curve."""
    return lp.schemes.Curve.of(knots, shape="step", closed=closed)


def linear(
    knots: Sequence[Sequence[Any]], closed: Closed = "left", then: lp.schemes.Then | None = None
) -> lp.schemes.Curve:
    """A linear curve."""
    return lp.schemes.Curve.of(knots, shape="linear", closed=closed, then=then)


def values(curve: lp.schemes.Curve, *xs: str) -> list[Fraction]:
    """The values at these, which are written with their unit."""
    return [curve.at(lp.quantity(x).value) for x in xs]


def fractions(*texts: str) -> list[Fraction]:
    """Exact numbers, written short."""
    return [Fraction(text) for text in texts]


# ── published ladders and bonus curves ──────────────────────────────────────────────────────────────────────


def test_a_bonus_by_net_revenue_filed_with_the_sec(published: Published) -> None:
    """Three slopes; sixteen attainments pay what the plan's table says."""
    found = case(published, "curve-sec-net-revenue")
    curve = linear([[f"{x}%", f"{y}%"] for x, y in found["inputs"]["knots"]])

    assert found["expected"] == [100 * curve.at(Fraction(x, 100)) for x in found["inputs"]["attainments"]]
    assert curve.rising


def test_a_payout_by_attainment_of_quota(published: Published) -> None:
    """Half of the quota, between the knots at 40% and 60%, pays 27.5%."""
    found = case(published, "tier-excelcampus-attainment-payout")
    curve = linear(found["inputs"]["points"])

    assert [Fraction(y) for y in found["expected"]] == [curve.at(Fraction(x)) for x in found["inputs"]["attainments"]]


def test_tolerance_of_bad_new_loans(published: Published) -> None:
    """Bands are a step curve too: below 3%, from 3%, from 5%; the source says which side each bound belongs to."""
    found = case(published, "new-loan-npl-tolerance")
    bands = ["tolerated", "general", "strict"]
    curve = step([["0%", "0 point"], ["3%", "1 point"], ["5%", "2 point"]])

    assert found["expected"]["band"] == [bands[int(curve.at(Fraction(ratio)))] for ratio in found["inputs"]["ratios"]]


def test_forfeiture_by_npl_ratio(published: Published) -> None:
    """Upper bounds belong to the lower step: 1.5% forfeits nothing, 2.0% forfeits 30%."""
    found = case(published, "ty-npl-penalty-0.015")
    curve = step(LADDER, "right")

    assert [Fraction(found["expected"]["forfeited_share"])] == values(curve, found["inputs"]["npl_ratio"])
    assert fractions("0.3", "0.3", "0.5", "0.5", "1", "1") == values(
        curve, "1.51%", "2%", "2.01%", "2.5%", "2.51%", "99%"
    )
    assert curve.rising


def test_a_ratio_that_is_rounded_before_it_is_compared_is_a_published_mistake(published: Published) -> None:
    """The rule forfeits nothing at 1.50%; the published code rounds it to 2% first and takes 30%. We do not."""
    found = case(published, "ty-npl-penalty-rounding-0.0150")
    curve = step(LADDER, "right")
    exact = Fraction(found["inputs"]["npl_ratio"])
    cut_to_two_places = lp.Money.rounded(exact, "CNY", lp.Rounding.HALF_UP).exact

    assert Fraction(found["expected"]["forfeited_by_rule"]) == curve.at(exact)
    assert Fraction(found["expected"]["forfeited_by_published_code"]) == curve.at(cut_to_two_places) != curve.at(exact)


@pytest.mark.parametrize(
    "code",
    [
        "ty-completion-0.79",
        "ty-completion-0.80",
        "ty-completion-0.99",
        "ty-completion-1.00",
        "ty-completion-1.19",
        "ty-completion-1.21",
    ],
)
def test_a_bonus_by_completion(published: Published, code: str) -> None:
    """Whoever reaches 80%, 100% or 120% of the month's task is on the step that starts there."""
    found = case(published, code)
    curve = step([["0%", 0], ["80%", "600 元"], ["100%", "1000 元"], ["120%", "1300 元"]])

    assert [Fraction(found["expected"]["bonus"])] == values(curve, found["inputs"]["completion"])
    assert fractions("1300") == values(curve, "120%")
    assert "CNY" == curve.y_unit


def test_performance_pay_by_completion(published: Published) -> None:
    """90% of a guarantee company's target pays in full, 80% pays 90%, and so on."""
    found = case(published, "guarantee-completion")
    curve = step([["70%", "80%"], ["80%", "90%"], ["90%", "100%"]])

    assert fractions(*found["expected"]["payout"]) == values(curve, *found["inputs"]["completion"])


def test_a_quarters_bonus_by_completion(published: Published) -> None:
    """A share of the base: 20% from 100% on, 10% from 80% on, else none."""
    found = case(published, "yiyatong-quarter-bonus")
    curve = step([["0%", "0%"], ["80%", "10%"], ["100%", "20%"]])
    base = Fraction(found["inputs"]["base"])

    assert fractions(*found["expected"]["bonus"]) == [base * y for y in values(curve, *found["inputs"]["completion"])]


def test_a_share_that_integer_division_cut_to_nothing_is_a_published_mistake(published: Published) -> None:
    """The rule takes 3/10 at 5% overdue and 5/10 at 7%; the published code divides integers and takes nothing."""
    found = case(published, "yq-supervisor-intdiv-bug")
    curve = step([[0, 0], ["5%", "3/10"], ["7%", "5/10"]])
    (taken,) = values(curve, found["inputs"]["team_overdue_rate"])

    assert Fraction(found["expected"]["G2_by_rule"]) == taken
    assert Fraction(found["expected"]["G2_by_published_code"]) == 5 // 10 != taken


def test_volume_converted_by_term(published: Published) -> None:
    """A loan for a year counts in full and one for half a year counts half: a line from nothing to 12 months."""
    found = case(published, "annualised-volume")
    curve = linear([["0 month", 0], ["12 month", "100%"]])
    loan, rate = Fraction(found["inputs"]["loan"]), Fraction(found["inputs"]["rate"])
    converted = [loan * curve.at(Fraction(months)) for months in found["inputs"]["term_months"]]

    assert fractions(*found["expected"]["converted"]) == converted
    assert fractions(*found["expected"]["commission"]) == [rate * volume for volume in converted]


# ── the closed side ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("closed", "expected"),
    [("left", ["0", "0", "0.3", "0.3", "0.5", "1", "1"]), ("right", ["0", "0", "0", "0.3", "0.3", "0.5", "1"])],
)
def test_a_step_belongs_to_the_side_that_is_stated(closed: Closed, expected: list[str]) -> None:
    """[from, to) unless the scheme says (from, to]: 2.0% NPL is on another step, and another pay."""
    xs = ["-1%", "1.49%", "1.5%", "1.7%", "2%", "2.5%", "9%"]

    assert fractions(*expected) == values(step(LADDER, closed), *xs)


def test_both_limits_are_known_at_a_step() -> None:
    """Proofs about risk look at both sides of a step; elsewhere the two are one."""
    for closed in ("left", "right"):
        curve = step(LADDER, "left" if closed == "left" else "right")
        assert (Fraction(3, 10), Fraction(1, 2)) == curve.limits(Fraction("0.02"))
        assert (Fraction(1, 2), Fraction(1, 2)) == curve.limits(Fraction("0.021"))
        assert (Fraction(0), Fraction(0)) == curve.limits(Fraction(0)) == curve.limits(Fraction(-1))


@pytest.mark.parametrize(("closed", "at_the_jump"), [("left", "60"), ("right", "50")])
def test_a_line_can_jump(closed: Closed, at_the_jump: str) -> None:
    """Two knots at one x: 0 to 50 by a line up to 100%, then from 60 on; the closed side says which holds there."""
    curve = linear([["0%", "0 point"], ["100%", "50 point"], ["100%", "60 point"], ["200%", "100 point"]], closed)

    assert fractions("25", at_the_jump, "80", "100") == values(curve, "50%", "100%", "150%", "250%")
    assert (Fraction(50), Fraction(60)) == curve.limits(Fraction(1))


def test_a_jump_can_stand_at_either_end() -> None:
    """Nothing up to 100%, then 10 at once; and from 20 to 30 at once at 200%, and no more."""
    knots: list[list[Any]] = [["100%", 0], ["100%", "10 point"], ["200%", "20 point"], ["200%", "30 point"]]

    assert fractions("0", "10", "15", "30", "30") == values(linear(knots), "99%", "100%", "150%", "200%", "300%")
    assert fractions("0", "0", "15", "20", "30") == values(
        linear(knots, "right"), "99%", "100%", "150%", "200%", "201%"
    )


def test_a_curve_of_one_knot_is_a_constant() -> None:
    """The smallest curve."""
    for curve in (step([["100%", "1 point"]]), linear([["100%", "1 point"]])):
        assert fractions("1", "1", "1") == values(curve, "-100%", "100%", "1000%")


# ── beyond the last knot ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ("pro rata", ["0.5", "1", "1.0005", "1.001", "1.0212", "1.0999"]),
        ("whole", ["0.5", "1", "1", "1.001", "1.021", "1.099"]),
    ],
)
def test_each_point_above_the_last_knot_adds(counted: Literal["pro rata", "whole"], expected: list[str]) -> None:
    """The published bonus: a month for 100 points and 0.1% of one for each further point; 121.2 points are 1.0212."""
    xs = ["50 point", "100 point", "100.5 point", "101 point", "121.2 point", "199.9 point"]
    for closed in ("left", "right"):
        then = lp.schemes.Then(Fraction(1, 1000), counted)
        curve = linear([["0 point", 0], ["100 point", 1]], "left" if closed == "left" else "right", then)
        assert fractions(*expected) == values(curve, *xs)


def test_a_point_of_a_ratio_is_a_percentage_point() -> None:
    """On a curve over attainment, 103.5% is three and a half points above 100%."""
    knots: list[list[Any]] = [["0%", 0], ["100%", "1000 元"]]

    assert fractions("1070") == values(linear(knots, then=lp.schemes.Then(Fraction(20), "pro rata")), "103.5%")
    assert fractions("1060") == values(linear(knots, then=lp.schemes.Then(Fraction(20), "whole")), "103.5%")


def test_both_limits_are_known_where_a_point_gets_full() -> None:
    """Counted whole, the curve steps at each point; a proof that looks at one side only would miss it."""
    curve = linear([["0 point", 0], ["100 point", 1]], then=lp.schemes.Then(Fraction(1, 1000), "whole"))

    assert (Fraction("1.001"), Fraction("1.002")) == curve.limits(Fraction(102))
    assert (Fraction("1.002"), Fraction("1.002")) == curve.limits(Fraction("102.5"))
    assert (Fraction(1), Fraction(1)) == curve.limits(Fraction(100))


def test_what_a_point_adds_is_an_exact_number_and_how_it_counts_is_stated() -> None:
    """The constructor is a door too: neither a float nor a misspelt word comes in."""
    assert (
        lp.schemes.Then(Fraction(1, 1000), "whole")
        == lp.schemes.Then("0.1%", "whole")
        == lp.schemes.Then(Decimal("0.001"), "whole")
    )
    with pytest.raises(lp.errors.FloatError):
        lp.schemes.Then(0.001, "whole")  # type: ignore[arg-type]
    with pytest.raises(lp.errors.UnitError, match="per_point is in CNY; it must be in no unit"):
        lp.schemes.Then("20 元", "whole")
    with pytest.raises(lp.errors.CurveError, match="points are counted 'wholly'; use 'pro rata' or 'whole'"):
        lp.schemes.Then(1, "wholly")  # type: ignore[arg-type]


# ── whatever the curve ──────────────────────────────────────────────────────────────────────────────────────


@st.composite
def curves(draw: st.DrawFn) -> lp.schemes.Curve:
    """Any curve with knots at whole numbers: steps, lines, jumps, either closed side, with and without an end."""
    shape: Any = draw(st.sampled_from(["step", "linear"]))
    xs = sorted(draw(st.sets(st.integers(-5, 15), min_size=1, max_size=5)))
    if shape == "linear":
        xs = sorted([*xs, *(x for x in xs if draw(st.booleans()))])
    heights = draw(st.sampled_from([st.integers(-9, 9), st.integers(0, 1)]))
    ys = draw(st.lists(heights, min_size=len(xs), max_size=len(xs)))
    if draw(st.booleans()):
        ys.sort(reverse=draw(st.booleans()))
    counted = draw(st.sampled_from(["pro rata", "whole"]))
    points = st.none() | st.sampled_from([Fraction(1), Fraction(2), Fraction(3, 7)])
    then = draw(st.none() | st.builds(lp.schemes.Then, st.integers(-3, 3), st.just(counted), points))
    return lp.schemes.Curve(
        knots=tuple((Fraction(x), Fraction(y)) for x, y in zip(xs, ys, strict=True)),
        shape=shape,
        closed=draw(st.sampled_from(["left", "right"])),
        then=then,
        x_unit=draw(st.sampled_from(["", "point"])),
    )


def by_the_docstring(curve: lp.schemes.Curve, x: Fraction) -> Fraction:
    """The value at x, looked for piece by piece."""
    left = curve.closed == "left"
    (first, value), (last, top) = curve.knots[0], curve.knots[-1]
    for (x0, y0), (x1, y1) in pairwise(curve.knots):
        if (x0 <= x < x1) if left else (x0 < x <= x1):
            value = y0 if curve.shape == "step" else y0 + (x - x0) * (y1 - y0) / (x1 - x0)
    if x >= last if left else x > last:
        value = top
        if curve.then:
            points = (x - last) / (curve.then.point or Fraction(1 if curve.x_unit else "0.01"))
            value += curve.then.per_point * (points if curve.then.counted == "pro rata" else points // 1)
    return curve.knots[0][1] if x < first else value


HUNDREDTHS = st.integers(-700, 1800).map(lambda number: Fraction(number, 100))
NEAR = Fraction(1, 1000)


@given(curves(), HUNDREDTHS | st.integers(-7, 18).map(Fraction) | st.fractions())
def test_there_is_one_value_at_every_x(curve: lp.schemes.Curve, x: Fraction) -> None:
    """No gap and no overlap, at whatever x; the rule of the docstring, looked for piece by piece, agrees."""
    assert by_the_docstring(curve, x) == curve.at(x)


@given(curves(), HUNDREDTHS | st.integers(-7, 18).map(Fraction))
def test_the_limits_are_where_the_values_on_either_side_lead(curve: lp.schemes.Curve, x: Fraction) -> None:
    """Two values on one side give a line, and the line leads to the limit."""
    below, above = (2 * curve.at(x + side * NEAR) - curve.at(x + 2 * side * NEAR) for side in (-1, 1))

    assert (below, above) == curve.limits(x)
    assert curve.at(x) in (below, above)


@given(curves())
@example(linear([["0%", 0], ["100%", 1], ["100%", 0]]))
@example(linear([["0%", 0], ["100%", 1]], then=lp.schemes.Then(-1, "whole")))
def test_rising_and_falling_are_what_the_values_do(curve: lp.schemes.Curve) -> None:
    """That more risk never pays more is proven by this; a wrong yes would pay someone for bad loans."""
    knots = [x for x, _ in curve.knots]
    ends = [curve.knots[-1][0] + Fraction(number, 100) for number in (1, 2, 100, 200)]
    xs = sorted({x + near for x in [*knots, *ends] for near in (-NEAR, Fraction(0), NEAR)})
    ys = [curve.at(x) for x in xs]

    assert all(low <= high for low, high in pairwise(ys)) == curve.rising
    assert all(low >= high for low, high in pairwise(ys)) == curve.falling


@given(curves())
def test_a_notebook_shows_every_piece_and_nothing_that_a_browser_would_run(curve: lp.schemes.Curve) -> None:
    """A row each for below, between and above; `<` is escaped."""
    widths = [x1 - x0 for (x0, _), (x1, _) in pairwise(curve.knots)]
    shown = curve._repr_html_()

    assert 2 + sum(1 for width in widths if width) == len(curve.pieces()) == shown.count("<td>") // 2
    for x, y in curve.pieces():
        assert f"<tr><td>{escape(x)}</td><td>{escape(y)}</td></tr>" in shown


def test_the_pieces_read_as_the_rule_does() -> None:
    """By hand, for the ladder and for the bonus of the published example."""
    assert (
        ("≤ 0%", "0%"),
        ("(0%, 1.5%]", "0%"),
        ("(1.5%, 2%]", "30%"),
        ("(2%, 2.5%]", "50%"),
        ("> 2.5%", "100%"),
    ) == step(LADDER, "right").pieces()
    bonus = linear([["0 point", 0], ["100 point", "1 month"]], then=lp.schemes.Then("0.001", "whole"))
    assert (
        ("< 0 point", "0 month"),
        ("[0 point, 100 point)", "0 month → 1 month"),
        ("≥ 100 point", "1 month + 0.001 month a point, whole"),
    ) == bonus.pieces()
    assert "<td>&lt; 0 point</td><td>0 month</td>" in bonus._repr_html_()


@given(curves(), st.integers(1, 100))
def test_another_unit_gives_the_same_value(curve: lp.schemes.Curve, scale: int) -> None:
    """A ladder in 万元 is the ladder in 元."""
    amounts = [[f"{x * scale} 万元", f"{y} point"] for x, y in curve.knots]
    plain = [[f"{x * scale * 10_000} 元", f"{y} point"] for x, y in curve.knots]
    one = lp.schemes.Curve.of(amounts, shape=curve.shape, closed=curve.closed)

    assert one == lp.schemes.Curve.of(plain, shape=curve.shape, closed=curve.closed)


# ── what makes no curve ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("knots", "options", "message"),
    [
        ([], {"shape": "step"}, "there is none; give one at least"),
        ([["0%"]], {"shape": "step"}, r"a knot is not a pair; write each knot as \[x, y\]"),
        ([["0%", 1, 2]], {"shape": "step"}, "a knot is not a pair"),
        ([5], {"shape": "step"}, "a knot is not a pair"),
        (None, {"shape": "step"}, "a knot is not a pair"),
        (
            [["2%", 0], ["1%", 1]],
            {"shape": "step"},
            "0.01 follows 0.02, so intervals overlap; give the knots in rising",
        ),
        ([["2%", 0], ["1%", 1]], {"shape": "linear"}, "0.01 follows 0.02, so intervals overlap"),
        ([["1%", 0], ["1%", 1]], {"shape": "step"}, "x = 0.01 stands more than once; give each step once, each jump"),
        ([["1%", 0], ["100 bp", 1]], {"shape": "step"}, "x = 0.01 stands more than once"),
        ([["1%", 0]] * 3, {"shape": "linear"}, "x = 0.01 stands more than once"),
        ([["1%", 0]], {"shape": "cubic"}, "its shape is 'cubic'; use 'step' or 'linear'"),
        ([["1%", 0]], {"shape": ""}, "its shape is ''; use 'step' or 'linear'"),
        (
            [["1%", 0]],
            {"shape": "step", "closed": "both"},
            r"it is closed at 'both'; use 'left' for \[from, to\) or 'ri",
        ),
    ],
    ids=repr,
)
def test_knots_that_make_no_curve_are_refused(knots: Any, options: Any, message: str) -> None:
    """A tier that overlaps another, or stands twice, pays whichever comes first in the code."""
    with pytest.raises(lp.errors.CurveError, match=f"these knots make no curve: {message}"):
        lp.schemes.Curve.of(knots, **options)


@pytest.mark.parametrize(
    ("knots", "message"),
    [
        ([["1%", 0], ["5 point", 1]], "one x of the curve is in point; it must be in no unit"),
        ([["1 元", 0], ["2 USD", 1]], "one x of the curve is in USD; it must be in CNY"),
        ([["1%", "5 元"], ["2%", "5 point"]], "one y of the curve is in point; it must be in CNY"),
        ([["1%", "5 元"], ["2%", 5]], "one y of the curve is in CNY; it must be in no unit"),
    ],
)
def test_units_do_not_mix_on_an_axis(knots: Any, message: str) -> None:
    """5 between 3 元 and 10 元 may be 5 万元; nobody should have to guess."""
    with pytest.raises(lp.errors.UnitError, match=message):
        step(knots)


def test_a_bare_zero_fits_every_unit() -> None:
    """Nothing is nothing in every unit."""
    curve = step([[0, 0], ["5万元", "1 point"]])

    assert ("CNY", "point") == (curve.x_unit, curve.y_unit)
    assert ("", "") == (step([[0, 0]]).x_unit, step([[0, 0]]).y_unit)


@pytest.mark.parametrize(("knots", "error"), [([[0.1, 0]], "FloatError"), ([["1%", "x"]], "QuantityError")])
def test_a_knot_is_made_of_quantities(knots: Any, error: str) -> None:
    """No float touches a score; a text without a number is told."""
    with pytest.raises(getattr(lp.errors, error)):
        step(knots)


@pytest.mark.parametrize("knots", [[(0.1, 0.2)], [(1, 2)], [("1%", "2%")], [(Decimal(1), Fraction(1))]], ids=repr)
def test_a_curve_holds_fractions_only(knots: Any) -> None:
    """Past the door, numbers are exact; `Curve.of` is the door."""
    with pytest.raises(lp.errors.CurveError, match=r"a knot is not of Fractions; use Curve\.of"):
        lp.schemes.Curve(knots=knots, shape="step")


def test_a_curve_does_not_change_with_the_list_that_it_came_from() -> None:
    """A value is frozen, so its knots are a tuple."""
    knots = [(Fraction(1), Fraction(2))]
    curve = lp.schemes.Curve(knots=knots, shape="step")
    knots.append((Fraction(0), Fraction(0)))

    assert ((Fraction(1), Fraction(2)),) == curve.knots
    assert hash(curve) == hash(lp.schemes.Curve(knots=((Fraction(1), Fraction(2)),), shape="step"))


# ── published tables of tiers ───────────────────────────────────────────────────────────────────────────────

COMPLETION: list[list[Any]] = [
    ["0%", "80%", "0元"],
    ["80%", "100%", "600元"],
    ["100%", "120%", "1000元"],
    ["120%", None, "1300元"],
]
"""Bonus by completion, as a lender's rules have it; its code paid nothing at exactly 120%."""


def test_a_published_table_reads_as_it_is_printed(published: Published) -> None:
    """Rows of from, to and rate need no translation into knots; an amount on an edge takes the higher tier."""
    rows = case(published, "tier-getdigitalhelp-regressive")["inputs"]["tiers"]
    edges = case(published, "tier-oracle-boundary-equal")
    tiers = [[f"{low}", f"{high}", f"{rate}%"] for low, high, rate in edges["inputs"]["tiers_percent"]]
    tiers[-1][1] = ""
    regressive = lp.schemes.Curve.of_bands([[f"{low} USD", high and f"{high} USD", rate] for low, high, rate in rows])

    assert Fraction(edges["expected"], 100) == lp.schemes.Curve.of_bands(tiers).at(Fraction(edges["inputs"]["amount"]))
    assert fractions("0.045", "0.02", "0.012", "0.012", "0.002") == values(
        regressive, "99999 USD", "100000 USD", "250000 USD", "499999 USD", "500000 USD"
    )
    assert "USD" == regressive.x_unit


def test_bands_are_a_step_curve_that_says_which_side_a_bound_is_on() -> None:
    """Exactly 120% must not fall into a hole, whichever row it belongs to."""
    knots = [["0%", "0元"], ["80%", "600元"], ["100%", "1000元"], ["120%", "1300元"]]

    assert step(knots) == lp.schemes.Curve.of_bands(COMPLETION)
    assert step(knots, "right") == lp.schemes.Curve.of_bands(COMPLETION, closed="right")
    assert [1300] == values(lp.schemes.Curve.of_bands(COMPLETION), "120%")
    assert [1000] == values(lp.schemes.Curve.of_bands(COMPLETION, closed="right"), "120%")
    assert (
        lp.schemes.Then(Fraction(1), "whole")
        == lp.schemes.Curve.of_bands(COMPLETION, then=lp.schemes.Then(1, "whole")).then
    )


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        (
            [["80%", "120%", 1], ["121%", None, 2]],
            (
                "nothing holds from 120% to 121%, between the rows [80%, 120%] and [121%, …];"
                " start each row where the one before it ends"
            ),
        ),
        (
            [["0 CNY", "5000 CNY", 1], ["4000 CNY", "", 2]],
            (
                "two rows hold from 4000 CNY to 5000 CNY, between the rows [0 CNY, 5000 CNY] and [4000 CNY, …];"
                " start each row where the one before it ends"
            ),
        ),
        (
            [["0%", "50%", 1], ["50%", "100%", 2]],
            "nothing holds from 100% on, after the last row [50%, 100%]; leave the end of the last row empty",
        ),
        (
            [["0%", None, 1], ["50%", None, 2]],
            "the row [0%, …] has no end, and [50%, …] follows; say where it ends, or put it last",
        ),
        ([["50%", "50%", 1], ["50%", None, 2]], "the row [50%, 50%] is empty; write its bounds as from, to"),
        ([["50%", "20%", 1], ["20%", None, 2]], "the row [50%, 20%] is empty; write its bounds as from, to"),
        ([[None, "50%", 1], ["50%", None, 2]], "[None, '50%', 1] is no row of from, to and y; write each row as"),
        ([["0%", None]], "['0%', None] is no row of from, to and y; write each row as [from, to, y]"),
        ([7], "[] is no row of from, to and y; write each row as [from, to, y]"),
        ([], "there is none; give one at least"),
    ],
)
def test_a_table_with_a_hole_or_an_overlap_is_refused_with_its_bounds(bands: Any, expected: str) -> None:
    """What no row holds was paid as nothing, and nobody saw it."""
    with pytest.raises(lp.errors.CurveError) as caught:
        lp.schemes.Curve.of_bands(bands)
    assert expected in str(caught.value)


def test_bands_are_steps_of_one_unit() -> None:
    """A line through a table of tiers is another policy, and so is a table in two currencies."""
    with pytest.raises(lp.errors.CurveError, match="bands are steps; write shape = 'step', or give knots"):
        lp.schemes.Curve.of_bands(COMPLETION, shape="linear")
    with pytest.raises(lp.errors.UnitError, match="one x of the curve is in USD; it must be in CNY"):
        lp.schemes.Curve.of_bands([["0 CNY", "5 USD", 1], ["5 USD", None, 2]])


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(-9, 9)), min_size=1, max_size=6), st.integers(-5, 400))
def test_a_band_holds_from_its_start_to_before_its_end(widths: list[tuple[int, int]], x: int) -> None:
    """The curve says at every x what the row says in which it lies; below the first row, the first one."""
    rows: list[list[Any]] = []
    for width, y in widths:
        start = rows[-1][1] if rows else 0
        rows.append([start, start + width, y])
    rows[-1][1] = None
    holding = [y for low, high, y in rows if low <= x and (high is None or x < high)] or [rows[0][2]]

    assert holding == [lp.schemes.Curve.of_bands(rows).at(Fraction(x))]


def test_a_long_curve_of_jumps_is_read_at_once() -> None:
    """4,000 knots in pairs took seconds, since each looked through all others."""
    start = process_time()
    found = lp.schemes.Curve.of([[number // 2, number] for number in range(4000)], shape="linear")

    assert (Fraction(2), Fraction(3)) == found.limits(Fraction(1))
    assert process_time() - start < 5
    with pytest.raises(lp.errors.CurveError, match="x = 1 stands more than once"):
        lp.schemes.Curve.of([[0, 0], [1, 1], [1, 2], [1, 3], [2, 4]], shape="linear")
