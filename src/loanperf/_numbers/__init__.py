"""Numbers: the primitives over columns of whole numbers; the one place that knows of int64 and Python ints."""

from loanperf._numbers._days import FAR, day_number, months_after, months_between
from loanperf._numbers._groups import (
    AS_THEY_ARE,
    Places,
    Rows,
    as_of,
    before,
    distinct,
    last_before,
    matched,
    ordered,
    paired,
    ranked,
    running,
    spread,
    starts_of,
    summed,
    total_of,
)
from loanperf._numbers._pieces import Pieces, sliced
from loanperf._numbers._shares import drained, floored, shared
from loanperf._numbers._whole import LIMIT, Whole, bounded, largest, rounded, whole

__all__ = [
    "AS_THEY_ARE",
    "FAR",
    "LIMIT",
    "Pieces",
    "Places",
    "Rows",
    "Whole",
    "as_of",
    "before",
    "bounded",
    "day_number",
    "distinct",
    "drained",
    "floored",
    "largest",
    "last_before",
    "matched",
    "months_after",
    "months_between",
    "ordered",
    "paired",
    "ranked",
    "rounded",
    "running",
    "shared",
    "sliced",
    "spread",
    "starts_of",
    "summed",
    "total_of",
    "whole",
]
