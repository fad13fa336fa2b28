"""Codes and reasons: nobody becomes another person by an unseen character, and nothing unseen is a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._explanations import because
from loanperf._validators import has_words, is_among, is_code, is_same_person, must_be_themselves, person_of
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


@pytest.mark.parametrize("by", ["lin", "LIN", "l\u00adin", "\uff4c\uff49\uff4e", " lin"])
def test_who_speaks_for_themselves_may_be_written_otherwise(by: str) -> None:
    """One rule says who somebody is: who may not decide about themselves is who alone may speak for themselves."""
    assert is_same_person(by, "lin")
    assert is_among(by, ["wu", "lin"])
    must_be_themselves(by, "lin", "the result of lin")


def test_a_composed_and_a_decomposed_letter_are_one() -> None:
    """U+00E9 and e with U+0301 look the same, and are sent by one keyboard or another; `lin1` is somebody else."""
    must_be_themselves("\u00e9va", "e\u0301va", "the result of e\u0301va")
    with pytest.raises(lp.errors.DataError, match="the result of lin: lin1 would speak for lin; let lin do it"):
        must_be_themselves("lin1", "lin", "the result of lin")
    assert not is_among("lin1", ["lin", "wu"])


def test_a_reason_of_several_lines_is_one_line_of_an_explanation() -> None:
    """A new line in a reason would forge a line of the tree, and U+202E would turn round the figures after it."""
    forged = "late\n└─ paid: 900 CNY\u202e"
    said = because("award.calibrated", {"before": "B", "after": "A", "by": "chen", "at": "2026-04-02", "why": forged})
    hold = PayHold(loan="L1", why=forged, by="zhou", since="2026-04-02", until="2026-05-31")

    for text in (said.text(), said.text("zh"), hold.text.en, hold.text.zh):
        assert "late └─ paid: 900 CNY" in text
        assert len(text.splitlines()) == 1
        assert "\u202e" not in text
