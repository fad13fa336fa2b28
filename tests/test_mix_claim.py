"""What a claim about another mix takes for granted is worked out exactly, and held against loans."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.analytics import ClaimLoans, MixClaim, mix_claim, mix_effects
from loanperf.analytics._mix import Parts
from loanperf.errors import DataError, FloatError, LoanPerfError, QuantityError, UnitError
from loanperf.viewer import Viewer

HR = Viewer(who="hr", sees="all")
SEGMENT = lp.Label("small business", "小微企业")


def claim(loans: Any = None, seen: Any = (), volume: Any = "40%", ratio: Any = "3%", **more: Any) -> MixClaim:
    """From 30% to 50% small business: 40% more volume, and a ratio 3 points higher, unless it is said otherwise."""
    more = {"rng": np.random.default_rng(2026), "viewer": HR, **more}
    held = None if loans is None else ClaimLoans(loans=loans, **more)
    return mix_claim(SEGMENT, ("30%", "50%"), volume=volume, ratio=ratio, loans=held, seen=seen)


def texts(found: MixClaim, language: str = "en") -> str:
    return "\n".join(one.label.to(language) for one in found.findings)


def book(
    ticket: int, bad: Fraction, bad_of_others: Fraction = Fraction(0)
) -> list[tuple[str, str, Fraction, Fraction]]:
    """Six holders, each with three loans of the segment, so large, and seven others of 1."""
    return [
        (f"p{holder}", segment, Fraction(amount), amount * ratio)
        for holder in range(6)
        for segment, many, amount, ratio in (
            ("small business", 3, ticket, bad),
            ("retail", 7, 1, bad_of_others),
        )
        for _ in range(many)
    ]


def test_what_the_claim_implies() -> None:
    """30% to 50% small business is said to make volume 40% larger and NPL 3 points higher.

    Of 100 loans, let one of the others be 1 and one of small business be k. Before the amount is 30k + 70, after
    50k + 50, and that is 1.4 times as much: 50k + 50 = 42k + 98, so that 8k = 48 and k = 6. In the amount small
    business is then 180 of 250, which is 18/25, and after it 300 of 350, which is 6/7. The ratio of all is that of the
    others and D times that share: D (6/7 − 18/25) = D × 24/175 = 3 points, and D = 3 × 175/24 = 21.875 points.
    """
    found = claim()
    assert [6, Fraction("0.21875")] == [found.figure(kind).claimed for kind in ("ticket", "gap")]
    assert "average loan is 6 times that of others, and its ratio ≈21.88 percentage points above theirs" in texts(found)
    assert "须其笔均金额为其他客群的 6 倍，且其比率高出其他客群 ≈21.88 个百分点" in texts(found, "zh")
    assert found.is_extrapolated is None


def test_no_size_of_loans_makes_it_so() -> None:
    """Were its loans worth nothing, 70 become 50, −28.57%; were the others, 30 become 50, 66.67%. None gives 70%."""
    found = claim(volume="70%")
    assert [None, None] == [found.figure(kind).claimed for kind in ("ticket", "gap")]
    assert "the change lies between ≈-28.57% and ≈66.67%" in texts(found)
    assert None is found.figure("gap").agrees


def test_loans_that_bear_it_out() -> None:
    """All holders are alike, so that every draw is: loans 6 times as large, at 24% and 2.125%, are 21.875 points apart.

    Of all 17.875% is non-performing: (180 × 24% + 70 × 2.125%) / 250.
    """
    found = claim(book(6, Fraction("0.24"), Fraction("0.02125")), seen=["25%", "55%"])
    assert [True] * 4 == [one.agrees for one in found.figures]
    assert [6, Fraction("0.2188"), Fraction("0.4"), Fraction("0.03")] == [one.seen for one in found.figures]
    assert found.is_extrapolated is False
    assert "no ratio is below 0%" not in texts(found)


def test_loans_that_do_not() -> None:
    """Loans of one size, 5% against 2%: another mix leaves volume, and adds 20% of 3 points to the ratio.

    All stand at 30% × 5% + 70% × 2% = 2.9%; with 18/25 of the amount 21.875 points worse than the rest, the rest would
    stand at 2.9 − 15.75 = −12.85% and small business at 9.025%, and no ratio is below zero. And 50% was never seen.
    """
    found = claim(book(1, Fraction("0.05"), Fraction("0.02")), seen=["28%"])
    assert [1, Fraction("0.03"), 0, Fraction("0.006")] == [one.seen for one in found.figures]
    assert [False] * 4 == [one.agrees for one in found.figures]
    said = texts(found)
    assert "a ratio of ≈9.02% for small business and of -12.85% for others" in said
    assert "50% of loans lies outside the shares that were seen, 28% to 30%" in said
    assert found.is_extrapolated is True
    assert "change of volume: 0% by the loans; the claimed 40% is another" in said


def test_intervals_are_over_holders() -> None:
    """One holder of six has all that is bad: an interval over loans would be narrow, over holders it starts at none."""
    loans = [
        (holder, segment, amount, amount if holder == "p0" and segment == "small business" else 0)
        for holder, segment, amount, _ in book(6, Fraction(0))
    ]
    gap = claim(loans).figure("gap")
    assert gap.low is not None
    assert gap.high is not None
    assert 0 == gap.low < Fraction(1, 6) < gap.high
    assert gap.seen == Fraction("0.1667")


def test_loans_of_who_may_not_be_seen_do_not_count() -> None:
    """Twelve hold loans, six of them twice as large; who may see the other six is told of theirs alone."""
    hidden = [(f"q{holder}", segment, amount * 2, part) for holder, segment, amount, part in book(6, Fraction(0))]
    seen = Viewer(who="lead", sees=frozenset(f"p{number}" for number in range(6)))
    assert claim(book(3, Fraction("0.05"))).figures == claim([*book(3, Fraction("0.05")), *hidden], viewer=seen).figures


def test_loans_that_do_not_scatter_have_no_interval() -> None:
    """All holders hold alike: every draw is the same, and how sure that is cannot be said."""
    found = claim(book(6, Fraction("0.25")))
    ticket = next(one for one in found.findings if "average loan, to" in one.label.en)
    assert "average loan, to that of others: 6 by the loans; the claimed 6 is the same" == ticket.label.en
    assert "no interval, as nothing scatters" in ticket.text()
    assert "数据没有波动，无法给出区间" in ticket.text("zh")


def test_the_same_seed_gives_the_same_and_all_comes_back() -> None:
    """What is kept of it is read back; its table has a row for the claim, one for the loans and two for the ends."""
    found = claim(book(3, Fraction("0.05")), seen=["50%"])
    turned = claim(list(reversed(book(3, Fraction("0.05")))), seen=["50%"])
    assert found == turned == MixClaim.from_data(found.data())
    assert [["as claimed", "by the loans", "from", "to"], ["6", "3", "3", "3"]] == [
        column.texts("en") for column in found.rows[:2]
    ]
    assert [40, 3] == [bar["amount"] for bar in found.chart()["data"]["values"]][::2]


FIFTIETHS = st.integers(1, 49).map(lambda number: Fraction(number, 50))


@given(
    st.lists(FIFTIETHS, min_size=2, max_size=2, unique=True),
    st.integers(1, 400).map(lambda of: Fraction(of, 20)),
    FIFTIETHS,
)
@settings(max_examples=50)
def test_what_is_implied_makes_the_claim_true(shares: list[Fraction], ticket: Fraction, gap: Fraction) -> None:
    """The claim that follows from a size and a difference implies just those, and all of its change is mix."""
    sides: list[Parts] = [{"own": (share * ticket * gap, share * ticket), "others": (0, 1 - share)} for share in shares]
    effects = mix_effects(*sides)
    volume = effects.after[1] / effects.before[1] - 1
    found = mix_claim("own", (shares[0], shares[1]), volume=volume, ratio=effects.ratio_change[0])
    assert [ticket, gap] == [found.figure(kind).claimed for kind in ("ticket", "gap")]
    assert 0 == effects.ratio_change[1]


@given(st.integers(1, 9), st.integers(0, 4))
@settings(max_examples=10)
def test_units_do_not_matter(ticket: int, bad: int) -> None:
    """In 万元 or in yuan, the same loans show the same."""
    loans = book(ticket, Fraction(bad, 100), Fraction(1, 100))
    larger = [(holder, own, amount * 10_000, part * 10_000) for holder, own, amount, part in loans]
    for first, second in zip(claim(loans).figures, claim(larger).figures, strict=True):
        assert first.seen == second.seen
        assert abs((first.high or Fraction(0)) - (second.high or Fraction(0))) <= Fraction(1, 10_000)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"loans": book(6, Fraction(0)), "rng": None}, "rng"),
        ({"loans": book(6, Fraction(0)), "smallest": 7}, "6 hold some, fewer than 7"),
        ({"loans": [("p", "small business", 1)]}, "pass (holder, segment, amount, part)"),
        ({"loans": [("p", "small business", 1, 2)]}, "a part of 2 of an amount of 1"),
        ({"loans": [("p", "retail", lp.Money.of("1元"), 0)]}, "it is in CNY"),
        ({"loans": 5}, "the loans: it is no list"),
        ({"loans": [(*one[:2], one[2] * 10**400, 0) for one in book(6, Fraction(0))]}, "amounts of ordinary size"),
        ({"loans": book(6, Fraction(0)), "smallest": "5"}, "smallest: it is '5'"),
        ({"loans": book(6, Fraction(0)), "smallest": 0}, "smallest: it is 0"),
        ({"loans": []}, "the loans: there are none"),
        ({"loans": book(6, Fraction(0)), "viewer": None}, "viewer"),
        ({"loans": book(6, Fraction(0)), "viewer": Viewer(who="p1", sees="self")}, "1 hold some, fewer than 5"),
        ({"seen": 5}, "seen: it is no list"),
        ({"seen": ["500%"]}, "seen: one is 500%"),
    ],
)
def test_what_cannot_be_used_is_refused(how: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as caught:
        claim(**how)
    assert said in str(caught.value)


@pytest.mark.parametrize("shares", [("0%", "50%"), ("30%", "100%"), ("30%", "30%"), ("30%",), ("30%", "40%", "50%")])
def test_shares_that_are_no_change_are_refused(shares: Any) -> None:
    with pytest.raises(DataError, match="shares"):
        mix_claim("small business", shares, volume="40%", ratio="3%")


@pytest.mark.parametrize("given", [{"volume": "40"}, {"ratio": "3"}, {"seen": ["27"]}])
def test_a_number_that_may_be_meant_in_percent_is_asked_for(given: dict[str, Any]) -> None:
    """40 is 4000%, and 40% may be meant."""
    with pytest.raises(LoanPerfError, match="write"):
        mix_claim("small business", ("30%", "50%"), **{"volume": "40%", "ratio": "3%", **given})


@pytest.mark.parametrize("given", [{"shares": ("x", "50%")}, {"volume": "x"}, {"ratio": "3 CNY"}])
def test_a_text_that_is_no_share_is_refused(given: dict[str, Any]) -> None:
    """Each as it stands, before anything is reckoned."""
    stated: dict[str, Any] = {"segment": "s", "shares": ("30%", "50%"), "volume": "40%", "ratio": "3%", **given}
    with pytest.raises((QuantityError, UnitError)):
        mix_claim(**stated)


@pytest.mark.parametrize("shares", [("30%",), ("30%", "40%", "50%"), None, "30%"])
def test_shares_are_two(shares: Any) -> None:
    with pytest.raises(DataError, match="give two: the share before, and the share after"):
        mix_claim("s", shares, volume="40%", ratio="3%")


def test_a_segment_has_a_name_in_both_languages() -> None:
    with pytest.raises(DataError, match="the segment"):
        mix_claim("", ("30%", "50%"), volume="40%", ratio="3%")


def test_a_float_is_refused() -> None:
    with pytest.raises(FloatError):
        claim([("p", "retail", 1.5, 0)])
