"""Archive: what was appraised, awarded and approved, as it was kept (绩效档案); whether it fits is `Verified`.

Hosts import it from here: `from loanperf.archive import Archive`.
"""

from loanperf._data import PlainData
from loanperf._facts import digests_of
from loanperf.run import Verified
from loanperf.run._archive import Approval, Archive
from loanperf.run._retention import RETENTION, Retention

__all__ = ["RETENTION", "Approval", "Archive", "PlainData", "Retention", "Verified", "digests_of"]
