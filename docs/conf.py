"""Sphinx: Markdown pages, and the reference from the docstrings. Nothing is fetched while building."""

from importlib.metadata import version as installed_version

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
