"""Commissions: (facts, plans) -> accruals, in stages and tiers, credited and explained."""

from loanperf._commission._accrual import (
    UNPAID,
    Accrual,
    DatedPlan,
    Unpaid,
    UnpaidBy,
    Waiting,
    choose_plan,
    counted,
    line_key,
)
from loanperf._commission._accruals import Accruals
from loanperf._commission._accrue import accrue
from loanperf._commission._lines import Lines
from loanperf._commission._names import name_of
from loanperf._commission._periodic import pays_by_period
from loanperf._commission._plan import (
    OF_BALANCES,
    OF_LOANS,
    Cap,
    Component,
    Multiplier,
    PayRules,
    Plan,
    Rate,
    Stage,
    Team,
    Tiers,
)
from loanperf._commission._standings import Standing, Standings
from loanperf._commission._states import TRANSITIONS, DealEvent, DealState
from loanperf._commission._withheld import Clawback, Draw, Holdback, Instalment

__all__ = [
    "OF_BALANCES",
    "OF_LOANS",
    "TRANSITIONS",
    "UNPAID",
    "Accrual",
    "Accruals",
    "Cap",
    "Clawback",
    "Component",
    "DatedPlan",
    "DealEvent",
    "DealState",
    "Draw",
    "Holdback",
    "Instalment",
    "Lines",
    "Multiplier",
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
    "accrue",
    "choose_plan",
    "counted",
    "line_key",
    "name_of",
    "pays_by_period",
]
