"""Keys: values that only a host can read; the door of cryptography, with the extra `crypto`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from attrs import field, frozen

from loanperf.errors import MissingExtraError, StoreError


def _fernet() -> Any:
    try:
        return import_module("cryptography.fernet")
    except ImportError as error:
        raise MissingExtraError("crypto", "cryptography") from error


def _tuple_of_keys(keys: Iterable[str]) -> tuple[str, ...]:
    return (keys,) if isinstance(keys, str) else tuple(keys)


@frozen
class Keys:
    """The keys of a host, the newest first: it seals, and all of them open.

    Sealed values are Fernet tokens (AES-128 in CBC mode with HMAC-SHA256). Each is bound to what it belongs to, so that
    one cannot be put in the place of another. A key is 32 bytes in URL-safe base64, as `Keys.new()` makes them; keep it
    where the database is not.

    Raises:
        StoreError: a key is none; the message does not show it.
        MissingExtraError: cryptography is not installed.
    """

    keys: tuple[str, ...] = field(converter=_tuple_of_keys, repr=False)
    _box: Any = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        fernet = _fernet()
        try:
            box = fernet.MultiFernet([fernet.Fernet(key) for key in self.keys])
        except (TypeError, ValueError):
            fault = "one of them is no key" if self.keys else "there is none"
            raise StoreError("keys", fault, "make them with Keys.new()") from None
        object.__setattr__(self, "_box", box)

    @staticmethod
    def new() -> str:
        """A new key, by chance."""
        return str(_fernet().Fernet.generate_key().decode())

    def seal(self, values: Mapping[str, str], owner: str) -> str:
        """Values that can only be opened with one of these keys, and for the same owner."""
        text = json.dumps({"owner": owner, "values": dict(values)}, ensure_ascii=False)
        return str(self._box.encrypt(text.encode()).decode())

    def open(self, sealed: str, owner: str) -> dict[str, str]:
        """What was sealed.

        Raises:
            StoreError: it was sealed with another key, for somebody else, or is damaged.
        """
        try:
            said = json.loads(self._box.decrypt(sealed.encode()))
        except (_fernet().InvalidToken, ValueError):
            remedy = "pass the key with which it was sealed, among the others"
            raise StoreError(owner, "its sealed values cannot be opened", remedy) from None
        if said["owner"] != owner:
            raise StoreError(owner, "its sealed values belong to somebody else", "restore the row as it was written")
        return {str(name): str(value) for name, value in said["values"].items()}
