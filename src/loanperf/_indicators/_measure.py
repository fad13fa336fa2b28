"""Measure: (facts, period, indicators) -> readings of every payee, with reasons; and facts on days off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from itertools import chain, islice
from typing import Any, TypeAlias, assert_never

import numpy as np
from attrs import define, field, frozen

from loanperf._facts import Fact, Facts, Parts, apart, day_at, key_text, words_of
from loanperf._indicators._catalogue import CATALOGUE
from loanperf._indicators._counted import Asked, Counting, Looked, looked_at
from loanperf._indicators._fields import FIELDS, bounds_of, check_indicator, totals_of
from loanperf._indicators._readings import Quotients, Readings, Reasons, ReasonsKept, as_part
from loanperf._indicators._records import Customers
from loanperf._indicators._types import Deduct, Indicator, MadeOf, Measure, Part, Ratio, Total, View
from loanperf._indicators._usable import Key, Noted, Place, Usable
from loanperf._numbers import Places, Truth, day_number, day_of, nowhere
from loanperf._org import Organisation
from loanperf._periods import Period, must_be_period
from loanperf._quantities import CURRENCIES
from loanperf._tables._chunks import OnProgress
from loanperf._tables._words import code_of_word
from loanperf._validators import must_be
from loanperf.errors import EmptyPeriodError, MeasureError, Problem, UnitError, natural_order, shown

_DATED = tuple(view for view in FIELDS if view not in ("loans", "customers"))
"""The views of which each row has a day of its own; loans and customers are as they are on the last day."""


def on_days_off(
    facts: Facts, period: Period, indicators: Iterable[Indicator], *, currency: str, organisation: Organisation
) -> tuple[Problem, ...]:
    """A problem for each fact of the period whose payee has no assignment on its day, but has one on another day.

    Loans and customers are looked at on the last day of the period and have no day of their own; they are passed over.
    """
    words = words_of(facts.tables, "payee")
    there = {place: days for place, word in enumerate(words) if (days := _days(organisation, word, period))}
    if not there:
        return ()
    totals = dict.fromkeys(
        total for item in indicators if item.measure is not None for _, total in totals_of(item.measure)
    )
    usable = Usable.of(facts, period, currency)
    off = _Off(usable, there, len(words))
    asked: dict[View, list[tuple[int, Asked]]] = {view: [] for view in _DATED}
    for place, total in enumerate(totals):
        if total.over in asked:
            asked[total.over].append((place, Asked.of(total, currency)))
    found = [Noted() for _ in totals]
    for _, rows in looked_at(usable, [view for view in _DATED if asked[view]]):
        for looked in rows:
            for place, item in asked[looked.view]:
                off.note(item, looked, found[place])
    return _of_all(found, facts)


def _days(organisation: Organisation, payee: str, period: Period) -> list[Period]:
    """The parts of the period in which a payee is assigned, where these are not all of it."""
    parts = [part for _, part in organisation.assignments_in(payee, period)]
    return parts if 0 < sum(part.days for part in parts) < period.days else []


class _Off:
    """Who is assigned on some days of a period, and on which."""

    def __init__(self, usable: Usable, there: dict[int, list[Period]], payees: int) -> None:
        self._usable = usable
        self._slot = np.full(payees + 1, -1)
        """By code of payee: its row of days; -1 where it is assigned on each, or on none."""
        self._slot[[*there]] = np.arange(len(there))
        self._there = np.array([self._row(parts) for parts in there.values()])

    def _row(self, parts: Iterable[Period]) -> Truth:
        days = nowhere(self._usable.period.days)
        for part in parts:
            first = day_number(part.start) - self._usable.start
            days[first : first + part.days] = True
        return days

    def note(self, item: Asked, looked: Looked, noted: Noted) -> None:
        """Note the rows that count for a total on a day off."""
        payees, rows = looked.payee(item.total.held_at), looked.rows
        slots = self._slot[payees]
        on = rows.days("event")
        off = np.flatnonzero(slots >= 0)
        off = off[~self._there[slots[off], on[off] - self._usable.start]]
        if not len(off):
            return
        words, counts = words_of(self._usable.tables, "payee"), item.counts(looked)
        for row in off[counts[off]].tolist():
            place, at = rows.fact(row)
            noted.note(place, [at], partial(_is_off, words[payees[row]], int(on[row])))


def _of_all(found: Iterable[Noted], facts: Facts) -> tuple[Problem, ...]:
    """One problem a fact, by the last total that it counts for; in order of totals, then of facts."""
    problems: dict[Any, Problem] = {}
    for noted in found:
        problems |= {item.fact: item for item in sorted(noted.problems(facts), key=lambda item: item.fact)}
    return tuple(problems.values())


def _is_off(payee: str, on: int, fact: Any) -> Problem:
    fault = f"it counts for {payee!r}, who is not assigned on {day_of(on)}"
    remedy = "assign that payee on that day, or assign the loan to another"
    return Problem(key_text(fact.key), fault, "", remedy, payee=payee, lacks=("payee", payee))


@frozen
class _Gave:
    """What a row gave to a total."""

    key: Key
    order: Key
    """By what the rows of a view are ordered: the key of their fact, or the first fact of a customer."""
    amount: Fraction
    facts: tuple[Fact, ...]


@frozen(eq=False)
class _Read:
    """Facts as rows, and what each row of a view stands on; each made once."""

    facts: Facts
    tables: dict[str, list[Fact]] = field(factory=dict)
    proofs: dict[tuple[str, Place], tuple[Fact, ...]] = field(factory=dict)

    def at(self, place: Place) -> Fact:
        """The fact at a place."""
        table, row = place
        if table not in self.tables:
            self.tables[table] = self.facts.rows_at(table, slice(None))
        return self.tables[table][row]

    def proof(self, looked: Looked, row: int) -> tuple[Fact, ...]:
        """The facts that a row of a view stands on."""
        key = looked.view, looked.rows.fact(row)
        if key not in self.proofs:
            self.proofs[key] = tuple(map(self.at, looked.rows.evidence(row)))
        return self.proofs[key]


def reasons_of(
    facts: Facts, period: Period, indicators: Iterable[Indicator], currency: str, payees: Sequence[str]
) -> dict[str, Reasons]:
    """What each fact gave to the readings of some payees; one look at the facts, however many these are."""
    usable, read = Usable.of(facts, period, currency), _Read(facts)
    measures = {item.code: item.measure for item in indicators if item.measure is not None}
    asked = {
        total: Asked.of(total, currency)
        for total in dict.fromkeys(total for how in measures.values() for _, total in totals_of(how))
    }
    gave: list[dict[Total, list[_Gave]]] = [{total: [] for total in asked} for _ in payees]
    whose = _places_of(words_of(facts.tables, "payee"), payees)
    for looked in chain.from_iterable(found for _, found in looked_at(usable)):
        for total, item in asked.items():
            if total.over == looked.view and len(looked.rows):
                for place, one in _given(item, looked, usable, whose, read):
                    gave[place][total].append(one)
    for mine in gave:
        for found in mine.values():
            found.sort(key=lambda each: each.order)
    return {
        payee: {code: _parts_of(how, mine) for code, how in measures.items()}
        for payee, mine in zip(payees, gave, strict=True)
    }


_FEW = 8
"""So many payees are looked for one by one; for more of them it pays to go through all words."""


def _places_of(words: Sequence[str], payees: Sequence[str]) -> Places:
    """By code of a payee, the place among those asked for, and one more for no code; -1 is nobody."""
    found = np.full(len(words) + 1, -1)
    if len(payees) > _FEW:
        places = {payee: place for place, payee in enumerate(payees)}
        found[:-1] = [places.get(word, -1) for word in words]
        return found
    for place, payee in enumerate(payees):
        if (code := code_of_word(words, payee)) >= 0:
            found[code] = place
    return found


def _given(item: Asked, looked: Looked, usable: Usable, whose: Places, read: _Read) -> Iterable[tuple[int, _Gave]]:
    """What rows gave to a total, each with the place of the payee to whom; that of others is -1 in `whose`."""
    given = item.given(looked, usable.noted)
    places = whose[given.payee]
    chosen = places >= 0
    rows = given.some(chosen)
    if not len(rows):
        return
    places = places[chosen if given.amounts is None else chosen & (given.amounts != 0)]
    amounts = [1] * len(rows) if given.amounts is None else given.amounts[chosen & (given.amounts != 0)].tolist()
    by_customer = isinstance(looked.rows, Customers)
    for place, row, amount in zip(places.tolist(), rows.tolist(), amounts, strict=True):
        evidence, key = read.proof(looked, row), read.at(looked.rows.fact(row)).key
        order = evidence[0].key if by_customer else key
        yield place, _Gave(key, order, Fraction(amount, given.below), evidence)


def _composed(how: MadeOf, gave: dict[Total, list[_Gave]]) -> Iterator[Part]:
    """What each fact gave to a part of an indicator, times the factor of that part."""
    for place, factors in enumerate((how.parts, how.divided_by)):
        for part, factor in factors:
            for one in _parts_of(part.measure, gave) if part.measure is not None else ():
                yield as_part(one, part, factor, place if how.divided_by else -1)


def _parts_of(how: Measure | MadeOf, gave: dict[Total, list[_Gave]]) -> tuple[Part, ...]:
    match how:
        case Total():
            return tuple(Part(key_text(each.key), each.amount, facts=each.facts, key=each.key) for each in gave[how])
        case Deduct():
            return tuple(
                Part(key_text(each.key), -each.amount, facts=each.facts, key=each.key) for each in gave[how.less]
            )
        case Ratio():
            above = {each.key: each for each in gave[how.numerator]}
            below = {each.key: each for each in gave[how.denominator]}
            return tuple(
                Part(
                    key_text(key),
                    above[key].amount if key in above else Fraction(0),
                    below[key].amount if key in below else Fraction(0),
                    (below.get(key) or above[key]).facts,
                    key=key,
                )
                for key in sorted(above.keys() | below.keys())
            )
        case MadeOf():
            return tuple(_composed(how, gave))
        case _:
            assert_never(how)


Given: TypeAlias = "Facts | Iterable[Fact] | Iterable[Facts]"
"""Facts, rows of them, or parts of a book that is larger than memory."""


def measure(
    facts: Given,
    period: Period,
    indicators: Iterable[Indicator],
    *,
    currency: str,
    organisation: Organisation | None = None,
    progress: OnProgress | None = None,
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
    staff = None if organisation is None else organisation.assigned(period)
    work, dated = _begun(period, wanted, currency, staff), Dated(day_number(period.end))
    parts = _parts(facts)
    for part in (parts,) if isinstance(parts, Facts) else parts:
        dated.take(part)
        work.take(part, progress)
    dated.must_reach(period, tuple(work.problems))
    return _readings(work, wanted, parts if isinstance(parts, Facts) else None)


def measure_part(
    facts: Facts, period: Period, indicators: Iterable[Indicator], *, currency: str, payees: frozenset[str] | None
) -> Readings:
    """As `measure`, for some days of a longer period, in which nothing needs to have happened.

    Args:
        facts: of the period and as far back as is needed.
        period: some days.
        indicators: those that have a measure.
        currency: of amounts.
        payees: who has readings, and for whom facts may count; None is whoever a fact counts for.
    """
    return measure_checked(facts, period, _checked(indicators, currency), currency=currency, payees=payees)


def measure_checked(
    facts: Facts, period: Period, wanted: tuple[Indicator, ...], *, currency: str, payees: frozenset[str] | None
) -> Readings:
    """As `measure_part`, without checking the indicators: they were measured in this currency before."""
    work = _begun(period, wanted, currency, payees)
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


def _begun(period: Period, wanted: tuple[Indicator, ...], currency: str, staff: frozenset[str] | None) -> Counting:
    measures = [item.measure for item in wanted if item.measure is not None]
    totals = dict.fromkeys(total for how in measures for _, total in totals_of(how))
    return Counting(period, currency, tuple(Asked.of(total, currency) for total in totals), staff)


def _readings(work: Counting, wanted: tuple[Indicator, ...], facts: Facts | None) -> Readings:
    """The readings of all that was counted; the facts give the reasons, and are None where they came in parts."""
    work.place_all(work.staff or ())
    seen = [name for name, there in zip(work.names, work.seen.tolist(), strict=True) if there]
    payees = tuple(sorted(seen if work.staff is None else work.staff))
    places = np.arange(len(work.names))[[work.names[payee] for payee in payees]]
    reasons = None if facts is None else ReasonsKept(partial(_reasons, facts, work.period, wanted, work.currency))
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


def _reasons(
    facts: Facts, period: Period, wanted: tuple[Indicator, ...], currency: str, payees: Sequence[str]
) -> dict[str, Reasons]:
    return reasons_of(facts.only(payees=payees), period, wanted, currency, payees)


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────


def must_be_indicators(given: Any) -> tuple[Indicator, ...]:
    """What is to be measured; codes and texts are refused."""
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
    return tuple(item for item in by_code.values() if item.is_measured)


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


def is_known_by(facts: Facts, on: date) -> bool:
    """Whether a fact is dated on a day or before."""
    dated = Dated(day_number(on) + 1)
    dated.take(facts)
    return dated.reached


def must_have_facts_by(facts: Facts, period: Period) -> None:
    """Refuse a period of which nothing is known: no fact is dated on its last day or before."""
    dated = Dated(day_number(period.end))
    dated.take(facts)
    dated.must_reach(period, facts.problems)
