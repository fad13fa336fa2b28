"""Asked: a watch -> the totals that it needs, made once, and readings of what they come to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from operator import attrgetter, itemgetter
from typing import TypeAlias

from attrs import frozen

from loanperf._facts import (
    Customer,
    Fact,
    Facts,
    Holding,
    Inquiry,
    Profit,
    Rating,
    Training,
    Valuation,
    Violation,
)
from loanperf._indicators import FIELDS, Deduct, HeldAt, Indicator, Measure, Ratio, Reading, Total, View
from loanperf._indicators._fields import totals_of
from loanperf._indicators._views import Row, payee_of, rows_of, take_in
from loanperf._periods import Period
from loanperf.batch._track._life import FLOW_FIELDS, KINDS, STATE_FIELDS, Counted, Frame, Given
from loanperf.batch._track._watch import Watch
from loanperf.batch._track._worth import Exact, Pick, Units, Worth, one, worth_of

Amounts: TypeAlias = "Sequence[Exact]"
"""What each total comes to for a payee, in its own units."""
_VIEWS: Mapping[type[Fact], View] = {
    Customer: "customers",
    Holding: "customers",
    Profit: "customers",
    Violation: "violations",
    Inquiry: "inquiries",
    Valuation: "valuations",
    Training: "trainings",
    Rating: "ratings",
}


@frozen(eq=False)
class Question:
    """One indicator: which totals it is made of."""

    code: str
    unit: str
    top: int
    """Place of the numerator, or of what is deducted."""
    top_scale: int
    bottom: int | None
    """Place of the denominator."""
    bottom_scale: int
    start: Fraction | None
    """The points that it starts with, where points are deducted."""

    def worked(self, amounts: Amounts) -> tuple[Fraction, Fraction | None]:
        """Numerator and denominator."""
        top = Fraction(amounts[self.top], self.top_scale)
        if self.start is not None:
            return max(Fraction(0), self.start - top), Fraction(1)
        return top, None if self.bottom is None else Fraction(amounts[self.bottom], self.bottom_scale)

    def reading(self, amounts: Amounts, subject: str, period: Period) -> Reading:
        """The reading that the amounts of a payee make."""
        top, bottom = self.worked(amounts)
        return Reading(
            indicator=self.code, numerator=top, denominator=bottom, unit=self.unit, subject=subject, period=period
        )


@frozen(eq=False)
class Asked:
    """The totals of a watch, and the functions that tell what facts give to them."""

    period: Period
    currency: str
    staff: frozenset[str] | None
    totals: tuple[Total, ...]
    """Each once; behind them, without an organisation, stands the number of rows that make a payee known."""
    units: tuple[int, ...]
    """Units in one whole of each total."""
    known_by: tuple[tuple[View, HeldAt], ...]
    """The rows that make a payee known; none with an organisation."""
    questions: tuple[tuple[int, Question], ...]
    """Each with its bit."""
    by_total: tuple[int, ...]
    """Of each total, the questions that it is part of, as bits; of the number of rows, none."""
    deducting: tuple[tuple[int, Question], ...]
    """The questions with a bound, each with its bit: another amount may give the same reading."""
    delicate: int
    """The bits of those."""
    frame: Frame
    rows: Mapping[View, tuple[tuple[int, Worth], ...]]
    """Of the other views, the totals that look at them."""

    @property
    def size(self) -> int:
        """How many amounts a payee has."""
        return len(self.by_total)

    def known(self, payee: str, amounts: Amounts) -> bool:
        """Whether a payee has readings."""
        return bool(amounts[-1]) if self.staff is None else payee in self.staff

    def changed(self, before: Amounts, after: Amounts) -> int:
        """The questions that another lot of amounts answers otherwise, as bits; -1 where a payee came or went."""
        if before == after:
            return 0
        if self.staff is None and (before[-1] == 0) != (after[-1] == 0):
            return -1
        bits = 0
        for place, (was, now) in enumerate(zip(before, after, strict=True)):
            if was != now:
                bits |= self.by_total[place]
        for bit, item in self.deducting:
            if bits & bit and item.worked(before) == item.worked(after):
                bits &= ~bit
        return bits

    def given_by(self, facts: Iterable[Fact]) -> tuple[Given, bool]:
        """What facts of customers and payees give to each total, and whether none of them has a problem.

        Args:
            facts: all that is known of one customer, or one fact of another kind, in the order of `Facts`.
        """
        items = tuple(facts)
        view = _VIEWS.get(type(items[0])) if items else None
        if view is None:
            return {}, True
        intake = take_in(Facts.joined([item] for item in items), self.currency)
        rows, problems = rows_of(view, intake, self.period)
        given: Given = {}
        clean = not (intake.problems or problems)
        for row in rows:
            clean = self._add(row, view, given) and clean
        return given, clean

    def _add(self, row: Row, view: View, given: Given) -> bool:
        """Add what a row gives; whether it gives nothing unknown, and nothing to a stranger."""
        payee, clean = payee_of(row, "event"), True
        for place, worth in self.rows[view]:
            amount = worth(row)
            if amount:
                given.setdefault(payee, [0] * self.size)[place] += amount
                clean = clean and (self.staff is None or payee in self.staff)
            clean = clean and amount is not None
        return clean


def asked_by(watch: Watch) -> Asked:
    """What a watch asks of facts."""
    measures = [(item, item.measure) for item in watch.measured if item.measure is not None]
    totals = tuple(dict.fromkeys(total for _, how in measures for _, total in totals_of(how)))
    units = Units(watch.currency, watch.period.days)
    scales = tuple(units.of_total(total) for total in totals)
    staff = watch.staff()
    known_by = () if staff is not None else _known_by(totals)
    questions = tuple(_question(item, how, totals, scales, watch.currency) for item, how in measures)
    bits = [
        sum(1 << bit for bit, item in enumerate(questions) if place in (item.top, item.bottom))
        for place in range(len(totals))
    ]
    size = len(totals) + bool(known_by)
    return Asked(
        period=watch.period,
        currency=watch.currency,
        staff=staff,
        totals=totals,
        units=scales,
        known_by=known_by,
        questions=tuple((1 << bit, item) for bit, item in enumerate(questions)),
        by_total=(*bits, *([0] if known_by else [])),
        deducting=tuple((1 << bit, item) for bit, item in enumerate(questions) if item.start is not None),
        delicate=sum(1 << bit for bit, item in enumerate(questions) if item.start is not None),
        frame=_frame(watch.period, totals, known_by, units, size),
        rows={view: _counted_rows(view, totals, known_by, units) for view in FIELDS if view not in _OF_LOANS},
    )


_OF_LOANS = ("loan events", "loans")


def _known_by(totals: Iterable[Total]) -> tuple[tuple[View, HeldAt], ...]:
    """As in `measure`: a row of any view makes a payee known, by the officers that a total asks for too."""
    held: dict[tuple[View, HeldAt], None] = dict.fromkeys((view, "event") for view in FIELDS)
    return tuple(held | dict.fromkeys((total.over, total.held_at) for total in totals))


def _question(item: Indicator, how: Measure, totals: Sequence[Total], scales: Sequence[int], currency: str) -> Question:
    places = [totals.index(total) for _, total in totals_of(how)]
    return Question(
        code=item.code,
        unit=item.kind.unit(currency),
        top=places[0],
        top_scale=scales[places[0]],
        bottom=places[1] if isinstance(how, Ratio) else None,
        bottom_scale=scales[places[1]] if isinstance(how, Ratio) else 1,
        start=how.start if isinstance(how, Deduct) else None,
    )


def _frame(
    period: Period, totals: Sequence[Total], known_by: Iterable[tuple[View, HeldAt]], units: Units, size: int
) -> Frame:
    flow, state = _by_place(FLOW_FIELDS), _by_place(STATE_FIELDS)
    known = {view: tuple((len(totals), held_at, one) for of, held_at in known_by if of == view) for view in _OF_LOANS}
    flows: dict[int, Counted] = {}
    for place, kind in enumerate(KINDS):
        looking = [
            (index, total.held_at, worth_of(total, flow, units, "event"))
            for index, total in enumerate(totals)
            if total.over == "loan events" and _is_of(total, kind.value)
        ]
        flows[place] = (*looking, *known["loan events"])
    looked_at = [(index, total) for index, total in enumerate(totals) if total.over == "loans"]
    states = tuple((index, total.held_at, worth_of(total, state, units)) for index, total in looked_at)
    fields = {
        name
        for total in totals
        if total.over in _OF_LOANS
        for name in (total.sum, total.weighed_by, *(where.field for where in total.where))
    }
    return Frame.of(period, size, flows, (*states, *known["loans"]), fields)


def _is_of(total: Total, kind: str) -> bool:
    """Whether events of a kind pass the filters by kind."""
    return all(kind in where.values for where in total.where if where.field == "event")


def _by_place(names: Sequence[str]) -> Callable[[str], Pick]:
    return lambda name: itemgetter(names.index(name))


def _counted_rows(
    view: View, totals: Sequence[Total], known_by: Iterable[tuple[View, HeldAt]], units: Units
) -> tuple[tuple[int, Worth], ...]:
    looking = [(place, worth_of(total, attrgetter, units)) for place, total in enumerate(totals) if total.over == view]
    return (*looking, *((len(totals), one) for of, _ in known_by if of == view))
