"""What a run comes to: results, what it posted and handed over, and everything that could not be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import field, frozen

from loanperf._appraisal import Appraisal
from loanperf._bonus import Award
from loanperf._commission import Accruals, Unpaid, UnpaidBy, counted
from loanperf._explanations import Explanation, Label, Language, in_words
from loanperf._ledger import Answer, Entry, Ledger, Payment
from loanperf._org import Assignment
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.errors import Cause, Problem, causes_of


@frozen(kw_only=True)
class Result:
    """What one assignment of a payee came to; a payee with two roles in the period has two."""

    payee: str
    name: str
    assignment: Assignment
    part: Period
    """The days of the period in which the assignment holds."""
    appraisal: Appraisal
    award: Award | None
    """None where the scheme has no bonus plan."""

    def explain(self) -> Explanation:
        """Why the bonus, or without one the score, is what it is, down to the facts."""
        return self.award.explain() if self.award is not None else self.appraisal.explain()


_STAKES = (
    Label("due", "应发"),
    Label("held", "预留风险金"),
    Label("earned", "提成"),
    Label("to be released", "到期应返还风险金"),
    Label("bonus", "奖金"),
)
"""What may be at stake, in the order of the fields of `Blocked`."""


@frozen(kw_only=True)
class Blocked:
    """A payee who could not be worked: why, and what is at stake until that is mended.

    What is at stake is what is known of it; where every amount is zero, it is not known.
    """

    payee: str
    why: tuple[Problem, ...]
    """The problems because of which nothing could be worked; one may be about a loan that several payees share."""
    due: tuple[Money, ...] = ()
    """What the ledger has as due to the payee and not paid, one a currency."""
    held: tuple[Money, ...] = ()
    """What the ledger holds back of their pay: a release of it that falls due is not posted."""
    earned: tuple[Money, ...] = ()
    """Commission known so far that this run does not post."""
    released: tuple[Money, ...] = ()
    """What is known to fall due for release by the end of the period, and is not posted by this run."""
    bonus: tuple[Money, ...] = ()
    """Bonus known so far: of the assignments that could be appraised."""

    @property
    def is_known(self) -> bool:
        """Whether anything is known of what is at stake."""
        return any(money.units for money in (*self.due, *self.held, *self.earned, *self.released, *self.bonus))

    @property
    def text(self) -> Label:
        """The payee, the reasons for the block and the amounts at stake, as a sentence in both languages."""
        why = "; ".join(f"{problem.where}: {problem.fault}" for problem in self.why[:1])
        more = f" and {len(self.why) - 1} more" if len(self.why) > 1 else ""
        en, zh = ", ".join(self._stakes("en")) or "unknown", "、".join(self._stakes("zh")) or "未知"
        return Label(
            f"{self.payee} could not be worked: {why}{more}; at stake: {en}",
            f"{self.payee} 无法核算，原因 {len(self.why)} 项，见问题清单；涉及金额：{zh}",
        )

    def _stakes(self, language: Language) -> Iterator[str]:
        amounts = (self.due, self.held, self.earned, self.released, self.bonus)
        for name, known in zip(_STAKES, amounts, strict=True):
            yield from (f"{name.to(language)} {in_words(money, language)}" for money in known if money.units)

    def __str__(self) -> str:
        return self.text.en


@frozen(kw_only=True)
class Run:
    """A period worked: results, and everything that could not be used."""

    period: Period
    results: tuple[Result, ...]
    """In order of payee, then date."""
    problems: tuple[Problem, ...]
    """All of them, what follows from others among them; `causes` has them by what to mend."""
    payments: tuple[Payment, ...]
    """What was handed to the sink, or would be.

    With a ledger the payments that it has for the period. Without one, one a payee with a bonus above zero; a payee
    who is `blocked` is not in it, since a sink takes each key only once.
    """
    rows: int
    """Rows that came in."""
    used: int
    """Rows without a problem, repeats among them; each of the others has one."""
    held: bool
    """Whether nothing was posted and paid, since it `needs_approval` or somebody did not approve."""
    blocked: tuple[Blocked, ...] = ()
    """The payees who could not be worked, in order of code. With one of them the run is held unless it is approved, and
    the period is not closed, however often it is run, until that is mended."""
    holding: tuple[Problem, ...] = ()
    """What else holds the run unless it is approved, such as a first run over a long past; also among `problems`."""
    taken: Mapping[str, int] = field(factory=dict)
    """Rows pulled from each feed in this run."""
    answers: tuple[Answer, ...] = ()
    """What finance newly said of payments."""
    accruals: Accruals | None = field(default=None, repr=False)
    """Commissions; None without a ledger or plans."""
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    """What was posted in this run, or would be; nothing where it was posted before."""
    ledger: Ledger | None = field(default=None, repr=False)
    """With these entries; None where none is kept."""
    closed: bool = False
    """Whether the period is closed."""

    @property
    def causes(self) -> tuple[Cause, ...]:
        """What to mend: the problems by what causes them, in natural order; see `errors.causes_of`."""
        return causes_of(self.problems)

    @property
    def needs_approval(self) -> bool:
        """Whether rows could not be used, payees could not be worked, or something else holds the run."""
        return self.used != self.rows or bool(self.blocked or self.holding)

    @property
    def unpaid(self) -> tuple[Unpaid, ...]:
        """Loans that no component pays and that first fell due in the period, each with the payee and the reason."""
        found = self.accruals.unpaid if self.accruals is not None else ()
        return tuple(item for item in found if item.period == self.period)

    @property
    def unpaid_besides(self) -> tuple[tuple[UnpaidBy, int], ...]:
        """How many other loans are not paid for each reason: those of earlier periods, or not due yet."""
        found = self.accruals.unpaid if self.accruals is not None else ()
        return counted(item for item in found if item.period != self.period)
