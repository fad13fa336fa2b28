"""The quarter of a branch: goals, pay by month, reviews, grades, an appeal, a dispute, outcomes, and a new weight."""

import json
from collections.abc import Iterator

import pytest
from examples.branch import APPELLANT, CALIBRATED, JOINER, JUNE, LEAVER, MOVER, OFFICERS, PAY, QUARTER, SCHEME
from examples.quarter import HR, Quarter, play

import loanperf as lp
from loanperf.cycle import Cycle, ParticipantState, ResultState, cycle_stream
from loanperf.run import read_alerts
from loanperf.viewer import Viewer


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quarter]:
    """The quarter before it is played, over a database of one file."""
    found = Quarter(tmp_path_factory.mktemp("quarter"))
    yield found
    found.database.close()


@pytest.fixture(scope="module")
def told(quarter: Quarter) -> list[str]:
    """What there is to tell of the quarter."""
    return list(play(quarter))


def test_the_quarter_is_told_to_the_fen(told: list[str]) -> None:
    """Who is paid what, graded how, promoted, trained, and moved by a change of weights.

    1,729万元 among the 19 who are there on 1 April are 91万元 each: 1万元 a day of the quarter. A loan is 91,000元: a
    tenth of a target, 4 points of 40, and 910元 of commission.

    Commissions. In April 67 loans are made, in May 61, in June 55; the mover draws 61万元 in April and 30万元 in June,
    the leaver 61万元 in May, the joiner 61万元 in June. One loan of April is sent as 19,100元: 191元, not 910. The 719
    are posted in May, held, and paid in June. In all 183 loans and 213万元: 166,530 + 21,300 = 187,830.

    Bad loans. Of b-05 30万元 are lost before, and 15 go bad on 10 May, when 879 + 10 x 9.1 - 91 + 30 + 7 x 9.1 = 972.7
    stand: 45 / 972.7 = 4.63%, above 4%.

    Scores, of a book that stands at 1,000万元: 4 a loan; 30 x (2 - NPL / 3%), which is 30 at 3%; 10 for 80% who stayed;
    20 x marks / 5. So a-01 has 60 + 50 + 10 + 20 = 140, a-02 56 + 40 + 10 + 20 = 126, and a-03 52 + 30 + 10 + 20 = 112;
    so has b-02, where one colleague declines, two are too few, and the lead's 5 counts alone. b-01 has 60% x 100 +
    40% x 80 = 92 points of reviews: 52 + 30 + 10 + 18.4 = 110.4. These five are A, from 110 on. b-08 has 20 + 30 + 10 +
    12 = 72 and a-04 32 + 30 + 5 + 12 = 79, below 80: C. Of 20 people 4 are to be A, 14 B and 2 C: the last A becomes B.

    The appeal of a-04: 80% of customers stayed and not 40%, 10 points and not 5: 84, B.

    Bonuses, of a salary of 9,100 or 100 a day: 4 A of 10,920 = 43,680. The B of the whole quarter are a-04 to a-10,
    b-01 and b-03 to b-07: 13 x 9,100 = 118,300. Leaver and joiner are there for 61 days: 12,200. One C: 4,550.

    Outcomes, of the 19 who are there in the end: 10% are 1.9, so 2, and 20% are 3.8, so 4. b-05 has 40 + 15 + 10 + 16 =
    81, b-07 32 + 30 + 10 + 16 = 88.

    With NPL at 25% and customers who stayed at 15%, who has an NPL ratio of 3% loses 5 and gains 5. a-01 has 41.7 and
    not 50 of NPL: -8.3 + 5; a-02 33.3 and not 40: -6.7 + 5; b-05 12.5 and not 15: -2.5 + 5. No bonus changes: the
    grades stay. Of the feedback three of team a are counted, and the one of team b is not shown.
    """
    line = "dispute 2 of a-02 about a-02/sales/loans/a-02-01/disbursed/2026-04"
    breach = "b-05: NPL ratio at ≈4.63% on 2026-05-11 is above the limit of 4%"
    april, may, june = 67 * 910 + 6_100 - 719, 61 * 910 + 6_100, 55 * 910 + 3_000 + 6_100 + 719

    assert april + may + june == 183 * 910 + 21_300
    assert told == [
        "goal 17290000 CNY: 9100000 CNY for a, 910000 CNY for a-01",
        "20 of 20 targets are in force",
        f"April: {april}.00 CNY to 18 people; closed",
        f"{line}: open since 2026-05-06, to be decided by 2026-06-15",
        f"2026-05-11 raised (b-05): {breach}",
        f"2026-05-13 escalated (lead-b): {breach}",
        "2026-05-14 lead-b takes up alert 1: every new loan is looked at by two",
        "held: 719.00 CNY not paid out: loan a-02-01 is held by head from 2026-05-07 to 2026-06-30: 核对放款额",
        f"May: {may}.00 CNY to 18 people; closed",
        f"{line}: upheld since 2026-06-03: 合同放款额为 91000 元",
        f"June: {june}.00 CNY to 19 people; closed",
        "reviews of b-01: 92",
        "reviews of b-02: 100",
        "grades: A 5 of 4, B 13 of 14, C 2 of 2",
        "proposed: b-01 from A to B",
        "before publication a-01 sees None",
        "the bonuses would wait for 20 people",
        "after calibration and publication: A 4, B 14, C 2",
        "not acknowledged by 2026-07-21: a-04",
        "the appeal of a-04: 79.0 C, then 84.0 B",
        "after the appeal: A 4, B 15, C 1",
        f"bonuses: {4 * 10_920 + 13 * 9_100 + 2 * 6_100 + 4_550}.00 CNY to 20 people; closed",
        "top: a-01, a-02",
        "bottom: a-04, b-05, b-07, b-08",
        "pay steps: a-01 P3, a-02 P3, a-03 P3, b-02 P3, b-08 P1",
        "b-08 in July: 风险管控 by 2026-07-29",
        "feedback: npl_ratio the weight is too high, 3 of a",
        "npl-25: 0 more, 0 less, 17 the same; 0 another grade",
        "a-01: 140.0 to 136.7",
        "a-02: 126.0 to 124.3",
        "b-05: 81.0 to 83.5",
        "2026-Q3: NPL ratio 30%, retention 10%",
        "2026-Q4: NPL ratio 25%, retention 15%",
    ]


@pytest.mark.usefixtures("told")
def test_nobody_sees_a_result_before_it_is_published(quarter: Quarter) -> None:
    """Of all that is scored, calibrated and approved by then, a participant does not even see that it is there."""
    records = [*quarter.database.entries.read(cycle_stream(SCHEME.name, QUARTER))]
    first = next(place for place, record in enumerate(records) if "published" in json.loads(record))
    before = Cycle.of(records[:first])

    assert {ResultState.APPROVED} == {one.result_state for one in before.participants(HR)}
    for code in OFFICERS:
        for viewer in (Viewer(who=code, sees="self"), Viewer(who=code, sees="all")):
            mine = before.participant(code, viewer)
            assert (None, None, (), ()) == (mine.result, mine.result_state, mine.published, mine.calibrations)


@pytest.mark.usefixtures("told")
def test_pay_that_was_held_is_paid_once(quarter: Quarter) -> None:
    """By hand: 5 loans less 719, 5 loans, 4 loans and 719; a month and a quarter that are run again pay nobody."""
    months = [str(payment.amount) for key, payment in quarter.paid.paid.items() if key.startswith("commissions/a-02/")]
    before = dict(quarter.paid.paid)

    assert [f"{amount}.00 CNY" for amount in (5 * 910 - 719, 5 * 910, 4 * 910 + 719)] == months
    for scheme, period in ((PAY, JUNE), (SCHEME, QUARTER)):
        again = quarter.work(scheme, period)
        assert (again.closed, len(again.entries)) == (True, 0)
    assert before == quarter.paid.paid


@pytest.mark.usefixtures("told")
def test_who_moved_left_and_came_takes_part(quarter: Quarter) -> None:
    """The mover has a bonus of 61 and one of 30 days; the leaver keeps a result, and is paid for 61 days."""
    found = {one.payee: one for one in quarter.cycle.participants(HR)}
    moved = [(one.unit, one.superiors, str(one.as_of)) for one in found[MOVER].snapshots]
    results = quarter.work(SCHEME, QUARTER, dry=True).results
    bonuses = {
        code: sorted(str(row.award.amount) for row in results.of(code) if row.award) for code in (MOVER, LEAVER, JOINER)
    }

    assert [("a", ("lead-a", "head"), "2026-04-01"), ("b", ("lead-b", "head"), "2026-06-01")] == moved
    assert [1, 2, 1] == [len(found[code].snapshots) for code in (JOINER, LEAVER, CALIBRATED)]
    assert (ParticipantState.LEFT, "B") == (found[LEAVER].state, found[LEAVER].published[0].result.grade)
    assert {MOVER: ["3000.00 CNY", "6100.00 CNY"], LEAVER: ["6100.00 CNY"], JOINER: ["6100.00 CNY"]} == bonuses


@pytest.mark.usefixtures("told")
def test_what_was_decided_says_by_whom_and_why(quarter: Quarter) -> None:
    """Who was calibrated sees before, after and by whom; who appealed sees both publications."""
    mine = quarter.cycle.participant(CALIBRATED, Viewer(who=CALIBRATED, sees="self"))
    (change,) = mine.calibrations
    both = quarter.cycle.participant(APPELLANT, Viewer(who=APPELLANT, sees="self"))
    (case,) = read_alerts(quarter.database.entries, scheme=SCHEME.name).open

    assert ("A", "B", "lead-b") == (change.grade_before, change.grade, change.by)
    assert ["C", "B"] == [one.result.grade for one in both.published]
    assert both.appeal is not None
    assert ("head", "名单已核对") == (both.appeal.decided_by, both.appeal.answer)
    assert "acknowledged" == case.state.value


@pytest.mark.usefixtures("told")
def test_all_that_is_kept_is_as_it_was_sealed(quarter: Quarter) -> None:
    """Reviews, cycle, disputes, feedback and both ledgers prove themselves years later."""
    heads = quarter.database.heads()
    found = lp.verify(quarter.database.entries, [PAY.name, SCHEME.name], heads=heads)

    assert [] == [*found]
    kept = {head.stream for head in heads}
    for of_quarter in ("reviews", "cycle", "feedback"):
        assert f"{SCHEME.name}/{of_quarter}/2026-Q2" in kept
