"""Groups: rows of one kind of card in which the same columns have nothing, so that they are worked together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from loanperf._numbers import Places, Rows, Truth, distinct


def patterns(kinds: Places, masks: Mapping[str, Truth]) -> Iterator[tuple[int, Places, frozenset[str]]]:
    """The kind, the rows, and the names of the masks that hold in all of them.

    Args:
        kinds: of each row, from -1 on.
        masks: by name; each holds in some rows.
    """
    numbers = distinct(kinds)[1]
    for mask in masks.values():
        # Numbered anew each time, so that any number of masks fits.
        _, numbers = distinct(2 * numbers + mask)
    for number in distinct(numbers)[0].tolist():
        found = np.flatnonzero(numbers == number)
        first = int(found[0])
        yield int(kinds[first]), found, frozenset(name for name, mask in masks.items() if mask[first])


def rows_of(chosen: Rows) -> Places:
    """Rows as their numbers, of a run of them too."""
    return np.arange(chosen.start, chosen.stop) if isinstance(chosen, slice) else chosen
