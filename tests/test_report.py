"""Pages show what a run came to: numbers with their reasons, in both languages, for whoever may see them."""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from tests.books_of_pay import book_of_seed
from tests.months_of_pay import played
from tests.months_to_show import BREACHES, DRAWN, MARCH, SCHEME, a_month, statements_of

import loanperf as lp
from loanperf import report
from loanperf.alerts import AlertCase, AlertRule, Alerts, Observation, Severity, watch
from loanperf.progress import follow, follow_unit
from loanperf.report._page import _drawn
from loanperf.report._words import WORDS
from loanperf.viewer import Viewer

NAMES = {"lin": "林晓", "wu": "吴敏"}
ALL = Viewer(who="audit", sees="all")
LIN = Viewer(who="lin", sees="self")


@pytest.fixture(scope="module")
def run() -> lp.Run:
    """The month of lin and wu."""
    return a_month(NAMES)


@pytest.fixture(scope="module")
def lin(run: lp.Run) -> report.Page:
    """The month of lin, as lin sees it."""
    return report.my_month("lin", run.results, viewer=LIN, statements=statements_of(run), as_of="2026-03-31")


@pytest.fixture(scope="module")
def paid(run: lp.Run) -> report.Page:
    """The statement of lin."""
    return report.statement_page(statements_of(run)[0], run.results, viewer=LIN)


@pytest.fixture(scope="module")
def team(run: lp.Run) -> report.Page:
    """The team of lin and wu."""
    return report.my_team(run.results, viewer=ALL, team=lp.Label("East", "城东"), statements=statements_of(run))


def pages(run: lp.Run, who: str = "lin") -> Iterator[report.Page]:
    """One of each kind."""
    money = [one for one in statements_of(run, sorted({*run.results.payees})) if one.payee == who]
    yield report.my_month(who, run.results, viewer=ALL, statements=money)
    yield report.my_team(run.results, viewer=ALL, statements=money)
    yield report.statement_page(money[0], run.results, viewer=ALL)


def parts_of(page: report.Page, language: str = "en") -> Iterator[report.Section]:
    """The sections of a page at every depth."""
    waiting = [*page.sections(language)]
    while waiting:
        section = waiting.pop(0)
        yield section
        waiting = [*section.parts, *waiting]


def figures(page: report.Page, language: str = "en") -> dict[str, str]:
    """The figures at the top of a page, by their names."""
    return {one.name: one.value for one in page.sections(language)[0].figures}


def tables(page: report.Page, language: str = "en") -> dict[str, list[tuple[str, ...]]]:
    """The rows of each table of a page, by its title."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for section in parts_of(page, language):
        for grid in (*(chart.table for chart in section.charts), *section.tables):
            found.setdefault(grid.title, [row.cells for row in grid.rows])
    return found


class Elements(HTMLParser):
    """What a browser makes of a page: its elements, attributes and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words += data


# ── what is on them ─────────────────────────────────────────────────────────────────────────────────────────


def test_my_month_says_what_the_month_came_to(lin: report.Page) -> None:
    """Worked in `tests/months_to_show.py`: 82.0 points, 6,560 of bonus, 9,000 of commission of which 1,800 is held."""
    assert {
        "Score so far": "82.0 points",
        "Bonus so far": "6560.00 CNY",
        "earned": "15560.00 CNY",
        "due": "0.00 CNY",
        "held": "1800.00 CNY",
        "paid": "13760.00 CNY",
    } == figures(lin)
    assert [
        ("disbursed amount", "60%", "2000000 CNY", "1800000 CNY", "90%", "90%", "54.0"),
        ("compliance score", "40%", "100 points", "70 points", "70%", "70%", "28.0"),
        ("Score", "", "", "", "", "", "82.0"),
    ] == tables(lin)["Scorecard"]
    assert [("compliance score", "veto below 60 points: the score is at most 0 points", "70 points", "kept")] == tables(
        lin
    )["Limits"]


def test_my_month_in_chinese_has_myriads_and_separators(lin: report.Page) -> None:
    """A page in Chinese that says 1800000 CNY makes its reader count zeros."""
    assert {"目前得分": "82.0 分", "目前奖金": "6,560.00 元", "预留风险金": "1,800.00 元"}.items() <= figures(
        lin, "zh"
    ).items()
    assert ("放款量", "60%", "200 万元", "180 万元", "90%", "90%", "54.0") == tables(lin, "zh")["记分卡"][0]
    assert "林晓（lin）　2026-03，截至 2026-03-31" in Elements(lin.html("zh")).words


def test_what_comes_next_is_the_next_tier_and_the_next_release(lin: report.Page) -> None:
    """18,000,00 counts for the tier that ends at 10,000,000: 8,200,000 to go; what is held comes back after a year."""
    (section,) = [one for one in lin.sections() if one.heading == "What comes next"]
    tier, release = (one.text for one in section.remarks)

    assert "next: 0.6% from 10000000, 8200000 to go" in tier
    assert "1800.00 CNY held of 2026-03, 1800.00 CNY of it expected on 2027-03-31" == release


def test_lines_say_base_times_rate_and_what_is_held(paid: report.Page) -> None:
    """1,200,000 × 0.5% = 6,000, of which a fifth is held: who is paid can work each line out again."""
    lines = tables(paid)["What the period is made of"]

    assert [
        ("2026-03-05 loans lin-L1 disbursed", "1200000 × 0.5% = 6000", "6000.00 CNY", "4800.00 CNY", "1200.00 CNY", ""),
        ("2026-03-12 loans lin-L2 disbursed", "600000 × 0.5% = 3000", "3000.00 CNY", "2400.00 CNY", "600.00 CNY", ""),
        ("2026-03-31 bonus", "", "6560.00 CNY", "6560.00 CNY", "", ""),
        ("2026-03-31 paid", "", "", "-13760.00 CNY", "", "13760.00 CNY"),
        ("total", "", "15560.00 CNY", "", "1800.00 CNY", "13760.00 CNY"),
    ] == lines
    assert ("held", "0.00 CNY", "1800.00 CNY", "1800.00 CNY") in tables(paid)["Balances"]


def test_what_was_held_and_came_back_is_shown_as_zero_with_what_took_it_off() -> None:
    """By hand: of 1,000 earned in March 200 are held and 800 paid; in April the 200 come back and are paid.

    At the end of April nothing is held. That is said, since who asks after what was held finds a number, not a gap; and
    its reasons subtract what came back: 200 − 200.
    """
    kinds, april = lp.EntryKind, lp.Period.month(2026, 4)
    posted = [
        *((kinds.EARNED, 1000, MARCH), (kinds.HELD, 200, MARCH), (kinds.PAID, 800, MARCH)),
        *((kinds.RELEASED, 200, april), (kinds.PAID, 200, april)),
    ]
    ledger = lp.Ledger().append(
        lp.Entry(
            number=number,
            kind=kind,
            payee="lin",
            period=period,
            amount=lp.Money.of(f"{amount} 元"),
            on=period.last_day,
            reason=lp.Explanation("award"),
        )
        for number, (kind, amount, period) in enumerate(posted, 1)
    )
    page = report.statement_page(lp.statement(ledger, "lin", april), viewer=ALL)
    found = {one.name: one for one in page.sections()[0].figures}

    assert {"due": "0.00 CNY", "held": "0.00 CNY", "paid": "1000.00 CNY"}.items() <= figures(page).items()
    assert ("200.00 CNY before the period", "released -200.00 CNY") == found["held"].why
    assert ("0.00 CNY before the period", "released 200.00 CNY", "paid -200.00 CNY") == found["due"].why


@pytest.mark.parametrize("seed", [1, 16, 43, 208, 220])
def test_the_lines_of_a_statement_sum_to_the_change_of_its_balances(seed: int) -> None:
    """Of books in which most rules of pay meet: an entry that no line shows, or two show, would mislead its reader."""
    done, found = played(book_of_seed(seed)), 0
    if not done.entries:
        return
    periods = sorted({entry.period for entries in done.entries for entry in entries}, key=lambda one: one.start)
    for period in periods:
        for payee, currency in done.ledger.accounts:
            statement = lp.statement(done.ledger, payee, period, currency=currency)
            page = report.statement_page(statement, viewer=ALL)
            (lines,) = [one.tables[0] for one in page.sections() if one.heading == "What the period is made of"]
            for place, name in enumerate(lines.heads[2:], 2):
                field = {"earned": "entitled"}.get(name, name)
                change = getattr(statement.after, field) - getattr(statement.before, field)
                cells = [row.cells[place] for row in lines.rows if not row.is_total and row.cells[place]]
                assert change == sum(map(lp.Money.of, cells), lp.Money.from_units(0, currency))
                found += len(cells)
    assert found


def test_my_team_begins_with_who_needs_attention(team: report.Page) -> None:
    """Who is past a limit comes first, with the share of points of each dimension: 15% of 60, 55% of 40."""
    assert ["吴敏 (wu)", "林晓 (lin)"] == [row[0] for row in tables(team)["People"]]
    heads = next(chart.table.heads for chart in team.charts())
    row = dict(zip(heads, tables(team)["People"][0], strict=True))
    assert ("0", "15%", "55%") == (row["score"], row["points of performance"], row["points of risk"])
    assert ("disbursed amount 15%", "compliance score") == (row["heaviest indicator"], row["limits broken"])
    assert {
        "average score": "41.0 points",
        "lowest": "0 points",
        "highest": "82 points",
        "limits broken": "1",
    }.items() <= (figures(team).items())


def test_the_distribution_counts_everybody_once() -> None:
    """Scores of 0 and 82 in bands of ten; with grades, by grade: nobody is lost between two bands."""
    scores = tables(report.my_team(a_month().results, viewer=ALL))["Distribution of scores"]
    assert ("from 0, below 10", "1", "50%") == scores[0]
    assert ("from 80, below 90", "1", "50%") == scores[-1]
    assert 9 == len(scores)

    graded = SCHEME + '[grades]\nC = { at_least = "0 point" }\nA = { at_least = "80 point" }\n'
    found = tables(report.my_team(a_month(scheme=graded).results, viewer=ALL))["Distribution of scores"]
    assert [("C", "1", "50%"), ("A", "1", "50%")] == found


def test_each_person_of_a_team_opens_to_their_card(team: report.Page) -> None:
    """A lead who sees a low score goes on to its weights and reasons without leaving the page."""
    (each,) = [one for one in team.sections() if one.heading == "Each person"]
    assert ["吴敏 (wu)　officer　0 points", "林晓 (lin)　officer　82.0 points"] == [part.heading for part in each.parts]
    card = next(grid for grid in each.parts[1].tables if grid.title == "Scorecard")
    assert "54.0" == card.rows[0].cells[-1]
    assert "1800.00 CNY" in [figure.value for figure in each.parts[1].figures]


def alerts_at_sixty(run: lp.Run) -> list[AlertCase]:
    """The alerts of a line at 80 points of compliance and of one at 60: of lin the first, of wu both."""
    lines: tuple[tuple[str, Severity], ...] = (("80 point", "warning"), ("60 point", "critical"))
    rules = [
        AlertRule(
            code=f"line {limit}",
            kind="threshold",
            indicator="compliance_score",
            test="below",
            limit=limit,
            severity=how,
        )
        for limit, how in lines
    ]
    seen = [
        Observation.of_card(read.card, read.payee, {one.indicator: one for one in read.readings})
        for read in (result.appraisal for result in run.results)
    ]
    return [*watch(Alerts(), seen, rules, as_of="2026-03-31").alerts.open]


def test_alerts_stand_on_the_page_of_their_payee_alone(run: lp.Run) -> None:
    """A warning about somebody else is none of mine; mine says how badly it is meant, and what to do."""
    page = report.my_month("lin", run.results, viewer=LIN, alerts=alerts_at_sixty(run))
    (section,) = [one for one in page.sections("zh") if one.heading == "预警"]
    (remark,) = section.remarks
    assert ("预警", "warn") == (remark.mark, remark.tone)
    assert "lin" in remark.text
    assert "70 分" in remark.text
    assert str(remark.why[0]).startswith("处置建议：")
    assert "wu" not in page.html("zh")


def test_the_worst_alerts_of_a_team_come_first(run: lp.Run) -> None:
    """A lead reads from the top: what is critical before warnings, and how many each person has."""
    page = report.my_team(run.results, viewer=ALL, alerts=alerts_at_sixty(run))
    (section,) = [one for one in page.sections() if one.heading == "Alerts"]
    assert ["critical", "warning", "warning"] == [remark.mark for remark in section.remarks]
    counts = dict(zip(page.charts()[0].table.heads, zip(*tables(page)["People"], strict=True), strict=True))["alerts"]
    assert ("2", "1") == counts


def test_days_of_a_page_are_said_up_to_the_last_one(run: lp.Run) -> None:
    """Lin is there from the 16th on: the page says so in words, with the last day and not the one after it."""
    (found, *_) = run.results.of("lin")
    part = lp.Period("2026-03-16", "2026-04-01")
    card = evolve(found.appraisal.card, period=part)
    held = evolve(found, part=part, appraisal=evolve(found.appraisal, card=card))
    page = report.my_team([held], viewer=ALL)

    assert "2026-03-16 至 2026-03-31" in page.html("zh")
    assert "2026-03-16 to 2026-03-31" in page.html("en")


def test_a_team_has_the_alerts_and_the_progress_of_its_unit(run: lp.Run) -> None:
    """What is said of the branch stands apart from what is said of its people; without its progress nothing is."""
    results = run.results
    known = follow(results, run.period, as_of="2026-03-31")
    (of_lin, *_) = results.of("lin")
    unit = of_lin.assignment.unit
    members = [held for result in results if (held := result.assignment).unit == unit]
    whole = follow_unit(known, unit, lp.Organisation(assignments=[*dict.fromkeys(members)], units=[lp.Unit(code=unit)]))
    line = AlertRule(
        code="east", kind="threshold", indicator="npl_ratio", test="above", limit="5%", severity="critical"
    )
    seen = Observation(
        subject=unit,
        is_unit=True,
        period=run.period,
        currency="CNY",
        indicators=[lp.indicator("npl_ratio")],
        readings={"npl_ratio": lp.Reading.of("npl_ratio", "6%")},
    )
    open_cases = [*watch(Alerts(), [seen], [line], as_of="2026-03-31").alerts.open, *alerts_at_sixty(run)]
    page = report.my_team(results, viewer=ALL, alerts=open_cases, progress=whole)
    sections = {section.heading: section for section in page.sections()}

    assert [f"{unit}: NPL ratio at 6% on 2026-03-31 is above the limit of 5%"] == [
        remark.text for remark in sections["Alerts of the unit"].remarks
    ]
    assert 3 == len(sections["Alerts"].remarks)
    assert sections["Progress of the unit"].tables[0].rows
    assert "本机构进度" in page.html("zh")
    assert "Alerts of the unit" not in report.my_team(results, viewer=ALL, alerts=open_cases).html()
    with pytest.raises(lp.errors.DataError, match="is a member and not among the results"):
        report.my_team(results.of("lin"), viewer=ALL, progress=whole)
    with pytest.raises(lp.errors.DataError, match="it is of a payee, 'lin'"):
        report.my_team(results, viewer=ALL, progress=known.of("lin")[0])


def test_progress_says_pace_what_is_ahead_and_what_a_loan_would_earn(run: lp.Run) -> None:
    """By the 31st all of the target is due: 1,800,000 of 2,000,000 is 200,000 behind; the veto is 10 points away."""
    known = follow(run.results, run.period, as_of="2026-03-31", accruals=run.accruals, ledger=run.ledger)
    page = report.my_month("lin", run.results, viewer=LIN, statements=statements_of(run), progress=known)
    rows = tables(page, "zh")["进度与红线"]
    assert ("放款量", "180 万元", "90%", "200 万元", "-20 万元", "180 万元") == rows[0]
    (pace,) = [one for one in page.sections() if one.heading == "Pace and limits"]
    assert any("10 point" in one.text for one in pace.remarks)
    (ahead,) = [one for one in page.sections() if one.heading == "What comes next"]
    assert any("200000 CNY" in one.text for one in ahead.remarks)
    assert "wu" not in page.html()


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_number_opens_its_reasons(run: lp.Run) -> None:
    """Rows of scores and lines, totals of scores, figures of money: each has what it stands on, down to the fact."""
    for page in pages(run):
        for section in parts_of(page):
            if section.heading not in ("Summary", "Where I stand", "Scorecard", "What the period is made of"):
                continue
            for one in section.figures:
                assert one.why or one.value.isdigit() or one.name in ("lowest", "highest"), one.name
            for grid in (*(chart.table for chart in section.charts), *section.tables):
                assert all(row.why or row.is_total for row in grid.rows) or grid.title == "Limits", grid.title


def test_reasons_reach_down_to_the_facts(lin: report.Page) -> None:
    """The 54.0 points stand on two drawings; in the page they can be opened without a script."""
    words = Elements(lin.html()).words
    assert "event lin-L1 disbursed 2026-03-05: 1200000" in words
    assert "20% " not in words.split("Score so far")[0]
    assert "1800.00 CNY" in words
    assert "54 points" not in words
    html = lin.html()
    assert html.count("<details") > 10
    assert "<script" not in html


def test_many_reasons_are_cut_and_said_to_be_more() -> None:
    """40 loans are 40 reasons of one reading: thirty are shown, and that ten more are there is said."""
    run = a_month(drawn={"lin": [(1 + number % 28, "1万元") for number in range(40)]}, breaches={})
    page = report.my_month("lin", run.results, viewer=ALL)
    assert "and 11 more" in Elements(page.html()).words  # the formula is a reason too
    assert "另有 11 项" in Elements(page.html("zh")).words


def test_a_statement_that_was_read_back_makes_the_same_page(run: lp.Run) -> None:
    """What is shown of a line comes of the line as it was accrued, and where only its reasons are there, of those."""
    for one in statements_of(run):
        again = lp.Statement.from_data(one.data())
        assert any(entry.accrual for entry in one.entries)
        assert not any(entry.accrual for entry in again.entries)
        pair = [report.statement_page(money, run.results, viewer=ALL) for money in (one, again)]
        assert pair[0].html("zh") == pair[1].html("zh")
        assert pair[0].html(reasons="left out") == pair[1].html(reasons="left out")


def test_pages_without_reasons_work_none_out(monkeypatch: pytest.MonkeyPatch, run: lp.Run) -> None:
    """Ten thousand statements in a minute: what nobody asks for is not made."""

    def never(_: object) -> lp.Explanation:
        raise AssertionError

    page = report.my_month("lin", run.results, viewer=ALL)
    monkeypatch.setattr(lp.Appraisal, "explain", never)
    assert '<details class="why"' not in page.html(reasons="left out")
    with pytest.raises(AssertionError):
        page.html()


# ── who may see them ────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_of_somebody_whom_the_viewer_may_not_see_is_refused(run: lp.Run) -> None:
    """Pay is personal: neither my month, nor a team with one stranger in it, nor a statement among many slips out."""
    money = statements_of(run)
    with pytest.raises(lp.errors.RightsError, match="'lin' may not see the figures of 'wu'"):
        report.my_month("wu", run.results, viewer=LIN)
    with pytest.raises(lp.errors.RightsError, match="'lin' may not see the figures of 'wu'"):
        report.my_team(run.results, viewer=LIN)
    with pytest.raises(lp.errors.RightsError, match="'lin' may not see the figures of 'wu'"):
        report.statement_page(money[1], run.results, viewer=LIN)
    given = report.statement_pages(money, run.results, viewer=LIN)
    assert next(given).title.en == "Statement"
    with pytest.raises(lp.errors.RightsError, match="'lin' may not see the figures of 'wu'"):
        next(given)


def test_nothing_of_others_is_on_the_page_of_a_payee(run: lp.Run) -> None:
    """All results and statements are passed, as a host has them; the page has those of its payee."""
    page = report.my_month("lin", run.results, viewer=LIN, statements=statements_of(run))
    for language in ("en", "zh"):
        assert not re.search(r"\bwu\b|吴敏|1500\.00|1,500\.00", page.html(language))


def test_a_slip_in_a_code_is_no_empty_page(run: lp.Run) -> None:
    """A month without a number looks like a month without work."""
    with pytest.raises(lp.errors.UnknownPayeeError, match="'lim'"):
        report.my_month("lim", run.results, viewer=ALL)
    with pytest.raises(lp.errors.DataError, match=r"the results: there are none; pass those of the people"):
        report.my_team([], viewer=ALL)


@pytest.mark.parametrize(
    ("page", "wrong", "message"),
    [
        ("my_month", {"viewer": "lin"}, "the viewer: it is no Viewer"),
        ("my_month", {"results": ["lin"]}, "one of the results: it is no Result"),
        ("my_month", {"statements": [1]}, "one of the statements: it is no Statement"),
        ("my_team", {"viewer": None}, "the viewer: it is no Viewer"),
        ("my_team", {"statements": 7}, "the statements: it is no list"),
        ("statement_page", {"statement": "lin"}, "the statement: it is no Statement"),
        ("statement_pages", {"viewer": "lin"}, "the viewer: it is no Viewer"),
    ],
)
def test_a_wrong_call_says_what_to_pass(run: lp.Run, page: str, wrong: dict[str, Any], message: str) -> None:
    """Who embeds pages sees at once which argument it was."""
    right: dict[str, dict[str, Any]] = {
        "my_month": {"payee": "lin", "results": run.results},
        "my_team": {"results": run.results},
        "statement_page": {"statement": statements_of(run)[0]},
        "statement_pages": {"statements": []},
    }
    with pytest.raises(lp.errors.DataError, match=message):
        getattr(report, page)(**{"viewer": ALL, **right[page], **wrong})


def test_a_page_speaks_two_languages_and_no_third(lin: report.Page) -> None:
    """Nobody gets another language than the one that was asked for."""
    assert lin.html("zh") == lin.html("zh-CN")
    assert '<html lang="zh-Hans">' in lin.html("zh_Hans")
    assert '<html lang="en">' in lin.html("en-US")
    with pytest.raises(lp.errors.DataError, match="'fr' is not spoken here"):
        lin.html("fr")
    with pytest.raises(lp.errors.DataError, match="reasons: it is no known word"):
        lin.html(reasons="open")  # type: ignore[arg-type]


def test_a_table_as_text_keeps_cells_under_their_headings() -> None:
    """An empty cell before a number must not move it to another heading."""
    rows = (report.PageRow(cells=("L1", "", "5 元")), report.PageRow(cells=("L2", "3%", "")))
    table = report.PageTable(title="Lines", heads=("loan", "rate", "pay"), numbers=(False, True, True), rows=rows)
    assert "Lines\nloan  rate  pay\nL1  –  5 元\nL2  3%  –" == str(table)


# ── that they stand alone and are safe ──────────────────────────────────────────────────────────────────────


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</style></title><b>bold</b>",
    "{{ 7 * 7 }}{% raw %}",
    "=HYPERLINK(0)",
    "\u202eevil\u202d",
    "ش" * 40,
    "长" * 200,
    "\ud800broken",
)


@cache
def plain_pages(language: str) -> list[Elements]:
    """The pages of a month in which nobody has a hostile name."""
    return [Elements(page.html(language)) for page in pages(a_month({"lin": "name"}))]


@pytest.mark.parametrize(("name", "language"), [*zip(HOSTILE, cycle(["en", "zh"]), strict=False)])
def test_a_hostile_name_is_text(name: str, language: str) -> None:
    """The name of an employee must not run in the browser of a manager, nor become markup, a template or a formula."""
    run = a_month({"lin": name})
    for page, before in zip(pages(run), plain_pages(language), strict=True):
        html = page.html(language)
        found = Elements(html)
        assert before.elements == found.elements
        assert [key for key, _ in before.attributes] == [key for key, _ in found.attributes]
        assert html.encode()
        if name.isascii() and not name.startswith("="):
            assert name in found.words
        assert not re.search(r"(^|>)=HYPER", html)


@pytest.mark.parametrize("role", ["<script>alert(1)</script>", '" onclick="x'])
def test_every_text_of_a_host_is_escaped(role: str) -> None:
    """Codes of roles, plans and loans come from a host too."""
    scheme = SCHEME.replace("[plans.officer", "[plans.'<i>'").replace("components.loans", "components.'<b>'")
    run = a_month({"lin": "x"}, role=role, scheme=scheme)
    for page in pages(run):
        found = Elements(page.html())
        assert not {"script", "i"} & set(found.elements)
        assert not [key for key, _ in found.attributes if key.startswith("on")]


def test_a_page_asks_the_network_for_nothing(run: lp.Run) -> None:
    """It is sent by mail and opened years later: no script, style, font or picture from elsewhere."""
    for page in pages(run):
        found = Elements(page.html())
        assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(found.elements)
        assert not [key for key, _ in found.attributes if key in ("src", "href", "srcset", "action")]
        outside = set(re.findall(r"https?://[^\s\"'<]+", page.html()))
        assert {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"} >= outside
        assert "default-src 'none'" in dict(found.attributes)["content"] or "default-src 'none'" in page.html()
        assert "@import" not in page.html()
        assert "url(" not in page.html()


def test_a_page_for_one_payee_is_small() -> None:
    """A phone on a train: 60 loans in a month, with all their reasons, are less than 150 KiB."""
    drawn = {"lin": [(1 + number % 28, f"{30 + number * 7 % 100}万元") for number in range(60)]}
    run = a_month({"lin": "林晓"}, drawn=drawn)
    for page in pages(run):
        for language in ("en", "zh"):
            assert len(page.html(language).encode()) <= 150 * 1024


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_statement_is_shown_in_parts(language: Any) -> None:
    """300 loans: each part is less than 150 KiB, and all parts have each line once, and all of the rest."""
    drawn = {"lin": [(1 + number % 28, f"{30 + number * 7 % 100}万元") for number in range(300)]}
    run = a_month({"lin": "林晓"}, drawn=drawn)
    month, _, statement = pages(run)
    for page in (month, statement):
        found = [page.html(language, part=part, link="?part={}".format) for part in range(1, page.parts + 1)]
        assert 7 == len(found)  # 300 loans, the bonus and the payment: 302 lines, 50 a part
        assert all(len(html.encode()) <= 150 * 1024 for html in found)
        (table,) = [grid for part in parts_of(page, language) for grid in part.tables if grid.in_parts]
        assert 302 + 1 == len(table.rows)
        lines = [f'<th scope="row">{row.cells[0]}</th>' for row in table.rows if not row.is_total]
        assert len(lines) == len(set(lines))
        assert [1] * 302 == [sum(html.count(line) for html in found) for line in lines]
        total = [cell for cell in table.rows[-1].cells if cell]
        assert all(cell in html for html in found for cell in total)
        said = [("lines 51 to 100 of 302", "page 7"), ("第 51 至 100 条，共 302 条", "第 7 页")][language == "zh"]
        assert all(text in Elements(found[1]).words for text in said)
        assert ["?part=1", "?part=3"] == [value for name, value in Elements(found[1]).attributes if name == "href"][:2]
        whole = page.html(language, reasons="left out")
        assert all(line in whole for line in lines)
        assert "<a " not in whole


def test_a_short_page_is_one_part() -> None:
    """Nothing is said of parts where there are no others, and a part that is not there is refused."""
    page = [*pages(a_month({"lin": "林晓"}))][2]
    assert 1 == page.parts
    assert page.html() == page.html(part=1, link=str)
    for part in (0, 2, True, "1"):
        with pytest.raises(lp.errors.DataError, match="no part"):
            page.html(part=part)  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example/", "http://a/", "/a b", "\\\\a", "", 1])
def test_a_link_that_leads_elsewhere_is_refused(address: Any) -> None:
    """What a host makes of its own addresses is a path, a query or https."""
    run = a_month(drawn={"lin": [(1 + number % 28, "1万元") for number in range(51)]}, breaches={})
    page = [*pages(run)][2]
    with pytest.raises(lp.errors.DataError, match="the link of a part: part 1 is at"):
        page.fragment(part=1, link=lambda _: address)


# ── charts ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_chart_is_data_with_the_numbers_of_its_table(lin: report.Page) -> None:
    """A host draws it with a library of its own; what it shows stands beside it exactly."""
    (chart,) = lin.charts("zh")
    spec = json.loads(json.dumps(chart.specification))

    assert "https://vega.github.io/schema/vega-lite/v5.json" == spec["$schema"]
    assert [("放款量", 0.9, "90%"), ("合规评分", 0.7, "70%")] == [
        (row["name"], row["share"], row["text"]) for row in spec["data"]["values"]
    ]
    assert ["90%", "70%"] == [row.cells[5] for row in chart.table.rows[:2]]


def test_charts_of_a_team_show_each_person(team: report.Page) -> None:
    """Two dots a person, and bars that count everybody."""
    shares, scores = (chart.specification["data"]["values"] for chart in team.charts())

    assert [("吴敏 (wu)", 0.15), ("吴敏 (wu)", 0.55), ("林晓 (lin)", 0.9), ("林晓 (lin)", 0.7)] == [
        (row["name"], row["share"]) for row in shares
    ]
    assert 2 == sum(row["count"] for row in scores)


def test_text_in_a_chart_stays_text(lin: report.Page, team: report.Page) -> None:
    """Chinese drawn as outlines could be neither searched nor read out, and would need a font where it is drawn."""
    for page, word in ((lin, "放款量"), (team, "吴敏（wu）")):
        svg = re.findall(r"<svg.*?</svg>", page.html("zh"), re.DOTALL)
        assert svg
        assert re.search(rf"<text[^>]*>{word}</text>", svg[0])


def test_a_team_of_many_is_drawn_and_listed() -> None:
    """Of 40 people thirty are drawn by name, and all stand in the table."""
    drawn = {f"E{number:02}": [(5, f"{10 + number}万元")] for number in range(40)}
    run = a_month(drawn=drawn, breaches=dict.fromkeys(drawn, "10"))
    page = report.my_team(run.results, viewer=ALL)
    assert 60 == len(page.charts()[0].specification["data"]["values"])
    assert 40 == len(tables(page)["People"])


# ── notebooks, and without the extra ────────────────────────────────────────────────────────────────────────


def test_pages_and_charts_show_themselves_in_a_notebook(lin: report.Page) -> None:
    """The last line of a cell is the page; a chart is drawn by the notebook itself."""
    shown = lin._repr_mimebundle_()
    assert {"text/html", "text/plain"} == set(shown)
    assert 'class="loanperf"' in shown["text/html"]
    assert "<html" not in shown["text/html"]
    (chart,) = lin.charts()
    bundle = chart._repr_mimebundle_()
    assert bundle["application/vnd.vegalite.v5+json"] == dict(chart.specification)
    assert bundle["text/plain"].splitlines()[0] == "Scorecard"


def test_without_the_extra_data_and_text_are_there_and_html_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, run: lp.Run
) -> None:
    """Sections, charts as data and notebooks need nothing; HTML names the extra."""
    page = report.my_month("lin", run.results, viewer=LIN)
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(
        lp.errors.MissingExtraError, match=r'vl-convert-python is not installed; .*"loanperf\[report\]"'
    ):
        page.html()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(lp.errors.MissingExtraError, match=r'jinja2 is not installed; .*"loanperf\[report\]"'):
        page.html()
    assert {"text/plain": page.text()} == page._repr_mimebundle_()
    assert "82.0 points" in page.text()
    assert page.charts()[0]._repr_mimebundle_()


# ── many ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_statements_of_many_are_made_one_by_one(run: lp.Run) -> None:
    """Ten thousand are streamed: a page is made when it is its turn, and none is held."""
    asked = list[str]()

    def money() -> Iterator[lp.Statement]:
        for one in statements_of(run):
            asked.append(one.payee)
            yield one

    stream = report.statement_pages(money(), run.results, viewer=ALL)
    assert [] == asked
    first = next(stream)
    assert ["lin"] == asked
    assert "82.0 points" == figures(first)["Score"]
    assert "0 points" == figures(next(stream))["Score"]


def test_order_and_number_of_what_is_passed_change_nothing(run: lp.Run) -> None:
    """Results as a list in another order make the same pages."""
    again = report.my_month("lin", [*run.results][::-1], viewer=LIN, statements=statements_of(run)[::-1])
    assert report.my_month("lin", run.results, viewer=LIN, statements=statements_of(run)).html() == again.html()
    backwards = report.my_team([*run.results][::-1], viewer=ALL)
    assert report.my_team(run.results, viewer=ALL).html() == backwards.html()
    assert {"lin", "wu"} == {*DRAWN} == {*BREACHES}


def test_every_word_of_a_page_is_there_and_used() -> None:
    """A word that is missing is an error on the day on which somebody first has an alert; one too many misleads."""
    folder = Path(lp.__file__).parent / "report"
    told = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".py", ".html"))
    asked = {word for call in re.findall(r"say\((.*?), ?language", told) for word in re.findall(r'"([^"]+)"', call)}
    assert set() == asked - set(WORDS)
    assert [] == [word for word in WORDS if told.count(f'"{word}"') < 2]
    assert all(label.zh for label in WORDS.values())


def charted(name: str) -> str:
    """A bar of somebody of a name, drawn."""
    table = report.PageTable(title=name, heads=(name, "score"), rows=(), numbers=(False, True))
    across = {"field": "name", "type": "nominal", "title": name}
    encoding = {"x": across, "y": {"field": "score", "type": "quantitative"}}
    drawn = {"data": {"values": [{"name": name, "score": 1}]}, "mark": "bar", "encoding": encoding}
    return str(_drawn(report.Chart(title=name, specification=drawn, table=table)))


@pytest.mark.parametrize("sign", ["\x1b", "\x00", "\x0b", "\ufffe", "\uffff"])
def test_a_sign_that_no_chart_can_hold_leaves_a_page_that_is_drawn(sign: str) -> None:
    """In a name of somebody it would end the whole process, with every page of it, where the chart is drawn."""
    svg = charted(f"lin{sign}[31m")
    assert svg.startswith("<svg")
    assert sign not in svg
    assert "[31m" in svg


@pytest.mark.parametrize("name", ["\U00020bb7" * 60, "a" + "\U00020bb7" * 60, "\U0001f469\u200d\U0001f467" * 50])
def test_a_long_name_of_rare_characters_is_drawn(name: str) -> None:
    """A label that is cut in the middle of such a character could not be drawn, and no page with it; a short one is."""
    assert charted(name).startswith("<svg")
    assert "\U00020bb7" in charted("\U00020bb7\u91ce")
