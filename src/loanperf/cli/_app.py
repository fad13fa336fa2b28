"""The command, the options that several of its commands share, and what it shows: tables, progress and faults.

Nothing in data is taken for markup or a command.
"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand

from loanperf._chinese import in_chinese
from loanperf._explanations import Label, Language, spoken
from loanperf.analytics import Analysis
from loanperf.cli._results import csv_of, json_text, safe, safe_lines
from loanperf.errors import DataError, LoanPerfError, Problem, causes_of
from loanperf.viewer import Viewer

FINE, PROBLEMS, UNUSABLE, INTERRUPTED, NOBODY_READS = 0, 1, 2, 130, 141
"""Exit codes."""
_SHOWN_CAUSES = 100
_WORDS = {
    "error": Label("error: {fault}", "错误：{fault}"),
    "head": Label("{causes} problem(s):", "问题 {causes} 项："),
    "folded": Label(
        "{causes} problem(s), and {more} more that are the same or follow from them:",
        "问题 {causes} 项，另有 {more} 处与之相同或由其引起：",
    ),
    "usage": Label("Usage: {form}", "用法：{form}"),
    "help": Label("Try '{command} --help' for help.", "查看帮助：{command} --help"),
    "more": Label("… and {count} more; --format json lists them all", "……另有 {count} 项；用 --format json 列出全部"),
}
_PIPE_WIDTH = 200


def say(text: str = "") -> None:
    """Print text of one line or several."""
    print(safe_lines(text))


def complain(text: str) -> None:
    """Print to stderr."""
    print(safe_lines(text), file=sys.stderr)


def show_table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int]) -> None:
    """Print a table; the columns of `numbers` are aligned right."""
    right = set(numbers)
    table = Table(title=Text(safe(title)), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for index, head in enumerate(heads):
        table.add_column(Text(safe(head)), justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(safe(cell)) for cell in row))
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console = Console(markup=False, highlight=False, emoji=False, width=_PIPE_WIDTH)
    console.print(table)


def show_problems(problems: Sequence[Problem], language: Language = "en") -> None:
    """Print problems to stderr by what causes them, the first hundred causes in full."""
    causes = causes_of(problems)
    if causes:
        more = len(problems) - len(causes)
        complain(_say("folded" if more else "head", language, {"causes": len(causes), "more": more}))
    for cause in causes[:_SHOWN_CAUSES]:
        complain(f"  - {cause.problem.text(language)}")
        for text in cause.beside(language):
            complain(f"    {text}")
    if len(causes) > _SHOWN_CAUSES:
        complain("  " + _say("more", language, {"count": len(causes) - _SHOWN_CAUSES}))


def _say(word: str, language: Language, values: Mapping[str, object]) -> str:
    return _WORDS[word].to(language).format_map(values)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr while work goes on, where stderr is a terminal; gives the function that moves it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(safe(what), total=None)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield move


def show_analysis(found: Analysis, output: Literal["text", "json", "csv"], language: Language) -> None:
    """Print findings and table as text, all of it as JSON, or the table as CSV."""
    if output == "json":
        say(json_text(found.data()))
    elif output == "csv":
        say(csv_of(found.rows, language).removesuffix("\n"))
    else:
        say(found.text(language))


def viewer_of_all() -> Viewer:
    """Who is logged in: whoever can read the data of a command may see everybody in it."""
    try:
        return Viewer(who=getpass.getuser(), sees="all")
    except (KeyError, OSError, ImportError):
        return Viewer(who="unknown", sees="all")


@contextmanager
def faults_told(language: Language = "en") -> Iterator[None]:
    """Turn what a user can get wrong into a message and an exit code, in the language."""
    try:
        yield
        sys.stdout.flush()
    except LoanPerfError as error:
        complain(_say("error", language, {"fault": error.text(language)}))
        raise typer.Exit(UNUSABLE) from None
    except BrokenPipeError:
        # Python flushes stdout once more while it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(NOBODY_READS) from None
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        complain(_say("error", language, {"fault": what}))
        raise typer.Exit(UNUSABLE) from None
    except KeyboardInterrupt:
        complain("interrupted")
        raise typer.Exit(INTERRUPTED) from None


EXIT_CODES = """\b
Exit codes:
  0    done
  1    a result came out, and some rows or payees had problems, or pay waits for approval (on stderr)
  2    wrong usage, or input that cannot be used
  130  interrupted
  141  what reads the output went away
"""

app = typer.Typer(
    name="loanperf",
    help="Performance appraisal and incentive pay of loan salespeople: exact, explained, proven.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class OnceCommand(TyperCommand):
    """A command that refuses an option that takes one value, where a line gives it several.

    The last one would be taken without a word: of two periods only one would be worked.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse a line of arguments; `ctx` is a context of the click that typer brings."""
        _, _, given = self.make_parser(ctx).parse_args(list(args))
        for one in self.params:
            times = sum(1 for option in given if option is one)
            if times > 1 and not getattr(one, "is_flag", False) and not getattr(one, "multiple", False):
                raise typer.BadParameter(f"it is given {times} times; give it once", param_hint=one.opts[0])
        return super().parse_args(ctx, args)


_WRONG_USAGE: Any = typer.BadParameter.__bases__[0]
"""What typer raises of a line that no command takes. The class has no public name that all versions of typer have."""


def exit_code() -> int:
    """Run the command on the arguments of the process; wrong usage is said in the language of `--lang`."""
    try:
        code = app(prog_name="loanperf", standalone_mode=False)
    except _WRONG_USAGE as error:
        language = _language_of(sys.argv[1:])
        if language == "en":
            error.show()
        else:
            if error.ctx is not None:
                form = error.ctx.get_usage().removeprefix("Usage: ")
                complain(_say("usage", language, {"form": form}))
                complain(_say("help", language, {"command": error.ctx.command_path}) + "\n")
            fault = in_chinese(" ".join(error.format_message().split()))
            complain(_say("error", language, {"fault": fault}))
        return UNUSABLE
    except typer.Abort:  # Ctrl-C before a command has begun
        return INTERRUPTED
    return FINE if code is None else int(code)


def _language_of(line: Sequence[str]) -> Language:
    """What the last `--lang` of a line asks for; English where there is none, or none that is spoken."""
    joined = [word.replace("--lang=", "--lang ", 1) for word in line]
    _, is_asked, tag = f" {' '.join(joined)}".rpartition(" --lang ")
    try:
        return spoken(tag.partition(" ")[0]) if is_asked else "en"
    except DataError:
        return "en"


def with_examples(*lines: str) -> str:
    """What stands below the help of a command: calls to copy, and the exit codes."""
    return "\b\nExamples:\n" + "".join(f"  loanperf {line}\n" for line in lines) + "\n" + EXIT_CODES


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
    str,
    typer.Argument(
        metavar="DATA",
        help="A folder of CSV files, Parquet files or workbooks, or the URL of a database: sqlite:///pay.db.",
    ),
]
PeriodOption = Annotated[str, typer.Option("--period", help="2026-03, 2026-Q1, 2026-H1 or 2026.")]
SchemesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--scheme",
        metavar="SCHEME",
        help="A file or template; each version of the scheme, if there are several. [default: DATA/scheme.toml]",
    ),
]
LedgerOption = Annotated[
    str,
    typer.Option(
        "--ledger", metavar="FILE", help="A SQLite file or the URL of a database. [default: DATA/loanperf.db]"
    ),
]
CompanyOption = Annotated[
    str, typer.Option("--company", metavar="CODE", help="Whose part of a database it is; needed with a database.")
]
MapOption = Annotated[
    Path | None,
    typer.Option("--map", metavar="FILE", help="Of headings and units. [default: DATA/loanperf.toml, if it is there]"),
]
EncodingOption = Annotated[
    str, typer.Option("--encoding", help="Of CSV files for which the map names none; gb18030 for Chinese Windows.")
]
FirstOption = Annotated[
    str, typer.Option("--first", metavar="PERIOD", help="With which pay begins: earlier ones were paid elsewhere.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Of chance: the same one gives the same result.")]
SmallestOption = Annotated[int, typer.Option("--smallest", min=1, help="Groups of fewer people are shown together.")]
TableOption = Annotated[Literal["text", "json", "csv"], typer.Option("--format", help="What to print.")]
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
    ctx: typer.Context,
    _: Annotated[  # noqa: FBT002 (a flag of the command line)
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    lang: LanguageOption = "en",
) -> None:
    # A language that stands before a command is the default of that command.
    ctx.default_map = {ctx.invoked_subcommand or "": {"lang": lang}}
