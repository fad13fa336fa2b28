"""What runs came to is kept for ever: again the same adds nothing, a correction adds, and any past moment comes out."""

import json
import sqlite3
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import insert, text
from tests.branches import MARCH, Branch, a_branch
from tests.servers import file_with_tables

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryFactStore,
    MemoryPayments,
    MemoryPeople,
    MemoryPersonal,
    MemorySchemes,
)
from loanperf.adapters.sql import Database, Keys
from loanperf.adapters.sql._schema import records, streams
from loanperf.adapters.sql._versions import upgrade
from loanperf.archive import RETENTION, Approval, Archive, digests_of
from loanperf.ports import FeedRow, LedgerStore, Pulled, commitment_of
from loanperf.schemes import Veto

VALUES = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
NAME = "worked example"
LIN = lp.Assignment(payee="lin", unit="east", role="senior", since="2025-01-01", salary="8000 元")


def month(store: LedgerStore, *people: lp.Assignment, paid: bool = True, **how: Any) -> lp.Run:
    """A month of the published example: 60 + 40 + 21.2 points; at an NPL ratio of 3% its 30 points make 111.2."""
    values = VALUES | how.pop("values", {})
    supplied = [lp.Reading.of(code, value, subject="lin") for code, value in values.items()]
    crm: Any = MemoryFacts(how.pop("facts", ()), supplied=supplied)
    if "taken" in how:
        crm = MemoryFactStore(supplied=supplied)
        rows = [FeedRow(row=f"{at}", revision=1, says=fact) for at, fact in enumerate(how.pop("taken"))]
        crm.take("crm", Pulled(rows=rows, cursor="1"))
    return lp.run(
        MARCH,
        facts=crm,
        people=MemoryPeople(lp.Organisation(assignments=people or [LIN], payees=[lp.Payee(code="lin", name="林小雨")])),
        schemes=MemorySchemes(lp.template("worked-example")),
        payments=how.pop("payments", MemoryPayments()) if paid else None,
        keeping=lp.Keeping(entries=store, personal=how.pop("personal", None)),
        **how,
    )


def _yes(_: lp.Run) -> bool:
    return True


def _no(_: lp.Run) -> bool:
    return False


def kept_of(branch: Branch, store: MemoryEntries, personal: MemoryPersonal) -> lp.Run:
    """A branch's month, posted and kept."""
    keeping = lp.Keeping(entries=store, first=MARCH, personal=personal)
    return branch.run(payments=MemoryPayments(), keeping=keeping, approve=_yes)


def scores(archive: Archive) -> list[tuple[int, str | None]]:
    """What was kept of lin, record by record."""
    return [(at, None if one is None else str(one.appraisal.score)) for at, one in archive.history("lin", MARCH)]


def test_what_a_run_came_to_comes_out_again() -> None:
    """A result is the one of the run, with its reasons; the same run again adds nothing."""
    store, personal = MemoryEntries(), MemoryPersonal()
    run, archive = month(store, personal=personal), Archive(store, NAME, personal)

    assert run.results == archive.results(MARCH)
    assert "121.2" == str(archive.results(MARCH)[0].appraisal.score)
    assert run.results[0].explain() == archive.results(MARCH)[0].explain()
    before = {name: tuple(lines) for name, lines in store.streams.items()}
    month(store, personal=personal)
    assert before == {name: tuple(lines) for name, lines in store.streams.items()}
    assert [lp.template("worked-example")] == [*archive.versions()]


def test_a_correction_adds_and_changes_nothing() -> None:
    """A moment is named by how many records there were: a card and a result, then another result."""
    store = MemoryEntries()
    archive = Archive(store, NAME)
    month(store)
    then = [json.dumps(one.data()) for one in archive.results(MARCH)]
    month(store, values={"npl_ratio": "3%"})

    assert [(2, "121.2"), (3, "111.2")] == scores(archive)
    assert "111.2" == str(archive.results(MARCH)[0].appraisal.score)
    assert then == [json.dumps(one.data()) for one in archive.results(MARCH, as_of=2)]
    assert () == tuple(archive.results(MARCH, as_of=1))


def test_a_result_that_is_gone_is_withdrawn() -> None:
    """An assignment that never was leaves a record that says so."""
    store = MemoryEntries()
    archive = Archive(store, NAME)
    wei = evolve(LIN, payee="wei")
    month(store, LIN, wei, values={}, approve=_yes)
    month(store, wei, approve=_yes)

    assert [(2, "121.2"), (3, None)] == scores(archive)
    assert [] == [one.payee for one in archive.results(MARCH)]


def test_a_dry_run_and_one_that_is_held_keep_nothing() -> None:
    """What was not posted was no result."""
    store = MemoryEntries()
    month(store, paid=False)
    month(store, approve=_no)

    assert {} == store.streams


@pytest.mark.parametrize("seed", [0, 2, 3, 4])
def test_readings_of_facts_are_kept_by_their_numbers(seed: int) -> None:
    """Points, scores, grades and awards of a whole branch; of a measured reading numerator and denominator stay."""
    branch, store = a_branch(Random(seed)), MemoryEntries()  # noqa: S311 - a branch at random
    personal = MemoryPersonal()
    run = kept_of(branch, store, personal)
    found = Archive(store, "branch", personal).results(MARCH)

    assert len(found) == len(run.results) > 0
    for one, was in zip(found, run.results, strict=True):
        assert (one.payee, one.part, one.assignment) == (was.payee, was.part, was.assignment)
        assert (one.appraisal.score, one.appraisal.grade) == (was.appraisal.score, was.appraisal.grade)
        assert one.appraisal.vetoes == was.appraisal.vetoes
        assert [line.points for line in one.appraisal.lines] == [line.points for line in was.appraisal.lines]
        for reading, shown in zip(one.appraisal.readings, was.appraisal.readings, strict=True):
            assert reading == shown.in_numbers
            assert reading.is_measured == shown.is_measured
        assert (one.award and one.award.amount) == (was.award and was.award.amount)
        assert json.dumps(was.in_numbers.data()) == json.dumps(one.data())
    measured = [one for one in run.results if any(reading.is_measured for reading in one.appraisal.readings)]
    assert not measured or "from the facts of its time" in str(
        found[run.results.payees.index(measured[0].payee)].explain()
    )


def test_results_say_on_which_facts_they_stand() -> None:
    """A digest of each kind, once for all results of a run; a result that a later run finds as it was keeps its own.

    A loan of wei's that comes later changes what everybody's facts are, and no result of lin's.
    """
    loans = [lp.Loan(loan=f"L{at}", customer="K", officer="lin", opened_on=date(2026, 3, at)) for at in (1, 2)]
    store = MemoryEntries()
    archive = Archive(store, NAME)
    run = month(store, taken=loans[:1])
    first = {**archive.facts("lin", MARCH)}
    assert {str(run.results[0].part): {**digests_of(lp.Facts.of(loans[:1]))}} == first
    assert {"loans"} == {*first["2026-03"]}
    assert ["card", "facts", "result"] == [
        next(iter(json.loads(one))) for one in store.streams[f"{NAME}/results/2026-03"]
    ]

    month(store, taken=loans)
    assert first == archive.facts("lin", MARCH)
    month(store, taken=loans[::-1], values={"npl_ratio": "3%"})
    assert {"2026-03": {**digests_of(lp.Facts.of(loans))}} == archive.facts("lin", MARCH)
    assert first == archive.facts("lin", MARCH, as_of=3)
    assert {} == archive.facts("wei", MARCH)
    assert lp.verify(store, NAME)


def test_results_without_facts_stand_on_none() -> None:
    """What is of a source without history, or the host supplied alone; and what was kept before digests were."""
    store = MemoryEntries()
    month(store)
    assert {"2026-03": {}} == Archive(store, NAME).facts("lin", MARCH)
    stream = f"{NAME}/results/2026-03"
    lines = [line.replace('"facts":"",', "") for line in store.streams[stream]]
    assert [*store.streams[stream]] != lines
    old = MemoryEntries()
    old.append(stream, lines, expected=0)
    assert {"2026-03": {}} == Archive(old, NAME).facts("lin", MARCH)
    assert Archive(store, NAME).results(MARCH) == Archive(old, NAME).results(MARCH)


@pytest.mark.parametrize(
    "spoiled", ["other", '{"facts":5}', '{"facts":{"id":"x"}}', '{"facts":{"id":[],"digests":{}}}']
)
def test_digests_of_facts_that_were_changed_are_refused(spoiled: str) -> None:
    """Their code is a digest of them."""
    loan = lp.Loan(loan="L1", customer="K", officer="lin", opened_on="2026-03-01")
    store, stream = MemoryEntries(), f"{NAME}/results/2026-03"
    month(store, taken=[loan])
    card, facts, result = store.streams[stream]
    forged = MemoryEntries()
    spoiled = facts.replace('"loans":"', '"loans":"0') if spoiled == "other" else spoiled
    forged.append(stream, [card, spoiled, result], expected=0)
    with pytest.raises(lp.errors.DataError, match="record 2"):
        Archive(forged, NAME).facts("lin", MARCH)
    without = MemoryEntries()
    without.append(stream, [card, result], expected=0)
    with pytest.raises(lp.errors.DataError, match="record 2"):
        Archive(without, NAME).results(MARCH)


def shown_of(ledger: lp.Ledger) -> str:
    """What a payee is shown of a ledger."""
    return json.dumps(lp.statement(ledger, "lin", MARCH).data())


def test_a_statement_of_a_past_moment_comes_out_again() -> None:
    """A correction within the month adds entries; as of the records before it, the statement is what was shown."""
    store = MemoryEntries()
    archive = Archive(store, NAME)
    month(store)
    seen, records = shown_of(archive.ledger()), len(store.streams[f"{NAME}/ledger"])
    now = month(store, values={"npl_ratio": "3%"})

    assert seen == shown_of(archive.ledger(as_of=records)) != shown_of(archive.ledger())
    assert now.ledger is not None
    assert now.ledger.accounts == archive.ledger().accounts
    assert now.ledger.balance("lin") == archive.ledger().balance("lin")
    assert () == tuple(archive.ledger(as_of=0).entries)


def a_month_of_pay(store: LedgerStore, amounts: list[str], period: lp.Period) -> lp.Run:
    """A month of a branch that pays 1% of each loan, holds 20% of it and claws back; loans of February, one each."""
    facts = list[lp.Fact]()
    for number, amount in enumerate(amounts, 1):
        loan, day = f"L{number}", date(2026, 2, number)
        facts.append(lp.Loan(loan=loan, customer="K", officer="lin", opened_on=day))
        facts.append(lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=day, amount=lp.Money.of(amount)))
    gone = lp.LoanEvent(loan="L1", kind=lp.EventKind.PREPAID, on="2026-03-09", amount=lp.Money.of(amounts[0]))
    return lp.run(
        period,
        facts=MemoryFacts(lp.Facts.of([*facts, *([gone] if period == MARCH else [])])),
        people=MemoryPeople(lp.Organisation(assignments=[evolve(LIN, role="officer")])),
        schemes=MemorySchemes(
            lp.parse_scheme("""
name = "branch"
currency = "CNY"
effective = 2026-01-01
[pay]
negative = "receivable"
[plans.sales]
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 1, share = "100%" }] }
clawbacks = [{ on = "prepaid", share = "100%", attainment = "stays", takes = "whole" }]
[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
""")
        ),
        payments=MemoryPayments(),
        keeping=lp.Keeping(entries=store),
        approve=_yes,
    )


@pytest.mark.parametrize("kind", ["memory", "sqlite", "migrated"])
def test_statements_of_past_moments_come_out_byte_for_byte(kind: str, tmp_path: Path) -> None:
    """Earned, held, released, clawed back, corrected in the open month: each moment is what it was when it was shown.

    Whatever keeps the ledger, lines or columns, and whether or not it was brought up to a new schema since.
    """
    february, database = MARCH.previous(), Database.connect(f"sqlite:///{tmp_path}/pay.db", company="north")
    lines = MemoryEntries()
    if kind == "sqlite":
        database.upgrade()
    store: Any = database.entries if kind == "sqlite" else lines
    seen = list[tuple[int, lp.Period, str]]()
    for period, amounts in (
        (february, ["1万元", "2万元"]),
        (february, ["1万元", "3万元"]),
        (MARCH, ["1万元", "3万元"]),
        (MARCH, ["1万元", "5万元", "7万元"]),
    ):
        run = a_month_of_pay(store, amounts, period)
        assert run.ledger is not None
        for shown in {february, period}:
            said = lp.statement(run.ledger, "lin", shown).in_numbers
            seen.append((len([*run.ledger.lines()]), shown, json.dumps(said.data(), ensure_ascii=False)))
    if kind == "migrated":
        upgrade(database.engine, "0005")
        _laid_down(database, lines)
        database.upgrade()
        store = database.entries
    archive = Archive(store, "branch")
    assert 4 == len({data for _, _, data in seen})
    kinds = {entry.kind.value for entry in archive.ledger().entries}
    assert {"earned", "held", "released", "forfeited", "clawed back", "adjustment", "paid"} <= kinds
    for records_then, shown, data in seen:
        again = lp.statement(archive.ledger(as_of=records_then), "lin", shown).in_numbers
        assert data == json.dumps(again.data(), ensure_ascii=False)
        assert again == lp.Statement.from_data(json.loads(data))


def _laid_down(database: Database, store: MemoryEntries) -> None:
    """Put streams into a database of an older schema, as the library of that time did."""
    with database.engine.begin() as connection:
        for name, lines in store.streams.items():
            mine = {"company": "north", "stream": name}
            connection.execute(insert(streams), [{**mine, "version": len(lines)}])
            connection.execute(
                insert(records), [{**mine, "version": at, "record": line} for at, line in enumerate(lines, 1)]
            )


@pytest.mark.parametrize("as_of", [-1, 1_000, True, "1", 1.0])
def test_a_moment_that_never_was_is_refused(as_of: Any) -> None:
    """A statement as of a record that is not there would show the present as if it were the past."""
    store = MemoryEntries()
    month(store)

    with pytest.raises(lp.errors.DataError, match=r"as_of: it is .* records"):
        Archive(store, NAME).ledger(as_of=as_of)


def test_what_was_kept_stays_as_it_was_across_a_migration(tmp_path: Path) -> None:
    """Records of a database of an older version come out byte for byte when it has been brought up."""
    store, personal = MemoryEntries(), MemoryPersonal()
    run = month(store, personal=personal)
    month(store, values={"npl_ratio": "3%"}, personal=personal)
    database = Database.connect(f"sqlite:///{tmp_path}/pay.db", company="north")
    upgrade(database.engine, "0005")
    _laid_down(database, store)
    database.upgrade()
    archive = Archive(database.entries, NAME, personal)

    assert [*archive.results(MARCH, as_of=2)] == [*run.results]
    assert [one.data() for one in archive.results(MARCH, as_of=2)] == [one.data() for one in run.results]
    assert [(2, "121.2"), (3, "111.2")] == scores(archive)


def test_a_record_that_cannot_be_read_is_named() -> None:
    """A record of another kind, half a record, and a result whose card is not there."""
    whole = MemoryEntries()
    month(whole)
    stream = f"{NAME}/results/{MARCH}"
    card, result = whole.streams[stream]
    for lines, said in (
        ((card, "{}"), "record 2 of the archive"),
        ((card, result[:-9]), "record 2 of the archive"),
        ((card, result.replace('{"result"', '{"score"', 1)), "record 2 of the archive"),
        ((result,), "the archived result of lin in 2026-03"),
        ((card, result.replace('"121.2"', '"x"')), "the archived result of lin in 2026-03"),
    ):
        store = MemoryEntries()
        store.append(stream, lines, expected=0)
        with pytest.raises(lp.errors.DataError, match=said):
            Archive(store, NAME).results(MARCH)


def test_a_record_that_was_changed_is_refused() -> None:
    """One digit of a score: the seal says so before anything is shown."""
    store = MemoryEntries()
    month(store)
    stream = f"{NAME}/results/{MARCH}"
    card, result = store.streams[stream]
    store.streams[stream] = (card, result.replace('"121.2"', '"131.2"'))
    for look in (Archive(store, NAME).results, partial(Archive(store, NAME).history, "lin")):
        with pytest.raises(lp.errors.StoreError, match="results/2026-03"):
            look(MARCH)
    assert ["stream 'worked example/results/2026-03'"] == [
        misfit.where.en.partition(",")[0] for misfit in lp.verify(store, NAME).misfits
    ]


def test_results_are_kept_where_pay_does_not_change() -> None:
    """Another reading that moves no point, and a payee who is gone: nothing is posted, and both are kept."""
    store = MemoryEntries()
    archive = Archive(store, NAME)
    wei = evolve(LIN, payee="wei")
    month(store, LIN, wei, approve=_yes)
    entries = len(store.streams[f"{NAME}/ledger"])
    month(store, values={"npl_ratio": "2.0001%"}, approve=_yes)

    assert [(2, "121.2"), (3, "121.2")] == scores(archive)
    assert entries == len(store.streams[f"{NAME}/ledger"])
    changed = archive.results(MARCH)[0].appraisal.reading("npl_ratio")
    assert Fraction(20001, 1_000_000) == changed


def test_what_is_sealed_and_makes_no_sense_is_found() -> None:
    """Who can seal writes a score that its points do not make, another card of the same code, or no record at all."""
    whole = MemoryEntries()
    month(whole)
    stream = f"{NAME}/results/{MARCH}"
    card, result = whole.streams[stream]
    for lines, said in (
        (
            (card, result.replace('"score":"121.2"', '"score":"199.0"')),
            "its score is 199.0, and its points come to 121.2",
        ),
        ((card.replace("1000000", "9000000"), result), "is another one"),
        ((card, result, "rubbish"), "it is none of an archive"),
    ):
        store = MemoryEntries()
        for name, known in whole.streams.items():
            store.append(name, lines if name == stream else [*known], expected=0)
        (misfit,) = lp.verify(store, NAME).misfits
        assert said in misfit.fault.en


def test_a_part_that_came_later_has_its_default() -> None:
    """A record that was written before a class had the part is read as it was."""
    data = LIN.data()
    del data["tier"]
    assert LIN == lp.Assignment.from_data(data)
    assert "tier" not in lp.Assignment.json_schema()["$defs"]["Assignment"]["required"]


# ── what is personal ────────────────────────────────────────────────────────────────────────────────────────


def test_names_and_salaries_are_in_no_stream(tmp_path: Path) -> None:
    """Nothing can be erased there; without a store for them the archive has codes and numbers alone."""
    database = stores(tmp_path, None)
    run = month(database.entries, payments=database.payments)
    with sqlite3.connect(tmp_path / "pay.db") as connection:
        dump = "".join(connection.iterdump())
    found = Archive(database.entries, NAME).results(MARCH)[0]

    assert "林" not in dump
    assert "8000.00" not in dump
    assert "40848/5" not in dump  # 8169.60, from which with the months that the curve gives the salary would follow
    assert "8169.60" in dump
    assert ("", None) == (found.name, found.assignment.salary)
    assert run.results[0].appraisal == found.appraisal
    assert found.award is not None
    assert "8169.60 CNY" == str(found.award.amount)


def stores(path: Path, keys: Keys | None) -> Database:
    """A database with the tables of the library."""
    return Database.connect(file_with_tables(path / "pay.db"), company="north", keys=keys)


@pytest.mark.parametrize("keys", [None, Keys((Keys.new(),))], ids=["plain", "sealed"])
def test_what_is_personal_is_erased_and_all_else_stays(tmp_path: Path, keys: Keys | None) -> None:
    """Sums, scores and seals are as they were; the name comes out no more, and nobody finds it in the file."""
    database = stores(tmp_path, keys)
    database.people.keep(lp.Organisation(assignments=[LIN], payees=[lp.Payee(code="lin", name="林小雨")]))
    database.people.keep_accounts({"lin": "6222 0000 1111"})
    run = month(database.entries, personal=database.personal, payments=database.payments)
    archive = Archive(database.entries, NAME, database.personal)
    heads = database.verify().heads
    assert run.results == archive.results(MARCH)
    assert "林小雨" == archive.results(MARCH)[0].name
    assert 3 == database.erase("lin")

    found = archive.results(MARCH)[0]
    assert ("", None, ()) == (found.name, found.assignment.salary, found.award and found.award.steps)
    assert run.results[0].appraisal == found.appraisal
    assert database.verify(heads)
    assert "" == database.people.organisation(MARCH).payees[0].name
    assert 0 == database.erase("lin")
    database.close()
    with sqlite3.connect(tmp_path / "pay.db") as connection:
        connection.execute("VACUUM")
    assert "林小雨".encode() not in (tmp_path / "pay.db").read_bytes()


def test_a_text_that_was_changed_is_not_the_one_of_its_commitment(tmp_path: Path) -> None:
    """Who writes another name into the table is found when somebody asks for it."""
    database = stores(tmp_path, None)
    month(database.entries, personal=database.personal)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE personal SET said = replace(said, '林小雨', '林大雨')"))
    with pytest.raises(lp.errors.StoreError, match="its text is not the one of its commitment") as caught:
        Archive(database.entries, NAME, database.personal).results(MARCH)
    assert "林" not in str(caught.value)


@pytest.mark.parametrize("keys", [None, Keys((Keys.new(),))], ids=["plain", "sealed"])
def test_verify_sees_a_personal_text_that_was_changed(tmp_path: Path, keys: Keys | None) -> None:
    """Another salt is enough; a text that is sealed can be seen with its key alone."""
    database = stores(tmp_path, keys)
    month(database.entries, personal=database.personal, payments=database.payments)
    assert database.verify()
    assert Database.connect(f"sqlite:///{tmp_path}/pay.db", company="north").verify()
    changed = "salt = 'ff'" if keys is None else "sealed = 'gAAA'"
    with database.engine.begin() as connection:
        connection.execute(text(f"UPDATE personal SET {changed}"))  # noqa: S608 - of the two above
    (misfit,) = database.verify().misfits
    assert "stream 'personal'" in misfit.text()
    assert "林" not in misfit.text("zh")


@pytest.mark.parametrize("answer", [None, [], {}, "z", ["a", "b"], [5], [None], [b"x"]], ids=str)
def test_a_personal_store_that_answers_otherwise_is_named_and_nothing_is_paid(answer: Any) -> None:
    """One text for each is what commit() promises."""

    class Other(MemoryPersonal):
        """It answers whatever is asked."""

        def commit(self, _: Any) -> Any:
            """Say it."""
            return answer

    store, payments = MemoryEntries(), MemoryPayments()
    with pytest.raises(lp.errors.DataError, match=r"personal\.commit\(\)"):
        month(store, personal=Other(), payments=payments)
    assert ({}, {}) == (store.streams, payments.paid)


def test_a_personal_text_that_is_none_of_unicode_is_refused(tmp_path: Path) -> None:
    """In memory and in a database alike, and by the commitment itself; nobody has such a code either."""
    with pytest.raises(lp.errors.DataError, match="what is personal"):
        commitment_of("00", "\ud800")
    for store in (MemoryPersonal(), stores(tmp_path, None).personal):
        with pytest.raises(lp.errors.DataError, match="what is personal of 'lin'"):
            store.commit([("lin", "\ud800")])
        with pytest.raises(lp.errors.DataError, match="the payee"):
            store.erase("\ud800")
        assert {} == store.told(["\ud800"])


def test_the_same_text_has_one_commitment_until_it_is_erased(tmp_path: Path) -> None:
    """In memory and in a database alike; two payees of one name have two."""
    for store in (MemoryPersonal(), stores(tmp_path, None).personal):
        said = [("lin", "a"), ("wei", "a"), ("lin", "a"), ("lin", "b")]
        first = store.commit(said)
        assert 3 == len({*first})
        assert first == store.commit(said)
        assert {first[0]: "a", first[3]: "b"} == store.told([first[0], first[3], "0" * 64])
        assert 2 == store.erase("lin")
        assert {first[1]: "a"} == store.told(first)
        again = store.commit(said[:1])
        assert again[0] != first[0]


def test_how_long_what_is_kept_is_data() -> None:
    """Thirty years behind the year of the period; every rule has its source."""
    assert date(2057, 1, 1) == RETENTION[0].until(lp.Period.month(2026, 12))
    assert all(one.years > 0 and one.source and one.what.zh for one in RETENTION)


# ── approvals ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_waits_until_enough_people_have_approved_just_it() -> None:
    """Two must approve; who prepared it does not count, and nor does an approval of something else."""
    store = MemoryEntries()
    archive = Archive(store, NAME)
    asked = archive.approved(2, prepared_by="sun")
    dry = month(store, paid=False)
    other = month(store, values={"npl_ratio": "3%"}, paid=False)
    assert dry.digest != other.digest
    for run, by in ((dry, "sun"), (dry, "chen"), (other, "zhou"), (dry, "chen")):
        archive.approve(run, by=by, on=date(2026, 4, 2), why="as agreed")
        assert month(store, approve=asked).held
    archive.approve(dry, by="zhou")

    assert not month(store, approve=asked).held
    assert ["sun", "chen", "zhou", "zhou"] == [one.by for one in archive.approvals()]
    first = archive.approvals()[0]
    assert first == Approval(
        by="sun", on=date(2026, 4, 2), period=MARCH, over=dry.digest, why="as agreed", rows=0, used=0
    )


def test_nobody_approves_pay_of_their_own() -> None:
    """Lin has a result in the run; nobody may stay unnamed."""
    store = MemoryEntries()
    run = month(store, paid=False)
    with pytest.raises(lp.errors.DataError, match="lin would approve pay of their own in 2026-03"):
        Archive(store, NAME).approve(run, by="lin")
    for name in ("", " ", "a\nb"):
        with pytest.raises(lp.errors.DataError, match="name who approves"):
            Archive(store, NAME).approve(run, by=name)
    assert {} == store.streams


def test_an_archive_takes_no_approval_of_another_scheme() -> None:
    """It would stand where no run of the scheme asks for it, and who approved would believe that it counts."""
    store = MemoryEntries()
    run, other = month(store, paid=False), Archive(store, "other scheme")
    assert (NAME, "") == (run.scheme, "".join(store.streams))
    said = "the run of 2026-03 is by the scheme 'worked example', and this archive is of 'other scheme'; use Archive"
    with pytest.raises(lp.errors.DataError, match=said):
        other.approve(run, by="chen")
    with pytest.raises(lp.errors.DataError, match=said):
        other.approved()(run)
    assert {} == store.streams


def test_an_approval_is_kept_once_whoever_else_writes() -> None:
    """Somebody else appends just before; it is read again, and kept behind theirs."""
    store = MemoryEntries()
    run = month(store, paid=False)

    class Busy(MemoryEntries):
        """A store in which another approval comes first, once."""

        others: list[str]

        def append(self, stream: str, records: Any, *, expected: int) -> int:
            """Add records, after those of somebody else."""
            if self.others:
                super().append(stream, [self.others.pop()], expected=expected)
            return super().append(stream, records, expected=expected)

    Archive(store, NAME).approve(run, by="chen")
    busy = Busy()
    busy.others = [*store.streams[f"{NAME}/approvals"]]
    Archive(busy, NAME).approve(run, by="zhou")
    assert ["chen", "zhou"] == [one.by for one in Archive(busy, NAME).approvals()]


@pytest.mark.parametrize(
    "said",
    [{"on": 5}, {"on": "2026-02-30"}, {"on": True}, {"why": None}, {"why": "\ud800"}, {"why": b"x"}]
    + [{"by": by} for by in (None, 5, " chen", "chen ", "che\u200bn")],
    ids=str,
)
def test_an_approval_that_would_not_read_back_is_not_kept(said: dict[str, Any]) -> None:
    """Of another class, no day, no text of Unicode, blanks around who it is: nothing is stored, the rest reads."""
    store = MemoryEntries()
    run = month(store, paid=False)
    with pytest.raises(lp.errors.DataError):
        Archive(store, NAME).approve(run, **{"by": "chen", **said})
    nothing: Any = None
    with pytest.raises(lp.errors.DataError, match="what is approved: it is no Run"):
        Archive(store, NAME).approve(nothing, by="chen")
    assert {} == store.streams


def test_the_day_of_an_approval_may_be_text() -> None:
    """It is the day that comes out again."""
    store = MemoryEntries()
    day: Any = "2026-04-02"
    given = Archive(store, NAME).approve(month(store, paid=False), by="chen", on=day)
    assert date(2026, 4, 2) == given.on
    assert (given,) == Archive(store, NAME).approvals()


def test_a_person_is_one_however_the_code_is_written() -> None:
    """In capitals or full width lin is lin, and two spellings of chen are not two people."""
    store = MemoryEntries()
    archive = Archive(store, NAME)
    run = month(store, paid=False)
    for name in ("LIN", "Lin", "\uff4cin"):
        with pytest.raises(lp.errors.DataError, match="would approve pay of their own"):
            archive.approve(run, by=name)
    for name in ("chen", "Chen", "\uff23HEN"):
        archive.approve(run, by=name)
    assert archive.approved(1)(run)
    assert not archive.approved(2)(run)
    assert not archive.approved(1, prepared_by="CHEN")(run)


@pytest.mark.parametrize("persons", [0, -1, True, "2", 1.0])
def test_how_many_must_approve_is_a_number_from_one_on(persons: Any) -> None:
    """With none nobody would have to."""
    with pytest.raises(lp.errors.DataError, match="ask for 1 person or more"):
        Archive(MemoryEntries(), NAME).approved(persons)


def test_a_digest_names_what_an_approver_saw() -> None:
    """A row that cannot be used, another reading of the same points, a problem, a blocked payee: each is another one.

    What is personal is not in it, and the run that posts has that of the dry one.
    """
    store = MemoryEntries()
    run = month(store, paid=False)
    problem = lp.errors.Problem("loans, row 7", "it cannot be read", "12OOOO", "correct it")
    block = lp.Blocked(payee="wei", why=(problem,))
    others = [
        evolve(run, rows=1),
        evolve(run, rows=1, used=1),
        evolve(run, problems=(problem,)),
        evolve(run, problems=(evolve(problem, found="1200OO"),)),
        evolve(run, holding=(problem,)),
        evolve(run, blocked=(block,)),
        evolve(run, blocked=(evolve(block, payee="sun"),)),
        evolve(run, blocked=(evolve(block, due=(lp.Money.of("1 元"),)),)),
        evolve(run, blocked=(evolve(block, held=(lp.Money.of("1 元"),)),)),
    ]
    scored = run.results[0].appraisal
    first = scored.lines[0]
    appraisals = (
        evolve(scored, lines=(evolve(first, weight=first.weight / 2), *scored.lines[1:])),
        evolve(scored, lines=(evolve(first, target=lp.quantity("99万元")), *scored.lines[1:])),
        evolve(scored, lines=(evolve(first, points=first.points + 1), *scored.lines[1:])),
        evolve(scored, readings=(evolve(scored.readings[0], numerator=Fraction(1_210_000)), *scored.readings[1:])),
        evolve(scored, vetoes=(Veto(indicator="npl_ratio", test="above", limit="5%"),)),
    )
    others += [evolve(run, results=(evolve(run.results[0], appraisal=changed),)) for changed in appraisals]
    assert 1 + len(others) == len({run.digest, *(one.digest for one in others)})

    renamed = evolve(run, results=(evolve(run.results[0], name="x"),))
    assert run.digest == renamed.digest == month(store, approve=_yes).digest


def test_a_run_with_an_unreadable_row_is_not_the_clean_one_that_was_approved() -> None:
    """The same results, but a row of the CRM is missing: it waits for an approval of its own."""
    store = MemoryEntries()
    archive = Archive(store, NAME)
    archive.approve(month(store, paid=False), by="chen")
    torn = lp.Facts.of([], [lp.errors.Problem("loans, row 7", "it cannot be read", "12OOOO", "correct it")])
    dry = month(store, paid=False, facts=torn)
    assert dry.needs_approval

    assert month(store, facts=torn, approve=archive.approved(1)).held
    archive.approve(dry, by="chen")
    assert not month(store, facts=torn, approve=archive.approved(1)).held
