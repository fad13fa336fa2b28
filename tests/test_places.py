"""Places: a fault of a scheme is told with the line and column at which a manager finds it, however it was written."""

import json
import re
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.testing import strategies

Document = dict[str, Any]
Path = tuple[str | int, ...]
Place = tuple[int, int]


def refused(text: str, form: Any = "toml") -> tuple[lp.errors.Problem, ...]:
    """The problems of a text that must not be accepted."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.parse_scheme(text, form)
    return caught.value.problems


# ── documents written in every form, with the place of each key and item ────────────────────────────────────


@frozen
class Written:
    """A text that grows, and where each path of it was written."""

    parts: list[str]
    starts: dict[Path, int]

    def put(self, text: str) -> None:
        """Write on."""
        self.parts.append(text)

    def note(self, path: Path) -> None:
        """Say that a path begins here."""
        self.starts[path] = len("".join(self.parts))

    def place(self, path: Path) -> Place:
        """Line and column of a path, counted by hand from the text."""
        before = "".join(self.parts)[: self.starts[path]]
        return before.count("\n") + 1, len(before) - before.rfind("\n")


@st.composite
def written(draw: st.DrawFn, document: Document) -> Written:
    """A document as TOML: each table by a header, inline or by dotted keys, each list of tables in either form."""
    page = Written([], {})
    _rest(draw, page, (), document, is_header=True)
    return page


def _blank(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(["", " ", "  "]))


def _comment(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(["", "", " # [no.table] {x = 1}", ' # "', "\n", "\n\t# k = [\n"]))


def _key(draw: st.DrawFn, name: str) -> str:
    quoted = [json.dumps(name, ensure_ascii=False), *([f"'{name}'"] if "'" not in name else [])]
    return draw(st.sampled_from([name, name, *quoted] if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted))


def _scalar(draw: st.DrawFn, value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = "'" not in value and "\\" not in value
    forms = [json.dumps(value, ensure_ascii=False), *([f"'{value}'", f"'''\n{value}'''"] if plain else [])]
    return draw(st.sampled_from(forms))


def _value(draw: st.DrawFn, page: Written, path: Path, value: Any, *, on_one_line: bool) -> None:
    """A value behind its key: a scalar, a list or an inline table."""
    if isinstance(value, dict):
        page.put("{" + _blank(draw))
        for number, (name, part) in enumerate(value.items()):
            page.put((_blank(draw) + "," + _blank(draw)) if number else "")
            _pair(draw, page, path, name, part, on_one_line=True)
        page.put(_blank(draw) + "}")
    elif isinstance(value, list):
        page.put("[")
        for number, part in enumerate(value):
            page.put("," if number else "")
            page.put(_blank(draw) if on_one_line else draw(st.sampled_from(["", " ", "\n  ", " # a, b]\n"])))
            page.note((*path, number))
            _value(draw, page, (*path, number), part, on_one_line=on_one_line)
        page.put(draw(st.sampled_from(["", ","])) if value else "")
        page.put(_blank(draw) if on_one_line else draw(st.sampled_from(["", "\n"])))
        page.put("]")
    else:
        text = _scalar(draw, value)
        page.put(json.dumps(value, ensure_ascii=False) if on_one_line and "\n" in text else text)


def _pair(draw: st.DrawFn, page: Written, path: Path, name: str, value: Any, *, on_one_line: bool) -> None:
    """A key with its value; a table may be spread over dotted keys where nothing is left of it."""
    path = (*path, name)
    page.note(path)
    page.put(_key(draw, name))
    while isinstance(value, dict) and len(value) == 1 and draw(st.booleans()):
        ((name, value),) = value.items()
        page.put(_blank(draw) + "." + _blank(draw))
        path = (*path, name)
        page.note(path)
        page.put(_key(draw, name))
    page.put(_blank(draw) + "=" + _blank(draw))
    _value(draw, page, path, value, on_one_line=on_one_line)


def _dotted(draw: st.DrawFn, page: Written, path: Path, outer: Path, table: Document) -> None:
    """A table by dotted keys, one for each of its own: `bonus.unit = 'month'`."""
    for name, value in table.items():
        for depth in range(len(outer)):
            page.starts.setdefault((*path, *outer[: depth + 1]), -1)
            if page.starts[(*path, *outer[: depth + 1])] < 0:
                page.note((*path, *outer[: depth + 1]))
            page.put(_key(draw, str(outer[depth])) + _blank(draw) + "." + _blank(draw))
        _pair(draw, page, (*path, *outer), name, value, on_one_line=False)
        page.put(_comment(draw) + "\n")


def _rest(draw: st.DrawFn, page: Written, path: Path, table: Document, *, is_header: bool) -> None:
    """The keys of a table that has a header: those that stand below it first, then tables with headers of their own."""
    below: list[tuple[str, Any]] = []
    for name, value in table.items():
        is_tables = isinstance(value, list) and value and all(isinstance(part, dict) for part in value)
        how = draw(st.sampled_from(["inline", "header", "dotted"]))
        if is_header and how == "header" and (isinstance(value, dict) or is_tables):
            below.append((name, value))
        elif how == "dotted" and isinstance(value, dict) and value:
            _dotted(draw, page, path, (name,), value)
        else:
            page.put(_blank(draw))
            _pair(draw, page, path, name, value, on_one_line=False)
            page.put(_comment(draw) + "\n")
    for name, value in below:
        for number, part in enumerate(value if isinstance(value, list) else [value]):
            whole = (*path, name, number) if isinstance(value, list) else (*path, name)
            _header(draw, page, whole)
            _rest(draw, page, whole, part, is_header=True)


def _header(draw: st.DrawFn, page: Written, path: Path) -> None:
    is_item = isinstance(path[-1], int)
    names = [(step, path[: number + 1]) for number, step in enumerate(path) if isinstance(step, str)]
    page.put("[[" if is_item else "[")
    for number, (name, way) in enumerate(names):
        page.put((_blank(draw) + "." + _blank(draw)) if number else _blank(draw))
        if way not in page.starts or (number == len(names) - 1 and not is_item):
            page.note(way)
        if number == len(names) - 1 and is_item:
            page.note(path)
        page.put(_key(draw, name))
    page.put(_blank(draw) + ("]]" if is_item else "]") + _comment(draw) + "\n")


def tables_of(value: Any, path: Path = ()) -> list[Path]:
    """The paths of the tables of a document whose keys are those of a class, where any other key is a fault."""
    found = [path] if isinstance(value, dict) and "knots" not in value and _is_closed(path) else []
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, part in parts for place in tables_of(part, (*path, key))]


def _is_closed(path: Path) -> bool:
    match path:
        case () | ("bonus",) | ("bonus" | "who" | "vetoes" | "overrides" | "timeline", *_, int()):
            return True
        case ("profiles" | "phases" | "grades" | "scoring" | "plans", _):
            return True
        case ("plans", _, "holdback") | ("plans", _, "components", _) | ("plans", _, *_, int()):
            return True
        case _:
            return False


def planted(value: Any, path: Path, key: str) -> Any:
    """A copy of a document with a key that there is not, in the table at a path."""
    if not path:
        return {**value, key: "x"}
    if isinstance(value, dict):
        return {name: planted(part, path[1:], key) if name == path[0] else part for name, part in value.items()}
    return [planted(part, path[1:], key) if number == path[0] else part for number, part in enumerate(value)]


def spelt(path: Path) -> str:
    """A path as problems write it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


@given(strategies.schemes(), st.data())
def test_a_fault_has_the_place_at_which_it_was_planted(scheme: lp.Scheme, data: st.DataObject) -> None:
    """Tables, inline tables, dotted keys, lists and arrays of tables: one to three faults, all of them in one pass."""
    document = json.loads(lp.schemes.write_scheme(scheme))
    faults = data.draw(st.lists(st.sampled_from(tables_of(document)), min_size=1, max_size=3, unique=True))
    for number, path in enumerate(faults):
        document = planted(document, path, f"no key {number}")
    page = data.draw(written(document))
    expected = {
        (spelt((*path, f"no key {number}")), page.place((*path, f"no key {number}")))
        for number, path in enumerate(faults)
    }

    assert expected == {(item.where, item.at) for item in refused("".join(page.parts))}


def test_nothing_follows_from_a_profile_on_top_that_could_not_be_read() -> None:
    """It may add to any other, so its payees and its weights in a phase and a unit, below 100%, are no faults."""
    text = """
        name = "branch"
        currency = "CNY"
        effective = 2026-01-01
        scoring.default = { missing = "zero", places = 1, rounding = "half up" }
        profiles.desk.weights = { disbursed_amount = "100%" }
        profiles.more = { stands = "on top", weights = { npl_ratio = "10%" }, wieghts = "x" }
        phases.care.weights.more = { npl_ratio = "20%" }
        who = [{ profile = "desk", role = "senior" }, { profile = "more", role = "senior" }]
        overrides = [{ unit = "north", since = 2026-02-01, profile = "more", weights = { npl_ratio = "5%" } }]
        """

    assert ["$.profiles.more.wieghts"] == [item.where for item in refused(text)]


def leaves_of(value: Any, path: Path = ()) -> list[Path]:
    """The paths of what is no table and no list."""
    if not isinstance(value, (dict, list)):
        return [path]
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    return [place for key, part in parts for place in leaves_of(part, (*path, key))]


def replaced(value: Any, path: Path) -> Any:
    """A copy of a document with an empty table where a word or number is wanted."""
    if not path:
        return {}
    if isinstance(value, dict):
        return {name: replaced(part, path[1:]) if name == path[0] else part for name, part in value.items()}
    return [replaced(part, path[1:]) if number == path[0] else part for number, part in enumerate(value)]


@st.composite
def in_json(draw: st.DrawFn, document: Document) -> Written:
    """A document as JSON with blanks anywhere."""
    page = Written([], {})

    def write(path: Path, value: Any) -> None:
        if not isinstance(value, (dict, list)):
            page.put(json.dumps(value, ensure_ascii=draw(st.booleans())))
            return
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        page.put("{" if isinstance(value, dict) else "[")
        for number, (key, part) in enumerate(parts):
            page.put(("," if number else "") + draw(st.sampled_from(["", " ", "\n", "\r\n\t"])))
            page.note((*path, key))
            page.put(f"{json.dumps(key)}{_blank(draw)}:{_blank(draw)}" if isinstance(value, dict) else "")
            write((*path, key), part)
        page.put(_blank(draw) + ("}" if isinstance(value, dict) else "]"))

    write((), document)
    return page


@given(strategies.schemes(), st.sampled_from(["toml", "json"]), st.data())
def test_a_wrong_value_has_the_place_of_its_key_or_of_itself_in_a_list(
    scheme: lp.Scheme, form: str, data: st.DataObject
) -> None:
    """Down to a number within the knots of a curve; two at once, of which neither hides the other."""
    document = json.loads(lp.schemes.write_scheme(scheme))
    wrong = data.draw(st.lists(st.sampled_from(leaves_of(document)), min_size=1, max_size=2, unique=True))
    for path in wrong:
        document = replaced(document, path)
    page = data.draw(written(document) if form == "toml" else in_json(document))
    found = {(item.where, item.at) for item in refused("".join(page.parts), form)}

    assert {(spelt(path), page.place(path)) for path in wrong} <= found
