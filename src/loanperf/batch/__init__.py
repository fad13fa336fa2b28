"""What is made of the steps of the flow: a book, targets of many, a tracker, and the chain of a month."""

from loanperf._facts import parts_of
from loanperf._tables._batches import batches_of
from loanperf._tables._columns import MISSING, Coded, Column, Table
from loanperf._tables._given import table_of
from loanperf.batch._book import Book
from loanperf.batch._cascade import CascadedBook, cascade_book
from loanperf.batch._run import RunBook, Supplied, run_book
from loanperf.batch._track._alerts import Alert, AlertRule
from loanperf.batch._track._tracker import Tracker, merge
from loanperf.batch._track._watch import Watch

__all__ = [
    "MISSING",
    "Alert",
    "AlertRule",
    "Book",
    "CascadedBook",
    "Coded",
    "Column",
    "RunBook",
    "Supplied",
    "Table",
    "Tracker",
    "Watch",
    "batches_of",
    "cascade_book",
    "merge",
    "parts_of",
    "run_book",
    "table_of",
]
