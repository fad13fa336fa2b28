"""Periods: every day is in exactly one period of a calendar, and what is no day is refused."""

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import process_time
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._periods import day
from loanperf.cycle import cycle_stream
from loanperf.goals import Confirmations
from loanperf.learning import feedback_stream
from loanperf.progress import Pace
from loanperf.reviews import reviews_stream

MARCH = lp.Period.month(2026, 3)
TAIYUAN = lp.template("taiyuan")
YEARS = st.integers(1, 9990)
STARTS = st.integers(1, 12)
DAYS = st.dates(date(1900, 1, 1), date(2200, 1, 1))
SPANS = st.builds(lambda start, days: lp.Period(start, start + timedelta(days)), DAYS, st.integers(1, 800))
WHOLE = st.one_of(
    st.builds(lambda year, n, first: lp.Period.month(year, n, first_day=first), YEARS, STARTS, st.integers(1, 28)),
    st.builds(lambda year, n, start: lp.Period.quarter(year, n, fiscal_start=start), YEARS, st.integers(1, 4), STARTS),
    st.builds(lambda year, n, start: lp.Period.half(year, n, fiscal_start=start), YEARS, st.integers(1, 2), STARTS),
    st.builds(lambda year, start: lp.Period.year(year, fiscal_start=start), YEARS, STARTS),
)


def span(start: str, end: str) -> lp.Period:
    """A period by its first day and the day after its last."""
    return lp.Period(date.fromisoformat(start), date.fromisoformat(end))


# ── calendars ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lp.Period.month(2026, 3), span("2026-03-01", "2026-04-01")),
        (lp.Period.month(2026, 12), span("2026-12-01", "2027-01-01")),
        (lp.Period.month(2026, 12, first_day=26), span("2026-12-26", "2027-01-26")),
        (lp.Period.month(2024, 2), span("2024-02-01", "2024-03-01")),
        (lp.Period.quarter(2026, 1), span("2026-01-01", "2026-04-01")),
        (lp.Period.quarter(2026, 4), span("2026-10-01", "2027-01-01")),
        (lp.Period.quarter(2026, 4, fiscal_start=4), span("2027-01-01", "2027-04-01")),
        (lp.Period.quarter(2026, 2, fiscal_start=4, first_day=6), span("2026-07-06", "2026-10-06")),
        (lp.Period.half(2026, 2, fiscal_start=4, first_day=6), span("2026-10-06", "2027-04-06")),
        (lp.Period.year(2026, fiscal_start=4, first_day=6), span("2026-04-06", "2027-04-06")),
        (lp.Period.quarter(2026, 1, fiscal_start=2), span("2026-02-01", "2026-05-01")),
        (lp.Period.half(2026, 1), span("2026-01-01", "2026-07-01")),
        (lp.Period.half(2026, 2, fiscal_start=7), span("2027-01-01", "2027-07-01")),
        (lp.Period.year(2026), span("2026-01-01", "2027-01-01")),
        (lp.Period.year(2026, fiscal_start=4), span("2026-04-01", "2027-04-01")),
        (lp.Period.year(2026, fiscal_start=12), span("2026-12-01", "2027-12-01")),
    ],
    ids=str,
)
def test_an_ordinary_period_has_these_days(found: lp.Period, expected: lp.Period) -> None:
    """A fiscal year is named for the calendar year in which it starts, and its parts count from there."""
    assert expected == found


@given(YEARS, STARTS)
def test_the_parts_of_a_year_are_the_year(year: int, start: int) -> None:
    """No day is paid twice and none is missed, wherever a year starts."""
    whole = lp.Period.year(year, fiscal_start=start)
    quarters = [lp.Period.quarter(year, number, fiscal_start=start) for number in range(1, 5)]
    halves = [lp.Period.half(year, number, fiscal_start=start) for number in (1, 2)]

    for parts in (quarters, halves):
        assert (whole.start, whole.end) == (parts[0].start, parts[-1].end)
        assert [part.end for part in parts[:-1]] == [part.start for part in parts[1:]]
        assert whole.days == sum(part.days for part in parts)


@given(st.integers(1900, 2200), STARTS)
def test_a_month_has_the_days_that_the_calendar_gives_it(year: int, month: int) -> None:
    """Leap years included: February 2000 has 29 days, February 1900 has 28."""
    assert calendar.monthrange(year, month)[1] == lp.Period.month(year, month).days


@pytest.mark.parametrize(("year", "days"), [(1900, 365), (2000, 366), (2023, 365), (2024, 366)])
def test_a_leap_year_has_a_day_more(year: int, days: int) -> None:
    """Pay by days in role divides by these."""
    assert days == lp.Period.year(year).days


@given(SPANS, DAYS)
def test_a_day_is_in_a_period_from_its_start_to_before_its_end(period: lp.Period, on: date) -> None:
    """Half-open: the last day is in, the end is not."""
    assert period.start in period
    assert period.last_day in period
    assert period.end not in period
    assert (period.start <= on <= period.last_day) == (on in period)
    assert period.days == (period.last_day - period.start).days + 1


# ── the period after, and before ────────────────────────────────────────────────────────────────────────────


@given(WHOLE)
@example(span("2026-02-28", "2026-03-28"))
@example(span("2025-12-31", "2026-01-31"))
@example(span("2026-01-31", "2026-03-31"))
@example(span("2026-03-31", "2026-04-30"))
@example(span("2024-02-29", "2028-02-29"))
def test_the_next_of_the_previous_is_the_period_itself(period: lp.Period) -> None:
    """Trends walk back and forth; a walk that ends elsewhere compares the wrong months. The 31st must not slip."""
    assume(2 < period.start.year and period.end.year < 9989)

    assert period == period.next().previous() == period.previous().next()


@given(WHOLE | SPANS)
@example(span("2026-01-31", "2026-02-28"))
@example(span("2024-02-29", "2025-02-28"))
def test_the_next_period_starts_where_this_one_ends(period: lp.Period) -> None:
    """Whatever its days are: no day is between two periods that follow each other, and none in both."""
    assume(2 < period.start.year and period.end.year < 9989)

    assert period.end == period.next().start
    assert period.start == period.previous().end


@given(YEARS.filter(lambda year: 1 < year < 9990), STARTS, st.integers(1, 28))
def test_the_next_month_is_the_next_month(year: int, month: int, first: int) -> None:
    """Also where a bank's month runs from the 26th."""
    following = lp.Period.month(year + month // 12, month % 12 + 1, first_day=first)

    assert following == lp.Period.month(year, month, first_day=first).next()


@pytest.mark.parametrize(
    ("period", "following"),
    [
        (lp.Period.quarter(2026, 4), lp.Period.quarter(2027, 1)),
        (lp.Period.half(2026, 2, fiscal_start=4), lp.Period.half(2027, 1, fiscal_start=4)),
        (lp.Period.year(2023), lp.Period.year(2024)),
        (span("2026-03-01", "2026-03-11"), span("2026-03-11", "2026-03-21")),
        (span("2026-01-31", "2026-02-28"), span("2026-02-28", "2026-03-28")),
        (span("2025-12-31", "2026-01-31"), span("2026-01-31", "2026-03-03")),
    ],
    ids=str,
)
def test_what_follows_a_period(period: lp.Period, following: lp.Period) -> None:
    """As many months; or as many days, where it is not whole months or starts on a day that some months lack."""
    assert following == period.next()


# ── overlap and order ───────────────────────────────────────────────────────────────────────────────────────


@given(SPANS, DAYS, st.none() | st.integers(-5, 400))
def test_an_overlap_is_the_days_in_both(period: lp.Period, start: date, length: int | None) -> None:
    """Days in role are counted by it."""
    end = None if length is None else start + timedelta(length)
    days = [period.start + timedelta(number) for number in range(period.days)]
    both = [on for on in days if start <= on and (end is None or on < end)]
    part = period.overlap(start, end)

    assert both == ([] if part is None else [on for on in days if on in part])


def test_periods_are_in_order_of_their_start() -> None:
    """A list of periods sorts as time runs."""
    months = [lp.Period.month(2026, month) for month in (3, 1, 2)]

    assert [1, 2, 3] == [month.start.month for month in sorted(months)]


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2026-03", lp.Period.month(2026, 3)),
        ("2026-Q1", lp.Period.quarter(2026, 1)),
        ("2026-H2", lp.Period.half(2026, 2)),
        ("2026", lp.Period.year(2026)),
        ("2026-03-05/2026-04-05", span("2026-03-05", "2026-04-05")),
        ("0001", lp.Period.year(1)),
    ],
)
def test_a_period_is_read_as_it_is_printed(text: str, period: lp.Period) -> None:
    """These are the forms of the command line."""
    assert period == lp.Period.parse(text)
    assert text == str(period)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2026-Q1", lp.Period.quarter(2026, 1, fiscal_start=4)),
        ("2026-H2", lp.Period.half(2026, 2, fiscal_start=4)),
        ("2026", lp.Period.year(2026, fiscal_start=4)),
        ("2026-03", lp.Period.month(2026, 3)),
    ],
)
def test_a_period_is_read_in_a_fiscal_year(text: str, period: lp.Period) -> None:
    """Quarters, halves and years count from the month that the host names; a month is a month."""
    assert period == lp.Period.parse(text, fiscal_start=4)


@given(WHOLE | SPANS)
@example(lp.Period.month(999, 1))
def test_a_period_is_read_back_from_its_text(period: lp.Period) -> None:
    """A result is stored under the text of its period."""
    assert period == lp.Period.parse(str(period))


@given(st.text(max_size=25) | st.text(alphabet="0123456789-/QH", max_size=21))
def test_any_text_is_a_period_or_a_period_error(text: str) -> None:
    """What a user types never ends in another error."""
    try:
        found = str(lp.Period.parse(text))
    except lp.errors.PeriodError as error:
        found = str(error)
    assert found


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        *("", "2026-13", "2026-00", "2026-Q0", "2026-Q5", "2026-H3", "2026-q1", "26-03", "2026-3", "2026/03", "0000"),
        *("2026-03-05", "2026-03-05/", "/2026-03-05", "2026-03-05/2026-04-05/2026-05-05", "2026-02-30/2026-03-05"),
        *("2026-03-05/2026-03-05", "2026-03-06/2026-03-05", "9999", "9999-12", "２０２６-03", " 2026", "2026\n"),
        *("2026-W10", "March 2026", "2026年3月"),
    ],
    ids=repr,
)
def test_a_text_that_is_no_period_is_refused(text: str) -> None:
    """The message shows the text and the forms that there are."""
    with pytest.raises(lp.errors.PeriodError, match=r"is not a valid period or date: .*; ") as caught:
        lp.Period.parse(text)

    assert any(
        form in str(caught.value) for form in ("2026-03", "from 01 to 12", "give a whole number", "end it later")
    )


@pytest.mark.parametrize(
    ("meant", "texts"),
    [
        (
            "2026-03",
            (
                "2026年3月",
                "2026年03月",
                "2026 年 3 月",
                "2026/3",
                "2026/03",
                "2026-3",
                "2026.03",
                "202603",
                "２０２６-03",
            ),
        ),
        ("2026-12", ("2026年12月", "2026/12", "202612")),
        ("2026-Q1", ("2026Q1", "2026-q1", "2026年第1季度", "2026年一季度", "2026年第一季度", "2026/Q1")),
        ("2026-H2", ("2026H2", "2026-h2", "2026年下半年", "2026下半年")),
        ("2026", ("2026年", "2026年度")),
    ],
)
def test_a_period_that_is_written_in_another_way_is_refused_with_the_way_to_write_it(
    meant: str, texts: tuple[str, ...]
) -> None:
    """Who types 2026年3月 reads what to type, and nothing is guessed."""
    for text in texts:
        with pytest.raises(lp.errors.PeriodError, match=f"its form is unknown; write {meant}; "):
            lp.Period.parse(text)
    assert meant == str(lp.Period.parse(meant))


@pytest.mark.parametrize("text", ["20261", "2026年13月", "2026 3", "3月", "26年3月", "2026年5季度", "2026-03-05"])
def test_what_may_mean_two_things_is_refused_with_all_forms(text: str) -> None:
    """A text of which no period can be told names the forms that there are."""
    with pytest.raises(lp.errors.PeriodError) as caught:
        lp.Period.parse(text)
    assert "write 2026" in str(caught.value)


def test_a_month_that_is_none_is_named_with_its_year() -> None:
    """Who wrote 2026-13 looks for that text, and not for a 13."""
    with pytest.raises(lp.errors.PeriodError, match="there is no such month; write a month from 01 to 12") as caught:
        lp.Period.parse("2026-13")
    assert "2026-13" == caught.value.found


@pytest.mark.parametrize("text", [None, 2026, 2026.0, b"2026", date(2026, 1, 1), [], np.int64(2026)], ids=repr)
def test_what_is_no_text_is_refused(text: Any) -> None:
    """A cell of a data frame may hold a number where a text is expected."""
    with pytest.raises(lp.errors.PeriodError, match="not text; write 2026-03, 2026-Q1"):
        lp.Period.parse(text)
    with pytest.raises(lp.errors.PeriodError, match="not text; write it like '36 months'"):
        lp.schemes.Tenor.parse(text)


@pytest.mark.parametrize(
    ("make", "arguments", "options"),
    [
        (lp.Period.month, (2026, 13), {}),
        (lp.Period.month, (2026, 0), {}),
        (lp.Period.month, (2026, "3"), {}),
        (lp.Period.month, (2026, 3.0), {}),
        (lp.Period.month, (2026, None), {}),
        (lp.Period.month, (0, 1), {}),
        (lp.Period.month, (-1, 1), {}),
        (lp.Period.month, (9999, 12), {}),
        (lp.Period.month, ("2026", 3), {}),
        (lp.Period.month, (2026.0, 3), {}),
        (lp.Period.month, (2026, 3), {"first_day": 29}),
        (lp.Period.month, (2026, 3), {"first_day": 0}),
        (lp.Period.quarter, (2026, 0), {}),
        (lp.Period.quarter, (2026, 5), {}),
        (lp.Period.quarter, (2026, 1), {"fiscal_start": 0}),
        (lp.Period.quarter, (2026, 1), {"fiscal_start": 13}),
        (lp.Period.quarter, (9999, 4), {}),
        (lp.Period.half, (2026, 3), {}),
        (lp.Period.half, (2026, 1), {"fiscal_start": 13}),
        (lp.Period.year, (0,), {}),
        (lp.Period.year, (9999,), {}),
        (lp.Period.year, (10**9,), {}),
        (lp.Period.year, (2026,), {"fiscal_start": -3}),
    ],
    ids=repr,
)
def test_a_month_or_year_that_does_not_exist_is_refused(make: Any, arguments: Any, options: Any) -> None:
    """With what there is instead, and never as a ValueError or OverflowError of the standard library."""
    with pytest.raises(lp.errors.PeriodError, match=r"there is no such .*; give a whole number from 1 to "):
        make(*arguments, **options)


def test_numbers_of_numpy_are_numbers() -> None:
    """Years and months come from data frames."""
    assert lp.Period.month(2026, 3) == lp.Period.month(np.int64(2026), np.int32(3))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-02-30", "2026-03-01", "day is out of range for month; write a day as 2026-03-31"),
        ("2023-02-29", "2026-03-01", "day is out of range for month"),
        ("2026-W10-1", "2026-04-01", "it is not a day as it can be written; write a day as 2026-03-31"),
        ("0000-01-01", "2026-04-01", "year 0 is out of range"),
        ("2026-03-01 13:00", "2026-04-01", "it is not a day as it can be written"),
        ("2026-03-01 00:00+08:00", "2026-04-01", "it is not a day as it can be written"),
        ("2026-03/01", "2026-04-01", "it is not a day as it can be written"),
        ("", "2026-04-01", "it is not a day as it can be written"),
        (" " * 10**6, "2026-04-01", "it is too long for a day"),
        (None, "2026-04-01", "it is of type NoneType, not text; write a day as 2026-03-31"),
        (46082, "2026-04-01", "it is of type int, not text"),
        (True, "2026-04-01", "it is of type bool, not text"),
        (np.datetime64("2026-03-01"), "2026-04-01", "it is of type datetime64, not text"),
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-04-01", "a datetime falls on different days in different zones"),
        ("2026-03-01", datetime(2026, 4, 1, tzinfo=UTC), "a datetime falls on .*; pass its date"),
        ("2026-03-01", "2026-03-01", "it has no day; end it later than it starts"),
        ("2026-03-02", "2026-03-01", "it has no day; end it later than it starts"),
    ],
    ids=repr,
)
def test_what_is_no_day_is_refused(start: Any, end: Any, message: str) -> None:
    """A day that does not exist, and a datetime, whose day depends on a zone that nobody stated."""
    with pytest.raises(lp.errors.PeriodError, match=message):
        lp.Period(start, end)


WRITTEN = [
    "2022-01-05", "2022-1-5", "2022-01-5", "2022/01/05", "2022/1/5", "20220105", 20220105, np.int64(20220105),
    "2022年1月5日", "2022年01月05日", "2022年1月5号", "２０２２／１／５", "２０２２年１月５日", " 2022-01-05 ",
    "2022-01-05 00:00:00", "2022-01-05 00:00", "2022-01-05T00:00:00", "2022-01-05 00:00:00.000", "2022/1/5 0:00",
    "2022/1/5 0:00:00", "20220105 00:00:00", date(2022, 1, 5),
]  # fmt: skip
"""The fifth of January 2022, as databases, spreadsheets and people write it."""


@pytest.mark.parametrize("written", WRITTEN, ids=repr)
def test_a_day_that_starts_with_its_year_is_read(written: Any) -> None:
    """Each of these can be one day only, wherever days come in: periods, facts, assignments and schemes."""
    expected = date(2022, 1, 5)

    assert expected == lp.Period(written, "2022-02-01").start
    assert expected == lp.Training(payee="lin", course="x", on=written).on
    assert expected == lp.Assignment(payee="lin", unit="u", role="r", since=written).since
    assert expected == lp.schemes.Tenor(days=0).after(written)


@pytest.mark.parametrize(
    "written", ["05/06/2022", "5/6/2022", "31/12/2022", "12-31-2022", "5.6.2022", "05-06-22", "5 6 2022"]
)
def test_day_and_month_are_never_guessed(written: str) -> None:
    """05/06/2022 is in May in New York and in June in London; the message says how it is settled."""
    with pytest.raises(lp.errors.PeriodError, match=r"which number is the day .*; write a day as .*, or declare"):
        day(written)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("05/06/2022", "dd/mm/yyyy"),
        ("5/6/2022", "dd/mm/yyyy"),
        ("06/05/2022", "mm/dd/yyyy"),
        ("06-05-2022", "MM-DD-YYYY"),
        ("5.6.2022", "dd.mm.yyyy"),
        ("05062022", "ddmmyyyy"),
        ("2022.6.5", "yyyy.mm.dd"),
        ("05/06/2022 00:00:00", "dd/mm/yyyy"),
        ("０５／０６／２０２２", "dd/mm/yyyy"),
    ],
)
def test_a_declared_form_settles_day_and_month(written: str, form: str) -> None:
    """Whoever knows the column says its form, and every cell is read by it."""
    assert date(2022, 6, 5) == day(written, form=form)


@pytest.mark.parametrize(
    ("written", "form", "message"),
    [
        ("2022-06-05", "dd/mm/yyyy", "write it as dd/mm/yyyy, as is declared"),
        ("13/13/2022", "dd/mm/yyyy", "month must be in 1..12; write it as dd/mm/yyyy"),
        ("1112022", "ddmmyyyy", "write it as ddmmyyyy, as is declared"),
        ("05/06", "dd/mm", "it is no form of days; write one such as 'dd/mm/yyyy'"),
        ("05/06/22", "dd/mm/yy", "it is no form of days"),
        ("05/06/2022", "dd/mm/yyyy dd", "it is no form of days"),
        ("05/06/2022", "%d/%m/%Y", "it is no form of days"),
        ("05/06/2022", "d" * 1000, "it is no form of days"),
        ("05/06/2022", 5, "it is no form of days"),
    ],
)
def test_a_day_of_another_form_than_declared_is_refused(written: str, form: Any, message: str) -> None:
    """A column in which a second form turns up is of two sources, and one of them would be misread."""
    with pytest.raises(lp.errors.PeriodError, match=message):
        day(written, form=form)


@given(DAYS, st.sampled_from(["-", "/"]), st.sampled_from([1, 2]))
def test_a_written_day_is_read_back(on: date, sign: str, width: int) -> None:
    """Whatever the sign between and the zeros before: the day that was written is the day that is read."""
    parts = [f"{on.year:04}", *(f"{part:0{width}}" for part in (on.month, on.day))]

    assert on == day(sign.join(parts)) == day(f"{on:%Y%m%d}")
    assert on == day("/".join(reversed(parts)), form="dd/mm/yyyy")


def test_a_datetime_is_not_looked_up_either() -> None:
    """A type checker lets a datetime pass as a date."""
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with pytest.raises(lp.errors.PeriodError, match="pass its date"):
        assert noon in lp.Period.month(2026, 3)
    with pytest.raises(lp.errors.PeriodError, match="pass its date"):
        lp.schemes.Tenor(months=1).after(noon)


@pytest.mark.parametrize(
    ("period", "move"),
    [
        (span("9999-01-01", "9999-12-01"), "next"),
        (span("9999-01-01", "9999-12-31"), "next"),
        (span("9999-12-30", "9999-12-31"), "next"),
        (span("0001-01-01", "0001-02-01"), "previous"),
        (span("0001-01-01", "0001-01-02"), "previous"),
        (lp.Period.year(1), "previous"),
    ],
    ids=str,
)
def test_nothing_lies_beyond_the_calendar(period: lp.Period, move: str) -> None:
    """Python's dates run from year 1 to 9999; beyond, there is an error of ours."""
    if (period, move) == (span("9999-12-30", "9999-12-31"), "next"):
        period = span("9999-12-29", "9999-12-31")
    with pytest.raises(lp.errors.PeriodError, match="leaves the calendar; stay between years 1 and 9999"):
        getattr(period, move)()


# ── tenors ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [
        ("36 months", 36, 0),
        ("1 month", 1, 0),
        ("36个月", 36, 0),
        ("3 years", 36, 0),
        ("3年", 36, 0),
        ("1 year 6 months", 18, 0),
        ("1年6个月", 18, 0),
        ("90 days", 0, 90),
        ("1 day", 0, 1),
        ("90天", 0, 90),
        ("1 months 15 days", 1, 15),
        ("0 months", 0, 0),
        ("P36M", 36, 0),
        ("P1Y6M", 18, 0),
        ("P90D", 0, 90),
        ("P1Y2M3D", 14, 3),
        ("  36 months ", 36, 0),
    ],
)
def test_a_tenor_is_read(text: str, months: int, days: int) -> None:
    """As loan systems write it, in English, Chinese and ISO 8601."""
    assert lp.schemes.Tenor(months=months, days=days) == lp.schemes.Tenor.parse(text)


@given(st.integers(0, 99999), st.integers(0, 99999))
def test_a_tenor_is_read_back_from_its_text(months: int, days: int) -> None:
    """Also where it has months and days."""
    tenor = lp.schemes.Tenor(months=months, days=days)

    assert tenor == lp.schemes.Tenor.parse(str(tenor))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "P",
        "36",
        "months",
        "-1 months",
        "1.5 years",
        "36 moons",
        "1 day 1 month",
        "P1W",
        "p36m",
        "PT36M",
        "9" * 99,
    ],
    ids=repr,
)
def test_a_text_that_is_no_tenor_is_refused(text: str) -> None:
    """A term that is guessed at releases a holdback too early."""
    with pytest.raises(lp.errors.PeriodError, match="it is no length of time; write it like '36 months', '36个月'"):
        lp.schemes.Tenor.parse(text)


@pytest.mark.parametrize("text", [" " * 1000 + "x", "3" + " " * 50 + "x", "3 " * 25 + "x", "1" * 10**6, "P" * 10**6])
def test_a_malicious_tenor_is_refused_at_once(text: str) -> None:
    """A pattern that backtracks over spaces took minutes for a thousand of them."""
    start = process_time()
    with pytest.raises(lp.errors.PeriodError, match="it is no length of time"):
        lp.schemes.Tenor.parse(text)

    assert process_time() - start < 5


@pytest.mark.parametrize(("months", "days"), [(-1, 0), (0, -1), (1.5, 0), (0, 1.5), ("1", 0), (True, 0), (None, 0)])
def test_a_tenor_counts_whole_months_and_days(months: Any, days: Any) -> None:
    """Half a month is 14, 15 or 15.5 days; nobody stated which."""
    with pytest.raises(lp.errors.PeriodError, match="whole months and days, none negative; give ints from 0 on"):
        lp.schemes.Tenor(months=months, days=days)


@pytest.mark.parametrize(
    ("on", "tenor", "expected"),
    [
        ("2026-01-31", lp.schemes.Tenor(months=1), "2026-02-28"),
        ("2024-01-31", lp.schemes.Tenor(months=1), "2024-02-29"),
        ("2024-02-29", lp.schemes.Tenor(months=12), "2025-02-28"),
        ("2024-02-29", lp.schemes.Tenor(months=48), "2028-02-29"),
        ("2026-03-31", lp.schemes.Tenor(months=1), "2026-04-30"),
        ("2026-02-28", lp.schemes.Tenor(months=1), "2026-03-28"),
        ("2026-01-31", lp.schemes.Tenor(months=1, days=1), "2026-03-01"),
        ("2026-01-31", lp.schemes.Tenor(days=30), "2026-03-02"),
        ("2026-01-31", lp.schemes.Tenor(), "2026-01-31"),
        ("2025-12-15", lp.schemes.Tenor(months=18), "2027-06-15"),
    ],
)
def test_a_tenor_ends_on_a_day_that_exists(on: str, tenor: lp.schemes.Tenor, expected: str) -> None:
    """Months first, cut to the last day of the month reached, then days: by hand, from a calendar."""
    assert date.fromisoformat(expected) == tenor.after(date.fromisoformat(on))


@given(DAYS, st.integers(0, 600))
def test_a_tenor_of_months_keeps_the_day_where_the_month_has_it(on: date, months: int) -> None:
    """And otherwise ends on the last day of that month."""
    year, month = divmod(12 * on.year + on.month - 1 + months, 12)
    day = min(on.day, calendar.monthrange(year, month + 1)[1])

    assert date(year, month + 1, day) == lp.schemes.Tenor(months=months).after(on)


@pytest.mark.parametrize(
    "tenor", [lp.schemes.Tenor.parse("99999 years"), lp.schemes.Tenor(days=10**12), lp.schemes.Tenor(months=10**20)]
)
def test_a_tenor_does_not_leave_the_calendar(tenor: lp.schemes.Tenor) -> None:
    """A slip in a term is told as one."""
    with pytest.raises(lp.errors.PeriodError, match="leaves the calendar"):
        tenor.after(date(2026, 1, 1))


@pytest.mark.parametrize(
    "step",
    [
        lambda text: lp.measure([], text, [], currency="CNY"),
        lambda text: lp.accrue(lp.Facts.of([]), lp.SchemeBook([TAIYUAN]).plans(), lp.Organisation(), through=text),
        lambda text: lp.settle(lp.Ledger(), lp.Accruals(through=MARCH, lines=()), period=text),
        lambda text: lp.pay(lp.Ledger(), period=text, rules=lp.schemes.PayRules()),
        lambda text: lp.payments_of(lp.Ledger(), text),
        lambda text: TAIYUAN.resolve(period=text),
    ],
    ids=["measure", "accrue", "settle", "pay", "payments of", "resolve"],
)
@pytest.mark.parametrize("text", ["2026-03", None, MARCH.start], ids=repr)
def test_every_step_asks_for_a_period(step: Callable[[Any], object], text: Any) -> None:
    """The text of a period equals none: nothing would be paid for it, without a word."""
    with pytest.raises(lp.errors.PeriodError, match=r"it is no Period; pass one, such as lp\.Period\.(parse|month)"):
        step(text)


EAST = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2026-01-01")])
CLOSED = lp.Ledger()
NO_PORT: Any = None
THIRDS = lp.schemes.Season(code="loan_amount", of="quarter", weights=["20%", "20%", "60%"])
ASKED: dict[str, Callable[[Any], object]] = {
    "run": lambda value: lp.run(value, facts=NO_PORT, people=NO_PORT, schemes=NO_PORT),
    "balance": lambda value: CLOSED.balance("lin", through=value),
    "is closed": CLOSED.is_closed,
    "reopen": lambda value: CLOSED.reopen(value, by="chen", why="late"),
    "posted": lambda value: CLOSED.posted("lin", value, "CNY"),
    "assignments in": lambda value: EAST.assignments_in("lin", value),
    "assigned": EAST.assigned,
    "period of a book": lambda value: lp.SchemeBook([TAIYUAN]).period(value),
    "versions": lambda value: Confirmations.of([]).versions("lin", value),
    "targets confirmed": lambda value: Confirmations.of([]).targets(value, on=MARCH.start),
    "due": lambda value: Pace().due(value, "2026-03-02"),
    "working days": lambda value: Pace().working_days(value),
    "season": lambda value: THIRDS.share(value, None),
    "prorate": lambda value: lp.prorate("2元", "flow", value, MARCH),
    "reviews": lambda value: reviews_stream("branch", value),
    "cycle": lambda value: cycle_stream("branch", value),
    "feedback": lambda value: feedback_stream("branch", value),
}
"""Whatever looks at a period and would end in an AttributeError, or in nothing, by a text."""


@pytest.mark.parametrize("asks", ASKED.values(), ids=[*ASKED])
@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        ("2026-Q1", "pass one, such as lp.Period.parse('2026-Q1')"),
        ("next month", "pass one, such as lp.Period.parse('2026-03')"),
        (date(2026, 2, 3), "pass one, such as lp.Period.month(2026, 2)"),
    ],
)
def test_a_text_or_a_day_is_no_period_and_is_told_what_to_write(
    asks: Callable[[Any], object], value: Any, remedy: str
) -> None:
    """A newcomer writes lp.run("2026-03"): the answer is the line to write, in both languages."""
    with pytest.raises(lp.errors.PeriodError) as caught:
        asks(value)

    assert remedy == caught.value.remedy
    assert caught.value.text("zh").endswith("不是 Period；请传入期间，如 " + remedy.removeprefix("pass one, such as "))
