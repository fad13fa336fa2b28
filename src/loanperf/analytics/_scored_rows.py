"""Scored rows: (rows that were scored, or paid) -> the first row that cannot be used, as an error."""

from __future__ import annotations

from loanperf._appraisal import Appraisals
from loanperf._bonus import Awards
from loanperf.errors import DataError

_LACKS = frozenset({"no reading", "no veto reading", "no target"})
"""What is wrong with a row that lacks something; whatever else is wrong with one is a mistake in what it says."""


def must_be_possible(scored: Appraisals) -> None:
    """Refuse rows that say what cannot be; a row that lacks a reading or target has no score, and is not refused.

    Raises:
        DataError: a reading or target is beyond what its indicator can be, such as a share of 170%, or is no number.
    """
    faulty = {row for row, kind, _ in scored.faulty if kind not in _LACKS}
    for problem in scored.problems if faulty else ():
        if problem.row in faulty:
            raise DataError(problem.where, problem.fault, problem.remedy)


def must_have_bonuses(paid: Awards) -> None:
    """Refuse rows of which one has no bonus.

    Raises:
        DataError: one has none; it says what is wrong with the first.
    """
    if not paid.ok.all():
        first = paid.problems[0]
        raise DataError(first.where, f"there is no bonus: {first.fault}", first.remedy)
