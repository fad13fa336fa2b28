"""Spark: books that do not fit one machine. The door of pyspark, with the extra `spark`.

Each partition is worked by the column kernels over Arrow, and what they give is summed by Spark in whole numbers, so
that the result is bit for bit that of one machine, however the rows are spread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib import import_module
from itertools import chain
from typing import Any

import numpy as np
from attrs import frozen

from loanperf._appraisal import Appraisals, appraise_all
from loanperf._bonus import Awards, award_all
from loanperf._commission import Accruals, DatedPlan, accrue
from loanperf._facts import Facts
from loanperf._indicators import Deduct, Indicator, Readings, View, measure, totals_of
from loanperf._kinds import KINDS
from loanperf._org import Organisation
from loanperf._periods import Period, day
from loanperf._scorecard import Card
from loanperf._tables._exact import in_64_bits
from loanperf._tables._frames import like
from loanperf._tables._units import NO_UNITS
from loanperf.errors import DataError, MissingExtraError, Problem, shown
from loanperf.tables import Table

_EXTRA = "spark"
_DOT = "__dot__"
_NO_SCALES: Mapping[str, int] = {}
_NO_TABLES: Mapping[str, Any] = {}
_OF_LOANS: tuple[View, ...] = ("loans", "loan events")


def _spark(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError(_EXTRA, name) from error


@frozen(eq=False, kw_only=True)
class MeasuredFrame:
    """Readings of every payee, and the rows that could not be used, as data frames of Spark."""

    readings: Any
    """A row a payee: `payee`, and for each indicator its code, or `code.numerator` and `code.denominator`, as longs."""
    problems: Any
    """A row a bad row: `where`, `fault`, `found`, `remedy`."""
    scales: Mapping[str, int]
    """Units in one whole of each numerator."""


def measure_frame(
    loans: Any,
    period: Period,
    indicators: Iterable[Indicator],
    *,
    currency: str,
    as_of: date | str,
    money: str = "",
    others: Mapping[str, Any] = _NO_TABLES,
) -> MeasuredFrame:
    """Measure indicators over a tape of loans, for every payee, by sums of whole numbers in Spark.

    Args:
        loans: a data frame of Spark, one row a loan, as the table `loans` of `lp.Facts.read`. Each loan stands once;
            that two partitions contradict each other is not looked for.
        period: flows are those dated in it; stocks are as of its last day.
        indicators: sums and quotients; each code once.
        currency: ISO 4217 code of every amount.
        as_of: the day on which the loans stood so.
        money: the unit of whole numbers for money; see `lp.Facts.read`. Headings say that of other columns.
        others: what is not about loans, such as `customers` and `complaints`, by name of the table: data frames of
            Spark or of another make. They are brought to this machine and measured there, and Spark adds them.

    Raises:
        DataError: an indicator that is no sum, or that looks at a table that was not passed.
        MissingExtraError: pyspark or pyarrow is not installed.

    A total beyond 64 bits fails the job when it is computed, and says which; it never wraps.
    """
    asked, on = tuple(indicators), day(as_of)
    _must_be_in(period, on)
    _must_be_sums(asked, others)
    functions, types, pyarrow = _spark("pyspark.sql.functions"), _spark("pyspark.sql.types"), _spark("pyarrow")
    form = measure(_one_loan(currency, on), period, asked, currency=currency).table()
    units = {name: form[name].scale or 1 for name in form if name != "payee"}
    names, schema = [*units], _schema_of(units, types)

    def sums(batches: Iterator[Any]) -> Iterator[Any]:
        """What the rows of a partition come to."""
        tapes = ({"loans": rows} for rows in batches if rows.num_rows)
        facts = (Facts.read(tape, currency=currency, as_of=on, money=money) for tape in tapes)
        for first in facts:
            measured = measure(chain([first], facts), period, asked, currency=currency)
            yield from _as_rows(measured, units, pyarrow).to_batches()

    parts = loans.mapInArrow(sums, schema)
    scales = dict(units)
    if others:
        facts = Facts.read(_here(others), currency=currency, money=money)
        measured = measure(facts, period, asked, currency=currency)
        scales |= _of_others(asked, measured.table())
        rows = _as_rows(measured, scales, pyarrow)
        parts = parts.unionByName(loans.sparkSession.createDataFrame(rows, schema))
    totals = parts.where(functions.col("where").isNull()).groupBy("payee")
    added = [functions.sum(functions.col(f"`{name}`").cast("decimal(38, 0)")).alias(name) for name in names]
    readings = totals.agg(*added).select("payee", *[_long(functions, name).alias(name) for name in names])
    problems = parts.where(functions.col("where").isNotNull()).select(*_PROBLEM)
    scales = {_code(name): found for name, found in scales.items() if not name.endswith(".denominator")}
    return MeasuredFrame(readings=readings, problems=problems, scales=scales)


def _schema_of(totals: Iterable[str], types: Any) -> Any:
    """The columns of what a partition comes to: payee and totals, or a problem."""
    text, number = types.StringType(), types.LongType()
    of = {"payee": text} | dict.fromkeys(totals, number) | dict.fromkeys(_PROBLEM, text)
    return types.StructType([types.StructField(name, kind) for name, kind in of.items()])


def _code(name: str) -> str:
    return name.removesuffix(".numerator")


def _one_loan(currency: str, on: date) -> Facts:
    """The facts of one loan, by which the columns of readings and their units are known before any row is read."""
    words = {name: np.array(["-"]) for name in ("loan", "customer", "officer")}
    tape = {**words, "opened_on": np.array([on], dtype="datetime64[D]"), "balance": np.array([0])}
    return Facts.read({"loans": tape}, currency=currency, as_of=on, money="smallest unit")


_PROBLEM = ("where", "fault", "found", "remedy")


def _long(functions: Any, name: str) -> Any:
    """A total as a long; beyond 64 bits the job fails."""
    column = functions.col(f"`{name}`")
    said = f"the total of {name} is beyond 64 bits; measure fewer loans at once"
    beyond = functions.abs(column) > 2**63 - 1
    return functions.when(beyond, functions.raise_error(functions.lit(said)).cast("long")).otherwise(
        column.cast("long")
    )


def _must_be_in(period: Period, on: date) -> None:
    if on not in period:
        remedy = "pass the last day of the period, on which loans stand so"
        raise DataError("as_of", f"{on} is no day of {period}", remedy)


def _must_be_sums(indicators: Sequence[Indicator], others: Mapping[str, Any]) -> None:
    """Refuse what is no sum over partitions, and what would be 0 since its table is not there."""
    for name in others:
        if name not in KINDS or KINDS[name].domain == "loan":
            known = ", ".join(kind.name for kind in KINDS.values() if kind.domain != "loan")
            raise DataError("others", f"there is no table {shown(name)} beside loans", f"pass some of {known}")
    for indicator in indicators:
        if isinstance(indicator.measure, Deduct):
            remedy = "measure it on one machine with lp.measure, and join the readings"
            raise DataError(f"indicator {indicator.code}", "what is taken off is no sum over partitions", remedy)
        for view in _views(indicator):
            if view not in (*_OF_LOANS, *others):
                remedy = f"pass others={{{view!r}: <a data frame>}}"
                raise DataError(f"indicator {indicator.code}", f"there is no table {view!r}", remedy)


def _views(indicator: Indicator) -> tuple[View, ...]:
    """What an indicator looks at, the numerator first."""
    return () if indicator.measure is None else tuple(total.over for _, total in totals_of(indicator.measure))


def _here(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Tables brought to this machine."""
    return {name: table.toArrow() if hasattr(table, "toArrow") else table for name, table in tables.items()}


def _of_others(indicators: Sequence[Indicator], table: Table) -> dict[str, int]:
    """The units in one whole of the totals of what is not about loans."""
    codes = {indicator.code for indicator in indicators for view in _views(indicator)[:1] if view not in _OF_LOANS}
    return {name: table[name].scale or 1 for name in table if name.partition(".")[0] in codes}


def _as_rows(measured: Readings, units: Mapping[str, int], pyarrow: Any) -> Any:
    """Totals and problems of some rows, one below the other.

    Args:
        measured: the readings of those rows.
        units: in one whole, by name of total, which all parts must share to be added.
        pyarrow: the module.
    """
    columns = measured.table()
    for name, unit in units.items():
        if columns[name].missing is not None:
            raise DataError(f"the total of {name}", "it is beyond 64 bits", "measure fewer loans at once")
        if (columns[name].scale or 1) != unit:
            fault = f"it counts 1/{columns[name].scale or 1} here and 1/{unit} elsewhere"
            raise DataError(f"the total of {name}", fault, "measure it on one machine with lp.measure")
    payees = pyarrow.array([str(payee) for payee in measured.payees], pyarrow.string())
    totals = {name: pyarrow.array(columns[name].values.tolist(), pyarrow.int64()) for name in units}
    return _below(pyarrow.table({"payee": payees, **totals}), measured.problems, pyarrow)


def _below(rows: Any, problems: Iterable[Problem], pyarrow: Any) -> Any:
    """A table, and below it problems; what the one lacks of the other is null."""
    said = [[getattr(problem, name) for problem in problems] for name in _PROBLEM]
    table = pyarrow.table([pyarrow.array(texts, pyarrow.string()) for texts in said], names=[*_PROBLEM])
    return pyarrow.concat_tables([rows, table], promote_options="default")


def appraise_frame(
    readings: Any,
    cards: Card | Mapping[str, Card],
    *,
    scales: Mapping[str, int] = _NO_SCALES,
    units: Mapping[str, str] = NO_UNITS,
    kept: Sequence[str] = (),
) -> Any:
    """Score every row of a data frame, and award its bonus where its card has a plan.

    Args:
        readings: a row a payee, with the columns of `lp.appraise_all`, and `month` or `base` for a bonus.
        cards: as for `lp.appraise_all`.
        scales: units in one whole by name of column; see `MeasuredFrame.scales`.
        units: units by name of column, as for `lp.appraise_all`.
        kept: columns to hand on as they are, such as a unit; no card looks at them.

    Returns:
        A data frame: `payee`, what is handed on, `score` in units of 10 ** -places, `places`, `grade`, `amount` in
        smallest units, and `problem`, which says why a row has no score or no bonus.
    """
    types, pyarrow = _spark("pyspark.sql.types"), _spark("pyarrow")
    handed_on, long, text = ["payee", *kept], types.LongType(), types.StringType()
    found = {"score": long, "places": long, "grade": text, "amount": long, "problem": text}
    fields = [types.StructField(name, kind) for name, kind in found.items()]
    schema = types.StructType([*(readings.schema[name] for name in handed_on), *fields])
    pays = any(card.bonus is not None for card in ([cards] if isinstance(cards, Card) else cards.values()))

    def scores(batches: Iterator[Any]) -> Iterator[Any]:
        """The scores and bonuses of the rows of a partition."""
        for rows in batches:
            named = rows.rename_columns([name.replace(_DOT, ".") for name in rows.schema.names])
            looked_at = named.select([name for name in named.schema.names if name == "payee" or name not in kept])
            if rows.num_rows:
                appraised = appraise_all(cards, looked_at, scales=scales, units=units, workers=1)
                awarded = award_all(appraised, workers=1) if pays else None
                yield _scored(named.select(handed_on), appraised, awarded, schema.names, pyarrow)

    # pyspark looks columns up by name and takes a dot for a path; the kernel gives them their names back.
    return readings.toDF(*(name.replace(".", _DOT) for name in readings.columns)).mapInArrow(scores, schema)


def _scored(rows: Any, appraised: Appraisals, awarded: Awards | None, names: Sequence[str], pyarrow: Any) -> Any:
    """What is handed on, and scores and bonuses beside it."""
    found, many = appraised.frame("pyarrow"), rows.num_rows
    said = {problem.row: str(problem) for problem in (appraised if awarded is None else awarded).problems}
    score = _in_64_bits("the score", appraised.score, appraised.ok, said)
    amount = [None] * many if awarded is None else _in_64_bits("the bonus", awarded.amount, awarded.ok, said)
    whole, text = pyarrow.int64(), pyarrow.string()
    arrays = [
        *rows.columns,
        pyarrow.array(score, whole),
        pyarrow.array([appraised.places] * many, whole),
        found["grade"].combine_chunks().cast(text) if "grade" in found.column_names else pyarrow.nulls(many, text),
        pyarrow.array(amount, whole),
        pyarrow.array([said.get(row) for row in range(many)], text),
    ]
    return pyarrow.RecordBatch.from_arrays(arrays, names=[*names])


def _in_64_bits(what: str, numbers: Any, there: Any, said: dict[int | None, str]) -> list[int | None]:
    """The cells of a column; a number beyond 64 bits is missing, and its row says so."""
    cells = [number if good else None for number, good in zip(numbers.tolist(), there.tolist(), strict=True)]
    for row, cell in enumerate(cells if numbers.dtype == object else ()):
        if cell is not None and abs(cell) >= 2**63:
            said.setdefault(row, f"rows row {row}: {what} is beyond 64 bits (found {cell}); mend the reading")
            cells[row] = None
    return cells


@frozen(eq=False, kw_only=True)
class AccruedFrame:
    """Lines of commission, and what could not be worked, as data frames of Spark."""

    lines: Any
    """A row a line: `payee`, `plan`, `component`, `loan`, `stage`, `period` as text, `on`, `earned_on`, and `amount` in
    smallest units."""
    problems: Any
    """A row a bad row: `where`, `fault`, `found`, `remedy`."""
    blocked: Any
    """`payee` of those whose lines are not whole, since a row of theirs could not be worked; do not pay them yet."""


_LINE = ("payee", "plan", "component", "loan", "stage", "period", "on", "earned_on", "amount")


def accrue_frame(
    loans: Any,
    plans: Sequence[DatedPlan],
    organisation: Organisation,
    *,
    through: Period,
    currency: str,
    as_of: date | str,
    money: str = "",
    groups: int = 200,
) -> AccruedFrame:
    """The lines of commission of a tape of loans, from scratch; each equal to that of `lp.accrue`.

    Payees are put into groups, each with its loans and assignments, and `lp.accrue` works a group from the first day of
    the first plan, since tiers and caps look at all that a payee earns. So a group must fit a worker: where half of the
    rows are one payee's, one worker holds half of the rows. What looks at others cannot be split.

    Args:
        loans: as for `measure_frame`; each loan is its officer's alone.
        plans: of every version of the scheme; see `SchemeBook.plans`.
        organisation: who held which role where.
        through: the last pay period.
        currency: ISO 4217 code of every amount.
        as_of: the day on which the loans stood so.
        money: the unit of whole numbers for money; see `lp.Facts.read`. Headings say that of other columns.
        groups: how many groups of payees; a few for each core of the cluster.

    Raises:
        DataError: a plan that pays for a team or by a reading, or `groups` is no positive number.
        MissingExtraError: pyspark or pyarrow is not installed.
    """
    if groups < 1:
        raise DataError("groups", f"it is {groups!r}", "pass how many, one at least")
    for dated in plans:
        if bases := sorted({item.base for item in dated.plan.components} & {"team", "indicator"}):
            remedy = "accrue it on one machine with lp.accrue"
            raise DataError(f"plan {dated.plan.code}", f"it pays for what a group of payees lacks: {bases[0]}", remedy)
    functions, types, pyarrow = _spark("pyspark.sql.functions"), _spark("pyspark.sql.types"), _spark("pyarrow")
    on, first = day(as_of), min((dated.since for dated in plans), default=through.start)
    kinds = {"on": types.DateType(), "earned_on": types.DateType(), "amount": types.LongType()}
    fields = [types.StructField(name, kinds.get(name, types.StringType())) for name in (*_LINE, *_PROBLEM)]

    def accrued(rows: Any, people: Any) -> Any:
        """The lines and problems of some payees."""
        facts = Facts.read({"loans": rows}, currency=currency, as_of=on, money=money)
        codes = {*people["officer"].to_pylist()}
        mine = [item for item in organisation.assignments if item.payee in codes]
        staff = Organisation(units=organisation.units, assignments=mine)
        return _as_lines(accrue(facts, plans, staff, through=through, since=first), pyarrow)

    group = functions.pmod(functions.hash(functions.col("officer").cast("string")), functions.lit(groups))
    people = loans.sparkSession.createDataFrame([(code,) for code in organisation.codes], "officer string")
    by_group = [frame.groupBy(group.alias("group")) for frame in (loans, people)]
    parts = by_group[0].cogroup(by_group[1]).applyInArrow(accrued, types.StructType(fields))
    is_line, is_problem = functions.col("amount").isNotNull(), functions.col("where").isNotNull()
    return AccruedFrame(
        lines=parts.where(is_line).select(*_LINE),
        problems=parts.where(is_problem).select(*_PROBLEM),
        blocked=parts.where(~is_line & ~is_problem).select("payee").distinct(),
    )


def _as_lines(accrued: Accruals, pyarrow: Any) -> Any:
    """Lines, problems and blocked payees, one below the other."""
    columns = accrued.columns
    found = like("pyarrow", columns.shown() | {"amount": in_64_bits(columns.units, 1)})
    kinds = {"on": pyarrow.date32(), "earned_on": pyarrow.date32(), "amount": pyarrow.int64()}
    lines = pyarrow.table({name: found[name].cast(kinds.get(name, pyarrow.string())) for name in _LINE})
    blocked = pyarrow.table({"payee": pyarrow.array(sorted(accrued.blocked), pyarrow.string())})
    rows = pyarrow.concat_tables([lines, blocked], promote_options="default")
    return _below(rows, accrued.problems, pyarrow)
