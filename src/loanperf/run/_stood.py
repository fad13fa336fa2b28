"""Stood: facts -> digests of what a run stood on, which it keeps; and what of it says something else now.

The stream `<scheme>/facts` has a record for each run that was approved: how far the fact store was, and a digest of
each kind of facts. As long as the store takes no row, its facts must come to the same digests.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import frozen

from loanperf._explanations import Label
from loanperf._facts import Facts, FactsWanted, digests_of
from loanperf._periods import Period
from loanperf._seals import Misfit
from loanperf.errors import DataError, LoanPerfError, shown
from loanperf.ports import FactHistory, FactSelection


def facts_stream(scheme: str) -> str:
    """The stream of what runs stood on."""
    return f"{scheme}/facts"


@frozen(kw_only=True)
class Stood:
    """What a run stood on."""

    period: Period
    """Which was worked."""
    span: Period
    """Whose facts were asked for."""
    mark: str
    """How far the fact store was; empty where it does not say, or took rows meanwhile."""
    some: FactsWanted | None = None
    """Of which loans the facts were; None is of all."""
    digests: Mapping[str, str]
    """By kind of facts, the SHA-256 of all of that kind, in hexadecimal."""

    @classmethod
    def of(cls, facts: Facts, *, period: Period, span: Period, mark: str, some: FactsWanted | None = None) -> Stood:
        """What a run of a period stands on, by the facts that it was given."""
        return cls(period=period, span=span, mark=mark, some=some, digests=digests_of(facts) if mark else {})

    def new(self, kept: Iterable[str]) -> list[str]:
        """The record to append; none where the store does not say how far it is, or the last record says the same."""
        said: dict[str, Any] = {"period": str(self.period), "span": str(self.span), "mark": self.mark}
        if self.some is not None:
            said["some"] = _as_kept(self.some)
        said["digests"] = {**self.digests}
        record = json.dumps({"facts": said}, separators=(",", ":"))
        return [record] if self.mark and [record] != [*kept][-1:] else []


# ── seen again ──────────────────────────────────────────────────────────────────────────────────────────────


def changed_since(stream: str, records: Sequence[str], store: FactHistory) -> Iterator[Misfit]:
    """What a store says else than it said when a run stood on it, where it took no row since.

    Args:
        stream: of what runs stood on.
        records: of the stream.
        store: of the facts.

    Raises:
        DataError: one of the records is none of the stream.
        LoanPerfError: the store cannot be read.
    """
    mark = store.mark()
    for then in _standing(stream, records, mark):
        if then.some is None:
            facts = store.facts(then.span)
        elif isinstance(store, FactSelection):
            facts = store.some(then.span, then.some)
        else:
            return
        now = Stood.of(facts, period=then.period, span=then.span, mark=store.mark())
        found = tuple(_unlike(then, now)) if now.mark == mark else ()
        yield from found
        if found:
            return


def _standing(stream: str, records: Sequence[str], mark: str) -> Iterator[Stood]:
    """The last run that stands on what a store has by now, and the last one that does so on all facts."""
    for place, record in enumerate(reversed(records)):
        then = _read(stream, record)
        if then.mark != mark:
            return
        if not place or then.some is None:
            yield then
        if then.some is None:
            return


def _unlike(then: Stood, now: Stood) -> Iterator[Misfit]:
    for place in sorted({*then.digests, *now.digests}):
        if then.digests.get(place) != now.digests.get(place):
            where = Label(f"facts of the run of {then.period}, {place}", f"{then.period} 核算所依据的事实（{place}）")
            en = "they are not those on which it stood, and no row was taken since: one was changed in the store"
            zh = "与核算时不符，其后并无新数据入库：存储中的数据被改动"
            remedy = Label("restore the facts as they were taken", "请恢复入库时的事实数据")
            yield Misfit(where, Label(en, zh), remedy)


def _read(stream: str, record: str) -> Stood:
    try:
        said = json.loads(record)["facts"]
        span, period = (Period.parse(said[name]) for name in ("span", "period"))
        some = None if "some" not in said else _of_kept(said["some"])
        return Stood(period=period, span=span, mark=str(said["mark"]), some=some, digests=dict(said["digests"]))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
        fault = f"it is no record of facts: {shown(str(error), 200)}"
        raise DataError(f"the last records of {stream!r}", fault, "restore the stream as it was written") from None


def _as_kept(some: FactsWanted) -> dict[str, Any]:
    """Which facts were wanted, with the many loans in few bytes."""
    loans = json.dumps(sorted(some.loans), separators=(",", ":")).encode()
    packed = b64encode(zlib.compress(loans, 1)).decode("ascii")
    return {"loans": packed, "payees": sorted(some.payees), "since": some.since.isoformat()}


def _of_kept(said: Mapping[str, Any]) -> FactsWanted:
    try:
        loans = json.loads(zlib.decompress(b64decode(said["loans"], validate=True)))
    except zlib.error as error:
        raise ValueError(str(error)) from None
    since = date.fromisoformat(said["since"])
    return FactsWanted(loans=frozenset(loans), payees=frozenset(said["payees"]), since=since)
