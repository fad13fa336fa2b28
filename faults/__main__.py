"""`python -m faults`: print the table of faults; 1 if anything was lost or doubled, or did not come to the same."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.servers import Postgres

from faults.kills import kills
from faults.others import full_disk, full_file, others, restarted
from faults.table import Row, printed
from faults.trial import Place

SIZES = {"quick": (1, 40), "": (1, 4), "full": (20, 1)}
"""Seeds, and which statements to kill at (each fourth, say), by the size that LOANPERF_FAULTS names."""
_SECONDS = 0.3
"""About as long as a run takes."""


def rows_of(folder: Path, many: int, step: int) -> Iterator[Row]:
    """Every fault on every database."""
    sqlite = Place("SQLite", f"sqlite:///{folder / 'pay.db'}")
    _create(sqlite)
    yield from kills(sqlite, many, step, _SECONDS)
    yield from others(sqlite, many, [partial(full_file, sqlite, range(many))])
    server = Postgres.started(folder)
    try:
        place = Place("PostgreSQL", server.new_database())
        _create(place)
        yield from kills(place, many, step, _SECONDS)
        restart = partial(restarted, place, server, range(2 * many), _SECONDS)
        yield from others(place, many, [restart, partial(full_disk, place, folder / "small", range(many))])
    finally:
        server.stop()


def _create(place: Place) -> None:
    database = place.open("nobody")
    database.upgrade()
    database.close()


def main() -> int:
    """Print the table as it grows, and then as a whole."""
    many, step = SIZES[os.environ.get("LOANPERF_FAULTS", "")]
    folder = Path(tempfile.mkdtemp(prefix="loanperf-faults-"))
    folder.chmod(0o755)  # started by root, the server runs as a user of its own
    rows: list[Row] = []
    try:
        for row in rows_of(folder, many, step):
            rows.append(row)
            print("  ".join(row.cells()), file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(printed(rows))
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
