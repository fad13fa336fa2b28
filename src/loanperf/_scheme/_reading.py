"""Reading and writing: TOML or JSON -> Scheme, and back to an equal one."""

from __future__ import annotations

import json
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from attrs import NOTHING, evolve, fields

from loanperf._scheme._checks import problems_of
from loanperf._scheme._common import told_once, with_common
from loanperf._scheme._definition import Scheme
from loanperf._scheme._documents import is_keyed, structured, unfit
from loanperf._scheme._places import Form, WordError, faults_of_syntax, placed
from loanperf._validators import must_be
from loanperf.errors import MissingExtraError, Problem, SchemeError, is_encodable, shown

_Rules = TypeVar("_Rules")
LARGEST_BYTES = 1024 * 1024
"""A scheme file larger than this is refused unread."""
LONGEST_LINE = 20_000
"""Characters of a line; a longer one is refused unparsed."""
MOST_VALUES = 100_000
"""Keys, texts and numbers of a document; one with more is refused."""
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""")
"""A key of more than fifty parts; the time to read them grows with their square."""
TEMPLATES = (
    "consumer-finance",
    "new-hire",
    "classic",
    "volume-only",
    "expansion",
    "risk-control",
    "value",
    "mortgage",
    "unsecured",
    "worked-example",
    "taiyuan",
    "yangquan",
    "jinan",
    "corporate-20-80",
    "differentiated",
    "us-loan-officer",
    "us-matrix",
    "microfinance",
    "referral-bands",
    "balance-pool",
    "earnings-override",
)
"""Names of the schemes that come with loanperf."""


def read_scheme(path: str | Path, *, largest: int = LARGEST_BYTES) -> Scheme:
    """Read a scheme from a file that ends in `.toml` or `.json`, in UTF-8.

    Args:
        path: of the file; a link to a device is refused.
        largest: bytes; a larger file is refused unread.

    Raises:
        SchemeError: everything that is wrong with it at once, each with its path in the document; or the file cannot be
            read, and why.
    """
    given: object = path
    if not isinstance(given, (str, Path)):
        raise _refused("a scheme", "what is passed is no path", shown(given), "pass one, such as 'scheme.toml'")
    file = Path(path)
    if file.suffix not in (".toml", ".json"):
        raise _refused(str(path), "its name does not say what it is", file.suffix, "name it .toml or .json")
    source = str(path) if is_encodable(str(path)) else ascii(str(path))
    form: Form = "toml" if file.suffix == ".toml" else "json"
    return parse_scheme(_text_of(file, source, largest), form, source=source, largest=largest)


def _text_of(file: Path, source: str, largest: int) -> str:
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _refused(source, "it is no file", "", "give the path of a file")
        if status.st_size > largest:
            fault = f"it has {status.st_size} bytes, and a scheme has at most {largest}"
            raise _refused(source, fault, "", "check that this is the right file")
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(source, f"byte {error.start} is not UTF-8", "", "save it in UTF-8") from None
    except OSError as error:
        fault = f"it cannot be read: {error.strerror or error}"
        raise _refused(source, fault, "", "check the path and the rights of the file") from None
    except ValueError:
        raise _refused(source, "no file can be called so", ascii(str(file)), "give the path of a file") from None


def parse_scheme(
    text: str, form: Form = "toml", *, source: str = "the document", largest: int = LARGEST_BYTES
) -> Scheme:
    r"""Read a scheme from text.

    Args:
        text: of the document.
        form: `toml` or `json`.
        source: what errors call the document.
        largest: characters; a longer text is refused unparsed, as is a line of more than 20,000.

    Raises:
        SchemeError: as `read_scheme`; each problem has its line and column.

    >>> try:
    ...     parse_scheme("name = 'x'\nplan = {}\neffective = '2026-13-01'")
    ... except SchemeError as error:
    ...     print([(problem.where, problem.at) for problem in error.problems])
    [('$.currency', (1, 1)), ('$.profiles', (1, 1)), ('$.plan', (2, 1)), ('$.effective', (3, 1))]
    """
    _must_be_short(text, source, largest)
    document = _parsed(text, form, source)
    try:
        return scheme_of(document, source=source)
    except SchemeError as error:
        if any(not problem.where.startswith("$") for problem in error.problems):
            raise
        raise SchemeError(source, placed(error.problems, text, form)) from None


def read_rules(text: str, kind: type[_Rules], form: Form = "toml", *, source: str) -> _Rules:
    """Rules that stand in a document of their own, beside a scheme.

    Args:
        text: of the document.
        kind: the class of attrs that the document is of; its fields are the keys.
        form: `toml` or `json`.
        source: what errors call the document.

    Raises:
        SchemeError: everything that is wrong with it at once, each with its path, line and column.
    """
    _must_be_short(text, source, LARGEST_BYTES)
    found: Any = None
    more: list[tuple[str, Problem]] = []
    try:
        document = _parsed(text, form, source)
        faults = [*unfit(document)]
        if not faults:
            found, more = structured(document, kind)
    except SchemeError as error:
        raise evolve(error, what="set of rules") from None
    problems = [*faults, *(problem for _, problem in more)]
    if problems:
        raise SchemeError(source, placed(told_once(problems), text, form), "set of rules")
    rules: _Rules = found
    return rules


def _must_be_short(text: object, source: str, largest: int) -> None:
    """Refuse what is no text, or is too long to be parsed."""
    if not isinstance(text, str):
        raise _refused(source, "it is no text", shown(text), "decode it, or use scheme_of for plain values")
    if len(text) > largest:
        fault = f"it has {len(text)} characters, and a scheme has at most {largest}"
        raise _refused(source, fault, "", "check that this is the right document")
    if any(len(line) > LONGEST_LINE for line in text.splitlines()):
        raise _refused(source, f"a line has more than {LONGEST_LINE} characters", "", "break it, or check the file")


def _parsed(text: str, form: Form, source: str) -> Any:
    try:
        if form == "toml" and (found := _LONG_KEY.search(text)):
            raise _refused(source, "a key has too many parts", shown(found[0]), "a scheme has no more than ten levels")
        if form == "toml":
            return tomllib.loads(text, parse_float=_decimal)
        if form == "json":
            return json.loads(text, parse_float=_decimal, parse_constant=_constant, object_pairs_hook=_unrepeated)
        raise _refused(source, "its form is unknown", shown(form), "use 'toml' or 'json'")
    except RecursionError:
        raise _refused(source, "it is nested too deeply", "", "a scheme has no more than ten levels") from None
    except ValueError as error:
        head, remedy = f"it is not {form.upper()}", "mend the syntax there"
        faults = faults_of_syntax(text, form, error)
        raise SchemeError(
            source, tuple(Problem(source, f"{head}: {said}", "", remedy, at=at) for said, at in faults)
        ) from None


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise WordError(text) from None


def _constant(name: str) -> None:
    raise WordError(name)


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        (twice, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {shown(twice)} stands twice in one table")
    return table


def scheme_of(document: Mapping[str, Any], *, source: str = "the document", most_values: int = MOST_VALUES) -> Scheme:
    """Build a scheme from plain values, as TOML and JSON give them.

    Args:
        document: tables, lists and values, nested to at most ten levels.
        source: what errors call the document.
        most_values: a document with more tables, lists and values is refused.

    Raises:
        SchemeError: as `read_scheme`.
    """
    if not isinstance(document, Mapping):
        raise _refused(source, "it is no table", shown(document), "write the keys of a scheme")
    if _has_more(document, most_values):
        fault = f"it has more than {most_values} values"
        raise _refused(source, fault, "", "check that this is the right document")
    if faults := tuple(unfit(document)):
        raise SchemeError(source, faults)
    if _has_more_common(document, most_values):
        fault = f"with what is common, its plans have more than {most_values} values"
        raise _refused(source, fault, "", "check that this is the right document")
    document = with_common(document)
    parts: dict[str, Any] = {}
    unread: list[str] = []
    problems = [
        Problem(f"$.{key}", "there is no such key", "", f"use {', '.join(_keys())}")
        for key in document
        if key not in _keys()
    ]
    for item in fields(Scheme):
        if item.init and item.name in document:
            parts |= _part(item.name, document[item.name], problems, unread)
        elif item.init and item.default is NOTHING:
            problems.append(Problem(f"$.{item.name}", "it is missing", "", "add it"))
    problems += problems_of(parts, unread)
    if problems:
        raise SchemeError(source, told_once(problems))
    return Scheme(**parts)


def _has_more(document: Mapping[str, Any], most: int) -> bool:
    """Whether a document has more than so many tables, lists and values."""
    waiting: list[Any] = [document]
    count = 0
    while waiting and count <= most:
        value = waiting.pop()
        count += 1
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, (list, tuple)):
            waiting += value
    return count > most


def _has_more_common(document: Mapping[str, Any], most: int) -> bool:
    """Whether plans that each have what is common would have more than so many values."""
    plans = document.get("plans")
    return (
        isinstance(plans, Mapping) and bool(plans) and _has_more({"": document.get("common")}, most // len(plans) + 2)
    )


def _keys() -> tuple[str, ...]:
    return tuple(item.name for item in fields(Scheme) if item.init)


@cache
def _kinds() -> Mapping[str, Any]:
    """The type of each field of a scheme."""
    return get_type_hints(Scheme)


def _part(name: str, value: Any, problems: list[Problem], unread: list[str]) -> dict[str, Any]:
    """A field of the scheme; of a table by code or a list, what can be read although some cannot."""
    kind = _kinds()[name]
    found, faults = structured(value, kind)
    if not faults:
        return {name: found}
    problems += [Problem(f"$.{name}{fault.where[1:]}", fault.fault, fault.found, fault.remedy) for _, fault in faults]
    unread.append(name)
    if not isinstance(value, Mapping) or getattr(kind, "__origin__", None) is not tuple or not is_keyed(kind):
        return {}
    good = {code: item for code, item in value.items() if not structured({code: item}, kind)[1]}
    unread += [f"{name}.{code}" for code in value if code not in good]
    return {name: structured(good, kind)[0]} if good else {}


def write_scheme(scheme: Scheme, form: Form = "json") -> str:
    """A scheme as text that reads back to an equal one.

    Raises:
        MissingExtraError: TOML needs the extra `toml`.
        SchemeError: there is no such form.

    >>> import loanperf as lp
    >>> scheme = lp.template("classic")
    >>> parse_scheme(write_scheme(scheme), "json") == scheme
    True
    """
    must_be(scheme, Scheme, "the scheme to write", "pass an lp.Scheme")
    if form == "json":
        return json.dumps(scheme.document(), indent=2, ensure_ascii=False, default=date.isoformat) + "\n"
    if form != "toml":
        raise _refused("the scheme", "its form is unknown", shown(form), "use 'toml' or 'json'")
    try:
        import tomli_w
    except ImportError:
        raise MissingExtraError("toml", "tomli-w") from None
    return tomli_w.dumps(scheme.document())


def template(name: str) -> Scheme:
    """A scheme that comes with loanperf, by name; `TEMPLATES` lists them.

    Raises:
        SchemeError: there is no template of that name.

    >>> template("volume-only").note
    'Pays for volume; kept to compare with, and to move away from.'
    """
    return parse_scheme(template_text(name), source=f"template {name}")


def template_text(name: str) -> str:
    """The TOML text of a template, to start a scheme of one's own from."""
    if name not in TEMPLATES:
        raise _refused(shown(name), "there is no template of that name", "", f"use one of {', '.join(TEMPLATES)}")
    return (files("loanperf") / "templates" / f"{name}.toml").read_text(encoding="utf-8")


def _refused(source: str, fault: str, found: str, remedy: str) -> SchemeError:
    return SchemeError(source, (Problem(source, fault, found, remedy),))
