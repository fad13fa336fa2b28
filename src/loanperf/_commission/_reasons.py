"""Reasons: the columns of steps -> why each line of a deal comes to what it does, down to the facts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import pairwise

import numpy as np
from attrs import frozen

from loanperf._commission._deals import ASKED, DRAWN, ITS_OWN, SIGNED, Sizes
from loanperf._commission._names import name_of
from loanperf._commission._outcomes import Outcome
from loanperf._commission._prices import COMES, LOWERED, Prices, Transactions
from loanperf._commission._rates import Slice, constant, why_priced, why_slices, why_table, why_tier
from loanperf._commission._states import WORDS
from loanperf._commission._tiers import Tiers
from loanperf._commission._versions import Versions
from loanperf._curves import Curve
from loanperf._explanations import Explanation, Label, because
from loanperf._facts import EVENT_PLACES, EventKind, ExchangeRate, Fact
from loanperf._indicators import fact_label
from loanperf._numbers import Whole, day_of, fraction, parts_of_earned
from loanperf._quantities import CURRENCIES, Money, Quantity, percent, plain


def reasons(outcome: Outcome, line: int) -> tuple[Explanation, ...]:
    """Why a line of a deal is what it is, by its place among the lines."""
    lines, steps = outcome.lines, outcome.worked.steps
    step = int(lines.step[line])
    stage, on = name_of(WORDS[steps.stage[step]]), day_of(int(steps.on[step])).isoformat()
    if lines.ends[line]:
        deal = int(outcome.given.claims.deal[steps.track[step]])
        return (because("accrual.ended", {"stage": stage, "on": on, "loan": outcome.given.deals.codes[deal]}),)
    of, earned = outcome.given.versions, outcome.earned
    rows = np.flatnonzero(earned.deals.step == step).tolist()
    priced = tuple(why for row in rows for why in why_dealt(of, earned.deals, earned.prices, row))
    return priced if lines.fell[line] else _staged(outcome, step, priced)


def why_slices_in(outcome: Outcome, line: int) -> tuple[Explanation, ...]:
    """The slices among the reasons of a line of a deal, alone."""
    if outcome.lines.ends[line]:
        return ()
    of, deals, prices = outcome.given.versions, outcome.earned.deals, outcome.earned.prices
    rows = np.flatnonzero(deals.step == int(outcome.lines.step[line])).tolist()
    return tuple(why for row in rows for why in why_slices_dealt(of, deals, prices, row))


def _staged(outcome: Outcome, step: int, priced: tuple[Explanation, ...]) -> tuple[Explanation, ...]:
    """Why a stage earns what it does: its base, what that comes to, and what of it is due by then."""
    steps, earned, bases = outcome.worked.steps, outcome.earned, outcome.earned.bases
    below = int(earned.below[step])

    def said(values: Whole) -> str:
        return plain(Fraction(int(values[step]), below))

    place = int(outcome.worked.found.nth[outcome.worked.row[step]])
    if bases.had[step] and priced:
        # What is priced is the change of the base alone.
        unit = int(steps.below[step])
        had, has = (plain(Fraction(int(values[step]), unit)) for values in (bases.had, bases.has))
        priced = (because("accrual.change", {"before": had, "now": has, "was": said(earned.was)}, *priced),)
    component = outcome.given.versions.components[int(steps.version[step])]
    why = _base(outcome, step) if place >= 0 else ()
    if place >= 0 and component.steps[place].share == 1 and not earned.earned[step]:
        return (*why, *priced)
    reached = Fraction(int(bases.reached[step]), int(outcome.given.versions.of[steps.version[step]]))

    def values() -> dict[str, str | Label]:
        words: dict[str, str | Label] = {"stage": name_of(WORDS[steps.stage[step]]), "reached": percent(reached)}
        return words | {"total": said(earned.bounded), "due": said(earned.due), "earned": said(earned.earned)}

    return (because("accrual.stage", values, *why, *priced),)


# ── the base ────────────────────────────────────────────────────────────────────────────────────────────────


def _base(outcome: Outcome, step: int) -> tuple[Explanation, ...]:
    """What the base of a step is made of, down to the facts."""
    done, given, steps = outcome.worked, outcome.given, outcome.worked.steps
    version, row, day = int(steps.version[step]), int(done.row[step]), int(steps.on[step])
    rows, size = done.sizes[version]
    place, deal = int(np.searchsorted(rows, row)), int(given.claims.deal[steps.track[step]])
    made_of = int(size.made_of[place])
    into = given.versions.dated[version].currency
    facts = list(_facts(outcome, given.sizes[into], deal, made_of, day))
    shares = (done.credited, steps.part)

    def values() -> dict[str, str | Label]:
        kind = name_of("applied for" if made_of >= ASKED else _KINDS[made_of].value)
        whole = plain(fraction(size.top, size.below, place)) if size.known[place] else "1"
        credited, part = (fraction(*column, step) for column in shares)
        words: dict[str, str | Label] = {"loan": given.deals.codes[deal], "base": kind, "on": day_of(day).isoformat()}
        return words | {"whole": whole, "part": percent(part), "amount": plain(credited)}

    seen = [because("seen", partial(_seen, fact)) for fact, _, _ in facts]
    converted = [why_converted(given.deals.facts.fact("exchange_rates", rate), money, into)
                 for _, money, rate in facts if money is not None and rate != ITS_OWN]  # fmt: skip
    return (because("accrual.base", values, *seen, *converted),)


def _seen(fact: Fact) -> dict[str, str | Label]:
    return {"fact": fact_label(fact)}


_KINDS = {DRAWN: EventKind.DISBURSED, SIGNED: EventKind.SIGNED}


def _facts(
    outcome: Outcome, sizes: Sizes, deal: int, made_of: int, on: int
) -> Iterator[tuple[Fact, Money | None, int]]:
    """The facts of which the amount of a loan is made up to a day, each with its amount and the row of its rate."""
    deals = outcome.given.deals
    if made_of >= ASKED:
        known = bool(deals.known[deal])
        money = Money.from_units(int(deals.units[deal]), deals.currencies[int(deals.currency[deal])]) if known else None
        yield outcome.facts["loans"][deal], money, int(sizes.asked.rate[deal])
        return
    kind = _KINDS[made_of]
    events, moved = deals.events(kind), sizes.drawn if made_of == DRAWN else sizes.signed
    low, high = (int(np.searchsorted(events.deal, deal, side)) for side in ("left", "right"))
    for row in range(low, low + int(np.searchsorted(events.on[low:high], on, "right"))):
        money = Money.from_units(int(events.units[row]), deals.currencies[int(events.currency[row])])
        yield outcome.facts[EVENT_PLACES[kind]][int(events.row[row])], money, int(moved.amounts.rate[row])


def why_converted(rate: Fact, money: Money, into: str) -> Explanation:
    """The rate of a conversion with its date and source."""
    if not isinstance(rate, ExchangeRate):
        raise TypeError(f"{rate} is no exchange rate")
    values: dict[str, str | Label] = {
        "amount": str(money),
        "rate": plain(rate.rate),
        "converted": plain(money.exact * rate.rate),
        "into": into,
        "on": rate.on.isoformat(),
        "source": Label(f" ({rate.source})", f"（{rate.source}）") if rate.source else "",
    }
    return because("accrual.converted", values)


# ── the price ───────────────────────────────────────────────────────────────────────────────────────────────


@frozen
class _Priced:
    """What came in or went out, by the slices in which it is priced."""

    curve: Curve
    sums: tuple[Fraction, Fraction]
    """Of what its tiers are read at, before it and after it."""
    slices: tuple[Slice, ...]
    amount: Fraction
    """What it comes to, in units of what rates are per."""
    unit: Fraction
    """What rates are per where slices say so, else 1."""
    money: str
    """The currency of rates that are amounts, else empty."""


def why_dealt(versions: Versions, deals: Transactions, prices: Prices, row: int) -> tuple[Explanation, ...]:
    """Why something that came in or went out comes to what it does: where it stands in its tiers, and its slices."""
    done = _priced(versions, deals, prices, row)
    if done is None:
        return ()
    why = _why_tier(versions, deals, done, row)
    return (*why, *why_priced(done.slices, done.amount, done.unit, done.money))


def why_slices_dealt(versions: Versions, deals: Transactions, prices: Prices, row: int) -> tuple[Explanation, ...]:
    """The slices of something that came in or went out, alone."""
    done = _priced(versions, deals, prices, row)
    return () if done is None else why_slices(done.slices, done.unit, done.money)


def _priced(versions: Versions, deals: Transactions, prices: Prices, row: int) -> _Priced | None:
    """How something is priced; None where it takes back at its own rate, by parts of what came in."""
    version = int(deals.version[row])
    component, tiers = versions.components[version], versions.components[version].tiers
    kind, own = int(deals.kind[row]), bool(versions.own_rate[version])
    if kind == LOWERED and own:
        return None
    code = int(deals.curve[row])
    curve, table = versions.curves[code].curve, versions.tables.get(code, (None, None))[0]
    amount, paid = fraction(prices.top, prices.below, row), fraction(deals.paid, deals.below, row)
    before = fraction(prices.x, prices.x_below, row)
    more = amount if versions.by_earned[version] else fraction(deals.tier, deals.tier_below, row)
    sums = (before, before + more)
    if versions.read[version] and kind == COMES:
        sums = (fraction(*deals.at, row),) * 2
    unit_of_rates = curve.y_unit if table is None else table.unit
    money = versions.dated[version].currency if unit_of_rates in CURRENCIES else ""
    per = unit = _ONE if component.per is None else component.per.value
    if versions.of_loan[code]:
        paid, per = paid / per, _ONE
    if own and kind != COMES:
        lot = int(deals.lot[row])
        came = fraction(deals.paid, deals.below, lot) * per / unit
        rate = fraction(prices.top, prices.below, lot) * per / unit / came if came else Fraction(0)
        slices = [Slice(rate, paid)] if deals.left[row] else []
    else:
        priced_by = curve
        if table is not None and tiers is not None and code != 0:
            priced_by = constant(Quantity(table.at(fraction(*deals.at, row), fraction(*deals.across, row)), table.unit))
        slices = [*_slices(tiers, priced_by, sums, paid)]
    return _Priced(curve, sums, tuple(slices), amount if unit == 1 else amount / unit, per, money)


def _why_tier(versions: Versions, deals: Transactions, done: _Priced, row: int) -> tuple[Explanation, ...]:
    """Where something stands in its tiers, or in its table; nothing where its rate depends on nothing."""
    version, code = int(deals.version[row]), int(deals.curve[row])
    kind, tiers = int(deals.kind[row]), versions.components[version].tiers
    if tiers is None or code == 0 or (versions.own_rate[version] and kind != COMES):
        return ()
    table = versions.tables.get(code, (None, None))[0]
    if table is not None:
        return (why_table(tiers, table, (fraction(*deals.at, row), fraction(*deals.across, row)), done.money),)
    counts = kind == COMES or bool(deals.tier[deals.lot[row]])
    quota = fraction(*deals.quota, row) if tiers.by == "attainment" and counts else None
    return (why_tier(tiers, done.curve, done.sums, quota, done.money),)


_ONE = Fraction(1)


def _slices(tiers: Tiers | None, curve: Curve, sums: tuple[Fraction, Fraction], paid: Fraction) -> Iterator[Slice]:
    """The parts of a paid base that one rate applies to each."""
    before, after = sums
    applies = "forward after" if tiers is None else tiers.applies
    if tiers is not None and tiers.by == "earned":
        yield from (Slice(rate, part) for rate, part in parts_of_earned(curve, before, paid))
    elif applies != "marginal" or before == after:
        yield Slice(curve.at(before if applies in ("forward before", "marginal") else after), paid)
    else:
        low, high = min(sums), max(sums)
        edges = [low, *(knot for knot, _ in curve.knots if low < knot < high), high]
        for start, end in pairwise(edges):
            whole = (start, end) == (low, high)
            yield Slice(curve.limits(start)[1], paid if whole else paid * (end - start) / (high - low))
