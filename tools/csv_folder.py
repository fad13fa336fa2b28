"""Write the reference page of tables, docs/reference/csv-folder.md, from the columns that read them."""

from collections.abc import Mapping
from pathlib import Path

from loanperf.adapters.tables import CELL_KINDS, COLUMNS, TABLES, TableColumn

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "csv-folder.md"
HEAD = """\
# Tables and their columns

`loanperf.adapters.tables` reads facts, readings, people and targets from tables: `Folder` from a folder of files,
`Tables` from data frames, files and sheets. The command line reads a folder as its DATA. Every table may be left out
but `assignments` and one table of facts or readings; a `.csv`, `.parquet` or spreadsheet of another name is refused,
so that none is passed over unseen. [Read tables of any kind](../how-to/read-tables.md) shows how.

```python
from pathlib import Path

import loanperf as lp
from loanperf.adapters.memory import MemorySchemes
from loanperf.adapters.tables import Folder

demo = Path(lp.__file__).parent / "demo"
data, march = Folder(demo / "data"), lp.Period.month(2026, 3)
schemes = MemorySchemes(lp.read_scheme(demo / "scheme.toml"), data.targets(march))
assert not lp.run(march, facts=data, people=data, schemes=schemes).problems
```

## Files

- A table is a file `loans.csv` or `loans.parquet`, `贷款.csv` or `贷款.parquet` by one of the names that its sheets may
  have (below), or a sheet `loans` or `贷款` of any workbook `.xlsx`. A workbook of
  one sheet may itself have the name: `loans.xlsx`. One table in two files is refused.
- CSV is UTF-8, with or without a byte order mark; another encoding is named: `Folder(path, encoding="gb18030")`, on
  the command line `--encoding gb18030`, for what a spreadsheet saves in Chinese Windows, and `encodings={"loans":
  "gb18030"}` for single files. A file that mixes encodings is refused with the row where it goes wrong.
- In CSV one row is one line, cells separated by commas; a cell with a comma in it is quoted: `"1,234.50 CNY"`.
- In a workbook the headings are row 1. Formulas count by the values that were saved with them; nothing is worked out.

## Headings

- The first row names the columns, in any order, by their names, Chinese ones or English ones; case, and whether words
  are separated by spaces, hyphens or underscores, does not matter. A column that is missing, unknown or there twice
  makes the whole table unusable. `columns={"loans": {"放款额": "amount"}}` adds a heading of your own, and one that is
  mapped to `""` is not read.
- A heading may name the unit of plain numbers in brackets: `授信金额（万元）`, `年利率(%)`, `Amount (USD thousand)`. Or
  it is declared: `units={"loans": {"amount": "万元"}}`. A cell with a unit of its own means that one.

## A map

What is said of headings and units may stand in one file `loanperf.toml` beside the tables: `read_folder(path)` gives
the `Folder` that it describes, and the command line reads every folder so. Keys of `columns` are the headings of your
file, all others are columns of the tables below.

```toml
encoding = "gb18030"                    # of the CSV files; [loans] may name its own

[loans]
file = "放款明细.csv"                     # where it is not called loans.csv

[loans.columns]
"合同号" = "loan"
"客户" = "customer"
"经理工号" = "officer"
"签约日" = "opened_on"
"放款日" = ""                            # not read
"放款金额(万元)" = ""

[events]                                # the same file again, for what happened to these loans
file = "放款明细.csv"
always = { kind = "disbursed" }         # what stands in every row, and in no column of the file

[events.columns]
"合同号" = "loan"
"放款日" = "on"
"放款金额(万元)" = "amount"               # 万元 is taken from the heading; else units = { amount = "万元" }
"客户" = ""
"经理工号" = ""
"签约日" = ""
```

`units`, `decimals` and `days` are said by column: `days = { opened_on = "dd/mm/yyyy" }`. Every heading of a file is
known, mapped or left out by `""`, and every heading that is mapped is in the file. A map with faults is refused, with
all of them.

## Units of columns

A number without a unit is never money, and never a ratio: 300000 may be yuan or fen, and 0.8 under 不良率 may be 0.8%
or 80%. Each cell says its unit, or the heading, or you. These words are read in headings, in `units=`, and by
[columns](../how-to/columns.md) too:

| of | words |
|---|---|
| money | a code of ISO 4217, `元`, `分`, `角`, `千元`, `万元`, `百万元`, `千万元`, `亿元`, `fen`, `smallest unit` |
| money beside a currency | `thousand`, `million`, `bn`, `lakh`, `crore`, `千`, `万`, `亿`, `cents` |
| both in one | `USD million`, `lakh INR` |
| ratios | `%`, `‰`, `‱`, `bp`, `pp`, `百分点`; `ratio`, `比率` or `小数` where 0.8 is 80% |
| points | `point`, `分` |
| parts of any | `1/100 point`, `1/10000` |

Under `ratio` one plain number above 1 makes all plain numbers of the column problems: where 60 stands for 60%, 0.8 may
stand for 0.8%. `1/3` and 0 need no unit.

`3.000 EUR` or `500.000` beside IDR may be thousands or decimals, and is refused until you declare the sign before
decimals: `decimals={"balances": {"outstanding": ","}}`. In CNY, USD and other currencies whose countries write a
decimal dot, `1,200` is 1200, and so is `1200.000`. Numbers that are no text, as in frames and workbooks, need none.

Days begin with the year. For others declare the form: `days={"loans": {"opened_on": "dd/mm/yyyy"}}`; whether 05/06/2022
is in May or June is never guessed.

## Cells

- Rows without any text are passed over.
- Full-width digits and signs are read as ASCII ones, and thousands may be separated in groups of three.
- An amount carries its currency: `30万元`, `¥300000`, `RMB 300000`, `300000 CNY`. A plain amount is read only where its
  column has a unit or the row states a `currency`; `120万` is 1,200,000 of that, of yuan where no currency is named.
- A cell that holds a formula (it starts with = + - or @, and is no number), an error of the spreadsheet, a control
  character or more than 10,000 characters is a problem.
- Limits hold at the door: `Folder(path, limits=Limits(rows=..., file_bytes=..., unpacked_bytes=..., columns=...,
  cell_characters=..., cells_a_byte=...))`. By default a file has at most 256 MiB and unfolds to 512, a table has at
  most 2,000,000 rows, and a Parquet file 100 cells a byte. Only ordinary files are read: no devices, no pipes.
- Data frames and Parquet: whole numbers, decimals, text, categories, truth values, days, and moments at midnight
  without a time zone. None, NaN and NaT are empty. A float is refused, as it is everywhere, but where a whole number
  is wanted.
- Workbooks: a number is what Excel shows, 15 digits, and a percentage is one. A number of more digits is refused as a
  code, since Excel has lost its end. With a unit in the heading or a currency in the row it is exact: 30.5 under
  万元 is 305,000.00. A plain number in a column of days is the serial number of a day, and one of 8 digits is
  20260331; number 60 is 29 February 1900, which never was, and is a problem. A workbook that counts from
  1904 is read so. Cells that are merged over several rows hold one value: the rows below the first one are problems.

A row that cannot be used becomes a problem that names file, sheet, row and column, what was there and what would be
right, with row, column, payee and loan as fields; the other rows are used. `readings`, `targets` and `organisation`
carry the problems of their own tables as `problems`, and a run with such rows is held. Rows of files and
sheets count as a spreadsheet does, the heading is row 1; rows of data frames and Parquet count from 0. Rows in, those
of all tables, are rows used plus problems. A row that says again what another said is harmless; rows that
contradict each other are problems, all of them.

## Kinds of cells

| kind | accepted |
|---|---|
"""
TAIL = "\nThis page is written by `tools/csv_folder.py`.\n"


def page() -> str:
    """The page as text."""
    kinds = "".join(f"| {kind} | {accepted} |\n" for kind, accepted in CELL_KINDS.items())
    return HEAD + kinds + "".join(_table(name, columns) for name, columns in COLUMNS.items()) + TAIL


def _table(name: str, columns: Mapping[str, TableColumn]) -> str:
    lines = ["", f"## {name}", "", f"Sheets: `{name}`, {', '.join(TABLES[name])}.", ""]
    lines += ["| column | also | kind | needed | meaning |", "|---|---|---|---|---|"]
    for code, column in columns.items():
        needed = "yes" if column.required else ""
        lines.append(
            f"| `{code}` | {', '.join((*column.zh, *column.en))} | {column.kind} | {needed} | {column.meaning} |"
        )
    for code, column in columns.items():
        if column.words:
            words = ", ".join(f"`{word}` ({', '.join(zh)})" for word, zh in column.words.items())
            lines += ["", f"`{code}` is one of {words}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
