"""Reasons: the facts of a payee, indicators -> what each fact gave to each reading of that payee."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from typing import assert_never

import numpy as np
from attrs import field, frozen

from loanperf._facts import Fact, Facts, key_text, words_of
from loanperf._indicators._counted import looked_at
from loanperf._indicators._customers import Customers
from loanperf._indicators._fields import totals_of
from loanperf._indicators._readings import Reasons
from loanperf._indicators._totals import Asked, Looked
from loanperf._indicators._types import Deduct, Indicator, Measure, Part, Ratio, Total
from loanperf._indicators._usable import Key, Place, Usable
from loanperf._periods import Period


@frozen
class _Gave:
    """What a row gave to a total."""

    key: Key
    order: Key
    """Of the rows of a view: by the key of their fact, of customers by that of the first."""
    amount: Fraction
    facts: tuple[Fact, ...]


@frozen(eq=False)
class _Read:
    """Facts as rows, and what each row of a view stands on; each made once."""

    facts: Facts
    tables: dict[str, list[Fact]] = field(factory=dict)
    proofs: dict[tuple[str, Place], tuple[Fact, ...]] = field(factory=dict)

    def at(self, place: Place) -> Fact:
        """The fact at a place."""
        table, row = place
        if table not in self.tables:
            self.tables[table] = self.facts.rows_at(table, slice(None))
        return self.tables[table][row]

    def proof(self, looked: Looked, row: int) -> tuple[Fact, ...]:
        """The facts that a row of a view stands on."""
        key = looked.view, looked.rows.fact(row)
        if key not in self.proofs:
            self.proofs[key] = tuple(map(self.at, looked.rows.evidence(row)))
        return self.proofs[key]


def reasons_of(facts: Facts, period: Period, indicators: Iterable[Indicator], currency: str, payee: str) -> Reasons:
    """What each fact gave to the readings of a payee.

    Args:
        facts: all that the readings stand on; those of others do no harm.
        period: of the readings.
        indicators: those that are measured.
        currency: of amounts.
        payee: whose readings they are.
    """
    usable, read = Usable.of(facts, period, currency), _Read(facts)
    measures = {item.code: item.measure for item in indicators if item.measure is not None}
    asked = {
        total: Asked.of(total, currency)
        for total in dict.fromkeys(total for how in measures.values() for _, total in totals_of(how))
    }
    gave: dict[Total, list[_Gave]] = {total: [] for total in asked}
    words = words_of(facts.tables, "payee")
    for looked in chain.from_iterable(found for _, found in looked_at(usable)):
        for total, item in asked.items():
            if total.over == looked.view and len(looked.rows):
                gave[total] += _given(item, looked, usable, [word == payee for word in words], read)
    for found in gave.values():
        found.sort(key=lambda each: each.order)
    return {code: _parts(how, gave) for code, how in measures.items()}


def _given(item: Asked, looked: Looked, usable: Usable, mine: list[bool], read: _Read) -> Iterable[_Gave]:
    """What rows gave to a total for a payee."""
    given = item.given(looked, usable.noted)
    chosen = np.array([*mine, False])[given.payee]
    rows = given.some(chosen)
    if not len(rows):
        return
    amounts = [1] * len(rows) if given.amounts is None else given.amounts[chosen & (given.amounts != 0)].tolist()
    by_customer = isinstance(looked.rows, Customers)
    for row, amount in zip(rows.tolist(), amounts, strict=True):
        evidence, key = read.proof(looked, row), read.at(looked.rows.fact(row)).key
        order = evidence[0].key if by_customer else key
        yield _Gave(key, order, Fraction(amount, given.below), evidence)


def _parts(how: Measure, gave: dict[Total, list[_Gave]]) -> tuple[Part, ...]:
    match how:
        case Total():
            return tuple(Part(key_text(each.key), each.amount, facts=each.facts, key=each.key) for each in gave[how])
        case Deduct():
            return tuple(
                Part(key_text(each.key), -each.amount, facts=each.facts, key=each.key) for each in gave[how.less]
            )
        case Ratio():
            above = {each.key: each for each in gave[how.numerator]}
            below = {each.key: each for each in gave[how.denominator]}
            return tuple(
                Part(
                    key_text(key),
                    above[key].amount if key in above else Fraction(0),
                    below[key].amount if key in below else Fraction(0),
                    (below.get(key) or above[key]).facts,
                    key=key,
                )
                for key in sorted(above.keys() | below.keys())
            )
        case _:
            assert_never(how)
