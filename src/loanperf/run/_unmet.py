"""Unmet: (schemes, facts) -> a problem for each value that a scheme names and no fact has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import TypeAlias

from attrs import define, field

from loanperf._commission import Component
from loanperf._facts import Facts
from loanperf._indicators import CATALOGUE, FIELDS, Indicator, MadeOf, View, Where, totals_of
from loanperf._kinds import KINDS
from loanperf._periods import Period
from loanperf._scheme import Scheme, SchemeBook, indicators_of
from loanperf._scheme._common import shared_by
from loanperf._tables._words import distinct_texts
from loanperf.errors import Problem, meant_by, shown

_NAMED = 8
"""How many values of the facts a problem names."""
_COMPARED = 5000
"""So many pairs of values a run compares in spelling at most; then no nearest one is looked for any more."""
_KEPT = 1000
"""How many values a close keeps of all columns together; of more, none is kept."""
_LEAD = "lead"
"""The kind of credit that holds where no credit of a loan is sent."""

Met: TypeAlias = Mapping[str, tuple[str, ...]]
"""Values that loans and their credits have had, by table and column, such as `loans.product`."""
_OF_LOANS = (
    *(("loans", name) for name, one in FIELDS["loans"].items() if one.kind == "text" and not one.values),
    ("credits", "role"),
)
"""The columns in which facts of some loans lack what those of others have. Facts of no loan are always all read."""


def met_in(facts: Facts, before: Met) -> Met | None:
    """The values that loans have, and had before, as a close keeps them; None where they are too many."""
    known = _Values(facts, before)
    found = {f"{table}.{column}": known.of(table, column) for table, column in _OF_LOANS}
    return found if sum(map(len, found.values())) <= _KEPT else None


def unmet(schemes: SchemeBook, period: Period, facts: Facts, before: Met) -> tuple[Problem, ...]:
    """A problem for each value that schemes name and that no fact has, such as a product that is misspelled.

    Looked at are the terms of components, of their rates and of what counts for their tiers, the kinds of credit of
    their splits, and the filters of indicators that the scheme declares or weighs. A fact of any day has a value. Where
    no fact states the field at all, nothing is told of it.

    Args:
        schemes: of them the versions that are in force on some day of the period.
        period: that is worked.
        facts: all of them, or those of some loans.
        before: what loans had by the last close, where facts are those of some.
    """
    known, found = _Values(facts, before), dict[Problem, None]()
    for scheme, end in zip_longest(schemes.versions, [one.effective for one in schemes.versions[1:]]):
        last = scheme.until or end
        if scheme.effective < period.end and (last is None or last > period.start):
            found |= dict.fromkeys(_of_scheme(scheme, known))
    return tuple(found)


@define(eq=False)
class _Values:
    """The values that fields of facts have, or had before."""

    facts: Facts
    before: Met
    _left: int = field(default=_COMPARED, init=False)
    """How many pairs may still be compared."""
    _nearest: dict[tuple[str, str, str], str] = field(factory=dict, init=False)
    _values: dict[tuple[str, str], tuple[str, ...]] = field(factory=dict, init=False)

    def lacking(self, path: str, table: str, column: str, values: Iterable[str | bool]) -> Iterator[Problem]:
        """A problem for each of some values that no row of a table has in a column in which some row has one."""
        known = self.of(table, column)
        for value in values if known else ():
            if value not in known:
                label = KINDS[table].label.en
                fault = f"no {label} has this {column}, so that nothing is paid or counted by it"
                remedy = _remedy(known, self._meant(table, column, str(value)), label)
                yield Problem(path, fault, shown(value), remedy, is_counted=True)

    def _meant(self, table: str, column: str, value: str) -> str:
        """Which value may be meant by one that is unmet; empty where none is near, or too many were compared."""
        known, place = self.of(table, column), (table, column, value)
        if place not in self._nearest and len(known) <= self._left:
            self._left -= len(known)
            self._nearest[place] = meant_by(value, known)
        return self._nearest.get(place, "")

    def of(self, table: str, column: str) -> tuple[str, ...]:
        if (table, column) not in self._values:
            texts = distinct_texts(self.facts.tables[table][column]) if self.facts.tables[table].rows else []
            kept = self.before.get(f"{table}.{column}", ())
            self._values[table, column] = tuple(sorted({*filter(None, texts), *kept}))
        return self._values[table, column]


def _remedy(known: tuple[str, ...], meant: str, label: str) -> str:
    """What to do about a value, with the values that there are."""
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    there = f"the facts have {', '.join(map(shown, known[:_NAMED]))}{more}"
    return f"{f'{meant} ' if meant else ''}{there}: mend it, or leave it where such a {label} is yet to come"


def _of_scheme(scheme: Scheme, known: _Values) -> Iterator[Problem]:
    of = f"scheme {scheme.name!r} from {scheme.effective}, $"
    for plan in scheme.plans:
        shared = shared_by(plan, scheme.common)
        for component in plan.components:
            within = "common" if component.code in shared else f"plans.{plan.code}"
            yield from _of_component(component, f"{of}.{within}.components.{component.code}", known)
    declared, all_known = {entry.code for entry in scheme.indicators}, indicators_of(scheme.indicators)
    weighed = {code for profile in scheme.profiles for code, _ in profile.weights}
    for code in sorted((declared | weighed) & all_known.keys()):
        yield from _of_indicator(all_known[code], f"{of}.indicators.{code}", known)


def _of_component(component: Component, path: str, known: _Values) -> Iterator[Problem]:
    yield from _of_terms(component.where, f"{path}.where", known)
    if component.tiers is not None and not isinstance(component.tiers.counts, str):
        yield from _of_terms(component.tiers.counts, f"{path}.tiers.counts", known)
    for place, rate in enumerate(component.rates):
        yield from _of_terms(rate.where, f"{path}.rates[{place}].where", known)
    kinds = [kind for kind, _ in component.split if kind != _LEAD]
    yield from known.lacking(f"{path}.split", "credits", "role", kinds)


def _of_terms(terms: Iterable[Where], path: str, known: _Values) -> Iterator[Problem]:
    for term in terms:
        yield from _of_values("loans", term, f"{path}.{term.field}", known)


def _of_indicator(indicator: Indicator, path: str, known: _Values) -> Iterator[Problem]:
    """Problems of the filters of an indicator; what is made of others has none of its own."""
    if indicator.measure is None or isinstance(indicator.measure, MadeOf):
        return
    is_declared = indicator.code not in CATALOGUE
    for part, total in totals_of(indicator.measure):
        for term in total.where:
            within = f".measure{part}.where.{term.field}" if is_declared else f", {term.field}"
            yield from _of_values(total.over, term, f"{path}{within}", known)


def _of_values(view: View, term: Where, path: str, known: _Values) -> Iterator[Problem]:
    """Problems of the values of a filter, where hosts choose the values of its field."""
    found = FIELDS[view].get(term.field)
    if found is None or found.kind != "text" or found.values:
        return
    plain = KINDS[view].view.get(term.field) if view in KINDS else None
    table, column = (view, plain.of) if plain is not None and isinstance(plain.of, str) else ("loans", term.field)
    yield from known.lacking(path, table, column, term.values)
