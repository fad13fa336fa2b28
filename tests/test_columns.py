"""A host's arrays and frames are read as what they say; what a column cannot say exactly is refused, never cast."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._numbers import exact
from loanperf._tables._exact import decimals, in_64_bits, over
from loanperf._tables._frames import like
from loanperf._tables._values import packed_words
from loanperf._tables._words import code_of_word
from loanperf.tables import MISSING, Coded, Column, table_of


def read(given: Any) -> list[Any]:
    """What a column is read as."""
    column = table_of({"x": given}, "t")["x"]
    return [column.at(row) for row in range(len(column))]


def strided(values: Any) -> Any:
    """The same values, with others between them."""
    return np.repeat(np.array(values), 2)[::2]


def read_only(values: Any) -> Any:
    """An array that nobody may write to."""
    found = np.array(values)
    found.flags.writeable = False
    return found


# ── arrays ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("made", [np.array, strided, read_only, list, tuple], ids=lambda made: made.__name__)
def test_the_form_of_an_array_does_not_matter(made: Any) -> None:
    """A slice of a matrix or a read-only map of a file says the same as a fresh array."""
    days = np.array(["2026-03-01", "2026-03-02"], dtype="datetime64[D]")

    assert [-1, 2] == read(made([-1, 2]))
    assert [True, False] == read(made([True, False]))
    assert ["林", ""] == read(made(["林", ""]))
    assert [date(2026, 3, 1), date(2026, 3, 2)] == read(made(days) if made not in (list, tuple) else days)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f8", "U3", "M8[D]", "M8[us]"])
def test_every_width_and_order_of_bytes_is_read(kind: str, order: str) -> None:
    """A file of a mainframe is big-endian; a column of flags is one byte wide."""
    values = np.array([1, 100]).astype(kind if kind[0] in "iuf" else "i8")
    if kind[0] == "U":
        assert ["1", "100"] == read(values.astype(f"{order}U3"))
    elif kind[0] == "M":
        assert [date(1970, 1, 2), date(1970, 4, 11)] == read(values.astype("M8[D]").astype(f"{order}{kind}"))
    else:
        assert [1, 100] == read(values.astype(f"{order}{kind}"))


def test_columns_are_read_where_they_lie_and_cannot_be_written() -> None:
    """Ten million rows are not copied to be looked at, and nobody changes what was checked."""
    given = np.arange(3)
    column = table_of({"x": given}, "t")["x"]

    assert np.shares_memory(given, column.values)
    assert given.flags.writeable
    assert not column.values.flags.writeable


def test_what_is_missing_is_masked_null_or_no_time() -> None:
    """A mask says it of numbers, None of text, NaT of days; the value below a mask is nobody's business."""
    masked = np.ma.masked_array([1.5, 2.0], mask=[True, False])

    assert [None, 2] == read(masked)
    assert [None, 2] == read(np.ma.masked_array([1, 2], mask=[True, False]))
    assert [None, "b"] == read(np.ma.masked_array(["a", "b"], mask=[True, False]))
    assert [None, "b"] == read(np.array([None, "b"], dtype=object))
    assert [None, date(2026, 3, 1)] == read(np.array(["NaT", "2026-03-01"], dtype="datetime64[s]"))
    assert [None, "b"] == read(Coded(np.array([-1, 0], dtype=np.int8), ("b",)))


def test_text_is_read_from_every_kind_of_string() -> None:
    """Words in order of their first row, each once; more rows than one chunk."""
    many = np.array(["b", "a"] * 40_000)
    column = table_of({"x": many}, "t")["x"]

    assert ("b", "a") == column.words
    assert [0, 1] * 40_000 == column.values.tolist()
    assert ["b", "a", "b"] == read(np.array(["b", "a", "b"], dtype=np.dtypes.StringDType()))
    assert ["b", None] == read(np.array(["b", None], dtype=np.dtypes.StringDType(na_object=None)))
    assert ["b", "a"] == read(Coded(np.array([1, 0], dtype=np.uint8), ["a", "b"]))
    assert ["b", "a"] == read(Coded(np.array([1, 0], dtype=">i2"), ("a", "b")))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((2, 2)), "it has 2 dimensions; pass one value a row"),
        (np.int64(3), "it has 0 dimensions"),
        (np.array([1j]), "its type is complex128"),
        (np.array([b"x"]), "its type is |S1"),
        (np.array([1], dtype="m8[D]"), "its type is timedelta64"),
        (np.array([(1, 2)], dtype="i8,i8"), "its type is "),
        (np.array([1], dtype=np.float16), "float16, which holds whole numbers only up to 2**11; pass int64"),
        (np.array([1], dtype=np.float32), "float32, which holds whole numbers only up to 2**24; pass int64"),
        (np.array([1], dtype=np.longdouble), "its type is "),
        (np.array([1, 2**63], dtype=np.uint64), "the number in row 1 is beyond 64 bits"),
        (np.array(["a", 1.5, None], dtype=object), "row 1 holds 1.5; pass text or None"),
        (np.array(["a", ["b"]], dtype=object), "row 1 holds ['b']"),
        ([Decimal(1)], "row 0 holds Decimal('1')"),
        (np.array(["2026-03"], dtype="M8[M]"), "and that is no day; pass datetime64[D]"),
        (np.array(["NaT"], dtype="M8"), "and that is no day"),
        (np.array(["2026-03-01", "2026-03-01T09"], dtype="M8[h]"), "the day in row 1 has a time of day: 2026-03-01T09"),
        (Coded(np.array([0.0]), ("a",)), "its codes are no whole numbers"),
        (Coded(np.array([0, 1]), ("a",)), "its codes go from 0 to 1, and there are 1 words"),
        (Coded(np.array([-2]), ("a",)), "its codes go from -2 to -2"),
        (Coded(np.array([200], dtype=np.uint8), ("a",)), "its codes go from 200 to 200"),
        (Column("whole", np.array([1.5])), "a column of kind 'whole' holds float64"),
        (Column("whole", np.array([1], dtype=">i8")), "a column of kind 'whole' holds >i8"),
        (Column("day", np.zeros((1, 1), dtype=np.int64)), "it is no column of one dimension"),
        (Column("whole", np.array([1]), np.array([True, False])), "missing is not one truth a row"),
        (Column("whole", np.array([1]), None, (), 0), "its scale is 0"),
        (Column("text", np.array([1]), None, ("a",)), "its codes go from 1 to 1"),
        ("abc", "it is a str; pass an array"),
        ({"a": 1}, "it is a dict; pass an array"),
    ],
    ids=range(28),
)
def test_what_is_no_column_is_refused(given: Any, said: str) -> None:
    """It says which column, what it is, and what to pass."""
    with pytest.raises(lp.errors.DataError) as refused:
        table_of({"x": given}, "t")

    assert "column t.x" == refused.value.where
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"x": [1], "y": [1, 2]}, "table t: its columns have [1, 2] rows"),
        ([1, 2], "it is a list of builtins; pass a mapping of arrays"),
        (pd.Series([1]), "it is a Series of pandas"),
        (pl.Series([1]), "it is a Series of polars"),
        (pa.array([1]), "it is a Int64Array of pyarrow"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "it has two columns 'x'; rename one"),
        (pa.table([pa.array([1])] * 2, names=["x", "x"]), "it has two columns 'x'"),
        (duckdb.sql("select 1 as x, 2 as x"), "it has two columns 'x'"),
        (pd.DataFrame([["a", [1]]]), "column t.1: its type is list"),
    ],
    ids=range(9),
)
def test_what_is_no_table_is_refused(given: Any, said: str) -> None:
    """One column is no table, and of two columns of one name nobody knows which is meant."""
    with pytest.raises(lp.errors.DataError) as refused:
        table_of(given, "t")

    assert said in str(refused.value)


def test_an_unknown_column_of_a_table_is_named() -> None:
    """Whoever asks for a column learns which there are."""
    with pytest.raises(lp.errors.DataError, match="table t: it has no column 'z'; it has x, y"):
        table_of({"x": [1], "y": [2]}, "t")["z"]


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3), max_size=40))
def test_text_comes_back_as_it_was(words: list[str | None]) -> None:
    """Whatever is printed or not: codes and words say the same as the strings."""
    assert words == read(np.array(words, dtype=object))
    assert words == read(pa.array(words, type=pa.string()))
    assert words == read(pl.Series(words, dtype=pl.String))


# ── frames ──────────────────────────────────────────────────────────────────────────────────────────────────

DAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pa.array([1, None], type=pa.uint64()), [1, None]),
        (pa.array([1.0, None]), [1, None]),
        (pa.array([True, None]), [True, None]),
        (pa.array(["a", None], type=pa.large_string()), ["a", None]),
        (pa.array(["a", None], type=pa.string_view()), ["a", None]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
        (pa.DictionaryArray.from_arrays(pa.array([1, 0, 1]), pa.array(["a", None])), [None, "a", None]),
        (pa.DictionaryArray.from_arrays(pa.array([1, 0, 2]), pa.array(["a", "b", "a"])), ["b", "a", "a"]),
        (pa.DictionaryArray.from_arrays(pa.array([1, None]), pa.array([7, 8])), [8, None]),
        (pa.chunked_array([["a"], ["b", None], ["a"]]).dictionary_encode(), ["a", "b", None, "a"]),
        (pa.chunked_array([], type=pa.string()), []),
        (pa.chunked_array([], type=pa.int64()), []),
        (pa.RunEndEncodedArray.from_arrays([2, 3], [5, None]), [5, 5, None]),
        (pa.array([DAY, None]), [DAY, None]),
        (pa.array([DAY, None], type=pa.date64()), [DAY, None]),
        (pa.array([DAY, None]).cast(pa.timestamp("ns")), [DAY, None]),
        (pa.array([date(1969, 12, 31)]).cast(pa.timestamp("ms")), [date(1969, 12, 31)]),
        (pa.array([Decimal("-1.25"), None], type=pa.decimal128(5, 2)), [-125, None]),
        (pa.array([Decimal("1.25"), None, Decimal(3)], type=pa.decimal64(5, 2))[1:], [None, 300]),
        (pa.array([None, None]), [None, None]),
        (pl.Series(["a", None], dtype=pl.Categorical), ["a", None]),
        (pl.Series(["a", None], dtype=pl.Enum(["b", "a"])), ["a", None]),
        (pl.Series([Decimal("1.50"), None]), [150, None]),
        (pl.Series([DAY, None]), [DAY, None]),
        (pd.Series(["a", None]), ["a", None]),
        (pd.Series(["a", None], dtype=object), ["a", None]),
        (pd.Series(["a", None], dtype="category"), ["a", None]),
        (pd.Series([1, None], dtype="Int8"), [1, None]),
        (pd.Series([1, None], dtype="Float64"), [1, None]),
        (pd.Series([1, None], dtype="int64[pyarrow]"), [1, None]),
        (pd.Series([True, None], dtype="boolean"), [True, None]),
        (pd.Series([Decimal("1.25"), None]), [125, None]),
        (pd.Series([DAY, None]), [DAY, None]),
        (pd.Series(np.array(["2026-03-01", "NaT"], dtype="M8[us]")), [DAY, None]),
    ],
    ids=range(34),
)
def test_each_type_of_a_frame_is_read_as_what_it_says(given: Any, expected: list[Any]) -> None:
    """Dictionaries, chunks, nulls and runs are ways to store; decimals count their last place."""
    assert expected == read(given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (pa.array([Decimal(2**63)], type=pa.decimal128(38, 0)), "the number in row 0 is beyond 64 bits"),
        (pa.array([Decimal("1.5")], type=pa.decimal256(40, 1)), "its type is decimal256(40, 1); cast it to decimal"),
        (pa.array([1.5], type=pa.float32()), "float32, which holds whole numbers only up to 2**24"),
        (pa.array([b"x"]), "its type is binary"),
        (pa.array([[1]]), "its type is list<item: int64>"),
        (pa.array([time(9)]), "its type is time64[us]"),
        (pa.array([timedelta(1)]), "its type is duration[us]"),
        (pa.array([datetime(2026, 3, 1, tzinfo=UTC)]), "such a moment falls on different days in different zones"),
        (pa.array([np.datetime64("2026-03-01T09", "s")]), "the day in row 0 has a time of day: 2026-03-01 09:00:00"),
        (pl.Series([2**64], dtype=pl.Int128), "Arrow cannot read its type, Int128"),
        (pl.Series([[1]]), "its type is large_list"),
        (pd.Series([1.5, None], dtype=object), "it holds floats as Python objects; call convert_dtypes()"),
        (pd.Series([1, "a"], dtype=object), "Arrow cannot read its type, Object"),
        (pd.Series(pd.to_datetime(["2026-03-01"]).tz_localize("Asia/Shanghai")), "tz=Asia/Shanghai"),
        (pd.Series(pd.period_range("2026-03", periods=1, freq="M")), "column t.x"),
    ],
    ids=range(15),
)
def test_what_a_frame_cannot_say_exactly_is_refused(given: Any, said: str) -> None:
    """A cast would lose something without a word."""
    with pytest.raises(lp.errors.DataError) as refused:
        table_of({"x": given}, "t")

    assert said in str(refused.value)


class Speaker:
    """A table of a library that nobody has heard of, and that speaks Arrow."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """As PyArrow does."""
        return pa.table({"x": [1]}).__arrow_c_stream__(requested_schema)


def test_a_frame_of_any_library_that_speaks_arrow_is_read() -> None:
    """There will be others than those that are known today."""
    table = table_of(Speaker(), "t")

    assert (1, "pyarrow") == (table["x"].at(0), table.came_as)


COLUMNS = {
    "whole": np.ma.masked_array([1, MISSING, 3, 2**62], mask=[False, False, True, False]),
    "truth": np.ma.masked_array([True, False, True, True], mask=[False, True, False, False]),
    "day": np.array(["2026-03-01", "NaT", "1969-12-31", "2026-03-02"], dtype="datetime64[D]"),
    "text": np.array(["林", None, "", "a"], dtype=object),
}
EXPECTED = {
    "whole": [1, None, None, 2**62],
    "truth": [True, None, True, True],
    "day": [date(2026, 3, 1), None, date(1969, 12, 31), date(2026, 3, 2)],
    "text": ["林", None, "", "a"],
}


def relation(columns: dict[str, Any]) -> duckdb.DuckDBPyRelation:
    """A relation of DuckDB."""
    return duckdb.from_arrow(pa.table(columns))


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (dict, dict),
        (lambda columns: pd.DataFrame({name: pd.array(cells) for name, cells in columns.items()}), pd.DataFrame),
        (pl.DataFrame, pl.DataFrame),
        (pa.table, pa.Table),
        (relation, duckdb.DuckDBPyRelation),
    ],
    ids=["arrays", "pandas", "polars", "pyarrow", "duckdb"],
)
def test_columns_come_back_as_the_kind_that_came(made: Any, kind: type) -> None:
    """Results go on in the library of the host, and what is missing stays missing."""
    columns = table_of(COLUMNS, "t").columns
    came_as = table_of(made({"x": [1]}), "t").came_as
    found = like(came_as, columns)
    table = table_of(found, "t")

    assert isinstance(found, kind)
    assert EXPECTED == {name: [table[name].at(row) for row in range(4)] for name in table}
    assert {"text": "text", "day": "day", "truth": "truth", "whole": "whole"} == {
        name: table[name].kind for name in reversed([*table])
    }


def test_results_of_no_rows_come_back_too() -> None:
    """An empty branch is no special case."""
    columns = {name: column.rows(slice(0, 0)) for name, column in table_of(COLUMNS, "t").columns.items()}

    assert 0 == like("polars", columns).height == len(like("pandas", columns)) == like("pyarrow", columns).num_rows
    assert [0, 0, 0, 0] == [len(cells) for cells in like("arrays", columns).values()]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the extra were not installed."""
    for name in ("narwhals", "pyarrow"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("given", [pd.DataFrame({"x": [1]}), pl.DataFrame({"x": [1]}), {"x": pl.Series([1])}])
def test_a_frame_without_the_extra_says_what_to_install(given: Any) -> None:
    """Arrays need nothing but numpy; frames need narwhals and PyArrow."""
    assert [1] == read(np.array([1]))
    with pytest.raises(lp.errors.MissingExtraError, match=r'python -m pip install "loanperf\[tables\]"'):
        table_of(given, "t")


# ── words ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.text(max_size=3), unique=True, min_size=256, max_size=300), st.text(max_size=3))
def test_many_words_in_one_text_are_those_words(words: list[str], other: str) -> None:
    """They take little room, and are read, found and sliced as a tuple is; one inside another is not found in it."""
    found = packed_words(words)

    assert (words, len(words)) == ([*found], len(found))
    assert words == [found[place] for place in range(len(words))]
    assert (words[-1], words[3:9]) == (found[-1], [*found[3:9]])
    assert [*range(len(words))] == [code_of_word(found, word) for word in words]
    assert (other in words) == (other in found)
    with pytest.raises(IndexError):
        found[len(words)]


def test_few_words_are_a_tuple() -> None:
    """Products and segments are read more often than they are many."""
    assert ("a", "b") == packed_words(["a", "b"])


# ── exact numbers ───────────────────────────────────────────────────────────────────────────────────────────

EDGES = st.sampled_from(
    [sign * (bound + step) for bound in (2**53, 2**62, 2**63) for step in (-1, 0, 1) for sign in (1, -1)]
)
NUMBERS = st.one_of(st.integers(-20, 20), EDGES, st.fractions(max_denominator=60), st.integers(-(2**70), 2**70))
UNITS = st.sampled_from([1, 3, 100, 3100, 2**62, 2**70])


@given(st.lists(NUMBERS), UNITS)
def test_exact_numbers_keep_their_value_in_64_bits_or_are_beyond(numbers: list[int | Fraction], below: int) -> None:
    """A column of results has the number itself, in units that it states, and nothing where it does not fit."""
    column = in_64_bits(exact(map(Fraction, numbers)), below)
    for row, number in enumerate(numbers):
        value, scale = column.at(row), column.scale or 1
        assert value is None or Fraction(int(str(value)), scale) == Fraction(number) / below
        if value is None:
            assert column.beyond is not None
            assert column.beyond[row]
            assert (Fraction(number) / below * scale).denominator > 1 or abs(Fraction(number) / below * scale) >= 2**63


@given(st.lists(st.tuples(NUMBERS, NUMBERS)), UNITS, UNITS)
def test_a_quotient_of_two_columns_is_that_of_their_numbers(
    pairs: list[tuple[int | Fraction, int | Fraction]], below: int, under: int
) -> None:
    """Fen over fen and days: brought together without losing a bit, and shown in a chart as the nearest decimal."""
    tops, bottoms = (exact(Fraction(pair[place]) for pair in pairs) for place in (0, 1))
    top, bottom = over(in_64_bits(tops, below), in_64_bits(bottoms, under))
    shown = decimals(tops, below, bottoms, under)
    for row, (one, other) in enumerate(pairs):
        if other:
            wanted = Fraction(one) / below / (Fraction(other) / under)
            assert float(wanted) == shown.values[row]
            above, beneath = top.at(row), bottom.at(row)
            assert (above is None) == (beneath is None)
            if above is not None:
                assert wanted == Fraction(int(str(above)), int(str(beneath))) / (top.scale or 1)
        else:
            assert shown.at(row) is None


def test_nothing_over_a_large_denominator_is_shown() -> None:
    """Of a payee without a fact a share of many digits is missing, and a sum of them is zero."""
    nothing = np.zeros(2, dtype=np.int64)

    assert [0.0, 0.0] == decimals(nothing, 10**30, None, 1).values.tolist()
    for below, under in ((10**30, 1), (1, 10**30), (10**30, 10**30)):
        missing = decimals(nothing, below, nothing, under).missing
        assert missing is not None
        assert [True, True] == missing.tolist()
