"""Confirmations: what a payee did not confirm is not in force, whoever answers, however often, in whatever order."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import loanperf as lp
from loanperf._scheme._words import CONFIRMATION_WORDS
from loanperf.adapters.memory import MemoryEntries
from loanperf.goals import (
    MOVES,
    Act,
    Barred,
    Confirmations,
    Document,
    Proposal,
    Reply,
    Version,
    VersionState,
    confirmations_stream,
    is_superior,
    target_letter,
)
from loanperf.run import read_confirmations, read_confirmations_async

APRIL = lp.Period.month(2026, 4)
FIRST, END = date(2026, 4, 1), date(2026, 4, 30)
RULES = lp.schemes.Confirmation(of=["targets", "plan"], unconfirmed="hold", silence_days=5)
SCHEME = evolve(lp.template("worked-example"), confirmation=RULES)


def held(payee: str, unit: str, role: str, until: str | None = None) -> lp.Assignment:
    """Who works where."""
    return lp.Assignment(payee=payee, unit=unit, role=role, since="2026-01-01", until=until)


BANK = lp.Organisation(
    units=[
        lp.Unit(code="bank"),
        lp.Unit(code="east", parent="bank"),
        lp.Unit(code="team", parent="east"),
        lp.Unit(code="west", parent="bank"),
    ],
    assignments=[
        held("lin", "team", "officer"),
        held("wu", "team", "officer"),
        held("lead", "team", "team lead"),
        held("zhou", "east", "head"),
        held("chen", "bank", "president"),
        held("fang", "west", "head"),
        held("gone", "team", "officer", until="2026-04-01"),
    ],
    payees=[lp.Payee(code="lin", name="林")],
)


def letter(amount: str = "120万元", payee: str = "lin", period: lp.Period = APRIL) -> Document:
    """Targets of a payee as a text."""
    return target_letter(
        [lp.Target(payee=payee, indicator="loan_amount", value=amount)], SCHEME, period, organisation=BANK
    )


def proposed(
    known: Confirmations, amount: str, at: str = "2026-04-01", rules: lp.schemes.Confirmation = RULES
) -> Confirmations:
    """What is known once a target of lin is proposed."""
    return known.after(known.propose(letter(amount), by="zhou", at=at, rules=rules, organisation=BANK))


def last(known: Confirmations) -> Proposal:
    """The newest version of lin's targets."""
    return known.versions("lin", APRIL)[-1].proposal


def answered(known: Confirmations, reply: Reply) -> Confirmations:
    """What is known once a reply is kept."""
    return known.after(known.answer(reply, rules=RULES, organisation=BANK))


def in_force(known: Confirmations, on: date = FIRST) -> int:
    """The number of lin's version in force; 0 where there is none."""
    found = known.in_force("lin", APRIL, on=on)
    return 0 if found is None else found.version


ONE = proposed(Confirmations(), "120万元")
"""One version waits since 1 April; silence confirms it on the 6th."""


# ── what puts a version in force ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("amount", ["0 元", "-1 元"])
def test_no_letter_is_made_of_a_target_that_cannot_be_scored(amount: str) -> None:
    """What pay day would refuse is refused before anybody confirms it, in the same words."""
    known = {"loan_amount": lp.Reading.of("loan_amount", "60万元"), "npl_ratio": lp.Reading.of("npl_ratio", "2%")}
    known["retention_rate"] = lp.Reading.of("retention_rate", "85%")
    card = SCHEME.resolve(period=APRIL)
    with pytest.raises(lp.errors.TargetError) as of_pay:
        lp.appraise(card, {"loan_amount": amount}, known.values())
    with pytest.raises(lp.errors.TargetError) as of_letter:
        letter(amount)

    assert "give one above zero" in str(of_letter.value)
    assert str(of_pay.value) == str(of_letter.value)


def test_a_version_is_in_force_once_its_payee_confirmed_it() -> None:
    """Proposed is not agreed: until lin says so, nothing is in force, and then it is from that day on."""
    assert in_force(ONE) == 0
    found = answered(ONE, last(ONE).reply("confirm", by="lin", at="2026-04-02T09:30:00+08:00"))
    standing = found.in_force("lin", APRIL, on=FIRST)

    assert standing is not None
    assert (VersionState.CONFIRMED, date(2026, 4, 2)) == (standing.came_by, standing.since)
    assert ("version 1, confirmed on 2026-04-02", "第 1 版，2026-04-02 已确认") == (standing.said.en, standing.said.zh)


@pytest.mark.parametrize(("on", "expected"), [(date(2026, 4, 5), 0), (date(2026, 4, 6), 1)])
def test_silence_confirms_after_the_stated_days(on: date, expected: int) -> None:
    """Proposed on the 1st, with five days: the 1st to the 5th pass in silence, and from the 6th on it is in force."""
    assert expected == in_force(ONE, on)


def test_silence_confirms_nothing_where_the_scheme_does_not_say_so() -> None:
    """Consent that nobody stated is none, however long a payee says nothing."""
    strict = lp.schemes.Confirmation(of=["targets"], unconfirmed="hold")
    assert in_force(proposed(Confirmations(), "120万元", rules=strict), date(2030, 1, 1)) == 0


def test_silence_counts_as_it_was_stated_when_it_was_proposed() -> None:
    """A scheme that allows ten days later gives nobody less or more time than the text said that they were shown."""
    later = proposed(ONE, "130万元", at="2026-04-07", rules=evolve(RULES, silence_days=10))

    assert [5, 10] == [one.proposal.silence_days for one in later.versions("lin", APRIL)]
    assert [1, 1, 2] == [in_force(later, date(2026, 4, on)) for on in (7, 16, 17)]


def test_a_superior_sets_what_a_payee_refuses() -> None:
    """Refused with a reason, then set with one: both stay on record."""
    refused = answered(ONE, last(ONE).reply("refuse", by="lin", at="2026-04-02", why="the branch closes for a week"))
    assert (0, 0) == (in_force(refused), in_force(refused, END))
    found = answered(refused, last(ONE).reply("set", by="chen", at="2026-04-03", why="west takes over two customers"))

    (standing,) = found.versions("lin", APRIL)
    assert (VersionState.SET, date(2026, 4, 3)) == (standing.state, standing.since)
    assert [("lin", "the branch closes for a week"), ("chen", "west takes over two customers")] == [
        (reply.by, reply.why) for reply in standing.replies
    ]


def test_a_change_is_a_new_version_and_the_old_one_stays_until_it_is_confirmed() -> None:
    """120 that lin confirmed holds while 150 waits; 150 holds once lin confirms that too."""
    agreed = answered(ONE, last(ONE).reply("confirm", by="lin", at="2026-04-02"))
    changed = proposed(agreed, "150万元", at="2026-04-10")
    assert (1, 2) == (in_force(changed, date(2026, 4, 14)), last(changed).version)
    newest = changed.newest("lin", APRIL, on=date(2026, 4, 14))
    assert newest is not None
    assert ("version 2, waiting since 2026-04-10", "第 2 版，自 2026-04-10 起待确认") == (
        newest.said.en, newest.said.zh
    )  # fmt: skip
    confirmed = answered(changed, last(changed).reply("confirm", by="lin", at="2026-04-12"))
    assert in_force(confirmed, date(2026, 4, 14)) == 2


def test_a_version_replaced_before_silence_confirmed_it_never_holds() -> None:
    """Replaced on the third day, 120 is off the table: on the sixth nothing is in force."""
    changed = proposed(ONE, "150万元", at="2026-04-03")
    assert [0, 0, 2] == [in_force(changed, date(2026, 4, on)) for on in (6, 7, 8)]


def test_what_is_said_again_is_no_new_event() -> None:
    """A button that is pressed twice, and a proposal that a host sends again after a crash."""
    reply = last(ONE).reply("confirm", by="lin", at="2026-04-02")
    found = answered(ONE, reply)

    assert found.answer(evolve(reply, at="2026-04-03"), rules=RULES, organisation=BANK) == ()
    assert ONE.propose(letter("120万元"), by="zhou", at="2026-04-02", rules=RULES, organisation=BANK) == ()


def test_what_was_refused_may_be_proposed_again() -> None:
    """After a talk the same figures go out once more, as a version of their own."""
    refused = answered(ONE, last(ONE).reply("refuse", by="lin", at="2026-04-02", why="too much"))
    again = refused.propose(letter("120万元"), by="zhou", at="2026-04-03", rules=RULES, organisation=BANK)
    assert [2] == [one.version for one in again]


# ── the table, walked in full ───────────────────────────────────────────────────────────────────────────────


def at_state(state: VersionState) -> tuple[Confirmations, str]:
    """A first version in a state, and the day by which it stands so."""
    first = last(ONE)
    match state:
        case VersionState.WAITING:
            return ONE, "2026-04-02"
        case VersionState.CONFIRMED:
            return answered(ONE, first.reply("confirm", by="lin", at="2026-04-02")), "2026-04-03"
        case VersionState.SILENT:
            return ONE, "2026-04-10"
        case VersionState.SET:
            return answered(ONE, first.reply("set", by="zhou", at="2026-04-02", why="agreed by phone")), "2026-04-03"
        case VersionState.REFUSED:
            return answered(ONE, first.reply("refuse", by="lin", at="2026-04-02", why="too much")), "2026-04-03"
        case VersionState.REPLACED:
            return proposed(ONE, "90万元", at="2026-04-02"), "2026-04-03"


def acted(known: Confirmations, act: Act, at: str) -> Version:
    """The first version after an act."""
    first = known.versions("lin", APRIL)[0].proposal
    match act:
        case Act.CONFIRM:
            known = answered(known, first.reply("confirm", by="lin", at=at))
        case Act.REFUSE:
            known = answered(known, first.reply("refuse", by="lin", at=at, why="too much"))
        case Act.SET:
            known = answered(known, first.reply("set", by="zhou", at=at, why="agreed by phone"))
        case Act.REPLACE:
            known = proposed(known, "77万元", at=at)
        case Act.SILENCE:
            newest = known.newest("lin", APRIL, on=END)
            assert newest is not None
            return newest if newest.version == 1 else known.versions("lin", APRIL)[0]
    return known.versions("lin", APRIL)[0]


@pytest.mark.parametrize("state", VersionState)
@pytest.mark.parametrize("act", Act)
def test_every_act_in_every_state_does_what_the_table_says(state: VersionState, act: Act) -> None:
    """The reference page is drawn from the table; what it does not allow is refused with what to do."""
    known, at = at_state(state)
    to = MOVES[state, act]

    if isinstance(to, Barred):
        with pytest.raises(lp.errors.DataError) as caught:
            acted(known, act, at)
        assert (to.fault.en, to.remedy.en) == (caught.value.fault, caught.value.remedy)
    else:
        found = acted(known, act, at)
        # Silence is not kept: that a version stands by it shows on a day, and not in what is on record.
        assert to is found.state or (to, found.state) == (VersionState.SILENT, VersionState.WAITING)


def test_the_table_is_whole() -> None:
    """A state or act that is added to one list and not to the table would raise a KeyError before a customer."""
    assert {(state, act) for state in VersionState for act in Act} == set(MOVES)


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────

Refused = Callable[[], object]
AGREED = answered(ONE, last(ONE).reply("confirm", by="lin", at="2026-04-02"))
TWO = proposed(AGREED, "150万元", at="2026-04-10")


def answer(known: Confirmations, reply: Reply) -> object:
    """A reply that cannot be."""
    return known.answer(reply, rules=RULES, organisation=BANK)


def propose(document: Document, **otherwise: Any) -> object:
    """A proposal that cannot be."""
    words: dict[str, Any] = {"by": "zhou", "at": "2026-04-01", "rules": RULES, "organisation": BANK} | otherwise
    return ONE.propose(document, **words)


REFUSALS: dict[str, tuple[Refused, str]] = {
    "an old version": (
        lambda: answer(TWO, last(ONE).reply("confirm", by="lin", at="2026-04-11")),
        "version 1 of the targets of lin for 2026-04: a newer version was proposed; show the newest version",
    ),
    "a version that is not there": (
        lambda: answer(ONE, evolve(last(ONE).reply("confirm", by="lin", at="2026-04-02"), version=3)),
        "version 3 of the targets of lin for 2026-04: there is no such version; the newest is 1; answer that one",
    ),
    "what was never proposed": (
        lambda: answer(Confirmations(), last(ONE).reply("confirm", by="lin", at="2026-04-02")),
        "version 1 of the targets of lin for 2026-04: nothing was proposed; propose it first",
    ),
    "somebody else": (
        lambda: answer(ONE, last(ONE).reply("confirm", by="wu", at="2026-04-02")),
        "version 1 of the targets of lin for 2026-04: wu would answer for lin; let lin answer, or a superior set it",
    ),
    "another text": (
        lambda: answer(ONE, evolve(last(ONE).reply("confirm", by="lin", at="2026-04-02"), digest="0" * 64)),
        f"the hash '{'0' * 64}' is not that of what was proposed; show it as it was proposed, and send its hash",
    ),
    "before it was proposed": (
        lambda: answer(ONE, last(ONE).reply("confirm", by="lin", at="2026-03-31")),
        "it is dated 2026-03-31, and what it follows 2026-04-01; give the day or time at which it was said",
    ),
    "a refusal without a reason": (
        lambda: answer(ONE, last(ONE).reply("refuse", by="lin", at="2026-04-02", why=" ")),
        "there is no reason; say why",
    ),
    "a refusal for another reason": (
        lambda: answer(
            answered(ONE, last(ONE).reply("refuse", by="lin", at="2026-04-02", why="too much")),
            last(ONE).reply("refuse", by="lin", at="2026-04-02", why="too late"),
        ),
        "it was refused on 2026-04-02 by lin, and for another reason: 'too much'; leave it, or propose a new version",
    ),
    "a colleague who sets": (
        lambda: answer(ONE, last(ONE).reply("set", by="wu", at="2026-04-02", why="I say so")),
        "wu is not above lin on 2026-04-02; let somebody of a unit above do it",
    ),
    "the head of another branch": (
        lambda: answer(ONE, last(ONE).reply("set", by="fang", at="2026-04-02", why="I say so")),
        "fang is not above lin on 2026-04-02",
    ),
    "a payee who sets what is their own": (
        lambda: answer(ONE, last(ONE).reply("set", by="lin", at="2026-04-02", why="I say so")),
        "lin would set what is their own; let a superior set it, or confirm it",
    ),
    "a leaver": (
        lambda: propose(letter(payee="gone")),
        "the targets of gone for 2026-04: gone left on 2026-04-01; divide it among those who are there",
    ),
    "a stranger": (
        lambda: propose(letter(payee="nobody")),
        "the targets of nobody for 2026-04: nobody has no assignment in it; mend the code, or add an assignment",
    ),
    "a payee who proposes to themselves": (
        lambda: propose(letter("50万元"), by="lin"),
        "lin would propose to themselves; let somebody else propose it",
    ),
    "a payee who proposes to themselves in capitals": (
        lambda: propose(letter("50万元"), by="LIN"),
        "LIN would propose to themselves; let somebody else propose it",
    ),
    "a proposal before the one before it": (
        lambda: propose(letter("50万元"), at="2026-03-31"),
        "version 2 of the targets of lin for 2026-04: it is dated 2026-03-31, and what it follows 2026-04-01",
    ),
    "what the scheme does not ask to confirm": (
        lambda: propose(letter("50万元"), rules=evolve(RULES, of=["plan"])),
        "the scheme does not ask to confirm them; add 'targets' to confirmation.of",
    ),
    "a scheme without confirmation": (
        lambda: propose(letter("50万元"), rules=None),
        "rules: it is no Confirmation (found None); pass scheme.confirmation; add [confirmation] to the scheme first",
    ),
    "no reply": (
        lambda: answer(ONE, "yes"),  # type: ignore[arg-type]
        "the reply: it is no Reply (found 'yes'); pass a loanperf.goals.Reply, as Proposal.reply makes it",
    ),
    "somebody whom nobody knows": (
        lambda: propose(letter("50万元"), by="ghost"),
        "the targets of lin for 2026-04: ghost is not above lin on 2026-04-01; let a superior propose it, or name who",
    ),
    "a peer": (lambda: propose(letter("50万元"), by="wu"), "wu is not above lin on 2026-04-01"),
    "a superior of others": (lambda: propose(letter("50万元"), by="fang"), "fang is not above lin on 2026-04-01"),
    "proposers that are no list": (lambda: propose(letter("50万元"), proposers="hr"), "pass a list of codes"),
    "a part of a month": (
        lambda: propose(letter("50万元", period=lp.Period("2026-04-16", "2026-05-01"))),
        "for 2026-04-16/2026-05-01: it is a part of a period, and the targets of a whole one are confirmed",
    ),
    "a time without its offset": (
        lambda: propose(letter("50万元"), at="2026-04-01T09:30:00"),
        "does not say its offset from UTC",
    ),
    "no time at all": (lambda: propose(letter("50万元"), at="at noon tomorrow"), "it is no day and no time"),
    "a nameless confirmer": (
        lambda: last(ONE).reply("confirm", by=" lin", at="2026-04-02"),
        "Reply.by: it is ' lin'; name a code, in printable characters, without blanks around it",
    ),
    "an act that is none": (
        lambda: last(ONE).reply("like", by="lin", at="2026-04-02"),  # type: ignore[arg-type]
        "pass one of 'confirm', 'refuse', 'set'",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_is_refused_with_what_to_do(name: str) -> None:
    """Whoever reads the refusal knows what was wrong, where, and what to do about it."""
    act, message = REFUSALS[name]
    with pytest.raises(lp.errors.LoanPerfError) as caught:
        act()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("roles", "expected"),
    [((), {"zhou", "chen"}), (("team lead",), {"lead"}), (("team lead", "president"), {"lead", "chen"})],
)
def test_a_superior_is_above_in_the_tree_or_holds_a_role_of_superiors(
    roles: tuple[str, ...], expected: set[str]
) -> None:
    """Of lin: by the tree the heads of the units above; by role the lead of the team too, and no assistant upstairs."""
    rules = evolve(RULES, superiors=roles)
    assert expected == {who for who in BANK.codes if is_superior(BANK, who, "lin", FIRST, rules)}


def test_who_is_named_proposes_and_so_does_who_will_be_above_a_joiner() -> None:
    """HR is above nobody; yu comes to the team on the 16th, and on 28 March zhou shows the target all the same."""
    joins = lp.Assignment(payee="yu", unit="team", role="officer", since="2026-04-16")
    people = evolve(BANK, assignments=(*BANK.assignments, joins))
    words: dict[str, Any] = {"rules": RULES, "organisation": people}

    (by_hr,) = Confirmations().propose(letter(), by="hr", at="2026-04-01", proposers=["hr"], **words)
    (before,) = Confirmations().propose(letter(payee="yu"), by="zhou", at="2026-03-28", **words)
    assert ("hr", "zhou") == (by_hr.by, before.by)
    with pytest.raises(lp.errors.DataError, match="fang is not above yu on 2026-04-16"):
        Confirmations().propose(letter(payee="yu"), by="fang", at="2026-03-28", **words)


def test_nobody_is_above_a_peer_of_the_same_role() -> None:
    """Two heads of one unit do not set each other's targets; who is above them does."""
    two = lp.Organisation(
        units=BANK.units, assignments=[*BANK.assignments, held("yu", "east", "head")], payees=BANK.payees
    )
    rules = evolve(RULES, superiors=("head", "president"))
    assert ["chen"] == [who for who in two.codes if is_superior(two, who, "yu", FIRST, rules)]


# ── documents ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_target_letter_says_what_is_confirmed_in_both_languages() -> None:
    """The text is what lin signs: name, period, indicator, amount, and what silence means."""
    assert letter().to("en") == (
        "# Targets of 林 (lin) for 2026-04\n\n"
        "| indicator | target |\n|---|---|\n| loan amount | 1200000 CNY |\n\n"
        "It is in force once you confirm it, or 5 days after it was proposed if you neither confirm nor refuse it.\n"
    )
    assert letter().to("zh") == (
        "# 林（lin） 2026-04 目标确认书\n\n"
        "| 指标 | 目标 |\n|---|---|\n| 贷款额 | 120 万元 |\n\n"
        "经您确认后生效；自提出之日起 5 天内未确认也未提出异议的，视为确认。\n"
    )


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([], "they are of 0 payees; pass those of one payee"),
        ([("lin", "loan_amount", "1元"), ("wu", "loan_amount", "1元")], "they are of 2 payees"),
        ([("lin", "loan_amount", "1元"), ("lin", "loan_amount", "2元")], "one indicator has two targets"),
        ([("lin", "loan_amuont", "1元")], "loan_amuont"),
        ([("lin", "loan_amount", "3%")], "loan_amount"),
    ],
)
def test_targets_that_make_no_letter_are_refused(targets: list[tuple[str, str, str]], message: str) -> None:
    """A letter over two people, or over one indicator twice, would be confirmed by one of them for both."""
    given = [lp.Target(payee=payee, indicator=code, value=value) for payee, code, value in targets]
    with pytest.raises(lp.errors.LoanPerfError, match=message):
        target_letter(given, SCHEME, APRIL, organisation=BANK)


def test_a_letter_says_what_a_joiner_is_measured_by() -> None:
    """Yu is there from 16 April on, 15 of 30 days: of 30万元 that is 15万元, and of a ratio nothing is cut."""
    people = lp.Organisation(assignments=[lp.Assignment(payee="yu", unit="x", role="x", since="2026-04-16")])
    asked = [
        lp.Target(payee="yu", indicator=code, value=value)
        for code, value in (("loan_amount", "30万元"), ("npl_ratio", "3%"))
    ]
    found = target_letter(asked, SCHEME, APRIL, organisation=people)

    assert "| loan amount | 300000 CNY, cut to 15 of 30 days: 150000 CNY |" in found.to("en")
    assert "| 贷款额 | 30 万元，按在岗 15/30 天折算为 15 万元 |" in found.to("zh")
    assert ["| NPL ratio | 3% |"] == [row for row in found.to("en").splitlines() if "NPL" in row]


def test_a_letter_over_two_roles_says_days_once() -> None:
    """Two roles from 16 April on, and another one after a gap: a day on which both are held is one day."""
    days = [("2026-04-01", "2026-04-07"), ("2026-04-16", None), ("2026-04-16", "2026-04-21")]
    people = lp.Organisation(
        assignments=[
            lp.Assignment(payee="yu", unit="x", role=f"r{place}", since=since, until=until, primary=place < 2)
            for place, (since, until) in enumerate(days)
        ]
    )
    asked = lp.Target(payee="yu", indicator="loan_amount", value="30万元")
    # 6 days and 15 days: 21 of 30, and 30万元 × 21/30 = 21万元.
    assert "按在岗 21/30 天折算为 21 万元" in target_letter([asked], SCHEME, APRIL, organisation=people).to("zh")


def test_a_name_in_a_letter_is_no_markup() -> None:
    """Who is called ![x](http://e) shows no image of somebody else's to whoever opens the letter."""
    people = lp.Organisation(assignments=BANK.assignments, payees=[lp.Payee(code="lin", name="![x](http://e) *`")])
    asked = lp.Target(payee="lin", indicator="loan_amount", value="30万元")
    found = target_letter([asked], SCHEME, APRIL, organisation=people)
    assert "# Targets of !\\[x\\](http://e) \\*\\` (lin) for 2026-04" == found.to("en").splitlines()[0]


@pytest.mark.parametrize(
    ("at", "fits"),
    [
        ("2026-04-01T08:00:00+08:00", False),
        ("2026-03-31T23:00:00-10:00", True),  # 17:00 on 1 April at +08:00
        ("2026-04-01T01:30:00+00:00", True),  # the very same instant
        ("2026-04-01", True),
        ("2026-03-31", False),
    ],
)
def test_within_a_day_times_tell_what_came_first(at: str, *, fits: bool) -> None:
    """Proposed at 09:30 at +08:00: what is said before that instant answers nothing that was shown."""
    known = proposed(Confirmations(), "120万元", at="2026-04-01T09:30:00+08:00")
    reply = last(known).reply("confirm", by="lin", at=at)
    if fits:
        assert in_force(answered(known, reply)) == 1
    else:
        with pytest.raises(lp.errors.DataError, match="give the day or time at which it was said"):
            answered(known, reply)


def test_the_hash_is_over_all_that_is_agreed_to() -> None:
    r"""Whatever else is slipped under it, the text, an amount, the days, is another hash.

    By hand, with `printf '["plan","lin","2026-04-01","2026-05-01","Yes","\u662f",[],"",null]' | sha256sum`, and
    `printf '["targets","lin","2026-04-01","2026-05-01","120","120",[["customers","120",""]],"",5]' | sha256sum`.
    """
    plan = Document(of="plan", payee="lin", period=APRIL, text=lp.Label("Yes", "是"))
    asked = lp.Target(payee="lin", indicator="customers", value=120)
    targets = evolve(plan, of="targets", text=lp.Label("120", "120"), targets=[asked])

    assert plan.digest() == "32042ce0bc31c54e21a2af62546090955b07f1a10ebe8ba2d9cbf92829f2e9c9"
    assert targets.digest(5) == "2b905a419cc0428af396ed4ef59126be2a86c832974617cb9090a292a560a387"
    others = [
        evolve(plan, text=lp.Label("Yes", "否")),
        evolve(plan, text=lp.Label("No", "是")),
        evolve(plan, payee="wu"),
        evolve(plan, period=lp.Period.month(2026, 5)),
        evolve(plan, basis="another"),
        evolve(targets, of="plan"),
        evolve(targets, targets=[evolve(asked, indicator="visits")]),
    ]
    found = {plan.digest(), plan.digest(5), targets.digest(5), targets.digest(6), *(one.digest() for one in others)}
    assert len(found) == 4 + len(others)


@pytest.mark.parametrize("paid", ["999万元", "20万元", "12万元", "1200万元"])
def test_a_text_that_does_not_state_its_targets_is_refused(paid: str) -> None:
    """Lin reads 120 and would be paid by 999: what counts stands in the text, and not as a part of another number."""
    (target,) = letter().targets
    with pytest.raises(lp.errors.DataError, match=r"the text \(en\) does not say .* of its targets"):
        evolve(letter(), targets=[evolve(target, value=paid)])
    assert letter() == evolve(letter(), targets=[evolve(target, value="120万元")])


# ── records ─────────────────────────────────────────────────────────────────────────────────────────────────


def records() -> list[str]:
    """The records of a proposal, a confirmation and a second proposal."""
    found: list[str] = []
    known = Confirmations()
    for event in events_of(TWO):
        found += known.lines([event])
        known = known.after([event])
    return found


def events_of(known: Confirmations) -> Iterator[Proposal | Reply]:
    """What was appended, in order of version: each proposal with its replies."""
    for _, payee, period in known.matters:
        for one in known.versions(payee, period):
            yield one.proposal
            yield from one.replies


def test_state_is_what_the_records_say() -> None:
    """After a restart the same is in force; the records are JSON lines that an entry store keeps and seals."""
    store, stream = MemoryEntries(), confirmations_stream("branch pay")
    store.append(stream, records(), expected=0)

    assert Confirmations.of(store.read(stream)) == TWO
    assert TWO.records == 3


def test_of_two_who_answer_at_once_one_reads_anew() -> None:
    """Lin confirms while chen sets: whoever appends second is told, and finds that it is in force already."""
    store, stream = MemoryEntries(), confirmations_stream("branch pay")
    store.append(stream, Confirmations().lines([last(ONE)]), expected=0)
    mine, theirs = (
        ONE.answer(reply, rules=RULES, organisation=BANK)
        for reply in (
            last(ONE).reply("confirm", by="lin", at="2026-04-02"),
            last(ONE).reply("set", by="chen", at="2026-04-02", why="agreed by phone"),
        )
    )
    store.append(stream, ONE.lines(mine), expected=ONE.records)
    with pytest.raises(lp.errors.ConflictError):
        store.append(stream, ONE.lines(theirs), expected=ONE.records)
    with pytest.raises(lp.errors.DataError, match="it is in force already"):
        Confirmations.of(store.read(stream)).answer(theirs[0], rules=RULES, organisation=BANK)


def sealed(record: str) -> str:
    """A record whose own hash somebody made anew after they changed it."""
    data = json.loads(record)
    said = json.dumps(data.get("proposal", data.get("reply")), sort_keys=True, separators=(",", ":"))
    return json.dumps(data | {"digest": sha256(said.encode()).hexdigest()})


Damage = Callable[[list[str]], list[str]]
DAMAGED: dict[str, Damage] = {
    "hole": lambda good: [good[0], good[2]],
    "twice": lambda good: [good[0], good[0], *good[1:]],
    "order": lambda good: [good[1], good[0]],
    "newer": lambda good: [good[0].replace('{"form":1', '{"form":2')],
    "form": lambda good: [good[0].replace('{"form":1', '{"form":"1"')],
    "text": lambda good: [good[0].replace("1200000 CNY", "1300000 CNY")],
    "amount": lambda good: [good[0].replace('"value":"1200000"', '"value":"9990000"')],
    "days": lambda good: [good[0].replace('"silence_days":5', '"silence_days":1')],
    "proposer": lambda good: [good[0].replace('"by":"zhou"', '"by":"chen"')],
    "when": lambda good: [good[0], good[1].replace('"at":"2026-04-02"', '"at":"2026-04-03"')],
    "act": lambda good: [good[0], good[1].replace('"confirm"', '"refuse"').replace('"why":""', '"why":"no"')],
    "forged": lambda good: [sealed(good[0].replace('"silence_days":5', '"silence_days":1'))],
    "no hash": lambda good: [good[0].replace('"digest"', '"hash"', 1)],
    "json": lambda good: [good[0][:-1]],
    "list": lambda _: ["[1]"],
    "kind": lambda good: [good[0].replace('"proposal"', '"poem"')],
    "field": lambda good: [sealed(good[0].replace('"by":"zhou"', '"by":7'))],
    "version": lambda good: [sealed(good[0].replace('"version":1', '"version":2'))],
    "again": lambda good: [*good[:2], good[1].replace('"number":2', '"number":3')],
    "reply first": lambda good: [good[1].replace('"number":2', '"number":1')],
}
"""What can be wrong with records."""
CHANGED = ("text", "amount", "days", "proposer", "when", "act")
"""What was changed of a record, and its hash left."""


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("hole", "record 2 of the confirmations: it is numbered 3: one is missing or was put in; restore the stream"),
        ("twice", "record 2 of the confirmations: it is numbered 1: one is missing or was put in"),
        ("order", "record 1 of the confirmations: it is numbered 2"),
        ("newer", "it is of form 2, and this version of loanperf reads 1; use the version that wrote it, or a later"),
        ("form", "its form is '1'; restore the stream as it was written"),
        *((what, "its hash is not that of what it says: it was changed; restore") for what in CHANGED),
        ("forged", "is not that of its text and targets"),
        ("json", "record 1 of the confirmations: it cannot be read"),
        ("list", "record 1 of the confirmations: it cannot be read"),
        ("kind", "it is none of proposal, reply: ['poem']"),
        ("no hash", "it is none of proposal, reply: ['hash', 'proposal']"),
        ("field", "record 1 of the confirmations: it cannot be read: 'proposal.by: it is 7, and no text"),
        ("version", "it cannot follow what stands before it: 'version 2 of the targets"),
        ("again", "of lin for 2026-04: it says what was said before; leave it at that"),
        ("reply first", "nothing was proposed"),
    ],
)
def test_records_that_cannot_be_are_refused(what: str, message: str) -> None:
    """A stream with a hole may have lost the refusal; one of a newer version may say what is not understood here."""
    with pytest.raises(lp.errors.DataError) as caught:
        Confirmations.of(DAMAGED[what](records()))
    assert message in str(caught.value)


@pytest.mark.parametrize("kind", [Document, Proposal, Reply, Version])
def test_each_is_read_back_from_its_data(kind: type[Any]) -> None:
    """What a service sends and keeps comes back as it was."""
    standing = TWO.versions("lin", APRIL)[0]
    found = {Document: standing.proposal.document, Proposal: standing.proposal, Reply: standing.replies[0]}
    value = found.get(kind, standing)
    assert kind.from_data(json.loads(json.dumps(value.data()))) == value


def test_the_targets_in_force_say_which_version_they_are_of() -> None:
    """Given to an appraisal or a tracker, they bring it along; what waits is not among them."""
    (target,) = TWO.targets(APRIL, on=date(2026, 4, 14))

    assert ("lin", "loan_amount", "1200000 CNY") == (target.payee, target.indicator, str(target.value))
    assert "version 1, confirmed on 2026-04-02" == str(target.source)
    assert ONE.targets(APRIL, on=FIRST) == () == TWO.targets(lp.Period.month(2026, 5), on=END)


def test_what_was_changed_and_hashed_anew_is_seen_by_the_seal() -> None:
    """Who moves lin's answer a day on, and makes the hash of the record anew, breaks the seal of its batch."""
    good, records_ = MemoryEntries(), records()
    stream = confirmations_stream("branch pay")
    good.append(stream, records_, expected=0)
    changed = [records_[0], sealed(records_[1].replace('"at":"2026-04-02"', '"at":"2026-04-03"')), records_[2]]
    assert Confirmations.of(changed) != TWO

    class Changed(Doubled):
        def batches(self, stream: str) -> Any:
            return [evolve(batch, records=changed) for batch in self.entries.batches(stream)]

    assert read_confirmations(good, scheme="branch pay") == TWO
    assert asyncio.run(read_confirmations_async(Awaited(good), scheme="branch pay")) == TWO
    with pytest.raises(lp.errors.StoreError, match="branch pay/confirmations"):
        read_confirmations(Changed(good), scheme="branch pay")


class Doubled:
    """An entry store in front of another one."""

    def __init__(self, entries: MemoryEntries) -> None:
        self.entries = entries

    def __getattr__(self, name: str) -> Any:
        return getattr(self.entries, name)


class Awaited(Doubled):
    """One whose methods are coroutine functions."""

    async def batches(self, stream: str) -> Any:
        """What was appended."""
        return self.entries.batches(stream)


class Numbered(Doubled):
    """One that answers with what it should not."""

    def batches(self, stream: str) -> Any:
        """No batches."""
        return 7 if stream == "none/confirmations" else [7]


@pytest.mark.parametrize(
    ("store", "scheme", "message"),
    [
        (Awaited, "branch pay", "use read_confirmations_async"),
        (Numbered, "none", "it returned a int; return Batch objects"),
        (Numbered, "branch pay", "it returned a int; return Batch objects"),
        (lambda _: 7, "branch pay", "entries"),
    ],
)
def test_what_is_no_store_is_refused_where_confirmations_are_read(store: Any, scheme: str, message: str) -> None:
    """A store that must be awaited, one that answers otherwise, and none."""
    with pytest.raises(lp.errors.DataError, match=message):
        read_confirmations(store(MemoryEntries()), scheme=scheme)


def test_verify_reads_the_confirmations_too() -> None:
    """A record that somebody appended by hand is seen, and so is one that is lost behind a head."""
    store, stream = MemoryEntries(), confirmations_stream("branch pay")
    store.append(stream, records(), expected=0)
    good = lp.verify(store, schemes="branch pay")
    assert good.misfits == ()
    assert [stream] == [head.stream for head in good.heads]

    store.append(stream, records()[:1], expected=3)
    (misfit,) = lp.verify(store, schemes="branch pay").misfits
    assert "it is numbered 1: one is missing or was put in" in str(misfit)
    (lost,) = lp.verify(MemoryEntries(), schemes="branch pay", heads=good.heads).misfits
    assert stream in str(lost)


# ── the scheme ──────────────────────────────────────────────────────────────────────────────────────────────

RULES_TEXT = 'of = ["targets"]\nunconfirmed = "hold"\n'


def ruled(text: str) -> lp.Scheme:
    """A scheme that asks to confirm something."""
    return lp.parse_scheme(lp.schemes.template_text("worked-example") + "\n[confirmation]\n" + text)


def test_every_word_of_the_rules_has_a_chinese_one() -> None:
    """A difference of two schemes is read in Chinese by who approves it."""
    part = lp.schemes.json_schema()["properties"]["confirmation"]["properties"]
    words = {*part, *part["of"]["items"]["enum"], *part["unconfirmed"]["enum"], "confirmation"}
    assert words == set(CONFIRMATION_WORDS)


def test_a_change_of_the_rules_reads_as_a_sentence() -> None:
    """What is confirmed, and what becomes of who does not, is a change of pay."""
    before, after = ruled(RULES_TEXT), ruled(RULES_TEXT.replace("hold", "use") + "silence_days = 5\n")
    assert [
        (
            "the rule for what is not confirmed of the confirmation changes from hold the pay to use it all the same",
            "确认规则的未确认的处理由 暂缓核算 改为 照常采用",
        ),
        ("the days of silence that confirm of the confirmation is new: 5", "新增确认规则的默示确认期限（天）：5"),
    ] == [(change.to("en"), change.to("zh")) for change in lp.diff(before, after)]
    assert lp.parse_scheme(lp.schemes.write_scheme(after, "toml")) == after


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ('unconfirmed = "hold"\n', "$.confirmation.of", "it is missing"),
        ('of = ["targets"]\n', "$.confirmation.unconfirmed", "it is missing"),
        (RULES_TEXT.replace('"targets"', ""), "$.confirmation.of", "nothing is to be confirmed"),
        (RULES_TEXT.replace('"targets"', '"plan", "plan"'), "$.confirmation.of", "it says one thing twice"),
        (RULES_TEXT.replace("targets", "goals"), "$.confirmation.of[0]", "it is none of the words"),
        (RULES_TEXT.replace("hold", "wait"), "$.confirmation.unconfirmed", "it is none of the words"),
        (RULES_TEXT + "silence_days = 0\n", "$.confirmation.silence_days", "it is out of range"),
        (RULES_TEXT + 'superiors = "lead"\n', "$.confirmation.superiors", "it is no list"),
    ],
)
def test_rules_that_cannot_be_are_refused_with_their_path(text: str, path: str, message: str) -> None:
    """Who writes a scheme is told where it is wrong before anybody is asked to confirm anything."""
    with pytest.raises(lp.errors.SchemeError) as caught:
        ruled(text)
    (problem,) = caught.value.problems
    assert (path, True) == (problem.where.split(" ")[0], message in str(problem)), str(problem)


# ── any sequence, against a naive model ─────────────────────────────────────────────────────────────────────

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["propose", "confirm", "refuse", "set"]),
        st.integers(0, 3),  # days since the step before
        st.integers(1, 4),  # which version, or which amount
        st.sampled_from(["lin", "wu", "zhou", "fang"]),
    ),
    max_size=12,
)


def played(steps: list[tuple[str, int, int, str]]) -> Iterator[tuple[Confirmations, list[Proposal | Reply], date]]:
    """What is known after each step, the events so far, and the day; refused steps change nothing."""
    known, events, on = Confirmations(), list[Proposal | Reply](), FIRST
    for what, days, number, who in steps:
        on += timedelta(days)
        try:
            if what == "propose":
                new: tuple[Proposal | Reply, ...] = known.propose(
                    letter(f"{number}万元"), by=who, at=on, rules=RULES, organisation=BANK, proposers=["fang"]
                )
            else:
                versions = known.versions("lin", APRIL)
                proposal = versions[min(number, len(versions)) - 1].proposal if versions else last(ONE)
                reply = proposal.reply(what, by=who, at=on, why="" if what == "confirm" else "since")  # type: ignore[arg-type]
                new = known.answer(reply, rules=RULES, organisation=BANK)
        except lp.errors.DataError:
            new = ()
        known = known.after(new)
        events += new
        yield known, list(events), on


def naive(events: list[Proposal | Reply], on: date) -> int:
    """The version in force by the words of the rule, with no table: looks at every version anew.

    A version holds if its payee confirmed it or zhou, who is above, set it; or if five days passed between its proposal
    and whatever came next to it: a refusal, a newer proposal, or the day that is asked for.
    """
    found = 0
    proposals = [event for event in events if isinstance(event, Proposal)]
    for proposal in proposals:
        replies = [event for event in events if isinstance(event, Reply) and event.version == proposal.version]
        refused = [reply.on for reply in replies if reply.act == "refuse"]
        newer = [other.on for other in proposals if other.version == proposal.version + 1]
        holds = any((reply.act, reply.by) in {("confirm", "lin"), ("set", "zhou")} for reply in replies)
        ends = proposal.on + timedelta(5)
        quiet = not refused and all(ends <= one for one in newer) and ends <= on
        if holds or quiet:
            found = proposal.version
    return found


@given(STEPS, st.integers(0, 9))
def test_confirmed_is_in_force_and_nothing_else_is(steps: list[tuple[str, int, int, str]], later: int) -> None:
    """After any prefix of any sequence, by whomever: a version is in force if and only if the words of the rule say so.

    A replay of the records comes to the same.
    """
    for known, events, on in played(steps):
        assert naive(events, on + timedelta(later)) == in_force(known, on + timedelta(later))
        assert known == Confirmations.of(Confirmations().lines(events))


@given(STEPS)
def test_only_the_payee_or_somebody_above_puts_a_version_in_force(steps: list[tuple[str, int, int, str]]) -> None:
    """Whoever else presses the button changes nothing, and every reply on record is of who may give it."""
    for _, events, _ in played(steps):
        assert {"lin"} >= {one.by for one in events if isinstance(one, Reply) and one.act != "set"}
        assert {"zhou"} >= {one.by for one in events if isinstance(one, Reply) and one.act == "set"}
        assert "lin" not in {one.by for one in events if isinstance(one, Proposal)}


def test_who_confirms_what_silence_had_confirmed_does_not_move_its_first_day() -> None:
    """Proposed on the 1st with five days, it is in force by silence on the 6th; a yes on the 8th comes two days later.

    What was in force on the 6th and 7th stays so: a month is judged by the day since which its target has held.
    """
    found = answered(ONE, last(ONE).reply("confirm", by="lin", at="2026-04-08"))
    standing = found.in_force("lin", APRIL, on=date(2026, 4, 8))

    assert standing is not None
    assert (VersionState.CONFIRMED, date(2026, 4, 6)) == (standing.came_by, standing.since)
