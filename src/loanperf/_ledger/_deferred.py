"""Deferred: awards, pay and a ledger -> what of bonuses and of all pay of a person is held, and what becomes of it.

A line of what is held says in its key until when: it goes on being released though nobody gives the award or the terms
again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import Withholding
from loanperf._explanations import Explanation, Label, because
from loanperf._holdback import Holdback
from loanperf._ledger._bonuses import BONUS, BonusMoves
from loanperf._ledger._entries import Entries
from loanperf._ledger._grounds import DEFERRED_RULES
from loanperf._ledger._keys import LineKeys, Vocabulary, parts_of
from loanperf._ledger._kinds import EFFECT_ON, GROUPS, EntryKind, are
from loanperf._ledger._lives import instalments_of, part_held
from loanperf._ledger._sums import CURRENCIES_MOST, are_of_lines, ends_of, parts_of_slots, slots_of
from loanperf._numbers import (
    FAR,
    Columns,
    Places,
    Truth,
    Whole,
    among,
    bounded,
    day_number,
    day_of,
    distinct,
    drained,
    largest,
    marked,
    ordered,
    put,
    replaced,
    shared,
    spread,
    starts_of,
    total_of,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import Money, Rounding

HELD_AS = ("held", "held in service", "held of all pay", "held of all pay in service")
"""What of a bonus, and of all pay, is held, as the component of its line; `in service`: who leaves forfeits it."""
CLAWED = "clawed back"
"""The component of the line by which a host claws back what was paid of a cohort."""
DECIDED: Mapping[str, Label] = MappingProxyType(
    {
        "stop": Label("forfeited", "止付"),
        "release": Label("released", "返还"),
        "claw back": Label("clawed back", "追索扣回"),
    }
)
"""What a host decides on pay, in words."""
_HELD, _RELEASED, _LEFT, _STOPPED, _FREED, _HELD_PART, _RELEASED_PART = range(len(DEFERRED_RULES))
_GROUP_OF = [
    GROUPS.index(name) for name in ("held", "released", "forfeited", "forfeited", "released", "held", "released")
]
"""By rule, the group of its moves."""


@frozen(eq=False, kw_only=True)
class HeldBack(Columns):
    """What is held of pay of a payee and period, a row an instalment."""

    payee: Places
    cohort: Places
    currency: Places
    of_all: Truth
    """Whether it is held of all pay; else of a bonus."""
    in_service: Truth
    until: Whole
    """The day of its release; FAR where the host states it."""
    units: Whole
    pay: Whole
    """Of which it is held."""
    held: Whole
    """In all instalments."""


def held_until(line: str) -> date | None:
    """The day until which a line of a bonus, or of all pay, is held; None of other lines, and where the host states it.

    >>> held_until("lin/bonus/held//2027-12-31/2026-12")
    datetime.date(2027, 12, 31)
    """
    if f"/{BONUS['plan']}/" not in line:
        return None
    _, plan, component, _, stage, _ = parts_of(line)
    return date.fromisoformat(stage) if stage and plan == BONUS["plan"] and component in HELD_AS else None


@frozen(eq=False, kw_only=True)
class Pay(Columns):
    """Pay of payees by period and currency, before anything is held of it here."""

    payee: Places
    cohort: Places
    currency: Places
    units: Whole


def held_back(pay: Pay, terms: Holdback, rounding: Rounding, currency: str, last: Whole, *, of_all: bool) -> HeldBack:
    """What is held of pay on the same terms and in one currency, by instalment.

    Args:
        pay: of payees.
        terms: without roles.
        rounding: of what is held, to the smallest unit.
        currency: of all of it.
        last: the last day of the cohort of each.
        of_all: whether it is all pay; else a bonus.
    """
    held, found = part_held(terms, pay.units, currency, rounding), [HeldBack.none()]
    stated = [(0, last * 0 + FAR, held)] if not terms.parts else instalments_of(terms, held, last)
    for _, until, units in stated:
        found.append(
            HeldBack(
                payee=pay.payee,
                cohort=pay.cohort,
                currency=pay.currency,
                of_all=held * 0 + of_all > 0,
                in_service=held * 0 + (terms.leavers == "forfeited") > 0,
                until=until,
                units=units,
                pay=pay.units,
                held=held,
            )
        )
    rows = HeldBack.stacked(found)
    return rows.some(rows.units != 0)


# ── of whom, of what ────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class PostedPay:
    """What a ledger has of bonuses, and of what is held of them and of all pay, by its own codes."""

    entries: Entries
    net: Mapping[str, tuple[Places, Places, Whole]]
    """By group: lines, currencies and what is posted of them."""
    payee: Places
    """By line, whose it is; -1 where it is no line of bonuses or of all pay, or nothing is posted of it."""
    cohort: Places
    word: Places
    """By line, its place in `HELD_AS`; -1 where it is none of these."""
    is_bonus: Truth

    @classmethod
    def of(cls, entries: Entries, slots: Whole, nets: Whole) -> PostedPay:
        """What entries of a ledger come to, by slot."""
        keys, words = entries.keys, entries.words
        mine = keys.plan == words.plan.code(BONUS["plan"])
        names = [words.component.code(name) for name in HELD_AS]
        codes = put(np.arange(len(names)), np.array(names), len(words.component.texts) + 1, -1)
        codes[-1] = -1
        none = slice(None if mine.any() else 0)
        line, group, currency = parts_of_slots(slots[none])
        rows = {name: np.flatnonzero(group == place) for place, name in enumerate(GROUPS)}
        there = np.flatnonzero(np.append(mine, False)[entries.line])[::-1]
        first = entries.line[there]
        return cls(
            entries=entries,
            net={name: (line[some], currency[some], nets[some]) for name, some in rows.items()},
            payee=put(entries.payee[there], first, len(keys), -1),
            cohort=put(entries.cohort[there], first, len(keys), -1),
            word=np.where(mine, codes[keys.component], -1),
            is_bonus=mine & (keys.component == words.component.code(BONUS["component"])),
        )

    def pay(self, group: str, chosen: Truth, sign: int) -> Pay:
        """What is posted of a group of some lines."""
        line, currency, net = self.net[group]
        rows = np.flatnonzero(chosen[line])
        line = line[rows]
        return Pay(payee=self.payee[line], cohort=self.cohort[line], currency=currency[rows], units=sign * net[rows])


def as_overruled(posted: PostedPay, worked: Truth, period: Period) -> PostedPay:
    """What is posted, with what is held of bonuses that the host set by hand: the part that was held of them before.

    Args:
        posted: what the ledger has.
        worked: by line, whether what is held is worked anew.
        period: into which is posted.
    """
    entries, ends = posted.entries, ends_of(posted.entries)
    by_line: dict[int, list[int]] = {}
    for place, hand in entries.hands.items():
        line = int(entries.line[place])
        if hand[0] is not None and posted.is_bonus[line] and ends[place] <= day_number(period.end):
            by_line.setdefault(line, []).append(place)
    lines, currency, net = posted.net["held"]
    for bonus, places in by_line.items():
        first, set_to = places[0], entries.hands[places[-1]][0]
        same = (posted.payee == posted.payee[bonus]) & (posted.cohort == posted.cohort[bonus])
        mine = same & (posted.word >= 0) & (posted.word < 2) & ~worked
        rows = np.flatnonzero(mine[lines] & (currency == entries.currency[first]))
        was = are_of_lines(entries) & ((np.arange(len(entries)) < first) | (ends < ends[first]))
        pay = sum(entries.units[was & (entries.line == bonus)].tolist())
        was &= are(entries.kind, EntryKind.HELD)
        each = [sum(entries.units[was & (entries.line == line)].tolist()) for line in lines[rows].tolist()]
        now = 0 if set_to is None or pay <= 0 else sum(each) * set_to.units // pay
        if pay > 0 and sum(each) > 0 and now != sum(net[rows].tolist()):
            (total, weights) = bounded(now * max(each), whole([now]), whole(each))
            net = replaced(net, rows, shared(total, weights, whole([0])))
    return evolve(posted, net={**posted.net, "held": (lines, currency, net)})


def of_bonuses(bonuses: BonusMoves, payee: Places, cohort: int, currency: Places) -> HeldBack:
    """What is held of the bonuses of a period.

    Args:
        bonuses: of the period.
        payee: the code of each payee.
        cohort: the code of the period.
        currency: the code of the currency of each payee.
    """
    found, who = [HeldBack.none()], spread(np.arange(len(bonuses.first)), bonuses.first, len(bonuses.order))
    for place, plan in enumerate(bonuses.plans):
        if plan is None or plan.holdback is None:
            continue
        for code, name in enumerate(bonuses.currencies):
            rows = np.flatnonzero((bonuses.plan == place) & (bonuses.currency[who] == code))
            of = who[rows]
            pay = Pay(payee=payee[of], cohort=of * 0 + cohort, currency=currency[of], units=bonuses.each[rows])
            last = of * 0 + day_number(bonuses.period.last_day)
            found.append(held_back(pay, plan.holdback, plan.rounding, name, last, of_all=False))
    return HeldBack.stacked(found)


def of_all_pay(pay: Sequence[Pay], withholding: Withholding, words: Vocabulary) -> HeldBack:
    """What is held of all pay of persons, of each by the terms that hold for it; rounded down.

    Raises:
        LedgerError: the terms are a ladder of another currency than that of the pay.
    """
    all_pay, wide = Pay.stacked(pay), (len(words.cohort.texts), len(words.currency.texts))
    (units,) = bounded(largest(all_pay.units) * max(len(all_pay.units), 1), all_pay.units)
    found, place = distinct((all_pay.payee * wide[0] + all_pay.cohort) * wide[1] + all_pay.currency)
    seat = found // wide[1]
    one = Pay(
        payee=seat // wide[0],
        cohort=seat % wide[0],
        currency=found % wide[1],
        units=total_of(units, place, len(found)),
    )
    periods = {code: Period.parse(words.cohort.texts[code]) for code in distinct(one.cohort)[0].tolist()}
    last = whole([day_number(periods[code].last_day) for code in one.cohort.tolist()])
    known: dict[Holdback, list[int]] = {}
    for row, (who, code) in enumerate(zip(one.payee.tolist(), one.cohort.tolist(), strict=True)):
        currency = words.currency.texts[int(one.currency[row])]
        terms = withholding.of(words.payee.texts[who], periods[code], currency) if one.units[row] else None
        if terms is not None:
            known.setdefault(terms, []).append(row)
    made = [HeldBack.none()]
    for terms, mine in known.items():
        for code in distinct(one.currency[mine])[0].tolist():
            rows = np.array([row for row in mine if one.currency[row] == code])
            name = words.currency.texts[code]
            made.append(held_back(one.some(rows), terms, Rounding.DOWN, name, last[rows], of_all=True))
    return HeldBack.stacked(made)


# ── what is due of it ───────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class DeferredLines(Columns):
    """What is held, a row a line and currency."""

    key: Places
    payee: Places
    cohort: Places
    currency: Places
    word: Places
    until: Whole
    units: Whole
    pay: Whole
    """Of which it is held; what was held, where it is not worked anew."""
    held: Whole


@frozen(eq=False, kw_only=True)
class Deferred:
    """What is due of what is held of bonuses and of all pay: its lines, by the codes of a ledger, and their moves."""

    words: Vocabulary
    keys: LineKeys
    lines: DeferredLines
    part: tuple[Places, Places]
    """Which part it is of what is held of that pay, from 1 on in order of their days; and how many there are."""
    line: Places
    """By move, the line."""
    rule: Places
    """In `DEFERRED_RULES`."""
    on: Whole
    units: Whole
    entries: Entries
    """Of the ledger."""
    hand: Places
    """The place of the entry by which the host decided on it; -1 where it decided nothing."""

    def __len__(self) -> int:
        return len(self.line)

    @property
    def group(self) -> Places:
        """The groups of moves."""
        return np.array(_GROUP_OF)[self.rule]

    def beside(self, move: int) -> dict[str, str | Label]:
        """What the reason of a move says besides amount, day, cohort and loan."""
        line = int(self.line[move])
        if int(self.hand[move]) >= 0:
            _, by, why, evidence = self.entries.hands[int(self.hand[move])]
            what = DECIDED["stop" if int(self.rule[move]) == _STOPPED else "release"]
            return {"what": what, "by": by, "why": why, "evidence": evidence}
        rule, part = int(self.rule[move]), {}
        if rule in (_HELD_PART, _RELEASED_PART):
            part = {"n": str(self.part[0][line]), "of": str(self.part[1][line])}
        if rule not in (_HELD, _HELD_PART):
            return {**part}
        lines, until = self.lines, int(self.lines.until[line])
        on = Label("it is stated", "另行通知") if until >= FAR else day_of(until).isoformat()
        return {"until": on, "held": self._money(line, lines.held), "pay": self._money(line, lines.pay), **part}

    def why(self, move: int) -> Explanation:
        """Why a move is due."""
        line = int(self.line[move])
        values: dict[str, str | Label] = {
            "amount": str(Money.from_units(int(self.units[move]), self._currency(line))),
            "on": day_of(int(self.on[move])).isoformat(),
            "cohort": self.words.cohort.texts[int(self.lines.cohort[line])],
            "loan": "",
        }
        return because(DEFERRED_RULES[int(self.rule[move])], values | self.beside(move))

    def _currency(self, line: int) -> str:
        return self.words.currency.texts[int(self.lines.currency[line])]

    def _money(self, line: int, units: Whole) -> str:
        return str(Money.from_units(int(units[line]), self._currency(line)))


def deferred(
    posted: PostedPay,
    words: Vocabulary,
    keys: LineKeys,
    fresh: HeldBack,
    row: Places,
    worked: Truth,
    period: Period,
    left_on: Mapping[str, date],
) -> Deferred:
    """What is due of all that is held of bonuses and of all pay.

    Args:
        posted: what the ledger has.
        words: of the ledger and of what is due.
        keys: of the ledger, and those of `fresh`.
        fresh: what is held of pay that is known now.
        row: the key of each of these.
        worked: by key, whether what is held is in `fresh` or nothing; else it stays as it was posted.
        period: into which is posted.
        left_on: who has left, and the first day without an assignment.
    """
    wide = max(len(words.currency.texts), 1)
    line, currency, net = posted.net["held"]
    mine = np.flatnonzero(posted.word[line] >= 0)
    line, currency, net = line[mine], currency[mine], np.where(worked[line[mine]], net[mine] * 0, net[mine])
    both = np.append(row * wide + fresh.currency, line * wide + currency)
    pairs, place = distinct(both)
    (units,) = bounded(largest(fresh.units) + largest(net), np.append(fresh.units, net))
    of = keys.some(pairs // wide)
    size, key, new = len(pairs), pairs // wide, place[: len(row)]
    sums = total_of(units, place, size)

    def said(name: str, known: Places) -> Places:
        """By line, what `fresh` or the ledger says of it."""
        known = np.append(known, np.full(len(keys) - len(known), -1))[key]
        known[new] = getattr(fresh, name)
        return known

    of_all = [name in (HELD_AS[2], HELD_AS[3]) for name in words.component.texts]
    word = among(of.component, of_all, otherwise=False) * 2
    in_service = [name in (HELD_AS[1], HELD_AS[3]) for name in words.component.texts]
    lines = DeferredLines(
        key=key,
        payee=said("payee", posted.payee),
        cohort=said("cohort", posted.cohort),
        currency=pairs % wide,
        word=word + among(of.component, in_service, otherwise=False),
        until=_days(words, of.stage),
        units=sums,
        pay=np.where(marked(new, size), put(fresh.pay, new, size, 0), sums),
        held=np.where(marked(new, size), put(fresh.held, new, size, 0), sums),
    )
    return _moved(posted, words, of, lines, period, left_on)


def _days(words: Vocabulary, stage: Places) -> Whole:
    """The days until which lines are held, by the stages of their keys."""
    codes, place = distinct(stage)
    texts = [words.stage.texts[code] for code in codes.tolist()]
    return whole([day_number(date.fromisoformat(text)) if text else FAR for text in texts])[place]


def _in_parts(lines: DeferredLines) -> tuple[Places, Places]:
    """Which part each line is of all that is held of the same pay, from 1 on in order of their days; and how many.

    What is held no longer is no part, and is the first of none.
    """
    rows = np.flatnonzero(lines.units)
    pay = [column[rows] for column in (lines.payee, lines.cohort, lines.currency, lines.word)]
    order = ordered(*pay, lines.until[rows])
    starts = starts_of(*(column[order] for column in pay))
    first = spread(starts, starts, len(rows))
    many = spread(np.diff(np.append(starts, len(rows))), starts, len(rows))
    size, there = len(lines.units), rows[order]
    return put(np.arange(len(rows)) - first + 1, there, size, 1), put(many, there, size, 0)


def _last_days(words: Vocabulary, cohort: Places) -> Whole:
    """The last days of cohorts."""
    cohorts, place = distinct(cohort)
    return whole([day_number(Period.parse(words.cohort.texts[code]).last_day) for code in cohorts.tolist()])[place]


def _left(words: Vocabulary, payee: Places, left_on: Mapping[str, date]) -> Whole:
    """The first days without an assignment of payees who have left; FAR of all others."""
    names = (words.payee.texts[code] for code in payee.tolist())
    return whole([day_number(left_on[name]) if name in left_on else FAR for name in names])


def _moved(
    posted: PostedPay,
    words: Vocabulary,
    keys: LineKeys,
    lines: DeferredLines,
    period: Period,
    left_on: Mapping[str, date],
) -> Deferred:
    """What is held, what the host stated of it, what leavers forfeit, and what is released.

    What was stated holds as far as so much is held of its line; what was stated first goes first.
    """
    size, entries = len(lines.key), posted.entries
    last = _last_days(words, lines.cohort)
    hands = whole([code for code in entries.hands if entries.periods[int(entries.period[code])].end <= period.end])
    wide = max(len(words.currency.texts), 1)
    asked = entries.line[hands] * wide + entries.currency[hands]
    pairs = lines.key * wide + lines.currency
    at = np.searchsorted(pairs, asked)
    there = (np.append(pairs, -1)[at] == asked) & are(entries.kind[hands], EntryKind.FORFEITED, EntryKind.RELEASED)
    order = ordered(at[there])
    hands, at = hands[there][order], at[there][order]
    (stated, units) = bounded(largest(entries.units) + largest(lines.units), entries.units[hands], lines.units)
    starts = starts_of(at)
    stated = drained(units[at[starts]], stated, starts)
    rest = np.maximum(units - total_of(stated, at, size), 0)
    gone = _left(words, lines.payee, left_on)
    leaves = (lines.word % 2 > 0) & (gone <= lines.until) & (gone < FAR) & (rest > 0)
    frees = ~leaves & (lines.until < FAR) & (rest > 0)
    none, is_held, part = np.arange(0), lines.units != 0, _in_parts(lines)
    several = part[1] > 1
    parts: list[tuple[Places, int, Whole, Whole, Places]] = [
        (np.flatnonzero(chosen), rule, on[chosen], what[chosen], none)
        for chosen, rule, on, what in (
            (is_held & ~several, _HELD, last, units),
            (is_held & several, _HELD_PART, last, units),
            (leaves, _LEFT, np.maximum(gone, last), rest),
            (frees & ~several, _RELEASED, lines.until, rest),
            (frees & several, _RELEASED_PART, lines.until, rest),
        )
    ]
    for kind, decided in ((EntryKind.FORFEITED, _STOPPED), (EntryKind.RELEASED, _FREED)):
        some = np.flatnonzero(are(entries.kind[hands], kind))
        parts.append((at[some], decided, entries.on[hands[some]], stated[some], hands[some]))
    return Deferred(
        words=words,
        keys=keys,
        lines=lines,
        part=part,
        line=np.concatenate([part[0] for part in parts]),
        rule=np.concatenate([np.full(len(part[0]), part[1]) for part in parts]),
        on=np.concatenate([part[2] for part in parts]),
        units=np.concatenate([part[3] for part in parts]),
        entries=entries,
        hand=np.concatenate([part[4] if len(part[4]) else np.full(len(part[0]), -1) for part in parts]),
    )


# ── what a host clawed back ─────────────────────────────────────────────────────────────────────────────────


def left_of_claws(entries: Entries, first: Places, currency: Places, more: Pay, end: int) -> Whole:
    """What stands of lines by which a host clawed back: what was stated, as far as so much is left of the cohort.

    Left of a cohort is what was earned or released of it and neither held nor taken since. Of two lines of a cohort the
    earlier one stands first.

    Args:
        entries: of the ledger.
        first: the first entry of each line.
        currency: of each, a line once in a currency.
        more: what comes to the cohorts by other lines, less what goes.
        end: the first day behind the period into which is posted.
    """
    line, now = entries.line[first], (ends_of(entries) <= end) & are_of_lines(entries)
    hands = whole([place for place in entries.hands if now[place]])
    hands = hands[are(entries.kind[hands], EntryKind.CLAWED_BACK)]
    others = np.flatnonzero(now & ~marked(line, len(entries.keys))[entries.line])
    most = (largest(entries.units) + largest(more.units)) * (len(entries) + len(more.units) + 1)
    units, added = bounded(most, entries.units, more.units)
    order = np.arange(len(line))[ordered(entries.payee[first], entries.cohort[first], currency, first)]
    size, row, slots = len(line), first[order], slots_of(line, line * 0, currency)
    _, at = distinct(np.append(slots, slots_of(entries.line[hands], hands * 0, entries.currency[hands])))
    stated = total_of(units[hands], at[size:], int(at.max()) + 1)[at[:size]][order]
    codes = [
        np.concatenate([getattr(entries, name)[row], getattr(entries, name)[others], getattr(more, name)])
        for name in ("payee", "cohort")
    ]
    held_in = np.concatenate([currency[order], entries.currency[others], more.currency])
    whose, place = distinct((codes[0] * (int(codes[1].max()) + 1) + codes[1]) * CURRENCIES_MOST + held_in)
    adds = np.append(EFFECT_ON["due"][entries.kind[others]] * units[others], added)
    left, starts = total_of(adds, place[size:], len(whose)), starts_of(place[:size])
    return put(drained(left[place[starts]], stated, starts), order, size, 0)
