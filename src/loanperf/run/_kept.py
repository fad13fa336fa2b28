"""Kept: what closes left of the ledger, as columns -> the ledger, of which what came since alone is read from rows.

The stream `<scheme>/posted` has for each close the entries that were new by then, in one record or more, and how far
the ledger was, with its seal. It only saves work: without it the whole ledger is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from loanperf._explanations import Label
from loanperf._ledger import Closing, Entries, Ledger
from loanperf._ledger._packed import begins, ledger_behind, packed, packed_sums, unpacked, unpacked_sums
from loanperf._ledger._sums import LedgerSums
from loanperf._seals import Batch, Misfit, kept_form, proven, seal_of
from loanperf._tables._columns import Table
from loanperf.errors import DataError, LoanPerfError, StoreError, shown

_REMEDY = "restore both as they were at one time, or run a month without only_new"


@frozen(kw_only=True)
class ClosedLedger:
    """What the last close left."""

    version: int = 0
    """Of the stream."""
    entries: Entries = field(factory=Entries.none)
    closings: tuple[Closing, ...] = ()
    sums: LedgerSums | None = None
    """What the entries come to; None where the close is of an earlier version, which left none."""
    place: int = 0
    """The version of the ledger's stream; 0 where nothing is known of it."""
    seal: str = ""
    """That of the ledger's stream up to there."""

    def ledger(self, stream: str, seal: str, batches: Iterable[Batch]) -> Ledger:
        """The ledger, by what came since.

        Args:
            stream: of the ledger.
            seal: what the store has for it at `place`.
            batches: those behind.

        Raises:
            StoreError: the seal is another one, or a batch does not fit its seal.
        """
        if seal != self.seal:
            raise StoreError(f"stream {stream!r}, record {self.place}", _OTHER, _REMEDY)
        behind = (
            (batch.before, Entries.read(batch.records) if isinstance(batch.records, Table) else batch.records)
            for batch in proven(stream, batches, self.place, self.seal)
        )
        return ledger_behind(self.entries, self.closings, behind, self.sums)

    def new(self, ledger: Ledger, seal: str) -> list[str]:
        """The records to append for a ledger; `seal` is what its stream has."""
        goes_on = self.closings == ledger.closings[: len(self.closings)] and begins(ledger.entries, self.entries)
        known = self if goes_on else ClosedLedger()
        parts: list[dict[str, Any]] = [{"part": part} for part in packed(ledger.entries, known.entries)]
        parts[0]["whole"] = not known.place
        closings = [act.data() for act in ledger.closings[len(known.closings) :]]
        parts[-1] |= {"closings": closings, "sums": packed_sums(ledger.sums)}
        parts[-1] |= {"at": [len(ledger.entries) + len(ledger.closings), seal]}
        return [json.dumps(part, ensure_ascii=False, separators=(",", ":")) for part in parts]


_OTHER = "what the last close left of it is of another ledger: this one was restored, or sealed anew"


def kept_of(stream: str, records: Iterable[str]) -> ClosedLedger:
    """What the records of a stream say.

    Raises:
        DataError: a record is not what a close left.
    """
    parts, closings, at, said = list[Mapping[str, Any]](), list[Closing](), (0, ""), None
    given, number = tuple(records), 0
    try:
        while number < len(given):
            data, number = json.loads(given[number]), number + 1
            if data.get("whole"):
                parts, closings = [], []
            parts.append(data["part"])
            if "at" in data:
                closings += map(Closing.from_data, data["closings"])
                at, said = (int(data["at"][0]), str(data["at"][1])), data.get("sums")
        entries = unpacked(parts) if parts else Entries.none()
        sums = None if said is None else unpacked_sums(said, entries)
        _must_come_to(at[0], len(entries), len(closings))
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError, LoanPerfError) as error:
        fault = f"it is not what a close left: {shown(str(error), 200)}"
        remedy = "restore the stream as it was written, or run a month without only_new"
        raise DataError(f"record {number} of {stream!r}", fault, remedy) from None
    return ClosedLedger(
        version=len(given), entries=entries, closings=tuple(closings), sums=sums, place=at[0], seal=at[1]
    )


def _must_come_to(version: int, entries: int, closings: int) -> None:
    if entries + closings != version:
        raise ValueError(f"{entries} entries and {closings} closings are no {version} records")


def unlike_kept(stream: str, kept: ClosedLedger, ledger: Ledger, marks: Mapping[int, str]) -> Iterator[Misfit]:
    """What closes left that is not what the ledger has."""
    entries, size = ledger.entries, len(kept.entries)
    same = (
        marks.get(kept.place) == kept.seal
        and ledger.closings[: len(kept.closings)] == kept.closings
        and seal_of("", "", 0, kept_form(entries[:size])) == seal_of("", "", 0, kept_form(kept.entries))
        and (kept.sums is None or packed_sums(kept.sums) == packed_sums(LedgerSums().behind(kept.entries)))
    )
    if kept.place and not same:
        en, zh = "what closes left of the ledger is not what it has", "结账时留存的内容与账簿不符"
        where = Label(f"stream {stream!r}", f"流水 {stream!r}")
        remedy = Label(_REMEDY, "请将两者恢复到同一时点，或不用 only_new 核算一个月")
        yield Misfit(where, Label(en, zh), remedy)
