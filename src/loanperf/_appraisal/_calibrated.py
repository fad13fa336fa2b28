"""Calibrated: (an appraisal, what people decided about it afterwards) -> the grade by which its payee is paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

from attrs import evolve, field, frozen
from attrs.validators import optional

from loanperf._appraisal._appraisal import Appraisal
from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, because
from loanperf._periods import Period
from loanperf._quantities import percent
from loanperf._scorecard import Card, Grade
from loanperf._streams import moment
from loanperf._validators import a_code, a_text, as_factor, between, each_of, is_a, is_same_person, must_be, some_words
from loanperf.errors import AwardError, DataError


@frozen(kw_only=True)
class Calibrated(PlainData):
    """What people decided about the result of a payee after it was computed: another grade, or another coefficient.

    Points, score and grade of the appraisal stay as they were computed. What multiplies the bonus, and the share of a
    pool, is the coefficient of the grade after calibration, or the coefficient that is stated in its place.

    Raises:
        DataError: a text is none or empty, the coefficient is no number from 0% to 1000%, not just one of grade and
            coefficient is given, or somebody decides about themselves.
        PeriodError: `at` is no day and no time with its offset.

    >>> march = Period.month(2026, 3)
    >>> Calibrated(payee="lin", period=march, grade="A", by="chen", why="a new branch", at="2026-04-03").grade
    'A'
    """

    payee: str = field(validator=a_code)
    """The code of whose result it is."""
    period: Period = field(validator=is_a(Period))
    """Of the result; it holds for a card of that period, or of a part of it."""
    grade: str = field(default="", validator=a_text)
    """The code of the grade after calibration; empty where the coefficient is changed."""
    coefficient: Fraction | None = field(default=None, converter=as_factor, validator=optional(between(0, 10)))
    """In the place of that of the grade, 0% to 1000%; None where the grade is changed."""
    by: str = field(validator=a_code)
    """The code of who decided."""
    why: str = field(validator=some_words)
    """The reason."""
    at: str = field(converter=moment)
    """The day, or the time with its offset from UTC."""

    def __attrs_post_init__(self) -> None:
        if bool(self.grade) == (self.coefficient is not None):
            fault = f"{self.payee!r} has {'both' if self.grade else 'neither'} of grade and coefficient"
            raise DataError("Calibrated", fault, "give the grade after calibration, or the coefficient")
        if is_same_person(self.by, self.payee):
            where, fault = f"the calibration of {self.payee}", f"{self.by} would decide about themselves"
            raise DataError(where, fault, "let somebody else do it")

    def grade_of(self, computed: Grade | None, card: Card) -> Grade:
        """The grade by which the payee is paid: that after calibration, or the computed one with another coefficient.

        Args:
            computed: the grade of the appraisal.
            card: by which the payee was appraised.

        Raises:
            AwardError: the card is of another period, or has no grades or not that one.
        """
        if not (self.period.start <= card.period.start and card.period.end <= self.period.end):
            fault = f"the calibration of {self.payee!r} is of {self.period}, and the card of {card.period}"
            raise AwardError(fault, "pass the calibration of that period, or none")
        if computed is None:
            fault = f"the result of {self.payee!r} was calibrated, and the card has no grades"
            raise AwardError(fault, "add [[grades]] to the scheme, or leave the calibration out")
        if self.coefficient is not None:
            return evolve(computed, coefficient=self.coefficient)
        found = [grade for grade in card.grades if grade.code == self.grade]
        if not found:
            known = ", ".join(grade.code for grade in card.grades)
            fault = f"the result of {self.payee!r} was calibrated to grade {self.grade!r}, which the card does not have"
            raise AwardError(fault, f"calibrate it to one of {known}")
        return found[0]


def grade_paid(appraisal: Appraisal, calibrated: Calibrated | None) -> Grade | None:
    """The grade whose coefficient multiplies what a payee is paid; None where the card has none.

    Args:
        appraisal: as it was computed.
        calibrated: what people decided about it; None where nobody did.

    Raises:
        DataError: it is no `Calibrated`.
        AwardError: it is of another payee or period, or does not fit the card.
    """
    if calibrated is None:
        return appraisal.grade
    must_be(calibrated, Calibrated, "calibrated", "pass a Calibrated, or None")
    if appraisal.payee != calibrated.payee:
        fault = f"the calibration of {calibrated.payee!r} came with the appraisal of {appraisal.payee!r}"
        raise AwardError(fault, "pass the calibration of that payee, or none")
    return calibrated.grade_of(appraisal.grade, appraisal.card)


def why_calibrated(appraisal: Appraisal, calibrated: Calibrated | None) -> Iterator[Explanation]:
    """What people decided about a result after it was computed: before, after, by whom and why."""
    before, after = appraisal.grade, grade_paid(appraisal, calibrated)
    if calibrated is None or before is None or after is None:
        return
    values = {"by": calibrated.by, "at": calibrated.at, "why": calibrated.why}
    if calibrated.grade:
        yield because("award.calibrated", {"before": grade_named(before), "after": grade_named(after), **values})
    else:
        shares = {"before": percent(before.coefficient), "after": percent(after.coefficient)}
        yield because("award.coefficient", {"grade": grade_named(before), **shares, **values})


def grade_named(grade: Grade) -> str | Label:
    """What a grade is called: its name, or its code where it has none."""
    return grade.name if grade.name.en else grade.code


def by_payee(calibrated: object) -> dict[str, Calibrated]:
    """Calibrations by their payees, of whom each has one at most.

    Raises:
        DataError: it is no list, one of them is no `Calibrated`, or a payee has two.
    """
    given = each_of(calibrated, Calibrated, "calibrated", "pass a list of Calibrated")
    found = {one.payee: one for one in given}
    if len(found) != len(given):
        payee, count = Counter(one.payee for one in given).most_common(1)[0]
        raise DataError("calibrated", f"{payee!r} has {count} calibrations", "pass the one that holds")
    return found
