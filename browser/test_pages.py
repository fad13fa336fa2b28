"""What only a browser can say of a page: that it fits, is read by keyboard and aloud, asks for and runs nothing."""

import re
from pathlib import Path
from unicodedata import bidirectional

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from browser.conftest import SHOTS, Opened
from browser.shown import HOSTILE, LANGUAGES

READ = ("my-month", "my-team", "statement")
"""Pages that are read."""
UNITS = ("region", "product")
"""Pages of many people together."""
FORMS = ("review", "confirm-letter", "open-appeal")
"""Pages on which somebody says something."""
DECIDED = ("calibration", "letter", "appeal")
"""Pages of what people decided."""
KINDS = READ + UNITS + FORMS + DECIDED
PHONE, TABLET, A4 = 360, 768, 688
"""Widths in pixels of CSS: a small phone, a tablet, and a page of A4 within its margins of 14 mm."""
NAMES = [f"{kind}-{language}" for kind in KINDS for language in LANGUAGES]
HOSTILE_NAMES = [f"{kind}-hostile-zh" for kind in KINDS]
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""The classes of marks that turn the direction of text around them."""
BEYOND = """width => [...document.querySelectorAll('body *')]
    .filter(one => one.checkVisibility() && !one.closest('svg') && !one.closest('.unseen') && !one.closest('thead'))
    .filter(one => { const box = one.getBoundingClientRect(); return box.width && box.right > width + 1 })
    .map(one => one.tagName + ': ' + one.textContent.slice(0, 40))"""
TEXTS = "h1, h2, p, td, th, summary, b, small, figcaption, .name, .remarks > li, legend, label, button"
OVERLAPPING = """selector => {
    const texts = [...document.querySelectorAll(selector)]
        .filter(one => one.checkVisibility() && !one.closest('.unseen'))
        .filter(one => !(one.closest('thead')?.getBoundingClientRect().width < 2))
        .map(one => [one, one.getBoundingClientRect()])
        .filter(([one, box]) => box.width > 2 && box.height > 2)
        .sort(([, a], [, b]) => a.top - b.top);
    const found = [];
    texts.forEach(([one, a], place) => {
        for (let next = place + 1; next < texts.length; next++) {
            const [other, b] = texts[next];
            if (b.top > a.bottom - 2) break;
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - b.top;
            if (across > 2 && down > 2 && !one.contains(other) && !other.contains(one))
                found.push(one.textContent.slice(0, 30) + ' / ' + other.textContent.slice(0, 30));
        }
    });
    return found;
}"""
CUT = """() => [...document.querySelectorAll('td, th, summary, li, p, b, span, h1, h2')]
    .filter(one => !one.closest('.unseen') && !one.closest('thead') && one.checkVisibility())
    .filter(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline')
    .map(one => one.textContent.slice(0, 40))"""


def must_fit(opened: Opened, width: int) -> None:
    """Hold a page to being no wider than what it is shown on, with nothing cut off and nothing over something else."""
    assert width >= opened.page.evaluate("() => document.documentElement.scrollWidth")
    assert [] == opened.page.evaluate(BEYOND, width)
    assert [] == opened.page.evaluate(CUT)
    assert [] == opened.page.evaluate(OVERLAPPING, TEXTS)


@pytest.mark.parametrize("width", [PHONE, TABLET])
@pytest.mark.parametrize("name", NAMES + HOSTILE_NAMES)
def test_a_page_fits_closed_and_opened(opened: Opened, files: dict[str, Path], name: str, width: int) -> None:
    """Whoever looks at it on a phone scrolls down, and never sideways; pictures of it are in build/browser."""
    opened.page.set_viewport_size({"width": width, "height": 800})
    opened.show(files[name])
    opened.picture(f"{name}-{width}")
    must_fit(opened, width)
    opened.open_all()
    opened.picture(f"{name}-{width}-open")
    must_fit(opened, width)


@pytest.mark.parametrize("name", NAMES + HOSTILE_NAMES)
def test_a_page_prints_on_a4(opened: Opened, files: dict[str, Path], name: str) -> None:
    """A statement goes into a file of paper: A4, nothing beyond its margins, and what is folded is not there."""
    opened.page.set_viewport_size({"width": A4, "height": 1000})
    opened.show(files[name])
    opened.page.emulate_media(media="print")
    opened.picture(f"{name}-print")
    must_fit(opened, A4)
    assert 0 == opened.page.locator("details.why:visible").count()
    printed = opened.page.pdf(path=SHOTS / f"{name}.pdf", prefer_css_page_size=True, print_background=True)
    boxes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", printed)}
    assert boxes
    assert all(abs(right - 595.28) < 1 and abs(top - 841.89) < 1 for _, _, right, top in boxes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_one_page_of_a4(opened: Opened, files: dict[str, Path], language: str) -> None:
    """It is signed and filed: a second page would be lost."""
    opened.show(files[f"letter-{language}"])
    printed = opened.page.pdf(prefer_css_page_size=True, print_background=True)
    assert 1 == len(re.findall(rb"/MediaBox", printed))


@pytest.mark.parametrize("width", [PHONE, TABLET])
@pytest.mark.parametrize("name", NAMES[::2] + HOSTILE_NAMES[:1])
def test_nothing_is_in_the_way_of_anybody(opened: Opened, files: dict[str, Path], name: str, width: int) -> None:
    """By the rules of axe-core: contrast, headings, tables, languages, names of what opens; closed and opened."""
    opened.page.set_viewport_size({"width": width, "height": 800})
    opened.show(files[name])
    for _ in range(2):
        found = Axe().run(opened.page)
        assert 0 == found.violations_count, found.generate_report()
        opened.open_all()


@pytest.mark.parametrize("name", [f"{kind}-{language}" for kind in READ for language in LANGUAGES])
def test_everything_can_be_opened_by_keyboard(opened: Opened, files: dict[str, Path], name: str) -> None:
    """Tab goes to each of the folded reasons in turn, where it can be seen to be, and Enter opens it."""
    opened.show(files[name])
    reached = 0
    while True:
        opened.page.keyboard.press("Tab")
        state = opened.page.evaluate(
            "() => { const at = document.activeElement; return at.tagName === 'SUMMARY'"
            " ? [at.parentElement.open, getComputedStyle(at).outlineStyle] : null }"
        )
        if state is None:
            break
        assert [False, "solid"] == state
        opened.page.keyboard.press("Enter")
        assert opened.page.evaluate("() => document.activeElement.parentElement.open")
        reached += 1
    assert reached > 10
    assert opened.page.locator("summary").count() == reached
    assert 0 == opened.page.locator("details:not([open])").count()


@pytest.mark.parametrize("name", NAMES + HOSTILE_NAMES)
def test_nothing_is_asked_for_and_nothing_runs(opened: Opened, files: dict[str, Path], name: str) -> None:
    """A page of pay that asked for a picture elsewhere would say who looks at it, and when."""
    opened.show(files[name])
    opened.open_all()
    opened.page.mouse.click(100, 100)
    opened.page.wait_for_timeout(50)
    assert [] == opened.asked
    assert [] == opened.faults
    assert 0 == opened.page.locator("script, img, iframe, link, object, embed").count()
    forms = opened.page.locator("form").count()
    assert forms == (1 if name.startswith(FORMS) else 0)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_name_is_read_as_it_is(opened: Opened, files: dict[str, Path], language: str) -> None:
    """Markup is shown as the text that it is, and a name that runs from right to left does not turn what follows it.

    Marks that turn the text around them are no part of a name, and are left out.
    """
    opened.show(files[f"my-team-hostile-{language}"])
    shown = opened.page.locator("tbody th").all_inner_texts()
    for payee, name in HOSTILE.items():
        told = "".join(sign for sign in name if bidirectional(sign) not in TURNS).strip()
        assert any(told in text and f"{payee}" in text for text in shown), name
    for row in opened.page.locator("tbody tr").all()[:7]:
        first, second = (row.locator(cell).first.bounding_box() for cell in ("th", "td"))
        assert first is not None
        assert second is not None
        assert first["x"] < second["x"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_of_charts_is_of_a_size_to_read(opened: Opened, files: dict[str, Path], language: str) -> None:
    """On a phone a chart is not made smaller: what is written in it has 11 pixels or more."""
    opened.page.set_viewport_size({"width": PHONE, "height": 800})
    for kind in ("my-month", "my-team", *UNITS):
        opened.show(files[f"{kind}-{language}"])
        heights = opened.page.evaluate(
            "() => [...document.querySelectorAll('svg text')].filter(one => one.textContent.trim())"
            ".map(one => { const to = one.getScreenCTM();"
            " return parseFloat(getComputedStyle(one).fontSize) * Math.hypot(to.a, to.b) })"
        )
        assert heights
        assert min(heights) >= 11


def test_reasons_open_without_scripts(browser: Browser, files: dict[str, Path]) -> None:
    """Where a company forbids scripts, reasons open all the same."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(files["my-month-en"].as_uri())
    reasons = page.locator("details.figure ul").first
    assert not reasons.is_visible()
    page.locator("details.figure summary").first.click()
    assert reasons.is_visible()
    context.close()


def test_a_page_that_does_not_keep_its_promises_is_found(opened: Opened, tmp_path: Path) -> None:
    """A search that misses what it looks for keeps nothing: one page breaks all of them."""
    path = tmp_path / "bad.html"
    wide = "<td style='white-space:nowrap'>" + "wide " * 200
    path.write_text(
        f"<title>x</title><table><tr>{wide}</table><img src='https://example.org/x.png'><script>alert(1)</script>"
        "<p style='position:absolute;top:0'>one</p><p style='position:absolute;top:0'>other</p>"
        "<b style='display:block;width:3em;overflow:hidden;white-space:nowrap'>cut off here</b>",
        encoding="utf-8",
    )
    opened.page.set_viewport_size({"width": PHONE, "height": 800})
    opened.show(path)
    assert ["https://example.org/x.png"] == opened.asked
    assert ["1"] == opened.faults
    assert opened.page.evaluate(BEYOND, PHONE)
    assert opened.page.evaluate(CUT)
    assert opened.page.evaluate(OVERLAPPING, TEXTS)
    assert Axe().run(opened.page).violations_count
