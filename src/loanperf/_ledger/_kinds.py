"""Kinds of entries: one table of what each does to the five balances of a payee."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

import numpy as np
from attrs import frozen

from loanperf._explanations import Label
from loanperf._numbers import (
    Places,
    Truth,
    Whole,
    by_code,
)

Group: TypeAlias = Literal[
    "earned",
    "held",
    "released",
    "forfeited",
    "taken",
    "refunded",
    "guarantee",
    "draw",
    "recovery",
    "waived",
    "receivable",
    "paid",
    "counted",
]
"""Kinds of entries that together say one thing; by line, their sum is compared with what is due."""
FromPay: TypeAlias = Literal["always", "below zero", "never"]
"""Which entries of a kind take from pay what a guard bounds.

`always`: all, and what they give back is no pay. `below zero`: those that lessen what is due; the others are pay.
`never`: none; what they lessen was not yet due.
"""


class EntryKind(Enum):
    """What an entry says."""

    EARNED = "earned"
    """A line of commission or a bonus, posted for the first time."""
    ADJUSTMENT = "adjustment"
    """The difference to a line that was posted before, or whose period is closed."""
    OVERRIDE = "override"
    """A line was set by hand."""
    HELD = "held"
    """Kept back."""
    RELEASED = "released"
    """Kept back no longer."""
    FORFEITED = "forfeited"
    """Taken of what was held (malus)."""
    CANCELLED = "cancelled"
    """Taken of what was never paid."""
    CLAWED_BACK = "clawed back"
    """Taken of what was paid; never more than was paid net."""
    REFUNDED = "refunded"
    """Given back of what was taken."""
    GUARANTEE = "guarantee"
    """A plain draw: pay up to the guaranteed least."""
    DRAW = "draw"
    """A recoverable draw: an advance on later pay."""
    RECOVERY = "recovery"
    """A draw repaid from pay."""
    WAIVED = "waived"
    """Owed no longer, though not repaid."""
    RECEIVABLE_RAISED = "receivable raised"
    """What could not be taken from pay; it is carried forward."""
    RECEIVABLE_RECOVERED = "receivable recovered"
    """A receivable repaid from pay."""
    PAID = "paid"
    """Paid out; the line is the key of the payment."""
    OPENING_DUE = "opening due"
    """To be paid when the ledger began."""
    OPENING_HELD = "opening held"
    """Kept back when the ledger began; its day is that of its release."""
    OPENING_RECEIVABLE = "opening receivable"
    """Owed by the payee when the ledger began."""
    OPENING_DRAW = "opening draw"
    """Not repaid of a draw when the ledger began."""
    OPENING_PAID = "opening paid"
    """Paid out before the ledger began."""
    OPENING_EARNED = "opening earned"
    """A line of a loan that was earned before the ledger began, and may have to be taken back."""
    OPENING_WITHHELD = "opening withheld"
    """What was kept back of such a line when it was earned."""
    OPENING_RELEASED = "opening released"
    """What of that was released before the ledger began."""
    OPENING_PAID_OUT = "opening paid out"
    """What was paid of such lines."""
    OPENING_COUNTED = "opening counted"
    """Counted for tiers before the ledger began; no balance has it."""


@frozen(kw_only=True)
class Effect:
    """What an entry of one does to each balance; always `entitled = due + held + paid - owed`."""

    group: Group
    entitled: int = 0
    """What the payee has earned and keeps."""
    due: int = 0
    """What is to be paid now."""
    held: int = 0
    """What is kept back."""
    owed: int = 0
    """What the payee owes: receivables and recoverable draws."""
    paid: int = 0
    """What was paid out."""
    from_pay: FromPay = "below zero"
    """Which entries of one take from the pay of a period what `guard_share` and `guard_floor` bound; the others are
    that pay, but for what is `never` taken."""


_OF_KINDS: Mapping[EntryKind, tuple[Effect, Label]] = MappingProxyType(
    {
        EntryKind.EARNED: (Effect(group="earned", entitled=1, due=1), Label("earned", "计提")),
        EntryKind.ADJUSTMENT: (Effect(group="earned", entitled=1, due=1), Label("adjustment", "调整")),
        EntryKind.OVERRIDE: (Effect(group="earned", entitled=1, due=1), Label("override by hand", "人工调整")),
        EntryKind.HELD: (Effect(group="held", due=-1, held=1, from_pay="never"), Label("held", "预留风险金")),
        EntryKind.RELEASED: (Effect(group="released", due=1, held=-1), Label("released", "返还")),
        EntryKind.FORFEITED: (Effect(group="forfeited", entitled=-1, held=-1), Label("forfeited", "止付")),
        EntryKind.CANCELLED: (Effect(group="taken", entitled=-1, due=-1, from_pay="never"), Label("cancelled", "取消")),
        EntryKind.CLAWED_BACK: (
            Effect(group="taken", entitled=-1, due=-1, from_pay="always"),
            Label("clawed back", "追索扣回"),
        ),
        EntryKind.REFUNDED: (Effect(group="refunded", entitled=1, due=1), Label("refunded", "退还")),
        EntryKind.GUARANTEE: (Effect(group="guarantee", entitled=1, due=1), Label("guarantee", "保底")),
        EntryKind.DRAW: (Effect(group="draw", due=1, owed=1), Label("draw", "预支")),
        EntryKind.RECOVERY: (
            Effect(group="recovery", due=-1, owed=-1, from_pay="always"),
            Label("draw recovered", "预支扣回"),
        ),
        EntryKind.WAIVED: (Effect(group="waived", entitled=1, owed=-1), Label("waived", "豁免")),
        EntryKind.RECEIVABLE_RAISED: (
            Effect(group="receivable", due=1, owed=1, from_pay="always"),
            Label("receivable raised", "转待扣回"),
        ),
        EntryKind.RECEIVABLE_RECOVERED: (
            Effect(group="receivable", due=-1, owed=-1, from_pay="always"),
            Label("receivable recovered", "待扣回扣收"),
        ),
        EntryKind.PAID: (Effect(group="paid", due=-1, paid=1, from_pay="never"), Label("paid", "发放")),
        EntryKind.OPENING_DUE: (Effect(group="earned", entitled=1, due=1), Label("opening: due", "期初应发")),
        EntryKind.OPENING_HELD: (Effect(group="held", entitled=1, held=1), Label("opening: held", "期初预留风险金")),
        EntryKind.OPENING_RECEIVABLE: (
            Effect(group="receivable", entitled=-1, owed=1),
            Label("opening: receivable", "期初待扣回"),
        ),
        EntryKind.OPENING_DRAW: (Effect(group="draw", entitled=-1, owed=1), Label("opening: draw", "期初未扣回预支")),
        EntryKind.OPENING_PAID: (Effect(group="paid", entitled=1, paid=1), Label("opening: paid", "期初已发")),
        EntryKind.OPENING_EARNED: (Effect(group="earned", entitled=1, due=1), Label("opening: earned", "期初已计提")),
        EntryKind.OPENING_WITHHELD: (Effect(group="held", due=-1, held=1), Label("opening: withheld", "期初已预留")),
        EntryKind.OPENING_RELEASED: (
            Effect(group="released", due=1, held=-1),
            Label("opening: released", "期初已返还"),
        ),
        EntryKind.OPENING_PAID_OUT: (Effect(group="paid", due=-1, paid=1), Label("opening: paid out", "期初计提已发")),
        EntryKind.OPENING_COUNTED: (Effect(group="counted"), Label("opening: counted for tiers", "期初分档累计")),
    }
)
"""What an entry of each kind does, and the words for it; the one place where kinds and balances meet."""
EFFECTS: Mapping[EntryKind, Effect] = MappingProxyType({kind: effect for kind, (effect, _) in _OF_KINDS.items()})
"""What an entry of each kind does."""
KIND_NAMES: Mapping[EntryKind, Label] = MappingProxyType({kind: name for kind, (_, name) in _OF_KINDS.items()})
"""The words for each kind."""
OPENINGS = tuple(kind for kind in EntryKind if kind.value.startswith("opening "))
"""The kinds with which a ledger begins, and which stand nowhere else."""

# ── of columns ──────────────────────────────────────────────────────────────────────────────────────────────

ENTRY_KINDS: tuple[EntryKind, ...] = tuple(EntryKind)
"""Kinds by their codes."""
GROUPS: tuple[Group, ...] = get_args(Group)
"""Groups by their codes, in the order in which entries of a line are posted."""
GROUP_OF: Places = np.array([GROUPS.index(EFFECTS[kind].group) for kind in ENTRY_KINDS])
"""By code of a kind, the code of its group."""
BALANCES = ("entitled", "due", "held", "owed", "paid")
"""The balances of a payee."""
EFFECT_ON: Mapping[str, Places] = MappingProxyType(
    {name: np.array([getattr(EFFECTS[kind], name) for kind in ENTRY_KINDS]) for name in BALANCES}
)
"""By balance and code of a kind, what an entry of one does to it."""
_DRAWS: tuple[Group, ...] = ("draw", "recovery")
ADDS_TO_RECEIVABLE: Places = np.array(
    [0 if EFFECTS[kind].group in _DRAWS else EFFECTS[kind].owed for kind in ENTRY_KINDS]
)
"""By code of a kind, what an entry of no line adds to what the payee owes apart from draws."""
_FROM_PAY: Mapping[FromPay, Truth] = MappingProxyType(
    {how: np.array([EFFECTS[kind].from_pay == how for kind in ENTRY_KINDS]) for how in get_args(FromPay)}
)
PAYING = tuple(kind for kind, effect in EFFECTS.items() if effect.due < 0 < effect.paid)
"""The kinds that pay out what was due, and so cover the lines before them."""


def code_of(kind: EntryKind) -> int:
    """The code of a kind.

    >>> code_of(EntryKind.EARNED)
    0
    """
    return ENTRY_KINDS.index(kind)


def takes_from_pay(kind: Places, due: Whole) -> Truth:
    """Which entries take from pay what a guard bounds, by code of their kind and what each adds to what is due.

    >>> takes_from_pay(np.array([0, 0, 3]), np.array([5, -5, -5])).tolist()
    [False, True, False]
    """
    found: Truth = _FROM_PAY["always"][kind] | (_FROM_PAY["below zero"][kind] & (due < 0))
    return found


def are(kind: Places, *wanted: EntryKind) -> Truth:
    """Which codes are those of some kinds.

    >>> are(np.array([0, 3]), EntryKind.HELD).tolist()
    [False, True]
    """
    found: Truth = by_code(np.array([one in wanted for one in ENTRY_KINDS]))[kind]
    return found
