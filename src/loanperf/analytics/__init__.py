"""Analytics: what happened and what was agreed -> findings, with how sure they are and what they do not show.

Hosts import it by its own name: `from loanperf.analytics import Scenario, compare`. Analyses inform schemes and
targets; nothing that is paid is worked out of them, and no person is judged by them.
"""

from loanperf.analytics._advice import Advice, advise, product_rate, unit_weight, weight
from loanperf.analytics._breakdown import BREAKDOWNS, Breakdown, BreakdownRow, breakdown, breakdown_of_pay
from loanperf.analytics._budget import BudgetForecast, BudgetLevel, Spread, bonus_budget, spread_of
from loanperf.analytics._changes import STEP_NAMES, PayChangeStep
from loanperf.analytics._compare import compare
from loanperf.analytics._comparison import (
    CompareRules,
    Comparison,
    ExplainedChange,
    GradeMove,
    GroupChange,
    LimitHits,
    PayeeChange,
    PayeeSpread,
    VolumeCost,
    WinnersLosers,
)
from loanperf.analytics._correlation import Correlation, Correlations, correlate
from loanperf.analytics._difference import difference_of_groups
from loanperf.analytics._findings import (
    SMALLEST,
    Analysis,
    AnalysisColumn,
    Exact,
    Finding,
    Interval,
    shown_groups,
)
from loanperf.analytics._forecast import (
    Forecast,
    ForecastPoint,
    ForecastTest,
    NotForecast,
    PastValues,
    SubjectForecast,
    forecast,
)
from loanperf.analytics._group_findings import GroupFinding, GroupFindings, findings_of
from loanperf.analytics._mix import MixEffects, MixSegment, mix_effects
from loanperf.analytics._mix_claim import ClaimFigure, ClaimLoan, ClaimLoans, MixClaim, mix_claim
from loanperf.analytics._past import past_of
from loanperf.analytics._scenario import PaidDifference, Scenario
from loanperf.analytics._training import TrainingEffect, TrainingEstimate, TrainingProjection, training_effect
from loanperf.analytics._trees import ReasonChange, reasons_changed
from loanperf.analytics._trend import Trend, Trends, trend
from loanperf.analytics._weight_advice import AdviceRules, AdvisedWeight, RelaxedRule, WeightAdvice, WeightOutcome
from loanperf.analytics._weight_methods import MethodWeights, ahp_weights, critic_weights, entropy_weights
from loanperf.analytics._weights import advise_weights
from loanperf.analytics._why import PayChange, PayOfPeriod, why_pay_changed
from loanperf.analytics._why_facts import ChangedFact

__all__ = [
    "BREAKDOWNS",
    "SMALLEST",
    "STEP_NAMES",
    "Advice",
    "AdviceRules",
    "AdvisedWeight",
    "Analysis",
    "AnalysisColumn",
    "Breakdown",
    "BreakdownRow",
    "BudgetForecast",
    "BudgetLevel",
    "ChangedFact",
    "ClaimFigure",
    "ClaimLoan",
    "ClaimLoans",
    "CompareRules",
    "Comparison",
    "Correlation",
    "Correlations",
    "Exact",
    "ExplainedChange",
    "Finding",
    "Forecast",
    "ForecastPoint",
    "ForecastTest",
    "GradeMove",
    "GroupChange",
    "GroupFinding",
    "GroupFindings",
    "Interval",
    "LimitHits",
    "MethodWeights",
    "MixClaim",
    "MixEffects",
    "MixSegment",
    "NotForecast",
    "PaidDifference",
    "PastValues",
    "PayChange",
    "PayChangeStep",
    "PayOfPeriod",
    "PayeeChange",
    "PayeeSpread",
    "ReasonChange",
    "RelaxedRule",
    "Scenario",
    "Spread",
    "SubjectForecast",
    "TrainingEffect",
    "TrainingEstimate",
    "TrainingProjection",
    "Trend",
    "Trends",
    "VolumeCost",
    "WeightAdvice",
    "WeightOutcome",
    "WinnersLosers",
    "advise",
    "advise_weights",
    "ahp_weights",
    "bonus_budget",
    "breakdown",
    "breakdown_of_pay",
    "compare",
    "correlate",
    "critic_weights",
    "difference_of_groups",
    "entropy_weights",
    "findings_of",
    "forecast",
    "mix_claim",
    "mix_effects",
    "past_of",
    "product_rate",
    "reasons_changed",
    "shown_groups",
    "spread_of",
    "training_effect",
    "trend",
    "unit_weight",
    "weight",
    "why_pay_changed",
]
