"""Carried: archived appraisals of the period before -> what payees missed of targets, and are asked for once more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import partial

from attrs import field, frozen

from loanperf._data import read_as
from loanperf._explanations import Label, in_words
from loanperf._indicators import Indicator, Reading
from loanperf._periods import FROM_JANUARY, Period
from loanperf._quantities import Quantity
from loanperf._scheme import Scheme, SchemeBook
from loanperf._scorecard import value_of
from loanperf._seals import lines_proven
from loanperf._targets import CarriedTarget
from loanperf.errors import DataError, LoanPerfError, shown
from loanperf.ports import EntryStore
from loanperf.run._archive import results_in, results_stream
from loanperf.run._results import Run
from loanperf.run._steps import Steps


@frozen(kw_only=True)
class _Reached:
    """What one assignment of a payee was asked for, and what it reached."""

    asked: Quantity
    reached: Quantity | None
    """None where there was no reading."""


@frozen(eq=False, kw_only=True)
class Carried:
    """What payees were asked for in the period before, and what they reached."""

    before: Period | None = None
    """None where no archive is read."""
    known: Mapping[tuple[str, str], tuple[_Reached, ...]] = field(factory=dict)
    """By payee and indicator, one an assignment."""

    def missed(self, scheme: Scheme, indicator: Indicator, payee: str, period: Period) -> tuple[Fraction, Label]:
        """What a payee missed of a target in the period before, and how that is said behind whose the target is.

        It is the sum of the targets of all assignments less that of what they reached, and never below zero.

        Raises:
            UnitError: it was counted in another unit, or in another currency.
        """
        (rule,) = (item for item in scheme.carried if item.code == indicator.code)
        found = self.known.get((payee, indicator.code), ())
        if self.before is None:
            return _nothing("no archive is read", "未读取考核档案")
        new = _begins_anew(rule, scheme, self.before, period)
        if new is not None:
            return _nothing(f"a new {new.en} begins", f"新的{new.zh}开始")
        if not found:
            return _nothing(f"there is no earlier target of {self.before}", f"{self.before} 无考核目标记录")
        if any(one.reached is None for one in found):
            return _nothing(f"there is no reading of {self.before}", f"{self.before} 无完成值")
        left = Fraction(0)
        for one in found:
            left += value_of(indicator, one.asked, scheme.currency, f"the target of {self.before}").value
            reached = one.reached or Quantity(Fraction(0))
            left -= value_of(indicator, reached, scheme.currency, f"the reading of {self.before}").value
        if left <= 0:
            return _nothing(f"the target of {self.before} was reached", f"{self.before} 目标已完成")
        text = str(Quantity(left, found[0].asked.unit))
        said = in_words(text, "zh", bare=True)
        return left, Label(f", and {text} missed in {self.before}", f"，另加 {self.before} 结转的未完成额 {said}")


_PARTS = {"year": Label("year", "年度"), "half": Label("half-year", "半年度"), "quarter": Label("quarter", "季度")}


def _nothing(en: str, zh: str) -> tuple[Fraction, Label]:
    return Fraction(0), Label(f", and nothing carried: {en}", f"，无结转：{zh}")


def _begins_anew(rule: CarriedTarget, scheme: Scheme, before: Period, period: Period) -> Label | None:
    """The year, half or quarter that begins between two periods, and in which nothing earlier counts; None is none."""
    if rule.resets == "never":
        return None
    starts = (scheme.calendar or FROM_JANUARY).starts(rule.resets, before.start, period.start)
    return _PARTS[rule.resets] if any(start > before.start for start in starts) else None


def carried_into(store: EntryStore, book: SchemeBook, period: Period) -> Steps[Carried]:
    """What was missed in the period before, as its appraisals stand in the archive; nothing is read where none asks."""
    codes = frozenset(rule.code for scheme in book.versions for rule in scheme.carried)
    if not codes:
        return Carried()
    before = period.previous()
    stream = results_stream(book.versions[0].name, before)
    records = lines_proven(stream, tuple((yield partial(store.batches, stream))))
    return Carried(before=before, known=_known(records, codes, before))


def carried_from(before: Run | None, book: SchemeBook) -> Carried:
    """What was missed in the period before, as a run of it came to; nothing where there is none."""
    codes = frozenset(rule.code for scheme in book.versions for rule in scheme.carried)
    if before is None or not codes:
        return Carried()
    known = dict[tuple[str, str], tuple[_Reached, ...]]()
    for result in before.results:
        for scored in result.appraisal.lines:
            code = scored.line.indicator.code
            if code in codes and scored.target is not None:
                one = _Reached(asked=scored.target, reached=None if scored.reading is None else scored.reading.value)
                known[result.payee, code] = (*known.get((result.payee, code), ()), one)
    return Carried(before=before.period, known=known)


def _known(
    records: Iterable[str], codes: frozenset[str], period: Period
) -> dict[tuple[str, str], tuple[_Reached, ...]]:
    """What the records of a period say of some indicators.

    Raises:
        DataError: a record cannot be read.
    """
    found = dict[tuple[str, str], tuple[_Reached, ...]]()
    for card, result in results_in(records):
        try:
            for scored in result["appraisal"]["lines"]:
                code = card["lines"][scored["line"]]["indicator"]["code"]
                if code in codes and scored["target"] is not None:
                    place, readings = scored["reading"], result["appraisal"]["readings"]
                    reading = None if place is None else Reading.from_data(readings[place]).value
                    one = _Reached(asked=read_as(Quantity, scored["target"]), reached=reading)
                    found[result["payee"], code] = (*found.get((result["payee"], code), ()), one)
        except (AttributeError, LookupError, TypeError, ValueError, LoanPerfError) as error:
            where = f"the archived result of {shown(result.get('payee'))} in {period}"
            raise DataError(where, f"it cannot be read: {shown(str(error), 200)}", "restore the stream") from None
    return found
