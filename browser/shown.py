"""The pages that are looked at, of a month with much in it: broken limits, alerts, many loans, names of all kinds."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tests.cycles_to_show import (
    cycle_appealed,
    cycle_calibrated,
    cycle_published,
    cycle_scored,
    cycle_upheld,
    organisation,
    outcomes_given,
    review_plan,
    reviewed,
    reviews_begun,
)
from tests.figures_to_show import page_of
from tests.months_to_show import a_month, statements_of

import loanperf as lp
from loanperf import report
from loanperf.alerts import AlertCase, AlertRule, Alerts, Observation, watch
from loanperf.progress import follow
from loanperf.viewer import Viewer

Named: TypeAlias = tuple[str, report.Page]
ALL = Viewer(who="chen", sees="all")
LANGUAGES = ("zh", "en")
NAMES = {"lin": "林晓", "wu": "吴敏", "zhao": "赵刚", "qian": "Qian Jin", "sun": "孙丽", "li": "李强", "zhou": "周杰"}
HOSTILE = {
    "lin": "<script>alert(1)</script>",
    "wu": '"><img src=x onerror=alert(1)>',
    "zhao": "\u202eevil\u2066",
    "qian": "شركة التمويل " * 6,
    "sun": "长" * 200,
    "li": "W" * 200,
    "zhou": "</style></svg><b onclick=alert(1)>",
}
"""Names that were chosen to do harm; of the same people."""


def a_busy_month(names: Mapping[str, str]) -> lp.Run:
    """Seven people of whom one drew twelve loans and two are past a limit."""
    drawn = {
        payee: [
            (1 + (7 * number + place) % 28, f"{20 + (37 * number + 11 * place) % 90}万元") for number in range(many)
        ]
        for place, (payee, many) in enumerate(zip(names, (12, 1, 3, 5, 2, 4, 6), strict=True))
    }
    breaches = dict(zip(names, ("30", "45", "0", "10", "25", "60", "5"), strict=True))
    return a_month(names, drawn=drawn, breaches=breaches)


def alerts_in(run: lp.Run) -> tuple[AlertCase, ...]:
    """Who is below 80 points of compliance, and who below 60."""
    rules = [
        AlertRule(code="80", kind="threshold", indicator="compliance_score", test="below", limit="80 point"),
        AlertRule(
            code="60",
            kind="threshold",
            indicator="compliance_score",
            test="below",
            limit="60 point",
            severity="critical",
        ),
    ]
    seen = [
        Observation.of_card(read.card, read.payee, {one.indicator: one for one in read.readings})
        for read in (result.appraisal for result in run.results)
    ]
    return watch(Alerts(), seen, rules, as_of="2026-03-31").alerts.open


def pages_of(names: Mapping[str, str]) -> Iterator[Named]:
    """One page of each kind, under the name of its file."""
    run = a_busy_month(names)
    alerts, money = alerts_in(run), statements_of(run, names)
    known = follow(run.results, run.period, as_of="2026-03-31", accruals=run.accruals, ledger=run.ledger)
    yield (
        "my-month",
        report.my_month(
            "lin", run.results, viewer=ALL, statements=money, alerts=alerts, as_of="2026-03-31", progress=known
        ),
    )
    yield (
        "my-team",
        report.my_team(
            run.results, viewer=ALL, team=lp.Label("East branch", "城东支行"), statements=money, alerts=alerts
        ),
    )
    yield "statement", report.statement_page(money[0], run.results, viewer=ALL)
    yield from units_of(names)
    yield from forms_of(names)


def units_of(names: Mapping[str, str]) -> Iterator[Named]:
    """The pages of a region and of a product."""
    called = [*names.values()]
    yield "region", page_of(called[:3], called[3:], name=called[0])
    yield "product", page_of(called[4:6], called[1:2], name=called[4])


TARGET = report.FormTarget(action="/reviews/lin", hidden={"token": "-a1=b2"})
"""Where the forms are sent."""


def forms_of(names: Mapping[str, str]) -> Iterator[Named]:
    """The pages of reviews, calibration, results and appeals, with the same names; forms have faults in them."""
    codes = ("lin", "wu", "he", "gao", "zhou", "chen")
    called = {**dict(zip(codes, names.values(), strict=False)), **names}
    people = organisation({code: called[code] for code in codes}, {"east": called["qian"], "bank": called["sun"]})
    reviews = reviews_begun(people, review_plan(lp.Label(called["wu"], called["wu"])), note=called["zhou"])
    yield (
        "review",
        report.review_page(
            reviews,
            "lin",
            viewer=Viewer(who="wu", sees="self"),
            as_of="2026-07-08",
            target=TARGET,
            posted={"mark.risk": "101", "comment": called["zhou"]},
            people=people,
        ),
    )
    scored = cycle_scored(people=people)
    published = cycle_published(cycle_calibrated(scored, why=called["zhou"]))
    lin = Viewer(who="lin", sees="self")
    yield (
        "calibration",
        report.calibration_page(cycle_calibrated(scored, why=called["zhou"]), viewer=ALL, people=people),
    )
    yield (
        "letter",
        report.result_letter(
            "lin",
            published,
            viewer=lin,
            reviews=reviewed(),
            outcomes=outcomes_given(lp.Label(called["li"], called["li"])),
            people=people,
        ),
    )
    yield (
        "confirm-letter",
        report.result_letter(
            "lin", published, viewer=lin, target=TARGET, posted={"read": called["zhou"]}, people=people
        ),
    )
    yield (
        "open-appeal",
        report.appeal_page(
            "lin", published, viewer=lin, as_of="2026-07-06", target=TARGET, posted={"other": "x"}, people=people
        ),
    )
    upheld = cycle_upheld(cycle_appealed(published, why=called["wu"]))
    anew = upheld.after(upheld.publish(["lin"], by="hr", at="2026-07-09"))
    yield "appeal", report.appeal_page("lin", anew, viewer=lin, as_of="2026-07-10", target=TARGET, people=people)
