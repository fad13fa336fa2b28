"""Performance appraisal and incentive pay of loan salespeople: exact, explained, proven.

The names stand in the order of the flow: quantities and periods, people, facts, indicators, scorecards,
appraisals, bonuses, commissions, the ledger, schemes, and the run over a host's adapters.
"""

from typing import TYPE_CHECKING, Never  # isort: skip

from loanperf import errors  # isort: skip
from loanperf._quantities import CURRENCIES, Money, Quantity, Rounding, percent, quantity, ratio  # isort: skip
from loanperf._allocation import allocate  # isort: skip
from loanperf._periods import Period  # isort: skip
from loanperf._explanations import Explanation, Label  # isort: skip
from loanperf._org import Assignment, Organisation, Payee, Unit  # isort: skip
from loanperf._facts import (  # isort: skip
    Authority,
    Balance,
    Category,
    Complaint,
    Credit,
    Customer,
    EventKind,
    ExchangeRate,
    Fact,
    Facts,
    Holding,
    Inquiry,
    Loan,
    LoanEvent,
    Profit,
    Rating,
    Training,
    Valuation,
    Violation,
)
from loanperf._indicators import CATALOGUE, Part, Reading, Readings, combine, indicator, measure, par  # isort: skip
from loanperf._targets import Target, divide, prorate  # isort: skip
from loanperf._divide_all import divide_all  # isort: skip
from loanperf._appraisal import Appraisal, Appraisals, ScoredLine, appraise, appraise_all  # isort: skip
from loanperf._bonus import Award, Awards, award, award_all, bonus_limit, share_pool  # isort: skip
from loanperf._commission import Accrual, Accruals, DealState, Standing, Unpaid, Waiting, accrue  # isort: skip
from loanperf._ledger import (  # isort: skip
    Account,
    Entries,
    Entry,
    EntryKind,
    Ledger,
    Movement,
    Payments,
    Payout,
    Statement,
    movements,
    overrule,
    pay,
    payments_of,
    read_ledger,
    returned,
    settle,
    statement,
)
from loanperf._scheme import Scheme, SchemeBook, diff, lint, parse_scheme, read_scheme, template  # isort: skip
from loanperf import schemes  # isort: skip
from loanperf import ports  # isort: skip
from loanperf.run import Blocked, Keeping, Result, Results, Run, run, run_async, verify  # isort: skip

__all__ = [
    "CATALOGUE",
    "CURRENCIES",
    "Account",
    "Accrual",
    "Accruals",
    "Appraisal",
    "Appraisals",
    "Assignment",
    "Authority",
    "Award",
    "Awards",
    "Balance",
    "Blocked",
    "Category",
    "Complaint",
    "Credit",
    "Customer",
    "DealState",
    "Entries",
    "Entry",
    "EntryKind",
    "EventKind",
    "ExchangeRate",
    "Explanation",
    "Fact",
    "Facts",
    "Holding",
    "Inquiry",
    "Keeping",
    "Label",
    "Ledger",
    "Loan",
    "LoanEvent",
    "Money",
    "Movement",
    "Organisation",
    "Part",
    "Payee",
    "Payments",
    "Payout",
    "Period",
    "Profit",
    "Quantity",
    "Rating",
    "Reading",
    "Readings",
    "Result",
    "Results",
    "Rounding",
    "Run",
    "Scheme",
    "SchemeBook",
    "ScoredLine",
    "Standing",
    "Statement",
    "Target",
    "Training",
    "Unit",
    "Unpaid",
    "Valuation",
    "Violation",
    "Waiting",
    "accrue",
    "allocate",
    "appraise",
    "appraise_all",
    "award",
    "award_all",
    "bonus_limit",
    "combine",
    "diff",
    "divide",
    "divide_all",
    "errors",
    "indicator",
    "lint",
    "measure",
    "movements",
    "overrule",
    "par",
    "parse_scheme",
    "pay",
    "payments_of",
    "percent",
    "ports",
    "prorate",
    "quantity",
    "ratio",
    "read_ledger",
    "read_scheme",
    "returned",
    "run",
    "run_async",
    "schemes",
    "settle",
    "share_pool",
    "statement",
    "template",
    "verify",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Never:
        """Say where a name is that stands in `lp.schemes` or `lp.ports`."""
        where = "".join(f": it is lp.{of}.{name}" for of in ("schemes", "ports") if name in globals()[of].__all__)
        raise AttributeError(f"module 'loanperf' has no attribute {name!r}{where}", name=name)
