"""One payee on nine indicators, row by row, beside the same arithmetic bare; and what an import costs.

Rows of feeds taken into a database and read from it, beside what its driver takes for the same columns.
Nothing is asserted about time: machines are shared. The ratio to what is bare is printed.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from attrs import frozen
from benchmarks.sizes import PART, sized
from sqlalchemy import Column, MetaData, Table, text
from tests.servers import Postgres

import loanperf as lp
from loanperf.adapters.sql import Database
from loanperf.adapters.sql._schema import facts as facts_table
from loanperf.ports import FeedRow, Pulled

MARCH = lp.Period.month(2026, 3)
TARGETS: dict[str, Any] = {
    "loan_amount": "100万元",
    "disbursed_amount": "80万元",
    "customer_count": "20 人",
    "npl_ratio": "3%",
    "overdue_ratio": "5%",
    "compliance_score": "100 point",
    "retention_rate": "80%",
    "cross_sell_rate": "50%",
    "training_completion_rate": "100%",
}
READINGS: dict[str, Any] = {
    "loan_amount": "1234567.89 元",
    "disbursed_amount": "81.2345万元",
    "customer_count": "23 人",
    "npl_ratio": "2.13%",
    "overdue_ratio": "4.7%",
    "compliance_score": "97 point",
    "retention_rate": "85%",
    "cross_sell_rate": "47%",
    "training_completion_rate": "100%",
}


@pytest.fixture(scope="module")
def card() -> lp.schemes.Card:
    return lp.template("consumer-finance").resolve(role="senior", period=MARCH)


def bare(lines: list[tuple[Fraction, Fraction, Fraction]]) -> Fraction:
    """The nine products and roundings alone, on Fractions that somebody else read and checked."""
    return sum((Fraction(round(weight * 1000 * actual / target), 10) for weight, actual, target in lines), Fraction(0))


def test_bare_arithmetic(benchmark: Any, card: lp.schemes.Card) -> None:
    """The peer: what no library could leave out."""
    lines = [
        (line.weight, lp.quantity(READINGS[line.indicator.code]).value, lp.quantity(TARGETS[line.indicator.code]).value)
        for line in card.lines
    ]
    assert benchmark(bare, lines) > 0


def test_appraise(benchmark: Any, card: lp.schemes.Card) -> None:
    """From strings with units to a score."""
    assert benchmark(lp.appraise, card, TARGETS, READINGS).score > 0


def test_appraise_with_its_explanation(benchmark: Any, card: lp.schemes.Card) -> None:
    """The same and the tree of reasons; 300 µs is what we aim at."""

    def explained() -> lp.Explanation:
        return lp.appraise(card, TARGETS, READINGS, payee="lin").explain()

    assert len(benchmark(explained).because) == 10


def test_award(benchmark: Any, card: lp.schemes.Card) -> None:
    """From a score to money."""
    appraisal = lp.appraise(card, TARGETS, READINGS)
    assert benchmark(lp.award, card.bonus, appraisal, month="8000 元").amount.units > 0


def test_measure_a_branch(benchmark: Any, card: lp.schemes.Card) -> None:
    """1,000 loans of ten payees to all readings of the card."""
    facts = lp.Facts.of(fact for number in range(1000) for fact in loan(number))
    indicators = [line.indicator for line in card.lines]
    measured = benchmark(lp.measure, facts, MARCH, indicators, currency="CNY")
    assert (10, ()) == (len(measured.payees), measured.problems)


def loan(number: int) -> list[lp.Fact]:
    """A loan signed, drawn, with a balance, of a customer, one in thirty of them bad."""
    code, officer, on = f"L{number}", f"p{number % 10}", f"2026-03-{number % 28 + 1:02}"
    facts: list[lp.Fact] = [
        lp.Loan(loan=code, customer=f"C{number}", officer=officer, opened_on=on),
        lp.LoanEvent(loan=code, kind=lp.EventKind.SIGNED, on=on, amount="30万元"),
        lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount="25万元"),
        lp.Balance(loan=code, on="2026-03-31", outstanding="25万元"),
        lp.Customer(customer=f"C{number}", officer=officer, since=on),
    ]
    if number % 30 == 0:
        kind = lp.EventKind.CLASSIFIED
        facts.append(lp.LoanEvent(loan=code, kind=kind, on="2026-03-31", category=lp.Category.DOUBTFUL))
    return facts


def seconds_to_import(names: str) -> float:
    """The median of eleven fresh interpreters, or of three."""
    code = f"import time; start = time.perf_counter(); import {names}; print(time.perf_counter() - start)"
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(11 if PART < 100 else 3)
    ]
    return statistics.median(float(run.stdout) for run in runs)


def test_import(capsys: pytest.CaptureFixture[str]) -> None:
    """`import loanperf` beside `import numpy, pint`, in fresh interpreters; the aim is at most 50 ms more."""
    ours, peers = seconds_to_import("loanperf"), seconds_to_import("numpy, pint")
    with capsys.disabled():
        print(f"\nimport loanperf {ours * 1000:.0f} ms, numpy and pint {peers * 1000:.0f} ms: {ours / peers:.2f} of it")
    assert ours > 0


def test_ratios(capsys: pytest.CaptureFixture[str], card: lp.schemes.Card) -> None:
    """Each step as a multiple of the bare arithmetic, measured side by side in this process."""
    lines = [
        (line.weight, lp.quantity(READINGS[line.indicator.code]).value, lp.quantity(TARGETS[line.indicator.code]).value)
        for line in card.lines
    ]
    appraisal = lp.appraise(card, TARGETS, READINGS)
    steps: dict[str, Callable[[], object]] = {
        "appraise": lambda: lp.appraise(card, TARGETS, READINGS),
        "appraise and explain": lambda: lp.appraise(card, TARGETS, READINGS).explain(),
        "award": lambda: lp.award(card.bonus, appraisal, month="8000 元"),
    }
    base = median_microseconds(lambda: bare(lines))
    with capsys.disabled():
        print(f"\nbare arithmetic {base:.0f} µs")
        for name, step in steps.items():
            print(f"{name} {(taken := median_microseconds(step)):.0f} µs, {taken / base:.1f} × bare")
    assert base > 0


def median_microseconds(step: Callable[[], object]) -> float:
    """The median of 200 single calls."""
    taken = []
    for _ in range(200):
        start = perf_counter()
        step()
        taken.append((perf_counter() - start) * 1e6)
    return statistics.median(taken)


# ── rows of feeds, beside the driver alone ──────────────────────────────────────────────────────────────────

LOANS = sized(100_000, least=10_000)
"""Rows of loans, and as many of their drawdowns."""
FORMS = ("loans", "events")
KEY = ("company", "source", "row_code")


def sent() -> dict[str, dict[str, Any]]:
    """Loans and their drawdowns as a feed sends them in columns."""
    numbers = np.arange(LOANS)
    on = np.datetime64("2026-03-01") + numbers % 28
    same = {"revision": np.ones(LOANS, dtype=np.int64), "loan": codes("L", numbers)}
    same["amount(fen)"] = 10_000 * (1 + numbers % 99_991)
    loans = {
        "row": codes("loans/", numbers),
        "customer": codes("C", numbers % 50_021),
        "officer": codes("P", numbers % 10_000),
        "opened_on": on,
        "product": np.array(["mortgage", "credit", "car", "card"], dtype=object)[numbers % 4],
        "term_months": 12 + numbers % 348,
        "interest_rate(bp)": 300 + numbers % 400,
    }
    drawn = {"row": codes("drawn/", numbers), "kind": np.full(LOANS, "disbursed", dtype=object), "on": on}
    return {"loans": loans | same, "events": drawn | same}


def codes(before: str, numbers: Any) -> Any:
    """Codes as text, one a row."""
    return np.array([f"{before}{number:08}" for number in numbers.tolist()], dtype=object)


@frozen
class Bare:
    """What the driver does with the columns that are held of each form: nothing is checked, merged or made of them."""

    database: Database
    rows: dict[str, list[Any]]
    tables: dict[str, tuple[Table, Table]]
    """Of each form, without a key and with that of the facts."""

    @classmethod
    def of(cls, database: Database) -> Bare:
        """The columns of the rows that a database holds, but for those that are empty."""
        rows, tables = dict[str, list[Any]](), dict[str, tuple[Table, Table]]()
        for form in FORMS:
            with database.engine.connect() as connection:
                query = text("SELECT * FROM facts WHERE form = :form")
                held = connection.execute(query, {"form": form}).mappings().all()
            names = [name for name in held[0] if name != "came_at" and any(row[name] is not None for row in held)]
            rows[form] = [tuple(row[name] for name in names) for row in held]
            tables[form] = bare_table(form, names, ()), bare_table(f"{form}_keyed", names, KEY)
        return cls(database, rows, tables)

    def written(self, *, keyed: bool) -> float:
        """Seconds to put the rows, which are ready, into new tables: by executemany, or by COPY of text."""
        lines = {form: "".join("\t".join(map(str, row)) + "\n" for row in rows) for form, rows in self.rows.items()}
        with self.database.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            for both in self.tables.values():
                both[keyed].drop(connection, checkfirst=True)
                both[keyed].create(connection)
            start = perf_counter()
            for form, rows in self.rows.items():
                table = self.tables[form][keyed]
                if connection.dialect.name == "sqlite":
                    driver.executemany(str(table.insert().compile(dialect=connection.dialect)), rows)
                    continue
                with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
                    copy.write(lines[form])
            connection.commit()
            return perf_counter() - start

    def read(self) -> float:
        """Seconds to select the same columns and fetch all rows."""
        with self.database.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            start = perf_counter()
            for table, _ in self.tables.values():
                assert driver.execute(str(table.select().compile(dialect=connection.dialect))).fetchall()
            return perf_counter() - start


def bare_table(name: str, names: Sequence[str], key: Sequence[str]) -> Table:
    """A table of its own with columns of the facts."""
    columns = (Column(column, facts_table.c[column].type, primary_key=column in key) for column in names)
    return Table(f"bare_{name}", MetaData(), *columns)


def seconds(step: Callable[[], object]) -> float:
    """What one call takes, by the clock."""
    start = perf_counter()
    step()
    return perf_counter() - start


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def kept(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database of each kind."""
    folder = Path(tempfile.mkdtemp(prefix="loanperf-bench-"))
    folder.chmod(0o755)
    server = Postgres.started(folder, durable=True) if request.param == "PostgreSQL" else None
    database = Database.connect(server.new_database() if server else f"sqlite:///{folder / 'pay.db'}", company="x")
    database.upgrade()
    yield database
    database.close()
    if server:
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_rows_of_feeds(capsys: pytest.CaptureFixture[str], kept: Database) -> None:
    """Taken new, taken again, and read: three times in turn with the driver alone, the median of each."""
    tables = sent()

    def take(source: str) -> None:
        kept.facts.take(source, Pulled(tables=tables, currency="CNY", cursor="1"))

    first = seconds(partial(take, "source"))
    bare, facts = Bare.of(kept), kept.facts.facts(MARCH)
    rows = [FeedRow(row=f"{place}", revision=1, says=fact) for place, fact in enumerate(facts)]
    steps: dict[str, Callable[[], float]] = {
        "insert bare": partial(bare.written, keyed=False),
        "insert bare, with the key": partial(bare.written, keyed=True),
        "select bare": bare.read,
        "read": partial(seconds, partial(kept.facts.facts, MARCH)),
        "take tables again": partial(seconds, partial(take, "source")),
        "take tables": partial(seconds, partial(take, "other")),
        "take rows": partial(seconds, lambda: kept.facts.take("rows", Pulled(rows=rows, cursor="1"))),
    }
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(3):
        for name, step in steps.items():
            taken[name].append(step())
            emptied(kept, "source")
    with capsys.disabled():
        print(f"\n{kept.engine.dialect.name}, {2 * LOANS:,} rows; the first of all in {first:.2f} s")
        for name, found in taken.items():
            print(told(name, statistics.median(found), taken))
    assert len(facts) == 2 * LOANS


def emptied(database: Database, but: str) -> None:
    """Remove the rows of all sources but one, so that each step finds the same."""
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM facts WHERE source <> :but"), {"but": but})


def told(name: str, found: float, taken: Mapping[str, Sequence[float]]) -> str:
    """A step a row, beside what is bare."""
    peers = ["select bare"] if name == "read" else ["insert bare", "insert bare, with the key"]
    beside = ", ".join(f"{found / statistics.median(taken[peer]):.1f} × {peer}" for peer in peers)
    return f"{name}: {found / (2 * LOANS) * 1e6:.2f} µs a row" + ("" if "bare" in name else f", {beside}")
