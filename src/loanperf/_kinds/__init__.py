"""The kinds of facts, one table: a new kind is a row class in `_facts`, an entry here, and an indicator."""

from loanperf._kinds._columns import (
    COLUMN_TYPES,
    ColumnType,
    Deviation,
    Domain,
    FactColumn,
    FactKind,
    Reached,
    TypeName,
    ViewField,
)
from loanperf._kinds._events import DETAIL, Category, EventKind
from loanperf._kinds._kinds import CURRENCY, KINDS
from loanperf._kinds._tape import TAPE, TapeColumn

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
