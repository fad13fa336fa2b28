"""Moved: (two versions of a scheme, readings of one past period) -> what each person had and would have had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen

from loanperf._appraisal import Appraisals, appraise_all
from loanperf._bonus import Awards, award_all
from loanperf._data import PlainData
from loanperf._explanations import RULES, Explanation, Label, because
from loanperf._org import Organisation
from loanperf._periods import Period
from loanperf._quantities import Money, number, plain
from loanperf._scheme import Scheme
from loanperf._scorecard import Card
from loanperf._tables._columns import Table, column_of
from loanperf._tables._given import table_of
from loanperf._tables._units import NO_UNITS, Units
from loanperf._tables._values import of_fractions
from loanperf._validators import is_a, must_be
from loanperf.errors import DataError, LoanPerfError, Problem, shown
from loanperf.viewer import Viewer, must_be_viewer

NOBODY_CHANGES = RULES["moved.nobody changes"]
"""What has to be known of every such comparison."""
_Outcome = tuple[Decimal, str, Money | None]
"""Score, code of the grade, bonus."""


def _exact_rows(rows: Any) -> Any:
    """Rows with each list that has Fractions or Decimals as a column of exact numbers."""
    if not isinstance(rows, Mapping):
        return rows
    return {name: _exact_column(name, values) for name, values in rows.items()}


def _exact_column(name: object, values: Any) -> Any:
    if not isinstance(values, list | tuple) or not any(isinstance(value, Fraction | Decimal) for value in values):
        return values
    found = list[Fraction | None]()
    for row, value in enumerate(values):
        try:
            found.append(value if value is None or isinstance(value, Fraction) else number(value))
        except LoanPerfError as error:
            fault = f"row {row} of the column {name} is {shown(value)}: {error}"
            raise DataError("PastPeriod.rows", fault, "pass exact numbers, such as Fraction(5, 2)") from None
    column = of_fractions(found)
    # As of decimals without and with places: the heading says what they count.
    return evolve(column, scale=None) if column.scale == 1 else evolve(column, bare=True)


@frozen(kw_only=True, eq=False)
class PastPeriod:
    """What was measured and asked of people in a period that has passed."""

    period: Period = field(validator=is_a(Period))
    rows: Any = field(converter=_exact_rows)
    """A row a payee, as `lp.appraise_all` takes them: `payee`, readings, targets where they are not the scheme's, and
    what the bonus is taken of: `month`, `base`, `days`, `of_days`. Lists may have Fractions and Decimals too."""
    organisation: Organisation | None = field(default=None)
    """Who holds which role where: each payee's card is that of their first primary assignment in the period. Without it
    all have the card that the scheme gives to who has no role and no unit."""
    units: Units = field(default=NO_UNITS)
    """Units of columns, as of `lp.appraise_all`."""


@frozen(kw_only=True)
class PayMove(PlainData):
    """What one person had by one version, and would have had by the other."""

    payee: str
    score_before: Decimal
    score_after: Decimal
    grade_before: str
    """The code; empty where the version has no grades."""
    grade_after: str
    bonus_before: Money | None
    """None where the version has no bonus plan."""
    bonus_after: Money | None

    @property
    def score_difference(self) -> Decimal:
        """After less before, in points."""
        return self.score_after - self.score_before

    @property
    def bonus_difference(self) -> Money | None:
        """After less before; None where one of the versions has no bonus plan."""
        if self.bonus_before is None or self.bonus_after is None:
            return None
        return self.bonus_after - self.bonus_before

    @property
    def direction(self) -> int:
        """1 where they would have had more, -1 less, 0 the same: of the bonus, or of the score where there is none."""
        more, zero = self.bonus_difference, self.score_difference.compare(Decimal(0))
        if more is None:
            return int(zero)
        return (more.units > 0) - (more.units < 0)

    def explain(self) -> Explanation:
        """The move in words."""
        values: dict[str, str | Label] = {
            "payee": self.payee,
            "before": _points(self.score_before),
            "after": _points(self.score_after),
            "difference": _points(self.score_difference, sign=True),
        }
        reasons = []
        if self.grade_before != self.grade_after:
            reasons.append(because("moved.grade", {"before": self.grade_before, "after": self.grade_after}))
        if self.bonus_difference is not None:
            reasons.append(because("moved.bonus", _amounts(self.bonus_before, self.bonus_after, self.bonus_difference)))
        return because("moved.payee", values, *reasons)


@frozen(kw_only=True)
class PayMoves(PlainData):
    """Whom a new version would have moved in a past period, of those whom the viewer may see."""

    period: Period
    base: str
    """Fingerprint of the version that held."""
    version: str
    """Fingerprint of the version that is compared with it."""
    people: tuple[PayMove, ...]
    """In the order of the rows."""
    unscored: tuple[Problem, ...]
    """Who has no score by the version that held, and why; they are in no sum."""

    @property
    def caveat(self) -> Label:
        """What has to be said with these figures."""
        return NOBODY_CHANGES

    @property
    def gain(self) -> int:
        """How many would have had more."""
        return sum(one.direction > 0 for one in self.people)

    @property
    def lose(self) -> int:
        """How many would have had less."""
        return sum(one.direction < 0 for one in self.people)

    @property
    def same(self) -> int:
        """How many would have had the same."""
        return sum(one.direction == 0 for one in self.people)

    @property
    def regraded(self) -> int:
        """How many would have had another grade."""
        return sum(one.grade_before != one.grade_after for one in self.people)

    @property
    def before(self) -> Money | None:
        """The sum of the bonuses that were earned; None where there are none."""
        return _sum(one.bonus_before for one in self.people)

    @property
    def after(self) -> Money | None:
        """The sum of the bonuses that would have been earned."""
        return _sum(one.bonus_after for one in self.people)

    @property
    def difference(self) -> Money | None:
        """After less before; None where one of the versions has no bonus plan."""
        return _sum(one.bonus_difference for one in self.people)

    def explain(self) -> Explanation:
        """Whom it moves, in words: what has to be known of it first, then sums, then each person."""
        counts = {"gain": self.gain, "lose": self.lose, "same": self.same, "regraded": self.regraded}
        values = {"period": str(self.period)} | {name: str(count) for name, count in counts.items()}
        reasons = [because("moved.nobody changes", {})]
        if self.difference is not None:
            reasons.append(because("moved.sum", _amounts(self.before, self.after, self.difference)))
        reasons += [one.explain() for one in self.people]
        reasons += [because("moved.unscored", {"payee": one.payee, "fault": one.fault}) for one in self.unscored]
        return because("moved", values, *reasons)


def whom_it_moves(before: Scheme, after: Scheme, past: PastPeriod, *, viewer: Viewer) -> PayMoves:
    """What each person had in a past period by one version of a scheme, and would have had by another.

    Both versions are worked over the same readings and targets, by `lp.appraise_all` and `lp.award_all`. Nobody changes
    what they do in it.

    Args:
        before: the version that held in the period.
        after: the version to compare, taken as if it had held then; phases are those of that time.
        past: readings, targets and salaries.
        viewer: sees the moves of those whom they may see; sums and counts are theirs.

    Raises:
        DataError: rows that name no payee, one twice, or somebody without an assignment in the period; somebody who has
            a score or bonus by one version and cannot have one by the other, since the readings lack what it looks at.
        ResolveError: the version that held did not hold in the period, or gives somebody no card.

    >>> import loanperf as lp
    >>> old = lp.template("worked-example")
    >>> new = old.rebalance("standard", {"npl_ratio": "25%", "retention_rate": "25%"}, effective="2026-07-01")
    >>> rows = {"payee": ["lin"], "loan_amount(元)": [1200000], "npl_ratio(%)": [2], "retention_rate(%)": [85]}
    >>> past = PastPeriod(period=Period.month(2026, 6), rows={**rows, "month(元)": [8000]})
    >>> moves = whom_it_moves(old, new, past, viewer=Viewer(who="hr", sees="all"))
    >>> [(str(one.score_before), str(one.score_after), str(one.bonus_difference)) for one in moves.people]
    [('121.2', '119.9', '-10.40 CNY')]
    """
    for given in (before, after):
        must_be(given, Scheme, "a version of the scheme", "pass two of lp.Scheme")
    must_be(past, PastPeriod, "the past period", "pass loanperf.learning.PastPeriod(period=..., rows=...)")
    must_be_viewer(viewer)
    table = table_of(past.rows, "rows")
    if (before.name, before.currency) != (after.name, after.currency):
        fault = f"one is {before.name!r} in {before.currency}, the other {after.name!r} in {after.currency}"
        raise DataError("two versions of a scheme", fault, "pass versions of one scheme")
    was = _WorkedVersion.of(before, past, table)
    now = _WorkedVersion.of(evolve(after, effective=before.effective, until=before.until), past, table)
    seen = [row for row in range(table.rows) if viewer.may_see(was.scored.payee(row))]
    return PayMoves(
        period=past.period,
        base=before.fingerprint,
        version=after.fingerprint,
        people=tuple(_move(was, now, row, after) for row in seen if was.scored.ok[row]),
        unscored=tuple(was.faults[row] for row in seen if not was.scored.ok[row]),
    )


def _move(was: _WorkedVersion, now: _WorkedVersion, row: int, after: Scheme) -> PayMove:
    """What a row had by one version, and would have had by the other.

    Raises:
        DataError: the other gives no score.
        LoanPerfError: one of them has a bonus plan and gives no bonus.
    """
    if not now.scored.ok[row]:
        fault, remedy = now.faults[row].fault, now.faults[row].remedy
        where = f"the past period, payee {was.scored.payee(row)}"
        fault = f"the version from {after.effective} gives no score: {fault}"
        raise DataError(where, fault, f"pass the readings and targets that it looks at: {remedy}")
    old, new = was.outcome(row), now.outcome(row)
    return PayMove(
        payee=was.scored.payee(row),
        score_before=old[0],
        score_after=new[0],
        grade_before=old[1],
        grade_after=new[1],
        bonus_before=old[2],
        bonus_after=new[2],
    )


@frozen(kw_only=True, eq=False)
class _WorkedVersion:
    """The rows of a period worked by one version."""

    scored: Appraisals
    awards: Awards | None
    """None where no card has a bonus plan."""
    faults: Mapping[int, Problem]
    """Why a row has no score."""

    @classmethod
    def of(cls, scheme: Scheme, past: PastPeriod, table: Table) -> _WorkedVersion:
        cards, keys = past_cards(scheme, past, table)
        columns = {**table.columns, "card": column_of(keys, "rows.card")}
        scored = appraise_all(cards, evolve(table, columns=columns), units=past.units)
        pays = any(card.bonus is not None for card in cards.values())
        awards = award_all(scored) if pays else None
        places = [row for row, _, _ in scored.faulty]
        return cls(scored=scored, awards=awards, faults=dict(zip(places, scored.problems, strict=True)))

    def outcome(self, row: int) -> _Outcome:
        """Score, grade and bonus of a row.

        Raises:
            LoanPerfError: it has a plan and no bonus, such as where a salary is missing.
        """
        scored, card = self.scored, self.scored.card(row)
        score, place = Decimal(int(scored.score[row])).scaleb(-scored.places), int(scored.grade[row])
        grade = card.grades[place].code if place >= 0 else ""
        if self.awards is None or card.bonus is None:
            return score, grade, None
        if not self.awards.ok[row]:
            return score, grade, self.awards.award(row).amount
        return score, grade, Money.from_units(int(self.awards.amount[row]), card.currency)


def past_cards(scheme: Scheme, past: PastPeriod, table: Table) -> tuple[dict[str, Card], list[str]]:
    """The cards of a version in a past period by word, and the word of each row.

    Args:
        scheme: held in the period.
        past: the period, and who held which role in it.
        table: the rows of the period.

    Raises:
        DataError: rows that name no payee, one twice, or somebody without an assignment in the period.
        ResolveError: the version did not hold in the period, or gives somebody no card.
    """
    if "payee" not in table:
        raise DataError("the past period", "its rows name no payees", "pass a column 'payee'")
    payees = [str(table["payee"].at(row) or "") for row in range(table.rows)]
    twice = sorted({payee for payee in payees if payees.count(payee) > 1}) if len(set(payees)) < len(payees) else []
    if twice or not all(payees):
        fault = f"{twice[0]} is there twice" if twice else "a row names nobody"
        raise DataError("the past period", fault, "pass one row a payee")
    cards, keys, held = dict[str, Card](), list[str](), past.organisation
    if held is None:
        return {"all": scheme.resolve(period=past.period)}, ["all"] * table.rows
    known = dict[tuple[object, ...], str]()
    for payee in payees:
        parts = held.assignments_in(payee, past.period)
        if not parts:
            fault = f"the organisation has no assignment of {payee} in {past.period}"
            raise DataError("the past period", fault, "leave the row out, or pass the organisation of that time")
        mine, part = parts[0]
        path = held.path(mine.unit, part.start) if held.units else ()
        key = (mine.role, mine.product_line, mine.tier, path)
        if key not in known:
            known[key] = str(len(known))
            cards[known[key]] = scheme.resolve(
                period=past.period, role=mine.role, product_line=mine.product_line, tier=mine.tier, units=path
            )
        keys.append(known[key])
    return cards, keys


def _sum(amounts: Iterable[Money | None]) -> Money | None:
    """The sum of amounts; None where there are none, or one is missing."""
    found = list(amounts)
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    return Money.from_units(sum(one.units for one in known), known[0].currency)


def _points(value: Decimal, *, sign: bool = False) -> str:
    text = plain(Fraction(value))
    return f"+{text}" if sign and value > 0 else text


def _amounts(before: Money | None, after: Money | None, difference: Money) -> dict[str, str | Label]:
    return {"before": str(before), "after": str(after), "difference": str(difference)}
