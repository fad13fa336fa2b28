"""History: what was closed and is untouched -> which loans a run works; and what each close leaves for the next run.

The stream `<scheme>/history` has a record for each close: the loans that wake later though nothing happens to them, and
of what all that was worked. It only saves work: without it a run works everything.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from attrs import evolve, frozen

from loanperf._commission import Accruals, DatedPlan, horizon_of, sharing, undecided, unsettled
from loanperf._facts import EventKind, ExchangeRate, Facts, FactsWanted, day_at, first_fact, latest_day, may_be_ahead
from loanperf._feeds import FactChange
from loanperf._ledger import Ledger
from loanperf._ledger._begun import first_of
from loanperf._ledger._entitlement import entitled
from loanperf._ledger._moves import next_days
from loanperf._numbers import among, day_number, day_of
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._tables._words import distinct_texts
from loanperf.errors import DataError, LoanPerfError, Problem, shown
from loanperf.run._unmet import Met, met_in
from loanperf.run._work import PeriodData

_WHOSE = ("", "loans", "credits", EventKind.ASSIGNED.value)
"""Kinds of changes that may say of a loan whose it is."""


@frozen(kw_only=True)
class Close:
    """What a close leaves."""

    period: Period
    closings: int
    """How many the ledger had then, this one included."""
    mark: str
    """How far the fact store was; see `ports.FactHistory`. No store knows an empty one."""
    digest: str
    """Of what everything up to its end was worked by, besides facts of loans; see `digest_of`."""
    whole: bool
    """Whether all loans were worked; records before it say nothing any more."""
    wakes: Mapping[date, tuple[str, ...]]
    """By day, the loans that are to be worked in its period."""
    first: tuple[str, date] | None
    """A loan with the earliest fact of a loan, and the day of that; None where there was none."""
    latest: date
    """No fact was of a later day; the first of all days where there was none."""
    open: tuple[str, ...]
    """Loans that are to be worked in every period, since something is wrong with them or they wait for their plan."""
    met: Met | None
    """Values that loans had by then, such as products; None where they were too many, or no version kept them yet."""

    def record(self) -> str:
        """As a record of the stream."""
        data = {
            "period": str(self.period),
            "closings": self.closings,
            "mark": self.mark,
            "digest": self.digest,
            "whole": self.whole,
            "wakes": {day.isoformat(): list(loans) for day, loans in self.wakes.items()},
            "first": None if self.first is None else [self.first[0], self.first[1].isoformat()],
            "latest": self.latest.isoformat(),
            "open": list(self.open),
            "met": self.met,
        }
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of_record(cls, data: Any) -> Close:
        """The inverse of `record`."""
        return cls(
            period=Period.parse(data["period"]),
            closings=int(data["closings"]),
            mark=data["mark"] if isinstance(data["mark"], str) else "",
            digest=str(data["digest"]),
            whole=bool(data["whole"]),
            wakes={date.fromisoformat(day): tuple(loans) for day, loans in data["wakes"].items()},
            first=_first_of(data.get("first", _NOT_SAID)),
            latest=date.fromisoformat(data.get("latest", date.max.isoformat())),  # earlier versions do not say
            open=tuple(data["open"]),
            met=_met_of(data.get("met")),
        )


_NOT_SAID = ("", date.min.isoformat())
"""Of a close of an earlier version: no fact is as early, and so all of them are read."""


def _met_of(data: Any) -> Met | None:
    return None if data is None else {str(place): tuple(map(str, values)) for place, values in data.items()}


def _first_of(data: Any) -> tuple[str, date] | None:
    if data is None:
        return None
    loan, day = data
    return str(loan), date.fromisoformat(day)


@frozen(kw_only=True)
class History:
    """What is known of earlier closes."""

    version: int = 0
    """Of the stream."""
    closes: tuple[Close, ...] = ()
    """Since the last one in which all loans were worked."""
    mark: str | None = None
    """How far the fact store is; None where it does not say."""
    changes: tuple[FactChange, ...] | None = None
    """What it took since the last close; None where that is not known."""

    def goes_on(self, period: Period) -> bool:
        """Whether the last close was that of the period before."""
        return self.last is not None and self.last.period == period.previous()

    @property
    def last(self) -> Close | None:
        """The last close; None where there is none to go on from."""
        return self.closes[-1] if self.closes else None

    @property
    def met(self) -> Met | None:
        """What loans had by the last close; None where that is not known."""
        return None if self.last is None else self.last.met


def closes_of(stream: str, records: Iterable[str]) -> History:
    """What the records of a stream say.

    Raises:
        DataError: a record is none of a close.
    """
    found, version = list[Close](), 0
    for version, record in enumerate(records, 1):
        try:
            close = Close.of_record(json.loads(record))
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
            fault = f"it is no record of a close: {shown(str(error), 200)}"
            remedy = "restore the stream as it was written, or run without only_new"
            raise DataError(f"record {version} of {stream!r}", fault, remedy) from None
        found = [close] if close.whole else [*found, close]
    return History(version=version, closes=tuple(found) if found and found[0].whole else ())


def digest_of(
    plans: Iterable[DatedPlan], organisation: Organisation, facts: Facts, first: Period | None, until: date
) -> str:
    """What decides of days before one, besides facts of loans: another digest, and all of it is worked again."""

    def cut(since: date | None, end: date | None) -> str:
        return f"{since} {min(end or until, until)}"

    said = [
        repr((dated.plan, dated.currency, dated.rules, dated.indicators, dated.calendar, cut(dated.since, dated.until)))
        for dated in plans
        if dated.since < until
    ]
    said += sorted(
        repr(
            (held.payee, held.unit, held.role, held.tier, held.product_line, held.primary, cut(held.since, held.until))
        )
        for held in organisation.assignments
        if held.since < until
    )
    said += sorted(
        repr((unit.code, unit.parent, cut(unit.since, unit.until))) for unit in organisation.units if unit.since < until
    )
    rates = facts.rows_at("exchange_rates", slice(None)) if facts.tables["exchange_rates"].rows else ()
    said += sorted(repr(rate) for rate in rates if isinstance(rate, ExchangeRate) and rate.on < until)
    return sha256("\n".join([str(first), *said]).encode()).hexdigest()


def first_wanted(history: History, plans: Iterable[DatedPlan], period: Period) -> FactsWanted | None:
    """The facts that are read first; None is all.

    Args:
        history: of earlier closes.
        plans: all of them.
        period: which is worked.
    """
    plans = tuple(plans)
    since = _local_since(history, plans, period) if plans else None
    if since is None:
        return None
    last = history.closes[-1]
    if may_be_ahead(last.latest, period.end):
        return None  # which of them are far ahead hangs on the days of all
    loans = {*_open(history, period), *(change.loan for change in history.changes or ())}
    loans |= {last.first[0]} if last.first is not None else set()
    # What is dated from the first of the period on was taken since, or wakes.
    since = date.max if since >= period.start else since
    return FactsWanted(loans=frozenset(loans - {""}), payees=frozenset(), since=since)


def has_first(history: History, facts: Facts) -> bool:
    """Whether the earliest fact of all loans was read; it was where the earliest of the last close still holds."""
    before, now = None if history.last is None else history.last.first, first_fact(facts)
    return before is None or (now is not None and now[1] <= before[1])


def _local_since(history: History, plans: tuple[DatedPlan, ...], period: Period) -> date | None:
    """From which day on all facts are to be worked, by what is known before the ledger; None where everything is."""
    if history.changes is None or not history.goes_on(period) or (sharing(plans) and _lost(history.changes)):
        return None
    return horizon_of(plans, period)


def _open(history: History, period: Period) -> set[str]:
    """The loans that never rest, and those that wake in a period."""
    loans = {*history.closes[-1].open}
    for close in history.closes:
        loans |= {loan for day, some in close.wakes.items() if period.start <= day < period.end for loan in some}
    return loans


def since_of(
    history: History, ledger: Ledger, plans: Iterable[DatedPlan], digest: str, given: PeriodData
) -> date | None:
    """From which day on all facts are to be worked; None where everything is.

    Args:
        history: of earlier closes.
        ledger: as it stands.
        plans: all of them.
        digest: of what decides of the days before the period.
        given: what the ports say of the period.
    """
    last, period = history.last, given.period
    if (
        last is None
        or last.digest != digest
        or first_of(ledger) is not None
        or last.closings != len(ledger.closings)
        or any(known.end > period.end for known in ledger.periods)
    ):
        return None
    return _local_since(history, tuple(plans), period)


def _lost(changes: Iterable[FactChange]) -> bool:
    """Whether somebody may have lost a loan that counted for tiers: if it earned nothing, nothing says whose it was."""
    return any(change.since == date.min and change.kind in _WHOSE for change in changes)


def some_loans(
    history: History, given: PeriodData, plans: tuple[DatedPlan, ...], ledger: Ledger, since: date
) -> dict[str, Any]:
    """The fields of a scope: which loans are to be worked, and of whom all of them.

    They are those with anything from a day on, or taken since the last close; those that wake; those never at rest; and
    all of those whom loans concern that may count for tiers of earlier days in another way than they did.
    """
    facts, period, changes = given.facts, given.period, history.changes or ()
    loans = {*_open(history, period), *(change.loan for change in changes), *_loans_from(facts, since)}
    entries, payees = ledger.entries, {row.payee for row in ledger.overruled(period).values()}
    if period in entries.periods:
        loans |= {*entries.words.loan.of(entries.loan[entries.period == entries.periods.index(period)])}
    loans |= {problem.loan for problem in facts.problems}
    together = sharing(plans)
    given.must_have(loans=loans - {""})
    if together:
        late = {change.loan for change in changes if change.since < since}
        moved, people = unsettled(facts.only(loans=loans), plans, since, period, late)
        payees |= people | {row.payee for row in entries.of_loans(moved)}
        given.must_have(loans=moved - {""})
    every = frozenset(loans - {""}) | loans_of_payees(given, ledger, payees)
    return {"loans": every, "payees": frozenset(payees), "since": since, "together": together}


def loans_of_payees(given: PeriodData, ledger: Ledger, payees: Collection[str]) -> frozenset[str]:
    """The loans in which payees have, or had, a part.

    Raises:
        LackingFactsError: their facts were not read.
    """
    if not payees:
        return frozenset()
    given.must_have(payees=payees)
    entries = ledger.entries
    rows = among(entries.payee, [word in payees for word in entries.words.payee.texts], otherwise=False)
    found = given.facts.only(payees=payees).loans | (frozenset(entries.words.loan.of(entries.loan[rows])) - {""})
    given.must_have(loans=found)
    return found


def in_parts(accruals: Accruals) -> frozenset[str]:
    """Who has a line of an earlier period that was earned on several days at a tier of which not all was worked."""
    lines, scope = accruals.columns, accruals.scope
    if scope is None or not scope.together:
        return frozenset()
    rows = {*lines.part_line.tolist()}
    some = (lines.row(row) for row in rows if lines.periods[int(lines.period[row])].start < scope.since)
    return frozenset(row.payee for row in some if (row.plan.plan.code, row.component) in scope.together)


def _loans_from(facts: Facts, since: date) -> set[str]:
    """The loans of which something is dated on a day or later."""
    found = set[str]()
    for place, table in facts.tables.items():
        if table.rows and "loan" in table:
            column = table["loan"]
            late = table[day_at(place)].values >= day_number(since)
            found.update(distinct_texts(evolve(column, values=column.values[late])))
    return found


def close_of(
    history: History,
    given: PeriodData,
    accruals: Accruals,
    problems: Iterable[Problem],
    ledger: Ledger,
    first: Period | None,
) -> Close | None:
    """What the close of a period leaves; None where the fact store does not say how far it is.

    Args:
        history: of earlier closes.
        given: what the ports said.
        accruals: that were posted.
        problems: of the run.
        ledger: with the closing.
        first: the period with which the ledger begins, where that is said.
    """
    if history.mark is None:
        return None
    period, facts, plans = given.period, given.facts, given.schemes.plans()
    wakes = next_days(entitled(accruals, ledger.overruled(period), None, ledger), period.end)
    for place, table in facts.tables.items():
        if table.rows and "loan" in table:
            on, loan = table[day_at(place)].values, table["loan"]
            rows = on >= day_number(period.end)
            for code, day in {*zip(loan.values[rows].tolist(), on[rows].tolist(), strict=True)}:
                wakes.setdefault(day_of(day), []).append(loan.words[code])
    before = {} if given.some is None else given.met
    open_ = {problem.loan for problem in problems} - {""} | undecided(facts, plans, period)
    return Close(
        period=period,
        closings=len(ledger.closings),
        mark=history.mark,
        digest=digest_of(plans, given.organisation, facts, first, period.end),
        whole=accruals.scope is None,
        wakes={day: tuple(sorted({*loans})) for day, loans in sorted(wakes.items())},
        first=first_fact(facts),
        latest=_latest(history, given),
        open=tuple(sorted(open_)),
        met=None if before is None else met_in(facts, before),
    )


def _latest(history: History, given: PeriodData) -> date:
    """A day after which there is no fact: of those that were not read the last close says it."""
    found = latest_day(given.facts)
    return found if given.some is None or history.last is None else max(found, history.last.latest)
