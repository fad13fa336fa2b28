"""Pay that is held by hand: nothing of it goes out, everything else does, and it is paid once when the hold ends."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.disputes import PayHold

SCHEME = lp.parse_scheme("""
name = "branch pay"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
rate = "1%"
""")
MONTHS = [lp.Period.month(2026, month) for month in (3, 4, 5)]
MARCH, APRIL, MAY = MONTHS
PEOPLE = lp.Organisation(
    assignments=[lp.Assignment(payee=who, unit="east", role="officer", since="2025-01-01") for who in ("lin", "wu")]
)
RULES = lp.schemes.PayRules()
SAID: dict[str, Any] = {"why": "the appeal of lin", "by": "zhou", "since": "2026-04-02", "until": "2026-04-30"}
OF_L1, OF_LIN = PayHold(loan="L1", **SAID), PayHold(payee="lin", **SAID)


def drawn(loan: str, officer: str, on: str, amount: str) -> list[lp.Fact]:
    """A loan and its one drawing."""
    return [
        lp.Loan(loan=loan, customer=f"K{loan}", officer=officer, opened_on=on),
        lp.LoanEvent(loan=loan, kind=lp.EventKind.DISBURSED, on=on, amount=amount),
    ]


FACTS = [
    *drawn("L1", "lin", "2026-03-05", "10万元"),
    *drawn("L2", "lin", "2026-03-06", "20万元"),
    *drawn("L3", "lin", "2026-04-06", "30万元"),
    *drawn("L4", "wu", "2026-03-09", "40万元"),
]


def settled(ledger: lp.Ledger, period: lp.Period, facts: Any = FACTS) -> lp.Ledger:
    """The ledger once a month is settled."""
    accruals = lp.accrue(lp.Facts.of(facts), lp.SchemeBook([SCHEME]).plans(), PEOPLE, through=period)
    return ledger.append(lp.settle(ledger, accruals, period=period))


def paid(
    ledger: lp.Ledger, period: lp.Period, *held: PayHold, rules: lp.schemes.PayRules = RULES
) -> tuple[lp.Ledger, dict[str, str]]:
    """The ledger once a month is paid, and what everybody got of it; paying again pays nothing."""
    payout = lp.pay(ledger, period=period, rules=rules, held=held)
    after = ledger.append(payout.entries)
    assert not lp.pay(after, period=period, rules=rules, held=held).entries
    return after, {payment.payee: str(payment.amount) for payment in payout.payments}


def test_a_held_loan_is_left_out_and_paid_once_when_the_hold_ends() -> None:
    """1% of 10万 is held in March and April, while all else is paid; May pays it, and June nothing."""
    ledger, march = paid(settled(lp.Ledger(), MARCH), MARCH, OF_L1)
    ledger, april = paid(settled(ledger, APRIL), APRIL, OF_L1)

    assert ({"lin": "2000.00 CNY", "wu": "4000.00 CNY"}, {"lin": "3000.00 CNY"}) == (march, april)
    assert "1000.00 CNY" == str(ledger.balance("lin").due)

    ledger, may = paid(settled(ledger, MAY), MAY)
    assert ({"lin": "1000.00 CNY"}, "0.00 CNY") == (may, str(ledger.balance("lin").due))
    assert {} == paid(ledger, lp.Period.month(2026, 6))[1]
    assert lp.read_ledger(ledger.lines()) == ledger


def test_of_a_person_who_is_held_nothing_is_posted() -> None:
    """The other payee is paid; what both months earned comes in one payment afterwards."""
    ledger, march = paid(settled(lp.Ledger(), MARCH), MARCH, OF_LIN)
    ledger, april = paid(settled(ledger, APRIL), APRIL, OF_LIN)

    assert ({"wu": "4000.00 CNY"}, {}) == (march, april)
    assert {"lin": "6000.00 CNY"} == paid(settled(ledger, MAY), MAY)[1]


def test_what_a_held_loan_loses_was_never_paid() -> None:
    """A cancelled loan is cancelled in the ledger, and no receivable is raised; nothing is left to pay of it."""
    ledger, _ = paid(settled(lp.Ledger(), MARCH), MARCH, OF_L1)
    gone = [*FACTS, lp.LoanEvent(loan="L1", kind=lp.EventKind.CANCELLED, on="2026-04-20")]
    ledger = settled(ledger, APRIL, gone)

    assert ["cancelled"] == [entry.kind.value for entry in ledger.posted("lin", APRIL, "CNY") if entry.loan == "L1"]
    ledger, april = paid(ledger, APRIL)
    assert ({"lin": "3000.00 CNY"}, "0.00 CNY") == (april, str(ledger.balance("lin").owed))


def test_what_is_owed_of_a_held_loan_is_netted_as_ever() -> None:
    """L1 was paid in March; cancelled in April, it is taken from other pay although it is held: 3000 less 1000."""
    ledger, _ = paid(settled(lp.Ledger(), MARCH), MARCH)
    gone = [*FACTS, lp.LoanEvent(loan="L1", kind=lp.EventKind.CANCELLED, on="2026-04-20")]

    assert {"lin": "2000.00 CNY"} == paid(settled(ledger, APRIL, gone), APRIL, OF_L1)[1]


def test_what_was_paid_of_a_held_loan_is_not_held_again() -> None:
    """L1 was paid 600 in March; held in April, it keeps nothing back of the 300 of L2."""
    facts = [*drawn("L1", "lin", "2026-03-05", "6万元"), *drawn("L2", "lin", "2026-04-06", "3万元")]
    ledger, march = paid(settled(lp.Ledger(), MARCH, facts), MARCH)
    ledger = settled(ledger, APRIL, facts)
    assert not [one for one in lp.statement(ledger, "lin", APRIL, held=[OF_L1]).stopped if one.amount.units]
    assert ({"lin": "600.00 CNY"}, {"lin": "300.00 CNY"}) == (march, paid(ledger, APRIL, OF_L1)[1])


def test_a_loan_of_a_person_who_is_held_is_held_once() -> None:
    """Of March 3000 wait; with the person free again April pays 2000 and 3000, and May the 1000 of L1."""
    ledger, march = paid(settled(lp.Ledger(), MARCH), MARCH, OF_LIN, OF_L1)
    assert ({"wu": "4000.00 CNY"}, "3000.00 CNY") == (march, str(ledger.balance("lin").due))
    ledger, april = paid(settled(ledger, APRIL), APRIL, OF_L1)
    assert ({"lin": "5000.00 CNY"}, {"lin": "1000.00 CNY"}) == (april, paid(settled(ledger, MAY), MAY)[1])


def test_held_pay_is_no_part_of_what_may_be_taken() -> None:
    """L1, paid in March, is cancelled in April: 1000 are to be taken, at most a fifth of the 3000 of L3, which is 600.

    L5 brings 5000 more and is held, so that it lets nothing more be taken: 400 become a receivable.
    """
    rules = lp.schemes.PayRules(guard_share="20%")
    ledger, _ = paid(settled(lp.Ledger(), MARCH), MARCH, rules=rules)
    more = [*FACTS, *drawn("L5", "lin", "2026-04-07", "50万元")]
    gone = [*more, lp.LoanEvent(loan="L1", kind=lp.EventKind.CANCELLED, on="2026-04-20")]
    held = PayHold(loan="L5", **SAID)
    ledger, april = paid(settled(ledger, APRIL, gone), APRIL, held, rules=rules)

    assert ({"lin": "2400.00 CNY"}, "400.00 CNY") == (april, str(ledger.balance("lin").owed))


def test_a_statement_says_what_is_held_why_and_until_when() -> None:
    """In both languages; and only to whom it concerns."""
    ledger, _ = paid(settled(lp.Ledger(), MARCH), MARCH, OF_L1)
    found = lp.statement(ledger, "lin", MARCH, held=[OF_L1])

    en = "1000.00 CNY not paid out: loan L1 is held by zhou from 2026-04-02 to 2026-04-30: the appeal of lin"
    zh = "暂不发放 1,000.00 元：贷款 L1 的绩效薪酬暂缓发放，"
    zh += "自 2026-04-02 至 2026-04-30，经办人 zhou，原因：the appeal of lin"
    assert ([en], [zh]) == (found.ahead("en"), found.ahead("zh"))
    assert lp.Statement.from_data(found.data()) == found
    assert () == lp.statement(ledger, "wu", MARCH, held=[OF_L1]).stopped
    whole = lp.statement(ledger, "lin", MARCH, held=[OF_LIN]).ahead("zh")
    assert [
        (
            "暂不发放 1,000.00 元：lin 的全部绩效薪酬暂缓发放，"
            "自 2026-04-02 至 2026-04-30，经办人 zhou，原因：the appeal of lin"
        )
    ] == whole


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({**SAID, "payee": "lin", "loan": "L1"}, "the hold of lin: it is of a payee and of a loan, or of neither"),
        (SAID, "the hold of nobody: it is of a payee and of a loan, or of neither"),
        ({**SAID, "loan": "L1", "why": " "}, "PayHold.why: it is empty"),
        ({**SAID, "loan": "L1", "by": ""}, "PayHold.by: it is "),
        ({**SAID, "loan": "L1", "until": "2026-04-01"}, "it ends on 2026-04-01, before it starts on 2026-04-02"),
    ],
)
def test_a_hold_says_whose_why_who_and_until_when(given: dict[str, Any], fault: str) -> None:
    """None is without an end: `until` has no default."""
    with pytest.raises(lp.errors.DataError, match=fault):
        PayHold(**given)
    with pytest.raises(TypeError, match="until"):
        PayHold(loan="L1", why="w", by="zhou", since="2026-04-02")  # type: ignore[call-arg]


def test_what_is_no_hold_is_refused() -> None:
    """By `pay` and by `statement`."""
    wrong: Any = ["L1"]
    with pytest.raises(lp.errors.DataError, match=r"the holds: .*pass a list of loanperf.disputes.PayHold"):
        lp.pay(lp.Ledger(), period=MARCH, rules=RULES, held=wrong)


LOANS = st.lists(
    st.tuples(st.sampled_from(["lin", "wu"]), st.integers(0, 2), st.integers(0, 999)), min_size=1, max_size=6
)
HOLDS = st.lists(st.sets(st.sampled_from(["L0", "L1", "L2", "lin", "wu"]), max_size=3), min_size=3, max_size=3)


@settings(max_examples=25, deadline=None)
@given(LOANS, HOLDS)
def test_holds_only_put_off(loans: list[tuple[str, int, int]], holds: list[set[str]]) -> None:
    """Whatever is held and lifted: nothing of it is paid meanwhile, and all comes to what is paid without a hold."""
    facts = [
        fact
        for place, (payee, month, amount) in enumerate(loans)
        for fact in drawn(f"L{place}", payee, f"2026-0{3 + month}-0{1 + place}", f"{amount} 元")
    ]
    last = lp.Period.month(2026, 6)
    ledger = free = lp.Ledger()
    for period, codes in zip([*MONTHS, last], [*holds, set[str]()], strict=True):
        said = {**SAID, "until": last.last_day}
        held = [PayHold(**{"loan" if code[0] == "L" else "payee": code}, **said) for code in sorted(codes)]
        ledger, got = paid(settled(ledger, period, facts), period, *held)
        free, _ = paid(settled(free, period, facts), period)
        assert codes.isdisjoint(got)
        for code in codes:
            lines = {entry.line for entry in ledger.entries if entry.loan == code}
            payees = {entry.payee for entry in ledger.entries if entry.loan == code}
            posted_before = {line for line in lines if all(entry.period == period for entry in ledger.of_line(line))}
            assert all(0 == ledger.paid_net(payee, "CNY", posted_before) for payee in payees)

    for payee, currency in free.accounts:
        assert (free.balance(payee, currency=currency).paid, 0) == (
            ledger.balance(payee, currency=currency).paid,
            ledger.balance(payee, currency=currency).due.units,
        )


@pytest.mark.parametrize("said", [{"payee": "LIN"}, {"payee": "l in"}, {"payee": "\uff4cin"}])
def test_a_person_is_held_in_whatever_spelling(said: dict[str, str]) -> None:
    """Lin has 1000 and 2000 in March, wu 4000: a hold of LIN is one of lin, and says so."""
    ledger, held = settled(lp.Ledger(), MARCH), PayHold(**said, **SAID)
    assert {"wu": "4000.00 CNY"} == paid(ledger, MARCH, held)[1]
    ahead = lp.statement(ledger, "lin", MARCH, held=[held]).ahead("zh")
    assert "暂不发放 3,000.00 元：lin 的全部绩效薪酬暂缓发放" in ahead[0]


@pytest.mark.parametrize("code", ["l1", "\uff2c1", "L 1"])
def test_a_loan_is_held_in_whatever_spelling(code: str) -> None:
    """Of lin's 3000 of March 1000 are of L1."""
    ledger = settled(lp.Ledger(), MARCH)
    assert {"lin": "2000.00 CNY", "wu": "4000.00 CNY"} == paid(ledger, MARCH, PayHold(loan=code, **SAID))[1]


def test_a_hold_that_ended_before_the_period_is_refused() -> None:
    """One that ended on 30 April may hold the pay of April, and not that of May."""
    ledger = settled(lp.Ledger(), MAY)
    assert {"wu": "4000.00 CNY"} == paid(ledger, MAY, PayHold(**{**SAID, "payee": "lin", "until": "2026-05-01"}))[1]
    with pytest.raises(lp.errors.DataError, match="the hold of lin: it ended on 2026-04-30, before 2026-05"):
        lp.pay(ledger, period=MAY, rules=RULES, held=[OF_LIN])
