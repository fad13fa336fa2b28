"""Why pay changed: (what a payee got in two periods) -> the steps from one amount to the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from loanperf._bonus import Award
from loanperf._charts import waterfall
from loanperf._commission import Accrual
from loanperf._explanations import Label, Language
from loanperf._facts import Facts
from loanperf._ledger import Entry, EntryKind, Statement, statement
from loanperf._ledger._line_words import why_in_short
from loanperf._ledger._statement import named_place
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Money
from loanperf._validators import a_code, as_tuple, each_of, is_a, must_be
from loanperf.analytics._changes import FoundStep, PayChangeStep, in_money, listed
from loanperf.analytics._findings import Analysis, AnalysisColumn, Exact, Finding, column, filled, unit_in
from loanperf.analytics._why_bonus import award_of, bonus_steps
from loanperf.analytics._why_facts import ChangedFact, Corrected, then_and_now
from loanperf.analytics._why_lines import line_steps
from loanperf.errors import DataError
from loanperf.run import Result, Run
from loanperf.viewer import Viewer, must_be_viewer

_MOST_SAID = 3
"""How many of the largest steps the finding names."""
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "rises": Label("pay of {payee} rises by {by}, from {now} in {before} to {new} in {after}: {steps}",
                       "{payee} 的薪酬由 {before} 的 {now} 增至 {after} 的 {new}，增加 {by}：{steps}"),
        "falls": Label("pay of {payee} falls by {by}, from {now} in {before} to {new} in {after}: {steps}",
                       "{payee} 的薪酬由 {before} 的 {now} 降至 {after} 的 {new}，减少 {by}：{steps}"),
        "stays": Label("pay of {payee} stays at {new} from {before} to {after}: {steps}",
                       "{payee} 在 {before} 与 {after} 的薪酬均为 {new}：{steps}"),
        "one": Label("{name} {sign}{amount}", "{name} {sign}{amount}"),
        "nothing": Label("no step changes it", "各项均无变动"),
        "more": Label("{count:more step/more steps}", "其余 {count} 项"),
        "step": Label("step", "步骤"),
        "change": Label("change", "变动"),
        "running": Label("running amount", "累计金额"),
        "why": Label("reason", "原因"),
        "pay of": Label("pay of {period}", "{period} 薪酬"),
        "posted": Label("{count:entry/entries}: {reasons}", "分录 {count} 笔：{reasons}"),
        "apart": Label(
            "{what}{posted} was posted, {worked} is what it comes to now", "{what}已入账 {posted}，现核算为 {worked}"
        ),
        "open": Label(
            "not closed: {periods}; compared is what a run comes to with the facts of today, whether it is posted or "
            "not, and it may change until the close",
            "尚未结账：{periods}；比较的是按当前事实核算的结果（无论是否已入账），结账前仍可能变动",
        ),
        "open method": Label("whether the ledger has a close of the period", "查账簿中该期间是否已结账"),
        "open limits": Label("what comes until the close", "结账前的后续变动"),
        "others": Label("{count:more loan/more loans}", "另有 {count} 笔贷款"),
    }
)  # fmt: skip
_METHOD = Label(
    "one thing after the other goes from the first period to the second, and pay is worked at each step: bonus by "
    "indicators, gates and coefficients, rules, days, base, then veto, calibration, cap and floor; commission by "
    "volume, rates, coefficients, gates, then caps and rounding; then what else was posted",
    "各因素按固定次序逐项由前期替换为后期，每步重新核算：奖金依次为各指标、门槛与系数、方案规则、任职天数、奖金基数，"
    "再为一票否决、校准、封顶与保底；提成依次为业务量、费率、系数、门槛，再为封顶与舍入；最后为其他入账事项",
)
_LIMITS = Label(
    "what two changes do together goes to the later one of the order; it does not say why people sold more or less",
    "两项因素的共同影响计入次序在后者；不说明业务增减的原因",
)


@frozen(kw_only=True)
class PayOfPeriod:
    """What is known of the pay of a payee in a period: bonuses, lines of commission, the statement; or some of them.

    With a statement, pay is what its entries add to what is to be paid, payments apart. Without one it is the bonuses
    and the lines of the period.

    Raises:
        DataError: something is of another payee, period or currency.
    """

    payee: str = field(validator=a_code)
    period: Period = field(validator=is_a(Period))
    bonuses: tuple[Result | Award, ...] = field(default=(), converter=as_tuple, repr=False)
    """Results of a run, or awards."""
    lines: tuple[Accrual, ...] = field(default=(), converter=as_tuple, repr=False)
    """Lines of commission earned in the period."""
    posted: Statement | None = field(default=None, validator=optional(is_a(Statement)), repr=False)
    """The statement of what was posted in the period."""
    closed: bool | None = field(default=None, validator=optional(is_a(bool)))
    """Whether the period is closed; None where that is not known, as of awards alone."""

    def __attrs_post_init__(self) -> None:
        where = f"the pay of {self.payee!r} in {self.period}"
        for one in self.bonuses:
            if not isinstance(one, Result | Award):
                raise DataError(where, f"{type(one).__name__} is no bonus", "pass results of a run, or awards")
        each_of(self.lines, Accrual, where, "pass lines of lp.accrue")
        found = [(one.payee, _period_of(one)) for one in self.bonuses]
        found += [(one.payee, str(one.period)) for one in self.lines]
        found += [] if self.posted is None else [(self.posted.payee, str(self.posted.period))]
        for payee, period in found:
            if payee not in (self.payee, "") or period != str(self.period):
                raise DataError(
                    where, f"something is of {payee!r} in {period}", "pass what is of that payee and period"
                )
        if len(self.currencies) > 1:
            said = ", ".join(sorted(self.currencies))
            raise DataError(where, f"it is in {said}", "compare one currency at a time")

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies of bonuses, lines and statement; empty where nothing is known."""
        found = {amount.currency for amount in self._amounts()}
        return frozenset(found if self.posted is None else {*found, self.posted.after.due.currency})

    @property
    def worked(self) -> Fraction:
        """What bonuses and lines come to, in whole currency."""
        return sum((amount.exact for amount in self._amounts()), Fraction(0))

    def _amounts(self) -> Iterator[Money]:
        yield from (award.amount for award in map(award_of, self.bonuses) if award is not None)
        yield from (line.amount for line in self.lines)

    @property
    def pay(self) -> Fraction:
        """The pay of the period, in whole currency: from the statement, else from bonuses and lines."""
        if self.posted is None:
            return self.worked
        return sum((_due(entry) for entry in self.posted.entries), Fraction(0))

    def by_loan(self) -> dict[str, Fraction]:
        """The pay by loan, in whole currency; under an empty code what is of no loan, such as bonuses."""
        found = defaultdict[str, Fraction](Fraction)
        if self.posted is not None:
            for entry in self.posted.entries:
                found[entry.loan] += _due(entry)
            return dict(found)
        for line in self.lines:
            found[line.loan] += line.amount.exact
        found[""] += self.worked - sum((line.amount.exact for line in self.lines), Fraction(0))
        return dict(found)

    @classmethod
    def of_run(cls, run: Run, payee: str) -> PayOfPeriod:
        """The pay of a payee from a run: bonuses, lines and statement; empty where the run has none.

        Raises:
            DataError: the payee could not be worked in it.
            LedgerError: the payee is paid in several currencies.
        """
        must_be(run, Run, "the run", "pass what lp.run gives")
        if any(one.payee == payee for one in run.blocked):
            fault, remedy = "not everything of it could be worked", "mend what the run says of the payee, and run again"
            raise DataError(f"the pay of {payee!r} in {run.period}", fault, remedy)
        lines = () if run.accruals is None else run.accruals.of(payee)
        known = run.ledger is not None and run.ledger.currencies(payee)
        return cls(
            payee=payee,
            period=run.period,
            bonuses=run.results.of(payee),
            lines=[line for line in lines if line.period == run.period],
            posted=statement(run.ledger, payee, run.period, run.accruals) if run.ledger is not None and known else None,
            closed=run.closed if run.ledger is not None else None,
        )


def _period_of(one: Result | Award) -> str:
    return str(one.appraisal.card.period)


def _due(entry: Entry) -> Fraction:
    """What an entry adds to what is to be paid, in whole currency; a payment counts for nothing."""
    if entry.kind is EntryKind.PAID:
        return Fraction(0)
    return Fraction(entry.due, 10 ** CURRENCIES[entry.amount.currency])


@frozen(kw_only=True, repr=False)
class PayChange(Analysis):
    """The steps from the pay of a payee in one period to that in another; they sum to the difference, exactly."""

    findings: tuple[Finding, ...]
    payee: str
    periods: tuple[Period, Period]
    before: Money
    """Pay of the first period."""
    after: Money
    """Pay of the second period."""
    steps: tuple[PayChangeStep, ...]
    """The steps, in the order of their working; those that change nothing are left out."""
    facts: tuple[ChangedFact, ...] = ()
    """What is changed, new or withdrawn of loans whose pay was corrected; empty where facts of then are not given.

    Where no fact of these loans differs, or pay of no single loan was corrected: what is of other facts of the payee.
    """

    @property
    def difference(self) -> Money:
        """By how much pay rises; below zero where it falls."""
        return self.after - self.before

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """The first amount, each step with the running amount and its reason, and the last amount."""
        ends = [filled(_WORDS["pay of"], period=period) for period in self.periods]
        running = [self.before]
        for step in self.steps:
            running.append(running[-1] + step.amount)
        names = (ends[0], *(step.name for step in self.steps), ends[1])
        amounts = (None, *(step.amount for step in self.steps), None)
        reasons = (None, *(step.why for step in self.steps), None)
        return (
            column(_WORDS, "step", names),
            column(_WORDS, "change", amounts),
            column(_WORDS, "running", (*running, self.after)),
            column(_WORDS, "why", reasons),
        )

    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """A waterfall: both amounts as bars from zero, and each step between them."""
        steps, change, running, _ = self.rows
        bars = [
            (name, now.exact - moved.exact if isinstance(moved, Money) else None, now.exact)
            for name, moved, now in zip(steps.texts(language), change.values, running.values, strict=True)
            if isinstance(now, Money)
        ]
        return waterfall(bars, across=unit_in(self.before.currency, language))


def why_pay_changed(
    before: PayOfPeriod, after: PayOfPeriod, *, viewer: Viewer, facts: tuple[Facts, Facts] | tuple[()] = ()
) -> PayChange:
    """Why the pay of a payee differs between two periods, as steps that sum to the difference, exactly.

    Bonus: each indicator with its reading and target, in the order of the card; readings of gates and coefficients;
    rules of the scheme; days in role; base; then what veto, calibration, cap and floor change. Commission, by plan,
    component and stage: volume, average rate, coefficients, gates; then caps and rounding. Then all else that was
    posted, by kind. Running amounts are rounded half even to the smallest unit; `PayChangeStep.exact` is not rounded.

    Where the rules of a component are others in the second period, what its tiers change is part of `rate`.

    Args:
        before: of the first period; with nothing in it, the payee had no pay.
        after: of the second period.
        viewer: who looks.
        facts: as they were when pay was posted, and as they are. Of loans whose pay was corrected it is said which
            facts are changed, new or withdrawn, and where none of them differs, which other facts of the payee; without
            facts, that this is not known.

    Raises:
        RightsError: the viewer may not see the payee.
        DataError: the payees or currencies differ, the second period does not come later, nothing is known of both, or
            `facts` is no pair.

    >>> import loanperf as lp
    >>> def month(number, amount):
    ...     period = lp.Period.month(2026, number)
    ...     card = lp.template("worked-example").resolve(period=period)
    ...     readings = {"loan_amount": amount, "npl_ratio": "2%", "retention_rate": "85%"}
    ...     found = lp.award(card.bonus, lp.appraise(card, readings=readings, payee="lin"), month="8000 元")
    ...     return PayOfPeriod(payee="lin", period=period, bonuses=[found])
    >>> found = why_pay_changed(month(3, "100万元"), month(4, "120万元"), viewer=Viewer(who="lin", sees="self"))
    >>> print(found.difference, [f"{step.name}: {step.amount}" for step in found.steps])
    80.00 CNY ['score: loan amount: 80.00 CNY']
    """
    for one in (before, after):
        must_be(one, PayOfPeriod, "the pay of a period", "pass PayOfPeriod(...), or PayOfPeriod.of_run(run, payee)")
    must_be_viewer(viewer)
    _must_compare(before, after)
    viewer.must_see(before.payee)
    currency = next(iter(before.currencies | after.currencies))
    now, new = (Money.from_units(int(one.pay * 10 ** CURRENCIES[currency]), currency) for one in (before, after))
    steps = in_money(_steps(before, after), now)
    both, corrected = then_and_now(facts, viewer.may_see), _corrected(before, after)
    unknown = corrected.unknown() if both is None else None
    found = [_finding(before, after, (now, new), steps, unknown)]
    if open_periods := [one.period for one in (before, after) if one.closed is False]:
        found.append(_open(open_periods))
    said, changed = ((), ()) if both is None else corrected.findings(both)
    return PayChange(
        findings=(*found, *said),
        payee=before.payee,
        periods=(before.period, after.period),
        before=now,
        after=new,
        steps=steps,
        facts=changed,
    )


def _corrected(before: PayOfPeriod, after: PayOfPeriod) -> Corrected:
    """The loans for which a period has a correction of an earlier one, or other pay than its facts come to now."""
    apart = [frozenset(_apart(side)) for side in (before, after)]
    found = apart[0] | apart[1]
    for side in (before, after):
        for (kind, _), entries in _posted(side).items():
            found |= {entry.loan for entry in entries} if kind == "correction" else set()
    last = after.period.end if apart[1] else after.period.start
    loans = tuple(sorted(found - {""}))
    return Corrected(payee=before.payee, loans=loans, of_no_loan="" in found, through=last - timedelta(days=1))


def _must_compare(before: PayOfPeriod, after: PayOfPeriod) -> None:
    where = f"the pay of {before.payee!r}"
    if before.payee != after.payee:
        raise DataError(where, f"the other period is of {after.payee!r}", "compare two periods of one payee")
    if before.period.end > after.period.start:
        fault = f"{after.period} does not come after {before.period}"
        raise DataError(where, fault, "pass the earlier period first, without overlap")
    found = before.currencies | after.currencies
    if len(found) > 1:
        said = ", ".join(sorted(found))
        raise DataError(where, f"it is in {said}", "compare one currency at a time")
    if not found:
        fault = f"nothing is known of it in {before.period} and {after.period}"
        remedy = "check the code of the payee and the periods; in Python, pass results, lines or a statement"
        raise DataError(where, fault, remedy)
    if (before.posted is None) is not (after.posted is None) and before.currencies and after.currencies:
        fault = "one of the periods has what was posted, and the other has not"
        raise DataError(where, fault, "pass the statements of both, or of none")


def _steps(before: PayOfPeriod, after: PayOfPeriod) -> Iterator[FoundStep]:
    yield from bonus_steps(before.bonuses, after.bonuses)
    yield from line_steps(before.lines, after.lines)
    one, two = _posted(before), _posted(after)
    for kind, about in dict.fromkeys((*one, *two)):
        sums = [sum((_due(entry) for entry in side.get((kind, about), ())), Fraction(0)) for side in (one, two)]
        entries = (*one.get((kind, about), ()), *two.get((kind, about), ()))
        yield FoundStep(kind=kind, about=about, exact=sums[1] - sums[0], why=_reasons(entries))
    yield _elsewhere(_apart(before), _apart(after), next(iter(before.currencies | after.currencies)))


_Kind = tuple[str, Label]


def _posted(side: PayOfPeriod) -> dict[_Kind, list[Entry]]:
    """The entries that are no bonus or line that was worked, by kind."""
    found, posted = defaultdict[_Kind, list[Entry]](list), side.posted
    for entry in () if posted is None else posted.entries:
        if posted is not None and _due(entry) and not _is_worked(entry, side):
            found[_kind_of(entry, posted)].append(entry)
    return found


def _is_worked(entry: Entry, side: PayOfPeriod) -> bool:
    """Whether an entry says what bonuses and lines that are there say."""
    return _is_earned(entry, side.period) and bool(side.bonuses or side.lines)


def _is_earned(entry: Entry, period: Period) -> bool:
    return entry.kind in (EntryKind.EARNED, EntryKind.ADJUSTMENT) and entry.cohort == str(period)


def _kind_of(entry: Entry, posted: Statement) -> _Kind:
    if entry.kind not in (EntryKind.EARNED, EntryKind.ADJUSTMENT):
        return entry.kind.value, Label("")
    if entry.cohort != str(posted.period):
        return "correction", Label("")
    places = [named_place(posted, entry, language) for language in _LANGUAGES]
    return "earned", Label(*(" ".join(filter(None, place)) for place in places))


_Apart: TypeAlias = Mapping[str, tuple[Fraction, Fraction]]
"""By loan, what was posted for bonuses and lines of a period, and what they come to as they are worked now."""


def _apart(side: PayOfPeriod) -> _Apart:
    """What was posted otherwise than it is worked now, as facts that came later change it; empty is of no loan."""
    posted, worked = defaultdict[str, Fraction](Fraction), defaultdict[str, Fraction](Fraction)
    for entry in _entries(side):
        if _due(entry) and _is_worked(entry, side):
            posted[entry.loan] += _due(entry)
    for line in side.lines if side.posted is not None else ():
        worked[line.loan] += line.amount.exact
    if side.posted is not None:
        worked[""] += side.worked - sum((line.amount.exact for line in side.lines), Fraction(0))
    found = {loan: (posted[loan], worked[loan]) for loan in sorted({*posted, *worked})}
    return {loan: both for loan, both in found.items() if both[0] != both[1]}


def _elsewhere(before: _Apart, after: _Apart, currency: str) -> FoundStep:
    """What was posted otherwise than it is worked now: by how much, of which loans, and in which of the periods."""
    none = Fraction(0), Fraction(0)
    exact = sum((posted - worked for posted, worked in after.values()), Fraction(0))
    exact -= sum((posted - worked for posted, worked in before.values()), Fraction(0))
    loans = {loan: [side.get(loan, none) for side in (before, after)] for loan in sorted({*before, *after})}
    said = [_said_apart(loan, currency, *sides) for loan, sides in [*loans.items()][:_MOST_REASONS]]
    if len(loans) > _MOST_REASONS:
        said.append(filled(_WORDS["others"], count=len(loans) - _MOST_REASONS))
    about = Label(next(iter(loans))) if len(loans) == 1 else Label("")
    return FoundStep(kind="elsewhere", about=about, exact=exact, why=listed(said))


def _said_apart(loan: str, currency: str, before: tuple[Fraction, Fraction], after: tuple[Fraction, Fraction]) -> Label:
    """Of a loan, the posted and the worked amount of the period in which they differ."""
    amounts = after if after[0] != after[1] else before
    posted, worked = (Money.from_units(int(value * 10 ** CURRENCIES[currency]), currency) for value in amounts)
    what = Label(f"loan {loan}: ", f"贷款 {loan}：") if loan else Label("")
    return filled(_WORDS["apart"], what=what, posted=posted, worked=worked)


_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_MOST_REASONS = 3


def _reasons(entries: Iterable[Entry]) -> Label:
    """The first reasons of some entries, each with its loan."""
    given = tuple(entries)
    said = [_reason(one) for one in given[:_MOST_REASONS]]
    return filled(_WORDS["posted"], count=len(given), reasons=listed([one for one in said if one.en]))


def _reason(entry: Entry) -> Label:
    """Why an entry was posted, with the loan that it is of."""
    said = [why_in_short(entry, language) or entry.reason.sentence(language) for language in _LANGUAGES]
    what = Label(f"loan {entry.loan}: ", f"贷款 {entry.loan}：") if entry.loan else Label("")
    return Label(what.en + said[0], what.to("zh") + said[1])


# ── the finding ─────────────────────────────────────────────────────────────────────────────────────────────


def _finding(
    before: PayOfPeriod,
    after: PayOfPeriod,
    amounts: tuple[Money, Money],
    steps: Sequence[PayChangeStep],
    unknown: Label | None,
) -> Finding:
    """The difference, with its largest steps; `unknown` is what else is not known."""
    count = sum(len(one.bonuses) + len(one.lines) + len(_entries(one)) for one in (before, after))
    limits = _LIMITS if unknown is None else listed((_LIMITS, unknown))
    return Finding(
        label=_said(before, after, amounts, steps), n=count, certainty=Exact(), method=_METHOD, limits=limits
    )


def _open(periods: Sequence[Period]) -> Finding:
    """Which of the periods may still change, and what is compared of them."""
    said = filled(_WORDS["open"], periods=Label(" and ".join(map(str, periods)), "、".join(map(str, periods))))
    return Finding(
        label=said,
        n=len(periods),
        certainty=Exact(),
        method=_WORDS["open method"],
        limits=_WORDS["open limits"],
    )


def _entries(side: PayOfPeriod) -> Sequence[Entry]:
    return () if side.posted is None else side.posted.entries


def _said(
    before: PayOfPeriod, after: PayOfPeriod, amounts: tuple[Money, Money], steps: Sequence[PayChangeStep]
) -> Label:
    now, new = amounts
    by = new - now
    largest = sorted(steps, key=lambda step: -abs(step.exact))
    parts = [filled(_WORDS["one"], name=step.name, sign="+" if step.amount.units > 0 else "", amount=step.amount)
             for step in largest[:_MOST_SAID]]  # fmt: skip
    if len(largest) > _MOST_SAID:
        parts.append(filled(_WORDS["more"], count=len(largest) - _MOST_SAID))
    listed = Label(", ".join(part.en for part in parts), "，".join(part.to("zh") for part in parts))
    return filled(
        _WORDS["rises" if by.units > 0 else "falls" if by.units < 0 else "stays"],
        payee=before.payee,
        before=before.period,
        after=after.period,
        by=by if by.units > 0 else -by,
        now=now,
        new=new,
        steps=listed if parts else _WORDS["nothing"],
    )
