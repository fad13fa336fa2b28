"""Results: a run -> JSON, CSV and the cells of tables. Numbers are exact text in JSON and CSV; tables may round."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from loanperf._appraisal import Appraisal, ScoredLine
from loanperf._explanations import Label, Language, harmless, html_of, in_words, spoken
from loanperf._indicators import Kind
from loanperf._quantities import Money, Quantity, Rounding, percent, plain, rounded
from loanperf._scheme import Scheme
from loanperf._scheme._entries import DIMENSIONS
from loanperf._scorecard import value_text
from loanperf.errors import Problem, causes_of, natural_order
from loanperf.run import Result, Run

WORDS: dict[str, Label] = {
    "headline": Label(
        "{title}, {period}; version {version} ({effective}); {used} of {rows} rows used",
        "{title}，{period}；版本 {version}（{effective}）；共 {rows} 行，使用 {used} 行",
    ),
    "files": Label("The scheme is {scheme}\nThe data is in {data}", "方案文件：{scheme}\n数据目录：{data}"),
    "try": Label("Now change one of them in a copy, or try:", "可复制后修改方案或数据，也可以试试："),
    "faultless": Label(
        "{title}: no fault; version {version}, from {effective}, in {currency}",
        "{title}：没有错误；版本 {version}，自 {effective} 起生效，币种 {currency}",
    ),
    "profile": Label("  {profile}: {weights}", "  权重方案 {profile}：{weights}"),
    "between": Label(", ", "，"),
    "warning": Label("warning: {finding}", "提示：{finding}"),
    "payee": Label("payee", "员工"),
    "name": Label("name", "姓名"),
    "role": Label("role", "岗位"),
    "days": Label("days", "天数"),
    "score": Label("score", "得分"),
    "grade": Label("grade", "等级"),
    "bonus": Label("bonus", "奖金"),
    "total": Label("total", "合计"),
    "indicator": Label("indicator", "指标"),
    "weight": Label("weight", "权重"),
    "target": Label("target", "目标"),
    "reading": Label("reading", "完成值"),
    "points": Label("points", "得分"),
}
"""The words of tables."""
_TAGS = {"en": "en", "zh": "zh-Hans"}
"""The languages as HTML names them."""


def safe(text: str) -> str:
    r"""Text that no terminal takes for a command: control and direction characters are written out.

    >>> safe("Lin\x1b[2J")
    'Lin\\x1b[2J'
    """
    if text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character.isprintable() or character in "\u3000\xa0":
        return character
    return character.encode("unicode_escape").decode("ascii")


def safe_lines(text: str) -> str:
    """The same for text of several lines."""
    return "\n".join(safe(line) for line in text.split("\n"))


# ── cells of tables ─────────────────────────────────────────────────────────────────────────────────────────


def dimensions_of(scheme: Scheme, results: Iterable[Result]) -> dict[str, Label]:
    """The dimensions that are on some card, in the order of the scheme."""
    known = {item.code: item.name for item in (*DIMENSIONS, *scheme.dimensions)}
    used = {line.line.indicator.dimension for result in results for line in result.appraisal.lines}
    return {code: known.get(code, Label(code)) for code in dict.fromkeys((*known, *sorted(used))) if code in used}


def score_cells(result: Result, run: Run, dimensions: Iterable[str], language: Language) -> list[str]:
    """Payee, name, role, days, points by dimension, score, grade and bonus."""
    appraisal = result.appraisal
    days = str(run.period.days) if result.part == run.period else f"{result.part.days}/{run.period.days}"
    points = [_points(appraisal, dimension) for dimension in dimensions]
    return [
        result.payee,
        result.name if result.name != result.payee else "",
        result.assignment.role,
        days,
        *("" if found is None else str(found) for found in points),
        str(appraisal.score),
        _grade(appraisal, language),
        "" if result.award is None else in_words(result.award.amount, language),
    ]


def _points(appraisal: Appraisal, dimension: str) -> Decimal | None:
    found = [line.points for line in appraisal.lines if line.line.indicator.dimension == dimension]
    return sum(found, Decimal(0)) if found else None


def _grade(appraisal: Appraisal, language: Language) -> str:
    return "" if appraisal.grade is None else f"{appraisal.grade.code} {appraisal.grade.name.to(language)}".strip()


def line_cells(line: ScoredLine, language: Language) -> list[str]:
    """Indicator, weight, target, reading and points."""
    indicator = line.line.indicator
    return [
        indicator.name.to(language),
        percent(line.weight),
        _value(line, line.target, language),
        _value(line, None if line.reading is None else line.reading.value, language),
        str(line.points),
    ]


def _value(line: ScoredLine, value: Quantity | None, language: Language) -> str:
    """A value as a table has it; an amount or count whose decimals never end is rounded, and marked with ≈."""
    if value is None:
        return ""
    if "/" not in plain(value.value):
        return value_text(line.line.indicator, value, language)
    if line.line.indicator.kind is Kind.RATIO:
        return percent(value.value)
    return in_words(f"≈{rounded(value.value, 2, Rounding.HALF_EVEN)} {value.unit}".rstrip(), language, bare=True)


def pay(results: Iterable[Result]) -> dict[tuple[str, str], Money]:
    """The bonus of each payee, by code and name: the sum over the roles."""
    totals: dict[tuple[str, str], Money] = {}
    for result in results:
        if result.award is not None:
            who, amount = (result.payee, result.name), result.award.amount
            totals[who] = totals[who] + amount if who in totals else amount
    return totals


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────


def json_text(data: object) -> str:
    """JSON of one value, Chinese characters as they are, anything that a terminal would obey escaped."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1] for character in text
    )


def run_data(scheme: Scheme, run: Run, results: Iterable[Result], problems: Iterable[Problem]) -> dict[str, Any]:
    """A run as plain values; every number that was computed is a string. Problems are in natural order of place."""
    all_of_them = sorted(problems, key=natural_order)
    return {
        "scheme": scheme_data(scheme),
        "period": str(run.period),
        "rows": run.rows,
        "used": run.used,
        "results": [_result_data(result) for result in results],
        "problems": [_problem_data(item) for item in all_of_them],
        "causes": [
            _problem_data(cause.problem) | {"alike": len(cause.alike), "follows": len(cause.follows)}
            for cause in causes_of(all_of_them)
        ],
    }


def _problem_data(problem: Problem) -> dict[str, Any]:
    names = ("where", "fault", "found", "remedy", "payee", "loan", "row", "column")
    return {name: getattr(problem, name) for name in names}


def scheme_data(scheme: Scheme) -> dict[str, str]:
    """Which scheme, and which version of it."""
    return {
        "name": scheme.name,
        "version": scheme.fingerprint,
        "effective": scheme.effective.isoformat(),
        "currency": scheme.currency,
    }


def _result_data(result: Result) -> dict[str, Any]:
    held, appraisal, award = result.assignment, result.appraisal, result.award
    return {
        "payee": result.payee,
        "name": result.name,
        "unit": held.unit,
        "role": held.role,
        "product_line": held.product_line,
        "tier": held.tier,
        "from": result.part.start.isoformat(),
        "to": result.part.last_day.isoformat(),
        "profile": appraisal.card.profile,
        "phase": appraisal.card.phase,
        "score": str(appraisal.score),
        "grade": None if appraisal.grade is None else appraisal.grade.code,
        "vetoes": [veto.indicator for veto in appraisal.vetoes],
        "lines": [_line_data(line) for line in appraisal.lines],
        "bonus": None
        if award is None
        else {"amount": str(award.amount.amount), "currency": award.amount.currency, "exact": plain(award.exact)},
    }


def _line_data(line: ScoredLine) -> dict[str, Any]:
    reading = None if line.reading is None else line.reading.value
    return {
        "indicator": line.line.indicator.code,
        "weight": plain(line.weight),
        "unit": "" if reading is None else reading.unit,
        "target": None if line.target is None else plain(line.target.value),
        "reading": None if reading is None else plain(reading.value),
        "attainment": None if line.attainment is None else plain(line.attainment),
        "points": str(line.points),
    }


def why_data(scheme: Scheme, run: Run, results: Iterable[Result]) -> dict[str, Any]:
    """The reasons behind results as plain values."""
    return {
        "scheme": scheme_data(scheme),
        "period": str(run.period),
        "results": [
            {
                "payee": result.payee,
                "from": result.part.start.isoformat(),
                "to": result.part.last_day.isoformat(),
                "why": result.explain().data(),
            }
            for result in results
        ],
    }


# ── CSV and HTML ────────────────────────────────────────────────────────────────────────────────────────────

_HEAD = ("payee", "name", "unit", "role", "from", "to", "profile", "version", "score", "grade", "bonus", "currency")


def csv_text(results: Iterable[Result]) -> str:
    """One row a result; for each indicator its reading, target and points, exact. No cell or heading is a formula."""
    found = list(results)
    codes = list(dict.fromkeys(line.line.indicator.code for result in found for line in result.appraisal.lines))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    heads = [*_HEAD, *(f"{code} {what}" for code in codes for what in ("reading", "target", "points"))]
    writer.writerow([_cell(head) for head in heads])
    for result in found:
        writer.writerow([_cell(text) for text in _csv_cells(result, codes)])
    return stream.getvalue()


def _csv_cells(result: Result, codes: Iterable[str]) -> list[str]:
    appraisal, award = result.appraisal, result.award
    lines = {line.line.indicator.code: line for line in appraisal.lines}
    cells = [
        result.payee,
        result.name,
        result.assignment.unit,
        result.assignment.role,
        result.part.start.isoformat(),
        result.part.last_day.isoformat(),
        appraisal.card.profile,
        appraisal.card.version,
        str(appraisal.score),
        "" if appraisal.grade is None else appraisal.grade.code,
        "" if award is None else str(award.amount.amount),
        appraisal.card.currency,
    ]
    for code in codes:
        line = lines.get(code)
        reading = None if line is None or line.reading is None else line.reading.value
        cells += ["", "", ""] if line is None else [_exact(line, reading), _exact(line, line.target), str(line.points)]
    return cells


def _exact(line: ScoredLine, value: Quantity | None) -> str:
    """A value that `lp.quantity` reads back: a decimal where it ends, else `n/d`."""
    if value is None:
        return ""
    if line.line.indicator.kind is Kind.RATIO:
        return f"{plain(value.value * 100)}%"
    return value_text(line.line.indicator, value)


def _cell(text: str) -> str:
    """Text that a spreadsheet shows and does not compute, and that no terminal obeys."""
    return safe(harmless(text))


def html_page(title: str, results: Iterable[Result], language: Language) -> str:
    """The reasons behind results as one page; every value is escaped."""
    body = "".join(
        f"<section>{result.appraisal.to_html(language)}<p>{result.explain().html(language)}</p></section>"
        for result in results
    )
    head = f'<meta charset="utf-8"><title>{html_of(title)}</title>'
    tag = _TAGS[spoken(language)]
    page = f'<!doctype html><html lang="{tag}"><head>{head}</head><body><h1>{html_of(title)}</h1>{body}</body></html>'
    return safe_lines(page)
