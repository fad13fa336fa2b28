"""Facts behind corrections: (facts as they were, facts as they are) -> what is changed, new or withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._facts import KIND_OF, Fact, Facts, said_of
from loanperf._indicators import cell_label, key_label, source_label
from loanperf._kinds import FactColumn
from loanperf._validators import is_a, must_be
from loanperf.analytics._changes import listed
from loanperf.analytics._findings import Exact, Finding, filled
from loanperf.errors import DataError

Change: TypeAlias = Literal["changed", "new", "withdrawn"]
MOST_FACTS = 5
"""How many facts a sentence names."""
_REMEDY = "pass facts=(then, now): lp.Facts as they were when pay was posted, and as they are"
_WORDS: Mapping[str, Label] = MappingProxyType(
    {
        "changed": Label("{fact}{what}{source}", "{fact}{what}{source}"),
        "new": Label("new: {fact}{what}{source}", "新增：{fact}{what}{source}"),
        "withdrawn": Label("withdrawn: {fact}{what}{source}", "撤回：{fact}{what}{source}"),
        "cell": Label("{name} {before} → {after}", "{name} {before} → {after}"),
        "said": Label("{before} → {after}", "{before} → {after}"),
        "says": Label(": {value}", "：{value}"),
        "source": Label(" ({source})", "（{source}）"),
        "nothing": Label("nothing", "无"),
        "another": Label("another payee", "其他员工"),
        "facts": Label("facts of loans that pay was corrected for: {facts}", "更正所涉贷款的事实变动：{facts}"),
        "beside": Label(
            "no fact of {loans} differs; other facts of {payee} that changed: {facts}",
            "{loans} 的事实并无变动；{payee} 的其他事实变动：{facts}",
        ),
        "same": Label(
            "no fact of {loans} differs, and no other fact of {payee}: what changed is facts of other payees, "
            "readings, rules, people, targets or exchange rates",
            "{loans} 的事实并无变动，{payee} 的其他事实也无变动："
            "变动来自其他员工的事实、完成值、规则、人员、目标或汇率",
        ),
        "no loan": Label(
            "pay of {payee} that is of no single loan was corrected; facts of {payee} that changed: {facts}",
            "{payee} 不属于单笔贷款的薪酬已更正；{payee} 的事实变动：{facts}",
        ),
        "no loan, same": Label(
            "pay of {payee} that is of no single loan was corrected, and no fact of {payee} differs: what changed is "
            "facts of the team, readings, rules, people, targets or exchange rates",
            "{payee} 不属于单笔贷款的薪酬已更正，而 {payee} 的事实并无变动："
            "变动来自团队的事实、完成值、规则、人员、目标或汇率",
        ),
        "more": Label("{count:more fact/more facts}", "另有 {count} 项事实"),
        "unknown": Label(
            "which facts of {loans} changed, as facts are not given as they were when pay was posted",
            "{loans} 的哪些事实发生变动（未提供入账时的事实数据）",
        ),
        "unknown of no loan": Label(
            "what changed pay of {payee} that is of no single loan: facts of {payee} or of the team, or readings, as "
            "facts are not given as they were when pay was posted",
            "{payee} 不属于单笔贷款的薪酬因何变动：本人或团队的事实，或完成值（未提供入账时的事实数据）",
        ),
        "loan": Label("loan {loan}", "贷款 {loan}"),
        "others": Label("{count:more loan/more loans}", "另外 {count} 笔贷款"),
        "method": Label(
            "facts as they were when pay was posted are compared with facts as they are, by their natural keys",
            "按自然键逐项比对入账时的事实与当前事实",
        ),
        "limits": Label("who changed a fact, and for what reason", "由何人、因何改动"),
    }
)  # fmt: skip


@frozen(kw_only=True)
class ChangedFact(PlainData):
    """A fact that is not what it was when pay was posted."""

    loan: str
    """Empty where it is of no loan, such as a training."""
    how: Change
    fact: Label
    """Its natural key in words, such as `event L12 2026-02-03 disbursed`."""
    what: Label
    """What it says: of a changed one each field before and after, else its amount; empty where its kind has none."""
    source: str = ""
    """Where it comes from, such as `crm 17` or `events.csv row 2`; of a withdrawn one, where it came from."""

    @property
    def label(self) -> Label:
        """All of it as a sentence."""
        source = filled(_WORDS["source"], source=source_label(self.source)) if self.source else Label("")
        what = filled(_WORDS["says"], value=self.what) if self.what.en else self.what
        return filled(_WORDS[self.how], fact=self.fact, what=what, source=source)


@frozen(kw_only=True)
class FactsThenNow:
    """Facts as they were when pay was posted and as they are now, and which payees' codes a viewer may see."""

    then: Facts = field(validator=is_a(Facts))
    now: Facts = field(validator=is_a(Facts))
    shows: Callable[[str], bool]
    """Whether the code of a payee may be shown."""

    def changed(self, loans: Iterable[str]) -> tuple[ChangedFact, ...]:
        """The facts of some loans that differ, by loan, then natural key."""
        numbers = sorted(loans)
        return self._differing(*(facts.only(loans=numbers) for facts in (self.then, self.now)))

    def changed_of(self, payee: str, through: date) -> tuple[ChangedFact, ...]:
        """The facts of a payee, and of loans that are or were theirs, that differ and are dated until some day."""
        states = (self.then, self.now)
        numbers = sorted(frozenset[str]().union(*(facts.of_payee(payee).loans for facts in states)))
        then, now = (facts.only(payees=(payee,), loans=numbers) for facts in states)
        early = {one.key for facts in (then, now) for one in facts.only(through=through)}
        return self._differing(*([one for one in facts if one.key in early] for facts in (then, now)))

    def _differing(self, then: Iterable[Fact], now: Iterable[Fact]) -> tuple[ChangedFact, ...]:
        before, after = ({one.key: one for one in facts} for facts in (then, now))
        found = [self._found("new", one) for key, one in after.items() if key not in before]
        found += [self._found("withdrawn", one) for key, one in before.items() if key not in after]
        found += [
            self._found("changed", one, before[key])
            for key, one in after.items()
            if key in before and before[key] != one
        ]
        return tuple(sorted(found, key=lambda change: (change.loan, change.fact.en)))

    def _found(self, how: Change, fact: Fact, before: Fact | None = None) -> ChangedFact:
        loan, payee, key = str(getattr(fact, "loan", "")), getattr(fact, "payee", ""), key_label(fact.key)
        if payee and not self.shows(payee):  # the share of somebody else in a loan
            return ChangedFact(loan=loan, how=how, fact=_without(key, payee), what=_WORDS["another"])
        what = self._said(fact) if before is None else listed(self._cells(before, fact))
        return ChangedFact(loan=loan, how=how, fact=key, what=what, source=fact.source)

    def _said(self, fact: Fact) -> Label:
        said = said_of(fact)
        return Label("") if said is None else self._cell(*said)

    def _cells(self, before: Fact, after: Fact) -> Iterator[Label]:
        """Each field that differs, with its name; an amount, for which a fact is looked at first, goes without it."""
        kind, said = KIND_OF[type(after)], said_of(after)
        for name, column in kind.columns.items():
            one, two = getattr(before, name), getattr(after, name)
            if one == two:
                continue
            label = Label(name.replace("_", " "), column.zh[0])
            word = "said" if said is not None and said[0] is column else "cell"
            yield filled(_WORDS[word], name=label, before=self._cell(column, one), after=self._cell(column, two))

    def _cell(self, column: FactColumn, value: Any) -> Label:
        if value is None or value == "":
            return _WORDS["nothing"]
        if column.type == "payee" and not self.shows(value):
            return _WORDS["another"]
        return cell_label(column, value)


def _without(key: Label, payee: str) -> Label:
    """The natural key of a credit, which ends with the code of its payee, without that code."""
    return Label(key.en.removesuffix(f" {payee}"), key.to("zh").removesuffix(f" {payee}"))


def then_and_now(facts: object, shows: Callable[[str], bool]) -> FactsThenNow | None:
    """The two states of facts that a caller passes; None where there are none.

    Raises:
        DataError: it is no pair of facts.
    """
    if not isinstance(facts, tuple | list):
        raise DataError("facts", f"{type(facts).__name__} is no pair of facts", _REMEDY)
    if not facts:
        return None
    if len(facts) != 2:
        raise DataError("facts", f"there are {len(facts)} of them", _REMEDY)
    for one in facts:
        must_be(one, Facts, "facts", _REMEDY)
    return FactsThenNow(then=facts[0], now=facts[1], shows=shows)


@frozen(kw_only=True)
class Corrected:
    """What of the pay of a payee was corrected: loans, and whether pay that is of no single loan."""

    payee: str
    loans: tuple[str, ...]
    of_no_loan: bool
    through: date
    """The last day of the last period that was corrected."""

    def unknown(self) -> Label | None:
        """Why the correction cannot be explained without facts as they were; None where nothing was corrected."""
        said = [filled(_WORDS["unknown"], loans=_named(self.loans))] if self.loans else []
        if self.of_no_loan:
            said.append(filled(_WORDS["unknown of no loan"], payee=self.payee))
        return listed(said) if said else None

    def findings(self, both: FactsThenNow) -> tuple[tuple[Finding, ...], tuple[ChangedFact, ...]]:
        """Which facts changed, as sentences and as data.

        Those of the corrected loans come first; only where none of them changed are other facts of the payee looked at.
        """
        own = both.changed(self.loans) if self.loans else ()
        others = both.changed_of(self.payee, self.through) if self.of_no_loan or not own else ()
        said = list[Finding]()
        if self.loans:
            word, named = ("facts", own) if own else ("beside" if others else "same", others)
            said.append(_finding(word, named, len(self.loans), loans=_named(self.loans), payee=self.payee))
        if self.of_no_loan:
            said.append(_finding("no loan" if others else "no loan, same", others, 1, payee=self.payee))
        return tuple(said), tuple(dict.fromkeys((*own, *others)))


def _finding(word: str, changed: Sequence[ChangedFact], n: int, **parts: object) -> Finding:
    """A sentence about facts that changed, which names the first of them."""
    said = [one.label for one in changed[:MOST_FACTS]]
    if len(changed) > MOST_FACTS:
        said.append(filled(_WORDS["more"], count=len(changed) - MOST_FACTS))
    label = filled(_WORDS[word], facts=listed(said), **parts)
    return Finding(label=label, n=n, certainty=Exact(), method=_WORDS["method"], limits=_WORDS["limits"])


def _named(loans: Sequence[str]) -> Label:
    said = [filled(_WORDS["loan"], loan=loan) for loan in loans[:MOST_FACTS]]
    if len(loans) > MOST_FACTS:
        said.append(filled(_WORDS["others"], count=len(loans) - MOST_FACTS))
    return Label(", ".join(one.en for one in said), "、".join(one.to("zh") for one in said))
