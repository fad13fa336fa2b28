"""Whether what the extra `testing` brings is installed; imported first, so that its absence is told by name."""

from importlib.util import find_spec

from loanperf.errors import MissingExtraError

NEEDED = ("hypothesis",)

for _package in NEEDED:
    if find_spec(_package) is None:
        raise MissingExtraError("testing", _package)
