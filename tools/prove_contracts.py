"""Show that every import contract can fail: break each once, in a copy of the tree, and see it reported.

A contract that nothing can break protects nothing, and looks the same as one that holds.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Contract: the module that offends, and its offence.
OFFENCES = {
    "imports run one way, down the flow": ("_curves", "import loanperf._appraisal"),
    "a step takes data, never a port": ("_appraisal", "import loanperf.ports"),
    "the core has no clock, chance, log, process or network": ("_scheme", "import time"),
    "only the scheme, frames and the catalogue of Chinese read files": ("_facts", "import pathlib"),
    "dateutil has one door: _periods": ("_facts", "import dateutil.parser"),
    "pint has one door: _quantities": ("_indicators", "import pint"),
    "cattrs and tomli_w have one door: _scheme": ("_org", "import cattrs"),
    "typer and rich have one door: cli": ("run", "import typer"),
    "numpy is for columns: _numbers, _tables, and the steps from people to the ledger": ("_scorecard", "import numpy"),
    "no step knows the tracker": ("_org", "import loanperf.tracker"),
    "pyspark has one door: adapters.spark": ("run", "import pyspark"),
    "sqlalchemy, alembic, psycopg and cryptography have one door: adapters.sql": ("run", "import sqlalchemy"),
    "hypothesis has one door: testing": ("run", "import hypothesis"),
    "xlsxwriter has one door: adapters.workbook": ("run", "import xlsxwriter"),
    "python_calamine has one door: adapters.tables": ("run", "import python_calamine"),
    "narwhals and pyarrow have one door: _tables": ("tracker", "import pyarrow"),
    "chinese_calendar and holidays have one door: adapters.calendars": ("run", "import holidays"),
    "jinja2 and vl_convert have one door: report": ("run", "import jinja2"),
    "pydantic has one door: adapters.pydantic": ("run", "import pydantic"),
}


def broken_contracts(module: str, offence: str) -> set[str]:
    """The names of the contracts that the linter reports broken once a module says the offence."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copy(ROOT / "pyproject.toml", copy)
        package = shutil.copytree(ROOT / "src" / "loanperf", copy / "src" / "loanperf")
        path = package / f"{module}.py"
        if not path.exists():
            path = package / module / "__init__.py"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{offence}\n", encoding="utf-8")
        report = subprocess.run(
            [shutil.which("lint-imports") or "lint-imports", "--no-cache", "--no-logo"],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy / "src"), "NO_COLOR": "1", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
    return set(re.findall(r"^(.+) BROKEN\b", report.stdout, re.MULTILINE))


def main() -> int:
    """Print a line for each contract; 1 if any cannot be broken, or has no offence here."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]
    faults = [f"no offence for: {name}" for name in contracts if name not in OFFENCES]
    faults += [f"no contract for: {name}" for name in OFFENCES if name not in contracts]
    for name, (module, offence) in OFFENCES.items():
        if name in broken_contracts(module, offence):
            print(f"broken by `{offence}` in {module}: {name}")
        else:
            faults.append(f"not broken by `{offence}` in {module}: {name}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
