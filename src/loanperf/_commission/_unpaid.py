"""Unpaid: what was worked -> each loan that comes to nothing for somebody, once, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import islice

import numpy as np
from attrs import frozen

from loanperf._commission._accrual import Accrual, NoPlan, Unpaid, UnpaidBy
from loanperf._commission._deals import Deals
from loanperf._commission._drafts import Drafts
from loanperf._commission._eligible import SizedDeals
from loanperf._commission._found import Found
from loanperf._commission._lines import Lines
from loanperf._commission._names import name_of
from loanperf._commission._plan import OF_LOANS, OF_TIME, Component
from loanperf._commission._rates import within
from loanperf._commission._states import DealState
from loanperf._commission._steps import Sources
from loanperf._commission._tracks import NOBODY, NOT_HELD, are_held, parts_of
from loanperf._explanations import Label, in_words
from loanperf._facts import EventKind
from loanperf._indicators import BOUNDS, Where, bounds_of, term_label
from loanperf._numbers import (
    FAR,
    Columns,
    Places,
    Truth,
    Whole,
    day_number,
    day_of,
    matched,
    nowhere,
    ordered,
    paired,
    place_in,
    starts_of,
    whole,
)
from loanperf._quantities import plain
from loanperf.errors import Problem, shown

_ENDED = (DealState.KEPT, DealState.REVERSED, DealState.EXPIRED)
_LIMITS = frozenset({"accrual.multiplier", "accrual.gate", "accrual.cap", "accrual.rounded"})
_TIERS = frozenset({"accrual.tier", "accrual.tier read"})
_FIRST: tuple[UnpaidBy, ...] = (
    "minimum", "limits", "officer", "ended", "books", "balance", "condition", "credit", "base", "no plan", "not chosen",
)  # fmt: skip
"""Of the reasons of several components, which one counts: the one that came nearest to paying."""


@frozen
class UnpaidReason:
    by: UnpaidBy
    on: date | None
    """The day on which it would have fallen due; None where it is not reached."""
    text: Label


@frozen(eq=False)
class _LoanPairs(Columns):
    """Payees with the deals that they held by the last day, or have a credit in, in order of deal."""

    deal: Places
    payee: Places
    since: Whole
    """The first day on which a payee had to do with the deal."""

    @classmethod
    def of(cls, deals: Deals) -> _LoanPairs:
        """Everybody's deals, of those that are open by the last day."""
        assigned, credited = deals.events(EventKind.ASSIGNED), deals.credits
        held = np.flatnonzero(assigned.on <= deals.last)
        deal = np.concatenate([np.arange(len(deals)), assigned.deal[held], credited.deal])
        payee = np.concatenate([deals.officer, assigned.payee[held], credited.payee])
        on = np.concatenate([deals.opened, assigned.on[held], credited.on])
        order = ordered(deal, payee, on)
        deal, payee, on = deal[order], payee[order], on[order]
        first = starts_of(deal, payee)
        first = first[deals.opened[deal[first]] <= deals.last]
        return cls(deal[first], payee[first], on[first])


def unpaid(
    sources: Sources, drafts: Drafts, lines: Lines, found: Found, problems: Iterable[Problem]
) -> tuple[Unpaid, ...]:
    """Each loan for which a payee is paid nothing, and why; in order of payee and loan.

    Everybody who held a loan by the last day or has a credit in it is paid for it, waits, has a problem with it, or is
    here. Who could not be worked may be missing where nothing but that problem is known.
    """
    deals = sources.deals
    pairs = _LoanPairs.of(deals)
    coded = _PairKeys.of(deals)
    pairs = pairs.some(~(coded.faulty(pairs, problems) | _paid(coded, pairs, drafts, lines, found)))
    why = _UnpaidReasons.of(sources, pairs, coded, lines, found)
    places = range(len(pairs.deal))
    items = (why.item(place) for place in sorted(places, key=why.order))
    return tuple(item for item in items if item is not None)


@frozen(eq=False)
class _PairKeys:
    """Payees and loans by their texts."""

    deals: Deals
    loans: Mapping[str, int]
    payees: Mapping[str, int]

    @classmethod
    def of(cls, deals: Deals) -> _PairKeys:
        """The texts of deals."""
        loans = {code: place for place, code in enumerate(islice(deals.codes, len(deals)))}
        return cls(deals, loans, {code: place for place, code in enumerate(deals.payees)})

    def keys(self, payee: Places, deal: Places) -> Whole:
        """A number for each payee and deal."""
        return deal * len(self.payees) + payee

    def of_texts(self, pairs: Iterable[tuple[str, str]]) -> Whole:
        """The numbers of payees and loans by their texts, of those that are known."""
        known = [(self.payees.get(payee, -1), self.loans.get(loan, -1)) for payee, loan in pairs]
        return whole([deal * len(self.payees) + payee for payee, deal in known if payee >= 0 and deal >= 0])

    def of_lines(self, lines: Lines, rows: Places) -> Whole:
        """The numbers of lines, each of a loan."""
        loans = whole([*(self.loans.get(word, -1) for word in lines.loans), -1])
        return self.keys(lines.payee[rows], loans[lines.loan[rows]])

    def faulty(self, pairs: _LoanPairs, problems: Iterable[Problem]) -> Truth:
        """Which have a problem of their own, or of their loan."""
        told = [(problem.payee, problem.loan) for problem in problems if problem.loan]
        loans = whole([self.loans[loan] for payee, loan in told if not payee and loan in self.loans])
        return _are_in(pairs.deal, loans) | _are_in(self.keys(pairs.payee, pairs.deal), self.of_texts(told))


def _are_in(values: Whole, known: Whole) -> Truth:
    """Which values are among others."""
    return place_in(np.sort(known), values) >= 0


def _paid(coded: _PairKeys, pairs: _LoanPairs, drafts: Drafts, lines: Lines, found: Found) -> Truth:
    """Which are paid, wait, or have lines that are not known because of a problem of the payee."""
    keys = coded.keys(pairs.payee, pairs.deal)
    of_loans = np.flatnonzero(lines.loan >= 0)
    line = coded.of_lines(lines, of_loans)
    paid = line[lines.units[of_loans] != 0]
    of_drafts = drafts.loan >= 0
    drafted = coded.keys(drafts.payee[of_drafts], drafts.loan[of_drafts])
    told = {(item.payee, item.loan) for item in found.waiting}
    told |= {(payee, loan) for deals in found.lifted for payee, *_, loan in deals.rows()}
    done = _are_in(keys, paid) | _are_in(keys, coded.of_texts(told))
    done |= _are_in(keys, drafted) & ~_are_in(keys, line)
    rest = np.flatnonzero(_are_in(line, keys[~done]))
    return done | _are_in(keys, line[rest[_lifted(lines, of_loans[rest])]])


def _lifted(lines: Lines, rows: Places) -> Truth:
    """Which lines of balances are of periods in which a later balance reached a higher tier, which pays them too."""
    found, known = nowhere(len(rows)), dict[tuple[int, ...], bool]()
    columns = (lines.payee, lines.plan, lines.component, lines.period)
    for place, row in enumerate(rows.tolist()):
        if not lines.stages[int(lines.stage[row])]:
            key = tuple(int(column[row]) for column in columns)
            if key not in known:
                beside = np.flatnonzero(
                    (lines.payee == key[0]) & (lines.component == key[2]) & (lines.period == key[3])
                )
                code = lines.plans[key[1]].plan.code
                same = [other for other in beside.tolist() if lines.plans[int(lines.plan[other])].plan.code == code]
                steps = (step for other in same for step in within(lines.steps(other)))
                known[key] = any(step.rule == "accrual.earlier" for step in steps)
            found[place] = known[key]
    return found


# ── why ─────────────────────────────────────────────────────────────────────────────────────────────────────


@frozen(eq=False, kw_only=True)
class _UnpaidReasons:
    """Why loans come to nothing for payees."""

    sources: Sources
    pairs: _LoanPairs
    lines: Lines
    found: Found
    tracks: Mapping[int, Sequence[int]]
    """By pair, its tracks."""
    of_lines: Mapping[int, Sequence[int]]
    """By pair, its lines."""
    blocks: Mapping[int, Sequence[tuple[Label, UnpaidReason]]]
    """By track with a plan, why each component of it pays nothing."""

    @classmethod
    def of(cls, sources: Sources, pairs: _LoanPairs, coded: _PairKeys, lines: Lines, found: Found) -> _UnpaidReasons:
        """The reasons of some pairs."""
        tracks = sources.tracks
        pair, row = paired(tracks.begins[pairs.deal], tracks.begins[pairs.deal + 1])
        mine = tracks.payee[row] == pairs.payee[pair]
        pair, row = pair[mine], row[mine]
        keys = coded.keys(pairs.payee, pairs.deal)
        rows = np.flatnonzero(lines.loan >= 0)
        line = coded.of_lines(lines, rows)
        order = ordered(line)
        asked, place = matched(line[order], keys)
        of_lines = _listed(asked, rows[order][place])
        planned = (tracks.plan[row] >= 0) & ~_are_in(pair, asked)
        blocks = _AgainstPay(sources, found).of(row[planned])
        return cls(
            sources=sources,
            pairs=pairs,
            lines=lines,
            found=found,
            tracks=_listed(pair, row),
            of_lines=of_lines,
            blocks=blocks,
        )

    def order(self, pair: int) -> tuple[int, str]:
        """Payee and loan, by which pairs are in order."""
        return int(self.pairs.payee[pair]), self.sources.deals.codes[int(self.pairs.deal[pair])]

    def item(self, pair: int) -> Unpaid | None:
        """The `Unpaid` of a pair, on no day before the payee had the loan; None where only a problem is known."""
        deals, payee, deal = self.sources.deals, int(self.pairs.payee[pair]), int(self.pairs.deal[pair])
        reason = self._reason(pair, deals.payees[payee])
        if reason is None:
            return None
        calendar = self.sources.lookups.calendar
        on = None if reason.on is None else max(reason.on, day_of(int(self.pairs.since[pair])))
        place = -1 if on is None else int(calendar.place(whole([day_number(on)]))[0])
        period = calendar.periods[place] if place >= 0 else None
        return Unpaid(
            payee=deals.payees[payee], loan=deals.codes[deal], on=on, period=period, by=reason.by, reason=reason.text
        )

    def _reason(self, pair: int, payee: str) -> UnpaidReason | None:
        """Why a loan comes to nothing for a payee; None where only the payee's problem is known."""
        tracks, deals, deal = self.sources.tracks, self.sources.deals, int(self.pairs.deal[pair])
        rows, opened = self.tracks.get(pair, ()), day_of(int(deals.opened[deal]))
        without = [row for row in rows if NOBODY < tracks.plan[row] < NOT_HELD]
        if without:
            return _no_plan(tracks.no_plan(without[-1]))
        if pair in self.of_lines:
            return _nothing([self.lines.row(row) for row in self.of_lines[pair]])
        parts = [row for row in rows if tracks.plan[row] >= 0]
        if not parts:
            credited = deals.credits.payee[deals.credits.deal == deal]
            names = sorted({deals.payees[place] for place in credited.tolist()} - {payee})
            said = Label(f"the loan is credited to {' and '.join(names)}", f"贷款归属 {'、'.join(names)}")
            return UnpaidReason("officer", opened, said) if names else None
        reasons = [item for row in parts for item in self.blocks[row]]
        if not reasons:
            if payee in self.found.blocked:
                return None
            reasons = [(Label(""), UnpaidReason("base", opened, Label("its base is zero", "计提基数为零")))]
        first = min((reason for _, reason in reasons), key=lambda reason: _FIRST.index(reason.by))
        days = [reason.on for _, reason in reasons if reason.on is not None]
        return UnpaidReason(first.by, min(days, default=None), _joined(reasons))


def _listed(keys: Places, values: Places) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for key, value in zip(keys.tolist(), values.tolist(), strict=True):
        found[key].append(value)
    return found


def _joined(reasons: Sequence[tuple[Label, UnpaidReason]]) -> Label:
    """The reasons as one; of several components, each with its name."""
    if len({reason.text for _, reason in reasons}) == 1:
        return reasons[0][1].text
    english = "; ".join(f"{name.en}: {reason.text.en}" for name, reason in reasons)
    return Label(english, "；".join(f"{name.to('zh')}：{reason.text.to('zh')}" for name, reason in reasons))


def _no_plan(no: NoPlan) -> UnpaidReason:
    """Why no plan of the payee holds for a loan."""
    milestone = name_of(no.milestone)
    match no.why:
        case "none fits":
            who = _who(no)
            english = f"no plan fits {who.en} on {no.on} ({milestone.en}), the day that decides"
            chinese = f"方案选定日 {no.on}（{milestone.zh}）无适用于{who.zh}的方案"
            return UnpaidReason("no plan", no.on, Label(english, chinese))
        case "not in force":
            english = f"no plan was in force on {no.on} ({milestone.en}), the day that decides"
            return UnpaidReason("no plan", no.on, Label(english, f"方案选定日 {no.on}（{milestone.zh}）尚无生效方案"))
        case "not chosen":
            english = f"it waits for the milestone {milestone.en}, whose day decides which plan holds"
            return UnpaidReason("not chosen", None, Label(english, f"等待{milestone.zh}，方案于该日选定"))


_ASKED = {
    "role": Label("role", "岗位"),
    "product_line": Label("product line", "产品线"),
    "tier": Label("tier", "职级"),
    "unit": Label("unit", "机构"),
}
"""What plans ask of a payee."""


def _who(no: NoPlan) -> Label:
    """What a payee was on the day that decides: `role 'clerk', unit 'east'`."""
    held = [(word, str(getattr(no.held, key, ""))) for key, word in _ASKED.items()]
    english = ", ".join(f"{word.en} {value!r}" for word, value in held if value)
    return Label(english, "、".join(f"{word.zh} {value}" for word, value in held if value) + " ")


def _nothing(lines: Sequence[Accrual]) -> UnpaidReason:
    """Why lines come to nothing: the tier or rate, or what limits took."""
    on, steps = min(line.on for line in lines), [step for line in lines for step in line.steps]
    gross = sum(line.gross for line in lines)
    limits = [step for step in steps if step.rule in _LIMITS]
    if gross and limits:
        said = Label(
            f"nothing is left of {plain(gross)}: {limits[-1].sentence('en')}",
            f"{in_words(plain(gross), 'zh', bare=True)} 经调整后为零：{limits[-1].sentence('zh')}",
        )
        return UnpaidReason("limits", on, said)
    step = next((step for step in within(steps) if step.rule in _TIERS), steps[-1] if steps else None)
    english, chinese = ("", "") if step is None else (f": {step.sentence('en')}", f"：{step.sentence('zh')}")
    return UnpaidReason("minimum", on, Label(f"below the minimum{english}", f"未达起付标准{chinese}"))


# ── what is against a component ─────────────────────────────────────────────────────────────────────────────


@frozen(eq=False)
class _AgainstPay:
    """Why components pay nothing for tracks."""

    sources: Sources
    found: Found

    def of(self, rows: Places) -> dict[int, list[tuple[Label, UnpaidReason]]]:
        """By track the reasons of the components of its plan, in their order, each with its name."""
        plan, found = self.sources.tracks.plan[rows], dict[int, list[tuple[Label, UnpaidReason]]]()
        for row in rows.tolist():
            found[row] = []
        for place, dated in enumerate(self.sources.lookups.plans):
            mine = rows[plan == place]
            components = [item for item in dated.plan.components if item.base in OF_LOANS | OF_TIME]
            for component in components if len(mine) else ():
                of = self._of_deals if component.base in OF_LOANS else self._of_time
                for row, reason in of(place, component, mine):
                    found[row].append((dated.name(component.code), reason))
            if not components:
                name = dated.name()
                text = (f"plan {name.en} pays nothing for a single loan", f"方案 {name.to('zh')} 不按单笔贷款计提")
                for row in mine.tolist():
                    found[row].append((name, UnpaidReason("base", self._opened(row), Label(*text))))
        return found

    def _of_deals(self, plan: int, component: Component, rows: Places) -> Iterator[tuple[int, UnpaidReason]]:
        """Why a component of deals pays nothing for tracks; nothing where nothing is against it."""
        tracks, deals = self.sources.tracks, self.sources.deals
        deal = tracks.deal[rows]
        reached = deals.reached(component.steps[0].milestone)[deal]
        known = reached <= deals.last
        day, on = np.where(known, reached, deals.last), np.where(known, reached, FAR)
        currency = self.sources.lookups.plans[plan].currency
        size = self.sources.sizes[currency].on(deal, day, contracted=component.base == "contracted")
        asked = SizedDeals(deal=deal, top=size.top, below=size.below, known=size.known)
        first = self._first_unmet(component, asked)
        part = parts_of(component, tracks, tracks.share[rows])[0] != 0
        holds = are_held(tracks, component, tracks.share[rows], day)
        before = known & (self.sources.lookups.calendar.place(on) < 0)
        for at, row in enumerate(rows.tolist()):
            due = day_of(int(on[at])) if known[at] else None
            if not part[at]:
                yield row, self._no_part(row, due)
            elif first[at] >= 0:
                where = component.where[first[at]]
                yield row, UnpaidReason("condition", due, _unmet(where, self.sources.eligible.terms(asked, at)))
            elif not holds[at]:
                yield row, UnpaidReason("officer", due or self._lost(row), self._held_by(component, row, int(day[at])))
            elif (reason := self._ended(plan, component, row, due)) is not None:
                yield row, reason
            elif before[at]:
                start = self.sources.lookups.calendar.periods[0].start
                said = Label(
                    f"it fell due on {due}, before the books begin on {start}", f"{due} 到期，早于账期起始日 {start}"
                )
                yield row, UnpaidReason("books", due, said)

    def _of_time(self, _: int, component: Component, rows: Places) -> Iterator[tuple[int, UnpaidReason]]:
        """Why a component of balances or receipts pays nothing for tracks."""
        tracks, deals = self.sources.tracks, self.sources.deals
        deal = tracks.deal[rows]
        none = deal * 0
        asked = SizedDeals(deal=deal, top=none, below=1, known=none > 0)
        first, last = self._first_unmet(component, asked), none + deals.last
        holds = are_held(tracks, component, tracks.share[rows], last)
        for at, row in enumerate(rows.tolist()):
            opened = self._opened(row)
            if deals.roles[int(tracks.shares.role[tracks.share[row]])] not in dict(component.split):
                yield row, self._no_part(row, opened)
            elif first[at] >= 0:
                where = component.where[first[at]]
                yield row, UnpaidReason("condition", opened, _unmet(where, self.sources.eligible.terms(asked, at)))
            elif not holds[at]:
                yield row, UnpaidReason("officer", self._lost(row), self._held_by(component, row, deals.last))
            elif component.base == "receipts":
                yield row, UnpaidReason("balance", opened, Label("nothing came in that is paid for", "无可计提回款"))
            else:
                yield row, UnpaidReason("balance", opened, Label("it has no balance that is paid for", "无可计提余额"))

    def _first_unmet(self, component: Component, asked: SizedDeals) -> Places:
        """The first filter that each loan does not fulfil, as far as is known; -1 where it fulfils all."""
        found = np.repeat(-1, len(asked.deal))
        for place, item in reversed([*enumerate(component.where)]):
            found = np.where(self.sources.eligible.fits_but_amount((item,), asked), found, place)
        return found

    def _ended(self, plan: int, component: Component, row: int, due: date | None) -> UnpaidReason | None:
        """That a deal ended before anything of it was due."""
        tracks, deals = self.sources.tracks, self.sources.deals
        deal, payee = int(tracks.deal[row]), deals.payees[int(tracks.payee[row])]
        code = self.sources.lookups.plans[plan].plan.code
        if self.found.states.get((payee, code, component.code, deals.codes[deal])) not in _ENDED:
            return None
        cancelled = int(deals.first(EventKind.CANCELLED)[deal])
        if cancelled >= FAR:
            return UnpaidReason("ended", due, Label("it ended before anything of it was due", "应计前已终止"))
        ended = day_of(cancelled)
        said = Label(f"it was cancelled on {ended}, before anything of it was due", f"{ended} 撤销，此前无应计")
        return UnpaidReason("ended", ended, said)

    def _opened(self, row: int) -> date:
        return day_of(int(self.sources.deals.opened[self.sources.tracks.deal[row]]))

    def _no_part(self, row: int, on: date | None) -> UnpaidReason:
        tracks = self.sources.tracks
        role = name_of(self.sources.deals.roles[int(tracks.shares.role[tracks.share[row]])])
        english = f"the plan has no part for the credit of {role.en}"
        return UnpaidReason("credit", on, Label(english, f"方案未设 {role.to('zh')} 分成"))

    def _lost(self, row: int) -> date:
        """The first day on which a loan was somebody else's after a payee had it; else that of its opening."""
        deals, tracks = self.sources.deals, self.sources.tracks
        deal, payee, assigned = int(tracks.deal[row]), int(tracks.payee[row]), deals.events(EventKind.ASSIGNED)
        mine = slice(*np.searchsorted(assigned.deal, [deal, deal + 1]).tolist())
        had = deals.officer[deal] == payee
        for on, officer in zip(assigned.on[mine].tolist(), assigned.payee[mine].tolist(), strict=True):
            if had and officer != payee:
                return day_of(on)
            had = had or officer == payee
        return self._opened(row)

    def _held_by(self, component: Component, row: int, on: int) -> Label:
        deals, deal = self.sources.deals, self.sources.tracks.deal[row : row + 1]
        if component.held_at == "origination":
            officer = deals.payees[int(deals.officer[deal][0])]
            return Label(
                f"the plan pays who began the loan, {officer}", f"方案按经办客户经理计提，经办客户经理为 {officer}"
            )
        officer = deals.payees[int(deals.holder(deal, whole([on]))[0])]
        return Label(f"{officer} held it on {day_of(on)}", f"{day_of(on)} 贷款归属 {officer}")


def _unmet(where: Where, terms: dict[str, object]) -> Label:
    """What a loan is and what it would have to be: `product is 'renewal', and must be 'new'`."""
    name, value = Label("amount", "金额") if where.field == "amount" else name_of(where.field), terms.get(where.field)
    if where.values:
        english = f"must be {' or '.join(map(shown, where.values))}"
        chinese = f"须为 {' 或 '.join(term_label(where.field, str(item)).to('zh') for item in where.values)}"
    else:
        held = [(BOUNDS[key], str(bound)) for key, bound in bounds_of(where).items()]
        english = "must be " + " and ".join(f"{word.en} {bound}" for word, bound in held)
        chinese = "须" + "且".join(f"{word.zh} {in_words(bound, 'zh', bare=True)}" for word, bound in held)
    if value is None or value == "":
        return Label(f"its {name.en} is not stated, and {english}", f"{name.to('zh')}未填，{chinese}")
    found = plain(value) if isinstance(value, Fraction) else str(value)
    said = shown(found) if isinstance(value, str) else found
    number = in_words(found, "zh", bare=True)
    if isinstance(value, str):
        number = _named(where, value)
    return Label(f"its {name.en} is {said}, and {english}", f"{name.to('zh')}为 {number}，{chinese}")


def _named(where: Where, value: str) -> str:
    """A word of a loan in Chinese; with the word itself, 个人（personal）, where the scheme has one without a name."""
    name = term_label(where.field, value).to("zh")
    slips = any(term_label(where.field, str(item)).to("zh") == str(item) for item in where.values)
    return f"{name}（{value}）" if slips and name != value else name
