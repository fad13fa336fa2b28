"""The kit for hosts: strategies draw what is valid and what is not, and the laws catch a scheme that breaks them."""

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import loanperf as lp
from loanperf.adapters.memory import MemoryFacts, MemoryPeople, MemorySchemes
from loanperf.errors import LawError, LoanPerfError
from loanperf.testing import LAWS, check_laws, strategies

SLOW = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
DRAWN: dict[str, st.SearchStrategy[Any]] = {
    "Money": strategies.money(),
    "Quantity": strategies.quantities(),
    "Period": strategies.periods(),
    "Tenor": strategies.tenors(),
    "Curve": strategies.curves(),
    "Loan": strategies.loans(),
    "LoanEvent": strategies.loan_events(),
    "Balance": strategies.balances(),
    "Customer": strategies.customers(),
    "Holding": strategies.holdings(),
    "Facts": strategies.books_of_facts(),
    "Organisation": strategies.organisations(),
    "Reading": strategies.readings(),
    "Target": strategies.targets(),
    "Scheme": strategies.schemes(),
    "SchemeBook": strategies.scheme_books(),
    "Ledger": strategies.ledgers(),
}


@pytest.mark.parametrize("name", DRAWN)
def test_each_strategy_draws_its_value(name: str) -> None:
    """A host names the value and gets it."""

    @SLOW
    @given(DRAWN[name])
    def drawn(value: object) -> None:
        assert isinstance(value, getattr(lp, name))

    drawn()


@SLOW
@given(strategies.facts())
def test_facts_are_of_every_kind_and_have_keys(fact: lp.Fact) -> None:
    """Each is itself a fact that Facts takes."""
    assert [fact] == list(lp.Facts.of([fact]))


@pytest.mark.parametrize("kind", strategies.REFUSING, ids=lambda kind: kind.__name__)
def test_what_is_invalid_is_refused_by_the_library_itself(kind: Callable[..., Any]) -> None:
    """Never by a TypeError from somewhere within."""

    @SLOW
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
        (strategies.days(), lambda value: (value.month, value.day) == (2, 29)),
        (strategies.organisations(), lambda value: not value.assignments),
        (strategies.organisations(), lambda value: len(value.codes) == 1),
        (strategies.feed_rows(), lambda value: isinstance(value.says, lp.errors.Problem)),
        (strategies.schemes(), lambda value: value.bonus is not None and value.plans),
        (strategies.ledgers(), lambda value: bool(value.closed)),
    ],
)
def test_edges_are_drawn(strategy: st.SearchStrategy[Any], seen: Callable[[Any], object]) -> None:
    """An edge that never comes is no edge."""
    find(strategy, lambda value: bool(seen(value)), settings=settings(max_examples=20_000, deadline=None))


def test_values_at_knots_find_a_fault_that_lies_at_one() -> None:
    """By hand: 80% of completion reaches its step; a ladder read as (from, to] pays less exactly there."""
    left = lp.Curve.of([["0%", "0%"], ["80%", "50%"]], shape="step", closed="left")
    right = lp.Curve.of([["0%", "0%"], ["80%", "50%"]], shape="step", closed="right")
    assert Fraction(4, 5) == find(strategies.at_knots(left), lambda x: x > 0 and left.at(x) != right.at(x))
    for near in (Fraction(7999, 10_000), Fraction(8001, 10_000), Fraction(-1), Fraction(9, 5)):
        assert near == find(strategies.at_knots(left), near.__eq__)


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
    assert bool(run.results)


# ── laws ────────────────────────────────────────────────────────────────────────────────────────────────────

@pytest.mark.parametrize("name", lp.TEMPLATES)
def test_templates_keep_the_laws(name: str) -> None:
    """One line for a host, and so for what we ship."""
    check_laws(lp.template(name), examples=15)


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
    check_laws(lp.scheme_of(SOUND))


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
                | {"loan_amount": {"rule": "curve", "of": "attainment", "curve": [["0", "0"], ["1", "1"], ["2", "0"]]}}
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
    scheme = lp.scheme_of(SOUND | changed)
    with pytest.raises(LawError) as caught:
        check_laws(scheme)
    assert law == caught.value.law
    assert "; look at" in str(caught.value)
    check_laws(scheme, without={law, "a better reading never lowers the bonus"})


def test_an_unknown_law_is_named() -> None:
    """A law that is left out by a wrong name would not be left out."""
    with pytest.raises(LawError, match="there is no law of that name; use one of weights sum to 100%"):
        check_laws(lp.scheme_of(SOUND), without={"gravity"})
    assert 11 == len(LAWS)


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
