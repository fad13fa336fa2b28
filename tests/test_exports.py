"""Exports: whatever leaves as CSV, in a workbook, a frame or HTML, no cell and no heading of it is a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

import loanperf as lp
from loanperf._explanations import harmless, html_of
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.adapters.tables import frame_of, write_refused
from loanperf.adapters.workbook import write_overview, write_statement
from loanperf.cli._results import csv_files, page_of, why_sections
from loanperf.errors import Problem

MARCH = lp.Period.month(2026, 3)
EVIL = (
    '=HYPERLINK("http://evil","x")',
    "＝1+1",
    "+A1",
    "＋A1",
    "-A1",
    "－A1",
    "﹣A1",
    "@SUM(A1)",
    "＠SUM(A1)",
    "﹦1+1",
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1+1",
    "-1 (A1)",
)
TORN = (
    " =1+1",
    "\t=1",
    "\r=1",
    "\n=1",
    "\t1",
    "a\n=1",
    "\0=1",
    "\x0b=1",
    "\u3000=1+1",
    "\u200b=1",
    "\ufeff=1",
    "\u202e=1",
)
"""What only problems and reasons can hold, since codes are printable, without blanks around them."""
NUMBERS = (
    "-5",
    "+5",
    "-140.0",
    "-1,234.50",
    "-300.00 CNY",
    "-1/3 CNY",
    "-12.5%",
    "-30 元",
    "-3 万元",
    "5",
    "-1e5",
    "0",
)


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may compute it: by its first sign that can be seen, but for numbers."""
    seen = [sign for sign in cell if unicodedata.category(sign)[0] not in "ZC"]
    starts = bool(seen) and unicodedata.normalize("NFKC", seen[0])[0] in "=+-@"
    number = re.fullmatch(r"[+-][\d.,/]+(e\d+)?( ?[A-Z]{3}| ?[a-z]+|%| ?万?元)?", cell) is not None
    return (starts and not number) or cell[:1] in ("\t", "\r", "\n")


def month(evil: str) -> tuple[lp.Run, lp.Statement]:
    """A month in which everything that has a name has this one."""
    scheme = lp.schemes.scheme_of(
        {
            "name": evil,
            "currency": "CNY",
            "effective": "2026-01-01",
            "dimensions": {evil: {"name": {"en": evil, "zh": evil}}},
            "indicators": {
                evil: {
                    "name": {"en": evil, "zh": evil},
                    "dimension": evil,
                    "direction": "higher is better",
                    "kind": "count",
                    "formula": {"en": evil, "zh": evil},
                }
            },
            "profiles": {evil: {"weights": {evil: "100%"}}},
            "targets": {evil: "10"},
            "scoring": {"default": {"places": 1, "rounding": "half even"}},
            "bonus": {"unit": "month", "curve": [["0 point", 0], ["100 point", 1]], "rounding": "half up"},
            "plans": {evil: {"rounding": "half up", "components": {evil: {"base": "disbursed", "rate": "1%"}}}},
        }
    )
    people = lp.Organisation(
        payees=[lp.Payee(code=evil, name=evil)],
        assignments=[lp.Assignment(payee=evil, unit=evil, role=evil, since="2025-01-01", salary="8000 元")],
    )
    facts: list[lp.Fact] = [
        lp.Loan(loan=evil, customer=evil, officer=evil, opened_on="2026-03-02", product=evil),
        lp.LoanEvent(loan=evil, kind=lp.EventKind.DISBURSED, on="2026-03-03", amount="30万元", number=evil),
        lp.Training(payee=evil, course=evil, on="2026-03-02", source=evil),
        lp.Training(payee=evil, course=evil, on="2026-03-02", completed_on="2026-03-02"),
    ]
    run = lp.run(
        MARCH,
        facts=MemoryFacts(lp.Facts.of(facts), [lp.Reading.of(evil, 9, subject=evil)]),
        people=MemoryPeople(people),
        schemes=MemorySchemes(scheme),
        keeping=lp.Keeping(entries=MemoryEntries()),
    )
    assert run.ledger is not None
    return run, lp.statement(run.ledger, evil, MARCH)


def of_csv(text: str) -> list[str]:
    """All cells and headings."""
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


def of_html(text: str) -> list[str]:
    """The text between tags."""
    return [unescape(part) for part in re.split(r"<[^>]*>", text) if part]


def of_book(path: Path) -> list[str]:
    """All text of a workbook."""
    book = CalamineWorkbook.from_path(str(path))
    rows = [row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()]
    return [cell for row in rows for cell in row if isinstance(cell, str)]


def of_frames(run: lp.Run) -> list[str]:
    """All text and headings of the frames of a run."""
    frames = [
        frame_of(run.results, "results", like={}),
        frame_of(run.entries, "entries", like={}),
        frame_of(run.payments, "payments", like={}),
        frame_of(run.problems, "problems", like={}),
    ]
    cells: Iterable[object] = (cell for frame in frames for name in frame for cell in (name, *frame[name]))
    return [cell for cell in cells if isinstance(cell, str)]


def written(write: Callable[[Path], object], path: Path) -> Path:
    """A file that was written."""
    write(path)
    return path


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_export_has_a_formula(evil: str, language: str, tmp_path: Path) -> None:
    """One walk through every exporter, with the same text in every name, code, title and reason."""
    run, statement = month(evil)
    (result,) = run.results
    overview = written(lambda path: write_overview(run, path, language=language), tmp_path / "overview.xlsx")
    posted = written(lambda path: write_statement(statement, path, language=language), tmp_path / "statement.xlsx")
    refused = written(lambda path: write_refused(run.problems, path), tmp_path / "refused.csv")
    cells = {
        **{f"run, {name}": of_csv(text) for name, text in csv_files(run, str, language).items()},
        "explain --format html": of_html(page_of(evil, why_sections(run.results, language), language)),
        "refused rows": of_csv(refused.read_text(encoding="utf-8-sig")),
        "frames": of_frames(run),
        "overview": of_book(overview),
        "statement": of_book(posted),
        "appraisal": of_html(result.appraisal.to_html(language)),
        "reasons": of_html(result.explain().html(language)),
        "statement as HTML": of_html(statement.html(language)),
        "card": of_html(result.appraisal.card._repr_html_()),
    }
    found = {where: [cell for cell in texts if is_formula(cell)] for where, texts in cells.items()}
    assert {where: [] for where in cells} == found
    assert run.results
    assert run.entries
    assert run.problems
    shown = {where for where, texts in cells.items() if any(evil.strip()[-2:] in cell for cell in texts)}
    assert {"run, scores", "refused rows", "frames", "overview", "statement", "appraisal"} <= shown


@pytest.mark.parametrize("text", [*EVIL, *TORN])
def test_what_looks_like_a_formula_has_an_apostrophe_before_it(text: str, tmp_path: Path) -> None:
    """In half and full width, behind blanks, marks that cannot be seen, tabs and new lines; on one line."""
    assert not is_formula(harmless(text))
    assert harmless(text).startswith("'") or text.startswith("a")
    assert "\n" not in harmless(text)
    assert not is_formula(unescape(html_of(text)))
    write_refused([Problem(text, text, text, text)], tmp_path / "refused.csv")
    assert not list(filter(is_formula, of_csv((tmp_path / "refused.csv").read_text(encoding="utf-8-sig"))))


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers_stay_numbers(text: str) -> None:
    """What is owed is negative, and is summed by whoever opens the file."""
    assert text == harmless(text)


@given(st.text(max_size=12) | st.text(alphabet="=+-@＝＋－＠ \t\r\n\u200b1A", max_size=6))
def test_no_text_at_all_leaves_as_a_formula(text: str) -> None:
    """Whatever it is made of; and what is harmless once stays as it is."""
    once = harmless(text)
    assert not is_formula(once)
    assert once == harmless(once)
