"""What the columns of deals do, piece by piece: a few rows each, with what they come to worked out on paper."""

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.some_columns import inner, some

import loanperf as lp
from loanperf._commission import Lines, _outcomes, _periodic, _resolve, _unpaid, _walk
from loanperf._commission._apart import LoneBases
from loanperf._commission._figures import Figures
from loanperf._commission._happenings import NO_SIZE, _Component
from loanperf._commission._limits import RulesOfPeriod
from loanperf._commission._lookups import Lookups
from loanperf._commission._outcomes import Outcome
from loanperf._commission._periodic import Periodic
from loanperf._commission._periods import _Month
from loanperf._commission._prices import COMES, GOES, _add_passed, _Earned
from loanperf._commission._resolve import first_day
from loanperf._commission._standings import LoanDays, Standings
from loanperf._commission._states import STATES, DealState
from loanperf._commission._stocks import _year_parts
from loanperf._commission._teams import Teams
from loanperf._commission._tracks import _Choosing
from loanperf._commission._unpaid import _AgainstPay
from loanperf._commission._versions import Versions
from loanperf._commission._walk import _await, _idle, _sound
from loanperf._numbers import FAR, day_number, whole
from loanperf._people import People
from loanperf._quantities import Quantity

JAN, FEB = lp.Period.month(2026, 1), lp.Period.month(2026, 2)
NO, YES = False, True
FAULT = lp.errors.DataError("it", "is wrong", "mend it")


# ── what is looked up ───────────────────────────────────────────────────────────────────────────────────────


def test_figures_above_one_are_checked_apart_from_those_below() -> None:
    """1/2 passes a check that refuses all above 1, and 2 does not; of those the last one alone is bare."""

    def small(given: Quantity) -> None:
        if given.value > 1:
            raise FAULT

    def named(given: Quantity) -> None:
        if given.bare:
            raise FAULT

    half, two = Fraction(1, 2), Fraction(2)
    given = [Quantity(half, ""), Quantity(two, ""), Quantity(half, "", bare=True)]
    values = [(payee, "x", JAN, value) for payee, value in zip("abc", given, strict=True)]
    figures = Figures.of("reading", values, {"a": 0, "b": 1, "c": 2}, [JAN])
    found = [figures.passes(np.arange(3), check).tolist() for check in (small, named)]
    assert [[True, False, True], [True, True, False]] == found


def test_only_a_target_that_is_not_there_can_be_gone_without() -> None:
    """5 is there; the second one is not, and counts as 1."""
    asked: Any = some(
        plans=(some(plan=None),), deals=some(payees=("lin", "wei")),
        targets=some(find=lambda *_: np.array([0, -1]), top=[5], passes=lambda *_: np.array([True]),
                     at=lambda rows: (np.array([5, 0])[rows], np.array([1, 1])[rows])),
        _can_go_without=lambda *_: np.array([True, True]),
        ramp=lambda _, payee, __: _ones(len(payee)),
    )  # fmt: skip
    found = Lookups.target(asked, 0, "x", np.array([0, 1]), np.array([0, 0]))
    assert ([5, 1], [False, True]) == (found.top.tolist(), found.gone.tolist())
    assert [False, False] == found.faulty.tolist()


def _ones(size: int) -> Any:
    return some(top=[1] * size, below=[1] * size, faulty=[False] * size, gone=[False] * size)


def test_a_first_day_is_that_of_the_earliest_fact_or_reading_and_of_no_day_before_the_plans() -> None:
    """The 5th of January; the first of February where plans begin then; the first of January with a reading of it."""
    loans = [lp.Loan(loan=f"L{day}", customer="c", officer="lin", opened_on=date(2026, 1, day)) for day in (9, 5)]
    facts = lp.Facts.of(loans)

    def first(*since: date, readings: Any = ()) -> date:
        plans: Any = [some(since=day) for day in since]
        found: date = first_day(facts, plans, readings, FEB)
        return found

    assert date(2026, 1, 5) == first(date(2025, 1, 1), date(2026, 2, 1))
    assert date(2026, 2, 1) == first(date(2026, 3, 1), date(2026, 2, 1))
    assert date(2026, 1, 1) == first(date(2025, 1, 1), readings=[some(period=FEB), some(period=JAN)])


def test_a_reading_without_a_value_is_gone_in_its_own_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of January; where it names none, of the last one, February."""
    given: list[Any] = []
    monkeypatch.setattr(_resolve, "Figures", some(of=lambda *args: given.append(args)))
    monkeypatch.setattr(_resolve, "Lookups", lambda **_: None)
    monkeypatch.setattr(_resolve, "Resolved", lambda **_: None)
    zero = Fraction(0)
    said: Any = {"subject": "lin", "indicator": "x", "numerator": zero, "denominator": zero}
    none = [lp.Reading(**said, period=period) for period in (JAN, None)]
    organisation = lp.Organisation(units=(), assignments=())
    _resolve.resolve(lp.Facts.of([]), (), organisation=organisation, through=FEB, since=None, readings=none, targets={})
    assert [("lin", "x", JAN), ("lin", "x", FEB)] == given[0][5]


def test_rolling_tiers_look_back_over_their_periods_and_no_others_do() -> None:
    """Three periods; the second component has tiers of a period, by what is earned."""
    usual = {
        "base": "count", "steps": (some(share=Fraction(1)),), "rates": (), "rate": lp.quantity("50%"), "curve": None,
        "table": None, "per": None, "least": None, "most": None,
    }  # fmt: skip
    tiers = {"applies": "flat", "are_read": False, "are_of_all": False, "periods": 3}
    rolling = some(code="a", tiers=some(accumulates="rolling", by="attainment", **tiers), **usual)
    by_period = some(code="b", tiers=some(accumulates="period", by="earned", **tiers), **usual)
    plan: Any = some(plan=some(code="p", components=(rolling, by_period)))
    found = Versions.of_plans((plan,), {"count"})
    assert ([3, 0], [False, True]) == (found.rolls.tolist(), found.by_period.tolist())
    assert ([False, True], [True, False]) == (found.by_earned.tolist(), found.by_attainment.tolist())


# ── which plan ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_that_is_no_longer_in_force_holds_alone() -> None:
    """It ended on the 9th, and its lines of January are all there is."""
    names = ("payee", "plan", "component", "loan", "stage", "on", "draft", "ends", "row", "order")
    terms: Any = some(plans=(some(since=date(2026, 1, 1), until=date(2026, 1, 9)),), code=[0])
    due: Any = some(**{name: np.array([0]) for name in names}, some=lambda _: due)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loanperf._commission._limits.keys_of_rules", lambda *_: [np.array([0])])
        patch.setattr("loanperf._commission._limits._accounts", lambda *_: np.array([0]))
        rules = RulesOfPeriod.of(terms, 0, day_number(date(2026, 1, 31)), due, some())
    assert [0] == rules.rule.tolist()


def test_of_two_versions_chosen_on_one_day_the_first_holds() -> None:
    """Both fit equally, and are of one plan, so that nothing is in doubt."""
    asked = [
        (some(known=np.array([YES]), on=whole([9]), live=np.array([YES]), rank=whole([4]), plan=np.array([place]),
              ties=whole([0])), np.array([NO]))
        for place in (0, 1)
    ]  # fmt: skip
    choosing: Any = some(
        share=np.array([0]),
        since=whole([5]),
        fitting=some(plans=("old", "new"), codes=np.array([0, 0])),
        _asked=lambda _: asked,
        _at_first=lambda rows: rows,
    )
    assert [0] == _Choosing.plans(choosing).tolist()


def test_who_was_nobody_on_a_day_is_what_they_were_when_the_loan_became_theirs() -> None:
    """On the 5th there is no role; the loan became theirs on the 20th."""
    staff = [
        lp.Assignment(payee="lin", unit="east", role=role, since=since, until=until)
        for role, since, until in (("trainee", "2025-01-01", "2026-01-03"), ("officer", "2026-01-19", None))
    ]
    one: dict[str, Any] = {name: np.array([0]) for name in ("share", "career")}
    choosing: Any = some(
        **one,
        since=whole([day_number(date(2026, 1, 20))]),
        shares=some(payee=np.array([0])),
        people=People.of(staff, ["lin"]),
        organisation=lp.Organisation(assignments=staff),
        _payee=lambda _: "lin",
        _held=lambda rows, on: inner(_Choosing, "held")(choosing, rows, on),
    )
    asked: Any = inner(_Choosing, "assignment")
    assert ["trainee", "officer"] == [asked(choosing, 0, date(2026, 1, day)).role for day in (2, 5)]


def test_the_base_of_a_loan_that_is_counted_is_known_before_all() -> None:
    """One that is paid on what was lent is known from its first drawing, where no amount is stated: on day 7."""

    def known(base: str) -> Any:
        deals = some(known=np.array([True, False]), first=lambda _: whole([3, 7]))
        component = some(base=base, weighed_by=None, tiers=None)
        given: Any = some(component=component, deal=[0, 1], deals=deals, _kinds=lambda: ["drawn"])
        return inner(_Component, "known_on")(given).tolist()

    counted, lent = known("count"), known("disbursed")
    assert [counted[0]] * 2 == counted
    assert [counted[0], 7] == lent


# ── walking deals ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_fault_of_a_claim_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By turn, then by day, then as they come; where nothing says how large a loan is, as the last on its turn.

    Claim 0 is wrong at (1, 9), again at (1, 9), then at (0, 5). Claim 1 is wrong at the turn of what has no size, on no
    day; claim 2 one turn later; claim 3 one turn earlier; claim 4 has no size alone; claim 5 is sound.
    """
    errors = [lp.errors.DataError(name, "is wrong", "mend it") for name in "abcdef"]
    claims, turns = [0, 0, 1, 2, 3], [1, 1, NO_SIZE, NO_SIZE + 1, NO_SIZE - 1]
    tried = some(
        sizes=((np.arange(5), some(faulty=np.array([True] * 5), error=errors.__getitem__)),),
        found=some(claim=claims, turn=turns, on=[9, 9, FAR, 1, 2]),
    )
    none: Any = some(claim=[0, 1, 2, 3, 4, 5], some=lambda rows: rows.tolist())
    monkeypatch.setattr(_walk, "worked", lambda _, happened: happened if isinstance(happened, list) else tried)
    monkeypatch.setattr(_walk, "_no_size", lambda *given: f"no size of {given[2]}")
    given: Any = some(claims=np.zeros(6))
    done: Any = _sound(given, given, none, np.array([False, True, True, True, True, False]))
    assert [5] == done[0]
    assert {0: errors[0], 1: errors[2], 2: "no size of 2", 3: errors[4], 4: "no size of 4"} == done[1]
    tried.found.on[1] = 8
    again: Any = _sound(given, given, none, np.array([False] * 6))
    assert errors[1] == again[1][0]


def test_claims_wait_by_their_own_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first and the last are of version 0; something happened to the last, and the third has no exchange rate."""
    asked = []

    def size(version: int, deal: Any, _: Any) -> Any:
        asked.append((version, deal.tolist()))
        return some(top=deal, below=deal, known=deal >= 0, faulty=deal == 2, error=lambda _: FAULT)

    monkeypatch.setattr(_walk, "claimed", lambda _, rows: rows.tolist())
    component = some(code="c", steps=(some(milestone="opened"),), where=())
    given: Any = some(
        claims=some(version=[0, 1, 1, 0], deal=[0, 1, 2, 3]), size=size, deals=some(last=9),
        versions=some(components=(component, component), dated=(some(plan=some(code="p")),) * 2),
        named=lambda claim: ("lin", f"L{claim}"), held=lambda _, rows, __: rows >= 0,
        eligible=some(fits_but_amount=lambda _, sized: sized.deal >= 0),
    )  # fmt: skip
    states, waits = list[Any](), list[Any]()
    found: Any = some(states=some(add=lambda rows, *_: states.append(rows)))
    found.waiting = waits
    waiting, faults = _idle(given, np.array([True, True, True, False]))
    _await(given, waiting, found)
    assert ([(0, [0]), (1, [1, 2])], [[0, 1]], {2: FAULT}) == (asked, states, faults)
    assert ["L0", "L1"] == [item.loan for item in waits]


# ── what became of deals ────────────────────────────────────────────────────────────────────────────────────


def test_a_deal_has_earned_where_it_came_to_something_in_the_end() -> None:
    """3 and 0; nothing happened to the third."""
    two: Any = some(claim=[0, 1], version=[4, 5])
    earned = some(after=[3, 0], total=[3, 3], below=[1, 1], bases=some(state=[0, 0], reached=[1, 1]))
    outcome: Any = some(
        given=some(claims=np.zeros(3)), earned=earned,
        worked=some(steps=some(track=[0, 1]), found=two, turn=np.array([0, 1])),
    )  # fmt: skip
    ends = Outcome.__dict__["ends"].func(outcome)
    assert ([True, False, False], [4, 5, -1]) == (ends.earned.tolist(), ends.version.tolist())


def test_nothing_is_told_of_claims_to_which_nothing_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one; the second one earned nothing, and the third something, so that all of it is known."""
    monkeypatch.setattr(_outcomes, "claimed", lambda _, rows: rows.tolist())
    asked, states = list[Any](), list[Any]()
    ended = STATES.index(DealState.EARNED)
    three = np.array([True] * 3)

    def lost(faulty: Any, _: Any) -> Any:
        asked.append(faulty.tolist())
        return ~three

    outcome: Any = some(
        ends=some(version=[-1, 0, 0], earned=np.array([NO, NO, YES]), state=[ended] * 3, first=[0, 1, 2], going=~three),
        open=some(faulty=three, concerns=np.array([YES, NO, NO]), holds=three),
        given=some(claims=some(group=[0, 1, 2])), worked=some(steps=some(track=[0])), lines=some(step=[0]),
        _waiting_rows=np.arange(0), waiting_lines=lambda: iter(()), _stages=lambda _: iter(()),
        _lost=lost, _lifted=lambda _: ~three,
    )  # fmt: skip
    found: Any = some(states=some(add=lambda rows, *_: states.append(rows)))
    found.waiting, found.lifted = [], []
    Outcome.rest(outcome, found)
    assert ([[False, True, False]], [[2]]) == (asked, states)


def test_what_has_no_exchange_rate_takes_with_it_what_came_later_of_its_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not what came before it, nor what is of another group."""
    told = list[str]()

    monkeypatch.setattr(_outcomes, "claimed", lambda *_: some(rows=lambda: iter([("lin", "p", "c", "L1")])))
    outcome: Any = some(
        given=some(claims=some(group=[0, 0, 0, 1])), ends=some(first=[5, 2, 7, 9]), open=some(errors={0: FAULT})
    )
    lost = inner(Outcome, "lost")(
        outcome, np.array([True, False, False, False]), some(note=lambda what, *_: told.append(what))
    )
    assert ([True, False, True, False], ["component c of lin"]) == (lost.tolist(), told)


def test_lifted_is_what_came_in_as_a_lot_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one does not count, the third goes out, the fourth is no lot, and the last one has no rate."""
    monkeypatch.setattr(_outcomes, "rates_at", lambda *given: given[3][0])
    deals = some(
        step=[0, 0, 0, 1, 0], kind=[COMES, COMES, GOES, COMES, COMES], counts=np.array([YES, NO, YES, YES, YES]),
        curve=[0] * 5, version=[0] * 5, track=[0, 1, 2, 3, 4],
    )  # fmt: skip
    earned = some(
        deals=deals,
        bases=some(lots=np.array([True, False])),
        prices=some(final=(whole([1, 1, 1, 1, 0]), whole([1] * 5))),
    )
    outcome: Any = some(earned=earned, given=some(versions=some(of_all=np.array([True]))))
    assert [True, False, False, False, False] == inner(Outcome, "lifted")(outcome, np.array([0] * 5)).tolist()


# ── what is paid by the period ──────────────────────────────────────────────────────────────────────────────


def test_a_lead_is_told_what_is_missing_of_a_member_unless_the_team_is_unknown() -> None:
    """Something is missing of the members of both leads; the team of the second one is unknown for another reason."""
    told = list[Any]()
    lookups = some(
        is_missing=lambda member, _: member >= 0, missing={("wei", JAN): FAULT},
        miss=lambda payee, _, error: told.append((payee.tolist(), error(0))),
    )  # fmt: skip
    run = some(lookups=lookups, calendar=some(periods=(JAN,)), deals=some(payees=("lin", "wei", "abe")))
    wave: Any = some(place=0)
    asked: Any = some(run=run)
    inner(Periodic, "pass_on")(
        asked, np.array([0, 2]), np.array([0, 1]), np.array([1, 1]), wave, np.array([False, True])
    )
    assert [([0], FAULT)] == told


def test_what_is_missing_is_looked_up_behind_the_bases_of_earlier_periods(monkeypatch: pytest.MonkeyPatch) -> None:
    """One base of an earlier period stands first, so that the second new one is the third of all."""

    def bases(size: int) -> LoneBases:
        none = np.array([0] * size)
        one = whole([1] * size)
        return LoneBases(payee=none, version=none, period=none, curve=none, paid=one, counts=one, below=one)

    looked = some(faulty=np.array([NO] * 3), gone=np.array([NO, NO, YES]), error=lambda row: row)
    prices = some(looked=looked, top=whole([1, 2, 3]), below=whole([1] * 3), why=lambda row: row)
    monkeypatch.setattr(_periodic, "priced_apart", lambda *_: prices)
    told = list[Any]()
    lookups = some(
        go_without=lambda payee, _, answers, first: told.append((payee.tolist(), answers.gone.tolist(), first))
    )
    asked: Any = some(
        before=bases(1),
        run=some(lookups=lookups, deals=some(payees=("lin",))),
        versions=some(components=(some(tiers=some(go_on=True)),)),
    )
    top, _, why = inner(Periodic, "priced")(asked, bases(2), {})
    assert ([2, 3], [([0, 0], [NO, NO, YES], 1)], 2) == (top.tolist(), told, why(1))
    assert 3 == len(asked.before)


def test_deals_of_which_something_is_missing_cannot_go_on() -> None:
    """The second deal; a line of no deal keeps none from going on."""
    left, hanging = np.array([False] * 3), np.array([False] * 2)
    run = some(lookups=some(is_missing=lambda payee, _: payee >= 0), left=left, hanging=hanging)
    month: Any = some(run=run, place=0)
    due: Any = some(payee=[0, 1], deal=[1, -1])
    inner(_Month, "remember_missing")(month, due)
    assert ([False, True, False], [True, False]) == (left.tolist(), hanging.tolist())


def test_a_part_of_a_year_cannot_be_told_of_rows_of_a_period_that_is_not_whole_months() -> None:
    """Of ten days it cannot; January is a twelfth."""
    ten = lp.Period.parse("2026-01-01/2026-01-10")
    component: Any = some(year_part="months/12")
    year = whole([0] * 3), whole([0] * 3)
    rows = np.array([0, 1, 2])
    errors = _year_parts(component, (ten, JAN), np.array([1, 0, 1]), rows, year)
    assert [1] == [*errors]
    assert ([1, 1, 1], [12, 1, 12]) == tuple(column.tolist() for column in year)


def test_leads_whose_teams_hold_each_other_are_a_ring_and_those_above_them_are_none() -> None:
    """0 and 1 hold each other, and 2 has 0 in the team."""
    none, member = np.array([0] * 3), np.array([1, 0, 0])
    rows: Any = {"lead": np.array([0, 1, 2]), "plan": none, "component": none, "member": member, "seat": member}
    teams = Teams(leads=np.array([0, 1, 2]), **rows)
    assert {0: (0, 1), 1: (0, 1)} == teams.rings()


# ── prices and standings ────────────────────────────────────────────────────────────────────────────────────


def test_what_goes_out_uncounted_is_taken_off_what_comes_in_uncounted_with_it() -> None:
    """5 goes out of the window before; then what comes in counts; then 9 goes out two windows ago."""
    kinds, counts = [GOES, COMES] * 3, [NO, NO, NO, YES, NO, NO]
    deals: Any = some(step=[0, 0, 1, 1, 2, 2], kind=kinds, counts=np.array(counts), window=[0, 1, 0, 1, 0, 2])
    fresh = whole([0] * 6)
    _add_passed(deals, whole([-5, 1, -7, 1, -9, 1]), whole([2] * 6), fresh)
    assert [0, -5, 0, 0, 0, 0] == fresh.tolist()


def test_what_does_not_count_adds_up_within_its_step() -> None:
    """2 and 3 of step 7; of step 8 it begins anew."""
    none = np.array([0])
    now = _Earned(whole([0]), whole([0]), whole([2]), np.array([7]), none, none, 1)
    now.add(none, np.array([7]), np.array([False]), whole([3]))
    assert ([0], [5]) == (now.sums.tolist(), now.passed.tolist())
    now.add(none, np.array([8]), np.array([False]), whole([4]))
    assert [4] == now.passed.tolist()


def test_sums_of_a_loan_begin_before_all_days_that_have_numbers_above_zero() -> None:
    """Five days before the first one and three after it: 10 and 20."""
    days = LoanDays.of(np.array([0, 0]), whole([-5, 3]), whole([10, 20]))
    assert [30, 10] == days.sum_through(np.array([0, 0]), whole([4, 0])).tolist()


def test_a_bad_loan_recovers_on_a_later_day() -> None:
    """It performed on the day on which it went bad, the 5th, before it did; and again on the 9th."""
    classes = LoanDays.of(np.array([0, 0, 0]), whole([5, 5, 9]), whole([0, 1, 0]))
    said: Any = some(classes=classes, repaid_on=whole([FAR]))
    rule: Any = some(on="non-performing")
    found = Standings.recoveries(said, rule, np.array([0]), whole([5]), whole([99]))
    assert [[0], [9], [1], [1]] == [column.tolist() for column in found]


def test_a_part_of_what_was_still_drawn_is_less_what_went_before() -> None:
    """Of 100, 30 went and then 20: 20/70 of the rest."""
    gone = some(low=[0, 30], high=[30, 50], drawn=[100, 100], days=some(loan=[0, 0]))
    said: Any = some(gone=gone)
    assert ([2], [7]) == tuple(
        column.tolist() for column in inner(Standings, "parts_of_all")(said, np.array([0]), np.array([1]))
    )


# ── why nothing is paid ─────────────────────────────────────────────────────────────────────────────────────


def test_a_loan_is_lost_when_somebody_else_takes_it_over() -> None:
    """Assigned on the 3rd to who has it, and on the 5th to another one."""
    deals = some(officer=[0], events=lambda _: some(deal=[0, 0], on=[3, 5], payee=[0, 1]))
    asked: Any = some(sources=some(deals=deals, tracks=some(deal=[0], payee=[0])))
    assert date(1970, 1, 6) == inner(_AgainstPay, "lost")(asked, 0)


def test_who_holds_a_loan_of_a_balance_is_asked_of_the_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The 31st."""
    days = list[Any]()

    def holds(_: Any, __: Any, ___: Any, on: Any) -> Any:
        days.append(on.tolist())
        return np.array([True])

    monkeypatch.setattr(_unpaid, "are_held", holds)
    tracks = some(deal=np.array([0]), share=[0], shares=some(role=[0]))
    sources = some(tracks=tracks, deals=some(last=31, roles=("officer",)))
    asked: Any = some(
        sources=sources, _opened=lambda _: date(2026, 1, 1), _first_unmet=lambda *_: whole([-1]),
    )  # fmt: skip
    component: Any = some(split=(("officer", 1),), base="balance")
    found = [*inner(_AgainstPay, "of_time")(asked, 0, component, np.array([0]))]
    assert ([[31]], ["balance"]) == (days, [reason.by for _, reason in found])


@pytest.mark.parametrize(("reached", "on"), [(9, date(1970, 1, 10)), (FAR, date(1970, 1, 4))])
def test_what_is_not_held_is_told_on_the_day_it_was_due_else_on_that_of_its_loss(
    monkeypatch: pytest.MonkeyPatch, reached: int, on: date
) -> None:
    """Due on day 9; else lost on day 3."""
    monkeypatch.setattr(_unpaid, "parts_of", lambda *_: (whole([1]), whole([1])))
    monkeypatch.setattr(_unpaid, "are_held", lambda *_: np.array([False]))
    deals = some(reached=lambda _: whole([reached]), last=31)
    size = some(top=whole([1]), below=whole([1]), known=np.array([True]))
    sources = some(
        tracks=some(deal=np.array([0]), share=[0]), deals=deals, sizes={"CNY": some(on=lambda *_, **__: size)},
        lookups=some(plans=(some(currency="CNY"),), calendar=some(place=lambda _: whole([0]))),
    )  # fmt: skip
    asked: Any = some(
        sources=sources, _first_unmet=lambda *_: whole([-1]),
        _lost=lambda _: date(1970, 1, 4), _held_by=lambda *_: None,
    )  # fmt: skip
    component: Any = some(steps=(some(milestone="opened"),), base="disbursed")
    ((_, reason),) = inner(_AgainstPay, "of_deals")(asked, 0, component, np.array([0]))
    assert ("officer", on) == (reason.by, reason.on)


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_lines_keep_the_days_on_which_they_were_earned() -> None:
    """The second one of two, which was earned on two days, is taken alone; then both in the other order."""
    two: Any = {name: np.array([0, 1]) for name in ("payee", "plan", "component", "loan", "stage", "period")}
    amounts: Any = {name: whole([3, 4]) for name in ("on", "earned", "units", "gross", "below")}
    parts: Any = {"part_line": np.array([1, 1]), "part_on": whole([5, 6]), "part_units": whole([1, 3])}
    words: Any = dict.fromkeys(("payees", "plans", "components", "loans", "stages", "periods"), ())
    lines = Lines(**words, **two, **amounts, **parts, steps=lambda _: ())
    found = lines.take(np.array([1]))
    assert ([0, 0], [5, 6], [1, 3]) == (found.part_line.tolist(), found.part_on.tolist(), found.part_units.tolist())
    assert [0, 0] == lines.take(np.array([1, 0])).part_line.tolist()
    assert [] == lines.take(np.array([0])).part_line.tolist()
