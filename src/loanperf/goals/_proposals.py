"""Proposals: (what a payee is shown) -> a version with its text and hash; replies to it; and how it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Literal, TypeAlias

from attrs import evolve, field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._data import PlainData
from loanperf._explanations import Label, Language, in_words, near_label
from loanperf._holdback import MOST_DAYS
from loanperf._periods import Period
from loanperf._quantities import Quantity, percent
from loanperf._scheme._entries import Agreed
from loanperf._streams import day_of_moment, moment
from loanperf._targets import Target
from loanperf._validators import (
    a_code,
    a_text,
    between,
    has_words,
    is_a,
    is_same_person,
    must_be_storable,
    one_of,
)
from loanperf.errors import DataError, shown
from loanperf.goals._moves import STATE_NAMES, VersionState

Answer: TypeAlias = Literal["confirm", "refuse", "set"]
MATTERS = {"targets": Label("targets", "目标"), "plan": Label("plan document", "个人方案书")}
"""What is confirmed, in words."""


def is_before(at: str, other: str) -> bool:
    """Whether a moment is before another: by instants where both have a time, else by days.

    >>> is_before("2026-04-01T08:00:00+08:00", "2026-04-01T09:30:00+08:00"), is_before("2026-04-01", "2026-04-01")
    (True, False)
    """
    if len(at) > 10 and len(other) > 10:
        return datetime.fromisoformat(at) < datetime.fromisoformat(other)
    return day_of_moment(at) < day_of_moment(other)


def _targets(given: Iterable[Target]) -> tuple[Target, ...]:
    return tuple(given)


def _written(value: Quantity, language: Language) -> str:
    return in_words(near_label(value), language, bare=True)


def _states(text: str, value: Quantity, language: Language) -> bool:
    """Whether a text has a value in it, and not as a part of another number."""
    written = {_written(value, language)} | (set() if value.unit else {percent(value.value)})
    return any(re.search(rf"(?<![\d.,-]){re.escape(one)}(?!\d|[.,]\d)", text) for one in written)


@frozen(kw_only=True)
class Document(PlainData):
    """What a payee is shown to confirm: the targets of a period, or the scheme as it applies to them, in words.

    Raises:
        DataError: a text is missing in one of the languages, or does not state a target; targets are of somebody else,
            of another period or of one indicator twice, or there are none where targets are to be confirmed.
    """

    of: Agreed = field(validator=one_of(Agreed))
    """`targets` or `plan`."""
    payee: str = field(validator=a_code)
    period: Period = field(validator=is_a(Period))
    """Of targets the period that is worked; of a plan document any time, within which it holds for every period."""
    text: Label = field(validator=is_a(Label))
    """The exact text in both languages, Markdown."""
    targets: tuple[Target, ...] = field(default=(), converter=_targets, validator=deep_iterable(is_a(Target)))
    """Those that the text states, in order of indicator; of a plan document without a period where each holds for
    every period that is worked."""
    basis: str = field(default="", validator=a_text)
    """Of a plan document: by which version, profile and plan it was made; see `basis_of`."""

    @property
    def where(self) -> str:
        """What it is, as errors say it."""
        return f"the {MATTERS[self.of].en} of {self.payee} for {self.period}"

    def __attrs_post_init__(self) -> None:
        where = self.where
        if not (has_words(self.text.en) and has_words(self.text.zh)):
            raise DataError(where, "the text is not there in both languages", "give lp.Label(en, zh) with both")
        for part in (self.text.en, self.text.zh):
            must_be_storable(f"{where}, the text", part)
        codes = [target.indicator for target in self.targets]
        if self.of == "targets" and not codes:
            raise DataError(where, "there is no target", "give one target or more")
        if len(set(codes)) < len(codes):
            raise DataError(where, "one indicator has two targets", "give one target for each indicator")
        for target in self.targets:
            if target.payee != self.payee or target.period not in (None, self.period):
                fault = f"the target of {target.indicator} is of {target.payee} for {target.period}"
                raise DataError(where, fault, "give targets of the payee for the period")
            for language in ("en", "zh"):
                if not _states(self.text.to(language), target.value, language):
                    fault = f"the text ({language}) does not say {_written(target.value, language)} of its targets"
                    raise DataError(where, fault, "state every target in both languages, as target_letter does")

    def digest(self, silence_days: int | None = None) -> str:
        """The SHA-256 in hexadecimal of all that is agreed to with it: no part of it can be another one unseen.

        It is over JSON in ASCII with no blanks between its parts: a list of what it is of, the payee, the first day of
        the period and the day after it, the English and the Chinese text, the targets in their order, each as its
        indicator, its exact number (`1/3` where it has no end) and its unit, the basis, and the days of silence.

        Args:
            silence_days: after which it is in force without an answer; None is never.

        >>> april = Period.month(2026, 4)
        >>> Document(of="plan", payee="lin", period=april, text=Label("Yes", "是")).digest()[:12]
        '32042ce0bc31'
        """
        targets = [[one.indicator, str(one.value.value), one.value.unit] for one in self.targets]
        days = [self.period.start.isoformat(), self.period.end.isoformat()]
        said = [self.of, self.payee, *days, self.text.en, self.text.zh, targets, self.basis, silence_days]
        return sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()

    def to(self, language: Language) -> str:
        """The text in a language."""
        return self.text.to(language)


@frozen(kw_only=True)
class Proposal(PlainData):
    """A version of a document that is proposed to its payee.

    Raises:
        DataError: the hash is not that of what is proposed, or somebody proposes to themselves.
    """

    document: Document = field(validator=is_a(Document))
    version: int = field(validator=between(1, None, int))
    """1 for the first of its payee, period and matter, and one more for each that follows."""
    digest: str = field(validator=is_a(str))
    """The hash of what is agreed to, with the days of silence; see `Document.digest`."""
    silence_days: int | None = field(default=None, validator=optional(between(1, MOST_DAYS, int)))
    """Days without an answer after which it is in force; None is never. As the scheme said when it was proposed."""
    by: str = field(validator=a_code)
    """The code of who proposes it."""
    at: str = field(converter=moment)
    """The day, or the time with its offset."""

    def __attrs_post_init__(self) -> None:
        if self.digest != self.document.digest(self.silence_days):
            fault = f"its hash {shown(self.digest)} is not that of its text and targets"
            raise DataError(self.where, fault, "restore the record as it was written")
        if is_same_person(self.by, self.document.payee):
            raise DataError(self.where, f"{self.by} would propose to themselves", "let somebody else propose it")

    @property
    def where(self) -> str:
        """What it is, as errors say it."""
        return f"version {self.version} of {self.document.where}"

    @property
    def on(self) -> date:
        """The day on which it was proposed."""
        return day_of_moment(self.at)

    @property
    def silence_ends(self) -> date | None:
        """The first day on which silence has confirmed it; None where it never does."""
        return None if self.silence_days is None else self.on + timedelta(self.silence_days)

    def reply(self, act: Answer, *, by: str, at: date | datetime | str, why: str = "") -> Reply:
        """What somebody says to this version, who was shown its text.

        Args:
            act: `confirm`, `refuse` or `set`.
            by: the code of who says it.
            at: the day, or the time with its offset.
            why: the reason, for `refuse` and `set`.

        Raises:
            DataError: the act is no such word, or a text cannot be kept.
            PeriodError: `at` is no day and no time with its offset.
        """
        what = self.document
        return Reply(
            act=act,
            of=what.of,
            payee=what.payee,
            period=what.period,
            version=self.version,
            digest=self.digest,
            by=by,
            at=moment(at),
            why=why,
        )


@frozen(kw_only=True)
class Reply(PlainData):
    """What somebody said to a version that was proposed."""

    act: Answer = field(validator=one_of(Answer))
    """`confirm` and `refuse` of its payee, `set` of a superior."""
    of: Agreed = field(validator=one_of(Agreed))
    payee: str = field(validator=a_code)
    period: Period = field(validator=is_a(Period))
    version: int = field(validator=between(1, None, int))
    digest: str = field(validator=is_a(str))
    """The hash of what was shown."""
    by: str = field(validator=a_code)
    """The code of who said it."""
    at: str = field(converter=moment)
    """The day, or the time with its offset."""
    why: str = field(default="", validator=a_text)
    """The reason, for `refuse` and `set`."""

    @property
    def where(self) -> str:
        """The version to which it was said, as errors say it."""
        return f"version {self.version} of the {MATTERS[self.of].en} of {self.payee} for {self.period}"

    @property
    def on(self) -> date:
        """The day on which it was said."""
        return day_of_moment(self.at)


@frozen(kw_only=True)
class Version(PlainData):
    """How a version stands, on some day."""

    proposal: Proposal
    state: VersionState = VersionState.WAITING
    came_by: VersionState | None = None
    """How it came in force, if it ever did: confirmed, by silence, or set by a superior."""
    since: date | None = None
    """The first day on which it was in force; None where it never was."""
    replies: tuple[Reply, ...] = ()
    """What was said to it, in order."""

    @property
    def version(self) -> int:
        """The number of the version."""
        return self.proposal.version

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets that its text states; each says as its source which version it is of, and how that stands."""
        return tuple(evolve(target, source=self.said) for target in self.proposal.document.targets)

    @property
    def is_in_force(self) -> bool:
        """Whether it came in force; a newer version that did takes its place."""
        return self.came_by is not None

    @property
    def last_on(self) -> date:
        """The last day on which anything was said of it."""
        return max((self.proposal.on, *(reply.on for reply in self.replies)))

    @property
    def said(self) -> Label:
        """The version and how it stands, such as `version 2, confirmed on 2026-04-02`."""
        name = STATE_NAMES[self.came_by or self.state]
        on = self.since if self.came_by is VersionState.SILENT else self.last_on
        if self.state is VersionState.WAITING:
            return Label(f"version {self.version}, waiting since {on}", f"第 {self.version} 版，自 {on} 起待确认")
        return Label(f"version {self.version}, {name.en} on {on}", f"第 {self.version} 版，{on} {name.to('zh')}")


@frozen(kw_only=True)
class UsedVersion(PlainData):
    """Which version of a payee's targets or plan document a result stands on."""

    of: Agreed = field(validator=one_of(Agreed))
    """`targets` or `plan`."""
    version: int = field(default=0, validator=between(0, None, int))
    """The number of the version that was used; 0 where nothing was proposed."""
    digest: str = ""
    """The hash of what was agreed to; see `Document.digest`."""
    came_by: VersionState | None = None
    """How it came in force; None where it is not, and was used all the same."""
    since: date | None = None
    """The first day on which it was in force."""
    newest: int = field(default=0, validator=between(0, None, int))
    """The number of the newest version, which is not in force where it is another one."""

    @classmethod
    def of_versions(cls, of: Agreed, in_force: Version | None, newest: Version | None) -> UsedVersion:
        """What is used of a matter: what is in force, else the newest version."""
        used = in_force or newest
        if used is None:
            return cls(of=of)
        return cls(
            of=of,
            version=used.version,
            digest=used.proposal.digest,
            came_by=used.came_by,
            since=used.since,
            newest=used.version if newest is None else newest.version,
        )

    @property
    def said(self) -> Label:
        """In words, such as `targets: version 2, confirmed`."""
        name = MATTERS[self.of]
        if not self.version:
            return Label(f"{name.en}: nothing was proposed", f"{name.zh}：尚未提出")
        state = Label("not confirmed", "未确认") if self.came_by is None else STATE_NAMES[self.came_by]
        more = Label("", "")
        if self.newest > self.version:
            more = Label(f"; version {self.newest} is not in force", f"；第 {self.newest} 版尚未生效")
        return Label(
            f"{name.en}: version {self.version}, {state.en}{more.en}",
            f"{name.zh}：第 {self.version} 版，{state.zh}{more.zh}",
        )
