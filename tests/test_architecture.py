"""The map, the package and the linter tell one story, so that a reader can trust any of them."""

import ast
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from doctest import DocTestFinder
from importlib import import_module
from inspect import cleandoc
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.sources import PACKAGE, sources

import loanperf as lp

ROOT = Path(__file__).parents[1]
EDGES = {
    *("adapters", "alerts", "archive", "cli", "goals", "opening", "progress", "report", "tables", "testing", "tracker"),
    "analytics",
    "disputes",
    "outcomes",
    "cycle",
    "learning",
    "reviews",
    "viewer",
    "__main__",
}
INNER = {
    "_chinese",
    "_problems",
    "_alert_rules",
    "_charts",
    "_curves",
    "_data",
    "_scorecard",
    "_holdback",
    "_rounding",
    "_feeds",
    "_kinds",
    "_numbers",
    "_pace",
    "_people",
    "_seals",
    "_streams",
    "_tables",
    "_units",
    "_validators",
}
"""What no host names."""
STEPS = ("_people", "_facts", "_indicators", "_appraisal", "_bonus", "_commission", "_ledger")
"""The steps of the flow that work over columns, and the people of whom they speak."""
REASONS = {"_commission/_rates.py", "_commission/_reasons.py"}
"""What says of one line why it comes to what it does; it works with the Fractions that a reader sees."""
OF_NUMPY = {
    *("abs", "append", "arange", "argsort", "array", "asarray", "bincount", "concatenate", "count_nonzero", "cumsum"),
    *("diff", "empty_like", "flatnonzero", "full", "logical_or", "maximum", "minimum", "repeat", "searchsorted"),
    *("setdiff1d", "sort", "split", "union1d", "unique", "where"),
}
"""What steps may call of numpy: what comes out has the type of what goes in, or is places or truths."""
TYPED = {"astype", "dtype", "itemsize", "mean", "std", "var", "view"}
"""Methods and arguments that choose a number type, or say which it is."""
TYPES = {"bool", "complex", "float", "int", "object"}
"""Names that say so where they are given to a method or to numpy."""


def contracts() -> list[dict[str, Any]]:
    """What the import linter is asked to hold."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def layers(container: str = "loanperf") -> list[str]:
    """The modules from the ground up, as the import linter has them."""
    (layered,) = (contract["layers"] for contract in contracts() if contract.get("containers") == [container])
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


def test_every_import_contract_has_an_offence_that_proves_it() -> None:
    """`tools/prove_contracts.py` breaks each contract once, and takes too long to run here."""
    offences = runpy.run_path(str(ROOT / "tools" / "prove_contracts.py"))["OFFENCES"]

    assert {contract["name"] for contract in contracts()} == set(offences)


def test_the_package_imports_its_modules_in_the_order_of_the_flow() -> None:
    """The public namespace reads as the flow does; the edges stay out, so that no extra is needed."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    names = [name for statement in tree.body for name in imported(statement)]
    modules = [module for module, _ in groupby(names)]

    assert [layer for layer in layers() if layer not in EDGES | INNER] == modules


def test_packages_are_known_by_what_they_offer() -> None:
    """A name that another package takes from an inner module cannot be changed there without looking everywhere."""
    inner = re.compile(r"loanperf\.(_numbers|_kinds|_facts|_indicators)\._\w+")
    taken = [
        f"{source.place}: {module}"
        for source in sources()
        for module in source.imported
        if (found := inner.fullmatch(module)) and found[1] not in source.place.parts
    ]

    assert [] == taken


def test_no_two_classes_have_one_name() -> None:
    """A name in an error, a review or a search means one thing."""
    places: dict[str, list[str]] = {}
    for source in sources():
        for name in source.classes:
            places.setdefault(name, []).append(str(source.place))

    assert {} == {name: found for name, found in places.items() if len(found) > 1}


def test_nothing_grows_out_of_sight() -> None:
    """A function fits on a screen and a module in a head: 60 and 600 lines."""
    too_long = []
    for source in sources():
        if len(source.text.splitlines()) > 600:
            too_long.append(str(source.place))
        too_long += [f"{source.place}: {name}" for name, lines in source.functions if lines > 60]

    assert [] == too_long


def number_types(tree: ast.AST) -> Iterator[str]:
    """How code chooses number types, or asks for them: by numpy, by a float, or by a division, which gives floats."""
    nodes = [*ast.walk(tree)]
    owners = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if name not in OF_NUMPY:
                yield name
            case ast.Name(id="np" | "NDArray" as name) if id(node) not in owners:
                yield name
            case ast.Import() | ast.ImportFrom() if (
                "numpy" in (said := ast.unparse(node)) and said != "import numpy as np"
            ):
                yield said
            case ast.Call(func=ast.Attribute(attr=name)) | ast.keyword(arg=str(name)) if name in TYPED:
                yield name
            case ast.Attribute(attr="dtype" | "itemsize" as name):
                yield name
            case ast.Call(func=ast.Attribute(), args=given, keywords=named):
                values = [*given, *(one.value for one in named)]
                yield from (value.id for value in values if isinstance(value, ast.Name) and value.id in TYPES)
                texts = (value.value for value in values if isinstance(value, ast.Constant))
                yield from (text for text in texts if isinstance(text, str) and is_type(text))
            case ast.Call(func=ast.Name(id="float")) | ast.Constant(value=float()) | ast.BinOp(op=ast.Div()):
                yield ast.unparse(node)
            case _:
                pass


NUMPY = "import numpy as np"


def is_type(text: str) -> bool:
    """Whether numpy takes a text for a number type."""
    try:
        return bool(text.strip("\0 \n")) and np.dtype(text) is not None
    except (TypeError, ValueError):
        return False


def test_no_step_names_a_number_type() -> None:
    """One bound in `_numbers` decides between int64 and Python ints; a step that chooses for itself may wrap."""
    said = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for step in STEPS
        for path in sorted([*PACKAGE.glob(f"{step}.py"), *PACKAGE.glob(f"{step}/**/*.py")])
        if path.relative_to(PACKAGE).as_posix() not in REASONS
        for name in number_types(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert [] == said


@pytest.mark.parametrize(
    "code",
    [
        "np.zeros(3, np.int64)",
        "np.zeros(3)",
        "np.array(given, dtype=bool)",
        "np.array(given, 'int64')",
        "found.searchsorted(given, '<f8')",
        "np.full(3, 0.5)",
        "np.full(3, 1, object)",
        "np.mean(given)",
        "np.integer",
        "getattr(np, 'int64')",
        "found.astype(int)",
        "found.view('i8')",
        "found.mean()",
        "found.sum(initial=0, dtype='O')",
        "found.dtype == object",
        "found.take(places, float)",
        "found / 2",
        "float(found)",
        "from numpy import float64",
        "from numpy.typing import NDArray",
        "import numpy",
        "import numpy as other",
        "given: NDArray[Any]",
    ],
)
def test_a_step_that_names_a_number_type_is_found(code: str) -> None:
    """A search that misses a way of saying it keeps nothing."""
    assert [*number_types(ast.parse(code))]


def test_the_glossary_names_what_exists() -> None:
    """A term that points at nothing sends its reader on a search."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    names = re.findall(r"`lp\.([\w.]+)`", text)

    assert names
    for name in names:
        assert attrgetter(name)(lp) is not None, name


def test_what_errors_and_docstrings_name_is_there() -> None:
    """A remedy that names a function nobody can call is no remedy."""
    named = {name for source in sources() for name in re.findall(r"\blp\.(\w+)", source.text)}

    assert [] == [name for name in sorted(named) if not hasattr(lp, name)]


def test_every_example_of_a_docstring_is_run() -> None:
    """An example that is not collected may say what is wrong; methods of a class with another `__module__` are not."""
    shown = [source for source in sources() if ">>> " in source.text]
    names = {".".join(("loanperf", *source.place.with_suffix("").parts)).removesuffix(".__init__") for source in shown}
    modules = [import_module(name) for name in sorted(names | {"loanperf.errors"})]
    run = {
        cleandoc(test.docstring or "") for module in modules for test in DocTestFinder(exclude_empty=True).find(module)
    }
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    lost = [
        f"{source.place}:{getattr(node, 'lineno', 1)}"
        for source in shown
        for node in ast.walk(ast.parse(source.text))
        if isinstance(node, documented) and ">>> " in (text := ast.get_docstring(node, clean=False) or "")
        if cleandoc(text) not in run
    ]

    assert len(shown) > 40
    assert [] == lost


def test_every_public_name_is_there() -> None:
    """A name that `__all__` promises and nobody imports would break `from loanperf import *`."""
    assert [] == [name for name in lp.__all__ if not hasattr(lp, name)]
    assert len(lp.__all__) < 100


def test_a_name_that_has_moved_says_where_it_is() -> None:
    """Who wrote `lp.Curve` for the first edition is told what to write now."""
    with pytest.raises(AttributeError, match=r"no attribute 'Curve': it is lp\.schemes\.Curve$"):
        attrgetter("Curve")(lp)
    with pytest.raises(AttributeError, match=r"no attribute 'Curv'$"):
        attrgetter("Curv")(lp)


def test_importing_the_library_imports_nothing_that_is_slow_and_may_not_be_needed() -> None:
    """A host pays for pint when it reads the first unit, and for what an extra brings when it uses the extra."""
    late = ("pint", "pandas", "polars", "pyarrow", "duckdb", "openpyxl", "sqlalchemy", "typer", "hypothesis")
    code = f"import sys, loanperf; print([name for name in {late} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
