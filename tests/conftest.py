"""Hypothesis profiles, published cases, servers, and the real loans that may lie beside the checkout."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests.servers import Postgres, file_with_tables
from typer.main import get_command

settings.register_profile("ci", derandomize=True, deadline=None, max_examples=30, print_blob=True)
settings.register_profile("dev", deadline=None, max_examples=25)
settings.register_profile("deep", settings.get_profile("ci"), max_examples=200)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

SHARED = Path(os.environ.get("LOANPERF_SHARED", Path(__file__).parents[2] / "shared"))
PUBLISHED = Path(__file__).parent / "published.json"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real loans; without it the test is skipped, saying so."""
    path = SHARED / "data"
    if not path.exists():
        pytest.skip("no shared/data beside the checkout; LOANPERF_SHARED can name another folder than shared")
    return path


@pytest.fixture(scope="session")
def published() -> list[dict[str, Any]]:
    """What others published: inputs, result and a word on the source; fractions are read as `Decimal`."""
    cases: list[dict[str, Any]] = json.loads(PUBLISHED.read_text(encoding="utf-8"), parse_float=Decimal)
    return cases


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of this session's own, from a package alone; it is stopped in the end."""
    folder = Path(tempfile.mkdtemp(prefix="loanperf-pg-"))
    folder.chmod(0o755)  # started by root, the server runs as a user of its own
    server = Postgres.started(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _one_command_line() -> Iterator[None]:
    """Commands that are called in this process are built once, and not anew for each call."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.testing._get_command", cache(get_command), raising=False)
        yield


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new and empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'pay.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def url_with_tables(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database of each kind, with the tables of the library and no row."""
    if request.param == "sqlite":
        return file_with_tables(tmp_path / "pay.db")
    server: Postgres = request.getfixturevalue("postgres")
    return server.with_tables()
