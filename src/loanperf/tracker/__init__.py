"""Tracker: facts one by one -> readings, scores, pay and alerts at any moment of a period."""

from typing import TYPE_CHECKING, Never

from loanperf.tracker._tracker import Tracker, merge
from loanperf.tracker._watch import Watch

__all__ = ["Tracker", "Watch", "merge"]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Never:
        """Say where a name is that has moved."""
        moved = {"Book": "lp.Facts, made by lp.Facts.read(...)"}
        moved |= {name: f"loanperf.alerts.{name}" for name in ("Alert", "AlertRule")}
        where = f": it is {moved[name]}" if name in moved else ""
        raise AttributeError(f"module 'loanperf.tracker' has no attribute {name!r}{where}", name=name)
