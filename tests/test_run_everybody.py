"""A run works everybody at once: the same as each alone, as appraise and award of each, and as a plain reference."""

import pickle
from collections.abc import Iterator
from fractions import Fraction
from typing import TypeVar

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.branches import MARCH, STAFF, Branch, a_branch

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes

BRANCHES = st.randoms(use_true_random=False).map(a_branch)


def worked(branch: Branch) -> lp.Run | None:
    """The run of a branch; None where nothing is known of the month."""
    try:
        return branch.run()
    except lp.errors.EmptyPeriodError:
        return None


@settings(max_examples=20, deadline=None)
@given(BRANCHES)
def test_a_run_of_everybody_is_the_runs_of_each_payee_alone(branch: Branch) -> None:
    """Whoever stands beside a payee, with whatever card, days, readings and amounts, changes nothing for them."""
    together = worked(branch)
    for payee in STAFF if together is not None else ():
        alone = worked(branch.alone(payee))
        if alone is None or together is None:
            continue
        assert alone.results == together.results.of(payee)
        assert alone.payments == tuple(one for one in together.payments if one.payee == payee)
        mine = [one for one in together.blocked if one.payee == payee]
        assert [one.bonus for one in alone.blocked] == [one.bonus for one in mine]
        assert [_said(one.why) for one in alone.blocked] == [_said(one.why) for one in mine]


def _said(problems: tuple[lp.errors.Problem, ...]) -> list[str]:
    return list(map(str, problems))


@settings(max_examples=20, deadline=None)
@given(BRANCHES)
def test_columns_say_what_appraise_and_award_say_of_each(branch: Branch) -> None:
    """Payments and frames are made of columns, reasons of rows: a payee who asks must hear of the same amount."""
    found = worked(branch)
    if found is None:
        return
    paid = [result.award for result in found.results if result.award is not None]
    assert paid == list(found.results.awards)
    columns = found.results.awards.columns
    assert [award.amount.units for award in paid] == columns["amount"].values.tolist()
    assert [award.payee for award in paid] == [columns["payee"].at(row) for row in range(len(paid))]
    for result in found.results:
        again = lp.appraise(
            result.appraisal.card, readings=result.appraisal.readings, payee=result.payee, targets=_targets(result)
        )
        assert again.score == result.appraisal.score
    frame = found.results.frame("arrays")
    assert [float(result.appraisal.score) for result in found.results] == frame["score"].tolist()
    assert [result.payee for result in found.results] == frame["payee"].tolist()


def _targets(result: lp.Result) -> dict[str, lp.Quantity]:
    lines = result.appraisal.lines
    return {scored.line.indicator.code: scored.target for scored in lines if scored.target is not None}


# ── a plain reference ───────────────────────────────────────────────────────────────────────────────────────


def by_hand(branch: Branch) -> Iterator[tuple[str, lp.Period, Fraction, int | None]]:
    """Payee, days, score and bonus of every assignment that has them, of what the host supplies alone, in Fractions."""
    for payee in branch.people.codes:
        parts = branch.people.assignments_in(payee, MARCH)
        for assignment, part in parts:
            try:
                yield (
                    payee,
                    part,
                    *_one(branch, assignment, part, Fraction(part.days, sum(of.days for _, of in parts))),
                )
            except lp.errors.LoanPerfError:
                continue


def _one(branch: Branch, held: lp.Assignment, part: lp.Period, share: Fraction) -> tuple[Fraction, int | None]:
    """Score and bonus; a flow is shared by the days of all assignments, a target of one cut to those of the month."""
    units, asked = branch.people.path(held.unit, part.start), {"product_line": held.product_line, "tier": held.tier}
    card = branch.schemes.at(part.start).resolve(period=part, role=held.role, units=units, **asked)
    flows = {item.code for item in _items(card) if item.timing == "flow"}
    readings = dict[str, lp.Reading]()
    for reading in _one_each([one for one in branch.readings if one.subject == held.payee and _is_now(one)]):
        of = share if reading.indicator in flows else Fraction(1)
        readings[reading.indicator] = evolve(reading, numerator=reading.numerator * of, period=part)
    targets = {line.indicator.code: line.target for line in card.lines if line.target is not None}
    for goal in _one_each([one for one in branch.targets if one.payee == held.payee and _is_now(one)]):
        targets[goal.indicator] = goal.value
    for code in targets.keys() & flows if part != MARCH else ():
        targets[code] = lp.Quantity(targets[code].value * Fraction(part.days, MARCH.days), targets[code].unit)
    appraisal = lp.appraise(card, targets, readings, payee=held.payee)
    if card.bonus is None:
        return Fraction(appraisal.score), None
    days = (part.days, MARCH.days)
    paid = lp.award(card.bonus, appraisal, month=held.salary, base=held.base, days=days)
    return Fraction(appraisal.score), paid.amount.units


Said = TypeVar("Said", lp.Reading, lp.Target)


def _items(card: lp.schemes.Card) -> list[lp.schemes.Indicator]:
    return [*card.others, *(line.indicator for line in card.lines)]


def _is_now(said: lp.Reading | lp.Target) -> bool:
    return said.period in (None, MARCH)


def _one_each(given: list[Said]) -> list[Said]:
    """Each once; two values of one thing are an error of their payee."""
    found: list[Said] = []
    for one in given:
        if any(one.indicator == other.indicator and one != other for other in found):
            raise lp.errors.DataError("a payee", "two values", "supply one")
        found.append(one)
    return found


@settings(max_examples=40, deadline=None)
@given(BRANCHES)
def test_what_the_host_supplies_is_worked_as_by_hand(branch: Branch) -> None:
    """Days, targets and readings of several assignments, with amounts and fractions that no column of 64 bits holds."""
    supplied = evolve(branch, facts=lp.Facts.of([]))
    found = worked(supplied)
    if found is None:
        assert not supplied.readings
        return
    expected = list(by_hand(supplied))
    assert expected == [
        (
            result.payee,
            result.part,
            Fraction(result.appraisal.score),
            None if result.award is None else result.award.amount.units,
        )
        for result in found.results
    ]


# ── results, as others that are many ────────────────────────────────────────────────────────────────────────


def a_month(*payees: str) -> lp.Run:
    """A month of the worked example, in which lin has two roles."""
    values = {"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"}
    people = [
        lp.Assignment(payee=payee, unit="east", role=role, since=since, until=until, salary="8000 元")
        for payee in payees
        for role, since, until in (("junior", "2025-01-01", "2026-03-11"), ("senior", "2026-03-11", None))
        if payee == "lin" or role == "senior"
    ]
    readings = [lp.Reading.of(code, value, subject=payee) for payee in payees for code, value in values.items()]
    return lp.run(
        MARCH,
        facts=MemoryFacts(supplied=readings),
        people=MemoryPeople(lp.Organisation(assignments=people)),
        schemes=MemorySchemes(lp.template("worked-example")),
    )


def test_results_are_asked_like_readings_and_entries() -> None:
    """They iterate as rows, by place or by payee, say why, and are equal to a tuple of the same rows."""
    results = a_month("lin", "wu").results

    assert ["lin", "lin", "wu"] == [result.payee for result in results] == list(results.payees)
    assert (results[0], results[1]) == results.of("lin") == results[:2]
    assert results[-1] == results.of("wu")[0]
    assert (3, (), "Results(3)") == (len(results), results.of("nobody"), repr(results))
    assert results == tuple(results)
    assert tuple(results) == results
    assert results != results[:2]
    assert hash(results) == hash(tuple(results))
    assert results.explain("wu") == results[2].explain()
    assert "results of lin: 2" == results.explain("lin").sentence()
    assert [result.explain() for result in results[:2]] == list(results.explain("lin").because)
    with pytest.raises(lp.errors.UnknownPayeeError, match="lim"):
        results.explain("lim")


def test_results_have_a_frame_in_points_and_whole_currency() -> None:
    """A row a result, for a chart or a sheet; 1.0212 months of 8,000 yuan are 8,169.60 yuan in 21 of 21 days."""
    frame = a_month("lin", "wu").results.frame("arrays")

    assert ["lin", "lin", "wu"] == frame["payee"].tolist()
    assert ["junior", "senior", "senior"] == frame["role"].tolist()
    assert ["2026-03-01", "2026-03-11", "2026-03-11"] == [str(day) for day in frame["start"]]
    assert ["2026-03-11", "2026-04-01", "2026-04-01"] == [str(day) for day in frame["end"]]
    assert {"CNY"} == {*frame["currency"].tolist()}
    names = {"payee", "name", "unit", "role", "start", "end", "score", "grade", "final_grade", "amount", "currency"}
    assert names == {*frame}


def test_results_are_pickled_with_their_reasons() -> None:
    """A service hands them to another process, where the facts are not."""
    found = a_month("lin", "wu")
    again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own

    assert found == again
    assert [result.explain() for result in found.results] == [result.explain() for result in again.results]
    assert found.results.frame("arrays")["amount"].tolist() == again.results.frame("arrays")["amount"].tolist()
