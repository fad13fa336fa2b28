"""Unpaid: (deals, what was worked) -> each loan that comes to nothing for somebody, once, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import chain

from attrs import frozen

from loanperf._commission._accrual import Accrual, NoPlan, Unpaid, UnpaidBy
from loanperf._commission._books import Books
from loanperf._commission._credits import holds
from loanperf._commission._deals import Deal, DealState
from loanperf._commission._drafts import Drafts
from loanperf._commission._found import CreditedPart, Found
from loanperf._commission._lots import Record, Tally
from loanperf._commission._names import name_of
from loanperf._commission._plan import OF_BALANCES, OF_LOANS, Component, Tiers
from loanperf._commission._stages import Track, terms_of
from loanperf._commission._terms import fits
from loanperf._explanations import Explanation, Label, in_words
from loanperf._facts import EventKind
from loanperf._indicators import BOUNDS, Where, bounds_of, term_label
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
class _Reason:
    by: UnpaidBy
    on: date | None
    """The day on which it would have fallen due; None where it is not reached."""
    text: Label


def unpaid(
    books: Books,
    deals: Iterable[Deal],
    parts: Iterable[CreditedPart],
    found: Found,
    drafts: Drafts,
    accruals: Iterable[Accrual],
    problems: Iterable[Problem],
) -> tuple[Unpaid, ...]:
    """Each loan that comes to nothing for a payee, and why; in order of payee and loan.

    Everybody who held a loan by the last day or has a credit in it is paid for it, waits, has a problem with it, or is
    here. Who could not be worked may be missing where nothing but that problem is known.
    """
    of: dict[tuple[str, str], list[CreditedPart]] = defaultdict(list)
    for part in parts:
        of[part.share.payee, part.deal.loan.loan].append(part)
    faulty = {(problem.payee, problem.loan) for problem in problems if problem.loan}
    lines: dict[tuple[str, str], list[Accrual]] = defaultdict(list)
    for line in accruals:
        lines[line.payee, line.loan].append(line)
    done = _done(lines, drafts, found)
    items = []
    for deal in deals:
        loan = deal.loan.loan
        for payee in _people(deal, books.last_day):
            pair = payee, loan
            if pair in done or pair in faulty or ("", loan) in faulty:
                continue
            reason = _reason(books, deal, payee, of[pair], lines.get(pair, []), found)
            if reason is not None:
                items.append(_item(books, payee, deal, reason))
    return tuple(sorted(items, key=lambda item: (item.payee, item.loan)))


def _item(books: Books, payee: str, deal: Deal, reason: _Reason) -> Unpaid:
    """The reason on its day; a loan that was handed over or credited later falls due for a payee on that day first."""
    on = None if reason.on is None else max(reason.on, _had_from(deal, payee))
    place = -1 if on is None else books.index(on)
    period = books.periods[place] if place >= 0 else None
    return Unpaid(payee=payee, loan=deal.loan.loan, on=on, period=period, by=reason.by, reason=reason.text)


def _had_from(deal: Deal, payee: str) -> date:
    """The first day on which a payee had to do with a loan: held it, or had a credit in it."""
    days = [deal.loan.opened_on] if payee == deal.loan.officer else []
    days += [on for on, officer in deal.holders if officer == payee]
    days += [credit.on for credit in deal.credits if credit.payee == payee]
    return min(days)


def _people(deal: Deal, last: date) -> tuple[str, ...]:
    """Everybody who held a loan by a day or has a credit in it; nobody before it is opened."""
    if deal.loan.opened_on > last:
        return ()
    later = [event.officer for event in deal.events if event.officer is not None and event.on <= last]
    return tuple(dict.fromkeys((deal.loan.officer, *later, *(credit.payee for credit in deal.credits))))


def _done(lines: dict[tuple[str, str], list[Accrual]], drafts: Drafts, found: Found) -> set[tuple[str, str]]:
    """Payees and loans that are paid, that wait, or whose lines are not known because of a problem of the payee."""
    done = {(item.payee, item.loan) for item in found.waiting} | found.lifted | _lifted_balances(chain(*lines.values()))
    done |= {pair for pair, held in lines.items() if any(line.amount.units for line in held)}
    pairs = zip(drafts.payee.tolist(), drafts.loan.tolist(), strict=True)
    drafted = {(drafts.payees[payee], drafts.loans[loan] if loan >= 0 else "") for payee, loan in pairs}
    return done | (drafted - set(lines))


def _lifted_balances(lines: Iterable[Accrual]) -> set[tuple[str, str]]:
    """Payees and loans of balances in periods in which a later balance reached a higher tier, which pays them too."""
    together: dict[tuple[object, ...], list[Accrual]] = defaultdict(list)
    for line in lines:
        if line.loan and not line.stage:
            together[line.payee, line.plan.plan.code, line.component, line.period].append(line)
    return {
        (line.payee, line.loan)
        for held in together.values()
        if any(step.rule == "accrual.earlier" for line in held for step in _within(line.steps))
        for line in held
    }


def is_lifted(tiers: Tiers, tally: Tally, record: Record) -> bool:
    """Whether a deal that earned nothing at its own tier is paid, since later deals reached a higher one."""
    if not tiers.are_of_all or tiers.accumulates == "per transaction":
        return False
    reached = [(lot, tally[lot.window]) for lot in record.lots if lot.paid and lot.window in tally]
    return any(lot.curve is not None and lot.curve.at(sums.before + sums.tier) for lot, sums in reached)


# ── why ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _reason(
    books: Books, deal: Deal, payee: str, parts: Sequence[CreditedPart], lines: Sequence[Accrual], found: Found
) -> _Reason | None:
    """Why a loan comes to nothing for a payee; None where only the payee's problem is known."""
    pair = payee, deal.loan.loan
    if pair in found.unplanned:
        return _no_plan(found.unplanned[pair])
    if lines:
        return _nothing(lines)
    if not parts:
        names = sorted({credit.payee for credit in deal.credits} - {payee})
        said = Label(f"the loan is credited to {' and '.join(names)}", f"贷款归属 {'、'.join(names)}")
        return _Reason("officer", deal.loan.opened_on, said) if names else None
    reasons = [item for part in parts for item in _of_part(books, part, found)]
    if not reasons:
        if payee in found.blocked:
            return None
        reasons = [(Label(""), _Reason("base", deal.loan.opened_on, Label("its base is zero", "计提基数为零")))]
    first = min((reason for _, reason in reasons), key=lambda reason: _FIRST.index(reason.by))
    days = [reason.on for _, reason in reasons if reason.on is not None]
    return _Reason(first.by, min(days, default=None), _joined(reasons))


def _joined(reasons: Sequence[tuple[Label, _Reason]]) -> Label:
    """The reasons as one; of several components, each with its name."""
    if len({reason.text for _, reason in reasons}) == 1:
        return reasons[0][1].text
    english = "; ".join(f"{name.en}: {reason.text.en}" for name, reason in reasons)
    return Label(english, "；".join(f"{name.to('zh')}：{reason.text.to('zh')}" for name, reason in reasons))


def _no_plan(no: NoPlan) -> _Reason:
    """Why no plan of the payee holds for a loan."""
    milestone = name_of(no.milestone)
    match no.why:
        case "none fits":
            who = _who(no)
            english = f"no plan fits {who.en} on {no.on} ({milestone.en}), the day that decides"
            chinese = f"方案选定日 {no.on}（{milestone.zh}）无适用于{who.zh}的方案"
            return _Reason("no plan", no.on, Label(english, chinese))
        case "not in force":
            english = f"no plan was in force on {no.on} ({milestone.en}), the day that decides"
            return _Reason("no plan", no.on, Label(english, f"方案选定日 {no.on}（{milestone.zh}）尚无生效方案"))
        case "not chosen":
            english = f"it waits for the milestone {milestone.en}, whose day decides which plan holds"
            return _Reason("not chosen", None, Label(english, f"等待{milestone.zh}，方案于该日选定"))


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


def _nothing(lines: Sequence[Accrual]) -> _Reason:
    """Why lines come to nothing: the tier or rate, or what limits took."""
    on, steps = min(line.on for line in lines), [step for line in lines for step in line.steps]
    gross = sum(line.gross for line in lines)
    limits = [step for step in steps if step.rule in _LIMITS]
    if gross and limits:
        said = Label(
            f"nothing is left of {plain(gross)}: {limits[-1].sentence('en')}",
            f"{in_words(plain(gross), 'zh', bare=True)} 经调整后为零：{limits[-1].sentence('zh')}",
        )
        return _Reason("limits", on, said)
    step = next((step for step in _within(steps) if step.rule in _TIERS), steps[-1] if steps else None)
    english, chinese = ("", "") if step is None else (f": {step.sentence('en')}", f"：{step.sentence('zh')}")
    return _Reason("minimum", on, Label(f"below the minimum{english}", f"未达起付标准{chinese}"))


def _within(steps: Iterable[Explanation]) -> Iterator[Explanation]:
    """Reasons and all that stand below them."""
    for step in steps:
        yield step
        yield from _within(step.because)


def _of_part(books: Books, part: CreditedPart, found: Found) -> Iterator[tuple[Label, _Reason]]:
    """Why each component that pays for loans pays nothing; with its name."""
    components = [item for item in part.dated.plan.components if item.base in OF_LOANS | OF_BALANCES]
    for component in components:
        reason = (
            _of_deal(books, part, component, found)
            if component.base in OF_LOANS
            else _of_balance(books, part, component)
        )
        if reason is not None:
            yield part.dated.name(component.code), reason
    if not components:
        name = part.dated.name()
        said = Label(f"plan {name.en} pays nothing for a single loan", f"方案 {name.to('zh')} 不按单笔贷款计提")
        yield name, _Reason("base", part.deal.loan.opened_on, said)


def _of_deal(books: Books, part: CreditedPart, component: Component, found: Found) -> _Reason | None:
    """Why a component of deals pays nothing for a loan; None where nothing is against it."""
    deal, payee = part.deal, part.share.payee
    track = Track(
        deal=deal,
        plan=part.dated.plan,
        component=component,
        share=part.share,
        shares=part.shares,
        exchange=books.in_currency(part.dated.currency),
    )
    reached = deal.reached(component.steps[0].milestone)
    on = None if reached is None or reached > books.last_day else reached
    day = on or books.last_day
    if not track.part:
        return _no_part(part, on)
    amount = track.amount(day)
    known = tuple(item for item in component.where if amount is not None or item.field != "amount")
    if (failed := _failed(known, track.terms(amount))) is not None:
        return _Reason("condition", on, _unmet(failed, track.terms(amount)))
    if not holds(component, part.share, deal, day):
        return _Reason("officer", on or _lost(deal, payee), _held_by(component, deal, day))
    if found.states.get((payee, part.dated.plan.code, component.code, deal.loan.loan)) in _ENDED:
        ended = min((event.on for event in deal.of(EventKind.CANCELLED)), default=None)
        said = Label("it ended before anything of it was due", "应计前已终止")
        if ended is not None:
            said = Label(f"it was cancelled on {ended}, before anything of it was due", f"{ended} 撤销，此前无应计")
        return _Reason("ended", ended or on, said)
    if on is not None and books.index(on) < 0:
        first = books.periods[0].start
        said = Label(f"it fell due on {on}, before the books begin on {first}", f"{on} 到期，早于账期起始日 {first}")
        return _Reason("books", on, said)
    return None


def _of_balance(books: Books, part: CreditedPart, component: Component) -> _Reason:
    """Why a component of balances pays nothing for a loan."""
    deal, opened, terms = part.deal, part.deal.loan.opened_on, terms_of(part.deal)
    known = tuple(item for item in component.where if item.field != "amount")
    if dict(component.split).get(part.share.role) is None:
        return _no_part(part, opened)
    if (failed := _failed(known, terms)) is not None:
        return _Reason("condition", opened, _unmet(failed, terms))
    if not holds(component, part.share, deal, books.last_day):
        return _Reason("officer", _lost(deal, part.share.payee), _held_by(component, deal, books.last_day))
    return _Reason("balance", opened, Label("it has no balance that is paid for", "无可计提余额"))


def _no_part(part: CreditedPart, on: date | None) -> _Reason:
    role = name_of(part.share.role)
    english = f"the plan has no part for the credit of {role.en}"
    return _Reason("credit", on, Label(english, f"方案未设 {role.to('zh')} 分成"))


def _lost(deal: Deal, payee: str) -> date:
    """The first day on which a loan was somebody else's, after a payee had it; the day it was opened where none is."""
    had = False
    for on, officer in [(deal.loan.opened_on, deal.loan.officer), *deal.holders]:
        if had and officer != payee:
            return on
        had = had or officer == payee
    return deal.loan.opened_on


def _held_by(component: Component, deal: Deal, on: date) -> Label:
    if component.held_at == "origination":
        officer = deal.loan.officer
        return Label(
            f"the plan pays who began the loan, {officer}", f"方案按经办客户经理计提，经办客户经理为 {officer}"
        )
    return Label(f"{deal.officer(on)} held it on {on}", f"{on} 贷款归属 {deal.officer(on)}")


# ── conditions ──────────────────────────────────────────────────────────────────────────────────────────────


def _failed(where: Iterable[Where], terms: dict[str, object]) -> Where | None:
    """The first filter that a loan does not fulfil."""
    return next((item for item in where if not fits((item,), terms)), None)


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
        number = term_label(where.field, value).to("zh")
    return Label(f"its {name.en} is {said}, and {english}", f"{name.to('zh')}为 {number}，{chinese}")
