"""What errors and problems say in English, and whether `messages.zh.toml` has the Chinese of it.

A sentence is followed from the error that says it back to where it is written: through variables, parameters,
constants, tables and what functions return or yield. `{}` stands for a value. Names are looked up in the file that uses
them and in what it imports; a method is looked up by its name alone.

Followed: texts, f-strings, `+`, `if` and `or` within an expression, `format`, `join`, `get` and the other methods of
`_METHODS`, lists and tables, `return`, `yield` and `yield from`, and `evolve(problem, fault=..., remedy=...)`.

Not followed, so that nothing asks for the Chinese of it: what a property or a `partial` gives, a field that is read by
attribute (`rule.fault`; only constants are looked up by attribute), lambdas, `%`, a
function whose name more than four functions have, and a clause of one word. Write a sentence in a way that is followed.

    python tools/messages.py      list the sentences without Chinese, by file and line
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import TypeAlias

from loanperf._chinese import catalogue

SOURCE = Path(__file__).resolve().parent.parent / "src" / "loanperf"
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Part: TypeAlias = tuple[int, ...]
"""Which part of a value is meant: places in tuples, and `EACH` for every element of a list or value of a table."""

EACH = -1
_MOST, _DEPTH = 64, 40
_NO_WORDS = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
_WORDS = {"where", "fault", "found", "remedy", "what", "law", "fact", "name", "needed_by", "profile"}
"""Fields of errors that are sentences."""
_SAYING = {"Problem", "Fault", "ValueError", "TypeError", "BadParameter"}
"""Classes that say something and are no error of the library."""
_PROSE = re.compile(r"[a-zA-Z]{2,}[ ,;:'’]+\S*[a-zA-Z{]|\{\}[ ,;:]+[a-z]|[a-z]{2,}[,;:]? \{\}")
_NO_PROSE = re.compile(r"<t|SELECT|IS NULL|[A-Z]{3} [A-Z]{3}")
_PASSED_ON = {
    "next",
    "min",
    "max",
    "tuple",
    "list",
    "sorted",
    "dict",
    "MappingProxyType",
    "fromkeys",
    "frozenset",
    "set",
}


class Sentences:
    """The sentences of errors in source files."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.trees = {file: ast.parse(file.read_text("utf-8")) for file in files}
        self.file: dict[ast.AST, Path] = {}
        self.home: dict[ast.AST, Function | None] = {}
        self.functions: dict[str, list[Function]] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.constants: dict[str, list[ast.expr]] = {}
        self.calls: dict[str, list[ast.Call]] = {}
        self.results: dict[Function | None, list[tuple[ast.expr, bool]]] = {}
        """What each function returns or yields, and whether it yields it."""
        self.imported: dict[Path, set[str]] = {file: set() for file in self.trees}
        self.labelled: list[str] = []
        """Keys of tables under which words stand in both languages already."""
        self.found: dict[str, str] = {}
        self._asked: set[tuple[str, str]] = set()
        self._said: set[ast.expr] = set()
        self._known: dict[tuple[ast.expr, Part], list[str]] = {}
        self._given: dict[Function, dict[str, list[tuple[ast.expr, Part]]]] = {}
        for file, tree in self.trees.items():
            self._index(tree, None, file)

    def _index(self, node: ast.AST, home: Function | None, file: Path) -> None:
        for child in _parts_of(node):
            self.home[child], self.file[child] = home, file
            if isinstance(child, Function):
                self.functions.setdefault(child.name, []).append(child)
            elif isinstance(child, ast.ClassDef):
                self.classes[child.name] = child
            elif isinstance(child, ast.Call):
                self.calls.setdefault(_name_of(child.func), []).append(child)
            elif isinstance(child, ast.Assign | ast.AnnAssign) and home is None:
                for name, value in _constants(child):
                    self.constants.setdefault(name, []).append(value)
            self._index_value(child, home, file)
            self._index(child, child if isinstance(child, Function) else home, file)

    def _index_value(self, node: ast.AST, home: Function | None, file: Path) -> None:
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                self.imported[file].update(alias.asname or alias.name for alias in names)
            case (
                ast.Return(value=ast.expr() as value)
                | ast.Yield(value=ast.expr() as value)
                | ast.YieldFrom(value=value)
            ):
                self.results.setdefault(home, []).append((value, isinstance(node, ast.Yield)))
            case ast.Dict(keys=keys, values=values):
                self.labelled += [
                    str(key.value)
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant) and isinstance(value, ast.Call) and _name_of(value.func) == "Label"
                ]
            case _:
                pass

    def collect(self) -> dict[str, str]:
        """Each sentence, with the file and line of its error."""
        for name, calls in self.calls.items():
            for call in calls if self._says(name) else ():
                for said in [*call.args, *(one.value for one in call.keywords if one.arg in _WORDS)]:
                    self._say(said)
        self._say_changes()
        for name, node in self.classes.items():
            if self._says(name):
                self._say_frames(node)
        done: set[tuple[str, str]] = set()
        while waiting := self._asked - done:
            done |= waiting
            for name, parameter in sorted(waiting):
                self._say_arguments(name, parameter)
        for label in self.labelled:
            self.found.pop(label, None)
        return self.found

    def _says(self, name: str) -> bool:
        """Whether a class is an error, or says something of one."""
        node = self.classes.get(name)
        bases = [_name_of(base) for base in node.bases] if node is not None else []
        return name in (*_SAYING, "LoanPerfError", "Exception") or any(self._says(base) for base in bases)

    def _say(self, node: ast.expr) -> None:
        """Collect what an expression can say, clause by clause."""
        if node not in self._said:
            self._said.add(node)
            for text in self._texts(node):
                self._collect(text, node)

    def _collect(self, text: str, node: ast.AST) -> None:
        for clause in re.split(r"; |(?<=\?) ", text.replace("{{}}", "{}")):
            if _PROSE.search(clause) and not _NO_PROSE.search(clause):
                place = f"{self.file[node].relative_to(SOURCE)}:{getattr(node, 'lineno', 0)}"
                self.found.setdefault(clause, place)

    def _say_changes(self) -> None:
        """Collect what is said of a problem anew."""
        for call in self.calls.get("evolve", []):
            for said in (one.value for one in call.keywords if one.arg in ("fault", "remedy")):
                self._say(said)

    def _say_frames(self, error: ast.ClassDef) -> None:
        """Collect what an error puts around its fields."""
        for node in ast.walk(error):
            match node:
                case ast.Assign(targets=[ast.Name(id="_says")], value=value):
                    for text in self._texts(value):
                        self._collect(re.sub(r"\{\{0.*?\}\}", "{}", text), node)
                case ast.FunctionDef(name="_said"):
                    for value, _ in self.results.get(node, []):
                        for text in self._texts(value, (0,)):
                            self._collect(text, node)
                case _:
                    pass

    def _say_arguments(self, name: str, parameter: str) -> None:
        """Collect what calls of a function, or of a class, pass for a parameter."""
        functions, node = self.functions.get(name, []), self.classes.get(name)
        orders = [[one.arg for one in _parameters(function)] for function in functions]
        orders += [_fields(node)] if node is not None else []
        for call in self.calls.get(name, []):
            if node is None and not any(self._reaches(call, function) for function in functions):
                continue
            for said in _arguments(call, parameter, orders):
                self._say(said)

    def _reaches(self, call: ast.Call, function: Function) -> bool:
        """Whether a call can be one of a function of this name."""
        here, names = self.file[call], self.imported[self.file[call]]
        is_method = any(one.arg in ("self", "cls") for one in _parameters(function)[:1])
        if isinstance(call.func, ast.Attribute):
            return is_method or _name_of(call.func.value) in names
        return not is_method and (self.file[function] == here or function.name in names)

    # ── what an expression can be ───────────────────────────────────────────────────────────────────────────

    def _texts(self, node: ast.expr, part: Part = (), depth: int = 0) -> list[str]:
        key = (node, part)
        if key not in self._known:
            self._known[key] = []  # what leads back to itself says nothing more
            follow = getattr(self, f"_{type(node).__name__.lower()}", None)
            if follow is not None and depth < _DEPTH and len(part) < 5:
                self._known[key] = list(dict.fromkeys(follow(node, part, depth + 1)))[:_MOST]
        return self._known[key]

    def _several(self, nodes: Iterable[ast.expr | None], part: Part, depth: int) -> list[str]:
        return [text for node in nodes if node is not None for text in self._texts(node, part, depth)]

    def _constant(self, node: ast.Constant, part: Part, _: int) -> list[str]:
        return [_doubled(node.value)] if isinstance(node.value, str) and not part else []

    def _joinedstr(self, node: ast.JoinedStr, _: Part, depth: int) -> list[str]:
        return ["".join(words) for words in product(*(self._hole(value, depth) for value in node.values))]

    def _hole(self, node: ast.expr, depth: int) -> list[str]:
        """A part of a sentence: its words, or `{}`; what comes and goes with its own blank or comma is told apart."""
        if isinstance(node, ast.Constant):
            return [_doubled(str(node.value))]
        if not isinstance(node, ast.FormattedValue):
            return ["{}"]
        texts = self._texts(node.value, (), depth) if node.format_spec is None else []
        if (
            texts
            and len(texts) <= 6
            and all(text in ("", "s") or text[0] in " ,;:(" or text[-1] in " ,;:" for text in texts)
        ):
            return texts
        self._say(node.value)
        return ["{}"]

    def _ifexp(self, node: ast.IfExp, part: Part, depth: int) -> list[str]:
        return [text for one in (node.body, node.orelse) for text in self._texts(one, part, depth) or ["{}"]]

    def _boolop(self, node: ast.BoolOp, part: Part, depth: int) -> list[str]:
        return [text for one in node.values for text in self._texts(one, part, depth) or ["{}"]]

    def _namedexpr(self, node: ast.NamedExpr, part: Part, depth: int) -> list[str]:
        return self._texts(node.value, part, depth)

    def _starred(self, node: ast.Starred, part: Part, depth: int) -> list[str]:
        return self._texts(node.value, part, depth)

    def _binop(self, node: ast.BinOp, part: Part, depth: int) -> list[str]:
        left, right = self._texts(node.left, part, depth), self._texts(node.right, part, depth)
        if _is_list(node):
            return left + right
        return [a + b for a, b in product(left or ["{}"], right or ["{}"])] if isinstance(node.op, ast.Add) else []

    def _tuple(self, node: ast.Tuple | ast.List | ast.Set, part: Part, depth: int) -> list[str]:
        if not part or part[0] == EACH:
            return self._several(node.elts, part[1:], depth)
        return self._several(node.elts[part[0] : part[0] + 1], part[1:], depth)

    _list = _set = _tuple

    def _dict(self, node: ast.Dict, part: Part, depth: int) -> list[str]:
        if [getattr(key, "value", "") for key in node.keys] == ["en", "zh"]:
            return []  # it stands in both languages
        return self._several(node.values, part[1:] if part[:1] == (EACH,) else part, depth)

    def _generatorexp(self, node: ast.GeneratorExp | ast.ListComp, part: Part, depth: int) -> list[str]:
        return self._texts(node.elt, part[1:] if part[:1] == (EACH,) else part, depth)

    _listcomp = _generatorexp

    def _subscript(self, node: ast.Subscript, part: Part, depth: int) -> list[str]:
        return self._texts(
            node.value, (EACH, *part) if isinstance(node.value, ast.Name | ast.Attribute) else part, depth
        )

    def _attribute(self, node: ast.Attribute, part: Part, depth: int) -> list[str]:
        is_constant = node.attr.isupper() or node.attr.startswith("_")
        return self._several(self.constants.get(node.attr, []) if is_constant else [], part, depth)

    def _name(self, node: ast.Name, part: Part, depth: int) -> list[str]:
        function = self.home.get(node)
        while function is not None:
            if function not in self._given:
                self._given[function] = _given_in(function)
            if values := self._given[function].get(node.id):
                return [text for value, place in values for text in self._texts(value, (*place, *part), depth)]
            if node.id in {one.arg for one in _parameters(function)}:
                if not part:
                    self._asked.add((self._owner(function), node.id))
                return []
            function = self.home.get(function)
        values_of = self.constants.get(node.id, [])
        own = [value for value in values_of if self.file[value] == self.file[node]]
        return self._several(own or (values_of if node.id in self.imported[self.file[node]] else []), part, depth)

    def _owner(self, function: Function) -> str:
        """The name by which a function is called: its own, or that of its class."""
        owners = (name for name, node in self.classes.items() if function in node.body)
        return next(owners, function.name) if function.name == "__init__" else function.name

    def _call(self, node: ast.Call, part: Part, depth: int) -> list[str]:
        name = _name_of(node.func)
        if isinstance(node.func, ast.Attribute) and name in _METHODS:
            return self._method(node, node.func.value, part, depth)
        if name in _PASSED_ON:
            return self._several(node.args, part, depth)
        reached = [one for one in self.functions.get(name, []) if self._reaches(node, one)]
        found = []
        for function in reached if len(reached) <= 4 else ():
            for value, is_yielded in self.results.get(function, []):
                found += self._texts(value, part[1:] if is_yielded and part[:1] == (EACH,) else part, depth)
        return found

    def _method(self, node: ast.Call, text: ast.expr, part: Part, depth: int) -> list[str]:
        """What a method of texts and tables gives."""
        match _name_of(node.func):
            case "format" | "format_map" as name:
                for value in [*node.args, *(one.value for one in node.keywords)]:
                    self._say(value)
                return [re.sub(r"\{\{.*?\}\}", "{}", one) for one in self._texts(text, part, depth)]
            case "join":
                for value in node.args:
                    self._say(value)
                return []
            case "get":
                return self._texts(text, (EACH, *part), depth)
            case "values" | "items" as name:
                return self._texts(text, (EACH, *part[(1 if name == "values" else 2) :]), depth)
            case _:
                return self._texts(text, part, depth)


_METHODS = {
    "format",
    "format_map",
    "join",
    "get",
    "values",
    "items",
    "removeprefix",
    "removesuffix",
    "strip",
    "replace",
}


def _parts_of(node: ast.AST) -> Iterator[ast.AST]:
    """What stands within a node, without operators and uses of names: they say nothing, and are half of all nodes."""
    for name in node._fields:
        value = getattr(node, name, None)
        for part in value if isinstance(value, list) else (value,):
            if isinstance(part, ast.AST) and not isinstance(part, _NO_WORDS):
                yield part


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _constants(node: ast.Assign | ast.AnnAssign) -> Iterator[tuple[str, ast.expr]]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        match target, node.value:
            case ast.Name(id=name), ast.expr() as value:
                yield name, value
            case ast.Tuple(elts=targets), ast.Tuple(elts=values):
                yield from ((_name_of(one), value) for one, value in zip(targets, values, strict=True))
            case _:
                pass


def _parameters(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _fields(node: ast.ClassDef) -> list[str]:
    return [_name_of(item.target) for item in node.body if isinstance(item, ast.AnnAssign)]


def _arguments(call: ast.Call, parameter: str, orders: Iterable[list[str]]) -> Iterator[ast.expr]:
    yield from (one.value for one in call.keywords if one.arg == parameter)
    for names in orders:
        if parameter in names:
            place = names.index(parameter) - (names[0] in ("self", "cls") and isinstance(call.func, ast.Attribute))
            yield from call.args[place : place + 1]


def _given_in(function: Function) -> dict[str, list[tuple[ast.expr, Part]]]:
    """What names are given in a function: values, with the part of them that each is."""
    given: dict[str, list[tuple[ast.expr, Part]]] = {}

    def give(target: ast.expr, value: ast.expr, part: Part) -> None:
        if isinstance(target, ast.Name):
            given.setdefault(target.id, []).append((value, part))
        for index, one in enumerate(target.elts if isinstance(target, ast.Tuple) else ()):
            give(one, value, (*part, index))

    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    give(target, value, ())
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                give(target, value, ())
            case ast.NamedExpr(target=target, value=value) | ast.AugAssign(target=target, value=value):
                give(target, value, ())
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                give(target, value, (EACH,))
            case _:
                pass
    return given


def _is_list(node: ast.expr) -> bool:
    match node:
        case ast.BinOp(left=left, right=right):
            return _is_list(left) or _is_list(right)
        case ast.IfExp(body=body, orelse=orelse):
            return _is_list(body) or _is_list(orelse)
        case _:
            return isinstance(node, ast.List | ast.Tuple | ast.ListComp)


def sentences() -> dict[str, str]:
    """Each sentence of errors of the library, with the file and line of its error."""
    return Sentences(sorted(SOURCE.rglob("*.py"))).collect()


if __name__ == "__main__":
    for text, place in sentences().items():
        if text not in catalogue():
            print(place, text)
