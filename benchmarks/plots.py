"""Draw what a row costs against how many there are, for loanperf and its peers, into the documentation.

    python -m benchmarks.plots

writes `docs/explanation/performance-*.svg`. It takes some minutes; sizes go up by factors of ten.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from benchmarks import ours, works
from benchmarks.paired import Result
from matplotlib import pyplot as plt

SECONDS = 0.5
"""For each peer at each size."""
FOLDER = Path(__file__).parents[1] / "docs" / "explanation"
WORKS: Mapping[str, tuple[str, Sequence[int], Callable[[int], list[Result]]]] = {
    "scores": (
        "payee",
        (1_000, 10_000, 100_000, 1_000_000),
        lambda rows: works.scores(rows, samples=False, seconds=SECONDS),
    ),
    "sums": (
        "row",
        (10_000, 100_000, 1_000_000, 10_000_000),
        lambda rows: works.sums(rows, samples=False, seconds=SECONDS),
    ),
    "deals": ("event", (10_000, 100_000, 1_000_000), lambda rows: works.deals(rows, samples=False, seconds=SECONDS)),
    "chain": ("row", (10_000, 100_000, 1_000_000), lambda rows: works.chain(rows, seconds=SECONDS)),
}


def drawn(name: str, unit: str, found: Mapping[str, Sequence[tuple[int, float]]]) -> None:
    """A line for each peer, with loanperf's thick, on axes of powers of ten."""
    figure, axes = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for peer, points in found.items():
        mine = peer.startswith(ours.OURS)
        sizes, costs = zip(*points, strict=True)
        axes.loglog(sizes, costs, marker="o", linewidth=2.5 if mine else 1, label=peer)
    axes.set(xlabel=f"{unit}s", ylabel=f"nanoseconds a {unit}")
    axes.grid(visible=True, which="major", alpha=0.4)
    axes.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    figure.savefig(FOLDER / f"performance-{name}.svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Measure and draw each work."""
    mpl.rcParams["svg.hashsalt"] = "loanperf"
    for name, (unit, sizes, measure) in WORKS.items():
        found: dict[str, list[tuple[int, float]]] = {}
        for size in sizes:
            for result in measure(size):
                found.setdefault(result.name, []).append((size, result.nanoseconds))
            print(f"{name}: {size:,} {unit}s measured", flush=True)
        drawn(name, unit, found)


if __name__ == "__main__":
    main()
