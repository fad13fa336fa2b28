"""Opening: what a lender owed its people when it went live, as the first entries of a ledger (期初余额).

Hosts import it from here: `from loanperf.opening import Opening`.
"""

from loanperf._commission import CountedBefore
from loanperf._ledger._begun import counted_before
from loanperf._ledger._opening import Opening, OpeningRow, StatedBalance, differing

__all__ = ["CountedBefore", "Opening", "OpeningRow", "StatedBalance", "counted_before", "differing"]
