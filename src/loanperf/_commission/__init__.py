"""Commissions: (facts, plans) -> accruals, in stages and tiers, credited and explained."""

from loanperf._commission._accrual import (
    UNPAID,
    Accrual,
    DatedPlan,
    Unpaid,
    UnpaidBy,
    Waiting,
    Withholding,
    choose_plan,
    component_of,
    counted,
    line_key,
)
from loanperf._commission._accrue import Accruals, accrue
from loanperf._commission._before import CountedBefore
from loanperf._commission._lines import Lines
from loanperf._commission._names import name_of
from loanperf._commission._periodic import pays_by_period
from loanperf._commission._plan import (
    BY_AMOUNT,
    OF_BALANCES,
    OF_LOANS,
    OF_TIME,
    Cap,
    Component,
    PayRules,
    Plan,
    Stage,
    Team,
)
from loanperf._commission._scope import LoansWorked, horizon_of, sharing, undecided, unsettled
from loanperf._commission._standings import Standing, Standings
from loanperf._commission._states import TRANSITIONS, DealEvent, DealState
from loanperf._commission._tiers import Rate, Tiers, stated_rates, term_problems
from loanperf._commission._withheld import Clawback, Draw

__all__ = [
    "BY_AMOUNT",
    "OF_BALANCES",
    "OF_LOANS",
    "OF_TIME",
    "TRANSITIONS",
    "UNPAID",
    "Accrual",
    "Accruals",
    "Cap",
    "Clawback",
    "Component",
    "CountedBefore",
    "DatedPlan",
    "DealEvent",
    "DealState",
    "Draw",
    "Lines",
    "LoansWorked",
    "PayRules",
    "Plan",
    "Rate",
    "Stage",
    "Standing",
    "Standings",
    "Team",
    "Tiers",
    "Unpaid",
    "UnpaidBy",
    "Waiting",
    "Withholding",
    "accrue",
    "choose_plan",
    "component_of",
    "counted",
    "horizon_of",
    "line_key",
    "name_of",
    "pays_by_period",
    "sharing",
    "stated_rates",
    "term_problems",
    "undecided",
    "unsettled",
]
