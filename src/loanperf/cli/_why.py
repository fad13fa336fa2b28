"""The command that says why the pay of a payee changed between two periods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import typer
from attrs import evolve, frozen

from loanperf._facts import Facts
from loanperf._ledger import Entries, Ledger
from loanperf._periods import Period
from loanperf._scheme import SchemeBook
from loanperf.adapters.memory import MemoryEntries
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
    show_analysis,
    show_problems,
    viewer_of_all,
    with_examples,
)
from loanperf.cli._month import must_be_code, worked_in
from loanperf.cli._ports import Options, Ports, ports_of
from loanperf.errors import DataError
from loanperf.ports import Batch, LedgerStore
from loanperf.run import Run


@app.command(
    "why",
    epilog=with_examples(
        "why data --payee E04 --period 2026-02 --period 2026-03",
        "why data --payee E04 --period 2026-02 --period 2026-03 --lang zh",
        "why data --payee E04 --period 2026-02 --period 2026-03 --facts-then data-of-february",
    ),
)
def why_command(
    data: DataArgument,
    period: Annotated[list[str], typer.Option("--period", help="Two periods, the earlier first.")],
    payee: Annotated[str, typer.Option("--payee", help="Whose pay, by code.")],
    then: Annotated[
        str,
        typer.Option(
            "--facts-then",
            metavar="DATA",
            help="A copy of DATA as it was when pay was posted: names the facts that changed since.",
        ),
    ] = "",
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
            must_be_code(payee, ports.people.organisation(Period.parse(period[-1])))
            runs = _runs(ports, [Period.parse(one) for one in period], first)
            facts = _facts(ports, options, then, runs[-1].period) if then else ()
        problems = dict.fromkeys(one for run in runs for one in run.problems if one.payee in ("", payee))
        show_problems(list(problems), lang)
        before, after = (PayOfPeriod.of_run(run, payee) for run in runs)
        found = why_pay_changed(before, after, viewer=viewer_of_all(), facts=facts)
        show_analysis(found, output, lang)
        if problems:
            raise typer.Exit(PROBLEMS)


def _facts(ports: Ports, options: Options, then: str, period: Period) -> tuple[Facts, Facts]:
    """Facts as they were, which are read from the copy that `--facts-then` names, and facts as they are now."""
    with ports_of(evolve(options, data=then), keeps=False, ledger=False) as copied:
        return copied.facts.facts(period), ports.facts.facts(period)


def _runs(ports: Ports, periods: Sequence[Period], first: str) -> list[Run]:
    """Both periods, each worked on what those before it post: what is not posted yet is paid in the next one too."""
    book = ports.schemes.schemes()
    one, two = map(book.period, periods)
    runs, period = [worked_in(ports, one, book=book, first=first)], one.next()
    while runs[-1].period != two:
        ledger = runs[-1].ledger
        if ledger is None or period.start > two.start:
            period = two
        if ledger is not None:
            ports = evolve(ports, entries=_Posted(ports.entries, ledger))
        if period == two or ledger is None or period not in ledger.periods:
            runs.append(worked_in(ports, period, book=book, first=first))
        period = period.next()
    return [_with_lines(ports, run, book, first) for run in (runs[0], runs[-1])]


def _with_lines(ports: Ports, run: Run, book: SchemeBook, first: str) -> Run:
    """A run of a closed period with its lines as facts have them now, which a run of it does not work out."""
    if not run.closed or run.accruals is not None:
        return run
    anew = worked_in(evolve(ports, entries=MemoryEntries()), run.period, book=book, first=first)
    return evolve(run, accruals=anew.accruals)


@frozen
class _Posted:
    """A `LedgerStore` to read from, with what a dry run would have posted."""

    kept: LedgerStore
    known: Ledger

    def ledger(self, _: str) -> Ledger:
        """The ledger after the run."""
        return self.known

    def read(self, stream: str, after: int = 0) -> Iterable[str]:
        """As it is kept."""
        return self.kept.read(stream, after)

    def batches(self, stream: str) -> Iterable[Batch]:
        """As it is kept."""
        return self.kept.batches(stream)

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records to what is kept."""
        return self.kept.append(stream, records, expected=expected)

    def post(self, stream: str, entries: Entries, *, expected: int) -> int:
        """Add entries to what is kept."""
        return self.kept.post(stream, entries, expected=expected)
