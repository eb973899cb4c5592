"""Whose keys are others after a reload? Named to whoever watches over the keys (SEC-27)."""

from __future__ import annotations

from hmac import compare_digest
from typing import Final

import msgspec

from gateway.accounts.registry import AccountKey, Accounts

_NAMED_MOST: Final = 10  # accounts in the text; a rotation of all of them would fill a book


class KeyChanges(msgspec.Struct, frozen=True):
    """Accounts whose keys changed."""

    count: int
    names: tuple[str, ...]
    """The first of them."""

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self.count > 0

    def __str__(self) -> str:
        """Name them, and no key."""
        more = self.count - len(self.names)
        others = f" and {more} more" if more else ""
        return f"the keys of {self.count} accounts changed: {', '.join(self.names)}{others}"


def key_changes(before: Accounts, after: Accounts) -> KeyChanges:
    """Compare the keys of all accounts; with many it takes a while, so not on the event loop."""
    old, new = before.keyrings(), after.keyrings()
    changed: list[AccountKey] = [
        key
        for key in old.keys() | new.keys()
        if not compare_digest(old.get(key, b""), new.get(key, b""))
    ]
    names = tuple("/".join(key) for key in sorted(changed)[:_NAMED_MOST])
    return KeyChanges(len(changed), names)
