"""The secret that signs incident links: made once, in a file that only the service can read.

There is no default secret. A file that others may read, or that is too short, is refused in words,
since a link made with it would let anybody speak for a customer.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path
from typing import Any, Final

import msgspec

KEY_BYTES: Final = 32
"""Length of a key: that of the digest (RFC 2104, section 3)."""
MAX_KEY_BYTES: Final = 4096
OWNER_ONLY: Final = 0o600


class LinkKeyError(ValueError):
    """The key file cannot be used; the message says what to do."""


class LinkKey(msgspec.Struct, frozen=True):
    """The key. Never shown, never logged."""

    secret: bytes

    def __post_init__(self) -> None:
        """Refuse what is too short to be a secret."""
        if len(self.secret) < KEY_BYTES:
            raise LinkKeyError(f"a link key has at least {KEY_BYTES} bytes")

    def __repr__(self) -> str:
        """Show that there is one, and nothing of it."""
        return "LinkKey(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show nothing in a console's tracebacks either."""
        return []


def load_link_key(path: Path) -> LinkKey:
    """Read the key, or make it at the first start (mode 0600, never over an existing file).

    Raises:
        LinkKeyError: for a file that others may read, that is no plain file, or too short.
        OSError: for a directory that cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return _make(path)
    except OSError as error:
        raise LinkKeyError(f"link key {path}: {error.strerror}; it must be a plain file") from error
    try:
        _check(path, os.fstat(descriptor))
        secret = os.read(descriptor, MAX_KEY_BYTES)
    finally:
        os.close(descriptor)
    if len(secret) < KEY_BYTES:
        raise LinkKeyError(
            f"link key {path}: {len(secret)} bytes, at least {KEY_BYTES} are needed; "
            "remove the file and a new key is made (links sent before end)"
        )
    return LinkKey(secret)


def _make(path: Path) -> LinkKey:
    secret = secrets.token_bytes(KEY_BYTES)
    # Written beside and linked into place: two processes at a first start end with one key, and
    # a crash never leaves half of one.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return load_link_key(path)
    finally:
        draft.unlink()
    return LinkKey(secret)


def _check(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise LinkKeyError(f"link key {path}: no plain file")
    others = stat.S_IMODE(found.st_mode) & 0o077
    if others and os.name == "posix":
        mode = stat.S_IMODE(found.st_mode)
        raise LinkKeyError(
            f"link key {path}: mode {mode:04o} lets others read it; say chmod 600 {path.name}"
        )
