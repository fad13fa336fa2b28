"""The plain reference of facts -> readings: the rules in Fractions, dicts and loops, which tests hold the program to.

It is written from `docs/reference/indicators.md`, from the meanings in `FIELDS` and from the decisions, and not from
the program: it looks at one row after another, knows no columns and saves no time. The measures of the catalogue are
read as the data that they are. What goes in are rows of facts; what comes out are plain numbers by natural keys.

Whoever changes a rule changes it here too, in the same few lines in which the documentation says it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeAlias

from attrs import define, field, frozen

import loanperf as lp
from loanperf._indicators import Measure

Key: TypeAlias = tuple[str, ...]
"""The natural key of a fact."""
Value: TypeAlias = Fraction | str | bool | None
"""What a field of a row says; None where that is unknown."""
NON_PERFORMING = ("substandard", "doubtful", "loss")
BEYOND_EVERY_BOUND = Fraction(999999)
"""Days past due of a rescheduled loan, where those are looked at that count it as late."""
MOVES = ("disbursed", "repaid", "prepaid", "written off")
"""The events that move what is outstanding."""
KINDS = [*lp.EventKind]
"""What happens to a loan, in the order in which events of one day count: what is drawn before what is taken off."""
HELD_AT = ("origination", "event", "as of")


# ── what comes out ──────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Showed:
    """What an indicator showed for a payee."""

    numerator: Fraction
    denominator: Fraction | None
    parts: Mapping[Key, tuple[Fraction, Fraction | None]]
    """By fact, what it gave to the numerator and, of a ratio, to the denominator."""


@frozen
class Expected:
    """What must be measured."""

    payees: tuple[str, ...]
    showed: Mapping[tuple[str, str], Showed]
    """By payee and indicator."""
    faults: Sequence[tuple[str, str]]
    """What cannot be used, in order: the key of the fact as text, and what is wrong with it."""
    rows: int
    repeats: int
    used: int


@define
class Told:
    """What is wrong with facts: of each the first that is found."""

    faults: dict[Key, str] = field(factory=dict)

    def tell(self, key: Key, fault: str) -> None:
        """Say that something is wrong with a fact, unless something was said before."""
        self.faults.setdefault(key, fault)


def text_of(key: Key) -> str:
    """A natural key as text."""
    return " ".join(key).strip()


# ── facts that hold ─────────────────────────────────────────────────────────────────────────────────────────


SOURCES = {
    "crm": ("applied", "due diligence complete", "signed", "cancelled", "assigned"),
    "finance": ("disbursed", "repaid", "prepaid", "written off", "recovered"),
    "risk": ("classified", "past due", "rescheduled"),
}
"""Whose word holds for which kinds of events, as usual."""
Sent: TypeAlias = tuple[int, lp.Fact]
"""A fact, and the number of the delivery in which it came."""


@define
class Taken:
    """Rows on the way to facts that hold: what is left of them, and what became of the others."""

    rows: list[Sent] = field(factory=list)
    repeats: int = 0
    refused: list[tuple[str, str]] = field(factory=list)

    def refuse(self, fact: lp.Fact, fault: str) -> None:
        """Refuse one row."""
        self.refused.append((text_of(fact.key), fault))


def source_of(fact: lp.Fact) -> str:
    """The source whose word holds for something that a fact comes from; empty where it names none of them."""
    return fact.source if fact.source in SOURCES else ""


def said_by(event: lp.LoanEvent) -> tuple[object, ...]:
    """What two systems must agree on; numbers are each one's own."""
    return event.on, event.amount, event.category, event.days, event.officer


def of_one_source(sent: Sequence[Sent]) -> Taken:
    """The rows that hold where several sources have sent some: of each kind of event those of the one that is believed.

    Where that one has sent nothing at all, the reports of one source hold, or those in which all agree, and else none.
    """
    found, known = Taken(), {source_of(fact) for _, fact in sent} - {""}
    groups: dict[tuple[str, str], dict[str, list[tuple[int, lp.LoanEvent]]]] = defaultdict(lambda: defaultdict(list))
    for delivery, fact in sent:
        if len(known) > 1 and isinstance(fact, lp.LoanEvent):
            groups[fact.loan, fact.kind.value][source_of(fact)].append((delivery, fact))
        else:
            found.rows.append((delivery, fact))
    for (_, kind), reports in groups.items():
        for rows in reports.values():
            rows.sort(key=lambda row: (row[1].on, str(said_by(row[1])), row[1].number))
        (believed,) = (source for source, kinds in SOURCES.items() if kind in kinds)
        if believed in known:
            believe(believed, kind, reports, found)
        else:
            agree(kind, reports, found)
    return found


def believe(source: str, kind: str, reports: dict[str, list[tuple[int, lp.LoanEvent]]], found: Taken) -> None:
    """Take what the source says that is believed; what another one says is a repeat where it says the same."""
    mine = reports.pop(source, [])
    found.rows += mine
    word = f"{source}, whose word holds for {kind!r},"
    for rows in reports.values():
        left, differing = [said_by(event) for _, event in mine], list[lp.LoanEvent]()
        for _, event in rows:
            if said_by(event) in left:
                left.remove(said_by(event))
                found.repeats += 1
            else:
                differing.append(event)
        for place, event in enumerate(differing):
            says = "says otherwise" if place < len(left) else "does not report it"
            found.refuse(event, f"{word} {says}, so it is not counted")


def agree(kind: str, reports: dict[str, list[tuple[int, lp.LoanEvent]]], found: Taken) -> None:
    """Take the reports of the one source that there is, or once what all say alike; of any others none is used."""
    first, *others = (reports[source] for source in sorted(reports))
    if all([said_by(event) for _, event in first] == [said_by(event) for _, event in rows] for rows in others):
        found.rows += first
        found.repeats += sum(map(len, others))
        return
    names = " and ".join(source or "another source" for source in sorted(reports))
    for rows in reports.values():
        for _, event in rows:
            found.refuse(event, f"{names} report {kind!r} of this loan, they differ, and nobody's word holds")


def facts_that_hold(deliveries: Sequence[Sequence[lp.Fact]]) -> tuple[list[lp.Fact], Taken]:
    """Each fact once; and how many rows said again what another one said, and which are refused.

    Rows that differ under one key are all refused. Rows that say the same are one fact; two of one source and delivery
    that a number would tell apart, and that have none, may be two events: one is used, and each other one is told.
    """
    found = of_one_source([(place, fact) for place, delivery in enumerate(deliveries) for fact in delivery])
    said: dict[Key, list[Sent]] = defaultdict(list)
    for row in found.rows:
        said[row[1].key].append(row)
    held: list[lp.Fact] = []
    for rows in said.values():
        first = rows[0][1]
        if any(fact != first for _, fact in rows):
            for _, fact in rows:
                found.refuse(fact, f"{len(rows)} rows contradict each other")
            continue
        held.append(first)
        again: dict[tuple[object, ...], int] = defaultdict(int)
        for place, (delivery, fact) in enumerate(rows):
            again[(delivery, source_of(fact)) if getattr(fact, "number", "it has one") == "" else (place,)] += 1
        for many in again.values():
            for _ in range(many - 1):
                fault = f"{many} rows say the same, and no number tells whether it happened once or more often"
                found.refuse(first, fault)
        found.repeats += len(again) - 1
    return sorted(held, key=lambda fact: fact.key), found


def of_kind(facts: Iterable[lp.Fact], kind: type) -> list[Any]:
    """The facts of one kind, in order of their keys."""
    return [fact for fact in facts if isinstance(fact, kind)]


# ── rows of views ───────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Row:
    """A row of a view."""

    key: Key
    """Of the fact that it is of."""
    on: date
    """The day on which it is looked at."""
    payees: Mapping[str, str]
    """For whom it counts, by the date that a measure names."""
    values: Mapping[str, Value]


def for_one(payee: str) -> dict[str, str]:
    """For whom a row counts that has one payee, whatever date a measure names."""
    return dict.fromkeys(HELD_AT, payee)


@frozen
class Asked:
    """What is measured: a period, a currency, and the facts that hold."""

    facts: Sequence[lp.Fact]
    period: lp.Period
    currency: str
    told: Told

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.period.last_day

    def usable(self, fact: Any, *amounts: str) -> bool:
        """Whether amounts of a fact are in the currency; where they are not, it is told."""
        for name in amounts:
            amount = getattr(fact, name)
            if amount is not None and amount.currency != self.currency:
                self.told.tell(fact.key, "it is in another currency")
                return False
        return True


# loans and their events


@frozen
class History:
    """A loan with all that was said of it, in order of day."""

    loan: lp.Loan
    events: Sequence[lp.LoanEvent]
    balances: Sequence[lp.Balance]

    def upto(self, day: date, *kinds: str) -> list[lp.LoanEvent]:
        """The events of some kinds up to a day, itself included."""
        return [event for event in self.events if event.kind.value in kinds and event.on <= day]

    def officer(self, day: date) -> str:
        """Who holds it on a day: the last to whom it was handed by then, else who opened it."""
        handed = [event.officer for event in self.upto(day, "assigned")]
        return handed[-1] or "" if handed else self.loan.officer

    def sum_of(self, kind: str, day: date) -> Fraction:
        """The amounts of a kind of event up to a day."""
        return sum((exact(event.amount) for event in self.upto(day, kind)), Fraction(0))

    def stated(self, day: date) -> lp.Balance | None:
        """The latest balance that was stated up to a day."""
        stated = [balance for balance in self.balances if balance.on <= day]
        return stated[-1] if stated else None


def exact(amount: lp.Money | None) -> Fraction:
    """An amount in whole units of its currency; nothing is 0."""
    return Fraction(0) if amount is None else amount.exact


def histories(asked: Asked) -> list[History]:
    """The loans that there are; what is said of any other, or in another currency, is told."""
    loans = {loan.loan: loan for loan in of_kind(asked.facts, lp.Loan)}
    events: dict[str, list[lp.LoanEvent]] = defaultdict(list)
    balances: dict[str, list[lp.Balance]] = defaultdict(list)
    for fact in [*of_kind(asked.facts, lp.LoanEvent), *of_kind(asked.facts, lp.Balance)]:
        if not asked.usable(fact, "amount" if isinstance(fact, lp.LoanEvent) else "outstanding"):
            continue
        if fact.loan not in loans:
            asked.told.tell(fact.key, "there is no such loan")
        elif isinstance(fact, lp.LoanEvent):
            events[fact.loan].append(fact)
        else:
            balances[fact.loan].append(fact)
    return [
        History(
            loan,
            sorted(events[code], key=lambda event: (event.on, KINDS.index(event.kind), event.number)),
            sorted(balances[code], key=lambda balance: balance.on),
        )
        for code, loan in sorted(loans.items())
    ]


def balance_on(history: History, day: date, told: Told) -> Fraction:
    """What is outstanding at the end of a day: the latest balance stated by then, moved by the events after it.

    Without a balance, all events count. Drawings add; repayments, prepayments and what is written off take off, though
    never more than is there: an event that would is told.
    """
    stated = history.stated(day)
    held = Fraction(0) if stated is None else exact(stated.outstanding)
    for event in history.upto(day, *MOVES):
        if stated is not None and event.on <= stated.on:
            continue
        if event.kind is lp.EventKind.DISBURSED:
            held += exact(event.amount)
            continue
        if exact(event.amount) > held:
            told.tell(event.key, "it takes more than is outstanding")
        held = max(Fraction(0), held - exact(event.amount))
    return held


def known_since(history: History, last: date) -> date:
    """The first day on which what is outstanding at its end is known, of what is said by the last one.

    What is outstanding before the first balance is known by the drawings up to that balance. Where there is none,
    nobody knows it, unless the loan was opened no earlier, or that balance is 0 and nothing was taken off before.
    """
    first = next((balance for balance in history.balances if balance.on <= last), None)
    if first is None or first.on <= history.loan.opened_on or history.upto(first.on, "disbursed"):
        return date.min
    something = first.outstanding.units or any(event.amount for event in history.upto(first.on, *MOVES))
    return first.on if something else date.min


def average_balance(history: History, period: lp.Period, told: Told) -> Value:
    """The balances at the end of each day of the period, over its days; unknown where one of them is.

    What the period starts from, at the end of the day before, must be known too. Of a loan nothing is outstanding
    before the day on which it is opened, unless something is said of those days.
    """
    since, total, unknown = known_since(history, period.last_day), Fraction(0), False
    for day in (period.start + timedelta(place) for place in range(-1, period.days)):
        balance = balance_on(history, day, told) if day >= since else Fraction(0)
        total += balance if day >= period.start else 0
        unknown = unknown or history.loan.opened_on <= day < since
    return None if unknown else total / period.days


def overdue_part(history: History, day: date, balance: Fraction) -> Value:
    """The past-due part of the latest balance, at most what is outstanding; 0 once 0 days past due are said since."""
    stated, late = history.stated(day), history.upto(day, "past due")
    if balance == 0:
        return Fraction(0)
    if late and late[-1].days == 0 and (stated is None or late[-1].on >= stated.on):
        return Fraction(0)
    if stated is None or stated.overdue is None:
        return None
    return min(exact(stated.overdue), balance)


def first_due_in_period(history: History, period: lp.Period, balance: Fraction) -> Value:
    """Whether its first instalment falls due within the period; without a day, no where nothing is drawn or held."""
    due = history.loan.first_due_on
    if due is not None:
        return due in period
    return None if balance or history.sum_of("disbursed", period.last_day) else False


def first_payment_days_late(history: History, day: date) -> Fraction:
    """The most days past due, seen by a day, that reach back to the first instalment."""
    due, most = history.loan.first_due_on, 0
    for event in history.upto(day, "past due"):
        days = event.days or 0
        if due is not None and due < event.on and event.on - timedelta(days) <= due:
            most = max(most, days)
    return Fraction(most)


def said(fact: Any, *names: str) -> dict[str, Value]:
    """What a row says itself."""
    return {name: getattr(fact, name) for name in names}


TERMS = ("product", "segment", "collateral", "customer_type")
"""What a loan says of itself, for the rows of its events too."""


def loan_rows(asked: Asked, found: Sequence[History]) -> list[Row]:
    """The loans opened by the last day and not cancelled by then, as they stand on that day."""
    rows = []
    for history in found:
        if history.loan.opened_on > asked.last or history.upto(asked.last, "cancelled"):
            continue
        holder = history.officer(asked.last)
        payees = {"origination": history.loan.officer, "event": holder, "as of": holder}
        rows.append(Row(history.loan.key, asked.last, payees, standing(history, asked)))
    return rows


def standing(history: History, asked: Asked) -> dict[str, Value]:
    """How a loan stands on the last day."""
    last = asked.last
    balance = balance_on(history, last, asked.told)
    overdue = overdue_part(history, last, balance)
    classified, late = history.upto(last, "classified"), history.upto(last, "past due")
    category = "normal" if not classified else classified[-1].category.value  # type: ignore[union-attr]
    days = Fraction(late[-1].days or 0) if late else Fraction(0)
    rescheduled, bad = bool(history.upto(last, "rescheduled")), category in NON_PERFORMING
    written_off = max(Fraction(0), history.sum_of("written off", last) - history.sum_of("recovered", last))
    return {
        "balance": balance,
        "average_balance": average_balance(history, asked.period, asked.told),
        "overdue": overdue,
        "is_overdue": bool(balance and (days or overdue)),
        "days_past_due": days,
        "arrears_days": BEYOND_EVERY_BOUND if rescheduled else days,
        "category": category,
        "standing": "non-performing" if bad else "rescheduled" if rescheduled else "performing",
        "rescheduled": rescheduled,
        "written_off": written_off,
        "exposure": balance + written_off,
        "non_performing_exposure": written_off + (balance if bad else 0),
        "impaired_exposure": written_off + (balance if bad or rescheduled else 0),
        "signed": history.sum_of("signed", last),
        "disbursed": history.sum_of("disbursed", last),
        "age_days": Fraction((last - history.loan.opened_on).days),
        "opened_in_period": history.loan.opened_on in asked.period,
        "first_due_in_period": first_due_in_period(history, asked.period, balance),
        "first_payment_days_late": first_payment_days_late(history, last),
        **said(history.loan, *TERMS),
    }


def event_rows(asked: Asked, found: Sequence[History]) -> list[Row]:
    """The events of loans that are dated in the period."""
    rows = []
    for history in found:
        cancelled = any(event.on in asked.period for event in history.upto(asked.last, "cancelled"))
        months = history.loan.term_months
        for event in history.events:
            if event.on not in asked.period:
                continue
            values: dict[str, Value] = {
                "event": event.kind.value,
                "amount": exact(event.amount),
                "term_months": None if months is None else Fraction(months),
                "cancelled": cancelled,
                **said(history.loan, *TERMS),
            }
            payees = {
                "origination": history.loan.officer,
                "event": history.officer(event.on),
                "as of": history.officer(asked.last),
            }
            rows.append(Row(event.key, event.on, payees, values))
    return rows


# customers


def holds_on(record: lp.Customer | lp.Holding, day: date) -> bool:
    """Whether a record holds on a day: from `since`, and before `until`."""
    return record.since <= day and (record.until is None or day < record.until)


def overlap(one: lp.Customer, other: lp.Customer) -> bool:
    """Whether two records hold on one day."""
    return holds_on(one, other.since) or holds_on(other, one.since)


def customer_rows(asked: Asked) -> list[Row]:
    """A customer and one payee who held it in the period or on the day before.

    Two records of a customer that hold on one day are refused, both of them.
    """
    records: dict[str, list[lp.Customer]] = defaultdict(list)
    for record in of_kind(asked.facts, lp.Customer):
        records[record.customer].append(record)
    for code, some in records.items():
        wrong = [one for one in some if any(overlap(one, other) for other in some if other is not one)]
        for record in wrong:
            asked.told.tell(record.key, "two records of the customer hold on one day")
        records[code] = [record for record in some if record not in wrong]
    holdings, profits = of_customers(asked, records)
    rows = []
    for code, some in sorted(records.items()):
        for payee in sorted({record.officer for record in some}):
            mine = [record for record in some if record.officer == payee]
            rows += customer_row(asked, mine, some, holdings[code], profits[code])
    return rows


def of_customers(
    asked: Asked, records: Mapping[str, Sequence[lp.Customer]]
) -> tuple[dict[str, list[lp.Holding]], dict[str, list[lp.Profit]]]:
    """What customers hold and contribute; what is said of one that there is not, or that nobody holds, is told."""
    holdings: dict[str, list[lp.Holding]] = defaultdict(list)
    profits: dict[str, list[lp.Profit]] = defaultdict(list)

    def none_of(fact: lp.Holding | lp.Profit) -> bool:
        there = "every record of its customer is refused" if fact.customer in records else "there is no such customer"
        if not records.get(fact.customer):
            asked.told.tell(fact.key, there)
        return not records.get(fact.customer)

    for holding in of_kind(asked.facts, lp.Holding):
        if not none_of(holding):
            holdings[holding.customer].append(holding)
    for profit in of_kind(asked.facts, lp.Profit):
        if not asked.usable(profit, "amount") or none_of(profit):
            continue
        if profit.on in asked.period and not any(holds_on(record, profit.on) for record in records[profit.customer]):
            asked.told.tell(profit.key, "nobody holds the customer on that day")
        else:
            profits[profit.customer].append(profit)
    return holdings, profits


def customer_row(
    asked: Asked,
    mine: Sequence[lp.Customer],
    records: Sequence[lp.Customer],
    holdings: Sequence[lp.Holding],
    profits: Sequence[lp.Profit],
) -> list[Row]:
    """The row of a customer and the payee of `mine`, some of its `records`; none where it is held at another time."""
    before, days = (
        asked.period.start - timedelta(1),
        [asked.period.start + timedelta(n) for n in range(asked.period.days)],
    )
    held = [record for record in mine if any(holds_on(record, day) for day in [before, *days])]
    if not held:
        return []
    at_start = any(holds_on(record, before) for record in mine)
    at_end = any(holds_on(record, asked.last) for record in mine)
    firsts = [record for record in records if record.since in asked.period]
    gained = bool(firsts) and min(firsts, key=lambda record: record.since) in mine
    products = {holding.product for holding in holdings if holds_on(holding, asked.last)}
    earned = [item for item in profits if item.on in asked.period and any(holds_on(record, item.on) for record in mine)]
    values: dict[str, Value] = {
        "at_start": at_start,
        "at_end": at_end,
        "kept": at_start and at_end,
        "in_period": any(holds_on(record, day) for record in mine for day in days),
        "new": gained and not any(holds_on(record, before) for record in records),
        "products": Fraction(len(products) if at_end else 0),
        "profit": sum((exact(item.amount) for item in earned), Fraction(0)),
    }
    last = max(held, key=lambda record: record.since)
    return [Row(last.key, asked.last, for_one(last.officer), values)]


# what is said of payees


def valuation(fact: lp.Valuation) -> dict[str, Value]:
    """What a valuation says, and how far it is off."""
    appraised, benchmark = exact(fact.appraised), exact(fact.benchmark)
    return {"appraised": appraised, "benchmark": benchmark, "deviation": abs(appraised - benchmark) / benchmark}


def training(fact: lp.Training, last: date) -> dict[str, Value]:
    """A course, and whether it was completed on the last day or before."""
    return {"completed": fact.completed_on is not None and fact.completed_on <= last, "course": fact.course}


def single_rows(asked: Asked) -> dict[str, list[Row]]:
    """What is said of payees in the period, a fact a row."""
    found: dict[str, list[Row]] = defaultdict(list)
    for view, (kind, values) in SINGLE.items():
        for fact in of_kind(asked.facts, kind):
            if (kind is not lp.Valuation or asked.usable(fact, "appraised")) and fact.on in asked.period:
                found[view].append(Row(fact.key, fact.on, for_one(fact.payee), values(fact, asked.last)))
    return {view: found[view] for view in SINGLE}


SINGLE: Mapping[str, tuple[type, Callable[[Any, date], dict[str, Value]]]] = {
    "violations": (lp.Violation, lambda fact, _: said(fact, "points")),
    "inquiries": (lp.Inquiry, lambda fact, _: said(fact, "authorised", "permitted")),
    "valuations": (lp.Valuation, lambda fact, _: valuation(fact)),
    "trainings": (lp.Training, training),
    "ratings": (lp.Rating, lambda fact, _: said(fact, "topic", "score", "rater")),
    "complaints": (lp.Complaint, lambda fact, _: said(fact, "topic", "upheld")),
}


def views(asked: Asked) -> dict[str, list[Row]]:
    """The rows of every view."""
    found = histories(asked)
    return {
        "loan events": event_rows(asked, found),
        "loans": loan_rows(asked, found),
        "customers": customer_rows(asked),
        **single_rows(asked),
    }


# ── measures ────────────────────────────────────────────────────────────────────────────────────────────────


class UnknownValueError(Exception):
    """A value that a measure needs is not known; the field is its argument."""


def known(row: Row, name: str) -> Any:
    """The value of a field that must be known."""
    value = row.values[name]
    if value is None:
        raise UnknownValueError(name)
    return value


def within(value: Any, test: lp.Where) -> bool:
    """Whether a value passes a filter: one of some values, or within all of its bounds."""
    if test.values:
        return value in test.values
    return (
        (test.at_least is None or value >= test.at_least.value)
        and (test.above is None or value > test.above.value)
        and (test.at_most is None or value <= test.at_most.value)
        and (test.below is None or value < test.below.value)
    )


def height(curve: lp.Curve, x: Fraction) -> Fraction:
    """The value of a curve at x: `[from, to)` where it is closed on the left, else `(from, to]`."""
    passed = [knot for knot in curve.knots if knot[0] < x or (knot[0] == x and curve.closed == "left")]
    if not passed:
        return curve.knots[0][1]
    x0, y0 = passed[-1]
    if len(passed) == len(curve.knots):
        if curve.then is None:
            return y0
        points = (x - x0) * (1 if curve.x_unit else 100)
        return y0 + curve.then.per_point * (points if curve.then.counted == "pro rata" else points // 1)
    x1, y1 = curve.knots[len(passed)]
    return y0 if curve.shape == "step" else y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def given_by(row: Row, total: lp.Total) -> Fraction | None:
    """What a row gives to a total; None where it does not pass a filter."""
    if not all(within(known(row, test.field), test) for test in total.where):
        return None
    amount: Fraction = known(row, total.sum) if total.sum else Fraction(1)
    return amount if total.weights is None else amount * height(total.weights, known(row, total.weighed_by))


@frozen
class Measuring:
    """Rows of every view, and for whom they may count."""

    rows: Mapping[str, Sequence[Row]]
    assigned: frozenset[str] | None
    """The payees of the organisation; None where there is none, and every payee counts."""
    told: Told

    def given(self, total: lp.Total) -> dict[tuple[str, Key], Fraction]:
        """What a total is made of, by payee and fact."""
        found: dict[tuple[str, Key], Fraction] = {}
        for row in self.rows[total.over]:
            payee = row.payees[total.held_at]
            try:
                amount = given_by(row, total)
            except UnknownValueError as error:
                self.told.tell(row.key, f"{error} is unknown on {row.on}")
                continue
            if not amount:
                continue
            if self.assigned is not None and payee not in self.assigned:
                self.told.tell(row.key, f"it counts for {payee!r}, who is not assigned in the period")
                continue
            found[payee, row.key] = amount
        return found

    def showed(self, measure: Measure, payees: Sequence[str]) -> dict[str, Showed]:
        """What an indicator shows for each payee."""
        above, *below = [self.given(total) for total in totals_of(measure)]
        found = {}
        for payee in payees:
            over = {key: amount for (who, key), amount in above.items() if who == payee}
            numerator, denominator = sum(over.values(), Fraction(0)), None
            parts: dict[Key, tuple[Fraction, Fraction | None]] = {key: (over[key], None) for key in sorted(over)}
            for under in below:
                whole = {key: amount for (who, key), amount in under.items() if who == payee}
                denominator = sum(whole.values(), Fraction(0))
                keys = sorted({*over, *whole})
                parts = {key: (over.get(key, Fraction(0)), whole.get(key, Fraction(0))) for key in keys}
            if isinstance(measure, lp.Deduct):
                # Below zero it would cost other indicators their points; a team's is the mean of its members'.
                numerator, denominator = max(Fraction(0), measure.start - numerator), Fraction(1)
                parts = {key: (-amount, None) for key, (amount, _) in parts.items()}
            found[payee] = Showed(numerator, denominator, parts)
        return found


def totals_of(measure: Measure) -> list[lp.Total]:
    """What a measure is made of."""
    if isinstance(measure, lp.Ratio):
        return [measure.numerator, measure.denominator]
    return [measure.less if isinstance(measure, lp.Deduct) else measure]


def counted_for(row: Row, view: str, measures: Sequence[Measure]) -> set[str]:
    """The payees for whom a row may count: of its own day, and of each date that a measure over its view names."""
    named = {total.held_at for measure in measures for total in totals_of(measure) if total.over == view}
    return {row.payees[held_at] for held_at in named | {"event"}} if measures else set()


# ── the whole ───────────────────────────────────────────────────────────────────────────────────────────────


def expected_of(
    deliveries: Sequence[Sequence[lp.Fact]],
    period: lp.Period,
    indicators: Sequence[lp.Indicator],
    *,
    currency: str = "CNY",
    organisation: lp.Organisation | None = None,
) -> Expected | None:
    """What must be measured over facts that came in some deliveries; None where nothing is known of the period.

    With an organisation the payees are those assigned on some day of the period; without one all for whom a row of any
    view may count. Of each fact the first fault is told, in the order of the indicators.
    """
    held, taken = facts_that_hold(deliveries)
    if not any(fact.on <= period.last_day for fact in held):
        return None
    told = Told()
    rows = views(Asked(held, period, currency, told))
    measures = [indicator.measure for indicator in indicators if indicator.measure is not None]
    if organisation is None:
        assigned = None
        payees = sorted(
            {payee for view, found in rows.items() for row in found for payee in counted_for(row, view, measures)}
        )
    else:
        held_in = (item for item in organisation.assignments if period.overlap(item.since, item.until))
        assigned = frozenset(item.payee for item in held_in)
        payees = sorted(assigned)
    measuring = Measuring(rows, assigned, told)
    showed = {
        (payee, indicator.code): found
        for indicator in indicators
        if indicator.measure is not None
        for payee, found in measuring.showed(indicator.measure, payees).items()
    }
    faults = sorted([*taken.refused, *((text_of(key), fault) for key, fault in told.faults.items())])
    came = sum(map(len, deliveries))
    return Expected(tuple(payees), showed, faults, came, taken.repeats, came - taken.repeats - len(faults))
