"""Words of lines: what plans and components are called, and what a line was earned by, in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from attrs import evolve, frozen

from loanperf._bonus import Award
from loanperf._commission import Accrual, Accruals, DatedPlan, name_of
from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, Language, because, in_words
from loanperf._ledger._bonuses import BONUS
from loanperf._ledger._entries import LEADS_ON, Entry
from loanperf._ledger._grounds import BONUS_RULE, ReasonOfEntry
from loanperf._ledger._keys import parts_of, unescaped
from loanperf._ledger._kinds import EntryKind
from loanperf._numbers import marked, whole
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf._tables._words import code_of_word

_LINES = (EntryKind.EARNED, EntryKind.ADJUSTMENT)
"""Kinds of entries of what lines come to."""
_REPEATS = frozenset({"entry.earned", BONUS_RULE, "entry.paid"})
"""Reasons that say nothing but the amount and the day of their entry."""
_MOST_STEPS = 6
"""How many steps of a line are told; the others are counted."""
_TIERS = ("accrual.tier", "accrual.tier read")
_STEPS = frozenset({
    *("accrual.base", "accrual.of", "accrual.balance", "accrual.margin", "accrual.receipt", "accrual.change"),
    *(*_TIERS, "accrual.cell", "accrual.between cells", "accrual.slice", "accrual.slice per", "accrual.earlier"),
    *("accrual.stage", "accrual.ended", "accrual.multiplier", "accrual.gate", "accrual.cap", "accrual.carried"),
    *("accrual.least", "accrual.step", "accrual.rounded"),
})  # fmt: skip
"""Rules of the steps of a commission that a statement tells; the others are shown where all reasons are."""
_TOLD = ("award.", "entry.person cap ")
"""How the names of the other rules begin whose steps a statement tells."""
_GROUNDS = frozenset({"accrual", "award"})
"""The rules of the reasons that say what a commission line or a bonus comes to, the outermost of each."""
_WORDS = {
    "tier": Label(
        "{what}{span} {after}{quota}, tier {rate} {start}", "{span}{what} {after}{quota}，档次 {start} {rate}"
    ),
    "and": Label("; ", "；"),
    "says": Label("{what}: {more}", "{what}：{more}"),
    "coded": Label("{name} ({code})", "{name}（{code}）"),
}


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class LineName(PlainData):
    """What a plan, or one of its components, is called; `lp.Statement.names` has those of a statement."""

    plan: str
    """The code of the plan."""
    component: str = ""
    """The code of the component; empty is the plan itself."""
    name: Label
    """The name to show; with the code where another one of the statement has the same name."""


def line_names(places: Iterable[tuple[str, str]], accruals: Accruals, on: Period) -> tuple[LineName, ...]:
    """What plans and components are called, where they have a name, by the version in force at the end of a period.

    Args:
        places: codes of plans and components.
        accruals: by plans that have names.
        on: the period; of a plan that its version has no longer, the version before it decides.
    """
    wanted = dict.fromkeys(part for plan, component in places if plan for part in ((plan, ""), (plan, component)))
    found = {part: name for part in wanted if (name := _name(part, accruals, on)).en}
    alike = Counter((component and plan, text) for (plan, component), name in found.items() for text in _texts(name))
    return tuple(
        LineName(plan=plan, component=component, name=_told_apart(name, component or plan, alike, component and plan))
        for (plan, component), name in found.items()
    )


def _texts(name: Label) -> set[str]:
    return {name.en, name.to("zh")}


def _told_apart(name: Label, code: str, alike: Mapping[tuple[str, str], int], among: str) -> Label:
    """A name, with its code where one beside it has the same."""
    if all(alike[among, text] == 1 for text in _texts(name)):
        return name
    return Label(*(coded(name.to(language), code, language) for language in ("en", "zh")))


def coded(name: str, code: str, language: Language) -> str:
    """A name with its code behind it; the code alone where there is no other name."""
    return code if name in ("", code) else _WORDS["coded"].to(language).format(name=name, code=code)


def _name(part: tuple[str, str], accruals: Accruals, on: Period) -> Label:
    code, component = part
    mine = [dated for dated in _plans(accruals) if dated.plan.code == code and dated.since < on.end]
    for dated in sorted(mine, key=lambda dated: dated.since, reverse=True):
        if not component:
            return dated.plan.name
        for item in dated.plan.components:
            if item.code == component:
                return item.name
    return Label("")


def _plans(accruals: Accruals) -> Sequence[DatedPlan]:
    return accruals.columns.plans if accruals.withholding is None else accruals.withholding.plans


# ── reasons ─────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class _EarnedBy:
    """What earned the lines and bonuses of entries of one payee; looked for when somebody asks."""

    entries: Sequence[Entry]
    accruals: Accruals | None
    awards: Sequence[Award]

    @cached_property
    def lines(self) -> dict[str, Accrual]:
        """By key, the commission lines of this payee in those periods to which the entries belong."""
        if self.accruals is None or not self.entries:
            return {}
        columns, cohorts = self.accruals.columns, {entry.cohort for entry in self.entries}
        periods = whole([place for place, period in enumerate(columns.periods) if str(period) in cohorts])
        mine = columns.payee == code_of_word(columns.payees, self.entries[0].payee)
        rows = np.flatnonzero(mine & marked(periods, len(columns.periods))[columns.period]).tolist()
        return {line.key: line for line in map(columns.row, rows)}

    @cached_property
    def bonus(self) -> str:
        """What the awards come to; empty where there is none."""
        units = sum(one.amount.units for one in self.awards)
        return str(Money.from_units(units, self.awards[0].amount.currency)) if self.awards else ""

    def __call__(self, place: int) -> Explanation:
        """Why an entry was posted, with what earned it below where that is not there yet."""
        entry = self.entries[place]
        if not _is_bare(entry.reason):
            return entry.reason
        line = self._line(entry)
        if line is not None:
            return evolve(entry.reason, because=(line.explain(),))
        if _posted(entry) != self.bonus or not _is_bonus_of_its_period(entry):
            return entry.reason
        return evolve(entry.reason, because=tuple(award.explain() for award in self.awards))

    def accrued(self, place: int) -> Accrual | None:
        """The line by which an entry was earned."""
        entry = self.entries[place]
        if entry.accrual is not None:
            return entry.accrual
        return self._line(entry) if _is_bare(entry.reason) else None

    def _line(self, entry: Entry) -> Accrual | None:
        """The line of an entry, where it comes to what was posted."""
        line = self.lines.get(entry.line)
        return line if line is not None and _posted(entry) == str(line.amount) else None


def with_reasons(entries: Sequence[Entry], accruals: Accruals | None, awards: Sequence[Award]) -> tuple[Entry, ...]:
    """Entries of one payee, those that were read back with what earned them below their reasons.

    A store keeps of a reason its first sentence alone. What a line comes to by accruals and awards is told below it
    where it is the amount that was posted; where it has become another since, nothing is.
    """
    mine = [entry for entry in entries if entry.kind in _LINES]
    told, place = _EarnedBy(mine, accruals, awards), {entry.number: place for place, entry in enumerate(mine)}
    return tuple(
        evolve(entry, reason=ReasonOfEntry(told, place[entry.number])) if entry.number in place else entry
        for entry in entries
    )


def _is_bare(reason: Explanation) -> bool:
    """Whether a reason says of its movements no more than day and amount."""
    below = reason.because if reason.rule in LEADS_ON else (reason,)
    return all(node.rule in _REPEATS and not node.because for node in below)


def _is_bonus_of_its_period(entry: Entry) -> bool:
    return place_of_line(entry)[:2] == (BONUS["plan"], BONUS["component"]) and entry.cohort == str(entry.period)


def _posted(entry: Entry) -> str:
    """What an entry says that its line comes to."""
    return str(dict(entry.reason.values).get("now", entry.amount))


def place_of_line(entry: Entry) -> tuple[str, str, str]:
    """The plan, component and stage of an entry, by the key of its line; empty of a payment, and of another key."""
    _, plan, component, _, stage, cohort = parts_of(entry.line)
    if entry.kind is EntryKind.PAID or cohort is None or parts_of(cohort)[1] is not None:
        return "", "", ""
    return unescaped(plan or ""), unescaped(component or ""), unescaped(stage or "")


def why_in_short(entry: Entry, language: Language) -> str:
    """Why an entry was posted, in one line; nothing where that would only repeat its amount and day."""
    reason = entry.reason
    said = [] if reason.rule in _REPEATS else [reason.sentence(language)]
    for node in reason.because[:1] if reason.rule in LEADS_ON else (reason,):
        if node.rule in _REPEATS or node.rule in _GROUNDS:
            said += _in_words(node, language)
        elif node is not reason:
            said.append(node.sentence(language))
    more = _WORDS["and"].to(language).join(dict.fromkeys(said))
    what = _of_what(entry, language)
    return _WORDS["says"].to(language).format(what=what, more=more) if what and more else what or more


def _of_what(entry: Entry, language: Language) -> str:
    """The stage that earned an entry; of a bonus its period, where it is another one than that of the entry."""
    if entry.kind not in _LINES:
        return ""
    plan, _, stage = place_of_line(entry)
    return entry.cohort if plan == BONUS["plan"] and entry.cohort != str(entry.period) else name_of(stage).to(language)


def _in_words(node: Explanation, language: Language) -> Iterator[str]:
    """What a line or bonus was earned by, step by step."""
    found = [*_steps(node)]
    yield from (_step(step, language) for step in found[:_MOST_STEPS])
    if len(found) > _MOST_STEPS:
        yield because("more", {"count": str(len(found) - _MOST_STEPS)}).sentence(language)


def _steps(node: Explanation) -> Iterator[Explanation]:
    """The steps of a calculation that a statement tells, first to last; of a bonus without how its score came about."""
    if node.rule != "score":
        for child in node.because:
            yield from _steps(child)
    is_whole = node.rule == "accrual.base" and dict(node.values)["part"] == "100%"
    if node.rule.startswith(_TOLD) or (node.rule in _STEPS and not is_whole):
        yield node


def _step(node: Explanation, language: Language) -> str:
    """A step in words; of a tier what it is read at and what was reached."""
    if node.rule not in _TIERS:
        return node.sentence(language)
    shown = {name: in_words(value, language, bare=True) for name, value in node.values}
    return _WORDS["tier"].to(language).format_map({"span": "", "quota": "", **shown})
