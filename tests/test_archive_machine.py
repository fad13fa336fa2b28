"""Months in any order, figures that are corrected, people who come and go: what was seen then is seen now."""

import json
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.test_archive import LIN, NAME, VALUES

import loanperf as lp
from loanperf.adapters.memory import (
    MemoryEntries,
    MemoryFacts,
    MemoryPayments,
    MemoryPeople,
    MemoryPersonal,
    MemorySchemes,
)
from loanperf.archive import Archive

MONTHS = [lp.Period.month(2026, month) for month in (1, 2, 3)]
PAYEES = ("lin", "wei", "zhao")
LEDGER = f"{NAME}/ledger"


@frozen
class Moment:
    """What was seen when a run had ended."""

    period: lp.Period
    records: int
    """Of the stream of results of the period."""
    results: str
    lines: tuple[str, ...]
    """Of the ledger."""
    balances: tuple[lp.Account, ...]
    statements: str
    streams: dict[str, tuple[str, ...]]


def said(results: lp.Results) -> str:
    """Results as bytes, but for the parts of readings, which are not kept."""
    return json.dumps([_in_numbers(result).data() for result in results])


def _in_numbers(result: lp.Result) -> lp.Result:
    appraisal = evolve(
        result.appraisal,
        readings=tuple(reading.in_numbers for reading in result.appraisal.readings),
        lines=tuple(
            evolve(line, reading=None if line.reading is None else line.reading.in_numbers)
            for line in result.appraisal.lines
        ),
    )
    award = None if result.award is None else evolve(result.award, appraisal=appraisal)
    return evolve(result, appraisal=appraisal, award=award)


def shown(ledger: lp.Ledger) -> str:
    """What everybody is shown of each month, as bytes."""
    found = [
        lp.statement(ledger, payee, period, currency=currency).in_numbers.data()
        for payee, currency in ledger.accounts
        for period in MONTHS
    ]
    return json.dumps(found)


class Years(RuleBasedStateMachine):
    """A host that works months, again and again, over one store."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryEntries()
        self.personal = MemoryPersonal()
        self.archive = Archive(self.store, NAME, self.personal)
        self.values: dict[tuple[str, lp.Period], dict[str, str]] = {}
        self.people = {"lin"}
        self.sink = MemoryPayments()
        self.moments: list[Moment] = []

    @rule(
        payee=st.sampled_from(PAYEES),
        period=st.sampled_from(MONTHS),
        npl=st.sampled_from(["1%", "2%", "3%"]),
        amount=st.sampled_from(["80万元", "120万元"]),
    )
    def corrected(self, payee: str, period: lp.Period, npl: str, amount: str) -> None:
        """Somebody's figures of a month come, or come otherwise."""
        self.values[payee, period] = VALUES | {"npl_ratio": npl, "loan_amount": amount}

    @rule(payee=st.sampled_from(PAYEES))
    def comes_or_goes(self, payee: str) -> None:
        """Somebody is assigned, or never was."""
        self.people ^= {payee}

    @rule(period=st.sampled_from(MONTHS), closes=st.booleans(), approved=st.booleans())
    def works(self, period: lp.Period, *, closes: bool, approved: bool) -> None:
        """A month is worked: posted, paid and kept; or held, and nothing changes."""
        before = {name: tuple(lines) for name, lines in self.store.streams.items()}
        run = self._run(period, closes=closes, approved=approved)
        if run is None or run.held:
            assert before == {name: tuple(lines) for name, lines in self.store.streams.items()}
            return
        if period in lp.read_ledger(before.get(LEDGER, ())).closed:
            results = f"{NAME}/results/{period}"
            assert before.get(results, ()) == tuple(self.store.streams.get(results, ()))
            return
        ledger = lp.read_ledger(self.store.streams.get(LEDGER, ()))
        assert run.ledger == ledger
        self.moments.append(
            Moment(
                period=period,
                records=len(self.store.streams.get(f"{NAME}/results/{period}", ())),
                results=said(run.results),
                lines=tuple(self.store.streams.get(LEDGER, ())),
                balances=tuple(ledger.balance(payee, currency=currency) for payee, currency in ledger.accounts),
                statements=shown(run.ledger),
                streams={name: tuple(lines) for name, lines in self.store.streams.items()},
            )
        )

    def _run(self, period: lp.Period, *, closes: bool, approved: bool) -> lp.Run | None:
        readings = [
            lp.Reading.of(code, value, subject=payee, period=period)
            for (payee, of), values in self.values.items()
            if of == period
            for code, value in values.items()
        ]
        people = [evolve(LIN, payee=payee) for payee in sorted(self.people)]

        def approve(_: lp.Run) -> bool:
            return approved

        how: Any = {"approve": approve}
        try:
            return lp.run(
                period,
                facts=MemoryFacts(supplied=readings),
                people=MemoryPeople(lp.Organisation(assignments=people)),
                schemes=MemorySchemes(lp.template("worked-example")),
                payments=self.sink,
                keeping=lp.Keeping(entries=self.store, personal=self.personal, close_by="chen" if closes else ""),
                **how,
            )
        except (lp.errors.EmptyPeriodError, lp.errors.LedgerError):
            return None  # nothing is known of the month, or it lies before the first of the ledger

    @invariant()
    def any_moment_is_as_it_was(self) -> None:
        """Results and statements as of each moment byte for byte, the ledger by replay, no record changed or gone."""
        for moment in self.moments:
            assert moment.results == said(self.archive.results(moment.period, as_of=moment.records))
            ledger = self.archive.ledger(as_of=len(moment.lines))
            replayed = lp.read_ledger(moment.lines)
            assert [one.in_numbers for one in replayed.entries] == [one.in_numbers for one in ledger.entries]
            assert replayed.closings == ledger.closings
            assert moment.statements == shown(ledger)
            assert moment.balances == tuple(
                ledger.balance(payee, currency=currency) for payee, currency in ledger.accounts
            )
            for name, lines in moment.streams.items():
                assert lines == tuple(self.store.streams[name])[: len(lines)]

    @invariant()
    def history_ends_with_what_holds(self) -> None:
        """The last record of a payee is the result that holds, or says that there is none."""
        for period in {moment.period for moment in self.moments}:
            now = self.archive.results(period)
            for payee in PAYEES:
                history = self.archive.history(payee, period)
                assert (history[-1][1] if history else None) == next(iter(now.of(payee)), None)


TestYears = pytest.mark.filterwarnings("error")(Years.TestCase)
TestYears.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
