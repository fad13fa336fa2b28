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

pytestmark = pytest.mark.slow
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


def test_what_is_refused_is_said_in_the_language_of_the_request(client: httpx.Client) -> None:
    """A clerk of a bank reads Chinese, a log reads English."""
    example = (ROOT / "src/loanperf/templates/worked-example.toml").read_text(encoding="utf-8")
    wrong = {"text": example.replace("2026-01-01", '"soon"')}
    english, chinese = (
        client.put("/scheme", json=wrong, params={"language": language}) for language in ("en", "zh-CN")
    )

    assert (400, 400) == (english.status_code, chinese.status_code)
    assert "'soon' is not a valid period or date" in english.json()["problems"][0]
    assert "'soon' 不是有效的期间或日期" in chinese.json()["problems"][0]
    assert "共 1 项问题" in chinese.json()["detail"]


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
        assert (403, True) == (other.status_code, "'wu' may not acknowledge alert 1 of 'lin'" in other.text)
        (taken,) = client.post(f"{page}/1/acknowledgements", json={"on": "2026-03-11"}).raise_for_status().json()
        assert "acknowledged" == taken["stands"]
        rows[1] |= {"revision": 2, "cells": signed | {"amount": "90000 元"}}
        client.post("/feeds/crm", json=rows).raise_for_status()
        assert ["mended"] == said("2026-03-10")


DECIDED = (
    SCHEME
    + """
[grades]
A = { at_least = 100, coefficient = "120%" }
B = { at_least = 0, coefficient = "100%" }

[confirmation]
of = ["results"]
unconfirmed = "hold"
"""
)
USE = """
name = "use of results"
effective = 2026-01-01
grades = ["A", "B"]

[rules.top]
name = { en = "eligible for promotion", zh = "晋升候选" }

[rules.top.share]
side = "top"
part = "50%"
group = "role"
by = [{ of = "score", best = "highest" }]
rounding = "down"
ties = "all in"
smallest = 2

[pay]
steps = ["P1", "P2"]
entry = "P1"
moves = { A = 1, B = 0 }
months_after = 1
"""
MARCH = "/periods/2026-03"


class House:
    """A house over HTTP: lin has signed 30万元 of 30万元, wu 15万元; zhou leads them."""

    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30)
        self.client.put("/scheme", json={"text": DECIDED}).raise_for_status()
        self.client.put("/units", json=[{"code": "east"}]).raise_for_status()
        people = [
            {"payee": who, "unit": "east", "role": role, "since": "2025-01-01", "salary": "8000 元"}
            for who, role in (("lin", "officer"), ("wu", "officer"), ("zhou", "lead"))
        ]
        self.client.put("/people", json=people).raise_for_status()
        for who, amount in (("lin", "30万元"), ("wu", "15万元")):
            loan = {"loan": f"L-{who}", "customer": f"C-{who}", "officer": who, "opened_on": "2026-03-02"}
            rows = [{"row": f"{who}/loan", "revision": 1, "table": "loans", "cells": loan}]
            for kind in ("signed", "disbursed"):
                event = {"loan": f"L-{who}", "on": "2026-03-02", "amount": amount, "kind": kind}
                rows.append({"row": f"{who}/{kind}", "revision": 1, "table": "events", "cells": event})
            self.client.post("/feeds/crm", json=rows).raise_for_status()

    def act(self, path: str, by: str, at: str, status: int = 200, expected: int | None = None, **says: Any) -> Any:
        """An act of somebody; what is answered."""
        body = {"by": by, "at": at, "says": says, "expected": expected}
        answer = self.client.post(MARCH + path, json=body)
        assert status == answer.status_code, answer.text
        return answer.json()

    def see(self, who: str, what: str, **more: str) -> Any:
        """What somebody sees."""
        answer = self.client.get(f"{MARCH}/payees/{who}/{what}", params=more)
        assert 200 == answer.status_code, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose people decide, over a database of its own."""
    with started(tmp_path_factory.mktemp("house") / "house.db") as url:
        found = House(url)
        yield found
        found.client.close()


@pytest.fixture(scope="module")
def decided(house: House) -> House:
    """By hand: lin has 100 points and A; wu 50 and B, and is made A; zhou none and B, who appeals in vain."""
    house.act("/cycle/start", "hr", "2026-03-01", period="2026-03", grades=["A", "B"], panel=["hr", "chen"],
              scorers=["run"], calibrates_as_of="2026-03-31", publishes_as_of="2026-03-31", appeal_days=9,
              appeal_recalibrates=True)  # fmt: skip
    house.act("/cycle/snapshots", "hr", "2026-03-31", on="2026-03-31")
    first = worked(house.client, dry_run=False, approve=True)
    assert (["lin", "wu", "zhou"], {}) == ([text.partition(" ")[0] for text in first["blocked"]], first["payments"])
    house.act("/cycle/score", "run", "2026-04-01")
    house.act("/cycle/calibrate", "zhou", "2026-04-02", payee="wu", grade="A", why="cared for two branches")
    (before,) = house.see("wu", "cycle")["participants"]
    assert (None, None, []) == (before["result"], before["result_state"], before["calibrations"])
    page, asked = f"{MARCH}/payees/wu/pages/month", {"text": USE, "as_of": "2026-04-10"}
    assert "50.0" not in house.client.get(page).raise_for_status().text
    assert 400 == house.client.get(page.replace("month", "letter")).status_code
    assert "are not published" in house.client.post(f"{MARCH}/payees/wu/outcomes", json=asked).text
    seen = house.see("hr", "cycle")
    results = [one["result"] for one in seen["participants"]]
    house.act("/cycle/approve", "hr", "2026-04-03", 409, seen["records"] - 1, results=results)
    house.act("/cycle/approve", "hr", "2026-04-03", 200, seen["records"], results=results)
    house.act("/cycle/publish", "hr", "2026-04-04", payees=["lin", "wu", "zhou"])
    house.act("/cycle/acknowledge", "wu", "2026-04-05", version=1)
    house.act("/cycle/interview", "zhou", "2026-04-05", payee="wu", text="first-time buyers next")
    house.act("/cycle/appeal", "zhou", "2026-04-06", why="I led all of it")
    house.act("/cycle/take up", "hr", "2026-04-07", payee="zhou")
    assert "nothing changes" in str(house.act("/cycle/uphold", "chen", "2026-04-08", 400, payee="zhou", why="so it is"))
    house.act("/cycle/reject", "chen", "2026-04-08", payee="zhou", why="the score says otherwise")
    worked(house.client, dry_run=False, approve=True)
    return house


def test_results_are_decided_and_paid_by(decided: House) -> None:
    """By hand: commissions of 1%; lin has 8,000 x 120%, wu, of 50 points, half of that, and zhou nothing."""
    (mine,) = decided.see("wu", "cycle")["participants"]
    assert ("A", "B", "acknowledged") == (
        mine["result"]["grade"],
        mine["calibrations"][0]["grade_before"],
        mine["result_state"],
    )
    done = worked(decided.client)
    paid = {key.split("/")[1]: amount for key, amount in done["payments"].items()}
    assert ([], {"lin": "12600.00 CNY", "wu": "6300.00 CNY"}) == (done["blocked"], paid)
    page = f"{MARCH}/payees/{{}}/pages/month"
    assert "12,600.00 元" in decided.client.get(page.format("lin"), params={"language": "zh"}).raise_for_status().text
    assert "50.0" in decided.client.get(page.format("wu")).raise_for_status().text
    assert "cared for two branches" in decided.client.get(page.format("wu").replace("month", "letter")).text
    assert 404 == decided.client.get(page.format("nobody")).status_code


def test_results_are_put_to_use(decided: House) -> None:
    """Half of two officers is one, the best; an A is a step up. Who is no lead sees their own."""
    asked = {"text": USE, "as_of": "2026-04-10", "steps": {"lin": "P1", "wu": "P1", "zhou": "P1"}}
    seen = {who: decided.client.post(f"{MARCH}/payees/{who}/outcomes", json=asked).json() for who in ("hr", "wu")}
    given = [one["payee"] for one in seen["hr"]["outcomes"] if one["decided"] == "given"]
    assert (["lin"], ["P2", "P2", "P1"]) == (given, [one["after"] for one in seen["hr"]["steps"]])
    assert {"wu"} == {one["payee"] for one in (*seen["wu"]["outcomes"], *seen["wu"]["steps"])}


def test_a_review_is_given_by_a_page(house: House) -> None:
    """The lead marks lin 4 of 5, which are 80 points; wu was not asked; nobody sees it before the close."""
    scale = {"low": "1", "high": "5", "step": "1", "anchors": []}
    item = {"code": "service", "name": {"en": "service", "zh": "服务意识"}, "weight": "1", "scale": scale}
    lead = {"code": "lead", "name": {"en": "lead", "zh": "上级"}, "relation": "supervisor", "weight": "1"}
    house.act("/reviews/start", "hr", "2026-03-01", period="2026-03", indicator="reviewed", form={"items": [item]},
              categories=[lead], opens="2026-04-01", deadline="2026-04-05")  # fmt: skip
    for ratee in ("lin", "wu"):
        house.act("/reviews/invite", "hr", "2026-04-01", ratee=ratee, rater="zhou", category="lead")
    assert 2 == len(house.see("zhou", "reviews")["seats"])
    form = f"{MARCH}/payees/zhou/pages/reviews/lin"
    on = {"on": "2026-04-02"}
    assert "服务意识" in house.client.get(form, params=on).raise_for_status().text
    assert 403 == house.client.get(form.replace("zhou", "wu"), params=on).status_code
    assert 400 == house.client.post(form, params=on, data={"mark.service": "6"}).status_code
    house.client.post(form, params=on, data={"mark.service": "4"}).raise_for_status()
    house.act("/reviews/decline", "zhou", "2026-04-02", ratee="wu", why="we are related")
    assert [] == house.see("lin", "reviews")["results"]
    house.act("/reviews/close", "hr", "2026-04-06")
    (result,) = house.see("lin", "reviews")["results"]
    assert "reviews of lin in 2026-03: 80 points" in result["text"]


def test_a_line_is_disputed_and_pay_held(decided: House) -> None:
    """Who is paid opens it and sees it; somebody else decides, and nobody else sees it."""
    house = decided
    line = "lin/sales/loans/L-lin/disbursed/2026-03"
    house.act("/disputes/start", "hr", "2026-03-01", days_to_open=15, days_to_decide=10, days_to_tell=5)
    house.act("/disputes/open", "lin", "2026-04-08", line=line, period="2026-03", told_on="2026-04-02", claim="31万元")
    (case,) = house.see("lin", "disputes")["disputes"]
    number = case["number"]
    assert (
        "would decide their own" in house.act("/disputes/take up", "lin", "2026-04-09", 400, dispute=number)["detail"]
    )
    house.act("/disputes/take up", "zhou", "2026-04-09", dispute=number)
    house.act("/disputes/hold", "zhou", "2026-04-09", loan="L-lin", why="looked at", dispute=number,
              since="2026-04-09", until="2026-04-30")  # fmt: skip
    (held,) = house.see("lin", "disputes", language="zh")["holds"]
    assert "looked at" in held["text"]
    house.act("/disputes/reject", "zhou", "2026-04-10", dispute=number, why="the contract says 30万元")
    house.act("/disputes/lift", "zhou", "2026-04-10", hold=held["number"], why="decided")
    assert ["lifted"] == [one["state"] for one in house.see("hr", "disputes")["holds"]]
    assert ([], []) == tuple(house.see("wu", "disputes")[name] for name in ("disputes", "holds"))


def test_a_version_is_learned(house: House) -> None:
    """What lin says alone nobody else reads; a target of 40万元 is proposed, discussed, noticed and approved."""
    house.act("/feedback/start", "hr", "2026-03-01", period="2026-03", opens="2026-04-01", closes="2026-04-05")
    house.act("/feedback/give", "lin", "2026-04-01", unit="east", about="scheme", says="unclear", text="what counts?")
    (said,) = house.see("lin", "feedback")["feedback"]
    assert [] == house.see("wu", "feedback")["feedback"]
    house.act("/feedback/answer", "wu", "2026-04-02", 403, feedback=said["number"], text="no")
    house.act("/feedback/close", "hr", "2026-04-06")
    assert [] == house.see("hr", "feedback")["feedback"]
    house.act("/feedback/answer", "hr", "2026-04-06", 400, feedback=said["number"], text="what is signed")
    text = DECIDED.replace("30万元", "40万元").replace("2026-01-01", "2026-07-01")
    house.act("/feedback/propose", "hr", "2026-04-07", text=text, code="more", why="all reach it", answers=[])
    how: dict[str, Any] = {"proposal": "more", "on": "2026-04-08"}
    house.act("/feedback/consult", "hr", "2026-04-08", **how, whom="representatives", people=5, how="meeting")
    house.act("/feedback/notify", "hr", "2026-04-08", **how, text="from July 40万元", how="intranet")
    assert "hr" in house.act("/feedback/approve", "hr", "2026-04-09", 400, proposal="more")["detail"]
    house.act("/feedback/approve", "chen", "2026-04-09", proposal="more")
    assert {"more": "approved"} == house.see("wu", "feedback")["proposals"]
    for period, score in (("2026-06", "100.0"), ("2026-07", "75.0")):
        asked = {"period": period, "readings": {"loan_amount": "30万元"}}
        assert score == house.client.post("/appraisals", json=asked).raise_for_status().json()["score"]


@pytest.mark.parametrize(
    ("path", "says", "said"),
    [
        ("/cycle/jump", {}, "use one of start, snapshots, score"),
        ("/cycle/calibrate", {"payee": "wu", "grade": ["A"], "why": "so"}, "says.grade"),
        ("/cycle/publish", {"payees": "wu"}, "give a list"),
        ("/reviews/invite", {"ratee": "lin"}, "it lacks a part"),
        ("/disputes/take up", {"dispute": "two"}, "dispute"),
        ("/feedback/consult", {"people": "5"}, "give a int"),
    ],
)
def test_an_act_that_says_something_else_is_refused(house: House, path: str, says: dict[str, Any], said: str) -> None:
    """With what is wrong and what to do."""
    assert said in house.act(path, "hr", "2026-04-20", 400, **says)["detail"]


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
    assert 27 == len(checked)
