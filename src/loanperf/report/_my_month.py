"""My month: what a payee sees of a period: the score so far, money so far, what comes next, alerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from loanperf._explanations import Language
from loanperf._ledger import Statement
from loanperf.alerts import AlertCase
from loanperf.progress import NextLoan, Progress
from loanperf.report._alerts import alert_remarks, cases_given
from loanperf.report._given import (
    must_be_known,
    name_of_payee,
    not_published,
    results_of,
    shown_to,
    statements_of,
    subject_of,
)
from loanperf.report._money import (
    ahead,
    balance_figures,
    bonus_figure,
    lines_section,
    next_tiers,
    of_commission,
    tells_bonus,
)
from loanperf.report._page import Page
from loanperf.report._parts import Remark, Section
from loanperf.report._progress import loans_ahead, progress_of, progress_section, steps_ahead
from loanperf.report._score import score_figure, scorecard
from loanperf.report._words import WORDS, say
from loanperf.run import Result
from loanperf.viewer import Viewer, must_be_viewer


def my_month(
    payee: str,
    results: Iterable[Result],
    *,
    viewer: Viewer,
    statements: Iterable[Statement] = (),
    alerts: Iterable[AlertCase] = (),
    progress: Iterable[Progress] = (),
    next_loans: Iterable[NextLoan] = (),
    as_of: date | str | None = None,
) -> Page:
    """The page of a payee: score so far with weights and limits, money so far and held, what comes next, alerts.

    Every number has its reasons behind it.

    Args:
        payee: whose month.
        results: of a run or tracker; those of others are passed over. Where they are `Results`, payees see nothing of
            their own, and no progress or bonus of it, that is not published: see `as_published`.
        viewer: who looks.
        statements: the payee's, one a currency; those of others are passed over.
        alerts: what stands open, `loanperf.alerts.Alerts.open`; those of others are passed over.
        progress: what `loanperf.progress.follow` or a tracker gives: pace, limits, steps to the next grade and tier.
        next_loans: what `loanperf.progress.next_loan` gives, such as of a loan of 500,000 that is talked about.
        as_of: the last day that is in the numbers; None says none, such as of a period that is over.

    Raises:
        RightsError: the viewer may not see the payee.
        UnknownPayeeError: there is neither a result nor a statement of the payee.
        DataError: something is of another class.

    >>> from loanperf import Assignment, Ledger, Organisation, Period, statement
    >>> people = Organisation(assignments=[Assignment(payee="lin", unit="e", role="officer", since="2026-01-01")])
    >>> money = statement(Ledger(), "lin", Period.month(2026, 3), currency="CNY", organisation=people)
    >>> page = my_month("lin", [], viewer=Viewer(who="lin", sees="self"), statements=[money])
    >>> [(figure.name, figure.value) for figure in page.sections("zh")[0].figures]
    [('应发', '0.00 元'), ('预留风险金', '0.00 元'), ('已发', '0.00 元')]
    """
    must_be_viewer(viewer)
    viewer.must_see(payee)
    mine, money = results_of(payee, results), statements_of(payee, statements)
    must_be_known(payee, mine, money)
    warned = cases_given(alerts, [payee])
    shown = shown_to(viewer, payee, mine, results)
    hidden, who = len(shown) < len(mine), name_of_payee(payee, (*mine, *money))
    known, loans = ((), ()) if hidden else (progress_of(payee, progress), tuple(next_loans))
    period = money[0].period if money else mine[0].appraisal.card.period
    seen = tuple(of_commission(one) if hidden and tells_bonus(one) else one for one in money)

    def made(language: Language) -> tuple[Section, ...]:
        return (
            _standing(shown, money if money == seen else (), not_published(language) if hidden else (), language),
            Section(heading=say("alerts", language), remarks=alert_remarks(warned, language)),
            _next(seen, known, loans_ahead(payee, loans, language), language),
            *(progress_section(one, language) for one in known),
            *_scorecards(shown, language),
            *(Section(heading=say("money", language), parts=(lines_section(one, language),)) for one in seen),
        )

    return Page(title=WORDS["my month"], subject=subject_of(who, period, as_of), made=made)


def _standing(
    mine: tuple[Result, ...], money: tuple[Statement, ...], told: tuple[Remark, ...], language: Language
) -> Section:
    """The numbers that somebody looks for first."""
    figures = [score_figure(result, language, name="score so far") for result in mine]
    bonuses = [bonus_figure(result, language, name="bonus so far") for result in mine]
    figures += [figure for figure in bonuses if figure is not None]
    figures += [figure for statement in money for figure in balance_figures(statement, language)]
    return Section(heading=say("standing", language), figures=tuple(figures), remarks=told)


def _scorecards(mine: tuple[Result, ...], language: Language) -> Iterator[Section]:
    for result in mine:
        yield scorecard(result, language, heading=heading_of(result, mine, language))


def heading_of(result: Result, mine: tuple[Result, ...], language: Language) -> str:
    """The heading of a scorecard; with role, unit and days where a payee has several."""
    heading = say("scorecard", language)
    if len(mine) == 1:
        return heading
    held, part = result.assignment, result.part
    return say("part", language, heading=heading, role=held.role, unit=held.unit, start=part.start, end=part.last_day)


def _next(
    money: tuple[Statement, ...], progress: tuple[Progress, ...], loans: tuple[Remark, ...], language: Language
) -> Section:
    """What is ahead: by progress where it is known, else the tier that the last line of commission reached."""
    remarks = [remark for one in progress for remark in steps_ahead(one, language)]
    if not progress:
        remarks += [remark for statement in money for remark in next_tiers(statement, language)]
    remarks += [*loans, *(remark for statement in money for remark in ahead(statement, language))]
    nothing = Remark(text=say("nothing next", language))
    return Section(heading=say("next", language), remarks=tuple(remarks) or (nothing,))
