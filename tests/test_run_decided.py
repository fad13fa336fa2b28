"""A month after its cycle: what people decided pays, what nobody approved waits, and an archived month says both."""

import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from tests.test_run_confirmed import APRIL, PEOPLE, TEXT, goal

import loanperf as lp
from loanperf import report
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.alerts import Leads
from loanperf.archive import Archive
from loanperf.cycle import Cycle, CyclePlan, cycle_stream
from loanperf.viewer import Viewer

GRADES = """
[grades]
A = { at_least = 90, coefficient = "150%" }
B = { at_least = 0, coefficient = "100%" }
"""
HOLDING = GRADES + '[confirmation]\nof = ["results"]\nunconfirmed = "hold"\n'
HR = Viewer(who="hr", sees="all")
STREAM = cycle_stream("branch pay", APRIL)


class Month:
    """An April in which lin and wu reach 120万元 of 150万元: 80 points, grade B, 80% of a month's 8,000."""

    def __init__(self, more: str = GRADES, calibrates: Any = "grade") -> None:
        self.store, self.payments = MemoryEntries(), MemoryPayments()
        self.scheme = lp.parse_scheme(TEXT + more)
        self.calibrates, self.reached = calibrates, "120万元"
        self.corrected = dict[str, str]()

    def run(self, **words: Any) -> lp.Run:
        """Work the month."""
        keeping = lp.Keeping(entries=self.store, **words)
        readings = [
            lp.Reading.of("loan_amount", self.corrected.get(who, self.reached), subject=who) for who in ("lin", "wu")
        ]
        goals = (goal("lin", "150万元"), goal("wu", "150万元"))
        return lp.run(
            APRIL,
            facts=MemoryFacts((), supplied=readings),
            people=MemoryPeople(PEOPLE),
            schemes=MemorySchemes(lp.SchemeBook([self.scheme]), goals),
            payments=self.payments,
            approve=lambda _: True,
            keeping=keeping,
        )

    def keep(self, say: Callable[[Cycle], Any]) -> None:
        """Append what a command gives."""
        cycle = Cycle.of(self.store.read(STREAM))
        self.store.append(STREAM, cycle.lines(say(cycle)), expected=cycle.records)

    def score(self, run: lp.Run) -> None:
        """Take the results of a run into a cycle."""
        plan = CyclePlan(
            period=APRIL,
            grades=["A", "B"],
            calibrates=self.calibrates,
            calibrates_as_of="2026-04-30",
            publishes_as_of="2026-04-30",
            panel=["hr", "audit"],
            scorers=["run"],
        )
        leads = Leads(organisation=PEOPLE, roles=["head"])
        self.keep(lambda cycle: cycle.start(plan, by="hr", at="2026-04-01"))
        day, two = "2026-04-30", ["lin", "wu"]
        self.keep(lambda cycle: cycle.take_snapshots(leads, on=day, by="hr", at=day, of=two))
        found = [result.appraisal for result in run.results]
        self.keep(lambda cycle: cycle.score(found, by="run", at="2026-05-01"))

    def calibrate(self, payee: str, **said: Any) -> None:
        """Calibrate a result."""
        self.keep(lambda cycle: cycle.calibrate(payee, why="opened a branch", by="hr", at="2026-05-02", **said))

    def approve(self, *payees: str) -> None:
        """Approve results as they stand."""
        self.keep(
            lambda cycle: cycle.approve(
                [one for payee in payees if (one := cycle.participant(payee, HR).result) is not None],
                by="audit",
                at="2026-05-03",
            )
        )

    def publish(self, *payees: str) -> None:
        """Publish what was approved."""
        self.keep(lambda cycle: cycle.publish(payees, by="hr", at="2026-05-04"))


def paid(run: lp.Run) -> dict[str, str]:
    """The payments of a run."""
    return {payment.payee: str(payment.amount) for payment in run.payments}


@pytest.mark.parametrize("only_new", [False, True])
@pytest.mark.parametrize(
    ("calibrates", "said", "amount"),
    [("grade", {"grade": "A"}, "9600.00 CNY"), ("coefficient", {"coefficient": "105%"}, "6720.00 CNY")],
)
def test_a_run_pays_by_the_calibration_in_force(calibrates: Any, said: Any, amount: str, *, only_new: bool) -> None:
    """6,400 times 150% or 105% for lin once it is published, 6,400 for wu; the score stays at 80."""
    month = Month(calibrates=calibrates)
    month.score(Month().run())
    month.calibrate("lin", **said)
    month.approve("lin")
    assert {"lin": "6400.00 CNY", "wu": "6400.00 CNY"} == {
        award.payee: str(award.amount) for award in Month().run().results.awards
    }
    month.publish("lin")
    run = month.run(only_new=only_new, close_by="chen")
    assert {"lin": amount, "wu": "6400.00 CNY"} == paid(run)

    lin, wu = run.results
    assert ("80.0", "B") == (str(lin.appraisal.score), lin.appraisal.grade and lin.appraisal.grade.code)
    assert lin.grade is not None
    assert (said.get("grade", "B"), "hr") == (lin.grade.code, lin.calibrated and lin.calibrated.by)
    assert wu.calibrated is None
    assert "opened a branch" in lin.explain().text("zh")

    (kept, other) = Archive(month.store, "branch pay").results(APRIL)
    assert (lin.calibrated, lin.award and lin.award.amount) == (kept.calibrated, kept.award and kept.award.amount)
    again = lp.award(month.scheme.bonus, kept.appraisal, month="8000 元", calibrated=kept.calibrated)
    assert amount == str(again.amount)
    assert other.calibrated is None
    assert lp.verify(month.store, "branch pay")
    assert month.run(only_new=only_new).closed


def test_a_calibration_is_shown_and_checked_without_a_bonus_plan() -> None:
    """Grades alone may be at stake: the frame has both, the reasons say why, and a grade that is not there is told."""
    month = Month()
    month.score(month.run())
    month.calibrate("lin", grade="A")
    month.approve("lin")
    month.publish("lin")
    without = TEXT[: TEXT.index("[bonus]")]
    month.scheme = lp.parse_scheme(without + GRADES)
    run = month.run()
    frame, (lin, wu) = run.results.frame("arrays"), run.results
    assert [["B", "B"], ["A", "B"]] == [frame[name].tolist() for name in ("grade", "final_grade")]
    again = pickle.loads(pickle.dumps(run.results)).frame("arrays")  # noqa: S301 - our own
    assert ["A", "B"] == again["final_grade"].tolist()
    assert lin.award is None
    assert "由 B 调整为 A（hr，2026-05-02）：opened a branch" in lin.explain().text("zh")
    assert wu.appraisal.explain() == wu.explain()

    month.scheme = lp.parse_scheme(without + GRADES.replace("A =", "S ="))
    run = month.run()
    assert ["wu"] == [*run.results.payees]
    (problem,) = [one for one in run.problems if one.payee == "lin"]
    assert "calibrated to grade 'A', which the card does not have" in str(problem)


def test_a_month_without_a_cycle_says_nothing_of_one() -> None:
    """Its archived results have no key of it."""
    month = Month()
    month.run()
    said = [json.loads(record) for record in month.store.read(f"branch pay/results/{APRIL}")]
    assert all("calibrated" not in record.get("result", {}) for record in said)


def test_nobody_is_paid_before_the_result_is_approved_and_published() -> None:
    """No cycle, then a score, then an approval: each says what waits, and the score is there."""
    month = Month(HOLDING)
    run = month.run()
    assert ({}, ["lin", "wu"]) == (paid(run), [one.payee for one in run.blocked])
    assert ["80.0", "80.0"] == [str(result.appraisal.score) for result in run.results]
    assert (
        "the result of lin for 2026-04: it is not approved and published: waiting for a score" in run.blocked[0].text.en
    )
    assert (
        "lin 2026-04 的考核结果：尚未审批发布，当前状态为“待计分”；请将得分纳入考核，审批并发布"
        in run.blocked[0].text.zh
    )
    month.score(run)
    month.approve("lin")
    assert "it is not approved and published: approved" in month.run().blocked[0].text.en
    month.publish("lin")
    run = month.run()
    assert ({"lin": "6400.00 CNY"}, ["wu"]) == (paid(run), [one.payee for one in run.blocked])
    month.approve("wu")
    month.publish("wu")
    run = month.run()
    assert ("6400.00 CNY", ()) == (paid(run)["wu"], run.blocked)
    assert ["6400.00 CNY", "6400.00 CNY"] == [str(payment.amount) for payment in month.payments.paid.values()]


def test_verify_replays_the_cycle_of_a_period() -> None:
    """A record that no command would give is found, though it fits its seal."""
    month = Month()
    month.score(month.run(close_by="chen"))
    assert lp.verify(month.store, "branch pay")
    (first, *_) = month.store.read(STREAM)
    month.store.append(STREAM, [first], expected=Cycle.of(month.store.read(STREAM)).records)
    assert STREAM in lp.verify(month.store, "branch pay").text()


@pytest.mark.parametrize(("more", "paid_to"), [(GRADES, ["lin", "wu"]), (HOLDING, [])])
def test_a_result_holds_for_the_score_that_was_published(more: str, paid_to: list[str]) -> None:
    """135 of 150 is 90 points: what was approved at 80 is said to differ, and waits where the scheme says so."""
    month = Month(more)
    month.score(Month().run())
    month.approve("lin", "wu")
    month.publish("lin", "wu")
    month.reached = "135万元"
    run = month.run()
    assert paid_to == sorted(paid(run))
    said = "the result of lin for 2026-04: a score of 80.0 was published, and it is 90 now"
    assert said in "\n".join(map(str, run.problems))
    assert run.needs_approval


def test_a_result_that_did_not_change_holds_as_it_is() -> None:
    """The appraisal of a run is the same whenever it is worked, so that nobody is asked anew."""
    month = Month(HOLDING)
    month.score(month.run())
    month.approve("lin", "wu")
    month.publish("lin", "wu")
    run = month.run()
    assert ((), False) == (run.problems, run.needs_approval)


@pytest.mark.parametrize(("more", "paid_to"), [(GRADES, {"lin": "9600.00 CNY", "wu": "9600.00 CNY"}), (HOLDING, {})])
def test_a_published_grade_is_not_paid_as_another(more: str, paid_to: dict[str, str]) -> None:
    """80 points were a B, and are an A of 150% by a scheme that was changed since: nobody is paid that unasked."""
    month = Month(more)
    month.score(Month().run())
    month.approve("lin", "wu")
    month.publish("lin", "wu")
    month.scheme = lp.parse_scheme(TEXT + more.replace("at_least = 90", "at_least = 80"))
    run = month.run()
    assert paid_to == paid(run)
    assert run.needs_approval
    assert "the result of lin for 2026-04: B was published, and it is A now" in "\n".join(map(str, run.problems))
    assert [True] * len(run.blocked) == ["已发布等级 B，现核算等级为 A" in one.text.zh for one in run.blocked]


def test_a_published_coefficient_is_not_paid_as_another() -> None:
    """100% of a B were published where coefficients are calibrated; the scheme says 50% since."""
    month = Month(HOLDING, calibrates="coefficient")
    month.score(month.run())
    month.approve("lin", "wu")
    month.publish("lin", "wu")
    month.scheme = lp.parse_scheme(TEXT + HOLDING.replace("100%", "50%"))
    run = month.run()
    assert {} == paid(run)
    assert "100% was published, and it is 50% now" in run.blocked[0].text.en


def test_another_appraisal_of_the_same_score_and_grade_is_told() -> None:
    """What a scheme pays for an A says nothing about a B: nobody is blocked, and somebody approves the run."""
    month = Month(HOLDING)
    month.score(month.run())
    month.approve("lin", "wu")
    month.publish("lin", "wu")
    month.scheme = lp.parse_scheme(TEXT + HOLDING.replace("150%", "160%"))
    run = month.run()
    assert ({"lin": "6400.00 CNY", "wu": "6400.00 CNY"}, ()) == (paid(run), run.blocked)
    assert run.needs_approval
    assert ["lin", "wu"] == [one.payee for one in run.problems]
    assert "the appraisal is another one than was published, though score and grade are the same" in str(
        run.problems[0]
    )


def test_an_upheld_appeal_is_published_anew_and_paid() -> None:
    """105 of 150万元 are 70 points and 5,600 of 8,000; with the 15万元 that were missing, 80 points and 6,400."""
    month = Month(HOLDING)
    month.reached = "105万元"
    month.score(month.run())
    month.approve("lin", "wu")
    month.publish("lin", "wu")
    day = "2026-05-04"
    month.keep(lambda cycle: cycle.appeal("lin", why="a loan of 15万元 is missing", by="lin", at=day))
    month.keep(lambda cycle: cycle.take_up("lin", by="audit", at=day))
    month.corrected["lin"] = "120万元"
    appraisal = next(one.appraisal for one in month.run().results if one.payee == "lin")
    month.keep(lambda cycle: cycle.uphold("lin", why="it is", by="audit", at=day, appraisal=appraisal))
    held = month.run()
    assert ["lin"] == [one.payee for one in held.blocked]
    assert "lin" not in paid(held)

    month.publish("lin")
    run = month.run()
    one = Cycle.of(month.store.read(STREAM)).participant("lin", HR)
    assert ["70.0", "80.0"] == [str(published.result.score) for published in one.published]
    assert {"lin": "6400.00 CNY", "wu": "5600.00 CNY"} == {
        payment.payee: str(payment.amount) for payment in month.payments.paid.values()
    }
    assert () == run.blocked


MOVER = """
name = "branch pay"
currency = "CNY"
effective = 2026-01-01
[profiles.all.weights]
disbursed_amount = "100%"
[targets]
disbursed_amount = "93万元"
[scoring.default]
places = 0
rounding = "half up"
cap = "100%"
[grades]
A = { at_least = 90, coefficient = "120%" }
C = { at_least = 0, coefficient = "60%" }
[bonus]
unit = "month"
curve = [["0 point", 1]]
rounding = "half up"
"""
MARCH = lp.Period.month(2026, 3)
MOVES = lp.Organisation(
    units=[lp.Unit(code="east"), lp.Unit(code="west")],
    assignments=[
        lp.Assignment(
            payee="lin", unit="east", role="officer", since="2026-01-01", until="2026-03-16", salary="6200 元"
        ),
        lp.Assignment(payee="lin", unit="west", role="officer", since="2026-03-16", salary="6200 元"),
    ],
)


def _march(store: MemoryEntries, more: str) -> lp.Run:
    """March of lin, who moves on the 16th.

    East: 50 of 45万元, 15 days of 93: 100 points, A, 6,200 times 120% times 15/31: 3,600. West: 12 of 48万元, 25
    points, C, 60% and 16/31: 1,920; by an A it would be 3,840.
    """
    lent = [("2026-03-05", "50万元"), ("2026-03-20", "12万元")]
    facts = list[Any]()
    for number, (on, amount) in enumerate(lent):
        facts.append(lp.Loan(loan=f"L{number}", customer="K", officer="lin", opened_on=on))
        facts.append(lp.LoanEvent(loan=f"L{number}", kind=lp.EventKind.DISBURSED, on=on, amount=amount))
    return lp.run(
        MARCH,
        facts=MemoryFacts(facts),
        people=MemoryPeople(MOVES),
        schemes=MemorySchemes(lp.parse_scheme(MOVER + more)),
        payments=MemoryPayments(),
        approve=lambda _: True,
        keeping=lp.Keeping(entries=store),
    )


@pytest.mark.parametrize(
    ("place", "worked"), [(0, ["3600.00 CNY", "1920.00 CNY"]), (1, ["3600.00 CNY", "3840.00 CNY"])]
)
def test_a_decision_holds_for_the_assignment_that_it_is_about(place: int, worked: list[str]) -> None:
    """Of a mover one appraisal is calibrated to A and published: the other is not changed by that, and is not paid."""
    store, held = MemoryEntries(), '[confirmation]\nof = ["results"]\nunconfirmed = "hold"\n'
    before = _march(store, held).results
    assert ["A", "C"] == [one.grade and one.grade.code for one in before]
    plan = CyclePlan(
        period=MARCH,
        grades=["A", "C"],
        calibrates="grade",
        calibrates_as_of="2026-03-31",
        publishes_as_of="2026-03-31",
        panel=["hr", "audit"],
        scorers=["run"],
    )
    cycle = Cycle()
    day, stream = "2026-04-01", cycle_stream("branch pay", MARCH)

    def keep(say: Callable[[Cycle], Any]) -> None:
        nonlocal cycle
        events = say(cycle)
        store.append(stream, cycle.lines(events), expected=cycle.records)
        cycle = cycle.after(events)

    keep(lambda known: known.start(plan, by="hr", at="2026-03-31"))
    leads = Leads(organisation=MOVES, roles=["head"])
    keep(lambda known: known.take_snapshots(leads, on="2026-03-31", by="hr", at="2026-03-31"))
    keep(lambda known: known.score([before[place].appraisal], by="run", at=day, parts_of=["lin"]))
    if place:
        keep(lambda known: known.calibrate("lin", grade="A", why="new team", by="hr", at=day))
    keep(lambda known: known.approve([one.result for one in known.participants(HR) if one.result], by="audit", at=day))
    keep(lambda known: known.publish(["lin"], by="hr", at=day))

    run = _march(store, held)
    assert worked == [str(one.award and one.award.amount) for one in run.results]
    assert {} == paid(run)
    unit, part = ("west", "2026-03-16/2026-04-01") if place == 0 else ("east", "2026-03-01/2026-03-16")
    said = f"another appraisal was published than that of {part} in {unit} as officer, which nobody approved"
    assert said in run.blocked[0].text.en
    loose = _march(store, "")  # by a scheme that was changed since, so that it cannot be told which was approved
    assert ("which nobody approved" in str(loose.problems[0]), loose.needs_approval) == (True, True)
    assert ["3600.00 CNY", "1920.00 CNY"] == [str(one.award and one.award.amount) for one in loose.results]


# ── on pages ────────────────────────────────────────────────────────────────────────────────────────────────


def pages(run: lp.Run, results: Any, viewer: Viewer) -> list[report.Page]:
    """What shows a result of lin to a viewer."""
    money = lp.statement(run.ledger or lp.Ledger(), "lin", APRIL, currency="CNY", organisation=PEOPLE)
    (one,) = report.statement_pages([money], results, viewer=viewer)
    month = report.my_month("lin", results, viewer=viewer, statements=[money])
    return [month, one, report.my_team(results, viewer=viewer, statements=[money])]


@pytest.mark.parametrize("who", ["lin", "LIN", "l in"])
def test_nobody_sees_of_their_own_result_on_a_page_what_is_not_published(who: str) -> None:
    """Lin has 80 points and 6,400; before the publication lin's pages say neither, and the head office sees both."""
    month, lin = Month(), Viewer(who=who, sees="all")
    run = month.run()
    month.score(run)
    month.approve("lin", "wu")
    for published in (False, True):
        if published:
            month.publish("lin")
        cycle = Cycle.of(month.store.read(STREAM))
        own = pages(run, report.as_published(run.results, cycle, viewer=lin), lin)
        others = pages(run, report.as_published(run.results, cycle, viewer=HR), HR)

        assert [published] * 2 == ["80.0 分" in page.text("zh") for page in own[:2]]
        assert [published] * 2 == ["6,400.00 元" in page.html("zh") for page in own[:2]]
        assert [published] * 2 == ["应发" in {one.name for one in page.sections("zh")[0].figures} for page in own[:2]]
        assert published == ("奖金、发放及余额在结果发布后显示" not in own[1].text("zh"))
        assert [not published] * 3 == ["结果尚未发布" in page.text("zh") for page in own]
        assert {"人数": "2" if published else "1"}.items() <= {
            figure.name: figure.value for figure in own[2].sections("zh")[0].figures
        }.items()
        assert all("80.0" in page.text("zh") and "尚未发布" not in page.text("zh") for page in others)


def test_a_result_that_was_scored_anew_waits_for_its_own_publication() -> None:
    """80 points were published; 100 points of another run are not shown to lin before they are."""
    month, lin = Month(), Viewer(who="lin", sees={"lin"})
    month.score(month.run())
    month.approve("lin")
    month.publish("lin")
    month.reached = "150万元"
    run = month.run()
    results = report.as_published(run.results, Cycle.of(month.store.read(STREAM)), viewer=lin)

    assert "100" not in report.my_month("lin", results, viewer=lin).text("zh")
    alone = report.my_team(results.of("lin"), viewer=lin)  # rows alone know nothing of a publication
    assert "100.0" in alone.text("zh")


def test_a_scheme_that_holds_pay_for_results_shows_none_before_they_are_published() -> None:
    """Without a word of the host: the run says whose result is not published."""
    month, lin = Month(HOLDING), Viewer(who="lin", sees="self")
    run = month.run()
    assert frozenset({"lin", "wu"}) == run.results.unpublished == pickle.loads(pickle.dumps(run.results)).unpublished  # noqa: S301 - our own
    page = report.my_month("lin", run.results, viewer=lin).text("zh")
    assert ("80.0" in page, "6,400" in page, "结果尚未发布。" in page) == (False, False, True)
    month.score(run)
    month.approve("lin")
    month.publish("lin")
    assert "80.0 分" in report.my_month("lin", month.run().results, viewer=lin).text("zh")
