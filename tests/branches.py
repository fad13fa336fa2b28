"""Random branches for runs: several assignments, roles without a card, odd readings and targets, large amounts."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from attrs import evolve, frozen

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes

MARCH = lp.Period.month(2026, 3)
STAFF = ("an", "he", "lin", "wu")
CODES = (
    "loan_amount",
    "npl_ratio",
    "customer_count",
    "compliance_score",
    "complaint_rate",
    "contribution_per_customer",
)
_TARGETS = {
    "loan_amount": ("5万元", "1 元", "33.33万元"),
    "npl_ratio": ("3%", "1.7%"),
    "customer_count": ("3", "2 人"),
    "compliance_score": ("100 point", "90 point"),
    "complaint_rate": ("2%", "1/7"),
    "contribution_per_customer": ("1000 元", "0.07 元"),
}
_READINGS: dict[str, tuple[Any, ...]] = {
    "loan_amount": ("31万元", "0 元", lp.Quantity(Fraction(10**25, 7), "CNY"), "-3 元", "5 USD"),
    "npl_ratio": ("2%", "0%", lp.Quantity(Fraction(1, 3), ""), "1100%", "20 元"),
    "customer_count": ("20 人", "7", lp.Quantity(Fraction(10**20), ""), "85%"),
    "compliance_score": ("95 point", "88", lp.Quantity(Fraction(871, 13), "point")),
    "complaint_rate": ("1%", lp.Quantity(Fraction(2, 2**40 + 1), ""), lp.Quantity(Fraction(1, 10**30), "")),
    "contribution_per_customer": ("12 元", lp.Quantity(Fraction(10**18, 3), "CNY")),
}


@frozen(kw_only=True)
class Branch:
    """What the ports say of a month."""

    facts: lp.Facts
    people: lp.Organisation
    schemes: lp.SchemeBook
    readings: tuple[lp.Reading, ...]
    targets: tuple[lp.Target, ...]

    def run(self, **how: Any) -> lp.Run:
        """The run of the month."""
        return lp.run(
            MARCH,
            facts=MemoryFacts(self.facts, self.readings),
            people=MemoryPeople(self.people),
            schemes=MemorySchemes(self.schemes, self.targets),
            **how,
        )

    def alone(self, payee: str) -> "Branch":
        """The same, of one payee alone; all facts stay."""
        people = evolve(self.people, assignments=[one for one in self.people.assignments if one.payee == payee])
        return evolve(
            self,
            people=people,
            readings=tuple(one for one in self.readings if one.subject == payee),
            targets=tuple(one for one in self.targets if one.payee == payee),
        )


def a_branch(chance: Random) -> Branch:
    """Some branch."""
    versions = [_scheme(chance, "2025-01-01")]
    if chance.random() < 0.4:
        versions.append(_scheme(chance, chance.choice(["2026-03-01", "2026-03-12"])))
    return Branch(
        facts=lp.Facts.of(_facts(chance)),
        people=_people(chance),
        schemes=lp.SchemeBook(versions),
        readings=tuple(_supplied(chance)),
        targets=tuple(_goals(chance)),
    )


def _scheme(chance: Random, effective: str) -> lp.Scheme:
    codes = chance.sample(CODES, 4)
    split = [(50, 50), (30, 70), (60, 40)]
    profiles = {}
    for name in ("officer", "senior", "lead"):
        mine = [codes[0], chance.choice(codes[1:])]
        weights = dict(zip(mine, chance.choice(split), strict=True))
        profiles[name] = {"weights": {code: f"{weight}%" for code, weight in weights.items()}}
    default = {
        "places": chance.choice([0, 1, 2]),
        "rounding": chance.choice(["half even", "half up", "floor"]),
        "missing": chance.choice(["zero", "refuse", "renormalise"]),
    }
    if chance.random() < 0.5:
        default["cap"] = "150%"
    document: dict[str, Any] = {
        "name": "branch",
        "currency": "CNY",
        "effective": effective,
        "profiles": profiles,
        "who": [{"profile": name, "role": name} for name in profiles],
        "targets": {code: chance.choice(_TARGETS[code]) for code in codes if chance.random() < 0.95},
        "scoring": {"default": default},
    }
    if chance.random() < 0.3:
        document["vetoes"] = [{"indicator": "npl_ratio", "test": "above", "limit": "30%", "score": "0"}]
    if chance.random() < 0.5:
        document["grades"] = {
            "B": {"at_least": "0", "coefficient": "90%"},
            "A": {"at_least": "100", "coefficient": "120%"},
        }
    if chance.random() < 0.85:
        document["bonus"] = _bonus(chance, codes[0])
    return lp.schemes.scheme_of(document)


def _bonus(chance: Random, code: str) -> dict[str, Any]:
    unit = chance.choice(["month", "share", "amount"])
    values: dict[str, list[Any]] = {"month": [0, 1], "share": ["0%", "10%"], "amount": ["0 元", "3333.33 元"]}
    value = values[unit]
    found: dict[str, Any] = {"unit": unit, "rounding": chance.choice(["half even", "half up"])}
    found["curve"] = [["0 point", value[0]], ["100 point", value[1]]]
    if chance.random() < 0.3:
        found["of"] = code
        found["curve"] = [["0%", value[0]], ["100%", value[1]]]
    if chance.random() < 0.3:
        found["cap"] = "9000 元"
    if chance.random() < 0.3:
        found["gates"] = [
            {"indicator": "npl_ratio", "forfeits": {"knots": [["0%", "0%"], ["2%", "50%"]], "shape": "linear"}}
        ]
    return found


def _people(chance: Random) -> lp.Organisation:
    held = []
    for payee in STAFF:
        cuts = sorted(chance.sample(range(1, 31), chance.choice([0, 0, 1, 2])))
        days: list[str | None] = ["2025-01-01", *(str(MARCH.start + timedelta(days=cut)) for cut in cuts), None]
        for since, until in pairwise(days):
            if chance.random() < 0.1:
                continue
            salary = chance.choice(["8000 元", "6200.01 元", "7000 元", None, "1000 USD", "99999999999999999999 元"])
            held.append(
                lp.Assignment(
                    payee=payee,
                    unit=chance.choice(["east", "desk"]),
                    role=chance.choice([*["officer", "senior", "lead"] * 4, "cook"]),
                    since=str(since),
                    until=until,
                    salary=salary,
                    base=chance.choice(["10000 元", None, "5 USD"]),
                )
            )
    units = [
        lp.Unit(code="east"),
        lp.Unit(code="desk", parent="east", since=chance.choice(["2025-01-01", "2026-03-05"])),
    ]
    return lp.Organisation(
        units=units, assignments=held, payees=[lp.Payee(code="an", name="安"), lp.Payee(code="gone", name="无")]
    )


def _facts(chance: Random) -> list[lp.Fact]:
    """Loans, some of strangers, some bad, some said twice; customers, profits and complaints."""
    found: list[lp.Fact] = []
    for place in range(chance.randrange(12)):
        loan, on = f"L{place}", date(2026, 2, 20) + timedelta(days=chance.randrange(45))
        officer = chance.choice([*STAFF, *STAFF, "ghost"])
        amount = chance.choice(["10000 CNY", "33333.33 CNY", "0 CNY", "9999999999999999999 CNY", "5 USD"])
        found.append(lp.Loan(loan=loan, customer=f"C{place % 3}", officer=officer, opened_on=on))
        found.append(lp.LoanEvent(loan=loan, kind=lp.EventKind.SIGNED, on=on, amount=amount))
        found.append(lp.Balance(loan=loan, on=on, outstanding=amount))
        if chance.random() < 0.3:
            category = lp.Category.LOSS
            found.append(lp.LoanEvent(loan=loan, kind=lp.EventKind.CLASSIFIED, on=on, category=category))
        if chance.random() < 0.1:
            found.append(lp.Loan(loan=loan, customer="other", officer=officer, opened_on=on))
    return found


def _supplied(chance: Random) -> list[lp.Reading]:
    found = []
    for payee in (*STAFF, "nobody"):
        for code in CODES:
            if chance.random() < 0.15:
                value = chance.choice(_READINGS[code])
                period = chance.choice([None, MARCH, MARCH, lp.Period.month(2026, 2)])
                value = lp.quantity(value)
                bottom = chance.choice([*[None] * 6, Fraction(0), Fraction(3)])
                found.append(
                    lp.Reading(
                        indicator=code,
                        numerator=value.value,
                        denominator=bottom,
                        unit=value.unit,
                        subject=payee,
                        period=period,
                        bare=value.bare,
                    )
                )
                if chance.random() < 0.1:
                    found.append(chance.choice([found[-1], evolve(found[-1], numerator=Fraction(1))]))
        if chance.random() < 0.05:
            found.append(lp.Reading.of("no_such", 1, subject=payee))
    return found


def _goals(chance: Random) -> list[lp.Target]:
    found = []
    for payee in (*STAFF, "nobody"):
        for code in CODES:
            if chance.random() < 0.2:
                odd = lp.Quantity(Fraction(10**22, 9), "CNY") if code == "loan_amount" else _TARGETS[code][0]
                value = chance.choice([*_TARGETS[code], *_TARGETS[code], *_TARGETS[code], odd, "0", "7 USD"])
                period = chance.choice([None, MARCH, lp.Period.month(2026, 2)])
                found.append(lp.Target(payee=payee, indicator=code, value=value, period=period))
        if chance.random() < 0.05:
            found.append(lp.Target(payee=payee, indicator="loan_amout", value="1 元"))
    return found
