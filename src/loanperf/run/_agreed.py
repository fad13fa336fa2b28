"""Agreed: (confirmations, scheme, period) -> which version of targets and plan holds for whom, and whose pay waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from attrs import evolve, field, frozen

from loanperf._explanations import Label, one_line, period_label
from loanperf._indicators import Indicator
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._scheme import Confirmation, SchemeBook
from loanperf._scheme._entries import Agreed, indicators_of
from loanperf._scorecard import value_text
from loanperf._targets import Target
from loanperf.errors import LoanPerfError, Problem
from loanperf.goals import Confirmations, UsedVersion, Version, VersionState, applies_to, basis_of
from loanperf.goals._proposals import MATTERS
from loanperf.run._tasks import Task

_ALIKE = Label(
    "propose the plan document or the targets anew, so that both say the same", "请重新提出个人方案书或目标，使两者一致"
)
_KEEPING = (
    "run it with the ledger in whose store the confirmations are (keeping=lp.Keeping(entries=...)), or approve it"
)


@frozen(kw_only=True)
class Agreements:
    """Which versions the results of a period stand on, and whose pay waits."""

    used: Mapping[tuple[str, Period], tuple[UsedVersion, ...]] = field(factory=dict)
    """By payee and the days of an assignment."""
    held: Mapping[str, tuple[Problem, ...]] = field(factory=dict)
    """By payee whose pay waits: why."""
    waits: Mapping[str, tuple[Label, ...]] = field(factory=dict)
    """By the same: what waits for whom since when."""
    problems: tuple[Problem, ...] = ()
    """Targets that were proposed after the period, and those of the host that are not of the version in force."""


NOTHING_ASKED = Agreements()
"""Of a scheme that asks nobody."""


def rules_in(book: SchemeBook, period: Period) -> Confirmation | None:
    """What the scheme says of confirmations in a period: the version in force on its first day, else the first one."""
    started = [scheme for scheme in book.versions if scheme.effective <= period.start]
    return (started[-1] if started else book.versions[0]).confirmation


def asks(book: SchemeBook) -> bool:
    """Whether some version of a scheme asks to confirm something."""
    return any(scheme.confirmation is not None for scheme in book.versions)


def unknown_without_store(book: SchemeBook, period: Period) -> Iterator[Problem]:
    """A problem where the scheme holds what is not confirmed, and the run keeps nothing: it cannot know."""
    rules = rules_in(book, period)
    if rules is not None and rules.unconfirmed == "hold":
        fault = "the scheme holds what is not confirmed, and without a store nothing is known of it"
        yield Problem("the confirmations", fault, "", _KEEPING)


def goals_in_force(
    known: Confirmations | None, book: SchemeBook, period: Period, goals: Iterable[Target]
) -> tuple[Target, ...]:
    """The targets of a period: of each payee of whom some were proposed, those of the version that holds.

    They take the place of the host's of the same indicators, and each says which version it is of. Where the scheme
    holds what is not confirmed, a payee without a version in force has none of what is proposed or given.

    Args:
        known: what was proposed and confirmed; None where that is not known.
        book: the scheme.
        period: of the targets.
        goals: what the host says; what it says of units stands as it is.
    """
    rules, given = rules_in(book, period), tuple(goals)
    if known is None or rules is None or "targets" not in rules.of:
        return given
    proposed, theirs = proposed_for(known, period), _by_payee(given, period)
    found = [goal for goal in given if goal.payee not in proposed or goal.period not in (None, period)]
    for payee in sorted(proposed):
        version = _holding(known, payee, period, rules)
        own = () if version is None else version.targets
        found += own
        if rules.unconfirmed == "use":
            codes = {target.indicator for target in own}
            found += [goal for goal in theirs.get(payee, ()) if goal.indicator not in codes]
    return tuple(found)


def proposed_for(known: Confirmations, period: Period) -> set[str]:
    """The payees to whom targets of a period were proposed."""
    return {payee for of, payee, when in known.matters if of == "targets" and when == period}


def _by_payee(goals: Iterable[Target], period: Period) -> dict[str, list[Target]]:
    """Targets of a period by payee."""
    found: dict[str, list[Target]] = defaultdict(list)
    for goal in goals:
        if goal.period in (None, period):
            found[goal.payee].append(goal)
    return dict(found)


def _holding(known: Confirmations, payee: str, period: Period, rules: Confirmation) -> Version | None:
    """The version of the targets of a payee that is used: that in force, else the newest where the scheme says so."""
    found = known.in_force(payee, period, on=period.last_day)
    if found is None and rules.unconfirmed == "use":
        return known.newest(payee, period, on=period.last_day)
    return found


def agreed_in(
    known: Confirmations | None,
    book: SchemeBook,
    period: Period,
    organisation: Organisation,
    tasks: Sequence[Task],
    goals: Iterable[Target],
    *,
    held: Iterable[Target],
) -> Agreements:
    """Which versions hold for whom, and whose pay waits.

    Args:
        known: what was proposed and confirmed; None where that is not known.
        book: the scheme.
        period: which is worked.
        organisation: knows who is assigned.
        tasks: the assignments with a card.
        goals: what the host says of targets.
        held: the targets that count, as `goals_in_force` gives them.
    """
    rules = rules_in(book, period)
    if known is None or rules is None:
        return NOTHING_ASKED
    asked = _Sought(known, rules, period, _by_payee(goals, period), _by_payee(held, period))
    used: dict[tuple[str, Period], list[UsedVersion]] = defaultdict(list)
    if "targets" in rules.of:
        given = {*asked.goals, *proposed_for(known, period)}
        for payee, parts in _measured_by_targets(tasks, given, organisation, period).items():
            version = asked.targets(payee)
            for part in parts:
                used[payee, part].append(version)
    if "plan" in rules.of:
        plans = _Bases(book, organisation)
        for payee in sorted(organisation.assigned(period)):
            for assignment, part in organisation.assignments_in(payee, period):
                basis = plans.basis(assignment, part)
                if basis:
                    used[payee, part].append(asked.plan(payee, part, basis, book))
    return Agreements(
        used={key: tuple(versions) for key, versions in used.items()},
        held=MappingProxyType({payee: tuple(found) for payee, found in asked.held.items()}),
        waits=MappingProxyType({payee: tuple(found) for payee, found in asked.waits.items()}),
        problems=tuple(asked.problems()),
    )


def missing_targets(tasks: Iterable[Task], held: Iterable[Target]) -> Mapping[str, tuple[Label, ...]]:
    """By payee, of which indicators there is no target that are scored against one.

    Args:
        tasks: the assignments with a card.
        held: the targets that count, as `goals_in_force` gives them.
    """
    known = {(target.payee, target.indicator) for target in held}
    found: dict[str, dict[Label, None]] = defaultdict(dict)
    for task in tasks:
        for line in task.card.lines:
            item, has_none = line.indicator, line.target is None and (task.payee, line.indicator.code) not in known
            if has_none and line.weight and line.scoring.of == "attainment":
                said = Label(
                    f"there is no target of {item.name.en}: propose one, or state it in the scheme",
                    f"缺少{item.name.to('zh')}目标；请提出目标，或在方案中规定",
                )
                found[task.payee][said] = None
    return {payee: tuple(said) for payee, said in found.items()}


def _measured_by_targets(
    tasks: Sequence[Task], given: Collection[str], organisation: Organisation, period: Period
) -> dict[str, list[Period]]:
    """The payees who are measured against targets, with the days of their assignments.

    Args:
        tasks: the assignments with a card.
        given: of whom the host gives targets, or some were proposed.
        organisation: knows who is assigned.
        period: which is worked.
    """
    found: dict[str, list[Period]] = defaultdict(list)
    for task in tasks:
        if task.payee in given or any(line.target is not None for line in task.card.lines):
            found[task.payee].append(task.part)
    for payee in sorted({*given} - found.keys()):
        found[payee] += [part for _, part in organisation.assignments_in(payee, period)]
    return {payee: parts for payee, parts in found.items() if parts}


@frozen
class _Bases:
    """Scheme version, profile and plan by which plan documents are written; worked out once for equal assignments."""

    book: SchemeBook
    organisation: Organisation
    _known: dict[tuple[str, str, str, tuple[str, ...], Period], str] = field(factory=dict, init=False)

    def basis(self, held: Assignment, part: Period) -> str:
        """The basis; empty where no card or plan fits, which is a problem of its own or no pay at all."""
        units = self.organisation.path(held.unit, part.start) if self.organisation.units else ()
        key = (held.role, held.product_line, held.tier, units, part)
        if key not in self._known:
            try:
                scheme = self.book.at(part.start)
                self._known[key] = basis_of(scheme, *applies_to(scheme, held, part, self.organisation))
            except LoanPerfError:
                self._known[key] = ""
        return self._known[key]


def _contradiction(item: Indicator, plan: Version, stated: Target, counts: Target, period: Period) -> Label:
    """What a plan document states of a target, and what counts."""
    whose = counts.source if counts.source.en else Label("as the host says", "系统所给")
    one, other = (
        Label(value_text(item, value.value), value_text(item, value.value, "zh")) for value in (stated, counts)
    )
    return Label(
        f"the plan document, {plan.said.en}, states {one.en} for {stated.period} as the target of {item.name.en}, and"
        f" {other.en} for {period} counts, {whose.en}",
        f"个人方案书{plan.said.zh}，所列{item.name.to('zh')}目标为 {stated.period} {one.zh}，"
        f"与执行中的 {period} {other.zh}（{whose.to('zh')}）不一致",
    )


@frozen(eq=False)
class _Sought:
    """What is asked of the confirmations of a period, and what was found to wait."""

    known: Confirmations
    rules: Confirmation
    period: Period
    goals: Mapping[str, list[Target]]
    """The targets that the host supplied, by payee."""
    counting: Mapping[str, list[Target]]
    """The targets that count, by payee."""
    held: dict[str, list[Problem]] = field(factory=lambda: defaultdict(list), init=False)
    waits: dict[str, list[Label]] = field(factory=lambda: defaultdict(list), init=False)
    _apart: list[Problem] = field(factory=list, init=False)
    """Plan documents that say other targets than count, where the scheme uses them all the same."""
    _plans: dict[str, list[Period]] = field(init=False)

    def __attrs_post_init__(self) -> None:
        plans: dict[str, list[Period]] = defaultdict(list)
        for of, payee, period in self.known.matters:
            if of == "plan":
                plans[payee].append(period)
        object.__setattr__(self, "_plans", plans)

    def targets(self, payee: str) -> UsedVersion:
        """The version of the targets of a payee; notes what waits."""
        on = self.period.last_day
        found, newest = (
            look(payee, self.period, on=on, of="targets") for look in (self.known.in_force, self.known.newest)
        )
        stated = set() if found is None else {target.indicator for target in found.proposal.document.targets}
        beside = [goal.indicator for goal in self.goals.get(payee, ()) if goal.indicator not in stated]
        if found is None:
            self._wait("targets", payee, self.period, newest)
        elif beside:
            more = ", ".join(sorted(beside))
            what = Label(
                f"{found.said.en}, does not state the target of {more}, which the host gives",
                f"{found.said.zh}，其中没有系统所给的 {more} 目标",
            )
            self._hold("targets", payee, self.period, what, Label("propose them all", "请将全部目标一并提出确认"))
        return UsedVersion.of_versions("targets", found, newest)

    def plan(self, payee: str, part: Period, basis: str, book: SchemeBook) -> UsedVersion:
        """The version of the plan document of a payee for some days; notes what waits."""
        covering = [one for one in self._plans.get(payee, ()) if one.start <= part.start and part.end <= one.end]
        found = [self.known.in_force(payee, period, on=self.period.last_day, of="plan") for period in covering]
        fits = [one for one in found if one is not None and one.proposal.document.basis == basis]
        newest = [self.known.newest(payee, period, on=self.period.last_day, of="plan") for period in covering]
        if not fits:
            waiting = [one for one in newest if one is not None and one.proposal.document.basis == basis]
            if not waiting and any(one is not None for one in (*found, *newest)):
                what = Label(
                    "the scheme, profile or plan is another one than what was proposed",
                    "方案版本、权重方案或提成方案与已提出的不同",
                )
                self._hold("plan", payee, part, what, Label("propose it anew", "请重新提出确认"))
                return UsedVersion.of_versions("plan", None, None)
            self._wait("plan", payee, part, waiting[-1] if waiting else None)
            return UsedVersion.of_versions("plan", None, waiting[-1] if waiting else None)
        self._compare(payee, part, fits[-1], indicators_of(book.at(part.start).indicators))
        return UsedVersion.of_versions("plan", fits[-1], fits[-1])

    def _compare(self, payee: str, part: Period, plan: Version, known: Mapping[str, Indicator]) -> None:
        """Note where a plan document in force states another target than counts, or one of another period."""
        stated = {target.indicator: target for target in plan.proposal.document.targets}
        for target in self.counting.get(payee, ()):
            said, item = stated.get(target.indicator), known.get(target.indicator)
            if said is None or item is None:
                continue
            is_other = item.timing == "flow" and said.period not in (None, self.period)
            if said.value != target.value or is_other:
                what = _contradiction(item, plan, evolve(said, period=said.period or self.period), target, self.period)
                self._hold("plan", payee, part, what, _ALIKE)
                if self.rules.unconfirmed == "use":
                    where = f"the {MATTERS['plan'].en} of {payee} for {part}"
                    self._apart.append(Problem(where, what.en, "", _ALIKE.en, payee=payee))

    def problems(self) -> Iterator[Problem]:
        """Where a version that is used was proposed after the period, or another target than it is said."""
        yield from self._apart
        for payee in sorted(proposed_for(self.known, self.period)) if "targets" in self.rules.of else ():
            late = _holding(self.known, payee, self.period, self.rules)
            if late is not None and late.proposal.on > self.period.last_day:
                fault = f"version {late.version}, which is used, was proposed on {late.proposal.on}, after the period"
                remedy = f"look at why {late.proposal.by} proposed it when the results were known"
                yield Problem(f"the targets of {payee} for {self.period}", fault, "", remedy, payee=payee)
        for payee, goals in sorted(self.goals.items()) if "targets" in self.rules.of else ():
            version = _holding(self.known, payee, self.period, self.rules)
            if version is None:
                continue
            agreed = {one.indicator: one.value for one in version.proposal.document.targets}
            for goal in goals:
                if agreed.get(goal.indicator, goal.value) != goal.value:
                    fault = f"the host says {goal.value}, and {agreed[goal.indicator]} of {version.said.en} is used"
                    remedy = "propose the change, or mend what the host says"
                    yield Problem(f"target of {goal.indicator} of {payee}", fault, "", remedy, payee=payee)

    def _wait(self, of: Agreed, payee: str, period: Period, newest: Version | None) -> None:
        """Note that nothing of a matter is in force."""
        others = [when for one, who, when in self.known.matters if (one, who) == (of, payee)]
        apart = next((when for when in others if when.overlap(period.start, period.end) is not None), None)
        if newest is None and apart is not None:
            what = Label(
                f"what was proposed is for {period_label(apart).en}", f"已提出的期间为 {period_label(apart).zh}"
            )
            remedy = Label(f"propose it for {period}", f"请按 {period} 整期提出，系统按在岗天数折算")
        elif newest is None:
            what, remedy = Label("nothing was proposed", "尚未提出"), Label("propose them", "请提出后由员工确认")
        elif newest.state is VersionState.REFUSED:
            reply = newest.replies[-1]
            what = Label(
                f"version {newest.version} was refused by {payee} on {reply.on}: {one_line(reply.why)}",
                f"第 {newest.version} 版于 {reply.on} 被 {payee} 提出异议：{one_line(reply.why)}",
            )
            remedy = Label("propose another one, or let a superior set it", "请提出新版本，或由上级核定")
        else:
            on = newest.proposal.on
            what = Label(
                f"version {newest.version} waits for {payee} since {on}",
                f"第 {newest.version} 版自 {on} 起待 {payee} 确认",
            )
            remedy = Label(f"let {payee} confirm it, or a superior set it", "请员工确认，或由上级核定")
        self._hold(of, payee, period, what, remedy)

    def _hold(self, of: Agreed, payee: str, period: Period, what: Label, remedy: Label) -> None:
        if self.rules.unconfirmed == "hold":
            where = Label(
                f"the {MATTERS[of].en} of {payee} for {period_label(period).en}",
                f"{payee} {period_label(period).zh} {MATTERS[of].zh}",
            )
            self.held[payee].append(Problem(where.en, what.en, "", remedy.en, payee=payee))
            self.waits[payee].append(Label(f"{where.en}: {what.en}", f"{where.zh}：{what.zh}；{remedy.zh}"))
