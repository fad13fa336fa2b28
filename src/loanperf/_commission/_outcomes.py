"""Outcomes: what each step earns -> lines that fall due, lines that wait, and what became of each deal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from operator import itemgetter

import numpy as np
from attrs import frozen

from loanperf._commission._accrual import Waiting
from loanperf._commission._drafts import Drafts
from loanperf._commission._earned import EarnedSteps
from loanperf._commission._eligible import SizedDeals
from loanperf._commission._found import Found
from loanperf._commission._happenings import needs_amount
from loanperf._commission._prices import COMES, rates_at
from loanperf._commission._rates import StepsElsewhere
from loanperf._commission._states import STATES, WORDS, ClaimedDeals, DealState
from loanperf._commission._steps import Sources, WorkedSteps
from loanperf._explanations import Explanation
from loanperf._facts import EVENT_PLACES, EventKind, Fact
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    alike,
    bounded,
    by_code,
    folded,
    fraction,
    grouped,
    is_alike,
    marked,
    no_rows,
    nowhere,
    ordered,
    paired,
    put,
    rows_where,
    spread,
    starts_of,
)
from loanperf._quantities import Money
from loanperf.errors import LoanPerfError

_FELL_BACK = WORDS.index("fell back")


@frozen(eq=False, kw_only=True)
class StageLines:
    """What steps earn, a row a line, in the order in which lines are rounded."""

    step: Places
    fell: Truth
    """Whether it is what other loans lose as tiers fall back."""
    ends: Truth
    top: Whole
    """What it comes to, over `below`."""
    below: Whole
    due: Whole
    """FAR where it waits."""


def lines_of(worked: WorkedSteps, earned: EarnedSteps) -> StageLines:
    """The lines of all steps: what a stage earns, what ends with its deal, and what other loans lose.

    What an ending finds not due yet is dropped.
    """
    steps = worked.steps
    parts = [np.flatnonzero(mask) for mask in (earned.stands, earned.ends, earned.fell != 0)]
    step = np.concatenate(parts)
    kind = folded(np.repeat(np.arange(3), [len(part) for part in parts]))
    order = ordered(step, kind)
    step, kind = step[order], kind[order]
    track, due, ends = steps.track[step], steps.due[step], np.flatnonzero(kind == 1)
    dropped = no_rows(len(step))
    if len(ends):
        place = np.searchsorted(step[ends], step, "right")
        ending = np.append(step[ends], -1)[place]
        dropped = (np.append(track[ends], -1)[place] == track) & (due > steps.on[ending])
    first = spread(steps.order[step[starts_of(track)]], starts_of(track), len(step))
    order = ordered(first)
    kept = np.arange(len(step))[order][~dropped[order]]
    step, kind = step[kept], kind[kept]
    fell = np.where(kind == 2, earned.fell[step], 0) if kind.any() else kind
    tops = np.where(kind == 0, earned.line[step], fell)
    top, below = bounded(0, tops, earned.below[step])
    return StageLines(
        step=step, fell=kind == 2, ends=kind == 1, top=top, below=below, due=due[kept]
    )  # fmt: skip


def claimed(given: Sources, rows: Places) -> ClaimedDeals:
    """The payees, components and loans of some claims."""
    claims, versions = given.claims, given.versions
    pairs = zip(versions.dated, versions.components, strict=True)
    return ClaimedDeals(
        payees=given.deals.payees,
        loans=given.deals.codes,
        names=tuple((dated.plan.code, component.code) for dated, component in pairs),
        payee=claims.payee[rows],
        deal=claims.deal[rows],
        name=claims.version[rows],
    )


@frozen(eq=False, slots=False)
class Outcome:
    """What comes of steps: one table a question."""

    given: Sources
    worked: WorkedSteps
    earned: EarnedSteps
    lines: StageLines

    @cached_property
    def facts(self) -> Mapping[str, Mapping[int, Fact]]:
        """The deals, their drawdowns and signings, by table and row there; where few deals are worked."""
        deals = self.given.deals
        chosen = marked(self.given.claims.deal, len(deals))
        rows = {"loans": np.flatnonzero(chosen)}
        for kind in (EventKind.DISBURSED, EventKind.SIGNED):
            events = deals.events(kind)
            rows[EVENT_PLACES[kind]] = events.row[chosen[events.deal]]
        return {
            place: dict(zip(some.tolist(), deals.facts.rows_at(place, some), strict=True))
            for place, some in rows.items()
        }

    # ── lines that are due ──────────────────────────────────────────────────────────────────────────────────

    def drafts(self, steps: Callable[[int], tuple[Explanation, ...]]) -> Drafts:
        """The lines that fall due in the pay periods.

        Args:
            steps: what was done to come to each, by its place among those of `lines`.
        """
        lines, given, found = self.lines, self.given, self.worked.steps
        calendar = given.lookups.calendar
        mine = rows_where((lines.due <= calendar.last) & (calendar.place(lines.due) >= 0))
        step = lines.step[mine]
        claim, version = found.track[step], found.version[step]
        places, versions = by_code(np.array(given.versions.places)), given.versions
        codes = given.lookups.components
        of_component = by_code(np.array([codes.index(component.code) for component in versions.components]))
        fell, ends = lines.fell[mine], lines.ends[mine]
        draft, window = self._windows(step, fell, ends)
        role = given.tracks.shares.role
        return Drafts(
            payee=given.claims.payee[claim],
            plan=places[version],
            component=of_component[version],
            loan=given.claims.deal[claim],
            role=role[given.claims.share[claim]] if not is_alike(role) else alike(role[0], len(claim)),
            stage=np.where(fell, _FELL_BACK, found.stage[step]),
            on=lines.due[mine],
            earned=found.on[step],
            top=lines.top[mine],
            below=lines.below[mine],
            ends=ends,
            in_parts=~fell,
            fell_back=fell,
            window_draft=draft,
            window=window,
            steps=StepsElsewhere(steps, range(len(lines.step))[mine] if isinstance(mine, slice) else mine),
        )

    def _windows(self, step: Places, fell: Truth, ends: Truth) -> tuple[Places, Whole]:
        """The windows of lines: that of what came in last, or all in which a deal had come in that fell back."""
        bases, window = self.earned.bases, self.worked.steps.window
        if not fell.any():
            return step[:0], window[:0]
        last = bases.last[step]
        one = np.flatnonzero(~fell & ~ends & (last >= 0))
        of, lots = self.earned.windows
        back = np.flatnonzero(fell)
        found, place = paired(np.searchsorted(of, step[back]), np.searchsorted(of, step[back], "right"))
        line, codes = back[found], window[lots[place]]
        order, starts = grouped(line, codes)
        first = np.sort(np.arange(len(line))[order][starts])
        line, codes = np.append(one, line[first]), np.append(window[last[one]], codes[first])
        order = ordered(line)
        return line[order], codes[order]

    # ── what waits, and what became of deals ────────────────────────────────────────────────────────────────

    def waiting_lines(self) -> Iterator[Waiting]:
        """Lines that are not payable yet."""
        lines, found = self.lines, self.worked.steps
        ends = self.ends
        for row in self._waiting_rows.tolist():
            step = int(lines.step[row])
            claim, version = int(found.track[step]), int(found.version[step])
            component = self.given.versions.components[version]
            place = int(self.worked.found.nth[self.worked.row[step]])
            waits_for = (component.steps[place].payable or "") if place >= 0 else ""
            amount = fraction(lines.top, lines.below, row)
            stage = WORDS[_FELL_BACK if lines.fell[row] else int(found.stage[step])]
            yield self._waiting(claim, version, int(ends.state[claim]), stage, waits_for, amount)

    def _waiting(
        self, claim: int, version: int, state: int, stage: str, waits_for: str, amount: Fraction | None
    ) -> Waiting:
        """Why one stage of a claim is not paid; `state` is an index of `STATES`, `amount` counts yuan, not fen."""
        given = self.given
        dated, component = given.versions.dated[version], given.versions.components[version]
        return Waiting(
            payee=given.deals.payees[int(given.claims.payee[claim])],
            plan=dated.plan.code,
            component=component.code,
            loan=given.deals.codes[int(given.claims.deal[claim])],
            state=STATES[state],
            stage=stage,
            waits_for=waits_for,
            amount=None if amount is None else Money.rounded(amount, dated.currency, dated.plan.rounding),
        )

    @cached_property
    def ends(self) -> DealEnds:
        """What became of the deal of each claim by the last day."""
        given, steps, found = self.given, self.worked.steps, self.worked.found
        size, earned = len(given.claims), self.earned
        worked = self.worked.turn
        claim = found.claim[worked]
        reached = put(earned.bases.reached, steps.track, size, 0)
        version = put(found.version[worked], claim, size, -1)
        return DealEnds(
            version=version,
            first=put(np.arange(len(claim))[::-1], claim[::-1], size, -1),
            state=put(earned.bases.state, steps.track, size, 0),
            reached=reached,
            earned=put(earned.after, steps.track, size, 0) != 0,
            total=put(earned.total, steps.track, size, 0),
            below=put(earned.below, steps.track, size, 1),
        )

    @cached_property
    def open(self) -> OpenClaims:
        """What is known of each claim on the last day, and whether its component pays for it as far as is known."""
        given, ends = self.given, self.ends
        size, earned = len(given.claims), ends.earned & ~ends.going
        concerns, holds, unknown, faulty = (nowhere(size) for _ in range(4))
        errors: dict[int, LoanPerfError] = {}
        version = np.where(ends.version < 0, given.claims.version, ends.version)
        for place, component in enumerate(given.versions.components):
            rows = np.flatnonzero((version == place) & ~earned)
            deal, on = given.claims.deal[rows], alike(given.deals.last, len(rows))
            known = given.size(place, deal, on)
            asked = SizedDeals(deal=deal, top=known.top, below=known.below, known=known.known)
            concerns[rows] = given.eligible.fits_but_amount(component.where, asked)
            holds[rows] = given.held(place, rows, on)
            unknown[rows] = ~known.known & needs_amount(component)
            faulty[rows] = known.faulty
            for row in np.flatnonzero(known.faulty).tolist():
                errors[int(rows[row])] = known.error(row)
        return OpenClaims(
            version=version, concerns=concerns, holds=holds, unknown=unknown, faulty=faulty, errors=errors
        )  # fmt: skip

    def rest(self, found: Found) -> None:
        """Note for each deal which state its commission is in, and which stage is not reached yet.

        Deals come by payee, plan and component, as their lines do.
        """
        ends, now, given = self.ends, self.open, self.given
        going = ends.going
        asked = (ends.version >= 0) & (~ends.earned | going)
        lost = self._lost(asked & now.faulty, found)
        shown = (ends.version >= 0) & (ends.earned | now.concerns) & ~lost
        waits = np.flatnonzero(shown & going & now.concerns & now.holds)
        group, rows = given.claims.group, self._waiting_rows
        waiting = [(int(group[row]), 1, int(ends.first[row]), item) for row, item in self._stages(waits)]
        of = group[self.worked.steps.track[self.lines.step[rows]]]
        lines = zip(of.tolist(), rows.tolist(), self.waiting_lines(), strict=True)
        waiting += [(key, 0, row, item) for key, row, item in lines]
        found.waiting.extend(item for *_, item in sorted(waiting, key=itemgetter(0, 1, 2)))
        rows = np.flatnonzero(shown)
        found.states.add(claimed(given, rows), ends.state[rows], ends.first[rows])
        lifted = self._lifted(ends.version)
        found.lifted.append(claimed(given, rows[lifted[rows]] if lifted.any() else rows[:0]))

    def _lost(self, faulty: Truth, found: Found) -> Truth:
        """Which claims cannot be told, since an amount of one of their group has no exchange rate on the last day."""
        lost, group = faulty.copy(), self.given.claims.group
        for row in np.flatnonzero(faulty)[ordered(self.ends.first[faulty])].tolist():
            if not lost[(group == group[row]) & (self.ends.first < self.ends.first[row])].any():
                payee, _, component, _ = next(claimed(self.given, np.array([row])).rows())
                found.note(f"component {component} of {payee}", self.open.errors[row], [payee])
            lost |= (group == group[row]) & (self.ends.first >= self.ends.first[row])
        return lost

    @property
    def _waiting_rows(self) -> Places:
        return np.flatnonzero(self.lines.due > self.given.lookups.calendar.last)

    def _stages(self, rows: Places) -> Iterator[tuple[int, Waiting]]:
        """For each claim the first stage that is not reached, and what it would come to."""
        ends = self.ends
        for row in rows.tolist():
            version = int(ends.version[row])
            component, of = self.given.versions.components[version], int(self.given.versions.of[version])
            had, total = Fraction(int(ends.reached[row]), of), fraction(ends.total, ends.below, row)
            reached = Fraction(0)
            for stage in component.steps:
                reached += stage.share
                if reached > had:
                    waits_for = "amount" if self.open.unknown[row] else stage.milestone
                    amount = (reached - had) * total if total else None
                    yield row, self._waiting(row, version, int(ends.state[row]), stage.milestone, waits_for, amount)
                    break

    def _lifted(self, version: Places) -> Truth:
        """Which deals that earned nothing at their own tier are paid, since later ones reached a higher tier."""
        deals, prices, bases = self.earned.deals, self.earned.prices, self.earned.bases
        if not self.given.versions.of_all.any():
            return nowhere(len(version))
        rows = np.flatnonzero(bases.lots[deals.step] & (deals.kind == COMES) & deals.counts)
        rows = rows[self.given.versions.of_all[version[deals.track[rows]]]]
        at = prices.final[0][rows], prices.final[1][rows]
        curve = np.maximum(deals.curve[rows], 0)
        rate = rates_at(self.given.versions, curve, deals.version[rows], at, nowhere(len(rows)))
        return marked(deals.track[rows[rate != 0]], len(version))


@frozen(eq=False, kw_only=True)
class DealEnds:
    """What became of the deals of claims, a row a claim."""

    version: Places
    """That of what happened last; -1 where nothing did."""
    first: Whole
    """The place of what happened first among all that happened, as it was worked."""
    state: Places
    reached: Whole
    """The share of the stages reached, over `of` of its version."""
    earned: Truth
    """Whether anything is earned."""
    total: Whole
    """What the deal comes to, over `below`."""
    below: Whole

    @property
    def going(self) -> Truth:
        """Whether a stage is still to come."""
        found: Truth = (self.state == _WAITS) | (self.state == _IN_PART)
        return found


_WAITS, _IN_PART = STATES.index(DealState.WAITING), STATES.index(DealState.PART_EARNED)


@frozen(eq=False, kw_only=True)
class OpenClaims:
    """What is known of claims on the last day, a row a claim."""

    version: Places
    concerns: Truth
    """Whether the component pays for such a loan, as far as is known."""
    holds: Truth
    """Whether the payee holds the loan."""
    unknown: Truth
    """Whether the base is not known."""
    faulty: Truth
    """Whether there is no exchange rate for a part of the amount."""
    errors: Mapping[int, LoanPerfError]
