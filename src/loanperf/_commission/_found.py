"""Found: what accrue has come to so far, with the faults that it met on its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from fractions import Fraction
from typing import TypeAlias

from attrs import field, frozen

from loanperf._commission._accrual import DatedPlan, NoPlan, Waiting
from loanperf._commission._became import DealPairs, DealStates
from loanperf._commission._credits import Share
from loanperf._commission._deals import Deal, DealState
from loanperf._commission._door import LoanFault
from loanperf._commission._drafts import Drafts
from loanperf._explanations import Explanation
from loanperf._numbers import Truth, day_number, marked, whole
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.errors import LoanPerfError, Problem, problem_of

Group: TypeAlias = tuple[str, str, str]
"""Payee, plan and component: what accumulates together."""


@frozen(kw_only=True, eq=False)
class CreditedPart:
    """A payee's part of a deal, and the plan that pays for it."""

    deal: Deal
    share: Share
    shares: tuple[Share, ...]
    """Of everybody."""
    dated: DatedPlan


@frozen(kw_only=True)
class Draft:
    """A line of a period before the rules of that, and before it is rounded."""

    dated: DatedPlan
    component: str
    loan: str = ""
    credit: str = ""
    """The kind of credit that a part of a deal is paid for."""
    stage: str = ""
    on: date
    earned_on: date | None = None
    """The day on which its stage was reached; None is `on`."""
    gross: Fraction
    ends: bool = False
    """Whether it reverses all that its deal came to; accelerators, gates and caps pass it by."""
    windows: tuple[object, ...] = ()
    """What it accumulated in; of what other loans lose as tiers fall back, where they had gained it."""
    fell_back: bool = False
    """Whether it is what other loans lose as tiers fall back."""
    in_parts: bool = False
    """Whether it is one of the parts of a deal, which are rounded so that they sum."""
    steps: tuple[Explanation, ...] = ()


def drafts_of(plans: Sequence[DatedPlan], given: Iterable[tuple[str, Draft]]) -> Drafts:
    """Drafts as columns, each with its payee."""
    pairs = list(given)
    payees, drafts = [payee for payee, _ in pairs], [draft for _, draft in pairs]
    words = {
        name: sorted({getattr(draft, name) for draft in drafts} - {""})
        for name in ("component", "loan", "credit", "stage")
    }
    codes = {
        name: whole([found[getattr(draft, name)] for draft in drafts])
        for name, held in words.items()
        for found in [{"": -1, **{word: code for code, word in enumerate(held)}}]
    }
    people = sorted({*payees})
    code = {payee: place for place, payee in enumerate(people)}
    places = {id(dated): place for place, dated in enumerate(plans)}
    windows = dict[object, int]()
    held = [(row, windows.setdefault(item, len(windows))) for row, draft in enumerate(drafts) for item in draft.windows]
    return Drafts(
        payees=people,
        components=words["component"],
        loans=words["loan"],
        roles=words["credit"],
        stages=words["stage"],
        payee=whole([code[payee] for payee in payees]),
        plan=whole([places[id(draft.dated)] for draft in drafts]),
        component=codes["component"],
        loan=codes["loan"],
        role=codes["credit"],
        stage=codes["stage"],
        on=whole([day_number(draft.on) for draft in drafts]),
        earned=whole([day_number(draft.earned_on or draft.on) for draft in drafts]),
        top=whole([draft.gross.numerator for draft in drafts]),
        below=whole([draft.gross.denominator for draft in drafts]),
        ends=_truths([draft.ends for draft in drafts]),
        in_parts=_truths([draft.in_parts for draft in drafts]),
        fell_back=_truths([draft.fell_back for draft in drafts]),
        window_draft=whole([row for row, _ in held]),
        window=whole([window for _, window in held]),
        steps=lambda row: drafts[row].steps,
    )


def _truths(given: list[bool]) -> Truth:
    return marked(whole([place for place, held in enumerate(given) if held]), len(given))


@frozen(eq=False)
class Found:
    """Gathered while accrue works; it does not leave it."""

    waiting: list[Waiting] = field(factory=list)
    states: DealStates = field(factory=DealStates)
    lifted: DealPairs = field(factory=DealPairs)
    """Payees and loans that earned nothing at their own tier, and are paid since later loans reached a higher one."""
    unplanned: dict[tuple[str, str], NoPlan] = field(factory=dict)
    """By payee and loan: why it is under no plan."""
    drawing: dict[tuple[str, Period], tuple[DatedPlan, int]] = field(factory=dict)
    problems: list[Problem] = field(factory=list)
    blocked: dict[str, dict[Problem, None]] = field(factory=lambda: defaultdict(dict))
    """By payee whose pay is not known: why, each reason once."""

    @property
    def why(self) -> dict[str, tuple[Problem, ...]]:
        """By payee who is blocked: the problems because of which."""
        return {payee: tuple(reasons) for payee, reasons in self.blocked.items()}

    @contextmanager
    def noting(self, where: str, payees: Iterable[str], loan: str = "") -> Iterator[None]:
        """Turns what is raised within it into a problem, and blocks the payees whose pay it leaves unknown."""
        try:
            yield
        except LoanPerfError as error:
            self.note([LoanFault(where, set(payees), loan, error)])

    def note(self, faults: Iterable[LoanFault]) -> None:
        """Turn faults into problems, and block the payees whose pay they leave unknown."""
        for fault in faults:
            payees = sorted(fault.payees)
            payee = payees[0] if len(payees) == 1 else ""
            problem = problem_of(fault.where, fault.error, payee=payee, loan=fault.loan)
            self.problems.append(problem)
            for who in payees:
                self.blocked[who][problem] = None

    def wait(self, group: Group, loan: str, state: DealState, stage: str, waits_for: str, amount: Money | None) -> None:
        """Note a stage that is not payable yet."""
        payee, plan, component = group
        self.waiting.append(
            Waiting(
                payee=payee,
                plan=plan,
                component=component,
                loan=loan,
                state=state,
                stage=stage,
                waits_for=waits_for,
                amount=amount,
            )
        )
