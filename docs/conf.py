"""Sphinx: Markdown pages, and the reference from the docstrings. Nothing is fetched while building."""

from importlib.metadata import version as installed_version

from sphinx.application import Sphinx

project = "loanperf"
copyright = "the loanperf authors"
version = release = installed_version("loanperf")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False

html_theme = "furo"
html_title = f"loanperf {release}"


def _kept(known: dict[str, list[str]], what: str, name: str, lines: list[str]) -> None:
    if what in ("attribute", "data", "property"):
        known[name] = lines[:]


def _restored(known: dict[str, list[str]], what: str, name: str, lines: list[str]) -> None:
    if what in ("attribute", "data", "property"):
        lines[:] = known.pop(name, lines)


def setup(app: Sphinx) -> None:
    """Take what an attribute says as it stands: napoleon takes the words before a colon for its type."""
    known: dict[str, list[str]] = {}
    event = "autodoc-process-docstring"
    app.connect(event, lambda _, what, name, _obj, _options, lines: _kept(known, what, name, lines), priority=499)
    app.connect(event, lambda _, what, name, _obj, _options, lines: _restored(known, what, name, lines), priority=501)
