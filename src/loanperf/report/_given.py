"""What a page is made of: the results, statements and alerts of one payee out of those of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from loanperf._explanations import Label, Language, period_label
from loanperf._ledger import Statement
from loanperf._periods import Period, day
from loanperf._validators import each_of, is_same_person
from loanperf.errors import RightsError, UnknownPayeeError
from loanperf.report._parts import Remark
from loanperf.report._words import said, say
from loanperf.run import Result, Results
from loanperf.viewer import Viewer, must_be_viewer


def results_of(payee: str, results: Iterable[Result]) -> tuple[Result, ...]:
    """The results of a payee, in order."""
    if isinstance(results, Results):
        return results.of(payee)
    given = each_of(results, Result, "the results", "pass those of a run, or of a tracker")
    return tuple(result for result in given if result.payee == payee)


def shown_to(viewer: Viewer, payee: str, mine: tuple[Result, ...], results: object) -> tuple[Result, ...]:
    """The results of a payee, as far as a viewer may see them: nobody sees of their own what is not published.

    Args:
        viewer: who looks.
        payee: whose they are.
        mine: the results of the payee.
        results: as they were passed.
    """
    hidden = results.unpublished if isinstance(results, Results) else frozenset[str]()
    return () if payee in hidden and is_own(viewer, payee) else mine


def not_published(language: Language, word: str = "not published") -> tuple[Remark, ...]:
    """What is said in place of a result."""
    return (Remark(text=say(word, language)),)


def time_left(until: date, today: date, language: Language) -> str:
    """How many days are left until a day, itself among them; or that they are over."""
    left = (until - today).days
    return say("days left", language, days=left) if left >= 0 else say("over", language)


def wrong_answers(faults: Mapping[str, Label], language: Language) -> tuple[Remark, ...]:
    """What is wrong with a form, above it, so that nobody has to look for it."""
    mark = say("put right", language)
    return tuple(Remark(mark=mark, text=fault.to(language), tone="bad") for fault in faults.values())


def is_own(viewer: Viewer, payee: str) -> bool:
    """Whether it is the viewer whose figures they are, however their code is written."""
    return is_same_person(viewer.who, payee)


def must_be_own(viewer: Viewer, payee: str, act: str) -> None:
    """Refuse what only the payee may send; `act` says what that is.

    Raises:
        RightsError: the viewer is somebody else.
    """
    must_be_viewer(viewer)
    if not is_own(viewer, payee):
        raise RightsError(viewer.who, act, f"let {payee} do it")


def statements_of(payee: str, statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements of a payee, one a currency."""
    given = each_of(statements, Statement, "the statements", "pass what lp.statement gives, in a list")
    return tuple(statement for statement in given if statement.payee == payee)


def must_be_known(payee: str, results: tuple[Result, ...], statements: tuple[Statement, ...]) -> None:
    """Refuse a page on which nothing would stand: a slip in a code must not look like a month without work."""
    if not results and not statements:
        raise UnknownPayeeError(payee, ())


def name_of_payee(payee: str, given: Iterable[Result | Statement]) -> Label:
    """The name of a payee with the code, as results or statements of it have it; else the code alone."""
    name = next((one.name for one in given if one.name not in ("", payee)), "")
    return said("named", name=name, code=payee) if name else Label(payee)


def subject_of(who: Label, period: Period, as_of: date | str | None) -> Label:
    """The person or unit, the period, and the last day that is in the numbers where one is stated."""
    known = said("of", who=who, period=period_label(period))
    return known if as_of is None else said("of as of", of=known, day=day(as_of).isoformat())
