"""More than one machine gives what one machine gives, bit for bit, however the rows are spread."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

import loanperf as lp
from loanperf.adapters.spark import accrue_frame, appraise_frame, measure_frame
from loanperf.errors import DataError
from loanperf.tables import MISSING

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("java") is None,
        reason="Spark needs Java 17: install Debian's openjdk-17-jre-headless, or any other, and put java on PATH",
    ),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

MARCH = lp.Period.month(2026, 3)
EXAMPLE: dict[str, list[Any]] = {
    "payee": ["lin", "wu", "he", "an"],
    "loan_amount": [120_000_000, 80_000_000, None, 5],
    "npl_ratio": [200, 300, 100, 0],
    "retention_rate": [8_500, 8_000, 7_000, 10_000],
    "month": [800_000, 650_000, 500_000, 1],
}

UNITS = {"loan_amount": "fen", "npl_ratio": "bp", "retention_rate": "bp", "month": "fen"}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark of two threads on loopback, in folders of its own; a task may fail twice."""
    folder = tmp_path_factory.mktemp("spark")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.local.dir": str(folder / "local"),
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "1000",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[2, 3]").appName("loanperf")
    for name, value in settings.items():
        builder = builder.config(name, value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = builder.getOrCreate()
        yield session
        session.stop()


def worked_example() -> lp.schemes.Card:
    """The card of the published example."""
    return lp.template("worked-example").resolve(period=MARCH)


def by_payee(frame: Any) -> dict[str, Any]:
    """The rows of a frame by payee."""
    return {row["payee"]: row for row in frame.toArrow().to_pylist()}


def test_scores_and_bonuses_are_those_of_one_machine(spark: Any) -> None:
    """The same kernels work each partition, empty ones too; a row without a score says why."""
    card = worked_example()
    table = pa.table(EXAMPLE)
    scored = lp.appraise_all(card, table, units=UNITS)
    here = lp.award_all(scored)
    for parts in (1, 3, 9):
        found = by_payee(appraise_frame(spark.createDataFrame(table).repartition(parts), card, units=UNITS))
        scores = [found[payee]["score"] for payee in EXAMPLE["payee"]]
        amounts = [found[payee]["amount"] for payee in EXAMPLE["payee"]]

        assert [None if score == MISSING else score for score in scored.score.tolist()] == scores
        assert [None if units == MISSING else units for units in here.amount.tolist()] == amounts
        assert ["he"] == [payee for payee in EXAMPLE["payee"] if found[payee]["problem"]]
        assert "no reading" in found["he"]["problem"]


# ── measured ────────────────────────────────────────────────────────────────────────────────────────────────

INDICATORS = tuple(
    lp.indicator(code) for code in ("disbursed_amount", "average_daily_balance", "npl_ratio", "overdue_ratio", "par_30")
)


def tape(rows: int, *, skewed: bool) -> pa.Table:
    """Loans of 40 officers, or half of them one officer's."""
    count = np.arange(rows, dtype=np.int64)
    officer = np.where((count % 2 == 0) & skewed, 7, count * 7919 % 40)
    day = np.datetime64("2026-01-01") + (count * 31 % 89).astype("timedelta64[D]")
    disbursed = 1 + count * 104_729 % 90_000_001
    balance = disbursed - count % 1_000 % disbursed
    words = np.array(["normal", "special mention", "substandard", "doubtful", "loss"])
    return pa.table(
        {
            "loan": count,
            "customer": count,
            "officer": [f"E{number:02}" for number in officer.tolist()],
            "opened_on": pa.array(day),
            "disbursed_on": pa.array(day),
            "disbursed": disbursed,
            "balance": balance,
            "overdue": balance // 3 * (count % 11 == 0),
            "days_past_due": count % 11 * 10 * (count % 11 % 3 == 0),
            "category": words[count % 5 * (count % 13 == 0)],
        }
    )


def here(loans: pa.Table) -> lp.Readings:
    """What one machine makes of it."""
    facts = lp.Facts.read({"loans": loans}, currency="CNY", money="fen", as_of="2026-03-31")
    return lp.measure(facts, QUARTER, INDICATORS, currency="CNY")


QUARTER = lp.Period.quarter(2026, 1)


@pytest.mark.parametrize("skewed", [False, True], ids=["even", "skewed"])
def test_readings_are_those_of_one_machine(spark: Any, *, skewed: bool) -> None:
    """Sums of whole numbers do not depend on how rows are spread, not even where one payee has half of them."""
    loans = tape(5_000, skewed=skewed)
    expected = here(loans).table()
    for parts in (1, 5):
        frame = spark.createDataFrame(loans).repartition(parts)
        found = measure_frame(frame, QUARTER, INDICATORS, currency="CNY", money="fen", as_of="2026-03-31")
        rows = by_payee(found.readings)
        for row in range(expected.rows):
            mine = rows[str(expected["payee"].at(row))]
            assert {name: expected[name].at(row) for name in expected} == mine
        assert expected.rows == len(rows)
        assert 0 == found.problems.count()


OTHERS = {
    "customers": pa.table(
        {"customer": ["C1", "C2"], "officer": ["E01", "new"], "since": pa.array([date(2025, 1, 1)] * 2)}
    ),
    "complaints": pa.table(
        {"number": ["1", "2", "3"], "payee": ["E01", "E01", "new"], "on": pa.array([date(2026, 3, 2)] * 3)}
    ),
    "ratings": pa.table(
        {
            "number": ["1"],
            "payee": ["new"],
            "on": pa.array([date(2026, 3, 2)]),
            "topic": ["teamwork"],
            "score": pa.array([Decimal("90.125")]),
        }
    ),
}


def test_what_is_not_about_loans_is_added(spark: Any) -> None:
    """Complaints over customers, whoever has loans; by hand: 2 over 1, 1 over 1."""
    asked = [*INDICATORS, *(lp.indicator(code) for code in ("complaint_rate", "teamwork"))]
    loans = tape(1_000, skewed=False)
    facts = lp.Facts.read({"loans": loans} | OTHERS, currency="CNY", money="fen", as_of="2026-03-31")
    expected = lp.measure(facts, QUARTER, asked, currency="CNY").table()
    others = {name: spark.createDataFrame(table) if name == "complaints" else table for name, table in OTHERS.items()}
    found = measure_frame(
        spark.createDataFrame(loans).repartition(3),
        QUARTER,
        asked,
        currency="CNY",
        money="fen",
        as_of="2026-03-31",
        others=others,
    )
    rows = by_payee(found.readings)

    assert {
        str(expected["payee"].at(row)): {name: expected[name].at(row) for name in expected}
        for row in range(expected.rows)
    } == rows
    assert [(2, 1), (1, 1)] == [
        tuple(rows[payee][f"complaint_rate.{part}"] for part in ("numerator", "denominator"))
        for payee in ("E01", "new")
    ]
    assert Fraction("90.125") == Fraction(rows["new"]["teamwork.numerator"], found.scales["teamwork"])


def test_a_table_that_is_not_passed_is_never_zero(spark: Any) -> None:
    """A rate of no complaints would be the best of all."""
    frame = spark.createDataFrame(tape(2, skewed=False))
    how: dict[str, Any] = {"currency": "CNY", "as_of": "2026-03-31"}
    rate = [lp.indicator("complaint_rate")]
    with pytest.raises(DataError, match="indicator complaint_rate: there is no table 'complaints'"):
        measure_frame(frame, QUARTER, rate, **how)
    with pytest.raises(DataError, match="there is no table 'customers'"):
        measure_frame(frame, QUARTER, rate, others={"complaints": OTHERS["complaints"]}, **how)
    for name in ("balances", "complains"):
        with pytest.raises(DataError, match=f"there is no table '{name}' beside loans"):
            measure_frame(frame, QUARTER, rate, others={name: OTHERS["complaints"]}, **how)


def test_a_bad_row_is_a_problem_on_whatever_machine_it_is(spark: Any) -> None:
    """A row that cannot be used is told, and the others count."""
    loans = tape(100, skewed=False)
    amounts = loans["disbursed"].to_pylist()
    broken = loans.set_column(loans.column_names.index("disbursed"), "disbursed", [[-5, *amounts[1:]]])
    found = measure_frame(
        spark.createDataFrame(broken).repartition(3),
        QUARTER,
        INDICATORS,
        currency="CNY",
        money="fen",
        as_of="2026-03-31",
    )
    (problem,) = found.problems.collect()

    assert "give zero or more" in problem["remedy"]
    assert sum(amounts[1:]) == sum(row["disbursed_amount"] for row in found.readings.collect())


def test_a_task_that_fails_is_tried_again(spark: Any, tmp_path: Path) -> None:
    """A machine that dies half way leaves no half sum behind."""
    marker = tmp_path / "failed"

    def once(batches: Iterator[Any]) -> Iterator[Any]:
        for rows in batches:
            yield rows
            if not marker.exists():
                marker.write_text("once")
                raise RuntimeError("the machine is gone")

    loans = tape(2_000, skewed=False)
    frame = spark.createDataFrame(loans).repartition(4)
    frail = frame.mapInArrow(once, frame.schema)
    rows = by_payee(measure_frame(frail, QUARTER, INDICATORS, currency="CNY", money="fen", as_of="2026-03-31").readings)

    assert marker.exists()
    expected = here(loans).table()
    assert {str(expected["payee"].at(row)): expected["disbursed_amount"].at(row) for row in range(expected.rows)} == {
        payee: row["disbursed_amount"] for payee, row in rows.items()
    }


def test_a_total_beyond_64_bits_fails_and_never_wraps(spark: Any) -> None:
    """Two halves fit, and their sum does not."""
    loans = tape(2, skewed=True)
    huge = loans.set_column(loans.column_names.index("disbursed"), "disbursed", [[2**62, 2**62 + 1]])
    same = huge.set_column(loans.column_names.index("officer"), "officer", [["lin", "lin"]])
    frame = spark.createDataFrame(same).repartition(2, "loan")
    found = measure_frame(frame, QUARTER, INDICATORS[:1], currency="CNY", money="fen", as_of="2026-03-31")

    with pytest.raises(PySparkException, match="beyond 64 bits"):
        found.readings.collect()


def test_a_total_beyond_64_bits_of_one_partition_fails_too(spark: Any) -> None:
    """The sum of a part that does not fit must not be left out of the sum of all."""
    loans = tape(2, skewed=True)
    huge = loans.set_column(loans.column_names.index("disbursed"), "disbursed", [[2**62, 2**62 + 1]])
    same = huge.set_column(loans.column_names.index("officer"), "officer", [["lin", "lin"]])
    frame = spark.createDataFrame(same).coalesce(1)
    found = measure_frame(frame, QUARTER, INDICATORS[:1], currency="CNY", money="fen", as_of="2026-03-31")

    with pytest.raises(PySparkException, match="the total of disbursed_amount: it is beyond 64 bits"):
        found.readings.collect()


def test_from_a_tape_to_bonuses_in_one_plan(spark: Any) -> None:
    """Readings go into scores without leaving the cluster, and come out as on one machine."""
    scheme = {
        "name": "branch",
        "currency": "CNY",
        "effective": "2026-01-01",
        "profiles": {"officer": {"weights": {"disbursed_amount": "60%", "npl_ratio": "40%"}}},
        "targets": {"disbursed_amount": "5000万元", "npl_ratio": "3%"},
        "scoring": {"default": {"places": 1, "rounding": "half even", "missing": "refuse"}},
        "bonus": {"unit": "amount", "curve": [["0 point", 0], ["100 point", "10000 CNY"]], "rounding": "half up"},
    }
    card = lp.schemes.scheme_of(scheme).resolve(period=QUARTER)
    loans, codes = tape(3_000, skewed=True), ["disbursed_amount", "npl_ratio"]
    asked = [lp.indicator(code) for code in codes]
    scored = lp.appraise_all(card, here(loans).table(codes))
    expected = lp.award_all(scored)
    measured = measure_frame(
        spark.createDataFrame(loans).repartition(6), QUARTER, asked, currency="CNY", money="fen", as_of="2026-03-31"
    )
    rows = by_payee(appraise_frame(measured.readings, card, scales=measured.scales))
    payees = [str(scored.rows["payee"].at(row)) for row in range(scored.rows.rows)]

    assert scored.score.tolist() == [rows[payee]["score"] for payee in payees]
    assert expected.amount.tolist() == [rows[payee]["amount"] for payee in payees]


STAGED = """
name = "corporate"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
curve = { bands = [["0元", "500万元", "0.5%"], ["500万元", "", "0.8%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }
"""


def officers(count: int) -> lp.Organisation:
    """The officers of the tape."""
    return lp.Organisation(
        assignments=[
            lp.Assignment(payee=f"E{number:02}", unit="east", role="officer", since="2026-01-01")
            for number in range(count)
        ]
    )


def told(row: Any) -> tuple[Any, ...]:
    """All that a line says."""
    names = ("payee", "plan", "component", "loan", "stage", "period", "on", "earned_on", "amount")
    return tuple(str(row[name] or "") if name in ("loan", "stage") else row[name] for name in names)


def told_of(line: lp.Accrual) -> tuple[Any, ...]:
    """The same of a line of one machine."""
    place = line.payee, line.plan.plan.code, line.component, line.loan, line.stage, str(line.period)
    return *place, line.on, line.earned_on, line.amount.units


def test_commissions_are_those_of_one_machine(spark: Any) -> None:
    """Tiers look at all loans of an officer, wherever they lay, and one officer has half of them; a bad row blocks."""
    loans, plans = tape(4_000, skewed=True), lp.SchemeBook([lp.parse_scheme(STAGED)]).plans()
    amounts = loans["disbursed"].to_pylist()
    broken = loans.set_column(loans.column_names.index("disbursed"), "disbursed", [[*amounts[:-1], -5]])
    march = lp.Period.month(2026, 3)
    book = lp.Facts.read({"loans": broken}, currency="CNY", money="fen", as_of="2026-03-31")
    expected = lp.accrue(book, plans, officers(40), through=march)
    found = accrue_frame(
        spark.createDataFrame(broken).repartition(5),
        plans,
        officers(40),
        through=march,
        currency="CNY",
        money="fen",
        as_of="2026-03-31",
        groups=6,
    )
    lines = [told(row) for row in found.lines.toArrow().to_pylist()]

    assert 3_000 < len(lines)
    assert sorted(map(told_of, expected)) == sorted(lines)
    assert [*expected.blocked] == [row["payee"] for row in found.blocked.collect()]
    assert [problem.fault for problem in expected.problems] == [row["fault"] for row in found.problems.collect()]


def test_what_is_paid_by_the_period_is_paid_once_to_each_payee(spark: Any) -> None:
    """Fixed pay and guarantees come to those without a loan too, and once, however many groups there are."""
    duty = '[plans.sales.components.duty]\nbase = "fixed"\nrate = "9元"\n'
    plans, march = lp.SchemeBook([lp.parse_scheme(STAGED + duty)]).plans(), lp.Period.month(2026, 3)
    loans, staff = tape(300, skewed=True), officers(45)
    facts = lp.Facts.read({"loans": loans}, currency="CNY", money="fen", as_of="2026-03-31")
    expected = lp.accrue(facts, plans, staff, through=march, since=plans[0].since)
    for groups in (1, 7):
        found = accrue_frame(
            spark.createDataFrame(loans).repartition(3),
            plans,
            staff,
            through=march,
            currency="CNY",
            money="fen",
            as_of="2026-03-31",
            groups=groups,
        )
        rows = found.lines.toArrow().to_pylist()

        # three months of 9 yuan for each of 45, five of whom have no loan
        assert [900] * 135 == [row["amount"] for row in rows if row["component"] == "duty"]
        assert {f"E{number:02}" for number in range(45)} == {row["payee"] for row in rows}
        assert sorted(map(told_of, expected)) == sorted(map(told, rows))
        assert 0 == found.blocked.count() == found.problems.count()


def test_what_spark_cannot_accrue_is_said_at_once() -> None:
    """What a team earns lies in other groups; a plan that looks there would pay too little."""
    lead = '[plans.sales.components.lead]\nbase = "team"\nrate = "1%"\nteam = { members = "all", total = "sum" }\n'
    plans = lp.SchemeBook([lp.parse_scheme(STAGED + lead)]).plans()
    with pytest.raises(lp.errors.DataError, match="plan sales: it pays for what a group of payees lacks: team"):
        accrue_frame(None, plans, officers(1), through=QUARTER, currency="CNY", money="fen", as_of="2026-03-31")
    with pytest.raises(lp.errors.DataError, match="groups: it is 0; pass how many"):
        accrue_frame(None, (), officers(1), through=QUARTER, currency="CNY", money="fen", as_of="2026-03-31", groups=0)


def test_what_spark_cannot_measure_is_said_at_once() -> None:
    """Before any cluster is asked."""
    with pytest.raises(lp.errors.DataError, match="compliance_score"):
        measure_frame(
            None, QUARTER, [lp.indicator("compliance_score")], currency="CNY", money="fen", as_of="2026-03-31"
        )
    with pytest.raises(lp.errors.DataError, match="is no day of"):
        measure_frame(None, QUARTER, INDICATORS, currency="CNY", money="fen", as_of="2026-04-30")


_PAGE = """```python
from datetime import date

from pyspark.sql import SparkSession

import loanperf as lp
from loanperf.adapters.spark import measure_frame

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
columns = "loan string, customer string, officer string, opened_on date, amount long"
loans = spark.createDataFrame([("L1", "K1", "lin", date(2026, 3, 1), 100_000)], columns)
march, asked = lp.Period.month(2026, 3), [lp.indicator("loan_amount")]
found = measure_frame(loans, march, asked, currency="CNY", money="fen", as_of="2026-03-31").readings.collect()
spark.stop()
assert [row["payee"] for row in found] == ["lin"]
```
"""


def test_the_extra_brings_all_that_spark_asks_for(tmp_path: Path) -> None:
    """In a fresh environment with `loanperf[spark]` and nothing else."""
    page = tmp_path / "page.md"
    page.write_text(_PAGE, encoding="utf-8")
    command = [
        sys.executable,
        "-W",
        "ignore",
        str(Path(__file__).with_name("only_extras.py")),
        "loanperf[spark]",
        str(page),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2_000:]
