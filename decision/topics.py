"""Which MQTT topics the decision core speaks on: its own root, beside the gateway's."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from decision.ledger import SuspendedRow

ROOT: Final = "alarm-core/v1"
"""Topic root of version 1; the site is the next level."""


def suspended(site: str) -> str:
    """Retained: the list of suspended addresses (SJ-C7)."""
    return f"{ROOT}/{site}/suspended"


def status(site: str) -> str:
    """Retained: whether the core is there and well; the broker itself says offline."""
    return f"{ROOT}/{site}/status"


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The last fact of the log: who keeps it elsewhere can tell a log that was rewritten."""

    seq: int
    digest: str
    """SHA-256 in hex."""


class Status(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the core is there and well."""

    state: Literal["online", "offline"]
    time: str | None = None
    """When it was said; absent in the last will, which was written long before."""
    version: str | None = None
    degraded: dict[str, str] = {}
    """What is not well -> why, in words; empty when all is."""
    counts: dict[str, int] = {}
    head: Head | None = None


class SuspendedList(msgspec.Struct, frozen=True, kw_only=True):
    """All alarm systems whose burglar alarms are not responded to."""

    site: str
    time: str
    """When the list last changed or was read again."""
    systems: tuple[SuspendedRow, ...]


LAST_WILL: Final = msgspec.json.encode(Status(state="offline"))
