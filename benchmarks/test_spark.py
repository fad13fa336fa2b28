"""Cost per row on Spark from a million to a hundred million loans, which are made in partitions and never held.

Nothing is asserted about time.
"""

import shutil
import sys
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from benchmarks.sizes import sized
from pyspark.sql import SparkSession

import loanperf as lp
from loanperf.adapters.spark import measure_frame
from loanperf.tables import Coded

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java 17 on PATH"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

MARCH = lp.Period.month(2026, 3)
INDICATORS = tuple(lp.indicator(code) for code in ("disbursed_amount", "npl_ratio", "overdue_ratio"))
OFFICERS = 1_000
SIZES = (sized(1_000_000), sized(10_000_000), sized(100_000_000))
COLUMNS = {
    "loan": "id",
    "customer": "id",
    "officer": f"cast(id * 7919 % {OFFICERS} as string)",
    "opened_on": "date '2026-03-02'",
    "disbursed_on": "date '2026-03-03'",
    "disbursed": "1 + id * 104729 % 90000001",
    "balance": "1 + id * 104729 % 90000001",
    "overdue": "if(id % 11 = 0, 1L, 0L)",
    "category": "if(id % 13 = 0, 'loss', 'normal')",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark of two threads on loopback."""
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master("local[2]").appName("loanperf")
    for name, value in settings.items():
        builder = builder.config(name, value)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        session = builder.getOrCreate()
        yield session
        session.stop()


def tape(rows: int) -> dict[str, Any]:
    """The first rows of the same tape, on one machine."""
    number = np.arange(rows, dtype=np.int64)
    day = np.full(rows, np.datetime64("2026-03-02"))
    words = tuple(str(officer) for officer in range(OFFICERS))
    amount = 1 + number * 104729 % 90000001
    return {
        "loan": number,
        "customer": number,
        "officer": Coded((number * 7919 % OFFICERS).astype(np.int32), words),
        "opened_on": day,
        "disbursed_on": day + 1,
        "disbursed": amount,
        "balance": amount,
        "overdue": (number % 11 == 0).astype(np.int64),
        "category": Coded((number % 13 == 0).astype(np.int8), ("normal", "loss")),
    }


def test_cost_per_row_is_flat(spark: Any) -> None:
    """Seconds and nanoseconds a row by size, beside one machine without Spark; the sums are the same."""
    _measured(spark, 20_000)  # the first job starts the workers
    print("\nrows, seconds on Spark local[2], ns a row, ratio to one machine's columns")
    for rows in SIZES:
        start = perf_counter()
        found = _measured(spark, rows)
        there = perf_counter() - start
        assert OFFICERS == len(found)
        ratio = "-"
        if rows <= 10_000_000:
            start = perf_counter()
            facts = lp.Facts.read({"loans": tape(rows)}, currency="CNY", money="fen", as_of="2026-03-31")
            here = lp.measure(facts, MARCH, INDICATORS, currency="CNY")
            ratio = f"{there / (perf_counter() - start):.1f}"
            sums = {row["payee"]: row["disbursed_amount"] for row in found}
            assert sums == {payee: int(here.of(payee)["disbursed_amount"].numerator * 100) for payee in here.payees}
        print(f"{rows:,}, {there:.1f}, {there / rows * 1e9:.0f}, {ratio}")


def _measured(spark: Any, rows: int) -> Any:
    """The readings of so many loans."""
    made = spark.range(0, rows, numPartitions=max(2, rows // 1_000_000))
    frame = made.selectExpr(*(f"{how} as {name}" for name, how in COLUMNS.items()))
    return measure_frame(frame, MARCH, INDICATORS, currency="CNY", money="fen", as_of="2026-03-31").readings.collect()
