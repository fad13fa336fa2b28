"""Plants faults in the modules of pay, ten in each, and prints how many of them are caught.

A fault is one small change of a function, such as `<=` for `<`, `max` for `min`, or a term of a sum that is dropped;
see `mutations`. Each is planted in a process of its own, which works those books of pay at random that reach the
function, and where all of them come out as the plain reference says, runs the tests that reach it. What nothing catches
is printed with its place: it wants a test.

    python -m tools.mutants                      all modules of pay
    python -m tools.mutants _ledger/_pay.py      one of them
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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from attrs import frozen
from hypothesis import Phase, settings
from tests.books_of_pay import book_of_seed
from tests.months_of_pay import PayAsked, bits, played, told
from tools.mutations import FAULTS, Fault, faults_of

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "loanperf"
LEAST = 0.9
"""The part of the faults that must be caught."""
BOOKS = (
    1, 5, 16, 18, 19, 30, 33, 35, 41, 43, 45, 46, 56, 60, 74, 87, 95, 108, 110, 131, 147, 154, 156, 158, 170, 198, 206,
    208, 211, 220, 222, 240, 248, 255, 269, 271, 273, 277, 294, 299,
)  # fmt: skip
"""Books in which most rules meet."""
MANY = 12
"""How many books a fault must pass."""
CASES = 6
"""How many cases of a table a fault must pass."""
SECONDS = 4
"""How long the tests that it must pass take together, where nothing is wrong."""
LONGEST = 0.8
"""How long a test takes at most, in seconds; a longer one is left out, but for the random scores."""
ENDLESS = 10
"""After how many seconds of work a process is taken to be in a loop without end."""
MEMORY = 8 * 2**30
"""How many bytes a process may ask for."""
AT_ONCE = min(2, os.cpu_count() or 1)
"""How many processes there are at a time."""
OF_PAY = ("_appraisal", "_bonus", "_scorecard", "_commission", "_ledger")
NO_RULES = (
    *("__init__", "_plan", "_withheld", "_bounds", "_terms", "_kinds", "_names"),
    *("_reasons", "_faults", "_statement", "_words"),
)
"""Modules that define what plans are and refuse what is none, or only say something."""
TESTS = (
    "appraisal", "appraise_all", "bonus", "clawbacks", "commission", "corrections", "credits", "ledger", "lives",
    "scorecard", "scores", "stages", "takebacks", "tiers", "unpaid",
)  # fmt: skip
"""The tests of these modules."""
Function = tuple[str, str]
"""A file, and the name of a function in it."""


OPTIONS = (
    *("-x", "-q", "-s", "-p", "no:cacheprovider", "-m", "not slow", f"--rootdir={ROOT}"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


# ── what reaches what ───────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def watching(seen: set[Function]) -> Iterator[None]:
    """Notes which functions of the library are called."""
    inside = str(PACKAGE)

    def called(frame: types.FrameType, _event: str, _of: object) -> None:
        code = frame.f_code
        if code.co_filename.startswith(inside):
            seen.add((code.co_filename, code.co_qualname.partition(".<locals>")[0]))

    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(None)


@frozen
class Check:
    """What may catch a fault: a book or a test, what it calls, and how long it takes."""

    name: str
    reaches: frozenset[Function]
    seconds: float
    expected: str = ""
    """Of a book, what it comes to; a test says that itself."""


def books() -> list[Check]:
    """Books of pay at random, each with what it comes to now: what `test_one_program_pay` holds to the reference."""
    found = []
    for seed in BOOKS:
        seen, began = set[Function](), time.process_time()
        with watching(seen):
            expected = _said_of(book_of_seed(seed))
        found.append(Check(str(seed), frozenset(seen), time.process_time() - began, expected))
    return found


def _said_of(book: PayAsked) -> str:
    """What a book comes to, and what is told of it: the tests hold both."""
    found = played(book)
    return bits(found) + told(found)


def tests(items: Iterable[pytest.Item]) -> list[Check]:
    """What each test calls; none where one fails."""
    found = []
    for item in items:
        seen, began = set[Function](), time.process_time()
        with watching(seen):
            passed = _passes(item)
        if not passed:
            return []
        found.append(Check(item.nodeid, frozenset(seen), time.process_time() - began))
    return found


def _passes(item: pytest.Item) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False))


def _both(first: Callable[[], list[Check]], second: Callable[[], list[Check]]) -> tuple[list[Check], list[Check]]:
    """What each finds, in two processes beside each other, so that this one stays as it was."""
    begun = [_begun(partial(_dumped, work)) for work in (first, second)]
    found = []
    for child, reader in begun:
        with os.fdopen(reader, "rb") as said:
            found.append(pickle.loads(said.read()))  # noqa: S301
        os.waitpid(child, 0)
    return found[0], found[1]


def _dumped(work: Callable[[], list[Check]]) -> bytes:
    return pickle.dumps(work())


def _begun(work: Callable[[], bytes]) -> tuple[int, int]:
    """A process that does some work in silence, and the end of the pipe into which it says what came of it."""
    reader, writer = os.pipe()
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    with os.fdopen(writer, "wb") as saying:
        saying.write(work())
    os._exit(0)


# ── a process with a fault ──────────────────────────────────────────────────────────────────────────────────


@cache
def _in_a_cache() -> None:
    """What is like it remembers results."""


def plant(fault: Fault) -> None:
    """Change the function in this process, whoever has imported it."""
    path = str(fault.module)
    mended = {code.co_qualname: code for code in _codes(compile(fault.tree, path, "exec"))}
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__code__.co_filename == path:
            code = mended.get(thing.__code__.co_qualname)
            if code is not None and code.co_freevars == thing.__code__.co_freevars:
                thing.__code__ = code
        elif isinstance(thing, type(_in_a_cache)):
            thing.cache_clear()


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield inner
            yield from _codes(inner)


def worked(
    fault: Fault, at_random: Iterable[Check], directed: Iterable[Check], items: Mapping[str, pytest.Item]
) -> bytes:
    """What catches a fault, in this process; empty where nothing does."""
    function = (str(fault.module), fault.function)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    plant(fault)
    some = sorted((check for check in at_random if function in check.reaches), key=lambda check: check.seconds)
    left = float(SECONDS)
    for check in some[:MANY]:
        if not _holds(partial(_as_before, check)):
            return f"book {check.name}".encode()
    for check in sorted(directed, key=lambda check: check.seconds):
        if function in check.reaches and left > 0:
            left -= check.seconds
            if not _holds(partial(_passes, items[check.name])):
                return check.name.encode()
    return b""


def _as_before(book: Check) -> bool:
    return book.expected == _said_of(book_of_seed(int(book.name)))


def _holds(check: Callable[[], object]) -> bool:
    try:
        return bool(check())
    except BaseException:  # noqa: BLE001
        return False


def found_out(faults: Sequence[Fault], work: Callable[[Fault], bytes]) -> dict[Fault, str]:
    """What catches each fault, a process for each core at a time; nothing where nothing does."""
    found: dict[Fault, str] = {}
    running: dict[int, tuple[Fault, int]] = {}
    left = [*reversed(faults)]
    while left or running:
        while left and len(running) < AT_ONCE:
            fault = left.pop()
            child, reader = _begun(partial(work, fault))
            running[child] = fault, reader
        child, status = os.wait()
        fault, reader = running.pop(child)
        with os.fdopen(reader, "rb") as said:
            found[fault] = said.read().decode() or ("it does not end" if status else "")
    return found


class _Planting:
    """A plugin of pytest that plants faults instead of running the tests; it collects them once for all faults."""

    def __init__(self, faults: Sequence[Fault], *, books_only: bool) -> None:
        self.faults, self.books_only = faults, books_only
        self.found: dict[Fault, str] = {}

    def pytest_collection(self) -> None:
        """Draw the same examples for each fault, and look for no smaller ones."""
        drawn = {"phases": (Phase.explicit, Phase.generate), "database": None, "derandomize": True}
        settings.register_profile("mutants", settings(), **drawn)
        settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out properties, but for those of scores, and all but a few cases of a table."""
        cases: Counter[str] = Counter()
        for item in items[:]:
            name = item.nodeid.partition("[")[0]
            cases[name] += 1
            drawn = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
            if cases[name] > CASES or (drawn and "test_scores" not in name) or self.books_only:
                items.remove(item)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Plant them."""
        began = time.time()
        items = {item.nodeid: item for item in session.items}
        at_random, directed = _both(books, lambda: tests(items.values()))
        if not directed and items:
            raise SystemExit("the tests fail without any fault")
        directed = [check for check in directed if check.seconds < LONGEST]
        took = sum(check.seconds for check in directed)
        print(f"{len(at_random)} books, {len(directed)} tests of {took:.0f} s; {time.time() - began:.0f} s", flush=True)
        self.found = found_out(self.faults, lambda fault: worked(fault, at_random, directed, items))
        return True


# ── the run ─────────────────────────────────────────────────────────────────────────────────────────────────


def modules_of_pay() -> list[Path]:
    """The modules that work out pay."""
    found = [path for name in OF_PAY for path in (PACKAGE / f"{name}.py", *sorted((PACKAGE / name).rglob("*.py")))]
    return [path for path in found if path.exists() and path.stem not in NO_RULES]


def printed(by_module: Mapping[Path, list[Fault]], found: Mapping[Fault, str], *, places: bool) -> tuple[int, int]:
    """Print what was caught, by module, and the place of what was not; how many were caught, of how many."""
    for path, faults in by_module.items():
        good = [fault for fault in faults if found[fault]]
        print(f"{len(good):3d} of {len(faults):2d}  {path.relative_to(PACKAGE)}")
        for fault in faults:
            if places or not found[fault]:
                print(f"           {fault}{' -> ' + found[fault] if found[fault] else ''}")
    return sum(map(bool, found.values())), len(found)


def main() -> int:
    """Print what was caught of what was planted, by module, and what was not; 1 where that is too little."""
    asked = argparse.ArgumentParser()
    asked.add_argument("modules", nargs="*", help="such as _ledger/_pay.py; all where none is named")
    asked.add_argument("--faults", type=int, default=FAULTS, help="how many are planted in a module")
    asked.add_argument("--books", action="store_true", help="work the books alone, and no tests")
    asked.add_argument("--places", action="store_true", help="print what caught each fault")
    given = asked.parse_args()
    began, by_module = time.time(), defaultdict[Path, list[Fault]](list)
    for path in [PACKAGE / name for name in given.modules] or modules_of_pay():
        by_module[path] += faults_of(path)[: given.faults]
    faults = [fault for some in by_module.values() for fault in some]
    planting = _Planting(faults, books_only=given.books)
    paths = [str(ROOT / "tests" / f"test_{name}.py") for name in TESTS]
    pytest.main([*OPTIONS, *paths], plugins=[planting])
    found = planting.found
    caught, planted = printed(by_module, found, places=given.places)
    print(f"{caught} of {planted} faults are caught ({caught / max(planted, 1):.0%}), in {time.time() - began:.0f} s")
    return 0 if caught >= LEAST * planted else 1


if __name__ == "__main__":
    sys.exit(main())
