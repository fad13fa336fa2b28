"""Plants faults in the modules of pay, ten in each, and prints how many of them the tests catch.

A fault is one small change of a function, such as `<=` for `<`, `max` for `min`, or a term of a sum that is dropped;
each is planted in a process of its own, which then works books of pay at random, and where all of these come out as
before, runs the tests of the module. What nothing catches is printed with its place: it wants a test.

    python -m tools.mutants                      all modules
    python -m tools.mutants _ledger/_pay.py      one of them
"""

import argparse
import ast
import gc
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

import pytest
from attrs import frozen
from hypothesis import Phase, settings
from tests.books_of_pay import book_of_seed
from tests.months_of_pay import PayAsked, bits, played

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "loanperf"
FAULTS = 10
LEAST = 0.9
"""The part of the faults that must be caught."""
BOOKS = range(0, 2000, 25)
SECONDS = 60
"""A fault may make a loop endless."""
TESTS: dict[str, Sequence[str]] = {
    "_appraisal": ("test_scores", "test_appraisal"),
    "_bonus": ("test_scores", "test_bonus"),
    "_scorecard": ("test_scores", "test_scorecard"),
    "_commission": (
        "test_commission",
        "test_tiers",
        "test_stages",
        "test_credits",
        "test_plans",
        "test_unpaid",
        "test_bounds",
    ),
    "_ledger": ("test_ledger", "test_clawbacks", "test_corrections"),
}
"""The tests of each module or package of pay."""
OF_SCORES = ("_appraisal", "_bonus", "_scorecard")
"""Modules of which books of pay ask nothing."""
NO_RULES = ("__init__", "_plan", "_withheld", "_bounds", "_terms", "_kinds", "_accruals")
"""Modules that define what plans are, and refuse what is none."""


# ── faults ──────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class Fault:
    """One change of a module."""

    module: Path
    line: int
    function: str
    """The outermost function or class that has it."""
    what: str
    tree: ast.Module
    """The module with the fault."""

    def __str__(self) -> str:
        return f"{self.module.relative_to(PACKAGE)}:{self.line} in {self.function}: {self.what}"


_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_OTHER = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "left": "right", "right": "left"}


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each way in which a node can be made wrong: what it is called, and what does it."""
    match node:
        case ast.Compare(ops=[op], comparators=[other]) if type(op) in _FLIPPED and not _is_size(node.left, other):
            new = _FLIPPED[type(op)]
            yield f"{type(op).__name__} became {new.__name__}", lambda: node.ops.__setitem__(0, new())
        case ast.BinOp():
            yield from _of_sums(node)
        case ast.BoolOp(op=ast.And()):
            yield "and became or", lambda: setattr(node, "op", ast.Or())
        case ast.BoolOp(op=ast.Or(), values=[*_, last]) if not isinstance(last, (ast.Tuple, ast.List, ast.Constant)):
            yield "or became and", lambda: setattr(node, "op", ast.And())
        case ast.UnaryOp(op=ast.Invert() | ast.Not()):
            yield "not is dropped", lambda: _twice(node)
        case ast.IfExp():
            yield "the two sides of an if are swapped", lambda: _swap_sides(node)
        case _:
            yield from _of_words(node)


def _of_sums(node: ast.BinOp) -> Iterator[tuple[str, Callable[[], None]]]:
    match node.op:
        case ast.Add() if not _is_text(node):
            yield "+ became -", lambda: setattr(node, "op", ast.Sub())
            yield "the second term is dropped", lambda: setattr(node, "right", ast.Constant(0))
        case ast.Sub():
            yield "- became +", lambda: setattr(node, "op", ast.Add())
            yield "the order of a difference is swapped", lambda: _swap(node)
        case ast.BitAnd():
            yield "& became |", lambda: setattr(node, "op", ast.BitOr())
        case ast.BitOr() if not _is_type(node):
            yield "| became &", lambda: setattr(node, "op", ast.BitAnd())
        case _:
            pass


def _of_words(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _OTHER:
            yield f"{name} became {_OTHER[name]}", lambda: _rename(node.func, _OTHER[name])
        case ast.Constant(value=str() as word) if word in _OTHER:
            yield f"{word!r} became {_OTHER[word]!r}", lambda: setattr(node, "value", _OTHER[word])
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            yield f"{value} became {value + 1}", lambda: setattr(node, "value", value + 1)
        case ast.Attribute(attr="HALF_UP" | "DOWN" | "FLOOR"):
            yield "another rounding", lambda: setattr(node, "attr", "UP")
        case _:
            pass


def _is_size(left: ast.expr, right: ast.expr) -> bool:
    """Whether lengths are compared, by which work is skipped where there is none."""
    return any(
        (isinstance(side, ast.Attribute) and side.attr == "size")
        or (isinstance(side, ast.Call) and isinstance(side.func, ast.Name) and side.func.id == "len")
        for side in (left, right)
    )  # fmt: skip


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, (ast.JoinedStr, ast.Tuple, ast.List))
        or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in ast.walk(node)
    )


def _is_type(node: ast.BinOp) -> bool:
    return any(isinstance(part, ast.Constant) and part.value is None for part in (node.left, node.right))


def _swap(node: ast.BinOp) -> None:
    node.left, node.right = node.right, node.left


def _swap_sides(node: ast.IfExp) -> None:
    node.body, node.orelse = node.orelse, node.body


def _twice(node: ast.UnaryOp) -> None:
    node.operand = ast.copy_location(ast.UnaryOp(node.op, node.operand), node)


def _rename(func: ast.expr, name: str) -> None:
    if isinstance(func, ast.Name):
        func.id = name
    elif isinstance(func, ast.Attribute):
        func.attr = name


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Each node of the bodies of functions, with the outermost name that has it; but for what only says something."""
    for top in tree.body:
        if isinstance(top, ast.FunctionDef):
            yield from ((node, top.name) for node in _within(top))
        elif isinstance(top, ast.ClassDef):
            for inner in top.body:
                if isinstance(inner, ast.FunctionDef):
                    yield from ((node, f"{top.name}.{inner.name}") for node in _within(inner))


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """What is worked out in a node: no message of an error, no reason, no type."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.FunctionDef) and child not in node.body:
            continue
        if isinstance(child, (ast.Raise, ast.JoinedStr, ast.arguments)) or _says(child):
            continue
        if isinstance(child, ast.AnnAssign):
            yield from () if child.value is None else _and_within(child.value)
            continue
        yield from _and_within(child)


def _and_within(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    yield from _within(node)


def _says(node: ast.AST) -> bool:
    """Whether it only makes a text."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        return name in (
            "because",
            "Label",
            "Problem",
            "problem_of",
            "plain",
            "percent",
            "shown",
            "cast",
            "TypeVar",
            "range_of",
        )
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def faults_of(module: Path) -> list[Fault]:
    """Ten faults of a module, each at another place; the same ones for the same source."""
    source = module.read_text(encoding="utf-8")
    chance = Random(f"{module.name} {len(source)}")  # noqa: S311
    found: list[tuple[int, int, str, str]] = []
    for place, (node, name) in enumerate(_places(ast.parse(source))):
        for number, (what, _) in enumerate(_changes(node)):
            found.append((place, number, name, what))
    by_function: dict[str, list[tuple[int, int, str, str]]] = {}
    for item in chance.sample(found, len(found)):
        by_function.setdefault(item[2], []).append(item)
    chosen: list[tuple[int, int, str, str]] = []
    while len(chosen) < FAULTS and any(by_function.values()):
        for name in chance.sample(sorted(by_function), len(by_function)):
            places = {place for place, *_ in chosen}
            items = [item for item in by_function[name] if item[0] not in places]
            by_function[name] = items[1:]
            chosen += items[:1]
    return [_planted(module, source, *item) for item in chosen[:FAULTS]]


def _planted(module: Path, source: str, place: int, number: int, function: str, what: str) -> Fault:
    tree = ast.parse(source)
    node = next(node for at, (node, _) in enumerate(_places(tree)) if at == place)
    change = next(change for at, (_, change) in enumerate(_changes(node)) if at == number)
    change()
    line = getattr(node, "lineno", 0)
    return Fault(module, line, function, what, ast.fix_missing_locations(tree))


# ── a process with a fault ──────────────────────────────────────────────────────────────────────────────────


@cache
def _in_a_cache() -> None:
    """What is like it remembers results."""


def plant(fault: Fault) -> None:
    """Change the function in this process, whoever has imported it."""
    path = str(fault.module)
    mended = {code.co_qualname: code for code in _codes(compile(fault.tree, path, "exec"))}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__code__.co_filename == path:
            code = mended.get(thing.__code__.co_qualname)
            if code is not None and code.co_freevars == thing.__code__.co_freevars:
                thing.__code__ = code
        elif isinstance(thing, type(_in_a_cache)):
            thing.cache_clear()


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield inner
            yield from _codes(inner)


Check = tuple[str, Callable[[], object]]
"""What may catch a fault, by its name: whether all is as it should be."""


def begun(fault: Fault, checks: Sequence[Check]) -> tuple[int, int]:
    """A process with a fault, and the end of a pipe into which it says what caught it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    signal.alarm(SECONDS)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    plant(fault)
    for name, check in checks:
        if not _holds(check):
            os.write(writer, name.encode())
            break
    os._exit(0)


def _holds(check: Callable[[], object]) -> bool:
    try:
        return bool(check())
    except BaseException:  # noqa: BLE001
        return False


def found_out(faults: Sequence[Fault], checks_of: Callable[[Fault], Sequence[Check]]) -> dict[Fault, str]:
    """What catches each fault, a process for each core at a time; nothing where nothing does."""
    found: dict[Fault, str] = {}
    running: dict[int, tuple[Fault, int]] = {}
    left = [*reversed(faults)]
    while left or running:
        while left and len(running) < (os.cpu_count() or 1):
            fault = left.pop()
            child, reader = begun(fault, checks_of(fault))
            running[child] = fault, reader
        child, status = os.wait()
        fault, reader = running.pop(child)
        with os.fdopen(reader) as said:
            found[fault] = said.read() or ("it did not end" if status else "")
    return found


# ── what catches faults ─────────────────────────────────────────────────────────────────────────────────────


def books() -> list[Check]:
    """Books of pay at random, each with what it comes to now."""

    def compared(book: PayAsked, expected: str) -> Check:
        return f"book {book.seed}", lambda: expected == bits(played(book))

    some = [book_of_seed(seed) for seed in BOOKS]
    return [compared(book, bits(played(book))) for book in some]


def directed(name: str) -> Check:
    """The tests of a module, of each property a few examples."""
    options = ["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=mutants", "-m", "not slow"]
    return name, lambda: not pytest.main([*options, str(ROOT / "tests" / f"{name}.py")])


def modules_of_pay() -> list[Path]:
    """The modules that work out pay."""
    found = [PACKAGE / f"{name}.py" for name in TESTS if (PACKAGE / f"{name}.py").exists()]
    found += [path for name in TESTS for path in sorted((PACKAGE / name).rglob("*.py"))]
    return [path for path in found if path.stem not in NO_RULES]


def main() -> int:
    """Print what was caught of what was planted, by module, and what was not; 1 where that is too little."""
    asked = argparse.ArgumentParser()
    asked.add_argument("modules", nargs="*", help="such as _ledger/_pay.py; all where none is named")
    asked.add_argument("--books", action="store_true", help="work the books alone, without the tests of the modules")
    asked.add_argument("--places", action="store_true", help="print what caught each fault")
    given = asked.parse_args()
    paths = [PACKAGE / name for name in given.modules] or modules_of_pay()
    settings.register_profile(
        "mutants", deadline=None, max_examples=20, database=None, phases=[Phase.explicit, Phase.generate]
    )
    began, faults = time.time(), {path: faults_of(path) for path in paths}
    at_random = books()
    print(f"{len(at_random)} books in {time.time() - began:.0f} s", flush=True)

    def checks_of(fault: Fault) -> list[Check]:
        name = fault.module.relative_to(PACKAGE).parts[0].removesuffix(".py")
        of_scores = name in OF_SCORES
        return [*([] if of_scores else at_random), *([] if given.books else map(directed, TESTS[name]))]

    caught, planted = 0, 0
    for path, some in faults.items():
        found = found_out(some, checks_of)
        good = [fault for fault in some if found[fault]]
        print(f"{len(good):3d} of {len(some):2d}  {path.relative_to(PACKAGE)}", flush=True)
        for fault in some:
            if given.places or not found[fault]:
                print(f"          {fault}{' -> ' + found[fault] if found[fault] else ''}", flush=True)
        caught, planted = caught + len(good), planted + len(some)
    print(f"{caught} of {planted} faults are caught ({caught / max(planted, 1):.0%}), in {time.time() - began:.0f} s")
    return 0 if caught >= LEAST * planted else 1


if __name__ == "__main__":
    sys.exit(main())
