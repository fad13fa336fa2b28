"""Alerts: raised once, told again only when it is worse, handed up, closed when mended; replayed from their records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._streams import record_of
from loanperf.alerts import (
    ALERT_MOVES,
    Alert,
    AlertCase,
    AlertEvent,
    AlertMove,
    AlertRule,
    Alerts,
    AlertState,
    Leads,
    Observation,
    acknowledge,
    alerts_of,
    watch,
)
from loanperf.progress import Pace
from loanperf.viewer import Viewer

MARCH, APRIL = lp.Period.month(2026, 3), lp.Period.month(2026, 4)
NPL, DRAWN = lp.indicator("npl_ratio"), lp.indicator("disbursed_amount")
KNOWN = (NPL, DRAWN, lp.indicator("retention_rate"), lp.indicator("compliance_score"))


def line(**terms: Any) -> AlertRule:
    """The line of 5% on the NPL ratio, or another rule."""
    given = {"code": "line", "kind": "threshold", "indicator": "npl_ratio", "test": "above", "limit": "5%"}
    return AlertRule(**given | terms)


def pace(limit: str = "80%", **terms: Any) -> AlertRule:
    """A warning below a part of what is due of the disbursed amount."""
    return AlertRule(**{"code": "pace", "kind": "pace", "indicator": "disbursed_amount", "limit": limit} | terms)


def seen(subject: str = "lin", period: lp.Period = MARCH, **terms: Any) -> Observation:
    """What is known of lin in March; a reading or target is given by the code of its indicator."""
    readings = {
        code: lp.Reading.of(code, terms.pop(code), subject=subject) for code in [*terms] if code in lp.CATALOGUE
    }
    given: dict[str, Any] = {"currency": "CNY", "indicators": KNOWN, "readings": readings, "known": [*lp.CATALOGUE]}
    return Observation(subject=subject, period=period, **given | terms)


WORSE_TWICE = line(kind="trend", limit=None, test=None, in_a_row=2)


def found(rule: AlertRule, observation: Observation, as_of: str = "2026-03-31") -> list[Alert]:
    """What one rule says."""
    return [*alerts_of(observation, [rule], as_of=as_of)]


def stand(*days: tuple[str, Iterable[Observation]], rules: Iterable[AlertRule], **more: Any) -> Alerts:
    """What stands after looks on some days."""
    alerts = Alerts()
    for as_of, observations in days:
        alerts = watch(alerts, observations, rules, as_of=as_of, **more).alerts
    return alerts


def moves(*days: tuple[str, Iterable[Observation]], rules: Iterable[AlertRule], **more: Any) -> list[tuple[str, str]]:
    """Day and move of each event of looks on some days."""
    return [(event.on.isoformat()[5:], event.move.value) for event in stand(*days, rules=rules, **more).untold]


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────────────


NONE = "rule 'line', a {}, has none; state "
UNSEEN = "rule 'line', a {}, does not look at it; leave it out"


@pytest.mark.parametrize(
    ("terms", "field", "message"),
    [
        ({"limit": None}, "limit", NONE.format("threshold") + "the limit, such as '5%'"),
        ({"test": None}, "test", NONE.format("threshold") + "how a reading is compared"),
        ({"kind": "pace", "test": None, "limit": None}, "limit", NONE.format("pace")),
        ({"kind": "near", "test": None, "limit": None}, "limit", NONE.format("near")),
        ({"kind": "trend", "test": None, "limit": None}, "in_a_row", NONE.format("trend") + "after how many worse"),
        ({"kind": "forecast", "limit": None}, "limit", NONE.format("forecast")),
        ({"kind": "pace"}, "test", UNSEEN.format("pace")),
        ({"kind": "trend", "test": None, "in_a_row": 2}, "limit", UNSEEN.format("trend")),
        ({"in_a_row": 2}, "in_a_row", UNSEEN.format("threshold")),
        ({"kind": "near", "test": None, "of": "attainment"}, "of", "a near, does not look at attainment"),
        ({"kind": "pace", "test": None, "limit": 0}, "limit", "it is 0% of what is due"),
        ({"kind": "pace", "test": None, "limit": "101%"}, "limit", "it is 101% of what is due"),
        ({"kind": "near", "test": None, "limit": "-1%"}, "limit", "it is -0.01; give zero or more"),
        ({"of": "attainment", "limit": "5 CNY"}, "limit", "it is 5 CNY, and the limit a pure number"),
        ({"of": "attainment", "limit": 80}, "limit", "80 is 8000%; write '80%'"),
        ({"margin": "-1%"}, "margin", "it is -0.01"),
        ({"worse_by": 0}, "worse_by", "it is 0; give more than zero"),
        ({"of": "attainment", "margin": "5 CNY"}, "margin", "it is 5 CNY, and the limit a pure number"),
        ({"code": ""}, "code", "it is empty"),
        ({"code": " x"}, "code", "it is no code"),
        ({"severity": "bad"}, "severity", "it is no known word"),
        ({"escalate_after": 0}, "escalate_after", "it is out of range"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(terms: dict[str, Any], field: str, message: str) -> None:
    """A rule without a limit never warns, or always; nobody would notice before it is too late."""
    with pytest.raises(lp.errors.DataError) as caught:
        line(**terms)
    assert str(caught.value).startswith(f"AlertRule.{field}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("test", "reading", "expected"),
    [
        ("above", "5%", False),
        ("above", "5.01%", True),
        ("at least", "4.99%", False),
        ("at least", "5%", True),
        ("below", "5%", False),
        ("below", "4.99%", True),
        ("at most", "5.01%", False),
        ("at most", "5%", True),
    ],
)
def test_a_threshold_is_compared_unrounded(test: str, reading: str, *, expected: bool) -> None:
    """5.01% is above 5%, though both print as 5%."""
    assert expected == bool(found(line(test=test), seen(npl_ratio=reading)))


def test_attainment_of_an_amount_is_looked_at_on_the_last_day() -> None:
    """On the 30th 79% of a month's target may still become 80%; on the 31st it will not."""
    rule = line(indicator="disbursed_amount", of="attainment", test="below", limit="80%")
    short = seen(disbursed_amount="79 CNY", targets={"disbursed_amount": "100 CNY"})
    early = evolve(rule, after="90%")

    assert [] == found(rule, evolve(short, targets={"disbursed_amount": "0 CNY"}))
    assert [] == found(rule, short, "2026-03-30")
    (alert,) = found(rule, short, "2026-03-31")
    assert "lin: disbursed amount at 79 CNY on 2026-03-31 is 79% of its target, below the limit of 80%" == str(alert)
    assert "lin：放款量截至 2026-03-31 为 79 元，完成率 79%，低于预警线 80%" == alert.text.zh
    assert [False, True] == [bool(found(early, short, f"2026-03-{day}")) for day in (27, 28)]  # 27/31 is 87.1%


def test_a_pace_goes_by_the_days_that_count() -> None:
    """March 2026 has 22 working days: by the 8th, a Sunday, five have passed, and 5/22 of 220 yuan are 50."""
    target: dict[str, Any] = {"targets": {"disbursed_amount": "220 CNY"}}
    working = Pace(working=lambda on: on.weekday() < 5)
    rule = pace("100%")

    assert [] == found(rule, seen(disbursed_amount="50 CNY", pace=working, **target), "2026-03-08")
    (alert,) = found(rule, seen(disbursed_amount="49 CNY", pace=working, **target), "2026-03-08")
    assert ("50 CNY", Fraction(1, 50)) == (str(alert.limit), alert.past)
    assert [] == found(rule, seen(disbursed_amount="0 CNY", pace=working, **target), "2026-03-01")


def test_a_forecast_is_handed_in() -> None:
    """The host forecasts with what it likes; the rule looks at what is expected at the end."""
    rule = line(kind="forecast", code="soon")
    expected = seen(npl_ratio="4%", projected={"npl_ratio": "6%"})
    (alert,) = found(rule, expected, "2026-03-10")

    assert "lin: NPL ratio is expected at 6% at the end of 2026-03, as of 2026-03-10, above the limit of 5%" == str(
        alert
    )
    assert "lin：不良率截至 2026-03-10 预计 2026-03 期末为 6%，高于预警线 5%" == alert.text.zh
    assert [] == found(rule, seen(npl_ratio="9%"), "2026-03-10")


def test_a_forecast_may_be_held_against_the_target() -> None:
    """A month that will end at 79% of its target is short of 80%, weeks before it ends."""
    rule = AlertRule(
        code="short", kind="forecast", indicator="disbursed_amount", of="attainment", test="below", limit="80%"
    )
    goal: dict[str, Any] = {"targets": {"disbursed_amount": "100 CNY"}}

    assert [True, False] == [
        bool(found(rule, seen(projected={"disbursed_amount": value}, **goal), "2026-03-02"))
        for value in ("79 CNY", "80 CNY")
    ]


@pytest.mark.parametrize(
    ("earlier", "now", "expected"),
    [
        (["1%", "2%"], "3%", 2),
        (["1%", "2%"], "2%", None),
        (["3%", "2%"], "3%", None),
        (["1%", "2%", "3%"], "4%", 3),
        (["1%"], "9%", None),
        ([], "9%", None),
    ],
)
def test_a_trend_counts_what_became_worse(earlier: list[str], now: str, expected: int | None) -> None:
    """An NPL ratio that rose twice in a row warns, however low; one that stood still or fell begins anew."""
    rule = AlertRule(code="trend", kind="trend", indicator="npl_ratio", in_a_row=2)
    alerts = found(rule, seen(npl_ratio=now, earlier={"npl_ratio": earlier}), "2026-03-10")

    assert ([] if expected is None else [expected - 2]) == [alert.past for alert in alerts]


def test_a_month_that_runs_is_no_worse_than_a_whole_one() -> None:
    """Half of March has less drawn than February; it counts in the trend once it has ended."""
    rule = AlertRule(code="trend", kind="trend", indicator="disbursed_amount", in_a_row=2)
    falling = seen(disbursed_amount="70 CNY", earlier={"disbursed_amount": ["90 CNY", "80 CNY"]})

    assert [] == found(rule, falling, "2026-03-15")
    (alert,) = found(rule, falling, "2026-03-31")
    assert "lin: disbursed amount at 70 CNY on 2026-03-31 has become worse 2 times in a row" == str(alert)


def test_what_is_looked_at_has_its_unit_and_its_target() -> None:
    """A limit in yuan on a ratio, a code that nothing knows, a pace without a target: each would never warn."""
    with pytest.raises(lp.errors.UnitError, match="limit of an alert rule of 'npl_ratio'"):
        found(line(limit="5 CNY"), seen(npl_ratio="6%"))
    with pytest.raises(lp.errors.UnknownIndicatorError, match="did you mean 'npl_ratio'"):
        found(line(indicator="npl_rate"), seen(npl_ratio="6%"))
    with pytest.raises(lp.errors.TargetError, match="'disbursed_amount' is missing"):
        found(pace(), seen(disbursed_amount="6 CNY"))
    with pytest.raises(lp.errors.DataError, match="two of the code 'line'"):
        alerts_of(seen(), [line(), line()], as_of="2026-03-10")


# ── in the scheme ───────────────────────────────────────────────────────────────────────────────────────────

SCHEME = """
name = "branch pay"
currency = "CNY"
effective = 2026-01-01

[profiles.all.weights]
disbursed_amount = "100%"

[targets]
disbursed_amount = "310万元"

[scoring.default]
places = 1
rounding = "half even"
missing = "zero"
"""
LINE = """
[alerts.line]
indicator = "par_30"
kind = "threshold"
test = "above"
limit = "5%"
margin = "0.5%"
"""


@pytest.mark.parametrize(
    ("rule", "known"),
    [
        (line(), {"npl_ratio": "150%"}),
        (line(), {"npl_ratio": "-2%"}),
        (line(of="attainment", limit="120%"), {"npl_ratio": "2%", "targets": {"npl_ratio": "150%"}}),
        (WORSE_TWICE, {"npl_ratio": "2%", "earlier": {"npl_ratio": ["150%"]}}),
    ],
)
def test_what_cannot_be_raises_no_alert_and_is_a_problem(rule: AlertRule, known: dict[str, Any]) -> None:
    """An NPL ratio is 0% to 100%: a reading or target beyond that is told, and alerts that stand stay."""
    stands = watch(Alerts(), [seen(npl_ratio="6%")], [line()], as_of="2026-03-10").alerts
    looked = watch(stands, [seen(**known)], [rule], as_of="2026-03-31")
    assert not [event for event in looked.events if event.move is AlertMove.RAISED]
    (problem,) = looked.problems
    assert "of 'npl_ratio': it is " in problem.fault
    assert "lin" == problem.payee
    assert "above 100%" in problem.fault or "below 0%" in problem.fault


def test_a_scheme_states_its_alert_rules() -> None:
    """The line of 5% belongs to the agreement; its indicator is looked at without a weight, and scores nothing."""
    plain, scheme = lp.parse_scheme(SCHEME), lp.parse_scheme(SCHEME + LINE)
    card = scheme.resolve(period=MARCH)
    readings = {"par_30": lp.Reading.of("par_30", "6%"), "disbursed_amount": lp.Reading.of("disbursed_amount", "1 CNY")}
    (alert,) = alerts_of(Observation.of_card(card, "lin", readings), scheme.alerts, as_of="2026-03-10")

    assert (line(indicator="par_30", margin="0.5%"),) == scheme.alerts
    assert "lin: PAR30 at 6% on 2026-03-10 is above the limit of 5%" == str(alert)
    score = lp.appraise(plain.resolve(period=MARCH), readings=readings).score
    assert [score] * 2 == [lp.appraise(card, readings=some).score for some in (readings, {"disbursed_amount": "1 CNY"})]
    assert scheme == lp.parse_scheme(lp.schemes.write_scheme(scheme), "json")
    assert () == plain.alerts


@pytest.mark.parametrize(
    ("wrong", "right", "key", "at", "message"),
    [
        ('limit = "5%"', "", "limit", (17, 9), "rule 'line', a threshold, has none"),
        ('limit = "5%"', "limit = 5", "limit", (21, 1), "5 is 500%"),
        ('limit = "5%"', 'limit = "5 元"', "limit", (21, 1), "is in CNY; it must be in no unit"),
        ('margin = "0.5%"', 'margin = "1 point"', "margin", (22, 1), "is in point"),
        ('indicator = "par_30"', 'indicator = "par_31"', "indicator", (18, 1), "there is no indicator of that code"),
        ('kind = "threshold"', 'kind = "line"', "kind", (19, 1), "it is none of the words"),
        ('margin = "0.5%"', 'margins = "0.5%"', "margins", (22, 1), "there is no such key"),
    ],
)
def test_a_rule_of_a_scheme_that_cannot_be_says_where_it_stands(
    wrong: str, right: str, key: str, at: tuple[int, int], message: str
) -> None:
    """Who writes the scheme is told the key, and the line and column of the document."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        lp.parse_scheme(SCHEME + LINE.replace(wrong, right))
    (problem,) = caught.value.problems
    assert (f"$.alerts.line.{key}", at) == (problem.where, problem.at)
    assert message in str(problem)


def test_a_change_of_a_rule_reads_as_a_sentence() -> None:
    """A manager who lowers the line signs what it says, in either language."""
    before, after = lp.parse_scheme(SCHEME + LINE), lp.parse_scheme(SCHEME + LINE.replace('"5%"', '"4%"'))
    (lowered,), (new,) = lp.diff(before, after), lp.diff(lp.parse_scheme(SCHEME), before)

    assert ("the limit of the alert rule line falls from 5% to 4%", "预警规则 line的预警线由 5% 降至 4%") == (
        lowered.sentence.en,
        lowered.sentence.zh,
    )
    assert (
        "the alert rule line is new: indicator PAR30, kind threshold, test above, limit 5%,"
        " margin before it is closed 0.5%" == new.sentence.en
    )
    assert "规则类型 阈值，条件 高于，预警线 5%，解除缓冲 0.5%" in new.sentence.zh


# ── what an alert says ──────────────────────────────────────────────────────────────────────────────────────


def measured(payee: str) -> Observation:
    """A payee with five bad loans of 1 to 5 yuan, one of 6 yuan that is normal; the last is found first."""
    loans = [lp.Loan(loan=f"L{n}", customer=f"C{n}", officer=payee, opened_on="2026-01-02") for n in range(1, 8)]
    balances = [lp.Balance(loan=f"L{n}", on="2026-03-05", outstanding=f"{n} CNY") for n in range(1, 8)]
    bad = [
        lp.LoanEvent(loan=f"L{n}", kind=lp.EventKind.CLASSIFIED, on="2026-03-05", category=lp.Category.LOSS)
        for n in range(1, 7)
    ]
    facts: list[lp.Fact] = [*loans, *balances, *bad]
    readings = lp.measure(facts, MARCH, [NPL], currency="CNY").of(payee)
    return seen(payee, readings=readings)


def test_an_alert_names_the_loans_that_weigh_most() -> None:
    """21 of 28 yuan are bad; who is warned starts with the loan of 6 yuan, and not with a list of everything."""
    (alert,) = found(line(), measured("lin"))

    assert ["loan L6", "loan L5", "loan L4", "loan L3", "loan L2"] == [one.fact for one in alert.evidence]
    assert [6, 5, 4, 3, 2] == [one.amount for one in alert.evidence]
    assert "贷款 L6" == alert.evidence[0].text.zh


def test_advice_is_what_the_rule_says_or_what_is_usual() -> None:
    """A risk that is past its limit means that high-risk customers wait; a host may have other rules."""
    own = lp.Label("call the risk office", "联系风险部")

    assert "pause taking on high-risk customers" in found(line(), seen(npl_ratio="6%"))[0].advice.en
    assert "暂停高风险客户准入" in found(line(), seen(npl_ratio="6%"))[0].advice.zh
    assert own == found(line(advice=own), seen(npl_ratio="6%"))[0].advice
    for kind, dimension in product(("threshold", "forecast"), ("performance", "risk", "growth", "team", "own")):
        mine = evolve(NPL, dimension=dimension)
        (alert,) = found(line(kind=kind), seen(npl_ratio="6%", indicators=[mine], projected={"npl_ratio": "6%"}))
        assert alert.advice.en
        assert alert.advice.zh


NAMES = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=200)


@given(NAMES, NAMES, st.sampled_from(["6%", "123456789/1000001"]))
def test_a_short_text_fits_a_phone(subject: str, name: str, reading: str) -> None:
    """One message of a phone has 70 characters of Chinese or 160 of English; whom it is about stays."""
    indicator = evolve(NPL, name=lp.Label(name, name), most=None)
    (alert,) = found(line(), seen(subject, npl_ratio=lp.quantity(reading), indicators=[indicator]))

    assert len(alert.short.zh) <= 70
    assert len(alert.short.en) <= 160
    assert alert.short.zh.startswith(f"【预警】{subject}"[:60])


# ── what stands ─────────────────────────────────────────────────────────────────────────────────────────────


def test_an_alert_is_raised_once_and_closed_when_it_is_mended() -> None:
    """The mission's month: 4%, then 6% for days, then 4% again, and once more 6%, which is another alert."""
    days = [
        (f"2026-03-{day:02}", [seen(npl_ratio=value)]) for day, value in enumerate(("4%", "6%", "6%", "4%", "6%"), 1)
    ]
    alerts = stand(*days, rules=[line()])

    assert [("03-02", "raised"), ("03-04", "mended"), ("03-05", "raised")] == moves(*days, rules=[line()])
    assert [(1, AlertState.CLOSED), (3, AlertState.OPEN)] == [
        (case.number, case.state) for case in alerts.cases.values()
    ]
    assert date(2026, 3, 5) == alerts.open[0].alert.since
    assert lp.quantity("4%") == alerts.untold[1].reading


@pytest.mark.parametrize(("test", "margin"), [("above", "10%"), ("above", "5.01%"), ("at least", "5%")])
def test_a_margin_that_never_closes_an_alert_is_refused(test: str, margin: str) -> None:
    """Above 5% and back by 10% is an NPL ratio of -5%: the alert would stay open for ever, and nobody know why."""
    with pytest.raises(
        lp.errors.DataError, match=r"AlertRule\.margin: rule 'line', with a limit of 5%, could never close"
    ):
        line(test=test, margin=margin)
    assert line(margin="5%").margin == lp.Quantity(Fraction(1, 20))


def test_a_share_that_never_ends_has_two_places_in_an_alert() -> None:
    """By hand: 5 of 23 is 21.739130…%: “≈21.74%” fits a phone; the reading itself stays exact."""
    reading = lp.Reading(indicator="npl_ratio", numerator=Fraction(5), denominator=Fraction(23))
    (alert,) = alerts_of(evolve(seen(), readings={"npl_ratio": reading}), [line()], as_of="2026-03-10")
    assert Fraction(5, 23) == alert.reading.value
    assert "不良率截至 2026-03-10 为 ≈21.74%，" in alert.text.zh
    assert "≈21.74%" in alert.short.zh


def test_it_is_closed_only_past_the_margin() -> None:
    """A ratio that goes to and fro about 5% is one alert, not ten: it is closed at 4%, and not at 4.01%."""
    values = ("6%", "4.5%", "5.5%", "4.01%", "4%")
    days = [(f"2026-03-{day:02}", [seen(npl_ratio=value)]) for day, value in enumerate(values, 1)]

    assert [("03-01", "raised"), ("03-05", "mended")] == moves(*days, rules=[line(margin="1%")])


def test_it_is_told_again_only_where_it_is_worse_than_was_told() -> None:
    """Told at 6%; 7.9% is within the 2% that the rule passes over, 8% is not; 8% again after 6% is known."""
    values = ("6%", "7.9%", "8%", "6%", "8%", "10%")
    days = [(f"2026-03-{day:02}", [seen(npl_ratio=value)]) for day, value in enumerate(values, 1)]

    assert [("03-01", "raised"), ("03-03", "worsened"), ("03-06", "worsened")] == moves(
        *days, rules=[line(worse_by="2%")]
    )
    assert [("03-01", "raised")] == moves(*days, rules=[line()])


VETO = lp.schemes.Veto(indicator="compliance_score", test="below", limit="60 point")
GATE = lp.schemes.Gate(
    indicator="npl_ratio", forfeits=lp.schemes.Curve.of([["0%", "0%"], ["5%", "30%"], ["8%", "100%"]], shape="step")
)


def test_a_veto_that_was_near_and_strikes_is_told_again() -> None:
    """70 points are near 60 by 10; 59 have lost everything, and who was warned at 70 has to hear of it."""
    rule = AlertRule(code="veto", kind="near", indicator="compliance_score", limit="10 point")
    values = ("71 point", "70 point", "65 point", "59 point", "65 point", "59 point", "71 point")
    days = [(f"2026-03-{day:02}", [seen(compliance_score=value, vetoes=[VETO])]) for day, value in enumerate(values, 1)]

    assert [("03-02", "raised"), ("03-04", "worsened"), ("03-07", "mended")] == moves(*days, rules=[rule])


def test_a_gate_is_told_again_where_it_takes_more() -> None:
    """At 4.5% the gate of 5% is near by 0.5%; from 5% on it takes 30% of the bonus, from 8% on all of it."""
    rule = AlertRule(code="gate", kind="near", indicator="npl_ratio", limit="0.5%")
    values = ("4.4%", "4.5%", "5%", "7%", "8%", "5%")
    days = [(f"2026-03-{day:02}", [seen(npl_ratio=value, gates=[GATE])]) for day, value in enumerate(values, 1)]

    assert [("03-02", "raised"), ("03-03", "worsened"), ("03-05", "worsened")] == moves(*days, rules=[rule])


def test_a_gate_is_near_on_the_side_on_which_it_takes() -> None:
    """A gate against retention that was bought takes half from 95% on: 94.8% is 0.2% below it, 94% is not near.

    Retention is better higher, and still this gate is neared from below.
    """
    forfeits = lp.schemes.Curve.of([["0%", "0%"], ["95%", "50%"]], shape="step")
    gate = lp.schemes.Gate(indicator="retention_rate", forfeits=forfeits)
    rule = AlertRule(code="gate", kind="near", indicator="retention_rate", limit="0.5%")

    near, far = (seen(retention_rate=value, gates=[gate]) for value in ("94.8%", "94%"))
    assert [False] == [alert.struck for alert in found(rule, near)]
    assert [] == found(rule, far)


def test_what_is_about_nothing_any_more_ends() -> None:
    """March's pace is over in April; a rule that was withdrawn, an indicator without loans and a leaver end too."""
    short = seen(disbursed_amount="0 CNY", targets={"disbursed_amount": "100 CNY"})
    over = evolve(short, period=APRIL)
    empty = seen(
        readings={"npl_ratio": lp.Reading(indicator="npl_ratio", numerator=Fraction(), denominator=Fraction())}
    )
    ended = [("03-10", "raised"), ("04-02", "ended"), ("04-02", "raised")]

    assert ended == moves(("2026-03-10", [short]), ("2026-04-02", [over]), rules=[pace()])
    first = watch(Alerts(), [seen(npl_ratio="6%")], [line()], as_of="2026-03-10").alerts
    for observations, rules, leads, why in (
        ([empty], [line()], None, "there is no reading any more"),
        ([seen(npl_ratio="6%")], [], None, "no rule looks at it any more"),
        ([seen(npl_ratio="6%", indicators=[DRAWN])], [line()], None, "no rule looks at it any more"),
        (
            [seen(npl_ratio="6%")],
            [line(indicator="disbursed_amount", limit="1 CNY")],
            None,
            "no rule looks at it any more",
        ),
        ([], [line()], Leads(organisation=people("wu")), "nobody of this code is there any more"),
    ):
        (event,) = watch(first, observations, rules, as_of="2026-03-11", leads=leads).events
        assert (AlertMove.ENDED, why) == (event.move, event.why.en)


def test_a_stock_past_its_limit_is_one_alert_over_months() -> None:
    """An NPL ratio of 6% on 31 March is 6% on 1 April: nothing has happened."""
    days = [("2026-03-31", [seen(npl_ratio="6%")]), ("2026-04-01", [seen(npl_ratio="6%", period=APRIL)])]

    assert [("03-31", "raised")] == moves(*days, rules=[line()])


def test_what_is_not_known_changes_nothing() -> None:
    """A payee who is not looked at today, a reading that is not there yet, a target that is missing: no all-clear."""
    first = watch(Alerts(), [seen(npl_ratio="6%")], [line()], as_of="2026-03-10").alerts
    missing = watch(first, [seen(disbursed_amount="1 CNY")], [line(), pace()], as_of="2026-03-11")

    assert () == watch(first, [], [line()], as_of="2026-03-11").events
    assert () == missing.events
    (problem,) = missing.problems
    assert ("lin", "payee lin in 2026-03") == (problem.payee, problem.where)
    assert "target of 'disbursed_amount' is missing" in str(problem)


def test_a_trend_of_which_too_little_is_known_changes_nothing() -> None:
    """A host that has lost the earlier readings gives no all-clear; one reading that is better does."""
    rule = AlertRule(code="trend", kind="trend", indicator="npl_ratio", in_a_row=2)
    risen = seen(npl_ratio="3%", earlier={"npl_ratio": ["1%", "2%"]})
    first = watch(Alerts(), [risen], [rule], as_of="2026-03-10").alerts

    for earlier, expected in (([], []), (["2%"], []), (["4%"], ["mended"])):
        now = seen(npl_ratio="3%", earlier={"npl_ratio": earlier})
        looked = watch(first, [now], [rule], as_of="2026-03-11")
        assert expected == [event.move.value for event in looked.events]


def test_who_takes_it_up_today_does_not_stop_the_look_at_yesterday() -> None:
    """A job in the morning looks at the day that has passed; somebody was quicker, and took up an alert today."""
    first = watch(Alerts(), [seen(npl_ratio="6%")], [line()], as_of="2026-03-10").alerts
    taken = first.after([acknowledge(first, 1, by="lin", on="2026-03-12")])

    assert ["mended"] == [
        event.move.value for event in watch(taken, [seen(npl_ratio="1%")], [line()], as_of="2026-03-11").events
    ]
    assert taken == Alerts.of(event.record() for event in taken.untold)


def test_a_look_that_cannot_be_is_refused() -> None:
    """Yesterday after today, one payee twice, a limit in another unit: each would leave wrong alerts for good."""
    first = watch(Alerts(), [seen(npl_ratio="6%")], [line()], as_of="2026-03-10").alerts
    looks: list[tuple[list[Any], list[Any], str, str]] = [
        ([], [line()], "2026-03-09", "the last look that changed something was of 2026-03-10"),
        ([seen(), seen()], [line()], "2026-03-11", "there are two of 'lin'"),
        ([seen()], [line(margin="1 CNY")], "2026-03-11", "the margin of alert rule 'line' of 'npl_ratio'"),
        (["lin"], [line()], "2026-03-11", "pass a list of Observation"),
        ([seen()], ["line"], "2026-03-11", "pass a list of AlertRule"),
    ]
    for observations, rules, as_of, message in looks:
        with pytest.raises(lp.errors.LoanPerfError, match=message):
            watch(first, observations, rules, as_of=as_of)
    with pytest.raises(lp.errors.DataError, match=r"pass Alerts\(\)"):
        watch("x", [], [], as_of="2026-03-11")  # type: ignore[arg-type]


# ── who hears of it ─────────────────────────────────────────────────────────────────────────────────────────


def people(*officers: str, **more: Any) -> lp.Organisation:
    """Officers of a team of a branch of a bank; wang leads the team, chen the branch."""
    held = [
        ("wang", "team", "team lead"),
        ("chen", "east", "branch manager"),
        *((who, "team", "officer") for who in officers),
    ]
    units = [("bank", None), ("east", "bank"), ("team", "east")]
    return lp.Organisation(
        units=[lp.Unit(code=code, parent=parent) for code, parent in units],
        assignments=[lp.Assignment(payee=who, unit=unit, role=role, since="2026-01-01") for who, unit, role in held],
        **more,
    )


LEADS = Leads(organisation=people("lin", "wu"), roles=["team lead", "branch manager"], named={"bank": "zhao"})


def test_leads_are_codes() -> None:
    """A list of names where a unit should name one would tell nobody."""
    for terms in ({"named": ["wang"]}, {"named": {"east": 7}}, {"roles": "lead"}, {"organisation": "bank"}):
        with pytest.raises(lp.errors.DataError, match="Leads"):
            Leads(**terms)


def test_a_unit_that_is_closed_ends_its_alerts() -> None:
    """The team is no more from April on; its alerts end, and those of the branch stay."""
    closed = [evolve(one, until="2026-04-01") if one.code == "team" else one for one in people("lin").units]
    gone = lp.Organisation(
        units=closed, assignments=[lp.Assignment(payee="chen", unit="east", role="branch manager", since="2026-01-01")]
    )
    bad = [seen(unit, npl_ratio="6%", is_unit=True) for unit in ("east", "team")]
    first = watch(Alerts(), bad, [line()], as_of="2026-03-10", leads=LEADS).alerts
    (event,) = watch(first, [], [line()], as_of="2026-04-01", leads=Leads(organisation=gone)).events

    assert ("ended", "team") == (event.move.value, event.alert.subject)
    assert ["closed"] == [case.state.value for case in first.after([event]).about("team", is_unit=True)]
    assert () == first.about("team")


@pytest.mark.parametrize("name", ["consumer-finance", "risk-control"])
def test_ready_made_schemes_warn_of_bad_loans(name: str) -> None:
    """By hand: 5% is on the line and no alert; 6% is past it, critical, and the lead hears of it two days later."""
    scheme = lp.template(name)
    card = scheme.resolve(period=MARCH)
    found = {
        ratio: alerts_of(
            Observation.of_card(card, "lin", {"npl_ratio": lp.Reading.of("npl_ratio", ratio)}),
            scheme.alerts,
            as_of="2026-03-10",
        )
        for ratio in ("5%", "6%")
    }

    assert () == found["5%"]
    assert ["critical"] == [alert.severity for alert in found["6%"]]
    assert [2] == [rule.escalate_after for rule in scheme.alerts]


def test_a_day_outside_of_what_is_observed_is_refused() -> None:
    """Readings of March say nothing of a day in April; those of who left on the 11th still stand on the 31st."""
    left = evolve(seen(npl_ratio="6%"), period=lp.Period("2026-03-01", "2026-03-11"))
    (raised,) = watch(Alerts(), [left], [line()], as_of="2026-03-31").events
    assert raised.move.value == "raised"
    for as_of in ("2026-02-28", "2026-04-01"):
        with pytest.raises(lp.errors.PeriodError, match="not in 2026-03, at which it looks"):
            watch(Alerts(), [left], [line()], as_of=as_of)


def test_who_leads_above_is_as_of_the_day() -> None:
    """A lead who left in March hears of nothing in April; who leads is not above themselves."""
    handed = evolve(
        LEADS.organisation,
        assignments=[
            *(
                evolve(one, until="2026-04-01") if one.payee == "wang" else one
                for one in LEADS.organisation.assignments
            ),
            lp.Assignment(payee="li", unit="team", role="team lead", since="2026-04-01"),
        ],
    )
    leads = evolve(LEADS, organisation=handed)
    march, april = date(2026, 3, 31), date(2026, 4, 1)

    assert (("wang",), ("chen",), ("zhao",)) == leads.above("lin", march)
    assert (("li",), ("chen",), ("zhao",)) == leads.above("lin", april)
    assert (("chen",), ("zhao",)) == leads.above("wang", march)
    assert (("wang",), ("chen",), ("zhao",)) == leads.above("team", march, is_unit=True)
    assert () == leads.above("nobody", march)
    assert () == leads.above("nowhere", march, is_unit=True)
    assert () == Leads().above("lin", march)


def test_it_goes_up_the_tree_until_somebody_takes_it_up() -> None:
    """Two days in silence each: the team lead on the 12th, the branch on the 14th, the bank on the 16th."""
    rule, bad = line(escalate_after=2), [seen(npl_ratio="6%")]
    days = [(f"2026-03-{day}", bad) for day in range(10, 20)]
    alerts = stand(*days, rules=[rule], leads=LEADS)

    assert [(10, ("lin",)), (12, ("wang",)), (14, ("chen",)), (16, ("zhao",))] == [
        (event.on.day, event.to) for event in alerts.untold
    ]
    assert ("lin", "wang", "chen", "zhao") == alerts.open[0].told
    assert [("03-10", "raised")] == moves(*days, rules=[rule])  # nobody leads


def test_what_is_taken_up_stays_until_it_is_worse() -> None:
    """Acknowledged on the 11th it goes up no more; at 9% it opens again, and two days later wang hears of it."""
    rule = line(escalate_after=2, worse_by="2%")
    alerts = stand(("2026-03-10", [seen(npl_ratio="6%")]), rules=[rule], leads=LEADS)
    taken = acknowledge(alerts, 1, by="lin", on="2026-03-11", leads=LEADS, why="calling the customers")
    alerts = alerts.after([taken])
    assert (AlertState.ACKNOWLEDGED, "lin") == (alerts.open[0].state, alerts.open[0].acknowledged_by)

    for day, value in (("13", "6%"), ("14", "9%"), ("15", "9%"), ("16", "9%")):
        alerts = watch(alerts, [seen(npl_ratio=value)], [rule], as_of=f"2026-03-{day}", leads=LEADS).alerts
    assert [("acknowledged", 11), ("worsened", 14), ("escalated", 16)] == [
        (event.move.value, event.on.day) for event in alerts.untold[1:]
    ]


def test_what_becomes_worse_unheeded_goes_up_no_later() -> None:
    """Raised on the 1st, worse on the 3rd, four days to take it up: wang hears of it on the 5th, not on the 7th.

    What gets worse and worse would otherwise never reach anybody above. wang was told on the 5th; though it is worse on
    the 6th, chen hears of it on the 9th, four days after wang.
    """
    values = ("6%", "6%", "9%", "9%", "9%", "12%", "12%", "12%", "12%")
    days = [(f"2026-03-{day:02}", [seen(npl_ratio=value)]) for day, value in enumerate(values, 1)]
    alerts = stand(*days, rules=[line(escalate_after=4, worse_by="2%")], leads=LEADS)

    assert [("raised", 1), ("worsened", 3), ("escalated", 5), ("worsened", 6), ("escalated", 9)] == [
        (event.move.value, event.on.day) for event in alerts.untold
    ]


def test_an_alert_of_a_unit_goes_to_who_leads_it() -> None:
    """The NPL ratio of a team is its lead's business first, then that of the branch."""
    rule, bad = line(escalate_after=1), [seen("team", npl_ratio="6%", is_unit=True)]
    alerts = stand(("2026-03-10", bad), ("2026-03-11", bad), rules=[rule], leads=LEADS)

    assert [("wang",), ("chen",)] == [event.to for event in alerts.untold]
    assert () == stand(("2026-03-10", bad), rules=[rule]).untold[0].to


def test_an_alert_is_taken_up_by_whom_it_concerns_and_once() -> None:
    """A colleague cannot wave it through, nor anybody what is closed; who has it is named to who asks again."""
    alerts = stand(("2026-03-10", [seen(npl_ratio="6%")]), rules=[line()], leads=LEADS)
    with pytest.raises(lp.errors.RightsError, match="'wu' may not acknowledge alert 1 of 'lin'"):
        acknowledge(alerts, 1, by="wu", on="2026-03-11", leads=LEADS)
    with pytest.raises(lp.errors.DataError, match="alert 7: there is none of that number"):
        acknowledge(alerts, 7, by="lin", on="2026-03-11")
    with pytest.raises(lp.errors.DataError, match="it was raised on 2026-03-10, after 2026-03-09"):
        acknowledge(alerts, 1, by="lin", on="2026-03-09")
    for who in ("lin", "wang", "chen", "zhao"):
        assert who == acknowledge(alerts, 1, by=who, on="2026-03-11", leads=LEADS).by
    taken = alerts.after([acknowledge(alerts, 1, by="wang", on="2026-03-11", leads=LEADS)])
    with pytest.raises(lp.errors.DataError, match="'wang' acknowledged it on 2026-03-11"):
        acknowledge(taken, 1, by="lin", on="2026-03-12")
    closed = watch(taken, [seen(npl_ratio="1%")], [line()], as_of="2026-03-12").alerts
    with pytest.raises(lp.errors.DataError, match="it was closed on 2026-03-12"):
        acknowledge(closed, 1, by="lin", on="2026-03-13")


def test_a_list_of_alerts_shows_whom_the_viewer_may_see() -> None:
    """A payee sees their own, a lead those of the team, a unit's who sees all of its members or was told."""
    both = [seen("lin", npl_ratio="6%"), seen("wu", npl_ratio="6%"), seen("team", npl_ratio="6%", is_unit=True)]
    alerts = stand(("2026-03-10", both), rules=[line()], leads=LEADS)

    def shown(who: str, sees: Any, **more: Any) -> list[str]:
        return [case.alert.subject for case in alerts.seen_by(Viewer(who=who, sees=sees), **more)]

    assert ["team", "lin", "wu"] == shown("audit", "all")
    assert ["lin"] == shown("lin", "self")
    assert ["team", "lin", "wu"] == shown("wang", {"lin", "wu"})
    assert ["lin", "wu"] == shown("li", {"lin", "wu"})
    assert ["lin", "wu"] == shown("li", {"lin", "wu"}, organisation=LEADS.organisation)
    assert ["team", "lin", "wu"] == shown("li", {"lin", "wu", "wang"}, organisation=LEADS.organisation)
    assert [] == shown("mei", "self", organisation=LEADS.organisation)
    with pytest.raises(lp.errors.DataError, match="the viewer"):
        alerts.seen_by("wang")  # type: ignore[arg-type]


# ── the table of moves ──────────────────────────────────────────────────────────────────────────────────────

RULE = line(escalate_after=1, worse_by="1%")
INTO: Mapping[AlertState, tuple[AlertMove, ...]] = {
    AlertState.CLOSED: (AlertMove.RAISED, AlertMove.MENDED),
    AlertState.OPEN: (AlertMove.RAISED,),
    AlertState.ESCALATED: (AlertMove.RAISED, AlertMove.ESCALATED),
    AlertState.ACKNOWLEDGED: (AlertMove.RAISED, AlertMove.ACKNOWLEDGED),
}
"""How an alert comes into each state."""


def events_of(path: Iterable[AlertMove], *, anew: bool = True) -> Iterator[AlertEvent]:
    """Events of one alert by its moves; one that is raised once more is another alert."""
    (alert,) = found(RULE, seen(npl_ratio="6%"), "2026-03-10")
    case = 0
    for number, move in enumerate(path, 1):
        case = number if move is AlertMove.RAISED and (anew or not case) else case
        yield AlertEvent(number=number, case=case, move=move, on=date(2026, 3, 10), alert=alert, to=("lin",))


@pytest.mark.parametrize(("state", "move"), [*product(AlertState, AlertMove)])
def test_every_move_of_the_table_is_made_and_no_other(state: AlertState, move: AlertMove) -> None:
    """From each state each move: to where the table says, or refused with what stands there."""
    events = [*events_of((*INTO[state], move))]
    before = Alerts().after(events[:-1])
    assert state is [*before.cases.values()][-1].state

    after = ALERT_MOVES.get((state, move))
    if after is not None:
        assert after is [*before.after(events[-1:]).cases.values()][-1].state
        assert before.after(events[-1:]) == Alerts.of(event.record() for event in events)
    elif move is not AlertMove.RAISED:
        with pytest.raises(lp.errors.DataError, match=f"is {state.value}, and cannot be {move.value}"):
            before.after(events[-1:])


def test_an_alert_is_not_raised_twice() -> None:
    """What is open, or was, is never raised under its number again; nor is anything done to one that is not there."""
    for path in ((AlertMove.RAISED, AlertMove.RAISED), (AlertMove.RAISED, AlertMove.MENDED, AlertMove.RAISED)):
        with pytest.raises(lp.errors.DataError, match="and cannot be raised"):
            Alerts().after(events_of(path, anew=False))
    lone = evolve(next(events_of([AlertMove.RAISED])), move=AlertMove.MENDED)
    with pytest.raises(lp.errors.DataError, match="there is no such alert, and cannot be mended"):
        Alerts().after([lone])


# ── replayed ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: lines[1:], "record 1 of the alerts: it is numbered 2"),
        (lambda lines: [lines[0], lines[0]], "record 2 of the alerts: it is numbered 1"),
        (
            lambda lines: [lines[0].replace('"form":1', '"form":2')],
            "it is of form 2, and this version of loanperf reads 1",
        ),
        (lambda lines: [lines[0].replace('"alert":{', '"alarm":{', 1)], "it is none of alert, told: ['alarm']"),
        (lambda lines: [lines[0].replace('"severity":"warning"', '"severity":"x"')], "it was changed"),
        (lambda _: [record_of(1, "alert", {"move": "raised"})], 'record 1 of the alerts: it cannot be read: "KeyError'),
        (lambda _: [record_of(1, "alert", {"move": "sold"})], "record 1 of the alerts: it cannot be read: 'ValueError"),
        (lambda _: ["["], 'it cannot be read: "JSONDecodeError'),
        (lambda _: ['{"form":1,"number":2,"digest":"","told":{"through":0}}'], "it is numbered 2"),
    ],
)
def test_a_stream_with_a_hole_or_of_a_later_version_is_refused(damage: Any, message: str) -> None:
    """A record that is lost may be an alert that nobody hears of; one that is not understood may be its end."""
    days = [(f"2026-03-{day}", [seen(npl_ratio=value)]) for day, value in ((10, "6%"), (11, "4%"))]
    records = [event.record() for event in stand(*days, rules=[line()]).untold]
    with pytest.raises(lp.errors.DataError) as caught:
        Alerts.of(damage(records))
    assert message in str(caught.value)


def test_a_record_is_one_line_that_comes_back() -> None:
    """A store keeps lines; what was told is there to the letter, in both languages."""
    (event,) = watch(Alerts(), [measured("lin")], [line()], as_of="2026-03-10").events
    assert "\n" not in event.record()
    record = json.loads(event.record())
    assert event == AlertEvent.from_data({"number": record["number"], **record["alert"]})
    (case,) = Alerts.of([event.record()]).open
    assert case == AlertCase.from_data(json.loads(json.dumps(case.data())))


# ── the same, written plainly ───────────────────────────────────────────────────────────────────────────────

RATIOS = st.sampled_from([0, 3, 4, 5, 6, 7, 8, 9, None])
"""Percent; None where there is no reading any more."""
AMOUNTS = st.integers(0, 12)
DAY = st.fixed_dictionaries(
    {
        "gap": st.integers(0, 3),
        "ratios": st.dictionaries(st.sampled_from(["lin", "wu", "wang"]), RATIOS),
        "amounts": st.dictionaries(st.sampled_from(["lin", "wu"]), AMOUNTS),
        "taken": st.none() | st.tuples(st.integers(0, 3), st.sampled_from(["lin", "wang", "zhao"])),
    }
)
TWO = [
    line(margin="1%", worse_by="2%", escalate_after=2),
    AlertRule(code="pace", kind="pace", indicator="disbursed_amount", limit="80%", margin="10%", escalate_after=3),
]


def observed(day: Mapping[str, Any]) -> list[Observation]:
    """What a day shows; of 100 yuan ten are due on each of the first ten days, and nothing after."""
    found = []
    for who in sorted({*day["ratios"], *day["amounts"]}):
        readings = {}
        if who in day["ratios"]:
            value = day["ratios"][who]
            below = Fraction(value is not None)
            readings["npl_ratio"] = lp.Reading(
                indicator="npl_ratio", numerator=Fraction(value or 0, 100), denominator=below
            )
        if who in day["amounts"]:
            readings["disbursed_amount"] = lp.Reading.of("disbursed_amount", f"{day['amounts'][who] * 10} CNY")
        target = {"disbursed_amount": "310 CNY"}
        found.append(seen(who, readings=readings, targets=target))
    return found


class Plain:
    """Alerts by two rules, written as a bank's HR would with paper: one sheet a payee and rule."""

    ABOVE: Mapping[str, list[str]] = {
        "lin": ["wang", "chen", "zhao"],
        "wu": ["wang", "chen", "zhao"],
        "wang": ["chen", "zhao"],
    }

    def __init__(self) -> None:
        self.sheets: dict[tuple[str, str], dict[str, Any]] = {}
        self.said: list[tuple[date, str, str, str]] = []
        self.order: list[dict[str, Any]] = []

    def say(self, on: date, what: str, who: str, rule: str) -> None:
        """Note an event."""
        self.said.append((on, what, who, rule))

    def look(self, on: date, who: str, rule: str, badness: Fraction, limits: tuple[Any, Any, Any]) -> None:
        """One reading: how bad it is, from where on it warns, where it closes, what is worth saying again."""
        warn, close, again = limits
        sheet = self.sheets.get((who, rule))
        if sheet is None:
            if badness > warn:
                sheet = {"told": badness, "since": on, "taken": False, "heard": [who], "who": who, "rule": rule}
                self.sheets[who, rule] = sheet
                self.order.append(sheet)
                self.say(on, "raised", who, rule)
        elif badness <= close:
            self.close(on, sheet, "mended")
        elif again is not None and badness > warn and badness >= sheet["told"] + again:
            sheet["told"] = badness
            if sheet["taken"]:
                sheet["taken"], sheet["since"] = False, on
            self.say(on, "worsened", who, rule)

    def close(self, on: date, sheet: dict[str, Any], how: str) -> None:
        """Put a sheet away."""
        del self.sheets[sheet["who"], sheet["rule"]]
        self.order.remove(sheet)
        self.say(on, how, sheet["who"], sheet["rule"])

    def day(self, on: date, day: Mapping[str, Any]) -> None:
        """A day: what it shows, then what nobody took up goes up."""
        for who in sorted({*day["ratios"], *day["amounts"]}):
            if who in day["ratios"]:
                value = day["ratios"][who]
                if value is None and (who, "line") in self.sheets:
                    self.close(on, self.sheets[who, "line"], "ended")
                if value is not None:
                    self.look(on, who, "line", Fraction(value), (Fraction(5), Fraction(4), Fraction(2)))
            if who in day["amounts"]:
                due = Fraction(310 * min(on.day if on >= MARCH.start else 0, 31), 31)
                share = Fraction(day["amounts"][who] * 10) / due
                self.look(on, who, "pace", 1 - share, (Fraction(2, 10), Fraction(1, 10), None))
        for sheet in [*self.order]:
            days = {"line": 2, "pace": 3}[sheet["rule"]]
            left = [lead for lead in self.ABOVE[sheet["who"]] if lead not in sheet["heard"]]
            if not sheet["taken"] and (on - sheet["since"]).days >= days and left:
                sheet["heard"].append(left[0])
                sheet["since"] = on
                self.say(on, "escalated", sheet["who"], sheet["rule"])

    def take(self, on: date, place: int, by: str) -> bool:
        """Somebody takes up a sheet, if it is theirs and nobody has it."""
        if place >= len(self.order):
            return False
        sheet = self.order[place]
        if sheet["taken"] or by not in {sheet["who"], *self.ABOVE[sheet["who"]]}:
            return False
        sheet["taken"] = True
        self.say(on, "acknowledged", sheet["who"], sheet["rule"])
        return True


@given(st.lists(DAY, max_size=12))
def test_alerts_are_what_a_plain_recomputation_says(days: list[dict[str, Any]]) -> None:
    """Over random days with gaps, readings that come and go, and people who take things up; replayed at every step."""
    alerts, plain, on, said = Alerts(), Plain(), MARCH.start, list[tuple[date, str, str, str]]()
    for day in days:
        on = min(on + timedelta(days=day["gap"]), MARCH.last_day)
        looked = watch(alerts, observed(day), TWO, as_of=on, leads=LEADS)
        plain.day(on, day)
        alerts, events = looked.alerts, [*looked.events]
        if day["taken"] is not None:
            place, by = day["taken"]
            number = alerts.open[place].number if place < len(alerts.open) else 0
            if plain.take(on, place, by):
                events.append(acknowledge(alerts, number, by=by, on=on, leads=LEADS))
                alerts = alerts.after(events[-1:])
            else:
                with pytest.raises(lp.errors.LoanPerfError):
                    acknowledge(alerts, number, by=by, on=on, leads=LEADS)
        said += [(event.on, event.move.value, event.alert.subject, event.alert.rule) for event in events]
        assert plain.said == said
        assert alerts == Alerts.of(event.record() for event in alerts.untold)


@given(st.lists(DAY, max_size=12))
def test_nothing_is_said_again_without_a_change(days: list[dict[str, Any]]) -> None:
    """A second look on a day says nothing; what is told of an alert again is worse than all that was told of it."""
    alerts, on = Alerts(), MARCH.start
    for day in days:
        on = min(on + timedelta(days=day["gap"]), MARCH.last_day)
        alerts = watch(alerts, observed(day), TWO, as_of=on, leads=LEADS).alerts
        assert () == watch(alerts, observed(day), TWO, as_of=on, leads=LEADS).events
    told = dict[int, list[Fraction]]()
    for event in alerts.untold:
        if event.move in (AlertMove.RAISED, AlertMove.WORSENED):
            told.setdefault(event.case, []).append(event.alert.past)
    assert all(one < other for pasts in told.values() for one, other in pairwise(pasts))
