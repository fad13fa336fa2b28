"""Missed targets carried on (捆绑): what a month misses is asked of the next one too, from what `run` archived."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from attrs import define, evolve, field

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryFactStore,
    MemoryFeed,
    MemoryPayments,
    MemoryPeople,
    MemorySchemes,
)
from loanperf.archive import Archive
from loanperf.ports import FeedRow

SCHEME = """
name = "branch"
currency = "CNY"
effective = 2025-01-01

[profiles.all.weights]
disbursed_amount = "100%"

[targets]
disbursed_amount = "100万元"

[carried.disbursed_amount]
resets = "year"

[scoring.default]
places = 2
rounding = "half up"
missing = "zero"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", "1 month"]]
rounding = "half up"
"""
LIN = lp.Assignment(payee="lin", unit="east", role="officer", since="2020-01-01", salary="8000 元")


def month(number: int, year: int = 2026) -> lp.Period:
    """A month."""
    return lp.Period.month(year, number)


@define
class Lender:
    """A lender in memory, whose months are run one after the other."""

    text: str = SCHEME
    goals: Sequence[lp.Target] = ()
    people: Sequence[lp.Assignment] = (LIN,)
    store: MemoryFactStore = field(factory=MemoryFactStore)
    entries: MemoryEntries = field(factory=MemoryEntries)
    finance: MemoryPayments = field(factory=MemoryPayments)
    rows: list[FeedRow] = field(factory=list)
    close_by: str = "chen"

    def lends(self, amount: str, on: str, payee: str = "lin") -> None:
        """A loan that is drawn on a day."""
        code = f"L{len(self.rows)}"
        opened = lp.Loan(loan=code, customer=code, officer=payee, opened_on=on)
        drawn = lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount=amount)
        self.rows += [FeedRow(row=f"{code} {what}", revision=1, says=says) for what, says in
                      (("opened", opened), ("drawn", drawn))]  # fmt: skip

    def run(self, period: lp.Period, *, paid: bool = True, **keeping: Any) -> lp.Run:
        """Work a month, post and close it; or only look."""
        kept = lp.Keeping(entries=self.entries, feeds={"crm": MemoryFeed(self.rows)}, close_by=self.close_by, **keeping)
        return lp.run(
            period,
            facts=self.store,
            people=MemoryPeople(lp.Organisation(assignments=self.people)),
            schemes=MemorySchemes(lp.parse_scheme(self.text), self.goals),
            payments=self.finance if paid else None,
            approve=lambda _: True,
            keeping=kept,
        )


def asked(run: lp.Run, payee: str = "lin") -> list[tuple[str, str]]:
    """The target and the score of each result of a payee."""
    return [
        (str(result.appraisal.lines[0].target), str(result.appraisal.score))
        for result in run.results
        if result.payee == payee
    ]


def reasons(run: lp.Run, language: Any = "en", payee: str = "lin") -> str:
    """Why the results of a payee are what they are."""
    return "\n".join(result.explain().text(language) for result in run.results if result.payee == payee)


def a_year(*amounts: str, **given: Any) -> tuple[Lender, list[lp.Run]]:
    """A lender with so much drawn in each month of 2026, and what running these months came to."""
    lender = Lender(**given)
    runs = []
    for number, amount in enumerate(amounts, 1):
        if amount != "0":
            lender.lends(amount, f"2026-{number:02}-10")
        runs.append(lender.run(month(number)))
    return lender, runs


def test_what_was_missed_is_asked_of_the_next_month() -> None:
    """January: 80万 of 100万, 80 points. February asks 100万 and the 20万: 120万 done are 100 points, a month's pay."""
    _, (january, february) = a_year("80万元", "120万元")

    assert [("1000000 CNY", "80.00")] == asked(january)
    assert [("1200000 CNY", "100.00")] == asked(february)
    assert ["8000.00 CNY"] == [str(payment.amount) for payment in february.payments]
    assert "target 1000000 CNY, of the scheme, and nothing carried: a new year begins" in reasons(january)
    assert "target 1200000 CNY, of the scheme, and 200000 CNY missed in 2026-01" in reasons(february).replace(
        " (", ", "
    )
    assert "另加 2026-01 结转的未完成额 20 万元" in reasons(february, "zh")
    assert "无结转：新的年度开始" in reasons(january, "zh")


def test_three_months_in_a_chain() -> None:
    """80万 of 100万: 20万. 90万 of 120万: 30万, 75 points. 65万 of 130万 are 50 points: 65万. April asks 165万."""
    _, runs = a_year("80万元", "90万元", "65万元", "165万元")

    expected = [("1000000 CNY", "80.00"), ("1200000 CNY", "75.00"), ("1300000 CNY", "50.00"), ("1650000 CNY", "100.00")]
    assert expected == [score for run in runs for score in asked(run)]


def test_what_was_over_is_not_taken_off() -> None:
    """150万 of 100万 leave nothing to carry, and February asks its own 100万."""
    _, (_, february) = a_year("150万元", "100万元")

    assert [("1000000 CNY", "100.00")] == asked(february)
    assert "and nothing carried: the target of 2026-01 was reached" in reasons(february)
    assert "无结转：2026-01 目标已完成" in reasons(february, "zh")


def test_a_late_fact_of_a_closed_month_changes_nothing_that_was_carried() -> None:
    """20万 drawn in January come in March: January was closed with 80万, and February goes on asking for 120万.

    Once January is opened again and worked, it has 100万: February, which is open, then asks for 100万 alone.
    """
    lender = Lender()
    lender.lends("80万元", "2026-01-10")
    lender.run(month(1))
    lender.close_by = ""
    lender.lends("60万元", "2026-02-10")
    assert [("1200000 CNY", "50.00")] == asked(lender.run(month(2)))

    lender.lends("20万元", "2026-01-20")
    assert [("1200000 CNY", "50.00")] == asked(lender.run(month(2)))
    assert lender.run(month(1)).closed
    assert [("1200000 CNY", "50.00")] == asked(lender.run(month(2)))

    ledger = Archive(lender.entries, "branch").ledger()
    again = ledger.reopen(month(1), by="chen", why="a late fact")
    version = len(ledger.entries) + len(ledger.closings)
    lender.entries.append("branch/ledger", [*again.lines(version)], expected=version)
    lender.run(month(1))
    assert [("1000000 CNY", "60.00")] == asked(lender.run(month(2)))


def test_a_new_hire_owes_nothing() -> None:
    """Wu comes in February: January asked nothing of them, and their 100万 is what they are asked."""
    wu = evolve(LIN, payee="wu", since="2026-02-01")
    lender = Lender(people=(LIN, wu))
    lender.lends("80万元", "2026-01-10")
    lender.run(month(1))
    lender.lends("50万元", "2026-02-10", "wu")
    run = lender.run(month(2))

    assert [("1000000 CNY", "50.00")] == asked(run, "wu")
    assert "nothing carried: there is no earlier target of 2026-01" in reasons(run, payee="wu")
    assert "无结转：2026-01 无考核目标记录" in reasons(run, "zh", payee="wu")
    assert [("1200000 CNY", "0.00")] == asked(run)


def test_running_a_month_again_gives_the_same() -> None:
    """Nothing is carried twice, nothing new is archived or posted, and a dry run says what the run will."""
    lender = Lender()
    lender.lends("80万元", "2026-01-10")
    lender.run(month(1))
    lender.lends("60万元", "2026-02-10")
    lender.store.take("crm", MemoryFeed(lender.rows).pull(lender.store.cursor("crm")))
    dry = lender.run(month(2), paid=False)
    first = lender.run(month(2))
    before = {name: tuple(lines) for name, lines in lender.entries.streams.items()}
    second = lender.run(month(2))

    assert [("1200000 CNY", "50.00")] == asked(dry) == asked(first) == asked(second)
    assert [payment.amount for payment in dry.payments] == [payment.amount for payment in first.payments]
    assert before == {name: tuple(lines) for name, lines in lender.entries.streams.items()}
    (kept,) = Archive(lender.entries, "branch").results(month(2))
    assert "1200000 CNY" == str(kept.appraisal.lines[0].target)
    assert lp.verify(lender.entries, "branch")


@pytest.mark.parametrize("resets", ["year", "half", "quarter", "never"])
def test_a_year_a_half_and_a_quarter_begin_anew_as_stated(resets: str) -> None:
    """Of each month 10万 are missed; what is carried into April, July and the next January."""
    lender = Lender(text=SCHEME.replace('"year"', f'"{resets}"'))
    targets = {}
    began = {"year": {1, 13}, "half": {1, 7, 13}, "quarter": {1, 4, 7, 10, 13}}.get(resets, set())
    for number in range(1, 14):
        period = month((number - 1) % 12 + 1, 2026 + (number - 1) // 12)
        lender.lends("90万元", f"{period.start}")
        run = lender.run(period)
        targets[number] = run.results[0].appraisal.lines[0].target
        word = {"half": "half-year"}.get(resets, resets)
        assert (number in began) == (f"nothing carried: a new {word} begins" in reasons(run))

    def ask(months: int) -> lp.Quantity:
        return lp.quantity(f"{100 + 10 * months}万元")

    in_a_row = {"never": 13, "year": 12, "half": 6, "quarter": 3}[resets]
    assert {number: ask((number - 1) % in_a_row) for number in targets} == targets


def test_a_fiscal_year_begins_anew_where_the_calendar_says() -> None:
    """Years begin in April: March's 20万 are not carried into it, February's are carried into March."""
    text = SCHEME + '\n[calendar]\nperiods = "month"\nbegins = 2025-04-01\n'
    lender = Lender(text=text)
    for number, target in ((2, "1000000 CNY"), (3, "1200000 CNY"), (4, "1000000 CNY")):
        lender.lends("80万元" if number == 2 else "100万元", f"2026-0{number}-10")
        assert target == asked(lender.run(month(number)))[0][0]


def test_a_target_of_the_host_is_carried_into_too() -> None:
    """The host asks 200万 of January and 50万 of February: 150万 are missed, and February asks for 200万."""
    goals = [
        lp.Target(payee="lin", indicator="disbursed_amount", value=value, period=month(number))
        for number, value in ((1, "200万元"), (2, "50万元"))
    ]
    _, (_, february) = a_year("50万元", "100万元", goals=goals)

    assert [("2000000 CNY", "50.00")] == asked(february)
    assert "as supplied by the host, and 1500000 CNY missed in 2026-01" in reasons(february)


def test_a_move_within_a_month_divides_what_was_missed_by_days() -> None:
    """Lin moves on 15 February, after 14 of 28 days: of 20万 each half asks 10万, beside its own half of 100万.

    Both halves together miss 120万 less the 80万 that are drawn, and March asks for 140万.
    """
    people = (evolve(LIN, until="2026-02-15"), evolve(LIN, unit="west", since="2026-02-15"))
    _, (_, february, march) = a_year("80万元", "80万元", "0", people=people)

    assert ["600000 CNY", "600000 CNY"] == [target for target, _ in asked(february)]
    assert "200000 CNY missed in 2026-01, for 14/28 of the days" in reasons(february)
    assert "按天数 14/28 折算" in reasons(february, "zh")
    assert ["1400000 CNY"] == [target for target, _ in asked(march)]


def test_a_month_without_a_reading_carries_nothing() -> None:
    """Nobody counted what was sold in January, at zero points: nothing is known to be missed."""
    weights = SCHEME.replace('= "100%"\n', '= "50%"\nsold = "50%"\n').replace('"100万元"\n', '"100万元"\nsold = "10"\n')
    declared = '[indicators.sold]\ndimension = "performance"\ndirection = "higher is better"\nkind = "count"\n'
    text = weights.replace("carried.disbursed_amount", "carried.sold") + declared
    entries, supplied = MemoryEntries(), [lp.Reading.of("sold", 5, subject="lin", period=month(2))]
    drawn: list[lp.Fact] = [
        lp.Loan(loan="L1", customer="c", officer="lin", opened_on="2026-01-03"),
        lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-01-03", amount="80万元"),
    ]
    january, february = [
        lp.run(
            period,
            facts=MemoryFacts(drawn, supplied=supplied),
            people=MemoryPeople(lp.Organisation(assignments=[LIN])),
            schemes=MemorySchemes(lp.parse_scheme(text)),
            payments=MemoryPayments(),
            approve=lambda _: True,
            keeping=lp.Keeping(entries=entries),
        )
        for period in (month(1), month(2))
    ]

    assert "40.00" == str(january.results[0].appraisal.score)
    assert "10" == str(february.results[0].appraisal.line("sold").target)
    assert "nothing carried: there is no reading of 2026-01" in reasons(february)
    assert "无结转：2026-01 无完成值" in reasons(february, "zh")


def test_a_run_that_keeps_nothing_carries_nothing_and_says_so() -> None:
    """Without an archive nothing is known of January; the host passes such a target itself."""
    drawn: list[lp.Fact] = [
        lp.Loan(loan="L1", customer="c", officer="lin", opened_on="2026-02-03"),
        lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-02-03", amount="50万元"),
    ]
    run = lp.run(
        month(2),
        facts=MemoryFacts(drawn),
        people=MemoryPeople(lp.Organisation(assignments=[LIN])),
        schemes=MemorySchemes(lp.parse_scheme(SCHEME)),
    )
    assert [("1000000 CNY", "50.00")] == asked(run)
    assert "nothing carried: no archive is read" in reasons(run)
    assert "无结转：未读取考核档案" in reasons(run, "zh")


def test_amounts_in_another_currency_are_not_added() -> None:
    """The scheme counts in yen from February on: 200,000 yuan are not 200,000 yen, and lin is told as a problem."""
    lender = Lender()
    lender.lends("80万元", "2026-01-10")
    lender.run(month(1))
    lender.text = SCHEME.replace('"CNY"', '"JPY"').replace("100万元", "100万 JPY").replace("2025-01-01", "2026-02-01")
    lender.people = (evolve(LIN, salary="80000 JPY"),)
    run = lender.run(month(2))

    assert ["lin"] == [one.payee for one in run.blocked]
    assert any("the target of 2026-01 of 'disbursed_amount'" in str(problem) for problem in run.problems)


# ── what a scheme says of it ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("carried.disbursed_amount", "carried.disbursed"), "$.carried.disbursed (line 12"),
        (('resets = "year"\n', ""), "$.carried.disbursed_amount"),
        (('"year"', '"month"'), "$.carried.disbursed_amount.resets (line 13, column 1)"),
        (("carried.disbursed_amount", "carried.npl_ratio"), "$.carried.npl_ratio (line 12, column 10): NPL ratio does"),
        (("carried.disbursed_amount", "carried.rejected_applications"), "$.carried.rejected_applications"),
        (
            ("[scoring", '[phases.p]\ntargets_at_most = { disbursed_amount = "1元" }\n\n[scoring'),
            "$.carried.disbursed_amount (line 12, column 10): phase 'p' limits its target; leave one of them out",
        ),
    ],
)
def test_check_says_what_cannot_be_carried(changed: tuple[str, str], said: str) -> None:
    """What is unknown, what no day adds to, of what less is better, and what a phase limits."""
    with pytest.raises(lp.errors.SchemeError) as raised:
        lp.parse_scheme(SCHEME.replace(*changed))
    assert said in str(raised.value)


def test_a_scheme_with_carried_targets_reads_back_and_tells_what_changed() -> None:
    """It is written as it was read, and a change is a sentence in both languages."""
    scheme = lp.parse_scheme(SCHEME)

    assert (lp.schemes.CarriedTarget(code="disbursed_amount", resets="year"),) == scheme.carried
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme, "toml"))
    (change,) = lp.diff(scheme, lp.parse_scheme(SCHEME.replace('"year"', '"never"')))
    assert "the reset of the carrying of what is missed of disbursed amount changes from year to never" == change.to(
        "en"
    )
    assert "放款量未完成目标的结转的清零时点由 年 改为 不清零" == change.to("zh")


def test_a_target_that_is_resolved_without_a_run_is_the_month_s_own() -> None:
    """`resolve` and `appraise` know nothing of other months: a host that has no archive passes the target itself."""
    card = lp.parse_scheme(SCHEME).resolve(period=month(2))
    own = lp.Target(payee="lin", indicator="disbursed_amount", value="100万元").carrying("100万元", "80万元")

    assert "1000000 CNY" == str(card.lines[0].target)
    found = lp.appraise(card, {"disbursed_amount": own.value}, {"disbursed_amount": "60万元"})
    assert Fraction(50) == found.score
