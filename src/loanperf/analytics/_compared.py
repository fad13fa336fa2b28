"""Compared: (two scenarios, what they come to) -> a hash of all of it, and what pay comes to per 10,000."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from types import MappingProxyType
from typing import TypeAlias

from loanperf._explanations import Label
from loanperf._facts import digests_of
from loanperf._indicators import CATALOGUE, measure
from loanperf._periods import Period
from loanperf.analytics._findings import filled, said
from loanperf.analytics._scenario import Scenario, factor_units
from loanperf.analytics._worked import WorkedPeriod
from loanperf.errors import EmptyPeriodError

Pairs: TypeAlias = Sequence[tuple[WorkedPeriod, WorkedPeriod]]
"""What each period comes to now and new."""
PerAmount: TypeAlias = tuple[Fraction | None, Fraction | None]
"""Cost per 10,000 now and new."""
_PER = 10_000
"""Cost is told per 10,000 of loans and of profit, as banks do (每万元)."""
_AMOUNTS: Mapping[str, Label] = MappingProxyType(
    {"disbursed_amount": Label("loans disbursed", "放款"), "contribution_per_customer": Label("profit", "利润")}
)
"""By indicator, what it counts or its numerator."""
_SAID = Label(
    "per 10,000 of {name} it costs {new}, and {now} by the present scenario",
    "每万元{name}的成本：新方案 {new}，现行方案 {now}",
)


def per_10000(
    scenarios: tuple[Scenario, Scenario], pairs: Pairs, sums: tuple[Mapping[str, int], Mapping[str, int]]
) -> dict[str, PerAmount]:
    """By indicator, pay per 10,000 of what it counts or of its numerator; None where that is not above zero.

    Args:
        scenarios: now and new.
        pairs: know the first period and the last.
        sums: by payee, the pay of all periods in smallest units, now and new.
    """
    span, (then, new) = Period(pairs[0][0].period.start, pairs[-1][0].period.end), scenarios
    counted = [_counted(then, span, sums[0])]
    same = new.facts is then.facts and new.people is then.people and sums[0].keys() == sums[1].keys()
    counted.append(counted[0] if same else _counted(new, span, sums[1]))
    costs = [Fraction(sum(some.values()), factor_units(then.currency)) for some in sums]
    return {code: (_per(costs[0], counted[0][code]), _per(costs[1], counted[1][code])) for code in _AMOUNTS}


def _per(cost: Fraction, amount: Fraction) -> Fraction | None:
    return cost / amount * _PER if amount > 0 else None


def _counted(scenario: Scenario, span: Period, payees: Mapping[str, int]) -> dict[str, Fraction]:
    """By indicator, what is counted of some payees in a span of days; of a ratio its numerator."""
    found = dict.fromkeys(_AMOUNTS, Fraction(0))
    asked = [CATALOGUE[code]() for code in _AMOUNTS]
    try:
        known = measure(scenario.facts, span, asked, currency=scenario.currency, organisation=scenario.people)
    except EmptyPeriodError:
        return found
    for one in known:
        if one.subject in payees:
            found[one.indicator] += one.numerator
    return found


def per_said(per: Mapping[str, PerAmount], currency: str) -> Iterator[Label]:
    """Cost per 10,000 of loans and of profit, as far as facts know of them."""
    for code, name in _AMOUNTS.items():
        now, new = per[code]
        if now is not None and new is not None:
            yield filled(_SAID, name=name, now=said(now, currency), new=said(new, currency))


def digest_of(scenarios: tuple[Scenario, Scenario], pairs: Pairs) -> str:
    """The SHA-256 of what both scenarios are made of and of what each payee comes to, in hexadecimal."""
    then, new = scenarios
    facts = [digests_of(then.facts)]
    facts.append(facts[0] if new.facts is then.facts else digests_of(new.facts))
    said = [
        [
            facts[side],
            [one.fingerprint for one in scenario.schemes.versions],
            [sorted(map(repr, some)) for some in _lists(scenario)],
            [_worked(pair[side]) for pair in pairs],
        ]
        for side, scenario in enumerate(scenarios)
    ]
    return sha256(json.dumps(said).encode()).hexdigest()


def _lists(scenario: Scenario) -> Iterator[Iterable[object]]:
    """What a scenario holds beside facts and schemes; what people decided is told by what payees come to."""
    people = scenario.people
    yield from (people.units, people.payees, people.assignments, scenario.readings, scenario.targets)


def _worked(one: WorkedPeriod) -> tuple[object, ...]:
    """What a period came to, in order."""
    scores = [(payee, str(score)) for payee, score in sorted(one.scores.items())]
    return str(one.period), sorted(one.pay.items()), scores, sorted(one.grades.items())
