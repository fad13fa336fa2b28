"""Coded: lines, bonuses and what is held -> their keys by the words of a ledger, whose own codes stay; and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
from attrs import define, frozen

from loanperf._commission import Accrual, Accruals, Standings
from loanperf._explanations import Explanation, Label
from loanperf._ledger._begun import OpeningMoves
from loanperf._ledger._bonuses import BONUS, BonusMoves
from loanperf._ledger._deferred import (
    HELD_AS,
    Deferred,
    HeldBack,
    Pay,
    PostedPay,
    as_overruled,
    deferred,
    of_all_pay,
    of_bonuses,
)
from loanperf._ledger._entries import Entries
from loanperf._ledger._grounds import LINE_RULES, MOVE_RULES, RULE_CODES, written_values
from loanperf._ledger._keys import PARTS, LineKeys, Texts, Vocabulary, escaped, parts_of
from loanperf._ledger._ledger import Ledger
from loanperf._ledger._moves import DueLines, Moves
from loanperf._numbers import (
    FAR,
    Places,
    Truth,
    Whole,
    by_code,
    day_of,
    distinct,
    folded,
    marked,
    ordered,
    spread,
    starts_of,
    whole,
)
from loanperf._periods import Period
from loanperf._tables._words import is_of_digits

_SAID = ("payee", "loan", "cohort", "version", "currency")
"""What entries say of a line beside its key."""


@define(eq=False)
class Coder:
    """The words of a ledger, to which more are added."""

    words: dict[str, Texts]

    @classmethod
    def of(cls, entries: Entries) -> Coder:
        """The words of the entries of a ledger."""
        return cls({name: getattr(entries.words, name) for name in (*PARTS, "version", "currency")})

    def codes(self, name: str, texts: Sequence[str]) -> Places:
        """The codes of words of a kind."""
        self.words[name], codes = self.words[name].joined(texts)
        return codes[:-1]

    def same(self, name: str, texts: tuple[str, ...]) -> tuple[Places, Places]:
        """The same of words without repeats that need no escape in keys."""
        self.words[name], codes = self.words[name].joined(Texts(texts))
        return codes[:-1], codes[:-1]

    def both(self, name: str, texts: Sequence[str]) -> tuple[Places, Places]:
        """The codes of words as they are, and as parts of keys."""
        codes, parts = self.codes(name, texts), escaped(texts)
        return codes, codes if parts is texts else self.codes(name, parts)


@frozen(eq=False, kw_only=True)
class CodedLines:
    """Lines by the words and keys of a ledger's entries."""

    known: tuple[Vocabulary, LineKeys]
    """The words and keys of the ledger."""
    lines: DueLines
    words: Mapping[str, Texts]
    """Those of the ledger, with more behind them."""
    keys: LineKeys
    """Those of the ledger, with more behind them."""
    row: Places
    """By line, the row of its key."""
    said: Mapping[str, Places]
    """What entries say of lines beside their keys."""

    @classmethod
    def of(cls, memo: MutableMapping[str, Any], entries: Entries, lines: DueLines) -> CodedLines:
        """The keys of lines; kept in `memo` for lines that differ in their amounts alone."""
        last = memo.get("coded")
        if isinstance(last, cls) and last.is_of(entries, lines):
            return last
        coder = Coder.of(entries)
        key, said = of_lines(coder, lines)
        keys, row = entries.keys.joined(LineKeys(**{name: folded(column) for name, column in key.items()}))
        said = {name: folded(column) for name, column in said.items()}
        known = entries.words, entries.keys
        memo["coded"] = found = cls(known=known, lines=lines, words=coder.words, keys=keys, row=row, said=said)
        return found

    def is_of(self, entries: Entries, lines: DueLines) -> bool:
        """Whether they are those of a ledger and of lines with these keys."""
        words, keys = self.known
        same = all(getattr(self.lines, name) is getattr(lines, name) for name in _CODED)
        return same and words is entries.words and keys is entries.keys

    @property
    def posted(self) -> tuple[Places, Places]:
        """By line the row of its key among those of the ledger, -1 where nothing is posted; and of its currency."""
        return np.where(self.row < len(self.known[1]), self.row, -1), self.said["currency"]


_CODED = ("words", "payee", "plan", "component", "loan", "stage", "period", "currency", "hand")
"""What the keys of lines, and what entries say of them, are made of."""


def of_lines(coder: Coder, lines: DueLines) -> tuple[dict[str, Places], dict[str, Any]]:
    """The keys of lines, and what entries say of them beside."""
    words = lines.words
    payee, payee_part = coder.both("payee", words.payees)
    loans = ("", *words.loans)
    # Whole numbers are each there once, and need no escape.
    loan, loan_part = coder.same("loan", loans) if is_of_digits(words.loans) else coder.both("loan", loans)
    cohort, cohort_part = coder.both("cohort", tuple(map(str, words.periods)))
    plan = coder.codes("plan", escaped([item.plan.code for item in words.plans]))
    component = coder.codes("component", escaped(("", *words.components)))
    stage = coder.codes("stage", escaped(words.stages))
    version = coder.codes("version", ["", *(item.version for item in words.plans)])
    currency = coder.codes("currency", words.currencies)
    key = {
        "payee": payee_part[lines.payee],
        "plan": by_code(np.append(plan, -1))[lines.plan],
        "component": by_code(component)[lines.component + 1],
        "loan": loan_part[lines.loan + 1],
        "stage": by_code(np.append(stage, -1))[lines.stage],
        "cohort": by_code(cohort_part)[lines.period],
    }
    by_hand = np.flatnonzero(lines.plan < 0)
    key = {name: column.copy() for name, column in key.items()} if len(by_hand) else key
    for row in by_hand.tolist():
        for name, part in zip(PARTS, parts_of(words.hands[int(lines.hand[row])].line), strict=True):
            key[name][row] = -1 if part is None else coder.codes(name, (part,))[0]
    said = (payee[lines.payee], loan[lines.loan + 1], by_code(cohort)[lines.period], by_code(version)[lines.plan + 1])
    return key, dict(zip(_SAID, (*said, by_code(currency)[lines.currency]), strict=True))


def of_awards(coder: Coder, bonuses: BonusMoves) -> tuple[dict[str, Places], dict[str, Any]]:
    """The keys of bonuses, which are of no loan and no plan, and what entries say of them."""
    fill = np.full(len(bonuses), 0)
    payee, payee_part = coder.both("payee", bonuses.payees)
    cohort, cohort_part = (codes[0] for codes in coder.both("cohort", (str(bonuses.period),)))
    code = {name: coder.codes(name, (text,))[0] for name, text in BONUS.items()}
    currency = coder.codes("currency", bonuses.currencies)[bonuses.currency]
    key = {name: fill + code[name] for name in BONUS}
    key = {"payee": payee_part, **key, "cohort": fill + cohort_part}
    said = (payee, fill + code["loan"], fill + cohort, fill + coder.codes("version", ("",))[0], currency)
    return key, dict(zip(_SAID, said, strict=True))


def of_opening(opened: OpeningMoves) -> tuple[dict[str, Places], dict[str, Any]]:
    """The keys of what was held in an opening, which the ledger has already, and what entries say of it."""
    entries, rows = opened.entries, opened.rows
    line = entries.line[rows]
    key = {name: getattr(entries.keys, name)[line] for name in PARTS}
    return key, {name: getattr(entries, name)[rows] for name in _SAID}


def held_back(
    coder: Coder,
    ledger: Ledger,
    moves: Moves,
    bonuses: BonusMoves,
    said: Mapping[str, Places],
    accruals: Accruals,
    period: Period,
) -> Deferred:
    """What is due of holdbacks of bonuses and of all pay."""
    entries, terms = ledger.entries, accruals.withholding
    posted = PostedPay.of(entries, *ledger.slots(period))
    given = int(coder.codes("cohort", (str(bonuses.period),))[0])
    payees = marked(said["payee"], len(coder.words["payee"].texts))
    again = (posted.cohort == given) & np.append(payees, False)[posted.payee]
    fresh = of_bonuses(bonuses, said["payee"], given, said["currency"])
    worked = (posted.word >= 0) & (posted.word < 2) & again
    posted = as_overruled(posted, worked, period)
    if terms is not None and any(dated.rules.holdback is not None for dated in terms.plans):
        of = moves.lines.words
        kept, cohorts = moves.kept, coder.codes("cohort", tuple(map(str, of.periods)))
        pay = [
            Pay(
                payee=coder.codes("payee", of.payees)[kept.payee],
                cohort=cohorts[kept.period],
                currency=coder.codes("currency", of.currencies)[kept.currency],
                units=kept.pay - kept.held,
            ),
            Pay(payee=said["payee"], cohort=said["cohort"], currency=said["currency"], units=bonuses.units),
            Pay(payee=fresh.payee, cohort=fresh.cohort, currency=fresh.currency, units=-fresh.units),
            posted.pay("earned", posted.is_bonus & ~again, 1),
            posted.pay("held", (posted.word >= 0) & (posted.word < 2) & ~again, -1),
        ]
        fresh = HeldBack.stacked([fresh, of_all_pay(pay, terms, Vocabulary(**coder.words))])
        worked |= posted.word >= 2
    keys, row = entries.keys.joined(_keys_of(coder, fresh))
    return deferred(
        posted, Vocabulary(**coder.words), keys, fresh, row, worked, period,
        {} if terms is None else terms.leavers,
    )  # fmt: skip


def _keys_of(coder: Coder, held: HeldBack) -> LineKeys:
    """The keys of what is held: the day of its release is their stage."""
    days, place = distinct(held.until)
    stages = coder.codes("stage", ["" if on >= FAR else day_of(on).isoformat() for on in days.tolist()])
    whose, cohorts = (coder.words[name].texts for name in ("payee", "cohort"))
    fill = held.payee * 0
    return LineKeys(
        payee=_parts(coder, "payee", held.payee, whose),
        plan=fill + coder.codes("plan", (BONUS["plan"],))[0],
        component=coder.codes("component", HELD_AS)[2 * held.of_all + held.in_service],
        loan=fill + coder.codes("loan", ("",))[0],
        stage=stages[place],
        cohort=_parts(coder, "cohort", held.cohort, cohorts),
    )


def _parts(coder: Coder, name: str, codes: Places, texts: Sequence[str]) -> Places:
    """The codes of words as parts of keys."""
    known, place = distinct(codes)
    return coder.codes(name, escaped([texts[code] for code in known.tolist()]))[place]


def of_deferred(coder: Coder, held: Deferred) -> tuple[dict[str, Places], dict[str, Any]]:
    """The keys of what is held of bonuses and of all pay, and what entries say of it beside."""
    lines, fill = held.lines, held.lines.payee * 0
    loan, version = (fill + coder.codes(name, ("",))[0] for name in ("loan", "version"))
    said = (lines.payee, loan, lines.cohort, version, lines.currency)
    return {name: getattr(held.keys, name) for name in PARTS}, dict(zip(_SAID, said, strict=True))


def codes_of(words: Texts, texts: Iterable[str]) -> Places:
    """The codes of texts; those that are unknown are left out."""
    return whole([code for code in words.codes(tuple(texts)) if code >= 0])


@frozen(eq=False)
class WhyDue:
    """Why moves are due: those of lines first, then bonuses, those of an opening, and what is held of persons."""

    moves: Moves
    bonuses: BonusMoves
    opened: OpeningMoves
    deferred: Deferred

    def __call__(self, move: int) -> Explanation:
        return self.moves.why(move) if move < len(self.moves) else self._of_person(move, whole=True)

    def accrued(self, moves: Iterable[int]) -> Accrual | None:
        """The first line, as it was accrued, whose reasons stand below those of some moves."""
        found = (self.moves.accrued(move) for move in moves if move < len(self.moves))
        return next((accrual for accrual in found if accrual is not None), None)

    def top(self, move: int) -> Explanation:
        """The first sentence of why a move is due, without the reasons below it."""
        return self.moves.top(move) if move < len(self.moves) else self._of_person(move, whole=False)

    def _of_person(self, move: int, *, whole: bool) -> Explanation:
        place = move - len(self.moves)
        if place < len(self.bonuses):
            return self.bonuses.why(place) if whole else self.bonuses.top(place)
        place -= len(self.bonuses)
        return self.opened.why(place) if place < len(self.opened) else self.deferred.why(place - len(self.opened))

    def rules(self, moves: Places) -> Places:
        """The rules of moves, in `CODED_RULES`; of -1 that of a bonus."""
        codes, size = whole([RULE_CODES[rule] for rule in MOVE_RULES]), len(LINE_RULES)
        others = np.repeat([size, size + 1], [len(self.bonuses), len(self.opened)])
        of_persons = np.concatenate([others, size + 2 + self.deferred.rule, whole([size])])
        of_lines = (moves >= 0) & (moves < len(self.moves))
        found = np.where(of_lines, 0, of_persons[np.where(of_lines | (moves < 0), -1, moves - len(self.moves))])
        found[of_lines] = self.moves.rule[moves[of_lines]]
        return codes[found]

    def said(self, moves: Places) -> tuple[Places, Texts]:
        """What the reasons of moves say besides amount, day, cohort and loan, as JSON; -1 where that is nothing."""
        found, texts, first = np.full(len(moves), -1), Texts(), len(self.moves) + len(self.bonuses) + len(self.opened)
        rows = np.flatnonzero((moves >= 0) & (moves < len(self.moves)))
        rows = rows[marked(whole(_SAYING), len(LINE_RULES))[self.moves.rule[moves[rows]]]]
        if len(rows):
            rows = rows[ordered(*self.moves.alike(moves[rows]))]
            starts = starts_of(*self.moves.alike(moves[rows]))
            texts, codes = _written(texts, map(self.moves.beside, moves[rows[starts]].tolist()))
            found[rows] = spread(codes, starts, len(rows))
        rows = np.flatnonzero(moves >= first)
        if len(rows):
            texts, found[rows] = _written(texts, map(self.deferred.beside, (moves[rows] - first).tolist()))
        return found, texts

    def principal(self, lines: Places, on: Whole, said: Standings) -> tuple[Whole, Truth]:
        """What was drawn of the loans of lines by a day, in smallest units, and where that is known."""
        of = self.moves.lines
        known = (lines >= 0) & (lines < len(of))
        loan = np.full(len(lines), -1)
        loan[known] = of.loan[lines[known]]
        loans, row = distinct(loan + 1)
        names = [of.words.loans[loan - 1] if loan else "" for loan in loans.tolist()]
        code = np.where(loan < 0, -1, said.places(names)[row])
        return said.drawn.sum_through(code, on), code >= 0


def _written(texts: Texts, said: Iterable[Mapping[str, str | Label]]) -> tuple[Texts, Places]:
    """Texts, with what is said as JSON behind them; and the code of each, -1 where nothing is said."""
    texts, codes = texts.joined([written_values(values) if values else "" for values in said])
    return texts, np.where(codes[:-1] == texts.code(""), -1, codes[:-1])


_SAYING = [code for code, rule in enumerate(LINE_RULES) if rule not in ("entry.earned", "entry.carried")]
"""The rules of which the reasons say more than amount, day, cohort and loan."""
