"""Complaints: a kind of facts that came later, and goes from every source to a reading.

By hand: lin holds four customers in March and gets one complaint in it, which is upheld, after one in February; wu
holds two customers and gets two complaints, one of them upheld. So 1/4 and 2/2 are received, 1/4 and 1/2 upheld.
"""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xlsxwriter
from alembic.migration import MigrationContext
from sqlalchemy import text

import loanperf as lp
from loanperf._indicators import key_label
from loanperf.adapters.memory import MemorySchemes
from loanperf.adapters.sql import Database
from loanperf.adapters.sql._versions import upgrade
from loanperf.adapters.tables import Folder, Sheet, Tables
from loanperf.ports import FeedRow, Pulled
from loanperf.tracker import Tracker, Watch

MARCH = lp.Period.month(2026, 3)
CUSTOMERS: dict[str, list[Any]] = {
    "customer": ["C1", "C2", "C3", "C4", "C5", "C6"],
    "officer": ["lin", "lin", "lin", "lin", "wu", "wu"],
    "since": [date(2025, 1, 1)] * 6,
}
COMPLAINTS: dict[str, list[Any]] = {
    "number": ["1", "2", "3", "4"],
    "payee": ["lin", "lin", "wu", "wu"],
    "on": [date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 31), date(2026, 3, 31)],
    "topic": ["fees", "fees", "manner", ""],
    "upheld": [True, True, False, True],
}
RATES = (lp.indicator("complaint_rate"), lp.indicator("complaint_rate", {"counted": "upheld"}))
EXPECTED = {"lin": (Fraction(1, 4), Fraction(1, 4)), "wu": (Fraction(1), Fraction(1, 2))}


def rows_of(columns: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Each row of columns."""
    for cells in zip(*columns.values(), strict=True):
        yield dict(zip(columns, cells, strict=True))


def facts() -> list[lp.Fact]:
    """The same as rows."""
    held: list[lp.Fact] = [lp.Customer(**row) for row in rows_of(CUSTOMERS)]
    return [*held, *(lp.Complaint(**row) for row in rows_of(COMPLAINTS))]


def rates(given: Any) -> dict[str, tuple[Fraction, ...]]:
    """Both rates of every payee."""
    found = [lp.measure(given, MARCH, [rate], currency="CNY") for rate in RATES]
    return {payee: tuple(value_of(part.of(payee)) for part in found) for payee in found[0].payees}


def value_of(readings: Any) -> Fraction:
    """What the rate shows."""
    value = readings["complaint_rate"].value
    assert value is not None
    return Fraction(value.value)


def cell_of(value: object) -> str:
    """A value as a Chinese bank writes it."""
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)


def written(folder: Path) -> Path:
    """The tables as CSV, the complaints with Chinese headings."""
    heads = ("投诉编号", "被投诉人", "投诉日期", "投诉事项", "是否属实")
    lines = [",".join(heads), *(",".join(map(cell_of, row.values())) for row in rows_of(COMPLAINTS))]
    (folder / "complaints.csv").write_text("\n".join(lines), encoding="utf-8")
    lines = [",".join(CUSTOMERS), *(",".join(map(str, row.values())) for row in rows_of(CUSTOMERS))]
    (folder / "customers.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def workbook(path: Path) -> Path:
    """The tables as sheets of a workbook."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
        for name, columns in (("管户", CUSTOMERS), ("投诉", COMPLAINTS)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, list(columns))
            for place, row in enumerate(rows_of(columns), 1):
                sheet.write_row(place, 0, list(row.values()))
    return path


def test_from_rows() -> None:
    """In any order, said twice or not."""
    assert EXPECTED == rates(facts()) == rates([*reversed(facts()), *facts()])


def test_a_complaint_that_contradicts_another_counts_for_nobody() -> None:
    """Nothing tells whether it was upheld; whoever it names has a problem that says so."""
    (told, other) = (lp.Complaint(number="1", payee="lin", on="2026-03-02", upheld=item) for item in (True, False))
    found = lp.Facts.of([told, other])

    assert (0, 2) == (len(found), len(found.problems))
    assert {("lin", ("complaints", "lin"))} == {(problem.payee, problem.loses) for problem in found.problems}


@pytest.mark.parametrize(
    "frame", [dict, pd.DataFrame, pl.DataFrame, pa.table], ids=["dict", "pandas", "polars", "arrow"]
)
def test_from_frames(frame: Any) -> None:
    """Columns of every make, by row as by column."""
    given = {"customers": frame(CUSTOMERS), "complaints": frame(COMPLAINTS)}
    arrow = {name: pa.table(table) if isinstance(table, dict) else table for name, table in given.items()}

    assert EXPECTED == rates(Tables(given).facts(MARCH))
    book = lp.Facts.read(arrow, currency="CNY")
    assert EXPECTED == rates(book.only())
    assert {*facts()} == {*book}


def test_from_csv(tmp_path: Path) -> None:
    """With the headings and words of a Chinese bank."""
    assert EXPECTED == rates(Folder(written(tmp_path)).facts(MARCH))


def test_from_excel(tmp_path: Path) -> None:
    """Sheets are known by their names, days and truths as Excel has them."""
    path = workbook(tmp_path / "march.xlsx")

    assert EXPECTED == rates(Tables({"customers": Sheet(path, "管户"), "complaints": Sheet(path, "投诉")}).facts(MARCH))
    assert EXPECTED == rates(Folder(tmp_path).facts(MARCH))


def test_from_a_database_of_version_0_1(tmp_path: Path) -> None:
    """What it held is there afterwards, and complaints go in beside it."""
    database = Database.connect(f"sqlite:///{tmp_path / 'bank.db'}", company="north")
    upgrade(database.engine, "0003")
    held = (
        "INSERT INTO facts (company, source, row_code, revision, form, digest, number, payee, on_day, topic, score)"
        " VALUES ('north', 'hr', '1', 0, 'ratings', '0', 'R1', 'lin', '2026-03-31', 'teamwork', '90')"
    )
    with database.engine.begin() as connection:
        connection.execute(text(held))
    database.upgrade()
    rows = [FeedRow(row=str(place), revision=0, says=fact) for place, fact in enumerate(facts())]
    database.facts.take("crm", Pulled(rows=rows, cursor="1"))

    kept = database.facts.facts(MARCH)
    assert {lp.Rating(number="R1", payee="lin", on="2026-03-31", topic="teamwork", score=90), *facts()} == {*kept}
    assert EXPECTED == rates(kept)
    (part,) = database.facts.parts(currency="CNY")
    assert {*kept} == {*part}
    with database.engine.connect() as connection:
        assert "0016" == MigrationContext.configure(connection).get_current_revision()
    database.engine.dispose()


def test_from_a_tracker() -> None:
    """A rate moves with each complaint."""
    watch = Watch(period=MARCH, currency="CNY", indicators=[RATES[0]])
    tracker = Tracker.start(watch)
    seen = []
    for fact in facts():
        tracker.feed(fact)
        seen.append(str(tracker.readings("lin")["complaint_rate"].value))

    assert "0.25" == seen[-1]
    assert Fraction(1) == value_of(tracker.readings("wu"))


def test_a_rate_says_its_reasons() -> None:
    """What made it: the complaint, and each customer; in Chinese by the names of the table of kinds."""
    reading = lp.measure(facts(), MARCH, [RATES[0]], currency="CNY").explain("lin")["complaint_rate"]
    told = {part.fact: part.key for part in reading.parts or ()}

    assert ["complaint 2", *(f"customer C{number} 2025-01-01" for number in range(1, 5))] == sorted(told)
    assert "投诉 2" == key_label(told["complaint 2"]).zh
    assert "期内投诉数 / 期内管户客户数" == lp.indicator("complaint_rate").formula.zh


def test_a_scheme_scores_it() -> None:
    """By hand, against half a complaint a customer: lin 2 − 0.25/0.5 = 150 points, wu 2 − 1/0.5 = none."""
    scheme = lp.schemes.scheme_of(
        {
            "name": "service",
            "currency": "CNY",
            "effective": "2026-01-01",
            "profiles": {"officer": {"weights": {"complaint_rate": "100%"}}},
            "targets": {"complaint_rate": "50%"},
            "scoring": {"default": {"places": 1, "rounding": "half up", "missing": "refuse"}},
        }
    )
    people = {"payee": ["lin", "wu"], "unit": ["east"] * 2, "role": ["officer"] * 2, "since": [date(2025, 1, 1)] * 2}
    units = {"code": ["east"]}
    host = Tables({"customers": CUSTOMERS, "complaints": COMPLAINTS, "assignments": people, "units": units})
    run = lp.run(MARCH, facts=host, people=host, schemes=MemorySchemes(scheme))

    assert () == run.problems
    assert {"lin": 150, "wu": 0} == {result.payee: result.appraisal.score for result in run.results}
