"""Ports over a folder of CSV files: facts, readings, people and targets."""

from loanperf.adapters.folder._columns import COLUMNS, KINDS, CellKind, Column
from loanperf.adapters.folder._folder import Folder

__all__ = ["COLUMNS", "KINDS", "CellKind", "Column", "Folder"]
