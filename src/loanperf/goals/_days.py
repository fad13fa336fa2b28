"""Days: (a target of a period, on which days its payee is there) -> what it is cut to, as runs and letters have it."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from loanperf._explanations import Label
from loanperf._indicators import Indicator
from loanperf._periods import Period
from loanperf._quantities import Quantity, percent
from loanperf._scheme import Scheme
from loanperf._targets import prorate


def cut_to_days(
    scheme: Scheme, indicator: Indicator, target: Quantity, parts: Iterable[Period], period: Period
) -> tuple[Quantity, int]:
    """What a target of a period comes to on the days on which its payee is there, and how many days these are.

    Args:
        scheme: has the seasons.
        indicator: flows are cut, stocks stand as they are.
        target: of the whole period.
        parts: the days of assignments, which may overlap; none is the whole period.
        period: of the target.
    """
    spans: list[Period] = []
    for part in sorted(parts, key=lambda one: one.start):
        if spans and part.start <= spans[-1].end:
            spans[-1] = Period(spans[-1].start, max(spans[-1].end, part.end))
        else:
            spans.append(part)
    if not spans or spans == [period] or indicator.timing != "flow":
        return target, period.days
    cut = (for_days(scheme, indicator, target, Label(""), span, period)[0].value for span in spans)
    return Quantity(sum(cut, Fraction(0)), target.unit), sum(span.days for span in spans)


def for_days(
    scheme: Scheme, indicator: Indicator, target: Quantity, source: Label, part: Period, period: Period
) -> tuple[Quantity, Label]:
    """A target of a period for a part of it, and whose it is: flows by their season or by days, stocks as they are."""
    if part == period or indicator.timing != "flow":
        return target, source
    for season in scheme.seasons:
        if season.code == indicator.code and (whole := season.share(period, scheme.calendar)):
            share = season.share(part, scheme.calendar) / whole
            said = Label(
                f"{source.en}, {percent(share)} by season", f"{source.to('zh')}，按季节权重折算 {percent(share)}"
            )
            return Quantity(target.value * share, target.unit), said
    days = f"{part.days}/{period.days}"
    said = Label(f"{source.en}, for {days} of the days", f"{source.to('zh')}，按天数 {days} 折算")
    return prorate(target, indicator.timing, part, period), said
