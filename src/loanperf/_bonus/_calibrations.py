"""Calibrations: (appraisals, what people decided about them) -> the coefficient by which each row is paid."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from attrs import frozen

from loanperf._appraisal import Appraisals, Calibrated
from loanperf._bonus._amounts import Fault
from loanperf._numbers import Places, Rows, Truth, marked, whole
from loanperf.errors import AwardError, UnknownPayeeError


@frozen(eq=False)
class Calibrations:
    """What people decided about rows after they were scored."""

    coefficients: tuple[Fraction, ...]
    """Each that they came to, once."""
    decided: Mapping[int, Calibrated]
    """By row."""
    place: Places
    """By row, the place of its coefficient in `coefficients`; -1 where nobody decided anything."""
    unfit: Truth
    """By row, whether what they decided does not fit the card."""

    @classmethod
    def of(cls, scored: Appraisals, calibrated: Mapping[int, Calibrated]) -> Calibrations | None:
        """What was decided about rows, by their places; None where nothing was."""
        if not calibrated:
            return None
        places, unfit = dict[Fraction, int](), list[int]()
        place = np.full(scored.rows.rows, -1)
        cards = tuple(scored.cards.values())
        for row, one in calibrated.items():
            if not scored.ok[row]:
                continue
            card, computed = cards[0 if scored.which is None else int(scored.which[row])], int(scored.grade[row])
            try:
                grade = one.grade_of(card.grades[computed] if computed >= 0 else None, card)
            except AwardError:
                unfit.append(row)
            else:
                place[row] = places.setdefault(Fraction(grade.coefficient), len(places))
        return cls(tuple(places), calibrated, place, marked(whole(unfit), scored.rows.rows))

    def placed(self, chosen: Rows, grades: Places, of_card: int) -> Places:
        """The place of the coefficient of each of some rows, behind those of the grades of their card.

        Args:
            chosen: the rows.
            grades: the places of their grades.
            of_card: how many grades their card has.
        """
        place = self.place[chosen]
        return np.where(place < 0, grades, place + of_card)

    def faults(self, chosen: Rows) -> list[Fault]:
        """In which of some rows what people decided does not fit the card."""
        unfit = self.unfit[chosen]
        return [(unfit, "calibration", "")] if unfit.any() else []


def rows_calibrated(scored: Appraisals, calibrated: Mapping[str, Calibrated]) -> dict[int, Calibrated]:
    """What was decided about payees, by row; for all rows of a payee with several.

    Raises:
        UnknownPayeeError: a payee has no row.
        DataError: the rows name no payees.
    """
    if not calibrated:
        return {}
    names = scored.rows["payee"]
    given = [calibrated.get(word) for word in names.words]
    found = np.array([*(one is not None for one in given), False])[names.values]
    rows = np.flatnonzero(found).tolist()
    seen = {row: one for row in rows if (one := given[names.values[row]]) is not None}
    if strangers := sorted(set(calibrated) - {one.payee for one in seen.values()}):
        raise UnknownPayeeError(strangers[0], sorted(names.words))
    return seen
