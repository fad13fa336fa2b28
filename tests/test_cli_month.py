"""The command line over a month: run a folder or a database, approve, close, and write the statements."""

import csv
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, closing
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from tests.servers import file_with_tables
from typer.testing import CliRunner, Result

import loanperf as lp
from loanperf.adapters.memory import MemoryPayments, MemorySchemes
from loanperf.adapters.sql import Database
from loanperf.adapters.tables import Folder
from loanperf.archive import Archive
from loanperf.cli._commands import app
from loanperf.cli._ports import Options
from loanperf.cli._results import file_name
from loanperf.ports import FeedRow, Pulled

DEMO = Path(lp.__file__).parent / "demo"
MARCH = lp.Period.month(2026, 3)
SCHEME = """\
name = "branch pay"
title = { en = "Branch pay", zh = "支行绩效" }
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 36, share = "100%" }] }

[plans.sales.components.loans]
base = "disbursed"
curve = { bands = [["0元", "100万元", "0.5%"], ["100万元", "", "0.8%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }
"""
MAP = """\
[loans]
file = "放款明细.csv"

[loans.columns]
"合同号" = "loan"
"客户" = "customer"
"经理工号" = "officer"
"签约日" = "opened_on"
"放款日" = ""
"放款金额(万元)" = ""

[events]
file = "放款明细.csv"
always = { kind = "disbursed" }

[events.columns]
"合同号" = "loan"
"放款日" = "on"
"放款金额(万元)" = "amount"
"客户" = ""
"经理工号" = ""
"签约日" = ""

[assignments]
file = "岗位.csv"

[assignments.columns]
"工号" = "payee"
"任职日期" = "since"

[payees]
file = "员工.csv"
columns = { "工号" = "code" }
"""
FILES = {
    "放款明细.csv": (
        "合同号,客户,经理工号,签约日,放款日,放款金额(万元)\n"
        "HT-1,K1,W01,2026-03-02,2026-03-05,140\nHT-2,K2,W02,2026-03-09,2026-03-10,60.5\n"
    ),
    "岗位.csv": "工号,机构,岗位,任职日期\nW01,城东,客户经理,2025-01-01\nW02,城东,客户经理,2025-01-01\n",
    "员工.csv": "工号,姓名\nW01,林晓\nW02,陈明\n",
}
PAID = {"W01": Decimal("6560.00"), "W02": Decimal("2420.00")}
"""By hand: 100万 × 0.5% + 40万 × 0.8% = 8,200, and 60.5万 × 0.5% = 3,025; a fifth of each is held for three years."""
MONTH = ("--period", "2026-03")


def process(*arguments: str, folder: Path, code: str = "") -> subprocess.CompletedProcess[str]:
    """The command as a process, as users start it."""
    program = ["-c", code] if code else ["-m", "loanperf"]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        env=os.environ | {"PYTHONPATH": str(Path(lp.__file__).parents[1])},
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def loanperf(*arguments: str | Path, folder: str | Path = ".") -> Result:
    """What the command does in a folder, without a process of its own."""
    with chdir(folder):
        return CliRunner().invoke(app, [str(argument) for argument in arguments])


def branch(folder: Path, encoding: str = "utf-8", **files: str) -> Path:
    """A folder as a lender's own systems fill it, with a map and a scheme beside the files."""
    folder.mkdir(exist_ok=True)
    for name, text in (FILES | files).items():
        folder.joinpath(name).write_bytes(text.encode(encoding))
    said = f'encoding = "{encoding}"\n\n{MAP}'
    folder.joinpath("loanperf.toml").write_text(said, encoding="utf-8")
    folder.joinpath("scheme.toml").write_text(SCHEME, encoding="utf-8")
    return folder


def rows_of(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file that Excel opens as UTF-8."""
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def posted(file: Path, scheme: str = "branch pay", company: str = "main") -> list[str]:
    """The lines of the ledger in a file."""
    database = Database.connect(f"sqlite:///{file}", company=company)
    try:
        return list(database.entries.read(f"{scheme}/ledger"))
    finally:
        database.close()


def paid(file: Path, company: str = "main") -> Mapping[str, Decimal]:
    """What the outbox of payments in a file comes to for each payee."""
    database = Database.connect(f"sqlite:///{file}", company=company)
    found = database.payments.paid()
    database.close()
    assert len({payment.payee for payment in found}) == len(found)
    return {payment.payee: payment.amount.amount for payment in found}


# ── a folder ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_crm_s_own_files_become_pay(tmp_path: Path, encoding: str) -> None:
    """From exports with Chinese headings to payments and statements, right to the fen, and nothing renamed by hand."""
    data = branch(tmp_path / "data", encoding)
    done = loanperf("run", "data", *MONTH, "--output", "pay", "--lang", "zh", folder=tmp_path)
    said = loanperf("statement", "data", *MONTH, "--payee", "W01", "--lang", "zh", folder=tmp_path)

    assert (0, "", 0, "") == (done.exit_code, done.stderr, said.exit_code, said.stderr)
    assert "支行绩效，2026-03" in done.stdout
    assert "已登记分录 6 条" in done.stdout
    assert PAID == paid(data / "loanperf.db")
    rows = rows_of(tmp_path / "pay" / "payments-2026-03.csv")
    assert [(who, str(amount), "CNY") for who, amount in PAID.items()] == [
        (row["员工"], row["金额"], row["币种"]) for row in rows
    ]
    assert ["林晓", "陈明"] == [row["姓名"] for row in rows_of(tmp_path / "pay" / "scores-2026-03.csv")]
    assert "预留风险金 1,640.00 元" in said.stdout
    assert "已发 6,560.00 元" in said.stdout


def test_windows_1252_with_decimal_commas_becomes_pay(tmp_path: Path) -> None:
    """A lender in Europe: letters, semicolons aside, amounts and days as its spreadsheet saved them."""
    files = {
        "loans.csv": "Vertrag,Kunde,Berater,Datum\nV1,K1,Müller,05.03.2026\n",
        "drawn.csv": 'Vertrag,Datum,Betrag\nV1,05.03.2026,"1.000.000,50"\n',
        "assignments.csv": "Berater,Filiale,Rolle,Seit\nMüller,Köln,officer,01.01.2025\n",
    }
    for name, text in files.items():
        tmp_path.joinpath(name).write_bytes(text.encode("windows-1252"))
    tmp_path.joinpath("loanperf.toml").write_text(
        """
[loans]
columns = { Vertrag = "loan", Kunde = "customer", Berater = "officer", Datum = "opened_on" }
days = { opened_on = "dd.mm.yyyy" }
[events]
file = "drawn.csv"
columns = { Vertrag = "loan", Datum = "on", Betrag = "amount" }
units = { amount = "EUR" }
decimals = { amount = "," }
days = { on = "dd.mm.yyyy" }
always = { kind = "disbursed" }
[assignments]
columns = { Berater = "payee", Filiale = "unit", Rolle = "role", Seit = "since" }
days = { since = "dd.mm.yyyy" }
""",
        encoding="utf-8",
    )
    scheme = 'name = "b"\ncurrency = "EUR"\neffective = 2026-01-01\n[plans.s]\nrounding = "half up"\n'
    tmp_path.joinpath("scheme.toml").write_text(f'{scheme}[plans.s.components.l]\nbase = "disbursed"\nrate = "1%"\n')
    done = loanperf("run", ".", *MONTH, "--encoding", "windows-1252", "--format", "csv", folder=tmp_path)

    # 1% of 1,000,000.50 is 10,000.005, half up.
    assert (0, "") == (done.exit_code, done.stderr)
    assert {"Müller": Decimal("10000.01")} == paid(tmp_path / "loanperf.db")
    assert "Müller" in done.stdout


def test_the_demo_branch_is_paid_what_the_library_pays_it(tmp_path: Path) -> None:
    """The command adds nothing and loses nothing: entries and payments are those of `lp.run` on the same facts."""
    data = Path(shutil.copytree(DEMO / "data", tmp_path / "data"))
    shutil.copy(DEMO / "scheme.toml", data)
    done = loanperf("run", "data", *MONTH, "--close", "--approve", "Wang", "--format", "json", folder=tmp_path)
    folder, other = Folder(DEMO / "data"), Database.connect(f"sqlite:///{tmp_path / 'other.db'}", company="main")
    other.upgrade()
    expected = lp.run(
        MARCH,
        facts=folder,
        people=folder,
        schemes=MemorySchemes(lp.read_scheme(DEMO / "scheme.toml"), folder.targets(MARCH)),
        payments=MemoryPayments(),
        keeping=lp.Keeping(entries=other.entries, close_by="Wang"),
    )
    other.close()
    found = json.loads(done.stdout)

    assert (0, "") == (done.exit_code, done.stderr)
    assert posted(tmp_path / "other.db", "riverside") == posted(data / "loanperf.db", "riverside")
    assert (True, False, len(expected.entries)) == (found["closed"], found["held"], found["entries"])
    assert {payment.key: str(payment.amount.amount) for payment in expected.payments} == {
        payment["key"]: payment["amount"] for payment in found["payments"]
    }
    assert "9105.30" == found["payments"][1]["amount"]  # E02, as test_cli.py works it by hand


def test_a_run_may_be_repeated(tmp_path: Path) -> None:
    """Whoever is not sure whether it went through runs it again: nothing is posted or paid twice."""
    data = branch(tmp_path)
    loanperf("run", data, *MONTH)
    before = posted(data / "loanperf.db")
    again = loanperf("run", data, *MONTH)

    assert (0, before, PAID) == (again.exit_code, posted(data / "loanperf.db"), paid(data / "loanperf.db"))
    assert f"Nothing new: all of it stands in {data / 'loanperf.db'}." in again.stdout


def test_the_next_month_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """What was paid in March is known in April, and only what is new is paid."""
    data = branch(tmp_path)
    loanperf("run", data, *MONTH, "--close")
    text = FILES["放款明细.csv"] + "HT-3,K3,W02,2026-04-01,2026-04-02,10\n"
    data.joinpath("放款明细.csv").write_text(text, encoding="utf-8")
    april = json.loads(loanperf("run", data, "--period", "2026-04", "--format", "json").stdout)

    # 10万 × 0.5% less a fifth.
    assert [("W02", "400.00")] == [(one["payee"], one["amount"]) for one in april["payments"]]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """Neither a first one nor one beside a ledger leaves a trace, and both say what would be posted."""
    data = branch(tmp_path)

    def files() -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in sorted(data.rglob("*"))}

    before = files()
    first = process("run", ".", *MONTH, "--dry-run", folder=data)
    assert (0, before) == (first.returncode, files())
    assert "6 entries would be posted" in first.stdout
    loanperf("run", data, *MONTH)
    before = files()
    again = loanperf("run", ".", *MONTH, "--dry-run", folder=data)
    assert (0, before) == (again.exit_code, files())
    assert "0 entries would be posted" in again.stdout


KILLED = """
import os, sys
from loanperf.adapters import sql

left = int(sys.argv.pop(1))


def deadly(method):
    def call(*arguments, **named):
        global left
        left -= 1
        if not left:
            os._exit(9)
        return method(*arguments, **named)

    return call


for port in (sql.SqlEntries, sql.SqlPayments):
    for name in ("append", "post", "pay"):
        if hasattr(port, name):
            setattr(port, name, deadly(getattr(port, name)))
from loanperf.cli import main

main()
"""


@pytest.mark.slow
def test_a_run_that_is_killed_anywhere_is_simply_run_again(tmp_path: Path) -> None:
    """The power fails before each of the writes in turn: the ledger and the payments come to the same."""
    whole = branch(tmp_path / "whole")
    loanperf("run", whole, *MONTH, "--approve", "Wang", "--close")
    codes = []
    for write in range(1, 20):
        data = branch(tmp_path / f"killed{write}")
        asked = ("run", ".", *MONTH, "--approve", "Wang", "--close")
        codes.append(process(str(write), *asked, folder=data, code=KILLED).returncode)
        again = loanperf("run", data, *MONTH, "--approve", "Wang", "--close")
        assert (0, posted(whole / "loanperf.db")) == (again.exit_code, posted(data / "loanperf.db"))
        assert PAID == paid(data / "loanperf.db")
        if not codes[-1]:
            break

    # Before the note of what finance said, the version of the scheme, the entries, the payments, the note of them, and
    # the closing.
    assert [9, 9, 9, 9, 9, 9, 0] == codes


@pytest.mark.slow
def test_two_runs_at_once_pay_once(tmp_path: Path) -> None:
    """A scheduler and a clerk start it in the same minute, from nothing."""
    data = branch(tmp_path)
    command = [sys.executable, "-m", "loanperf", "run", ".", *MONTH]
    environment = os.environ | {"PYTHONPATH": str(Path(lp.__file__).parents[1])}
    both = [
        subprocess.Popen(command, cwd=data, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(2)
    ]
    said = [one.communicate()[0].decode() for one in both]

    assert ([0, 0], 6, PAID) == (
        [one.returncode for one in both],
        len(posted(data / "loanperf.db")),
        paid(data / "loanperf.db"),
    ), said


# ── approval ────────────────────────────────────────────────────────────────────────────────────────────────


def spoiled(folder: Path) -> Path:
    """The branch with a row that cannot be read."""
    rows = FILES["放款明细.csv"] + "HT-3,K3,W02,2026-03-20,someday,10\n"
    return branch(folder, "utf-8", **{"放款明细.csv": rows})


def test_what_waits_for_approval_says_why_and_how_to_go_on(tmp_path: Path) -> None:
    """Nothing is paid over a row that nobody has looked at; the command that is printed does pay."""
    data = spoiled(tmp_path / "数据 2026")
    held = loanperf("run", str(data), *MONTH, folder=tmp_path)
    command = held.stderr.splitlines()[-1].strip()

    assert (1, []) == (held.exit_code, posted(data / "loanperf.db"))
    assert "Waits for approval; nothing was posted or paid:\n  - 1 of 10 rows could not be used\n" in held.stderr
    assert "放款明细.csv row 4, column 放款日: it is not a day as it can be written (found 'someday')" in held.stderr
    assert command.endswith("--period 2026-03 --approve WHO")
    program, *arguments = shlex.split(command.replace("WHO", "王"))
    assert ("python", ["-m", "loanperf", "run"]) == (program, arguments[:3])
    approved = loanperf(*arguments[2:], folder=tmp_path)
    assert (0, PAID) == (approved.exit_code, paid(data / "loanperf.db"))
    assert "Approved by 王." in approved.stdout


def test_who_approved_what_is_kept_once(tmp_path: Path) -> None:
    """An auditor asks a year later; a repeated run is no second approval."""
    data = spoiled(tmp_path)
    for _ in range(2):
        assert 0 == loanperf("run", data, *MONTH, "--approve", "Wang").exit_code
    database = Database.connect(f"sqlite:///{data / 'loanperf.db'}", company="main")
    (kept,) = Archive(database.entries, "branch pay").approvals()
    database.close()

    assert (lp.Period.month(2026, 3), "Wang", 10, 9) == (kept.period, kept.by, kept.rows, kept.used)


def test_a_dry_run_says_what_would_wait(tmp_path: Path) -> None:
    """The clerk sees it before the day of pay, in Chinese too."""
    data = spoiled(tmp_path)
    english, chinese = (loanperf("run", data, *MONTH, "--dry-run", "--lang", lang) for lang in ("en", "zh"))

    assert (1, 1) == (english.exit_code, chinese.exit_code)
    assert "Would wait for approval:\n  - 1 of 10 rows could not be used" in english.stderr
    assert "将需审批：\n  - 共 10 行，其中 1 行无法使用\n更正后重新运行；如确认可以不计，请审批：" in chinese.stderr


def test_approval_of_a_drawing_above_what_was_signed_is_asked_for_as_what_it_is(tmp_path: Path) -> None:
    """The row is not left out but paid for: whoever approves 140 万 drawn of a loan of 14 must not read otherwise."""
    (tmp_path / "scheme.toml").write_text(SCHEME, "utf-8")
    (tmp_path / "assignments.csv").write_text("payee,unit,role,since\nW01,east,officer,2025-01-01\n", "utf-8")
    loans = "loan,customer,officer,opened_on,amount\nHT-1,K1,W01,2026-03-02,14万元\n"
    (tmp_path / "loans.csv").write_text(loans, "utf-8")
    (tmp_path / "events.csv").write_text("loan,kind,on,amount\nHT-1,disbursed,2026-03-05,140万元\n", "utf-8")
    english, chinese = (loanperf("run", tmp_path, *MONTH, "--dry-run", "--lang", lang) for lang in ("en", "zh"))

    assert "1 of 3 rows are in doubt and count in scores and pay as they stand, the first: " in english.stderr
    assert "approve it to be paid as it stands" in english.stderr
    assert "could not be used" not in english.stderr
    assert "3 of 3 rows used" in english.stdout
    assert "存疑但仍按现值计入得分和薪酬" in chinese.stderr


def test_a_month_in_which_nothing_is_earned_says_so(tmp_path: Path) -> None:
    """A clerk who sees no line at all cannot tell a quiet month from a command that did nothing."""
    data = branch(tmp_path)
    assert 0 == loanperf("run", data, *MONTH).exit_code
    quiet = loanperf("run", data, "--period", "2026-04", "--dry-run")
    closed = loanperf("run", data, "--period", "2026-04", "--close")

    assert (0, 0, "", "") == (quiet.exit_code, closed.exit_code, quiet.stderr, closed.stderr)
    assert "Branch pay, 2026-04; version" in quiet.stdout
    assert "Dry run: nothing was posted or paid; 0 entries would be posted." in quiet.stdout
    assert "2026-04 is closed." in closed.stdout


def test_a_value_that_no_loan_has_is_told_and_the_month_is_worked(tmp_path: Path) -> None:
    """A product misspelled in the scheme is told in every month, in one in which nothing is earned too."""
    head, *rows = FILES["放款明细.csv"].splitlines()
    data = branch(tmp_path, **{"放款明细.csv": "\n".join([f"产品,{head}", *(f"mortgage,{row}" for row in rows)])})
    wrong = '[[plans.sales.components.loans.rates]]\nwhere = { product = "mortage" }\nrate = "1%"\n'
    (data / "scheme.toml").write_text(SCHEME + wrong, encoding="utf-8")
    (data / "loanperf.toml").write_text(MAP.replace('"签约日" = ""', '"签约日" = ""\n"产品" = ""'), encoding="utf-8")
    march, april = loanperf("run", data, *MONTH), loanperf("run", data, "--period", "2026-04", "--dry-run")

    assert (1, 1) == (march.exit_code, april.exit_code)
    for found in (march, april):
        assert 1 == found.stderr.count("no loan has this product")
        assert "(found 'mortage'); did you mean 'mortgage'? the facts have 'mortgage'" in found.stderr
        assert "approv" not in found.stderr
    assert "6560.00 CNY" in march.stdout
    assert "Dry run: nothing was posted or paid; 0 entries would be posted." in april.stdout


@pytest.mark.parametrize(
    "command",
    [("run", "--dry-run"), ("statement",), ("explain",), ("why", "--period", "2026-04")],
    ids=lambda command: command[0],
)
def test_a_name_in_place_of_a_code_is_answered_with_the_code(tmp_path: Path, command: tuple[str, ...]) -> None:
    """A clerk knows people by name; the code of the one who has it is W01. Of two of one name neither is guessed."""
    name, *more = command
    one = loanperf(name, branch(tmp_path / "one"), *MONTH, *more, "--payee", "林晓")
    same = FILES["员工.csv"].replace("陈明", "林晓")
    two = loanperf(name, branch(tmp_path / "two", **{"员工.csv": same}), *MONTH, *more, "--payee", "林晓")

    assert (2, "") == (one.exit_code, one.stdout)
    assert "--payee: it is a name, and no code (found '林晓'); did you mean 'W01' (林晓)?" in one.stderr
    assert "did you mean" not in two.stderr


def test_an_explanation_says_nothing_of_the_ledger_that_it_does_not_need(tmp_path: Path) -> None:
    """Who asks why a bonus is what it is has no fault to mend where the scheme has commission plans besides."""
    bonus = (
        '[targets]\ndisbursed_amount = "100万元"\n[profiles.all.weights]\ndisbursed_amount = "100%"\n'
        '[scoring.default]\nplaces = 1\nrounding = "half up"\n'
        '[bonus]\nunit = "share"\ncurve = [["0 point", "0%"], ["100 point", "100%"]]\nrounding = "half up"\n'
    )
    (tmp_path / "scheme.toml").write_text(SCHEME + bonus, "utf-8")
    staff = "payee,unit,role,since,base\nW01,east,officer,2025-01-01,1000元\n"
    (tmp_path / "assignments.csv").write_text(staff, "utf-8")
    loans = "loan,customer,officer,opened_on\nHT-1,K1,W01,2026-03-02\n"
    (tmp_path / "loans.csv").write_text(loans, "utf-8")
    (tmp_path / "events.csv").write_text("loan,kind,on,amount\nHT-1,disbursed,2026-03-05,140万元\n", "utf-8")
    found = loanperf("explain", tmp_path, *MONTH, "--payee", "W01")

    assert (0, "") == (found.exit_code, found.stderr)
    assert "bonus of W01 in 2026-03" in found.stdout


def test_a_period_with_somebody_blocked_is_not_closed(tmp_path: Path) -> None:
    """The others are paid when somebody approves; the period waits, and a script sees it by the code."""
    rows = FILES["岗位.csv"] + "W03,城东,客户经理,2026-99-01\n"
    drawn = FILES["放款明细.csv"] + "HT-3,K3,W03,2026-03-20,2026-03-21,10\n"
    data = branch(tmp_path, "utf-8", **{"岗位.csv": rows, "放款明细.csv": drawn})
    done = loanperf("run", data, *MONTH, "--approve", "Wang", "--close")

    assert (1, PAID) == (done.exit_code, paid(data / "loanperf.db"))
    assert "2026-03 stays open: 1 payee(s) could not be worked." in done.stdout


def test_a_closed_period_gets_nothing_more(tmp_path: Path) -> None:
    """Who closed it is in the ledger; what comes late goes into the next period."""
    data = branch(tmp_path)
    assert "2026-03 is closed." in loanperf("run", data, *MONTH, "--close", "--approve", "Wang").stdout
    late = FILES["放款明细.csv"] + "HT-9,K9,W01,2026-03-20,2026-03-21,10\n"
    data.joinpath("放款明细.csv").write_text(late, encoding="utf-8")
    again = loanperf("run", data, *MONTH)

    assert (0, PAID) == (again.exit_code, paid(data / "loanperf.db"))
    assert '"by":"Wang"' in posted(data / "loanperf.db")[-1].replace(" ", "")
    assert "2026-03 is closed." in again.stdout


@pytest.mark.parametrize("who", [" ", "\t", "Wang\x1b[2J"])
def test_an_approval_names_somebody(tmp_path: Path, who: str) -> None:
    """A blank in a script's variable is nobody: the run is refused, and not approved."""
    data = spoiled(tmp_path)

    assert 2 == loanperf("run", data, *MONTH, "--approve", who).exit_code
    assert not data.joinpath("loanperf.db").exists()


def test_a_program_sees_what_was_posted_and_what_only_would_be(tmp_path: Path) -> None:
    """The payments in the JSON of a dry run, or of one that waits, were paid to nobody, and it says so."""
    data = spoiled(tmp_path)
    said = []
    for more in (["--dry-run"], [], ["--approve", "Wang"]):
        found = json.loads(loanperf("run", data, *MONTH, "--format", "json", *more).stdout)
        said.append([found[name] for name in ("dry_run", "held", "entries")])
        assert [str(amount) for amount in PAID.values()] == [payment["amount"] for payment in found["payments"]]

    assert [[True, False, 6], [False, True, 6], [False, False, 6]] == said


WITHOUT_SQL = """
import importlib.util as util

found = util.find_spec
util.find_spec = lambda name, package=None: None if name == "sqlalchemy" else found(name, package)
from loanperf.cli import main

main()
"""


@pytest.mark.slow
def test_what_a_ledger_needs_is_named_and_a_dry_run_needs_it_not(tmp_path: Path) -> None:
    """Whoever installed the command alone can look at the month, and is told what to install to run it."""
    data = branch(tmp_path)
    run, dry = (process("run", ".", *MONTH, *more, folder=data, code=WITHOUT_SQL) for more in ([], ["--dry-run"]))

    assert (2, 0) == (run.returncode, dry.returncode)
    assert 'error: sqlalchemy is not installed; run: python -m pip install "loanperf[sql]"\n' == run.stderr
    assert "6 entries would be posted" in dry.stdout


# ── a database ──────────────────────────────────────────────────────────────────────────────────────────────


def filled(file: Path) -> str:
    """A database with the same branch in it, and its URL."""
    url = file_with_tables(file)
    database = Database.connect(url, company="north")
    held = [lp.Assignment(payee=who, unit="east", role="officer", since="2025-01-01") for who in PAID]
    database.people.keep(lp.Organisation(assignments=held, payees=[lp.Payee(code="W01", name="林晓")]))
    database.schemes.publish(lp.SchemeBook([lp.parse_scheme(SCHEME)]))
    said: list[lp.Loan | lp.LoanEvent] = []
    for loan, who, on, amount in (("1", "W01", "2026-03-05", "140万元"), ("2", "W02", "2026-03-10", "60.5万元")):
        said.append(lp.Loan(loan=loan, customer=loan, officer=who, opened_on=on))
        said.append(lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=amount))
    rows = [FeedRow(row=str(number), revision=1, says=fact) for number, fact in enumerate(said)]
    database.facts.take("crm", Pulled(rows=rows, cursor="1"))
    database.close()
    return url


def test_a_month_runs_over_a_database(tmp_path: Path) -> None:
    """Facts, people, schemes, ledger and payments of one company in one place, and no folder at all."""
    url = filled(tmp_path / "pay.db")
    done = loanperf("run", url, "--company", "north", *MONTH, folder=tmp_path)
    said = loanperf("statement", url, "--company", "north", *MONTH, "--payee", "W02", folder=tmp_path)

    assert (0, "", PAID) == (done.exit_code, done.stderr, paid(tmp_path / "pay.db", "north"))
    assert f"6 entries posted in {url}." in done.stdout
    assert "paid 2420.00 CNY" in said.stdout
    assert ["pay.db"] == sorted(file.name for file in tmp_path.iterdir())


def test_the_ledger_of_a_folder_may_be_kept_elsewhere(tmp_path: Path) -> None:
    """In a file, or in the database that finance reads: beside the data nothing is written then."""
    data = branch(tmp_path / "data")
    before = sorted(file.name for file in data.iterdir())
    for place in (str(tmp_path / "pay.db"), f"sqlite:///{tmp_path / 'other.db'}"):
        assert 0 == loanperf("run", data, *MONTH, "--ledger", place, "--company", "north").exit_code
        assert 0 == loanperf("statement", data, *MONTH, "--ledger", place, "--company", "north").exit_code

    assert before == sorted(file.name for file in data.iterdir())
    assert [PAID, PAID] == [paid(tmp_path / name, "north") for name in ("pay.db", "other.db")]


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """A slip in the name of the ledger must not make tables in somebody's CRM."""
    data, other = branch(tmp_path / "data"), tmp_path / "crm.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    before = other.read_bytes()
    for more in ([], ["--dry-run"]):
        done = loanperf("run", data, *MONTH, "--ledger", other, *more)
        assert 2 == done.exit_code
        assert "crm.db: it is there, and is no ledger; name another file by --ledger" in done.stderr
    assert before == other.read_bytes()


def test_a_password_is_never_printed() -> None:
    """What is printed to go on with may be pasted into a mail; a SQLite file has no password."""
    secret = Options(data="postgresql://pay:s3cret@db/pay", company="north")
    plain = Options(data="data", schemes=["a b.toml"], ledger="postgresql://pay:s3cret@db/pay")

    assert "python -m loanperf run URL --company north --period 2026-03" == secret.again("run", *MONTH)
    assert "python -m loanperf run data --scheme 'a b.toml' --ledger URL" == plain.again("run")
    assert ("URL", "URL") == (secret.kept_in, plain.kept_in)


# ── statements ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_statement_names_people_and_says_what_earned_each_line(tmp_path: Path) -> None:
    """Of a ledger that was read back too: who, and by which tiers, in the payee's language."""
    data = branch(tmp_path)
    loanperf("run", data, *MONTH)
    said = loanperf("statement", data, *MONTH, "--payee", "W02", "--lang", "zh").stdout
    page = loanperf("statement", data, *MONTH, "--payee", "W02", "--format", "html").stdout

    assert "陈明（W02） 2026-03 绩效结算单" in said
    assert "放款：本期累计额 605,000，档次 0 起 0.5%；605,000 × 0.5% = 3,025" in said
    assert "<td>disbursed: amount of the period 605000, tier 0.5% from 0; 605000 × 0.5% = 3025</td>" in page


def test_statements_of_all_go_into_a_folder(tmp_path: Path) -> None:
    """A workbook for each payee, under a code and period; amounts are numbers in it, and the name is the payee's."""
    data = branch(tmp_path / "data")
    loanperf("run", data, *MONTH)
    done = loanperf("statement", data, *MONTH, "--format", "xlsx", "--output", tmp_path / "out", "--lang", "zh")
    sheet = CalamineWorkbook.from_path(tmp_path / "out" / "W01-2026-03.xlsx").get_sheet_by_index(0).to_python()

    assert (0, "") == (done.exit_code, done.stderr)
    assert ["W01-2026-03.xlsx", "W02-2026-03.xlsx"] == sorted(file.name for file in (tmp_path / "out").iterdir())
    assert "林晓，2026-03" == sheet[0][0]
    assert [0.0, 1640.0, 6560.0, 8200.0] == sorted({cell for row in sheet for cell in row if isinstance(cell, float)})


@pytest.mark.parametrize(
    ("suffix", "said"), [("txt", "held 1640.00 CNY"), ("html", "1640.00 CNY"), ("json", "1640.00")]
)
def test_a_statement_goes_into_a_file_of_the_kind_that_its_name_says(tmp_path: Path, suffix: str, said: str) -> None:
    """One to send to one; what is printed is the same."""
    data = branch(tmp_path / "data")
    loanperf("run", data, *MONTH)
    asked = ("statement", data, *MONTH, "--payee", "W01")
    file = tmp_path / "new" / f"W01.{suffix}"
    kind = "text" if suffix == "txt" else suffix

    assert 0 == loanperf(*asked, "--output", file).exit_code
    assert said in file.read_text(encoding="utf-8")
    assert loanperf(*asked, "--format", kind).stdout == file.read_text(encoding="utf-8")


def test_a_statement_of_a_closed_period_still_says_what_is_to_come(tmp_path: Path) -> None:
    """Three years after March the fifth that is held is released: the payee reads the day, closed or not."""
    data = branch(tmp_path)
    loanperf("run", data, *MONTH)
    before = loanperf("statement", data, *MONTH).stdout
    loanperf("run", data, *MONTH, "--close")

    assert "1640.00 CNY held of 2026-03" in before
    assert before == loanperf("statement", data, *MONTH).stdout


def test_who_has_commissions_alone_is_shown_and_sent_to_the_statement(tmp_path: Path) -> None:
    """A scheme without weight profiles scores nobody: that is no reason to say that somebody has no assignment."""
    data = branch(tmp_path)
    shown = loanperf("run", data, *MONTH, "--dry-run", "--payee", "W01")
    asked = loanperf("explain", data, *MONTH, "--payee", "W01")

    assert (0, True, False) == (shown.exit_code, "6560.00 CNY" in shown.stdout, "2420.00 CNY" in shown.stdout)
    assert (2, "") == (asked.exit_code, asked.stdout)
    assert (
        "it has no weight profiles, so that nobody has a score or bonus; look at `loanperf statement`" in asked.stderr
    )
    assert 2 == loanperf("run", data, *MONTH, "--dry-run", "--payee", "W99").exit_code


@pytest.mark.parametrize("text", ["2026年3月", "2026/3", "2026-3"])
def test_a_period_that_is_typed_in_another_way_is_told_how_to_be_typed(tmp_path: Path, text: str) -> None:
    """As an option, and as a cell of a table: whoever types the month as the bank writes it reads the form to use."""
    data = branch(tmp_path)
    data.joinpath("targets.csv").write_text(
        f"payee,indicator,value,period\nW01,loan_amount,1万元,{text}\n", encoding="utf-8"
    )
    for said in (
        loanperf("run", data, "--period", text, "--dry-run").stderr,
        loanperf("run", data, *MONTH, "--dry-run").stderr,
    ):
        assert "its form is unknown" in said
        assert "write 2026-03; a period is written as 2026-03 or 2026-Q1" in " ".join(said.split())


def test_a_statement_says_what_is_wrong_with_its_call(tmp_path: Path) -> None:
    """Each slip is code 2, with what would be right."""
    data = branch(tmp_path)
    wanted = "run the period first: python -m loanperf run"
    assert wanted in loanperf("statement", data, *MONTH).stderr
    in_chinese = " ".join(loanperf("statement", data, *MONTH, "--lang", "zh").stderr.split())
    assert "请先核算该期间：python -m loanperf run" in in_chinese
    assert in_chinese.endswith("--lang zh")
    loanperf("run", data, *MONTH)
    quarter = loanperf("statement", data, "--period", "2026-Q1").stderr
    assert "nothing is posted for 2026-Q1; name a period of the ledger, such as 2026-03" in quarter
    for more, said in (
        (["--payee", "W99"], "'W99'"),
        (["--format", "xlsx"], "a workbook needs --output"),
        (["--format", "html", "--output", "a.json"], "the file is .json; leave one out"),
        (["--output", "a.pdf"], "files of kind '.pdf' are not written; name .txt, .html, .xlsx, .json"),
        (["--output", tmp_path / "all.xlsx"], "a workbook holds one statement, and there are 2; name a folder"),
        (["--output", tmp_path / "scheme.toml" / "x"], "it can be no folder"),
    ):
        done = loanperf("statement", data, *MONTH, *more)
        assert (2, "") == (done.exit_code, done.stdout)
        assert said in " ".join(done.stderr.replace("│", " ").split())


def test_codes_are_no_paths() -> None:
    """A payee whose code has a slash, or is two dots, has a statement in the folder that was named, nowhere else."""
    assert ["E01", "a%2Fb", "%2E%2E", "C%3A%5Cx", "客户 1", "%20"] == [
        file_name(code) for code in ("E01", "a/b", "..", "C:\\x", "客户 1", " ")
    ]


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_is_written_as_the_file_is_named(tmp_path: Path) -> None:
    """CSV for Excel, JSON for programs, a workbook to send on: each whole, the same amounts in all."""
    data = branch(tmp_path / "data")
    for name in ("pay.csv", "pay.json", "pay.xlsx"):
        assert 0 == loanperf("run", data, *MONTH, "--output", tmp_path / name).exit_code
    sheet = CalamineWorkbook.from_path(tmp_path / "pay.xlsx").get_sheet_by_name("payments").to_python()

    expected = sorted(PAID.values())
    assert expected == sorted(Decimal(row["paid"]) for row in rows_of(tmp_path / "pay.csv"))
    found = json.loads(tmp_path.joinpath("pay.json").read_text(encoding="utf-8"))
    assert expected == sorted(Decimal(payment["amount"]) for payment in found["payments"])
    assert [float(amount) for amount in expected] == sorted(row[2] for row in sheet[1:-1])
    assert [] == [file.name for file in tmp_path.iterdir() if file.name.startswith(".")]


def test_what_cannot_be_written_is_told_before_anybody_is_paid(tmp_path: Path) -> None:
    """A run that pays and then fails at its list would be taken for one that failed."""
    data = branch(tmp_path / "data")
    tmp_path.joinpath("there.csv").write_text("mine", encoding="utf-8")
    for more in (
        ["--output", "a.pdf"],
        ["--output", tmp_path / "there.csv" / "x"],
        ["--refused", tmp_path / "there.csv"],
    ):
        assert 2 == loanperf("run", data, *MONTH, *more).exit_code

    assert not data.joinpath("loanperf.db").exists()
    assert "mine" == tmp_path.joinpath("there.csv").read_text(encoding="utf-8")


# ── wrong maps ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"合同号" = "loan"', '"合同编码" = "loan"', "there is no heading '合同编码', which is mapped"),
        ('"放款日" = ""', '"放款日" = "opened_on"', "the column 'opened_on' is mapped from '签约日' and '放款日'"),
        ("always =", "units = { amount = '万圆' }\nalways =", "'万圆' is no known unit; declare 元, 分"),
    ],
)
def test_a_wrong_map_is_code_2_and_pays_nobody(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Ten thousand times too much is one slip in a map away: it is refused with its place, and without a traceback."""
    data = branch(tmp_path)
    file = data / "loanperf.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    done, chinese = (loanperf("run", ".", *MONTH, "--lang", lang, folder=data) for lang in ("en", "zh"))

    assert (2, "") == (done.exit_code, done.stdout) == (chinese.exit_code, chinese.stdout)
    assert not data.joinpath("loanperf.db").exists() or not posted(data / "loanperf.db")
    assert said in done.stderr
    assert chinese.stderr.startswith("错误：")
    assert said not in chinese.stderr
    assert "Traceback" not in done.stderr + chinese.stderr


def test_the_help_has_calls_to_copy() -> None:
    """Whoever forgets an option finds a whole call, not a list of words."""
    for command in ("run", "statement", "explain"):
        said = loanperf(command, "--help").stdout
        assert f"  loanperf {command} data --period 2026-03" in said
        assert "  2    wrong usage, or input that cannot be used" in said


# ── verify ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_kept_is_verified_at_the_command_line(tmp_path: Path) -> None:
    """A night's job sees it by the exit code: 0 where all fits, 1 where something does not, and where."""
    data, heads = spoiled(tmp_path), tmp_path / "heads.json"
    assert 2 == loanperf("verify", data).exit_code
    assert 0 == loanperf("run", data, *MONTH, "--approve", "Wang").exit_code
    done = loanperf("verify", data, "--heads-to", heads)
    assert (0, "records fit\n") == (done.exit_code, done.stdout.partition(" ")[2])
    assert "条记录均相符" in loanperf("verify", data, "--heads", heads, "--lang", "zh").stdout

    with closing(sqlite3.connect(data / "loanperf.db")) as connection, connection:
        connection.execute("UPDATE entries SET amount_units = amount_units + 1 WHERE version = 1")
    done = loanperf("verify", data, "--heads", heads)
    assert 1 == done.exit_code
    assert "stream 'branch pay/ledger', records 1 to " in done.stderr
    assert "与封签时的内容不符" in loanperf("verify", data, "--lang", "zh").stderr


def test_balances_of_finance_are_verified_at_the_command_line(tmp_path: Path) -> None:
    """A file of finance, with a column of schemes or without: 0 where all agrees, 1 where a balance does not."""
    data, file = spoiled(tmp_path), tmp_path / "balances.csv"
    assert 0 == loanperf("run", data, *MONTH, "--approve", "Wang").exit_code
    with closing(sqlite3.connect(data / "loanperf.db")) as connection:
        of_one = "SELECT payee, sum(amount_units) FROM entries WHERE kind = 'paid' GROUP BY payee LIMIT 1"
        payee, units = connection.execute(of_one).fetchone()
    paid = lp.Money.from_units(units, "CNY")
    for heading, cells in (("", ""), ("scheme,", "branch pay,")):
        file.write_text(f"{heading}payee,through,held,paid\n{cells}{payee},2026-03,,{paid}\n", encoding="utf-8-sig")
        assert 0 == loanperf("verify", data, "--balances", file).exit_code
    file.write_text(f"payee,through,paid\n{payee},2026-03,1 元\n", encoding="utf-8")
    done = loanperf("verify", data, "--balances", file)
    assert (1, True) == (done.exit_code, f"paid is {paid}, and finance says 1.00 CNY" in done.stderr)
    for text, said in (
        ("payee,through,amount\n", "it has a column 'amount'; use scheme, payee, through, due, held, owed, paid"),
        ("payee,through,paid\nlin,2026-03\n", "row 2: it has more or fewer cells"),
        ("payee,through,paid\nlin,2026-03,1,2\n", "row 2: it has more or fewer cells"),
        ("payee,through,paid\nlin,2026-03,1\n", "row 2: a balance: "),
        ("payee,paid\nlin,1 元\n", "row 2: "),
        ("scheme,payee,through,paid\nnorth,lin,2026-03,1 元\n", "some are of 'north', which has no ledger here"),
    ):
        file.write_text(text, encoding="utf-8")
        done = loanperf("verify", data, "--balances", file)
        assert (2, True) == (done.exit_code, said in done.stderr), done.stderr
    file.write_bytes(b"\xff\xfe")
    assert 2 == loanperf("verify", data, "--balances", file).exit_code
    assert 2 == loanperf("verify", data, "--balances", tmp_path / "none.csv").exit_code


@pytest.mark.parametrize(
    "said",
    [
        "{}",
        "[" * 100_000,
        "[1]",
        '[{"stream": "a", "version": true, "seal": "x"}]',
        "[]",
        '[{"stream": "\\ud800", "version": 1, "seal": "x"}]',
        '[{"stream": "a", "version": 1, "seal": "\\ud800"}]',
        '[{"stream": "a", "version": 0, "seal": "x"}]',
    ],
)
def test_what_is_no_file_of_heads_is_refused(tmp_path: Path, said: str) -> None:
    """In a sentence, before anything is looked at."""
    heads = tmp_path / "heads.json"
    heads.write_text(said)
    done = loanperf("verify", tmp_path, "--heads", heads)
    assert (2, "") == (done.exit_code, done.stdout)
    assert "head" in done.stderr
    assert "there is no ledger" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_night_the_heads_to_read_are_those_to_be_written(tmp_path: Path) -> None:
    """One command for every night; another file that is not there is a mistake."""
    data, heads = spoiled(tmp_path), tmp_path / "heads.json"
    assert 0 == loanperf("run", data, *MONTH, "--approve", "Wang").exit_code
    nightly = ("verify", data, "--heads", heads, "--heads-to", heads)
    first = loanperf(*nightly, "--lang", "zh")
    assert 0 == first.exit_code
    assert "尚不存在：仅核对封签" in first.stderr
    second = loanperf(*nightly)
    assert (0, "") == (second.exit_code, second.stderr)
    other = loanperf("verify", data, "--heads", tmp_path / "nothing.json", "--heads-to", heads)
    assert 2 == other.exit_code
    assert "nothing.json" in other.stderr


def test_that_nothing_is_kept_is_not_taken_for_what_fits(tmp_path: Path) -> None:
    """A company of which there is nothing, and a file that is not there, which is not made."""
    data = spoiled(tmp_path)
    assert 0 == loanperf("run", data, *MONTH, "--approve", "Wang").exit_code
    url = f"sqlite:///{data / 'loanperf.db'}"
    assert 0 == loanperf("verify", url, "--company", "main").exit_code
    done = loanperf("verify", url, "--company", "south")
    assert (2, "") == (done.exit_code, done.stdout)
    assert "nothing is kept there of company 'south'" in done.stderr
    for call in (
        ("verify", f"sqlite:///{tmp_path / 'pya.db'}", "--company", "main"),
        ("verify", data, "--ledger", f"sqlite:///{tmp_path / 'pya.db'}"),
    ):
        done = loanperf(*call)
        assert (2, "") == (done.exit_code, done.stdout)
        assert "there is no such file" in done.stderr
        assert not (tmp_path / "pya.db").exists()
