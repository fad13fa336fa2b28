"""Entries: one thing said about a payee's pay, for ever; and the acts by which periods are closed and reopened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, TypeAlias, get_args

from attrs import field, frozen

from loanperf._explanations import Explanation
from loanperf._ledger._kinds import EFFECTS, EntryKind
from loanperf._periods import Period, day
from loanperf._quantities import Money
from loanperf.errors import DataError, LedgerError, LoanPerfError, shown

Act: TypeAlias = Literal["closed", "reopened"]


@frozen(kw_only=True)
class Entry:
    """One thing said about a payee's pay; it is never changed, only corrected by a later entry."""

    number: int
    """Its place in the ledger, from 1."""
    kind: EntryKind
    payee: str
    line: str = ""
    """Key of the line (`Accrual.key`), of a payment the payment's key; empty where it is the payee's as a whole."""
    cohort: str = ""
    """The period in which it was earned, such as 2026-03; empty where it is the payee's as a whole."""
    loan: str = ""
    period: Period
    """The period in which it is posted."""
    amount: Money
    """See `EFFECTS` for what it does; a correction downwards is a negative amount of the same kind."""
    on: date
    """The day of its reason."""
    version: str = ""
    """Fingerprint of the scheme that made it; empty where none did."""
    corrects: tuple[int, ...] = ()
    """Numbers of the entries that it corrects or takes back."""
    reason: Explanation = field(repr=False)
    set_to: Money | None = None
    """What the line is set to, by hand."""
    by: str = ""
    """Who set it."""
    why: str = ""
    """Why it was set."""
    evidence: str = ""
    """Where that can be checked, such as a document number."""

    def __attrs_post_init__(self) -> None:
        if (self.set_to is not None) != (self.kind is EntryKind.OVERRIDE):
            fault = f"a {self.kind.value} entry {'lacks' if self.set_to is None else 'has'} an amount set by hand"
            raise LedgerError(f"entry {self.number}", fault, "make overrides with lp.overrule")
        if self.set_to is not None:
            for name in ("by", "why", "evidence"):
                if not str(getattr(self, name)).strip():
                    fault = f"{name} is empty: an amount set by hand says who, why and where that can be checked"
                    raise LedgerError(f"an override of {self.line or self.payee}", fault, f"state {name}")

    @property
    def due(self) -> int:
        """What it adds to what is to be paid, in smallest units."""
        return EFFECTS[self.kind].due * self.amount.units

    def data(self) -> dict[str, Any]:
        """The entry as plain dicts, lists, strings and ints; `from_data` reads it back exactly."""
        return {
            "number": self.number,
            "kind": self.kind.value,
            "payee": self.payee,
            "line": self.line,
            "cohort": self.cohort,
            "loan": self.loan,
            "period": str(self.period),
            "amount": str(self.amount),
            "on": self.on.isoformat(),
            "version": self.version,
            "corrects": list(self.corrects),
            "reason": self.reason.data(),
            "set_to": None if self.set_to is None else str(self.set_to),
            "by": self.by,
            "why": self.why,
            "evidence": self.evidence,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Entry:
        """The inverse of `data`.

        Raises:
            DataError: it is not what `data` returns.
        """
        try:
            return cls(
                number=_whole(data["number"]),
                kind=EntryKind(data["kind"]),
                payee=_said(data["payee"]),
                line=_said(data["line"]),
                cohort=_said(data["cohort"]),
                loan=_said(data["loan"]),
                period=Period.parse(data["period"]),
                amount=Money.of(data["amount"]),
                on=day(data["on"]),
                version=_said(data["version"]),
                corrects=tuple(_whole(number) for number in data["corrects"]),
                reason=Explanation.from_data(data["reason"]),
                set_to=None if data["set_to"] is None else Money.of(data["set_to"]),
                by=_said(data["by"]),
                why=_said(data["why"]),
                evidence=_said(data["evidence"]),
            )
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
            raise unreadable("an entry", error) from None


@frozen(kw_only=True)
class Closing:
    """An act of closing or reopening a period."""

    period: Period
    act: Act
    by: str
    """Who did it."""
    why: str = ""
    """Why a closed period was opened again; needed there."""
    after: int = field(default=0)
    """How many entries the ledger had."""

    def __attrs_post_init__(self) -> None:
        where = f"{self.period} being {shown(self.act)}"
        if self.act not in get_args(Act):
            raise LedgerError(where, "there is no such act", "use 'closed' or 'reopened'")
        if not self.by.strip():
            raise LedgerError(where, "nobody is named who did it", "state by")
        if self.act == "reopened" and not self.why.strip():
            raise LedgerError(where, "no reason is given", "state why")

    def data(self) -> dict[str, Any]:
        """The act as a plain dict; `from_data` reads it back."""
        return {
            "period": str(self.period),
            "act": self.act,
            "by": self.by,
            "why": self.why,
            "after": self.after,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Closing:
        """The inverse of `data`.

        Raises:
            DataError: it is not what `data` returns.
        """
        try:
            return cls(
                period=Period.parse(data["period"]),
                act=data["act"],
                by=_said(data["by"]),
                why=_said(data["why"]),
                after=_whole(data["after"]),
            )
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
            raise unreadable("a closing", error) from None


def _whole(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"{shown(value)} is no whole number")
    return value


def _said(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{shown(value)} is no text")
    return value


def unreadable(what: str, error: Exception) -> DataError:
    """The error for stored data that cannot be read back."""
    said = str(error) if isinstance(error, LoanPerfError) else repr(error)
    return DataError(what, f"its data is not whole: {said}", "pass what data() returned")
