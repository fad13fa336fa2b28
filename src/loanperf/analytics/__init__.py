"""Analytics: what happened and what was agreed -> findings, with how sure they are and what they do not show.

Hosts import it by its own name: `from loanperf.analytics import Finding`. Analyses inform schemes and targets; nothing
that is paid is worked out of them, and no person is judged by them.
"""

from loanperf.analytics._findings import (
    SMALLEST,
    Analysis,
    AnalysisColumn,
    Exact,
    Finding,
    Interval,
    shown_groups,
)

__all__ = ["SMALLEST", "Analysis", "AnalysisColumn", "Exact", "Finding", "Interval", "shown_groups"]
