"""Scores over columns equal those of rows to the last digit, whatever is drawn, and whatever a column cannot hold."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cards import (
    DECIDED,
    FORMS,
    SCALES,
    Form,
    Row,
    by_rows,
    calibrated,
    cards,
    columns_of,
    rows,
    units,
    units_of,
)

import loanperf as lp
from loanperf.tables import MISSING, Coded

MARCH = lp.Period.month(2026, 3)


def held_as(number: int | None) -> int:
    """A number as a column of results holds it."""
    return MISSING if number is None else number


@st.composite
def families(draw: st.DrawFn) -> dict[str, lp.schemes.Card]:
    """A few cards, some of one shape."""
    first = draw(cards())
    second = draw(cards(like=first))
    return {"first": first, "second": second, "third": draw(cards())}


@pytest.mark.parametrize("examples", [20, pytest.param(60, marks=pytest.mark.slow)])
def test_every_score_and_bonus_equals_that_of_its_row(examples: int) -> None:
    """As it is row by row: every mode, tie, cap, missing reading and limit comes out the same.

    The slow run tries 60 books, and `tests/test_scores.py` many more.
    """
    asked = (families(), st.lists(rows(), min_size=1, max_size=12), FORMS, st.data())
    settings(max_examples=examples, deadline=None)(given(*asked)(all_equal_their_rows))()


def all_equal_their_rows(family: dict[str, lp.schemes.Card], drawn: list[Row], form: Form, data: st.DataObject) -> None:
    """Compare the scores and bonuses of a book with those of its rows."""
    names = [data.draw(st.sampled_from(list(family))) for _ in drawn]
    whose = [f"p{place}" for place in range(len(drawn))]
    decided = [data.draw(DECIDED) for _ in drawn] if data.draw(st.booleans()) else [None] * len(drawn)
    said = [one for payee, what in zip(whose, decided, strict=True) if (one := calibrated(payee, what)) is not None]
    given_columns = columns_of(drawn, form) | {"card": np.array(names), "payee": np.array(whose)}
    book = lp.appraise_all(family, given_columns, scales=SCALES, units=units_of(given_columns))
    paid = lp.award_all(book, calibrated=said)

    rows_of = zip(drawn, names, decided, strict=True)
    expected = [by_rows(row, form, family[name], what) for row, name, what in rows_of]
    scores = [None if appraisal is None else units(appraisal.score, book.places) for appraisal, _ in expected]
    held = [held_as(score) for score in scores]
    bonuses = [MISSING if score == MISSING else held_as(fen) for score, (_, fen) in zip(held, expected, strict=True)]
    assert held == book.score.tolist()
    assert bonuses == paid.amount.tolist()
    assert [score == MISSING for score in held].count(True) == len(book.problems)
    assert bonuses.count(MISSING) == len(paid.problems)
    for place, (appraisal, _) in enumerate(expected):
        if held[place] != MISSING and appraisal is not None:
            grades = family[names[place]].grades
            assert (grades.index(appraisal.grade) if appraisal.grade else -1) == book.grade[place]


@pytest.mark.parametrize("examples", [12, pytest.param(50, marks=pytest.mark.slow)])
def test_the_order_of_rows_changes_nothing(examples: int) -> None:
    """Each row stands for itself. The slow run tries 50 books."""
    asked = (families(), st.lists(rows(), min_size=2, max_size=9), FORMS, st.randoms(use_true_random=False))
    settings(max_examples=examples, deadline=None)(given(*asked)(any_order_comes_to_the_same))()


def any_order_comes_to_the_same(family: dict[str, lp.schemes.Card], drawn: list[Row], form: Form, chance: Any) -> None:
    """Compare the scores and bonuses of a book with those of the same rows in another order."""
    order = list(range(len(drawn)))
    chance.shuffle(order)
    card = family["first"]
    given_columns, moved = columns_of(drawn, form), columns_of([drawn[place] for place in order], form)
    how: dict[str, Any] = {"scales": SCALES, "units": units_of(given_columns)}
    scored, scored_moved = lp.appraise_all(card, given_columns, **how), lp.appraise_all(card, moved, **how)
    plain, shuffled = lp.award_all(scored), lp.award_all(scored_moved)

    assert scored.score[order].tolist() == scored_moved.score.tolist()
    assert plain.amount[order].tolist() == shuffled.amount.tolist()


UNITS = {"loan_amount": "fen", "npl_ratio": "bp", "retention_rate": "bp"}


def example(**columns: Any) -> lp.Appraisals:
    """The published example, with some columns given otherwise."""
    card = lp.template("worked-example").resolve(period=MARCH)
    usual = {"loan_amount": [120_000_000], "npl_ratio": [200], "retention_rate": [8500]}
    return lp.appraise_all(card, {code: np.array(values) for code, values in usual.items()} | columns, units=UNITS)


def test_the_published_example_in_columns() -> None:
    """Case seed-score-121_2: 60, 40 and 21.2 make 121.2, which is 1.0212 months."""
    book = example()

    assert [1212] == book.score.tolist()
    assert 1 == book.places
    assert [816960] == lp.award_all(book, month=np.array([800_000]), units={"month": "fen"}).amount.tolist()


def test_an_explanation_is_that_of_the_rows_path() -> None:
    """Who asks why sees the same tree, however the number was computed."""
    card = lp.template("worked-example").resolve(period=MARCH)
    book = example(payee=np.array(["lin"]))
    by_hand = lp.appraise(
        card, readings={"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}, payee="lin"
    )

    assert by_hand.explain() == book.explain("lin")
    assert lp.award(card.bonus, by_hand, month="8000 元").explain() == (
        lp.award_all(book, month=np.array([800_000]), units={"month": "fen"}).explain("lin")
    )


def test_scores_and_bonuses_are_asked_like_readings() -> None:
    """They iterate as rows, and are asked by payee; who has no score is in the problems alone."""
    one = {"payee": np.array(["lin", "wu"]), "loan_amount": np.ma.masked_array([120_000_000, 0], mask=[False, True])}
    found = example(**one, npl_ratio=np.array([200, 200]), retention_rate=np.array([8500, 8500]))
    paid = lp.award_all(found, month=np.array([8_000, 8_000]), units={"month": "元"})

    assert [appraisal.payee for appraisal in found] == [award.payee for award in paid] == ["lin"]
    assert (1, (), 1, ()) == (len(found), found.of("wu"), len(paid), paid.of("wu"))
    assert [True, False] == found.ok.tolist() == paid.ok.tolist()
    assert [found.of("lin")[0].score, paid.of("lin")[0].amount] == [found.appraisal(0).score, lp.Money("8169.60 CNY")]
    assert ["wu"] == [problem.payee for problem in paid.problems]
    assert [816960] == paid.columns["amount"].values.tolist()
    assert ["CNY", "2026-03"] == [paid.columns[name].at(0) for name in ("currency", "period")]
    assert paid.row(0) == paid.award(0)


def test_a_quotient_that_lacks_a_part_is_no_reading() -> None:
    """Over zero nothing is known, nor where a part is missing; 200 over 10,000 is 2%, as in the example."""
    parts = {
        "payee": np.array(["lin", "wu", "he", "an"]),
        "loan_amount": np.array([120_000_000] * 4),
        "npl_ratio.numerator": np.ma.masked_array([200, 200, 0, 5], mask=[False, False, True, False]),
        "npl_ratio.denominator": np.ma.masked_array([10_000, 0, 10_000, 10_000], mask=[False, False, False, True]),
        "retention_rate": np.array([8500] * 4),
    }
    units = {"loan_amount": "fen", "retention_rate": "bp"}
    card = lp.template("worked-example").resolve(period=MARCH)
    found = lp.appraise_all(card, parts, units=units)
    whole = lp.appraise_all(card, {**parts, "npl_ratio.numerator": np.array([200, 200, 200, 200])}, units=units)

    assert [1212] + [MISSING] * 3 == found.score.tolist()
    assert ["wu", "he", "an"] == [problem.payee for problem in found.problems]
    assert all("npl_ratio" in problem.fault for problem in found.problems)
    assert [1212, MISSING, 1212, MISSING] == whole.score.tolist()


def test_a_bonus_beyond_64_bits_is_paid_all_the_same() -> None:
    """1.0212 months of the largest salary that a column of 64 bits holds fit into none such."""
    pair = {"payee": np.array(["lin", "wu"]), "loan_amount": np.array([120_000_000] * 2)}
    book = example(**pair, npl_ratio=np.array([200] * 2), retention_rate=np.array([8500] * 2))
    paid = lp.award_all(book, month=np.array([2**63 - 1, 800_000]), units={"month": "fen"})

    assert [round(Fraction((2**63 - 1) * 10212, 10_000)), 816960] == paid.amount.tolist()
    assert () == paid.problems


# ── the certified bound ─────────────────────────────────────────────────────────────────────────────────────


def nearest_to_ties(limit: int, count: int) -> list[tuple[int, int]]:
    """Numerators below a limit, twice each one off an odd multiple of its denominator: no quotient is nearer a tie."""
    found = []
    for step in range(count):
        whole = 1 + step % 1000
        below = (2 * limit) // (2 * whole + 1) - 1 - step
        below -= 1 - below % 2
        near = ((2 * whole + 1) * below + 1, (2 * whole + 1) * below - 1)
        found += [(above // 2, below) for above in near if above % 2 == 0 and above // 2 < limit]
    return found


def rounds(limit: int) -> tuple[int, int]:
    """How many of the cases nearest to a tie float64 rounds wrong, and how many there are."""
    cases = nearest_to_ties(limit, 60_000)
    above, below = (np.array(side, dtype=np.float64) for side in zip(*cases, strict=True))
    found = np.rint(above / below).tolist()
    exact = [round(Fraction(top, bottom)) for top, bottom in cases]
    return sum(one != other for one, other in zip(found, exact, strict=True)), len(cases)


def test_the_certified_bound_is_safe_and_tight() -> None:
    """Below 2**52 no case nearest to a tie is rounded wrong; above 2**53 many are, so that the bound is needed."""
    wrong_below, below = rounds(2**52)
    wrong_above, above = rounds(2**54)

    assert 0 == wrong_below
    assert below > 50_000
    assert wrong_above > above // 10


@pytest.mark.parametrize("reading", [2**52 - 1, 2**52, 2**52 + 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1])
def test_numbers_at_the_bounds_of_certainty_and_of_int64(reading: int) -> None:
    """What float64 cannot hold is worked by rows, never wrapped or rounded on the way."""
    card = lp.template("worked-example").resolve(period=MARCH)
    goal = 2**40 + 1
    book = lp.appraise_all(
        card,
        {
            "loan_amount": np.array([reading, 100]),
            "loan_amount.target": np.array([goal, goal]),
            "npl_ratio": np.array([300, 300]),
            "retention_rate": np.array([0, 0]),
        },
        units=UNITS,
    )
    exact = Fraction(500 * reading, goal)

    assert round(exact) + 300 == book.score[0]


def test_a_score_beyond_64_bits_is_worked_all_the_same() -> None:
    """It would wrap in a column of 64 bits: 50 points times 2**62 over a target of one, and 30 points besides."""
    book = example(
        loan_amount=np.array([2**62, 100]),
        **{"loan_amount.target": np.array([1, 100])},
        npl_ratio=np.array([300, 300]),
        retention_rate=np.array([0, 0]),
    )

    assert [500 * 2**62 + 300, 500 + 300] == book.score.tolist()
    assert (True, True) == tuple(book.ok.tolist())
    assert () == book.problems
    bonus = lp.award_all(book, month=np.array([100, 100]), units={"month": "fen"})
    assert [place for place, fen in enumerate(bonus.amount.tolist()) if fen >= 2**63] == [0]


# ── a million rows ──────────────────────────────────────────────────────────────────────────────────────────

MILLION = 1_000_000
WEIGHTS = {"junior": (50, 30, 20), "senior": (40, 40, 20), "corporate": (30, 45, 25)}
CODES = ("loan_amount", "npl_ratio", "retention_rate")


def profiles() -> dict[str, lp.schemes.Card]:
    """Three cards that differ in weights alone; one place, half even, no more than 150%."""
    document = {
        "name": "branch",
        "currency": "CNY",
        "effective": "2026-01-01",
        "profiles": {
            name: {"weights": {code: f"{weight}%" for code, weight in zip(CODES, weights, strict=True)}}
            for name, weights in WEIGHTS.items()
        },
        "who": [{"role": name, "profile": name} for name in WEIGHTS],
        "scoring": {"default": {"places": 1, "rounding": "half even", "cap": "150%"}},
        "bonus": {"unit": "month", "curve": [["0 point", 0], ["100 point", 1]], "rounding": "half even"},
    }
    scheme = lp.schemes.scheme_of(document)
    return {name: scheme.resolve(period=MARCH, role=name) for name in WEIGHTS}


def million() -> dict[str, Any]:
    """A fixed set of rows, by a counter alone; more than 15% of them have points that are exact ties."""
    count = np.arange(MILLION, dtype=np.int64)
    unit = 1 + count * 7919 % 999_983
    tie = count % 5 == 0
    full = np.array([10 * weights[0] for weights in WEIGHTS.values()])[count % 3]
    loan = np.where(tie, unit * (2 * (count % 700) + 1), count * 104_729 % 1_500_000_007)
    goal = np.where(tie, unit * 2 * full, 1 + count * 15_485_863 % 1_299_709_001)
    return {
        "card": Coded(count % 3, tuple(WEIGHTS)),
        "loan_amount": loan,
        "loan_amount.target": goal,
        "npl_ratio": count * 31 % 701,
        "npl_ratio.target": 100 + count % 301,
        "retention_rate": count * 37 % 10_001,
        "retention_rate.target": 8_000 + count % 1_500,
        "month": 300_000 + count * 611_953 % 4_000_000,
    }


def half_even(above: Any, below: Any) -> Any:
    """The peer: whole numbers divided and rounded by remainders, without a float."""
    whole, rest = np.divmod(above, below)
    return whole + ((2 * rest > below) | ((2 * rest == below) & (whole % 2 == 1)))


def by_remainders(rows: dict[str, Any]) -> tuple[Any, Any, int]:
    """Scores in tenths, bonuses in fen and how many rows have a tie among their points, in whole numbers alone."""
    weights = np.array([[10 * weight for weight in its] for its in WEIGHTS.values()], dtype=np.int64)
    total, ties = np.zeros(MILLION, dtype=np.int64), np.zeros(MILLION, dtype=np.bool_)
    for place, code in enumerate(CODES):
        full, actual, goal = weights[rows["card"].codes, place], rows[code], rows[f"{code}.target"]
        above = full * (2 * goal - actual if code == "npl_ratio" else actual)
        ties |= 2 * (above % goal) == goal
        total += np.minimum(half_even(above, goal), half_even(full * 3, np.int64(2)))
    scores = np.minimum(total, 1000)
    return total, half_even(np.maximum(scores, 0) * rows["month"], np.int64(1000)), int(ties.sum())


@pytest.mark.slow
def test_a_million_rows_with_ties_equal_whole_number_arithmetic() -> None:
    """Every cell is exact, ties and all, and each is as its row by itself."""
    rows = million()
    book = lp.appraise_all(profiles(), rows, units=UNITS | {"month": "fen"})
    paid = lp.award_all(book)
    scores, bonuses, ties = by_remainders(rows)

    assert ties >= 150_000
    assert (book.score == scores).all()
    assert (paid.amount == bonuses).all()
    assert () == paid.problems
    family = profiles()
    for row in range(0, MILLION, MILLION // 300):
        readings = [
            lp.Reading(
                indicator=code,
                numerator=Fraction(int(rows[code][row]), 10_000 if place else 100),
                unit="" if place else "CNY",
            )
            for place, code in enumerate(CODES)
        ]
        goals = {
            code: lp.Quantity(
                Fraction(int(rows[f"{code}.target"][row]), 10_000 if place else 100), "" if place else "CNY"
            )
            for place, code in enumerate(CODES)
        }
        appraisal = lp.appraise(family[tuple(WEIGHTS)[row % 3]], goals, readings)
        assert units(appraisal.score, 1) == book.score[row]


def digest(rows: dict[str, Any], workers: int) -> str:
    """What the scores and bonuses of some rows come to, bit for bit."""
    book = lp.appraise_all(profiles(), rows, workers=workers, units=UNITS | {"month": "fen"})
    paid = lp.award_all(book, workers=workers)
    return hashlib.sha256(book.score.tobytes() + paid.amount.tobytes()).hexdigest()


def test_chunks_and_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """How the work is cut is no part of the result."""
    rows = {name: column[:100_000] if name != "card" else column for name, column in million().items()}
    rows["card"] = Coded(rows["card"].codes[:100_000], rows["card"].words)
    one = digest(rows, 1)

    assert one == digest(rows, 3)
    monkeypatch.setattr("loanperf._tables._chunks.CHUNK_ROWS", 977)
    assert one == digest(rows, 1)
    assert one == digest(rows, 2)


def test_two_processes_agree_by_hash() -> None:
    """Another process with another seed of hashes computes the same bytes."""
    rows = {name: column[:20_000] if name != "card" else column for name, column in million().items()}
    rows["card"] = Coded(rows["card"].codes[:20_000], rows["card"].words)
    code = (
        "from tests.test_appraise_all import *; rows = million();"
        "rows = {n: Coded(c.codes[:20_000], c.words) if n == 'card' else c[:20_000] for n, c in rows.items()};"
        "print(digest(rows, 2))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300)

    assert digest(rows, 1) == done.stdout.strip()


def test_progress_is_told_and_what_it_raises_ends_the_work() -> None:
    """A host shows how far it is, and its user can stop it; nothing half done comes back."""
    rows = {name: column for name, column in million().items() if name != "card"}
    card, told = profiles()["junior"], list[tuple[int, int]]()
    lp.appraise_all(card, rows, units=UNITS, progress=lambda done, of: told.append((done, of)))

    assert told[0] == (65_536, MILLION)
    assert told[-1] == (MILLION, MILLION)

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt(f"{done} of {of}")

    with pytest.raises(KeyboardInterrupt):
        lp.appraise_all(card, rows, units=UNITS, progress=stop)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda rows: lp.appraise_all({}, rows), "there are none"),
        (
            lambda rows: lp.appraise_all(profiles(), rows | {"loan_amunt": np.zeros(MILLION, np.int64)}),
            "loan_amount",
        ),
        (
            lambda rows: lp.appraise_all(profiles(), rows | {"npl_ratio": np.array(["x"] * MILLION)}, units=UNITS),
            "it holds text",
        ),
        (
            lambda rows: lp.appraise_all(profiles(), rows, scales={"npl_ratio": 0}, units={"loan_amount": "fen"}),
            "the scale of npl_ratio",
        ),
        (lambda rows: lp.appraise_all(profiles(), rows, workers=0, units=UNITS), "workers"),
        (
            lambda rows: lp.award_all(lp.appraise_all(profiles(), rows, units=UNITS), month=np.array([1])),
            "it has 1 rows",
        ),
    ],
    ids=["no card", "misspelt", "text", "scale", "workers", "short"],
)
def test_a_wrong_call_says_what_to_do(call: Callable[[dict[str, Any]], Any], said: str) -> None:
    """A slip in the call is an error, and no row pays for it."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        call(million())


def test_numbers_are_codes_of_payees_too() -> None:
    """Staff numbers are whole numbers in most tables; the bonus of 1001 is neither lost nor somebody else's."""
    card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    rows = {"payee": np.array([1001, 2]), "loan_amount(万元)": np.array([120, 80])}
    rows |= {"npl_ratio(%)": np.array([2, 3]), "retention_rate(%)": np.array([85, 80])}
    paid = lp.award_all(lp.appraise_all(card, rows), month=np.array([8_000, 6_500]), units={"month": "元"})
    none = lp.Accruals(through=card.period, lines=())

    assert ["1001", "2"] == [award.payee for award in paid] == paid.frame()["payee"].tolist()
    assert ["8169.60 CNY"] == [str(award.amount) for award in paid.of("1001")]
    assert {"2", "1001"} == {entry.payee for entry in lp.settle(lp.Ledger(), none, period=card.period, awards=paid)}
    with pytest.raises(lp.errors.UnknownPayeeError, match="'1002'; did you mean '1001'\\? known: 1001, 2"):
        paid.explain("1002")
    with pytest.raises(lp.errors.DataError, match="column payee: it holds float"):
        lp.appraise_all(card, rows | {"payee": np.array([1.0, 2.0])})
