"""Limits: what is earned in a period -> the same after accelerators, gates and caps, in that order, rounded once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from operator import attrgetter

from attrs import evolve, frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._plan import Cap, Component, Plan
from loanperf._explanations import ROUNDING_NAMES, Explanation, because
from loanperf._periods import Period
from loanperf._quantities import Money, Quantity, percent, plain

ZERO = Fraction(0)
CARRIED = "carried"
"""The stage of an excess over a cap that comes from the period before; of a plan's cap, its component too."""

Look = Callable[[str], Fraction]
"""The code of an indicator to its reading of the payee and period; attainment is asked by `code/attainment`."""


@frozen(kw_only=True)
class Draft:
    """A line of a period before it is rounded."""

    dated: DatedPlan
    component: str
    loan: str = ""
    credit: str = ""
    """The kind of credit that a part of a deal is paid for."""
    stage: str = ""
    on: date
    gross: Fraction
    net: Fraction
    """What accelerators, gates and caps leave of it."""
    ends: bool = False
    """Whether it reverses all that its deal came to; accelerators, gates and caps pass it by."""
    in_parts: bool = False
    """Whether it is one of the parts of a deal, which are rounded so that they sum."""
    steps: tuple[Explanation, ...] = ()

    @property
    def deal(self) -> tuple[str, str, str, str]:
        """The plan, component, loan and kind of credit."""
        return self.dated.plan.code, self.component, self.loan, self.credit

    @property
    def order(self) -> tuple[date, str, str, str]:
        """Business date, then a stable key."""
        return self.on, self.component, self.loan, self.stage


def adjusted(plan: Plan, drafts: Iterable[Draft], look: Look, last_day: date) -> tuple[list[Draft], list[Draft]]:
    """The lines of one payee, plan and period after accelerators, gates and caps; and what is carried to the next."""
    lines = sorted(drafts, key=attrgetter("order"))
    carried: list[Draft] = []
    components = {component.code: component for component in plan.components}
    for code, component in components.items():
        lines = _multiplied(component, code, lines, look)
    lines = _gated(plan, lines, look)
    for code, component in components.items():
        lines = _raised(component, code, lines, last_day)
        if component.period_most is not None:
            lines, over = _capped(component.period_most, lines, code)
            carried += over
    if plan.most is not None:
        lines, over = _capped(plan.most, lines, "")
        carried += over
    return lines, carried


def _live(line: Draft) -> bool:
    return not line.ends


def _new(line: Draft) -> bool:
    """Whether accelerators and gates apply: what is carried has passed them."""
    return _live(line) and line.stage != CARRIED


def _multiplied(component: Component, code: str, lines: list[Draft], look: Look) -> list[Draft]:
    for multiplier in component.multipliers:
        if not any(line.component == code and _new(line) for line in lines):
            return lines
        attained = "/attainment" if multiplier.of == "attainment" else ""
        at = look(f"{multiplier.indicator}{attained}")
        factor = multiplier.curve.at(at)
        why = because(
            "accrual.multiplier",
            {
                "indicator": multiplier.indicator,
                "at": percent(at) if attained else plain(at),
                "factor": percent(factor),
            },
        )
        lines = [
            evolve(line, net=line.net * factor, steps=(*line.steps, why) if factor != 1 else line.steps)
            if line.component == code and _new(line)
            else line
            for line in lines
        ]
    return lines


def _gated(plan: Plan, lines: list[Draft], look: Look) -> list[Draft]:
    for gate in plan.gates:
        if not any(_new(line) for line in lines):
            return lines
        at = look(gate.indicator)
        share = gate.forfeits.at(at)
        if not share:
            continue
        shown = gate.forfeits.x_text(at)
        why = because("accrual.gate", {"indicator": gate.indicator, "actual": shown, "share": percent(share)})
        lines = [
            evolve(line, net=line.net * (1 - share), steps=(*line.steps, why)) if _new(line) else line for line in lines
        ]
    return lines


def _raised(component: Component, code: str, lines: list[Draft], last_day: date) -> list[Draft]:
    """With what is missing to the least of the period, as a line of its own."""
    mine = [line for line in lines if line.component == code and _live(line)]
    if component.period_least is None or not mine:
        return lines
    missing = component.period_least.value - sum((line.net for line in mine), ZERO)
    if missing <= 0:
        return lines
    why = because("accrual.least", {"limit": str(component.period_least), "added": plain(missing)})
    added = Draft(
        dated=mine[-1].dated, component=code, stage="least", on=last_day, gross=missing, net=missing, steps=(why,)
    )
    return [*lines, added]


def _capped(cap: Cap, lines: list[Draft], code: str) -> tuple[list[Draft], list[Draft]]:
    """The lines of a component, or of all, with the excess taken off the last ones; and it, where it is carried."""
    mine = [line for line in lines if _live(line) and code in ("", line.component)]
    excess = sum((line.net for line in mine), ZERO) - cap.most.value
    if excess <= 0:
        return lines, []
    left, cut = excess, {}
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if left > 0 and _live(line) and code in ("", line.component) and line.net > 0:
            taken = min(left, line.net)
            left -= taken
            values = {"limit": str(cap.most), "taken": plain(taken), "excess": cap.excess}
            cut[index] = evolve(line, net=line.net - taken, steps=(*line.steps, because("accrual.cap", values)))
    lines = [cut.get(index, line) for index, line in enumerate(lines)]
    if cap.excess == "lost":
        return lines, []
    last = mine[-1]
    carried = Draft(dated=last.dated, component=code or CARRIED, stage=CARRIED, on=last.on, gross=excess, net=excess)
    return lines, [carried]


def moved_on(carried: list[Draft], to: Period) -> list[Draft]:
    """What was carried, as lines of the next period."""
    whys = [because("accrual.carried", {"amount": plain(line.gross)}) for line in carried]
    return [evolve(line, on=to.start, steps=(why,)) for line, why in zip(carried, whys, strict=True)]


Running = Mapping[tuple[str, str, str, str], tuple[Fraction, int]]
"""By deal: what its parts came to so far, exact and in smallest units."""


def rounded(lines: Iterable[Draft], running: Running) -> tuple[list[tuple[Draft, Money]], Running]:
    """Each line in smallest units; the parts of a deal so that they sum to its rounded total."""
    sums, found = dict(running), []
    for line in lines:
        plan, currency = line.dated.plan, line.dated.currency
        exact, units = sums.get(line.deal, (ZERO, 0))
        if line.ends:
            total = Money.rounded(line.net, currency, plan.rounding).units
            amount, sums[line.deal] = Money(total - units, currency), (line.net, total)
        elif line.in_parts:
            exact += line.net
            total = Money.rounded(exact, currency, plan.rounding).units
            amount, sums[line.deal] = Money(total - units, currency), (exact, total)
        else:
            amount = Money.rounded(line.net, currency, plan.rounding)
        if amount.exact != line.net and not line.ends:
            rounding = ROUNDING_NAMES[plan.rounding]
            values = {"exact": plain(line.net), "amount": str(amount)}
            why = because("accrual.rounded", {**values, "rounding": rounding})
            found.append((evolve(line, steps=(*line.steps, why)), amount))
        else:
            found.append((line, amount))
    return found, sums


def money_text(amount: Fraction, currency: str) -> str:
    """An exact amount as it is printed."""
    return str(Quantity(amount, currency))
