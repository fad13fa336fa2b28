"""Follow: (results, a day) -> where each payee stands in the course of the period, and each unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache, cached_property, partial
from operator import attrgetter
from typing import Any, overload

from attrs import evolve, field, frozen

from loanperf._appraisal import ScoredLine
from loanperf._commission import Accrual, Accruals
from loanperf._explanations import Explanation, Label, because, printed
from loanperf._facts import Facts, SalesLead, Training
from loanperf._indicators import Direction, Indicator, Kind, Reading, combine
from loanperf._ledger import HeldCohort, Ledger, statement
from loanperf._org import Organisation
from loanperf._pace import EVENLY, Pace
from loanperf._periods import Period, day, must_be_in
from loanperf._quantities import Quantity
from loanperf._scorecard import value_of
from loanperf._tables._columns import CameAs, Column
from loanperf._tables._exact import decimals_of
from loanperf._tables._frames import like
from loanperf._tables._values import of_days, of_own_texts
from loanperf._targets import Target
from loanperf._validators import must_be
from loanperf.errors import DataError, Problem, UnknownPayeeError
from loanperf.progress._ahead import outlook, outlook_of, steps_ahead
from loanperf.progress._limits import limits_of, limits_of_commission, limits_of_risk
from loanperf.progress._next_loan import PayBasis, commission_of
from loanperf.progress._parts import IndicatorProgress, MemberProgress, Outlook, Support, TierProgress, summed
from loanperf.progress._progress import Progress
from loanperf.progress._tiers import tiers_of
from loanperf.run import Result, Results

WHOLE = Label("a stock is due whole", "时点指标按目标全额")
"""What is said of how the target of a stock falls due."""


@frozen(eq=False, kw_only=True)
class Progresses(Sequence[Progress]):
    """Where everybody stands, in order of payee, then date; a sequence of `Progress`, each made when it is asked for.

    They are equal to others, or to a tuple of rows, of which each says the same.
    """

    results: Results
    """What everybody came to so far."""
    _made: Callable[[Result], Progress] = field(repr=False)
    _known: dict[int, Progress] = field(factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Progress]:
        return map(self._at, range(len(self)))

    @overload
    def __getitem__(self, place: int) -> Progress: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Progress, ...]: ...
    def __getitem__(self, place: int | slice) -> Progress | tuple[Progress, ...]:
        found = range(len(self))[place]
        return self._at(found) if isinstance(found, int) else tuple(map(self._at, found))

    def _at(self, place: int) -> Progress:
        if place not in self._known:
            self._known[place] = self._made(self.results[place])
        return self._known[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Progresses | tuple):
            return NotImplemented
        return tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    _repr_pretty_ = printed

    def __repr__(self) -> str:
        return f"Progresses({len(self)})"

    @cached_property
    def _places(self) -> Mapping[str, list[int]]:
        found = defaultdict[str, list[int]](list)
        for place, payee in enumerate(self.results.payees):
            found[payee].append(place)
        return found

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What kept assignments from having a result, and so a progress."""
        return self.results.problems

    def of(self, payee: str) -> tuple[Progress, ...]:
        """Where a payee stands, one an assignment, in order of date; none for somebody who has no result."""
        return tuple(map(self._at, self._places.get(payee, ())))

    def explain(self, payee: str) -> Explanation:
        """Where a payee stands, and below it why the score and bonus so far are what they are, down to the facts.

        Raises:
            UnknownPayeeError: there is none of that payee; it names those who have one.
        """
        mine = self.of(payee)
        if not mine:
            raise UnknownPayeeError(payee, sorted(self._places))
        nodes = [
            evolve(node := one.explain(), because=(*node.because, result.explain()))
            for one, result in zip(mine, self.results.of(payee), strict=True)
        ]
        return nodes[0] if len(nodes) == 1 else because("results", {"payee": payee, "count": str(len(nodes))}, *nodes)

    def frame(self, came_as: CameAs | None = None) -> Any:
        """Where everybody stands as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row an indicator of a result: `payee`, `name`, `start` and `end` (the day after the last one), `as_of`,
            `indicator`, and of the nearest float64, in the unit of the indicator: `reading`, `target`, `due`, `ahead`
            and `at_end`; `attainment` and `part_due` of 1; `points`. What there is not is missing.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        rows = [(one, line) for one in self for line in one.indicators]
        columns: dict[str, Column] = {
            "payee": of_own_texts([one.who for one, _ in rows]),
            "name": of_own_texts([one.name for one, _ in rows]),
            "start": of_days([one.period.start for one, _ in rows]),
            "end": of_days([one.period.end for one, _ in rows]),
            "as_of": of_days([one.as_of for one, _ in rows]),
            "indicator": of_own_texts([line.indicator.code for _, line in rows]),
        }
        for name in ("reading", "target", "due", "ahead", "at_end"):
            values = [getattr(line, name) for _, line in rows]
            columns[name] = decimals_of([None if value is None else value.value for value in values])
        columns["attainment"] = decimals_of([line.attainment for _, line in rows])
        columns["part_due"] = decimals_of([line.part_due for _, line in rows])
        columns["points"] = decimals_of([None if line.points is None else Fraction(line.points) for _, line in rows])
        return like(came_as or self.results.came_as, columns)


# ── persons ─────────────────────────────────────────────────────────────────────────────────────────────────


def follow(
    results: Results | Iterable[Result],
    period: Period,
    *,
    as_of: date | str,
    pace: Pace = EVENLY,
    accruals: Accruals | None = None,
    ledger: Ledger | None = None,
    basis: PayBasis | None = None,
    facts: Facts | None = None,
) -> Progresses:
    """Where each payee stands by a day of a period, and what comes next.

    It asks nothing but what was worked already, so that it does not matter whether a run, a dry run or a tracker did.
    What is due of a flow is target × the part that `pace` says, of a stock the target itself. The reading expected at
    the end of a flow is reading / that part. What leads on is found by appraising and awarding other readings.

    Args:
        results: what everybody came to so far, such as `run.results` or `tracker.results()`.
        period: which was worked.
        as_of: the last day that has passed, in the period; its last day once it is over.
        pace: what part of a target is due by then; by days of the calendar where nothing is said.
        accruals: commissions so far, such as `run.accruals`; without them nothing is said of commission and tiers.
        ledger: what was posted, such as `run.ledger`; without it nothing is said of what is held. With accruals it says
            when something is released next.
        basis: what commission is worked from; with it each tier says what a loan up to the next tier would earn. All
            commission is worked once more for that, when the progress of a payee is looked at.
        facts: of which leads and trainings are shown beside the targets; a tracker passes its own.

    Raises:
        DataError: something is of another class, the pace has no working day, or the basis lacks facts of a payee.
        PeriodError: `as_of` is no day of the period.

    >>> import loanperf as lp
    >>> from loanperf.tracker import Tracker, Watch
    >>> book = lp.SchemeBook([lp.template("worked-example")])
    >>> held = lp.Assignment(payee="lin", unit="e", role="officer", since="2026-01-01", salary="8000 元")
    >>> people = lp.Organisation(assignments=[held], units=[lp.Unit(code="e")])
    >>> watch = Watch(period=lp.Period.month(2026, 4), currency="CNY", schemes=book, organisation=people)
    >>> given = {"loan_amount": "60万元", "npl_ratio": "2%", "retention_rate": "85%"}
    >>> readings = [lp.Reading.of(code, value, subject="lin") for code, value in given.items()]
    >>> results = Tracker.start(watch).results(["lin"], readings=readings)
    >>> (lin,) = follow(results, watch.period, as_of="2026-04-15")
    >>> print(lin.indicator("loan_amount").ahead, lin.indicator("loan_amount").at_end)
    100000 CNY 1200000 CNY
    """
    must_be(period, Period, "the period", "pass one, such as lp.Period.month(2026, 3)")
    must_be(pace, Pace, "the pace", "pass loanperf.progress.Pace(...)")
    found, on = Results.gathered(results), day(as_of)
    must_be_in(on, period)
    for given, kind in ((accruals, Accruals), (ledger, Ledger), (facts, Facts)):
        if given is not None:
            must_be(given, kind, f"the {kind.__name__.lower()}", f"pass lp.{kind.__name__}, or leave it out")
    if basis is not None:
        must_be(basis, PayBasis, "the basis", "pass loanperf.progress.PayBasis(...), or leave it out")
        basis.must_have(*found.payees)
        accruals = basis.accruals() if accruals is None else accruals
    helped = None if facts is None else cache(partial(_helped, facts))
    asked = _Question(period, on, pace, accruals, ledger, basis, _parts_due(pace, on), helped)
    return Progresses(results=found, made=partial(_progress, asked))


_PartDue = Callable[[Period, Indicator], Fraction]


def _parts_due(pace: Pace, as_of: date) -> _PartDue:
    """The part of a target that is due by a day, of each period and indicator worked once."""
    seasonal, known = {season.code for season in pace.seasons}, dict[tuple[Period, str, str], Fraction]()

    def part(period: Period, indicator: Indicator) -> Fraction:
        key = period, indicator.timing, indicator.code if indicator.code in seasonal else ""
        if key not in known:
            known[key] = pace.due_of(indicator, period, as_of)
        return known[key]

    return part


_Helped = Mapping[str, tuple[Sequence[SalesLead], Sequence[Training]]]
"""The leads and trainings of each payee."""


def _helped(facts: Facts) -> _Helped:
    """The leads and trainings of everybody."""
    found = defaultdict[str, tuple[list[SalesLead], list[Training]]](lambda: ([], []))
    for name in ("leads", "trainings"):
        for fact in facts.rows_at(name, slice(None)):
            if isinstance(fact, SalesLead):
                found[fact.payee][0].append(fact)
            elif isinstance(fact, Training):
                found[fact.payee][1].append(fact)
    return found


_BY_DAY = attrgetter("on", "key")


def _supported(asked: _Question, helped: Callable[[], _Helped], payee: str, part: Period) -> Support:
    """What a payee was given on some days of the period, as far as a day has come."""
    leads, trainings = helped().get(payee, ((), ()))
    return Support(
        leads=tuple(sorted((lead for lead in leads if lead.on in part and lead.on <= asked.as_of), key=_BY_DAY)),
        trainings=tuple(sorted((one for one in trainings if one.on in part), key=_BY_DAY)),
        as_of=asked.as_of,
    )


@frozen
class _Question:
    """What progress is asked about."""

    period: Period
    as_of: date
    pace: Pace
    accruals: Accruals | None
    ledger: Ledger | None
    basis: PayBasis | None
    part_due: _PartDue
    helped: Callable[[], _Helped] | None


def _progress(asked: _Question, result: Result) -> Progress:
    """Where one assignment of a payee stands."""
    period, accruals, ledger, helped = asked.period, asked.accruals, asked.ledger, asked.helped
    days = None if result.part == period else (result.part.days, period.days)
    lines = tuple(
        _line(scored, asked.part_due(result.part, scored.line.indicator), asked.pace.named(scored.line.indicator.code))
        for scored in result.appraisal.lines
    )
    mine = [] if accruals is None else [one for one in accruals.of(result.payee) if one.period == period]
    return Progress(
        of="person",
        who=result.payee,
        name=result.name,
        period=result.part,
        as_of=asked.as_of,
        indicators=lines,
        now=outlook_of(result),
        limits=cache(lambda: (*limits_of(result, days), *limits_of_commission(mine))),
        earned=summed(line.amount for line in mine),
        end=cache(partial(_end, result, days, lines)),
        steps=cache(lambda: tuple(steps_ahead(result, days))),
        tiers=() if accruals is None else cache(partial(_tiers, asked, accruals, result.payee, mine)),
        support=None if helped is None else cache(partial(_supported, asked, helped, result.payee, result.part)),
        held=() if ledger is None else cache(partial(held_of, ledger, result.payee, period, accruals)),
    )


def _end(result: Result, days: tuple[int, int] | None, lines: Iterable[IndicatorProgress]) -> Outlook | None:
    """What the readings expected at the end come to; None where nothing is due yet of one of them."""
    readings, expected = {one.indicator: one for one in result.appraisal.readings}, dict[str, Reading]()
    for line in lines:
        reading, code = readings.get(line.indicator.code), line.indicator.code
        if line.reading is None or reading is None:
            continue
        if line.at_end is None:
            return None
        if line.indicator.timing == "flow":
            expected[code] = evolve(reading, numerator=line.at_end.value, denominator=None, parts=None)
    return outlook(result, days, expected)


def _tiers(asked: _Question, accruals: Accruals, payee: str, lines: Sequence[Accrual]) -> tuple[TierProgress, ...]:
    """Where a payee stands in tiers, with what a loan up to the next tier would earn where that can be worked."""
    found, basis = tiers_of(lines), asked.basis
    if basis is None or asked.as_of not in asked.period:
        return found
    worths = (commission_of(basis, payee, tier, asked.as_of, accruals) for tier in found)
    return tuple(evolve(tier, worth=worth) for tier, worth in zip(found, worths, strict=True))


def _line(scored: ScoredLine, part: Fraction, by: Label) -> IndicatorProgress:
    item, reading = scored.line.indicator, None if scored.reading is None else scored.reading.value
    return progress_in(item, reading, scored.target, part, by=by, weight=scored.weight, points=scored.points)


def progress_in(
    indicator: Indicator, reading: Quantity | None, target: Quantity | None, part: Fraction, *, by: Label, **scored: Any
) -> IndicatorProgress:
    """Where somebody stands in one indicator.

    Args:
        indicator: which.
        reading: so far.
        target: for the days that are looked at.
        part: of the target that is due.
        by: what that goes by.
        scored: weight and points.
    """
    due = None if target is None else Quantity(target.value * part, target.unit)
    better = 1 if indicator.direction is Direction.HIGHER else -1
    ahead, at_end, attainment = None, None, None
    if reading is not None and due is not None and target is not None:
        ahead = Quantity(better * (reading.value - due.value), reading.unit)
        attainment = reading.value / target.value if target.value else None
    if reading is not None and part:
        at_end = Quantity(reading.value / part, reading.unit) if indicator.timing == "flow" else reading
    return IndicatorProgress(
        indicator=indicator,
        reading=reading,
        target=target,
        attainment=attainment,
        part_due=part,
        by=by if indicator.timing == "flow" else WHOLE,
        due=due,
        ahead=ahead,
        at_end=at_end,
        **scored,
    )


def held_of(ledger: Ledger, payee: str, period: Period, accruals: Accruals | None = None) -> tuple[HeldCohort, ...]:
    """What a ledger holds of a payee at the end of a period, the oldest first, currency after currency.

    Args:
        ledger: what was posted.
        payee: whose.
        period: at whose end.
        accruals: with them it is known when something is released next.
    """
    return tuple(
        cohort
        for currency in sorted(ledger.currencies(payee))
        for cohort in statement(ledger, payee, period, accruals, currency=currency).held
    )


# ── units ───────────────────────────────────────────────────────────────────────────────────────────────────


def follow_unit(
    progresses: Progresses, unit: str, organisation: Organisation, *, targets: Iterable[Target] = ()
) -> Progress:
    """Where a unit stands: what its members came to together, who belongs to it or to a unit below it on the last day.

    A ratio is the sum of numerators over the sum of denominators, never a mean of ratios; amounts and counts are
    summed. The target is the unit's own where one is given; else the sum of the targets of all members for amounts and
    counts, and for ratios and points the target that all members have. Readings in points, and what a host supplied
    that cannot be summed, are none.

    Args:
        progresses: of everybody, or of the members at least.
        unit: its code.
        organisation: knows who is in it.
        targets: of units, for the period, under the code of the unit as payee.

    Returns:
        A progress without score, limits and steps, since a unit has no card; with its members, whose own progress is
        `progresses.of(payee)`.

    Raises:
        DataError: none of its members has a result, or a target is given twice.
        OrganisationError: there is no such unit.
    """
    on = max((one.part.last_day for one in progresses.results), default=None)
    codes = {*organisation.members(unit, on)} if on is not None else set[str]()
    places = [place for place, payee in enumerate(progresses.results.payees) if payee in codes]
    if not places:
        raise DataError(f"the progress of {unit!r}", "none of its members has a result", "pass progress of its members")
    rows, results = [progresses[place] for place in places], [progresses.results[place] for place in places]
    own = _targets_of(targets, unit)
    by_code = {line.indicator.code: line.indicator for one in rows for line in one.indicators}
    lines = (_of_unit(item, rows, results, own.get(code), unit) for code, item in by_code.items())
    names = {one.code: one.name for one in organisation.units}
    return Progress(
        of="unit",
        who=unit,
        name=names.get(unit) or unit,
        period=Period(min(one.period.start for one in rows), max(one.period.end for one in rows)),
        as_of=rows[0].as_of,
        indicators=tuple(lines),
        now=None,
        support=cache(partial(_support_of, rows)),
        members=tuple(map(_member, rows, results)),
    )


def _support_of(rows: Sequence[Progress]) -> Support | None:
    """The leads and trainings of members together; None where those of none are known."""
    known = [one.support for one in rows if one.support is not None]
    if not known:
        return None
    leads = {lead.key: lead for one in known for lead in one.leads}.values()
    trainings = {training.key: training for one in known for training in one.trainings}.values()
    return Support(
        leads=tuple(sorted(leads, key=_BY_DAY)),
        trainings=tuple(sorted(trainings, key=_BY_DAY)),
        as_of=known[0].as_of,
    )


def _targets_of(targets: Iterable[Target], unit: str) -> dict[str, Target]:
    """The targets of a unit, by code of indicator."""
    found: dict[str, Target] = {}
    for target in targets:
        must_be(target, Target, "a target of a unit", "pass lp.Target(payee=unit, ...)")
        if target.payee == unit and found.setdefault(target.indicator, target) != target:
            where = f"the target of {target.indicator!r} of {unit!r}"
            raise DataError(where, "it is given twice, with two values", "give the true one alone")
    return found


def _of_unit(
    item: Indicator, rows: Sequence[Progress], results: Sequence[Result], own: Target | None, unit: str
) -> IndicatorProgress:
    """Where members stand together in one indicator."""
    lines = [line for one in rows for line in one.indicators if line.indicator.code == item.code]
    readings = [one for result in results for one in result.appraisal.readings if one.indicator == item.code]
    currency = results[0].appraisal.card.currency
    sums = item.kind in (Kind.MONEY, Kind.COUNT)
    aims = [line.target for line in lines if line.target is not None]
    target: Quantity | None = None
    if own is not None:
        target = value_of(item, own.value, currency, "the target")
    elif aims and len(aims) == len(lines):
        whole = Quantity(sum((aim.value for aim in aims), Fraction(0)), aims[0].unit)
        target = whole if sums else aims[0] if len({*aims}) == 1 else None
    due = sum((line.due.value for line in lines if line.due is not None), Fraction(0))
    all_of = sum((aim.value for aim in aims), Fraction(0))
    part = due / all_of if sums and all_of else max(line.part_due for line in lines)
    reading = _together(readings, unit, sums=sums)
    return progress_in(item, reading, target, part, by=lines[0].by, weight=Fraction(0), points=None)


def _together(readings: Sequence[Reading], unit: str, *, sums: bool) -> Quantity | None:
    """The reading of members together; None where there is none, or where they cannot be summed."""
    known = [evolve(one, parts=None, period=None) for one in readings]
    ratios = [one for one in known if one.denominator is not None]
    if ratios and len(ratios) == len(known):
        return combine(ratios, unit).value
    if not known or ratios or not sums:
        return None
    return Quantity(sum((one.numerator for one in known), Fraction(0)), known[0].unit)


def _member(one: Progress, result: Result) -> MemberProgress:
    now = one.now
    if now is None:
        raise AssertionError(f"{one.who} is a unit")
    broken = [limit.indicator.code for limit in limits_of_risk(result) if limit.indicator and limit.has_struck]
    return MemberProgress(
        payee=one.who,
        name=one.name,
        score=now.score,
        grade=now.grade,
        attainments=tuple(
            (line.indicator.code, line.attainment) for line in one.indicators if line.attainment is not None
        ),
        behind=tuple(line.indicator.code for line in one.indicators if line.is_behind),
        broken=tuple(dict.fromkeys(broken)),
    )
