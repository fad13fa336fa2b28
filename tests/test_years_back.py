"""How far back a run looks: to the first day on which somebody works, whatever day a scheme says that it holds from."""

from typing import Any

import pytest
from attrs import frozen

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes

GATED = {
    "name": "north",
    "currency": "CNY",
    "effective": "0001-01-01",
    "plans": {
        "desk": {
            "rounding": "half up",
            "components": {"loans": {"base": "disbursed", "rate": "0.5%"}},
            "gates": [
                {
                    "indicator": "npl_ratio",
                    "forfeits": {"bands": [["0%", "2%", "0%"], ["2%", "", "100%"]], "shape": "step"},
                }
            ],
        }
    },
}


@frozen
class AskedFacts:
    """A source of facts that notes the periods of which readings are asked."""

    held: MemoryFacts
    asked: list[str]

    def facts(self, period: lp.Period) -> lp.Facts:
        """All of them."""
        return self.held.facts(period)

    def readings(self, period: lp.Period) -> Any:
        """None; the period is noted."""
        self.asked.append(str(period))
        return self.held.readings(period)


def gated(since: str, asked: list[str]) -> lp.Run:
    """March of a scheme that is said to hold from the year 1, with a person who works from a day on."""
    drawn: list[lp.Fact] = [
        lp.Loan(loan="L1", customer="C1", officer="lin", opened_on="2026-03-05", amount="10万元"),
        lp.LoanEvent(loan="L1", kind=lp.EventKind.DISBURSED, on="2026-03-05", amount="10万元"),
    ]
    lin = lp.Assignment(payee="lin", unit="east", role="officer", since=since, salary="8000 元")
    return lp.run(
        lp.Period.month(2026, 3),
        facts=AskedFacts(MemoryFacts(drawn), asked),
        people=MemoryPeople(lp.Organisation(assignments=[lin])),
        schemes=MemorySchemes(lp.schemes.scheme_of(GATED)),
        payments=MemoryPayments(),
        keeping=lp.Keeping(entries=MemoryEntries()),
    )


def test_a_scheme_from_the_year_1_is_looked_at_since_somebody_works() -> None:
    """Of 24,302 months since then those with somebody in them are asked for: 0.5% of 100,000 yuan is 500."""
    asked: list[str] = []
    found = gated("2026-01-15", asked)

    assert ["500.00 CNY"] == [str(payment.amount) for payment in found.payments]
    assert {"2026-01", "2026-02", "2026-03"} == set(asked)


def test_an_assignment_of_the_year_1_under_such_a_scheme_is_refused() -> None:
    """Both are slips of the pen, and a run would look at each month of two thousand years without a word."""
    fault = "more than 100 years before 2026-03; write the day from which the scheme is effective"
    with pytest.raises(lp.errors.PeriodError, match=fault):
        gated("0001-01-01", [])
