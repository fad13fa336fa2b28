"""The command says why the pay of a payee changed, in steps that sum to the difference, and what it could not work."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import loanperf as lp
from loanperf.analytics import PayChange
from loanperf.cli._commands import app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two months of lin, by the published example; in April wu has no reading of two indicators."""
    people = "payee,unit,role,since,salary\nlin,east,officer,2025-01-01,8000元\nwu,east,officer,2026-04-01,8000元\n"
    (tmp_path / "assignments.csv").write_text(people, encoding="utf-8")
    march = {"loan_amount": "100万元", "npl_ratio": "3%", "retention_rate": "80%"}
    april = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    rows = [f"lin,{code},{value},2026-03" for code, value in march.items()]
    rows += [f"lin,{code},{value},2026-04" for code, value in april.items()]
    lines = ["payee,indicator,value,period", *rows, "wu,loan_amount,100万元,2026-04", ""]
    (tmp_path / "readings.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def asked(folder: Path, *more: str, payee: str = "lin", months: tuple[str, ...] = ("2026-03", "2026-04")) -> Result:
    periods = [part for month in months for part in ("--period", month)]
    where = ["why", str(folder), "--scheme", "worked-example", "--payee", payee]
    return CliRunner().invoke(app, [*where, *periods, *more])


def test_json_has_each_step_and_csv_the_table(folder: Path) -> None:
    """100 points are 8,000 yuan, and a point above 8: loans add 10 points, the NPL ratio 10, retention 1.2."""
    done = asked(folder, "--format", "json")
    assert 0 == done.exit_code, done.output
    found = PayChange.from_data(json.loads(done.output))
    assert (lp.Money("8000 CNY"), lp.Money("8169.60 CNY")) == (found.before, found.after)
    assert ["80.00 CNY", "80.00 CNY", "9.60 CNY"] == [str(step.amount) for step in found.steps]
    lines = asked(folder, "--format", "csv").output.splitlines()
    assert "step,change (CNY),running amount (CNY),reason" == lines[0]
    assert ["", "80.00", "80.00", "9.60", ""] == [line.split(",")[1] for line in lines[1:]]
    assert ["8000.00", "8080.00", "8160.00", "8169.60", "8169.60"] == [line.split(",")[2] for line in lines[1:]]


def test_words_are_in_both_languages(folder: Path) -> None:
    english, chinese = asked(folder), asked(folder, "--lang", "zh")
    assert (0, 0) == (english.exit_code, chinese.exit_code), english.output + chinese.output
    assert "score: loan amount" in english.output
    assert "完成值 3% → 2%；目标 两期均为 3%；得分 30.0 → 40.0" in chinese.output
    assert [] == [path.name for path in folder.iterdir() if path.suffix == ".db"]


def test_what_stops_it_is_said(folder: Path) -> None:
    """What the run says of the payee, not only that it could not be worked."""
    done = asked(folder, payee="wu")
    assert 2 == done.exit_code
    assert "wu has no reading of 'npl_ratio'" in done.output
    assert "not everything of it could be worked" in done.output


@pytest.mark.parametrize(
    ("payee", "months", "said"),
    [
        ("lin", ("2026-03",), "give two periods, the earlier first"),
        ("lin", ("2026-04", "2026-03"), "2026-03 does not come after 2026-04"),
        ("nobody", ("2026-03", "2026-04"), "nothing is known of it"),
    ],
)
def test_what_cannot_be_answered_says_what_to_do(folder: Path, payee: str, months: tuple[str, ...], said: str) -> None:
    done = asked(folder, payee=payee, months=months)
    assert 2 == done.exit_code
    assert said in done.output


def test_months_not_posted_are_not_counted_twice(tmp_path: Path) -> None:
    """0.5% of 100万 is 5,000, and of 140万 7,000; the answer is the same before and after both months are run."""
    sales(tmp_path, {"2026-02": 100, "2026-03": 140})
    before = why_of(tmp_path, "2026-02", "2026-03")
    found = PayChange.from_data(json.loads(before))
    assert (lp.Money("5000 CNY"), lp.Money("7000 CNY")) == (found.before, found.after)
    run_months(tmp_path, "2026-02", "2026-03")
    assert before == why_of(tmp_path, "2026-02", "2026-03")


def test_a_month_between_that_is_not_posted_is_not_counted_in_the_later_one(tmp_path: Path) -> None:
    """March with 3,000 lies between: February has 5,000 and April 7,000, before and after all three are run."""
    sales(tmp_path, {"2026-02": 100, "2026-03": 60, "2026-04": 140})
    before = why_of(tmp_path, "2026-02", "2026-04")
    found = PayChange.from_data(json.loads(before))
    assert (lp.Money("5000 CNY"), lp.Money("7000 CNY")) == (found.before, found.after)
    run_months(tmp_path, "2026-02", "2026-03", "2026-04")
    assert before == why_of(tmp_path, "2026-02", "2026-04")


def test_a_correction_of_a_closed_month_is_named_with_its_loan(tmp_path: Path) -> None:
    """February was paid 5,000 for 100万 that were 140万: March has 3,000 for 60万 and the 2,000 that were missing.

    Volume is compared as it is known now, and what February lacked stands beside it, with the loan.
    """
    sales(tmp_path, {"2026-02": 100})
    assert 0 == CliRunner().invoke(app, ["run", str(tmp_path), "--period", "2026-02", "--close"]).exit_code
    sales(tmp_path, {"2026-02": 140, "2026-03": 60})
    run_months(tmp_path, "2026-03")
    found = PayChange.from_data(json.loads(why_of(tmp_path, "2026-02", "2026-03")))

    assert (lp.Money("5000 CNY"), lp.Money("5000 CNY")) == (found.before, found.after)
    assert [("volume: loans, disbursed", "-4000.00 CNY"), ("correction of earlier periods", "2000.00 CNY"),
            ("worked and posted otherwise: L2026-02", "2000.00 CNY")] == [
        (str(step.name), str(step.amount)) for step in found.steps
    ]  # fmt: skip
    volume, correction, otherwise = found.steps
    assert "base of rates 1400000 → 600000; lines 1 in both periods" == volume.why.en
    assert "1 entry: loan L2026-02: disbursed: 5000.00 CNY was posted, 7000.00 CNY is due; " in correction.why.en
    assert "1400000 × 0.5% = 7000" in correction.why.en
    assert "loan L2026-02: 5000.00 CNY was posted, 7000.00 CNY is what it comes to now" == otherwise.why.en
    assert "贷款 L2026-02：已入账 5,000.00 元，现核算为 7,000.00 元" == otherwise.why.to("zh")


def test_facts_as_they_were_name_what_changed(tmp_path: Path) -> None:
    """The drawing of February was 100万 when it was paid, and is 140万 now; the command reads both states."""
    then, now = tmp_path / "then", tmp_path / "now"
    then.mkdir()
    now.mkdir()
    sales(then, {"2026-02": 100})
    sales(now, {"2026-02": 100})
    run_months(now, "2026-02")
    assert 0 == CliRunner().invoke(app, ["run", str(now), "--period", "2026-02", "--close"]).exit_code
    sales(now, {"2026-02": 140, "2026-03": 60})
    run_months(now, "2026-03")
    found = PayChange.from_data(json.loads(why_of(now, "2026-02", "2026-03", "--facts-then", str(then))))

    assert ["changed"] == [one.how for one in found.facts]
    (changed,) = found.facts
    said = "event L2026-02 disbursed 2026-02-05: 1000000.00 CNY → 1400000.00 CNY (events.csv row 2)"
    assert ("L2026-02", said) == (changed.loan, changed.label.en)
    in_chinese = "贷款 L2026-02 2026-02-05 放款：1,000,000.00 元 → 1,400,000.00 元（events.csv 第 2 行）"
    assert in_chinese == changed.label.to("zh")
    assert said in found.text("en")
    assert "are not given" not in found.text("en")


def test_without_facts_as_they_were_it_says_that_they_are_not_known(tmp_path: Path) -> None:
    """One line, with the loan; nothing of it where nothing was corrected."""
    sales(tmp_path, {"2026-02": 100})
    assert 0 == CliRunner().invoke(app, ["run", str(tmp_path), "--period", "2026-02", "--close"]).exit_code
    sales(tmp_path, {"2026-02": 100, "2026-03": 60})
    run_months(tmp_path, "2026-03")
    assert "which facts" not in why_of(tmp_path, "2026-02", "2026-03")
    sales(tmp_path, {"2026-02": 140, "2026-03": 60})
    run_months(tmp_path, "2026-03")
    found = PayChange.from_data(json.loads(why_of(tmp_path, "2026-02", "2026-03")))
    assert () == found.facts
    assert "which facts of loan L2026-02 changed, as facts are not given as they were" in found.text("en")
    assert "贷款 L2026-02 的哪些事实发生变动（未提供入账时的事实数据）" in found.text("zh")


def test_it_says_which_period_is_not_closed(tmp_path: Path) -> None:
    """February is run and not closed, then changed: it is compared as it comes to now, 7,000, and that is said."""
    sales(tmp_path, {"2026-02": 100, "2026-03": 60})
    run_months(tmp_path, "2026-02")
    sales(tmp_path, {"2026-02": 140, "2026-03": 60})
    found = PayChange.from_data(json.loads(why_of(tmp_path, "2026-02", "2026-03")))
    assert (lp.Money("7000 CNY"), lp.Money("3000 CNY")) == (found.before, found.after)
    assert "not closed: 2026-02 and 2026-03; compared is what a run comes to with the facts of today" in found.text()
    assert "尚未结账：2026-02、2026-03；比较的是按当前事实核算的结果" in found.text("zh")

    for month in ("2026-02", "2026-03"):
        assert 0 == CliRunner().invoke(app, ["run", str(tmp_path), "--period", month, "--close"]).exit_code
        found = PayChange.from_data(json.loads(why_of(tmp_path, "2026-02", "2026-03")))
        assert ("not closed: 2026-03;" in found.text()) is (month == "2026-02")
    assert "not closed" not in found.text()


def sales(folder: Path, lent: dict[str, int]) -> None:
    """A loan a month, in 万元, of which 0.5% is paid."""
    loans, events = ["loan,customer,officer,opened_on"], ["loan,kind,on,amount"]
    for month, amount in lent.items():
        loans.append(f"L{month},C{month},lin,{month}-02")
        events.append(f"L{month},disbursed,{month}-05,{amount}万元")
    scheme = (
        'name = "branch"\ncurrency = "CNY"\neffective = 2026-01-01\n[plans.sales]\nrounding = "half up"\n'
        '[plans.sales.components.loans]\nbase = "disbursed"\nrate = "0.5%"'
    )
    people = "payee,unit,role,since\nlin,east,officer,2025-01-01"
    files = {"loans.csv": "\n".join(loans), "events.csv": "\n".join(events), "assignments.csv": people}
    for name, text in {**files, "scheme.toml": scheme}.items():
        (folder / name).write_text(f"{text}\n", encoding="utf-8")


def why_of(folder: Path, first: str, last: str, *more: str) -> str:
    ask = ["why", str(folder), "--payee", "lin", "--period", first, "--period", last, "--format", "json", *more]
    return CliRunner().invoke(app, ask).output


def run_months(folder: Path, *months: str) -> None:
    for month in months:
        done = CliRunner().invoke(app, ["run", str(folder), "--period", month])
        assert 0 == done.exit_code, done.output
