"""Passwords: made into something that may be stored, and compared with it. scrypt (RFC 7914)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final

import msgspec

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
"""Longer ones are refused before any work is done on them."""
SALT_BYTES: Final = 16
_KEY_BYTES: Final = 32
_MAX_MEMORY: Final = 256 * 1024 * 1024

RandomBytes = Callable[[int], bytes]


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """How much work one guess is. The default takes 32 MiB and about a quarter of a second."""

    n: int = 2**15
    r: int = 8
    p: int = 3


class WeakPasswordError(ValueError):
    """The password would be guessed; the message says what to change."""


def check_strength(password: str, *, user: str) -> None:
    """Refuse what is short, all one character, or the user's own name."""
    if len(password) < MIN_LENGTH:
        raise WeakPasswordError(
            f"the password has {len(password)} characters; it needs at least {MIN_LENGTH}"
        )
    if len(password) > MAX_LENGTH:
        raise WeakPasswordError(f"the password is longer than {MAX_LENGTH} characters")
    if len(set(password)) < 5:  # noqa: PLR2004  fewer different characters than a word has
        raise WeakPasswordError("the password repeats a few characters; use several words")
    if user.casefold() in password.casefold():
        raise WeakPasswordError("the password contains the user's name; leave it out")


def hashed(password: str, *, random_bytes: RandomBytes, cost: Cost | None = None) -> str:
    """Make the stored form: ``scrypt$n$r$p$salt$key``, both base64."""
    cost = cost or Cost()
    salt = random_bytes(SALT_BYTES)
    return "$".join([
        "scrypt", str(cost.n), str(cost.r), str(cost.p), _text(salt),
        _text(_derived(password, salt, cost)),
    ])  # fmt: skip


def is_right(password: str, stored: str) -> bool:
    """Compare in constant time. Raises ValueError when the stored form is damaged."""
    if len(password) > MAX_LENGTH:
        return False
    kind, n, r, p, salt, key = stored.split("$")
    if kind != "scrypt":
        raise ValueError(f"password form {kind!r} is not known; expected scrypt")
    derived = _derived(password, _bytes(salt), Cost(n=int(n), r=int(r), p=int(p)))
    return hmac.compare_digest(derived, _bytes(key))


def _derived(password: str, salt: bytes, cost: Cost) -> bytes:
    return hashlib.scrypt(
        password.encode(), salt=salt, n=cost.n, r=cost.r, p=cost.p,
        maxmem=_MAX_MEMORY, dklen=_KEY_BYTES,
    )  # fmt: skip


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)
