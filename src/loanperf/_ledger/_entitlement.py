"""Entitlement: (accruals, amounts set by hand) -> movements, everything that is due by its day, from scratch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date

from attrs import evolve, field, frozen

from loanperf._commission import Accruals, Standing
from loanperf._ledger._cohorts import Cohort, HeldLine, Hit, cohorts_of, corrections_of, held_lines, hits_of, lines_of
from loanperf._ledger._draws import Pays, drawn
from loanperf._ledger._entries import Entry
from loanperf._ledger._ledger import Slot
from loanperf._ledger._lives import left_of, life, moved
from loanperf._ledger._movements import EVENT_NAMES, Movement
from loanperf._periods import Period
from loanperf._validators import must_be


def movements(accruals: Accruals, overruled: Mapping[str, Entry] | None = None) -> tuple[Movement, ...]:
    """Everything that is due, dated; what is due at the end of a period is the sum of what is dated before that end.

    Per payee, plan and period: the lines, set by hand where they are; the cap of the person; what is held of the
    period's pay, on its last day; its release in instalments, each rounded down and the last with the remainder;
    what a bad loan takes, first of what is still held; what its recovery gives back; guarantees and draws. A
    release does not pass a gate again.

    Args:
        accruals: of all payees, from the first fact on.
        overruled: by line key, the entry that sets its amount by hand; see `Ledger.overruled`.

    Raises:
        DataError: these are no accruals.

    >>> from loanperf import Accruals, Period, movements
    >>> movements(Accruals(through=Period.month(2026, 3), lines=()))
    ()
    """
    must_be(accruals, Accruals, "accruals", "pass what lp.accrue gives")
    return entitled(accruals, overruled or {}).movements


@frozen(eq=False)
class Entitlement:
    """Movements in order of day, and what they come to on any day."""

    hands: Mapping[str, Entry]
    """The amounts set by hand that it was worked out with."""
    kept: Mapping[tuple[str, str], int]
    """By line and currency: the amounts that stay as they were posted."""
    movements: tuple[Movement, ...]
    slots: Mapping[Slot, list[Movement]]
    """By line, group and currency, in order of day."""
    _reached: list[int] = field(factory=lambda: [0], init=False)
    _sums: dict[Slot, int] = field(factory=dict, init=False)

    def due(self, end: date) -> Mapping[Slot, int]:
        """What is due before a day, in smallest units; months that follow each other go on where the last ended."""
        if self._reached[0] and self.movements[self._reached[0] - 1].on >= end:
            self._reached[0] = 0
            self._sums.clear()
        place = self._reached[0]
        while place < len(self.movements) and self.movements[place].on < end:
            movement = self.movements[place]
            slot = slot_of(movement)
            self._sums[slot] = self._sums.get(slot, 0) + movement.amount.units
            place += 1
        self._reached[0] = place
        return self._sums


def slot_of(movement: Movement) -> Slot:
    """What a movement is compared by."""
    return movement.line, movement.group, movement.amount.currency


def entitled(accruals: Accruals, overruled: Mapping[str, Entry], nets: Mapping[Slot, int] | None = None) -> Entitlement:
    """What the accruals entitle to; worked out once for the same amounts set by hand and posted.

    Args:
        accruals: of all payees.
        overruled: by line, the amount set by hand.
        nets: what the ledger has, by line, group and currency, for periods of which a reading or target is missing.
    """
    kept = {
        (key, currency): units
        for (key, group, currency), units in (nets or {}).items()
        if group == "earned" and accruals.missing
    }
    known = accruals.memo.get("entitlement")
    if isinstance(known, Entitlement) and (known.hands, known.kept) == (overruled, kept):
        return known
    found = tuple(sorted(_moved(accruals, overruled, kept), key=lambda movement: movement.on))
    slots: dict[Slot, list[Movement]] = defaultdict(list)
    for movement in found:
        slots[slot_of(movement)].append(movement)
    worked = Entitlement(dict(overruled), kept, found, slots)
    accruals.memo["entitlement"] = worked
    return worked


def _moved(accruals: Accruals, overruled: Mapping[str, Entry], kept: Mapping[tuple[str, str], int]) -> list[Movement]:
    lines = lines_of(accruals, overruled, kept)
    books = _Books(accruals, hits_of(lines), corrections_of(lines))
    found: list[Movement] = []
    cohorts: dict[Period, list[tuple[Cohort, list[HeldLine]]]] = defaultdict(list)
    dying: dict[Period, list[HeldLine]] = defaultdict(list)
    for cohort, members in cohorts_of(lines).items():
        cohorts[cohort[2]].append((cohort, members))
    for line in lines:
        if line.key in books.hits:
            dying[books.hits[line.key].period].append(line)
    for period in sorted({*cohorts, *dying}):
        # What reversals take of earlier periods must be known before anything of this one is held.
        for line in dying[period]:
            books.take(line)
        for cohort, members in cohorts[period]:
            found += books.hold(cohort, members)
    for line in lines:
        found += books.reversed(line) if line.reverses else (_earned(line),)
        if line.units > 0 and line.plan is not None:
            found += books.life(line, books.hits.get(line.key))
    found += drawn(accruals, books.pays)
    return found


@frozen(eq=False)
class _Books:
    """What is known of the lines while the periods are worked in order."""

    accruals: Accruals
    hits: Mapping[str, Hit]
    """By key of a line: what reverses it."""
    corrections: Mapping[str, list[tuple[date, int]]]
    held: dict[str, int] = field(factory=dict)
    """By key of a line: what is held of it."""
    taken: dict[str, list[tuple[Hit, int]]] = field(factory=lambda: defaultdict(list))
    """By key of a reversal: what it takes."""
    against: dict[str, list[str]] = field(factory=lambda: defaultdict(list))
    """By key of a reversal: of which lines."""
    pays: Pays = field(factory=lambda: defaultdict(int))

    def life(self, line: HeldLine, hit: Hit | None) -> Iterator[Movement]:
        """What becomes of a line after it was earned."""
        standing = self.accruals.standings.get(line.loan, _NOTHING) if line.loan else _NOTHING
        return life(line, self.held.get(line.key, 0), standing, hit, self.corrections.get(line.key, ()))

    def take(self, line: HeldLine) -> None:
        """Take all that is left of a line on the day on which its deal is reversed."""
        hit = self.hits[line.key]
        units = left_of(line, self.life(line, None), hit.on, self.corrections.get(line.key, ()))
        self.taken[hit.by].append((hit, units))
        self.against[hit.by].append(line.key)

    def hold(self, cohort: Cohort, lines: list[HeldLine]) -> Iterator[Movement]:
        """What is held of a cohort."""
        payee, _, period, currency, _, _ = cohort
        pay, held, parts = held_lines(cohort, lines, self.hits, self.taken)
        self.held.update(parts)
        self.pays[payee, period, currency] += pay.units - held.units
        for line in lines:
            if parts.get(line.key):
                values = (("pay", pay), ("held", held))
                yield moved(line, "held", period.last_day, parts[line.key], "entry.held", values)

    def reversed(self, line: HeldLine) -> Iterator[Movement]:
        """What a reversal takes: on its day, and of a line that comes later, as it comes."""
        days: dict[date, int] = defaultdict(int)
        for hit, units in self.taken.get(line.key, ()):
            days[hit.on] += units
        for on, units in sorted(days.items()):
            if units:
                taken = moved(line, "taken", on, units, "entry.reversed", (("event", EVENT_NAMES[line.stage]),))
                yield evolve(taken, accrual=line.accrual, steps=line.steps, against=tuple(self.against[line.key]))


_NOTHING = Standing()


def _earned(line: HeldLine) -> Movement:
    if line.set_by_hand is not None:
        by = line.set_by_hand
        rule, values = "entry.set by hand", (("by", by.by), ("why", by.why), ("evidence", by.evidence))
        return evolve(moved(line, "earned", line.on, line.units, rule, values), accrual=line.accrual)
    rule = "entry.earned" if line.accrual is not None else "entry.carried"
    return evolve(moved(line, "earned", line.on, line.units, rule), accrual=line.accrual, steps=line.steps)
