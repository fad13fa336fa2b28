"""History: what is closed and untouched is not worked again, and a month comes to the same as if all were."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from attrs import evolve
from sqlalchemy import text
from tests.servers import file_with_tables
from tests.years_of_pay import Host, months_of, said, year_of_seed

import loanperf as lp
from loanperf._commission import horizon_of
from loanperf._facts import some_of
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryFactStore,
    MemoryFeed,
    MemoryPayments,
    MemoryPeople,
    MemorySchemes,
)
from loanperf.adapters.sql import Database
from loanperf.errors import ConflictError, DataError, Problem, StoreError
from loanperf.opening import Opening
from loanperf.ports import FactsWanted, FeedRow
from loanperf.run._history import closes_of

QUICK = (1000, 1003)
"""The seeds of the years that every run of the tests compares; `-m slow` compares many more."""
SHARES = 2
"""In how many tests those are compared, so that they run beside each other."""
JANUARY, MARCH = (lp.Period.month(2026, month) for month in (1, 3))
POSTED = "bank/posted"
BANK = """
name = "bank"
currency = "CNY"
effective = 2025-01-01

[plans.sales]
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 2, share = "100%" }] }

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
"""


# ── random years ────────────────────────────────────────────────────────────────────────────────────────────


def must_be_alike(seed: int, **stores: Any) -> tuple[int, int]:
    """Run a year twice, all loans and those alone that are new; in how many months of how many fewer were worked.

    Args:
        seed: of the year.
        stores: of the second, such as those of a database.
    """
    year, fewer, months = year_of_seed(seed), 0, 0
    hosts = [Host(year, only_new=False), Host(year, only_new=True, **stores)]
    for place, (whole, some) in months_of(year, hosts):
        months += 1
        assert said(whole) == said(some), f"seed {seed}, {year.months[place]}"
        scope = None if some.accruals is None else some.accruals.scope
        known = hosts[1].facts.facts(year.months[place]).loans
        fewer += scope is not None and not known <= scope.loans
    assert hosts[0].notices.told == hosts[1].notices.told, f"seed {seed}"
    return fewer, months


@pytest.mark.parametrize("seed", QUICK)
def test_a_random_year_comes_to_the_same(seed: int) -> None:
    """Entries with their reasons, payments, problems, who is blocked, what is told: month by month."""
    must_be_alike(seed)


@pytest.mark.parametrize("seed", [1000, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1003, 5001))])
def test_a_random_year_comes_to_the_same_through_a_database(seed: int, tmp_path: Path) -> None:
    """Rows that were corrected and withdrawn are told by the database, which keeps what each close leaves too."""
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    must_be_alike(seed, facts=database.facts, entries=database.entries)
    database.engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("share", [0, *(pytest.param(share, marks=pytest.mark.full) for share in range(1, SHARES))])
def test_many_random_years_come_to_the_same(share: int) -> None:
    """The same of more years; in some months of the first share loans rest, or it would prove nothing."""
    found = [must_be_alike(seed) for seed in range(share, 48, SHARES)]

    assert share or sum(fewer for fewer, _ in found) > 0


@pytest.mark.parametrize("seed", [1000, 1002])
def test_facts_of_some_loans_are_those_of_the_whole(seed: int, tmp_path: Path) -> None:
    """Whatever is wanted of a random year, from a database and from memory: facts, rows and problems."""
    year = year_of_seed(seed)
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    memory = MemoryFactStore()
    for place, month in enumerate(year.months):
        sent = [row for number, row in year.rows if number == place]
        for store in (memory, database.facts):
            store.take("bank", lp.ports.Pulled(rows=sent, cursor=str(place)))
        whole = memory.facts(month)
        loans, payees = sorted(whole.loans), sorted(whole.payees)
        for wanted in (
            FactsWanted(loans=frozenset(loans[place::3]), payees=frozenset(), since=month.start),
            FactsWanted(loans=frozenset(), payees=frozenset(payees[place % 2 :: 2]), since=date.max),
            FactsWanted(loans=frozenset(loans[:1]), payees=frozenset(payees[:1]), since=month.end),
        ):
            expected, found = memory.some(month, wanted), database.facts.some(month, wanted)
            assert {*expected.items} <= {*found.items}
            assert found.only(loans=found.loans).items == whole.only(loans=found.loans).items
            assert whole.rows == expected.rows == found.rows
            assert {*found.problems} <= {*whole.problems} == {*expected.problems}
            assert expected.only(loans=wanted.loans).items == whole.only(loans=wanted.loans).items
            of_payees = whole.only(payees=wanted.payees).loans
            assert expected.only(loans=of_payees).items == whole.only(loans=of_payees).items
    database.close()


def test_rows_that_contradict_each_other_are_counted_once(tmp_path: Path) -> None:
    """Both rows that say whose a loan is, and one that is a problem of its own, are three rows, whichever are read."""
    loan = lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-01")
    known = FeedRow(row="2", revision=1, says=Problem("amount", "it is no amount", "x", "send one", loan="L2"))
    rows = [
        FeedRow(row="0", revision=1, says=loan),
        FeedRow(row="1", revision=1, says=evolve(loan, officer="wu")),
        known,
    ]
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    memory = MemoryFactStore()
    for store in (memory, database.facts):
        store.take("bank", lp.ports.Pulled(rows=rows, cursor="1"))
    wanted = FactsWanted(loans=frozenset({"L1"}), payees=frozenset(), since=date.max)

    assert [3, 3, 3] == [
        memory.facts(MARCH).rows,
        database.facts.facts(MARCH).rows,
        database.facts.some(MARCH, wanted).rows,
    ]
    assert 0 == database.facts.some(MARCH, wanted).used
    database.close()


# ── a small bank ────────────────────────────────────────────────────────────────────────────────────────────


def drawn(loan: str, officer: str, on: str, amount: str = "10万元") -> list[Any]:
    """A loan that is drawn on a day."""
    return [
        lp.Loan(loan=loan, customer=loan, officer=officer, opened_on=on),
        lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=amount),
    ]


def rows_of(*facts: Any) -> list[FeedRow]:
    """Facts as rows of a feed, as they come first."""
    return [FeedRow(row=" ".join(map(str, fact.key[:3])), revision=1, says=fact) for fact in facts]


class Bank:
    """Two officers, and what their bank sends."""

    def __init__(self, scheme: str = BANK, *, only_new: bool = True) -> None:
        self.sent: list[FeedRow] = []
        self.facts: Any = MemoryFactStore()
        self.entries: Any = MemoryEntries()
        self.payments = MemoryPayments()
        self.scheme, self.only_new = lp.parse_scheme(scheme), only_new
        self.first: lp.Period | None = None
        self.people = [self.officer("lin"), self.officer("wei")]

    def officer(self, name: str, unit: str = "east", **more: Any) -> lp.Assignment:
        """Somebody who sells loans."""
        return lp.Assignment(payee=name, unit=unit, role="officer", since="2025-01-01", **more)

    def send(self, *facts: Any, revision: int = 1) -> None:
        """Let facts come with the next pull."""
        for fact in facts:
            row = " ".join(map(str, fact.key[:3]))
            self.sent.append(FeedRow(row=row, revision=revision, says=fact))

    def run(self, period: lp.Period, **more: Any) -> lp.Run:
        """Run a month, which closes."""
        keeping = lp.Keeping(
            entries=self.entries, feeds={"crm": MemoryFeed(self.sent)}, close_by="chen", only_new=self.only_new,
            first=self.first,
        )  # fmt: skip
        found = lp.run(
            period,
            facts=self.facts,
            people=MemoryPeople(lp.Organisation(assignments=self.people)),
            schemes=MemorySchemes(self.scheme),
            payments=self.payments,
            keeping=keeping,
            **more,
        )
        assert found.closed, found.problems
        return found


def worked(run: lp.Run) -> list[str] | None:
    """The loans that a run worked; None is all."""
    scope = None if run.accruals is None else run.accruals.scope
    return None if scope is None else sorted(scope.loans)


def posted(run: lp.Run) -> list[tuple[str, str, str]]:
    """Kind, loan and amount of what a run posted for loans."""
    return [(entry.kind.value, entry.loan, str(entry.amount)) for entry in run.entries if entry.loan]


def quiet_bank(**how: Any) -> Bank:
    """Both have drawn a loan in January, lin another one in February."""
    bank = Bank(**how)
    bank.send(*drawn("L1", "lin", "2026-01-10"), *drawn("L2", "wei", "2026-01-20"))
    assert worked(bank.run(JANUARY)) is None
    bank.send(*drawn("L3", "lin", "2026-02-10", "5万元"))
    assert worked(bank.run(JANUARY.next())) == ["L3"]
    return bank


def test_a_loan_rests_until_what_is_held_of_it_is_released() -> None:
    """1% of 100,000 is 1,000, of which a fifth is held until two months after January: the end of March."""
    bank = quiet_bank()
    march = bank.run(lp.Period.month(2026, 3))

    assert worked(march) == ["L1", "L2"]
    assert posted(march) == [("released", "L1", "200.00 CNY"), ("released", "L2", "200.00 CNY")]
    assert worked(bank.run(lp.Period.month(2026, 4))) == ["L3"]
    assert worked(bank.run(lp.Period.month(2026, 5))) == []


def test_what_comes_late_works_its_payee_whole() -> None:
    """L4 of January pays lin 1,000 more, so that 400 and no more 200 are held: 200 more, of both loans alike."""
    bank = quiet_bank()
    bank.send(*drawn("L4", "lin", "2026-01-25"))
    march = bank.run(lp.Period.month(2026, 3))

    assert worked(march) == ["L1", "L2", "L3", "L4"]
    assert posted(march) == [
        ("released", "L1", "200.00 CNY"),
        ("adjustment", "L4", "1000.00 CNY"),
        ("held", "L4", "200.00 CNY"),
        ("released", "L4", "200.00 CNY"),
        ("released", "L2", "200.00 CNY"),
    ]


def test_a_corrected_amount_is_posted_as_the_difference() -> None:
    """20万元 instead of 10万元 of L2: 1,000 more, of which 200 more are held, and all 400 released in March."""
    bank = quiet_bank()
    bank.send(*drawn("L2", "wei", "2026-01-20", "20万元")[1:], revision=2)
    march = bank.run(lp.Period.month(2026, 3))

    assert worked(march) == ["L1", "L2"]
    assert [found for found in posted(march) if found[1] == "L2"] == [
        ("adjustment", "L2", "1000.00 CNY"),
        ("held", "L2", "200.00 CNY"),
        ("released", "L2", "400.00 CNY"),
    ]


TIERS = 'curve = { knots = [["0元", "1%"], ["15万元", "2%"]], shape = "step" }'


@pytest.mark.parametrize("resets", ["", "quarter"])
def test_tiers_of_a_window_are_read_at_all_that_is_in_it(resets: str) -> None:
    """By slices, of 100,000 and 50,000 at 1% and the rest at 2%; in a quarter L1 of January counts for February too."""
    begins = f'"to date", resets = "{resets}"' if resets else '"period"'
    tiers = f'{TIERS}\ntiers = {{ by = "amount", applies = "marginal", accumulates = {begins} }}'
    bank = Bank(BANK.replace('rate = "1%"', tiers))
    bank.send(*drawn("L1", "lin", "2026-01-10"))
    bank.run(JANUARY)
    bank.send(*drawn("L2", "lin", "2026-02-10"))
    february = bank.run(JANUARY.next())

    assert worked(february) == (["L1", "L2"] if resets else ["L2"])
    assert posted(february)[0] == ("earned", "L2", "1500.00 CNY" if resets else "1000.00 CNY")
    april = lp.Period.month(2026, 4)
    bank.run(lp.Period.month(2026, 3))
    bank.send(*drawn("L3", "lin", "2026-04-10"))
    assert worked(bank.run(april)) == ["L2", "L3"]


@pytest.mark.parametrize(("base", "expected"), [("disbursed", ["L1", "L2"]), ("contracted", ["L1"])])
def test_a_drawing_of_a_loan_that_counted_works_its_payee_where_drawings_count(base: str, expected: list[str]) -> None:
    """L1 and L2 are lin's of January, each signed and drawn in part, and L1 is drawn again in February: 50,000 more.

    Where tiers count drawings, what L1 counts changes, and both are worked. Where they count what was signed nothing
    does, and L2 rests; L1 is worked since there is something new of it.
    """
    tiers = f'{TIERS}\ntiers = {{ by = "amount", applies = "flat", accumulates = "period" }}'
    bank = Bank(BANK.replace('rate = "1%"', tiers).replace('base = "disbursed"', f'base = "{base}"'))
    for loan in ("L1", "L2"):
        signed = lp.LoanEvent(loan=loan, kind=lp.EventKind.SIGNED, on="2026-01-08", amount="20万元")
        opened, disbursed = drawn(loan, "lin", "2026-01-08")
        bank.send(opened, signed, disbursed)
    bank.run(JANUARY)
    again = lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-02-10", amount="5万元", number="2")
    bank.sent.append(FeedRow(row="L1 again", revision=1, says=again))

    assert expected == worked(bank.run(JANUARY.next()))


COUNTED = f"""where = {{ product = "home" }}
{TIERS}
tiers = {{ by = "amount", applies = "flat", accumulates = "period", counts = "every loan" }}"""


@pytest.mark.parametrize("how", ["withdrawn", "another officer", "another kind"])
@pytest.mark.parametrize("where", ["memory", "database"])
def test_who_loses_a_loan_that_counted_and_earned_nothing_is_worked(how: str, where: str, tmp_path: Path) -> None:
    """L1 for a car earns nothing, and lifts L2 to 2% of 100,000: without it 1% is due, and 800 fewer are held then.

    What was posted in January is 2,000, of which a fifth is held, and 1,000 less is due of it.
    """
    bank = Bank(BANK.replace('rate = "1%"', COUNTED))
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    if where == "database":
        bank.facts = database.facts
    (car, _), (home, _) = drawn("L1", "lin", "2026-01-05"), drawn("L2", "lin", "2026-01-10")
    event = drawn("L1", "lin", "2026-01-05")[1]
    bank.send(evolve(car, product="car"), evolve(home, product="home"), event, drawn("L2", "lin", "2026-01-10")[1])
    bank.run(JANUARY)
    row = bank.sent[0].row
    if how == "withdrawn":
        bank.sent.append(FeedRow(row=row, revision=2, says=None))
    elif how == "another officer":
        bank.send(evolve(car, product="car", officer="wei"), revision=2)
    else:
        bank.sent.append(FeedRow(row=row, revision=2, says=evolve(event, number="2", amount="1元")))
    february = bank.run(JANUARY.next(), approve=lambda _: True)
    database.engine.dispose()

    assert worked(february) is None
    assert ("adjustment", "L2", "-1000.00 CNY") in posted(february)


@pytest.mark.parametrize("where", ["memory", "database"])
def test_another_authority_works_all(where: str, tmp_path: Path) -> None:
    """L1 was drawn by the word of crm alone: 1,000. In May that of the core decides, which says nothing of it: 0."""
    bank, core = Bank(BANK.replace("holdback", "# holdback")), lp.Authority({"disbursed": "core"})
    bank.send(*drawn("L1", "lin", "2026-01-10"))
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    if where == "database":
        bank.facts = database.facts
    found = [bank.run(lp.Period.month(2026, month)) for month in range(1, 5)]
    if where == "database":
        bank.facts = evolve(database.facts, authority=core)
    else:
        bank.facts.authority = core
    may = bank.run(lp.Period.month(2026, 5), approve=lambda _: True)
    database.close()

    assert [("earned", "L1", "1000.00 CNY")] == [line for run in found for line in posted(run)]
    assert [] == worked(found[-1])
    assert worked(may) is None
    assert [("adjustment", "L1", "-1000.00 CNY")] == posted(may)


def test_who_wins_a_loan_that_was_not_said_before_does_not_work_all() -> None:
    """Tiers are read again for whom a new row concerns."""
    bank = Bank(
        BANK.replace('rate = "1%"', f'{TIERS}\ntiers = {{ by = "amount", applies = "flat", accumulates = "period" }}')
    )
    bank.send(*drawn("L1", "lin", "2026-01-10"), *drawn("L2", "wei", "2026-01-20"))
    bank.run(JANUARY)
    bank.send(*drawn("L3", "lin", "2026-01-15"))

    assert worked(bank.run(JANUARY.next())) == ["L1", "L3"]


@pytest.mark.parametrize("what", ["reopened", "source", "unit", "rate", "plan", "calendar", "other", "first"])
def test_what_concerns_all_works_all(what: str) -> None:
    """A month that was reopened, a first pull of another source, and what else decided of days gone by."""
    bank, march = quiet_bank(), lp.Period.month(2026, 3)
    if what == "reopened":
        ledger = bank.entries.ledger("bank/ledger")
        version = len(ledger.entries) + len(ledger.closings)
        ledger = ledger.reopen(JANUARY, by="chen", why="late").close(JANUARY, by="chen")
        bank.entries.append("bank/ledger", tuple(ledger.lines(version)), expected=version)
    elif what == "source":
        bank.facts.take("core", lp.ports.Pulled(cursor="1"))
    elif what == "unit":
        bank.people[0] = bank.officer("lin", "west")
    elif what == "rate":
        rate = lp.ExchangeRate(currency="USD", into="CNY", on="2026-02-10", rate="7", source="bank")
        bank.send(rate)
    elif what == "plan":
        bank.scheme = lp.parse_scheme(BANK.replace('"20%"', '"30%"'))
    elif what == "calendar":
        bank.scheme = lp.parse_scheme(in_years_from("2025-05-01"))
    elif what == "other":
        bank.only_new = False
    else:
        bank.first = JANUARY

    assert worked(bank.run(march, approve=lambda _: True)) is None


def in_years_from(day: str, scheme: str = BANK) -> str:
    """A scheme by a calendar whose years begin on a day."""
    return scheme.replace('currency = "CNY"', f'currency = "CNY"\ncalendar = {{ periods = "month", begins = "{day}" }}')


def test_a_year_that_began_on_another_day_prices_closed_months_again() -> None:
    """L0 of December and L1 of February, 100,000 each, by slices: 1% to 150,000, then 2%.

    In years from January L1 earned 1,000; in years from May both count in one, and of L1 the last 50,000 earn 2%: 500
    more, of which a fifth is held to the end of April, and released by then.
    """
    tiers = f'{TIERS}\ntiers = {{ by = "amount", applies = "marginal", accumulates = "to date", resets = "year" }}'
    scheme, december = BANK.replace('rate = "1%"', tiers), lp.Period.month(2025, 12)
    bank = Bank(in_years_from("2025-01-01", scheme))
    bank.send(*drawn("L0", "lin", "2025-12-10"), *drawn("L1", "lin", "2026-02-10"))
    for month in (december, JANUARY, JANUARY.next(), MARCH, MARCH.next()):
        bank.run(month)
    bank.scheme = lp.parse_scheme(in_years_from("2025-05-01", scheme))
    may = bank.run(lp.Period.month(2026, 5), approve=lambda _: True)

    assert posted(may) == [
        ("adjustment", "L1", "500.00 CNY"),
        ("held", "L1", "100.00 CNY"),
        ("released", "L1", "100.00 CNY"),
    ]


def test_what_concerns_later_days_does_not() -> None:
    """A transfer and a rate of March leave what was decided of January and February."""
    bank = quiet_bank()
    bank.people[0] = bank.officer("lin", until="2026-03-05")
    bank.people.append(evolve(bank.officer("lin", "west"), since=date(2026, 3, 5)))
    bank.send(lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-02", rate="7", source="bank"))

    assert worked(bank.run(lp.Period.month(2026, 3))) == ["L1", "L2"]


def test_a_month_that_was_left_out_works_all() -> None:
    """State is kept of February, and April does not follow it; nor is any of a month that stays open."""
    bank = quiet_bank()

    assert worked(bank.run(lp.Period.month(2026, 4), approve=lambda _: True)) is None


def test_a_source_that_does_not_say_what_it_took_works_all() -> None:
    """A `FactSource` may answer anything at any time."""
    bank = quiet_bank()
    bank.facts = MemoryFacts(bank.facts.facts(JANUARY))
    keeping = lp.Keeping(entries=bank.entries, close_by="chen", only_new=True)
    people = MemoryPeople(lp.Organisation(assignments=bank.people))
    march = lp.run(
        lp.Period.month(2026, 3), facts=bank.facts, people=people, schemes=MemorySchemes(bank.scheme),
        payments=bank.payments, keeping=keeping,
    )  # fmt: skip

    assert march.closed
    assert worked(march) is None


def test_a_loan_with_a_problem_never_rests() -> None:
    """More was drawn of L1 than its amount, which is told in every month until it is mended."""
    bank = Bank()
    loan, event = drawn("L1", "lin", "2026-01-10")
    bank.send(evolve(loan, amount=lp.Money.of("5万元")), event, *drawn("L2", "wei", "2026-01-20"))
    runs = [bank.run(lp.Period.month(2026, month), approve=lambda _: True) for month in (1, 2, 3)]

    assert [worked(run) for run in runs] == [None, ["L1"], ["L1", "L2"]]
    assert runs[0].problems == runs[1].problems == runs[2].problems != ()


class Raced(MemoryEntries):
    """Entries of which somebody else writes the history while a run closes."""

    def append(self, stream: str, records: Sequence[str], *, expected: int) -> int:
        """Add records."""
        if stream.endswith("/history"):
            raise ConflictError(stream, expected, expected + 1)
        return super().append(stream, records, expected=expected)


def test_a_run_whose_history_somebody_else_wrote_is_whole() -> None:
    """1,000 of each, of which a fifth is held: what was posted is said, and the next run works everything."""
    bank = Bank()
    bank.entries = Raced()
    bank.send(*drawn("L1", "lin", "2026-01-10"))
    january = bank.run(JANUARY)

    assert posted(january) == [("earned", "L1", "1000.00 CNY"), ("held", "L1", "200.00 CNY")]
    assert [str(payment.amount) for payment in january.payments] == ["800.00 CNY"]
    assert bank.entries.read("bank/history") == ()
    assert worked(bank.run(JANUARY.next())) is None


@pytest.mark.parametrize("before", ["memory", "database"])
@pytest.mark.parametrize("after", ["memory", "database", "backup"])
def test_another_fact_store_works_all(before: str, after: str, tmp_path: Path) -> None:
    """L4 of January comes by a store that is new, or restored from before February, and pays 1,000 in March."""

    def store(name: str, kind: str) -> Any:
        if kind == "memory":
            return MemoryFactStore()
        database = Database.connect(file_with_tables(tmp_path / f"{name}.db"), company="north")
        return database.facts

    bank = Bank()
    bank.facts = store("old", before)
    bank.send(*drawn("L1", "lin", "2026-01-10"))
    bank.run(JANUARY)
    if before == "memory":
        held: Any = MemoryFactStore()
        held.take("crm", lp.ports.Pulled(rows=bank.sent, cursor="2"))
    else:
        copyfile(tmp_path / "old.db", tmp_path / "backup.db")
        held = store("backup", before)
    bank.send(*drawn("L3", "lin", "2026-02-10", "5万元"))
    assert worked(bank.run(JANUARY.next())) == ["L3"]
    bank.facts = held if after == "backup" else store("new", after)
    bank.send(*drawn("L4", "lin", "2026-01-25"))
    march = bank.run(lp.Period.month(2026, 3))

    assert worked(march) is None
    assert ("adjustment", "L4", "1000.00 CNY") in posted(march)


def test_a_close_with_a_number_as_its_mark_is_of_no_store() -> None:
    """As it was kept before marks were texts: a run goes on by it as if nothing were known."""
    bank = quiet_bank()
    lines = [json.loads(line) | {"mark": place} for place, line in enumerate(bank.entries.read("bank/history"))]
    streams = {name: bank.entries.read(name) for name in bank.entries.streams}
    bank.entries = MemoryEntries(streams | {"bank/history": [json.dumps(line) for line in lines]})

    assert worked(bank.run(lp.Period.month(2026, 3))) is None


def test_a_state_that_cannot_be_read_is_refused() -> None:
    """Who restores half of it would be paid by it."""
    bank = quiet_bank()
    bank.entries.append("bank/history", ["{}"], expected=2)

    with pytest.raises(DataError, match="record 3 of 'bank/history'"):
        bank.run(lp.Period.month(2026, 3))


def test_fewer_loans_are_worked_in_a_quiet_year() -> None:
    """Of ten loans a month, each held for two: thirty are new or due in a month, however many there are."""
    bank = Bank()
    for month in range(1, 13):
        period = lp.Period.month(2026, month)
        for place in range(10):
            day = period.start + timedelta(place)
            bank.send(*drawn(f"L{month:02}{place}", "lin" if place % 2 else "wei", day.isoformat()))
        found = worked(bank.run(period))
        assert found is None or len(found) == (10 if month == 2 else 20)


class Asked(MemoryFactStore):
    """A store that notes of which loans it was asked."""

    wanted: list[FactsWanted | None]

    def facts(self, period: lp.Period) -> lp.Facts:
        """All."""
        self.wanted.append(None)
        return super().facts(period)

    def some(self, period: lp.Period, wanted: FactsWanted) -> lp.Facts:
        """Some."""
        self.wanted.append(wanted)
        return some_of(super().facts(period), wanted)


def wanted(*loans: str) -> FactsWanted:
    """Facts of some loans, whatever their days."""
    return FactsWanted(loans=frozenset(loans), payees=frozenset(), since=date.max)


def test_all_facts_are_read_where_the_first_was_withdrawn() -> None:
    """L1 of January 10th comes to nothing: 1,000 are taken back, and what is known begins with January 20th."""
    bank = Bank()
    bank.facts = Asked()
    bank.facts.wanted = []
    bank.send(*drawn("L1", "lin", "2026-01-10"), *drawn("L2", "wei", "2026-01-20"))
    bank.run(JANUARY)
    bank.sent += [FeedRow(row=row.row, revision=2, says=None) for row in bank.sent[:2]]
    february = bank.run(JANUARY.next(), approve=lambda _: True)
    bank.run(MARCH)

    assert ("adjustment", "L1", "-1000.00 CNY") in posted(february)
    assert bank.facts.wanted == [None, wanted("L1"), None, wanted("L1", "L2")]


def test_facts_are_read_of_loans_that_are_worked() -> None:
    """L1 has the first fact. L4 of January is lin's: then all of lin's are read too. A past rate concerns all."""
    bank = Bank()
    bank.facts = Asked()
    bank.facts.wanted = []
    bank.send(*drawn("L1", "lin", "2026-01-10"), *drawn("L2", "wei", "2026-01-20"))
    bank.run(JANUARY)
    bank.send(*drawn("L3", "lin", "2026-02-10", "5万元"))
    bank.run(JANUARY.next())
    bank.run(MARCH)
    bank.send(*drawn("L4", "lin", "2026-01-25"))
    april = bank.run(MARCH.next())
    bank.send(lp.ExchangeRate(currency="USD", into="CNY", on="2026-02-10", rate="7", source="bank"))
    bank.run(MARCH.next().next())

    january, february, march, first, more, may, every = bank.facts.wanted
    assert january is every is None
    assert february == wanted("L3", "L1")
    assert march == wanted("L1", "L2")
    assert first == wanted("L1", "L3", "L4")
    assert more == evolve(first, payees=frozenset({"lin"}))
    assert worked(april) == ["L1", "L3", "L4"]
    assert may == wanted("L1")


def test_a_fact_on_which_the_last_run_stood_is_missed(kept_bank: tuple[Bank, Database]) -> None:
    """March reads L1 and L2, of which something is released: what is changed of them in the store is told."""
    bank, database = kept_bank
    bank.run(MARCH)
    assert lp.verify(database.entries, "bank", facts=database.facts)
    changed(database, "UPDATE facts SET amount_units = 5 WHERE form = 'events' AND loan = 'L2'")

    found = lp.verify(database.entries, "bank", facts=database.facts)
    assert ["facts of the run of 2026-03, events disbursed"] == [one.where.en for one in found.misfits]


# ── which plans ─────────────────────────────────────────────────────────────────────────────────────────────

_LOANS = {"code": "c", "base": "disbursed", "rate": "1%"}
_CURVE = lp.schemes.Curve.of([["0 CNY", "1%"], ["100 CNY", "2%"]], shape="step")


def tiered(accumulates: str, resets: str = "never", **more: Any) -> dict[str, Any]:
    """A component with tiers."""
    tiers: Any = {"by": "amount", "applies": "marginal", "accumulates": accumulates, "resets": resets}
    return {"code": "c", "base": "disbursed", "curve": _CURVE, "tiers": lp.schemes.Tiers(**tiers), **more}


STAGES = tuple(lp.schemes.Stage(milestone=milestone, share="1/2") for milestone in ("signed", "disbursed"))
MAY = lp.Period.month(2026, 5)


@pytest.mark.parametrize(
    ("component", "plan", "since"),
    [
        (_LOANS, {}, date(2026, 5, 1)),
        (_LOANS | {"stages": STAGES, "dead": "keep"}, {}, date(2026, 5, 1)),
        (tiered("per transaction"), {}, date(2026, 5, 1)),
        (tiered("period"), {}, date(2026, 5, 1)),
        (tiered("to date", "quarter"), {}, date(2026, 4, 1)),
        (tiered("to date", "half"), {}, date(2026, 1, 1)),
        (tiered("to date", "year"), {}, date(2026, 1, 1)),
        (tiered("to date"), {}, None),
        (tiered("rolling"), {}, None),
        (tiered("period", stages=STAGES, dead="keep"), {}, None),
        (tiered("period"), {"selected_at": "signed"}, None),
        (_LOANS | {"expires_days": 30}, {}, None),
        (_LOANS | {"period_least": "1 CNY"}, {}, None),
        (_LOANS | {"base": "balance"}, {}, None),
        ({"code": "c", "base": "fixed", "rate": "1 CNY"}, {}, None),
        (_LOANS, {"draws": (lp.schemes.Draw(least="1 CNY", kind="plain"),)}, None),
        (_LOANS, {"most": lp.schemes.Cap(most="1 CNY", excess="lost")}, None),
    ],
)
def test_a_plan_says_from_which_day_on_it_asks_for_all(
    component: dict[str, Any], plan: dict[str, Any], since: date | None
) -> None:
    """The first day of the period or of what accumulates with it; None is from the first on."""
    made: Any = {"code": "p", "components": (lp.schemes.Component(**component),), "rounding": lp.Rounding.HALF_UP}
    dated = lp.schemes.DatedPlan(
        plan=lp.schemes.Plan(**made | plan), scheme="s", version="v", currency="CNY", since=date(2025, 1, 1)
    )

    assert horizon_of([dated], MAY) == since


def test_a_close_that_was_edited_is_refused_and_nothing_is_paid(tmp_path: Path) -> None:
    """Another mark than the fact store had might hide what came late; the seal says so before anything is worked.

    L1 of 10 万元 at 1% is 1000 yuan, of which 80% is paid at once.
    """
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    bank = Bank()
    bank.facts, bank.entries = database.facts, database.entries
    bank.send(*drawn("L1", "lin", "2026-01-05"))
    bank.run(JANUARY)
    paid = {**bank.payments.paid}
    assert ["800.00 CNY"] == [str(payment.amount) for payment in paid.values()]
    edited = text("UPDATE records SET record = replace(record, :mark, :far) WHERE stream = 'bank/history'")
    with database.engine.begin() as connection:
        connection.execute(edited, {"mark": '"mark":"', "far": '"mark":"9'})
    bank.send(*drawn("L2", "lin", "2026-01-20"))

    with pytest.raises(StoreError, match="bank/history"):
        bank.run(JANUARY.next())
    assert paid == bank.payments.paid
    assert ["stream 'bank/history', record 1"] == [one.where.en for one in lp.verify(database.entries, "bank").misfits]
    database.close()


@pytest.fixture
def kept_bank(tmp_path: Path) -> Iterator[tuple[Bank, Database]]:
    """The quiet bank, in a database that keeps what each close leaves of the ledger."""
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    bank = Bank()
    bank.facts, bank.entries = database.facts, database.entries
    bank.send(*drawn("L1", "lin", "2026-01-10"), *drawn("L2", "wei", "2026-01-20"))
    bank.run(JANUARY)
    bank.send(*drawn("L3", "lin", "2026-02-10", "5万元"))
    bank.run(JANUARY.next())
    yield bank, database
    database.close()


def changed(database: Database, statement: str) -> None:
    """Change something in a database behind everybody's back."""
    with database.engine.begin() as connection:
        assert connection.execute(text(statement)).rowcount


NAMING = (
    BANK
    + """
[[plans.sales.components.loans.rates]]
where = { product = ["home", "boat", "mortage"] }
rate = "2%"

[[plans.sales.components.loans.rates]]
rate = "1%"
"""
).replace('base = "disbursed"\nrate = "1%"\n', 'base = "disbursed"\n')
"""Pays by product, of which one is misspelled."""


def of_product(loan: str, on: str, product: str) -> list[Any]:
    """A loan of a product that is drawn on a day."""
    opened, disbursed = drawn(loan, "lin", on)
    return [evolve(opened, product=product), disbursed]


@pytest.mark.parametrize("where", ["memory", "database"])
def test_values_that_no_loan_ever_had_are_told_as_by_a_run_of_everything(where: str, tmp_path: Path) -> None:
    """The home loan of January rests in March, and home is met all the same; boats are sold from February on."""
    banks = [Bank(NAMING, only_new=False), Bank(NAMING)]
    database = Database.connect(f"sqlite:///{tmp_path / 'pay.db'}", company="north")
    if where == "database":
        database.upgrade()
        banks[1].facts, banks[1].entries = database.facts, database.entries
    sent = [
        rows_of(*of_product("L1", "2026-01-10", "home"), *of_product("L2", "2026-01-11", "mortgage")),
        rows_of(*of_product("L3", "2026-02-10", "boat")),
        [],
        rows_of(*of_product("L4", "2026-04-10", "car")),
    ]
    told, rested, remedy = list[list[str]](), list[bool](), ""
    for number, rows in enumerate(sent, 1):
        for bank in banks:
            bank.sent += rows
        whole, some = (bank.run(lp.Period.month(2026, number)) for bank in banks)
        assert whole.problems == some.problems
        told.append([problem.found for problem in some.problems])
        remedy = some.problems[0].remedy
        rested.append("L1" not in (worked(some) or ["L1"]))
    database.close()

    assert [["'boat'", "'mortage'"], ["'mortage'"], ["'mortage'"], ["'mortage'"]] == told
    assert [False, True, False, True] == rested
    assert "the facts have 'boat', 'car', 'home', 'mortgage'" in remedy


@pytest.mark.parametrize("products", [1000, 1001])
def test_values_are_kept_up_to_a_thousand(products: int) -> None:
    """A product for each loan is no list that anybody prices by; what is not kept is not told, rather than wrongly."""
    bank, january = Bank(NAMING), [of_product(f"L{place}", "2026-01-10", f"p{place}") for place in range(products)]
    bank.send(*(fact for facts in january for fact in facts))

    assert [3, 3 if products == 1000 else 0] == [len(bank.run(month).problems) for month in (JANUARY, JANUARY.next())]


def test_values_that_an_earlier_version_did_not_keep_are_not_told() -> None:
    """A record without them is read as before; the run after the next close of everything tells them again."""
    bank = Bank(NAMING)
    bank.send(*of_product("L1", "2026-01-10", "home"))
    bank.run(JANUARY)
    record = json.loads(next(iter(bank.entries.read("bank/history"))))
    old = {key: value for key, value in record.items() if key != "met"}

    assert {key: values for key, values in record["met"].items() if values} == {"loans.product": ["home"]}
    assert closes_of("x", [json.dumps(old)]).met is None
    with pytest.raises(DataError, match="it is no record of a close"):
        closes_of("x", [json.dumps(old | {"met": 7})])


@pytest.mark.parametrize("where", ["memory", "database"])
def test_a_fact_dated_far_ahead_is_told_while_a_run_of_everything_tells_it(where: str, tmp_path: Path) -> None:
    """L2 and L3 come in February; L3 of 2062 lies behind a gap of more than five years while L4 of 2029 is not known.

    L5 of 2033 is no more than five years after L4, and far ahead as soon as L4 is withdrawn, when nothing comes of it.
    """
    banks = [Bank(only_new=False), Bank()]
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    if where == "database":
        banks[1].facts, banks[1].entries = database.facts, database.entries
    sent: list[list[FeedRow]] = [
        rows_of(*drawn("L1", "lin", "2026-01-10")),
        rows_of(*drawn("L2", "wei", "2026-02-10"), *drawn("L3", "lin", "2062-02-11")),
        rows_of(*drawn("L4", "wei", "2029-06-01"), *drawn("L5", "wei", "2033-06-01")),
        [],
        [evolve(row, revision=2, says=None) for row in rows_of(*drawn("L4", "wei", "2029-06-01"))],
        [],
        [evolve(row, revision=2, says=None) for row in rows_of(*drawn("L3", "lin", "2062-02-11"))],
    ]
    told, counts = list[list[str]](), list[tuple[int, int]]()
    for number, rows in enumerate(sent, 1):
        for bank in banks:
            bank.sent += rows
        whole, some = (bank.run(lp.Period.month(2026, number), approve=lambda _: True) for bank in banks)
        assert whole.problems == some.problems
        assert (whole.rows, whole.used, posted(whole)) == (some.rows, some.used, posted(some))
        told.append(sorted({problem.loan for problem in some.problems if "more than five years" in problem.fault}))
        counts.append((some.rows, some.used))
    database.close()

    assert [[], ["L3"], ["L3"], ["L3"], ["L3", "L5"], ["L3", "L5"], ["L5"]] == told
    assert [(2, 2), (6, 4), (10, 8), (10, 8), (8, 4), (8, 4), (6, 4)] == counts


def test_a_close_says_the_latest_day_of_all_facts() -> None:
    """With 2062 all facts are read in each month, until it is withdrawn; a close that says nothing has them read."""
    bank = quiet_bank()
    bank.send(*drawn("L4", "lin", "2062-03-05"))
    bank.run(MARCH, approve=lambda _: True)
    bank.sent += [evolve(row, revision=2, says=None) for row in bank.sent[-2:]]
    bank.run(MARCH.next())
    records = [json.loads(record) for record in bank.entries.read("bank/history")]

    assert ["2026-01-20", "2026-02-10", "2062-03-05", "2026-02-10"] == [record["latest"] for record in records]
    old = {key: records[0][key] for key in records[0] if key != "latest"}
    assert date.max == closes_of("bank/history", [json.dumps(old)]).closes[0].latest


RELEASED = [("released", "L1", "200.00 CNY"), ("released", "L2", "200.00 CNY")]


def test_what_a_close_left_of_the_ledger_is_the_ledger(kept_bank: tuple[Bank, Database]) -> None:
    """Entry by entry with its reason; 1,000 of each of two loans was earned in January and a fifth held."""
    bank, database = kept_bank
    march = bank.run(MARCH)

    assert RELEASED == posted(march)
    assert march.ledger is not None
    whole = database.entries.ledger("bank/ledger")
    assert whole == march.ledger
    assert [*whole.lines()] == [*march.ledger.lines()]
    assert [2, 1, 1] == [record.count('"at"') + record.count('"whole":true') for record in bank.entries.read(POSTED)]
    assert lp.verify(database.entries, "bank", facts=database.facts)


def test_an_entry_that_was_changed_behind_a_close_pays_nothing_and_is_found(kept_bank: tuple[Bank, Database]) -> None:
    """100 times what was held of L1: March releases the 200 that were sealed; `verify` says which entries changed."""
    bank, database = kept_bank
    changed(database, "UPDATE entries SET amount_units = 2000000 WHERE kind = 'held' AND loan = 'L1'")

    assert RELEASED == posted(bank.run(MARCH))
    found = lp.verify(database.entries, "bank").misfits
    assert "stream 'bank/ledger', records 1 to 6" == found[0].where.en


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE records SET record = replace(record, '\"at\":', ' \"at\":') WHERE stream = 'bank/posted'", POSTED),
        ("DELETE FROM records WHERE stream = 'bank/posted' AND version = 1", POSTED),
        ("UPDATE batches SET seal = printf('%064d', 1) WHERE stream = 'bank/ledger'", "bank/ledger"),
        ("UPDATE streams SET seal = printf('%064d', 1) WHERE stream = 'bank/ledger'", "bank/ledger"),
        ("UPDATE streams SET version = 3 WHERE stream = 'bank/ledger'", "bank/ledger"),
    ],
)
def test_what_a_close_left_that_does_not_fit_is_refused(
    kept_bank: tuple[Bank, Database], statement: str, told: str
) -> None:
    """Nothing is paid, and `verify` tells of it."""
    bank, database = kept_bank
    paid = {**bank.payments.paid}
    changed(database, statement)

    with pytest.raises(StoreError, match=told):
        bank.run(MARCH)
    assert paid == bank.payments.paid
    assert any(told in one.where.en for one in lp.verify(database.entries, "bank").misfits)


def test_what_a_close_left_of_another_ledger_is_found_and_made_anew(kept_bank: tuple[Bank, Database]) -> None:
    """A ledger that was sealed anew is refused by who goes on from a close; who works everything once begins anew."""
    bank, database = kept_bank
    streams = {name: [*database.entries.read(name)] for name in ("bank/history", POSTED, "bank/payments")}
    ledger = [line.replace('"by":"chen"', '"by":"wang"') for line in database.entries.read("bank/ledger")]
    other = Database.connect("sqlite://", company="north")
    other.upgrade()
    for name, lines in {**streams, "bank/ledger": ledger}.items():
        other.entries.append(name, lines, expected=0)
    bank.entries = other.entries

    with pytest.raises(StoreError, match="another ledger: this one was restored, or sealed anew; restore both"):
        bank.run(MARCH)
    assert [POSTED] == [one.where.en.split("'")[1] for one in lp.verify(other.entries, "bank").misfits]
    bank.only_new = False
    assert RELEASED == posted(bank.run(MARCH))
    bank.only_new = True
    april = bank.run(MARCH.next())
    assert [("released", "L3", "100.00 CNY")] == posted(april)
    assert worked(april) is None
    assert worked(bank.run(MARCH.next().next())) == []
    assert lp.verify(other.entries, "bank")
    other.close()


def with_other_closes(database: Database, change: Any) -> Database:
    """Another database with the same streams, in which something else is sealed of what closes left of the ledger."""
    other = Database.connect("sqlite://", company="north")
    other.upgrade()
    for batch in database.entries.batches("bank/ledger"):
        if isinstance(batch.records, tuple):
            other.entries.append("bank/ledger", batch.records, expected=batch.before)
        else:
            other.entries.post("bank/ledger", lp.Entries.read(batch.records), expected=batch.before)
    for name in ("bank/history", POSTED, "bank/payments"):
        records = [*database.entries.read(name)]
        if name == POSTED:
            records = [json.dumps(change(json.loads(record)), separators=(",", ":")) for record in records]
        other.entries.append(name, records, expected=0)
    return other


def test_a_close_of_an_earlier_version_says_nothing_of_accounts(kept_bank: tuple[Bank, Database]) -> None:
    """What they come to is summed from all entries then, and the next close leaves it."""
    bank, database = kept_bank
    other = with_other_closes(database, lambda record: {key: record[key] for key in record if key != "sums"})
    bank.entries = other.entries
    march = bank.run(MARCH)

    assert RELEASED == posted(march)
    assert ["sums" in json.loads(record) for record in other.entries.read(POSTED)] == [False, False, True]
    assert march.ledger is not None
    assert lp.Ledger(entries=march.ledger.entries).accounts == march.ledger.accounts
    assert lp.verify(other.entries, "bank")
    other.close()


def test_accounts_that_a_close_did_not_leave_so_are_found(kept_bank: tuple[Bank, Database]) -> None:
    """Somebody sealed the stream anew with other accounts: `verify` compares them with the entries."""
    _, database = kept_bank

    def change(record: Any) -> Any:
        return record | {"sums": record["sums"] | {"due": record["sums"]["held"]}}

    assert lp.verify(with_other_closes(database, dict).entries, "bank")
    other = with_other_closes(database, change)
    assert [POSTED] == [one.where.en.split("'")[1] for one in lp.verify(other.entries, "bank").misfits]
    other.close()


def test_a_record_that_no_close_wrote_is_refused(kept_bank: tuple[Bank, Database]) -> None:
    """The third record of the stream is none."""
    bank, database = kept_bank
    database.entries.append(POSTED, ["{}"], expected=2)

    with pytest.raises(DataError, match="record 3 of 'bank/posted': it is not what a close left"):
        bank.run(MARCH)
    assert ["stream 'bank/posted', record 3 of 'bank/posted'"] == [
        one.where.en for one in lp.verify(database.entries, "bank").misfits
    ]


def test_a_fact_of_a_loan_at_rest_that_was_changed_is_found(tmp_path: Path) -> None:
    """February reads no loan, and no row was taken since January, which read all: `verify` tells of L2."""
    database = Database.connect(file_with_tables(tmp_path / "pay.db"), company="north")
    bank = Bank()
    bank.facts, bank.entries = database.facts, database.entries
    bank.send(*drawn("L1", "lin", "2026-01-10"), *drawn("L2", "wei", "2026-01-20"))
    bank.run(JANUARY)
    assert [] == worked(bank.run(JANUARY.next()))
    assert lp.verify(database.entries, "bank", facts=database.facts)
    changed(database, "UPDATE facts SET amount_units = 2000000 WHERE loan = 'L2' AND amount_units IS NOT NULL")

    found = lp.verify(database.entries, "bank", facts=database.facts).misfits
    assert ["facts of the run of 2026-01, events disbursed"] == [one.where.en for one in found]
    database.close()


def test_versions_of_a_plan_with_other_tiers_ask_for_all() -> None:
    """Of the lines of one with tiers all loans of the payee decide, of those of one without not."""
    made: Any = {"code": "p", "rounding": lp.Rounding.HALF_UP}
    parts = [lp.schemes.Component(**some) for some in (tiered("period"), _LOANS, _LOANS | {"rate": "2%"})]
    first, *others = [
        lp.schemes.DatedPlan(
            plan=lp.schemes.Plan(components=(part,), **made),
            scheme="s",
            version="v",
            currency="CNY",
            since=date(2025 + place, 1, 1),
        )
        for place, part in enumerate(parts)
    ]

    assert horizon_of([first, others[0]], MAY) is None
    assert horizon_of(others, MAY) == MAY.start


# ── a ledger that was opened ────────────────────────────────────────────────────────────────────────────────

OPENED = (
    BANK.replace("[plans.sales]\n", '[pay]\nnegative = "receivable"\n[plans.sales]\n', 1)
    .replace(
        'rounding = "half up"\n',
        'rounding = "half up"\n'
        'clawbacks = [{ on = "prepaid", share = "100%", attainment = "stays", takes = "whole" }]\n',
    )
    .replace(
        'rate = "1%"\n',
        'curve = { bands = [["0元", "10万元", "1%"], ["10万元", "", "2%"]], shape = "step" }\n'
        'tiers = { by = "amount", applies = "marginal", accumulates = "to date", resets = "year" }\n',
    )
)


@pytest.mark.parametrize("only_new", [False, True])
def test_an_opening_stands_in_what_closes_leave(*, only_new: bool) -> None:
    """What had counted, and lines that may go bad, are of the first entries, which each run reads of the last close.

    By hand: 90,000 of wei had counted, 1% to 100,000 and 2% above: 50,000 in July are 100 + 800, and in August 1,000; a
    fifth is held for two months. L1 of lin was paid 720, and 180 of it are released in August; in September it is
    prepaid, and 900 go back.
    """
    bank, july = Bank(OPENED, only_new=only_new), lp.Period.month(2026, 7)
    line = {"payee": "lin", "plan": "sales", "component": "loans", "loan": "L1", "cohort": "2026-06"}
    rows: list[Any] = [
        line | {"what": "earned", "amount": "900 元"},
        line | {"what": "withheld", "amount": "180 元"},
        {"payee": "wei", "what": "counted", "amount": "9万元", "plan": "sales", "component": "loans"},
    ]
    totals: Any = {"earned": "900 元", "withheld": "180 元", "counted": "9万元"}
    opening = Opening.of(rows, first=july, totals=totals)
    bank.entries.append("bank/ledger", [*opening.ledger(by="chen").lines()], expected=0)
    bank.send(*drawn("L1", "lin", "2026-06-10"), *drawn("L2", "wei", "2026-07-03", "5万元"))
    found = [posted(bank.run(july))]
    bank.send(*drawn("L3", "wei", "2026-08-03", "5万元"))
    found.append(posted(bank.run(july.next())))
    bank.send(lp.LoanEvent(loan="L1", kind=lp.EventKind.PREPAID, on="2026-09-09", amount="10万元"))
    found.append(posted(bank.run(july.next().next())))

    assert found == [
        [("earned", "L2", "900.00 CNY"), ("held", "L2", "180.00 CNY")],
        [("released", "L1", "180.00 CNY"), ("earned", "L3", "1000.00 CNY"), ("held", "L3", "200.00 CNY")],
        [("clawed back", "L1", "900.00 CNY"), ("released", "L2", "180.00 CNY")],
    ]
    assert lp.verify(bank.entries, "bank")
