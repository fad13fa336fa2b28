"""What the columns of the ledger do, piece by piece: a few rows each, with what they come to worked out on paper."""

from typing import Any

import numpy as np
import pytest
from tests.some_columns import filled, inner, some

import loanperf as lp
from loanperf._commission import Standings
from loanperf._commission._deals import Deals
from loanperf._explanations import because
from loanperf._ledger import _begun, _entries, _payments
from loanperf._ledger._amounts import DayParts, Held, _kept, by_day
from loanperf._ledger._begun import begun
from loanperf._ledger._bonuses import bonuses_of
from loanperf._ledger._by_hand import _known as _known_of_line
from loanperf._ledger._calendar import begins_on
from loanperf._ledger._caps import _finished, _persons, _Pool, _together
from loanperf._ledger._coded import WhyDue
from loanperf._ledger._draws import _Accounts, _DrawTerms, _opened, _terms
from loanperf._ledger._entries import Entries
from loanperf._ledger._grounds import RULE_CODES, KeptReasons
from loanperf._ledger._keys import LineKeys, Texts
from loanperf._ledger._kinds import code_of
from loanperf._ledger._late import _changed, _earning, unposted
from loanperf._ledger._moves import DueLines
from loanperf._ledger._pay import _PAID, _converted, _uncovered, _WhyPaid
from loanperf._ledger._payments import _standing
from loanperf._ledger._proofs import _is_so
from loanperf._ledger._settle import _blocked, _of_loans, _stay, _WhyPosted
from loanperf._ledger._strikes import ROUNDINGS, quotient
from loanperf._ledger._sums import NEVER, _receivable, covered_by, rows_of
from loanperf._ledger._tabled import _MOST, NUMBERS, _TableOfEntries, fits
from loanperf._ledger._tabled import _known as _numbers
from loanperf._numbers import day_number, whole
from loanperf._quantities import Rounding
from loanperf._tables._columns import Column

DEC, JAN, FEB, MAR = lp.Period.month(2025, 12), *(lp.Period.month(2026, month) for month in (1, 2, 3))
MAY, JUNE = lp.Period.month(2026, 5), lp.Period.month(2026, 6)
NO, YES = False, True


# ── periods ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_ledger_begins_with_its_first_period_or_the_one_to_be_worked() -> None:
    """January of January and March; December where that is worked."""
    ledger: Any = some(periods=(MAR,), closings=(some(period=JAN),))
    assert [JAN.start, DEC.start] == [begins_on(ledger, period) for period in (FEB, DEC)]


def test_what_is_missing_holds_up_who_has_nothing_posted_of_an_open_period() -> None:
    """Wei in January: lin has something then; December is before the ledger, February closed, and March is now."""
    missing = {(payee, period): f"{payee} {period}" for payee in ("lin", "wei") for period in (DEC, JAN, FEB, MAR)}
    ledger: Any = some(
        periods=(JAN, FEB), closings=(), closed=(FEB,),
        entries=some(
            payee=[1, 0], period=[1, 0], periods=(JAN, FEB), words=some(payee=some(texts=("lin", "wei")))
        ),
    )  # fmt: skip
    accruals: Any = some(missing=missing)
    found: Any = unposted(ledger, accruals, MAR)
    assert {"wei": [f"wei {JAN}"]} == found
    none: Any = some(missing={})
    assert {} == unposted(ledger, none, MAR)


# ── what came late ──────────────────────────────────────────────────────────────────────────────────────────


def line(key: str, units: int, gross: int, component: Any) -> Any:
    """A line of a component of a plan of two, of which only the first has tiers that are read."""
    read, flat = some(code="a", tiers=some(by="indicator")), some(code="b", tiers=None)
    components = (read, flat, some(code="c", tiers=some(by="amount")))
    plan = some(plan=some(components=components))
    return some(key=key, amount=some(units=units), gross=gross, component=component, plan=plan)


@pytest.mark.parametrize(
    ("lines", "posted", "earning"),
    [
        ([("x", 5, 5), ("y", 0, 7)], (), {"x"}),  # after caps
        ([("x", 5, 5), ("y", 0, 7)], ("y",), {"x", "y"}),  # nothing that is posted comes to anything after caps
        ([("x", 0, 5), ("y", 0, 0)], (), {"x"}),  # before them
        ([("x", 0, 0), ("y", 0, 0)], ("y",), {"x", "y"}),  # any may
    ],
)
def test_lines_that_may_earn_are_those_that_come_to_something(
    lines: list[tuple[str, int, int]], posted: Any, earning: set[str]
) -> None:
    """Whichever of them are posted."""
    assert earning == _earning([line(key, units, gross, "b") for key, units, gross in lines], posted)


@pytest.mark.parametrize(("component", "earning"), [("a", {"x"}), ("b", set()), ("c", set())])
def test_a_line_whose_tier_is_read_may_earn(component: str, earning: set[str]) -> None:
    """At what is missing; where tiers are read at nothing, or there are none, what comes to nothing earns nothing."""
    assert earning == _earning([line("x", 0, 0, component)], ())


def test_a_line_of_an_older_entry_changed_when_it_sees_what_that_did_not() -> None:
    """The first line sees less than its entry did, and the second one more."""
    one, two = (because("seen", {"fact": fact}) for fact in ("one", "two"))
    lines: Any = [
        some(key="a", loan="L1", on=JAN.start, steps=(one,)), some(key="b", loan="L1", on=JAN.start, steps=(one, two))
    ]  # fmt: skip
    reasons = (because("entry.earned", {}, one, two), because("entry.earned", {}, one))
    facts = lp.Facts.of([lp.Loan(loan="L1", customer="c", officer="lin", opened_on="2026-01-01")])
    ledger: Any = some(
        places_of_line=lambda key, _: [{"a": 0, "b": 1}[key]],
        entries=some(
            kept=lambda _: some(drawn=np.array([0, 0]), is_drawn=np.array([False, False])), reasons=reasons.__getitem__
        ),
    )
    earned: Any = some(standings=Standings.of_deals(Deals.of(facts, day_number(JAN.end))))
    assert {"b"} == _changed(ledger, earned, lines)


# ── amounts and caps ────────────────────────────────────────────────────────────────────────────────────────


def due(size: int, **columns: Any) -> Any:
    """Lines of which some columns are given; no hand sets them."""
    return filled(DueLines, size, **{"words": None, "hand": [-1] * size} | columns)


def test_what_was_posted_stays_where_something_is_missing_and_no_hand_says_more() -> None:
    """Of lin 7 was posted; the second line is set by hand, and nothing is missing of wei in the third."""
    words = some(payees=("lin", "wei"), periods=(JAN,), currencies=("CNY",))
    lines = due(3, words=words, payee=[0, 0, 1], units=[1, 2, 3], hand=[-1, 0, -1])
    accruals: Any = some(missing={("lin", JAN): "reading"})
    keys: Any = {("key", "CNY"): 7}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DueLines, "key", lambda *_: "key")
        found = _kept(lines, np.arange(3), accruals, keys)
    assert [7, 2, 3] == found.units.tolist()


def test_an_amount_set_by_hand_is_shared_among_the_days_on_which_it_was_earned() -> None:
    """6 over 1 and 2 are 2 and 4; where it is set to nothing, nothing was earned on any day."""
    lines = due(2, units=[6, 0], hand=[0, 1])
    parts = DayParts(line=np.array([0, 0, 1, 1]), on=np.array([1, 2, 3, 4]), units=whole([1, 2, 1, 1]))
    found = by_day(lines, parts)
    assert ([0, 0], [1, 2], [2, 4]) == tuple(
        column[found.units != 0].tolist() for column in (found.line, found.on, found.units)
    )


def pool(size: int, **columns: Any) -> Any:
    """Lines of persons, with the keys, days and numbers that are given."""
    lines = due(size, **{name: columns.pop(name) for name in ("units", "earned", "period", "words") if name in columns})
    held = filled(Held, size, lines=lines, ranks=filled(LineKeys, size), family=columns.pop("family", [0] * size))
    return _Pool(held=held, **{name: np.array(column) for name, column in columns.items()})


def test_carried_parts_of_one_loan_are_put_together_by_day() -> None:
    """3 and 4 of one loan are 7, earned on days 2 and 9; what is alone keeps its parts as they came."""
    lines = pool(3, units=[3, 5, 4], earned=[9, 6, 2], family=[0, 1, 0], number=[0, 1, 2], person=[0, 0, 0])
    parts = DayParts(line=np.array([0, 1, 1, 2]), on=np.array([9, 8, 6, 2]), units=whole([3, 1, 4, 4]))
    found, days = _together(lines, parts)
    assert ([7, 5], [2, 6]) == (found.held.lines.units.tolist(), found.held.lines.earned.tolist())
    assert ([0, 0, 1, 1], [2, 9, 8, 6]) == (days.line.tolist(), days.on.tolist())


def test_lines_without_a_cap_come_first_and_as_they_were() -> None:
    """Then those of the persons, by period."""
    words: Any = some(period_ranks=np.array([1, 0]))
    lines = pool(4, units=[1, 2, 3, 4], period=[0, 0, 1, 1], words=words, number=[0, 1, 2, 3], person=[-1, 0, -1, 0])
    parts = DayParts(line=np.array([3, 0]), on=np.array([7, 8]), units=whole([4, 1]))
    found, days = _finished(lines, parts, 4)
    assert ([1, 3, 4, 2], [0, 2]) == (found.lines.units.tolist(), days.line.tolist())


def test_nobody_has_a_cap_where_there_are_no_lines() -> None:
    """Of none, none."""
    assert [[], []] == [column.tolist() for column in _persons(due(0), np.array([], dtype=bool))]


def awards(*given: tuple[str, lp.Period]) -> Any:
    """Awards of 5 yuan of payees for periods, as columns."""
    size = len(given)
    payees, periods = (
        Column("text", np.arange(size), None, tuple(map(str, words))) for words in zip(*given, strict=True)
    )
    currency = Column("text", np.arange(size) * 0, None, ("CNY",))
    amount = Column("whole", whole([500] * size))
    columns = {"payee": payees, "period": periods, "currency": currency, "amount": amount}
    return some(columns=columns, plans=(np.arange(size) * 0, (None,)))


def test_awards_of_another_period_and_two_that_share_a_day_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of January and of its halves are good; not one of February, nor of January and its first half."""
    monkeypatch.setattr(lp.Awards, "gathered", lambda given: given)
    first, second = (lp.Period.parse(text) for text in ("2026-01-01/2026-01-15", "2026-01-16/2026-01-31"))
    lin, wei = ("lin", JAN), ("wei", second)
    assert [500, 1000] == bonuses_of(awards(lin, wei, ("wei", first)), JAN).units.tolist()
    assert [500] == bonuses_of(awards(wei), JAN).units.tolist()
    for refused in ([("lin", FEB)], [lin, ("lin", first)], [lin, ("wei", DEC)]):
        with pytest.raises(lp.errors.LedgerError):
            bonuses_of(awards(*refused), JAN)


# ── draws ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_draws_granted_by_a_plan_count_before_older_ones() -> None:
    """The balance of the older one goes on; the one of another payee that is repaid is left out."""
    terms = filled(_DrawTerms, 2, code=[0, 1], index=[0, 1])
    known = filled(_Accounts, 2, payee=[0, 1], terms=[0, 0], nth=[3, 3], granted=[1, 1], balance=[5, 0])
    granted = filled(_Accounts, 1, payee=[0], terms=[1], granted=[2])
    found = _opened(known, granted, 2, terms)
    assert ([1, 0], [0, 5], [0, 4]) == (found.terms.tolist(), found.balance.tolist(), found.nth.tolist())
    again = filled(_Accounts, 1, payee=[0], terms=[0], granted=[2])
    assert [5] == _opened(known, again, 2, terms).balance.tolist()


def test_plans_without_draws_have_no_terms() -> None:
    """Not one."""
    words: Any = some(plans=(), currencies=())
    found, places = _terms(words, ())
    assert ([], {}) == (found.least.tolist(), places)


# ── what was posted ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_reason_is_so_by_what_was_posted_in_its_period_and_before() -> None:
    """5 of January; 3 were posted for March by then, 9 of another line, and 4 of February afterwards."""

    def take(rows: Any) -> Any:
        columns = {"line": [0, 0, 1, 0, 0], "period": [0, 2, 0, 1, 1], "units": [5, 3, 9, 2, 4]}
        same = np.array([code_of(lp.EntryKind.EARNED)] * 5)[rows]
        given: Any = {name: np.array(column)[rows] for name, column in columns.items()}
        return some(**given, kind=same, currency=same * 0, periods=(JAN, FEB, MAR))

    def says(before: int) -> bool:
        entries: Any = some(take=take, kept=lambda _: some(before=[before]))
        return _is_so(entries, 3)

    assert [True, False] == [says(5), says(8)]


def test_lines_of_some_loans_are_told_by_their_entries() -> None:
    """The first is of no loan, and the second of L1; the last entry is of no line."""
    words: Any = some(loan=Texts(("", "L1", "L2")))
    entries: Any = some(words=words, loan=np.array([0, 1, 2, 1]), line=np.array([0, 1, 2, -1]), keys=np.zeros(3))
    assert [True, True, False] == _of_loans(entries, ["L1"]).tolist()


def test_lines_of_who_lacks_something_of_their_period_stay() -> None:
    """Something is missing of wei in February, not in January; what is still accrued is none of these."""
    words = some(payee=Texts(("lin", "wei")), cohort=Texts((str(JAN), str(FEB))), loan=Texts(("",)))
    entries = some(cohort=np.array([1, 0]), payee=np.array([1, 1]), loan=np.array([0, 0]))
    changes: Any = some(
        due=some(words=words), entries=entries, moved=np.array([NO, NO, YES]), first=np.array([0, 1, 0]),
        slot=np.arange(3),
    )  # fmt: skip
    accruals: Any = some(missing={("wei", FEB): "reading", ("abe", JAN): "reading"}, first=None)
    assert [True, False, False] == _stay(changes, accruals).tolist()


def test_who_was_paid_for_an_unknown_loan_is_left_as_they_are() -> None:
    """Lin was, for L9; abe is named; of wei's line nothing is posted."""
    words = some(loan=Texts(("", "L9")), payee=Texts(("lin", "wei", "abe")))
    changes: Any = some(
        due=some(words=words), entries=some(loan=np.array([1, 0])), first=np.array([0, -1, 1]), payee=np.arange(3)
    )
    assert [True, False, True] == _blocked(changes, ["abe"], ["L9"]).tolist()


def test_movements_of_a_period_begin_on_its_first_day() -> None:
    """5 on the first of January, and 4 on the day before."""
    first = day_number(JAN.start)
    due_ = some(on=[first, first - 1], units=[5, 4])
    why: Any = some(changes=some(due=due_, slot=[3]), _moves=(np.array([3, 3]), np.array([0, 1])), period=JAN)
    found = inner(_WhyPosted, "recent")(why, np.array([0]))
    assert [[1], [5], [0]] == [column.tolist() for column in found]


@pytest.mark.parametrize(("posted", "blocked"), [((MAY,), {"eve", "abe", "lin"}), ((MAY, JUNE), {"eve", "abe"})])
def test_what_is_missing_from_the_first_period_on_blocks_until_something_is_posted(
    monkeypatch: pytest.MonkeyPatch, posted: Any, blocked: set[str]
) -> None:
    """A ledger begins with June: what is missing of May concerns nobody, though the opening stands there."""
    monkeypatch.setattr(_begun, "evolve", lambda _, **given: given)
    monkeypatch.setattr(_begun, "_with_draws", lambda accruals, *_: accruals)
    monkeypatch.setattr(_begun, "must_have_counted", lambda *_: None)
    monkeypatch.setattr(_begun, "_lines_of", lambda _, first, __: (first.start, []))
    accruals: Any = some(
        missing={("lin", MAY): "old", ("lin", JUNE): "new"}, why={"abe": ("it",)}, columns=some(take=lambda day: day),
        drawing={("lin", MAY): 1, ("lin", JUNE): 2}, problems=("old", "new"), blocked=frozenset({"eve"}),
    )  # fmt: skip
    found: Any = begun(accruals, JUNE, some(periods=posted, closings=()))
    assert ({("lin", JUNE): "new"}, {("lin", JUNE): 2}) == (found["missing"], found["drawing"])
    assert (("new",), blocked, JUNE.start) == (found["problems"], found["blocked"], found["lines"])


# ── payments ────────────────────────────────────────────────────────────────────────────────────────────────


def paid(**columns: Any) -> Any:
    """Payments of lin in yuan, of which some columns are given."""
    size = len(columns["units"])
    usual: Any = {"kind": [code_of(lp.EntryKind.PAID)] * size, "payee": [0] * size, "currency": [0] * size}
    nothing: Any = {"fixing": np.arange(0), "fixed": np.arange(0)}
    words = some(payee=Texts(("lin",)), currency=Texts(("CNY",)))
    return some(**usual | nothing | {"words": words, "periods": (JAN, FEB)} | columns)


def test_a_payment_that_came_back_stands_no_more() -> None:
    """The first of two, by the third entry."""
    ledger: Any = some(entries=paid(units=[5, 7, -5], fixing=np.array([2]), fixed=np.array([1])))
    assert [1] == _standing(ledger).tolist()


def test_payments_behind_an_entry_are_those_after_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the second entry: those at the places 2 and 4."""
    monkeypatch.setattr(_payments, "_standing", lambda _: np.array([1, 2, 4]))
    ledger: Any = some(entries=some(take=np.ndarray.tolist))
    entries: Any = _payments.payments_after(ledger, 2).entries
    assert [2, 4] == entries


def test_what_was_posted_in_a_period_is_of_that_alone() -> None:
    """7 yuan in February, of which 3 came back."""
    ledger: Any = some(
        entries=paid(units=[500, 700, -300], period=[0, 1, 1], number=[1, 2, 3], rows=lambda _: ()), closings=()
    )
    (found,) = _payments.posted_in(ledger, FEB)
    assert ("lin", lp.Money("7", "CNY"), 3) == (found.payee, found.paid, found.number)


def test_keys_of_payments_are_those_of_entries_that_have_one() -> None:
    """The second has none, as a payment of nothing."""
    keys = some(some=lambda lines: some(texts=lambda _: map(str, lines)))
    ledger: Any = some(entries=paid(units=[5, 7], line=[3, -1], keys=keys))
    assert {"3"} == _payments.keys_of_payments(ledger)


@pytest.mark.parametrize(("kinds", "periods", "waits"), [("EP", [0, 1], 0), ("PE", [1, 0], 1)])
def test_an_entry_waits_unless_a_payment_of_a_later_period_stands_behind_it(
    kinds: str, periods: list[int], waits: int
) -> None:
    """Something is earned in January, and a payment made in February."""
    codes = {"E": code_of(lp.EntryKind.EARNED), "P": code_of(lp.EntryKind.PAID)}
    entries: Any = paid(units=[5, 5], kind=[codes[kind] for kind in kinds], period=periods)
    assert [waits == 1] == _uncovered(entries, np.array([0, 0]), 1, np.arange(0)).tolist()


def test_only_what_is_due_is_converted() -> None:
    """7 dollars are 49 yuan; nothing stays nothing, at no rate."""
    rate = lp.ExchangeRate(currency="USD", into="CNY", on="2026-01-01", rate="7")
    names, due = [("lin", "USD"), ("lin", "USD")], whole([0, 700])
    found = _converted(names, due, {"lin": "CNY"}, [rate], lp.Period.month(2026, 1))
    assert ([-1, 0], [0, 4900]) == (found.rate.tolist(), found.paid.tolist())
    why = _WhyPaid(np.array([0, _PAID]), whole([1, 700]), Texts(("USD",)), np.array([0, 0]), np.array([1, 1]), found)
    code = RULE_CODES["entry.paid converted"]
    assert [False, True] == (why.kept(np.array([0, 1])).rule == code).tolist()


def test_what_is_waived_of_no_line_is_owed_no_more() -> None:
    """5 each: waived, waived of a draw, recovered and raised."""
    kinds = ("WAIVED", "WAIVED", "RECEIVABLE_RECOVERED", "RECEIVABLE_RAISED")
    entries: Any = some(kind=[code_of(lp.EntryKind[kind]) for kind in kinds], line=[-1, 3, -1, -1])
    assert [-5, 0, -5, 5] == _receivable(entries, whole([5] * 4)).tolist()


def test_a_payment_covers_what_stands_before_it_and_not_itself() -> None:
    """One entry, and one payment behind it."""
    kinds = [code_of(kind) for kind in (lp.EntryKind.EARNED, lp.EntryKind.PAID)]
    entries: Any = paid(units=[5, 5], kind=kinds, period=np.array([0, 0]))
    assert [1, NEVER] == covered_by(entries, np.array([0, 1])).tolist()


def test_a_payment_does_not_cover_what_it_leaves_out() -> None:
    """Of two entries the first payment leaves out the first, and the second payment none."""
    kinds = [code_of(kind) for kind in (lp.EntryKind.EARNED, lp.EntryKind.EARNED, *[lp.EntryKind.PAID] * 2)]
    more: Any = {"fixing": np.array([2]), "fixed": np.array([1]), "period": np.array([0, 0, 0, 0])}
    entries: Any = paid(units=[5, 7, 7, 5], kind=kinds, **more)
    assert [3, 2] == covered_by(entries, np.array([0, 1])).tolist()


def test_entries_of_lines_are_no_payments() -> None:
    """The first and third are of the first line; the last is of no line."""
    earned = code_of(lp.EntryKind.EARNED)
    entries: Any = some(line=np.array([0, 1, 0, -1]), kind=np.array([earned] * 4), keys=np.zeros(2))
    assert [0, 2] == rows_of(entries, np.array([0])).tolist()


def test_parts_of_amounts_are_rounded_each_its_own_way() -> None:
    """A half of 1: down, and half up."""
    ways = np.array([ROUNDINGS.index(way) for way in (Rounding.DOWN, Rounding.HALF_UP)])
    one = whole([1, 1])
    assert [0, 1] == quotient(one, one + 1, one, ways).tolist()


@pytest.mark.parametrize(("key", "amount"), [("", "5"), ("lin/x", "-5")])
def test_an_amount_set_by_hand_has_a_key_and_is_not_below_zero(key: str, amount: str) -> None:
    """Either alone is refused."""
    ledger: Any = some(of_line=lambda _: ())
    with pytest.raises(lp.errors.LedgerError):
        _known_of_line(ledger, key, "lin", lp.Money(amount, "CNY"), "chen")


# ── reasons and entries ─────────────────────────────────────────────────────────────────────────────────────


def test_what_was_drawn_is_known_of_the_loans_of_lines() -> None:
    """Of the first line; the second is of a loan that is not there, the third of no line, the fourth of a bonus."""
    lines: Any = some(loan=np.array([0, 1]), words=some(loans=("L1", "L2")))
    why: Any = some(moves=some(lines=lines))
    said: Any = some(
        places=lambda names: np.array([*({"L1": 0}.get(name, -1) for name in names), -1]),
        drawn=some(sum_through=lambda code, _: np.where(code < 0, 0, 9)),
    )
    units, known = WhyDue.principal(why, np.array([0, 1, -1, 2]), whole([5] * 4), said)
    assert ([9, 0, 0, 0], [YES, NO, NO, NO]) == (units.tolist(), known.tolist())


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("entry.difference", {"before": "3", "now": "4"}),
        ("entry.several", {"amount": "1", "count": "2"}),
        ("entry.override", {"amount": "1"}),
    ],
)
def test_a_reason_says_what_columns_have_of_its_rule(rule: str, values: dict[str, str]) -> None:
    """3 before and 4 now; 1 in two movements."""
    reasons: Any = some(
        columns=some(before=[3], now=[4], moves=[2]), units=[1], _money=lambda place, units: str(units[place])
    )
    assert values == inner(KeptReasons, "values")(reasons, 0, rule)


def test_entries_of_loans_are_those_of_loans_that_are_known() -> None:
    """The second and third of four; nobody has a loan of another name."""
    loan: Any = some(texts=("", "L1", "L2"))
    asked: Any = some(words=some(loan=loan), loan=np.array([0, 1, 1, 2]), take=np.ndarray.tolist)
    loan.codes = lambda texts: [{"": 0, "L1": 1, "L2": 2}.get(text, -1) for text in texts]
    found: Any = Entries.of_loans(asked, ["L1", "nothing"])
    assert [1, 2] == found


def test_entries_are_of_loans_when_one_names_a_loan() -> None:
    """The empty word is none."""
    words = some(loan=some(code=lambda _: 0))
    is_of_loans: Any = Entries.__dict__["is_of_loans"].fget
    assert [False, True] == [is_of_loans(some(loan=np.array(loans), words=words)) for loans in ([0, 0], [0, 1])]


def test_a_table_of_entries_comes_as_it_is_asked_for_or_as_the_facts_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns that do not fit are refused."""
    monkeypatch.setattr(_entries, "like", lambda kind, columns: (kind, columns))
    monkeypatch.setattr(_entries, "fits", lambda columns: columns == "good")
    entries: Any = some(exact="good", came_as="polars")
    found = [Entries.table(entries, kind) for kind in ("pandas", None)]
    assert [("pandas", "good"), ("polars", "good")] == found
    with pytest.raises(lp.errors.DataError):
        Entries.table(some(exact="too large", came_as="polars"), None)


def test_movements_have_the_rules_of_what_they_are() -> None:
    """One of a line, one of a bonus and two of an opening; -1 is a bonus too."""
    why: Any = some(moves=some(rule=[0]), bonuses=range(1), opened=range(2), deferred=some(rule=np.arange(0)))
    bonus, opened = (RULE_CODES[rule] for rule in ("entry.bonus", "entry.released opening"))
    found = WhyDue.rules(why, np.array([1, 2, 3, -1])).tolist()
    assert [bonus, opened, opened, bonus] == found


def test_numbers_fit_up_to_the_largest_one() -> None:
    """Not one above it."""
    most: Any = {name: Column("whole", whole([_MOST])) for name in NUMBERS}
    assert fits(most)
    assert not fits(most | {NUMBERS[0]: Column("whole", whole([_MOST + 1]))})


def test_a_number_that_is_not_there_is_missing_and_nothing() -> None:
    """The second of two."""
    found = _numbers(whole([4, 5]), np.array([True, False]))
    assert found.missing is not None
    assert ([4, 0], [False, True]) == (found.values.tolist(), found.missing.tolist())


def test_a_number_below_zero_is_there_and_a_word_at_no_place_is_not() -> None:
    """-3 is a number."""
    numbers, words = Column("whole", whole([-3])), Column("text", np.array([0, -1]), None, ("lin",))
    table: Any = some(column=lambda name: {"amount": numbers, "payee": words}[name])
    assert numbers is _TableOfEntries.there(table, "amount")
    with pytest.raises(lp.errors.DataError):
        _TableOfEntries.there(table, "payee")
