"""Appraisals: (cards, targets, readings) -> scores that say why; columns inside, rows outside."""

from loanperf._appraisal._appraisal import COMPARISONS, SUPPLIED, Appraisal, ScoredLine
from loanperf._appraisal._appraisals import Appraisals
from loanperf._appraisal._appraise import appraise, goals_of, readings_of
from loanperf._appraisal._appraise_all import appraise_all, appraise_columns
from loanperf._appraisal._bounds import beyond_bounds
from loanperf._appraisal._calibrated import Calibrated, by_payee, grade_named, grade_paid, why_calibrated
from loanperf._appraisal._columns import Piece, ScoredColumns, cell_error, cells_not_whole
from loanperf._appraisal._faults import error_of, unscorable
from loanperf._appraisal._groups import patterns, rows_of
from loanperf._appraisal._points import attainments
from loanperf._appraisal._rules import Numbers

__all__ = [
    "COMPARISONS",
    "SUPPLIED",
    "Appraisal",
    "Appraisals",
    "Calibrated",
    "Numbers",
    "Piece",
    "ScoredColumns",
    "ScoredLine",
    "appraise",
    "appraise_all",
    "appraise_columns",
    "attainments",
    "beyond_bounds",
    "by_payee",
    "cell_error",
    "cells_not_whole",
    "error_of",
    "goals_of",
    "grade_named",
    "grade_paid",
    "patterns",
    "readings_of",
    "rows_of",
    "unscorable",
    "why_calibrated",
]
