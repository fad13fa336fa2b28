"""The documentation says what is so: pages are what their tools write, both READMEs agree, and links lead somewhere."""

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import loanperf as lp

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced code blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def tool() -> dict[str, Any]:
    """The names in the tool that writes the reference of schemes."""
    return runpy.run_path(str(ROOT / "tools" / "scheme_reference.py"))


def properties(part: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The properties of a JSON Schema at every depth, each with its path."""
    if isinstance(part, list):
        for index, item in enumerate(part):
            yield from properties(item, f"{path}[{index}]")
    elif isinstance(part, dict):
        for key, item in part.items():
            if key == "properties":
                yield from ((f"{path}.{name}", inner) for name, inner in item.items())
                for name, inner in item.items():
                    yield from properties(inner, f"{path}.{name}")
            else:
                yield from properties(item, f"{path}/{key}")


def listed(page: Path) -> set[Path]:
    """The pages below the toctrees of a page, that page among them."""
    found = {page}
    for tree in re.findall(r"^```\{toctree\}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        for entry in tree.splitlines():
            if entry and not entry.startswith(":"):
                for child in page.parent.glob(f"{entry}.md"):
                    found |= listed(child) if child != page else set()
    return found


def test_the_reference_of_schemes_is_up_to_date() -> None:
    """A key that the page lacks is a key that nobody uses; `python tools/scheme_reference.py` writes it."""
    assert tool()["page"]() == (DOCS / "reference" / "scheme.md").read_text(encoding="utf-8")


def test_the_life_of_a_commission_is_drawn_from_its_table() -> None:
    """A diagram that shows another life than the code has misleads; `python tools/transitions.py` writes it."""
    written = runpy.run_path(str(ROOT / "tools" / "transitions.py"))["written"]()

    assert {"transitions.md", "transitions.svg", "entries.md"} == set(written)
    for name, text in written.items():
        assert text == (DOCS / "reference" / name).read_text(encoding="utf-8"), name


def test_every_move_is_in_the_diagram() -> None:
    """By eye nobody counts them: one arrow for each move, and a lane for each state."""
    drawing = (DOCS / "reference" / "transitions.svg").read_text(encoding="utf-8")
    moves = [pair for pair, to in lp.TRANSITIONS.items() if to is not pair[0]]

    assert len(moves) == drawing.count('class="arrow"')
    for state in lp.DealState:
        assert f">{state.value}</text>" in drawing


def test_the_examples_of_the_reference_are_one_scheme() -> None:
    """Whoever copies a piece from the page gets what the page says."""
    scheme = lp.parse_scheme(tool()["example"]())

    assert ["senior", "new_hire"] == [profile.code for profile in scheme.profiles]
    for name in tool()["SECTIONS"]:
        assert getattr(scheme, name), name


def test_the_schema_that_ships_is_up_to_date() -> None:
    """An editor that refuses a good scheme is worse than none; `python tools/schema.py` writes it."""
    shipped = (ROOT / "src" / "loanperf" / "scheme.schema.json").read_text(encoding="utf-8")

    assert lp.json_schema() == json.loads(shipped)


def test_every_property_of_the_schema_says_what_it_is() -> None:
    """An editor shows these words where a manager types; a key without any has to be looked up elsewhere."""
    assert [] == [path for path, part in properties(lp.json_schema(), "$") if not part.get("description")]


def test_every_page_is_in_a_toctree() -> None:
    """A page that no menu lists is read by nobody."""
    assert set(DOCS.rglob("*.md")) == listed(DOCS / "index.md")


def test_both_readmes_show_the_same_code() -> None:
    """The first users read Chinese, and the tests run the English page; what they type must be one thing."""
    english, chinese = READMES

    for language, count in (("python", 2), ("sh", 2)):
        assert blocks(english, language) == blocks(chinese, language)
        assert count == len(blocks(english, language))


def test_links_between_files_lead_somewhere() -> None:
    """A dead link on the first page costs the trust in all others."""
    pages = [*READMES, ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]
    for page in pages:
        text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", text):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_both_readmes_lead_to_the_same_pages() -> None:
    """What one language offers and the other does not is lost on half of the readers."""
    links = [set(re.findall(r"\]\(((?!README)[^)]+)\)", page.read_text(encoding="utf-8"))) for page in READMES]

    assert links[0] == links[1]
