"""The commands that look at many periods: what is expected next, what keeps rising or falling, what a training did."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

import numpy as np
import typer
from attrs import frozen

from loanperf._explanations import Language
from loanperf._facts import Facts, Training
from loanperf._indicators import Indicator, Reading, Readings, measure
from loanperf._org import Organisation
from loanperf._periods import Period, periods_through
from loanperf.analytics import SMALLEST, Breakdown, PastValues, breakdown, forecast, training_effect, trend
from loanperf.cli._app import (
    CompanyOption,
    DataArgument,
    EncodingOption,
    LanguageOption,
    MapOption,
    SchemesOption,
    SeedOption,
    SmallestOption,
    TableOption,
    app,
    faults_told,
    show_analysis,
    viewer_of_all,
    with_examples,
)
from loanperf.cli._ports import Options, measured_indicator, ports_of
from loanperf.errors import DataError

_Group: TypeAlias = Literal["role", "unit", "region", "tenure", "product", "segment", "vintage"]
_By: TypeAlias = Literal["payee", _Group]
IndicatorOption = Annotated[str, typer.Option("--indicator", metavar="CODE", help="Of what, by code or name.")]
ByOption = Annotated[_By, typer.Option("--by", help="Of payees; of groups of them, or of loans, as in breakdown.")]
SinceOption = Annotated[str, typer.Option("--since", metavar="PERIOD", help="The first period: 2024-01 or 2024-Q1.")]
UntilOption = Annotated[str, typer.Option("--until", metavar="PERIOD", help="The last period, as long as the first.")]


@app.command(
    "forecast",
    epilog=with_examples(
        "forecast data --indicator disbursed_amount --by region --since 2024-01 --until 2025-12",
        "forecast data --indicator npl_ratio --by payee --since 2024-01 --until 2025-12 --horizon 2 --lang zh",
    ),
)
def forecast_command(
    data: DataArgument,
    indicator: IndicatorOption,
    by: ByOption,
    since: SinceOption,
    until: UntilOption,
    horizon: Annotated[int, typer.Option("--horizon", min=1, help="How many periods ahead.")] = 3,
    level: Annotated[str, typer.Option("--level", help="How often the interval shall hold what comes.")] = "80%",
    stress: Annotated[
        bool, typer.Option("--stress", help="Intervals by the worst of the last periods, for times of a shock.")
    ] = False,
    smallest: SmallestOption = SMALLEST,
    output: TableOption = "text",
    scheme: SchemesOption = None,
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Say what an indicator is expected to come to, with intervals and how well that did before; nothing is written."""
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, company=company, mapped=mapped, encoding=encoding)
        known = _Known.read(options, indicator, since, until)
        found = forecast(
            known.past_values(by, smallest, lang),
            viewer=viewer_of_all(),
            horizon=horizon,
            level=level,
            interval="stress" if stress else "pooled",
            smallest=smallest,
        )
        show_analysis(found, output, lang)


@app.command(
    "trend",
    epilog=with_examples(
        "trend data --indicator npl_ratio --by region --since 2025-01 --until 2025-12",
        "trend data --indicator loan_count --by payee --since 2025-01 --until 2025-12 --lang zh",
    ),
)
def trend_command(
    data: DataArgument,
    indicator: IndicatorOption,
    by: ByOption,
    since: SinceOption,
    until: UntilOption,
    season: Annotated[
        int, typer.Option("--season", min=1, max=366, help="12 compares months with those of other years alone.")
    ] = 1,
    seed: SeedOption = 1,
    smallest: SmallestOption = SMALLEST,
    output: TableOption = "text",
    scheme: SchemesOption = None,
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Say which payees or groups keep rising or falling, told apart from chance; nothing is written."""
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, company=company, mapped=mapped, encoding=encoding)
        known = _Known.read(options, indicator, since, until)
        rng = np.random.default_rng(seed)
        if by == "payee":
            of = known.measured()
            found = trend(
                [(one.subject, one.period, one.value.value) for one in of if one.period and one.value],
                what=known.indicator.name,
                viewer=viewer_of_all(),
                rng=rng,
                unit="%" if any(one.denominator for one in of) else of[0].unit,
                season=season,
            )
        else:
            groups = known.broken_down(by, smallest)
            found = trend(
                groups.points(lang),
                what=known.indicator.name,
                viewer=viewer_of_all(),
                rng=rng,
                unit="%" if groups.is_ratio else groups.unit,
                season=season,
                groups=groups.sizes(lang),
                smallest=smallest,
            )
        show_analysis(found, output, lang)


@app.command(
    "effect",
    epilog=with_examples(
        "effect data --indicator npl_ratio --course AML-2026 --since 2025-01 --until 2026-03",
        "effect data --indicator disbursed_amount --course PRODUCT --since 2025-01 --until 2026-03 --after 3 --lang zh",
    ),
)
def effect_command(
    data: DataArgument,
    indicator: IndicatorOption,
    since: SinceOption,
    until: UntilOption,
    course: Annotated[str, typer.Option("--course", help="Who completed it, in the facts, is trained.")],
    after: Annotated[int, typer.Option("--after", min=1, help="How many periods after training are looked at.")] = 6,
    smallest: Annotated[
        int, typer.Option("--smallest", min=2, help="How many trained, and how many untrained, there must be.")
    ] = SMALLEST,
    output: TableOption = "text",
    scheme: SchemesOption = None,
    company: CompanyOption = "",
    mapped: MapOption = None,
    encoding: EncodingOption = "",
    lang: LanguageOption = "en",
) -> None:
    """Say what changed with a training, beside people who were not trained; nothing is written."""
    with faults_told(lang):
        options = Options(data=data, schemes=scheme, company=company, mapped=mapped, encoding=encoding)
        known = _Known.read(options, indicator, since, until)
        found = training_effect(
            known.past_values("payee", smallest, lang),
            known.trained(course),
            what=known.indicator.name,
            viewer=viewer_of_all(),
            after=after,
            smallest=smallest,
        )
        show_analysis(found, output, lang)


@frozen(kw_only=True)
class _Known:
    """What is known of the periods that a command looks at."""

    facts: Facts
    people: Organisation
    periods: tuple[Period, ...]
    indicator: Indicator
    currency: str

    @classmethod
    def read(cls, options: Options, named: str, since: str, until: str) -> _Known:
        """All of it, from the folder or database that the command line names.

        Raises:
            DataError: the last period is before the first, or of another length; no fact measures the indicator.
            UnknownIndicatorError: there is no such indicator.
        """
        with ports_of(options, keeps=False, ledger=False) as ports:
            book = ports.schemes.schemes()
            periods = _from_to(book.period(Period.parse(since)), book.period(Period.parse(until)))
            span = Period(min([periods[0].start, *(dated.since for dated in book.plans())]), periods[-1].end)
            facts, people = ports.facts.facts(span), ports.people.organisation(span)
        agreed = book.at(periods[-1].last_day)
        asked = measured_indicator(named, agreed)
        return cls(facts=facts, people=people, periods=periods, indicator=asked, currency=agreed.currency)

    def readings(self) -> list[Readings]:
        """The readings of all payees, one a period."""
        return [
            measure(self.facts, period, [self.indicator], currency=self.currency, organisation=self.people)
            for period in self.periods
        ]

    def measured(self) -> list[Reading]:
        """The readings of all payees and periods that have a value.

        Raises:
            DataError: there is none.
        """
        found = [one for readings in self.readings() for one in readings if one.value is not None]
        if not found:
            fault = f"nobody has a value of it from {self.periods[0]} to {self.periods[-1]}"
            remedy = "name other periods or another indicator; supplied readings are not looked at"
            raise DataError(self.indicator.code, fault, remedy)
        return found

    def broken_down(self, by: _Group, smallest: int) -> Breakdown:
        """By groups of payees or loans."""
        return breakdown(
            self.facts,
            self.indicator,
            by=by,
            people=self.people,
            periods=self.periods,
            currency=self.currency,
            viewer=viewer_of_all(),
            smallest=smallest,
        )

    def past_values(self, by: _By, smallest: int, lang: Language) -> PastValues:
        """The history of each payee, with their units in the last period; or of each group."""
        if by != "payee":
            return PastValues.of_breakdown(self.broken_down(by, smallest), language=lang)
        return PastValues.of_readings(self.readings(), self.indicator.code, parents=self._parents())

    def trained(self, course: str) -> dict[str, Period]:
        """By payee the period in which a course was completed, the first time.

        Raises:
            DataError: nobody completed it in these periods.
        """
        rows = self.facts.rows_at("trainings", slice(None))
        known = [one for one in rows if isinstance(one, Training) and one.course == course]
        days = sorted((one.completed_on, one.payee) for one in known if one.completed_on is not None)
        found = {payee: period for on, payee in reversed(days) for period in self.periods if on in period}
        if not found:
            fault = f"nobody completed {course!r} from {self.periods[0]} to {self.periods[-1]}"
            raise DataError("--course", fault, "name a course as the facts of trainings have it")
        return found

    def _parents(self) -> dict[str, str]:
        """The unit of each payee on the last day, and of each of these the unit above."""
        last, found = self.periods[-1].last_day, dict[str, str]()
        for payee in self.people.codes:
            for held in self.people.held_on(payee, last)[:1]:
                above = self.people.path(held.unit, last) if self.people.units else (held.unit,)
                found |= pairwise((payee, *reversed(above)))
        return found


def _from_to(first: Period, last: Period) -> tuple[Period, ...]:
    """The periods from the first to the last.

    Raises:
        DataError: the last one is none of those that follow the first, or they are more than 600.
    """
    found = periods_through(first, last)
    if found[-1] != last:
        fault = f"{last} is none of the periods that follow {first}"
        raise DataError("--until", fault, "give the last period, as long as the first, such as 2025-12 for 2024-01")
    return found
