"""Mutations: the source of a module -> faults of it, small changes of its functions, each at another place.

What comes to the same, or to something of which nobody is told, is no fault, and is not planted:

- functions that make texts, reasons, tables and messages, or refuse what is no plan: what they say is held word for
  word by tests of their own;
- whether there is anything at all (`len`, `size`, `any`, `all`, `is None`), by which work is skipped that would do
  nothing; and the fill of a column where it is not looked at (`x * 0` that becomes `x * 1`);
- how large a number can become (`bounded`, `largest`, `most`, `_LARGE`, `-MISSING`), by which the type of a column is
  chosen;
- a denominator of 1 where there is none, whose quotient is not looked at;
- the sign in a number of a pair (`row * size + column`): with a minus each pair has a number of its own as well;
- zero and -1 moved by one in a comparison: an amount of zero adds nothing, and -1 is no place; the sign is turned
  instead;
- `&` and `|` where one side only asks whether there is a place (`x >= 0`): what lies at place -1 is not looked at.
"""

import ast
import re
import types
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

from attrs import frozen

FAULTS = 10
"""How many are planted in a module."""


@frozen(eq=False)
class Fault:
    """One change of a module."""

    module: Path
    line: int
    last_line: int
    function: str
    """The outermost function or class that has it."""
    what: str
    tree: ast.Module
    """The module without a fault; all its faults share it."""
    change: Callable[[], None]
    """What makes it wrong."""

    def compiled(self) -> types.CodeType:
        """The module with the fault; the tree is changed, so that a process can plant one fault of a module."""
        self.change()
        return compile(ast.fix_missing_locations(self.tree), str(self.module), "exec")

    def __str__(self) -> str:
        return f"line {self.line} in {self.function}: {self.what}"


_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
_OTHER = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "left": "right", "right": "left"}


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each way in which a node can be made wrong: what it is called, and what does it."""
    match node:
        case ast.Compare(ops=[op], comparators=[other]) if type(op) in _FLIPPED:
            new = (_TURNED if _is_number(other) else _FLIPPED)[type(op)]
            yield f"{type(op).__name__} became {new.__name__}", lambda: node.ops.__setitem__(0, new())
        case ast.BinOp():
            yield from _of_sums(node)
        case ast.BoolOp(op=ast.And()):
            yield "and became or", lambda: setattr(node, "op", ast.Or())
        case ast.BoolOp(op=ast.Or(), values=[*_, last]) if not isinstance(last, (ast.Tuple, ast.List, ast.Constant)):
            yield "or became and", lambda: setattr(node, "op", ast.And())
        case ast.UnaryOp(op=ast.Invert() | ast.Not()):
            yield "not is dropped", lambda: _twice(node)
        case ast.IfExp() if not _asks_whether_any(node.test):
            yield "the two sides of an if are swapped", lambda: _swap_sides(node)
        case _:
            yield from _of_words(node)


def _of_sums(node: ast.BinOp) -> Iterator[tuple[str, Callable[[], None]]]:
    match node.right:
        case ast.Constant(value=int() as value) if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult)) and _counts(node):
            yield f"{value} became {value + 1}", lambda: setattr(node.right, "value", value + 1)
        case _:
            pass
    match node.op:
        case ast.Add() if not _is_text(node):
            if not _is_code_of_two(node):
                yield "+ became -", lambda: setattr(node, "op", ast.Sub())
            yield "the second term is dropped", lambda: setattr(node, "right", ast.Constant(0))
        case ast.Sub():
            yield "- became +", lambda: setattr(node, "op", ast.Add())
            yield "the order of a difference is swapped", lambda: _swap(node)
        case ast.BitAnd() if not (_is_place(node.left) or _is_place(node.right)):
            yield "& became |", lambda: setattr(node, "op", ast.BitOr())
        case ast.BitOr() if not (_is_type(node) or _is_place(node.left) or _is_place(node.right)):
            yield "| became &", lambda: setattr(node, "op", ast.BitAnd())
        case _:
            pass


def _of_words(node: ast.AST) -> Iterator[tuple[str, Callable[[], None]]]:
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _OTHER:
            yield f"{name} became {_OTHER[name]}", lambda: _rename(node.func, _OTHER[name])
        case ast.Constant(value=str() as word) if word in _OTHER:
            yield f"{word!r} became {_OTHER[word]!r}", lambda: setattr(node, "value", _OTHER[word])
        case ast.Attribute(attr="HALF_UP" | "DOWN" | "FLOOR"):
            yield "another rounding", lambda: setattr(node, "attr", "UP")
        case _:
            pass


def _counts(node: ast.BinOp) -> bool:
    """Whether a number is more than what fills a column, as 0 is in `x * 0`."""
    return not (isinstance(node.op, ast.Mult) and isinstance(node.right, ast.Constant) and node.right.value in (0, 1))


def _is_number(node: ast.expr) -> bool:
    return isinstance(node.operand if isinstance(node, ast.UnaryOp) else node, ast.Constant)


def _asks_whether_any(test: ast.AST) -> bool:
    """Whether it asks if there is something, by which work is skipped where there is nothing."""
    return any(
        (isinstance(part, ast.Attribute) and part.attr in ("size", "any", "all"))
        or (isinstance(part, ast.Name) and part.id in ("len", "isinstance", "any", "all"))
        or (isinstance(part, ast.Constant) and part.value is None)
        for part in ast.walk(test)
    )


def _is_one(node: ast.expr) -> bool:
    """Whether it keeps a denominator from being zero."""
    return isinstance(node, ast.Call) and any(isinstance(arg, ast.Constant) and arg.value == 1 for arg in node.args)


def _is_place(node: ast.expr) -> bool:
    """Whether it asks if there is a place."""
    match node:
        case ast.Compare(ops=[ast.GtE() | ast.Lt()], comparators=[ast.Constant(value=0)]):
            return True
        case _:
            return False


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(part, (ast.JoinedStr, ast.Tuple, ast.List))
        or (isinstance(part, ast.Constant) and isinstance(part.value, str))
        for part in ast.walk(node)
    )


def _is_code_of_two(node: ast.BinOp) -> bool:
    """Whether it numbers pairs, as `row * size + column` does: with a minus, each pair has a number of its own too."""
    match node.left:
        case ast.BinOp(op=ast.Mult(), right=ast.Name(id=name)):
            return name.isupper() or name in ("size", "wide")
        case ast.BinOp(op=ast.Mult(), right=ast.Call(func=ast.Name(id="len"))):
            return True
        case _:
            return False


def _asks_how_large(node: ast.AST) -> bool:
    """Whether it asks how large numbers are, and nothing else."""
    return isinstance(node, ast.BinOp | ast.Compare) and any(
        ast.unparse(part) in ("_LARGE", "large", "-MISSING") for part in ast.walk(node) if isinstance(part, ast.expr)
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


_SAYS = re.compile(
    r"why|told|said|says|text|html|shown|frame|explain|note|fault|error|remed|must|check|cells|repr|named|data|__|label|"
    r"words|reason|read|step|nothing|refus|wrong|struck|cut$|happened|_with$|late$|past$|lacking|seen|calendar"
)
"""What functions are called that make reasons, messages and tables, or refuse: other tests hold these."""


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Each node of the bodies of functions, with the outermost name that has it; but for what only says something."""
    for top in tree.body:
        if isinstance(top, ast.FunctionDef) and not (_SAYS.search(top.name) or _makes_texts(top)):
            yield from ((node, top.name) for node in _within(top))
        elif isinstance(top, ast.ClassDef):
            for inner in top.body:
                if isinstance(inner, ast.FunctionDef) and not (_SAYS.search(inner.name) or _makes_texts(inner)):
                    yield from ((node, f"{top.name}.{inner.name}") for node in _within(inner))


def _makes_texts(function: ast.FunctionDef) -> bool:
    """Whether what it returns is for readers, as its type says."""
    returned = "" if function.returns is None else ast.unparse(function.returns)
    return bool(re.fullmatch(r"Label|(Iterator\[)?Explanation\]?|tuple\[Explanation, \.\.\.\]|\w+Error", returned))


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """What is worked out in a node: no message of an error, no reason, no type."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.FunctionDef) and child not in node.body:
            continue
        if isinstance(child, (ast.Raise, ast.JoinedStr, ast.arguments, ast.Slice)) or _says(child):
            continue
        if _is_one_or_any(child) or _bounds(child) or _asks_how_large(child):
            continue
        if isinstance(child, ast.FunctionDef) and _makes_texts(child):
            continue
        if isinstance(child, ast.AnnAssign):
            yield from () if child.value is None else _and_within(child.value)
            continue
        yield from _and_within(child)


def _is_one_or_any(node: ast.AST) -> bool:
    """Whether it is a test of whether there is anything, or a guard of a denominator."""
    if isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp)):
        return _asks_whether_any(node)
    return isinstance(node, ast.expr) and _is_one(node) and _called(node) in _OTHER


def _bounds(node: ast.AST) -> bool:
    """Whether it says how large a number can become, or makes a reason when somebody asks."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in _BOUNDS
        case ast.keyword(arg=str() as name):
            return name in (*_BOUNDS, "why", "steps", "error")
        case _:
            return _called(node) in _BOUNDS


def _called(node: ast.AST) -> str:
    return str(getattr(node.func, "id", getattr(node.func, "attr", ""))) if isinstance(node, ast.Call) else ""


_BOUNDS = ("bounded", "largest", "most", "bound", "must_fit", "fits", "limit_of")


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
    """Ten faults of a module, each at another place and as many functions as there are: by chance, yet always the same.

    What is chosen depends on the text of a place alone, so that a change elsewhere in the module leaves it as it is.
    """
    by_function: dict[str, list[tuple[ast.AST, Fault]]] = {}
    for node, fault in sorted(all_faults_of(module), key=lambda found: _lot(*found)):
        by_function.setdefault(fault.function, []).append((node, fault))
    chosen: dict[ast.AST, Fault] = {}
    while len(chosen) < FAULTS and any(by_function.values()):
        for name in sorted(by_function, key=lambda name: sha256(name.encode()).digest()):
            left = [(node, fault) for node, fault in by_function[name] if node not in chosen]
            by_function[name] = left[1:]
            chosen |= dict(left[:1])
    return [*chosen.values()][:FAULTS]


def all_faults_of(module: Path) -> list[tuple[ast.AST, Fault]]:
    """Every fault of a module, with the node that it changes."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return [(node, _fault(module, tree, node, name, *one)) for node, name in _places(tree) for one in _changes(node)]


def _lot(node: ast.AST, fault: Fault) -> bytes:
    return sha256(f"{fault.module.name} {fault.function} {fault.what} {ast.unparse(node)}".encode()).digest()


def _fault(module: Path, tree: ast.Module, node: ast.AST, name: str, what: str, change: Callable[[], None]) -> Fault:
    line = getattr(node, "lineno", 0)
    return Fault(module, line, getattr(node, "end_lineno", line), name, what, tree, change)
