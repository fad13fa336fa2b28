"""Plans of pay at random: each choice that a plan can state is a feature, and stands in some component of the plan."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any, TypeVar

from attrs import Factory, define, evolve, field

import loanperf as lp
from loanperf._commission import BY_AMOUNT, OF_BALANCES, OF_LOANS, OF_TIME

T = TypeVar("T")
TERMS: Mapping[str, Sequence[str]] = {
    "product": ("car", "home", "card"),
    "segment": ("", "personal"),
    "collateral": ("", "mortgage"),
    "customer_type": ("", "new"),
}
BASES = ("contracted", "disbursed", "balance", "interest margin", "count", "fixed", "indicator", "team")
LATER = ("base: receipts", "terms of a day", "amounts a loan", "rates in order", "stated points", "lines in steps",
         "components in steps", "totals in steps", "by: loan", "a role beside", "released by a reading",
         "tables of two numbers", "held by hand")  # fmt: skip
"""What plans may say too; it is drawn apart, so that books without it stay as they were."""
APPLIES = ("flat", "marginal", "interpolated", "forward before", "forward after")
ACCUMULATES = ("per transaction", "period", "to date", "rolling")
BY = ("amount", "count", "attainment", "earned", "indicator", "indicator attainment")
RESETS = ("year", "half", "quarter")
BAD = ("written off", "non-performing", "past due", "prepaid", "cancelled")
TIERED = (
    *(f"applies: {word}" for word in APPLIES),
    *(f"accumulates: {word}" for word in ACCUMULATES),
    *(f"by: {word}" for word in BY),
    *(f"resets: {word}" for word in RESETS),
    "every loan counts",
    "other terms count",
    "quota from targets",
)
OF_COMPONENTS = (
    "terms",
    "rates by terms",
    "weighed by amount",
    "rates per amount",
    "deducts",
    "least a loan",
    "most a loan",
    "least a period",
    "cap lost",
    "cap carried",
    "multiplier of attainment",
    "multiplier of a reading",
    "months/12",
    "days/365",
    "days/360",
    "two stages",
    "three stages",
    "payable later",
    "kept when dead",
    "reversed when dead",
    "expires",
    "roles of credit",
    "full credit",
    "unfilled unpaid",
    "referrers",
    "held at origination",
    "another share of a team",
    "direct members",
    "average of a team",
    "roles of members",
    "team of the first day",
)
OF_PLANS = (
    "two plans",
    "two versions",
    "drawings by version",
    "owed in two currencies",
    "chosen when disbursed",
    "ramp",
    "gates",
    "plan cap lost",
    "plan cap carried",
    "flat holdback",
    "marginal holdback",
    "released by dates",
    "released when repaid",
    "while performing",
    "performing months",
    *(f"clawback: {word}" for word in BAD),
    "takes in proportion",
    "takes when paid off",
    "takes the whole",
    "held alone",
    "refunds",
    "refunds within months",
    "lowered",
    "shares by age",
    "plain draw",
    "recoverable draw",
    "advance",
    "waived",
)
OF_RULES = ("person cap lost", "person cap carried", "payment cap", "guard share", "guard floor", "carried negative")
CHOICES = (*(f"base: {word}" for word in BASES), *TIERED, *OF_COMPONENTS, *OF_PLANS, *OF_RULES)
"""What plans and pay rules may say."""
_KNOTS: Mapping[str, tuple[Any, ...]] = {
    "amount": (0, 1000, 3000, 8000),
    "count": (0, 1, 2, 5),
    "attainment": ("0%", "50%", "100%", "1000/3%"),
    "earned": (0, 5, 20, 100),
    "indicator": ("0 points", "80 points", "95 points", "120 points"),
    "indicator attainment": ("0%", "80%", "100%", "120%"),
    "term_months": ("0", "2", "12", "36"),
    "ltv": ("0%", "50%", "70%", "100%"),
    "margin": ("-10%", "0%", "3%", "5%"),
}
_SHARES = ("0%", "1%", "0.5%", "2%", "1/3", "3/7", "5%", "0.125%")
_PRICES = ("0", "150", "0.005", "100/3", "7")
_STAGES: Mapping[str, Sequence[Sequence[tuple[str, str]]]] = {
    "two stages": (
        (("due diligence complete", "20%"), ("disbursed", "80%")),
        (("opened", "50%"), ("disbursed", "50%")),
        (("signed", "30%"), ("repaid in full", "70%")),
        (("applied", "1/7"), ("first repayment", "6/7")),
        (("signed", "0%"), ("disbursed", "100%")),
    ),
    "three stages": (
        (("due diligence complete", "1/3"), ("signed", "1/3"), ("disbursed", "1/3")),
        (("applied", "10%"), ("disbursed", "50%"), ("first repayment", "40%")),
    ),
}


@define
class Planner:
    """What plans are drawn from, and the features that they must show."""

    chance: Random = field(factory=Random)
    features: set[str] = field(factory=set)
    currency: str = "CNY"
    plan: str = ""
    aside: Random = Factory(
        lambda self: Random(repr(self.chance.getstate()[1][:3])),  # noqa: S311
        takes_self=True,
    )
    """What decides on what came to be after the books that `told.json` is of, which it leaves as they are."""

    def in_days(self) -> bool:
        """Whether an age is stated in days; else in months."""
        return self.aside.random() < 0.4

    def has(self, *names: str) -> bool:
        """Whether the book has one of some features."""
        return not self.features.isdisjoint(names)

    def some(self, values: Sequence[T]) -> T:
        """One of some values."""
        return self.chance.choice(values)

    def often(self) -> bool:
        """Heads or tails."""
        return self.chance.random() < 0.5

    def beside(self, what: str) -> Random:
        """What decides on one thing more, and leaves all others as they are."""
        return Random(f"{self.plan} {what} {self.chance.getstate()[1][:3]}")  # noqa: S311

    def sum_of(self, amount: str) -> str:
        """An amount in the currency of the plan."""
        return f"{amount} {self.currency}"

    def chosen(self, group: str, words: Sequence[str]) -> list[str]:
        """The words of a group that the book has, in any order."""
        found = [word for word in words if f"{group}: {word}" in self.features]
        return self.chance.sample(found, len(found))


# ── tiers and rates ─────────────────────────────────────────────────────────────────────────────────────────


def _tiers(draft: Planner) -> list[dict[str, Any]]:
    """Tiers in which every chosen word stands."""
    wanted = {
        "by": draft.chosen("by", BY),
        "applies": draft.chosen("applies", APPLIES),
        "accumulates": draft.chosen("accumulates", ACCUMULATES),
        "resets": draft.chosen("resets", RESETS),
    }
    found: list[dict[str, Any]] = []
    while any(wanted.values()) or (not found and draft.has("every loan counts", "other terms count")):
        by = wanted["by"].pop() if wanted["by"] else draft.some([*draft.chosen("by", BY), "amount"])
        fit = {"earned": ("marginal",), "indicator": ("flat", "interpolated")}
        allowed = fit.get(by.partition(" ")[0], APPLIES)
        applies = next((word for word in wanted["applies"] if word in allowed), "")
        if applies:
            wanted["applies"].remove(applies)
        given: dict[str, Any] = {"by": by, "applies": applies or draft.some(allowed)}
        if wanted["resets"] and not by.startswith("indicator"):
            given |= {"accumulates": "to date", "resets": wanted["resets"].pop()}
            if "to date" in wanted["accumulates"]:
                wanted["accumulates"].remove("to date")
        elif not by.startswith("indicator"):
            words = wanted["accumulates"]
            given["accumulates"] = words.pop() if words else draft.some(ACCUMULATES)
        found.append(given | _of_tiers(draft, given))
    return found


def _of_tiers(draft: Planner, given: Mapping[str, Any]) -> dict[str, Any]:
    """What tiers say besides their words."""
    more: dict[str, Any] = {}
    if given.get("accumulates") == "rolling":
        more["periods"] = draft.some([1, 2, 3])
    if given["by"] == "attainment":
        if draft.has("quota from targets") and draft.chance.random() < 0.7:
            more["indicator"] = "disbursed_amount"
        if "indicator" not in more or draft.often():
            more["quota"] = draft.sum_of(draft.some(["1000", "1", "700", "2000/3"]))
    elif given["by"] == "indicator":
        more["indicator"] = "compliance_score"
    elif given["by"] == "indicator attainment":
        more["indicator"] = "disbursed_amount"
    return more


def _curve(draft: Planner, by: str, applies: str, *, prices: bool) -> lp.schemes.Curve:
    """A curve of rates, with ties at the knots of amounts that are drawn."""
    money = by in ("amount", "earned")
    at = _KNOTS[by][: draft.some([1, 2, 3, 4])]
    xs = [draft.sum_of(str(x)) if money else x for x in at]
    ys = [_rate(draft, prices=prices) for _ in xs]
    knots = [[x, y] for x, y in zip(xs, ys, strict=True)]
    if applies != "interpolated":
        return lp.schemes.Curve.of(knots, shape="step", closed=draft.some(["left", "right"]))
    if len(knots) > 1 and draft.often():
        knots.insert(1, [knots[1][0], _rate(draft, prices=prices)])
    then = None
    if not prices and draft.chance.random() < 0.3:
        point = _point(draft, by) if draft.has("stated points") else None
        then = lp.schemes.Then("0.1%", draft.some(["pro rata", "whole"]), point)
    return lp.schemes.Curve.of(knots, shape="linear", closed=draft.some(["left", "right"]), then=then)


def _table(draft: Planner, what: str, tiers: lp.schemes.Tiers, *, prices: bool) -> lp.schemes.RateTable:
    """A table of rates by two numbers, with ties at its points, and loans outside of them."""
    chance = draft.beside(f"table {what}")
    rows, columns = (
        _KNOTS[name or ""][low : low + chance.choice([1, 2, 3])]
        for name in (tiers.number, tiers.across)
        for low in [chance.choice([0, 1])]
    )
    shapes: list[Any] = [("step", "step")]
    if tiers.applies == "interpolated":
        shapes = [("linear", "linear"), ("linear", "linear"), ("step", "linear"), ("linear", "step")]
    between = chance.choice(shapes)
    cells = [[chance.choice(_PRICES if prices else _SHARES) for _ in columns] for _ in rows]
    return lp.schemes.RateTable(
        rows=rows,
        columns=columns,
        cells=[[draft.sum_of(cell) if prices else cell for cell in row] for row in cells],
        between_rows=between[0],
        between_columns=between[1],
        outside="problem" if chance.random() < 0.15 else "edge",
        closed=chance.choice(["left", "right"]),
    )


def _point(draft: Planner, by: str) -> str:
    """What a point of tiers is."""
    if by in ("amount", "earned"):
        return draft.sum_of(draft.some(["500", "1000/3", "7"]))
    return draft.some(["2 points", "0.5 points"]) if by == "indicator" else draft.some(["1/3", "2", "1/7"])


def _rate(draft: Planner, *, prices: bool) -> str:
    return draft.sum_of(draft.some(_PRICES)) if prices else draft.some(_SHARES)


def _where(draft: Planner, base: str) -> lp.schemes.Where:
    """A term of a loan, or of its day where a base has one."""
    if base in OF_TIME and draft.has("terms of a day") and draft.often():
        month, days = lp.quantity("1 month"), lp.quantity("30 days")
        ages: list[dict[str, Any]] = [{"at_most": month}, {"below": month}, {"above": days}, {"at_least": month}]
        some: list[dict[str, Any]] = [{"field": "age", **age} for age in ages]
        some += [{"field": "days_past_due", "below": days}]
        some += [{"field": "receipt", "values": ("repayment", "recovery")}] if base == "receipts" else []
        return lp.schemes.Where(**draft.some(some))
    if draft.has("by: loan") and draft.often():
        return draft.some(
            [lp.schemes.Where(field="ltv", at_most="70%"), lp.schemes.Where(field="interest_rate", below="5%")]
        )
    if draft.chance.random() < 0.3:
        bound = lp.quantity(draft.sum_of("2000"))
        return draft.some(
            [lp.schemes.Where(field="amount", above=bound), lp.schemes.Where(field="amount", at_most=bound)]
        )
    if draft.chance.random() < 0.2:
        return lp.schemes.Where(field="term_months", at_least=lp.quantity(12))
    name = draft.some(sorted(TERMS))
    return lp.schemes.Where(field=name, values=tuple(draft.chance.sample(TERMS[name], len(TERMS[name]) - 1)))


# ── components ──────────────────────────────────────────────────────────────────────────────────────────────


def _components(draft: Planner) -> list[dict[str, Any]]:
    """Components in which everything chosen stands, but for teams."""
    bases = [base for base in draft.chosen("base", BASES) if base != "team"]
    bases += ["receipts"] * draft.has("base: receipts")
    if not any(base in OF_LOANS for base in bases):
        bases.append(draft.some(["disbursed", "contracted"]))
    tiers = _tiers(draft)
    found = []
    for place in range(max(len(bases), len(tiers))):
        base = bases[place % len(bases)]
        tier = tiers[place] if place < len(tiers) else None
        if tier is not None and base not in OF_LOANS and draft.chance.random() < 0.6:
            base = next(base for base in bases if base in OF_LOANS)
        found.append(_component(draft, f"c{place}", base, tier))
    return found


def _own_tier(draft: Planner) -> dict[str, Any] | None:
    """Tiers that are read at a number of the loan, often."""
    numbers = ["term_months", "ltv", "margin"]
    number = draft.some([*numbers, ""])
    found = {"by": "loan", "applies": draft.some(["flat", "interpolated"]), "number": number} if number else None
    if found and draft.has("tables of two numbers"):
        chance = draft.beside("across")
        found["across"] = chance.choice([name for name in numbers if name != number])
    return found


def _component(draft: Planner, code: str, base: str, tier: dict[str, Any] | None) -> dict[str, Any]:
    """The fields of a component."""
    given: dict[str, Any] = {"code": code, "base": base}
    loans, prices = base in OF_LOANS | OF_TIME, base in ("count", "fixed")
    given |= {"indicator": "disbursed_amount"} if base == "indicator" else {}
    ways = ["whole", "whole", "by days", "full periods"]
    given |= {"in_part": draft.beside(code).choice(ways)} if base == "fixed" else {}
    if base in OF_BALANCES:
        parts = [part for part in ("months/12", "days/365", "days/360") if draft.has(part)]
        given["year_part"] = draft.some(parts or (["months/12"] if base == "interest margin" else ["whole"]))
    if base == "count" and draft.has("weighed by amount"):
        then = lp.schemes.Then("1/3", "whole", draft.sum_of("700")) if draft.has("stated points") else None
        given["weighed_by"] = lp.schemes.Curve.of(
            [[draft.sum_of("0"), "50%"], [draft.sum_of("2000"), "100%"], [draft.sum_of("4000"), "200%"]],
            shape=draft.some(["step", "linear"]),
            then=then,
        )
    if draft.has("rates per amount") and base != "fixed" and draft.often():
        given["per"] = "3" if base == "count" else draft.sum_of(draft.some(["100", "3"]))
    tier = _own_tier(draft) if tier is None and base in OF_LOANS and draft.has("by: loan") else tier
    if tier is None:
        given["rate"] = _rate(draft, prices=prices)
    else:
        counts: list[Any] = ["every loan"] if draft.has("every loan counts") else []
        counts += [(_where(draft, base),)] if draft.has("other terms count") else []
        counted = loans and counts and tier["by"] in ("amount", "count", "attainment")
        given["tiers"] = lp.schemes.Tiers(**{**tier, **({"counts": draft.some(counts)} if counted else {})})
        by = tier.get("number", tier["by"])
        given["curve"] = _curve(draft, by, tier["applies"], prices=prices)
        if given["tiers"].across is not None:
            given["table"] = _table(draft, code, given["tiers"], prices=prices)
            given["curve"] = None
    if loans:
        _of_loans(draft, given, prices=prices)
    if base in OF_LOANS:
        _of_stages(draft, given)
    if loans:
        _of_credits(draft, given)
    _of_periods(draft, given)
    if draft.has("deducts") and draft.often() and "rate" in given:
        given |= {"deducts": True, "rate": draft.sum_of("-7") if prices else "-1%"}
        given.pop("least", None)
        given.pop("most", None)
    return given


def _of_loans(draft: Planner, given: dict[str, Any], *, prices: bool) -> None:
    if draft.has("terms") and draft.often():
        given["where"] = (_where(draft, given["base"]),)
    if draft.has("rates by terms") and draft.chance.random() < 0.7:
        tiers = given.get("tiers")
        rates = []
        for many in draft.chance.sample([1, 2], draft.some([1, 2])):
            terms = tuple(
                {where.field: where for where in (_where(draft, given["base"]) for _ in range(many))}.values()
            )
            if tiers is None or draft.chance.random() < 0.3:
                each = draft.has("amounts a loan") and given["base"] in BY_AMOUNT and draft.often()
                rate = draft.sum_of(draft.some(["13", "101/3"])) if each else _rate(draft, prices=prices)
                rates.append(lp.schemes.Rate(where=terms, rate=rate, of="loan" if each else "base"))
            else:
                curve = _curve(draft, tiers.number or tiers.by, tiers.applies, prices=prices)
                rates.append(lp.schemes.Rate(where=terms, curve=curve))
                what = f"{given['code']} {many}"
                if tiers.across is not None and draft.beside(f"rate {what}").random() < 0.6:
                    rates[-1] = lp.schemes.Rate(where=terms, table=_table(draft, what, tiers, prices=prices))
        given["rates"] = tuple(rates)
        given["rates_by"] = "first" if draft.has("rates in order") else "most terms"
    for name, feature, amounts in (("least", "least a loan", ["3", "1/3"]), ("most", "most a loan", ["20", "40/3"])):
        if draft.has(feature) and given["base"] != "receipts" and draft.chance.random() < 0.6:
            given[name] = draft.sum_of(draft.some(amounts))


def _of_stages(draft: Planner, given: dict[str, Any]) -> None:
    wanted = [name for name in _STAGES if draft.has(name)]
    if wanted and draft.chance.random() < 0.7:
        later: Any = draft.some(["disbursed", "first repayment"]) if draft.has("payable later") else None
        stages: Any = draft.some(_STAGES[draft.some(wanted)])
        given["stages"] = tuple(
            lp.schemes.Stage(milestone=milestone, share=share, payable=later if draft.often() else None)
            for milestone, share in stages
        )
    kept = [word for word, name in (("keep", "kept when dead"), ("reverse", "reversed when dead")) if draft.has(name)]
    given["dead"] = draft.some(kept or ["keep", "reverse"])
    if draft.has("expires") and draft.chance.random() < 0.7:
        given["expires_days"] = draft.some([1, 20, 40])
        if draft.aside.random() < 0.3:
            given["expires_days"], given["expires_months"] = None, 1


def _of_credits(draft: Planner, given: dict[str, Any]) -> None:
    roles = draft.has("roles of credit")
    if draft.has("full credit") and draft.chance.random() < 0.7:
        given |= {"credited": "full", "split": (("lead", "100%"), ("assistant", "50%"), ("referrer", "1/3"))}
    elif roles and draft.has("referrers"):
        given["split"] = (("lead", "60%"), ("assistant", "1/3"), ("referrer", "1/15"))
    elif draft.has("referrers"):
        given["split"] = (("lead", "6/7"), ("referrer", "1/7"))
    elif roles:
        given["split"] = draft.some([(("lead", "60%"), ("assistant", "40%")), (("lead", "2/3"), ("assistant", "1/3"))])
    if draft.has("unfilled unpaid"):
        given["unfilled"] = draft.some(["lead", "unpaid", "unpaid"])
    if draft.has("held at origination"):
        given["held_at"] = draft.some(["origination", "event", "origination"])


def _of_periods(draft: Planner, given: dict[str, Any]) -> None:
    """Bounds and accelerators of a period."""
    if draft.has("least a period") and draft.often():
        given["period_least"] = draft.sum_of(draft.some(["10", "10/3"]))
    excess: list[Any] = [word for word in ("lost", "carried") if draft.has(f"cap {word}")]
    if excess and draft.chance.random() < 0.7:
        given["period_most"] = lp.schemes.Cap(
            most=draft.sum_of(draft.some(["30", "50/3", "8"])), excess=draft.some(excess)
        )
    multipliers: list[lp.schemes.Multiplier] = []
    if draft.has("multiplier of attainment") and draft.chance.random() < 0.7:
        curve = lp.schemes.Curve.of(
            [["0%", "80%"], ["100%", "100%"], ["120%", "1000/7%"]], shape=draft.some(["step", "linear"])
        )
        multipliers.append(lp.schemes.Multiplier(indicator="disbursed_amount", curve=curve))
    if draft.has("multiplier of a reading") and draft.chance.random() < 0.7:
        curve = lp.schemes.Curve.of([["0 points", "50%"], ["80 points", "100%"], ["100 points", "110%"]], shape="step")
        multipliers.append(lp.schemes.Multiplier(indicator="compliance_score", of="value", curve=curve))
    given["multipliers"] = tuple(multipliers)
    if draft.has("gates") and draft.beside("component gates").random() < 0.4:
        gate = lp.schemes.Curve.of([["0%", "0%"], ["2%", "2/3"], ["3%", "3/4"]], shape="step")
        given["gates"] = tuple(lp.schemes.Gate(indicator="npl_ratio", forfeits=gate) for _ in range(2))


def _of_sums(draft: Planner, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Components of what others come to, and now and then another one of those."""
    chance, found = draft.beside("sums"), list[dict[str, Any]]()
    if chance.random() < 0.3:
        curve = lp.schemes.Curve.of([[draft.sum_of("0"), "1/3"], [draft.sum_of("30"), "10%"]], shape="step")
        tiers = lp.schemes.Tiers(by="amount", applies="marginal", accumulates=chance.choice(["period", "to date"]))
        served = lp.schemes.Curve.of([[0, "10%"], [7, "100/7%"], [8, "20%"]], shape="step")
        read = lp.schemes.Tiers(by="indicator", indicator="months_of_service", applies="flat")
        ways: list[dict[str, Any]] = [
            {"rate": "1/7"},
            {"curve": curve, "tiers": tiers},
            {"curve": served, "tiers": read},
        ]
        found.append({"code": "sum", "base": "components", "sums": tuple(codes[:2]), **chance.choice(ways)})
    if found and chance.random() < 0.5:
        least = {"period_least": draft.sum_of("10")} if chance.random() < 0.3 else {}
        found.insert(0, {"code": "all", "base": "components", "sums": ("sum", codes[0]), "rate": "5%", **least})
    return found


def _override(draft: Planner) -> dict[str, Any]:
    """The pay of a team."""
    average = draft.has("average of a team") and draft.chance.random() < 0.7
    first = draft.has("team of the first day") and draft.chance.random() < 0.7
    roles = ("officer", "lead") if draft.has("roles of members") and draft.chance.random() < 0.7 else ()
    given: dict[str, Any] = {
        "code": "team",
        "base": "team",
        "rate": draft.some(["10%", "1/3", "150%"]) if average else draft.some(["10%", "1/3"]),
        "team": lp.schemes.Team(
            total="average" if average else "sum",
            members="direct" if draft.has("direct members") and draft.chance.random() < 0.7 else "all",
            as_of="start" if first else "end",
            roles=roles,
        ),
    }
    if draft.has("another share of a team") and draft.often():
        curve = lp.schemes.Curve.of([[draft.sum_of("0"), "1%"], [draft.sum_of("50"), "2%"]], shape="step")
        tiers = lp.schemes.Tiers(by="amount", applies=draft.some(["flat", "marginal"]), accumulates="period")
        given |= {"curve": curve, "tiers": tiers}
        del given["rate"]
    _of_periods(draft, given)
    return given


# ── plans ───────────────────────────────────────────────────────────────────────────────────────────────────


def _ends(draft: Planner) -> dict[str, Any]:
    """What a plan gates, caps, holds, takes back and advances."""
    found: dict[str, Any] = {"draws": _draws(draft), "holdback": _holdback(draft), "clawbacks": _clawbacks(draft)}
    if draft.has("ramp"):
        found["ramp"] = lp.schemes.Curve.of([["1", "50%"], ["3", "100%"], ["9", "1000/9%"]], shape="step")
    if draft.has("gates"):
        gates = [
            lp.schemes.Curve.of([["0%", "0%"], ["2%", "50%"]], shape="step"),
            lp.schemes.Curve.of([["1%", "1/3"]], shape="step"),
        ]
        gates += [lp.schemes.Curve.of([["0%", "0%"], ["3%", "100%"]], shape=draft.some(["step", "linear"]))]
        some = draft.chance.sample(gates, draft.some([1, 2]))
        level = draft.beside("level").choice([None, None, 1, 2])
        found["gates"] = tuple(lp.schemes.Gate(indicator="npl_ratio", forfeits=curve, level=level) for curve in some)
        found["gates_apply"] = draft.beside("added").choice(["in turn", "added"])
    if draft.has("multiplier of a reading") and draft.beside("of a plan").random() < 0.5:
        curve = lp.schemes.Curve.of([["0 points", "90%"], ["95 points", "4/3"]], shape="step")
        found["multipliers"] = (lp.schemes.Multiplier(indicator="compliance_score", of="value", curve=curve),)
    excess: list[Any] = [word for word in ("lost", "carried") if draft.has(f"plan cap {word}")]
    if excess:
        found["most"] = lp.schemes.Cap(most=draft.sum_of(draft.some(["40", "70/3", "9"])), excess=draft.some(excess))
    return found


def _holdback(draft: Planner) -> lp.schemes.Holdback | None:
    names = ("flat holdback", "marginal holdback", "released by dates", "released when repaid", "while performing")
    if not draft.has(*names):
        return None
    steps = lp.schemes.Curve.of([[0, "0%"], [draft.sum_of("20"), "10%"], [draft.sum_of("100"), "1/3"]], shape="step")
    marginal = draft.has("marginal holdback") and (not draft.has("flat holdback") or draft.often())
    share: Any = steps if marginal or (draft.has("flat holdback") and draft.often()) else draft.some(["10%", "1/3"])
    repaid = draft.has("released when repaid")
    dates = draft.has("released by dates") or not repaid
    months = draft.some([(0, 1), (1, 3), (1, 2, 13)])
    unit, count = ("after_days", 29) if draft.in_days() else ("after_months", 1)
    parts = {2: ("1/3", "2/3"), 3: ("1/3", "1/3", "1/3")}[len(months)]
    held = lp.schemes.Holdback(
        share=share,
        applies="marginal" if marginal else "flat",
        instalments=tuple(
            lp.schemes.Instalment(**{unit: after * count}, share=part)
            for after, part in zip(months, parts, strict=True)
        )
        if dates
        else (),
        repaid="releases" if repaid else "waits",
        condition="performing" if draft.has("while performing") else "none",
        condition_months=draft.some([0, 1, 2]) if draft.has("performing months") else 0,
    )
    held = evolve(held, condition_months=0, condition_days=45) if held.condition_months and draft.in_days() else held
    if draft.has("released by a reading") and held.parts and held.condition == "none":
        bound = draft.beside("released by a reading").choice(["0%", "1%", "2%"])
        return evolve(held, condition="reading", indicator="npl_ratio", at_most=bound)
    return held


def _instalment(months: int, share: Any) -> lp.schemes.Instalment:
    return lp.schemes.Instalment(after_months=months, share=share)


def _clawbacks(draft: Planner) -> tuple[lp.schemes.Clawback, ...]:
    found = []
    for on in draft.chosen("clawback", BAD):
        given: dict[str, Any] = {"on": on, "attainment": "stays", "share": draft.some(["100%", "50%", "1/3"])}
        if on in ("prepaid", "written off"):
            words = [word for word in ("in proportion", "when paid off") if draft.has(f"takes {word}")]
            words += ["whole"] if draft.has("takes the whole") or not words else []
            words = [word for word in words if on == "prepaid" or word != "when paid off"] or ["whole"]
            given["takes"] = draft.some(words)
        if draft.has("shares by age") and draft.chance.random() < 0.7:
            ages: Any = ("31 day", "60 day") if draft.in_days() else (1, 2)
            given["share"] = lp.schemes.Curve.of([[0, "100%"], [ages[0], "50%"], [ages[1], "1/3"]], shape="step")
        if draft.has("lowered") and given.get("takes") != "in proportion":
            given["attainment"] = draft.some(["lowered", "lowered", "stays"])
        if draft.has("held alone"):
            given["reach"] = draft.some(["held", "held and paid"])
        if on == "past due":
            given["more_than_days"] = draft.some([0, 30, 90])
        if draft.has("refunds") and on in ("written off", "non-performing"):
            given["refund"] = draft.some(["90%", "1/3", "100%"])
            within = "refund_days" if draft.in_days() else "refund_months"
            given[within] = 1 + 39 * (within == "refund_days") if draft.has("refunds within months") else None
        found.append(lp.schemes.Clawback(**given))
    return tuple(found)


def _draws(draft: Planner) -> tuple[lp.schemes.Draw, ...]:
    found = []
    if draft.has("plain draw"):
        found.append(
            lp.schemes.Draw(
                least=draft.sum_of(draft.some(["60", "50/3"])), kind="plain", last_period=draft.some([None, 2])
            )
        )
    if draft.has("recoverable draw"):
        advance = draft.has("advance") and draft.chance.random() < 0.7
        waived = draft.has("waived") and draft.chance.random() < 0.8
        found.append(
            lp.schemes.Draw(
                least=draft.sum_of(draft.some(["40", "100/3"])),
                kind="recoverable",
                style="advance" if advance else "top up",
                last_period=draft.some([8, 9, None]),
                recovered_from=draft.some([1, 9]),
                recovered_until=draft.some([8, 9]) if waived else None,
                left="waived" if waived else "owed",
            )
        )
    return tuple(found)


def rules_of(draft: Planner, currency: str) -> lp.schemes.PayRules:
    """How payees are netted and paid."""
    draft.currency = currency
    excess: list[Any] = [word for word in ("lost", "carried") if draft.has(f"person cap {word}")]
    cap = draft.some(["50", "20", "200/3"])
    return lp.schemes.PayRules(
        negative="carried" if draft.has("carried negative") else "receivable",
        guard_share=Fraction(1, 3) if draft.has("guard share") else None,
        guard_floor=draft.sum_of("5") if draft.has("guard floor") else None,
        person_most=lp.schemes.Cap(most=draft.sum_of(cap), excess=draft.some(excess)) if excess else None,
        payment_most=lp.schemes.Cap(most=draft.sum_of("25"), excess="carried") if draft.has("payment cap") else None,
        holdback=_of_all_pay(draft) if draft.aside.random() < 0.3 else None,
    )


def _of_all_pay(draft: Planner) -> lp.schemes.Holdback:
    """What is held of all pay of a person, by role."""
    one = draft.aside
    released: dict[str, Any] = {"years": 2} if one.random() < 0.3 else {"instalments": (_instalment(1, "100%"),)}
    return lp.schemes.Holdback(
        share=one.choice(["40%", "1/3"]),
        roles=one.choice([(), (("lead", "51%"), ("trainee", "0%"))]),
        leavers=one.choice(["released", "forfeited"]),
        **one.choice([released, released, {"condition": "stated"}]),
    )


def _steps_of(draft: Planner) -> dict[str, Any]:
    """To which steps a plan rounds."""
    places = {
        "lines in steps": "round_line",
        "components in steps": "round_component",
        "totals in steps": "round_total",
    }
    return {
        name: lp.schemes.RoundingStep(
            to=draft.sum_of(draft.some(["0.1", "1", "10", "0.03"])), mode=draft.some(list(lp.Rounding))
        )
        for feature, name in places.items()
        if draft.has(feature)
    }


def _dated(draft: Planner, code: str, role: str, currency: str, changes: Sequence[date]) -> list[lp.schemes.DatedPlan]:
    """A plan in its versions."""
    draft.currency = currency
    found: list[lp.schemes.DatedPlan] = []
    selected: Any = "disbursed" if draft.has("drawings by version", "chosen when disbursed") else "opened"
    if selected == "disbursed" and not draft.has("drawings by version") and draft.often():
        selected = "signed"
    bounds = [*changes, None]
    for version, (since, until) in enumerate(zip(bounds, [*bounds[1:], None], strict=True)):
        if since is None:
            break
        ends = _ends(draft)
        components = _components(draft) + ([_override(draft)] if role == "lead" else [])
        if any(rule.on == "cancelled" for rule in ends["clawbacks"]):
            if draft.has("reversed when dead") and code == "sales":
                ends["clawbacks"] = tuple(rule for rule in ends["clawbacks"] if rule.on != "cancelled")
            else:
                components = [given | {"dead": "keep"} if given["base"] in OF_LOANS else given for given in components]
        components = components[-1:] if role == "lead" and draft.often() else components
        components = components + _of_sums(draft, [given["code"] for given in components])
        plan = lp.schemes.Plan(
            code=code,
            role=role,
            selected_at=selected,
            components=tuple(lp.schemes.Component(**given) for given in components),
            rounding=draft.some(list(lp.Rounding)),
            **_steps_of(draft),
            **ends,
        )
        rules = rules_of(draft, currency)
        dated = lp.schemes.DatedPlan(
            plan=plan, scheme="s", version=f"v{version}", currency=currency, since=since, until=until, rules=rules
        )
        found.append(dated)
    return found


def plans_of(draft: Planner, changes: Sequence[date]) -> list[lp.schemes.DatedPlan]:
    """The plans of all roles, each in the versions that begin on some days."""
    found = _dated(draft, "sales", "", "CNY", changes)
    if draft.has("two plans"):
        currency = "USD" if draft.has("owed in two currencies") else "CNY"
        found += _dated(draft, "trainees", "trainee", currency, changes)
    if draft.has("base: team"):
        found += _dated(draft, "leads", "lead", "CNY", changes)
    if draft.has("a role beside", "released by a reading"):
        # Who is paid by two plans of one version has its rules once, as in a scheme.
        rules = {(dated.since, dated.currency): dated.rules for dated in reversed(found)}
        found = [evolve(dated, rules=rules[dated.since, dated.currency]) for dated in found]
    return [evolve(dated, version=f"{dated.plan.code} {dated.version}") for dated in found]
