"""Schemes: a dated document -> Scheme; versions of it, and the card that holds for a payee."""

from loanperf._scheme._book import SchemeBook
from loanperf._scheme._common import Common
from loanperf._scheme._definition import Scheme
from loanperf._scheme._diff import Change, diff
from loanperf._scheme._entries import (
    Confirmation,
    Dimension,
    IndicatorEntry,
    Limit,
    Override,
    ScoringEntry,
    Stretch,
    Who,
    dimensions_of,
    indicators_of,
)
from loanperf._scheme._lint import LintFinding, lint
from loanperf._scheme._reading import (
    TEMPLATES,
    parse_scheme,
    read_rules,
    read_scheme,
    scheme_of,
    template,
    template_text,
    write_scheme,
)
from loanperf._scheme._resolve import phase_of, weights_in
from loanperf._scheme._schema import json_schema

__all__ = [
    "TEMPLATES",
    "Change",
    "Common",
    "Confirmation",
    "Dimension",
    "IndicatorEntry",
    "Limit",
    "LintFinding",
    "Override",
    "Scheme",
    "SchemeBook",
    "ScoringEntry",
    "Stretch",
    "Who",
    "diff",
    "dimensions_of",
    "indicators_of",
    "json_schema",
    "lint",
    "parse_scheme",
    "phase_of",
    "read_rules",
    "read_scheme",
    "scheme_of",
    "template",
    "template_text",
    "weights_in",
    "write_scheme",
]
