"""The commands that advise: weights that go with what came later, and what bonuses may come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import typer
from attrs import evolve

from loanperf._indicators import Indicator, measure
from loanperf._periods import Period
from loanperf._quantities import Money, Quantity
from loanperf._scheme import Scheme
from loanperf._tables._columns import column_of
from loanperf.analytics import AdviceRules, Scenario, Spread, advise_weights, bonus_budget, past_of
from loanperf.cli._app import (
    CompanyOption,
    DataArgument,
    EncodingOption,
    LanguageOption,
    MapOption,
    PeriodOption,
    SchemesOption,
    SeedOption,
    TableOption,
    app,
    faults_told,
    show_analysis,
    viewer_of_all,
    with_examples,
)
from loanperf.cli._compare import scenario_of
from loanperf.cli._ports import Options, indicator_of, ports_of
from loanperf.errors import DataError
from loanperf.learning import PastPeriod, past_cards


@app.command(
    "advise",
    epilog=with_examples(
        "advise data --profile senior --period 2026-03 --later npl_ratio --later-period 2026-06",
        "advise data --profile senior --period 2026-03 --later par_30 --later-period 2026-06 --budget 9万元 --lang zh",
    ),
)
def advise_command(
    data: DataArgument,
    profile: Annotated[str, typer.Option("--profile", metavar="CODE", help="The profile whose weights are advised.")],
    period: PeriodOption,
    later: Annotated[str, typer.Option("--later", metavar="CODE", help="The indicator that scores should go with.")],
    later_period: Annotated[str, typer.Option("--later-period", help="The period in which it is measured.")],
    step: Annotated[str, typer.Option("--step", help="What every weight is a multiple of.")] = "5%",
    bound: Annotated[
        list[str] | None,
        typer.Option("--bound", metavar="CODE=LEAST..MOST", help="What an indicator may weigh. [default: 5%..45%]"),
    ] = None,
    phase: Annotated[
        str, typer.Option("--phase", metavar="CODE", help="Whose weights; the profile's own without.")
    ] = "",
    budget: Annotated[str, typer.Option("--budget", metavar="AMOUNT", help="What bonuses may come to at most.")] = "",
    seed: SeedOption = 1,
    output: TableOption = "text",
    scheme: SchemesOption = None,
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Advise weights that keep all rules, go with a later outcome and change little; nothing is written."""
    with faults_told(lang):
        rules = AdviceRules(
            step=step, bounds=_bounds(bound or []), phase=phase, budget=Money(budget) if budget else None
        )
        periods = _then_later(Period.parse(period), Period.parse(later_period))
        options = Options(data=data, schemes=scheme, company=company, mapped=mapped, encoding=encoding)
        with ports_of(options, keeps=False, ledger=False) as ports:
            agreed = ports.schemes.schemes().at(periods[0].last_day)
            agreed.profile(profile)
            outcome = indicator_of(later, agreed)
            then = scenario_of(ports, periods)
        past, agreed = _past(then, periods[0])
        found = advise_weights(
            agreed,
            profile,
            past,
            _later(then, outcome, then.schemes.period(periods[1])),
            better=outcome.direction,
            rng=np.random.default_rng(seed),
            viewer=viewer_of_all(),
            rules=rules,
        )
        show_analysis(found, output, lang)


@app.command(
    "budget",
    epilog=with_examples(
        "budget data --period 2026-03 --total 25% --common 5%",
        "budget data --period 2026-03 --total 25% --common 5% --budget 250万元 --lang zh",
    ),
)
def budget_command(
    data: DataArgument,
    period: PeriodOption,
    total: Annotated[str, typer.Option("--total", help="How far a reading scatters in all, such as 25%.")],
    common: Annotated[str, typer.Option("--common", help="The part of it that all people share, such as 5%.")],
    budget: Annotated[str, typer.Option("--budget", metavar="AMOUNT", help="Say how often it is exceeded.")] = "",
    draws: Annotated[int, typer.Option("--draws", min=1000, max=1_000_000, help="How many months are drawn.")] = 10_000,
    seed: SeedOption = 1,
    output: TableOption = "text",
    scheme: SchemesOption = None,
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Say what bonuses may come to if readings scatter around those of a period; nothing is written."""
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, company=company, mapped=mapped, encoding=encoding)
        with ports_of(options, keeps=False, ledger=False) as ports:
            then = scenario_of(ports, [Period.parse(period)])
        past, agreed = _past(then, Period.parse(period))
        cards, keys = past_cards(agreed, past, past.rows)
        columns = {**past.rows.columns, "card": column_of(keys, "rows.card")}
        found = bonus_budget(
            cards,
            evolve(past.rows, columns=columns),
            Spread(total=total, common=common),
            rng=np.random.default_rng(seed),
            viewer=viewer_of_all(),
            draws=draws,
            budget=Money(budget) if budget else None,
            units=past.units,
        )
        show_analysis(found, output, lang)


def _then_later(period: Period, later: Period) -> tuple[Period, Period]:
    """Both periods; others may lie between them.

    Raises:
        DataError: the later one begins before the first ends.
    """
    if later.start < period.end:
        raise DataError("--later-period", f"{later} does not come after {period}", "name a period after --period")
    return period, later


def _past(then: Scenario, period: Period) -> tuple[PastPeriod, Scheme]:
    """A period as it is worked, and the scheme that held in it.

    Raises:
        DataError: somebody could not be worked in it.
    """
    (run,) = then.worked([period])
    if run.blocked:
        said = "; ".join(one.text.en for one in run.blocked[:3])
        raise DataError(
            f"the period {period}", f"{len(run.blocked)} could not be worked: {said}", "mend it, and ask again"
        )
    return past_of(run, then.people), then.schemes.at(run.period.last_day)


def _later(then: Scenario, indicator: Indicator, period: Period) -> dict[str, Quantity]:
    """By payee, what an indicator came to in a later period: what the host says of it, else what facts say."""
    found = measure(then.facts, period, [indicator], currency=then.currency, organisation=then.people)
    known = {one.subject: one.value for one in found if one.value is not None}
    said = [one for one in then.readings if one.indicator == indicator.code and one.period == period]
    return known | {one.subject: one.value for one in said if one.value is not None}


def _bounds(given: Sequence[str]) -> dict[str, tuple[str, str]]:
    """By indicator the least and the most that it may weigh.

    Raises:
        DataError: one is not written as CODE=LEAST..MOST.
    """
    found = {}
    for text in given:
        code, _, ends = text.partition("=")
        least, dots, most = ends.partition("..")
        if not code or not dots:
            raise DataError("--bound", f"it is {text!r}", "write it as npl_ratio=10%..40%")
        found[code] = least, most
    return found
