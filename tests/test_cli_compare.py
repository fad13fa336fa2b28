"""The command that compares two schemes: over a folder that was paid, and over one that was not."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import loanperf as lp
from loanperf.analytics import Comparison
from loanperf.cli._commands import app

DEMO = Path(lp.__file__).parent / "demo"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo branch, and a scheme that pays 2 months for 100 points instead of one."""
    data = tmp_path / "data"
    shutil.copytree(DEMO / "data", data)
    text = (DEMO / "scheme.toml").read_text(encoding="utf-8")
    (data / "scheme.toml").write_text(text, encoding="utf-8")
    more = text.replace('["100 point", 1]', '["100 point", 2]')
    assert more != text
    (tmp_path / "new.toml").write_text(more, encoding="utf-8")
    return tmp_path


def asked(folder: Path, *more: str) -> Result:
    where = ["compare", str(folder / "data"), str(folder / "new.toml"), "--period", "2026-03"]
    return CliRunner().invoke(app, [*where, *more])


def test_a_folder_that_was_paid_is_compared_in_both_languages(folder: Path) -> None:
    """Nothing is written: the ledger stays as the run left it."""
    paid = CliRunner().invoke(app, ["run", str(folder / "data"), "--period", "2026-03", "--approve", "chen"])
    assert 0 == paid.exit_code, paid.output
    before = (folder / "data" / "loanperf.db").read_bytes()
    english, chinese = asked(folder), asked(folder, "--lang", "zh", "--volume", "10%")
    assert (0, 0) == (english.exit_code, chinese.exit_code), english.output + chinese.output
    assert "the history worked again is what was paid, to the smallest unit" in english.output
    assert "历史重算与实发金额完全一致" in chinese.output
    assert "业务量变动 -10% 时成本" in chinese.output
    assert before == (folder / "data" / "loanperf.db").read_bytes()


def test_json_has_all_of_it_and_csv_the_table(folder: Path) -> None:
    """What json says is read back; csv has a row for each group, with amounts as numbers."""
    found = Comparison.from_data(json.loads(asked(folder, "--unchecked", "--format", "json").output))
    assert found.difference.units > 0
    lines = asked(folder, "--unchecked", "--format", "csv").output.splitlines()
    assert "by,group,people,now (CNY),new (CNY),difference (CNY),of now (%)" == lines[0]
    assert lines[1].startswith(f"total,total,{found.groups[0].people},{found.now.amount},{found.new.amount},")
    assert len(found.groups) + 1 == len(lines)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "no entry is in it"),
        (["--unchecked", "--accept", "E04=why"], "write it as E04/2026-03="),
        (["--unchecked", "--volume", "much"], "volume"),
        (["--unchecked", "--period", "2026-05"], "does not begin where 2026-03 ends"),
        (["--unchecked", "--period", "2026-02"], "2026-02 stands behind 2026-03, and begins before that ends"),
    ],
)
def test_what_cannot_be_compared_says_what_to_do(folder: Path, more: list[str], said: str) -> None:
    """Without a ledger, with an acceptance that says nothing, with periods that have a gap."""
    done = asked(folder, *more)
    assert 2 == done.exit_code
    assert said in done.output
