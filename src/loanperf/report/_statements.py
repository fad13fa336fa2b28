"""Statements as pages: one payee's, or those of everybody, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loanperf._explanations import Language
from loanperf._ledger import Statement
from loanperf._validators import must_be
from loanperf.report._given import name_of_payee, not_published, results_of, shown_to, subject_of
from loanperf.report._money import (
    ahead,
    balance_figures,
    balances_section,
    bonus_figure,
    lines_section,
    of_commission,
    tells_bonus,
)
from loanperf.report._my_month import heading_of
from loanperf.report._page import Page
from loanperf.report._parts import Section
from loanperf.report._score import score_figure, scorecard
from loanperf.report._words import WORDS, say
from loanperf.run import Result, Results
from loanperf.viewer import Viewer, must_be_viewer


def statement_page(statement: Statement, results: Iterable[Result] = (), *, viewer: Viewer) -> Page:
    """The statement of a payee as a page: scorecard, lines with base × rate, held and released, balances.

    Args:
        statement: what `lp.statement` gives.
        results: of the run of that period; those of others are passed over. Without any there is no scorecard. Of
            one's own result that is not published (see `as_published`) there is none either; where its bonus is
            posted, lines of commission stand alone, without bonuses, payments and balances.
        viewer: who looks.

    Raises:
        RightsError: the viewer may not see the payee.
        DataError: something is of another class.

    >>> from loanperf import Assignment, Ledger, Organisation, Period, statement
    >>> people = Organisation(assignments=[Assignment(payee="lin", unit="e", role="officer", since="2026-01-01")])
    >>> money = statement(Ledger(), "lin", Period.month(2026, 3), currency="CNY", organisation=people)
    >>> print(statement_page(money, viewer=Viewer(who="lin", sees="self")).text().splitlines()[0])
    Statement: lin, 2026-03
    """
    must_be_viewer(viewer)
    must_be(statement, Statement, "the statement", "pass what lp.statement gives")
    viewer.must_see(statement.payee)
    given = results_of(statement.payee, results)
    mine = shown_to(viewer, statement.payee, given, results)
    hidden = len(mine) < len(given)
    is_part = hidden and tells_bonus(statement)
    money = of_commission(statement) if is_part else statement

    def made(language: Language) -> tuple[Section, ...]:
        figures = [score_figure(result, language, name="score") for result in mine]
        bonuses = [bonus_figure(result, language, name="bonus") for result in mine]
        figures += [figure for figure in bonuses if figure is not None]
        cards = [
            scorecard(result, language, heading=heading_of(result, mine, language), drawn=False) for result in mine
        ]
        to_come = ahead(money, language)
        told = not_published(language) if hidden else ()
        return (
            Section(
                heading=say("summary", language),
                figures=(*figures, *(() if is_part else balance_figures(money, language))),
                remarks=(*told, *(not_published(language, "bonus not published") if is_part else ())),
            ),
            lines_section(money, language),
            *(() if is_part else (balances_section(money, language),)),
            *cards,
            *((Section(heading=say("ahead", language), remarks=to_come),) if to_come else ()),
        )

    subject = subject_of(name_of_payee(statement.payee, (*given, statement)), statement.period, None)
    return Page(title=WORDS["statement"], subject=subject, made=made)


def statement_pages(
    statements: Iterable[Statement], results: Iterable[Result] = (), *, viewer: Viewer
) -> Iterator[Page]:
    """The statements of many as pages, each made when it is its turn; see `statement_page`.

    Args:
        statements: in the order in which pages come; a generator, so that no more than one is held at a time.
        results: of the run; `Run.results` is asked for those of each payee, other results are gone through once.
        viewer: who looks, and may see each of them.

    Raises:
        RightsError: at the first payee whom the viewer may not see.
        DataError: something is of another class.
    """
    must_be_viewer(viewer)
    known = results if isinstance(results, Results) else Results.gathered(results)
    return (statement_page(statement, known, viewer=viewer) for statement in statements)
