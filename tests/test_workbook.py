"""Workbooks to send on: typed cells that say what was paid to the last fen, and nothing that a program would run."""

import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from python_calamine import CalamineWorkbook

import loanperf as lp
from loanperf.adapters import workbook
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.adapters.workbook import write_overview, write_statement
from loanperf.errors import DataError, MissingExtraError, Problem

MARCH = lp.Period.month(2026, 3)
EVIL = '=HYPERLINK("http://evil","x")'


def overview(*payees: lp.Payee, salary: str = "8000 元") -> lp.Run:
    """A run of the published example for some payees: 121.2 points, and 8169.60 yuan of a salary of 8,000."""
    values = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    readings = [
        lp.Reading.of(code, value, subject=payee.code, period=MARCH)
        for payee in payees
        for code, value in values.items()
    ]
    held = [
        lp.Assignment(payee=payee.code, unit=f"unit {place % 2}", role="senior", since="2025-01-01", salary=salary)
        for place, payee in enumerate(payees)
    ]
    return lp.run(
        MARCH,
        facts=MemoryFacts(supplied=readings),
        people=MemoryPeople(lp.Organisation(assignments=held, payees=payees)),
        schemes=MemorySchemes(lp.template("worked-example")),
    )


def cells(path: Path, sheet: str) -> list[list[Any]]:
    """What another program reads."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def parts(path: Path) -> dict[str, str]:
    """The parts of a workbook, as text."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def posted() -> tuple[lp.Ledger, lp.Statement]:
    """A ledger with a bonus by hand and its payment, and the statement of it."""
    said = {"by": "chen", "why": "typo", "evidence": "HR-17"}
    ledger = lp.Ledger()
    entry = lp.overrule(ledger, "x", lp.Money.of("1234.50 元"), period=MARCH, payee="lin", **said)
    ledger = ledger.append([entry])
    ledger = ledger.append(lp.pay(ledger, period=MARCH, rules=lp.schemes.PayRules()).entries)
    return ledger, lp.statement(ledger, "lin", MARCH)


def test_an_overview_says_scores_and_pay_in_typed_cells(tmp_path: Path) -> None:
    """By hand: two people of one score, each in a unit; totals by unit and in all, as numbers and not as text."""
    path = tmp_path / "overview.xlsx"
    write_overview(overview(lp.Payee(code="lin", name="林"), lp.Payee(code="wu")), path)
    found = cells(path, "overview")

    first, last = date(2026, 3, 1), date(2026, 3, 31)
    assert "overview, 2026-03" == found[0][0]
    assert ["unit", "payee", "name", "role", "from", "to", "score", "grade", "bonus", "paid"] == found[2]
    assert ["unit 0", "lin", "林", "senior", first, last, 121.2, "", 8169.6, 8169.6] == found[3]
    assert ["unit 0", "total", 8169.6] == [cell for cell in found[4] if cell != ""]
    assert "wu" == found[5][1]
    assert [["total", 16339.2], ["total", 16339.2]] == [[cell for cell in row if cell != ""] for row in found[7:9]]
    assert [8, 9] == [place for row in found[7:9] for place, cell in enumerate(row) if cell == 16339.2]

    points = cells(path, "points")
    assert ["lin", "林", "loan amount", 1.2, 0.5, 60] == [points[1][place] for place in (0, 1, 2, 5, 6, 7)]
    assert ["1200000 CNY", "1000000 CNY"] == [cell.replace(",", "") for cell in points[1][3:5]]
    assert [["worked example/2026-03/lin", "lin", 8169.6], ["worked example/2026-03/wu", "wu", 8169.6]] == cells(
        path, "payments"
    )[1:3]


def test_an_overview_says_what_could_not_be_used(tmp_path: Path) -> None:
    """A clerk who sends it on must see that rows are missing."""
    path = tmp_path / "overview.xlsx"
    run = evolve(
        overview(lp.Payee(code="lin")),
        problems=(Problem("loans.csv row 7", "it is torn", EVIL, "mend it"),),
        rows=9,
        used=8,
    )
    write_overview(run, path)
    found = cells(path, "problems")
    assert "8 of 9 rows used" == found[0][0]
    assert ["loans.csv row 7", "it is torn", f"'{EVIL}", "mend it"] == found[3]


def test_a_statement_says_every_entry_and_the_balances(tmp_path: Path) -> None:
    """In Chinese: set to 1,234.50 by hand and paid; nothing is due afterwards."""
    path = tmp_path / "statement.xlsx"
    write_statement(posted()[1], path, name="林", language="zh")
    found = cells(path, "结算单")

    assert "林，2026-03" == found[0][0]
    assert ["", "应得", "应发", "预留风险金", "待扣回", "已发"] == found[2][:6]
    assert ["期初", 0, 0, 0, 0, 0] == found[3][:6]
    assert ["期末", 1234.5, 0, 0, 0, 1234.5] == found[4][:6]
    assert ["日期", "分录", "方案", "项目", "贷款", "版本", "金额", "原因"] == found[6]
    assert [date(2026, 3, 31), "人工调整", 1234.5] == [found[7][place] for place in (0, 1, 6)]
    assert ["合计", "发放", 1234.5] == [cell for cell in found[10] if cell != ""]


def test_no_text_is_a_formula_a_number_or_a_link(tmp_path: Path) -> None:
    """A customer's name that begins with an equals sign must not run on the clerk's machine."""
    path = tmp_path / "overview.xlsx"
    names = (EVIL, "+1+1", "-1", "@SUM(A1)", "http://evil", "0012", "1e5", "\t=1", "TRUE")
    write_overview(overview(*(lp.Payee(code=f"p{place}", name=name) for place, name in enumerate(names))), path)
    everything = parts(path)

    assert not [name for name, text in everything.items() if re.search(r"<f[ >]|<hyperlink", text)]
    said = {f"'{EVIL}", "'+1+1", "-1", "'@SUM(A1)", "http://evil", "0012", "1e5", "TRUE"}
    assert said <= {row[2] for row in cells(path, "overview")[3:]}
    assert not [name for name in everything if "vba" in name.lower() or "external" in name.lower()]


def test_the_heading_stays_in_sight_and_is_printed_on_every_page(tmp_path: Path) -> None:
    """Columns are as wide as their text, a Chinese character taking two; A4, page numbers, a filter."""
    path = tmp_path / "overview.xlsx"
    write_overview(overview(lp.Payee(code="lin", name="很长的名字很长的名字")), path, language="zh")
    everything = parts(path)
    sheet = everything["xl/worksheets/sheet1.xml"]

    assert 'ySplit="3"' in sheet
    assert 'state="frozen"' in sheet
    assert '<col min="3" max="3" width="22.7109375"' in sheet
    assert 'paperSize="9"' in sheet
    assert "&amp;P / &amp;N" in sheet
    assert "<autoFilter" in sheet
    assert "Print_Titles" in everything["xl/workbook.xml"]
    assert "#,##0.00 &quot;CNY&quot;" in everything["xl/styles.xml"]
    assert "yyyy\\-mm\\-dd" in everything["xl/styles.xml"] or "yyyy-mm-dd" in everything["xl/styles.xml"]


@pytest.mark.parametrize(
    ("amount", "form"),
    [("5 JPY", '#,##0 "JPY"'), ("1.234 KWD", '#,##0.000 "KWD"'), ("-1.5 USD", '#,##0.00 "USD"')],
)
def test_each_currency_has_its_own_places(tmp_path: Path, amount: str, form: str) -> None:
    """Yen have none, dinars three."""
    path = tmp_path / "statement.xlsx"
    statement = posted()[1]
    money = lp.Money.of(amount)
    zero = lp.Money.from_units(0, money.currency)
    account = evolve(statement.after, entitled=money, due=zero, held=zero, owed=zero, paid=money)
    write_statement(evolve(statement, after=account, before=account, entries=()), path)
    assert float(money.exact) == cells(path, "statement")[4][1]
    assert form.replace('"', "&quot;") in parts(path)["xl/styles.xml"]


def test_an_amount_that_a_cell_would_change_is_text_and_says_so(tmp_path: Path) -> None:
    """A number of Excel keeps 15 digits: the 17th would be paid wrongly by whoever types it in."""
    path = tmp_path / "statement.xlsx"
    statement = posted()[1]
    huge = lp.Money.from_units(123_456_789_012_345_67, "CNY")
    write_statement(evolve(statement, after=evolve(statement.after, entitled=huge, held=huge)), path)
    assert "123456789012345.67 CNY" == cells(path, "statement")[4][1]
    assert "a cell of Excel keeps 15 digits" in parts(path)["xl/comments1.xml"]


def test_the_same_run_gives_the_same_file(tmp_path: Path) -> None:
    """So that a file can be compared with the one that was sent."""
    run = overview(lp.Payee(code="lin"))
    for name in ("a.xlsx", "b.xlsx"):
        write_overview(run, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_an_empty_run_and_an_empty_statement_have_their_headings(tmp_path: Path) -> None:
    """A branch without people is no error."""
    run = evolve(overview(lp.Payee(code="lin")), results=(), payments=())
    write_overview(run, tmp_path / "a.xlsx")
    assert 3 == len(cells(tmp_path / "a.xlsx", "overview"))
    people = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="e", role="o", since="2026-01-01")])
    write_statement(lp.statement(lp.Ledger(), "lin", MARCH, currency="CNY", organisation=people), tmp_path / "b.xlsx")
    assert "lin, 2026-03" == cells(tmp_path / "b.xlsx", "statement")[0][0]


def test_two_currencies_are_never_summed(tmp_path: Path) -> None:
    """A total for each."""
    path = tmp_path / "overview.xlsx"
    run = overview(lp.Payee(code="lin"))
    (payment,) = run.payments
    write_overview(evolve(run, payments=(payment, evolve(payment, amount=lp.Money.of("1 USD")))), path)
    assert [["total", 8169.6], ["total", 1.0]] == [[row[0], row[2]] for row in cells(path, "payments")[3:]]


def test_a_text_beyond_a_cell_is_cut_with_a_sign(tmp_path: Path) -> None:
    """Excel refuses a file with a longer one."""
    path = tmp_path / "overview.xlsx"
    run = evolve(overview(lp.Payee(code="lin")), problems=(Problem("x" * 40_000, "a", "b", "c"),))
    write_overview(run, path)
    assert "x" * 32_766 + "…" == cells(path, "problems")[3][0]


def test_a_place_that_cannot_be_written_is_named_and_leaves_the_old_file(tmp_path: Path) -> None:
    """And no temporary file is left."""
    run = overview(lp.Payee(code="lin"))
    with pytest.raises(DataError, match=r"it cannot be written: .*; check the folder and its rights"):
        write_overview(run, tmp_path / "nowhere" / "a.xlsx")
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(DataError, match="it cannot be written"):
        write_overview(run, tmp_path / "a.xlsx")
    assert ["a.xlsx"] == [path.name for path in tmp_path.iterdir()]


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What to install."""

    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(workbook, "import_module", missing)
    with pytest.raises(MissingExtraError, match=r'"loanperf\[excel\]"'):
        write_overview(overview(lp.Payee(code="lin")), tmp_path / "a.xlsx")


def test_scores_keep_their_places(tmp_path: Path) -> None:
    """121.2 is a score to one place, and 121.20 would claim another."""
    path = tmp_path / "overview.xlsx"
    write_overview(overview(lp.Payee(code="lin")), path)
    assert Decimal("121.2") == Decimal(str(cells(path, "overview")[3][6]))
    assert 'formatCode="0.0"' in parts(path)["xl/styles.xml"]


@pytest.mark.parametrize("write", [write_overview, write_statement])
def test_a_workbook_goes_by_any_tag_of_a_language_and_none_that_is_not_spoken(write: Any, tmp_path: Path) -> None:
    """`zh-CN` came out in English; nothing is written in another language than the one that was asked for."""
    run = overview(lp.Payee(code="lin", name="Lin"))
    people = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="east", role="x", since="2026-01-01")])
    told = (
        run if write is write_overview else lp.statement(lp.Ledger(), "lin", MARCH, currency="CNY", organisation=people)
    )
    for tag in ("zh", "zh-CN", "zh_Hans"):
        write(told, tmp_path / f"{tag}.xlsx", language=tag)
    texts = [
        CalamineWorkbook.from_path(str(tmp_path / f"{tag}.xlsx")).sheet_names for tag in ("zh", "zh-CN", "zh_Hans")
    ]
    with pytest.raises(DataError, match="pass 'en' or 'zh'"):
        write(told, tmp_path / "fr.xlsx", language="fr")

    assert texts[0] == texts[1] == texts[2]
    assert texts[0][0] in ("总览", "结算单")
    assert not (tmp_path / "fr.xlsx").exists()
