"""Laws: what holds of every scheme that is fair and exact; a host's own is held to them in one line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from loanperf._appraisal import Appraisal, appraise
from loanperf._bonus import award
from loanperf._commission import PayRules, accrue
from loanperf._facts import EventKind, Fact, Facts, Loan, LoanEvent
from loanperf._indicators import Direction, Indicator, Kind, Reading
from loanperf._ledger import Ledger, pay, settle
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import Money, Quantity, plain
from loanperf._scheme import Scheme, SchemeBook, Who, parse_scheme, write_scheme
from loanperf._scorecard import Card
from loanperf.errors import LawError

_SALARY = "8000"


@frozen(kw_only=True)
class _Case:
    """A card of the scheme, with readings that it needs."""

    scheme: Scheme
    card: Card
    readings: Mapping[str, Quantity]

    def appraised(self, readings: Mapping[str, Quantity] | None = None) -> Appraisal:
        """The appraisal of these readings, or of others."""
        found = self.readings if readings is None else readings
        return appraise(self.card, {}, {code: Reading.of(code, value) for code, value in found.items()})

    def paid(self, appraisal: Appraisal) -> Money:
        """The bonus of an appraisal, of a salary or a base of 8,000."""
        base = f"{_SALARY} {self.card.currency}"
        return award(self.card.bonus, appraisal, month=base, base=base).amount


def check_laws(scheme: Scheme, *, without: Collection[str] = (), examples: int = 30) -> None:
    """Hold a scheme to the laws of the library, with examples that Hypothesis draws at and around its knots.

    Args:
        scheme: the host's own.
        without: names of laws that the scheme breaks on purpose; see `LAWS`.
        examples: how many for each law, 1 or more.

    Raises:
        LawError: a law is broken; it says which, by what example, and what to look at. Or `without` names none.

    >>> import loanperf as lp
    >>> check_laws(lp.template("worked-example"), examples=5)
    """
    unknown = sorted(set(without) - set(LAWS))
    if unknown:
        raise LawError(", ".join(unknown), "there is no law of that name", f"use one of {', '.join(LAWS)}")
    for name, law in LAWS.items():
        if name not in without:
            law(name, scheme, examples)


# ── what is drawn ───────────────────────────────────────────────────────────────────────────────────────────


def _values(indicator: Indicator, target: Quantity | None, card: Card) -> st.SearchStrategy[Quantity]:
    """Readings of an indicator: at, just below and just above its target and the knots of whatever looks at it."""
    unit = indicator.kind.unit(card.currency)
    step = Fraction(1, 100) if unit else Fraction(1, 10_000)
    at = {Fraction(0), Fraction(1)}
    if target is not None:
        at |= {target.value * part / 100 for part in (0, 50, 80, 99, 100, 101, 150, 300)}
    gates = [gate.forfeits for gate in card.bonus.gates if gate.indicator == indicator.code] if card.bonus else []
    rules = [line.scoring.rule for line in card.lines if line.indicator.code == indicator.code]
    for curve in (*gates, *(rule for rule in rules if not isinstance(rule, Direction))):
        at |= {x for x, _ in curve.knots} | {x * target.value for x, _ in curve.knots if target is not None}
    near = sorted({value + shift for value in at for shift in (-step, Fraction(0), step)})
    most = indicator.most
    chosen = [value for value in near if value >= 0 and (most is None or value <= most)]
    if indicator.kind is Kind.COUNT:
        chosen = sorted({Fraction(int(value)) for value in chosen})
    return st.sampled_from(chosen).map(lambda value: Quantity(value, unit))


def _cases(scheme: Scheme) -> st.SearchStrategy[_Case]:
    """Cards of every profile, with readings."""
    return st.sampled_from(_cards(scheme)).flatmap(lambda card: _with_readings(scheme, card))


@st.composite
def _with_readings(draw: st.DrawFn, scheme: Scheme, card: Card) -> _Case:
    targets = {line.indicator.code: line.target for line in card.lines}
    looked = (*card.others, *(line.indicator for line in card.lines))
    found = {item.code: draw(_values(item, targets.get(item.code), card)) for item in looked}
    return _Case(scheme=scheme, card=card, readings=found)


def _cards(scheme: Scheme) -> list[Card]:
    """A card for each profile, with a target wherever one is needed."""
    period = Period.month(scheme.effective.year, scheme.effective.month)
    period = period if period.start >= scheme.effective else period.next()
    cards = []
    for profile in scheme.profiles:
        fitting = [rule for rule in scheme.who if rule.profile == profile.code]
        rule = fitting[0] if fitting else Who(profile=profile.code)
        card = scheme.resolve(
            period=period,
            role=rule.role,
            product_line=rule.product_line,
            tier=rule.tier,
            units=(rule.unit,) if rule.unit else (),
        )
        cards.append(
            evolve(
                card,
                lines=tuple(evolve(line, target=line.target or _goal(card, line.indicator)) for line in card.lines),
            )
        )
    return cards


def _goal(card: Card, indicator: Indicator) -> Quantity:
    match indicator.kind:
        case Kind.MONEY:
            return Quantity(Fraction(1_000_000), card.currency)
        case Kind.POINTS:
            return Quantity(Fraction(100), "point")
        case Kind.COUNT:
            return Quantity(Fraction(20), "")
        case _:
            return Quantity(Fraction(1, 2), "")


def _held(
    name: str, remedy: str, cases: st.SearchStrategy[_Case], holds: Callable[[_Case, st.DataObject], str], examples: int
) -> None:
    """Draw cases, and refuse the first that does not hold, as small as it can be."""

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(case=cases, data=st.data())
    def law(case: _Case, data: st.DataObject) -> None:
        said = holds(case, data)
        if said:
            raise LawError(name, said, remedy)

    law()


def _said(readings: Mapping[str, Quantity]) -> str:
    return ", ".join(f"{code} {value}" for code, value in sorted(readings.items()))


# ── laws of scores and bonuses ──────────────────────────────────────────────────────────────────────────────


def _weights(name: str, scheme: Scheme, _: int) -> None:
    for card in _cards(scheme):
        total = sum((line.weight for line in card.lines), Fraction(0))
        if total != 1:
            raise LawError(name, f"those of profile {card.profile!r} sum to {plain(100 * total)}%", "mend its weights")


def _sums(name: str, scheme: Scheme, examples: int) -> None:
    def holds(case: _Case, _: st.DataObject) -> str:
        found = case.appraised()
        points = sum((line.points for line in found.lines), Decimal(0))
        return "" if found.vetoes or points == found.score else f"{_said(case.readings)}: {points} and {found.score}"

    _of_cards(name, "look at the scoring of its indicators", scheme, holds, examples)


def _better(name: str, scheme: Scheme, examples: int) -> None:
    def holds(case: _Case, data: st.DataObject) -> str:
        low, high, said = _improved(case, data)
        before, after = case.appraised(low).score, case.appraised(high).score
        return "" if after >= before else f"{said}: the score falls from {before} to {after}"

    _of_cards(name, "look at the curve, the cap and the vetoes of that indicator", scheme, holds, examples)


def _pays_more(name: str, scheme: Scheme, examples: int) -> None:
    def holds(case: _Case, data: st.DataObject) -> str:
        if case.card.bonus is None:
            return ""
        low, high, said = _improved(case, data)
        before, after = case.paid(case.appraised(low)), case.paid(case.appraised(high))
        return "" if after >= before else f"{said}: the bonus falls from {before} to {after}"

    _of_cards(name, "look at the bonus curve, its gates and the grades' coefficients", scheme, holds, examples)


def _improved(case: _Case, data: st.DataObject) -> tuple[dict[str, Quantity], dict[str, Quantity], str]:
    """Readings, the same with one of them better, and which."""
    line = data.draw(st.sampled_from(case.card.lines))
    code = line.indicator.code
    other = data.draw(_values(line.indicator, line.target, case.card))
    worse, better = sorted((case.readings[code], other), key=lambda value: value.value)
    if line.indicator.direction is Direction.LOWER:
        worse, better = better, worse
    said = f"{_said(dict(case.readings) | {code: worse})}; {code} better, at {better}"
    return dict(case.readings) | {code: worse}, dict(case.readings) | {code: better}, said


def _not_negative(name: str, scheme: Scheme, examples: int) -> None:
    def holds(case: _Case, _: st.DataObject) -> str:
        paid = None if case.card.bonus is None else case.paid(case.appraised())
        return "" if paid is None or paid.units >= 0 else f"{_said(case.readings)}: {paid}"

    _of_cards(name, "give the curve or the bonus a floor", scheme, holds, examples)


def _units(name: str, scheme: Scheme, examples: int) -> None:
    def holds(case: _Case, _: st.DataObject) -> str:
        if case.card.currency != "CNY":
            return ""
        found = case.appraised()
        stated = {
            code: f"{plain(value.value / 10_000)} 万元" if value.unit == "CNY" else value
            for code, value in case.readings.items()
        }
        again = appraise(case.card, {}, {code: Reading.of(code, value) for code, value in stated.items()})
        return "" if again.score == found.score else f"{_said(case.readings)}: {found.score} and {again.score}"

    _of_cards(name, "report it: this is a fault of the library", scheme, holds, examples)


def _of_cards(
    name: str, remedy: str, scheme: Scheme, holds: Callable[[_Case, st.DataObject], str], examples: int
) -> None:
    if scheme.profiles:
        _held(name, remedy, _cases(scheme), holds, examples)


def _reads_back(name: str, scheme: Scheme, _: int) -> None:
    again = parse_scheme(write_scheme(scheme, "json"), "json")
    if again != scheme or again.fingerprint != scheme.fingerprint:
        raise LawError(name, f"{scheme.name!r} is another after writing and reading it", "report it")


# ── laws of pay ─────────────────────────────────────────────────────────────────────────────────────────────


def _stages(name: str, scheme: Scheme, _: int) -> None:
    for plan in scheme.plans:
        for component in plan.components:
            total = sum((stage.share for stage in component.stages), Fraction(0))
            if component.stages and total != 1:
                said = f"those of {plan.code}.{component.code} sum to {plain(100 * total)}%"
                raise LawError(name, said, "let the shares sum to 100%")


@frozen
class _Deals:
    """Loans under a plan of the scheme, and who sold them."""

    facts: tuple[Fact, ...]
    organisation: Organisation
    period: Period


@st.composite
def _deals(draw: st.DrawFn, scheme: Scheme) -> _Deals:
    plan = draw(st.sampled_from(scheme.plans))
    first = scheme.effective.replace(day=1)
    period = Period.month(first.year, first.month).next()
    lin = Assignment(
        payee="lin",
        unit=plan.unit or "any",
        role=plan.role or "officer",
        product_line=plan.product_line,
        tier=plan.tier,
        since=date(first.year - 1, 1, 1),
    )
    found: list[Fact] = []
    for number in range(draw(st.integers(1, 4))):
        on = period.start.replace(day=draw(st.sampled_from([1, 2, 15, 28])))
        amount = Money.from_units(draw(st.sampled_from([0, 1, 99, 10**6, 3 * 10**7, 10**9 + 1])), scheme.currency)
        code, segment = f"L{number}", draw(st.sampled_from(["personal", "corporate"]))
        found.append(Loan(loan=code, customer=code, officer="lin", opened_on=on, segment=segment, amount=amount))
        found.append(LoanEvent(loan=code, kind=EventKind.DUE_DILIGENCE, on=on))
        found.append(LoanEvent(loan=code, kind=EventKind.SIGNED, on=on, amount=amount))
        if draw(st.booleans()):
            found.append(LoanEvent(loan=code, kind=EventKind.DISBURSED, on=on, amount=amount))
        if draw(st.integers(0, 4)) == 0:
            found.append(LoanEvent(loan=code, kind=EventKind.CANCELLED, on=period.last_day))
    return _Deals(tuple(draw(st.permutations(found))), Organisation(assignments=[lin]), period)


def _settled(scheme: Scheme, deals: _Deals, facts: tuple[Fact, ...]) -> Ledger:
    accruals = accrue(Facts.of(facts), SchemeBook([scheme]).plans(), deals.organisation, through=deals.period)
    ledger = Ledger()
    ledger = ledger.append(settle(ledger, accruals, period=deals.period))
    return ledger.append(settle(ledger, accruals, period=deals.period))


def _of_plans(name: str, remedy: str, scheme: Scheme, holds: Callable[[_Deals], str], examples: int) -> None:
    if not scheme.plans:
        return

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(deals=_deals(scheme))
    def law(deals: _Deals) -> None:
        said = holds(deals)
        if said:
            raise LawError(name, said, remedy)

    law()


def _twice(name: str, scheme: Scheme, examples: int) -> None:
    def holds(deals: _Deals) -> str:
        accruals = accrue(Facts.of(deals.facts), SchemeBook([scheme]).plans(), deals.organisation, through=deals.period)
        ledger = Ledger()
        ledger = ledger.append(settle(ledger, accruals, period=deals.period))
        again = settle(ledger, accruals, period=deals.period)
        return f"{len(again)} entries more" if again else ""

    _of_plans(name, "report it: this is a fault of the library", scheme, holds, examples)


def _any_order(name: str, scheme: Scheme, examples: int) -> None:
    def holds(deals: _Deals) -> str:
        one = _settled(scheme, deals, deals.facts)
        other = _settled(scheme, deals, deals.facts[::-1])
        return "" if one.entries == other.entries else "the entries differ"

    _of_plans(name, "report it: this is a fault of the library", scheme, holds, examples)


def _balanced(name: str, scheme: Scheme, examples: int) -> None:
    def holds(deals: _Deals) -> str:
        ledger = _settled(scheme, deals, deals.facts)
        due = {account: ledger.balance(account[0], currency=account[1]).due for account in ledger.accounts}
        ledger = ledger.append(pay(ledger, period=deals.period, rules=scheme.pay or PayRules()).entries)
        for payee, currency in ledger.accounts:
            account = ledger.balance(payee, currency=currency)
            if account.entitled != account.due + account.held + account.paid - account.owed:
                return f"{account}"
            if account.paid.units > max(0, due[payee, currency].units):
                return f"{account.paid} is paid, and {due[payee, currency]} was due"
        return ""

    _of_plans(name, "report it: this is a fault of the library", scheme, holds, examples)


LAWS: Mapping[str, Callable[[str, Scheme, int], None]] = MappingProxyType(
    {
        "weights sum to 100%": _weights,
        "a score is the sum of its points": _sums,
        "a better reading never lowers the score": _better,
        "a better reading never lowers the bonus": _pays_more,
        "a bonus is never below zero": _not_negative,
        "another unit gives the same score": _units,
        "a scheme reads back as it was written": _reads_back,
        "the stages of a deal sum to the deal": _stages,
        "settling twice posts nothing": _twice,
        "the order of facts does not matter": _any_order,
        "what is entitled is due, held or paid, and no more is paid than is due": _balanced,
    }
)
"""Every law, by the name that `check_laws` knows it by."""
