"""Compare: (what happened, two scenarios) -> what both come to, worked by the program that pays."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from attrs import evolve, frozen

from loanperf._explanations import Explanation, Label
from loanperf._facts import NO_FACTS
from loanperf._ledger import EFFECTS, Entry
from loanperf._numbers import day_number, months_between, whole
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import Money, percent
from loanperf._scheme import Scheme, SchemeBook
from loanperf._validators import must_be
from loanperf.analytics._compared import PerAmount, digest_of, per_10000, per_said
from loanperf.analytics._comparison import (
    BY_NAMES,
    TENURES,
    By,
    CompareRules,
    Comparison,
    ExplainedChange,
    GradeMove,
    GroupChange,
    LimitHits,
    PayeeChange,
    PayeeSpread,
    VolumeCost,
    WinnersLosers,
    label_of_group,
)
from loanperf.analytics._findings import Exact, Finding, filled, too_small
from loanperf.analytics._scenario import (
    Key,
    Paid,
    PaidDifference,
    Scenario,
    checked,
    factor_units,
    must_be_said,
    must_be_worked,
    periods_in_order,
)
from loanperf.analytics._statistics import gini
from loanperf.analytics._trees import ReasonChange, reasons_changed
from loanperf.analytics._worked import LIMITS, WorkedPeriod, earned_in, entries_of, held_in, worked_period
from loanperf.errors import DataError, RightsError
from loanperf.run import Run
from loanperf.viewer import Viewer, must_be_viewer

_LARGEST = 10
"""How many differences are explained."""
_NOTHING: Mapping[Key, str] = MappingProxyType({})
_USUAL = CompareRules()
_BOUNDS = ("share", "amount")
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "cost": Label(
            "the new scenario costs {new} where the present one costs {now}: {move} of difference",
            "新方案总成本 {new}，现行方案 {now}，差额 {move}",
        ),
        "cost and share": Label(
            "the new scenario costs {new} where the present one costs {now}: {move} of difference ({share})",
            "新方案总成本 {new}，现行方案 {now}，差额 {move}（{share}）",
        ),
        "moved": Label(
            "{more:is/are} paid more, {less} less, {same} the same; by more than {share}: {more_by_share} more and "
            "{less_by_share} less; by more than {amount}: {more_by_amount} more and {less_by_amount} less",
            "增加 {more} 人，减少 {less} 人，不变 {same} 人；变动超过 {share} 的：增加 {more_by_share} 人、"
            "减少 {less_by_share} 人；变动超过 {amount}的：增加 {more_by_amount} 人、减少 {less_by_amount} 人",
        ),
        "no change": Label("nobody is taken to change behaviour", "假定无人改变行为"),
        "volume": Label(
            "nobody is taken to change behaviour; if everybody did: {costs}, against {unmoved}",
            "假定无人改变行为；若全员业务量变动：{costs}，不变时 {unmoved}",
        ),
        "at volume": Label("{change} of volume costs {cost}", "业务量变动 {change} 时成本 {cost}"),
        "skipped": Label(
            "{count:time/times} a payee could not be worked by the scheme of then, and is left out of both",
            "现行方案下有 {count} 人次无法核算，两边均已剔除",
        ),
        "not checked": Label("it was not checked against what was paid", "未与实发金额核对"),
        "as paid": Label(
            "the history worked again is what was paid, to the smallest unit", "历史重算与实发金额完全一致"
        ),
        "not as paid": Label(
            "the history worked again is not what was paid {count:time/times}, by {off} in all, which was accepted",
            "历史重算与实发有 {count} 处差异，合计 {off}，均已确认接受",
        ),
    }
)
_METHOD = Label(
    "both scenarios worked over the same history by the program that pays",
    "以同一历史数据，用实际计发程序分别核算两个方案",
)
_LIMITS = Label(
    "what people would do otherwise under the new scenario: nobody is taken to sell more, less or other loans",
    "员工在新方案下的行为变化：假定业务量与结构不因方案而变",
)


def compare(
    then: Scenario,
    new: Scenario | SchemeBook | Scheme,
    *,
    periods: Iterable[Period],
    paid: Paid | None,
    viewer: Viewer,
    accepted: Mapping[Key, str] = _NOTHING,
    rules: CompareRules = _USUAL,
) -> Comparison:
    """What another scheme, roster, mix of business or set of targets would have cost over a history, and whom it moves.

    Both scenarios are worked by the program that pays, each with a ledger of its own that begins with the first period:
    what was earned before it counts for tiers to date, and is neither paid nor taken back.

    Args:
        then: what happened, and the scheme that was in force.
        new: another scenario; or a scheme alone, which then holds from the first day of the scheme of `then`.
        periods: of the history, one behind the other.
        paid: what was paid then, to which `then` must come to the smallest unit: the ledger, the archive, or results
            by period where no ledger is kept. None compares without that check, and a finding says so.
        viewer: whose figures are shown one by one: those whom the viewer may see. Sums are of everybody; of spread and
            moves, what stands on fewer than `rules.smallest` payees is None, unless the viewer sees everybody.
        accepted: by payee and period, why `then` may come to something else than was paid.
        rules: who counts as moved, which groups are shown, and how far volume is varied.

    Raises:
        DataError: `then` is not what was paid; `new` does not fit the history or its currency; or a period is empty.
        LoanPerfError: what `lp.run` raises; or a `RightsError` where sums would tell the pay of few others.
    """
    _must_be_usable(viewer, rules, paid, accepted)
    order, other, currency = periods_in_order(periods), _scenario(then, new), _currency(then, new, rules)
    runs, others = then.worked(order), other.worked(order)
    misfits = () if paid is None else checked(runs, paid, currency, accepted, viewer)
    skipped = [must_be_worked(*pair) for pair in zip(runs, others, strict=True)]
    both = _both(then, other, runs, others, skipped)
    per = per_10000((then, other), both.pairs, (both.sums(0), both.sums(1)))
    costs = tuple(both.cost_at(change, order, skipped) for change in (-rules.volume, rules.volume) if change)
    people = [one for one in both.people() if viewer.may_see(one.payee)]
    return Comparison(
        findings=tuple(_findings(both, rules, per, costs, misfits, paid is not None, sum(map(len, skipped)))),
        periods=order,
        now=both.total(0),
        new=both.total(1),
        groups=tuple(both.groups(rules.smallest, _unseen(both, viewer, rules.smallest))),
        spread=both.spread(_least_shown(viewer, rules)),
        moved=both.moved(rules),
        grades=tuple(both.moves(_least_shown(viewer, rules))),
        limits=tuple(both.limits()),
        gini=(both.gini(0), both.gini(1)),
        slope=(both.slope(0), both.slope(1)),
        people=tuple(people),
        largest=tuple(_explained(both, runs, others, people)),
        per_lent=per["disbursed_amount"],
        per_profit=per["contribution_per_customer"],
        volume=costs,
        digest=digest_of((then, other), both.pairs),
        accepted=tuple(one for one in misfits if viewer.may_see(one.payee)),
        skipped=sum(map(len, skipped)),
    )


def _must_be_usable(viewer: Viewer, rules: CompareRules, paid: object, accepted: object) -> None:
    """Refuse arguments of other classes before anything is worked.

    Raises:
        DataError: one is of another class.
    """
    must_be_viewer(viewer)
    must_be(rules, CompareRules, "rules", "pass CompareRules(...), or leave them out")
    must_be_said(paid, accepted)


def _unseen(both: _Both, viewer: Viewer, smallest: int) -> frozenset[str]:
    """Those whom the viewer may not see.

    Raises:
        RightsError: they are so few that sums of everybody would tell what they are paid.
    """
    found = frozenset(payee for payee in both.sums(0) if not viewer.may_see(payee))
    if 0 < len(found) < smallest:
        what = f"see sums from which the pay of others could be told, who are only {len(found)}"
        raise RightsError(
            viewer.who, what, "ask as a viewer who sees everybody, or state another CompareRules.smallest"
        )
    return found


def _least_shown(viewer: Viewer, rules: CompareRules) -> int:
    """The fewest payees of whom a figure is shown; who sees everybody may see that of one."""
    return 1 if viewer.sees == "all" else rules.smallest


def _currency(then: Scenario, new: Scenario | SchemeBook | Scheme, rules: CompareRules) -> str:
    """The one currency of both scenarios and of the rules.

    Raises:
        DataError: there are two.
    """
    found, other = then.currency, _scenario(then, new).currency
    rules.amount_in(found)
    if other != found:
        raise DataError("the other scenario", f"it is in {other}, not {found}", "compare one currency")
    return found


def _both(
    then: Scenario, new: Scenario, runs: Sequence[Run], others: Sequence[Run], skipped: Sequence[frozenset[str]]
) -> _Both:
    """What the periods come to by both, without those who are skipped."""
    pairs = [
        (worked_period(one, then.facts, then.currency, out), worked_period(two, new.facts, then.currency, out))
        for one, two, out in zip(runs, others, skipped, strict=True)
    ]
    return _Both(then=then, new=new, pairs=pairs, currency=then.currency)


def _scenario(then: Scenario, new: object) -> Scenario:
    """The new scenario; where a scheme alone is given, `then` with that scheme for its whole time."""
    must_be(then, Scenario, "then", "pass a Scenario")
    if isinstance(new, Scheme):
        first, last = then.schemes.versions[0], then.schemes.versions[-1]
        new = SchemeBook([evolve(new, effective=first.effective, until=last.until)])
    if isinstance(new, SchemeBook):
        return evolve(then, schemes=new)
    if not isinstance(new, Scenario):
        raise DataError("new", f"it is a {type(new).__name__}", "pass a Scenario, a scheme or a book of schemes")
    return new


# ── both, side by side ──────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class _Both:
    """What each period comes to by both scenarios."""

    then: Scenario
    new: Scenario
    pairs: Sequence[tuple[WorkedPeriod, WorkedPeriod]]
    currency: str

    def money(self, units: int) -> Money:
        """An amount of the currency."""
        return Money.from_units(units, self.currency)

    def sums(self, side: int) -> dict[str, int]:
        """Pay by payee over all periods, in smallest units; 0 for who is paid by the other scenario alone."""
        found = dict.fromkeys(sorted({payee for pair in self.pairs for one in pair for payee in one.pay}), 0)
        for pair in self.pairs:
            for payee, units in pair[side].pay.items():
                found[payee] += units
        return found

    def total(self, side: int) -> Money:
        """What everybody comes to."""
        return self.money(sum(self.sums(side).values()))

    def people(self) -> list[PayeeChange]:
        """Each payee, the largest difference first."""
        now, new = self.sums(0), self.sums(1)
        order = sorted(now, key=lambda payee: (-abs(new[payee] - now[payee]), payee))
        return [
            PayeeChange(payee=one, name=self.then.people.name(one), now=self.money(now[one]), new=self.money(new[one]))
            for one in order
        ]

    def differences(self) -> list[int]:
        """The difference of each payee in smallest units, new less now, the smallest first."""
        now, new = self.sums(0), self.sums(1)
        return sorted(new[payee] - now[payee] for payee in now)

    def spread(self, smallest: int) -> PayeeSpread:
        """How differences are spread; None where fewer payees than `smallest` have that one or lie on a side of it."""
        found = self.differences()

        def at(part: Fraction) -> Money | None:
            place = max(-(-part.numerator * len(found) // part.denominator), 1)
            return self.money(found[place - 1]) if smallest <= min(place, len(found) - place + 1) else None

        least, low, middle, high, most = (at(Fraction(part, 10)) for part in (0, 1, 5, 9, 10))
        return PayeeSpread(least=least, p10=low, median=middle, p90=high, most=most)

    def moved(self, rules: CompareRules) -> WinnersLosers:
        """How many are paid more, less and the same, and how many by more than the bounds."""
        now, new, least = self.sums(0), self.sums(1), rules.amount_in(self.currency)
        found = [(new[payee] - now[payee], abs(now[payee])) for payee in now]
        by_share = [one for one, base in found if abs(one) > rules.beyond_share * base]
        by_amount = [one for one, _ in found if abs(one) > least.units]
        counts = [
            (sum(one > 0 for one in some), sum(one < 0 for one in some))
            for some in ([one for one, _ in found], by_share, by_amount)
        ]
        (more, less), share, amount = counts
        return WinnersLosers(
            share=rules.beyond_share,
            amount=least,
            more=more,
            less=less,
            same=len(found) - more - less,
            more_by_share=share[0],
            less_by_share=share[1],
            more_by_amount=amount[0],
            less_by_amount=amount[1],
        )

    def moves(self, smallest: int) -> Iterator[GradeMove]:
        """From which grade to which, where there is one on either side; times of too few payees are None."""
        found, payees = Counter[tuple[str, str]](), defaultdict[str, dict[str, set[str]]](dict)
        for now, new in self.pairs:
            for payee in now.grades.keys() | new.grades.keys():
                before, after = now.grades.get(payee, ""), new.grades.get(payee, "")
                found[before, after] += 1
                payees[before].setdefault(after, set()).add(payee)
        hidden = {
            before: too_small({(before, after): who for after, who in some.items()}, smallest)
            for before, some in payees.items()
        }
        for (before, after), times in sorted(found.items()):
            yield GradeMove(now=before, new=after, times=None if after in hidden[before] else times)

    def limits(self) -> Iterator[LimitHits]:
        """How often each limit cut or raised pay, now and new."""
        for code, name in LIMITS.items():
            now, new = (sum(pair[side].limits.get(code, 0) for pair in self.pairs) for side in (0, 1))
            yield LimitHits(code=code, name=name, now=now, new=new)

    def gini(self, side: int) -> Fraction | None:
        """How unequal pay is."""
        return gini(self.sums(side).values())

    def slope(self, side: int) -> Fraction | None:
        """Slope of pay over score, in whole currency a point, over payees and periods; None if all scores are equal."""
        unit = factor_units(self.currency)
        points = [
            (score, Fraction(one.pay.get(payee, 0), unit))
            for one in (pair[side] for pair in self.pairs)
            for payee, score in one.scores.items()
        ]
        count, scores = len(points), sum((score for score, _ in points), Fraction(0))
        spread = count * sum((score * score for score, _ in points), Fraction(0)) - scores**2
        if not spread:
            return None
        pay = sum((amount for _, amount in points), Fraction(0))
        return (count * sum((score * amount for score, amount in points), Fraction(0)) - scores * pay) / spread

    def cost_at(self, change: Fraction, periods: Sequence[Period], skipped: Sequence[frozenset[str]]) -> VolumeCost:
        """What the new scenario comes to with other amounts of loans."""
        runs = zip(self.new.with_volume(1 + change).worked(periods), skipped, strict=True)
        earned = (
            units
            for run, out in runs
            for payee, _, units in earned_in(run.entries, NO_FACTS, self.currency)
            if payee not in out
        )
        return VolumeCost(change=change, cost=self.money(sum(earned)))

    # ── groups ────────────────────────────────────────────────────────────────────────────────────────────

    def groups(self, smallest: int, unseen: frozenset[str]) -> Iterator[GroupChange]:
        """The total, and each breakdown with small groups together."""
        people = len(self.sums(0))
        total = self.total(0), self.total(1)
        yield GroupChange(by="total", group=BY_NAMES["total"], people=people, now=total[0], new=total[1])
        for by in BY_NAMES:
            if by == "total" or (by == "region" and not self.then.people.units):
                continue
            yield from self._broken_down(by, smallest, unseen)

    def _broken_down(self, by: By, smallest: int, unseen: frozenset[str]) -> Iterator[GroupChange]:
        sums, payees = defaultdict[str, list[int]](lambda: [0, 0]), defaultdict[str, set[str]](set)
        for place, pair in enumerate(self.pairs):
            for side, worked in enumerate(pair):
                for payee, group, units in self._parts(by, place, worked):
                    sums[group][side] += units
                    payees[group].add(payee)
        hidden = set[str]()
        if by != "period" or unseen:
            hidden = too_small({(by, group): some for group, some in payees.items()}, smallest, unseen)
        joined = defaultdict[str | None, list[str]](list)
        for group in sorted(sums, key=lambda one: (one in hidden, one)):
            joined[None if group in hidden else group].append(group)
        for name, some in joined.items():
            yield GroupChange(
                by=by,
                group=label_of_group(name, by),
                people=len(set().union(*(payees[group] for group in some))),
                now=self.money(sum(sums[group][0] for group in some)),
                new=self.money(sum(sums[group][1] for group in some)),
            )

    def _parts(self, by: By, place: int, worked: WorkedPeriod) -> Iterator[tuple[str, str, int]]:
        """Each payee of a period with a group and the pay in it, in smallest units."""
        if by == "product":
            yield from ((payee, product, units) for (payee, product), units in worked.by_product.items())
            return
        for payee, units in worked.pay.items():
            yield payee, self._group(by, payee, place), units

    def _group(self, by: By, payee: str, place: int) -> str:
        """The group of a payee in a period: as of then, or where the payee was not there, as in the new scenario."""
        now, new = self.pairs[place]
        if by == "period":
            return str(now.period)
        if by == "grade":
            return now.grades.get(payee) or new.grades.get(payee, "")
        for scenario in (self.then, self.new):
            held = held_in(scenario.people, payee, now.period)
            if held is not None:
                return of_assignment(by, scenario.people, held, now.period)
        return ""


def of_assignment(by: str, people: Organisation, held: Assignment, period: Period) -> str:
    """The role, unit or region of an assignment in a period; of anything else the band of service."""
    day = min(period.last_day, held.until or period.last_day)
    match by:
        case "role":
            return held.role
        case "unit":
            return held.unit
        case "region":
            return people.path(held.unit, max(held.since, period.start))[0]
        case _:
            on = day if held.holds_on(day) else max(held.since, period.start)
            since = people.service_since(held.payee, on)
            (months,) = months_between(whole([day_number(since)]), whole([day_number(on)])).tolist()
            return max((band for band in TENURES if months >= int(band)), key=int)


# ── why ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _explained(
    both: _Both, runs: Sequence[Run], others: Sequence[Run], people: Sequence[PayeeChange]
) -> Iterator[ExplainedChange]:
    """The largest differences, each in the period in which it is largest."""
    for one in people[:_LARGEST]:
        if not one.difference.units:
            return
        moves = [abs(new.pay.get(one.payee, 0) - now.pay.get(one.payee, 0)) for now, new in both.pairs]
        place = moves.index(max(moves))
        now, new = both.pairs[place]
        reasons, more = _why(runs[place], others[place], one.payee)
        yield ExplainedChange(
            payee=one.payee,
            period=now.period,
            now=both.money(now.pay.get(one.payee, 0)),
            new=both.money(new.pay.get(one.payee, 0)),
            reasons=reasons,
            more=more,
        )


def _why(run: Run, other: Run, payee: str) -> tuple[tuple[ReasonChange, ...], int]:
    """The reasons that differ: of results, and of the lines and takings that differ most; how many of these are more.

    A line that comes to the same by both is passed over, whatever its reasons say.
    """
    results = [tuple(result.in_numbers.explain() for result in one.results.of(payee)) for one in (run, other)]
    posted = [_posted(one, payee) for one in (run, other)]
    keys = [key for key in dict.fromkeys([*posted[0], *posted[1]]) if _units(posted[0], key) != _units(posted[1], key)]
    keys.sort(key=lambda key: (-abs(_units(posted[0], key) - _units(posted[1], key)), key))
    shown = keys[:_LARGEST]
    lines = [tuple(some[key][1]() for key in shown if key in some) for some in posted]
    found = reasons_changed((*results[0], *lines[0]), (*results[1], *lines[1]))
    each = list[ReasonChange]()
    for change in found:
        if change not in each:
            each.append(change)
    return tuple(each), len(keys) - len(shown)


_Posted: TypeAlias = dict[tuple[str, ...], tuple[int, Callable[[], Explanation]]]
"""By what it is of: smallest units, and what explains them."""


def _posted(run: Run, payee: str) -> _Posted:
    """The lines of commission of a payee in a period, and what was taken and given beside them."""
    found: _Posted = {}
    for line in () if run.accruals is None else run.accruals.of(payee):
        if line.period == run.period:
            found["line", line.component, line.loan, line.stage] = line.amount.units, line.explain
    for entry in entries_of(run.entries, payee):
        if EFFECTS[entry.kind].entitled and EFFECTS[entry.kind].group != "earned":
            found[entry.kind.value, entry.line, str(entry.on)] = entry.amount.units, partial(_reason, entry)
    return found


def _reason(entry: Entry) -> Explanation:
    return entry.reason


def _units(some: _Posted, key: tuple[str, ...]) -> int:
    return some[key][0] if key in some else 0


# ── what is said ────────────────────────────────────────────────────────────────────────────────────────────


def _findings(
    both: _Both,
    rules: CompareRules,
    per: Mapping[str, PerAmount],
    costs: Sequence[VolumeCost],
    misfits: Sequence[PaidDifference],
    was_checked: bool,  # noqa: FBT001
    skipped: int,
) -> Iterator[Finding]:
    people = len(both.sums(0))
    said = (_cost_said(both), *per_said(per, both.currency), _moved_said(both.moved(rules)), _volume_said(both, costs))
    for label in said:
        yield Finding(label=label, n=people, certainty=Exact(), method=_METHOD, limits=_LIMITS)
    checks = sum(len(now.pay) for now, _ in both.pairs)
    yield Finding(
        label=_check_said(misfits, was_checked=was_checked),
        n=checks if was_checked else 0,
        certainty=Exact(),
        method=Label("payments of each payee and period side by side", "逐人逐期核对实发金额"),
        limits=Label("pay that was never handed to this program", "未经本程序计发的薪酬"),
    )
    if skipped:
        limits = Label("what these payees would have been paid", "上述人员的应发金额")
        label = filled(_WORDS["skipped"], count=skipped)
        yield Finding(label=label, n=skipped, certainty=Exact(), method=_METHOD, limits=limits)


def _cost_said(both: _Both) -> Label:
    now, new = both.total(0), both.total(1)
    move = new - now
    share = percent(Fraction(move.units, now.units), 2) if now.units else ""
    return filled(_WORDS["cost and share" if share else "cost"], now=now, new=new, move=move, share=share)


def _moved_said(moved: WinnersLosers) -> Label:
    counts = {name: getattr(moved, name) for name in ("more", "less", "same")}
    large = {f"{way}_by_{what}": getattr(moved, f"{way}_by_{what}") for way in ("more", "less") for what in _BOUNDS}
    return filled(_WORDS["moved"], share=percent(moved.share), amount=moved.amount, **counts, **large)


def _volume_said(both: _Both, costs: Sequence[VolumeCost]) -> Label:
    """That nobody is taken to change behaviour, and the cost at other volumes."""
    if not costs:
        return _WORDS["no change"]
    each = [filled(_WORDS["at volume"], change=_signed(one.change), cost=one.cost) for one in costs]
    listed = Label(", ".join(one.en for one in each), "，".join(one.to("zh") for one in each))
    return filled(_WORDS["volume"], costs=listed, unmoved=both.total(1))


def _signed(share: Fraction) -> str:
    return f"{'+' if share > 0 else ''}{percent(share)}"


def _check_said(misfits: Sequence[PaidDifference], *, was_checked: bool) -> Label:
    if not was_checked or not misfits:
        return _WORDS["as paid" if was_checked else "not checked"]
    total = sum(abs(one.replayed.units - one.paid.units) for one in misfits)
    off = Money.from_units(total, misfits[0].paid.currency)
    return filled(_WORDS["not as paid"], count=len(misfits), off=off)
