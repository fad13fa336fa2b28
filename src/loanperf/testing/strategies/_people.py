"""Units, payees and their assignments, readings and targets."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from loanperf._indicators import CATALOGUE, Indicator, Kind, Part, Reading
from loanperf._org import Assignment, Organisation, Payee, Unit
from loanperf._quantities import Quantity
from loanperf._targets import Target
from loanperf.testing.strategies._values import amounts, codes, days, money, percentages, periods, texts

_SINCE = date(2023, 1, 1)
ROLES = ("officer", "senior", "主管")


def units() -> st.SearchStrategy[Unit]:
    """Units alone: at the top of a tree, or under another."""
    return st.builds(Unit, code=codes(), name=texts(), parent=st.none() | codes(), since=st.just(date.min) | days())


def payees() -> st.SearchStrategy[Payee]:
    """Payees, with names in all scripts or without."""
    return st.builds(Payee, code=codes(), name=texts())


def assignments() -> st.SearchStrategy[Assignment]:
    """Assignments alone, with and without salary and base."""
    words: dict[str, st.SearchStrategy[Any]] = {"payee": codes(), "unit": codes(), "role": codes(), "since": days()}
    words |= {"tier": texts(), "product_line": texts()}
    words |= {name: st.none() | money(currency="CNY", least=0, most=10**10) for name in ("salary", "base")}
    ends = st.none() | days(date(2031, 1, 1), date(2040, 1, 1))
    return st.builds(Assignment, **words, until=ends, primary=st.booleans())


@st.composite
def organisations(draw: st.DrawFn, *, least: int = 0) -> Organisation:
    """A tree of units and payees who come, go and change, some of them with a second role beside the primary one.

    Empty and one-person ones too, where `least` allows them.
    """
    tree = draw(st.lists(codes(), min_size=1, max_size=4, unique=True))
    people = draw(st.lists(codes(), min_size=least, max_size=max(4, least), unique=True))
    branch = [
        Unit(code=code, name=draw(texts()), parent=None if not place else draw(st.sampled_from(tree[:place])))
        for place, code in enumerate(tree)
    ]
    held = [assignment for payee in people for assignment in draw(_careers(payee, tree))]
    held += [beside for payee in people if (beside := draw(_beside([item for item in held if item.payee == payee])))]
    named = [Payee(code=code, name=draw(texts())) for code in people]
    return Organisation(units=branch, payees=named, assignments=held)


@st.composite
def _careers(draw: st.DrawFn, payee: str, tree: list[str]) -> list[Assignment]:
    """One or two assignments, one after the other, from 2023 on."""
    change = draw(st.none() | days(date(2024, 1, 2), date(2026, 12, 31)))
    ends = draw(st.none() | st.just(date(2027, 6, 1)))
    spans = [(_SINCE, ends)] if change is None else [(_SINCE, change), (change, ends)]
    return [
        Assignment(
            payee=payee,
            unit=draw(st.sampled_from(tree)),
            role=draw(st.sampled_from(ROLES)),
            since=since,
            until=until,
            salary=draw(money(currency="CNY", least=0, most=10**8)),
        )
        for since, until in spans
    ]


@st.composite
def _beside(draw: st.DrawFn, held: list[Assignment]) -> Assignment | None:
    """A role beside those of a payee, which nobody else of them is, on some of their days; or none."""
    first, last = held[0].since, held[-1].until or date(2027, 6, 1)
    since = draw(st.none() | days(first, date(2026, 12, 31)))
    if since is None:
        return None
    unit = draw(st.sampled_from(sorted({item.unit for item in held})))
    until = draw(st.just(held[-1].until) | days(since, last).filter(lambda until: since < until))
    return Assignment(payee=held[0].payee, unit=unit, role="trainer", since=since, until=until, primary=False)


def indicators() -> st.SearchStrategy[Indicator]:
    """The indicators of the catalogue."""
    return st.sampled_from(sorted(CATALOGUE)).map(lambda code: CATALOGUE[code]())


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """Readings of all indicators of the catalogue: supplied, or with their parts; ratios of nothing among them."""
    indicator = draw(indicators())
    words: dict[str, Any] = {"indicator": indicator.code, "subject": draw(codes()), "period": draw(periods())}
    match indicator.kind:
        case Kind.MONEY:
            return Reading(numerator=draw(amounts()).exact, unit="CNY", **words)
        case Kind.COUNT:
            return Reading(numerator=Fraction(draw(st.integers(0, 10**6))), **words)
        case Kind.POINTS:
            return Reading(numerator=draw(percentages(0, 100)), unit="point", **words)
        case Kind.RATIO:
            whole = Fraction(draw(st.integers(0, 10**6)))
            part = whole * draw(percentages())
            parts = None if draw(st.booleans()) else (Part(draw(codes()), part, whole),)
            return Reading(numerator=part, denominator=whole, parts=parts, **words)


def targets() -> st.SearchStrategy[Target]:
    """Targets of payees in money, shares and counts; one smallest unit among them."""
    value = money(currency="CNY", least=1).map(lambda amount: Quantity(amount.exact, "CNY"))
    shares = percentages().filter(bool).map(Quantity)
    counts = st.integers(1, 10**6).map(lambda count: Quantity(Fraction(count)))
    return st.one_of(
        st.builds(Target, payee=codes(), indicator=st.sampled_from(["loan_amount", "disbursed_amount"]), value=value),
        st.builds(Target, payee=codes(), indicator=st.sampled_from(["npl_ratio", "retention_rate"]), value=shares),
        st.builds(Target, payee=codes(), indicator=st.just("customer_count"), value=counts),
    )
