"""All analyses are alike: a sentence says how sure it is and what it does not show, and small groups are not told."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf.analytics import Analysis, AnalysisColumn, Exact, Finding, Interval, shown_groups

SAID = lp.Label("the share falls", "占比下降")
METHOD, LIMITS = lp.Label("sums of rows", "逐行加总"), lp.Label("why", "原因")


def a_finding(**changes: Any) -> Finding:
    return Finding(**{"label": SAID, "n": 7, "certainty": Exact(), "method": METHOD, "limits": LIMITS, **changes})


@frozen(kw_only=True, repr=False)
class TwoUnits(Analysis):
    """An analysis of two rows."""

    findings: tuple[Finding, ...]

    @property
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """Of each kind of column one."""
        return (
            AnalysisColumn(code="unit", name=lp.Label("unit", "机构"), values=("east", "<west>")),
            AnalysisColumn(code="pay", name=lp.Label("pay", "薪酬"), values=(lp.Money("12000.50 CNY"), None)),
            AnalysisColumn(code="share", name=lp.Label("share", "占比"), values=(Fraction(1, 4), None), unit="%"),
            AnalysisColumn(code="payees", name=lp.Label("people", "人数"), values=(3, 2)),
            AnalysisColumn(code="since", name=lp.Label("since", "自"), values=(date(2026, 3, 1), None)),
        )

    def chart(self, language: str = "en") -> Mapping[str, Any]:
        """The language that is asked for."""
        return {"language": language}


def test_where_nothing_scatters_there_is_no_interval() -> None:
    """Both ends are one number: how sure it is nobody knows, and it is not told as certain."""
    found = Interval(low=Fraction(3), high=Fraction(3), level=Fraction(95, 100), unit="CNY")
    assert ["no interval, as nothing scatters", "数据没有波动，无法给出区间"] == [
        found.text(language) for language in ("en", "zh")
    ]


def test_a_finding_says_how_sure_it_is_and_what_it_does_not_show() -> None:
    """In both languages, with nothing left out."""
    found = a_finding(
        certainty=Interval(low=Fraction(-1, 200), high=Fraction(3, 100), level=Fraction(95, 100), unit="pp")
    )
    assert (
        "the share falls (n = 7; 95% interval from -0.5 percentage points to 3 percentage points; "
        "method: sums of rows; it does not show: why)" == found.text()
    )
    assert "占比下降（样本数 7；95% 区间为 -0.5 个百分点 至 3 个百分点；方法：逐行加总；局限：原因）" == found.text(
        "zh"
    )
    assert found == Finding.from_data(found.data())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"label": lp.Label("", "")}, "the label of a finding: it says nothing in one language"),
        ({"method": lp.Label("sums")}, "the method of a finding: it says nothing in one language"),
        ({"limits": lp.Label(" ", "原因")}, "the limits of a finding"),
        ({"n": -1}, "n: it is negative"),
        ({"certainty": None}, "certainty"),
    ],
)
def test_a_sentence_without_its_basis_is_refused(changes: dict[str, Any], said: str) -> None:
    """Who reads one sentence of an analysis can always ask how it was found."""
    with pytest.raises(lp.errors.LoanPerfError, match=said):
        a_finding(**changes)


@pytest.mark.parametrize(
    "changes",
    [{"low": Fraction(2)}, {"level": Fraction(2)}, {"unit": "apples"}, {"high": 1.5}],
)
def test_an_interval_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    """Ends in order, a level that is a share, a unit that is known, and no float."""
    with pytest.raises(lp.errors.LoanPerfError):
        Interval(**{"low": Fraction(0), "high": Fraction(1), "level": Fraction(1, 2), "unit": "CNY", **changes})


def test_an_analysis_is_read_as_text_as_a_page_and_as_a_frame() -> None:
    """Texts are exact and in a language; a frame has the nearest float64; what a host names is escaped."""
    found = TwoUnits(findings=(a_finding(),))
    assert "TwoUnits(1 findings, 2 rows)" == repr(found)
    assert [
        "unit  pay  share  people  since",
        "east  12000.50 CNY  25%  3  2026-03-01",
        "<west>  –  –  2  –",
    ] == found.text().split("\n")[1:]
    assert "机构  薪酬  占比  人数  自" in found.text("zh")
    assert "12,000.50 元" in found.text("zh")
    assert "<td>&lt;west&gt;</td>" in found._repr_html_()
    frame = found.frame()
    assert [12000.5, None] == frame["pay"].tolist()
    assert [3, 2] == frame["payees"].tolist()
    assert [0.25, None] == frame["share"].tolist()


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(0, 12)), st.integers(1, 6))
def test_no_small_group_is_shown_or_can_be_told_from_the_rest(sizes: dict[str, int], smallest: int) -> None:
    """Each shown group is large enough, and so are those that are shown together, unless all are."""
    named = shown_groups(sizes, smallest)
    assert {*sizes} == {*named}
    assert all(sizes[group] >= smallest for group, name in named.items() if name is not None)
    together = [group for group, name in named.items() if name is None]
    assert not together or len(together) == len(sizes) or sum(sizes[group] for group in together) >= smallest


def test_a_smallest_group_of_nobody_is_refused() -> None:
    """It would show everybody."""
    with pytest.raises(lp.errors.DataError, match="smallest"):
        shown_groups({"east": 1}, 0)


@pytest.mark.parametrize(
    ("sizes", "said"),
    [(None, "groups: it is no Mapping"), ({"a": "8"}, "the people of a: it is '8'"), ({"a": -1}, "the people of a")],
)
def test_sizes_that_are_none_are_refused(sizes: Any, said: str) -> None:
    with pytest.raises(lp.errors.DataError, match=said):
        shown_groups(sizes)
