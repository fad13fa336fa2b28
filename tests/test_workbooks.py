"""Workbooks: what Excel does to numbers and days, and files that are made to do harm."""

import hashlib
import io
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.tables import Folder, Sheet, Tables

MARCH = lp.Period.month(2026, 3)
HEADS = ("借据号", "客户号", "经办人", "受理日期")
DAY, PERCENT, HOURS = "yyyy-mm-dd", "0.00%", "[h]:mm"
ON = 46_083
"""2 March 2026: 46,081 days after 31 December 1899, and one more for the day that never was and one for the count."""


def workbook(
    path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]], options: Mapping[str, Any] | None = None
) -> Path:
    """A workbook of these rows; a cell is a value, or a value and its format."""
    with xlsxwriter.Workbook(str(path), dict(options or {})) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    value, shape = cell if isinstance(cell, tuple) else (cell, None)
                    if value is not None:
                        sheet.write(place, column, value, book.add_format({"num_format": shape}) if shape else None)
    return path


def loans_of(path: Path, *rows: Sequence[Any], more: Sequence[str] = ()) -> lp.Facts:
    """The facts of a workbook with these rows of loans."""
    return Tables({"loans": workbook(path / "march.xlsx", {"贷款": [(*HEADS, *more), *rows]})}).facts(MARCH)


def refusal_of(read: Callable[[], object]) -> str:
    """What an error says."""
    with pytest.raises(lp.errors.DataError) as caught:
        read()
    return str(caught.value)


# ── cells ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("opened", [(date(2026, 3, 2), DAY), (ON, DAY), (ON, 'yyyy"年"m"月"d"日"'), ON, "2026/3/2"])
def test_a_day_is_a_day_however_it_is_kept(tmp_path: Path, opened: Any) -> None:
    """Excel keeps days as serial numbers, and shows them as the format says, or does not."""
    facts = loans_of(tmp_path, ("L1", "C1", "lin", opened))

    expected = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-02")
    assert ((expected,), ()) == (facts.items, facts.problems)
    assert ["march.xlsx sheet 贷款 row 2"] == [fact.source for fact in facts]


@pytest.mark.parametrize("shape", [None, DAY])
@pytest.mark.parametrize(
    ("serial", "shown"),
    [
        (1, "1900-01-01"),
        (59, "1900-02-28"),
        (60, None),
        (61, "1900-03-01"),
        (2_958_465, "9999-12-31"),
        (202_600, "2454-09-11"),
        (0, None),
        (-1, None),
    ],
)
def test_serial_numbers_count_as_excel_shows_them(
    tmp_path: Path, serial: int, shown: str | None, shape: str | None
) -> None:
    """Excel believes in 29 February 1900, so the days before it are one less off; that day itself is nobody's."""
    facts = loans_of(tmp_path, ("L1", "C1", "lin", (serial, shape)))

    found = [fact.opened_on.isoformat() for fact in facts if isinstance(fact, lp.Loan)]
    assert ([] if shown is None else [shown]) == found
    if serial == 60:
        (problem,) = facts.problems
        assert "column 受理日期: it is 29 February 1900, which never was (found 60)" in str(problem)


def test_a_month_under_a_heading_of_days_is_no_day_of_far_off(tmp_path: Path) -> None:
    """202603 as a serial number is a day of 2454; its loan would wait for centuries without a word."""
    facts = loans_of(tmp_path, ("L1", "C1", "lin", 202_603))

    assert () == facts.items
    assert ["it is a month, or the serial number of a day after 2400"] == [item.fault for item in facts.problems]


@pytest.mark.parametrize(("serial", "shown"), [(0, "1904-01-01"), (60, "1904-03-01"), (ON - 1462, "2026-03-02")])
def test_a_workbook_may_count_from_1904(tmp_path: Path, serial: int, shown: str) -> None:
    """A workbook of a Macintosh is four years off, unless it is asked from when it counts."""
    rows = [HEADS, ("L1", "C1", "lin", serial)]
    facts = Tables({"loans": workbook(tmp_path / "a.xlsx", {"贷款": rows}, {"date_1904": True})}).facts(MARCH)

    assert [shown] == [fact.opened_on.isoformat() for fact in facts if isinstance(fact, lp.Loan)]


@pytest.mark.parametrize(
    ("heading", "cell", "units"),
    [
        ("授信金额（元）", 0.1 + 0.2, 30),
        ("授信金额（元）", 1234567890123.45, 123_456_789_012_345),
        ("授信金额（万元）", 30.5, 30_500_000),
        ("授信金额", "30万元", 30_000_000),
        ("授信金额(万元)", "300000 CNY", 30_000_000),
    ],
)
def test_an_amount_is_what_excel_shows(tmp_path: Path, heading: str, cell: Any, units: int) -> None:
    """A number of Excel is a float of 15 digits that count: 0.1 + 0.2 is three tenths there, and is paid as such."""
    facts = loans_of(tmp_path, ("L1", "C1", "lin", ON, cell), more=(heading,))

    assert [lp.Money.from_units(units, "CNY")] == [fact.amount for fact in facts if isinstance(fact, lp.Loan)]


@pytest.mark.parametrize("heading", ["年利率", "年利率(%)"])
def test_a_percentage_is_what_excel_shows(tmp_path: Path, heading: str) -> None:
    """4.35% is kept as 0.0435; beside a heading in percent it would else be a hundredth of the rate."""
    facts = loans_of(tmp_path, ("L1", "C1", "lin", ON, (0.0435, PERCENT)), more=(heading,))

    assert [Fraction(435, 10_000)] == [fact.interest_rate for fact in facts if isinstance(fact, lp.Loan)]


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        (1, 123456789012345678, "more than 15 digits, and Excel has lost the last ones (found '123456789012346000')"),
        (1, True, "column 客户号: it is a truth value (found True)"),
        (1, date(2026, 3, 2), "column 客户号: it is a day (found '2026-03-02'); make the column text there"),
        (1, "=A1", "column 客户号: it holds an error of the spreadsheet (found '#N/A'); mend it there"),
        (3, "=NA()", "column 受理日期: it holds an error of the spreadsheet (found '#N/A')"),
        (3, 4_260_302, "column 受理日期: it is no serial number of a day (found '4260302')"),
        (3, 20_261_302, "column 受理日期: month must be in 1..12"),
        (3, ON + 0.5, "column 受理日期: it is a serial number with a time of day"),
        (3, (ON + 0.5, DAY), "column 受理日期: it has a time of day"),
        (3, (1.5, HOURS), "column 受理日期: it is a time of day or a length of time"),
        (4, "=1/0", "column 产品: it holds an error of the spreadsheet (found '#N/A')"),
        (4, "@SUM(1)", "column 产品: it holds a formula (found '@SUM(1)')"),
        (5, "more", "it has too many cells: there are 5 columns (found 'more')"),
        (4, "x" * 10_001, "column 产品: it is longer than 10000 characters"),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_a_cell_that_is_no_value_is_a_problem(tmp_path: Path, column: int, cell: Any, said: str) -> None:
    """What Excel has lost or could not work out is nobody's number; the other rows are used."""
    row: list[Any] = ["L1", "C1", "lin", ON, None, None]
    path = tmp_path / "march.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("贷款")
        sheet.write_row(0, 0, [*HEADS, "产品"])
        value, shape = cell if isinstance(cell, tuple) else (cell, DAY if isinstance(cell, date) else None)
        row[column] = None
        for place, other in enumerate(row):
            if other is not None:
                sheet.write(1, place, other)
        form = book.add_format({"num_format": shape}) if shape else None
        if isinstance(value, str) and value.startswith("="):
            sheet.write_formula(1, column, value, None, "#N/A")
        elif isinstance(value, date):
            sheet.write_datetime(1, column, datetime.fromisoformat(value.isoformat()), form)
        else:
            sheet.write(1, column, value, form)
        sheet.write_row(2, 0, ["L2", "C1", "lin", ON])
    facts = Tables({"loans": path}).facts(MARCH)

    (problem,) = facts.problems
    assert str(problem).startswith("march.xlsx sheet 贷款 row 2")
    assert said in str(problem)
    assert (2, 1) == (facts.rows, len(facts))


def test_a_formula_counts_by_its_value(tmp_path: Path) -> None:
    """Nothing is worked out here: the value is the one that was saved, as whoever sent the workbook saw it."""
    path = tmp_path / "march.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("贷款")
        sheet.write_row(0, 0, [*HEADS, "授信金额（元）"])
        sheet.write_row(1, 0, ["L1", "C1", "lin"])
        sheet.write_formula(1, 3, "=TODAY()", None, ON)
        sheet.write_formula(1, 4, "=1+1", None, 300000.5)
    (loan,) = Tables({"loans": path}).facts(MARCH)

    assert isinstance(loan, lp.Loan)
    assert (date(2026, 3, 2), lp.Money.from_units(30_000_050, "CNY")) == (loan.opened_on, loan.amount)


def test_blank_and_merged_rows_are_no_rows(tmp_path: Path) -> None:
    """Rows for the eye hold nothing; the numbers of the others stay those that Excel shows."""
    path = tmp_path / "march.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("贷款")
        sheet.write_row(0, 0, HEADS)
        sheet.merge_range(1, 0, 1, 3, "")
        sheet.write_row(3, 0, ["L1", "C1", "lin", ON])
        sheet.write_blank(9, 9, None, book.add_format({"bold": True}))
    facts = Tables({"loans": path}).facts(MARCH)

    assert (1, ["march.xlsx sheet 贷款 row 4"]) == (facts.rows, [fact.source for fact in facts])


def test_cells_merged_over_several_rows_are_problems(tmp_path: Path) -> None:
    """Only the first of them holds the value: an amount would count for one loan, and be missing for the others."""
    path = tmp_path / "march.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("贷款")
        sheet.write_row(0, 0, [*HEADS, "授信金额（元）"])
        for row in (1, 2, 4):
            sheet.write_row(row, 0, [f"L{row}", "C1", "lin", ON])
        sheet.merge_range(1, 4, 3, 4, 300_000)
    facts = Tables({"loans": path}).facts(MARCH)

    assert ["L1", "L4"] == [fact.loan for fact in facts if isinstance(fact, lp.Loan)]
    (problem,) = facts.problems
    assert "march.xlsx sheet 贷款 row 3, column 授信金额（元）: it is merged with the cell above" in str(problem)
    assert 3 == facts.rows


# ── sheets ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_workbook_holds_several_tables(tmp_path: Path) -> None:
    """A branch sends one workbook a month; its sheets are known by Chinese or English names."""
    people = [("工号", "机构号", "岗位", "开始日期"), ("lin", "east", "senior", (ON, DAY))]
    sheets: dict[str, list[Any]] = {"贷款": [HEADS, ("L1", "C1", "lin", ON)], "Assignments": people, "Sheet3": []}
    workbook(tmp_path / "2026-03.xlsx", sheets)
    tmp_path.joinpath("~$2026-03.xlsx").write_bytes(b"lin")
    data = Folder(tmp_path)

    assert ("lin",) == data.organisation(MARCH).codes
    assert 2 == data.facts(MARCH).rows
    found = Tables({"loans": Sheet(tmp_path / "2026-03.xlsx", "贷款")}).facts(MARCH)
    assert ["L1"] == [fact.loan for fact in found if isinstance(fact, lp.Loan)]


def test_a_workbook_of_one_sheet_is_the_table_that_it_is_named_for(tmp_path: Path) -> None:
    """Exports call their only sheet Sheet1, and the file after what is in it."""
    workbook(tmp_path / "loans.xlsx", {"Sheet1": [HEADS, ("L1", "C1", "lin", ON)]})

    assert 1 == len(Folder(tmp_path).facts(MARCH))
    assert 1 == len(Tables({"loans": tmp_path / "loans.xlsx"}).facts(MARCH))


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"贷款": [HEADS], "Note": [["x"]]}, "a.xlsx sheet Note: no table of that name is known; name it as a table"),
        ({"loan": [HEADS], "events": []}, "a.xlsx sheet loan: no table of that name is known; rename it to loans"),
        ({"贷款": [HEADS], "loans": [HEADS]}, "its sheets '贷款' and 'loans' are one table, loans"),
        ({"贷款": []}, "a.xlsx sheet 贷款 row 1: it is empty; write a first row with the columns loan, customer"),
        ({"贷款": [(), HEADS]}, "a.xlsx sheet 贷款 row 1: it is empty"),
        ({"贷款": [HEADS[:3]]}, "a.xlsx sheet 贷款 row 1: the column 'opened_on' (开立日期) is missing"),
        ({"贷款": [(*HEADS, "借据号")]}, "the column 'loan' stands 2 times (as '借据号', '借据号')"),
        ({"贷款": [(*HEADS[:2], None, *HEADS[2:])]}, "a.xlsx sheet 贷款 row 1: column 3 has no name"),
        ({"贷款": [(*HEADS, 2026)]}, "there is no column '2026'"),
    ],
)
def test_a_sheet_that_is_no_table_is_refused(tmp_path: Path, sheets: dict[str, list[Any]], said: str) -> None:
    """A sheet that is passed over unseen would be a part of the branch without its loans."""
    workbook(tmp_path / "a.xlsx", sheets)

    assert said in refusal_of(lambda: Folder(tmp_path).facts(MARCH))


def test_the_sheet_that_is_meant_is_named(tmp_path: Path) -> None:
    """Of several sheets none is taken at random."""
    path = workbook(tmp_path / "a.xlsx", {"三月": [HEADS], "二月": [HEADS]})

    said = refusal_of(lambda: Tables({"loans": path}).facts(MARCH))
    assert "a.xlsx: 2 of its sheets may be the table 'loans': 三月, 二月; say which: Sheet(path, name)" == said
    said = refusal_of(lambda: Tables({"loans": Sheet(path, "三月份")}).facts(MARCH))
    assert "a.xlsx: there is no sheet '三月份'; did you mean '三月'?" == said


def test_a_table_in_a_workbook_and_in_a_file_is_refused(tmp_path: Path) -> None:
    """Which of the two is the true one is for people to say."""
    workbook(tmp_path / "a.xlsx", {"贷款": [HEADS]})
    tmp_path.joinpath("loans.csv").write_text("loan,customer,officer,opened_on\n", encoding="utf-8")

    assert "the table 'loans' is in a.xlsx and loans.csv" in refusal_of(lambda: Folder(tmp_path).facts(MARCH))


def test_without_the_extra_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback from an import tells nobody what to install."""
    path = workbook(tmp_path / "a.xlsx", {"贷款": [HEADS]})
    monkeypatch.setitem(sys.modules, "python_calamine", None)

    with pytest.raises(lp.errors.MissingExtraError, match=re.escape('python -m pip install "loanperf[excel]"')):
        Tables({"loans": path}).facts(MARCH)


# ── files that cannot be used, or are made to do harm ───────────────────────────────────────────────────────


def changed(path: Path, parts: Mapping[str, bytes]) -> Path:
    """A workbook of one loan with some of its parts replaced or added."""
    whole = workbook(path / "whole.xlsx", {"贷款": [HEADS, ("L1", "C1", "lin", ON)]})
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return path / "a.xlsx"


def sheet_of(cells: str) -> bytes:
    """The part of a sheet, as Excel writes it."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{cells}</sheetData></worksheet>'.encode()


PART = "xl/worksheets/sheet1.xml"
CELLS = st.builds(
    "<c {} {}>{}</c>".format,
    st.sampled_from(["", "r='A2'", "r='B3'", "r='D2'", "r='C2'", "s='1'", "s='99'"]),
    st.sampled_from(["", "t='s'", "t='e'", "t='b'", "t='d'", "t='n'", "t='str'", "t='inlineStr'", "t='x'"]),
    st.sampled_from([
        "", "<v/>", "<v>0</v>", "<v>60</v>", "<v>-1</v>", "<v>x</v>", "<v>1e999</v>", "<v>NaN</v>", "<v>2026-03-02</v>",
        "<v>60.5</v>", "<is><t>a</t></is>", "<is/>", "<f>A1</f>", "<f>A1</f><v>1</v>", "<v>99999999</v>", "<x/>",
    ]),
)  # fmt: skip
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le"), "it has a password; save it as .xlsx, without a"),
        (OLE + bytes(504), "it is an .xls of old, or no workbook at all; open it in Excel"),
        (b"", "it is no workbook, or a damaged one"),
        (b"PK\x03\x04" + bytes(100), "it is no workbook, or a damaged one"),
        (b"loan,customer\n", "it is no workbook, or a damaged one"),
    ],
    ids=["password", "xls", "empty", "cut", "csv"],
)
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    """Whoever sent it can mend it, if the message says what it is."""
    tmp_path.joinpath("a.xlsx").write_bytes(content)

    assert said in refusal_of(lambda: Tables({"loans": tmp_path / "a.xlsx"}).facts(MARCH))
    assert said in refusal_of(lambda: Folder(tmp_path).facts(MARCH))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({PART: b"<worksheet><sheetData>"}, f"it is damaged at '{PART}'"),
        ({PART: BOMB}, "declares entities; do not use it: it may be made to do harm"),
        ({PART: b"<a>" * 200 + b"</a>" * 200}, "it is damaged at"),
        ({PART: sheet_of('<row r="1"><c r="A0"><v>1</v></c></row>')}, "it is damaged at 'cell A0'"),
        ({PART: sheet_of('<row r="1"><c r="XFE1"><v>1</v></c></row>')}, "it is damaged at 'cell XFE1'"),
        ({PART: sheet_of('<row r="9999999999"/>')}, "it is damaged at 'row 9999999999'"),
        (
            {
                PART: sheet_of(
                    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
                )
            },
            "its sheet spans 17179869184 cells, and 20000000 are the most",
        ),
        (
            {
                PART: sheet_of(
                    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" t="str"><v/></c></row>'
                )
            },
            "its sheet spans 17179869184 cells, and 20000000 are the most",
        ),
        ({PART: sheet_of('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')}, "it is damaged at 'text 99'"),
        (
            {
                PART: sheet_of("<row>" + '<c t="s"><v>0</v></c>' * 6_000 + "</row>"),
                "xl/sharedStrings.xml": b"<sst><si><t>" + bytes(range(97, 123)) * 4_000 + b"</t></si></sst>",
            },
            "its sheet holds more than 536870912 characters",
        ),
        (
            {PART: b"<worksheet><!--" + hashlib.shake_256(b"").hexdigest(2**19).encode() * 20 + b"--></worksheet>"},
            f"it is damaged at '{PART}'",
        ),
        ({"xl/media/a.bin": bytes(40 * 2**20)}, "unfolds 1028 times, and 200 are the most"),
        ({"xl/workbook.xml": b"<workbook/>"}, "it has no sheet"),
        ({"xl/_rels/workbook.xml.rels": b"<Relationships/>"}, "it has no sheet"),
    ],
    ids=[
        "cut", "entities", "deep", "row 0", "column 16385", "row", "span", "span of nothing", "text 99", "long text",
        "long token", "bomb", "no sheets", "no relations",
    ],
)  # fmt: skip
def test_a_workbook_that_would_do_harm_is_refused(tmp_path: Path, parts: dict[str, bytes], said: str) -> None:
    """A mail of some kilobytes must not take the memory of the machine that pays a bank."""
    path = changed(tmp_path, parts)

    assert said in refusal_of(lambda: Tables({"loans": path}).facts(MARCH))


def test_names_of_parts_lead_nowhere(tmp_path: Path) -> None:
    """Nothing is unpacked to a disk, so a part that is named for a file of the system is only a name."""
    path = changed(tmp_path, {"../../../../tmp/loanperf-was-here": b"x", "/etc/loanperf": b"x"})

    assert 1 == len(Tables({"loans": path}).facts(MARCH))
    assert ["a.xlsx", "whole.xlsx"] == sorted(file.name for file in tmp_path.iterdir())


def test_many_parts_and_parts_of_one_name_are_refused(tmp_path: Path) -> None:
    """Two readers may each take another one of two parts; what was looked at would not be what is read."""
    path = changed(tmp_path, {f"xl/media/{number}": b"" for number in range(10_001)})
    assert "parts, and 10000 are the most" in refusal_of(lambda: Tables({"loans": path}).facts(MARCH))

    path = changed(tmp_path, {})
    with zipfile.ZipFile(path, "a") as parts, pytest.warns(UserWarning, match="Duplicate"):
        parts.writestr(PART, b"<worksheet/>")
    assert "it has two parts of one name" in refusal_of(lambda: Tables({"loans": path}).facts(MARCH))


def test_a_workbook_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    """The limits hold for the whole, too: five hundred parts that are each small enough are not."""
    path = tmp_path / "a.xlsx"
    with path.open("wb") as stream:
        stream.truncate(256 * 2**20 + 1)
    assert "a.xlsx: it is larger than 256 MiB; split it" in refusal_of(lambda: Tables({"loans": path}).facts(MARCH))

    changed(tmp_path, {f"xl/media/{number}": bytes(2**20) for number in range(512)})
    said = refusal_of(lambda: Tables({"loans": path}).facts(MARCH))
    assert "a.xlsx: it would unfold to 512 MiB, and 512 are the most" in said


def test_parts_that_no_workbook_has_are_refused(tmp_path: Path) -> None:
    """Another packing than Excel's, or a part under a password of its own, is not what any Excel writes."""
    path = changed(tmp_path, {})
    with zipfile.ZipFile(path, "a") as parts:
        parts.writestr("xl/media/a.bin", b"x", zipfile.ZIP_BZIP2)
    assert "is packed in a way that no workbook is" in refusal_of(lambda: Tables({"loans": path}).facts(MARCH))

    raw = bytearray(changed(tmp_path, {}).read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    assert "is encrypted" in refusal_of(lambda: Tables({"loans": path}).facts(MARCH))


def test_a_directory_that_lies_about_sizes_is_found_out(tmp_path: Path) -> None:
    """The directory is written by whoever made the file; what it says of sizes is checked before it is believed."""
    size = 30 * 2**20
    path = changed(tmp_path, {"xl/media/a.bin": bytes(1000)})
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = packed.compress(bytes(size)) + packed.flush()
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/media/a.bin":
                new.writestr(name, old.read(name))
        # A stored part of the packed bytes, whose kind and size are then changed in both places that state them.
        new.writestr(zipfile.ZipInfo("xl/media/a.bin"), stream)
    raw = made.getvalue()
    for signature, kind, length in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        start = raw.rindex(signature)
        raw = raw[: start + kind] + b"\x08\x00" + raw[start + kind + 2 :]
        raw = raw[: start + length] + (1000).to_bytes(4, "little") + raw[start + length + 4 :]
    path.write_bytes(raw)

    said = refusal_of(lambda: Tables({"loans": path}).facts(MARCH))
    assert "its part 'xl/media/a.bin' is larger than the directory says; do not use it" in said


@pytest.mark.parametrize("end", range(5))
def test_a_workbook_that_is_cut_off_is_refused(tmp_path: Path, end: int) -> None:
    """A download that broke off is told, whatever is missing."""
    whole = changed(tmp_path, {}).read_bytes()
    tmp_path.joinpath("a.xlsx").write_bytes(whole[: len(whole) * (end + 1) // 6] + bytes(end))

    assert "a.xlsx: it is " in refusal_of(lambda: Tables({"loans": tmp_path / "a.xlsx"}).facts(MARCH))


def must_teach(path: Path) -> None:
    """A workbook is read without losing a row, or refused with an error that says what to do."""
    try:
        facts = Tables({"loans": path}).facts(MARCH)
    except lp.errors.LoanPerfError as error:
        told = str(error)
        assert "; " in told
    else:
        assert facts.rows == len(facts) + facts.repeats + len(facts.problems)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), min_size=1, max_size=4))
def test_no_damage_breaks_the_reader(tmp_path: Path, damage: list[tuple[int, int]]) -> None:
    """Whatever happened to the bytes, a workbook is read or refused with an error that teaches."""
    whole = bytearray(changed(tmp_path, {}).read_bytes())
    for place, value in damage:
        whole[place % len(whole)] = value
    tmp_path.joinpath("a.xlsx").write_bytes(whole)
    must_teach(tmp_path / "a.xlsx")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.lists(CELLS, max_size=5), max_size=3))
def test_no_xml_breaks_the_reader(tmp_path: Path, rows: list[list[str]]) -> None:
    """A part that no Excel writes may come from a program that thinks it can."""
    named = zip("ABCD", HEADS, strict=True)
    heads = "".join(f'<c r="{place}1" t="inlineStr"><is><t>{head}</t></is></c>' for place, head in named)
    below = "".join(f"<row>{''.join(cells)}</row>" for cells in rows)
    path = changed(tmp_path, {PART: sheet_of(f'<row r="1">{heads}</row>' + below)})
    must_teach(path)
