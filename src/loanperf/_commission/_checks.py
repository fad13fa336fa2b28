"""Checks: what a plan may say of rates, of the loans that it is for, and of which components others are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from loanperf._curves import Curve
from loanperf._facts import EventKind
from loanperf._indicators import Total, View, Where, bounds_of, check_measure
from loanperf._quantities import CURRENCIES, Quantity, percent, unsigned
from loanperf._validators import LARGEST_FACTOR
from loanperf.errors import DataError, Problem, shown


def largest_rate(base: str, total: str, per: Quantity | None) -> Fraction:
    """The largest rate without a currency: all of the base, or of the average of a team several times that.

    Args:
        base: what the rate is taken of.
        total: `sum` or `average`, where that is the pay of a team.
        per: how much of the base the rate is for.
    """
    if base == "team" and total == "average":
        return LARGEST_FACTOR
    return Fraction(1) if per is None else per.value


def wrong_reads(by: str, indicator: str, applies: str, accumulates: str | None) -> Iterator[tuple[str, str, str]]:
    """What tiers may not say that are read off an indicator or the loan: the field, what is wrong, and what to do."""
    if not indicator and by != "loan":
        yield "indicator", "name none", "state its code"
    if applies not in ("flat", "interpolated"):
        yield "applies", "have no slices", "use 'flat' or 'interpolated'"
    if accumulates is not None:
        yield "accumulates", "sum nothing", "leave it out"


def check_rate(where: str, rate: Quantity | Curve, *, per: Quantity | None, largest: Fraction, deducts: bool) -> None:
    """Refuse a rate that pays more than its base, or less than nothing where the plan does not say that it deducts.

    Raises:
        DataError: it does.
    """
    if isinstance(rate, Curve):
        unit, values = rate.y_unit, [y for _, y in rate.knots]
        values += [rate.then.per_point] if rate.then is not None else []
    else:
        unit, values = rate.unit, [rate.value]
    is_share = not unit or (unit in CURRENCIES and per is not None and per.unit == unit)
    for value in values:
        found = str(Quantity(value, unit)) if unit else percent(value)
        if value < 0 and not deducts:
            remedy = "give zero or more, or write deducts = true where it takes from pay"
            raise DataError(where, f"it is negative (found {found})", remedy)
        if is_share and abs(value) > largest:
            most = str(Quantity(largest, unit)) if unit else percent(largest)
            raise DataError(where, f"it is more than {most} (found {found})", f"give {most} at most")


OF_DAYS = frozenset({"age", "days_past_due", "receipt"})
"""What terms can ask of the day of a receipt or balance: how old the loan is, how it stands, and what came in."""
OWN_RATES = frozenset({"interest_rate", "discount", "ltv"})
"""Ratios of a loan's own that terms can bound."""
TERMS = frozenset({"product", "segment", "collateral", "customer_type", "amount", "term_months"}) | OF_DAYS | OWN_RATES
"""What the terms of a plan can ask of a loan."""
RECEIPTS: Mapping[str, EventKind] = MappingProxyType(
    {"repayment": EventKind.REPAID, "prepayment": EventKind.PREPAID, "recovery": EventKind.RECOVERED}
)
"""The kinds of receipts: events with which principal comes back."""


def check_terms(instance: object, attribute: Any, value: tuple[Any, ...]) -> None:
    """A validator: filters on what a plan knows of a loan."""
    for item in value:
        if not isinstance(item, Where) or item.field not in TERMS:
            found = shown(item.field if isinstance(item, Where) else item)
            known = ", ".join(sorted(TERMS))
            where = f"{type(instance).__name__}.{attribute.name}"
            raise DataError(where, f"a loan has no such term (found {found})", f"use one of {known}")


def asked_terms(component: Any) -> tuple[Where, ...]:
    """All terms that a component asks: of what is paid, of what counts for tiers, and of its rates."""
    counts = () if component.tiers is None or isinstance(component.tiers.counts, str) else component.tiers.counts
    return (*component.where, *counts, *(term for rate in component.rates for term in rate.where))


def check_days(instance: object, base: str, terms: tuple[Where, ...], of_time: frozenset[str]) -> None:
    """Refuse terms of a day where what was earned by then would go as the loan gets older.

    Raises:
        DataError: there is one.
    """
    for term in terms:
        fits = of_time if term.field != "receipt" else {"receipts"}
        if term.field in OF_DAYS and base not in fits:
            fault = f"{term.field} is asked where base is {base!r}"
            remedy = f"ask for it where base is {' or '.join(map(repr, sorted(fits)))}"
            raise DataError(f"{type(instance).__name__}.where", fault, remedy)


def term_problems(item: Where) -> tuple[Problem, ...]:
    """What is wrong with a filter, each under the path within it, such as `.at_least`."""
    if item.field == "age":
        wrong = [*(f".{name}" for name, bound in bounds_of(item).items() if not _is_age(bound))]
        wrong += [".values"] * bool(item.values) or [""] * (not bounds_of(item))
        return tuple(Problem(path, "it is no age of a loan", "", "give whole months or days, such as below 12 months")
                     for path in wrong)  # fmt: skip
    if item.field == "receipt":
        wrong = [".values"] * (not item.values or not {*item.values} <= {*RECEIPTS})
        found = shown(", ".join(map(str, item.values)))
        return tuple(Problem(path, "it is no kind of receipt", found, f"use one of {', '.join(RECEIPTS)}")
                     for path in wrong)  # fmt: skip
    if item.field in OWN_RATES:
        wrong = [
            f".{name}"
            for name, bound in bounds_of(item).items()
            if bound.unit or (bound.bare and unsigned(bound.value)[0])
        ]
        wrong += [".values"] * bool(item.values) or [""] * (not bounds_of(item))
        return tuple(Problem(path, "it is no ratio", "", "give bounds with their sign, such as at_most = '70%'")
                     for path in wrong)  # fmt: skip
    view: View = "loans" if item.field == "days_past_due" else "loan events"
    return tuple(
        Problem(problem.where.removeprefix(f".where.{item.field}"), problem.fault, problem.found, problem.remedy)
        for problem in check_measure(Total(over=view, where=(item,)), "")
    )


def _is_age(bound: Quantity) -> bool:
    return bound.unit in ("month", "day") and bound.value.denominator == 1 and 0 <= bound.value < _OLDEST


_OLDEST = 100_000
"""More than the months, and the days, that a loan runs."""


def must_be_terms(path: str, currency: str, where: tuple[Where, ...]) -> None:
    """Refuse filters that no loan can be compared with, such as bounds of a product, or of an amount in yen of yuan.

    Raises:
        DataError: there is one.
    """
    for item in where:
        for problem in term_problems(item):
            found = f" (found {problem.found})" if problem.found else ""
            raise DataError(f"{path}, {item.field}", f"{problem.fault}{found}", problem.remedy)
        for bound in bounds_of(item).values() if item.field == "amount" else ():
            if bound.unit not in (currency, ""):
                raise DataError(f"{path}, amount", f"{bound} is in another currency", f"give it in {currency}")


class Summed(Protocol):
    """A component, with the codes of those that it is made of."""

    @property
    def code(self) -> str:
        """Its own."""

    @property
    def sums(self) -> tuple[str, ...]:
        """Of those that it is made of."""


S = TypeVar("S", bound=Summed)


def in_turn(components: Iterable[S]) -> Iterator[list[S]]:
    """Components one after the other, those at one time that are made of none that is left; a circle is left out."""
    left, done = [*components], set[str]()
    while ready := [item for item in left if done.issuperset(item.sums)]:
        yield ready
        done |= {item.code for item in ready}
        left = [item for item in left if item.code not in done]


def wrong_sums(components: Sequence[Summed]) -> tuple[str, str] | None:
    """What is wrong with what components are made of, and what to do: what is none of them, or a circle."""
    codes = [item.code for item in components]
    for item in components:
        for code in item.sums:
            if code not in codes:
                return f"component {item.code!r} sums {code!r}, which is none", f"name some of {', '.join(codes)}"
    if circle := _circle(components):
        return f"they are made of each other: {' → '.join(circle)}", "take one of these out of sums"
    return None


def _circle(components: Sequence[Summed]) -> list[str]:
    """The codes of components that are made of each other, the first again at the end; none where there are none."""
    done = {item.code for ready in in_turn(components) for item in ready}
    left = {item.code: item.sums for item in components if item.code not in done}
    path = [*left][:1]
    while path and path[-1] not in path[:-1]:
        path.append(next(code for code in left[path[-1]] if code in left))
    return path[path.index(path[-1]) :] if path else []
