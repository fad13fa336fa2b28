"""Prices: what comes into the sums of a payee and goes out of them -> what each comes to, by the tiers of its plan.

Order is that in which rows come. Each row starts from the sums that the rows before it left in its window.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from attrs import frozen

from loanperf._commission._versions import APPLIES, Versions
from loanperf._numbers import (
    Columns,
    Places,
    Truth,
    Whole,
    alike,
    bounded,
    distinct,
    earned_from,
    exact,
    fractions,
    grouped,
    laid,
    largest,
    last_before,
    marked,
    nowhere,
    place_in,
    plus,
    put,
    quotients,
    ranked,
    reach,
    reduced,
    running,
    spread,
    starts_of,
    summed,
    times,
    total_of,
)

COMES, GOES, LOWERED = range(3)
"""What comes in; what goes out; what stays, and no longer counts for the tier."""
_FLAT, _INTERPOLATED, _MARGINAL, _BEFORE, _AFTER = range(len(APPLIES))


@frozen(eq=False, kw_only=True)
class Transactions(Columns):
    """What comes into sums and goes out of them, in the order in which it counts, each group by itself."""

    group: Places
    """What may accumulate together: of a payee, plan and component."""
    track: Places
    """What accumulates where each loan has its own tier."""
    step: Places
    """Rows of one step come together."""
    version: Places
    window: Whole
    """In which it came in."""
    curve: Places
    kind: Places
    counts: Truth
    """Whether it counts; what is priced for somebody else does not."""
    tier: Whole
    """What it adds to the tier, over `tier_below`."""
    tier_below: Whole
    paid: Whole
    """What it adds to the base that is paid, over `below`."""
    below: Whole
    at: tuple[Whole, Whole]
    """The reading at which the curve is read."""
    across: tuple[Whole, Whole]
    """The number of the loan at which a table is read, by its columns; 0 where none is."""
    quota: tuple[Whole, Whole]
    """What 100% was when it came in; 1 where tiers are not by attainment."""
    lot: Places
    """The row with which it came in."""
    left: Whole
    """What was left of the paid base of its lot before it."""
    touched: Truth
    """Whether a part of the lot had gone before."""


@frozen(eq=False, kw_only=True)
class Prices(Columns):
    """What each transaction comes to, and the sums from which that follows."""

    top: Whole
    below: Whole
    """What `top` is over, above zero."""
    x: Whole
    """What had accumulated before it, with that, over `x_below`."""
    x_below: Whole
    final: tuple[Whole, Whole]
    """The sum that its window came to in the end: a quotient."""


@frozen(eq=False)
class _Sums:
    """Rows in order of their windows, and where windows start."""

    rows: Places
    starts: Places
    steps: Places
    """Where the rows of one step in one window start."""
    counts: Truth

    @classmethod
    def of(cls, deals: Transactions, alone: Truth, apart: Truth) -> _Sums:
        """The order of transactions by window."""
        kind, own = np.where(alone, 2, apart), np.where(alone, deals.track, deals.window)
        order, starts = grouped(deals.group, kind, own)
        rows = np.arange(len(alone))[order]
        window = spread(np.arange(len(starts)), starts, len(rows))
        return cls(rows, starts, starts_of(window, deals.step[rows]), deals.counts[rows])

    def before(self, values: Whole) -> Whole:
        """The sum of what counts before each row; of what does not count, of its own step too."""
        (values,) = bounded(reach(values, spread(np.arange(len(self.starts)), self.starts, len(values)),
                                  len(self.starts)) if len(values) else 0, values)  # fmt: skip
        real = np.where(self.counts, values, 0)
        passed = values - real
        found: Whole = running(real, self.starts) - real + running(passed, self.steps) - passed
        return found


def priced(versions: Versions, deals: Transactions) -> Prices:
    """What each transaction comes to.

    With flat and interpolated rates that is the difference to date: passing a tier pays what all that accumulated
    before gains by it, and falling back reverses that. With forward rates, and where curves are read, what goes out
    goes at the rate at which it came in.
    """
    version, size = deals.version, len(deals.version)
    if not size:
        none = deals.paid
        return Prices(top=none, below=none, x=none, x_below=none, final=(none, none))
    alone, earned = versions.alone[version], versions.by_earned[version]
    read = versions.read[version] & (deals.kind == COMES)
    sums = _Sums.of(deals, alone, earned)
    (adds,) = bounded(reach(deals.tier, deals.group, 0), np.where(read | earned, 0, deals.tier))
    x = _put_back(sums.before(adds[sums.rows]), sums.rows)
    before = _of_earlier(versions, deals, sums, adds)
    x, tier_below = plus(x, before), deals.tier_below
    applies = versions.applies[version]
    flat = ((applies == _FLAT) | (applies == _INTERPOLATED)) & ~versions.read[version]
    own = versions.own_rate[version]
    under = versions.under[version]
    top, extra = x * 0, alike(1, size)
    rows = np.flatnonzero(flat)
    if len(rows):
        top, extra = _set(top, extra, rows, *_flat(versions, deals, sums, rows, x))
    rows = np.flatnonzero((read | (applies == _BEFORE) | (applies == _AFTER)) & (deals.kind == COMES))
    top, extra = _set(top, extra, rows, *_of_one_rate(versions, deals, rows, x))
    rows = np.flatnonzero((applies == _MARGINAL) & ~earned)
    top, extra = _set(top, extra, rows, *_marginal(versions, deals, rows, x))
    x_below, below = tier_below.copy(), times(times(deals.below, under), extra)
    if earned.any():
        top, below, x, x_below = _by_earned(versions, deals, sums, (top, below, x, x_below))
    top, below = _at_its_rate(deals, own, top, below)
    last = spread(np.append(sums.starts, size)[1:] - 1, sums.starts, size)
    last = _put_back(sums.rows[last], sums.rows)
    after = np.where(deals.counts, plus(x, adds), x)
    return Prices(top=top, below=below, x=x, x_below=x_below, final=(after[last], x_below[last]))


def _put_back(values: Whole, rows: Places) -> Whole:
    return put(values, rows, len(values), 0)


def _set(top: Whole, extra: Whole, rows: Places, tops: Whole, extras: Whole) -> tuple[Whole, Whole]:
    """Amounts of some rows among those of all."""
    return laid(top, rows, tops), laid(extra, rows, extras)


def _of_earlier(versions: Versions, deals: Transactions, sums: _Sums, adds: Whole) -> Whole:
    """What counts of earlier windows in the window of each row, as it stood when something last came into that."""
    rolls = np.where(versions.alone[deals.version], 0, versions.rolls[deals.version])
    fresh, most = (adds * 0).copy(), int(rolls.max())
    if not most:
        return fresh
    rows, size = sums.rows, len(adds)
    low = int(deals.window.min())
    span = int(deals.window.max()) - low + 1 + most
    place = spread(np.arange(len(sums.starts)), sums.starts, size)
    key = (deals.group * span + deals.window - low + most)[rows][sums.starts]
    common = ~(versions.alone | versions.by_earned)[deals.version]
    key = np.where(common[rows][sums.starts], key, -1)
    known, of_key = distinct(key)
    window = np.empty_like(of_key)
    window[of_key] = np.arange(len(key))
    summed = running(np.where(sums.counts, adds[rows], 0), sums.starts)
    passed_on = place * size + rows
    asks = np.flatnonzero((rolls > 0) & (deals.kind == COMES) & common)
    for lag in range(1, most):
        mine = asks[rolls[asks] > lag]
        wanted = deals.group[mine] * span + deals.window[mine] - low + most - lag
        at = place_in(known, wanted)
        mine, at = mine[at >= 0], window[at[at >= 0]]
        until = np.searchsorted(passed_on, at * size + mine) - 1
        some = until >= sums.starts[at]
        fresh[mine] += np.where(some, summed[until], 0)
    _add_passed(deals, adds, rolls, fresh)
    back = np.where((deals.kind == COMES) & common, fresh, 0)[rows]
    counts = ((deals.kind == COMES) & deals.counts)[rows]
    held = np.where((deals.kind == COMES)[rows], back, last_before(back, counts, sums.starts))
    return _put_back(np.where(common[rows], held, 0), rows)


def _add_passed(deals: Transactions, adds: Whole, rolls: Whole, fresh: Whole) -> None:
    """Take off what goes out of earlier windows in the same step, where that does not count."""
    steps, of = distinct(deals.step)
    came = np.flatnonzero((deals.kind == COMES) & ~deals.counts & (rolls > 0))
    comes = np.full(len(steps), -1)
    comes[of[came]] = came
    gone = np.flatnonzero((deals.kind == GOES) & ~deals.counts)
    gone = gone[comes[of[gone]] >= 0]
    into = comes[of[gone]]
    near = (deals.window[gone] < deals.window[into]) & (deals.window[gone] > deals.window[into] - rolls[into])
    fresh += total_of(np.where(near, adds[gone], 0), into, len(adds))


def rates_at(versions: Versions, curve: Places, version: Places, at: tuple[Whole, Whole], fine: Truth) -> Whole:
    """The rates of curves at quotients: over `under` of a version, where they are `fine` times what `at` is over."""
    found = at[0] * 0
    for code in distinct(curve)[0].tolist() if len(curve) else ():
        pieces, mine = versions.curves[code], np.flatnonzero(curve == code)
        top, below = at[0][mine], at[1][mine]
        if versions.linear[code]:
            rates, _ = pieces.at(top, below)
        else:
            one = len(pieces.curve.knots) == 1
            rates = alike(pieces.heights[0], len(mine)) if one else pieces.heights[pieces.piece(top, below)]
            rates = times(rates, np.where(fine[mine], below, 1))
        found = laid(found, mine, times(rates, versions.under[version[mine]] // pieces.below))
    return found


def _of_one_rate(versions: Versions, deals: Transactions, rows: Places, x: Whole) -> tuple[Whole, Whole]:
    """What some rows come to, each whole at one rate: that before it, after it, or at a reading."""
    version = deals.version[rows]
    after = np.where(versions.applies[version] == _BEFORE, 0, deals.tier[rows])
    read = versions.read[version]
    at = plus(x[rows], after), deals.tier_below[rows]
    at = np.where(read, deals.at[0][rows], at[0]), np.where(read, deals.at[1][rows], at[1])
    fine = versions.applies[version] == _INTERPOLATED
    rate, under = rates_at(versions, deals.curve[rows], version, at, fine), np.where(fine, at[1], 1)
    for code, (_, grid) in versions.tables.items():
        mine = np.flatnonzero(deals.curve[rows] == code)
        if len(mine):
            across = deals.across[0][rows][mine], deals.across[1][rows][mine]
            found, below = grid.at((at[0][mine], at[1][mine]), across)
            rate = laid(rate, mine, times(found, versions.under[version[mine]] // grid.below))
            under = laid(under, mine, below // grid.below)
    return times(rate, deals.paid[rows]), under


def _flat(versions: Versions, deals: Transactions, sums: _Sums, rows: Places, x: Whole) -> tuple[Whole, Whole]:
    """What some rows gain: all that was paid in their window, at the rate after them less at the rate before."""
    chosen = marked(rows, len(x))[sums.rows]
    inner = sums.rows[chosen]
    place = spread(np.arange(len(sums.starts)), sums.starts, len(x))[chosen]
    starts = starts_of(place)
    held = _Sums(inner, starts, starts_of(place, deals.step[inner]), sums.counts[chosen])
    below = deals.tier_below[inner]
    fine = spread(summed(versions.linear[deals.curve[inner]] * 1, starts) > 0, starts, len(inner))
    after, gained = plus(x[inner], deals.tier[inner]), (x[inner] * 0).copy()
    for code in distinct(deals.curve[inner])[0].tolist():
        paid = np.where(deals.curve[inner] == code, deals.paid[inner], 0)
        had = held.before(paid)
        has = plus(had, paid)
        there = np.flatnonzero((had != 0) | (has != 0))
        curve, version = alike(code, len(there)), deals.version[inner[there]]
        now = rates_at(versions, curve, version, (after[there], below[there]), fine[there])
        was = rates_at(versions, curve, version, (x[inner[there]], below[there]), fine[there])
        more = plus(times(now, has[there]), -times(was, had[there]))
        gained, more = bounded(largest(gained) + largest(more), gained, more)
        gained[there] += more
    back = np.searchsorted(rows, inner)
    return _put_back(gained, back), _put_back(np.where(fine, below, 1), back)


def _marginal(versions: Versions, deals: Transactions, rows: Places, x: Whole) -> tuple[Whole, Whole]:
    """Marginal rates: what each row comes to, each slice of it at its own rate."""
    top, extra = x[rows] * 0, alike(1, len(rows))
    for code in distinct(deals.curve[rows])[0].tolist():
        mine = np.flatnonzero(deals.curve[rows] == code)
        at = rows[mine]
        tier, paid, below = deals.tier[at], deals.paid[at], deals.tier_below[at]
        more = versions.under[deals.version[at]] // versions.curves[code].below
        if len(versions.curves[code].curve.knots) == 1:
            (first,) = versions.curves[code].heights[:1].tolist()
            top, extra = _set(top, extra, mine, times(times(paid, more), alike(first, len(at))), extra[mine])
            continue
        low, _ = versions.curves[code].slices(x[at], below)
        high, fine = versions.curves[code].slices(plus(x[at], tier), below)
        fine //= versions.curves[code].below
        # A slice is paid in proportion to its part of what counts, mostly the same amount.
        share, of = reduced(np.where(tier == 0, 0, paid), np.where(tier == 0, 1, tier))
        flat, amount = tier == 0, times(times(plus(high, -low), share), more)
        if flat.any():
            rate = rates_at(versions, alike(code, len(at)), deals.version[at], (x[at], below), nowhere(len(at)))
            amount = np.where(flat, times(rate, paid) * fine, amount)
        top, extra = _set(top, extra, mine, amount, times(of, alike(fine, len(at))))
    return top, extra


def _at_its_rate(deals: Transactions, own: Truth, top: Whole, below: Whole) -> tuple[Whole, Whole]:
    """With what goes out at the rate at which it came in, and what no longer counts with what it had come to."""
    goes = np.flatnonzero(own & (deals.kind == GOES))
    lot = deals.lot[goes]
    whole_lot = deals.paid[lot]
    rate = (
        np.where(whole_lot == 0, 0, times(top[lot], deals.below[lot])),
        times(below[lot], np.where(whole_lot == 0, 1, whole_lot)),
    )
    rate = reduced(*rate)
    top, below = _set(top, below, goes, times(rate[0], deals.paid[goes]), times(rate[1], deals.below[goes]))
    stays = np.flatnonzero(~own & (deals.kind == LOWERED))
    lot = deals.lot[stays]
    touched, came = deals.touched[stays], deals.paid[lot]
    left = np.where(touched, deals.left[stays], 1), np.where(touched & (came != 0), came, 1)
    left = np.where(touched & (came == 0), 0, left[0]), left[1]
    pay = reduced(times(top[lot], left[0]), times(below[lot], left[1]))
    lost = plus(times(top[stays], pay[1]), times(pay[0], below[stays]))
    top, below = _set(top, below, stays, *reduced(lost, times(below[stays], pay[1])))
    return top, below


_Columns = tuple[Whole, Whole, Whole, Whole]


def _by_earned(versions: Versions, deals: Transactions, sums: _Sums, known: _Columns) -> _Columns:
    """With what comes of tiers by what is earned: amounts, what they are over, and the sums before each.

    Each amount is a part of the next sum: the n-th transaction of every group is worked at once.
    """
    top, below, x, x_below = known
    rows = np.flatnonzero(versions.by_earned[deals.version])
    size = len(sums.starts)
    window = _put_back(spread(np.arange(size), sums.starts, len(top)), sums.rows)
    nothing = exact([_ZERO] * size)
    known_windows = _windows(versions, deals, sums)
    now = _Earned(nothing.copy(), nothing.copy(), nothing.copy(), np.full(size, -1), *known_windows)
    amounts, sums_before = (exact([_ZERO] * len(rows)) for _ in range(2))
    turns = ranked(starts_of(deals.group[rows]), len(rows))
    for turn in range(int(turns.max()) + 1):
        mine = np.flatnonzero(turns == turn)
        at = rows[mine]
        had = now.earlier[window[at]]
        now.refresh(deals, versions.rolls[deals.version[at]], at, window[at])
        start = now.sums[window[at]] + now.aside(window[at], deals.step[at]) + now.earlier[window[at]]
        paid, amount = fractions(deals.paid[at], deals.below[at]), exact([_ZERO] * len(at))
        for code in distinct(deals.curve[at])[0].tolist():
            some = deals.curve[at] == code
            amount[some] = earned_from(versions.curves[code].curve, start[some], paid[some])
        now.add(window[at], deals.step[at], deals.counts[at], amount)
        amounts[mine], sums_before[mine] = amount, start
        now.earlier[window[at]] = np.where(deals.counts[at], now.earlier[window[at]], had)
    top, below = _set(top, below, rows, *_taken_apart(amounts))
    x, x_below = _set(x, x_below, rows, *_taken_apart(sums_before))
    return top, below, x, x_below


_ZERO = Fraction(0)


@frozen(eq=False)
class _Earned:
    """What each window has earned so far; written to as transactions are worked."""

    sums: Whole
    earlier: Whole
    """What counts of earlier windows."""
    passed: Whole
    """What a step came to so far that is priced for somebody else, and does not count."""
    passing: Places
    """The step of that."""
    keys: Whole
    of_key: Places
    span: int

    def aside(self, window: Places, step: Places) -> Whole:
        """What the same step came to before, where that does not count."""
        found: Whole = self.passed[window] * (self.passing[window] == step)
        return found

    def add(self, window: Places, step: Places, counts: Truth, amount: Whole) -> None:
        """Add what some transactions earn, one of a window."""
        self.sums[window] += amount * counts
        self.passed[window] = (self.aside(window, step) + amount) * ~counts
        self.passing[window] = np.where(counts, -1, step)

    def refresh(self, deals: Transactions, rolls: Whole, rows: Places, window: Places) -> None:
        """Sum what counts of earlier windows where something comes in."""
        comes = deals.kind[rows] == COMES
        self.earlier[window[comes]] = _ZERO
        for lag in range(1, int(rolls.max())):
            mine = comes & (rolls > lag)
            at, into = rows[mine], window[mine]
            wanted = deals.group[at] * self.span + deals.window[at] - lag
            place = place_in(self.keys, wanted)
            there = place >= 0
            of = self.of_key[place[there]]
            self.earlier[into[there]] += self.sums[of] + self.aside(of, deals.step[at[there]])


def _windows(versions: Versions, deals: Transactions, sums: _Sums) -> tuple[Whole, Places, int]:
    """Keys of windows, in order, where several rows may stand in one; the place of each; and what groups are apart."""
    first = sums.rows[sums.starts]
    span = int(deals.window.max()) - int(deals.window.min()) + 1 + int(versions.rolls.max())
    shared = (versions.by_earned & ~versions.alone)[deals.version[first]]
    key = np.where(shared, deals.group[first] * span + deals.window[first], -1)
    order = np.argsort(key)
    return key[order], order, span


def _taken_apart(values: Whole) -> tuple[Whole, Whole]:
    top, below = quotients(values)
    return top, alike(below, len(values)) if isinstance(below, int) else below
