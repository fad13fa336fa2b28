"""Write the reference page of CSV folders, docs/reference/csv-folder.md, from the table that reads them."""

from collections.abc import Mapping
from pathlib import Path

from loanperf.adapters.folder import COLUMNS, KINDS, Column

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "csv-folder.md"
HEAD = """\
# CSV folders

`loanperf.adapters.folder.Folder` reads a folder of CSV files: facts, readings, people and targets. The command line
reads one as its DATA. Every file may be left out but `assignments.csv` and one file of facts or readings; a `.csv` file
of another name is refused, so that none is passed over unseen.

```python
from pathlib import Path

import loanperf as lp
from loanperf.adapters.folder import Folder
from loanperf.adapters.memory import MemorySchemes

demo = Path(lp.__file__).parent / "demo"
data, march = Folder(demo / "data"), lp.Period.month(2026, 3)
schemes = MemorySchemes(lp.read_scheme(demo / "scheme.toml"), data.targets(march))
assert not lp.run(march, facts=data, people=data, schemes=schemes).problems
```

## Form

- UTF-8, with or without a byte order mark; another encoding is named: `Folder(path, encoding="gb18030")`, on the
  command line `--encoding gb18030`, for what a spreadsheet saves in Chinese Windows.
- The first row names the columns, in any order and by their English or Chinese names. A column that is missing,
  unknown or there twice makes the whole file unusable.
- One row a line, cells separated by commas; a cell with a comma in it is quoted: `"1,234.50 CNY"`. Rows without any
  text are passed over.
- Full-width digits and signs are read as ASCII ones, and thousands may be separated in groups of three.
- An amount carries its currency: `30万元`, `300000 CNY`. A plain amount is read only where the row states a `currency`.
- A cell that holds a formula (it starts with = + - or @, and is no number), an error of the spreadsheet, a control
  character or more than 10,000 characters is a problem.

A row that cannot be used becomes a problem that names file, row (the header is row 1) and column, what was there and
what would be right; the other rows are used. Rows in, those of all files, are rows used plus problems. A row that says
again what another said is harmless; rows that contradict each other are problems, all of them.

## Kinds of cells

| kind | accepted |
|---|---|
"""
TAIL = "\nThis page is written by `tools/csv_folder.py`.\n"


def page() -> str:
    """The page as text."""
    kinds = "".join(f"| {kind} | {accepted} |\n" for kind, accepted in KINDS.items())
    return HEAD + kinds + "".join(_file(name, columns) for name, columns in COLUMNS.items()) + TAIL


def _file(name: str, columns: Mapping[str, Column]) -> str:
    lines = ["", f"## {name}", "", "| column | 列名 | kind | needed | meaning |", "|---|---|---|---|---|"]
    for code, column in columns.items():
        needed = "yes" if column.required else ""
        lines.append(f"| `{code}` | {', '.join(column.zh)} | {column.kind} | {needed} | {column.meaning} |")
    for code, column in columns.items():
        if column.words:
            words = ", ".join(f"`{word}` ({', '.join(zh)})" for word, zh in column.words.items())
            lines += ["", f"`{code}` is one of {words}."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
