"""Stand-ins for what the columns of pay are made of: rows of some columns, and what else a function looks at."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from attrs import fields_dict


class Some(SimpleNamespace):
    """Rows of some columns; true whatever they are."""

    def __len__(self) -> int:
        return next(len(column) for column in vars(self).values() if isinstance(column, np.ndarray))

    def __bool__(self) -> bool:
        return True


def some(**columns: Any) -> Any:
    """What has these columns, and what else it is given; lists are columns of whole numbers."""
    return Some(**{
        name: np.array(value) if isinstance(value, list) else value for name, value in columns.items()
    })  # fmt: skip


def inner(owner: type, name: str) -> Any:
    """A step of a class that only the class itself takes, to be tried by itself on a stand-in."""
    return getattr(owner, f"_{name}")


def filled(table: Any, size: int, **columns: Any) -> Any:
    """Rows of a table of columns, of which some are given; the others are 0."""
    given = {name: np.array(value) if isinstance(value, list) else value for name, value in columns.items()}
    return table(**dict.fromkeys(fields_dict(table), np.arange(size) * 0) | given)
