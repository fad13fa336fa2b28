"""Pools: (a sum of money, appraisals) -> awards that sum to it; and how much a bonus may be beside other pay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal, TypeAlias, get_args

from attrs import field, frozen

from loanperf._allocation import TieBreak, allocate
from loanperf._appraisal import Appraisal, Calibrated, by_payee, grade_paid, why_calibrated
from loanperf._bonus._award import Award
from loanperf._data import PlainData
from loanperf._explanations import Explanation, because
from loanperf._quantities import Money, Number, Rounding, percent, plain, ratio
from loanperf._validators import each_of, has_words, is_a, must_be
from loanperf.errors import AwardError, DataError, shown


def bonus_limit(
    others: Money | str,
    share: Number,
    *,
    total: Literal["with the bonus", "without it"],
    bonus: Money | str | None = None,
) -> Money:
    """The largest bonus that is at most a share of a payee's total pay, rounded down to the smallest unit.

    Regulators limit bonuses so, such as to 10% of total compensation in 12 CFR 1026.36(d)(1)(iv)(B)(1).

    Args:
        others: the pay that counts besides the bonus, zero or more, such as `Money("165000 USD")` or its text.
        share: above zero and below 100%.
        total: whether the bonus counts as part of the total that the share is of.
        bonus: one to check; None checks none. The limit itself is kept.

    Raises:
        AwardError: the bonus is above the limit: it says by how much. Or the share or the pay is out of bounds, or
            `total` is no known word.
        QuantityError: the pay, the share or the bonus cannot be read, or is a bare number.
        UnitError: the pay has no currency, or the bonus another one.

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
    most = Money.rounded(limit, rest.currency, Rounding.DOWN)
    if bonus is not None and (given := Money.of(bonus)) > most:
        fault = f"a bonus of {given} is {given - most} above {most}, which is {percent(part)} of pay {total}"
        raise AwardError(fault, f"pay {most} at most, or count other pay")
    return most


Left: TypeAlias = Literal["spread", "stays", "carried"]
"""What becomes of what caps cut of a pool."""


@frozen(kw_only=True)
class ByHand(PlainData):
    """A second distribution of a pool (二次分配): what each payee gets, who says so, and why."""

    amounts: Mapping[str, Money] = field(validator=is_a(Mapping))
    """By code of payee, zero or more each."""
    by: str = field(validator=is_a(str))
    """Who distributes."""
    why: str = field(validator=is_a(str))
    """The reason; neither is empty."""

    def __attrs_post_init__(self) -> None:
        for name in ("by", "why"):
            if not has_words(getattr(self, name)):
                raise DataError(f"ByHand.{name}", "it is empty", "say who distributes by hand, and why")


def share_pool(
    pool: Money,
    appraisals: Iterable[Appraisal],
    *,
    tie_break: TieBreak = "largest weight",
    floors: Mapping[str, Money] | None = None,
    caps: Mapping[str, Money] | None = None,
    left: Left = "spread",
    by_hand: ByHand | None = None,
    calibrated: Iterable[Calibrated] = (),
) -> tuple[Award, ...]:
    """Divide a pool among payees by score × grade coefficient, an award each in order of code; they sum to it exactly.

    A score below zero counts as zero. Parts are whole smallest units by largest remainder. Where what caps cut is not
    spread, the pool less the awards is what stays, or what the next pool has besides.

    Args:
        pool: what to divide.
        appraisals: one a payee.
        tie_break: who is served first where remainders are equal; among equal weights the first payee by code.
        floors: the least that a payee gets, by code.
        caps: the most that a payee gets, by code.
        left: what becomes of what caps cut: `spread` over the others; it `stays` with the lender; it is `carried` to
            the pool of the next period.
        by_hand: what somebody sets in the place of all parts (二次分配); it sums to the pool exactly.
        calibrated: what people decided about results, one a payee at most: their coefficients weigh.

    Raises:
        AllocationError: nobody has a score above zero, or floors and caps leave no solution.
        AwardError: a payee has two appraisals, or a floor, cap or calibration but none; a calibration does not fit;
            amounts by hand are not one for each payee, within bounds, and summing to the pool; `left` is no known word.
        UnitError: a floor or cap is in another currency than the pool.
    """
    _must_be_said(pool, (floors, caps), left, by_hand)
    decided = by_payee(calibrated)
    members = _checked(appraisals, {**(floors or {}), **(caps or {}), **decided})
    weights = [_weight(member, decided.get(member.payee)) for member in members]
    least, most = (_units(pool, bounds or {}, members) for bounds in (floors, caps))
    lows = None if floors is None and caps is None else [low or 0 for low in least]
    highs = most if caps is not None and left == "spread" else None
    whole = allocate(pool, weights, step=1, tie_break=tie_break, floors=lows, caps=highs)
    parts = [part if high is None else min(part, _of(pool, high)) for part, high in zip(whole, most, strict=True)]
    said, total = _set_by_hand(pool, members, by_hand, least, most), sum(weights, Fraction(0))
    return tuple(
        Award(
            payee=member.payee,
            period=str(member.card.period),
            amount=said.get(member.payee, part),
            exact=Fraction(pool.exact * weight, total),
            multiple=weight,
            appraisal=member,
            steps=(
                *why_calibrated(member, decided.get(member.payee)),
                *_why_share(pool, first, (weight, total), (low, high)),
                *_why_cut(first, part, left),
                *_why_by_hand(part, member.payee, by_hand),
            ),
        )
        for member, weight, first, part, low, high in zip(members, weights, whole, parts, least, most, strict=True)
    )


def _set_by_hand(
    pool: Money,
    members: Sequence[Appraisal],
    given: ByHand | None,
    least: Sequence[int | None],
    most: Sequence[int | None],
) -> dict[str, Money]:
    """What somebody set by hand, by payee.

    Raises:
        AwardError: it is not what may be set.
    """
    if given is None:
        return {}
    said = dict(given.amounts)
    if strange := sorted(set(said) ^ {member.payee for member in members}):
        fault = f"{strange[0]!r} has an amount by hand or an appraisal, and not both"
        raise AwardError(fault, "state one amount for each payee, zero too")
    total = sum(said.values(), Money.from_units(0, pool.currency))
    if total != pool:
        fault = f"the amounts by hand sum to {total}, {pool - total} away from the pool of {pool}"
        raise AwardError(fault, "make them sum to the pool exactly")
    for member, low, high in zip(members, least, most, strict=True):
        amount = said[member.payee]
        if amount.units < (low or 0) or (high is not None and amount.units > high):
            raise AwardError(f"{amount} by hand for {member.payee!r} is outside the bounds", "keep its floor and cap")
    return said


def _of(pool: Money, units: int) -> Money:
    return Money.from_units(units, pool.currency)


def _weight(member: Appraisal, calibrated: Calibrated | None) -> Fraction:
    """A score, zero at least, times the coefficient of its grade, or that which people decided on."""
    grade = grade_paid(member, calibrated)
    return max(Fraction(member.score), Fraction(0)) * (grade.coefficient if grade else 1)


def _why_share(
    pool: Money, part: Money, weights: tuple[Fraction, Fraction], bounds: tuple[int | None, int | None]
) -> Iterator[Explanation]:
    weight, total = map(plain, weights)
    yield because("award.pool", {"amount": str(part), "pool": str(pool), "weight": weight, "total": total})
    for rule, bound in zip(("award.at least", "award.at most"), bounds, strict=True):
        if bound is not None:
            yield because(rule, {"limit": str(_of(pool, bound))})


def _why_cut(first: Money, part: Money, left: Left) -> Iterator[Explanation]:
    if first != part:
        yield because("award.stays" if left == "stays" else "award.carried", {"cut": str(first - part)})


def _why_by_hand(part: Money, payee: str, said: ByHand | None) -> Iterator[Explanation]:
    if said is not None:
        values = {"before": str(part), "now": str(said.amounts[payee]), "by": said.by, "why": said.why}
        yield because("award.by hand", values)


def _must_be_said(pool: object, bounds: tuple[object, object], left: object, by_hand: object) -> None:
    must_be(pool, Money, "the pool", "pass an amount, such as lp.Money.of('100 CNY')")
    for given, name in zip(bounds, ("floors", "caps"), strict=True):
        if given is None:
            continue
        must_be(given, Mapping, name, "pass amounts by payee")
        amounts = given.values() if isinstance(given, Mapping) else ()
        each_of(amounts, Money, name, "pass amounts by payee, such as {'lin': lp.Money.of('5 CNY')}")
    if by_hand is not None:
        must_be(by_hand, ByHand, "by_hand", "pass lp.schemes.ByHand(amounts=..., by=..., why=...)")
    if left not in get_args(Left):
        raise AwardError(f"left is {shown(left)}", "say 'spread', 'stays' or 'carried'")


def _checked(appraisals: object, bounded: Iterable[str]) -> list[Appraisal]:
    """Appraisals in order of payee, each of whom has one."""
    given = each_of(appraisals, Appraisal, "the appraisals", "pass a list of what lp.appraise gives")
    members = sorted(given, key=lambda appraisal: appraisal.payee)
    for payee, count in Counter(member.payee for member in members).items():
        if count > 1:
            raise AwardError(f"{payee!r} has {count} appraisals", "share the pool by one of them")
    if strangers := sorted(set(bounded) - {member.payee for member in members}):
        raise AwardError(
            f"{strangers[0]!r} has a floor, cap or calibration but no appraisal", "mend the code, or leave it out"
        )
    return members


def _units(pool: Money, bounds: Mapping[str, Money], members: Iterable[Appraisal]) -> list[int | None]:
    """The bound of each member in smallest units of the pool's currency; None where there is none."""
    nothing = Money.from_units(0, pool.currency)
    found = (bounds.get(member.payee) for member in members)
    return [None if bound is None else (nothing + bound).units for bound in found]
