"""A cycle of ten thousand people with ten events each, replayed beside what its records cost to read and prove bare.

Nothing is asserted about time: machines are shared. The ratio to what is bare is printed.
"""

from __future__ import annotations

import json
from decimal import Decimal
from hashlib import sha256
from time import process_time

from benchmarks.sizes import sized

import loanperf as lp
from loanperf.cycle import (
    AppealOpened,
    AppealRejected,
    AppealTakenUp,
    Cycle,
    CyclePlan,
    CyclePlanned,
    CycleResult,
    InterviewNoted,
    ResultAcknowledged,
    ResultApproved,
    ResultCalibrated,
    ResultPublished,
    ResultScored,
    SnapshotTaken,
)
from loanperf.viewer import Viewer

PEOPLE, EVENTS = sized(10_000), 10
PLAN = CyclePlan(
    period=lp.Period.month(2026, 6),
    grades=["A", "B"],
    calibrates_as_of="2026-06-30",
    publishes_as_of="2026-06-30",
    panel=["audit"],
    scorers=["run"],
    appeal_days=10,
)


def records() -> list[str]:
    """The plan, then for everybody a snapshot, a score, and what people decided, up to a rejected appeal."""
    events: list[object] = [CyclePlanned(plan=PLAN, by="hr", at="2026-06-01")]
    for number in range(PEOPLE):
        payee, lead = f"p{number:05}", f"lead{number // 20:03}"
        held = sha256(payee.encode()).hexdigest()
        result = CycleResult(payee=payee, score=Decimal("88.5"), grade="A", coefficient=None, appraisal=held)
        unit, above = f"unit{number // 20:03}", (lead, "chen")
        events += [
            SnapshotTaken(
                payee=payee, unit=unit, role="officer", superiors=above, as_of="2026-06-30", by="hr", at="2026-06-30"
            ),
            ResultScored(payee=payee, score="88.5", grade="B", appraisal=held, by="run", at="2026-07-01"),
            ResultCalibrated(payee=payee, grade_before="B", grade="A", why="a new branch", by=lead, at="2026-07-02"),
            ResultApproved(payee=payee, result=result.hash, by="chen", at="2026-07-03"),
            ResultPublished(payee=payee, version=1, by="chen", at="2026-07-04"),
            ResultAcknowledged(payee=payee, version=1, at="2026-07-05"),
            InterviewNoted(payee=payee, text="first-time buyers next", by=lead, at="2026-07-06"),
            AppealOpened(payee=payee, why="a loan is missing", at="2026-07-07"),
            AppealTakenUp(payee=payee, by="audit", at="2026-07-08"),
            AppealRejected(payee=payee, why="it was drawn in July", by="audit", at="2026-07-09"),
        ]
    return Cycle().lines(events)  # type: ignore[arg-type]


def bare(lines: list[str]) -> int:
    """Each record read as JSON, its number and hash held to what it says: what anybody does who trusts no line."""
    for place, line in enumerate(lines, 1):
        said = json.loads(line)
        (kind,) = set(said) - {"form", "number", "digest"}
        text = json.dumps(said[kind], sort_keys=True, separators=(",", ":"))
        assert said["number"] == place
        assert said["digest"] == sha256(text.encode()).hexdigest()
    return len(lines)


def test_a_cycle_of_ten_thousand_people() -> None:
    """Replayed from 100,001 records; then all participants are shown to somebody."""
    lines = records()
    begun = process_time()
    assert bare(lines) == PEOPLE * EVENTS + 1
    plain, begun = process_time() - begun, process_time()
    known = Cycle.of(lines)
    spent, begun = process_time() - begun, process_time()
    shown = known.participants(Viewer(who="hr", sees="all"))
    looked = process_time() - begun
    assert len(shown) == PEOPLE
    assert {one.published[0].result.grade for one in shown} == {"A"}
    print(
        f"\nreplay of {len(lines):,} records {spent:.1f} s, {spent / plain:.1f} times reading and hashing them alone; ",
        end="",
    )
    print(f"everybody shown {looked:.2f} s")
