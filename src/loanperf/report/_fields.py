"""Fields: forms on pages as data, where they are sent, and what comes back of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from attrs import Attribute, field, frozen

from loanperf._explanations import Label, Language
from loanperf._validators import each_of, must_be, must_be_storable
from loanperf.errors import DataError, shown

FieldKind: TypeAlias = Literal["one of", "some of", "number", "text"]
Posted: TypeAlias = Mapping[str, tuple[str, ...]]
"""What a form sent: the texts of each field, by its name."""
_ACTION = re.compile(r"(https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?)?/(?!/)[!-~]*")


def _an_action(instance: object, attribute: Attribute[str], value: object) -> None:
    del instance, attribute
    if not isinstance(value, str) or not _ACTION.fullmatch(value) or "\\" in value:
        fault, remedy = f"its action is {shown(value)}", "give a path such as /reviews/lin, or a whole https address"
        raise DataError("the target of a form", fault, remedy)


def _hidden(given: Any) -> Any:
    return tuple(given.items()) if isinstance(given, Mapping) else given


def _texts(instance: object, attribute: object, value: Any) -> None:
    del instance, attribute
    where = "the hidden fields of a form"
    if not isinstance(value, tuple) or not all(isinstance(pair, tuple) and len(pair) == 2 for pair in value):
        raise DataError(where, f"they are {shown(value)}", "pass texts by name, such as {'token': 'a1b2'}")
    for name, text in value:
        must_be_storable(where, name, 200)
        must_be_storable(where, text)


@frozen(kw_only=True)
class FormTarget:
    """Where a form is sent, by POST, and what the host has in it to know it again.

    Raises:
        DataError: the action is neither a path from `/` nor an address with https, in ASCII; or a hidden field is no
            text.

    >>> FormTarget(action="/reviews/lin", hidden={"token": "a1b2"}).source
    "'self'"
    """

    action: str = field(validator=_an_action)
    """The path or address; other characters than those of ASCII are written as %E6%9E%97."""
    hidden: tuple[tuple[str, str], ...] = field(default=(), converter=_hidden, validator=_texts, repr=False)
    """Fields that nobody sees, as pairs or by name, such as a token against forged requests (CSRF)."""

    @property
    def source(self) -> str:
        """Whereto the policy of a page allows its forms."""
        found = _ACTION.fullmatch(self.action)
        return (found and found[1]) or "'self'"


@frozen(kw_only=True)
class FormChoice:
    """One of the answers to choose from."""

    value: str
    """What is sent."""
    text: str
    """What is read."""


@frozen(kw_only=True)
class FormField:
    """One question of a form, in one language."""

    name: str
    """Under which the answer is sent."""
    label: str
    kind: FieldKind
    note: str = ""
    """What is said under the label."""
    choices: tuple[FormChoice, ...] = ()
    """Of `one of` and `some of`."""
    limits: tuple[str, str, str] = ("", "", "")
    """Of `number`: the lowest, the highest and the step."""
    is_required: bool = False
    given: tuple[str, ...] = ()
    """The answers that stand in it already."""
    fault: str = ""
    """What is wrong with them."""


@frozen(kw_only=True)
class PageForm:
    """A form, in one language.

    Raises:
        DataError: two of its fields have one name.
    """

    code: str
    """Which form of a page it is, in small letters of ASCII."""
    target: FormTarget
    fields: tuple[FormField, ...]
    button: str
    """What sends it."""
    required: str
    """The word for fields that have to be filled in."""

    def __attrs_post_init__(self) -> None:
        names = [name for name, _ in self.target.hidden] + [one.name for one in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            fault = f"two of its fields are called {', '.join(map(shown, twice))}"
            raise DataError(f"the form {self.code}", fault, "give the hidden fields other names")


def texts_of(posted: Mapping[Any, Any], besides: Iterable[str] = ()) -> Posted:
    """What a form sent, by name of field; fields without an answer are left out.

    Args:
        posted: a text, or a list of texts where one name came several times, by name.
        besides: names of the host's own fields, which are passed over.

    Raises:
        DataError: it is no mapping of names to texts.
    """
    where, remedy = "what a form sent", "pass a text, or a list of texts, by name of field"
    if not isinstance(posted, Mapping):
        raise DataError(where, f"it is {shown(posted)}", remedy)
    own = set(each_of(besides, str, "besides", "pass names of fields"))
    found = dict[str, tuple[str, ...]]()
    for name, given in posted.items():
        texts = (given,) if isinstance(given, str) else given
        if not isinstance(name, str) or not isinstance(texts, (list, tuple)):
            raise DataError(where, f"the field {shown(name)} is {shown(given)}", remedy)
        for text in texts:
            must_be_storable(f"the field {shown(name)} of {where}", text)
        answers = tuple(one for one in ("\n".join(text.splitlines()).strip() for text in texts) if one)
        if name not in own and answers:
            found[name] = answers
    return found


def answers_of(posted: Mapping[Any, Any] | None, target: FormTarget | None) -> Posted:
    """What a form sent that is to be filled in again, without the hidden fields of its target; nothing where it is new.

    Raises:
        DataError: it is no mapping of names to texts, or the target is none.
    """
    if target is not None:
        must_be(target, FormTarget, "the target", "pass a loanperf.report.FormTarget")
    return {} if posted is None else texts_of(posted, [name for name, _ in target.hidden] if target else ())


def must_be_right(faults: Mapping[str, Label], where: str) -> None:
    """Refuse what a form sent where something is wrong with it, all of it at once.

    Raises:
        DataError: there is a fault.
    """
    if faults:
        told = "; ".join(fault.en for fault in faults.values())
        raise DataError(where, told, "show the page again with what was posted, and let it be put right")


def fault_of(name: str, faults: Mapping[str, Label], language: Language) -> str:
    """What is wrong with a field, in a language; empty where nothing is."""
    return faults[name].to(language) if name in faults else ""
