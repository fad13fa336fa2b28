"""Scores, bonuses and pools equal the plain reference, whatever is drawn."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cards import FORMS, INDICATORS, Form, Row, cards, readings_of, rows, targets_of
from tests.reference_scores import Scored, awarded, divided, scored

import loanperf as lp

MARCH = lp.Period.month(2026, 3)


def expected_of(row: Row, form: Form, card: lp.Card) -> Scored | None:
    """What the reference makes of a row."""
    values = {reading.indicator: reading.value.value for reading in readings_of(row, form) if reading.value is not None}
    return scored(card, {code: goal.value for code, goal in targets_of(row, form, card).items()}, values)


@settings(max_examples=120, deadline=None)
@given(cards(), rows(), FORMS)
def test_every_score_and_bonus_equals_the_reference(card: lp.Card, row: Row, form: Form) -> None:
    """Curves, caps, floors, vetoes, grades, gates, missing readings and days in role."""
    wanted = expected_of(row, form, card)
    try:
        found = lp.appraise(card, targets_of(row, form, card), readings_of(row, form))
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
    paid = awarded(card, wanted, whole.exact, Fraction(*days))
    try:
        award = lp.award(card.bonus, found, month=month, base=base, days=days)
    except lp.errors.LoanPerfError:
        assert paid is None
    else:
        assert paid == award.amount.units


BOUNDS = st.none() | st.integers(0, 60)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 500), st.lists(st.tuples(st.integers(0, 130), BOUNDS, BOUNDS), min_size=1, max_size=5))
def test_a_pool_equals_the_reference(pool: int, drawn: list[tuple[int, int | None, int | None]]) -> None:
    """In proportion to the scores, by largest remainder, between floors and caps."""
    item, _, _ = INDICATORS["compliance_score"]
    scoring = lp.Scoring(rule=lp.Direction.HIGHER, places=0, rounding=lp.Rounding.HALF_UP)
    line = lp.CardLine(indicator=item, weight=1, scoring=scoring, target="100 points")
    card = lp.Card(
        scheme="s", version="0", effective=MARCH.start, profile="p", currency="CNY", period=MARCH, lines=(line,)
    )
    given_to = {f"p{place}": row for place, row in enumerate(drawn)}
    found = [
        lp.appraise(card, readings={"compliance_score": f"{at} points"}, payee=code)
        for code, (at, _, _) in given_to.items()
    ]
    floors = {code: lp.Money.from_units(low, "CNY") for code, (_, low, _) in given_to.items() if low is not None}
    caps = {code: lp.Money.from_units(most, "CNY") for code, (_, _, most) in given_to.items() if most is not None}
    try:
        awards = lp.share_pool(lp.Money.from_units(pool, "CNY"), found, floors=floors, caps=caps)
    except lp.errors.AllocationError:
        return
    wanted = divided(pool, [at for at, _, _ in drawn], [(low or 0, high) for _, low, high in drawn], heaviest=True)
    assert wanted == [award.amount.units for award in awards]
