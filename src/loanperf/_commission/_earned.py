"""Earned: steps of deals -> what comes into the sums of a payee with each step and goes out, and what each earns.

What is gone is taken out of the window in which it came in, the last first; what is new counts in the window of its
day. Prices play no part in that: the n-th steps of all deals are worked at once. What then is earned by the stages of
a component is not rounded yet.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from attrs import define, field, frozen

from loanperf._commission._prices import COMES, Prices, Transactions, priced
from loanperf._commission._states import EVENTS, NEXT, STATES, DealEvent, DealState
from loanperf._commission._steps import Steps
from loanperf._commission._versions import Versions, truths, units_of_tiers
from loanperf._numbers import (
    Columns,
    Places,
    Truth,
    Whole,
    alike,
    bounded,
    count_of,
    folded,
    in_one_each,
    laid,
    largest,
    no_rows,
    nowhere,
    ordered,
    put,
    reach,
    rows_where,
    starts_of,
    times,
    total_of,
    turns,
    whole,
)

_E, _S = DealEvent, DealState
NO_RATE, NO_QUOTA, NO_READING = 1, 2, 3
"""Why a step is not worked."""
_EARNS = truths(state in (_S.PART_EARNED, _S.EARNED, _S.TAKEN_BACK, _S.REFUNDED) for state in STATES)
"""States in which stages earn."""
_FAR_BELOW = 2**20
"""More than there are lots of one deal."""


@frozen(eq=False, kw_only=True)
class LotMoves:
    """What each step adds to the sums of a payee or takes out of them: a row for each lot that it touches, in order."""

    step: Places
    lot: Places
    """The step with which the lot came in."""
    nth: Whole
    """The order within its step."""
    kind: Places
    """0 comes in, 1 goes out, 2 stays and no longer counts for the tier."""
    tier: Whole
    """What it adds to the tier, over the `tier_below` of the lot."""
    paid: Whole
    """What it adds to the base that is paid, over `below`."""
    left: Whole
    """What was left of the paid base of the lot before."""
    touched: Truth
    """Whether a part of the lot had gone before."""


@frozen(eq=False, kw_only=True)
class Bases(Columns):
    """What came of each step, a row a step."""

    tier_below: Whole
    """What tiers are over in the window of the step's day."""
    state: Places
    """After the step."""
    reached: Whole
    """The share of the stages reached after it."""
    earns: Truth
    """Whether it earns what its payee is due by then."""
    passed: Truth
    """Whether somebody else earns that, by the rates of the payee, of a deal in several stages."""
    ends: Truth
    lowered: Truth
    paid: Truth
    """Whether something is paid with it."""
    had: Whole
    """The base that was priced before it, over `below` of the step."""
    has: Whole
    """The base that is priced after it."""
    fault: Places
    """Why it is not worked: 0 it is, 1 for want of a rate, 2 of a quota, 3 of a reading."""
    asked: Places
    """What was looked up for it: 0 nothing, 1 a quota, 2 a reading."""
    curve: Places
    """Of what came in with the step; -1 where that is not paid."""
    last: Places
    """The lot that came in last; -1 where there is none."""
    lots: Truth
    """Whether a part of what came in with the step, and is paid, is there still."""


_Moved: TypeAlias = tuple[Bases, LotMoves, tuple[Places, Places]]
"""What came of each step; what it moved; and the windows of steps that end a deal or lower a tier, by lot."""
_NO_ROW = whole([])


@define(eq=False)
class _Now:
    """What is known of each track, and of each lot, between two steps; written to as steps are worked."""

    versions: Versions
    steps: Steps
    amends: Truth
    base: Whole
    amount: Whole
    counts: Whole
    unit: Whole
    tier_below: Whole
    state: Places
    reached: Whole
    away: Whole
    """The amount that came in while somebody else held the loan, of a deal in one stage."""
    own: Whole
    """The amount of which `paid` is what is priced: the same but for rates of each loan."""
    paid: Whole
    counted: Whole
    top: Places
    """The last lot of the track; -1 where there is none."""
    lot_paid: Whole
    lot_counted: Whole
    lot_tier: Whole
    lot_touched: Truth
    earlier: Places
    """The lot before each, of its track; -1 is none."""
    curve: Places
    """Of each lot."""
    moves: list[tuple[Whole, ...]] = field(factory=lambda: [(_NO_ROW,) * 8])
    windows: list[tuple[Places, Places, Whole]] = field(factory=lambda: [(_NO_ROW, _NO_ROW, _NO_ROW)])
    told: dict[str, Whole] = field(factory=dict)
    """What came of each step."""


def bases_of(versions: Versions, steps: Steps, amends: Truth) -> _Moved:
    """What comes into sums and goes out of them with each step.

    Args:
        versions: of the components.
        steps: of all tracks; one at least.
        amends: whether a step that changes the amount of a loan changes what is paid; it does not where nothing was.
    """
    size, tracks = len(steps.track), int(steps.track.max(initial=-1)) + 1
    unit, tier_below = units_of_tiers(
        versions, steps.version, steps.group, steps.window, steps.quota, steps.below
    )  # fmt: skip
    most = 2 * max(largest(steps.base), largest(steps.amount), largest(steps.counts), 1) * max(largest(unit), 1)
    base, amount, counts, unit, tier_below = bounded(
        max(most, 2 * largest(tier_below)), steps.base, steps.amount, steps.counts, unit, tier_below
    )
    none, nobody = base * 0, np.full(size, 0)
    of_track, of_none = np.repeat(none[:1], tracks), np.full(tracks, 0)
    now = _Now(
        versions, steps, amends, base, amount, counts, unit, tier_below,
        of_none * 1, of_none * 1, of_track * 1, of_track * 1, of_track * 1, of_track * 1, of_none - 1,
        none.copy(), none.copy(), none.copy(), nowhere(size), nobody - 1, nobody - 1,
    )  # fmt: skip
    now.told = {name: nobody.copy() for name in ("state", "reached", "kind", "fault", "asked")}
    now.told["last"] = nobody - 1
    now.told |= {"had": none.copy(), "has": none.copy()}
    for rows in turns(starts_of(steps.track), len(steps.track)):
        _move(now, rows)
    return _told(now)


_STAGES = (EVENTS.index(_E.STAGE), EVENTS.index(_E.LAST_STAGE))
_AMENDED, _REVERSED, _EXPIRED, _BAD = map(EVENTS.index, (_E.AMENDED, _E.CANCELLED_REVERSED, _E.EXPIRED, _E.WENT_BAD))


def _move(now: _Now, rows: Places) -> None:
    """Work one step of each of some tracks, by the table of transitions."""
    steps, versions = now.steps, now.versions
    track, event, version = steps.track[rows], folded(steps.event[rows]), folded(steps.version[rows])
    was, own_reached = folded(now.state[track]), folded(now.reached[track])
    state = NEXT[was * len(EVENTS) + event]
    earning, held, single = _EARNS[state], folded(steps.held[rows]), versions.single[version]
    stage = (event <= _STAGES[1]) & earning
    full = own_reached == versions.of[version]
    amended = (event == _AMENDED) & full & earning & held & now.amends[rows]
    ended = _is(event, state, (_REVERSED, _S.REVERSED), (_EXPIRED, _S.EXPIRED)) & (was != state)
    lowers = _is(event, state, (_BAD, _S.TAKEN_BACK), (_BAD, _S.KEPT)) & steps.lowers[rows]
    earns, passed = (stage & held) | amended, stage & ~held & ~single
    asks = folded(stage | amended)
    away = folded(now.away[track])
    own = np.where(asks, np.maximum(now.amount[rows] - away, 0), 0)
    paid = _paid(now, rows, own)
    counted = np.where(asks, np.maximum(now.counts[rows] - away, 0), 0)
    top = folded(now.top[track])
    known = np.where(folded(top >= 0), now.curve[top], -1)
    curve = np.where(folded(asks & (now.base[rows] > 0)), steps.curve[rows], known)
    faults = folded(asks & steps.faulty[rows])
    if faults.any():
        now.told["fault"][rows] = faults
    now.told["had"][rows] = now.paid[track]
    good = ~faults
    _end_or_lower(now, rows, (ended & good), lowers)
    real = folded((earns | ended) & good)
    priced = rows_where(folded((earns | passed | ended) & good))
    faulty = _rebased(now, rows[priced], paid[priced], counted[priced], curve[priced], ~passed[priced])
    if len(faulty):
        good = laid(good, np.arange(len(good))[priced][faulty], no_rows(len(faulty)))
    gone = stage & ~held & single
    more = np.where(gone, np.maximum(own - now.own[track], 0), 0)
    settled, done = rows_where(real & good), rows_where(good)
    now.own[track[settled]] = own[settled]
    kind = earns * 1 + passed * 2 + ended * 3 + lowers * 4
    mine = track[done]
    now.told["kind"][rows[done]] = kind[done]
    now.told["has"][rows[done]] = paid[done]
    now.state[mine] = state[done]
    reached = np.where(stage, np.maximum(own_reached, steps.reached[rows]), own_reached)
    now.reached[mine] = np.where(ended, 0, reached)[done]
    if ended.any() or more.any():
        now.away[mine] = np.where(ended, 0, away + more)[done]
    now.told["state"][rows] = now.state[track]
    now.told["reached"][rows] = now.reached[track]
    now.told["last"][rows] = now.top[track]


def _paid(now: _Now, rows: Places, own: Whole) -> Whole:
    """What is paid on of own amounts: themselves; by a rate of each loan the loan, whose first drawing must be theirs.

    A loan of which others had drawn before is paid by such a rate only where it was paid to the payee before.
    """
    steps, track = now.steps, now.steps.track[rows]
    of_loan = folded(now.versions.of_loan[steps.curve[rows]] & (steps.curve[rows] >= 0))
    if not of_loan.any():
        return own
    first = (now.away[track] == 0) | (now.own[track] > 0)
    return np.where(of_loan, np.where((own > 0) & first, now.base[rows], 0), own)


def _is(event: Places, state: Places, *pairs: tuple[int, DealState]) -> Truth:
    """Whether an event led to a state, as in one of some pairs."""
    found = no_rows(len(event))
    for one, then in pairs:
        found = found | ((event == one) & (state == STATES.index(then)))
    return folded(found)


def _rebased(now: _Now, rows: Places, paid: Whole, counted: Whole, curve: Places, real: Truth) -> Places:
    """Give deals another base; which of `rows` cannot be, since a quota or a reading is not known.

    What is gone goes out, and what is new comes in. A part that another version of the plan priced keeps its rate.
    """
    steps, versions = now.steps, now.versions
    track, version = steps.track[rows], folded(steps.version[rows])
    top = folded(now.top[track])
    keeps = folded((top >= 0) & (now.curve[top] == curve))
    had_paid, had_counted = folded(now.paid[track]), folded(now.counted[track])
    kept = [np.where(keeps, had_paid, 0), np.where(keeps, had_counted, 0)]
    _kept_of_others(now, rows, keeps, kept)
    old_paid, old_counted = np.minimum(kept[0], paid), np.minimum(kept[1], counted)
    comes = folded((old_paid != paid) | (old_counted != counted))
    quota, reading = versions.by_attainment[version] & comes, versions.read[version] & comes
    fault = np.where(quota & steps.no_quota[rows], NO_QUOTA, 0)
    fault = np.where(reading & steps.no_reading[rows], NO_READING, fault)
    if fault.any():
        now.told["fault"][rows] = np.where(fault > 0, fault, now.told["fault"][rows])
    if quota.any() or reading.any():
        now.told["asked"][rows] = np.where(quota, 1, np.where(reading, 2, 0))
    good = folded(fault == 0)
    out = (had_paid - old_paid, had_counted - old_counted)
    goes = rows_where(good & ((out[0] > 0) | (out[1] > 0)))
    _taken_out(now, rows[goes], out[0][goes], out[1][goes], out[1][goes] < had_counted[goes], real[goes])
    here = rows_where(good & comes)
    more, more_counted = (paid - old_paid)[here], (counted - old_counted)[here]
    lot, owner = rows[here], track[here]
    numbered, tier = versions.by_number[version[here]], more_counted * now.unit[lot]
    if numbered.any():
        one = (counted > 0)[here] * 1 - (old_counted > 0)[here] * 1
        tier = np.where(numbered, now.tier_below[lot] * one, tier)
    nothing = alike(0, len(lot))
    now.moves.append((lot, lot, nothing + _FAR_BELOW, nothing, tier, more, more, nothing))
    now.curve[lot] = curve[here]
    now.lot_paid[lot], now.lot_counted[lot], now.lot_tier[lot] = more, more_counted, tier
    stays = rows_where(real[here])
    lot, owner = lot[stays], owner[stays]
    now.earlier[lot] = now.top[owner]
    now.top[owner] = lot
    settled = rows_where(good & real)
    now.paid[track[settled]] = paid[settled]
    now.counted[track[settled]] = counted[settled]
    return np.flatnonzero(~good)


def _kept_of_others(now: _Now, rows: Places, keeps: Truth, kept: list[Whole]) -> None:
    """Add what lots still hold that were priced by another version of the plan than the one of the step."""
    track, same = now.steps.track[rows], now.versions.same[now.steps.version]
    if (now.versions.same == now.versions.same[0]).all():
        return
    lot, left = np.where(keeps, -1, now.top[track]).copy(), np.arange(len(rows))
    kept[:] = [column.copy() for column in kept]
    while len(left := left[lot[left] >= 0]):
        at = lot[left]
        other = same[at] != same[rows[left]]
        kept[0][left] += np.where(other, now.lot_paid[at], 0)
        kept[1][left] += np.where(other, now.lot_counted[at], 0)
        lot[left] = now.earlier[at]


def _taken_out(now: _Now, rows: Places, paid: Whole, counted: Whole, partly: Truth, real: Truth) -> None:
    """Take bases out of the lots of deals, the last first; a loan that counts by number counts while a part stays."""
    track, turn = now.steps.track[rows], 0
    lot, left = now.top[track], np.arange(len(rows))
    paid, counted = paid.copy(), counted.copy()
    while len(left := left[(lot[left] >= 0) & ((paid[left] > 0) | (counted[left] > 0))]):
        at, out = lot[left], np.minimum(paid[left], now.lot_paid[lot[left]])
        out_counted = np.minimum(counted[left], now.lot_counted[at])
        stays = now.versions.by_number[now.steps.version[at]] & partly[left]
        all_of_it = out_counted == now.lot_counted[at]
        unit = np.where(all_of_it, 0, now.lot_tier[at] // np.maximum(now.lot_counted[at], 1))
        tier = np.where(stays, 0, np.where(all_of_it, now.lot_tier[at], out_counted * unit))
        goes = np.flatnonzero((out > 0) | (out_counted > 0))
        step, of = rows[left][goes], at[goes]
        now.moves.append(
            (step, of, step * 0 + turn, step * 0 + 1, -tier[goes], -out[goes], now.lot_paid[of],
             now.lot_touched[of] * 1)
        )  # fmt: skip
        gone = goes[real[left][goes]]
        of = at[gone]
        now.lot_paid[of] -= out[gone]
        now.lot_counted[of] -= out_counted[gone]
        now.lot_tier[of] -= tier[gone]
        now.lot_touched[of] = True
        paid[left] -= out
        counted[left] -= out_counted
        lot[left] = now.earlier[at]
        turn += 1
    _dropped(now, track[real])


def _dropped(now: _Now, track: Places) -> None:
    """Drop the last lots of some tracks while nothing of them is left."""
    while len(track):
        top = now.top[track]
        empty = (top >= 0) & (now.lot_paid[top] == 0) & (now.lot_counted[top] == 0)
        track = track[empty]
        now.top[track] = now.earlier[now.top[track]]


def _end_or_lower(now: _Now, rows: Places, ended: Truth, lowers: Truth) -> None:
    """Note the windows of deals that end or no longer count; what no longer counts goes out of the tiers."""
    steps = now.steps
    left = rows[ended | lowers]
    lowered = lowers[ended | lowers]
    lot, turn = now.top[steps.track[left]], 0
    while len(left):
        there = lot >= 0
        left, lowered, lot = left[there], lowered[there], lot[there]
        full = (now.lot_paid[lot] > 0) | (now.lot_counted[lot] > 0)
        now.windows.append((left[full], lot[full], left[full] * 0 - turn))
        alone = now.versions.alone[steps.version[left]]
        same = steps.window[lot] == steps.window[left]
        out = np.flatnonzero(lowered & same & ~alone & (now.lot_tier[lot] != 0))
        step, of = left[out], lot[out]
        now.moves.append(
            (step, of, step * 0 - turn, step * 0 + 2, -now.lot_tier[of], -now.lot_paid[of], now.lot_paid[of],
             now.lot_touched[of] * 1)
        )  # fmt: skip
        now.counted[steps.track[step]] -= now.lot_counted[of]
        now.lot_counted[of] = now.lot_tier[of] = now.lot_tier[of] * 0
        lot = now.earlier[lot]
        turn += 1
    _dropped(now, steps.track[rows[lowers]])


def _told(now: _Now) -> _Moved:
    """What came of all steps, in order."""
    told, steps = now.told, now.steps
    columns = [np.concatenate(found) for found in zip(*now.moves, strict=True)]
    order = ordered(columns[0], columns[2])
    step, lot, nth, kind, tier, paid, left, touched = (column[order] for column in columns)
    windows = [np.concatenate(found) for found in zip(*now.windows, strict=True)]
    order = ordered(windows[0], windows[2])
    there = nowhere(len(steps.track))
    lots = now.top[now.top >= 0]
    while len(lots):
        there[lots] = now.lot_paid[lots] > 0
        lots = now.earlier[lots]
        lots = lots[lots >= 0]
    kinds = told["kind"]
    moves = LotMoves(step=step, lot=lot, nth=nth, kind=kind, tier=tier, paid=paid, left=left, touched=touched > 0)
    bases = Bases(
        tier_below=now.tier_below,
        state=told["state"],
        reached=told["reached"],
        earns=folded(kinds == 1),
        passed=folded(kinds == 2),
        ends=folded(kinds == 3),
        lowered=folded(kinds == 4),
        paid=folded(told["has"] > 0),
        had=told["had"],
        has=told["has"],
        fault=told["fault"],
        asked=told["asked"],
        curve=now.curve,
        last=told["last"],
        lots=there,
    )
    return bases, moves, (windows[0][order], windows[1][order])


@frozen(eq=False, kw_only=True)
class EarnedSteps:
    """What each step earns, one row a step; amounts are over `below`."""

    bases: Bases
    windows: tuple[Places, Places]
    """Steps that end a deal or lower a tier, each with each lot that it had until then, the first first."""
    deals: Transactions
    prices: Prices
    below: Whole
    """What amounts are over; one for all steps of a track."""
    line: Whole
    """What a stage earns."""
    stands: Truth
    """Whether that is a line: something is earned, or paid on."""
    ends: Truth
    """Whether all that the deal earned goes."""
    fell: Whole
    """What other loans lose, or gain, as tiers fall back."""
    was: Whole
    """What the deal came to before the step, before its least and most."""
    total: Whole
    """What it comes to after the step."""
    bounded: Whole
    """The same within them, as it stands for the stage."""
    due: Whole
    """What is due by then: the share reached of that, less what others earned."""
    earned: Whole
    """What was earned before the step."""
    after: Whole
    """What is earned after it."""


def earned_of(versions: Versions, steps: Steps) -> EarnedSteps:
    """What each of some steps earns; one at least.

    An amount that changes is followed where its deal had earned something by then: whether it had is asked again until
    no answer changes. The first that is wrong of a group is right at the next turn.
    """
    amends = ~nowhere(len(steps.track))
    while True:
        found = _earned(versions, steps, *bases_of(versions, steps, amends))
        had = (found.earned != 0) | (steps.event != _AMENDED)
        if (had == amends).all():
            return found
        amends = had


def _earned(
    versions: Versions, steps: Steps, bases: Bases, moves: LotMoves, windows: tuple[Places, Places]
) -> EarnedSteps:
    deals = _transactions(steps, bases, moves)
    prices = priced(versions, deals)
    gained, below = _by_step(versions, steps, deals, prices)
    tracks = int(steps.track.max(initial=-1)) + 1
    of = versions.of[steps.version]
    bounds = [_bound(quotient, steps, below) for quotient in (versions.least, versions.most)]
    most = max(reach(gained, steps.track, tracks), *(largest(bound) for bound, _ in bounds))
    # What others earned takes the place of what the payee did with each step in other hands, and back.
    most = 2 * (int(count_of(steps.track[bases.passed], tracks).max(initial=0)) + 2) * (most + 1) * max(largest(of), 1)
    gained, below, of, low, high = bounded(most, gained, below, of, bounds[0][0], bounds[1][0])
    none = gained * 0
    nothing = np.repeat(none[:1], tracks)
    now = _Sofar(nothing, nothing.copy(), nothing.copy(), {name: none.copy() for name in _TOLD})
    given = _Given(bases, steps.track, gained, (bounds[0][1], low), (bounds[1][1], high))
    for rows in turns(starts_of(steps.track), len(steps.track)):
        _earn(now, given, rows)
    told = now.told
    return EarnedSteps(
        bases=bases, windows=windows, deals=deals, prices=prices, below=times(below, of), line=told["line"],
        stands=bases.earns & ((told["line"] != 0) | bases.paid),
        ends=bases.ends & (told["earned"] != 0),
        fell=times(told["fell"], of), was=times(told["was"], of), total=times(told["total"], of),
        bounded=times(told["bounded"], of),
        due=told["due"], earned=told["earned"], after=told["after"],
    )  # fmt: skip


_TOLD = ("line", "fell", "was", "total", "bounded", "due", "earned", "after")
AMOUNTS_OF_STEPS = ("below", "stands", "ends", *_TOLD)
"""The fields of `EarnedSteps` that have a row a step."""


@define(eq=False)
class _Sofar:
    """How far each track, a loan as one payee is paid for it, has come; each step that is worked writes here."""

    total: Whole
    others: Whole
    """Commission of stages reached under another officer, at this payee's rates."""
    earned: Whole
    told: dict[str, Whole]
    """What came of each step, by name of a column."""


@frozen(eq=False)
class _Given:
    """What does not change as steps are worked."""

    bases: Bases
    track: Places
    gained: Whole
    low: tuple[Truth, Whole]
    high: tuple[Truth, Whole]


def _earn(now: _Sofar, given: _Given, rows: Places) -> None:
    """Work one step of each of some tracks."""
    bases, track = given.bases, given.track[rows]
    earns, passed, ends = (folded(mask[rows]) for mask in (bases.earns, bases.passed, bases.ends))
    total, others, earned = (folded(column[track]) for column in (now.total, now.others, now.earned))
    whole = total + given.gained[rows]
    least = given.low[0][rows] & folded(bases.paid[rows])
    within = np.where(least, np.maximum(whole, given.low[1][rows]), whole)
    within = np.where(given.high[0][rows], np.minimum(within, given.high[1][rows]), within)
    due = bases.reached[rows] * within
    stands = due - others
    now.others[track] = np.where(passed, due - earned, np.where(ends, 0, others))
    now.earned[track] = np.where(earns, stands, np.where(ends, 0, earned))
    now.total[track] = np.where(earns, whole, np.where(ends, 0, total))
    told = now.told
    told["was"][rows] = total
    told["line"][rows] = np.where(earns, stands - earned, 0)
    told["fell"][rows] = np.where(ends, whole, np.where(folded(bases.lowered[rows]), given.gained[rows], 0))
    told["bounded"][rows], told["due"][rows], told["earned"][rows] = within, stands, earned
    told["total"][rows], told["after"][rows] = now.total[track], now.earned[track]


def _transactions(steps: Steps, bases: Bases, moves: LotMoves) -> Transactions:
    """What comes into sums and goes out of them, in the order in which it counts."""
    order = ordered(steps.order[moves.step], moves.nth)
    step, lot, kind = moves.step[order], moves.lot[order], folded(moves.kind[order])
    came = np.full(len(steps.track), 0)
    if kind.any():
        came[lot[kind == COMES]] = np.flatnonzero(kind == COMES)
    return Transactions(
        group=steps.group[step], track=steps.track[step], step=step, version=steps.version[step],
        window=steps.window[lot], curve=folded(np.maximum(bases.curve[lot], 0)), kind=kind, counts=~bases.passed[step],
        tier=moves.tier[order], tier_below=bases.tier_below[lot], paid=moves.paid[order], below=steps.below[step],
        at=(steps.at[0][step], steps.at[1][step]), across=(steps.across[0][step], steps.across[1][step]),
        quota=(steps.quota[0][lot], steps.quota[1][lot]),
        lot=came[lot] if kind.any() else np.arange(len(lot)), left=moves.left[order],
        touched=moves.touched[order],
    )  # fmt: skip


def _by_step(versions: Versions, steps: Steps, deals: Transactions, prices: Prices) -> tuple[Whole, Whole]:
    """What all transactions of a step come to; and what that is over, one for all steps of a track.

    Where a loan has a least or a most, that is whole over it too.
    """
    top, below = times(prices.top, versions.per[1][deals.version]), times(prices.below, versions.per[0][deals.version])
    tracks, belows = [deals.track], [below]
    for bound in (versions.least, versions.most):
        has = np.flatnonzero(bound[1][steps.version] > 0)
        tracks.append(steps.track[has])
        belows.append(times(bound[1][steps.version[has]], steps.part[1][has]))
    track, under = np.concatenate(tracks), np.concatenate(bounded(0, *belows))
    shared = folded(put(in_one_each(under, track), track, int(steps.track.max(initial=-1)) + 1, 1))
    scaled = times(top, shared[deals.track] // below)
    (scaled,) = bounded(reach(scaled, deals.step, len(steps.track)), scaled)
    return total_of(scaled, deals.step, len(steps.track)), shared[steps.track]


def _bound(quotient: tuple[Whole, Whole], steps: Steps, below: Whole) -> tuple[Whole, Truth]:
    """A least or most of loans, the payee's part of it, over `below`; and where there is one."""
    there = quotient[1][steps.version] > 0
    under = np.where(there, times(quotient[1][steps.version], steps.part[1]), 1)
    top = times(quotient[0][steps.version], steps.part[0])
    return times(top, np.where(there, below // under, 0)), there
