"""Given: the tables and their columns, one list for every reader; what sources are opened into, within limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from stat import S_ISREG
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import evolve, field, frozen

from loanperf._indicators import CATALOGUE, indicator
from loanperf._kinds import CURRENCY, KINDS, FactColumn, FactKind, TypeName
from loanperf.errors import DataError, Problem, shown

CellKind: TypeAlias = Literal[
    "code",
    "text",
    "day",
    "money",
    "currency",
    "currency code",
    "share",
    "number",
    "points",
    "days",
    "months",
    "truth",
    "word",
    "indicator",
    "value",
    "period",
]
"""How a cell is read; `CELL_KINDS` says what is accepted."""

CELL_KINDS: Mapping[CellKind, str] = MappingProxyType(
    {
        "code": "printable text that is the same in every file",
        "text": "printable text",
        "day": "`2026-03-31`, `2026-3-31`, `2026/3/31`, `20260331`, `2026年3月31日` or `2026-03-31 00:00:00`",
        "money": "`30万元`, `¥300000` or `300000 CNY`; a plain number beside a `currency` or under a unit",
        "currency": "ISO 4217 code, such as `CNY`",
        "currency code": "ISO 4217 code, such as `USD`",
        "share": "`60%`, `600‰`, `6000 bp` or `1/3`; a plain number where its column has a unit: `%`, `ratio` …",
        "number": "a plain number: `7.1`",
        "points": "`85`, `85分` or `85 point`",
        "days": "whole days, zero or more: `31` or `31 days`",
        "months": "whole months, one or more: `36` or `36 months`",
        "truth": "`true` or `false`, `yes` or `no`, `是` or `否`",
        "word": "one of the words below",
        "indicator": "code of an indicator, or the Chinese name of one in the catalogue",
        "value": "a quantity in the unit of the indicator: `100万元`, `3%`, `12`, `85 point`",
        "period": "`2026-03`, `2026-Q1`, `2026-H1` or `2026`; empty is the period that is worked",
    }
)


@frozen
class TableColumn:
    """What a column holds, and the headers by which it is known."""

    kind: CellKind
    zh: tuple[str, ...]
    """Chinese headers; the first is the one that is shown."""
    en: tuple[str, ...]
    """English headers besides its own name."""
    meaning: str
    required: bool = False
    words: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """What a cell may say, each with its Chinese forms."""


Columns: TypeAlias = Mapping[str, TableColumn]


def _heads(heads: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Chinese headings, and English ones."""
    parts = heads.split("|")
    return tuple(head for head in parts if not head.isascii()), tuple(head for head in parts if head.isascii())


def _must(kind: CellKind, heads: str, meaning: str) -> TableColumn:
    return TableColumn(kind, *_heads(heads), meaning, required=True)


def _may(kind: CellKind, heads: str, meaning: str) -> TableColumn:
    return TableColumn(kind, *_heads(heads), meaning)


def _column(column: FactColumn) -> TableColumn:
    """A column of facts as tables have it."""
    kind: CellKind = column.counts or _CELLS[column.type]
    return TableColumn(kind, column.zh, column.en, column.meaning, not column.optional, column.words)


def _columns_of(kind: FactKind) -> Columns:
    """The columns of a kind of facts, with the currency of plain amounts behind the amounts."""
    found: dict[str, TableColumn] = {}
    for name, column in kind.columns.items():
        found[name] = _column(column)
        if kind.money and name == kind.money[-1]:
            found["currency"] = _CURRENCY
    return MappingProxyType(found)


_CELLS: Mapping[TypeName, CellKind] = MappingProxyType(
    {
        **dict[TypeName, CellKind].fromkeys(("loan", "customer", "payee", "key", "code"), "code"),
        "text": "text",
        "word": "word",
        "currency": "currency code",
        "day": "day",
        "truth": "truth",
        "money": "money",
        "share": "share",
        "points": "points",
        "rate": "number",
    }
)
"""How a cell of each type of facts is read; whole numbers by what they count."""
INDICATORS: Mapping[str, str] = MappingProxyType({indicator(code).name.zh: code for code in CATALOGUE})
"""Codes of the catalogue by Chinese name."""

_CURRENCY = evolve(_column(CURRENCY), kind="currency")
_PAYEE, _UNTIL = (
    _column(KINDS[table].columns[name]) for table, name in (("trainings", "payee"), ("customers", "until"))
)
_PERIOD = _may("period", "考核周期|周期|考核期", "period that it is for; empty is the period that is worked")
_INDICATOR = _must("indicator", "指标|指标代码|指标名称|kpi|indicator code", "which indicator")

COLUMNS: Mapping[str, Columns] = MappingProxyType(
    {
        **{name: _columns_of(kind) for name, kind in KINDS.items()},
        "readings": {
            "payee": _PAYEE,
            "indicator": _INDICATOR,
            "value": _must(
                "value",
                "实际值|实绩|完成值|actual|actual value|reading",
                "what the indicator showed, used in place of what is measured",
            ),
            "period": _PERIOD,
        },
        "units": {
            "code": _must(
                "code", "机构编号|机构号|机构代码|unit|unit code|branch|branch code", "code of the branch or team"
            ),
            "name": _may("text", "机构名称|名称|unit name|branch name", "its name"),
            "parent": _may(
                "code",
                "上级机构|上级机构编号|上级机构号|parent unit|parent code",
                "code of the unit above; empty at the top",
            ),
            "since": _may(
                "day",
                "开始日期|起始日期|生效日期|start date|valid from|from date",
                "first day on which it holds; empty is from ever",
            ),
            "until": _UNTIL,
        },
        "payees": {
            "code": _must(
                "code", "员工编号|工号|员工号|payee|payee code|employee id|employee no|staff id", "code of the payee"
            ),
            "name": _may("text", "姓名|员工姓名|full name|employee name", "name to show"),
        },
        "assignments": {
            "payee": _PAYEE,
            "unit": _must("code", "机构编号|机构号|机构|所属机构|unit code|branch|branch code", "code of the unit"),
            "role": _must("code", "岗位|角色|岗位名称|职务|post|position|job role", "role, as the scheme names it"),
            "since": _must(
                "day",
                "开始日期|起始日期|生效日期|任职日期|任职开始日期|start date|valid from|from date",
                "first day on which it holds",
            ),
            "until": _UNTIL,
            "tier": _may("text", "职级|级别|grade|job grade", "grade of the post, as the scheme names it"),
            "product_line": _may("text", "产品线|条线|业务条线|business line", "as the scheme names it"),
            "salary": _may(
                "money", "月薪|工资|月工资|基本工资|monthly salary", "one month's salary, the base of a bonus in months"
            ),
            "base": _may(
                "money",
                "奖金基数|绩效基数|绩效奖金基数|bonus base",
                "what a bonus in shares is taken of, for a whole period",
            ),
            "primary": _may(
                "truth",
                "主岗|是否主岗|主职|是否主职|primary assignment|primary position|primary job|is primary",
                "whether it is the primary role of who holds several at once; no is one that is held beside it",
            ),
            "currency": _CURRENCY,
        },
        "targets": {
            "payee": _PAYEE,
            "indicator": _INDICATOR,
            "value": _must(
                "value", "目标值|目标|任务数|目标任务|target|target value", "what is to be reached in the whole period"
            ),
            "period": _PERIOD,
        },
    }
)
"""Every table, with its columns."""

TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **{name: kind.sheets for name, kind in KINDS.items()},
        "readings": ("实际值", "实绩"),
        "units": ("机构",),
        "payees": ("员工", "人员"),
        "assignments": ("任职", "岗位"),
        "targets": ("目标", "目标值"),
    }
)
"""The Chinese names by which a sheet of a workbook is known as a table."""


_MIB = 2**20


def _above_zero(_: object, attribute: Any, value: object) -> None:
    if type(value) is not int or value < 1:
        raise DataError(f"the limit {attribute.name}", f"it is {shown(value)}", "give a whole number above zero")


@frozen(kw_only=True)
class Limits:
    """The most that a table may hold: what goes beyond is refused before it is worked on.

    Raises:
        DataError: a limit that is no whole number above zero.
    """

    file_bytes: int = field(default=256 * _MIB, validator=_above_zero)
    """The size of a file, packed as it is."""
    unpacked_bytes: int = field(default=512 * _MIB, validator=_above_zero)
    """The size to which a workbook or Parquet file unfolds."""
    rows: int = field(default=2_000_000, validator=_above_zero)
    columns: int = field(default=16_384, validator=_above_zero)
    """As many as a sheet of Excel has."""
    cell_characters: int = field(default=10_000, validator=_above_zero)
    cells_a_byte: int = field(default=100, validator=_above_zero)
    """Cells for each byte of a Parquet file with more than 100,000 cells."""


LIMITS = Limits()
"""Those that hold where a host says nothing."""


def must_be_file(path: Path, limits: Limits) -> None:
    """Refuse a path that is no regular file, such as a link to a device, and a file that is too large."""
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(path.name, f"it cannot be read: {error.strerror}", "check the file and its rights") from None
    if not S_ISREG(found.st_mode):
        raise DataError(path.name, "it is no ordinary file, but a device, folder or pipe", "pass a file")
    if found.st_size > limits.file_bytes:
        fault = f"it is larger than {limits.file_bytes / _MIB:g} MiB"
        raise DataError(path.name, fault, "split it, or allow more in Python: Limits(file_bytes=...)")


@frozen(order=True)
class Place:
    """A row of a source."""

    source: str
    """File, sheet or table."""
    row: int
    """The number of the row as a spreadsheet counts; rows of data frames count from 0."""

    def __str__(self) -> str:
        return f"{self.source} row {self.row}"

    def problem(
        self, fault: str, found: str, remedy: str, *, column: str = "", payee: str = "", loan: str = ""
    ) -> Problem:
        """What is wrong with the row, or with a column of it; its payee and loan as far as they are known."""
        where = f"{self}, column {column}" if column else str(self)
        return Problem(where, fault, found, remedy, payee=payee, loan=loan, row=self.row, column=column)


@frozen
class Line:
    """The cells of one row, as the source has them."""

    place: Place
    cells: Sequence[object]


Given: TypeAlias = "Line | Problem"


@frozen(eq=False)
class Opened:
    """A source whose first row is read."""

    title: str
    """What it is called: `loans.csv`, `march.xlsx sheet 贷款`, `table loans`."""
    top: str
    """Where its headings stand."""
    headings: Sequence[str]
    rows: Iterator[Given]
    """Each row below, in order. Rows without any text may be among them."""
