"""The total alone is rounded, where a scheme says so: the sum of the points is exact until then."""

from typing import Any

import numpy as np
import pytest

import loanperf as lp
from loanperf.testing import check_laws

MARCH = lp.Period.month(2026, 3)
RATINGS = """
name = "ratings"
currency = "CNY"
effective = 2026-01-01

[indicators]
sales = { dimension = "performance", direction = "higher is better", kind = "points" }
conduct = { dimension = "risk", direction = "higher is better", kind = "points" }
learning = { dimension = "growth", direction = "higher is better", kind = "points" }

[profiles.standard]
weights = { sales = "1/3", conduct = "1/3", learning = "1/3" }
targets = { sales = "100 point", conduct = "100 point", learning = "100 point" }

[scoring.default]
places = 3
rounding = "half up"
rounds = "the total"
"""
"""Three ratings that weigh a third each."""
EACH = RATINGS.replace('rounds = "the total"', 'rounds = "each indicator"')
PARTS = RATINGS.replace(
    '{ sales = "1/3", conduct = "1/3", learning = "1/3" }', '{ sales = "50%", conduct = "45%", learning = "5%" }'
).replace("places = 3", 'places = 2\nmissing = "renormalise"')
"""Weights of 50, 45 and 5, of which one may be left out."""


def scored(text: str, **ratings: str) -> lp.Appraisal:
    """The appraisal of ratings in points."""
    card = lp.parse_scheme(text).resolve(period=MARCH)
    return lp.appraise(card, readings={code: f"{rating} point" for code, rating in ratings.items()})


def test_a_total_is_rounded_once() -> None:
    """Published: 3.6, 3.85 and 3.85 at a third each: 11.3 / 3 = 3.7666…, at three places 3.767.

    Rounded one by one: 3.6 / 3 = 1.2; 3.85 / 3 = 1.28333…, so 1.283 twice; 1.2 + 1.283 + 1.283 = 3.766.
    """
    ratings = {"sales": "3.6", "conduct": "3.85", "learning": "3.85"}

    assert ("3.767", "3.766") == (str(scored(RATINGS, **ratings).score), str(scored(EACH, **ratings).score))
    assert ["1.200", "1.283", "1.283"] == [str(line.points) for line in scored(RATINGS, **ratings).lines]


def test_what_is_left_out_is_made_up_for_exactly() -> None:
    """Published: 81.75 / 0.95 = 86.0526…, at two places 86.05.

    81.75 = 50 × 73.5% + 45 × 100% = 36.75 + 45; the 5 that have no reading are left out, so that 95 are the whole.
    """
    assert "86.05" == str(scored(PARTS, sales="73.5", conduct="100").score)


def test_columns_round_the_total_as_rows_do() -> None:
    """3.767 of the three ratings; 60 + 80 + 90 = 230, and a third of it 76.667."""
    card = lp.parse_scheme(RATINGS).resolve(period=MARCH)
    rows = {"sales": np.array([360, 6000]), "conduct": np.array([385, 8000]), "learning": np.array([385, 9000])}
    hundredths = dict.fromkeys(rows, "1/100 point")
    found = lp.appraise_all(card, rows | {"payee": np.array(["lin", "wu"])}, units=hundredths)

    assert (3, [3767, 76667]) == (found.places, found.score.tolist())


def test_the_reasons_say_what_is_rounded() -> None:
    """In both languages: 3.85 / 3 = 77/60 of each, and 113/30 in all."""
    why = scored(RATINGS, sales="3.6", conduct="3.85", learning="3.85").explain()

    text = why.text()
    assert "exactly 77/60, shown to 3 decimal place(s); only the total is rounded" in text
    assert "the points sum to exactly 113/30, rounded once to 3 decimal place(s), half up" in text
    assert "精确值 77/60，显示 3 位小数；仅对总分舍入" in why.text("zh")
    assert "各项得分精确合计 113/30，对总分一次保留 3 位小数（四舍五入）" in why.text("zh")


def test_a_change_of_what_is_rounded_is_told() -> None:
    """In both languages."""
    (change,) = lp.diff(lp.parse_scheme(EACH), lp.parse_scheme(RATINGS))

    assert (
        "the subject of rounding of the scoring of all other indicators changes from each indicator to the total"
        == (change.to("en"))
    )
    assert "其他指标的计分规则的舍入对象由 各指标得分 改为 总分" == change.to("zh")


def test_a_scheme_that_rounds_the_total_reads_back() -> None:
    """As it was written, and it keeps the laws, of which one is that a score is the sum of its points."""
    scheme = lp.parse_scheme(RATINGS)
    check_laws(scheme, examples=10)

    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme, "toml"), "toml")


WRONG: dict[str, tuple[str, str]] = {
    "another rounding of one": (
        '[scoring.sales]\nrounding = "down"',
        (
            "$.scoring.sales.rounding (line 21, column 1): the total is rounded, as [scoring.default] says"
            " (found 'down'); leave it out"
        ),
    ),
    "other places of one": (
        "[scoring.sales]\nplaces = 2",
        (
            "$.scoring.sales.places (line 21, column 1): the total is rounded, as [scoring.default] says"
            " (found 2); leave it out"
        ),
    ),
    "one that says what is rounded": (
        '[scoring.sales]\nrounds = "the total"',
        (
            "$.scoring.sales.rounds (line 21, column 1): one indicator cannot say what is rounded"
            " (found 'the total'); write it in [scoring.default], for all indicators"
        ),
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_one_indicator_has_no_say_in_the_total(text: str, said: str) -> None:
    """What, where and what to do."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.parse_scheme(f"{RATINGS}\n{text}")

    assert [said] == [str(problem) for problem in caught.value.problems]


def test_a_card_whose_lines_differ_has_no_total_to_round() -> None:
    """A card made by hand."""
    card = lp.parse_scheme(RATINGS).resolve(period=MARCH)
    first, *others = card.lines
    other: Any = lp.schemes.Scoring(rule=first.scoring.rule, places=1, rounding=lp.Rounding.HALF_UP)
    lines = (lp.schemes.CardLine(indicator=first.indicator, weight=first.weight, scoring=other), *others)

    with pytest.raises(lp.errors.DataError, match=r"Card\.lines: .* different ways"):
        lp.schemes.Card(
            scheme="s", version="0", effective=MARCH.start, profile="p", currency="CNY", period=MARCH, lines=lines
        )
