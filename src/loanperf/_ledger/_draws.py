"""Draws: pay by payee and period -> guarantees, draws, their recovery and waiver, over all plans of a payee."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from attrs import evolve, frozen

from loanperf._commission import Accruals, DatedPlan, Draw, line_key
from loanperf._ledger._kinds import Group
from loanperf._ledger._movements import Movement
from loanperf._periods import Period
from loanperf._quantities import Money

Pays: TypeAlias = dict[tuple[str, Period, str], int]
"""Pay after holdback by payee, period and currency, over all plans."""


@frozen(kw_only=True)
class _Account:
    """A draw of a payee, with what is not repaid of it; it outlives the plan that granted it."""

    draw: Draw
    plan: DatedPlan
    index: int
    nth: int
    """Which period it is, from the start of the role that has the plan."""
    granted: bool
    """Whether the payee has the plan in this period."""
    balance: int = 0

    @property
    def least(self) -> int:
        """The least pay, in smallest units."""
        least = Money.rounded(self.draw.least.value, self.draw.least.unit, self.plan.plan.rounding)
        return (least - Money.from_units(0, self.plan.currency)).units

    @property
    def gives(self) -> bool:
        """Whether it applies to the period."""
        last = self.draw.last_period
        return self.granted and self.draw.first_period <= self.nth and (last is None or self.nth <= last)

    @property
    def floor(self) -> int:
        """The pay that no recovery goes below."""
        return self.least if self.gives and self.draw.style == "top up" else 0


def drawn(accruals: Accruals, pays: Pays) -> Iterator[Movement]:
    """Guarantees, draws, their recovery and waiver, period by period of each payee."""
    starts: dict[str, Period] = {}
    for payee, period in accruals.drawing:
        starts[payee] = min(period, starts.get(payee, period))
    for payee, start in sorted(starts.items(), key=lambda item: item[0]):
        yield from _drawn_by(payee, start, accruals, pays)


def _drawn_by(payee: str, start: Period, accruals: Accruals, pays: Pays) -> Iterator[Movement]:
    known: dict[tuple[str, int], _Account] = {}
    period = start
    while period.start < accruals.through.end:
        known = {
            place: evolve(account, nth=account.nth + 1, granted=False)
            for place, account in known.items()
            if account.balance
        }
        now: dict[tuple[str, int], _Account] = {}
        if (payee, period) in accruals.drawing:
            plan, nth = accruals.drawing[payee, period]
            for index, draw in enumerate(plan.plan.draws):
                place = (plan.plan.code, index)
                balance = known.pop(place).balance if place in known else 0
                now[place] = _Account(draw=draw, plan=plan, index=index, nth=nth, granted=True, balance=balance)
        floors: dict[str, int] = defaultdict(int)
        for account in now.values():
            floors[account.plan.currency] = max(floors[account.plan.currency], account.floor)
        for place, account in (now | known).items():
            money = (payee, period, account.plan.currency)
            pay, balance = pays.get(money, 0), account.balance
            floor = account.floor if account.granted else floors[account.plan.currency]
            for group, units in _draw(account, pay, floor):
                balance += {"draw": units, "recovery": -units, "waived": -units}.get(group, 0)
                pay += {"guarantee": units, "recovery": -units}.get(group, 0)
                yield _moved(payee, period, account, group, units)
            pays[money] = pay
            known[place] = evolve(account, balance=balance)
        period = period.next()


def _draw(account: _Account, pay: int, floor: int) -> Iterator[tuple[Group, int]]:
    """What one draw does in a period, by the pay and the balance before it."""
    draw, nth, units = account.draw, account.nth, 0
    if account.gives:
        units = account.least if draw.style == "advance" else max(0, account.least - pay)
    if draw.kind == "plain":
        if units:
            yield "guarantee", units
        return
    if units:
        yield "draw", units
    balance = account.balance + units
    if draw.recovered_from <= nth and (draw.recovered_until is None or nth <= draw.recovered_until):
        recovered = min(balance, max(0, pay - floor))
        balance -= recovered
        if recovered:
            yield "recovery", recovered
    if draw.left == "waived" and draw.recovered_until is not None and nth >= draw.recovered_until and balance:
        yield "waived", balance


def _moved(payee: str, period: Period, account: _Account, group: Group, units: int) -> Movement:
    plan = account.plan
    return Movement(
        group=group,
        line=line_key(payee, plan.plan.code, f"draw {account.index + 1}", "", "", period),
        payee=payee,
        cohort=period,
        on=period.last_day,
        amount=Money.from_units(units, plan.currency),
        plan=plan,
        rule=f"entry.{group}",
        values=(("least", str(account.draw.least)),),
    )
