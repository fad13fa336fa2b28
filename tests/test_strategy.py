"""Strategy maps: a goal of a company becomes an indicator with a weight and a limit in everybody's scheme."""

from typing import Any

import pytest

import loanperf as lp
from loanperf.goals import Goal, MappedStrategy, StrategyLine, StrategyMap

NPL = Goal(indicator="npl_ratio", owner="bank", period="2026-H2", value="5%", strategy="稳健增长")
VOLUME = Goal(indicator="disbursed_amount", owner="bank", period="2026-H2", value="6亿元", strategy="稳健增长")


def mapped(template: str = "consumer-finance", goal: Goal = NPL, profiles: Any = ("standard",), **line: Any) -> Any:
    """One line of a strategy in a template, from July on."""
    strategy = StrategyMap(strategy="稳健增长", lines=[StrategyLine(goal=goal, **({"weight": "30%"} | line))])
    return strategy.apply(lp.template(template), effective="2026-07-01", profiles=profiles)


def weights(scheme: lp.Scheme, profile: str = "standard") -> dict[str, str]:
    """Of a profile, as printed."""
    return {code: lp.percent(weight) for code, weight in scheme.profile(profile).weights}


def test_a_goal_of_the_bank_weighs_and_limits_for_every_salesperson() -> None:
    """NPL ratio at most 5%: it weighs 30%, and its limit is everybody's target; by hand, the others have 70 for 80.

    30, 15, 5, 5, 5, 10, 5, 5 times 7/8 are 26.25, 13.125, 4.375 five times and 8.75: 67 whole and 3 left, which go to
    8.75 and, of those with 4.375, to the first two.
    """
    found = mapped()

    assert weights(found.scheme) == {
        "loan_amount": "26%",
        "disbursed_amount": "13%",
        "customer_count": "5%",
        "npl_ratio": "30%",
        "overdue_ratio": "5%",
        "compliance_score": "4%",
        "retention_rate": "9%",
        "cross_sell_rate": "4%",
        "training_completion_rate": "4%",
    }
    card = found.scheme.resolve(role="senior", period=lp.Period.month(2026, 7))
    (line,) = (line for line in card.lines if line.indicator.code == "npl_ratio")
    assert (lp.percent(line.weight), str(line.target)) == ("30%", "0.05")
    assert str(found.scheme.effective) == "2026-07-01"
    assert found.scheme.name == found.before.name
    assert found.before == lp.template("consumer-finance")


def test_what_is_past_the_limit_may_end_the_count() -> None:
    """As a veto: above 5% the whole score becomes 40 at most; the veto that was there before is replaced."""
    found = mapped(limit="target and veto", score="40 points")
    again = StrategyMap(strategy="again", lines=[StrategyLine(goal=NPL, limit="veto")]).apply(
        found.scheme, effective="2026-08-01"
    )

    assert [(veto.indicator, veto.test, str(veto.limit), str(veto.score)) for veto in found.scheme.vetoes] == [
        ("npl_ratio", "above", "0.05", "40")
    ]
    assert [str(veto.score) for veto in again.scheme.vetoes] == ["0"]
    assert weights(again.scheme) == weights(found.scheme)


def test_it_is_held_to_what_the_phase_asks() -> None:
    """Caution asks 40% for risk and 30% for the NPL ratio: 35% keeps it; with 20%, the other two of risk have 12."""
    with pytest.raises(lp.errors.WeightsError, match="risk weighs 32%, and at least 40% is required"):
        mapped("risk-control", weight="20%")
    with pytest.raises(
        lp.errors.TargetError, match="is 6%, above the 5% that phase 'risk-control' allows; lower the goal"
    ):
        mapped("risk-control", Goal(indicator="npl_ratio", owner="bank", period="2026-H2", value="6%"))
    found = mapped("risk-control", weight="35%")
    phase = next(item for item in found.scheme.phases if item.code == "risk-control")
    assert dict(dict(phase.weights)["standard"])["npl_ratio"] == lp.ratio("35%")
    assert weights(found.scheme)["npl_ratio"] == "20%"  # of the profile itself, which the phase does without
    assert found.explain().text("zh").splitlines() == [
        f"战略“稳健增长”落实到方案 risk control，自 2026-07-01 起生效，版本 {found.scheme.fingerprint}",
        "└─ bank 2026-H2 目标：不良率不高于 5%（战略：稳健增长）",
        "   ├─ 权重方案 standard：权重由 30% 调整为 35%，其他指标按比例调整，合计 100%",
        "   ├─ 权重方案 standard：每人目标均为 5%",
        f"   ├─ 阶段 risk-control 要求 risk 权重不低于 40%，已满足（{risk(found)}）",
        "   └─ 阶段 risk-control 要求 npl_ratio 权重不低于 30%，已满足（35%）",
    ]


def risk(found: MappedStrategy) -> str:
    """What the indicators of risk weigh in the phase."""
    (phase,) = found.scheme.phases
    held = dict(dict(phase.weights)["standard"])
    return lp.percent(held["npl_ratio"] + held["overdue_ratio"] + held["compliance_score"])


def test_an_indicator_that_nobody_had_is_added() -> None:
    """PAR-30 has no weight in the template: it gets 20%, behind the others, which then have 80%."""
    goal = Goal(indicator="par_30", owner="bank", period="2026-H2", value="3%")
    found = mapped(goal=goal, weight="20%")

    assert [*weights(found.scheme)] == [*weights(found.before), "par_30"]
    assert weights(found.scheme)["par_30"] == "20%"
    assert sum(weight for _, weight in found.scheme.profile("standard").weights) == 1


def test_a_goal_of_all_together_weighs_and_is_handed_down_by_cascade() -> None:
    """6亿元 is nobody's own target: it gets a weight, and the targets come from a cascade of it."""
    found = mapped(goal=VOLUME)

    assert weights(found.scheme)["disbursed_amount"] == "30%"
    assert found.scheme.profile("standard").targets == found.before.profile("standard").targets
    assert "各人目标由目标分解得出" in found.explain().text("zh")
    with pytest.raises(lp.errors.DataError, match="is a goal of all together, and cannot be the target of each"):
        StrategyLine(goal=VOLUME, limit="target")


def test_a_payee_is_told_from_the_company_down() -> None:
    """Who asks why the NPL ratio weighs 30% now is led from the goal of the bank by the branch to their own card."""
    organisation = lp.Organisation(
        units=[lp.Unit(code="bank"), lp.Unit(code="east", parent="bank")],
        assignments=[lp.Assignment(payee="lin", unit="east", role="senior", since="2026-01-01")],
    )
    found = mapped()

    assert found.explain_to("lin", organisation).text("zh").splitlines() == [
        f"战略“稳健增长”落实到方案 consumer finance，自 2026-07-01 起生效，版本 {found.scheme.fingerprint}",
        "└─ lin：不良率权重 30%，目标 5%",
        "   ├─ 自上而下：bank → east → lin；权重方案 standard",
        "   └─ bank 2026-H2 目标：不良率不高于 5%（战略：稳健增长）",
        "      ├─ 权重方案 standard：权重由 20% 调整为 30%，其他指标按比例调整，合计 100%",
        "      └─ 权重方案 standard：每人目标均为 5%",
    ]
    with pytest.raises(lp.errors.NoAssignmentError):
        found.explain_to("wu", organisation)


def test_units_with_weights_of_their_own_are_named() -> None:
    """A strategy that stops at the door of a branch is no strategy of the bank, and nobody would notice."""
    scheme = lp.parse_scheme("""
name = "apart"
currency = "CNY"
effective = 2026-01-01

[profiles.all.weights]
disbursed_amount = "80%"
npl_ratio = "20%"

[limits]
npl_ratio = { at_least = "10%", at_most = "50%" }

[[overrides]]
unit = "east"
profile = "all"
since = 2026-01-01
weights = { disbursed_amount = "90%", npl_ratio = "10%" }

[indicators.disbursed_amount.options]
cancelled = "netted"

[indicators.npl_ratio.options]
written_off = "excluded"
rescheduled = "as classified"

[scoring.default]
places = 1
rounding = "half up"
""")
    strategy = StrategyMap(strategy="稳健增长", lines=[StrategyLine(goal=NPL, weight="30%")])
    found = strategy.apply(scheme, effective="2026-07-01")

    (problem,) = found.problems
    assert (problem.where, problem.found) == ("unit east, profile all", "npl_ratio")


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: StrategyLine(goal=VOLUME), lp.errors.DataError, "it has neither weight nor limit"),
        (lambda: StrategyMap(strategy="x", lines=[]), lp.errors.DataError, "there is no line"),
        (
            lambda: StrategyMap(strategy="x", lines=[StrategyLine(goal=NPL), StrategyLine(goal=NPL)]),
            lp.errors.DataError,
            "two lines have one indicator",
        ),
        (lambda: mapped(profiles=["nobody"]), lp.errors.ResolveError, "the scheme has none of that name"),
        (lambda: mapped(weight="130%"), lp.errors.DataError, "give 0% to 100%"),
        (
            lambda: StrategyMap(strategy="x", lines=[StrategyLine(goal=NPL)]).apply(
                lp.template("classic"), effective="2026-01-01"
            ),
            lp.errors.ResolveError,
            "it does not follow this one; choose a day after",
        ),
        (
            lambda: mapped(goal=Goal(indicator="smiles", owner="bank", period="2026-H2", value="5%")),
            lp.errors.UnknownIndicatorError,
            "no indicator is called 'smiles'",
        ),
    ],
)
def test_what_cannot_be_mapped_is_refused(make: Any, error: type[Exception], message: str) -> None:
    """A strategy that changes nothing, or something that is not there, is a slip."""
    with pytest.raises(error, match=message):
        make()


def test_a_mapped_strategy_is_read_back() -> None:
    """What was decided is kept with the version that it made, and explains it later."""
    found = mapped(limit="target and veto")
    again = MappedStrategy.from_data(found.data())

    assert again == found
    assert again.explain() == found.explain()
    assert "一票否决：高于 5% 时总分不高于 0 分" in again.explain().text("zh")
