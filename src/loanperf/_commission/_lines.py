"""Lines: what was earned, as columns; accruals iterate over them as rows, and the ledger settles them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from attrs import evolve, frozen

from loanperf._commission._accrual import Accrual, DatedPlan
from loanperf._commission._rates import StepsElsewhere, StepsOfLine
from loanperf._explanations import Explanation, carried
from loanperf._numbers import Places, Whole, counts_up, day_number, day_of, fraction, paired, whole
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money
from loanperf._tables._columns import Column
from loanperf._tables._exact import decimals
from loanperf._tables._values import no_words, of_texts, words_in
from loanperf._tables._words import code_of_word
from loanperf._validators import must_hold
from loanperf.errors import DataError


@frozen(eq=False, kw_only=True)
class Lines:
    """Lines of commission as columns, in order of payee, period, day and key; a word or value a code."""

    payees: Sequence[str]
    plans: Sequence[DatedPlan]
    components: Sequence[str]
    loans: Sequence[str]
    stages: Sequence[str]
    """The empty word is that of a line of no stage."""
    periods: Sequence[Period]
    payee: Places
    plan: Places
    component: Places
    loan: Places
    """-1 where the line is no loan's."""
    stage: Places
    period: Places
    """In which it was earned: its cohort."""
    on: Whole
    """The day on which it became payable."""
    earned: Whole
    """The first day on which its stage was reached."""
    units: Whole
    """The amount, in smallest units of the currency of the plan."""
    gross: Whole
    """Before multipliers, gates and caps, in whole currency, over `below`."""
    below: Whole
    """What `gross` is over, above zero."""
    part_line: Places
    """Of lines that were earned on several days: the line of each part, in order of line and day."""
    part_on: Whole
    part_units: Whole
    steps: Callable[[int], tuple[Explanation, ...]]
    """By row, what was done to come to the amount; worked out when somebody asks. See `_slices` for those alone."""

    @classmethod
    def of(cls, rows: Iterable[Accrual]) -> Lines:
        """The columns of some rows, in the order in which they come."""
        given = tuple(rows)
        _must_be_lines(given)
        plans: dict[int, int] = {}
        known: list[DatedPlan] = []
        for row in given:
            if plans.setdefault(id(row.plan), len(known)) == len(known):
                known.append(row.plan)
        texts = {}
        words = {}
        for name in ("payee", "component", "loan", "stage"):
            index = no_words()
            texts[name] = of_texts([getattr(row, name) or (None if name == "loan" else "") for row in given], index)
            words[name] = words_in(index)
        periods = list(dict.fromkeys(row.period for row in given))
        of_period = {period: place for place, period in enumerate(periods)}
        parts = [(place, on, part) for place, row in enumerate(given) if len(row.parts) > 1 for on, part in row.parts]
        return cls(
            payees=words["payee"],
            plans=tuple(known),
            components=words["component"],
            loans=words["loan"],
            stages=words["stage"],
            periods=tuple(periods),
            payee=texts["payee"].values,
            plan=whole([plans[id(row.plan)] for row in given]),
            component=texts["component"].values,
            loan=texts["loan"].values,
            stage=texts["stage"].values,
            period=whole([of_period[row.period] for row in given]),
            on=whole([day_number(row.on) for row in given]),
            earned=whole([day_number(row.earned_on) for row in given]),
            units=whole([row.amount.units for row in given]),
            gross=whole([row.gross.numerator for row in given]),
            below=whole([row.gross.denominator for row in given]),
            part_line=whole([place for place, _, _ in parts]),
            part_on=whole([day_number(on) for _, on, _ in parts]),
            part_units=whole([part.units for _, _, part in parts]),
            steps=[row.steps for row in given].__getitem__,
        )

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return carried(self, steps=[*map(self.steps, range(len(self)))].__getitem__)

    def __len__(self) -> int:
        return len(self.payee)

    def __iter__(self) -> Iterator[Accrual]:
        return map(self.row, range(len(self)))

    def row(self, place: int) -> Accrual:
        """A line as a row; its reasons come when somebody asks for them."""
        plan = self.plans[int(self.plan[place])]
        loan, on, earned = int(self.loan[place]), day_of(int(self.on[place])), day_of(int(self.earned[place]))
        amount = Money.from_units(int(self.units[place]), plan.currency)
        return Accrual(
            payee=str(self.payees[int(self.payee[place])]),
            plan=plan,
            component=str(self.components[int(self.component[place])]),
            loan="" if loan < 0 else str(self.loans[loan]),
            stage=str(self.stages[int(self.stage[place])]),
            on=on,
            earned_on=earned,
            period=self.periods[int(self.period[place])],
            amount=amount,
            gross=fraction(self.gross, self.below, place),
            parts=self._parts(place) or ((earned, amount),),
            steps=StepsOfLine(self.steps, place),
        )

    def take(self, rows: Places) -> Lines:
        """Some of the lines, in the order in which they are named."""
        if len(rows) == len(self) and counts_up(rows):
            return self
        part, pair = paired(*(np.searchsorted(self.part_line, rows, side) for side in ("left", "right")))
        columns: dict[str, Any] = {name: getattr(self, name)[rows] for name in _COLUMNS}
        columns |= {"part_line": part, "part_on": self.part_on[pair], "part_units": self.part_units[pair]}
        return evolve(self, **columns, steps=StepsElsewhere(self.steps, rows))

    def of_payee(self, payee: str) -> tuple[Accrual, ...]:
        """The lines of a payee, in their order."""
        place = code_of_word(self.payees, payee)
        return tuple(map(self.row, np.flatnonzero(self.payee == place).tolist()))

    def shown(self) -> dict[str, Column]:
        """The columns of a data frame, with amounts in whole currency."""
        places = [CURRENCIES[plan.currency] for plan in self.plans]
        currencies, codes = tuple({plan.currency: None for plan in self.plans}), [plan.plan.code for plan in self.plans]
        below = whole([10**place for place in places])[self.plan]
        stages = np.where(self.stage == code_of_word(self.stages, ""), -1, self.stage)
        return {
            "payee": Column("text", self.payee, None, self.payees),
            "plan": Column("text", self.plan, None, codes),
            "component": Column("text", self.component, None, self.components),
            "loan": Column("text", self.loan, None, self.loans),
            "stage": Column("text", stages, None, self.stages),
            "period": Column("text", self.period, None, [str(period) for period in self.periods]),
            "on": Column("day", self.on),
            "earned_on": Column("day", self.earned),
            "amount": decimals(self.units, 1, below, 1),
            "currency": Column(
                "text", whole([currencies.index(plan.currency) for plan in self.plans])[self.plan], None, currencies
            ),
        }

    def _parts(self, place: int) -> tuple[tuple[date, Money], ...]:
        """What was earned by day, where that was on several days."""
        currency = self.plans[int(self.plan[place])].currency
        low, high = self.part_line.searchsorted([place, place + 1]).tolist()
        return tuple(
            (day_of(int(self.part_on[row])), Money.from_units(int(self.part_units[row]), currency))
            for row in range(low, high)
        )


_COLUMNS = (
    *("payee", "plan", "component", "loan", "stage", "period"),
    *("on", "earned", "units", "gross", "below"),
)
"""The columns with a value a line."""
_OF_LINES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("payee", "component", "loan", "stage"), (str,)),
        "plan": (DatedPlan,),
        "on": (date,),
        "earned_on": (date,),
        "period": (Period,),
        "amount": (Money,),
        "gross": (Fraction, int),
        "parts": (tuple,),
    }
)
"""What the fields of a line are."""


def _must_be_lines(rows: Sequence[Accrual]) -> None:
    """Refuse rows of which columns would say something else."""
    must_hold(rows, _OF_LINES)
    for row in rows:
        for amount in (row.amount, *(part for _, part in row.parts)):
            if amount.currency != row.plan.currency:
                fault = f"{amount} is in another currency than the plan {row.plan.plan.code!r} ({row.plan.currency})"
                raise DataError(f"the line {row.key}", fault, "pass a plan of each currency")
