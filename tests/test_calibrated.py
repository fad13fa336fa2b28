"""What people decide about a result after it was computed changes pay, and never what was computed."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from tests.test_bonus import Document, card, scored

import loanperf as lp
from loanperf.cycle import Calibrated

GRADES = {
    "A": {"at_least": 90, "coefficient": "120%", "name": {"en": "good", "zh": "良好"}},
    "B": {"at_least": 60, "coefficient": "100%"},
    "C": {"at_least": 0, "coefficient": "50%"},
}
PLAN: Document = {"unit": "share", "curve": [["0 point", "100%"]], "rounding": "half up"}
HOLDER = card(PLAN, grades=GRADES)


def decided(payee: str = "lin", **said: Any) -> Calibrated:
    """A calibration by chen."""
    return Calibrated(
        payee=payee, period=HOLDER.period, by="chen", why="opened the new branch", at="2026-04-03", **said
    )


def paid(score: int, calibrated: Calibrated | None, holder: lp.schemes.Card = HOLDER) -> lp.Award:
    """The bonus of lin for a score, a share of 1000 yuan."""
    return lp.award(holder.bonus, scored(holder, score, "lin"), base="1000 元", calibrated=calibrated)


@pytest.mark.parametrize(
    ("score", "said", "amount"),
    [
        (70, {"grade": "A"}, "1200.00 CNY"),
        (70, {"grade": "C"}, "500.00 CNY"),
        (70, {"grade": "B"}, "1000.00 CNY"),
        (70, {"coefficient": "105%"}, "1050.00 CNY"),
        (95, {"coefficient": 0}, "0.00 CNY"),
        (95, {"coefficient": Fraction(1, 3)}, "333.33 CNY"),
    ],
)
def test_the_grade_after_calibration_pays_and_the_score_stays(score: int, said: Any, amount: str) -> None:
    """1000 yuan times 120%, 100% or 50% by the grade after, or times what is stated; the score is as it was."""
    award = paid(score, decided(**said))
    assert amount == str(award.amount)
    assert score == award.appraisal.score
    assert award.appraisal.grade is not None
    assert award.appraisal.grade.code == ("A" if score == 95 else "B")


def test_the_award_says_before_after_by_whom_and_why() -> None:
    """In both languages, and by name where the grade has one."""
    english, chinese = (paid(70, decided(grade="A")).explain().text(language) for language in ("en", "zh"))
    assert "calibrated from grade B to good by chen on 2026-04-03: opened the new branch" in english
    assert "grade good: × 120% = 1200 CNY" in english
    assert "等级校准：由 B 调整为 良好（chen，2026-04-03）：opened the new branch" in chinese
    english, chinese = (paid(70, decided(coefficient="105%")).explain().text(one) for one in ("en", "zh"))
    assert "coefficient of grade B calibrated from 100% to 105% by chen on 2026-04-03" in english
    assert "系数校准：等级 B 的系数由 100% 调整为 105%（chen，2026-04-03）" in chinese
    assert "calibrated" not in paid(70, None).explain().text()


def test_a_calibration_that_does_not_fit_names_the_payee() -> None:
    """Another payee's, a grade that the card does not have, and a card without grades."""
    for said, holder, fault in (
        (decided("wu", grade="A"), HOLDER, "the calibration of 'wu' came with the appraisal of 'lin'"),
        (
            decided(grade="S"),
            HOLDER,
            "'lin' was calibrated to grade 'S', which the card does not have; calibrate it to",
        ),
        (decided(grade="A"), card(PLAN), "the result of 'lin' was calibrated, and the card has no grades"),
        (decided(coefficient=1), card(PLAN), "the result of 'lin' was calibrated, and the card has no grades"),
    ):
        with pytest.raises(lp.errors.AwardError, match=fault):
            paid(70, said, holder)
    with pytest.raises(lp.errors.AwardError, match="'lin' was calibrated to grade 'S'"):
        lp.share_pool(lp.Money.of("1 元"), [scored(HOLDER, 70, "lin")], calibrated=[decided(grade="S")])
    nothing: Any = "A"
    with pytest.raises(lp.errors.DataError, match="calibrated: it is no Calibrated"):
        paid(70, nothing)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({}, "'lin' has neither of grade and coefficient"),
        ({"grade": "A", "coefficient": 1}, "'lin' has both of grade and coefficient"),
        ({"coefficient": "-1%"}, "Calibrated.coefficient: it is negative"),
        ({"coefficient": 11}, "Calibrated.coefficient: it is out of range"),
        ({"grade": 1}, "Calibrated.grade: it is a int"),
        ({"grade": "A", "why": " "}, "Calibrated.why: it is empty"),
        ({"grade": "A", "by": ""}, "Calibrated.by: it is ''"),
        ({"payee": "", "grade": "A"}, "Calibrated.payee: it is ''"),
        ({"grade": "A", "by": "LIN"}, "the calibration of lin: LIN would decide about themselves"),
        ({"grade": "A", "period": "2026-03"}, "Calibrated.period"),
    ],
)
def test_what_was_decided_is_a_grade_or_a_coefficient_with_who_and_why(said: Any, fault: str) -> None:
    """Nothing is guessed."""
    whole = {"payee": "lin", "period": HOLDER.period, "by": "chen", "why": "as agreed", "at": "2026-04-03"}
    with pytest.raises(lp.errors.DataError, match=fault):
        Calibrated(**(whole | said))


def test_a_calibration_holds_for_its_period_alone() -> None:
    """What was decided about another month pays nothing here; one of the quarter holds for its month."""
    other = evolve(decided(grade="A"), period=HOLDER.period.next())
    with pytest.raises(lp.errors.AwardError, match="the calibration of 'lin' is of"):
        paid(80, other)
    whole = evolve(other, period=lp.Period(HOLDER.period.start, other.period.end))
    assert paid(80, decided(grade="A")).amount == paid(80, whole).amount


def test_a_coefficient_is_exact() -> None:
    """A float is refused, and a time needs its offset."""
    with pytest.raises(lp.errors.FloatError):
        decided(coefficient=1.05)
    with pytest.raises(lp.errors.PeriodError, match="offset from UTC"):
        Calibrated(payee="lin", period=HOLDER.period, grade="A", by="chen", why="x", at="2026-04-03T09:00:00")
    said = decided(coefficient="1/3")
    assert said == Calibrated.from_data(said.data())


def test_a_pool_weighs_by_the_coefficient_after_calibration() -> None:
    """60 points times 100%, then 150%: 60 of 120 parts, then 90 of 150; a floor or calibration needs an appraisal."""
    members = [scored(HOLDER, 60, "lin"), scored(HOLDER, 60, "wu")]
    pool = lp.Money.of("300 元")
    assert ["150.00 CNY", "150.00 CNY"] == [str(one.amount) for one in lp.share_pool(pool, members)]
    found = lp.share_pool(pool, members, calibrated=[decided(coefficient="150%")])
    assert ["180.00 CNY", "120.00 CNY"] == [str(one.amount) for one in found]
    assert "calibrated from 100% to 150% by chen" in found[0].explain().text()
    assert "calibrated" not in found[1].explain().text()
    with pytest.raises(lp.errors.AwardError, match="'chu' has a floor, cap or calibration but no appraisal"):
        lp.share_pool(pool, members, calibrated=[decided("chu", grade="A")])


def test_many_are_awarded_by_their_calibrations() -> None:
    """Three payees, one with two rows; what does not fit is a problem of its row, and nobody else's."""
    rows = {"payee": np.array(["lin", "wu", "chu", "lin"]), "sales_index(%)": np.array([70, 70, 95, 95])}
    scores = lp.appraise_all(HOLDER, rows)
    how: Any = {"base": np.array([1000] * 4), "units": {"base": "元"}}
    found = lp.award_all(scores, calibrated=[decided(grade="C"), decided("wu", grade="S")], **how)
    assert [50_000, 120_000, 50_000] == found.columns["amount"].values.tolist()
    (problem,) = found.problems
    assert ("wu", 1) == (problem.payee, problem.row)
    assert "'wu' was calibrated to grade 'S'" in str(problem)
    assert "calibrated from grade good to C" in found.of("lin")[1].explain().text()
    with pytest.raises(lp.errors.UnknownPayeeError, match="zhou"):
        lp.award_all(scores, calibrated=[decided("zhou", grade="A")], **how)
    with pytest.raises(lp.errors.DataError, match="'lin' has 2 calibrations"):
        lp.award_all(scores, calibrated=[decided(grade="A"), decided(grade="C")], **how)
