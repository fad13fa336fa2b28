"""What is due by a day decides who is behind: by calendar days, by the days that are worked, or by a curve, exactly."""

import sys
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.calendars import chinese_working_days, working_days
from loanperf.progress import Pace

APRIL = lp.Period.month(2026, 4)
DAYS = st.dates(date(2004, 1, 1), date(2026, 11, 1))


def weekday(on: date) -> bool:
    """Monday to Friday."""
    return on.weekday() < 5


def test_by_calendar_days_both_ends_count() -> None:
    """15 of 30 days are half; nothing is due before a period begins, and all of it from its last day on."""
    due = {on: Pace().due(APRIL, on) for on in ("2026-03-31", "2026-04-01", "2026-04-15", "2026-04-30", "2026-06-01")}
    assert [0, Fraction(1, 30), Fraction(1, 2), 1, 1] == [*due.values()]


def test_nothing_falls_due_while_the_bank_is_closed_for_spring_festival() -> None:
    """February 2026: 15 to 23 off, Saturdays 14 and 28 worked, so 16 days are worked, 11 of them by the 14th.

    Weekdays are 20; the 16th to 20th and the 23rd are off, which leaves 14, and two Saturdays make 16. By the 14th
    there were two weeks of five days and that Saturday: 11. Calendar days would ask for half on the 14th.
    """
    february = lp.Period.month(2026, 2)
    pace = Pace(working=chinese_working_days(february))
    assert [Fraction(11, 16)] * 10 == [pace.due(february, f"2026-02-{on}") for on in range(14, 24)]
    assert Fraction(12, 16) == pace.due(february, "2026-02-24")
    assert [Fraction(15, 16), 1] == [pace.due(february, f"2026-02-{on}") for on in (27, 28)]


def test_a_month_that_begins_with_the_national_holiday_begins_on_the_eighth() -> None:
    """October 2026: the 1st to 7th off and Saturday the 10th worked, so 22 - 5 + 1 = 18 days, 3 of them by the 10th."""
    october = lp.Period.month(2026, 10)
    pace = Pace(working=chinese_working_days(october))
    assert [0, 0, Fraction(1, 18), Fraction(3, 18), Fraction(3, 18)] == [
        pace.due(october, f"2026-10-{on:02}") for on in (1, 7, 8, 10, 11)
    ]


def test_a_function_of_a_day_is_as_good_as_the_days() -> None:
    """April 2026 has 22 weekdays, 11 of them by the 15th; who has a function need not list days first."""
    listed = [on for on in (APRIL.start + timedelta(place) for place in range(30)) if weekday(on)]
    assert Fraction(11, 22) == Pace(working=weekday).due(APRIL, "2026-04-15")
    assert Fraction(11, 22) == Pace(working=listed).due(APRIL, "2026-04-15")
    assert Fraction(11, 22) == Pace(working=[on.isoformat() for on in listed]).due(APRIL, "2026-04-15")


def test_a_curve_says_how_a_period_ends_late() -> None:
    """20%, 30%, 50% in thirds of April: by the 10th 20%, by the 15th half of the second third more, 35%."""
    pace = Pace(weights=["20%", "30%", "50%"])
    assert ["1/5", "7/20", "1/2", "3/4", "1"] == [str(pace.due(APRIL, f"2026-04-{on}")) for on in (10, 15, 20, 25, 30)]


def test_a_curve_goes_by_the_days_that_count() -> None:
    """22 weekdays in halves of 30% and 70%: by the 15th, after 11 of them, 30% is due; on the weekend nothing more."""
    pace = Pace(weights=["30%", "70%"], working=weekday)
    assert [Fraction(3, 10)] * 2 == [
        pace.due(APRIL, "2026-04-15"),
        Pace(weights=["30%", "70%"]).due(APRIL, "2026-04-15"),
    ]
    assert (
        pace.due(APRIL, "2026-04-17")
        == pace.due(APRIL, "2026-04-19")
        == Fraction(3, 10) + Fraction(7, 10) * Fraction(2, 11)
    )


def season(code: str = "disbursed_amount") -> lp.schemes.Season:
    """A year whose quarters weigh 10%, 20%, 30% and 40%."""
    return lp.schemes.Season(code=code, of="year", weights=["10%", "20%", "30%", "40%"])


def test_a_year_goes_by_its_seasons() -> None:
    """By the end of June 10% and 20% are due, by 15 August 46 of 92 days of the third quarter: half of 30% more."""
    year, pace = lp.Period.year(2026), Pace(seasons=[season()])
    assert Fraction(3, 10) == pace.due(year, "2026-06-30", "disbursed_amount")
    assert Fraction(45, 100) == pace.due(year, "2026-08-15", "disbursed_amount")
    assert Fraction(227, 365) == pace.due(year, "2026-08-15", "new_customers")
    assert ("按季节权重", "按自然日") == (pace.named("disbursed_amount").zh, pace.named("new_customers").zh)


def test_a_part_of_a_year_goes_by_its_part_of_the_season() -> None:
    """The second half weighs 70%; at the end of September 30 of these 70 are due."""
    pace = Pace(seasons=[season()])
    assert Fraction(3, 7) == pace.due(lp.Period.half(2026, 2), "2026-09-30", "disbursed_amount")


def test_what_cannot_be_is_refused_with_what_to_do() -> None:
    """Days of another month, weights that miss a part, a function of something else: each would warn everybody."""
    with pytest.raises(lp.errors.DataError, match=r"working days of 2026-04: there is none; give those of this period"):
        Pace(working=[date(2026, 3, 2)]).due(APRIL, "2026-04-15")
    with pytest.raises(lp.errors.DataError, match=r"weights sum to 90%"):
        Pace(weights=["40%", "50%"])
    with pytest.raises(lp.errors.DataError, match=r"Pace\.working: it is 5"):
        Pace(working=5)
    with pytest.raises(lp.errors.DataError, match=r"it is 'yes' on 2026-04-01; return True or False"):
        Pace(working=lambda _: "yes").due(APRIL, "2026-04-15")
    with pytest.raises(lp.errors.DataError, match=r"two are of 'disbursed_amount'"):
        Pace(seasons=[season(), season()])
    none = lp.schemes.Season(code="x", of="year", weights=["0%", "100%"])
    with pytest.raises(lp.errors.DataError, match=r"it gives 2026-04 nothing"):
        Pace(seasons=[none]).due(APRIL, "2026-04-15", "x")


def test_years_that_nobody_knows_yet_are_refused() -> None:
    """The holidays of a year are ordered in the November before: a guess would call people late on a holiday."""
    with pytest.raises(lp.errors.DataError, match=r"knows 2004 to 20\d\d; install a later release"):
        chinese_working_days(lp.Period.month(2093, 1))
    with pytest.raises(lp.errors.DataError, match=r"use chinese_working_days"):
        working_days(APRIL, "cn")
    with pytest.raises(lp.errors.DataError, match=r"no such country"):
        working_days(APRIL, "XX")
    with pytest.raises(lp.errors.DataError, match=r"'DE', 'ZZ': .*no such country or subdivision"):
        working_days(APRIL, "DE", subdivision="ZZ")
    with pytest.raises(lp.errors.DataError, match=r"knows \d+ to \d+ of 'DE'"):
        working_days(lp.Period.month(9000, 1), "DE")


def test_a_state_has_holidays_of_its_own() -> None:
    """Corpus Christi, 4 June 2026, is none in Germany but in Bavaria: 22 weekdays of June are 21 working days there."""
    june = lp.Period.month(2026, 6)
    assert (22, 21) == (len(working_days(june, "DE")), len(working_days(june, "DE", subdivision="BY")))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lacks a package is told the extra, as everywhere."""
    monkeypatch.setitem(sys.modules, "chinese_calendar", None)
    with pytest.raises(
        lp.errors.MissingExtraError, match=r'chinese-calendar is not installed.*"loanperf\[calendars\]"'
    ):
        chinese_working_days(APRIL)


@given(
    DAYS,
    st.integers(1, 400),
    st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any),
    st.sampled_from([None, weekday, lambda on: on.day % 3 == 0]),
    st.data(),
)
def test_what_is_due_never_falls_and_comes_to_all(
    start: date, length: int, weights: list[int], working: object, data: st.DataObject
) -> None:
    """Whatever counts, by whatever curve: 0 the day before, 1 on the last day, and never less on a later day."""
    period = lp.Period(start, start + timedelta(length + 4))
    shares = [Fraction(weight, sum(weights)) for weight in weights]
    pace = Pace(weights=shares, working=working)
    first, second = sorted(data.draw(st.tuples(st.integers(0, period.days), st.integers(0, period.days))))
    due = [pace.due(period, start + timedelta(place - 1)) for place in (0, first, second, period.days)]
    assert due == sorted(due)
    assert [0, 1] == [due[0], due[-1]]
