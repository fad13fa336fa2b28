"""Deals and plans drawn at random, with ties at the bounds of tiers, for the tests of books of deals."""

from datetime import date, timedelta
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

import loanperf as lp

E = lp.EventKind
START = date(2026, 1, 1)
THROUGH = lp.Period.month(2026, 8)
PEOPLE = ("lin", "wei", "zhao")
STRANGER = "nobody"
"""An officer of whom the organisation knows nothing."""
KNOTS = (0, 1000, 3000, 8000)
AMOUNTS = st.one_of(
    st.sampled_from([0, 1, 20000, 30000, 99999, 100000, 100001, 150000, 200000, 300000, 500000, 800000]),
    st.integers(0, 900000),
)
"""In fen; many of them lie on a knot, or reach one with others."""
HUGE = st.sampled_from([0, 1, 2**31, 10**15, 2**52 - 1, 2**53 + 1, 2**60, 2**61 + 1, 2**62 - 1, 2**62, 2**63 - 1])
"""In fen, at the bounds of what float64 and int64 hold."""
ROUNDINGS = st.sampled_from(list(lp.Rounding))
RATES = st.sampled_from(["0%", "1%", "0.5%", "2%", "1/3", "3/7", "5%", "0.125%"])
CODES = ("L1", "L10", "L2", "L-1", "L", "L/1", "L\\1", "M 1", "中", "l1", "L1/")


@st.composite
def curves(draw: st.DrawFn, *, linear: bool = False) -> lp.schemes.Curve:
    """A curve of rates by amounts."""
    size = draw(st.integers(1, 4))
    rates = draw(st.lists(RATES, min_size=size, max_size=size))
    knots = [[f"{at} CNY", rate] for at, rate in zip(KNOTS, rates, strict=False)]
    if linear and size > 1 and draw(st.booleans()):
        knots.insert(1, knots[1])
        knots[1] = [knots[2][0], draw(RATES)]
    thens = [None, None, lp.schemes.Then("0.1%", "pro rata"), lp.schemes.Then("0.1%", "whole")] if linear else [None]
    return lp.schemes.Curve.of(
        knots,
        shape="linear" if linear else "step",
        closed=draw(st.sampled_from(["left", "right"])),
        then=draw(st.sampled_from(thens)),
    )


@st.composite
def tiers_and_curves(draw: st.DrawFn) -> dict[str, Any]:
    """One rate, or tiers with a curve or several."""
    if draw(st.integers(0, 3)) == 0:
        return {"rate": draw(RATES)}
    applies = draw(st.sampled_from(["flat", "marginal", "interpolated", "forward before", "forward after"]))
    by = draw(st.sampled_from(["amount", "amount", "amount", "count", "attainment", "earned"]))
    if by == "earned":
        applies = "marginal"
    accumulates = draw(st.sampled_from(["per transaction", "period", "period", "to date", "rolling"]))
    given: dict[str, Any] = {"by": by, "applies": applies, "accumulates": accumulates}
    if accumulates == "to date":
        given["resets"] = draw(st.sampled_from(["never", "year", "half", "quarter"]))
    if accumulates == "rolling":
        given["periods"] = draw(st.integers(1, 4))
    if by == "attainment":
        given["quota"] = draw(st.sampled_from(["1000 CNY", "1 CNY", "700 CNY", "2000/3 CNY"]))
    if by != "earned" and draw(st.integers(0, 2)) == 0:
        given["counts"] = draw(st.sampled_from(["every loan", (where(draw),)]))
    linear = applies == "interpolated"
    found: dict[str, Any] = {"tiers": lp.schemes.Tiers(**given), "curve": draw(_by(by, linear=linear))}
    if draw(st.integers(0, 4)) == 0:
        rate = lp.schemes.Rate(
            where=(lp.schemes.Where(field="product", values=("car",)),), curve=draw(_by(by, linear=linear))
        )
        found["rates"] = (rate,)
    return found


@st.composite
def _by(draw: st.DrawFn, by: str, *, linear: bool) -> lp.schemes.Curve:
    curve = draw(curves(linear=linear))
    if by in ("count", "attainment"):
        at: list[Any] = [0, 1, 2, 5] if by == "count" else ["0%", "50%", "100%", "1000/3"]
        xs = dict(zip(KNOTS, at, strict=True))
        knots = [[xs[int(x)], y] for x, y in curve.knots]
        return lp.schemes.Curve.of(knots, shape=curve.shape, closed=curve.closed, then=curve.then)
    return curve


def where(draw: st.DrawFn) -> lp.schemes.Where:
    """A filter on what a plan knows of a loan."""
    amount = lp.quantity("1000 CNY")
    return draw(
        st.sampled_from([
            lp.schemes.Where(field="product", values=("car", "home")),
            lp.schemes.Where(field="segment", values=("",)),
            lp.schemes.Where(field="term_months", at_least=lp.quantity(12)),
            lp.schemes.Where(field="amount", above=amount),
            lp.schemes.Where(field="amount", at_most=amount),
        ])
    )  # fmt: skip


STAGES: tuple[tuple[tuple[Any, str], ...], ...] = (
    (),
    (("due diligence complete", "20%"), ("disbursed", "80%")),
    (("due diligence complete", "1/3"), ("signed", "1/3"), ("disbursed", "1/3")),
    (("opened", "50%"), ("disbursed", "50%")),
    (("applied", "1/7"), ("first repayment", "6/7")),
    (("signed", "0%"), ("disbursed", "100%")),
    (("signed", "30%"), ("repaid in full", "70%")),
    (("disbursed", "100%"),),
)
"""Milestones with their shares."""


@st.composite
def components(draw: st.DrawFn, code: str) -> lp.schemes.Component:
    """A component of loans, or now and then of a period."""
    base = draw(st.sampled_from(["disbursed", "disbursed", "contracted", "count", "count"]))
    given: dict[str, Any] = {"code": code, "base": base} | draw(tiers_and_curves())
    if base == "count" and "tiers" not in given:
        given["rate"] = draw(st.sampled_from(["150 CNY", "0.005 CNY", "100/3 CNY"]))
    stages = draw(st.sampled_from(STAGES))
    payable: Any = draw(st.sampled_from([None, None, None, "disbursed", "first repayment"]))
    given["stages"] = tuple(
        lp.schemes.Stage(milestone=milestone, share=share, payable=payable if place == 0 else None)
        for place, (milestone, share) in enumerate(stages)
    )
    given["dead"] = draw(st.sampled_from(["keep", "reverse"]))
    for name, amounts in (("least", ["3 CNY", "1/3 CNY"]), ("most", ["20 CNY", "40/3 CNY"])):
        if draw(st.integers(0, 5)) == 0:
            given[name] = draw(st.sampled_from(amounts))
    if draw(st.integers(0, 5)) == 0:
        given["per"] = draw(st.sampled_from(["100", "3"] if base == "count" else ["100 CNY", "3 CNY"]))
    if draw(st.integers(0, 5)) == 0:
        given["where"] = (where(draw),)
    if draw(st.integers(0, 9)) == 0:
        given["expires_days"] = 40
    return lp.schemes.Component(**given)


@st.composite
def dated_plans(draw: st.DrawFn, most: int = 2) -> list[lp.schemes.DatedPlan]:
    """A plan for all, in one version or two."""
    selected_at: Any = draw(st.sampled_from(["opened", "opened", "signed", "disbursed"]))
    found = []
    bounds = draw(st.sampled_from([(None,), (date(2026, 4, 1), None)]))
    since = draw(st.sampled_from([date(2025, 1, 1), date(2026, 2, 1)]))
    pieces = [draw(components(f"c{place}")) for place in range(draw(st.integers(1, most)))]
    for version, until in enumerate(bounds):
        if version and draw(st.booleans()):
            pieces = [draw(components(piece.code)) for piece in pieces]
        ends = draw(st.sampled_from(ENDS))
        if any(rule.on == "cancelled" for rule in ends.get("clawbacks", ())):
            pieces = [evolve(piece, dead="keep") for piece in pieces]
        rounding = draw(ROUNDINGS)
        plan = lp.schemes.Plan(
            code="plan", selected_at=selected_at, components=tuple(pieces), rounding=rounding, **ends
        )
        found.append(
            lp.schemes.DatedPlan(plan=plan, scheme="s", version=f"v{version}", currency="CNY", since=since, until=until)
        )
        since = until or since
    return found


_TWICE = (lp.schemes.Instalment(after_months=1, share="1/3"), lp.schemes.Instalment(after_months=3, share="2/3"))
_TENTH = lp.schemes.Holdback(share="10%", instalments=_TWICE)
_STEPS_OF_NPL = lp.schemes.Curve.of([["0%", "0%"], ["2%", "50%"]], shape="step")
_STEPS = lp.schemes.Curve.of([[0, "0%"], ["20 CNY", "10%"], ["100 CNY", "1/3"]], shape="step")
_TO_A_THIRD = lp.schemes.Curve.of([[0, "100%"], [2, "1/3"]], shape="step")
ENDS: tuple[dict[str, Any], ...] = (
    {},
    {"holdback": _TENTH},
    {"holdback": lp.schemes.Holdback(share=_STEPS, applies="marginal", instalments=_TWICE, condition="performing")},
    {"holdback": lp.schemes.Holdback(share="1/3", repaid="releases")},
    {
        "holdback": _TENTH,
        "clawbacks": (
            lp.schemes.Clawback(
                on="written off",
                share=_TO_A_THIRD,
                takes="whole",
                attainment="stays",
                refund="90%",
            ),
            lp.schemes.Clawback(on="non-performing", share="50%", attainment="stays", reach="held"),
        ),
    },
    {
        "holdback": _TENTH,
        "clawbacks": (
            lp.schemes.Clawback(on="prepaid", takes="in proportion", share=_TO_A_THIRD, attainment="stays"),
            lp.schemes.Clawback(
                on="written off", takes="in proportion", share="100%", attainment="stays", refund="90%"
            ),
            lp.schemes.Clawback(on="non-performing", share="50%", attainment="stays"),
        ),
    },
    {"clawbacks": (lp.schemes.Clawback(on="prepaid", takes="when paid off", share=_TO_A_THIRD, attainment="lowered"),)},
    {
        "holdback": lp.schemes.Holdback(share="1/3", repaid="releases"),
        "clawbacks": (
            lp.schemes.Clawback(on="prepaid", takes="whole", share="100%", attainment="stays", reach="held"),
        ),
    },
    {"clawbacks": (lp.schemes.Clawback(on="past due", more_than_days=30, share="40%", attainment="lowered"),)},
    {"clawbacks": (lp.schemes.Clawback(on="cancelled", share="50%", attainment="stays"),)},
)
"""What is held and taken back."""


RULES: tuple[dict[str, Any], ...] = (
    {"period_least": "7 CNY"},
    {"period_most": lp.schemes.Cap(most="9 CNY", excess="carried")},
    {"period_most": lp.schemes.Cap(most="9 CNY", excess="lost")},
    {"multipliers": (lp.schemes.Multiplier(indicator="npl", of="value", curve=_STEPS_OF_NPL),)},
    {"split": (("lead", "70%"), ("assistant", "30%"))},
    {"split": (("lead", "70%"), ("assistant", "30%")), "unfilled": "unpaid"},
    {"split": (("lead", "100%"), ("assistant", "30%")), "credited": "full"},
    {"held_at": "origination"},
)
"""What a component may have besides its rate."""
PLAN_RULES: tuple[dict[str, Any], ...] = (
    {"most": lp.schemes.Cap(most="12 CNY", excess="carried")},
    {"most": lp.schemes.Cap(most="12 CNY", excess="lost")},
    {"gates": (lp.schemes.Gate(indicator="npl", forfeits=_STEPS_OF_NPL),)},
    {"ramp": lp.schemes.Curve.of([[1, "50%"], [3, "100%"]], shape="step")},
    {"draws": (lp.schemes.Draw(least="10 CNY", kind="plain"),)},
    {"role": "officer"},
    {"unit": "east"},
)
"""What a plan may have besides its components."""
BY_PERIOD: tuple[lp.schemes.Component, ...] = (
    lp.schemes.Component(code="salary", base="fixed", rate="100 CNY"),
    lp.schemes.Component(code="quality", base="indicator", indicator="npl", rate="100 CNY"),
    lp.schemes.Component(code="stock", base="balance", rate="0.1%"),
    lp.schemes.Component(code="override", base="team", team=lp.schemes.Team(total="sum"), rate="10%"),
)
"""Components that are no loan's."""


@st.composite
def ruled_plans(draw: st.DrawFn) -> list[lp.schemes.DatedPlan]:
    """Plans with one rule more, in one of their versions or in all; now and then trainees have a plan of their own."""
    dated = draw(dated_plans())
    place = draw(st.integers(0, len(dated) - 1))
    plan = dated[place].plan
    match draw(st.sampled_from(["component", "plan", "period", "trainee", "none"])):
        case "component":
            first = evolve(plan.components[0], **draw(st.sampled_from(RULES)))
            plan = evolve(plan, components=(first, *plan.components[1:]))
        case "plan":
            plan = evolve(plan, **draw(st.sampled_from(PLAN_RULES)))
        case "period":
            plan = evolve(plan, components=(*plan.components, draw(st.sampled_from(BY_PERIOD))))
        case "trainee":
            theirs = [evolve(item, plan=evolve(item.plan, code="trainee", role="trainee")) for item in dated]
            dated, plan = [*dated, *theirs], evolve(plan, role="officer")
        case _:
            pass
    return [*dated[:place], evolve(dated[place], plan=plan), *dated[place + 1 :]]


# ── loans ───────────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def lives(draw: st.DrawFn, loan: str, *, plain: bool, amounts: st.SearchStrategy[int] = AMOUNTS) -> list[lp.Fact]:
    """A loan with what happens to it; `plain` is one of which a row can tell everything."""
    opened = START + timedelta(days=draw(st.integers(-20, 200)))
    amount = draw(st.one_of(st.none(), st.none(), amounts))
    facts: list[lp.Fact] = [
        lp.Loan(
            loan=loan,
            customer=loan,
            officer=draw(st.sampled_from(PEOPLE if plain else (*PEOPLE, STRANGER))),
            opened_on=opened,
            amount=None if amount is None else lp.Money.from_units(amount, "CNY"),
            product=draw(st.sampled_from(["", "car", "home"])),
            segment=draw(st.sampled_from(["", "personal"])),
            term_months=draw(st.sampled_from([None, 6, 12, 36])),
        )
    ]
    signed = draw(amounts)
    drawn = draw(amounts) if draw(st.integers(0, 2)) == 0 else signed
    on = opened
    for kind, money in ((E.APPLIED, None), (E.DUE_DILIGENCE, None), (E.SIGNED, signed), (E.DISBURSED, drawn)):
        if draw(st.integers(0, 5)) == 0:
            continue
        on += timedelta(days=draw(st.sampled_from([0, 0, 1, 1, 5, 20, 31, 45])))
        day = on if draw(st.integers(0, 9)) else opened + timedelta(days=draw(st.integers(-5, 60)))
        facts.append(event(loan, kind, day, money))
    if draw(st.integers(0, 2)) == 0:
        kinds = [E.REPAID, E.CANCELLED, E.PREPAID, E.WRITTEN_OFF, E.CLASSIFIED, E.PAST_DUE, E.RECOVERED]
        for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=True)):
            on += timedelta(days=draw(st.sampled_from([0, 1, 15, 31, 60])))
            money = draw(st.one_of(amounts, st.sampled_from([drawn, drawn // 2, max(drawn - 1, 0), min(drawn, 1)])))
            facts.append(event(loan, kind, on, money, days=draw(st.sampled_from([0, 20, 60]))))
    if not plain and draw(st.integers(0, 4)) == 0:
        facts += draw(oddities(loan, on))
    return facts


def event(
    loan: str, kind: lp.EventKind, on: date, money: int | None, *, days: int = 0, number: str = ""
) -> lp.LoanEvent:
    """An event of any kind."""
    with_amount = kind in (E.SIGNED, E.DISBURSED, E.REPAID, E.PREPAID, E.WRITTEN_OFF, E.RECOVERED)
    categories = [lp.Category.NORMAL, lp.Category.SUBSTANDARD, lp.Category.LOSS]
    return lp.LoanEvent(
        loan=loan,
        kind=kind,
        on=on,
        number=number,
        amount=lp.Money.from_units(money or 0, "CNY") if with_amount else None,
        category=categories[(days // 20) % 3] if kind is E.CLASSIFIED else None,
        days=days if kind is E.PAST_DUE else None,
    )


@st.composite
def oddities(draw: st.DrawFn, loan: str, on: date) -> list[lp.Fact]:
    """What one row a loan cannot tell: credits, hand-overs, second drawdowns, an event of a loan that is not there."""
    match draw(st.sampled_from(["credit", "credits", "assigned", "drawn", "strange"])):
        case "credit":
            role = draw(st.sampled_from(["lead", "assistant"]))
            return [lp.Credit(loan=loan, payee=draw(st.sampled_from(PEOPLE)), on=START, role=role)]
        case "credits":
            return [
                lp.Credit(loan=loan, payee=payee, on=START, share=draw(st.sampled_from(["40%", "60%"])))
                for payee in PEOPLE[:2]
            ]
        case "assigned":
            officer = draw(st.sampled_from(PEOPLE))
            return [lp.LoanEvent(loan=loan, kind=E.ASSIGNED, on=on - timedelta(days=10), officer=officer)]
        case "drawn":
            return [event(loan, E.DISBURSED, on + timedelta(days=3), draw(AMOUNTS), number="2")]
        case _:
            return [event(f"{loan}?", E.DISBURSED, on, 5)]


@st.composite
def books(draw: st.DrawFn, *, plain: bool = True, amounts: st.SearchStrategy[int] = AMOUNTS) -> list[lp.Fact]:
    """No loan, or some with their lives, in any order of codes."""
    codes = draw(st.lists(st.sampled_from(CODES), max_size=8, unique=True))
    return [fact for code in codes for fact in draw(lives(code, plain=plain, amounts=amounts))]


UNITS = (lp.Unit(code="bank"), lp.Unit(code="east", parent="bank", until="2026-06-01"), lp.Unit(code="west"))
"""One of them is closed before the last period ends."""
_HELD = (
    lp.Assignment(payee="lin", unit="east", role="officer", since="2020-01-01"),
    lp.Assignment(payee="wei", unit="bank", role="officer", since="2020-01-01"),
    lp.Assignment(payee="zhao", unit="west", role="trainee", since="2025-06-01", until="2026-03-01"),
    lp.Assignment(payee="zhao", unit="bank", role="officer", since="2026-03-15"),
)
STAFF = lp.Organisation(assignments=_HELD)
"""One of them changes role, with a gap of two weeks."""
TREE = lp.Organisation(assignments=_HELD, units=UNITS)
READINGS = tuple(
    lp.Reading.of("npl", f"{place % 4}%", subject=payee, period=lp.Period.month(2026, place + 1))
    for place in range(8)
    for payee in PEOPLE[:2]
)
"""Of two of the three, for each period."""
