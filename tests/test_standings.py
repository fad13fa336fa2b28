"""How loans performed, over columns: each loan by itself, by the calendar, and what was drawn first goes first."""

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

import loanperf as lp
from loanperf._commission import Standings
from loanperf._commission._deals import Deals
from loanperf._numbers import FAR, Age, day_number, day_of

E = lp.EventKind
MARCH = date(2026, 3, 31)


def event(
    kind: lp.EventKind,
    on: date,
    units: int | None = None,
    loan: str = "L1",
    number: str = "",
    category: lp.Category | None = None,
) -> lp.LoanEvent:
    """Something that happened to a loan."""
    amount = None if units is None else lp.Money.from_units(units, "CNY")
    return lp.LoanEvent(loan=loan, kind=kind, on=on, amount=amount, number=number, category=category)


def standings(*events: lp.LoanEvent, term: int | None = None, empty: tuple[date, ...] = ()) -> Standings:
    """How loans performed that had these events."""
    zero = lp.Money.from_units(0, "CNY")
    codes = sorted({event.loan for event in events} | {"L1"})
    loans = [
        lp.Loan(loan=loan, customer="c", officer="lin", opened_on="2026-01-01", term_months=term) for loan in codes
    ]
    balances = [lp.Balance(loan="L1", on=on, outstanding=zero, overdue=zero) for on in empty]
    return Standings.of_deals(Deals.of(lp.Facts.of([*loans, *events, *balances]), FAR))


def asked(*days: date, loan: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """One question a day of a loan."""
    return np.full(len(days), loan), np.array([day_number(on) for on in days])


def test_what_was_drawn_first_is_paid_back_first() -> None:
    """A prepayment that comes between two drawings takes nothing of the later one, however large it is."""
    said = standings(
        event(E.DISBURSED, date(2026, 1, 5), 100),
        event(E.PREPAID, date(2026, 2, 1), 150),
        event(E.DISBURSED, date(2026, 3, 1), 60, number="2"),
        event(E.PREPAID, date(2026, 4, 1), 30, number="2"),
    )
    assert ([0, 100], [100, 130]) == (said.gone.low.tolist(), said.gone.high.tolist())
    loans, days = asked(date(2026, 1, 5), date(2026, 3, 1))
    rows, on, top, below = said.parts("prepaid", loans, days, np.array([True, True]))
    parts = [
        (int(row), day_of(int(day)), Fraction(int(t), int(b)))
        for row, day, t, b in zip(rows, on, top, below, strict=True)
    ]
    assert parts == [(0, date(2026, 2, 1), Fraction(1)), (1, date(2026, 4, 1), Fraction(1, 2))]


def test_a_balance_of_zero_says_that_what_was_drawn_before_that_day_is_gone() -> None:
    """What is drawn on the same day is not; a loan of which no amount is known is gone once."""
    drawn = event(E.DISBURSED, date(2026, 1, 5), 100), event(E.DISBURSED, date(2026, 2, 1), 50, number="2")
    assert not len(standings(*drawn, empty=(date(2026, 2, 1),)).gone.low)
    said = standings(*drawn, empty=(date(2026, 2, 2), date(2026, 3, 1)))
    assert ([150], [True]) == (said.gone.high.tolist(), said.gone.last.tolist())
    assert 1 == len(standings(empty=(date(2026, 2, 2), date(2026, 3, 1))).gone.low)


@pytest.mark.parametrize(("on", "early"), [(date(2026, 2, 27), 1), (date(2026, 2, 28), 0)])
def test_a_term_ends_on_the_last_day_of_a_short_month(on: date, early: int) -> None:
    """A loan drawn on 31 January for a month ends on 28 February; what is repaid then is not prepaid."""
    said = standings(event(E.DISBURSED, date(2026, 1, 31), 100), event(E.REPAID, on, 100), term=1)
    assert early == len(said.gone.low)
    assert on == day_of(int(said.repaid_on[0]))


def test_a_loan_performs_again_some_months_after_its_cure_and_never_once_written_off() -> None:
    """31 March and a month is 30 April; an open bad time never ends, but by a repayment."""
    cured = event(E.CLASSIFIED, MARCH, category=lp.Category.NORMAL)
    bad = event(E.CLASSIFIED, date(2026, 3, 1), category=lp.Category.LOSS)
    loans, days = asked(date(2026, 3, 15))
    assert date(2026, 4, 30) == day_of(int(standings(bad, cured).performing_from(loans, days, Age(1, "month"))[0]))
    assert FAR == standings(bad).performing_from(loans, days)[0]
    gone = event(E.WRITTEN_OFF, date(2026, 4, 30), 1)
    assert FAR == standings(bad, cured, gone).performing_from(loans, days, Age(1, "month"))[0]


def test_a_recovery_is_a_part_of_what_is_lost_by_then() -> None:
    """Or, where the first write-off takes the whole, of all that is lost; never more than all of it."""
    off, more = event(E.WRITTEN_OFF, date(2026, 2, 1), 100), event(E.WRITTEN_OFF, date(2026, 4, 1), 100, number="2")
    back, rest = event(E.RECOVERED, date(2026, 3, 1), 50), event(E.RECOVERED, date(2026, 5, 1), 170, number="2")
    said = standings(off, more, back, rest)
    loans, days = asked(date(2026, 2, 1))
    parts = lp.schemes.Clawback(on="written off", takes="in proportion", share="100%", attainment="stays")
    at_once = lp.schemes.Clawback(on="written off", takes="whole", share="100%", attainment="stays")
    for rule, expected in ((parts, [Fraction(1, 2), Fraction(1)]), (at_once, [Fraction(1, 4), Fraction(1)])):
        _, _, top, below = said.recoveries(rule, loans, days, days + 365)
        assert expected == [Fraction(int(t), int(b)) for t, b in zip(top, below, strict=True)]


def test_rows_are_views_of_columns() -> None:
    """What a row says comes back as columns, and a loan that is not there is none."""
    said = standings(
        event(E.DISBURSED, date(2026, 1, 5), 2**63),
        event(E.WRITTEN_OFF, date(2026, 2, 1), 7),
        event(E.CANCELLED, MARCH, loan="L2"),
        term=6,
    )
    assert {**said} == {**Standings.of({**said})}
    assert Standings.of(said) is said
    assert ((date(2026, 2, 1), 7),) == said["L1"].written_off
    assert [1, -1, -1] == said.places(["L2", "L3"]).tolist()
    with pytest.raises(KeyError):
        said["L3"]
