"""Frames: any data frame -> columns, and columns -> the same kind of data frame. The door of narwhals and pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from loanperf._numbers import Truth
from loanperf._tables._columns import MISSING, CameAs, Column, frozen_array, read_column
from loanperf.errors import DataError, MissingExtraError, shown

_TICKS = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
"""Units of a timestamp in one day."""
_SPLIT = "split it, or allow more by the limits of the table"
_FEW_CELLS = 100_000
"""How many cells a Parquet file may have, however small the file is."""
_BATCH_ROWS = 2**17
"""How many rows of a Parquet file are read in one step."""
_OF_HOSTS = ("pandas", "polars", "duckdb")
"""Packages of data frames that no extra brings."""
_REMEDY = "pass whole numbers, decimals, truths, days or text; amounts as smallest units or decimals"


def extra(name: str) -> Any:
    """A package of the extra `tables`, or one that a host's own frame came from."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError("" if name in _OF_HOSTS else "tables", name) from error


def kind_of(given: Any) -> CameAs:
    """What kind of table it is; one of another library that speaks Arrow counts as PyArrow's."""
    if isinstance(given, Mapping):
        return "arrays"
    kind = type(given)
    package = kind.__module__.split(".")[0].lstrip("_")
    alone = not hasattr(kind, "schema") if package == "pyarrow" else hasattr(kind, "dtype")
    if not alone:
        match package:
            case "pandas" | "polars" | "pyarrow" | "duckdb":
                return package
            case _ if hasattr(given, "__arrow_c_stream__"):
                return "pyarrow"
            case _:
                pass
    remedy = "pass a mapping of arrays, or a frame of pandas, Polars, PyArrow or DuckDB; of lp.Readings its table()"
    raise DataError("a table", f"it is a {kind.__name__} of {package}", remedy)


def columns_from(given: Any, what: str) -> dict[str, Column]:
    """The columns of a data frame; a number beyond 64 bits is left to the reader, in `beyond`."""
    frame = _eager(given, what)
    return {str(name): _of_series(frame.get_column(name), f"{what}.{name}") for name in frame.columns}


def _eager(given: Any, what: str) -> Any:
    """A data frame as one of narwhals that is in memory, its columns each of its own name."""
    arrow, narwhals = extra("pyarrow"), extra("narwhals")
    if isinstance(given, arrow.RecordBatch):
        given = arrow.Table.from_batches([given])
    # Those of Polars have columns of different names.
    named = given.columns if kind_of(given) in ("pandas", "duckdb") else getattr(given, "column_names", ())
    names = [*map(str, named)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"table {what}", f"it has two columns {twice[0]!r}", "rename one")
    frame = narwhals.from_native(given, pass_through=True)
    if frame is given:  # a library that narwhals does not know, and that speaks Arrow
        frame = narwhals.from_native(arrow.table(given))
    if isinstance(frame, narwhals.LazyFrame):
        frame = frame.collect(backend="pyarrow")
    return frame


def values_from(given: Any, what: str, rows: int) -> tuple[tuple[str, ...], Iterator[list[list[Any]]]]:
    """The names of the columns of a data frame, and the values of each, some rows at a time, as Python's own.

    Args:
        given: a data frame of any kind, or a mapping of lists.
        what: what to call it in errors.
        rows: at a time, at most.
    """
    if kind_of(given) == "arrays":
        lengths = {len(values) for values in given.values()}
        if len(lengths) > 1:
            raise DataError(f"table {what}", f"its columns have {sorted(lengths)} rows", "give columns of one length")
        starts = range(0, max(lengths, default=0), rows)
        parts = ([[*map(_own, values[start : start + rows])] for values in given.values()] for start in starts)
        return tuple(map(str, given)), parts
    frame = _eager(given, what)
    return tuple(map(str, frame.columns)), _parts_of(frame, what, rows)


def _parts_of(frame: Any, what: str, rows: int) -> Iterator[list[list[Any]]]:
    for start in range(0, len(frame), rows):
        part = frame[start : start + rows]
        yield [_values(part.get_column(name), f"{what}.{name}") for name in frame.columns]


def _values(series: Any, where: str) -> list[Any]:
    """The values of a column as Python's own, None where there is none; NaN stays where it is no null."""
    try:
        pairs = zip(series.to_list(), series.is_null().to_list(), strict=True)
        return [None if gone else _own(value) for value, gone in pairs]
    except (extra("pyarrow").ArrowException, OverflowError, ValueError) as error:
        fault = f"its values cannot be read: {str(error).splitlines()[0]}"
        raise DataError(f"column {where}", fault, "cast it to text, whole numbers, decimals or days") from error


def _own(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def values_from_parquet(
    path: str, what: str, rows: int, most: tuple[int, int, int]
) -> tuple[tuple[str, ...], Iterator[list[list[Any]]]]:
    """As `values_from`, of a Parquet file, of which only some rows are in memory at a time.

    Args:
        path: of the file.
        what: what to call it in errors.
        rows: at a time, at most.
        most: bytes that it unfolds to, cells for one byte of it, characters of a cell.
    """
    arrow, parquet = extra("pyarrow"), extra("pyarrow.parquet")
    try:
        file = parquet.ParquetFile(path)
        _must_unfold_within(file.metadata, Path(path).stat().st_size, what, most)
        texts = [
            name
            for name, kind in zip(file.schema_arrow.names, file.schema_arrow.types, strict=True)
            if _is_text(arrow.types, kind)
        ]
        # One long text may stand in every row: read as words and codes, it is measured before it is laid out.
        file = parquet.ParquetFile(path, read_dictionary=texts)
    except (arrow.ArrowException, OSError) as error:
        raise DataError(what, f"it is no Parquet file: {str(error).splitlines()[0]}", "write it again") from error
    names = tuple(file.schema_arrow.names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(what, f"it has two columns {twice[0]!r}", "rename one")
    return names, _parquet_parts(file, what, rows, most[2])


def _must_unfold_within(metadata: Any, size: int, what: str, most: tuple[int, int, int]) -> None:
    """Refuse a file of which a few bytes become many rows, or that unfolds to more than the limit."""
    unpacked = sum(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
    cells = metadata.num_rows * metadata.num_columns
    if unpacked > most[0]:
        raise DataError(what, f"it would unfold to {unpacked} bytes, and {most[0]} are the most", _SPLIT)
    if cells > max(_FEW_CELLS, size * most[1]):
        fault = f"its {size} bytes would unfold to {cells} cells, and {most[1]} a byte are the most"
        raise DataError(what, fault, "check where it comes from: it may be made to do harm")


def _must_be_short(batch: Any, what: str, longest: int) -> None:
    """Refuse a batch of which a word is too long."""
    arrow, compute = extra("pyarrow"), extra("pyarrow.compute")
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if arrow.types.is_dictionary(column.type) and _is_text(arrow.types, column.type.value_type):
            length = compute.max(compute.utf8_length(column.dictionary)).as_py() or 0
            if length > longest:
                fault = f"a cell of column {name!r} has {length} characters, and {longest} are the most"
                raise DataError(what, fault, "check that the file is not damaged")


def _parquet_parts(file: Any, what: str, rows: int, longest: int) -> Iterator[list[list[Any]]]:
    arrow, narwhals = extra("pyarrow"), extra("narwhals")
    try:
        for batch in file.iter_batches(batch_size=rows):
            _must_be_short(batch, what, longest)
            yield from _parts_of(narwhals.from_native(arrow.Table.from_batches([batch])), what, rows)
    except (arrow.ArrowException, OSError) as error:
        raise DataError(what, f"it is damaged: {str(error).splitlines()[0]}", "write it again") from error
    finally:
        file.close()


def frame_like(kind: CameAs, columns: Mapping[str, tuple[Literal["text", "whole", "day"] | int, Sequence[Any]]]) -> Any:
    """Lists of Python's own values as the kind of table that came; of arrays it is a mapping of lists.

    Args:
        kind: of the table.
        columns: what each holds, and its values, None where there is none; a number is that of the places of decimals,
            which are decimal128 of 38 digits.
    """
    if kind == "arrays":
        return {name: list(values) for name, (_, values) in columns.items()}
    arrow = extra("pyarrow")
    types = {"text": arrow.string(), "whole": arrow.int64(), "day": arrow.date32()}
    arrays = {}
    for name, (what, values) in columns.items():
        try:
            arrays[name] = arrow.array(values, arrow.decimal128(38, what) if isinstance(what, int) else types[what])
        except (arrow.ArrowException, OverflowError) as error:
            raise DataError(f"column {name}", str(error).splitlines()[0], "leave out the row") from error
    return _as_kind(kind, arrow.table(arrays))


def column_from(given: Any, where: str) -> Column:
    """The column that one series of pandas or Polars, or one array of Arrow, holds."""
    arrow = extra("pyarrow")
    if isinstance(given, (arrow.Array, arrow.ChunkedArray)):
        return from_arrow(given, where)
    try:
        series = extra("narwhals").from_native(given, series_only=True)
    except TypeError as error:
        raise DataError(
            f"column {where}", f"it is a {type(given).__name__}", "pass an array of one dimension"
        ) from error
    return _of_series(series, where)


def _of_series(series: Any, where: str) -> Column:
    arrow = extra("pyarrow")
    if series.implementation.is_pandas() and isinstance(series.to_native().dtype, np.dtype):
        values = series.to_native().to_numpy()
        if values.dtype.kind != "O":
            # Arrow would read NaN as missing; it may as well be a slip, so it is left for the check to find.
            return read_column(values, where)
    try:
        found = series.to_arrow()
    except (arrow.ArrowException, TypeError, ValueError) as error:
        fault = f"Arrow cannot read its type, {series.dtype}: {str(error).splitlines()[0]}"
        raise DataError(f"column {where}", fault, _REMEDY) from error
    if series.implementation.is_pandas() and str(series.dtype) == "Object" and arrow.types.is_floating(found.type):
        raise DataError(f"column {where}", "it holds floats as Python objects", "call convert_dtypes() on the frame")
    return from_arrow(found, where)


def from_arrow(values: Any, where: str) -> Column:
    """A column from an array of Arrow; a number beyond 64 bits is left to the reader, in `beyond`."""
    arrow = extra("pyarrow")
    kinds, found = arrow.types, values.type
    if _is_text(kinds, found):
        values = values.cast(arrow.large_string())
    if isinstance(values, arrow.ChunkedArray):
        values = values.combine_chunks()
    if kinds.is_run_end_encoded(found):
        return from_arrow(extra("pyarrow.compute").run_end_decode(values), where)
    if kinds.is_dictionary(found):
        if not _is_text(kinds, found.value_type) and not kinds.is_null(found.value_type):
            return from_arrow(values.dictionary_decode(), where)
        return _text(values, where)
    if _is_text(kinds, found):
        return _text(values.dictionary_encode(), where)
    return _of_numbers(values, where, arrow)


def _is_text(kinds: Any, found: Any) -> bool:
    return bool(kinds.is_string(found) or kinds.is_large_string(found) or kinds.is_string_view(found))


def _of_numbers(values: Any, where: str, arrow: Any) -> Column:
    kinds, found = arrow.types, values.type
    missing = frozen_array(values.is_null().to_numpy(zero_copy_only=False)) if values.null_count else None
    if kinds.is_null(found):
        return Column("whole", np.zeros(len(values), dtype=np.int64), np.ones(len(values), dtype=np.bool_))
    if kinds.is_boolean(found):
        return Column("truth", values.fill_null(fill_value=False).to_numpy(zero_copy_only=False), missing)
    if kinds.is_integer(found) or kinds.is_floating(found):
        filled = (values.fill_null(0) if missing is not None else values).to_numpy(zero_copy_only=False)
        return _with_missing(read_column(filled, where), missing)
    if kinds.is_decimal(found) and found.scale >= 0 and found.precision <= 38:
        return _decimals(values.cast(arrow.decimal128(38, found.scale)), missing)
    if kinds.is_date(found) or kinds.is_timestamp(found):
        return Column("day", frozen_array(_days(values, where, arrow)), missing)
    remedy = "cast it to decimal(38, …) of its scale" if kinds.is_decimal(found) else _REMEDY
    raise DataError(f"column {where}", f"its type is {found}", remedy)


def _with_missing(column: Column, missing: Truth | None) -> Column:
    """A column with the nulls of Arrow besides its own."""
    if missing is None:
        return column
    return evolve(column, missing=missing if column.missing is None else column.missing | missing)


def _text(encoded: Any, where: str) -> Column:
    codes = encoded.indices.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False)
    try:
        words = encoded.dictionary.to_pylist()
    except UnicodeDecodeError as error:
        raise DataError(
            f"column {where}", f"its text is no UTF-8: {error}", "read it anew by its own encoding"
        ) from error
    if None in words:
        codes = np.array([-1 if word is None else place for place, word in enumerate(words)] + [-1])[codes]
    return Column("text", frozen_array(codes.astype(np.int32)), None, tuple(word or "" for word in words))


def _decimals(values: Any, missing: Truth | None) -> Column:
    """The digits of decimals as whole numbers, read where they lie; without places they are like integers."""
    filled = values.fill_null(0) if values.null_count else values
    pairs = np.frombuffer(filled.buffers()[1] or b"", dtype="<i8")[2 * filled.offset :][: 2 * len(filled)]
    low, high = pairs.reshape(-1, 2).T
    beyond: Truth = high != (low >> 63)
    scale = 10**values.type.scale if values.type.scale else None
    if not beyond.any():
        return Column("whole", frozen_array(low.astype(np.int64)), missing, (), scale, None, scale is not None)
    gone = beyond if missing is None else beyond | missing
    return Column("whole", frozen_array(np.where(beyond, 0, low)), gone, (), scale, beyond, scale is not None)


def _days(values: Any, where: str, arrow: Any) -> NDArray[np.int64]:
    """Days since 1970-01-01; 0 where there is none."""
    found = values.type
    if arrow.types.is_timestamp(found) and found.tz is not None:
        fault = f"its type is {found}, and such a moment falls on different days in different zones"
        raise DataError(f"column {where}", fault, "pass dates, in the zone in which days count")
    if arrow.types.is_date32(found):
        days: NDArray[np.int32] = values.cast(arrow.int32()).fill_null(0).to_numpy(zero_copy_only=False)
        return days.astype(np.int64)
    ticks = values.cast(arrow.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    a_day = _TICKS["ms"] if arrow.types.is_date64(found) else _TICKS[found.unit]
    numbers, rest = np.divmod(ticks, a_day)
    if rest.any():
        row = int((rest != 0).argmax())
        fault = f"the day in row {row} has a time of day: {values[row]}"
        raise DataError(f"column {where}", fault, "pass dates, in the zone in which days count")
    return np.asarray(numbers, dtype=np.int64)


def batches_from(source: Any, columns: Sequence[str] | None, rows: int) -> Iterator[Any]:
    """The record batches of a path, a Dataset, a ParquetFile, a table or a reader of PyArrow, few at a time."""
    arrow = extra("pyarrow")
    wanted = None if columns is None else [*columns]
    try:
        if isinstance(source, str):
            if (path := Path(source)).exists() and not (path.is_file() or path.is_dir()):
                raise DataError(path.name, "it is no ordinary file, but a device or pipe", "pass a file or a folder")
            source = extra("pyarrow.dataset").dataset(source, format="parquet")
        if hasattr(source, "iter_batches"):
            yield from source.iter_batches(batch_size=rows, columns=wanted)
        elif hasattr(source, "scanner"):
            few: dict[str, int] = {"batch_readahead": 1, "fragment_readahead": 1}
            yield from source.scanner(columns=wanted, batch_size=rows, **few).to_batches()
        else:
            yield from source.to_batches(max_chunksize=rows)
    except FileNotFoundError as error:
        raise DataError(f"the file {source}", "there is none", "check the path") from error
    except (arrow.ArrowException, OSError) as error:
        remedy = "check the file and its columns; CSV and workbooks are read by loanperf.adapters.tables.Tables"
        raise DataError("a Parquet file", str(error).splitlines()[0], remedy) from error


def table_from_parquet(path: str) -> Any:
    """A table of PyArrow with what a Parquet file holds, or a folder of them."""
    batches = [*batches_from(path, None, _BATCH_ROWS)]
    arrow = extra("pyarrow")
    return arrow.Table.from_batches(batches) if batches else extra("pyarrow.dataset").dataset(path).to_table()


# ── back to the kind that came ──────────────────────────────────────────────────────────────────────────────


def like(kind: CameAs, columns: Mapping[str, Column]) -> Any:
    """Columns as the kind of table that came; whole numbers that are `MISSING` are missing.

    Of arrays it is a mapping of numpy arrays, masked where something is missing; of pandas a frame of Arrow's types; of
    PyArrow a Table; of DuckDB a relation. Text is text, never a category.
    """
    if kind not in (kinds := get_args(CameAs)):
        raise DataError("a data frame", f"there is no kind {shown(kind)}", f"use one of {', '.join(kinds)}")
    if kind == "arrays":
        return {name: _array(column) for name, column in columns.items()}
    arrow = extra("pyarrow")
    table = arrow.table({name: _arrow(column, arrow) for name, column in columns.items()})
    return _as_kind(kind, table)


def _as_kind(kind: Literal["pandas", "polars", "pyarrow", "duckdb"], table: Any) -> Any:
    match kind:
        case "pyarrow":
            return table
        case "polars":
            return extra("polars").from_arrow(table)
        case "pandas":
            return table.to_pandas(types_mapper=extra("pandas").ArrowDtype)
        case "duckdb":
            return extra("duckdb").from_arrow(table)


def _missing(column: Column) -> Truth | None:
    """Where nothing is to be shown."""
    if column.kind == "text":
        gone: Truth = column.values < 0
    elif column.kind == "whole":
        gone = column.values == MISSING
    else:
        return column.missing
    gone = gone if column.missing is None else gone | column.missing
    return gone if gone.any() else None


def _array(column: Column) -> Any:
    """An array of its own; text as words, and masked where something is missing."""
    gone, values = _missing(column), column.values
    if column.kind == "text":
        values = np.array([*column.words, ""], dtype=np.str_)[values]
    elif column.kind == "day":
        values = values.astype("datetime64[D]")
    else:
        values = values.copy()
    return values if gone is None else np.ma.masked_array(values, mask=gone.copy())


def _arrow(column: Column, arrow: Any) -> Any:
    gone, values = _missing(column), column.values
    if column.kind == "text":
        codes = arrow.array(values, mask=gone)
        words = arrow.array(list(column.words), type=arrow.large_string())
        return arrow.DictionaryArray.from_arrays(codes, words).dictionary_decode()
    return arrow.array(values.astype("datetime64[D]") if column.kind == "day" else values, mask=gone)
