"""Words of the pages of reviews, calibration, results and appeals, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loanperf._explanations import Label

CYCLES: Mapping[str, Label] = MappingProxyType(
    {
        # ── forms ───────────────────────────────────────────────────────────────────────────────────────────
        "required": Label("(required)", "（必填）"),
        "put right": Label("to be put right", "请更正"),
        "unknown field": Label("{name} is no field of the form", "表单中没有“{name}”这一项"),
        "then": Label("; ", "；"),
        "days left": Label("days left: {days}", "剩余 {days} 天"),
        "over": Label("it has passed", "已截止"),
        "until": Label("until and including", "截止日（含当日）"),
        # ── reviews ─────────────────────────────────────────────────────────────────────────────────────────
        "review": Label("Review", "评价表"),
        "your review": Label("Your review", "您的评价"),
        "rated as": Label("you rate as", "评价人类别"),
        "after deadline": Label(
            "Until the end of {day} you can send the review, or take it back and give another. After that nothing can "
            "be changed, and a review that was not sent does not count.",
            "{day} 当日结束前，您可以提交评价，也可以撤回后重新评价。逾期不能再提交或修改，未提交的评价不计入结果。",
        ),
        "who sees": Label("Who sees what", "谁能看到什么"),
        "rater is hidden": Label(
            "Your name is not shown to {who}, nor to anybody who sees the result.",
            "{who} 以及能够查看结果的其他人，都不会看到您的姓名。",
        ),
        "rater is named": Label(
            "Your name, your points and what you write are shown to {who}, and to whoever may see the result.",
            "您的姓名、评分和文字意见会显示给 {who}，以及有权查看该结果的人。",
        ),
        "own review is named": Label(
            "This is your review of yourself. Whoever may see your result sees its points and what you write.",
            "这是您的自评。有权查看您结果的人会看到您的自评得分和文字意见。",
        ),
        "averaged": Label(
            "Your marks are shown only as an average with those of others.",
            "您的评分只与其他人的评分合并为平均分后显示。",
        ),
        "few are left out": Label(
            "With fewer than {least} reviews, none of this category is shown or counted.",
            "本类评价不足 {least} 份时，不显示，也不计入结果。",
        ),
        "few roll up": Label(
            "With fewer than {least} reviews they are averaged together with those of {into}.",
            "本类评价不足 {least} 份时，与“{into}”的评价合并计算。",
        ),
        "words are shown": Label(
            "Your comment and the notes that you cite are shown word for word, without your name: write nothing by "
            "which you could be told.",
            "文字意见和引用的记录会原文显示，但不署名；请不要写出可能让人认出您的内容。",
        ),
        "shown when closed": Label(
            "Nobody sees a result before the reviews are closed.", "评价结束之前，任何人都看不到结果。"
        ),
        "answered is seen": Label(
            "Whoever runs the reviews sees whether you have answered, and not what you say.",
            "评价的组织者能看到您是否已评价，看不到您的评价内容。",
        ),
        "form lead": Label(
            "Every item needs a mark. The comment is up to you.", "每一项都需要评分；文字意见可以不填。"
        ),
        "no form": Label("No review can be sent now.", "目前不能提交评价。"),
        "given lead": Label(
            "Sent on {day}. To change it, take it back before the deadline and give another.",
            "已于 {day} 提交。如需修改，请在截止日前撤回后重新评价。",
        ),
        "item": Label("item", "评价项目"),
        "mark": Label("mark", "评分"),
        "marks": Label("Marks", "评分"),
        "meaning": Label("meaning", "含义"),
        "scale": Label("from {low} to {high} in steps of {step}", "{low} 至 {high} 分，每档 {step} 分"),
        "anchor": Label("{mark}: {text}", "{mark}　{text}"),
        "comment": Label("Comment", "文字意见"),
        "comment note": Label(
            "What was done well, and what could be done better, by examples.",
            "请结合事例，写明做得好的和可以改进的地方。",
        ),
        "your notes": Label("Your notes", "您的记录"),
        "cited": Label("cited note", "引用记录"),
        "cite note": Label(
            "Notes that you wrote in the course of the period; those that you tick are shown with the review.",
            "您在考核期内写下的记录；勾选的会随评价一并显示。",
        ),
        "note of": Label("{day}: {text}", "{day}　{text}"),
        "send review": Label("Send the review", "提交评价"),
        "no mark": Label("{item}: there is no mark", "{item}：尚未评分"),
        "two marks": Label("{item}: there is more than one mark", "{item}：有多个评分"),
        "off the scale": Label(
            "{item}: {mark} is not on the scale from {low} to {high} in steps of {step}",
            "{item}：{mark} 不在 {low} 至 {high}（每档 {step}）的评分范围内",
        ),
        "two comments": Label("there is more than one comment", "有多条文字意见"),
        "no such note": Label(
            "a note is cited that is not yours about this person, or is there twice",
            "引用的记录不是您对此人所写，或重复引用",
        ),
    }
)
"""The words; `{name}` stands for a value. They are a part of `WORDS`."""
