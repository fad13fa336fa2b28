"""Terminal: tables, progress, and faults without a traceback. Nothing in data is taken for markup or a command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from loanperf.cli._results import safe, safe_lines
from loanperf.errors import LoanPerfError, Problem

FINE, PROBLEMS, UNUSABLE, INTERRUPTED, NOBODY_READS = 0, 1, 2, 130, 141
"""Exit codes."""
_SHOWN_PROBLEMS = 100
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


def show_problems(problems: Sequence[Problem]) -> None:
    """Print problems to stderr, the first hundred in full."""
    if problems:
        complain(f"{len(problems)} problem(s):")
    for problem in problems[:_SHOWN_PROBLEMS]:
        complain(f"  - {problem}")
    if len(problems) > _SHOWN_PROBLEMS:
        complain(f"  … and {len(problems) - _SHOWN_PROBLEMS} more; --format json lists them all")


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
