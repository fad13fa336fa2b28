"""What is wrong as a value, the parent of all errors, and the languages in which both are said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from loanperf._chinese import filled, in_chinese


def shown(value: object, limit: int = 80) -> str:
    """What was found, as it is printed in messages: its `repr`, cut at `limit` characters.

    >>> shown("万" * 100, limit=8)
    "'万万万万万万… (100 characters)"
    """
    if isinstance(value, str) and len(value) > limit:
        return f"{value[: limit - 1]!r}"[: limit - 1] + f"… ({len(value)} characters)"
    try:
        text = repr(value)
    except ValueError:  # Python prints no int of more than some thousand digits.
        text = f"<{type(value).__name__} too long to print>"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def meant_by(given: object, known: Iterable[str], otherwise: str = "") -> str:
    """What to do about a name that is not known: write the one that is nearest in spelling, else what is said."""
    close = get_close_matches(str(given), [*known], 1)
    return f"did you mean {close[0]!r}?" if close else otherwise


def is_encodable(text: str) -> bool:
    r"""Whether text can be written in UTF-8, and so kept in a file or database.

    >>> is_encodable("万"), is_encodable("\ud800")
    (True, False)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


Subject: TypeAlias = tuple[str, str]
"""What a row is about: `payee`, `loan`, `customer` or `unit`, and its code; `target` or `reading`, and what `value_for`
gives; `amounts` or `credits`, and the loan; `exchange rate`, and what `rate_for` gives; `trainings`, … and who."""


def value_for(indicator: str, payee: str, period: object = None) -> str:
    """By what a target or reading goes that a problem loses or lacks; a row may say of which period it is."""
    return f"{indicator} {payee}" if period is None else f"{indicator} {payee} {period}"


def rate_for(currency: str, into: str) -> str:
    """By what an exchange rate goes that a problem loses or lacks."""
    return f"{currency} {into}"


Language: TypeAlias = str
"""A language tag: English (`en`, `en-US`, …) or simplified Chinese (`zh`, `zh-CN`, `zh_Hans`, …); see `spoken`."""

_TAG = re.compile(r"(en|zh)(-[a-z]{4})?(-(?:[a-z]{2}|[0-9]{3}))?")
_SPOKEN: Mapping[str, Literal["en", "zh"]] = MappingProxyType({"en": "en", "zh": "zh"})
_SAY = "pass 'en' or 'zh' (simplified Chinese; 'zh-CN' and 'zh-Hans' are the same)"
_ENGLISH, _SIMPLIFIED = ("", "-latn"), ("", "-cn", "-sg", "-my")


def spoken(language: object) -> Literal["en", "zh"]:
    """The language that a tag asks for: English, or Chinese in simplified characters.

    Capitals do not matter, `_` is read as `-`, and what follows a dot is passed over (`zh_CN.UTF-8`).
    Chinese is simplified without a script or region, with the script `Hans`, or in China, Singapore and Malaysia.
    Traditional Chinese (`zh-TW`, `zh-HK`, `zh-Hant`) and all other languages are refused: nobody gets another language
    than the one that was asked for.

    Raises:
        DataError: it is no such tag.

    >>> spoken("zh-CN"), spoken("zh_Hans"), spoken("en-US")
    ('zh', 'zh', 'en')
    """
    if not isinstance(language, str):
        raise DataError("language", f"{shown(language)} is no language tag", _SAY)
    if language in _SPOKEN:
        return _SPOKEN[language]
    tag = language.partition(".")[0].lower().replace("_", "-")
    found = _TAG.fullmatch(tag)
    if found is not None:
        primary, script, region = found[1], found[2] or "", found[3] or ""
        if primary == "en" and script in _ENGLISH:
            return "en"
        if primary == "zh" and (script == "-hans" or (not script and region in _SIMPLIFIED)):
            return "zh"
    raise DataError("language", f"{shown(language)} is not spoken here", _SAY)


AT_A_PLACE = "{0.where}: {0.fault}; {0.remedy}"
"""How an error at a place is said."""
_FIELD = re.compile(r"\{0\.\w+(?:!r)?\}")


class LoanPerfError(Exception):
    """What every error of loanperf is: catch this one to catch all that it raises where input cannot be used.

    >>> print(DataError("loans.csv row 3", "it is empty", "give zero or more").text("zh"))
    loans.csv 第 3 行：为空；请填写不小于 0 的数值
    """

    __module__ = "loanperf.errors"  # examples of methods are not run then: they stand in the text of the class

    _says = ""  # of its fields; empty is what it was raised with

    def _said(self) -> tuple[str, Sequence[object]]:
        """A sentence with `{}` for values, and the values."""
        if not self._says:
            return "{}", (super().__str__(),)
        return _FIELD.sub("{}", self._says), [field.format(self) for field in _FIELD.findall(self._says)]

    def __str__(self) -> str:
        return self.text()

    def text(self, language: Language = "en") -> str:
        """What it says, in a language; `str` gives the same in English."""
        sentence, values = self._said()
        return filled(sentence, values) if spoken(language) == "zh" else sentence.format(*values)


@frozen
class DataError(LoanPerfError):
    """Data that a host supplied and that cannot be read at all."""

    __module__ = "loanperf.errors"

    where: str
    fault: str
    remedy: str
    lacks: Subject | tuple[()] = ()
    """What is not there and would have to be, where a refused row may have said it; empty where it is another fault."""

    _says = AT_A_PLACE


@frozen
class Problem:
    """One fault among many: a row, a cell or a path that could not be used.

    >>> Problem("loans.csv row 3, column amount", "it is empty", "", "give zero or more").text("zh")
    'loans.csv 第 3 行，列 amount：为空；请填写不小于 0 的数值'
    """

    __module__ = "loanperf.errors"

    where: str
    """Where it is: a file and row, a path in a scheme such as `$.bonus`, or the fields that tell a fact apart."""
    fault: str
    """What is wrong, as a clause without a full stop."""
    found: str
    """What was there, as printed by `shown`; empty where nothing was."""
    remedy: str
    """What would be right, or what to do."""
    payee: str = field(default="", kw_only=True)
    """The code of the payee whom it concerns; empty where it is nobody's, or not known."""
    loan: str = field(default="", kw_only=True)
    """The code of the loan that it concerns; empty where it is about none."""
    row: int | None = field(default=None, kw_only=True)
    """The row of a table, as a spreadsheet numbers it; None where it is about none."""
    column: str = field(default="", kw_only=True)
    """The heading of the column, as the table has it; empty where it is about none."""
    at: tuple[int, int] | None = field(default=None, kw_only=True)
    """Line and column of the text of a scheme, each from 1; None where it is about none."""
    loses: Subject | None = field(default=None, kw_only=True, eq=False, repr=False)
    """What the row would have said, such as `("payee", "E04")`; whatever `lacks` it follows from this problem."""
    lacks: Subject | None = field(default=None, kw_only=True, eq=False, repr=False)
    """What is not there and would have to be; see `causes_of`."""
    fact: tuple[str, ...] = field(default=(), kw_only=True, eq=False, repr=False)
    """The natural key of the fact that it is about, where that fact was taken in before; `where` may name two alike."""
    is_counted: bool = field(default=False, kw_only=True, eq=False, repr=False)
    """Whether it counts in scores and pay as it stands: a drawing above what was signed, a rate that holds for none."""

    _table: str = field(default="", kw_only=True, eq=False, repr=False)
    """The source, where `where` is in another language than English and does not say it in a way that is known."""

    @property
    def source(self) -> str:
        """The table or file that the row is in, such as `loans.csv`; empty where the problem is about no row."""
        if self._table:
            return self._table
        where = self.where.removesuffix(f", column {self.column}")
        return "" if self.row is None else where.removesuffix(f" row {self.row}")

    def __str__(self) -> str:
        at = " (line {}, column {})".format(*self.at) if self.at else ""
        return f"{self.where}{at}: {self.fault}{f' (found {self.found})' if self.found else ''}; {self.remedy}"

    def to(self, language: Language) -> Problem:
        """The problem with `where`, `fault` and `remedy` in a language; all other fields, and values in these, stay."""
        if spoken(language) == "en":
            return self
        where, fault, remedy = map(in_chinese, (self.where, self.fault, self.remedy))
        return evolve(self, where=where, fault=fault, remedy=remedy, table=self.source)

    def text(self, language: Language = "en") -> str:
        """What it says, in a language; `str` gives the same in English."""
        if spoken(language) == "en":
            return str(self)
        said, at = self.to("zh"), "（第 {} 行第 {} 列）".format(*self.at) if self.at else ""
        return f"{said.where}{at}：{said.fault}{f'（实际为 {said.found}）' if said.found else ''}；{said.remedy}"


@frozen
class Cause:
    """One thing to mend: a problem, those that are alike, and those that follow from them.

    >>> rows = [Problem(f"loans.csv row {row}", "it is empty", "", "fill it in", row=row) for row in (3, 2)]
    >>> [cause.beside("zh") for cause in causes_of(rows)]
    [('共 2 行有同样的问题：2、3',)]
    """

    __module__ = "loanperf.errors"

    problem: Problem
    """The first."""
    alike: tuple[Problem, ...]
    """All that say the same of rows of one table, the first among them."""
    follows: tuple[Problem, ...] = ()
    """What would be no problem without these, such as the loans of a payee whose row was refused."""

    @property
    def count(self) -> int:
        """How many problems there are in it."""
        return len(self.alike) + len(self.follows)

    def beside(self, language: Language = "en") -> tuple[str, ...]:
        """What is to be said beside the first problem: how many are alike and where, and how many follow."""
        said, (in_rows, in_places, mark, follow) = [], _WORDS[spoken(language)]
        if len(self.alike) > 1:
            places = [
                item.to(language).where if item.row is None else str(item.row) for item in self.alike[:NAMED_PLACES]
            ]
            places += ["…"] if len(self.alike) > NAMED_PLACES else []
            alike = in_places if self.problem.row is None else in_rows
            said.append(alike.format(len(self.alike), mark.join(places)))
        if self.follows:
            said.append(follow.format(len(self.follows), self.follows[0].to(language).where))
        return tuple(said)

    def text(self, language: Language = "en") -> str:
        """The first problem and what is to be said beside it, in a language."""
        joint = "; " if spoken(language) == "en" else "；"
        return joint.join((self.problem.text(language), *self.beside(language)))

    def __str__(self) -> str:
        return self.text()


NAMED_PLACES = 5
"""How many of the places are named that have the same problem."""
_WORDS = {
    "en": ("the same in {} rows: {}", "the same in {} places: {}", ", ", "{} more follow from it, the first: {}"),
    "zh": ("共 {} 行有同样的问题：{}", "共 {} 处有同样的问题：{}", "、", "由此另有 {} 处无法使用，首处为 {}"),
}


def causes_of(problems: Iterable[Problem]) -> tuple[Cause, ...]:
    """Problems by what causes them, in natural order of place: row 2 comes before row 10.

    A problem follows from the one that `loses` what it `lacks`, and so from what that one follows from. Problems that
    say the same of one column of one table, or lack the same, are one cause. None is left out: the counts of the causes
    sum to the problems.

    >>> row = Problem("assignments.csv row 5", "no currency", "'9000'", "add it", row=5, loses=("payee", "E04"))
    >>> loan = Problem("loan L1", "it counts for nobody", "", "assign somebody", lacks=("payee", "E04"))
    >>> [(str(cause.problem), cause.count) for cause in causes_of([loan, row])]
    [("assignments.csv row 5: no currency (found '9000'); add it", 2)]
    """
    ordered = sorted(problems, key=natural_order)
    losing: dict[Subject, Problem] = {}
    for problem in ordered:
        if problem.loses is not None:
            losing.setdefault(problem.loses, problem)
    alike: dict[tuple[object, ...], list[Problem]] = {}
    groups: dict[int, tuple[object, ...]] = {}
    following: list[tuple[Problem, Problem]] = []
    for problem in ordered:
        root = _root(problem, losing)
        if root is not problem:
            following.append((root, problem))
            continue
        same = (problem.source, problem.column, problem.fault, problem.remedy, problem.lacks)
        # What is about no row, such as a path of a document, is alike only where it lacks the same.
        group = same if problem.source or problem.lacks else (*same, problem.where)
        alike.setdefault(group, []).append(problem)
        groups[id(problem)] = group
    follows: dict[tuple[object, ...], list[Problem]] = {group: [] for group in alike}
    for root, problem in following:
        follows[groups[id(root)]].append(problem)
    return tuple(Cause(same[0], tuple(same), tuple(follows[group])) for group, same in alike.items())


def _root(problem: Problem, losing: dict[Subject, Problem]) -> Problem:
    """The problem from which one follows in the end; itself where it follows from none, or from itself."""
    passed = [problem]
    while passed[-1].lacks is not None and passed[-1].lacks in losing:
        before = losing[passed[-1].lacks]
        if any(before is item for item in passed):
            return min(passed, key=natural_order)
        passed.append(before)
    return passed[-1]


def natural_order(problem: Problem) -> tuple[object, ...]:
    """A key that sorts problems by place, with numbers by their value: row 2 comes before row 10."""
    return (natural_key(problem.where), problem.where, problem.fault, problem.found, problem.remedy)


_DIGITS = re.compile("([0-9]+)")


def natural_key(text: str) -> list[Any]:
    """A key that sorts texts with their numbers by value: `row 2` comes before `row 10`."""
    words = enumerate(_DIGITS.split(text))
    return [(len(number := word.lstrip("0")), number) if index % 2 else word for index, word in words]
