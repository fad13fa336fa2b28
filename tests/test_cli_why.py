"""The command says why the pay of a payee changed, and its steps sum to the difference."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

from typer.testing import CliRunner

import loanperf as lp
from loanperf.cli._commands import app

DEMO = Path(str(files("loanperf") / "demo"))


def called(data: Path, *more: str) -> tuple[int, str]:
    given = ["why", str(data), "--scheme", str(DEMO / "scheme.toml"), "--payee", "E02", *more]
    done = CliRunner().invoke(app, given)
    return done.exit_code, done.output


def test_it_says_why_pay_changed(tmp_path: Path) -> None:
    """The demo branch, with the targets of March in February too."""
    data = tmp_path / "data"
    shutil.copytree(DEMO / "data", data)
    head, *rows = (data / "targets.csv").read_text(encoding="utf-8").splitlines()
    rows += [row.replace("2026-03", "2026-02") for row in rows if "2026-03" in row]
    (data / "targets.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    code, text = called(data, "--period", "2026-02", "--period", "2026-03", "--format", "json")
    assert code == 0, text
    found = json.loads(text)
    steps = [lp.Money(step["amount"]) for step in found["steps"]]
    zero = lp.Money.from_units(0, "CNY")
    assert lp.Money(found["after"]) - lp.Money(found["before"]) == sum(steps, zero)
    assert steps


def test_two_periods_are_needed() -> None:
    code, text = called(DEMO / "data", "--period", "2026-03")
    assert (2, True) == (code, "give two periods, the earlier first" in text)
