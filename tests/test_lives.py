"""What becomes of lines over columns: each payee as if alone, whatever else is in the book."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

import loanperf as lp
from loanperf._commission import Lines, line_key
from loanperf._explanations import because
from loanperf._ledger._strikes import Reductions
from loanperf._numbers import whole

JAN, FEB, MAR, APR = (lp.Period.month(2026, month) for month in range(1, 5))
HALF = lp.schemes.Curve.of([[0, "50%"]], shape="step")
THIRDS = tuple(lp.schemes.Instalment(after_months=months, share=Fraction(1, 3)) for months in (1, 2, 3))
HELD = lp.schemes.Holdback(share=HALF, instalments=THIRDS)
BAD = lp.schemes.Clawback(
    on="non-performing",
    attainment="stays",
    refund="1/3",
    share=lp.schemes.Curve.of([["0 month", "100%"], ["1 month", "1/3"]], shape="step"),
)


def plan(code: str = "p", most: str = "", excess: Any = "carried", **terms: Any) -> lp.schemes.DatedPlan:
    """A plan in force; `most` is the cap of a person."""
    component = lp.schemes.Component(code="c", base="disbursed", rate="1%", dead="keep")
    cap = lp.schemes.Cap(most=most, excess=excess) if most else None
    made = lp.schemes.Plan(code=code, components=(component,), rounding=lp.Rounding.HALF_EVEN, **terms)
    rules = lp.schemes.PayRules(person_most=cap)
    return lp.schemes.DatedPlan(
        plan=made, scheme="s", version=code, currency="CNY", since=date(2020, 1, 1), rules=rules
    )


def line(
    units: int,
    dated: lp.schemes.DatedPlan,
    *,
    period: lp.Period = JAN,
    payee: str = "lin",
    loan: str = "L1",
    stage: str = "",
    parts: Mapping[date, int] | None = None,
) -> lp.Accrual:
    """A line, payable on the tenth."""
    given = tuple((on, lp.Money.from_units(part, "CNY")) for on, part in (parts or {}).items())
    more: dict[str, Any] = {"parts": given, "earned_on": given[0][0]} if given else {}
    amount = lp.Money.from_units(units, "CNY")
    on = period.start.replace(day=10)
    said: dict[str, Any] = {
        "payee": payee,
        "plan": dated,
        "component": "c",
        "loan": loan,
        "stage": stage,
        "on": on,
        "period": period,
    }
    return lp.Accrual(amount=amount, gross=amount.exact, **said, **more)


def by_hand(key: str, units: int, *, period: lp.Period, payee: str = "lin", loan: str = "L1") -> dict[str, lp.Entry]:
    """An amount that is set by hand."""
    amount = lp.Money.from_units(units, "CNY")
    said: dict[str, Any] = {"by": "chen", "why": "agreed", "evidence": "HR-17"}
    entry = lp.Entry(
        number=1,
        kind=lp.EntryKind.OVERRIDE,
        payee=payee,
        line=key,
        cohort=str(period),
        loan=loan,
        period=period,
        amount=amount,
        on=period.last_day,
        reason=because("entry.override", {"before": "0", "now": str(amount), **said}),
        set_to=amount,
        **said,
    )
    return {key: entry}


def moved(
    *lines: lp.Accrual, hands: Mapping[str, lp.Entry] | None = None, **more: Any
) -> list[tuple[str, str, str, int]]:
    """Day, group, stage and period, and units of all that is due."""
    found = lp.movements(lp.Accruals(through=APR, lines=lines, **more), hands)
    return [(str(one.on), one.group, "/".join(one.line.split("/")[4:]), one.amount.units) for one in found]


def test_a_payee_is_paid_the_same_whatever_others_earn() -> None:
    """Amounts of others beyond 64 bits are worked in Python ints; who sorts first changes nothing either."""
    dated = plan(most="0.50 CNY", holdback=HELD, clawbacks=(BAD,))
    standings = {"L1": lp.Standing(classes=((date(2026, 2, 10), True), (date(2026, 3, 1), False)))}
    mine = [line(101, dated), line(-7, dated, stage="signed"), line(60, dated, period=FEB)]
    alone = moved(*mine, standings=standings)
    for payee in ("a", "z/"):
        others = [line(2**70, dated, payee=payee), line(2**62 - 1, plan(), payee=payee, period=MAR)]
        accruals = lp.Accruals(through=APR, lines=(*others, *mine), standings=standings)
        found = [one for one in lp.movements(accruals) if one.payee == "lin"]
        assert alone == [(str(o.on), o.group, "/".join(o.line.split("/")[4:]), o.amount.units) for o in found]


def test_what_was_given_back_can_be_taken_again_and_no_more() -> None:
    """3.00 are earned. Written off on 10 February they are all taken; half is recovered on the 20th, and 1.50 return.

    On 5 March the loan is non-performing, which takes all as well: the 1.50 that the line stands at, and no more.
    """
    share = lp.schemes.Curve.of([[0, "100%"]], shape="step")
    lost = lp.schemes.Clawback(on="written off", takes="whole", attainment="stays", refund="100%", share=share)
    bad = lp.schemes.Clawback(on="non-performing", attainment="stays", share=share)
    happened = lp.Standing(
        written_off=((date(2026, 2, 10), 100_00),),
        recovered=((date(2026, 2, 20), 50_00),),
        classes=((date(2026, 3, 5), True),),
    )
    found = moved(line(300, plan(clawbacks=(lost, bad))), standings={"L1": happened})
    assert [
        ("2026-01-10", "earned", 300),
        ("2026-02-10", "taken", 300),
        ("2026-02-20", "refunded", 150),
        ("2026-03-05", "taken", 150),
    ] == [(on, group, units) for on, group, _, units in found]


def test_a_line_that_comes_twice_is_one_line_unless_a_hand_sets_it() -> None:
    """Its amounts are summed, and it was earned on the first of its days."""
    dated = plan()
    twice = [line(100, dated), line(30, dated)]
    assert [130] == [units for *_, units in moved(*twice)]
    assert [7] == [units for *_, units in moved(*twice, hands=by_hand(twice[0].key, 7, period=JAN))]


def test_what_a_cap_carries_is_earned_on_its_own_days_unless_a_hand_sets_it() -> None:
    """Of two drawings the later one is carried; a hand that sets what is carried keeps it a line of the loan."""
    dated = plan(most="0.10 CNY", clawbacks=(BAD,))
    earned = line(25, dated, parts={date(2026, 1, 2): 5, date(2026, 1, 9): 20})
    assert [10, 10, 5] == [units for *_, units in moved(earned)]
    key = line_key("lin", "p", "c", "L1", "carried over", FEB)
    hands = by_hand(key, 30, period=FEB)
    standings = {"L1": lp.Standing(classes=((date(2026, 2, 3), True),))}
    found = moved(earned, hands=hands, standings=standings)
    assert ("2026-02-01", "earned", "carried over/2026-02", 30) in found
    # Struck on 3 February: the part of 2 January is a month old, that of 9 January is not.
    taken = {(stage, units) for _, group, stage, units in found if group == "taken"}
    assert taken == {("carried over/2026-02", 30), ("/2026-01", 2), ("/2026-01", 5)}


def test_the_parts_of_a_line_are_taken_each_by_its_own_age() -> None:
    """Where nothing strikes, there are no parts; a reduction lowers the latest first."""
    dated = plan(holdback=HELD, clawbacks=(BAD,))
    parts = {date(2026, 1, 2): 60, date(2026, 1, 9): 30}
    standings = {"L1": lp.Standing(classes=((date(2026, 2, 3), True),))}
    lines = [line(90, dated, parts=parts), line(-10, dated, stage="signed")]
    taken = [units for _, group, _, units in moved(*lines, standings=standings) if group in ("taken", "forfeited")]
    assert 40 == sum(taken)


def test_a_line_of_another_currency_than_its_plan_is_refused() -> None:
    """Columns have the currency of the plan: ten dollars would be posted as ten yuan."""
    strange = evolve(line(100, plan()), amount=lp.Money.of("10 USD"))

    with pytest.raises(lp.errors.DataError, match=r"10\.00 USD is in another currency than the plan 'p' \(CNY\)"):
        moved(strange)


@pytest.mark.parametrize("name", ["payee", "component", "stage", "plan", "period", "amount", "gross", "on"])
def test_a_line_without_a_word_is_refused(name: str) -> None:
    """As a code, what is not there would be read as the last word of the lines."""
    nothing: Any = None

    with pytest.raises(lp.errors.DataError, match=f"Accrual.{name}: it is no "):
        moved(evolve(line(100, plan()), **{name: nothing}))


def test_a_payee_of_the_empty_code_is_nobody_else() -> None:
    """Only a loan may be left out."""
    lines = (line(100, plan(), payee=""), line(50, plan(), payee="wei"))
    assert ["", "wei"] == [one.payee for one in lp.movements(lp.Accruals(through=APR, lines=lines))]


@pytest.mark.parametrize(("units", "taken"), [(100, [33]), (90, [20, 30]), (70, [10, 20]), (60, [20]), (30, [10])])
def test_what_a_line_came_to_less_is_taken_off_its_latest_parts(units: int, taken: list[int]) -> None:
    """By hand: of 60 of 2 January a third goes on 3 February, of 30 of the 9th all; parts that fall short are none."""
    parts = {date(2026, 1, 2): 60, date(2026, 1, 9): 30}
    standings = {"L1": lp.Standing(classes=((date(2026, 2, 3), True),))}
    found = moved(line(units, plan(clawbacks=(BAD,)), parts=parts), standings=standings)
    assert taken == sorted(units for _, group, _, units in found if group == "taken")


@pytest.mark.parametrize(
    ("first", "bad", "taken"),
    [(0, "2026-01-05", []), (0, "2026-02-03", [30]), (30, "2026-01-05", [30]), (30, "2026-02-03", [10])],
)
def test_a_day_on_which_nothing_was_earned_gives_no_age(first: int, bad: str, taken: list[int]) -> None:
    """By hand: what 9 January earned alone is not struck on the 5th, and on 3 February is not a month old."""
    parts = {date(2026, 1, 2): first, date(2026, 1, 9): 30 - first}
    standings = {"L1": lp.Standing(classes=((date.fromisoformat(bad), True),))}
    found = moved(line(30, plan(clawbacks=(BAD,)), parts=parts), standings=standings)
    assert taken == [units for _, group, _, units in found if group == "taken"]


@pytest.mark.parametrize(("less", "taken"), [(20, [20, 30]), (60, [17])])
def test_a_day_that_came_to_less_than_nothing_lowers_the_days_before_it(less: int, taken: list[int]) -> None:
    """By hand: of the 9th 50 less 20 go whole; 60 take all of that and 10 of the 60 before, a third of which is 17."""
    parts = {date(2026, 1, 2): 60, date(2026, 1, 9): 50, date(2026, 1, 12): -less}
    standings = {"L1": lp.Standing(classes=((date(2026, 2, 3), True),))}
    found = moved(line(110 - less, plan(clawbacks=(BAD,)), parts=parts), standings=standings)
    assert taken == sorted(units for _, group, _, units in found if group == "taken")


def test_what_is_taken_off_a_line_by_the_end_of_a_day() -> None:
    """Two reductions of the first line, on the fifth and the ninth day; one of the third."""
    off = Reductions(line=whole([0, 0, 2]), on=whole([5, 9, 7]), units=whole([10, 20, 5]))
    found = off.through(whole([0, 0, 0, 0, 1, 2, 2]), whole([4, 5, 8, 9, 9, 6, 7]))
    assert [0, 10, 10, 30, 0, 0, 5] == found.tolist()
    assert [0] == Reductions.none().through(whole([0]), whole([9])).tolist()


def test_what_is_held_of_no_loan_is_released_while_all_loans_are_bad() -> None:
    """Lines of no loan wait for no loan to perform, though there is one in the book."""
    held = lp.schemes.Holdback(share=HALF, instalments=THIRDS, condition="performing")
    standings = {"L1": lp.Standing(classes=((date(2026, 1, 2), True),))}
    found = moved(line(12, plan(holdback=held), loan=""), standings=standings)
    assert [("2026-02-28", 2), ("2026-03-31", 2), ("2026-04-30", 2)] == [
        (on, units) for on, group, _, units in found if group == "released"
    ]


@pytest.mark.parametrize(("left", "owed"), [("owed", 150), ("waived", 0)])
def test_a_draw_outlives_its_plan_and_comes_after_the_new_one(left: Any, owed: int) -> None:
    """What the first plan advanced is repaid of what the draw of the second leaves; at last it is waived."""
    old = lp.schemes.Draw(
        least="2 CNY", kind="recoverable", style="advance", last_period=1, recovered_until=3, left=left
    )
    new = lp.schemes.Draw(least="0.50 CNY", kind="recoverable")
    first, second = plan("p", draws=(old,)), plan("q", draws=(new,))
    drawing = {("lin", JAN): (first, 1), ("lin", FEB): (second, 2), ("lin", MAR): (second, 3)}
    found = moved(line(100, second, period=FEB, loan=""), drawing=drawing)
    sums = {
        name: sum(units for _, group, _, units in found if group == name) for name in ("draw", "recovery", "waived")
    }
    assert (250, 50) == (sums["draw"], sums["recovery"])
    assert owed == 150 - (sums["waived"] if left == "waived" else 0)


def test_a_movement_says_why() -> None:
    """A row is made where somebody looks; what is earned stands on the reason of its line, and nothing else does."""
    lines = (line(100, plan(holdback=HELD)), line(50, plan(), payee="wei"))
    movements = lp.movements(lp.Accruals(through=APR, lines=lines))
    found = [one for one in movements if one.payee == "lin"]
    assert [100, 50, 16, 16, 18] == [one.amount.units for one in found]
    assert "0.50 CNY held: its part of 0.50 CNY, kept back of the pay of 2026-01, 1.00 CNY" == found[
        1
    ].reason().sentence("en")
    assert "0.18 CNY of 2026-01 released on 2026-04-30, instalment 3 of 3" == found[-1].reason().sentence("en")
    assert [(lines[0].explain(),), (), (), (), ()] == [one.reason().because for one in found]


def test_some_lines_have_their_own_parts() -> None:
    """The first one was earned on one day, and the others on two days each."""
    dated = plan()
    days = [{date(2026, 1, 3): 10, date(2026, 1, 4): 20}, {date(2026, 1, 5): 1, date(2026, 1, 6): 6}]
    rows = [line(5, dated), *(line(sum(parts.values()), dated, loan=f"L{place}", parts=parts) for place, parts in
            enumerate(days, 2))]  # fmt: skip
    taken = Lines.of(rows).take(whole([2, 0, 1]))

    assert [rows[2].parts, rows[0].parts, rows[1].parts] == [taken.row(place).parts for place in range(3)]
