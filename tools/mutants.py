"""Plants faults in the modules of pay, and prints how many of them are caught.

A fault is one small change of a function, such as `<=` for `<`, `max` for `min`, or a term of a sum that is dropped;
see `mutations`. First the tests of pay and some books of pay at random are worked without any, to see which reach the
place of which fault, and what the books come to: what `tests/test_one_program_pay.py` holds to the plain reference.
Then each fault is planted in a process of its own, in which those that reach it are worked until one of them fails.
What nothing catches is printed with its place: it wants a test.

    python -m tools.mutants                      two of the ten faults of each module, others in each module
    python -m tools.mutants --sample 3           another two of them; there are five samples, of which 0 is the first
    python -m tools.mutants full                 all ten
    python -m tools.mutants _ledger/_pay.py      the ten of one module
"""

import argparse
import gc
import os
import pickle
import resource
import signal
import sys
import time
import types
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from _pytest.runner import runtestprotocol
from attrs import field, frozen
from hypothesis import Phase, settings
from tests.books_of_pay import book_of_seed
from tests.months_of_pay import bits, played, told
from tools.mutations import Fault, faults_of

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "loanperf"
LEAST = 0.9
"""The part of the faults that must be caught."""
SHARE = 5
"""A sample has a fifth of the faults."""
BOOKS = (
    1, 5, 16, 18, 19, 30, 33, 35, 41, 43, 45, 46, 56, 60, 74, 87, 95, 108, 110, 131, 147, 154, 156, 158, 170, 198, 206,
    208, 211, 220, 222, 240, 248, 255, 269, 271, 273, 277, 294, 299,
)  # fmt: skip
"""Books in which most rules meet."""
SECONDS = 24.0
"""How long the checks that a fault must pass take together, in seconds of work while they are watched."""
CASES = 6
"""How many cases of a table of tests are run."""
DRAWN = 5
"""How many examples of a property are drawn."""
_SETTINGS = "_hypothesis_internal_use_settings"
LONGEST = 2.0
"""How long a check takes at most, in seconds of work while it is watched; a longer one is left out."""
ENDLESS = 6
"""After how many seconds of work a check is taken to be in a loop without end."""
MEMORY = 8 * 2**30
"""How many bytes a process may ask for."""
AT_ONCE = os.cpu_count() or 1
"""How many processes there are at a time."""
OF_PAY = (
    *("_appraisal", "_bonus", "_scorecard", "_commission", "_ledger"),
    *("_pace", "goals", "alerts", "run/_carried", "progress"),
)
NO_RULES = (
    *("__init__", "_plan", "_tiers", "_checks", "_withheld", "_bounds", "_terms", "_kinds", "_names"),
    *("_reasons", "_faults", "_statement", "_words", "_texts", "_refused", "_letters", "_parts", "_progress"),
)
"""Modules that define what plans are and refuse what is none, or only say something."""
TESTS = (
    "accrue_tables", "ages", "alerts", "appraisal", "appraise_all", "bonus", "calendars", "carried", "catch_up",
    "coefficients", "confirmations", "columns_of_deals", "columns_of_ledger", "columns_of_pay",
    "commission", "composed", "corrections",
    "counted_before", "credits", "entries", "frames", "goals", "held_bonus", "history", "ledger", "ledger_store",
    "lives", "lookups", "opening", "pace", "parts_of_periods", "progress", "rates", "receipts",
    "release_by_reading", "resolve", "roles",
    "rounding", "scorecard", "scores", "settle_tables", "stages", "standings", "sums", "takebacks",
    "tiers", "totals", "unpaid",
)  # fmt: skip
"""The tests of these modules that take a short time."""
OPTIONS = (
    *("-x", "-q", "-s", "-p", "no:cacheprovider", "-m", "not slow", "--assert=plain", "--tb=native"),
    f"--rootdir={ROOT}",
)


# ── what reaches what ───────────────────────────────────────────────────────────────────────────────────────


@frozen
class Check:
    """What may catch a fault, a book or a test, and what became of it without any fault."""

    name: str
    said: str
    """Of a book, what it comes to; of a test, nothing."""
    seconds: float
    calls: int
    """How many functions of the library it calls: a test that calls few says most of them."""


@cache
def _in_a_cache() -> None:
    """What is like it remembers results."""


@frozen
class Planter:
    """The functions that there are, and what remembers results: looked up once for all processes."""

    functions: dict[str, list[types.FunctionType]]
    """By file."""
    caches: list[Any]

    @classmethod
    def found(cls) -> "Planter":
        """Those of this process."""
        functions, caches = defaultdict[str, list[types.FunctionType]](list), list[Any]()
        for thing in gc.get_objects():
            if isinstance(thing, types.FunctionType):
                functions[thing.__code__.co_filename].append(thing)
            elif isinstance(thing, type(_in_a_cache)) and thing.__module__.startswith(("loanperf", "tests")):
                caches.append(thing)
        return cls(functions, caches)

    def plant(self, fault: Fault) -> None:
        """Change the function in this process, whoever has imported it."""
        mended = {code.co_qualname: code for code in _codes(fault.compiled())}
        for thing in self.functions[str(fault.module)]:
            code = mended.get(thing.__code__.co_qualname)
            if code is not None and code.co_freevars == thing.__code__.co_freevars:
                thing.__code__ = code
        self.forget()

    def forget(self) -> None:
        """Let nothing be remembered, so that a check calls all that it needs."""
        for remembers in self.caches:
            remembers.cache_clear()


@frozen
class Reached:
    """Which checks reach which faults."""

    checks: list[Check] = field(factory=list)
    by_fault: dict[int, dict[str, int]] = field(factory=dict)
    """By the place of a fault, the names of checks, each with how many lines of the function it reaches."""

    def of(self, fault: int) -> list[Check]:
        """The checks that reach a fault.

        A third of the time each for the shortest, for those that call most functions, and for those that reach most
        lines of the function which has the fault.
        """
        lines = self.by_fault.get(fault, {})
        some = [one for one in self.checks if one.name in lines]
        orders = (
            sorted(some, key=lambda one: (one.seconds, one.name)),
            sorted(some, key=lambda one: (-one.calls, one.name)),
            sorted(some, key=lambda one: (-lines[one.name], one.seconds, one.name)),
        )
        found, spent = dict[str, Check](), [0.0 for _ in orders]
        while len(found) < len(some) and sum(spent) < SECONDS:
            turn = spent.index(min(spent))
            one = next(one for one in orders[turn] if one.name not in found)
            spent[turn] += one.seconds
            found[one.name] = one
        return [*found.values()]


_Lines: TypeAlias = defaultdict[tuple[str, str], set[int]]
"""Lines that are reached, by file and outermost function."""


def reached(names: Sequence[str], work: Callable[[str], str | None], faults: Sequence[Fault]) -> Reached:
    """Do the work of each name without any fault; `AssertionError` where one is None, which is a test that fails.

    What takes too long is left out.
    """
    found, planter = Reached(), Planter.found()
    places = [range(fault.line, fault.last_line + 1) for fault in faults]
    for name in names:
        planter.forget()
        lines, codes, began = _Lines(set), set[types.CodeType](), time.process_time()
        with _watching(faults, lines, codes), _for_a_while() as stopped:
            said = work(name)
        if stopped:
            continue
        if said is None:
            raise AssertionError(name)
        found.checks.append(Check(name, said, time.process_time() - began, len(codes)))
        for place, (fault, its_lines) in enumerate(zip(faults, places, strict=True)):
            of_function = lines.get((str(fault.module), fault.function), set[int]())
            if not of_function.isdisjoint(its_lines):
                found.by_fault.setdefault(place, {})[name] = len(of_function)
    return found


@contextmanager
def _for_a_while() -> Iterator[list[str]]:
    """Stops what takes longer than a check may; then there is something in the list."""
    stopped: list[str] = []

    def stop(*_: object) -> None:
        stopped.append("it takes too long")
        raise TimeoutError

    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        yield stopped
    except TimeoutError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)


@contextmanager
def _watching(faults: Sequence[Fault], lines: _Lines, codes: set[types.CodeType]) -> Iterator[None]:
    """Notes which functions of the library are called, and which lines are reached in those that get a fault."""
    inside, functions = f"{PACKAGE}/", {(str(fault.module), fault.function) for fault in faults}

    def called(frame: types.FrameType, _event: str, _of: object) -> Callable[..., Any] | None:
        code = frame.f_code
        if not code.co_filename.startswith(inside):
            return None
        codes.add(code)
        return reached if _whose(code) in functions else None

    def reached(frame: types.FrameType, _event: str, _of: object) -> Callable[..., Any]:
        lines[_whose(frame.f_code)].add(frame.f_lineno)
        return reached

    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(None)


def _whose(code: types.CodeType) -> tuple[str, str]:
    """The file of some code, and its outermost function."""
    return code.co_filename, code.co_qualname.partition(".<locals>")[0]


def shared_out(names: Sequence[str], work: Callable[[str], str | None], faults: Sequence[Fault]) -> Reached:
    """The same, in processes beside each other, so that this one stays as it was."""
    begun = [_begun(partial(_dumped, names[first::AT_ONCE], work, faults)) for first in range(AT_ONCE)]
    found = Reached()
    for child, reader in begun:
        with os.fdopen(reader, "rb") as said:
            answer = said.read()
        os.waitpid(child, 0)
        some = pickle.loads(answer) if answer else "a process ended"  # noqa: S301
        if isinstance(some, str):
            raise SystemExit(f"without any fault there is one: {some}")
        found.checks.extend(some.checks)
        for place, reaching in some.by_fault.items():
            found.by_fault.setdefault(place, {}).update(reaching)
    return found


def _dumped(names: Sequence[str], work: Callable[[str], str | None], faults: Sequence[Fault]) -> bytes:
    try:
        return pickle.dumps(reached(names, work, faults))
    except AssertionError as error:
        return pickle.dumps(str(error))


def _begun(work: Callable[[], bytes]) -> tuple[int, int]:
    """A process that does some work in silence, and the end of the pipe into which it says what came of it."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    nowhere, failed = os.open(os.devnull, os.O_WRONLY), 1
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        with os.fdopen(writer, "wb") as saying:
            saying.write(work())
        failed = 0
    finally:
        os._exit(failed)


# ── a process with a fault ──────────────────────────────────────────────────────────────────────────────────


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield inner
            yield from _codes(inner)


def worked(planter: Planter, fault: Fault, checks: Sequence[Check], work: Callable[[str], str | None]) -> bytes:
    """The name of the first check that catches a fault, in this process; empty where none does."""
    gc.disable()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    planter.plant(fault)
    for check in checks:
        signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS)
        if not _holds(check, work):
            return check.name.encode()
    return b""


def _holds(check: Check, work: Callable[[str], str | None]) -> bool:
    try:
        return work(check.name) == check.said
    except BaseException:  # noqa: BLE001
        return False


def found_out(faults: Sequence[Fault], work: Callable[[int], bytes]) -> dict[Fault, str]:
    """What catches each fault, a process for each core at a time; nothing where nothing does."""
    found: dict[Fault, str] = {}
    running: dict[int, tuple[int, int]] = {}
    left = [*reversed(range(len(faults)))]
    while left or running:
        while left and len(running) < AT_ONCE:
            place = left.pop()
            child, reader = _begun(partial(work, place))
            running[child] = place, reader
        child, status = os.wait()
        place, reader = running.pop(child)
        with os.fdopen(reader, "rb") as said:
            found[faults[place]] = said.read().decode() or ("it does not end" if status else "")
        if os.waitstatus_to_exitcode(status) > 0:
            raise SystemExit(f"{faults[place]} could not be planted")
    return found


class _Planting:
    """A plugin of pytest that plants faults instead of running the tests; it collects them once for all faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        self.found: dict[Fault, str] = {}

    def pytest_collection(self) -> None:
        """Draw the same examples for each fault, and look for no smaller ones."""
        drawn = {"phases": (Phase.explicit, Phase.generate), "database": None, "derandomize": True}
        settings.register_profile("mutants", settings(), **drawn)
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out all but a few cases of a table, and of what is drawn."""
        cases: Counter[str] = Counter()
        for item in items[:]:
            name, test = item.nodeid.partition("[")[0], getattr(item, "obj", None)
            cases[name] += 1
            if cases[name] > CASES:
                items.remove(item)
            elif getattr(test, "is_hypothesis_test", False):
                setattr(test, _SETTINGS, settings(getattr(test, _SETTINGS), max_examples=DRAWN))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Plant them."""
        began = time.time()
        items = {item.nodeid: item for item in session.items}

        def work(name: str) -> str | None:
            return _said_of(int(name)) if name.isdecimal() else _passes(items[name])

        found = shared_out([*map(str, BOOKS), *items], work, self.faults)
        took = sum(one.seconds for one in found.checks)
        print(f"{len(found.checks)} books and tests of {took:.0f} s, in {time.time() - began:.0f} s", flush=True)
        planter = Planter.found()
        gc.freeze()
        self.found = found_out(self.faults, lambda place: worked(planter, self.faults[place], found.of(place), work))
        return True


def _said_of(seed: int) -> str:
    """What a book comes to, and what is told of it: `test_one_program_pay` holds both."""
    found = played(book_of_seed(seed))
    return bits(found) + told(found)


def _passes(item: pytest.Item) -> str | None:
    """Nothing to say where a test passes."""
    return None if any(report.failed for report in runtestprotocol(item, log=False)) else ""


# ── the run ─────────────────────────────────────────────────────────────────────────────────────────────────


def modules_of_pay() -> list[Path]:
    """The modules that work out pay."""
    found = [path for name in OF_PAY for path in (PACKAGE / f"{name}.py", *sorted((PACKAGE / name).rglob("*.py")))]
    return [path for path in found if path.exists() and path.stem not in NO_RULES]


def printed(by_module: Mapping[Path, list[Fault]], found: Mapping[Fault, str], *, places: bool) -> int:
    """Print what was caught, by module, and the place of what was not; how many were caught."""
    for path, faults in by_module.items():
        print(f"{sum(bool(found[fault]) for fault in faults):3d} of {len(faults):2d}  {path.relative_to(PACKAGE)}")
        for fault in faults:
            if places or not found[fault]:
                print(f"           {fault}{' -> ' + found[fault] if found[fault] else ''}")
    return sum(map(bool, found.values()))


def planted(modules: Sequence[str], sample: int) -> dict[Path, list[Fault]]:
    """The faults of some modules; of none, those of a sample of all, so that each fifth module has the same places.

    No two samples share a fault, and all of them together are the full run.
    """
    if modules and modules != ["full"]:
        return {PACKAGE / name: faults_of(PACKAGE / name) for name in modules}
    every = {path: faults_of(path) for path in modules_of_pay()}
    if modules:
        return every
    return {path: faults[(place + sample) % SHARE :: SHARE] for place, (path, faults) in enumerate(every.items())}


def main() -> int:
    """Print what was caught of what was planted, by module, and what was not; 1 where that is too little."""
    asked = argparse.ArgumentParser()
    asked.add_argument("modules", nargs="*", help="such as _ledger/_pay.py; full: all; without: a sample of all")
    asked.add_argument("--places", action="store_true", help="print what caught each fault")
    asked.add_argument("--sample", type=int, choices=range(SHARE), default=0, help="which fifth of all faults")
    given = asked.parse_args()
    began, by_module = time.time(), planted(given.modules, given.sample)
    faults = [fault for some in by_module.values() for fault in some]
    planting = _Planting(faults)
    pytest.main([*OPTIONS, *(str(ROOT / "tests" / f"test_{name}.py") for name in TESTS)], plugins=[planting])
    caught = printed(by_module, planting.found, places=given.places)
    part = f"{caught} of {len(faults)} faults are caught ({caught / max(len(faults), 1):.0%})"
    print(f"{part}, in {time.time() - began:.0f} s")
    return 0 if caught >= LEAST * len(faults) else 1


if __name__ == "__main__":
    sys.exit(main())
