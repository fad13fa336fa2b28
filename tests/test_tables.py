"""Tables from folders, files and data frames: what exports really look like, and that no row is lost without a word."""

import csv
import os
import runpy
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemorySchemes
from loanperf.adapters.tables import COLUMNS, Folder, Limits, Tables, frame_of, suggest, write_refused
from loanperf.tables import batches_of

ROOT = Path(__file__).parents[1]
MARCH = lp.Period.month(2026, 3)
LOANS = "loan,customer,officer,opened_on\n"
GOOD = "L1,C1,lin,2026-03-02\n"


def folder(path: Path, files: Mapping[str, str | bytes], encoding: str = "utf-8") -> Folder:
    """A folder of these files."""
    for name, text in files.items():
        path.joinpath(name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return Folder(path, encoding)


def problems(path: Path, file: str, text: str) -> list[str]:
    """The problems that a file has, as text; what is no problem is a fact."""
    facts = folder(path, {"loans.csv": LOANS, file: text}).facts(MARCH)
    assert facts.rows == len(facts) + facts.repeats + len(facts.problems)
    return [str(problem) for problem in facts.problems]


def refusal(path: Path, files: Mapping[str, str | bytes], encoding: str = "utf-8") -> str:
    """What is said of a folder that cannot be read at all."""
    with pytest.raises(lp.errors.DataError) as caught:
        folder(path, files, encoding).facts(MARCH)
    return str(caught.value)


# ── what can be read ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (LOANS + GOOD, "utf-8"),
        (LOANS + GOOD, "utf-8-sig"),
        ("officer,opened_on,customer,loan,product\nlin,2026-03-02,C1,L1,\n", "utf-8"),
        ("贷款编号,客户编号,客户经理,开立日期\nL1,C1,lin,2026/3/2\n", "utf-8"),
        ("借据号,客户号,经办人,受理日期\r\nL1,C1,lin,2026/03/02\r\n", "gb18030"),
        ("Loan, CUSTOMER ,officer,opened_on\r\n\r\n L1 ,C1,\u3000lin,２０２６-０３-０２\r\n,,,\r\n", "utf-8"),
        ('"loan","customer","officer","opened_on"\n"L1","C1","lin","2026-03-02"\n"","","",""', "utf-16"),
    ],
)
def test_exports_of_many_shapes_say_the_same(tmp_path: Path, text: str, encoding: str) -> None:
    """A byte order mark, another order of columns, Chinese heads, blank rows: none of it changes what a row says."""
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    tmp_path.joinpath("loans.csv").write_bytes(text.encode(encoding))

    facts = Folder(tmp_path, name).facts(MARCH)

    assert (lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-02"),) == facts.items
    assert () == facts.problems


def test_a_fact_names_the_row_that_it_came_from(tmp_path: Path) -> None:
    """Whoever doubts a number finds the row; the header is row 1, as spreadsheets count."""
    facts = folder(tmp_path, {"loans.csv": f"{LOANS}\n{GOOD}"}).facts(MARCH)

    assert ["loans.csv row 3"] == [fact.source for fact in facts]


@pytest.mark.parametrize(
    ("cells", "currency"),
    [
        ("30万元", ""), ("300000 CNY", ""), ('"300,000.00 元"', ""), ("３０万元", ""), ("300000", "CNY"),
        ('"３００,０００"', "CNY"), ("0.3 百万元", "CNY"), ("3e5", "CNY"), ("+300000", "CNY"),
    ],
)  # fmt: skip
def test_one_amount_is_written_in_many_ways(tmp_path: Path, cells: str, currency: str) -> None:
    """万元, thousands separators and full-width digits are how amounts come; each means the same fen."""
    text = f"loan,on,outstanding,currency\nL1,2026-03-31,{cells},{currency}\n"
    (balance,) = folder(tmp_path, {"balances.csv": text}).facts(MARCH)

    assert lp.Balance(loan="L1", on="2026-03-31", outstanding=lp.Money.from_units(30_000_000, "CNY")) == balance


def test_every_kind_of_fact_is_read(tmp_path: Path) -> None:
    """Each file becomes the facts that it is named for, with the Chinese words of events and classes."""
    files = {
        "loans.csv": LOANS + GOOD,
        "events.csv": "loan,kind,on,amount,category,days,officer\n"
        "L1,放款,2026-03-02,30万元,,,\nL1,分类,2026-03-03,,次级,,\nL1,past due,2026-03-04,,,31 days,\n"
        "L1,移交,2026-03-05,,,,wu\n",
        "balances.csv": "loan,on,outstanding,overdue\nL1,2026-03-31,30万元,1万元\n",
        "customers.csv": "customer,officer,since,until\nC1,lin,2026-01-01,2026-03-20\n",
        "holdings.csv": "customer,product,since\nC1,card,2026-01-01\n",
        "profits.csv": "customer,on,amount\nC1,2026-03-31,-12.34 元\n",
        "violations.csv": "number,payee,on,points\nV1,lin,2026-03-05,2.5 point\n",
        "inquiries.csv": "number,payee,on,authorised,permitted\nQ1,lin,2026-03-05,是,no\n",
        "valuations.csv": "number,payee,on,appraised,benchmark\nA1,lin,2026-03-05,100万元,90万元\n",
        "trainings.csv": "payee,course,on,completed_on\nlin,AML,2026-03-05,\n",
        "ratings.csv": "number,payee,on,topic,score,rater\nR1,lin,2026-03-05,teamwork,88,wu\n",
        "credits.csv": "借据号,员工编号,登记日期,分工,分成比例\nL1,lin,2026-03-02,,\nL1,wu,2026-03-02,assistant,1/3\n",
        "exchange_rates.csv": "币种,折算币种,日期,汇率\nUSD,CNY,2026-03-31,7.1\n",
    }
    facts = folder(tmp_path, files).facts(MARCH)

    assert (17, ()) == (len(facts), facts.problems)
    assert set(files) == {fact.source.split()[0] for fact in facts}
    events = {fact.kind: fact for fact in facts if isinstance(fact, lp.LoanEvent)}
    assert lp.Money.from_units(30_000_000, "CNY") == events[lp.EventKind.DISBURSED].amount
    assert lp.Category.SUBSTANDARD == events[lp.EventKind.CLASSIFIED].category
    assert (31, "wu") == (events[lp.EventKind.PAST_DUE].days, events[lp.EventKind.ASSIGNED].officer)
    (profit,) = (fact for fact in facts if isinstance(fact, lp.Profit))
    (violation,) = (fact for fact in facts if isinstance(fact, lp.Violation))
    (inquiry,) = (fact for fact in facts if isinstance(fact, lp.Inquiry))
    assert (-1234, Fraction(5, 2)) == (profit.amount.units, violation.points)
    assert (True, False) == (inquiry.authorised, inquiry.permitted)
    credits_ = [fact for fact in facts if isinstance(fact, lp.Credit)]
    assert [("assistant", "wu", Fraction(1, 3)), ("lead", "lin", None)] == [
        (credit.role, credit.payee, credit.share) for credit in credits_
    ]
    assert lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-31", rate="7.1") in facts.items


@pytest.mark.parametrize(
    "text",
    [
        (
            "loan,customer,officer,opened_on,amount,collateral,customer_type,interest_rate,funding_rate\n"
            "L1,C1,lin,2026-03-02,30万元,mortgage,new,4.35%,2.1%\n"
        ),
        (
            "借据号,客户号,客户经理,开立日期,授信金额,币种,担保方式,客户类型,年利率,FTP价格\n"
            "L1,C1,lin,2026-03-02,300000,CNY,mortgage,new,４.３５％,210 bp\n"
        ),
    ],
)
def test_a_loan_says_what_pay_goes_by(tmp_path: Path, text: str) -> None:
    """Amount, security, kind of customer and the two rates of a margin, by English or Chinese names."""
    expected = lp.Loan(
        loan="L1",
        customer="C1",
        officer="lin",
        opened_on="2026-03-02",
        amount=lp.Money.from_units(30_000_000, "CNY"),
        collateral="mortgage",
        customer_type="new",
        interest_rate=Fraction(435, 10_000),
        funding_rate=Fraction(21, 1000),
    )
    facts = folder(tmp_path, {"loans.csv": text}).facts(MARCH)

    assert ((expected,), ()) == (facts.items, facts.problems)


def test_readings_and_targets_are_those_of_the_period(tmp_path: Path) -> None:
    """A value for the period itself goes before one without a period, and one for another period is left alone."""
    rows = "payee,indicator,value,period\nlin,loan_amount,90万元,\nlin,贷款额,100万元,2026-03\n"
    rows += "lin,npl_ratio,３％,2026-02\n"
    data = folder(tmp_path, {"readings.csv": rows, "targets.csv": rows})

    (reading,) = data.readings(MARCH)
    (target,) = data.targets(MARCH)

    assert ("lin", "loan_amount", Fraction(1_000_000), "CNY") == (
        reading.subject, reading.indicator, reading.numerator, reading.unit,
    )  # fmt: skip
    assert lp.Target(payee="lin", indicator="loan_amount", value="100万元", period=MARCH) == target
    assert [None, lp.Period.month(2026, 2)] == [found.period for found in data.readings(lp.Period.month(2026, 2))]
    assert [Fraction(900_000), Fraction(3, 100)] == [
        found.numerator for found in data.readings(lp.Period.month(2026, 2))
    ]


def test_people_come_with_their_dates(tmp_path: Path) -> None:
    """A role is held from one day up to another; a row that is there twice is said once."""
    files = {
        "units.csv": "code,name,parent\neast,East,\nteam,Team,east\n",
        "payees.csv": "code,name\nlin,Lin\nlin,Lin\n",
        "assignments.csv": "payee,unit,role,since,until,salary\n"
        "lin,team,new hire,2025-01-01,2026-03-16,6000元\nlin,team,senior,2026-03-16,,9000元\n"
        "lin,team,senior,2026-03-16,,9000元\n",
    }
    people = folder(tmp_path, files).organisation(MARCH)

    assert ["new hire", "senior"] == [held.role for held, _ in people.assignments_in("lin", MARCH)]
    assert lp.Money.from_units(900_000, "CNY") == people.assignment("lin", date(2026, 3, 16)).salary
    assert (("east", "team"), "Lin") == (people.path("team", date(2026, 3, 1)), people.name("lin"))


# ── bad rows ────────────────────────────────────────────────────────────────────────────────────────────────

BALANCE = "loan,on,outstanding,currency\n"
CREDITS = "loan,payee,on,role,share\n"
RATES = "currency,into,on,rate\n"
BAD_ROWS = [
    ("events.csv", "loan,kind,on,逾期天数\n", "L1,逾期,2026-03-31,-1", "column 逾期天数: it cannot be that (found -1)"),
    (
        "loans.csv",
        LOANS,
        "L2,C1,lin,31.3.2026",
        "opened_on: it does not say which number is the day and which the month (found '31.3.2026'); write a day as",
    ),
    ("loans.csv", LOANS, "L2,C1,lin,05/06/2026", "column opened_on: it does not say which number is the day"),
    ("loans.csv", LOANS, "L2,C1,lin,2026-03-31 09:30", "column opened_on: it is not a day as it can be written"),
    (
        "loans.csv",
        LOANS,
        "L2,C1,lin,2026-02-30",
        "column opened_on: day is out of range for month (found '2026-02-30')",
    ),
    ("loans.csv", LOANS, "L2,C1,,2026-03-31", "row 2, column officer: it is empty; every row needs it"),
    ("loans.csv", LOANS, "L2,C1,lin", "row 2: it has too few cells: 3 for 4 columns (found 'L2,C1,lin')"),
    ("loans.csv", LOANS, "L2,C1,lin,2026-03-31,", "row 2: it has too many cells: 5 for 4 columns"),
    ("loans.csv", LOANS, 'L2,C1,"lin,2026-03-31', "row 2: a quoted cell never ends"),
    ("loans.csv", LOANS, 'L2,C1,"l"in,2026-03-31', "row 2: its quotes do not fit"),
    ("loans.csv", LOANS, "L2,C\0,lin,2026-03-31", "row 2, column customer: it holds a NUL byte (found 'C\\x00')"),
    ("loans.csv", LOANS, "L2,C\x1b[2J,lin,2026-03-31", "column customer: it holds the control character U+001B"),
    ("loans.csv", LOANS, "L2,C\u202e1,lin,2026-03-31", "column customer: it holds the control character U+202E"),
    (
        "loans.csv",
        LOANS,
        "L2,=A1,lin,2026-03-31",
        "row 2, column customer: it holds a formula (found '=A1'); put its value",
    ),
    ("loans.csv", LOANS, "L2,@SUM(A1),lin,2026-03-31", "column customer: it holds a formula (found '@SUM(A1)')"),
    ("loans.csv", LOANS, "L2,+cmd|x,lin,2026-03-31", "column customer: it holds a formula (found '+cmd|x')"),
    ("loans.csv", LOANS, "L2,-A1,lin,2026-03-31", "column customer: it holds a formula (found '-A1')"),
    (
        "loans.csv",
        LOANS,
        "L2,#REF!,lin,2026-03-31",
        "column customer: it holds an error of the spreadsheet (found '#REF!')",
    ),
    (
        "loans.csv",
        LOANS,
        f"L2,{'x' * 10_001},lin,2026-03-31",
        "row 2, column customer: it is longer than 10000 characters",
    ),
    ("loans.csv", LOANS, f"L2,{'x' * 100_001},lin,2026-03-31", "row 2: it is longer than 100000 characters"),
    (
        "loans.csv",
        LOANS,
        ",=A1,lin,2026-03-31",
        "row 2: column loan: it is empty, and column customer: it holds a formula (found '=A1'); every row needs it",
    ),
    (
        "balances.csv",
        BALANCE,
        "L1,2026-03-31,300000,",
        "column outstanding: the amount has no currency (found '300000')",
    ),
    ("balances.csv", BALANCE, "L1,2026-03-31,300000,RMB", "row 2, column currency: it is no currency (found 'RMB')"),
    (
        "balances.csv",
        BALANCE,
        "L1,2026-03-31,300000 USD,CNY",
        "column outstanding: the amount is in USD, and the row in CNY",
    ),
    ("balances.csv", BALANCE, "L1,2026-03-31,3%,", "column outstanding: it is a share, and no amount of money"),
    ("balances.csv", BALANCE, "L1,2026-03-31,3 days,", "column outstanding: it is in day, and no amount of money"),
    (
        "balances.csv",
        BALANCE,
        "L1,2026-03-31,1.234 CNY,",
        "column outstanding: CNY has 2 decimal places (found '1.234 CNY')",
    ),
    ("balances.csv", BALANCE, 'L1,2026-03-31,"3,00 CNY",', "column outstanding: it is not a number and a unit"),
    (
        "balances.csv",
        BALANCE,
        "L1,2026-03-31,30 gold,",
        "column outstanding: 'gold' is no known unit (found '30 gold')",
    ),
    (
        "balances.csv",
        BALANCE,
        "L1,2026-03-31,=SUM(A1:A9),",
        "column outstanding: it holds a formula (found '=SUM(A1:A9)')",
    ),
    (
        "balances.csv",
        BALANCE,
        "L1,2026-03-31,-5 CNY,",
        "column outstanding: it cannot be that (found '-5.00 CNY'); give zero",
    ),
    (
        "events.csv",
        "loan,kind,on\n",
        "L1,disburst,2026-03-31",
        "column kind: it is no word that is known here (found 'disburst'); did you mean 'disbursed'?",
    ),
    (
        "events.csv",
        "loan,kind,on\n",
        "L1,签约,2026-03-31",
        "row 2, column amount: it is missing; an event 'signed' needs amount",
    ),
    (
        "events.csv",
        "loan,kind,on,days\n",
        "L1,逾期,2026-03-31,1.5",
        "column days: it is no whole number of days (found '1.5')",
    ),
    (
        "ratings.csv",
        "number,payee,on,topic,score\n",
        "R1,lin,2026-03-31,teamwork,101",
        "row 2, column score: it cannot be that",
    ),
    (
        "violations.csv",
        "number,payee,on,points\n",
        "V1,lin,2026-03-31,5 CNY",
        "column points: it is in CNY (found '5 CNY')",
    ),
    (
        "inquiries.csv",
        "number,payee,on,authorised,permitted\n",
        "Q1,lin,2026-03-31,maybe,yes",
        "column authorised: it is neither yes nor no",
    ),
    (
        "readings.csv",
        "payee,indicator,value\n",
        "lin,loan_amount,100",
        "row 2, column value: the amount has no currency (found '100')",
    ),
    (
        "readings.csv",
        "payee,indicator,实绩\n",
        "lin,贷款额,100",
        "row 2, column 实绩: the amount has no currency (found '100')",
    ),
    (
        "targets.csv",
        "员工编号,指标,目标\n",
        "lin,loan_amount,100",
        "row 2, column 目标: the amount has no currency (found '100')",
    ),
    (
        "readings.csv",
        "payee,indicator,value,period\n",
        "lin,npl_ratio,1%,March",
        "column period: its form is unknown (found 'March')",
    ),
    (
        "loans.csv",
        "loan,customer,officer,opened_on,年利率\n",
        "L2,C1,lin,2026-03-31,4.35",
        "年利率: 4.35 is 435% (found '4.35'); write '4.35%', or '435%'",
    ),
    (
        "loans.csv",
        "loan,customer,officer,opened_on,interest_rate\n",
        "L2,C1,lin,2026-03-31,4元",
        "it is in CNY, and no share (found '4元')",
    ),
    (
        "loans.csv",
        "loan,customer,officer,opened_on,funding_rate\n",
        "L2,C1,lin,2026-03-31,-1%",
        "funding_rate: it cannot be that (found '-1%')",
    ),
    (
        "loans.csv",
        "loan,customer,officer,opened_on,amount\n",
        "L2,C1,lin,2026-03-31,5",
        "column amount: the amount has no currency",
    ),
    (
        "credits.csv",
        CREDITS,
        "L1,lin,2026-03-31,lead,60",
        "column share: 60 is 6000% (found '60'); write '60%', or '6000%'",
    ),
    ("credits.csv", CREDITS, "L1,lin,2026-03-31,lead,half", "column share: it is not a number"),
    ("credits.csv", CREDITS, "L1,,2026-03-31,lead,60%", "column payee: it is empty; every row needs it"),
    ("exchange_rates.csv", RATES, "RMB,CNY,2026-03-31,7.1", "column currency: it is no currency (found 'RMB')"),
    (
        "exchange_rates.csv",
        RATES,
        "USD,usd,2026-03-31,7.1",
        "column into: it is no currency (found 'usd'); write a code",
    ),
    ("exchange_rates.csv", RATES, "USD,USD,2026-03-31,7.1", "column into: it cannot be that (found 'USD')"),
    ("exchange_rates.csv", RATES, "USD,CNY,2026-03-31,0", "column rate: it cannot be that (found '0')"),
    (
        "exchange_rates.csv",
        RATES,
        "USD,CNY,2026-03-31,710%",
        "column rate: it is a share (found '710%'); write a plain",
    ),
    ("exchange_rates.csv", RATES, "USD,CNY,2026-03-31,7.1元", "column rate: it is in CNY (found '7.1元')"),
    ("exchange_rates.csv", RATES, "USD,CNY,2026-03-31,", "column rate: it is empty; every row needs it"),
]


@pytest.mark.parametrize(("file", "head", "row", "said"), BAD_ROWS, ids=[said[-60:] for *_, said in BAD_ROWS])
def test_a_bad_row_is_a_problem_that_says_where_and_what(
    tmp_path: Path, file: str, head: str, row: str, said: str
) -> None:
    """Whoever mends an export needs file, row, column, what was there and what would be right."""
    (problem,) = problems(tmp_path, file, f"{head}{row}\n")

    assert problem.startswith(f"{file} row 2")
    assert said in problem
    assert "; " in problem


def test_who_writes_chinese_is_offered_chinese_words(tmp_path: Path) -> None:
    """Headings and words of a table have Chinese forms, and a list of English ones helps nobody there."""
    said = refusal(tmp_path, {"贷款.csv": "贷款编号,客户编号,客户经理,起始日\n"})
    assert "the columns of 贷款.csv are 贷款编号, 客户编号, 客户经理, 开立日期," in said
    tmp_path.joinpath("贷款.csv").unlink()
    assert "the files are 贷款.csv, 事件.csv," in refusal(tmp_path, {"备份.csv": ""})
    tmp_path.joinpath("备份.csv").unlink()
    word = problems(tmp_path, "事件.csv", "借据号,事件,日期,金额\nL1,发放,2026-01-05,3万元\n")
    assert "write one of 申请, 尽职调查完成, 签约, 放款, 还款," in word[0]


def test_a_bad_row_does_not_stop_the_others(tmp_path: Path) -> None:
    """One broken export line must not cost a branch its month; a quote that is left open least of all."""
    text = LOANS + 'L0,C1,"lin,2026-03-01\n' + GOOD + "L2,C1,lin\n" + "L3,C1,lin,2026-03-03\n"
    facts = folder(tmp_path, {"loans.csv": text}).facts(MARCH)

    assert ["L1", "L3"] == [fact.loan for fact in facts if isinstance(fact, lp.Loan)]
    assert ["loans.csv row 2", "loans.csv row 4"] == [problem.where for problem in facts.problems]
    assert 4 == facts.rows


def test_rows_that_say_the_same_are_one_fact_and_rows_that_differ_are_none(tmp_path: Path) -> None:
    """An export that overlaps with the last one is harmless; two truths about one loan are not."""
    text = LOANS + GOOD + GOOD + "L2,C1,lin,2026-03-02\nL2,C1,wu,2026-03-02\n"
    facts = folder(tmp_path, {"loans.csv": text}).facts(MARCH)

    assert (1, 1, 2, 4) == (len(facts), facts.repeats, len(facts.problems), facts.rows)
    assert "loans.csv row 4" in str(facts.problems[0])
    assert "contradict" in str(facts.problems[0])
    said = [problem.found for problem in facts.problems]
    assert ["loan L2, customer C1, officer lin, opened_on 2026-03-02", "loan L2, customer C1, officer wu"] == [
        said[0],
        said[1].removesuffix(", opened_on 2026-03-02"),
    ]


def test_values_that_contradict_each_other_are_problems(tmp_path: Path) -> None:
    """Nothing tells which of two targets is the agreed one; the first or last would be a guess."""
    text = "payee,indicator,value\nlin,npl_ratio,1%\nlin,npl_ratio,2%\nwu,npl_ratio,1%\n"
    data = folder(tmp_path, {"loans.csv": LOANS, "targets.csv": text})

    assert ["wu"] == [target.payee for target in data.targets(MARCH)]
    assert ["targets.csv row 2", "targets.csv row 3"] == [problem.where for problem in data.facts(MARCH).problems]


def test_problems_of_people_are_reported_too(tmp_path: Path) -> None:
    """A salesperson whose row cannot be read would else be missing from the pay without a word."""
    text = "payee,unit,role,since\nlin,east,senior,2026-01-01\nwu,east,senior,soon\n"
    data = folder(tmp_path, {"readings.csv": "payee,indicator,value\n", "assignments.csv": text})

    assert ("lin",) == data.organisation(MARCH).codes
    assert ["assignments.csv row 3, column since"] == [problem.where for problem in data.facts(MARCH).problems]


def test_the_rows_of_every_file_are_counted(tmp_path: Path) -> None:
    """Breaking a row moves it from the used to the problems; were only bad rows counted, it would raise the total."""
    files = {
        "loans.csv": LOANS + GOOD + GOOD,
        "readings.csv": "payee,indicator,value,period\n"
        "lin,loan_amount,1元,\nlin,loan_amount,1元,\nlin,npl_ratio,1%,2026-02\n",
        "targets.csv": "payee,indicator,value\nlin,npl_ratio,1%\nlin,npl_ratio,2%\n",
        "units.csv": "code,name\neast,East\n",
        "payees.csv": "code,name\nlin,Lin\n\n",
        "assignments.csv": "payee,unit,role,since\nlin,east,senior,2026-01-01\nwu,east,senior,2026-01-01\n",
    }
    whole = folder(tmp_path, files).facts(MARCH)
    broken = folder(tmp_path, {"assignments.csv": files["assignments.csv"].replace("lin,east", "lin,")}).facts(MARCH)

    assert (2 + 3 + 2 + 1 + 1 + 2, 2) == (whole.rows, len(whole.problems))
    assert (11, 3) == (broken.rows, len(broken.problems))


def test_a_role_held_beside_another_is_no_second_primary_one(tmp_path: Path) -> None:
    """A column 主岗 as an HR system exports it: no is held beside; the cell may be empty, and rows may come twice."""
    rows = "lin,w,客户经理,2026-01-01,是\nlin,e,团队长,2026-01-01,否\n"
    rows += "lin,b,培训师,2026-01-01,否\nwei,w,客户经理,2026-01-01,\n"
    files = {
        "units.csv": "code\nw\ne\nb\n",
        "assignments.csv": f"工号,机构编号,岗位,生效日期,是否主岗\n{rows}lin,e,团队长,2026-01-01,否\n",
    }
    found = folder(tmp_path, files).organisation(MARCH)
    assert ["客户经理", "团队长", "培训师"] == [item.role for item in found.held_on("lin", MARCH.start)]
    assert ("w", "w") == tuple(found.assignment(payee, MARCH.start).unit for payee in ("lin", "wei"))

    files["assignments.csv"] = f"工号,机构编号,岗位,生效日期,是否主岗\n{rows}lin,e,团队长,2026-02-01,否\n"
    with pytest.raises(lp.errors.OrganisationError, match="rows 2, 3, 4, 6: payee lin: it holds one role in one unit"):
        folder(tmp_path, files).organisation(MARCH)
    files["assignments.csv"] = "payee,unit,role,since,primary\nlin,w,officer,2026-01-01,maybe\n"
    assert "column primary" in str(folder(tmp_path, files).organisation(MARCH).problems[0])
    files["assignments.csv"] = "payee,unit,role,since\nlin,w,officer,2026-01-01\nlin,e,lead,2026-01-01\n"
    (problem, _) = folder(tmp_path, files).organisation(MARCH).problems
    assert problem.remedy == "keep the true one, or write no under primary in one that is held beside the other"


@pytest.mark.parametrize("row", [1, 2])
def test_who_holds_a_role_that_cannot_be_read_is_not_worked_by_the_other(tmp_path: Path, row: int) -> None:
    """Half of what somebody holds would pay them wrongly; the others are worked, and the row says what is wrong."""
    rows = ["payee,unit,role,since,primary", "lin,w,officer,2026-01-01,", "lin,e,lead,2026-01-01,no"]
    rows[row] = rows[row].replace("2026-01-01", "soon")
    files = {"assignments.csv": "\n".join([*rows, "wei,w,officer,2026-01-01,"])}
    found = folder(tmp_path, files).organisation(MARCH)
    assert ("wei",) == found.codes
    assert [("lin", f"assignments.csv row {row + 1}, column since")] == [(p.payee, p.where) for p in found.problems]


def test_a_cyclic_tree_and_overlaps_name_their_rows(tmp_path: Path) -> None:
    """People that contradict each other stop the run, with everything that is wrong and the rows."""
    files = {
        "units.csv": "code,parent,since\na,b,\nb,a,\nc,,never\n",
        "assignments.csv": "payee,unit,role,since\nlin,a,senior,2026-01-01\nlin,b,lead,2026-02-01\n",
    }
    with pytest.raises(lp.errors.OrganisationError) as caught:
        folder(tmp_path, files).organisation(MARCH)

    said = str(caught.value)
    assert "units.csv row 4, column since: it is not a day as it can be written" in said
    assert "units.csv row 2: unit a: it is under itself (found a → b → a)" in said
    assert "assignments.csv rows 2, 3: payee lin: two records hold on one day" in said


# ── files and folders that cannot be used ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "loans.csv row 1: it is empty; write a first row with the columns loan, customer, officer, opened_on"),
        (b"\n\n", "loans.csv row 1: it is empty"),
        (b"loan,customer,opened_on\n", "loans.csv row 1: the column 'officer' (客户经理) is missing"),
        (b"loan,customer,oficer,opened_on\n", "there is no column 'oficer' (did you mean 'officer'?)"),
        (b"colour,loan,customer,officer,opened_on\n", "there is no column 'colour'; the columns of loans.csv are"),
        ("loan,贷款编号,customer,officer,opened_on\n".encode(), "column 'loan' stands 2 times (as 'loan', '贷款编号')"),
        (b"loan,customer,officer,opened_on,\n", "loans.csv row 1: column 5 has no name"),
        (b"loan;customer;officer;opened_on\n", "the columns are separated by ';', and must be by commas"),
        (b'"loan";"customer";"officer";"opened_on"\n', "the columns are separated by ';', and must be by commas"),
        (b'"loan"\t"customer"\t"officer"\n', r"the columns are separated by '\t', and must be by commas"),
        ('"贷款编号"；"客户编号"\n'.encode(), "the columns are separated by '；', and must be by commas"),
        (b"loan^customer^officer^opened_on\n", "the columns are separated by '^', and must be by commas"),
        (b"loan~customer~officer~opened_on\n", "the columns are separated by '~', and must be by commas"),
        (b"loan:customer:officer:opened_on\n", "the columns are separated by ':', and must be by commas"),
        (b"loan\x01customer\x01officer\n", r"the columns are separated by '\x01', and must be by commas"),
        (b"sep=;\nloan;customer\n", "loans.csv row 1: the columns are separated by ';', and must be by commas"),
        (b"SEP=\t\nloan\tcustomer\n", r"loans.csv row 1: the columns are separated by '\t', and must be by commas"),
        (b'\xef\xbb\xbf"sep=;"\r\nloan;customer\r\n', "loans.csv row 1: the columns are separated by ';'"),
        (b"sep=,\nloan;customer\n", "loans.csv row 2: the columns are separated by ';', and must be by commas"),
        (b"sep=,\n", "loans.csv row 2: it is empty"),
        (b'"loan, number";"customer"\n', "the columns are separated by ';', and must be by commas"),
        (b'"loan";"cust"omer"\n', "the columns are separated by ';', and must be by commas"),
        (b'loan,"customer,officer,opened_on\n', "loans.csv row 1: a quoted cell never ends"),
        (b"loan,customer\0,officer,opened_on\n", "there is no column 'customer\\x00'"),
        (b"a" * 10_000_000, "loans.csv row 1: it is longer than 100000 characters"),
        (bytes(range(256)) * 40_000, "loans.csv row 2: it is not UTF-8: byte offset 128 cannot be read"),
    ],
    ids=lambda value: repr(value)[-50:],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, text: bytes, said: str) -> None:
    """Without its columns no row means anything; what to do about it is in the message."""
    assert said in refusal(tmp_path, {"loans.csv": text})


@pytest.mark.parametrize("line", ["sep=,\n", "SEP=,\r\n", "\ufeffsep=,\n", '"sep=,"\n'])
def test_a_line_for_excel_that_says_comma_is_passed_over(tmp_path: Path, line: str) -> None:
    """`sep=,` is no heading; the rows after it keep the numbers that the file gives them."""
    found = folder(tmp_path, {"loans.csv": line + LOANS + GOOD + "L2,C2,lin,someday\n"}).facts(MARCH)

    assert ([4], 1) == ([problem.row for problem in found.problems], len(found))


def test_gbk_is_recognised_and_the_way_out_named(tmp_path: Path) -> None:
    """Spreadsheets in Chinese Windows save GBK; the reader should not have to know what an encoding is."""
    text = (LOANS + GOOD + "L2,C2,林,2026-03-02\n").encode("gbk")
    said = refusal(tmp_path, {"loans.csv": text})

    offset = len(LOANS) + len(GOOD) + len("L2,C2,")
    assert f"loans.csv row 3: it is not UTF-8: byte offset {offset} cannot be read" in said
    assert "it reads as GB18030 throughout, as Chinese Windows saves: pass --encoding gb18030" in said
    assert 2 == len(Folder(tmp_path, "gb18030").facts(MARCH))


def test_the_offset_is_right_beyond_the_first_block(tmp_path: Path) -> None:
    """A single wrong byte far into a large file is found by its offset and row."""
    good = LOANS + "".join(f"L{index:05},客,lin,2026-03-02\n" for index in range(5_000))
    said = refusal(tmp_path, {"loans.csv": good.encode() + b"L,\xff,lin,2026-03-02\n"})

    assert f"loans.csv row 5002: it is not UTF-8: byte offset {len(good.encode()) + 2} " in said


def test_utf_16_is_told_from_other_encodings(tmp_path: Path) -> None:
    """Excel's "Unicode text" is UTF-16; gb18030 would be the wrong advice."""
    assert "pass --encoding utf-16" in refusal(tmp_path, {"loans.csv": (LOANS + GOOD).encode("utf-16")})


@pytest.mark.parametrize("encoding", ["no-such", "rot13", "undefined", ""])
def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path, encoding: str) -> None:
    """A slip in an option is told before any file is opened."""
    with pytest.raises(lp.errors.DataError, match="there is none of that name; use utf-8 or gb18030"):
        Folder(tmp_path, encoding)


def test_a_folder_must_hold_something_to_work_with(tmp_path: Path) -> None:
    """A misnamed file that is passed over unseen would be a branch without loans."""
    assert "it holds no facts and no readings (found no table)" in refusal(tmp_path, {})
    assert "loan.csv: no file of that name is known; rename it to loans.csv" in refusal(tmp_path, {"loan.csv": ""})
    tmp_path.joinpath("loan.csv").unlink()
    # The list of pay that the command line writes is no list of customers.
    scores = refusal(tmp_path, {"scores.csv": ""})
    assert "no file of that name is known; the files are loans.csv," in scores
    assert "or say in loanperf.toml which table it is, such as [loans] with file = 'scores.csv'" in scores
    tmp_path.joinpath("scores.csv").unlink()
    with pytest.raises(
        lp.errors.DataError, match="there is no table assignments; add one with the columns payee, unit"
    ):
        Folder(tmp_path).organisation(MARCH)
    with pytest.raises(lp.errors.DataError, match="there is no such folder"):
        Folder(tmp_path / "none")
    tmp_path.joinpath("notes.txt").touch()
    with pytest.raises(lp.errors.DataError, match="it is no folder"):
        Folder(tmp_path / "notes.txt")


def test_files_may_have_the_chinese_names_of_their_tables(tmp_path: Path) -> None:
    """A bank's exports are named in Chinese; two names of one table are two files of it, and neither is chosen."""
    staff = "payee,unit,role,since\nlin,east,senior,2026-01-01\n"
    data = folder(tmp_path, {"贷款.csv": LOANS + GOOD, "任职.csv": staff})

    assert (1, ("lin",)) == (len(data.facts(MARCH)), data.organisation(MARCH).codes)
    assert "the table 'loans' is in loans.csv and 贷款.csv" in refusal(tmp_path, {"loans.csv": LOANS + GOOD})


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    """What the system refuses to open is told by file, and without a traceback."""
    tmp_path.joinpath("loans.csv").mkdir()

    assert "loans.csv: it is no ordinary file, but a device, folder or pipe" in refusal(tmp_path, {})


# ── as ports ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_officer_with_no_assignment_and_a_payee_with_no_target_are_problems(tmp_path: Path) -> None:
    """The others are paid; whoever is not finds out why."""
    files = {
        "loans.csv": LOANS + "L1,C1,ghost,2026-03-02\n",
        "events.csv": "loan,kind,on,amount\nL1,signed,2026-03-03,30万元\n",
        "assignments.csv": "payee,unit,role,since,salary\nlin,east,senior,2026-01-01,8000元\n"
        "wu,east,senior,2026-01-01,8000元\n",
        "readings.csv": "payee,indicator,value\nlin,loan_amount,120万元\nlin,npl_ratio,2%\nlin,retention_rate,85%\n",
        "targets.csv": "payee,indicator,value\nlin,loan_amount,100万元\nwu,loan_amount,0元\n",
    }
    data = folder(tmp_path, files)
    schemes = MemorySchemes(lp.template("worked-example"), data.targets(MARCH))
    worked = lp.run(MARCH, facts=data, people=data, schemes=schemes)

    assert ["121.2"] == [str(result.appraisal.score) for result in worked.results]
    said = "\n".join(map(str, worked.problems))
    assert "counts for 'ghost', who is not assigned in the period" in said
    assert "payee wu in 2026-03" in said


# ── any text ────────────────────────────────────────────────────────────────────────────────────────────────

ODD = [
    "L1",
    "lin",
    "2026-03-01",
    "2026/3/9",
    "30万元",
    "３ 元",
    "",
    "=1",
    "-",
    '"',
    '"a""b"',
    "\0",
    "是",
    "1e99",
    "x" * 60,
]
FILES = [f"{table}.csv" for table in COLUMNS]
OTHER_FILES = ("readings.csv", "targets.csv", "units.csv", "payees.csv", "assignments.csv")
"""Those whose rows are no facts."""
CELLS = st.sampled_from(ODD) | st.text(max_size=8)


def lines_with_text(text: str) -> int:
    """How many rows below the first have any text, counted apart from the reader."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[1:]
    return sum(1 for line in lines if line.replace('""', "").strip(" ,\t"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(FILES), rows=st.lists(st.lists(CELLS, max_size=9), max_size=6))
def test_rows_in_are_rows_used_and_problems(tmp_path: Path, file: str, rows: Iterable[list[str]]) -> None:
    """Whatever stands in the rows, each is a fact, a repeat or a problem, and nothing else is raised."""
    text = "\n".join([",".join(COLUMNS[file.removesuffix(".csv")]), *(",".join(row) for row in rows)])
    for old in tmp_path.iterdir():
        old.unlink()
    data = folder(tmp_path, {"loans.csv": LOANS, file: text})
    facts = data.facts(MARCH)

    assert lines_with_text(text) == facts.rows
    if file not in OTHER_FILES:
        assert facts.rows == len(facts) + facts.repeats + len(facts.problems)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(FILES), content=st.binary(max_size=200) | st.text(max_size=200))
def test_no_file_breaks_the_reader(tmp_path: Path, file: str, content: bytes | str) -> None:
    """Any bytes are read or refused with an error that teaches."""
    for old in tmp_path.iterdir():
        old.unlink()
    text = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    data = folder(tmp_path, {"loans.csv": LOANS, "assignments.csv": "payee,unit,role,since\n", file: text})
    for read in (data.facts, data.readings, data.targets, data.organisation):
        try:
            read(MARCH)
        except lp.errors.LoanPerfError as error:
            told = str(error)
            assert "; " in told


# ── encodings ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_mixes_encodings_names_the_row(tmp_path: Path) -> None:
    """Two exports glued together are no one encoding; whoever glued them needs the seam, and no wrong advice."""
    text = (LOANS + "L1,客户,lin,2026-03-02\n").encode() + "L2,C1,林,2026-03-02\n".encode("gbk")
    said = refusal(tmp_path, {"loans.csv": text})

    assert "loans.csv row 3: it is not UTF-8: byte offset" in said
    assert "the rows above are UTF-8: the file mixes encodings; write the whole file anew in one encoding" in said


def test_utf_8_is_not_read_as_another_encoding(tmp_path: Path) -> None:
    """GB18030 reads most UTF-8 as other characters, without any error: a payee would be paid under a name of noise."""
    said = refusal_of(lambda: folder_with(tmp_path, (LOANS + "L1,客户,lin,2026-03-02\n").encode(), "gb18030"))

    assert "loans.csv: it is UTF-8, and was to be read as gb18030; pass no encoding for this file" == said


def folder_with(path: Path, loans: bytes, encoding: str) -> lp.Facts:
    path.joinpath("loans.csv").write_bytes(loans)
    return Folder(path, encoding).facts(MARCH)


def test_files_of_one_folder_may_have_several_encodings(tmp_path: Path) -> None:
    """The core system exports GBK and HR exports UTF-8; neither has to be converted by hand."""
    tmp_path.joinpath("loans.csv").write_bytes(
        ("贷款编号,客户编号,客户经理,开立日期\nL1,C1,林,2026-03-02\n").encode("gbk")
    )
    tmp_path.joinpath("payees.csv").write_bytes("员工编号,姓名\n林,林\n".encode("utf-8-sig"))
    data = Folder(tmp_path, encodings={"loans": "gbk"})

    (loan,) = data.facts(MARCH)
    assert isinstance(loan, lp.Loan)
    assert "林" == loan.officer


# ── data frames ─────────────────────────────────────────────────────────────────────────────────────────────


def refusal_of(read: Callable[[], object]) -> str:
    """What an error says."""
    with pytest.raises(lp.errors.DataError) as caught:
        read()
    return str(caught.value)


ROWS: dict[str, list[Any]] = {
    "借据号": ["L1", "L2", None],
    "客户号": [1001, 1002, 1003],
    "经办人": ["lin", "lin", "wu"],
    "受理日期": [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)],
    "授信金额（万元）": [Decimal("30.50"), None, Decimal(1)],
}
EXPECTED = (
    lp.Loan(
        loan="L1", customer="1001", officer="lin", opened_on="2026-03-02", amount=lp.Money.from_units(30_500_000, "CNY")
    ),
    lp.Loan(loan="L2", customer="1002", officer="lin", opened_on="2026-03-03"),
)
KINDS_OF_FRAME: dict[str, Callable[[dict[str, list[Any]]], Any]] = {
    "lists": lambda rows: rows,
    "pandas": pd.DataFrame,
    "pandas with types of Arrow": lambda rows: pa.table(rows).to_pandas(types_mapper=pd.ArrowDtype),
    "polars": pl.DataFrame,
    "polars, lazy": lambda rows: pl.DataFrame(rows).lazy(),
    "pyarrow": pa.table,
    "pyarrow batch": pa.RecordBatch.from_pydict,
    "duckdb": lambda rows: duckdb.from_arrow(pa.table(rows)),
}


@pytest.mark.parametrize("kind", KINDS_OF_FRAME)
def test_every_kind_of_frame_says_the_same(kind: str) -> None:
    """A host keeps its own library; a loan is the same loan, and a bad row the same problem."""
    facts = Tables({"loans": KINDS_OF_FRAME[kind](ROWS)}).facts(MARCH)

    assert EXPECTED == facts.items
    assert ["table loans row 2, column 借据号"] == [problem.where for problem in facts.problems]
    assert 3 == facts.rows
    assert ["table loans row 0", "table loans row 1"] == [fact.source for fact in facts]


def test_categories_and_strings_are_text() -> None:
    """Libraries fold repeated text into categories; nothing of it changes."""
    folded = pd.DataFrame(ROWS).astype({"经办人": "category"})
    arrow = pa.table(ROWS)
    coded = arrow.set_column(2, "经办人", arrow["经办人"].dictionary_encode())

    assert EXPECTED == Tables({"loans": folded}).facts(MARCH).items
    assert EXPECTED == Tables({"loans": coded}).facts(MARCH).items
    assert EXPECTED == Tables({"loans": pl.DataFrame(ROWS).cast({"经办人": pl.Categorical})}).facts(MARCH).items


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("amount", 0.1, "0.1 is a float, and a float is not exact; pass a string with its unit"),
        ("amount", 300_000.0, "300000.0 is a float, and a float is not exact"),
        ("amount", True, "it is a truth value (found True); pass what is a money"),
        ("amount", Decimal("Infinity"), "it is no number of ordinary size"),
        ("amount", 10**80, "it has more than 60 digits"),
        ("amount", [1, 2], "it is a list (found [1, 2]); pass text, whole numbers, decimals or days"),
        ("amount", date(2026, 3, 1), "it is a day (found '2026-03-01')"),
        ("opened_on", datetime.fromisoformat("2026-03-02T09:30"), "it has a time of day (found '2026-03-02 09:30:00')"),
        ("opened_on", datetime(2026, 3, 2, tzinfo=UTC), "it is a moment of a time zone, which falls on different days"),
        ("opened_on", 20_261_302, "month must be in 1..12"),
        ("opened_on", time(9, 30), "it is a time of day or a length of time (found '09:30:00')"),
        ("customer", 0.5, "0.5 is a float"),
        ("customer", "=A1", "it holds a formula (found '=A1')"),
        ("customer", "x" * 10_001, "it is longer than 10000 characters"),
    ],
    ids=str,
)
def test_a_cell_of_a_frame_that_is_no_value_is_a_problem(column: str, value: Any, said: str) -> None:
    """A float has lost its fen, and a moment has no day; a guess at either would be paid to somebody."""
    row = {"loan": "L1", "customer": "C1", "officer": "lin", "opened_on": date(2026, 3, 2), "currency": "CNY"}
    rows = {name: [cell] for name, cell in (row | {column: value}).items()}
    (problem,) = Tables({"loans": rows}).facts(MARCH).problems

    assert str(problem).startswith(f"table loans row 0, column {column}: ")
    assert said in str(problem)


def test_what_is_missing_in_a_frame_is_empty() -> None:
    """None, NaN, NaT and NA all say that there is nothing; whole numbers that became floats by it are still whole."""
    rows = pd.DataFrame(
        {
            "loan": ["L1", "L2"],
            "customer": [1001, np.nan],
            "officer": ["lin", "lin"],
            "opened_on": pd.to_datetime(["2026-03-02", "2026-03-03"]),
            "first_due_on": pd.Series([pd.NaT, pd.Timestamp("2026-04-03")]),
            "term_months": [np.nan, 36],
            "amount": pd.array([300_000, pd.NA], dtype="Int64"),
            "product": [pd.NA, None],
        }
    )
    facts = Tables({"loans": rows}, units={"loans": {"amount": "元"}}).facts(MARCH)

    money = lp.Money.from_units(30_000_000, "CNY")
    assert (lp.Loan(loan="L1", customer="1001", officer="lin", opened_on="2026-03-02", amount=money),) == facts.items
    assert ["table loans row 1, column customer: it is empty"] == [
        str(item).partition(";")[0] for item in facts.problems
    ]


def test_a_frame_is_read_more_than_once() -> None:
    """Assignments are asked for by facts and by organisation; what could be read only once would be empty then."""
    people = pa.table({"payee": ["lin"], "unit": ["east"], "role": ["senior"], "since": [date(2026, 1, 1)]})
    tables = Tables({"readings": {"payee": [], "indicator": [], "value": []}, "assignments": people})
    assert 1 == tables.facts(MARCH).rows
    assert ("lin",) == tables.organisation(MARCH).codes
    assert "a RecordBatchReader can be read only once; pass what its read_all() returns" in refusal_of(
        lambda: Tables({"assignments": people.to_reader()})
    )


def test_a_parquet_file_says_what_a_frame_says(tmp_path: Path) -> None:
    """A data lake hands over Parquet; it counts rows from 0, as every library that opens it does."""
    path = tmp_path / "loans.parquet"
    pq.write_table(pa.table(ROWS), path, row_group_size=2)

    for facts in (Tables({"loans": path}).facts(MARCH), Folder(tmp_path).facts(MARCH)):
        assert EXPECTED == facts.items
        assert ["loans.parquet row 2, column 借据号"] == [problem.where for problem in facts.problems]
    path.write_bytes(path.read_bytes()[:-20])
    assert "loans.parquet: it is no Parquet file" in refusal_of(lambda: Folder(tmp_path).facts(MARCH))


def test_one_table_comes_from_one_file(tmp_path: Path) -> None:
    """Last month's file beside this month's would count every loan, or half of them, twice."""
    pq.write_table(pa.table(ROWS), tmp_path / "loans.parquet")

    assert "the table 'loans' is in loans.csv and loans.parquet; keep one of them" in refusal(
        tmp_path, {"loans.csv": LOANS + GOOD}
    )
    tmp_path.joinpath("loans.parquet").rename(tmp_path / "loan.parquet")
    assert "no file of that name is known; rename it to loans.parquet" in refusal(tmp_path, {})
    tmp_path.joinpath("loan.parquet").rename(tmp_path / "loans.xls")
    assert "files of kind '.xls' are not read; save it as .xlsx" in refusal(tmp_path, {})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Tables({"loan": ROWS}), "sources: there is no table 'loan'; did you mean 'loans'?"),
        (lambda: Tables({"loans": "loans.txt"}), "files of kind '.txt' are not read; pass .csv, .parquet or .xlsx"),
        (lambda: Tables({"loans": "loans.xls"}), "files of kind '.xls' are not read; save it as .xlsx"),
        (lambda: Tables({"loans": 5}).facts(MARCH), "a table: it is a int of builtins"),
        (
            lambda: Tables({"loans": {"loan": ["L1"], "customer": []}}).facts(MARCH),
            "table loans: its columns have [0, 1] rows",
        ),
        (
            lambda: Tables({"loans": pd.DataFrame([[1, 2]], columns=["loan", "loan"])}).facts(MARCH),
            "two columns 'loan'",
        ),
        (lambda: Tables({"targets": {}}).facts(MARCH), "tables: it holds no facts and no readings (found targets)"),
        (lambda: Tables({"loans": ROWS}, columns={"events": {}}), "columns: there is no source for the table 'events'"),
        (
            lambda: Tables({"loans": ROWS}, columns={"loans": {"额": "amonut"}}),
            "columns of loans, heading '额': there is no column 'amonut'; did you mean 'amount'?",
        ),
        (
            lambda: Tables({"loans": ROWS}, units={"loans": {"amont": "元"}}),
            "units of loans: there is no column 'amont'; did you mean 'amount'?",
        ),
        (
            lambda: Tables({"loans": ROWS}, units={"loans": {"amount": "%"}}),
            "units of loans, column 'amount': '%' is no unit of money; declare 元, 分, 千元, 万元",
        ),
        (
            lambda: Tables({"loans": ROWS}, units={"loans": {"amount": "斤"}}),
            "units of loans, column 'amount': '斤' is no known unit",
        ),
        (
            lambda: Tables({"loans": ROWS}, units={"loans": {"officer": "元"}}),
            "there are no plain numbers in a column of kind 'code'",
        ),
    ],
    ids=lambda value: value[-50:] if isinstance(value, str) else "",
)
def test_a_slip_in_what_is_passed_is_told(make: Callable[[], object], said: str) -> None:
    """A slip in a mapping that did nothing would leave out a column, and nobody would see it."""
    assert said in refusal_of(make)


# ── headings ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_host_maps_its_headings_and_declares_its_units() -> None:
    """A lender's own words are mapped once; units stand beside numbers, in headings, or are declared: never guessed."""
    rows = {
        "Contract": ["L1"], "客户 编号": ["C1"], "LOAN_OFFICER": ["lin"], "Application Date": ["2026/3/2"],
        "放款额": [30], "年利率(%)": [Decimal("4.35")], "期限（月）": [36], "FTP利率（bp）": ["210"], "备注": ["x"],
    }  # fmt: skip
    tables = Tables(
        {"loans": rows},
        columns={"loans": {"Contract": "loan", "客户 编号": "customer", "放款额": "amount", "备注": ""}},
        units={"loans": {"amount": "万元"}},
    )
    expected = lp.Loan(
        loan="L1", customer="C1", officer="lin", opened_on="2026-03-02", amount=lp.Money.from_units(30_000_000, "CNY"),
        term_months=36, interest_rate=Fraction(435, 10_000), funding_rate=Fraction(210, 10_000),
    )  # fmt: skip
    facts = tables.facts(MARCH)
    assert ((expected,), ()) == (facts.items, facts.problems)


@pytest.mark.parametrize(
    ("cell", "units"),
    [("30", 30_000_000), ("1,030.5", 1_030_500_000), ("３０", 30_000_000), ("-1", None), ("300000 CNY", 30_000_000)],
)
def test_a_unit_is_that_of_plain_numbers(cell: str, units: int | None) -> None:
    """A cell that says its own unit means it, whatever the heading says."""
    rows = {"loan": ["L1"], "on": ["2026-03-31"], "余额(万元)": [cell]}
    facts = Tables({"balances": rows}).facts(MARCH)

    found = [fact.outstanding.units for fact in facts if isinstance(fact, lp.Balance)]
    assert ([] if units is None else [units]) == found


@pytest.mark.parametrize(
    ("headings", "more", "said"),
    [
        (["余额（斤）"], {}, "the heading of column 'outstanding' names a unit, and '斤' is no known unit"),
        (["余额（天）"], {}, "'天' is no unit of money"),
        (["余额（万元）"], {"outstanding": "元"}, "in 万元 by its heading, and in 元 by its declared unit"),
        (["余额", "Balance"], {}, "the column 'outstanding' stands 2 times (as '余额', 'Balance')"),
        (["贷款余额数"], {}, "there is no column '贷款余额数' (did you mean '贷款余额'?)"),
    ],
)
def test_a_heading_with_two_meanings_is_refused(headings: list[str], more: dict[str, str], said: str) -> None:
    """Ten thousand times too much is the most common slip of all; a contradiction is never settled by a guess."""
    rows = {"loan": ["L1"], "on": ["2026-03-31"]} | {heading: ["1"] for heading in headings}
    message = refusal_of(lambda: Tables({"balances": rows}, units={"balances": more}).facts(MARCH))

    assert said in message
    assert message.startswith("table balances: ")


def test_a_mapped_heading_must_be_there() -> None:
    """An export that renamed a column would else lose it: the amounts of a month without a word."""
    said = refusal_of(lambda: Tables({"loans": ROWS}, columns={"loans": {"放款额": "amount"}}).facts(MARCH))

    assert "there is no heading '放款额', which is mapped" in said


@pytest.mark.parametrize(
    ("table", "heading", "column"),
    [("assignments", "任职日期", "since"), ("loans", "开户日", "opened_on"), ("loans", "开户日期", "opened_on")],
)
def test_days_as_lenders_call_them_need_no_map(table: str, heading: str, column: str) -> None:
    """The day on which a post begins, and on which a loan was opened."""
    assert {heading: column} == suggest([heading], table)


def test_suggestions_are_those_with_one_clear_answer() -> None:
    """A suggestion is looked over by somebody in a hurry; one that may be wrong is worse than none."""
    headings = [
        "借据编号",
        "Client ID",
        "loan oficer",
        "受理日期",
        "备注",
        "合同金额",
        "currency",
        "币种",
        "贷款利率（%）",
    ]

    found = suggest(headings, "loans")

    expected = {
        "借据编号": "loan", "Client ID": "customer", "loan oficer": "officer", "受理日期": "opened_on",
        "贷款利率（%）": "interest_rate",
    }  # fmt: skip
    assert expected == found
    assert {} == suggest(["", "x" * 5_000, "的"], "events")
    with pytest.raises(lp.errors.DataError, match="suggest: there is no table 'lones'; did you mean 'loans'"):
        suggest([], "lones")


# ── refused rows ────────────────────────────────────────────────────────────────────────────────────────────


def test_refused_rows_go_to_a_file_that_excel_opens(tmp_path: Path) -> None:
    """Whoever mends the export gets a list of row, column, reason, what was there and what to do; Chinese shows."""
    text = LOANS + "L2,C1,lin,31.3.2026\nL3,C1,lin\n" + GOOD
    facts = folder(tmp_path, {"loans.csv": text}).facts(MARCH)
    path = tmp_path / "refused.txt"

    assert 2 == write_refused(facts, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        head, *rows = csv.reader(stream)
    assert ["source", "row", "column", "reason", "found", "remedy"] == head
    assert [
        ["loans.csv", "2", "opened_on", "it does not say which number is the day and which the month"],
        ["loans.csv", "3", ""],
    ] == [rows[0][:4], rows[1][:3]]
    assert ["'31.3.2026'", "write a day as 2026-03-31, or declare the form, such as 'dd/mm/yyyy'"] == rows[0][4:]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " ="])
def test_no_cell_of_refused_rows_is_a_formula(tmp_path: Path, start: str) -> None:
    """What an attacker wrote into a name would run on the machine of whoever opens the list."""
    problem = lp.errors.Problem(f"{start}cmd|'/c calc'!A1", f"{start}A1", f"{start}1*2", f"{start}A3\nx")
    path = tmp_path / "refused.csv"
    write_refused([problem], path)

    with path.open(encoding="utf-8-sig", newline="") as stream:
        _, row = csv.reader(stream)
    assert all(cell.startswith("'") and "\n" not in cell for cell in row if cell)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    """The list of last month may be all that is left of its rows."""
    path = tmp_path / "refused.csv"
    path.write_text("kept", encoding="utf-8")

    assert "it is there already; name another file" in refusal_of(lambda: write_refused([], path))
    assert "kept" == path.read_text(encoding="utf-8")
    assert "it cannot be written" in refusal_of(lambda: write_refused([], tmp_path / "none" / "refused.csv"))


# ── results as the kind that came ───────────────────────────────────────────────────────────────────────────


def worked() -> lp.Run:
    """The demo branch in March."""
    demo = Path(lp.__file__).parent / "demo"
    data = Folder(demo / "data")
    schemes = MemorySchemes(lp.read_scheme(demo / "scheme.toml"), data.targets(MARCH))
    return lp.run(MARCH, facts=data, people=data, schemes=schemes)


FRAMES: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "pandas": (pd.DataFrame(), pa.Table.from_pandas),
    "polars": (pl.DataFrame(), lambda frame: frame.to_arrow()),
    "pyarrow": (pa.table({}), lambda frame: frame),
    "duckdb": (duckdb.sql("select 1"), lambda frame: frame.to_arrow_table()),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_results_come_back_as_the_kind_that_came(kind: str) -> None:
    """A host goes on in its own library, and amounts are decimals there, never floats."""
    like, arrow = FRAMES[kind]
    run = worked()
    frame = frame_of(run.results, "results", like=like)

    assert type(like) is type(frame)
    table = arrow(frame)
    first = run.results[0]
    assert first.award is not None
    assert (first.payee, first.part.start, first.appraisal.score, first.award.amount.amount, "CNY") == tuple(
        table[name][0].as_py() for name in ("payee", "start", "score", "bonus", "currency")
    )
    assert len(run.results) == table.num_rows
    assert "decimal128(38, 2)" == str(table["bonus"].type)


def test_entries_come_back_with_their_amounts() -> None:
    """The ledger of a month goes into the host's own books: exact amounts with their currency, and days."""
    entry = lp.Entry(
        number=1, kind=lp.EntryKind.EARNED, payee="lin", period=MARCH, amount=lp.Money.from_units(123_456, "CNY"),
        on=date(2026, 3, 31), reason=lp.Explanation("award"),
    )  # fmt: skip
    frame = frame_of([entry], "entries", like=pl.DataFrame())

    assert ("lin", Decimal("1234.56"), "CNY", date(2026, 3, 31), None) == tuple(
        frame[name][0] for name in ("payee", "amount", "currency", "on", "set_to")
    )
    assert "there are no rows called 'entry'" in refusal_of(lambda: frame_of([entry], cast("Any", "entry"), like={}))


def test_a_frame_of_no_rows_has_its_columns() -> None:
    """A month without problems is a frame without rows, not one without columns."""
    frame = frame_of((), "problems", like=pl.DataFrame())

    assert ["where", "fault", "found", "remedy", "payee", "loan", "row", "column"] == frame.columns
    assert [*[pl.String] * 6, pl.Int64, pl.String] == frame.dtypes
    assert "amount" in frame_of(worked().payments, "payments", like={})
    assert "a Problem is none of the payments" in refusal_of(
        lambda: frame_of([lp.errors.Problem("a", "b", "c", "d")], "payments", like={})
    )


# ── one set of rules ────────────────────────────────────────────────────────────────────────────────────────

WORDS = st.sampled_from(
    ["L1", "lin", "2026-03-02", "2026/3/9", "30万元", "３ 元", "=1", "-", "", "  ", "#REF!", "5", "是"]
)
PRINTABLE = WORDS | st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.lists(PRINTABLE, min_size=6, max_size=6), min_size=1, max_size=5))
def test_text_means_the_same_in_every_kind_of_source(tmp_path: Path, rows: list[list[str]]) -> None:
    """A branch that moves from CSV to workbooks, or to a data lake, is paid the same, and told of the same problems."""
    heads = ["借据号", "客户号", "经办人", "受理日期", "授信金额(万元)", "产品"]
    frame = pa.table({head: pa.array(list(cells)) for head, cells in zip(heads, zip(*rows, strict=True), strict=True)})
    with tmp_path.joinpath("a.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([heads, *rows])
    pq.write_table(frame, tmp_path / "a.parquet")
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet("loans")
        for place, cells in enumerate([heads, *rows]):
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell)
    said = []
    for source in (frame, pl.DataFrame(frame), *(tmp_path / f"a.{suffix}" for suffix in ("csv", "parquet", "xlsx"))):
        facts = Tables({"loans": source}).facts(MARCH)
        assert facts.rows == len(facts) + facts.repeats + len(facts.problems)
        told = sorted((problem.fault, problem.found, problem.remedy) for problem in facts.problems)
        said.append((facts.items, facts.repeats, [item for item in told if "contradict" not in item[0]]))

    assert [said[0]] * 5 == said


# ── the table of columns ────────────────────────────────────────────────────────────────────────────────────


def test_no_header_stands_for_two_columns() -> None:
    """A Chinese header that two columns share would put values where they do not belong."""
    for file, columns in COLUMNS.items():
        heads = [
            head.casefold().replace(" ", "_")
            for name, column in columns.items()
            for head in (name, *column.zh, *column.en)
        ]
        assert len(heads) == len(set(heads)), file


def test_the_reference_page_is_up_to_date() -> None:
    """The page is written from the table that reads the files: python tools/csv_folder.py."""
    page = runpy.run_path(str(ROOT / "tools" / "csv_folder.py"))["page"]()

    assert page == (ROOT / "docs" / "reference" / "csv-folder.md").read_text(encoding="utf-8")


# ── nobody is passed over ───────────────────────────────────────────────────────────────────────────────────

ONE_BAD: dict[str, tuple[str, str, str]] = {
    "loans": (LOANS, GOOD, "L2,C1,lin,soon\n"),
    "readings": ("payee,indicator,value\n", "lin,loan_amount,1万元\n", "wu,loan_amount,lots\n"),
    "targets": ("payee,indicator,value\n", "lin,loan_amount,1万元\n", "wu,loan_amount,lots\n"),
    "assignments": ("payee,unit,role,since\n", "lin,east,officer,2025-01-01\n", "wu,east,officer,soon\n"),
    "units": ("code,since\n", "east,2025-01-01\n", "west,soon\n"),
    "payees": ("code,name\n", "lin,Lin\n", "wu,W\x00u\n"),
}
"""Of each kind of table a heading, a good row and a bad one."""


def half_bad(path: Path) -> Folder:
    """A folder whose every file has one good row and one bad one."""
    return folder(path, {f"{table}.csv": "".join(parts) for table, parts in ONE_BAD.items()})


ASKED: Mapping[str, tuple[str, ...]] = {
    "facts": tuple(ONE_BAD),
    "readings": ("readings",),
    "targets": ("targets",),
    "organisation": ("units", "payees", "assignments"),
}
"""What a port is asked, and the tables from which it answers."""


@pytest.mark.parametrize("asked", ASKED)
def test_every_answer_tells_of_the_rows_that_it_lacks(tmp_path: Path, asked: str) -> None:
    """Whoever takes people, targets or readings alone learns of those who are missing there."""
    found = getattr(half_bad(tmp_path), asked)(MARCH)

    assert {f"{table}.csv row 3" for table in ASKED[asked]} == {
        problem.where.partition(",")[0] for problem in found.problems
    }
    assert {3} == {problem.row for problem in found.problems}


@pytest.mark.parametrize(
    ("table", "column", "payee", "loan"),
    [
        ("loans", "opened_on", "lin", "L2"),
        ("readings", "value", "wu", ""),
        ("targets", "value", "wu", ""),
        ("assignments", "since", "wu", ""),
        ("units", "since", "", ""),
        ("payees", "name", "", ""),
    ],
)
def test_a_problem_carries_row_column_payee_and_loan(
    tmp_path: Path, table: str, column: str, payee: str, loan: str
) -> None:
    """Whoever sorts, folds or routes problems reads no text for it."""
    (found,) = (one for one in half_bad(tmp_path).facts(MARCH).problems if one.where.startswith(f"{table}.csv"))

    assert (3, column, payee, loan) == (found.row, found.column, found.payee, found.loan)


def test_what_lacks_rows_is_no_list_of_targets_or_readings(tmp_path: Path) -> None:
    """To put an answer with problems into memory would lose them; who takes the items alone says so."""
    data = half_bad(tmp_path)
    scheme = lp.template("worked-example")

    with pytest.raises(lp.errors.DataError, match=r"1 row\(s\) could not be used, the first: targets.csv row 3"):
        MemorySchemes(scheme, data.targets(MARCH))
    with pytest.raises(lp.errors.DataError, match=r"1 row\(s\) could not be used, the first: readings.csv row 3"):
        MemoryFacts(lp.Facts.of([]), data.readings(MARCH))
    assert 1 == len(MemorySchemes(scheme, data.targets(MARCH).items).goals)


def test_a_run_is_held_by_people_who_could_not_be_read(tmp_path: Path) -> None:
    """The facts are of another source: what the people's source dropped is said all the same, once, and holds."""
    data = half_bad(tmp_path)
    facts, scheme = MemoryFacts(lp.Facts.of([]), data.readings(MARCH).items), lp.template("worked-example")
    done = lp.run(MARCH, facts=facts, people=data, schemes=MemorySchemes(scheme))
    told = [problem.where for problem in done.problems if problem.row is not None]
    again = lp.run(MARCH, facts=data, people=data, schemes=MemorySchemes(scheme))

    assert [
        "units.csv row 3, column since",
        "payees.csv row 3, column name",
        "assignments.csv row 3, column since",
    ] == told
    assert done.rows > done.used
    assert 6 == len([problem for problem in again.problems if problem.row is not None])


def test_problems_of_a_table_stand_in_the_order_of_its_rows(tmp_path: Path) -> None:
    """Row 2 before row 10, those that contradict each other among those that cannot be read."""
    rows = "".join(f"p{row},east,officer,{'soon' if row % 2 else '2025-01-01'}\n" for row in range(2, 12))
    rows += "p2,west,officer,2025-01-01\n"
    facts = folder(tmp_path, {"loans.csv": LOANS, "assignments.csv": f"payee,unit,role,since\n{rows}"}).facts(MARCH)

    assert [2, 3, 5, 7, 9, 11, 12] == [problem.row for problem in facts.problems]


@pytest.mark.parametrize(
    ("row", "follows"),
    [("lin,npl_ratio,2,", 1), ("lin,npl_ratio,2,2026-03", 1), ("lin,不良率,none,", 1), ("lin,npl_ratio,2,2026-02", 0)],
)
def test_a_reading_that_is_missing_follows_from_its_own_row(tmp_path: Path, row: str, follows: int) -> None:
    """A ratio without its sign is one thing to mend: the score that waits for it is no second one."""
    (tmp_path / "readings.csv").write_text(
        f"payee,indicator,value,period\nlin,loan_amount,120万元,\nlin,retention_rate,85%,\n{row}\n", encoding="utf-8"
    )
    (tmp_path / "assignments.csv").write_text(
        "payee,unit,role,since,salary\nlin,east,senior,2025-01-01,8000元\n", encoding="utf-8"
    )
    folder = Folder(tmp_path)
    found = lp.run(
        lp.Period.month(2026, 3), facts=folder, people=folder, schemes=MemorySchemes(lp.template("worked-example"))
    )
    causes = {cause.problem.source or cause.problem.payee: len(cause.follows) for cause in found.causes}

    assert ({"readings.csv": 1} if follows else {"readings.csv": 0, "lin": 0}) == causes


def test_what_follows_from_a_row_about_a_unit_is_folded_into_it() -> None:
    """A unit whose row cannot be read, and everybody assigned to it: one thing to mend, and how many follow."""
    tables = Tables({
        "units": {"code": ["east", "west"], "since": ["2026-01-01", "someday"]},
        "assignments": {
            "payee": [f"E{number}" for number in range(12)],
            "unit": ["west"] * 11 + ["east"],
            "role": ["officer"] * 12,
            "since": ["2026-01-01"] * 12,
        },
    })  # fmt: skip
    with pytest.raises(lp.errors.OrganisationError) as caught:
        tables.organisation(MARCH)
    (cause,) = lp.errors.causes_of(caught.value.problems)

    assert ("unit", "west") == cause.problem.loses
    assert (1, 11) == (len(cause.alike), len(cause.follows))
    assert [f"E{number}" for number in range(11)] == [problem.payee for problem in cause.follows]
    assert "1 problem(s)\n" in str(caught.value)
    assert "11 more follow from it" in str(caught.value)


def test_rows_say_what_is_lost_with_them() -> None:
    """By it what follows is found: the code stands in a cell that could be read, whatever is wrong with the others."""
    tables = Tables({
        "loans": {"loan": ["L1"], "customer": ["C1"], "officer": ["lin"], "opened_on": ["someday"]},
        "customers": {"customer": ["C1"], "officer": ["lin"], "since": ["someday"]},
        "assignments": {"payee": ["lin"], "unit": ["east"], "role": ["x"], "since": ["someday"]},
        "trainings": {"payee": ["lin"], "course": ["AML"], "on": ["someday"]},
    })  # fmt: skip
    found = {problem.source: problem.loses for problem in tables.facts(MARCH).problems}

    assert {
        "table loans": ("loan", "L1"),
        "table customers": ("customer", "C1"),
        "table assignments": ("payee", "lin"),
        "table trainings": ("trainings", "lin"),
    } == found


# ── what follows from a refused row ─────────────────────────────────────────────────────────────────────────

_LOAN = {"loan": ["L1"], "customer": ["C1"], "officer": ["lin"], "opened_on": ["2026-01-05"], "amount": ["10万元"]}
_DRAWN = {"loan": ["L1"], "kind": ["disbursed"], "on": ["2026-03-02"], "amount": ["10万元"]}
_BALANCES = {"loan": ["L1", "L1"], "on": ["2026-02-28", "2026-03-10"], "outstanding": ["5万元", "4万元"]}
_AVERAGE, _OVERDUE = lp.indicator("average_daily_balance"), lp.indicator("overdue_ratio", {"basis": "instalment"})
_PAID = None
"""No indicator: what is paid for the loan."""


def _changed(table: dict[str, list[str]], column: str, row: int, cell: str) -> dict[str, list[str]]:
    return table | {column: [cell if place == row else held for place, held in enumerate(table[column])]}


def _events(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    kinds, days, amounts = (list(column) for column in zip(*rows, strict=True))
    return {"loan": ["L1"] * len(rows), "kind": kinds, "on": days, "amount": amounts}


_LATER = {name: cells[1:] for name, cells in _BALANCES.items()}
_CREDITS = {"loan": ["L1", "L1"], "payee": ["lin", "wei"], "role": ["lead", "lead"], "share": ["60%", "40%"]}
_CREDITS |= {"on": ["2026-03-01"] * 2}
_RATES = {"currency": ["USD"], "into": ["CNY"], "on": ["2026-03-01"], "rate": ["7.1"]}
_HELD = {"customer": ["C1", "C1"], "officer": ["lin", "lin"], "since": ["2026-01-01", "2026-03-01"]}
_HELD |= {"until": ["2026-03-01", ""]}
_PROFIT = {"customer": ["C1"], "on": ["2026-03-20"], "amount": ["1万元"]}


@pytest.mark.parametrize(
    ("asked", "tables", "source", "follows"),
    [
        (_AVERAGE, {"balances": _changed(_BALANCES, "on", 0, "02/28/2026")}, "balances", ["loan L1"]),
        (_AVERAGE, {"balances": _changed(_BALANCES, "outstanding", 0, "5")}, "balances", ["loan L1"]),
        (_AVERAGE, {"balances": _LATER, "events": _changed(_DRAWN, "on", 0, "03/02/2026")}, "events", ["loan L1"]),
        (_AVERAGE, {"balances": _LATER, "events": _changed(_DRAWN, "kind", 0, "gave")}, "events", ["loan L1"]),
        (_AVERAGE, {"balances": _LATER, "events": _changed(_DRAWN, "kind", 0, "classified")}, "events", []),
        (
            _OVERDUE,
            {"balances": _changed(_BALANCES, "outstanding", 0, "5") | {"overdue": ["1万元", ""]}},
            "balances",
            ["loan L1"],
        ),
        (
            _AVERAGE,
            {"events": _events(("disbursed", "someday", "5万元"), ("repaid", "2026-03-05", "1万元"))},
            "events",
            ["event L1 repaid 2026-03-05"],
        ),
        (
            _PAID,
            {
                "events": _events(
                    ("signed", "2026-03-01", "5万元"),
                    ("signed", "03/01/2026", "5万元"),
                    ("disbursed", "2026-03-02", "10万元"),
                )
            },
            "events",
            ["event L1 disbursed 2026-03-02"],
        ),
        (_PAID, {"events": _DRAWN, "credits": _changed(_CREDITS, "share", 1, "40")}, "credits", ["loan L1"]),
        (
            _PAID,
            {"events": _changed(_DRAWN, "amount", 0, "1000 USD"), "exchange_rates": _changed(_RATES, "rate", 0, "-7")},
            "exchange_rates",
            ["loan L1 of lin"],
        ),
        (
            _AVERAGE,
            {"customers": _changed(_HELD, "officer", 1, ""), "profits": _PROFIT},
            "customers",
            ["profit C1 2026-03-20"],
        ),
    ],
)
def test_what_a_refused_row_makes_unknown_is_counted_under_it(
    asked: lp.schemes.Indicator | None, tables: dict[str, Any], source: str, follows: list[str]
) -> None:
    """One wrong row is one thing to mend, whatever else cannot be known without it; no other row is charged with it."""
    facts = Tables({"loans": _LOAN} | tables).facts(MARCH)
    if asked is None:
        stage = lp.schemes.Component(code="loans", base="disbursed", rate="1%", split=(("lead", "100%"),))
        plan = lp.schemes.Plan(code="plan", components=(stage,), rounding=lp.Rounding.HALF_UP)
        dated = lp.schemes.DatedPlan(plan=plan, scheme="s", version="1", currency="CNY", since=date(2026, 1, 1))
        people = [lp.Assignment(payee=code, unit="east", role="x", since="2026-01-01") for code in ("lin", "wei")]
        made = lp.accrue(facts, [dated], lp.Organisation(assignments=people), through=MARCH)
        found = made.problems
    else:
        measured = lp.measure(facts, MARCH, [asked], currency="CNY")
        found = measured.problems
        assert measured.rows == measured.used + len(found)
    (cause,) = [cause for cause in lp.errors.causes_of(found) if cause.problem.source == f"table {source}"]

    assert follows == [problem.where.rpartition(": ")[2] for problem in cause.follows]
    assert len(facts.problems) == len(cause.alike) == 1


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("trainings", "payee,course,on\nlin,AML,someday\n"),
        ("ratings", "payee,topic,score,on,rater,number\nlin,teamwork,80分,someday,wei,1\n"),
        ("customers", "customer,officer,since\nC1,lin,someday\n"),
        ("loans", "loan,customer,officer,opened_on\nL1,C1,lin,someday\n"),
    ],
)
def test_a_measure_that_is_missing_follows_from_the_refused_row_of_its_payee(
    tmp_path: Path, table: str, rows: str
) -> None:
    """A ratio of nothing: the row that would have been counted is what is to be mended."""
    needed = {"trainings": "training_completion_rate", "ratings": "teamwork", "customers": "retention_rate"}
    code = needed.get(table, "npl_ratio")
    (tmp_path / f"{table}.csv").write_text(rows, encoding="utf-8")
    people = "payee,unit,role,since\nlin,east,senior,2025-01-01\nwei,east,senior,2025-01-01\n"
    (tmp_path / "assignments.csv").write_text(people, encoding="utf-8")
    (tmp_path / "violations.csv").write_text("payee,number,on,points\nlin,1,2026-03-02,1分\n", encoding="utf-8")
    scheme = lp.schemes.scheme_of(
        {
            "name": "branch",
            "currency": "CNY",
            "effective": "2026-01-01",
            "profiles": {"all": {"weights": {code: "100%"}}},
            "targets": {code: "90 point" if code == "teamwork" else "4%"},
            "scoring": {"default": {"places": 1, "rounding": "half even"}},
        }
    )
    folder = Folder(tmp_path)
    found = lp.run(MARCH, facts=folder, people=folder, schemes=MemorySchemes(scheme))
    follows = {cause.problem.source: [problem.payee for problem in cause.follows] for cause in found.causes}

    assert {f"{table}.csv": ["lin"], "": []} == follows


# ── limits ──────────────────────────────────────────────────────────────────────────────────────────────────


def many(rows: int, **more: Any) -> pa.Table:
    """A table of loans that are all the same."""
    one = {"loan": "L1", "customer": "C1", "officer": "lin", "opened_on": "2026-03-02"} | more
    return pa.table({name: pa.repeat(value, rows) for name, value in one.items()})


def test_few_bytes_of_parquet_become_no_hundred_thousands_of_rows(tmp_path: Path) -> None:
    """5 kB of 400,000 equal rows took a minute: what unfolds so is refused before a row is read, or allowed by name."""
    pq.write_table(many(400_000), tmp_path / "loans.parquet")
    size = (tmp_path / "loans.parquet").stat().st_size

    assert size < 10_000
    with pytest.raises(lp.errors.DataError, match=rf"its {size} bytes would unfold to 1600000 cells, and 100 a byte"):
        Folder(tmp_path).facts(MARCH)
    pq.write_table(many(20_000), tmp_path / "loans.parquet")
    assert 1 == len(Folder(tmp_path).facts(MARCH))
    lower = Limits(rows=1_999)
    with pytest.raises(
        lp.errors.DataError, match=r"loans.parquet: it has more than 1999 rows; split it, or allow more"
    ):
        Folder(tmp_path, limits=lower).facts(MARCH)


def test_a_long_text_in_every_row_of_parquet_is_refused_before_it_is_laid_out(tmp_path: Path) -> None:
    """A word of 100,000 characters in 60,000 rows is 6 GB; the file has its dictionary once."""
    codes = pa.array(np.zeros(60_000, dtype=np.int32))
    words = pa.DictionaryArray.from_arrays(codes, ["x" * 100_000])
    pq.write_table(many(60_000).append_column("product", words), tmp_path / "loans.parquet", store_schema=False)
    allowed = Limits(cells_a_byte=10_000)

    with pytest.raises(lp.errors.DataError, match="a cell of column 'product' has 100000 characters, and 10000 are"):
        Folder(tmp_path, limits=allowed).facts(MARCH)


@pytest.mark.parametrize("name", ["loans.csv", "loans.parquet", "loans.xlsx"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_only_ordinary_files_are_read(tmp_path: Path, name: str, encoding: str) -> None:
    """A link to /dev/zero in a folder of uploads never ends, and a pipe never begins."""
    (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(lp.errors.DataError, match=f"{name}: it is no ordinary file, but a device, folder or pipe"):
        Folder(tmp_path, encoding).facts(MARCH)
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with pytest.raises(lp.errors.DataError, match=f"{name}: it is no ordinary file, but a device, folder or pipe"):
        Folder(tmp_path, encoding).facts(MARCH)
    with pytest.raises(lp.errors.DataError, match="it is no ordinary file, but a device or pipe"):
        [*batches_of(tmp_path / name)]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            Limits(file_bytes=10),
            r"it is larger than [0-9.e-]+ MiB; split it, or allow more in Python: Limits\(file_bytes",
        ),
        (Limits(rows=2), r"it has more than 2 rows; split it, or allow more in Python: Limits\(rows"),
        (Limits(columns=3), r"it has 4 columns, and 3 are the most; .*Limits\(columns"),
    ],
    ids=["bytes", "rows", "columns"],
)
def test_each_door_keeps_the_limits_that_it_is_given(tmp_path: Path, suffix: str, limits: Limits, said: str) -> None:
    """A service that takes uploads sets its own."""
    rows = {name: column.to_pylist() for name, column in zip(many(3).column_names, many(3).columns, strict=True)}
    rows["loan"] = ["L1", "L2", "L3"]
    if suffix == "csv":
        lines = [",".join(rows), *(",".join(cells) for cells in zip(*rows.values(), strict=True))]
        (tmp_path / "loans.csv").write_text("\n".join(lines), encoding="utf-8")
    elif suffix == "parquet":
        pq.write_table(pa.table(rows), tmp_path / "loans.parquet")
    else:
        with xlsxwriter.Workbook(tmp_path / "loans.xlsx") as book:
            sheet = book.add_worksheet("loans")
            for place, (name, cells) in enumerate(rows.items()):
                sheet.write_column(0, place, [name, *cells])

    assert 3 == len(Folder(tmp_path).facts(MARCH))
    with pytest.raises(lp.errors.DataError, match=said):
        Folder(tmp_path, limits=limits).facts(MARCH)
    if limits.file_bytes != 10:
        with pytest.raises(lp.errors.DataError, match=said):
            Tables({"loans": rows}, limits=limits).facts(MARCH)


def test_a_cell_beyond_the_limit_is_a_problem_of_its_row() -> None:
    """The other rows are used."""
    rows = {name: column.to_pylist() for name, column in zip(many(1).column_names, many(1).columns, strict=True)}
    found = Tables({"loans": rows | {"product": ["x" * 21]}}, limits=Limits(cell_characters=20)).facts(MARCH)

    assert ["it is longer than 20 characters"] == [problem.fault for problem in found.problems]


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "10"])
def test_a_limit_is_a_whole_number_above_zero(limit: Any) -> None:
    """None would be no limit at all, and nobody would see it."""
    with pytest.raises(lp.errors.DataError, match="the limit rows: it is"):
        Limits(rows=limit)
