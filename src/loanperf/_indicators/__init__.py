"""Indicators: (facts, period) -> readings; and the catalogue of indicators."""

from loanperf._indicators._averages import average_balances, in_other_currencies
from loanperf._indicators._catalogue import (
    CATALOGUE,
    disbursed_amount,
    indicator,
)
from loanperf._indicators._days_off import on_days_off
from loanperf._indicators._fields import FIELDS, Field, bounds_of, check_indicator, check_measure, totals_of
from loanperf._indicators._measure import measure, measure_part, must_have_facts_by
from loanperf._indicators._names import (
    BOUNDS,
    EVENTS,
    ROLES,
    fact_label,
    formula_of,
    indicator_label,
    key_label,
    source_label,
    term_label,
)
from loanperf._indicators._reading import Reading, combine, refuse_bare
from loanperf._indicators._readings import Readings
from loanperf._indicators._risk import (
    Rescheduled,
    npl_ratio,
    par,
)
from loanperf._indicators._types import (
    Deduct,
    Direction,
    HeldAt,
    Indicator,
    Kind,
    Measure,
    Part,
    Ratio,
    Timing,
    Total,
    View,
    Where,
)

__all__ = [
    "BOUNDS",
    "CATALOGUE",
    "EVENTS",
    "FIELDS",
    "ROLES",
    "Deduct",
    "Direction",
    "Field",
    "HeldAt",
    "Indicator",
    "Kind",
    "Measure",
    "Part",
    "Ratio",
    "Reading",
    "Readings",
    "Rescheduled",
    "Timing",
    "Total",
    "View",
    "Where",
    "average_balances",
    "bounds_of",
    "check_indicator",
    "check_measure",
    "combine",
    "disbursed_amount",
    "fact_label",
    "formula_of",
    "in_other_currencies",
    "indicator",
    "indicator_label",
    "key_label",
    "measure",
    "measure_part",
    "must_have_facts_by",
    "npl_ratio",
    "on_days_off",
    "par",
    "refuse_bare",
    "source_label",
    "term_label",
    "totals_of",
]
