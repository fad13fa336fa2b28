"""Chromium, and pages opened in it: whatever they ask for is noted, and does not leave the machine."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, sync_playwright

from browser.shown import HOSTILE, LANGUAGES, NAMES, pages_of

SHOTS = Path(__file__).parents[1] / "build" / "browser"
"""Where pages and pictures of them are, to be looked at; they are in no repository."""


def chromium() -> str:
    """The path of Chromium, by `CHROMIUM` or as Debian names it.

    Raises:
        pytest.UsageError: there is none; a session without a browser must not look as if all were well.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found or not Path(found).exists():
        raise pytest.UsageError(
            "there is no Chromium: apt-get install chromium fonts-noto-cjk, or name its path in CHROMIUM"
        )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without the sandbox where who runs it is root, as in a container."""
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=alone)
        yield started
        started.close()


@pytest.fixture(scope="session")
def files() -> dict[str, Path]:
    """The pages as files, by what they are called: kind, names and language."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    found = {}
    for names, kind in ((NAMES, ""), (HOSTILE, "-hostile")):
        for name, page in pages_of(names):
            for language in LANGUAGES:
                path = SHOTS / f"{name}{kind}-{language}.html"
                path.write_text(page.html(language), encoding="utf-8")
                found[path.stem] = path
    return found


class Opened:
    """A page in a browser, what it asked for besides itself, and what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[str] = []
        self.faults: list[str] = []
        page.on("dialog", self._refuse)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def _refuse(self, dialog: Dialog) -> None:
        self.faults.append(dialog.message)
        dialog.dismiss()

    def show(self, path: Path) -> None:
        """Open a file, and refuse and note all else."""

        def answer(route: Route) -> None:
            if route.request.url == path.as_uri():
                route.continue_()
            else:
                self.asked.append(route.request.url)
                route.abort()

        self.page.route("**/*", answer)
        self.page.goto(path.as_uri())

    def picture(self, name: str) -> None:
        """Keep a picture of the page, or of its first 8,000 pixels where it is longer."""
        height = min(self.page.evaluate("() => document.documentElement.scrollHeight"), 8_000)
        width = self.page.evaluate("() => innerWidth")
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def open_all(self) -> None:
        """Open all that is folded."""
        self.page.evaluate("() => document.querySelectorAll('details').forEach(one => { one.open = true })")


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """A page of its own for each test."""
    context = browser.new_context(locale="zh-CN")
    yield Opened(context.new_page())
    context.close()
