"""A in LibreOffice Calc, where it is installed: a row of formulas a payee; inexact, and ROUND is half away from zero.

A macro in a profile of its own loads the sheet, calculates all of it again and says how long that took, so that
neither start, reading nor writing count.
"""

import csv
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from benchmarks.books import CODES, LOWER, ScoreBook
from benchmarks.paired import Clocked
from benchmarks.score_peers import Scores, tenths

SOFFICE = shutil.which("soffice")
"""Where Calc is; None where it is not installed."""
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LIBRARY = 'xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"'
_FILES = {
    "script.xlc": f'{_XML}<library:libraries {_LIBRARY}><library:library library:name="Standard" '
    'xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple" library:link="false"/></library:libraries>',
    "Standard/script.xlb": f'{_XML}<library:library {_LIBRARY} library:name="Standard" library:readonly="false" '
    'library:passwordprotected="false"><library:element library:name="Bench"/></library:library>',
    "Standard/Bench.xba": f"""{_XML}<script:module xmlns:script="http://openoffice.org/2000/script"
 script:name="Bench" script:language="StarBasic">
Sub Calculate(given As String, out As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  Dim form(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  form(0).Name = "FilterName"
  form(0).Value = "Text - txt - csv (StarCalc)"
  book = StarDesktop.loadComponentFromURL(given, "_blank", 0, hidden())
  book.calculateAll()
  start = GetSystemTicks()
  book.calculateAll()
  spent = GetSystemTicks() - start
  book.Sheets(0).getCellByPosition(0, 0).setString(CStr(spent))
  book.storeToURL(out, form())
  book.close(True)
End Sub
</script:module>""",
}
"""A Basic library with one macro, as a profile holds it."""


def office(book: ScoreBook) -> Callable[[], Clocked]:
    """Recalculation alone."""
    sheet = _sheet(book)

    def work() -> Clocked:
        with TemporaryDirectory() as folder:
            milliseconds, rows = _calculated(Path(folder), sheet)
        score, bonus = (np.array([float(row[place]) for row in rows]) for place in (-2, -1))
        return Clocked(Scores(score, bonus, per_point=1), milliseconds / 1e3)

    return work


def _calculated(folder: Path, sheet: list[list[str]]) -> tuple[float, list[list[str]]]:
    """How many milliseconds it took, and what is in the rows then."""
    given, out, profile = folder / "sheet.csv", folder / "out.csv", folder / "profile"
    with given.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(sheet)
    for name, text in _FILES.items():
        place = profile / "user" / "basic" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    macro = f"macro:///Standard.Bench.Calculate({given.as_uri()},{out.as_uri()})"
    command = [str(SOFFICE), f"-env:UserInstallation={profile.as_uri()}", "--headless", macro]
    subprocess.run(command, check=True, capture_output=True)
    with out.open(encoding="utf-8", newline="") as file:
        (first, *_), *rows = csv.reader(file)
    return float(first), rows


def _sheet(book: ScoreBook) -> list[list[str]]:
    """An empty row for what the macro says; then weight, reading and target of each indicator, salary and formulas."""
    weights = [[weight / 10 for weight in tenths(code)] for code in CODES]
    rows = [["0"]]
    for row, profile in enumerate(book.profile.tolist()):
        cells = [
            str(cell)
            for code, weight in zip(CODES, weights, strict=True)
            for cell in (weight[profile], book.actual[code][row], book.target[code][row])
        ]
        rows.append([*cells, str(book.month[row]), *_formulas(row + 2)])
    return rows


def _formulas(line: int) -> list[str]:
    """Points of each indicator, their sum, and the bonus."""
    names = [f"{name}{line}" for name in _names(4 * len(CODES) + 3)]
    salary, points, score = names[3 * len(CODES)], names[3 * len(CODES) + 1 : -2], names[-2]
    found = []
    for place, code in enumerate(CODES):
        weight, actual, target = names[3 * place : 3 * place + 3]
        share = f"2*{weight}-{weight}*{actual}/{target}" if code in LOWER else f"{weight}*{actual}/{target}"
        found.append(f"=ROUND(MIN({share};1.5*{weight});1)")
    found.append(f"=SUM({points[0]}:{points[-1]})")
    found.append(f"=ROUND(IF({score}<=100;{score}/100;0.9+{score}/1000)*{salary};0)")
    return found


def _names(count: int) -> Iterator[str]:
    """The names of the first columns: A to Z, then AA and so on."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for place in range(count):
        yield (letters[place // 26 - 1] if place >= 26 else "") + letters[place % 26]
