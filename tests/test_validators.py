"""Codes and reasons: nobody becomes another person by an unseen character, and nothing unseen is a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._explanations import because
from loanperf._validators import has_words, is_code, person_of
from loanperf.disputes import PayHold
from loanperf.reviews import Declined
from loanperf.viewer import Viewer

# Of Default_Ignorable_Code_Point in DerivedCoreProperties.txt of Unicode: the first and last of several ranges.
UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180f\u200b\u200f\u202a\u202e\u2060\u206f\u3164\ufe00\ufe0f\ufeff"
UNSEEN += "\uffa0\ufff0\U0001bca0\U0001d173\U000e0000\U000e0100\U000e0fff\u2800"


def declined(rater: str = "wu", why: str = "on leave") -> Declined:
    """An answer with a code of a person and a reason."""
    return Declined(ratee="lin", rater=rater, why=why, at="2026-07-02")


@pytest.mark.parametrize("sign", UNSEEN, ids=ascii)
def test_what_shows_nothing_makes_neither_another_person_nor_a_reason(sign: str) -> None:
    """`lin` and `lin` with U+034F look the same: the second would approve what the first asks for."""
    code = f"l{sign}in"
    with pytest.raises(lp.errors.DataError, match=r"Declined\.rater: it (has a character that shows nothing|is )"):
        declined(rater=code)
    with pytest.raises(lp.errors.DataError, match="a viewer: who is"):
        Viewer(who=code, sees="all")
    with pytest.raises(lp.errors.OrganisationError, match="its code is no code"):
        lp.Payee(code=code)
    with pytest.raises(lp.errors.DataError, match=r"Declined\.why: it is empty"):
        declined(why=f"{sign} \n{sign}")

    assert not is_code(code)
    assert person_of(code) == person_of("lin") == "lin"


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(UNSEEN + " "), max_size=12))
def test_who_a_code_means_is_the_same_once_more_and_has_nothing_unseen(code: str) -> None:
    """A fold of a fold is itself, and it says something where the code does."""
    folded = person_of(code)

    assert not {*folded} & {*UNSEEN, " "}
    assert person_of(f" {code}\u034f") == folded
    assert not has_words(code) or folded


@pytest.mark.parametrize("code", ["lin", "张 三", "E-01", "𠮷野", "e\u0301va"])
def test_visible_codes_stay_codes(code: str) -> None:
    """Chinese of the second plane, accents, and a blank within."""
    assert is_code(code)
    assert declined(rater=code).rater == code


@pytest.mark.parametrize(
    ("code", "other"), [("h r", "hr"), ("\uff28\uff32", "hr"), ("Straße", "STRASSE"), ("h\u3000r", "hr")]
)
def test_blanks_width_and_case_make_nobody_else(code: str, other: str) -> None:
    """However it is written, it is one person."""
    assert person_of(code) == person_of(other)


def test_a_reason_of_several_lines_is_one_line_of_an_explanation() -> None:
    """A new line in a reason would forge a line of the tree, and U+202E would turn round the figures after it."""
    forged = "late\n└─ paid: 900 CNY\u202e"
    said = because("award.calibrated", {"before": "B", "after": "A", "by": "chen", "at": "2026-04-02", "why": forged})
    hold = PayHold(loan="L1", why=forged, by="zhou", since="2026-04-02", until="2026-05-31")

    for text in (said.text(), said.text("zh"), hold.text.en, hold.text.zh):
        assert "late └─ paid: 900 CNY" in text
        assert len(text.splitlines()) == 1
        assert "\u202e" not in text
