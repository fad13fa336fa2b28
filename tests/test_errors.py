"""Errors: each says what is wrong, where, what was there and what to do, and travels between processes whole."""

import copy
import inspect
import pickle
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp

E = lp.errors
PROBLEMS = (
    E.Problem("loans.csv row 7", "there is no such day", "'2026-02-30'", "write a day as 2026-03-31"),
    E.Problem("unit east", "it is under itself", "", "give it another parent"),
)
LISTED = (
    "2 problem(s)\n"
    "  - loans.csv row 7: there is no such day (found '2026-02-30'); write a day as 2026-03-31\n"
    "  - unit east: it is under itself; give it another parent"
)
RUN = "the facts run from 2025-01-01 to 2025-12-31"
MISSING = "supply one, or let the scheme say missing = 'zero' or 'renormalise'"
MESSAGES: list[tuple[lp.errors.LoanPerfError, str]] = [
    (E.LoanPerfError("anything"), "anything"),
    (
        E.QuantityError("5 moons", "'moons' is no known unit", "use 月"),
        "cannot read '5 moons' as a quantity: 'moons' is no known unit; use 月",
    ),
    (
        E.FloatError(0.1),
        (
            "0.1 is a float, and a float is not exact; pass a string with its unit, such as '100万元' or '3%',"
            " Decimal('0.1') or an int"
        ),
    ),
    (E.UnitError("x", "USD", "CNY"), "x is in USD; it must be in CNY"),
    (
        E.PeriodError("2026-13", "there is no such month", "give 1 to 12"),
        "'2026-13' is not a valid period or date: there is no such month; give 1 to 12",
    ),
    (E.CurveError("there is none", "give one"), "these knots make no curve: there is none; give one"),
    (E.AllocationError("no weight", "give one"), "cannot allocate: no weight; give one"),
    (E.OrganisationError(PROBLEMS), f"the organisation cannot be used: {LISTED}"),
    (
        E.NoAssignmentError("lin", "2026-03-01", ("hu", "wei")),
        "'lin' has no assignment on 2026-03-01; add one that covers that date; known: hu, wei",
    ),
    (
        E.UnknownPayeeError("lim", ("hu", "lin")),
        "nothing is known of a payee 'lim'; did you mean 'lin'? known: hu, lin",
    ),
    (E.FactError("loan L1", "officer", "", "give a code"), "loan L1: officer cannot be ''; give a code"),
    (
        E.EmptyPeriodError("2026-03", "2025-01-01", "2025-12-31"),
        (
            f"nothing is known of 2026-03, since no fact is dated in it or before it; {RUN}:"
            " choose a period among them or supply its facts"
        ),
    ),
    (E.SchemeError("scheme.toml", PROBLEMS), f"scheme.toml is not a valid scheme: {LISTED}"),
    (
        E.WeightsError("senior", "they sum to 99.9%", "add 0.1%"),
        "weights of profile 'senior': they sum to 99.9%; add 0.1%",
    ),
    (E.UnknownIndicatorError("npl", ("npl_ratio",)), "no indicator is called 'npl'; known: npl_ratio"),
    (
        E.MeasureError("m.sum", "loans have no such field", "use balance"),
        "m.sum: loans have no such field; use balance",
    ),
    (
        E.MissingReadingError("npl_ratio", "lin", ("loan_amount",)),
        f"lin has no reading of 'npl_ratio', which the score needs; {MISSING}; available: loan_amount",
    ),
    (
        E.TargetError("npl_ratio", "is zero", "give one above zero"),
        "target of 'npl_ratio' is zero; give one above zero",
    ),
    (E.ResolveError("role x", "no profile fits", "add one"), "cannot resolve role x: no profile fits; add one"),
    (
        E.VersionError("s", "two start on 2026-01-01", "move one"),
        "versions of scheme 's': two start on 2026-01-01; move one",
    ),
    (E.AwardError("its base is missing", "give a salary"), "cannot award: its base is missing; give a salary"),
    (E.LedgerError("period 2026-01", "it is closed", "reopen it"), "period 2026-01: it is closed; reopen it"),
    (E.PayError("paying 'lin'", "there is no rate", "pass one"), "paying 'lin': there is no rate; pass one"),
    (E.DataError("loans.csv", "it is empty", "remove it"), "loans.csv: it is empty; remove it"),
    (
        E.LawError("weights sum to 100%", "they sum to 90%", "mend them"),
        "law 'weights sum to 100%': they sum to 90%; mend them",
    ),
    (
        E.FeedError("row 7", "revision", "-1", "give a whole number"),
        "row 7: revision is -1; give a whole number",
    ),
    (
        E.ConflictError("pay/ledger", 3, 5),
        "stream 'pay/ledger': it was expected at version 3, and is at 5; read what is new, and append again",
    ),
    (
        E.StoreError("sqlite:///pay.db", "database is locked", "run it again"),
        "sqlite:///pay.db: database is locked; run it again",
    ),
    (
        E.RightsError("wu", "see the figures of 'lin'", "ask the host for the right to"),
        "'wu' may not see the figures of 'lin'; ask the host for the right to",
    ),
    (
        E.MissingExtraError("cli", "typer"),
        'typer is not installed; run: python -m pip install "loanperf[cli]"',
    ),
]


def kind(value: object) -> str:
    """The class of an error, as the name of a test."""
    return type(value).__name__ if isinstance(value, Exception) else ""


def test_every_error_is_in_the_table() -> None:
    """An error that is added must say its sentence here."""
    classes = {item for _, item in inspect.getmembers(E, inspect.isclass) if issubclass(item, Exception)}

    assert classes == {type(error) for error, _ in MESSAGES}


@pytest.mark.parametrize(("error", "message"), MESSAGES, ids=kind)
def test_an_error_says_what_is_wrong_and_what_to_do(error: lp.errors.LoanPerfError, message: str) -> None:
    """Whoever reads it can act on it without reading our code."""
    assert message == str(error)
    assert isinstance(error, lp.errors.LoanPerfError)


@pytest.mark.parametrize(("error", "message"), MESSAGES, ids=kind)
def test_an_error_survives_a_pickle_and_a_copy(error: lp.errors.LoanPerfError, message: str) -> None:
    """A pool of processes sends errors home; one that does not unpickle hangs the pool or hides the fault."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 - our own
        assert (type(error), message) == (type(again), str(again))
        assert error.args == again.args
    for again in (copy.copy(error), copy.deepcopy(error)):
        assert (type(error), message) == (type(again), str(again))


@pytest.mark.parametrize(("error", "message"), MESSAGES, ids=kind)
def test_an_error_can_be_raised_chained_and_noted(error: lp.errors.LoanPerfError, message: str) -> None:
    """Its fields are frozen, but Python must be able to hang a traceback, a cause and notes on it."""
    again, cause = copy.copy(error), KeyError("cause")
    again.add_note("in March")

    def fail() -> None:
        raise again from cause

    with pytest.raises(type(error)) as caught:
        fail()

    assert message == str(caught.value)
    assert ["in March"] == caught.value.__notes__
    assert cause is caught.value.__cause__


@pytest.mark.parametrize(("error", "message"), MESSAGES[1:], ids=kind)
def test_the_fields_of_an_error_are_data(error: Any, message: str) -> None:
    """A host translates a message or marks a cell by them; they stand in the message."""
    for item in fields(type(error)):
        value = getattr(error, item.name)
        texts = [str(part) for part in value] if isinstance(value, tuple) else [str(value)]
        assert all(text in message for text in texts)
        with pytest.raises(AttributeError):
            setattr(error, item.name, value)


def test_one_except_catches_all_of_ours_and_nothing_else() -> None:
    """A host has one line to write."""
    with pytest.raises(lp.errors.LoanPerfError):
        lp.quantity("x")
    assert lp.errors.LoanPerfError.__mro__[1] is Exception


def test_long_lists_of_names_are_cut() -> None:
    """A bank of 5,000 payees is not printed because one is missing."""
    known = [f"p{number:04}" for number in range(5000)]
    message = str(lp.errors.NoAssignmentError("lin", "2026-03-01", known))

    assert message.endswith(
        "known: p0000, p0001, p0002, p0003, p0004, p0005, p0006, p0007, p0008, p0009, p0010, p0011 and 4988 more"
    )
    assert "known: none" in str(lp.errors.UnknownIndicatorError("npl", ()))
    assert "known" not in str(lp.errors.NoAssignmentError("lin", "2026-03-01"))


def test_an_empty_unit_is_called_no_unit() -> None:
    """A sentence with a hole in it explains nothing."""
    assert "x is in no unit; it must be in CNY" == str(lp.errors.UnitError("x", "", "CNY"))
    assert "x is in CNY; it must be in no unit" == str(lp.errors.UnitError("x", "CNY", ""))
    assert "there are no facts at all" in str(lp.errors.EmptyPeriodError("2026-03", "", ""))
    assert str(lp.errors.MissingReadingError("npl_ratio", "", ())).startswith("the payee has no reading of 'npl_ratio'")


# ── what was there ──────────────────────────────────────────────────────────────────────────────────────────


@given(st.text() | st.binary() | st.integers() | st.lists(st.text()) | st.none() | st.floats())
def test_what_was_there_is_printed_in_one_short_line(value: object) -> None:
    """Line breaks, control characters and escape sequences of a cell must not reach a terminal."""
    found = lp.errors.shown(value, limit=40)

    assert found.isprintable()
    assert len(found) <= 40 + len(" (00000000 characters)")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("abc", "'abc'"),
        ("a\nb", r"'a\nb'"),
        ("\x1b[31m", r"'\x1b[31m'"),
        ("万元", "'万元'"),
        (5, "5"),
        (None, "None"),
        (0.1, "0.1"),
        ("x" * 100, "'" + "x" * 78 + "… (100 characters)"),
        (["x" * 100], "['" + "x" * 77 + "…"),
    ],
)
def test_what_was_there_is_shown_as_python_writes_it(value: object, found: str) -> None:
    """Quotes tell the text 5 from the number 5; what is long is cut, and what Python does not print has a name."""
    assert found == lp.errors.shown(value)


def test_an_int_that_python_does_not_print_has_a_name() -> None:
    """Python raises a ValueError where an int of thousands of digits is to be printed: not in our message."""
    assert "<int too long to print>" == lp.errors.shown(10**5000)
    assert "<list too long to print>" == lp.errors.shown([10**5000])


@pytest.mark.parametrize(("number", "text"), [(np.float64(0.1), "0.1"), (np.float32(0.5), "0.5"), (1e300, "1e+300")])
def test_a_float_is_shown_so_that_the_advice_can_be_followed(number: Any, text: str) -> None:
    """np.float64(0.1) inside Decimal('…') would be no number."""
    expected = f"pass a string with its unit, such as '100万元' or '3%', Decimal('{text}') or an int"
    assert expected in str(lp.errors.FloatError(number))


def test_a_misspelt_indicator_is_guessed() -> None:
    """Twelve codes say less than the one that was meant."""
    expected = "no indicator is called 'npl_rate'; did you mean 'npl_ratio'? known: npl_ratio"
    assert expected == str(lp.errors.UnknownIndicatorError("npl_rate", ("npl_ratio",)))


# ── problems ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_problem_is_a_value() -> None:
    """Problems are compared, sorted and counted; two of the same are one."""
    problem = PROBLEMS[0]

    assert 1 == len({problem, copy.copy(problem), pickle.loads(pickle.dumps(problem))})  # noqa: S301 - our own
    assert "loans.csv row 7: there is no such day (found '2026-02-30'); write a day as 2026-03-31" == str(problem)
    assert "unit east: it is under itself; give it another parent" == str(PROBLEMS[1])


# ── causes ──────────────────────────────────────────────────────────────────────────────────────────────────


def row(number: int, fault: str = "it is empty", *, table: str = "loans.csv", **fields_: Any) -> lp.errors.Problem:
    """A problem of a row of a table."""
    where = f"{table} row {number}, column amount"
    return E.Problem(where, fault, "", "fill it in", row=number, column="amount", **fields_)


def test_what_follows_from_a_problem_is_folded_into_it() -> None:
    """One salary without a unit, and everything that counts for the payee, is one thing to mend."""
    salary = row(5, table="assignments.csv", payee="E04", loses=("payee", "E04"))
    loans = [
        E.Problem(
            f"loans.csv row {number}: loan L{number}", "it counts for 'E04'", "", "assign", lacks=("payee", "E04")
        )
        for number in (48, 4, 53)
    ]
    (cause,) = E.causes_of([*loans, salary])

    assert (salary, (salary,), 4) == (cause.problem, cause.alike, cause.count)
    assert ["L4", "L48", "L53"] == [item.where.rpartition(" ")[2] for item in cause.follows]
    assert str(cause).endswith("fill it in; 3 more follow from it, the first: loans.csv row 4: loan L4")


def test_what_follows_from_what_follows_has_the_first_cause() -> None:
    """A customer that is lost loses a loan, and the loan its events: three problems, one thing to mend."""
    customer = row(2, table="customers.csv", loses=("customer", "C1"))
    loan = row(3, lacks=("customer", "C1"), loses=("loan", "L1"))
    event = row(4, table="events.csv", lacks=("loan", "L1"))

    for order in permutations([customer, loan, event]):
        (cause,) = E.causes_of(order)
        assert (customer, (event, loan)) == (cause.problem, cause.follows)


def test_what_is_lost_without_a_cause_is_a_cause() -> None:
    """Nobody sent the loan at all: its events are alike, and one thing to mend, but they follow from none."""
    events = [row(number, "there is no such loan", table="events.csv", lacks=("loan", "L1")) for number in (9, 10)]
    other = row(11, "there is no such loan", table="events.csv", lacks=("loan", "L2"))

    assert [(2, 0), (1, 0)] == [(len(cause.alike), len(cause.follows)) for cause in E.causes_of([other, *events])]


def test_rows_with_the_same_fault_are_one_cause_with_the_first_rows_named() -> None:
    """2,101 rows without a currency are one line: 2 before 10, and how many there are."""
    causes = E.causes_of([row(number) for number in range(2102, 1, -1)])

    assert [2101] == [cause.count for cause in causes]
    assert str(causes[0]) == (
        "loans.csv row 2, column amount: it is empty; fill it in; the same in 2101 rows: 2, 3, 4, 5, 6, …"
    )


def test_what_is_alike_and_what_follows_is_said_in_both_languages() -> None:
    """The command line prints these lines, and the text of a cause is made of the English ones."""
    lost = [E.Problem(f"payee E{number}", "no unit", "", "add it", lacks=("unit", "u")) for number in range(6)]
    unit = row(2, table="units.csv", loses=("unit", "u"))
    (follow,), (alike,) = E.causes_of([*lost, unit]), E.causes_of(lost)

    assert ("6 more follow from it, the first: payee E0",) == follow.beside()
    assert ("由此另有 6 处无法使用，首处为 员工 E0",) == follow.beside("zh")
    assert ("the same in 6 places: payee E0, payee E1, payee E2, payee E3, payee E4, …",) == alike.beside()
    assert ("共 6 处有同样的问题：员工 E0、员工 E1、员工 E2、员工 E3、员工 E4、…",) == alike.beside("zh")
    assert str(alike) == f"{lost[0]}; {alike.beside()[0]}"


@pytest.mark.parametrize(
    "other",
    [
        E.Problem("loan L3", "it is empty", "", "fill it in"),
        row(3, "it is no day"),
        row(3, table="events.csv"),
        evolve(row(3), column="until"),
        evolve(row(3), remedy="else"),
    ],
)
def test_problems_that_are_mended_otherwise_are_other_causes(other: lp.errors.Problem) -> None:
    """Another fault, table, column or remedy is another thing to do."""
    assert [1, 1] == [cause.count for cause in E.causes_of([row(2), other])]


def test_two_problems_that_follow_from_each_other_are_not_lost() -> None:
    """Whoever makes problems may make a ring: it is one cause, and nothing hangs."""
    one, two = row(2, loses=("loan", "A"), lacks=("loan", "B")), row(3, loses=("loan", "B"), lacks=("loan", "A"))
    alone = row(4, "it is its own", loses=("loan", "C"), lacks=("loan", "C"))

    assert [(one, 2), (alone, 1)] == [(cause.problem, cause.count) for cause in E.causes_of([two, alone, one])]


@pytest.mark.parametrize(
    ("where", "column", "source"),
    [
        ("loans.csv row 3", "", "loans.csv"),
        ("loan events row 3, column amount", "amount", "loan events"),
        ("credits.csv row 3, column share of the deal", "share of the deal", "credits.csv"),
        ("book.xlsx, sheet 2026年 row 3, column 金额", "金额", "book.xlsx, sheet 2026年"),
    ],
)
def test_the_source_of_a_problem_is_the_same_in_every_language(where: str, column: str, source: str) -> None:
    """A host groups problems by the file to send back, whatever language it shows them in."""
    problem = E.Problem(where, "it is empty", "", "give zero or more", row=3, column=column)

    assert [source, source, source] == [one.source for one in (problem, problem.to("zh"), problem.to("zh").to("zh"))]
    assert problem.to("zh") == E.Problem(
        problem.to("zh").where, "为空", "", "请填写不小于 0 的数值", row=3, column=column
    )
    assert "" == E.Problem("loan L1", "it is empty", "", "fill it in").to("zh").source


SUBJECTS = st.none() | st.tuples(st.sampled_from(["payee", "loan", "customer"]), st.sampled_from("ABC"))
DRAWN = st.lists(
    st.builds(
        lambda number, fault, table, loses, lacks: row(number, fault, table=table, loses=loses, lacks=lacks),
        st.integers(0, 120),
        st.sampled_from(["x", "y"]),
        st.sampled_from(["loans.csv", "events.csv"]),
        SUBJECTS,
        SUBJECTS,
    ),
    max_size=30,
)


@given(DRAWN)
def test_causes_hold_every_problem_once_in_natural_order(problems: list[lp.errors.Problem]) -> None:
    """The rows balance: what was refused is in some cause, whatever the order in which it was found."""
    causes = E.causes_of(problems)
    held = [item for cause in causes for item in (*cause.alike, *cause.follows)]
    rows = [cause.problem.row or 0 for cause in causes if cause.problem.source == "loans.csv"]

    assert sorted(problems, key=E.natural_order) == sorted(held, key=E.natural_order)
    assert sorted(rows) == rows
    assert len(problems) == sum(cause.count for cause in causes)


@pytest.mark.parametrize(
    "places",
    [
        ["loans.csv row 2", "loans.csv row 10", "loans.csv row 100"],
        ["a row 9, column x", "a row 9, column y", "a row 010", "a row 11"],
        ["loan", "loan 1", "loan L2", "loan L10"],
        ["1", "2", "10", "99999999999999999999", f"1{'0' * 5000}"],
    ],
)
def test_numbers_in_places_are_sorted_by_their_value(places: list[str]) -> None:
    """By hand: 48, 4, 53 was the order of letters and of chance."""
    problems = [E.Problem(place, "x", "", "y") for place in places]
    shuffled = problems[::-1]

    assert problems == sorted(shuffled, key=E.natural_order)


def test_two_paths_of_a_document_are_two_causes() -> None:
    """Each is mended where it stands, whatever the other says; only rows of a table are one column to mend."""
    paths = [E.Problem(f"$.scoring.{code}.places", "it is not stated", "", "state it") for code in ("a", "b")]

    assert paths == [cause.problem for cause in E.causes_of(paths)]


def test_a_data_frame_that_no_extra_brings_is_named_by_itself() -> None:
    """`loanperf[tables]` would be installed again and again, and Polars would not come with it."""
    assert "polars is not installed; run: python -m pip install polars" == str(E.MissingExtraError("", "polars"))
