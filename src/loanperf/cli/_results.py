"""Results: a run -> JSON, HTML, the cells of tables, and CSV that a spreadsheet opens as it is meant.

Numbers are exact text in JSON; tables may round. In CSV numbers are numbers, units stand in headings, and no cell is a
formula.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from loanperf._appraisal import Appraisal, ScoredLine
from loanperf._explanations import Label, Language, harmless, html_of, in_words, spoken
from loanperf._indicators import Indicator, Kind
from loanperf._ledger import Payment
from loanperf._quantities import Money, Quantity, Rounding, percent, plain, rounded
from loanperf._scheme import Scheme
from loanperf._scheme._entries import DIMENSIONS
from loanperf._scorecard import value_text
from loanperf.adapters.tables import frame_of
from loanperf.analytics import AnalysisColumn
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
    "paid": Label("paid", "发放"),
    "key": Label("key", "发放编号"),
    "amount": Label("amount", "金额"),
    "statements": Label("statements, {period}", "{period} 绩效结算单"),
    "dry": Label(
        "Dry run: nothing was posted or paid; {entries} entries would be posted.",
        "试算，未登记、未发放；将登记分录 {entries} 条。",
    ),
    "posted": Label("{entries} entries posted in {ledger}.", "已登记分录 {entries} 条，台账：{ledger}。"),
    "nothing new": Label("Nothing new: all of it stands in {ledger}.", "无新增：均已登记于台账 {ledger}。"),
    "approved": Label("Approved by {who}.", "审批人：{who}。"),
    "closed": Label("{period} is closed.", "{period} 已结账。"),
    "open": Label(
        "{period} stays open: {count} payee(s) could not be worked.", "{period} 未结账：{count} 名员工无法核算。"
    ),
    "unpaid": Label(
        "{count} loan(s) of the period are paid by no plan; the statements say why.",
        "本期有 {count} 笔贷款未计提，原因见结算单。",
    ),
    "waits": Label("Waits for approval; nothing was posted or paid:", "待审批，未登记、未发放："),
    "would wait": Label("Would wait for approval:", "将需审批："),
    "rows": Label("{lost} of {rows} rows could not be used", "共 {rows} 行，其中 {lost} 行无法使用"),
    "counted": Label(
        "{count} of {rows} rows are in doubt and count in scores and pay as they stand, the first: {where}",
        "共 {rows} 行，其中 {count} 行存疑但仍按现值计入得分和薪酬，首处为 {where}",
    ),
    "who": Label("WHO", "审批人"),
    "go on": Label(
        "Mend it and run again, or approve what is left out:\n  {command}",
        "更正后重新运行；如确认可以不计，请审批：\n  {command}",
    ),
    "go on counted": Label(
        "Mend it and run again, or approve it to be paid as it stands:\n  {command}",
        "更正后重新运行；如确认按现值发放，请审批：\n  {command}",
    ),
    "statements written": Label("{count} statement(s) written: {path}", "已写入结算单 {count} 份：{path}"),
    "written": Label("Written: {path}", "已写入：{path}"),
}
"""The words of tables."""
_TAGS = {"en": "en", "zh": "zh-Hans"}
"""The languages as HTML names them."""
_STYLE = (
    "body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.2em .6em;text-align:left}section{break-after:page}"
)


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
    """Text of several lines of which no terminal takes anything for a command."""
    return "\n".join(safe(line) for line in text.split("\n"))


def file_name(code: str) -> str:
    """A code as part of a file's name on every system: what may not stand there is written as its number.

    >>> file_name("E01"), file_name("客户/1"), file_name("..")
    ('E01', '客户%2F1', '%2E%2E')
    """
    kept = "".join(sign if sign.isalnum() or sign in "-_ " else f"%{ord(sign):02X}" for sign in code)
    return kept.strip() or "%20"


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
    """A value as a table has it; nothing where there is none."""
    return "" if value is None else value_text(line.line.indicator, value, language)


def sums_of(amounts: Iterable[Money]) -> list[Money]:
    """What amounts come to, one sum a currency."""
    totals: dict[str, Money] = {}
    for amount in amounts:
        totals[amount.currency] = totals[amount.currency] + amount if amount.currency in totals else amount
    return [totals[code] for code in sorted(totals)]


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────


def json_text(data: object) -> str:
    """JSON of one value, Chinese characters as they are, anything that a terminal would obey escaped."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1] for character in text
    )


def run_data(
    scheme: Scheme, run: Run, results: Iterable[Result], problems: Iterable[Problem], *, dry_run: bool
) -> dict[str, Any]:
    """A run as plain values; every number that was computed is a string. Problems are in natural order of place."""
    all_of_them = sorted(problems, key=natural_order)
    return {
        "scheme": scheme_data(scheme),
        "period": str(run.period),
        "rows": run.rows,
        "used": run.used,
        "dry_run": dry_run,
        "held": run.held,
        "closed": run.closed,
        "entries": len(run.entries),
        "results": [_result_data(result) for result in results],
        "payments": [_payment_data(payment) for payment in run.payments],
        "blocked": [one.text.en for one in run.blocked],
        "holding": [str(problem) for problem in run.holding],
        "problems": [_problem_data(item) for item in all_of_them],
        "causes": [
            _problem_data(cause.problem) | {"alike": len(cause.alike), "follows": len(cause.follows)}
            for cause in causes_of(all_of_them)
        ],
    }


def _problem_data(problem: Problem) -> dict[str, Any]:
    names = ("where", "fault", "found", "remedy", "payee", "loan", "row", "column")
    return {name: getattr(problem, name) for name in names}


def _payment_data(payment: Payment) -> dict[str, str]:
    return {
        "key": payment.key,
        "payee": payment.payee,
        "amount": str(payment.amount.amount),
        "currency": payment.amount.currency,
    }


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


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────


def page_of(title: str, sections: Iterable[str], language: Language) -> str:
    """A page of sections of HTML, in which every value is escaped already."""
    body = "".join(f"<section>{section}</section>" for section in sections)
    head = f'<meta charset="utf-8"><title>{html_of(title)}</title><style>{_STYLE}</style>'
    tag = _TAGS[spoken(language)]
    page = f'<!doctype html><html lang="{tag}"><head>{head}</head><body><h1>{html_of(title)}</h1>{body}</body></html>'
    return safe_lines(page)


def why_sections(results: Iterable[Result], language: Language) -> list[str]:
    """The reasons behind results as HTML."""
    return [f"{result.appraisal.to_html(language)}<p>{result.explain().html(language)}</p>" for result in results]


_PLACES = 12
"""How many decimal places are written of a number such as 1/3, whose decimals never end."""
_COLUMNS: Mapping[str, Label] = {
    "unit": Label("unit", "机构"),
    "from": Label("from", "自"),
    "to": Label("to", "至"),
    "profile": Label("profile", "权重方案"),
    "version": Label("version", "版本"),
    "currency": Label("currency", "币种"),
    "number": Label("number", "序号"),
    "kind": Label("kind", "分录"),
    "line": Label("line", "明细"),
    "cohort": Label("cohort", "所属期间"),
    "loan": Label("loan", "贷款编号"),
    "period": Label("period", "期间"),
    "on": Label("on", "日期"),
    "set_to": Label("set_to", "调整为"),
    "by": Label("by", "经手人"),
    "why": Label("why", "原因"),
    "evidence": Label("evidence", "凭证"),
    "where": Label("where", "位置"),
    "fault": Label("fault", "问题"),
    "found": Label("found", "原值"),
    "remedy": Label("remedy", "处理方法"),
    "row": Label("row", "行"),
    "column": Label("column", "列"),
    **{word: WORDS[word] for word in ("payee", "name", "role", "score", "grade", "bonus", "paid", "key", "amount")},
}
"""Headings of columns; in English as data frames have them."""
_SCORES = ("payee", "name", "unit", "role", "from", "to", "profile", "version", "score", "grade", "bonus", "paid")


def csv_files(run: Run, names: Callable[[str], str], language: Language) -> Mapping[str, str]:
    """What a run came to, as tables by name: scores, payments, entries that it posts, and problems."""
    frames = {
        "payments": frame_of(run.payments, "payments", like={}),
        "entries": frame_of(run.entries, "entries", like={}),
        "problems": frame_of([one.to(language) for one in run.problems], "problems", like={}),
    }
    scores = csv_text(run.results, run.payments, names, language)
    return {"scores": scores, **{name: _of_frame(frame, language) for name, frame in frames.items()}}


def csv_text(
    results: Iterable[Result],
    payments: Iterable[Payment] = (),
    names: Callable[[str], str] = str,
    language: Language = "en",
) -> str:
    """One row a result, with what its payee is paid on the first of them, and a row for pay without a result.

    For each indicator there are reading, target and points, with the unit in the heading. Ratios are in percent. A
    number whose decimals never end is rounded to 12 of them, half to even; all others are exact.
    """
    found, paid = list(results), _paid(payments)
    columns = list(_indicator_columns(found, language))
    rows = []
    for result in found:
        currency = result.appraisal.card.currency
        amount = paid.pop((result.payee, currency), None)
        rows.append(
            [*_score_cells(result, amount), currency, *(cell for _, cells in columns for cell in cells(result))]
        )
    for (payee, currency), amount in sorted(paid.items()):
        name = names(payee)
        cells: list[object] = [payee, "" if name == payee else name, *[""] * 9, amount.amount, currency]
        rows.append([*cells, *[""] * (3 * len(columns))])
    heads = [_COLUMNS[word].to(language) for word in (*_SCORES, "currency")]
    return _text([*heads, *(head for three, _ in columns for head in three)], rows)


def _paid(payments: Iterable[Payment]) -> dict[tuple[str, str], Money]:
    sums: dict[tuple[str, str], Money] = {}
    for payment in payments:
        key = (payment.payee, payment.amount.currency)
        sums[key] = sums[key] + payment.amount if key in sums else payment.amount
    return sums


def _score_cells(result: Result, paid: Money | None) -> list[object]:
    appraisal, award = result.appraisal, result.award
    return [
        result.payee,
        result.name,
        result.assignment.unit,
        result.assignment.role,
        result.part.start,
        result.part.last_day,
        appraisal.card.profile,
        appraisal.card.version,
        appraisal.score,
        "" if appraisal.grade is None else appraisal.grade.code,
        None if award is None else award.amount.amount,
        None if paid is None else paid.amount,
    ]


# ── indicators ──────────────────────────────────────────────────────────────────────────────────────────────

_Cells = Callable[[Result], list[object]]


def _indicator_columns(results: Sequence[Result], language: Language) -> Iterable[tuple[list[str], _Cells]]:
    """For each indicator three headings, and what gives the cells below them."""
    lines: dict[str, list[ScoredLine]] = {}
    for result in results:
        for line in result.appraisal.lines:
            lines.setdefault(line.line.indicator.code, []).append(line)
    for code, found in lines.items():
        indicator = found[0].line.indicator
        units = {value.unit for line in found for value in (_reading(line), line.target) if value is not None}
        one = len(units) == 1
        unit = "%" if indicator.kind is Kind.RATIO else next(iter(units)) if one else ""
        name = indicator.name.to(language) if language == "zh" else code
        words = [WORDS[word].to(language) for word in ("reading", "target", "points")]
        heads = [f"{name} {word}" for word in words]
        if unit:
            heads[:2] = [f"{head} ({unit})" for head in heads[:2]]
        yield heads, _cells_of(code, bare=one)


def _cells_of(code: str, *, bare: bool) -> _Cells:
    def cells(result: Result) -> list[object]:
        line = next((line for line in result.appraisal.lines if line.line.indicator.code == code), None)
        if line is None:
            return ["", "", ""]
        indicator = line.line.indicator
        return [_plain_value(indicator, _reading(line), bare), _plain_value(indicator, line.target, bare), line.points]

    return cells


def _reading(line: ScoredLine) -> Quantity | None:
    return None if line.reading is None else line.reading.value


def _plain_value(indicator: Indicator, value: Quantity | None, bare: bool) -> str:  # noqa: FBT001 (see _cells_of)
    """A plain number in the unit of its heading; with its unit where the column has several."""
    if value is None:
        return ""
    if indicator.kind is Kind.RATIO:
        return _number(value.value * 100)
    return _number(value.value) if bare else f"{_number(value.value)} {value.unit}".rstrip()


def _number(value: Fraction) -> str:
    text = plain(value)
    return str(rounded(value, _PLACES, Rounding.HALF_EVEN)) if "/" in text else text


# ── text ────────────────────────────────────────────────────────────────────────────────────────────────────


def csv_of(columns: Sequence[AnalysisColumn], language: Language) -> str:
    """The table of an analysis: amounts as numbers in whole currency, shares in percent, each with the unit above.

    A number whose decimals never end is rounded to 12 of them, half to even; all others are exact.
    """
    rows = zip(*([_plain_cell(value, one.unit, language) for value in one.values] for one in columns), strict=True)
    return _text([_plain_head(one, language) for one in columns], rows)


def _plain_head(column: AnalysisColumn, language: Language) -> str:
    unit = next((value.currency for value in column.values if isinstance(value, Money)), column.unit)
    return f"{column.name.to(language)} ({unit})" if unit else column.name.to(language)


def _plain_cell(value: object, unit: str, language: Language) -> object:
    match value:
        case Money():
            return value.amount
        case Fraction():
            return _number(value * 100 if unit == "%" else value)
        case Label():
            return value.to(language)
        case _:
            return value


def _of_frame(frame: Mapping[str, Sequence[object]], language: Language) -> str:
    heads = [_COLUMNS[name].to(language) for name in frame]
    return _text(heads, zip(*frame.values(), strict=True))


def _text(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_cell(head) for head in heads])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return stream.getvalue()


def _cell(value: object) -> str:
    """Text that a spreadsheet shows and does not compute, and that no terminal obeys; a number as its digits."""
    match value:
        case None:
            return ""
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return safe(harmless(str(value)))
