"""Limits: what is earned in a period -> the same after accelerators, gates and caps, in that order, rounded once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from operator import attrgetter
from typing import TypeAlias

from attrs import evolve, frozen

from loanperf._commission._accrual import DatedPlan
from loanperf._commission._names import EXCESS_NAMES
from loanperf._commission._plan import Cap, Component, Plan
from loanperf._curves import Curve
from loanperf._explanations import ROUNDING_NAMES, Explanation, Label, because, quantity_label
from loanperf._indicators import indicator_label
from loanperf._periods import Period
from loanperf._quantities import Money, Quantity, percent, plain

ZERO = Fraction(0)
CARRIED = "carried"
"""The stage of an excess over a cap that comes from the period before; of a plan's cap, its component too."""

Look: TypeAlias = Callable[[str, Curve | None], Fraction]
"""The code of an indicator, and the curve that looks at it, to its reading of the payee and period.

Attainment is asked by `code/attainment`.
"""


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
    earned_on: date | None = None
    """The day on which its stage was reached; None is `on`."""
    gross: Fraction
    net: Fraction
    """What accelerators, gates and caps leave of it."""
    ends: bool = False
    """Whether it reverses all that its deal came to; accelerators, gates and caps pass it by."""
    windows: tuple[object, ...] = ()
    """What it accumulated in; of what other loans lose as tiers fall back, where they had gained it."""
    fell_back: bool = False
    """Whether it is what other loans lose as tiers fall back."""
    passed: bool = False
    """Whether accelerators and gates pass it by, since it takes back what they were applied to before."""
    in_parts: bool = False
    """Whether it is one of the parts of a deal, which are rounded so that they sum."""
    steps: tuple[Explanation, ...] = ()

    @property
    def deal(self) -> tuple[str, str, str, str]:
        """The plan, component, loan and kind of credit."""
        return self.dated.plan.code, self.component, self.loan, self.credit

    def window_key(self, window: object) -> tuple[object, ...]:
        """The plan, component and window."""
        return self.dated.plan.code, self.component, window

    @property
    def order(self) -> tuple[date, bool, str, str, str]:
        """Business date, then what is earned before what ends, then a stable key."""
        return self.on, self.ends, self.component, self.loan, self.stage


def adjusted(plan: Plan, drafts: Iterable[Draft], look: Look, last_day: date) -> tuple[list[Draft], list[Draft]]:
    """The lines of one payee, plan and period after accelerators, gates and caps; and what is carried to the next."""
    lines = sorted(drafts, key=attrgetter("order"))
    carried: list[Draft] = []
    components = {component.code: component for component in plan.components}
    for code, component in components.items():
        lines = _multiplied(component, code, lines, look)
    for code, component in components.items():
        lines = _raised(component, code, lines, last_day)
    lines = _gated(plan, lines, look)
    for code, component in components.items():
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
    """Whether accelerators and gates apply: what is carried has passed them, and what takes back took them along."""
    return _live(line) and line.stage != CARRIED and not line.passed


def _multiplied(component: Component, code: str, lines: list[Draft], look: Look) -> list[Draft]:
    for multiplier in component.multipliers:
        if not any(line.component == code and _new(line) for line in lines):
            return lines
        attained = "/attainment" if multiplier.of == "attainment" else ""
        at = look(f"{multiplier.indicator}{attained}", multiplier.curve)
        factor = multiplier.curve.at(at)
        why = because(
            "accrual.multiplier",
            {
                "indicator": indicator_label(multiplier.indicator),
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
        at = look(gate.indicator, gate.forfeits)
        share = gate.forfeits.at(at)
        if not share:
            continue
        unit = gate.forfeits.x_unit
        actual = quantity_label(Quantity(at, unit)) if unit else percent(at)
        named = indicator_label(gate.indicator)
        why = because("accrual.gate", {"indicator": named, "actual": actual, "share": percent(share)})
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
    left, carried = excess, []
    lines = list(lines)
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if left > 0 and _live(line) and code in ("", line.component) and line.net > 0:
            taken = min(left, line.net)
            left -= taken
            values: dict[str, str | Label] = {
                "limit": str(cap.most),
                "taken": plain(taken),
                "excess": EXCESS_NAMES[cap.excess],
            }
            lines[index] = evolve(line, net=line.net - taken, steps=(*line.steps, because("accrual.cap", values)))
            carried.append(evolve(line, stage=CARRIED, gross=taken, net=taken))
    return lines, carried if cap.excess == "carried" else []


def moved_on(carried: list[Draft], to: Period) -> list[Draft]:
    """What was carried, as lines of the next period."""
    whys = [because("accrual.carried", {"amount": plain(line.gross)}) for line in carried]
    return [evolve(line, on=to.start, steps=(why,)) for line, why in zip(carried, whys, strict=True)]


@frozen
class Sum:
    """What some lines came to: before accelerators, gates and caps, after them, and in smallest units."""

    gross: Fraction = ZERO
    net: Fraction = ZERO
    units: int = 0

    @property
    def kept(self) -> Fraction:
        """The part that accelerators, gates and caps left."""
        return self.net / self.gross if self.gross else Fraction(1)


Earlier: TypeAlias = Mapping[tuple[object, ...], Sum]
"""What was earned in earlier periods, by deal and by window of a component."""


def scaled(lines: Iterable[Draft], earlier: Earlier) -> list[Draft]:
    """The lines with what they take back cut as it was cut when it was earned."""
    found = []
    for line in lines:
        sums = [earlier[key] for key in _taken_of(line) if key in earlier]
        if sums and line.gross < 0:
            whole = Sum(sum((item.gross for item in sums), ZERO), sum((item.net for item in sums), ZERO))
            found.append(evolve(line, net=line.gross * whole.kept, passed=True))
        else:
            found.append(line)
    return found


def _taken_of(line: Draft) -> list[tuple[object, ...]]:
    """Where a line that takes back had been earned."""
    if line.fell_back:
        return [line.window_key(window) for window in line.windows]
    return [line.deal] if line.in_parts and not line.ends else []


def rounded(lines: Iterable[Draft], earlier: Earlier) -> tuple[list[tuple[Draft, Money]], Earlier]:
    """Each line in smallest units; the parts of a deal so that they sum to its rounded total."""
    sums, found = dict(earlier), []
    for line in lines:
        plan, currency = line.dated.plan, line.dated.currency
        before, gross = sums.get(line.deal, Sum()), ZERO if line.stage == CARRIED else line.gross
        if line.ends:
            found.append((line, Money.from_units(-before.units, currency)))
            sums[line.deal] = Sum()
            continue
        if line.in_parts:
            net = before.net + line.net
            total = Money.rounded(net, currency, plan.rounding).units
            amount, sums[line.deal] = (
                Money.from_units(total - before.units, currency),
                Sum(before.gross + gross, net, total),
            )
        else:
            amount = Money.rounded(line.net, currency, plan.rounding)
        for window in line.windows:
            known = sums.get(line.window_key(window), Sum())
            sums[line.window_key(window)] = Sum(known.gross + gross, known.net + line.net)
        found.append((_why_rounded(line, amount), amount))
    return found, sums


def _why_rounded(line: Draft, amount: Money) -> Draft:
    if amount.exact == line.net:
        return line
    values = {"exact": plain(line.net), "amount": str(amount)}
    why = because("accrual.rounded", {**values, "rounding": ROUNDING_NAMES[line.dated.plan.rounding]})
    return evolve(line, steps=(*line.steps, why))
