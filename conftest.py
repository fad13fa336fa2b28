"""The Python blocks of the README and of the documentation are run as tests, one namespace a page."""

import gc
from collections.abc import Generator

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

collect_ignore = ["docs/conf.py", "src/loanperf/adapters/sql/migrations/env.py"]
pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["README.md", "docs/**/*.md", "docs/*.md"]
).pytest()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage seldom: not while tests are collected, which stay to the end, and later less often.

    It is a quarter of the time of collection otherwise, and a twentieth of that of the tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put pages first: the blocks of one stand on each other, and idle workers take tests from the end of a queue."""
    items.sort(key=lambda item: item.path.suffix != ".md")
