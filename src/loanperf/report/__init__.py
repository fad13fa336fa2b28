"""Report: pages for people and units: my month, my team, statements, a region or product; charts as data.

HTML needs the extra `report`.

Hosts import it by its own name: `from loanperf import report`.
"""

from loanperf._ledger import LineName
from loanperf.report._appeals import appeal_page, appeal_posted
from loanperf.report._calibration import calibration_page
from loanperf.report._cycles import as_published
from loanperf.report._fields import FormChoice, FormField, FormTarget, PageForm
from loanperf.report._letters import acknowledgement_posted, result_letter
from loanperf.report._my_month import my_month
from loanperf.report._my_team import my_team
from loanperf.report._page import Page, PartLink, ReasonsShown
from loanperf.report._parts import Chart, KeyFigure, PageRow, PageTable, Reason, Reasons, Remark, Section, Tone
from loanperf.report._reviews import review_page, review_posted
from loanperf.report._statements import statement_page, statement_pages
from loanperf.report._unit_page import NamedForecast, unit_page

__all__ = [
    "Chart",
    "FormChoice",
    "FormField",
    "FormTarget",
    "KeyFigure",
    "LineName",
    "NamedForecast",
    "Page",
    "PageForm",
    "PageRow",
    "PageTable",
    "PartLink",
    "Reason",
    "Reasons",
    "ReasonsShown",
    "Remark",
    "Section",
    "Tone",
    "acknowledgement_posted",
    "appeal_page",
    "appeal_posted",
    "as_published",
    "calibration_page",
    "my_month",
    "my_team",
    "result_letter",
    "review_page",
    "review_posted",
    "statement_page",
    "statement_pages",
    "unit_page",
]
