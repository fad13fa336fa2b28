"""Runs what pages show where nothing can be imported but the core and what is named: Python, commands, services.

python -m tests.only_extras "loanperf[tables,excel]" docs/how-to/read-tables.md
"""

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import chdir
from doctest import DocTestParser
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_USED_HERE = ("loanperf", "packaging", "setuptools")


def needed(*wanted: str) -> set[str]:
    """The distributions that are there once some are installed, such as `loanperf[sql]`."""
    found: set[str] = set()
    left = [(asked.name, frozenset(asked.extras)) for asked in map(Requirement, wanted)]
    done = set[tuple[str, frozenset[str]]]()
    while left:
        one = left.pop()
        if one in done:
            continue
        done.add(one)
        found.add(canonicalize_name(one[0]))
        for text in distribution(one[0]).requires or ():
            asked = Requirement(text)
            if asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in (*one[1], "")):
                left.append((asked.name, frozenset(asked.extras)))
    return found


class _Without:
    """A finder of modules that does not find some, as if they were not installed."""

    def __init__(self, finder: Any, others: set[str]) -> None:
        self.finder, self.others = finder, others

    def find_spec(self, fullname: str, *args: Any) -> ModuleSpec | None:
        """What the finder finds of the rest."""
        if fullname.partition(".")[0] in self.others:
            return None
        found: ModuleSpec | None = self.finder.find_spec(fullname, *args)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.finder, name)


def main(wanted: str, *pages: str) -> None:
    """Run pages where these distributions are installed, and no others."""
    allowed = needed("loanperf", *wanted.split()) | set(_USED_HERE)
    known = packages_distributions().items()
    others = {module for module, names in known if allowed.isdisjoint(map(canonicalize_name, names))}
    for name in [name for name in sys.modules if name.partition(".")[0] in others]:
        del sys.modules[name]
    finders: list[Any] = [_Without(finder, others) for finder in sys.meta_path]
    sys.meta_path[:] = finders
    for page in (str(Path(page).absolute()) for page in pages):
        code = [*map(_code, blocks(page, "python")), *imports(page)]
        exec(compile("\n".join(code), page, "exec"), {"__name__": "__main__"})  # noqa: S102
        with TemporaryDirectory() as folder, chdir(folder):
            for line, done in commands(page):
                assert done.exit_code == 0, f"{line}: {done.stderr}"


def blocks(page: str, languages: str) -> list[str]:
    """The fenced code blocks of a page."""
    text = Path(page).read_text(encoding="utf-8")
    return re.findall(rf"^```(?:{languages})\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def imports(page: str) -> list[str]:
    """What the code that is only shown on a page imports, and the service that it starts."""
    shown = "\n".join(blocks(page, "text|sh"))
    return [
        *re.findall(r"^(?:from \w[\w.]* )?import \w.*$", shown, re.MULTILINE),
        *(f"import {name}" for name in re.findall(r"\buvicorn ([\w.]+):", shown)),
    ]


def commands(page: str) -> Iterator[tuple[str, Any]]:
    """Run the commands of a page in the folder where it is now, with the files that the page names and shows."""
    calls = [line for block in blocks(page, "sh") for line in block.splitlines() if line.startswith("loanperf ")]
    if not calls:
        return
    testing, cli = import_module("typer.testing"), import_module("loanperf.cli._commands")
    names = dict.fromkeys(re.findall(r"`(data/[^`]+)`", Path(page).read_text(encoding="utf-8")))
    for name, text in zip(names, blocks(page, "text|toml"), strict=False):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    for line in calls:
        call, _, into = line.partition(" > ")
        done = testing.CliRunner().invoke(cli.app, shlex.split(call)[1:])
        if into:
            Path(into).write_text(done.stdout, encoding="utf-8")
        yield line, done


def _code(block: str) -> str:
    """The code of a block, be it as it is typed at a prompt; what is to fail there is left out."""
    if not block.startswith(">>> "):
        return block
    return "".join(part.source for part in DocTestParser().get_examples(block) if part.exc_msg is None)


if __name__ == "__main__":
    main(*sys.argv[1:])
