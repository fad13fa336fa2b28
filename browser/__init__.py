"""Pages in a browser: `python -m nox -s browser`."""
