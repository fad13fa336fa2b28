"""Award all: (appraisals, salaries and days in columns) -> awards, a bonus of every row that has a score."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from math import gcd
from operator import itemgetter
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from attrs import field, frozen

from loanperf._appraisal import (
    Appraisals,
    Calibrated,
    Numbers,
    attainments,
    by_payee,
    cell_error,
    cells_not_whole,
    patterns,
    rows_of,
)
from loanperf._appraisal._columns import cells
from loanperf._bonus._amounts import AwardFault, Basis, Fault, PlanRules, amounts, first_of
from loanperf._bonus._award import Award, award, award_error, no_plan
from loanperf._bonus._awards import Awards
from loanperf._numbers import EVERY_ROW, Certain, Places, Quotient, Rows, Truth, Whole, laid, marked, nowhere, whole
from loanperf._quantities import CURRENCIES, Money, Quantity, Rounding
from loanperf._scorecard import Card, is_weighed
from loanperf._tables._chunks import OnProgress, in_chunks
from loanperf._tables._columns import MISSING, Column, column_of, frozen_array, held
from loanperf._tables._units import NO_UNITS, Units, in_whole_units
from loanperf._validators import must_be
from loanperf.errors import AwardError, DataError, LoanPerfError, Problem, UnknownPayeeError, shown

_Given: TypeAlias = Any
"""An array, a list or a column."""


def award_all(
    appraisals: Appraisals,
    *,
    month: _Given = None,
    base: _Given = None,
    days: tuple[_Given, _Given] | None = None,
    units: Units = NO_UNITS,
    calibrated: Iterable[Calibrated] = (),
    progress: OnProgress | None = None,
    workers: int | None = None,
) -> Awards:
    """What every row with a score earns by the bonus plan of its card, as `award` says of one.

    Columns are in the order of the rows that were scored; one that is not passed is taken from those, if it is there.

    Args:
        appraisals: from `appraise_all`.
        month: one month's salary, for plans in months.
        base: what a share is taken of, for plans in shares.
        days: days in role and days of the period, a column each; of the rows they are taken as `days` and `of_days`.
            The whole period where they are not given.
        units: the unit of `month` and `base`: `fen`, `smallest unit`, `元`, `万元` …; of columns of the rows their
            headings or the units of `appraise_all` say it too. Decimals are whole currency; floats are refused.
        calibrated: what people decided about results after they were computed, one a payee at most; it holds for every
            row of the payee. Where it does not fit the card of a row, there is a problem and no bonus.
        progress: called after each chunk of 65,536 rows.
        workers: threads that work chunks at the same time; None is one a processor, four at most. The result does
            not depend on it.

    Raises:
        AwardError: no card has a bonus plan.
        DataError: a column of another length or kind, amounts that nobody says the unit of, days in role without
            days of the period, or a payee with two calibrations.
        UnknownPayeeError: a payee with a calibration has no row.

    >>> import numpy as np
    >>> import loanperf as lp
    >>> card = lp.template("worked-example").resolve(period=lp.Period.month(2026, 3))
    >>> given = {"loan_amount(元)": 1_200_000, "npl_ratio(%)": 2, "retention_rate(%)": 85}
    >>> found = lp.appraise_all(card, {code: np.array([value]) for code, value in given.items()})
    >>> award_all(found, month=np.array([8_000]), units={"month": "元"}).amount
    array([816960])
    """
    must_be(appraisals, Appraisals, "appraisals", "pass what lp.appraise_all gives")
    if all(card.bonus is None for card in appraisals.cards.values()):
        raise no_plan()
    given = {"month": _amounts(appraisals, "month", month, units), "base": _amounts(appraisals, "base", base, units)}
    held_days, of_days = _pair(days)
    given |= {"days": _column(appraisals, "days", held_days), "of_days": _column(appraisals, "of_days", of_days)}
    if (given["days"] is None) != (given["of_days"] is None):
        raise DataError("the days", "days in role and days of the period belong together", "pass both or neither")
    known = {name: column for name, column in given.items() if column is not None}
    decided = _rows_calibrated(appraisals, by_payee(calibrated))
    return award_columns(appraisals, known, calibrated=decided, progress=progress, workers=workers)


def award_columns(
    appraisals: Appraisals,
    given: Mapping[str, Column],
    *,
    calibrated: Mapping[int, Calibrated] = MappingProxyType({}),
    progress: OnProgress | None = None,
    workers: int | None = None,
) -> Awards:
    """As `award_all`, of salaries and days that are columns of exact numbers already.

    Args:
        appraisals: what is awarded.
        given: `month`, `base`, `days` and `of_days`, as far as there are any, in int64 or Python ints.
        calibrated: what people decided about results, by row.
        progress: called after each chunk.
        workers: threads that work chunks at once.
    """
    rows = appraisals.rows.rows
    work = _Awarding(
        scored=appraisals,
        cards=tuple(appraisals.cards.values()),
        given=given,
        calibrated=_Calibrations.of(appraisals, calibrated),
        amount=np.full(rows, MISSING),
        ok=nowhere(rows),
    )
    parts, amount = in_chunks(rows, work.chunk, progress, workers), work.amount
    for some, amounts_of in work.large:
        amount = laid(amount, some, amounts_of)
    for column in (amount, work.ok):
        frozen_array(column)
    faulty = tuple(one for part in parts for one in sorted(part, key=itemgetter(0)))
    return Awards(
        amount=amount,
        ok=work.ok,
        appraisals=appraisals,
        award=work.award,
        faulty=faulty,
        problems=partial(_problems, work, faulty),
    )


def _problems(work: _Awarding, faulty: tuple[tuple[int, AwardFault, str], ...]) -> tuple[Problem, ...]:
    """The problems of appraisals, and of those without a bonus."""
    return (
        *work.scored.problems,
        *(work.scored.problem(row, work.error(row, kind, code)) for row, kind, code in faulty),
    )


def _pair(days: object) -> tuple[_Given, _Given]:
    """Days in role and days of the period."""
    if days is None:
        return None, None
    if not isinstance(days, tuple | list) or len(days) != 2:
        raise DataError("the days", f"they are {shown(days)}", "pass a pair: days in role, and days of the period")
    return days[0], days[1]


def _amounts(scored: Appraisals, name: str, given: _Given, units: Units) -> Column | None:
    """Amounts with the units in one whole that they have."""
    column = _column(scored, name, given)
    if column is None:
        return None
    unit = units.get(name, scored.units.get(name) if given is None else None)
    codes = {card.currency for card in scored.cards.values()}
    if len({CURRENCIES[code] for code in codes}) > 1:
        fault = "the cards have currencies of different smallest units"
        raise DataError(f"column {name}", fault, "award the cards of each currency by themselves")
    currency = next(iter(codes)) if len(codes) == 1 else ""
    return held(in_whole_units(column, "money", unit, f"rows.{name}", currency), name)


def _column(scored: Appraisals, name: str, given: _Given) -> Column | None:
    column = scored.rows.columns.get(name) if given is None else column_of(given, name)
    if column is None:
        return None
    if column.kind not in ("whole", "float"):
        raise DataError(f"column {name}", f"it holds {column.kind}", "pass whole numbers")
    if len(column) != scored.rows.rows:
        raise DataError(f"column {name}", f"it has {len(column)} rows", f"the book has {scored.rows.rows}")
    return column


_Faulty: TypeAlias = "list[tuple[int, Any, str]]"
"""Rows without a bonus, what is wrong with each, and with which indicator or column."""


@frozen(eq=False)
class _Plan:
    """Cards that have one bonus plan, and what it looks at."""

    card: Card
    places: tuple[int, ...]
    """Of the cards."""
    goals: Mapping[str, Numbers]
    """Targets of the cards for each indicator whose attainment counts, where they have some."""


@frozen(eq=False, kw_only=True)
class _Awarding:
    """One awarding: what is read and what is filled."""

    scored: Appraisals
    cards: tuple[Card, ...]
    given: Mapping[str, Column]
    """Salaries and days, by name."""
    calibrated: _Calibrations | None = None
    """What people decided about rows; None where they did about none."""
    amount: Whole
    ok: Truth
    large: list[tuple[Places, Whole]] = field(factory=list, init=False)
    """Rows, and amounts of them beyond 64 bits among others."""
    plans: Sequence[_Plan] = field(init=False)

    @plans.default
    def _by_plan(self) -> Sequence[_Plan]:
        goals = [_goals(card) for card in self.cards]
        attained = [
            tuple((code, code in goal, is_weighed(card, code)) for code in _by_target(card))
            for card, goal in zip(self.cards, goals, strict=True)
        ]
        kinds = [(card.bonus, card.grades, card.currency, of) for card, of in zip(self.cards, attained, strict=True)]
        found = []
        for first in dict.fromkeys(kinds.index(kind) for kind in kinds):
            places = tuple(place for place, kind in enumerate(kinds) if kind == kinds[first])
            targets = {code: Numbers.of([goals[place][code].value for place in places]) for code in goals[first]}
            found.append(_Plan(self.cards[first], places, targets))
        return found

    def chunk(self, start: int, stop: int) -> _Faulty:
        """Fill a chunk; the rows at fault."""
        chosen, which = slice(start, stop), self.scored.which
        none: dict[str, Truth | None] = {}
        if self.scored.faulty:
            none["score"] = ~self.scored.ok[chosen]
        for name, column in self.given.items():
            none[name] = None if column.missing is None else column.missing[chosen]
        for code in self._codes():
            looked = self.scored.looked[code]
            none |= {code: looked.missing(chosen), f"{code}.target": looked.without_goal(chosen)}
        masks = {name: mask for name, mask in none.items() if mask is not None and mask.any()}
        if not masks and len(self.plans) == 1:
            return self._part(self.plans[0], chosen, None if which is None else which[chosen], frozenset())
        of_card = np.array([*(self._plan(place) for place in range(len(self.cards))), -1])
        kinds = of_card[np.full(stop - start, 0) if which is None else which[chosen]]
        found = []
        for kind, places, names in patterns(kinds, masks):
            if kind >= 0 and "score" not in names:
                its = None if which is None else which[places + start]
                found += self._part(self.plans[kind], places + start, its, names)
        return found

    def _codes(self) -> frozenset[str]:
        """The indicators that some plan looks at."""
        plans = [card.bonus for card in self.cards if card.bonus is not None]
        found = {code for plan in plans for code in (plan.of, *plan.looks_at)}
        return frozenset(found & {*self.scored.looked})

    def _plan(self, card: int) -> int:
        return next(place for place, plan in enumerate(self.plans) if card in plan.places)

    def _part(self, plan: _Plan, chosen: Rows, which: Places | None, missing: frozenset[str]) -> _Faulty:
        """Award rows of one plan in which the same columns have nothing; the rows at fault."""
        rows, card, faults = rows_of(chosen), plan.card, list[Fault]()
        bonus, units = card.bonus, Certain.of(0)
        if bonus is None:
            faults.append((EVERY_ROW, "no plan", ""))
        else:
            for name, column in self.given.items():
                if name not in missing and (bad := cells_not_whole(column, chosen)) is not None:
                    faults.append((bad, "cell", name))
            grades, decided = self.scored.grade[chosen], self.calibrated
            if decided is not None:
                grades = decided.placed(chosen, grades, len(card.grades))
                faults += decided.faults(chosen)
            looked = Basis(
                score=partial(self._score, chosen),
                attained=partial(self._share_of_target, plan, chosen, which, missing, faults),
                base=self._base(plan, chosen, missing, faults),
                days=self._days(chosen, missing),
                grades=grades,
                calibrated=() if decided is None else decided.coefficients,
                reading=partial(self._reading, chosen, missing),
            )
            units = amounts(PlanRules.of(card, bonus), looked, faults)
        return self._fill(chosen, rows, units, faults)

    def _score(self, chosen: Rows) -> Quotient:
        """Scores in points."""
        return Quotient.each(Certain.of(self.scored.score[chosen]), 10**self.scored.places)

    def _share_of_target(
        self,
        plan: _Plan,
        chosen: Rows,
        which: Places | None,
        missing: frozenset[str],
        faults: list[Fault],
        of: str,
    ) -> Quotient | None:
        """The attainments of an indicator."""
        if not is_weighed(plan.card, of):
            faults.append((EVERY_ROW, "no such line", of))
            return None
        seen, local = self.scored.looked[of].seen(chosen, missing), None
        if which is not None and len(plan.places) > 1:
            local = which if len(plan.places) == len(self.cards) else np.searchsorted(np.array(plan.places), which)
        goal = seen.goal if seen.goal is not None or of not in plan.goals else plan.goals[of].at(local)
        found, none = attainments(seen.value, goal)
        if found is not None and none.any():
            faults.append((none, "no attainment", of))
        return found

    def _base(self, plan: _Plan, chosen: Rows, missing: frozenset[str], faults: list[Fault]) -> Quotient | None:
        """What months or shares are taken of."""
        name = "base" if plan.card.bonus is None or plan.card.bonus.unit == "share" else "month"
        column = self.given.get(name)
        if column is None or name in missing:
            return None
        units, scale = cells(column, chosen), column.scale or 1
        if (below := scale // gcd(scale, 10 ** CURRENCIES[plan.card.currency])) > 1:
            rest = units - units.divided(Certain.of(below), Rounding.FLOOR) * below
            if (uneven := rest > 0).any():
                faults.append((uneven, "uneven base", name))
        return Quotient.each(units, scale)

    def _days(self, chosen: Rows, missing: frozenset[str]) -> tuple[Certain, Certain] | None:
        """Days in role and of the period; None where one of them is missing."""
        if "days" not in self.given or missing & {"days", "of_days"}:
            return None
        return cells(self.given["days"], chosen), cells(self.given["of_days"], chosen)

    def _reading(self, chosen: Rows, missing: frozenset[str], code: str) -> Quotient | None:
        """The readings that a gate or multiplier looks at."""
        return self.scored.looked[code].seen(chosen, missing).value

    def _fill(self, chosen: Rows, rows: Places, units: Certain, faults: list[Fault]) -> _Faulty:
        """Put amounts in their places; the rows at fault."""
        first = first_of(faults, len(rows))
        bad = first >= 0
        units = units.but(bad, 0)
        found = np.where(bad, MISSING, units.whole(len(rows)))
        if units.most >= -MISSING:
            self.large.append((rows, found))
        else:
            self.amount[chosen] = found
        self.ok[chosen] = ~bad
        which = np.flatnonzero(bad)
        return [(row, *faults[at][1:]) for row, at in zip(rows[which].tolist(), first[which].tolist(), strict=True)]

    def award(self, row: int) -> Award:
        """The award of a row, worked again for that row alone, with the numbers that it comes of.

        Raises:
            LoanPerfError: what `appraise` and `award` raise.
        """
        for name, column in self.given.items():
            if cells_not_whole(column, slice(row, row + 1)) is not None:
                raise cell_error(name, column, row)
        appraisal, currency = self.scored.appraisal(row), self.scored.card(row).currency
        month, base = (self._money(name, row, currency) for name in ("month", "base"))
        decided = None if self.calibrated is None else self.calibrated.decided.get(row)
        days = self._days_of(row)
        return award(appraisal.card.bonus, appraisal, month=month, base=base, days=days, calibrated=decided)

    def error(self, row: int, kind: AwardFault, code: str) -> LoanPerfError:
        """The error of a row that has a score and no bonus."""
        currency = self.scored.card(row).currency
        if kind == "cell":
            return cell_error(code, self.given[code], row)
        if kind in ("uneven base", "calibration"):
            return self._unfit(row)
        bonus = self.scored.card(row).bonus
        base = None if bonus is None else self._money("month" if bonus.unit == "month" else "base", row, currency)
        return award_error(kind, code, partial(self.scored.appraisal, row), base, self._days_of(row))

    def _unfit(self, row: int) -> LoanPerfError:
        """The error of an amount that is not whole in smallest units, or of a calibration that does not fit."""
        try:
            self.award(row)
        except LoanPerfError as error:
            return error
        raise AssertionError("the row has a bonus")

    def _money(self, name: str, row: int, currency: str) -> Money | None:
        value = self._cell(name, row)
        return None if value is None else Money.of(Quantity(Fraction(value, self.given[name].scale or 1), currency))

    def _days_of(self, row: int) -> tuple[int, int] | None:
        held_days, of = self._cell("days", row), self._cell("of_days", row)
        return None if held_days is None or of is None else (held_days, of)

    def _cell(self, name: str, row: int) -> int | None:
        value = self.given[name].at(row) if name in self.given else None
        return None if value is None else int(str(value))


def _by_target(card: Card) -> tuple[str, ...]:
    """The indicators whose attainment counts for the bonus."""
    bonus = card.bonus
    if bonus is None:
        return ()
    own = (item for item in bonus.multipliers if item.of == "attainment" and not item.of_unit)
    by_attainment = (item.looks_at for item in own)
    return tuple(dict.fromkeys(code for code in (bonus.of, *by_attainment) if code != "score"))


def _goals(card: Card) -> dict[str, Quantity]:
    """The card's targets for the indicators whose attainment counts."""
    found = {line.indicator.code: line.target for line in card.lines}
    return {code: goal for code in _by_target(card) if (goal := found.get(code)) is not None}


# ── what people decided ─────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class _Calibrations:
    """What people decided about rows after they were scored."""

    coefficients: tuple[Fraction, ...]
    """Each that they came to, once."""
    decided: Mapping[int, Calibrated]
    """By row."""
    place: Places
    """By row, the place of its coefficient in `coefficients`; -1 where nobody decided anything."""
    unfit: Truth
    """By row, whether what they decided does not fit the card."""

    @classmethod
    def of(cls, scored: Appraisals, calibrated: Mapping[int, Calibrated]) -> _Calibrations | None:
        """What was decided about rows, by their places; None where nothing was."""
        if not calibrated:
            return None
        places, unfit = dict[Fraction, int](), list[int]()
        place = np.full(scored.rows.rows, -1)
        cards = tuple(scored.cards.values())
        for row, one in calibrated.items():
            if not scored.ok[row]:
                continue
            card, computed = cards[0 if scored.which is None else int(scored.which[row])], int(scored.grade[row])
            try:
                grade = one.grade_of(card.grades[computed] if computed >= 0 else None, card)
            except AwardError:
                unfit.append(row)
            else:
                place[row] = places.setdefault(Fraction(grade.coefficient), len(places))
        return cls(tuple(places), calibrated, place, marked(whole(unfit), scored.rows.rows))

    def placed(self, chosen: Rows, grades: Places, of_card: int) -> Places:
        """The place of the coefficient of each of some rows, behind those of the grades of their card.

        Args:
            chosen: the rows.
            grades: the places of their grades.
            of_card: how many grades their card has.
        """
        place = self.place[chosen]
        return np.where(place < 0, grades, place + of_card)

    def faults(self, chosen: Rows) -> list[Fault]:
        """In which of some rows what people decided does not fit the card."""
        unfit = self.unfit[chosen]
        return [(unfit, "calibration", "")] if unfit.any() else []


def _rows_calibrated(scored: Appraisals, calibrated: Mapping[str, Calibrated]) -> dict[int, Calibrated]:
    """What was decided about payees, by row; for all rows of a payee with several.

    Raises:
        UnknownPayeeError: a payee has no row.
        DataError: the rows name no payees.
    """
    if not calibrated:
        return {}
    names = scored.rows["payee"]
    given = [calibrated.get(word) for word in names.words]
    found = np.array([*(one is not None for one in given), False])[names.values]
    rows = np.flatnonzero(found).tolist()
    seen = {row: one for row in rows if (one := given[names.values[row]]) is not None}
    if strangers := sorted(set(calibrated) - {one.payee for one in seen.values()}):
        raise UnknownPayeeError(strangers[0], sorted(names.words))
    return seen
