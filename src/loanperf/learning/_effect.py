"""Effect: (figures before a change, figures after it) -> what they differ by; no sentence of it lacks its caveat."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from attrs import field, frozen
from attrs.validators import deep_iterable, optional

from loanperf._data import PlainData
from loanperf._explanations import Label, Language, in_words, near_label
from loanperf._periods import Period
from loanperf._quantities import Quantity, percent
from loanperf._validators import a_code, as_quantity, as_tuple, between, each_of, in_both, is_a, must_be, person_of
from loanperf.errors import DataError
from loanperf.viewer import Viewer, must_be_viewer


@frozen(kw_only=True)
class ChangeCaveat(PlainData):
    """What has to be said with a comparison of before and after.

    >>> ChangeCaveat(else_changed=[Label("the base rate fell", "基准利率下调")], chosen=False).text.zh[:19]
    '以上仅为同一群体调整前后的对比，属于相'
    """

    else_changed: tuple[Label, ...] = field(converter=as_tuple, validator=deep_iterable(in_both, is_a(tuple)))
    """What else changed between the two periods, as far as anybody knows; it has to be said, and may be nothing."""
    chosen: bool = field(validator=is_a(bool))
    """Whether the change was made because these figures were bad: then they would tend to get better by themselves."""

    @property
    def text(self) -> Label:
        """The caveat in words."""
        more = ("", "")
        if self.chosen:
            more = ", the more so as the change was made because of them", "；本次调整正因数据不佳而起，尤应注意"
        if self.else_changed:
            other_en = f"Between them changed too: {'; '.join(one.en for one in self.else_changed)}."
            other_zh = f"其间还有其他变化：{'；'.join(one.zh for one in self.else_changed)}。"
        else:
            other_en = "No other change is recorded, which does not mean that there was none."
            other_zh = "没有记录到其他变化，但不等于没有其他变化。"
        return Label(
            "This compares before and after of one group: it is an association, and does not show that the change is "
            f"the cause. {other_en} Figures that are unusually bad or good tend to come back towards the mean by "
            f"themselves{more[0]}.",
            f"以上仅为同一群体调整前后的对比，属于相关关系，不能证明是调整所致。{other_zh}"
            f"异常偏高或偏低的数据往往会自行向均值回归{more[1]}。",
        )


@frozen(kw_only=True)
class ChangeRow(PlainData):
    """One figure before and after a change.

    Raises:
        DataError: the two are in different units.
    """

    code: str = field(validator=a_code)
    """The code of an indicator, or any other name, such as `hours`."""
    name: Label = field(validator=in_both)
    before: Quantity = field(converter=as_quantity, validator=is_a(Quantity))
    after: Quantity = field(converter=as_quantity, validator=is_a(Quantity))
    n_before: int = field(validator=between(1, None, int))
    """How many loans, answers, months or people stand behind the figure before."""
    n_after: int = field(validator=between(1, None, int))
    counted: Label = field(validator=in_both)
    """What is counted by the two, such as `lp.Label("loans", "笔贷款")`."""
    measured: Label | None = field(default=None, validator=optional(in_both))
    """What a pure number counts, such as `lp.Label("hours", "小时")`; a pure number without it is a share, and is said
    as a percentage."""

    def __attrs_post_init__(self) -> None:
        if self.before.unit != self.after.unit:
            fault = f"it is {self.before} before and {self.after} after"
            raise DataError(f"the figure {self.code}", fault, "give both in one unit")
        if self.before.unit and self.measured is not None:
            fault = f"it is in {self.before.unit}, and is said to count {self.measured.en}"
            raise DataError(f"the figure {self.code}", fault, "leave measured out, or give pure numbers")

    @property
    def difference(self) -> Quantity:
        """After less before, exact; of a ratio in parts of one, so that 1/100 is a percentage point."""
        return Quantity(self.after.value - self.before.value, self.before.unit)

    @property
    def relative(self) -> Fraction | None:
        """The difference over the figure before; None where that is 0 or below."""
        return self.difference.value / self.before.value if self.before.value > 0 else None


@frozen(kw_only=True)
class ChangeEffect(PlainData):
    """Figures before and after a change of the scheme. Nothing here says a figure in words without the caveat."""

    change: Label
    """What was changed."""
    before: Period
    after: Period
    rows: tuple[ChangeRow, ...]
    left_out: tuple[Label, ...] = ()
    """What the figures are called that are of too few to be shown."""
    caveat: ChangeCaveat

    def sentence(self, code: str) -> Label:
        """A figure before and after in words, with the caveat.

        Raises:
            DataError: there is no figure of that code.
        """
        for row in self.rows:
            if row.code == code:
                return _with(self._said(row), self.caveat.text)
        known = ", ".join(row.code for row in self.rows)
        raise DataError("the effect of a change", f"it has no figure {code!r}", f"name one of {known}")

    def text(self, language: Language = "en") -> str:
        """The change, all figures and the caveat, a line each."""
        few = (Label(f"{name.en}: too few to be shown.", f"{name.zh}：数量过少，不予显示。") for name in self.left_out)
        lines = [self.change, *map(self._said, self.rows), *few, self.caveat.text]
        return "\n".join(line.to(language) for line in lines)

    def _said(self, row: ChangeRow) -> Label:
        was_en, was_zh = _number(row, row.before)
        now_en, now_zh = _number(row, row.after)
        off_en, off_zh = _difference(row)
        return Label(
            f"{row.name.en}: {was_en} in {self.before} (n = {row.n_before} {row.counted.en}), {now_en} in {self.after} "
            f"(n = {row.n_after} {row.counted.en}); {off_en}.",
            f"{row.name.zh}：{self.before} 为 {was_zh}（n = {row.n_before} {row.counted.zh}），"
            f"{self.after} 为 {now_zh}（n = {row.n_after} {row.counted.zh}）；{off_zh}。",
        )


def effect_of(
    change: Label,
    rows: Iterable[ChangeRow],
    *,
    before: Period,
    after: Period,
    caveat: ChangeCaveat,
    people: Iterable[str],
    viewer: Viewer,
    smallest_group: int = 3,
) -> ChangeEffect:
    """Figures of a group of people before and after a change.

    What is of fewer people, answers, loans or months than the smallest group is left out, before or after, since it
    would tell what one person did or said.

    Args:
        change: what was changed, in words.
        rows: the figures.
        before: the period of the figures before.
        after: the period of those after; it starts when the other has ended, or later.
        caveat: what has to be said with them; there is none without.
        people: codes of those whose work the figures are of.
        viewer: has to see all of them.
        smallest_group: of how many each figure has to be, and how many people there have to be, as in the plan of
            feedback (`LearningPlan.smallest_group`); 1 or more. Say 1 where nothing of it was told in confidence.

    Raises:
        RightsError: the viewer may not see one of the people.
        DataError: there are no rows, one code twice, fewer people than the smallest group whose figures they are,
            periods that overlap, or plain numbers of which nobody says whether they are shares.
    """
    must_be_viewer(viewer)
    must_be(caveat, ChangeCaveat, "the caveat", "pass loanperf.learning.ChangeCaveat(else_changed=..., chosen=...)")
    must_be(change, Label, "the change", "pass lp.Label(en, zh)")
    for period in (before, after):
        must_be(period, Period, "a period", "pass lp.Period.month(2026, 3)")
    known = each_of(rows, ChangeRow, "the figures", "pass a list of loanperf.learning.ChangeRow")
    group = each_of(people, str, "the people", "pass a list of codes")
    _must_be_of_many(group, smallest_group)
    _must_be_alike(known, before, after)
    for code in group:
        viewer.must_see(code)
    small = {row.code: row.name for row in known if min(row.n_before, row.n_after) < smallest_group}
    return ChangeEffect(
        change=change,
        before=before,
        after=after,
        rows=tuple(row for row in known if row.code not in small),
        left_out=tuple(small.values()),
        caveat=caveat,
    )


def _must_be_of_many(group: tuple[str, ...], smallest: int) -> None:
    """Refuse fewer people than the smallest group, each counted once however their code is written."""
    must_be(smallest, int, "the smallest group", "pass a whole number of 1 or more, such as 3")
    many = len({person_of(code) for code in group})
    if many < max(smallest, 1):
        fault = f"it says of {many or 'nobody'} whose figures they are, and {max(smallest, 1)} are needed"
        raise DataError("the effect of a change", fault, "pass the codes of a larger group of people")


def _must_be_alike(rows: tuple[ChangeRow, ...], before: Period, after: Period) -> None:
    """Refuse figures that are none, twice there or of no unit, and periods that overlap."""
    where, codes = "the effect of a change", [row.code for row in rows]
    if not codes or len(set(codes)) < len(codes):
        raise DataError(where, f"its figures are {', '.join(codes) or 'none'}", "pass one or more, each once")
    for row in rows:
        if row.measured is None and (row.before.bare or row.after.bare):
            fault = f"{row.code} is {row.before} and {row.after}, and nobody says of what"
            raise DataError(where, fault, "write shares as '7%', or say what is counted in measured")
    if after.start < before.end:
        raise DataError(where, f"{after} starts before {before} has ended", "pass periods that do not overlap")


def _with(said: Label, caveat: Label) -> Label:
    return Label(f"{said.en} {caveat.en}", f"{said.zh}{caveat.zh}")


def _number(row: ChangeRow, value: Quantity) -> tuple[str, str]:
    """A figure in both languages: a pure number that is a share as a percentage."""
    if _is_share(row):
        return percent(value.value), percent(value.value)
    label = near_label(value)
    en, zh = in_words(label, "en"), in_words(label, "zh", bare=True)
    return (en, zh) if row.measured is None else (f"{en} {row.measured.en}", f"{zh} {row.measured.zh}")


def _difference(row: ChangeRow) -> tuple[str, str]:
    off = row.difference
    if not off.value:
        return "no difference", "没有变化"
    up = off.value > 0
    size = Quantity(abs(off.value), off.unit)
    if _is_share(row):
        points = percent(size.value).rstrip("%")
        return f"{'up' if up else 'down'} {points} percentage points", f"{'上升' if up else '下降'} {points} 个百分点"
    en, zh = _number(row, size)
    part = "" if row.relative is None else percent(abs(row.relative))
    more_en, more_zh = (f" ({part})", f"（{part}）") if part else ("", "")
    return f"{'up' if up else 'down'} {en}{more_en}", f"{'上升' if up else '下降'} {zh}{more_zh}"


def _is_share(row: ChangeRow) -> bool:
    return not row.before.unit and row.measured is None
