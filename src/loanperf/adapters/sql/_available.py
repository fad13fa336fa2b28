"""Whether what the extra `sql` brings is installed; imported first, so that its absence is told by name."""

from importlib.util import find_spec

from loanperf.errors import MissingExtraError

NEEDED = ("sqlalchemy", "alembic")

for _package in NEEDED:
    if find_spec(_package) is None:
        raise MissingExtraError("sql", _package)
