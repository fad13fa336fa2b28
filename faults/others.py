"""Other faults: a server that restarts, a full disk, a lock, a torn row, a damaged record, a clock that is set back."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve
from sqlalchemy import Engine, event, text
from tests.servers import Postgres

from faults.branch import Outcome, rows_of
from faults.table import Row
from faults.trial import DONE, HELD, REFUSED, Place, Task, ended, peaceful
from loanperf.errors import Problem
from loanperf.ports import FeedRow

_FEW = 40
"""Pages that a full database may still grow by, one after the other."""


def restarted(place: Place, server: Postgres, seeds: Iterable[int], seconds: float) -> Row:
    """The server ends at once, in the middle of a run, and comes up again."""
    row = Row("server restarted", place.kind)
    for seed in seeds:
        rows = rows_of(seed)
        expected = peaceful(place, rows)
        task = Task(place, place.company(), rows)
        pid = task.start()
        time.sleep(seconds * (seed % 7 + 1) / 9)
        server.control("restart", "-m", "immediate")
        ended(pid)
        row.judge(task.run() == DONE, place.outcome(task.company), expected)
    return row


def full_file(place: Place, seeds: Iterable[int]) -> Row:
    """SQLite may grow by a few pages only; then by more."""
    row = Row("disk full", place.kind)
    for seed in seeds:
        rows = rows_of(seed)
        expected = peaceful(place, rows)
        for pages in range(0, _FEW, 3):
            task = Task(place, place.company(), rows)
            how = task.run(partial(_limit, pages))
            if how == REFUSED:
                row.judge(task.run() == DONE, place.outcome(task.company), expected)
    return row


def _limit(pages: int) -> None:
    def opened(connection: Any, _: Any) -> None:
        (now,) = connection.execute("PRAGMA page_count").fetchone()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {now - free + pages}")

    event.listen(Engine, "connect", opened)


def full_disk(place: Place, folder: Path, seeds: Iterable[int]) -> Row:
    """PostgreSQL keeps its tables on a small disk that somebody else has filled; then there is room again."""
    row = Row("disk full", place.kind)
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(
        [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        row.skipped = "not tried: no right to mount a small disk"
        return row
    try:
        _on_small_disk(row, folder, seeds)
    finally:
        subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=True)
    return row


def _on_small_disk(row: Row, folder: Path, seeds: Iterable[int]) -> None:
    server = Postgres.started(folder)
    try:
        small = Place(row.database, server.new_database())
        database = small.open("first")
        database.upgrade()
        database.close()
        for seed in seeds:
            rows = rows_of(seed)
            expected = peaceful(small, rows)
            task = Task(small, small.company(), rows)
            ballast = folder / "ballast"
            _fill(ballast)
            how = task.run()
            ballast.unlink()
            if how != DONE:
                _up(server)
                row.judge(task.run() == DONE, small.outcome(task.company), expected)
    finally:
        server.stop()


def _fill(ballast: Path) -> None:
    """Take all room that is left."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def _up(server: Postgres) -> None:
    """Start a server that gave up for want of room."""
    try:
        server.run("SELECT 1")
    except subprocess.CalledProcessError:
        server.control("start")


def locked(place: Place, seeds: Iterable[int]) -> Row:
    """Somebody else holds the row of the ledger, or SQLite's only lock, for longer than a statement waits."""
    row = Row("lock timeout", place.kind)
    wait = "timeout=0.2" if place.kind == "SQLite" else "options=-c%20lock_timeout%3D200"
    for seed in seeds:
        rows = rows_of(seed)
        expected = peaceful(place, rows)
        task = Task(place, place.company(), rows)
        database = place.open(task.company)
        database.entries.append("branch/payments", [], expected=0)
        with database.engine.connect() as connection:
            connection.execution_options(loanperf_writes=True)
            with connection.begin():
                connection.execute(
                    text("UPDATE streams SET version = version WHERE company = :company"), {"company": task.company}
                )
                how = evolve(task, more=wait).run()
        database.close()
        row.judge(how == REFUSED and task.run() == DONE, place.outcome(task.company), expected)
    return row


def torn_row(place: Place, seeds: Iterable[int]) -> Row:
    """A row cannot be read: pay is held until it is corrected, and then is what it would have been."""
    row = Row("poison row", place.kind)
    for seed in seeds:
        rows = rows_of(seed)
        torn = FeedRow(row="drawn 1", revision=90, says=Problem("contract 1", "it is torn", "x", "correct it"))
        mended = evolve(next(one for one in rows if one.row == "drawn 1"), revision=91)
        expected = peaceful(place, [*rows, mended])
        task = Task(place, place.company(), [torn, *rows])
        how = [task.run(), task.run()]
        recovered = evolve(task, rows=[torn, *rows, mended]).run() == DONE
        found = place.outcome(task.company)
        row.judge(how == [HELD, HELD] and recovered, evolve(found, notices=expected.notices), expected)
    return row


def damaged(place: Place, seeds: Iterable[int]) -> Row:
    """A record of the ledger is changed by hand: nothing is posted or paid until it is restored."""
    row = Row("damaged record", place.kind)
    for seed in seeds:
        rows = rows_of(seed)
        expected = peaceful(place, rows)
        task = Task(place, place.company(), rows)
        evolve(task, months=task.months[:1]).run()
        before = place.outcome(task.company)
        kind = json.loads(before.ledger[0])["entry"]["kind"]
        _rewrite(place, task.company, kind, kind[:-1])
        how = task.run()
        _rewrite(place, task.company, kind[:-1], kind)
        after = place.outcome(task.company)
        untouched = (before.ledger, before.payments) == (after.ledger, after.payments)
        row.judge(how == REFUSED and untouched and task.run() == DONE, place.outcome(task.company), expected)
    return row


def _rewrite(place: Place, company: str, old: str, new: str) -> None:
    database = place.open(company)
    with database.engine.begin() as connection:
        connection.execute(
            text("UPDATE entries SET kind = :new WHERE company = :company AND version = 1 AND kind = :old"),
            {"new": new, "company": company, "old": old},
        )
    database.close()


def clock_back(place: Place, seeds: Iterable[int]) -> Row:
    """The machine's clock says 1970; nothing is computed from it."""
    row = Row("clock set back", place.kind)
    for seed in seeds:
        rows = rows_of(seed)
        expected: Outcome = peaceful(place, rows)
        task = Task(place, place.company(), rows)
        row.judge(task.run(_back) == DONE, place.outcome(task.company), expected)
    return row


def _back() -> None:
    clock: Any = time
    clock.time = clock.monotonic = lambda: 0.0

    def today() -> date:
        return date(1970, 1, 1)

    clock.localtime = clock.gmtime = lambda *_: today().timetuple()


def others(place: Place, many: int, more: Iterable[Callable[[], Row]]) -> Iterator[Row]:
    """All of them on one database; `more` are those of its kind alone."""
    for fault in (locked, torn_row, damaged, clock_back):
        yield fault(place, range(many))
    for trial in more:
        yield trial()
