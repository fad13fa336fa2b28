"""Scheme: what a manager wrote, as one dated value; every field is a table or key of the document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date

from attrs import converters, field, fields, frozen

from loanperf._alert_rules import AlertRule
from loanperf._allocation import TieBreak
from loanperf._commission import DatedPlan, PayRules, Plan, choose_plan
from loanperf._data import PlainData
from loanperf._explanations import Label, html_of
from loanperf._indicators import Indicator
from loanperf._periods import PayCalendar, Period, day, holds_on
from loanperf._quantities import Number, percent
from loanperf._scheme._checks import problems_of
from loanperf._scheme._common import Common, shared_by, without_common
from loanperf._scheme._documents import document_of
from loanperf._scheme._entries import (
    Confirmation,
    Dimension,
    IndicatorEntry,
    Limit,
    Override,
    ScoringEntry,
    Stretch,
    Who,
    indicators_of,
)
from loanperf._scheme._resolve import rebalanced, resolve
from loanperf._scorecard import Bonus, Card, Grade, Phase, Profile, Targets, Veto
from loanperf._targets import CarriedTarget, Season
from loanperf._validators import each_of
from loanperf.errors import ResolveError, SchemeError, UnknownIndicatorError

_PATH = "pass the codes from the top of the tree down, as Organisation.path gives them, such as ('bank', 'east')"


@frozen(kw_only=True)
class Scheme(PlainData):
    """A scheme: indicators, scoring, weight profiles, phases, targets, bonus and commission plans, from a date on.

    Read one with `read_scheme` or `template`. A scheme in use is never edited: a change is a new version with its
    own effective date, in a `SchemeBook`.

    Raises:
        SchemeError: parts that contradict each other; all problems at once, each with its path.
    """

    name: str
    """What it is called, not empty; the versions of one scheme have one name."""
    currency: str
    """ISO 4217 code of every amount."""
    effective: date = field(converter=day)
    """The first day on which this version holds."""
    until: date | None = field(default=None, converter=converters.optional(day))
    """The first day on which it no longer holds; where it is not stated, the next version ends it."""
    title: Label | None = None
    """The name to show, in both languages."""
    note: str = ""
    """Why this version is as it is; free text."""
    dimensions: tuple[Dimension, ...] = ()
    """Dimensions besides performance, risk, growth and team."""
    indicators: tuple[IndicatorEntry, ...] = ()
    """Indicators that the host declares, and options of those in the catalogue."""
    scoring: tuple[ScoringEntry, ...] = ()
    """How each indicator scores; `default` fills in what an indicator does not state."""
    profiles: tuple[Profile, ...] = ()
    """Weight profiles; a scheme without any pays commissions only, by `plans`."""
    phases: tuple[Phase, ...] = ()
    """Strategy phases with what they ask of the weights."""
    timeline: tuple[Stretch, ...] = ()
    """Which phase holds when; on other days none does."""
    who: tuple[Who, ...] = ()
    """Who gets which profile; needed where there is more than one."""
    limits: tuple[Limit, ...] = ()
    """The bounds within which units may set weights."""
    overrides: tuple[Override, ...] = ()
    """What units set otherwise, down the tree."""
    targets: Targets = ()
    """Usual targets of every profile; a profile, a unit and the host may state others."""
    seasons: tuple[Season, ...] = ()
    """Of which indicators the targets are stated of a longer time than is worked, and how they spread over it."""
    carried: tuple[CarriedTarget, ...] = ()
    """Of which indicators what is missed of a target is added to that of the next period."""
    vetoes: tuple[Veto, ...] = ()
    """Limits past which the whole score is replaced."""
    grades: tuple[Grade, ...] = ()
    """Bands of scores."""
    bonus: Bonus | None = None
    """The bonus plan."""
    common: Common | None = None
    """What all plans have in common: written once, and left out where a plan states its own or does without it."""
    plans: tuple[Plan, ...] = ()
    """Commission plans, by code."""
    pay: PayRules | None = None
    """How payees are netted and paid."""
    calendar: PayCalendar | None = None
    """How pay periods follow each other; without it they have the length of that which is worked, and years begin in
    January."""
    confirmation: Confirmation | None = None
    """What payees confirm before it holds; without it nobody is asked."""
    alerts: tuple[AlertRule, ...] = ()
    """When payees and units are warned, by code."""
    fingerprint: str = field(init=False, eq=False)
    """The first twelve hex digits of the SHA-256 of the document; two schemes that differ have two."""

    def __attrs_post_init__(self) -> None:
        if problems := problems_of(_parts(self)):
            raise SchemeError(f"scheme {self.name!r}", problems)
        text = json.dumps(self.document(), default=str)
        object.__setattr__(self, "fingerprint", hashlib.sha256(text.encode()).hexdigest()[:12])

    def document(self) -> dict[str, object]:
        """The scheme as a document of plain values and dates; `scheme_of` reads it back to an equal scheme."""
        return without_common(document_of(_parts(self)))

    def holds_on(self, on: date) -> bool:
        """Whether this version is in force on a day, as far as it says itself."""
        return holds_on(self.effective, self.until, on)

    def profile(self, code: str) -> Profile:
        """A weight profile by code.

        Raises:
            ResolveError: there is none of that code.
        """
        for profile in self.profiles:
            if profile.code == code:
                return profile
        known = ", ".join(profile.code for profile in self.profiles) or "none"
        raise ResolveError(f"profile {code!r}", "the scheme has none of that name", f"use one of {known}")

    def indicator(self, code: str) -> Indicator:
        """An indicator as this scheme has it, with its options or its parts, ready for `lp.measure`.

        Raises:
            UnknownIndicatorError: neither the scheme nor the catalogue has one of that code.

        >>> import loanperf as lp
        >>> lp.template("consumer-finance").indicator("npl_ratio").formula.en
        'non-performing balance / balance'
        """
        known = indicators_of(self.indicators)
        if code not in known:
            raise UnknownIndicatorError(code, tuple(known))
        return known[code]

    def resolve(
        self, *, period: Period, role: str = "", product_line: str = "", tier: str = "", units: Sequence[str] = ()
    ) -> Card:
        """The card that holds for a payee in a period.

        The profile, phase and overrides are those of the first day of the period.

        Args:
            period: of the appraisal.
            role: of the payee; see `Assignment`.
            product_line: of the payee.
            tier: of the payee.
            units: from the top of the tree down to the payee's unit; see `Organisation.path`.

        Raises:
            ResolveError: the scheme is not in force, or no profile or more than one fits.
            WeightsError: a unit sets weights outside the limits set above it, or that the phase forbids.
            PeriodError: `period` is no `Period`.
            DataError: `units` is no list of codes.

        >>> import loanperf as lp
        >>> card = lp.template("consumer-finance").resolve(role="senior", period=lp.Period.month(2026, 3))
        >>> [(line.indicator.code, percent(line.weight)) for line in card.lines][:2]
        [('loan_amount', '30%'), ('disbursed_amount', '15%')]
        """
        path = each_of(units, str, "units", _PATH)
        return resolve(self, period, role=role, product_line=product_line, tier=tier, units=path)

    def plan(
        self, *, on: date | str, role: str = "", product_line: str = "", tier: str = "", units: Sequence[str] = ()
    ) -> DatedPlan:
        """The commission plan that holds for a payee on a day; the one with most conditions wins.

        Args:
            on: the day that decides; see `Plan.selected_at`.
            role: of the payee; see `Assignment`.
            product_line: of the payee.
            tier: of the payee.
            units: from the top of the tree down to the payee's unit; see `Organisation.path`.

        Raises:
            ResolveError: the scheme is not in force, or no plan or more than one fits.
            DataError: `units` is no list of codes.
        """
        on = day(on)
        path = each_of(units, str, "units", _PATH)
        if not self.plans:
            remedy = "add [plans.NAME]"
            raise ResolveError(f"a plan of {self.name!r} on {on}", "the scheme has no commission plan", remedy)
        if not self.holds_on(on):
            until = f" until {self.until}" if self.until else ""
            fault = f"the scheme is in force from {self.effective}{until}"
            raise ResolveError(f"a plan of {self.name!r} on {on}", fault, "choose a day within, or another version")
        return choose_plan(
            self.dated_plans(self.until), on=on, role=role, product_line=product_line, tier=tier, units=path
        )

    def dated_plans(self, until: date | None) -> tuple[DatedPlan, ...]:
        """The plans with the days on which they hold: from the effective date to before `until`; None is open."""
        return tuple(
            DatedPlan(
                plan=plan,
                shared=shared_by(plan, self.common),
                scheme=self.name,
                version=self.fingerprint,
                currency=self.currency,
                since=self.effective,
                until=until,
                rules=self.pay or PayRules(),
                indicators=tuple(entry.resolve() for entry in self.indicators if entry.code in plan.indicators),
                calendar=self.calendar,
            )
            for plan in self.plans
        )

    def rebalance(
        self,
        profile: str,
        changes: Mapping[str, Number],
        *,
        effective: date | str,
        phase: str = "",
        step: Number = "1%",
        tie_break: TieBreak = "largest weight",
    ) -> Scheme:
        """The next version, with weights of a profile changed and the others scaled to exactly 100%.

        Args:
            profile: code of the profile.
            changes: new weights by code of indicator or dimension; see `loanperf.schemes.rebalance`.
            effective: the first day of the new version.
            phase: code of the phase whose weights change; empty changes the profile's own.
            step: what a scaled weight is a multiple of.
            tie_break: who gets a step that two are equally entitled to.

        Raises:
            WeightsError: the changes cannot land on 100%, or a phase forbids them; it says why.
            ResolveError: no such profile or phase.
        """
        return rebalanced(self, profile, changes, day(effective), phase, step, tie_break)

    def _repr_html_(self) -> str:
        codes = list(dict.fromkeys(code for profile in self.profiles for code, _ in profile.weights))
        head = "".join(f"<th>{html_of(profile.code)}</th>" for profile in self.profiles)
        rows = ""
        for code in codes:
            cells = [dict(profile.weights).get(code) for profile in self.profiles]
            shown = "".join(f"<td>{'' if cell is None else percent(cell)}</td>" for cell in cells)
            rows += f"<tr><td>{html_of(code)}</td>{shown}</tr>"
        caption = html_of(f"{self.name}, from {self.effective}, version {self.fingerprint}")
        return f"<table class='loanperf'><caption>{caption}</caption><tr><th></th>{head}</tr>{rows}</table>"


def _parts(scheme: Scheme) -> dict[str, object]:
    """The values of the fields that a document states."""
    return {item.name: getattr(scheme, item.name) for item in fields(Scheme) if item.init}
