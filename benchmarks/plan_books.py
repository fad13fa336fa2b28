"""Books of loans for plans of pay: loans of a quarter in columns, with all that the plans of the templates look at."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

import loanperf as lp
from loanperf.tables import Coded

MONTHS = tuple(lp.Period.month(2026, month) for month in (1, 2, 3))
LOANS_A_PAYEE = 100
PAYEES_A_TEAM = 20

_HEAD = """
currency = "CNY"
effective = 2026-01-01
"""
PLAINEST = f"""
name = "plainest"
{_HEAD}
[plans.officer]
role = "officer"
rounding = "half up"

[plans.officer.components.loans]
base = "disbursed"
rate = "0.5%"
"""
ALL_AT_ONCE = f"""
name = "all at once"
{_HEAD}
[plans.officer]
role = "officer"
rounding = "half up"
most = {{ most = "3万元", excess = "carried" }}

[[plans.officer.gates]]
indicator = "npl_ratio"
forfeits = {{ knots = [["0%", "0%"], ["2%", "30%"], ["3%", "100%"]], shape = "step", closed = "right" }}

[plans.officer.components.loans]
base = "disbursed"
curve = {{ knots = [["0元", "0.4%"], ["500万元", "0.6%"], ["2000万元", "0.8%"]], shape = "step" }}
tiers = {{ by = "amount", applies = "marginal", accumulates = "period" }}
split = {{ lead = "80%", assistant = "20%" }}
stages = [{{ milestone = "due diligence complete", share = "20%" }}, {{ milestone = "disbursed", share = "80%" }}]
dead = "reverse"
expires_days = 365
least = "20元"
most = "5000元"
period_most = {{ most = "25000元", excess = "lost" }}

[plans.officer.holdback]
share = "20%"
instalments = [{{ after_months = 6, share = "50%" }}, {{ after_months = 12, share = "50%" }}]
condition = "performing"

[[plans.officer.clawbacks]]
on = "written off"
attainment = "lowered"
share = "100%"
takes = "whole"

[[plans.officer.clawbacks]]
on = "prepaid"
attainment = "stays"
share = {{ knots = [[0, "100%"], [3, "50%"], [6, "0%"]], shape = "step" }}
takes = "in proportion"

[plans.lead]
role = "team lead"
rounding = "half up"

[plans.lead.components.team]
base = "team"
team = {{ total = "sum" }}
rate = "5%"

[pay]
negative = "receivable"
guard_share = "30%"
"""


@frozen(kw_only=True)
class PlanBook:
    """What a month of pay is worked from."""

    facts: lp.Facts
    plans: tuple[lp.schemes.DatedPlan, ...]
    organisation: lp.Organisation
    readings: Sequence[lp.Reading]
    targets: Mapping[lp.Period, Sequence[lp.Target]]
    loans: int


def plan_book(scheme: lp.Scheme, loans: int, roles: Sequence[str], *, factor: int = 1) -> PlanBook:
    """A quarter of loans under the plans of a scheme.

    Args:
        scheme: with plans.
        loans: how many.
        roles: of payees, in turn; each team has one lead, where a plan is of leads.
        factor: amounts are multiplied by it, so that they need more than 64 bits.
    """
    plans = lp.SchemeBook([scheme]).plans()
    payees = max(loans // LOANS_A_PAYEE, 1)
    people = _people(payees, roles)
    leads = sorted({dated.plan.role for dated in plans} & {"team lead", "supervisor"})[:1]
    tops = [
        lp.Assignment(payee=f"T{team:05}", unit=f"U{team:05}", role=role, since="2026-01-01")
        for role in leads
        for team in range(-(-payees // PAYEES_A_TEAM))
    ]
    units = [lp.Unit(code="bank", since="2026-01-01")]
    units += [
        lp.Unit(code=f"U{team:05}", parent="bank", since="2026-01-01") for team in range(-(-payees // PAYEES_A_TEAM))
    ]
    organisation = lp.Organisation(units=units, assignments=[*people, *tops])
    codes = sorted({code for dated in plans for code in dated.plan.indicators})
    readings = [
        lp.Reading.of(code, _reading(code, place), subject=payee, period=month)
        for month in MONTHS
        for code in codes
        for place, payee in enumerate(organisation.codes)
    ]
    wanted = sorted({code for code in codes if code in ("disbursed_amount", "team_balance")})
    targets = {
        month: [
            lp.Target(payee=payee, indicator=code, value="300万元") for code in wanted for payee in organisation.codes
        ]
        for month in MONTHS
    }
    facts = lp.Facts.read(_tables(loans, payees, factor, plans), currency="CNY", money="fen")
    return PlanBook(
        facts=facts, plans=plans, organisation=organisation, readings=readings, targets=targets, loans=loans
    )


def _people(payees: int, roles: Sequence[str]) -> list[lp.Assignment]:
    """Each with a role and, behind a colon, a product line."""
    found = []
    for place in range(payees):
        role, _, line = roles[place % len(roles)].partition(":")
        unit = f"U{place // PAYEES_A_TEAM:05}"
        found.append(lp.Assignment(payee=f"E{place:05}", unit=unit, role=role, product_line=line, since="2026-01-01"))
    return found


def _reading(code: str, place: int) -> str:
    """A reading that some gates and tiers let through, and some do not."""
    if code in ("disbursed_amount", "team_balance", "grade_allowance"):
        return f"{place % 7 + 1}万元"
    if code.endswith(("rate", "ratio", "npl", "interest", "completion")):
        return f"{place % 5 * 6 / 10}%"
    return str(place % 20)


def _tables(loans: int, payees: int, factor: int, plans: Sequence[lp.schemes.DatedPlan]) -> dict[str, Any]:
    """Loans, their drawdowns and due diligence, some bad events, balances, assistants and hand-overs."""
    number, words = np.arange(loans), [f"E{place:05}" for place in range(payees)]
    day = np.datetime64("2026-01-02") + number * 7919 % 80
    amount = (1_000_000 + number * 7919 % 49_000_001) * factor
    loan = 10_000_000 + number
    bases = {component.base for dated in plans for component in dated.plan.components}
    split = any(role == "assistant" for dated in plans for item in dated.plan.components for role, _ in item.split)
    tables: dict[str, Any] = {
        "loans": {
            "loan": loan,
            "customer": loan,
            "officer": Coded(number % payees, words),
            "opened_on": day,
            "product": np.array(["mortgage", "unsecured"])[number % 2],
            "segment": np.array(["personal", "corporate"])[number // payees % 2],
            "collateral": np.array(["mortgage", "guarantee", "credit"])[number % 3],
            "term_months": np.repeat(36, loans),
            "interest_rate(bp)": np.repeat(800, loans),
            "funding_rate(bp)": np.repeat(300, loans),
        }
    }
    some, more, moved = number[number % 97 == 3], number[number % 89 == 5], number[number % 61 == 7]
    kinds = [
        ("due diligence complete", loan, day, None, None),
        ("disbursed", loan, day + 2, amount, None),
        ("written off", loan[some], day[some] + 9, amount[some] // 2, None),
        ("prepaid", loan[more], day[more] + 6, amount[more] // 3, None),
        ("assigned", loan[moved], day[moved] + 1, None, (moved + 1) % payees),
    ]
    tables["events"] = {
        "loan": np.concatenate([who for _, who, *_ in kinds]),
        "kind": np.concatenate([np.repeat(kind, len(who)) for kind, who, *_ in kinds]),
        "on": np.concatenate([on for _, _, on, *_ in kinds]),
        "amount": np.ma.masked_array(
            np.concatenate([np.repeat(0, len(who)) if units is None else units for _, who, _, units, _ in kinds]),
            mask=np.concatenate([np.repeat(units is None, len(who)) for _, who, _, units, _ in kinds]),
        ),
        "officer": Coded(
            np.concatenate([np.repeat(-1, len(who)) if to is None else to for _, who, _, _, to in kinds]), words
        ),
    }
    if split:
        tables["credits"] = {
            "loan": loan[number % 3 == 1],
            "payee": Coded((number[number % 3 == 1] + 1) % payees, words),
            "role": np.repeat("assistant", len(number[number % 3 == 1])),
            "on": day[number % 3 == 1],
        }
    if bases & {"balance", "interest margin"}:
        tables["balances"] = {
            "loan": np.tile(loan, 3),
            "on": np.repeat(np.array(["2026-01-31", "2026-02-28", "2026-03-31"], dtype="datetime64[D]"), loans),
            "outstanding": np.tile(amount, 3),
        }
    return tables
