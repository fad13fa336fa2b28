"""The ledger: append-only, exact, and always equal to what is due from scratch; nothing is paid or taken twice."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import loans

import loanperf as lp
from loanperf.opening import Opening

Published = list[dict[str, Any]]
JAN, FEB, MAR, APR, MAY = MONTHS = tuple(lp.Period.month(2026, month) for month in range(1, 6))
K = lp.EntryKind
HALVES = (
    lp.schemes.Instalment(after_months=1, share=Fraction(1, 2)),
    lp.schemes.Instalment(after_months=2, share=Fraction(1, 2)),
)


def flat(share: str | Fraction) -> lp.schemes.Curve:
    """A share that holds everywhere."""
    return lp.schemes.Curve.of([[0, share]], shape="step")


TWENTY = lp.schemes.Holdback(share=flat("20%"), instalments=HALVES)
ALL_BACK = lp.schemes.Clawback(on="written off", takes="whole", attainment="stays", share=flat("100%"))


def yuan(amount: Any) -> lp.Money:
    """An amount of CNY."""
    return lp.Money.of(str(amount), "CNY")


def dated(
    holdback: lp.schemes.Holdback | None = None,
    clawbacks: Sequence[lp.schemes.Clawback] = (),
    draws: Sequence[lp.schemes.Draw] = (),
    rules: lp.schemes.PayRules | None = None,
    currency: str = "CNY",
) -> lp.schemes.DatedPlan:
    """A plan in force."""
    component = lp.schemes.Component(code="loans", base="disbursed", rate=lp.quantity("1%"))
    plan = lp.schemes.Plan(
        code="sales",
        components=(component,),
        rounding=lp.Rounding.HALF_UP,
        holdback=holdback,
        clawbacks=tuple(clawbacks),
        draws=tuple(draws),
    )
    return lp.schemes.DatedPlan(
        plan=plan,
        scheme="branch",
        version="v1",
        currency=currency,
        since=date(2020, 1, 1),
        rules=rules or lp.schemes.PayRules(),
    )


PLAIN = dated()


def line(
    amount: Any,
    period: lp.Period,
    *,
    plan: lp.schemes.DatedPlan = PLAIN,
    loan: str = "L1",
    stage: str = "",
    day: int = 10,
) -> lp.Accrual:
    """A line of lin's."""
    money = lp.Money.of(str(amount), plan.currency)
    return lp.Accrual(
        payee="lin",
        plan=plan,
        component="loans",
        loan=loan,
        stage=stage,
        on=period.start.replace(day=day),
        period=period,
        amount=money,
        gross=money.exact,
    )


def accruals(
    through: lp.Period,
    *lines: lp.Accrual,
    standings: Mapping[str, lp.Standing] | None = None,
    drawing: Mapping[tuple[str, lp.Period], tuple[lp.schemes.DatedPlan, int]] | None = None,
) -> lp.Accruals:
    """What was earned."""
    return lp.Accruals(through=through, lines=lines, standings=standings or {}, drawing=drawing or {})


def settled(ledger: lp.Ledger, earned: lp.Accruals, period: lp.Period) -> lp.Ledger:
    return ledger.append(lp.settle(ledger, earned, period=period))


def paid(ledger: lp.Ledger, period: lp.Period, rules: lp.schemes.PayRules | None = None) -> tuple[lp.Ledger, int]:
    """The ledger after paying, and what was paid, in fen."""
    payout = lp.pay(ledger, period=period, rules=rules or lp.schemes.PayRules())
    return ledger.append(payout.entries), sum(payment.amount.units for payment in payout.payments)


def worked(
    ledger: lp.Ledger, earned: lp.Accruals, period: lp.Period, rules: lp.schemes.PayRules | None = None
) -> tuple[lp.Ledger, int]:
    return paid(settled(ledger, earned, period), period, rules)


def kinds(ledger: lp.Ledger, period: lp.Period) -> list[tuple[str, str]]:
    """Kinds and amounts of what was posted in a period, without payments."""
    posted = (entry for entry in ledger.entries if entry.period == period and entry.kind is not K.PAID)
    return [(entry.kind.value, str(entry.amount.amount)) for entry in posted]


def figures(ledger: lp.Ledger, currency: str = "CNY") -> dict[str, str]:
    account = ledger.balance("lin", currency=currency)
    return {name: str(getattr(account, name).amount) for name in ("entitled", "due", "held", "owed", "paid")}


def written_off(on: date, *recovered: tuple[date, int]) -> lp.Standing:
    return lp.Standing(written_off=((on, 10000),), recovered=recovered)


# ── the table ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", lp.EntryKind)
def test_every_kind_keeps_the_balances_in_step(kind: lp.EntryKind) -> None:
    """What is kept is due, held or paid, less what is owed; no entry can break that, whatever its amount."""
    effect = lp.schemes.EFFECTS[kind]
    assert effect.entitled == effect.due + effect.held + effect.paid - effect.owed


def test_the_table_moves_something_by_every_kind() -> None:
    """An entry without effect would say something that no balance shows; what counted for tiers is nobody's money."""
    for kind, effect in lp.schemes.EFFECTS.items():
        moves = any((effect.entitled, effect.due, effect.held, effect.owed, effect.paid))
        assert moves is (kind is not K.OPENING_COUNTED)


def test_the_table_says_what_takes_from_pay() -> None:
    """The guard bounds what is recovered, clawed back and owed; what was never due takes nothing from pay."""
    always, never = (
        {kind for kind, effect in lp.schemes.EFFECTS.items() if effect.from_pay == how} for how in ("always", "never")
    )
    assert {K.CLAWED_BACK, K.RECOVERY, K.RECEIVABLE_RAISED, K.RECEIVABLE_RECOVERED} == always
    assert {K.HELD, K.CANCELLED, K.PAID} == never


# ── settling ────────────────────────────────────────────────────────────────────────────────────────────────


def test_settling_twice_posts_nothing() -> None:
    """A run that is repeated after a crash must not double pay."""
    earned = accruals(JAN, line(100, JAN, plan=dated(TWENTY)))
    ledger = settled(lp.Ledger(), earned, JAN)

    assert [("earned", "100.00"), ("held", "20.00")] == kinds(ledger, JAN)
    assert () == lp.settle(ledger, earned, period=JAN)


def test_a_late_fact_is_posted_into_the_open_period() -> None:
    """A closed period never changes; the difference names what it corrects."""
    ledger, _ = worked(lp.Ledger(), accruals(JAN, line(100, JAN)), JAN)
    ledger = ledger.close(JAN, by="chen")
    before = list(ledger.lines())
    later = accruals(FEB, line(130, JAN), line(50, JAN, loan="L2"))
    after = settled(ledger, later, FEB)

    assert [("adjustment", "30.00"), ("adjustment", "50.00")] == kinds(after, FEB)
    assert [(1,), ()] == [entry.corrects for entry in after.entries if entry.period == FEB]
    assert before == list(after.lines())[: len(before)]


def test_a_line_that_is_gone_is_taken_out_again() -> None:
    """A loan that was credited to the wrong officer is corrected, not clawed back."""
    ledger = settled(lp.Ledger(), accruals(JAN, line(100, JAN)), JAN)
    after = settled(ledger, accruals(FEB), FEB)

    assert [("adjustment", "-100.00")] == kinds(after, FEB)
    assert "0.00" == figures(after)["entitled"]


def test_a_closed_period_takes_no_entries() -> None:
    """Whoever closed it has reported it."""
    ledger = lp.Ledger().close(JAN, by="chen")
    with pytest.raises(lp.errors.LedgerError, match="2026-01: it is closed; post into the next, 2026-02"):
        lp.settle(ledger, accruals(JAN), period=JAN)
    with pytest.raises(lp.errors.LedgerError, match="closed"):
        lp.pay(ledger, period=JAN, rules=lp.schemes.PayRules())
    entries = lp.settle(lp.Ledger(), accruals(JAN, line(1, JAN)), period=JAN)
    with pytest.raises(lp.errors.LedgerError, match="2026-01, which is closed"):
        ledger.append(entries)


def test_reopening_needs_a_reason_and_lets_post_again() -> None:
    """An auditor asks why."""
    ledger = lp.Ledger().close(JAN, by="chen")
    with pytest.raises(lp.errors.LedgerError, match="no reason"):
        ledger.reopen(JAN, by="chen", why=" ")
    with pytest.raises(lp.errors.LedgerError, match="closed already"):
        ledger.close(JAN, by="chen")
    again = ledger.reopen(JAN, by="chen", why="a branch was missing")

    assert not again.is_closed(JAN)
    assert [("earned", "1.00")] == kinds(settled(again, accruals(JAN, line(1, JAN)), JAN), JAN)
    with pytest.raises(lp.errors.LedgerError, match="not closed"):
        again.reopen(JAN, by="chen", why="twice")


def test_accruals_must_reach_the_period() -> None:
    """Half a month's facts would take back what is missing."""
    with pytest.raises(lp.errors.LedgerError, match="end with 2026-01"):
        lp.settle(lp.Ledger(), accruals(JAN), period=FEB)


HALVES_OF_MARCH = (lp.Period("2026-03-01", "2026-03-16"), lp.Period("2026-03-16", "2026-04-01"))
WEEKS = (lp.Period("2026-03-02", "2026-03-09"), lp.Period("2026-03-09", "2026-03-16"))
GRIDS = {
    "half months, then months": (HALVES_OF_MARCH[0], MAR, "2026-03-01/2026-03-16 (15 days)", "2026-03 (1 month)"),
    "half months of other lengths": (*HALVES_OF_MARCH, "2026-03-01/2026-03-16 (15 days)", "(16 days)"),
    "months, then a quarter": (JAN, lp.Period.quarter(2026, 2), "2026-01 (1 month)", "2026-Q2 (3 months)"),
    "months, then the quarter that they make": (JAN, lp.Period.quarter(2026, 1), "2026-01", "2026-Q1 (3 months)"),
    "months, then a year": (JAN, lp.Period.year(2027), "2026-01 (1 month)", "2027 (12 months)"),
    "a quarter, then its months": (lp.Period.quarter(2026, 1), MAR, "2026-Q1 (3 months)", "2026-03 (1 month)"),
    "quarters of two fiscal years": (
        lp.Period.quarter(2026, 1),
        lp.Period("2026-05-01", "2026-08-01"),
        "2026-Q1 (3 months)",
        "2026-05-01/2026-08-01 (3 months)",
    ),
    "months from another day": (JAN, lp.Period.month(2026, 3, first_day=6), "2026-01", "2026-03-06/2026-04-06"),
    "weeks, then a month": (WEEKS[0], MAR, "2026-03-02/2026-03-09 (7 days)", "2026-03 (1 month)"),
    "weeks of another day": (WEEKS[0], lp.Period("2026-03-10", "2026-03-17"), "2026-03-02", "2026-03-10/2026-03-17"),
}
"""A period of the ledger, one of another calendar, and how the error names each."""


@pytest.mark.parametrize("name", GRIDS)
def test_the_calendar_of_a_ledger_is_fixed(name: str) -> None:
    """Lines of another calendar are other lines: those of closed periods would be taken back and paid anew."""
    first, other, *said = GRIDS[name]
    ledger, _ = worked(lp.Ledger(), accruals(first, line(1000, first, day=min(10, first.last_day.day))), first)
    earned = accruals(other, line(2000, other, day=other.last_day.day))
    for step in (
        lambda: lp.settle(ledger, earned, period=other),
        lambda: lp.pay(ledger, period=other, rules=lp.schemes.PayRules()),
        lambda: lp.overrule(ledger, "x", yuan(5), period=other, payee="lin", by="chen", why="a typo", evidence="HR-17"),
    ):
        with pytest.raises(lp.errors.LedgerError, match="its calendar is fixed") as caught:
            step()
        assert all(words in str(caught.value) for words in said)


@pytest.mark.parametrize("name", GRIDS)
def test_accruals_are_settled_by_the_periods_by_which_they_are_cut(name: str) -> None:
    """The lines of a month are no part of a half month or a quarter, whatever the ledger has."""
    first, other, *_ = GRIDS[name]
    for through, period in ((first, other), (other, first)):
        if period.end <= through.end:
            with pytest.raises(lp.errors.LedgerError, match="the accruals are cut by periods such as"):
                lp.settle(lp.Ledger(), accruals(through), period=period)


@pytest.mark.parametrize(
    "periods", [MONTHS, WEEKS, (MAY, JAN), (lp.Period.quarter(2025, 3), lp.Period.quarter(2026, 2))]
)
def test_periods_of_one_calendar_need_no_order_and_may_leave_some_out(periods: Sequence[lp.Period]) -> None:
    """An earlier month may be settled again, and nobody needs to settle a month in which nothing is due."""
    ledger = lp.Ledger()
    for number, period in enumerate(periods):
        earned = accruals(period, line(1000, period, loan=f"L{number}", day=period.last_day.day))
        ledger = ledger.append(lp.settle(ledger, earned, period=period))
    assert frozenset(periods) == ledger.periods


def test_entries_are_appended_once() -> None:
    """Entries that were made from another state of the ledger would post a difference twice."""
    entries = lp.settle(lp.Ledger(), accruals(JAN, line(1, JAN)), period=JAN)
    with pytest.raises(lp.errors.LedgerError, match="does not follow on"):
        lp.Ledger().append(entries).append(entries)


def test_an_amount_set_by_hand_survives_recomputation() -> None:
    """What was decided with evidence is not undone by the next run."""
    earned = accruals(FEB, line(100, JAN, plan=dated(TWENTY)))
    ledger = settled(lp.Ledger(), earned, JAN)
    key = earned.lines[0].key
    said = {"by": "chen", "why": "agreed split", "evidence": "HR-17"}
    ledger = ledger.append([lp.overrule(ledger, key, yuan(60), period=JAN, payee="lin", **said)])
    ledger = settled(ledger, earned, JAN)

    assert [("earned", "100.00"), ("held", "20.00"), ("override", "-40.00"), ("held", "-8.00")] == kinds(ledger, JAN)
    changed = accruals(FEB, line(900, JAN, plan=dated(TWENTY)))
    assert [] == [entry for entry in lp.settle(ledger, changed, period=JAN) if entry.kind is not K.HELD]
    assert "60.00" == figures(settled(ledger, changed, FEB))["entitled"]


@pytest.mark.parametrize("missing", ["by", "why", "evidence"])
def test_an_override_says_who_why_and_by_what_evidence(missing: str) -> None:
    """Pay changed by hand without a trace is how pay is stolen."""
    said = {"by": "chen", "why": "typo", "evidence": "HR-17"} | {missing: " "}
    with pytest.raises(lp.errors.LedgerError, match=f"{missing} is empty"):
        lp.overrule(lp.Ledger(), "x", yuan(1), period=JAN, payee="lin", **said)


def test_an_override_can_make_a_line() -> None:
    """A goodwill payment has no facts."""
    ledger = lp.Ledger()
    made = lp.overrule(ledger, "goodwill", yuan(5), period=JAN, payee="lin", by="chen", why="w", evidence="e")
    ledger = ledger.append([made])

    assert () == lp.settle(ledger, accruals(JAN), period=JAN)
    assert "5.00" == figures(ledger)["due"]


def test_a_bonus_is_posted_once_and_stays() -> None:
    """A bonus that is not given again was not taken back."""
    card = lp.template("worked-example").resolve(period=MAR)
    readings = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    award = lp.award(card.bonus, lp.appraise(card, readings=readings, payee="lin"), month="8000 元")
    entries = lp.settle(lp.Ledger(), accruals(MAR), period=MAR, awards=[award])
    ledger = lp.Ledger().append(entries)

    assert [("earned", "8169.60")] == kinds(ledger, MAR)
    assert () == lp.settle(ledger, accruals(MAR), period=MAR)
    assert () == lp.settle(ledger, accruals(MAR), period=MAR, awards=[award])
    smaller = evolve(award, amount=yuan(8000))
    assert [yuan("-169.60")] == [e.amount for e in lp.settle(ledger, accruals(APR), period=MAR, awards=[smaller])]
    with pytest.raises(lp.errors.LedgerError, match="it is of 2026-03"):
        lp.settle(ledger, accruals(APR), period=APR, awards=[award])


@pytest.mark.parametrize(("excess", "expected"), [("lost", [100, 0, 0]), ("carried", [100, 100, 50])])
def test_the_most_for_a_person_comes_off_what_came_last(excess: Any, expected: list[int]) -> None:
    """Excess over a cap is lost or carried: stated; what is carried meets the cap again."""
    rules = lp.schemes.PayRules(person_most=lp.schemes.Cap(most=lp.quantity("100元"), excess=excess))
    plan = dated(rules=rules)
    earned = accruals(MAR, line(90, JAN, plan=plan), line(160, JAN, plan=plan, loan="L2", day=11))
    ledger, amounts = lp.Ledger(), []
    for period in (JAN, FEB, MAR):
        ledger, amount = worked(ledger, earned, period)
        amounts.append(amount // 100)

    assert expected == amounts


# ── holdback ────────────────────────────────────────────────────────────────────────────────────────────────

HOLDBACKS = [
    "jn-holdback-4000", "jn-holdback-8000", "ty-holdback-4000", "ty-holdback-8000", "yq-holdback-gm-12000",
    "yq-holdback-rm-12000", "yq-holdback-rm-1500", "yq-holdback-rm-3000", "yq-holdback-rm-5000",
]  # fmt: skip


@pytest.mark.parametrize("code", HOLDBACKS)
def test_published_holdbacks_hold_each_slice_at_its_share(code: str, published: Published) -> None:
    """Three lenders' risk deposits, by marginal tiers."""
    (case,) = (item for item in published if item["id"] == code)
    tiers = case["inputs"]["tiers"]
    starts = ["0"] + [str(most) for most, _ in tiers[:-1]]
    knots: list[list[str | Fraction]] = [
        [f"{start} CNY", Fraction(str(share))] for start, (_, share) in zip(starts, tiers, strict=True)
    ]
    holdback = lp.schemes.Holdback(
        share=lp.schemes.Curve.of(knots, shape="step"), applies="marginal", instalments=HALVES
    )
    earned = accruals(JAN, line(case["inputs"]["performance_pay"], JAN, plan=dated(holdback)))

    assert case["expected"]["holdback"] == figures(settled(lp.Ledger(), earned, JAN))["held"]


@pytest.mark.parametrize("below", [[["0 CNY", "10%"]], [["500 CNY", "10%"]], [["-9 CNY", "90%"], ["-5 CNY", "10%"]]])
def test_the_first_slice_has_the_share_that_holds_from_zero_on(below: list[list[str]]) -> None:
    """Of 2 000, 10% of the first 1 000 and 30% of the rest: 400, whether 10% is written from 0, 500 or -5 on."""
    share = lp.schemes.Curve.of([*below, ["1000 CNY", "30%"]], shape="step")
    holdback = lp.schemes.Holdback(share=share, applies="marginal", instalments=HALVES)
    earned = accruals(JAN, line(2000, JAN, plan=dated(holdback)))

    assert "400.00" == figures(settled(lp.Ledger(), earned, JAN))["held"]


def test_nothing_is_held_of_pay_below_zero() -> None:
    """A published system holds 10% of a loss, and so pays its risk deposit out."""
    earned = accruals(JAN, line(-100, JAN, plan=dated(TWENTY)), line(40, JAN, plan=dated(TWENTY), loan="L2"))
    assert "0.00" == figures(settled(lp.Ledger(), earned, JAN))["held"]


def test_instalments_sum_to_what_was_held() -> None:
    """The last takes the remainder, to the fen."""
    earned = accruals(MAY, line("100.05", JAN, plan=dated(lp.schemes.Holdback(share=flat("1/3"), instalments=HALVES))))
    ledger = settled(lp.Ledger(), earned, JAN)
    ledger = settled(settled(settled(ledger, earned, FEB), earned, MAR), earned, APR)

    assert [("released", "16.67")] == kinds(ledger, FEB)
    assert [("released", "16.68")] == kinds(ledger, MAR)
    assert "0.00" == figures(ledger)["held"]


def test_an_instalment_waits_while_the_loan_is_non_performing() -> None:
    """The condition looks at the loan's own performance; once cured it is released."""
    plan = dated(evolve(TWENTY, condition="performing"))
    bad = lp.Standing(classes=((date(2026, 2, 20), True),))
    cured = lp.Standing(classes=((date(2026, 2, 20), True), (date(2026, 4, 5), False)))
    ledger = settled(lp.Ledger(), accruals(JAN, line(100, JAN, plan=plan)), JAN)
    ledger = settled(ledger, accruals(MAR, line(100, JAN, plan=plan), standings={"L1": bad}), MAR)
    assert [] == kinds(ledger, MAR)
    ledger = settled(ledger, accruals(APR, line(100, JAN, plan=plan), standings={"L1": cured}), APR)
    assert [("released", "20.00")] == kinds(ledger, APR)


def test_repayment_releases_what_is_left() -> None:
    """A loan that is repaid can no longer go bad."""
    plan = dated(evolve(TWENTY, repaid="releases"))
    repaid = lp.Standing(repaid_on=date(2026, 3, 5))
    earned = accruals(MAR, line(100, JAN, plan=plan), standings={"L1": repaid})
    ledger = settled(settled(settled(lp.Ledger(), earned, JAN), earned, FEB), earned, MAR)

    assert [[("released", "10.00")], [("released", "10.00")]] == [kinds(ledger, FEB), kinds(ledger, MAR)]
    assert "loan L1 is repaid" in ledger.entries[-1].reason.text()


def by_group(earned: lp.Accruals, through: date) -> Counter[str]:
    """What moves up to and including a day, in whole yuan."""
    found: Counter[str] = Counter()
    for move in lp.movements(earned):
        if move.on <= through:
            found[move.group] += move.amount.units // 100
    return found


def test_a_year_s_retention_is_released_after_a_year(published: Published) -> None:
    """Hubei: 20% of the year's pay is kept for a year."""
    inputs, expected = published_case(published, "hubei-retention-20")
    share = flat(Fraction(str(inputs["share"])))
    plan = dated(
        lp.schemes.Holdback(share=share, instalments=(lp.schemes.Instalment(after_months=12, share=Fraction(1)),))
    )
    moved = by_group(accruals(JAN, line(expected["implied_performance_pay"], JAN, plan=plan)), date(2027, 1, 31))

    assert [int(inputs["retained"])] * 2 == [moved["held"], moved["released"]]


def test_a_third_is_released_in_the_fourth_year(published: Published) -> None:
    """Jinan: deferred for three years, then a third a year."""
    inputs, expected = published_case(published, "jn-release-one-third")
    thirds = tuple(lp.schemes.Instalment(after_months=months, share=Fraction(1, 3)) for months in (36, 48, 60))
    plan = dated(lp.schemes.Holdback(share=flat("100%"), instalments=thirds))
    moved = by_group(accruals(JAN, line(inputs["year_end_total"], JAN, plan=plan)), date(2029, 12, 31))

    assert expected["release_year_4"] == f"{moved['released']}.00"


def test_a_release_is_net_of_what_was_forfeited(published: Published) -> None:
    """Taiyuan: 900 withheld, 300 deducted, 600 released after 18 months."""
    inputs, expected = published_case(published, "ty-release-18m")
    later = (lp.schemes.Instalment(after_months=inputs["months_later"], share=Fraction(1)),)
    rule = lp.schemes.Clawback(on="written off", attainment="stays", share=flat("1/3"), takes="whole", reach="held")
    plan = dated(lp.schemes.Holdback(share=flat("100%"), instalments=later), [rule])
    earned = accruals(JAN, line(inputs["withheld"], JAN, plan=plan), standings={"L1": written_off(date(2026, 6, 1))})
    moved = by_group(earned, date(2027, 7, 31))

    assert inputs["deducted"] == f"{moved['forfeited']}.00"
    assert expected["released"] == f"{moved['released']}.00"


def test_early_repayment_forfeits_the_instalments_that_are_left(published: Published) -> None:
    """A commission over twelve months stops when the loan does."""
    inputs, expected = published_case(published, "instalment-commission-forfeit")
    count = inputs["instalments"]
    parts = tuple(lp.schemes.Instalment(after_months=months, share=Fraction(1, count)) for months in range(count))
    rule = lp.schemes.Clawback(on="prepaid", attainment="stays", share=flat("100%"), takes="whole", reach="held")
    plan = dated(lp.schemes.Holdback(share=flat("100%"), instalments=parts), [rule])
    prepaid = lp.Standing(prepaid=((date(2026, 1 + inputs["prepaid_after"], 10), 100),))
    earned = accruals(JAN, line(inputs["commission"], JAN, plan=plan), standings={"L1": prepaid})
    moved = by_group(earned, date(2027, 12, 31))

    assert (expected["paid"], expected["forfeited"]) == (f"{moved['released']}.00", f"{moved['forfeited']}.00")


# ── what is taken ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_bad_loan_takes_first_what_is_held_then_what_was_paid() -> None:
    """Malus comes before clawback; a recovery gives a part back."""
    plan = dated(TWENTY, [evolve(ALL_BACK, refund=Fraction(1, 2))])
    start = accruals(FEB, line(100, JAN, plan=plan))
    ledger, first = worked(lp.Ledger(), start, JAN)
    ledger, second = worked(ledger, start, FEB)
    bad = {"L1": written_off(date(2026, 3, 3), (date(2026, 4, 9), 5000))}
    ledger, third = worked(ledger, accruals(APR, *start.lines, standings=bad), MAR)

    assert [8000, 1000, 0] == [first, second, third]
    assert [("forfeited", "10.00"), ("clawed back", "90.00"), ("receivable raised", "90.00")] == kinds(ledger, MAR)
    assert {"entitled": "0.00", "due": "0.00", "held": "0.00", "owed": "90.00", "paid": "90.00"} == figures(ledger)
    ledger, fourth = worked(ledger, accruals(APR, *start.lines, standings=bad), APR)
    assert [("refunded", "25.00"), ("receivable recovered", "25.00")] == kinds(ledger, APR)
    assert 0 == fourth


def test_what_was_never_paid_is_cancelled() -> None:
    """A clawback of money that nobody got would be a debt out of nothing."""
    plan = dated(clawbacks=[ALL_BACK])
    earned = accruals(FEB, line(100, JAN, plan=plan), standings={"L1": written_off(date(2026, 2, 3))})
    ledger = settled(settled(lp.Ledger(), earned, JAN), earned, FEB)

    assert [("cancelled", "100.00")] == kinds(ledger, FEB)
    assert (1,) == ledger.entries[-1].corrects
    assert "0.00" == figures(ledger)["due"]


def test_an_event_of_the_same_month_takes_what_is_held_too() -> None:
    """The cohort is complete at the end of the month; nothing stays held for a loan that takes all."""
    plan = dated(TWENTY, [ALL_BACK])
    earned = accruals(JAN, line(100, JAN, plan=plan), standings={"L1": written_off(date(2026, 1, 20))})
    ledger = settled(lp.Ledger(), earned, JAN)

    assert [("earned", "100.00"), ("held", "20.00"), ("forfeited", "20.00"), ("cancelled", "80.00")] == kinds(
        ledger, JAN
    )


def test_a_dead_deal_is_reversed_as_far_as_it_was_paid() -> None:
    """A reversal frees what is held of the line, claws back what was paid, and refers to the original."""
    plan = dated(TWENTY)
    stage = line(100, JAN, plan=plan, stage="due diligence complete")
    back = line(-100, FEB, plan=plan, stage="cancelled")
    ledger, _ = worked(lp.Ledger(), accruals(JAN, stage), JAN)
    ledger = settled(ledger, accruals(FEB, stage, back), FEB)

    assert [("clawed back", "80.00"), ("cancelled", "20.00"), ("released", "20.00")] == sorted_kinds(ledger, FEB)
    assert {(1,)} == {entry.corrects for entry in ledger.entries if entry.kind is K.CLAWED_BACK}
    assert {"entitled": "0.00", "due": "-80.00", "held": "0.00", "owed": "0.00", "paid": "80.00"} == figures(ledger)


def sorted_kinds(ledger: lp.Ledger, period: lp.Period) -> list[tuple[str, str]]:
    order = ["clawed back", "cancelled", "released"]
    return sorted(kinds(ledger, period), key=lambda item: order.index(item[0]))


def test_a_clawback_of_something_never_paid_is_refused() -> None:
    """Not even an entry made by a host can say it."""
    ledger = settled(lp.Ledger(), accruals(JAN, line(100, JAN)), JAN)
    (earned,) = ledger.entries
    forged = evolve(earned, number=2, kind=K.CLAWED_BACK, corrects=(1,))
    with pytest.raises(lp.errors.LedgerError, match=r"100.00 CNY more than was paid"):
        ledger.append([forged])


def test_an_event_that_proves_wrong_is_undone_where_it_was_posted() -> None:
    """A write-off booked on the wrong loan gives everything back by the same kinds."""
    plan = dated(clawbacks=[ALL_BACK])
    start = accruals(MAR, line(100, JAN, plan=plan))
    ledger, _ = worked(lp.Ledger(), start, JAN)
    bad = accruals(FEB, *start.lines, standings={"L1": written_off(date(2026, 2, 3))})
    ledger = settled(ledger, bad, FEB)
    ledger = settled(ledger, start, MAR)

    assert [("clawed back", "100.00")] == kinds(ledger, FEB)
    assert [("clawed back", "-100.00")] == kinds(ledger, MAR)


# ── reversals and several strikes ───────────────────────────────────────────────────────────────────────────


def capped_at(most: str, excess: Any, **fields: Any) -> lp.schemes.DatedPlan:
    """A plan whose payees earn no more than this in a period."""
    return dated(rules=lp.schemes.PayRules(person_most=lp.schemes.Cap(most=lp.quantity(most), excess=excess)), **fields)


def taken_of(ledger: lp.Ledger, *periods: lp.Period) -> list[int]:
    """What is taken in each period, less what is refunded, in whole yuan."""
    signs = {K.CLAWED_BACK: 1, K.CANCELLED: 1, K.FORFEITED: 1, K.REFUNDED: -1}
    return [
        sum(signs.get(e.kind, 0) * e.amount.units for e in ledger.entries if e.period == period) // 100
        for period in periods
    ]


def all_worked(earned: lp.Accruals) -> lp.Ledger:
    """The ledger after every month."""
    ledger = lp.Ledger()
    for period in MONTHS:
        ledger, _ = worked(ledger, earned, period)
    return ledger


@pytest.mark.parametrize("said", [0, -1, -9999])
@pytest.mark.parametrize("hand", [40, 100, 150])
def test_a_reversal_takes_what_a_hand_made_of_the_line(hand: int, said: int) -> None:
    """Whatever the amount of the reversal says, all that is left goes, and nothing more."""
    stage, other = line(100, JAN, stage="disbursed"), line(7, JAN, loan="L2")
    back = line(said, FEB, stage="cancelled")
    ledger = settled(lp.Ledger(), accruals(JAN, stage, other), JAN)
    noted = {"by": "chen", "why": "w", "evidence": "e"}
    ledger = ledger.append([lp.overrule(ledger, stage.key, yuan(hand), period=JAN, payee="lin", **noted)])
    ledger, _ = paid(ledger, JAN)
    ledger = settled(ledger, accruals(FEB, stage, other, back), FEB)

    assert [hand] == taken_of(ledger, FEB)
    assert "7.00" == figures(ledger)["entitled"]


def test_a_reversal_takes_what_the_cap_of_a_person_left() -> None:
    """3000 earned, 1000 within the cap and paid: 1000 is owed when the loan is cancelled."""
    plan = capped_at("1000元", "lost")
    stage, back = (line(3000, JAN, plan=plan, stage="disbursed"), line(-3000, FEB, plan=plan, stage="cancelled"))
    ledger = all_worked(accruals(MAY, stage, back))

    assert [0, 1000] == taken_of(ledger, JAN, FEB)
    assert ("0.00", "1000.00") == (figures(ledger)["entitled"], figures(ledger)["owed"])


def test_a_reversal_leaves_alone_what_was_corrected_and_what_other_loans_lost() -> None:
    """A smaller amount took 60 off already; what fell back is no part of the deal."""
    stage, less = line(100, JAN, stage="signed"), line(-60, FEB, stage="disbursed")
    back, fell = line(-40, MAR, stage="cancelled"), line(-5, MAR, stage="fell back")
    ledger = all_worked(accruals(MAY, stage, less, back, fell))

    assert [40] == taken_of(ledger, MAR)
    assert "-5.00" == figures(ledger)["entitled"]


def test_a_reversal_takes_what_a_bad_event_left() -> None:
    """Half went when it was past due; the other half goes as the deal is cancelled, and no refund follows."""
    rule = lp.schemes.Clawback(on="past due", attainment="stays", share=flat("50%"), refund=Fraction(1))
    plan = dated(TWENTY, [rule])
    late = {"L1": lp.Standing(past_due=((date(2026, 2, 10), 95), (date(2026, 4, 10), 0)))}
    stage, back = line(100, JAN, plan=plan, stage="disbursed"), line(-100, MAR, plan=plan, stage="cancelled")
    ledger = all_worked(accruals(MAY, stage, back, standings=late))

    assert [50, 50, 0] == taken_of(ledger, FEB, MAR, APR)
    assert ("0.00", "0.00") == (figures(ledger)["entitled"], figures(ledger)["held"])


PAST_DUE = lp.schemes.Clawback(on="past due", attainment="stays", share=flat("50%"), refund=Fraction(1))


@pytest.mark.parametrize(
    ("days", "expected"),
    [([95], [50, 0, 50]), ([95, 0], [50, -50, 100]), ([95, 95], [50, 0, 50])],
)
def test_each_bad_event_takes_what_is_missing_to_its_share(days: list[int], expected: list[int]) -> None:
    """Past due takes half; written off takes all, less what is taken already; a cure gives the half back."""
    plan = dated(clawbacks=[PAST_DUE, ALL_BACK])
    said = tuple((month.start.replace(day=5), late) for month, late in zip(MONTHS[1:], days, strict=False))
    bad = evolve(written_off(date(2026, 4, 9)), past_due=said)
    ledger = all_worked(accruals(MAY, line(100, JAN, plan=plan), standings={"L1": bad}))

    assert expected == taken_of(ledger, FEB, MAR, APR)
    assert "0.00" == figures(ledger)["entitled"]


def test_a_loan_that_is_past_due_again_after_a_cure_is_struck_again() -> None:
    """Cured is refunded; bad again is taken again."""
    said = ((date(2026, 2, 5), 95), (date(2026, 3, 5), 0), (date(2026, 4, 5), 91))
    earned = accruals(
        MAY, line(100, JAN, plan=dated(clawbacks=[PAST_DUE])), standings={"L1": lp.Standing(past_due=said)}
    )
    assert [50, -50, 50] == taken_of(all_worked(earned), FEB, MAR, APR)


def test_a_loan_that_goes_bad_before_its_pay_is_payable_takes_it_back() -> None:
    """Reached in January, payable in March, written off in between; the age counts from January."""
    ladder = lp.schemes.Curve.of([["0 month", "100%"], ["1 month", "50%"]], shape="step")
    plan = dated(clawbacks=[evolve(ALL_BACK, share=ladder)])
    stage = evolve(line(100, MAR, plan=plan, stage="disbursed"), earned_on=date(2026, 1, 10))
    ledger = all_worked(accruals(MAY, stage, standings={"L1": written_off(date(2026, 2, 20))}))

    assert [0, 50] == taken_of(ledger, FEB, MAR)


def test_what_the_cap_of_a_person_carries_is_taken_back_with_its_loan() -> None:
    """It stays pay of its loan: a write-off and a reversal take it; what is reversed is carried no further."""
    plan = capped_at("100元", "carried", clawbacks=[ALL_BACK])
    stage = line(250, JAN, plan=plan, stage="disbursed")
    gone = all_worked(accruals(MAY, stage, standings={"L1": written_off(date(2026, 4, 9))}))
    assert "0.00" == figures(gone)["entitled"]
    assert [0, 0, 250] == taken_of(gone, FEB, MAR, APR)

    dead = all_worked(accruals(MAY, stage, line(-250, FEB, plan=plan, stage="cancelled")))
    assert [250, 0] == taken_of(dead, FEB, MAR)
    assert "0.00" == figures(dead)["entitled"]


def test_what_comes_after_its_deal_was_reversed_is_taken_as_it_comes() -> None:
    """Reached in January, payable in March, cancelled in between: nothing of it is held or paid."""
    plan = dated(TWENTY)
    stage = evolve(line(100, MAR, plan=plan, stage="disbursed"), earned_on=date(2026, 1, 10))
    back = line(0, FEB, plan=plan, stage="cancelled")
    ledger = all_worked(accruals(MAY, stage, back, line(50, MAR, plan=plan, loan="L2")))

    assert [0, 100] == taken_of(ledger, FEB, MAR)
    assert [("held", "10.00")] == [item for item in kinds(ledger, MAR) if item[0] == "held"]
    assert "50.00" == figures(ledger)["paid"]


def test_a_reversal_makes_no_room_under_the_cap_of_a_person() -> None:
    """The cap is on what is earned in the month; what a dead deal gives back is of another."""
    plan = capped_at("100元", "lost")
    lines = [
        line(100, JAN, plan=plan),
        line(300, FEB, plan=plan, loan="L2"),
        line(-100, FEB, plan=plan, stage="expired"),
    ]
    assert "100.00" == figures(all_worked(accruals(MAY, *lines)))["entitled"]


def aged(*ladder: tuple[str, str], **fields: Any) -> lp.schemes.DatedPlan:
    """A plan whose loans lose a share by age when they are written off."""
    share = lp.schemes.Curve.of([[f"{months} month", part] for months, part in ladder], shape="step")
    return dated(clawbacks=[evolve(ALL_BACK, share=share, **fields)])


def test_a_smaller_amount_comes_off_what_was_earned_last() -> None:
    """60 less in March take all 50 of February and 10 of January; half of the 90 that are left are old enough."""
    plan = aged(("0", "100%"), ("3", "50%"))
    lines = [line(100, JAN, plan=plan, stage="signed"), line(50, FEB, plan=plan, stage="disbursed", day=5)]
    lines.append(line(-60, MAR, plan=plan, stage="amended"))
    ledger = all_worked(accruals(MAY, *lines, standings={"L1": written_off(date(2026, 4, 20))}))

    assert [45] == taken_of(ledger, APR)


def test_corrections_come_off_in_the_order_of_their_days() -> None:
    """That of February takes February's line alone; what that of March takes is not yet gone as the loan goes bad."""
    plan = aged(("0", "100%"), ("1", "50%"))
    lines = [
        line(100, JAN, plan=plan, stage="opened"),
        line(50, FEB, plan=plan, stage="signed", day=5),
        line(-50, FEB, plan=plan, stage="amended", day=20),
        line(20, MAR, plan=plan, stage="disbursed", day=5),
        line(-30, MAR, plan=plan, stage="amended", day=20),
    ]
    bad = {"L1": written_off(date(2026, 2, 25))}

    assert [50] == taken_of(all_worked(accruals(MAY, *lines, standings=bad)), FEB)
    assert [50] == taken_of(all_worked(accruals(MAY, *reversed(lines), standings=bad)), FEB)


def test_a_correction_takes_nothing_of_what_came_after_it() -> None:
    """30 less in February are of January, whatever is earned in March."""
    plan = aged(("0", "100%"), ("3", "50%"))
    lines = [
        line(100, JAN, plan=plan, stage="signed"),
        line(-30, FEB, plan=plan, stage="amended"),
        line(50, MAR, plan=plan, stage="disbursed"),
    ]
    ledger = all_worked(accruals(MAY, *lines, standings={"L1": written_off(date(2026, 4, 20))}))

    assert [35 + 50] == taken_of(ledger, APR)


@pytest.mark.parametrize(("earned_on", "taken", "held"), [(9, 100, "10.00"), (12, 100, "10.00"), (13, 0, "30.00")])
def test_a_reversal_takes_what_was_earned_up_to_its_day(earned_on: int, taken: int, held: str) -> None:
    """Payable after it, in its month: it takes it and nothing of it is held; what was earned later stays."""
    plan = dated(TWENTY)
    stage = evolve(line(100, JAN, plan=plan, stage="disbursed", day=20), earned_on=date(2026, 1, earned_on))
    back = line(0, JAN, plan=plan, stage="cancelled", day=12)
    ledger = settled(lp.Ledger(), accruals(JAN, stage, back, line(50, JAN, plan=plan, loan="L2")), JAN)

    assert ([taken], held) == (taken_of(ledger, JAN), figures(ledger)["held"])


def test_a_late_line_of_a_reversed_deal_is_no_part_of_what_the_others_are_held_by() -> None:
    """100 of January go in February; 40 that come in April go in April; the pay of neither month is lowered by them."""
    plan = dated(TWENTY)
    late = evolve(line(40, APR, plan=plan, stage="first repayment"), earned_on=date(2026, 1, 31))
    others = [line(50, period, plan=plan, loan="L2") for period in (FEB, APR)]
    back = line(-100, FEB, plan=plan, stage="cancelled")
    ledger = all_worked(accruals(MAY, line(100, JAN, plan=plan, stage="disbursed"), back, late, *others))

    assert [0, 100, 0, 40] == taken_of(ledger, JAN, FEB, MAR, APR)
    held = {period: amount for period in MONTHS for kind, amount in kinds(ledger, period) if kind == "held"}
    assert {JAN: "20.00", APR: "10.00"} == held


def test_no_more_is_held_than_is_earned_by_loans_that_can_release_it() -> None:
    """Half of 110 is 55, and only 10 of it are of a loan, whose repayment would release them."""
    plan = dated(lp.schemes.Holdback(share=flat("50%"), repaid="releases"))
    lines = [line(100, JAN, plan=plan, loan=""), line(10, JAN, plan=plan)]

    assert "10.00" == figures(settled(lp.Ledger(), accruals(JAN, *lines), JAN))["held"]


def test_months_end_where_a_short_month_ends() -> None:
    """A month after 31 January is 28 February, and two months after 28 February are 28 April."""
    plan = dated(TWENTY)
    ledger = all_worked(accruals(MAY, line(100, JAN, plan=plan), line(100, FEB, plan=plan, loan="L2")))
    released = [[amount for kind, amount in kinds(ledger, month) if kind == "released"] for month in MONTHS]
    days = [entry.on for entry in ledger.entries if entry.kind is K.RELEASED]

    assert [[], ["10.00"], ["10.00", "10.00"], ["10.00"], []] == released
    assert [(2, 28), (3, 28), (3, 31), (4, 28)] == sorted((on.month, on.day) for on in days)


@pytest.mark.parametrize(("on", "expected"), [((2, 27), 100), ((2, 28), 50), ((3, 30), 50), ((3, 31), 20)])
def test_an_age_of_a_month_is_reached_where_a_short_month_ends(on: tuple[int, int], expected: int) -> None:
    """Earned on 31 January, it is a month old on 28 February and two months old on 31 March."""
    plan = aged(("0", "100%"), ("1", "50%"), ("2", "20%"))
    bad = {"L1": written_off(date(2026, *on))}
    ledger = all_worked(accruals(MAY, line(100, JAN, plan=plan, day=31), standings=bad))

    assert expected == sum(taken_of(ledger, *MONTHS))


@pytest.mark.parametrize(("on", "expected"), [((2, 28), 0), ((3, 1), 100)])
def test_the_time_of_a_refund_ends_where_a_short_month_ends(on: tuple[int, int], expected: int) -> None:
    """A month after 31 January is 28 February; what is recovered on the day counts still."""
    plan = aged(("0", "100%"), refund=Fraction(1), refund_months=1)
    bad = {"L1": lp.Standing(drawn=((date(2026, 1, 10), 10000),), **_written_off_in_january(date(2026, *on)))}
    ledger = all_worked(accruals(MAY, line(100, JAN, plan=plan), standings=bad))

    assert expected == sum(taken_of(ledger, *MONTHS))


def _written_off_in_january(recovered: date) -> dict[str, Any]:
    return {"written_off": ((date(2026, 1, 31), 10000),), "recovered": ((recovered, 10000),)}


# ── what comes late ─────────────────────────────────────────────────────────────────────────────────────────

ONE_LOAN = [loans.loan(on="2026-01-05"), loans.event("L1", "disbursed", "2026-01-10", "10000元")]
"""It earns 100 in January, of which 20 are held and 80 paid; half of what is held is released in February."""
LATE: dict[str, tuple[list[lp.Fact], list[tuple[str, str, str]]]] = {
    "a repayment": (
        [*ONE_LOAN, loans.event("L1", "repaid", "2026-01-25", "10000元")],
        [("lin", "released", "20.00")],
    ),
    "a reclassification": (
        [*ONE_LOAN, loans.classified("L1", "2026-01-20", lp.Category.SUBSTANDARD)],
        [("lin", "forfeited", "20.00"), ("lin", "clawed back", "30.00")],
    ),
    "another officer": (
        [*ONE_LOAN, loans.assigned("L1", "2026-01-08", "wei")],
        [("lin", "adjustment", "-100.00"), ("lin", "held", "-20.00"),
         ("wei", "adjustment", "100.00"), ("wei", "held", "20.00"), ("wei", "released", "10.00")],
    ),
    "another amount": (
        [ONE_LOAN[0], loans.event("L1", "disbursed", "2026-01-10", "12000元")],
        [("lin", "adjustment", "20.00"), ("lin", "held", "4.00"), ("lin", "released", "12.00")],
    ),
    "a loan cancelled in the month that is closed": (
        [*ONE_LOAN, loans.event("L1", "cancelled", "2026-01-28")],
        [("lin", "clawed back", "80.00"), ("lin", "cancelled", "20.00"), ("lin", "held", "-20.00")],
    ),
    "a loan cancelled after the close": (
        [*ONE_LOAN, loans.event("L1", "cancelled", "2026-02-03")],
        [("lin", "clawed back", "80.00"), ("lin", "cancelled", "20.00"), ("lin", "released", "20.00")],
    ),
}  # fmt: skip
"""What is known in February only, and what is posted then: payee, kind and amount."""
PAIR = lp.Organisation(
    assignments=[
        lp.Assignment(payee=payee, unit="east", role="officer", since="2020-01-01") for payee in ("lin", "wei")
    ]
)


def one_plan(rate: str = "1%", version: str = "v1") -> lp.schemes.DatedPlan:
    """A fifth is held while the loan performs and until it is repaid; half is taken of a loan that goes bad."""
    return loans.dated(
        loans.component(rate=rate, dead="reverse"),
        version=version,
        holdback=evolve(TWENTY, condition="performing", repaid="releases"),
        clawbacks=(lp.schemes.Clawback(on="non-performing", share=flat("50%"), attainment="stays"),),
    )


def january() -> lp.Ledger:
    """January as it was known then: settled, paid and closed."""
    earned = loans.clean(ONE_LOAN, one_plan(), staff=PAIR, through="2026-01")
    ledger, amount = worked(lp.Ledger(), earned, JAN)
    assert 8000 == amount
    return ledger.close(JAN, by="chen")


@pytest.mark.parametrize("name", LATE)
def test_what_comes_late_is_posted_into_the_open_month(name: str) -> None:
    """Entitlement is worked anew; the closed month stays, and the difference names what it corrects."""
    facts, expected = LATE[name]
    before = january()
    after = settled(before, loans.clean(facts, one_plan(), staff=PAIR, through="2026-02"), FEB)
    posted = [entry for entry in after.entries if entry.period == FEB]

    assert expected == [(entry.payee, entry.kind.value, str(entry.amount.amount)) for entry in posted]
    assert list(before.lines()) == list(after.lines())[: len(list(before.lines()))]
    corrected = {after.entries[number - 1].payee for entry in posted for number in entry.corrects}
    assert corrected == ({"lin"} if name != "a repayment" else set())


def test_a_version_backdated_on_purpose_corrects_the_closed_month() -> None:
    """The new rate is paid from its own day on; the entries say which version made them."""
    earned = loans.clean(ONE_LOAN, one_plan("2%", "v2"), staff=PAIR, through="2026-02")
    ledger = settled(january(), earned, FEB)

    assert [("adjustment", "100.00"), ("held", "20.00"), ("released", "20.00")] == kinds(ledger, FEB)
    assert {JAN: {"v1"}, FEB: {"v2"}} == {
        month: {entry.version for entry in ledger.entries if entry.period == month and entry.line and entry.version}
        for month in (JAN, FEB)
    }


def test_a_month_settled_again_does_not_leave_the_next_doubled() -> None:
    """A write-off that was withdrawn, posted once in the open month and once in the reopened one, nets to zero.

    February took 100; March gave it back; then February is reopened and gives it back too, so March takes it again.
    """
    plan = dated(clawbacks=[ALL_BACK])
    start = accruals(MAR, line(100, JAN, plan=plan))
    bad = accruals(MAR, *start.lines, standings={"L1": written_off(date(2026, 2, 3))})
    ledger, _ = worked(lp.Ledger(), start, JAN)
    ledger = settled(ledger, bad, FEB).close(FEB, by="chen")
    ledger = settled(ledger, start, MAR)
    ledger = settled(ledger.reopen(FEB, by="chen", why="the wrong loan"), start, FEB)
    ledger = settled(ledger, start, MAR)

    assert [("clawed back", "100.00"), ("clawed back", "-100.00")] == kinds(ledger, FEB)
    assert [("clawed back", "-100.00"), ("clawed back", "100.00")] == kinds(ledger, MAR)
    assert {"entitled": "100.00", "due": "0.00", "held": "0.00", "owed": "0.00", "paid": "100.00"} == figures(ledger)


# ── the order of gates, caps and holdback ───────────────────────────────────────────────────────────────────

NPL = lp.schemes.Gate(indicator="npl_ratio", forfeits=lp.schemes.Curve.of([["0%", "0%"], ["2%", "25%"]], shape="step"))


def gated(facts: Sequence[lp.Fact], ratios: Mapping[str, str], **fields: Any) -> lp.Accruals:
    """What is earned at 1% under the gate, by the NPL ratio of each month; a fifth is held."""
    rules = fields.pop("rules", lp.schemes.PayRules())
    plan = loans.dated(loans.component(rate="1%"), gates=(NPL,), holdback=TWENTY, **fields)
    readings = [loans.reading("npl_ratio", ratio, month) for month, ratio in ratios.items()]
    return loans.clean(facts, evolve(plan, rules=rules), through=max(ratios), readings=readings)


def test_gates_come_before_caps_and_caps_before_holdback() -> None:
    """2000 gross; 1500 after the gate; 1000 by the plan's cap; 800 by the person's; 160 held; 500 paid, 140 carried."""
    person, payment = (lp.schemes.Cap(most=lp.quantity(f"{most}元"), excess="carried") for most in (800, 500))
    rules = lp.schemes.PayRules(person_most=person, payment_most=payment)
    most = lp.schemes.Cap(most=lp.quantity("1000元"), excess="lost")
    earned = gated(loans.drawn("200000", on=["2026-01-10"]), {"2026-01": "3%"}, most=most, rules=rules)
    ledger, amount = worked(lp.Ledger(), earned, JAN, rules)

    assert ["1000.00"] == [str(item.amount.amount) for item in earned.lines]
    assert [("earned", "800.00"), ("held", "160.00")] == kinds(ledger, JAN)
    assert (50000, "140.00") == (amount, figures(ledger)["due"])


def test_a_release_does_not_pass_the_gate_again() -> None:
    """February's gate halves nothing of January's pay: 200 were held of 1000, and 100 of them come back whole."""
    facts = loans.drawn("100000", "100000", on=["2026-01-10", "2026-02-10"])
    earned = gated(facts, {"2026-01": "1%", "2026-02": "3%"})
    ledger = settled(settled(lp.Ledger(), earned, JAN), earned, FEB)

    assert [("earned", "1000.00"), ("held", "200.00")] == kinds(ledger, JAN)
    assert [("released", "100.00"), ("earned", "750.00"), ("held", "150.00")] == kinds(ledger, FEB)


# ── holdback by cohort, event and age ───────────────────────────────────────────────────────────────────────


def test_each_month_s_holdback_is_a_cohort_of_its_own() -> None:
    """What is held of January and of February is released by its own dates."""
    plan = dated(TWENTY)
    earned = accruals(MAR, line(100, JAN, plan=plan), line(200, FEB, plan=plan, loan="L2"))
    ledger = settled(settled(lp.Ledger(), earned, JAN), earned, FEB)
    held = lp.statement(ledger, "lin", FEB, earned).held

    assert [("2026-01", yuan(10)), ("2026-02", yuan(40))] == [(item.cohort, item.amount) for item in held]
    assert [("released", "10.00"), ("released", "20.00")] == kinds(settled(ledger, earned, MAR), MAR)


def test_only_the_repayment_releases_where_no_date_is_stated() -> None:
    """When principal and interest are repaid; until then it waits, for years if need be."""
    plan = dated(lp.schemes.Holdback(share=flat("20%"), instalments=(), repaid="releases"))
    earned = accruals(MAR, line(100, JAN, plan=plan), standings={"L1": lp.Standing(repaid_on=date(2026, 3, 5))})
    ledger = settled(settled(settled(lp.Ledger(), earned, JAN), earned, FEB), earned, MAR)

    assert [[], [("released", "20.00")]] == [kinds(ledger, FEB), kinds(ledger, MAR)]


@pytest.mark.parametrize(("month", "expected"), [(FEB, "100.00"), (MAR, "50.00"), (MAY, "0.00")])
def test_a_clawback_follows_a_schedule_by_age(month: lp.Period, expected: str) -> None:
    """All within two full months of earning it, half before the fourth, nothing after it."""
    ladder = lp.schemes.Curve.of([["0 month", "100%"], ["2 month", "50%"], ["4 month", "0%"]], shape="step")
    plan = dated(clawbacks=[evolve(ALL_BACK, share=ladder)])
    earned = accruals(MAY, line(100, JAN, plan=plan), standings={"L1": written_off(month.start.replace(day=10))})
    ledger, _ = worked(lp.Ledger(), earned, JAN)
    for period in MONTHS[1:]:
        ledger = settled(ledger, earned, period)
    taken = sum(entry.amount.units for entry in ledger.entries if entry.kind is K.CLAWED_BACK)

    assert expected == f"{taken // 100}.{taken % 100:02}"


def test_a_deduction_is_refunded_for_a_while_only() -> None:
    """What is recovered after the stated months stays taken."""
    plan = dated(clawbacks=[evolve(ALL_BACK, refund=Fraction(1, 2), refund_months=1)])
    bad = {"L1": written_off(date(2026, 2, 10), (date(2026, 3, 10), 4000), (date(2026, 3, 11), 6000))}
    earned = accruals(APR, line(100, JAN, plan=plan), standings=bad)
    ledger, _ = worked(lp.Ledger(), earned, JAN)
    ledger = settled(settled(settled(ledger, earned, FEB), earned, MAR), earned, APR)

    assert [[("refunded", "20.00")], []] == [kinds(ledger, MAR), kinds(ledger, APR)]


# ── paying ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_paying_twice_pays_nothing_and_gives_the_payments_again() -> None:
    """After a crash between appending and handing over, the same keys come again."""
    ledger = settled(lp.Ledger(), accruals(JAN, line(100, JAN)), JAN)
    payout = lp.pay(ledger, period=JAN, rules=lp.schemes.PayRules())
    ledger = ledger.append(payout.entries)

    assert ["lin/2026-01/CNY/1"] == [payment.key for payment in payout.payments]
    assert not lp.pay(ledger, period=JAN, rules=lp.schemes.PayRules()).entries
    assert payout.payments == lp.payments_of(ledger, JAN)


def test_a_sale_and_its_refund_in_one_run_net_to_zero(published: Published) -> None:
    """Settled together, nothing is paid; the second alone would be negative."""
    (case,) = (item for item in published if item["id"] == "oca-negative-settlement-nets-zero")
    sale, refund = (Fraction(str(case["inputs"]["rate"])) * item for item in case["inputs"]["movements"])
    lines = [line(int(sale), JAN, stage="disbursed"), line(int(refund), JAN, stage="cancelled", day=20)]
    ledger, amount = worked(lp.Ledger(), accruals(JAN, *lines), JAN)

    assert case["expected"]["joined_total"] == amount
    assert [("earned", "100.00"), ("cancelled", "100.00")] == sorted(kinds(ledger, JAN), reverse=True)


def test_a_net_below_zero_is_raised_or_carried() -> None:
    """The scheme states it: owed as a receivable, or left to be taken off the next net; nothing is given away."""
    lines = [line(100, JAN, stage="disbursed"), line(-100, FEB, stage="cancelled")]
    for rule, owed, due in (("receivable", "100.00", "0.00"), ("carried", "0.00", "-100.00")):
        rules = lp.schemes.PayRules(negative="carried" if rule == "carried" else "receivable")
        ledger, _ = worked(lp.Ledger(), accruals(JAN, lines[0]), JAN, rules)
        ledger, _ = worked(ledger, accruals(FEB, *lines), FEB, rules)
        expected = {"entitled": "0.00", "due": due, "held": "0.00", "owed": owed, "paid": "100.00"}
        assert expected == figures(ledger)


def test_the_guard_leaves_most_of_a_month_s_pay() -> None:
    """At most 20% of the month's pay is taken, never below the floor; the rest is carried and taken later."""
    rules = lp.schemes.PayRules(guard_share=Fraction(1, 5), guard_floor=lp.quantity("850元"))
    plan = dated(clawbacks=[ALL_BACK])
    lines = [line(500, JAN, plan=plan)] + [line(1000, month, plan=plan, loan=f"M{month}") for month in (FEB, MAR)]
    lines.append(line(3000, APR, plan=plan, loan="big"))
    bad = {"L1": written_off(date(2026, 2, 3))}
    ledger, amounts = lp.Ledger(), []
    for period in (JAN, FEB, MAR, APR):
        held = [item for item in lines if item.period <= period]
        ledger, amount = worked(ledger, accruals(period, *held, standings=bad if period > JAN else {}), period, rules)
        amounts.append(amount // 100)

    assert [500, 850, 850, 2800] == amounts
    assert "0.00" == figures(ledger)["owed"]


GUARD = lp.schemes.PayRules(guard_share=Fraction(1, 5))


def test_an_earlier_clawback_does_not_count_twice() -> None:
    """L2 was paid in February, though L1 was taken off that payment: in March all of it is clawed back, 20% at once.

    Counted twice, the clawback of February would turn a part of that of March into a cancellation, which no guard
    softens: 7,200 would be paid.
    """
    plan = dated(clawbacks=[ALL_BACK])
    lines = [line(1000, JAN, plan=plan)]
    lines += [line(10000, month, plan=plan, loan=loan) for month, loan in ((FEB, "L2"), (MAR, "L3"))]
    bad = {"L1": written_off(date(2026, 2, 20)), "L2": written_off(date(2026, 3, 20))}
    ledger, amounts = lp.Ledger(), []
    for period in (JAN, FEB, MAR):
        held = [item for item in lines if item.period <= period]
        known = {loan: standing for loan, standing in bad.items() if standing.written_off[0][0] < period.end}
        ledger, amount = worked(ledger, accruals(period, *held, standings=known), period, GUARD)
        amounts.append(amount // 100)

    assert [1000, 9000, 8000] == amounts
    assert [("earned", "10000.00"), ("clawed back", "10000.00"), ("receivable raised", "8000.00")] == sorted(
        kinds(ledger, MAR), reverse=True, key=lambda item: item[0] == "earned"
    )
    assert {"entitled": "10000.00", "due": "0.00", "held": "0.00", "owed": "8000.00", "paid": "18000.00"} == figures(
        ledger
    )


SIBLINGS: dict[str, tuple[lp.schemes.PayRules, int]] = {
    "a share": (lp.schemes.PayRules(guard_share=Fraction(1, 5)), 24000),
    "a floor": (lp.schemes.PayRules(guard_floor=lp.quantity("26000元")), 26000),
    "both": (lp.schemes.PayRules(guard_share=Fraction(1, 5), guard_floor=lp.quantity("26000元")), 26000),
    "a share, and what is below zero is carried": (
        lp.schemes.PayRules(guard_share=Fraction(1, 5), negative="carried"),
        24000,
    ),
}


@pytest.mark.parametrize(("rules", "expected"), SIBLINGS.values(), ids=SIBLINGS)
@pytest.mark.parametrize("earlier", ["none", "taken at once", "recovered later", "cancelled unpaid", "deducted"])
def test_a_guard_protects_as_much_after_whatever_was_taken_before(
    rules: lp.schemes.PayRules, expected: int, earlier: str
) -> None:
    """30,000 a month: at most 6,000 are taken in May for April's loan, whatever became of January's, long made good."""
    plan = dated(clawbacks=[ALL_BACK])
    lines = [line(30000, month, plan=plan, loan=f"M{month}") for month in (FEB, MAR, APR, MAY)]
    first = line(1000, FEB if earlier == "cancelled unpaid" else JAN, plan=plan)
    bad = {"taken at once": date(2026, 2, 20), "recovered later": date(2026, 1, 25)}.get(earlier)
    ledger, amount = lp.Ledger(), 0
    if earlier == "recovered later":
        ledger, _ = worked(ledger, accruals(JAN, first), JAN, rules)
    for period in MONTHS:
        held = [item for item in (first, *lines) if item.period <= period]
        known = {"L1": written_off(bad)} if bad and bad < period.end else {}
        if earlier == "cancelled unpaid" and period >= FEB:
            known = {"L1": written_off(date(2026, 2, 20))}
        if earlier == "deducted" and period >= FEB:
            held.append(line(-1000, FEB, plan=plan, stage="amended"))
        if period == MAY:
            known["M2026-04"] = written_off(date(2026, 5, 20))
        ledger, amount = worked(ledger, accruals(period, *held, standings=known), period, rules)

    assert expected == amount // 100
    assert {K.CLAWED_BACK} == {
        entry.kind for entry in ledger.entries if entry.loan == "M2026-04" and entry.kind is not K.EARNED
    }


def test_a_guard_of_one_currency_knows_nothing_of_another() -> None:
    """A clawback of dollars in February leaves what was paid in yuan as it is."""
    yuans, dollars = dated(clawbacks=[ALL_BACK]), dated(clawbacks=[ALL_BACK], currency="USD")
    lines = [line(1000, JAN, plan=dollars, loan="D1"), line(1000, JAN, plan=yuans)]
    lines += [line(10000, month, plan=yuans, loan=f"L{month}") for month in (FEB, MAR)]
    lines += [line(10000, FEB, plan=dollars, loan="D2")]
    both = {"CNY": GUARD, "USD": GUARD}
    bad = {"D1": date(2026, 2, 20), "L1": date(2026, 2, 20), "L2026-02": date(2026, 3, 20)}
    ledger = lp.Ledger()
    for period in (JAN, FEB, MAR):
        held = [item for item in lines if item.period <= period]
        known = {loan: written_off(on) for loan, on in bad.items() if on < period.end}
        ledger = settled(ledger, accruals(period, *held, standings=known), period)
        ledger = ledger.append(lp.pay(ledger, period=period, rules=both).entries)

    assert ("8000.00", "18000.00") == (figures(ledger)["owed"], figures(ledger)["paid"])
    assert ("0.00", "10000.00") == (figures(ledger, "USD")["owed"], figures(ledger, "USD")["paid"])


def test_an_advance_is_nothing_to_claw_back() -> None:
    """A draw of 500 that is still owed is cash, and no pay that could be clawed back: 1,000 stay 1,000."""
    plan = dated(clawbacks=[ALL_BACK])
    ledger, _ = worked(lp.Ledger(), accruals(JAN, line(1000, JAN, plan=plan)), JAN)
    assert 100000 == ledger.paid_total("lin", "CNY")
    draw = lp.Entry(
        number=len(ledger.entries) + 1,
        kind=K.DRAW,
        payee="lin",
        line="draw",
        cohort=str(FEB),
        period=FEB,
        amount=yuan(500),
        on=FEB.last_day,
        reason=ledger.entries[0].reason,
    )
    ledger, _ = paid(ledger.append([draw]), FEB)
    assert (100000, "1500.00") == (ledger.paid_total("lin", "CNY"), figures(ledger)["paid"])


def test_the_largest_payment_holds() -> None:
    """What is above it stays due, and paying again in the period pays no more of it."""
    rules = lp.schemes.PayRules(payment_most=lp.schemes.Cap(most=lp.quantity("60元"), excess="carried"))
    ledger, amount = worked(lp.Ledger(), accruals(JAN, line(100, JAN)), JAN, rules)
    ledger, again = paid(ledger, JAN, rules)

    assert (6000, 0) == (amount, again)
    assert ("40.00", "100.00") == (figures(ledger)["due"], figures(ledger)["entitled"])


def test_a_payment_cannot_lose_what_was_earned() -> None:
    """What is lost to one payment would be owed back when the deal is cancelled."""
    with pytest.raises(lp.errors.DataError, match=r"PayRules\.payment_most: .* cap what is earned with person_most"):
        lp.schemes.PayRules(payment_most=lp.schemes.Cap(most=lp.quantity("60元"), excess="lost"))


def test_pay_is_converted_once_at_a_stated_rate() -> None:
    """The rate, its day and its source stand on the payment, and the ledger gives it again."""
    ledger = settled(lp.Ledger(), accruals(JAN, line("100.01", JAN, plan=dated(currency="USD"))), JAN)
    rates = [
        lp.ExchangeRate(currency="USD", into="CNY", on=on, rate=rate, source="SAFE")
        for on, rate in (("2026-01-31", "7.125"), ("2026-01-02", "7"), ("2026-02-01", "9"))
    ]
    with pytest.raises(lp.errors.PayError, match="'lin' in 2026-01: there is no exchange rate from USD into CNY"):
        lp.pay(ledger, period=JAN, rules=lp.schemes.PayRules(), pay_in={"lin": "CNY"})
    payout = lp.pay(ledger, period=JAN, rules=lp.schemes.PayRules(), pay_in={"lin": "CNY"}, exchange=rates)
    (payment,) = payout.payments

    assert (yuan("712.57"), lp.Money.of("100.01 USD")) == (payment.amount, payment.earned)
    assert payment.exchange == rates[0]
    assert payment.exchange.source == "SAFE"
    assert payout.payments == lp.payments_of(ledger.append(payout.entries), JAN)


def test_pay_in_a_currency_without_a_rate_is_refused() -> None:
    """A rate of the next month, or the other way round, is none."""
    ledger = settled(lp.Ledger(), accruals(JAN, line(100, JAN, plan=dated(currency="USD"))), JAN)
    rates = [
        lp.ExchangeRate(currency=currency, into=into, on=on, rate="7")
        for currency, into, on in (("USD", "CNY", "2026-02-01"), ("CNY", "USD", "2026-01-02"))
    ]
    with pytest.raises(lp.errors.PayError, match="no exchange rate from USD into CNY on or before 2026-01-31"):
        lp.pay(ledger, period=JAN, rules=lp.schemes.PayRules(), pay_in={"lin": "CNY"}, exchange=rates)


def test_two_currencies_are_never_summed() -> None:
    """A payee abroad has two balances and two payments."""
    lines = [line(100, JAN), line(50, JAN, plan=dated(currency="USD"), loan="L2")]
    ledger = settled(lp.Ledger(), accruals(JAN, *lines), JAN)

    assert ("100.00", "50.00") == (figures(ledger)["due"], figures(ledger, "USD")["due"])
    assert 2 == len(lp.pay(ledger, period=JAN, rules=lp.schemes.PayRules()).payments)
    with pytest.raises(lp.errors.LedgerError, match="CNY and USD; state currency"):
        ledger.balance("lin")


# ── guarantees and draws ────────────────────────────────────────────────────────────────────────────────────


def drawn(draw: lp.schemes.Draw, pays: Sequence[Any]) -> list[tuple[int, int]]:
    """What is paid in each month of a new hire, and what is owed after it, in whole yuan."""
    plan = dated(draws=[draw])
    lines = [line(pay, month, plan=plan, loan=str(month)) for pay, month in zip(pays, MONTHS, strict=False)]
    drawing = {("lin", month): (plan, nth) for nth, month in enumerate(MONTHS[: len(pays)], 1)}
    ledger, seen = lp.Ledger(), []
    for month in MONTHS[: len(pays)]:
        ledger, amount = worked(ledger, accruals(MAY, *lines, drawing=drawing), month)
        seen.append((amount // 100, ledger.balance("lin").owed.units // 100))
    return seen


def published_case(published: Published, code: str) -> tuple[dict[str, Any], dict[str, Any]]:
    (case,) = (item for item in published if item["id"] == code)
    return case["inputs"], case["expected"]


def test_a_recoverable_draw_is_repaid_from_pay_above_it(published: Published) -> None:
    """Xactly: August pays 1500 of 500 earned; September repays the 1000."""
    inputs, expected = published_case(published, "draw-xactly-recoverable")
    draw = lp.schemes.Draw(least=lp.quantity(f"{inputs['draw']}元"), kind="recoverable")
    seen = drawn(draw, inputs["gross"])
    assert expected["paid"] == [amount for amount, _ in seen]
    assert expected["balance"] == [-owed for _, owed in seen]


def test_a_plain_draw_is_never_repaid(published: Published) -> None:
    """Xactly: the guarantee of August leaves September alone."""
    inputs, expected = published_case(published, "draw-xactly-nonrecoverable")
    draw = lp.schemes.Draw(least=lp.quantity(f"{inputs['draw']}元"), kind="plain")
    assert [(amount, 0) for amount in expected["paid"]] == drawn(draw, inputs["gross"])


def test_recovery_starts_when_the_plan_says(published: Published) -> None:
    """Oracle: until period 4 the balance only grows."""
    inputs, expected = published_case(published, "draw-oracle-recoverable")
    least = lp.quantity(f"{inputs['minimum']}元")
    draw = lp.schemes.Draw(least=least, kind="recoverable", recovered_from=inputs["recovery_starts"])
    assert list(zip(expected["paid"], expected["balance"], strict=True)) == drawn(draw, inputs["earnings"])


def test_an_advance_is_paid_first_and_taken_off_the_commission(published: Published) -> None:
    """Visdum: the advance is paid before anything is earned; the cheque at the end is commission less draw."""
    inputs, expected = published_case(published, "draw-visdum-advance")
    for (advance, earned), end, owed in zip(inputs["cases"], expected["end_payment"], expected["owed"], strict=True):
        plan = dated(draws=[lp.schemes.Draw(least=lp.quantity(f"{advance}元"), kind="recoverable", style="advance")])
        drawing = {("lin", JAN): (plan, 1)}
        ledger, first = worked(lp.Ledger(), accruals(JAN, drawing=drawing), JAN)
        ledger, last = worked(ledger, accruals(JAN, line(earned, JAN, plan=plan), drawing=drawing), JAN)
        assert (advance, end) == (first // 100, last // 100)
        assert owed == ledger.balance("lin").owed.units // 100


def test_a_balance_can_be_waived_after_the_last_recovery() -> None:
    """What is waived is kept: it becomes the payee's own."""
    draw = lp.schemes.Draw(
        least=lp.quantity("1000元"), kind="recoverable", last_period=1, recovered_until=2, left="waived"
    )
    assert [(1000, 0 + 600), (0, 300)] == drawn(evolve(draw, left="owed"), [400, 300])
    assert [(1000, 600), (0, 0)] == drawn(draw, [400, 300])


def promoted(draw: lp.schemes.Draw, *pays: int) -> list[tuple[int, int]]:
    """What is paid to a trainee of January who is an officer from February on, and what is owed then."""
    trainee = dated(draws=[draw])
    trainee = evolve(trainee, plan=evolve(trainee.plan, code="trainee"))
    lines = [line(pay, month, loan=str(month)) for pay, month in zip(pays, MONTHS[1:], strict=False) if pay]
    ledger, seen = lp.Ledger(), []
    for month in MONTHS[: len(pays) + 1]:
        ledger, amount = worked(ledger, accruals(MAY, *lines, drawing={("lin", JAN): (trainee, 1)}), month)
        seen.append((amount // 100, ledger.balance("lin").owed.units // 100))
    return seen


def test_a_draw_is_repaid_from_the_pay_of_the_next_plan() -> None:
    """Whoever is promoted still owes what was advanced, until the last period of recovery."""
    draw = lp.schemes.Draw(least=lp.quantity("1000元"), kind="recoverable")
    assert [(1000, 1000), (0, 400), (0, 400), (500, 0)] == promoted(draw, 600, 0, 900)
    assert [(1000, 1000), (0, 400), (900, 400)] == promoted(evolve(draw, recovered_until=2), 600, 900)
    assert [(1000, 1000), (0, 0), (900, 0)] == promoted(evolve(draw, recovered_until=2, left="waived"), 600, 900)


def test_a_guarantee_looks_at_the_pay_of_all_plans() -> None:
    """An old loan still earns by the old plan; no top-up is due above it."""
    new = dated(draws=[lp.schemes.Draw(least=lp.quantity("2000元"), kind="plain")])
    new = evolve(new, plan=evolve(new.plan, code="new"))
    ledger, amount = worked(lp.Ledger(), accruals(JAN, line(1500, JAN), drawing={("lin", JAN): (new, 1)}), JAN)

    assert [("guarantee", "500.00"), ("earned", "1500.00")] == kinds(ledger, JAN)
    assert 200000 == amount


def test_no_plan_is_called_bonus() -> None:
    """Its lines would be taken for bonuses, which stay when they are not given again."""
    with pytest.raises(lp.errors.DataError, match=r"Plan\.code: 'bonus' is the word for bonuses"):
        evolve(PLAIN.plan, code="bonus")


# ── reading and writing ─────────────────────────────────────────────────────────────────────────────────────


def busy() -> lp.Ledger:
    """A ledger with most of what can happen."""
    plan = dated(TWENTY, [evolve(ALL_BACK, refund=Fraction(1, 2))])
    stage = line(100, JAN, plan=plan, loan="甲/1")
    ledger, _ = worked(lp.Ledger(), accruals(JAN, stage), JAN)
    ledger = ledger.close(JAN, by="chen").reopen(JAN, by="chen", why="试算")
    ledger = ledger.append(
        [lp.overrule(ledger, stage.key, yuan(90), period=FEB, payee="lin", by="c", why="w", evidence="e")]
    )
    bad = {"甲/1": written_off(date(2026, 3, 3), (date(2026, 3, 9), 5000))}
    for period in (FEB, MAR):
        ledger, _ = worked(ledger, accruals(MAR, stage, standings=bad), period)
    return ledger.close(MAR, by="chen")


def test_a_ledger_is_stored_and_read_back_to_the_byte() -> None:
    """The host keeps it; what it keeps must be all of it."""
    ledger = busy()
    stored = list(ledger.lines())
    again = lp.read_ledger(stored)

    assert ledger == again
    assert stored == list(again.lines())
    assert figures(ledger) == figures(again)
    assert ledger.closed == again.closed
    for entry in ledger.entries:
        assert entry == lp.Entry.from_data(entry.data())


@pytest.mark.parametrize("text", ["{", "[]", '{"entry": {}}', '{"closing": {}}', '{"other": {}}', "3"])
def test_a_line_that_is_no_entry_is_refused(text: str) -> None:
    """A damaged file must not become a smaller debt."""
    with pytest.raises(lp.errors.DataError, match=r"not whole|lacks a part"):
        lp.read_ledger([text])


def test_a_statement_says_what_is_held_and_when_it_comes() -> None:
    """The payee sees every line, its reason, and the next release."""
    earned = accruals(JAN, line(100, JAN, plan=dated(TWENTY), loan="<b>"))
    waiting = lp.Waiting(
        payee="lin",
        plan="sales",
        component="loans",
        loan="L9",
        state=lp.DealState.PART_EARNED,
        stage="disbursed",
        waits_for="disbursed",
        amount=None,
    )
    ledger, _ = worked(lp.Ledger(), earned, JAN)
    shown = lp.statement(ledger, "lin", JAN, evolve(earned, waiting=(waiting,)))

    ((cohort, amount, on, part),) = ((h.cohort, h.amount, h.next_on, h.next_amount) for h in shown.held)
    assert ("2026-01", yuan(20), date(2026, 2, 28), yuan(10)) == (cohort, amount, on, part)
    assert [(K.EARNED, yuan(100)), (K.HELD, yuan(20)), (K.PAID, yuan(80))] == list(shown.totals)
    assert "waits for: disbursed" in shown.text()
    assert "sales loans L9 放款 等待：放款" in shown.text("zh")
    assert "earned  sales  loans  <b>" in shown.text()
    assert "预留" in shown.text("zh")
    assert "<b>" not in shown.html()
    assert "&lt;b&gt;" in shown.html("zh")
    assert "80.00 CNY" == shown.data()["after"]["paid"]


def test_every_kind_of_entry_is_posted_by_something() -> None:
    """A kind that nothing posts is a word without a meaning."""
    seen = Counter(entry.kind for entry in busy().entries)
    plan = dated(
        draws=[
            lp.schemes.Draw(least=lp.quantity("200元"), kind="plain", last_period=1),
            lp.schemes.Draw(
                least=lp.quantity("300元"), kind="recoverable", last_period=2, recovered_until=3, left="waived"
            ),
        ]
    )
    drawing = {("lin", month): (plan, nth) for nth, month in enumerate((JAN, FEB, MAR), 1)}
    lines = [line(100, JAN, plan=plan, stage="disbursed"), line(-100, FEB, plan=plan, stage="cancelled")]
    lines.append(line(50, MAR, plan=plan, loan="L2"))
    ledger = lp.Ledger()
    for period in (JAN, FEB, MAR):
        ledger, _ = worked(ledger, accruals(MAR, *lines, drawing=drawing), period)
    seen += Counter(entry.kind for entry in ledger.entries)
    unpaid = accruals(JAN, line(9, JAN, stage="disbursed"), line(-9, JAN, stage="cancelled", day=20))
    seen += Counter(entry.kind for entry in settled(lp.Ledger(), unpaid, JAN).entries)
    later = settled(settled(lp.Ledger(), accruals(JAN, line(9, JAN)), JAN), accruals(FEB, line(8, JAN)), FEB)
    seen += Counter(entry.kind for entry in later.entries)

    dead = [line(100, JAN, stage="disbursed"), line(-100, FEB, stage="cancelled"), line(50, MAR, loan="L2")]
    ledger = lp.Ledger()
    for period in (JAN, FEB, MAR):
        ledger, _ = worked(ledger, accruals(MAR, *dead), period)
    seen += Counter(entry.kind for entry in ledger.entries)

    rows = [{"payee": "lin", "what": what, "amount": "5 元"} for what in ("due", "receivable", "paid")]
    rows.append({"payee": "lin", "what": "held", "amount": "5 元", "cohort": str(JAN), "on": "2026-09-30"})
    rows.append({"payee": "lin", "what": "draw", "amount": "5 元", "plan": "p"})
    rows.append({"payee": "lin", "what": "counted", "amount": "5 元", "plan": "p", "component": "c"})
    of_loan = {"payee": "lin", "amount": "5 元", "plan": "p", "component": "c", "loan": "L1", "cohort": str(JAN)}
    rows += [of_loan | {"what": what} for what in ("earned", "withheld", "released")]
    opening = Opening.of(rows, first=FEB, totals=dict.fromkeys((str(row["what"]) for row in rows), "5 元"))
    seen += Counter(entry.kind for entry in opening.entries)

    assert set(K) == set(seen)


# ── from scratch ────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def books(draw: st.DrawFn) -> lp.Accruals:
    """Accruals through May: loans of several months that are written off, recovered, repaid or cancelled."""
    plan = dated(
        draw(st.sampled_from([None, TWENTY, evolve(TWENTY, repaid="releases", condition="performing")])),
        draw(st.sampled_from([[], [evolve(ALL_BACK, share=flat("50%"), refund=Fraction(1, 3))]])),
        draw(st.sampled_from([[], [lp.schemes.Draw(least=lp.quantity("90元"), kind="recoverable", last_period=3)]])),
    )
    lines, standings = [], {}
    days = st.dates(date(2026, 1, 1), date(2026, 5, 31))
    for number in range(draw(st.integers(0, 6))):
        code, month = f"L{number}", draw(st.integers(0, 4))
        amount = Fraction(draw(st.integers(1, 30000)), 100)
        text = f"{amount.numerator}/{amount.denominator}"
        lines.append(line(text, MONTHS[month], plan=plan, loan=code, stage="disbursed"))
        if draw(st.booleans()):
            off = draw(days)
            standings[code] = written_off(off, *([(draw(days), 4000)] if draw(st.booleans()) else []))
        elif draw(st.booleans()):
            standings[code] = lp.Standing(repaid_on=draw(days))
        elif draw(st.booleans()):
            later = draw(st.integers(month, 4))
            lines.append(line(f"-{text}", MONTHS[later], plan=plan, loan=code, stage="cancelled", day=20))
    drawing = {("lin", month): (plan, nth) for nth, month in enumerate(MONTHS, 1)}
    return accruals(MAY, *lines, standings=standings, drawing=drawing)


def known_by(earned: lp.Accruals, late: frozenset[str]) -> lp.Accruals:
    """The accruals without the loans whose facts come late."""
    kept = tuple(item for item in earned.lines if item.loan not in late)
    return evolve(earned, lines=kept, standings={c: s for c, s in earned.standings.items() if c not in late})


def nets(ledger: lp.Ledger) -> dict[tuple[str, str], int]:
    found: Counter[tuple[str, str]] = Counter()
    for entry in ledger.entries:
        group = lp.schemes.EFFECTS[entry.kind].group
        if group not in ("paid", "receivable"):
            found[entry.line, group] += entry.amount.units
    return {key: units for key, units in found.items() if units}


@pytest.mark.parametrize("examples", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_the_net_of_all_entries_is_what_is_due_from_scratch(examples: int) -> None:
    """Whatever came late, was closed, paid or settled twice: the sum is right, and nothing is taken twice.

    The slow run tries 100 books.
    """
    settings(max_examples=examples)(given(st.data(), books())(nets_to_what_is_due))()


def nets_to_what_is_due(data: st.DataObject, earned: lp.Accruals) -> None:
    """Compare the entries of a ledger of three months with what is due from scratch."""
    rules = data.draw(st.sampled_from([lp.schemes.PayRules(), lp.schemes.PayRules(guard_share=Fraction(1, 5))]))
    ledger = lp.Ledger()
    for period in MONTHS:
        late = frozenset(data.draw(st.sets(st.sampled_from([f"L{number}" for number in range(6)]))))
        ledger = settled(ledger, earned if period == MAY else known_by(earned, late), period)
        if data.draw(st.booleans()):
            ledger, _ = paid(ledger, period, rules)
            assert not lp.pay(ledger, period=period, rules=rules).entries
        if data.draw(st.booleans()) and period != MAY:
            ledger = ledger.close(period, by="chen")
    scratch: Counter[tuple[str, str]] = Counter()
    for move in lp.movements(earned):
        if move.on < MAY.end:
            scratch[move.line, move.group] += move.amount.units

    assert {key: units for key, units in scratch.items() if units} == nets(ledger)
    assert () == lp.settle(ledger, earned, period=MAY)
    assert ledger == lp.read_ledger(ledger.lines())
    if ledger.entries:
        account = ledger.balance("lin")
        assert account.entitled == account.due + account.held + account.paid - account.owed
        assert account.held.units >= 0
        clawed = sum(entry.amount.units for entry in ledger.entries if entry.kind is K.CLAWED_BACK)
        assert clawed <= account.paid.units


def test_a_scheme_without_rules_of_pay_says_so() -> None:
    """`rules=scheme.pay` is None where the scheme has no [pay] table; nobody guesses the rules."""
    rules: Any = None
    with pytest.raises(lp.errors.PayError, match=r"pass lp\.schemes\.PayRules\(\), or those of the scheme"):
        lp.pay(lp.Ledger(), period=lp.Period.month(2026, 3), rules=rules)


# ── two currencies ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_owed_in_two_currencies_is_paid_in_both() -> None:
    """By hand: 0.5% of 100万元 as an officer at home, and from 16 March 1% of 100,000 USD abroad: 5,000 and 1,000.

    Each currency has its rules, its balance and its payment, and nothing of one makes up for the other.
    """
    facts: list[lp.Fact] = []
    for code, on, amount in (("L1", "2026-03-05", "100万元"), ("L2", "2026-03-20", "100000 USD")):
        facts.append(lp.Loan(loan=code, customer=code, officer="lin", opened_on=on))
        facts.append(lp.LoanEvent(loan=code, kind=lp.EventKind.DISBURSED, on=on, amount=amount))
    plans = [
        lp.schemes.DatedPlan(
            plan=lp.schemes.Plan(
                code=role,
                role=role,
                rounding=lp.Rounding.HALF_UP,
                components=(lp.schemes.Component(code="loans", base="disbursed", rate=rate),),
            ),
            scheme=role,
            version="1",
            currency=currency,
            since=date(2026, 1, 1),
        )
        for role, rate, currency in (("home", "0.5%", "CNY"), ("abroad", "1%", "USD"))
    ]
    held: Any = {"payee": "lin", "unit": "east"}
    staff = lp.Organisation(
        assignments=[
            lp.Assignment(**held, role="home", since="2025-01-01", until="2026-03-16"),
            lp.Assignment(**held, role="abroad", since="2026-03-16"),
        ]
    )
    march = lp.Period.month(2026, 3)
    accruals = lp.accrue(lp.Facts.of(facts), plans, staff, through=march)
    assert accruals.problems == ()
    ledger = lp.Ledger()
    ledger = ledger.append(lp.settle(ledger, accruals, period=march))
    rules = {
        "CNY": lp.schemes.PayRules(payment_most=lp.schemes.Cap(most="3000 元", excess="carried")),
        "USD": lp.schemes.PayRules(),
    }
    ledger = ledger.append(lp.pay(ledger, period=march, rules=rules).entries)

    assert {("lin", "CNY"), ("lin", "USD")} == {*ledger.accounts}
    paid = {str(payment.amount) for payment in lp.payments_of(ledger, march)}
    assert {"3000.00 CNY", "1000.00 USD"} == paid
    owed = {code: str(ledger.balance("lin", through=march, currency=code).due) for code in ("CNY", "USD")}
    assert {"CNY": "2000.00 CNY", "USD": "0.00 USD"} == owed
