"""Stocks: claims to deals, and balances -> what balances and interest margins earn, a line a loan and period."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from attrs import frozen

from loanperf._commission._apart import LoneBases, priced_apart
from loanperf._commission._drafts import Drafts
from loanperf._commission._eligible import SizedDeals
from loanperf._commission._found import Found
from loanperf._commission._plan import Component
from loanperf._commission._standings import Standings
from loanperf._commission._steps import Sources
from loanperf._commission._walk import no_size_error
from loanperf._explanations import Explanation, because
from loanperf._facts import Facts
from loanperf._indicators import average_balances, in_other_currencies
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    laid,
    marked,
    nowhere,
    ordered,
    plus,
    put,
    quotients,
    times,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import percent, plain
from loanperf._tables._columns import is_there
from loanperf.errors import DataError, LoanPerfError, PeriodError


def stocks(given: Sources, facts: Facts, standings: Standings, found: Found) -> Drafts | None:
    """What balances and interest margins earn; what cannot be worked is noted.

    Args:
        given: claims to deals by components of balances, and what is looked up.
        facts: all that happened.
        standings: how the deals performed.
        found: where faults are noted.

    Returns:
        None where no plan pays for balances.
    """
    if not len(given.claims):
        return None
    _note_claims(given, facts, standings, found)
    stock, errors = _stocked(given, facts)
    good = np.flatnonzero(~marked(whole([*errors]), len(stock)))
    prices = priced_apart(given.versions, given.lookups, stock.bases.rows(good))
    looked = prices.looked
    errors |= {int(good[row]): looked.error(row) for row in np.flatnonzero(looked.faulty).tolist()}
    gone = np.flatnonzero(looked.gone)
    rows = good[gone]
    given.lookups.miss(stock.bases.payee[rows], stock.bases.period[rows], lambda row: looked.error(int(gone[row])))
    for row in sorted(errors):
        payee, loan = given.named(int(stock.claim[row]))
        period = given.lookups.calendar.periods[int(stock.bases.period[row])]
        with found.noting(f"loan {loan} of {payee} in {period}", [payee], loan):
            raise errors[row]
    worked = np.flatnonzero(~looked.faulty)
    top, below = prices.top[worked], prices.below[worked]
    return _drafts(given, stock.rows(good[worked]), (top, below), lambda row: prices.why(int(worked[row])))


@frozen(eq=False, kw_only=True)
class _Stock:
    """Balances that are paid or count in periods, a row a claim and period, in the order in which they count."""

    claim: Places
    bases: LoneBases
    pays: Truth
    average: tuple[Whole, Whole]
    """The part of the average balance that is credited: a quotient."""
    margin: tuple[Whole, Whole]
    """The interest rate less the funding rate, a year; 1 where the base is a balance."""

    def __len__(self) -> int:
        return len(self.claim)

    def rows(self, chosen: Places) -> _Stock:
        """Some of them."""
        average, margin = ((top[chosen], below[chosen]) for top, below in (self.average, self.margin))
        return _Stock(
            claim=self.claim[chosen],
            bases=self.bases.rows(chosen),
            pays=self.pays[chosen],
            average=average,
            margin=margin,
        )


def _note_claims(given: Sources, facts: Facts, standings: Standings, found: Found) -> None:
    """Note claims to loans with balances in another currency, or of whose size nothing is said that a rule asks."""
    claims, versions = given.claims, given.versions
    errors: dict[int, LoanPerfError] = {}
    for version, (dated, component) in enumerate(zip(versions.dated, versions.components, strict=True)):
        rows = np.flatnonzero(claims.version == version)
        others = in_other_currencies(facts, dated.currency)
        for row in rows[marked(whole([*others]), len(given.deals.codes))[claims.deal[rows]]].tolist():
            foreign = ", ".join(sorted(others[int(claims.deal[row])]))
            fault = f"a balance in {foreign} is no base of a plan in {dated.currency}"
            remedy = f"send the balances of the loan in {dated.currency}"
            errors[row] = DataError(f"component {component.code!r}", fault, remedy)
        for rule in dated.plan.clawbacks:
            for row in rows[standings.has_no_size(rule, claims.deal[rows], given.deals.last)].tolist():
                errors.setdefault(row, no_size_error(rule, given.named(row)[1]))
    for row in sorted(errors):
        payee, loan = given.named(row)
        with found.noting(f"loan {loan} of {payee}", [payee], loan):
            raise errors[row]


# ── bases ───────────────────────────────────────────────────────────────────────────────────────────────────


def _stocked(given: Sources, facts: Facts) -> tuple[_Stock, dict[int, LoanPerfError]]:
    """Balances that are paid or count; and of which rows something is wrong."""
    claim, period, top, below = _averages(given, facts)
    claims, versions = given.claims, given.versions
    version, deal = claims.version[claim], claims.deal[claim]
    none, no = np.repeat(0, len(claim)), nowhere(len(claim))
    pays, counts, curve, margin = no.copy(), no.copy(), none - 1, (none + 1, none + 1)
    year, errors = (none + 1, none + 1), dict[int, LoanPerfError]()
    for code, component in enumerate(versions.components):
        rows = np.flatnonzero(version == code)
        asked = SizedDeals(deal=deal[rows], top=top[rows], below=below[rows], known=~no[rows])
        pays[rows], counts[rows] = given.eligible.fits(component.where, asked), given.eligible.counts(component, asked)
        rates = given.eligible.rates(component, asked)
        curve[rows] = np.append(versions.rates[code], (-1, -1))[rates]
        concerned = pays[rows] | counts[rows]
        errors |= _year_parts(component, given.lookups.calendar.periods, period, rows[concerned], year)
        if component.base == "interest margin":
            margin, wrong = _margins(given, deal[rows], rows, margin)
            errors |= {row: error for row, error in wrong.items() if row not in errors and pays[row] | counts[row]}
        for place in np.flatnonzero((rates < 0) & pays[rows]).tolist():
            if margin[0][rows[place]]:
                errors.setdefault(int(rows[place]), given.eligible.rate_error(component, asked, place))
    base, under = times(times(top, year[0]), margin[0]), times(times(below, year[1]), margin[1])
    bases = LoneBases(
        payee=claims.payee[claim],
        version=version,
        period=period,
        paid=np.where(pays, base, 0),
        counts=np.where(counts, base, 0),
        below=under,
        curve=curve,
    )
    stock = _Stock(claim=claim, bases=bases, pays=pays, average=(top, below), margin=margin)
    kept = np.flatnonzero(pays | counts)
    at = put(np.arange(len(kept)), kept, len(claim), -1)
    return stock.rows(kept), {int(at[row]): error for row, error in errors.items()}


def _averages(given: Sources, facts: Facts) -> tuple[Places, Places, Whole, Whole]:
    """Claims, periods, and the parts of average balances that are credited to those who hold the loan at the end."""
    claims, versions, calendar = given.claims, given.versions, given.lookups.calendar
    currencies = [dated.currency for dated in versions.dated]
    found = []
    for place, period in enumerate(calendar.periods):
        rows, tops, belows = [], [], []
        for currency in dict.fromkeys(currencies):
            known = average_balances(facts, period, currency)
            good = known.loan < len(given.deals)
            at = put(np.flatnonzero(good), known.loan[good], len(given.deals), -1)[claims.deal]
            mine = np.array([item == currency for item in currencies])[claims.version]
            mine = np.flatnonzero((at >= 0) & mine)
            rows.append(mine)
            tops.append(times(known.top[at[mine]], claims.part[0][mine]))
            belows.append(times(np.repeat(whole([known.below]), len(mine)), claims.part[1][mine]))
        claim, top, below = np.concatenate(rows), np.concatenate(tops), np.concatenate(belows)
        held = nowhere(len(claim))
        for version in range(len(versions.components)):
            of = np.flatnonzero(claims.version[claim] == version)
            held[of] = given.held(version, claim[of], claim[of] * 0 + int(calendar.ends[place]) - 1)
        mine = np.flatnonzero(held)
        mine = mine[ordered(claim[mine])] if len(mine) else mine
        found.append((claim[mine], np.repeat(place, len(mine)), top[mine], below[mine]))
    claim, of, top, below = (np.concatenate(column) for column in zip(*found, strict=True))
    return claim, of, top, below


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


def _margins(
    given: Sources, deal: Places, rows: Places, margin: tuple[Whole, Whole]
) -> tuple[tuple[Whole, Whole], dict[int, LoanPerfError]]:
    """The interest rates less the funding rates of deals, a year; and the rows of those of which one is not stated."""
    tops, belows, said = [], [], []
    for name in ("interest_rate", "funding_rate"):
        column = given.deals.column(name)
        top, below = quotients(column.values[deal])
        tops.append(top)
        belows.append(np.repeat(whole([column.scale or 1]), len(deal)) if isinstance(below, int) else below)
        said.append(is_there(column)[deal])
    known = said[0] & said[1]
    top = plus(times(tops[0], belows[1]), -times(tops[1], belows[0]))
    margin = (
        laid(margin[0], rows, np.where(known, top, 0)),
        laid(margin[1], rows, np.where(known, times(belows[0], belows[1]), 1)),
    )
    errors: dict[int, LoanPerfError] = {}
    for place in np.flatnonzero(~known).tolist():
        loan, missing = given.deals.codes[int(deal[place])], "funding_rate" if said[0][place] else "interest_rate"
        where, fault = f"loan {loan}", f"its {missing} is not stated"
        errors[int(rows[place])] = DataError(where, fault, "send the Loan with both rates")
    return margin, errors


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
    components = sorted({component.code for component in versions.components})
    none, no, on = (
        np.repeat(-1, len(rows)),
        nowhere(len(rows)),
        given.lookups.calendar.ends[stock.bases.period[rows]] - 1,
    )
    return Drafts(
        payees=given.deals.payees,
        components=components,
        loans=given.deals.codes,
        roles=(),
        stages=(),
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
    """What the base of a balance is."""

    def exact(quotient: tuple[Whole, Whole]) -> Fraction:
        return Fraction(int(quotient[0][row]), int(quotient[1][row]))

    component = given.versions.components[int(stock.bases.version[row])]
    period = given.lookups.calendar.periods[int(stock.bases.period[row])]
    average, margin, part = exact(stock.average), exact(stock.margin), _year_part(component, period)
    base = average * part * margin
    values = {"average": plain(average), "year_part": plain(part), "base": plain(base)}
    if component.base == "interest margin":
        return because("accrual.margin", {**values, "margin": percent(margin), "base": plain(base)})
    return because("accrual.balance", values)
