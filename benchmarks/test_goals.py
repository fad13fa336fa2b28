"""A goal handed down to ten thousand people over twelve months, beside the same division bare.

Nothing is asserted about time: machines are shared. The ratio to what is bare is printed.
"""

from __future__ import annotations

from time import process_time

from benchmarks.sizes import sized

import loanperf as lp
from loanperf.goals import CascadeRules, Goal, Key, Ramp, cascade, recascade

BRANCHES = {f"b{branch:02}": [f"b{branch:02}t{team:02}" for team in range(25)] for branch in range(sized(20, least=2))}
SEASON = (7, 5, 9, 8, 8, 9, 8, 8, 10, 8, 9, 11)


def organisation() -> lp.Organisation:
    """A bank of 20 branches of 25 teams of 20 people, one of whom is new."""
    units = [lp.Unit(code="bank"), *(lp.Unit(code=branch, parent="bank") for branch in BRANCHES)]
    units += [lp.Unit(code=team, parent=branch) for branch, teams in BRANCHES.items() for team in teams]
    staff = [
        lp.Assignment(payee=f"{team}p{n:02}", unit=team, role="sales", since="2020-01-01" if n else "2026-01-01")
        for teams in BRANCHES.values()
        for team in teams
        for n in range(20)
    ]
    return lp.Organisation(units=units, assignments=staff)


def bare(total: int, weights: list[int]) -> list[int]:
    """Largest remainder in whole numbers, as one writes it down."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: -(total * weights[place] % whole))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts


def test_a_year_for_ten_thousand_people() -> None:
    """Four levels, mixed keys, floors, caps, a ramp, a reserve; then divided anew in July, and one part explained."""
    people = organisation()
    weights = {item.payee: number * 7919 % 1000 + 1 for number, item in enumerate(people.assignments)}
    rules = CascadeRules(
        keys=[Key(name="history", share="50%", weights=weights), Key(name="headcount", share="50%")],
        months={lp.Period.month(2026, number): weight for number, weight in enumerate(SEASON, 1)},
        step="1万元",
        floor="5万元",
        cap="500万元",
        ramp=Ramp(parts=["30%", "60%"], uncarried="others"),
        over="5%",
    )
    goal = Goal(indicator="disbursed_amount", owner="bank", period="2026", value="120亿元")
    begun = process_time()
    for month in SEASON:
        assert sum(bare(month * 12_600, [*weights.values()])) == month * 12_600
    plain, begun = process_time() - begun, process_time()
    found = cascade(goal, people, rules, as_of="2026-01-01")
    spent, begun = process_time() - begun, process_time()
    again = recascade(found, people, as_of="2026-07-01")
    anew, begun = process_time() - begun, process_time()
    assert again.explain(people.assignments[7].payee).text("zh")
    told = process_time() - begun
    assert sum(part.asked.value for part in again.of("bank")) == goal.value.value
    print(f"\ncascade {spent:.1f} s, {spent / plain:.0f} times a bare division of people alone; ", end="")
    print(f"anew {anew:.1f} s; one part explained {told:.1f} s")
