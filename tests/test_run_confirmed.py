"""A month by what was confirmed: the version in force is measured against and named, and the pay of others waits."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from tests.loans import event, loan
from tests.test_confirmations import STEPS, played

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryFacts, MemoryPayments, MemoryPeople, MemorySchemes
from loanperf.archive import Archive
from loanperf.goals import Confirmations, confirmations_stream, plan_document, target_letter

APRIL = lp.Period.month(2026, 4)
TEXT = """
name = "branch pay"
currency = "CNY"
effective = 2026-01-01

[profiles.officer.weights]
loan_amount = "100%"

[scoring.default]
places = 1
rounding = "half up"

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half up"
"""
COMMISSION = """
[plans.officer]
rounding = "half up"
components.loans = { base = "disbursed", rate = "1%" }
"""


def confirming(of: str, unconfirmed: str = "hold", more: str = "") -> lp.Scheme:
    """A scheme that asks to confirm something."""
    return lp.parse_scheme(f'{TEXT}{more}[confirmation]\nof = {of}\nunconfirmed = "{unconfirmed}"\nsilence_days = 5\n')


SCHEME = confirming("['targets']")
PEOPLE = lp.Organisation(
    units=[lp.Unit(code="bank"), lp.Unit(code="east", parent="bank")],
    assignments=[
        *(
            lp.Assignment(payee=who, unit="east", role="x", since="2026-01-01", salary="8000 元")
            for who in ("lin", "wu")
        ),
        lp.Assignment(payee="zhou", unit="bank", role="head", since="2026-01-01", until="2026-04-01"),
    ],
)


def goal(payee: str, value: str) -> lp.Target:
    """A target of loan amount."""
    return lp.Target(payee=payee, indicator="loan_amount", value=value)


class Month:
    """An April in which lin and wu reach 120万元, with a store of confirmations."""

    def __init__(self, scheme: lp.Scheme = SCHEME, goals: Iterable[lp.Target] = (), facts: Any = None) -> None:
        self.store, self.scheme, self.goals = MemoryEntries(), scheme, tuple(goals)
        readings = [lp.Reading.of("loan_amount", "120万元", subject=who) for who in ("lin", "wu")]
        self.facts = MemoryFacts(facts or (), supplied=readings)
        self.payments = MemoryPayments()

    @property
    def known(self) -> Confirmations:
        """What is on record."""
        return Confirmations.of(self.store.read(confirmations_stream("branch pay")))

    def keep(self, events: Iterable[Any]) -> None:
        """Append events."""
        known = self.known
        self.store.append(confirmations_stream("branch pay"), known.lines(events), expected=known.records)

    def propose(self, document: Any, at: str = "2026-04-01") -> None:
        """Propose a document."""
        rules = self.scheme.confirmation
        assert rules is not None
        self.keep(self.known.propose(document, by="hr", at=at, rules=rules, organisation=PEOPLE, proposers=["hr"]))

    def target(self, payee: str, value: str, at: str = "2026-04-01") -> None:
        """Propose a target."""
        self.propose(target_letter([goal(payee, value)], self.scheme, APRIL, organisation=PEOPLE), at)

    def reply(
        self, act: Any, payee: str, *, by: str = "", at: str = "2026-04-02", why: str = "", of: Any = "targets"
    ) -> None:
        """Answer the newest version."""
        rules, newest = self.scheme.confirmation, self.known.versions(payee, APRIL, of=of)[-1].proposal
        assert rules is not None
        reply = newest.reply(act, by=by or payee, at=at, why=why)
        self.keep(self.known.answer(reply, rules=rules, organisation=PEOPLE))

    def run(self, *, dry: bool = False, **words: Any) -> lp.Run:
        """Work the month."""
        given: dict[str, Any] = {"keeping": lp.Keeping(entries=self.store), "approve": lambda _: True} | words
        return lp.run(
            APRIL,
            facts=self.facts,
            people=MemoryPeople(PEOPLE),
            schemes=MemorySchemes(lp.SchemeBook([self.scheme]), self.goals),
            payments=None if dry else self.payments,
            **given,
        )


def scores(run: lp.Run) -> dict[str, str]:
    """The score of each payee."""
    return {result.payee: str(result.appraisal.score) for result in run.results}


def test_a_confirmed_version_is_measured_against_and_named() -> None:
    """120 of 150 confirmed is 80 points and 80% of a month's 8,000, though the host still says 100; wu's pay waits."""
    month = Month(goals=[goal("lin", "100万元"), goal("wu", "100万元")])
    month.target("lin", "150万元")
    month.reply("confirm", "lin")
    month.target("wu", "150万元", at="2026-04-28")
    run = month.run()

    assert scores(run) == {"lin": "80.0"}
    assert ["6400.00 CNY"] == [str(payment.amount) for payment in run.payments]
    (result,) = run.results
    (used,) = result.agreed
    assert (1, month.known.versions("lin", APRIL)[0].proposal.digest) == (used.version, used.digest)
    assert ("targets: version 1, confirmed", "目标：第 1 版，已确认") == (used.said.en, used.said.zh)
    assert "target 1500000 CNY, version 1, confirmed on 2026-04-02" in result.explain().text("en")
    assert "目标 150 万元，第 1 版，2026-04-02 已确认" in result.explain().text("zh")
    assert "target of loan_amount of lin: the host says 1000000 CNY, and 1500000 CNY of version 1" in "\n".join(
        map(str, run.problems)
    )
    (blocked,) = run.blocked
    assert blocked.payee == "wu"
    assert blocked.text.en == (
        "wu could not be worked: the targets of wu for 2026-04: version 1 waits for wu since 2026-04-28; "
        "at stake: unknown"
    )
    assert blocked.text.zh == (
        "wu 无法核算，wu 2026-04 目标：第 1 版自 2026-04-28 起待 wu 确认；请员工确认，或由上级核定；涉及金额：未知"
    )


def test_a_dry_run_says_the_same_and_appends_nothing() -> None:
    """A manager looks before anything is posted."""
    month = Month()
    month.target("lin", "150万元")
    month.reply("confirm", "lin")
    before = month.known
    dry, posted = month.run(dry=True), month.run()

    assert tuple(dry.results) == tuple(posted.results)
    assert dry.blocked == posted.blocked
    assert before == month.known


@pytest.mark.parametrize(
    ("how", "en", "zh"),
    [
        ("nothing", "nothing was proposed", "尚未提出；请提出后由员工确认"),
        ("waiting", "version 1 waits for wu since 2026-04-28", "第 1 版自 2026-04-28 起待 wu 确认"),
        (
            "refused",
            "version 1 was refused by wu on 2026-04-29: too much",
            "第 1 版于 2026-04-29 被 wu 提出异议：too much",
        ),
        ("part", "what was proposed is for 2026-Q2", "请按 2026-04 整期提出，系统按在岗天数折算"),
        ("beside", "does not state the target of npl_ratio, which the host gives", "其中没有系统所给的 npl_ratio 目标"),
    ],
)
def test_what_waits_is_said_in_both_languages(how: str, en: str, zh: str) -> None:
    """Whom to ask, since when, and what to do, without looking anywhere else."""
    goals = [goal("wu", "100万元")]
    if how == "beside":
        goals.append(lp.Target(payee="wu", indicator="npl_ratio", value="3%"))
    month = Month(goals=goals)
    if how == "part":
        part = lp.Period("2026-04-01", "2026-07-01")
        month.propose(target_letter([goal("wu", "150万元")], SCHEME, part, organisation=PEOPLE))
    elif how != "nothing":
        month.target("wu", "150万元", at="2026-04-28")
    if how == "refused":
        month.reply("refuse", "wu", at="2026-04-29", why="too much")
    if how == "beside":
        month.reply("confirm", "wu", at="2026-04-29")
    waits = {one.payee: one.waits for one in month.run(dry=True).blocked}

    assert en in waits["wu"][0].en
    assert zh in waits["wu"][0].zh


def test_a_version_that_was_proposed_after_the_period_is_told() -> None:
    """150 was agreed in April; on 2 May, when 120 was reached, HR lowers it to 100: it counts, and everybody sees."""
    month = Month()
    month.target("lin", "150万元")
    month.reply("confirm", "lin")
    assert not [problem for problem in month.run(dry=True).problems if "after the period" in problem.fault]
    month.target("lin", "100万元", at="2026-05-02")
    month.reply("confirm", "lin", at="2026-05-02")
    (told,) = [problem for problem in month.run(dry=True).problems if "after the period" in problem.fault]

    assert str(told).startswith(
        "the targets of lin for 2026-04: version 2, which is used, was proposed on 2026-05-02, after the period"
    )
    assert "hr" in told.remedy


@pytest.mark.parametrize("how", ["silence", "set"])
def test_silence_and_a_superior_put_a_version_in_force(how: str) -> None:
    """Proposed on 1 April, it is in force by the end of the month; of zhou, who has left, nobody is above lin."""
    month = Month()
    month.target("lin", "150万元", at="2026-03-20")
    if how == "set":
        month.reply("set", "lin", by="zhou", at="2026-03-21", why="agreed by phone")
    run = month.run(dry=True)

    assert scores(run) == {"lin": "80.0"}
    assert {"silence": "confirmed by silence", "set": "set by a superior"}[how] in str(run.results[0].agreed[0].said)


def test_an_old_version_is_used_until_the_new_one_is_in_force() -> None:
    """150 was confirmed; 200 is proposed on the 28th and waits: 80 points, and the result names the newer one too."""
    month = Month()
    month.target("lin", "150万元")
    month.reply("confirm", "lin")
    month.target("lin", "200万元", at="2026-04-28")
    (result,) = month.run(dry=True).results

    assert str(result.appraisal.score) == "80.0"
    assert str(result.agreed[0].said) == "targets: version 1, confirmed; version 2 is not in force"
    month.reply("confirm", "lin", at="2026-05-03")
    assert scores(month.run(dry=True)) == {"lin": "60.0"}


def test_use_takes_what_is_not_confirmed_and_says_so() -> None:
    """A scheme may go on with what was proposed, else with what the host says; the result says which it was."""
    month = Month(confirming("['targets']", "use"), [goal("lin", "100万元"), goal("wu", "100万元")])
    month.target("lin", "150万元", at="2026-04-28")
    run = month.run(dry=True)

    assert run.blocked == ()
    assert scores(run) == {"lin": "80.0", "wu": "120.0"}
    assert ["targets: version 1, not confirmed", "targets: nothing was proposed"] == [
        str(result.agreed[0].said) for result in run.results
    ]


def test_a_plan_is_in_force_as_long_as_it_is_the_one_that_was_confirmed() -> None:
    """Confirmed for the year, it holds for April; once the scheme changes, its new words are to be confirmed."""
    scheme = confirming("['plan']")
    month = Month(scheme, [goal("lin", "100万元"), goal("wu", "100万元")])
    year = lp.Period.year(2026)
    month.propose(plan_document(scheme, "lin", year, organisation=PEOPLE))
    newest = month.known.versions("lin", year, of="plan")[-1].proposal
    rules = scheme.confirmation
    assert rules is not None
    month.keep(month.known.answer(newest.reply("confirm", by="lin", at="2026-04-02"), rules=rules, organisation=PEOPLE))
    run = month.run(dry=True)
    assert scores(run) == {"lin": "120.0"}
    assert str(run.results[0].agreed[0].said) == "plan document: version 1, confirmed"
    assert [("wu", "wu 2026-04 个人方案书：尚未提出；请提出后由员工确认")] == [
        (one.payee, one.waits[0].zh) for one in run.blocked
    ]
    month.scheme = evolve(scheme, note="another version")
    waits = {one.payee: one.waits[0].en for one in month.run(dry=True).blocked}
    assert waits["lin"] == (
        "the plan document of lin for 2026-04: the scheme, profile or plan is another one than what was proposed"
    )


def agreed_twice(stated: str, letter: str, period: lp.Period = APRIL, unconfirmed: str = "hold") -> Month:
    """An April whose plan document states one target of lin and whose letter states another, both confirmed."""
    month = Month(confirming("['targets', 'plan']", unconfirmed))
    own = evolve(goal("lin", stated), period=period)
    month.propose(plan_document(month.scheme, "lin", period, organisation=PEOPLE, targets=[own]))
    month.target("lin", letter)
    rules = month.scheme.confirmation
    assert rules is not None
    for of, when in (("plan", period), ("targets", APRIL)):
        newest = month.known.versions("lin", when, of=of)[-1].proposal  # type: ignore[arg-type]
        reply = newest.reply("confirm", by="lin", at="2026-04-02")
        month.keep(month.known.answer(reply, rules=rules, organisation=PEOPLE))
    return month


@pytest.mark.parametrize(
    ("stated", "period", "en", "zh"),
    [
        (
            "100万元",
            APRIL,
            "states 1000000 CNY for 2026-04 as the target of loan amount, and 1500000 CNY for 2026-04 counts,",
            "所列贷款额目标为 2026-04 100 万元，与执行中的 2026-04 150 万元（第 1 版，2026-04-02 已确认）不一致",
        ),
        (
            "150万元",
            lp.Period.year(2026),
            "states 1500000 CNY for 2026 as the target of loan amount, and 1500000 CNY for 2026-04 counts",
            "所列贷款额目标为 2026 150 万元，与执行中的 2026-04 150 万元",
        ),
    ],
)
def test_a_plan_and_a_letter_that_contradict_each_other_hold_pay(
    stated: str, period: lp.Period, en: str, zh: str
) -> None:
    """Lin confirmed 100 in one text and 150 in the other, or 150 of a year and of a month: nobody can say which."""
    run = agreed_twice(stated, "150万元", period).run(dry=True)
    waits = {one.payee: one.waits for one in run.blocked}

    assert scores(run) == {}
    (said,) = waits["lin"]
    assert en in said.en
    assert zh in said.zh


def test_a_plan_and_a_letter_that_say_the_same_hold_nothing() -> None:
    """120 of 150, which both texts state, is 80 points."""
    assert scores(agreed_twice("150万元", "150万元").run(dry=True)) == {"lin": "80.0"}


def test_a_contradiction_is_told_where_the_scheme_goes_on_all_the_same() -> None:
    """The letter counts, 120 of 150 is 80 points, and whoever approves reads that the plan said 100."""
    run = agreed_twice("100万元", "150万元", unconfirmed="use").run(dry=True)

    assert scores(run)["lin"] == "80.0"
    assert ["the plan document of lin for 2026-04"] == [
        problem.where for problem in run.problems if "states 1000000 CNY" in problem.fault
    ]


def test_who_lacks_a_target_is_told_which() -> None:
    """Wu confirmed a loan amount, and the scheme weighs disbursements against a target too, which nobody stated."""
    text = TEXT.replace('loan_amount = "100%"', 'loan_amount = "60%"\ndisbursed_amount = "40%"')
    scheme = lp.parse_scheme(f'{text}[confirmation]\nof = ["targets"]\nunconfirmed = "hold"\n')
    month = Month(scheme)
    month.facts = MemoryFacts(
        (),
        supplied=[lp.Reading.of(code, "120万元", subject="wu") for code in ("loan_amount", "disbursed_amount")],
    )
    month.target("wu", "100万元")
    month.reply("confirm", "wu")
    (blocked,) = [one for one in month.run(dry=True).blocked if one.payee == "wu"]

    assert [
        (
            "there is no target of disbursed amount: propose one, or state it in the scheme",
            "缺少放款量目标；请提出目标，或在方案中规定",
        )
    ] == [(said.en, said.zh) for said in blocked.waits]


def test_nothing_is_posted_for_who_waits_commission_neither() -> None:
    """Who has not confirmed the plan is paid nothing by it, and the period stays open; once confirmed, it is paid."""
    scheme = confirming("['plan']", more=COMMISSION)
    loans = [
        fact
        for who in ("lin", "wu")
        for fact in (
            loan(who, officer=who, on="2026-04-05"),
            event(who, "disbursed", "2026-04-06", lp.Money.of("100000", "CNY")),
        )
    ]
    month = Month(scheme, [goal("lin", "100万元"), goal("wu", "100万元")], facts=loans)
    for who in ("lin", "wu"):
        month.propose(plan_document(scheme, who, APRIL, organisation=PEOPLE), at="2026-04-28")
    month.reply("confirm", "lin", at="2026-04-29", of="plan")
    run = month.run(keeping=lp.Keeping(entries=month.store, close_by="zhang"))

    assert {"lin"} == {entry.payee for entry in run.entries}
    assert not run.closed
    month.reply("confirm", "wu", at="2026-05-02", of="plan")
    run = month.run(keeping=lp.Keeping(entries=month.store, close_by="zhang"))
    assert {"wu"} == {entry.payee for entry in run.entries}
    assert run.closed


def test_a_run_without_a_store_is_held_since_it_cannot_know() -> None:
    """A notebook that pays by what nobody confirmed would break the scheme's word."""
    month = Month(goals=[goal("lin", "100万元"), goal("wu", "100万元")])
    run = month.run(keeping=None, approve=None)

    assert run.held
    assert "without a store nothing is known of it" in str(run.holding[0])
    assert not month.payments.paid


def test_the_archive_keeps_which_version_it_was() -> None:
    """A year later it is asked what lin had agreed to; the record is the same, byte for byte, when it is run again."""
    month = Month()
    month.target("lin", "150万元")
    month.reply("confirm", "lin")
    run = month.run()
    stream = f"branch pay/results/{APRIL}"
    before = [*month.store.read(stream)]
    month.run()

    assert before == [*month.store.read(stream)]
    (kept,) = Archive(month.store, "branch pay").results(APRIL)
    assert kept.agreed == run.results[0].agreed


def test_without_confirmation_nothing_is_written_of_it() -> None:
    """Archives of schemes that ask nobody stay as they were, and are read as they were."""
    month = Month(lp.parse_scheme(TEXT), [goal("lin", "100万元"), goal("wu", "100万元")])
    run = month.run()
    records = [json.loads(record) for record in month.store.read(f"branch pay/results/{APRIL}")]

    assert run.blocked == ()
    assert all("agreed" not in record["result"] for record in records if "result" in record)
    assert [(), ()] == [result.agreed for result in Archive(month.store, "branch pay").results(APRIL)]


def test_an_appraisal_says_the_version_of_a_target() -> None:
    """In a notebook, by the rule that a run has: the target brings what is said of it."""
    card = SCHEME.resolve(period=APRIL)
    given = lp.Target(
        payee="lin",
        indicator="loan_amount",
        value="150万元",
        source=lp.Label("version 2, confirmed", "第 2 版，已确认"),
    )
    found = lp.appraise(card, {"loan_amount": given}, {"loan_amount": "120万元"}, payee="lin")

    assert str(found.score) == "80.0"
    assert "target 1500000 CNY, version 2, confirmed" in found.explain().text("en")
    assert "第 2 版，已确认" in found.explain().text("zh")
    with pytest.raises(lp.errors.DataError, match="it is of wu, of loan_amount for 2026-04"):
        lp.appraise(card, {"loan_amount": evolve(given, payee="wu")}, {"loan_amount": "120万元"}, payee="lin")


@given(STEPS)
def test_no_prefix_of_events_pays_by_what_is_not_in_force(steps: list[tuple[str, int, int, str]]) -> None:
    """Whatever was said by whom: lin has a result if and only if a version is in force, and that one is its target."""
    *_, (known, events, _) = [(Confirmations(), [], APRIL.start), *played(steps)]
    month = Month()
    month.keep(events)
    version = known.in_force("lin", APRIL, on=APRIL.last_day)
    found = {result.payee: result for result in month.run(dry=True).results}

    assert (version is None) == ("lin" not in found)
    if version is not None:
        assert version.version == found["lin"].agreed[0].version
        assert version.proposal.document.targets[0].value == found["lin"].appraisal.lines[0].target
