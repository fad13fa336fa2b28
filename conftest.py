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
    """Collect without looking for garbage: a third of the time of collection, and what is collected stays to the end.

    Nor is it looked through while tests run.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put pages first: the blocks of one stand on each other, and idle workers take tests from the end of a queue."""
    items.sort(key=lambda item: item.path.suffix != ".md")
