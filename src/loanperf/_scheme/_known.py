"""What the parts of a scheme may refer to, and what a value or a gate must be to fit its indicator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from attrs import frozen

from loanperf._indicators import CATALOGUE, Direction, Indicator, Kind
from loanperf._quantities import Quantity, unsigned
from loanperf._scheme._entries import DIMENSIONS
from loanperf._scorecard import Gate, value_of
from loanperf.errors import DataError, LoanPerfError, Problem, UnitError, problem_of


@frozen
class Names:
    """The codes that parts of the scheme may refer to."""

    indicators: dict[str, Indicator | None]
    """None where it is in the document and could not be read."""
    dimensions: set[str]
    profiles: set[str]
    phases: set[str]
    unread_scoring: set[str]

    def unknown(self, path: str, code: str, known: Iterable[str], what: str) -> Iterator[Problem]:
        """A problem where a code is not among the known ones."""
        names = sorted(known)
        if code not in names:
            close = get_close_matches(code, names, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(names) or 'none'}"
            yield Problem(path, f"there is no {what} of that code", repr(code), remedy)

    def dimension(self, code: str) -> str:
        """The dimension of an indicator; empty where it is not known."""
        found = self.indicators.get(code)
        return "" if found is None else found.dimension


def names_of(parts: Mapping[str, Any], unread: Iterable[str]) -> Names:
    """The codes of a scheme's parts; see `problems_of` for `unread`."""
    missed = {section: set[str]() for section in ("indicators", "dimensions", "profiles", "phases", "scoring")}
    for path in unread:
        section, _, code = path.partition(".")
        missed.get(section, set()).update([code] if code else [])
    indicators: dict[str, Indicator | None] = {code: build() for code, build in CATALOGUE.items()}
    indicators |= dict.fromkeys(missed["indicators"])
    for entry in parts.get("indicators", ()):
        try:
            indicators[entry.code] = entry.resolve()
        except LoanPerfError:
            indicators[entry.code] = None
    return Names(
        indicators=indicators,
        dimensions={item.code for item in (*DIMENSIONS, *parts.get("dimensions", ()))} | missed["dimensions"],
        profiles={item.code for item in parts.get("profiles", ())} | missed["profiles"],
        phases={item.code for item in parts.get("phases", ())} | missed["phases"],
        unread_scoring=missed["scoring"],
    )


def units_of(indicator: Indicator, currency: str) -> tuple[str, ...]:
    """The units in which a reading of an indicator may be written, the usual one first."""
    return {Kind.MONEY: (currency,), Kind.RATIO: ("",), Kind.COUNT: ("", "person"), Kind.POINTS: ("point",)}[
        indicator.kind
    ]


def unit_problems(names: Names, currency: str, path: str, code: str, value: Quantity) -> Iterator[Problem]:
    """A problem where a value is not in the unit of its indicator."""
    indicator = names.indicators.get(code)
    if indicator is not None and currency:
        try:
            value_of(indicator, value, currency, "the value")
        except (DataError, UnitError) as error:
            yield problem_of(path, error)


def gate_problems(names: Names, currency: str, gate: Gate, path: str) -> Iterator[Problem]:
    """What is wrong with a gate: its indicator, its shares, their order, its unit."""
    yield from names.unknown(f"{path}.indicator", gate.indicator, names.indicators, "indicator")
    indicator = names.indicators.get(gate.indicator)
    worse_takes_more = (
        gate.forfeits.rising if indicator and indicator.direction is Direction.LOWER else gate.forfeits.falling
    )
    if indicator is not None and not worse_takes_more:
        fault = f"a worse {indicator.name.en} forfeits less, where {indicator.direction.value}"
        yield Problem(f"{path}.forfeits", fault, "", "put the shares in order")
    if indicator is not None and currency and gate.forfeits.x_unit not in (units := units_of(indicator, currency)):
        found, remedy = gate.forfeits.x_unit or "no unit", f"give it in {units[0] or 'percent or as a number'}"
        yield Problem(f"{path}.forfeits", "its x is in another unit", found, remedy)
    if indicator is not None and indicator.kind is Kind.RATIO:
        yield from ratio_problems(f"{path}.forfeits", "x", gate.forfeits.bare_x)


def ratio_problems(path: str, axis: str, bare: Fraction) -> Iterator[Problem]:
    """A problem where the largest bare number of an axis of ratios is above 1."""
    fault, remedy = unsigned(bare)
    if fault:
        yield Problem(path, f"in its {axis}, {fault}", "", remedy)
