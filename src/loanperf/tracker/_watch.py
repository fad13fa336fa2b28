"""Watch: what a tracker looks at: a period, its people, schemes and targets, and indicators besides."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from attrs import field, frozen

from loanperf._facts import NO_FACTS
from loanperf._indicators import Indicator, measure_part
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._scheme import SchemeBook
from loanperf._scorecard import level_of
from loanperf._targets import Target
from loanperf.errors import DataError, Problem
from loanperf.run._tasks import Task, looked_at, tasks_of


def _as_indicators(given: Iterable[Indicator]) -> tuple[Indicator, ...]:
    return tuple(given)


def _as_targets(given: Iterable[Target]) -> tuple[Target, ...]:
    return tuple(sorted(given, key=lambda target: (target.payee, target.indicator)))


@frozen(kw_only=True, slots=False)
class Watch:
    """What a tracker looks at.

    Raises:
        DataError: schemes without an organisation, or in another currency.
        MeasureError: a measure over fields or values that do not exist, or two indicators of one code.
        UnitError: a currency that does not exist.

    >>> from loanperf._indicators import disbursed_amount
    >>> watch = Watch(period=Period.month(2026, 3), currency="CNY", indicators=[disbursed_amount()])
    >>> [indicator.code for indicator in watch.measured]
    ['disbursed_amount']
    """

    period: Period
    currency: str
    """ISO 4217 code; amounts in another one are problems."""
    schemes: SchemeBook | None = None
    """By which payees are appraised, as `lp.run` appraises them. What their cards look at and can be measured, is."""
    organisation: Organisation | None = None
    """Who is assigned when: with it the payees are those assigned on some day of the period; without it, all for whom
    a row of any view counts."""
    targets: tuple[Target, ...] = field(default=(), converter=_as_targets)
    """Targets of single payees for the whole period; the card's hold for all others."""
    indicators: tuple[Indicator, ...] = field(default=(), converter=_as_indicators)
    """What is measured besides."""

    def __attrs_post_init__(self) -> None:
        if self.schemes is not None and self.organisation is None:
            remedy = "pass who is assigned when as organisation"
            raise DataError("schemes", "nobody is there to be appraised by them", remedy)
        for scheme in () if self.schemes is None else self.schemes.versions:
            if scheme.currency != self.currency:
                fault = f"{scheme.name!r} is in {scheme.currency}, and the tracker in {self.currency}"
                raise DataError("schemes", fault, "track each currency alone")
        # It checks measures and currency as measuring does.
        measure_part(NO_FACTS, self.period, self.measured, currency=self.currency, payees=None)

    @cached_property
    def _resolved(self) -> tuple[dict[str, list[Task]], list[Problem]]:
        """The assignments of each payee with their cards, and a problem for each that has no card."""
        found: dict[str, list[Task]] = {}
        if self.schemes is None or self.organisation is None:
            return found, []
        tasks, unresolved = tasks_of(self.period, self.organisation, self.schemes)
        for task in tasks:
            found.setdefault(task.payee, []).append(task)
        return found, unresolved

    @cached_property
    def measured(self) -> tuple[Indicator, ...]:
        """What is worked out of the facts, each code once; those of `indicators`, then those of the cards."""
        cards = {task.place: task.card for task in self.tasks_of(None)}
        every = dict.fromkeys((*self.indicators, *(item for card in cards.values() for item in looked_at(card))))
        mine = (indicator for indicator in every if level_of(indicator.code)[1] is None)
        return tuple(indicator for indicator in mine if indicator.is_measured)

    @cached_property
    def staff(self) -> frozenset[str] | None:
        """The payees of the period; None without an organisation."""
        return None if self.organisation is None else self.organisation.assigned(self.period)

    @cached_property
    def units(self) -> frozenset[str]:
        """The codes of all units."""
        return frozenset() if self.organisation is None else frozenset(unit.code for unit in self.organisation.units)

    def among(self, payees: Collection[str] | None) -> frozenset[str] | None:
        """Those payees who are of the period; None without an organisation, or of the payees is everybody."""
        return self.staff if self.staff is None or payees is None else self.staff.intersection(payees)

    @property
    def appraised(self) -> Mapping[str, list[Task]]:
        """The assignments that are appraised, by payee."""
        return self._resolved[0]

    def tasks_of(self, payees: Collection[str] | None) -> list[Task]:
        """The assignments of payees that are appraised, in order of payee and date; None is everybody's."""
        found = self.appraised
        return [task for payee in (found if payees is None else sorted(payees)) for task in found.get(payee, ())]

    def unresolved(self, payees: Collection[str] | None) -> list[Problem]:
        """Why assignments of payees are not appraised; None is everybody's."""
        return [problem for problem in self._resolved[1] if payees is None or problem.payee in payees]

    def parts(self, payee: str) -> set[Period]:
        """The days of each of the assignments of a payee that are appraised."""
        return {task.part for task in self.appraised.get(payee, ())}

    def fingerprint(self) -> str:
        """Twelve hex digits that change where the same facts may give other readings."""
        staff = None if self.staff is None else sorted(self.staff)
        parts = [(payee, sorted(map(str, self.parts(payee)))) for payee in self.appraised]
        text = repr((str(self.period), self.currency, self.measured, staff, parts))
        return hashlib.sha256(text.encode()).hexdigest()[:12]
