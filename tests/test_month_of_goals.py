"""The month of the mission: from a goal of 1亿元 to a hundred targets, confirmations, warnings and pay."""

from datetime import date

import pytest
from examples.month import APRIL, BREACH, LATE, LEADS, OFFICERS, REFUSED, SCHEME, Month, play

from loanperf.run import read_alerts


@pytest.fixture(scope="module")
def month() -> Month:
    """The month before it is played."""
    return Month()


@pytest.fixture(scope="module")
def told(month: Month) -> list[str]:
    """What there is to tell of the month."""
    return list(play(month))


def test_the_month_is_told_to_the_fen(told: list[str]) -> None:
    """A goal, who agreed to it, who was warned of what, and what each of them earned.

    1亿元 among a hundred is 100万元 each. Of an officer 380万元 stand before, 10万元 of them lost.

    - On the 10th 40万元 more are drawn, and 15.2万元 of one officer go bad: 25.2 / 420 = 6%. The officer is told; two
      days later the lead. On the 24th these are paid back: 10 / (380 + 80 - 15.2) = 2.25%, below 3% by more than 0.5%.
    - Another has lent 40万元. On the 15th 50万元 are due, 80% of which are 40万元; on the 16th 53.33万元, 80% of
      which are more. On the 26th 98万元 are lent, of 86.67万元 that are due.
    - On the 20th a third has lent 80万元, and 3.8万元 go bad: (10 + 3.8) / 460 = 3%, which is not above 3%.

    At the end the usual officer has lent 120万元: 50 x 120% = 60.0; 10 / 500 = 2%: 30 x (2 - 2/3) = 40.0; 20 x 85/80 =
    21.2. Of 121.2 points each of those above 100 is worth 0.1% of a salary of 8,000: 8,169.60.

    - the first: 13.8 / 500 = 2.76%: 30 x (2 - 0.92) = 32.4; 113.6 points; 8,108.80
    - the late one: 98万元 are 49.0; 10 / 478 = 2.092%: 39.1; 109.3 points; 8,074.40
    - that of the breach: 10 / 484.8 = 2.063%: 39.4; 120.6 points; 8,164.80

    97 x 8,169.60 + 8,108.80 + 8,074.40 + 8,164.80 + 20,000 for the head = 836,799.20.
    """
    behind = "east-1-02: disbursed amount at 400000 CNY on 2026-04-16 is behind what is due by then, ≈533333.33 CNY"
    breach = "west-3-07: NPL ratio at 6% on 2026-04-10 is above the limit of 3%"

    assert told == [
        "goal 100000000 CNY: 50000000 CNY for east, 1000000 CNY for east-1-01",
        "2026-04-02 99 of 101 targets are in force",
        "2026-04-06 100 of 101 targets are in force",
        "the month would wait for: west-5-01",
        "2026-04-07 101 of 101 targets are in force",
        f"2026-04-10 raised (west-3-07): {breach}",
        f"2026-04-12 escalated (lead of west-3): {breach}",
        f"2026-04-16 raised (east-1-02): {behind}",
        "2026-04-20 east-1-01: 80% of the target, NPL ratio 3%",
        f"2026-04-24 mended (west-3-07, lead of west-3): {breach}",
        f"2026-04-26 mended (east-1-02): {behind}",
        "east-4-10: 121.2 points, 8169.60 CNY",
        "east-1-01: 113.6 points, 8108.80 CNY",
        "east-1-02: 109.3 points, 8074.40 CNY",
        "west-3-07: 120.6 points, 8164.80 CNY",
        "paid 836799.20 CNY to 101 people; the month is closed",
    ]


def test_every_level_sums_to_the_goal(month: Month) -> None:
    """50万元 more or less in one team would be a target that nobody was asked for."""
    teams = {code for code in month.goal.codes if code in LEADS}

    assert sum(month.goal.total(team).value for team in teams) == 100_000_000
    assert sum(target.value.value for target in month.targets if target.payee in OFFICERS) == 100_000_000
    assert {str(target.value) for target in month.targets if target.payee in OFFICERS} == {"1000000 CNY"}


@pytest.mark.usefixtures("told")
def test_a_month_that_is_run_again_pays_nobody_twice(month: Month) -> None:
    """Confirmations, warnings and pay are kept in one store: what is there is not done again."""
    before, told = dict(month.payments.paid), dict(month.notices.told)

    again = month.pay()

    assert (again.closed, len(again.entries)) == (True, 0)
    assert month.payments.paid == before
    assert month.notices.told == told


@pytest.mark.usefixtures("told")
def test_each_hears_of_what_concerns_them_alone(month: Month) -> None:
    """A lead who is told of everything reads nothing."""
    heard = {
        (notice.kind, notice.to or notice.payee)
        for notice in month.notices.told.values()
        if notice.kind in ("alert", "escalated", "acknowledged", "mended")
    }
    lead = LEADS[OFFICERS[BREACH]]

    assert {who for _, who in heard} == {BREACH, LATE, lead}
    assert {("alert", BREACH), ("escalated", lead), ("mended", BREACH), ("mended", lead), ("alert", LATE)} <= heard
    assert () == read_alerts(month.store, scheme=SCHEME.name).open


@pytest.mark.usefixtures("told")
def test_the_target_that_was_set_says_by_whom_and_why(month: Month) -> None:
    """Who pays by a target that was refused must be able to say how it came in force."""
    standing = month.confirmations.in_force(REFUSED, APRIL, on=date(2026, 4, 30))

    assert standing is not None
    refused, set_ = standing.replies
    assert (refused.by, refused.act) == (REFUSED, "refuse")
    assert (set_.by, set_.act, set_.why) == ("zhou", "set", "the new market is in their district")
