"""Seals: records that were added to a stream at once -> a hash over them and over all that stands before them.

A seal is SHA-256 over the seal before, the name of the stream, the versions before and after, and the records, as
ASCII: JSON without spaces, an array of the lines of text; of entries that are kept as columns an object with an array
for each column of `Entries.table` in which there is a value, in order of name, days as ISO text. The key of a line is
among them where plan, loan and cohort do not make it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypeAlias

from attrs import evolve, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._ledger import Entries, Entry
from loanperf._ledger._ledger import line_of
from loanperf._ledger._tabled import is_keepable
from loanperf._numbers import Truth
from loanperf._tables._columns import EPOCH, Column, ColumnsBetween, Table, is_there
from loanperf._validators import must_be_storable
from loanperf.errors import DataError, Problem, StoreError, shown

Sealed: TypeAlias = Sequence[str] | Table
"""Lines of text, or the columns of entries."""
RESTORE_STREAM = Label(
    "restore the stream as it was, and see with loanperf verify that it fits", "请恢复原样，再用 loanperf verify 核对"
)


@frozen(eq=False, kw_only=True)
class Batch:
    """What was added to a stream at once, with the seal that was written then."""

    before: int
    """The version of the stream before it."""
    version: int
    """And after it."""
    seal: str
    """As it is kept: 64 hexadecimal digits."""
    records: Sealed
    """What is there now: lines of text, or a table as `Entries.table` gives it."""

    @property
    def count(self) -> int:
        """How many records are there now."""
        return self.records.rows if isinstance(self.records, Table) else len(self.records)


@frozen(kw_only=True)
class Head(PlainData):
    """How far a stream was, and the seal over all of it: what a host keeps elsewhere, to prove the stream against."""

    stream: str
    version: int
    seal: str

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Head:
        """The inverse of `data`.

        Raises:
            DataError: it is not what `data` returns.
        """
        match data:
            case {"stream": str(stream), "version": version, "seal": str(seal)} if type(version) is int and version > 0:
                must_be_storable("the stream of a head", stream, 200)
                must_be_storable("the seal of a head", seal, 200)
                return cls(stream=stream, version=version, seal=seal)
            case _:
                raise DataError("a head", f"it is {shown(data)}", "pass what Head.data() returned")


@frozen
class Misfit(PlainData):
    """One thing that does not fit what was kept."""

    where: Label
    fault: Label
    remedy: Label = RESTORE_STREAM

    @property
    def problem(self) -> Problem:
        """The same as a problem."""
        return Problem(self.where.en, self.fault.en, "", self.remedy.en)

    def text(self, language: Language = "en") -> str:
        """What to say: where, what and what to do. Languages are those of `Explanation.text`."""
        where, fault, remedy = (label.to(language) for label in (self.where, self.fault, self.remedy))
        return Label(f"{where}: {fault}; {remedy}", f"{where}：{fault}；{remedy}").to(language)

    def __str__(self) -> str:
        return self.text()


def must_fit(found: Iterable[Misfit]) -> None:
    """Refuse the first thing that does not fit.

    Raises:
        StoreError: there is one.
    """
    for misfit in found:
        raise StoreError(misfit.where.en, misfit.fault.en, misfit.remedy.en)


def kept_form(entries: Entries) -> Sealed:
    """Entries as stores keep and seal them: by columns, or as lines where an amount or a text does not go there."""
    columns = entries.exact
    if is_keepable(columns):
        return Table("entries", len(entries), columns)
    return tuple(map(_line_of, entries))


def must_be_appendable(stream: str, records: Iterable[str] | Entries) -> None:
    """Refuse, before anything is written, what not every store can keep: a stream has 1 to 200 characters.

    Raises:
        DataError: the name is too long or empty, or it or a record has signs that cannot be kept.
    """
    must_be_storable(f"stream {shown(stream)}", stream, 200)
    if isinstance(records, Entries):
        kept = kept_form(records)
        records = () if isinstance(kept, Table) else kept
    for record in records:
        must_be_storable(f"a record of {stream!r}", record)


def seal_of(before: str, stream: str, version: int, records: Sealed | Entries) -> str:
    """The seal of records that are added to a stream.

    Args:
        before: the seal of what was added last; empty for the first.
        stream: its name.
        version: before they are added.
        records: lines, entries, or a table of entries.

    >>> seal_of("", "pay/ledger", 0, ["one", "two"])[:8]
    'e864d705'
    """
    given = kept_form(records) if isinstance(records, Entries) else records
    count = given.rows if isinstance(given, Table) else len(given)
    found = sha256(_json([before, stream, version, version + count]))
    for part in _parts(given):
        found.update(part)
    return found.hexdigest()


def misfits(stream: str, batches: Iterable[Batch]) -> Iterator[Misfit]:
    """What of a stream does not fit its seals, in order."""
    version, seal = 0, ""
    for batch in batches:
        fault = _fault(stream, version, seal, batch)
        if fault is not None:
            yield Misfit(records_label(stream, version, max(batch.version, version + batch.count)), fault)
        version, seal = batch.version, batch.seal


def proven(stream: str, batches: Iterable[Batch], version: int = 0, seal: str = "") -> Iterator[Batch]:
    """The batches of a stream, each once it is clear that it fits its seal.

    Args:
        stream: its name.
        batches: in order.
        version: behind which they stand.
        seal: of what stands before them.

    Raises:
        StoreError: one does not.
    """
    for batch in batches:
        fault = _fault(stream, version, seal, batch)
        if fault is not None:
            where = records_label(stream, version, max(batch.version, version + batch.count))
            raise StoreError(where.en, fault.en, RESTORE_STREAM.en)
        version, seal = batch.version, batch.seal
        yield batch


def lines_proven(stream: str, batches: Iterable[Batch]) -> Iterator[str]:
    """The lines of a stream, once each batch is seen to fit its seal; of entries those that `Ledger.lines` gives.

    Raises:
        StoreError: one does not.
    """
    for batch in proven(stream, batches):
        if isinstance(batch.records, Table):
            yield from map(_line_of, Entries.read(batch.records))
        else:
            yield from batch.records


def unlike_heads(stream: str, version: int, marks: Mapping[int, str], heads: Iterable[Head]) -> Iterator[Misfit]:
    """What of a stream does not fit heads that were kept elsewhere.

    Args:
        stream: its name.
        version: how far it is.
        marks: its seals, by the version up to which each goes.
        heads: of any streams.
    """
    for head in heads:
        if head.stream != stream:
            continue
        where = records_label(stream, head.version - 1, head.version)
        if version < head.version:
            en = f"the stream ends at version {version}, and was at {head.version} when its head was kept"
            yield Misfit(where, Label(en, f"流水止于版本 {version}，留存封签时为 {head.version}"))
        elif marks.get(head.version) != head.seal:
            en = "its seal is not the one that was kept: something up to it was changed, and sealed anew"
            yield Misfit(where, Label(en, "封签与留存的不同：此前的内容被改动并重新封签"))


def _line_of(entry: Entry) -> str:
    return line_of("entry", entry.data())


def records_label(stream: str, before: int, version: int) -> Label:
    """What records of a stream are called."""
    first, last = before + 1, max(version, before + 1)
    en = f"record {first}" if first == last else f"records {first} to {last}"
    zh = f"第 {first} 条" if first == last else f"第 {first} 至 {last} 条"
    return Label(f"stream {stream!r}, {en}", f"流水 {stream!r} {zh}")


def _fault(stream: str, version: int, seal: str, batch: Batch) -> Label | None:
    """What is wrong with a batch that stands behind a version with a seal."""
    if not batch.seal and not batch.count:
        said = batch.version
        return Label(
            f"the stream is said to be at version {said} with another seal", f"流水称其版本为 {said}，封签不同"
        )
    if not batch.seal:
        return Label("nobody has sealed them", "没有封签")
    if batch.before != version or batch.version <= version:
        return Label("their versions do not follow on", "版本号不连续")
    if batch.count != batch.version - batch.before:
        there, sealed = batch.count, batch.version - batch.before
        return Label(f"there are {there}, and {sealed} were sealed", f"现有 {there} 条，封签时为 {sealed} 条")
    if seal_of(seal, stream, version, batch.records) != batch.seal:
        return Label("they are not what was sealed", "与封签时的内容不符")
    return None


# ── bytes ───────────────────────────────────────────────────────────────────────────────────────────────────


_ENCODER = json.JSONEncoder(separators=(",", ":"))


def _json(said: Any) -> bytes:
    return _ENCODER.encode(said).encode("ascii")


def _parts(records: Sealed) -> Iterator[bytes]:
    if not isinstance(records, Table):
        yield _json([*records])
        return
    low, cells = _written(records)
    sign = "{"
    for name, column in cells:
        texts = column.between(low, low + records.rows)
        if texts:
            yield f"{sign}{name}:[{','.join(texts)}]".encode("ascii")
            sign = ","
    yield b"}"


@frozen(eq=False)
class _Cells:
    """The values of a column as JSON has them, each by itself."""

    texts: Sequence[str]
    there: Truth
    """In which rows there is one."""

    @classmethod
    def of(cls, column: Column) -> _Cells:
        """Those of a column."""
        there = is_there(column)
        return cls(_texts(column, there) if there.any() else (), there)

    def between(self, low: int, high: int) -> Sequence[str]:
        """Those of some rows; none where no row has a value."""
        return self.texts[low:high] if self.there[low:high].any() else ()


@frozen(eq=False)
class _Written:
    """The cells of a part of a table, whose columns are in order of name."""

    low: int
    high: int
    cells: Sequence[tuple[str, _Cells]]


_AT_ONCE = 50_000
"""Rows of which cells are written at once, where a table has more and was sealed in small parts."""


def _written(table: Table) -> tuple[int, Iterable[tuple[str, _Cells]]]:
    """The cells among which those of a table stand, and where they begin."""
    part = table.columns
    if not isinstance(part, ColumnsBetween) or table.rows >= _AT_ONCE:
        return 0, _cells_of(part)
    known = part.memo.get("written")
    if not isinstance(known, _Written) or not known.low <= part.low <= part.high <= known.high:
        wide = evolve(part, high=part.low + _AT_ONCE)
        known = part.memo["written"] = _Written(part.low, part.low + _AT_ONCE, tuple(_cells_of(wide)))
    return part.low - known.low, known.cells


def _cells_of(columns: Mapping[str, Column]) -> Iterator[tuple[str, _Cells]]:
    """The cells of all columns, with their names as JSON, in order of name; each column when its turn comes."""
    given = dict(columns)
    if "line" in given and "plan" in given:
        codes = given["line"].values.copy()
        codes[given["plan"].values >= 0] = -1
        given["line"] = Column("text", codes, None, given["line"].words if (codes >= 0).any() else ())
    return ((_ENCODER.encode(name), _Cells.of(column)) for name, column in sorted(given.items()))


def is_empty(column: Column) -> bool:
    """Whether there is no value in a column of whole numbers, days or text."""
    if column.kind == "text":
        return bool((column.values < 0).all())
    return column.missing is not None and bool(column.missing.all())


def _texts(column: Column, there: Truth) -> list[str]:
    """The values of a column as JSON has them, null where there is none."""
    if column.kind == "text":
        words, codes = [*map(_ENCODER.encode, column.words), "null"], column.values.tolist()
        return [words[code] for code in codes]
    numbers = column.values.tolist()
    if column.kind == "day":
        known = {number: f'"{(EPOCH + timedelta(number)).isoformat()}"' for number in {*numbers}}
        return [*map(known.__getitem__, numbers)]
    texts = [*map(str, numbers)] if column.kind == "whole" else [*map(_ENCODER.encode, numbers)]
    return texts if there.all() else [text if has else "null" for text, has in zip(texts, there.tolist(), strict=True)]
