"""A quarter of a branch, from goals to outcomes: targets, pay by month, reviews, grades, appeals, and what is learned.

    python -m examples.quarter

Twenty people, three months. Commissions are paid each month by one scheme; the quarter is appraised by another, whose
grades people calibrate, approve and publish before a bonus is paid by them. What is agreed, said and paid is kept in a
database of one file. What a host would have as systems of its own, its CRM and its clock, is played here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar

from attrs import field, frozen
from examples.branch import (
    APPELLANT,
    APRIL,
    CALIBRATED,
    DISPUTED,
    JOINER,
    JULY,
    JUNE,
    LEADS,
    LEAVER,
    LINE,
    LOANS,
    MARKS,
    MAY,
    MOVER,
    OFFICERS,
    PAY,
    QUARTER,
    RULE,
    SCHEME,
    USE,
    facts_of,
    facts_of_before,
    loan,
    people,
    stayed,
)

import loanperf as lp
from loanperf.adapters.memory import MemoryNotices, MemoryPayments, MemorySchemes
from loanperf.adapters.sql import Database
from loanperf.alerts import Leads
from loanperf.cycle import Cycle, CyclePlan, ForcedDistribution, GradeShare, cycle_stream
from loanperf.disputes import (
    DisputeOpened,
    DisputePlan,
    Disputes,
    DisputeTakenUp,
    DisputeUpheld,
    HoldLifted,
    HoldPlaced,
    PayHold,
    disputes_stream,
)
from loanperf.goals import Cascade, CascadeRules, Goal, cascade, confirmations_stream, target_letter
from loanperf.learning import (
    FeedbackGiven,
    Learning,
    LearningPlan,
    PastPeriod,
    PayMoves,
    SchemeProposed,
    feedback_stream,
    whom_it_moves,
)
from loanperf.outcomes import PersonResult, outcomes_of, pay_steps_of, results_of
from loanperf.ports import FeedRow, Pulled
from loanperf.reviews import (
    Declined,
    Invited,
    RaterCategory,
    RatingScale,
    ReviewForm,
    ReviewItem,
    ReviewPlan,
    Reviews,
    Submitted,
    reviews_stream,
)
from loanperf.run import acknowledge_alert, read_alerts, read_confirmations, read_disputes, tell_alerts
from loanperf.tracker import Tracker, Watch
from loanperf.viewer import Viewer

HR = Viewer(who="hr", sees="all")


class Replayed(Protocol):
    """What is replayed from a stream, and says what to append to it."""

    @property
    def records(self) -> int:
        """How many records the stream has."""
        ...

    def lines(self, events: Any) -> list[str]:
        """The records to append for events."""
        ...

    def after(self, events: Any) -> Any:
        """How it stands once they are appended."""
        ...


_Known = TypeVar("_Known", bound=Replayed)


@frozen
class Quarter:
    """The quarter of the branch on its way, and what a host keeps of it."""

    folder: Path
    """Where the database is."""
    notices: MemoryNotices = field(factory=MemoryNotices)
    paid: MemoryPayments = field(factory=MemoryPayments)
    """Takes commissions and bonuses, as finance would."""

    @cached_property
    def database(self) -> Database:
        """What is kept; in earnest `Database.connect("postgresql://...")`."""
        found = Database.connect(f"sqlite:///{self.folder / 'branch.db'}", company="branch")
        found.upgrade()
        found.people.keep(self.organisation)
        return found

    @cached_property
    def organisation(self) -> lp.Organisation:
        """Who works where."""
        return people()

    @cached_property
    def leads(self) -> Leads:
        """Who leads what."""
        return Leads(organisation=self.organisation, named=LEADS)

    def keep(self, stream: str, known: _Known, events: Iterable[Any]) -> _Known:
        """Append events, or learn that somebody else has acted meanwhile; how it stands then."""
        found = [*events]
        self.database.entries.append(stream, known.lines(found), expected=known.records)
        now: _Known = known.after(found)
        return now

    def take(self, facts: Iterable[lp.Fact], *, revision: int = 1) -> None:
        """Take rows of the CRM; a higher revision of a row takes the place of a lower one."""
        rows = [FeedRow(row=str(fact.key), revision=revision, says=fact) for fact in facts]
        self.database.facts.take("crm", Pulled(rows=rows, cursor=""))

    def know(self, readings: Iterable[lp.Reading]) -> None:
        """Keep what only the host knows; a later reading of a payee takes the place of an earlier one."""
        known = {(one.subject, one.indicator): one for one in (*self.database.facts.readings(QUARTER), *readings)}
        self.database.facts.keep_readings(known.values(), QUARTER)

    # ── targets ─────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def goal(self) -> Cascade:
        """The goal of the branch, divided by heads among those who are there on its first day."""
        goal = Goal(indicator="disbursed_amount", owner="branch", period=QUARTER, value="1729万元", strategy="稳健增长")
        rules = CascadeRules(step="1万元", roles=["officer"])
        return cascade(goal, self.organisation, rules, as_of=QUARTER.start)

    @cached_property
    def targets(self) -> tuple[lp.Target, ...]:
        """Those of the cascade, and that of who comes later: as of all of them, for a whole quarter of 91 days."""
        divided = (target for target in self.goal.targets() if target.payee in OFFICERS)
        return (*divided, lp.Target(payee=JOINER, indicator="disbursed_amount", value="91万元", period=QUARTER))

    def agree(self) -> int:
        """Propose a target to each and let each confirm; how many are in force in the end."""
        how: dict[str, Any] = {"rules": SCHEME.confirmation, "organisation": self.organisation}
        for acts in (self._proposed, self._answered):
            known = read_confirmations(self.database.entries, scheme=SCHEME.name)
            lines = known.lines([event for target in self.targets for event in acts(known, target, how)])
            self.database.entries.append(confirmations_stream(SCHEME.name), lines, expected=known.records)
        known = read_confirmations(self.database.entries, scheme=SCHEME.name)
        return sum(known.in_force(code, QUARTER, on=QUARTER.last_day) is not None for code in OFFICERS)

    def _proposed(self, known: Any, target: lp.Target, how: dict[str, Any]) -> Any:
        letter = target_letter([target], SCHEME, QUARTER, organisation=self.organisation)
        at = "2026-05-01" if target.payee == JOINER else "2026-04-01"
        return known.propose(letter, by="hr", at=at, proposers=["hr"], **how)

    def _answered(self, known: Any, target: lp.Target, how: dict[str, Any]) -> Any:
        proposal, at = known.versions(target.payee, QUARTER)[-1].proposal, "2026-05-02"
        return known.answer(proposal.reply("confirm", by=target.payee, at=at), **how)

    # ── months ──────────────────────────────────────────────────────────────────────────────────────────────

    def work(self, scheme: lp.Scheme, period: lp.Period, *, dry: bool = False) -> lp.Run:
        """Work a period by a scheme: what it would come to, or with payments and a close."""
        return lp.run(
            period,
            facts=self.database.facts,
            people=self.database.people,
            schemes=MemorySchemes(scheme, self.targets if scheme is SCHEME else ()),
            payments=None if dry else self.paid,
            keeping=lp.Keeping(entries=self.database.entries, notifier=self.notices, close_by="finance"),
        )

    def warned(self, on: date) -> Iterator[str]:
        """Whoever must know of bad loans on a day is told; what happened to alerts."""
        watch = Watch(
            period=QUARTER,
            currency="CNY",
            schemes=lp.SchemeBook([SCHEME]),
            organisation=self.organisation,
            targets=self.targets,
        )
        tracker = Tracker.start(watch, facts=self.database.facts.facts(QUARTER))
        told = tell_alerts(
            self.database.entries,
            scheme=SCHEME.name,
            observations=tracker.observed(as_of=on),
            rules=[RULE],
            as_of=on,
            leads=self.leads,
            notifier=self.notices,
        )
        yield from (f"{on} {event.move.value} ({', '.join(event.to)}): {event.alert.text}" for event in told.events)

    def take_up(self, on: date) -> str:
        """The lead of the team takes the open alert up."""
        (case,) = read_alerts(self.database.entries, scheme=SCHEME.name).open
        by, why = LEADS[case.alert.subject[0]], "every new loan is looked at by two"
        acknowledge_alert(
            self.database.entries, case.number, scheme=SCHEME.name, by=by, on=on, leads=self.leads, why=why
        )
        return f"{on} {by} takes up alert {case.number}: {why}"

    # ── a dispute ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def disputes(self) -> Disputes:
        """How disputes about commissions stand, and holds of them."""
        return read_disputes(self.database.entries, scheme=PAY.name)

    @property
    def ledger(self) -> lp.Ledger:
        """The ledger of the commissions."""
        return self.database.entries.ledger(f"{PAY.name}/ledger")

    def say(self, events: Iterable[Any]) -> Disputes:
        """Append what was said of disputes and holds."""
        return self.keep(disputes_stream(PAY.name), self.disputes, events)

    def dispute(self) -> str:
        """A payee says that a line is wrong; the CRM mends the row, and pay of the loan is held meanwhile."""
        plan = DisputePlan(days_to_open=15, days_to_decide=40, days_to_tell=5, panel=["head"])
        self.say(self.disputes.start(plan, by="hr", at="2026-04-01"))
        ledger, payee = self.ledger, DISPUTED[:4]
        opened = DisputeOpened(
            payee=payee,
            line=LINE,
            period=APRIL,
            told_on="2026-05-04",
            claim="放款额应为 91000 元",
            amount=lp.Money.of("910 CNY"),
            seen=len(ledger.entries),
            by=payee,
            at="2026-05-06",
        )
        now = self.say(self.disputes.open(opened, ledger=ledger))
        (case,) = now.seen_by(Viewer(who=payee, sees="self"))
        now = self.say(now.answer(DisputeTakenUp(dispute=case.number, by="head", at="2026-05-07"), ledger=ledger))
        hold = PayHold(loan=DISPUTED, why="核对放款额", by="head", since="2026-05-07", until="2026-06-30")
        self.say(now.place(HoldPlaced(hold=hold, dispute=case.number, at="2026-05-07"), ledger=ledger))
        self.take(loan(DISPUTED, payee, date(2026, 4, 8), "91000元"), revision=2)
        return str(case.text)

    def settle(self) -> str:
        """The dispute is upheld by the entries that answer it, and the hold is lifted."""
        ledger, at = self.ledger, "2026-06-03"
        (case,), (held,) = self.disputes.seen_by(HR), self.disputes.holds_seen_by(HR, ledger)
        answers = [entry.number for entry in ledger.of_line(LINE) if entry.number > case.opened.seen]
        said = {"why": "合同放款额为 91000 元", "by": "head", "at": at}
        upheld = DisputeUpheld(dispute=case.number, how="recomputed", entries=answers, **said)
        now = self.say(self.disputes.answer(upheld, ledger=ledger))
        now = self.say(now.lift(HoldLifted(hold=held.number, **said), ledger=ledger))
        (case,) = now.seen_by(HR)
        return str(case.text)

    # ── reviews ─────────────────────────────────────────────────────────────────────────────────────────────

    def review(self) -> Reviews:
        """Lead and three colleagues mark everybody who is there; one of them declines."""
        stream, at = reviews_stream(SCHEME.name, QUARTER), "2026-07-02"
        plan = ReviewPlan(
            period=QUARTER,
            indicator="reviewed",
            form=ReviewForm(
                items=[
                    ReviewItem(
                        code="service",
                        name=lp.Label("service", "服务意识"),
                        weight="100%",
                        scale=RatingScale(low=1, high=5, step=1),
                    )
                ]
            ),
            categories=[
                RaterCategory(code="lead", name=lp.Label("lead", "上级"), relation="supervisor", weight="60%"),
                RaterCategory(code="peers", name=lp.Label("peers", "同级"), relation="peers", weight="40%", minimum=3),
            ],
            opens="2026-07-01",
            deadline="2026-07-05",
        )
        known = self.keep(stream, Reviews.of([]), Reviews.of([]).start(plan, by="hr", at="2026-06-20"))
        events, now = list[Any](), known
        for ratee, rater, category, mark in self._seats():
            asked = Invited(ratee=ratee, rater=rater, category=category, by="hr", at="2026-07-01")
            new: list[Any] = [*now.invite(asked, leads=self.leads)]
            now = now.after(new)
            given = Submitted(ratee=ratee, rater=rater, category=category, marks={"service": mark}, at=at)
            if (ratee, rater) == ("b-02", "b-03"):
                new += now.answer(Declined(ratee=ratee, rater=rater, why="我们是亲属", at=at), by=rater)
            else:
                new += now.answer(given, by=rater)
            now, events = now.after(new[1:]), [*events, *new]
        known = self.keep(stream, known, events)
        return self.keep(stream, known, known.close(viewer=HR, at="2026-07-06"))

    def _seats(self) -> Iterator[tuple[str, str, str, int]]:
        """Who rates whom as what, with which mark: of colleagues, the three who come next in the team."""
        for unit in ("a", "b"):
            team = sorted({held.payee for held in self.organisation.assignments if held.unit == unit} - {LEAVER})
            team = [code for code in team if (code, unit) != (MOVER, "a")]
            for place, ratee in enumerate(team):
                lead, peers = MARKS.get(ratee, (4, 4))
                yield ratee, LEADS[unit], "lead", lead
                for step in (1, 2, 3):
                    yield ratee, team[(place + step) % len(team)], "peers", peers

    # ── the cycle ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def cycle(self) -> Cycle:
        """How the cycle of the quarter stands."""
        return Cycle.of(self.database.entries.read(cycle_stream(SCHEME.name, QUARTER)))

    def decide(self, events: Iterable[Any]) -> Cycle:
        """Append what was decided about results."""
        return self.keep(cycle_stream(SCHEME.name, QUARTER), self.cycle, events)

    def start(self) -> Cycle:
        """Plan the cycle, and say as of three days who takes part: who comes, moves and leaves among them."""
        shares = [GradeShare(grade="A", share="20%"), GradeShare(grade="B", share="70%")]
        plan = CyclePlan(
            period=QUARTER,
            grades=["A", "B", "C"],
            calibrates_as_of="2026-06-30",
            publishes_as_of="2026-07-15",
            panel=["hr"],
            scorers=["run"],
            acknowledgement_days=5,
            appeal_days=10,
            distribution=ForcedDistribution(
                shares=[*shares, GradeShare(grade="C", share="10%")], by="all", part_persons="largest remainder"
            ),
        )
        cycle = self.decide(self.cycle.start(plan, by="hr", at="2026-04-01"))
        for on in ("2026-04-01", "2026-05-01", "2026-06-01"):
            cycle = self.decide(cycle.take_snapshots(self.leads, on=on, by="hr", at=on))
        return cycle

    def score(self) -> Cycle:
        """Take in what the quarter comes to; of who moved, that of the earlier team in a cycle of its own."""
        rows = self.work(SCHEME, QUARTER, dry=True).results
        self._score_apart(min(rows.of(MOVER), key=lambda row: row.part.start))
        last = {row.payee: row for row in rows}
        moved = [payee for payee, row in last.items() if row.appraisal.card.period != QUARTER]
        found = [row.appraisal for row in last.values()]
        return self.decide(self.cycle.score(found, by="run", at="2026-07-07", parts_of=moved))

    def _score_apart(self, row: lp.Result) -> None:
        """Take in, approve and publish the result of who moved for the days before that."""
        part, cycle = row.part, Cycle()
        plan = CyclePlan(
            period=part,
            grades=["A", "B", "C"],
            calibrates_as_of=part.last_day,
            publishes_as_of=part.last_day,
            panel=["hr"],
            scorers=["run"],
        )
        stream, moved = cycle_stream(SCHEME.name, part), [row.payee]
        cycle = self.keep(stream, cycle, cycle.start(plan, by="hr", at="2026-06-01"))
        snapshots = cycle.take_snapshots(self.leads, on=part.last_day, by="hr", at="2026-06-01", of=moved)
        cycle = self.keep(stream, cycle, snapshots)
        cycle = self.keep(stream, cycle, cycle.score([row.appraisal], by="run", at="2026-07-07"))
        seen = [one.result for one in cycle.participants(HR) if one.result is not None]
        cycle = self.keep(stream, cycle, cycle.approve(seen, by="hr", at="2026-07-10"))
        self.keep(stream, cycle, cycle.publish(moved, by="hr", at="2026-07-15"))

    def publish(self) -> Cycle:
        """Calibrate as proposed, approve what stands, and show it to everybody."""
        why = "one of the thirteen loans came from a colleague on leave"
        cycle = self.decide(self.cycle.calibrate(CALIBRATED, grade="B", why=why, by="lead-b", at="2026-07-09"))
        seen = [one.result for one in cycle.participants(HR) if one.result is not None]
        cycle = self.decide(cycle.approve(seen, by="hr", at="2026-07-10"))
        return self.decide(cycle.publish(OFFICERS, by="hr", at="2026-07-15"))

    def acknowledge(self) -> Cycle:
        """All but the one who appeals have seen it; the lead talks to who has a C."""
        cycle = self.cycle
        said = (cycle.acknowledge(code, version=1, by=code, at="2026-07-16") for code in OFFICERS if code != APPELLANT)
        cycle = self.decide(event for events in said for event in events)
        return self.decide(cycle.note_interview("b-08", "约定每周走访五家客户", by="lead-b", at="2026-07-17"))

    def appeal(self) -> Cycle:
        """Half of the customers who stayed were left out: the row is corrected, the quarter worked anew, published."""
        cycle = self.decide(self.cycle.appeal(APPELLANT, why="留存客户少计一半", by=APPELLANT, at="2026-07-18"))
        cycle = self.decide(cycle.take_up(APPELLANT, by="head", at="2026-07-19"))
        self.know([stayed(APPELLANT, "80%")])
        (row,) = self.work(SCHEME, QUARTER, dry=True).results.of(APPELLANT)
        how: dict[str, Any] = {"why": "名单已核对", "by": "head", "at": "2026-07-20"}
        cycle = self.decide(cycle.uphold(APPELLANT, appraisal=row.appraisal, **how))
        return self.decide(cycle.publish([APPELLANT], by="hr", at="2026-07-21"))

    # ── outcomes ────────────────────────────────────────────────────────────────────────────────────────────

    def results(self, run: lp.Run) -> tuple[PersonResult, ...]:
        """The results of those who are there at the end of the quarter, with grades as they were decided."""
        found = results_of(
            run.results,
            QUARTER,
            of_several="last",
            calibrated=self.cycle.calibrated(HR),
            organisation=self.organisation,
        )
        return tuple(one for one in found if one.payee != LEAVER)

    def use(self, run: lp.Run) -> Iterator[str]:
        """Who is eligible for promotion, who is trained, and whose pay step moves; trainings become facts."""
        results = self.results(run)
        given = [
            one for one in outcomes_of(USE, results, QUARTER, as_of="2026-07-15", viewer=HR) if one.decided == "given"
        ]
        for code in ("top", "bottom"):
            yield f"{code}: {', '.join(one.payee for one in given if one.code == code)}"
        self.take(one.training for one in given if one.training is not None)
        steps = {one.payee: "P2" for one in results}
        moved = [one for one in pay_steps_of(USE, results, QUARTER, steps=steps, viewer=HR) if one.decided != "P2"]
        yield "pay steps: " + ", ".join(f"{one.payee} {one.decided}" for one in moved)

    def july(self) -> Iterator[str]:
        """What who is to be trained sees in the month that follows."""
        goal = lp.Target(payee="b-08", indicator="disbursed_amount", value="31万元", period=JULY)
        watch = Watch(
            period=JULY,
            currency="CNY",
            schemes=lp.SchemeBook([SCHEME]),
            organisation=self.organisation,
            targets=[goal],
        )
        tracker = Tracker.start(watch, facts=self.database.facts.facts(JULY))
        (seen,) = tracker.progress(["b-08"], as_of="2026-07-20")
        for training in () if seen.support is None else seen.support.ahead:
            yield f"b-08 in July: {training.course} by {training.on}"

    # ── what is learned ─────────────────────────────────────────────────────────────────────────────────────

    def learn(self, run: lp.Run) -> Iterator[str]:
        """What people say of a weight, what is proposed, whom it would have moved, and what is in force in October."""
        stream, known = feedback_stream(SCHEME.name, QUARTER), Learning.of([])
        plan = LearningPlan(
            period=QUARTER, opens="2026-07-22", closes="2026-07-24", indicators=["npl_ratio"], notice_days=30
        )
        known = self.keep(stream, known, known.start(plan, by="hr", at="2026-07-21"))
        for by in ("a-03", "a-05", "a-06", "b-01"):
            said = FeedbackGiven(
                by=by, unit=by[0], about="npl_ratio", says="weight too high", text="不敢接新客户", at="2026-07-23"
            )
            known = self.keep(stream, known, known.give(said, by=by, organisation=self.organisation))
        known = self.keep(stream, known, known.close(by="hr", at="2026-07-25"))
        for count in known.counts(HR, self.organisation):
            yield f"feedback: {count.about} {count.name}, {count.people} of {count.unit}"
        book, weights = lp.SchemeBook([SCHEME]), {"npl_ratio": "25%", "retention_rate": "15%"}
        new = SCHEME.rebalance("officer", weights, effective="2026-10-01")
        answers = [one.number for one in known.seen_by(HR)]
        how: dict[str, Any] = {"why": "新客户被拒之门外", "answers": answers, "by": "hr", "at": "2026-07-27"}
        proposed = SchemeProposed.of(SCHEME, new, code="npl-25", **how)
        known = self.keep(stream, known, known.propose(proposed, book=book))
        moves = self.moves(run, new)
        yield f"npl-25: {moves.gain} more, {moves.lose} less, {moves.same} the same; {moves.regraded} another grade"
        yield from (
            f"{one.payee}: {one.score_before} to {one.score_after}" for one in moves.people if one.score_difference
        )
        on = {"on": "2026-08-03", "by": "hr", "at": "2026-08-03"}
        known = self.keep(stream, known, known.consult("npl-25", whom="representatives", people=5, how="座谈会", **on))
        text = "自2026年10月1日起，不良率权重调整为25%，客户留存率权重调整为15%。"
        known = self.keep(stream, known, known.notify("npl-25", text=text, how="内网公示", **on))
        ledger = self.database.entries.ledger(f"{SCHEME.name}/ledger")
        approved = known.approve("npl-25", book=book, ledger=ledger, by="head", at="2026-08-20")
        book = self.keep(stream, known, approved).approved_book(book)
        for period in (lp.Period.quarter(2026, 3), lp.Period.quarter(2026, 4)):
            card = book.at(period.start).resolve(period=period, role="officer")
            weights = {line.indicator.code: lp.percent(line.weight) for line in card.lines}
            yield f"{period}: NPL ratio {weights['npl_ratio']}, retention {weights['retention_rate']}"

    def moves(self, run: lp.Run, new: lp.Scheme) -> PayMoves:
        """Whom a version would have moved, of those who were in one team from the first day to the last."""
        scored = [row.appraisal for row in run.results if row.payee in LOANS]
        known = [{one.indicator: one.value.value for one in found.readings if one.value} for found in scored]
        rows: dict[str, list[Any]] = {
            "payee": [found.payee for found in scored],
            "month(元)": [9100] * len(scored),
            "disbursed_amount.target(元)": [910_000] * len(scored),
        }
        for code, unit, times in (
            ("disbursed_amount", "元", 1),
            ("npl_ratio", "‰", 1000),
            ("retention_rate", "%", 100),
            ("reviewed", "point", 1),
        ):
            rows[f"{code}({unit})"] = [int(one[code] * times) for one in known]  # each is whole in its unit
        past = PastPeriod(period=QUARTER, rows=rows, organisation=self.organisation)
        return whom_it_moves(SCHEME, new, past, viewer=HR)


def play(quarter: Quarter) -> Iterator[str]:
    """The quarter from goals to outcomes: what there is to tell of it, in its order."""
    yield f"goal {quarter.goal.goal.value}: {quarter.goal.total('a')} for a, {quarter.goal.total('a-01')} for a-01"
    yield f"{quarter.agree()} of 20 targets are in force"
    quarter.start()
    quarter.take(facts_of_before())
    quarter.know(stayed(code, "40%" if code == APPELLANT else "80%") for code in OFFICERS)
    yield from _months(quarter)
    reviews = quarter.review()
    quarter.know(reviews.readings(HR))
    for ratee in ("b-01", "b-02"):
        yield f"reviews of {ratee}: {reviews.result(ratee, HR).score}"
    yield from _decided(quarter)
    done = quarter.work(SCHEME, QUARTER)
    yield _paid("bonuses", done)
    yield from quarter.use(done)
    yield from quarter.july()
    yield from quarter.learn(done)


def _paid(name: str, run: lp.Run) -> str:
    """What a run paid, to how many, and whether its period is closed."""
    total = sum((payment.amount for payment in run.payments), lp.Money.of("0 CNY"))
    return f"{name}: {total} to {len(run.payments)} people; {'closed' if run.closed else 'open'}"


def _months(quarter: Quarter) -> Iterator[str]:
    """Facts, warnings and commissions, month by month."""
    quarter.take(facts_of(APRIL))
    yield _paid("April", quarter.work(PAY, APRIL))
    yield quarter.dispute()
    quarter.take(facts_of(MAY))
    for day in (11, 13):
        yield from quarter.warned(date(2026, 5, day))
    yield quarter.take_up(date(2026, 5, 14))
    done = quarter.work(PAY, MAY)
    yield from (f"held: {one.text}" for one in done.stopped)
    yield _paid("May", done)
    yield quarter.settle()
    quarter.take(facts_of(JUNE))
    yield _paid("June", quarter.work(PAY, JUNE))


def _decided(quarter: Quarter) -> Iterator[str]:
    """From scores to published results."""
    cycle = quarter.score()
    (group,) = cycle.distribution(HR)
    yield "grades: " + ", ".join(f"{one.grade} {one.count} of {one.least}" for one in group.grades)
    for change in group.changes:
        yield f"proposed: {', '.join(change.payees)} from {change.before} to {change.after}"
    yield f"before publication a-01 sees {cycle.participant('a-01', Viewer(who='a-01', sees='self')).result}"
    yield f"the bonuses would wait for {len(quarter.work(SCHEME, QUARTER, dry=True).blocked)} people"
    cycle = quarter.publish()
    yield f"after calibration and publication: {_grades(cycle)}"
    cycle = quarter.acknowledge()
    yield f"not acknowledged by 2026-07-21: {', '.join(cycle.unacknowledged(HR, on='2026-07-21'))}"
    cycle = quarter.appeal()
    shown = cycle.participant(APPELLANT, Viewer(who=APPELLANT, sees="self")).published
    yield f"the appeal of {APPELLANT}: " + ", then ".join(f"{one.result.score} {one.result.grade}" for one in shown)
    yield f"after the appeal: {_grades(cycle)}"


def _grades(cycle: Cycle) -> str:
    """How many have which grade."""
    found = [one.result.grade for one in cycle.participants(HR) if one.result is not None]
    return ", ".join(f"{grade} {found.count(grade)}" for grade in "ABC")


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        for told in play(Quarter(Path(folder))):
            print(told)
