"""Events: what is said in the stream of feedback on a scheme; each is a record that is never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from attrs import Attribute, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._periods import day
from loanperf._quantities import number
from loanperf._scheme import Scheme, parse_scheme, write_scheme
from loanperf._streams import RESTORE, moment
from loanperf._validators import (
    a_code,
    a_hash,
    a_text,
    as_tuple,
    between,
    has_words,
    is_a,
    must_be,
    must_be_storable,
    numbers_of,
    one_of,
    some_words,
)
from loanperf.errors import DataError, LoanPerfError, shown
from loanperf.learning._plan import SCHEME, LearningPlan

FeedbackSays: TypeAlias = Literal["weight too high", "weight too low", "target unreachable", "unclear", "other"]
"""What is said of an indicator or of the scheme."""
SAYS_NAMES: Mapping[str, Label] = {
    "weight too high": Label("the weight is too high", "权重过高"),
    "weight too low": Label("the weight is too low", "权重过低"),
    "target unreachable": Label("the target cannot be reached", "目标难以达到"),
    "unclear": Label("it is unclear", "规则不清楚"),
    "other": Label("other", "其他"),
}
"""What each is called."""
ConsultedWhom: TypeAlias = Literal["employees", "representatives", "union"]
"""With whom a change was discussed: all employees, their representatives (职工代表), or the union (工会)."""


def _a_document(instance: object, attribute: Attribute[str], value: object) -> None:
    """A whole scheme, which may be longer than a text in somebody's own words."""
    must_be_storable(f"{type(instance).__name__}.{attribute.name}", value)


def _marks(given: Any) -> Any:
    """Marks by code of item, exact."""
    if not isinstance(given, Mapping) or not all(isinstance(code, str) for code in given):
        remedy = "pass marks by code of item, such as {'fair': 4}"
        raise DataError("the marks of a survey", f"they are {shown(given)}", remedy)
    found = dict[str, Fraction]()
    for code, mark in given.items():
        try:
            found[code] = mark if type(mark) is Fraction else number(mark)
        except LoanPerfError as error:
            raise DataError(f"the mark of {shown(code)}", str(error), "pass a mark of its scale, such as 4") from None
    return found


def text_hash(text: str) -> str:
    """The SHA-256 of a text in UTF-8, as hex digits.

    >>> text_hash("notice")[:12]
    '9368a7d21e01'
    """
    return sha256(text.encode()).hexdigest()


@frozen(kw_only=True)
class LearningPlanned(PlainData):
    """The plan was set: the first record of the stream."""

    plan: LearningPlan = field(validator=is_a(LearningPlan))
    by: str = field(validator=a_code)
    at: str = field(converter=moment)
    """The day, or the time with its offset from UTC; as of all events."""


@frozen(kw_only=True)
class FeedbackGiven(PlainData):
    """A payee says something of the scheme; it is known by the number of its record."""

    by: str = field(validator=a_code)
    """The code of the payee; nobody else is shown it, but it is in the record: only the host reads streams."""
    unit: str = field(validator=a_code)
    """The unit of the payee's primary assignment on that day."""
    about: str = field(default=SCHEME, validator=a_code)
    """The code of an indicator of the plan, or `scheme`."""
    says: FeedbackSays = field(validator=one_of(FeedbackSays))
    text: str = field(default="", validator=a_text)
    """In the payee's own words; it is shown, so that nobody should name themselves in it. Needed where it
    says `other`."""
    at: str = field(converter=moment)

    def __attrs_post_init__(self) -> None:
        if self.says == "other" and not has_words(self.text):
            where = f"the feedback about {self.about}"
            raise DataError(where, "it says other, and nothing else", "say in text what it is")


@frozen(kw_only=True)
class FeedbackWithdrawn(PlainData):
    """Who gave feedback took it back."""

    feedback: int = field(validator=between(1, None, int))
    """The number of its record."""
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class FeedbackAnswered(PlainData):
    """Feedback was answered in words; who gave it reads the answer."""

    feedback: int = field(validator=between(1, None, int))
    by: str = field(validator=a_code)
    text: str = field(validator=some_words)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class SurveyAnswered(PlainData):
    """A person's answers to the survey; nobody answers twice."""

    by: str = field(validator=a_code)
    unit: str = field(validator=a_code)
    marks: Mapping[str, Fraction] = field(converter=_marks)
    """One for each item, by code."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class FeedbackClosed(PlainData):
    """Feedback and survey were closed: they are counted, and no more are given."""

    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class SchemeProposed(PlainData):
    """A new version of the scheme is proposed; `SchemeProposed.of` makes it of two versions."""

    code: str = field(validator=a_code)
    """What the proposal is called; each has a code of its own."""
    base: str = field(validator=a_code)
    """The fingerprint of the version that it changes."""
    version: str = field(validator=a_code)
    """The fingerprint of the new version."""
    effective: date = field(converter=day)
    """The first day on which the new version is to hold."""
    document: str = field(validator=_a_document)
    """The whole new version as a JSON document; `scheme` reads it."""
    answers: tuple[int, ...] = field(default=(), converter=as_tuple, validator=numbers_of("records"))
    """Numbers of the feedback that it takes up."""
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)

    @classmethod
    def of(cls, base: Scheme, new: Scheme, **said: Any) -> SchemeProposed:
        """A proposal to follow one version by another.

        Args:
            base: the version in force.
            new: the next one, such as `base.rebalance(...)` gives.
            said: `code`, `why`, `by`, `at` and, where it takes feedback up, `answers`.
        """
        for given in (base, new):
            must_be(given, Scheme, "a version of the scheme", "pass two of lp.Scheme")
        return cls(
            base=base.fingerprint,
            version=new.fingerprint,
            effective=new.effective,
            document=write_scheme(new),
            **said,
        )

    @property
    def scheme(self) -> Scheme:
        """The new version.

        Raises:
            SchemeError: the document cannot be read.
            DataError: it is another version than was proposed.
        """
        found = parse_scheme(self.document, "json")
        if (found.fingerprint, found.effective) != (self.version, self.effective):
            where, fault = f"the proposal {self.code}", f"its document is version {found.fingerprint}"
            raise DataError(where, f"{fault} from {found.effective}, and {self.version} was proposed", RESTORE)
        return found


@frozen(kw_only=True)
class ChangeConsulted(PlainData):
    """A proposal was discussed with employees or their representatives (民主程序)."""

    proposal: str = field(validator=a_code)
    whom: ConsultedWhom = field(validator=one_of(ConsultedWhom))
    people: int = field(validator=between(1, None, int))
    """How many took part, one or more."""
    how: str = field(validator=some_words)
    """Such as a meeting and its place, or a letter."""
    on: date = field(converter=day)
    """The day of it, not after the day on which it is recorded."""
    said: str = field(default="", validator=a_text)
    """What came of it."""
    by: str = field(validator=a_code)
    """The code of who records it."""
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ChangeNoticed(PlainData):
    """A proposal was made known to employees (公示)."""

    proposal: str = field(validator=a_code)
    version: str = field(validator=a_code)
    """The fingerprint of the version that the notice is of."""
    text_hash: str = field(validator=a_hash)
    """The SHA-256 of the text of the notice, as `text_hash` gives it."""
    how: str = field(validator=some_words)
    """Such as an intranet page, or a letter to everybody."""
    on: date = field(converter=day)
    """The first day of the notice, not after the day on which it is recorded."""
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ChangeApproved(PlainData):
    """A proposal was approved."""

    proposal: str = field(validator=a_code)
    version: str = field(validator=a_code)
    """The fingerprint of the version that was approved."""
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ChangeRejected(PlainData):
    """A proposal was rejected, with a reason."""

    proposal: str = field(validator=a_code)
    why: str = field(validator=some_words)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


@frozen(kw_only=True)
class ChangeRecalled(PlainData):
    """A proposal was taken back by its proposer."""

    proposal: str = field(validator=a_code)
    by: str = field(validator=a_code)
    at: str = field(converter=moment)


OfProposal: TypeAlias = ChangeConsulted | ChangeNoticed | ChangeApproved | ChangeRejected | ChangeRecalled
LearningEvent: TypeAlias = (
    LearningPlanned
    | FeedbackGiven
    | FeedbackWithdrawn
    | FeedbackAnswered
    | SurveyAnswered
    | FeedbackClosed
    | SchemeProposed
    | OfProposal
)
KINDS: Mapping[str, type[LearningEvent]] = {
    "planned": LearningPlanned,
    "feedback": FeedbackGiven,
    "withdrawn": FeedbackWithdrawn,
    "answered": FeedbackAnswered,
    "survey": SurveyAnswered,
    "closed": FeedbackClosed,
    "proposed": SchemeProposed,
    "consulted": ChangeConsulted,
    "noticed": ChangeNoticed,
    "approved": ChangeApproved,
    "rejected": ChangeRejected,
    "recalled": ChangeRecalled,
}
"""The class of each kind of record."""
