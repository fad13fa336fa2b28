"""The Python blocks of the README and of the documentation are run as tests, one namespace a page."""

import pytest
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

collect_ignore = ["docs/conf.py", "src/loanperf/adapters/sql/migrations/env.py"]
pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["README.md", "docs/**/*.md", "docs/*.md"]
).pytest()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put pages first: the blocks of one stand on each other, and idle workers take tests from the end of a queue."""
    items.sort(key=lambda item: item.path.suffix != ".md")
