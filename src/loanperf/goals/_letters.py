"""Letters: (targets or scheme, payee, period) -> the document that the payee is shown to confirm, in both languages.

Rules are said in the words in which differences of schemes are told, so that no rule is put into words twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve

from loanperf._appraisal import unscorable
from loanperf._commission import DatedPlan
from loanperf._explanations import Label, Language, period_label
from loanperf._indicators import Indicator
from loanperf._org import Assignment, Organisation
from loanperf._periods import Period, must_be_period
from loanperf._quantities import Quantity, percent
from loanperf._scheme import Scheme
from loanperf._scheme._documents import document_of
from loanperf._scheme._entries import DIMENSIONS, indicators_of
from loanperf._scheme._said import Names, word_for, words_at, words_for
from loanperf._scheme._words import ITEMS
from loanperf._scorecard import Card, CardLine, value_of, value_text
from loanperf._targets import Target
from loanperf._validators import each_of, must_be
from loanperf.errors import DataError, ResolveError, UnknownIndicatorError
from loanperf.goals._days import cut_to_days
from loanperf.goals._proposals import Document

_TITLES = {
    "targets": Label("Targets of {who} for {period}", "{who} {period} 目标确认书"),
    "plan": Label("Pay plan of {who} for {period}", "{who} {period} 个人方案书"),
}
_BY = Label(
    "By the scheme “{scheme}”, version {version}, in force from {effective}{more}.",
    "依据方案“{scheme}”，版本 {version}，自 {effective} 起生效{more}。",
)
_PROFILE, _PHASE = Label(", profile {}", "，权重方案 {}"), Label(", phase {}", "，阶段 {}")
_SET_BY = Label(", weights set by {}", "，权重由 {} 设定")
_HEADS = {
    "targets": Label("| indicator | target |\n|---|---|", "| 指标 | 目标 |\n|---|---|"),
    "score": Label(
        "## Score\n\n| indicator | weight | target | scored by |\n|---|---|---|---|",
        "## 评分\n\n| 指标 | 权重 | 目标 | 计分规则 |\n|---|---|---|---|",
    ),
    "bonus": Label("## Bonus", "## 奖金"),
    "plan": Label("## Commission: {}", "## 提成：{}"),
    "pay": Label("## Payout", "## 发放规则"),
}
_EACH = Label("each indicator", "各指标")
_DIRECTION = Label("direction", "指标方向")
"""What the rule of a score says: whether higher or lower is better, or a curve."""
_ANSWER = Label("It is in force once you confirm it.", "经您确认后生效。")
_SILENCE = Label(
    "It is in force once you confirm it, or {days} after it was proposed if you neither confirm nor refuse it.",
    "经您确认后生效；自提出之日起 {days}内未确认也未提出异议的，视为确认。",
)


def target_letter(targets: Iterable[Target], scheme: Scheme, period: Period, *, organisation: Organisation) -> Document:
    """Write the letter in which a payee is asked to confirm their targets for a period.

    Of a payee who is there on some days of it alone it says what they come to on these days, as a run cuts them.

    Args:
        targets: of one payee, each of its own indicator; without a period they are of this one.
        scheme: says what the indicators are called, and after which days silence confirms.
        period: which will be worked.
        organisation: knows the name of the payee.

    Raises:
        DataError: there is no target, or they are of several payees or another period.
        TargetError: nothing can be scored against a target by the card of the payee, as `lp.appraise` would say.
        UnknownIndicatorError: the scheme and the catalogue do not know an indicator.
        UnitError: a target is in another unit than its indicator.

    >>> import loanperf as lp
    >>> april, lin = lp.Period.month(2026, 4), lp.Target(payee="lin", indicator="loan_amount", value="120万元")
    >>> letter = target_letter([lin], lp.template("worked-example"), april, organisation=lp.Organisation())
    >>> print(letter.to("zh").rstrip())
    # lin 2026-04 目标确认书
    <BLANKLINE>
    | 指标 | 目标 |
    |---|---|
    | 贷款额 | 120 万元 |
    <BLANKLINE>
    经您确认后生效。
    """
    given = each_of(targets, Target, "targets", "pass a list of lp.Target")
    _must_be_asked(scheme, period, organisation)
    if len({target.payee for target in given}) != 1:
        fault = f"they are of {len({target.payee for target in given})} payees"
        raise DataError("the targets of a letter", fault, "pass those of one payee")
    _must_be_for(given, period)
    known, payee = indicators_of(scheme.indicators), given[0].payee
    held: list[Target] = []
    rows: list[tuple[Label, Label]] = []
    cards = _cards_of(scheme, payee, period, organisation)
    for target in sorted(given, key=lambda one: one.indicator):
        if target.indicator not in known:
            raise UnknownIndicatorError(target.indicator, tuple(known))
        item = known[target.indicator]
        value = value_of(item, target.value, scheme.currency, "the target")
        for line in (line for card in cards for line in card.lines if line.indicator.code == item.code):
            _must_be_scorable(line, value)
        held.append(evolve(target, period=period, value=value))
        rows.append((item.name, _said_of(scheme, item, value, organisation.assignments_in(payee, period), period)))

    def text(language: Language) -> str:
        cells = [f"| {_plain(name.to(language))} | {value.to(language)} |" for name, value in rows]
        top = _title("targets", payee, period, organisation, language)
        return "\n".join([top, "", _HEADS["targets"].to(language), *cells, "", _answer(scheme, language)]) + "\n"

    return Document(of="targets", payee=payee, period=period, targets=held, text=Label(text("en"), text("zh")))


def _cards_of(scheme: Scheme, payee: str, period: Period, organisation: Organisation) -> tuple[Card, ...]:
    """The cards by which a payee is measured in a period; of who is not there that of anybody, none where none fits."""
    found = list[Card]()
    try:
        for held, part in organisation.assignments_in(payee, period):
            found.append(scheme.resolve(period=part, **_whose(held, part, organisation)))
        return tuple(found) or (scheme.resolve(period=period),)
    except ResolveError:
        return tuple(found)


def _must_be_scorable(line: CardLine, target: Quantity) -> None:
    error = unscorable(line, target)
    if error is not None:
        raise error


def _said_of(
    scheme: Scheme, item: Indicator, value: Quantity, held: Iterable[tuple[Assignment, Period]], period: Period
) -> Label:
    """A target, with what it comes to of a payee who is there on some days alone."""
    whole = Label(value_text(item, value), value_text(item, value, "zh"))
    cut, days = cut_to_days(scheme, item, value, (part for _, part in held), period)
    if days == period.days:
        return whole
    return Label(
        f"{whole.en}, cut to {days} of {period.days} days: {value_text(item, cut)}",
        f"{whole.zh}，按在岗 {days}/{period.days} 天折算为 {value_text(item, cut, 'zh')}",
    )


def plan_document(
    scheme: Scheme, payee: str, period: Period, *, organisation: Organisation, targets: Iterable[Target] = ()
) -> Document:
    """The scheme as it applies to one payee in a period, on a page, in words: what they are measured and paid by.

    Weights, targets, limits, grades, the bonus with its curve, gates and cap, commission with rates, tiers and stages,
    what is held back and taken back, and how pay is netted. Of a payee whose role changes in the period it is the
    first that counts.

    Args:
        scheme: the version in force.
        payee: the code.
        period: any time within which it is to hold; weights and phase are those of its first day.
        organisation: knows the payee's role and unit.
        targets: those of the payee, for the period; others are as the scheme states them, for each period that is
            worked. Of a payee who is there on some days of their period alone it says what they come to on these.

    Raises:
        DataError: the payee has no assignment in the period; a target is of somebody else, or of no indicator with a
            weight.
        ResolveError: the scheme is not in force, or no profile or plan fits.
    """
    _must_be_asked(scheme, period, organisation)
    where = f"the plan document of {payee} for {period}"
    own = _own_targets(targets, payee, period, where)
    held = organisation.assignments_in(payee, period)
    if not held:
        raise DataError(where, f"{payee} has no assignment in it", "mend the code, or add an assignment")
    card, plan = applies_to(scheme, held[0][0], held[0][1], organisation)
    names = {item.code: item.name for item in (*DIMENSIONS, *scheme.dimensions)}
    names |= {code: item.name for code, item in indicators_of(scheme.indicators).items()}
    lines = () if card is None else tuple(_with_own(card, line, own) for line in card.lines)
    unknown = sorted(own.keys() - {line.indicator.code for line in lines})
    if unknown:
        raise DataError(where, f"{unknown[0]} has no weight there", "leave its target out")
    stated = [*_stated(scheme, payee, period, lines, own, held)]
    said = {target.indicator: text for target, text in stated}

    def text(language: Language) -> str:
        found = [_title("plan", payee, period, organisation, language), "", _by_which(scheme, card, language)]
        if card is not None:
            found += ["", *_score(card, lines, said, names, language)]
        if card is not None and card.bonus is not None:
            bonus = document_of({"bonus": card.bonus})["bonus"]
            found += ["", _HEADS["bonus"].to(language), "", *_rules(("bonus",), bonus, names, language)]
        if plan is not None:
            found += ["", *_commission(plan, names, language)]
        if scheme.pay is not None and (pay := document_of({"pay": scheme.pay})["pay"]):
            found += ["", _HEADS["pay"].to(language), "", *_rules(("pay",), pay, names, language)]
        return "\n".join([*found, "", _answer(scheme, language)]) + "\n"

    return Document(
        of="plan",
        payee=payee,
        period=period,
        targets=sorted((target for target, _ in stated), key=lambda one: one.indicator),
        basis=basis_of(scheme, card, plan),
        text=Label(text("en"), text("zh")),
    )


def _own_targets(targets: Iterable[Target], payee: str, period: Period, where: str) -> dict[str, Target]:
    """The targets of a payee for a plan document, by code of indicator.

    Raises:
        DataError: one is of somebody else, or of another period.
    """
    own = {target.indicator: target for target in each_of(targets, Target, "targets", "pass a list of lp.Target")}
    others = sorted({target.payee for target in own.values()} - {payee})
    if others:
        raise DataError(where, f"a target is of {others[0]}", "give targets of the payee for the period")
    _must_be_for(own.values(), period)
    return own


def _stated(
    scheme: Scheme,
    payee: str,
    period: Period,
    lines: Iterable[CardLine],
    own: Collection[str],
    held: Sequence[tuple[Assignment, Period]],
) -> Iterator[tuple[Target, Label]]:
    """The targets of lines, as a plan document keeps and says them; one of no period is of every one that is worked."""
    for line in lines:
        item = line.indicator
        if line.target is not None:
            when = period if item.code in own or _is_worked(scheme, period) else None
            whole = Label(value_text(item, line.target), value_text(item, line.target, "zh"))
            said = whole if when is None else _said_of(scheme, item, line.target, held, when)
            yield Target(payee=payee, indicator=item.code, value=line.target, period=when), said


def _is_worked(scheme: Scheme, period: Period) -> bool:
    """Whether a period is one for which targets of a scheme are stated: a pay period, else a month."""
    return period.months == 1 if scheme.calendar is None else scheme.calendar.period(period.start) == period


def applies_to(
    scheme: Scheme, held: Assignment, part: Period, organisation: Organisation
) -> tuple[Card | None, DatedPlan | None]:
    """The card and the commission plan of an assignment on some days; None where the scheme has none for anybody.

    Raises:
        ResolveError: the scheme is not in force, or no profile or plan fits.
    """
    whose = _whose(held, part, organisation)
    card = scheme.resolve(period=part, **whose) if scheme.profiles else None
    return card, scheme.plan(on=part.start, **whose) if scheme.plans else None


def _whose(held: Assignment, part: Period, organisation: Organisation) -> dict[str, Any]:
    """By what a card or plan is chosen for an assignment."""
    units = organisation.path(held.unit, part.start) if organisation.units else ()
    return {"role": held.role, "product_line": held.product_line, "tier": held.tier, "units": units}


def basis_of(scheme: Scheme, card: Card | None, plan: DatedPlan | None) -> str:
    """By what a plan document was made: the version of the scheme, profile, units that set weights, phase and plan.

    A plan that was confirmed holds as long as these are the same; another one is a change, and is confirmed anew.
    """
    of_card = () if card is None else (card.profile, "+".join(card.set_by), card.phase)
    return "/".join((scheme.fingerprint, *of_card, "" if plan is None else plan.plan.code))


# ── sections ────────────────────────────────────────────────────────────────────────────────────────────────


def _title(of: str, payee: str, period: Period, organisation: Organisation, language: Language) -> str:
    name = organisation.name(payee)
    both = Label(f"{name} ({payee})", f"{name}（{payee}）") if name != payee else Label(payee)
    return "# " + _TITLES[of].to(language).format(
        who=_plain(both.to(language)), period=period_label(period).to(language)
    )


def _by_which(scheme: Scheme, card: Card | None, language: Language) -> str:
    more = ""
    if card is not None:
        parts = ((_PROFILE, card.profile), (_PHASE, card.phase), (_SET_BY, ", ".join(card.set_by)))
        more = "".join(label.to(language).format(_plain(said)) for label, said in parts if said)
    name = _plain((scheme.title or Label(scheme.name)).to(language))
    said = _BY.to(language)
    return said.format(scheme=name, version=scheme.fingerprint, effective=scheme.effective, more=more)


def _with_own(card: Card, line: CardLine, own: Mapping[str, Target]) -> CardLine:
    """A line with the target of its payee."""
    code = line.indicator.code
    if code not in own:
        return line
    target = value_of(line.indicator, own[code].value, card.currency, "the target")
    _must_be_scorable(line, target)
    return evolve(line, target=target)


def _score(
    card: Card, lines: tuple[CardLine, ...], said: Mapping[str, Label], names: Names, language: Language
) -> Iterator[str]:
    """The table of weights and targets, what all lines have in common, vetoes and grades."""
    yield _HEADS["score"].to(language)
    rules = [document_of({"scoring": line.scoring})["scoring"] for line in lines]
    words = {**names, "rule": _DIRECTION}
    common = {key: part for key, part in rules[0].items() if all(rule.get(key) == part for rule in rules)}
    for line, rule in zip(lines, rules, strict=True):
        target = said.get(line.indicator.code, Label("")).to(language)
        own = {key: part for key, part in rule.items() if key not in common}
        name = _plain(line.indicator.name.to(language))
        yield f"| {name} | {percent(line.weight)} | {target} | {_listed(own, words, language)} |"
    yield ""
    yield f"- {_EACH.to(language)}{_colon(language)}{_listed(common, words, language)}"
    for veto in document_of({"vetoes": card.vetoes}).get("vetoes", ()):
        name = word_for(veto["indicator"], names, language)
        yield _item("vetoes", name, {key: part for key, part in veto.items() if key != "indicator"}, names, language)
    for code, grade in document_of({"grades": card.grades}).get("grades", {}).items():
        name = words_for(grade.pop("name", ""), {}, language)
        yield _item("grades", f"{code} {name}".strip(), grade, names, language)


def _item(section: str, name: str, parts: Mapping[str, Any], names: Names, language: Language) -> str:
    what = ITEMS[section].to(language).format(_plain(name))
    return f"- {what}{_colon(language)}{_listed(parts, names, language)}"


def _commission(plan: DatedPlan, names: Names, language: Language) -> Iterator[str]:
    """The components of a plan, then its other rules."""
    said = document_of({"plan": plan.plan})["plan"]
    title = said.pop("name", plan.plan.code)
    yield _HEADS["plan"].to(language).format(_plain(words_for(title, {}, language)))
    yield ""
    within = words_at(("plans",), names)
    for code, component in said.pop("components").items():
        name = words_for(component.pop("name", code), {}, language)
        yield f"- **{_plain(name)}**{_colon(language)}{_listed(component, within, language)}"
    yield from _rules(("plans",), said, names, language)


def _rules(path: tuple[str, ...], parts: Mapping[str, Any], names: Names, language: Language) -> Iterator[str]:
    """A line a rule."""
    for key, part in parts.items():
        within = words_at((*path, key), names)
        yield f"- {word_for(key, within, language)}{_colon(language)}{_plain(words_for(part, within, language))}"


def _listed(parts: Mapping[str, Any], names: Names, language: Language) -> str:
    """Keys with what they say, one behind the other."""
    said = (f"{word_for(key, names, language)} {words_for(part, names, language)}" for key, part in parts.items())
    return _plain(Label("; ", "；").to(language).join(said))


def _colon(language: Language) -> str:
    return Label(": ", "：").to(language)


def _answer(scheme: Scheme, language: Language) -> str:
    """When it is in force."""
    rules = scheme.confirmation
    if rules is None or rules.silence_days is None:
        return _ANSWER.to(language)
    days = rules.silence_days
    said = Label(f"{days} day{'' if days == 1 else 's'}", f"{days} 天")
    return _SILENCE.to(language).format(days=said.to(language))


_MARKUP = re.compile(r"[\\`*\[\]|~]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
"""What Markdown would not print as it stands; an underscore within a word, as in a code, is printed."""


def _plain(text: str) -> str:
    """Text of one line in which nothing is markup: no link, image, code, emphasis, tag or cell of a table."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split())).replace("<", "&lt;")


def _must_be_asked(scheme: Scheme, period: Period, organisation: Organisation) -> None:
    must_be(scheme, Scheme, "scheme", "pass lp.Scheme, such as book.at(period.start)")
    must_be_period(period)
    must_be(organisation, Organisation, "organisation", "pass a lp.Organisation")


def _must_be_for(given: Iterable[Target], period: Period) -> None:
    for one in given:
        if one.period not in (None, period):
            fault = f"the target of {one.indicator} is for {one.period}"
            raise DataError(f"a document for {period}", fault, "pass the targets of the period")
