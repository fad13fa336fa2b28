"""The form of a review: who rates sees what to do and who sees it, and what they send becomes their review."""

import re
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cycles_to_show import NAMES, organisation, review_plan, reviews_begun

import loanperf as lp
from loanperf import report
from loanperf.reviews import Reviews, ReviewsPlanned, Submitted
from loanperf.viewer import Viewer

PEOPLE = organisation()
REVIEWS = reviews_begun(PEOPLE)
WU = Viewer(who="wu", sees="self")
TARGET = report.FormTarget(action="/reviews/lin", hidden={"csrf_token": "-a1=b2"})
RIGHT = {"mark.service": "4", "mark.risk": "87.5", "comment": "认真\r\n负责", "cite": "2"}


def page(viewer: Viewer = WU, reviews: Reviews = REVIEWS, **more: Any) -> report.Page:
    """The page of a rater of lin on July 8."""
    return report.review_page(
        reviews, "lin", viewer=viewer, **{"as_of": "2026-07-08", "target": TARGET, "people": PEOPLE, **more}
    )


def read(posted: dict[str, Any], viewer: Viewer = WU, **more: Any) -> Submitted:
    """What wu sent of lin."""
    return report.review_posted(posted, REVIEWS, "lin", viewer=viewer, at="2026-07-08", **more)


def fields(shown: report.Page, language: str = "en") -> dict[str, report.FormField]:
    """The fields of the form, by name."""
    return {one.name: one for part in shown.sections(language) for form in part.forms for one in form.fields}


# ── what is on it ───────────────────────────────────────────────────────────────────────────────────────────


def test_each_item_has_its_scale_with_anchors() -> None:
    """1 to 5 are buttons, of which three say what they mean; 0 to 100 in halves is typed in."""
    asked = fields(page(), "zh")

    assert ["mark.service", "mark.risk", "comment", "cite"] == list(asked)
    assert ["1　远低于要求", "2", "3　达到要求", "4", "5　表现突出"] == [
        one.text for one in asked["mark.service"].choices
    ]
    assert ("number", ("0", "100", "0.5")) == (asked["mark.risk"].kind, asked["mark.risk"].limits)
    assert "0 至 100 分，每档 0.5 分；60　合格" == asked["mark.risk"].note
    assert [True, True, False, False] == [one.is_required for one in asked.values()]


def test_notes_that_can_be_cited_are_the_raters_own_about_this_person() -> None:
    """Wu wrote one about lin and one about he; he wrote none."""
    assert [("2", "2026-06-20　帮助客户补齐了资料")] == [
        (one.value, one.text) for one in fields(page(), "zh")["cite"].choices
    ]
    assert "cite" not in fields(page(Viewer(who="he", sees="self")))


def test_a_peer_is_told_that_nobody_sees_their_name_and_a_superior_that_lin_does() -> None:
    """Three peers at least: with fewer, none of them is shown."""
    raters = [Viewer(who=who, sees="self") for who in ("wu", "zhou", "lin")]
    hidden, named, own = ([one.text for one in page(rater).sections("zh")[1].remarks] for rater in raters)

    assert "林晓（lin） 以及能够查看结果的其他人，都不会看到您的姓名。" == hidden[0]
    assert "本类评价不足 3 份时，不显示，也不计入结果。" in hidden
    assert "您的姓名、评分和文字意见会显示给 林晓（lin），以及有权查看该结果的人。" == named[0]
    assert "这是您的自评。" in own[0]
    assert hidden[-1] == named[-1] == "评价的组织者能看到您是否已评价，看不到您的评价内容。"


@pytest.mark.parametrize(
    ("day", "note", "forms"),
    [
        ("2026-06-30", "days left: 10", 0),
        ("2026-07-01", "days left: 9", 1),
        ("2026-07-10", "days left: 0", 1),
        ("2026-07-11", "it has passed", 0),
    ],
)
def test_the_form_is_there_from_the_first_day_to_the_deadline(day: str, note: str, forms: int) -> None:
    """From 1 to 10 July, both days included."""
    shown = page(as_of=day)
    (until,) = [one for one in shown.sections()[0].figures if one.value == "2026-07-10"]

    assert forms == sum(len(part.forms) for part in shown.sections())
    assert note == until.note
    assert bool(forms) != ("No review can be sent now." in shown.text())


def test_a_review_that_was_sent_is_shown_to_who_sent_it_without_a_form() -> None:
    """To send another one, it is taken back first."""
    sent = REVIEWS.after(REVIEWS.answer(read(RIGHT), by="wu"))
    shown = page(reviews=sent)
    (_, _, own) = shown.sections("zh")

    assert {} == fields(shown)
    assert [("客户服务", "4", ""), ("风险意识", "87.5", "")] == [row.cells for row in own.tables[0].rows]
    assert ["认真\n负责", "帮助客户补齐了资料"] == [one.text for one in own.remarks]
    assert fields(page(Viewer(who="he", sees="self"), sent))


@pytest.mark.parametrize("who", ["chen", "hr"])
def test_nobody_else_is_shown_the_form(who: str) -> None:
    """Not even who sees everybody: a review is given by who was invited."""
    everybody = Viewer(who=who, sees="all")
    with pytest.raises(lp.errors.RightsError, match=f"'{who}' may not review 'lin'"):
        page(everybody)
    with pytest.raises(lp.errors.RightsError, match=f"'{who}' may not review 'lin'"):
        read(RIGHT, everybody)


# ── what it sends ───────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_sent_becomes_the_review() -> None:
    """Of the rater who is known to the host, in the category of their invitation; the token is the host's."""
    event = read({**RIGHT, "csrf_token": "-a1=b2"}, besides=["csrf_token"])

    assert (
        Submitted(
            ratee="lin",
            rater="wu",
            category="peers",
            marks={"service": 4, "risk": "87.5"},
            comment="认真\n负责",
            cites=[2],
            at="2026-07-08",
        )
        == event
    )
    assert (event,) == REVIEWS.answer(event, by="wu")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"mark.service": ""}, "Service to customers: there is no mark"),
        ({"mark.service": ["4", "5"]}, "Service to customers: there is more than one mark"),
        ({"mark.service": "6"}, "Service to customers: 6 is not on the scale from 1 to 5 in steps of 1"),
        ({"mark.service": "4.5"}, "4.5 is not on the scale"),
        ({"mark.risk": "87.25"}, "Care: 87.25 is not on the scale from 0 to 100 in steps of 0.5"),
        ({"mark.risk": "1e2"}, "Care: 1e2 is not on the scale"),
        ({"mark.risk": "８０"}, "Care: ８０ is not on the scale"),
        ({"mark.risk": "1/0"}, "Care: 1/0 is not on the scale"),
        ({"mark.other": "3"}, "mark.other is no field of the form"),
        ({"csrf_token": "x"}, "csrf_token is no field of the form"),
        ({"rater": "he"}, "rater is no field of the form"),
        ({"cite": "3"}, "a note is cited that is not yours about this person"),
        ({"cite": ["2", "2"]}, "or is there twice"),
        ({"comment": ["a", "b"]}, "there is more than one comment"),
        ({"comment": "\0"}, "the field 'comment' of what a form sent: it has the character 0"),
        ({"comment": 3}, "the field 'comment' is 3"),
        ({"mark.service": None}, "the field 'mark.service' is None"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, Any], message: str) -> None:
    """Nothing is guessed: a field that the form does not have may be one that somebody misspelt."""
    with pytest.raises(lp.errors.DataError, match=re.escape(message)):
        read({**RIGHT, **wrong})


def test_all_that_is_wrong_is_said_at_once_and_shown_at_its_field() -> None:
    """Who mends one fault must not find the next one after that; what was right stays filled in."""
    posted = {"mark.risk": "101", "comment": "=好", "other": "x"}
    with pytest.raises(lp.errors.DataError, match=r"other is no field .*; .* no mark; Care: 101 is not"):
        read(posted)
    shown = page(posted=posted)
    asked = fields(shown, "zh")

    assert "客户服务：尚未评分" == asked["mark.service"].fault
    assert "风险意识：101 不在 0 至 100（每档 0.5）的评分范围内" == asked["mark.risk"].fault
    assert (("101",), ("=好",)) == (asked["mark.risk"].given, asked["comment"].given)
    assert ">\n=好</textarea>" in shown.html("zh")
    assert 3 == len(shown.sections("zh")[2].remarks)


@given(service=st.integers(1, 5), risk=st.integers(0, 200))
@settings(max_examples=30, deadline=None)
def test_every_answer_that_the_form_offers_is_read_as_it_is(service: int, risk: int) -> None:
    """A form that offered what is refused would be worse than none."""
    offered = fields(page())["mark.service"].choices[service - 1].value
    half = "" if risk % 2 == 0 else ".5"
    event = read({"mark.service": offered, "mark.risk": f"{risk // 2}{half}"})

    assert {"service": Fraction(service), "risk": Fraction(risk, 2)} == event.marks


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_form_is_html_that_is_sent_to_the_host_and_nowhere_else() -> None:
    """A token stays as it is, though it begins like a formula; and a browser says from where the form comes."""
    html = page().html("zh")

    assert '<form method="post" action="/reviews/lin"' in html
    assert '<input type="hidden" name="csrf_token" value="-a1=b2">' in html
    assert "form-action 'self'; base-uri 'none'" in html.replace("&#39;", "'")
    assert 'name="referrer" content="same-origin"' in html
    assert 5 == html.count('type="radio" name="mark.service"')
    assert "<legend>客户服务 " in html
    assert "<script" not in html
    elsewhere = report.FormTarget(action="https://hr.example:8443/reviews?of=lin")
    assert "form-action https://hr.example:8443;" in page(target=elsewhere).html()
    assert "form-action 'none'" in page(target=None).html().replace("&#39;", "'")
    assert "no-referrer" in page(target=None).html()


@pytest.mark.parametrize(
    "action",
    [
        "javascript:alert(1)",
        "//evil.example/x",
        "/\\evil.example",
        "http://hr.example/",
        "",
        "/林",
        "/a b",
        "reviews",
        7,
    ],
)
def test_an_action_is_a_path_or_an_https_address(action: Any) -> None:
    """What somebody says of a colleague goes to the host, encrypted, or nowhere."""
    with pytest.raises(lp.errors.DataError, match="the target of a form: its action is"):
        report.FormTarget(action=action)


@pytest.mark.parametrize("hidden", [["token"], {"token": 7}, {"": "x"}, "token", {"token": "\ud800"}])
def test_hidden_fields_are_texts(hidden: Any) -> None:
    """A number would come back as a text."""
    with pytest.raises(lp.errors.DataError, match="the hidden fields of a form"):
        report.FormTarget(action="/x", hidden=hidden)


def test_a_hidden_field_with_the_name_of_another_is_refused() -> None:
    """One of the two would be taken for the other."""
    with pytest.raises(lp.errors.DataError, match="the form review: two of its fields are called 'comment'"):
        page(target=report.FormTarget(action="/x", hidden={"comment": "x"})).html()


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</textarea><b>", "{{ 7 }}"]
)
def test_hostile_texts_stay_texts(text: str) -> None:
    """The name of an item, a person, a note and what was typed come from anywhere."""
    people = organisation({**NAMES, "lin": text})
    reviews = reviews_begun(people, review_plan(lp.Label(text, text)), note=text)
    html = page(reviews=reviews, people=people, posted={"comment": text, text: text}).html("zh")
    plain = page(posted={"comment": "x", "y": "x"}).html("zh")

    assert re.findall("<[a-z]+", plain) == re.findall("<[a-z]+", html)
    assert len(html.encode()) < 150 * 1024


def test_a_scale_whose_steps_do_not_end_has_buttons() -> None:
    """1/3 cannot be typed as a decimal number; there are 13 marks from 0 to 4."""
    form = review_plan().form
    thirds = evolve(form.items[0].scale, low=0, high=4, step="1/3", anchors={})
    plan = evolve(review_plan(), form=evolve(form, items=[evolve(form.items[0], scale=thirds), form.items[1]]))
    shown = fields(page(reviews=reviews_begun(plan=plan)))["mark.service"]

    assert ["0", "1/3", "2/3", "1"] == [one.value for one in shown.choices[:4]]
    assert 13 == len(shown.choices)
    assert isinstance(REVIEWS.lines([ReviewsPlanned(plan=plan, by="hr", at="2026-06-01")]), list)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"viewer": "wu"}, "the viewer: it is no Viewer"),
        ({"reviews": []}, "the reviews: it is no Reviews"),
        ({"target": "/x"}, "the target: it is no FormTarget"),
        ({"people": []}, "the people: it is no Organisation"),
        ({"posted": "x"}, "what a form sent: it is 'x'"),
    ],
)
def test_a_wrong_call_says_what_to_pass(wrong: dict[str, Any], message: str) -> None:
    """Who embeds the page sees at once which argument it was."""
    with pytest.raises(lp.errors.DataError, match=message):
        page(**wrong)
