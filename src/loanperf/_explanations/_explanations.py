"""Explanations: what made a number, as a tree of data that prints in English and Chinese.

A node names a rule of `RULES` and holds the values that went into it, so that it can be stored, translated and
printed as text, HTML and JSON without computing anything again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from attrs import field, fields, frozen

from loanperf._explanations._cycles import OF_CYCLES
from loanperf._explanations._goals import OF_GOALS
from loanperf._explanations._labels import Label, html_of, in_words, one_line
from loanperf._explanations._learning import OF_LEARNING
from loanperf._explanations._outcomes import OF_OUTCOMES
from loanperf._explanations._reviews import OF_REVIEWS
from loanperf.errors import DataError, Language

RULES: Mapping[str, Label] = MappingProxyType(
    {
        "score": Label(
            "score of {payee} in {period}: {score} points{grade}",
            "{payee} {period} 得分：{score} 分{grade}",
        ),
        "score.scheme": Label(
            "scheme {scheme}, version {version}; profile {profile}{set_by}{phase}",
            "方案 {scheme}，版本 {version}；权重方案 {profile}{set_by}{phase}",
        ),
        "points.higher": Label(
            "{indicator}: {points} points = {weight} × {actual} / {target}",
            "{indicator}：{points} 分 = {weight} × {actual} / {target}",
        ),
        "points.lower": Label(
            "{indicator}: {points} points = {weight} × (2 − {actual} / {target})",
            "{indicator}：{points} 分 = {weight} × (2 − {actual} / {target})",
        ),
        "points.curve": Label(
            "{indicator}: {points} points = {weight} × {share} (curve at {at})",
            "{indicator}：{points} 分 = {weight} × {share}（曲线取值点 {at}）",
        ),
        "points.zero": Label(
            "{indicator}: {points} points, no reading counts as zero",
            "{indicator}：{points} 分，无数据按零分计",
        ),
        "points.left out": Label(
            "{indicator}: left out, no reading; its weight {weight} goes to the others in proportion",
            "{indicator}：无数据，不计分；其权重 {weight} 按比例分摊给其他指标",
        ),
        "attainment": Label("{share} of full marks before limits", "限额前得分率 {share}"),
        "capped": Label("limited to {share} of the weight", "得分率限定为 {share}"),
        "rounded": Label(
            "{exact} rounded to {places} decimal place(s), {rounding}",
            "{exact} 保留 {places} 位小数（{rounding}）",
        ),
        "shown": Label(
            "exactly {exact}, shown to {places} decimal place(s); only the total is rounded",
            "精确值 {exact}，显示 {places} 位小数；仅对总分舍入",
        ),
        "total": Label(
            "the points sum to exactly {exact}, rounded once to {places} decimal place(s), {rounding}",
            "各项得分精确合计 {exact}，对总分一次保留 {places} 位小数（{rounding}）",
        ),
        "reweighted": Label(
            "weight {before} becomes {weight}, since {missing} is left out",
            "因 {missing} 不计，权重由 {before} 变为 {weight}",
        ),
        "veto": Label(
            "veto: {indicator} at {actual} is {test} {limit}; the score becomes {score}",
            "一票否决：{indicator} 为 {actual}，{test} {limit}；总分记为 {score} 分",
        ),
        "veto.lower": Label(
            "veto: {indicator} at {actual} is {test} {limit}; the score is at most {most}, and is {score}",
            "一票否决：{indicator} 为 {actual}，{test} {limit}；总分不高于 {most} 分，现为 {score} 分",
        ),
        "reading.given": Label(
            "{indicator} = {value}, as supplied by the host",
            "{indicator} = {value}，由系统提供",
        ),
        "reading.kept": Label(
            "{indicator} = {value}, as measured from the facts of its time",
            "{indicator} = {value}，按当时的记录计算",
        ),
        "reading.sum": Label(
            "{indicator} = {value}, from {count}",
            "{indicator} = {value}，来自{count}",
        ),
        "reading.ratio": Label(
            "{indicator} = {numerator} / {denominator} = {value}, from {count}",
            "{indicator} = {numerator} / {denominator} = {value}，来自{count}",
        ),
        "formula": Label("formula: {formula}", "公式：{formula}"),
        "seen": Label("{fact}", "{fact}"),
        "fact": Label("{fact}: {amount}", "{fact}：{amount}"),
        "fact.ratio": Label("{fact}: {amount} of {whole}", "{fact}：{amount} / {whole}"),
        "target": Label("target {target}, {source}", "目标 {target}，{source}"),
        "award": Label(
            "bonus of {payee} in {period}: {amount}",
            "{payee} {period} 奖金：{amount}",
        ),
        "award.curve": Label("{result} from the curve at {at}", "曲线取值 {result}（取值点：{at}）"),
        "award.base": Label("{result} × {base} = {gross}", "{result} × {base} = {gross}"),
        "award.calibrated": Label(
            "calibrated from grade {before} to {after} by {by} on {at}: {why}",
            "等级校准：由 {before} 调整为 {after}（{by}，{at}）：{why}",
        ),
        "award.coefficient": Label(
            "coefficient of grade {grade} calibrated from {before} to {after} by {by} on {at}: {why}",
            "系数校准：等级 {grade} 的系数由 {before} 调整为 {after}（{by}，{at}）：{why}",
        ),
        "award.grade": Label(
            "grade {grade}: × {coefficient} = {gross}",
            "等级 {grade}：× {coefficient} = {gross}",
        ),
        "award.days": Label(
            "{days} of {of} days in role: × {share} = {gross}",
            "任职 {days}/{of} 天：× {share} = {gross}",
        ),
        "award.multiplier": Label(
            "× {factor}: {indicator} at {at}; {gross}", "× {factor}：{indicator} 为 {at}，得 {gross}"
        ),
        "award.gate": Label(
            "gate: {indicator} at {actual} forfeits {share}, {forfeited}; {left} is left",
            "门槛：{indicator}为 {actual}，扣减 {share}，即 {forfeited}；剩余 {left}",
        ),
        "award.gate passed": Label(
            "gate: {indicator} at {actual} forfeits nothing",
            "门槛：{indicator}为 {actual}，不扣减",
        ),
        "award.cap": Label("cap {limit}: {lost} is lost", "封顶 {limit}：超出的 {lost} 不发"),
        "award.floor": Label("floor {limit}: {added} is added", "保底 {limit}：补足 {added}"),
        "award.rounded": Label(
            "{exact} rounded to {amount}, {rounding}",
            "{exact} 舍入为 {amount}（{rounding}）",
        ),
        "award.at least": Label("no part of the pool below {limit}", "奖金池份额不低于 {limit}"),
        "award.at most": Label("no part of the pool above {limit}", "奖金池份额不高于 {limit}"),
        "award.stays": Label("{cut} above that stays undivided", "超出部分 {cut} 留存，不再分配"),
        "award.carried": Label("{cut} above that is carried to the next pool", "超出部分 {cut} 结转下期奖金池"),
        "award.by hand": Label(
            "distributed by hand by {by}: {now} for {before}, {why}", "{by} 二次分配：由 {before} 改为 {now}，{why}"
        ),
        "award.pool": Label(
            "{amount} of the pool {pool}: share {weight} of {total}",
            "从奖金池 {pool} 分得 {amount}：份额 {weight} / {total}",
        ),
        "accruals": Label(
            "commission of {payee} through {through}: {amount}", "{payee} 截至 {through} 的提成：{amount}"
        ),
        "accrual": Label(
            "commission of {payee}, {what}: {amount}, payable {on}", "{payee} 提成，{what}：{amount}，{on} 可发"
        ),
        "accrual.plan": Label(
            "plan {plan} of scheme {scheme}, version {version}", "提成方案 {plan}（方案 {scheme}，版本 {version}）"
        ),
        "accrual.role": Label("{which}: {role} in {unit}", "{which}：{unit} 的 {role}"),
        "accrual.base": Label(
            "base of loan {loan}: {base}, {whole} as of {on}; the part credited, {part}, is {amount}",
            "贷款 {loan} 的计提基数：{base}，截至 {on} 为 {whole}；归属比例 {part}，即 {amount}",
        ),
        "accrual.change": Label(
            "the base changes from {before}, which came to {was}, to {now}",
            "计提基数由 {before}（此前计提 {was}）变为 {now}",
        ),
        "accrual.member": Label("{member}: {amount}", "{member}：{amount}"),
        "accrual.converted": Label(
            "{amount} × {rate} = {converted} {into}, the rate of {on}{source}",
            "{amount} × {rate} = {converted} {into}，汇率日 {on}{source}",
        ),
        "accrual.of": Label("base: {base} = {amount}", "计提基数：{base} = {amount}"),
        "accrual.balance": Label(
            "average daily balance {average} × {year_part} of a year = {base}",
            "日均余额 {average} × 年化系数 {year_part} = {base}",
        ),
        "accrual.margin": Label(
            "average daily balance {average} × margin {margin} × {year_part} of a year = {base}",
            "日均余额 {average} × 利差 {margin} × 年化系数 {year_part} = {base}",
        ),
        "accrual.receipt": Label(
            "{kind} of {whole} on {on}; the part credited, {part}, is {base}",
            "{on} {kind} {whole}；归属比例 {part}，即 {base}",
        ),
        "accrual.tier": Label(
            "{what}{span}{quota}: {before} before, {after} after; tier: {rate} {start}{next}",
            "{span}{what}{quota}：此前 {before}，计入后 {after}；所在档次：{start} {rate}{next}",
        ),
        "accrual.tier read": Label(
            "{what}: {after}; tier: {rate} {start}{next}", "{what}：{after}；所在档次：{start} {rate}{next}"
        ),
        "accrual.cell": Label("{row}, {column}: {cells} in the table", "{row}、{column}：费率表中 {cells}"),
        "accrual.between cells": Label(
            "{row}, {column}: {rate}, which lies between {cells}", "{row}、{column}：插值得 {rate}（{cells}）"
        ),
        "accrual.slice": Label("{part} × {rate} = {amount}", "{part} × {rate} = {amount}"),
        "accrual.slice per": Label("{part} × {rate} / {per} = {amount}", "{part} × {rate} / {per} = {amount}"),
        "accrual.earlier": Label(
            "the tier reached changes what was paid before by {amount}", "所在档次使此前计提额变动 {amount}"
        ),
        "accrual.stage": Label(
            "stage {stage}: {reached} of {total} is due, {due}, less {earned} earned before",
            "{stage}阶段：应计提 {total} 的 {reached}，即 {due}，减去此前已计提的 {earned}",
        ),
        "accrual.ended": Label(
            "loan {loan} {stage} on {on}: what was earned is reversed", "贷款 {loan} 于 {on} {stage}：已计提部分冲销"
        ),
        "accrual.multiplier": Label("× {factor}: {indicator} at {at}", "× {factor}：{indicator} 为 {at}"),
        "accrual.gate": Label(
            "gate: {indicator} at {actual} forfeits {share}", "门槛：{indicator}为 {actual}，扣减 {share}"
        ),
        "accrual.cap": Label("cap {limit}: {taken} is {excess}", "封顶 {limit}：超出 {taken}（{excess}）"),
        "accrual.carried": Label("{amount} carried from the period before", "上期结转 {amount}"),
        "accrual.least": Label("least of the period {limit}: {added} is added", "本期保底 {limit}：补足 {added}"),
        "accrual.step": Label("{what}, {sum}, rounded {rounding}", "{what} {sum}，{rounding}"),
        "accrual.rounded": Label("{exact} rounded to {amount}, {rounding}", "{exact} 舍入为 {amount}（{rounding}）"),
        "more": Label("and {count} more", "另有 {count} 项"),
        **OF_GOALS,
        "entries": Label("entries of {payee}: {count}", "{payee} 的分录：{count} 笔"),
        "results": Label("results of {payee}: {count}", "{payee} 的考核结果：{count} 项"),
        "payments": Label("payments to {payee}: {count}", "付给 {payee} 的款项：{count} 笔"),
        "entry.earned": Label("{amount} earned on {on}", "{on} 计提 {amount}"),
        "entry.bonus": Label("bonus of {amount} for {cohort}", "{cohort} 奖金 {amount}"),
        "entry.carried": Label("{amount} carried over from the period before", "上期结转 {amount}"),
        "entry.person cap lost": Label(
            "the most for a person is {limit}: {off} is lost, {left} is left",
            "个人封顶 {limit}：超出的 {off} 不发，剩余 {left}",
        ),
        "entry.person cap carried": Label(
            "the most for a person is {limit}: {off} is carried to the next period, {left} is left",
            "个人封顶 {limit}：超出的 {off} 结转下期，剩余 {left}",
        ),
        "entry.set by hand": Label(
            "{amount}, set by hand by {by}: {why} ({evidence})",
            "{amount}，由 {by} 人工设定：{why}（{evidence}）",
        ),
        "entry.override": Label(
            "set by hand from {before} to {now} by {by}: {why} ({evidence})",
            "由 {by} 人工从 {before} 改为 {now}：{why}（{evidence}）",
        ),
        "entry.held": Label(
            "{amount} held: its part of {held}, kept back of the pay of {cohort}, {pay}",
            "预留风险金 {amount}：{cohort} 绩效 {pay} 共预留 {held}，按比例分摊",
        ),
        "entry.released": Label(
            "{amount} of {cohort} released on {on}, instalment {n} of {of}",
            "{on} 返还 {cohort} 风险金 {amount}，第 {n}/{of} 期",
        ),
        "entry.released opening": Label(
            "{amount} of {cohort} released on {on}, as it was agreed before the ledger began",
            "{on} 返还 {cohort} 风险金 {amount}（启用前已约定）",
        ),
        "entry.deferred": Label(
            "{amount} held until {until}: its part of {held}, kept back of the pay of {cohort}, {pay}",
            "延期支付 {amount} 至 {until}：{cohort} 薪酬 {pay} 共延期支付 {held}",
        ),
        "entry.deferred part": Label(
            "{amount} held until {until}: part {n} of {of} of {held}, kept back of the pay of {cohort}, {pay}",
            "延期支付 {amount} 至 {until}，第 {n}/{of} 期：{cohort} 薪酬 {pay} 共延期支付 {held}",
        ),
        "entry.released deferred": Label("{amount} of {cohort} released on {on}", "{on} 返还 {cohort} 递延 {amount}"),
        "entry.released part": Label(
            "{amount} of {cohort} released on {on}, part {n} of {of}",
            "{on} 返还 {cohort} 递延 {amount}，第 {n}/{of} 期",
        ),
        "entry.left": Label("{amount} of {cohort} forfeited: left by {on}", "止付 {cohort} 递延 {amount}：{on} 起离职"),
        "entry.decided": Label(
            "{amount} of the pay of {cohort} {what} on {on}, by {by}: {why} ({evidence})",
            "{on} 由 {by} {what} {cohort} 薪酬 {amount}：{why}（{evidence}）",
        ),
        "entry.released repaid": Label(
            "{amount} of {cohort} released on {on}: loan {loan} is repaid",
            "{on} 返还 {cohort} 风险金 {amount}：贷款 {loan} 已结清",
        ),
        "entry.released reversed": Label(
            "{amount} of {cohort} held no longer from {on}: what it was held of is reversed",
            "{on} 起不再预留 {cohort} 风险金 {amount}：对应计提已冲销",
        ),
        "entry.forfeited": Label(
            "{amount} forfeited of what was held: loan {loan} {event} on {on}, which takes {taken} of {earned}",
            "止付风险金 {amount}：贷款 {loan} {on} {event}，应扣 {taken}（原计提 {earned}）",
        ),
        "entry.taken": Label(
            "{amount} taken back: loan {loan} {event} on {on}, which takes {taken} of {earned}",
            "扣回 {amount}：贷款 {loan} {on} {event}，应扣 {taken}（原计提 {earned}）",
        ),
        "entry.reversed": Label(
            "{amount} reversed on {on}: loan {loan} {event}", "{on} 冲销 {amount}：贷款 {loan} {event}"
        ),
        "entry.clawed back": Label("{amount} of it was paid and is clawed back", "其中 {amount} 已发放，予以追索扣回"),
        "entry.cancelled": Label("{amount} of it was never paid and is cancelled", "其中 {amount} 未发放，予以取消"),
        "entry.refunded": Label(
            "{amount} given back on {on}: {part} of loan {loan} is recovered, which gives back {refund} of its part",
            "{on} 退还 {amount}：贷款 {loan} 已收回 {part}，按 {refund} 退还",
        ),
        "entry.guarantee": Label("{amount} up to the guaranteed {least}", "补足保底 {least}，补 {amount}"),
        "entry.draw": Label("{amount} advanced, by a draw of {least}", "预支 {amount}（预支标准 {least}）"),
        "entry.recovery": Label("{amount} of draws recovered from pay", "从绩效中扣回预支 {amount}"),
        "entry.waived": Label(
            "{amount} of draws waived: the time of recovery is over",
            "扣回期已满，豁免预支 {amount}",
        ),
        "entry.several": Label("{amount} in {count} parts", "共 {amount}，分 {count} 笔"),
        "entry.difference": Label("{before} was posted, {now} is due", "已入账 {before}，应为 {now}"),
        "entry.guard": Label(
            "{amount} is more than may be taken from the pay of a period; it is carried",
            "{amount} 超出当期可扣上限，转为待扣回",
        ),
        "entry.receivable raised": Label(
            "{amount} could not be taken from pay; it is carried as a receivable",
            "{amount} 无法从绩效中扣足，转为待扣回",
        ),
        "entry.receivable recovered": Label(
            "{amount} of receivables taken from pay", "从绩效中扣收待扣回款项 {amount}"
        ),
        "entry.returned": Label("{amount} came back: {state} {why}", "{amount} 未到账：{state} {why}"),
        "entry.paid": Label("{amount} paid", "发放 {amount}"),
        "entry.opening due": Label("{amount} was to be paid when the ledger began", "启用时应发 {amount}"),
        "entry.opening held": Label(
            "{amount} of {cohort} was held when the ledger began, to be released on {on}",
            "启用时预留 {cohort} 风险金 {amount}，约定 {on} 返还",
        ),
        "entry.opening receivable": Label("{amount} was owed when the ledger began", "启用时待扣回 {amount}"),
        "entry.opening draw": Label(
            "{amount} of the draws of plan {plan} was not repaid when the ledger began",
            "启用时方案 {plan} 的预支尚有 {amount} 未扣回",
        ),
        "entry.opening paid": Label("{amount} was paid before the ledger began", "启用前已发放 {amount}"),
        "entry.opening earned": Label(
            "{amount} was earned for loan {loan} in {cohort}, before the ledger began",
            "启用前 {cohort} 贷款 {loan} 已计提 {amount}",
        ),
        "entry.opening withheld": Label(
            "{amount} was held of what loan {loan} earned in {cohort}, before the ledger began",
            "启用前 {cohort} 贷款 {loan} 计提中已预留风险金 {amount}",
        ),
        "entry.opening released": Label(
            "{amount} of what was held for loan {loan} of {cohort} was released before the ledger began",
            "启用前 {cohort} 贷款 {loan} 的风险金已返还 {amount}",
        ),
        "entry.opening paid out": Label(
            "{amount} of what loans earned was paid before the ledger began", "启用前贷款计提已发放 {amount}"
        ),
        "entry.opening counted": Label(
            "{amount} of {cohort} counts for the tiers of {plan}/{component}, of loans: {loans}",
            "启用时方案 {plan} 的 {component} 已累计 {cohort} 业绩 {amount}，计 {loans} 笔，计入分档",
        ),
        "progress": Label("{who} in {period}, by {on}: {state}", "{who} {period}，截至 {on}：{state}"),
        "progress.indicator": Label("{indicator}: {actual}{target}", "{indicator}：{actual}{target}"),
        "progress.no reading": Label("{indicator}: no reading yet", "{indicator}：暂无数据"),
        "progress.due": Label(
            "{by}, {part} of the target is due, {due}: {ahead}", "{by}，应完成目标的 {part}，即 {due}：{ahead}"
        ),
        "progress.whole": Label("{by}, {due}: {ahead}", "{by} {due} 比较：{ahead}"),
        "progress.end": Label(
            "at this pace {actual} / {part} = {end} at the end", "按当前进度预计期末 {actual} / {part} = {end}"
        ),
        "progress.stays": Label("{end} at the end, if it stays", "若保持不变，期末为 {end}"),
        "progress.kept": Label(
            "{what}: {actual}, limit {limit} is kept, {margin} away",
            "{what}：{actual}，未触及限值 {limit}，相距 {margin}",
        ),
        "progress.broken": Label(
            "{what}: {actual}, limit {limit} is broken by {margin}{takes}",
            "{what}：{actual}，已触及限值 {limit}，超出 {margin}{takes}",
        ),
        "progress.capped": Label(
            "{what}: {actual}, {margin} above the limit {limit} earn nothing",
            "{what}：{actual}，超过上限 {limit} 的 {margin} 不计",
        ),
        "progress.worth": Label(
            "one loan of {loan}, up to the next tier, would earn {amount}",
            "再放一笔 {loan}，达到下一档，可得提成 {amount}",
        ),
        "progress.step": Label(
            "{indicator}: {more} {what}: {then}{worth}", "{indicator}：{more}，{what}：{then}{worth}"
        ),
        "progress.outlook": Label("with the readings expected at the end: {outlook}", "按预计期末完成值：{outlook}"),
        "progress.earned": Label("commission of the period so far: {amount}", "本期已计提成：{amount}"),
        "progress.more commission": Label("commission: {amount} more", "提成增加 {amount}"),
        "progress.tier": Label(
            "{what}: {reached} so far, at {rate}{next}", "{what}：已达 {reached}，适用 {rate}{next}"
        ),
        "progress.held": Label("{amount} held of {cohort}{next}", "{cohort} 预留风险金 {amount}{next}"),
        "progress.leads": Label(
            "leads: {assigned} assigned, {followed} followed, {converted} led to a loan",
            "线索：已分配 {assigned} 条，已跟进 {followed} 条，已转化 {converted} 条",
        ),
        "progress.lead waits": Label("lead {lead}, assigned on {on}, waits", "线索 {lead}（{on} 分配）待跟进"),
        "progress.trainings": Label(
            "trainings: {completed} of {due} completed", "培训：应完成 {due} 门，已完成 {completed} 门"
        ),
        "progress.training ahead": Label("{course}, due on {on}, is ahead", "{course}（{on} 截止）待完成"),
        "progress.member": Label("{who}: {score} points{grade}{state}", "{who}：{score} 分{grade}{state}"),
        "progress.next loan": Label(
            "one more loan of {who} in {period}, {loan}, would earn {earns}",
            "{who} {period} 再放一笔贷款（{loan}）可得 {earns}",
        ),
        "progress.moved": Label("the score moves: {now}; then {then}", "考核由 {now} 变为 {then}"),
        "entry.paid converted": Label(
            "{amount} paid as {paid}, at {rate} of {on} ({source})",
            "{amount} 折合 {paid} 发放，汇率 {rate}（{on}，{source}）",
        ),
        **OF_OUTCOMES,
        **OF_REVIEWS,
        **OF_CYCLES,
        **OF_LEARNING,
    }
)
"""The words of every rule. `{name}` stands for a value of the node."""


Values: TypeAlias = tuple[tuple[str, str | Label], ...]
"""The values of a node, each with its name."""
_Told = TypeVar("_Told")


def told(value: _Told | Callable[[], _Told]) -> _Told:
    """What is known already, or is worked out now that somebody asks."""
    return value() if callable(value) else value


@frozen
class Explanation:
    """One number: the rule that made it, the values that went in, and what those stand on."""

    rule: str = field()
    _values: Values | Callable[[], Values] = field(
        default=(), alias="values", eq=told, repr=lambda said: repr(told(said))
    )
    because: tuple[Explanation, ...] = ()
    _numbers: Mapping[str, Fraction] | Callable[[], Mapping[str, Fraction]] = field(
        factory=dict, alias="numbers", eq=False, repr=False
    )

    @rule.validator
    def _is_known(self, _: object, rule: str) -> None:
        if rule not in RULES:
            raise DataError("an explanation", f"no rule is called {rule!r}", "read it with the version that wrote it")

    @property
    def values(self) -> Values:
        """The values of its sentence by name; put into words when somebody asks."""
        return told(self._values)

    @property
    def numbers(self) -> Mapping[str, Fraction]:
        """The numbers behind its words, exact, for who goes on working with them; they are no part of its data."""
        return told(self._numbers)

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return carried(self, values=self.values, numbers=self.numbers)

    def sentence(self, language: Language = "en") -> str:
        """This node alone, without what it stands on; in Chinese with amounts as `in_words` writes them.

        Raises:
            DataError: the language is neither English nor simplified Chinese; see `text`.
        """
        values = {name: one_line(in_words(value, language, bare=name in _NUMBERS)) for name, value in self.values}
        return RULES[self.rule].to(language).format_map(values)

    def text(self, language: Language = "en") -> str:
        """The tree as indented lines.

        Args:
            language: `en` or `zh`, or any tag of English or simplified Chinese, such as `en-US`, `zh-CN`, `zh_Hans`.

        Raises:
            DataError: any other language.
        """
        return "\n".join(_lines(self, language, "", ""))

    def html(self, language: Language = "en") -> str:
        """The tree as a nested list; every value is escaped. Languages are those of `text`."""
        inner = "".join(f"<li>{child.html(language)}</li>" for child in self.because)
        return html_of(self.sentence(language)) + (f"<ul>{inner}</ul>" if inner else "")

    def data(self) -> dict[str, Any]:
        """The tree as plain dicts, lists and strings; `from_data` reads it back."""
        values: dict[str, object] = {}
        for name, value in self.values:
            values[name] = {"en": value.en, "zh": value.zh} if isinstance(value, Label) else value
        return {"rule": self.rule, "values": values, "because": [child.data() for child in self.because]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Explanation:
        """The inverse of `data`.

        Raises:
            DataError: it is not what `data` returns.
        """
        try:
            values = tuple(
                (name, Label(value["en"], value["zh"]) if isinstance(value, Mapping) else str(value))
                for name, value in data["values"].items()
            )
            node = cls(data["rule"], values, tuple(cls.from_data(child) for child in data["because"]))
            node.sentence()
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DataError(
                "an explanation", f"its data is not whole: {error!r}", "pass what data() returned"
            ) from None
        return node

    def json(self) -> str:
        """The tree as JSON, Chinese characters unescaped."""
        return json.dumps(self.data(), ensure_ascii=False)

    def __str__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return f"<div class='loanperf'>{self.html()}</div>"


_NUMBERS = frozenset(
    (
        *("actual", "added", "after", "amount", "at", "average", "base", "before", "converted", "denominator", "due"),
        *("earned", "exact", "excess", "forfeited", "gross", "held", "least", "left", "limit", "lost", "now", "off"),
        *("numerator", "paid", "part", "pay", "per", "pool", "reached", "score", "taken", "target", "total", "value"),
        *("was", "whole"),
    )
)
"""The names of values that are numbers; a bare number of another name may be a code, and is left as it is."""


def because(
    rule: str, values: Mapping[str, str | Label] | Callable[[], Mapping[str, str | Label]], *children: Explanation
) -> Explanation:
    """A node, written short; `values` may be what works them out when somebody asks."""
    if callable(values):
        return Explanation(rule, lambda: tuple(values().items()), children)
    return Explanation(rule, tuple(values.items()), children)


def printed(value: object, printer: Any, _: object) -> None:
    """How a notebook, or a test that fails, prints a value: as `repr` does, with nothing worked out for it."""
    printer.text(repr(value))


def carried(value: Any, **known: Any) -> tuple[Callable[[], Any], tuple[()]]:
    """What `pickle` makes a value of: its fields, and what is worked out of it now, since what does so stays here.

    Args:
        value: of a class of attrs.
        known: by the name of the argument, what takes the place of a field.
    """
    given = {one.alias: getattr(value, one.name) for one in fields(type(value)) if one.init and one.alias not in known}
    made: Callable[..., Any] = type(value)
    return partial(made, **given, **known), ()


def _lines(node: Explanation, language: Language, first: str, rest: str) -> list[str]:
    lines = [first + node.sentence(language)]
    for index, child in enumerate(node.because):
        last = index == len(node.because) - 1
        lines += _lines(child, language, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))
    return lines
