"""What fields of schemes and calls accept: exact converters, and checks whose errors name the field or argument."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, NewType, TypeAlias, TypeVar, get_args
from unicodedata import category, normalize

from attrs import Attribute

from loanperf._curves import Curve, RateTable
from loanperf._explanations import Label
from loanperf._periods import Period
from loanperf._quantities import CURRENCIES, Number, Quantity, number, percent, plain, quantity, ratio
from loanperf.errors import DataError, FloatError, QuantityError, UnitError, is_encodable, shown

_T = TypeVar("_T")
Factor = NewType("Factor", Fraction)
"""A number that multiplies pay, such as the coefficient of a grade: 1.2 is one, and the same as 120%."""
_HASH = re.compile("[0-9a-f]{64}")
LONGEST_CODE = 100
"""Characters that a code has at most."""
_UNSEEN = re.compile(
    "[\\s\u2800\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Blanks, and what shows nothing though some of it counts as printable: `Default_Ignorable_Code_Point` of Unicode 16,
DerivedCoreProperties.txt, and the empty Braille pattern."""
LARGEST_FACTOR = Fraction(10)
"""1000%: no factor of pay comes near it, and 120 for 120% is far beyond."""
LONGEST_TEXT = 10_000
"""Characters that a comment, reason or other text in somebody's own words has at most: about five pages."""
Validator: TypeAlias = Callable[[Any, "Attribute[Any]", Any], None]
"""Called with the value, its attribute and what was passed; raises where that is not accepted."""

# A converter does not know its field: what it cannot read it leaves as it is, and the validator refuses it by name.
_ASKED: Mapping[type, str] = MappingProxyType(
    {
        Fraction: "a share, such as '30%' or Fraction(3, 10)",
        Decimal: "a number of points, such as Decimal('89.5')",
        Quantity: "a quantity, such as '100万元' or '3%'",
        tuple: "a tuple, such as ('new',)",
        Period: "a period, such as lp.Period.month(2026, 3)",
    }
)


def as_quantity(value: Number) -> Quantity:
    """A converter: a quantity, read exactly."""
    return _read(quantity, value)


def as_share(value: Number) -> Fraction:
    """A converter: a pure number, read exactly."""
    return _read(ratio, value)


def as_factor(value: Number) -> Factor:
    """A converter: a pure number of any size, read exactly; a bare number is one."""
    return Factor(_read(number, value))


def as_points(value: Number) -> Decimal:
    """A converter: a number of points, read exactly; a Decimal, such as a score, is one already."""
    found: Any = value if isinstance(value, Decimal) else _read(_points, value)
    good = isinstance(found, Quantity) and found.unit in ("", "point") and "/" not in plain(found.value)
    points: Any = Decimal(plain(found.value)) if good else value
    read: Decimal = points
    return read


def as_exact(value: Number) -> Fraction:
    """A converter: a number of any size, read exactly.

    Raises:
        LoanPerfError: it is a float, no number, or has a unit.
    """
    return value if type(value) is Fraction else number(value)


def as_tuple(value: Any) -> Any:
    """A converter: a list is a tuple; a text is left as it is, since its characters are no values."""
    return tuple(value) if isinstance(value, list) else value


def _points(value: Number) -> Quantity:
    return quantity(value, asked="point")


def as_pairs(value: Any, read: Callable[[Any], _T]) -> tuple[tuple[str, _T], ...]:
    """A converter: pairs of a code and what `read` makes of the other half."""
    try:
        return tuple((code, read(held)) for code, held in value)
    except (TypeError, ValueError):
        unread: tuple[tuple[str, _T], ...] = value
        return unread


def share_pairs(value: Iterable[tuple[str, Number]]) -> tuple[tuple[str, Fraction], ...]:
    """A converter: pairs of a code and a pure number, read exactly."""
    return as_pairs(value, as_share)


def _read(read: Callable[[Any], _T], value: Any) -> _T:
    try:
        return read(value)
    except (QuantityError, UnitError):
        unread: _T = value
        return unread


def is_a(*kinds: type) -> Validator:
    """A validator: the value is of one of these classes; a truth value is no number, and NaN is none."""
    names = " or ".join(kind.__name__ for kind in kinds)
    asked = " or ".join(_ASKED.get(kind, f"a value of the type {kind.__name__}") for kind in kinds)

    def check(instance: object, attribute: Attribute[Any], value: object) -> None:
        if isinstance(value, float) and int in kinds:
            raise FloatError(value)
        endless = isinstance(value, Decimal) and not value.is_finite()
        if Fraction in kinds or Quantity in kinds:
            _explain(instance, attribute, value, ratio if Fraction in kinds else quantity)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds) or endless:
            raise DataError(_where(instance, attribute), f"it is no {names} (found {shown(value)})", f"pass {asked}")

    return check


def _explain(instance: object, attribute: Attribute[Any], value: Any, read: Callable[[Any], object]) -> None:
    """Say why a converter left text or a number as it was."""
    if not isinstance(value, (str, int, Decimal)) or isinstance(value, bool):
        return
    try:
        read(value)
    except QuantityError as error:
        fault = f"{error.fault} (found {shown(value)})"
        raise DataError(_where(instance, attribute), fault, error.remedy) from None
    except UnitError:
        return


def one_of(words: Any) -> Validator:
    """A validator: the value is one of the words of a `Literal`."""
    known: tuple[str, ...] = get_args(words)

    def check(instance: object, attribute: Attribute[Any], value: object) -> None:
        if value not in known:
            fault = f"it is no known word (found {shown(value)})"
            raise DataError(_where(instance, attribute), fault, f"pass one of {', '.join(map(repr, known))}")

    return check


def share_curve(instance: object, attribute: Attribute[Any], value: Any) -> None:
    """A validator: a curve whose y are shares from 0% to 100%, each written with its sign."""
    is_a(Curve)(instance, attribute, value)
    outside = [y for _, y in value.knots if value.y_unit or not 0 <= y <= 1]
    if outside or value.then is not None:
        wrong = outside[0] if outside else value.knots[-1][1]
        found = f"{plain(wrong)} {value.y_unit}" if value.y_unit else percent(wrong)
        fault = f"a share is below 0%, above 100% or an amount (found {found}{'' if outside else ' and more'})"
        meant = (
            f", such as '{plain(wrong)}%'"
            if outside and not value.y_unit and 1 < wrong <= 100 and wrong.denominator == 1
            else ""
        )
        raise DataError(_where(instance, attribute), fault, f"give shares of 0% to 100%{meant}")
    stated(instance, attribute, value)


def factor_curve(instance: object, attribute: Attribute[Any], value: Any) -> None:
    """A validator: a curve whose y are factors from 0% to 1000%; a bare 1.2 is one."""
    is_a(Curve)(instance, attribute, value)
    for _, y in value.knots:
        if not value.y_unit and y > LARGEST_FACTOR:
            fault = f"its y is above {percent(LARGEST_FACTOR)} (found {percent(y)})"
            raise DataError(_where(instance, attribute), fault, f"{plain(y)} is {percent(y)}; write '{plain(y)}%'")


def weight_curve(instance: object, attribute: Attribute[Any], value: Any) -> None:
    """A validator: a curve of factors whose points, where it goes on by them, are amounts of money."""
    factor_curve(instance, attribute, value)
    if value.then is not None and value.then.point is not None and value.x_unit not in CURRENCIES:
        fault = f"it goes on by each {plain(value.then.point)} of an amount, which is no money"
        raise DataError(_where(instance, attribute), fault, "write point = '10万元', or another amount")


def a_rate(instance: object, attribute: Attribute[Any], value: Any) -> None:
    """A validator: a quantity that says its unit, such as '0.5%' or '5 元'."""
    is_a(Quantity)(instance, attribute, value)
    stated(instance, attribute, value)


def rate_curve(instance: object, attribute: Attribute[Any], value: Any) -> None:
    """A validator: a curve whose y say their unit."""
    is_a(Curve)(instance, attribute, value)
    stated(instance, attribute, value)


def rate_table(instance: object, attribute: Attribute[Any], value: Any) -> None:
    """A validator: a table whose rates say their unit."""
    is_a(RateTable)(instance, attribute, value)
    for row in value.cells:
        for cell in row:
            stated(instance, attribute, cell)


def stated(instance: object, attribute: Attribute[Any], value: Curve | Quantity) -> None:
    """Refuse a rate that is a bare number; a bare 0 is 0 in every unit.

    Raises:
        DataError: it is one.
    """
    bare = value.bare_y if isinstance(value, Curve) else value.value * value.bare
    if bare:
        text = plain(bare)
        fault, remedy = f"{text} says no unit, and may be {text}% or {percent(bare)}", "write its sign or its currency"
        raise DataError(_where(instance, attribute), fault, remedy)


def between(low: int, high: int | None, kind: type = Fraction) -> Validator:
    """A validator: a share or a whole number is from `low` to `high`, both allowed; None is no bound."""
    text = percent if kind is Fraction else str
    remedy = f"give {text(Fraction(low))} " + ("or more" if high is None else f"to {text(Fraction(high))}")
    must_be_of_kind = is_a(kind)

    def check(instance: object, attribute: Attribute[Any], value: Any) -> None:
        must_be_of_kind(instance, attribute, value)
        if value < low or (high is not None and value > high):
            fault = "it is negative" if value < 0 else "it is out of range"
            raise DataError(_where(instance, attribute), f"{fault} (found {text(value)})", remedy)

    return check


def pairs_of(held: Validator) -> Validator:
    """A validator: the value is pairs of a code and what another validator accepts."""

    def check(instance: object, attribute: Attribute[Any], value: object) -> None:
        if not isinstance(value, tuple) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
            fault = f"these are no pairs (found {shown(value)})"
            raise DataError(_where(instance, attribute), fault, "pass pairs of a code and a value")
        for code, item in value:
            is_a(str)(instance, attribute, code)
            held(instance, attribute, item)

    return check


def must_be(given: object, kind: type, where: str, remedy: str) -> None:
    """Refuse an argument that is of another class.

    Args:
        given: what was passed.
        kind: the class that is asked for.
        where: what the argument is called.
        remedy: what to pass.

    Raises:
        DataError: it is of another class.

    >>> must_be([], Period, "the period", "pass lp.Period.month(2026, 3)")
    Traceback (most recent call last):
        ...
    loanperf.errors.DataError: the period: it is no Period (found []); pass lp.Period.month(2026, 3)
    """
    if not isinstance(given, kind):
        raise DataError(where, f"it is no {kind.__name__} (found {shown(given)})", remedy)


def each_of(given: object, kind: type[_T], where: str, remedy: str) -> tuple[_T, ...]:
    """The items of an argument, each of one class.

    Args:
        given: what was passed.
        kind: the class of each item.
        where: what the argument is called.
        remedy: what to pass.

    Raises:
        DataError: it is a text or cannot be gone through, or one of the items is of another class.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise DataError(where, f"it is no list (found {shown(given)})", remedy)
    items = tuple(given)
    for item in items:
        must_be(item, kind, f"one of {where}", remedy)
    return items


def must_hold(rows: Sequence[object], kinds: Mapping[str, tuple[type, ...]]) -> None:
    """Refuse rows whose fields are of other classes, before they become columns.

    Args:
        rows: all of one class.
        kinds: by field, the classes that are asked for.

    Raises:
        DataError: a field of one of the rows is of another class; it names the first one.
    """
    for name, asked in kinds.items():
        values = [getattr(row, name) for row in rows]
        if all(issubclass(kind, asked) for kind in set(map(type, values))):
            continue
        row, value = next((row, value) for row, value in zip(rows, values, strict=True) if not isinstance(value, asked))
        kind, names = asked[0], " or ".join(one.__name__ for one in asked)
        fault = f"it is no {names} (found {shown(value)})"
        raise DataError(
            f"{type(row).__name__}.{name}", fault, f"pass {_ASKED.get(kind, f'a value of the type {kind.__name__}')}"
        )


def _where(instance: object, attribute: Attribute[Any]) -> str:
    return f"{type(instance).__name__}.{attribute.name}"


def must_be_storable(what: str, text: object, most: int = 0) -> None:
    """Refuse text that not every store can keep as it is.

    Args:
        what: how it is called in the error.
        text: what is to be kept.
        most: how many characters a name may have, which is not empty then; 0 for text of any length.

    Raises:
        DataError: it is no text, empty, too long, or has the character 0 or one that is not of Unicode.
    """
    if not isinstance(text, str):
        raise DataError(what, f"it is a {type(text).__name__}", "pass text")
    if most and not 0 < len(text) <= most:
        raise DataError(what, "it is empty or too long", f"give 1 to {most} characters")
    if "\0" in text or not (text.isascii() or is_encodable(text)):
        raise DataError(what, "it has the character 0, or one that is not of Unicode", "leave it out")


def person_of(code: str) -> str:
    """Who a code means: the same text for codes that differ in case, width, blanks or unseen characters alone.

    >>> person_of("L\u034fi N") == person_of("lin")
    True
    """
    if code.isascii() and code.isalnum():  # nothing else to take away
        return code.lower()
    seen = _UNSEEN.sub("", normalize("NFKC", _UNSEEN.sub("", code)))
    return normalize("NFKC", _UNSEEN.sub("", normalize("NFKC", seen.casefold())))


def is_same_person(one: str, other: str) -> bool:
    """Whether two codes mean one person, however each is written; see `person_of`.

    It is asked both where somebody may not decide about themselves and where they alone may speak.

    >>> is_same_person("e\u0301va", "\u00e9VA"), is_same_person("lin", "lin2")
    (True, False)
    """
    return one == other or person_of(one) == person_of(other)


def is_among(who: str, codes: Iterable[str]) -> bool:
    """Whether one of some codes means a person, however it is written."""
    return person_of(who) in map(person_of, codes)


def must_be_themselves(by: str, whose: str, where: str) -> None:
    """Refuse who speaks for somebody else.

    Raises:
        DataError: they do.
    """
    if not is_same_person(by, whose):
        raise DataError(where, f"{by} would speak for {whose}", f"let {whose} do it")


def is_visible(text: str) -> bool:
    """Whether every character of a text is printed, and shows something or is a plain blank."""
    return text.isprintable() and (text.isascii() or not _UNSEEN.search(text.replace(" ", "")))


def has_words(text: str) -> bool:
    """Whether a text has a character that shows: not blanks alone, nor characters without width or of direction."""
    return any(category(sign)[0] not in "ZC" and not _UNSEEN.match(sign) for sign in text)


A_CODE = "give a printable code without blanks around it"


def is_code(value: object, *, longest: int | None = LONGEST_CODE) -> bool:
    """Whether it is a text of visible characters, 1 to `longest`, without blanks around it; None is any number."""
    if not isinstance(value, str) or not value or (longest is not None and len(value) > longest):
        return False
    is_plain = value.isascii() and value.isalnum()  # nothing in it that could be blank or unseen
    return is_plain or (value.strip() == value and is_visible(value))


def a_code(instance: object, attribute: Attribute[str], value: object) -> None:
    """A validator: a text of 1 to 100 visible characters, without blanks around it.

    Raises:
        DataError: it is none.
    """
    if is_code(value):
        return
    if isinstance(value, str) and value.isprintable() and not is_visible(value):
        fault = f"it has a character that shows nothing (found {value!a})"
        raise DataError(_where(instance, attribute), fault, "leave that character out")
    fault, remedy = f"it is {shown(value)}", "name a code, in printable characters, without blanks around it"
    raise DataError(_where(instance, attribute), fault, remedy)


def a_hash(instance: object, attribute: Attribute[str], value: object) -> None:
    """A validator: a SHA-256 in hexadecimal, in small letters.

    Raises:
        DataError: it is none.
    """
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        remedy = "pass a SHA-256 in hexadecimal, 64 small letters and digits"
        raise DataError(_where(instance, attribute), f"it is {shown(value)}", remedy)


def numbers_of(what: str, *, least: int = 0) -> Validator:
    """A validator: a tuple of the numbers of some entries or records, so many at least, from 1 on, each once."""

    def check(instance: object, attribute: Attribute[Any], value: object) -> None:
        found = value if isinstance(value, tuple) else (0,)
        good = len(found) >= least and all(type(one) is int and one > 0 for one in found)
        if not good or len({*found}) < len(found):
            remedy = f"pass numbers of {what}, each once, such as (3, 5)"
            raise DataError(_where(instance, attribute), f"it is {shown(value)}", remedy)

    return check


def in_both(instance: object, attribute: Attribute[Label], value: object) -> None:
    """A validator: a label with a text in each language.

    Raises:
        DataError: it is none, or one of the texts is missing.
    """
    must_be_in_both(_where(instance, attribute), value)


def must_be_in_both(where: str, value: object) -> None:
    """Refuse what is no label with a text in each language.

    Raises:
        DataError: it is none.
    """
    if not isinstance(value, Label) or not (has_words(value.en) and has_words(value.zh)):
        raise DataError(where, f"it is {shown(value)}", "give lp.Label(en, zh) with a text in both languages")
    for text in (value.en, value.zh):
        must_be_storable(where, text)


def a_text(instance: object, attribute: Attribute[str], value: object) -> None:
    """A validator: a text of at most 10,000 characters that every store keeps as it is, or an empty one.

    Raises:
        DataError: it is none.
    """
    must_be_text(_where(instance, attribute), value)


def must_be_text(where: str, text: object) -> None:
    """Refuse what is no text in somebody's own words: of 10,000 characters at most, and storable.

    Raises:
        DataError: it is none.
    """
    must_be_storable(where, text)
    if len(str(text)) > LONGEST_TEXT:
        fault = f"it has {len(str(text))} characters"
        raise DataError(where, fault, f"write {LONGEST_TEXT} at most, and keep the rest beside it")


def some_words(instance: object, attribute: Attribute[str], value: object) -> None:
    """A validator: as `a_text`, with a character that shows; blanks and unseen characters alone are no words.

    Raises:
        DataError: it is none.
    """
    a_text(instance, attribute, value)
    if not has_words(str(value)):
        raise DataError(_where(instance, attribute), "it is empty", "write some words")
