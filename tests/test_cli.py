"""The command line: what a newcomer sees first, and what scripts rely on."""

import csv
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

import loanperf as lp
from loanperf.cli import main
from loanperf.cli._commands import ORDER, app, exit_code
from loanperf.cli._results import csv_text, safe

ROOT = Path(__file__).parents[1]
DEMO = Path(lp.__file__).parent / "demo"
SCHEME, DATA = str(DEMO / "scheme.toml"), str(DEMO / "data")
MARCH = ("--period", "2026-03")


def loanperf(*arguments: str) -> Result:
    """What the command does, without a process of its own."""
    return CliRunner().invoke(app, list(arguments))


def process(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process, as users start it."""
    program = ["-c", code] if code else ["-m", "loanperf"]
    source = str(Path(lp.__file__).parents[1])
    return subprocess.run(
        [sys.executable, *program, *arguments],
        env=os.environ | {"PYTHONPATH": source} | environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def dry(data: str = DATA, scheme: str = SCHEME) -> list[str]:
    """The call that shows what a month comes to, and writes nothing."""
    return ["run", data, "--scheme", scheme, "--period", "2026-03", "--dry-run"]


def score_json(*arguments: str) -> dict[str, dict[str, object]]:
    """Results of the demo branch by payee and first day."""
    run = json.loads(loanperf(*dry(), "--format", "json", *arguments).stdout)
    return {f"{result['payee']} {result['from']}": result for result in run["results"]}


def copied(folder: Path) -> Path:
    """A copy of the demo branch, to spoil."""
    return Path(shutil.copytree(DATA, folder / "data"))


# ── demo ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_demo_runs_as_its_own_process() -> None:
    """`python -m loanperf demo` is the first thing that anybody tries."""
    done = process("demo", COLUMNS="200")

    assert (0, "") == (done.returncode, done.stderr)
    for said in (
        "E04",
        "0.00 CNY",
        "gate: NPL ratio at 2.6% forfeits 100%",
        str(DEMO / "scheme.toml"),
        "--period 2026-03",
    ):
        assert said in done.stdout


def test_the_commands_that_the_demo_suggests_work() -> None:
    """A suggestion that fails is worse than none."""
    lines = [line.strip() for line in loanperf("demo").stdout.splitlines()]
    suggested = [line.split()[3:] for line in lines if line.startswith("python -m loanperf")]

    assert 2 == len(suggested)
    assert [0, 0] == [loanperf(*arguments).exit_code for arguments in suggested]


def test_the_demo_speaks_chinese() -> None:
    """The first users read Chinese."""
    said = loanperf("demo", "--lang", "zh").stdout

    assert "滨江支行，2026-03；版本 " in said
    assert "门槛：不良率为 2.6%，扣减 100%" in said


@pytest.mark.parametrize("tag", ["zh-CN", "zh_Hans", "zh-hans-CN", "ZH"])
def test_a_language_is_chosen_by_any_of_its_tags(tag: str) -> None:
    """What a browser or a system calls simplified Chinese is Chinese."""
    assert loanperf("demo", "--lang", "zh").stdout == loanperf("demo", "--lang", tag).stdout


@pytest.mark.parametrize("command", [["demo"], [*dry()], ["explain", DATA, "--scheme", SCHEME, *MARCH]])
@pytest.mark.parametrize("tag", ["fr", "zh-TW", "zh-Hant", "chinese", ""])
def test_a_language_that_is_not_spoken_is_wrong_usage(command: list[str], tag: str) -> None:
    """Code 2, and what is spoken: nothing comes out in another language than the one that was asked for."""
    found = loanperf(*command, *(["--payee", "E04"] if command[0] == "explain" else []), "--lang", tag)

    assert (2, "") == (found.exit_code, found.stdout)
    assert "pass 'en' or 'zh'" in found.stderr


RUN = "用法：loanperf run [OPTIONS] "


@pytest.mark.parametrize(
    ("line", "frame", "fault"),
    [
        ("run --perod 2026-03 --lang zh", RUN, "没有选项 --perod"),
        ("run --lang zh --perod 2026-03", RUN, "没有选项 --perod"),
        ("run x --lang=zh-CN", RUN, "缺少选项 '--period'"),
        (
            "breakdown x --period 2026 --indicator npl_ratio --lang zh",
            "用法：",
            "缺少选项 '--by'，可选值：role、unit、",
        ),
        ("run --period 2026-03 --lang zh", RUN, "缺少参数 'DATA'"),
        ("rum --lang zh", "用法：loanperf [OPTIONS] COMMAND", "没有命令 'rum'"),
        ("run x y --period 2026-03 --lang zh", RUN, "多出参数 y"),
        ("run x --lang zh --period", "", "选项 '--period' 须带一个值"),
        ("run x --period 2026-03 --dry-run=1 --lang zh", "", "选项 '--dry-run' 不带值"),
        (
            "run x --period 2026-03 --format xml --lang zh",
            RUN,
            "'xml' 不在可选值之内（可选值：'table'、'json'、'csv'）",
        ),
        ("check x.toml --lang --lang zh", "用法：", "选项 '--lang' 的值无效：不支持语言 '--lang'；请传入 'en' 或 'zh'"),
        (
            "statement x --period 2026-03 --output x.doc --lang zh",
            "用法：",
            "选项 '--output' 的值无效：不支持写入 '.doc' 类型的文件",
        ),
        ("run x --period 2026-03 --payee E01 --lang zh", RUN, "需同时使用 --dry-run：正式运行会发放全部员工"),
        ("run x --period 2026-03 --dry-run --close --lang zh", RUN, "该选项不记账；请去掉 --approve 和 --close"),
    ],
)
def test_wrong_usage_is_said_in_chinese_wherever_the_language_stands(
    line: str,
    frame: str,
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever reads Chinese mistypes too; the code stays that of wrong usage, and nothing goes to stdout."""
    monkeypatch.setattr("sys.argv", ["loanperf", *line.split()])
    with pytest.raises(SystemExit, match="2"):
        main()
    out, err = capsys.readouterr()

    assert "" == out
    assert err.startswith(frame or "错误：")
    assert "\n错误：" in "\n" + err
    assert fault in err


def test_a_language_may_stand_before_the_command() -> None:
    """It is the default of the command, which may say another one."""
    chinese, english = (loanperf("demo", "--lang", lang).stdout for lang in ("zh", "en"))
    assert chinese == loanperf("--lang", "zh", "demo").stdout
    assert english == loanperf("--lang", "zh", "demo", "--lang", "en").stdout
    assert chinese != english


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("run x --period 2026-03 --period 2026-04", "Invalid value for --period: it is given 2 times; give it once"),
        (
            "check x --lang=zh --lang zh",
            "选项 --lang 的值无效：共填写 2 次；请只填写一次",
        ),
    ],
)
def test_an_option_of_one_value_is_given_once(
    line: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two periods the last alone would be worked, without a word; options that are lists take several."""
    monkeypatch.setattr(sys, "argv", ["loanperf", *line.split()])
    assert 2 == exit_code()
    assert said in capsys.readouterr().err
    several = loanperf("run", "x", *MARCH, "--scheme", "a", "--scheme", "b", "--dry-run", "--dry-run")
    assert "is given" not in several.output


@pytest.mark.parametrize("line", ["run --perod 2026-03", "run --perod 2026-03 --lang fr"])
def test_wrong_usage_is_said_as_typer_says_it_where_no_chinese_was_asked_for(line: str) -> None:
    """Frame and fault, and code 2, for a language that is not spoken too."""
    done = process(*line.split())

    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith("Usage: loanperf run [OPTIONS]")
    assert "No such option: --perod" in done.stderr


def test_a_page_of_reasons_says_its_language_as_browsers_know_it() -> None:
    """`zh-Hans`: a browser then takes the letter forms of the mainland."""
    page = loanperf(
        "explain", DATA, "--scheme", SCHEME, *MARCH, "--payee", "E04", "--format", "html", "--lang", "zh_CN"
    ).stdout

    assert '<html lang="zh-Hans">' in page


def test_tables_in_chinese_have_amounts_in_yuan_and_json_keeps_them() -> None:
    """What people read has separators and 元; what machines read stays as it was."""
    said = loanperf(*dry(), "--payee", "E01", "--lang", "zh").stdout

    assert "12,192.00 元" in said
    assert "完成值" in said
    assert "'12192.00', 'currency': 'CNY'" in str(score_json()["E01 2026-03-01"]["bonus"])


def test_the_demo_data_is_what_its_tables_say() -> None:
    """The files are written by tools/demo.py; a change by hand in one alone would not last."""
    written = runpy.run_path(str(ROOT / "tools" / "demo.py"))["files"]()

    assert written == {file.name: file.read_text(encoding="utf-8") for file in Path(DATA).iterdir()}


def half_even(value: Fraction) -> Fraction:
    """To one decimal place, a tie to the even neighbour."""
    return Fraction(round(value * 10), 10)


def test_a_senior_with_a_clean_book_by_hand() -> None:
    """E02: the points of nine indicators and the bonus, from the facts in the files by plain arithmetic."""
    signed, drawn = 90 + 60 + 80, 80 + 50
    february = 120 + 100 + 90 + 80 + 52 + 40 + 12 + 6
    march = february - (10 + 10 + 5 + 5) + drawn
    assert (500, 600) == (february, march)
    points = [
        30 * Fraction(signed, 200),
        15 * Fraction(drawn, 150),
        5 * Fraction(3, 2),
        20 * (2 - Fraction(6, march) / Fraction("0.015")),
        5 * (2 - Fraction(6 + 12, march) / Fraction("0.03")),
        5 * Fraction(100, 100),
        10 * Fraction(9, 10) / Fraction("0.9"),
        5 * Fraction(6, 12) / Fraction("0.5"),
        5 * Fraction(2, 2),
    ]
    score = sum(map(half_even, points), Fraction(0))
    bonus = 9000 * (1 + (score - 100) * Fraction("0.001"))
    found = score_json()["E02 2026-03-01"]

    assert Fraction("111.7") == score
    assert Fraction("9105.30") == bonus
    assert (str(float(score)), {"amount": "9105.30", "currency": "CNY", "exact": "9105.3"}) == (
        found["score"],
        found["bonus"],
    )


def test_the_one_past_the_limit_is_paid_nothing_by_hand() -> None:
    """E04: 13 of 500 万元 are non-performing, which is 2.6% and above 2.5%, so that a good score pays nothing."""
    signed, drawn = 120 + 80 + 60, 110 + 60 + 40
    book = 80 + 70 + 60 + 40 + 27 + 20 + 10 + 13 - (10 + 10 + 5 + 5) + drawn
    npl, overdue = Fraction(13, book), Fraction(13 + 10, book)
    points = [
        30 * Fraction(signed, 200),
        15 * Fraction(drawn, 150),
        5 * Fraction(3, 2),
        20 * (2 - npl / Fraction("0.015")),
        5 * (2 - overdue / Fraction("0.03")),
        5 * Fraction(100 - 10, 100),
        10 * Fraction(9, 10) / Fraction("0.9"),
        5 * Fraction(6, 12) / Fraction("0.5"),
        5 * Fraction(2, 2),
    ]
    score = sum(map(half_even, points), Fraction(0))
    found = score_json("--payee", "E04")["E04 2026-03-01"]

    assert npl == Fraction("0.026")
    assert npl > Fraction("0.025")
    assert Fraction("99.6") == score
    assert ("99.6", {"amount": "0.00", "currency": "CNY", "exact": "0"}) == (found["score"], found["bonus"])


def test_every_rung_of_the_ladder_is_in_the_demo_by_hand() -> None:
    """Exactly 1.5% loses nothing and exactly 2% loses 30%, since the ladder is closed on the right."""
    found = score_json()
    rungs = {
        "E05 2026-03-01": (Fraction(6, 400), 12000, Fraction(0)),
        "E06 2026-03-01": (Fraction(10, 500), 9000, Fraction("0.3")),
        "E07 2026-03-01": (Fraction(66, 3000), 11000, Fraction("0.5")),
    }
    for who, (npl, month, lost) in rungs.items():
        score = Fraction(str(found[who]["score"]))
        months = score / 100 if score <= 100 else 1 + (score - 100) / 1000
        line = next(line for line in lines_of(found[who]) if line["indicator"] == "npl_ratio")
        bonus = found[who]["bonus"]

        assert npl == Fraction(line["reading"])
        assert isinstance(bonus, dict)
        assert month * months * (1 - lost) == Fraction(str(bonus["amount"]))


def lines_of(result: dict[str, object]) -> list[dict[str, str]]:
    """The lines of a result in JSON."""
    lines = result["lines"]
    assert isinstance(lines, list)
    return lines


def test_two_roles_in_one_month_by_hand() -> None:
    """E08: new hire for 15 days and senior for 16; targets and bonus in proportion to the days."""
    before = [
        40 * Fraction(40) / (120 * Fraction(15, 31)),
        min(30 * Fraction(8, 8) / Fraction("0.8"), Fraction(45)),
        20 * Fraction(1, 1),
        10 * Fraction(86 + 82, 2) / 80,
    ]
    assert 280 == 200 - 10 + 30 + 40 + 20
    after = [
        30 * Fraction(50 + 30) / (120 * Fraction(16, 31)),
        15 * Fraction(40 + 20) / (90 * Fraction(16, 31)),
        5 * Fraction(1) / (2 * Fraction(16, 31)),
        20 * (2 - Fraction("2.8") / 280 / Fraction("0.015")),
        min(5 * (2 - Fraction("2.8") / 280 / Fraction("0.03")), Fraction("7.5")),
        5 * Fraction(100, 100),
        10 * Fraction(8, 9) / Fraction("0.9"),
        5 * Fraction(4, 9) / Fraction("0.5"),
        5 * Fraction(1, 1),
    ]
    first = sum(map(half_even, before), Fraction(0))
    second = sum(map(half_even, after), Fraction(0))
    paid = [6000 * first / 100 * Fraction(15, 31), 9000 * (1 + (second - 100) / 1000) * Fraction(16, 31)]
    found = [score_json()[f"E08 2026-03-{day}"] for day in ("01", "16")]

    assert [first, second] == [Fraction(str(result["score"])) for result in found]
    # To the fen, a tie away from zero; neither is one.
    expected = [f"{int(amount * 100 + Fraction(1, 2)) / 100:.2f}" for amount in paid]
    assert expected == [bonus["amount"] for result in found if isinstance(bonus := result["bonus"], dict)]


# ── score and explain ───────────────────────────────────────────────────────────────────────────────────────


def test_json_names_the_version_and_keeps_numbers_exact() -> None:
    """A payroll that reads the JSON must not meet a float, and must know which scheme made it."""
    text = loanperf(*dry(), "--format", "json").stdout
    run = json.loads(text, parse_float=lambda number: pytest.fail(f"a float: {number}"))

    assert lp.read_scheme(SCHEME).fingerprint == run["scheme"]["version"]
    assert (9, [], run["rows"]) == (len(run["results"]), run["problems"], run["used"])
    (balance,) = (
        line for result in run["results"] for line in result["lines"] if line["indicator"] == "average_daily_balance"
    )
    # 2800 for 10 days, 2700 for 10 and 3000 for 11, in 万元.
    assert Fraction(10 * 2800 + 10 * 2700 + 11 * 3000, 31) * 10_000 == Fraction(balance["reading"])


def test_csv_has_a_row_a_result() -> None:
    """A spreadsheet of the month: who, what for, how much."""
    rows = list(csv.DictReader(io.StringIO(loanperf(*dry(), "--format", "csv").stdout)))

    assert ["E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08", "E08"] == [row["payee"] for row in rows]
    assert ("99.6", "0.00", "2.6") == (rows[3]["score"], rows[3]["bonus"], rows[3]["npl_ratio reading (%)"])


def test_csv_holds_numbers_as_numbers() -> None:
    """A spreadsheet sums what it takes for numbers: units stand in headings, and no cell is a fraction."""
    rows = list(csv.DictReader(io.StringIO(loanperf(*dry(), "--format", "csv").stdout)))
    text = {"payee", "name", "unit", "role", "from", "to", "profile", "version", "grade", "currency"}

    assert [] == [
        cell for row in rows for head, cell in row.items() if head not in text and cell and Fraction(cell) is None
    ]
    # 1 of 3 customers; 60万元 × 15/31; 2 new customers × 16/31: what never ends is rounded to twelve places.
    assert "33.333333333333" == rows[5]["cross_sell_rate reading (%)"]
    assert "580645.161290322581" == rows[7]["loan_amount target (CNY)"]
    assert "1.032258064516" == rows[8]["customer_count target"]
    # 2800 for 10 days, 2700 for 10 and 3000 for 11, in 万元, is the one that JSON has as a quotient.
    exact = Fraction(10 * 2800 + 10 * 2700 + 11 * 3000, 31) * 10_000
    assert Fraction(round(exact * 10**12), 10**12) == Fraction(rows[6]["average_daily_balance reading (CNY)"])


def test_csv_has_headings_in_chinese() -> None:
    """Whoever opens it reads Chinese; what machines read is in English, and the cells are the same."""
    plain, chinese = (loanperf(*dry(), "--format", "csv", "--lang", lang).stdout for lang in ("en", "zh"))

    assert chinese.startswith("员工,姓名,机构,岗位,自,至,权重方案,版本,得分,等级,奖金,发放,币种,")
    assert ",不良率 完成值 (%)," in chinese
    assert plain.splitlines()[1:] == chinese.splitlines()[1:]


def test_one_payee_alone() -> None:
    """With one payee the table goes down to the indicators."""
    said = loanperf(*dry(), "--payee", "E08").stdout

    assert "E01" not in said
    assert "≈580645.16 CNY" in said
    assert "15/31" in said


def test_a_payee_who_does_not_exist_is_refused() -> None:
    """A slip in a code is no empty table."""
    done = loanperf(*dry(), "--payee", "E99")

    assert 2 == done.exit_code
    assert "'E99' has no assignment on 2026-03" in done.stderr


@pytest.mark.parametrize("output", ["text", "html", "json"])
def test_explain_goes_down_to_the_facts(output: str) -> None:
    """A payee who asks why sees the loan that did it."""
    done = loanperf("explain", DATA, "--scheme", SCHEME, *MARCH, "--payee", "E04", "--format", output)

    assert (0, "") == (done.exit_code, done.stderr)
    assert "loan L0408" in done.stdout
    if output == "html":
        assert done.stdout.startswith('<!doctype html><html lang="en">')
    if output == "json":
        assert "award" == json.loads(done.stdout)["results"][0]["why"]["rule"]


# ── problems and exit codes ─────────────────────────────────────────────────────────────────────────────────


def test_problems_go_to_stderr_and_make_the_code_1(tmp_path: Path) -> None:
    """A script sees that somebody's row is missing from the pay although there is a result."""
    data = copied(tmp_path)
    with (data / "balances.csv").open("a", encoding="utf-8") as stream:
        stream.write("L0101,someday,5,0,CNY\n")
    done = loanperf(*dry(str(data)), "--format", "json")

    assert 1 == done.exit_code
    assert (
        "1 problem(s):\n  - balances.csv row 167, column on: it is not a day as it can be written (found 'someday')"
        in done.stderr
    )
    run = json.loads(done.stdout)
    assert ("balances.csv row 167, column on", run["rows"] - 1) == (run["problems"][0]["where"], run["used"])


def with_replaced(folder: Path, table: str, start: str, old: str, new: str) -> Path:
    """A copy of the demo branch with something replaced in each row of a table that starts so."""
    data = copied(folder)
    lines = (data / table).read_text(encoding="utf-8").split("\n")
    changed = [line.replace(old, new) if line.startswith(start) else line for line in lines]
    assert changed != lines
    (data / table).write_text("\n".join(changed), encoding="utf-8")
    return data


def test_a_salary_without_a_unit_is_one_problem_and_what_follows_is_counted(tmp_path: Path) -> None:
    """It was 38 problems in the order of letters, 37 of which nobody can mend but by the salary."""
    data = str(with_replaced(tmp_path, "assignments.csv", "E04", "9000元", "9000"))
    english = loanperf(*dry(data))
    chinese = loanperf(*dry(data), "--lang", "zh")

    assert english.stderr.startswith("1 problem(s), and 37 more that are the same or follow from them:\n")
    assert 1 == english.stderr.partition("Would wait")[0].count("\n  - ")
    assert "\n  - assignments.csv row 5, column salary: the amount has no currency (found '9000')" in english.stderr
    assert "37 more follow from it, the first: customers.csv row 32: customer C0401 2025-01-02\n" in english.stderr
    assert chinese.stderr.startswith("问题 1 项，另有 37 处与之相同或由其引起：\n")
    assert "\n  - assignments.csv 第 5 行，列 salary：金额没有币种（实际为 '9000'）；" in chinese.stderr
    assert "由此另有 37 处无法使用，首处为 customers.csv 第 32 行：客户 C0401 2025-01-02\n" in chinese.stderr


def test_a_negative_salary_is_a_problem_of_its_row(tmp_path: Path) -> None:
    """The row says which cell to mend, and whoever stands in it is not worked by the others of the file."""
    data = str(with_replaced(tmp_path, "assignments.csv", "E04", "9000元", "-9000元"))
    found = loanperf(*dry(data))

    said = "assignments.csv row 5, column salary: its salary is negative (found '-9000.00 CNY'); give zero or more"
    assert f"\n  - {said}" in found.stderr
    assert 1 == found.stderr.partition("Would wait")[0].count("\n  - ")


@pytest.mark.parametrize(
    ("table", "start", "old", "new", "follow"),
    [
        ("loans.csv", "L0401", "2025", "someday", "there is no such loan"),
        ("customers.csv", "C0401", "2025-01-02", "someday", "there is no such customer"),
        ("assignments.csv", "E06", "2025-01-01", "someday", "who is not assigned in the period"),
    ],
)
def test_what_follows_from_a_row_is_counted_under_it_and_the_rows_balance(
    tmp_path: Path, table: str, start: str, old: str, new: str, follow: str
) -> None:
    """A loan, a customer or a payee that could not be read takes along what is said of it; no row is lost of it."""
    data = str(with_replaced(tmp_path, table, start, old, new))
    run = json.loads(loanperf(*dry(data), "--format", "json").stdout)
    (cause,) = run["causes"]
    following = [problem for problem in run["problems"] if follow in problem["fault"]]

    assert cause["where"].startswith(f"{table} row ")
    assert cause["follows"] == len(run["problems"]) - 1 >= len(following) > 0
    assert run["rows"] - run["used"] == len(
        [item for item in run["problems"] if not item["where"].startswith("target")]
    )


@pytest.mark.parametrize(
    ("rows", "follows"),
    [
        (["E02,loan_amount,2000000,2026-03"], [1]),
        (["E02,loan_amount,2000000,"], [1]),
        (["E02,贷款额,many,2026-03"], [1]),
        (["E02,loan_amount,200万元,2026-03", "E02,loan_amount,300万元,2026-03"], [1]),
        (["E02,loan_amount,2000000,2026-02"], [0, 0]),
        (["E02,disbursed_amount,2000000,2026-03"], [0, 0]),
        (["E09,loan_amount,2000000,2026-03"], [0, 0]),
    ],
)
def test_a_target_that_is_missing_follows_from_its_own_row_alone(
    tmp_path: Path, rows: list[str], follows: list[int]
) -> None:
    """A target without a unit was two problems to mend, one for the row and one for whoever has no target for it.

    A row of another month, indicator or payee is no cause of it: both are to be mended.
    """
    data = copied(tmp_path)
    file = data / "targets.csv"
    head, *kept = file.read_text(encoding="utf-8").splitlines()
    kept = [row for row in kept if not row.startswith("E02,loan_amount,")]
    file.write_text("\n".join([head, *kept, *rows]) + "\n", encoding="utf-8")
    run = json.loads(loanperf(*dry(str(data)), "--format", "json").stdout)

    assert follows == [cause["follows"] for cause in run["causes"]]
    assert 1 == len([problem for problem in run["problems"] if "is missing" in problem["fault"]])
    assert any(cause["where"].startswith("targets.csv row ") for cause in run["causes"])


def test_many_rows_with_one_fault_are_one_line_and_all_are_in_the_file(tmp_path: Path) -> None:
    """2,101 rows without a currency: how many, the first of them, 2 before 10; the file has every row to mend."""
    data = copied(tmp_path)
    rows = [f"X{number},E0{number % 8 + 1},2026-03-31,100" for number in range(2101)]
    (data / "profits.csv").write_text("\n".join(["customer,number,on,amount", *rows]) + "\n", encoding="utf-8")
    file = tmp_path / "refused.csv"
    done = loanperf(*dry(str(data)), "--refused", str(file))
    with file.open(encoding="utf-8-sig", newline="") as stream:
        refused = list(csv.DictReader(stream))

    assert done.stderr.startswith("1 problem(s), and 2100 more that are the same or follow from them:\n")
    assert "    the same in 2101 rows: 2, 3, 4, 5, 6, …\n" in done.stderr
    assert 3 == done.stderr.partition("Would wait")[0].count("\n")
    assert [str(number) for number in range(2, 2103)] == [row["row"] for row in refused]
    assert {"profits.csv"} == {row["source"] for row in refused}


def test_the_file_of_refused_rows_must_be_new(tmp_path: Path) -> None:
    """What somebody has begun to mend is not written over."""
    data = str(with_replaced(tmp_path, "assignments.csv", "E04", "9000元", "9000"))
    file = tmp_path / "refused.csv"
    file.write_text("mine", encoding="utf-8")
    done = loanperf(*dry(data), "--refused", str(file))

    assert (2, "mine") == (done.exit_code, file.read_text(encoding="utf-8"))
    assert "it is there already" in done.stderr


def test_a_payee_with_a_problem_alone_makes_the_code_2(tmp_path: Path) -> None:
    """Where nothing comes out, a script must not go on."""
    data = copied(tmp_path)
    targets = (
        (data / "targets.csv").read_text(encoding="utf-8").replace("E01,loan_amount,60万元", "E01,loan_amount,0元")
    )
    (data / "targets.csv").write_text(targets, encoding="utf-8")
    alone = loanperf(*dry(str(data)), "--payee", "E01")

    assert (2, "") == (alone.exit_code, alone.stdout)
    assert "payee E01 in 2026-03: target of 'loan_amount' is 0 CNY" in alone.stderr
    assert 1 == loanperf(*dry(str(data))).exit_code


def spoiled(folder: Path, name: str, content: bytes) -> str:
    """The demo data with one file replaced."""
    data = copied(folder)
    (data / name).write_bytes(content)
    return str(data)


def test_gb18030_is_read_when_it_is_named(tmp_path: Path) -> None:
    """The whole folder in the encoding of Chinese Windows comes to the same pay."""
    data = copied(tmp_path)
    for file in data.iterdir():
        file.write_bytes(file.read_text(encoding="utf-8").encode("gb18030"))

    refused = loanperf(*dry(str(data)))
    assert 2 == refused.exit_code
    assert "pass --encoding gb18030" in refused.stderr
    expected = loanperf(*dry(), "--format", "csv").stdout
    assert expected == loanperf(*dry(str(data)), "--format", "csv", "--encoding", "gb18030").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (dry(scheme="no-such"), "error: no-such: there is no such scheme; give a file, or a template: "),
        (dry("/no/such"), "error: /no/such: there is no such folder"),
        ([*(one.replace("2026-03", "March") for one in dry())], "error: 'March' is not a valid period or date"),
        ([*(one.replace("2026-03", "2019-03") for one in dry())], "error: nothing is known of 2019-03"),
        ([*dry(), "--encoding", "klingon"], "there is none of that name; use utf-8 or gb18030"),
        (["run", DATA], "Missing option '--period'"),
        (["run"], "Missing argument 'DATA'"),
        (["run", DATA, *MARCH, "--dry-run"], "error: {data}: there is no scheme.toml in it; put it there, or say"),
        (["run", DATA, *MARCH, "--payee", "E01"], "it needs --dry-run: a run pays everybody"),
        ([*dry(), "--approve", "Wang"], "it posts nothing; leave out --approve and --close"),
        ([*dry(), "--ledger", "oracle://host/pay"], "there is no support for 'oracle'; use sqlite or postgresql"),
        ([*dry(), "--map", "no.toml"], "error: no.toml: it cannot be read: No such file or directory"),
        ([*dry(), "--output", "pay.pdf"], "error: pay.pdf: files of kind '.pdf' are not written"),
        (["run", "sqlite://", *MARCH], "error: --company: it is not said whose part of the database it is"),
        (["run", "sqlite://", *MARCH, "--company", "n", "--map", "m"], "error: --map: it is for a folder"),
        ([*dry(), "--format", "xlsx"], "'xlsx' is not one of 'table', 'json', 'csv'"),
        (["explain", DATA, "--scheme", SCHEME, *MARCH], "Missing option '--payee'"),
        (["check", SCHEME.replace(".toml", ".yaml")], "there is no such scheme"),
        (["template", "no-such"], "there is no template of that name"),
        (["explode"], "No such command 'explode'"),
    ],
)  # fmt: skip
def test_wrong_usage_is_code_2_and_no_traceback(arguments: Sequence[str], said: str) -> None:
    """Whoever mistypes is told what would be right."""
    done = loanperf(*arguments)

    assert (2, "") == (done.exit_code, done.stdout)
    assert said.format(data=DATA) in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("scheme.toml", b"name = ", "scheme.toml is not a valid scheme: 1 problem(s)"),
        ("scheme.toml", b"\xff", "byte 0 is not UTF-8"),
        ("scheme.toml", b"#" * 10_000_000, "it has 10000000 bytes"),
        ("scheme.txt", b"", "its name does not say what it is"),
    ],
)
def test_a_scheme_that_cannot_be_read_is_code_2(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    """All faults of a scheme are printed, each with its path, and nothing else."""
    tmp_path.joinpath(name).write_bytes(content)
    done = loanperf("check", str(tmp_path / name))

    assert 2 == done.exit_code
    assert said in done.stderr


def test_what_the_system_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without rights is the user's to mend, and no traceback."""

    def refuse(_: str) -> None:
        raise PermissionError(13, "Permission denied", "scheme.toml")

    tmp_path.joinpath("scheme.toml").touch()
    monkeypatch.setattr("loanperf.cli._ports.read_scheme", refuse)
    done = loanperf("check", str(tmp_path / "scheme.toml"))

    assert (2, "error: scheme.toml: Permission denied\n") == (done.exit_code, done.stderr)


def test_an_interrupt_is_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the work quietly, with the code that shells expect."""

    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("loanperf.cli._ports.template", interrupt)
    done = loanperf("check", "classic")

    assert (130, "interrupted\n") == (done.exit_code, done.stderr)


def test_an_interrupt_before_a_command_has_begun_is_code_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who changes their mind while the program starts sees no traceback."""

    def interrupt(*_: object, **__: object) -> None:
        raise typer.Abort

    monkeypatch.setattr("loanperf.cli._app.app", interrupt)

    assert 130 == exit_code()


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe breaks in another way there")
def test_a_reader_that_goes_away_is_code_141() -> None:
    """`loanperf schema | head` is no fault, and prints none."""
    pipe = f'"{sys.executable}" -m loanperf schema | true; echo "${{PIPESTATUS[0]}}"'
    source = str(Path(lp.__file__).parents[1])
    done = subprocess.run(
        ["bash", "-c", pipe],  # noqa: S607 (whichever bash is there)
        env=os.environ | {"PYTHONPATH": source},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )

    assert ("141\n", "") == (done.stdout, done.stderr)


def test_a_missing_extra_is_named() -> None:
    """Without typer the command says what to install, and no traceback."""
    code = "import sys; sys.modules['typer'] = None; from loanperf.cli import main; main()"
    done = process(code=code)

    assert (2, "") == (done.returncode, done.stdout)
    assert 'typer is not installed; run: python -m pip install "loanperf[cli]"\n' == done.stderr


def test_exit_codes_are_in_the_help() -> None:
    """Whoever writes a script looks there."""
    for arguments in ([], ["run"], ["explain"], ["demo"]):
        assert "141  what reads the output went away" in loanperf(*arguments, "--help").stdout


def test_the_help_lists_commands_in_the_order_of_the_work() -> None:
    """Whoever is new reads from the top: the demo, a month and its reasons; the page of the commands has them alike."""
    listed = loanperf("--help").stdout.partition("Commands:\n")[2].partition("\n\n")[0]
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    commands = re.findall(r"^  (\w+) ", listed, re.MULTILINE)

    assert ["demo", "run", "statement", "explain", "why", "verify", "template", "check", "schema"] == commands[:9]
    assert re.findall(r"^\| `loanperf (\w+)", page, re.MULTILINE) == commands


@pytest.mark.parametrize("command", ORDER)
def test_every_option_stands_in_the_page_of_commands(command: str) -> None:
    """Help says what an option is called, and the page what it means: neither has one that the other has not."""
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`--.*?) \| (.*?) \|", page, re.MULTILINE)
    told = {option for options, whose in rows if is_of(command, whose) for option in re.findall("--[a-z-]+", options)}

    assert told == set(re.findall(r"^ +(--[a-z-]+)", loanperf(command, "--help").stdout, re.MULTILINE)) - {"--help"}


def is_of(command: str, whose: str) -> bool:
    """Whether a cell of the page, `run, statement` or `all but template`, names a command."""
    named = re.sub(r"\(.*?\)", "", whose)
    return (command in re.findall(r"\w+", named)) is not named.startswith("all but")


# ── what stands in data ─────────────────────────────────────────────────────────────────────────────────────


def test_data_is_no_markup(tmp_path: Path) -> None:
    """A name with brackets is printed as it is; a terminal must not obey what a file says."""
    data = spoiled(tmp_path, "payees.csv", b"code,name\nE01,[red]Wei[/red] :smile:\nE02,<b>&\n")
    table = loanperf(*dry(data)).stdout
    page = loanperf("explain", data, "--scheme", SCHEME, *MARCH, "--payee", "E02", "--format", "html").stdout

    assert "[red]Wei[/red] :smile:" in table
    assert "<b>&" not in page


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    """Escape sequences in an export could repaint a screen; they are written out instead."""
    row = "code,name\nE01,\x1b[2J\x9b31m\u202e\n"
    data = spoiled(tmp_path, "payees.csv", row.encode())
    for arguments in (["--format", "table"], ["--format", "json"], ["--format", "csv"]):
        done = loanperf(*dry(data), *arguments)
        assert 1 == done.exit_code
        assert not {"\x1b", "\x9b", "\u202e"} & set(done.output)
    assert "a\\x1b[2J\\u202e\u3000好" == safe("a\x1b[2J\u202e\u3000好")


def test_a_scheme_may_hold_control_characters_too(tmp_path: Path) -> None:
    """Not only tables of data come from elsewhere."""
    text = (
        (DEMO / "scheme.toml").read_text(encoding="utf-8").replace('en = "outstanding"', 'en = "out\\u001b[31m\\u009b"')
    )
    tmp_path.joinpath("scheme.toml").write_text(text, encoding="utf-8")
    for output in ("table", "json", "csv"):
        done = loanperf(*dry(scheme=str(tmp_path / "scheme.toml")), "--format", output)
        assert 0 == done.exit_code
        assert not {"\x1b", "\x9b"} & set(done.output)


def test_csv_holds_no_formula() -> None:
    """A name such as =HYPERLINK(...) must not run when the pay list is opened in a spreadsheet."""
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    readings = {"loan_amount": "120万元", "npl_ratio": "20%", "retention_rate": "85%"}
    appraisal = lp.appraise(card, readings=readings, payee="@lin")
    held = lp.Assignment(payee="@lin", unit="+1-2", role="-x", since="2026-01-01")
    result = lp.Result(
        payee="@lin", name="=1+1", assignment=held, part=lp.Period.month(2026, 3), appraisal=appraisal, award=None
    )
    (row,) = csv.DictReader(io.StringIO(csv_text([result])))

    assert ["'@lin", "'=1+1", "'+1-2", "'-x"] == [row[name] for name in ("payee", "name", "unit", "role")]
    # A negative number is a number: 60 + 30 × (2 − 20/3) + 21.2.
    assert "-140.0" == row["npl_ratio points"]


# ── schemes ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", lp.schemes.TEMPLATES)
def test_every_template_is_printed_and_checked(name: str, tmp_path: Path) -> None:
    """What is printed is a scheme that passes, to start from."""
    printed = loanperf("template", name).stdout
    tmp_path.joinpath("scheme.toml").write_text(printed, encoding="utf-8")

    assert "#:schema" not in printed  # the schema is not beside a user's file
    assert lp.template(name) == lp.read_scheme(tmp_path / "scheme.toml")
    assert 0 == loanperf("check", str(tmp_path / "scheme.toml")).exit_code
    assert name in loanperf("template").stdout


CHOICES = {
    "npl_ratio": {"written_off": "excluded", "rescheduled": "as classified"},
    "overdue_ratio": {"basis": "balance"},
    "disbursed_amount": {"cancelled": "netted"},
    "customer_count": {"counted": "at end"},
    "cross_sell_rate": {"counted": "two or more"},
    "contribution_per_customer": {"counted": "in period"},
}
"""What lenders define in different ways, with the default of the catalogue."""


@pytest.mark.parametrize("name", [name for name in lp.schemes.TEMPLATES if lp.template(name).profiles])
def test_every_template_states_its_choices(name: str) -> None:
    """Whether written-off loans count is for the lender to decide, and not to be found out after the first payday."""
    written = tomllib.loads(lp.schemes.template_text(name))
    weights = [written["profiles"]["standard"]["weights"]]
    weights += [phase["weights"]["standard"] for phase in written.get("phases", {}).values()]
    weighed = {code for each in weights for code in each}
    options = {code: entry["options"] for code, entry in written.get("indicators", {}).items() if "options" in entry}

    assert {code: choice for code, choice in CHOICES.items() if code in weighed} == options
    declared = {code: entry for code, entry in written.get("indicators", {}).items() if code not in options}
    bare = json.dumps(written | {"indicators": declared}, default=str)
    march = lp.Period.month(2026, 3)
    stated, unstated = (found.resolve(period=march) for found in (lp.template(name), lp.parse_scheme(bare, "json")))
    assert [line.indicator for line in unstated.lines] == [line.indicator for line in stated.lines]


def test_check_warns_of_what_is_known_to_go_wrong(tmp_path: Path) -> None:
    """In the language that was asked for; a warning is no fault, so the code stays 0."""
    file = tmp_path / "s.toml"
    file.write_text(
        'name = "s"\ncurrency = "CNY"\neffective = 2026-01-01\n'
        '[scoring.default]\nplaces = 1\nrounding = "half even"\n'
        '[profiles.a.weights]\nloan_amount = "75%"\nnpl_ratio = "25%"\n',
        encoding="utf-8",
    )
    english, chinese = loanperf("check", str(file)), loanperf("check", str(file), "--lang", "zh-CN")

    assert (0, 0) == (english.exit_code, chinese.exit_code)
    assert "warning: $.profiles.a.weights (line 7, column 13): performance weighs 75%, more than 70%" in english.stdout
    assert "提示：$.profiles.a.weights（第 7 行第 13 列）：业绩类指标权重合计 75%" in chinese.stdout
    assert "warning" not in loanperf("check", "worked-example").stdout


def test_check_says_in_chinese_what_a_scheme_weighs() -> None:
    """Whoever reads Chinese alone reads the whole answer: names of indicators, and no English but codes."""
    said = loanperf("check", "worked-example", "--lang", "zh-CN").stdout.splitlines()
    version = lp.template("worked-example").fingerprint

    assert [
        f"公开示例：没有错误；版本 {version}，自 2026-01-01 起生效，币种 CNY",
        "  权重方案 standard：贷款额 50%，不良率 30%，客户留存率 20%",
    ] == said


def test_the_schema_is_that_of_the_library() -> None:
    """An editor is given the schema by one command."""
    assert lp.schemes.json_schema() == json.loads(loanperf("schema").stdout)


def test_the_version_is_printed() -> None:
    """The first question of whoever helps."""
    done = loanperf("--version")

    assert 0 == done.exit_code
    assert done.stdout.startswith("loanperf")
