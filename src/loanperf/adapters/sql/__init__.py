"""Ports over a database: SQLite embedded, PostgreSQL in earnest; facts, people, schemes, streams of entries, payments.

Needs the extra `sql`; PostgreSQL also `postgres`, and sealed values `crypto`.
"""

from loanperf.adapters.sql._available import NEEDED
from loanperf.adapters.sql._cipher import Keys
from loanperf.adapters.sql._database import Database
from loanperf.adapters.sql._entries import SqlEntries
from loanperf.adapters.sql._facts import SqlFacts
from loanperf.adapters.sql._payments import SqlPayments
from loanperf.adapters.sql._people import SqlPeople
from loanperf.adapters.sql._schemes import SqlSchemes

__all__ = ["NEEDED", "Database", "Keys", "SqlEntries", "SqlFacts", "SqlPayments", "SqlPeople", "SqlSchemes"]
