"""Everything that can go wrong: errors to raise, and `Problem`, an error as a value.

A wrong scheme or call raises a `LoanPerfError`; a wrong row among many becomes a `Problem` beside the results. Each
says what is wrong, where, what was there and what to do, in English and by `text("zh")` in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import field, frozen

from loanperf._chinese import filled
from loanperf._problems import (
    AT_A_PLACE,
    NAMED_PLACES,
    Cause,
    DataError,
    Language,
    LoanPerfError,
    Problem,
    Subject,
    causes_of,
    is_encodable,
    meant_by,
    natural_key,
    natural_order,
    rate_for,
    shown,
    spoken,
    value_for,
)

__all__ = [
    "NAMED_PLACES",
    "AllocationError",
    "AwardError",
    "Cause",
    "ConflictError",
    "CurveError",
    "DataError",
    "EmptyPeriodError",
    "FactError",
    "FeedError",
    "FloatError",
    "Language",
    "LawError",
    "LedgerError",
    "LoanPerfError",
    "MeasureError",
    "MissingExtraError",
    "MissingReadingError",
    "NoAssignmentError",
    "OrganisationError",
    "PayError",
    "PeriodError",
    "Problem",
    "QuantityError",
    "ResolveError",
    "RightsError",
    "SchemeError",
    "StoreError",
    "Subject",
    "TargetError",
    "UnitError",
    "UnknownIndicatorError",
    "UnknownPayeeError",
    "VersionError",
    "WeightsError",
    "causes_of",
    "is_encodable",
    "meant_by",
    "natural_key",
    "natural_order",
    "problem_of",
    "rate_for",
    "shown",
    "spoken",
    "value_for",
]


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)


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

    def _said(self) -> tuple[str, Sequence[object]]:
        return "cannot read {} as a quantity: {}; {}", (shown(self.found), self.fault, self.remedy)


@frozen
class FloatError(LoanPerfError):
    """A binary float where an exact number is needed."""

    found: object

    def _said(self) -> tuple[str, Sequence[object]]:
        value = str(self.found)
        if value.lstrip("-") in ("nan", "inf"):
            return "{} is a float and no number; pass a finite one, as a string with its unit, Decimal or int", (value,)
        sentence = (
            "{} is a float, and a float is not exact; pass a string with its unit, such as '100万元' or '3%',"
            " Decimal('{}') or an int"
        )
        return sentence, (value, value)


@frozen
class UnitError(LoanPerfError):
    """A quantity in another unit than the one needed, two currencies in one sum among them."""

    what: str
    found: str
    expected: str

    def _said(self) -> tuple[str, Sequence[object]]:
        found, expected = self.found, self.expected
        if not found:
            return "{} is in no unit; it must be in {}", (self.what, expected)
        if not expected:
            return "{} is in {}; it must be in no unit", (self.what, found)
        return "{} is in {}; it must be in {}", (self.what, found, expected)


@frozen
class PeriodError(LoanPerfError):
    """A date, period or tenor that cannot be."""

    found: object
    fault: str
    remedy: str

    def _said(self) -> tuple[str, Sequence[object]]:
        return "{} is not a valid period or date: {}; {}", (shown(self.found), self.fault, self.remedy)


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

    def text(self, language: Language = "en") -> str:
        """What it says, in a language: a line for what causes each problem."""
        return _listed("the organisation cannot be used", (), causes_of(self.problems), language)


@frozen
class NoAssignmentError(LoanPerfError):
    """A payee who has no role on a date, or no unit of that code."""

    who: str
    when: str
    known: tuple[str, ...] = field(default=(), converter=_names)

    def _said(self) -> tuple[str, Sequence[object]]:
        values = (repr(self.who), self.when)
        if not self.known:
            return "{} has no assignment on {}; add one that covers that date", values
        return "{} has no assignment on {}; add one that covers that date; known: {}", (*values, _some(self.known))


@frozen
class UnknownPayeeError(LoanPerfError):
    """A code that is no payee's."""

    payee: str
    known: tuple[str, ...] = field(converter=_names)

    def _said(self) -> tuple[str, Sequence[object]]:
        if meant := meant_by(self.payee, self.known):
            return "nothing is known of a payee {}; {} known: {}", (repr(self.payee), meant, _some(self.known))
        return "nothing is known of a payee {}; known: {}", (repr(self.payee), _some(self.known))


@frozen
class FactError(LoanPerfError):
    """A fact that cannot be true as given."""

    fact: str
    name: str
    found: object
    remedy: str

    def _said(self) -> tuple[str, Sequence[object]]:
        return "{}: {} cannot be {}; {}", (self.fact, self.name, shown(self.found), self.remedy)


@frozen
class EmptyPeriodError(LoanPerfError):
    """A period of which nothing at all is known: no fact is dated in it or before it."""

    period: str
    first: str
    last: str
    refused: tuple[Problem, ...] = ()
    """Rows that could not be used."""

    def _said(self) -> tuple[str, Sequence[object]]:
        sentence = "nothing is known of {}, since no fact is dated in it or before it"
        values: list[object] = [self.period]
        if self.first:
            sentence += "; the facts run from {} to {}: choose a period among them or supply its facts"
            values += [self.first, self.last]
        else:
            sentence += "; there are no facts at all: choose a period among them or supply its facts"
        if self.refused:
            sentence += "; {} row(s) were refused, the first: {}"
            values += [len(self.refused), self.refused[0]]
        return sentence, values


# ── schemes and scores ──────────────────────────────────────────────────────────────────────────────────────


@frozen
class SchemeError(LoanPerfError):
    """A scheme document with faults; all of them at once, each with its path."""

    source: str
    problems: tuple[Problem, ...]
    what: str = "scheme"

    def text(self, language: Language = "en") -> str:
        """What it says, in a language: a line for each problem."""
        return _listed(f"{{}} is not a valid {self.what}", (self.source,), self.problems, language)


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
    meant: str = ""
    """The code of the indicator whose name was given in place of its code; empty where none has that name."""

    def _said(self) -> tuple[str, Sequence[object]]:
        if meant := meant_by(self.meant or self.code, self.known):
            return "no indicator is called {}; {} known: {}", (repr(self.code), meant, _some(self.known))
        return "no indicator is called {}; known: {}", (repr(self.code), _some(self.known))


@frozen
class MeasureError(LoanPerfError):
    """A measure over fields that do not exist, or with values that they cannot have."""

    where: str
    fault: str
    remedy: str
    _says = AT_A_PLACE


@frozen
class MissingReadingError(LoanPerfError):
    """A reading is needed and is not there; a weighed one, where the scheme does not say that it may be missing."""

    indicator: str
    payee: str
    available: tuple[str, ...] = field(converter=_names)
    needed_by: str = "the score"

    def _said(self) -> tuple[str, Sequence[object]]:
        values = (self.payee or "the payee", repr(self.indicator), self.needed_by, _some(self.available))
        if self.needed_by != "the score":
            return "{} has no reading of {}, which {} needs; supply one; available: {}", values
        sentence = (
            "{} has no reading of {}, which {} needs; supply one, or let the scheme say missing = 'zero' or"
            " 'renormalise'; available: {}"
        )
        return sentence, values


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
    _says = AT_A_PLACE


@frozen
class PayError(LoanPerfError):
    """Pay that cannot be netted or converted."""

    where: str
    fault: str
    remedy: str
    _says = AT_A_PLACE


# ── hosts ───────────────────────────────────────────────────────────────────────────────────────────────────


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

    def _said(self) -> tuple[str, Sequence[object]]:
        sentence = "stream {}: it was expected at version {}, and is at {}; read what is new, and append again"
        return sentence, (repr(self.stream), self.expected, self.found)


@frozen
class StoreError(LoanPerfError):
    """A store that cannot be reached, does not answer, or is not what the library knows."""

    where: str
    fault: str
    remedy: str
    _says = AT_A_PLACE


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

    def _said(self) -> tuple[str, Sequence[object]]:
        what = f'"loanperf[{self.extra}]"' if self.extra else self.package
        return "{} is not installed; run: python -m pip install {}", (self.package, what)


def _some(names: tuple[str, ...], most: int = 12) -> str:
    return (", ".join(names[:most]) or "none") + (f" and {len(names) - most} more" if len(names) > most else "")


def _listed(head: str, values: Sequence[str], problems: Sequence[Problem | Cause], language: Language) -> str:
    said = f"{head}: {{}} problem(s)"
    values = (*values, str(len(problems)))
    first = filled(said, values) if spoken(language) == "zh" else said.format(*values)
    return "\n".join([first, *(f"  - {problem.text(language)}" for problem in problems)])
