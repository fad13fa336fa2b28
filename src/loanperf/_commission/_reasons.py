"""Reasons: the columns of steps -> why each line of a deal comes to what it does, down to the facts."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import numpy as np

from loanperf._commission._exchange import ITS_OWN
from loanperf._commission._loans import Deals
from loanperf._commission._names import name_of
from loanperf._commission._outcomes import Outcome
from loanperf._commission._prices import COMES, LOWERED
from loanperf._commission._rates import Slice, why_priced, why_tier
from loanperf._commission._sizes import ASKED, DRAWN, SIGNED, Sizes
from loanperf._commission._steps import WORDS
from loanperf._curves import Curve
from loanperf._explanations import Explanation, Label, because
from loanperf._facts import EVENT_PLACES, EventKind, ExchangeRate, Fact
from loanperf._indicators import fact_label
from loanperf._numbers import Whole, day_of, parts_of_earned
from loanperf._quantities import CURRENCIES, Money, percent, plain


def reasons(outcome: Outcome, line: int) -> tuple[Explanation, ...]:
    """Why a line of a deal is what it is, by its place among the lines."""
    lines, steps = outcome.lines, outcome.worked.steps
    step = int(lines.step[line])
    stage, on = name_of(WORDS[steps.stage[step]]), day_of(int(steps.on[step])).isoformat()
    if lines.ends[line]:
        deal = int(outcome.given.claims.deal[steps.track[step]])
        return (because("accrual.ended", {"stage": stage, "on": on, "loan": outcome.given.deals.codes[deal]}),)
    priced = tuple(why for row in _dealings(outcome, step) for why in _priced(outcome, row))
    return priced if lines.fell[line] else _staged(outcome, step, priced)


def _dealings(outcome: Outcome, step: int) -> list[int]:
    """What came in with a step, and what went out."""
    return np.flatnonzero(outcome.earned.deals.step == step).tolist()


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
    values: dict[str, str | Label] = {"stage": name_of(WORDS[steps.stage[step]]), "reached": percent(reached)}
    values |= {"total": said(earned.bounded), "due": said(earned.due), "earned": said(earned.earned)}
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
    facts = list(_facts(given.deals, given.sizes[into], deal, made_of, day))
    kind = name_of("applied for" if made_of >= ASKED else _KINDS[made_of].value)
    whole = Fraction(int(size.top[place]), int(size.below[place]))
    credited, part = (Fraction(int(top[step]), int(below[step])) for top, below in (done.credited, steps.part))
    values: dict[str, str | Label] = {"loan": given.deals.codes[deal], "base": kind, "on": day_of(day).isoformat()}
    values |= {"whole": plain(whole) if size.known[place] else "1", "part": percent(part), "amount": plain(credited)}
    seen = [because("seen", {"fact": fact_label(fact)}) for fact, _, _ in facts]
    converted = [_converted(given.deals.facts.fact("exchange_rates", rate), money, into)
                 for _, money, rate in facts if money is not None and rate != ITS_OWN]  # fmt: skip
    return (because("accrual.base", values, *seen, *converted),)


_KINDS = {DRAWN: EventKind.DISBURSED, SIGNED: EventKind.SIGNED}


def _facts(deals: Deals, sizes: Sizes, deal: int, made_of: int, on: int) -> Iterator[tuple[Fact, Money | None, int]]:
    """The facts of which the amount of a loan is made up to a day, each with its amount and the row of its rate."""
    currencies = deals.currencies
    if made_of >= ASKED:
        known = bool(deals.known[deal])
        money = Money.from_units(int(deals.units[deal]), currencies[int(deals.currency[deal])]) if known else None
        yield deals.facts.fact("loans", deal), money, int(sizes.asked.rate[deal])
        return
    kind = _KINDS[made_of]
    events, moved = deals.events(kind), sizes.drawn if made_of == DRAWN else sizes.signed
    for row in np.flatnonzero((events.deal == deal) & (events.on <= on)).tolist():
        money = Money.from_units(int(events.units[row]), currencies[int(events.currency[row])])
        yield deals.facts.fact(EVENT_PLACES[kind], int(events.row[row])), money, int(moved.amounts.rate[row])


def _converted(rate: Fact, money: Money, into: str) -> Explanation:
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


def _priced(outcome: Outcome, row: int) -> tuple[Explanation, ...]:
    """Why something that came in or went out comes to what it does: where it stands in its tiers, and its slices."""
    deals, prices, versions = outcome.earned.deals, outcome.earned.prices, outcome.given.versions
    version = int(deals.version[row])
    component, tiers = versions.components[version], versions.components[version].tiers
    kind, own = int(deals.kind[row]), bool(versions.own_rate[version])
    if kind == LOWERED and own:
        return ()
    curve = versions.curves[int(deals.curve[row])].curve
    amount = Fraction(int(prices.top[row]), int(prices.below[row]))
    paid = Fraction(int(deals.paid[row]), int(deals.below[row]))
    read = bool(versions.read[version]) and kind == COMES
    before = Fraction(int(prices.x[row]), int(prices.x_below[row]))
    after = before + (
        amount if versions.by_earned[version] else Fraction(int(deals.tier[row]), int(deals.tier_below[row]))
    )
    sums = (before, after)
    if read:
        sums = (Fraction(int(deals.at[0][row]), int(deals.at[1][row])),) * 2
    money = outcome.given.versions.dated[version].currency if curve.y_unit in CURRENCIES else ""
    per = Fraction(1) if component.per is None else component.per.value
    why: tuple[Explanation, ...] = ()
    if tiers is not None and deals.curve[row] != 0 and not (own and kind != COMES):
        quota = _quota(outcome, row) if tiers.by == "attainment" else None
        why = (why_tier(tiers, curve, sums, quota, money),)
    if own and kind != COMES:
        lot = int(deals.lot[row])
        came = Fraction(int(prices.top[lot]), int(prices.below[lot]))
        rate = came / Fraction(int(deals.paid[lot]), int(deals.below[lot])) if deals.paid[lot] else Fraction(0)
        slices = [Slice(rate, paid)] if deals.left[row] else []
    else:
        slices = [*_slices(outcome, row, curve, sums, paid)]
    return (*why, *why_priced(tuple(slices), amount / per, per, money))


def _quota(outcome: Outcome, row: int) -> Fraction | None:
    """What 100% was when something came in; None where it does not count."""
    deals, steps = outcome.earned.deals, outcome.worked.steps
    step = int(deals.step[deals.lot[row]])
    if deals.kind[row] != COMES and not deals.tier[deals.lot[row]]:
        return None
    return Fraction(int(steps.quota[0][step]), int(steps.quota[1][step]))


def _slices(
    outcome: Outcome, row: int, curve: Curve, sums: tuple[Fraction, Fraction], paid: Fraction
) -> tuple[Slice, ...]:
    """The parts of a paid base that one rate applies to each."""
    versions, version = outcome.given.versions, int(outcome.earned.deals.version[row])
    tiers, (before, after) = versions.components[version].tiers, sums
    applies = "forward after" if tiers is None else tiers.applies
    if versions.by_earned[version]:
        return tuple(Slice(rate, part) for rate, part in parts_of_earned(curve, before, paid))
    if applies != "marginal" or before == after:
        return (Slice(curve.at(before if applies in ("forward before", "marginal") else after), paid),)
    low, high = min(sums), max(sums)
    edges = [low, *(knot for knot, _ in curve.knots if low < knot < high), high]
    return tuple(Slice(curve.limits(start)[1], paid * (end - start) / (high - low)) for start, end in pairwise(edges))
