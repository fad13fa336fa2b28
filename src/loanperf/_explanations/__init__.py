"""Explanations: the tree of reasons that each result carries, in both languages, and the names in it."""

from loanperf._explanations._explanations import RULES, Explanation, because, carried, printed, told
from loanperf._explanations._labels import (
    CURRENCY_NAMES,
    ROUNDING_NAMES,
    SOMEBODY,
    UNIT_NAMES,
    Label,
    harmless,
    html_of,
    in_words,
    near_label,
    one_line,
    period_label,
    quantity_label,
    written,
)
from loanperf.errors import Language, spoken

__all__ = [
    "CURRENCY_NAMES",
    "ROUNDING_NAMES",
    "RULES",
    "SOMEBODY",
    "UNIT_NAMES",
    "Explanation",
    "Label",
    "Language",
    "because",
    "carried",
    "harmless",
    "html_of",
    "in_words",
    "near_label",
    "one_line",
    "period_label",
    "printed",
    "quantity_label",
    "spoken",
    "told",
    "written",
]
