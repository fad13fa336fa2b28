"""Money on pages: a statement to its balances, to what the period is made of line by line, and to what is to come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial

from attrs import evolve, frozen

from loanperf._explanations import Explanation, Language, in_words
from loanperf._ledger import EFFECTS, Entry, EntryKind, Statement
from loanperf._ledger._kinds import KIND_NAMES
from loanperf._ledger._line_words import place_of_line
from loanperf._ledger._statement import named_place
from loanperf._quantities import Money
from loanperf.report._parts import KeyFigure, PageRow, Reason, Remark, Section, table_of
from loanperf.report._reasons import of_rules, shortened
from loanperf.report._words import say
from loanperf.run import Result

BALANCES = ("entitled", "due", "held", "owed", "paid")
"""The balances of an account, as fields of `Account` and of `Effect`."""
BONUS = "bonus"
"""The plan of entries of bonuses, as their lines have it."""
_ALWAYS = ("entitled", "held", "paid")
"""The balances that have a column even where all amounts are zero."""
_SLICES = ("accrual.slice", "accrual.slice per")
"""The reasons that say of a line: base × rate = amount."""
_ELSEWHERE = ("score",)
"""Reasons below which nothing is shown, since the scorecard shows it."""
_SAID = ("accrual", "accrual.plan")
"""Reasons that the row or the sentence above the table says."""


@frozen
class PostedLine:
    """The entries of a statement that are of one line."""

    entries: tuple[Entry, ...]
    """In order of date."""

    @cached_property
    def _first(self) -> Entry | None:
        """The first entry that says what was earned, where the line is one of commission."""
        mine = (one for one in self.entries if EFFECTS[one.kind].entitled > 0)
        return next((one for one in mine if place_of_line(one)[0] not in ("", BONUS)), None)

    @cached_property
    def earned(self) -> Explanation | None:
        """What a line of commission was earned by: its plan and slices at least; None where no reasons are there."""
        accrual = None if self._first is None else self._first.accrual
        return self.reason if accrual is None else accrual.in_short()

    @property
    def reason(self) -> Explanation | None:
        """What a line of commission was earned by, with all its reasons; None where they are not there."""
        return None if self._first is None else next(of_rules(self._first.reason, ("accrual",)), None)

    @cached_property
    def effects(self) -> Mapping[str, int]:
        """By how much its entries change each balance, in smallest units."""
        done = [(entry.amount.units, EFFECTS[entry.kind]) for entry in self.entries]
        return {name: sum(units * getattr(effect, name) for units, effect in done) for name in BALANCES}


def bonus_figure(result: Result, language: Language, *, name: str) -> KeyFigure | None:
    """The bonus of a result, with how it comes about from the score; None where the scheme has none."""
    award = result.award
    if award is None:
        return None
    return KeyFigure(
        name=say(name, language),
        value=in_words(award.amount, language),
        why=lambda: (shortened(award.explain(), without=_ELSEWHERE),),
    )


def balance_figures(statement: Statement, language: Language) -> tuple[KeyFigure, ...]:
    """What is due, held, owed and paid at the end of a statement; each with what it is made of."""
    wanted = [name for name in BALANCES if name in ("due", "held", "paid") or getattr(statement.after, name).units]
    return tuple(
        KeyFigure(
            name=say(name, language),
            value=in_words(getattr(statement.after, name), language),
            why=partial(_why_balance, statement, name, language),
        )
        for name in wanted
    )


def lines_section(statement: Statement, language: Language) -> Section:
    """What the period of a statement is made of, line by line, with base × rate where a line has them."""
    lines = _lines_of(statement)
    shown = [name for name in BALANCES if name in _ALWAYS or any(line.effects[name] for line in lines)]
    heads = ("line", "rate × base", *shown)
    rows = [_row(statement, line, shown, language) for line in lines]
    changes = [_change(statement, name) for name in shown]
    total = [_amount(change.units, change.currency, language) for change in changes]
    rows.append(PageRow(cells=(say("total", language), "", *total), is_total=True))
    table = table_of("lines", heads, rows, language, numbers=shown, in_parts=True)
    return Section(heading=say("lines", language), lead=_plans(lines, language), tables=(table,))


def tells_bonus(statement: Statement) -> bool:
    """Whether bonuses are posted in the period, so that its lines, payments and balances tell them."""
    return any(place_of_line(entry)[0] == BONUS for entry in statement.entries)


def of_commission(statement: Statement) -> Statement:
    """The lines of commission of a statement alone, for who may not see their bonus yet.

    Payments and what is held of all pay are left out too, and balances change by these lines alone.
    """
    lines = tuple(entry for entry in statement.entries if place_of_line(entry)[0] not in ("", BONUS))
    moved = PostedLine(lines).effects
    after = {
        name: before + Money.from_units(moved[name], before.currency)
        for name in BALANCES
        for before in [getattr(statement.before, name)]
    }
    return evolve(statement, entries=lines, after=evolve(statement.before, **after), held=(), stopped=())


def _plans(lines: Iterable[PostedLine], language: Language) -> str:
    """The plans by which lines were earned, each with its version, once."""
    said = [
        node.sentence(language) for line in lines if line.earned for node in of_rules(line.earned, ("accrual.plan",))
    ]
    return ("; " if language == "en" else "；").join(dict.fromkeys(said))


def balances_section(statement: Statement, language: Language) -> Section:
    """The balances of a statement before the period, their change, and after it."""
    rows = [
        PageRow(
            cells=(
                say(name, language),
                in_words(getattr(statement.before, name), language),
                in_words(_change(statement, name), language),
                in_words(getattr(statement.after, name), language),
            ),
            opens=say(name, language),
            why=partial(_why_balance, statement, name, language),
        )
        for name in BALANCES
    ]
    heads = ("balance", "before", "change", "after")
    table = table_of("balances", heads, rows, language, numbers=heads[1:])
    return Section(heading=say("balances", language), tables=(table,))


def ahead(statement: Statement, language: Language) -> tuple[Remark, ...]:
    """What is held and when it is released, what waits and for what, and what is not paid and why."""
    return tuple(Remark(text=text) for text in statement.ahead(language))


def next_tiers(statement: Statement, language: Language) -> tuple[Remark, ...]:
    """The tier that each component has reached by its last entry, and how far it is to the next one."""
    found = dict[tuple[str, str], str]()
    for line in _lines_of(statement):
        reason = line.reason
        for node in () if reason is None else of_rules(reason, ("accrual.tier", "accrual.tier read")):
            plan, component = named_place(statement, line.entries[0], language)
            found[plan, component] = f"{component} {node.sentence(language)}"
    return tuple(Remark(text=text) for text in found.values())


def _lines_of(statement: Statement) -> list[PostedLine]:
    """The entries by the lines of which they are, in the order in which the lines come first; payments one by one."""
    found = defaultdict[tuple[str, int], list[Entry]](list)
    for entry in statement.by_date:
        one_by_one = entry.number if entry.kind is EntryKind.PAID or not entry.line else 0
        found[entry.line, one_by_one].append(entry)
    return [PostedLine(tuple(entries)) for entries in found.values()]


def _named(statement: Statement, line: PostedLine, language: Language) -> str:
    """What a line is called: its component, loan and stage where its reasons say so."""
    first, earned = line.entries[0], line.earned
    if earned is not None:
        return f"{first.on} {in_words(dict(earned.values)['what'], language)}"
    component = named_place(statement, first, language)[1] or KIND_NAMES[first.kind].to(language)
    return " ".join(part for part in (first.on.isoformat(), component, first.loan) if part)


def _row(statement: Statement, line: PostedLine, shown: Sequence[str], language: Language) -> PageRow:
    earned = line.earned
    slices = [] if earned is None else [node.sentence(language) for node in of_rules(earned, _SLICES)]
    named = _named(statement, line, language)
    currency = line.entries[0].amount.currency
    amounts = [_amount(line.effects[name], currency, language) for name in shown]
    return PageRow(
        cells=(named, "; ".join(slices), *amounts),
        opens=line.entries[0].loan or named,
        why=partial(_why_line, line),
    )


def _why_line(line: PostedLine) -> tuple[Reason, ...]:
    return tuple(shortened(entry.reason, without=_ELSEWHERE, said=_SAID) for entry in line.entries)


def _why_balance(statement: Statement, name: str, language: Language) -> tuple[Reason, ...]:
    """What a balance was before the period, and what entries of each kind made of it."""
    said = [say("carried", language, amount=in_words(getattr(statement.before, name), language))]
    for kind, amount in statement.totals:
        effect = getattr(EFFECTS[kind], name)
        if effect:
            changed = Money.from_units(amount.units * effect, amount.currency)
            said.append(f"{KIND_NAMES[kind].to(language)} {in_words(changed, language)}")
    return tuple(said)


def _change(statement: Statement, name: str) -> Money:
    return getattr(statement.after, name) - getattr(statement.before, name)  # type: ignore[no-any-return]


def _amount(units: int, currency: str, language: Language) -> str:
    """An amount as it is read; nothing for zero, so that what is there can be seen."""
    return in_words(Money.from_units(units, currency), language) if units else ""
