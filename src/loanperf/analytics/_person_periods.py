"""People and periods: values of the past -> arrays with a row a person and a column a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from loanperf._periods import Period, periods_through
from loanperf.analytics._forecast import PastValues
from loanperf.analytics._statistics import Floats
from loanperf.errors import DataError
from loanperf.viewer import Viewer


def periods_of(given: Iterable[PastValues]) -> tuple[Period, ...]:
    """All periods from the first to the last of any.

    Raises:
        DataError: some are of months and some of quarters, or they are neither.
    """
    spans = [past.periods for past in given]
    if len({periods[0].months for periods in spans}) > 1:
        raise DataError("the values", "some are of months, some of quarters", "give all by the same periods")
    return periods_through(min(one[0] for one in spans), max(one[-1] for one in spans))


def people_seen(given: Sequence[PastValues], viewer: Viewer) -> tuple[str, ...]:
    """Whose figures the viewer may see, in order; all of them where they are units.

    Raises:
        DataError: there is nobody.
    """
    everybody = sorted({subject for past in given for subject in past.values})
    units = all(past.subjects == "units" for past in given)
    found = tuple(code for code in everybody if units or viewer.may_see(code))
    if not found:
        raise DataError("the values", "there is nobody whom the viewer may see", "check the viewer")
    return found


def above_and_below(
    past: PastValues, what: str, people: Sequence[str], periods: Sequence[Period]
) -> tuple[Floats, Floats]:
    """What stands above and below, 1 below where it is no ratio; NaN where there is no value.

    Raises:
        DataError: a ratio has nothing below.
    """
    at: Mapping[Period, int] = {period: place for place, period in enumerate(periods)}
    above = np.full((len(people), len(periods)), np.nan)
    below = above.copy()
    for row, subject in enumerate(people):
        for period, value in past.values.get(subject, {}).items():
            size = 1.0 if past.out_of is None else past.out_of[subject][period]
            if size <= 0:
                fault, remedy = "there is nothing that it is a ratio of", "leave out that person and period"
                raise DataError(f"{what} of {subject!r} in {period}", fault, remedy)
            above[row, at[period]], below[row, at[period]] = value, size
    return above, below
