"""Viewer: who looks at a page, a list of alerts or an export, and whose figures they may see.

Until rights are a part of the library, the host says of each viewer whom they see, and everything that shows somebody's
figures asks the viewer first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from attrs import Attribute, field, frozen

from loanperf._data import PlainData
from loanperf._validators import is_code, must_be
from loanperf.errors import DataError, RightsError, shown

__all__ = ["Seen", "Viewer", "must_be_viewer"]

Seen: TypeAlias = Literal["all", "self"] | tuple[str, ...]
"""Whom a viewer sees: everybody, only themselves, or the payees of these codes."""


def _as_seen(value: object) -> object:
    """A set or list of codes as a tuple in order, each once; anything else is left for the validator to refuse."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return value
    codes = [*value]
    return tuple(sorted(set(codes))) if all(isinstance(code, str) for code in codes) else codes


def _a_code(_viewer: object, _field: Attribute[str], value: object) -> None:
    if not is_code(value, longest=None):
        raise DataError("a viewer", f"who is {shown(value)}", "give the code of who looks, a printable text")


def _whom(instance: Viewer, _field: Attribute[Seen], value: object) -> None:
    if value in ("all", "self") or isinstance(value, tuple):
        return
    remedy = "write 'all', 'self' or the codes of the payees, such as {'E01', 'E02'}"
    raise DataError(f"the viewer {instance.who!r}", f"sees is {shown(value)}", remedy)


@frozen(kw_only=True)
class Viewer(PlainData):
    """Who looks, and whose figures they may see.

    Raises:
        DataError: `who` is no printable code, or `sees` is neither "all" nor "self" nor codes of payees.

    >>> lead = Viewer(who="E01", sees={"E02", "E03"})
    >>> [payee for payee in ("E01", "E02", "E04") if lead.may_see(payee)]
    ['E02']
    """

    who: str = field(validator=_a_code)
    """The code of who looks: of a payee, or of somebody else, such as an auditor."""
    sees: Seen = field(converter=_as_seen, validator=_whom)
    """Whom they see: "all" is everybody, "self" is the payee whose code is `who`; else the codes of payees, each once
    and in order. A lead sees themselves too only where their own code is among them."""
    _codes: frozenset[str] = field(init=False, repr=False, eq=False)

    @_codes.default
    def _of_sees(self) -> frozenset[str]:
        """The codes, to be asked for each of many payees."""
        return frozenset(self.sees if isinstance(self.sees, tuple) else ())

    def may_see(self, payee: str) -> bool:
        """Whether the viewer may see the figures of a payee."""
        if self.sees == "all":
            return True
        return payee == self.who if self.sees == "self" else payee in self._codes

    def must_see(self, payee: str) -> None:
        """Refuse what shows the figures of somebody whom the viewer may not see.

        Raises:
            RightsError: the viewer may not see the payee.

        >>> Viewer(who="E02", sees="self").must_see("E03")
        Traceback (most recent call last):
        loanperf.errors.RightsError: 'E02' may not see the figures of 'E03'; ask as a viewer who sees that payee
        """
        if not self.may_see(payee):
            raise RightsError(self.who, f"see the figures of {payee!r}", "ask as a viewer who sees that payee")


def must_be_viewer(viewer: object) -> None:
    """Refuse what shows somebody's figures and is asked for nobody.

    Raises:
        DataError: it is no viewer.

    >>> must_be_viewer("E01")
    Traceback (most recent call last):
    loanperf.errors.DataError: the viewer: it is no Viewer (found 'E01'); pass loanperf.viewer.Viewer(who=..., sees=...)
    """
    must_be(viewer, Viewer, "the viewer", "pass loanperf.viewer.Viewer(who=..., sees=...)")
