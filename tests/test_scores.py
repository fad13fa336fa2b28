"""Scores, bonuses and pools equal the plain reference, whatever is drawn."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cards import (
    DECIDED,
    FORMS,
    INDICATORS,
    Decided,
    Form,
    Row,
    calibrated,
    cards,
    readings_of,
    rows,
    targets_of,
)
from tests.reference_scores import Scored, awarded, divided, scored

import loanperf as lp

MARCH = lp.Period.month(2026, 3)


def expected_of(row: Row, form: Form, card: lp.schemes.Card) -> Scored | None:
    """What the reference makes of a row."""
    values = {reading.indicator: reading.value.value for reading in readings_of(row, form) if reading.value is not None}
    return scored(card, {code: goal.value for code, goal in targets_of(row, form, card).items()}, values)


@settings(max_examples=20, deadline=None)
@given(cards(), rows(), FORMS, DECIDED)
def test_every_score_and_bonus_equals_the_reference(
    card: lp.schemes.Card, row: Row, form: Form, decided: Decided
) -> None:
    """Curves, caps, floors, vetoes, grades, calibrations, gates, missing readings and days in role."""
    wanted = expected_of(row, form, card)
    try:
        found = lp.appraise(card, targets_of(row, form, card), readings_of(row, form), payee="lin")
    except lp.errors.LoanPerfError:
        assert wanted is None
        return
    assert wanted is not None
    assert wanted.points == {line.line.indicator.code: Fraction(line.points) for line in found.lines}
    assert wanted.weights == {line.line.indicator.code: line.weight for line in found.lines if line.weight}
    shown = (str(wanted.score), wanted.grade, wanted.vetoes)
    assert shown == (str(found.score), found.grade, tuple(veto.indicator for veto in found.vetoes))

    days = (row["days"] or 0, 31)
    month, base = (lp.Money.from_units(row[name] or 0, "CNY") for name in ("month", "base"))
    whole = month if card.bonus is not None and card.bonus.unit == "month" else base
    paid, said = awarded(card, wanted, whole.exact, Fraction(*days), decided), calibrated("lin", decided)
    try:
        award = lp.award(card.bonus, found, month=month, base=base, days=days, calibrated=said)
    except lp.errors.LoanPerfError:
        assert paid is None
    else:
        assert paid == award.amount.units


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 500),
    st.lists(st.integers(0, 130), min_size=1, max_size=5).filter(any),
    st.lists(st.none() | st.integers(1, 20).map(lambda tenths: Fraction(tenths, 10)), min_size=5, max_size=5),
)
def test_a_pool_equals_the_reference(pool: int, scores: list[int], decided: list[Fraction | None]) -> None:
    """In proportion to the scores, times the coefficients that people decided on, by largest remainder."""
    item, _, _ = INDICATORS["compliance_score"]
    scoring = lp.schemes.Scoring(rule=lp.schemes.Direction.HIGHER, places=0, rounding=lp.Rounding.HALF_UP)
    line = lp.schemes.CardLine(indicator=item, weight=1, scoring=scoring, target="100 points")
    card = lp.schemes.Card(
        scheme="s",
        version="0",
        effective=MARCH.start,
        profile="p",
        currency="CNY",
        period=MARCH,
        lines=(line,),
        grades=(lp.schemes.Grade(code="B", at_least="0", coefficient="80%"),),
    )
    found = [
        lp.appraise(card, readings={"compliance_score": f"{at} points"}, payee=f"p{place}")
        for place, at in enumerate(scores)
    ]
    said = [one for place in range(len(scores)) if (one := calibrated(f"p{place}", decided[place])) is not None]
    awards = lp.share_pool(lp.Money.from_units(pool, "CNY"), found, calibrated=said)
    weights = [score * (what or Fraction(4, 5)) for score, what in zip(scores, decided, strict=False)]
    assert divided(pool, weights, heaviest=True) == [award.amount.units for award in awards]
