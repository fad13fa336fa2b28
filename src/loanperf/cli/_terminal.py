"""Terminal: tables, progress, and faults without a traceback. Nothing in data is taken for markup or a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from loanperf._explanations import Label, Language, spoken
from loanperf.cli._results import safe, safe_lines
from loanperf.errors import LoanPerfError, Problem, causes_of

FINE, PROBLEMS, UNUSABLE, INTERRUPTED, NOBODY_READS = 0, 1, 2, 130, 141
"""Exit codes."""
_SHOWN_CAUSES = 100
_WORDS = {
    "head": Label("{causes} problem(s):", "问题 {causes} 项："),
    "folded": Label(
        "{causes} problem(s), and {more} more that are the same or follow from them:",
        "问题 {causes} 项，另有 {more} 处与之相同或由其引起：",
    ),
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
    """Print problems to stderr by what causes them, the first hundred causes in full.

    The sentences around them are in the language; the problems themselves are in English.
    """
    causes = causes_of(problems)
    if causes:
        more = len(problems) - len(causes)
        complain(_say("folded" if more else "head", language, {"causes": len(causes), "more": more}))
    for cause in causes[:_SHOWN_CAUSES]:
        complain(f"  - {cause.problem}")
        for text in cause.beside(spoken(language)):
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


@contextmanager
def faults_told() -> Iterator[None]:
    """Turn what a user can get wrong into a message and an exit code."""
    try:
        yield
        sys.stdout.flush()
    except LoanPerfError as error:
        complain(f"error: {error}")
        raise typer.Exit(UNUSABLE) from None
    except BrokenPipeError:
        # Python flushes stdout once more while it ends, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(NOBODY_READS) from None
    except OSError as error:
        what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        complain(f"error: {what}")
        raise typer.Exit(UNUSABLE) from None
    except KeyboardInterrupt:
        complain("interrupted")
        raise typer.Exit(INTERRUPTED) from None
