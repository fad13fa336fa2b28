"""Measure: (facts, period, indicators) -> readings of every payee."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import chain, islice
from typing import Any, TypeAlias

import numpy as np
from attrs import define

from loanperf._facts import Fact, Facts, Parts, apart, day_at
from loanperf._indicators._catalogue import CATALOGUE
from loanperf._indicators._counted import Counting
from loanperf._indicators._fields import bounds_of, check_indicator, totals_of
from loanperf._indicators._readings import Quotients, Readings, Reasons
from loanperf._indicators._reasons import reasons_of
from loanperf._indicators._totals import Asked
from loanperf._indicators._types import Indicator
from loanperf._numbers import day_number, day_of
from loanperf._org import Organisation
from loanperf._periods import Period, must_be_period
from loanperf._quantities import CURRENCIES
from loanperf._tables._chunks import Progress
from loanperf._validators import must_be
from loanperf.errors import EmptyPeriodError, MeasureError, Problem, UnitError, natural_order, shown

Given: TypeAlias = "Facts | Iterable[Fact] | Iterable[Facts]"
"""Facts, rows of them, or parts of a book that is larger than memory."""


def measure(
    facts: Given,
    period: Period,
    indicators: Iterable[Indicator],
    *,
    currency: str,
    organisation: Organisation | None = None,
    progress: Progress | None = None,
) -> Readings:
    """Measure indicators over the facts of a period, for every payee.

    Every payee known has a reading of every indicator: a sum of nothing is 0, points without a violation are
    full, and a ratio with nothing to divide by has denominator 0 and no value. With an organisation the
    payees are those assigned on some day of the period, and a fact that counts for somebody else is a
    problem; without one they are all for whom a row of any view counts. Nothing is rounded.

    Args:
        facts: `Facts`, or facts in any order, repeated or not; of this period and as far back as balances,
            classes and customers need. Or parts of a book that is larger than memory, each `Facts`: of parts no more
            than one is held at a time, and of those before only the numbers of their loans and customers and what
            tells other facts apart.
        period: flows are those dated in it; stocks are as of its last day.
        indicators: each code once; those without a measure are the host's to supply and are passed over.
        currency: ISO 4217 code; amounts are in whole units of it (yuan), and other currencies are problems.
        organisation: who is assigned when.
        progress: called now and then with the facts done and the facts known so far; what it raises ends the work.

    Raises:
        EmptyPeriodError: no fact is dated in the period or before it. A period without a fact of its own is measured:
            its flows are zero, and balances, classes and customers stand as they stood.
        MeasureError: a measure over fields or values that do not exist, or two indicators of one code.
        UnitError: a currency that does not exist.
        PeriodError: `period` is no `Period`.
        FactError: `facts` are no facts.
        DataError: `organisation` is none, or `currency` no text; a loan, a customer or another key stands in two parts.

    >>> from loanperf._facts import EventKind, Loan, LoanEvent
    >>> from loanperf._indicators._catalogue import disbursed_amount
    >>> loan = Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01")
    >>> drawn = LoanEvent(loan="L1", kind=EventKind.DISBURSED, on="2026-03-02", amount="30万元")
    >>> march = measure([loan, drawn], Period.month(2026, 3), [disbursed_amount()], currency="CNY")
    >>> print(march.of("lin")["disbursed_amount"].value)
    300000 CNY
    """
    must_be_period(period)
    if organisation is not None:
        must_be(organisation, Organisation, "organisation", "pass lp.Organisation(...), or leave it out")
    wanted = _checked(indicators, currency)
    work, dated = _begun(period, wanted, currency, organisation), Dated(day_number(period.end))
    parts = _parts(facts)
    for part in (parts,) if isinstance(parts, Facts) else parts:
        dated.take(part)
        work.take(part, progress)
    dated.must_reach(period, tuple(work.problems))
    return _readings(work, wanted, parts if isinstance(parts, Facts) else None)


def measure_part(
    facts: Facts, period: Period, indicators: Iterable[Indicator], *, currency: str, organisation: Organisation | None
) -> Readings:
    """As `measure`, for some days of a longer period, in which nothing needs to have happened."""
    wanted = _checked(indicators, currency)
    work = _begun(period, wanted, currency, organisation)
    work.take(facts)
    return _readings(work, wanted, facts)


def _parts(given: Any) -> Facts | Parts:
    """Facts; or parts of them, of which no two say the same."""
    if isinstance(given, Facts | Parts):
        return given
    if not isinstance(given, Iterable):
        return Facts.of(given)
    rows = iter(given)
    some = [*islice(rows, 1)]
    if some and isinstance(some[0], Facts):
        return apart(chain(some, rows))
    return Facts.of(chain(some, rows))


def _begun(period: Period, wanted: tuple[Indicator, ...], currency: str, organisation: Organisation | None) -> Counting:
    staff = None
    if organisation is not None:
        staff = frozenset(code for code in organisation.codes if organisation.assignments_in(code, period))
    measures = [item.measure for item in wanted if item.measure is not None]
    totals = dict.fromkeys(total for how in measures for _, total in totals_of(how))
    return Counting(period, currency, tuple(Asked.of(total, currency) for total in totals), staff)


def _readings(work: Counting, wanted: tuple[Indicator, ...], facts: Facts | None) -> Readings:
    """The readings of all that was counted; the facts give the reasons, and are None where they came in parts."""
    work.place_all(work.staff or ())
    seen = [name for name, there in zip(work.names, work.seen.tolist(), strict=True) if there]
    payees = tuple(sorted(seen if work.staff is None else work.staff))
    places = np.arange(len(work.names))[[work.names[payee] for payee in payees]]
    reasons = None if facts is None else partial(_reasons, facts, work.period, wanted, work.currency)
    return Readings(
        period=work.period,
        currency=work.currency,
        payees=payees,
        indicators=wanted,
        problems=tuple(sorted(work.problems, key=natural_order)),
        rows=work.rows,
        repeats=work.repeats,
        used=work.used,
        quotients={
            item.code: Quotients.of(item.measure, work.sums, places) for item in wanted if item.measure is not None
        },
        came_as=work.came_as,
        reasons=reasons,
    )


def _reasons(facts: Facts, period: Period, wanted: tuple[Indicator, ...], currency: str, payee: str) -> Reasons:
    return reasons_of(facts.of_payee(payee), period, wanted, currency, payee)


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────


def must_be_indicators(given: Any) -> tuple[Indicator, ...]:
    """What is to be measured; codes and texts are refused.

    Raises:
        MeasureError: something else than indicators.
    """
    found = (given,) if isinstance(given, (str, Indicator)) or not isinstance(given, Iterable) else tuple(given)
    for item in found:
        if not isinstance(item, Indicator):
            code = item if isinstance(item, str) and item in CATALOGUE else "npl_ratio"
            raise MeasureError("indicators", f"{shown(item)} is no indicator", f"pass lp.indicator({code!r})")
    if isinstance(given, Indicator):
        raise MeasureError("indicators", "it is one indicator, and no list of them", "pass it in a list")
    return found


def _checked(indicators: Iterable[Indicator], currency: str) -> tuple[Indicator, ...]:
    """The indicators that have a measure, without repetition, once all of them are checked.

    Those without a measure are the host's to supply, and are left out.
    """
    must_be(currency, str, "the currency", "pass a code, such as 'CNY'")
    if currency not in CURRENCIES:
        raise UnitError("what is measured", currency, "a currency of ISO 4217, such as CNY")
    by_code: dict[str, Indicator] = {}
    for indicator in must_be_indicators(indicators):
        where = f"indicator {indicator.code}"
        if by_code.setdefault(indicator.code, indicator) != indicator:
            raise MeasureError(where, "two indicators have this code", "give one of them another code")
        faults = [*check_indicator(indicator, where), *_in_another_currency(indicator, currency)]
        if faults:
            first = faults[0]
            found = f" (found {first.found})" if first.found else ""
            raise MeasureError(first.where, first.fault + found, first.remedy)
    return tuple(item for item in by_code.values() if item.measure is not None)


def _in_another_currency(indicator: Indicator, currency: str) -> Iterable[Problem]:
    for path, total in totals_of(indicator.measure) if indicator.measure is not None else ():
        units = [bound.unit for where in total.where for bound in bounds_of(where).values()]
        units += [total.weights.x_unit] if total.weights is not None else []
        for unit in units:
            if unit in CURRENCIES and unit != currency:
                where = f"indicator {indicator.code}.measure{path}"
                yield Problem(where, "a bound is in another currency", unit, f"give it in {currency}")


# ── days ────────────────────────────────────────────────────────────────────────────────────────────────────


@define
class Dated:
    """From when to when there are facts."""

    end: int
    """The first day that is no longer in the period."""
    first: int | None = None
    last: int | None = None
    reached: bool = False
    """Whether one of them is dated before the end of the period."""

    def take(self, facts: Facts) -> None:
        """Look at facts."""
        for place, table in facts.tables.items():
            if not table.rows or self.reached:
                continue
            on = table[day_at(place)].values
            if on[0] < self.end or (on < self.end).any():
                self.reached = True
                return
            low, high = int(on.min()), int(on.max())
            self.first = low if self.first is None else min(low, self.first)
            self.last = high if self.last is None else max(high, self.last)

    def must_reach(self, period: Period, problems: tuple[Problem, ...]) -> None:
        """Refuse a period that ends before the first fact."""
        if not self.reached:
            first, last = ("" if on is None else day_of(on).isoformat() for on in (self.first, self.last))
            raise EmptyPeriodError(str(period), first, last, problems)


def must_have_facts_by(facts: Facts, period: Period) -> None:
    """Refuse a period of which nothing is known: no fact is dated on its last day or before.

    Raises:
        EmptyPeriodError: it says from when to when there are facts, and what was refused of them.
    """
    dated = Dated(day_number(period.end))
    dated.take(facts)
    dated.must_reach(period, facts.problems)
