"""Faults: a few of those of `python -m faults`, on both databases, with every run of the tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.full
def test_months_that_are_killed_and_doubled_come_to_the_same() -> None:
    """In a process of its own, since it forks; each line of the table says as many same results as tries."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "faults"],
        cwd=ROOT,
        env=os.environ | {"LOANPERF_FAULTS": "quick"},
        capture_output=True,
        text=True,
        check=False,
    )
    head, *lines = done.stdout.splitlines()
    assert ["fault", "database", "tries", "recovered", "same", "result", "lost", "doubled"] == head.split()
    assert 0 == done.returncode, done.stdout + done.stderr[-2000:]
    assert {"SQLite", "PostgreSQL"} == {
        word for line in lines for word in line.split() if word in ("SQLite", "PostgreSQL")
    }
    assert 20 < len(lines)
