"""The commands that advise weights and forecast a budget, over a folder: in both languages, as text, CSV and JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import loanperf as lp
from loanperf.analytics import BudgetForecast, WeightAdvice
from loanperf.cli._commands import app

SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01
[profiles.standard.weights]
disbursed_amount = "50%"
customer_count = "50%"
[targets]
disbursed_amount = "100万元"
customer_count = "10"
[scoring.default]
places = 1
rounding = "half even"
[bonus]
unit = "month"
curve = [["0 point", 0], ["200 point", 2]]
rounding = "half even"
"""
AMOUNT, CUSTOMERS = (80, 90, 100, 110, 120), (11, 9, 10, 9, 11)
"""In 万元, and customers held: what comes later goes with the one, and has nothing to do with the other."""
BOUNDS = ("--step", "25%", "--bound", "disbursed_amount=25%..75%", "--bound", "customer_count=25%..75%")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty people in March; in April they lend what they lent in March."""
    people, loans, events = (
        ["payee,unit,role,since,salary"],
        ["loan,customer,officer,opened_on"],
        ["loan,kind,on,amount"],
    )
    customers = ["customer,officer,since"]
    for place in range(40):
        payee, amount = f"p{place:02}", AMOUNT[place % 5]
        people.append(f"{payee},east,officer,2025-01-01,1000 元")
        customers += [f"{payee}-{number},{payee},2026-01-01" for number in range(CUSTOMERS[place % 5])]
        for month in ("03", "04"):
            loans.append(f"{payee}-{month},{payee}-0,{payee},2026-{month}-02")
            events.append(f"{payee}-{month},disbursed,2026-{month}-03,{amount}万元")
    tables = {"assignments": people, "loans": loans, "events": events, "customers": customers}
    for name, lines in tables.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (tmp_path / "scheme.toml").write_text(SCHEME, encoding="utf-8")
    return tmp_path


def asked(command: str, folder: Path, *more: str) -> Result:
    return CliRunner().invoke(app, [command, str(folder), "--period", "2026-03", *more])


def advised(folder: Path, *more: str) -> Result:
    later = ("--profile", "standard", "--later", "disbursed_amount", "--later-period", "2026-04")
    return asked("advise", folder, *later, *BOUNDS, *more)


def test_weights_are_advised_from_a_folder(folder: Path) -> None:
    """Three quarters on loans, as is worked by hand in the tests of advice: 0.9785 in place of 0.8452."""
    done = advised(folder, "--format", "json")
    assert 0 == done.exit_code, done.output
    found = WeightAdvice.from_data(json.loads(done.output))
    assert ["75%", "25%"] == [lp.percent(one.advised) for one in found.weights if one.advised is not None]
    assert ("0.8452", "0.9785") == (str(float(found.now.validity)), str(float(found.best or 0)))
    assert lp.Money("40000 CNY") == found.now.cost
    assert "放款量由 50% 调整为 75%" in advised(folder, "--lang", "zh").output
    lines = advised(folder, "--format", "csv").output.splitlines()
    assert lines[0].startswith("indicator,now (%),advised (%)")
    assert lines[1].startswith("disbursed amount,50,75")


def test_a_budget_that_no_weights_keep_is_said(folder: Path) -> None:
    assert "none of 3 vectors of weights keeps the budget" in advised(folder, "--budget", "1 元").output


def test_a_budget_is_forecast_from_a_folder(folder: Path) -> None:
    """All are at 100 points on the average, a month of 1,000 each: 40,000 where everybody has what is expected."""
    how = ("--total", "20%", "--common", "8%", "--draws", "1000", "--budget", "4万元")
    done = asked("budget", folder, *how, "--format", "json")
    assert 0 == done.exit_code, done.output
    found = BudgetForecast.from_data(json.loads(done.output))
    assert (lp.Money("40000 CNY"), 40, 1000) == (found.expected, found.people, found.draws)
    assert found.levels[0].amount < found.levels[2].amount
    assert found.exceeded is not None
    assert done.output == asked("budget", folder, *how, "--format", "json", "--seed", "1").output
    assert "超出预算" in asked("budget", folder, *how, "--lang", "zh").output


@pytest.mark.parametrize(
    ("command", "more", "said"),
    [
        ("advise", ("--profile", "lead", "--later", "npl_ratio", "--later-period", "2026-04"), "lead"),
        ("advise", ("--profile", "standard", "--later", "npl", "--later-period", "2026-04"), "npl"),
        (
            "advise",
            ("--profile", "standard", "--later", "npl_ratio", "--later-period", "2026-04"),
            "it is the same for everybody",
        ),
        (
            "advise",
            ("--profile", "standard", "--later", "npl_ratio", "--later-period", "2026-04", "--bound", "x=1%"),
            "write it as npl_ratio=10%..40%",
        ),
        ("budget", ("--total", "5%", "--common", "8%"), "give a total that is not below"),
    ],
)
def test_what_cannot_be_advised_says_what_to_do(folder: Path, command: str, more: tuple[str, ...], said: str) -> None:
    done = asked(command, folder, *more)
    assert 2 == done.exit_code
    assert said in done.output


def test_the_later_period_need_not_be_the_next_one(folder: Path) -> None:
    """Loans of June, with two months between, tell what those of April would: 0.9785 in place of 0.8452."""
    for name, columns in (("loans.csv", "-04,"), ("events.csv", "-04,")):
        text = (folder / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(columns, "-06,").replace("2026-04", "2026-06"), encoding="utf-8")
    given = ("--profile", "standard", "--later", "disbursed_amount", "--later-period", "2026-06")
    done = asked("advise", folder, *given, *BOUNDS, "--format", "json")
    assert 0 == done.exit_code, done.output
    found = WeightAdvice.from_data(json.loads(done.output))
    assert ("0.8452", "0.9785") == (str(float(found.now.validity)), str(float(found.best or 0)))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--profile", "manger"), "profile 'manger'"),
        (("--bound", "customer_count=80%..20%"), "the bounds of customer_count"),
        (("--later", "sold"), "sold"),
        (("--later-period", "2026-02"), "--later-period: 2026-02 does not come after 2026-03; name a period after"),
    ],
)
def test_what_is_asked_wrongly_is_told_before_a_period_is_worked(
    folder: Path, more: tuple[str, ...], said: str
) -> None:
    """A salary that is missing would hold the period too; the option is what the user mends first."""
    (folder / "assignments.csv").write_text("payee,unit,role,since,salary\np00,east,officer,2025-01-01,\n")
    given = {"--profile": "standard", "--later": "disbursed_amount", "--later-period": "2026-04", more[0]: more[1]}
    done = asked("advise", folder, *(part for pair in given.items() for part in pair))
    assert 2 == done.exit_code
    assert said in done.output
    assert "could not be worked" not in done.output
