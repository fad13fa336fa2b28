"""Workbooks to send on: a payee's statement, and the overview of a run. The door of XlsxWriter, with the extra `excel`.

Cells are typed: amounts are numbers in the format of their currency, days are dates, scores and shares are numbers.
Totals are worked exactly and written as values, not as formulas, so that what is read is what was paid, in every
program. Text is never taken for a formula, a number or a link. The same input gives the same file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias
from unicodedata import east_asian_width

from attrs import field, frozen

from loanperf._explanations import Label, Language, harmless, spoken
from loanperf._ledger import Statement
from loanperf._ledger._kinds import KIND_NAMES
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money
from loanperf._scorecard import value_text
from loanperf.adapters._files import write_whole
from loanperf.errors import MissingExtraError
from loanperf.run import Result, Run

Cell: TypeAlias = "str | Money | Decimal | Fraction | date | int | None"
"""A fraction is a share and is shown as a percentage; None is an empty cell."""
_LONGEST = 32_767
"""Characters that a cell of Excel holds."""
_EXACT = 10**15
"""Below it a double holds every whole number of smallest units."""
_WIDEST = 60
_WORDS = {
    "statement": Label("statement", "结算单"),
    "overview": Label("overview", "总览"),
    "points": Label("points", "得分明细"),
    "payments": Label("payments", "发放"),
    "problems": Label("problems", "问题"),
    "of": Label("{name}, {period}", "{name}，{period}"),
    "balances": Label("|entitled|due|held|owed|paid", "|应得|应发|预留风险金|待扣回|已发"),
    "before": Label("before the period", "期初"),
    "after": Label("at its end", "期末"),
    "entries": Label("date|entry|plan|component|loan|version|amount|why", "日期|分录|方案|项目|贷款|版本|金额|原因"),
    "results": Label(
        "unit|payee|name|role|from|to|score|grade|bonus|paid", "机构|员工编号|姓名|岗位|自|至|得分|等级|奖金|发放"
    ),
    "total": Label("total", "合计"),
    "lines": Label(
        "payee|name|indicator|reading|target|attainment|weight|points",
        "员工编号|姓名|指标|完成值|目标|完成率|权重|得分",
    ),
    "paid": Label("key|payee|amount", "发放编号|员工编号|金额"),
    "faults": Label("where|what is wrong|found|what to do", "位置|问题|原值|处理方法"),
    "used": Label("{used} of {rows} rows used", "共 {rows} 行，使用 {used} 行"),
    "as text": Label(
        "as text: a cell of Excel keeps 15 digits and would change it", "以文本保存：Excel 单元格仅保留 15 位数字"
    ),
}


def write_statement(statement: Statement, path: str | Path, *, name: str = "", language: Language = "en") -> None:
    """Write a payee's statement as a workbook to send on, ready to print on A4.

    Args:
        statement: what `lp.statement` gives.
        path: where to; a file that is there is replaced, all or nothing.
        name: of the payee; left out it is the one that the statement has, else the code.
        language: `en` or `zh`, by any tag, such as `zh-CN`; see `Explanation.text`.

    Raises:
        DataError: the file cannot be written, or the language is neither English nor simplified Chinese.
        MissingExtraError: XlsxWriter is not installed.
    """
    book = _Book.of(statement.period, language)
    sheet = book.sheet("statement")
    sheet.title(
        _WORDS["of"].to(language).format(name=name or statement.name or statement.payee, period=statement.period)
    )
    for_word = (("before", statement.before), ("after", statement.after))
    balances = [
        (_WORDS[word].to(language), one.entitled, one.due, one.held, one.owed, one.paid) for word, one in for_word
    ]
    sheet.table("balances", balances)
    sheet.row(())
    posted = sorted(statement.entries, key=lambda entry: (entry.on, entry.number))
    cells = zip(posted, statement.rows(language), strict=True)
    sheet.table("entries", [(entry.on, *row[1:6], entry.amount, row[7]) for entry, row in cells])
    for kind, amount in statement.totals:
        sheet.row((_WORDS["total"].to(language), KIND_NAMES[kind].to(language), "", "", "", "", amount, ""), "total")
    sheet.row(())
    for line in statement.ahead(language):
        sheet.row((line,))
    book.save(path)


def write_overview(run: Run, path: str | Path, *, language: Language = "en") -> None:
    """Write a run as a workbook: everybody's score and pay by unit, the points, the payments and the problems.

    Args:
        run: what `lp.run` gives.
        path: where to; a file that is there is replaced, all or nothing.
        language: `en` or `zh`, by any tag, such as `zh-CN`; see `Explanation.text`.

    Raises:
        DataError: the file cannot be written, or the language is neither English nor simplified Chinese.
        MissingExtraError: XlsxWriter is not installed.
    """
    book = _Book.of(run.period, language)
    _results(book.sheet("overview"), run, language)
    points = book.sheet("points")
    points.table("lines", [cells for result in run.results for cells in _lines(result, language)])
    payments = book.sheet("payments")
    payments.table("paid", [(payment.key, payment.payee, payment.amount) for payment in run.payments])
    for amount in _sums(payment.amount for payment in run.payments):
        payments.row((_WORDS["total"].to(language), "", amount), "total")
    problems = book.sheet("problems")
    problems.title(_WORDS["used"].to(language).format(used=run.used, rows=run.rows))
    said = [problem.to(language) for problem in run.problems]
    problems.table("faults", [(one.where, one.fault, one.found, one.remedy) for one in said])
    book.save(path)


# ── what is in a run ────────────────────────────────────────────────────────────────────────────────────────


def _results(sheet: _Sheet, run: Run, language: Language) -> None:
    """A row for each assignment, with a total for each unit and for all; one a currency."""
    sheet.title(_WORDS["of"].to(language).format(name=_WORDS["overview"].to(language), period=run.period))
    total = _WORDS["total"].to(language)
    units: dict[str, list[Result]] = defaultdict(list)
    for result in run.results:
        units[result.assignment.unit].append(result)
    paid: dict[str, list[Money]] = defaultdict(list)
    for payment in run.payments:
        paid[payment.payee].append(payment.amount)
    sheet.table("results", ())
    for unit, results in sorted(units.items()):
        for cells in (cells for result in results for cells in _result(result, paid.pop(result.payee, []), language)):
            sheet.row(cells)
        for amount in _sums(result.award.amount for result in results if result.award is not None):
            sheet.row((unit, total, "", "", "", "", "", "", amount, ""), "total")
    for payee, amount in ((payee, amount) for payee, amounts in sorted(paid.items()) for amount in amounts):
        sheet.row(("", payee, "", "", "", "", "", "", None, amount))
    _totals(sheet, run, total)


def _totals(sheet: _Sheet, run: Run, total: str) -> None:
    """All bonuses and all payments, in each currency."""
    for amount in _sums(result.award.amount for result in run.results if result.award is not None):
        sheet.row((total, "", "", "", "", "", "", "", amount, None), "total")
    for amount in _sums(payment.amount for payment in run.payments):
        sheet.row((total, "", "", "", "", "", "", "", None, amount), "total")


def _result(result: Result, paid: Sequence[Money], language: Language) -> Iterator[tuple[Cell, ...]]:
    """The row of an assignment; what its payee is paid stands on the first one, a row a currency."""
    held, grade = result.assignment, result.appraisal.grade
    yield (
        held.unit,
        result.payee,
        result.name,
        held.role,
        result.part.start,
        result.part.last_day,
        result.appraisal.score,
        "" if grade is None else grade.name.to(language) or grade.code,
        None if result.award is None else result.award.amount,
        paid[0] if paid else None,
    )
    for amount in paid[1:]:
        yield (held.unit, result.payee, result.name, "", None, None, None, "", None, amount)


def _lines(result: Result, language: Language) -> Iterator[tuple[Cell, ...]]:
    """The points of an assignment, a row an indicator."""
    for scored in result.appraisal.lines:
        indicator = scored.line.indicator
        reading = None if scored.reading is None else scored.reading.value
        yield (
            result.payee,
            result.name,
            indicator.name.to(language),
            "" if reading is None else value_text(indicator, reading, language),
            "" if scored.target is None else value_text(indicator, scored.target, language),
            scored.attainment,
            scored.weight,
            scored.points,
        )


def _sums(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """What amounts come to, in each currency."""
    found: dict[str, Money] = {}
    for amount in amounts:
        found[amount.currency] = found[amount.currency] + amount if amount.currency in found else amount
    return tuple(found[code] for code in sorted(found))


# ── sheets ──────────────────────────────────────────────────────────────────────────────────────────────────


def _xlsxwriter() -> Any:
    try:
        return import_module("xlsxwriter")
    except ImportError as error:
        raise MissingExtraError("excel", "XlsxWriter") from error


@frozen(eq=False)
class _Book:
    """A workbook in memory."""

    language: Language
    stream: BytesIO
    book: Any
    sheets: list[_Sheet] = field(factory=list)
    formats: dict[tuple[str, str], Any] = field(factory=dict)

    @classmethod
    def of(cls, period: Period, language: Language) -> _Book:
        """An empty one, dated with the last day of its period, since no clock is asked."""
        spoken(language)
        stream = BytesIO()
        book = _xlsxwriter().Workbook(stream, {"in_memory": True})
        book.set_properties({"created": datetime.combine(period.last_day, time(), tzinfo=UTC)})
        return cls(language, stream, book)

    def sheet(self, word: str) -> _Sheet:
        """A sheet, set up to be printed."""
        sheet = self.book.add_worksheet(_WORDS[word].to(self.language))
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")
        self.sheets.append(_Sheet(self, sheet))
        return self.sheets[-1]

    def format(self, style: str, number: str) -> Any:
        """How a cell looks."""
        if (style, number) not in self.formats:
            looks: dict[str, Any] = {"valign": "top", "num_format": number or "General"}
            looks |= {"head": {"bold": True, "bg_color": "#DDE6F0", "bottom": 1, "text_wrap": True}}.get(style, {})
            looks |= {"total": {"bold": True, "top": 1}, "title": {"bold": True, "font_size": 14}}.get(style, {})
            self.formats[style, number] = self.book.add_format(looks)
        return self.formats[style, number]

    def save(self, path: str | Path) -> None:
        """Write the file in place of one that is there, all or nothing."""
        for sheet in self.sheets:
            sheet.fit()
        self.book.close()
        write_whole(Path(path), self.stream.getvalue())


@frozen(eq=False)
class _Sheet:
    """A sheet that is written row by row."""

    book: _Book
    sheet: Any
    widths: dict[int, int] = field(factory=lambda: defaultdict(int))
    rows: list[None] = field(factory=list)
    """One entry for each row that was written, to count them."""

    def title(self, text: str) -> None:
        """A line in large letters, and an empty one."""
        self.sheet.write_string(len(self.rows), 0, _fitting(text), self.book.format("title", ""))
        self.rows.extend((None, None))

    def table(self, word: str, rows: Iterable[Sequence[Cell]]) -> None:
        """A row of headings that stays in sight and on every printed page, and rows of cells."""
        self.row(_WORDS[word].to(self.book.language).split("|"), "head")
        self._freeze()
        for cells in rows:
            self.row(cells)

    def _freeze(self) -> None:
        """Keep the last row in sight; of two tables it is the heading of the second."""
        last = len(self.rows) - 1
        self.sheet.freeze_panes(last + 1, 0)
        self.sheet.repeat_rows(last)
        self.sheet.autofilter(last, 0, last, len(self.widths) - 1)

    def row(self, cells: Sequence[Cell], style: str = "") -> None:
        """A row of cells."""
        for column, cell in enumerate(cells):
            shown = self._write(column, cell, style)
            self.widths[column] = max(self.widths[column], min(_WIDEST, shown))
        self.rows.append(None)

    def _write(self, column: int, cell: Cell, style: str) -> int:
        """Write a cell by its type; how many characters wide it is."""
        row, sheet = len(self.rows), self.sheet
        match cell:
            case None | "":
                sheet.write_blank(row, column, None, self.book.format(style, ""))
                return 0
            case str():
                sheet.write_string(row, column, _fitting(cell), self.book.format(style, "@"))
                return _width(cell)
            case Money():
                return self._money(row, column, cell, style)
            case date():
                sheet.write_datetime(row, column, cell, self.book.format(style, "yyyy-mm-dd"))
                return 11
            case Fraction():
                sheet.write_number(row, column, float(cell), self.book.format(style, "0.00%"))
                return 9
            case Decimal() | int():
                sheet.write_number(row, column, float(cell), self.book.format(style, _places(cell)))
                return len(str(cell)) + 1

    def _money(self, row: int, column: int, amount: Money, style: str) -> int:
        """An amount in the format of its currency; as text where a double would change it."""
        if abs(amount.units) >= _EXACT:
            self.sheet.write_string(row, column, str(amount), self.book.format(style, "@"))
            self.sheet.write_comment(row, column, _WORDS["as text"].to(self.book.language))
            return len(str(amount))
        places = CURRENCIES[amount.currency]
        number = "#,##0" + ("." + "0" * places if places else "")
        shown = f'{number} "{amount.currency}";-{number} "{amount.currency}"'
        self.sheet.write_number(row, column, float(amount.exact), self.book.format(style, shown))
        return len(str(amount)) + len(str(abs(amount.units))) // 3

    def fit(self) -> None:
        """Make columns as wide as what stands in them."""
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, max(8, width + 2))
        self.sheet.hide_gridlines(2)


def _places(number: Decimal | int) -> str:
    places = -int(number.as_tuple().exponent) if isinstance(number, Decimal) else 0
    return "0" + ("." + "0" * places if places > 0 else "")


def _width(text: str) -> int:
    """Columns of a line of text: a Chinese character takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _fitting(text: str) -> str:
    """The text as no formula, or as much of it as a cell holds, and a sign that there was more."""
    text = harmless(text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
