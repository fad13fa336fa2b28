"""The kit for hosts: strategies draw what is valid and what is not, and the laws catch a scheme that breaks them."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf._facts import ROW_OF
from loanperf._ledger import Answer, Payment
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.errors import LawError, LoanPerfError
from loanperf.testing import LAWS, check_laws, strategies

SLOW = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
EXAMPLES = Path(__file__).parent.parent / "examples"
DRAWN: tuple[tuple[st.SearchStrategy[Any], type], ...] = (
    (strategies.money(), lp.Money),
    (strategies.quantities(), lp.Quantity),
    (strategies.percentages(), Fraction),
    (strategies.days(), date),
    (strategies.periods(), lp.Period),
    (strategies.tenors(), lp.schemes.Tenor),
    (strategies.curves(), lp.schemes.Curve),
    (strategies.thens(), lp.schemes.Then),
    (strategies.roundings(), lp.Rounding),
    *((strategies.facts(row), row) for row in ROW_OF.values()),
    (strategies.books_of_facts(), lp.Facts),
    (strategies.units(), lp.Unit),
    (strategies.payees(), lp.Payee),
    (strategies.assignments(), lp.Assignment),
    (strategies.organisations(), lp.Organisation),
    (strategies.indicators(), lp.schemes.Indicator),
    (strategies.readings(), lp.Reading),
    (strategies.targets(), lp.Target),
    (strategies.schemes(), lp.Scheme),
    (strategies.scheme_books(), lp.SchemeBook),
    (strategies.branches(), strategies.Branch),
    (strategies.accruals(), lp.Accruals),
    (strategies.ledgers(), lp.Ledger),
    (strategies.entries(), lp.Entry),
    (strategies.payments(), Payment),
    (strategies.answers(), Answer),
)


@pytest.mark.parametrize(("strategy", "kind"), DRAWN, ids=lambda item: getattr(item, "__name__", ""))
def test_each_strategy_draws_its_value(strategy: st.SearchStrategy[Any], kind: type) -> None:
    """A host names the value and gets it."""

    @SLOW
    @given(strategy)
    def drawn(value: object) -> None:
        assert isinstance(value, kind)

    drawn()


@SLOW
@given(strategies.facts())
def test_facts_are_of_every_kind_and_have_keys(fact: lp.Fact) -> None:
    """Each is itself a fact that Facts takes."""
    assert [fact] == list(lp.Facts.of([fact]))


@SLOW
@given(strategies.loan_events(loan="L1", kind=lp.EventKind.DISBURSED))
def test_events_are_of_the_loan_and_kind_that_are_asked_for(event: lp.LoanEvent) -> None:
    """A host tests what it does with drawdowns."""
    assert ("L1", lp.EventKind.DISBURSED) == (event.loan, event.kind)


@SLOW
@given(strategies.numbers())
def test_every_number_is_one_that_a_quantity_is_read_of(number: Any) -> None:
    """Whatever a host passes, of the kinds that are allowed, is read."""
    assert isinstance(lp.quantity(number), lp.Quantity)


@SLOW
@given(strategies.weights())
def test_weights_sum_to_the_whole(weights: Any) -> None:
    """Thirds among them: a profile takes them as they are."""
    assert 1 == sum(dict(lp.schemes.Profile(code="standard", weights=weights).weights).values())


@pytest.mark.parametrize("kind", strategies.REFUSING, ids=lambda kind: kind.__qualname__)
def test_what_is_invalid_is_refused_by_the_library_itself(kind: Callable[..., Any]) -> None:
    """Never by a TypeError from somewhere within; and what it was made of, before it was spoiled, is taken."""
    kind(**strategies.sound(kind))

    @settings(SLOW, max_examples=150)
    @given(strategies.invalid(kind))
    def refused(words: dict[str, Any]) -> None:
        with pytest.raises(LoanPerfError):
            kind(**words)

    refused()


@pytest.mark.parametrize(
    ("strategy", "seen"),
    [
        (strategies.money(), lambda value: value.units == 2**63 - 1),
        (strategies.money(), lambda value: value.units == 0),
        (strategies.money(), lambda value: value.currency == "KWD"),
        (strategies.codes(), lambda value: "😀" in value),
        (strategies.codes(), lambda value: "林" in value),
        (strategies.codes(), lambda value: "\u0301" in value),
        (strategies.days(), lambda value: (value.month, value.day) == (2, 29)),
        (strategies.periods(), lambda value: value.days == 1),
        (strategies.tenors(), lambda value: value == lp.schemes.Tenor()),
        (strategies.weights(), lambda value: any(weight.denominator == 3 for _, weight in value)),
        (strategies.readings(), lambda value: value.value is None),
        (strategies.organisations(), lambda value: not value.assignments),
        (strategies.organisations(), lambda value: len(value.codes) == 1),
        (strategies.feed_rows(), lambda value: isinstance(value.says, lp.errors.Problem)),
        (strategies.schemes(), lambda value: value.bonus is not None and value.plans),
        (strategies.schemes(), lambda value: len(value.profiles) == 2 and value.vetoes),
        (strategies.branches(), lambda value: len(value.facts) == 1),
        (strategies.branches(), lambda value: not value.organisation.codes),
        (strategies.branches(), lambda value: value.period == lp.Period.month(2024, 2) and value.facts[1:]),
        (strategies.ledgers(), lambda value: bool(value.closed)),
        (strategies.entries(), lambda value: value.kind is lp.EntryKind.OVERRIDE),
        (strategies.entries(), lambda value: value.kind is lp.EntryKind.HELD and value.amount.units > 0),
        (strategies.entries(), lambda value: value.kind is lp.EntryKind.PAID and value.amount.units < 0),
    ],
)
def test_edges_are_drawn(strategy: st.SearchStrategy[Any], seen: Callable[[Any], object]) -> None:
    """An edge that never comes is no edge."""

    @settings(SLOW, max_examples=5_000, database=None, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def never(value: Any) -> None:
        assert not seen(value)

    with pytest.raises(AssertionError):
        never()


def test_values_at_knots_find_a_fault_that_lies_at_one() -> None:
    """By hand: 80% of completion reaches its step; a ladder read as (from, to] pays less exactly there."""
    left = lp.schemes.Curve.of([["0%", "0%"], ["80%", "50%"]], shape="step", closed="left")
    right = lp.schemes.Curve.of([["0%", "0%"], ["80%", "50%"]], shape="step", closed="right")
    assert Fraction(4, 5) == find(strategies.at_knots(left), lambda x: x > 0 and left.at(x) != right.at(x))
    for near in (Fraction(7999, 10_000), Fraction(8001, 10_000), Fraction(-1), Fraction(9, 5)):
        assert near == find(strategies.at_knots(left), near.__eq__)


@pytest.mark.parametrize(
    ("x", "step"),
    [
        ("1000 元", Fraction(1, 100)),
        ("1000 JPY", Fraction(1)),
        ("60 point", Fraction(1, 100)),
        ("2%", Fraction(1, 10_000)),
    ],
)
def test_a_step_from_a_knot_is_the_smallest_of_its_axis(x: str, step: Fraction) -> None:
    """One fen, one yen, 0.01 points, 0.01%: nothing that a host can state lies between."""
    curve = lp.schemes.Curve.of([[x, 0]], shape="step")
    (knot, _) = curve.knots[0]
    for near in (knot - step, knot + step):
        assert near == find(strategies.at_knots(curve), near.__eq__)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.branches())
def test_a_branch_can_be_worked(branch: strategies.Branch) -> None:
    """Everything fits together: nobody is a stranger, and nothing that was drawn is refused."""
    run = lp.run(
        branch.period,
        facts=MemoryFacts(branch.facts),
        people=MemoryPeople(branch.organisation),
        schemes=MemorySchemes(branch.schemes, branch.targets),
    )
    assert run.rows == run.used
    assert {"the scheme's commission plans"} >= {problem.where for problem in run.problems}
    assert bool(run.results) == bool(
        [code for code in branch.organisation.codes if branch.organisation.assignments_in(code, branch.period)]
    )


@SLOW
@given(strategies.ledgers())
def test_a_ledger_reads_back(ledger: lp.Ledger) -> None:
    """Its entries are real ones: they balance, and its lines are the ledger again."""
    assert ledger == lp.read_ledger(ledger.lines())
    for payee, currency in ledger.accounts:
        account = ledger.balance(payee, currency=currency)
        assert account.entitled == account.due + account.held + account.paid - account.owed


# ── laws ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", lp.schemes.TEMPLATES)
@pytest.mark.parametrize("examples", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_templates_keep_the_laws(name: str, examples: int) -> None:
    """One line for a host, and so for what we ship."""
    check_laws(lp.template(name), examples=examples)


SOUND: dict[str, Any] = {
    "name": "ours",
    "currency": "CNY",
    "effective": "2026-01-01",
    "profiles": {"standard": {"weights": {"loan_amount": "60%", "npl_ratio": "40%"}}},
    "targets": {"loan_amount": "30万元", "npl_ratio": "3%"},
    "scoring": {"default": {"places": 1, "rounding": "half even", "missing": "refuse"}},
    "bonus": {"unit": "month", "curve": [["0 point", 0], ["100 point", 1]], "rounding": "half up"},
}


def test_a_sound_scheme_keeps_every_law() -> None:
    """What the broken ones are made of."""
    check_laws(lp.schemes.scheme_of(SOUND))


@pytest.mark.parametrize(
    ("changed", "law"),
    [
        (
            {"bonus": SOUND["bonus"] | {"curve": [["0 point", 0], ["80 point", 2], ["100 point", 1]]}},
            "a better reading never lowers the bonus",
        ),
        (
            {
                "scoring": SOUND["scoring"]
                | {
                    "loan_amount": {
                        "rule": "curve",
                        "of": "attainment",
                        "curve": [["0%", "0%"], ["100%", "100%"], ["200%", "0%"]],
                    }
                }
            },
            "a better reading never lowers the score",
        ),
        (
            {
                "scoring": SOUND["scoring"]
                | {"npl_ratio": {"rule": "curve", "of": "value", "curve": [["0%", "0%"], ["3%", "100%"], ["5%", "0%"]]}}
            },
            "a better reading never lowers the score",
        ),
    ],
)
def test_a_scheme_that_breaks_a_law_is_caught_and_the_law_named(changed: dict[str, Any], law: str) -> None:
    """With the example that breaks it, and where to look; and left out on purpose, it passes."""
    scheme = lp.schemes.scheme_of(SOUND | changed)
    with pytest.raises(LawError) as caught:
        check_laws(scheme)
    assert law == caught.value.law
    assert "; look at" in str(caught.value)
    check_laws(scheme, without={law, "a better reading never lowers the bonus"})


HELD = SOUND | {"bonus": SOUND["bonus"] | {"holdback": {"share": "40%", "years": 3, "leavers": "forfeited"}}}


@pytest.mark.parametrize("kind", [lp.EntryKind.EARNED, lp.EntryKind.RELEASED, lp.EntryKind.FORFEITED])
def test_a_held_bonus_that_does_not_sum_is_caught(kind: lp.EntryKind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a ledger posts one fen less of what is earned, released or forfeited, the parts no longer sum."""
    check_laws(lp.schemes.scheme_of(HELD), without=set(LAWS) - {"a held bonus sums"}, examples=3)

    def short(*given: Any, **more: Any) -> list[lp.Entry]:
        return [
            evolve(entry, amount=lp.Money.from_units(entry.amount.units - 1, "CNY")) if entry.kind is kind else entry
            for entry in lp.settle(*given, **more)
        ]

    monkeypatch.setattr("loanperf.testing._laws.settle", short)
    with pytest.raises(LawError) as caught:
        check_laws(lp.schemes.scheme_of(HELD), without=set(LAWS) - {"a held bonus sums"}, examples=10)
    assert "a held bonus sums" == caught.value.law


def test_an_unknown_law_is_named() -> None:
    """A law that is left out by a wrong name would not be left out."""
    with pytest.raises(LawError, match="there is no law of that name; use one of weights sum to 100%"):
        check_laws(lp.schemes.scheme_of(SOUND), without={"gravity"})
    assert 14 == len(LAWS)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.schemes())
def test_schemes_that_are_drawn_keep_the_laws(scheme: lp.Scheme) -> None:
    """So that a host's test of its own code does not meet a scheme that is wrong."""
    check_laws(scheme, examples=5)


def test_without_the_extra_it_is_named() -> None:
    """What to install."""
    code = (
        "import sys, importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'hypothesis' else find(name, *more)\n"
        "import loanperf.testing\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'hypothesis is not installed; run: python -m pip install "loanperf[testing]"' in done.stderr
