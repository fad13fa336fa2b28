"""Kills: a process is ended by kill -9 at every commit and every statement, and at any moment; then it goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from faults.branch import MONTHS, rows_of, unpaid
from faults.table import Row
from faults.trial import DONE, KILLED, Killer, Place, Task, ended, killed_after, peaceful

MOMENTS = ("before a commit", "after a commit", "at a statement")


def killed_at_every(moment: str, place: Place, seeds: Iterable[int], step: int = 1) -> Row:
    """Kill at each moment of a kind in three months, one after the other, until the months end before it comes."""
    row = Row(f"kill -9 {moment}", place.kind)
    for seed in seeds:
        rows = rows_of(seed)
        expected = peaceful(place, rows)
        at, how = 1, KILLED
        while how == KILLED:
            task = Task(place, place.company(), rows)
            how = task.run(Killer(moment, at))
            if how == KILLED:
                row.judge(task.run() == DONE, place.outcome(task.company), expected)
            at += step
    return row


def killed_at_any_time(place: Place, seeds: Iterable[int], seconds: float) -> Row:
    """Kill from outside after times spread over a run, again and again until it ends."""
    row = Row("kill -9 at any time", place.kind)
    for seed in seeds:
        rows = rows_of(seed)
        expected = peaceful(place, rows)
        task = Task(place, place.company(), rows)
        for part in range(1, 5):
            killed_after(task, seconds * ((seed * 7 + part * 13) % 29) / 29)
        row.judge(task.run() == DONE, place.outcome(task.company), expected)
    return row


def killed_and_left(place: Place, seeds: Iterable[int], step: int = 1) -> Row:
    """Kill in February, never work it again, and work March: what February had posted is paid all the same."""
    row = Row("kill -9, and the month is left", place.kind)
    for seed in seeds:
        for moment in MOMENTS[:2]:
            row = _left(row, place, seed, moment, step)
    return row


def _left(row: Row, place: Place, seed: int, moment: str, step: int) -> Row:
    at, how = 1, KILLED
    while how == KILLED:
        company, rows = place.company(), rows_of(seed)
        Task(place, company, rows, MONTHS[:1]).run()
        how = Task(place, company, rows, MONTHS[1:2]).run(Killer(moment, at))
        recovered = Task(place, company, rows, MONTHS[2:]).run() == DONE
        database = place.open(company)
        row.count(recovered, unpaid(database), 0)
        database.close()
        at += step
    return row


def at_once(place: Place, seeds: Iterable[int], many: int) -> Row:
    """Start several processes for the same months at the same moment."""
    row = Row(f"{many} runs at once", place.kind)
    for seed in seeds:
        rows = rows_of(seed)
        expected = peaceful(place, rows)
        task = Task(place, place.company(), rows)
        codes = [ended(pid) for pid in [task.start() for _ in range(many)]]
        again = any(code != DONE for code in codes)
        row.judge(not again or task.run() == DONE, place.outcome(task.company), expected)
    return row


def kills(place: Place, many: int, step: int, seconds: float) -> Iterator[Row]:
    """All of them on one database; of statements and, where `step` is large, of commits only each so many-th."""
    commits = step // 4 or 1
    for moment in MOMENTS:
        yield killed_at_every(moment, place, range(many), step if moment == "at a statement" else commits)
    yield killed_at_any_time(place, range(4 * many), seconds)
    yield killed_and_left(place, range(many), commits)
    for together in (2, 4):
        yield at_once(place, range(4 * many), together)
