"""The commands that look at an indicator over many periods: what is expected next, and what keeps rising or falling."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loanperf.analytics import Forecast, TrainingEffect, Trends
from loanperf.cli._commands import app

MONTHS = [f"{2025 + place // 12}-{place % 12 + 1:02}" for place in range(3, 15)]
LEVEL = (31, 29, 32, 30, 33, 29, 32, 31, 33, 30, 29, 32)
DRAWN = {"lin": [40 - place for place in range(12)], "wu": LEVEL, "he": [10 + value for value in LEVEL]}
"""In 万元, a month each: lin, in the north, lends 1 万元 less each month; wu and he in the south do not change much."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One loan a month of each of three people, in two regions."""
    drawn = [
        (f"{payee}-{month}", payee, month, amount)
        for payee, amounts in DRAWN.items()
        for month, amount in zip(MONTHS, amounts, strict=True)
    ]
    tables = {
        "units": ("code,name,parent", ["bank-n,North,", "bank-s,South,", "dock,Dock,bank-n", "hill,Hill,bank-s"]),
        "assignments": (
            "payee,unit,role,since",
            [f"{payee},{unit},officer,2024-01-01" for payee, unit in (("lin", "dock"), ("wu", "hill"), ("he", "hill"))],
        ),
        "loans": (
            "loan,customer,officer,opened_on,product",
            [
                f"{loan},{loan},{payee},{month}-05,{'house' if payee == 'he' else 'shop'}"
                for loan, payee, month, _ in drawn
            ],
        ),
        "events": (
            "loan,kind,on,amount",
            [f"{loan},disbursed,{month}-06,{amount}万元" for loan, _, month, amount in drawn],
        ),
    }
    for name, (head, rows) in tables.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return tmp_path


def asked(
    folder: Path,
    command: str,
    *more: str,
    code: str = "disbursed_amount",
    by: str = "region",
    since: str = "2025-04",
    until: str = "2026-03",
) -> Result:
    where = [command, str(folder), "--scheme", "worked-example", "--indicator", code, "--by", by]
    return CliRunner().invoke(app, [*where, "--since", since, "--until", until, *more])


def test_a_region_that_falls_is_named(folder: Path) -> None:
    """The north lends 1 万元 less each month, exactly: the slope is that, and the south shows no trend."""
    done = asked(folder, "trend", "--smallest", "1", "--format", "json")
    assert 0 == done.exit_code, done.output
    found = Trends.from_data(json.loads(done.output))
    assert [("bank-n", -10_000, True), ("bank-s", False)] == [
        ("bank-n", found.series[0].slope, found.series[0].shows_trend),
        (found.series[1].subject, found.series[1].shows_trend),
    ]
    chinese = asked(folder, "trend", "--smallest", "1", "--lang", "zh").output
    assert "bank-n：持续下降，平均每期下降 1 万元" in chinese


def test_people_stand_beside_each_other_in_a_trend(folder: Path) -> None:
    """A row for each of three people; the seed is part of the call, and the same one gives the same table."""
    first, again = (asked(folder, "trend", "--format", "csv", "--seed", "7", by="payee") for _ in range(2))
    assert first.output == again.output
    assert {"lin", "wu", "he"} == {line.split(",")[0] for line in first.output.splitlines()[1:]}


def test_what_is_expected_of_people_and_their_units(folder: Path) -> None:
    """Units up to the region are sums of their people, exactly as they are printed."""
    done = asked(folder, "forecast", "--smallest", "1", "--format", "json", by="payee")
    assert 0 == done.exit_code, done.output
    found = Forecast.from_data(json.loads(done.output))
    assert {"total", "bank-n", "bank-s", "dock", "hill", "lin", "wu", "he"} == {one.subject for one in found.subjects}
    assert ["2026-04", "2026-05", "2026-06"] == [str(point.period) for point in found.of("lin").points]
    assert found.of("lin").known[-1] == found.of("bank-n").known[-1] == 290_000


def test_what_is_expected_of_products(folder: Path) -> None:
    """CSV has a row a product and period, and one for the sum of them."""
    done = asked(folder, "forecast", "--smallest", "1", "--horizon", "1", "--format", "csv", by="product")
    assert 0 == done.exit_code, done.output
    head, *lines = done.output.splitlines()
    assert "subject,period,expected (CNY),from (CNY),to (CNY),interval,naive (CNY),periods known,method" == head
    assert ["total,2026-04", "house,2026-04", "shop,2026-04"] == [",".join(line.split(",")[:2]) for line in lines]
    chinese = asked(folder, "forecast", "--smallest", "1", "--stress", "--lang", "zh", by="product").output
    assert "shop：预计 2026-04 为" in chinese
    assert "区间取自全体对象最近几期中误差最大的一期" in chinese


def test_groups_that_are_small_are_shown_together(folder: Path) -> None:
    """Three people in two regions are too few for either, and the only group that is left is named in Chinese."""
    done = asked(folder, "forecast", "--lang", "zh", "--format", "csv")
    assert "其他（人数过少，合并列示）" in done.output
    assert "bank-n" not in done.output


@pytest.mark.parametrize("command", ["forecast", "trend"])
@pytest.mark.parametrize(
    ("code", "since", "until", "said"),
    [
        ("disbursed", "2025-04", "2026-03", "disbursed"),
        ("disbursed_amount", "2026-03", "2026-01", "none of the periods that follow"),
        ("disbursed_amount", "2025-04", "2026-Q1", "as long as the first"),
        ("disbursed_amount", "2026-13", "2026-14", "no such month"),
        ("disbursed_amount", "2025-04", "2025-12", "no version is in force"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(
    folder: Path, command: str, code: str, since: str, until: str, said: str
) -> None:
    """An unknown code, periods in the wrong order or of two lengths, no month, and no scheme at the end."""
    done = asked(folder, command, code=code, since=since, until=until)
    assert 2 == done.exit_code
    assert said in done.output
    assert "error:" in done.output


@pytest.mark.parametrize("level", ["abc", "80", "nan"])
def test_a_level_that_is_no_share_is_refused(folder: Path, level: str) -> None:
    """80 may be 80% or 8,000%."""
    done = asked(folder, "forecast", "--smallest", "1", "--level", level)
    assert (2, True) == (done.exit_code, "error: cannot read" in done.output), done.output


# ── training ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def trained(tmp_path: Path) -> Path:
    """Twelve people who lend 20 to 30万元 a month; six completed AML in December, and lend 8万元 more since."""
    people = [f"p{number:02}" for number in range(12)]
    drawn = [
        (f"{payee}-{month}", payee, month, 20 + (7 * number + 3 * place * place) % 11 + 8 * (number % 2 and place > 8))
        for number, payee in enumerate(people)
        for place, month in enumerate(MONTHS)
    ]
    courses = [f"{payee},AML,2025-12-31,2025-12-{10 + place}" for place, payee in enumerate(people) if place % 2]
    tables = {
        "assignments": ("payee,unit,role,since", [f"{payee},east,officer,2024-01-01" for payee in people]),
        "loans": (
            "loan,customer,officer,opened_on",
            [f"{loan},{loan},{of},{month}-05" for loan, of, month, _ in drawn],
        ),
        "events": (
            "loan,kind,on,amount",
            [f"{loan},disbursed,{month}-06,{much}万元" for loan, _, month, much in drawn],
        ),
        "trainings": ("payee,course,on,completed_on", [*courses, "p00,AML,2025-12-31,"]),
    }
    for name, (head, rows) in tables.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return tmp_path


def effect_of(folder: Path, *more: str, course: str = "AML") -> Result:
    where = ["effect", str(folder), "--scheme", "worked-example", "--indicator", "disbursed_amount"]
    span = ["--since", MONTHS[0], "--until", MONTHS[-1], "--after", "3"]
    return CliRunner().invoke(app, [*where, *span, "--course", course, *more])


def test_who_completed_a_course_is_compared_with_who_did_not(trained: Path) -> None:
    """p00 was sent and did not complete it: six are trained, six are not. The effect is about 8万元."""
    done = effect_of(trained, "--format", "json")
    assert 0 == done.exit_code, done.output
    found = TrainingEffect.from_data(json.loads(done.output)).of("covariance")
    assert (6, 6) == (found.trained, found.untrained)
    assert found.low < 80_000 < found.high
    assert "参训 6 人，未参训 6 人" in effect_of(trained, "--lang", "zh").output
    assert 1 < len(effect_of(trained, "--format", "csv").output.splitlines())


def test_a_course_that_nobody_completed_is_refused(trained: Path) -> None:
    done = effect_of(trained, course="KYC")
    assert 2 == done.exit_code
    assert "nobody completed 'KYC' from 2025-04 to 2026-03" in done.output


def test_a_history_that_is_too_short_is_refused(folder: Path) -> None:
    done = asked(folder, "forecast", "--smallest", "1", since="2025-12")
    assert 2 == done.exit_code
    assert "the longest has 4 values, and to try 3 periods ahead takes 6" in done.output


def test_an_indicator_of_which_nobody_has_a_value_and_a_mistyped_year_are_refused(folder: Path) -> None:
    done = asked(folder, "trend", code="retention_rate", by="payee")
    assert 2 == done.exit_code
    assert "nobody has a value of it from 2025-04 to 2026-03" in done.output
    for command in ("trend", "forecast"):
        done = asked(folder, command, code="months_of_service", by="payee")
        assert 2 == done.exit_code
        assert "months_of_service: its readings are supplied, and no fact measures it; name" in done.output
    done = asked(folder, "trend", by="payee", since="0206-01")
    assert 2 == done.exit_code
    assert "more than 600 from 0206-01 to 2026-03" in done.output
