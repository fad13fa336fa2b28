"""Laws: what holds of every scheme that is fair and exact; a host's own is held to them in one line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from loanperf._appraisal import appraise
from loanperf._indicators import Direction
from loanperf._quantities import CURRENCIES, Money, Quantity, plain
from loanperf._scheme import Scheme, SchemeBook, parse_scheme, write_scheme
from loanperf.errors import LawError, LoanPerfError
from loanperf.testing import _pay_laws
from loanperf.testing._cases import SALARY, Case, asked, at_score, cards, cases, ladder, scores

Law: TypeAlias = Callable[[str, Scheme, int], None]
"""Takes its name, a scheme and the number of examples; raises where the scheme breaks it."""
_OURS = "report it: this is a fault of the library"


def check_laws(scheme: Scheme | SchemeBook, *, without: Collection[str] = (), examples: int = 30) -> None:
    """Hold a scheme to the laws of the library, at, below and above each of its knots, limits and targets.

    What surrounds them, such as the other readings, or loans with all that may become of them, Hypothesis draws.

    Args:
        scheme: the host's own, or a book, of which each version is held to the laws.
        without: names of laws that the scheme breaks on purpose; see `LAWS`.
        examples: how many are drawn for each law, 1 or more.

    Raises:
        LawError: a law is broken; it says which, by what example, and what to look at. Or `without` names none.

    >>> import loanperf as lp
    >>> check_laws(lp.template("worked-example"), examples=5)
    """
    unknown = sorted(set(without) - set(LAWS))
    if unknown:
        raise LawError(", ".join(unknown), "there is no law of that name", f"use one of {', '.join(LAWS)}")
    if type(examples) is not int or examples < 1:
        raise LawError("every law", f"{examples!r} examples show nothing", "give a whole number of 1 or more")
    for version in scheme.versions if isinstance(scheme, SchemeBook) else (scheme,):
        for name, law in LAWS.items():
            if name not in without:
                law(name, version, examples)


def _held(
    name: str, remedy: str, drawn: st.SearchStrategy[Any], broken: Callable[[Any], str], examples: int
) -> None:
    """Draw, and refuse the first that breaks a law, as small as it can be."""

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @given(drawn)
    def law(value: object) -> None:
        said = broken(value)
        if said:
            raise LawError(name, said, remedy)

    law()


def _on_cards(name: str, remedy: str, scheme: Scheme, broken: Callable[[Case], str], examples: int) -> None:
    """Draw cases of every card."""
    found = cards(scheme)
    for card in found:
        _held(name, remedy, cases(card), broken, max(2, examples // len(found)))


# ── weights, cards, sums ────────────────────────────────────────────────────────────────────────────────────


def _gives_cards(name: str, scheme: Scheme, _: int) -> None:
    for item in asked(scheme):
        try:
            found = item.card(scheme).profile
        except LoanPerfError as error:
            raise LawError(name, f"{item}: {error}", "mend the rules of [[who]], the phase or the override") from None
        if found != item.profile:
            raise LawError(name, f"{item}: {found!r} is what is given", "give it a rule in [[who]], or leave it out")


def _weights(name: str, scheme: Scheme, _: int) -> None:
    for card in cards(scheme):
        total = sum((line.weight for line in card.lines), Fraction(0))
        if total != 1:
            raise LawError(name, f"those of profile {card.profile!r} sum to {plain(100 * total)}%", "mend its weights")


def _sums(name: str, scheme: Scheme, examples: int) -> None:
    def broken(case: Case) -> str:
        found = case.appraised()
        points = sum((line.points for line in found.lines), Decimal(0))
        if found.vetoes:
            points = min(points, *(veto.score for veto in found.vetoes))
        return "" if points == found.score else f"{case}: the points come to {points}, the score is {found.score}"

    _on_cards(name, _OURS, scheme, broken, examples)


def _reads_back(name: str, scheme: Scheme, _: int) -> None:
    again = parse_scheme(write_scheme(scheme, "json"), "json")
    if again != scheme or again.fingerprint != scheme.fingerprint:
        raise LawError(name, f"{scheme.name!r} is another after writing and reading it", _OURS)


# ── more is never less ──────────────────────────────────────────────────────────────────────────────────────


def _better(name: str, scheme: Scheme, examples: int) -> None:
    def broken(case: Case, code: str) -> str:
        return _falls(_sweep(case, code), lambda at: at.appraised().score, f"{case}: the score", code)

    remedy = "look at the curve, the cap and the vetoes of that indicator"
    _on_indicators(name, remedy, scheme, broken, examples)


def _pays_more(name: str, scheme: Scheme, examples: int) -> None:
    def broken(case: Case, code: str) -> str:
        return _falls(_sweep(case, code), lambda at: at.paid(at.appraised()), f"{case}: the bonus", code)

    if scheme.bonus is not None:
        remedy = "look at the bonus curve, its gates, the grades' coefficients and the vetoes"
        _on_indicators(name, remedy, scheme, broken, examples)


def _score_pays(name: str, scheme: Scheme, examples: int) -> None:
    def broken(case: Case) -> str:
        found = case.appraised()
        paid = [(score, case.paid(at_score(found, score))) for score in scores(case.card)]
        for (low, before), (high, after) in pairwise(paid):
            if after < before:
                return f"{case}: the bonus falls from {before} to {after} as the score rises from {low} to {high}"
        return ""

    if scheme.bonus is not None and scheme.bonus.of == "score":
        _on_cards(name, "look at the bonus curve and the grades' coefficients", scheme, broken, examples)


def _on_indicators(
    name: str, remedy: str, scheme: Scheme, broken: Callable[[Case, str], str], examples: int
) -> None:
    """Draw cases for each indicator that a card looks at."""
    looked = [
        (card, item.code) for card in cards(scheme) for item in (*card.others, *(line.indicator for line in card.lines))
    ]
    for card, code in looked:
        _held(name, remedy, cases(card), lambda case, code=code: broken(case, code), max(2, examples // len(looked)))


def _sweep(case: Case, code: str) -> Iterable[tuple[Quantity, Case]]:
    """The case at each step of an indicator's ladder, from the worst to the best."""
    indicator = case.card.indicator(code)
    rungs = ladder(case.card, indicator)
    better = rungs if indicator.direction is Direction.HIGHER else rungs[::-1]
    return ((value, case.at(code, value)) for value in better)


def _falls(steps: Iterable[tuple[Quantity, Case]], result: Callable[[Case], Any], what: str, code: str) -> str:
    for (low, before), (high, after) in pairwise((value, result(case)) for value, case in steps):
        if after < before:
            return f"{what} falls from {before} to {after} as {code} gets better, from {low} to {high}"
    return ""


# ── bounds and units ────────────────────────────────────────────────────────────────────────────────────────


def _not_negative(name: str, scheme: Scheme, examples: int) -> None:
    def broken(case: Case) -> str:
        below = [paid for paid in _bonuses(case) if paid.units < 0]
        return f"{case}: {below[0]}" if below else ""

    if scheme.bonus is not None:
        _on_cards(name, "give the bonus a floor of 0, or mend its curve", scheme, broken, examples)


def _bounded(name: str, scheme: Scheme, examples: int) -> None:
    bonus = scheme.bonus
    if bonus is None:
        return

    def bound(limit: Quantity | None) -> Money | None:
        if limit is None:
            return None
        whole = limit.value if limit.unit in CURRENCIES else limit.value * SALARY
        return Money.rounded(whole, scheme.currency, bonus.rounding)

    most, least = bound(bonus.cap), bound(bonus.floor)

    def broken(case: Case) -> str:
        for paid in _bonuses(case):
            if most is not None and paid > most:
                return f"{case}: {paid}, above the cap of {most} on a salary of {plain(SALARY)}"
            if least is not None and paid < least:
                return f"{case}: {paid}, below the floor of {least} on a salary of {plain(SALARY)}"
        return ""

    _on_cards(name, "look at the cap and the floor; the floor comes last", scheme, broken, examples)


def _bonuses(case: Case) -> Iterable[Money]:
    found = case.appraised()
    yield case.paid(found)
    if case.card.bonus is not None and case.card.bonus.of == "score":
        yield from (case.paid(at_score(found, score)) for score in scores(case.card))


def _units(name: str, scheme: Scheme, examples: int) -> None:
    def broken(case: Case) -> str:
        found = case.appraised()
        readings = {code: _otherwise(value) for code, value in case.readings.items()}
        targets = {line.indicator.code: _otherwise(line.target) for line in case.card.lines if line.target is not None}
        again = appraise(case.card, targets, readings)
        said = ", ".join(f"{code} {value}" for code, value in sorted(readings.items()))
        return "" if again.score == found.score else f"{case}: {found.score}; the same as {said}: {again.score}"

    _on_cards(name, _OURS, scheme, broken, examples)


def _otherwise(value: Quantity) -> str:
    """A quantity in another unit: yuan in 万元, ratios and counts in hundredths of a percent."""
    match value.unit:
        case "CNY":
            return f"{plain(value.value / 10_000)} 万元"
        case "":
            return f"{plain(value.value * 10_000)} bp"
        case unit:
            return f"{plain(value.value)} {unit}"


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "every profile gives a card": _gives_cards,
        "weights sum to 100%": _weights,
        "a scheme reads back as it was written": _reads_back,
        "a score is the sum of its points": _sums,
        "another unit gives the same score": _units,
        "a better reading never lowers the score": _better,
        "a better reading never lowers the bonus": _pays_more,
        "a higher score never lowers the bonus": _score_pays,
        "a bonus is never below zero": _not_negative,
        "a bonus keeps its cap and floor": _bounded,
        "a larger loan never earns less": _pay_laws.larger,
        "the stages of a deal sum to the deal": _pay_laws.staged,
        "settling and paying twice changes nothing": _pay_laws.twice,
        "the order of facts does not matter": _pay_laws.any_order,
        "what is entitled is due, held or paid, less what is owed": _pay_laws.balanced,
        "no more is paid than is due": _pay_laws.not_more,
    }
)
"""Every law, by the name that `check_laws` knows it by."""
