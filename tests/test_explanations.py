"""Explanations: a tree of data that can be stored, translated and shown without computing anything again."""

import copy
import json
import pickle
import re
from html.parser import HTMLParser
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._explanations import RULES, because

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
