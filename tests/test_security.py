"""Security: a scheme is data and runs nothing; secrets are in no log; text is stored as it is, whatever it says."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from examples.service import refused
from sqlalchemy import URL, Engine, inspect, text
from starlette.requests import Request
from tests.servers import Postgres

import loanperf as lp
from loanperf.adapters.memory import MemoryFeed
from loanperf.adapters.sql import Database, Keys, SqlSchemes
from loanperf.adapters.sql._engine import engine_of
from loanperf.errors import LoanPerfError, StoreError
from loanperf.ports import FeedRow

MARCH = lp.Period.month(2026, 3)
EVIL = (
    "__import__('pathlib').Path('{mark}').touch()",
    "!!python/object/apply:os.system ['touch {mark}']",
    "${{jndi:ldap://x/{mark}}}",
    "{{{{ cycler.__init__.__globals__.os.popen('touch {mark}') }}}}",
    "$(touch {mark})",
    "'; DROP TABLE facts; --",
    "\"; ATTACH DATABASE '{mark}' AS x; --",
    "../../../../etc/passwd",
    "%(company)s :company $1 ? {{0}}",
)


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give back the connections of whatever a test opens."""
    opened: list[Engine] = []

    def noted(url: URL) -> Engine:
        opened.append(engine_of(url))
        return opened[-1]

    monkeypatch.setattr("loanperf.adapters.sql._database.engine_of", noted)
    yield
    for engine in opened:
        engine.dispose()


@pytest.mark.parametrize("evil", EVIL)
def test_a_scheme_file_runs_nothing(evil: str, tmp_path: Path) -> None:
    """In every place where text can stand it stays text, or is refused; nothing is called, opened or made."""
    mark = tmp_path / "mark"
    said = evil.format(mark=mark)
    document: dict[str, Any] = {
        "name": said,
        "note": said,
        "title": {"en": said, "zh": said},
        "currency": "CNY",
        "effective": "2026-01-01",
        "profiles": {"standard": {"weights": {"loan_amount": "100%"}}},
        "targets": {"loan_amount": "30万元"},
        "scoring": {"default": {"places": 1, "rounding": "half even"}},
    }
    scheme = lp.schemes.scheme_of(document)
    assert lp.parse_scheme(lp.schemes.write_scheme(scheme, "json"), "json") == scheme
    for where in ("currency", "effective"):
        with pytest.raises(LoanPerfError):
            lp.schemes.scheme_of(document | {where: said})
    for changed in (
        {"profiles": {said: {"weights": {said: said}}}},
        {"targets": {"loan_amount": said}},
        {"scoring": {"default": {"places": said, "rounding": said}}},
        {"bonus": {"unit": said, "curve": [[said, said]], "rounding": said}},
        {said: said},
    ):
        with pytest.raises(LoanPerfError):
            lp.schemes.scheme_of(document | changed)
    assert not mark.exists()


@pytest.mark.parametrize("evil", EVIL)
def test_names_that_look_like_sql_are_names(evil: str, url_with_tables: str, tmp_path: Path) -> None:
    """In companies, sources, rows, streams, payees, units, keys and schemes; all tables are there afterwards."""
    said = evil.format(mark=tmp_path / "mark")
    database = Database.connect(url_with_tables, company=said)
    tables = set(inspect(database.engine).get_table_names())
    loan = lp.Loan(loan=said, customer=said, officer=said, opened_on="2026-03-02", product=said)
    drawn = lp.LoanEvent(loan=said, kind=lp.EventKind.DISBURSED, on="2026-03-02", amount="30万元")
    facts: tuple[lp.Fact, ...] = (loan, drawn)
    feed = MemoryFeed([FeedRow(row=f"{place}{said}", revision=1, says=one) for place, one in enumerate(facts)])
    people = lp.Organisation(
        units=[lp.Unit(code=said, name=said)],
        payees=[lp.Payee(code=said, name=said)],
        assignments=[lp.Assignment(payee=said, unit=said, role=said, since="2025-01-01")],
    )
    plan = {"rounding": "half up", "components": {"loans": {"base": "disbursed", "rate": "1%"}}}
    scheme = lp.schemes.scheme_of(
        {"name": said, "currency": "CNY", "effective": "2026-01-01", "plans": {"sales": plan}}
    )
    database.people.keep(people)
    database.people.keep_accounts({said: said})
    database.schemes.publish(lp.SchemeBook([scheme]))
    lp.run(
        MARCH,
        facts=database.facts,
        people=database.people,
        schemes=SqlSchemes(database.scope, said),
        payments=database.payments,
        keeping=lp.Keeping(entries=database.entries, feeds={said: feed}, answers=database.payments, close_by=said),
    )

    assert [said] == [payment.payee for payment in database.payments.paid()]
    assert (people, said) == (database.people.organisation(MARCH), database.people.account(said))
    assert {*facts} == set(database.facts.facts(MARCH))
    assert tables == set(inspect(database.engine).get_table_names())
    assert not (tmp_path / "mark").exists()


def test_no_secret_is_logged(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Even where a host logs all that SQLAlchemy says: statements are there, values are not."""
    key = Keys.new()
    with caplog.at_level(logging.DEBUG):
        for name in ("sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "alembic"):
            caplog.set_level(logging.DEBUG, logger=name)
        database = Database.connect(url, company="north", keys=Keys([key]))
        database.upgrade()
        database.people.keep_accounts({"lin": "6222-0000-1111"})
        database.people.keep(
            lp.Organisation(
                assignments=[lp.Assignment(payee="lin", unit="e", role="o", since="2025-01-01", salary="1234567.89 元")]
            )
        )
        assert "6222-0000-1111" == database.people.account("lin")
    said = caplog.text
    assert "INSERT INTO accounts" in said
    assert not [secret for secret in (key, "6222-0000-1111", "123456789", "1234567.89") if secret in said]


def test_the_moment_when_a_row_came_is_in_utc(url_with_tables: str) -> None:
    """Whatever the zone of the machine or of the server; an audit compares it with other systems."""
    database = Database.connect(url_with_tables, company="north")
    database.entries.append("s", ["one"], expected=0)
    with database.engine.connect() as connection:
        (came,) = connection.execute(text("SELECT came_at FROM records")).one()
    moment = came if isinstance(came, datetime) else datetime.fromisoformat(came).replace(tzinfo=UTC)
    assert moment.utcoffset() == UTC.utcoffset(None)
    assert abs(moment.timestamp() - time.time()) < 120


# ── secrets of a URL ────────────────────────────────────────────────────────────────────────────────────────

SECRET = "hunter2"  # noqa: S105 - no password of anything
PLACES = (
    "postgresql://u:hunter2@127.0.0.1:9/pay",
    "postgresql://hunter2@127.0.0.1:9/pay",
    "postgresql://127.0.0.1:9/pay?user=u&password=hunter2",
    "postgresql://127.0.0.1:9/pay?user=hunter2",
    "postgresql:///pay?host=127.0.0.1&port=9&password=hunter2",
    "postgresql://127.0.0.1:9/pay?options=-c%20app.key%3Dhunter2",
    "postgresql://127.0.0.1:9/pay?options=hunter2",
    "postgresql://127.0.0.1:9/pay?sslpassword=hunter2&sslmode=require",
    "postgresql://127.0.0.1:9/pay?sslmode=hunter2",
    "postgresql://127.0.0.1:9/pay?connect_timeout=hunter2",
    "postgresql://127.0.0.1:9/pay?port=hunter2",
    "postgresql://127.0.0.1:9/pay?password=a&hunter2",
    "postgresql://127.0.0.1:9/pay?password=a&hunter2=1",
    "postgresql://127.0.0.1:9/pay?passwrd=hunter2",
    "postgresql://127.0.0.1:9/pay?plugin=hunter2",
    "postgresql://u:12/hunter2@127.0.0.1:9/pay",
    "postgresql://u:hunter2/x@127.0.0.1:9/pay",
    "postgresql://u:hunter2#@127.0.0.1:9/pay",
    "postgresql://u:a@hunter2@127.0.0.1:9/pay",
    "postgresql://u:hunter2 hunter2@127.0.0.1:9/pay",
    "postgresql://127.0.0.1:hunter2/pay",
    "postgresql+hunter2:pay",
    "postgresql:u:hunter2@127.0.0.1/pay",
    "sqlite:///pay.db?key=hunter2",
    "sqlite:///pay.db?timeout=hunter2",
    "sqlite:///pay.db?detect_types=hunter2",
    "sqlite:///pay.db?isolation_level=hunter2",
    "sqlite+pysqlcipher://:hunter2@/pay.db",
    "mysql://u:hunter2@127.0.0.1/pay",
    "oracle://u:hunter2@127.0.0.1/pay?password=hunter2",
)


@pytest.mark.parametrize("place", PLACES)
def test_no_part_of_a_url_is_shown_where_a_secret_may_stand(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Passwords stand in options too, and half of one stands anywhere in a URL that was quoted wrongly."""
    monkeypatch.chdir(tmp_path)
    told = []
    with caplog.at_level(logging.DEBUG):
        try:
            database = Database.connect(place, company="north")
            told += [repr(database), repr(database.engine), str(database.facts)]
            database.upgrade()
        except StoreError as error:
            told += [str(error), repr(error), "".join(traceback.format_exception(error)), *_behind(error)]
    assert told
    assert SECRET not in "\n".join([*told, caplog.text])


def test_a_damaged_salary_is_in_nothing_that_stands_behind_the_error() -> None:
    """Its row is named, and nobody reads in a log what somebody earns."""
    database = Database.connect("sqlite://", company="north")
    database.upgrade()
    paid = lp.Assignment(payee="lin", unit="e", role="o", since="2025-01-01", salary="8000 元")
    database.people.keep(lp.Organisation(assignments=[paid]))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE assignments SET salary_currency = '8123'"))
    with pytest.raises(
        StoreError, match="table assignments, row north / lin / 2025-01-01 / e / o: it cannot be read"
    ) as caught:
        database.people.organisation(lp.Period.month(2026, 3))
    assert "8123" not in "".join(_behind(caught.value))


def _behind(error: BaseException | None) -> Iterator[str]:
    """What a reporter of errors finds that looks into all of them, suppressed or not."""
    while error is not None:
        held = [error, *error.args, *vars(error).values(), getattr(vars(error).get("orig"), "pgconn", None)]
        yield from map(repr, held)
        yield "".join(traceback.format_tb(error.__traceback__))
        error = error.__cause__ or error.__context__


def test_what_a_server_says_of_options_shows_no_secret(postgres: Postgres) -> None:
    """PostgreSQL repeats an option that it does not like, value and all."""
    url = postgres.new_database()
    for option in ("-c app.key=hunter2 -c work_mem=hunter2", "-c hunter2=1", "-c search_path"):
        joined = "&" if "?" in url else "?"
        database = Database.connect(f"{url}{joined}options={quote(option)}", company="north")
        with pytest.raises(StoreError) as caught:
            database.upgrade()
        said = str(caught.value) + repr(caught.value) + "".join(traceback.format_exception(caught.value))
        assert SECRET not in "".join([said, repr(database.engine), *_behind(caught.value)])


@pytest.mark.parametrize("place", PLACES)
def test_the_service_answers_without_secrets(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it cannot do it says as JSON, to whoever asked."""
    monkeypatch.chdir(tmp_path)
    told: list[LoanPerfError] = []
    try:
        Database.connect(place, company="north").upgrade()
    except StoreError as error:
        told.append(error)
    assert 1 == len(told)
    assert SECRET.encode() not in bytes(refused(Request({"type": "http", "query_string": b""}), told[0]).body)
