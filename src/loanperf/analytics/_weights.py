"""Weights: (a scheme, a past period, what came after it) -> advice on weights; nothing is applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from loanperf._appraisal import Appraisals, appraise_all
from loanperf._bonus import award_all
from loanperf._explanations import Label, in_words
from loanperf._indicators import Direction, indicator_label
from loanperf._quantities import Money, Number, quantity
from loanperf._scheme import Scheme, indicators_of, phase_of, weights_in
from loanperf._scorecard import Card, CardLine, Constraint, Weights
from loanperf._tables._columns import Column, Table
from loanperf._tables._given import table_of
from loanperf._tables._units import Units
from loanperf._validators import must_be
from loanperf.analytics._findings import SMALLEST, Interval, filled
from loanperf.analytics._scored_rows import must_be_possible, must_have_bonuses
from loanperf.analytics._statistics import Floats, floats, gini, near, rank_correlation
from loanperf.analytics._weight_advice import (
    AdviceRules,
    AdvisedWeight,
    RelaxedRule,
    WeightAdvice,
    WeightOutcome,
    findings_of,
)
from loanperf.analytics._weight_grid import GridRule, Steps, candidates, kept_by, relaxations
from loanperf.errors import DataError, UnknownIndicatorError
from loanperf.learning import PastPeriod, past_cards, phase_rules
from loanperf.viewer import Viewer, must_be_viewer

BOUNDS = (Fraction(5, 100), Fraction(45, 100))
"""What an indicator may weigh where nothing is stated."""
_PLACES = 9
"""Decimal places of points from which shares are read; the finest that a card has."""
_BATCH = 256
"""Candidates whose bonuses are worked at a time, at most."""
_SAME = 1e-5
"""Correlations of candidates that differ by less are the same: they are worked in float32."""
_DRAWS = 10
"""Draws whose validities are held at a time."""


def advise_weights(
    scheme: Scheme,
    profile: str,
    past: PastPeriod,
    later: Mapping[str, Number],
    *,
    better: Direction,
    rng: np.random.Generator,
    viewer: Viewer,
    rules: AdviceRules | None = None,
) -> WeightAdvice:
    """Advise weights for a profile: those that keep all rules, speak of what came later, and change little.

    Of all vectors of weights in whole steps, these are left, one condition after the other: those within bounds that
    keep what phases require and the budget; of them, those whose validity is within one standard error of the highest;
    of them, those whose weights change least in sum; of them, those that change the fewest weights. Of several that are
    left the one that weighs the last indicator least is taken.

    Weights, scores, grades and bonuses are exact, by the programs that score and pay. Validity is a statistic, the
    correlation of scores with a later outcome, in float64; in it, scores are not rounded. People whose score a veto
    sets, or who lack a reading, are left out of it, since their scores do not follow the weights.

    Args:
        scheme: held in the past period.
        profile: code of the profile; people whose card has it, without profiles on top and settings of units.
        past: readings and targets of a past period, as `loanperf.learning.whom_it_moves` takes them.
        later: by payee, what came after it, such as the NPL ratio or profit of the next period; all in one unit.
        better: which way the later outcome is better.
        rng: numpy's generator, which draws people with replacement: of the same seed it gives the same advice.
        viewer: the advice is made from those whom they may see.
        rules: the phase, steps, bounds, budget and draws.

    Raises:
        DataError: fewer than five people can be compared, all have the same later outcome, a reading or target is
            beyond what its indicator can be, a payee lacks what a bonus looks at, more than two million vectors are
            within bounds; a budget without a bonus plan or in another currency; what `loanperf.learning.past_cards`
            raises.
        ResolveError: no such profile or phase.
        UnknownIndicatorError: bounds of an indicator that the profile does not weigh.
    """
    must_be(scheme, Scheme, "the scheme", "pass lp.Scheme, such as lp.read_scheme(path)")
    must_be(past, PastPeriod, "the past period", "pass loanperf.learning.PastPeriod(period=..., rows=...)")
    must_be(better, Direction, "better", "pass Direction.LOWER or Direction.HIGHER")
    must_be(rng, np.random.Generator, "rng", "pass numpy.random.default_rng(seed), and keep the seed")
    must_be_viewer(viewer)
    stated = AdviceRules() if rules is None else rules
    now = weights_in(scheme.profile(profile), phase_of(scheme, stated.phase))
    asked = _grid_rules(scheme, profile, now, stated)
    people = _People.of(scheme, profile, past, [code for code, _ in now], viewer)
    people.must_fit(stated.budget)
    statistic = _Validity.of(people, later, better, rng, stated.draws)
    work = _Advising(profile, now, asked, people, statistic, stated)
    return work.advice()


def _grid_rules(scheme: Scheme, profile: str, now: Weights, stated: AdviceRules) -> list[GridRule]:
    """Bounds, one an indicator in their order, then what phases require of the weights."""
    known = indicators_of(scheme.indicators)
    bounds = {code: (low, high) for code, low, high in stated.bounds}
    for code in bounds:
        if code not in dict(now):
            raise UnknownIndicatorError(code, tuple(dict(now)))
    found = []
    for place, (code, _) in enumerate(now):
        low, high = bounds.get(code, BOUNDS)
        name = indicator_label(known[code].code) if code not in known else known[code].name
        found.append(GridRule(name=name, of=(place,), at_least=low, at_most=high))
    dimensions = {code: item.dimension for code, item in known.items()}
    for rule in phase_rules(scheme, profile, dict(now), phase=stated.phase):
        required = Constraint(of=rule.of, at_least=rule.at_least, at_most=rule.at_most)
        of = tuple(place for place, (code, _) in enumerate(now) if required.weighs(((code, Fraction(1)),), dimensions))
        names = [known[code].name if code in known else Label(code, code) for code in rule.of]
        en, zh = " + ".join(name.en for name in names), "、".join(name.to("zh") for name in names)
        found.append(
            GridRule(
                name=filled(
                    Label("in phase {phase}, {of}", "阶段 {phase} 要求{of}"), phase=rule.phase, of=Label(en, zh)
                ),
                of=of,
                at_least=rule.at_least,
                at_most=rule.at_most,
            )
        )
    return found


# ── people of the past period ───────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class _People:
    """People of the profile who have a score, and what each indicator earned them."""

    table: Table
    cards: Mapping[str, Card]
    units: Units
    codes: tuple[str, ...]
    payees: tuple[str, ...]
    shares: Floats
    """The share of its weight that each indicator earned: a row a person, a column an indicator."""
    follows: NDArray[np.bool_]
    """Whether the score of each person is the weighted sum of `shares`; not where a veto sets it."""
    left_out: int
    """How many have no score."""
    lines: dict[tuple[str, str, int, int], CardLine] = field(factory=dict)
    """Lines with other weights, by card, indicator and weight."""

    @classmethod
    def of(cls, scheme: Scheme, profile: str, past: PastPeriod, codes: Sequence[str], viewer: Viewer) -> _People:
        table = table_of(past.rows, "rows")
        cards, keys = past_cards(scheme, past, table)
        mine = {
            key: card
            for key, card in cards.items()
            if card.profile == profile and not card.set_by and {line.indicator.code for line in card.lines} == {*codes}
        }
        payees = [str(table["payee"].at(row)) for row in range(table.rows)]
        chosen = [row for row, key in enumerate(keys) if key in mine and viewer.may_see(payees[row])]
        _must_be_enough(len(chosen), f"{len(chosen)} people have profile {profile!r} in {past.period}")
        words = tuple(mine)
        coded = np.array([words.index(keys[row]) for row in chosen])
        some = table.take(np.array(chosen))
        some = evolve(some, columns={**some.columns, "card": Column("text", coded, None, words)})
        scored = appraise_all(mine, some, units=past.units)
        must_be_possible(scored)
        kept = np.flatnonzero(scored.ok)
        _must_be_enough(len(kept), f"{len(kept)} of {len(chosen)} people have a score", scored)
        some = some.take(kept)
        shares, known = _shares(mine, some, past.units, codes)
        own = np.array([[float(_weight(card, code)) for code in codes] for card in mine.values()])[coded[kept]]
        off = np.abs((own * shares).sum(axis=1) * 100 - scored.score[kept].astype(np.float64) / 10**scored.places)
        return cls(
            table=some,
            cards=mine,
            units=past.units,
            codes=tuple(codes),
            payees=tuple(payees[chosen[place]] for place in kept.tolist()),
            shares=shares,
            follows=known & (off <= len(codes) / 10**scored.places),
            left_out=len(chosen) - len(kept),
        )

    @property
    def card(self) -> Card:
        """One of the cards; all are of one scheme."""
        return next(iter(self.cards.values()))

    @property
    def pays(self) -> bool:
        """Whether there is a bonus plan."""
        return any(card.bonus is not None for card in self.cards.values())

    def must_fit(self, budget: Money | None) -> None:
        """Refuse a budget that nothing can be compared with."""
        if budget is not None and (not self.pays or budget.currency != self.card.currency):
            fault = (
                f"it is {budget}, and bonuses are in {self.card.currency}" if self.pays else "no card has a bonus plan"
            )
            raise DataError("the budget", fault, "leave it out, or give it in the currency of the scheme")

    def worked(self, weights: Sequence[Sequence[Fraction]]) -> Appraisals:
        """Everybody scored by each of several vectors of weights, one vector behind the other."""
        cards, words = dict[str, Card](), self.table["card"]
        for number, vector in enumerate(weights):
            for word in words.words:
                lines = tuple(self._line(word, code, one) for code, one in zip(self.codes, vector, strict=True))
                cards[f"{number} {word}"] = evolve(self.cards[word], lines=lines)
        rows, count = self.table.rows, len(words.words)
        table = self.table.take(np.tile(np.arange(rows), len(weights)))
        codes = words.values[np.tile(np.arange(rows), len(weights))] + np.repeat(np.arange(len(weights)), rows) * count
        columns = {**table.columns, "card": Column("text", codes, None, tuple(cards))}
        return appraise_all(cards, evolve(table, columns=columns), units=self.units)

    def _line(self, word: str, code: str, weight: Fraction) -> CardLine:
        """A line of a card with another weight; each is made once."""
        key = (word, code, weight.numerator, weight.denominator)  # a Fraction takes long to hash
        if key not in self.lines:
            line = next(one for one in self.cards[word].lines if one.indicator.code == code)
            self.lines[key] = evolve(line, weight=weight)
        return self.lines[key]

    def costs(self, scored: Appraisals) -> list[int]:
        """The sum of bonuses by each vector of weights, in smallest units.

        Raises:
            DataError: somebody lacks what a bonus looks at.
        """
        paid = award_all(scored)
        must_have_bonuses(paid)
        return [int(one) for one in paid.amount.reshape(-1, self.table.rows).sum(axis=1)]


def _must_be_enough(count: int, fault: str, scored: Appraisals | None = None) -> None:
    if count < SMALLEST:
        first = f"; the first: {scored.problems[0].fault}" if scored is not None and scored.problems else ""
        raise DataError("people to advise weights from", fault + first, f"pass {SMALLEST} people or more")


def _weight(card: Card, code: str) -> Fraction:
    return next(line.weight for line in card.lines if line.indicator.code == code)


def _shares(
    cards: Mapping[str, Card], table: Table, units: Units, codes: Sequence[str]
) -> tuple[Floats, NDArray[np.bool_]]:
    """The part of its weight that each indicator earned, a row a person, and who has a score in all of them.

    Each indicator is scored by a card on which it weighs 100%.
    """
    columns, known = [], np.ones(table.rows, dtype=np.bool_)
    for code in codes:
        alone = {word: _of_one(card, code) for word, card in cards.items()}
        scored = appraise_all(alone, table, units=units)
        known &= scored.ok
        columns.append(np.where(scored.ok, scored.score, 0).astype(np.float64) / (100 * 10**scored.places))
    return np.column_stack(columns), known


def _of_one(card: Card, code: str) -> Card:
    """A card on which one indicator weighs 100%, with points of many places and without vetoes."""
    lines = {line.indicator.code: line for line in card.lines}
    finer = evolve(lines[code].scoring, places=_PLACES)
    known = tuple(dict.fromkeys((*card.known, *lines)))
    return evolve(card, lines=(evolve(lines[code], weight=Fraction(1), scoring=finer),), vetoes=(), known=known)


# ── validity ────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class _Validity:
    """How scores by some weights go with the later outcome: of the people as they are, and of draws of them.

    The correlation of a weighted sum needs only variances and covariances of what is summed, so that no score is made.
    """

    people: int
    spread: Floats
    """Covariances of pairs of indicators, of the people and then of each draw: a row each."""
    along: Floats
    """Covariances of each indicator with the outcome."""
    outcome: Floats
    """Variances of the outcome."""

    @classmethod
    def of(
        cls,
        people: _People,
        later: Mapping[str, Number],
        better: Direction,
        rng: np.random.Generator,
        draws: int,
    ) -> _Validity:
        """Raises DataError where there are too few people, or all have the same later outcome."""
        by_name = sorted(range(len(people.payees)), key=people.payees.__getitem__)
        there = [place for place in by_name if people.payees[place] in later and people.follows[place]]
        found = [quantity(later[people.payees[place]]) for place in there]
        if len({one.unit for one in found}) > 1:
            raise DataError("the later outcome", "it is in several units", "give it in one unit for all payees")
        _must_be_enough(
            len(there), f"{len(there)} of {len(people.payees)} have a later outcome and a score that weights make"
        )
        if len({one.value for one in found}) == 1:
            raise DataError("the later outcome", "it is the same for everybody", "pass one that differs")
        values = floats(one.value for one in found) * (1 if better is Direction.HIGHER else -1)
        shares = people.shares[there]
        shares, values = shares - shares[0], values - values[0]
        values = values / np.abs(values).max()
        one, other = np.triu_indices(shares.shape[1])
        parts = [
            shares,
            values[:, None],
            shares[:, one] * shares[:, other],
            shares * values[:, None],
            values[:, None] ** 2,
        ]
        size = len(there)
        drawn = rng.integers(0, size, (draws, size)) + np.arange(draws)[:, None] * size
        counts = np.bincount(drawn.ravel(), minlength=draws * size).reshape(draws, size)
        means = np.vstack([np.ones(size), counts]) @ np.hstack(parts) / size
        of, pairs = shares.shape[1], len(one)
        x, y, xx, xy, yy = np.split(means, np.cumsum([of, 1, pairs, of]), axis=1)
        return cls(size, xx - x[:, one] * x[:, other], xy - x * y, (yy - y**2)[:, 0])

    def by(self, vectors: _Vectors, draws: slice) -> Floats:
        """The validity of each vector of weights: a row a draw, a column a vector; 0 where all scores are equal."""
        kind = vectors.weights.dtype
        spread = self.spread[draws].astype(kind) @ vectors.squares
        spread *= self.outcome[draws, None].astype(kind)
        # A product of two variances so small comes of rounding; so does what is over it, and becomes nearly nothing.
        np.maximum(spread, 1e-18, out=spread)
        found: Floats = self.along[draws].astype(kind) @ vectors.weights
        found /= np.sqrt(spread, out=spread)
        return found


@frozen(eq=False)
class _Vectors:
    """Vectors of weights, and the products of pairs of their weights: a column a vector.

    Those of all candidates are float32, which is enough to compare them; those that are reported are float64.
    """

    weights: NDArray[Any]
    squares: NDArray[Any]

    @classmethod
    def of(cls, rows: NDArray[Any]) -> _Vectors:
        """From an array with a row a vector, a column an indicator."""
        weights = np.ascontiguousarray(rows.T)
        one, other = np.triu_indices(len(weights))
        squares = weights[one] * weights[other]
        squares[one != other] *= 2
        return cls(weights, squares)


# ── the choice ──────────────────────────────────────────────────────────────────────────────────────────────

_Fits: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.bool_]]


def _first(places: NDArray[np.int64], fits: _Fits) -> int:
    """The first of some candidates that fits the budget; -1 where none does."""
    start, size = 0, 4
    while start < len(places):
        some = places[start : start + size]
        found = np.flatnonzero(fits(some))
        if len(found):
            return int(some[found[0]])
        start, size = start + size, min(2 * size, _BATCH)
    return -1


@frozen(eq=False)
class _Advising:
    """One advice: what is read, and how it is chosen."""

    profile: str
    now: Weights
    asked: Sequence[GridRule]
    people: _People
    statistic: _Validity
    rules: AdviceRules
    cost_of: dict[int, int] = field(factory=dict, init=False)
    """What bonuses come to by a candidate, by its place."""

    @property
    def steps(self) -> int:
        """In 100%."""
        return self.rules.step.denominator // self.rules.step.numerator

    def advice(self) -> WeightAdvice:
        """All of it."""
        count = len(self.now)
        grid = candidates(self.asked[:count], count, self.steps)
        kept = self._in_order(kept_by(self.asked[count:], grid, self.steps))
        chosen, best, error, drawn = self._chosen(kept)
        own = tuple(weight for _, weight in self.now)
        if chosen < 0:
            return self._found(len(grid), kept, own, None, None, None, None)
        weights = tuple(Fraction(int(one), self.steps) for one in kept[chosen])
        return self._found(len(grid), kept, own, weights, best, error, np.sort(kept[drawn], axis=0))

    def _in_order(self, grid: Steps) -> Steps:
        """Candidates by how much they change: the sum of changes, then the number of weights that change."""
        over = self.steps * int(np.lcm.reduce([weight.denominator for _, weight in self.now]))
        own = np.array([int(weight * over) for _, weight in self.now])
        moves = np.abs(grid * (over // self.steps) - own)
        order = np.lexsort([(moves > 0).sum(axis=1), moves.sum(axis=1)])
        ordered: Steps = grid[order]
        return ordered

    def _chosen(self, kept: Steps) -> tuple[int, float, float, NDArray[np.int64]]:
        """The place of the candidate that is advised, -1 for none; the best validity, its error, and places by draw."""
        none = np.zeros(0, dtype=np.int64)
        if not len(kept):
            return -1, 0, 0, none
        vectors = _Vectors.of(kept.astype(np.float32) / np.float32(self.steps))
        (whole,) = self.statistic.by(vectors, slice(0, 1))
        top = self._best(whole, kept)
        if top < 0:
            return -1, 0, 0, none
        error = float(self.statistic.by(_Vectors.of(kept[[top]] / self.steps), slice(1, None)).std(ddof=1))
        chosen = self._least_change(whole, float(whole[top]), error, kept)
        drawn = []
        for start in range(1, self.rules.draws + 1, _DRAWS):
            for values in self.statistic.by(vectors, slice(start, start + _DRAWS)):
                highest = float(values[self._best(values, kept)])
                drawn.append(self._least_change(values, highest, error, kept))
        return chosen, float(whole[top]), error, np.array(drawn)

    def _best(self, validity: Floats, kept: Steps) -> int:
        if self.rules.budget is None:
            return int(np.argmax(validity))
        return _first(np.argsort(-validity, kind="stable"), lambda some: self._fits(some, kept))

    def _least_change(self, validity: Floats, best: float, error: float, kept: Steps) -> int:
        near_best = validity >= best - error - _SAME
        if self.rules.budget is None:
            return int(np.argmax(near_best))
        return _first(np.flatnonzero(near_best), lambda some: self._fits(some, kept))

    def _fits(self, some: NDArray[np.int64], kept: Steps) -> NDArray[np.bool_]:
        """Which candidates keep the budget; the bonuses of each are worked once, by the program that pays."""
        new = [place for place in some.tolist() if place not in self.cost_of]
        if new:
            shares = [Fraction(step, self.steps) for step in range(self.steps + 1)]
            vectors = [[shares[one] for one in row] for row in kept[new].tolist()]
            costs = self.people.costs(self.people.worked(vectors))
            self.cost_of.update(zip(new, costs, strict=True))
        most = 0 if self.rules.budget is None else self.rules.budget.units
        return np.array([self.cost_of[place] <= most for place in some.tolist()])

    def _found(
        self,
        within: int,
        kept: Steps,
        own: tuple[Fraction, ...],
        advised: tuple[Fraction, ...] | None,
        best: float | None,
        error: float | None,
        drawn: Steps | None,
    ) -> WeightAdvice:
        scored = self.people.worked([own] if advised is None else [own, advised])
        rows = self.people.table.rows
        outcomes = self._outcomes(scored, [own] if advised is None else [own, advised])
        scores, grades = scored.score.reshape(-1, rows), scored.grade.reshape(-1, rows)
        found = WeightAdvice(
            findings=(),
            profile=self.profile,
            phase=self.rules.phase,
            weights=tuple(self._weight(place, advised, drawn) for place in range(len(self.now))),
            candidates=within,
            feasible=len(kept),
            now=outcomes[0],
            advised=None if advised is None else outcomes[1],
            best=None if best is None else near(best),
            error=None if error is None else near(error),
            rank_correlation=None if advised is None else near(rank_correlation(floats(scores[0]), floats(scores[1]))),
            regraded=0 if advised is None else int(np.count_nonzero(grades[0] != grades[1])),
            people=rows,
            compared=self.statistic.people,
            binding=() if advised is None else tuple(self._binding(advised)),
            relaxed=() if advised is not None else tuple(self._relaxed(kept)),
        )
        return evolve(found, findings=tuple(findings_of(found, self._certainty(advised), self.people.left_out)))

    def _certainty(self, advised: tuple[Fraction, ...] | None) -> Interval | None:
        """The middle 80% of the validities that the advised weights have in draws."""
        if advised is None:
            return None
        drawn = np.sort(self.statistic.by(_Vectors.of(floats(advised)[None, :]), slice(1, None))[:, 0])
        tenth = len(drawn) // 10
        low, high = (near(float(drawn[at])) for at in (tenth, len(drawn) - 1 - tenth))
        return Interval(low=low, high=high, level=Fraction(8, 10))

    def _weight(self, place: int, advised: tuple[Fraction, ...] | None, drawn: Steps | None) -> AdvisedWeight:
        rule, (code, weight) = self.asked[place], self.now[place]
        low = high = None
        if drawn is not None:
            tenth = len(drawn) // 10
            low, high = (Fraction(int(drawn[at, place]), self.steps) for at in (tenth, len(drawn) - 1 - tenth))
        return AdvisedWeight(
            indicator=code,
            name=rule.name,
            now=weight,
            advised=None if advised is None else advised[place],
            low=low,
            high=high,
            least=rule.at_least,
            most=rule.at_most,
        )

    def _outcomes(self, scored: Appraisals, vectors: Sequence[Sequence[Fraction]]) -> list[WeightOutcome]:
        rows = self.people.table.rows
        validity = self.statistic.by(_Vectors.of(np.array([floats(one) for one in vectors])), slice(0, 1))[0]
        costs = self.people.costs(scored) if self.people.pays else [None] * len(vectors)
        scores, grades = scored.score.reshape(-1, rows).tolist(), scored.grade.reshape(-1, rows).tolist()
        return [
            WeightOutcome(
                validity=near(float(validity[at])),
                tied=_tied(grades[at]),
                gini=gini(scores[at]),
                cost=None if cost is None else Money.from_units(cost, self.people.card.currency),
            )
            for at, cost in enumerate(costs)
        ]

    def _binding(self, advised: Sequence[Fraction]) -> list[Label]:
        pairs = [(rule, rule.binds(advised)) for rule in self.asked]
        return [rule.said(side) for rule, side in pairs if side is not None]

    def _relaxed(self, kept: Steps) -> list[RelaxedRule]:
        if not len(kept):
            found = relaxations(self.asked, len(self.now), self.steps)
            return [RelaxedRule(rule=rule.said(side), by=by) for rule, side, by in found]
        budget = self.rules.budget
        if budget is None:
            return []
        rule = Label(f"bonuses come to at most {budget}", f"奖金总额不高于 {in_words(budget, 'zh')}")
        least = Money.from_units(min(self.cost_of.values()), budget.currency)
        return [RelaxedRule(rule=rule, by=least - budget)]


def _tied(grades: Sequence[int]) -> Fraction | None:
    """The share of pairs who have the same grade."""
    pairs = len(grades) * (len(grades) - 1)
    if not pairs or min(grades) < 0:
        return None
    return Fraction(sum(count * (count - 1) for count in Counter(grades).values()), pairs)
