"""Draws: pay by payee and period -> guarantees, draws, their recovery and waiver, over all plans of a payee.

Periods are worked in order, and in each all payees at once: the n-th draw of every payee is one pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from attrs import evolve, fields_dict, frozen

from loanperf._commission import Accruals, DatedPlan
from loanperf._ledger._amounts import chains_of, draw_code, drawing_plans
from loanperf._ledger._lives import LineMoves, line_moves
from loanperf._ledger._moves import DueLines, Kept, LineWords
from loanperf._numbers import (
    FAR,
    Columns,
    Places,
    Truth,
    Whole,
    bounded,
    largest,
    marked,
    matched,
    most_of,
    ordered,
    put,
    ranked,
    replaced,
    starts_of,
    total_of,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import Money


@frozen(eq=False, kw_only=True)
class _DrawTerms(Columns):
    """What draws of plans say, a row a draw and version."""

    plan: Places
    index: Places
    """Its place in the plan."""
    code: Places
    """Of the plan's code and the place: a draw outlives the version that granted it."""
    currency: Places
    least: Whole
    is_plain: Truth
    is_advance: Truth
    first: Whole
    last: Whole
    recovered_from: Whole
    recovered_until: Whole
    """FAR goes on."""
    waives: Truth


@frozen(eq=False, kw_only=True)
class _Accounts(Columns):
    """Draws of payees, with what is not repaid of them; they outlive the plan that granted them."""

    payee: Places
    """Place among those who draw."""
    terms: Places
    nth: Whole
    """Which period it is, from the start of the role that has the plan."""
    granted: Places
    """The period in which the payee last had the plan."""
    balance: Whole


_NAMES = ("guarantee", "draw", "recovery", "waived")
"""What draws do, in the order in which they do it."""
Moved: TypeAlias = Mapping[str, Whole]
"""By name, how much each account moves."""


def drawn(accruals: Accruals, words: LineWords, kept: Kept, size: int) -> tuple[list[DueLines], list[LineMoves]]:
    """Guarantees, draws, their recovery and waiver, and the lines that they are of.

    Args:
        accruals: who draws, when.
        words: of all lines.
        kept: the pay of each cohort, and what is held of it.
        size: the place of the first line that is made here.
    """
    lines, found = list[DueLines](), list[LineMoves]()
    if not accruals.drawing:
        return lines, found
    terms, places = _terms(words, drawing_plans(accruals))
    codes = {word: code for code, word in enumerate(words.payees)}
    ranks = {payee: place for place, payee in enumerate(sorted({payee for payee, _ in accruals.drawing}))}
    paid = kept.pay - kept.held
    most = (largest(paid) + largest(terms.least)) * (len(paid) + len(accruals.drawing) + 1)
    most += sum(accruals.drawn_before.values())
    least, paid = bounded(most, terms.least, paid)
    terms = evolve(terms, least=least)
    for periods, payees in chains_of(accruals):
        granted = _granted(accruals, payees, places)
        of_payee, rank = whole([codes[payee] for payee in payees]), whole([ranks[payee] for payee in payees])
        known = _before(accruals, payees, periods[0], places, terms)
        for number, period in enumerate(periods):
            code = words.periods.index(period)
            known = _opened(known, _accounts(granted[period], number, least), number, terms)
            pays = _pays(evolve(kept, pay=paid), of_payee, code, words)
            known, moves = _worked(known, terms, number, pays, len(words.currencies))
            made, more = _told(words, known, terms, moves, of_payee, rank, code, size)
            lines.append(made)
            found += more
            size += len(made)
    return lines, found


def _terms(words: LineWords, plans: Sequence[DatedPlan]) -> tuple[_DrawTerms, dict[int, range]]:
    """What all draws say, and by plan the rows of its draws."""
    place_of = {id(plan): place for place, plan in enumerate(words.plans)}
    drafts: dict[tuple[str, int], int] = {}
    rows, places = list[tuple[int, ...]](), dict[int, range]()
    for dated in plans:
        places[id(dated)] = range(len(rows), len(rows) + len(dated.plan.draws))
        for index, draw in enumerate(dated.plan.draws):
            least = Money.rounded(draw.least.value, draw.least.unit, dated.plan.rounding)
            rows.append(
                (
                    place_of[id(dated)],
                    index,
                    drafts.setdefault((dated.plan.code, index), len(drafts)),
                    words.currencies.index(dated.currency),
                    (least - Money.from_units(0, dated.currency)).units,
                    draw.kind == "plain",
                    draw.style == "advance",
                    draw.first_period,
                    FAR if draw.last_period is None else draw.last_period,
                    draw.recovered_from,
                    FAR if draw.recovered_until is None else draw.recovered_until,
                    draw.left == "waived",
                )
            )
    names = [*fields_dict(_DrawTerms)]
    columns = [whole(column) for column in zip(*rows, strict=True)] if rows else [whole(())] * len(names)
    found = _DrawTerms(**dict(zip(names, columns, strict=True)))
    return evolve(found, **{name: getattr(found, name) > 0 for name in ("is_plain", "is_advance", "waives")}), places


def _granted(
    accruals: Accruals, payees: Sequence[str], places: Mapping[int, range]
) -> Mapping[Period, list[tuple[int, int, int]]]:
    """By period: who is granted which draws, and the number of the period in the role."""
    mine = {payee: place for place, payee in enumerate(payees)}
    found: dict[Period, list[tuple[int, int, int]]] = defaultdict(list)
    for (payee, period), (plan, nth) in accruals.drawing.items():
        if payee in mine:
            found[period] += [(mine[payee], term, nth) for term in places[id(plan)]]
    return found


def _before(
    accruals: Accruals, payees: Sequence[str], first: Period, places: Mapping[int, range], terms: _DrawTerms
) -> _Accounts:
    """What payees had drawn and not yet repaid when the ledger begins.

    It is put on the first recoverable draw of the payee's plan.
    """
    rows, units = list[tuple[int, int, int]](), list[int]()
    for mine, payee in enumerate(payees):
        dated, nth = accruals.drawing.get((payee, first), (None, 0))
        owed = 0 if dated is None else accruals.drawn_before.get((payee, dated.plan.code, dated.currency), 0)
        recoverable = [row for row in places[id(dated)] if not terms.is_plain[row]] if owed else []
        rows += [(mine, row, nth - 1) for row in recoverable[:1]]
        units += [owed for _ in recoverable[:1]]
    found = _accounts(rows, -1, terms.least)
    return evolve(found, balance=found.balance + whole(units))


def _accounts(rows: Sequence[tuple[int, int, int]], number: int, like: Whole) -> _Accounts:
    """Accounts of payees, draws and numbers of periods, granted in a period, of which nothing is drawn."""
    payee, terms, nth = (whole(column) for column in zip(*rows, strict=True)) if rows else [whole(())] * 3
    return _Accounts(payee=payee, terms=terms, nth=nth, granted=payee * 0 + number, balance=like[terms] * 0)


def _opened(known: _Accounts, granted: _Accounts, number: int, terms: _DrawTerms) -> _Accounts:
    """The accounts of a period in the order in which they count: those granted by the plan, then older ones."""
    known = known.some(known.balance != 0)
    known = evolve(known, nth=known.nth + 1)
    size = int(terms.code.max(initial=0)) + 1
    keys, mine = (one.payee * size + terms.code[one.terms] for one in (known, granted))
    order = np.arange(len(keys))[ordered(keys)]
    rows, places = matched(keys[order], mine)
    granted = evolve(granted, balance=replaced(granted.balance, rows, known.balance[order[places]]))
    left = ~marked(order[places], len(keys))
    both = _Accounts.stacked([granted, known.some(left)])
    since = np.where(both.granted == number, -1, both.granted)
    return both.some(ordered(both.payee, since, terms.index[both.terms]))


def _pays(kept: Kept, of_payee: Places, period: int, words: LineWords) -> Whole:
    """The pay of a period after holdback, by payee and currency: a place for each pair."""
    size = len(words.currencies)
    place = put(np.arange(len(of_payee)), of_payee, len(words.payees), -1)
    rows = np.flatnonzero((kept.period == period) & (place[kept.payee] >= 0))
    return total_of(kept.pay[rows], place[kept.payee[rows]] * size + kept.currency[rows], len(of_payee) * size)


def _worked(known: _Accounts, terms: _DrawTerms, number: int, pays: Whole, size: int) -> tuple[_Accounts, Moved]:
    """The accounts after a period, and what each draw does in it by the pay and the balance before it.

    Args:
        known: in the order in which they count.
        terms: of all draws.
        number: of the period.
        pays: by payee and currency, the pay; it is changed.
        size: how many currencies there are.
    """
    mine, nth, balance = terms.some(known.terms), known.nth, known.balance.copy()
    granted, key = known.granted == number, known.payee * size + mine.currency
    gives = granted & (mine.first <= nth) & (nth <= mine.last)
    # The pay that no recovery goes below.
    floor = np.where(gives & ~mine.is_advance, mine.least, mine.least * 0)
    floor = np.where(granted, floor, most_of(np.where(granted, floor, floor * 0), key, len(pays))[key])
    repays = ~mine.is_plain & (mine.recovered_from <= nth) & (nth <= mine.recovered_until)
    ends = ~mine.is_plain & mine.waives & (mine.recovered_until < FAR) & (nth >= mine.recovered_until)
    moved = {name: np.full(len(balance), 0) + balance * 0 for name in _NAMES}
    turns = ranked(starts_of(known.payee), len(key))
    for turn in range(int(turns.max(initial=-1)) + 1):  # the n-th draw of every payee
        rows = np.flatnonzero(turns == turn)
        of, pay, plain = mine.some(rows), pays[key[rows]], mine.is_plain[rows]
        given = np.where(of.is_advance, of.least, np.maximum(of.least - pay, 0)) * gives[rows]
        owed = balance[rows] + np.where(plain, given * 0, given)
        back = np.minimum(owed, np.maximum(pay - floor[rows], 0)) * repays[rows]
        gone = (owed - back) * ends[rows]
        balance[rows] = owed - back - gone
        pays[key[rows]] = pay + np.where(plain, given, -back)
        done = np.where(plain, given, given * 0), np.where(plain, given * 0, given), back, gone
        for name, units in zip(_NAMES, done, strict=True):
            moved[name][rows] = units
    return evolve(known, balance=balance), moved


def _told(
    words: LineWords,
    known: _Accounts,
    terms: _DrawTerms,
    moved: Moved,
    of_payee: Places,
    rank: Places,
    period: int,
    size: int,
) -> tuple[DueLines, list[LineMoves]]:
    """The lines of draws that do anything in a period, and what they do."""
    on, found = int(words.last_days[period]), list[LineMoves]()
    does = sum(moved[name] != 0 for name in _NAMES) > 0
    there = np.flatnonzero(does)
    line = put(size + np.arange(len(there)), there, len(known.payee), -1)
    for place, name in enumerate(_NAMES):
        rows = np.flatnonzero(moved[name])
        account, full = known.some(rows), np.full(len(rows), 1)
        found.append(
            line_moves(
                name,
                line[rows],
                full * on,
                moved[name][rows],
                part=rank[account.payee],
                step=line[rows] * len(_NAMES) + place,
                source=terms.index[account.terms],
            )
        )
    mine, none = terms.some(known.terms[there]), np.full(len(there), -1)
    components = whole(
        [words.components.index(draw_code(place)) for place in range(int(terms.index.max(initial=-1)) + 1)]
    )
    lines = DueLines(
        words=words,
        payee=of_payee[known.payee[there]],
        plan=mine.plan,
        component=components[mine.index],
        loan=none,
        stage=none * 0 + words.stages.index(""),
        period=none * 0 + period,
        currency=mine.currency,
        on=none * 0 + on,
        earned=none * 0 + on,
        units=mine.least * 0,
    )
    return lines, found
