"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from loanperf.errors import DataError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file all at once: the content goes to a temporary file, which then replaces `path` in one step.

    Raises:
        DataError: it cannot be written; what was there is as it was.
    """
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=".loanperf-", suffix=path.suffix)
        beside = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(content)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        fault = f"it cannot be written: {error.strerror}"
        raise DataError(str(path), fault, "check the folder and its rights") from None


def folder_at(path: Path) -> Path:
    """A folder, made where there is none."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fault = f"it can be no folder: {error.strerror}"
        raise DataError(str(path), fault, "name another folder, or check its rights") from None
    return path
