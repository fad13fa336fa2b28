"""The command that compares: what another scheme would have cost over periods that were paid, and whom it moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import typer
from attrs import evolve

from loanperf._explanations import Language
from loanperf._indicators import Reading
from loanperf._periods import Period
from loanperf._scheme import SchemeBook
from loanperf._targets import Target
from loanperf.analytics import CompareRules, Comparison, Scenario, compare
from loanperf.analytics._scenario import periods_in_order
from loanperf.archive import Archive
from loanperf.cli._app import (
    CompanyOption,
    DataArgument,
    EncodingOption,
    LanguageOption,
    LedgerOption,
    MapOption,
    SchemesOption,
    app,
    faults_told,
    say,
    show_table,
    viewer_of_all,
    with_examples,
)
from loanperf.cli._ports import Options, Ports, ports_of, scheme_of
from loanperf.cli._results import csv_of, json_text
from loanperf.errors import DataError


@app.command(
    "compare",
    epilog=with_examples(
        "compare data new.toml --period 2026-01 --period 2026-02",
        "compare data new.toml --period 2026-03 --volume 10% --lang zh",
        "compare data new.toml --period 2026-03 --unchecked --format csv",
    ),
)
def compare_command(
    data: DataArgument,
    new: Annotated[str, typer.Argument(metavar="NEW", help="The other scheme, a file or the name of a template.")],
    period: Annotated[
        list[str],
        typer.Option("--period", help="2026-03, 2026-Q1, 2026-H1 or 2026; each period, one behind the other."),
    ],
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Compare without a ledger of what was paid to check against.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept", metavar="PAYEE/PERIOD=WHY", help="Accept that a payee was paid something else, and say why."
        ),
    ] = None,
    volume: Annotated[
        str, typer.Option("--volume", help="Also with every loan smaller and larger by this share.")
    ] = "0%",
    output: Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="What to print.")] = "table",
    scheme: SchemesOption = None,
    ledger: LedgerOption = "",
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Say what another scheme would have cost over periods that were paid, and whom it moves; nothing is written."""
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, ledger=ledger, company=company, mapped=mapped, encoding=encoding)
        periods = periods_in_order([Period.parse(one) for one in period])
        rules = CompareRules(volume=volume)
        with ports_of(options, keeps=False) as ports:
            then = scenario_of(ports, periods)
            paid = None if unchecked else _paid(ports, then.schemes, options)
            found = compare(
                then,
                scheme_of(new),
                periods=periods,
                paid=paid,
                viewer=viewer_of_all(),
                accepted=_accepted(accept or []),
                rules=rules,
            )
        if output == "json":
            say(json_text(found.data()))
        elif output == "csv":
            say(csv_of(found.rows, lang).removesuffix("\n"))
        else:
            _show(found, lang)


def scenario_of(ports: Ports, periods: Sequence[Period]) -> Scenario:
    """What the ports say of some periods, in the order of time, and the facts through the last of them."""
    book = ports.schemes.schemes()
    first = min([periods[0].start, *(dated.since for dated in book.plans())])
    span = Period(first, periods[-1].end)
    readings, targets = list[Reading](), list[Target]()
    for period in map(book.period, periods):
        readings += [evolve(one, period=period) for one in ports.facts.readings(period)]
        targets += [evolve(one, period=period) for one in ports.schemes.targets(period)]
    return Scenario(
        people=ports.people.organisation(span),
        schemes=book,
        facts=ports.facts.facts(span),
        readings=readings,
        targets=targets,
    )


def _paid(ports: Ports, book: SchemeBook, options: Options) -> Archive:
    """The archive of what was paid.

    Raises:
        DataError: nothing was ever posted.
    """
    archive = Archive(ports.entries, book.versions[0].name)
    if not archive.ledger().entries:
        fault, remedy = "no entry is in it", "run the periods first, name the ledger by --ledger, or say --unchecked"
        raise DataError(options.kept_in, fault, remedy)
    return archive


def _accepted(given: Sequence[str]) -> dict[tuple[str, Period], str]:
    """By payee and period, why a difference is accepted.

    Raises:
        DataError: one is not written as PAYEE/PERIOD=WHY.
    """
    found = {}
    for text in given:
        what, _, why = text.partition("=")
        payee, _, period = what.rpartition("/")
        if not payee or not why.strip():
            raise DataError("--accept", f"it is {text!r}", "write it as E04/2026-03='a loan was corrected'")
        found[payee, Period.parse(period)] = why
    return found


_NUMBERS = (2, 3, 4, 5, 6)
"""The columns of the table that are of numbers."""


def _show(found: Comparison, lang: Language) -> None:
    """The findings, the table, and the largest differences with their reasons."""
    for finding in found.findings:
        say(finding.text(lang))
    columns = found.rows
    texts = zip(*(one.texts(lang) for one in columns), strict=True)
    say()
    show_table("", [one.name.to(lang) for one in columns], texts, _NUMBERS)
    for one in found.largest:
        say(f"\n{one.text(lang)}")
