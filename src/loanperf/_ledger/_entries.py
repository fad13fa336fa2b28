"""Entries: one thing said about a payee's pay, for ever; and the acts by which periods are closed and reopened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import eq
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args, overload

import numpy as np
from attrs import evolve, field, fields_dict, frozen

from loanperf._commission import Accrual
from loanperf._data import PlainData
from loanperf._explanations import Explanation, because, carried, printed, told
from loanperf._ledger._grounds import Grounds, ReasonOfEntry, Reasons, Why, kept_of
from loanperf._ledger._keys import PARTS, LineKeys, Texts, Vocabulary, parts_of, recoded
from loanperf._ledger._kinds import EFFECTS, ENTRY_KINDS, EntryKind, are, code_of
from loanperf._ledger._tabled import columns_of, entries_from, fits, named
from loanperf._numbers import (
    Places,
    Whole,
    as_places,
    by_code,
    counts_up,
    day_number,
    day_of,
    end_to_end,
    marked,
    paired,
    whole,
)
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money
from loanperf._tables._columns import CameAs, Column
from loanperf._tables._exact import decimals
from loanperf._tables._frames import like
from loanperf._tables._given import table_of
from loanperf._tables._values import no_words, of_texts
from loanperf._validators import each_of, has_words, must_be, must_hold
from loanperf.errors import DataError, LedgerError, LoanPerfError, Problem, UnknownPayeeError, shown

Hand: TypeAlias = tuple[Money | None, str, str, str]
"""What an amount was set to by hand, by whom, why, and where that can be checked."""
NO_HAND: Hand = (None, "", "", "")
Act: TypeAlias = Literal["closed", "reopened"]


@frozen(kw_only=True)
class Entry(PlainData):
    """One thing said about a payee's pay; it is never changed, only corrected by a later entry."""

    number: int
    """Its place in the ledger, from 1."""
    kind: EntryKind
    payee: str
    line: str = ""
    """Key of the line (`Accrual.key`), of a payment the payment's key; empty where it is the payee's as a whole."""
    cohort: str = ""
    """The period in which it was earned, such as 2026-03; empty where it is the payee's as a whole."""
    loan: str = ""
    period: Period
    """The period in which it is posted."""
    amount: Money
    """See `EFFECTS` for what it does; a correction downwards is a negative amount of the same kind."""
    on: date
    """The day of its reason."""
    version: str = ""
    """Fingerprint of the scheme that made it; empty where none did."""
    corrects: tuple[int, ...] = ()
    """Numbers of the entries that it corrects or takes back; of a payment, of those that it leaves out, since pay of
    their loan was held by hand."""
    _reason: Explanation | Callable[[], Explanation] = field(alias="reason", repr=False, eq=told)
    set_to: Money | None = None
    """What the line is set to, by hand."""
    by: str = ""
    """Who set it."""
    why: str = ""
    """Why it was set."""
    evidence: str = ""
    """Where that can be checked, such as a document number."""

    def __attrs_post_init__(self) -> None:
        if (self.set_to is not None) != (self.kind is EntryKind.OVERRIDE):
            fault = f"a {self.kind.value} entry {'lacks' if self.set_to is None else 'has'} an amount set by hand"
            raise LedgerError(f"entry {self.number}", fault, "make overrides with lp.overrule")
        if self.set_to is not None:
            for name in ("by", "why", "evidence"):
                if not has_words(str(getattr(self, name))):
                    fault = f"{name} is empty: an amount set by hand says who, why and where that can be checked"
                    raise LedgerError(f"an override of {self.line or self.payee}", fault, f"state {name}")

    _repr_pretty_ = printed

    @property
    def reason(self) -> Explanation:
        """Why it was posted; worked out when somebody asks."""
        return told(self._reason)

    @property
    def accrual(self) -> Accrual | None:
        """The line by which it was earned, as it was accrued; None where there is none, or the entry was read back."""
        return self._reason.accrued() if isinstance(self._reason, ReasonOfEntry) else None

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return carried(self, reason=self.reason)

    @property
    def in_numbers(self) -> Entry:
        """The entry with so much of its reason as every store keeps: its numbers, and not what a line was earned by."""
        return evolve(self, reason=_in_numbers(self.reason))

    @property
    def due(self) -> int:
        """What it adds to what is to be paid, in smallest units."""
        return EFFECTS[self.kind].due * self.amount.units

    @property
    def hand(self) -> Hand:
        """What it was set to by hand, by whom, why, and where that can be checked."""
        return self.set_to, self.by, self.why, self.evidence


LEADS_ON = frozenset({"entry.clawed back", "entry.cancelled", "entry.difference", "entry.several"})
"""Reasons that say how an entry was posted; what stands below them says why."""


def _in_numbers(reason: Explanation) -> Explanation:
    """A reason without what stands below the movements of which it is made."""
    below = map(_in_numbers, reason.because) if reason.rule in LEADS_ON else ()
    return evolve(reason, because=tuple(below))


@frozen(eq=False, kw_only=True)
class Entries(Sequence[Entry]):
    """Entries as columns; a sequence of `Entry`, in the order in which they were posted.

    It is equal to other entries, or to a tuple of rows, of which each says the same.
    """

    words: Vocabulary
    keys: LineKeys
    """The lines that are spoken of, each once."""
    periods: tuple[Period, ...]
    number: Whole
    kind: Places
    """Places in `ENTRY_KINDS`."""
    payee: Places
    line: Places
    """Row of its key; -1 where it is the payee's as a whole."""
    cohort: Places
    loan: Places
    period: Places
    on: Whole
    units: Whole
    """In smallest units of the currency."""
    currency: Places
    version: Places
    fixing: Places
    """The place here of an entry, of each pair of it and what it corrects; in order of entries."""
    fixed: Whole
    """The number of the entry that it corrects."""
    hands: Mapping[int, Hand]
    """By place: who set an amount by hand, and why."""
    reasons: Why
    """By place: why it was posted; worked out when somebody asks."""
    problems: tuple[Problem, ...] = ()
    """What kept entries from being made."""
    came_as: CameAs = "arrays"
    """The kind of data frame that the facts behind them came as."""

    _repr_pretty_ = printed

    @classmethod
    def of_rows(cls, rows: Iterable[Entry]) -> Entries:
        """The columns of some rows, in the order in which they come."""
        if isinstance(rows, Entries):
            return rows
        given = tuple(rows)
        must_hold(given, _OF_ENTRIES)
        known: dict[str, dict[Any, int]] = {name: no_words() for name in fields_dict(Vocabulary)}

        def coded(name: str, texts: Sequence[str | None]) -> Places:
            return as_places(of_texts(texts, known[name]).values)

        lines = {line: place for place, line in enumerate(dict.fromkeys(row.line for row in given if row.line))}
        parts = [parts_of(line) for line in lines]
        keys = LineKeys(**{name: coded(name, [part[place] for part in parts]) for place, name in enumerate(PARTS)})
        periods = {period: place for place, period in enumerate(dict.fromkeys(row.period for row in given))}
        columns: dict[str, Any] = {
            name: coded(name, [getattr(row, name) for row in given]) for name in ("payee", "cohort", "loan", "version")
        }
        fixes = [(place, number) for place, row in enumerate(given) for number in row.corrects]
        each_of((number for _, number in fixes), int, "the numbers that an entry corrects", "pass those of entries")
        return cls(
            **columns,
            currency=coded("currency", [row.amount.currency for row in given]),
            words=Vocabulary(**{name: Texts(tuple(index)[1:]) for name, index in known.items()}),
            keys=keys,
            periods=tuple(periods),
            number=whole([row.number for row in given]),
            kind=whole([code_of(row.kind) for row in given]),
            line=whole([lines.get(row.line, -1) for row in given]),
            period=whole([periods[row.period] for row in given]),
            on=whole([day_number(row.on) for row in given]),
            units=whole([row.amount.units for row in given]),
            fixing=whole([place for place, _ in fixes]),
            fixed=whole([number for _, number in fixes]),
            hands={place: hand for place, row in enumerate(given) if any(hand := row.hand)},
            reasons=_OfRows(given),
        )

    @classmethod
    def none(cls) -> Entries:
        """No entries."""
        return cls.of_rows(())

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return carried(self, reasons=[*map(self.reasons, range(len(self)))].__getitem__)

    def __len__(self) -> int:
        return len(self.kind)

    def __iter__(self) -> Iterator[Entry]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self.rows(np.arange(start, min(start + _AT_ONCE, len(self))))

    @overload
    def __getitem__(self, place: int) -> Entry: ...
    @overload
    def __getitem__(self, place: slice) -> Entries: ...
    def __getitem__(self, place: int | slice) -> Entry | Entries:
        found = range(len(self))[place]
        return self.row(found) if isinstance(found, int) else self.take(np.arange(len(self))[place])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entries | tuple):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Entries({len(self)})"

    def row(self, place: int) -> Entry:
        """An entry as a row; its reason comes when somebody asks for it."""
        return self.rows(whole([place]))[0]

    @property
    def amounts(self) -> list[Money]:
        """The amount of each."""
        return [*map(Money.from_units, self.units.tolist(), self.words.currency.of(self.currency))]

    def rows(self, places: Whole) -> tuple[Entry, ...]:
        """Some entries as rows, which is less work than one by one; their reasons come when somebody asks for them."""
        words, known = self.words, {name: getattr(self, name)[places].tolist() for name in _NUMBERS}
        line, currency = self.line[places], words.currency.of(self.currency[places])
        keys = iter(self.keys.some(line[line >= 0]).texts(words))
        fixes = zip(*(self.fixing.searchsorted(places, side).tolist() for side in _SIDES), strict=True)
        cells: dict[str, Iterable[Any]] = {
            **{name: getattr(words, name).of(getattr(self, name)[places]) for name in _NAMES},
            "number": known["number"],
            "kind": map(ENTRY_KINDS.__getitem__, known["kind"]),
            "line": ["" if code < 0 else next(keys) for code in line.tolist()],
            "period": map(self.periods.__getitem__, known["period"]),
            "amount": map(Money.from_units, known["units"], currency),
            "on": map(day_of, known["on"]),
            "corrects": [tuple(self.fixed[low:high].tolist()) if low < high else () for low, high in fixes],
            "reason": [ReasonOfEntry(self.reasons, place) for place in places.tolist()],
        }
        if self.hands:
            hands = [self.hands.get(place, NO_HAND) for place in places.tolist()]
            cells |= {name: [hand[place] for hand in hands] for place, name in enumerate(_HAND)}
        return tuple(Entry(**dict(zip(cells, row, strict=True))) for row in zip(*cells.values(), strict=True))

    def take(self, places: Places) -> Entries:
        """Some of the entries, in another order if need be."""
        if len(places) == len(self) and counts_up(places):
            return self
        low, high = (np.searchsorted(self.fixing, places, side) for side in ("left", "right"))
        fixing, pair = paired(low, high)
        hands = {}
        if self.hands:
            hands = {new: self.hands[old] for new, old in enumerate(places.tolist()) if old in self.hands}
        columns = {name: getattr(self, name)[places] for name in COLUMNS}
        reasons = Reasons.of(self.reasons, len(self)).take(places)
        return evolve(self, **columns, fixing=fixing, fixed=self.fixed[pair], hands=hands, reasons=reasons)

    def of_payee(self, payee: str) -> Entries:
        """The entries of a payee, as columns."""
        return self.take(np.flatnonzero(self.payee == self.words.payee.code(payee)))

    def of(self, payee: str) -> tuple[Entry, ...]:
        """The entries of a payee, in order."""
        return tuple(self.of_payee(payee))

    def of_loans(self, loans: Iterable[str]) -> Entries:
        """The entries of some loans, as columns."""
        words = self.words.loan
        codes = whole([code for code in words.codes(tuple(loans)) if code >= 0])
        return self.take(np.flatnonzero(marked(codes, len(words.texts))[self.loan]))

    @property
    def is_of_loans(self) -> bool:
        """Whether an entry is of a loan."""
        return bool((self.loan != self.words.loan.code("")).any())

    def joined(self, more: Entries) -> Entries:
        """These entries and more behind them; what these say of words, keys and periods stays as it is."""
        size = len(self)
        words, codes = self.words.joined(more.words)
        keys = more.keys.recoded(codes)
        keys, lines = (keys, np.arange(len(keys))) if self.keys.begins(keys) else self.keys.joined(keys)
        periods = tuple(dict.fromkeys((*self.periods, *more.periods)))
        places = {period: place for place, period in enumerate(periods)}
        said = ("payee", "cohort", "loan", "currency", "version")
        other = {name: recoded(codes[name], getattr(more, name)) for name in said}
        other["line"] = np.append(lines, -1)[more.line]
        if len(more):
            other["period"] = by_code(whole([places[period] for period in more.periods]))[more.period]
        columns: dict[str, Any] = {
            name: _behind(getattr(self, name), other.get(name, getattr(more, name))) for name in COLUMNS
        }
        return Entries(
            **columns,
            words=words,
            keys=keys,
            periods=periods,
            fixing=np.append(self.fixing, more.fixing + size),
            fixed=np.append(self.fixed, more.fixed),
            hands={**self.hands, **{place + size: hand for place, hand in more.hands.items()}},
            reasons=Reasons.of(self.reasons, size).joined(Reasons.of(more.reasons, len(more))),
            came_as=self.came_as if more.came_as == "arrays" else more.came_as,
        )

    def kept(self, places: Places) -> Grounds:
        """What is kept of the reasons of some entries."""
        return kept_of(self.reasons, places)

    def explain(self, payee: str) -> Explanation:
        """Why the entries of a payee were posted, in order.

        Raises:
            UnknownPayeeError: nothing is known of the payee; it names those who are known.
        """
        mine = self.of(payee)
        if not mine and self.words.payee.code(payee) < 0:
            raise UnknownPayeeError(payee, sorted(map(str, self.words.payee.texts)))
        return because("entries", {"payee": payee, "count": str(len(mine))}, *(entry.reason for entry in mine))

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The entries as a data frame, a row each, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row an entry, in their order: `number`, `kind`, `payee`, `line`, `cohort`, `loan`, `period`, `on`,
            `version`, `amount` in whole currency (yuan, not fen), of the nearest float64, and `currency`. `line`,
            `cohort`, `loan` and `version` are missing where an entry has none.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        words = self.words
        below = whole([10 ** CURRENCIES[code] for code in words.currency.texts])[self.currency] if len(self) else None
        columns = {
            "number": Column("whole", self.number),
            "kind": Column("text", self.kind, None, tuple(kind.value for kind in ENTRY_KINDS)),
            "payee": Column("text", self.payee, None, words.payee.texts),
            "line": Column("text", self.line, None, tuple(self.keys.texts(words))),
            "cohort": named(words.cohort, self.cohort, ""),
            "loan": named(words.loan, self.loan, ""),
            "period": Column("text", self.period, None, tuple(map(str, self.periods))),
            "on": Column("day", self.on),
            "version": named(words.version, self.version, ""),
            "amount": decimals(self.units, 1, below, 1),
            "currency": Column("text", self.currency, None, words.currency.texts),
        }
        return like(came_as or self.came_as, columns)

    @property
    def exact(self) -> dict[str, Column]:
        """All that the entries say, as columns; of reasons what `grounds` keeps."""
        said = {name: getattr(self, name) for name in ("words", "keys", "periods", "fixing", "fixed", "hands")}
        columns, grounds = {name: getattr(self, name) for name in COLUMNS}, self.kept(np.arange(len(self)))
        return columns_of(columns, grounds, **said)

    def table(self, came_as: CameAs | None = None) -> Any:
        """All that the entries say as a data frame, exact, for a store or another system; `read` is the inverse.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row an entry, in their order; a value that an entry has not is missing. `number`, `kind`, `payee`,
            `currency`, `cohort`, `loan`, `version`, `line`; `plan`, `component` and `stage` of the line; `period`,
            `on`; `amount` in smallest units; `corrects`, numbers with commas between them. Of the reason: `rule`;
            `before` and `now`, what was posted and what is due of the line; `moves`, how many movements that is;
            `drawn`, what was drawn of the loan by then, all in smallest units; `said`, a JSON object of what else it
            says, or `reason`, the whole of it as JSON. Of an amount set by hand `set_to` in smallest units,
            `set_to_currency`, `by`, `why` and `evidence`. What a line was earned by is left out.

        Raises:
            DataError: there is no such kind of frame, or an amount is of 2**62 smallest units or more.
            MissingExtraError: what that kind needs is not installed.
        """
        columns = self.exact
        if not fits(columns):
            raise DataError("a table of entries", "an amount is of 2**62 smallest units or more", "use Ledger.lines")
        return like(came_as or self.came_as, columns)

    @classmethod
    def read(cls, table: Any) -> Entries:
        """The inverse of `table`; each reason is what was kept of it.

        Args:
            table: a mapping of arrays, or a data frame of any kind.

        Raises:
            DataError: it is not what `table` gave.
            LedgerError: an amount is set by hand, and nobody says by whom or why.
        """
        given = table_of(table, "entries")
        found = cls(**entries_from(given), came_as=given.came_as)
        by_hand = are(found.kind, EntryKind.OVERRIDE)
        for place in sorted({*np.flatnonzero(by_hand).tolist(), *found.hands}):
            found.row(place)
        return found


def _behind(first: Whole, more: Whole) -> Whole:
    """A column behind another one."""
    return end_to_end(first, more) if len(first) else more


_OF_ENTRIES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("payee", "line", "cohort", "loan", "version"), (str,)),
        "number": (int,),
        "kind": (EntryKind,),
        "period": (Period,),
        "amount": (Money,),
        "on": (date,),
        "corrects": (tuple,),
    }
)
"""What the fields of an entry are."""
COLUMNS = ("number", "kind", "payee", "line", "cohort", "loan", "period", "on", "units", "currency", "version")
"""The columns of entries with a value a row."""
_NUMBERS = ("number", "kind", "period", "on", "units")
"""Those of which a row has the number, or what stands at that place."""
_NAMES = ("payee", "cohort", "loan", "version")
"""Those of which a row has the word."""
_HAND = ("set_to", "by", "why", "evidence")
"""The fields of a row that `Hand` says."""
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
_AT_ONCE = 1000
"""How many entries are made rows at once, where all are gone through."""


@frozen
class _OfRows:
    """The reasons of rows."""

    rows: tuple[Entry, ...]

    def __call__(self, place: int) -> Explanation:
        return self.rows[place].reason

    def accrued(self, place: int) -> Accrual | None:
        """The line by which a row was earned."""
        return self.rows[place].accrual


@frozen(kw_only=True)
class Closing(PlainData):
    """An act of closing or reopening a period."""

    period: Period
    act: Act
    by: str
    """Who did it."""
    why: str = ""
    """Why a closed period was opened again; needed there."""
    after: int = field(default=0)
    """How many entries the ledger had."""

    def __attrs_post_init__(self) -> None:
        where = f"{self.period} being {shown(self.act)}"
        if self.act not in get_args(Act):
            raise LedgerError(where, "there is no such act", "use 'closed' or 'reopened'")
        for name in ("by", "why"):
            must_be(getattr(self, name), str, f"{name} of {where}", "pass a text")
        if not has_words(self.by):
            raise LedgerError(where, "nobody is named who did it", "state by")
        if self.act == "reopened" and not has_words(self.why):
            raise LedgerError(where, "no reason is given", "state why")


def unreadable(what: str, error: Exception) -> DataError:
    """The error for stored data that cannot be read back."""
    said = str(error) if isinstance(error, LoanPerfError) else repr(error)
    return DataError(what, f"its data is not whole: {said}", "pass what data() returned")
