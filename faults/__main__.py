"""`python -m faults`: print the table of faults; 1 if anything was lost or doubled, or did not come to the same."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from tests.servers import Postgres

from faults.kills import kills
from faults.others import full_disk, full_file, others, restarted
from faults.table import Row, printed
from faults.trial import Place

SIZES = {"quick": (1, 40), "": (1, 8), "each": (1, 4), "full": (20, 1)}
"""Seeds, and which statements to kill at (each eighth, and each second commit, say), by what LOANPERF_FAULTS names."""
_SECONDS = 0.3
"""About as long as a run takes."""


def on_sqlite(folder: Path, many: int, step: int) -> list[Row]:
    """Every fault on a file of SQLite."""
    place = Place("SQLite", f"sqlite:///{folder / 'pay.db'}")
    _create(place)
    more = others(place, many, [partial(full_file, place, range(many))])
    return _shown(kills(place, many, step, _SECONDS), more)


def on_postgresql(folder: Path, many: int, step: int) -> list[Row]:
    """Every fault on a server of PostgreSQL of its own."""
    server = Postgres.started(folder)
    try:
        place = Place("PostgreSQL", server.new_database())
        _create(place)
        restart = partial(restarted, place, server, range(2 * many), _SECONDS)
        more = others(place, many, [restart, partial(full_disk, place, folder / "small", range(many))])
        return _shown(kills(place, many, step, _SECONDS), more)
    finally:
        server.stop()


def _shown(*rows: Iterable[Row]) -> list[Row]:
    """The rows, each printed as soon as it is there."""
    found = []
    for row in chain(*rows):
        print("  ".join(row.cells()), file=sys.stderr, flush=True)
        found.append(row)
    return found


def _create(place: Place) -> None:
    database = place.open("nobody")
    database.upgrade()
    database.close()


def main() -> int:
    """Work both databases at the same time, print what comes, and then the table."""
    many, step = SIZES[os.environ.get("LOANPERF_FAULTS", "")]
    folder = Path(tempfile.mkdtemp(prefix="loanperf-faults-"))
    folder.chmod(0o755)  # started by root, the server runs as a user of its own
    try:
        with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
            parts = [pool.submit(work, folder, many, step) for work in (on_sqlite, on_postgresql)]
            rows = [row for part in parts for row in part.result()]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(printed(rows))
    return 0 if all(row.kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
