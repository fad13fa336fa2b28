"""Deals: loan facts -> what each loan is, what happened to it, who held it, who is credited, and what it amounts to.

The amount of a loan on a day is exact, in the currency of a plan: each part of it at the latest rate on or before its
day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

import numpy as np
from attrs import field, frozen

from loanperf._commission._answers import Answers
from loanperf._commission._plan import Milestone
from loanperf._facts import EVENT_PLACES, EventKind, Facts, words_of
from loanperf._numbers import (
    AS_THEY_ARE,
    FAR,
    Places,
    Rows,
    Truth,
    Whole,
    alike,
    all_below,
    as_of,
    as_places,
    bounded,
    day_of,
    distinct,
    grouped,
    in_one_each,
    laid,
    marked,
    nowhere,
    ordered,
    put,
    quotients,
    reach,
    running,
    starts_of,
    times,
    total_of,
    whole,
)
from loanperf._quantities import CURRENCIES
from loanperf._tables._columns import Column, Table, is_there
from loanperf._tables._words import code_of_word, is_of_digits, ranks_of
from loanperf.errors import DataError, LoanPerfError, rate_for

MILESTONE_EVENTS: Mapping[Milestone, tuple[EventKind, ...]] = MappingProxyType(
    {
        "applied": (EventKind.APPLIED,),
        "due diligence complete": (EventKind.DUE_DILIGENCE,),
        "signed": (EventKind.SIGNED,),
        "disbursed": (EventKind.DISBURSED,),
        "first repayment": (EventKind.REPAID, EventKind.PREPAID),
    }
)
"""The kinds of events of which the first reaches a milestone."""
LEAD = "lead"
"""The kind of credit of whoever leads a loan: its officer where nobody is credited as such."""
_MONEY_MOVED = (
    EventKind.SIGNED,
    EventKind.DISBURSED,
    EventKind.REPAID,
    EventKind.PREPAID,
    EventKind.WRITTEN_OFF,
    EventKind.RECOVERED,
)


@frozen(eq=False, kw_only=True)
class DealEvents:
    """The events of one kind, of any day, in order of deal, day and number; not those of loans that are not there."""

    deal: Places
    on: Whole
    row: Places
    """The row of each in its table of the facts."""
    units: Whole
    """The amounts of kinds that have them, in smallest units; else nothing."""
    currency: Places
    """The currencies of those, as places in `Deals.currencies`."""
    payee: Places
    """Of `assigned`: who holds the loan from then on, as places in `Deals.payees`; else nothing."""

    def __len__(self) -> int:
        return len(self.deal)


@frozen(eq=False, kw_only=True)
class DealCredits:
    """The credits that are known by the last day, in order of deal, then role and payee by their texts."""

    deal: Places
    payee: Places
    role: Places
    """Place in `Deals.roles`."""
    top: Whole
    """The share that is stated, over `below`; 0 over 1 where none is."""
    below: Whole
    stated: Truth
    """Whether a share is stated."""
    on: Whole
    row: Places
    """The row of each in the table of credits."""


@frozen(eq=False, kw_only=True)
class Deals:
    """Loans as columns, a row a loan in the order of the facts, with what happened to them and whose they are.

    A day is a number of days since 1970; `FAR` is never. What happens after the last day stands here too, and who asks
    compares days with it; credits alone are left out that are known later.
    """

    facts: Facts
    last: int
    """The last day that counts."""
    codes: Sequence[str]
    """The codes of loans, those of deals first and in their order; then those of loans that are not there."""
    payees: Sequence[str]
    """Everybody who holds a loan, is credited or assigned, in order of their codes as texts."""
    currencies: tuple[str, ...]
    """Of amounts, in no order."""
    roles: tuple[str, ...]
    """Kinds of credit, in order of their texts; `lead` is always one."""
    opened: Whole
    officer: Places
    """Who originated each."""
    units: Whole
    """The amount applied for or approved, in smallest units; 0 where it is not known."""
    known: Truth
    """Whether that amount is known."""
    currency: Places
    """Of that amount; -1 where it is not known."""
    credits: DealCredits
    _events: dict[EventKind, DealEvents] = field(factory=dict, init=False)
    _reached: dict[Milestone, Whole] = field(factory=dict, init=False)
    _payee_of: Places
    """By code of the facts' payees, the place in `payees`; one more for -1."""

    @classmethod
    def of(cls, facts: Facts, last: int, payees: Iterable[str] = ()) -> Deals:
        """The loans of facts.

        Args:
            facts: of any day.
            last: the last day that counts.
            payees: who else is known by a place, such as all that are assigned.
        """
        tables = facts.tables
        loans, credited = tables["loans"], tables["credits"]
        columns = [loans["officer"], tables[EVENT_PLACES[EventKind.ASSIGNED]]["officer"], credited["payee"]]
        people, places = _people(columns, words_of(tables, "payee"), payees)
        moneyed = [loans, *(tables[EVENT_PLACES[kind]] for kind in _MONEY_MOVED)]
        currencies = tuple(dict.fromkeys(word for table in moneyed for word in table["currency"].words))
        amount, known = loans["amount"], is_there(loans["amount"])
        roles = tuple(sorted({*credited["role"].words, LEAD}))
        return cls(
            facts=facts,
            last=last,
            codes=words_of(tables, "loan"),
            payees=people,
            currencies=currencies,
            roles=roles,
            opened=as_places(loans["opened_on"].values),
            officer=places[loans["officer"].values],
            units=np.where(known, amount.values, amount.values * 0),
            known=known,
            currency=np.where(known, recoded(loans["currency"], currencies), -1),
            credits=_credits(credited, loans.rows, last, places, roles),
            payee_of=places,
        )

    def __len__(self) -> int:
        return len(self.opened)

    def column(self, name: str) -> Column:
        """A column of the table of loans, such as `product` or `term_months`."""
        return self.facts.tables["loans"][name]

    def numbers(self, name: str, deal: Places) -> Answers:
        """A number that deals state, such as `interest_rate`: quotients; 0 over 1 where one states none."""
        top, below, there = _stated(self.column(name), deal)

        def error(place: int) -> LoanPerfError:
            where, fault = f"loan {self.codes[int(deal[place])]}", f"its {name} is not stated"
            return DataError(where, fault, "send the Loan with it")

        return Answers(top, below, ~there, nowhere(len(deal)), error)

    def place(self, loan: str) -> int:
        """The place of a loan by its code; -1 where there is none."""
        found = code_of_word(self.codes, loan)
        return found if found < len(self) else -1

    def events(self, kind: EventKind) -> DealEvents:
        """The events of a kind."""
        if kind not in self._events:
            table = self.facts.tables[EVENT_PLACES[kind]]
            deal = as_places(table["loan"].values)
            rows = AS_THEY_ARE if all_below(deal, len(self)) else np.flatnonzero(deal < len(self))
            money, person = "amount" in table, "officer" in table
            none = np.flatnonzero([])
            self._events[kind] = DealEvents(
                deal=deal[rows],
                on=as_places(table["on"].values)[rows],
                row=np.arange(table.rows)[rows],
                units=table["amount"].values[rows] if money else none,
                currency=recoded(table["currency"], self.currencies)[rows] if money else none,
                payee=self._payee_of[table["officer"].values][rows] if person else none,
            )
        return self._events[kind]

    def first(self, kind: EventKind) -> Whole:
        """The day of the first event of a kind."""
        events = self.events(kind)
        return _first_days(events.deal, events.on, len(self))

    def reached(self, milestone: Milestone) -> Whole:
        """The day on which each reached a milestone, were it after the last day."""
        if milestone in ("opened", "repaid in full"):
            return self.opened if milestone == "opened" else self.repaid_on
        if milestone not in self._reached:
            first, *others = [self.first(kind) for kind in MILESTONE_EVENTS[milestone]]
            self._reached[milestone] = np.minimum(first, others[0]) if others else first
        return self._reached[milestone]

    @cached_property
    def repaid_on(self) -> Whole:
        """The day on which nothing was outstanding any more, by events or a balance of zero; never once written off."""
        return repaid_days(self)

    @cached_property
    def emptied(self) -> tuple[Places, Whole]:
        """Deals of which a balance of zero was stated, and the days, in order of both."""
        table = self.facts.tables["balances"]
        rows = np.flatnonzero((table["outstanding"].values == 0) & (table["loan"].values < len(self)))
        return as_places(table["loan"].values)[rows], as_places(table["on"].values)[rows]

    @cached_property
    def texts(self) -> Sequence[str]:
        """The codes; written out, unless they are whole numbers."""
        return self.codes if is_of_digits(self.codes) else tuple(self.codes)

    @cached_property
    def rank(self) -> Places:
        """The place of each code in the order of texts, in which deals of one day are worked."""
        return ranks_of(self.texts)

    def holder(self, deal: Places, on: Whole) -> Places:
        """Who held deals on days: the last to whom each was assigned by then, else who originated it."""
        assigned = self.events(EventKind.ASSIGNED)
        if not len(assigned):
            return self.officer[deal]
        found = as_of(assigned.deal, assigned.on, deal, on)
        return np.where(found < 0, self.officer[deal], np.append(assigned.payee, -1)[found])

    @cached_property
    def ever_held(self) -> tuple[Places, Places]:
        """Deals, and each payee who ever held them, once, in order of deal and of when they first did."""
        assigned = self.events(EventKind.ASSIGNED)
        deal, payee = np.arange(len(self)), self.officer
        if not len(assigned):
            return deal, payee
        deal, payee = np.append(deal, assigned.deal), np.append(payee, assigned.payee)
        order, first = grouped(deal, payee)
        kept = np.sort(first if isinstance(order, slice) else order[first])
        kept = kept[ordered(deal[kept])]
        return deal[kept], payee[kept]


def _people(columns: Sequence[Column], words: Sequence[str], others: Iterable[str]) -> tuple[Sequence[str], Places]:
    """All payees that columns name, and `others`, sorted; and for each code of `words` the place of that payee."""
    used, _ = distinct(np.concatenate([column.values for column in columns]))
    named = {words[code]: code for code in used.tolist() if code >= 0}
    found = sorted({*named, *others})
    places = np.full(len(words) + 1, -1)
    places[[named[word] for word in found if word in named]] = [
        place for place, word in enumerate(found) if word in named
    ]
    return found, places


def recoded(column: Column, words: Sequence[str]) -> Places:
    """The codes of a column of text as places in other words; -1 where nothing is said."""
    index = {word: place for place, word in enumerate(words)}
    places: Places = np.array([*(index[word] for word in column.words), -1])[column.values]
    return places


def _stated(column: Column, rows: Rows) -> tuple[Whole, Whole, Truth]:
    """The numbers that rows of a column state: quotients, 0 over 1 where one states none; and which rows state one."""
    top, below = quotients(column.values[rows])
    there = is_there(column)[rows]
    under = alike(column.scale or 1, len(top)) if isinstance(below, int) else below
    return np.where(there, top, 0), np.where(there, under, 1), there


def _credits(table: Table, size: int, last: int, places: Places, roles: tuple[str, ...]) -> DealCredits:
    """The credits of loans that are there and that are known by the last day."""
    deal, payee, role = as_places(table["loan"].values), places[table["payee"].values], recoded(table["role"], roles)
    rows = np.flatnonzero((deal < size) & (table["on"].values <= last))
    rows = rows[ordered(deal[rows], role[rows], payee[rows])]
    top, below, stated = _stated(table["share"], rows)
    return DealCredits(
        deal=deal[rows],
        payee=payee[rows],
        role=role[rows],
        top=top,
        below=below,
        stated=stated,
        on=as_places(table["on"].values)[rows],
        row=rows,
    )


def repaid_days(deals: Deals) -> Whole:
    """The day on which nothing was outstanding any more of each deal, by its events or by a balance of zero.

    By events that is the first repayment after the last drawing that takes what is left; never of what was written off.
    """
    size, (empty, empty_on) = len(deals), deals.emptied
    events = [deals.events(kind) for kind in (EventKind.DISBURSED, EventKind.REPAID, EventKind.PREPAID)]
    if not len(empty) and not len(events[1]) and not len(events[2]):
        return alike(FAR, size)
    deal, on = (np.concatenate([getattr(item, name) for item in events]) for name in ("deal", "on"))
    kind = np.repeat(np.arange(3), [len(item) for item in events])
    units = np.concatenate([events[0].units, -events[1].units, -events[2].units])
    order = ordered(deal, on, kind)
    deal, on, drawn = deal[order], on[order], kind[order] == 0
    (units,) = bounded(reach(units, deal, size), units[order])
    row, sizes = np.arange(len(deal)), total_of(np.where(drawn, units, 0), deal, size)
    last = put(row[drawn], deal[drawn], size, -1)
    gone = ~drawn & (running(units, starts_of(deal)) <= 0) & (row > last[deal]) & (sizes > 0)[deal]
    found = _first_days(deal[gone], on[gone], size)
    later = empty_on > put(on[drawn], deal[drawn], size, FAR)[empty]
    found = np.where(found < FAR, found, _first_days(empty[later], empty_on[later], size))
    return np.where(marked(deals.events(EventKind.WRITTEN_OFF).deal, size), FAR, found)


def _first_days(deal: Places, on: Whole, size: int) -> Whole:
    """The day of the first row of each deal, of rows in order; `FAR` where there is none."""
    starts = starts_of(deal)
    return put(on[starts], deal[starts], size, FAR)


ITS_OWN, NO_RATE = -1, -2
"""In place of a rate: the amount is in the currency that is asked for; no rate is known on its day."""


@frozen(eq=False)
class Amounts:
    """Amounts in whole units of one currency."""

    found: Answers
    rate: Places
    """The row of the exchange rate of each; `ITS_OWN` or `NO_RATE`."""


@frozen(eq=False)
class ExchangeRates:
    """The exchange rates of facts."""

    facts: Facts

    def into(self, currency: str, units: Whole, given: Places, on: Whole, currencies: Sequence[str]) -> Amounts:
        """Amounts in a currency; 0 over 1 where no rate is known.

        Args:
            currency: the one that is asked for.
            units: amounts in smallest units.
            given: their currencies, as places in `currencies`.
            on: the day of each.
            currencies: codes of currencies.
        """
        row = np.repeat(ITS_OWN, len(units))
        for place, code in enumerate(currencies):
            if code != currency and (mine := np.flatnonzero(given == place)).size:
                row[mine] = self._latest(code, currency, on[mine])
        scale = whole([*(10 ** CURRENCIES[code] for code in currencies), 1])[given]
        rates = np.flatnonzero(row != ITS_OWN)
        top, below = self._rates(row[rates])
        top, below = times(units[rates], top), times(scale[rates], below)
        amounts, top = bounded(0, units.copy(), top)
        scale, below = bounded(0, scale, below)
        amounts[rates], scale[rates] = top, below

        def error(place: int) -> LoanPerfError:
            code, day = currencies[int(given[place])], day_of(int(on[place]))
            fault = f"an amount in {code} on {day} has no rate into {currency}"
            remedy = f"supply a rate of {code} into {currency} of that day or before, as a row of exchange_rates"
            return DataError("exchange rates", fault, remedy, ("exchange rate", rate_for(code, currency)))

        return Amounts(Answers(amounts, scale, row == NO_RATE, nowhere(len(units)), error), row)

    def _latest(self, currency: str, into: str, on: Whole) -> Places:
        """The row of the latest rate of a pair of currencies on or before each day."""
        table = self.facts.tables["exchange_rates"]
        pair = [_is(table["currency"].words, currency), _is(table["into"].words, into)]
        rows = np.flatnonzero(pair[0][table["currency"].values] & pair[1][table["into"].values])
        days = table["on"].values[rows]
        order = ordered(days)
        place = np.searchsorted(days[order], on, "right") - 1
        return np.where(place < 0, NO_RATE, np.append(rows[order], NO_RATE)[place])

    def _rates(self, rows: Places) -> tuple[Whole, Whole]:
        """What one unit of a currency is in the other, by rows of rates; 0 over 1 where there is none."""
        there = np.flatnonzero(rows >= 0)
        top, below, _ = _stated(self.facts.tables["exchange_rates"]["rate"], rows[there])
        return laid(rows * 0, there, top), laid(rows * 0 + 1, there, below)


def _is(words: Sequence[str], word: str) -> Truth:
    """By code of words, and of none, whether it is a word."""
    return whole([*(other == word for other in words), False]) > 0


DRAWN, SIGNED, ASKED, NOTHING = range(4)
"""What the amount of a loan is made of: its drawdowns, else what was signed, else what was applied for."""


@frozen(eq=False)
class _Moved:
    """Events of one kind that move the amount of a deal, in order of deal and day."""

    deal: Places
    on: Whole
    sums: Whole
    """All of the deal up to and with each, over the `below` of the deal."""
    faults: Whole
    """How many up to and with each have no exchange rate."""
    amounts: Amounts

    def last(self, deal: Places, on: Whole) -> Places:
        """The last event of each deal up to a day; -1 where there is none."""
        return as_of(self.deal, self.on, deal, on) if len(self.deal) else alike(-1, len(deal))

    def first_fault(self, row: int) -> int:
        """The first event without an exchange rate of the deal of a row."""
        mine = np.flatnonzero((self.deal == self.deal[row]) & self.amounts.found.faulty)
        return int(mine[0])


@frozen(eq=False, kw_only=True)
class KnownSizes:
    """Amounts of deals on days, a row a question."""

    top: Whole
    """Over `below`; 0 where none is known."""
    below: Whole
    known: Truth
    made_of: Places
    """From what the amount is known: `DRAWN` (drawdowns), `SIGNED` (contracts), `ASKED` (application), `NOTHING`."""
    faulty: Truth
    """Whether there is no exchange rate for a part of it."""
    error: Callable[[int], LoanPerfError]
    """What is wrong with a faulty row."""


@frozen(eq=False)
class Sizes:
    """The amounts of deals in one currency."""

    deals: Deals
    drawn: _Moved
    signed: _Moved
    asked: Amounts
    asked_top: Whole
    """What was applied for, over `below`."""
    below: Whole
    """By deal, what its amounts are over."""

    @classmethod
    def of(cls, deals: Deals, exchange: ExchangeRates, currency: str) -> Sizes:
        """The amounts of deals in a currency."""

        def into(units: Whole, given: Places, on: Whole) -> Amounts:
            return exchange.into(currency, units, given, on, deals.currencies)

        events = [deals.events(kind) for kind in (EventKind.DISBURSED, EventKind.SIGNED)]
        moved = [into(item.units, item.currency, item.on) for item in events]
        asked = into(deals.units, deals.currency, deals.opened)
        size = len(deals)
        deal = np.concatenate([np.arange(size), *(item.deal for item in events)])
        belows = [np.where(deals.known, asked.found.below, 1), *(item.found.below for item in moved)]
        over = np.concatenate(belows)
        below = in_one_each(over, deal)[:size]
        parts = []
        for item, found in zip(events, moved, strict=True):
            top = times(found.found.top, below[item.deal] // found.found.below)
            (top,) = bounded(reach(top, item.deal, size), top)
            starts = starts_of(item.deal)
            sums, faults = running(top, starts), running(found.found.faulty * 1, starts)
            parts.append(_Moved(item.deal, item.on, sums, faults, found))
        top = np.where(deals.known, times(asked.found.top, below // belows[0]), 0)
        return cls(deals, parts[0], parts[1], asked, top, below)

    def on(self, deal: Places, on: Whole, *, contracted: bool) -> KnownSizes:
        """The amounts of deals as known on days.

        Args:
            deal: of each question.
            on: the day of each.
            contracted: whether what was drawn plays no part.
        """
        signed = self.signed.last(deal, on)
        drawn = signed * 0 - 1 if contracted else self.drawn.last(deal, on)
        known = self.deals.known[deal]
        made_of = np.where(drawn >= 0, DRAWN, np.where(signed >= 0, SIGNED, np.where(known, ASKED, NOTHING)))
        top = np.where(made_of == ASKED, self.asked_top[deal], 0)
        faulty = (made_of == ASKED) & self.asked.found.faulty[deal]
        for code, moved, row in ((SIGNED, self.signed, signed), (DRAWN, self.drawn, drawn)):
            mine = np.flatnonzero(made_of == code)
            top, sums = bounded(0, top, moved.sums)
            top = laid(top, mine, sums[row[mine]])
            faulty = laid(faulty, mine, moved.faults[row[mine]] > 0)

        def error(place: int) -> LoanPerfError:
            if made_of[place] == ASKED:
                return self.asked.found.error(int(deal[place]))
            moved, row = (self.drawn, drawn) if made_of[place] == DRAWN else (self.signed, signed)
            return moved.amounts.found.error(moved.first_fault(int(row[place])))

        return KnownSizes(
            top=top, below=self.below[deal], known=made_of != NOTHING, made_of=made_of, faulty=faulty, error=error
        )
