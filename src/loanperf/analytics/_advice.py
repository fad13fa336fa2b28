"""Advice: (a finding, a scheme) -> a next version of the scheme that somebody may propose; nothing is applied."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from attrs import field, frozen

from loanperf._explanations import Label, Language
from loanperf._periods import day
from loanperf._quantities import Number, percent
from loanperf._scheme import Change, Scheme, diff, scheme_of, write_scheme
from loanperf._validators import as_share, in_both, is_a, must_be
from loanperf.analytics._findings import Finding
from loanperf.errors import DataError
from loanperf.schemes import rebalance

Edit: TypeAlias = Callable[[dict[str, Any]], None]
"""Changes the document of a scheme, in place."""


@frozen(kw_only=True)
class Advice:
    """What may be changed of a scheme, and why; the next version is there to be compared, proposed and published.

    It changes nothing: `compare` says what it would have cost, `learning` proposes it, `SchemeBook.publish` adds it.
    """

    what: Label = field(validator=in_both)
    """What is advised."""
    why: Finding = field(validator=is_a(Finding))
    """The finding on which the advice stands, with its certainty and limits."""
    base: Scheme = field(validator=is_a(Scheme), repr=False)
    """The version that it changes."""
    following: Scheme = field(validator=is_a(Scheme), repr=False)
    """The next version, checked by the reader of schemes."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs between both versions."""
        return diff(self.base, self.following)

    def text(self, language: Language = "en") -> str:
        """What, why, and each change. Languages are those of `Explanation.text`."""
        lines = (change.to(language) for change in self.changes)
        return "\n".join([self.what.to(language), self.why.text(language), *(f"  {line}" for line in lines)])

    def __str__(self) -> str:
        return self.text()


def advise(scheme: Scheme, edit: Edit, *, effective: date | str, what: Label, why: Finding) -> Advice:
    """A next version of a scheme by a change of its document, checked by the reader of schemes.

    Args:
        scheme: the version that is changed; it stays as it is.
        edit: `weight`, `unit_weight` or `product_rate`, or a function that changes the document, plain tables, lists
            and texts as JSON has them.
        effective: the first day of the next version, after that of `scheme`.
        what: what is advised, in both languages.
        why: the finding on which it stands.

    Raises:
        DataError: the day is not later, what is changed is not there, or an argument cannot be used.
        SchemeError: the changed document is no valid scheme.

    >>> import loanperf as lp
    >>> from loanperf.analytics import Exact
    >>> why = Finding(
    ...     label=Label("unsecured loans sour", "信用贷款不良上升"),
    ...     n=40,
    ...     certainty=Exact(),
    ...     method=Label("sums of balances", "余额加总"),
    ...     limits=Label("why", "原因"),
    ... )
    >>> what = Label("pay less for unsecured loans", "下调信用贷款提成费率")
    >>> edit = product_rate("personal", "loans", "unsecured", "0.15%")
    >>> found = advise(lp.template("differentiated"), edit, effective="2027-01-01", what=what, why=why)
    >>> len(found.changes)
    2
    """
    must_be(scheme, Scheme, "scheme", "pass an lp.Scheme")
    starts = day(effective)
    if starts <= scheme.effective:
        fault = f"{starts} is not after {scheme.effective}, when the version that is changed begins"
        raise DataError("effective", fault, "give a later day")
    document: dict[str, Any] = json.loads(write_scheme(scheme))
    document["effective"] = starts.isoformat()
    edit(document)
    return Advice(what=what, why=why, base=scheme, following=scheme_of(document, source="the advised scheme"))


def weight(profile: str, changes: Mapping[str, Number]) -> Edit:
    """An edit for `advise` that sets weights of a profile; the others scale to 100%, in steps of 1%."""

    def edit(document: dict[str, Any]) -> None:
        held = _table(document, "profiles", profile)
        held["weights"] = _weights(held, changes)

    return edit


def unit_weight(unit: str, profile: str, changes: Mapping[str, Number], *, since: date | str) -> Edit:
    """An edit for `advise` that sets weights of a profile for a unit and all below it, from a day on.

    The other weights scale to 100%, in steps of 1%.
    """

    def edit(document: dict[str, Any]) -> None:
        weights = _weights(_table(document, "profiles", profile), changes)
        added = {"unit": unit, "profile": profile, "since": day(since).isoformat(), "weights": weights}
        document.setdefault("overrides", []).append(added)

    return edit


def product_rate(plan: str, component: str, product: str, rate: str) -> Edit:
    """An edit for `advise` that sets the rate of a component for loans of a product; other loans keep theirs."""

    def edit(document: dict[str, Any]) -> None:
        held = _table(_table(document, "plans", plan), "components", component)
        if "rates" not in held:
            kept = {name: held.pop(name) for name in ("rate", "curve", "of") if name in held}
            held["rates"] = [kept]
        for row in held["rates"]:
            if row.get("where") == {"product": [product]}:
                row["rate"] = rate
                return
        held["rates"].insert(0, {"where": {"product": [product]}, "rate": rate})

    return edit


def _table(document: Mapping[str, Any], name: str, code: str) -> dict[str, Any]:
    """A named table of a document.

    Raises:
        DataError: there is none.
    """
    known = document.get(name, {})
    if code not in known:
        raise DataError(f"{name}.{code}", f"the scheme has {', '.join(known) or 'none'}", "name one of the scheme")
    found: dict[str, Any] = known[code]
    return found


def _weights(profile: Mapping[str, Any], changes: Mapping[str, Number]) -> dict[str, str]:
    before = tuple((code, as_share(text)) for code, text in profile["weights"].items())
    return {code: percent(share) for code, share in rebalance(before, changes, dimensions={})}
