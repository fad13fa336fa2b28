"""Leads: what a new hire is given to work with goes from every source to readings, and stands beside the targets.

By hand: in April lin is assigned four leads, one of them from a campaign. Two are followed by the end of the month,
one of these led to a loan; a third is followed in May. wu is assigned one in March, which is no lead of April.
"""

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from alembic.migration import MigrationContext
from sqlalchemy import text

import loanperf as lp
from loanperf.adapters.sql import Database
from loanperf.adapters.sql._versions import upgrade
from loanperf.adapters.tables import Folder, Tables
from loanperf.ports import FeedRow, Pulled
from loanperf.progress import Progress, SalesLead, follow, follow_unit
from loanperf.tracker import Tracker, Watch

APRIL = lp.Period.month(2026, 4)
LEADS: dict[str, list[Any]] = {
    "number": ["1", "2", "3", "4", "5"],
    "payee": ["lin", "lin", "lin", "lin", "wu"],
    "on": [date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 10), date(2026, 4, 30), date(2026, 3, 31)],
    "origin": ["branch", "campaign", "branch", "branch", "branch"],
    "followed_on": [date(2026, 4, 3), date(2026, 4, 20), date(2026, 5, 4), None, None],
    "converted_on": [date(2026, 4, 28), None, None, None, None],
    "led_to": ["L1", "", "", "", ""],
}
TRAININGS: list[lp.Fact] = [
    lp.Training(payee="lin", course="AML", on="2026-04-10", completed_on="2026-04-08"),
    lp.Training(payee="lin", course="products", on="2026-04-25"),
]
CODES = ("leads_assigned", "lead_follow_up_rate", "lead_conversion_rate")
EXPECTED = {"lin": [Fraction(4), Fraction(1, 2), Fraction(1, 4)]}


def facts() -> list[lp.Fact]:
    """The leads as rows."""
    return [SalesLead(**dict(zip(LEADS, cells, strict=True))) for cells in zip(*LEADS.values(), strict=True)]


def shown(given: Any) -> dict[str, list[Fraction]]:
    """What the indicators of leads show of everybody who has one."""
    found = lp.measure(given, APRIL, [lp.indicator(code) for code in CODES], currency="CNY")
    return {
        payee: [value.value for code in CODES if (value := found.of(payee)[code].value) is not None]
        for payee in found.payees
        if found.of(payee)[CODES[1]].value is not None
    }


def test_leads_are_measured_from_rows_and_frames() -> None:
    """In any order, said twice or not, and as columns: four assigned, half of them followed, a quarter a loan."""
    assert EXPECTED == shown(facts()) == shown([*reversed(facts()), *facts()])
    assert EXPECTED == shown(Tables({"leads": pd.DataFrame(LEADS)}).facts(APRIL))


def test_leads_may_be_looked_at_by_where_they_come_from() -> None:
    """Of three from the branch one was followed in April; 1/3 is what a campaign does not flatter."""
    rate = lp.indicator("lead_follow_up_rate", {"origin": "branch"})
    value = lp.measure(facts(), APRIL, [rate], currency="CNY").of("lin")["lead_follow_up_rate"].value
    assert value is not None
    assert Fraction(1, 3) == value.value


def test_leads_come_from_files_with_chinese_headings(tmp_path: Path) -> None:
    """As a bank's CRM exports them."""
    heads = "线索编号,跟进人,分配日期,线索来源,首次跟进日期,转化日期,转化贷款编号"
    rows = [
        ",".join("" if cell is None else str(cell) for cell in cells) for cells in zip(*LEADS.values(), strict=True)
    ]
    (tmp_path / "leads.csv").write_text("\n".join([heads, *rows]), encoding="utf-8")
    assert EXPECTED == shown(Folder(tmp_path).facts(APRIL))
    assert {*facts()} == {*Folder(tmp_path).facts(APRIL)}


def test_a_database_of_the_version_before_takes_leads(tmp_path: Path) -> None:
    """Leads go in beside what was held, and a day that is none is kept out by the database itself."""
    database = Database.connect(f"sqlite:///{tmp_path / 'bank.db'}", company="north")
    upgrade(database.engine, "0013")
    database.upgrade()
    rows = [FeedRow(row=str(place), revision=0, says=fact) for place, fact in enumerate(facts())]
    database.facts.take("crm", Pulled(rows=rows, cursor="1"))
    assert {*facts()} == {*database.facts.facts(APRIL)}
    assert EXPECTED == shown(database.facts.facts(APRIL))
    with database.engine.connect() as connection:
        assert "0016" == MigrationContext.configure(connection).get_current_revision()
    with pytest.raises(Exception, match="facts_followed_on"), database.engine.begin() as connection:
        connection.execute(text("UPDATE facts SET followed_on = '2026-02-30'"))
    database.engine.dispose()


def progress(as_of: str) -> tuple[Tracker, Progress]:
    """Where Lin stands by a day, with what was known in April."""
    scheme = lp.parse_scheme(
        """
name = "new hires"
currency = "CNY"
effective = 2026-01-01
[profiles.all.weights]
lead_follow_up_rate = "100%"
[targets]
lead_follow_up_rate = "80%"
[scoring.default]
places = 1
rounding = "half even"
missing = "zero"
"""
    )
    held = [lp.Assignment(payee=payee, unit="east", role="new", since="2026-04-01") for payee in ("lin", "wu")]
    people = lp.Organisation(units=[lp.Unit(code="east")], assignments=held)
    watch = Watch(period=APRIL, currency="CNY", schemes=lp.SchemeBook([scheme]), organisation=people)
    tracker = Tracker.start(watch)
    tracker.feed_all([*facts(), *TRAININGS])
    return tracker, tracker.progress(["lin"], as_of=as_of)[0]


def test_support_stands_beside_the_targets() -> None:
    """By 15 April three leads were assigned and one followed, none led to a loan yet; one of two courses is done.

    The rate that is scored is that of the facts that are known, and both of them are said.
    """
    _, found = progress("2026-04-15")
    support = found.support
    assert support is not None
    assert (["1", "2", "3"], ["1"], [], ["2", "3"]) == tuple(
        [lead.number for lead in leads]
        for leads in (support.leads, support.followed, support.converted, support.waiting)
    )
    assert (["AML"], ["products"]) == tuple([one.course for one in some] for some in (support.completed, support.ahead))
    english, chinese = found.explain().text(), found.explain().text("zh")
    assert "leads: 3 assigned, 1 followed, 0 led to a loan" in english
    assert "products, due on 2026-04-25, is ahead" in english
    assert "线索：已分配 3 条，已跟进 1 条，已转化 0 条" in chinese
    assert "线索 3（2026-04-10 分配）待跟进" in chinese
    assert Progress.from_data(found.data()) == found


def test_at_the_end_support_is_what_was_measured() -> None:
    """The last day: four assigned, two followed, one a loan, as the indicators say."""
    tracker, found = progress("2026-04-30")
    support, reading = found.support, found.indicator("lead_follow_up_rate").reading
    assert support is not None
    assert reading is not None
    assert (4, 2, 1) == (len(support.leads), len(support.followed), len(support.converted))
    assert Fraction(len(support.followed), len(support.leads)) == reading.value
    again = follow(tracker.results(["lin"]), APRIL, as_of="2026-04-30", facts=tracker.facts(["lin"]))
    assert again[0].support == support


def test_a_unit_has_the_support_of_its_members() -> None:
    """Each lead once; without facts nothing is said, which is another thing than none."""
    tracker, _ = progress("2026-04-15")
    people = tracker.watch.organisation
    assert people is not None
    east = follow_unit(tracker.progress(as_of="2026-04-15"), "east", people)
    assert east.support is not None
    assert (["1", "2", "3"], 2) == ([lead.number for lead in east.support.leads], len(east.support.trainings))
    without = follow(tracker.results(), APRIL, as_of="2026-04-15")
    assert (None, None) == (without[0].support, follow_unit(without, "east", people).support)


def test_a_lead_that_contradicts_another_counts_for_nobody() -> None:
    """Nothing tells who has it; both rows are problems that name whom they concern."""
    two = [SalesLead(number="9", payee=payee, on="2026-04-02") for payee in ("lin", "wu")]
    found = lp.Facts.of(two)
    assert (0, {"lin", "wu"}) == (len(found), {problem.payee for problem in found.problems})
