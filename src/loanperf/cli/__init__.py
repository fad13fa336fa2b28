"""The command line. `main` is what the command `loanperf` calls; typer and rich are imported in this package only."""

import io
import sys

from loanperf.errors import MissingExtraError

__all__ = ["main"]


def main() -> None:
    """Run the command line on the arguments of the process, and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What goes into a file or pipe is UTF-8 on every machine; a narrow terminal shows what it can.
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    try:
        from loanperf.cli._commands import exit_code
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in ("typer", "rich"):
            raise
        print(MissingExtraError("cli", package), file=sys.stderr)
        sys.exit(2)
    sys.exit(exit_code())
