"""Tables: columns of one kind, what is made of arrays and frames, and parts of files larger than memory."""

from loanperf._facts import parts_of
from loanperf._tables._columns import MISSING, Coded, Column, Table
from loanperf._tables._given import batches_of, table_of

__all__ = ["MISSING", "Coded", "Column", "Table", "batches_of", "parts_of", "table_of"]
