"""Books of pay at random, by seed: small banks in which named features meet, and it is known how often they do."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any, TypeVar

from attrs import define, evolve, field
from tests.months_of_pay import PayAsked, Step
from tests.plans_of_pay import CHOICES, LATER, TERMS, Planner, plans_of, rules_of

import loanperf as lp

T = TypeVar("T")
E = lp.EventKind
START = date(2026, 1, 1)
SHARE = 0.15
"""How many of the books have a feature."""
SIZES = (0, 1, 99_999, 100_000, 100_001, 200_000, 300_000, 450_000, 800_000)
"""Amounts in smallest units; many of them lie on a knot, or reach one with others."""
EDGES = (2**52, 2**53 + 1, 2**60 - 1, 2**61 + 1, 2**62 - 1, 2**62, 2**63 - 1)
"""Amounts at which integers of 64 bits, or floats, stop being exact."""
CODES = ("L1", "L10", "L2", "L-1", "L", "L/1", "L\\1", "M 1", "中", "l1")

OF_LOANS = (
    "several drawings",
    "amended amounts",
    "another currency",
    "a mixed loan",
    "handed over",
    "stages out of order",
    "credits with shares",
    "equal credits",
    "a credit of a role",
    "a referrer",
    "shares that do not sum",
    "a role that no plan has",
    "no such loan",
    "contradictions",
)
OF_PEOPLE = ("a joiner", "a leaver", "a mover", "another role", "nobody's officer", "two levels", "odd codes")
OF_READINGS = ("a missing reading", "a missing earlier reading", "a missing target", "a reading of nothing")
OF_MONTHS = (
    "quarters",
    "late facts",
    "closed periods",
    "reopened",
    "settled twice",
    "paid twice",
    "overrides",
    "a line by hand",
    "returned payments",
    "awards",
    "paid in another currency",
    "months settled late",
)
TROUBLES = (
    "a mixed loan",
    "shares that do not sum",
    "a role that no plan has",
    "no such loan",
    "contradictions",
    "a missing reading",
    "a missing earlier reading",
    "a missing target",
)
"""What stops a payee; mostly one of whom nothing else is asked."""
FIRST = ("edges", *OF_LOANS, *OF_PEOPLE, *OF_READINGS, *OF_MONTHS, *CHOICES)
FEATURES = (*FIRST, *LATER)
"""What a book may have. Each stands in many books, and each two of them meet."""
IMPLIED: Mapping[str, Sequence[str]] = {
    "weighed by amount": ("base: count",),
    "months/12": ("base: interest margin",),
    "days/365": ("base: balance",),
    "days/360": ("base: balance",),
    "resets: year": ("accumulates: to date",),
    "resets: half": ("accumulates: to date",),
    "resets: quarter": ("accumulates: to date",),
    "quota from targets": ("by: attainment",),
    "another share of a team": ("base: team",),
    "direct members": ("base: team",),
    "roles of members": ("base: team",),
    "team of the first day": ("base: team",),
    "average of a team": ("base: team",),
    "two levels": ("base: team",),
    "a referrer": ("referrers",),
    "a credit of a role": ("roles of credit",),
    "full credit": ("roles of credit",),
    "unfilled unpaid": ("roles of credit",),
    "drawings by version": ("two versions", "several drawings"),
    "owed in two currencies": ("two plans",),
    "performing months": ("while performing",),
    "while performing": ("released by dates",),
    "takes in proportion": ("clawback: prepaid",),
    "takes when paid off": ("clawback: prepaid",),
    "takes the whole": ("clawback: written off",),
    "refunds": ("clawback: written off",),
    "refunds within months": ("refunds",),
    "lowered": ("clawback: past due",),
    "reopened": ("closed periods",),
    "waived": ("recoverable draw",),
    "advance": ("recoverable draw",),
    "a missing target": ("by: attainment", "quota from targets"),
    "payable later": ("two stages",),
    "terms of a day": ("base: receipts", "terms"),
    "amounts a loan": ("rates by terms",),
    "rates in order": ("rates by terms",),
    "by: loan": ("base: disbursed",),
    "tables of two numbers": ("by: loan",),
    "stated points": ("applies: interpolated",),
}
"""What a feature needs to be one."""


@define
class Draft(Planner):
    """A book on the way."""

    months: list[lp.Period] = field(factory=list)
    facts: list[tuple[int, lp.Fact]] = field(factory=list)
    officers: list[str] = field(factory=list)
    names: Mapping[str, str] = field(factory=dict)
    lags: Sequence[int] = (0, 0, 1, 5, 20, 31, 45, 70)
    """Days from one thing to the next."""
    odd: str = ""
    """Whom the troubles of the book concern."""
    joined: dict[str, date] = field(factory=dict)
    sizes: dict[str, Sequence[int]] = field(factory=dict)
    """Amounts of the loans of each officer."""

    @property
    def last(self) -> date:
        """The last day of the book."""
        return self.months[-1].last_day

    def day(self) -> date:
        """A day of the book; often the first or last one of a month, so that things meet on a day."""
        month = self.some(self.months)
        return self.some([
            month.start, month.last_day, month.start + timedelta(self.chance.randrange(month.days)),
            month.start + timedelta(self.chance.randrange(month.days)),
        ])  # fmt: skip

    def after(self, on: date) -> date:
        """A day some time after another; often the first or last one of a month, as systems tell things by month."""
        found = on + timedelta(self.some(self.lags))
        month = lp.Period.month(found.year, found.month)
        return self.some([found, found, found, month.last_day, month.end])

    def money(self, officer: str, currency: str) -> lp.Money:
        """An amount of a loan of an officer."""
        units = self.some([*self.sizes[officer], self.chance.randrange(900_000)])
        return lp.Money.from_units(units, currency)

    def paid_in(self, payee: str) -> str:
        """The currency of the plan of a payee."""
        return "USD" if self.has("owed in two currencies") and payee == self.names["zhao"] else "CNY"

    def tell(self, fact: Any, *, on: date | None = None) -> None:
        """A fact that arrives in its month, or later."""
        if any(fact.key == other.key for _, other in self.facts):
            return
        place = sum(month.end <= (on or fact.on) for month in self.months)
        late = self.some([0, 0, 1, 1, 2]) if self.has("late facts") else 0
        self.facts.append((place + late, fact))


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────


def _people(draft: Draft) -> lp.Organisation:
    """Officers in two branches, a trainee, and leads of a branch and of all."""
    since, middle = START - timedelta(200), draft.months[0].start + timedelta(draft.some([10, 31, 32]))
    name = draft.names
    draft.joined = {name["wei"]: middle} if draft.has("a joiner") else {}
    held: list[lp.Assignment] = []

    def assign(who: str, unit: str, role: str, first: date = since, until: date | None = None) -> None:
        held.append(lp.Assignment(payee=name[who], unit=unit, role=role, since=first, until=until))

    assign("lin", "east", "officer", until=draft.day() + timedelta(5) if draft.has("a leaver") else None)
    assign("wei", "west", "officer", middle if draft.has("a joiner") else since)
    if draft.has("two plans") or draft.has("a mover"):
        assign("zhao", "east", "trainee", until=middle if draft.has("a mover") else None)
    if draft.has("a mover"):
        assign("zhao", draft.some(["east", "west"]), draft.some(["officer", "trainee"]), middle)
    if draft.has("another role", *TROUBLES):
        assign("hu", "north", "clerk" if draft.has("another role") else "officer")
    if draft.has("base: team"):
        assign("chen", "east", "lead")
        assign("top", "head", "lead", middle if draft.has("a joiner") and draft.often() else since)
    parent = "branch" if draft.has("two levels") else "head"
    units = [lp.Unit(code="head"), *(lp.Unit(code=code, parent="head") for code in ("branch", "west"))]
    units.append(lp.Unit(code="north", parent=draft.some([None, None, "head"])))
    if draft.has("two levels"):
        assign("mid", "branch", "lead")
    held += _beside(draft, held) if draft.has("a role beside") else []
    return lp.Organisation(units=[*units, lp.Unit(code="east", parent=parent)], assignments=held)


def _beside(draft: Draft, held: Sequence[lp.Assignment]) -> Iterator[lp.Assignment]:
    """Roles that people hold beside others: a second desk, a team, or what no plan is for; all the time or for some."""
    chance = draft.beside("a role beside")
    for payee in dict.fromkeys(item.payee for item in held):
        mine = [item for item in held if item.payee == payee]
        taken, first, last = {(item.role, item.unit) for item in mine}, mine[0].since, mine[-1].until or date.max
        for _ in range(chance.choice([0, 1, 1, 2])):
            role = chance.choice(["officer", "trainee", "lead", "lead"] if draft.has("base: team") else ["trainee"])
            unit = chance.choice(["east", "west", "branch", "head"])
            days = sorted({first, last, *(draft.months[0].start + timedelta(chance.choice(_TURNS)) for _ in range(2))})
            since, until = chance.choice([(first, last), (days[0], days[1]), (days[-2], days[-1])])
            if (role, unit) not in taken and first <= since < until <= last:
                ends = None if until == date.max else until
                yield lp.Assignment(payee=payee, unit=unit, role=role, since=since, until=ends, primary=False)
                taken.add((role, unit))


_TURNS = (-40, 0, 10, 20, 31, 45, 59)
"""Days from the start of a book on which roles begin and end."""


# ── loans ───────────────────────────────────────────────────────────────────────────────────────────────────


def _loan(draft: Draft, code: str, officer: str) -> None:
    """A loan with most of its life."""
    begins = draft.months[0].start
    on = draft.some(
        [draft.day(), begins - timedelta(20), begins, begins + timedelta(draft.chance.randrange(25)), START]
    )
    on = max(on, draft.joined.get(officer, on)) if draft.chance.random() < 0.8 else on
    rarely = 0.1 if draft.has("base: balance", "base: interest margin") else 0.5
    currency = "USD" if draft.has("another currency") and draft.chance.random() < rarely else "CNY"
    terms: dict[str, Any] = {term: draft.some(words) for term, words in TERMS.items()}
    margins = {"interest_rate": "5%", "funding_rate": draft.some(["2%", "1/30", "6%"])}
    if draft.has("base: interest margin") and draft.chance.random() < 0.98:
        terms |= margins
    if draft.has("by: loan"):
        terms |= {"ltv": draft.some(["0%", "50%", "2/3", "70%", "120%"])} | (margins if draft.often() else {})
    amount = draft.money(officer, currency) if draft.often() else None
    months = draft.some([None, 1, 2, 12, 36])
    draft.tell(
        lp.Loan(
            loan=code,
            customer=f"c{code}",
            officer=officer,
            opened_on=on,
            amount=amount,
            term_months=months,
            revolving=draft.some([False, False, True]),
            **terms,
        )
    )
    _milestones(draft, code, officer, currency, on)
    _balances(draft, code, officer, currency, on)
    if draft.has("handed over") and draft.often():
        for _ in range(draft.some([1, 2])):
            _event(draft, code, E.ASSIGNED, draft.after(on), officer=draft.some(draft.officers))


def _event(draft: Draft, code: str, kind: lp.EventKind, on: date, **more: Any) -> None:
    if on <= draft.last + timedelta(20):
        number = draft.some(["", "", "1", "2", "10"])
        draft.tell(lp.LoanEvent(loan=code, kind=kind, on=on, **({"number": number} | more)))


def _milestones(draft: Draft, code: str, officer: str, currency: str, on: date) -> None:
    """What a loan reaches, one after the other or in any order; and what becomes of it."""
    kinds = [kind for kind in (E.APPLIED, E.DUE_DILIGENCE, E.SIGNED) if draft.chance.random() < 0.7]
    days = [on := draft.after(on) for _ in kinds]
    if draft.has("stages out of order"):
        draft.chance.shuffle(days)
    for kind, day in zip(kinds, days, strict=True):
        amount = draft.money(officer, currency) if kind is E.SIGNED else None
        _event(draft, code, kind, day, amount=amount)
    if draft.has("amended amounts") and draft.often():
        _event(draft, code, E.SIGNED, draft.after(on), number="7", amount=draft.money(officer, currency))
    if draft.chance.random() < 0.1:
        return
    times = 2 if officer == draft.odd and draft.has("a mixed loan") else 0
    drawn = [on if draft.has("stages out of order") and draft.often() else draft.after(on)]
    if draft.has("several drawings") and draft.often():
        times = draft.some([1, 2])
    drawn += [draft.after(drawn[0]) for _ in range(times)]
    sums = []
    for place, day in enumerate(drawn):
        mixed = draft.has("a mixed loan") and place and officer == draft.odd
        other = draft.some(["CNY", "USD"]) if mixed else currency
        sums.append(draft.money(officer, other))
        _event(draft, code, E.DISBURSED, day, number=str(place), amount=sums[-1])
    _ends(draft, code, drawn[-1], sum(amount.units for amount in sums), currency)


def _ends(draft: Draft, code: str, on: date, units: int, currency: str) -> None:
    """Repayments, and what goes wrong: in its first months, or at once."""
    draft.lags = draft.some([Draft().lags, Draft().lags, (20, 31, 45)])
    bad = [E(name) for name in _GONE if draft.has(f"clawback: {name}")]
    bad += [E.CLASSIFIED] * draft.has("clawback: non-performing")
    likely = {*bad, E.REPAID, *([E.CANCELLED] if draft.has("reversed when dead", "kept when dead") else [])}
    likely |= {E.CLASSIFIED} if draft.has("while performing") else set()
    likely |= {kind for kind in (E.CANCELLED, E.WRITTEN_OFF, E.PREPAID) if draft.chance.random() < 0.3}
    wanted = [*bad, *([E.WRITTEN_OFF] * 2 * draft.has("refunds")), *([E.REPAID] * draft.has("released when repaid"))]
    wanted += [E.CANCELLED] * draft.has("reversed when dead")
    some = [draft.some(wanted)] if wanted and draft.chance.random() < 0.6 else []
    some += [draft.some(sorted(likely, key=str)) for _ in range(draft.some([0, 0, 1, 2]))]
    for place, kind in enumerate(some):
        on = draft.after(on)
        parts = [units, units, units // 2, units // 3, 1]
        amount = lp.Money.from_units(draft.some(parts), currency)
        match kind:
            case E.CANCELLED:
                _event(draft, code, kind, on)
            case E.CLASSIFIED:
                _event(draft, code, kind, on, category=draft.some([lp.Category.SUBSTANDARD, lp.Category.LOSS]))
                if draft.often():
                    _event(draft, code, kind, on + timedelta(25), category=lp.Category.NORMAL)
            case E.PAST_DUE:
                _event(draft, code, kind, on, days=draft.some([0, 30, 31, 90, 91]))
            case _:
                _event(draft, code, kind, on, number=str(place), amount=amount)
    draft.lags = (5, 20, 31)
    if E.WRITTEN_OFF in some and (draft.has("refunds") or draft.often()):
        recovered = lp.Money.from_units(max(1, units // draft.some([1, 2, 5])), currency)
        _event(draft, code, E.RECOVERED, draft.after(on), amount=recovered)
        _event(draft, code, E.RECOVERED, draft.after(on), number="8", amount=recovered)


_GONE = ("written off", "past due", "prepaid", "cancelled")


def _balances(draft: Draft, code: str, officer: str, currency: str, opened: date) -> None:
    if not draft.has("base: balance", "base: interest margin") and draft.chance.random() < 0.9:
        return
    if draft.chance.random() < 0.9:
        currency = draft.paid_in(officer)
    for month in draft.months:
        for on in (month.start + timedelta(draft.chance.randrange(month.days)), month.last_day):
            if on >= opened and draft.often():
                draft.tell(lp.Balance(loan=code, on=on, outstanding=draft.money(officer, currency)))


def _credits(draft: Draft, codes: Sequence[str]) -> None:
    """Who has a part in a loan."""
    people = [*draft.officers]
    for code in codes:
        if draft.has("credits with shares", "equal credits") and draft.often():
            shares = draft.some([("60%", "40%"), ("1/3", "2/3"), ("1/7", "6/7"), ("99.9%", "0.1%")])
            held = draft.chance.sample(people, 2)
            stated = draft.has("credits with shares") and (not draft.has("equal credits") or draft.often())
            for payee, share in zip(held, shares, strict=True):
                draft.tell(_credit(draft, code, payee, share=share if stated else None))
        if draft.has("a credit of a role") and draft.often():
            for payee in draft.chance.sample(people, draft.some([1, 1, 2])):
                draft.tell(_credit(draft, code, payee, role="assistant"))
        if draft.has("a referrer") and draft.often():
            draft.tell(_credit(draft, code, draft.some(people), role="referrer"))
    _troubles(draft, codes[-1])


def _troubles(draft: Draft, code: str) -> None:
    """Credits that cannot be."""
    if draft.has("shares that do not sum"):
        draft.tell(_credit(draft, code, draft.odd, share="60%", role=draft.some(["lead", "lead", "assistant"])))
    if draft.has("a role that no plan has"):
        draft.tell(_credit(draft, code, draft.odd, role="asistant"))
    if draft.has("no such loan"):
        draft.tell(_credit(draft, "L404", draft.odd))
        _event(draft, "L405", E.CANCELLED, draft.day())


def _credit(draft: Draft, code: str, payee: str, **more: Any) -> lp.Credit:
    return lp.Credit(loan=code, payee=payee, on=START - timedelta(draft.some([0, 0, 1])), **more)


def _contradict(draft: Draft, code: str) -> None:
    """Rows that say different things of a loan."""
    for arrives, fact in draft.chance.sample(draft.facts, len(draft.facts)):
        if isinstance(fact, lp.LoanEvent) and fact.amount is not None and fact.loan == code:
            draft.facts.append((arrives, evolve(fact, amount="12.34 CNY")))
            return
        if isinstance(fact, lp.Loan) and fact.loan == code and draft.often():
            draft.facts.append((arrives, evolve(fact, product="contradicted")))
            return


def _rates(draft: Draft) -> None:
    for on in (START - timedelta(300), draft.day()):
        for pair in (("USD", "CNY"), ("CNY", "USD")):
            rate = draft.some([Fraction(71, 10), Fraction(1, 7), Fraction(69, 10)])
            draft.facts.append((0, lp.ExchangeRate(currency=pair[0], into=pair[1], on=on, rate=rate, source="bank")))


# ── readings ────────────────────────────────────────────────────────────────────────────────────────────────


def _readings(draft: Draft, payees: Sequence[str]) -> Iterator[lp.Reading]:
    """A reading of each indicator of each payee in each month; but for what is missing."""
    for place, month in enumerate(draft.months):
        for payee in payees:
            if payee == draft.odd and draft.has("a missing reading") and place == len(draft.months) - 1:
                continue
            if payee == draft.odd and draft.has("a missing earlier reading") and place == 0:
                continue
            below = draft.some([1, 3, 100]) if not (draft.has("a reading of nothing") and draft.often()) else 0
            of: dict[str, Any] = {"subject": payee, "period": month}
            npl = Fraction(draft.some([0, 1, 2, 3]) * below, 100)
            yield lp.Reading(indicator="npl_ratio", numerator=npl, denominator=Fraction(below), **of)
            points = Fraction(draft.some([79, 80, 95, 100, 121]))
            yield lp.Reading(indicator="compliance_score", numerator=points, unit="point", **of)
            drawn, unit = Fraction(draft.some([*draft.sizes.get(payee, SIZES)]), 100), draft.paid_in(payee)
            yield lp.Reading(indicator="disbursed_amount", numerator=drawn, unit=unit, **of)


def _of_units(months: Sequence[lp.Period]) -> Iterator[lp.Reading]:
    """A reading of each unit in each month."""
    for place, month in enumerate(months):
        for step, unit in enumerate(("head", "branch", "west", "east")):
            yield lp.Reading.of("npl_ratio", f"{(place + step) % 4}%", subject=unit, period=month)


def _goal(draft: Draft, payee: str) -> str:
    return f"{draft.some(['1000', '700', '2000/3'])} {draft.paid_in(payee)}"


def _targets(draft: Draft, payees: Sequence[str]) -> dict[lp.Period, tuple[lp.Target, ...]]:
    lost = draft.odd if draft.has("a missing target") else ""
    return {
        month: tuple(
            lp.Target(payee=payee, indicator="disbursed_amount", value=_goal(draft, payee))
            for payee in payees
            if payee != lost or draft.often()
        )
        for month in draft.months
    }


# ── months ──────────────────────────────────────────────────────────────────────────────────────────────────


def _steps(draft: Draft) -> Iterator[Step]:
    """What a host does from month to month."""
    holds = draft.beside("held by hand")
    for month in range(len(draft.months)):
        held = _held(draft, holds) if draft.has("held by hand") else ()
        if draft.has("months settled late") and month < len(draft.months) - 1 and draft.often():
            continue
        yield Step("settle", month)
        if draft.has("a line by hand") and draft.often():
            yield Step("by hand", month, draft.chance.randrange(100))
        if draft.has("overrides") and draft.often():
            yield Step("override", month, draft.chance.randrange(100))
            yield Step("settle", month)
        if draft.has("settled twice"):
            yield Step("settle", month)
        yield Step("pay", month, held=held)
        if draft.has("paid twice"):
            yield Step("pay", month, held=held)
        if draft.has("returned payments") and draft.often():
            yield Step("return", month, draft.chance.randrange(100))
            yield Step("pay", month, held=held)
        if draft.has("closed periods"):
            yield Step("close", month)
        if draft.has("reopened") and month and draft.often():
            yield Step("reopen", month - 1)
            yield Step("settle", month - 1)
            yield Step("pay", month - 1)
            yield Step("close", month - 1)


def _held(draft: Draft, chance: Random) -> tuple[tuple[str, str], ...]:
    """Whose pay is held by hand in a month: mostly that of some loans, now and then that of a person."""
    codes = sorted({fact.loan for _, fact in draft.facts if isinstance(fact, lp.Loan)})
    loans = chance.sample(codes, min(len(codes), chance.choice([0, 1, 1, 2, 3])))
    people = chance.sample(draft.officers, chance.choice([0, 0, 0, 1]))
    return (*(("loan", code) for code in loans), *(("payee", code) for code in people))


# ── a book ──────────────────────────────────────────────────────────────────────────────────────────────────


def features_of(draft: Draft) -> set[str]:
    """Some features, each of them independent of the others, with what they need."""
    apart = Random(str(draft.chance.getstate()))  # noqa: S311
    found = {name for name in FIRST if draft.chance.random() < SHARE}
    return implied(found | {name for name in LATER if apart.random() < SHARE})


def implied(found: set[str]) -> set[str]:
    """Some features, with what they need."""
    left = [*found]
    while left:
        more = [name for name in IMPLIED.get(left.pop(), ()) if name not in found]
        found |= {*more}
        left += more
    if {"clawback: cancelled", "reversed when dead"} <= found:
        found.add("two plans")
    return found


def book_of_seed(seed: int, calendar: lp.schemes.PayCalendar | None = None) -> PayAsked:
    """The book of a seed, by months, by quarters, or by a calendar."""
    draft = Draft()
    draft.chance.seed(seed)
    draft.aside.seed(seed)
    draft.features = features_of(draft)
    first = draft.some([lp.Period.month(2026, 1), lp.Period.month(2026, 1), lp.Period.month(2026, 11)])
    first = lp.Period.quarter(2026, 1) if draft.has("quarters") else first
    draft.months = [first if calendar is None else calendar.period(first.end)]
    for _ in range(draft.some([1, 2, 3]) - draft.has("quarters") * draft.often()):
        draft.months.append(draft.months[-1].next())
    shown = ("a", "a-b", "a/b", "a\\b", "é", "b", "A") if draft.has("odd codes") else ()
    who = ("lin", "wei", "zhao", "hu", "chen", "top", "mid")
    draft.names = dict(zip(who, shown or who, strict=True))
    organisation = _people(draft)
    payees = sorted({item.payee for item in organisation.assignments})
    draft.officers = [payee for name in ("lin", "wei", "zhao", "hu") if (payee := draft.names[name]) in payees]
    draft.sizes = dict.fromkeys([*draft.officers, "nobody"], SIZES)
    if draft.has("edges"):
        draft.sizes[draft.some(draft.officers)] = EDGES
    draft.odd = draft.officers.pop() if draft.names["hu"] in draft.officers else draft.officers[0]
    if draft.chance.random() < 0.2:
        draft.odd = draft.some(draft.officers)
    codes = draft.chance.sample(CODES, draft.some([3, 3, 4, 5, 6]))
    for code in codes:
        _loan(draft, code, draft.odd if code == codes[-1] else draft.some(draft.officers))
    _credits(draft, codes)
    if draft.has("contradictions"):
        _contradict(draft, codes[-1])
    if draft.has("nobody's officer"):
        _loan(draft, "nobody's", "nobody")
    if draft.has("another currency", "owed in two currencies", "paid in another currency", "a mixed loan"):
        _rates(draft)
    middle = draft.months[0].start + timedelta(draft.some([31, 40, 14]))
    changes = [date(2025, 6, 1), middle] if draft.has("two versions") else [date(2025, 6, 1)]
    plans = [evolve(dated, calendar=calendar) for dated in plans_of(draft, changes)]
    draft.chance.shuffle(draft.facts)
    return PayAsked(
        seed=seed,
        features=frozenset(draft.features),
        facts=tuple(draft.facts),
        plans=tuple(plans),
        organisation=organisation,
        months=tuple(draft.months),
        readings=(*_readings(draft, payees), *_of_units(draft.months)),
        targets=_targets(draft, payees),
        rules={currency: rules_of(draft, currency) for currency in ("CNY", "USD")},
        pay_in={draft.some(payees): "USD"} if draft.has("paid in another currency") else {},
        scores=tuple(_scores(draft, payees)) if draft.has("awards") else (),
        steps=tuple(_steps(draft)),
    )


def _scores(draft: Draft, payees: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Who gets a bonus when, for what amount of loans."""
    for month in range(len(draft.months)):
        for payee in payees:
            if draft.often():
                yield payee, month, draft.some(["120万元", "80万元", "0元"])
