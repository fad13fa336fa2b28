"""Difference: (what people of two groups did) -> by how much a ratio or mean differs, with an interval over people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from loanperf._explanations import Label
from loanperf._numbers import bounded, largest, whole
from loanperf._validators import is_code, must_be
from loanperf.analytics._findings import (
    SMALLEST,
    Finding,
    Interval,
    filled,
    must_be_a_unit,
    must_be_from,
    must_be_smallest,
    said,
    unit_between,
)
from loanperf.analytics._mix import MixNumber, as_number
from loanperf.errors import DataError, shown

OfPeople: TypeAlias = Mapping[str, tuple[MixNumber, MixNumber]]
"""By payee: a part and a whole, such as bad and outstanding loans; for a mean per person the whole is 1."""
FourNumbers: TypeAlias = tuple[int, int, int, int]
"""The numbers of a person: numerator and denominator of one ratio, then of another."""
_TIMES = 2000
_LEVEL = Fraction(95, 100)
_COUNTS = 2**21
"""So many counts of people in draws are held at a time."""
_SAID = Label(
    "{name}: {one} for {first} and {two} for {second}, {by} more for {first}",
    "{name}：{first}为 {one}，{second}为 {two}，{first}高出 {by}",
)
_METHOD = Label(
    "sums over sums of each group; the interval by {times} resamples of people of each group, with replacement",
    "各组分子合计除以分母合计；区间以人为单位在各组内有放回重抽样 {times} 次得出",
)
_LIMITS = Label(
    "whether the one brings the other about: groups may differ in products, places and time",
    "因果关系：两组的产品、地区与时间可能不同",
)


def difference_of_groups(
    name: Label,
    one: tuple[Label, OfPeople],
    two: tuple[Label, OfPeople],
    *,
    rng: np.random.Generator,
    unit: str = "%",
    times: int = _TIMES,
    smallest: int = SMALLEST,
) -> Finding:
    """By how much a ratio of one group is above that of another, with an interval of 95% over people.

    The ratio of a group is the sum of parts over the sum of wholes, exact. The interval is that of the middle 95% of
    the differences of resampled groups; its ends are differences that came up, outwards.

    Args:
        name: of what is compared.
        one: the name of a group and, by payee, part and whole.
        two: the other group.
        rng: numpy's generator, made of a seed that is kept with the finding: the same one gives the same interval.
        unit: `%` of shares, whose difference is in percentage points; or the unit of a mean, such as `CNY`.
        times: how often people are drawn anew; 100 to a million.
        smallest: how many people a group must have.

    Raises:
        DataError: a group has too few people or no whole, or an argument cannot be used.
        FloatError: a number is a float, NaN too.

    >>> senior = {f"s{place}": (3, 100) for place in range(6)}
    >>> junior = {f"j{place}": (2, 100) for place in range(8)}
    >>> groups = (Label("seniors", "资深员工"), senior), (Label("others", "其他员工"), junior)
    >>> found = difference_of_groups(Label("NPL ratio", "不良率"), *groups, rng=np.random.default_rng(7))
    >>> print(found.label.en)
    NPL ratio: 3% for seniors and 2% for others, 1 percentage point more for seniors
    """
    must_be(rng, np.random.Generator, "rng", "pass numpy.random.default_rng(seed), and keep the seed")
    must_be_from(times, "times", 100, 10**6)
    must_be(name, Label, "name", "pass lp.Label(en, zh)")
    must_be_a_unit(unit)
    must_be_smallest(smallest)
    groups = [_numbers(*_group(given), unit, smallest) for given in (one, two)]
    ratios = [Fraction(sum(top for top, _ in some), sum(below for _, below in some)) for some in groups]
    strata = [[(*pair, 0, 0) for pair in groups[0]], [(0, 0, *pair) for pair in groups[1]]]
    low, high = ends_of(strata, rng, times, _LEVEL)
    between = unit_between(unit)
    texts = {"one": said(ratios[0], unit), "two": said(ratios[1], unit), "by": said(ratios[0] - ratios[1], between)}
    return Finding(
        label=filled(_SAID, name=name, first=one[0], second=two[0], **texts),
        n=sum(map(len, groups)),
        certainty=Interval(low=low, high=high, level=_LEVEL, unit=between),
        method=filled(_METHOD, times=times),
        limits=_LIMITS,
    )


def _group(given: Any) -> tuple[Label, OfPeople]:
    """A group as it was given.

    Raises:
        DataError: it is no name with part and whole of each payee.
    """
    remedy = "pass its name, and by payee part and whole, such as (lp.Label('north', '北区'), {'p1': (3, 100)})"
    if not isinstance(given, tuple) or len(given) != 2 or not isinstance(given[1], Mapping):
        raise DataError("a group to compare", f"it is {shown(given)}", remedy)
    name, people = given
    must_be(name, Label, "the name of a group", "pass lp.Label(en, zh)")
    for payee, pair in people.items():
        if not is_code(payee) or not isinstance(pair, tuple | list) or len(pair) != 2:
            raise DataError(f"the group {name.en!r}", f"{shown(payee)} has {shown(pair)}", remedy)
    return name, people


def _numbers(label: Label, given: OfPeople, unit: str, smallest: int) -> list[tuple[int, int]]:
    """Part and whole of each person, over one denominator, in order of code.

    Raises:
        DataError: there are too few people, or a person without a whole.
    """
    if len(given) < smallest:
        fault = f"it has {len(given)} people, fewer than {smallest}"
        raise DataError(f"the group {label.en!r}", fault, "compare larger groups, or state another smallest")
    currency = "" if unit == "%" else unit
    found = [tuple(as_number(value, currency, payee) for value in given[payee]) for payee in sorted(given)]
    for payee, (_, below) in zip(sorted(given), found, strict=True):
        if below <= 0:
            raise DataError(f"{payee} in the group {label.en!r}", f"the whole is {below}", "leave out who has none")
    over = lcm(*(value.denominator for pair in found for value in pair))
    return [(int(top * over), int(below * over)) for top, below in found]


def ends_of(
    strata: Sequence[Sequence[FourNumbers]], rng: np.random.Generator, times: int, level: Fraction
) -> tuple[Fraction, Fraction]:
    """The ends of an interval of the difference of two ratios, by drawing people with replacement.

    As many people as there are are drawn from each stratum. The interval is the middle part of the differences that
    come up, outwards. Draws in which one of the ratios has no whole are left out.

    Args:
        strata: people who are drawn together; of each, part and whole of the first ratio, then of the second one.
        rng: numpy's generator.
        times: how often to draw.
        level: the part in the middle, such as 95%.

    Raises:
        DataError: no draw has both wholes.
    """
    people = sum(map(len, strata))
    sums: Any = 0
    for some in strata:
        columns = [whole(column) for column in zip(*some, strict=True)]
        numbers = np.column_stack(bounded(max(map(largest, columns)) * people, *columns))
        sums = np.concatenate([counts @ numbers for counts in _counts(len(some), rng, times)]) + sums
    found = sorted(Fraction(a, b) - Fraction(c, d) for a, b, c, d in sums.tolist() if b and d)
    if not found:
        raise DataError("people to draw", "too few of them have a whole", "compare larger groups")
    most = len(found) - 1
    return found[floor((1 - level) / 2 * most)], found[ceil((1 + level) / 2 * most)]


def _counts(size: int, rng: np.random.Generator, times: int) -> Iterator[NDArray[np.int64]]:
    """How often each of some people comes up in each draw: a row a draw, some rows at a time."""
    at_once = max(_COUNTS // size, 1)
    for start in range(0, times, at_once):
        yield rng.multinomial(size, np.full(size, 1 / size), size=min(at_once, times - start))
