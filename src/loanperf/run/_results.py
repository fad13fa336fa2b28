"""What a run comes to: results, what it posted and handed over, and everything that could not be used."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from hashlib import sha256
from operator import eq
from typing import Any, overload

from attrs import evolve, field, frozen

from loanperf._appraisal import Appraisal, Calibrated, grade_paid, why_calibrated
from loanperf._bonus import Award, Awards
from loanperf._commission import Accruals, Unpaid, UnpaidBy, counted
from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, Language, because, in_words, printed
from loanperf._indicators import Reading
from loanperf._ledger import Answer, Entries, Entry, Ledger, Payment, StoppedPay
from loanperf._ledger._kinds import ENTRY_KINDS
from loanperf._org import Assignment
from loanperf._periods import Period
from loanperf._quantities import Money, Quantity
from loanperf._scorecard import Card, Grade
from loanperf._tables._columns import CameAs, Column
from loanperf._tables._exact import decimals_of
from loanperf._tables._frames import like
from loanperf._tables._values import of_days, of_own_texts
from loanperf._validators import each_of
from loanperf.errors import Cause, Problem, UnknownPayeeError, causes_of
from loanperf.goals import UsedVersion


@frozen(kw_only=True)
class Result(PlainData):
    """What one assignment of a payee came to; a payee with two roles in the period has two."""

    payee: str
    name: str
    assignment: Assignment
    part: Period
    """The days of the period in which the assignment holds."""
    appraisal: Appraisal
    award: Award | None
    """None where the scheme has no bonus plan."""
    agreed: tuple[UsedVersion, ...] = ()
    """Which version of the targets and of the plan document it stands on; nothing where the scheme asks nobody."""
    calibrated: Calibrated | None = None
    """What people decided about the result after it was computed; None where nothing of that is in force."""

    @property
    def grade(self) -> Grade | None:
        """The grade by which the bonus is paid, after calibration; that before it is `appraisal.grade`."""
        return grade_paid(self.appraisal, self.calibrated)

    @property
    def in_numbers(self) -> Result:
        """The result as an archive keeps it: each reading by its numbers, without the facts that they were made of."""
        read = self.appraisal
        lines = (evolve(one, reading=None if one.reading is None else one.reading.in_numbers) for one in read.lines)
        appraisal = evolve(read, readings=tuple(one.in_numbers for one in read.readings), lines=tuple(lines))
        award = None if self.award is None else evolve(self.award, appraisal=appraisal)
        return evolve(self, appraisal=appraisal, award=award)

    def explain(self) -> Explanation:
        """Why the bonus, or without one the score, is what it is, down to the facts."""
        if self.award is not None:
            return self.award.explain()
        found = self.appraisal.explain()
        return evolve(found, because=(*why_calibrated(self.appraisal, self.calibrated), *found.because))


@frozen(kw_only=True)
class ResultNumbers:
    """The numbers of a result, read from columns without making its row."""

    payee: str
    days: int
    """Of the part of the period in which the assignment holds."""
    score: Fraction
    grade: str | None
    may_be_limited: bool
    """Whether the card has vetoes, or its bonus gates, a cap or a floor: only the row says whether they struck."""


def may_be_limited(card: Card) -> bool:
    """Whether a card has vetoes, or its bonus gates, a cap or a floor."""
    bonus = card.bonus
    return bool(card.vetoes) or (bonus is not None and bool(bonus.gates or bonus.cap or bonus.floor))


@frozen(eq=False, kw_only=True)
class Results(Sequence[Result]):
    """What everybody came to, in order of payee, then date; a sequence of `Result`, each made when it is asked for.

    They are equal to other results, or to a tuple of rows, of which each says the same.
    """

    payees: Sequence[str]
    """Of each result."""
    awards: Awards
    """The bonuses of those that have one, in order."""
    problems: tuple[Problem, ...] = ()
    """What kept assignments from having a result."""
    came_as: CameAs = "arrays"
    """The kind of data frame that the facts came as."""
    unpublished: frozenset[str] = frozenset()
    """Payees to whom no page shows their result: the scheme holds pay until it is published, and it is not."""
    _shown: Callable[[], Mapping[str, Column]] = field(repr=False)
    """Makes the columns of `frame`."""
    _numbers: Callable[[], Sequence[ResultNumbers]] = field(repr=False)
    """Gives the numbers of each result."""
    _made: Callable[[int], Result] = field(repr=False)
    """Makes the result of a place."""
    _known: dict[int, Result] = field(factory=dict, init=False, repr=False)

    @classmethod
    def gathered(cls, rows: Iterable[Result], unpublished: frozenset[str] = frozenset()) -> Results:
        """Results that are known one by one, in the order in which they come."""
        if isinstance(rows, Results):
            return rows
        given = each_of(rows, Result, "the results", "pass those of a run")
        return cls(
            payees=tuple(row.payee for row in given),
            awards=Awards.gathered(row.award for row in given if row.award is not None),
            shown=partial(_of_rows, given),
            unpublished=unpublished,
            numbers=partial(_numbers_of, given),
            made=given.__getitem__,
        )

    def __len__(self) -> int:
        return len(self.payees)

    def __iter__(self) -> Iterator[Result]:
        return map(self._at, range(len(self)))

    @overload
    def __getitem__(self, place: int) -> Result: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Result, ...]: ...
    def __getitem__(self, place: int | slice) -> Result | tuple[Result, ...]:
        try:
            found = range(len(self))[place]
        except IndexError:
            said = f"there are {len(self)} results; Run.blocked says of whom there is none, and Run.problems why"
            raise IndexError(said) from None
        return self._at(found) if isinstance(found, int) else tuple(map(self._at, found))

    def _at(self, place: int) -> Result:
        if place not in self._known:
            self._known[place] = self._made(place)
        return self._known[place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Results | tuple):
            return NotImplemented
        return len(self) == len(other) and all(map(eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[Callable[..., Results], tuple[tuple[Result, ...], frozenset[str]]]:
        return Results.gathered, (tuple(self), self.unpublished)

    _repr_pretty_ = printed

    def __repr__(self) -> str:
        return f"Results({len(self)})"

    @cached_property
    def _places(self) -> Mapping[str, list[int]]:
        found = defaultdict[str, list[int]](list)
        for place, payee in enumerate(self.payees):
            found[payee].append(place)
        return found

    def numbers(self) -> Sequence[ResultNumbers]:
        """The numbers of each result, exact, in order."""
        return self._numbers()

    def of(self, payee: str) -> tuple[Result, ...]:
        """The results of a payee, in order of date; none for somebody who has none."""
        return tuple(map(self._at, self._places.get(payee, ())))

    def explain(self, payee: str) -> Explanation:
        """Why a payee has what the results say, down to the facts; worked out when it is asked for.

        Raises:
            UnknownPayeeError: there is none of that payee; it names those who have one.
        """
        mine = self.of(payee)
        if not mine:
            raise UnknownPayeeError(payee, sorted(set(self.payees)))
        if len(mine) == 1:
            return mine[0].explain()
        return because("results", {"payee": payee, "count": str(len(mine))}, *(result.explain() for result in mine))

    def frame(self, came_as: CameAs | None = None) -> Any:
        """The results as a data frame, for a chart or a sheet.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`; None is what the facts came as.

        Returns:
            One row a result: `payee`, `name`, `unit`, `role`, `start` and `end` (the day after the last one), `score`
            in points and `amount` of the bonus in whole currency (yuan, not fen), both of the nearest float64,
            `grade` as it was computed, `final_grade` after calibration (the same where nobody decided otherwise) and
            `currency`. What there is not is missing.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        return like(came_as or self.came_as, self._shown())


def _numbers_of(rows: Sequence[Result]) -> Sequence[ResultNumbers]:
    """The numbers of rows."""
    return [
        ResultNumbers(
            payee=row.payee,
            days=row.part.days,
            score=Fraction(row.appraisal.score),
            grade=None if row.appraisal.grade is None else row.appraisal.grade.code,
            may_be_limited=may_be_limited(row.appraisal.card),
        )
        for row in rows
    ]


def _of_rows(rows: Sequence[Result]) -> Mapping[str, Column]:
    """The columns of rows."""
    computed, final = [row.appraisal.grade for row in rows], [row.grade for row in rows]
    return columns_of(
        [(row.name, row.assignment, row.part) for row in rows],
        [Fraction(row.appraisal.score) for row in rows],
        [[None if grade is None else grade.code for grade in grades] for grades in (computed, final)],
        [None if row.award is None else row.award.amount for row in rows],
    )


def columns_of(
    held: Sequence[tuple[str, Assignment, Period]],
    scores: Sequence[Fraction],
    grades: Sequence[Sequence[str | None]],
    amounts: Sequence[Money | None],
) -> Mapping[str, Column]:
    """The columns of `Results.frame`.

    Args:
        held: the name of each payee, the assignment, and its days in the period.
        scores: in points.
        grades: codes as they were computed, and after calibration.
        amounts: of bonuses.
    """
    computed, final = grades
    return {
        "payee": of_own_texts([assignment.payee for _, assignment, _ in held]),
        "name": of_own_texts([name for name, _, _ in held]),
        "unit": of_own_texts([assignment.unit for _, assignment, _ in held]),
        "role": of_own_texts([assignment.role for _, assignment, _ in held]),
        "start": of_days([part.start for *_, part in held]),
        "end": of_days([part.end for *_, part in held]),
        "score": decimals_of(scores),
        "grade": of_own_texts(computed),
        "final_grade": of_own_texts(final),
        "amount": decimals_of([None if amount is None else amount.exact for amount in amounts]),
        "currency": of_own_texts([None if amount is None else amount.currency for amount in amounts]),
    }


def _seen(result: Result) -> list[Any]:
    """What somebody who approves sees of a result, but for what is personal."""
    found, held, award = result.appraisal, result.assignment, result.award
    return [
        [result.payee, str(result.part), held.unit, held.role, held.tier, held.product_line],
        [str(found.score), found.grade and found.grade.code, "" if award is None else str(award.amount)],
        [[one.line.indicator.code, _exact(one.weight), _quantity(one.target), str(one.points)] for one in found.lines],
        [[one.indicator, *_numbers(one)] for one in found.readings],
        [[veto.indicator, veto.test, _quantity(veto.limit)] for veto in found.vetoes],
        *([one.data() for one in result.agreed],) * bool(result.agreed),
        *(() if result.calibrated is None else (result.calibrated.data(),)),
    ]


def _numbers(reading: Reading) -> list[str]:
    over = reading.denominator
    return [_exact(reading.numerator), "" if over is None else _exact(over), reading.unit]


def _quantity(value: Quantity | None) -> list[str]:
    return [] if value is None else [_exact(value.value), value.unit]


def _exact(number: Fraction) -> str:
    """A fraction as text, of whatever length; in hexadecimal, since Python bounds how long decimals may be."""
    return f"{number.numerator:x}/{number.denominator:x}"


_STAKES = (
    Label("due", "应发"),
    Label("held", "预留风险金"),
    Label("earned", "提成"),
    Label("to be released", "到期应返还风险金"),
    Label("bonus", "奖金"),
)
"""What may be at stake, in the order of the fields of `Blocked`."""


@frozen(kw_only=True)
class Blocked(PlainData):
    """A payee who could not be worked: why, and what is at stake until that is mended.

    What is at stake is what is known of it; where every amount is zero, it is not known.
    """

    payee: str
    why: tuple[Problem, ...]
    """The problems because of which nothing could be worked; one may be about a loan that several payees share."""
    due: tuple[Money, ...] = ()
    """What the ledger has as due to the payee and not paid, one a currency."""
    held: tuple[Money, ...] = ()
    """What the ledger holds back of their pay: a release of it that falls due is not posted."""
    earned: tuple[Money, ...] = ()
    """Commission known so far that this run does not post."""
    released: tuple[Money, ...] = ()
    """What is known to fall due for release by the end of the period, and is not posted by this run."""
    bonus: tuple[Money, ...] = ()
    """Bonus known so far: of the assignments that could be appraised."""
    waits: tuple[Label, ...] = ()
    """What is not confirmed, where the scheme holds pay until it is: what waits for whom since when. Where all that is
    asked for is confirmed, the targets that are missing."""

    @property
    def is_known(self) -> bool:
        """Whether anything is known of what is at stake."""
        return any(money.units for known in _amounts(self) for money in known)

    @property
    def text(self) -> Label:
        """The payee, the reasons for the block and the amounts at stake, as a sentence in both languages."""
        why = "; ".join(f"{problem.where}: {problem.fault}" for problem in self.why[:1])
        more = f" and {len(self.why) - 1} more" if len(self.why) > 1 else ""
        en, zh = ", ".join(self._stakes("en")) or "unknown", "、".join(self._stakes("zh")) or "未知"
        said = "；".join(one.to("zh") for one in self.waits) or self._why_in_chinese()
        return Label(
            f"{self.payee} could not be worked: {why}{more}; at stake: {en}",
            f"{self.payee} 无法核算，{said}；涉及金额：{zh}",
        )

    def _why_in_chinese(self) -> str:
        first = [f"{problem.where}：{problem.fault}" for problem in (one.to("zh") for one in self.why[:1])]
        more = f"，另有 {len(self.why) - 1} 项" if len(self.why) > 1 else ""
        return f"原因：{first[0]}{more}" if first else "原因不明"

    def _stakes(self, language: Language) -> Iterator[str]:
        for name, known in zip(_STAKES, _amounts(self), strict=True):
            yield from (f"{name.to(language)} {in_words(money, language)}" for money in known if money.units)

    def __str__(self) -> str:
        return self.text.en


def _amounts(blocked: Blocked) -> tuple[tuple[Money, ...], ...]:
    """What is at stake, in the order of `_STAKES`."""
    return blocked.due, blocked.held, blocked.earned, blocked.released, blocked.bonus


def _entries(given: Iterable[Entry]) -> Entries:
    return Entries.of_rows(given)


def _results(given: Iterable[Result]) -> Results:
    return Results.gathered(given)


@frozen(kw_only=True)
class Run:
    """A period worked: results, and everything that could not be used."""

    period: Period
    results: Results = field(converter=_results)
    """In order of payee, then date."""
    problems: tuple[Problem, ...]
    """All of them, what follows from others among them; `causes` has them by what to mend."""
    payments: tuple[Payment, ...]
    """What was handed to the sink, or would be.

    With a ledger the payments that it has for the period. Without one, one a payee with a bonus above zero; a payee
    who is `blocked` is not in it, since a sink takes each key only once.
    """
    rows: int
    """Rows that came in."""
    used: int
    """Rows without a problem, repeats among them; each of the others has one."""
    held: bool
    """Whether nothing was posted and paid, since it `needs_approval` or somebody did not approve."""
    blocked: tuple[Blocked, ...] = ()
    """The payees who could not be worked, in order of code. With one of them the run is held unless it is approved, and
    the period is not closed, however often it is run, until that is mended."""
    holding: tuple[Problem, ...] = ()
    """What else holds the run unless it is approved, such as a first run over a long past; also among `problems`."""
    stopped: tuple[StoppedPay, ...] = ()
    """What is due and held by hand, by hold, payee and currency; everything else is paid, and the period is closed."""
    taken: Mapping[str, int] = field(factory=dict)
    """Rows pulled from each feed in this run."""
    answers: tuple[Answer, ...] = ()
    """What finance newly said of payments."""
    accruals: Accruals | None = field(default=None, repr=False)
    """Commissions; None without a ledger or plans."""
    entries: Entries = field(factory=Entries.none, converter=_entries, repr=False)
    """What was posted in this run, or would be; nothing where it was posted before."""
    ledger: Ledger | None = field(default=None, repr=False)
    """With these entries; None where none is kept."""
    closed: bool = False
    """Whether the period is closed."""
    scheme: str = ""
    """The name of the scheme that was worked by."""

    @property
    def digest(self) -> str:
        """The SHA-256 of what the run posts and pays, in hexadecimal: another one as soon as any of it differs.

        So it is as soon as anything differs by which that came about or for which the run is held: weights, targets,
        readings, points, vetoes and grades, rows that came in or could be used, problems, blocked payees with what is
        at stake. Names, salaries and bases are not in it, but in what they come to. Of the same facts, people, scheme
        and ledger a dry run has that of the run which posts.
        """
        entries, words = self.entries, self.entries.words
        keys = [*entries.keys.texts(words), ""]
        columns = (
            [ENTRY_KINDS[kind].value for kind in entries.kind.tolist()],
            words.payee.of(entries.payee),
            [keys[line] for line in entries.line.tolist()],
            entries.units.tolist(),
            words.currency.of(entries.currency),
        )
        payments = [(one.key, one.payee, str(one.amount)) for one in self.payments]
        # Problems come in the order of facts, and equal facts may have come in any.
        held: list[Any] = [sorted(map(str, some)) for some in (self.problems, self.holding)]
        held += [(one.payee, sorted(map(str, one.why))) for one in self.blocked]
        stakes = [[[*map(str, known)] for known in _amounts(one)] for one in self.blocked]
        why = [self.rows, self.used, held, stakes]
        said = [str(self.period), [*map(_seen, self.results)], [*zip(*columns, strict=True)], payments, why]
        return sha256(json.dumps(said).encode()).hexdigest()

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What to mend: the problems by what causes them, in natural order; see `errors.causes_of`."""
        return causes_of(self.problems)

    @property
    def counted(self) -> tuple[Problem, ...]:
        """Problems of rows that count as they stand, such as drawings above what was signed: approval pays them."""
        refused = {problem.fact for problem in self.problems if problem.fact and not problem.is_counted}
        doubted = (problem for problem in self.problems if problem.is_counted and problem.fact)
        return tuple(problem for problem in doubted if problem.fact not in refused)

    @property
    def needs_approval(self) -> bool:
        """Whether rows could not be used, payees could not be worked, or something else holds the run."""
        return self.used != self.rows or bool(self.blocked or self.holding)

    @property
    def unpaid(self) -> tuple[Unpaid, ...]:
        """Loans that no component pays and that first fell due in the period, each with the payee and the reason."""
        found = self.accruals.unpaid if self.accruals is not None else ()
        return tuple(item for item in found if item.period == self.period)

    @property
    def unpaid_besides(self) -> tuple[tuple[UnpaidBy, int], ...]:
        """How many other loans are not paid for each reason: those of earlier periods, or not due yet."""
        found = self.accruals.unpaid if self.accruals is not None else ()
        return counted(item for item in found if item.period != self.period)
