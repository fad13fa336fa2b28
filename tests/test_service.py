"""The example service, over HTTP: what a host's developers copy must be true, and must hold against anything."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

ROOT = Path(__file__).parents[1]
SCHEME = """
name = "branch"
currency = "CNY"
effective = 2026-01-01

[profiles.standard.weights]
loan_amount = "100%"

[targets]
loan_amount = "30万元"

[scoring.default]
places = 1
rounding = "half even"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half up"

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
"""


@contextmanager
def started(database: Path) -> Iterator[str]:
    """The service in a process of its own, over a new database; stopped in the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "examples.service:app", "--port", str(port), "--log-level", "warning"],
        cwd=ROOT,
        env=os.environ | {"LOANPERF_DATABASE": f"sqlite:///{database}"},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx.get(f"{url}/health")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service, for the tests of this file."""
    with started(tmp_path_factory.mktemp("service") / "pay.db") as url:
        yield url


@pytest.fixture
def client(service: str) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=service, timeout=30) as found:
        yield found


def test_the_published_example_comes_out(client: httpx.Client) -> None:
    """121.2 points and 8169.60 yuan, with the reasons as data."""
    example = (ROOT / "src/loanperf/templates/worked-example.toml").read_text(encoding="utf-8")
    assert "worked example" == client.put("/scheme", json={"text": example}).json()["name"]
    readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    asked = {"period": "2026-03", "readings": readings, "salary": "8000 元"}
    found = client.post("/appraisals", json=asked).json()

    assert ("121.2", "8169.60 CNY") == (found["score"], found["bonus"])
    assert {"loan_amount": "60.0", "npl_ratio": "40.0", "retention_rate": "21.2"} == found["points"]
    assert "award" == found["reason"]["rule"]


def worked(client: httpx.Client, **how: Any) -> dict[str, Any]:
    """A run of March."""
    found: dict[str, Any] = client.post("/periods/2026-03/runs", json=how).raise_for_status().json()
    return found


def test_a_month_goes_from_rows_to_a_statement(tmp_path: Path) -> None:
    """By hand: 300,000 of 300,000 signed are 100 points and 8,000; 1% of what is drawn is 3,000."""
    with started(tmp_path / "month.db") as url, httpx.Client(base_url=url, timeout=30) as client:
        _month(client)


def _month(client: httpx.Client) -> None:
    client.put("/scheme", json={"text": SCHEME}).raise_for_status()
    lin = {"payee": "lin", "unit": "east", "role": "officer", "since": "2025-01-01", "salary": "8000 元"}
    assert {"assignments": 1} == client.put("/people", json=[lin]).json()
    cells = {"loan": "L1", "customer": "C1", "officer": "lin", "opened_on": "2026-03-02"}
    event = {"loan": "L1", "on": "2026-03-02", "amount": "30万元"}
    rows = [
        {"row": "1", "revision": 1, "table": "loans", "cells": cells},
        {"row": "2", "revision": 1, "table": "events", "cells": event | {"kind": "signed"}},
        {"row": "3", "revision": 2, "table": "events", "cells": event | {"kind": "disbursed"}},
        {"row": "3", "revision": 1, "table": "events", "cells": event | {"kind": "disbursed", "amount": "9 元"}},
        {"row": "4", "revision": 1, "table": "events", "cells": event | {"kind": "disbursed", "amount": "12OOOO"}},
    ]
    for _ in range(2):
        assert {"taken": 5} == client.post("/feeds/crm", json=rows).json()

    held = worked(client, dry_run=False)
    assert (True, 4, 3, False) == (held["held"], held["rows"], held["used"], held["closed"])
    client.post("/feeds/crm", json=[{"row": "4", "revision": 2}])
    client.put("/people", json=[lin, lin | {"payee": "wu", "salary": ""}]).raise_for_status()
    assert ["wu could not be worked"] == [text.partition(":")[0] for text in worked(client)["blocked"]]
    client.put("/people", json=[lin]).raise_for_status()
    dry = worked(client)
    assert [] == dry["blocked"]
    done = worked(client, dry_run=False, close_by="chen")
    again = worked(client, dry_run=False, close_by="chen")

    assert {"branch/lin/2026-03/CNY/1": "11000.00 CNY"} == dry["payments"] == done["payments"] == again["payments"]
    assert [3, 3, 0] == [one["entries"] for one in (dry, done, again)]
    assert [False, True, True] == [one["closed"] for one in (dry, done, again)]
    page = "/periods/2026-03/payees/lin/statement"
    text = client.get(page, params={"language": "zh"}).json()["text"]
    assert text == client.get(page, params={"language": "zh-CN"}).json()["text"]
    assert 400 == client.get(page, params={"language": "fr"}).status_code
    assert "lin 2026-03 绩效结算单" in text
    assert "11,000.00 元" in text


def test_targets_are_shown_confirmed_and_refused(tmp_path: Path) -> None:
    """Lin reads the text and confirms by its hash; wu refuses with a reason, and nobody confirms for wu."""
    with started(tmp_path / "confirm.db") as url, httpx.Client(base_url=url, timeout=30) as client:
        asked = '[confirmation]\nof = ["targets"]\nunconfirmed = "hold"\n'
        client.put("/scheme", json={"text": SCHEME + asked}).raise_for_status()
        people = [
            {"payee": who, "unit": "east", "role": "officer", "since": "2025-01-01", "salary": "8000 元"}
            for who in ("lin", "wu")
        ]
        client.put("/people", json=people).raise_for_status()
        pages = {who: f"/periods/2026-03/payees/{who}/confirmations/targets" for who in ("lin", "wu")}
        assert "nothing was proposed" in client.get(pages["lin"]).text
        proposal = {"by": "hr", "at": "2026-03-01", "targets": {"loan_amount": "60万元"}}
        shown = {who: client.put(page, json=proposal).raise_for_status().json() for who, page in pages.items()}
        assert "| 贷款额 | 60 万元 |" in client.get(pages["lin"], params={"language": "zh"}).json()["text"]
        assert (1, None) == (shown["lin"]["version"], shown["lin"]["in_force"])

        def said(who: str, act: str, by: str, why: str = "") -> httpx.Response:
            body = {"act": act, "version": 1, "digest": shown[who]["digest"], "by": by, "at": "2026-03-02", "why": why}
            return client.post(pages[who] + "/answers", json=body)

        assert 1 == said("lin", "confirm", "lin").raise_for_status().json()["in_force"]
        assert 1 == said("lin", "confirm", "lin").raise_for_status().json()["in_force"]
        other = said("wu", "confirm", "lin")
        assert (400, True) == (other.status_code, "lin would answer for wu" in other.text)
        refused = said("wu", "refuse", "wu", "two weeks of leave").raise_for_status().json()
        assert ("version 1, refused on 2026-03-02", None) == (refused["stands"], refused["in_force"])


def test_a_month_is_watched_and_an_alert_taken_up(tmp_path: Path) -> None:
    """By hand: of 310,000 the tenth part is due on the tenth, 100,000; 79,000 are below 80% of that, 90,000 are not."""
    with started(tmp_path / "alerts.db") as url, httpx.Client(base_url=url, timeout=30) as client:
        rule = '[alerts.pace]\nindicator = "loan_amount"\nkind = "pace"\nlimit = "80%"\n'
        client.put("/scheme", json={"text": SCHEME.replace("30万元", "31万元") + rule}).raise_for_status()
        lin = {"payee": "lin", "unit": "east", "role": "officer", "since": "2025-01-01", "salary": "8000 元"}
        client.put("/people", json=[lin]).raise_for_status()
        cells = {"loan": "L1", "customer": "C1", "officer": "lin", "opened_on": "2026-03-02"}
        signed = {"loan": "L1", "on": "2026-03-02", "kind": "signed", "amount": "79000 元"}
        rows: list[dict[str, Any]] = [{"row": "1", "revision": 1, "table": "loans", "cells": cells}]
        rows.append({"row": "2", "revision": 1, "table": "events", "cells": signed})
        client.post("/feeds/crm", json=rows).raise_for_status()

        def said(as_of: str) -> list[str]:
            answer = client.post("/periods/2026-03/alerts", json={"as_of": as_of})
            assert 200 == answer.status_code, answer.text
            found = answer.json()
            assert [] == found["problems"]
            return [event["what"] for event in found["events"]]

        assert [["raised"], []] == [said("2026-03-10"), said("2026-03-10")]
        page = "/periods/2026-03/payees/lin/alerts"
        (alert,) = client.get(page, params={"language": "zh"}).json()
        assert "lin：贷款额截至 2026-03-10 为 79,000 元，低于按时间进度应达到的 10 万元" == alert["text"]
        assert [] == client.get("/periods/2026-03/payees/wu/alerts").json()
        other = client.post("/periods/2026-03/payees/wu/alerts/1/acknowledgements", json={"on": "2026-03-11"})
        assert (400, True) == (other.status_code, "'wu' may not acknowledge alert 1 of 'lin'" in other.text)
        (taken,) = client.post(f"{page}/1/acknowledgements", json={"on": "2026-03-11"}).raise_for_status().json()
        assert "acknowledged" == taken["stands"]
        rows[1] |= {"revision": 2, "cells": signed | {"amount": "90000 元"}}
        client.post("/feeds/crm", json=rows).raise_for_status()
        assert ["mended"] == said("2026-03-10")


def test_people_with_a_bad_row_replace_nobody(client: httpx.Client) -> None:
    """A slip in one row of an HR export left the service with no people at all, and answered 200."""
    lin = {"payee": "lin", "unit": "east", "role": "officer", "since": "2025-01-01", "salary": "8000 元"}
    client.put("/people", json=[lin]).raise_for_status()
    for rows in ([lin | {"salary": "8000"}], [lin, lin | {"payee": "wu", "since": "soon"}]):
        answer = client.put("/people", json=rows)

        assert 400 == answer.status_code
        assert ["table assignments row"] == list({text[:21] for text in answer.json()["problems"]})
    blanks: tuple[list[dict[str, str]], ...] = ([], [{}], [dict.fromkeys(lin, "")], [lin, dict.fromkeys(lin, " ")])
    for rows in blanks:
        assert 400 == client.put("/people", json=rows).status_code
    assert {"assignments": 1} == client.put("/people", json=[lin]).json()


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("PUT", "/scheme", {"text": "name = 1"}, "the document is not a valid scheme"),
        ("POST", "/appraisals", {"period": "March", "readings": {}}, "write 2026-03"),
        ("POST", "/feeds/crm", [{"row": "1", "revision": 1, "table": "lones", "cells": {}}], "did you mean 'loans'"),
        ("PUT", "/people", [{"payee": "lin"}], "is missing"),
        (
            "POST",
            "/feeds/crm",
            [{"row": "1", "revision": 1, "table": "readings", "cells": {"payee": "a", "indicator": "x", "value": "1"}}],
            "it says nothing in the table 'readings'",
        ),
    ],
)
def test_what_is_wrong_is_said_as_the_library_says_it(
    client: httpx.Client, method: str, path: str, body: object, said: str
) -> None:
    """With what to do, and never a trace of the program."""
    answer = client.request(method, path, json=body)
    assert 400 == answer.status_code
    assert said in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.slow
def test_it_holds_against_what_its_own_description_allows(service: str) -> None:
    """Schemathesis sends what the OpenAPI document allows and what it does not: no failure, no undescribed answer.

    What a scheme must say is said by the library and by no OpenAPI document: well-formed requests are refused too.
    """
    schema = schemathesis.openapi.from_url(f"{service}/openapi.json")
    checked: list[str] = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def holds(case: Any) -> None:
            case.call_and_validate(base_url=service, excluded_checks=[positive_data_acceptance])

        holds()
        checked.append(operation.label)
    assert 13 == len(checked)
