"""What is checked before a change lands; `nox -l` lists it, `nox` runs it all."""

from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
FOLDERS = ("src", "tests", "browser", "examples", "benchmarks", "faults", "tools")
ON_EVERY_CORE = ("-n", "auto", "--dist", "worksteal")
FIRST_COMMAND = 'python -m pip install ".[cli]" && python -m loanperf demo'

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "typing", "imports", "tests", "long", "browser", "faults", "docs", "bench", "readme"]


def install(session: nox.Session, group: str, extras: str = "all") -> None:
    """The library with extras, and the tools of a dependency group."""
    session.install("-e", f".[{extras}]", *nox.project.dependency_groups(PYPROJECT, group))


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and the rules that ruff can see."""
    session.install(*nox.project.dependency_groups(PYPROJECT, "lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def typing(session: nox.Session) -> None:
    """Strict types, of the library and of all code that uses it here."""
    install(session, "typing", "all,spark")
    session.run("mypy", *(name for name in FOLDERS if any(ROOT.joinpath(name).rglob("*.py"))))


@nox.session
def imports(session: nox.Session) -> None:
    """Which module may import what; then the proof that each of these contracts can be seen to fail."""
    install(session, "imports")
    session.run("lint-imports", "--no-cache", "--no-logo")
    session.run("python", "tools/prove_contracts.py")


@nox.session
def tests(session: nox.Session) -> None:
    """Tests, docstrings' examples and the documentation's code blocks, but for the long ones; on every core.

    Those of Spark, whose half a gigabyte is not installed here, are all among the long ones.
    """
    install(session, "test")
    session.run("pytest", *ON_EVERY_CORE, "-m", "not slow", "--ignore=tests/test_spark.py", *session.posargs)


@nox.session
def long(session: nox.Session) -> None:
    """The long tests: state machines, large and real books, killed processes, Spark.

    With `-- full` on all books, and with 200 examples for each property, those of the short tests too.
    """
    install(session, "test", "all,spark")
    full = "full" in session.posargs
    which = ("-m", "slow or hypothesis", "--hypothesis-profile", "deep") if full else ("-m", "slow and not full")
    more = [given for given in session.posargs if given != "full"]
    session.run("pytest", *ON_EVERY_CORE, *which, *more)


@nox.session
def browser(session: nox.Session) -> None:
    """Pages in headless Chromium, which must be there: widths, print, keyboard, axe-core; pictures in build/browser."""
    install(session, "browser", "report")
    session.run("pytest", "browser", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Months that are killed, starved, locked out and doubled; prints a table, and fails where anything is lost."""
    install(session, "test")
    session.run("python", "-W", "ignore", "-m", "faults", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Faults planted in the modules of pay, two in each, ten with `-- full`; fails where fewer than 90% are caught."""
    install(session, "test")
    session.run("python", "-W", "ignore", "-m", "tools.mutants", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, with warnings as errors, and the changelog as it would be released."""
    install(session, "docs", "all,testing")
    session.run("sphinx-build", "-q", "-W", "--keep-going", "-E", "docs", "build/docs")
    session.run("towncrier", "build", "--draft", "--version", PYPROJECT["project"]["version"])


@nox.session
def bench(session: nox.Session) -> None:
    """The benchmarks at a hundredth of their sizes, or `-- tenth`, or `-- full`. They print and judge nothing."""
    install(session, "bench", "all,spark")
    size = next((given for given in session.posargs if given in ("full", "tenth")), "hundredth")
    more = [given for given in session.posargs if given != size]
    columns = "--benchmark-columns=min,median,iqr,ops"
    session.run("pytest", "benchmarks", columns, *more, env={"LOANPERF_BENCH": size})


@nox.session
def readme(session: nox.Session) -> None:
    """The first command of the README, as it stands there, in a fresh environment."""
    if FIRST_COMMAND not in ROOT.joinpath("README.md").read_text(encoding="utf-8"):
        session.error(f"README.md does not say: {FIRST_COMMAND}")
    session.run("bash", "-c", FIRST_COMMAND, external=True)
