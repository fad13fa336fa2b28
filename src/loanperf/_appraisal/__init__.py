"""Appraisals: (cards, targets, readings) -> scores that say why; columns inside, rows outside."""

from loanperf._appraisal._appraisal import SUPPLIED, Appraisal, ScoredLine
from loanperf._appraisal._appraisals import Appraisals
from loanperf._appraisal._appraise import appraise
from loanperf._appraisal._appraise_all import appraise_all, of_row
from loanperf._appraisal._columns import cell_error, unreadable
from loanperf._appraisal._groups import patterns, rows_of
from loanperf._appraisal._points import attainments
from loanperf._appraisal._rules import Numbers

__all__ = [
    "SUPPLIED",
    "Appraisal",
    "Appraisals",
    "Numbers",
    "ScoredLine",
    "appraise",
    "appraise_all",
    "attainments",
    "cell_error",
    "of_row",
    "patterns",
    "rows_of",
    "unreadable",
]
