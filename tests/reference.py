"""The plain reference of facts -> readings: the rules in Fractions, dicts and loops, which tests hold the program to.

It is written from the documentation and the meanings in `FIELDS`, and not from the program: it looks at one row after
another, knows no columns and saves no time. Whoever changes a rule changes it here too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from attrs import define, field, frozen

import loanperf as lp
from loanperf._indicators import Measure
from loanperf.progress import SalesLead
from loanperf.schemes import Curve, Deduct, Indicator, Ratio, Total, Where

Key: TypeAlias = tuple[str, ...]
"""The natural key of a fact."""
Value: TypeAlias = Fraction | str | bool | None
"""What a field of a row says; None where that is unknown."""
ZERO, ONE = Fraction(0), Fraction(1)
NON_PERFORMING = ("substandard", "doubtful", "loss")
BEYOND_EVERY_BOUND = Fraction(999999)
"""Days past due of a rescheduled loan, where those are looked at that count it as late."""
MOVES = ("disbursed", "repaid", "prepaid", "written off")
"""The events that move what is outstanding."""
KINDS = [*lp.EventKind]
"""What happens to a loan, in the order in which events of one day count: what is drawn before what is taken off."""
SOURCES = {
    "crm": ("applied", "due diligence complete", "signed", "cancelled", "assigned"),
    "finance": ("disbursed", "repaid", "prepaid", "written off", "recovered"),
    "risk": ("classified", "past due", "rescheduled"),
}
"""Whose word holds for which kinds of events, as usual."""
TERMS = ("product", "segment", "collateral", "customer_type")
"""What a loan says of itself, for the rows of its events too."""
SINGLE: Mapping[str, tuple[type, Sequence[str]]] = {
    "violations": (lp.Violation, ["points"]),
    "inquiries": (lp.Inquiry, ["authorised", "permitted"]),
    "valuations": (lp.Valuation, []),
    "trainings": (lp.Training, ["course"]),
    "ratings": (lp.Rating, ["topic", "score", "rater"]),
    "complaints": (lp.Complaint, ["topic", "upheld"]),
    "leads": (SalesLead, ["origin"]),
}
"""What is said of payees: by view the kind of facts, and which of their fields are taken as they are."""


@frozen
class Showed:
    """What an indicator showed for a payee; by fact, what it gave to the numerator and, of a ratio, the denominator."""

    numerator: Fraction
    denominator: Fraction | None
    parts: Mapping[Key, tuple[Any, ...]]


@frozen
class Expected:
    """What must be measured: by payee and indicator; and what cannot be used, as key and fault."""

    payees: tuple[str, ...]
    showed: Mapping[tuple[str, str], Showed]
    faults: Sequence[tuple[str, str]]
    rows: int
    repeats: int
    used: int


def text_of(key: Key) -> str:
    """A natural key as text."""
    return " ".join(key).strip()


# ── facts that hold ─────────────────────────────────────────────────────────────────────────────────────────
@define
class Taken:
    """Rows on the way to facts that hold: those left, each with its delivery, and what became of others."""

    rows: list[tuple[int, Any]] = field(factory=list)
    repeats: int = 0
    refused: list[tuple[str, str]] = field(factory=list)

    def refuse(self, fact: Any, fault: str) -> None:
        """Refuse one row."""
        self.refused.append((text_of(fact.key), fault))


def source_of(fact: Any) -> str:
    """The source whose word holds for something that a fact comes from; empty where it names none of them."""
    return fact.source if fact.source in SOURCES else ""


def said_by(event: Any) -> tuple[object, ...]:
    """What two systems must agree on; numbers are each one's own."""
    return event.on, event.amount, event.category, event.days, event.officer


def of_one_source(sent: Sequence[tuple[int, Any]]) -> Taken:
    """The rows that hold where several sources have sent some: of each kind of event those of the one that is believed.

    Where that one has sent nothing at all, the reports of one source hold, or those in which all agree, and else none.
    """
    found, known = Taken(), {source_of(fact) for _, fact in sent} - {""}
    groups: dict[Key, dict[str, list[tuple[int, Any]]]] = defaultdict(lambda: defaultdict(list))
    for delivery, fact in sent:
        if len(known) > 1 and isinstance(fact, lp.LoanEvent):
            groups[fact.loan, fact.kind.value][source_of(fact)].append((delivery, fact))
        else:
            found.rows.append((delivery, fact))
    for (_, kind), reports in groups.items():
        (believed,) = (source for source, kinds in SOURCES.items() if kind in kinds)
        first, *others = (reports[source] for source in sorted(reports))
        said = Counter(said_by(event) for _, event in first)
        if believed in known:
            believe(believed, kind, reports, found)
        elif all(Counter(said_by(event) for _, event in rows) == said for rows in others):
            found.rows += first
            found.repeats += sum(map(len, others))
        else:
            names = " and ".join(source or "another source" for source in sorted(reports))
            for _, event in (row for rows in reports.values() for row in rows):
                found.refuse(event, f"{names} report {kind!r} of this loan, they differ, and nobody's word holds")
    return found


def believe(source: str, kind: str, reports: dict[str, list[tuple[int, Any]]], found: Taken) -> None:
    """Take what the source says that is believed; what another one says is a repeat where it says the same."""
    mine = reports.pop(source, [])
    found.rows += mine
    for rows in reports.values():
        left, differing = [said_by(event) for _, event in mine], []
        for event in sorted(
            (event for _, event in rows), key=lambda event: (event.on, str(said_by(event)), event.number)
        ):
            if said_by(event) in left:
                left.remove(said_by(event))
                found.repeats += 1
            else:
                differing.append(event)
        for place, event in enumerate(differing):
            says = "says otherwise" if place < len(left) else "does not report it"
            found.refuse(event, f"{source}, whose word holds for {kind!r}, {says}, so it is not counted")


def facts_that_hold(deliveries: Sequence[Sequence[lp.Fact]]) -> tuple[list[Any], Taken]:
    """Each fact once; and how many rows said again what another one said, and which are refused.

    Rows that differ under one key are all refused. Rows that say the same are one fact; two of one source and delivery
    that a number would tell apart, and that have none, may be two events: one is used, and each other one is told.
    """
    found = of_one_source([(place, fact) for place, delivery in enumerate(deliveries) for fact in delivery])
    said, held = defaultdict[Key, list[tuple[int, Any]]](list), list[Any]()
    for row in found.rows:
        said[row[1].key].append(row)
    for rows in said.values():
        first = rows[0][1]
        if any(fact != first for _, fact in rows):
            for _, fact in rows:
                found.refuse(fact, f"{len(rows)} rows contradict each other")
            continue
        held.append(first)
        unnumbered = getattr(first, "number", "it has one") == ""
        again = Counter((row[0], source_of(row[1])) if unnumbered else place for place, row in enumerate(rows))
        for many in again.values():
            for _ in range(many - 1):
                fault = f"{many} rows say the same, and no number tells whether it happened once or more often"
                found.refuse(first, fault)
        found.repeats += len(again) - 1
    return sorted(held, key=lambda fact: fact.key), found


# ── loans ───────────────────────────────────────────────────────────────────────────────────────────────────
@frozen
class Row:
    """A row of a view: of a fact on a day, for whom it counts by the date that a measure names, and what it says."""

    key: Key
    on: date
    payees: Mapping[str, str]
    values: Mapping[str, Value]


@frozen
class Asked:
    """What is measured: a period, a currency, the facts that hold, and the first fault that is told of each."""

    facts: Sequence[Any]
    period: lp.Period
    currency: str
    told: dict[Key, str]

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.period.last_day

    def of_kind(self, *kinds: type) -> list[Any]:
        """The facts of some kinds."""
        return [fact for kind in kinds for fact in self.facts if isinstance(fact, kind)]

    def usable(self, fact: Any, name: str) -> bool:
        """Whether an amount of a fact is in the currency; where it is not, it is told."""
        amount = getattr(fact, name)
        if amount is not None and amount.currency != self.currency:
            self.told.setdefault(fact.key, "it is in another currency")
        return amount is None or amount.currency == self.currency


def in_order(facts: Iterable[Any]) -> list[Any]:
    """Events and balances by day; events of one day by kind."""
    return sorted(facts, key=lambda fact: (fact.on, KINDS.index(getattr(fact, "kind", KINDS[0])), fact.key))


@frozen
class History:
    """A loan with all that was said of it, in order of day."""

    loan: lp.Loan
    events: Sequence[lp.LoanEvent] = field(converter=in_order)
    balances: Sequence[lp.Balance] = field(converter=in_order)

    def upto(self, day: date, *kinds: str) -> list[lp.LoanEvent]:
        """The events of some kinds up to a day, itself included."""
        return [event for event in self.events if event.kind.value in kinds and event.on <= day]

    def officer(self, day: date) -> str:
        """Who holds it on a day: the last to whom it was handed by then, else who opened it."""
        handed = self.upto(day, "assigned")
        return handed[-1].officer or "" if handed else self.loan.officer

    def payees(self, day: date, last: date) -> dict[str, str]:
        """For whom it counts on a day, by the date that a measure names."""
        return {"origination": self.loan.officer, "event": self.officer(day), "as of": self.officer(last)}

    def sum_of(self, kind: str, day: date) -> Fraction:
        """The amounts of a kind of event up to a day."""
        return sum((exact(event.amount) for event in self.upto(day, kind)), ZERO)

    def stated(self, day: date) -> lp.Balance | None:
        """The latest balance that was stated up to a day."""
        return next((balance for balance in reversed(self.balances) if balance.on <= day), None)


def exact(amount: lp.Money | None) -> Fraction:
    """An amount in whole units of its currency; nothing is 0."""
    return ZERO if amount is None else amount.exact


def histories(asked: Asked) -> list[History]:
    """The loans that there are; what is said of any other, or in another currency, is told."""
    found = {loan.loan: (loan, list[lp.LoanEvent](), list[lp.Balance]()) for loan in asked.of_kind(lp.Loan)}
    for fact in asked.of_kind(lp.LoanEvent, lp.Balance):
        of_event = isinstance(fact, lp.LoanEvent)
        if fact.loan in found and asked.usable(fact, "amount" if of_event else "outstanding"):
            found[fact.loan][1 if of_event else 2].append(fact)
        elif asked.usable(fact, "amount" if of_event else "outstanding"):
            asked.told.setdefault(fact.key, "there is no such loan")
    return [History(*said) for _, said in sorted(found.items())]


def balance_on(history: History, day: date, told: dict[Key, str]) -> Fraction:
    """What is outstanding at the end of a day: the latest balance stated by then, moved by the events after it.

    Without a balance, all events count. Drawings add; repayments, prepayments and what is written off take off, though
    never more than is there: an event that would is told.
    """
    stated = history.stated(day)
    held = ZERO if stated is None else exact(stated.outstanding)
    for event in history.upto(day, *MOVES):
        if stated is None or event.on > stated.on:
            held += exact(event.amount) * (1 if event.kind is lp.EventKind.DISBURSED else -1)
        if held < 0:
            told.setdefault(event.key, "it takes more than is outstanding")
        held = max(ZERO, held)
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


def average_balance(history: History, period: lp.Period, told: dict[Key, str]) -> Value:
    """The balances at the end of each day of the period, over its days; unknown where one of them is.

    What the period starts from, at the end of the day before, must be known too. Of a loan nothing is outstanding
    before the day on which it is opened, unless something is said of those days.
    """
    since, total, unknown = known_since(history, period.last_day), ZERO, False
    for day in (period.start + timedelta(place) for place in range(-1, period.days)):
        balance = balance_on(history, day, told) if day >= since else ZERO
        total += balance if day >= period.start else 0
        unknown = unknown or history.loan.opened_on <= day < since
    return None if unknown else total / period.days


def overdue_part(history: History, day: date, balance: Fraction) -> Value:
    """The past-due part of the latest balance, at most what is outstanding; 0 once 0 days past due are said since."""
    stated, late = history.stated(day), history.upto(day, "past due")
    cured = late and late[-1].days == 0 and (stated is None or late[-1].on >= stated.on)
    if balance == 0 or cured:
        return ZERO
    return None if stated is None or stated.overdue is None else min(exact(stated.overdue), balance)


def first_due_in_period(history: History, period: lp.Period, balance: Fraction) -> Value:
    """Whether its first instalment falls due within the period; without a day, no where nothing is drawn or held."""
    due = history.loan.first_due_on
    if due is not None:
        return due in period
    return None if balance or history.sum_of("disbursed", period.last_day) else False


def first_payment_days_late(history: History, day: date) -> Fraction:
    """The most days past due, seen by a day, that reach back to the first instalment."""
    due, late = history.loan.first_due_on, [(event.on, event.days or 0) for event in history.upto(day, "past due")]
    back = [days for on, days in late if due is not None and due < on and on - timedelta(days) <= due]
    return Fraction(max(back, default=0))


def said(fact: Any, names: Iterable[str]) -> dict[str, Value]:
    """What a row says itself."""
    return {name: getattr(fact, name) for name in names}


def loan_rows(asked: Asked, found: Sequence[History]) -> list[Row]:
    """The loans opened by the last day and not cancelled by then, as they stand on that day."""
    last = asked.last
    there = (one for one in found if one.loan.opened_on <= last and not one.upto(last, "cancelled"))
    return [Row(one.loan.key, last, one.payees(last, last), standing(one, asked)) for one in there]


def standing(history: History, asked: Asked) -> dict[str, Value]:
    """How a loan stands on the last day."""
    last, balance = asked.last, balance_on(history, asked.last, asked.told)
    overdue = overdue_part(history, last, balance)
    classified, late = history.upto(last, "classified"), history.upto(last, "past due")
    category = "normal" if not classified else classified[-1].category.value  # type: ignore[union-attr]
    days = Fraction(late[-1].days or 0) if late else ZERO
    rescheduled, bad = bool(history.upto(last, "rescheduled")), category in NON_PERFORMING
    written_off = max(ZERO, history.sum_of("written off", last) - history.sum_of("recovered", last))
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
        **said(history.loan, TERMS),
    }


def event_rows(asked: Asked, found: Sequence[History]) -> list[Row]:
    """The events of loans that are dated in the period."""
    rows = []
    for history in found:
        cancelled = any(event.on in asked.period for event in history.upto(asked.last, "cancelled"))
        months = history.loan.term_months
        for event in (event for event in history.events if event.on in asked.period):
            values: dict[str, Value] = {
                "event": event.kind.value,
                "amount": exact(event.amount),
                "term_months": None if months is None else Fraction(months),
                "cancelled": cancelled,
                **said(history.loan, TERMS),
            }
            rows.append(Row(event.key, event.on, history.payees(event.on, asked.last), values))
    return rows


# ── customers, and what is said of payees ───────────────────────────────────────────────────────────────────
def for_one(payee: str) -> dict[str, str]:
    """For whom a row counts that has one payee, whatever date a measure names."""
    return dict.fromkeys(("origination", "event", "as of"), payee)


def hold(records: Iterable[Any], day: date) -> bool:
    """Whether one of some records holds on a day: from `since`, and before `until`."""
    return any(record.since <= day and (record.until is None or day < record.until) for record in records)


def customer_rows(asked: Asked) -> list[Row]:
    """A customer and one payee who held it in the period or on the day before.

    Two records of a customer that hold on one day are refused, both of them; so is what is said of a customer that
    there is not, or that nobody holds.
    """
    told, all_records = asked.told, asked.of_kind(lp.Customer)
    records: dict[str, list[lp.Customer]] = {record.customer: [] for record in all_records}
    for one in all_records:
        others = [other for other in all_records if other.customer == one.customer and other is not one]
        if any(hold([one], other.since) or hold([other], one.since) for other in others):
            told.setdefault(one.key, "two records of the customer hold on one day")
        else:
            records[one.customer].append(one)
    facts = defaultdict[str, list[Any]](list)
    for fact in asked.of_kind(lp.Holding, lp.Profit):
        is_profit = isinstance(fact, lp.Profit)
        if is_profit and not asked.usable(fact, "amount"):
            continue
        if not records.get(fact.customer):
            refused = fact.customer in records
            told.setdefault(
                fact.key, "every record of its customer is refused" if refused else "there is no such customer"
            )
        elif is_profit and fact.on in asked.period and not hold(records[fact.customer], fact.on):
            told.setdefault(fact.key, "nobody holds the customer on that day")
        else:
            facts[fact.customer].append(fact)
    whose = [(code, payee) for code in sorted(records) for payee in sorted({one.officer for one in records[code]})]
    return [row for code, payee in whose for row in customer_row(asked, payee, records[code], facts[code])]


def customer_row(asked: Asked, payee: str, records: Sequence[lp.Customer], facts: Sequence[Any]) -> list[Row]:
    """The row of a customer and a payee; none where it is held at another time."""
    mine, before = [record for record in records if record.officer == payee], asked.period.start - timedelta(1)
    days = [asked.period.start + timedelta(place) for place in range(asked.period.days)]
    held = [record for record in mine if any(hold([record], day) for day in [before, *days])]
    if not held:
        return []
    at_start, at_end = hold(mine, before), hold(mine, asked.last)
    firsts = [record for record in records if record.since in asked.period]
    gained = bool(firsts) and min(firsts, key=lambda record: record.since) in mine
    products = {fact.product for fact in facts if isinstance(fact, lp.Holding) and hold([fact], asked.last)}
    profits = [fact for fact in facts if isinstance(fact, lp.Profit) and fact.on in asked.period]
    values: dict[str, Value] = {
        "at_start": at_start,
        "at_end": at_end,
        "kept": at_start and at_end,
        "in_period": any(hold(mine, day) for day in days),
        "new": gained and not hold(records, before),
        "products": Fraction(len(products) if at_end else 0),
        "profit": sum((exact(fact.amount) for fact in profits if hold(mine, fact.on)), ZERO),
    }
    last = max(held, key=lambda record: record.since)
    return [Row(last.key, asked.last, for_one(payee), values)]


def single_rows(asked: Asked, kind: type, names: Iterable[str]) -> list[Row]:
    """What is said of payees in the period, a fact a row."""
    rows = []
    for fact in asked.of_kind(kind):
        values: dict[str, Any] = said(fact, names)
        if isinstance(fact, lp.Training):
            values["completed"] = fact.completed_on is not None and fact.completed_on <= asked.last
        if isinstance(fact, SalesLead):
            values["followed"] = fact.followed_on is not None and fact.followed_on <= asked.last
            values["converted"] = fact.converted_on is not None and fact.converted_on <= asked.last
        if isinstance(fact, lp.Valuation):
            values = {"appraised": exact(fact.appraised), "benchmark": exact(fact.benchmark)}
            values["deviation"] = abs(values["appraised"] - values["benchmark"]) / values["benchmark"]
        if (not isinstance(fact, lp.Valuation) or asked.usable(fact, "appraised")) and fact.on in asked.period:
            rows.append(Row(fact.key, fact.on, for_one(fact.payee), values))
    return rows


def views(asked: Asked) -> dict[str, list[Row]]:
    """The rows of every view."""
    found = histories(asked)
    of_loans = {"loan events": event_rows(asked, found), "loans": loan_rows(asked, found)}
    return (
        of_loans | {"customers": customer_rows(asked)} | {view: single_rows(asked, *of) for view, of in SINGLE.items()}
    )


# ── measures ────────────────────────────────────────────────────────────────────────────────────────────────
def known(row: Row, name: str) -> Any:
    """The value of a field that must be known."""
    if row.values[name] is None:
        raise LookupError(name)
    return row.values[name]


def within(value: Any, test: Where) -> bool:
    """Whether a value passes a filter: one of some values, or within all of its bounds."""
    bounds = (test.at_least, ge), (test.above, gt), (test.at_most, le), (test.below, lt)
    if test.values:
        return value in test.values
    return all(bound is None or passes(value, bound.value) for bound, passes in bounds)


def height(curve: Curve, x: Fraction) -> Fraction:
    """The value of a curve at x: `[from, to)` where it is closed on the left, else `(from, to]`."""
    passed = [knot for knot in curve.knots if knot[0] < x or (knot[0] == x and curve.closed == "left")]
    if not passed:
        return curve.knots[0][1]
    x0, y0 = passed[-1]
    if len(passed) == len(curve.knots):
        if curve.then is None:
            return y0
        points = (x - x0) / (curve.then.point or Fraction(1 if curve.x_unit else "0.01"))
        return y0 + curve.then.per_point * (points if curve.then.counted == "pro rata" else points // 1)
    x1, y1 = curve.knots[len(passed)]
    return y0 if curve.shape == "step" else y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def given_by(row: Row, total: Total) -> Fraction:
    """What a row gives to a total; nothing where it does not pass a filter."""
    if not all(within(known(row, test.field), test) for test in total.where):
        return ZERO
    amount: Fraction = known(row, total.sum) if total.sum else ONE
    return amount if total.weights is None else amount * height(total.weights, known(row, total.weighed_by))


def totals_of(measure: Measure) -> list[Total]:
    """What a measure is made of."""
    single = measure.less if isinstance(measure, Deduct) else measure
    return [single.numerator, single.denominator] if isinstance(single, Ratio) else [single]


@frozen
class Measuring:
    """Rows of every view, for whom they may count, which is every payee without an organisation, and what is told."""

    rows: Mapping[str, Sequence[Row]]
    assigned: set[str] | None
    told: dict[Key, str]

    def given(self, total: Total) -> dict[tuple[str, Key], Fraction]:
        """What a total is made of, by payee and fact."""
        found: dict[tuple[str, Key], Fraction] = {}
        for row in self.rows[total.over]:
            payee = row.payees[total.held_at]
            try:
                amount = given_by(row, total)
            except LookupError as error:
                self.told.setdefault(row.key, f"{error} is unknown on {row.on}")
                continue
            if amount and (self.assigned is None or payee in self.assigned):
                found[payee, row.key] = amount
            elif amount:
                self.told.setdefault(row.key, f"it counts for {payee!r}, who is not assigned in the period")
        return found

    def showed(self, measure: Measure, payees: Iterable[str]) -> dict[str, Showed]:
        """What an indicator shows for each payee."""
        totals, found = [self.given(total) for total in totals_of(measure)], {}
        for payee in payees:
            mine = [{key: amount for (who, key), amount in total.items() if who == payee} for total in totals]
            sums: list[Any] = [sum(total.values(), ZERO) for total in mine]
            keys = sorted({key for total in mine for key in total})
            parts: dict[Key, tuple[Any, ...]]
            parts = {key: (*(total.get(key, ZERO) for total in mine), None)[:2] for key in keys}
            if isinstance(measure, Deduct):
                # Below zero it would cost other indicators their points; a team's is the mean of its members'.
                sums = [max(ZERO, measure.start - sums[0]), ONE]
                parts = {key: (-amount, None) for key, (amount, _) in parts.items()}
            found[payee] = Showed(sums[0], sums[1] if len(sums) > 1 else None, parts)
        return found


def expected_of(
    deliveries: Sequence[Sequence[lp.Fact]],
    period: lp.Period,
    indicators: Sequence[Indicator],
    *,
    currency: str = "CNY",
    organisation: lp.Organisation | None = None,
) -> Expected | None:
    """What must be measured over facts that came in some deliveries; None where nothing is known of the period.

    With an organisation the payees are those assigned on some day of the period; without one all for whom a row of any
    view may count: on its own day, and on each date that a measure over its view names.
    """
    held, taken = facts_that_hold(deliveries)
    if not any(fact.on <= period.last_day for fact in held):
        return None
    told: dict[Key, str] = {}
    rows = views(Asked(held, period, currency, told))
    measures = {one.code: one.measure for one in indicators if isinstance(one.measure, Total | Ratio | Deduct)}
    if organisation is None:
        named = {(view, "event") for view in rows if measures}
        named |= {(total.over, total.held_at) for measure in measures.values() for total in totals_of(measure)}
        payees, assigned = {row.payees[held_at] for view, held_at in named for row in rows[view]}, None
    else:
        held_in = (item for item in organisation.assignments if period.overlap(item.since, item.until))
        payees = assigned = {item.payee for item in held_in}
    measuring, showed = Measuring(rows, assigned, told), dict[tuple[str, str], Showed]()
    for code, measure in measures.items():
        showed |= {(payee, code): found for payee, found in measuring.showed(measure, payees).items()}
    faults = sorted([*taken.refused, *((text_of(key), fault) for key, fault in told.items())])
    came = sum(map(len, deliveries))
    return Expected(tuple(sorted(payees)), showed, faults, came, taken.repeats, came - taken.repeats - len(faults))
