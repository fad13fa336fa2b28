"""Write the data of the demo branch, src/loanperf/demo/data/, from the short tables below.

Amounts are in 万元. Nothing is drawn by chance: the same tables give the same files.
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import count
from pathlib import Path

from attrs import frozen

from loanperf._quantities import plain

FOLDER = Path(__file__).parents[1] / "src" / "loanperf" / "demo" / "data"
JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
Row = tuple[str, ...]


@frozen
class Old:
    """A loan on the books before March."""

    balance: str
    """At the end of February."""
    repaid: str = "0"
    """In March."""
    days: int = 0
    """Past due at the end of March; above 90 it is classified."""
    category: str = ""
    on: int = 18
    """Day of March of the repayment."""


@frozen
class New:
    """A loan applied for in March or shortly before."""

    signed: str
    drawn: str
    signed_on: int
    drawn_on: int = 0


@frozen(kw_only=True)
class Person:
    """A salesperson, the book, and what happened in March."""

    code: str
    old: tuple[Old, ...]
    new: tuple[New, ...]
    customers: int
    """At the end of February, those of the loans among them."""
    lost: int
    gained: tuple[int, ...]
    """Days of March on which new customers came; the first new loans are theirs."""
    several: int
    """Customers at the end of March with two products."""
    trainings: tuple[tuple[str, int, int], ...] = (("AML-2026", 10, 8), ("PRODUCT-Q1", 25, 24))
    """Course, day due, day completed (0 is not yet)."""
    targets: tuple[tuple[str, str], ...] = ()
    segment: str = "personal"
    joined: date = date(2025, 1, 1)
    pace: int = 30
    """Days from one loan to the next since then."""


PEOPLE = (
    Person(
        code="E01",
        old=(
            Old("150", "15"), Old("120", "15"), Old("100", "10"), Old("80"), Old("45"),
            Old("5", days=126, category="substandard"),
        ),
        new=(New("60", "40", 9, 12),),
        customers=10, lost=1, gained=(5,), several=5,
        targets=(("loan_amount", "60万元"),),
    ),
    Person(
        code="E02",
        old=(
            Old("120", "10"), Old("100", "10"), Old("90", "5"), Old("80", "5"), Old("52"),
            Old("40"), Old("12", days=20),
            Old("6", days=110, category="substandard"),
        ),
        new=(New("90", "80", 6, 10), New("60", "50", 13, 17), New("80", "0", 27)),
        customers=10, lost=1, gained=(4, 11, 20), several=6,
        targets=(("loan_amount", "200万元"), ("disbursed_amount", "150万元"), ("customer_count", "2")),
    ),
    Person(
        code="E03",
        old=(Old("30", "1"), Old("20", "1"), Old("10")),
        new=(New("30", "30", 9, 11), New("20", "12", 20, 26)),
        customers=4, lost=0, gained=(5, 16), several=1,
        trainings=(("AML-2026", 10, 9), ("PRODUCT-Q1", 25, 0)),
        targets=(("loan_amount", "60万元"),),
        joined=date(2025, 12, 1), pace=8,
    ),
    Person(
        code="E04",
        old=(
            Old("80", "10"), Old("70", "10"), Old("60", "5"), Old("40", "5"), Old("27"), Old("20"),
            Old("10", days=33),
            Old("13", days=118, category="substandard"),
        ),
        new=(New("120", "110", 5, 9), New("80", "60", 12, 16), New("60", "40", 19, 23)),
        customers=10, lost=1, gained=(3, 9, 17), several=6,
        targets=(("loan_amount", "200万元"), ("disbursed_amount", "150万元"), ("customer_count", "2")),
    ),
    Person(
        code="E05",
        old=(
            Old("110", "10"), Old("100", "10"), Old("80"), Old("60", "5"), Old("19"),
            Old("6", days=101, category="substandard"),
        ),
        new=(New("50", "50", 10, 13),),
        customers=9, lost=0, gained=(6,), several=5,
        targets=(("loan_amount", "50万元"),),
    ),
    Person(
        code="E06",
        old=(
            Old("100", "15"), Old("90", "10"), Old("80", "5"), Old("70"), Old("40"), Old("15"),
            Old("15", days=8),
            Old("10", days=97, category="substandard"),
        ),
        new=(New("100", "70", 11, 16), New("70", "40", 23, 26)),
        customers=10, lost=2, gained=(9,), several=3,
        targets=(("loan_amount", "180万元"), ("disbursed_amount", "120万元"), ("customer_count", "2")),
    ),
    Person(
        code="E07",
        old=(
            Old("1000", "60", on=11), Old("800", "40", on=11), Old("600"), Old("334"),
            Old("66", days=140, category="doubtful"),
        ),
        new=(New("400", "300", 12, 21),),
        customers=6, lost=0, gained=(2,), several=7,
        targets=(
            ("loan_amount", "300万元"),
            ("average_daily_balance", "2900万元"),
            ("contribution_per_customer", "8万元"),
        ),
        segment="corporate",
    ),
    Person(
        code="E08",
        old=(
            Old("2.8", days=95, category="substandard"), Old("60", "5", on=6),
            Old("50", "5", on=20), Old("40"), Old("30"),
            Old("17.2"),
        ),
        new=(New("40", "30", 6, 11), New("50", "40", 18, 20), New("30", "20", 24, 27)),
        customers=8, lost=1, gained=(4, 17), several=4,
        targets=(("loan_amount", "120万元"), ("disbursed_amount", "90万元"), ("customer_count", "2")),
        joined=date(2025, 9, 16), pace=14,
    ),
)  # fmt: skip
UNITS = (
    ("riverside", "Riverside branch", ""),
    ("north", "North team", "riverside"),
    ("south", "South team", "riverside"),
)
NAMES = ("Wei", "Lin", "Min", "Tao", "Jun", "Fang", "Hua", "Yan")
ASSIGNMENTS = (
    ("E01", "north", "team lead", "2025-01-01", "", "", "12000"),
    ("E02", "north", "senior", "2025-01-01", "", "", "9000"),
    ("E03", "north", "new hire", "2025-12-01", "", "", "6000"),
    ("E04", "north", "senior", "2025-01-01", "", "", "9000"),
    ("E05", "south", "team lead", "2025-01-01", "", "", "12000"),
    ("E06", "south", "senior", "2025-01-01", "", "", "9000"),
    ("E07", "south", "senior", "2025-01-01", "", "corporate", "11000"),
    ("E08", "south", "new hire", "2025-09-16", "2026-03-16", "", "6000"),
    ("E08", "south", "senior", "2026-03-16", "", "", "9000"),
)
VIOLATIONS = (("V-1", "E06", "2026-03-12", "5"), ("V-2", "E04", "2026-03-20", "10"))
RATINGS = (
    ("E01", 20, (88, 92, 84)), ("E03", 20, (84, 90, 81)), ("E05", 20, (78, 80, 76)), ("E08", 12, (86, 82)),
)  # fmt: skip
INQUIRIES = (
    ("E02", 5, "yes", "yes"), ("E04", 4, "yes", "yes"), ("E07", 3, "yes", "yes"), ("E07", 5, "yes", "yes"),
    ("E07", 9, "yes", "yes"), ("E07", 16, "no", "yes"), ("E07", 24, "yes", "yes"), ("E08", 5, "yes", "yes"),
)  # fmt: skip
PROFITS = (("E07", (18, 15, 12, 8, 5, 3, 2)),)


def yuan(amount: Fraction) -> str:
    """万元 as plain yuan."""
    return str(int(amount * 10_000))


def text(amount: Fraction) -> str:
    """万元 as a person would write it."""
    return f"{plain(amount)}万元"


def loans(person: Person, index: int) -> Iterator[tuple[str, Row]]:
    """The rows about the loans of a person, each with its file."""
    numbers = count(1)
    for place, old in zip(numbers, person.old, strict=False):
        loan, customer = f"L{index:02}{place:02}", f"C{index:02}{place:02}"
        opened = person.joined + timedelta(days=person.pace * place + index)
        yield from opening(person, loan, customer, opened)
        yield from book(loan, opened + timedelta(days=9), old)
    start = len(person.old) + 1
    for place, new in zip(count(start), person.new, strict=False):
        order = place - start
        whose = person.customers + order + 1 if order < len(person.gained) else order + 1
        loan = f"L{index:02}{place:02}"
        signed = date(2026, 3, new.signed_on)
        yield from opening(person, loan, f"C{index:02}{whose:02}", signed - timedelta(days=5))
        yield "events", (loan, "signed", str(signed), text(Fraction(new.signed)), "", "")
        if new.drawn_on:
            drawn = Fraction(new.drawn)
            yield "events", (loan, "disbursed", str(date(2026, 3, new.drawn_on)), text(drawn), "", "")
            yield "balances", (loan, str(MARCH), yuan(drawn), "0", "CNY")


def opening(person: Person, loan: str, customer: str, opened: date) -> Iterator[tuple[str, Row]]:
    """A loan, its application and its due diligence."""
    product = "working capital" if person.segment == "corporate" else "consumer"
    due = opened + timedelta(days=50)
    yield "loans", (loan, customer, person.code, str(opened), product, person.segment, str(due))
    yield "events", (loan, "applied", str(opened), "", "", "")
    yield "events", (loan, "due diligence complete", str(opened + timedelta(days=3)), "", "", "")


def book(loan: str, drawn_on: date, old: Old) -> Iterator[tuple[str, Row]]:
    """The history of a loan that was drawn with a fifth more than it has in February."""
    balance, repaid = Fraction(old.balance), Fraction(old.repaid)
    drawn = balance * Fraction(6, 5)
    yield "events", (loan, "signed", str(drawn_on - timedelta(days=4)), text(drawn), "", "")
    yield "events", (loan, "disbursed", str(drawn_on), text(drawn), "", "")
    yield "events", (loan, "repaid", "2026-01-20", text(drawn - balance), "", "")
    if repaid:
        yield "events", (loan, "repaid", str(date(2026, 3, old.on)), text(repaid), "", "")
    if old.days:
        yield "events", (loan, "past due", str(MARCH), "", "", str(old.days))
    if old.days > 31:
        yield "events", (loan, "past due", str(FEBRUARY), "", "", str(old.days - 31))
    if old.category:
        yield "events", (loan, "classified", "2026-02-20", "", old.category, "")
    late = balance if old.category else balance / 10 if old.days else Fraction(0)
    for on, held in ((JANUARY, balance), (FEBRUARY, balance), (MARCH, balance - repaid)):
        overdue = late if on == MARCH or (old.category and on == FEBRUARY) else Fraction(0)
        yield "balances", (loan, str(on), yuan(held), yuan(overdue), "CNY")


def customers(person: Person, index: int) -> Iterator[tuple[str, Row]]:
    """The customers of a person and what they hold; the last ones of February are those lost."""
    several = person.several
    for place in range(1, person.customers + 1):
        customer = f"C{index:02}{place:02}"
        lost = place > person.customers - person.lost
        until = str(date(2026, 3, 18 + place)) if lost else ""
        since = str(person.joined + timedelta(days=place))
        yield "customers", (customer, person.code, since, until)
        yield "holdings", (customer, "loan", since, until)
        if not lost and several:
            several -= 1
            yield "holdings", (customer, "savings plan", "2025-12-20", "")
    for place, on in zip(count(person.customers + 1), person.gained, strict=False):
        customer = f"C{index:02}{place:02}"
        yield "customers", (customer, person.code, str(date(2026, 3, on)), "")
        yield "holdings", (customer, "loan", str(date(2026, 3, on)), "")
        if several:
            several -= 1
            yield "holdings", (customer, "card", str(date(2026, 3, on)), "")


def others() -> Iterator[tuple[str, Row]]:
    """What is not about loans and customers."""
    yield from (("violations", row) for row in VIOLATIONS)
    numbers = count(1)
    for payee, on, scores in RATINGS:
        for score in scores:
            yield "ratings", (f"R-{next(numbers)}", payee, str(date(2026, 3, on)), "teamwork", f"{score} point")
    for number, (payee, on, authorised, permitted) in enumerate(INQUIRIES, 1):
        yield "inquiries", (f"Q-{number}", payee, str(date(2026, 3, on)), authorised, permitted)
    for person in PEOPLE:
        for course, due, completed in person.trainings:
            done = str(date(2026, 3, completed)) if completed else ""
            yield "trainings", (person.code, course, str(date(2026, 3, due)), done)
        yield from (("targets", (person.code, code, value, "2026-03")) for code, value in person.targets)
    for payee, amounts in PROFITS:
        index = [person.code for person in PEOPLE].index(payee) + 1
        for place, amount in enumerate(amounts, 1):
            yield "profits", (f"C{index:02}{place:02}", str(MARCH), text(Fraction(amount)))
    yield from (("units", row) for row in UNITS)
    yield from (("payees", (person.code, name)) for person, name in zip(PEOPLE, NAMES, strict=True))
    for payee, unit, role, since, until, line, salary in ASSIGNMENTS:
        yield "assignments", (payee, unit, role, since, until, line, f"{salary}元")


HEADS: dict[str, Row] = {
    "loans": ("loan", "customer", "officer", "opened_on", "product", "segment", "first_due_on"),
    "events": ("loan", "kind", "on", "amount", "category", "days"),
    "balances": ("loan", "on", "outstanding", "overdue", "currency"),
    "customers": ("customer", "officer", "since", "until"),
    "holdings": ("customer", "product", "since", "until"),
    "profits": ("customer", "on", "amount"),
    "violations": ("number", "payee", "on", "points"),
    "inquiries": ("number", "payee", "on", "authorised", "permitted"),
    "trainings": ("payee", "course", "on", "completed_on"),
    "ratings": ("number", "payee", "on", "topic", "score"),
    "units": ("code", "name", "parent"),
    "payees": ("code", "name"),
    "assignments": ("payee", "unit", "role", "since", "until", "product_line", "salary"),
    "targets": ("payee", "indicator", "value", "period"),
}


def rows() -> Iterator[tuple[str, Row]]:
    """Every row, with its file."""
    for index, person in enumerate(PEOPLE, 1):
        yield from loans(person, index)
        yield from customers(person, index)
    yield from others()


def files() -> dict[str, str]:
    """The text of each file by name."""
    texts = {file: io.StringIO() for file in HEADS}
    writers = {file: csv.writer(stream, lineterminator="\n") for file, stream in texts.items()}
    for file, head in HEADS.items():
        writers[file].writerow(head)
    for file, row in rows():
        writers[file].writerow(row)
    return {f"{file}.csv": stream.getvalue() for file, stream in texts.items()}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, content in files().items():
        (FOLDER / file).write_text(content, encoding="utf-8", newline="\n")
        print(FOLDER / file)
