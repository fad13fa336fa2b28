"""What a run comes to: results, what it posted and handed over, and everything that could not be used."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from loanperf._appraisal import Appraisal
from loanperf._bonus import Award
from loanperf._commission import Accruals
from loanperf._explanations import Explanation
from loanperf._ledger import Answer, Entry, Ledger, Payment
from loanperf._org import Assignment
from loanperf._periods import Period
from loanperf.errors import Problem


@frozen(kw_only=True)
class Result:
    """What one assignment of a payee came to; a payee with two roles in the period has two."""

    payee: str
    name: str
    assignment: Assignment
    part: Period
    """The days of the period in which the assignment holds."""
    appraisal: Appraisal
    award: Award | None
    """None where the scheme has no bonus plan."""

    def explain(self) -> Explanation:
        """Why the bonus, or without one the score, is what it is, down to the facts."""
        return self.award.explain() if self.award is not None else self.appraisal.explain()


@frozen(kw_only=True)
class Run:
    """A period worked: results, and everything that could not be used."""

    period: Period
    results: tuple[Result, ...]
    """In order of payee, then date."""
    problems: tuple[Problem, ...]
    payments: tuple[Payment, ...]
    """What was handed to the sink, or would be.

    With a ledger the payments that it has for the period. Without one, one a payee with a bonus above zero; a payee
    with an assignment among the problems is not in it, since a sink takes each key only once.
    """
    rows: int
    """Rows that came in."""
    used: int
    """Rows without a problem, repeats among them; each of the others has one."""
    held: bool
    """Whether nothing was posted and paid, since rows could not be used or somebody did not approve."""
    taken: Mapping[str, int] = field(factory=dict)
    """Rows pulled from each feed in this run."""
    answers: tuple[Answer, ...] = ()
    """What finance newly said of payments."""
    accruals: Accruals | None = field(default=None, repr=False)
    """Commissions; None without a ledger or plans."""
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    """What was posted in this run, or would be; nothing where it was posted before."""
    ledger: Ledger | None = field(default=None, repr=False)
    """With these entries; None where none is kept."""
    closed: bool = False
    """Whether the period is closed."""
