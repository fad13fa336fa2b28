"""Ports over tables: data frames, CSV and Parquet files, workbooks, and folders of them."""

from loanperf.adapters.tables._csv import Csv
from loanperf.adapters.tables._folder import MAP, Folder, read_folder
from loanperf.adapters.tables._given import CELL_KINDS, COLUMNS, TABLES, CellKind, Limits, TableColumn
from loanperf.adapters.tables._headings import suggest
from loanperf.adapters.tables._made import Told
from loanperf.adapters.tables._results import frame_of, write_refused
from loanperf.adapters.tables._tables import Tables
from loanperf.adapters.tables._workbooks import Sheet

__all__ = [
    "CELL_KINDS",
    "COLUMNS",
    "MAP",
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
    "read_folder",
    "suggest",
    "write_refused",
]
