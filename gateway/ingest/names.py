"""What names an account, a link, a report where repeats are looked for?"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final

from gateway.accounts import AccountKey
from hardware.sink import Origin

DIGEST_BYTES: Final = 16


@lru_cache(maxsize=8_192)
def name_of(key: AccountKey) -> bytes:
    """Name an account: no two are spelled the same."""
    group, account_id = key
    return f"{group}\0{account_id}\0".encode("utf-8", "surrogatepass")


def digest_of(first: bytes, second: bytes) -> bytes:
    """Digest what is said about whom."""
    return blake2b(first + b"\0" + second, digest_size=DIGEST_BYTES).digest()


def far_end_of(origin: Origin) -> str:
    """Name what several connections of one receiver share: its address, else the input alone."""
    return origin.peer.rpartition(":")[0] or origin.input


def link_of(origin: Origin) -> str:
    """Name the link whose frames are compared: a receiver that reconnects keeps it."""
    return f"{origin.input} {origin.host}"
