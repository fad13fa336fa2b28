"""Trials: a process of its own that works the months and is killed, or meets another fault."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

import loanperf as lp
from faults.branch import MONTHS, HeldError, Outcome, prepare, work
from loanperf.adapters.sql import Database
from loanperf.errors import LoanPerfError
from loanperf.ports import FeedRow

DONE, KILLED, REFUSED, HELD = 0, -signal.SIGKILL, 3, 4
_COMPANIES = count(1)


@frozen
class Place:
    """A database of one kind, in which each try is a company of its own."""

    kind: str
    url: str

    def company(self) -> str:
        """A new company, with people and a scheme."""
        company = f"{self.kind} {next(_COMPANIES)}"
        database = self.open(company)
        prepare(database)
        database.close()
        return company

    def open(self, company: str, more: str = "") -> Database:
        """The part of a company; `more` is added to the URL."""
        sign = "&" if "?" in self.url else "?"
        return Database.connect(self.url + (sign + more if more else ""), company=company)

    def outcome(self, company: str) -> Outcome:
        """What a company came to."""
        database = self.open(company)
        found = Outcome.of(database)
        database.close()
        return found


@frozen
class Task:
    """What a process works."""

    place: Place
    company: str
    rows: Sequence[FeedRow]
    months: Sequence[lp.Period] = MONTHS
    more: str = ""
    """Added to the URL."""

    def start(self, before: Callable[[], object] = bool) -> int:
        """Fork a process that works; its number."""
        pid = os.fork()
        if pid:
            return pid
        code = 70
        try:
            before()
            work(self.place.open(self.company, self.more), self.rows, self.months)
            code = DONE
        except HeldError:
            code = HELD
        except LoanPerfError:
            code = REFUSED
        finally:
            os._exit(code)

    def run(self, before: Callable[[], object] = bool) -> int:
        """Work in a process of its own; how it ended."""
        return ended(self.start(before))


def ended(pid: int) -> int:
    """How a process ended: its code, or below zero the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def die() -> None:
    """As kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


@define
class Killer:
    """Kills its own process at a commit: before it, after it, or at a statement within a transaction."""

    when: str
    at: int
    seen: int = field(default=0, init=False)

    def __call__(self) -> None:
        """Listen from here on."""
        if self.when == "at a statement":
            event.listen(Engine, "after_cursor_execute", self._statement)
            return
        dialects: Any = DefaultDialect
        commit = dialects.do_commit

        def watched(dialect: Any, connection: Any) -> None:
            self.seen += 1
            if self.seen == self.at and self.when == "before a commit":
                die()
            commit(dialect, connection)
            if self.seen == self.at:
                die()

        dialects.do_commit = watched

    def _statement(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.at:
            die()


def killed_after(task: Task, seconds: float) -> int:
    """Work, and kill the process from outside after some time; how it ended."""
    pid = task.start()
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    return ended(pid)


def peaceful(place: Place, rows: Sequence[FeedRow]) -> Outcome:
    """What comes of it where nothing goes wrong."""
    task = Task(place, place.company(), rows)
    if task.run() != DONE:
        raise RuntimeError("the months cannot be worked in peace")
    return place.outcome(task.company)
