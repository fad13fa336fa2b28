"""Rounding: steps larger than the smallest unit of a currency, to which amounts of pay are rounded."""

from __future__ import annotations

from attrs import field, frozen

from loanperf._explanations import ROUNDING_NAMES, Label, in_words
from loanperf._quantities import CURRENCIES, Quantity, Rounding
from loanperf._validators import as_quantity, is_a
from loanperf.errors import DataError


@frozen(kw_only=True)
class RoundingStep:
    """A step to which amounts are rounded that is larger than the smallest unit of their currency: 角, 元, 百元."""

    to: Quantity = field(converter=as_quantity, validator=is_a(Quantity))
    """The step in money, whole smallest units and more than zero, such as '1元' or '100元'."""
    mode: Rounding = field(validator=is_a(Rounding))
    """How an amount between two steps is rounded; what it loses or gains is less than a step."""

    @to.validator
    def _is_a_step(self, _: object, value: Quantity) -> None:
        units = value.value * 10 ** CURRENCIES.get(value.unit, 0)
        if value.unit not in CURRENCIES or units <= 0 or units.denominator != 1:
            fault = f"{value} is no step of money"
            raise DataError("RoundingStep.to", fault, "give whole smallest units, such as '1元', '0.1元' or '100元'")

    @property
    def units(self) -> int:
        """The step in smallest units."""
        return int(self.to.value * 10 ** CURRENCIES[self.to.unit])

    @property
    def label(self) -> Label:
        """What is done, as reasons say it."""
        mode, step = ROUNDING_NAMES[self.mode], str(self.to)
        return Label(f"{mode.en} to {step}", f"按 {in_words(step, 'zh')} {mode.to('zh')}")
