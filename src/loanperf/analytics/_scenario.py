"""Scenarios: what happened and what was agreed, to be worked again; and whether it comes to what was paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from loanperf._data import PlainData
from loanperf._facts import NO_FACTS, Facts, amounts_times
from loanperf._indicators import Reading
from loanperf._ledger import Ledger, payments_of
from loanperf._org import Organisation
from loanperf._periods import Period, must_be_period
from loanperf._quantities import CURRENCIES, Money
from loanperf._scheme import Scheme, SchemeBook
from loanperf._targets import Target
from loanperf._validators import as_tuple, each_of, is_a, must_be
from loanperf.analytics._findings import must_be_list
from loanperf.archive import Archive
from loanperf.cycle import Cycle
from loanperf.errors import DataError, Problem, shown
from loanperf.goals import Confirmations
from loanperf.run import ReplayData, Results, Run, replay
from loanperf.viewer import Viewer

Key: TypeAlias = tuple[str, Period]
"""A payee and a period."""
_SHOWN = 10
"""How many differences an error names."""


def _book(given: object) -> object:
    return SchemeBook([given]) if isinstance(given, Scheme) else given


@frozen(kw_only=True)
class Scenario:
    """What happened and what was agreed in several periods; `evolve` gives one that differs in a part."""

    people: Organisation = field(validator=is_a(Organisation))
    schemes: SchemeBook = field(converter=_book, validator=is_a(SchemeBook))
    """A single scheme is a book of one."""
    facts: Facts = field(default=NO_FACTS, validator=is_a(Facts), repr=False)
    """The facts known from the first day of the plans on."""
    readings: tuple[Reading, ...] = field(default=(), converter=as_tuple, repr=False)
    """Readings that the host states beside the facts; one without a period counts in every period."""
    targets: tuple[Target, ...] = field(default=(), converter=as_tuple, repr=False)
    """Targets; one without a period counts in every period."""
    confirmations: Confirmations | None = field(default=None, repr=False)
    """What was proposed and confirmed; without it nothing waits for a confirmation."""
    cycles: Mapping[Period, Cycle] = field(factory=dict, repr=False)
    """By period: what people decided about its results; without it bonuses are paid by the grades as computed."""

    def __attrs_post_init__(self) -> None:
        each_of(self.readings, Reading, "the readings of a scenario", "pass a list of lp.Reading")
        each_of(self.targets, Target, "the targets of a scenario", "pass a list of lp.Target")

    @property
    def currency(self) -> str:
        """The one currency of its schemes.

        Raises:
            DataError: they have several.
        """
        found = sorted({scheme.currency for scheme in self.schemes.versions})
        if len(found) != 1:
            raise DataError("the schemes of a scenario", f"they are of {', '.join(found)}", "compare one currency")
        return found[0]

    def with_volume(self, factor: Fraction) -> Scenario:
        """The scenario with every amount of a loan times a factor, rounded half even to the smallest unit.

        Readings and targets stay as the host says them; so do the numbers of loans and their days.
        """
        return evolve(self, facts=amounts_times(self.facts, factor))

    def worked(self, periods: Sequence[Period]) -> tuple[Run, ...]:
        """Each period worked again, by the program by which a run works it.

        Raises:
            LoanPerfError: what `lp.run` raises where a period cannot be worked.
        """
        known = ReplayData(
            facts=self.facts,
            organisation=self.people,
            schemes=self.schemes,
            readings=self.readings,
            targets=self.targets,
            confirmations=self.confirmations,
            cycles=self.cycles,
        )
        return tuple(replay(known, periods))


def periods_in_order(periods: Iterable[Period]) -> tuple[Period, ...]:
    """The periods as a tuple; there must be one, and each must begin where the one before ends.

    Raises:
        DataError: they do not.
        PeriodError: one is no period.
    """
    must_be_list(periods, "the periods", "pass a list of them, such as [lp.Period.month(2026, 3)]")
    found = tuple(periods)
    for period in found:
        must_be_period(period)
    if not found:
        raise DataError(
            "the periods", "there is none", "pass the periods of the history, such as lp.Period.month(2026, 3)"
        )
    for before, period in pairwise(found):
        if period.start < before.end:
            fault = f"{period} stands behind {before}, and begins before that ends"
            raise DataError("the periods", fault, "pass each once, in the order of time")
        if before.end != period.start:
            raise DataError(
                "the periods", f"{period} does not begin where {before} ends", "pass them one behind the other"
            )
    return found


# ── whether it is what was paid ─────────────────────────────────────────────────────────────────────────────

Paid: TypeAlias = Ledger | Archive | Mapping[Period, Results]
"""What was paid then: the ledger, the archive with the ledger, or without a ledger the results of each period."""


@frozen(kw_only=True)
class PaidDifference(PlainData):
    """A payee and a period in which the history, worked again, comes to another amount than was paid."""

    payee: str
    period: Period
    paid: Money
    """What was paid then."""
    replayed: Money
    """What the scheme of then comes to now."""

    def __str__(self) -> str:
        return f"{self.payee} in {self.period}: paid {self.paid}, and it comes to {self.replayed}"


def must_be_said(paid: object, accepted: object) -> None:
    """Refuse what does not say what was paid, or why what differs is accepted.

    Raises:
        DataError: it does not.
    """
    if paid is not None and not isinstance(paid, Ledger | Archive | Mapping):
        raise DataError("paid", f"it is {shown(paid)}", "pass a ledger, an archive, lp.Results by period, or None")
    remedy = "pass the reason by payee and period, such as {('p1', lp.Period.month(2026, 3)): 'a late fact'}"
    must_be(accepted, Mapping, "accepted", remedy)
    given: Any = accepted
    for key, reason in given.items():
        if not isinstance(key, tuple) or [*map(type, key)] != [str, Period] or not isinstance(reason, str):
            raise DataError("accepted", f"it has {shown(key)} with {shown(reason)}", remedy)


def checked(
    worked: Sequence[Run], paid: Paid, currency: str, accepted: Mapping[Key, str], viewer: Viewer
) -> tuple[PaidDifference, ...]:
    """The differences between what was paid and what the same scheme comes to; all of them accepted.

    Args:
        worked: the periods, worked again by the scheme of then.
        paid: what was paid.
        currency: of the scheme.
        accepted: by payee and period, why a difference is accepted.
        viewer: who is told of whom in the error.

    Raises:
        DataError: one is not accepted, with the largest ten; or a difference is accepted that is not there.
    """
    found = [*_differences(worked, paid, currency)]
    known = {(one.payee, one.period) for one in found}
    for payee, period in accepted:
        if (payee, period) not in known or not accepted[payee, period].strip():
            where = f"the accepted difference of {payee!r} in {period}"
            raise DataError(where, "there is none, or it is not said why", "accept what differs, each with a reason")
    left = [one for one in found if (one.payee, one.period) not in accepted]
    if left:
        left.sort(key=lambda one: (-abs(one.replayed.units - one.paid.units), one.payee, one.period.start))
        seen = [one for one in left if viewer.may_see(one.payee)][:_SHOWN]
        more = f"; and {len(left) - len(seen)} more" if len(left) > len(seen) else ""
        fault = f"it is not what was paid ({len(left)} differences): {'; '.join(map(str, seen))}{more}"
        accept = "accept what differs, each with a reason (--accept), or compare unchecked (--unchecked, or paid=None)"
        remedy = f"begin with the first period of the ledger, pass the facts of then, {accept}"
        raise DataError("the history worked again", fault, remedy)
    return tuple(found)


def _differences(worked: Sequence[Run], paid: Paid, currency: str) -> Iterable[PaidDifference]:
    ledger = paid.ledger() if isinstance(paid, Archive) else paid
    for run in worked:
        if isinstance(ledger, Ledger):
            was, now = _payments(ledger, run.period), _payments(run.ledger or Ledger(), run.period)
        else:
            if run.period not in ledger:
                raise DataError("what was paid", f"nothing is said of {run.period}", "pass its results, or the ledger")
            was, now = _bonuses(ledger[run.period]), _bonuses(run.results)
        for payee, code in sorted(was.keys() | now.keys()):
            units = was.get((payee, code), 0), now.get((payee, code), 0)
            if units[0] != units[1]:
                then, again = (Money.from_units(one, code) for one in units)
                yield PaidDifference(payee=payee, period=run.period, paid=then, replayed=again)
            must_be_of(code, currency, f"what was paid to {payee} in {run.period}")


def must_be_of(code: str, currency: str, where: str) -> None:
    """Refuse an amount of another currency than the scheme of then.

    Raises:
        DataError: it is of another one.
    """
    if code != currency:
        raise DataError(where, f"it is in {code}, and the scheme of then in {currency}", "compare one currency")


def _payments(ledger: Ledger, period: Period) -> dict[tuple[str, str], int]:
    found = defaultdict[tuple[str, str], int](int)
    for payment in payments_of(ledger, period):
        found[payment.payee, payment.amount.currency] += payment.amount.units
    return found


def _bonuses(results: Results) -> dict[tuple[str, str], int]:
    must_be(results, Results, "what was paid", "pass a ledger, an archive, or lp.Results by period")
    found = defaultdict[tuple[str, str], int](int)
    for result in results:
        if result.award is not None:
            found[result.payee, result.award.amount.currency] += result.award.amount.units
    return found


def must_be_worked(then: Run, new: Run) -> frozenset[str]:
    """Payees who cannot be worked by the scheme of then; the other scenario must work all others.

    Raises:
        DataError: a period in which nobody is appraised or paid; or problems that only the other scenario has.
    """
    period = then.period
    if not then.results and not then.entries:
        raise DataError(f"the history in {period}", "nobody is appraised or paid in it", "leave the period out")
    known = {_said(problem) for problem in then.problems}
    more = [problem for problem in new.problems if _said(problem) not in known and problem not in new.holding]
    if more:
        told = "; ".join(str(problem) for problem in more[:_SHOWN])
        rest = f"; and {len(more) - _SHOWN} more" if len(more) > _SHOWN else ""
        fault = f"it does not fit the history ({len(more)} problems): {told}{rest}"
        raise DataError(f"the other scenario in {period}", fault, "mend it; nobody may be lost in a comparison")
    return frozenset(one.payee for one in then.blocked)


def _said(problem: Problem) -> tuple[str, str]:
    return problem.where, problem.fault


def factor_units(currency: str) -> int:
    """How many smallest units are one of a currency."""
    return int(10 ** CURRENCIES[currency])
