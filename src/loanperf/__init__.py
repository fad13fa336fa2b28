"""Performance appraisal and incentive pay of loan salespeople: exact, explained, proven.

The names stand in the order of the flow: quantities and periods, people, facts, indicators, scorecards,
appraisals, bonuses, schemes, and the run over a host's adapters.
"""

from loanperf import errors  # isort: skip
from loanperf._quantities import CURRENCIES, Money, Quantity, Rounding, allocate, quantity  # isort: skip
from loanperf._periods import Period, Tenor  # isort: skip
from loanperf._curves import Curve, Then  # isort: skip
from loanperf._explanations import Explanation, Label  # isort: skip
from loanperf._org import Assignment, Organisation, Payee, Unit  # isort: skip
from loanperf._facts import (  # isort: skip
    Balance,
    Category,
    Customer,
    EventKind,
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
from loanperf._indicators import (  # isort: skip
    CATALOGUE,
    Deduct,
    Direction,
    Indicator,
    Kind,
    Measured,
    Part,
    Ratio,
    Reading,
    Total,
    Where,
    combine,
    indicator,
    measure,
)
from loanperf._targets import Target, divide, prorate  # isort: skip
from loanperf._scorecard import (  # isort: skip
    Bonus,
    Card,
    CardLine,
    Constraint,
    Gate,
    Grade,
    Missing,
    Phase,
    Profile,
    Scoring,
    Veto,
    rebalance,
)
from loanperf._appraisal import Appraisal, ScoredLine, appraise  # isort: skip
from loanperf._bonus import Award, award, share_pool  # isort: skip
from loanperf._scheme import (  # isort: skip
    TEMPLATES,
    Change,
    Dimension,
    IndicatorEntry,
    Limit,
    Override,
    Scheme,
    SchemeBook,
    ScoringEntry,
    Stretch,
    Who,
    diff,
    json_schema,
    parse_scheme,
    read_scheme,
    scheme_of,
    template,
    template_text,
    write_scheme,
)
from loanperf import ports  # isort: skip
from loanperf.run import Result, Run, run  # isort: skip
