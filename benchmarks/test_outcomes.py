"""What results of ten thousand people over eight quarters are used for, beside the same people sorted bare.

Nothing is asserted about time: machines are shared. The ratio to what is bare is printed.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from time import process_time

from benchmarks.sizes import sized

import loanperf as lp
from loanperf.outcomes import (
    GradeCount,
    OutcomeRule,
    OutcomeRules,
    PersonResult,
    RankKey,
    RankShare,
    ReadingLimit,
    outcomes_of,
)
from loanperf.viewer import Viewer

PEOPLE, UNITS = sized(10_000), sized(200)
QUARTERS = [lp.Period.quarter(2025 + place // 4, place % 4 + 1) for place in range(8)]
LAST = QUARTERS[-1]
SCORE, NPL = RankKey(of="score", best="highest"), RankKey(of="npl_ratio", best="lowest")


def agreed() -> OutcomeRules:
    """Of each unit a tenth from the top and a fifth from the bottom; and half of the officers with two As of three."""
    top = RankShare(
        side="top", group="unit", part="10%", by=[SCORE], rounding=lp.Rounding.DOWN, ties="all in", smallest=1
    )
    bottom = RankShare(
        side="bottom",
        group="unit",
        part="20%",
        by=[SCORE],
        split=[NPL],
        rounding=lp.Rounding.DOWN,
        ties="all out",
        smallest=1,
    )
    half = RankShare(
        side="top", group="role", part="50%", by=[SCORE], rounding=lp.Rounding.DOWN, ties="all in", smallest=1
    )
    senior = OutcomeRule(
        code="senior",
        name=lp.Label("promotion", "晋升"),
        roles=["officer"],
        to_role="senior",
        months_in_role=12,
        grades=[GradeCount(grades=["A"], at_least=2, periods=3, missing="ignored")],
        limits=[ReadingLimit(indicator="npl_ratio", test="at most", limit="3%")],
        share=half,
    )
    return OutcomeRules(
        name="use of results",
        effective="2025-01-01",
        grades=["A", "B", "C", "D"],
        ladder=["officer", "senior"],
        rules=[
            OutcomeRule(code="top", name=lp.Label("excellent", "优秀"), share=top),
            OutcomeRule(
                code="bottom", name=lp.Label("training", "培训"), share=bottom, course="risk control", due_days=60
            ),
            senior,
        ],
    )


def results() -> list[PersonResult]:
    """Everybody's, of every quarter: 80 scores, four grades in turn, 80 NPL ratios."""
    npl = [lp.Quantity(Fraction(permille, 1000)) for permille in range(80)]
    return [
        PersonResult(
            payee=f"E{number:05}",
            unit=f"u{number % UNITS:03}",
            role="officer",
            period=period,
            score=Decimal(40 + number * 7919 % 80),
            grade="ABCD"[(number + place) % 4],
            readings={"npl_ratio": npl[number % 80]},
            role_since="2025-01-01",
        )
        for number in range(PEOPLE)
        for place, period in enumerate(QUARTERS)
    ]


def bare(people: list[PersonResult]) -> int:
    """Three times everybody of the last quarter in order of unit and score: what any program does that ranks them."""
    now = [(one.unit, one.score, one.payee) for one in people if one.period == LAST]
    return sum(len(sorted(now)) for _ in range(3))


def test_outcomes_of_ten_thousand_people() -> None:
    """Two shares and a promotion over 80,000 results: each person comes to something by each of three rules."""
    people, rules = results(), agreed()
    begun = process_time()
    assert bare(people) == 3 * PEOPLE
    plain, begun = process_time() - begun, process_time()
    found = outcomes_of(rules, people, LAST, as_of="2027-01-15", viewer=Viewer(who="hr", sees="all"))
    took = process_time() - begun
    assert len(found) == 3 * PEOPLE
    print(f"\noutcomes of {len(people):,} results {took:.1f} s, {took / plain:.0f} times sorting them alone")
