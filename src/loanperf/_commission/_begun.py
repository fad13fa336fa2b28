"""Begun: (drafts, plans) -> what a run through the periods starts from: its words and terms, and what is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from loanperf._commission._drafts import Drafts
from loanperf._commission._due import CARRIED, LEAST, DueRows, Notes, Terms
from loanperf._commission._earlier import Earlier, Windows
from loanperf._commission._joined import RunWords
from loanperf._commission._lookups import Lookups
from loanperf._numbers import Places, marked, nowhere, ordered, starts_of, whole
from loanperf._quantities import CURRENCIES


def words_of(lookups: Lookups, drafts: Drafts) -> RunWords:
    """The words of a run, with the codes that words of drafts have among them."""
    of_plans = {item.code for dated in lookups.plans for item in dated.plan.components}
    components = sorted({*drafts.components} | of_plans)
    stages = sorted({*drafts.stages, "", CARRIED, LEAST})
    given = [*drafts.loans]
    loans = whole(sorted(range(len(given)), key=given.__getitem__))
    loan = np.repeat(-1, len(loans) + 1)
    loan[loans] = np.arange(len(loans))
    return RunWords(
        payees=lookups.deals.payees,
        components=components,
        loans=[given[place] for place in loans.tolist()],
        stages=stages,
        codes={
            "payee": _recoded(drafts.payees, lookups.deals.payees),
            "component": _recoded(drafts.components, components),
            "loan": loan,
            "stage": _recoded(drafts.stages, stages),
        },
    )


def terms_of_run(lookups: Lookups, words: RunWords, notes: Notes | None) -> Terms:
    """What the rules of all periods look at."""
    plans = lookups.plans
    codes = sorted({dated.plan.code for dated in plans})
    roundings = tuple(dict.fromkeys(dated.plan.rounding for dated in plans))
    return Terms(
        plans=plans,
        code=whole([codes.index(dated.plan.code) for dated in plans]),
        smallest=whole([10 ** CURRENCIES[dated.currency] for dated in plans]),
        roundings=roundings,
        rounding=whole([roundings.index(dated.plan.rounding) for dated in plans]),
        components=_codes(words.components),
        stages=_codes(words.stages),
        lookups=lookups,
        notes=notes,
    )


def due_of(terms: Terms, words: RunWords, drafts: Drafts, chosen: Places) -> tuple[DueRows, Earlier]:
    """Some drafts as lines that are due, in their order; and nothing yet of their deals and windows."""
    code = terms.code[drafts.plan]
    component = drafts.component
    summed = np.flatnonzero(drafts.in_parts | drafts.fell_back)
    keys = [drafts.payee, code, component, drafts.loan, drafts.role]
    deal, size = _grouped(len(drafts), summed, [key[summed] for key in keys])
    windows, more = _windows(drafts, [drafts.payee, code, component], size)
    zero = np.repeat(0, len(chosen))
    due = DueRows(
        row=terms.numbers(len(chosen)),
        draft=chosen,
        payee=words.codes["payee"][drafts.payee[chosen]],
        plan=drafts.plan[chosen],
        component=words.codes["component"][component[chosen]],
        loan=words.codes["loan"][drafts.loan[chosen]],
        stage=words.codes["stage"][drafts.stage[chosen]],
        deal=deal[chosen],
        on=drafts.on[chosen],
        earned=drafts.earned[chosen],
        top=drafts.top[chosen],
        below=zero + drafts.below[chosen],
        net=drafts.top[chosen],
        over=zero + drafts.below[chosen],
        ends=drafts.ends[chosen],
        in_parts=drafts.in_parts[chosen],
        carried=nowhere(len(chosen)),
        passed=nowhere(len(chosen)),
    )
    takes = (drafts.top < 0) & ~drafts.ends
    return due, Earlier.of(size + more, windows, is_asked=bool(takes.any()))


def _windows(drafts: Drafts, keys: list[Places], size: int) -> tuple[Windows, int]:
    """The windows of which anything may fall back, with the drafts that accumulated in them; and how many they are."""
    draft = drafts.window_draft
    of, many = _grouped(len(draft), np.arange(len(draft)), [*(key[draft] for key in keys), drafts.window])
    asked = np.flatnonzero(marked(of[drafts.fell_back[draft]], many)[of]) if len(draft) else np.arange(0)
    return Windows(draft[asked], of[asked] + size), many


def _grouped(size: int, rows: Places, keys: list[Places]) -> tuple[Places, int]:
    """By row, the place of its keys among those of some rows, -1 of others; and how many places there are."""
    if not len(rows):
        return np.repeat(-1, size), 0
    order = ordered(*keys)
    new = np.repeat(0, len(rows))
    starts = starts_of(*(key[order] for key in keys))
    new[starts[1:]] = 1
    found = np.repeat(-1, size)
    found[rows[order]] = np.cumsum(new)
    return found, len(starts)


def _codes(words: Sequence[str]) -> Mapping[str, int]:
    return {word: code for code, word in enumerate(words)}


def _recoded(words: Sequence[str], others: Sequence[str]) -> Places:
    """Codes of words among other words; of none, that of the empty word, or -1 where it is not among those."""
    if words is others:
        return np.append(np.arange(len(words)), -1)
    known = {"": -1, **_codes(others)}
    return whole([*(known[word] for word in words), known[""]])
