"""Forced distribution: counts are exact, a proposal makes the fewest changes, and a tie is for a person to decide."""

from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.test_cycle import HR, PLAN, approved, bank, begun, held, published, scored

import loanperf as lp
from loanperf.cycle import ForcedDistribution, GradeShare, GroupDistribution
from loanperf.cycle._proposals import distributed
from loanperf.viewer import Viewer

GRADES = ("A", "B", "C")


def asked(*shares: str, tolerance: str = "0%", **more: Any) -> ForcedDistribution:
    """Shares of A, B and C."""
    given = [GradeShare(grade=g, share=s, tolerance=tolerance) for g, s in zip(GRADES, shares, strict=True)]
    return ForcedDistribution(shares=given, **more)


def group(rule: ForcedDistribution, **people: str) -> GroupDistribution:
    """A group of people, each written as grade and score: `A95`."""
    return distributed(rule, [(code, said[0], Decimal(said[1:])) for code, said in people.items()], "east")


def changes(found: GroupDistribution) -> list[tuple[str, str, int, tuple[str, ...]]]:
    """From which grade to which, how many, and of whom."""
    return [(change.before, change.after, change.count, change.payees) for change in found.changes]


def limits(rule: ForcedDistribution, people: int) -> list[tuple[int, int]]:
    """The least and the most of each grade, for a group of that many."""
    return [(bound.least, bound.most) for bound in rule.bounds({"A": people})]


# ── how many may have a grade ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("people", "either_way", "whole"),
    [
        (10, [(1, 3), (6, 8), (0, 2)], [(1, 3), (6, 8), (0, 2)]),
        (7, [(0, 3), (4, 6), (0, 2)], [(1, 1), (5, 5), (1, 1)]),
        (5, [(0, 2), (3, 4), (0, 1)], [(1, 1), (4, 4), (0, 0)]),
        (1, [(0, 1), (0, 1), (0, 1)], [(0, 0), (1, 1), (0, 0)]),
    ],
)
def test_a_part_of_a_person_is_rounded_as_the_plan_says(
    people: int, either_way: list[tuple[int, int]], whole: list[tuple[int, int]]
) -> None:
    """20%, 70% and 10%, each 10% up or down, by hand.

    Of 7 people 20% are 1.4: from 0.7 to 2.1, which is 0 to 3; by largest remainder 1.4, 4.9 and 0.7 are 1, 5 and 1, and
    10% of 7 is less than a person. Of 5 they are 1, 3.5 and 0.5: of the equal halves the better grade gets the person.
    """
    assert either_way == limits(asked("20%", "70%", "10%", tolerance="10%"), people)
    assert whole == limits(asked("20%", "70%", "10%", tolerance="10%", part_persons="largest remainder"), people)


# ── proposals, by hand ──────────────────────────────────────────────────────────────────────────────────────


def test_the_lowest_of_a_grade_go_down_first() -> None:
    """Of ten, A may have two and has four: the two lowest of A step to B, which may have seven and has six.

    Then B has eight, so that its lowest steps to C.
    """
    rule = asked("20%", "70%", "10%")
    found = group(rule, a="A99", b="A98", c="A93", d="A91", e="B88", f="B87", g="B86", h="B85", i="B84", j="B76")
    assert [("A", "B", 1, ("c",)), ("A", "B", 1, ("d",)), ("B", "C", 1, ("j",))] == changes(found)
    assert [("A", "B", -2), ("B", "C", -1)] == [(edge.better, edge.worse, edge.count) for edge in found.borders]
    assert not found.is_kept


def test_a_tie_names_all_and_says_how_many() -> None:
    """Of two with 91 one has to go down: which one is not decided here."""
    found = group(asked("25%", "75%", "0%"), a="A91", b="A91", c="B80", d="B79")
    assert [("A", "B", 1, ("a", "b"))] == changes(found)
    assert found.changes[0].is_tied


def test_of_equally_few_changes_the_one_best_for_people_is_proposed_and_the_others_said() -> None:
    """B has one too many, and both A and C have room: one goes up; one down would be as few."""
    found = group(
        asked("40%", "40%", "20%", tolerance="20%", part_persons="largest remainder"),
        a="A95",
        b="B89",
        c="B88",
        d="B80",
        e="B76",
    )
    assert [("B", "A", 1, ("b",))] == changes(found)
    assert [(1, 0, 1), (0, -1, 0)] == [(edge.count, edge.lowest, edge.highest) for edge in found.borders]


def test_a_small_group_is_said_to_be_too_small() -> None:
    """Two people, where three are the smallest group: nothing is asked of them."""
    found = group(asked("0%", "0%", "100%", smallest=3), a="A99", b="A98")
    assert (False, True, ()) == (found.is_applied, found.is_kept, found.changes)
    assert 2 == found.people


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: asked("20%", "70%", "5%"), "its shares sum to 95%"),
        (lambda: ForcedDistribution(shares=[]), "its grades are none"),
        (lambda: ForcedDistribution(shares=[GradeShare(grade="A", share="50%")] * 2), "its grades are A, A"),
        (lambda: GradeShare(grade="A", share=0.5), "0.5"),  # type: ignore[arg-type]
        (lambda: GradeShare(grade="A", share="120%"), "GradeShare.share: it is out of range"),
        (lambda: evolve(PLAN, distribution=asked("20%", "70%", "10%"), grades=["C", "B", "A"]), "the same order"),
        (lambda: asked("20%", "70%", "10%", smallest=0), "ForcedDistribution.smallest"),
        (lambda: begun().distribution(HR), "it asks for no distribution"),
    ],
    ids=[*"abcdefgh"],
)
def test_a_distribution_that_cannot_be_is_refused(wrong: Any, said: str) -> None:
    """With what is wrong."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        wrong()


# ── proposals, whatever the group ───────────────────────────────────────────────────────────────────────────

STAFF = st.lists(st.tuples(st.sampled_from(GRADES), st.integers(60, 66)), min_size=1, max_size=6)
PARTS = st.tuples(st.integers(0, 10), st.integers(0, 10)).map(lambda two: (min(two), max(two)))


@st.composite
def rules(draw: st.DrawFn) -> ForcedDistribution:
    """Tenths for each grade, with any tolerance, rounded in any way."""
    low, high = draw(PARTS)
    tenths = (low, high - low, 10 - high)
    ways: list[Any] = ["either way", "largest remainder"]
    return ForcedDistribution(
        shares=[
            GradeShare(grade=g, share=Fraction(n, 10), tolerance=Fraction(draw(st.integers(0, 4)), 20))
            for g, n in zip(GRADES, tenths, strict=True)
        ],
        part_persons=draw(st.sampled_from(ways)),
    )


def after(found: GroupDistribution, people: dict[str, tuple[str, Decimal]]) -> dict[str, str]:
    """The grade of each once a person took a proposal up, the first of those who tie."""
    now, taken = {code: grade for code, (grade, _) in people.items()}, set[str]()
    for change in found.changes:
        for code in [code for code in change.payees if code not in taken][: change.count]:
            now[code] = change.after
            taken.add(code)
    return now


@given(rules(), STAFF)
def test_a_proposal_keeps_the_shares_with_the_fewest_steps(
    rule: ForcedDistribution, staff: list[tuple[str, int]]
) -> None:
    """Beside every way to give everybody a grade: none that keeps the shares takes fewer steps, and one always does."""
    people = {f"p{place}": (grade, Decimal(score)) for place, (grade, score) in enumerate(staff)}
    found = distributed(rule, [(code, *held) for code, held in people.items()], "")
    now = after(found, people)

    def keeps(grades: tuple[str, ...]) -> bool:
        return all(bound.least <= grades.count(bound.grade) <= bound.most for bound in found.grades)

    def steps(grades: tuple[str, ...]) -> int:
        pairs = zip(grades, people.values(), strict=True)
        return sum(abs(GRADES.index(new) - GRADES.index(old)) for new, (old, _) in pairs)

    ways = [steps(grades) for grades in product(GRADES, repeat=len(people)) if keeps(grades)]
    proposed = tuple(now[code] for code in people)
    assert keeps(proposed)
    assert min(ways) == steps(proposed)
    assert found.is_kept is not bool(found.changes)


@given(rules(), STAFF)
def test_nobody_passes_anybody(rule: ForcedDistribution, staff: list[tuple[str, int]]) -> None:
    """Who had the same or a better grade and score has the same or a better grade afterwards; order does not matter."""
    people = {f"p{place}": (grade, Decimal(score)) for place, (grade, score) in enumerate(staff)}
    rows = [(code, *held) for code, held in people.items()]
    found = distributed(rule, rows, "")
    assert found == distributed(rule, rows[::-1], "")
    now = after(found, people)
    for (code, (grade, score)), (other, (their, points)) in product(people.items(), repeat=2):
        if grade < their or (grade == their and score > points):
            assert now[code] <= now[other]


# ── groups of a cycle ───────────────────────────────────────────────────────────────────────────────────────


def test_units_are_groups_by_the_snapshot_that_decides() -> None:
    """East has three with a score and zhou without; west and the bank have nobody with one."""
    known = scored(begun(evolve(PLAN, distribution=asked("40%", "40%", "20%", tolerance="10%"))), lin=88, wu=92, he=70)
    bank_, east, west = known.distribution(HR)
    assert ("bank", "east", "west") == (bank_.unit, east.unit, west.unit)
    assert (3, ("zhou",), ("fang", "ma")) == (east.people, east.ungraded, west.ungraded)
    assert [1, 1, 1] == [bound.count for bound in east.grades]
    everybody = scored(begun(evolve(PLAN, distribution=asked("40%", "40%", "20%", by="all"))), lin=88, wu=92)
    assert [("", 2)] == [(found.unit, found.people) for found in everybody.distribution(HR)]
    assert () == known.distribution(Viewer(who="zhou", sees=("lin", "wu")))


def test_who_moved_since_the_snapshot_counts_in_their_old_unit() -> None:
    """Lin works in west from July 1 on; results are calibrated as of June 30, and published as of July 3."""
    plan = evolve(PLAN, publishes_as_of="2026-07-03", distribution=asked("40%", "40%", "20%"))
    known = begun(plan)
    moved = bank(held("lin", "west", "officer", "2026-07-01"), without=("lin",))
    known = known.after(known.take_snapshots(moved, on="2026-07-01", by="hr", at="2026-07-01"))
    found = {one.unit: one.people for one in scored(known, lin=88, wu=92).distribution(HR)}
    assert {"bank": 0, "east": 2, "west": 0} == found


def test_a_distribution_does_not_tell_a_viewer_of_their_own_result() -> None:
    """Lin sees everybody's: before the publication lin is not counted, and it is said so."""
    known = scored(begun(evolve(PLAN, distribution=asked("40%", "40%", "20%"))), lin=88, wu=92, he=70)
    lin = Viewer(who="lin", sees="all")
    assert (2, ("lin",)) == (known.distribution(lin)[1].people, known.distribution(lin)[1].left_out)
    assert known.distribution(lin) == scored(known, lin=99).distribution(lin)
    shown = published(approved(known, "lin"), "lin")
    assert 3 == shown.distribution(lin)[1].people
