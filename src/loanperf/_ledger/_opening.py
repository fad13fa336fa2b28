"""Opening: what a lender owed its people when it went live -> the first entries of a ledger, and what is due of them.

What is held is released on the days that the lender states; receivables are recovered from pay as any others are, and
draws by the rules of their plan; what is due is paid with the first period. What was paid before is known, and is not
paid again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from operator import index
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from attrs import Attribute, field, frozen

from loanperf._commission import line_key
from loanperf._data import PlainData
from loanperf._explanations import because
from loanperf._ledger._calendar import SAY_FIRST
from loanperf._ledger._entries import Entries, Entry
from loanperf._ledger._kinds import EFFECTS, EntryKind
from loanperf._ledger._ledger import Ledger, must_be_ledger
from loanperf._periods import Period, day, must_be_period
from loanperf._quantities import Money
from loanperf._tables._given import table_of
from loanperf._validators import each_of, must_be, must_be_storable
from loanperf.errors import LedgerError, LoanPerfError, Problem, shown

What: TypeAlias = Literal["due", "held", "receivable", "draw", "paid", "earned", "withheld", "released", "counted"]
Totals: TypeAlias = Mapping[Any, Iterable[str | Money] | str | Money | int]
"""What finance has: by what, one amount or one a currency; and under `loans` how many loans counted."""
KIND_OF: Mapping[What, EntryKind] = MappingProxyType({what: EntryKind(f"opening {what}") for what in get_args(What)})
"""By what an amount is, the kind of its entry."""
_OF_LINES = ("earned", "withheld", "released")
"""What is said of a line of a loan."""
_MOST = 2**62
"""In smallest units: what an amount of an opening is below."""


def _is_empty(value: Any) -> bool:
    """Whether a cell is None, blank text, or what frames put there: a value that is not the same as itself."""
    try:
        return value is None or (isinstance(value, str) and not value.strip()) or bool(value != value)  # noqa: PLR0124
    except TypeError:  # pandas.NA is neither
        return True


def _cell(column: str, value: Any, read: Callable[[Any], Any]) -> Any:
    """What a cell says; an error names the column, and what is empty is not given."""
    try:
        return None if _is_empty(value) else read(value)
    except LoanPerfError as error:
        fault, _, remedy = str(error).partition("; ")
        raise LedgerError(column, fault, remedy) from None


def _money(value: Any) -> Any:
    return Money(value) if isinstance(value, str) else value


def _period(value: Any) -> Any:
    return Period.parse(value) if isinstance(value, str) else value


def _day(value: Any) -> Any:
    """A day; of a time that is midnight without a zone its date, since frames have days so."""
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time.min:
        return value.date()
    return day(value)


def _amount(value: Any) -> Any:
    return _cell("amount", value, _money)


def _cohort(value: Any) -> Any:
    return _cell("cohort", value, _period)


def _on(value: Any) -> Any:
    return _cell("on", value, _day)


def _plan(value: Any) -> Any:
    return "" if _is_empty(value) else value


def _loans(value: Any) -> Any:
    """How many, of a whole number or its digits; frames have whole numbers with gaps as floats."""
    if _is_empty(value):
        return 0
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if hasattr(value, "is_integer") and value.is_integer():
        return int(value)
    return index(value) if hasattr(value, "__index__") and not isinstance(value, bool) else value


def _through(value: Any) -> Any:
    return _cell("through", value, _period)


def _balance(value: Any) -> Any:
    return _cell("a balance", value, _money)


def _named(row: OpeningRow | StatedBalance, _: Attribute[str], payee: object) -> None:
    where = "a row of an opening" if isinstance(row, OpeningRow) else "a balance"
    if not isinstance(payee, str) or not payee or payee != payee.strip():
        raise LedgerError(where, f"its payee is {shown(payee)}", "give the code of one, without blanks around it")
    must_be_storable(f"the payee of {where}", payee, 200)


def _not_below_zero(row: OpeningRow, _: Attribute[Money], amount: object) -> None:
    if not isinstance(amount, Money) or not 0 <= amount.units < _MOST:
        remedy = "give one with its unit, such as '300 元', of zero or more and below 2**62 smallest units"
        raise LedgerError(_place(row), f"its amount is {shown(amount)}", remedy)


def _known(row: OpeningRow, _: Attribute[str], what: object) -> None:
    if not isinstance(what, str) or what not in KIND_OF:
        raise LedgerError(_place(row), f"it is {shown(what)}", f"use one of {', '.join(get_args(What))}")


def _a_period(row: OpeningRow | StatedBalance, of: Attribute[Any], value: object) -> None:
    if not isinstance(value, Period) and not (value is None and of.default is None):
        raise LedgerError(f"{of.name} of {row.payee}", f"it is {shown(value)}", "give a period, such as 2026-03")


def _a_code(row: OpeningRow, of: Attribute[str], code: object) -> None:
    must_be_storable(f"{of.name} of {row.payee}", code)


def _a_number(row: OpeningRow, _: Attribute[int], loans: object) -> None:
    if type(loans) is not int or not 0 <= loans <= 10**6:
        raise LedgerError(_place(row), f"its loans are {shown(loans)}", "give how many, from 0 to 1,000,000")


def _an_amount(said: StatedBalance, of: Attribute[Any], value: object) -> None:
    if value is not None and not isinstance(value, Money):
        where = f"{of.name} of {said.payee}"
        raise LedgerError(where, f"it is {shown(value)}", "give an amount with its unit, such as '300 元'")


@frozen(kw_only=True)
class OpeningRow(PlainData):
    """One amount that was there when a ledger began.

    Raises:
        LedgerError: there is no such kind of amount, it is below zero, what is held has no period in which it was
            earned or no day on which it is released, or a draw has no plan.
    """

    payee: str = field(validator=_named)
    what: What = field(validator=_known)
    """`due`: to be paid with the first period. `held`: of what was earned in `cohort`, and is released on the day `on`;
    a row an instalment. `receivable`: owed by the payee. `draw`: not repaid of the first recoverable draw of `plan`,
    which the payee has in the first period; it is recovered and waived as the plan says. `paid`: paid out so far.
    `earned`: what a line of `loan` earned in `cohort`, which was paid but for what is held of it; a loan that goes bad
    takes of it. `withheld`: what of it was held when it was earned. `released`: what of that was released since.
    `counted`: counts for the tiers of `component` of `plan`, of loans that the facts lack; what was earned, where tiers
    are by that."""
    amount: Money = field(converter=_amount, validator=_not_below_zero)
    cohort: Period | None = field(default=None, converter=_cohort, validator=_a_period)
    """The period in which it was earned; needed for what is held. Of what counted, the period in which it did; None is
    the one before the first."""
    on: date | None = field(default=None, converter=_on)
    """The day of its release; needed for what is held."""
    plan: str = field(default="", converter=_plan, validator=_a_code)
    """The code of the plan by which it is held, for whoever asks; needed for a draw, of lines, and for what counted."""
    component: str = field(default="", converter=_plan, validator=_a_code)
    """The code of the component of the plan by which it was earned, or of which the tiers go on; needed for both."""
    loan: str = field(default="", converter=_plan, validator=_a_code)
    """The code of the loan by which it was earned; needed of lines."""
    stage: str = field(default="", converter=_plan, validator=_a_code)
    """The stage that earned it, such as `signed`; of lines, empty is `disbursed`."""
    loans: int = field(default=0, converter=_loans, validator=_a_number)
    """Of how many loans that is which counted; needed where loans count, or are paid, by their number."""

    def __attrs_post_init__(self) -> None:
        is_line = self.what in _OF_LINES
        if (is_line or self.what in ("draw", "counted")) and not self.plan:
            raise LedgerError(_place(self), "it does not say of which plan", "give plan, such as 'sales'")
        if (is_line or self.what == "counted") != bool(self.component):
            fault = f"its component is {shown(self.component)}"
            raise LedgerError(_place(self), fault, "give the component exactly of lines, and of what counted")
        if is_line != bool(self.loan) or (self.stage and not is_line):
            fault = f"its loan is {shown(self.loan)}, its stage {shown(self.stage)}"
            raise LedgerError(_place(self), fault, f"give loan and stage exactly of what is {', '.join(_OF_LINES)}")
        if self.loans and self.what != "counted":
            raise LedgerError(_place(self), f"it is of {self.loans} loans", "give loans of what counted alone")
        if is_line and self.cohort is None:
            raise LedgerError(_place(self), "it does not say when it was earned", "give cohort, such as 2026-03")
        if self.what != "held":
            return
        if self.cohort is None:
            raise LedgerError(_place(self), "it does not say when it was earned", "give cohort, such as 2026-03")
        if self.on is None:
            raise LedgerError(_place(self), "it does not say when it is released", "give on, a row an instalment")

    @property
    def line(self) -> str:
        """The key of the line of a loan; empty of what is no line."""
        if self.what not in _OF_LINES or self.cohort is None:
            return ""
        return line_key(self.payee, self.plan, self.component, self.loan, self.stage or "disbursed", self.cohort)


def _place(row: OpeningRow) -> str:
    return f"{row.what} of {row.payee} in an opening"


@frozen
class Opening(PlainData):
    """What was there when a ledger began, and the first entries that say so.

    >>> held = {"payee": "lin", "what": "held", "amount": "300 元", "cohort": "2025-11", "on": "2026-11-30"}
    >>> opening = Opening.of([held], first=Period.month(2026, 7), totals={"held": "300 元"})
    >>> print(opening.ledger(by="chen").balance("lin").held)
    300.00 CNY
    """

    rows: tuple[OpeningRow, ...]
    first: Period
    """The first period that is worked with the library; the entries stand in the one before, which is closed."""

    @classmethod
    def of(cls, rows: Any, *, first: Period, totals: Totals) -> Opening:
        """The opening of a ledger, once its sums are what finance has.

        Args:
            rows: `OpeningRow`, mappings of their fields, or a table of any kind with a column a field, all text.
            first: the first period that is worked with the library.
            totals: what all rows of a kind come to, one amount or one a currency; a kind that is left out has none.
                Under `loans`, of how many loans that is which counted.

        Raises:
            LedgerError: there is no row, one cannot be used, with its number, or the rows do not sum to the totals.
            DataError: it is no table, or there are no totals.
            PeriodError: `first` is no period.
        """
        must_be_period(first)
        given = tuple(_read(number, row, first) for number, row in enumerate(_rows(rows), 1))
        if not given:
            fault = "it has no row, and a ledger that begins with nothing does not know its first period"
            raise LedgerError("an opening", fault, f"{SAY_FIRST} with {first} to each run instead")
        _must_sum(given, totals)
        _must_be_whole(given)
        return cls(given, first)

    @property
    def period(self) -> Period:
        """The period before the first, in which the entries stand."""
        return self.first.previous()

    @property
    def entries(self) -> Entries:
        """One a row, in order; then what was paid of lines, one a payee and currency."""
        found = [self._entry(number, row) for number, row in enumerate(self.rows, 1)]
        paid = defaultdict[tuple[str, str], int](int)
        for row in self.rows:
            if row.line:
                paid[row.payee, row.amount.currency] += EFFECTS[KIND_OF[row.what]].due * row.amount.units
        for (payee, currency), units in paid.items():
            amount, kind = Money.from_units(units, currency), EntryKind.OPENING_PAID_OUT
            more = because(f"entry.{kind.value}", {"amount": str(amount)})
            found.append(
                Entry(
                    number=len(found) + 1, kind=kind, payee=payee, period=self.period, amount=amount,
                    on=self.period.last_day, reason=more,
                )
            )  # fmt: skip
        return Entries.of_rows(found)

    def ledger(self, *, by: str) -> Ledger:
        """A ledger that begins with it: the entries, and behind them that their period is closed.

        Args:
            by: who opens it.

        Raises:
            LedgerError: nobody is named.
        """
        return Ledger().append(self.entries).close(self.period, by=by)

    def _entry(self, number: int, row: OpeningRow) -> Entry:
        held = row.what == "held"
        values = {"amount": str(row.amount), "cohort": "" if row.cohort is None else str(row.cohort)}
        if row.on is not None:
            values["on"] = row.on.isoformat()
        if row.what in ("draw", "counted"):
            values["plan"] = row.plan
        if row.what == "counted":
            cohort = row.cohort or self.period
            values |= {"cohort": str(cohort), "component": row.component, "loans": str(row.loans)}
        if row.line:
            values["loan"] = row.loan
        # What is held of one period may be released on several days: each number is a line of its own.
        line = row.line
        if row.cohort is not None and held:
            line = line_key(row.payee, row.plan, "opening", "", str(number), row.cohort)
        return Entry(
            number=number,
            kind=KIND_OF[row.what],
            payee=row.payee,
            line=line,
            cohort=values["cohort"],
            loan=row.loan,
            period=self.period,
            amount=row.amount,
            on=row.on if held and row.on is not None else self.period.last_day,
            reason=because(f"entry.{KIND_OF[row.what].value}", values),
        )


def _rows(given: Any) -> Sequence[Any]:
    if isinstance(given, (list, tuple)):
        return given
    table = table_of(given, "the opening")
    columns = {
        name: column.values.tolist() if column.kind == "float" else [*map(column.at, range(table.rows))]
        for name, column in table.columns.items()
    }
    return [
        {name: cells[row] for name, cells in columns.items() if cells[row] is not None} for row in range(table.rows)
    ]


def _read(number: int, row: Any, first: Period) -> OpeningRow:
    """A row, which must be of before the first period."""
    try:
        found = row if isinstance(row, OpeningRow) else OpeningRow(**row)
    except (TypeError, ValueError) as error:
        raise LedgerError(f"row {number} of an opening", str(error), "give payee, what and amount") from None
    except LoanPerfError as error:
        fault, _, remedy = str(error).partition("; ")
        raise LedgerError(f"row {number} of an opening", fault, remedy) from None
    if found.cohort is not None and found.cohort.end > first.start:
        fault = f"it was earned in {found.cohort}, and the first period is {first}"
        raise LedgerError(f"row {number} of an opening", fault, "leave out what the library itself will work")
    if found.on is not None and found.on < first.start:
        fault = f"it was to be released on {found.on}, before {first}"
        raise LedgerError(f"row {number} of an opening", fault, "give it as due, or as paid")
    return found


def _must_be_whole(rows: Sequence[OpeningRow]) -> None:
    """Refuse a line that was earned twice, and of which more was held than earned, or released than held."""
    sums: dict[str, dict[str, list[Money]]] = defaultdict(lambda: {what: [] for what in _OF_LINES})
    for row in rows:
        if row.line:
            sums[row.line][row.what].append(row.amount)
    for line, of in sums.items():
        where = f"line {line} of an opening"
        for what, given in of.items():
            if len(given) > 1 or (what == "earned" and not given):
                raise LedgerError(where, f"it has {len(given)} rows of what was {what}", "give one that was earned")
        amounts = [given[0] if given else Money.from_units(0, of["earned"][0].currency) for given in of.values()]
        for (what, most), (other, less) in pairwise(zip(_OF_LINES, amounts, strict=True)):
            if (most - less).units < 0:
                raise LedgerError(where, f"{less} was {other}, of {most} that was {what}", "find out what is right")


def _must_sum(rows: Sequence[OpeningRow], totals: Totals) -> None:
    """Refuse rows that do not sum to the totals, by kind and currency."""
    sums = defaultdict[tuple[str, str], int](int)
    for row in rows:
        sums[row.what, row.amount.currency] += row.amount.units
    wanted = defaultdict[tuple[str, str], int](int)
    must_be(totals, Mapping, "the totals of an opening", "pass what finance has by kind, such as {'held': '300 元'}")
    loans, said = sum(row.loans for row in rows), totals.get("loans", 0)
    if _loans(said) != loans:
        fault = f"its rows come to {loans}, and finance has {shown(said)}"
        raise LedgerError("the loans that counted in an opening", fault, "find the row that is missing, or the total")
    for what, stated in totals.items():
        if what == "loans":
            continue
        if what not in KIND_OF:
            use = ", ".join((*get_args(What), "loans"))
            raise LedgerError("the totals of an opening", f"one is of {shown(what)}", f"use {use}")
        amounts = [stated] if isinstance(stated, str) or not isinstance(stated, Iterable) else stated
        for amount in map(_money, amounts):
            must_be(amount, Money, f"the total of what is {what}", "give an amount with its unit, such as '300 元'")
            wanted[what, amount.currency] += amount.units
    for kind, currency in sorted({*sums, *wanted}):
        found, asked = (Money.from_units(part[kind, currency], currency) for part in (sums, wanted))
        if found != asked:
            fault = f"its rows come to {found}, and finance has {asked}"
            raise LedgerError(f"what is {kind} in an opening", fault, "find the row that is missing, or the total")


# ── what finance says ───────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class StatedBalance(PlainData):
    """What finance says of a payee at the end of a period; what it does not say is None."""

    payee: str = field(validator=_named)
    through: Period = field(converter=_through, validator=_a_period)
    """With everything that is posted in it or before."""
    due: Money | None = field(default=None, converter=_balance, validator=_an_amount)
    held: Money | None = field(default=None, converter=_balance, validator=_an_amount)
    owed: Money | None = field(default=None, converter=_balance, validator=_an_amount)
    paid: Money | None = field(default=None, converter=_balance, validator=_an_amount)


def differing(ledger: Ledger, stated: Iterable[StatedBalance]) -> tuple[Problem, ...]:
    """A problem for each balance of which the ledger says something else than finance.

    >>> said = StatedBalance(payee="lin", through="2026-06", held="300 元")
    >>> print(differing(Ledger(), [said])[0])
    payee lin at the end of 2026-06: held is 0.00 CNY, and finance says 300.00 CNY; find out which of them is right
    """
    return tuple(
        Problem(
            f"payee {said.payee} at the end of {said.through}",
            f"{name} is {found}, and finance says {amount}",
            "",
            "find out which of them is right",
            payee=said.payee,
        )
        for said, name, amount, found in unlike_balances(ledger, stated)
    )


def unlike_balances(
    ledger: Ledger, stated: Iterable[StatedBalance]
) -> Iterator[tuple[StatedBalance, str, Money, Money]]:
    """What finance says and the ledger does not: of whom, which balance, as finance has it and as the ledger has it."""
    must_be_ledger(ledger)
    for said in each_of(stated, StatedBalance, "balances", "pass loanperf.opening.StatedBalance"):
        for name in ("due", "held", "owed", "paid"):
            amount = getattr(said, name)
            if amount is None:
                continue
            found = getattr(ledger.balance(said.payee, through=said.through, currency=amount.currency), name)
            if found != amount:
                yield said, name, amount, found
