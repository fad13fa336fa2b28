"""Confirmations: (records of proposals and replies) -> which version is in force; commands give what is to be appended.

The stream is `<scheme>/confirmations`: a record a proposal or reply, numbered from 1, with the version of its form.
State is replay: the commands here check what is asked against it, and give events, which `lines` writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeAlias

from attrs import evolve, field, frozen

from loanperf._org import Organisation, levels_above
from loanperf._periods import Period, must_be_period
from loanperf._scheme._entries import Agreed, Confirmation
from loanperf._streams import Stream, day_of_moment, moment
from loanperf._targets import Target
from loanperf._validators import each_of, has_words, is_same_person, must_be
from loanperf.errors import DataError, shown
from loanperf.goals._moves import IN_FORCE, MOVES, Act, Barred, VersionState
from loanperf.goals._proposals import Document, Proposal, Reply, Version, is_before

Event: TypeAlias = Proposal | Reply
Matter: TypeAlias = tuple[Agreed, str, Period]
"""What is confirmed: targets or plan, of which payee, for which period."""
_Known: TypeAlias = dict[Matter, tuple[Version, ...]]
"""The versions of each matter, in order."""


def confirmations_stream(scheme: str) -> str:
    """The name of the stream of a scheme's confirmations, in the entry store in which its ledger is.

    >>> confirmations_stream("branch pay")
    'branch pay/confirmations'
    """
    return f"{scheme}/confirmations"


@frozen(kw_only=True)
class Confirmations:
    """What was proposed to payees, what they said, and which version is therefore in force.

    Each command checks what is asked and gives the events to append, none where they are there already; it changes
    nothing. Append `lines(events)` at `expected=records`, so that of two who answer at once one reads anew.

    >>> from loanperf.adapters.memory import MemoryEntries
    >>> Confirmations.of(MemoryEntries().read(confirmations_stream("branch pay"))).records
    0
    """

    records: int = 0
    """How many records the stream has: the `expected` of what is appended next."""
    _known: Mapping[Matter, tuple[Version, ...]] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, records: Iterable[str]) -> Confirmations:
        """What the records of a stream say, from the first on.

        The hash of a record shows that it was changed, unless whoever did so made it anew: read them with
        `loanperf.run.read_confirmations`, which proves the seals of the store first.

        Raises:
            DataError: a record is none of its kinds, is missing, is of a newer version, is not what its hash is of, or
                says what cannot be.
        """
        known, count = _STREAM.read(records, {})
        return cls(records=count, known=MappingProxyType(known))

    def after(self, events: Iterable[Event]) -> Confirmations:
        """What is known once events are appended.

        Raises:
            DataError: one of them cannot be.
        """
        known, count = _STREAM.add(events, {**self._known}, self.records)
        return evolve(self, records=count, known=MappingProxyType(known))

    def lines(self, events: Iterable[Event]) -> list[str]:
        """The records to append for events."""
        return _STREAM.lines(events, self.records)

    # ── how it stands ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def matters(self) -> tuple[Matter, ...]:
        """Everything that was ever proposed, in that order: targets or plan, of which payee, for which period."""
        return tuple(self._known)

    def versions(self, payee: str, period: Period, *, of: Agreed = "targets") -> tuple[Version, ...]:
        """Every version of a matter, from the first on, as the records have them: silence is not counted.

        Raises:
            PeriodError: `period` is no period.
        """
        must_be_period(period)
        return self._known.get((of, payee, period), ())

    def newest(self, payee: str, period: Period, *, on: date, of: Agreed = "targets") -> Version | None:
        """How the newest version stands on a day, or on the last day of which its records speak where that is later.

        Args:
            payee: whose.
            period: for which.
            on: up to which day silence counts.
            of: targets or plan.

        Returns:
            None where nothing was proposed.
        """
        versions = self.versions(payee, period, of=of)
        return _silent(versions[-1], max(on, versions[-1].last_on)) if versions else None

    def in_force(self, payee: str, period: Period, *, on: date, of: Agreed = "targets") -> Version | None:
        """The version that is in force on a day, or on the last day of which its records speak where that is later.

        It is the newest of those that came in force: an older one stays until a newer one is confirmed.

        Args:
            payee: whose.
            period: for which.
            on: up to which day silence counts.
            of: targets or plan.

        Returns:
            None where no version ever came in force.
        """
        versions = self.versions(payee, period, of=of)
        if not versions:
            return None
        last = _silent(versions[-1], max(on, versions[-1].last_on))
        return next((one for one in (last, *reversed(versions[:-1])) if one.is_in_force), None)

    def targets(self, period: Period, *, on: date) -> tuple[Target, ...]:
        """The targets of everybody for a period that are in force on a day; see `in_force`.

        Each says as its source which version it is of: pass them to `lp.appraise` or to a `Watch`.

        Raises:
            PeriodError: `period` is no period.
        """
        must_be_period(period)
        whose = (payee for of, payee, when in self._known if of == "targets" and when == period)
        held = (self.in_force(payee, period, on=on) for payee in whose)
        return tuple(target for version in held if version is not None for target in version.targets)

    # ── commands ────────────────────────────────────────────────────────────────────────────────────────────

    def propose(
        self,
        document: Document,
        *,
        by: str,
        at: date | datetime | str,
        rules: Confirmation,
        organisation: Organisation,
        proposers: Iterable[str] = (),
    ) -> tuple[Proposal, ...]:
        """Propose a document to its payee, as the next version of its matter.

        The same document again, while the newest version is not refused, is no new version.

        Args:
            document: what is shown.
            by: the code of who proposes: who is above the payee on that day, see `is_superior`, or one of `proposers`;
                never the payee, in whatever case.
            at: the day, or the time with its offset.
            rules: `confirmation` of the scheme.
            organisation: knows who is there. Of a payee who is not there on the day of the proposal, their first day in
                the period says who is above them.
            proposers: codes of others who may propose, such as HR.

        Raises:
            DataError: the payee has left or has no part in the period, would propose to themselves, or is proposed to
                by somebody who is not above them; targets of a part of a period; the scheme does not ask to confirm
                this; it is dated before the version before it.
            PeriodError: `at` is no day and no time with its offset.
        """
        must_be(document, Document, "what is proposed", "pass a loanperf.goals.Document, as target_letter gives")
        must_be(rules, Confirmation, "rules", "pass scheme.confirmation; add [confirmation] to the scheme first")
        where = document.where
        if document.of not in rules.of:
            fault, remedy = "the scheme does not ask to confirm them", f"add {document.of!r} to confirmation.of"
            raise DataError(where, fault, remedy)
        if is_same_person(by, document.payee):
            raise DataError(where, f"{by} would propose to themselves", "let somebody else propose it")
        _must_be_there(where, document, organisation)
        _must_be_whole(where, document)
        named = each_of(proposers, str, "proposers", "pass a list of codes, such as ['hr']")
        if by not in named:
            _must_be_above(where, by, document, day_of_moment(moment(at)), rules, organisation)
        versions = self.versions(document.payee, document.period, of=document.of)
        if versions and versions[-1].proposal.document == document and versions[-1].state is not VersionState.REFUSED:
            return ()
        proposal = Proposal(
            document=document,
            version=len(versions) + 1,
            digest=document.digest(rules.silence_days),
            silence_days=rules.silence_days,
            by=by,
            at=moment(at),
        )
        _followed(versions, proposal)
        return (proposal,)

    def answer(self, reply: Reply, *, rules: Confirmation, organisation: Organisation) -> tuple[Reply, ...]:
        """Confirm or refuse the newest version, by its payee, or set it, by a superior; see `MOVES`.

        What was said before, by the same person for the same reason, is no new event.

        Args:
            reply: what is said, with the number and the hash of the text that was shown, as `Proposal.reply` makes it.
            rules: `confirmation` of the scheme.
            organisation: knows who is above whom on the day of the reply.

        Raises:
            DataError: nothing or something else was proposed, a newer version was, it was another text, somebody else
                answers for the payee, who sets it is not above the payee on that day, there is no reason where one is
                asked for, it is dated before what it answers, or the table bars it.
            NoAssignmentError: the payee of what a superior sets is not there on that day.
        """
        must_be(reply, Reply, "the reply", "pass a loanperf.goals.Reply, as Proposal.reply makes it")
        versions = self.versions(reply.payee, reply.period, of=reply.of)
        after = _answered(versions, reply)
        if reply.act == "set" and after is not versions:
            _must_be_superior(reply, rules, organisation)
        return () if after is versions else (reply,)


def _must_be_superior(reply: Reply, rules: Confirmation, organisation: Organisation) -> None:
    must_be(rules, Confirmation, "rules", "pass scheme.confirmation; add [confirmation] to the scheme first")
    if not is_superior(organisation, reply.by, reply.payee, reply.on, rules):
        fault = f"{reply.by} is not above {reply.payee} on {reply.on}"
        of_roles = f"let a {' or '.join(rules.superiors)} of the payee's unit or of one above it do it"
        raise DataError(reply.where, fault, of_roles if rules.superiors else "let somebody of a unit above do it")


def is_superior(organisation: Organisation, who: str, payee: str, on: date, rules: Confirmation) -> bool:
    """Whether somebody is above a payee on a day, so that they may set what the payee does not confirm.

    Where the scheme names roles of superiors, who holds one of them in the payee's unit or in one above it, and in the
    payee's own unit only above payees of other roles. Otherwise everybody who is assigned to a unit above the payee's.
    It goes by assignments alone: who leads a unit by name, as `loanperf.alerts.Leads` has it, is not above anybody here
    unless they are assigned there; name them in `proposers`.

    Raises:
        NoAssignmentError: the payee is not there on that day.
    """
    must_be(organisation, Organisation, "organisation", "pass a lp.Organisation")
    mine = organisation.assignment(payee, on)
    path = organisation.path(mine.unit, on) if organisation.units else (mine.unit,)
    held = [item for item in organisation.assignments if item.holds_on(on)]

    def leads(unit: str) -> Iterator[str]:
        """Who is assigned to a unit, in a role of superiors where there are such."""
        return (
            item.payee for item in held if item.unit == unit and (not rules.superiors or item.role in rules.superiors)
        )

    return any(who in level for level in levels_above(payee, reversed(path), leads))


# ── the rules ───────────────────────────────────────────────────────────────────────────────────────────────


def _applied(known: _Known, event: Event, _: int) -> _Known:
    """What is known once something was proposed or answered; see `Stream.applied`.

    Raises:
        DataError: it cannot be, or was said before.
    """
    about = event.document if isinstance(event, Proposal) else event
    versions = known.get((about.of, about.payee, about.period), ())
    after = _followed(versions, event) if isinstance(event, Proposal) else _answered(versions, event)
    if after is versions:
        raise DataError(event.where, "it says what was said before", "leave it at that")
    known[about.of, about.payee, about.period] = after
    return known


_STREAM = Stream[Event, dict[Matter, tuple[Version, ...]]](
    "confirmations", {"proposal": Proposal, "reply": Reply}, _applied
)


def _silent(one: Version, on: date) -> Version:
    """A version once silence has counted up to a day."""
    ends = one.proposal.silence_ends
    if ends is None or on < ends:
        return one
    return _moved(one, Act.SILENCE, ends)


def _moved(one: Version, act: Act, on: date) -> Version:
    """A version after an act, by the table.

    Raises:
        DataError: the table bars it.
    """
    to = MOVES[one.state, act]
    if isinstance(to, Barred):
        raise DataError(one.proposal.where, to.fault.en, to.remedy.en)
    if to not in IN_FORCE or to is one.state:
        return evolve(one, state=to)
    return evolve(one, state=to, came_by=to, since=one.since or on)


def _followed(versions: tuple[Version, ...], proposal: Proposal) -> tuple[Version, ...]:
    """Versions with one more behind them.

    Raises:
        DataError: its number does not follow, or it is dated before what was said of the version before it.
    """
    if proposal.version != len(versions) + 1:
        raise DataError(proposal.where, f"version {len(versions) + 1} comes next", "propose that one")
    if not versions:
        return (Version(proposal=proposal),)
    *before, last = versions
    _must_not_be_before(proposal.where, proposal.at, last)
    replaced = _moved(_silent(last, proposal.on), Act.REPLACE, proposal.on)
    return (*before, replaced, Version(proposal=proposal))


def _answered(versions: tuple[Version, ...], reply: Reply) -> tuple[Version, ...]:
    """Versions once one of them is answered; the very same where that was said before.

    Raises:
        DataError: it cannot be said.
    """
    where = reply.where
    if not versions:
        raise DataError(where, "nothing was proposed", "propose it first")
    if reply.version > len(versions):
        fault, remedy = f"there is no such version; the newest is {len(versions)}", "answer that one"
        raise DataError(where, fault, remedy)
    asked = versions[reply.version - 1]
    if reply.digest != asked.proposal.digest:
        fault = f"the hash {shown(reply.digest)} is not that of what was proposed"
        raise DataError(where, fault, "show it as it was proposed, and send its hash")
    if reply.act != "set" and not is_same_person(reply.by, reply.payee):
        fault = f"{reply.by} would answer for {reply.payee}"
        raise DataError(where, fault, f"let {reply.payee} answer, or a superior set it with a reason")
    if reply.act != "confirm" and not has_words(reply.why):
        raise DataError(where, "there is no reason", "say why")
    if reply.act == "set" and is_same_person(reply.by, reply.payee):
        raise DataError(where, f"{reply.by} would set what is their own", "let a superior set it, or confirm it")
    _must_not_be_before(where, reply.at, asked)
    act = Act(reply.act)
    now = _moved(_silent(asked, reply.on), act, reply.on)
    if now.state is asked.state:
        said = next((one for one in reversed(asked.replies) if one.act == reply.act), reply)
        if (said.by, said.why) != (reply.by, reply.why):
            fault = f"it was {_PAST[act]} on {said.on} by {said.by}, and for another reason: {shown(said.why)}"
            raise DataError(where, fault, "leave it, or propose a new version")
        return versions
    after = evolve(now, replies=(*asked.replies, reply))
    return (*versions[: reply.version - 1], after, *versions[reply.version :])


_PAST = {Act.CONFIRM: "confirmed", Act.REFUSE: "refused", Act.SET: "set"}


def _must_not_be_before(where: str, at: str, last: Version) -> None:
    for earlier in (last.proposal.at, *(reply.at for reply in last.replies)):
        if is_before(at, earlier):
            fault = f"it is dated {at}, and what it follows {earlier}"
            raise DataError(where, fault, "give the day or time at which it was said")


def _must_be_there(where: str, document: Document, organisation: Organisation) -> None:
    """Refuse a payee who has no part in the period.

    Raises:
        DataError: they have left, or were never there.
    """
    must_be(organisation, Organisation, "organisation", "pass a lp.Organisation")
    if organisation.assignments_in(document.payee, document.period):
        return
    left = organisation.left_on(document.payee)
    if left is not None and left <= document.period.start:
        raise DataError(where, f"{document.payee} left on {left}", "divide it among those who are there")
    raise DataError(where, f"{document.payee} has no assignment in it", "mend the code, or add an assignment")


def _must_be_whole(where: str, document: Document) -> None:
    """Refuse targets of some days of a month alone, which no run would use.

    Raises:
        DataError: the period has a part of a month, and is none of a calendar of pay periods.
    """
    period = document.period
    if document.of == "targets" and period.calendar is None and not period.months:
        fault = "it is a part of a period, and the targets of a whole one are confirmed"
        remedy = (
            "propose those of the whole period: they are cut to the days on which the payee is there; take a period"
        )
        raise DataError(where, fault, f"{remedy} that is not made of months from lp.schemes.PayCalendar")


def _must_be_above(
    where: str, by: str, document: Document, on: date, rules: Confirmation, organisation: Organisation
) -> None:
    """Refuse a proposal of somebody who is not above the payee.

    Raises:
        DataError: they are not.
    """
    payee = document.payee
    if not organisation.held_on(payee, on):
        on = organisation.assignments_in(payee, document.period)[0][1].start
    if not is_superior(organisation, by, payee, on, rules):
        fault = f"{by} is not above {payee} on {on}"
        raise DataError(where, fault, "let a superior propose it, or name who else does, as proposers=['hr']")
