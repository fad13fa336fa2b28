"""Columns: the steps of the flow over whole books, equal to the rows path by `==`."""

from loanperf._facts import parts_of
from loanperf._tables._batches import batches_of
from loanperf._tables._columns import MISSING, Coded, Column, Table
from loanperf._tables._given import table_of
from loanperf.batch._accrue._accrue import accrue_book
from loanperf.batch._accrue._accrued import AccruedBook
from loanperf.batch._book._book import Book
from loanperf.batch._cascade import CascadedBook, cascade_book
from loanperf.batch._run import RunBook, Supplied, run_book
from loanperf.batch._settle._posted import SettledBook
from loanperf.batch._settle._settle import settle_book
from loanperf.batch._track._alerts import Alert, AlertRule
from loanperf.batch._track._tracker import Tracker, merge
from loanperf.batch._track._watch import Watch

__all__ = [
    "MISSING",
    "AccruedBook",
    "Alert",
    "AlertRule",
    "Book",
    "CascadedBook",
    "Coded",
    "Column",
    "RunBook",
    "SettledBook",
    "Supplied",
    "Table",
    "Tracker",
    "Watch",
    "accrue_book",
    "batches_of",
    "cascade_book",
    "merge",
    "parts_of",
    "run_book",
    "settle_book",
    "table_of",
]
