"""Weights: (curve, amounts, where to look) -> amounts times the value of the curve there, in whole numbers."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
from attrs import frozen

from loanperf._curves import Curve
from loanperf._tables._columns import Whole
from loanperf.batch._measure._cells import Cells
from loanperf.batch._numbers._curves import CurveKernel

_HELD = 2**63
_EDGE = 2**62


@frozen(eq=False)
class Weights:
    """A curve over whole numbers of some unit, as tables of whole numbers.

    Above `i` of the bounds its value is (slopes[i] · x + heights[i]) / unit.
    """

    curve: Curve
    x_unit: int
    """How many of what is looked up make one whole."""
    bounds: tuple[int, ...]
    """The least whole number above each knot, or at it."""
    slopes: tuple[int, ...]
    heights: tuple[int, ...]
    unit: int
    """How many make a weight of one."""

    @classmethod
    def of(cls, curve: Curve, x_unit: int) -> Weights:
        """The tables of a curve."""
        kernel = CurveKernel.of(curve)
        sloping = any(kernel.slopes)
        wide = x_unit if sloping else 1
        left = curve.closed == "left"
        return cls(
            curve=curve,
            x_unit=x_unit,
            bounds=tuple(ceil(x * x_unit) if left else floor(x * x_unit) + 1 for x, _ in curve.knots),
            slopes=kernel.slopes if sloping else (),
            heights=tuple(height * wide for height in kernel.heights),
            unit=kernel.below * wide,
        )

    def times(self, amounts: Cells | None, at: Cells) -> Whole | None:
        """Each amount times the weight at its place, in units; None where 64 bits may not hold it.

        Args:
            amounts: None is one each.
            at: where to look.
        """
        most, far = 1 if amounts is None else amounts.most(), at.most()
        whole_points = self.curve.then is not None and self.curve.then.counted == "whole"
        heaviest = max(map(abs, self.slopes), default=0) * far + max(map(abs, self.heights))
        if (
            at.below is not None
            or at.unit != self.x_unit
            or whole_points
            or far >= _EDGE
            or heaviest * max(most, 1) >= _HELD
        ):
            return None
        bounds = np.array([min(max(bound, -_EDGE), _EDGE) for bound in self.bounds], dtype=np.int64)
        piece = np.searchsorted(bounds, at.values, side="right")
        found: Whole = np.array(self.heights, dtype=np.int64)[piece]
        if self.slopes:
            found += np.array(self.slopes, dtype=np.int64)[piece] * at.values
        return found if amounts is None else found * amounts.values
