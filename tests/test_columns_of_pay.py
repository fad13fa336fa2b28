"""What the columns of pay do, piece by piece: a few rows each, with what they come to worked out on paper."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from attrs import evolve, fields_dict
from tests.some_columns import some

import loanperf as lp
from loanperf._appraisal._appraise_all import _Scoring
from loanperf._appraisal._columns import _laid, _Stated
from loanperf._appraisal._rules import Seen, weights_of
from loanperf._bonus._award_all import _Awarding, _goals
from loanperf._commission import Standings, _apart, _earned
from loanperf._commission._answers import Answers
from loanperf._commission._apart import LoneBases, _looked, _transactions
from loanperf._commission._deals import Deals, ExchangeRates, _credits, _people
from loanperf._commission._due import DueRows, Earlier, Windows, key_ranks
from loanperf._commission._earned import _earn
from loanperf._commission._eligible import rate_of_all
from loanperf._commission._figures import Figures, _behind, _measured, _none, _once
from loanperf._commission._happenings import _in_force
from loanperf._commission._limits import RulesOfPeriod, _latest
from loanperf._commission._states import EVENTS, DealEvent
from loanperf._commission._steps import Sources
from loanperf._commission._unpaid import _LoanPairs
from loanperf._ledger._amounts import DayParts, KeyWords, _reduced, rows_in
from loanperf._ledger._entitlement import entitled
from loanperf._ledger._grounds import Grounds, Reasons
from loanperf._ledger._keys import Texts
from loanperf._ledger._late import _changed
from loanperf._ledger._moves import Moves
from loanperf._ledger._tabled import _hands, _TableOfEntries
from loanperf._numbers import FAR, day_number, whole
from loanperf._scorecard import Missing
from loanperf._tables._columns import Column

JAN, FEB = lp.Period.month(2026, 1), lp.Period.month(2026, 2)


# ── appraisals ──────────────────────────────────────────────────────────────────────────────────────────────


def test_pieces_of_a_column_are_laid_over_one_denominator() -> None:
    """3/2 and 5/3 are 9/6 and 10/6; between them nothing is said."""
    top, bottom, over = _laid(3, [(np.array([0]), whole([3]), 2), (np.array([2]), whole([5]), 3)])
    assert top is not None
    assert top.missing is not None
    assert ([9, 10], None, 6) == (top.values[[0, 2]].tolist(), bottom, over)
    assert [False, True, False] == top.missing.tolist()


def test_pieces_of_several_denominators_keep_them() -> None:
    """3/2, and 5 over a column that has 4 there: no common denominator."""
    top, bottom, over = _laid(2, [(np.array([0]), whole([3]), 2), (np.array([1]), whole([5]), whole([4]))])
    assert top is not None
    assert bottom is not None
    assert ([3, 5], [2, 4], 1) == (top.values.tolist(), bottom.values.tolist(), over)


def test_what_is_left_out_is_taken_on_by_the_others() -> None:
    """Of 50%, 30% and 20%, the last one is missing: 5/8 and 3/8; counted as zero, it leaves them as they are."""
    lines = [
        some(indicator=some(code=code), weight=Fraction(weight, 10), scoring=some(missing=missing))
        for code, weight, missing in (("a", 5, None), ("b", 3, None), ("c", 2, Missing.RENORMALISE))
    ]
    card: Any = some(lines=tuple(lines))
    assert {"a": Fraction(5, 8), "b": Fraction(3, 8)} == weights_of(card, frozenset("c"))
    assert {"a": Fraction(1, 2), "c": Fraction(1, 5)} | {"b": Fraction(3, 10)} == weights_of(card, frozenset("b"))


def test_the_largest_number_that_is_seen_is_that_of_a_reading_or_a_target() -> None:
    """7/3 and -1/9."""
    reading, target = (some(top=some(most=top), below=some(most=below)) for top, below in ((7, 3), (1, 9)))
    assert (9, 7, 0) == (Seen(reading, target).most, Seen(reading).most, Seen(None).most)


def test_decimals_of_money_must_say_their_unit_and_other_decimals_need_not() -> None:
    """A scale alone says how many units a whole has, and not that the decimals are units."""
    stated, decimals = _Stated({"x": 1}, {}, "CNY"), Column("float", np.array([5.0]), None)
    with pytest.raises(lp.errors.DataError):
        stated.counted("x", decimals, "money")
    found = stated.counted("x", decimals, "points")
    assert found is not None
    assert 1 == found.scale


def test_rows_are_worked_in_any_part_of_a_table() -> None:
    """The second and third of three rows, of which the last one has no reading."""
    amounts = np.ma.masked_array([120_000_000, 60_000_000, 0], mask=[False, False, True])
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    rows = {"loan_amount": amounts, "npl_ratio": np.array([200] * 3), "retention_rate": np.array([8500] * 3)}
    found = lp.appraise_all(card, rows, units={"loan_amount": "fen", "npl_ratio": "bp", "retention_rate": "bp"})
    assert [True, True, False] == found.ok.tolist()
    again = _Scoring(evolve(found, score=found.score.copy(), ok=found.ok.copy(), grade=found.grade.copy()), (card,))
    assert [2] == [row for row, *_ in again.chunk(1, 3)]


def test_amounts_are_worked_in_any_part_of_a_table() -> None:
    """8000 yuan pay 8169.60; the third of four rows has no salary, and the last one no whole number of fen."""
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    usual = {"loan_amount": 120_000_000, "npl_ratio": 200, "retention_rate": 8500}
    rows = {code: np.full(4, units) for code, units in usual.items()}
    found = lp.appraise_all(card, rows, units={"loan_amount": "fen", "npl_ratio": "bp", "retention_rate": "bp"})
    units = whole([8_000_000, 8_000_000, 0, 8_000_001])
    months = Column("whole", units, np.array([False, False, True, False]), scale=1000)
    none, amount = np.array([False] * 4), whole([0] * 4)
    work = _Awarding(scored=found, cards=(card,), given={"month": months}, amount=amount, ok=none)
    assert [2, 3] == sorted(row for row, *_ in work.chunk(1, 4))
    assert ([0, 816_960], [False, True, False, False]) == (work.amount[:2].tolist(), work.ok.tolist())


def test_awards_of_others_are_those_without_some_payees() -> None:
    """Of lin, wei and nobody, without wei."""
    amounts = Column("whole", whole([1, 2, 3]))
    columns = {"payee": Column("text", np.array([0, 1, -1]), None, ("lin", "wei")), "amount": amounts}
    awards: Any = some(columns=columns, plans=(whole([0, 1, 0]), ("a", "b")))
    others = lp.Awards.but(awards, ["wei"])
    assert ([1, 3], [0, 0]) == (others.amount.tolist(), others.plans[0].tolist())


def test_the_target_of_a_bonus_is_that_of_the_indicator_it_goes_by() -> None:
    """Not that of the first line."""
    lines = tuple(some(indicator=some(code=code), target=target) for code, target in (("a", 1), ("b", 2)))
    card: Any = some(bonus=some(of="b", multipliers=()), lines=lines)
    found: Any = _goals(card)
    assert {"b": 2} == found


# ── what is earned ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_empty_word_is_the_first_one_in_keys() -> None:
    """It is looked up as the last one."""
    assert [1, 2, 0] == key_ranks(("a", "b")).tolist()
    assert [0, 1, 0] == key_ranks(("", "a")).tolist()


def test_words_are_ranked_as_keys_with_a_slash_behind_them() -> None:
    """`a-b/` comes before `a/`, for `-` sorts before the slash."""
    assert [2, 1, 0] == key_ranks(("a", "a-b")).tolist()
    assert [1, 2, 0] == key_ranks(("a-b", "a-c")).tolist()


def test_nobody_has_a_figure_who_is_not_known() -> None:
    """Neither a stranger in January, nor a payee in February, of which nothing is known."""
    given = [("stranger", "x", JAN), ("lin", "x", FEB), ("lin", "x", JAN)]
    named: dict[str, int] = {}
    assert [[0], [0], [0], [0], [0], [0], [0]] == [column.tolist() for column in _none(given, {"lin": 0}, [JAN], named)]


def test_the_plan_that_holds_since_the_latest_day_is_that_of_an_account() -> None:
    """Lin has lines of both versions, Wei only of the first."""
    terms = some(plans=[some(since=date(2025, 1, 1)), some(since=date(2026, 1, 1))], code=[0, 0])
    assert [1, 1, 0] == _latest(terms, some(payee=[0, 0, 1], plan=[0, 1, 0])).tolist()
    assert [1, 1, 0] == _latest(terms, some(payee=[0, 0, 1], plan=[1, 0, 0])).tolist()


def test_people_are_numbered_in_order_of_their_names() -> None:
    """Of three words two are named; -1 finds nobody behind them."""
    found, places = _people([Column("text", np.array([2, 0, -1]))], ("wei", "x", "lin"), ["abe"])
    assert (["abe", "lin", "wei"], [2, -1, 1, -1]) == (found, places.tolist())


def test_credits_are_those_of_loans_that_are_there_by_the_last_day() -> None:
    """The first one is of the last day; the second one of a day later, and the third of a loan that is not there."""
    loan, on = np.array([0, 0, 1]), np.array([9, 10, 8])
    table: Any = {
        "loan": Column("text", loan), "payee": Column("text", np.array([0, 0, 0])), "on": Column("day", on),
        "role": Column("text", np.array([0, 0, 0]), None, ("lead",)),
        "share": Column("whole", whole([1, 1, 1]), None, scale=2),
    }  # fmt: skip
    assert [0] == _credits(table, 1, 9, np.array([0, -1]), ("lead",)).row.tolist()


def test_a_plan_knows_the_indicators_of_its_scheme_by_their_codes() -> None:
    """Also the second one."""
    plan: Any = some(indicators=(some(code="a"), some(code="b")))
    assert plan.indicators[1] is lp.schemes.DatedPlan.indicator(plan, "b")


def due(size: int, **columns: Any) -> DueRows:
    """Lines of a plan, of which some columns are given."""
    usual = {"draft": -1, "deal": -1, "below": 1, "over": 1}
    no = dict.fromkeys(("ends", "in_parts", "carried", "passed"), False)
    made = {name: np.full(size, (usual | no).get(name, 0)) for name in fields_dict(DueRows)}
    return DueRows(**made | {name: np.array(values) for name, values in columns.items()})


TERMS: Any = some(
    in_units=lambda top, below, _: (200 * top + below) // (2 * below),
    rounded=lambda top, below, _: (2 * top + below) // (2 * below),
    smallest=[100],
    notes=None,
)
"""Half up to the fen."""


def test_parts_of_a_deal_sum_to_its_rounded_total() -> None:
    """Thirds of a yuan: 0.33, then 0.67 in all, then 1; two thirds: 0.67, then 1.33, then 2."""
    earlier = Earlier.of(2, Windows(np.arange(0), np.arange(0)), is_asked=False)
    month = due(2, deal=[0, 1], in_parts=[True] * 2, top=[1, 2], net=[1, 2], below=[3, 3], over=[3, 3])
    assert [[33, 67], [34, 66], [33, 67]] == [earlier.rounded(TERMS, month).tolist() for _ in range(3)]


def test_what_a_deal_came_to_begins_anew_when_it_ends() -> None:
    """The first one earned 1 and ended; the second one earned 2."""
    earlier = Earlier.of(2, Windows(np.arange(0), np.arange(0)), is_asked=True)
    three = {"top": [1, -1, 2], "net": [1, -1, 2]}
    earlier.rounded(TERMS, due(3, deal=[0, 0, 1], in_parts=[True] * 3, ends=[False, True, False], **three))
    assert [0, 2] == earlier.gross.tolist()


def test_what_is_taken_back_was_cut_as_what_it_was_of() -> None:
    """4 of 10 of which 5 yuan were left are 2 yuan, and 5 of 10 of which 4 were left are 2; what is earned stays."""
    ten, known = whole([10, 10]), np.array([True, True])
    windows = Windows(np.array([7]), np.array([1]))
    one, left = whole([1, 1]), whole([5, 4])
    earlier = Earlier(
        windows=windows, is_asked=True, known=known, gross=ten, below=one, net=left, over=one, units=left * 100
    )
    tops = {"top": [1, -4, -5, 3], "net": [1, -4, -5, 3]}
    rows = due(
        4, draft=[-1, -1, 7, 7], deal=[0, 0, 1, 1], in_parts=[True, True, False, False],
        passed=[True, False, False, False], **tops,
    )  # fmt: skip
    found = earlier.taken_back(TERMS, rows)
    assert ([1, -200, -200, 3], [1, 100, 100, 1]) == (found.net.tolist(), found.over.tolist())
    assert [True, True, True, False] == found.passed.tolist()


def test_a_window_knows_what_was_earned_in_it() -> None:
    """6 before the rules and 5 after them; neither what ends, nor what comes from no draft."""
    earlier = Earlier.of(3, Windows(np.array([7]), np.array([2])), is_asked=True)
    tops = {"top": [6, 9, 8], "net": [5, 9, 8]}
    earlier.rounded(TERMS, due(3, draft=[7, 7, -1], ends=[False, True, False], **tops))
    assert ([False, False, True], 6, 5) == (earlier.known.tolist(), earlier.gross[2], earlier.net[2])
    assert 500 == earlier.units[2]


@pytest.mark.parametrize(("gained", "line"), [(30, 50), (80, 80), (200, 120)])
def test_a_deal_earns_its_least_and_its_most(gained: int, line: int) -> None:
    """50 at least, and 120 at most."""
    none = {name: np.array([0]) for name in ("total", "others", "earned")}
    now = some(**none, told=defaultdict(lambda: np.array([0])))
    no = {name: [False] for name in ("passed", "ends", "lowered")}
    bases = some(earns=[True], paid=[True], reached=[1], **no)
    bounds = {"low": (np.array([True]), whole([50])), "high": (np.array([True]), whole([120]))}
    _earn(now, some(bases=bases, track=[0], gained=[gained], **bounds), np.array([0]))
    assert [line] == now.told["line"].tolist()


def test_what_counts_by_number_counts_once_however_large_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """7 counts as one deal, over a tier in thirds; what does not count is no deal."""
    monkeypatch.setattr(_apart, "units_of_tiers", lambda *_: (whole([1, 1]), whole([3, 3])))
    versions: Any = some(by_number=np.array([True]), read=np.array([False]), components=())
    one, none = whole([1, 1]), np.array([0, 0])
    bases = LoneBases(
        payee=none, version=none, period=none, curve=none, paid=one, counts=whole([7, 0]), below=one,
    )  # fmt: skip
    lookups: Any = some(calendar=some(ends=[31]))
    assert [3, 0] == _transactions(versions, lookups, bases, none, (one, one), (one, one)).tier.tolist()


def test_an_amount_that_changes_is_followed_where_something_was_earned_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two that change, only the second one had earned something by then; what does not change is followed anyway."""
    monkeypatch.setattr(_earned, "bases_of", lambda *given: (given[2], None, None))
    monkeypatch.setattr(_earned, "_earned", lambda *given: some(earned=[0, 0, 5], amends=given[2]))
    amended = EVENTS.index(DealEvent.AMENDED)
    steps: Any = some(track=[0, 1, 2], event=[amended, amended + 1, amended])
    found: Any = _earned.earned_of(some(), steps)
    assert [False, True, True] == found.amends.tolist()


def test_a_rate_without_terms_holds_for_what_is_no_loan() -> None:
    """Not the first one, which has terms."""
    rates = (some(where=("term",)), some(where=()))
    component: Any = some(rates=rates, rates_by="most terms", rate=None, curve=None, table=None)
    assert (1, None) == rate_of_all(component)


def test_a_plan_is_in_force_from_its_first_day_to_the_one_before_the_next() -> None:
    """From the second to the third of January."""
    days = [day_number(date(2026, 1, day)) for day in (1, 2, 3, 4)]
    versions: Any = some(dated=(some(since=date(2026, 1, 2), until=date(2026, 1, 4)),))
    assert [False, True, True, False] == _in_force(versions, 0, whole(days)).tolist()


def test_a_plan_that_is_no_longer_in_force_holds_for_what_is_due_of_it() -> None:
    """The first plan holds on; the second one has ended, and nothing has come in its place."""
    plans = (some(since=date(2026, 1, 1), until=None), some(since=date(2026, 1, 1), until=date(2026, 1, 9)))
    terms: Any = some(plans=plans, code=[0, 1])
    rules = RulesOfPeriod.of(terms, 0, day_number(date(2026, 1, 31)), due(2, plan=[0, 1]), some())
    assert [0, 1] == rules.rule.tolist()


def test_the_first_that_says_another_value_is_told() -> None:
    """Of one payee, indicator and period: 1, 2 and 3."""
    same = whole([0, 0, 0])
    assert 1 == _once([same, same, same, whole([1, 2, 3])])


def test_what_is_given_by_hand_stays_before_what_was_measured() -> None:
    """1/2 and not 9/9; 5 over 0 is no value."""
    one, two = whole([0]), whole([0, 1])
    given = [one, one, one, whole([1]), whole([2]), one, one]
    measured = [two, two * 0, two * 0, whole([9, 5]), whole([9, 0]), two, two]
    assert [[0], [0], [0], [1], [2], [0], [0]] == [column.tolist() for column in _behind(given, [measured])]


def test_readings_are_those_of_payees_that_are_known() -> None:
    """3 over 6 in thousandths is a half."""
    readings: Any = some(
        period=JAN, payees=("lin", "x"), currency="CNY", exact=lambda _: (whole([3, 4]), 6),
        indicators=(some(code="a", kind=some(unit=str)),),
    )  # fmt: skip
    (found,) = _measured([readings], {"lin": 0}, [JAN], {}, {})
    assert [[0], [0], [0], [1], [2], [0], [0]] == [column.tolist() for column in found]


def test_a_figure_is_a_quantity_of_its_unit() -> None:
    """In codes of unit, whether it is bare, zero, and above one: 1, 1, 0, 1 and 1, 0, 0, 1."""
    figures: Any = some(form=[13, 9], top=[3, 3], below=[2, 2], units=("", "CNY"))
    found = [Figures.quantity(figures, row) for row in (0, 1)]
    assert [("CNY", True), ("CNY", False)] == [(one.unit, one.bare) for one in found]


def test_a_check_of_two_figures_is_made_for_each_pair_of_forms() -> None:
    """Of yuan with yuan, and of yuan with dollars."""

    def check(one: Any, other: Any) -> None:
        if one != other:
            raise lp.errors.DataError("it", "is of another unit", "pass one")

    mine: Any = some(form=[8], quantity=lambda _: "CNY")
    others: Any = some(form=[0, 8], units=("USD", "CNY"), quantity=lambda row: ("USD", "CNY")[row])
    rows = np.array([0, 0])
    assert [False, True] == Figures.pass_together(mine, rows, others, np.array([0, 1]), check).tolist()


def test_an_exchange_rate_is_that_of_both_currencies() -> None:
    """7 yuan for a dollar, whatever a yen is worth in yuan, and a dollar in euros, on later days."""
    rates = [("USD", "CNY", "7"), ("JPY", "CNY", "0.05"), ("USD", "EUR", "0.9")]
    facts = lp.Facts.of([
        lp.ExchangeRate(currency=currency, into=into, on=date(2026, 1, day), rate=rate)
        for day, (currency, into, rate) in enumerate(rates, 1)
    ])  # fmt: skip
    asked = whole([100]), np.array([0]), whole([day_number(date(2026, 1, 5))])
    found = ExchangeRates(facts).into("CNY", *asked, ["USD"]).found
    assert Fraction(7) == Fraction(int(found.top[0]), int(found.below[0]))


def test_a_claim_of_another_version_has_the_part_that_version_says() -> None:
    """The claim was worked out by the first version, for a third; the second one gives the officer a half."""
    half = (("officer", Fraction(1, 2)),)
    sources: Any = some(
        claims=some(version=[0], part=(whole([1]), whole([3])), share=[0]),
        versions=some(components=(None, some(split=half, unfilled="nobody", credited="split"))),
        tracks=some(shares=some(role=[0], deal=[0], top=[1], below=[1]), deals=some(roles=["officer"])),
    )
    one = np.array([0])
    assert ([1], [3]) == tuple(column.tolist() for column in Sources.part(sources, 0, one))
    assert ([1], [2]) == tuple(column.tolist() for column in Sources.part(sources, 1, one))


def test_a_loan_is_also_theirs_who_take_it_over_on_the_last_day() -> None:
    """Not theirs who take it over a day later."""
    none, assigned = some(on=whole([]), deal=whole([]), payee=whole([])), some(on=[31, 32], deal=[0, 0], payee=[1, 2])
    deals = some(opened=[5], officer=[0], last=31, credits=none, events=lambda _: assigned)
    found = _LoanPairs.of(deals)
    assert ([0, 1], [5, 31]) == (found.payee.tolist(), found.since.tolist())


def test_what_is_asked_is_asked_of_all_that_is_paid_or_counts() -> None:
    """A quota of 7 for what is paid and for what counts, and none for what neither is paid nor counts."""
    versions = some(components=(some(tiers=some(by="attainment")),), places=(0,), by_attainment=[True])
    lookups = some(quota=lambda *asked: Answers.of(asked[2] * 0 + 7, asked[3] * 0 + 1))
    bases = some(version=[0, 0, 0], paid=[1, 0, 0], counts=[0, 1, 0], payee=[0, 1, 2], period=[0, 0, 0])
    found, quotas = _looked(versions, lookups, bases)
    assert ([7, 7, 1], [True, True, False]) == (found.top.tolist(), quotas.tolist())


def test_what_neither_is_paid_nor_counts_comes_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """5 is paid, 3 counts, and 4 is paid and counts as 1; each comes to ten times what is paid and once what counts."""
    bases = LoneBases(
        payee=np.array([0, 0, 0, 1]), version=np.array([0] * 4), period=np.array([0] * 4), curve=np.array([0] * 4),
        paid=whole([5, 0, 0, 4]), counts=whole([0, 3, 0, 1]), below=whole([1] * 4),
    )  # fmt: skip
    one = whole([1] * 4)
    monkeypatch.setattr(_apart, "_looked", lambda *_: (Answers.of(one, one), one > 1))
    monkeypatch.setattr(_apart, "_transactions", lambda *given: given[2])
    monkeypatch.setattr(_apart, "priced", lambda _, rows: some(top=rows.paid * 10 + rows.counts, below=rows.below * 2))
    lookups: Any = None
    found = _apart.priced_apart(some(named=[0], per=(whole([1]), whole([1]))), lookups, bases)
    assert ([50, 3, 0, 41], [2, 2, 1, 2]) == (found.top.tolist(), found.below.tolist())


def test_years_of_tiers_are_those_of_the_last_day_of_a_period() -> None:
    """December ends before the first of January, and January ends in the new year."""
    ends = [day_number(date(2026, 1, 1)), day_number(date(2026, 2, 1))]
    component = some(tiers=some(accumulates="calendar", resets="year"))
    no = {name: np.array([False]) for name in ("read", "by_number", "by_attainment")}
    versions = some(components=(component,), dated=(some(calendar=None),), **no)
    bases = LoneBases(
        payee=np.array([0, 0]), version=np.array([0, 0]), period=np.array([0, 1]), curve=np.array([0, 0]),
        paid=whole([1, 1]), counts=whole([1, 1]), below=whole([1, 1]),
    )  # fmt: skip
    one = whole([1, 1])
    found = _transactions(versions, some(calendar=some(ends=ends)), bases, np.array([0, 0]), (one, one), (one, one))
    december, january = found.window.tolist()
    assert 3 * 365 == january - december


def test_a_loan_is_past_due_when_it_is_more_days_than_a_clawback_says() -> None:
    """30 days are not more than 30."""
    rule: Any = some(takes="whole", on="past due", more_than_days=30)
    said = some(past_due=some(loan=[0, 0], on=[10, 20], value=[30, 31]))
    found = Standings.onsets(said, rule, np.array([0]), whole([0]))
    assert ([0], [20]) == tuple(column.tolist() for column in found)


# ── the ledger ──────────────────────────────────────────────────────────────────────────────────────────────


def test_no_word_ranks_before_all_words() -> None:
    """Both the quick way, of letters and digits in order, and the other one."""
    plans = [some(plan=some(code="p"))]
    words: Any = some(
        payees=("lin", "wei"), plans=plans, components=("c",), loans=("L1", "L2"), stages=("",), periods=(JAN,)
    )
    ranks = KeyWords.of(words, ()).ranks
    assert [[1, 2, 0], [1, 0], [1, 2, 0]] == [ranks[name].tolist() for name in ("payee", "plan", "loan")]


def test_what_reduces_a_line_takes_from_the_last_parts_before_it() -> None:
    """Of 5 and 4, a 6 leaves 3 and 0; the second 2 of the other line takes from what the first 1 left of 4."""
    parts = DayParts(
        line=np.array([0, 0, 0, 1, 1, 1]), on=np.arange(6), units=whole([5, 4, -6, 4, -1, -2]),
    )  # fmt: skip
    left = _reduced(parts)
    assert ([0, 1], [3, 1]) == (left.line.tolist(), left.units.tolist())


def test_only_what_was_earned_is_kept_where_something_is_missing() -> None:
    """What is held of a line is not what it came to; where nothing is missing, nothing is kept."""
    nets: Any = {("line", "earned", "CNY"): 5, ("line", "held", "CNY"): 3}
    moves = object.__new__(Moves)
    lacking: Any = some(missing={("lin", JAN): "reading"}, memo={"entitlement": (moves, ({}, {("line", "CNY"): 5}))})
    assert moves is entitled(lacking, {}, nets)
    whole_: Any = some(missing={}, memo={"entitlement": (moves, ({}, {}))})
    assert moves is entitled(whole_, {}, nets)


def test_grounds_of_rules_have_no_text() -> None:
    """-1 is no text; 1 would be the second one."""
    grounds = Grounds.of_rules(np.array([3, 4]))
    assert ([-1, -1], [-1, -1]) == (grounds.said.tolist(), grounds.tree.tolist())


def test_reasons_of_two_lots_are_kept_in_the_order_in_which_they_are_asked() -> None:
    """Of two entries and three behind them: the last one is the third of the second lot."""
    asked: list[list[int]] = []

    class Lot:
        def kept(self, places: Any) -> Grounds:
            asked.append(places.tolist())
            return Grounds.of_rules(places + 10 * len(asked))

        def __call__(self, place: int) -> Any:
            raise NotImplementedError(place)

    kept = Reasons.of(Lot(), 2).joined(Reasons.of(Lot(), 3)).kept(np.array([4, 1, 2]))
    assert [[1], [2, 0]] == asked
    assert [22, 11, 20] == kept.rule.tolist()


def test_texts_are_ranked_as_parts_of_keys() -> None:
    """`a` and `a-b` as last parts: `a`, `a-b`; with a slash behind them: `a-b/`, `a/`."""
    last, inner = Texts(("a", "a-b")).ranks
    assert [0, 1, 2, 3] == [last[0], last[1], inner[1], inner[0]]
    last, inner = Texts(("a", "ab")).ranks
    assert [0, 1, 2, 3] == [last[0], inner[0], last[1], inner[1]]


def test_lines_are_found_by_payee_and_period() -> None:
    """Wei in February; a stranger has none, nor has anybody in a period that is not there."""
    lines: Any = some(payees=("lin", "wei"), periods=(JAN, FEB), payee=[0, 0, 1, 1], period=[0, 1, 0, 1])
    march = lp.Period.month(2026, 3)
    for rows, wanted in (
        ([3], [("wei", FEB), ("stranger", JAN), ("lin", march)]),
        ([1, 2], [("wei", JAN), ("lin", FEB)]),
    ):
        assert rows == rows_in(lines, lines.payees, lines.periods, wanted).tolist()


def test_a_line_changed_when_something_else_was_drawn_than_its_entry_went_by() -> None:
    """Of the first loan 100 were drawn, as the entry says; of the second one 50, and its entry went by 40."""
    drawn = [
        lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on="2026-01-05", amount=lp.Money.from_units(units, "CNY"))
        for loan, units in (("L1", 100), ("L2", 50))
    ]
    loans = [lp.Loan(loan=loan, customer="c", officer="lin", opened_on="2026-01-01") for loan in ("L1", "L2")]
    earned: Any = some(standings=Standings.of_deals(Deals.of(lp.Facts.of([*loans, *drawn]), FAR)))
    lines: Any = [some(key=key, loan=loan, on=date(2026, 1, 10), steps=()) for key, loan in (("a", "L1"), ("b", "L2"))]
    ledger: Any = some(
        places_of_line=lambda key, _: [{"a": 0, "b": 1}[key]],
        entries=some(kept=lambda _: some(drawn=[100, 40], is_drawn=[True, True]), reasons=None),
    )
    assert {"b"} == _changed(ledger, earned, lines)


def test_numbers_of_a_column_in_which_none_is_missing_are_all_there() -> None:
    """Where one is missing, it is 0 and not there."""
    table: Any = some(column=lambda _: Column("whole", whole([4, 5]), None))
    assert ([4, 5], [True, True]) == tuple(column.tolist() for column in _TableOfEntries.known(table, "set_to"))
    table.column = lambda _: Column("whole", whole([4, 5]), np.array([True, False]))
    assert ([0, 5], [False, True]) == tuple(column.tolist() for column in _TableOfEntries.known(table, "set_to"))


def test_what_a_hand_says_is_kept_though_it_sets_no_amount() -> None:
    """The first entry is of a hand that gave a reason; the second one is of nobody's hand."""
    said = {"why": Column("text", np.array([0, -1]), None, ("moved",))}
    nothing = Column("text", np.array([-1, -1]), None, ())
    table: Any = some(
        known=lambda _: (whole([0, 0]), np.array([False, False])), column=lambda name: said.get(name, nothing)
    )
    assert {0: (None, "", "moved", "")} == _hands(table)
