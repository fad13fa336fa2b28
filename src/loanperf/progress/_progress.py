"""Progress: how far a payee or unit is by a day of a period, for each indicator; what comes next; and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Literal, TypeAlias

from attrs import field, frozen

from loanperf._data import PlainData
from loanperf._explanations import Explanation, Label, Language, because, carried, html_of, period_label, spoken, told
from loanperf._ledger import HeldCohort
from loanperf._periods import Period
from loanperf._quantities import Money
from loanperf.errors import UnknownIndicatorError
from loanperf.progress._parts import (
    IndicatorProgress,
    LimitProgress,
    MemberProgress,
    Outlook,
    StepAhead,
    Support,
    TierProgress,
    summed,
)
from loanperf.progress._words import (
    HEADS,
    amounts_label,
    cell_html,
    cells_of,
    outlook_label,
    why_held,
    why_indicator,
    why_limit,
    why_member,
    why_step,
    why_supported,
    why_tier_ahead,
)

Of: TypeAlias = Literal["person", "unit"]


@frozen(kw_only=True)
class Progress(PlainData):
    """Where a person, in one assignment, or a unit stands by a day of a period, and what comes next."""

    of: Of
    who: str
    """The code of the payee or unit."""
    name: str
    """To show; the code where it is not known."""
    period: Period
    """The days that are appraised."""
    as_of: date
    """The last day that has passed."""
    indicators: tuple[IndicatorProgress, ...]
    """In the order of the card."""
    now: Outlook | None
    """Score, grade and bonus so far; None of a unit."""
    _limits: tuple[LimitProgress, ...] | Callable[[], tuple[LimitProgress, ...]] = field(
        default=(), alias="limits", repr=False, eq=told
    )
    earned: tuple[Money, ...] = ()
    """Commission of the period so far, one a currency."""
    _end: Outlook | Callable[[], Outlook | None] | None = field(default=None, alias="end", repr=False, eq=told)
    _steps: tuple[StepAhead, ...] | Callable[[], tuple[StepAhead, ...]] = field(
        default=(), alias="steps", repr=False, eq=told
    )
    _tiers: tuple[TierProgress, ...] | Callable[[], tuple[TierProgress, ...]] = field(
        default=(), alias="tiers", repr=False, eq=told
    )
    _held: tuple[HeldCohort, ...] | Callable[[], tuple[HeldCohort, ...]] = field(
        default=(), alias="held", repr=False, eq=told
    )
    _support: Support | Callable[[], Support | None] | None = field(default=None, alias="support", repr=False, eq=told)
    members: tuple[MemberProgress, ...] = ()
    """The members of a unit, in order of code and date."""

    @property
    def limits(self) -> tuple[LimitProgress, ...]:
        """Vetoes, gates and caps, those of commission too; worked out when somebody asks."""
        return told(self._limits)

    @property
    def end(self) -> Outlook | None:
        """What the readings `at_end` would give; None of a unit, and where nothing is due yet."""
        return told(self._end)

    @property
    def steps(self) -> tuple[StepAhead, ...]:
        """How much more of each indicator gives the target, the next grade or bonus step; worked out when asked for."""
        return told(self._steps)

    @property
    def tiers(self) -> tuple[TierProgress, ...]:
        """Where the payee stands in tiers of commission; worked out when somebody asks."""
        return told(self._tiers)

    @property
    def held(self) -> tuple[HeldCohort, ...]:
        """What the ledger holds of the payee, the oldest first, and when some of it is released next."""
        return told(self._held)

    @property
    def support(self) -> Support | None:
        """The leads and trainings of the payee, of a unit those of its members; None where no facts were passed."""
        return told(self._support)

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        known: dict[str, Any] = {
            "limits": self.limits,
            "steps": self.steps,
            "tiers": self.tiers,
            "held": self.held,
            "support": self.support,
        }
        return carried(self, end=self.end, **known)

    def indicator(self, code: str) -> IndicatorProgress:
        """Where it stands in one indicator.

        Raises:
            UnknownIndicatorError: the card does not weigh it.
        """
        found = {line.indicator.code: line for line in self.indicators}
        if code not in found:
            raise UnknownIndicatorError(code, tuple(found))
        return found[code]

    def explain(self) -> Explanation:
        """What stands in it, as sentences in both languages."""
        return because(
            "progress",
            {"who": self.who, "period": period_label(self.period), "on": self.as_of.isoformat(), "state": _state(self)},
            *(why_indicator(line) for line in self.indicators),
            *(why_limit(limit) for limit in self.limits),
            *(why_step(step) for step in self.steps),
            *(() if (end := self.end) is None else (because("progress.outlook", {"outlook": outlook_label(end)}),)),
            *(because("progress.earned", {"amount": str(amount)}) for amount in self.earned),
            *map(why_tier_ahead, self.tiers),
            *map(why_held, self.held),
            *why_supported(self.support),
            *map(why_member, self.members),
        )

    def html(self, language: Language = "en") -> str:
        """A small table of the indicators, and the rest as a list; every value is escaped.

        Raises:
            DataError: the language is neither English nor simplified Chinese.
        """
        spoken(language)
        head, *nodes = self.explain().sentence(language), *self.explain().because[len(self.indicators) :]
        rows = "".join(f"<tr>{''.join(map(cell_html, cells_of(line, language)))}</tr>" for line in self.indicators)
        heads = "".join(f"<th>{html_of(word)}</th>" for word in HEADS.to(language).split("|"))
        below = "".join(f"<li>{node.html(language)}</li>" for node in nodes)
        table = f"<table class='loanperf'><caption>{html_of(head)}</caption><tr>{heads}</tr>{rows}</table>"
        return table + (f"<ul>{below}</ul>" if below else "")

    def _repr_html_(self) -> str:
        return f"<div class='loanperf'>{self.html()}</div>"


@frozen(kw_only=True)
class NextLoan(PlainData):
    """What one more loan would earn a payee in a period: everything worked with it, less everything without it."""

    payee: str
    period: Period
    amount: Money | None
    """The amount of the loan; None where its facts state none."""
    commission: tuple[Money, ...]
    """What the payee's commission of the period would be more, one a currency; below zero where it would be less. Empty
    where there is no plan."""
    before: Outlook | None
    """Score and bonus without the loan; None where nobody appraises the payee."""
    after: Outlook | None
    """Score and bonus with it."""
    tiers: tuple[TierProgress, ...] = ()
    """Where the payee would stand in tiers with it."""

    @property
    def bonus(self) -> Money | None:
        """What the bonus would be more; None where there is none."""
        if self.before is None or self.after is None or self.before.bonus is None or self.after.bonus is None:
            return None
        return self.after.bonus - self.before.bonus

    @property
    def earns(self) -> tuple[Money, ...]:
        """Commission and bonus together, one a currency, before holdbacks and what is netted."""
        return summed((*self.commission, *(() if self.bonus is None else (self.bonus,))))

    def explain(self) -> Explanation:
        """What it would earn, as sentences in both languages."""
        return because(
            "progress.next loan",
            {
                "who": self.payee,
                "period": period_label(self.period),
                "loan": _of_loan(self.amount),
                "earns": amounts_label(self.earns),
            },
            *(because("progress.more commission", {"amount": str(amount)}) for amount in self.commission),
            *_why_moved(self),
            *map(why_tier_ahead, self.tiers),
        )

    def _repr_html_(self) -> str:
        return f"<div class='loanperf'>{self.explain().html()}</div>"


def _state(progress: Progress) -> Label:
    if progress.now is not None:
        return outlook_label(progress.now)
    count = len(progress.members)
    return Label(f"{count} member{'' if count == 1 else 's'}", f"{count} 人")


def _of_loan(amount: Money | None) -> str | Label:
    return Label("without an amount", "未注明金额") if amount is None else str(amount)


def _why_moved(loan: NextLoan) -> Iterable[Explanation]:
    """What the loan does to score and bonus."""
    if loan.before is not None and loan.after is not None:
        yield because("progress.moved", {"now": outlook_label(loan.before), "then": outlook_label(loan.after)})
