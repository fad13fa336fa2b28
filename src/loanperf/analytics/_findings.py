"""Findings: what an analysis says, how sure it is and what it does not show; and the form that all analyses share."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from math import floor, log10
from typing import Any, TypeAlias, TypeVar

from attrs import Attribute, field, frozen

from loanperf._data import PlainData
from loanperf._explanations import (
    CURRENCY_NAMES,
    UNIT_NAMES,
    Label,
    Language,
    html_of,
    in_words,
    near_label,
    spoken,
)
from loanperf._quantities import Money, Quantity, percent
from loanperf._tables._columns import CameAs, Column
from loanperf._tables._exact import decimals_of
from loanperf._tables._frames import like
from loanperf._tables._values import of_days, of_own_texts, of_whole
from loanperf._validators import between, is_a, must_be
from loanperf.errors import DataError, shown

_By = TypeVar("_By", bound=Hashable)
Cell: TypeAlias = str | Label | int | Fraction | Money | Quantity | date | None
"""What a table of an analysis holds; None where there is nothing."""
SMALLEST = 5
"""Groups of fewer people are not shown by themselves, unless another number is stated."""
OTHERS = Label("other groups, too small to show", "其他（人数过少，合并列示）")
"""What groups that are too small go by, together."""
_NOTHING = "–"
"""What stands in a text where a cell of a table is empty, so that those after it stay under their headings."""
_WORDS: Mapping[str, Label] = {
    "exact": Label("exact, nothing is estimated", "精确计算，未作估计"),
    "interval": Label("{level} interval from {low} to {high}", "{level} 区间为 {low} 至 {high}"),
    "no scatter": Label("no interval, as nothing scatters", "数据没有波动，无法给出区间"),
    "basis": Label(
        "n = {n}; {certainty}; method: {method}; it does not show: {limits}",
        "样本数 {n}；{certainty}；方法：{method}；局限：{limits}",
    ),
    "in brackets": Label("{said} ({basis})", "{said}（{basis}）"),
    "points": Label("{value} percentage points", "{value} 个百分点"),
    "1 point": Label("1 percentage point", "1 个百分点"),
}
_BESIDE_CHINESE = re.compile("(?<=[\u4e00-\u9fff])\0(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])\0(?=[\u4e00-\u9fff])")
"""Where a code or number that is filled in, between marks, stands right beside a Chinese character."""


def said_in(value: Fraction, unit: str, language: Language) -> str:
    """A number with its unit, as people of a language read it.

    Args:
        value: in `unit`; shares as parts of one. They are read to two decimals of a percent, and where that would be
            zero though the value is not, to two digits.
        unit: `%` of a share, `pp` of a difference of shares, in percentage points; or a unit of a `Quantity`.
        language: see `Explanation.text`.

    >>> said_in(Fraction(3, 200), "pp", "en"), said_in(Fraction(1, 70_000), "%", "en")
    ('1.5 percentage points', '≈0.0014%')
    """
    if unit not in ("%", "pp"):
        return in_words(near_label(Quantity(value, unit)), language, bare=True)
    tiny = 0 < abs(value) < Fraction(1, 10_000)
    text = percent(value, 1 - floor(log10(abs(value) * 100)) if tiny else 2)
    if unit == "%":
        return text
    number = text.removesuffix("%")
    return _WORDS["1 point" if number == "1" else "points"].to(language).format(value=number)


def said(value: Fraction, unit: str) -> Label:
    """A number with its unit in both languages; see `said_in`."""
    return Label(said_in(value, unit, "en"), said_in(value, unit, "zh"))


def unit_between(unit: str) -> str:
    """The unit of a difference of two values of a unit: percentage points of shares."""
    return "pp" if unit == "%" else unit


def unit_in(unit: str, language: Language) -> str:
    """What the axis of a chart says of a unit: 元 in Chinese for CNY; a unit without a Chinese name as it is.

    >>> unit_in("CNY", "zh"), unit_in("CNY", "en"), unit_in("%", "zh")
    ('元', 'CNY', '%')
    """
    names = UNIT_NAMES[unit].zh if unit in UNIT_NAMES else CURRENCY_NAMES.get(unit, unit)
    return Label(unit, names).to(language)


@frozen
class _Count:
    """A number of things that an English sentence counts: `{count:group/groups}` is `1 group` and `2 groups`."""

    number: int

    def __format__(self, words: str) -> str:
        one, _, more = words.partition("/")
        return f"{self.number} {one if self.number == 1 else more}".rstrip()


def filled(label: Label, **parts: object) -> Label:
    """Fill in a sentence in English and Chinese.

    A part that is a label or an amount of money is put in the same language. In English a whole number may be followed
    by what it counts, one and several; in Chinese a code or number is kept apart from the characters beside it.

    >>> filled(Label("of {what}", "{what}的"), what=Label("trend", "趋势")).zh
    '趋势的'
    >>> found = filled(Label("{group}: {count:loan/loans}", "{group}有 {count} 笔"), group="north", count=1)
    >>> found.en, found.zh
    ('north: 1 loan', 'north 有 1 笔')
    """
    english = {
        name: _Count(part) if isinstance(part, int) and not isinstance(part, bool) else part
        for name, part in parts.items()
    }
    chinese = {name: in_words(part, "zh") if isinstance(part, Label | Money) else part for name, part in parts.items()}
    marked = label.to("zh").format(**{name: f"\0{part}\0" for name, part in chinese.items()})
    return Label(label.en.format(**english), _BESIDE_CHINESE.sub(" ", marked).replace("\0", ""))


def _a_unit(instance: object, attribute: Attribute[str], value: object) -> None:
    is_a(str)(instance, attribute, value)
    if value not in ("%", "pp"):
        Quantity(Fraction(0), str(value))


def _a_sentence(instance: object, attribute: Attribute[Label], value: object) -> None:
    """Refuse a label that is empty in one of the languages."""
    if not isinstance(value, Label) or not value.en.strip() or not value.zh.strip():
        where = f"the {attribute.name} of a {type(instance).__name__.lower()}"
        raise DataError(where, f"it says nothing in one language (found {shown(value)})", "write it in both languages")


@frozen
class Exact(PlainData):
    """A finding that counts or sums everything there is, and estimates nothing."""

    def text(self, language: Language = "en") -> str:
        """How sure it is, in a language."""
        return _WORDS["exact"].to(language)


@frozen(kw_only=True)
class Interval(PlainData):
    """Where an estimated number lies, and how often such an interval holds it.

    Both ends are equal where nothing scatters: then there is no telling how sure the number is.
    """

    low: Fraction = field(validator=is_a(Fraction))
    """The lower end, in `unit`; part of the interval."""
    high: Fraction = field(validator=is_a(Fraction))
    """The upper end, in `unit`; part of the interval."""
    level: Fraction = field(validator=between(0, 1))
    """How often such intervals hold the true number, from 0 to 1: 0.95 is 95%."""
    unit: str = field(default="", validator=_a_unit)
    """`%` (0.05 is 5%), `pp` for percentage points (0.05 is 5 points), or a unit of a `Quantity`, such as `CNY`."""

    def __attrs_post_init__(self) -> None:
        if self.low > self.high:
            raise DataError("an interval", f"it ends at {self.high}, before {self.low}", "give the lower end first")

    def text(self, language: Language = "en") -> str:
        """The interval as text; where both ends are equal, that there is none, as nothing scatters."""
        if self.low == self.high:
            return _WORDS["no scatter"].to(language)
        low, high = (said_in(value, self.unit, language) for value in (self.low, self.high))
        return _WORDS["interval"].to(language).format(level=percent(self.level), low=low, high=high)


@frozen(kw_only=True)
class Finding(PlainData):
    """One sentence that an analysis says, with how many it stands on, how sure it is, how it was found and its limits.

    Raises:
        DataError: `n` is negative, or the sentence, the method or the limits are empty in one of the languages.

    >>> found = Finding(
    ...     label=Label("the new scheme costs 300.00 CNY more", "新方案多支出 300.00 元"),
    ...     n=12,
    ...     certainty=Exact(),
    ...     method=Label("both schemes over the same facts", "以同一业务数据分别核算两个方案"),
    ...     limits=Label("what people change", "员工行为的变化"),
    ... )
    >>> print(found.text())
    the new scheme costs 300.00 CNY more (n = 12; exact, nothing is estimated; \
method: both schemes over the same facts; it does not show: what people change)
    """

    label: Label = field(validator=_a_sentence)
    """What was found."""
    n: int = field(validator=between(0, None, int))
    """The number of payees, months or the like on which the finding stands; zero or more."""
    certainty: Exact | Interval = field(validator=is_a(Exact, Interval))
    """Whether it is exact, or between which ends it lies."""
    method: Label = field(validator=_a_sentence)
    """How it was found."""
    limits: Label = field(validator=_a_sentence)
    """What it does not show."""

    def text(self, language: Language = "en") -> str:
        """All of it as one sentence. Languages are those of `Explanation.text`."""
        certainty = Label(self.certainty.text("en"), self.certainty.text("zh"))
        basis = filled(_WORDS["basis"], n=self.n, certainty=certainty, method=self.method, limits=self.limits)
        return filled(_WORDS["in brackets"], said=self.label, basis=basis).to(language)

    def __str__(self) -> str:
        return self.text()


@frozen(kw_only=True)
class AnalysisColumn:
    """A column of the table of an analysis."""

    code: str
    """Its name in a data frame."""
    name: Label
    """Its heading."""
    values: tuple[Cell, ...]
    """One value a row, all of one class; None where one is missing."""
    unit: str = ""
    """The unit of values that are fractions: `%`, `pp`, or a unit of a `Quantity`."""

    def texts(self, language: Language) -> list[str]:
        """The values as they are read, amounts exact; nothing where one is missing."""
        return [self._text(value, language) for value in self.values]

    def _text(self, value: Cell, language: Language) -> str:
        match value:
            case None:
                return ""
            case Fraction():
                return said_in(value, self.unit, language)
            case Quantity():
                return in_words(near_label(value), language)
            case str() | Label() | Money():
                return in_words(value, language)
            case _:
                return str(value)

    @property
    def is_of_numbers(self) -> bool:
        """Whether it is of numbers, which stand at the right."""
        return not any(isinstance(value, str | Label | date) for value in self.values)

    def column(self) -> Column:
        """As a column of a data frame: numbers that are not whole as the nearest float64, labels in English."""
        first = next((value for value in self.values if value is not None), "")
        match first:
            case str() | Label():
                return of_own_texts([None if value is None else str(value) for value in self.values])
            case date():
                return of_days([value if isinstance(value, date) else None for value in self.values])
            case int():
                return of_whole([value if isinstance(value, int) else None for value in self.values])
            case _:
                return decimals_of([_number(value) for value in self.values])


def _number(value: Cell) -> Fraction | None:
    match value:
        case Money():
            return value.exact
        case Quantity():
            return value.value
        case Fraction():
            return value
        case _:
            return None


class Analysis(PlainData, ABC):
    """What every analysis is: findings to read, a table, a data frame and a chart."""

    __slots__ = ()

    findings: tuple[Finding, ...]
    """What it says, the most important first."""

    @property
    @abstractmethod
    def rows(self) -> tuple[AnalysisColumn, ...]:
        """Its table, as columns of one length."""

    @abstractmethod
    def chart(self, language: Language = "en") -> Mapping[str, Any]:
        """Its picture: a specification of Vega-Lite 5 as plain data, with its numbers in it as the nearest float64."""

    def frame(self, came_as: CameAs = "arrays") -> Any:
        """Its table as a data frame: amounts in whole currency (yuan, not fen), as the nearest float64.

        Args:
            came_as: `arrays`, `pandas`, `polars`, `pyarrow` or `duckdb`.

        Raises:
            DataError: there is no such kind of frame.
            MissingExtraError: what that kind needs is not installed.
        """
        return like(came_as, {one.code: one.column() for one in self.rows})

    def text(self, language: Language = "en") -> str:
        """Its findings, then its table. Languages are those of `Explanation.text`."""
        columns = [one.texts(language) for one in self.rows]
        heads = "  ".join(one.name.to(language) for one in self.rows)
        lines = ("  ".join(cell or _NOTHING for cell in row) for row in zip(*columns, strict=True))
        return "\n".join([*(finding.text(language) for finding in self.findings), heads, *lines])

    def html(self, language: Language = "en") -> str:
        """Its findings as a list, and its table; every text is escaped."""
        spoken(language)
        said = "".join(f"<li>{html_of(finding.text(language))}</li>" for finding in self.findings)
        heads = "".join(f"<th>{html_of(one.name.to(language))}</th>" for one in self.rows)
        columns = [one.texts(language) for one in self.rows]
        cells = ("".join(f"<td>{html_of(cell)}</td>" for cell in row) for row in zip(*columns, strict=True))
        rows = "".join(f"<tr>{row}</tr>" for row in cells)
        return f"<ul>{said}</ul><table class='loanperf'><tr>{heads}</tr>{rows}</table>"

    def _repr_html_(self) -> str:
        return f"<div class='loanperf'>{self.html()}</div>"

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        rows = max((len(one.values) for one in self.rows), default=0)
        return f"{type(self).__name__}({len(self.findings)} findings, {rows} rows)"


def column(words: Mapping[str, Label], code: str, values: Iterable[Any], unit: str = "") -> AnalysisColumn:
    """A column whose heading stands under its code, `_` read as a blank, in the words of an analysis."""
    return AnalysisColumn(code=code, name=words[code.replace("_", " ")], values=tuple(values), unit=unit)


def must_be_a_unit(unit: object) -> None:
    """Refuse what is no `%`, no empty text and no unit of a `Quantity`.

    Raises:
        DataError: it is no text.
        UnitError: there is no such unit.
    """
    must_be(unit, str, "unit", "write '%' for shares, a currency such as 'CNY', or '' for counts")
    if unit != "%":
        Quantity(Fraction(0), str(unit))


def must_be_from(value: Any, where: str, least: int, most: int) -> None:
    """Refuse what is no whole number between two, both allowed."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise DataError(where, f"it is {shown(value)}", f"give a whole number from {least} to {most}")


def must_be_list(given: object, where: str, remedy: str) -> None:
    """Refuse what cannot be gone through, and a text.

    Raises:
        DataError: it is such a thing.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DataError(where, f"it is no list (found {shown(given)})", remedy)


def must_be_smallest(smallest: object) -> None:
    """Refuse what is no number of people that a group must have.

    Raises:
        DataError: it is no whole number, or below one.
    """
    if not isinstance(smallest, int) or isinstance(smallest, bool) or smallest < 1:
        raise DataError("smallest", f"it is {shown(smallest)}", "give how many people a group must have, 1 or more")


def shown_groups(sizes: Mapping[str, int], smallest: int = SMALLEST) -> dict[str, str | None]:
    """The name under which each group is shown: its own, or None for small ones that are shown together as `OTHERS`.

    A group of fewer than `smallest` people is shown with the other small ones. Where those together are still fewer,
    the smallest group of the rest is shown with them, since they could be told from the total otherwise.

    Args:
        sizes: how many people are in each group.
        smallest: how many people a group must have to be shown by itself; 1 or more.

    Raises:
        DataError: `smallest` is below one, or the size of a group is no whole number from 0 to a thousand million.

    >>> shown_groups({"east": 8, "west": 6, "north": 1}, smallest=5)
    {'east': 'east', 'west': None, 'north': None}
    """
    must_be_smallest(smallest)
    must_be(sizes, Mapping, "groups", "pass how many people each group has, such as {'north': 8}")
    for group, people in sizes.items():
        must_be_from(people, f"the people of {group}", 0, 10**9)
    by_size = sorted(sizes, key=lambda group: (sizes[group], group))
    joined = {group for group in by_size if sizes[group] < smallest}
    people = sum(sizes[group] for group in joined)
    for group in by_size:
        if joined and people < smallest and group not in joined:
            joined.add(group)
            people += sizes[group]
    return {group: None if group in joined else group for group in sizes}


def too_small(
    payees: Mapping[tuple[_By, str], set[str]], smallest: int, unseen: frozenset[str] = frozenset()
) -> set[str]:
    """The groups that are shown together, by a period and a group who is in it; a payee may be in several.

    Each is too small in a period, or needed so that those are not too small together. A group is also too small where
    some of it are `unseen`, but so few that they could be told by leaving off the others.

    Args:
        payees: by period, or anything else by which groups are shown side by side, and by group.
        smallest: how many people a group must have; 1 or more.
        unseen: those whom the viewer may not see one by one.
    """
    hidden, before = set[str](), None
    while hidden != before:
        before = set(hidden)
        for period in dict.fromkeys(period for period, _ in payees):
            mine = {group: some for (when, group), some in payees.items() if when == period}
            together = set[str]().union(*(some for group, some in mine.items() if group in hidden))
            sizes = {group: _size(some, unseen) for group, some in mine.items() if group not in hidden}
            named = shown_groups(sizes | ({"\0": _size(together, unseen)} if together else {}), smallest)
            hidden |= {group for group in sizes if named[group] is None}
    return hidden


def _size(some: set[str], unseen: frozenset[str]) -> int:
    """How many people of a group are not seen one by one, or where there is none, how many it has."""
    return len(some & unseen) or len(some)
