"""The map, the package and the linter tell one story, so that a reader can trust any of them."""

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import loanperf as lp

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "loanperf"
EDGES = {"adapters", "batch", "cli", "testing", "__main__"}
INNER = {"_feeds", "_kinds", "_numbers", "_people", "_tables", "_units", "_validators"}
"""What no host names."""
STEPS = {"_facts", "_indicators"}
"""The steps of the flow that work over columns."""
NUMBER_TYPES = re.compile(r"u?int(8|16|32|64|p|_|c)|float(16|32|64|_)|double|bool_|object_|datetime64|dtype|astype")
"""Names in which code says of what type the numbers of an array are."""
PLAIN_TYPES = {"int", "float", "bool", "object"}
"""Names that say so where they are given to numpy."""


def layers(container: str = "loanperf") -> list[str]:
    """The modules from the ground up, as the import linter has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (layered,) = (contract["layers"] for contract in contracts if contract.get("containers") == [container])
    return list(reversed(layered))


def on_the_map(heading: str) -> list[str]:
    """The modules that a table of ARCHITECTURE.md names, in its order."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `(\w+)/?` \|", text.split(f"# {heading}\n")[1].split("\n#")[0], re.MULTILINE)


def imported(statement: ast.stmt) -> Iterator[str]:
    """The modules of the package that a statement imports, in its order."""
    match statement:
        case ast.ImportFrom(module="loanperf", names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module)) if module.startswith("loanperf."):
            yield module.split(".")[1]
        case ast.Import(names=names):
            yield from (alias.name.split(".")[1] for alias in names if alias.name.startswith("loanperf."))
        case _:
            pass


def test_the_code_map_is_the_order_of_imports() -> None:
    """A reader learns from ARCHITECTURE.md what stands on what; a map that lags behind misleads."""
    assert layers() == on_the_map("Code map")
    assert layers("loanperf.batch") == on_the_map("Columns")


def test_the_package_imports_its_modules_in_the_order_of_the_flow() -> None:
    """The public namespace reads as the flow does; the edges stay out, so that no extra is needed."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    names = [name for statement in tree.body for name in imported(statement)]
    modules = [module for module, _ in groupby(names)]

    assert [layer for layer in layers() if layer not in EDGES | INNER] == modules


def test_no_two_classes_have_one_name() -> None:
    """A name in an error, a review or a search means one thing."""
    places: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(PACKAGE)))

    assert {} == {name: found for name, found in places.items() if len(found) > 1}


def test_nothing_grows_out_of_sight() -> None:
    """A function fits on a screen and a module in a head: 60 and 600 lines."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    too_long = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > 600:
            too_long.append(path.name)
        found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, functions)]
        too_long += [f"{path.name}: {f.name}" for f in found if (f.end_lineno or 0) - f.lineno >= 60]

    assert [] == too_long


def number_types(tree: ast.AST) -> Iterator[str]:
    """What code says of number types: by name, attribute, argument or import, or as what it gives to numpy."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)) | ast.alias(name=name):
                if NUMBER_TYPES.fullmatch(name):
                    yield name
            case ast.Call(func=ast.Attribute(value=ast.Name(id="np")), args=arguments):
                yield from (given.id for given in arguments if isinstance(given, ast.Name) and given.id in PLAIN_TYPES)
                texts = (given.value for given in arguments if isinstance(given, ast.Constant))
                yield from (text for text in texts if isinstance(text, str) and NUMBER_TYPES.fullmatch(text))
            case _:
                pass


def test_no_step_names_a_number_type() -> None:
    """One bound in `_numbers` decides between int64 and Python ints; a step that chooses for itself may wrap."""
    said = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for step in sorted(STEPS)
        for path in sorted((PACKAGE / step).rglob("*.py"))
        for name in number_types(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert [] == said


def test_a_step_that_names_a_number_type_is_found() -> None:
    """A search that misses a way of saying it keeps nothing."""
    ways = {
        "np.int64": "np.zeros(3, np.int64)",
        "an argument": "np.zeros(3, dtype=bool)",
        "a method": "found.astype(int)",
        "an import": "from numpy import float64",
        "text": "np.array(given, 'int64')",
        "object": "np.array(given, object)",
    }

    assert [] == [way for way, code in ways.items() if not [*number_types(ast.parse(code))]]


def test_the_glossary_names_what_exists() -> None:
    """A term that points at nothing sends its reader on a search."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    names = re.findall(r"`lp\.([\w.]+)`", text)

    assert names
    for name in names:
        assert attrgetter(name)(lp) is not None, name


def test_every_public_name_is_there() -> None:
    """A name that `__all__` promises and nobody imports would break `from loanperf import *`."""
    assert [] == [name for name in lp.__all__ if not hasattr(lp, name)]
