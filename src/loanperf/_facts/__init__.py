"""Facts: what a host saw, and which of it holds where rows repeat, contradict each other or have several sources."""

from loanperf._facts._apart import Parts, apart
from loanperf._facts._authority import USUAL, Authority, SentFact, must_be_authority
from loanperf._facts._columns import EVENT_PLACES, KIND_AT, day_at, words_of
from loanperf._facts._drawings import over_drawn
from loanperf._facts._facts import NO_FACTS, Facts
from loanperf._facts._index import FactIndex
from loanperf._facts._lost import about, lost_with
from loanperf._facts._owners import Key, Owner, owner_of, owner_of_key, payees_of
from loanperf._facts._parts import parts_of
from loanperf._facts._read import NO_UNITS_SAID
from loanperf._facts._rows import (
    KIND_OF,
    ROW_OF,
    Balance,
    Complaint,
    Credit,
    Customer,
    ExchangeRate,
    Fact,
    Holding,
    Inquiry,
    Loan,
    LoanEvent,
    Profit,
    Rating,
    Training,
    Valuation,
    Violation,
    fact_from,
    key_text,
    said_of,
    shown_cell,
    text_of,
)
from loanperf._facts._tape import tape_places
from loanperf._kinds import DETAIL, Category, EventKind

__all__ = [
    "DETAIL",
    "EVENT_PLACES",
    "KIND_AT",
    "KIND_OF",
    "NO_FACTS",
    "NO_UNITS_SAID",
    "ROW_OF",
    "USUAL",
    "Authority",
    "Balance",
    "Category",
    "Complaint",
    "Credit",
    "Customer",
    "EventKind",
    "ExchangeRate",
    "Fact",
    "FactIndex",
    "Facts",
    "Holding",
    "Inquiry",
    "Key",
    "Loan",
    "LoanEvent",
    "Owner",
    "Parts",
    "Profit",
    "Rating",
    "SentFact",
    "Training",
    "Valuation",
    "Violation",
    "about",
    "apart",
    "day_at",
    "fact_from",
    "key_text",
    "lost_with",
    "must_be_authority",
    "over_drawn",
    "owner_of",
    "owner_of_key",
    "parts_of",
    "payees_of",
    "said_of",
    "shown_cell",
    "tape_places",
    "text_of",
    "words_of",
]
