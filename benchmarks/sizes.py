"""How large the benchmarks are: `LOANPERF_BENCH` is `full`, `tenth` or `hundredth`, which is what is taken without it.

The full sizes are those that docs/explanation/performance.md shows. At a hundredth the benchmarks only show that they
run: their ratios are those of small books.
"""

import os

SIZES = {"full": 1, "tenth": 10, "hundredth": 100}
NAMED = os.environ.get("LOANPERF_BENCH", "hundredth")
if NAMED not in SIZES:
    raise ValueError(f"LOANPERF_BENCH is one of {', '.join(SIZES)}, not {NAMED!r}")
PART = SIZES[NAMED]
SECONDS = {"full": 2.0, "tenth": 0.5, "hundredth": 0.1}[NAMED]
"""How long each peer is measured."""


def sized(full: int, least: int = 1) -> int:
    """How many to take of what the full run takes so many of: the named part, and `least` or more."""
    return max(full // PART, min(least, full))
