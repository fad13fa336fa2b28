"""A scenario works what people decided and confirmed, as the run of the month did; so a comparison does too."""

from attrs import evolve
from tests import test_run_confirmed, test_run_decided
from tests.test_run_confirmed import APRIL, PEOPLE, goal

import loanperf as lp
from loanperf.analytics import Scenario, compare, past_of
from loanperf.archive import Archive
from loanperf.cycle import Cycle
from loanperf.learning import whom_it_moves
from loanperf.viewer import Viewer

ALL = Viewer(who="hr", sees="all")
REACHED = [lp.Reading.of("loan_amount", "120万元", subject=who) for who in ("lin", "wu")]


def scenario(scheme: lp.Scheme) -> Scenario:
    """Lin and wu reach 120万元 of 150万元: 80 points, 6,400 of a month's 8,000."""
    goals = (goal("lin", "150万元"), goal("wu", "150万元"))
    return Scenario(people=PEOPLE, schemes=scheme, readings=REACHED, targets=goals)


def test_a_published_calibration_is_paid_in_both_scenarios() -> None:
    """Lin is lifted to A, 150%: 9,600, as the month paid. By a scheme that gives 200% for an A lin has 12,800."""
    month = test_run_decided.Month()
    month.score(month.run())
    month.calibrate("lin", grade="A")
    month.approve("lin")
    month.publish("lin")
    assert month.run(close_by="chen").closed
    decided = Cycle.of(month.store.read(test_run_decided.STREAM))
    then = evolve(scenario(month.scheme), cycles={APRIL: decided})
    more = test_run_decided.GRADES.replace('"150%"', '"200%"')
    new = lp.parse_scheme(test_run_confirmed.TEXT + more)
    paid = Archive(month.store, "branch pay")
    found = compare(then, new, periods=[APRIL], paid=paid, viewer=ALL)
    assert {"lin": ("9600.00", "12800.00"), "wu": ("6400.00", "6400.00")} == {
        one.payee: (str(one.now.amount), str(one.new.amount)) for one in found.people
    }
    assert {"lin": "6400.00 CNY", "wu": "6400.00 CNY"} == earned(scenario(month.scheme))


def test_a_target_that_was_confirmed_is_measured_against() -> None:
    """Lin confirms 150万元, of which 120万元 are 80 points: 6,400; wu was asked on the 28th, and waits."""
    month = test_run_confirmed.Month()
    month.target("lin", "150万元")
    month.target("wu", "150万元", at="2026-04-28")
    month.reply("confirm", "lin")
    then = Scenario(people=PEOPLE, schemes=month.scheme, readings=REACHED, confirmations=month.known)
    assert {"lin": "6400.00 CNY"} == earned(then)


def test_a_period_that_was_worked_is_worked_to_the_same_by_weights_that_are_tried() -> None:
    """Targets and salaries of payees come along: 80 points and 6,400; by the scheme itself nobody moves."""
    scheme = lp.parse_scheme(test_run_confirmed.TEXT)
    (run,) = scenario(scheme).worked([APRIL])
    moves = whom_it_moves(scheme, scheme, past_of(run, PEOPLE), viewer=ALL)
    assert [("lin", "80.0", "6400.00 CNY"), ("wu", "80.0", "6400.00 CNY")] == [
        (one.payee, str(one.score_before), str(one.bonus_after)) for one in moves.people
    ]
    assert 2 == moves.same


def earned(then: Scenario) -> dict[str, str]:
    """What each payee earned in April."""
    (run,) = then.worked([APRIL])
    return {entry.payee: str(entry.amount) for entry in run.entries if entry.kind is lp.EntryKind.EARNED}
