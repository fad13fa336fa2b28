"""Windows: figures of people around their training -> what each came to before and after, beside the untrained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import evolve, fields, frozen
from numpy.typing import NDArray

from loanperf._periods import Period
from loanperf.analytics._regression import Coefficient, coefficient, rank_of
from loanperf.analytics._statistics import Floats
from loanperf.errors import DataError

NEVER = 10**6
"""The number of the period of training of who was never trained."""


@frozen(eq=False)
class TrainingWindows:
    """A row a person, of those trained at one time and of those who could be compared with them."""

    before: int
    """Periods before training; the last quarter of them and the rest are looked at apart."""
    quarter: int
    """Periods of a quarter."""
    person: NDArray[np.int64]
    cohort: NDArray[np.int64]
    """When those were trained with whom the row is compared, as a number of a period."""
    treated: NDArray[np.bool_]
    earlier: Floats
    """What a person came to before the last quarter."""
    last: Floats
    """In the last quarter before training."""
    both: Floats
    """In all periods before."""
    after: Floats
    outcome_of_placebo: Floats
    """In the quarter before the last; NaN where there are no figures."""
    oldest: Floats
    """Before that; NaN where there are no figures or no such periods."""

    @property
    def trained(self) -> int:
        """People who were trained."""
        return len(np.unique(self.person[self.treated]))

    @property
    def untrained(self) -> int:
        """People with whom they are compared."""
        return len(np.unique(self.person[~self.treated]))

    def keep(self, some: NDArray[np.bool_]) -> TrainingWindows:
        """Some of the rows."""
        columns = {item.name: getattr(self, item.name) for item in fields(TrainingWindows)}
        kept: dict[str, Any] = {name: of[some] for name, of in columns.items() if isinstance(of, np.ndarray)}
        return evolve(self, **kept)

    def compared(self, outcome: Floats, alike: Iterable[Floats] = ()) -> Coefficient | None:
        """By how much trained people differ from people of the same time who were alike; None where it cannot be told.

        Args:
            outcome: in what.
            alike: in what they shall be alike.
        """
        others = [(self.cohort == one).astype(float) for one in np.unique(self.cohort)]
        for given in alike:
            middle = given - given.mean()
            if rank_of(np.column_stack([*others, middle])) > len(others):
                others.append(middle)
        columns = np.column_stack([self.treated.astype(float), *others])
        if len(columns) <= columns.shape[1] or rank_of(columns) < columns.shape[1]:
            return None
        return coefficient(columns, outcome, 0, self.person)

    def alone(self) -> Coefficient:
        """By how much the trained differ from themselves before."""
        some = self.keep(self.treated)
        return coefficient(np.ones((len(some.person), 1)), some.after - some.both, 0, some.person)

    def placebo(self, smallest: int) -> Coefficient | None:
        """The comparison of a quarter in which training can have had no effect; None where figures are too few."""
        has_oldest = self.before > 2 * self.quarter
        there = ~np.isnan(self.outcome_of_placebo) & (~np.isnan(self.oldest) if has_oldest else True)
        some = self.keep(there)
        if min(some.trained, some.untrained) < smallest:
            return None
        found = some.compared(some.outcome_of_placebo, [some.last, some.oldest] if has_oldest else [some.last])
        return None if found is None or not found.error else found


def numbers_of(trained: Mapping[str, Period], periods: Sequence[Period]) -> dict[str, int]:
    """When people were trained, as numbers of periods: below zero before the first, very large after the last.

    Raises:
        DataError: a period is of another length, and lies within those of the figures.
    """
    at = {period: place for place, period in enumerate(periods)}
    found = {}
    for code, period in trained.items():
        if period.end <= periods[0].start:
            found[code] = -1
        elif period.start >= periods[-1].end:
            found[code] = NEVER
        elif period in at:
            found[code] = at[period]
        else:
            fault = f"{period} is none of the periods of the figures, such as {periods[0]}"
            raise DataError(f"the training of {code!r}", fault, "give the period of the figures in which it was")
    return found


def times_of(when: Iterable[int], width: int, quarter: int, after: int) -> dict[int, int]:
    """The times of training that are looked at, each with the last period after it.

    That is `after` periods later, or the last before anybody else is trained, but a quarter later at least. To leave
    out who is sent next would choose people by what came after, since it is those who did badly.
    """
    every = sorted({one for one in when if 0 <= one < width})
    found = {}
    for one, following in zip(every, [*every[1:], NEVER], strict=True):
        last = min(one + after, following - 1)
        if 2 * quarter <= one and last < width and last - one >= min(after, quarter):
            found[one] = last
    return found


def windows(
    figures: tuple[Floats, Floats], when: NDArray[np.int64], times: Mapping[int, int], quarter: int
) -> tuple[TrainingWindows, NDArray[np.bool_]]:
    """The windows of all times of training, and which of their rows have figures in each window.

    Who was trained at another time is compared as untrained where that was later.

    Args:
        figures: what stands above and below, a row a person; NaN where there is none.
        when: of each person the number of the period of training; very large for never.
        times: of training that are looked at, one or more, each with the last period after it. The period of training
            counts nowhere.
        quarter: periods of a quarter.
    """
    before = min(times)
    rows = [(one, person) for one in times for person in np.flatnonzero(when >= one)]
    cohort = np.array([one for one, _ in rows], dtype=np.int64)
    person = np.array([one for _, one in rows], dtype=np.int64)
    last = np.array([times[one] for one, _ in rows], dtype=np.int64)

    def between(begin: int, end: int) -> Floats:
        """What each row came to from one period to before another, counted from training."""
        places = cohort[:, None] + np.arange(begin, end)
        counts = places <= last[:, None]
        places = np.minimum(places, last[:, None])
        above, below = (np.where(counts, np.nan_to_num(part[person[:, None], places]), 0) for part in figures)
        whole = below.sum(axis=1)
        found: Floats = np.where(whole > 0, above.sum(axis=1) / np.where(whole > 0, whole, 1), np.nan)
        return found

    found = TrainingWindows(
        before=before,
        quarter=quarter,
        person=person,
        cohort=cohort,
        treated=when[person] == cohort,
        earlier=between(-before, -quarter),
        last=between(-quarter, 0),
        both=between(-before, 0),
        after=between(1, max(end - one for one, end in times.items()) + 1),
        outcome_of_placebo=between(-2 * quarter, -quarter),
        oldest=between(-before, -2 * quarter),
    )
    there = ~np.isnan(found.earlier) & ~np.isnan(found.last) & ~np.isnan(found.after)
    return found, there
