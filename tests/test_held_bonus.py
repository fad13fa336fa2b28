"""Held bonuses: what a scheme keeps back of a bonus, or of all pay, comes when it says, to the fen."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest
from tests.loans import accrued, component, dated, drawn
from tests.test_month import PEOPLE, ROWS
from tests.test_month import SCHEME as MONTHLY

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.archive import Archive
from loanperf.opening import Opening
from loanperf.schemes import Holdback, Instalment, PayRules

K = lp.EntryKind
DEC = lp.Period.month(2026, 12)
SCHEME = """
name = "bank"
currency = "CNY"
effective = 2026-01-01

[profiles.all.weights]
loan_amount = "100%"

[targets]
loan_amount = "100万元"

[scoring.default]
places = 1
rounding = "half even"
missing = "refuse"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half up"

[bonus.holdback]
"""
RULE = 'share = "40%"\nyears = 3\n'
"""The rule of Chinese banks: 40% over three years, in equal parts."""


def staff(*roles: str, until: str | None = None) -> lp.Organisation:
    """One person of each role, named as it; all leave on one day."""
    held = [lp.Assignment(payee=role, unit="head", role=role, since="2026-01-01", until=until) for role in roles]
    return lp.Organisation(assignments=held)


def bonus(role: str, salary: str, text: str = RULE, period: lp.Period = DEC) -> lp.Award:
    """A bonus of one month's salary, at 100 points."""
    card = lp.parse_scheme(SCHEME + text).resolve(period=period, role=role)
    appraisal = lp.appraise(card, readings={"loan_amount": "100万元"}, payee=role)
    return lp.award(card.bonus, appraisal, month=salary)


def worked(
    awards: Mapping[str, Iterable[lp.Award]], accruals: lp.Accruals, *months: str, ledger: lp.Ledger | None = None
) -> lp.Ledger:
    """The ledger after some months that were settled and paid, each with its awards."""
    ledger = ledger or lp.Ledger()
    for month in map(lp.Period.parse, months):
        given = tuple(awards.get(str(month), ()))
        ledger = ledger.append(lp.settle(ledger, accruals, period=month, awards=given))
        ledger = ledger.append(lp.pay(ledger, period=month, rules=PayRules()).entries)
    return ledger


def nobody(people: lp.Organisation, through: str = "2030-12", *plans: lp.schemes.DatedPlan) -> lp.Accruals:
    """What was earned where nothing is paid for loans."""
    return accrued([], *plans, staff=people, through=through)


def told(ledger: lp.Ledger, *kinds: lp.EntryKind) -> list[tuple[str, str, str]]:
    """Period, kind and amount of entries of some kinds."""
    return [
        (str(entry.period), entry.kind.value, str(entry.amount.amount))
        for entry in ledger.entries
        if entry.kind in kinds and entry.amount.units
    ]


YEARS = ("2026-12", "2027-12", "2028-12", "2029-12")


def test_forty_percent_over_three_years_comes_in_equal_parts() -> None:
    """10,000 × 40% is 4,000; a third of it is 1,333.33, and the last year takes the remainder, 1,333.34."""
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, nobody(staff("officer")), *YEARS)
    assert told(ledger, K.EARNED, K.HELD, K.RELEASED, K.PAID) == [
        ("2026-12", "earned", "10000.00"),
        ("2026-12", "held", "1333.33"),
        ("2026-12", "held", "1333.33"),
        ("2026-12", "held", "1333.34"),
        ("2026-12", "paid", "6000.00"),
        ("2027-12", "released", "1333.33"),
        ("2027-12", "paid", "1333.33"),
        ("2028-12", "released", "1333.33"),
        ("2028-12", "paid", "1333.33"),
        ("2029-12", "released", "1333.34"),
        ("2029-12", "paid", "1333.34"),
    ]
    assert "0.00 CNY" == str(ledger.balance("officer").held)


@pytest.mark.parametrize(("role", "held"), [("officer", 4000), ("president", 5100), ("clerk", 0)])
def test_a_role_has_its_own_share(role: str, held: int) -> None:
    """Of 10,000: 40%, 51% of a president's, and nothing of a clerk's."""
    text = RULE + 'roles = { president = "51%", clerk = "0%" }\n'
    ledger = worked({"2026-12": [bonus(role, "10000 元", text)]}, nobody(staff(role)), "2026-12")
    assert held == ledger.balance(role, currency="CNY").held.exact


def test_thirty_forty_thirty_by_a_ladder_of_pay() -> None:
    """Marginal: nothing of the first 5,000, 40% of the other 7,000: 2,800; as 30/40/30: 840, 1,120, 840."""
    text = """
share = { knots = [[0, "0%"], ["5000 元", "40%"]], shape = "step" }
applies = "marginal"
instalments = [
    { after_months = 12, share = "30%" },
    { after_months = 24, share = "40%" },
    { after_months = 36, share = "30%" },
]
"""
    ledger = worked({"2026-12": [bonus("officer", "12000 元", text)]}, nobody(staff("officer")), *YEARS)
    assert told(ledger, K.RELEASED) == [
        ("2027-12", "released", "840.00"),
        ("2028-12", "released", "1120.00"),
        ("2029-12", "released", "840.00"),
    ]


def test_settling_twice_posts_nothing_and_a_corrected_award_the_difference() -> None:
    """Given again with 9,000: 3,600 is held instead of 4,000, and 400 less stays for later."""
    people = nobody(staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, people, "2026-12")
    again = [bonus("officer", "10000 元")]
    assert () == lp.settle(ledger, people, period=DEC, awards=again)
    assert () == lp.settle(ledger, people, period=DEC)
    ledger = ledger.append(lp.settle(ledger, people, period=DEC, awards=[bonus("officer", "9000 元")]))
    assert ("3600.00 CNY", "9000.00 CNY") == tuple(
        str(getattr(ledger.balance("officer"), name)) for name in ("held", "entitled")
    )


def test_a_release_says_which_part_of_how_many_it_is() -> None:
    """Of 10,000 a part of 4,000 comes in three years, and the reasons are read back as they were."""
    people = nobody(staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, people, "2026-12", "2027-12", "2028-12", "2029-12")
    freed = [entry.reason for entry in ledger.entries if entry.kind is K.RELEASED]

    assert [f"part {n} of 3" for n in (1, 2, 3)] == [reason.text().splitlines()[0].split(", ")[-1] for reason in freed]
    assert "返还 2026-12 递延 1,333.33 元，第 2/3 期" in freed[1].text("zh")
    again = lp.Ledger.from_data(ledger.data())
    assert [reason.data() for reason in freed] == [
        entry.reason.data() for entry in again.entries if entry.kind is K.RELEASED
    ]


def test_reasons_and_statements_say_until_when() -> None:
    """A payee sees what is held, of how much, until when, and when the next part comes."""
    people = nobody(staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, people, "2026-12")
    held = [entry for entry in ledger.entries if entry.kind is K.HELD]
    assert (
        "1333.33 CNY held until 2027-12-31: part 1 of 3 of 4000.00 CNY, kept back of the pay of 2026-12, 10000.00 CNY"
        == held[0].reason.text().splitlines()[0]
    )
    assert "延期支付 1,333.33 元 至 2027-12-31，第 1/3 期" in held[0].reason.text("zh")
    (cohort,) = lp.statement(ledger, "officer", DEC, people).held
    assert ("2026-12", "4000.00 CNY", date(2027, 12, 31), "1333.33 CNY") == (
        cohort.cohort,
        str(cohort.amount),
        cohort.next_on,
        str(cohort.next_amount),
    )
    assert ledger == lp.read_ledger(ledger.lines())


# ── leavers ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("leavers", "expected"),
    [
        (
            "released",
            [(f"{year}-12", "released", amount) for year, amount in ((2027, "1333.33"), (2028, "1333.33"))],
        ),
        ("forfeited", [("2027-12", "released", "1333.33"), ("2028-12", "forfeited", "1333.33"),
                       ("2028-12", "forfeited", "1333.34")]),
    ],
)  # fmt: skip
def test_what_is_held_of_a_leaver_goes_on_or_is_forfeited(leavers: str, expected: Any) -> None:
    """Who leaves on 1 July 2028 has the first part; the others go on, or are forfeited on that day: 2,666.67."""
    people = nobody(staff("officer", until="2028-07-01"), "2030-12")
    text = f'{RULE}leavers = "{leavers}"\n'
    ledger = worked({"2026-12": [bonus("officer", "10000 元", text)]}, people, "2026-12", "2027-12", "2028-12")
    assert expected == told(ledger, K.RELEASED, K.FORFEITED)


# ── all pay of a person ─────────────────────────────────────────────────────────────────────────────────────

THIRDS = tuple(Instalment(after_months=months, share="1/3") for months in (12, 24, 36))


def plan(of_all: Holdback | None, **fields: Any) -> lp.schemes.DatedPlan:
    """1% of what is drawn; of all pay is held as is said."""
    made = dated(component(rate="1%"), **fields)
    return lp.schemes.DatedPlan(
        plan=made.plan, scheme="bank", version="v1", currency="CNY", since=made.since,
        rules=PayRules(holdback=of_all),
    )  # fmt: skip


def test_all_pay_of_a_person_is_held_as_one() -> None:
    """Commission 2,000 and bonus 10,000: 40% of 12,000 is 4,800, in thirds of 1,600; in January, 40% of 1,000."""
    facts = drawn(200_000, 100_000, on=["2026-12-05", "2027-01-08"], officer="officer")
    accruals = accrued(facts, plan(Holdback(share="40%", years=3)), staff=staff("officer"), through="2027-12")
    free = bonus("officer", "10000 元", 'share = "0%"\nyears = 1\n')
    ledger = worked({"2026-12": [free]}, accruals, "2026-12", "2027-01", "2027-12")
    assert told(ledger, K.HELD, K.RELEASED, K.PAID) == [
        *[("2026-12", "held", "1600.00")] * 3,
        ("2026-12", "paid", "7200.00"),
        ("2027-01", "held", "133.33"),
        ("2027-01", "held", "133.33"),
        ("2027-01", "held", "133.34"),
        ("2027-01", "paid", "600.00"),
        ("2027-12", "released", "1600.00"),
        ("2027-12", "paid", "1600.00"),
    ]


def test_what_plans_hold_themselves_is_not_held_twice() -> None:
    """The plan holds 10% of 2,000, the bonus 40% of 10,000; of the 1,800 and 6,000 left, half is held: 3,900."""
    own = Holdback(share="10%", instalments=(Instalment(after_months=12, share="100%"),))
    terms = plan(Holdback(share="50%", years=1), holdback=own)
    accruals = accrued(drawn(200_000, on=["2026-12-05"], officer="officer"), terms, staff=staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, accruals, "2026-12")
    expected = ["3900.00", "1333.33", "1333.33", "1333.34", "200.00"]
    assert expected == [amount for _, _, amount in told(ledger, K.HELD)]


def test_a_late_loan_raises_what_was_held() -> None:
    """100,000 of December that comes in January adds 1,000 to its pay: 400 more is held of December."""
    terms, people = plan(Holdback(share="40%", years=1)), staff("officer")
    first, late = (drawn(*some, on=days, officer="officer") for some, days in (
        ((200_000,), ["2026-12-05"]), ((200_000, 100_000), ["2026-12-05", "2026-12-20"])
    ))  # fmt: skip
    ledger = worked({}, accrued(first, terms, staff=people), "2026-12")
    ledger = ledger.close(DEC, by="chen")
    ledger = worked({}, accrued(late, terms, staff=people, through="2027-01"), "2027-01", ledger=ledger)
    assert [("2026-12", "held", "800.00"), ("2027-01", "held", "400.00")] == told(ledger, K.HELD)


# ── what a scheme says ──────────────────────────────────────────────────────────────────────────────────────


def test_what_is_held_of_persons_is_written_and_compared() -> None:
    """A scheme reads back as it was, and what changes is told as a bank's HR says it."""
    text = SCHEME + 'share = "40%"\nroles = { clerk = "0%" }\ninstalments = [{ after_months = 12, share = "100%" }]\n'
    before = lp.parse_scheme(text)
    after = lp.parse_scheme(SCHEME + 'share = "50%"\nyears = 3\nleavers = "forfeited"\n')
    assert before == lp.parse_scheme(lp.schemes.write_scheme(before), "json")
    assert [change.to("zh") for change in lp.diff(before, after)] == [
        "奖金方案的风险金的比例由 40% 升至 50%",
        "取消奖金方案的风险金的岗位范围（原为 clerk 0%）",
        "取消奖金方案的12 个月后的返还（原为 比例 100%）",
        "新增奖金方案的风险金的等额返还年数：3",
        "新增奖金方案的风险金的离职处理：止付",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('share = "40%"\nrepaid = "releases"\n', "bonus.*: it is of loans, and this pay is of none; leave it out"),
        ('share = "40%"\nyears = 2\ninstalments = [{ after_months = 1, share = "100%" }]\n', "keep one of them"),
        ('share = "40%"\nyears = 2\ncondition = "stated"\n', "its days release it"),
        ('share = "40%"\n', "nothing ever releases it"),
        ('share = { knots = [["0 USD", "40%"]], shape = "step" }\nyears = 2\n', "USD"),
    ],
)
def test_what_cannot_be_held_so_is_refused(text: str, says: str) -> None:
    """A bonus is of no loan, and an instalment is stated once."""
    with pytest.raises(lp.errors.SchemeError, match=says):
        lp.parse_scheme(SCHEME + text)


def test_what_would_hold_nothing_is_refused() -> None:
    """All pay is held of who has a commission plan; where a scheme has none, it says so, and where it stands."""
    text = SCHEME.partition("[bonus.holdback]")[0] + '[pay.holdback]\nshare = "40%"\nyears = 3\n'
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.parse_scheme(text)
    said = "$.pay.holdback (line 22, column 6): it holds nothing: the scheme has no commission plan"
    assert [f"{said}; write it as [bonus.holdback]"] == [str(problem) for problem in caught.value.problems]


def test_a_plan_holds_by_loans() -> None:
    """A plan names its role itself, and who leaves keeps what was held of loans."""
    with pytest.raises(lp.errors.DataError, match=r"Plan.holdback.leavers: it is of bonuses and all pay"):
        dated(component(rate="1%"), holdback=Holdback(share="40%", years=3, leavers="forfeited"))


# ── what a host decides ─────────────────────────────────────────────────────────────────────────────────────


def decided(ledger: lp.Ledger, does: Any, period: str, **more: Any) -> tuple[lp.Entry, ...]:
    """The entries of a decision on the officer."""
    said = {"by": "chen", "why": "misconduct", "evidence": "HR-17", "payee": "officer", "on": f"{period}-15"}
    made = lp.schemes.Decision(does=does, **(said | more))
    assert made == lp.schemes.Decision.from_data(made.data())
    return lp.schemes.decide(ledger, made, period=lp.Period.parse(period))


def awarded(*months: str) -> tuple[lp.Ledger, lp.Accruals]:
    """A bonus of 10,000 of an officer who left on 1 July 2027, of which 4,000 is held, as of some months."""
    people = nobody(staff("officer", until="2027-07-01"), "2030-12")
    return worked({"2026-12": [bonus("officer", "10000 元")]}, people, *months), people


def test_what_is_held_is_stopped_and_stays_so() -> None:
    """Half of 4,000 is forfeited, 2,000: of 666.665, 666.665 and 666.67 the first has the fen that is left."""
    ledger, people = awarded("2026-12")
    stop = decided(ledger, "stop", "2027-06", share="50%")
    ledger = worked({}, people, "2027-06", *YEARS[1:], ledger=ledger.append(stop))
    assert told(ledger, K.FORFEITED, K.RELEASED) == [
        ("2027-06", "forfeited", "666.67"),
        ("2027-06", "forfeited", "666.66"),
        ("2027-06", "forfeited", "666.67"),
        ("2027-12", "released", "666.66"),
        ("2028-12", "released", "666.67"),
        ("2029-12", "released", "666.67"),
    ]
    assert stop[0].reason.text().startswith("666.67 CNY of the pay of 2026-12 forfeited on 2027-06-15, by chen")
    assert ledger == lp.read_ledger(ledger.lines())
    again = lp.Entries.read(ledger.entries.table())
    assert [entry.hand for entry in ledger.entries] == [entry.hand for entry in again]


def test_what_was_paid_is_clawed_back_of_its_cohort() -> None:
    """30% of the 7,333.33 that was paid for 2026-12 by the end of 2027: 2,199.99; it is owed, and settling keeps it."""
    ledger, people = awarded("2026-12", "2027-12")
    takes = decided(ledger, "claw back", "2028-01", share="30%", cohorts=[DEC])
    assert [("2026-12", "2199.99 CNY")] == [(entry.cohort, str(entry.amount)) for entry in takes]
    ledger = worked({}, people, "2028-01", ledger=ledger.append(takes))
    assert "2199.99 CNY" == str(ledger.balance("officer").owed)
    assert () == lp.settle(ledger, people, period=lp.Period.month(2028, 1))
    rest = decided(ledger, "claw back", "2028-01")
    assert ["5133.34 CNY"] == [str(entry.amount) for entry in rest]


def test_what_only_a_statement_releases_is_released_by_it() -> None:
    """10% of 10,000 is held until the host says that the guarantee has ended; its line names no day of release."""
    people = nobody(staff("officer"), "2030-12")
    text = 'share = "10%"\ncondition = "stated"\n'
    ledger = worked({"2026-12": [bonus("officer", "10000 元", text)]}, people, "2026-12", "2029-12")
    assert [] == told(ledger, K.RELEASED)
    (held,) = [entry for entry in ledger.entries if entry.kind is K.HELD]
    assert "officer/bonus/held///2026-12" == held.line
    assert held.reason.text().startswith("1000.00 CNY held until it is stated: its part of 1000.00 CNY")
    assert held.reason.text("zh").startswith("延期支付 1,000.00 元 至 另行通知")
    assert ledger == lp.read_ledger(ledger.lines())
    frees = decided(ledger, "release", "2030-03", why="the guarantee has ended")
    ledger = worked({}, people, "2030-03", ledger=ledger.append(frees))
    assert [("2030-03", "released", "1000.00")] == told(ledger, K.RELEASED)
    assert "10000.00 CNY" == str(ledger.balance("officer").paid)
    assert "0.00 CNY" == str(ledger.balance("officer").held)


@pytest.mark.parametrize(
    ("does", "more", "says"),
    [
        ("burn", {}, "there is no act .*; use 'stop', 'release' or 'claw back'"),
        ("stop", {"share": "0%"}, "its share is .*; give above 0% and at most 100%"),
        ("stop", {"why": " "}, "why is empty; state why"),
        ("stop", {"payee": "nobody"}, "a stop of 'nobody': there is nothing of it in CNY"),
        ("claw back", {"cohorts": [lp.Period.month(2026, 11)]}, "there is nothing of it in CNY"),
    ],
)
def test_a_decision_says_who_why_and_of_what(does: Any, more: Any, says: str) -> None:
    """A slip in a code or a share must not look like a decision."""
    ledger, _ = awarded("2026-12")
    with pytest.raises(lp.errors.LedgerError, match=says):
        decided(ledger, does, "2027-01", **more)


# ── what comes after a decision ─────────────────────────────────────────────────────────────────────────────


def corrected(
    salary: str, period: str, text: str = RULE, *, ledger: lp.Ledger, people: lp.Accruals | None = None
) -> lp.Ledger:
    """The ledger after the award was given again, and a later month was settled and paid."""
    people = people or nobody(staff("officer"))
    ledger = ledger.append(lp.settle(ledger, people, period=DEC, awards=[bonus("officer", salary, text)]))
    return worked({}, people, period, ledger=ledger)


def stands(ledger: lp.Ledger, *names: str) -> list[str]:
    """Balances of the officer."""
    balance = ledger.balance("officer", currency="CNY")
    return [str(getattr(balance, name).amount) for name in names]


def test_what_was_clawed_back_is_not_taken_again_by_a_lower_award() -> None:
    """Paid 6,000 and all clawed back; an award of nothing leaves nothing earned, and still the same 6,000 owed.

    Of 8,000 instead, 3,200 is held: 4,800 is left, all of it clawed back; and of 10,000 once more all 6,000 is.
    """
    people = nobody(staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, people, "2026-12")
    ledger = worked({}, people, "2027-01", ledger=ledger.append(decided(ledger, "claw back", "2027-01")))
    assert ["4000.00", "4000.00", "6000.00", "6000.00"] == stands(ledger, "entitled", "held", "owed", "paid")
    none = corrected("0 元", "2027-02", ledger=ledger)
    assert ["0.00", "0.00", "6000.00", "6000.00"] == stands(none, "entitled", "held", "owed", "paid")
    assert () == lp.settle(none, people, period=lp.Period.month(2027, 2))
    less = corrected("8000 元", "2027-02", ledger=ledger)
    assert ["3200.00", "3200.00", "6000.00"] == stands(less, "entitled", "held", "owed")
    again = corrected("10000 元", "2027-03", ledger=none)
    assert ["4000.00", "4000.00", "6000.00"] == stands(again, "entitled", "held", "owed")


def test_what_is_earned_in_another_currency_lets_no_claw_stand() -> None:
    """6,000 yuan of the bonus were paid and clawed back; of an award of nothing, nothing is left to claw back.

    1% of 100,000 dollars, which was earned for the same month, is nobody's bonus: no yuan stand on it.
    """
    in_dollars = dated(component(rate="1%"), currency="USD")
    lent = drawn(100000, on=["2026-12-05"], unit="USD", officer="officer")
    earned = accrued(lent, in_dollars, staff=staff("officer"), through="2030-12")
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, earned, "2026-12")
    ledger = worked({}, earned, "2027-01", ledger=ledger.append(decided(ledger, "claw back", "2027-01")))
    ledger = corrected("0 元", "2027-02", ledger=ledger, people=earned)
    assert told(ledger, K.CLAWED_BACK) == [
        ("2027-01", "clawed back", "6000.00"),
        ("2027-02", "clawed back", "-6000.00"),
    ]
    assert ["0.00", "0.00", "6000.00", "6000.00"] == stands(ledger, "entitled", "held", "owed", "paid")
    assert "1000.00 USD" == str(ledger.balance("officer", currency="USD").paid)


def test_two_claws_of_a_cohort_give_way_from_the_last() -> None:
    """Of 6,000 paid 1,500 and then 50% of 4,500 are taken; of an award of 4,000, 2,400 is left: 1,500 and 900."""
    people = nobody(staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, people, "2026-12")
    for month, share in (("2027-01", "25%"), ("2027-02", "50%")):
        ledger = worked({}, people, month, ledger=ledger.append(decided(ledger, "claw back", month, share=share)))
    ledger = corrected("4000 元", "2027-03", ledger=ledger)
    assert [
        ("2027-01", "clawed back", "1500.00"),
        ("2027-02", "clawed back", "2250.00"),
        ("2027-03", "clawed back", "-1350.00"),
    ] == told(ledger, K.CLAWED_BACK)
    assert ["1600.00", "1600.00", "6000.00"] == stands(ledger, "entitled", "held", "owed")


def test_what_was_released_by_hand_is_no_more_than_what_is_held() -> None:
    """4,000 released by hand; of an award of 5,000 only 2,000 is: nothing is held, and 5,000 of 10,000 is owed."""
    text, people = 'share = "40%"\ncondition = "stated"\n', nobody(staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元", text)]}, people, "2026-12")
    ledger = worked({}, people, "2027-03", ledger=ledger.append(decided(ledger, "release", "2027-03")))
    ledger = corrected("5000 元", "2027-12", text, ledger=ledger)
    assert ["5000.00", "0.00", "5000.00", "10000.00"] == stands(ledger, "entitled", "held", "owed", "paid")


def test_what_was_stopped_is_no_more_than_what_is_held() -> None:
    """All 4,000 stopped; of an award of 1,000 only 400 is held and stopped: 600 is kept, and 5,400 of 6,000 owed."""
    people = nobody(staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, people, "2026-12")
    ledger = worked({}, people, "2027-01", ledger=ledger.append(decided(ledger, "stop", "2027-01")))
    ledger = corrected("1000 元", "2027-12", ledger=ledger)
    assert ["600.00", "0.00", "5400.00", "6000.00"] == stands(ledger, "entitled", "held", "owed", "paid")


@pytest.mark.parametrize(
    ("salary", "text", "expected"),
    [
        ("0 元", RULE, [0, 0]),
        ("10000 元", 'share = "40%"\nyears = 2\n', [10000, 4000]),
        ("10000 元", 'share = "0%"\nyears = 3\n', [10000, 0]),
        ("10000 元", RULE + 'leavers = "forfeited"\n', [10000, 4000]),
    ],
)
def test_what_an_award_given_again_no_longer_holds_is_taken_back(salary: str, text: str, expected: list[int]) -> None:
    """Of 10,000 4,000 was held where no loan is: none of nothing, the same over two years, none at 0%, the same."""
    people = nobody(staff("officer"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, people, "2026-12")
    ledger = ledger.append(lp.settle(ledger, people, period=DEC, awards=[bonus("officer", salary, text)]))
    balance = ledger.balance("officer", currency="CNY")
    assert expected == [balance.entitled.exact, balance.held.exact]


def test_a_day_of_leaving_that_was_wrong_gives_back_what_was_forfeited() -> None:
    """4,000 forfeited in March, then nobody has left: all 10,000 is paid by the end, and nothing is held."""
    text = RULE + 'leavers = "forfeited"\n'
    left = nobody(staff("officer", until="2027-03-01"))
    ledger = worked({"2026-12": [bonus("officer", "10000 元", text)]}, left, "2026-12", "2027-03")
    assert ["6000.00", "0.00"] == stands(ledger, "entitled", "held")
    ledger = worked({}, nobody(staff("officer")), "2027-06", *YEARS[1:], ledger=ledger)
    assert ["10000.00", "0.00", "10000.00"] == stands(ledger, "entitled", "held", "paid")


def test_a_bonus_set_by_hand_holds_its_part() -> None:
    """Set from 10,000 to 5,000, 40% of it is held, 2,000: 1,000 of 6,000 that was paid for 3,000 is 3,000 owed.

    Set to nothing nothing is held; then to 8,000, 3,200 is. Where the award is given again it is of what was set.
    """
    people, said = nobody(staff("officer")), {"payee": "officer", "by": "chen", "why": "typo", "evidence": "HR-1"}
    ledger = worked({"2026-12": [bonus("officer", "10000 元")]}, people, "2026-12")
    (line,) = {entry.line for entry in ledger.entries if entry.kind is K.EARNED}

    def set_to(amount: str, month: str, ledger: lp.Ledger, **given: Any) -> lp.Ledger:
        period = lp.Period.parse(month)
        by_hand = lp.overrule(ledger, line, lp.Money.of(amount), period=period, **said)
        return worked(given.get("awards", {}), people, month, ledger=ledger.append([by_hand]))

    half = set_to("5000 CNY", "2027-01", ledger)
    assert ["5000.00", "2000.00", "3000.00", "6000.00"] == stands(half, "entitled", "held", "owed", "paid")
    assert () == lp.settle(half, people, period=lp.Period.month(2027, 1))
    assert ["0.00", "0.00", "6000.00"] == stands(set_to("0 CNY", "2027-02", half), "entitled", "held", "owed")
    more = set_to("8000 CNY", "2027-03", set_to("0 CNY", "2027-02", half))
    assert ["8000.00", "3200.00"] == stands(more, "entitled", "held")
    again = set_to("5000 CNY", "2026-12", ledger, awards={"2026-12": [bonus("officer", "10000 元")]})
    assert ["5000.00", "2000.00", "3000.00", "6000.00"] == stands(again, "entitled", "held", "owed", "paid")
    assert () == lp.settle(again, people, period=DEC)
    assert () == lp.settle(again, people, period=DEC, awards=[bonus("officer", "10000 元")])


def test_what_is_held_follows_and_is_not_set_by_hand() -> None:
    """A line of what is held of a bonus says what follows from the bonus: that is set by hand, or decided."""
    ledger, _ = awarded("2026-12")
    (line,) = {entry.line for entry in ledger.entries if "2027-12-31" in entry.line}
    with pytest.raises(lp.errors.LedgerError, match=r"it says what is held.*set the bonus itself by hand, or use"):
        lp.overrule(
            ledger, line, lp.Money.of("1 CNY"), period=DEC, payee="officer", by="chen", why="typo", evidence="HR-1"
        )


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("2027-02-01", "on 2027-02-01: the day is behind 2027-01; post it into the period of its day"),
        ("2026-11-30", "on 2026-11-30: the day is before 2026-12; mend the day, or name the cohorts"),
    ],
)
@pytest.mark.parametrize("does", ["stop", "release", "claw back"])
def test_a_decision_is_of_a_day_of_its_period(does: Any, on: str, says: str) -> None:
    """One of a later day would be undone by settling, and one before its cohort is a slip."""
    ledger, _ = awarded("2026-12")
    with pytest.raises(lp.errors.LedgerError, match=says):
        decided(ledger, does, "2027-01", on=on)


def test_who_is_rehired_has_not_left() -> None:
    """Left in March and back in June: 4,000 was forfeited in between, comes back, and is released on its days."""
    text = RULE + 'leavers = "forfeited"\n'
    left = nobody(staff("officer", until="2027-03-01"))
    again = lp.Assignment(payee="officer", unit="head", role="officer", since="2027-06-01")
    back = nobody(lp.Organisation(assignments=[*staff("officer", until="2027-03-01").assignments, again]))
    ledger = worked({"2026-12": [bonus("officer", "10000 元", text)]}, left, "2026-12", "2027-03")
    assert ["6000.00", "0.00"] == stands(ledger, "entitled", "held")
    ledger = worked({}, back, "2027-06", ledger=ledger)
    assert ["10000.00", "4000.00"] == stands(ledger, "entitled", "held")
    ledger = worked({}, back, *YEARS[1:], ledger=ledger)
    assert ["10000.00", "0.00", "10000.00"] == stands(ledger, "entitled", "held", "paid")


def test_a_ladder_of_amounts_holds_for_pay_in_its_currency() -> None:
    """40% above 1,000 元 says nothing of 10,000 USD: it is refused, and one share is taken of both."""
    text = (SCHEME + 'share = "0%"\nyears = 1\n').replace('"CNY"', '"USD"').replace("100万元", "1000000 USD")
    card = lp.parse_scheme(text).resolve(period=DEC, role="officer")
    appraisal = lp.appraise(card, readings={"loan_amount": "1000000 USD"}, payee="officer")
    given = [lp.award(card.bonus, appraisal, month="10000 USD")]
    ladder = lp.schemes.Curve.of([["0 元", "0%"], ["1000 元", "40%"]], shape="step")
    facts = drawn(200_000, on=["2026-12-05"], officer="officer")
    by_amount, one = (
        accrued(facts, plan(Holdback(share=share, years=1)), staff=staff("officer")) for share in (ladder, "40%")
    )
    with pytest.raises(lp.errors.LedgerError, match="amounts in CNY, and the pay is in USD; state one share"):
        lp.settle(lp.Ledger(), by_amount, period=DEC, awards=given)
    ledger = lp.Ledger().append(lp.settle(lp.Ledger(), one, period=DEC, awards=given))
    assert "4000.00 USD" == str(ledger.balance("officer", currency="USD").held)


def test_what_is_newly_held_of_all_pay_is_compared() -> None:
    """Where nothing was held before, a change says that it is new, and comes from nothing."""
    text = """
name = "x"
currency = "CNY"
effective = 2026-01-01
[plans.s]
rounding = "half up"
[plans.s.components.l]
base = "disbursed"
rate = "1%"
[pay]
negative = "receivable"
"""
    changes = lp.diff(lp.parse_scheme(text), lp.parse_scheme(text + 'holdback = { share = "40%", years = 3 }\n'))
    assert changes
    assert [] == [str(change) for change in changes if " from  " in str(change) or "由  " in change.to("zh")]
    assert any("is new" in str(change) for change in changes)


# ── opened, verified and archived ───────────────────────────────────────────────────────────────────────────

BRANCH = lp.parse_scheme(
    MONTHLY
    + """
[bonus.holdback]
share = "40%"
instalments = [{ after_months = 1, share = "50%" }, { after_months = 2, share = "50%" }]
"""
)
APRIL = lp.Period.month(2026, 4)


def a_month(store: MemoryEntries, period: lp.Period, **more: Any) -> lp.Run:
    """A month of two people with the loans of a branch, posted, paid and closed."""
    known = [one.says for one in ROWS if isinstance(one.says, (lp.Loan, lp.LoanEvent))]
    dated = [one for one in known if (one.opened_on if isinstance(one, lp.Loan) else one.on) <= period.last_day]
    return lp.run(
        period,
        facts=MemoryFacts(lp.Facts.of(dated)),
        people=MemoryPeople(PEOPLE),
        schemes=MemorySchemes(BRANCH),
        payments=MemoryPayments(),
        keeping=lp.Keeping(entries=store, close_by="chen", **more),
        approve=lambda _: True,
    )


def test_held_bonuses_that_were_opened_are_released_as_from_the_start() -> None:
    """By hand: bonuses of February 8,000 and 4,000, of March 4,000 and 16,000; 40% are held, half of it a month longer.

    On 31 March half of February's comes: 1,600 and 800. April begins with the rest: of lin 1,600 for 30 April, and 800
    each for 30 April and 31 May; of wu 800, and 3,200 each. Of April lin has 8,000, of which 4,800 are paid.
    """
    start, middle = MemoryEntries(), MemoryEntries()
    for number in (2, 3):
        a_month(start, lp.Period.month(2026, number), first=lp.Period.month(2026, 2))
    held = [
        ("lin", "1600 元", "2026-02", "2026-04-30"),
        ("wu", "800 元", "2026-02", "2026-04-30"),
        ("lin", "800 元", "2026-03", "2026-04-30"),
        ("lin", "800 元", "2026-03", "2026-05-31"),
        ("wu", "3200 元", "2026-03", "2026-04-30"),
        ("wu", "3200 元", "2026-03", "2026-05-31"),
    ]
    names = ("payee", "amount", "cohort", "on")
    opening = Opening.of(
        [{"what": "held", **dict(zip(names, row, strict=True))} for row in held],
        first=APRIL,
        totals={"held": "10400 元"},
    )
    middle.append("branch/ledger", [*opening.ledger(by="chen").lines()], expected=0)
    for period in (APRIL, APRIL.next(), APRIL.next().next(), lp.Period.month(2026, 7)):
        done, again = a_month(start, period, first=lp.Period.month(2026, 2)), a_month(middle, period)
        paid = [(one.payee, str(one.amount)) for one in done.payments]
        assert paid == [(one.payee, str(one.amount)) for one in again.payments]
        if period == APRIL:
            assert [("lin", "10200.00 CNY"), ("wu", "4000.00 CNY")] == paid
        assert done.ledger is not None
        assert again.ledger is not None
        for payee in ("lin", "wu"):
            assert done.ledger.balance(payee).held == again.ledger.balance(payee).held
    assert lp.verify(start, "branch")
    assert lp.verify(middle, "branch")


def test_a_held_bonus_is_verified_and_comes_out_of_the_archive_whole() -> None:
    """The archive has the bonus as awarded, 8,000, and the ledger of that moment what of it is held, 3,200.

    An award that was changed is found, whatever of it is held.
    """
    store = MemoryEntries()
    a_month(store, lp.Period.month(2026, 2), first=lp.Period.month(2026, 2))
    archive, records = Archive(store, "branch"), len(store.streams["branch/ledger"])
    seen = lp.statement(archive.ledger(), "lin", lp.Period.month(2026, 2)).data()
    a_month(store, lp.Period.month(2026, 3), first=lp.Period.month(2026, 2))

    result = archive.results(lp.Period.month(2026, 2))[0]
    assert result.award is not None
    assert ("lin", "8000.00 CNY") == (result.payee, str(result.award.amount))
    then = archive.ledger(as_of=records)
    assert seen == lp.statement(then, "lin", lp.Period.month(2026, 2)).data()
    assert ["1600.00 CNY", "1600.00 CNY"] == [
        str(entry.amount) for entry in then.entries if entry.kind is K.HELD and entry.payee == "lin"
    ]
    assert lp.verify(store, "branch")
    lines = store.streams["branch/results/2026-02"]
    store.streams["branch/results/2026-02"] = [line.replace("8000.00", "9000.00") for line in lines]
    assert not lp.verify(store, "branch")
