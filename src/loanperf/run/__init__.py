"""Run: (ports, period) -> every payee's appraisal and award, and pay that is posted and handed over.

The only caller of a port.
"""

from loanperf.run._results import Blocked, Result, Run
from loanperf.run._run import Keeping, run, run_async
from loanperf.run._work import strangers

__all__ = ["Blocked", "Keeping", "Result", "Run", "run", "run_async", "strangers"]
