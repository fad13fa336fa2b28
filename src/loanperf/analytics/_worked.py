"""Worked: (run of a period) -> what each payee has of it, by product, with score, grade and what limited it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np
from attrs import frozen

from loanperf._explanations import Label
from loanperf._facts import Facts
from loanperf._ledger import EFFECTS, Entries, Entry, EntryKind
from loanperf._numbers import bounded, distinct, largest, total_of
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES
from loanperf.analytics._scenario import must_be_of
from loanperf.run import Result, Run

LIMITS: Mapping[str, Label] = {
    "veto": Label("vetoes", "一票否决"),
    "gate": Label("gates that cut a bonus", "奖金门槛扣减"),
    "cap": Label("caps of a bonus", "奖金封顶"),
    "floor": Label("floors of a bonus", "奖金保底"),
    "line": Label("lines cut by gates, caps or multipliers", "提成明细被门槛、封顶或系数调减"),
}
"""What limits pay."""
_EFFECT = {code: EFFECTS[kind].entitled for code, kind in enumerate(EntryKind)}
"""By code of a kind of entries: what it does to what a payee has earned and keeps."""


@frozen(kw_only=True)
class WorkedPeriod:
    """What a period comes to by one scenario; amounts in smallest units."""

    period: Period
    pay: Mapping[str, int]
    """By payee: what was earned less what was taken back, bonus and commission together, whenever it is paid out."""
    by_product: Mapping[tuple[str, str], int]
    """The same by payee and product of the loan; the empty product is that of pay for no loan."""
    scores: Mapping[str, Fraction]
    """By payee, in points; of several assignments weighted by their days."""
    grades: Mapping[str, str]
    """By payee: the grade of the last assignment that has one."""
    limits: Mapping[str, int]
    """By key of `LIMITS`, how often it struck."""


def worked_period(run: Run, facts: Facts, currency: str, without: frozenset[str]) -> WorkedPeriod:
    """What a run of a period comes to.

    Args:
        run: of the period.
        facts: know the products of loans.
        currency: of the schemes.
        without: payees who are left out.

    Raises:
        DataError: there is an amount in another currency.
    """
    pay, by_product = defaultdict[str, int](int), defaultdict[tuple[str, str], int](int)
    for payee, product, units in earned_in(run.entries, facts, currency):
        if payee not in without:
            pay[payee] += units
            by_product[payee, product] += units
    scores, days, grades = defaultdict[str, Fraction](Fraction), Counter[str](), dict[str, str]()
    limits = Counter[str]()
    for place, one in enumerate(run.results.numbers()):
        if one.payee in without:
            continue
        pay.setdefault(one.payee, 0)
        scores[one.payee] += one.score * one.days
        days[one.payee] += one.days
        if one.grade is not None:
            grades[one.payee] = one.grade
        if one.may_be_limited:
            limits.update(_what_limited(run.results[place]))
    limits["line"] = _cut_lines(run)
    return WorkedPeriod(
        period=run.period,
        pay=pay,
        by_product=by_product,
        scores={payee: score / days[payee] for payee, score in scores.items()},
        grades=grades,
        limits=limits,
    )


def earned_in(entries: Entries, facts: Facts, currency: str) -> Iterator[tuple[str, str, int]]:
    """What entries do to what is earned and kept: payee, product and smallest units, each pair once."""
    if not len(entries):
        return
    for code in distinct(entries.currency)[0].tolist():
        must_be_of(entries.words.currency.texts[code], currency, f"what is earned in {entries.periods[0]}")
    products = _products(entries, facts)
    words = ["", *dict.fromkeys(products.values())]
    place = {word: number for number, word in enumerate(words)}
    of_loan = np.array([*(place[products.get(word, "")] for word in entries.words.loan.texts), 0])
    effect = np.array([_EFFECT[code] for code in range(len(_EFFECT))])[entries.kind]
    earned = np.flatnonzero(effect)
    pairs, rows = distinct((entries.payee * len(words) + of_loan[entries.loan])[earned])
    (units,) = bounded(largest(entries.units) * len(entries), entries.units)
    sums = total_of((units * effect)[earned], rows, len(pairs))
    for pair, total in zip(pairs.tolist(), sums.tolist(), strict=True):
        yield entries.words.payee.texts[pair // len(words)], words[pair % len(words)], total


def _products(entries: Entries, facts: Facts) -> dict[str, str]:
    """The product of each loan."""
    loans = facts.tables["loans"]
    if not loans.rows or not len(loans["product"].words):
        return {}
    names, products = loans["loan"], loans["product"]
    of = zip(names.values.tolist(), products.values.tolist(), strict=True)
    known = {str(names.words[loan]): str(products.words[code]) for loan, code in of if code >= 0}
    return {loan: known[loan] for loan in entries.words.loan.texts if loan in known}


def _what_limited(result: Result) -> Iterator[str]:
    """What limited a score and a bonus, each once a veto or step."""
    yield from ("veto" for _ in result.appraisal.vetoes)
    for step in () if result.award is None else result.award.steps:
        kind = step.rule.removeprefix("award.")
        if kind in LIMITS:
            yield kind


def _cut_lines(run: Run) -> int:
    """How many lines of commission of a period come to less than their base times their rate, by a unit or more."""
    if run.accruals is None or not len(run.accruals):
        return 0
    lines = run.accruals.columns
    mine = [place for place, period in enumerate(lines.periods) if period == run.period]
    scale = np.array([10 ** CURRENCIES[plan.currency] for plan in lines.plans])[lines.plan]
    most = 2 * largest(lines.gross) * largest(scale) + 2 * (largest(lines.units) + 1) * largest(lines.below)
    gross, units, below, scale = bounded(most, lines.gross, lines.units, lines.below, scale)
    cut = (gross * scale - units * below >= below) & (gross > 0)
    return int(np.count_nonzero(cut & np.isin(lines.period, mine)))


def entries_of(entries: Entries, payee: str) -> list[Entry]:
    """The entries of a payee."""
    code = entries.words.payee.code(payee)
    return [entries[place] for place in np.flatnonzero(entries.payee == code).tolist()]


def held_in(people: Organisation, payee: str, period: Period) -> Assignment | None:
    """The last assignment of a payee in a period; None where there is none."""
    parts = people.assignments_in(payee, period)
    return parts[-1][0] if parts else None
