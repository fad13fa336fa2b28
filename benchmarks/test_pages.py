"""Statements of many as pages, with their reasons folded and without; and the pages that somebody waits for.

Nothing is asserted about time: machines are shared. What 10,000 statements would take is printed.
"""

from collections.abc import Callable
from time import process_time

import pytest
from benchmarks.sizes import sized
from jinja2 import Environment
from tests.months_to_show import MARCH, a_month

import loanperf as lp
from loanperf import report
from loanperf.viewer import Viewer

LOANS = 10
"""Of each payee in the month."""
PAYEES = sized(2_000)
ALL = Viewer(who="hr", sees="all")
BY_HAND = Environment(autoescape=True).from_string(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)
"""Of who has the words of all cells already, and writes nothing else."""


@pytest.fixture(scope="module")
def run() -> lp.Run:
    """A month of many, each with ten loans and two indicators."""
    drawn = {
        f"E{payee:05}": [(1 + (7 * loan + payee) % 28, f"{20 + (37 * loan + payee) % 90}万元") for loan in range(LOANS)]
        for payee in range(PAYEES)
    }
    return a_month(dict.fromkeys(drawn, "王小明"), drawn=drawn, breaches=dict.fromkeys(drawn, "10"))


def seconds(work: Callable[[], object]) -> float:
    """Of one core."""
    began = process_time()
    work()
    return process_time() - began


@pytest.mark.parametrize("reasons", ["folded", "left out"])
def test_statements_of_many(run: lp.Run, reasons: report.ReasonsShown) -> None:
    """Asked for 10,000: five minutes of a core with reasons, one without."""
    ledger = run.ledger
    assert ledger is not None
    sizes, rows = list[int](), list[list[tuple[str, ...]]]()

    def work() -> None:
        money = (lp.statement(ledger, payee, MARCH, run.accruals) for payee in sorted(set(run.results.payees)))
        for page in report.statement_pages(money, run.results, viewer=ALL):
            sizes.append(len(page.html("zh", reasons=reasons).encode()))
            tables = (table for section in page.sections("zh") for table in section.tables)
            rows.append([row.cells for table in tables for row in table.rows])

    took = seconds(work)
    assert PAYEES == len(sizes)
    a_page = f"{1000 * took / PAYEES:.1f} ms a statement, {max(sizes) / 1024:.0f} KiB at most"
    by_hand = seconds(lambda: [BY_HAND.render(rows=page) for page in rows])
    ratio = f"{took / by_hand:.0f} x a template that is given the same cells"
    print(f"\nstatements, reasons {reasons}: {a_page}; 10,000 take {10_000 * took / PAYEES:.0f} s of a core; {ratio}")


def test_one_page(run: lp.Run) -> None:
    """What a payee waits for who opens My month, charts drawn."""
    ledger = run.ledger
    assert ledger is not None
    money = [lp.statement(ledger, "E00001", MARCH, run.accruals)]
    page = report.my_month("E00001", run.results, viewer=ALL, statements=money)
    page.html("zh")
    took = seconds(lambda: page.html("zh"))
    print(f"\nmy month: {1000 * took:.0f} ms, {len(page.html('zh').encode()) / 1024:.0f} KiB")
