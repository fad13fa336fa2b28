"""The command breaks an indicator down by groups over periods, as text, CSV and JSON, in both languages."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from loanperf.analytics import Breakdown
from loanperf.cli._commands import app

BALANCES = {"S1": ("secured", 79, 69), "S2": ("secured", 1, 1), "U1": ("unsecured", 19, 47), "U2": ("unsecured", 1, 3)}
"""In 万元 at the end of March and of April; S2 and U2 are bad."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    loans = [f"{loan},{loan},lin,2025-02-01,{product}" for loan, (product, _, _) in BALANCES.items()]
    held = [
        f"{loan},2026-03-31,{march}万元\n{loan},2026-04-30,{april}万元" for loan, (_, march, april) in BALANCES.items()
    ]
    bad = [f"{loan},classified,2026-03-05,substandard" for loan in ("S2", "U2")]
    tables = {
        "assignments": ("payee,unit,role,since", ["lin,east,officer,2025-01-01"]),
        "loans": ("loan,customer,officer,opened_on,product", loans),
        "balances": ("loan,on,outstanding", held),
        "events": ("loan,kind,on,category", bad),
    }
    for name, (head, rows) in tables.items():
        (tmp_path / f"{name}.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return tmp_path


def asked(folder: Path, *more: str, code: str = "npl_ratio", by: str = "product") -> Result:
    where = ["breakdown", str(folder), "--scheme", "worked-example", "--indicator", code, "--by", by]
    return CliRunner().invoke(app, [*where, "--period", "2026-03", "--period", "2026-04", *more])


def test_csv_has_a_row_a_period_and_group(folder: Path) -> None:
    """1 of 80, 1 of 20, 1 of 70 and 3 of 50; amounts in whole yuan, ratios in percent."""
    done = asked(folder, "--smallest", "1", "--format", "csv")
    assert 0 == done.exit_code, done.output
    assert [
        "period,product,people,numerator (CNY),share (%),denominator (CNY),NPL ratio (%)",
        "2026-03,secured,1,10000,50,800000,1.25",
        "2026-03,unsecured,1,10000,50,200000,5",
        "2026-04,secured,1,10000,25,700000,1.428571428571",
        "2026-04,unsecured,1,30000,75,500000,6",
    ] == done.output.splitlines()


def test_json_is_read_back_and_words_are_in_both_languages(folder: Path) -> None:
    found = Breakdown.from_data(json.loads(asked(folder, "--smallest", "1", "--format", "json").output))
    assert [1, 1, 1, 1] == [one.people for one in found.groups]
    alone = asked(folder).output
    assert alone.startswith("NPL ratio by product: 1 group in 2026-03, 2026-04 (")
    assert "NPL ratio by product: 2 groups in 2026-03, 2026-04" in asked(folder, "--smallest", "1").output
    chinese = asked(folder, "--smallest", "1", "--lang", "zh").output.splitlines()
    assert chinese[0].startswith("按产品分析不良率：2026-03、2026-04，共 2 组（")
    assert "期间  产品  人数  分子  占比  分母  不良率" == chinese[1]


def test_small_groups_are_shown_together_unless_it_is_said_otherwise(folder: Path) -> None:
    lines = asked(folder, "--format", "csv", "--lang", "zh", by="role").output.splitlines()
    assert ["其他（人数过少，合并列示）"] * 2 == [line.split(",")[1] for line in lines[1:]]


@pytest.mark.parametrize(
    ("code", "by", "more", "said"),
    [
        ("npl", "product", (), "npl"),
        ("npl_ratio", "moon", (), "moon"),
        ("npl_ratio", "product", ("--period", "2026-07"), "does not begin where 2026-04 ends"),
        ("npl_ratio", "product", ("--period", "2026-02"), "2026-02 stands behind 2026-04, and begins before that ends"),
    ],
)
def test_what_cannot_be_broken_down_is_refused(
    folder: Path, code: str, by: str, more: tuple[str, ...], said: str
) -> None:
    done = asked(folder, *more, code=code, by=by)
    assert 2 == done.exit_code
    assert said in done.output


def test_an_indicator_may_be_named_as_it_is_shown(folder: Path) -> None:
    """A manager reads 不良率 in every table and knows no code of it; a code that is close is suggested."""
    by_code = asked(folder, "--smallest", "1")
    assert 0 == by_code.exit_code, by_code.output
    for name in ("不良率", "NPL ratio"):
        assert by_code.output == asked(folder, "--smallest", "1", code=name).output
    refused = asked(folder, code="不良绿")
    assert (2, True) == (refused.exit_code, "no indicator is called '不良绿'; known: " in refused.stderr)
