"""Pay calendars: half months, weeks, 4-4-5 and fiscal years, from a scheme to its ledger."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.books_of_pay import book_of_seed
from tests.test_cli_month import branch, loanperf, paid
from tests.test_month import Host, loan
from tests.test_one_program_pay import must_equal

import loanperf as lp
from loanperf import opening
from loanperf.schemes import PayCalendar

CUTS = ("month", "quarter", "half", "year", "half month", "week", "2 weeks", "4 weeks", "4-4-5", "4-5-4", "5-4-4")
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2023-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
curve = { bands = [["0元", "100万元", "0.5%"], ["100万元", "", "0.8%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }
"""
YEARLY = SCHEME.replace('accumulates = "period"', 'accumulates = "to date", resets = "year"')
LIN = lp.Assignment(payee="lin", unit="east", role="officer", since="2022-01-01")
STAFF = lp.Organisation(assignments=[LIN])


def span(text: str) -> lp.Period:
    """A period of these days."""
    return lp.Period.parse(text)


def drawn(*rows: tuple[str, str]) -> lp.Facts:
    """Loans of lin with the day and amount of each."""
    facts: list[lp.Fact] = []
    for number, (on, amount) in enumerate(rows):
        facts.append(lp.Loan(loan=f"L{number}", customer="C", officer="lin", opened_on=on))
        facts.append(lp.LoanEvent(loan=f"L{number}", kind=lp.EventKind.DISBURSED, on=on, amount=amount))
    return lp.Facts.of(facts)


def earned(scheme: str, facts: lp.Facts, through: str) -> dict[str, int]:
    """What lin earns in each pay period, in yuan."""
    found = lp.accrue(facts, lp.SchemeBook([lp.parse_scheme(scheme)]).plans(), STAFF, through=span(through))
    assert found.problems == ()
    pays: dict[str, int] = {}
    for line in found.lines:
        pays[str(line.period)] = pays.get(str(line.period), 0) + line.amount.units
    return {period: units // 100 for period, units in pays.items()}


# ── which days ──────────────────────────────────────────────────────────────────────────────────────────────


@given(st.sampled_from(CUTS), st.dates(date(2000, 1, 1), date(2030, 12, 13)), st.dates(date(1990, 1, 1)))
def test_periods_follow_each_other_without_a_gap(periods: Any, begins: date, on: date) -> None:
    """No day is paid twice and none is missed, and who walks back and forth is where they were."""
    begins = begins.replace(day=min(begins.day, 13))
    on = min(on, date(9990, 1, 1))
    found = PayCalendar(periods=periods, begins=begins).period(on)
    assert on in found
    assert (found.end, found.start) == (found.next().start, found.previous().end)
    assert found == found.next().previous() == found.previous().next()


def test_the_retail_year_2023_has_53_weeks() -> None:
    """Published by the National Retail Federation: its 4-5-4 year 2023 goes from 29 January 2023 to 3 February 2024.

    Years begin on the Sunday nearest to 1 February: 2024 on the 4th, 2025 on the 2nd, 2026 on the 1st. The 53rd week is
    that of the last month, which has five weeks instead of four.
    """
    retail = PayCalendar(periods="4-5-4", begins="2026-02-01")
    assert [date(2023, 1, 29), date(2024, 2, 4), date(2025, 2, 2), date(2026, 2, 1)] == retail.starts(
        "year", date(2023, 2, 1), date(2026, 2, 1)
    )
    month, weeks = retail.period("2023-01-29"), []
    while month.start < date(2024, 2, 4):
        weeks.append(month.days // 7)
        month = month.next()
    assert [4, 5, 4] * 3 + [4, 5, 5] == weeks


@given(st.integers(1900, 2200))
def test_years_of_weeks_are_those_of_iso_unless_stated(year: int) -> None:
    """ISO 8601: week 1 is that of 4 January, so that a year begins on the Monday nearest to 1 January."""
    found = PayCalendar(periods="4-4-5").starts("year", date(year, 6, 1), date(year, 6, 1))
    assert [date.fromisocalendar(year, 1, 1)] == found


@pytest.mark.parametrize(
    ("calendar", "on", "expected", "following"),
    [
        (PayCalendar(periods="half month"), "2026-02-15", "2026-02-01/2026-02-16", "2026-02-16/2026-03-01"),
        (PayCalendar(periods="half month", begins="2026-01-06"), "2026-03-05", "2026-02-21/2026-03-06", ""),
        (PayCalendar(periods="week", begins="2026-03-02"), "2026-03-08", "2026-03-02/2026-03-09", ""),
        (PayCalendar(periods="2 weeks", begins="2024-01-10"), "2028-02-20", "2028-02-16/2028-03-01", ""),
        (PayCalendar(periods="4 weeks", begins="2026-01-05"), "2026-02-02", "2026-02-02/2026-03-02",
         "2026-03-02/2026-03-30"),
        (PayCalendar(periods="4-4-5", begins="2026-02-01"), "2026-04-04", "2026-03-29/2026-05-03",
         "2026-05-03/2026-05-31"),
        (PayCalendar(periods="quarter", begins="2026-02-01"), "2026-04-30", "2026-02-01/2026-05-01",
         "2026-05-01/2026-08-01"),
        (PayCalendar(periods="year", begins="2026-04-06"), "2026-04-05", "2025-04-06/2026-04-06", ""),
        (PayCalendar(periods="month"), "2026-02-28", "2026-02", "2026-03"),
    ],
)  # fmt: skip
def test_a_day_is_in_this_period(calendar: PayCalendar, on: str, expected: str, following: str) -> None:
    """By hand on a calendar: 28 days from 2 February end where a month would, and four weeks follow, no month.

    Of the 4-4-5 quarter from 1 February: four weeks to 1 March, four to 29 March, five to 3 May.
    """
    found = calendar.period(on)
    assert span(expected) == found
    assert not following or span(following) == found.next()


def test_quarters_of_weeks_begin_with_the_nearest_period() -> None:
    """By hand, four weeks from 5 January 2026: periods begin on 30 March, 22 June, 20 July, 14 September, 12 October.

    30 March is 6 days from 5 April; 22 June is 13 days from 5 July, and 20 July 15; 12 October is 7 from 5 October.
    """
    found = PayCalendar(periods="4 weeks", begins="2026-01-05").starts("quarter", date(2026, 1, 5), date(2026, 12, 1))
    assert [date(2026, 1, 5), date(2026, 3, 30), date(2026, 6, 22), date(2026, 10, 12)] == found


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"periods": "fortnight"}, "no calendar has such periods; use one of 'month'"),
        ({"periods": "month", "begins": "2026-01-31"}, "begins on the 28th of a month at the latest; give an earlier"),
        ({"periods": "half month", "begins": "2026-01-14"}, "begins on the 13th of a month at the latest"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(fields: Any, says: str) -> None:
    """A month from the 31st would have no beginning in February."""
    with pytest.raises(lp.errors.PeriodError, match=says):
        PayCalendar(**fields)


def test_a_wrong_calendar_of_a_scheme_says_where() -> None:
    """Whoever writes a scheme is told the place, the word and those that can stand there."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.parse_scheme(SCHEME + '[calendar]\nperiods = "fortnight"\nfirst = 2026-01-01\n')
    said = str(caught.value)
    assert "$.calendar.periods" in said
    assert "'4-4-5'" in said
    assert "$.calendar.first" in said
    with pytest.raises(lp.errors.SchemeError, match=r"\$.calendar.*13th of a month at the latest"):
        lp.parse_scheme(SCHEME + '[calendar]\nperiods = "half month"\nbegins = 2026-01-31\n')


# ── pay ─────────────────────────────────────────────────────────────────────────────────────────────────────

THREE = drawn(("2026-03-05", "60万元"), ("2026-03-15", "60万元"), ("2026-03-16", "80万元"))


def test_tiers_of_a_period_are_those_of_half_months() -> None:
    """By hand: 120万 in the first half: 5,000 and 0.8% of 20万, 6,600; 80万 in the second: 4,000. A month: 13,000."""
    halves = SCHEME + '[calendar]\nperiods = "half month"\n'
    expected = {"2026-03-01/2026-03-16": 6600, "2026-03-16/2026-04-01": 4000}
    assert expected == earned(halves, THREE, "2026-03-16/2026-04-01")
    assert {"2026-03": 13_000} == earned(SCHEME, THREE, "2026-03")


def test_what_accumulates_begins_anew_with_the_fiscal_year() -> None:
    """By hand: the year begins on 1 April. March: 80万 at 0.5%, 4,000; April: 100万 at 0.5% and 20万 at 0.8%, 6,600.

    From January 200万 would be over the tier by April: 0.5% of 20万 and 0.8% of 100万, 9,000.
    """
    facts = drawn(("2026-03-31", "80万元"), ("2026-04-01", "80万元"), ("2026-04-30", "40万元"))
    april = YEARLY + '[calendar]\nperiods = "month"\nbegins = 2026-04-01\n'
    assert {"2026-03": 4000, "2026-04": 6600} == earned(april, facts, "2026-04")
    assert {"2026-03": 4000, "2026-04": 9000} == earned(YEARLY, facts, "2026-04")


def test_quarters_of_4_4_5_are_thirteen_weeks() -> None:
    """By hand: 13 weeks from 1 February end on 2 May, so that 80万 then and 80万 the day after are in two quarters.

    Each pays 4,000. In one year the second pays 0.5% of 20万 and 0.8% of 60万, 5,800.
    """
    facts = drawn(("2026-05-02", "80万元"), ("2026-05-03", "80万元"))
    weeks = YEARLY + '[calendar]\nperiods = "4-4-5"\nbegins = 2026-02-01\n'
    first, second = "2026-03-29/2026-05-03", "2026-05-03/2026-05-31"
    assert {first: 4000, second: 4000} == earned(weeks.replace('"year"', '"quarter"'), facts, second)
    assert {first: 4000, second: 5800} == earned(weeks, facts, second)


def test_a_period_of_another_calendar_is_refused_with_the_right_ones() -> None:
    """A month of a scheme that pays by halves would be cut wrong from the first day."""
    halves = SCHEME + '[calendar]\nperiods = "half month"\n'
    says = "2026-03.*it is no pay period of the calendar of 'half month'.*name 2026-03-01/2026-03-16 or 2026-03-16/2026"
    with pytest.raises(lp.errors.PeriodError, match=says):
        earned(halves, THREE, "2026-03")


def test_four_weeks_are_worked_paid_and_closed_past_february() -> None:
    """By hand, 1%: 3,000 of 30万 in the weeks to 2 February, 1,500 to 2 March, 6,000 to 30 March.

    The 28 days from 2 February are the same day of the month apart, and no month.
    """
    rows = [*loan(1, "lin", "2026-02-01", "30万元"), *loan(2, "lin", "2026-02-02", "15万元")]
    rows += loan(3, "lin", "2026-03-29", "60万元")
    scheme = (
        SCHEME.split("curve", maxsplit=1)[0] + 'rate = "1%"\n[calendar]\nperiods = "4 weeks"\nbegins = 2026-01-05\n'
    )
    host = Host(rows=rows, book=lp.SchemeBook([lp.parse_scheme(scheme)]), people=STAFF)
    first = lp.Keeping(entries=host.entries, feeds=host.ports()["keeping"].feeds, first=span("2026-01-05/2026-02-02"))
    for start in ("2026-01-05", "2026-02-02", "2026-03-02"):
        days = lp.Period(start, date.fromisoformat(start) + timedelta(28))
        host.run(days, keeping=evolve(first, close_by="chen"))
    assert {
        "branch/lin/2026-01-05/2026-02-02/CNY/1": "3000.00 CNY",
        "branch/lin/2026-02-02/2026-03-02/CNY/1": "1500.00 CNY",
        "branch/lin/2026-03-02/2026-03-30/CNY/1": "6000.00 CNY",
    } == host.paid()


def test_a_ledger_of_half_months_says_what_to_pass() -> None:
    """Days alone do not say what follows on them: settle knows it of the accruals, and pay is told."""
    scheme = lp.parse_scheme(SCHEME + '[calendar]\nperiods = "half month"\n')
    assert scheme.calendar is not None
    second = scheme.calendar.period("2026-03-20")
    accruals = lp.accrue(THREE, lp.SchemeBook([scheme]).plans(), STAFF, through=span(str(second)))
    ledger, rules = lp.Ledger(), lp.schemes.PayRules()
    for period in (second.previous(), second):
        ledger = ledger.append(lp.settle(ledger, accruals, period=span(str(period))))
        ledger = ledger.append(lp.pay(ledger, period=period, rules=rules).entries).close(period, by="chen")
    assert {"2026-03-01/2026-03-16", "2026-03-16/2026-04-01"} == set(map(str, ledger.closed))
    april = scheme.calendar.period("2026-04-01")
    assert lp.pay(ledger, period=april, rules=rules).payments == ()
    with pytest.raises(
        lp.errors.LedgerError, match=r"its calendar is fixed.*of its periods: scheme.calendar.period\(day\)"
    ):
        lp.pay(ledger, period=span(str(april)), rules=rules)


def test_an_opened_ledger_goes_on_by_its_calendar() -> None:
    """By hand: 100 owed from before, 1% of 30万 in the first half of March, and nothing in the second.

    The opening stands in the second half of February, of which 15 days on are no half of a month.
    """
    calendar = PayCalendar(periods="half month")
    rows: list[Any] = [{"payee": "lin", "what": "due", "amount": "100 CNY"}]
    opened = opening.Opening.of(rows, first=calendar.period("2026-03-01"), totals={"due": "100 CNY"})
    assert span("2026-02-16/2026-03-01") == opened.period
    host = half_months(*loan(1, "lin", "2026-03-02", "30万元"))
    host.entries.append("branch/ledger", list(opened.ledger(by="chen").lines()), expected=0)
    for days in ("2026-03-01/2026-03-16", "2026-03-16/2026-04-01"):
        assert host.run(span(days)).closed
    assert ["3100.00 CNY"] == [*host.paid().values()]


def half_months(*rows: Any) -> Host:
    """A host that pays 1% by half months."""
    scheme = SCHEME.split("curve", maxsplit=1)[0] + 'rate = "1%"\n[calendar]\nperiods = "half month"\n'
    return Host(rows=[*rows], book=lp.SchemeBook([lp.parse_scheme(scheme)]), people=STAFF)


def test_the_command_line_pays_half_months(tmp_path: Path) -> None:
    """By hand: W01 140万 on 5 March: 5,000 and 0.8% of 40万, less a fifth; nothing in the second half."""
    data = branch(tmp_path / "data")
    with data.joinpath("scheme.toml").open("a", encoding="utf-8") as scheme:
        scheme.write('\n[calendar]\nperiods = "half month"\n')
    wrong = loanperf("run", data, "--period", "2026-03", "--approve", "Wang")
    assert wrong.exit_code != 0
    assert "name 2026-03-01/2026-03-16 or 2026-03-16/2026-04-01" in wrong.output
    for period in ("2026-03-01/2026-03-16", "2026-03-16/2026-04-01"):
        done = loanperf("run", data, "--period", period, "--approve", "Wang", "--close")
        assert done.exit_code == 0
    assert {"W01": 6560, "W02": 2420} == {who: int(amount) for who, amount in paid(data / "loanperf.db").items()}


CALENDARS = [
    PayCalendar(periods="half month"),
    PayCalendar(periods="half month", begins="2025-07-06"),
    PayCalendar(periods="4-4-5", begins="2026-02-01"),
    PayCalendar(periods="4-5-4"),
    PayCalendar(periods="month", begins="2025-04-01"),
]


@pytest.mark.parametrize("calendar", CALENDARS, ids=str)
@pytest.mark.parametrize("seeds", [range(3000, 3004), pytest.param(range(3004, 3012), marks=pytest.mark.slow)], ids=len)
def test_pay_by_a_calendar_is_that_of_the_reference(calendar: PayCalendar, seeds: Sequence[int]) -> None:
    """Books in which the other features meet as they fall, by half months, weeks and years of other months."""
    for seed in seeds:
        must_equal(book_of_seed(seed, calendar))


# ── what is said of it ──────────────────────────────────────────────────────────────────────────────────────


def test_a_calendar_is_written_as_it_was_read() -> None:
    """A scheme without one is as it was, its fingerprint too."""
    scheme = lp.parse_scheme(SCHEME + '[calendar]\nperiods = "4-4-5"\nbegins = 2026-02-01\n')
    assert {"periods": "4-4-5", "begins": date(2026, 2, 1)} == scheme.document()["calendar"]
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme), "json")
    assert "calendar" not in lp.parse_scheme(SCHEME).document()


def test_a_change_of_the_calendar_is_told_in_both_languages() -> None:
    """Whoever approves a version sees that years begin in April from then on."""
    before = lp.parse_scheme(SCHEME + '[calendar]\nperiods = "half month"\n')
    after = evolve(before, calendar=PayCalendar(periods="month", begins="2026-04-01"))
    said = lp.diff(before, after)
    assert ["the pay periods of the pay calendar changes from half months to months",
            "the first day of a year of the pay calendar is new: 2026-04-01"] == list(map(str, said))  # fmt: skip
    chinese = [change.to("zh") for change in said]
    assert ["计薪日历的计薪周期由 半月 改为 月", "新增计薪日历的年度起始日：2026-04-01"] == chinese
