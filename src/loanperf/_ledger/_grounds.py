"""Grounds: what is kept of why entries were posted, as columns; and the reasons as far as that says them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from attrs import evolve, field, frozen

from loanperf._commission import Accrual
from loanperf._explanations import RULES, Explanation, Label
from loanperf._ledger._keys import Texts, Vocabulary
from loanperf._numbers import Columns, Places, Truth, Whole, as_places, day_of, nowhere, ordered, whole
from loanperf._quantities import Money
from loanperf._tables._values import no_words, of_texts
from loanperf.errors import DataError, LoanPerfError, shown

Why: TypeAlias = Callable[[int], Explanation]
"""By place, why an entry was posted; worked out when somebody asks."""
CODED_RULES: tuple[str, ...] = tuple(RULES)
"""Rules by their codes."""
RULE_CODES: Mapping[str, int] = MappingProxyType({rule: code for code, rule in enumerate(CODED_RULES)})
LINE_RULES = (
    "entry.earned",
    "entry.carried",
    "entry.set by hand",
    "entry.held",
    "entry.released",
    "entry.released repaid",
    "entry.released reversed",
    "entry.forfeited",
    "entry.taken",
    "entry.reversed",
    "entry.refunded",
    "entry.guarantee",
    "entry.draw",
    "entry.recovery",
    "entry.waived",
)
"""Why a move of a line is due; what the rule of such a move is a place in."""
BONUS_RULE = "entry.bonus"
"""Why a bonus is due."""
OPENING_RULE = "entry.released opening"
"""Why what was held when the ledger began is released."""
DEFERRED_RULES = (
    *("entry.deferred", "entry.released deferred", "entry.left", "entry.decided", "entry.decided"),
    *("entry.deferred part", "entry.released part"),
)
"""Why a move of what is held of bonuses and of all pay is due; a place for each, though two say the same."""
MOVE_RULES = (*LINE_RULES, BONUS_RULE, OPENING_RULE, *DEFERRED_RULES)
"""Rules of single moves: their reasons say amount, day, cohort and loan, and what `said` adds."""


@frozen(eq=False, kw_only=True)
class Grounds(Columns):
    """What is kept of the reasons of entries, a row an entry.

    The rule, what was due before and is due now, and how many movements that is. What else a reason says stands in
    `said`; where rule and numbers do not make it, in `tree`. What a line was earned by is not kept: `lp.accrue` and
    `lp.settle` tell it again.
    """

    rule: Places
    """In `CODED_RULES`, of the top of the reason."""
    differs: Truth
    """Whether `before` and `now` are known: of what `settle` posts."""
    before: Whole
    """What was posted before of the line and group, in smallest units."""
    now: Whole
    """What is due of them now."""
    moves: Places
    """How many movements of the period that is; 0 where it is not known."""
    is_drawn: Truth
    """Whether `drawn` is known: of what a line of a loan earned."""
    drawn: Whole
    """What was drawn of the loan by the day of the entry, else signed, else applied for; in smallest units."""
    said: Places
    """In `texts`: a JSON object with what the reason says beside amount, day, cohort and loan; -1 where that is all."""
    tree: Places
    """In `texts`: the reason as `Explanation.json` writes it; -1 where the other columns make it."""
    texts: Texts = field(factory=Texts)

    def __len__(self) -> int:
        return len(self.rule)

    @classmethod
    def of_rules(cls, rule: Places) -> Grounds:
        """Grounds that keep only the rule of each reason, and no numbers."""
        none, size = rule * 0, len(rule)
        return cls(
            rule=rule, differs=nowhere(size), before=none, now=none, moves=none, is_drawn=nowhere(size), drawn=none,
            said=none - 1, tree=none - 1,
        )  # fmt: skip

    @classmethod
    def of_reasons(cls, reasons: Iterable[Explanation]) -> Grounds:
        """The grounds of reasons, each with all that stands below it."""
        given = tuple(reasons)
        index = no_words()
        tree = as_places(of_texts([written(reason.data()) for reason in given], index).values)
        found = cls.of_rules(whole([RULE_CODES[reason.rule] for reason in given]))
        return evolve(found, tree=tree, texts=Texts(tuple(index)[1:]))

    def joined(self, more: Grounds) -> Grounds:
        """These rows followed by more rows."""
        texts, codes = self.texts.joined(more.texts)
        other = {name: codes[getattr(more, name)] for name in ("said", "tree")}
        columns = {name: np.append(getattr(self, name), other.get(name, getattr(more, name))) for name in COLUMNS}
        return Grounds(**columns, texts=texts)


COLUMNS = ("rule", "differs", "before", "now", "moves", "is_drawn", "drawn", "said", "tree")
"""The columns of grounds."""


@runtime_checkable
class Grounded(Protocol):
    """Reasons of which more is known than one by one."""

    def kept(self, places: Places) -> Grounds:
        """What is to be kept of the reasons of some entries."""
        ...


def kept_of(reasons: Why, places: Places) -> Grounds:
    """What is to be kept of the reasons of some entries."""
    known: Any = reasons
    if isinstance(known, Grounded):
        return known.kept(places)
    return Grounds.of_reasons(map(reasons, places.tolist()))


def accrued_of(reasons: Why, place: int) -> Accrual | None:
    """The line by which an entry was earned, as it was accrued; None where its reasons know of none."""
    told: Any = getattr(reasons, "accrued", None)
    found: Accrual | None = None if told is None else told(place)
    return found


@frozen(eq=False)
class ReasonOfEntry:
    """The reason of one entry, worked out when somebody asks."""

    reasons: Why
    place: int

    def __call__(self) -> Explanation:
        return self.reasons(self.place)

    def accrued(self) -> Accrual | None:
        """The line by which it was earned."""
        return accrued_of(self.reasons, self.place)


def written(said: Any) -> str:
    """What a reason says, as JSON on one line."""
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def written_values(values: Mapping[str, str | Label]) -> str:
    """The values of a reason as JSON."""
    return written({
        name: {"en": value.en, "zh": value.zh} if isinstance(value, Label) else value for name, value in values.items()
    })  # fmt: skip


# ── reasons of what is kept ─────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class KeptReasons:
    """The top of each reason, rebuilt from the grounds that were kept."""

    columns: Grounds
    words: Vocabulary
    units: Whole
    currency: Places
    on: Whole
    cohort: Places
    loan: Places

    def kept(self, places: Places) -> Grounds:
        """The grounds of some entries, as they are."""
        return self.columns.some(places)

    def __call__(self, place: int) -> Explanation:
        kept = self.columns
        tree, said, rule = int(kept.tree[place]), int(kept.said[place]), CODED_RULES[int(kept.rule[place])]
        try:
            if tree >= 0:
                return Explanation.from_data(json.loads(kept.texts.texts[tree]))
            more = {} if said < 0 else json.loads(kept.texts.texts[said])
            values = {**self._values(place, rule), **more}
            return Explanation.from_data({"rule": rule, "values": values, "because": []})
        except (AttributeError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
            fault = f"its reason cannot be read: {shown(str(error), 200)}"
            raise DataError(f"the entry at place {place + 1}", fault, "restore it as it was written") from None

    def _values(self, place: int, rule: str) -> dict[str, str]:
        """What the columns say of a reason."""
        kept = self.columns
        if rule == "entry.difference":
            return {"before": self._money(place, kept.before), "now": self._money(place, kept.now)}
        values = {"amount": self._money(place, self.units)}
        if rule == "entry.several":
            return values | {"count": str(int(kept.moves[place]))}
        if rule in MOVE_RULES:
            words = self.words
            values["on"] = day_of(int(self.on[place])).isoformat()
            values["cohort"] = str(words.cohort.texts[int(self.cohort[place])])
            values["loan"] = str(words.loan.texts[int(self.loan[place])])
        return values

    def _money(self, place: int, units: Whole) -> str:
        return str(Money.from_units(int(units[place]), self.words.currency.texts[int(self.currency[place])]))


# ── reasons of entries put together ────────────────────────────────────────────────────────────


@frozen(eq=False)
class Reasons:
    """The reasons of entries that were made in several lots."""

    lots: tuple[Why, ...]
    lot: Places
    """By entry, the place of its lot."""
    place: Places
    """By entry, its place in that lot."""

    @classmethod
    def of(cls, reasons: Why, size: int) -> Reasons:
        """The reasons of so many entries."""
        return reasons if isinstance(reasons, cls) else cls((reasons,), np.full(size, 0), np.arange(size))

    def take(self, places: Places) -> Reasons:
        """Those of some entries."""
        return Reasons(self.lots, self.lot[places], self.place[places])

    def joined(self, more: Reasons) -> Reasons:
        """These, and those of more entries behind them."""
        lot = np.append(self.lot, more.lot + len(self.lots))
        return Reasons((*self.lots, *more.lots), lot, np.append(self.place, more.place))

    def __call__(self, place: int) -> Explanation:
        return self.lots[int(self.lot[place])](int(self.place[place]))

    def accrued(self, place: int) -> Accrual | None:
        """The line by which an entry was earned, as it was accrued."""
        return accrued_of(self.lots[int(self.lot[place])], int(self.place[place]))

    def kept(self, places: Places) -> Grounds:
        """What is to be kept of the reasons of some entries."""
        lot, found, rows = self.lot[places], Grounds.of_rules(places[:0]), [places[:0]]
        for number in sorted({*lot.tolist()}):
            rows.append(np.flatnonzero(lot == number))
            found = found.joined(kept_of(self.lots[number], self.place[places[rows[-1]]]))
        return found.some(ordered(np.concatenate(rows)))
