"""Laws: what holds of every scheme that is fair and exact; a host's own is held to them in one line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeVar

from attrs import evolve, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from loanperf._appraisal import Appraisal, appraise
from loanperf._bonus import Award, award
from loanperf._commission import Accruals, PayRules, accrue
from loanperf._facts import EventKind, Fact, Facts, Loan, LoanEvent
from loanperf._indicators import Direction, Indicator, Kind, Reading
from loanperf._ledger import EntryKind, Ledger, pay, settle
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import Money, Quantity, plain
from loanperf._scheme import Scheme, SchemeBook, Who, parse_scheme, write_scheme
from loanperf._scheme._combinations import combinations
from loanperf._scorecard import Card
from loanperf.errors import LawError

_Drawn = TypeVar("_Drawn")
_FAULT_OF_OURS = "report it: this is a fault of the library"


@frozen(kw_only=True)
class _Case:
    """A card of the scheme, with readings that it needs."""

    scheme: Scheme
    card: Card
    readings: Mapping[str, Quantity]

    def appraised(self, readings: Mapping[str, Quantity] | None = None) -> Appraisal:
        """The appraisal of these readings, or of others."""
        found = self.readings if readings is None else readings
        return appraise(self.card, {}, {code: Reading.of(code, value) for code, value in found.items()}, payee="lin")

    def paid(self, appraisal: Appraisal) -> Money:
        """The bonus of an appraisal, of a salary or a base of 8,000."""
        return self.awarded(appraisal).amount

    def awarded(self, appraisal: Appraisal | None = None) -> Award:
        """The award of an appraisal, of a salary or a base of 8,000; of the readings where there is none."""
        base = f"8000 {self.card.currency}"
        return award(self.card.bonus, appraisal or self.appraised(), month=base, base=base)


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
    gates = [gate.forfeits for gate in card.bonus.gates if gate.looks_at == indicator.code] if card.bonus else []
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
    """A card for each profile, and for each with others on top; with a target wherever one is needed."""
    period = Period.month(scheme.effective.year, scheme.effective.month)
    period = period if period.start >= scheme.effective else period.next()
    cards = []
    kinds = [*combinations(scheme.profiles, scheme.who).values()]
    for profile in (item for item in scheme.profiles if not item.is_on_top):
        fitting = [rule for rule in scheme.who if rule.profile == profile.code]
        rule = fitting[0] if fitting else Who(profile=profile.code)
        kinds.append((rule.role, rule.product_line, rule.tier, rule.unit))
    for role, line, tier, unit in kinds:
        units = (unit,) if unit else ()
        card = scheme.resolve(period=period, role=role, product_line=line, tier=tier, units=units)
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
    name: str, remedy: str, cases: st.SearchStrategy[_Drawn], holds: Callable[[_Drawn], str], examples: int
) -> None:
    """Draw cases, and refuse the first of which `holds` says what does not hold, as small as it can be."""

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(case=cases)
    def law(case: _Drawn) -> None:
        said = holds(case)
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
        held = found.vetoes or not found.beyond_points
        return "" if held else f"{_said(case.readings)}: {points} and {found.score}"

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

    _of_cards(name, _FAULT_OF_OURS, scheme, holds, examples)


def _of_cards(
    name: str, remedy: str, scheme: Scheme, holds: Callable[[_Case, st.DataObject], str], examples: int
) -> None:
    if scheme.profiles:
        _held(name, remedy, st.tuples(_cases(scheme), st.data()), lambda drawn: holds(*drawn), examples)


def _reads_back(name: str, scheme: Scheme, _: int) -> None:
    again = parse_scheme(write_scheme(scheme, "json"), "json")
    if again != scheme or again.fingerprint != scheme.fingerprint:
        raise LawError(name, f"{scheme.name!r} is another after writing and reading it", "report it")


def _step_of_bonus(name: str, scheme: Scheme, examples: int) -> None:
    def holds(case: _Case, _: st.DataObject) -> str:
        if case.card.bonus is None:
            return ""
        step = 1 if case.card.bonus.round_total is None else case.card.bonus.round_total.units
        paid = case.awarded()
        least = Money.from_units(step, case.card.currency)
        return "" if abs(paid.amount.exact - paid.exact) < least.exact else f"{paid.exact} is paid as {paid.amount}"

    _of_cards(name, _FAULT_OF_OURS, scheme, holds, examples)


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


def _accrued(scheme: Scheme, deals: _Deals, facts: Iterable[Fact], through: Period) -> Accruals:
    return accrue(Facts.of(facts), SchemeBook([scheme]).plans(), deals.organisation, through=through)


def _settled(scheme: Scheme, deals: _Deals, facts: tuple[Fact, ...]) -> Ledger:
    accruals = _accrued(scheme, deals, facts, deals.period)
    ledger = Ledger()
    ledger = ledger.append(settle(ledger, accruals, period=deals.period))
    return ledger.append(settle(ledger, accruals, period=deals.period))


def _of_plans(name: str, remedy: str, scheme: Scheme, holds: Callable[[_Deals], str], examples: int) -> None:
    if scheme.plans:
        _held(name, remedy, _deals(scheme), holds, examples)


def _twice(name: str, scheme: Scheme, examples: int) -> None:
    def holds(deals: _Deals) -> str:
        accruals = _accrued(scheme, deals, deals.facts, deals.period)
        ledger = Ledger()
        ledger = ledger.append(settle(ledger, accruals, period=deals.period))
        again = settle(ledger, accruals, period=deals.period)
        return f"{len(again)} entries more" if again else ""

    _of_plans(name, _FAULT_OF_OURS, scheme, holds, examples)


def _steps(name: str, scheme: Scheme, examples: int) -> None:
    _step_of_bonus(name, scheme, examples)
    if any(item.base == "team" for plan in scheme.plans for item in plan.components):
        return
    steps: dict[str, Any] = dict.fromkeys(("round_line", "round_component", "round_total"))
    common = None if scheme.common is None else evolve(scheme.common, **steps)
    plans = [evolve(plan, **steps, without=tuple(set(plan.without) - {*steps})) for plan in scheme.plans]
    exact = evolve(scheme, plans=tuple(plans), common=common)

    def holds(deals: _Deals) -> str:
        found, fine = (_accrued(item, deals, deals.facts, deals.period) for item in (scheme, exact))
        for code in {line.plan.plan.code for line in fine}:
            before, after = (
                sum(line.amount.units for line in given if line.plan.plan.code == code) for given in (fine, found)
            )
            plan, lines = next(plan for plan in plans if plan.code == code), len(fine)
            stated = next(plan for plan in scheme.plans if plan.code == code)
            times = (
                (stated.round_line, lines),
                (stated.round_component, len(plan.components)),
                (stated.round_total, 1),
            )
            most = sum(step.units * many for step, many in times if step is not None)
            if abs(after - before) > most:
                return f"plan {code} comes to {after} in place of {before} smallest units"
        return ""

    _of_plans(name, _FAULT_OF_OURS, scheme, holds, examples)


def _any_order(name: str, scheme: Scheme, examples: int) -> None:
    def holds(deals: _Deals) -> str:
        one = _settled(scheme, deals, deals.facts)
        other = _settled(scheme, deals, deals.facts[::-1])
        return "" if one.entries == other.entries else "the entries differ"

    _of_plans(name, _FAULT_OF_OURS, scheme, holds, examples)


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

    _of_plans(name, _FAULT_OF_OURS, scheme, holds, examples)


@st.composite
def _stays(draw: st.DrawFn, scheme: Scheme) -> tuple[_Case, Organisation]:
    """A payee with a bonus, who stays or leaves some months after it."""
    case = draw(_cases(scheme))
    gone = draw(st.sampled_from([None, *_moments(case, scheme)[1:2]]))
    since, until = case.card.period.start.replace(day=1), None if gone is None else gone.start
    lin = Assignment(payee="lin", unit="any", role="officer", since=since, until=until)
    return case, Organisation(assignments=[lin])


def _moments(case: _Case, scheme: Scheme) -> list[Period]:
    """The months of a bonus and of each release of what is held of it, and of what is held of all pay."""
    of_all = None if scheme.pay is None else scheme.pay.holdback
    of_bonus = None if case.card.bonus is None else case.card.bonus.holdback
    held = [terms for terms in (of_bonus, of_all) if terms is not None]
    ages = [item.age for terms in held for item in terms.parts]
    later = {0, *(age.count if age.unit == "month" else age.count // 28 + 1 for age in ages)}
    first = case.card.period.start
    months = [first.month - 1 + count for count in sorted(later)]
    return [Period.month(first.year + month // 12, month % 12 + 1) for month in months]


def _held_sums(name: str, scheme: Scheme, examples: int) -> None:
    """A bonus of which part is held, or all pay, worked on in the month of each release."""
    of_all = None if scheme.pay is None else scheme.pay.holdback
    of_bonus = None if scheme.bonus is None else scheme.bonus.holdback
    if scheme.bonus is None or not scheme.profiles or (of_bonus is None and of_all is None):
        return
    stated = any(terms is not None and terms.condition == "stated" for terms in (of_bonus, of_all))

    def holds(drawn: tuple[_Case, Organisation]) -> str:
        case, people = drawn
        moments = _moments(case, scheme)
        accruals = accrue(Facts.of([]), SchemeBook([scheme]).plans(), people, through=moments[-1])
        awarded, ledger = case.awarded(), Ledger()
        for period in moments:
            given = [awarded] if period == case.card.period else []
            ledger = ledger.append(settle(ledger, accruals, period=period, awards=given))
            ledger = ledger.append(pay(ledger, period=period, rules=scheme.pay or PayRules()).entries)
            said = _off(ledger, awarded.amount, in_the_end=period == moments[-1] and not stated)
            if said:
                return f"{_said(case.readings)}: in {period}, {said}"
        return ""

    _held(name, "report it", _stays(scheme), holds, examples)


def _off(ledger: Ledger, awarded: Money, *, in_the_end: bool) -> str:
    """Where what became of a bonus is not what was awarded; empty where it is."""
    account = ledger.balance("lin", currency=awarded.currency)
    lost = [entry.amount.units for entry in ledger.entries if entry.kind is EntryKind.FORFEITED]
    parts = account.paid.units + account.due.units - account.owed.units + account.held.units + sum(lost)
    if parts != awarded.units:
        return f"{account} and {sum(lost)} forfeited are not the {awarded} that was awarded"
    if account.held.units < 0:
        return f"less than nothing is held: {account.held}"
    return f"{account.held} is still held after the last day of release" if in_the_end and account.held.units else ""


def _caught_up(name: str, scheme: Scheme, examples: int) -> None:
    """Components whose tiers change what was paid before, whatever loans come in which month."""
    held = [
        (plan.code, item.code, max(y for _, y in item.curve.knots))
        for plan in scheme.plans
        for item in plan.components
        if item.tiers is not None and item.tiers.are_of_all and item.curve is not None and item.curve.then is None
        if item.base in ("contracted", "disbursed") and not (item.rates or item.per or item.least)
    ]
    if not held:
        return

    def holds(deals: _Deals) -> str:
        facts = [*deals.facts, *(_a_month_later(fact, deals.period) for fact in deals.facts)]
        accruals = _accrued(scheme, deals, facts, deals.period.next())
        signed = sum((fact.amount.exact for fact in facts if isinstance(fact, Loan) and fact.amount), Fraction(0))
        for plan, component, rate in held:
            mine = [line for line in accruals if (line.plan.plan.code, line.component) == (plan, component)]
            paid = sum((line.gross for line in mine), Fraction(0))
            if paid > signed * rate:
                return f"{plan}.{component} comes to {plain(paid)} of loans of {plain(signed)}"
        return ""

    _of_plans(name, _FAULT_OF_OURS, scheme, holds, examples)


def _a_month_later(fact: Fact, period: Period) -> Fact:
    """The same fact of another loan, as many days into the next period."""
    later = period.next().start - period.start
    if isinstance(fact, Loan):
        return evolve(fact, loan=f"{fact.loan} again", opened_on=fact.opened_on + later)
    if isinstance(fact, LoanEvent):
        return evolve(fact, loan=f"{fact.loan} again", on=fact.on + later)
    raise AssertionError("loans and their events")


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
        "a rounding step never loses more than itself": _steps,
        "settling twice posts nothing": _twice,
        "the order of facts does not matter": _any_order,
        "a held bonus sums": _held_sums,
        "a catch-up never pays more than the highest rate of all that accumulated": _caught_up,
        "what is entitled is due, held or paid, and no more is paid than is due": _balanced,
    }
)
"""Every law, by the name that `check_laws` knows it by."""
