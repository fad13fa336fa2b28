"""Ranks: the order of line keys without their strings: of each part of a key a rank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from loanperf._periods import Period
from loanperf._tables._codes import digit_ranks, named
from loanperf._tables._columns import Column
from loanperf.batch._accrue._lines import BookLines

Codes: TypeAlias = NDArray[np.int64]


def part_ranks(words: Sequence[str]) -> Codes:
    """The rank of words as parts of a key: escaped, and followed by a slash; the same for the same word."""
    texts = [f"{word}/" for word in words]
    if any("/" in word or "\\" in word for word in words):
        texts = [word.replace("\\", "\\\\").replace("/", "\\/") + "/" for word in words]
    rank = {text: place for place, text in enumerate(sorted({*texts}))}
    return np.array([rank[text] for text in texts], dtype=np.int64)


def loan_ranks(loans: Column) -> Codes:
    """The rank of each row's loan as a part of a key, and -1, before all, for no loan in the end."""
    ranks = None if loans.kind == "text" else digit_ranks(loans.values)
    if ranks is None:
        codes = named(loans)
        ranks = part_ranks(codes.names)[codes.places]
    return np.append(ranks, -1)


@frozen(eq=False)
class KeyOrder:
    """The words of lines, each list with the rank of its words as parts of keys."""

    payee: Codes
    """Of payees as they are: the order of entries looks at them before it looks at keys."""
    plan: Codes
    component: Codes
    stage: Codes
    period: Codes
    loans: Codes
    """By row, and in the end of no loan."""

    @classmethod
    def of(
        cls,
        payees: Sequence[str],
        plans: Sequence[str],
        components: Sequence[str],
        stages: Sequence[str],
        periods: Sequence[Period],
        loans: Column,
    ) -> KeyOrder:
        """The order of keys that are made of these words."""
        spans = [str(period).replace("/", "\\/") for period in periods]
        period = np.empty(len(spans), dtype=np.int64)
        period[sorted(range(len(spans)), key=spans.__getitem__)] = np.arange(len(spans))
        who = np.empty(len(payees), dtype=np.int64)
        who[sorted(range(len(payees)), key=payees.__getitem__)] = np.arange(len(payees))
        return cls(who, part_ranks(plans), part_ranks(components), part_ranks(stages), period, loan_ranks(loans))

    def keys(self, lines: BookLines) -> list[Codes]:
        """What lines are ordered by, the first first."""
        return [
            self.payee[lines.payee],
            self.plan[lines.plan],
            self.component[lines.component],
            self.loans[lines.loan],
            self.stage[lines.stage],
            self.period[lines.period],
        ]
