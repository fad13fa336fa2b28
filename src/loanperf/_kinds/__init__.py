"""The kinds of facts, one table: a new kind is a row class in `_facts`, an entry here, and an indicator."""

from loanperf._kinds._columns import (
    COLUMN_TYPES,
    DETAIL,
    TAPE,
    Category,
    ColumnType,
    Deviation,
    Domain,
    EventKind,
    FactColumn,
    FactKind,
    Reached,
    TapeColumn,
    TypeName,
    ViewField,
)
from loanperf._kinds._kinds import CURRENCY, KINDS

__all__ = [
    "COLUMN_TYPES",
    "CURRENCY",
    "DETAIL",
    "KINDS",
    "TAPE",
    "Category",
    "ColumnType",
    "Deviation",
    "Domain",
    "EventKind",
    "FactColumn",
    "FactKind",
    "Reached",
    "TapeColumn",
    "TypeName",
    "ViewField",
]
