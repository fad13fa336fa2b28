"""Walk one drawdown from a cell of a CSV file to a payment, and write its way into ARCHITECTURE.md.

A folder with one loan of one officer, paid by one plan of one rate, is run as the command line runs it, twice: with two
amounts that take the same way. Each call of a function of loanperf is watched, and so is what it gives back. A value
(an array, a number, a text) is one of the drawdown's where it is another in the second run: nothing but the amount
differs, so nothing else can be the reason.

- A value is made by the function that has it first: that gives it back, or passes it to another. It is made of all
  values of the drawdown that this function was given until then, and got back from others.
- A module is on the way where it makes a value of which the amount of the payment is made, or one of which that is
  made, and so on. Who only holds the drawdown, hands it on, checks it or looks whether it is there is counted apart.
- `_numbers` is one module; `run/`, which calls the steps, is none.
- A representation is a class in whose own field such a value stands, and which one module hands to another.
- A hop is a call from one module on the way to another with a value of the drawdown in what goes in or comes out. It
  goes back where the module that is called calls the caller, by whatever way, with the drawdown in hand.

    python tools/walk.py
"""

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CellType, FrameType, FunctionType, GeneratorType, MethodType
from typing import Any

import numpy as np
from attrs import field, frozen

import loanperf as lp
from loanperf.adapters.memory import MemoryEntries, MemoryPayments, MemorySchemes
from loanperf.adapters.tables import Folder
from loanperf.ports import Payment

PAGE = Path(__file__).parents[1] / "ARCHITECTURE.md"
HEADING, NEXT = "## The way of one drawdown\n", "\n## Invariants\n"
PACKAGE = f"{Path(lp.__file__).parent}/"
AMOUNTS = ("1200000.00", "1300000.00")
"""What is drawn, in CNY; the plan pays 0.5% of it: 6,000.00 and 6,500.00."""
FILES = {
    "loans.csv": "loan,customer,officer,opened_on\nL1,K1,lin,2026-03-02\n",
    "events.csv": "loan,kind,on,amount\nL1,disbursed,2026-03-05,{amount} CNY\n",
    "assignments.csv": "payee,unit,role,since\nlin,east,officer,2025-01-01\n",
}
SCHEME = """
name = "one rate"
currency = "CNY"
effective = 2026-01-01

[plans.sales]
rounding = "half up"

[plans.sales.components.loans]
base = "disbursed"
curve = { bands = [["0元", "", "0.5%"]], shape = "step" }
tiers = { by = "amount", applies = "marginal", accumulates = "period" }
"""
TEXT = """\
{heading}
A drawdown of {amount} goes from a cell of `events.csv` to a payment of {payment} through {size} modules, in this
order; `_numbers` counts as one, and `run/`, which calls the steps, as none. A module is on the way where it makes a
value, be it a column, a number or a text, that would be another if the amount were, and of which the payment is made.
{others} more hold the drawdown, check it or look at it, and nothing that they make of it is paid. Modules of the way
call each other {hops} times with the drawdown in hand, and {back}. The drawdown is handed on in {changes}
representations. `tools/walk.py` watches a run, and writes this.

| | module | what it does | what it first hands the drawdown on in |
|---|---|---|---|
{rows}
"""


# ── what is watched ─────────────────────────────────────────────────────────────────────────────────────────


@frozen
class Seen:
    """What a function was given or gave back."""

    place: str
    """The module of the function."""
    is_call: bool
    values: Sequence[tuple[Any, str]]
    """All arrays, numbers and texts in it, each with the class in whose field it stands."""
    prints: Sequence[Any]
    """What each was then: an array may be written to later."""


@frozen
class Watch:
    """Notes each call of loanperf, and what it gives back; values are kept, so that no other one takes their place."""

    seen: list[Seen] = field(factory=list)

    def __call__(self, frame: FrameType, event: str, given: object) -> None:
        """What `sys.setprofile` calls."""
        place = module_of(frame)
        if not place or event not in ("call", "return"):
            return
        is_call = event == "call"
        values = values_in([*frame.f_locals.values()] if is_call else given, "", {}, [])
        prints = [value.tolist() if isinstance(value, np.ndarray) else value for value, _ in values]
        self.seen.append(Seen(place, is_call, values, prints))


def module_of(frame: FrameType) -> str:
    """The module of loanperf of whose code a frame is; empty where it is of none."""
    path = frame.f_code.co_filename
    if not path.startswith(PACKAGE):
        return ""
    name = path.removeprefix(PACKAGE).removesuffix(".py")
    return "_numbers" if name.startswith("_numbers/") else name


def values_in(
    given: object, holder: str, known: dict[int, object], found: list[tuple[Any, str]]
) -> list[tuple[Any, str]]:
    """All arrays, numbers and texts in something, each with the nearest class of loanperf in which it stands.

    Classes of `_numbers`, `_tables` and `_quantities` say how values are laid out, and count where none is around them.
    """
    if type(given) in VALUES:
        found.append((given, holder))
    elif id(given) not in known:
        known[id(given)] = given
        if is_of_loanperf(given) and not (holder and type(given).__module__.startswith(LAID_OUT)):
            holder = type(given).__name__
        for item in parts_of(given):
            values_in(item, holder, known, found)
    return found


VALUES = {str, bytes, int, float, Fraction, Decimal, np.ndarray, np.int64}
EMPTY = CellType()
LAID_OUT = ("loanperf._numbers", "loanperf._tables", "loanperf._quantities")


def parts_of(given: object) -> list[object]:
    """What stands in something."""
    match given:
        case dict():
            return [*given.keys(), *given.values()]
        case list() | tuple() | set() | frozenset():
            return [*given]
        case MethodType():
            return [given.__self__]
        case partial():
            return [*given.args, *given.keywords.values()]
        case FunctionType():
            return [cell.cell_contents for cell in given.__closure__ or () if cell != EMPTY]
        case GeneratorType():
            return [] if given.gi_frame is None else [*given.gi_frame.f_locals.values()]
        case Iterator():
            return what_is_left(given)
        case _:
            return fields_of(given) if is_of_loanperf(given) else []


def is_of_loanperf(given: object) -> bool:
    """Whether something is an object of a class of loanperf."""
    return type(given).__module__.startswith("loanperf") and not isinstance(given, type | Enum)


def what_is_left(given: Iterator[object]) -> list[object]:
    """What an iterator runs over; it is not moved on."""
    with suppress(TypeError):
        made_by = given.__reduce__()
        return [] if isinstance(made_by, str) else [*made_by[1]]
    return []


def fields_of(given: object) -> list[object]:
    """What the fields of an object of loanperf hold; what it has not worked out yet is not asked for."""
    found: list[object] = [*vars(given).values()] if hasattr(given, "__dict__") else []
    for name in (name for kind in type(given).__mro__ for name in getattr(kind, "__slots__", ())):
        with suppress(AttributeError):
            found.append(object.__getattribute__(given, name))
    return found


def watched(folder: Path, amount: str) -> tuple[Sequence[Seen], Payment]:
    """What is seen in the month of a drawdown of an amount, and the payment that comes of it."""
    watch, paid, march = Watch(), MemoryPayments(), lp.Period.month(2026, 3)
    for file, text in FILES.items():
        folder.joinpath(file).write_text(text.format(amount=amount), encoding="utf-8")
    data, schemes = Folder(folder), MemorySchemes(lp.parse_scheme(SCHEME))
    keeping, before = lp.Keeping(entries=MemoryEntries()), sys.getprofile()
    sys.setprofile(watch)
    try:
        lp.run(march, facts=data, people=data, schemes=schemes, payments=paid, keeping=keeping)
    finally:
        sys.setprofile(before)
    (payment,) = paid.paid.values()
    return watch.seen, payment


# ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────


@frozen(kw_only=True)
class Way:
    """The way of the drawdown."""

    modules: Sequence[str]
    """In the order in which the drawdown meets them."""
    others: Sequence[str]
    """Modules that hold the drawdown or look at it, and make nothing of it."""
    makers: Mapping[str, str]
    """By representation, in the order in which they come, the module that makes it."""
    hops: Mapping[tuple[str, str], int]
    """How often a module on the way calls another with the drawdown in hand."""
    payment: Payment

    @property
    def back(self) -> list[tuple[str, str]]:
        """Calls to a module that calls the caller, by whatever way."""
        return [(one, other) for one, other in self.hops if one in self._called_by(other)]

    def _called_by(self, module: str) -> set[str]:
        found, left = set[str](), {module}
        while left:
            left = {other for one, other in self.hops if one in left} - found
            found |= left
        return found


@frozen
class Call:
    """A call of a function, while it goes on."""

    place: str
    """The module of the function."""
    given: set[int] = field(factory=set)
    """The values of the drawdown that it was given, and got back from others."""


@frozen
class Trace:
    """What is known of the values of the drawdown, by identity."""

    makers: dict[int, str] = field(factory=dict)
    """By value, in the order in which they come, the module that makes it."""
    made_of: dict[int, set[int]] = field(factory=dict)
    holders: dict[str, str] = field(factory=dict)
    """By representation, the module that makes it."""
    handed: dict[str, set[int]] = field(factory=dict)
    """By representation that one module hands to another, the values that stand in it."""
    held: dict[str, None] = field(factory=dict)
    """Modules that have a value of the drawdown in hand."""
    hops: Counter[tuple[str, str]] = field(factory=Counter)
    calls: list[Call] = field(factory=lambda: [Call("")])
    """The calls that go on, after the one of this tool."""

    def add(self, one: Seen, other: Seen) -> None:
        """Follow one call, or what it gives back, that is seen in both runs."""
        if (one.place, len(one.values)) != (other.place, len(other.values)):
            raise SystemExit(f"the two amounts take different ways in {one.place}")
        pairs = zip(one.values, one.prints, other.prints, strict=True)
        moved = [value for value, was, now in pairs if was is not now and was != now]
        values = {id(value) for value, _ in moved}
        here = self.calls.pop() if not one.is_call else Call(one.place)
        above = self.calls[-1]
        maker = above if one.is_call else here
        for value in values - self.makers.keys():
            self.makers[value], self.made_of[value] = maker.place, {*maker.given}
        for value, holder in moved:
            if holder and not holder.startswith("_"):
                self.holders.setdefault(holder, maker.place)
                if here.place != above.place:
                    self.handed.setdefault(holder, set()).add(id(value))
        above.given.update(values)
        here.given.update(values)
        if values:
            self.held.setdefault(one.place)
        if one.is_call:
            self.calls.append(here)
        elif here.given and here.place != above.place:
            self.hops[above.place, here.place] += 1

    def all_of(self, values: set[int]) -> set[int]:
        """Some values, and all of which they are made."""
        found, left = values, values
        while left:
            left = {part for value in left for part in self.made_of[value]} - found
            found = found | left
        return found


def way() -> Way:
    """The way of the drawdown through the modules."""
    with TemporaryDirectory() as name:
        watched(Path(name), "1.00")  # what is read once and kept, such as the catalogue, is there from now on
        (first, payment), (second, _) = (watched(Path(name), amount) for amount in AMOUNTS)
    trace = Trace()
    for one, other in zip(first, second, strict=True):
        trace.add(one, other)
    paid = {id(value) for value, _ in values_in(payment, "", {}, [])} & trace.makers.keys()
    used = trace.all_of(paid)
    steps = dict.fromkeys(maker for value, maker in trace.makers.items() if value in used)
    on_it = [place for place in steps if not place.startswith("run/")]
    return Way(
        modules=on_it,
        others=[place for place in trace.held if place not in steps and not place.startswith("run/")],
        makers={holder: maker for holder, maker in trace.holders.items() if used & trace.handed.get(holder, set())},
        hops={pair: times for pair, times in trace.hops.items() if {*on_it}.issuperset(pair)},
        payment=payment,
    )


def section() -> str:
    """The way as a part of ARCHITECTURE.md."""
    found = way()
    rows = [
        f"| {place} | `{name}` | {said(name)} | {made_by(found, name)} |"
        for place, name in enumerate(found.modules, start=1)
    ]
    back = ", ".join(f"`{one}` to `{other}`" for one, other in found.back)
    return TEXT.format(
        heading=HEADING,
        amount=f"{AMOUNTS[0]} CNY",
        payment=found.payment.amount,
        size=len(found.modules),
        others=len(found.others),
        hops=sum(found.hops.values()),
        back=f"these go back: {back}" if back else "none of them goes back",
        changes=len(found.makers),
        rows="\n".join(rows).replace("|  |", "| |"),
    )


def made_by(found: Way, module: str) -> str:
    """The representations that a module makes."""
    return ", ".join(f"`{holder}`" for holder, maker in found.makers.items() if maker == module)


def said(module: str) -> str:
    """The first line of a module."""
    path = Path(PACKAGE, module)
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0].rstrip(".").replace("|", "\\|")


def page() -> str:
    """ARCHITECTURE.md, with the way as it is."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(HEADING)
    return f"{before}{section()}{rest[rest.index(NEXT) :]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE)
