"""A run pays nothing on what does not fit, and verify says what that is, also where every seal was made anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from tests.test_month import MARCH, SCHEME
from tests.test_verify import LEDGER, Damage, cut, forged, ports_of, said, worked

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryNotices
from loanperf.adapters.sql import Database, SqlPayments
from loanperf.archive import Approval, Archive
from loanperf.errors import DataError, LoanPerfError, StoreError

APRIL = lp.Period.month(2026, 4)


@pytest.fixture(scope="module")
def worked_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in which February and March were worked."""
    file = tmp_path_factory.mktemp("worked") / "pay.db"
    worked(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def database(worked_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of it."""
    shutil.copyfile(worked_file, tmp_path / "pay.db")
    found = Database.connect(f"sqlite:///{tmp_path / 'pay.db'}", company="north")
    yield found
    found.close()


def damaged(database: Database, act: Damage) -> None:
    """Do it, and make every seal anew."""
    with database.engine.begin() as connection:
        act(connection)
    forged(database)


def gone(*names: str) -> Damage:
    """Streams of the branch are taken out whole."""
    tables = ("entries", "records", "batches", "streams")
    return said(*(f"DELETE FROM {table} WHERE stream = 'branch/{name}'" for name in names for table in tables))  # noqa: S608


def refused(database: Database, error: type[LoanPerfError], match: str, **ports: Any) -> None:
    """A run of April raises an error, and the outbox is what it was."""
    before = database.payments.paid()
    with pytest.raises(error, match=match):
        lp.run(APRIL, **(ports_of(database) | ports))
    assert before == database.payments.paid()


# ── the scheme ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_pays_by_no_document_that_is_not_the_one_of_its_fingerprint(database: Database) -> None:
    """The rate was 1% when it was published, and is 2% now: April would pay all loans by it."""
    (version,) = database.schemes.schemes().versions
    damaged(database, said("UPDATE schemes SET document = replace(document, '1%', '2%')"))
    refused(database, StoreError, "table schemes, row .*its document has the fingerprint .*: it was changed")
    with pytest.raises(StoreError, match="it was changed"):
        database.schemes.version(version.fingerprint)


def test_a_run_waits_for_approval_of_a_version_that_took_the_place_of_one(database: Database) -> None:
    """Its fingerprint fits, and entries name another: once approved, the archive has it, and no run waits again."""
    better = lp.parse_scheme(SCHEME.replace("1%", "2%"))
    (old,) = database.schemes.schemes().versions
    database.schemes.publish(lp.SchemeBook([better]))
    ports = ports_of(database)
    run = lp.run(APRIL, **ports)
    assert run.held
    (held,) = run.holding
    assert f"version {old.fingerprint} of the scheme" == held.where
    assert "approve the run if it was changed on purpose" in held.remedy
    assert not lp.run(APRIL, **ports, approve=lambda _: True).held
    assert () == lp.run(APRIL.next(), **ports).holding
    database.schemes.publish(lp.SchemeBook([old]))
    assert [better.fingerprint] == [one.where.split()[1] for one in lp.run(APRIL.next().next(), **ports).holding]


# ── a tail that was cut ─────────────────────────────────────────────────────────────────────────────────────


@frozen
class Plain:
    """A sink that says nothing of what it took."""

    outbox: SqlPayments

    def pay(self, payments: tuple[lp.ports.Payment, ...]) -> None:
        """Hand it on."""
        self.outbox.pay(payments)


@pytest.mark.parametrize("act", [cut(ledger=7, payments=2), gone("ledger", "payments")], ids=["cut", "gone"])
def test_what_the_sink_took_is_not_paid_again(database: Database, act: Damage) -> None:
    """Ledger and payments end with February: April would pay March once more, under keys of April."""
    damaged(database, act)
    refused(database, DataError, "payment branch/.*: the sink took it, of .* and 'branch/ledger' has no such entry")


def test_months_that_were_lost_are_run_again(database: Database) -> None:
    """As after a restore: March comes to the keys that the outbox has, and April goes on from there."""
    before = database.payments.paid()
    damaged(database, cut(ledger=7, payments=2))
    lp.run(MARCH, **ports_of(database))
    assert before == database.payments.paid()
    lp.run(APRIL, **ports_of(database))
    assert {one.key for one in before} <= {one.key for one in database.payments.paid()}
    assert database.verify()


def test_a_run_holds_a_ledger_to_heads_that_were_kept(database: Database) -> None:
    """A sink that cannot say what it took cannot tell that the tail is gone; a head does."""
    heads, ports = database.heads(), ports_of(database)
    keeping = evolve(ports["keeping"], heads=heads)
    told = {"keeping": keeping, "payments": Plain(database.payments)}
    assert not lp.run(MARCH, **(ports | told)).held
    damaged(database, cut(ledger=7, payments=2))
    refused(database, StoreError, f"stream '{LEDGER}', record 14: the stream ends at version 7, and was at 14", **told)


def test_heads_of_a_run_are_heads(database: Database) -> None:
    """Else nobody would learn that none was looked at."""
    heads: Any = [1]
    keeping = evolve(ports_of(database)["keeping"], heads=heads)
    refused(database, DataError, "one of keeping.heads: it is no Head", keeping=keeping)


# ── amounts ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_pays_no_amount_that_is_not_the_one_of_its_reason(database: Database) -> None:
    """3,000.00 were due for the loan; the entry says 1,000.00, so that April would pay 2,000.00 more."""
    damaged(database, said("UPDATE entries SET amount_units = 100000 WHERE loan = 'L1'"))
    refused(database, StoreError, "is 1000.00 CNY, and the numbers of its reason come to 300000 - 0")


def test_a_payment_that_came_back_fits(database: Database) -> None:
    """Its entry takes the amount of the payment back, so that the two have opposite signs."""
    key = next(one.key for one in database.payments.paid() if one.period == MARCH)
    answer = lp.ports.Answer(key=key, state="returned", on=APRIL.start, why="the account is closed")
    database.payments.answer(answer)
    run = lp.run(APRIL, **ports_of(database))
    assert [f"branch/{one.key}" for one in run.answers] == [key]
    assert database.verify()


# ── what verify looks at ────────────────────────────────────────────────────────────────────────────────────


def test_an_outbox_whose_ledger_is_gone_does_not_fit(database: Database) -> None:
    """The results are still there; and where nothing is, a payment of a ledger belongs to none that is here."""
    damaged(database, gone("ledger", "payments"))
    assert "the ledger has posted no such payment" in database.verify().text()
    every = ("facts", "versions", "results/2026-02", "results/2026-03")
    damaged(database, gone(*every))
    assert "it is of no ledger that is here" in database.verify().text()


@pytest.mark.parametrize("form", ["versions", "approvals", "history"])
def test_what_is_sealed_and_no_record_of_its_stream_is_found(database: Database, form: str) -> None:
    """Somebody appends it as a run would, so that its seal fits."""
    stream = f"branch/{form}"
    version = len([*database.entries.read(stream)])
    database.entries.append(stream, ["rubbish"], expected=version)
    assert f"stream '{stream}', record {version + 1} of " in database.verify().text()
    if form == "versions":
        refused(database, DataError, "record 2 of the archive: it is none of an archive")


def test_an_approval_of_ones_own_pay_does_not_count(database: Database) -> None:
    """`approve` refuses it; somebody who writes into the stream past it is no second person either."""
    run = lp.run(APRIL, **(ports_of(database) | {"payments": None}))
    archive, stream = Archive(database.entries, "branch"), "branch/approvals"
    for version, (by, is_enough) in enumerate({"LIN": False, "chen": True}.items()):
        record = json.dumps({"approval": Approval(by=by, period=APRIL, over=run.digest).data()})
        database.entries.append(stream, [record], expected=version)
        assert is_enough == archive.approved()(run)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"entries": 5}, "entries: 5 has no method"),
        ({"heads": [1]}, "one of heads: it is no Head"),
        ({"payments": [1]}, "one of payments: it is no Payment"),
        ({"payments": 5}, "payments: it is no list"),
        ({"versions": [1]}, "one of versions: it is no Scheme"),
        ({"versions": 5}, "versions: it is no list"),
        ({"schemes": 5}, "schemes: it is no list"),
    ],
    ids=str,
)
def test_arguments_of_another_class_are_named(given: dict[str, Any], match: str) -> None:
    """With what to pass; before anything is read."""
    arguments: dict[str, Any] = {"entries": MemoryEntries(), "schemes": "branch"}
    with pytest.raises(DataError, match=match):
        lp.verify(**(arguments | given))


def test_a_notice_is_refused_another_text() -> None:
    """The key was told; what else somebody would be told under it would be lost without a word."""
    told, text = MemoryNotices(), lp.Label("closed", "已结账")
    notice = lp.ports.Notice(key="closed/1", kind="closed", period=MARCH, text=text)
    told.notify((notice, notice))
    new = evolve(notice, key="closed/2")
    other = evolve(notice, text=lp.Label("open", "未结账"))
    with pytest.raises(DataError, match="notice closed/1: it was told as 'closed', and is now 'open'"):
        told.notify((new, other))
    assert {"closed/1": notice} == told.told
