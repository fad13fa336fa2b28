"""Plan documents: the page that a payee confirms says what their card and plan say, in both languages, on one page."""

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

import loanperf as lp
from loanperf._quantities import percent
from loanperf.goals import Document, plan_document
from loanperf.testing import strategies

MARCH = lp.Period.month(2026, 3)
TEXT = """
name = "branch pay"
currency = "CNY"
effective = 2026-01-01
title = { en = "branch pay", zh = "支行绩效方案" }

[profiles.officer.weights]
loan_amount = "70%"
npl_ratio = "30%"

[targets]
npl_ratio = "3%"

[scoring.default]
places = 1
rounding = "half up"

[scoring.loan_amount]
cap = "150%"

[[vetoes]]
indicator = "npl_ratio"
test = "above"
limit = "5%"

[grades]
A = { at_least = 100, name = { en = "good", zh = "良好" }, coefficient = "120%" }
B = { at_least = 0, coefficient = "50%" }

[bonus]
unit = "month"
curve = [["0 point", 0], ["100 point", 1]]
rounding = "half up"
cap = "2 month"

[plans.sales]
name = { en = "sales", zh = "营销" }
rounding = "half up"
holdback = { share = "20%", instalments = [{ after_months = 36, share = "100%" }] }

[plans.sales.components.loans]
name = { en = "loans", zh = "贷款" }
base = "disbursed"
rate = "0.5%"
stages = [{ milestone = "due diligence complete", share = "20%" }, { milestone = "disbursed", share = "80%" }]
dead = "reverse"
deducts = true

[pay]
person_most = { most = "5万元", excess = "carried" }

[confirmation]
of = ["plan"]
unconfirmed = "hold"
silence_days = 1
"""
SCHEME = lp.parse_scheme(TEXT)
ENGLISH = f"""\
# Pay plan of 林 (lin) for 2026-03

By the scheme “branch pay”, version {SCHEME.fingerprint}, in force from 2026-01-01, profile officer.

## Score

| indicator | weight | target | scored by |
|---|---|---|---|
| loan amount | 70% | 1200000 CNY | direction higher is better; cap 150% |
| NPL ratio | 30% | 3% | direction lower is better |

- each indicator: number of decimal places 1; rounding half up
- the veto on NPL ratio: test above; limit 5%
- grade B: lower bound 0; coefficient 50%
- grade A good: lower bound 100; coefficient 120%

## Bonus

- unit: months of salary
- curve: 0 points → 0%, 100 points → 100%, linear
- rounding: half up
- cap: 2 months

## Commission: sales

- **loans**: base disbursed; rate 0.5%; deductions from pay yes; stages milestone due diligence complete, \
share 20%, milestone disbursed, share 80%; rule for cancelled loans reverse
- rounding: half up
- holdback: share 20%, releases months 36, share 100%

## Payout

- cap of a person: cap 50000 CNY, excess carried

It is in force once you confirm it, or 1 day after it was proposed if you neither confirm nor refuse it.
"""
CHINESE = f"""\
# 林（lin） 2026-03 个人方案书

依据方案“支行绩效方案”，版本 {SCHEME.fingerprint}，自 2026-01-01 起生效，权重方案 officer。

## 评分

| 指标 | 权重 | 目标 | 计分规则 |
|---|---|---|---|
| 贷款额 | 70% | 120 万元 | 指标方向 越高越好；封顶 150% |
| 不良率 | 30% | 3% | 指标方向 越低越好 |

- 各指标：小数位数 1；舍入方式 四舍五入
- 不良率的一票否决：条件 高于；限值 5%
- 等级 B：下限 0；系数 50%
- 等级 A 良好：下限 100；系数 120%

## 奖金

- 单位：月薪
- 曲线：0 分 → 0%，100 分 → 100%，线性
- 舍入方式：四舍五入
- 封顶：2 个月

## 提成：营销

- **贷款**：计提基数 放款；费率 0.5%；允许扣减 是；阶段 节点 尽职调查完成，比例 20%、节点 放款，比例 80%；撤销处理 冲销
- 舍入方式：四舍五入
- 风险金：比例 20%，返还安排 月数 36，比例 100%

## 发放规则

- 个人封顶：封顶 5 万元，超出部分 结转

经您确认后生效；自提出之日起 1 天内未确认也未提出异议的，视为确认。
"""


def people(name: str = "林", **held: str) -> lp.Organisation:
    """Lin, with a name and what else an assignment says."""
    words: dict[str, Any] = {"unit": "east", "role": "officer", "since": "2026-01-01"} | held
    return lp.Organisation(assignments=[lp.Assignment(payee="lin", **words)], payees=[lp.Payee(code="lin", name=name)])


def page(scheme: lp.Scheme = SCHEME, **words: Any) -> Document:
    """The page of lin for March."""
    return plan_document(scheme, "lin", MARCH, **{"organisation": people()} | words)


def test_the_page_says_the_scheme_as_it_applies_to_one_person() -> None:
    """Weights, own target, limits, grades, bonus, stages, holdback and caps: what lin signs, in either language."""
    target = lp.Target(payee="lin", indicator="loan_amount", value="120万元")
    found = page(targets=[target])

    assert found.to("en") == ENGLISH
    assert found.to("zh") == CHINESE
    assert found.targets == (
        evolve(target, period=MARCH),
        lp.Target(payee="lin", indicator="npl_ratio", value="3%", period=MARCH),
    )


def test_who_joins_is_shown_their_part() -> None:
    """From 17 March on there are 15 of 31 days: 124万元 come to 60万元 on them, and a ratio is never cut."""
    target = lp.Target(payee="lin", indicator="loan_amount", value="124万元")
    rows = page(targets=[target], organisation=people(since="2026-03-17")).to("zh").splitlines()

    (row,) = [one for one in rows if one.startswith("| 贷款额 |")]
    assert "| 124 万元，按在岗 15/31 天折算为 60 万元 |" in row
    (row,) = [one for one in rows if one.startswith("| 不良率 |")]
    assert "| 3% |" in row


def test_a_plan_of_a_year_keeps_what_the_scheme_states_of_each_period() -> None:
    """The 3% of the scheme are not of the year: they hold in every month that is worked."""
    found = plan_document(SCHEME, "lin", lp.Period.year(2026), organisation=people())

    assert (lp.Target(payee="lin", indicator="npl_ratio", value="3%"),) == found.targets


@pytest.mark.parametrize("name", lp.schemes.TEMPLATES)
def test_every_ready_made_scheme_fits_on_a_page(name: str) -> None:
    """For whoever may get a profile or plan of it: 60 lines at most, as many in either language, and no key of code."""
    scheme = lp.template(name)
    pages = []
    kinds = {(who.role, who.product_line, who.tier, who.unit) for who in scheme.who}
    kinds |= {(plan.role, plan.product_line, plan.tier, plan.unit) for plan in scheme.plans}
    for role, product_line, tier, unit in sorted(kinds | {("", "", "", "")}):
        held = people(role=role or "officer", product_line=product_line, tier=tier, unit=unit or "east")
        try:
            pages.append(plan_document(scheme, "lin", MARCH, organisation=held))
        except lp.errors.ResolveError:
            continue  # nobody of that kind is paid by it
    assert pages
    for found in pages:
        english, chinese = (found.to(language).splitlines() for language in ("en", "zh"))
        assert len(english) == len(chinese) <= 60
        assert "_" not in "".join(english[2:]).replace(scheme.name, "")


@given(strategies.schemes())
def test_what_is_on_the_card_is_on_the_page(scheme: lp.Scheme) -> None:
    """Of any scheme: no weight, target, component or gate that lin is paid by is left off what lin confirms."""
    found = page(scheme)
    card = scheme.resolve(period=MARCH, role="officer")
    lines = found.to("en").splitlines()

    for line in card.lines:
        assert any(line.indicator.name.en in row and f"| {percent(line.weight)} |" in row for row in lines)
    assert len(card.vetoes) == sum(row.startswith("- the veto on") for row in lines)
    assert len(card.grades) == sum(row.startswith("- grade ") for row in lines)
    assert (card.bonus is not None) == ("## Bonus" in lines)
    if scheme.plans:
        plan = scheme.plan(on=MARCH.start, role="officer").plan
        assert len(plan.components) == sum(row.startswith("- **") for row in lines)
    assert len(lines) <= 60


def test_another_version_or_weight_is_another_page() -> None:
    """What was confirmed is told from what changed since, by its hash and by what it was made by."""
    other = lp.parse_scheme(TEXT.replace('loan_amount = "70%"', 'loan_amount = "60%"').replace('"30%"', '"40%"'))

    assert page().digest != page(other).digest
    assert page().basis != page(other).basis
    assert page().basis == page().basis


def test_a_name_stays_a_name() -> None:
    """A name with markup, a bar or a line break writes no page of its own."""
    found = page(organisation=people("<b>林|\u2028lin</b>"))
    assert found.to("en").splitlines()[0] == "# Pay plan of &lt;b>林\\| lin&lt;/b> (lin) for 2026-03"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("**bold** _it_ ~~no~~", r"\*\*bold\*\* \_it\_ \~\~no\~\~"),
        ("[x](https://x.example)`c`", r"\[x\](https://x.example)\`c\`"),
        (r"a\|b &lt;i&gt; R&D a_b", r"a\\\|b \&lt;i\&gt; R&D a_b"),
    ],
)
def test_no_name_is_markup(name: str, printed: str) -> None:
    """Of a payee in a heading, of an indicator in a table, and of a plan in a list: each as it is written."""
    title = name.replace("\\", "\\\\")
    own = (
        f'[indicators.own]\nname = {{ en = "{title}", zh = "自定" }}\nkind = "money"\ndirection = "higher is better"\n'
    )
    own += 'dimension = "performance"\n[plans.sales]\n'
    scheme = lp.parse_scheme(
        TEXT.replace("[plans.sales]\n", own)
        .replace('loan_amount = "70%"', 'own = "70%"')
        .replace("[scoring.loan_amount]", "[scoring.own]")
        .replace('{ en = "loans",', f'{{ en = "{title}",')
    )
    lines = page(scheme, organisation=people(name)).to("en").splitlines()

    assert lines[0] == f"# Pay plan of {printed} (lin) for 2026-03"
    assert any(line.startswith(f"| {printed} | 70% |") for line in lines)
    assert any(line.startswith(f"- **{printed}**: ") for line in lines)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"organisation": people(until="2026-03-01")}, "lin has no assignment in it"),
        (
            {"targets": [lp.Target(payee="lin", indicator="retention_rate", value="80%")]},
            "retention_rate has no weight there; leave its target out",
        ),
        (
            {"targets": [lp.Target(payee="lin", indicator="npl_ratio", value="3%", period=lp.Period.month(2026, 4))]},
            "the target of npl_ratio is for 2026-04; pass the targets of the period",
        ),
        ({"targets": [lp.Target(payee="wu", indicator="npl_ratio", value="3%")]}, "give targets of the payee"),
    ],
)
def test_a_page_that_cannot_be_is_refused(words: dict[str, Any], message: str) -> None:
    """Of who has left, and with targets that are not theirs."""
    with pytest.raises(lp.errors.DataError, match=message):
        page(**words)
