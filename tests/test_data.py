"""Results and agreements are written as plain data and read back as they were; data that nobody wrote is refused."""

import json
from collections.abc import Iterator
from random import Random
from typing import Annotated, Any, cast

import pytest
from attrs import fields, has
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ValidationError, create_model
from tests.books_of_pay import book_of_seed
from tests.branches import a_branch
from tests.months_of_pay import played

import loanperf as lp
from loanperf import (
    alerts,
    analytics,
    archive,
    cycle,
    disputes,
    goals,
    learning,
    opening,
    outcomes,
    progress,
    report,
    reviews,
    tracker,
    viewer,
)
from loanperf.adapters.memory import MemoryEntries
from loanperf.adapters.pydantic import AsData
from loanperf.archive import PlainData

MARCH = lp.Period.month(2026, 3)
PUBLIC: dict[str, type] = {
    f"{module.__name__}.{name}": kind
    for module in (
        *(lp, alerts, analytics, archive, cycle, disputes, goals, learning, opening, lp.ports, lp.schemes),
        progress,
        report,
        *(outcomes, reviews, tracker, viewer),
    )
    for name, kind in vars(module).items()
    if isinstance(kind, type) and has(kind) and not issubclass(kind, Exception)
}
"""What a host has in hand: results, agreements, and what they are made of."""
KINDS = sorted({kind for kind in PUBLIC.values() if issubclass(kind, PlainData)}, key=lambda kind: kind.__name__)
APART = {
    "rows in columns, of which each has data": {
        *("Accruals", "Appraisals", "Awards", "Entries", "Facts", "Payments", "Progresses", "Readings", "Results"),
    },
    "a value that is written as text": {"Label", "Money", "Period", "Quantity"},
    "a tree with data of its own form": {"Explanation"},
    "a pair of columns; each row has data": {"Payout"},
    "what comes and goes at a port": {"Answered", "Batch", "FactChange", "FactsWanted", "FeedRow", "Pulled"},
    "a month with its ports; what it comes to has data": {"Keeping", "Run"},
    "what alerts look at, and whom they ask": {"Leads", "Observation"},
    "replayed from a stream, of which each event has data": {"Alerts", "Watched"},
    "over a store, or facts that come": {"Archive", "PayBasis", "Tracker", "Watch"},
    "a part of a scheme, in whose data it stands": {
        *("Bonus", "Cap", "CardLine", "CarriedTarget", "Clawback", "Common", "Component", "Confirmation"),
        *("Constraint", "Curve", "Deduct", "Dimension", "Draw", "Gate", "Grade", "Holdback", "Indicator"),
        *("IndicatorEntry", "Instalment", "Limit", "MadeOf", "Multiplier", "Override", "PayCalendar", "PayRules"),
        *("Phase", "Plan", "Profile", "Rate", "RateTable", "Ratio", "RoundingStep", "Scoring", "ScoringEntry"),
        *("Season", "Stage", "Stretch", "Team", "Tenor", "Then", "Tiers", "Total", "Veto", "Where", "Who"),
    },
    "what records say, of which each has data": {"Confirmations", "Cycle", "Disputes", "Learning", "Reviews"},
    "it may hold a function of the host": {"Pace"},
    "columns of a host, as arrays or a frame of any kind": {"PastPeriod"},
    "what an analysis is given, as floats": {"PastValues"},
    "what an analysis is given, with a generator of chance": {"ClaimLoans"},
    "made of the data of an analysis": {"AnalysisColumn"},
    "facts, people and schemes, of which each has data": {"Advice", "ClaimLoans", "Scenario"},
    "what is known of a period, of which each part has data": {"PayOfPeriod"},
    "a table of the library itself": {"Barred", "Effect"},
    "what a page shows of values that have data": {
        *("Chart", "PageTable", "PageRow", "KeyFigure", "Page", "Remark", "Section"),
        *("PageForm", "FormField", "FormTarget", "FormChoice"),
    },
}
"""What has no data of its own, by why."""


def test_every_result_and_agreement_has_data() -> None:
    """A class that a host can keep is read back from data, or stands in the list of those that are not, with why."""
    apart = {name for names in APART.values() for name in names}
    assert set() == {kind.__name__ for kind in PUBLIC.values() if kind not in KINDS} ^ apart
    assert {"Scheme", "Ledger", "Retention", "Opening", "Statement", "Result"} <= {kind.__name__ for kind in KINDS}


def through_json(value: PlainData) -> Any:
    """The data of a value, as it comes back from JSON."""
    return json.loads(json.dumps(value.data(), ensure_ascii=False))


def must_come_back(value: PlainData) -> None:
    """Hold a value to being read back as it was, and to the schema of its class."""
    data = through_json(value)
    again = type(value).from_data(data)
    assert again == value
    assert again.data() == data
    Draft202012Validator(type(value).json_schema()).validate(data)


def of_pay(seed: int) -> Iterator[PlainData]:
    """What a book of pay came to: a few of each kind."""
    book = book_of_seed(seed)
    done = played(book)
    for accruals in done.accruals[-1:]:
        yield from [*accruals.lines[:3], *accruals.waiting[:3], *accruals.unpaid[:3]]
    for entries in done.entries[-2:]:
        yield from entries[:3]
    for payments in done.payments[-2:]:
        yield from payments[:2]
    yield from (fact for _, fact in book.facts[:5])
    yield book.organisation


@pytest.mark.parametrize("seed", [1, 16, 43, 208, 220])
def test_what_pay_comes_to_is_read_back(seed: int) -> None:
    """Lines, entries, payments, what waits and is not paid, facts and people, of books in which most rules meet."""
    values = [*of_pay(seed)]
    for value in values:
        must_come_back(value)
    assert {"Accrual", "Entry", "Organisation"} <= {type(value).__name__ for value in values}


@pytest.mark.parametrize("seed", [0, 2, 3, 4])
def test_scores_and_bonuses_are_read_back_with_their_reasons(seed: int) -> None:
    """A result has its card, readings with their facts, points and award; what is read back explains as it did."""
    run = a_branch(Random(seed)).run()  # noqa: S311 - a branch at random
    assert len(run.results)
    for result in run.results[:3]:
        must_come_back(result)
        again = lp.Result.from_data(through_json(result))
        assert again.explain() == result.explain()
        for reading in result.appraisal.readings:
            must_come_back(reading)


@pytest.mark.parametrize("name", lp.schemes.TEMPLATES)
def test_an_agreement_is_read_back(name: str) -> None:
    """A scheme that comes with the library, alone and as a book: with its fingerprint, and what it says of anybody."""
    scheme = lp.template(name)
    must_come_back(scheme)
    must_come_back(lp.SchemeBook([scheme]))
    again = lp.Scheme.from_data(through_json(scheme))
    assert scheme.fingerprint == again.fingerprint
    assert lp.SchemeBook([again]).plans() == lp.SchemeBook([scheme]).plans()
    for dated in lp.SchemeBook([scheme]).plans():
        must_come_back(dated)
    for finding in lp.lint(scheme):
        must_come_back(finding)
    for change in lp.diff(lp.template("classic"), scheme):
        must_come_back(change)


def test_a_ledger_is_read_back() -> None:
    """Its entries and closings, where they stand; data that contradicts itself is refused."""
    book = played(book_of_seed(16))
    ledger = book.ledger.close(book.ledger.entries[0].period, by="chen")
    for one in (lp.Ledger(), ledger, ledger.close(lp.Period.month(2040, 1), by="wu")):
        must_come_back(one)
        assert [*one.lines()] == [*lp.Ledger.from_data(through_json(one)).lines()]
    data = through_json(ledger)
    last = data["closings"][-1]
    spoiled_in: list[tuple[Any, str]] = [
        (data | {"more": []}, "no entries and closings"),
        (data | {"entries": {}}, "no entries and closings"),
        ("x", "no entries and closings"),
        (data | {"entries": data["entries"][1:]}, "does not follow on|are said to have been there"),
        (data | {"closings": [last | {"after": 10**6}]}, "1000000 entries are said to have been there"),
        (data | {"closings": [last | {"act": "shut"}]}, "there is no such act|none of"),
        (data | {"entries": [*data["entries"], 5]}, "no table"),
    ]
    for spoiled, said in spoiled_in:
        with pytest.raises(lp.errors.LoanPerfError, match=said):
            lp.Ledger.from_data(spoiled)


def test_what_is_said_beside_pay_is_read_back() -> None:
    """Terms of keeping, an opening, misfits, who was not paid, how a loan stood, what moved, what was told."""
    for rule in archive.RETENTION:
        must_come_back(rule)
    due = {"payee": "lin", "what": "due", "amount": "10 元"}
    opened = opening.Opening.of([due], first=MARCH, totals={"due": "10 元"})
    must_come_back(opened)
    assert opened.entries == opening.Opening.from_data(through_json(opened)).entries
    store = MemoryEntries()
    must_come_back(lp.verify(store, "pay", heads=[lp.ports.Head(stream="pay/ledger", version=2, seal="ab")]))
    book = played(book_of_seed(16))
    for standing in [*book.accruals[-1].standings.values()][:3]:
        must_come_back(standing)
    for move in lp.movements(book.accruals[-1])[:5]:
        must_come_back(move)
        assert move.reason() == lp.Movement.from_data(through_json(move)).reason()
    why = (lp.errors.Problem("row 3", "it is empty", "", "fill it", payee="lin", row=3, at=(3, 1)),)
    must_come_back(lp.Blocked(payee="lin", why=why, due=(lp.Money.of("1 元"),)))
    text = lp.Label("march is closed", "已结账")
    must_come_back(lp.ports.Notice(key="k", kind="of a later version", period=MARCH, to="wu", text=text, short=text))
    must_come_back(lp.schemes.ByHand(amounts={"lin": lp.Money.of("1 元")}, by="chen", why="as agreed"))
    must_come_back(lp.Authority({"disbursed": "core"}))
    line: dict[str, Any] = {"code": "line", "kind": "threshold", "indicator": "loan_amount", "test": "below"}
    must_come_back(
        alerts.AlertRule(**line, limit="1万元", margin="1000 元", worse_by="1000 元", escalate_after=3, advice=text)
    )


def test_a_statement_has_its_totals_and_is_read_back(statement: lp.Statement) -> None:
    """The totals follow from the entries, and are in the data for whoever shows it."""
    assert {"earned": "100.00 CNY", "held": "20.00 CNY"} == statement.data()["totals"]
    data = through_json(statement)
    assert statement == lp.Statement.from_data(data)
    assert data == lp.Statement.from_data(data).data()


@pytest.fixture
def statement() -> lp.Statement:
    """1% of 10,000 are 100; a fifth of it, 20, is held."""
    scheme = lp.parse_scheme("""
name = "pay"
currency = "CNY"
effective = 2026-01-01
[plans.sales]
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 12, share = "100%" }] }
[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
""")
    loan = lp.Loan(loan="L1", customer="K", officer="lin", opened_on="2026-03-02")
    drawn = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-03", amount="10000 元")
    people = lp.Organisation(assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2025-01-01")])
    accruals = lp.accrue(lp.Facts.of([loan, drawn]), lp.SchemeBook([scheme]).plans(), people, through=MARCH)
    ledger = lp.Ledger().append(lp.settle(lp.Ledger(), accruals, period=MARCH))
    return lp.statement(ledger, "lin", MARCH, accruals)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_has_a_schema_that_names_its_parts(kind: type[PlainData]) -> None:
    """What a class is made of stands in its schema."""
    schema = kind.json_schema()
    parts = schema["$defs"][kind.__name__]["properties"]
    # The sums of a ledger follow from its entries.
    assert {field.alias for field in fields(cast(Any, kind)) if field.init and field.alias != "sums"} == {*parts}


# ── data that nobody wrote ──────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_the_data_says_where() -> None:
    """Each error names the class and the path."""
    data = lp.Account(
        payee="lin", **dict.fromkeys(("entitled", "due", "held", "owed", "paid"), lp.Money("1 CNY"))
    ).data()
    told = {}
    for name, value in [("due", "1.00"), ("due", "01.00 CNY"), ("due", 1), ("payee", None), ("more", "x")]:
        with pytest.raises(lp.errors.DataError) as caught:
            lp.Account.from_data({**data, name: value})
        told[name, value] = caught.value.where
    assert ["account.due"] * 3 == [told["due", value] for value in ("1.00", "01.00 CNY", 1)]
    assert ("account.payee", "account.more") == (told["payee", None], told["more", "x"])
    with pytest.raises(lp.errors.DataError, match=r"account.due: it lacks a part"):
        lp.Account.from_data({name: value for name, value in data.items() if name != "due"})
    with pytest.raises(lp.errors.DataError, match="no table"):
        lp.Account.from_data(["lin"])  # type: ignore[arg-type]


def test_damaged_data_is_refused_and_never_raises_something_else() -> None:
    """Every part of the data of a result is replaced, one at a time, by values that cannot stand there."""
    result = a_branch(Random(2)).run().results[0]  # noqa: S311 - a branch at random
    data, chance = through_json(result), Random(7)  # noqa: S311 - places at random
    places = [*_places(data)]
    for place in chance.sample(places, 150):
        for value in _ODD:
            whole = _with(data, place, value)
            try:
                found = lp.Result.from_data(whole)
            except lp.errors.DataError:
                continue
            assert found.data() == whole  # it may stand there, such as nothing where a part is left out


_ODD: tuple[Any, ...] = (None, 1.5, {}, "\ud800", [[]], True)


def _places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _places(value, (*path, key))


def _with(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else [*data]
    copy[path[0]] = _with(data[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize("text", ["1e20000000", "1" * 5000, "٣", "1/0", " 1", "1_0", "NaN"])
def test_a_number_that_was_never_written_is_refused_at_once(text: str) -> None:
    """Twenty characters must not keep a worker busy for a minute."""
    data = lp.Target(payee="lin", indicator="loan_amount", value=lp.quantity("120万元")).data()
    with pytest.raises(lp.errors.DataError, match=r"target.value.value: "):
        lp.Target.from_data({**data, "value": {**data["value"], "value": text}})


# ── models ──────────────────────────────────────────────────────────────────────────────────────────────────


class Answer(BaseModel):
    """A model as a service has one."""

    target: Annotated[lp.Target, AsData]


def test_models_read_and_write_the_data() -> None:
    """Pydantic reads it by `from_data`, writes it by `data`, and its schema holds what is written."""
    given = Answer(target=lp.Target(payee="lin", indicator="loan_amount", value=lp.quantity("120万元")))
    text = given.model_dump_json()
    assert given == Answer.model_validate_json(text)
    assert {"value": "1200000", "unit": "CNY", "bare": False} == json.loads(text)["target"]["value"]
    schema = Answer.model_json_schema()
    Draft202012Validator(schema).validate(json.loads(text))
    assert not Draft202012Validator(schema).is_valid({"target": {"payee": "lin"}})
    with pytest.raises(ValidationError, match="it lacks a part"):
        Answer.model_validate({"target": {"payee": "lin"}})


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_goes_into_a_model(kind: type[PlainData]) -> None:
    """A service that answers with any of them says its schema, of draft 2020-12, also where one is made of others."""
    marked: Any = Annotated[kind, AsData]
    model = create_model("Answered", value=(marked, ...))
    Draft202012Validator.check_schema(schema := model.model_json_schema())
    assert "$ref" not in json.dumps(schema)


def test_a_model_of_a_result_holds_what_is_written() -> None:
    """The result of a branch by its model, and by the schema of the model."""
    (result, *_) = a_branch(Random(2)).run().results  # noqa: S311 - a branch at random
    marked: Any = Annotated[lp.Result, AsData]
    model: Any = create_model("Answered", value=(marked, ...))
    text = model(value=result).model_dump_json()
    Draft202012Validator(model.model_json_schema()).validate(json.loads(text))
    assert result == model.model_validate_json(text).value
