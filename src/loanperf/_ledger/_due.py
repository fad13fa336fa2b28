"""Due: (what is due to lines, bonuses) -> the same by the words and keys of a ledger, whose own codes stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from attrs import define, frozen

from loanperf._explanations import Explanation
from loanperf._ledger._bonuses import BONUS, BonusMoves
from loanperf._ledger._entries import Entries
from loanperf._ledger._keys import PARTS, LineKeys, Texts, Vocabulary, escaped, parts_of
from loanperf._ledger._kinds import GROUPS
from loanperf._ledger._moves import DueLines, Moves
from loanperf._numbers import Places, Whole, day_number, put, whole

_SAID = ("payee", "loan", "cohort", "version", "currency")
"""What entries say of a line beside its key."""


@frozen(eq=False, kw_only=True)
class CodedMoves:
    """What is due: moves of lines, whose words and keys go on where those of the ledger end."""

    words: Vocabulary
    keys: LineKeys
    line: Places
    """By line that is due, the row of its key."""
    payee: Places
    loan: Places
    cohort: Places
    version: Places
    currency: Places
    move: Places
    """By move, the line that is due; moves are in order of day."""
    group: Places
    on: Whole
    units: Whole
    taker: Places
    """Pairs, in order: a line that takes of others, and one of those."""
    taken_of: Places
    why: Callable[[int], Explanation]
    """By move, why it is due."""

    @property
    def of_key(self) -> Places:
        """By key, the line that is due; -1 where nothing is."""
        return put(np.arange(len(self.line)), self.line, len(self.keys), -1)


@define(eq=False)
class _Coder:
    """The words of a ledger, to which more are added."""

    words: dict[str, Texts]

    def codes(self, name: str, texts: Sequence[str]) -> Places:
        """The codes of words of a kind."""
        self.words[name], codes = self.words[name].joined(texts)
        return codes[:-1]

    def both(self, name: str, texts: Sequence[str]) -> tuple[Places, Places]:
        """The codes of words as they are, and as parts of keys."""
        codes, parts = self.codes(name, texts), escaped(texts)
        return codes, codes if parts is texts else self.codes(name, parts)


def due_of(entries: Entries, moves: Moves, bonuses: BonusMoves) -> CodedMoves:
    """What is due by the words and keys of a ledger's entries.

    Args:
        entries: of the ledger.
        moves: of lines.
        bonuses: of the period.
    """
    coder = _Coder({name: getattr(entries.words, name) for name in (*PARTS, "version", "currency")})
    of_lines, of_bonuses = _lines(coder, moves.lines), _bonuses(coder, bonuses)
    key, said = (
        {name: np.append(one[name], other[name]) for name in one}
        for one, other in zip(of_lines, of_bonuses, strict=True)
    )
    keys, row = entries.keys.joined(LineKeys(**key))
    size, many = len(moves.lines), len(bonuses)
    on = np.full(many, day_number(bonuses.period.last_day))
    return CodedMoves(
        **said,
        words=Vocabulary(**coder.words),
        keys=keys,
        line=row,
        move=np.append(moves.line, size + np.arange(many)),
        group=np.append(moves.group, np.full(many, GROUPS.index("earned"))),
        on=np.append(moves.on, on),
        units=np.append(moves.units, bonuses.units),
        taker=moves.taker,
        taken_of=moves.taken_of,
        why=_WhyDue(moves, bonuses),
    )


def _lines(coder: _Coder, lines: DueLines) -> tuple[dict[str, Places], dict[str, Any]]:
    """The keys of lines, and what entries say of them beside."""
    words = lines.words
    payee, payee_part = coder.both("payee", words.payees)
    loan, loan_part = coder.both("loan", ("", *words.loans))
    cohort, cohort_part = coder.both("cohort", tuple(map(str, words.periods)))
    plan = coder.codes("plan", escaped([item.plan.code for item in words.plans]))
    component = coder.codes("component", escaped(("", *words.components)))
    stage = coder.codes("stage", escaped(words.stages))
    version = coder.codes("version", ["", *(item.version for item in words.plans)])
    currency = coder.codes("currency", words.currencies)
    key = {
        "payee": payee_part[lines.payee],
        "plan": np.append(plan, -1)[lines.plan],
        "component": component[lines.component + 1],
        "loan": loan_part[lines.loan + 1],
        "stage": np.append(stage, -1)[lines.stage],
        "cohort": cohort_part[lines.period],
    }
    for row in np.flatnonzero(lines.plan < 0).tolist():
        for name, part in zip(PARTS, parts_of(words.hands[int(lines.hand[row])].line), strict=True):
            key[name][row] = -1 if part is None else coder.codes(name, (part,))[0]
    said = (payee[lines.payee], loan[lines.loan + 1], cohort[lines.period], version[lines.plan + 1])
    return key, dict(zip(_SAID, (*said, currency[lines.currency]), strict=True))


def _bonuses(coder: _Coder, bonuses: BonusMoves) -> tuple[dict[str, Places], dict[str, Any]]:
    """The same of bonuses, which are of no loan and of no plan of commissions."""
    fill = np.full(len(bonuses), 0)
    payee, payee_part = coder.both("payee", bonuses.payees)
    cohort, cohort_part = (codes[0] for codes in coder.both("cohort", (str(bonuses.period),)))
    code = {name: coder.codes(name, (text,))[0] for name, text in BONUS.items()}
    currency = coder.codes("currency", bonuses.currencies)[bonuses.currency]
    key = {name: fill + code[name] for name in BONUS}
    key = {"payee": payee_part, **key, "cohort": fill + cohort_part}
    said = (payee, fill + code["loan"], fill + cohort, fill + coder.codes("version", ("",))[0], currency)
    return key, dict(zip(_SAID, said, strict=True))


@frozen(eq=False)
class _WhyDue:
    """Why moves are due: those of lines first, then bonuses."""

    moves: Moves
    bonuses: BonusMoves

    def __call__(self, move: int) -> Explanation:
        size = len(self.moves)
        return self.moves.why(move) if move < size else self.bonuses.why(move - size)


def codes_of(words: Texts, texts: Iterable[str]) -> Places:
    """The codes of those of some texts that are known."""
    return whole([code for text in texts if (code := words.code(text)) >= 0])
