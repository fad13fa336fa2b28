"""The command that says why the pay of a payee changed between two periods."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from loanperf._periods import Period
from loanperf.analytics import PayOfPeriod, why_pay_changed
from loanperf.cli._app import (
    PROBLEMS,
    CompanyOption,
    DataArgument,
    EncodingOption,
    FirstOption,
    LanguageOption,
    LedgerOption,
    MapOption,
    SchemesOption,
    app,
    faults_told,
    say,
    show_problems,
    viewer_of_all,
    with_examples,
)
from loanperf.cli._month import worked_in
from loanperf.cli._ports import Options, ports_of
from loanperf.cli._results import csv_of, json_text
from loanperf.errors import DataError


@app.command(
    "why",
    epilog=with_examples(
        "why data --payee E04 --period 2026-02 --period 2026-03",
        "why data --payee E04 --period 2026-02 --period 2026-03 --lang zh",
    ),
)
def why_command(
    data: DataArgument,
    period: Annotated[list[str], typer.Option("--period", help="Two periods, the earlier first.")],
    payee: Annotated[str, typer.Option("--payee", help="Whose pay, by code.")],
    first: FirstOption = "",
    output: Annotated[Literal["text", "json", "csv"], typer.Option("--format", help="What to print.")] = "text",
    scheme: SchemesOption = None,
    ledger: LedgerOption = "",
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Say why the pay of a payee changed between two periods, as steps that sum exactly; nothing is written."""
    with faults_told(lang):
        if len(period) != 2:
            raise DataError("--period", f"it is given {len(period)} times", "give two periods, the earlier first")
        options = Options(data=data, schemes=scheme, ledger=ledger, company=company, mapped=mapped, encoding=encoding)
        with ports_of(options, keeps=False) as ports:
            book = ports.schemes.schemes()
            runs = [worked_in(ports, Period.parse(one), book=book, first=first) for one in period]
        problems = dict.fromkeys(one for run in runs for one in run.problems if one.payee in ("", payee))
        show_problems(list(problems), lang)
        before, after = (PayOfPeriod.of_run(run, payee) for run in runs)
        found = why_pay_changed(before, after, viewer=viewer_of_all())
        if output == "json":
            say(json_text(found.data()))
        elif output == "csv":
            say(csv_of(found.rows, lang).removesuffix("\n"))
        else:
            say(found.text(lang))
        if problems:
            raise typer.Exit(PROBLEMS)
