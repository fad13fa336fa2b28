"""Views: (facts, period) -> rows, each with the payee it counts for and the fields of `FIELDS`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from operator import attrgetter
from typing import TypeAlias, assert_never

from attrs import Factory, frozen

from loanperf._facts import (
    Balance,
    Category,
    Credit,
    Customer,
    EventKind,
    ExchangeRate,
    Fact,
    Facts,
    Holding,
    Inquiry,
    Loan,
    LoanEvent,
    Profit,
    Rating,
    Training,
    Valuation,
    Violation,
)
from loanperf._indicators._types import HeldAt, View
from loanperf._periods import Period
from loanperf.errors import Problem, Subject

Key: TypeAlias = tuple[str, ...]
Problems: TypeAlias = dict[Key, Problem]
"""At most one problem a fact, so that facts in = facts used + problems."""

BEYOND_EVERY_BOUND_DAYS = 999_999
"""Days past due of a rescheduled loan where rescheduled counts as past due."""


def text_of(key: Key) -> str:
    """A natural key as it is printed."""
    return " ".join(key).strip()


# ── rows; money in smallest units ───────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class LoanEventRow:
    """An event of a loan within the period."""

    key: Key
    facts: tuple[Fact, ...]
    on: date
    opened_on: date
    originator: str
    officer: str
    """Who held the loan on the day of the event."""
    holder: str
    """Who holds the loan on the last day of the period."""
    event: str
    amount: int
    product: str
    segment: str
    collateral: str
    customer_type: str
    term_months: int | None
    cancelled: bool


@frozen(kw_only=True)
class LoanRow:
    """A loan as it stands on the last day of the period."""

    key: Key
    facts: tuple[Fact, ...]
    on: date
    opened_on: date
    originator: str
    officer: str
    holder: str
    balance: int
    average_balance: Fraction | None
    overdue: int | None
    is_overdue: bool
    days_past_due: int
    arrears_days: int
    category: str
    standing: str
    rescheduled: bool
    written_off: int
    exposure: int
    non_performing_exposure: int
    impaired_exposure: int
    signed: int
    disbursed: int
    age_days: int
    opened_in_period: bool
    first_due_in_period: bool | None
    first_payment_days_late: int
    product: str
    segment: str
    collateral: str
    customer_type: str


@frozen(kw_only=True)
class CustomerRow:
    """A customer and one payee who held it in the period or on the day before."""

    key: Key
    facts: tuple[Fact, ...]
    on: date
    payee: str
    at_start: bool
    at_end: bool
    kept: bool
    in_period: bool
    new: bool
    products: int
    profit: int


@frozen(kw_only=True)
class ViolationRow:
    """A violation within the period."""

    key: Key
    facts: tuple[Fact, ...]
    on: date
    payee: str
    points: Fraction


@frozen(kw_only=True)
class InquiryRow:
    """An inquiry within the period."""

    key: Key
    facts: tuple[Fact, ...]
    on: date
    payee: str
    authorised: bool
    permitted: bool


@frozen(kw_only=True)
class ValuationRow:
    """A valuation within the period."""

    key: Key
    facts: tuple[Fact, ...]
    on: date
    payee: str
    deviation: Fraction
    appraised: int
    benchmark: int


@frozen(kw_only=True)
class TrainingRow:
    """A course due within the period."""

    key: Key
    facts: tuple[Fact, ...]
    on: date
    payee: str
    completed: bool
    course: str


@frozen(kw_only=True)
class RatingRow:
    """A rating within the period."""

    key: Key
    facts: tuple[Fact, ...]
    on: date
    payee: str
    topic: str
    score: Fraction
    rater: str


Row: TypeAlias = (
    LoanEventRow | LoanRow | CustomerRow | ViolationRow | InquiryRow | ValuationRow | TrainingRow | RatingRow
)

_OFFICERS: dict[HeldAt, str] = {"origination": "originator", "event": "officer", "as of": "holder"}


def payee_of(row: Row, held_at: HeldAt) -> str:
    """The payee for whom a row counts."""
    if isinstance(row, LoanEventRow | LoanRow):
        officer: str = getattr(row, _OFFICERS[held_at])
        return officer
    return row.payee


# ── facts, put where they belong ────────────────────────────────────────────────────────────────────────────


_SIGNS = {EventKind.DISBURSED: 1, EventKind.REPAID: -1, EventKind.PREPAID: -1, EventKind.WRITTEN_OFF: -1}


@frozen
class History:
    """A loan with its balances and its events by kind, each in order of date and number."""

    loan: Loan
    events: dict[EventKind, list[LoanEvent]] = Factory(dict)
    balances: list[Balance] = Factory(list)

    def until(self, kind: EventKind, on: date) -> list[LoanEvent]:
        """The events of a kind up to and including a day."""
        return [event for event in self.events.get(kind, ()) if event.on <= on]

    def officer(self, on: date) -> str:
        """Who held the loan on a day: the last to whom it was assigned by then, else who originated it."""
        assigned = self.until(EventKind.ASSIGNED, on)
        return (assigned[-1].officer if assigned else None) or self.loan.officer

    def evidence(self, on: date) -> tuple[Fact, ...]:
        """What the state of the loan on a day stands on: the last balance, what moved it since, the last standing."""
        balance = [item for item in self.balances if item.on <= on][-1:]
        moves = [event for kind in _SIGNS for event in self.until(kind, on) if not balance or event.on > balance[0].on]
        standing = (EventKind.CLASSIFIED, EventKind.PAST_DUE, EventKind.RESCHEDULED)
        return (*balance, *moves, *(event for kind in standing for event in self.until(kind, on)[-1:]))

    def sum(self, kind: EventKind, on: date) -> int:
        """The amounts of a kind of event up to and including a day, in smallest units."""
        return sum(event.amount.units for event in self.until(kind, on) if event.amount)


@frozen
class Intake:
    """Facts that can be used, by what they belong to, and what is wrong with the others."""

    loans: dict[str, History] = Factory(dict)
    customers: dict[str, list[Customer]] = Factory(dict)
    holdings: dict[str, list[Holding]] = Factory(dict)
    profits: dict[str, list[Profit]] = Factory(dict)
    others: list[Violation | Inquiry | Valuation | Training | Rating] = Factory(list)
    problems: Problems = Factory(dict)


def take_in(facts: Facts, currency: str) -> Intake:
    """Put each fact where it belongs; one in another currency, or of no loan or customer, is a problem."""
    intake = Intake()
    for fact in facts:
        if isinstance(fact, Loan):
            intake.loans[fact.loan] = History(fact)
        elif isinstance(fact, Customer):
            intake.customers.setdefault(fact.customer, []).append(fact)
    for fact in facts:
        fault = _fault(fact, intake, currency)
        if fault is None:
            _put(fact, intake)
        else:
            intake.problems[fact.key] = Problem(text_of(fact.key), *fault, lacks=_lacked(fact, intake))
    for customer, records in intake.customers.items():
        _part_overlapping(records, intake.problems)
        if not records:
            _part_unheld(intake.holdings.pop(customer, []), intake.problems)
            _part_unheld(intake.profits.pop(customer, []), intake.problems)
    return intake


def _part_unheld(facts: Iterable[Holding | Profit], problems: Problems) -> None:
    """As problems, what is said of a customer of whom no record is left."""
    for fact in facts:
        fault, remedy = "every record of its customer is refused", "mend those of the Customer"
        lacks = ("customer", fact.customer)
        problems[fact.key] = Problem(text_of(fact.key), fault, fact.customer, remedy, lacks=lacks)


def _put(fact: Fact, intake: Intake) -> None:
    match fact:
        case LoanEvent():
            intake.loans[fact.loan].events.setdefault(fact.kind, []).append(fact)
        case Balance():
            intake.loans[fact.loan].balances.append(fact)
        case Holding():
            intake.holdings.setdefault(fact.customer, []).append(fact)
        case Profit():
            intake.profits.setdefault(fact.customer, []).append(fact)
        case Violation() | Inquiry() | Valuation() | Training() | Rating():
            intake.others.append(fact)
        case Loan() | Customer():
            pass  # they were put first, for the others to belong to
        case Credit() | ExchangeRate():
            pass  # pay goes by these, and no indicator
        case _:
            assert_never(fact)


def _fault(fact: Fact, intake: Intake, currency: str) -> tuple[str, str, str] | None:
    amounts = {
        money.currency
        for name in ("amount", "outstanding", "overdue", "appraised")
        if not isinstance(fact, Loan)  # whose amount no indicator counts
        and (money := getattr(fact, name, None)) is not None
    }
    if amounts - {currency}:
        found = ", ".join(sorted(amounts))
        return "it is in another currency", found, f"convert it to {currency}, or measure each currency alone"
    if isinstance(fact, LoanEvent | Balance) and fact.loan not in intake.loans:
        return "there is no such loan", repr(fact.loan), "send the Loan as well, or mend the number"
    if isinstance(fact, Holding | Profit) and fact.customer not in intake.customers:
        return "there is no such customer", repr(fact.customer), "send the Customer as well, or mend its code"
    return None


def _lacked(fact: Fact, intake: Intake) -> Subject | None:
    """The loan or customer that a fact is about, where there is none."""
    if isinstance(fact, LoanEvent | Balance) and fact.loan not in intake.loans:
        return ("loan", fact.loan)
    if isinstance(fact, Holding | Profit) and fact.customer not in intake.customers:
        return ("customer", fact.customer)
    return None


def _part_overlapping(records: list[Customer], problems: Problems) -> None:
    """Take out, as problems, the records of a customer that hold on one day; nothing tells which is true."""
    reached = date.min
    overlapping = set()
    for record, after in zip(records, [*records[1:], None], strict=True):
        until = record.until or date.max
        if record.since < reached or (after is not None and after.since < until):
            overlapping.add(record.key)
        reached = max(reached, until)
    for record in [record for record in records if record.key in overlapping]:
        records.remove(record)
        fault, remedy = "two records of the customer hold on one day", "end one where the next starts"
        found = f"{record.officer} from {record.since} to {record.until or 'open'}"
        loses = ("customer", record.customer)
        problems[record.key] = Problem(text_of(record.key), fault, found, remedy, loses=loses)


# ── views ───────────────────────────────────────────────────────────────────────────────────────────────────


def rows_of(view: View, intake: Intake, period: Period) -> tuple[tuple[Row, ...], Problems]:
    """The rows of a view in order of their keys, and what turned out wrong while they were built."""
    problems: Problems = {}
    if view == "loan events":
        return tuple(row for history in intake.loans.values() for row in _events(history, period)), problems
    if view == "loans":
        held = [history for history in intake.loans.values() if _exists(history, period.last_day)]
        return tuple(_state(history, period, problems) for history in held), problems
    if view == "customers":
        held_by = [(customer, records) for customer, records in intake.customers.items() if records]
        return tuple(row for item in held_by for row in _customers(*item, intake, period, problems)), problems
    seen = [fact for fact in intake.others if fact.on in period]
    return tuple(row for fact in seen for row in _plain(view, fact, period)), problems


def _events(history: History, period: Period) -> Iterator[LoanEventRow]:
    loan, holder = history.loan, history.officer(period.last_day)
    cancelled = any(event.on in period for event in history.events.get(EventKind.CANCELLED, ()))
    for event in (event for events in history.events.values() for event in events if event.on in period):
        yield LoanEventRow(
            key=event.key,
            facts=(event,),
            on=event.on,
            opened_on=loan.opened_on,
            originator=loan.officer,
            officer=history.officer(event.on),
            holder=holder,
            event=event.kind.value,
            amount=event.amount.units if event.amount else 0,
            product=loan.product,
            segment=loan.segment,
            collateral=loan.collateral,
            customer_type=loan.customer_type,
            term_months=loan.term_months,
            cancelled=cancelled,
        )


def _exists(history: History, on: date) -> bool:
    return history.loan.opened_on <= on and not history.until(EventKind.CANCELLED, on)


def _state(history: History, period: Period, problems: Problems) -> LoanRow:
    loan, last = history.loan, period.last_day
    balance, average = _outstanding(history, period, problems)
    overdue, days = _arrears(history, last, balance)
    classified = history.until(EventKind.CLASSIFIED, last)
    category = (classified[-1].category if classified else None) or Category.NORMAL
    rescheduled = bool(history.until(EventKind.RESCHEDULED, last))
    standing = "rescheduled" if rescheduled else "performing"
    if category.non_performing:
        standing = "non-performing"
    written_off = history.sum(EventKind.WRITTEN_OFF, last) - history.sum(EventKind.RECOVERED, last)
    written_off = max(0, written_off)
    disbursed = history.sum(EventKind.DISBURSED, last)
    due = loan.first_due_on
    return LoanRow(
        key=loan.key,
        facts=history.evidence(last),
        on=last,
        opened_on=loan.opened_on,
        originator=loan.officer,
        officer=(holder := history.officer(last)),
        holder=holder,
        balance=balance,
        average_balance=average,
        overdue=overdue,
        is_overdue=balance > 0 and (days > 0 or (overdue or 0) > 0),
        days_past_due=days,
        arrears_days=BEYOND_EVERY_BOUND_DAYS if rescheduled else days,
        category=category.value,
        standing=standing,
        rescheduled=rescheduled,
        written_off=written_off,
        exposure=balance + written_off,
        non_performing_exposure=written_off + (balance if category.non_performing else 0),
        impaired_exposure=written_off + (balance if standing != "performing" else 0),
        signed=history.sum(EventKind.SIGNED, last),
        disbursed=disbursed,
        age_days=(last - loan.opened_on).days,
        opened_in_period=loan.opened_on in period,
        first_due_in_period=(None if disbursed or balance else False) if due is None else due in period,
        first_payment_days_late=0 if due is None else _days_late(history, due, last),
        product=loan.product,
        segment=loan.segment,
        collateral=loan.collateral,
        customer_type=loan.customer_type,
    )


def _days_late(history: History, due: date, last: date) -> int:
    """The most days past due of which the first instalment can be the cause."""
    return max(
        (
            event.days or 0
            for event in history.until(EventKind.PAST_DUE, last)
            if event.on > due and (event.on - due).days <= (event.days or 0)
        ),
        default=0,
    )


def _arrears(history: History, last: date, balance: int) -> tuple[int | None, int]:
    """The overdue amount on a day, None where unknown, and the days past due."""
    past_due = history.until(EventKind.PAST_DUE, last)
    days = (past_due[-1].days if past_due else None) or 0
    stated = [item for item in history.balances if item.on <= last]
    current_again = bool(past_due) and days == 0 and (not stated or stated[-1].on <= past_due[-1].on)
    if not balance or current_again:
        return 0, days
    overdue = stated[-1].overdue if stated else None
    return None if overdue is None else min(overdue.units, balance), days


def _outstanding(history: History, period: Period, problems: Problems) -> tuple[int, Fraction | None]:
    """What is outstanding at the end, and its exact daily average; None where the start is unknown."""
    stated = {item.on: item.outstanding.units for item in history.balances if item.on < period.end}
    moves = [event for kind in _SIGNS for event in history.events.get(kind, ()) if event.on < period.end]
    moves.sort(key=attrgetter("on"))
    opening = max((on for on in stated if on < period.start), default=None)
    unknown = opening is None and _starts_unknown(history.loan, stated, moves)
    first = min(stated) if unknown else opening
    if first is not None:
        stated = {on: units for on, units in stated.items() if on >= first}
        moves = [event for event in moves if event.on > first]
    on_day: dict[date, list[LoanEvent]] = {}
    for event in moves:
        on_day.setdefault(event.on, []).append(event)
    balance, unit_days, since = 0, 0, period.start
    for on in sorted(stated.keys() | on_day.keys()):
        if on > since:
            unit_days, since = unit_days + balance * (on - since).days, on
        if on in stated:
            balance = stated[on]
            continue
        balance = _moved(balance, on_day[on], problems)
    unit_days += balance * (period.end - since).days
    return balance, None if unknown else Fraction(unit_days, period.days)


def _starts_unknown(loan: Loan, stated: dict[date, int], moves: list[LoanEvent]) -> bool:
    """Whether the first balance falls from the sky: on an older loan, with no drawdown that leads to it."""
    if not stated or loan.opened_on >= min(stated):
        return False
    earlier = [event.kind for event in moves if event.on <= min(stated)]
    return EventKind.DISBURSED not in earlier and bool(earlier or stated[min(stated)])


def _moved(balance: int, events: list[LoanEvent], problems: Problems) -> int:
    """A balance after a day's events, drawdowns first; what takes more than is there is a problem."""
    for event in events:
        change = _SIGNS[event.kind] * (event.amount.units if event.amount else 0)
        if balance + change < 0:
            fault, remedy = "it takes more than is outstanding", "mend it, or send the balance before it"
            lacks = ("amounts", event.loan)
            problems[event.key] = Problem(text_of(event.key), fault, str(event.amount), remedy, lacks=lacks)
        balance = max(0, balance + change)
    return balance


def _customers(
    customer: str, records: list[Customer], intake: Intake, period: Period, problems: Problems
) -> Iterator[CustomerRow]:
    held_before = any(_held_before(record, period) for record in records)
    gained = [record for record in records if record.since in period and not held_before]
    products = {item.product for item in intake.holdings.get(customer, ()) if _holds(item, period.last_day)}
    profits: dict[str, int] = {}
    for profit in (item for item in intake.profits.get(customer, ()) if item.on in period):
        officers = [record.officer for record in records if _holds(record, profit.on)]
        if officers:
            profits[officers[0]] = profits.get(officers[0], 0) + profit.amount.units
        else:
            fault, remedy = "nobody holds the customer on that day", "mend its day or those of the Customer"
            lacks = ("customer", customer)
            problems[profit.key] = Problem(text_of(profit.key), fault, profit.on.isoformat(), remedy, lacks=lacks)
    by_officer: dict[str, list[Customer]] = {}
    for record in records:
        if _held_before(record, period) or period.overlap(record.since, record.until) is not None:
            by_officer.setdefault(record.officer, []).append(record)
    for officer, held in by_officer.items():
        at_start = any(_held_before(record, period) for record in held)
        at_end = any(_holds(record, period.last_day) for record in held)
        yield CustomerRow(
            key=held[-1].key,
            facts=tuple(held),
            on=held[-1].since,
            payee=officer,
            at_start=at_start,
            at_end=at_end,
            kept=at_start and at_end,
            in_period=any(period.overlap(record.since, record.until) is not None for record in held),
            new=bool(gained) and gained[0] in held,
            products=len(products) if at_end else 0,
            profit=profits.get(officer, 0),
        )


def _held_before(record: Customer, period: Period) -> bool:
    return record.since < period.start and (record.until is None or record.until >= period.start)


def _holds(record: Customer | Holding, on: date) -> bool:
    return record.since <= on and (record.until is None or on < record.until)


def _plain(view: View, fact: Violation | Inquiry | Valuation | Training | Rating, period: Period) -> Iterator[Row]:
    """The row of a fact that belongs to a view and counts for the payee it names."""
    key, on, payee = fact.key, fact.on, fact.payee
    match view, fact:
        case "violations", Violation():
            yield ViolationRow(key=key, facts=(fact,), on=on, payee=payee, points=fact.points)
        case "inquiries", Inquiry():
            yield InquiryRow(
                key=key, facts=(fact,), on=on, payee=payee, authorised=fact.authorised, permitted=fact.permitted
            )
        case "valuations", Valuation():
            appraised, benchmark = fact.appraised.units, fact.benchmark.units
            deviation = Fraction(abs(appraised - benchmark), benchmark)
            yield ValuationRow(
                key=key,
                facts=(fact,),
                on=on,
                payee=payee,
                deviation=deviation,
                appraised=appraised,
                benchmark=benchmark,
            )
        case "trainings", Training():
            completed = fact.completed_on is not None and fact.completed_on < period.end
            yield TrainingRow(key=key, facts=(fact,), on=on, payee=payee, completed=completed, course=fact.course)
        case "ratings", Rating():
            yield RatingRow(
                key=key, facts=(fact,), on=on, payee=payee, topic=fact.topic, score=fact.score, rater=fact.rater
            )
        case _:
            return
