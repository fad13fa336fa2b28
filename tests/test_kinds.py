"""The table of kinds of facts: what one place says, every other place must keep."""

from datetime import date
from typing import get_args

import pytest
from attrs import NOTHING, fields
from tests.sources import sources

import loanperf as lp
from loanperf._facts._rows import ROW_OF
from loanperf._indicators import View
from loanperf._kinds import DETAIL, KINDS, TAPE, Deviation, FactColumn, FactKind, Reached
from loanperf.adapters.tables import COLUMNS, TABLES
from loanperf.progress import SalesLead

ROWS: dict[str, lp.Fact] = {
    "loans": lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01"),
    "events": lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-03-02", number="7", amount="1 元"),
    "balances": lp.Balance(loan="L1", on="2026-03-03", outstanding="1 元"),
    "customers": lp.Customer(customer="C1", officer="lin", since="2026-03-04"),
    "holdings": lp.Holding(customer="C1", product="card", since="2026-03-05"),
    "profits": lp.Profit(customer="C1", on="2026-03-06", amount="1 元", number="8"),
    "violations": lp.Violation(number="1", payee="lin", on="2026-03-07", points=1),
    "inquiries": lp.Inquiry(number="2", payee="lin", on="2026-03-08", authorised=True, permitted=True),
    "valuations": lp.Valuation(number="3", payee="lin", on="2026-03-09", appraised="1 元", benchmark="1 元"),
    "trainings": lp.Training(payee="lin", course="AML", on="2026-03-10"),
    "ratings": lp.Rating(number="4", payee="lin", on="2026-03-11", topic="teamwork", score=90),
    "complaints": lp.Complaint(number="5", payee="lin", on="2026-03-14"),
    "leads": SalesLead(number="6", payee="lin", on="2026-03-15"),
    "credits": lp.Credit(loan="L1", payee="lin", on="2026-03-12"),
    "exchange_rates": lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-13", rate="7.1"),
}
"""A row of each kind, with no more than it needs and what tells it apart."""
EVENTS: dict[str, lp.LoanEvent] = {
    "amount": lp.LoanEvent(loan="L1", kind=lp.EventKind.SIGNED, on="2026-03-02", amount="1 元"),
    "category": lp.LoanEvent(loan="L1", kind=lp.EventKind.CLASSIFIED, on="2026-03-02", category=lp.Category.LOSS),
    "days": lp.LoanEvent(loan="L1", kind=lp.EventKind.PAST_DUE, on="2026-03-02", days=3),
    "officer": lp.LoanEvent(loan="L1", kind=lp.EventKind.ASSIGNED, on="2026-03-02", officer="wu"),
}
"""An event for each column that only some events have."""


def written(value: object) -> str:
    """A value as it stands in a natural key."""
    match value:
        case lp.EventKind():
            return value.value
        case date():
            return value.isoformat()
        case _:
            return str(value)


def test_there_is_a_row_of_each_kind() -> None:
    """A kind without a row class, or a row class without a kind, would be read and then lost."""
    assert list(KINDS) == list(ROW_OF) == list(ROWS)
    assert list(get_args(lp.Fact)) == list(ROW_OF.values()) == list(map(type, ROWS.values()))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_row_class_is_as_its_kind_says(kind: FactKind) -> None:
    """A field that one of them forgets is silently nothing."""
    row = ROWS[kind.name]
    *own, source = fields(type(row))

    assert source.name == "source"
    assert list(kind.columns) == [item.name for item in own]
    for item in own:
        column = kind.columns[item.name]
        assert column.optional is (item.default is not NOTHING), item.name
        assert not column.optional or column.default == item.default, item.name
    assert row.key == (kind.one, *(written(getattr(row, name)) for name in kind.key))
    assert row.on == getattr(row, kind.on)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_names_columns_that_it_has(kind: FactKind) -> None:
    """A bound on a column that is not there is never looked at."""
    named = [*kind.key, kind.on, *kind.says]
    for column in kind.columns.values():
        named += [name for name in (column.after, column.within, column.unlike) if name]
        words = [] if column.enum is None else [item.value for item in column.enum]
        assert words == list(column.words)
        assert bool(words) is (column.type == "word")
        assert bool(column.counts) is (column.type == "whole")

    for field in kind.view.values():
        match field.of:
            case Deviation(of=of, from_=benchmark):
                named += [of, benchmark]
            case Reached(day=day):
                named.append(day)
            case column_name:
                named.append(column_name)

    assert set(named) <= set(kind.columns)
    assert bool(kind.view) is bool(kind.viewed)
    assert not kind.view or kind.loses == kind.name, "a reading that lacks its rows says so by the name of its view"


def test_a_heading_or_a_sheet_names_one_thing() -> None:
    """A heading of two columns, or a sheet of two tables, would go to whichever is looked up last."""
    sheets = [sheet for known in TABLES.values() for sheet in known]
    assert sorted(set(sheets)) == sorted(sheets)
    for columns in COLUMNS.values():
        heads = [head.casefold() for name, column in columns.items() for head in {name, *column.zh, *column.en}]
        assert sorted(set(heads)) == sorted(heads)


def test_what_events_state_are_columns_of_events() -> None:
    """Each kind of event states what only some events have."""
    optional = {name for name, column in KINDS["events"].columns.items() if column.optional}

    assert set(DETAIL) == set(lp.EventKind)
    assert optional - {"number"} == set().union(*DETAIL.values())


def test_a_tape_stands_for_columns_that_there_are() -> None:
    """A column of a tape is an event or a balance, or says nothing."""
    for name, cell in TAPE.items():
        kind = KINDS["balances" if cell.event is None else "events"]
        assert name not in KINDS["loans"].columns
        assert cell.column == "" or kind.columns[cell.column].type == cell.type
        assert cell.event is None or cell.column in {"", "on", *DETAIL[cell.event]}
        assert cell.needs in {"", *TAPE}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_row_is_held_to_each_bound_of_its_kind(kind: FactKind) -> None:
    """A bound in the table that no row is held to is a promise that nobody keeps."""
    for name, column in kind.columns.items():
        row = EVENTS[name] if kind.name == "events" and name in EVENTS else ROWS[kind.name]
        given = {item: getattr(row, item) for item in kind.columns}
        for value in wrong_values(row, column):
            with pytest.raises(lp.errors.LoanPerfError) as caught:
                type(row)(**given | {name: value})
            assert "takes no" not in str(caught.value)


def wrong_values(row: lp.Fact, column: FactColumn) -> list[object]:
    """Values that a column does not take, by what the table says of it."""
    found: list[object] = ["a\nb"] if column.type == "text" else [7.5]
    if column.type == "money":
        found += ["-0.01 元"] if column.low == 0 else []
        found += ["0 元"] if column.above == 0 else []
    else:
        found += [] if column.low is None else [column.low - 1]
        found += [] if column.high is None else [column.high + 1]
        found += [] if column.above is None else [column.above]
    found += [getattr(row, other) for other in (column.after, column.unlike) if other]
    found += [getattr(row, column.within) + lp.Money.of("1 元")] if column.within else []
    return found


def test_every_kind_that_is_a_view_can_be_measured() -> None:
    """A view that measures cannot name is a table of facts that counts for nothing."""
    plain = [name for name, kind in KINDS.items() if kind.view]

    assert ["loan events", "loans", "customers", *plain] == list(lp.schemes.FIELDS)
    assert list(lp.schemes.FIELDS) == list(get_args(View))


def test_no_module_lists_the_kinds_of_facts_again() -> None:
    """A second list is forgotten when a kind is added; whoever needs all kinds asks the table."""
    rows, lists = {row.__name__ for row in ROW_OF.values()}, ("_kinds", "_facts/_rows.py", "__init__.py", "migrations")
    most, found = len(KINDS) // 2, []
    for source in sources():
        if any(part in f"/{source.place.as_posix()}" for part in lists):
            continue
        if max(len(source.names & rows), len(source.words & KINDS.keys())) > most:
            found.append(source.place.name)

    assert ["_types.py"] == found, "the views that a measure can name are types, held to the table above"
