"""The command that breaks an indicator down by groups of payees or loans, over one or more periods."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from loanperf._periods import Period
from loanperf.analytics import SMALLEST, breakdown
from loanperf.analytics._scenario import periods_in_order
from loanperf.cli._app import (
    CompanyOption,
    DataArgument,
    EncodingOption,
    LanguageOption,
    MapOption,
    SchemesOption,
    SmallestOption,
    TableOption,
    app,
    faults_told,
    show_analysis,
    viewer_of_all,
    with_examples,
)
from loanperf.cli._compare import scenario_of
from loanperf.cli._ports import Options, measured_indicator, ports_of


@app.command(
    "breakdown",
    epilog=with_examples(
        "breakdown data --indicator npl_ratio --by product --period 2026-02 --period 2026-03",
        "breakdown data --indicator loan_amount --by unit --period 2026-03 --lang zh",
    ),
)
def breakdown_command(
    data: DataArgument,
    indicator: Annotated[str, typer.Option("--indicator", metavar="CODE", help="What to measure, by code.")],
    by: Annotated[
        Literal["role", "unit", "region", "tenure", "product", "segment", "vintage"],
        typer.Option("--by", help="Groups of payees, or of loans: product, segment, vintage (the year of opening)."),
    ],
    period: Annotated[
        list[str],
        typer.Option("--period", help="2026-03, 2026-Q1, 2026-H1 or 2026; each period, one behind the other."),
    ],
    smallest: SmallestOption = SMALLEST,
    output: TableOption = "text",
    scheme: SchemesOption = None,
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Measure an indicator by groups of payees or loans, from the facts alone; nothing is written."""
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, company=company, mapped=mapped, encoding=encoding)
        with ports_of(options, keeps=False, ledger=False) as ports:
            asked = periods_in_order([Period.parse(one) for one in period])
            then = scenario_of(ports, asked)
        periods = [then.schemes.period(one) for one in asked]
        agreed = then.schemes.at(periods[-1].last_day)
        found = breakdown(
            then.facts,
            measured_indicator(indicator, agreed),
            by=by,
            people=then.people,
            periods=periods,
            currency=agreed.currency,
            viewer=viewer_of_all(),
            smallest=smallest,
        )
        show_analysis(found, output, lang)
