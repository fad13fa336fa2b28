"""The commands of a month: run it, and write the statements: what was posted for a payee, why, and what is to come."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer
from attrs import evolve, frozen

from loanperf._explanations import Language, in_words
from loanperf._ledger import Ledger, Payment, Statement, statement
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._scheme import Scheme, SchemeBook
from loanperf.adapters._files import folder_at, write_whole
from loanperf.adapters.memory import MemoryEntries
from loanperf.adapters.tables import write_refused
from loanperf.cli._app import (
    PROBLEMS,
    UNUSABLE,
    CompanyOption,
    DataArgument,
    EncodingOption,
    FirstOption,
    LanguageOption,
    LedgerOption,
    MapOption,
    PeriodOption,
    SchemesOption,
    app,
    complain,
    faults_told,
    progress,
    say,
    show_problems,
    show_table,
    with_examples,
)
from loanperf.cli._ports import Options, Ports, approval_by, ports_of
from loanperf.cli._results import (
    WORDS,
    csv_files,
    csv_text,
    dimensions_of,
    file_name,
    json_text,
    line_cells,
    page_of,
    run_data,
    safe_lines,
    score_cells,
    sums_of,
)
from loanperf.disputes import PayHold
from loanperf.errors import DataError, NoAssignmentError, Problem, shown
from loanperf.run import Keeping, Result, Run, read_disputes
from loanperf.run import run as run_period

_BOM = "utf-8-sig"
"""The byte order mark by which Excel, a Chinese one too, recognises UTF-8."""


# ── run ─────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command(
    "run",
    epilog=with_examples(
        "run data --period 2026-03 --dry-run",
        "run data --period 2026-03 --output pay --lang zh",
        "run data --period 2026-03 --approve Wang --close",
        "run sqlite:///pay.db --company north --period 2026-03",
    ),
)
def run_command(
    data: DataArgument,
    period: PeriodOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what it would come to; write nothing.")] = False,
    approve: Annotated[
        str, typer.Option("--approve", metavar="WHO", help="Pay although rows or payees could not be used.")
    ] = "",
    close: Annotated[bool, typer.Option("--close", help="Close the period when it is paid.")] = False,
    first: FirstOption = "",
    payee: Annotated[str, typer.Option("--payee", help="Show only this one, by code; with --dry-run.")] = "",
    output: Annotated[Literal["table", "json", "csv"], typer.Option("--format", help="What to print.")] = "table",
    path: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="PATH", help="Write a folder of CSV files, or one file: .csv, .json or .xlsx."
        ),
    ] = None,
    refused: Annotated[
        Path | None,
        typer.Option("--refused", metavar="FILE", help="Write every row that could not be used to a new CSV file."),
    ] = None,
    scheme: SchemesOption = None,
    ledger: LedgerOption = "",
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Work a period for everybody: score, settle, pay, and keep it in the ledger. To run it again does no harm."""
    if payee and not dry_run:
        raise typer.BadParameter("it needs --dry-run: a run pays everybody", param_hint="'--payee'")
    if dry_run and (approve or close):
        raise typer.BadParameter("it posts nothing; leave out --approve and --close", param_hint="'--dry-run'")
    if approve and not (approve.strip() and approve.isprintable()):
        raise typer.BadParameter("say who, in printable characters", param_hint="'--approve'")
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, ledger=ledger, company=company, mapped=mapped, encoding=encoding)
        asked = _AskedOfRun(
            period=Period.parse(period),
            first=first,
            dry_run=dry_run,
            approve=approve,
            close=close,
            payee=payee,
            output=output,
            path=path,
            lang=lang,
        )
        _must_be_writable(path, refused)
        with ports_of(options, keeps=not dry_run) as ports:
            book, organisation = ports.schemes.schemes(), ports.people.organisation(asked.period)
            must_be_code(payee, organisation)
            closer = _closer(approve) if close else ""
            done = worked_in(ports, asked.period, book=book, first=first, approve=approve, close_by=closer)
        if refused is not None and done.problems:
            write_refused(done.problems, refused, lang)
        _tell(done, book.at(asked.period.last_day), asked, options, organisation.name)


@frozen(kw_only=True)
class _AskedOfRun:
    """What is to be done with a run, and how it is shown."""

    period: Period
    first: str
    dry_run: bool
    approve: str
    close: bool
    payee: str
    output: str
    path: Path | None
    lang: Language


def _closer(approve: str) -> str:
    """Who closes: who approves, or else who is logged in."""
    try:
        return approve or getpass.getuser()
    except (KeyError, OSError, ImportError):
        raise typer.BadParameter("it is not known who closes; add --approve WHO", param_hint="'--close'") from None


def _tell(done: Run, scheme: Scheme, asked: _AskedOfRun, options: Options, names: Callable[[str], str]) -> None:
    """Show and write what a run came to, and exit as it came out."""
    results, problems = of_payee(done, asked.payee)
    if asked.path is not None:
        _write(asked.path, scheme, done, asked, names)
    nothing = not results if asked.payee else not (done.results or done.payments or done.entries)
    unusable = any(not problem.is_counted for problem in problems)
    if asked.output == "json":
        say(json_text(run_data(scheme, done, results, problems, dry_run=asked.dry_run)))
    elif asked.output == "csv":
        payments = [one for one in done.payments if asked.payee in ("", one.payee)]
        say(csv_text(results, payments, names, asked.lang).removesuffix("\n"))
    elif not (nothing and unusable):
        _show(done, scheme, results, asked, options, names)
    show_problems(problems, asked.lang)
    _say_waits(done, asked, options)
    if unusable and nothing:
        raise typer.Exit(UNUSABLE)
    if done.held or (problems and not asked.approve) or (asked.close and not done.closed):
        raise typer.Exit(PROBLEMS)


def worked_in(
    ports: Ports,
    period: Period,
    *,
    book: SchemeBook | None = None,
    first: str = "",
    approve: str = "",
    close_by: str = "",
) -> Run:
    """A period, worked over ports. Without a payment sink nothing is written.

    Args:
        ports: of the command.
        period: what to work.
        book: the schemes; None pays bonuses alone, without a ledger.
        first: the period with which the ledger begins; empty is the first plan's.
        approve: who approves; empty is nobody.
        close_by: who closes; empty leaves it open.
    """
    keeping = None
    if book is not None:
        keeping = Keeping(
            entries=ports.entries,
            answers=ports.answers,
            personal=ports.personal,
            close_by=close_by,
            first=Period.parse(first) if first else None,
        )
    approval = approval_by(approve, ports.entries, book.versions[0].name) if approve and book is not None else None
    with progress(f"{ports.name} {period}") as move:
        return run_period(
            period,
            facts=ports.facts,
            people=ports.people,
            schemes=ports.schemes,
            payments=ports.payments,
            approve=approval,
            progress=move,
            keeping=keeping,
        )


def must_be_code(payee: str, organisation: Organisation) -> None:
    """Refuse the name of a person where the code is asked for, if one alone has that name.

    Raises:
        DataError: it is a name; the error says the code.
    """
    codes = [item.code for item in organisation.payees if item.name == payee]
    if payee and len(codes) == 1 and payee not in (codes[0], *organisation.codes):
        remedy = f"did you mean {codes[0]!r} ({payee})?"
        raise DataError("--payee", f"it is a name, and no code (found {shown(payee)})", remedy)


def of_payee(worked: Run, payee: str) -> tuple[Sequence[Result], tuple[Problem, ...]]:
    """The results and problems of one payee, and the problems of rows; everybody's where none is named."""
    if not payee:
        return worked.results, worked.problems
    results = worked.results.of(payee)
    problems = tuple(problem for problem in worked.problems if problem.payee in ("", payee))
    known = (*problems, *worked.payments, *worked.entries)
    if not results and all(one.payee != payee for one in known):
        raise NoAssignmentError(payee, str(worked.period), dict.fromkeys(worked.results.payees))
    return results, problems


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────


def _show(
    done: Run,
    scheme: Scheme,
    results: Sequence[Result],
    asked: _AskedOfRun,
    options: Options,
    names: Callable[[str], str],
) -> None:
    """The run as tables; of one payee down to the indicators."""
    show_scores(scheme, done, results, asked.lang)
    if asked.payee:
        _show_lines(results, asked.lang)
    if not asked.payee or not results:
        paid = [payment for payment in done.payments if asked.payee in ("", payment.payee)]
        show_payments(paid, {payment.payee: names(payment.payee) for payment in paid}, asked.lang)
    _say_state(done, asked, options)


def show_scores(scheme: Scheme, worked: Run, results: Sequence[Result], lang: Language) -> None:
    """What was worked, and a row for each result."""
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
            used=worked.used + len(worked.counted),
            rows=worked.rows,
        )
    )
    say(f"{headline}\n")
    rows = [score_cells(result, worked, dimensions, lang) for result in results]
    last = len(heads) - 1
    if rows:
        show_table("", heads, rows, [3, *range(4, last - 1), last])


def _show_lines(results: Sequence[Result], lang: Language) -> None:
    heads = [WORDS[word].to(lang) for word in ("indicator", "weight", "target", "reading", "points")]
    for result in results:
        rows = [line_cells(line, lang) for line in result.appraisal.lines]
        title = f"{result.payee}, {result.assignment.role}, {result.part.start} – {result.part.last_day}"
        show_table(title, heads, rows, [1, 2, 3, 4])


def show_payments(payments: Sequence[Payment], names: Mapping[str, str], lang: Language) -> None:
    """A row for each payment, and what they come to in each currency."""
    heads = [WORDS[word].to(lang) for word in ("payee", "name", "paid")]
    rows = []
    for payment in payments:
        name = names.get(payment.payee, "")
        rows.append([payment.payee, "" if name == payment.payee else name, in_words(payment.amount, lang)])
    totals = sums_of(payment.amount for payment in payments)
    rows += [[WORDS["total"].to(lang), "", in_words(total, lang)] for total in totals]
    if rows:
        show_table("", heads, rows, [2])


def _say_state(done: Run, asked: _AskedOfRun, options: Options) -> None:
    """What was posted and closed, and where it was written."""
    words: list[tuple[str, dict[str, object]]] = []
    if asked.dry_run:
        words.append(("dry", {"entries": len(done.entries)}))
    elif not done.held:
        word = "posted" if done.entries else "nothing new"
        words.append((word, {"entries": len(done.entries), "ledger": options.kept_in}))
        if asked.approve and done.needs_approval:
            words.append(("approved", {"who": asked.approve}))
    if done.closed:
        words.append(("closed", {"period": done.period}))
    elif asked.close and not done.held:
        words.append(("open", {"period": done.period, "count": len(done.blocked)}))
    if done.unpaid:
        words.append(("unpaid", {"count": len(done.unpaid)}))
    if asked.path is not None:
        words.append(("written", {"path": asked.path}))
    for word, values in words:
        say(WORDS[word].to(asked.lang).format_map(values))
    for one in done.stopped:
        say(one.text.to(asked.lang))


def _say_waits(done: Run, asked: _AskedOfRun, options: Options) -> None:
    """What waits for approval, why, and how to go on; on stderr."""
    if not done.held and not (asked.dry_run and done.needs_approval):
        return
    lang = asked.lang
    complain(WORDS["would wait" if asked.dry_run else "waits"].to(lang))
    reasons = [one.text.to(lang) for one in done.blocked] + [problem.text(lang) for problem in done.holding]
    doubts = done.counted
    if doubts:
        found = {"count": len(doubts), "rows": done.rows, "where": doubts[0].to(lang).where}
        reasons.insert(0, WORDS["counted"].to(lang).format_map(found))
    if lost := done.rows - done.used - len(doubts):
        reasons.insert(0, WORDS["rows"].to(lang).format(lost=lost, rows=done.rows))
    for reason in reasons:
        complain(f"  - {reason}")
    said = {"--first": asked.first, "--lang": "" if lang == "en" else lang}
    more = [part for option, text in said.items() if text for part in (option, text)]
    command = options.again("run", "--period", str(done.period), *more, "--approve", WORDS["who"].to(lang))
    complain(WORDS["go on counted" if doubts else "go on"].to(lang).format(command=command))


def end(results: Sequence[Result], problems: Sequence[Problem], lang: Language) -> None:
    """Show problems, and exit as they say."""
    show_problems(problems, lang)
    if problems or not results:
        raise typer.Exit(PROBLEMS if results else UNUSABLE)


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────


_KINDS = (".csv", ".json", ".xlsx", "")


def _must_be_writable(path: Path | None, refused: Path | None) -> None:
    """Refuse, before anything is paid, what could not be written afterwards; a folder is made."""
    if refused is not None and refused.exists():
        raise DataError(str(refused), "it is there already", "name another file, or move that one away")
    if path is None:
        return
    if path.suffix.lower() not in _KINDS:
        fault = f"files of kind {path.suffix!r} are not written"
        raise DataError(str(path), fault, "name a folder, or a file .csv, .json or .xlsx")
    folder_at(path.parent if path.suffix else path)


def _write(path: Path, scheme: Scheme, done: Run, asked: _AskedOfRun, names: Callable[[str], str]) -> None:
    """Write a run to a file of the kind that its name says, or into a folder."""
    match path.suffix.lower():
        case ".csv":
            write_whole(path, csv_text(done.results, done.payments, names, asked.lang).encode(_BOM))
        case ".json":
            data = run_data(scheme, done, done.results, done.problems, dry_run=asked.dry_run)
            write_whole(path, f"{json_text(data)}\n".encode())
        case ".xlsx":
            from loanperf.adapters.workbook import write_overview

            write_overview(done, path, language=asked.lang)
        case _:
            for name, text in csv_files(done, names, asked.lang).items():
                write_whole(path / f"{name}-{file_name(str(done.period))}.csv", text.encode(_BOM))


_Format: TypeAlias = Literal["text", "html", "xlsx", "json"]
_SUFFIXES: dict[str, _Format] = {".txt": "text", ".html": "html", ".xlsx": "xlsx", ".json": "json"}


@app.command(
    "statement",
    epilog=with_examples(
        "statement data --period 2026-03 --payee W01",
        "statement data --period 2026-03 --payee W01 --output W01.html",
        "statement data --period 2026-03 --format xlsx --output statements --lang zh",
    ),
)
def statement_command(
    data: DataArgument,
    period: PeriodOption,
    payee: Annotated[str, typer.Option("--payee", help="Whose, by code; everybody's where it is left out.")] = "",
    output: Annotated[
        _Format | None,
        typer.Option("--format", help="[default: by the name of the file, else text]", show_default=False),
    ] = None,
    path: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="PATH",
            help="A file .txt, .html, .xlsx or .json, or a folder: a file for each statement.",
        ),
    ] = None,
    first: FirstOption = "",
    scheme: SchemesOption = None,
    ledger: LedgerOption = "",
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Say what was posted for a payee in a period, why, what is held and what is to come; nothing is changed."""
    kind = _kind(output, path)
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, ledger=ledger, company=company, mapped=mapped, encoding=encoding)
        asked = Period.parse(period)
        with ports_of(options, keeps=False) as ports:
            book, organisation = ports.schemes.schemes(), ports.people.organisation(asked)
            must_be_code(payee, organisation)
            posted = ports.entries.ledger(f"{book.versions[0].name}/ledger")
            if asked not in posted.periods | posted.closed:
                raise _nothing_posted(posted, asked, options, lang)
            # A run of a closed period works nothing out: beside an empty ledger it does.
            working = evolve(ports, entries=MemoryEntries()) if posted.is_closed(asked) else ports
            worked = worked_in(working, asked, book=book, first=first)
            disputes = read_disputes(ports.entries, scheme=book.versions[0].name)
        currency = book.versions[0].currency
        held = disputes.in_force(disputes.day_of_pay(asked))
        found = list(_statements(posted, payee, worked, organisation, currency, held))
        if path is None:
            say(_text_of(found, kind, asked, lang))
            return
        _write_statements(path, found, kind, organisation.name, lang)
        say(WORDS["statements written"].to(lang).format(count=len(found), path=path))


def _nothing_posted(posted: Ledger, asked: Period, options: Options, lang: Language) -> DataError:
    """The error of a period of which nothing is posted: run it, or name a period of the ledger that lies in it."""
    inside = [one for one in posted.periods | posted.closed if one.overlap(asked.start, asked.end)]
    if inside:
        last = max(inside, key=lambda one: one.start)
        remedy = f"name a period of the ledger, such as {last}"
    else:
        language = () if lang == "en" else ("--lang", lang)
        remedy = f"run the period first: {options.again('run', '--period', str(asked), *language)}"
    return DataError(options.kept_in, f"nothing is posted for {asked}", remedy)


def _kind(output: _Format | None, path: Path | None) -> _Format:
    """In which form: as it is said, or as the name of the file says."""
    suffix = "" if path is None else path.suffix.lower()
    if suffix and suffix not in _SUFFIXES:
        known = ", ".join(_SUFFIXES)
        raise typer.BadParameter(f"files of kind {suffix!r} are not written; name {known}", param_hint="'--output'")
    named = _SUFFIXES.get(suffix)
    if output is not None and named not in (None, output):
        raise typer.BadParameter(f"it is {output!r}, and the file is {suffix}; leave one out", param_hint="'--format'")
    if (output or named) == "xlsx" and path is None:
        raise typer.BadParameter("a workbook needs --output, a file or a folder", param_hint="'--format'")
    return output or named or "text"


def _statements(
    ledger: Ledger,
    payee: str,
    worked: Run,
    organisation: Organisation,
    currency: str,
    held: Sequence[PayHold],
) -> Iterator[Statement]:
    """The statement of one payee, or of all of whom there is something to say: one a currency."""
    wanted = [account for account in ledger.accounts if payee in ("", account[0])] or [(payee, currency)]
    for who, code in wanted:
        found = statement(
            ledger,
            who,
            worked.period,
            worked.accruals,
            currency=code,
            organisation=organisation,
            held=held,
            awards=worked.results.awards.of(who),
        )
        after = found.after
        open_still = after.due.units or after.held.units or after.owed.units
        if payee or found.entries or open_still or found.waiting or found.unpaid:
            yield found


# ── what is shown and written ───────────────────────────────────────────────────────────────────────────────


def _text_of(found: Sequence[Statement], kind: _Format, period: Period, lang: Language) -> str:
    """Statements as one text."""
    if kind == "json":
        return json_text({"period": str(period), "statements": [one.data() for one in found]})
    if kind == "html":
        title = WORDS["statements"].to(lang).format(period=period)
        return page_of(title, [one.html(lang) for one in found], lang)
    return "\n\n".join(one.text(lang) for one in found)


def _write_statements(
    path: Path, found: Sequence[Statement], kind: _Format, names: Callable[[str], str], lang: Language
) -> None:
    """Write statements to a file, or each to a file of its own in a folder."""
    if path.suffix and kind == "xlsx" and len(found) != 1:
        fault = f"a workbook holds one statement, and there are {len(found)}"
        raise DataError(str(path), fault, "name a folder, or one payee by --payee")
    folder = folder_at(path.parent if path.suffix else path)
    if path.suffix and kind != "xlsx":
        _write_text(path, found, kind, lang)
        return
    suffix = next(suffix for suffix, known in _SUFFIXES.items() if known == kind)
    several = {one.payee for one in found if [other.payee for other in found].count(one.payee) > 1}
    for one in found:
        currency = f"-{one.after.due.currency}" if one.payee in several else ""
        name = f"{file_name(one.payee)}-{file_name(str(one.period))}{currency}{suffix}"
        file = path if path.suffix else folder / name
        if kind == "xlsx":
            from loanperf.adapters.workbook import write_statement

            write_statement(one, file, name=names(one.payee), language=lang)
        else:
            _write_text(file, [one], kind, lang)


def _write_text(path: Path, found: Sequence[Statement], kind: _Format, lang: Language) -> None:
    text = safe_lines(_text_of(found, kind, found[0].period, lang)) if found else ""
    write_whole(path, f"{text}\n".encode())
