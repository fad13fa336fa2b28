"""The commands that keep nothing: a demonstration, reasons, and schemes; beside those that are registered elsewhere."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.models import CommandInfo

from loanperf._explanations import Language
from loanperf._periods import Period
from loanperf._quantities import percent
from loanperf._scheme import TEMPLATES, Scheme, indicators_of, lint, template, template_text
from loanperf.cli._advise import advise_command, budget_command
from loanperf.cli._app import (
    EXIT_CODES,
    CompanyOption,
    DataArgument,
    EncodingOption,
    LanguageOption,
    LedgerOption,
    MapOption,
    OnceCommand,
    PeriodOption,
    SchemeArgument,
    SchemesOption,
    app,
    exit_code,
    faults_told,
    say,
    show_problems,
    with_examples,
)
from loanperf.cli._breakdown import breakdown_command
from loanperf.cli._compare import compare_command
from loanperf.cli._month import (
    end,
    must_be_code,
    of_payee,
    run_command,
    show_payments,
    show_scores,
    statement_command,
    worked_in,
)
from loanperf.cli._ports import Options, ports_of, scheme_of, text_of
from loanperf.cli._results import WORDS, json_text, page_of, why_data, why_sections
from loanperf.cli._trend import effect_command, forecast_command, trend_command
from loanperf.cli._verify import verify_command
from loanperf.cli._why import why_command
from loanperf.errors import DataError
from loanperf.run._pay import plans_unpaid
from loanperf.schemes import json_schema

__all__ = [
    "advise_command",
    "app",
    "breakdown_command",
    "budget_command",
    "compare_command",
    "effect_command",
    "exit_code",
    "forecast_command",
    "run_command",
    "statement_command",
    "trend_command",
    "verify_command",
    "why_command",
]

BREACH = "E04"
"""The payee of the demo branch who is past the NPL limit."""


# ── demo ────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command(epilog=EXIT_CODES)
def demo(lang: LanguageOption = "en") -> None:
    """Score and pay a small branch that comes with the package, and explain one bonus."""
    with faults_told(lang):
        folder = Path(str(files("loanperf") / "demo"))
        scheme, data = folder / "scheme.toml", folder / "data"
        with ports_of(Options(data=str(data), schemes=(str(scheme),)), keeps=False, ledger=False) as ports:
            worked = worked_in(ports, Period.month(2026, 3))
        show_scores(scheme_of(str(scheme)), worked, worked.results, lang)
        show_payments(worked.payments, {result.payee: result.name for result in worked.results}, lang)
        for result in worked.results:
            if result.payee == BREACH:
                say(result.explain().text(lang))
        say(f"\n{WORDS['files'].to(lang).format(scheme=scheme, data=data)}")
        say(f"\n{WORDS['try'].to(lang)}")
        arguments = shlex.join([str(data), "--scheme", str(scheme), "--period", "2026-03"])
        say(f"  python -m loanperf run {arguments} --dry-run --payee E08")
        say(f"  python -m loanperf explain {arguments} --payee E06 --lang zh")
        show_problems(worked.problems, lang)


# ── explain ─────────────────────────────────────────────────────────────────────────────────────────────────


@app.command(
    epilog=with_examples(
        "explain data --period 2026-03 --payee E04",
        "explain data --period 2026-03 --payee E04 --format html --lang zh > E04.html",
    )
)
def explain(
    data: DataArgument,
    period: PeriodOption,
    payee: Annotated[str, typer.Option("--payee", help="Whose bonus and score to explain, by code.")],
    output: Annotated[Literal["text", "html", "json"], typer.Option("--format", help="What to print.")] = "text",
    scheme: SchemesOption = None,
    ledger: LedgerOption = "",
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Say why a payee has a score and a bonus, down to the facts; nothing is written."""
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, ledger=ledger, company=company, mapped=mapped, encoding=encoding)
        with ports_of(options, keeps=False) as ports:
            book = ports.schemes.schemes()
            must_be_code(payee, ports.people.organisation(Period.parse(period)))
            agreed = book.at(Period.parse(period).last_day)
            if not agreed.profiles:
                fault = "it has no weight profiles, so that nobody has a score or bonus"
                raise DataError(f"scheme {agreed.name!r}", fault, "look at `loanperf statement` for commissions")
            worked = worked_in(ports, Period.parse(period))
        results, problems = of_payee(worked, payee)
        # A bonus and a score need no ledger; without any, that commissions are not worked is what there is to say.
        beside = {*worked.holding, *(plans_unpaid(book, worked.period) if results else ())}
        if output == "json":
            say(json_text(why_data(agreed, worked, results)))
        elif output == "html" and results:
            say(page_of(f"{payee} {worked.period}", why_sections(results, lang), lang))
        else:
            for result in results:
                say(result.explain().text(lang))
        end(results, [problem for problem in problems if problem not in beside], lang)


# ── schemes ─────────────────────────────────────────────────────────────────────────────────────────────────


@app.command(epilog=EXIT_CODES)
def check(scheme: SchemeArgument, lang: LanguageOption = "en") -> None:
    """Check a scheme: all its faults at once, each with its path, line and column; or what it holds, with warnings."""
    with faults_told(lang):
        agreed = scheme_of(scheme)
        _show_scheme(agreed, lang)
        for finding in lint(agreed, *text_of(scheme)):
            say(WORDS["warning"].to(lang).format(finding=finding.to(lang)))


def _show_scheme(agreed: Scheme, lang: Language) -> None:
    """What a scheme weighs: by the codes of its document, in Chinese by the names of its indicators."""
    title = (agreed.title.to(lang) if agreed.title and lang == "zh" else "") or agreed.name
    head = {"version": agreed.fingerprint, "effective": agreed.effective, "currency": agreed.currency}
    say(WORDS["faultless"].to(lang).format(title=title, **head))
    known = indicators_of(agreed.indicators)
    for profile in agreed.profiles:
        each = [
            f"{known[code].name.to('zh') if lang == 'zh' else code} {percent(weight)}"
            for code, weight in profile.weights
        ]
        weights = WORDS["between"].to(lang).join(each)
        say(WORDS["profile"].to(lang).format(profile=profile.code, weights=weights))


@app.command("template", epilog=EXIT_CODES)
def show_template(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Without a name, the names are listed.")] = "",
) -> None:
    """Print a scheme that comes with the package, to start one of your own from."""
    with faults_told():
        if name:
            say(template_text(name).removesuffix("\n"))
        for known in () if name else TEMPLATES:
            found = template(known)
            title = f"{found.title.en}, {found.title.zh}" if found.title else ""
            say(f"{known:18} {title}".rstrip())


@app.command(epilog=EXIT_CODES)
def schema() -> None:
    """Print the JSON Schema of scheme documents, by which editors complete and check them."""
    with faults_told():
        say(json_text(json_schema()))


# ── their order ─────────────────────────────────────────────────────────────────────────────────────────────

ORDER = (
    *("demo", "run", "statement", "explain", "why", "verify"),
    *("template", "check", "schema"),
    *("breakdown", "trend", "forecast", "effect", "compare", "budget", "advise"),
)
"""How help lists the commands: those of a month, those of schemes, and those that look further. All are in it."""
_PLACES = {name: place for place, name in enumerate(ORDER)}


def _place(command: CommandInfo) -> int:
    """Where help lists a command; the KeyError of one that is not in `ORDER` says its name."""
    return _PLACES[str(command.name or getattr(command.callback, "__name__", ""))]


app.registered_commands.sort(key=_place)
for _one in app.registered_commands:
    _one.cls = OnceCommand
