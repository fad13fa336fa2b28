"""Results: the reviews of somebody -> scores by category and a whole score, exact, with reasons that name no peer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve, frozen

from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, because
from loanperf._indicators import Reading
from loanperf._periods import Period
from loanperf._quantities import Rounding, percent, plain, rounded
from loanperf.errors import DataError
from loanperf.reviews._events import ReviewNote, Submitted
from loanperf.reviews._plan import RaterCategory, ReviewPlan

PLACES = 4
"""Decimal places to which a number that does not end is shown."""


@frozen(kw_only=True)
class ReviewComment(PlainData):
    """What a rater wrote, or a note that a review cites."""

    text: str
    by: str = ""
    """The code of the rater; empty where the category is anonymous."""


@frozen(kw_only=True)
class ItemScore(PlainData):
    """What the reviews of a category come to in one item."""

    item: str
    name: Label
    mean: Fraction
    """The plain mean of their marks, on the scale of the item."""
    low: Fraction
    high: Fraction
    share: Fraction
    """What part of full marks the mean is worth."""
    weight: Fraction
    """Of the item in the form."""


@frozen(kw_only=True)
class CategoryScore(PlainData):
    """What the reviews of one category come to, as anybody may see it who sees the result."""

    category: str
    name: Label
    weight: Fraction
    """As the plan says it."""
    minimum: int
    anonymous: bool
    count: int | None
    """How many reviews are averaged, those that rolled up into it included; None where it is anonymous and they are
    fewer than its minimum, so that nobody can work out who was silent. 0 where it has its raters named and none."""
    score: Fraction | None = None
    """Their plain mean in points; None where they are fewer than the minimum."""
    counts_as: Fraction = Fraction(0)
    """Its weight in the whole score once missing categories are rolled up or re-weighted; 0 where it has no score."""
    rolled_from: tuple[str, ...] = ()
    """Codes of categories whose reviews and weights count in this one."""
    rolled_into: str = ""
    """The code of the category in which its reviews and weight count; empty where they count here or nowhere."""
    items: tuple[ItemScore, ...] = ()
    raters: tuple[tuple[str, Fraction], ...] = ()
    """Raters and the points of each review, in order of code; none where it is anonymous."""
    comments: tuple[ReviewComment, ...] = ()
    """In order of rater; where it is anonymous in order of text, which tells nothing of who wrote it."""


@frozen(kw_only=True)
class ReviewResult(PlainData):
    """What the reviews of one person in one period come to; no anonymous rater can be told from it."""

    payee: str
    period: Period
    indicator: str
    score: Fraction | None
    """The whole score in points, exact; None where too few reviews count."""
    categories: tuple[CategoryScore, ...]
    """In the order of the plan."""

    @property
    def reading(self) -> Reading | None:
        """The whole score as a reading of the plan's indicator; None where there is none."""
        if self.score is None:
            return None
        return Reading(
            indicator=self.indicator, numerator=self.score, unit="point", subject=self.payee, period=self.period
        )

    def must_be_of(self, payee: str, period: Period) -> None:
        """Refuse the reviews of somebody else, or of another period.

        Raises:
            DataError: they are.
        """
        if (self.payee, self.period) != (payee, period):
            fault, remedy = f"they are of {self.payee} in {self.period}", f"pass those of {payee} in {period}"
            raise DataError("the reviews", fault, remedy)

    def explain(self) -> Explanation:
        """Why the whole score is what it is: data that prints as text, HTML and JSON, in two languages."""
        values: dict[str, str | Label] = {"payee": self.payee, "period": str(self.period)}
        reasons = [_reason_of(one, self.categories) for one in self.categories]
        if self.score is None:
            return because("review.none", values, *reasons)
        return because("review", values | {"score": shown_number(self.score)}, *reasons)


def shown_number(value: Fraction) -> str:
    """A number as text: exact where it ends within four decimals, else rounded half even and marked.

    >>> shown_number(Fraction(8175, 95)), shown_number(Fraction(85))
    ('≈86.0526', '85')
    """
    if (value * 10**PLACES).denominator == 1:
        return plain(value)
    return f"≈{rounded(value, PLACES, Rounding.HALF_EVEN)}"


def result_of(
    plan: ReviewPlan, payee: str, reviews: Sequence[Submitted], notes: Mapping[int, ReviewNote]
) -> ReviewResult:
    """What the reviews of one person that count come to, with the notes that they cite, by number of record.

    A category's score is the plain mean of its reviews. Fewer than its minimum count where the category says: they and
    its weight in another category, or not at all, and then its weight goes to those that count, in proportion. There
    is no whole score where those that count weigh less than the plan's `least_weight`, or where reviews of oneself are
    all that counts though the plan has other categories.
    """
    pools = _pooled(plan, reviews)
    counting = {code: pool for code, pool in pools.items() if pool.counts}
    total = sum((pool.weight for pool in counting.values()), Fraction(0))
    relations = {one.relation for one in plan.categories}
    by_self_alone = {pool.category.relation for pool in counting.values()} == {"self"} != relations
    if total < plan.least_weight or by_self_alone:
        total = Fraction(0)
    found = tuple(_category_score(plan, pools[one.code], total, notes) for one in plan.categories)
    score = None
    if total:
        score = sum((one.counts_as * one.score for one in found if one.score is not None), Fraction(0))
    return ReviewResult(payee=payee, period=plan.period, indicator=plan.indicator, score=score, categories=found)


# ── which reviews count where ───────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class _ReviewPool:
    """The reviews that a category averages, with those that rolled up into it, and what they weigh together."""

    category: RaterCategory
    reviews: tuple[Submitted, ...]
    weight: Fraction
    rolled_from: tuple[str, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether they are as many as the category needs."""
        return len(self.reviews) >= self.category.minimum

    @property
    def counts(self) -> bool:
        """Whether they make a part of the whole score."""
        return self.is_full and self.weight > 0


def _pooled(plan: ReviewPlan, reviews: Sequence[Submitted]) -> dict[str, _ReviewPool]:
    """The reviews of each category, each counted in one; what rolls up goes before that into which it rolls."""
    found = {
        one.code: _ReviewPool(
            category=one, reviews=tuple(given for given in reviews if given.category == one.code), weight=one.weight
        )
        for one in plan.categories
    }
    for code in _from_below(plan):
        pool = found[code]
        if not pool.is_full and pool.category.into:
            into = found[pool.category.into]
            found[into.category.code] = _ReviewPool(
                category=into.category,
                reviews=(*into.reviews, *pool.reviews),
                weight=into.weight + pool.weight,
                rolled_from=(*into.rolled_from, code),
            )
    return found


def _from_below(plan: ReviewPlan) -> list[str]:
    """The codes of categories, each before the one into which it rolls up; no ring is in them."""
    into = {one.code: one.into for one in plan.categories}

    def steps(code: str) -> int:
        return 1 + steps(into[code]) if into[code] else 0

    return sorted(into, key=steps, reverse=True)


def _category_score(
    plan: ReviewPlan, pool: _ReviewPool, total: Fraction, notes: Mapping[int, ReviewNote]
) -> CategoryScore:
    category, reviews, form = pool.category, pool.reviews, plan.form
    hidden = category.anonymous
    said = CategoryScore(
        category=category.code,
        name=category.name,
        weight=category.weight,
        minimum=category.minimum,
        anonymous=hidden,
        count=len(reviews) if pool.is_full or not hidden else None,
        rolled_from=pool.rolled_from,
        rolled_into="" if pool.is_full else category.into,
    )
    if not pool.is_full:
        return said
    means = {
        item.code: sum((given.marks[item.code] for given in reviews), Fraction(0)) / len(reviews)
        for item in form.items
    }  # fmt: skip
    items = tuple(
        ItemScore(
            item=item.code,
            name=item.name,
            mean=means[item.code],
            low=item.scale.low,
            high=item.scale.high,
            share=form.share(item, means[item.code]),
            weight=item.weight,
        )
        for item in form.items
    )
    texts = [
        ReviewComment(text=text, by="" if hidden else given.rater)
        for given in reviews
        for text in (given.comment, *(notes[number].text for number in given.cites))
    ]
    raters = [] if hidden else [(given.rater, form.points(given.marks)) for given in reviews]
    return evolve(
        said,
        score=form.points(means),
        counts_as=pool.weight / total if total else Fraction(0),
        items=items,
        raters=tuple(sorted(raters)),
        comments=tuple(sorted((one for one in texts if one.text.strip()), key=lambda one: (one.by, one.text))),
    )


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────


def _reason_of(one: CategoryScore, all_of: Sequence[CategoryScore]) -> Explanation:
    """Why a category comes to what it does, or counts elsewhere, or not."""
    names = {other.category: other.name for other in all_of}
    values: dict[str, str | Label] = {
        "category": one.name,
        "weight": percent(one.weight),
        "minimum": str(one.minimum),
    }
    if one.rolled_into:
        return because("review.rolled up", values | {"into": names[one.rolled_into]})
    if one.score is None:
        return because("review.left out", values)
    values |= {"weight": percent(one.counts_as), "score": shown_number(one.score), "count": str(one.count)}
    return because("review.category", values, *_weights(one, all_of), *_parts(one))


def _weights(one: CategoryScore, all_of: Sequence[CategoryScore]) -> Iterator[Explanation]:
    """How its weight came from that of the plan."""
    weights = {other.category: other.weight for other in all_of}
    held, into = one.weight, one
    for other in all_of:
        if _ends_in(other, all_of) == into.category and other is not one:
            held += weights[other.category]
            values: dict[str, str | Label] = {"category": other.name, "weight": percent(other.weight)}
            yield because("review.takes in", values)
    if one.counts_as not in (held, 0):
        values = {"before": percent(held), "weight": percent(one.counts_as)}
        yield because("review.reweighted", values)


def _ends_in(one: CategoryScore, all_of: Sequence[CategoryScore]) -> str:
    """The code of the category in which a category counts in the end."""
    known = {other.category: other for other in all_of}
    while one.rolled_into:
        one = known[one.rolled_into]
    return one.category


def _parts(one: CategoryScore) -> Iterator[Explanation]:
    """What it comes to by item, and by rater where raters are named."""
    for item in one.items:
        yield because(
            "review.item",
            {
                "item": item.name,
                "mean": shown_number(item.mean),
                "low": plain(item.low),
                "high": plain(item.high),
                "share": percent(item.share),
                "weight": percent(item.weight),
            },
        )
    for rater, points in one.raters:
        yield because("review.by", {"rater": rater, "score": shown_number(points)})
