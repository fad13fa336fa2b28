"""Replay: (what is known of several periods) -> each worked anew and settled, with a ledger of its own and no port."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from loanperf._facts import Facts
from loanperf._indicators import Reading
from loanperf._ledger import Ledger
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._scheme import SchemeBook
from loanperf._targets import Target
from loanperf.cycle import Cycle
from loanperf.goals import Confirmations
from loanperf.run._carried import carried_from
from loanperf.run._history import History
from loanperf.run._pay import Past, Sent, looks, past_in, pay_periods, posted
from loanperf.run._results import Run
from loanperf.run._work import PeriodData, work


@frozen(kw_only=True)
class ReplayData:
    """What is known of several periods in a row, all at once."""

    facts: Facts
    organisation: Organisation
    schemes: SchemeBook
    readings: tuple[Reading, ...]
    """One without a period is of whichever is worked."""
    targets: tuple[Target, ...]
    """One without a period is of whichever is worked."""
    confirmations: Confirmations | None
    cycles: Mapping[Period, Cycle]
    """By period, and days of an assignment in it: what people decided about results."""


def replay(known: ReplayData, periods: Sequence[Period]) -> Iterator[Run]:
    """Work, settle, pay and close periods by the steps of a run; the ledger begins with the first of them.

    What was earned before the first period counts for tiers to date, and is not paid. Nobody is asked for approval.

    Args:
        known: facts, people, schemes, readings and targets of all periods.
        periods: each of the calendar of the schemes, one behind the other.

    Raises:
        LoanPerfError: what `run` raises where a period cannot be worked.
    """
    ledger, before = Ledger(), None
    for period in periods:
        given = _given(known, known.schemes.period(period))
        given = evolve(given, carried=carried_from(before, given.schemes))
        worked = posted(given, work(given), _past(known, given), ledger, Sent(), periods[0], History())
        ledger = (worked.ledger or ledger).close(given.period, by="replay")
        before = worked
        yield worked


def _given(known: ReplayData, period: Period) -> PeriodData:
    """What ports would say of a period."""
    return PeriodData(
        period=period,
        facts=known.facts,
        organisation=known.organisation,
        schemes=known.schemes,
        supplied=tuple(one for one in known.readings if one.period in (None, period)),
        goals=tuple(one for one in known.targets if one.period in (None, period)),
        known=known.confirmations,
        cycles=known.cycles,
    )


def _past(known: ReplayData, given: PeriodData) -> Past:
    """Readings and targets of every pay period, where plans look at indicators."""
    codes = looks(known.schemes)
    periods: Iterable[Period] = pay_periods(known.schemes, known.organisation, given.period) if codes else ()
    found = [past_in(given, codes, period, known.readings, known.targets) for period in periods]
    readings = tuple(reading for some, _ in found for reading in some)
    return Past(readings=readings, targets=tuple(goals for _, goals in found))
