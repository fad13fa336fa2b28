"""Progress: where a person or a unit stands in the course of a period, and what comes next.

Hosts import it from here: `from loanperf.progress import Pace`.
"""

from loanperf._pace import Pace, WorkingDays

__all__ = ["Pace", "WorkingDays"]
