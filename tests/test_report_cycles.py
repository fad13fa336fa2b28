"""Calibration, letters and appeals on pages: what is shown is what was decided, and nothing before it is published."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve
from tests.cycles_to_show import (
    NAMES,
    SHARES,
    UNITS,
    cycle_appealed,
    cycle_calibrated,
    cycle_plan,
    cycle_published,
    cycle_scored,
    cycle_upheld,
    leads_of,
    organisation,
    outcomes_given,
    reviewed,
)

import loanperf as lp
from loanperf import report
from loanperf.cycle import Cycle, ForcedDistribution, GradeShare
from loanperf.viewer import Viewer

PEOPLE = organisation()
SCORED = cycle_scored()
CALIBRATED = cycle_calibrated(SCORED)
PUBLISHED = cycle_published(CALIBRATED)
APPEALED = cycle_appealed(PUBLISHED)
UPHELD = cycle_upheld(APPEALED)
ANEW = UPHELD.after(UPHELD.publish(["lin"], by="hr", at="2026-07-09"))
HR = Viewer(who="hr", sees="all")
LIN = Viewer(who="lin", sees="self")
ZHOU = Viewer(who="zhou", sees={"lin", "wu", "he", "gao", "zhou"})
TARGET = report.FormTarget(action="/appeals/lin", hidden={"token": "t"})


def calibration(cycle: Cycle = SCORED, viewer: Viewer = HR) -> report.Page:
    """The page of who calibrates."""
    return report.calibration_page(cycle, viewer=viewer, people=PEOPLE)


def letter(cycle: Cycle = PUBLISHED, viewer: Viewer = LIN, **more: Any) -> report.Page:
    """The letter of lin."""
    return report.result_letter("lin", cycle, viewer=viewer, **{"people": PEOPLE, **more})


def appeal(cycle: Cycle = PUBLISHED, viewer: Viewer = LIN, **more: Any) -> report.Page:
    """The page of lin's appeal on July 6."""
    usual = {"as_of": "2026-07-06", "target": TARGET, "people": PEOPLE}
    return report.appeal_page("lin", cycle, viewer=viewer, **{**usual, **more})


def section(page: report.Page, heading: str, language: str = "zh") -> report.Section:
    """A part of a page, by its heading."""
    (found,) = [one for one in page.sections(language) if one.heading == heading]
    return found


def rows(page: report.Page, heading: str, language: str = "zh") -> list[tuple[str, ...]]:
    """The rows of the table of a part."""
    return [row.cells for row in section(page, heading, language).tables[0].rows]


def remarks(page: report.Page, heading: str, language: str = "zh") -> list[str]:
    """What is said in a part."""
    return [one.text for one in section(page, heading, language).remarks]


def figures(page: report.Page, language: str = "zh") -> Mapping[str, str]:
    """The figures at the top of a page, by their names."""
    return {one.name: one.value for one in page.sections(language)[0].figures}


def all_forms(page: report.Page) -> list[report.PageForm]:
    """The forms of a page."""
    return [form for part in page.sections() for form in part.forms]


EAST = "城东支行（east）"


# ── calibration ─────────────────────────────────────────────────────────────────────────────────────────────


def test_people_of_a_unit_stand_from_the_best_on_with_what_is_proposed() -> None:
    """Of the three with 92 points two would get a B; zhou, who has no score, comes last."""
    some = "A → B：3 人中 2 人"
    assert [
        ("高远（gao）", "officer", "92", "A", some, "", "", "已计分"),
        ("林晓（lin）", "officer", "92", "A", some, "", "", "已计分"),
        ("吴敏（wu）", "officer", "92", "A", some, "", "", "已计分"),
        ("何平（he）", "officer", "70", "C", "", "", "", "已计分"),
        ("周杰（zhou）", "lead", "", "", "", "", "", "待计分"),
    ] == rows(calibration(), EAST)


def test_shares_are_checked_by_unit_and_ties_are_said() -> None:
    """A quarter of four is 1, half is 2: there are 3 with A, 2 too many, and nobody with B, 2 too few."""
    east = section(calibration(), EAST)

    assert [
        ("A", "25%", "1 人", "3", "75%", "多 2 人"),
        ("B", "50%", "2 人", "0", "0%", "少 2 人"),
        ("C", "25%", "1 人", "1", "25%", "符合"),
    ] == [row.cells for row in east.charts[0].table.rows]
    assert [
        "至少调整 2 人次（每次一级）才能符合分布要求。",
        "高远（gao）、林晓（lin）、吴敏（wu） 得分同为 92，等级同为 A，其中 2 人需调整为 B，由校准人决定。",
        "无等级，未计入：周杰（zhou）。",
    ] == [one.text for one in east.remarks]
    assert "本组有等级的人员共 0 人，不足 3 人，不适用强制分布。" in remarks(calibration(), "总行（bank）")


def test_who_calibrated_what_and_why_stands_beside_the_grade_before() -> None:
    """Zhou gave lin a B: one more of the two others would get one."""
    (lin,) = [row for row in rows(calibration(CALIBRATED), EAST) if row[0].startswith("林晓")]
    assert ("92", "A", "", "B", "A → B，周杰（zhou） 于 2026-07-02：团队目标未完成", "已校准") == lin[2:]
    assert "至少调整 1 人次（每次一级）才能符合分布要求。" in remarks(calibration(CALIBRATED), EAST)


def test_kept_shares_are_said() -> None:
    """Lin and wu with B: 1, 2 and 1 of four."""
    kept = CALIBRATED.after(CALIBRATED.calibrate("wu", grade="B", why="同上", by="zhou", at="2026-07-02"))
    assert remarks(calibration(kept), EAST)[0] == "各等级人数均在允许范围内。"
    assert all(row[4] == "" for row in rows(calibration(kept), EAST))


def test_other_ways_with_as_few_changes_are_said() -> None:
    """B lacks one of four: from A, which may have 1 to 3 and has 3, or from C, which may have 0 to 2 and has 1."""
    shares = [
        GradeShare(grade=grade, share=share, tolerance=tolerance)
        for grade, share, tolerance in (("A", "50%", "25%"), ("B", "25%", "0%"), ("C", "25%", "25%"))
    ]
    page = calibration(cycle_scored(cycle_plan(distribution=ForcedDistribution(shares=shares))))

    told = "之间，调整次数同样最少的还有其他方案："
    assert {
        f"A 与 B {told}从“1 人由 A 调整为 B”到“不调整”。",
        f"B 与 C {told}从“不调整”到“1 人由 C 调整为 B”。",
    } <= set(remarks(page, EAST))
    assert ["25% ± 25%", "0 至 2 人"] == [*section(page, EAST).charts[0].table.rows[2].cells[1:3]]


def test_who_has_left_stays_on_the_page_with_what_they_scored() -> None:
    """He left on July 2 with 70 points."""
    staff = organisation({code: name for code, name in NAMES.items() if code != "he"})
    gone = SCORED.after(SCORED.take_snapshots(leads_of(staff), on="2026-07-02", by="hr", at="2026-07-02"))
    assert ("officer、已离职", "70", "C") == rows(calibration(gone), EAST)[3][1:4]


def test_one_whole_bank_is_one_group_where_the_plan_says_so() -> None:
    """The shares stand once above the units."""
    page = calibration(cycle_scored(cycle_plan(distribution=ForcedDistribution(shares=SHARES, by="all"))))

    assert ["校准说明", "全部单位", "总行（bank）", EAST] == [one.heading for one in page.sections("zh")]
    assert not section(page, EAST).charts
    assert "多 2 人" in section(page, "全部单位").charts[0].table.rows[0].cells


def test_a_lead_sees_their_people_and_not_themselves() -> None:
    """Zhou sees the four of east, whose shares leave zhou out, and nothing of the bank."""
    page = calibration(viewer=ZHOU)
    assert ["校准说明", EAST] == [one.heading for one in page.sections("zh")]
    assert ["gao", "lin", "wu", "he"] == [re.findall("（(.*)）", row[0])[0] for row in rows(page, EAST)]
    assert "您本人的结果尚未发布，未计入：周杰（zhou）。" in remarks(page, EAST)


def test_nothing_is_said_of_a_group_of_which_the_viewer_may_not_see_everybody() -> None:
    """Counts of a group would tell the grade of who is left out of it."""
    page = calibration(viewer=Viewer(who="zhou", sees={"lin", "wu"}))
    east = section(page, EAST)

    assert ["林晓（lin）", "吴敏（wu）"] == [row.cells[0] for row in east.tables[0].rows]
    assert () == east.charts
    assert ["您不能查看本单位的全部人员，因此不显示强制分布情况。"] == [one.text for one in east.remarks]
    assert not {"", *(row.cells[4] for row in east.tables[0].rows)} - {""}
    assert "he" not in re.findall(r"\w+", page.html("zh").split("</style>")[-1])
    assert "没有您可以查看的人员。" in calibration(viewer=Viewer(who="x", sees="self")).text("zh")


def test_coefficients_are_shown_where_they_are_what_is_calibrated() -> None:
    """An A has 120%; zhou states 110% for lin, and the grade stays."""
    plan = cycle_plan(calibrates="coefficient", distribution=None)
    page = calibration(cycle_calibrated(cycle_scored(plan), coefficient="110%"))
    (lin,) = [row for row in rows(page, EAST) if row[0].startswith("林晓")]
    assert ("92", "A", "120%", "110%") == lin[2:6]
    assert lin[6].startswith("120% → 110%")


# ── letters ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_letter_says_the_result_and_what_calibration_changed() -> None:
    """92 points, an A as computed, which zhou made a B."""
    page = letter()

    assert {"得分": "92 分", "等级": "B", "发布日期": "2026-07-04"} == figures(page)
    assert [("2026-07-02", "A", "B", "团队目标未完成", "周杰（zhou）")] == rows(page, "校准情况")
    assert "绩效结果通知书" == page.title.zh
    assert "林晓（lin），城东支行（east） officer：" in page.sections("zh")[0].lead


def test_a_letter_says_what_reviews_came_to_and_names_no_peer() -> None:
    """80 of the superior and 70 of peers; self was not given, so their weights are 60/90 and 30/90: 76.6667."""
    page = letter(reviews=reviewed(), outcomes=outcomes_given())

    assert [
        ("上级", "≈66.67%", "1", "80"),
        ("同级", "≈33.33%", "3", "70"),
        ("自评", "", "0", "份数不足"),
        ("合计", "", "", "≈76.6667"),
    ] == [tuple(row) for row in rows(page, "评价结果")]
    assert [
        ("晋升候选", "是", "", ""),
        ("专项培训", "是", "合规课程", "2026-08-14"),
    ] == rows(page, "结果运用")
    assert "须参加培训：合规课程，2026-08-14 前（含当日）完成" in page.html("zh")
    assert not {"吴敏", "何平", "高远"} & set(re.findall("[\u4e00-\u9fff]+", page.html("zh")))


def test_a_letter_says_what_signing_means_and_how_to_appeal() -> None:
    """Three days to acknowledge and five to appeal from July 4; zhou calibrated, and does not decide."""
    page = letter()

    assert "签收仅表示本人已阅知本通知，不代表同意考核结果，也不影响提出申诉。" in remarks(page, "签收")
    assert "请于 2026-07-07 前（含当日）签收。" in remarks(page, "签收")
    first, second = remarks(page, "申诉")
    assert "可于 2026-07-09 前（含当日）在申诉页面书面提出" in first
    assert "申诉由以下人员之一处理：陈东（chen）、hr。计分人和校准人不参与处理。" == second
    signed = PUBLISHED.after(PUBLISHED.acknowledge("lin", version=1, by="lin", at="2026-07-05"))
    assert "已于 2026-07-05 签收。" in remarks(letter(signed), "签收")


TO_CONFIRM = report.FormTarget(action="/letters/lin", hidden={"token": "t"})
SIGNED = PUBLISHED.after(PUBLISHED.acknowledge("lin", version=1, by="lin", at="2026-07-05"))


def test_the_payee_confirms_in_a_form_to_have_read_the_letter() -> None:
    """One box with the version that was read, for lin alone and once; paper has a line to sign on in its place."""
    (form,) = all_forms(letter(target=TO_CONFIRM))
    assert "签收人：" not in letter(target=TO_CONFIRM).text("zh")
    assert "签收人：" in letter().text("zh")
    (box,) = form.fields
    assert [("1", "I have read the notice of this result, version 1.")] == [(it.value, it.text) for it in box.choices]
    assert 'type="checkbox" name="read" value="1" required' in letter(target=TO_CONFIRM).html("zh")
    assert ["2"] == [it.value for it in all_forms(letter(ANEW, target=TO_CONFIRM))[0].fields[0].choices]

    for page in (letter(), letter(viewer=HR, target=TO_CONFIRM), letter(SIGNED, target=TO_CONFIRM)):
        assert [] == all_forms(page)


def test_what_the_form_of_a_letter_sends_acknowledges_it() -> None:
    """As arguments of the command, which refuses a version that is no longer the last."""
    given = report.acknowledgement_posted({"read": "1", "token": "t"}, "lin", viewer=LIN, besides=["token"])
    (event,) = PUBLISHED.acknowledge(**given, at="2026-07-06")
    assert ("lin", 1) == (event.payee, event.version)
    with pytest.raises(lp.errors.DataError, match="publication 1 is not the last, which is 2"):
        ANEW.acknowledge(**given, at="2026-07-10")


def test_a_letter_can_be_confirmed_while_the_result_of_an_appeal_is_not_published() -> None:
    """Lin reads the same before and after chen upheld it, and what the form sends is taken: no sign of the decision."""
    page, before = letter(UPHELD, target=TO_CONFIRM), letter(APPEALED, target=TO_CONFIRM)
    assert before.html("zh") == page.html("zh")
    given = report.acknowledgement_posted({"read": "1", "token": "t"}, "lin", viewer=LIN, besides=["token"])
    signed = UPHELD.after(UPHELD.acknowledge(**given, at="2026-07-09"))

    assert "已于 2026-07-09 签收。" in remarks(letter(signed, target=TO_CONFIRM), "签收")
    assert () == signed.acknowledge(**given, at="2026-07-09")
    assert () == signed.unacknowledged(HR, on="2026-07-20")
    anew = signed.after(signed.publish(["lin"], by="chen", at="2026-07-10"))
    assert ["2"] == [it.value for it in all_forms(letter(anew, target=TO_CONFIRM))[0].fields[0].choices]
    once = SIGNED.after(SIGNED.appeal("lin", why="漏计一笔贷款", by="lin", at="2026-07-06"))
    once = cycle_upheld(once.after(once.take_up("lin", by="hr", at="2026-07-07")))
    with pytest.raises(lp.errors.DataError, match="publication 1 is acknowledged already, on 2026-07-05; leave it"):
        once.acknowledge(**given, at="2026-07-09")


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        ({}, "it is not confirmed that the notice was read"),
        ({"read": "yes"}, "what was sent names no version of the notice"),
        ({"read": ["1", "2"]}, "what was sent names no version of the notice"),
        ({"read": "٣"}, "what was sent names no version of the notice"),
        ({"read": "1", "grade": "A"}, "grade is no field of the form"),
    ],
)
def test_what_is_wrong_with_an_acknowledgement_is_said(posted: dict[str, Any], message: str) -> None:
    """On the page that is shown again too."""
    with pytest.raises(lp.errors.DataError, match=f"the acknowledgement of lin: {message}"):
        report.acknowledgement_posted(posted, "lin", viewer=LIN)
    assert message in letter(target=TO_CONFIRM, posted=posted).text("en")


def test_nobody_acknowledges_for_somebody_else() -> None:
    """Not even who may see lin."""
    with pytest.raises(lp.errors.RightsError, match="'hr' may not acknowledge the result of 'lin'"):
        report.acknowledgement_posted({"read": "1"}, "lin", viewer=HR)


@pytest.mark.parametrize("cycle", [SCORED, CALIBRATED])
@pytest.mark.parametrize("viewer", [LIN, HR])
def test_no_letter_and_no_appeal_before_publication(cycle: Cycle, viewer: Viewer) -> None:
    """Not even for who sees everybody: a letter that is printed is out."""
    for page in (letter, appeal):
        with pytest.raises(lp.errors.DataError, match="the result of lin: it is not published"):
            page(cycle, viewer)


def test_nobody_sees_the_letter_or_appeal_of_somebody_else() -> None:
    """Wu may not see lin."""
    wu = Viewer(who="wu", sees="self")
    for page in (letter, appeal):
        with pytest.raises(lp.errors.RightsError, match="'wu' may not see the figures of 'lin'"):
            page(PUBLISHED, wu)


def test_after_an_appeal_the_letter_is_of_the_last_publication() -> None:
    """Between the decision and the next publication the old one holds."""
    assert {"得分": "92 分", "等级": "B"}.items() <= figures(letter(UPHELD)).items()
    assert {"得分": "95 分", "等级": "A", "发布日期": "2026-07-09"} == figures(letter(ANEW))
    assert ["结果未经校准调整。"] == remarks(letter(ANEW), "校准情况")
    assert ["已提出申诉（目前：申诉成立），不能再次申诉。"] == remarks(letter(ANEW), "申诉")
    assert "申诉截止日（含当日）" not in figures(appeal(ANEW))


# ── appeals ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cycle", "day", "forms"),
    [
        (PUBLISHED, "2026-07-04", 1),
        (PUBLISHED, "2026-07-09", 1),
        (PUBLISHED, "2026-07-10", 0),
        (APPEALED, "2026-07-07", 0),
    ],
)
def test_the_form_is_there_while_an_appeal_can_be_opened(cycle: Cycle, day: str, forms: int) -> None:
    """Until July 9, once; and for lin alone."""
    assert forms == len(all_forms(appeal(cycle, as_of=day)))
    assert [] == all_forms(appeal(cycle, HR, as_of=day))
    assert [] == all_forms(appeal(cycle, as_of=day, target=None))


def test_an_appeal_that_was_withdrawn_may_be_opened_again() -> None:
    """As the table of moves says."""
    withdrawn = APPEALED.after(APPEALED.withdraw("lin", by="lin", at="2026-07-08"))
    assert 1 == len(all_forms(appeal(withdrawn, as_of="2026-07-09")))
    assert ("2026-07-08", "已撤回", "林晓（lin）", "") == rows(appeal(withdrawn), "经过")[-1]


def test_what_the_form_sends_opens_the_appeal() -> None:
    """As arguments of the command, which checks the day."""
    given = report.appeal_posted({"why": " 漏计\r\n一笔 ", "token": "t"}, "lin", viewer=LIN, besides=["token"])
    (event,) = PUBLISHED.appeal(**given, at="2026-07-06")
    assert ("lin", "漏计\n一笔") == (event.payee, event.why)


@pytest.mark.parametrize(
    ("posted", "message"),
    [
        ({}, "there is no reason"),
        ({"why": "  "}, "there is no reason"),
        ({"why": ["a", "b"]}, "there is more than one reason"),
        ({"why": "a", "grade": "A"}, "grade is no field of the form"),
    ],
)
def test_what_is_wrong_with_an_appeal_is_said(posted: dict[str, Any], message: str) -> None:
    """On the page that is shown again too."""
    with pytest.raises(lp.errors.DataError, match=f"the appeal of lin: {message}"):
        report.appeal_posted(posted, "lin", viewer=LIN)
    assert message in appeal(posted=posted).text("en")


def test_nobody_appeals_for_somebody_else() -> None:
    """Not even who may see lin."""
    with pytest.raises(lp.errors.RightsError, match="'hr' may not appeal for 'lin'"):
        report.appeal_posted({"why": "a"}, "lin", viewer=HR)


def test_the_history_says_who_did_what_and_when() -> None:
    """From the publication to the one that the appeal led to, and the results before and after."""
    page = appeal(ANEW, as_of="2026-07-10")

    assert [
        ("2026-07-04", "结果发布（第 1 版）", "陈东（chen）", ""),
        ("2026-07-06", "已提交，待受理", "林晓（lin）", "漏计一笔贷款"),
        ("2026-07-07", "已受理", "hr", ""),
        ("2026-07-08", "申诉成立", "陈东（chen）", "补录后重新计分"),
        ("2026-07-09", "结果发布（第 2 版）", "hr", ""),
    ] == rows(page, "经过")
    assert [("得分", "92", "95"), ("等级", "B", "A")] == rows(page, "申诉前后对比")
    assert {"状态": "申诉成立", "考核结果": "95 分"}.items() <= figures(page).items()


def test_a_result_that_is_not_published_anew_is_not_shown() -> None:
    """Lin reads that it is looked at; the points and the answer come with the publication."""
    page = appeal(UPHELD, as_of="2026-07-08").text("zh")
    assert "已受理" in page
    assert not [word for word in ("申诉成立", "95", "补录后重新计分") if word in page]
    assert "申诉成立，新的结果发布后在此显示。" in appeal(UPHELD, viewer=HR, as_of="2026-07-08").text("zh")


# ── all of them ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><b>"])
def test_hostile_texts_stay_texts(name: str) -> None:
    """Names of people and units, reasons, and what was typed."""
    plain, hostile = (
        [
            report.calibration_page(cycle, viewer=HR, people=people).html("zh"),
            letter(cycle, people=people, outcomes=outcomes_given(lp.Label(word, word))).html("zh"),
            appeal(cycle_appealed(cycle, word), people=people).html("zh"),
            appeal(cycle, people=people, posted={"why": word, word: word}).html("zh"),
        ]
        for word in ("x", name)
        for people in [organisation(dict.fromkeys(NAMES, word), dict.fromkeys(UNITS, word))]
        for cycle in [cycle_published(cycle_calibrated(cycle_scored(people=people), word))]
    )
    for before, after in zip(plain, hostile, strict=True):
        assert re.findall("<[a-z]+", before) == re.findall("<[a-z]+", after)
        assert len(after.encode()) <= 150 * 1024


@pytest.mark.parametrize(
    ("page", "wrong", "message"),
    [
        (calibration, {"viewer": "hr"}, "the viewer: it is no Viewer"),
        (calibration, {"cycle": []}, "the cycle: it is no Cycle"),
        (letter, {"cycle": []}, "the cycle: it is no Cycle"),
        (letter, {"people": []}, "the people: it is no Organisation"),
        (letter, {"reviews": 80}, "the reviews: it is no ReviewResult"),
        (letter, {"reviews": evolve(reviewed(), payee="wu")}, "the reviews: they are of wu in 2026-06"),
        (letter, {"outcomes": ["A"]}, "one of the outcomes: it is no PersonOutcome"),
        (appeal, {"target": "/x"}, "the target: it is no FormTarget"),
        (appeal, {"viewer": None}, "the viewer: it is no Viewer"),
    ],
)
def test_a_wrong_call_says_what_to_pass(page: Any, wrong: dict[str, Any], message: str) -> None:
    """Who embeds pages sees at once which argument it was."""
    with pytest.raises(lp.errors.DataError, match=message):
        page(**wrong)
