"""Everything that can go wrong: errors to raise, and `Problem`, an error as a value.

A wrong scheme or call raises a `LoanPerfError`; a wrong row among many becomes a `Problem` beside the results. Each
says what is wrong, where, what was there and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Literal, TypeAlias

from attrs import field, frozen


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


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
    return not any("\ud800" <= character <= "\udfff" for character in text)


Subject: TypeAlias = tuple[str, str]
"""What a row is about: `payee`, `loan`, `customer` or `unit`, and its code; `target` or `reading`, and what `value_for`
gives; `amounts` or `credits`, and the loan; `exchange rate`, and what `rate_for` gives; `trainings`, … and who."""


def value_for(indicator: str, payee: str, period: object = None) -> str:
    """By what a target or reading goes that a problem loses or lacks; a row may say of which period it is."""
    return f"{indicator} {payee}" if period is None else f"{indicator} {payee} {period}"


def rate_for(currency: str, into: str) -> str:
    """By what an exchange rate goes that a problem loses or lacks."""
    return f"{currency} {into}"


@frozen
class Problem:
    """One fault among many: a row, a cell or a path that could not be used."""

    where: str
    """File and row, document path, or natural key of a fact."""
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

    @property
    def source(self) -> str:
        """The table or file of its row; empty where it is about no row."""
        where = self.where.removesuffix(f", column {self.column}")
        return "" if self.row is None else where.removesuffix(f" row {self.row}")

    def __str__(self) -> str:
        at = " (line {}, column {})".format(*self.at) if self.at else ""
        return f"{self.where}{at}: {self.fault}{f' (found {self.found})' if self.found else ''}; {self.remedy}"


@frozen
class Cause:
    """One thing to mend: a problem, those that are alike, and those that follow from them."""

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

    def beside(self, language: Literal["en", "zh"] = "en") -> tuple[str, ...]:
        """What is to be said beside the first problem: how many are alike and where, and how many follow.

        >>> rows = [Problem(f"loans.csv row {row}", "it is empty", "", "fill it in", row=row) for row in (3, 2)]
        >>> [cause.beside("zh") for cause in causes_of(rows)]
        [('共 2 行有同样的问题：2、3',)]
        """
        said, (in_rows, in_places, mark, follow) = [], _WORDS[language]
        if len(self.alike) > 1:
            places = [item.where if item.row is None else str(item.row) for item in self.alike[:NAMED_PLACES]]
            places += ["…"] if len(self.alike) > NAMED_PLACES else []
            alike = in_places if self.problem.row is None else in_rows
            said.append(alike.format(len(self.alike), mark.join(places)))
        if self.follows:
            said.append(follow.format(len(self.follows), self.follows[0].where))
        return tuple(said)

    def __str__(self) -> str:
        return "; ".join((str(self.problem), *self.beside()))


NAMED_PLACES = 5
"""How many of the places are named that have the same problem."""
_AT_A_PLACE = "{0.where}: {0.fault}; {0.remedy}"
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


class LoanPerfError(Exception):
    """The parent of every error that loanperf raises on purpose."""

    _says = ""  # of its fields; empty is what it was raised with

    def __str__(self) -> str:
        return self._says.format(self) if self._says else super().__str__()


def problem_of(where: str, error: LoanPerfError, *, payee: str = "", loan: str = "") -> Problem:
    """An error as a value: what it says before its first semicolon is the fault, the rest is the remedy."""
    fault, _, remedy = str(error).partition("; ")
    return Problem(where, fault, "", remedy, payee=payee, loan=loan, lacks=_lacked(error, payee))


def _lacked(error: LoanPerfError, payee: str) -> Subject | None:
    """What is not there, where that is what is wrong."""
    match error:
        case NoAssignmentError(who=who):
            return ("payee", who)
        case TargetError(indicator=indicator, fault="is missing"):
            return ("target", value_for(indicator, payee))
        case DataError():
            return error.lacks or None
        case MissingReadingError(indicator=indicator):
            return ("reading", value_for(indicator, payee))
        case _:
            return None


# ── quantities, periods, curves ─────────────────────────────────────────────────────────────────────────────


@frozen
class QuantityError(LoanPerfError):
    """A string or number that cannot be read as a quantity."""

    found: object
    fault: str
    remedy: str

    def __str__(self) -> str:
        return f"cannot read {shown(self.found)} as a quantity: {self.fault}; {self.remedy}"


@frozen
class FloatError(LoanPerfError):
    """A binary float where an exact number is needed."""

    found: object

    def __str__(self) -> str:
        value = str(self.found)
        if value.lstrip("-") in ("nan", "inf"):
            return f"{value} is a float and no number; pass a finite one, as a string with its unit, Decimal or int"
        return (
            f"{value} is a float, and a float is not exact; pass a string with its unit, such as '100万元' or '3%',"
            f" Decimal('{value}') or an int"
        )


@frozen
class UnitError(LoanPerfError):
    """A quantity in another unit than the one needed, two currencies in one sum among them."""

    what: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.what} is in {self.found or 'no unit'}; it must be in {self.expected or 'no unit'}"


@frozen
class PeriodError(LoanPerfError):
    """A date, period or tenor that cannot be."""

    found: object
    fault: str
    remedy: str

    def __str__(self) -> str:
        return f"{shown(self.found)} is not a valid period or date: {self.fault}; {self.remedy}"


@frozen
class CurveError(LoanPerfError):
    """Knots that do not make a curve."""

    fault: str
    remedy: str
    _says = "these knots make no curve: {0.fault}; {0.remedy}"


@frozen
class AllocationError(LoanPerfError):
    """A total that cannot be divided as asked."""

    fault: str
    remedy: str
    _says = "cannot allocate: {0.fault}; {0.remedy}"


# ── people and facts ────────────────────────────────────────────────────────────────────────────────────────


@frozen
class OrganisationError(LoanPerfError):
    """Units or assignments that contradict each other; all of them at once."""

    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return _listed("the organisation cannot be used", causes_of(self.problems))


@frozen
class NoAssignmentError(LoanPerfError):
    """A payee who has no role on a date, or no unit of that code."""

    who: str
    when: str
    known: tuple[str, ...] = field(default=(), converter=_names)

    def __str__(self) -> str:
        known = f"; known: {_some(self.known)}" if self.known else ""
        return f"{self.who!r} has no assignment on {self.when}; add one that covers that date{known}"


@frozen
class UnknownPayeeError(LoanPerfError):
    """A code that is no payee's."""

    payee: str
    known: tuple[str, ...] = field(converter=_names)

    def __str__(self) -> str:
        return _unknown("nothing is known of a payee", self.payee, self.known)


@frozen
class FactError(LoanPerfError):
    """A fact that cannot be true as given."""

    fact: str
    name: str
    found: object
    remedy: str

    def __str__(self) -> str:
        return f"{self.fact}: {self.name} cannot be {shown(self.found)}; {self.remedy}"


@frozen
class EmptyPeriodError(LoanPerfError):
    """A period of which nothing at all is known: no fact is dated in it or before it."""

    period: str
    first: str
    last: str
    refused: tuple[Problem, ...] = ()
    """Rows that could not be used."""

    def __str__(self) -> str:
        held = f"the facts run from {self.first} to {self.last}" if self.first else "there are no facts at all"
        lost = f"; {len(self.refused)} row(s) were refused, the first: {self.refused[0]}" if self.refused else ""
        fault = f"nothing is known of {self.period}, since no fact is dated in it or before it"
        return f"{fault}; {held}: choose a period among them or supply its facts{lost}"


# ── schemes and scores ──────────────────────────────────────────────────────────────────────────────────────


@frozen
class SchemeError(LoanPerfError):
    """A scheme document with faults; all of them at once, each with its path."""

    source: str
    problems: tuple[Problem, ...]
    what: str = "scheme"

    def __str__(self) -> str:
        return _listed(f"{self.source} is not a valid {self.what}", self.problems)


@frozen
class WeightsError(LoanPerfError):
    """Weights that do not sum to 100%, or a change of weights that is refused."""

    profile: str
    fault: str
    remedy: str
    _says = "weights of profile {0.profile!r}: {0.fault}; {0.remedy}"


@frozen
class UnknownIndicatorError(LoanPerfError):
    """A code that names no indicator."""

    code: str
    known: tuple[str, ...] = field(converter=_names)

    def __str__(self) -> str:
        return _unknown("no indicator is called", self.code, self.known)


@frozen
class MeasureError(LoanPerfError):
    """A measure over fields that do not exist, or with values that they cannot have."""

    where: str
    fault: str
    remedy: str
    _says = _AT_A_PLACE


@frozen
class MissingReadingError(LoanPerfError):
    """A reading is needed and is not there; a weighed one, where the scheme does not say that it may be missing."""

    indicator: str
    payee: str
    available: tuple[str, ...] = field(converter=_names)
    needed_by: str = "the score"

    def __str__(self) -> str:
        or_else = ", or let the scheme say missing = 'zero' or 'renormalise'" if self.needed_by == "the score" else ""
        return (
            f"{self.payee or 'the payee'} has no reading of {self.indicator!r}, which {self.needed_by} needs;"
            f" supply one{or_else}; available: {_some(self.available)}"
        )


@frozen
class TargetError(LoanPerfError):
    """A target that is missing, zero or above what the phase allows."""

    indicator: str
    fault: str
    remedy: str
    _says = "target of {0.indicator!r} {0.fault}; {0.remedy}"


@frozen
class ResolveError(LoanPerfError):
    """No profile, more than one, or no version of the scheme fits a payee in a period."""

    what: str
    fault: str
    remedy: str
    _says = "cannot resolve {0.what}: {0.fault}; {0.remedy}"


@frozen
class VersionError(LoanPerfError):
    """Versions of a scheme that overlap, leave a gap, or would change one in use."""

    scheme: str
    fault: str
    remedy: str
    _says = "versions of scheme {0.scheme!r}: {0.fault}; {0.remedy}"


@frozen
class AwardError(LoanPerfError):
    """A bonus that cannot be computed: its base or a reading that it needs is missing."""

    fault: str
    remedy: str
    _says = "cannot award: {0.fault}; {0.remedy}"


@frozen
class LedgerError(LoanPerfError):
    """An entry, closing or settlement that the ledger refuses."""

    where: str
    fault: str
    remedy: str
    _says = _AT_A_PLACE


@frozen
class PayError(LoanPerfError):
    """Pay that cannot be netted or converted."""

    where: str
    fault: str
    remedy: str
    _says = _AT_A_PLACE


# ── hosts ───────────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class DataError(LoanPerfError):
    """Data that a host supplied and that cannot be read at all."""

    where: str
    fault: str
    remedy: str
    lacks: Subject | tuple[()] = ()
    """What is not there and would have to be, where a refused row may have said it; empty where it is another fault."""

    _says = _AT_A_PLACE


@frozen
class LawError(LoanPerfError):
    """A law that a scheme breaks, with the example that breaks it."""

    law: str
    found: str
    remedy: str
    _says = "law {0.law!r}: {0.found}; {0.remedy}"


@frozen
class FeedError(LoanPerfError):
    """A row of a feed that a host built wrongly."""

    where: str
    name: str
    found: str
    remedy: str
    _says = "{0.where}: {0.name} is {0.found}; {0.remedy}"


@frozen
class ConflictError(LoanPerfError):
    """Records that were not appended, since somebody else has appended to the stream in the meantime."""

    stream: str
    expected: int
    found: int

    def __str__(self) -> str:
        fault = f"it was expected at version {self.expected}, and is at {self.found}"
        return f"stream {self.stream!r}: {fault}; read what is new, and append again"


@frozen
class StoreError(LoanPerfError):
    """A store that cannot be reached, does not answer, or is not what the library knows."""

    where: str
    fault: str
    remedy: str
    _says = _AT_A_PLACE


@frozen
class RightsError(LoanPerfError):
    """Somebody asks to see, or to do, what is not theirs."""

    who: str
    what: str
    """What was asked for, such as `see the pay of 'E07'`."""
    remedy: str
    _says = "{0.who!r} may not {0.what}; {0.remedy}"


@frozen
class MissingExtraError(LoanPerfError):
    """An optional dependency that is not installed; `extra` is empty where none brings it."""

    extra: str
    package: str

    def __str__(self) -> str:
        what = f'"loanperf[{self.extra}]"' if self.extra else self.package
        return f"{self.package} is not installed; run: python -m pip install {what}"


def _unknown(fault: str, given: str, known: tuple[str, ...]) -> str:
    meant = meant_by(given, known)
    return f"{fault} {given!r}; {meant + ' ' if meant else ''}known: {_some(known)}"


def _some(names: tuple[str, ...], most: int = 12) -> str:
    return (", ".join(names[:most]) or "none") + (f" and {len(names) - most} more" if len(names) > most else "")


def _listed(head: str, problems: tuple[Problem, ...] | tuple[Cause, ...]) -> str:
    return "\n".join([f"{head}: {len(problems)} problem(s)", *(f"  - {problem}" for problem in problems)])
