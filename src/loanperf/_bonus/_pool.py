"""Pools: (a sum of money, appraisals) -> awards that sum to it; and how much a bonus may be beside other pay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Literal

from loanperf._allocation import TieBreak, allocate
from loanperf._appraisal import Appraisal
from loanperf._bonus._award import Award
from loanperf._explanations import Explanation, because
from loanperf._quantities import Money, Number, Rounding, percent, plain, ratio
from loanperf._validators import each_of, must_be
from loanperf.errors import AwardError, shown


def bonus_limit(others: Money | str, share: Number, *, total: Literal["with the bonus", "without it"]) -> Money:
    """The largest bonus that is at most a share of a payee's total pay, rounded down to the smallest unit.

    Regulators limit bonuses so, such as to 10% of total compensation in 12 CFR 1026.36(d)(1)(iv)(B)(1).

    Args:
        others: the pay that counts besides the bonus, zero or more, such as `Money("165000 USD")` or its text.
        share: above zero and below 100%.
        total: whether the bonus counts as part of the total that the share is of.

    Raises:
        AwardError: the share or the pay is out of bounds, or `total` is no known word.
        QuantityError: the pay or the share cannot be read, or is a bare number.
        UnitError: the pay has no currency.

    >>> print(bonus_limit(Money.of("165000 USD"), "10%", total="with the bonus"))
    18333.33 USD
    """
    part, rest = ratio(share, "the share of a bonus"), Money.of(others)
    if not 0 < part < 1 or rest.units < 0:
        raise AwardError(f"a bonus of at most {percent(part)} beside {rest} has no limit", "give 0% to 100% of pay")
    match total:
        case "with the bonus":
            limit = Fraction(rest.exact * part, 1 - part)
        case "without it":
            limit = rest.exact * part
        case _:
            raise AwardError(f"the total is {shown(total)}", "say 'with the bonus' or 'without it'")
    return Money.rounded(limit, rest.currency, Rounding.DOWN)


def share_pool(
    pool: Money,
    appraisals: Iterable[Appraisal],
    *,
    tie_break: TieBreak = "largest weight",
    floors: Mapping[str, Money] | None = None,
    caps: Mapping[str, Money] | None = None,
) -> tuple[Award, ...]:
    """Divide a pool among payees in proportion to score × grade coefficient; the parts sum to it exactly.

    A score below zero counts as zero. Parts are whole smallest units by largest remainder.

    Args:
        pool: what to divide.
        appraisals: one a payee.
        tie_break: who is served first where remainders are equal; among equal weights the first payee by code.
        floors: the least that a payee gets, by code.
        caps: the most that a payee gets, by code.

    Raises:
        AllocationError: nobody has a score above zero, or floors and caps leave no solution.
        AwardError: a payee has two appraisals, or a floor or cap but no appraisal.
        UnitError: a floor or cap is in another currency than the pool.

    Returns:
        One award a payee, in order of code.
    """
    given = each_of(appraisals, Appraisal, "the appraisals", "pass a list of what lp.appraise gives")
    _must_be_amounts(pool, floors, caps)
    members = sorted(given, key=lambda appraisal: appraisal.payee)
    _check_members([member.payee for member in members], {**(floors or {}), **(caps or {})})
    weights = [_weight(member) for member in members]
    least = [_units(pool, (floors or {}).get(member.payee), 0) for member in members]
    most = [_units(pool, (caps or {}).get(member.payee), None) for member in members]
    bounded = floors is not None or caps is not None
    parts = allocate(
        pool,
        weights,
        step=1,
        tie_break=tie_break,
        floors=[low or 0 for low in least] if bounded else None,
        caps=most if bounded else None,
    )
    total = sum(weights, Fraction(0))
    return tuple(
        Award(
            payee=member.payee,
            period=str(member.card.period),
            amount=part,
            exact=Fraction(pool.exact * weight, total),
            multiple=weight,
            appraisal=member,
            steps=_why_pool(
                pool, part, weight, total, (floors or {}).get(member.payee), (caps or {}).get(member.payee)
            ),
        )
        for member, weight, part in zip(members, weights, parts, strict=True)
    )


def _weight(member: Appraisal) -> Fraction:
    """A score, zero at least, times the coefficient of its grade."""
    return max(Fraction(member.score), Fraction(0)) * (member.grade.coefficient if member.grade else 1)


def _why_pool(
    pool: Money, part: Money, weight: Fraction, total: Fraction, least: Money | None, most: Money | None
) -> tuple[Explanation, ...]:
    share = because(
        "award.pool", {"amount": str(part), "pool": str(pool), "weight": plain(weight), "total": plain(total)}
    )
    bounds = [because("award.at least", {"limit": str(least)})] if least is not None else []
    bounds += [because("award.at most", {"limit": str(most)})] if most is not None else []
    return (share, *bounds)


def _must_be_amounts(pool: object, floors: object, caps: object) -> None:
    must_be(pool, Money, "the pool", "pass an amount, such as lp.Money.of('100 CNY')")
    for bounds, name in ((floors, "floors"), (caps, "caps")):
        if bounds is None:
            continue
        must_be(bounds, Mapping, name, "pass amounts by payee")
        amounts = bounds.values() if isinstance(bounds, Mapping) else ()
        each_of(amounts, Money, name, "pass amounts by payee, such as {'lin': lp.Money.of('5 CNY')}")


def _check_members(payees: list[str], bounded: Iterable[str]) -> None:
    for payee, count in Counter(payees).items():
        if count > 1:
            raise AwardError(f"{payee!r} has {count} appraisals", "share the pool by one of them")
    if strangers := sorted(set(bounded) - set(payees)):
        raise AwardError(f"{strangers[0]!r} has a floor or cap but no appraisal", "mend the code, or leave it out")


def _units(pool: Money, bound: Money | None, otherwise: int | None) -> int | None:
    """A bound in smallest units of the pool's currency."""
    return otherwise if bound is None else (bound + Money.from_units(0, pool.currency)).units
