"""Explanations: a tree of data that can be stored, translated and shown without computing anything again."""

import copy
import inspect
import json
import pickle
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.sources import sources

import loanperf as lp
import loanperf.archive
from loanperf._explanations import RULES, because
from loanperf._indicators import Measure, fact_label, formula_of
from loanperf._ledger._kinds import KIND_NAMES
from loanperf.adapters.memory import MemorySchemes
from loanperf.adapters.tables import Folder
from loanperf.progress import SalesLead

NPL = lp.Label("NPL ratio", "不良率")
TREE = because(
    "points.lower",
    {"indicator": NPL, "points": "40.0", "weight": "30%", "actual": "2%", "target": "3%"},
    because(
        "reading.ratio", {"numerator": "2", "denominator": "100", "value": "2%", "count": "2 facts", "indicator": NPL}
    ),
    because(
        "target", {"target": "3%", "source": "stated"}, because("fact", {"fact": "targets.csv row 3", "amount": "3%"})
    ),
)
ENGLISH = """\
NPL ratio: 40.0 points = 30% × (2 − 2% / 3%)
├─ NPL ratio = 2 / 100 = 2%, from 2 facts
└─ target 3%, stated
   └─ targets.csv row 3: 3%"""
CHINESE = """\
不良率：40.0 分 = 30% × (2 − 2% / 3%)
├─ 不良率 = 2 / 100 = 2%，来自2 facts
└─ 目标 3%，stated
   └─ targets.csv row 3：3%"""


def names(text: str) -> set[str]:
    """The values that a sentence shows."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


# ── the words of the rules ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_the_same_in_both_languages(rule: str) -> None:
    """A figure that stands in one language only would be missing from half of the statements."""
    label = RULES[rule]

    assert label.en
    assert label.zh
    assert names(label.en) == names(label.zh)
    assert all(name.isidentifier() for name in names(label.en))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_prints_with_its_values_in_both_languages(rule: str) -> None:
    """Every value that a rule names is put in, and none is read as a format of its own."""
    values = dict.fromkeys(names(RULES[rule].en), "{braces} %s <b>")
    node = because(rule, values)

    for language in ("en", "zh"):
        sentence = node.sentence("zh" if language == "zh" else "en")
        assert len(re.findall("[{]braces[}] %s <b>", sentence)) >= len(values)


def test_a_name_without_chinese_is_printed_in_english() -> None:
    """A host's own indicator may have one name."""
    assert ("PAR30", "PAR30") == (lp.Label("PAR30").to("en"), lp.Label("PAR30").to("zh"))
    assert ("NPL ratio", "不良率", "NPL ratio") == (NPL.to("en"), NPL.to("zh"), str(NPL))


# ── a tree ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_tree_prints_in_both_languages() -> None:
    """By hand: what a number is, and below it what it stands on."""
    assert ENGLISH == TREE.text() == str(TREE)
    assert CHINESE == TREE.text("zh")
    assert ENGLISH.splitlines()[0] == TREE.sentence()


def test_a_tree_is_data() -> None:
    """By hand: plain dicts, lists and strings, with both names where there are two."""
    label = {"en": "NPL ratio", "zh": "不良率"}
    values = {"indicator": label, "points": "40.0", "weight": "30%", "actual": "2%", "target": "3%"}
    data = TREE.data()

    assert ("points.lower", values) == (data["rule"], data["values"])
    assert ["reading.ratio", "target"] == [child["rule"] for child in data["because"]]
    assert {"rule": "fact", "values": {"fact": "targets.csv row 3", "amount": "3%"}, "because": []} == (
        data["because"][1]["because"][0]
    )
    assert "不良率" in TREE.json()


VALUES = st.text(max_size=12) | st.builds(lp.Label, st.text(min_size=1, max_size=8), st.text(max_size=8))


@st.composite
def nodes(draw: st.DrawFn, children: st.SearchStrategy[list[lp.Explanation]]) -> lp.Explanation:
    """A node of any rule with any values."""
    rule = draw(st.sampled_from(sorted(RULES)))
    return because(rule, {name: draw(VALUES) for name in sorted(names(RULES[rule].en))}, *draw(children))


TREES = st.recursive(nodes(st.just([])), lambda tree: nodes(st.lists(tree, max_size=3)), max_leaves=8)


def count(tree: lp.Explanation) -> int:
    """How many nodes it has."""
    return 1 + sum(count(child) for child in tree.because)


@given(TREES)
def test_a_tree_is_read_back_from_its_data_and_from_json(tree: lp.Explanation) -> None:
    """A statement of last year is explained from what was stored, not from what a scheme says today."""
    assert tree == lp.Explanation.from_data(tree.data())
    assert tree == lp.Explanation.from_data(json.loads(tree.json()))
    assert tree.text("zh") == lp.Explanation.from_data(json.loads(tree.json())).text("zh")


@given(TREES)
def test_a_tree_is_a_value(tree: lp.Explanation) -> None:
    """It can be hashed, copied and sent."""
    for again in (copy.deepcopy(tree), pickle.loads(pickle.dumps(tree))):  # noqa: S301 - our own
        assert (tree, hash(tree)) == (again, hash(again))


def test_a_tree_that_is_put_into_words_when_it_is_read_is_the_same_value() -> None:
    """Equal to one in words, also hashed, copied and pickled; and its numbers go along."""

    def values() -> tuple[tuple[str, str], ...]:
        return tuple({"part": "2", "rate": "3%", "amount": "0.06"}.items())

    lazy = lp.Explanation("accrual.slice", values, numbers=lambda: {"rate": Fraction(3, 100)})
    plain = because("accrual.slice", dict(values()))
    top = because("accrual.change", lambda: {"before": "0", "now": "2", "was": "0"}, lazy)
    assert lazy == plain
    assert hash(lazy) == hash(plain)
    assert repr(lazy) == repr(plain)
    assert lazy != because("accrual.slice", {**dict(values()), "part": "3"})
    for again in (copy.copy(top), copy.deepcopy(top), pickle.loads(pickle.dumps(top)), evolve(top)):  # noqa: S301 - our own
        assert top == again
        assert top.data() == again.data()
        assert {"rate": Fraction(3, 100)} == again.because[0].numbers


class Reader(HTMLParser):
    """What a browser makes of it: the elements, in order, and the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element starts."""
        self.elements.append(tag)
        assert not attrs or (tag, attrs) == ("div", [("class", "loanperf")])

    def handle_data(self, data: str) -> None:
        """Text."""
        self.words.append(data)


def read(html: str) -> Reader:
    """Read as a browser does."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


ATTACKS = st.sampled_from(["<script>alert(1)</script>", "</li><img src=x onerror=y>", "a & b", "&lt;", "\"'>", "<!--"])


@given(st.lists(ATTACKS, min_size=2, max_size=2), st.sampled_from(["en", "zh"]))
def test_values_are_escaped_in_html(values: list[str], language: Any) -> None:
    """The name of a customer must not run in the browser of a manager."""
    tree = because(
        "target", {"target": values[1], "source": values[0]}, because("fact", {"fact": values[0], "amount": values[1]})
    )
    found = read(tree.html(language))

    assert ["ul", "li"] == found.elements
    assert tree.sentence(language) + tree.because[0].sentence(language) == "".join(found.words)
    assert "div" == read(tree._repr_html_()).elements[0]


@given(TREES)
def test_every_node_stands_in_text_and_html_once(tree: lp.Explanation) -> None:
    """Nothing that a number stands on is left out of a view."""
    assert count(tree) - 1 == read(tree.html()).elements.count("li")
    assert tree.text().count("├─ ") + tree.text().count("└─ ") >= count(tree) - 1


def test_a_value_of_any_name_can_be_read_back() -> None:
    """Values are stored by name; `values` and `rule` are names like others."""
    tree = lp.Explanation("fact", (("fact", "x"), ("amount", "y"), ("rule", "z"), ("values", "{amount}")))

    assert tree == lp.Explanation.from_data(tree.data())
    assert "x: y" == tree.sentence()


# ── languages ───────────────────────────────────────────────────────────────────────────────────────────────

SPOKEN = {
    "en": ("en", "EN", "en-US", "en_GB", "en-001", "en-Latn-US", "en_US.UTF-8"),
    "zh": (
        "zh",
        "ZH",
        "zh-CN",
        "zh_CN",
        "zh-cn",
        "zh-Hans",
        "zh_Hans",
        "zh-hans-CN",
        "zh-Hans-HK",
        "zh-SG",
        "zh_CN.UTF-8",
    ),
}
UNSPOKEN: tuple[Any, ...] = (
    *(
        "fr",
        "de-DE",
        "zh-TW",
        "zh_HK",
        "zh-MO",
        "zh-Hant",
        "zh-Hant-CN",
        "zh-US",
        "zh-",
        "zh--CN",
        "-zh",
        "zhcn",
        "en-",
    ),
    *("english", "中文", "", " zh", "zh ", "en-Cyrl", "zh-Hans-", "z", None, 1, b"zh", ("zh",), ["zh"], True),
)


@pytest.mark.parametrize(("language", "tag"), [(language, tag) for language, tags in SPOKEN.items() for tag in tags])
def test_a_language_goes_by_any_of_its_tags(language: str, tag: str) -> None:
    """Browsers send `zh-CN`, systems `zh_CN.UTF-8`, Apple `zh-Hans-CN`: English for all of them was wrong."""
    assert NPL.to(language) == NPL.to(tag)
    assert TREE.text(language) == TREE.text(tag)
    assert TREE.html(language) == TREE.html(tag)


@pytest.mark.parametrize("tag", UNSPOKEN, ids=repr)
def test_a_language_that_is_not_spoken_is_refused(tag: Any) -> None:
    """Who asks for French or for traditional Chinese must not get another language without a word."""
    for say in (NPL.to, TREE.sentence, TREE.text, TREE.html):
        with pytest.raises(lp.errors.DataError, match="pass 'en' or 'zh'"):
            say(tag)


MARCH = lp.Period.month(2026, 3)
SCHEME = lp.template("worked-example")
APPRAISAL = lp.appraise(
    SCHEME.resolve(period=MARCH),
    readings={"loan_amount": "120万元", "npl_ratio": "2%", "retention_rate": "85%"},
    payee="lin",
)
CHANGES = lp.diff(SCHEME, evolve(SCHEME, effective=date(2027, 1, 1)))
STATEMENT = lp.statement(
    lp.Ledger(),
    "lin",
    MARCH,
    currency="CNY",
    organisation=lp.Organisation(
        assignments=[lp.Assignment(payee="lin", unit="east", role="officer", since="2026-01-01")]
    ),
)
UNPAID = lp.Unpaid(payee="lin", loan="L1", on=None, period=None, by="no plan", reason=NPL)
SPEAKERS: dict[str, Callable[..., Any]] = {
    "Label.to": NPL.to,
    "Explanation.sentence": TREE.sentence,
    "Explanation.text": TREE.text,
    "Explanation.html": TREE.html,
    "Appraisal.to_html": APPRAISAL.to_html,
    "Change.to": CHANGES[0].to,
    "LintFinding.to": lp.schemes.LintFinding(code="c", path="$.bonus", text=NPL).to,
    "Statement.text": STATEMENT.text,
    "Unpaid.to": UNPAID.to,
    "Statement.html": STATEMENT.html,
    "Statement.rows": STATEMENT.rows,
    "Statement.ahead": STATEMENT.ahead,
    "Verified.text": loanperf.archive.Verified(misfits=(), heads=(), records=3).text,
}
"""Everything in `lp` that is asked for a language."""


def test_everything_that_takes_a_language_is_in_the_table() -> None:
    """What is added must be shown below to speak and to refuse."""
    there = vars(lp) | vars(lp.schemes) | vars(loanperf.archive)
    classes = {name: item for name, item in there.items() if inspect.isclass(item)}
    asked = {name: item for name, item in there.items() if inspect.isfunction(item)}
    asked |= {
        f"{name}.{method}": item
        for name, cls in classes.items()
        for method, item in vars(cls).items()
        if inspect.isfunction(item) and not method.startswith("_")
    }
    found = {name for name, item in asked.items() if {"lang", "language"} & set(inspect.signature(item).parameters)}

    assert set(SPEAKERS) == found


@pytest.mark.parametrize("name", SPEAKERS)
def test_whatever_takes_a_language_takes_every_tag_of_it_and_refuses_others(name: str) -> None:
    """One function decides it: a statement in English for `zh-CN` is as wrong as an explanation."""
    say = SPEAKERS[name]

    for language, tags in SPOKEN.items():
        assert [say(language=language)] * len(tags) == [say(language=tag) for tag in tags]
    for tag in UNSPOKEN:
        with pytest.raises(lp.errors.DataError, match="pass 'en' or 'zh'"):
            say(language=tag)


# ── amounts ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stored", "chinese"),
    [
        ("8169.60 CNY", "8,169.60 元"),
        ("-1234567.89 CNY", "-1,234,567.89 元"),
        ("24169.6 CNY", "24,169.60 元"),
        ("0.00 CNY", "0.00 元"),
        ("500 CNY", "500 元"),
        ("1200000 CNY", "120 万元"),
        ("123450000 CNY", "12,345 万元"),
        ("1234567 CNY", "1,234,567 元"),
        ("30000.00 CNY", "30,000.00 元"),
        ("7000.00 USD", "7,000.00 美元"),
        ("150000 JPY", "150,000 日元"),
        ("1000.000 KWD", "1,000.000 KWD"),
        ("25000", "25,000"),
        ("≈33333.3333", "≈33,333.3333"),
        ("2.5%", "2.5%"),
        ("1/3", "1/3"),
        ("86040/31 CNY", "86,040/31 元"),
        ("-5/3 USD", "-5/3 美元"),
        ("1000 ABC", "1000 ABC"),
        ("1000 CNY a year", "1000 CNY a year"),
    ],
)
def test_amounts_read_as_a_bank_writes_them(stored: str, chinese: str) -> None:
    """By hand: the name of the currency and separators, whole myriads of a target in 万元; data stays as it is."""
    node = because("entry.paid", {"amount": stored})

    assert f"发放 {chinese}" == node.sentence("zh")
    assert f"{stored} paid" == node.sentence()
    assert {"amount": stored} == node.data()["values"]


def test_a_code_of_digits_is_no_amount() -> None:
    """Staff number 100234 and loan 20260001 are no sums of money."""
    node = because("accrual.ended", {"loan": "20260001", "stage": "cancelled", "on": "2026-03-02"})
    member = because("accrual.member", {"member": "100234", "amount": "1500"})

    assert "贷款 20260001 于 2026-03-02 cancelled：已计提部分冲销" == node.sentence("zh")
    assert "100234：1,500" == member.sentence("zh")


# ── Chinese throughout ──────────────────────────────────────────────────────────────────────────────────────

E = lp.EventKind
MONTHS = [lp.Period.month(2026, month) for month in (1, 2, 3)]


def english(text: str, *codes: str) -> set[str]:
    """The words of a text in small Latin letters, but for versions, names of files, and the codes of the host."""
    text = re.sub(r"\b[0-9a-f]{12}\b|[a-z]+[.](?:csv|xlsx)", "", text)
    for code in sorted(codes, key=len, reverse=True):
        text = text.replace(code, "") if code else text
    return set(re.findall("[a-z]{2,}", text))


def test_the_demo_is_explained_in_chinese_throughout() -> None:
    """Kinds of facts, events, categories, units and rows of files: half a sentence in English is no explanation."""
    folder = Path(lp.__file__).parent / "demo"
    scheme, data = lp.read_scheme(folder / "scheme.toml"), Folder(folder / "data")
    run = lp.run(MARCH, facts=data, people=data, schemes=MemorySchemes(scheme, data.targets(MARCH)))
    text = "\n".join(result.explain().text("zh") for result in run.results)

    assert set() == english(text, scheme.name, *(profile.code for profile in scheme.profiles))
    assert "贷款 L0408 2026-02-20 五级分类：次级（events.csv 第 174 行）" in text
    assert "贷款 L0408 2026-03-31 逾期：118 天（events.csv 第 172 行）" in text
    assert "贷款余额 L0409 2026-03-31：1,100,000.00 元（balances.csv 第 82 行）" in text
    assert "event L0408 classified 2026-02-20: substandard (events.csv row 174)" in run.results[3].explain().text()


ANY = {
    lp.schemes.Kind.MONEY: "100万元",
    lp.schemes.Kind.RATIO: "2%",
    lp.schemes.Kind.COUNT: "3",
    lp.schemes.Kind.POINTS: "95 points",
}


@pytest.mark.parametrize("name", [name for name in lp.schemes.TEMPLATES if lp.template(name).profiles])
def test_scores_and_bonuses_of_every_template_are_explained_in_chinese_throughout(name: str) -> None:
    """Points, gates, vetoes, grades, caps and rounding."""
    scheme = lp.template(name)
    for profile in scheme.profiles:
        only = evolve(scheme, profiles=(profile,), who=(), overrides=())
        card = only.resolve(period=MARCH)
        indicators = (*card.others, *(line.indicator for line in card.lines))
        amount = f"1000000 {scheme.currency}"
        readings = {item.code: (ANY | {lp.schemes.Kind.MONEY: amount})[item.kind] for item in indicators}
        targets = {line.indicator.code: readings[line.indicator.code] for line in card.lines}
        appraisal = lp.appraise(card, targets, readings, payee="P1")
        paid = None if card.bonus is None else lp.award(card.bonus, appraisal, month=amount, base=amount)
        why = appraisal.explain() if paid is None else paid.explain()

        assert set() == english(why.text("zh"), scheme.name, profile.code, card.phase)
        assert set() == english(re.sub("<[^>]*>", "", appraisal.to_html("zh")))


def deals(officer: str) -> lp.Facts:
    """Three loans with every kind of event, and one fact of every other kind."""
    found: list[Any] = [
        lp.Customer(customer="C1", officer=officer, since="2025-01-01"),
        lp.Holding(customer="C1", product="信用卡", since="2025-02-02"),
        lp.Profit(customer="C1", on="2026-03-31", amount="1200 元"),
        lp.ExchangeRate(currency="USD", into="CNY", on="2026-01-01", rate="7.1"),
    ]
    for number, segment in enumerate(("personal", "corporate", "personal"), 1):
        loan = f"L{number}"
        found += [
            lp.Loan(
                loan=loan,
                customer="C1",
                officer=officer,
                opened_on="2026-01-05",
                segment=segment,
                term_months=24,
                amount="30万元",
                interest_rate="6%",
                funding_rate="3%",
                source=f"loans.csv row {number + 1}",
            ),
            lp.LoanEvent(loan=loan, kind=E.APPLIED, on="2026-01-05"),
            lp.LoanEvent(loan=loan, kind=E.DUE_DILIGENCE, on="2026-01-06"),
            lp.LoanEvent(loan=loan, kind=E.SIGNED, on="2026-01-07", amount="30万元"),
            lp.LoanEvent(
                loan=loan, kind=E.DISBURSED, on="2026-01-08", amount="30万元", source="a.xlsx sheet 事件 row 9"
            ),
            lp.LoanEvent(loan=loan, kind=E.REPAID, on="2026-02-20", amount="1万元"),
        ]
    return lp.Facts.of([
        *found,
        lp.LoanEvent(loan="L1", kind=E.PREPAID, on="2026-03-13", amount="28万元"),
        lp.LoanEvent(loan="L2", kind=E.CLASSIFIED, on="2026-03-10", category=lp.Category.DOUBTFUL),
        lp.LoanEvent(loan="L2", kind=E.PAST_DUE, on="2026-03-11", days=95),
        lp.LoanEvent(loan="L3", kind=E.WRITTEN_OFF, on="2026-03-12", amount="28万元"),
    ])  # fmt: skip


PLANS = [
    (name, dated)
    for name in lp.schemes.TEMPLATES
    for dated in lp.SchemeBook([lp.template(name)]).plans()
    if dated.currency == "CNY"
]


@pytest.mark.parametrize(("name", "dated"), PLANS, ids=lambda item: item if isinstance(item, str) else item.plan.code)
def test_commissions_of_every_template_are_explained_in_chinese_throughout(
    name: str, dated: lp.schemes.DatedPlan
) -> None:
    """Stages, tiers, gates, caps, holdbacks, clawbacks and payments: lines, entries and statements."""
    plan, scheme = dated.plan, lp.template(name)
    held: Any = {
        "unit": plan.unit or "U1",
        "role": plan.role or "R1",
        "tier": plan.tier,
        "product_line": plan.product_line,
    }
    people = lp.Organisation(assignments=[lp.Assignment(payee="P1", since="2026-01-01", **held)])
    readings = [
        lp.Reading.of(code, "2%", subject="P1", period=month) for code in sorted(plan.indicators) for month in MONTHS
    ]
    targets = {
        month: tuple(lp.Target(payee="P1", indicator=code, value="2%") for code in plan.indicators) for month in MONTHS
    }
    plans = [evolve(dated, since=date(2026, 1, 1), until=None)]
    ledger, texts = lp.Ledger(), []
    for month in MONTHS:
        accruals = lp.accrue(deals("P1"), plans, people, through=month, readings=readings, targets=targets)
        ledger = ledger.append(lp.settle(ledger, accruals, period=month))
        ledger = ledger.append(lp.pay(ledger, period=month, rules=scheme.pay or lp.schemes.PayRules()).entries)
        told = evolve(accruals, blocked=frozenset())
        said = lp.statement(ledger, "P1", month, told, currency="CNY", organisation=people)
        texts += [said.text("zh"), *(line.explain().text("zh") for line in accruals.lines)]
    texts += [entry.reason.text("zh") for entry in ledger.entries]
    codes = (scheme.name, plan.code, *plan.indicators, *plan.without, *(item.code for item in plan.components))

    assert set() == english("\n".join(texts), *codes)


FACTS: list[tuple[Any, str]] = [
    (lp.Training(payee="P1", course="反洗钱", on="2026-03-05"), "培训 P1 反洗钱 2026-03-05"),
    (lp.Violation(number="V1", payee="P1", on="2026-03-05", points=3), "违规 V1"),
    (lp.Inquiry(number="Q1", payee="P1", on="2026-03-05", authorised=True, permitted=True), "征信查询 Q1"),
    (
        lp.Valuation(number="W1", payee="P1", on="2026-03-05", appraised="9 元", benchmark="9 元"),
        "抵押物评估 W1",
    ),
    (lp.Rating(number="G1", payee="P1", on="2026-03-05", topic="teamwork", score=90), "评分 G1"),
    (lp.Complaint(number="K1", payee="P1", on="2026-03-05", topic="手续费"), "投诉 K1"),
    (SalesLead(number="X1", payee="P1", on="2026-03-05", origin="网点"), "线索 X1"),
    (lp.Loan(loan="L1", customer="C1", officer="P1", opened_on="2026-03-05"), "贷款 L1"),
    (lp.Customer(customer="C1", officer="P1", since="2026-03-05", source="客户表"), "客户 C1 2026-03-05（客户表）"),
    (lp.Holding(customer="C1", product="信用卡", since="2026-03-05"), "持有产品 C1 信用卡 2026-03-05"),
    (lp.Profit(customer="C1", on="2026-03-05", amount="9 元"), "客户利润 C1 2026-03-05"),
    (
        lp.Balance(loan="L1", on="2026-03-05", outstanding="5万元", source="a.xlsx sheet 余额 row 7"),
        "贷款余额 L1 2026-03-05：50,000.00 元（a.xlsx 工作表 余额 第 7 行）",
    ),
    (lp.Credit(loan="L1", payee="P1", on="2026-03-05", role="assistant", share="60%"), "业绩归属 L1 协办 P1：60%"),
    (lp.ExchangeRate(currency="USD", into="CNY", on="2026-03-05", rate="7.1"), "汇率 USD CNY 2026-03-05：7.1"),
    *(
        (lp.LoanEvent(loan="L1", kind=kind, on="2026-03-05", number="7", **detail), f"贷款 L1 7 2026-03-05 {words}")
        for kind, words, detail in (
            (E.APPLIED, "申请", {}),
            (E.DUE_DILIGENCE, "尽职调查完成", {}),
            (E.SIGNED, "签约：90.00 元", {"amount": "90 元"}),
            (E.DISBURSED, "放款：1,000.00 元", {"amount": "1000 元"}),
            (E.REPAID, "还款：90.00 元", {"amount": "90 元"}),
            (E.PREPAID, "提前还款：90.00 元", {"amount": "90 元"}),
            (E.CLASSIFIED, "五级分类：关注", {"category": lp.Category.SPECIAL_MENTION}),
            (E.PAST_DUE, "逾期：0 天", {"days": 0}),
            (E.RESCHEDULED, "重组", {}),
            (E.WRITTEN_OFF, "核销：90.00 元", {"amount": "90 元"}),
            (E.RECOVERED, "清收：90.00 元", {"amount": "90 元"}),
            (E.CANCELLED, "撤销", {}),
            (E.ASSIGNED, "移交管户：P2", {"officer": "P2"}),
        )
    ),
]


@pytest.mark.parametrize(("fact", "chinese"), FACTS, ids=[chinese for _, chinese in FACTS])
def test_every_kind_of_fact_and_event_reads_in_chinese(fact: Any, chinese: str) -> None:
    """By hand: kind, codes, day, and what happened; the codes and the day stay as the host has them."""
    assert chinese == fact_label(fact).zh
    assert " ".join(fact.key).strip() in fact_label(fact).en


def test_every_kind_is_in_the_table_of_facts() -> None:
    """A kind that is added reads in English until it has its words."""
    assert set(get_args(lp.Fact)) == {type(fact) for fact, _ in FACTS}
    assert set(E) == {fact.kind for fact, _ in FACTS if isinstance(fact, lp.LoanEvent)}


# ── formulas of indicators ──────────────────────────────────────────────────────────────────────────────────

DRAWN = lp.schemes.Where(field="event", values=("disbursed",))
LOST = lp.schemes.Total(over="violations", sum="points")
CARS = lp.schemes.Total(
    over="loans",
    where=(
        lp.schemes.Where(field="product", values=("car", "van")),
        lp.schemes.Where(field="balance", above=lp.quantity("5万元")),
    ),
    held_at="as of",
)
MEASURES: list[tuple[Measure, str, str]] = [
    (
        lp.schemes.Total(over="loan events", sum="amount", where=(DRAWN,)),
        "sum of amount over loan events (event is disbursed)",
        "贷款事件的金额之和（事件为放款）",
    ),
    (
        CARS,
        "number of loans (product is car or van and balance above 50000 CNY; for the officer on the last day)",
        "贷款数（产品为car或van且余额高于 5 万元；归期末管户客户经理）",
    ),
    (
        lp.schemes.Ratio(
            numerator=lp.schemes.Total(
                over="inquiries", where=(lp.schemes.Where(field="authorised", values=(False,)),)
            ),
            denominator=lp.schemes.Total(over="inquiries"),
        ),
        "number of inquiries (not authorised) / number of inquiries",
        "征信查询数（不含已授权） / 征信查询数",
    ),
    (
        lp.schemes.Deduct(start=Fraction(100), less=LOST),
        "100 points − sum of points over violations, at least 0",
        "100 分 − 违规的扣分之和，不低于 0",
    ),
    (
        lp.schemes.Total(over="valuations", where=(lp.schemes.Where(field="deviation", at_most=lp.quantity("10%")),)),
        "number of valuations (deviation at most 10%)",
        "抵押物评估数（偏差率不高于 10%）",
    ),
    (
        lp.schemes.Total(
            over="loan events",
            weighed_by="term_months",
            weights=lp.schemes.Curve.of([[0, "1"], [12, "2"]], shape="step"),
            held_at="origination",
        ),
        "number of loan events (for the officer at origination; each times its weight by term in months)",
        "贷款事件数（归经办客户经理；按期限（月）折算）",
    ),
]


def own(measure: Any, **changed: Any) -> lp.schemes.Indicator:
    """An indicator of a host."""
    given: dict[str, Any] = {
        "dimension": "performance",
        "direction": lp.schemes.Direction.HIGHER,
        "kind": lp.schemes.Kind.COUNT,
    }
    return lp.schemes.Indicator(code="own", name=lp.Label("own", "自定义"), measure=measure, **(given | changed))


@pytest.mark.parametrize(("measure", "en", "zh"), MEASURES, ids=[en for _, en, _ in MEASURES])
def test_an_indicator_that_is_measured_from_facts_says_its_formula(measure: Measure, en: str, zh: str) -> None:
    """By hand: it is no value of the host's, and whoever is paid by it wants to know what is counted."""
    assert (en, zh) == (formula_of(own(measure)).en, formula_of(own(measure)).zh)


@pytest.mark.parametrize("code", lp.CATALOGUE)
def test_every_measure_of_the_catalogue_can_be_said(code: str) -> None:
    """Whatever a scheme copies from it, in both languages, each in its own."""
    said = formula_of(own(lp.CATALOGUE[code]().measure))

    assert set() == english(said.zh)
    assert not re.search("[一-鿿]", said.en)


def test_a_formula_that_is_stated_is_kept_and_without_a_measure_the_host_supplies() -> None:
    """What a host says of its own indicator goes before what is made of the measure."""
    stated = lp.Label("new car loans", "新车贷")

    assert stated == formula_of(own(CARS, formula=stated))
    assert "supplied by the host" == formula_of(own(None)).en


def test_a_declared_indicator_says_its_formula_in_the_reasons() -> None:
    """A scheme that measures and states no formula said `supplied by the host`."""
    scheme = lp.parse_scheme("""
name = "own"
currency = "CNY"
effective = 2026-01-01

[scoring.default]
places = 1
rounding = "half even"

[indicators.drawdowns]
name = { en = "drawdowns", zh = "放款笔数" }
dimension = "performance"
direction = "higher is better"
kind = "count"
measure = { over = "loan events", where = { event = "disbursed" } }

[profiles.all.weights]
drawdowns = "100%"

[profiles.all.targets]
drawdowns = 3
""")
    card = scheme.resolve(period=lp.Period.month(2026, 1))
    found = lp.measure(deals("P1"), card.period, [card.lines[0].indicator], currency="CNY")
    why = lp.appraise(card, readings=found.of("P1"), payee="P1").explain()

    assert "formula: number of loan events (event is disbursed)" in why.text()
    assert "公式：贷款事件数（事件为放款）" in why.text("zh")
    assert "supplied by the host" not in why.text()


# ── the terms of the field ──────────────────────────────────────────────────────────────────────────────────

NEVER = ("应收", "实绩", "扣没", "追回", "释放", "挂账", "权重限额", "端口", "立项", "建档", "冲回", "计息天数")
"""Words that Chinese bank staff read otherwise than they are meant, or that the glossary has another one for."""
_HALF_WIDTH = re.compile("[一-鿿] ?[,;!?:(]|[,;!?)] ?[一-鿿]")


def chinese_texts() -> dict[str, str]:
    """Every Chinese text of the library, by its place: what stands in a Label, and the Chinese of the docs."""
    return {f"{source.place}:{line} {text}": text for source in sources() for line, text in source.chinese}


def test_chinese_texts_keep_to_the_terms_and_to_full_width_signs() -> None:
    """应收 for what a payee owes reads as money that is due to the payee: section 6 of the design has the terms."""
    texts = chinese_texts()
    wrong = [place for place, text in texts.items() if any(word in text for word in NEVER)]
    narrow = [place for place, text in texts.items() if _HALF_WIDTH.search(text)]

    assert len(texts) > 500
    assert [] == wrong
    assert [] == narrow


def test_what_a_payee_owes_and_what_is_kept_back_have_the_words_of_the_field() -> None:
    """待扣回, 风险金, 返还, 止付, 追索扣回, on statements and in entries."""
    kinds = {kind.value: name.zh for kind, name in KIND_NAMES.items()}

    assert "期初：应发 0.00 元，预留风险金 0.00 元，待扣回 0.00 元，已发 0.00 元" in STATEMENT.text("zh")
    assert ("预留风险金", "返还", "止付") == (kinds["held"], kinds["released"], kinds["forfeited"])
    assert ("追索扣回", "转待扣回") == (kinds["clawed back"], kinds["receivable raised"])


GLOSSARY = {
    "receivable": "待扣回",
    "holdback": "风险金（延期支付）",
    "release": "返还",
    "malus, forfeiture": "止付",
    "clawback": "追索扣回",
    "reading": "完成值",
    "cap, floor": "封顶、保底",
    "quota": "任务量",
    "officer of a loan": "经办客户经理",
    "limit": "权重上下限",
    "port": "接口",
}
"""Section 6 of the design."""


def test_the_glossary_and_the_chinese_page_keep_to_the_terms() -> None:
    """A bank's HR meets these words first in the documentation."""
    root = Path(__file__).parents[1]
    rows = [line.split("|") for line in (root / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()]
    said = {cells[1].strip(): cells[2].strip() for cells in rows if len(cells) > 4}
    page = (root / "README.zh-CN.md").read_text(encoding="utf-8")

    assert GLOSSARY == {term: said.get(term) for term in GLOSSARY}
    assert [] == [word for word in NEVER if word in page or any(word in chinese for chinese in said.values())]


@pytest.mark.parametrize("name", [*lp.schemes.TEMPLATES, "demo"])
def test_schemes_that_are_shipped_keep_to_the_terms(name: str) -> None:
    """Their names stand on statements."""
    file = Path(lp.__file__).parent / ("demo/scheme.toml" if name == "demo" else f"templates/{name}.toml")

    assert [] == [word for word in NEVER if word in file.read_text(encoding="utf-8")]
