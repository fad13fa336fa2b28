"""Readings: what a period's facts showed of every payee in every indicator, as columns; reasons when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from itertools import islice, repeat
from math import gcd
from typing import Any, TypeAlias, assert_never

import numpy as np
from attrs import evolve, field, fields, frozen
from attrs.validators import optional

from loanperf._data import PlainData
from loanperf._explanations import Label, told
from loanperf._indicators._catalogue import CATALOGUE
from loanperf._indicators._catalogue import indicator as known
from loanperf._indicators._types import Deduct, Factors, Indicator, Kind, MadeOf, Measure, Part, Ratio, Total
from loanperf._numbers import Below, Sums, Whole, blended, left_of, product, quotients, times, whole
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Number, Quantity, is_share, quantity, unsigned
from loanperf._tables._columns import CameAs, Column, Table, frozen_array
from loanperf._tables._exact import decimals, in_64_bits, over
from loanperf._tables._frames import like
from loanperf._validators import each_of, is_a
from loanperf.errors import DataError, Problem, UnitError

_Parts: TypeAlias = tuple[Part, ...] | None


def parts_gone() -> None:
    """The parts of a reading that was measured, where they are not kept."""


def refuse_bare(what: str, value: Fraction, most: Fraction | None = None) -> None:
    """Refuse 2 where a ratio is asked for: without a sign nobody knows whether it means 2% or 200%.

    Args:
        what: what the number is given for, as errors call it.
        value: a number that was written without a unit.
        most: the largest ratio that may be meant; None where any may.
    """
    fault, remedy = unsigned(value, most)
    if fault:
        raise DataError(what, fault, remedy)


@frozen(kw_only=True)
class Reading(PlainData):
    """What an indicator showed for a payee or unit in a period, as numerator and denominator, unrounded."""

    indicator: str = field(validator=is_a(str))
    numerator: Fraction
    denominator: Fraction | None = None
    """None where it is no ratio; 0 where there was nothing to divide by, which is no reading."""
    unit: str = ""
    """Base unit of the value: a currency code, `point`, or empty."""
    subject: str = ""
    """Code of the payee or unit."""
    period: Period | None = field(default=None, validator=optional(is_a(Period)))
    _parts: _Parts | Callable[[], _Parts] = field(default=None, repr=False, eq=told, alias="parts")
    bare: bool = field(default=False, eq=False, repr=False)
    """Whether the host gave the value as a number without a unit, such as `0.02`; see `Quantity.bare`."""
    value: Quantity | None = field(init=False, eq=False)
    """The exact value; None where the denominator is zero."""

    @property
    def parts(self) -> tuple[Part, ...] | None:
        """What each fact gave; None where the host supplied the reading, or where the facts are gone.

        Those of a reading that was measured are worked out when they are first asked for.
        """
        return told(self._parts)

    @property
    def is_measured(self) -> bool:
        """Whether it has parts, or will have them when they are asked for."""
        return self._parts is not None

    @property
    def later(self) -> PartsToCome | None:
        """What works out its parts when they are asked for; None where nothing has to."""
        return self._parts if isinstance(self._parts, PartsToCome) else None

    def __reduce__(self) -> tuple[Callable[[], Reading], tuple[()]]:
        """A pickle and a copy have the parts, and not what works them out, which holds the facts of everybody."""
        given = {str(item.alias): getattr(self, item.name) for item in fields(Reading) if item.init}
        return partial(Reading, **given | {"parts": self.parts}), ()

    @value.default
    def _worked_out(self) -> Quantity | None:
        if self.denominator is None:
            return Quantity(self.numerator, self.unit, bare=self.bare)
        return Quantity(Fraction(self.numerator, self.denominator), self.unit) if self.denominator else None

    @property
    def in_numbers(self) -> Reading:
        """The reading without its parts: by its numbers alone, as an archive keeps it."""
        return evolve(self, parts=parts_gone if self.is_measured else None)

    @classmethod
    def of(cls, indicator: str, value: Number, *, subject: str = "", period: Period | None = None) -> Reading:
        """A reading that the host already has, with its unit; `95分` of an indicator in points is 95 points.

        Raises:
            DataError: it is a bare number above 1 of an indicator of the catalogue that is a ratio.
            UnitError: it is a share, such as `85%`, of one that counts or has points.

        >>> Reading.of("npl_ratio", "2%", subject="lin").value
        Quantity(value=Fraction(1, 50), unit='')
        """
        of = known(indicator) if indicator in CATALOGUE else None
        kind = None if of is None else of.kind
        found = quantity(value, asked="" if kind is None else kind.unit("CNY"))
        if kind in (Kind.COUNT, Kind.POINTS) and is_share(value):
            asked = "points, such as 85" if kind is Kind.POINTS else "a number, such as 12"
            raise UnitError(f"the reading of {indicator!r} ({value})", "percent", asked)
        if of is not None and of.kind is Kind.RATIO and found.bare:
            refuse_bare(f"the reading of {indicator!r}", found.value, of.most)
        return cls(
            indicator=indicator, numerator=found.value, unit=found.unit, subject=subject, period=period, bare=found.bare
        )


def composed(indicator: Indicator, readings: Mapping[str, Reading], currency: str) -> Reading | None:
    """The reading of an indicator that is made of others; None where one of them is not there.

    Args:
        indicator: whose reading is made where it has parts.
        readings: of one payee and period, by code.
        currency: of amounts.
    """
    if not isinstance(indicator.measure, MadeOf):
        return readings.get(indicator.code)
    sides, told, last = list[Fraction](), list[Part](), None
    for factors in (indicator.measure.parts, indicator.measure.divided_by):
        side = Fraction(0)
        for part, factor in factors:
            last = composed(part, readings, currency)
            if last is None or last.value is None:
                return None
            side += last.numerator * factor
            place = len(sides) if indicator.measure.divided_by else -1
            told += [as_part(one, part, factor, place) for one in last.parts or (Part("", last.numerator),)]
        sides.append(side)
    return Reading(
        indicator=indicator.code,
        numerator=sides[0],
        denominator=sides[1] if indicator.measure.divided_by else None,
        unit=indicator.kind.unit(currency),
        subject="" if last is None else last.subject,
        period=None if last is None else last.period,
        parts=tuple(told),
    )


def as_part(one: Part, part: Indicator, factor: Fraction, place: int) -> Part:
    """What a fact gave to a part of an indicator, as it counts in that.

    Args:
        one: what it gave to the part.
        part: an indicator of which another is made.
        factor: by which it counts.
        place: 0 above the line, 1 below it; -1 where there is no line.
    """
    named, amount = part.name, one.amount * factor
    if one.within.en:
        named = Label(f"{named.en}, {one.within.en}", f"{named.to('zh')}，{one.within.to('zh')}")
    if place < 0:
        return evolve(one, within=named, amount=amount)
    return evolve(one, within=named, amount=amount * (1 - place), whole=amount * place)


def combine(readings: Iterable[Reading], subject: str) -> Reading:
    """A team's reading: numerators and denominators summed, never a mean of ratios.

    Args:
        readings: one indicator's readings of the members, over one period; one at least.
        subject: code of the team.

    Raises:
        DataError: there are none.
        UnitError: readings of two indicators, units or periods, or amounts among ratios.

    >>> small = Reading(indicator="npl_ratio", numerator=Fraction(1), denominator=Fraction(10))
    >>> large = Reading(indicator="npl_ratio", numerator=Fraction(1), denominator=Fraction(90))
    >>> combine([small, large], "east").value
    Quantity(value=Fraction(1, 50), unit='')
    """
    members = tuple(readings)
    if not members:
        raise DataError(f"the readings of {subject!r}", "there is none", "pass one at least")
    first = members[0]
    if any(not item.is_measured and item.denominator is None and item.unit not in CURRENCIES for item in members):
        what = f"a supplied reading of {first.indicator!r} that is no money"
        raise UnitError(what, "no numerator and denominator", "a numerator over a denominator, to be summed")
    for other in members:
        kinds = [(item.indicator, item.unit, str(item.period), item.denominator is None) for item in (first, other)]
        if kinds[0] != kinds[1]:
            raise UnitError(f"a reading of {other.subject or 'a member'}", str(kinds[1]), str(kinds[0]))
    denominators = [item.denominator for item in members if item.denominator is not None]
    return Reading(
        indicator=first.indicator,
        numerator=sum((item.numerator for item in members), Fraction(0)),
        denominator=sum(denominators, Fraction(0)) if denominators else None,
        unit=first.unit,
        subject=subject,
        period=first.period,
        parts=partial(_of_all, members) if any(item.is_measured for item in members) else None,
    )


def _of_all(members: Sequence[Reading]) -> tuple[Part, ...]:
    return tuple(part for item in members for part in item.parts or ())


Reasons = Mapping[str, tuple[Part, ...]]
"""By code of indicator: what each fact gave to the reading of a payee."""


@frozen(eq=False)
class ReasonsKept:
    """The reasons of payees, which are worked out when they are first asked for."""

    work: Callable[[Sequence[str]], Mapping[str, Reasons]]
    known: dict[str, Reasons] = field(factory=dict, init=False)

    def tell(self, members: Iterable[str]) -> tuple[str, ...]:
        """Work out the reasons of payees in one look at the facts; those whose reasons were not known."""
        new = tuple(member for member in dict.fromkeys(members) if member not in self.known)
        if new:
            self.known.update(self.work(new))
        return new

    def forget(self, members: Iterable[str]) -> None:
        """Let go of reasons, which are worked out anew when they are asked for again."""
        for member in members:
            del self.known[member]

    def parts(self, members: Sequence[str], code: str) -> tuple[Part, ...]:
        """The parts of the readings of payees in an indicator, those of one after those of the other."""
        self.tell(members)
        return tuple(part for member in members for part in self.known[member][code])


@frozen(eq=False)
class PartsToCome:
    """The parts of a reading that was measured, which are worked out when they are asked for."""

    reasons: ReasonsKept
    payees: tuple[str, ...]
    code: str

    def __call__(self) -> tuple[Part, ...]:
        return self.reasons.parts(self.payees, self.code)


@frozen(eq=False)
class Quotients:
    """The readings of one indicator, a value a payee: whole numbers, or Fractions, over a denominator for all."""

    top: Whole
    below: int
    bottom: Whole | None
    """What they are divided by, over `under`; None where they are no ratio."""
    under: int

    @classmethod
    def of(cls, measure: Measure | MadeOf, sums: Mapping[Total, Sums], payees: Whole) -> Quotients:
        """The readings of payees."""
        match measure:
            case Total():
                return cls(sums[measure].values()[payees], sums[measure].below, None, 1)
            case Ratio():
                above, beneath = sums[measure.numerator], sums[measure.denominator]
                return cls(above.values()[payees], above.below, beneath.values()[payees], beneath.below)
            case Deduct():
                less = sums[measure.less]
                top, below = left_of(measure.start, less.values()[payees], less.below)
                # Over a denominator of 1 the sum of a team's readings is the mean of its members.
                return cls(top, below, np.full(len(payees), 1), 1)
            case MadeOf():
                top, below = _blended(measure.parts, sums, payees)
                return cls(
                    top, below, *(_blended(measure.divided_by, sums, payees) if measure.divided_by else (None, 1))
                )
            case _:
                assert_never(measure)

    def sum(self, places: Whole) -> tuple[Fraction, Fraction | None]:
        """The sums of numerators and of denominators of some payees."""
        top = Fraction(sum(self.top[places].tolist()), self.below)
        return top, None if self.bottom is None else Fraction(sum(self.bottom[places].tolist()), self.under)

    def exact(self) -> tuple[Whole, Below]:
        """Numerators and denominators; a denominator of 0 says that there is nothing to divide by."""
        top, own = quotients(self.top)
        if self.bottom is None:
            return top, product(own, self.below)
        bottom, other = quotients(self.bottom)
        shared = gcd(self.below, self.under)
        return times(top, product(other, self.under // shared)), product(bottom, own, self.below // shared)

    def columns(self, code: str) -> dict[str, Column]:
        """The columns of `Readings.table`."""
        top = in_64_bits(self.top, self.below)
        if self.bottom is None:
            return {code: top}
        above, below = over(top, in_64_bits(self.bottom, self.under))
        return {f"{code}.numerator": above, f"{code}.denominator": below}


def _blended(factors: Factors, sums: Mapping[Total, Sums], payees: Whole) -> tuple[Whole, int]:
    """The parts of payees, each times its factor, summed."""
    found = [(Quotients.of(part.measure, sums, payees), factor) for part, factor in factors if part.measure is not None]
    return blended((one.top, one.below, factor) for one, factor in found)


@frozen
class ReadingNumbers:
    """The numbers of a payee's readings: numerators and denominators, by indicator, and what each is over."""

    over: tuple[int, ...]
    numbers: tuple[Any, ...]

    def same(self, other: ReadingNumbers) -> bool:
        """Whether each number is the same, whatever it is over."""
        if self.over == other.over:
            return bool(self.numbers == other.numbers)
        pairs = zip(self.numbers, self.over, other.numbers, other.over, strict=True)
        return all(one * under == another * over for one, over, another, under in pairs)


@frozen(eq=False, kw_only=True)
class Readings:
    """What a period's facts showed: a reading of every indicator for every payee, and what could not be used.

    It iterates as readings, by payee in order of code, then by indicator in the order asked for. Nothing is dropped:
    `rows == used + repeats + len(problems)`, with one problem a fact, the first found. A row of a tape is counted
    once, though several of its facts may have a problem.
    """

    period: Period
    currency: str
    payees: tuple[str, ...]
    """The codes of all who have readings, in order."""
    indicators: tuple[Indicator, ...]
    """The indicators that are measured, in the order asked for."""
    problems: tuple[Problem, ...]
    """In order of their text; what the facts came with is among them."""
    rows: int
    """Rows that came in."""
    repeats: int
    """Rows that said again what another row had said."""
    used: int
    """Rows without a problem, of the period or of another day; a row of a tape is several facts."""
    _quotients: Mapping[str, Quotients] = field(repr=False)
    _came_as: CameAs = field(repr=False)
    _reasons: ReasonsKept | None = field(repr=False)
    """What works out the reasons of payees; None where the facts are gone."""
    _told: dict[str, Reasons] = field(factory=dict, init=False, repr=False)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {payee: place for place, payee in enumerate(self.payees)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Readings) and self._said == other._said

    def __hash__(self) -> int:
        return hash((self.period, self.payees, self.indicators, self.rows))

    @property
    def _said(self) -> tuple[object, ...]:
        """What two that are equal have in common: all but the reasons, which follow from the same facts."""
        values = [(item.indicator, item.subject, item.numerator, item.denominator, item.unit) for item in self]
        return self.period, self.currency, values, self.problems, self.rows, self.repeats, self.used

    def __repr__(self) -> str:
        return f"Readings({len(self)})"

    def __iter__(self) -> Iterator[Reading]:
        return (reading for payee in self.payees for reading in self.of(payee).values())

    def __len__(self) -> int:
        return len(self.payees) * len(self.indicators)

    def of(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by indicator; none for somebody of whom the facts know nothing.

        The `parts` of each are worked out when they are asked for.
        """
        return self._of(payee, [payee])

    def explain(self, payee: str) -> dict[str, Reading]:
        """The readings of a payee by indicator, with their parts: what each fact gave, and what that stands on.

        They come of the same program, over the facts of that payee.

        Raises:
            DataError: the facts came in parts, which are gone.
        """
        if self._reasons is None:
            raise DataError("an explanation", "the facts came in parts", "measure the parts that name the payee")
        found = self.of(payee)
        return {code: evolve(reading, parts=self._reasons.parts((payee,), code)) for code, reading in found.items()}

    def team(self, unit: str, members: Iterable[str]) -> dict[str, Reading]:
        """The readings of a unit by indicator: sums over its members, and for ratios the sum over the sum.

        Args:
            unit: code of the unit, which becomes the subject of its readings.
            members: codes of payees, each counted once; those without readings add nothing.

        Raises:
            DataError: the members are one text, or no list of texts.
        """
        return self._of(unit, sorted({*each_of(members, str, "members", "pass a list of codes, such as ['E01']")}))

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The readings as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row a payee: `payee`, and a column an indicator, in wholes (yuan, not fen; 0.021 for 2.1%), of the
            nearest float64; nothing where there is nothing to divide by. Facts that came as rows give arrays.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        columns = {"payee": self._named}
        for code, found in self._quotients.items():
            columns[code] = decimals(found.top, found.below, found.bottom, found.under)
        return like(came_as or self._came_as, columns)

    def exact(self, code: str) -> tuple[Whole, Below]:
        """The readings of an indicator as whole numbers over whole numbers, one a payee; over 0 is no reading."""
        return self._quotients[code].exact()

    def figures(self, payees: Iterable[str]) -> dict[str, ReadingNumbers]:
        """The numbers of the readings of those payees who have some, to tell whether they changed."""
        known = [payee for payee in payees if payee in self._places]
        places, columns = whole([self._places[payee] for payee in known]), list[list[Any]]()
        over = list[int]()
        for found in self._quotients.values():
            for numbers, under in ((found.top, found.below), (found.bottom, found.under)):
                if numbers is not None:
                    columns.append(numbers[places].tolist())
                    over.append(under)
        rows = zip(*columns, strict=True) if columns else repeat(())
        return {payee: ReadingNumbers(tuple(over), row) for payee, row in zip(known, rows, strict=False)}

    def table(self, codes: Iterable[str] | None = None) -> Table:
        """The readings as a table that `lp.appraise_all` takes: exact, as whole numbers.

        Args:
            codes: of indicators; None is all.

        Returns:
            One row a payee: `payee`, and for each indicator its code, or `code.numerator` and `code.denominator`. A
            reading that does not fit in 64 bits is missing.

        Raises:
            DataError: an indicator that is not measured.
        """
        columns = {"payee": self._named}
        for code in self._quotients if codes is None else codes:
            if code not in self._quotients:
                known = ", ".join(self._quotients) or "none"
                raise DataError(f"the indicator {code!r}", "it is not measured here", f"name one of {known}")
            columns |= self._quotients[code].columns(code)
        return Table("rows", len(self.payees), columns, self._came_as)

    @property
    def _named(self) -> Column:
        return Column("text", frozen_array(np.arange(len(self.payees))), None, self.payees)

    def _of(self, subject: str, members: Iterable[str]) -> dict[str, Reading]:
        known = tuple(member for member in members if member in self._places)
        if not known:
            return {}
        places = np.array([self._places[member] for member in known])
        found = {}
        for item in self.indicators:
            top, bottom = self._quotients[item.code].sum(places)
            found[item.code] = Reading(
                indicator=item.code,
                numerator=top,
                denominator=bottom,
                unit=item.kind.unit(self.currency),
                subject=subject,
                period=self.period,
                parts=None if self._reasons is None else PartsToCome(self._reasons, known, item.code),
            )
        return found


_AT_ONCE = 500
"""How many readings have their parts in memory at one time."""


def parts_in_turn(readings: Iterable[Reading]) -> Iterator[tuple[Part, ...] | None]:
    """The parts of each of many readings: as `Reading.parts`, in one look at the facts for hundreds of payees.

    What is worked out for it is let go again, so that it takes no more memory for more readings.
    """
    left = iter(readings)
    while some := [*islice(left, _AT_ONCE)]:
        asked = dict[int, tuple[ReasonsKept, list[str]]]()
        for reading in some:
            if (later := reading.later) is not None:
                asked.setdefault(id(later.reasons), (later.reasons, []))[1].extend(later.payees)
        new = [(reasons, reasons.tell(members)) for reasons, members in asked.values()]
        yield from (reading.parts for reading in some)
        for reasons, members in new:
            reasons.forget(members)
