"""Amounts: (accruals, amounts set by hand, what was posted) -> the lines, each with the amount that holds for it.

Of a line that was earned on several days, such as those of two drawings, each day has its part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from operator import lt

import numpy as np
from attrs import evolve, frozen

from loanperf._commission import Accruals, DatedPlan, Lines
from loanperf._ledger._entries import Entry
from loanperf._ledger._keys import LineKeys, escaped, parts_of
from loanperf._ledger._moves import DueLines, LineWords
from loanperf._numbers import (
    Columns,
    Places,
    Truth,
    Whole,
    bounded,
    by_code,
    day_number,
    drained,
    grouped,
    largest,
    matched,
    nowhere,
    ordered,
    paired,
    put,
    ranked,
    replaced,
    shared,
    spread,
    starts_of,
    summed,
    total_of,
    whole,
)
from loanperf._periods import Period
from loanperf._tables._words import are_digits_in_order, is_of_digits


@frozen(eq=False, kw_only=True)
class DayParts(Columns):
    """Amounts of lines by the day on which each was earned, in order of line; they may sum to more than the line."""

    line: Places
    on: Whole
    units: Whole

    def of(self, lines: Places, size: int) -> DayParts:
        """The parts of some lines, which are named by their places among these; there are `size` lines in all."""
        place = np.full(size, -1)
        place[lines] = np.arange(len(lines))
        parts = self.some(place[self.line] >= 0)
        parts = evolve(parts, line=place[parts.line])
        return parts.some(ordered(parts.line))

    @property
    def several(self) -> Truth:
        """Which parts are of a line that has more than one."""
        starts = starts_of(self.line)
        found: Truth = spread(np.diff(starts, append=len(self.line)) > 1, starts, len(self.line))
        return found


def by_day(lines: DueLines, parts: DayParts) -> DayParts:
    """The amounts of lines by the days on which they were earned; where less is due, the last days have less."""
    (units,) = bounded(2 * largest(lines.units) * max(largest(parts.units), 1) + 1, parts.units)
    found = _reduced(evolve(parts, units=units))
    starts = starts_of(found.line)
    of = found.line[starts]
    whole, left = summed(found.units, starts), lines.units[of]
    cut = found.units - from_last(np.maximum(whole - left, 0), found.units, starts)
    by_hand = (lines.hand[of] >= 0) & (left > 0)
    if by_hand.any():
        (given,) = bounded(largest(found.units) * largest(left), np.where(by_hand, left, left * 0))
        mine = spread(by_hand, starts, len(cut))
        cut = np.where(mine, shared(given, np.where(mine, found.units, found.units * 0), starts), cut)
    good = spread(by_hand | (whole >= left), starts, len(cut)) & (cut > 0)
    found = evolve(found, units=cut).some(good)
    single = ~nowhere(len(lines))
    single[found.line] = False
    rest = np.flatnonzero(single)
    found = DayParts.stacked([found, DayParts(line=rest, on=lines.earned[rest], units=lines.units[rest])])
    return found.some(ordered(found.line))


def _reduced(parts: DayParts) -> DayParts:
    """The parts above zero; each part below zero lowers the parts before it, the latest first."""
    left = np.maximum(parts.units, 0).copy()
    below = np.flatnonzero(parts.units < 0)
    nth, starts = ranked(starts_of(parts.line[below]), len(below)), starts_of(parts.line)
    begins = spread(starts, starts, len(parts.line))
    for turn in range(int(nth.max(initial=-1)) + 1):  # the n-th of every line
        at = below[nth == turn]
        rows, places = paired(begins[at], at)
        groups = starts_of(rows)
        left[places] = left[places] - from_last(-parts.units[at[rows[groups]]], left[places], groups)
    found = evolve(parts, units=left)
    return found.some(left > 0)


def from_last(most: Whole, amounts: Whole, starts: Places) -> Whole:
    """How much of `most`, one a group, each amount takes, the last row of a group first."""
    size = len(amounts)
    ends = np.append(starts, size)[1:]
    return drained(most[::-1], amounts[::-1], (size - ends)[::-1])[::-1]


CARRIED = "carried over"
"""The stage of lines that the cap of a person carries over; no milestone has this name."""


@frozen(eq=False, kw_only=True)
class KeyWords:
    """The ranks of the words of lines as parts of keys; keys by these ranks sort as their texts do."""

    ranks: Mapping[str, Places]
    """By part of a key and code of a word; that of no word behind them."""
    by_hand: LineKeys
    """The keys of amounts set by hand, by ranks."""

    @classmethod
    def of(cls, words: LineWords, keys: Sequence[str]) -> KeyWords:
        """The ranks of words, among those of some keys."""
        given = [_pieces(key) for key in keys]
        lists: Mapping[str, Sequence[str]] = {
            "payee": words.payees,
            "plan": [plan.plan.code for plan in words.plans],
            "component": words.components,
            "loan": words.loans,
            "stage": words.stages,
            "cohort": [str(period) for period in words.periods],
        }
        found, others = {}, {}
        for place, (name, texts) in enumerate(lists.items()):
            if not keys and _sort_as_parts(texts):
                found[name], others[name] = np.append(np.arange(len(texts)) + 1, 0), np.arange(0)
                continue
            end = "" if name == "cohort" else "/"
            # That of no word is the last of its list, where -1 finds it.
            ranks, others[name] = _ranks(
                [end, *(f"{text}{end}" for text in escaped(texts))], [key[place] for key in given]
            )
            found[name] = np.append(ranks[1:], ranks[:1])
        return cls(ranks=found, by_hand=LineKeys(**others))

    def of_lines(self, lines: DueLines) -> LineKeys:
        """The keys of lines, by ranks."""
        codes = {name: lines.period if name == "cohort" else getattr(lines, name) for name in self.ranks}
        return LineKeys(**{name: ranks[codes[name]] for name, ranks in self.ranks.items()})


def _sort_as_parts(words: Sequence[str]) -> bool:
    """Whether words are in order, and stay so as parts of keys: each of letters and digits, which follow the slash."""
    if are_digits_in_order(words):
        return True
    return "".join(words).isalnum() and words[0] != "" and all(map(lt, words, words[1:]))


def _pieces(key: str) -> list[str]:
    """A key in its parts, each with the slash behind it; what a shorter key lacks is empty."""
    parts = parts_of(key)
    ends = ["" if following is None else "/" for following in (*parts[1:], None)]
    return [f"{part or ''}{end}" for part, end in zip(parts, ends, strict=True)]


def _ranks(texts: Sequence[str], more: Sequence[str]) -> tuple[Places, Places]:
    """The ranks of texts, and of more of them, among all of both; equal texts have one rank."""
    both = [*texts, *more]
    if all(map(lt, both, both[1:])):
        return np.arange(len(texts)), np.arange(len(texts), len(both))
    order = sorted(range(len(both)), key=both.__getitem__)
    new = [0, *(both[one] != both[other] for one, other in pairwise(order))]
    ranks = put(np.cumsum(new), np.array(order), len(both), 0)
    return ranks[: len(texts)], ranks[len(texts) :]


@frozen(eq=False, kw_only=True)
class Held(Columns):
    """Lines with the amounts that hold for them, and their keys, by ranks that sort as their texts do."""

    lines: DueLines
    ranks: LineKeys
    family: Places
    """A code of payee, plan, component and loan: what a reversal takes back together."""


def lines_of(
    accruals: Accruals, overruled: Mapping[str, Entry], kept: Mapping[tuple[str, str], int]
) -> tuple[Held, DayParts, KeyWords]:
    """Every line with the amount that holds for it, set by hand or accrued, before the caps of persons.

    Of a period of which a reading or target is missing that amount is what was posted: `kept`, by key and currency.
    """
    accrued = accruals.columns
    words = _words(accruals, tuple(overruled.values()))
    keys = KeyWords.of(words, tuple(overruled))
    lines = _accrued(accrued, words)
    ranks = keys.of_lines(lines)
    if overruled:
        lines, ranks = DueLines.stacked([lines, _by_hand(words)]), LineKeys.stacked([ranks, keys.by_hand])
    first, family = _once(ranks)
    lines = _with_hands(lines, first)
    if accruals.missing:
        lines = _kept(lines, first, accruals, kept)
    lines, is_one = _summed(lines, first, len(accrued))
    parts = DayParts(line=accrued.part_line, on=accrued.part_on, units=accrued.part_units)
    if len(first) == len(accrued) and is_one.all():
        return Held(lines=lines, ranks=ranks, family=family), parts, keys
    there = np.flatnonzero(first == np.arange(len(first)))
    parts = parts.some(is_one[parts.line])
    parts = evolve(parts, line=put(np.arange(len(there)), there, len(first), -1)[parts.line])
    return Held(lines=lines, ranks=ranks, family=family).some(there), parts, keys


def _words(accruals: Accruals, hands: Sequence[Entry]) -> LineWords:
    """The words of lines: those of accruals, of amounts set by hand, of draws and of what caps carry over."""
    accrued, granting = accruals.columns, drawing_plans(accruals)
    plans = [*accrued.plans, *(plan for plan in granting if all(plan is not other for other in accrued.plans))]
    draws = [draw_code(place) for place in range(max((len(plan.plan.draws) for plan in granting), default=0))]
    calendar = accruals.through.calendar
    of_hands = (evolve(Period.parse(hand.cohort), calendar=calendar) for hand in hands)
    periods = dict.fromkeys([*accrued.periods, *of_hands])
    if any(plan.rules.person_most is not None for plan in accrued.plans):
        for period in [*periods]:
            while (period := period.next()) not in periods and period.start < accruals.through.end:
                periods[period] = None
    periods |= dict.fromkeys(period for chain, _ in chains_of(accruals) for period in chain)
    amounts = [hand.set_to.currency for hand in hands if hand.set_to is not None]
    return LineWords(
        accrued=accrued,
        hands=hands,
        payees=_joined(accrued.payees, [*(hand.payee for hand in hands), *(payee for payee, _ in accruals.drawing)]),
        plans=plans,
        components=_joined(accrued.components, draws),
        loans=_joined(accrued.loans, [hand.loan for hand in hands if hand.loan]),
        stages=_joined(accrued.stages, ["", CARRIED]),
        periods=[*periods],
        currencies=[*dict.fromkeys([*(plan.currency for plan in plans), *amounts])],
    )


def _joined(words: Sequence[str], more: Sequence[str]) -> Sequence[str]:
    """Words and those of `more` that are new; whole numbers with nothing to add stay packed."""
    if not more and is_of_digits(words):
        return words
    return tuple(dict.fromkeys([*words, *more]) if more else words)


def draw_code(place: int) -> str:
    """The component of the lines of a draw, by its place in the plan."""
    return f"draw {place + 1}"


def drawing_plans(accruals: Accruals) -> list[DatedPlan]:
    """The plans that grant draws, each once."""
    return list({id(plan): plan for plan, _ in accruals.drawing.values()}.values())


def chains_of(accruals: Accruals) -> list[tuple[list[Period], list[str]]]:
    """Periods from the first draw on, and who draws in them; several lists where payees have other calendars."""
    starts: dict[str, Period] = {}
    for payee, period in accruals.drawing:
        starts[payee] = min(period, starts.get(payee, period))
    found: list[tuple[list[Period], list[str]]] = []
    for payee, start in sorted(starts.items(), key=lambda item: item[1]):
        known = next((payees for periods, payees in found if start in periods), None)
        if known is None:
            periods, period, known = list[Period](), start, list[str]()
            while period.start < accruals.through.end:
                periods.append(period)
                period = period.next()
            found.append((periods, known))
        known.append(payee)
    return found


def _accrued(accrued: Lines, words: LineWords) -> DueLines:
    """The lines as they were accrued."""
    currency = whole([words.currencies.index(plan.currency) for plan in accrued.plans])
    return DueLines(
        words=words,
        payee=accrued.payee,
        plan=accrued.plan,
        component=accrued.component,
        loan=accrued.loan,
        stage=accrued.stage,
        period=accrued.period,
        currency=by_code(currency)[accrued.plan],
        on=accrued.on,
        earned=np.minimum(accrued.earned, accrued.on),
        units=accrued.units,
        row=np.arange(len(accrued)),
    )


def _by_hand(words: LineWords) -> DueLines:
    """Lines of amounts that are set by hand, from what their entries say alone."""
    hands = words.hands
    payees, loans = ({word: code for code, word in enumerate(given)} for given in (words.payees, words.loans))
    amounts = [hand.amount if hand.set_to is None else hand.set_to for hand in hands]
    none, on = np.full(len(hands), -1), whole([day_number(hand.on) for hand in hands])
    return DueLines(
        words=words,
        payee=whole([payees[hand.payee] for hand in hands]),
        plan=none,
        component=none,
        loan=whole([loans[hand.loan] if hand.loan else -1 for hand in hands]),
        stage=np.full(len(hands), words.stages.index("")),
        period=whole([words.periods.index(Period.parse(hand.cohort)) for hand in hands]),
        currency=whole([words.currencies.index(amount.currency) for amount in amounts]),
        on=on,
        earned=on,
        units=whole([amount.units for amount in amounts]),
        hand=np.arange(len(hands)),
    )


def _once(ranks: LineKeys) -> tuple[Places, Places]:
    """By row the first row of its key, and a code of the first four parts of its key."""
    size = len(ranks.payee)
    rows = np.arange(size)
    by_key, starts = grouped(*ranks.columns)
    order = rows[by_key]
    families = starts_of(*(column[order] for column in ranks.columns[:4]))
    first = rows if len(starts) == size else put(spread(order[starts], starts, size), order, size, 0)
    return first, put(spread(np.arange(len(families)), families, size), order, size, 0)


def _with_hands(lines: DueLines, first: Places) -> DueLines:
    """Lines with the amounts that are set by hand; `first` is by row the first one of its key."""
    hands = len(lines.words.hands)
    size = len(lines) - hands
    if not hands:
        return lines
    set_by, said = first[size:], lines.some(slice(size, None))
    hand = replaced(lines.hand, set_by, np.arange(hands))
    units, currency = (replaced(getattr(lines, name), set_by, getattr(said, name)) for name in ("units", "currency"))
    return evolve(lines, units=units, currency=currency, hand=hand)


def _kept(lines: DueLines, first: Places, accruals: Accruals, kept: Mapping[tuple[str, str], int]) -> DueLines:
    """Lines with what was posted of them, where what they come to is not known."""
    words = lines.words
    lacks = rows_in(lines, words.payees, words.periods, accruals.missing)
    rows = lacks[(lines.hand[lacks] < 0) & (first[lacks] == lacks)]
    posted = [kept.get((lines.key(row), words.currencies[int(lines.currency[row])]), 0) for row in rows.tolist()]
    return evolve(lines, units=replaced(lines.units, rows, whole(posted)))


def rows_in(
    lines: Lines | DueLines, payees: Sequence[str], periods: Sequence[Period], wanted: Collection[tuple[str, Period]]
) -> Places:
    """The lines of some payees in some periods, in order; codes of lines are places in `payees` and `periods`."""
    names, wide = {payee for payee, _ in wanted}, len(periods)
    whose = {payee: code for code, payee in enumerate(payees) if payee in names}
    parts = {period: code for code, period in enumerate(periods)}
    keys = [whose[payee] * wide + parts[part] for payee, part in wanted if payee in whose and part in parts]
    found, _ = matched(whole(sorted(keys)), lines.payee * wide + lines.period)
    return found


def _summed(lines: DueLines, first: Places, size: int) -> tuple[DueLines, Truth]:
    """Lines of the same key summed into the first one, unless set by hand; and which are the only one of their key."""
    others = np.flatnonzero((first[:size] != np.arange(size)) & (lines.hand[first[:size]] < 0))
    alone = first[:size] == np.arange(size)
    if not len(others):
        return lines, alone
    to = first[others]
    for one, other in zip(others.tolist(), to.tolist(), strict=True):
        if lines.currency[one] != lines.currency[other]:
            lines.money(one, lines.units[one]) - lines.money(other, 0)
    (units,) = bounded(largest(lines.units) * (1 + len(others)), lines.units)
    units = units + total_of(units[others], to, len(first))
    earned = lines.earned.copy()
    np.minimum.at(earned, to, lines.earned[others])
    alone[to] = False
    return evolve(lines, units=units, earned=earned), alone
