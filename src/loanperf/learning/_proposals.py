"""Proposals: (a version in force, the next one) -> what differs, and which rules of phases are kept or broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from attrs import frozen

from loanperf._data import PlainData
from loanperf._explanations import Label
from loanperf._quantities import Number, percent
from loanperf._scheme import Change, Scheme, SchemeBook, diff, dimensions_of, phase_of, weights_in
from loanperf._scorecard import Phase, Weights
from loanperf._validators import must_be
from loanperf.errors import ResolveError
from loanperf.learning._learning import FeedbackSeen, Learning
from loanperf.learning._moved import PastPeriod, PayMoves, whom_it_moves
from loanperf.learning._rules import ProposalStanding
from loanperf.schemes import rebalance
from loanperf.viewer import Viewer, must_be_viewer


@frozen(kw_only=True)
class PhaseRule(PlainData):
    """What a phase asks of some weights of a profile, and what they come to before and after a change."""

    phase: str
    profile: str
    of: tuple[str, ...]
    """Codes of indicators or dimensions, whose weights are summed."""
    at_least: Fraction
    at_most: Fraction
    before: Fraction
    """What they weigh together now."""
    after: Fraction
    """What they would weigh together."""

    @property
    def short(self) -> Fraction:
        """How much less they would weigh than is asked; 0 where they would not."""
        return max(self.at_least - self.after, Fraction(0))

    @property
    def over(self) -> Fraction:
        """How much more they would weigh than is allowed; 0 where they would not."""
        return max(self.after - self.at_most, Fraction(0))

    @property
    def is_kept(self) -> bool:
        """Whether they would weigh what the phase asks."""
        return not self.short and not self.over

    @property
    def sentence(self) -> Label:
        """The rule and what becomes of it, in words."""
        of_en, of_zh = " + ".join(self.of), "、".join(self.of)
        if self.over:
            en, zh = f"at most {percent(self.at_most)} is allowed", f"不得高于 {percent(self.at_most)}"
            en, zh = f"{en}: broken by {percent(self.over)}", f"{zh}：超出 {percent(self.over)}"
        else:
            en, zh = f"at least {percent(self.at_least)} is required", f"不得低于 {percent(self.at_least)}"
            if not self.at_least:
                en, zh = f"at most {percent(self.at_most)} is allowed", f"不得高于 {percent(self.at_most)}"
            en, zh = (
                (f"{en}: broken by {percent(self.short)}", f"{zh}：尚差 {percent(self.short)}")
                if self.short
                else (f"{en}: kept", f"{zh}：符合")
            )
        was, now = percent(self.before), percent(self.after)
        return Label(
            f"phase {self.phase}, profile {self.profile}: {of_en} goes from {was} to {now}; {en}",
            f"阶段 {self.phase}，权重方案 {self.profile}：{of_zh} 由 {was} 变为 {now}；{zh}",
        )


@frozen(kw_only=True)
class ProposalView(PlainData):
    """A proposal as it is shown to who decides, and to whom it concerns."""

    standing: ProposalStanding
    changes: tuple[Change, ...]
    """What differs from the version in force, in the order of the document."""
    rules: tuple[PhaseRule, ...]
    """What the phases ask of the weights, and what they come to; all are kept, or there would be no version."""
    feedback: tuple[FeedbackSeen, ...]
    """What the viewer may read of the feedback that it takes up."""
    taken_up: int
    """How many pieces of feedback it takes up."""
    moves: PayMoves | None
    """Whom it would have moved, of those whom the viewer may see; None where no past period was given."""


def phase_rules(
    scheme: Scheme, profile: str, changes: Mapping[str, Number], *, phase: str = "", step: Number = "1%"
) -> tuple[PhaseRule, ...]:
    """What the phases of a scheme ask of the weights of a profile, and what changes of weights would make of it.

    A version that breaks a rule is refused; here is by how much, before it is made.

    Args:
        scheme: the version in force.
        profile: code of the profile.
        changes: new weights by code of indicator or dimension; the others scale, as of `Scheme.rebalance`.
        phase: code of the phase whose weights change; empty changes the profile's own, which hold in every phase that
            does not state others.
        step: what a scaled weight is a multiple of.

    Raises:
        ResolveError: no such profile or phase.
        WeightsError: the changes cannot land on 100%.

    >>> import loanperf as lp
    >>> cautious = lp.template("risk-control")
    >>> for rule in phase_rules(cautious, "standard", {"npl_ratio": "25%"}, phase="risk-control"):
    ...     print(rule.sentence.en)
    phase risk-control, profile standard: risk goes from 40% to 36%; at least 40% is required: broken by 4%
    phase risk-control, profile standard: npl_ratio goes from 30% to 25%; at least 30% is required: broken by 5%
    """
    must_be(scheme, Scheme, "the scheme", "pass lp.Scheme, such as lp.read_scheme(path)")
    held = scheme.profile(profile)
    stated = phase_of(scheme, phase)
    before = weights_in(held, stated)
    dimensions = dimensions_of(scheme.indicators)
    after = rebalance(before, changes, dimensions=dimensions, step=step, profile=profile)
    asking = [stated] if stated else [one for one in scheme.phases if profile not in dict(one.weights)]
    return tuple(
        rule for one in asking for rule in _rules(one, profile, before, after, dimensions_of(scheme.indicators))
    )


def proposal_view(
    learning: Learning, code: str, *, book: SchemeBook, viewer: Viewer, past: PastPeriod | None = None
) -> ProposalView:
    """A proposal: what differs, the rules of phases, the feedback that it takes up, and whom it would have moved.

    Args:
        learning: the stream in which it was made.
        code: of the proposal.
        book: with the version that it changes.
        viewer: sees of people and feedback what they may see.
        past: the period over which both versions are worked; without it nobody's pay is shown.

    Raises:
        DataError: there is no such proposal, the book has not the version that it changes, or what `whom_it_moves`
            raises.
    """
    must_be_viewer(viewer)
    standing = learning.proposal(code)
    old, new = _version(book, standing.proposed.base), standing.proposed.scheme
    taken = standing.proposed.answers
    return ProposalView(
        standing=standing,
        changes=diff(old, new),
        rules=tuple(_between(old, new)),
        feedback=tuple(one for one in learning.seen_by(viewer) if one.number in taken),
        taken_up=len(taken),
        moves=None if past is None else whom_it_moves(old, new, past, viewer=viewer),
    )


def _version(book: SchemeBook, fingerprint: str) -> Scheme:
    must_be(book, SchemeBook, "the book", "pass lp.SchemeBook([...]) with the versions of the scheme")
    for one in book.versions:
        if one.fingerprint == fingerprint:
            return one
    known = ", ".join(one.fingerprint for one in book.versions)
    raise ResolveError(
        f"version {fingerprint}", "the book has none of it", f"pass the book that has it; {known} are in"
    )


def _between(old: Scheme, new: Scheme) -> Iterator[PhaseRule]:
    """What the phases of a new version ask of its profiles, and what those weighed before."""
    was_phases = {one.code: one for one in old.phases}
    was_profiles = {one.code: one.weights for one in old.profiles}
    for phase in new.phases:
        was = dict(was_phases[phase.code].weights) if phase.code in was_phases else {}
        now = dict(phase.weights)
        for profile in (one for one in new.profiles if not one.is_on_top):
            code = profile.code
            before = was.get(code, was_profiles.get(code, ()))
            yield from _rules(phase, code, before, now.get(code, profile.weights), dimensions_of(new.indicators))


def _rules(
    phase: Phase, profile: str, before: Weights, after: Weights, dimensions: Mapping[str, str]
) -> Iterator[PhaseRule]:
    for rule in phase.require:
        yield PhaseRule(
            phase=phase.code,
            profile=profile,
            of=rule.of,
            at_least=rule.at_least,
            at_most=rule.at_most,
            before=rule.weighs(before, dimensions),
            after=rule.weighs(after, dimensions),
        )
