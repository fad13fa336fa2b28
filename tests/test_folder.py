"""A folder of CSV files: what exports really look like, and that no row is lost without a word."""

import runpy
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.folder import COLUMNS, Folder
from loanperf.adapters.memory import MemorySchemes

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

    assert lp.Balance(loan="L1", on="2026-03-31", outstanding=lp.Money(30_000_000, "CNY")) == balance


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
    assert lp.Money(30_000_000, "CNY") == events[lp.EventKind.DISBURSED].amount
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
            "L1,C1,lin,2026-03-02,30万元,mortgage,new,4.35%,0.021\n"
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
        amount=lp.Money(30_000_000, "CNY"),
        collateral="mortgage",
        customer_type="new",
        interest_rate=Fraction(435, 10_000),
        funding_rate=Fraction(21, 1000),
    )
    facts = folder(tmp_path, {"loans.csv": text}).facts(MARCH)

    assert ((expected,), ()) == (facts.items, facts.problems)


def test_readings_and_targets_are_those_of_the_period(tmp_path: Path) -> None:
    """A value for the period itself goes before one for every period, and one for another period is left alone."""
    rows = "payee,indicator,value,period\nlin,loan_amount,90万元,\nlin,贷款额,100万元,2026-03\n"
    rows += "lin,npl_ratio,３％,2026-02\n"
    data = folder(tmp_path, {"readings.csv": rows, "targets.csv": rows})

    (reading,) = data.readings(MARCH)
    (target,) = data.targets(MARCH)

    assert ("lin", "loan_amount", Fraction(1_000_000), "CNY") == (
        reading.subject, reading.indicator, reading.numerator, reading.unit,
    )  # fmt: skip
    assert lp.Target(payee="lin", indicator="loan_amount", value="100万元") == target
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
    assert lp.Money(900_000, "CNY") == people.assignment("lin", date(2026, 3, 16)).salary
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
        "row 2, column opened_on: it is no day (found '31.3.2026'); write a day as",
    ),
    ("loans.csv", LOANS, "L2,C1,lin,20260331", "row 2, column opened_on: it is no day (found '20260331')"),
    ("loans.csv", LOANS, "L2,C1,lin,2026-02-30", "column opened_on: there is no such day (found '2026-02-30')"),
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
        "row 2, column value: the amount has no currency (found 100)",
    ),
    (
        "readings.csv",
        "payee,indicator,实绩\n",
        "lin,贷款额,100",
        "row 2, column 实绩: the amount has no currency (found 100)",
    ),
    (
        "targets.csv",
        "员工编号,指标,目标\n",
        "lin,loan_amount,100",
        "row 2, column 目标: the amount has no currency (found 100)",
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
        "年利率: it cannot be that (found '435%')",
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
        "column share: it cannot be that (found '6000%'); give a part",
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


def test_a_cyclic_tree_and_overlaps_name_their_rows(tmp_path: Path) -> None:
    """People that contradict each other stop the run, with everything that is wrong and the rows."""
    files = {
        "units.csv": "code,parent,since\na,b,\nb,a,\nc,,never\n",
        "assignments.csv": "payee,unit,role,since\nlin,a,senior,2026-01-01\nlin,b,lead,2026-02-01\n",
    }
    with pytest.raises(lp.errors.OrganisationError) as caught:
        folder(tmp_path, files).organisation(MARCH)

    said = str(caught.value)
    assert "units.csv row 4, column since: it is no day" in said
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


def test_gbk_is_recognised_and_the_way_out_named(tmp_path: Path) -> None:
    """Spreadsheets in Chinese Windows save GBK; the reader should not have to know what an encoding is."""
    text = (LOANS + GOOD + "L2,C2,林,2026-03-02\n").encode("gbk")
    said = refusal(tmp_path, {"loans.csv": text})

    offset = len(LOANS) + len(GOOD) + len("L2,C2,")
    assert f"loans.csv row 3: it is not UTF-8: byte offset {offset} cannot be read" in said
    assert "if it was saved by a spreadsheet in Chinese Windows, pass --encoding gb18030" in said
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
    assert "it holds no facts and no readings (found no CSV file)" in refusal(tmp_path, {})
    assert "loan.csv: no file of that name is known; rename it to loans.csv" in refusal(tmp_path, {"loan.csv": ""})
    tmp_path.joinpath("loan.csv").unlink()
    # The list of pay that the command line writes is no list of customers.
    assert "no file of that name is known; the files are loans.csv," in refusal(tmp_path, {"scores.csv": ""})
    tmp_path.joinpath("scores.csv").unlink()
    with pytest.raises(
        lp.errors.DataError, match=r"there is no assignments\.csv; add one with the columns payee, unit"
    ):
        Folder(tmp_path).organisation(MARCH)
    with pytest.raises(lp.errors.DataError, match="there is no such folder"):
        Folder(tmp_path / "none")
    tmp_path.joinpath("notes.txt").touch()
    with pytest.raises(lp.errors.DataError, match="it is no folder"):
        Folder(tmp_path / "notes.txt")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    """What the system refuses to open is told by file, and without a traceback."""
    tmp_path.joinpath("loans.csv").mkdir()

    assert "loans.csv: it cannot be read" in refusal(tmp_path, {})


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
OTHER_FILES = ("readings.csv", "targets.csv", "units.csv", "payees.csv", "assignments.csv")
"""Those whose rows are no facts."""
CELLS = st.sampled_from(ODD) | st.text(max_size=8)


def lines_with_text(text: str) -> int:
    """How many rows below the first have any text, counted apart from the reader."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[1:]
    return sum(1 for line in lines if line.replace('""', "").strip(" ,\t"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(list(COLUMNS)), rows=st.lists(st.lists(CELLS, max_size=9), max_size=6))
def test_rows_in_are_rows_used_and_problems(tmp_path: Path, file: str, rows: Iterable[list[str]]) -> None:
    """Whatever stands in the rows, each is a fact, a repeat or a problem, and nothing else is raised."""
    text = "\n".join([",".join(COLUMNS[file]), *(",".join(row) for row in rows)])
    for old in tmp_path.iterdir():
        old.unlink()
    data = folder(tmp_path, {"loans.csv": LOANS, file: text})
    facts = data.facts(MARCH)

    assert lines_with_text(text) == facts.rows
    if file not in OTHER_FILES:
        assert facts.rows == len(facts) + facts.repeats + len(facts.problems)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=st.sampled_from(list(COLUMNS)), content=st.binary(max_size=200) | st.text(max_size=200))
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


# ── the table of columns ────────────────────────────────────────────────────────────────────────────────────


def test_no_header_stands_for_two_columns() -> None:
    """A Chinese header that two columns share would put values where they do not belong."""
    for file, columns in COLUMNS.items():
        heads = [head for name, column in columns.items() for head in (name, *column.zh)]
        assert len(heads) == len(set(heads)), file


def test_the_reference_page_is_up_to_date() -> None:
    """The page is written from the table that reads the files: python tools/csv_folder.py."""
    page = runpy.run_path(str(ROOT / "tools" / "csv_folder.py"))["page"]()

    assert page == (ROOT / "docs" / "reference" / "csv-folder.md").read_text(encoding="utf-8")
