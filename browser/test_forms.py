"""What only a browser can say of a form: that it is filled in by keyboard, sent without scripts, and nowhere else."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, Request, Route
from tests.cycles_to_show import organisation, reviews_begun

from browser.shown import TARGET
from loanperf import report
from loanperf.viewer import Viewer

WU = Viewer(who="wu", sees="self")
HOME = "https://hr.example/reviews/form"
REVIEWS = reviews_begun(organisation())


class Host:
    """A host at an address of its own: it shows one page, and keeps what is sent."""

    def __init__(self, page: Page, html: str) -> None:
        self.page = page
        self.sent: list[Request] = []
        self._html = html
        page.route("**/*", self._answer)
        page.goto(HOME)

    def _answer(self, route: Route) -> None:
        if route.request.url == HOME:
            route.fulfill(body=self._html, content_type="text/html; charset=utf-8")
        else:
            self.sent.append(route.request)
            route.fulfill(body="<title>sent</title>", content_type="text/html")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def focused(self) -> str:
        """The name of the field that has the focus, and that it can be seen to have it."""
        at = "document.activeElement"
        assert self.page.evaluate(f"() => getComputedStyle({at}).outlineStyle") == "solid"
        return str(self.page.evaluate(f"() => {at}.name || {at}.type"))


@pytest.fixture
def host(browser: Browser, request: Any) -> Iterator[Host]:
    """The form of a review at a host, with scripts or without."""
    context = browser.new_context(java_script_enabled=request.param)
    shown = report.review_page(REVIEWS, "lin", viewer=WU, as_of="2026-07-08", target=TARGET)
    yield Host(context.new_page(), shown.html("zh"))
    context.close()


@pytest.mark.parametrize("host", [True], indirect=True)
def test_a_review_is_given_by_keyboard(host: Host) -> None:
    """Tab goes to each question in turn, arrows choose a mark, Space ticks, Enter sends."""
    host.press("Tab")
    assert "mark.service" == host.focused()
    host.press("Space", "ArrowDown", "ArrowDown", "ArrowDown", "Tab")
    assert "mark.risk" == host.focused()
    host.page.keyboard.type("87.5")
    host.press("Tab")
    assert "comment" == host.focused()
    host.page.keyboard.type("认真 & <负责>")
    host.press("Tab")
    assert "cite" == host.focused()
    host.press("Space", "Tab")
    assert "submit" == host.focused()
    host.press("Enter")
    host.page.wait_for_url("**/reviews/lin")
    (sent,) = host.sent

    assert ("POST", "https://hr.example/reviews/lin") == (sent.method, sent.url)
    assert "https://hr.example" == sent.all_headers()["origin"]
    posted = parse_qs(sent.post_data or "")
    assert ["-a1=b2"] == posted.pop("token")
    event = report.review_posted(posted, REVIEWS, "lin", viewer=WU, at="2026-07-08")
    assert {"service": Fraction(4), "risk": Fraction("87.5")} == event.marks
    assert ("认真 & <负责>", (2,)) == (event.comment, event.cites)


@pytest.mark.parametrize("host", [False], indirect=True)
def test_a_review_is_sent_without_scripts_once_every_item_has_a_mark(host: Host) -> None:
    """The browser asks for what is missing, and for a number on the scale; nothing is sent before."""
    send = host.page.get_by_role("button", name="提交评价")
    send.click()
    host.page.get_by_label("3　达到要求").check()
    host.page.locator("input[type=number]").fill("100.5")
    send.click()
    assert [] == host.sent
    host.page.locator("input[type=number]").fill("100")
    send.click()
    host.page.wait_for_url("**/reviews/lin")
    assert {"mark.service": ["3"], "mark.risk": ["100"], "token": ["-a1=b2"]} == parse_qs(host.sent[0].post_data or "")


@pytest.mark.parametrize("host", [True], indirect=True)
def test_a_form_is_sent_nowhere_else(host: Host) -> None:
    """Whatever changed its action, the policy of the page holds."""
    host.page.get_by_label("3　达到要求").check()
    host.page.locator("input[type=number]").fill("100")
    host.page.evaluate("() => { document.forms[0].action = 'https://elsewhere.example/' }")
    host.page.get_by_role("button").focus()
    host.press("Enter")
    host.page.wait_for_timeout(200)
    assert [] == host.sent
    assert HOME == host.page.url


def test_a_form_says_what_is_wrong_beside_its_fields(browser: Browser, files: dict[str, Path]) -> None:
    """Who hears the page hears the fault with the field, and what was right stays."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(files["review-en"].as_uri())
    number = page.locator("input[type=number]")
    described = " ".join(
        page.locator(f"#{one}").inner_text() for one in (number.get_attribute("aria-describedby") or "").split()
    )
    assert "101 is not on the scale from 0 to 100" in described
    assert ("true", "101") == (number.get_attribute("aria-invalid"), number.input_value())
    assert "周杰" == page.locator("textarea").input_value()
    context.close()
