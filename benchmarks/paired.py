"""Peers measured in pairs: each run of a peer beside a run of the base in the same moment, on the same data.

The machine is shared and its clock wanders; a ratio of two runs side by side wanders less. Nothing is asserted.
"""

import gc
import statistics
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from operator import truediv
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
Whole = tuple[NDArray[np.int64], ...]


@frozen(eq=False)
class Clocked:
    """A result of an engine that takes its own time, in which what does not count is left out."""

    found: Any
    seconds: float

    def whole(self) -> Whole:
        """The result as whole numbers."""
        whole: Whole = self.found.whole()
        return whole


@frozen(kw_only=True)
class Peer:
    """An engine at one work."""

    name: str
    make: Callable[[Any], Callable[[], Any]]
    """Puts a book into the engine's own form; returns what is timed."""
    book: Any
    rows: int
    expected: Whole
    """What exact arithmetic gives, a column each."""
    traced: bool = True
    """Whether its memory is numpy's, which Python counts; of others the growth of the process is told."""


@frozen(kw_only=True)
class Result:
    """What was measured of a peer."""

    name: str
    rows: int
    nanoseconds: float
    """A row, the median of its runs."""
    ratios: Mapping[str, float]
    """Of a row to a row of each that it was run beside, the medians of pairs."""
    wrong: int
    of: int
    """Results that were compared."""
    memory: float | None
    """Extra bytes a row at the peak, results among them; None where it is not known."""
    traced: bool


def compare(peers: Sequence[Peer], beside: Sequence[str], seconds: float = 2.0) -> list[Result]:
    """Measure each peer, for about so many seconds and three rounds at least.

    Args:
        peers: what to measure.
        beside: names of those that run beside every peer in each round, first the base.
        seconds: to spend on each peer.
    """
    others = [(peer.name, peer.rows, peer.make(peer.book)) for peer in peers if peer.name in beside]
    return [_measured(peer, others, seconds) for peer in peers]


def _measured(peer: Peer, others: Sequence[tuple[str, int, Callable[[], Any]]], seconds: float) -> Result:
    work = peer.make(peer.book)
    found, memory = _peak(work, traced=peer.traced)
    wrong = wrongs(peer.expected, found.whole())
    del found
    mine: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name, _, _ in others}
    begun = perf_counter()
    while len(mine) < 3 or (perf_counter() - begun < seconds and len(mine) < 25):
        for name, rows, other in others:
            theirs[name].append(_timed(other) / rows)
        mine.append(_timed(work) / peer.rows)
    del work
    gc.collect()
    return Result(
        name=peer.name,
        rows=peer.rows,
        nanoseconds=statistics.median(mine) * 1e9,
        ratios={name: statistics.median(map(truediv, mine, its)) for name, its in theirs.items()},
        wrong=wrong,
        of=len(peer.expected[0]),
        memory=None if memory is None else memory / peer.rows,
        traced=peer.traced,
    )


def _timed(work: Callable[[], Any]) -> float:
    """Seconds; the best of two to seven runs, since the first finds the caches full of what ran before it."""
    found: list[float] = []
    while len(found) < 2 or (sum(found) < 0.03 and len(found) < 7):
        start = perf_counter()
        result = work()
        spent = perf_counter() - start
        found.append(result.seconds if isinstance(result, Clocked) else spent)
    return min(found)


def wrongs(expected: Whole, found: Whole) -> int:
    """In how many rows any column differs."""
    different = np.zeros(len(expected[0]), dtype=np.bool_)
    for right, mine in zip(expected, found, strict=True):
        different |= right != mine
    return int(np.count_nonzero(different))


# ── memory ──────────────────────────────────────────────────────────────────────────────────────────────────


def _peak(work: Callable[[], Any], *, traced: bool) -> tuple[Any, int | None]:
    """The result of a first run, and how many bytes more than before were held at its peak."""
    gc.collect()
    if traced:
        tracemalloc.start()
        found = work()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found, peak
    before = _resident("VmRSS")
    if before is None or not _forget_peak():
        return work(), None
    found = work()
    after = _resident("VmHWM")
    return found, None if after is None else max(after - before, 0)


def _resident(name: str) -> int | None:
    """Bytes of the process in memory, now or at the peak; None where the system does not say."""
    if not STATUS.exists():
        return None
    lines = dict(line.split(":", 1) for line in STATUS.read_text(encoding="utf-8").splitlines() if ":" in line)
    return 1024 * int(lines[name].split()[0]) if name in lines else None


def _forget_peak() -> bool:
    """Start the peak anew; False where the system does not let us."""
    try:
        CLEAR.write_text("5", encoding="utf-8")
    except OSError:
        return False
    return True


# ── print ───────────────────────────────────────────────────────────────────────────────────────────────────


def table(title: str, results: Sequence[Result], columns: Mapping[str, str], unit: str) -> str:
    """What was measured, as a table.

    Args:
        title: what was done.
        results: of each peer.
        columns: headings of the ratios, by the name of the peer that they are to.
        unit: what a row is.
    """
    lines = [["peer", "rows", f"ns a {unit}", *columns.values(), "wrong", "memory"]]
    for result in results:
        memory = "–" if result.memory is None else f"{result.memory:.1f} B" + (" " if result.traced else "*")
        ratios = [f"{result.ratios[name]:,.2f}" if name in result.ratios else "–" for name in columns]
        wrong = f"{result.wrong:,} of {result.of:,}"
        lines.append([result.name, f"{result.rows:,}", f"{result.nanoseconds:,.1f}", *ratios, wrong, memory])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ["  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip() for line in lines]
    note = f"memory: extra bytes a {unit} at the peak, results included; * growth of the process in its first run"
    return "\n".join([f"\n{title}", *rows, note])
