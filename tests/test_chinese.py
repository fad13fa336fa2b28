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
FOREIGN = {
    "attempt to write a readonly database",
    "database is locked",
    "file is not a database",
    "unable to open database file",
    *(os.strerror(number) for number in errno.errorcode),
}
"""What SQLite and the operating system say, and users see."""
USAGE = re.compile("Invalid value|Missing (argument|command|option)|No such (command|option)|Option {}|Got unexpected")
"""How what typer says of wrong usage begins, in one of its versions."""
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
    """It is of a sentence, of one with words in its holes, of words in the source, or of another program."""
    said, source = sentences(), "\n".join(words_of_source())
    wider = re.compile(
        "|".join(re.escape(text).replace(r"\{\}", ".*") for text in said if len(holes(text)) and len(text) > 8)
    )
    lost = [
        english
        for english in catalogue()
        if english not in said
        and english not in FOREIGN
        and not USAGE.match(english)
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


def test_every_clause_comes_back_in_chinese_with_its_values() -> None:
    """What stands in the catalogue is found by its own words, whatever else is in there."""
    lost = []
    for english, chinese in catalogue().items():
        values = [f"'x{place}'" for place in range(len(holes(english)))]
        said = in_chinese(english.format(*values))
        thin = re.fullmatch(
            r"\{\} (and|or|in|of|on|at|to|by|for|from|with|is|are|has|have|else) \{\}.*|\{\} \{\} in \{\}", english
        )
        if said != chinese.format(*values) and not thin and "{}{}" not in english and not english.startswith("{}: "):
            lost.append((english, said))
    assert not lost


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("loans.csv row 3, column amount", "loans.csv 第 3 行，列 amount"),
        ("did you mean 'x'? known: a, b", "是否应为 'x'？已有：a、b"),
        ("'a', 'b' has 3 rows", "'a'、'b' 有 3 行"),
        ("they sum to 105%, 5% too much", "合计为 105%，多出 5%"),
        (
            "there is no column '起任日', and the column 'since' (开始日期) is missing",
            "没有列 '起任日'，且缺少列 'since' (开始日期)",
        ),
        ("the bound of 'x': 100 is 10000%", "'x' 的上下限：100 为 10000%"),
        ("the table 'events' is in events.csv and 事件.csv", "表 'events' 同时在 events.csv 和 事件.csv 中"),
        (
            "event HT-9 disbursed 2026-01-05: 30000.00 CNY (事件.csv row 10)",
            "业务事件 HT-9 放款 2026-01-05：30000.00 CNY（事件.csv 第 10 行）",
        ),
        ("2026-01 (1 month)", "2026-01（1 个月）"),
        ("2026-Q1 (3 months)", "2026-Q1（3 个月）"),
        ("Invalid value for '--lang': '--lang' is not spoken here", "选项 '--lang' 的值无效：不支持语言 '--lang'"),
        ("one x of the curve is in CNY", "曲线的一个 x 的单位为 CNY"),
        ("it cannot be read: magic bytes not found in footer", "无法读取：magic bytes not found in footer"),
    ],
)
def test_a_text_of_parts_is_said_part_by_part(english: str, chinese: str) -> None:
    """A place, a fault and what follows are put together where they are raised."""
    assert in_chinese(english) == chinese


@pytest.mark.parametrize(
    "text",
    [
        "events for March.csv",
        "Tom and Ann.csv",
        "Bank of China",
        "database is frobbed",
        "Either the file is corrupted or it is none",
        "{'en': 'outstanding', 'cn': 'x'}",
        "waiting",
        "a: b: c",
        "'it is empty'",
        "",
        "it is 'a\0b' in \1",
    ],
)
def test_what_is_not_ours_stays_as_it_is(text: str) -> None:
    """Names of files and codes, words of other programs, and values: somebody looks for them as they are."""
    assert in_chinese(text) == text


@pytest.mark.parametrize("part", ["a: ", "a in ", "a; ", "it is 'a' in ", "'", "{} ", "a and b, ", "it is in x, "])
def test_a_text_of_any_length_is_said(part: str) -> None:
    """A key of a scheme may have thousands of marks; the error that names it is said all the same."""
    for count in (400, 20_000):
        assert E.DataError("the scheme", f"it has {part * count}", "mend it").text("zh")


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


def test_the_units_that_are_known_are_named_in_chinese() -> None:
    """None of them is taken for a word of an English sentence."""
    with pytest.raises(E.QuantityError) as refused:
        lp.quantity("100万铢")
    said = refused.value.text("zh")
    assert "请使用 %、percent、" in said
    assert said.endswith("英镑之一，或 ISO 4217 币种代码，如 CNY")


def test_quoted_values_and_what_was_found_stay_as_they_are() -> None:
    """Somebody called “it is empty” is not translated."""
    problem = E.Problem("loan L1", "nobody is called 'it is empty'", "it is empty", "give zero or more")
    assert problem.text("zh") == "贷款 L1：nobody is called 'it is empty'（实际为 it is empty）；请填写不小于 0 的数值"


def test_an_unknown_sentence_stays_in_english() -> None:
    """A host raises errors of the library too, with words of its own."""
    assert E.DataError("the host", "zork frobs", "grumble").text("zh") == "host：zork frobs；grumble"


@pytest.mark.parametrize("language", ["fr", "", None, 7])
def test_a_language_that_is_not_spoken_is_refused(language: object) -> None:
    for one in (E.DataError("a", "b", "c"), E.Problem("a", "b", "", "c")):
        with pytest.raises(E.DataError, match="language"):
            one.text(language)  # type: ignore[arg-type]
