"""The documentation says what is so: pages are what their tools write, both READMEs agree, and links lead somewhere."""

import json
import re
import runpy
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.only_extras import commands

import loanperf as lp
from loanperf.alerts import ALERT_MOVES, AlertState
from loanperf.goals import MOVES, VersionState

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

    pages = ("transitions", "alerts", "confirmations", "reviews", "disputes")
    drawn = {f"{name}.{ending}" for name in pages for ending in ("md", "svg")}
    of_cycle = {"cycle.md", "cycle-participant.svg", "cycle-result.svg", "cycle-appeal.svg"}
    of_learning = {"learning.md", "feedback.svg", "proposals.svg"}
    assert {*drawn, *of_cycle, *of_learning, "entries.md", "holds.svg"} == set(written)
    for name, text in written.items():
        assert text == (DOCS / "reference" / name).read_text(encoding="utf-8"), name


@pytest.mark.slow
def test_the_way_of_a_drawdown_is_the_one_that_it_takes() -> None:
    """Who looks for a wrong amount reads these modules in this order; `python tools/walk.py` writes them.

    The amount is 0.5% of 1,200,000.00. In a process of its own nothing is known yet that another test has looked up.
    """
    code = "import runpy; print(runpy.run_path('tools/walk.py')['page'](), end='')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    way = re.search(r"a payment of 6000.00 CNY through (\d+) modules", done.stdout)

    assert way is not None
    assert int(way[1]) <= 15
    assert "none of them goes back" in done.stdout
    assert done.stdout == (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")


def test_a_call_that_goes_back_is_found() -> None:
    """Also by way of a third module; a way that only goes on has none."""
    kind = runpy.run_path(str(ROOT / "tools" / "walk.py"))["Way"]
    given: dict[str, Any] = {"modules": "abcd", "others": "", "makers": {}, "payment": None}

    assert kind(**given, hops={("a", "b"): 1, ("b", "c"): 2, ("a", "c"): 1}).back == []
    assert kind(**given, hops={("a", "b"): 1, ("b", "c"): 2, ("c", "a"): 1, ("c", "d"): 1}).back == [
        *(("a", "b"), ("b", "c"), ("c", "a")),
    ]


def test_every_move_is_in_the_diagram() -> None:
    """By eye nobody counts them: one arrow for each move, and a lane for each state."""
    drawing = (DOCS / "reference" / "transitions.svg").read_text(encoding="utf-8")
    moves = [pair for pair, to in lp.schemes.TRANSITIONS.items() if to is not pair[0]]

    assert len(moves) == drawing.count('class="arrow"')
    for state in lp.DealState:
        assert f">{state.value}</text>" in drawing

    of_alerts = (DOCS / "reference" / "alerts.svg").read_text(encoding="utf-8")
    assert len(ALERT_MOVES) == of_alerts.count('class="arrow"')
    for one in AlertState:
        assert f">{one.value}</text>" in of_alerts

    of_versions = (DOCS / "reference" / "confirmations.svg").read_text(encoding="utf-8")
    changing = [state for (state, _), to in MOVES.items() if isinstance(to, VersionState) and to is not state]
    assert len(changing) == of_versions.count('class="arrow"')
    for version in VersionState:
        assert f">{version.value}</text>" in of_versions


def test_the_examples_of_the_reference_are_one_scheme() -> None:
    """Whoever copies a piece from the page gets what the page says."""
    scheme = lp.parse_scheme(tool()["example"]())

    assert ["senior", "new_hire"] == [profile.code for profile in scheme.profiles]
    for name in tool()["SECTIONS"]:
        assert getattr(scheme, name), name


def test_the_schema_that_ships_is_up_to_date() -> None:
    """An editor that refuses a good scheme is worse than none; `python tools/schema.py` writes it."""
    shipped = (ROOT / "src" / "loanperf" / "scheme.schema.json").read_text(encoding="utf-8")

    assert lp.schemes.json_schema() == json.loads(shipped)


def test_every_property_of_the_schema_says_what_it_is() -> None:
    """An editor shows these words where a manager types; a key without any has to be looked up elsewhere."""
    assert [] == [path for path, part in properties(lp.schemes.json_schema(), "$") if not part.get("description")]


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


def test_the_month_of_the_guide_runs_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files, the map, the scheme and every call of the page that newcomers follow: each call is code 0."""
    monkeypatch.chdir(tmp_path)
    done = [*commands(str(DOCS / "how-to" / "run-a-folder.md"))]

    assert [(line, 0, "") for line, _ in done] == [(line, one.exit_code, one.stderr) for line, one in done]
    assert "6560.00 CNY" in done[1][1].stdout
    assert {"W01-2026-03.xlsx", "W02-2026-03.xlsx"} == {file.name for file in tmp_path.glob("statements/*")}


def installed(page: Path) -> str:
    """What who follows a page has installed: the line of pip with an extra that stands there."""
    lines = [] if page in READMES else re.findall(r"pip install ([^#`)\n]*)", page.read_text(encoding="utf-8"))
    return " ".join(sorted({word.strip('"') for line in lines if "loanperf[" in line for word in line.split()}))


PAGES = [page for page in (READMES[0], *sorted(DOCS.rglob("*.md"))) if blocks(page, "python") or installed(page)]


@pytest.mark.slow
@pytest.mark.parametrize("wanted", sorted({installed(page) for page in PAGES}))
def test_pages_need_the_extras_that_they_name_and_no_more(wanted: str) -> None:
    """Who follows a page in a fresh environment has installed what the page says, and nothing else."""
    pages = [str(page) for page in PAGES if installed(page) == wanted]
    command = [sys.executable, "-W", "ignore", "-m", "tests.only_extras", wanted, *pages]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2_000:]


def test_every_page_has_a_line_in_the_index() -> None:
    """A title alone does not tell whether a page answers a question."""
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    entries = [
        entry
        for tree in re.findall(r"^```\{toctree\}\n(.*?)^```", index, re.MULTILINE | re.DOTALL)
        for entry in tree.splitlines()
        if entry and not entry.startswith(":")
    ]

    assert [] == [entry for entry in entries if not re.search(rf"^- \[.+\]\({entry}\.md\): .+\.$", index, re.MULTILINE)]


def test_every_change_is_told_without_a_number() -> None:
    """A fragment of the changelog is `+word.type.md`; what stands before the type is printed as an issue otherwise."""
    names = [each.name for each in (ROOT / "changelog.d").glob("*.md")]
    assert [] == [name for name in names if not re.fullmatch(r"\+[\w-]+\.(added|changed|fixed|removed)\.md", name)]


def test_every_public_name_stands_on_one_page_of_the_reference() -> None:
    """What is looked up is found, and once."""
    pages = [page.read_text(encoding="utf-8") for page in (DOCS / "reference" / "api").glob("*.md")]
    listed = Counter(name for page in pages for name in re.findall(r"^\.\. auto\w+:: (\w+)$", page, re.MULTILINE))
    here = set(lp.__all__) - {"errors", "ports", "schemes"}

    assert {name: listed[name] for name in here} == dict.fromkeys(here, 1)
