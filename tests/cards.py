"""Cards and rows drawn at random, and what one after the other makes of each row: what columns are held to."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np
from attrs import frozen
from hypothesis import strategies as st

import loanperf as lp
from loanperf.cycle import Calibrated

MARCH = lp.Period.month(2026, 3)
INDICATORS = {
    "loan_amount": (lp.CATALOGUE["loan_amount"](), 100, "CNY"),
    "npl_ratio": (lp.CATALOGUE["npl_ratio"](), 10_000, ""),
    "customer_count": (lp.CATALOGUE["customer_count"](), 1, ""),
    "compliance_score": (lp.CATALOGUE["compliance_score"](), 100, "point"),
}
"""Each with the units in one whole, and the unit of its value."""
SHARES = st.sampled_from([Fraction(number, 12) for number in (0, 3, 4, 6, 9, 12, 14, 18)])
Row = dict[str, int | None]
Shape: TypeAlias = Literal["step", "linear"]
Side: TypeAlias = Literal["left", "right"]


@st.composite
def curves(draw: st.DrawFn, xs: st.SearchStrategy[Fraction], ys: st.SearchStrategy[Fraction], y_unit: str = "") -> Any:
    """Steps and lines, closed at either side, flat or going on above."""
    knots = sorted(draw(st.lists(xs, min_size=1, max_size=4, unique=True)))
    shapes: list[Shape] = ["step", "linear"]
    sides: list[Side] = ["left", "right"]
    shape = draw(st.sampled_from(shapes))
    then = draw(st.none() | st.builds(lp.schemes.Then, ys, st.sampled_from(["pro rata", "whole"])))
    pairs = [(x, draw(ys)) for x in knots]
    if shape == "linear" and draw(st.booleans()):
        pairs.append((pairs[-1][0], draw(ys)))
    closed = draw(st.sampled_from(sides))
    return lp.schemes.Curve(knots=tuple(pairs), shape=shape, closed=closed, then=then, y_unit=y_unit)


@st.composite
def scorings(draw: st.DrawFn, total: tuple[int, lp.Rounding] | None = None) -> lp.schemes.Scoring:
    """Every way to score a reading; where the total is rounded, to its places and by its mode."""
    looks_at: list[Literal["attainment", "value"]] = ["attainment", "value"]
    of = draw(st.sampled_from(looks_at))
    xs = st.fractions(0, 2, max_denominator=20) if of == "attainment" else st.fractions(0, 3, max_denominator=100)
    rule = draw(st.sampled_from(lp.schemes.Direction) | curves(xs, SHARES))
    floor = draw(st.none() | st.just(Fraction(0)) | st.just(Fraction(1, 3)))
    return lp.schemes.Scoring(
        rule=rule,
        of=of if isinstance(rule, lp.schemes.Curve) else "attainment",
        places=draw(st.integers(0, 3)) if total is None else total[0],
        rounding=draw(st.sampled_from(lp.Rounding)) if total is None else total[1],
        rounds="each indicator" if total is None else "the total",
        missing=draw(st.sampled_from(lp.schemes.Missing)),
        cap=draw(st.none() | st.sampled_from([Fraction(3, 2), Fraction(1), Fraction(7, 6)])),
        floor=floor,
    )


@st.composite
def bonuses(draw: st.DrawFn) -> lp.schemes.Bonus:
    """Every way to pay a bonus."""
    paid_in: list[Literal["month", "share", "amount"]] = ["month", "share", "amount"]
    unit = draw(st.sampled_from(paid_in))
    of = draw(st.sampled_from(["score", *INDICATORS]))
    xs = st.fractions(0, 120, max_denominator=2) if of == "score" else st.fractions(0, 2, max_denominator=20)
    y_unit = {"month": "month", "share": "", "amount": "CNY"}[unit]
    bounds = st.none() | st.fractions(0, 3, max_denominator=6).map(lambda value: lp.Quantity(value, y_unit))
    gate = st.builds(
        lp.schemes.Gate,
        indicator=st.sampled_from(list(INDICATORS)),
        forfeits=curves(st.fractions(0, 2, max_denominator=10), st.fractions(0, 1, max_denominator=4)).filter(
            lambda curve: curve.then is None
        ),
    )
    multiplier = st.builds(
        lp.schemes.Multiplier,
        indicator=st.sampled_from(list(INDICATORS)),
        of=st.sampled_from(["attainment", "value"]),
        curve=curves(st.fractions(0, 2, max_denominator=10), st.fractions(0, 3, max_denominator=4)),
    )
    ways: list[Literal["in turn", "added"]] = ["in turn", "added"]
    curve = draw(curves(xs, st.fractions(0, 3, max_denominator=12), y_unit))
    return lp.schemes.Bonus(
        unit=unit,
        of=of,
        curve=lp.schemes.Curve(
            knots=curve.knots,
            shape=curve.shape,
            closed=curve.closed,
            then=curve.then,
            x_unit="point" if of == "score" else "",
            y_unit=y_unit,
        ),
        rounding=draw(st.sampled_from(lp.Rounding)),
        gates=tuple(draw(st.lists(gate, max_size=2))),
        gates_apply=draw(st.sampled_from(ways)),
        multipliers=tuple(draw(st.lists(multiplier, max_size=2))) if draw(st.booleans()) else (),
        cap=draw(bounds),
        floor=draw(bounds),
    )


@st.composite
def cards(draw: st.DrawFn, like: lp.schemes.Card | None = None) -> lp.schemes.Card:
    """Cards of one to four lines; one like another has its shape, with weights and targets of its own."""
    chosen = [line.indicator.code for line in like.lines] if like else draw(_codes())
    parts = [draw(st.integers(1, 20)) for _ in chosen]
    total = draw(st.none() | st.tuples(st.integers(0, 3), st.sampled_from(lp.Rounding)))
    lines = tuple(
        lp.schemes.CardLine(
            indicator=INDICATORS[code][0],
            weight=Fraction(part, sum(parts)),
            scoring=like.lines[place].scoring if like else draw(scorings(total)),
            target=draw(st.none() | _targets(code)) if like is None or like.lines[place].target is not None else None,
        )
        for place, (code, part) in enumerate(zip(chosen, parts, strict=True))
    )
    return lp.schemes.Card(
        scheme="branch",
        version="0" * 12,
        effective=MARCH.start,
        profile="standard",
        currency="CNY",
        period=MARCH,
        lines=lines,
        others=tuple(item for code, (item, _, _) in INDICATORS.items() if code not in chosen),
        vetoes=like.vetoes if like else tuple(draw(st.lists(_vetoes(), max_size=1))),
        grades=like.grades if like else tuple(_GRADES if draw(st.booleans()) else ()),
        bonus=like.bonus if like else draw(bonuses()),
    )


def _codes() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(INDICATORS)), min_size=1, max_size=4, unique=True)


def _targets(code: str) -> st.SearchStrategy[lp.Quantity]:
    _, _, unit = INDICATORS[code]
    return st.sampled_from([Fraction(1), Fraction(3), Fraction(1, 3), Fraction(7, 4)]).map(
        lambda value: lp.Quantity(value, unit)
    )


_GRADES = (
    lp.schemes.Grade(code="C", at_least=Decimal(0), coefficient=Fraction(1, 2)),
    lp.schemes.Grade(code="B", at_least=Decimal(60), coefficient=Fraction(1)),
    lp.schemes.Grade(code="A", at_least=Decimal("99.5"), coefficient=Fraction(4, 3)),
)


@st.composite
def _vetoes(draw: st.DrawFn) -> lp.schemes.Veto:
    code = draw(st.sampled_from(list(INDICATORS)))
    _, _, unit = INDICATORS[code]
    return lp.schemes.Veto(
        indicator=code,
        test=draw(st.sampled_from(["above", "at least", "below", "at most"])),
        limit=lp.Quantity(draw(st.sampled_from([Fraction(1, 50), Fraction(1), Fraction(2)])), unit),
        score=draw(st.sampled_from([Decimal(0), Decimal("12.5")])),
    )


def numbers(scale: int) -> st.SearchStrategy[int]:
    """Readings and targets: at knots and ties, and at the ends of what columns hold."""
    near = st.sampled_from([0, 1, scale // 3, scale // 2, scale, scale * 3 // 2, scale * 2, scale * 3])
    edges = st.sampled_from([2**43, 2**51, 2**52 - 1, 2**52, 2**53, 2**53 + 1, 2**62, 2**63 - 1, -1, -(2**60)])
    return st.one_of(near, st.integers(0, 4 * scale), st.integers(0, 4 * scale), st.integers(0, 10**12), edges)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A row: readings as values or quotients, targets of its own or not, a salary and days."""
    row: Row = {}
    for code, (_, scale, _) in INDICATORS.items():
        row[code] = draw(st.one_of(st.none(), *[numbers(scale)] * 5))
        row[f"{code}.denominator"] = draw(st.sampled_from([1, 1, 2, 3, 0, 2**31, 10**12 + 39]))
        row[f"{code}.target"] = draw(st.one_of(st.none(), *[numbers(scale)] * 5))
    row["month"] = draw(st.integers(0, 10**7) | st.sampled_from([2**40, 2**62]))
    row["base"] = draw(st.integers(0, 10**9))
    row["of_days"] = 31
    row["days"] = draw(st.integers(0, 31) | st.just(31))
    return row


@frozen
class Form:
    """Which columns a host has."""

    quotients: frozenset[str]
    targets: frozenset[str]
    days: bool
    floats: bool


FORMS = st.builds(
    Form,
    st.frozensets(st.sampled_from(list(INDICATORS))),
    st.frozensets(st.sampled_from(list(INDICATORS))),
    st.booleans(),
    st.booleans(),
)


def columns_of(drawn: list[Row], form: Form) -> dict[str, Any]:
    """The rows as masked columns of the form; floats only where they hold every number of the column."""
    names = []
    for code in INDICATORS:
        above, below = (f"{code}.numerator", code), (f"{code}.denominator", f"{code}.denominator")
        names += [above, below] if code in form.quotients else [(code, code)]
        names += [(f"{code}.target", f"{code}.target")] if code in form.targets else []
    names += [(name, name) for name in ("month", "base")]
    names += [("days", "days"), ("of_days", "of_days")] if form.days else []
    money = ("loan_amount", "month", "base")  # floats are refused for money
    return {
        name: _column([row[source] for row in drawn], floats=form.floats and not name.startswith(money))
        for name, source in names
    }


SCALES = {"compliance_score": 100}
UNITS = {"loan_amount": "fen", "npl_ratio": "bp", "npl_ratio.target": "bp", "month": "fen", "base": "fen"}


def units_of(columns: Mapping[str, Any]) -> dict[str, str]:
    """The units of the columns that are there; points are counted in hundredths, which scales say."""
    heads = {name.partition(".")[0] for name in columns} | {*columns}
    return {name: unit for name, unit in UNITS.items() if name in heads}


def _column(values: list[int | None], *, floats: bool) -> Any:
    whole = [value or 0 for value in values]
    kind = np.float64 if floats and all(abs(value) <= 2**53 for value in whole) else np.int64
    return np.ma.masked_array(np.array(whole, dtype=kind), mask=[value is None for value in values])


def readings_of(row: Row, form: Form) -> list[lp.Reading]:
    """The readings of a row, one by one."""
    found = []
    for code, (_, scale, unit) in INDICATORS.items():
        top, bottom = row[code], row[f"{code}.denominator"]
        if code in form.quotients and top is not None and bottom:
            one = 1 if code == "npl_ratio" else scale
            found.append(
                lp.Reading(indicator=code, numerator=Fraction(top, one), denominator=Fraction(bottom), unit=unit)
            )
        elif code not in form.quotients and top is not None:
            found.append(lp.Reading(indicator=code, numerator=Fraction(top, scale), unit=unit))
    return found


def targets_of(row: Row, form: Form, card: lp.schemes.Card) -> dict[str, lp.Quantity]:
    """The targets of a row's own, for the lines of its card."""
    found = {}
    for line in card.lines:
        code = line.indicator.code
        _, scale, unit = INDICATORS[code]
        goal = row[f"{code}.target"]
        if code in form.targets and goal is not None:
            found[code] = lp.Quantity(Fraction(goal, scale), unit)
    return found


Decided = str | Fraction | None
DECIDED: st.SearchStrategy[Decided] = st.one_of(
    st.none(), st.sampled_from(["A", "B", "C", "D"]), st.fractions(0, 10, max_denominator=2**40)
)
"""The grade or the coefficient to which a result was calibrated; no card has grade D."""


def calibrated(payee: str, decided: Decided) -> Calibrated | None:
    """What people decided about the result of a payee."""
    if decided is None:
        return None
    said: Any = {"grade": decided} if isinstance(decided, str) else {"coefficient": decided}
    return Calibrated(payee=payee, period=MARCH, by="chen", why="as agreed", at=MARCH.end, **said)


def by_rows(
    row: Row, form: Form, card: lp.schemes.Card, decided: Decided = None
) -> tuple[lp.Appraisal | None, int | None]:
    """The appraisal and the bonus in fen of one row by itself; None where it is refused."""
    try:
        appraisal = lp.appraise(card, targets_of(row, form, card), readings_of(row, form), payee="lin")
    except lp.errors.LoanPerfError:
        return None, None
    days = (row["days"] or 0, 31) if form.days else None
    month, base = (lp.Money.from_units(row[name] or 0, "CNY") for name in ("month", "base"))
    try:
        said = calibrated("lin", decided)
        return appraisal, lp.award(
            card.bonus, appraisal, month=month, base=base, days=days, calibrated=said
        ).amount.units
    except lp.errors.LoanPerfError:
        return appraisal, None


def units(score: Decimal, places: int) -> int:
    """A score in units of 10 ** -places."""
    return int(Fraction(score) * 10**places)


Cards = Mapping[str, lp.schemes.Card]
