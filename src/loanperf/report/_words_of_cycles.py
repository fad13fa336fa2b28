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
        # ── results of a cycle ──────────────────────────────────────────────────────────────────────────────
        "a grade": Label("grade", "等级"),
        "factor": Label("coefficient", "绩效系数"),
        "result": Label("Result", "考核结果"),
        "changed": Label("{before} → {after}, by {who} on {day}: {why}", "{before} → {after}，{who} 于 {day}：{why}"),
        "between names": Label(", ", "、"),
        "day": Label("day", "日期"),
        "was": Label("before", "调整前"),
        "is": Label("after", "调整后"),
        # ── calibration ─────────────────────────────────────────────────────────────────────────────────────
        "calibration": Label("Calibration", "绩效校准表"),
        "how to calibrate": Label("How it is done", "校准说明"),
        "calibrate grades": Label(
            "Calibration changes grades; scores stay. {may}", "校准只调整等级，不改变得分。{may}"
        ),
        "calibrate factors": Label(
            "Calibration changes coefficients; scores and grades stay. {may}",
            "校准只调整绩效系数，不改变得分和等级。{may}",
        ),
        "may calibrate": Label(
            "Whoever was a superior on {day}, or is in the panel, may change one, with a reason, and nobody their own. "
            "What is proposed is worked out from the shares, and changes nothing by itself.",
            "{day} 时的上级或校准小组成员可以调整，须写明理由，任何人不得校准本人。"
            "建议按强制分布要求测算，不会自动生效。",
        ),
        "all units": Label("All units", "全部单位"),
        "nobody": Label("There is nobody whom you may see.", "没有您可以查看的人员。"),
        "group not shown": Label(
            "Whether the shares are kept is not shown: you may not see everybody of this unit.",
            "您不能查看本单位的全部人员，因此不显示强制分布情况。",
        ),
        "shares": Label("Shares that are asked for", "强制分布要求"),
        "by grade": Label("People by grade", "各等级人数"),
        "asked": Label("asked for", "要求占比"),
        "allowed": Label("allowed", "允许人数"),
        "has share": Label("share", "实际占比"),
        "least to most": Label("{least} to {most}", "{least} 至 {most} 人"),
        "just": Label("{least}", "{least} 人"),
        "not applied": Label("not applied", "不适用"),
        "within": Label("kept", "符合"),
        "off": Label("not kept", "不符合"),
        "too many": Label("{by} too many", "多 {by} 人"),
        "too few": Label("{by} too few", "少 {by} 人"),
        "small group": Label(
            "The unit has {people} people with a grade, fewer than {smallest}: the shares are not applied to it.",
            "本组有等级的人员共 {people} 人，不足 {smallest} 人，不适用强制分布。",
        ),
        "shares kept": Label("Every grade has as many people as it may.", "各等级人数均在允许范围内。"),
        "shares off": Label(
            "Steps from a grade to the next that keep the shares, at the fewest: {count}.",
            "至少调整 {count} 人次（每次一级）才能符合分布要求。",
        ),
        "tie": Label("tie", "同分"),
        "tied": Label(
            "{names} have the same score, {score}, and grade, {before}. Of them {count} would get {after}: who it is, "
            "somebody has to decide.",
            "{names} 得分同为 {score}，等级同为 {before}，其中 {count} 人需调整为 {after}，由校准人决定。",
        ),
        "choice": Label("other ways", "其他方案"),
        "other ways": Label(
            "Between {better} and {worse} as few changes are enough in other ways: {least}, up to {most}.",
            "{better} 与 {worse} 之间，调整次数同样最少的还有其他方案：从“{least}”到“{most}”。",
        ),
        "nobody crosses": Label("nobody changes", "不调整"),
        "cross": Label("{count} from {before} to {after}", "{count} 人由 {before} 调整为 {after}"),
        "ungraded": Label("Not counted, without a grade: {names}.", "无等级，未计入：{names}。"),
        "left out": Label(
            "Not counted, since it is your own result, which is not published: {names}.",
            "您本人的结果尚未发布，未计入：{names}。",
        ),
        "role": Label("role", "岗位"),
        "grade before": Label("before", "校准前"),
        "grade after": Label("after", "校准后"),
        "factor before": Label("coefficient before", "校准前系数"),
        "factor after": Label("coefficient after", "校准后系数"),
        "proposed": Label("proposed", "建议"),
        "by and why": Label("who and why", "校准人与理由"),
        "to grade": Label("{before} → {after}", "{before} → {after}"),
        "some to grade": Label("{before} → {after}: {count} of {of}", "{before} → {after}：{of} 人中 {count} 人"),
        # ── letters ─────────────────────────────────────────────────────────────────────────────────────────
        "letter": Label("Notice of appraisal result", "绩效结果通知书"),
        "dear": Label(
            "To {who}, {role} in {unit}: this is the result of your appraisal.",
            "{who}，{unit} {role}：现将您的绩效考核结果通知如下。",
        ),
        "calibrated": Label("after calibration", "校准后"),
        "published on": Label("published on", "发布日期"),
        "version": Label("version {version}", "第 {version} 版"),
        "what changed": Label("Calibration", "校准情况"),
        "nothing changed": Label("The result is as it was computed.", "结果未经校准调整。"),
        "score stays": Label("The score stays as it was computed.", "得分未作改动。"),
        "reason": Label("reason", "理由"),
        "changed by": Label("by", "校准人"),
        "reviewed": Label("What reviews came to", "评价结果"),
        "reviews lead": Label(
            "By kind of rater; no anonymous rater is named.",
            "按评价人类别汇总，不显示匿名评价人。",
        ),
        "raters": Label("raters", "评价人类别"),
        "reviews": Label("reviews", "评价份数"),
        "average points": Label("points", "平均得分"),
        "too few reviews": Label("too few", "份数不足"),
        "follows": Label("What follows from it", "结果运用"),
        "outcome": Label("what", "事项"),
        "decided": Label("decided", "认定"),
        "course": Label("course", "培训课程"),
        "due on": Label("due on", "完成期限"),
        "acknowledgement": Label("Acknowledgement", "签收"),
        "no consent": Label(
            "Who signs confirms to have seen this notice. That is no consent, and an appeal stays possible.",
            "签收仅表示本人已阅知本通知，不代表同意考核结果，也不影响提出申诉。",
        ),
        "acknowledged on": Label("Acknowledged on {day}.", "已于 {day} 签收。"),
        "acknowledge by": Label("Please acknowledge it by {day}.", "请于 {day} 前（含当日）签收。"),
        "sign here": Label(
            "Signature: ____________________  Date: ______________",
            "签收人：____________________　日期：______________",
        ),
        "your confirmation": Label("Your confirmation", "本人确认"),
        "i have read": Label(
            "I have read the notice of this result, version {version}.",
            "本人已阅读本考核结果通知书（第 {version} 版）。",
        ),
        "send confirmation": Label("Confirm", "确认已阅"),
        "not ticked": Label("it is not confirmed that the notice was read", "尚未勾选确认已阅"),
        "no version": Label("what was sent names no version of the notice", "提交的内容未指明通知书的版本"),
        "to appeal": Label("How to appeal", "申诉"),
        "appeal until": Label(
            "An appeal can be opened until the end of {day}, in writing and with a reason, on the page of appeals.",
            "如有异议，可于 {day} 前（含当日）在申诉页面书面提出，并写明理由。",
        ),
        "appealed": Label(
            "An appeal was opened (now: {state}); another one cannot be.",
            "已提出申诉（目前：{state}），不能再次申诉。",
        ),
        "appeal to": Label("It is decided by one of: {who}.", "申诉由以下人员之一处理：{who}。"),
        "appeal by others": Label(" Not by who scored or calibrated the result.", "计分人和校准人不参与处理。"),
        # ── appeals ─────────────────────────────────────────────────────────────────────────────────────────
        "appeal": Label("Appeal", "绩效申诉"),
        "appeals until": Label("can be opened until", "申诉截止日（含当日）"),
        "not yet anew": Label(
            "The appeal was upheld. The new result is shown here once it is published.",
            "申诉成立，新的结果发布后在此显示。",
        ),
        "history": Label("What happened", "经过"),
        "what": Label("what", "事项"),
        "whose": Label("by", "经办人"),
        "words": Label("words", "说明"),
        "published as": Label("result published, version {version}", "结果发布（第 {version} 版）"),
        "was acknowledged": Label("result acknowledged", "结果签收"),
        "was and is": Label("Before and after", "申诉前后对比"),
        "part of result": Label("result", "项目"),
        "open appeal": Label("Open an appeal", "提出申诉"),
        "appeal lead": Label(
            "Until the end of {day}; after that the result stands. Who decides on it sees what you write, and the "
            "result stays in force meanwhile.",
            "可于 {day} 前（含当日）提出，逾期结果即为最终结果。处理人会看到您写的内容；处理期间原结果继续有效。",
        ),
        "your reason": Label("Your reason", "申诉理由"),
        "reason note": Label(
            "What is wrong, and what it should be: loans, days and amounts help.",
            "请写明哪里有误、应当如何；列出相关贷款、日期和金额有助于核实。",
        ),
        "send appeal": Label("Send the appeal", "提交申诉"),
        "no reason": Label("there is no reason", "尚未填写申诉理由"),
        "two reasons": Label("there is more than one reason", "有多条申诉理由"),
    }
)
"""The words; `{name}` stands for a value. They are a part of `WORDS`."""
