"""Everything on MQTT that is not an event: states of the station, what nobody could read, confirms.

As with the event, these structs are the contract; schemas are generated from them.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from gateway.contract.event import EventId, Raw

CONTRACT_VERSION: Final = 1
"""Counts breaking changes only; it is the ``v1`` of the topic root."""
MAX_CONFIRM_IDS: Final = 1000
"""Most ids in one confirm message."""

Time = Annotated[str, Meta(description="ISO 8601, UTC, ending in Z")]


class _Message(msgspec.Struct, frozen=True, kw_only=True):
    """Common settings: immutable, keyword only. Readers ignore fields they do not know."""


class Status(_Message, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the gateway is there. Retained; the broker itself says offline (last will)."""

    state: Literal["online", "offline"]
    time: Time | None = None
    """When it was said; absent in the last will, which was written long before."""
    version: str | None = None
    """Version of the product."""
    reason: str | None = None
    """Why offline, in words; absent when the gateway could not say."""


class InputInfo(_Message, frozen=True, kw_only=True):
    """One input as configured."""

    name: str
    protocol: str
    transport: str
    """``tcp``, ``udp``, ``tcp+udp`` or ``serial``."""


class Info(_Message, frozen=True, kw_only=True):
    """What the gateway is. Retained, republished when it changes."""

    site: str
    version: str
    """Version of the product."""
    contract: int
    """Version of the contract, the ``v1`` of the topics."""
    schemas: dict[str, str]
    """Message name -> schema id."""
    inputs: tuple[InputInfo, ...]
    confirm_by: tuple[str, ...]
    """Consumers without whose confirm no event is done; empty: PUBACK counts."""
    broker: Literal["external", "embedded, not durable"] = "external"


class InputState(_Message, frozen=True, kw_only=True):
    """Whether an input works. Retained, one topic for each input."""

    state: Literal["up", "down", "degraded"]
    reason: str
    """In words, for the operator; empty when there is nothing to say."""
    time: Time


class Health(_Message, frozen=True, kw_only=True):
    """How well the gateway is. Retained, every 10 seconds (REL-48)."""

    time: Time
    state: Literal["ok", "degraded"]
    degraded: dict[str, str]
    """What is not well -> why, in words."""
    outstanding: int
    """Events committed and not done."""
    oldest_age_s: float
    """Age of the oldest outstanding event; 0 when there is none."""
    unconfirmed: int
    """Events published and not confirmed."""
    dead_lettered: int
    """Events that the broker refuses for good; outstanding all the same."""
    last_commit: Time | None
    inputs: dict[str, Literal["up", "down", "degraded"]]
    disk_used_bytes: int | None
    disk_free_bytes: int | None
    days_kept: float | None
    """How far back the journal reaches."""
    clock_trusted: bool
    counters: dict[str, int]
    """What happened since the start, by name."""


class AccountSupervision(_Message, frozen=True, kw_only=True):
    """Whether a supervised account is heard. Retained, one topic for each such account."""

    state: Literal["ok", "late", "lost"]
    group: str
    id: str
    time: Time
    silent_s: float | None = None
    """How long it had been silent."""


class Unrecognised(_Message, frozen=True, kw_only=True):
    """Bytes that reached a parser and became no event. Best effort, not retained."""

    input: str
    peer: str
    time: Time
    reason: str
    """What was wrong, at which byte, by which clause."""
    raw: Raw


class Confirm(_Message, frozen=True, kw_only=True):
    """A consumer's word that it has handled these events, after its own commit."""

    consumer: Annotated[str, Meta(min_length=1)]
    """Must equal the last level of the topic."""
    ids: Annotated[tuple[EventId, ...], Meta(min_length=1, max_length=MAX_CONFIRM_IDS)]
    time: Time | None = None


LAST_WILL: Final = msgspec.json.encode(Status(state="offline"))
"""Carries no time: it was written when the connection was made."""
