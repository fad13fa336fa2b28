"""Walk: deals of a run -> what each earns, over columns; what cannot be worked is noted, and its payee blocked."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
from attrs import define, evolve, field

from loanperf._commission._accrual import Waiting
from loanperf._commission._before import earned_behind
from loanperf._commission._deals import Sizes
from loanperf._commission._drafts import AskedPayees, Drafts
from loanperf._commission._earned import NO_QUOTA, NO_RATE, EarnedSteps
from loanperf._commission._eligible import SizedDeals
from loanperf._commission._found import Found
from loanperf._commission._happenings import NO_SIZE, Happenings, happenings_of
from loanperf._commission._outcomes import Outcome, claimed, lines_of
from loanperf._commission._plan import OF_LOANS
from loanperf._commission._reasons import reasons, why_slices_in
from loanperf._commission._resolve import Resolved
from loanperf._commission._standings import Standings
from loanperf._commission._states import STATES, DealState
from loanperf._commission._steps import Sources, WorkedSteps, worked
from loanperf._commission._tracks import Claims
from loanperf._commission._versions import Versions
from loanperf._commission._withheld import Clawback
from loanperf._explanations import Explanation
from loanperf._numbers import (
    FAR,
    Places,
    Truth,
    alike,
    marked,
    nowhere,
    ordered,
)
from loanperf.errors import DataError, LoanPerfError


def given_of(resolved: Resolved, bases: Container[str] = OF_LOANS) -> Sources:
    """What the components of a run that pay on some bases are worked out from."""
    versions = Versions.of_plans(resolved.plans, bases)
    currencies = dict.fromkeys(dated.currency for dated in versions.dated)
    return Sources(
        versions=versions,
        claims=Claims.of(versions, resolved.tracks),
        tracks=resolved.tracks,
        deals=resolved.deals,
        lookups=resolved.lookups,
        eligible=resolved.eligible,
        sizes={code: Sizes.of(resolved.deals, resolved.exchange, code) for code in currencies},
    )


def walk(given: Sources, standings: Standings, found: Found) -> Drafts:
    """Work every deal: lines that fall due; what waits, faults and states are noted.

    Args:
        given: claims to deals, and what is looked up.
        standings: how the deals performed.
        found: where faults, states and what waits are noted.
    """
    if not len(given.claims):
        return Drafts.nothing()
    happened, no_size = happenings_of(given.versions, given.claims, given.deals, standings)
    done, errors = _sound(given, standings, happened, no_size)
    idle = ~marked(happened.claim, len(given.claims))
    waits, faults = _idle(given, idle)
    errors |= faults
    for claim in sorted(errors):
        found.note_of_loan(given.named(claim), errors[claim])
    _await(given, waits, found)
    if done is None:
        return Drafts.nothing()
    earned = earned_behind(given, done.steps)
    _note_faults(given, done, earned, found)
    outcome = Outcome(given, done, earned, lines_of(done, earned))
    outcome.rest(found)
    payees = given.claims.payee[done.steps.track[outcome.lines.step]]
    return outcome.drafts(_Why(given, standings, payees))


@define(eq=False)
class _Why:
    """Gives the reasons of a line when somebody asks, by working the deals of its payee, or of several, again."""

    given: Sources
    standings: Standings
    payees: Places
    """Of all lines."""
    _asked: AskedPayees | None = None
    _known: Outcome | None = None
    """Of who was worked last: what came of it."""
    _places: dict[int, int] = field(factory=dict)
    """By line of theirs, its place among the lines of what came of it."""

    def __call__(self, line: int) -> tuple[Explanation, ...]:
        return reasons(*self._found(line))

    def why_slices(self, line: int) -> tuple[Explanation, ...]:
        """The slices that a line is priced by."""
        return why_slices_in(*self._found(line))

    def _found(self, line: int) -> tuple[Outcome, int]:
        """What came of deals, and the place of a line among its lines."""
        if self._asked is None:
            self._asked = AskedPayees.of(self.payees)
        if self._known is None or line not in self._places:
            chosen = marked(self._asked.ahead(int(self.payees[line])), len(self.given.deals.payees))
            self._known = self._of(chosen)
            self._places = {mine: place for place, mine in enumerate(np.flatnonzero(chosen[self.payees]).tolist())}
        return self._known, self._places[line]

    def _of(self, payees: Truth) -> Outcome:
        given = evolve(self.given, claims=self.given.claims.some(payees[self.given.claims.payee]))
        happened, no_size = happenings_of(given.versions, given.claims, given.deals, self.standings)
        done, _ = _sound(given, self.standings, happened, no_size)
        if done is None:
            raise AssertionError("who has lines has steps")
        earned = earned_behind(given, done.steps)
        return Outcome(given, done, earned, lines_of(done, earned))


def _sound(
    given: Sources, standings: Standings, happened: Happenings, no_size: Truth
) -> tuple[WorkedSteps | None, dict[int, LoanPerfError]]:
    """The steps of claims without a fault; and what is wrong with each of the others."""
    if not len(happened.claim):
        return None, {}
    done: WorkedSteps | None = (tried := worked(given, happened))
    faults = dict[int, tuple[tuple[int, int], LoanPerfError]]()
    for rows, size in tried.sizes:
        for place in np.flatnonzero(size.faulty).tolist():
            row = int(rows[place])
            claim, key = int(tried.found.claim[row]), (int(tried.found.turn[row]), int(tried.found.on[row]))
            if claim not in faults or key < faults[claim][0]:
                faults[claim] = key, size.error(place)
    for claim in np.flatnonzero(no_size).tolist():
        if claim not in faults or faults[claim][0] > (NO_SIZE, FAR):
            faults[claim] = (NO_SIZE, FAR), _no_size(given, standings, claim)
    if faults:
        bad = marked(np.array(sorted(faults)), len(given.claims))
        rest = np.flatnonzero(~bad[happened.claim])
        done = worked(given, happened.some(rest)) if len(rest) else None
    return done, {claim: error for claim, (_, error) in faults.items()}


def _no_size(given: Sources, standings: Standings, claim: int) -> LoanPerfError:
    """Nothing says how much was drawn of a loan of which a part is gone."""
    claims = given.claims
    deal = claims.deal[claim : claim + 1]
    for rule in given.versions.dated[int(claims.version[claim])].plan.clawbacks:
        if standings.has_no_size(rule, deal, given.deals.last).any():
            return no_size_error(rule, given.deals.codes[int(deal[0])])
    raise AssertionError(f"claim {claim} has a size")


def no_size_error(rule: Clawback, loan: str) -> DataError:
    """What is wrong with a loan of which a part is gone, where nothing says how much was drawn."""
    fault = f"it is {rule.on}, and nothing says how much was drawn, of which that is a part"
    return DataError(f"loan {loan}", fault, "send its drawdowns, or its Loan with amount", ("amounts", loan))


def _idle(given: Sources, idle: Truth) -> tuple[Truth, dict[int, LoanPerfError]]:
    """Of claims to which nothing happened: which wait for their first stage, and which have no exchange rate.

    They wait where their component pays for the loan as far as is known on the last day, and the payee holds it.
    """
    waits, faults = nowhere(len(given.claims)), dict[int, LoanPerfError]()
    for version, component in enumerate(given.versions.components):
        rows = np.flatnonzero(idle & (given.claims.version == version))
        deal, on = given.claims.deal[rows], alike(given.deals.last, len(rows))
        size = given.size(version, deal, on)
        asked = SizedDeals(deal=deal, top=size.top, below=size.below, known=size.known)
        concerns = given.eligible.fits_but_amount(component.where, asked)
        waits[rows] = concerns & given.held(version, rows, on) & ~size.faulty
        faults |= {int(rows[place]): size.error(place) for place in np.flatnonzero(size.faulty).tolist()}
    return waits, faults


def _await(given: Sources, waits: Truth, found: Found) -> None:
    """Note claims that wait for their first stage."""
    rows = np.flatnonzero(waits)
    found.states.add(claimed(given, rows), rows * 0 + STATES.index(DealState.WAITING), rows)
    for claim in rows.tolist():
        (payee, loan), version = given.named(claim), int(given.claims.version[claim])
        component, plan = given.versions.components[version], given.versions.dated[version].plan.code
        first = component.steps[0].milestone
        found.waiting.append(
            Waiting(payee=payee, plan=plan, component=component.code, loan=loan, state=DealState.WAITING, stage=first,
                    waits_for=first, amount=None)
        )  # fmt: skip


def _note_faults(given: Sources, done: WorkedSteps, earned: EarnedSteps, found: Found) -> None:
    """Note steps that cannot be worked; and those that fall due later than something missing by which they are priced.

    What is missing of an earlier period, and only what was posted of it needs, is noted as missing of its payee.
    """
    steps, bases, lookups = done.steps, earned.bases, given.lookups
    calendar = lookups.calendar
    if not bases.fault.any() and not bases.asked.any():
        return
    payee, period = given.claims.payee[steps.track], np.maximum(calendar.place(steps.on), 0)
    gone = (bases.asked > 0) & _gone(done)[done.row]
    asks = np.flatnonzero(gone)
    asks = asks[ordered(steps.order[asks])]
    lookups.miss(
        payee[asks], period[asks], lambda place: _error(given, done, int(asks[place]), bases.asked[asks[place]] + 1)
    )
    late = (bases.fault == 0) & (steps.due < FAR) & (calendar.place(steps.due) > period)
    known: dict[tuple[int, int], int] = {}
    if len(asks):
        for ask in asks.tolist():
            known.setdefault((int(payee[ask]), int(period[ask])), ask)
        for row in np.flatnonzero(late).tolist():
            first = known.get((int(payee[row]), int(period[row])))
            late[row] = first is not None and steps.order[first] <= steps.order[row]
    else:
        late = nowhere(len(late))
    rows = np.flatnonzero((bases.fault > 0) | late)
    for row in rows[ordered(steps.order[rows])].tolist():
        ask = known[int(payee[row]), int(period[row])] if late[row] else row
        fault = bases.asked[ask] + 1 if late[row] else bases.fault[row]
        found.note_of_loan(given.named(int(steps.track[row])), _error(given, done, ask, int(fault)))


def _gone(done: WorkedSteps) -> Truth:
    """Of what happened, whether a quota or reading of its day is missing that later periods go without."""
    found = nowhere(len(done.found.claim))
    for rows, *answers in done.looked:
        for answer in answers:
            if answer is not None:
                found[rows] = answer.gone
    return found


def _error(given: Sources, done: WorkedSteps, step: int, fault: int) -> LoanPerfError:
    """What is wrong with a step: no rate fits it, or a quota or a reading is not known."""
    row = int(done.row[step])
    version = int(done.found.version[row])
    rows, *answers = done.looked[version]
    place = int(np.searchsorted(rows, row))
    if fault == NO_RATE:
        size = done.sizes[version][1]
        deal = given.claims.deal[done.found.claim[rows]]
        asked = SizedDeals(deal=deal, top=size.top, below=size.below, known=size.known)
        return given.eligible.rate_error(given.versions.components[version], asked, place)
    answer = answers[fault - NO_QUOTA]
    if answer is None:
        raise AssertionError(f"step {step} looks nothing up")
    return answer.error(place)
