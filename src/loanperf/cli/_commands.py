"""The commands."""

from __future__ import annotations

import shlex
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import typer

from loanperf import json_schema
from loanperf._explanations import Language, in_words, spoken
from loanperf._periods import Period
from loanperf._quantities import Money, percent
from loanperf._scheme import TEMPLATES, Scheme, indicators_of, lint, read_scheme, template, template_text
from loanperf.adapters.memory import MemorySchemes
from loanperf.adapters.tables import Folder, write_refused
from loanperf.cli._results import (
    WORDS,
    csv_text,
    dimensions_of,
    html_page,
    json_text,
    line_cells,
    pay,
    run_data,
    score_cells,
    why_data,
)
from loanperf.cli._terminal import (
    FINE,
    PROBLEMS,
    UNUSABLE,
    faults_told,
    progress,
    say,
    show_problems,
    show_table,
)
from loanperf.errors import DataError, NoAssignmentError, Problem
from loanperf.run import Result, Run, run

EXIT_CODES = """\b
Exit codes:
  0    fine
  1    a result came out, and some rows or payees had problems (on stderr)
  2    wrong usage, or input that cannot be used
  130  interrupted
  141  what reads the output went away
"""
BREACH = "E04"
"""The payee of the demo branch who is past the NPL limit."""

app = typer.Typer(
    name="loanperf",
    help="Performance appraisal and incentive pay of loan salespeople: exact, explained, proven.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _spoken(tag: str) -> Language:
    """The language of a tag; any other is wrong usage."""
    try:
        return spoken(tag)
    except DataError as error:
        raise typer.BadParameter(f"{error.fault}; {error.remedy}") from None


SchemeArgument = Annotated[
    str, typer.Argument(metavar="SCHEME", help="A scheme, .toml or .json, or the name of a template.")
]
DataArgument = Annotated[
    Path, typer.Argument(metavar="DATA", help="A folder of CSV files, Parquet files or workbooks.")
]
PeriodOption = Annotated[str, typer.Option("--period", help="2026-03, 2026-Q1, 2026-H1 or 2026.")]
EncodingOption = Annotated[str, typer.Option("--encoding", help="Of the CSV files; gb18030 for Chinese Windows.")]
RefusedOption = Annotated[
    Path | None,
    typer.Option(
        "--refused", metavar="FILE", help="Where to write every row that could not be used, as a new CSV file."
    ),
]
LanguageOption = Annotated[
    Language, typer.Option("--lang", callback=_spoken, help="Of headings and explanations: en, or zh (zh-CN, zh-Hans).")
]


def _version(wanted: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if wanted:
        try:
            say(f"loanperf {version('loanperf')}")
        except PackageNotFoundError:
            say("loanperf, not installed")
        raise typer.Exit(FINE)


@app.callback()
def _loanperf(
    _: Annotated[  # noqa: FBT002 (a flag of the command line)
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


# ── demo ────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command(epilog=EXIT_CODES)
def demo(lang: LanguageOption = "en") -> None:
    """Score and pay a small branch that comes with the package, and explain one bonus."""
    with faults_told():
        folder = Path(str(files("loanperf") / "demo"))
        scheme_file, data = folder / "scheme.toml", folder / "data"
        scheme = read_scheme(scheme_file)
        worked = _worked(scheme, Folder(data), Period.month(2026, 3))
        _show_scores(scheme, worked, worked.results, lang)
        _show_pay(worked.results, lang)
        for result in worked.results:
            if result.payee == BREACH:
                say(result.explain().text(lang))
        say(f"\n{WORDS['files'].to(lang).format(scheme=scheme_file, data=data)}")
        say(f"\n{WORDS['try'].to(lang)}")
        arguments = shlex.join([str(scheme_file), str(data), "--period", "2026-03"])
        say(f"  python -m loanperf score {arguments} --payee E08")
        say(f"  python -m loanperf explain {arguments} --payee E06 --lang zh")
        show_problems(worked.problems, lang)


# ── score and explain ───────────────────────────────────────────────────────────────────────────────────────


@app.command(epilog=EXIT_CODES)
def score(
    scheme: SchemeArgument,
    data: DataArgument,
    period: PeriodOption,
    payee: Annotated[str, typer.Option("--payee", help="Only this one, by code.")] = "",
    output: Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="What to print.")] = "table",
    refused: RefusedOption = None,
    encoding: EncodingOption = "utf-8",
    lang: LanguageOption = "en",
) -> None:
    """Score and pay everybody in a folder of data, by a scheme."""
    with faults_told():
        agreed = _scheme(scheme)
        worked = _worked(agreed, Folder(data, encoding), Period.parse(period))
        results, problems = _of_payee(worked, payee)
        if refused is not None and worked.problems:
            write_refused(worked.problems, refused)
        if output == "json":
            say(json_text(run_data(agreed, worked, results, problems)))
        elif output == "csv":
            say(csv_text(results).removesuffix("\n"))
        elif results:
            _show_scores(agreed, worked, results, lang)
            if payee:
                _show_lines(results, lang)
        _end(results, problems, lang)


@app.command(epilog=EXIT_CODES)
def explain(
    scheme: SchemeArgument,
    data: DataArgument,
    period: PeriodOption,
    payee: Annotated[str, typer.Option("--payee", help="Whose bonus and score to explain, by code.")],
    output: Annotated[Literal["text", "html", "json"], typer.Option("--format", help="What to print.")] = "text",
    encoding: EncodingOption = "utf-8",
    lang: LanguageOption = "en",
) -> None:
    """Say why a payee has a score and a bonus, down to the facts."""
    with faults_told():
        agreed = _scheme(scheme)
        worked = _worked(agreed, Folder(data, encoding), Period.parse(period))
        results, problems = _of_payee(worked, payee)
        if output == "json":
            say(json_text(why_data(agreed, worked, results)))
        elif output == "html" and results:
            say(html_page(f"{payee} {worked.period}", results, lang))
        else:
            for result in results:
                say(result.explain().text(lang))
        _end(results, problems, lang)


def _scheme(name: str) -> Scheme:
    """A scheme by its file, or else by the name of a template."""
    if Path(name).is_file():
        return read_scheme(name)
    if name in TEMPLATES:
        return template(name)
    remedy = f"give a file, or a template: {', '.join(TEMPLATES)}"
    raise DataError(name, "there is no such scheme", remedy)


def _worked(scheme: Scheme, folder: Folder, period: Period) -> Run:
    schemes = MemorySchemes(scheme, folder.targets(period).items)  # facts of the folder tell of bad rows
    with progress(f"{folder.path.name} {period}") as move:
        return run(period, facts=folder, people=folder, schemes=schemes, progress=move)


def _of_payee(worked: Run, payee: str) -> tuple[tuple[Result, ...], tuple[Problem, ...]]:
    """The results and problems of one payee, and the problems of rows; everybody's where none is named."""
    if not payee:
        return worked.results, worked.problems
    results = tuple(result for result in worked.results if result.payee == payee)
    problems = tuple(problem for problem in worked.problems if problem.payee in ("", payee))
    if not results and not any(problem.payee == payee for problem in problems):
        raise NoAssignmentError(payee, str(worked.period), dict.fromkeys(result.payee for result in worked.results))
    return results, problems


def _end(results: tuple[Result, ...], problems: tuple[Problem, ...], lang: Language) -> None:
    show_problems(problems, lang)
    if problems or not results:
        raise typer.Exit(PROBLEMS if results else UNUSABLE)


def _show_scores(scheme: Scheme, worked: Run, results: tuple[Result, ...], lang: Language) -> None:
    dimensions = dimensions_of(scheme, results)
    names = [label.to(lang) for label in dimensions.values()]
    heads = [WORDS[word].to(lang) for word in ("payee", "name", "role", "days")]
    heads += [*names, *(WORDS[word].to(lang) for word in ("score", "grade", "bonus"))]
    headline = (
        WORDS["headline"]
        .to(lang)
        .format(
            title=(scheme.title.to(lang) if scheme.title else "") or scheme.name,
            period=worked.period,
            version=scheme.fingerprint,
            effective=scheme.effective,
            used=worked.used,
            rows=worked.rows,
        )
    )
    say(f"{headline}\n")
    rows = [score_cells(result, worked, dimensions, lang) for result in results]
    last = len(heads) - 1
    show_table("", heads, rows, [3, *range(4, last - 1), last])


def _show_lines(results: tuple[Result, ...], lang: Language) -> None:
    heads = [WORDS[word].to(lang) for word in ("indicator", "weight", "target", "reading", "points")]
    for result in results:
        rows = [line_cells(line, lang) for line in result.appraisal.lines]
        title = f"{result.payee}, {result.assignment.role}, {result.part.start} – {result.part.last_day}"
        show_table(title, heads, rows, [1, 2, 3, 4])


def _show_pay(results: tuple[Result, ...], lang: Language) -> None:
    paid = pay(results)
    heads = [WORDS[word].to(lang) for word in ("payee", "name", "bonus")]
    rows = [[code, name, in_words(amount, lang)] for (code, name), amount in paid.items()]
    total = sum(paid.values(), Money.from_units(0, results[0].appraisal.card.currency))
    show_table("", heads, [*rows, [WORDS["total"].to(lang), "", in_words(total, lang)]], [2])


# ── schemes ─────────────────────────────────────────────────────────────────────────────────────────────────


@app.command(epilog=EXIT_CODES)
def check(scheme: SchemeArgument, lang: LanguageOption = "en") -> None:
    """Check a scheme: all its faults at once, each with its path, or what it holds and what to look at in it."""
    with faults_told():
        agreed = _scheme(scheme)
        _show_scheme(agreed, lang)
        for finding in lint(agreed):
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
