"""The example notebooks: every cell runs in a real kernel, and shows what was published or is worked by hand."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
import vl_convert
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[1] / "examples"
VEGA_LITE = "application/vnd.vegalite.v5+json"
BY_HAND = """
lent = book.groupby("product")["amount"].sum() * 10_000
by_group = {(one.by, one.group.en): one for one in found.groups}
for product, new_rate in (("mortgage", 2), ("unsecured", 1)):
    row = by_group["product", product]
    assert 1000 * row.now.exact == 2 * lent[product], product
    assert 1000 * row.new.exact == new_rate * lent[product], product
paid_out = [one.amount for one in paid.ledger.entries if one.kind is lp.EntryKind.PAID]
assert found.now.units == sum(one.units for one in paid_out)
known = book["bad"] & (book["opened_on"] <= pd.Timestamp("2026-03-11").date())
assert mix.after[0] == 10_000 * book[known]["amount"].sum()
assert (scheme, advice.following) == tuple(published.at(day) for day in ("2026-03-31", "2026-04-01"))
"""
"""0.2% of what was lent by product, then 0.1% of unsecured loans; all that was paid; loans are bad after 20 days."""


def read(name: str) -> Any:
    """A notebook as it is kept."""
    untyped: Any = nbformat
    return untyped.reads((EXAMPLES / name).read_text(encoding="utf-8"), as_version=4)


def run(notebook: Any, folder: Path) -> None:
    """Run all cells; one that fails stops the test with its error."""
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": folder}}).execute()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_notebook_runs_and_says_what_was_published(tmp_path: Path) -> None:
    """121.2 points and 8169.60 yuan."""
    notebook = read("notebook.ipynb")
    run(notebook, tmp_path)

    shown = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert "121.2 8169.60 CNY" == shown.strip()
    tables = [
        output.data["text/plain"] for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output
    ]
    assert any("E01" in table and "8169.60 CNY" in table for table in tables)
    assert any("stricter" in table and "陈" in table for table in tables)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_scheme_is_made_of_history_tried_out_and_published(tmp_path: Path) -> None:
    """What it costs is worked by hand from the loans that it makes; its pictures are drawn."""
    notebook, untyped = read("decide.ipynb"), nbformat.v4
    notebook.cells.append(untyped.new_code_cell(BY_HAND))  # type: ignore[no-untyped-call]
    run(notebook, tmp_path)

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pictures = [output.data[VEGA_LITE] for output in outputs if VEGA_LITE in output.get("data", {})]
    drawn = [vl_convert.vegalite_to_svg(one, vl_version="5.21", allowed_base_urls=[]) for one in pictures]
    assert 2 == len(drawn)
    assert all(word in drawn[0] for word in ("前期", "结构", "比率", "后期"))
    assert all(word in drawn[1] for word in ("现行方案", "新方案", "2025-10", "2026-03"))
    said = "".join(output.get("text", "") for output in outputs)
    assert "; 0 problems" in said
    assert "历史重算与实发金额完全一致" in said


@pytest.mark.parametrize("name", ["notebook.ipynb", "decide.ipynb"])
def test_notebooks_are_kept_without_outputs(name: str) -> None:
    """What they print is made anew by whoever opens them, and no review reads old numbers."""
    notebook = read(name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [] == [cell for cell in code if cell.outputs or cell.execution_count]
    nbformat.validate(notebook)
