"""Errors and problems in Chinese: every sentence that the source can say has one, in `messages.zh.toml`."""

import ast
import errno
import os
import re
import runpy
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import loanperf as lp
from loanperf._chinese import catalogue, in_chinese

E = lp.errors
ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "loanperf"
CHINESE = re.compile("[\u4e00-\u9fff]")
VALUES = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\{\{.*?\}\}|\([^)]*=[^)]*\)")
HALF_WIDTH = re.compile("[\u4e00-\u9fff][,;:!?]|[,;:!?] ?[\u4e00-\u9fff]")


@cache
def sentences() -> dict[str, str]:
    found: dict[str, str] = runpy.run_path(str(ROOT / "tools" / "messages.py"))["sentences"]()
    return found


def holes(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def test_every_sentence_has_its_chinese() -> None:
    """`python tools/messages.py` lists those that lack it; they are written in `src/loanperf/messages.zh.toml`."""
    said = sentences()
    assert len(said) > 3000, "the tool finds hardly any: it no longer follows the source"
    missing = {text: place for text, place in said.items() if text not in catalogue()}
    assert not missing


def test_no_chinese_is_left_of_what_nothing_says() -> None:
    """It is of a sentence, of one with words in its holes, of words in the source, or of the operating system."""
    said, source = sentences(), "\n".join(words_of_source())
    wider = re.compile(
        "|".join(re.escape(text).replace(r"\{\}", ".*") for text in said if len(holes(text)) and len(text) > 15)
    )
    system = {os.strerror(number) for number in errno.errorcode}
    lost = [
        english
        for english in catalogue()
        if english not in said
        and english not in system
        and not all(part.strip() in source for part, _, _, _ in string.Formatter().parse(english))
        and not wider.fullmatch(english)
    ]
    assert not lost


def words_of_source() -> Iterator[str]:
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_chinese_sentences_have_the_same_holes_and_full_width_marks() -> None:
    """A hole may be left out, such as the s of a plural, and none may be there twice or out of range."""
    for english, chinese in catalogue().items():
        asked, given = holes(english), holes(chinese)
        assert len(given) <= len(asked), english
        assert set(given) <= {"", *map(str, range(len(asked)))}, english
        assert not ("" in given and len(set(given)) > 1), f"all holes are numbered, or none: {english}"
        assert (
            CHINESE.search(chinese) or chinese == english or not re.search("[a-z]{3}", re.sub("the |for ", "", english))
        )
        assert not HALF_WIDTH.search(VALUES.sub("", chinese)), chinese


def test_every_sentence_is_found_by_its_own_words() -> None:
    """What is said with values in its holes comes back in Chinese with the same values."""
    for english, chinese in catalogue().items():
        if len(re.sub(r"\{\}|[^a-z]", "", english)) >= 12:
            values = [f"X{index}" for index in range(len(holes(english)))]
            found = in_chinese(english.format(*values))
            assert CHINESE.search(found) or not CHINESE.search(chinese), english
            assert [value for value in values if value not in found] == [
                value for value in values if value not in chinese.format(*values)
            ], english


SAID = (
    (
        E.DataError("loans.csv row 3", "it is empty", "give zero or more"),
        "loans.csv 第 3 行：为空；请填写不小于 0 的数值",
    ),
    (
        E.UnitError("the reading of 'npl_ratio'", "CNY", "%"),
        "'npl_ratio' 的完成值的单位为 CNY；应为 %",
    ),
)


@pytest.mark.parametrize(("error", "chinese"), SAID)
def test_an_error_says_the_same_in_chinese(error: lp.errors.LoanPerfError, chinese: str) -> None:
    assert error.text("zh") == chinese
    assert error.text() == error.text("en") == str(error)


def test_quoted_values_and_codes_stay_as_they_are() -> None:
    """Somebody called “it is empty” is not translated."""
    problem = E.Problem("loan L1", "nobody is called 'it is empty'; or so", "'it is empty'", "give zero or more")
    assert problem.text("zh").count("'it is empty'") == 2
    assert in_chinese("") == ""
    assert in_chinese("L-001") == "L-001"
    assert in_chinese("王芳") == "王芳"


def test_an_unknown_sentence_stays_in_english() -> None:
    """A host raises errors of the library too, with words of its own."""
    assert E.DataError("the host", "zork frobs", "grumble").text("zh") == "host：zork frobs；grumble"


@pytest.mark.parametrize("language", ["fr", "", None, 7])
def test_a_language_that_is_not_spoken_is_refused(language: object) -> None:
    for one in (E.DataError("a", "b", "c"), E.Problem("a", "b", "", "c")):
        with pytest.raises(E.DataError, match="language"):
            one.text(language)  # type: ignore[arg-type]
