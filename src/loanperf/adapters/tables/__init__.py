"""Ports over tables: data frames, CSV and Parquet files, workbooks, and folders of them."""

from loanperf.adapters.tables._columns import CELL_KINDS, COLUMNS, TABLES, CellKind, TableColumn
from loanperf.adapters.tables._csv import Csv
from loanperf.adapters.tables._folder import Folder
from loanperf.adapters.tables._given import Limits
from loanperf.adapters.tables._headings import suggest
from loanperf.adapters.tables._made import Told
from loanperf.adapters.tables._refused import write_refused
from loanperf.adapters.tables._results import frame_of
from loanperf.adapters.tables._tables import Tables
from loanperf.adapters.tables._workbooks import Sheet

__all__ = [
    "CELL_KINDS",
    "COLUMNS",
    "TABLES",
    "CellKind",
    "Csv",
    "Folder",
    "Limits",
    "Sheet",
    "TableColumn",
    "Tables",
    "Told",
    "frame_of",
    "suggest",
    "write_refused",
]
