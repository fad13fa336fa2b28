"""What stands in the library's own modules, parsed once for all tests that ask of it."""

import ast
from functools import cache
from pathlib import Path

from attrs import frozen

import loanperf as lp

PACKAGE = Path(lp.__file__).parent
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


@frozen
class Source:
    """One module: what tests ask of it, without its tree."""

    place: Path
    """Below the package, such as `run/_held.py`."""
    text: str
    classes: tuple[str, ...]
    functions: tuple[tuple[str, int], ...]
    """Name and lines of each."""
    imported: tuple[str, ...]
    """The modules from which names are imported."""
    names: frozenset[str]
    words: frozenset[str]
    """Its texts, whatever they are for."""
    chinese: tuple[tuple[int, str], ...]
    """Line and text of all that stands in a `Label` after the English."""


@cache
def sources() -> tuple[Source, ...]:
    """All modules in order of their paths; the first call of a process takes a few seconds."""
    return tuple(_read(path) for path in sorted(PACKAGE.rglob("*.py")))


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    nodes = [*ast.walk(ast.parse(text))]
    functions = [node for node in nodes if isinstance(node, _FUNCTIONS)]
    return Source(
        place=path.relative_to(PACKAGE),
        text=text,
        classes=tuple(node.name for node in nodes if isinstance(node, ast.ClassDef)),
        functions=tuple((node.name, (node.end_lineno or 0) - node.lineno + 1) for node in functions),
        imported=tuple(node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)),
        names=frozenset(node.id for node in nodes if isinstance(node, ast.Name)),
        words=frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)),
        chinese=tuple(found for node in nodes if isinstance(node, ast.Call) for found in _chinese(node)),
    )


def _chinese(call: ast.Call) -> list[tuple[int, str]]:
    if not (isinstance(call.func, ast.Name) and call.func.id == "Label"):
        return []
    parts = [part for argument in call.args[1:] for part in ast.walk(argument) if isinstance(part, ast.Constant)]
    return [(part.lineno, part.value) for part in parts if isinstance(part.value, str)]
