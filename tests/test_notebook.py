"""The example notebook: every cell runs in a real kernel, and the published numbers come out."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "examples" / "notebook.ipynb"


def read() -> Any:
    """The notebook as it is kept."""
    untyped: Any = nbformat
    return untyped.reads(NOTEBOOK.read_text(encoding="utf-8"), as_version=4)


@pytest.mark.filterwarnings("ignore")
def test_the_notebook_runs_and_says_what_was_published(tmp_path: Path) -> None:
    """121.2 points and 8169.60 yuan; a cell that fails stops the test with its error."""
    notebook = read()
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()

    shown = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert "121.2 8169.60 CNY" == shown.strip()
    tables = [
        output.data["text/plain"] for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output
    ]
    assert any("E01" in table and "8169.60 CNY" in table for table in tables)
    assert any("stricter" in table and "陈" in table for table in tables)


def test_the_notebook_is_kept_without_outputs() -> None:
    """What it prints is made anew by whoever opens it, and no review reads old numbers."""
    notebook = read()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [] == [cell for cell in code if cell.outputs or cell.execution_count]
    nbformat.validate(notebook)
