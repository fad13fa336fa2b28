"""Chunks: rows worked a cache's fill at a time, by one thread or several, in order or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import TypeAlias, TypeVar

from loanperf._tables._columns import CHUNK_ROWS
from loanperf.errors import DataError, shown

OnProgress: TypeAlias = "Callable[[int, int], None]"
"""Called between chunks with the rows done and all rows; an exception that it raises ends the work."""
_LEAST_ROWS = 8_192
"""A thread is not worth its while for fewer."""
_Found = TypeVar("_Found")


def in_chunks(
    rows: int, work: Callable[[int, int], _Found], progress: OnProgress | None = None, workers: int | None = None
) -> list[_Found]:
    """What `work(start, stop)` finds in each run of rows, in order of rows.

    Args:
        rows: how many there are.
        work: called once a chunk; with several workers, at the same time from several threads.
        progress: called after each chunk, in order, in the caller's thread; what it raises cancels the rest.
        workers: threads, one or more; None is one a processor, at most four, since memory is what they wait for.
    """
    threads = min(4, cpu_count() or 1) if workers is None else workers
    if type(threads) is not int or threads < 1:
        raise DataError("workers", f"there are {shown(workers)}", "give a whole number of threads, one or more")
    size = min(CHUNK_ROWS, max(_LEAST_ROWS, -(-rows // threads)))
    bounds = [(start, min(start + size, rows)) for start in range(0, rows, size)]
    return list(_worked(bounds, work, progress, min(threads, len(bounds))))


def _worked(
    bounds: list[tuple[int, int]], work: Callable[[int, int], _Found], progress: OnProgress | None, workers: int
) -> Iterator[_Found]:
    if workers < 2:
        for start, stop in bounds:
            yield work(start, stop)
            _tell(progress, stop, bounds)
        return
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(work, start, stop) for start, stop in bounds]
        try:
            for (_, stop), future in zip(bounds, futures, strict=True):
                yield future.result()
                _tell(progress, stop, bounds)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _tell(progress: OnProgress | None, done: int, bounds: list[tuple[int, int]]) -> None:
    if progress is not None:
        progress(done, bounds[-1][1])
