"""Goals: a cascade sums at every level, keeps every floor and cap, and says why each has what they have."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any, cast

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.goals import Cascade, CascadeRules, Goal, Key, Ramp, cascade, recascade, states_of

JUNE = lp.Period.month(2026, 6)
TREE = {"bank": None, "east": "bank", "west": "bank", "e1": "east", "e2": "east"}
STAFF = {"an": "e1", "bo": "e1", "cui": "e2", "deng": "west", "er": "west"}


def case(published: list[dict[str, Any]], code: str) -> dict[str, Any]:
    """One published case by its id."""
    (found,) = (item for item in published if item["id"] == code)
    return found


def bank(staff: Mapping[str, str] = STAFF, since: Mapping[str, str] | None = None) -> lp.Organisation:
    """A bank of two branches, one of which has two teams; everybody has been there for a year and more."""
    begun = since or {}
    return lp.Organisation(
        units=[lp.Unit(code=code, parent=parent) for code, parent in TREE.items()],
        assignments=[
            lp.Assignment(payee=code, unit=unit, role="sales", since=begun.get(code, "2025-01-01"))
            for code, unit in staff.items()
        ],
    )


def goal(value: Any, **given: Any) -> Goal:
    """A goal of the bank for what is paid out in June."""
    return Goal(**{"indicator": "disbursed_amount", "owner": "bank", "period": JUNE, "value": value} | given)


def handed(value: Any, organisation: lp.Organisation | None = None, said: Any = None, **rules: Any) -> Cascade:
    """It handed down as of the first of June."""
    return cascade(goal(value), organisation or bank(), CascadeRules(**rules), as_of="2026-06-01", said=said)


def parts(found: Cascade) -> dict[str, str]:
    """What each has in all, as printed."""
    return {code: str(found.total(code)) for code in found.codes}


def history(**weights: Any) -> Key:
    """A key of what each reached before."""
    return Key(name=lp.Label("history", "历史业绩"), weights=weights)


# ── one hundred equals, and mixed keys ──────────────────────────────────────────────────────────────────────


def test_a_hundred_million_a_month_is_a_million_for_each_of_a_hundred_equals() -> None:
    """The case that everybody checks first: 1亿元 by equal history is 100万元 each, and no fen is left over."""
    people = {f"p{number:03}": "east" for number in range(100)}
    found = handed("1亿元", bank(people), keys=[history(**dict.fromkeys(people, "80万元"))], step="1万元")

    assert {str(found.total(code)) for code in people} == {"1000000 CNY"}
    assert str(found.total("bank")) == "100000000 CNY"
    assert found.problems == ()


def test_keys_are_mixed_by_their_shares() -> None:
    """By hand, 1,000万: 500 by history 4:3:2:1:0, 300 by heads (60 each), 200 by potential, all of it cui's.

    So an has 200 + 60, bo 150 + 60, cui 100 + 60 + 200, deng 50 + 60 and er 60; who is new has no history, and still a
    target.
    """
    keys = [
        Key(name="history", share="50%", weights={"an": 40, "bo": 30, "cui": 20, "deng": 10, "er": 0}),
        Key(name="headcount", share="30%"),
        Key(name="potential", share="20%", weights={"cui": 1}),
    ]
    found = handed("1000万元", keys=keys)

    assert parts(found) == {
        "an": "2600000 CNY",
        "bo": "2100000 CNY",
        "cui": "3600000 CNY",
        "deng": "1100000 CNY",
        "er": "600000 CNY",
        "e1": "4700000 CNY",
        "e2": "3600000 CNY",
        "east": "8300000 CNY",
        "west": "1700000 CNY",
        "bank": "10000000 CNY",
    }
    assert found.problems == ()  # in e1 and west nobody is named by potential


def test_a_unit_may_have_a_weight_of_its_own() -> None:
    """By hand, 100 by history: east 60 of 100 though its people have 10, which they share 1:1:2; west 40 by 3:1."""
    found = handed("100万元", keys=[history(east=60, west=40, an=1, bo=1, cui=2, deng=3, er=1)])

    assert [str(found.total(code)) for code in ("east", "an", "bo", "cui", "deng", "er")] == [
        *("600000 CNY", "150000 CNY", "150000 CNY", "300000 CNY", "300000 CNY", "100000 CNY"),
    ]


def test_months_have_what_their_season_weighs_and_rounding_is_made_good() -> None:
    """100万 a month among three equals, in steps of 1万: 34 goes to each of them once, and all have 100 in the quarter.

    Rounded month by month alone, the first by code would get the odd step every month, and 3万 more than the others.
    """
    months = {lp.Period.month(2026, number): 1 for number in (4, 5, 6)}
    rules = CascadeRules(months=months, step="1万元")
    found = cascade(
        goal("300万元", owner="bank", period="2026-Q2"),
        bank({"an": "west", "bo": "west", "cui": "west"}),
        rules,
        as_of="2026-04-01",
    )

    assert [str(part.target) for part in found.of("bank")] == ["1000000 CNY"] * 3
    assert {code: [int(part.target.value) // 10_000 for part in found.of(code)] for code in ("an", "bo", "cui")} == {
        "an": [34, 33, 33],
        "bo": [33, 34, 33],
        "cui": [33, 33, 34],
    }


# ── bounds, ramps, reserves ─────────────────────────────────────────────────────────────────────────────────


def test_floors_and_caps_are_kept_and_the_others_share_what_they_give_and_take() -> None:
    """100万 by 8:1:1:0:0, and equal shares for two: an is cut to 60, and nobody has less than 5."""
    found = handed(
        "100万元", keys=[history(an=8, bo=1, cui=1, deng=0, er=0)], zero="equal share", floor="5万元", cap="60万元"
    )

    assert found.total("bank").value == 1_000_000
    assert all(50_000 <= found.total(code).value <= 600_000 for code in STAFF)


def test_what_is_assigned_beyond_the_goal_is_shown_apart() -> None:
    """1亿 with 5% beyond it: targets come to 1.05亿, what was asked of people still to 1亿, at every level."""
    found = handed("1亿元", over="5%", step="1万元")

    assert str(found.total("bank")) == "105000000 CNY"
    for part in found:
        below = [one for one in found if one.unit == part.code]
        if below:
            assert part.asked.value == sum(one.asked.value for one in below)
            assert part.over.value == sum(one.over.value for one in below)
    (top,) = found.of("bank")
    assert (str(top.asked), str(top.over)) == ("100000000 CNY", "5000000 CNY")


@pytest.mark.parametrize(
    ("uncarried", "expected"),
    [
        # 500 by heads are 100 each; er carries 30, and deng of the same branch the other 70
        ("others", {"er": 30, "deng": 170, "an": 100, "west": 200, "bank": 500}),
        # or the branch keeps the 70
        ("unit", {"er": 30, "deng": 100, "an": 100, "west": 200, "bank": 500}),
    ],
)
def test_who_is_new_carries_a_part(uncarried: Any, expected: dict[str, int]) -> None:
    """By hand; who came in June carries 30% in June, and the branch has its target all the same."""
    ramp = Ramp(parts=["30%", "60%"], uncarried=uncarried)
    found = handed("500万元", bank(since={"er": "2026-06-01"}), ramp=ramp)

    assert {code: int(found.total(code).value) // 10_000 for code in expected} == expected
    kept = [part for part in found if part.kind == "kept"]
    assert [(part.code, str(part.target)) for part in kept] == ([("west", "700000 CNY")] if uncarried == "unit" else [])


def test_a_ramp_rises_by_month_of_service() -> None:
    """By hand, a quarter of 200 a month between two: who comes in April carries 30, then 60, then 100."""
    months = {lp.Period.month(2026, number): 1 for number in (4, 5, 6)}
    rules = CascadeRules(months=months, ramp=Ramp(parts=["30%", "60%"], uncarried="others"))
    organisation = bank({"deng": "west", "er": "west"}, {"er": "2026-04-01"})
    found = cascade(goal("600万元", period="2026-Q2"), organisation, rules, as_of="2026-04-01")

    assert [int(part.target.value) // 10_000 for part in found.of("er")] == [30, 60, 100]
    assert [int(part.target.value) // 10_000 for part in found.of("deng")] == [170, 140, 100]


def test_the_others_are_those_of_the_unit_above_where_a_whole_team_is_new() -> None:
    """By hand: cui is all of e2, and new; an and bo, of the same branch, carry 35 more each, and west does not."""
    ramp = Ramp(parts=["30%"], uncarried="others")
    found = handed("500万元", bank(since={"cui": "2026-06-01"}), ramp=ramp)

    assert {code: int(found.total(code).value) // 10_000 for code in STAFF} == {
        "an": 135, "bo": 135, "cui": 30, "deng": 100, "er": 100,
    }  # fmt: skip


def test_a_limit_may_be_made_as_strict_as_it_can_be() -> None:
    """5% less 5% is 0%, and 95% and 5% more is 100%: hard, and not impossible."""
    made = limited("npl_ratio", "5%", "5%"), limited("retention_rate", "95%", "5%"), limited("x", "9", "99")
    assert [0, 1, 108] == [found.total("an").value for found in made]


def test_an_english_reason_names_the_indicator() -> None:
    """A lead reads the name and not the code; an indicator that the catalogue does not have keeps its code."""
    assert "goal of bank in 2026-06: disbursed amount at least" in handed("9 元").explain("an").text()
    assert "own" == goal("9", indicator="own").name.en


def test_who_is_left_out_is_told() -> None:
    """By hand: of five people an alone has weight; the four others have no target, and HR reads their names.

    It is told when the goal is divided anew as well; who is not left out is in no problem.
    """
    weights = {"an": 1, "bo": 0, "cui": 0, "deng": 0, "er": 0}
    found = handed("100万元", keys=[history(**weights)], zero="left out")
    again = recascade(found, bank(), as_of="2026-06-16")
    for one in (found, again):
        assert ["bo", "cui", "deng", "er"] == [problem.payee for problem in one.problems]
    assert str(found.problems[0]).startswith("target of bo: no key gives them anything, and the rules leave them out")
    assert () == handed("100万元", keys=[history(**weights)], zero="equal share").problems


def test_who_carries_for_their_team_carries_for_the_team_beside_too() -> None:
    """By hand, 300 by heads are 100 each; bo of e1 and cui, who is all of e2, are new and carry 30 each.

    The 70 of bo fall to an, who carries 170. In e2 there is nobody else, so the 70 of cui fall to whoever is not new in
    east, which is an again: 240. Of the 300, e1 has 270 and e2 30.
    """
    found = handed(
        "300万元",
        bank({"an": "e1", "bo": "e1", "cui": "e2"}, {"bo": "2026-06-01", "cui": "2026-06-01"}),
        ramp=Ramp(parts=["30%"], uncarried="others"),
    )

    expected = {"an": 240, "bo": 30, "cui": 30, "e1": 270, "e2": 30, "east": 300, "bank": 300}
    assert expected == {code: int(found.total(code).value) // 10_000 for code in expected}


def test_who_comes_within_a_stretch_is_in_the_first_month_of_service() -> None:
    """By hand, 200 for a quarter are 100 each; er comes in June, two months after it began, and carries 30% of 100.

    Whoever counted those two months as service would ask er for all of it, and deng for nothing more.
    """
    rules = CascadeRules(ramp=Ramp(parts=["30%", "60%"], uncarried="others"))
    organisation = bank({"deng": "west", "er": "west"}, {"er": "2026-06-01"})
    found = cascade(goal("200万元", period="2026-Q2"), organisation, rules, as_of="2026-06-01")

    assert ["300000 CNY", "1700000 CNY"] == [str(found.total(code)) for code in ("er", "deng")]
    assert "30% of it is carried in month 1 of service: 300000 CNY" in reasons(found, "er")


def test_the_floor_of_who_is_new_is_the_part_that_they_carry() -> None:
    """By hand, 500 by heads are 100 each and the floor is 80: er carries 30% of both, 30 of 100, above 24 of 80.

    Whoever held er to 80 would take 50 of the 70 off deng that deng carries for er.
    """
    ramp = Ramp(parts=["30%"], uncarried="others")
    found = handed("500万元", bank(since={"er": "2026-06-01"}), ramp=ramp, floor="80万元")

    assert ["300000 CNY", "1700000 CNY"] == [str(found.total(code)) for code in ("er", "deng")]


@pytest.mark.parametrize("zero", ["equal share", "left out", "15万元"])
def test_what_becomes_of_who_has_no_weight_is_stated(zero: Any) -> None:
    """As `lp.divide` says, which is worked by hand in its tests; each within a step, since a tree divisions by unit."""
    weights = {"an": 4, "bo": 2, "cui": 1, "deng": 0, "er": 0}
    found = handed("100万元", keys=[history(**weights)], zero=zero, step="1万元")
    amount = lp.Money(zero) if zero[0].isdecimal() else zero
    divided = lp.divide("100万元", weights, step=1_000_000, zero=amount)

    assert set(found.codes) - {*TREE} == set(divided)
    assert sum(found.total(code).value for code in divided) == 1_000_000
    for code, part in divided.items():
        assert abs(found.total(code).value - part.exact) <= 10_000
    if zero == "15万元":
        assert {str(found.total(code)) for code in ("deng", "er")} == {"150000 CNY"}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 10**6), min_size=1), st.integers(0, 10**9))
def test_in_a_team_without_units_below_it_it_is_divide(weights: dict[str, int], units: int) -> None:
    """One rule of dividing: what a cascade gives in one level and one month is what `lp.divide` gives."""
    whole = lp.Money.from_units(units, "CNY")
    assume(any(weights.values()))
    team = bank(dict.fromkeys(weights, "bank"))
    found = handed(str(whole), team, keys=[history(**weights)], zero="equal share")

    assert {code: found.total(code).value for code in weights} == {
        code: part.exact for code, part in lp.divide(whole, weights, zero="equal share").items()
    }


# ── counts and ratios ───────────────────────────────────────────────────────────────────────────────────────


def test_a_count_falls_in_whole_pieces() -> None:
    """By hand: 12 customers among five are 3, 3, 2, 2, 2; nobody is asked for 2.4."""
    found = cascade(goal("12", indicator="customer_count"), bank(), as_of="2026-06-01")

    assert sorted(int(found.total(code).value) for code in STAFF) == [2, 2, 2, 3, 3]


def test_a_ratio_is_handed_down_whole() -> None:
    """An NPL ratio of 5% is 5% for each branch and person, or stricter where that is stated; it never sums."""
    npl = goal("5%", indicator="npl_ratio")
    plain = cascade(npl, bank(), as_of="2026-06-01")
    strict = cascade(npl, bank(), CascadeRules(tighter="0.5%"), as_of="2026-06-01")

    assert {part.target.value for part in plain} == {Fraction(1, 20)}
    assert {part.kind: str(part.target) for part in strict} == {"unit": "0.05", "person": "0.045"}
    assert strict.explain("an").text("zh").splitlines() == [
        "an：不良率不高于 4.5%，整体下达，不分解",
        "├─ 较上级目标收紧 0.5%",
        "└─ e1：不良率不高于 5%，整体下达，不分解",
        "   └─ east：不良率不高于 5%，整体下达，不分解",
        "      └─ bank：不良率不高于 5%，整体下达，不分解",
        "         └─ bank 2026-06 目标：不良率不高于 5%",
    ]


# ── beside it, and out of it ────────────────────────────────────────────────────────────────────────────────


def test_what_people_say_stands_beside_what_they_are_asked() -> None:
    """By hand: of 100 each, an says 90, bo 120, cui 80, and west 150 for its two; sums of those below stand above."""
    found = handed("500万元", said={"an": "90万元", "bo": "120万元", "cui": "80万元", "west": "150万元"})

    assert {one.code: int(one.difference.value) // 10_000 for one in found.bottom_up()} == {
        "an": -10, "bo": 20, "cui": -20, "e1": 10, "e2": -20, "east": -10, "west": -50, "bank": -60,
    }  # fmt: skip


def test_who_says_nothing_is_not_counted_as_nothing() -> None:
    """A unit in which somebody is silent has no sum: it would look as if less had been promised than was."""
    found = handed("500万元", said={"an": "90万元"})

    assert [one.code for one in found.bottom_up()] == ["an"]


def test_targets_are_those_that_a_month_is_worked_with() -> None:
    """Of units too, which coefficients look at; by month, so that each month is appraised by its own."""
    targets = handed("500万元").targets()

    assert {target.payee for target in targets} == {*TREE, *STAFF}
    assert {target.period for target in targets} == {JUNE}
    assert {str(target.value) for target in targets if target.payee in STAFF} == {"1000000 CNY"}


def test_a_part_is_explained_from_the_goal_down() -> None:
    """By hand: 103 by heads in steps of 1; by heads cui would have 20.6, of the 62 of the branch 20.67."""
    found = cascade(goal("103万元", strategy="稳健增长"), bank(), CascadeRules(step="1万元"), as_of="2026-06-01")

    assert found.explain("cui").text("zh").splitlines() == [
        "cui 2026-06 目标：21 万元",
        "├─ 按人数分解（占下达总额的 100%）：206,000 元",
        "├─ 在 e2 的目标 21 万元 中所占份额：21 万元",
        "└─ e2 2026-06 目标：21 万元",
        "   ├─ 按人数分解（占下达总额的 100%）：206,000 元",
        "   ├─ 在 east 的目标 62 万元 中所占份额：≈206,666.67 元",
        "   ├─ ≈206,666.67 元 按 1 万元 取整：21 万元",
        "   └─ east 2026-06 目标：62 万元",
        "      ├─ 按人数分解（占下达总额的 100%）：618,000 元",
        "      ├─ 618,000 元 按 1 万元 取整：62 万元",
        "      └─ bank 2026-06 目标：103 万元",
        "         └─ bank 2026-06 目标：放款量不低于 103 万元（战略：稳健增长）",
    ]
    with pytest.raises(lp.errors.UnknownPayeeError, match="nothing is known of a payee 'ann'; did you mean 'an'"):
        found.explain("ann")


def reasons(found: Cascade, code: str) -> list[str]:
    """The reasons of a part right below its sentence, without what stands on them."""
    return [reason.sentence("en") for reason in found.explain(code).because]


def test_reasons_say_what_a_ramp_and_a_reserve_made_of_a_part() -> None:
    """By hand, 525 by heads are 105 each: er, who is new, carries 30% of it, 31.5; deng 105 and the other 73.5."""
    ramp, organisation = Ramp(parts=["30%"], uncarried="others"), bank(since={"er": "2026-06-01"})
    found = handed("500万元", organisation, ramp=ramp, over="5%")
    kept = handed("500万元", organisation, ramp=Ramp(parts=["30%"], uncarried="unit"), over="5%")

    assert reasons(found, "er")[:-1] == [
        "by headcount, 100% of what is assigned: 1050000 CNY",
        "30% of it is carried in month 1 of service: 315000 CNY",
        "300000 CNY of it is of the goal, 15000 CNY is assigned beyond it",
    ]
    assert reasons(found, "deng")[1:-1] == [
        "735000 CNY is added, which new people do not carry: 1785000 CNY",
        "1700000 CNY of it is of the goal, 85000 CNY is assigned beyond it",
    ]
    assert "735000 CNY of it stays with the unit, since new people do not carry it" in reasons(kept, "west")


def test_reasons_say_what_bounds_made_of_a_part() -> None:
    """By hand, 100 by 8:1:1: with a cap of 60 the others have 20 each; with a floor of 15, the first has 70."""
    team, keys = bank({"an": "bank", "bo": "bank", "cui": "bank"}), [history(an=8, bo=1, cui=1)]
    capped, floored = (
        handed("100万元", team, keys=keys, cap="60万元"),
        handed("100万元", team, keys=keys, floor="15万元"),
    )

    assert reasons(capped, "an")[1:-1] == ["cap 600000 CNY: 200000 CNY is taken off"]
    assert reasons(capped, "bo")[1:-1] == ["floors and caps of others in bank make it 200000 CNY"]
    assert reasons(floored, "bo")[1:-1] == ["floor 150000 CNY: 50000 CNY is added"]
    assert reasons(floored, "an")[1:-1] == ["floors and caps of others in bank make it 700000 CNY"]


def test_reasons_say_what_became_of_who_has_no_weight() -> None:
    """By hand, 90 for three, of whom one has no history: a third, or what was stated."""
    team, keys = bank({"an": "bank", "bo": "bank", "cui": "bank"}), [history(an=1, bo=1, cui=0)]
    equal = handed("90万元", team, keys=keys, zero="equal share")
    stated = handed("90万元", team, keys=keys, zero="10万元")

    assert reasons(equal, "cui")[0] == "no key gives anything: an equal share, 300000 CNY"
    assert reasons(stated, "cui")[0] == "no key gives anything: 100000 CNY, as stated"


def test_who_is_not_named_by_a_key_that_names_others_is_told() -> None:
    """A name forgotten in a table looks like somebody who did nothing; a key that knows units alone forgot nobody."""
    some = handed("100万元", keys=[history(an=1, cui=1, deng=1, er=1)], zero="equal share")
    units = handed("100万元", keys=[history(east=2, west=1)], zero="equal share")

    assert [(problem.payee, problem.fault) for problem in some.problems] == [("bo", "none is given; it counts as zero")]
    assert units.problems == ()
    assert str(units.total("east")) == "666666.67 CNY"


def test_a_frame_has_a_row_a_part() -> None:
    """What a manager draws: in yuan, with the unit above each; the owner has none above."""
    found = handed("500万元")
    frame = found.frame("pandas")

    assert [*frame.columns] == ["goal", "code", "kind", "unit", "level", "period", "target", "asked", "counts"]
    assert frame[frame["kind"] == "person"]["target"].sum() == 5_000_000
    assert frame["unit"].isna().sum() == 1
    assert len(frame) == len(found) == 10
    with pytest.raises(lp.errors.DataError, match="there is no kind 'excel'"):
        found.frame(cast("Any", "excel"))


def test_a_notebook_shows_the_first_two_levels_and_escapes_names() -> None:
    """Ten thousand rows would hide the five that a manager looks for; a code is text and no markup."""
    people = lp.Organisation(assignments=[lp.Assignment(payee="<b>", unit="east", role="sales", since=BEGUN)])
    found = cascade(goal("100万元", owner="east"), people, as_of="2026-06-01")

    assert "<td>&lt;b&gt;</td><td>2026-06</td><td>100 万元</td>" in found._repr_html_()
    assert "<b>" not in found._repr_html_()
    assert "<td>east</td>" in (shown_first := handed("5 元")._repr_html_())
    assert "<td>an</td>" not in shown_first
    assert repr(found) == "Cascade('east/disbursed_amount/2026-06', 2 units and people)"


# ── published: goals made of goals ──────────────────────────────────────────────────────────────────────────


def below(parent: str, shares: list[Any], done: dict[str, str], goals: list[Goal]) -> None:
    """Goals below one, each with its share in percent, or with goals of its own."""
    for number, share in enumerate(shares):
        code = f"{parent}.{number}"
        goals.append(goal("1 元", code=code, parent=parent))
        if isinstance(share, list):
            below(code, share, done, goals)
        else:
            done[code] = f"{share}%"


def test_a_goal_is_as_far_as_those_below_it_on_average(published: list[dict[str, Any]]) -> None:
    """Case hrms-goal-nested: the mean of means, not of leaves."""
    found = case(published, "hrms-goal-nested")
    goals, done = [goal("1 元", code="parent")], dict[str, str]()
    below("parent", found["inputs"]["tree"], done, goals)
    states = {state.goal: state.share * 100 for state in states_of(goals, done)}

    assert found["expected"] == {"child2": states["parent.1"], "parent": states["parent"]}


def test_a_goal_that_moves_takes_its_share_along(published: list[dict[str, Any]]) -> None:
    """Case hrms-goal-move-subtree: who loses all below it is at nothing, and who gains one is the mean of three."""
    found = case(published, "hrms-goal-move-subtree")
    tops = [goal("1 元", code=code) for code in ("parent1", "parent2")]
    child1, child2 = (goal("1 元", code=code, parent=up) for code, up in (("child1", "parent1"), ("child2", "parent2")))
    leaves = [goal("1 元", code=f"leaf{number}", parent="child1") for number in range(2)]
    before = states_of([*tops, child1, child2, *leaves], {"leaf0": "25%", "leaf1": "0%", "child2": "25%"})
    after = states_of(
        [*tops, child1, goal("1 元", code="child2", parent="child1"), *leaves],
        {"leaf0": "25%", "leaf1": "0%", "child2": "25%"},
    )
    shown = {state.goal: float(lp.percent(state.share, 3).strip("≈%")) for state in after}

    assert str(before[1]) == "parent2: 25%, in progress"
    assert {code: float(share) for code, share in found["expected"].items()} == {
        code: shown[code] for code in found["expected"]
    }


def test_a_goal_says_how_it_stands(published: list[dict[str, Any]]) -> None:
    """Case hrms-goal-status: by its share; archived and closed stay, and an archived goal does not count above."""
    found = case(published, "hrms-goal-status")
    words = {"Pending": "pending", "In Progress": "in progress", "Completed": "completed"}
    goals = [goal("1 元", code=str(share)) for share in found["inputs"]["progress"]]
    states = states_of(goals, {str(share): f"{share}%" for share in found["inputs"]["progress"]})

    assert [words[word] for word in found["expected"]] == [state.status for state in states]
    top, old = goal("1 元", code="top"), goal("1 元", code="old", parent="top", standing="archived")
    new = goal("1 元", code="new", parent="top", standing="closed")
    assert [(state.status, state.share) for state in states_of([top, old, new], {"new": "50%"})] == [
        ("in progress", Fraction(1, 2)),
        ("archived", 0),
        ("closed", Fraction(1, 2)),
    ]


def test_one_goal_given_twice_is_two_of_one_code() -> None:
    """The same object twice is a slip of a list, told as two goals of one code are."""
    year = goal("1 元", code="year")
    with pytest.raises(lp.errors.DataError, match="goal 'year': two goals have this code"):
        states_of([year, year], {})


@pytest.mark.parametrize(
    ("goals", "done", "message"),
    [
        ([{"code": "a"}, {"code": "a"}], {}, "goal 'a': two goals have this code"),
        ([{"code": "a", "parent": "b"}], {}, "it is said to be a part of 'b', which is no goal"),
        ([{"code": "a", "parent": "b"}, {"code": "b", "parent": "a"}], {}, "'a' is a part of itself"),
        ([{"code": "a"}], {"b": "1%"}, "goal 'b': there is no such goal"),
        ([{"code": "a"}], {"a": "-1%"}, "it is -1%; give 0% or more"),
        ([{"code": "a"}, {"code": "b", "parent": "a"}], {"a": "1%"}, "there are goals below it"),
    ],
)
def test_goals_that_contradict_each_other_are_refused(
    goals: list[dict[str, Any]], done: dict[str, str], message: str
) -> None:
    """A share that nobody can have reached would stand on every page above."""
    with pytest.raises(lp.errors.DataError, match=message):
        states_of([goal("1 元", **given) for given in goals], done)


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "rules", "message"),
    [
        ("100万元", {"floor": "30万元"}, "the floors of 2026-06 come to 1500000, 500000 more than the 1000000 to be"),
        (
            "100万元",
            {"cap": "10万元"},
            "the caps of 2026-06 come to 500000, 500000 less than the 1000000 to be assigned",
        ),
        (
            "100万元",
            {"floors": {"an": "30万元"}, "caps": {"an": "20万元"}},
            "the cap of 'an' is 200000, below its floor",
        ),
        (
            "100万元",
            {"floors": {"an": "30万元"}, "caps": {"e1": "20万元"}},
            "the cap of unit 'e1' is 200000, below its floor",
        ),
        ("100万元", {"step": "3万元"}, "the goal, 1000000 CNY, is no whole number of steps of 30000 CNY"),
        ("100万元", {"step": "10万元", "over": "5%"}, "what is assigned beyond the goal is no whole number of steps"),
        ("100万元", {"keys": [history(an=1)]}, "'bo' has a weight of zero, and 3 more; state zero ="),
        ("100万元", {"keys": [history(an=0)], "zero": "left out"}, "nobody has weight by the key 'history'"),
        ("100万元", {"ramp": Ramp(parts=["50%"] * 18, uncarried="others")}, "everybody is in the ramp"),
    ],
)
def test_a_goal_that_cannot_be_handed_down_is_refused(value: Any, rules: dict[str, Any], message: str) -> None:
    """It says by how much, and what to change: a manager who moves three numbers at once needs to know which."""
    with pytest.raises(lp.errors.AllocationError, match=message):
        handed(value, **rules)


def limited(code: str, value: str, tighter: str, **given: Any) -> Cascade:
    """A limit handed down whole, stricter for people."""
    held = goal(value, **{"indicator": code, "hands_down": "whole"} | given)
    return cascade(held, bank(), CascadeRules(tighter=tighter), as_of=JUNE.start)


BAD: dict[str, Any] = {"float": {"an": 0.5}, "units": {"an": "1 元", "bo": 2}}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: handed("1 元", floors={"gone": "1 元"}), "the floor of 'gone': it has no part of this goal"),
        (lambda: handed("1 元", said={"zz": "1 元"}), "what is said by 'zz': it has no part of this goal"),
        (lambda: handed("1 元", roles=["lead"]), "unit 'bank': nobody with the role 'lead' is assigned to it"),
        (lambda: handed("1 元", bank({})), "unit 'bank': nobody is assigned to it or below it on 2026-06-01"),
        (lambda: Key(name="history", weights={"an": "many"}), "the weight of 'an': it is no number: cannot read"),
        (lambda: Key(name="history", weights=BAD["float"]), "the weight of 'an': it is no number: 0.5 is a float"),
        (lambda: Key(name="history", weights={"an": -1}), "the weight of 'an': it is -1; give one number of zero or"),
        (
            lambda: Key(name="history", weights=BAD["units"]),
            "the weight of 'bo': it is in no unit, and that",
        ),
        (lambda: CascadeRules(keys=[Key(name="a", share="50%")]), "the shares of the keys sum to 50%; make them sum"),
        (lambda: CascadeRules(floor="2 元", cap="1 元"), r"CascadeRules.cap: 1 CNY is below the floor, 2 CNY"),
        (lambda: CascadeRules(zero="nothing"), "CascadeRules.zero: it is 'nothing'; say 'equal share', 'left out'"),
        (lambda: CascadeRules(months={JUNE: 1, lp.Period.month(2026, 8): 1}), "2026-08 does not follow on 2026-06"),
        (lambda: CascadeRules(months={JUNE: 0}), "a weight is below zero, or all are zero"),
        (
            lambda: handed("1 元", months={lp.Period.month(2026, 7): 1}),
            "and the goal is for 2026-06; name the stretches",
        ),
        (lambda: handed("1 元", tighter="1 元"), "the goal is divided, and has no limit"),
        (
            lambda: limited("npl_ratio", "5%", tighter="6%"),
            "tighter: a limit of 5% made stricter by 6% is 1% below zero; give 5% or less",
        ),
        (
            lambda: limited("retention_rate", "95%", tighter="10%"),
            "a limit of 95% made stricter by 10% is 5% above 100%; give 5% or less",
        ),
        (
            lambda: limited("npl_ratio", "5%", indicator="bad loans", test="at most", tighter="6%"),
            "a limit of 5% made stricter by 6% is 1% below zero",
        ),
        (lambda: CascadeRules(zero="0 元"), "zero: it is 0 CNY, and a target of zero measures nothing; say 'left out'"),
        (
            lambda: recascade(handed("9 元"), bank(), as_of="2026-06-16", keep="an"),
            "keep: it is no list .found 'an'.; pass a list of codes of payees",
        ),
        (lambda: Ramp(parts=["60%", "30%"], uncarried="unit"), "they do not rise"),
        (lambda: goal("5", indicator="npl_ratio"), "5 is 500%"),
        (lambda: goal("5%", indicator="npl_ratio", hands_down="divided"), "is a ratio, whose parts do not sum to it"),
        (lambda: goal("-1 元"), "its value is -1 CNY; give zero or more"),
        (
            lambda: cascade(goal("5%", indicator="npl_ratio"), bank(), CascadeRules(floor="1%"), as_of=JUNE.start),
            "'npl_ratio' is handed down whole, and never divided; leave it out",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(make: Any, message: str) -> None:
    """A slip in a goal reaches everybody below it."""
    with pytest.raises(lp.errors.DataError, match=message):
        make()


def test_a_leaver_has_no_target() -> None:
    """Neither a goal nor a floor of their own; a weight of last year is said to count for nothing, and stops nobody."""
    organisation = lp.Organisation(
        units=[lp.Unit(code="bank")],
        assignments=[
            lp.Assignment(payee="an", unit="bank", role="sales", since="2025-01-01"),
            lp.Assignment(payee="bo", unit="bank", role="sales", since="2025-01-01", until="2026-05-01"),
        ],
    )
    with pytest.raises(lp.errors.DataError, match="'bo' left on 2026-05-01, and has no target on 2026-06-01"):
        cascade(goal("1 元", owner="bo"), organisation, as_of="2026-06-01")
    with pytest.raises(lp.errors.DataError, match="the floor of 'bo': who left on 2026-05-01 has no target"):
        handed("1 元", organisation, floors={"bo": "1 元"})
    found = handed("1 元", organisation, keys=[history(an=1, bo=1)])
    assert parts(found) == {"an": "1 CNY", "bank": "1 CNY"}
    assert [problem.fault for problem in found.problems] == ["who left on 2026-05-01 has no part of the goal"]
    with pytest.raises(lp.errors.NoAssignmentError, match="'north' has no assignment on 2026-06-01"):
        cascade(goal("1 元", owner="north"), organisation, as_of="2026-06-01")


def test_a_bound_in_another_unit_is_refused() -> None:
    """A floor of 5 customers for a goal of money would be 5 yuan."""
    with pytest.raises(lp.errors.UnitError, match="the floor of 'an' is in person; it must be in CNY"):
        handed("1 元", floors={"an": "5人"})


# ── properties ──────────────────────────────────────────────────────────────────────────────────────────────

WEIGHTS = st.dictionaries(st.sampled_from([*STAFF]), st.integers(0, 1000))
STEPS = st.integers(10, 10**6)


@st.composite
def cascades(draw: st.DrawFn) -> tuple[Goal, lp.Organisation, CascadeRules]:
    """A goal of a bank with people somewhere in its tree, and rules that it can keep."""
    homes = draw(st.lists(st.sampled_from([*TREE]), min_size=1, max_size=12))
    staff = {f"p{number}": home for number, home in enumerate(homes)}
    since = {code: draw(st.sampled_from(["2025-01-01", "2026-04-01", "2026-06-01"])) for code in staff}
    since |= {"p0": "2025-01-01"}
    steps = draw(STEPS)
    months = {lp.Period.month(2026, 5): draw(st.integers(1, 9)), JUNE: draw(st.integers(1, 9))}
    low = draw(st.integers(0, steps // (len(staff) * 20)))
    weights = {code: draw(st.integers(0, 50)) for code in staff}
    ramp = draw(st.sampled_from([None, *(Ramp(parts=["30%", "60%"], uncarried=who) for who in ("others", "unit"))]))
    history = weights | {"p0": 1}
    mixed = [Key(name="heads", share="40%"), Key(name="history", share="60%", weights=history)]
    in_may = sum(day < "2026-05-01" for day in since.values())
    most = steps * 10 // in_may + 1 + draw(st.integers(0, steps))
    rules = CascadeRules(
        keys=draw(st.sampled_from([mixed, [Key(name="history", weights=history)]])),
        months=months,
        step="1万元",
        floor=f"{low}万元",
        cap=draw(st.sampled_from([None, f"{most}万元"])),
        ramp=ramp,
        over=draw(st.sampled_from(["0%", "10%"])),
        zero="equal share",
    )
    return goal(f"{steps * 10}万元", period="2026-05-01/2026-07-01"), bank(staff, since), rules


def must_sum(found: Cascade) -> None:
    """Hold each unit and day to the sum of the parts right below, asked and assigned."""
    for division in found.divisions:
        for row in (*(held.targets for held in division.held), *(held.asked for held in division.held)):
            for unit, places in division.below.items():
                assert row[unit] == sum(row[place] for place in places)


def served(since: date, on: date) -> Fraction:
    """What part is carried by 30%, 60% and all of it: the firsts of months since the one of the hire are counted."""
    months = sum(date(year, month, 1) <= on for year in (2025, 2026) for month in range(1, 13)
                 if date(year, month, 1) > since)  # fmt: skip
    return (Fraction(3, 10), Fraction(6, 10), Fraction(1))[min(months, 2)]


@given(cascades())
def test_a_cascade_sums_at_every_level_and_keeps_floors_and_caps(
    book: tuple[Goal, lp.Organisation, CascadeRules],
) -> None:
    """No yuan of a goal is lost between a company and its people, and nobody is asked less or more than was agreed."""
    found = cascade(*book, as_of="2026-06-01")
    must_sum(found)
    whole = book[0].value.value
    assert whole == sum(part.asked.value for part in found.of("bank"))
    assert whole * (1 + book[2].over) == found.total("bank").value
    for part in (part for part in found if part.kind == "person"):
        since = next(item.since for item in book[1].assignments if item.payee == part.code)
        assert since < part.period.end
        carried = served(since, part.period.start) if book[2].ramp else Fraction(1)
        assert book[2].floor is not None
        assert part.target.value >= book[2].floor.value * carried
        assert book[2].cap is None or part.target.value <= book[2].cap.value
        assert (part.target.value / 10_000).denominator == 1


@given(cascades(), st.randoms(use_true_random=False))
def test_the_order_of_people_does_not_matter(book: tuple[Goal, lp.Organisation, CascadeRules], chance: Random) -> None:
    """A cascade that depends on the order of rows of a query is another on every database."""
    asked, organisation, rules = book
    mixed = lp.Organisation(
        units=chance.sample(organisation.units, len(organisation.units)),
        assignments=chance.sample(organisation.assignments, len(organisation.assignments)),
    )
    assert cascade(asked, organisation, rules, as_of="2026-06-01") == cascade(asked, mixed, rules, as_of="2026-06-01")


@given(cascades())
def test_a_cascade_is_read_back_and_explains_every_part(book: tuple[Goal, lp.Organisation, CascadeRules]) -> None:
    """What was handed down is kept as data, and says later why."""
    found = cascade(*book, as_of="2026-06-01")
    data = json.loads(json.dumps(found.data(), ensure_ascii=False))
    again = Cascade.from_data(data)
    assert again == found
    assert again.data() == data
    for code in found.codes:
        assert again.explain(code) == found.explain(code)
        assert found.explain(code).text("zh")


# ── divided anew ────────────────────────────────────────────────────────────────────────────────────────────


def staff(*rows: tuple[str, str, str, str | None]) -> lp.Organisation:
    """A bank with people as they come and go: payee, unit, first day, first day no longer."""
    return lp.Organisation(
        units=[lp.Unit(code=code, parent=parent) for code, parent in TREE.items()],
        assignments=[
            lp.Assignment(payee=code, unit=unit, role="sales", since=since, until=until)
            for code, unit, since, until in rows
        ],
    )


BEGUN = "2025-01-01"


def shown(found: Cascade, code: str) -> list[tuple[str, int]]:
    """What somebody has, by days, in 万元."""
    return [(str(part.period), int(part.target.value) // 10_000) for part in found.of(code)]


def test_nothing_is_given_for_days_before_somebody_came() -> None:
    """By hand: 120 a month by heads are 40 each; by May bo carries what cui, who comes to west in June, does not."""
    people = staff(("an", "east", BEGUN, None), ("bo", "west", BEGUN, None), ("cui", "west", "2026-06-10", None))
    months = [lp.Period.month(2026, month) for month in (4, 5, 6, 7)]
    quarter = goal("480万元", period=lp.Period("2026-04-01", "2026-08-01"))
    rules = CascadeRules(months=dict.fromkeys(months, 1))
    found = cascade(quarter, people, rules, as_of="2026-06-15")

    spring, summer = ["2026-04", "2026-05"], ["2026-06", "2026-07"]
    assert shown(found, "cui") == [(month, 40) for month in summer]
    assert shown(found, "an") == [(month, 40) for month in (*spring, *summer)]
    assert shown(found, "bo") == [*((month, 80) for month in spring), *((month, 40) for month in summer)]
    assert summer == [str(target.period) for target in found.targets() if target.payee == "cui"]
    assert found.problems == ()
    assert not [part for part in found if part.code == "cui" and str(part.period) in spring]
    assert "2026-05" not in found.explain("cui").text("en")
    must_sum(found)


def test_a_floor_holds_from_the_first_day_on() -> None:
    """A floor of 50 for cui, who came in June, asks for nothing in May; an, who was there, has all 100 of it."""
    people = staff(("an", "east", BEGUN, None), ("cui", "west", "2026-06-01", None))
    months = {lp.Period.month(2026, 5): 1, JUNE: 1}
    rules = CascadeRules(months=months, floors={"cui": "70万元"})
    found = cascade(goal("200万元", period="2026-05-01/2026-07-01"), people, rules, as_of="2026-06-01")

    assert shown(found, "an") == [("2026-05", 100), ("2026-06", 30)]
    assert shown(found, "cui") == [("2026-06", 70)]


def test_a_limit_holds_from_the_first_month_on() -> None:
    """A line for bad loans is nobody's in a month in which they were not there."""
    people = staff(("an", "east", BEGUN, None), ("cui", "west", "2026-06-10", None))
    limit = goal("3%", indicator="npl_ratio", period="2026-05-01/2026-07-01")
    rules = CascadeRules(months={lp.Period.month(2026, 5): 1, JUNE: 1})
    found = cascade(limit, people, rules, as_of="2026-06-15")

    assert [str(part.period) for part in found.of("an")] == ["2026-05", "2026-06"]
    assert [str(part.period) for part in found.of("cui")] == ["2026-06"]


def test_a_goal_of_days_before_anybody_came_is_refused() -> None:
    """Nobody could ever reach May's part, if everybody came in June."""
    people = staff(("an", "east", "2026-06-01", None))
    rules = CascadeRules(months={lp.Period.month(2026, 5): 1, JUNE: 1})
    with pytest.raises(lp.errors.AllocationError, match="days before anybody came to whom it is handed down"):
        cascade(goal("200万元", period="2026-05-01/2026-07-01"), people, rules, as_of="2026-06-01")


def test_what_a_leaver_does_not_carry_is_divided_among_the_others_and_the_past_is_left_alone() -> None:
    """By hand: 300 in June for three; on the 16th one leaves with 50, and the others have 75 each for the rest."""
    before = handed(
        "300万元", staff(("an", "east", BEGUN, None), ("bo", "east", BEGUN, None), ("cui", "west", BEGUN, None))
    )
    after = recascade(
        before,
        staff(("an", "east", BEGUN, None), ("bo", "east", BEGUN, "2026-06-16"), ("cui", "west", BEGUN, None)),
        as_of="2026-06-16",
    )

    first, rest = "2026-06-01/2026-06-16", "2026-06-16/2026-07-01"
    assert shown(after, "bo") == [(first, 50)]
    assert shown(after, "an") == shown(after, "cui") == [(first, 50), (rest, 75)]
    assert str(after.total("bank")) == "3000000 CNY"
    # who is there for half of June has what comes to 50 for half of its days
    targets = {target.payee: str(target.value) for target in after.targets()}
    assert (targets["bo"], targets["an"]) == ("1000000 CNY", "1250000 CNY")
    assert after.explain("an").text().splitlines()[:2] == [
        "target of an in 2026-06: 1250000 CNY",
        "├─ target of an in 2026-06-01 to 2026-06-15: 500000 CNY, for 15/30 of the days of 1000000 CNY",
    ]
    assert "an 2026-06-01 至 2026-06-15 目标：50 万元" in after.explain("an").text("zh")
    assert "/2026" not in after.explain("an").text() + after.explain("an").text("zh")
    assert shown(before, "an") == [("2026-06", 100)]


def test_who_moves_takes_nothing_of_the_past_along() -> None:
    """By hand, 200 a month for two teams of one: from July on both are in e2, whose target is then the whole 200."""
    months = {lp.Period.month(2026, number): 1 for number in (6, 7)}
    quarter = goal("400万元", period="2026-06-01/2026-08-01")
    before = cascade(quarter, bank({"an": "e1", "bo": "e2"}), CascadeRules(months=months), as_of="2026-06-01")
    moved = staff(("an", "e1", BEGUN, "2026-07-01"), ("an", "e2", "2026-07-01", None), ("bo", "e2", BEGUN, None))
    after = recascade(before, moved, as_of="2026-07-01")

    assert shown(after, "an") == [("2026-06", 100), ("2026-07", 100)]
    assert shown(after, "e1") == [("2026-06", 100)]
    assert shown(after, "e2") == [("2026-06", 100), ("2026-07", 200)]


def test_another_goal_changes_what_is_left() -> None:
    """By hand: 400 for June and July; raised to 500 on 1 July, all of the more is July's."""
    months = {lp.Period.month(2026, number): 1 for number in (6, 7)}
    asked = goal("400万元", period="2026-06-01/2026-08-01")
    before = cascade(asked, bank({"an": "e1", "bo": "e2"}), CascadeRules(months=months), as_of="2026-06-01")
    more = goal("500万元", period="2026-06-01/2026-08-01")
    after = recascade(before, bank({"an": "e1", "bo": "e2"}), as_of="2026-07-01", goal=more)

    assert shown(after, "an") == [("2026-06", 100), ("2026-07", 150)]
    with pytest.raises(lp.errors.AllocationError, match="500000 CNY more than the goal was handed down for the days"):
        recascade(before, bank({"an": "e1"}), as_of="2026-07-01", goal=goal("150万元", period="2026-06-01/2026-08-01"))


def test_who_has_confirmed_can_be_kept_as_they_are() -> None:
    """By hand: of 300 for three, a fourth comes on the first; bo keeps 100, and the others share 200."""
    rows = [(code, "east", BEGUN, None) for code in ("an", "bo", "cui")]
    before = handed("300万元", staff(*rows))
    after = recascade(before, staff(*rows, ("deng", "east", BEGUN, None)), as_of="2026-06-01", keep=["bo"])

    assert shown(after, "bo") == [("2026-06", 100)]
    assert [str(after.total(code)) for code in ("an", "cui", "deng")] == [
        *("666666.67 CNY", "666666.67 CNY", "666666.66 CNY"),
    ]
    assert after.total("bank").value == 3_000_000
    for code in ("zz", "deng", "east"):
        with pytest.raises(lp.errors.DataError, match=f"what '{code}' keeps: there is no payee with this code who has"):
            recascade(before, staff(*rows, ("deng", "east", BEGUN, None)), as_of="2026-06-01", keep=[code])


def test_a_balance_has_no_first_days() -> None:
    """A balance at the end of June is asked of those who are there then; nothing of it was due by the middle."""
    asked = goal("300万元", indicator="loan_balance", timing="stock")
    before = cascade(asked, bank({"an": "e1", "bo": "e1", "cui": "e2"}), as_of="2026-06-01")
    after = recascade(before, bank({"an": "e1", "bo": "e1"}), as_of="2026-06-16")

    assert {target.payee: str(target.value) for target in after.targets()} == {
        "bank": "3000000 CNY", "east": "3000000 CNY", "e1": "3000000 CNY", "an": "1500000 CNY", "bo": "1500000 CNY",
    }  # fmt: skip


def test_a_limit_holds_for_who_comes() -> None:
    """A ratio has nothing to divide anew: who comes has the same limit from then on."""
    npl = cascade(goal("5%", indicator="npl_ratio"), bank({"an": "e1"}), as_of="2026-06-01")
    after = recascade(npl, bank({"an": "e1", "bo": "e1"}), as_of="2026-06-16")

    assert [(str(part.period), str(part.target)) for part in after.of("bo")] == [("2026-06-16/2026-07-01", "0.05")]
    assert {str(target.value) for target in after.targets()} == {"0.05"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"as_of": "2026-07-01"}, "no day of the goal is left from 2026-07-01 on"),
        ({"as_of": "2026-06-02", "rules": CascadeRules(step="1 元")}, "CascadeRules.step: it is another than before"),
        (
            {"as_of": "2026-06-02", "goal": goal("1 元", owner="east")},
            "its code is east/disbursed_amount/",
        ),
    ],
)
def test_what_does_not_follow_on_is_refused(change: dict[str, Any], message: str) -> None:
    """A past that is read by other rules than it was made by is no past."""
    with pytest.raises(lp.errors.DataError, match=message):
        recascade(handed("5 元"), bank(), **change)
    twice = recascade(handed("5 元"), bank(), as_of="2026-06-16")
    with pytest.raises(lp.errors.DataError, match="divided anew on 2026-06-16 already; choose a later day"):
        recascade(twice, bank(), as_of="2026-06-10")


@given(cascades(), st.dates(date(2026, 5, 1), date(2026, 6, 30)), st.data())
def test_a_cascade_made_anew_leaves_the_past_alone_and_sums(
    book: tuple[Goal, lp.Organisation, CascadeRules], on: date, data: st.DataObject
) -> None:
    """Whoever comes, leaves or moves: what was handed down for the days before is the same, and all still sums."""
    asked, organisation, rules = book
    rules = evolve(rules, floor=None, cap=None)
    first = bank({item.payee: item.unit for item in organisation.assignments})
    before = cascade(asked, first, rules, as_of="2026-05-01")
    later = {item.payee: data.draw(st.sampled_from([*TREE])) for item in organisation.assignments if item.payee != "p0"}
    came = {code: home for code, home in later.items() if data.draw(st.booleans())}
    after = recascade(before, bank({"p0": "west", **came, "new": "east"}), as_of=on)
    again = recascade(after, bank({"p0": "west", "new": "east"}), as_of=min(on + timedelta(days=1), date(2026, 6, 30)))
    for found in (after, again):
        must_sum(found)
        assert asked.value.value == sum(part.asked.value for part in found.of("bank"))
        assert asked.value.value * (1 + rules.over) == found.total("bank").value
        for code in before.codes:
            past = {part.period: part for part in before.of(code) if part.period.end <= on}
            assert past.items() <= {part.period: part for part in found.of(code)}.items()
        assert Cascade.from_data(found.data()) == found
        for code in found.codes:
            assert found.explain(code).text("zh")


@given(cascades(), st.dates(date(2026, 5, 2), date(2026, 6, 30)))
def test_floors_and_caps_of_a_month_hold_though_it_was_cut(
    book: tuple[Goal, lp.Organisation, CascadeRules], on: date
) -> None:
    """A month is one to who is paid by it: its parts together keep what was agreed of it, where nobody came or left."""
    asked, organisation, rules = book
    first = bank({item.payee: item.unit for item in organisation.assignments})
    found = recascade(cascade(asked, first, rules, as_of="2026-05-01"), first, as_of=on)
    assert rules.floor is not None
    for code in found.codes:
        for month in (lp.Period.month(2026, 5), JUNE):
            parts_of = [part for part in found.of(code) if part.kind == "person" and part.period.start in month]
            total = sum(part.target.value for part in parts_of)
            assert not parts_of or total >= rules.floor.value
            assert not parts_of or rules.cap is None or total <= rules.cap.value


# ── worked with ─────────────────────────────────────────────────────────────────────────────────────────────

SCHEME = """
name = "volume"
currency = "CNY"
effective = 2026-01-01
[profiles.all.weights]
disbursed_amount = "100%"
[scoring.default]
places = 1
rounding = "half up"
"""


def test_a_month_is_worked_with_what_was_handed_down() -> None:
    """By hand: on 16 June bo leaves with 50 of 100, and cui comes; an and cui have 50 each for the rest.

    Who draws what was asked of them has 100 points, also who was there for half of June: `lp.run` cuts their target of
    the month to their days, and it comes to their part.
    """
    came = "2026-06-16"
    before = handed("200万元", bank({"an": "west", "bo": "west"}))
    organisation = staff(("an", "west", BEGUN, None), ("bo", "west", BEGUN, came), ("cui", "west", came, None))
    after = recascade(before, organisation, as_of=came)
    drawn = {"an": ("2026-06-20", "100万元"), "bo": ("2026-06-10", "50万元"), "cui": ("2026-06-20", "50万元")}
    facts: list[lp.Fact] = []
    for code, (on, amount) in drawn.items():
        facts.append(lp.Loan(loan=code, customer="C", officer=code, opened_on=on))
        facts.append(lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount=amount))
    done = lp.run(
        JUNE,
        facts=MemoryFacts(facts),
        people=MemoryPeople(organisation),
        schemes=MemorySchemes(lp.SchemeBook([lp.parse_scheme(SCHEME)]), after.targets()),
    )

    assert done.problems == ()
    assert {result.appraisal.payee: str(result.appraisal.score) for result in done.results} == {
        "an": "100.0", "bo": "100.0", "cui": "100.0",
    }  # fmt: skip


def test_what_goals_come_to_fits_the_schema_of_its_class() -> None:
    """A host in another language reads a cascade by its schema."""
    found = handed("500万元", over="5%", zero="equal share", keys=[history(an=1)], said={"an": "1 元"})
    states = states_of([goal("1 元", code="year"), goal("1 元", parent="year")], {})
    for one in (found, recascade(found, bank(), as_of="2026-06-16"), *found.of("an"), *found.bottom_up(), *states):
        data = json.loads(json.dumps(one.data(), ensure_ascii=False))
        Draft202012Validator(type(one).json_schema()).validate(data)
        assert type(one).from_data(data) == one


@pytest.mark.parametrize(
    ("indicator", "value"), [("retention_rate", "170%"), ("npl_ratio", "101%"), ("training_completion_rate", "200%")]
)
def test_a_goal_that_no_reading_can_reach_is_refused(indicator: str, value: str) -> None:
    """These rates are 100% at most: their goals are refused where they are set, not when somebody is scored."""
    with pytest.raises(lp.errors.DataError, match=f"it is {value}, above 100%"):
        Goal(indicator=indicator, owner="bank", period="2026-03", value=value)
    assert Fraction(1) == Goal(indicator=indicator, owner="bank", period="2026-03", value="100%").value.value
