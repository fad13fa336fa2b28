"""Years of pay: a bank at random whose plans look at loans alone, run month by month, with facts that come late."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from attrs import define, evolve, field, frozen
from tests.books_of_pay import (
    OF_LOANS,
    OF_PEOPLE,
    SHARE,
    SIZES,
    START,
    Draft,
    _contradict,
    _credits,
    _loan,
    _people,
    _rates,
    implied,
)
from tests.plans_of_pay import plans_of, rules_of

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFactStore,
    MemoryFeed,
    MemoryNotices,
    MemoryPayments,
    MemoryPeople,
    MemorySchemes,
)
from loanperf.ports import FeedRow

CHOSEN = (
    *OF_LOANS, *OF_PEOPLE,
    "base: contracted", "base: disbursed", "base: count", "applies: flat", "applies: marginal", "applies: interpolated",
    "applies: forward before", "applies: forward after", "accumulates: per transaction", "accumulates: period",
    "accumulates: to date", "by: amount", "by: count", "by: attainment", "by: earned", "resets: year", "resets: half",
    "resets: quarter", "every loan counts", "other terms count", "terms", "rates by terms", "weighed by amount",
    "rates per amount", "deducts", "least a loan", "most a loan", "two stages", "three stages", "payable later",
    "kept when dead", "reversed when dead", "roles of credit", "full credit", "unfilled unpaid", "referrers",
    "held at origination", "two plans", "two versions", "drawings by version", "chosen when disbursed",
    "flat holdback", "marginal holdback", "released by dates", "released when repaid", "while performing",
    "performing months", "clawback: written off", "clawback: non-performing", "clawback: past due",
    "clawback: prepaid", "clawback: cancelled", "takes in proportion", "takes when paid off", "takes the whole",
    "held alone", "refunds", "refunds within months", "lowered", "shares by age", "payment cap", "guard share",
    "guard floor", "carried negative", "edges",
)  # fmt: skip
"""What may stand in them, of what books of pay have."""
RARE = ("expires", "plain draw", "gates", "person cap lost", "cap lost", "base: balance", "accumulates: rolling")
"""What makes a run work everything, and stands in few of them."""
TROUBLED = ("shares that do not sum", "a role that no plan has", "no such loan", "contradictions", "a mixed loan",
            "nobody's officer", "a leaver", "rates by terms")  # fmt: skip
"""What stops a payee, and with it the close of a month; in few of them too."""


@frozen
class Year:
    """What a bank sends and decides."""

    months: Sequence[lp.Period]
    rows: Sequence[tuple[int, FeedRow]]
    """With the month in which each comes, in order."""
    plans: tuple[lp.schemes.DatedPlan, ...]
    rules: lp.schemes.PayRules
    organisation: lp.Organisation
    changes: Sequence[tuple[int, str]]
    """What a host does before a month: an amount is set by hand, a month is reopened, HR corrects the past."""


@frozen
class Book(lp.SchemeBook):
    """Plans as they were drawn."""

    dated: tuple[lp.schemes.DatedPlan, ...] = ()

    def plans(self) -> tuple[lp.schemes.DatedPlan, ...]:
        """As they were drawn."""
        return self.dated


def year_of_seed(seed: int) -> Year:
    """The year of a seed."""
    draft = Draft()
    draft.chance.seed(seed)
    draft.aside.seed(seed)
    rare = 0.0 if seed % 4 else 0.05
    draft.features = {name for name in CHOSEN if draft.chance.random() < (rare if name in TROUBLED else SHARE)}
    draft.features |= {name for name in RARE if draft.chance.random() < rare}
    draft.features = implied(draft.features)
    if (
        draft.has("accumulates: period", "accumulates: to date", "by: earned", "by: count")
        and draft.chance.random() < 0.7
    ):
        draft.features -= {"two stages", "three stages", "payable later", "lowered"}
    draft.months = [lp.Period.month(2026, 1)]
    while len(draft.months) < 12:
        draft.months.append(draft.months[-1].next())
    draft.names = {name: name for name in ("lin", "wei", "zhao", "hu", "chen", "top", "mid")}
    organisation = _people(draft)
    payees = sorted({item.payee for item in organisation.assignments})
    draft.officers = [name for name in ("lin", "wei", "zhao", "hu") if name in payees]
    draft.sizes = dict.fromkeys([*draft.officers, "nobody"], SIZES)
    draft.odd = draft.officers[-1]
    codes = [f"L{place}" for place in range(draft.some([6, 12, 20]))]
    for code in codes:
        _loan(draft, code, draft.some(draft.officers))
    _credits(draft, codes)
    if draft.has("contradictions"):
        _contradict(draft, codes[-1])
    draft.facts = [(arrives, _roomy(draft, fact)) for arrives, fact in draft.facts]
    if draft.has("another currency", "a mixed loan"):
        _rates(draft)
    middle = draft.months[0].start + timedelta(draft.some([31, 40, 120]))
    changes = [date(2025, 6, 1), middle] if draft.has("two versions") else [date(2025, 6, 1)]
    if draft.chance.random() < 0.3:
        changes = [START if on == date(2025, 6, 1) else on for on in changes]
    return Year(
        months=draft.months,
        rows=tuple(sorted(_rows(draft), key=lambda row: row[0])),
        plans=tuple(_ending(draft, dated) for dated in plans_of(draft, changes)),
        rules=rules_of(draft, "CNY"),
        organisation=organisation,
        changes=tuple(_acts(draft)),
    )


def _roomy(draft: Draft, fact: Any) -> Any:
    """A fact of a loan of which mostly enough is signed for what is drawn: a loan with a problem never rests."""
    if isinstance(fact, lp.Loan) and fact.amount is not None and draft.chance.random() < 0.9:
        return evolve(fact, amount=None)
    signed = isinstance(fact, lp.LoanEvent) and fact.kind is lp.EventKind.SIGNED
    if signed and fact.amount is not None and draft.chance.random() < 0.9:
        return evolve(fact, amount=lp.Money.from_units(fact.amount.units + 9_000_000, fact.amount.currency))
    return fact


def _ending(draft: Draft, dated: lp.schemes.DatedPlan) -> lp.schemes.DatedPlan:
    """A plan whose sums mostly begin anew."""
    components = []
    for item in dated.plan.components:
        tiers = item.tiers
        if tiers is not None and tiers.accumulates == "rolling" and not draft.has("accumulates: rolling"):
            tiers = evolve(tiers, accumulates="period")
        if tiers is not None and tiers.accumulates == "to date" and draft.chance.random() < 0.95:
            tiers = evolve(tiers, resets=draft.some(["quarter", "quarter", "half", "year"]))
        components.append(evolve(item, tiers=tiers))
    return evolve(dated, plan=evolve(dated.plan, components=tuple(components)))


def _rows(draft: Draft) -> Iterator[tuple[int, FeedRow]]:
    """Facts as rows of a feed: some come late, of another year, some are corrected or withdrawn."""
    late, mended = draft.some([0, 0.02, 0.1]), draft.some([0, 0.02, 0.1])
    mistyped = 0.02 if draft.aside.random() < 0.25 else 0
    for place, (first, fact) in enumerate(draft.facts):
        arrives = first + (draft.some([1, 2, 5]) if draft.chance.random() < late else 0)
        if isinstance(fact, lp.LoanEvent) and draft.aside.random() < mistyped:
            slip = evolve(fact, on=fact.on + timedelta(draft.aside.choice([5, 6, 36]) * 365))
            yield arrives, FeedRow(row=str(place), revision=0, says=slip)
            arrives += draft.aside.choice([1, 3])
        yield arrives, FeedRow(row=str(place), revision=1, says=fact)
        if draft.chance.random() < mended:
            again = arrives + draft.some([0, 1, 3, 6])
            yield again, FeedRow(row=str(place), revision=2, says=_mended(draft, fact))


def _mended(draft: Draft, fact: Any) -> Any:
    """What holds of a row in the end."""
    found = draft.some(["the same", "withdrawn", "amount", "day"])
    if found == "amount" and getattr(fact, "amount", None) is not None:
        return evolve(fact, amount=lp.Money.from_units(draft.some(SIZES), fact.amount.currency))
    if found == "day" and isinstance(fact, lp.LoanEvent):
        return evolve(fact, on=fact.on + timedelta(draft.some([-40, -3, 5, 33])))
    return None if found == "withdrawn" else fact


def _acts(draft: Draft) -> Iterator[tuple[int, str]]:
    for month in range(1, len(draft.months)):
        if draft.chance.random() < 0.05:
            yield month, draft.some(["by hand", "reopened", "moved", "plan"])


# ── a host ──────────────────────────────────────────────────────────────────────────────────────────────────


@define
class Host:
    """A bank that runs its months."""

    year: Year
    only_new: bool
    facts: Any = field(factory=MemoryFactStore)
    entries: Any = field(factory=MemoryEntries)
    payments: MemoryPayments = field(factory=MemoryPayments)
    notices: MemoryNotices = field(factory=MemoryNotices)
    organisation: lp.Organisation | None = None
    plans: tuple[lp.schemes.DatedPlan, ...] | None = None

    def run(self, place: int) -> lp.Run:
        """Run a month, with what has come by then."""
        sent = [row for month, row in self.year.rows if month <= place]
        scheme = lp.Scheme(name="s", currency="CNY", effective=date(2020, 1, 1), plans=(_PLAN,), pay=self.year.rules)
        return lp.run(
            self.year.months[place],
            facts=self.facts,
            people=MemoryPeople(self.organisation or self.year.organisation),
            schemes=MemorySchemes(Book([scheme], dated=self.plans or self.year.plans)),
            payments=self.payments,
            approve=lambda _: True,
            keeping=lp.Keeping(
                entries=self.entries,
                feeds={"bank": MemoryFeed(sent)},
                notifier=self.notices,
                close_by="treasurer",
                only_new=self.only_new,
            ),
        )

    def act(self, place: int, what: str) -> None:
        """What is done besides, before a month is run."""
        ledger, period = self.entries.ledger("s/ledger"), self.year.months[place]
        version = len(ledger.entries) + len(ledger.closings)
        before = self.year.months[place - 1]
        if what == "by hand" and len(ledger.entries):
            lines = [entry for entry in ledger.entries if entry.line and entry.kind is lp.EntryKind.EARNED]
            if lines:
                said = {"by": "chen", "why": "agreed", "evidence": "HR-17", "payee": lines[-1].payee}
                money = lp.Money.from_units(777, lines[-1].amount.currency)
                ledger = ledger.append([lp.overrule(ledger, lines[-1].line, money, period=period, **said)])
        elif what == "reopened" and ledger.is_closed(before):
            ledger = ledger.reopen(before, by="chen", why="late")
        elif what == "moved":
            held = self.organisation or self.year.organisation
            first = min(held.assignments, key=lambda one: (one.payee, one.since))
            rest = [evolve(one, unit="west") if one is first else one for one in held.assignments]
            self.organisation = lp.Organisation(units=held.units, assignments=rest)
        elif what == "plan":
            dated, *others = self.plans or self.year.plans
            component = evolve(dated.plan.components[0], where=(lp.schemes.Where(field="product", values=("car",)),))
            plan = evolve(dated.plan, components=(component, *dated.plan.components[1:]))
            self.plans = (evolve(dated, plan=plan), *others)
        self.entries.append("s/ledger", tuple(ledger.lines(version)), expected=version)


_PLAN = lp.schemes.Plan(
    code="any",
    components=(lp.schemes.Component(code="any", base="disbursed", rate="1%"),),
    rounding=lp.Rounding.HALF_UP,
)
"""A plan, since a scheme without one would appraise people."""


def said(run: lp.Run) -> dict[str, Any]:
    """What two runs must have alike."""
    ledger = run.ledger
    return {
        "entries": tuple(run.entries),
        "ledger": None if ledger is None else (len(ledger.entries), ledger.closings),
        "payments": run.payments,
        "problems": run.problems,
        "blocked": run.blocked,
        "holding": run.holding,
        "closed": run.closed,
        "held": run.held,
        "counts": (run.rows, run.used, run.needs_approval),
    }


def months_of(year: Year, hosts: Iterable[Host]) -> Iterator[tuple[int, list[lp.Run]]]:
    """What each host has of each month, in order; a month that was reopened is run again first."""
    both = [*hosts]
    for place in range(len(year.months)):
        for month, what in year.changes:
            if month == place:
                for host in both:
                    host.act(place, what)
                if what == "reopened":
                    yield place - 1, [host.run(place - 1) for host in both]
        yield place, [host.run(place) for host in both]
