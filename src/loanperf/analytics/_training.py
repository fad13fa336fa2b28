"""Training: (figures of people, who was trained when) -> what changed beside people who were not trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import floor, log10
from typing import Any, Literal, TypeAlias

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from loanperf._charts import intervals
from loanperf._data import PlainData
from loanperf._explanations import Label, Language
from loanperf._periods import Period
from loanperf._quantities import percent
from loanperf._validators import must_be, must_be_in_both
from loanperf.analytics._findings import (
    SMALLEST,
    Analysis,
    AnalysisColumn,
    Exact,
    Finding,
    Interval,
    column,
    filled,
    must_be_from,
    said,
    unit_between,
)
from loanperf.analytics._forecast import PastValues
from loanperf.analytics._person_periods import above_and_below, people_seen, periods_of
from loanperf.analytics._regression import Coefficient
from loanperf.analytics._statistics import Floats, near
from loanperf.analytics._training_windows import NEVER, TrainingWindows, numbers_of, times_of, windows
from loanperf.analytics._training_words import METHOD_NAMES, WORDS
from loanperf.errors import DataError, shown
from loanperf.viewer import Viewer

TrainingKind: TypeAlias = Literal["covariance", "differences", "alone", "last quarter", "earlier", "move", "placebo"]
_LEVEL, _POWER = Fraction(95, 100), 0.8
_DIGITS = 2
"""Figures are rounded to so many digits more than the first one in which people differ."""
_MOST_PLACES = 8
"""No figure has more decimals."""


@frozen(kw_only=True)
class TrainingEstimate(PlainData):
    """The difference of trained from untrained people, by one way of comparing them."""

    kind: TrainingKind
    """`covariance`: after training, of people who were alike before; this one counts. `differences` and `alone`: after
    less before, beside the others or not. `last quarter` and `earlier`: before training, and `move`: the one less the
    other. `placebo`: as `covariance`, of
    a quarter in which training can have had no effect."""
    value: Fraction
    """Trained less untrained: below zero where the trained are lower."""
    low: Fraction
    """The lower end of the 95% interval."""
    high: Fraction
    trained: int
    untrained: int
    """The number of untrained people with whom they are compared; 0 where they are compared with themselves."""

    @property
    def stands_out(self) -> bool:
        """Whether the interval does not hold 0."""
        return not self.low <= 0 <= self.high


@frozen(kw_only=True)
class TrainingProjection(PlainData):
    """The figure of all people, trained or not, if those still untrained gained as much."""

    now: Fraction
    """The figure of all in the last quarter."""
    share: Fraction
    """The part of the denominators, or without them of people, that is of those still untrained; 0 to 1."""
    expected: Fraction
    """The figure of all with the effect; of a ratio 0 or more."""
    low: Fraction
    high: Fraction


@frozen(kw_only=True, repr=False)
class TrainingEffect(Analysis):
    """What changed with a training, and how far that may be chance or the choice of whom to send."""

    findings: tuple[Finding, ...]
    what: Label
    """What is looked at, such as the NPL ratio."""
    unit: str
    """`%` of ratios, whose differences are in percentage points; or the unit of the values."""
    earlier: int
    """How many periods before the last quarter before training are looked at."""
    after: int
    """How many periods after the one of training are looked at."""
    estimates: tuple[TrainingEstimate, ...]
    detectable: Fraction
    """The smallest effect that is found in four cases of five, in percentage points of ratios."""
    projection: TrainingProjection | None = None
    """The effect projected on all; None where no effect is shown, or the denominators of a ratio are not given."""

    def of(self, kind: TrainingKind) -> TrainingEstimate:
        """The estimate of one way of comparing.

        Raises:
            DataError: there is none, as of a placebo for which figures are too few.
        """
        for one in self.estimates:
            if one.kind == kind:
                return one
        known = ", ".join(one.kind for one in self.estimates)
        raise DataError(f"the estimate {kind!r}", "there is none", f"name one of: {known}")

    @property
    def shows_effect(self) -> bool:
        """Whether an effect is told from chance, and the placebo shows none."""
        false = any(one.kind == "placebo" and one.stands_out for one in self.estimates)
        return self.of("covariance").stands_out and not false

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """A table with a row for each way of comparing."""
        every, by = self.estimates, unit_between(self.unit)
        return (
            column(WORDS, "kind", (METHOD_NAMES[one.kind] for one in every)),
            *(column(WORDS, code, (getattr(one, code) for one in every), by) for code in ("value", "low", "high")),
            *(column(WORDS, code, (getattr(one, code) for one in every)) for code in ("trained", "untrained")),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """Each difference with its interval; those before training by colour. Of ratios in percentage points."""
        times = 100 if self.unit == "%" else 1
        rows = [
            (
                METHOD_NAMES[one.kind].to(language),
                WORDS["after training" if one.kind in _AFTER else "before training"].to(language),
                one.value * times,
                one.low * times,
                one.high * times,
            )
            for one in self.estimates
        ]
        return intervals(rows, across=self.what.to(language))


_AFTER = ("covariance", "differences", "alone")


def training_effect(
    history: PastValues,
    trained: Mapping[str, Period | str],
    *,
    what: Label,
    viewer: Viewer,
    after: int = 6,
    smallest: int = SMALLEST,
) -> TrainingEffect:
    """The effect of a training: how people differ after it from untrained people who were alike before it.

    Regression to the mean is not taken for an effect: whoever is sent after a bad quarter does better in the next one,
    trained or not. So what people come to after training is compared at the same last quarter before it, and the same
    level before that (analysis of covariance). Beside it stand difference in differences, how trained and untrained
    differed before, a placebo, and the smallest effect that could have been found. Nothing is drawn by chance; the
    order of people and periods does not matter.

    Args:
        history: what people came to by month or quarter: of a ratio with `out_of`, so that windows are sums over sums
            and all can be projected; without it each period counts alike.
        trained: by payee the period in which they were trained, which counts neither before nor after. Who is trained
            later is compared as untrained; so the periods looked at end where the next are trained.
        what: what the figures are, such as the NPL ratio.
        viewer: who looks; only payees whom the viewer may see take part.
        after: how many periods after training are looked at, at most, 1 to 24; all that there are before it are, two
            quarters or more.
        smallest: how many trained, and how many untrained, there must be; 2 or more.

    Raises:
        DataError: nobody or everybody was trained, too few of them have figures before and after, figures do not
            differ, who was trained follows from what they came to before, a ratio has nothing below, or an argument
            cannot be used.

    >>> months = [Period.month(2026, number) for number in range(1, 13)]
    >>> bad = {f"p{who:02}": {month: 6 + (who * place) % 7 for place, month in enumerate(months)} for who in range(16)}
    >>> for place in range(6, 12):
    ...     for who in range(0, 16, 2):
    ...         bad[f"p{who:02}"][months[place]] -= 4
    >>> found = training_effect(
    ...     PastValues(values=bad, unit=""),
    ...     {f"p{who:02}": "2026-07" for who in range(0, 16, 2)},
    ...     what=Label("bad loans", "不良贷款笔数"),
    ...     viewer=Viewer(who="hr", sees="all"),
    ...     after=5,
    ... )
    >>> found.of("covariance").stands_out, found.of("covariance").trained
    (True, 8)
    """
    must_be_from(after, "after", 1, 24)
    must_be_from(smallest, "smallest", 2, 10**6)
    people = _Figures.of(history, _when(trained), viewer, what)
    rows, lost, late = _compared(people, after, smallest)
    places = _places(rows, history.unit)
    found = _estimated(rows, what, history.unit, after, smallest, places)
    if found.shows_effect and (history.unit != "%" or history.out_of is not None):
        found = evolve(found, projection=_projected(found, people, places))
    return evolve(found, findings=tuple(_findings(found, lost, late)))


# ── what is given ───────────────────────────────────────────────────────────────────────────────────────────


def _when(trained: Mapping[str, Period | str]) -> dict[str, Period]:
    """When each was trained.

    Raises:
        DataError: it is no mapping of payees to periods, or empty.
    """
    remedy = "pass a mapping of payees to the period of their training, such as {'p1': '2026-03'}"
    must_be(trained, Mapping, "trained", remedy)
    if not trained:
        raise DataError("trained", "nobody was trained", remedy)
    found = {}
    for code, given in trained.items():
        must_be(code, str, "a payee who was trained", remedy)
        period: Any = given
        if not isinstance(period, Period | str):
            raise DataError("trained", f"{shown(code)} has {shown(period)}", remedy)
        found[code] = period if isinstance(period, Period) else Period.parse(period)
    return found


@frozen(eq=False)
class _Figures:
    """Whom the viewer may see, with their figures and when they were trained."""

    periods: tuple[Period, ...]
    figures: tuple[Floats, Floats]
    """What stands above and below: a row a person, a column a period."""
    when: NDArray[np.int64]
    """The number of the period of training of each person; very large for never."""

    @classmethod
    def of(cls, history: PastValues, trained: Mapping[str, Period], viewer: Viewer, what: Label) -> _Figures:
        """Raises DataError where an argument cannot be used, or nobody or everybody was trained."""
        must_be(history, PastValues, "the history", "pass a PastValues")
        must_be(viewer, Viewer, "viewer", "pass a loanperf.viewer.Viewer")
        must_be_in_both("what", what)
        if unknown := sorted(set(trained) - set(history.values)):
            fault = f"there are no figures of {unknown[0]!r}"
            raise DataError("trained", fault, "give them, or leave out that payee")
        periods, people = periods_of([history]), people_seen([history], viewer)
        numbers = numbers_of(trained, periods)
        when = np.array([numbers.get(code, NEVER) for code in people], dtype=np.int64)
        if (when >= len(periods)).all():
            raise DataError("trained", "nobody was trained by the last of these periods", "give later figures")
        if (when < len(periods)).all():
            remedy = "give the figures of people who were not trained, or not yet"
            raise DataError("trained", "everybody was trained: there is nobody to compare with", remedy)
        return cls(periods, above_and_below(history, what.en, people, periods), when)


def _compared(people: _Figures, after: int, smallest: int) -> tuple[TrainingWindows, tuple[int, int], int]:
    """The rows that are compared; how many trained and untrained lack figures; how many were trained too early or late.

    Raises:
        DataError: periods before or after training, or people, are too few.
    """
    quarter = 3 // people.periods[0].months
    width, when = len(people.periods), people.when
    times = times_of(when.tolist(), width, quarter, after)
    if not times:
        first, *others = sorted({int(one) for one in when if 0 <= one < width}) or [0]
        until = (others[0] if others else width) - 1 - first
        fault = f"there are {first} periods before the first training and {until} after it, to the next or the end"
        raise DataError("the history", fault, f"give {2 * quarter} before and {after} after, or ask for fewer after")
    rows, there = windows(people.figures, when, times, quarter)
    kept = rows.keep(there)
    for name, count in (("trained", kept.trained), ("untrained", kept.untrained)):
        if count < smallest:
            fault = f"{count} have figures in the last quarter before training, before that and after it"
            raise DataError(f"the {name} people", fault, f"give {smallest} or more, or state another smallest")
    late = int(((when < width) & ~np.isin(when, [*times])).sum())
    return kept, (rows.trained - kept.trained, rows.untrained - kept.untrained), late


# ── estimates ───────────────────────────────────────────────────────────────────────────────────────────────


def _places(rows: TrainingWindows, unit: str) -> int:
    """To how many decimals figures are rounded: four of ratios, else two; more where people differ by little.

    Raises:
        DataError: to eight decimals they do not differ after training.
    """
    apart = float(np.ptp(rows.after))
    if not near(apart, _MOST_PLACES):
        fault = f"after training it is the same for everybody to {_MOST_PLACES} decimals, so that nothing can be said"
        raise DataError("the history", fault, "compare something that differs, or give it in a smaller unit")
    return min(_MOST_PLACES, max(4 if unit == "%" else 2, _DIGITS - floor(log10(apart))))


def _estimated(rows: TrainingWindows, what: Label, unit: str, after: int, smallest: int, places: int) -> TrainingEffect:
    """All ways of comparing, without findings.

    Raises:
        DataError: who was trained follows from the figures.
    """
    main = rows.compared(rows.after, [rows.last, rows.earlier])
    if main is None:
        fault = "who was trained follows from what they came to before, so that nobody is alike"
        raise DataError("trained", fault, "compare with people who came to the same before")
    if not main.error:
        fault = "figures after training follow from those before without any chance, so that nothing can be said"
        raise DataError("the history", fault, "check that these are figures of people")
    found: dict[TrainingKind, Coefficient | None] = {
        "covariance": main,
        "differences": rows.compared(rows.after - rows.both),
        "alone": rows.alone(),
        "last quarter": rows.compared(rows.last),
        "earlier": rows.compared(rows.earlier),
        "move": rows.compared(rows.last - rows.earlier),
        "placebo": rows.placebo(smallest),
    }
    estimates = [_estimate(kind, one, rows, places) for kind, one in found.items() if one is not None]
    return TrainingEffect(
        findings=(),
        what=what,
        unit=unit,
        earlier=rows.before - rows.quarter,
        after=after,
        estimates=tuple(estimates),
        detectable=near(main.detectable(_POWER, float(_LEVEL)), places),
    )


def _estimate(kind: TrainingKind, one: Coefficient, rows: TrainingWindows, places: int) -> TrainingEstimate:
    low, high = one.interval(float(_LEVEL))
    value, low_end, high_end = (near(end, places) for end in (one.value, low, high))
    untrained = 0 if kind == "alone" else rows.untrained
    return TrainingEstimate(
        kind=kind, value=value, low=low_end, high=high_end, trained=rows.trained, untrained=untrained
    )


def _projected(found: TrainingEffect, people: _Figures, places: int) -> TrainingProjection:
    """What all come to in the last quarter of the figures, and with the effect for those still untrained."""
    quarter = 3 // people.periods[0].months
    above, below = (np.nan_to_num(part[:, -quarter:]) for part in people.figures)
    waiting = people.when >= len(people.periods)
    now, share = above.sum() / below.sum(), below[waiting].sum() / below.sum()
    effect = found.of("covariance")
    ends = (now + share * float(end) for end in (effect.value, effect.low, effect.high))
    expected, low, high = (near(max(end, 0.0) if found.unit == "%" else end, places) for end in ends)
    return TrainingProjection(now=near(now, places), share=near(share, 3), expected=expected, low=low, high=high)


# ── findings ────────────────────────────────────────────────────────────────────────────────────────────────


def _findings(found: TrainingEffect, lost: tuple[int, int], late: int) -> Iterator[Finding]:
    main = found.of("covariance")
    outcome = "effect" if found.shows_effect else "doubtful" if main.stands_out else "no effect"
    size = filled(
        WORDS["size"],
        least=_by(found.detectable, found),
        trained=main.trained,
        untrained=main.untrained,
        after=found.after,
    )
    way = WORDS["lower" if main.value < 0 else "higher"]
    label = filled(WORDS[outcome], what=found.what, by=_by(abs(main.value), found), way=way, size=size)
    yield _of(label, main, found, "ancova")
    yield _chosen(found)
    placebo = [one for one in found.estimates if one.kind == "placebo"]
    for one in placebo:
        yield _of(filled(WORDS["placebo"], value=_by(one.value, found)), one, found, "placebo")
    if not placebo:
        yield _counted(WORDS["no placebo"], main.trained + main.untrained)
    did, alone = found.of("differences"), found.of("alone")
    values = {"value": _by(did.value, found), "alone": _by(alone.value, found)}
    yield _of(filled(WORDS["did"], **values), did, found, "did")
    if found.projection is not None:
        yield _of_projection(found, found.projection)
    elif found.shows_effect:
        yield _counted(filled(WORDS["not projected"], what=found.what), main.trained + main.untrained)
    if sum(lost):
        yield _counted(filled(WORDS["lost"], trained=lost[0], untrained=lost[1]), sum(lost))
    if late:
        yield _counted(filled(WORDS["too late"], count=late), late)


def _chosen(found: TrainingEffect) -> Finding:
    """How trained and untrained differed before."""
    move = found.of("move")
    label = filled(
        WORDS["chosen"],
        what=found.what,
        last=_by(found.of("last quarter").value, found),
        earlier=_by(found.of("earlier").value, found),
        change=_by(move.value, found),
        before=found.earlier,
        how=WORDS["worst sent" if move.stands_out else "alike"],
    )
    return _of(label, move, found, "gap")


def _of_projection(found: TrainingEffect, projection: TrainingProjection) -> Finding:
    main = found.of("covariance")
    label = filled(
        WORDS["projected"],
        what=found.what,
        share=percent(projection.share, 1),
        base=WORDS["base" if found.unit == "%" else "people base"],
        now=said(projection.now, found.unit),
        to=said(projection.expected, found.unit),
    )
    return Finding(
        label=label,
        n=main.trained + main.untrained,
        certainty=Interval(low=projection.low, high=projection.high, level=_LEVEL, unit=found.unit),
        method=WORDS["method projected"],
        limits=WORDS["limits projected"],
    )


def _of(label: Label, one: TrainingEstimate, found: TrainingEffect, method: str) -> Finding:
    return Finding(
        label=label,
        n=one.trained + one.untrained,
        certainty=Interval(low=one.low, high=one.high, level=_LEVEL, unit=unit_between(found.unit)),
        method=WORDS[f"method {method}"],
        limits=WORDS["limits"],
    )


def _counted(label: Label, count: int) -> Finding:
    return Finding(label=label, n=count, certainty=Exact(), method=WORDS["counted"], limits=WORDS["limits counted"])


def _by(value: Fraction, found: TrainingEffect) -> Label:
    return said(value, unit_between(found.unit))
