"""Stocks: claims to deals, balances and receipts -> what these earn, a line a loan and period."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from attrs import evolve, frozen

from loanperf._commission._apart import LoneBases, priced_apart
from loanperf._commission._deals import ITS_OWN, NO_RATE, Amounts, ExchangeRates
from loanperf._commission._drafts import Drafts
from loanperf._commission._eligible import SizedDeals, asks_amount
from loanperf._commission._found import Found
from loanperf._commission._names import name_of
from loanperf._commission._plan import OF_BALANCES, Component
from loanperf._commission._reasons import why_converted
from loanperf._commission._standings import Standings
from loanperf._commission._steps import Sources, numbers_of, paid_of_loans
from loanperf._commission._tiers import RECEIPTS
from loanperf._commission._walk import no_size_error
from loanperf._explanations import Explanation, Label, because
from loanperf._facts import EVENT_PLACES, Facts, LoanEvent
from loanperf._indicators import average_balances, fact_label, in_other_currencies
from loanperf._numbers import (
    Columns,
    Places,
    Truth,
    Whole,
    day_of,
    fraction,
    laid,
    marked,
    nowhere,
    ordered,
    paired,
    put,
    times,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import percent, plain
from loanperf.errors import DataError, LoanPerfError, PeriodError


def stocks(given: Sources, facts: Facts, standings: Standings, found: Found) -> Drafts:
    """What balances, interest margins and receipts earn; what cannot be worked is noted.

    Args:
        given: claims to deals by components of such bases, and what is looked up.
        facts: all that happened.
        standings: how the deals performed.
        found: where faults are noted.
    """
    if not len(given.claims):
        return Drafts.nothing()
    _note_claims(given, facts, standings, found)
    stock, errors = _stocked(given, facts)
    good = np.flatnonzero(~marked(whole([*errors]), len(stock)))
    prices = priced_apart(given.versions, given.lookups, stock.bases.some(good))
    looked = prices.looked
    errors |= {int(good[row]): looked.error(row) for row in np.flatnonzero(looked.faulty).tolist()}
    given.lookups.go_without(stock.bases.payee[good], stock.bases.period[good], looked)
    for row in sorted(errors):
        period = given.lookups.calendar.periods[int(stock.bases.period[row])]
        found.note_of_loan(given.named(int(stock.claim[row])), errors[row], f" in {period}")
    worked = np.flatnonzero(~looked.faulty)
    top, below = prices.top[worked], prices.below[worked]
    return _drafts(given, stock.some(good[worked]), (top, below), lambda row: prices.why(int(worked[row])))


@frozen(eq=False, kw_only=True)
class _Stock(Columns):
    """Balances and receipts that are paid or count, a row a claim and period or event, in the order of counting."""

    bases: LoneBases
    pays: Truth
    seen: _StockRows
    margin: tuple[Whole, Whole]
    """The interest rate less the funding rate, a year; 1 where the base is a balance."""

    @property
    def claim(self) -> Places:
        """The claim of each."""
        return self.seen.claim

    def __len__(self) -> int:
        return len(self.claim)


@frozen(eq=False, kw_only=True)
class _StockRows(Columns):
    """What loans had outstanding in periods, and what came in of them: the part that is credited to a claim."""

    claim: Places
    period: Places
    on: Whole
    """The day of the receipt, else the last of the period."""
    top: Whole
    """In whole currency of the plan, over `below`."""
    below: Whole
    receipt: Places
    """Place in `RECEIPTS`; -1 where it is a balance."""
    row: Places
    """The row of the receipt in its table of the facts."""
    rate: Places
    """The row of its exchange rate; `ITS_OWN` where none is needed, and `NO_RATE` where there is none."""


def _note_claims(given: Sources, facts: Facts, standings: Standings, found: Found) -> None:
    """Note claims to loans with balances in another currency, or of whose size nothing is said that a rule asks."""
    claims, versions = given.claims, given.versions
    errors: dict[int, LoanPerfError] = {}
    for version, (dated, component) in enumerate(zip(versions.dated, versions.components, strict=True)):
        rows = np.flatnonzero(claims.version == version)
        others = in_other_currencies(facts, dated.currency) if component.base in OF_BALANCES else {}
        for row in rows[marked(whole([*others]), len(given.deals.codes))[claims.deal[rows]]].tolist():
            foreign = ", ".join(sorted(others[int(claims.deal[row])]))
            fault = f"a balance in {foreign} is no base of a plan in {dated.currency}"
            remedy = f"send the balances of the loan in {dated.currency}"
            errors[row] = DataError(f"component {component.code!r}", fault, remedy)
        for rule in dated.plan.clawbacks:
            for row in rows[standings.has_no_size(rule, claims.deal[rows], given.deals.last)].tolist():
                errors.setdefault(row, no_size_error(rule, given.named(row)[1]))
    for row in sorted(errors):
        found.note_of_loan(given.named(row), errors[row])


# ── bases ───────────────────────────────────────────────────────────────────────────────────────────────────


def _stocked(given: Sources, facts: Facts) -> tuple[_Stock, dict[int, LoanPerfError]]:
    """Balances and receipts that are paid or count; and of which rows something is wrong."""
    seen = _StockRows.stacked([_averages(given, facts), _receipts(given)])
    claim, period, top, below = seen.claim, seen.period, seen.top, seen.below
    claims, versions = given.claims, given.versions
    version, deal = claims.version[claim], claims.deal[claim]
    none, no = np.repeat(0, len(claim)), nowhere(len(claim))
    pays, counts, curve, margin = no.copy(), no.copy(), none - 1, (none + 1, none + 1)
    year, errors = (none + 1, none + 1), dict[int, LoanPerfError]()
    for code, component in enumerate(versions.components):
        rows = np.flatnonzero(version == code)
        asked, wrong = _asked(given, code, seen, rows)
        pays[rows], counts[rows] = given.eligible.fits(component.where, asked), given.eligible.counts(component, asked)
        rates = given.eligible.rates(component, asked)
        curve[rows] = np.append(versions.rates[code], (-1, -1))[rates]
        concerned = pays[rows] | counts[rows]
        errors |= {int(rows[place]): error for place, error in wrong.items() if concerned[place]}
        errors |= _year_parts(component, given.lookups.calendar.periods, period, rows[concerned], year)
        if component.base == "interest margin":
            found = numbers_of(given.deals, "margin", deal[rows])
            tops, belows = np.where(found.faulty, 0, found.top), np.where(found.faulty, 1, found.below)
            margin = laid(margin[0], rows, tops), laid(margin[1], rows, belows)
            for place in np.flatnonzero(found.faulty & concerned).tolist():
                errors.setdefault(int(rows[place]), found.error(place))
        for place in np.flatnonzero((rates < 0) & pays[rows]).tolist():
            if margin[0][rows[place]]:
                errors.setdefault(int(rows[place]), given.eligible.rate_error(component, asked, place))
    base, under = times(times(top, year[0]), margin[0]), times(times(below, year[1]), margin[1])
    part = claims.part[0][claim], claims.part[1][claim]
    paid, of = paid_of_loans(versions, version, curve, part, (base, under))
    same = of == under
    bases = LoneBases(
        payee=claims.payee[claim],
        version=version,
        period=period,
        paid=np.where(pays, times(paid, np.where(same, 1, under)), 0),
        counts=np.where(counts, times(base, np.where(same, 1, of)), 0),
        below=times(under, np.where(same, 1, of)),
        curve=curve,
    )
    stock = _Stock(bases=bases, pays=pays, seen=seen, margin=margin)
    kept = np.flatnonzero(pays | counts)
    at = put(np.arange(len(kept)), kept, len(claim), -1)
    return stock.some(kept), {int(at[row]): error for row, error in errors.items()}


def _asked(given: Sources, version: int, seen: _StockRows, rows: Places) -> tuple[SizedDeals, dict[int, LoanPerfError]]:
    """What the terms of a component are asked of: of balances their own amount, of receipts that of the loan.

    Returns:
        The loans; and by place what is wrong with an amount that has no exchange rate.
    """
    component, errors = given.versions.components[version], dict[int, LoanPerfError]()
    deal, on = given.claims.deal[seen.claim[rows]], seen.on[rows]
    if component.base in OF_BALANCES:
        known = ~nowhere(len(rows))
        return SizedDeals(deal=deal, top=seen.top[rows], below=seen.below[rows], known=known, on=on), errors
    size, currency = given.size(version, deal, on), given.versions.dated[version].currency
    for place in np.flatnonzero(size.faulty).tolist() if asks_amount(component) else ():
        errors[place] = size.error(place)
    for place in np.flatnonzero(seen.rate[rows] == NO_RATE).tolist():
        errors[place] = _received(given, currency, seen, rows[place : place + 1]).found.error(0)
    asked = SizedDeals(deal=deal, top=size.top, below=size.below, known=size.known, on=on, receipt=seen.receipt[rows])
    return asked, errors


def _received(given: Sources, currency: str, seen: _StockRows, rows: Places) -> Amounts:
    """The whole amounts of some receipts, in a currency."""
    deals, units, of = given.deals, np.repeat(0, len(rows)), np.repeat(-1, len(rows))
    for place, kind in enumerate(RECEIPTS.values()):
        mine = np.flatnonzero(seen.receipt[rows] == place)
        events = deals.events(kind)
        at = put(np.arange(len(events)), events.row, int(events.row.max(initial=-1)) + 1, -1)[seen.row[rows[mine]]]
        units, of = laid(units, mine, events.units[at]), laid(of, mine, events.currency[at])
    return ExchangeRates(deals.facts).into(currency, units, of, seen.on[rows], deals.currencies)


def _receipts(given: Sources) -> _StockRows:
    """Receipts of loans: for each event, the part of it that counts for each payee who held the loan on its day."""
    claims, versions, calendar = given.claims, given.versions, given.lookups.calendar
    none, found = np.arange(0), list[_StockRows]()
    for version, component in enumerate(versions.components):
        mine = np.flatnonzero(claims.version == version)
        for kind, of in enumerate(RECEIPTS.values()) if component.base == "receipts" else ():
            events = given.deals.events(of)
            low, high = (np.searchsorted(events.deal, claims.deal[mine], side) for side in ("left", "right"))
            at, place = paired(low, high)
            claim, on, same = mine[at], events.on[place], at * 0
            seen = _StockRows(claim=claim, period=calendar.place(on), on=on, top=same, below=same + 1,
                              receipt=same + kind, row=events.row[place], rate=same + ITS_OWN)  # fmt: skip
            there = (on <= given.deals.last) & (seen.period >= 0) & (events.units[place] > 0)
            seen = seen.some(np.flatnonzero(there & given.held(version, claim, on)))
            amounts = _received(given, versions.dated[version].currency, seen, np.arange(len(seen.claim)))
            top, below = (times(column, part[seen.claim]) for column, part in
                          zip((amounts.found.top, amounts.found.below), claims.part, strict=True))  # fmt: skip
            found.append(evolve(seen, top=top, below=below, rate=amounts.rate))
    nothing = _StockRows(claim=none, period=none, on=none, top=none, below=none, receipt=none, row=none, rate=none)
    seen = _StockRows.stacked([nothing, *found])
    return seen.some(ordered(seen.on, seen.claim, seen.receipt, seen.row))


def _averages(given: Sources, facts: Facts) -> _StockRows:
    """The parts of average balances that are credited to those who hold the loan at the end of a period."""
    claims, versions, calendar = given.claims, given.versions, given.lookups.calendar
    currencies = [
        dated.currency if component.base in OF_BALANCES else ""
        for dated, component in zip(versions.dated, versions.components, strict=True)
    ]
    found = []
    for place, period in enumerate(calendar.periods):
        rows, tops, belows = [], [], []
        for currency in filter(None, dict.fromkeys(currencies)):
            known = average_balances(facts, period, currency)
            good = known.loan < len(given.deals)
            at = put(np.flatnonzero(good), known.loan[good], len(given.deals), -1)[claims.deal]
            mine = np.array([item == currency for item in currencies])[claims.version]
            mine = np.flatnonzero((at >= 0) & mine)
            rows.append(mine)
            tops.append(times(known.top[at[mine]], claims.part[0][mine]))
            belows.append(times(np.repeat(whole([known.below]), len(mine)), claims.part[1][mine]))
        claim, top, below = (np.concatenate([claims.share[:0], *column]) for column in (rows, tops, belows))
        held = nowhere(len(claim))
        for version in range(len(versions.components)):
            of = np.flatnonzero(claims.version[claim] == version)
            held[of] = given.held(version, claim[of], claim[of] * 0 + int(calendar.ends[place]) - 1)
        mine = np.flatnonzero(held)
        mine = mine[ordered(claim[mine])]
        found.append((claim[mine], np.repeat(place, len(mine)), top[mine], below[mine]))
    claim, of, top, below = (np.concatenate(column) for column in zip(*found, strict=True))
    none = of * 0 - 1
    return _StockRows(
        claim=claim, period=of, on=calendar.ends[of] - 1, top=top, below=below, receipt=none, row=none, rate=none
    )


def _year_parts(
    component: Component, periods: tuple[Period, ...], period: Places, rows: Places, year: tuple[Whole, Whole]
) -> dict[int, LoanPerfError]:
    """Set what part of a year the period of each row is; what is wrong with rows of which that cannot be told."""
    errors: dict[int, LoanPerfError] = {}
    parts = []
    for given in periods:
        try:
            parts.append(_year_part(component, given))
        except PeriodError as error:
            parts.append(Fraction(1))
            wrong = error
            errors |= dict.fromkeys(rows[period[rows] == periods.index(given)].tolist(), wrong)
    year[0][rows] = whole([part.numerator for part in parts])[period[rows]]
    year[1][rows] = whole([part.denominator for part in parts])[period[rows]]
    return errors


def _year_part(component: Component, period: Period) -> Fraction:
    """What part of a year a period is, by the count of days that the component names."""
    match component.year_part:
        case "whole":
            return Fraction(1)
        case "months/12":
            if not period.months:
                raise PeriodError(str(period), "it is not whole months", "state year_part = 'days/365' or 'days/360'")
            return Fraction(period.months, 12)
        case "days/365":
            return Fraction(period.days, 365)
        case "days/360":
            return Fraction(period.days, 360)


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────────────


def _drafts(
    given: Sources, stock: _Stock, amount: tuple[Whole, Whole], why: Callable[[int], tuple[Explanation, ...]]
) -> Drafts:
    """What balances come to within the least and the most for a loan, each payee's part of these; a line each."""
    versions, version = given.versions, stock.bases.version
    part = given.claims.part[0][stock.claim], given.claims.part[1][stock.claim]
    stands = stock.pays | (amount[0] != 0)
    for bound, where, sign in ((versions.least, stock.bases.paid > 0, 1), (versions.most, stock.pays, -1)):
        there = np.flatnonzero(where & (bound[1][version] > 0))
        limit = times(bound[0][version[there]], part[0][there]), times(bound[1][version[there]], part[1][there])
        mine = amount[0][there], amount[1][there]
        beyond = sign * (times(limit[0], mine[1]) - times(mine[0], limit[1])) > 0
        there, limit = there[beyond], (limit[0][beyond], limit[1][beyond])
        amount = laid(amount[0], there, limit[0]), laid(amount[1], there, limit[1])
    rows = np.flatnonzero(stands)
    components = given.lookups.components
    none, no, on = np.repeat(-1, len(rows)), nowhere(len(rows)), stock.seen.on[rows]
    return Drafts(
        payee=stock.bases.payee[rows],
        plan=whole(versions.places)[version[rows]],
        component=whole([components.index(item.code) for item in versions.components])[version[rows]],
        loan=given.claims.deal[stock.claim[rows]],
        role=none,
        stage=none,
        on=on,
        earned=on,
        top=amount[0][rows],
        below=amount[1][rows],
        ends=no,
        in_parts=no,
        fell_back=no,
        window_draft=none[:0],
        window=none[:0],
        steps=lambda row: (_why(given, stock, int(rows[row])), *why(int(rows[row]))),
    )


def _why(given: Sources, stock: _Stock, row: int) -> Explanation:
    """What the base of a balance or receipt is."""
    component = given.versions.components[int(stock.bases.version[row])]
    period = given.lookups.calendar.periods[int(stock.bases.period[row])]
    if component.base == "receipts":
        return _why_received(given, stock, row)
    average, margin = fraction(stock.seen.top, stock.seen.below, row), fraction(*stock.margin, row)
    part = _year_part(component, period)
    base = average * part * margin
    values = {"average": plain(average), "year_part": plain(part), "base": plain(base)}
    if component.base == "interest margin":
        return because("accrual.margin", {**values, "margin": percent(margin), "base": plain(base)})
    return because("accrual.balance", values)


def _why_received(given: Sources, stock: _Stock, row: int) -> Explanation:
    """What came in of a loan: the event, its exchange rate, and the part that is credited."""
    seen, claim, deals = stock.seen, int(stock.claim[row]), given.deals
    name, kind = [*RECEIPTS.items()][int(seen.receipt[row])]
    fact = deals.facts.fact(EVENT_PLACES[kind], int(seen.row[row]))
    top, below = (int(column[row]) for column in (seen.top, seen.below))
    share, of = (int(column[claim]) for column in given.claims.part)
    why = [because("seen", {"fact": fact_label(fact)})]
    rate, into = int(seen.rate[row]), given.versions.dated[int(stock.bases.version[row])].currency
    if rate != ITS_OWN and isinstance(fact, LoanEvent) and fact.amount is not None:
        why.append(why_converted(deals.facts.fact("exchange_rates", rate), fact.amount, into))
    values: dict[str, str | Label] = {"kind": name_of(name), "on": day_of(int(seen.on[row])).isoformat()}
    values |= {"whole": plain(Fraction(top * of, below * share)), "part": percent(Fraction(share, of))}
    values["base"] = plain(Fraction(top, below))
    return because("accrual.receipt", values, *why)
