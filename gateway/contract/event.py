"""The alarm event as the world outside sees it: CloudEvents 1.0, structured JSON, version 1.

These structs are the contract. The JSON Schema and the AsyncAPI page under ``docs/`` are
generated from them and a test fails when they are stale.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

EVENT_TYPE: Final = "alarm-gateway.event.v1"

Category = Literal[
    "medical", "fire", "panic", "hold_up", "burglary", "untyped", "twenty_four_hour", "gas",
    "environment", "tamper", "supervision", "trouble", "power", "communication", "open_close",
    "access", "bypass", "test", "listen_in", "schedule", "programming", "cancel", "information",
    "user_defined",
]  # fmt: skip
Kind = Literal[
    "alarm", "restoral", "trouble", "supervisory", "bypass", "unbypass", "open", "close",
    "cancel", "test", "test_start", "test_end", "info",
]  # fmt: skip
Class = Literal[
    "alarm", "restoral", "trouble", "supervisory", "open_close", "bypass", "test", "cancel",
    "info", "system",
]  # fmt: skip
AreaClass = Literal["SECURED", "UNSECURED", "COMMON", "UNKNOWN"]
AlarmType = Literal["BURGLAR", "HOLD_UP", "FIRE", "MEDICAL", "OTHER"]
PremiseType = Literal["COMPANY", "RESIDENTIAL", "SCHOOL", "HOSPITAL"]
Mode = Literal["away", "stay", "perimeter", "night", "partial"]
CodeFormat = str
EventId = Annotated[str, Meta(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]
"""Unique across restarts and nodes (REL-11)."""

CLASS_OF_KIND: Final[dict[str, Class]] = {
    "alarm": "alarm", "restoral": "restoral", "trouble": "trouble", "supervisory": "supervisory",
    "cancel": "cancel", "info": "info", "open": "open_close", "close": "open_close",
    "bypass": "bypass", "unbypass": "bypass", "test": "test", "test_start": "test",
    "test_end": "test",
}  # fmt: skip
"""The topic level of a kind; the gateway's own events are ``system`` whatever their kind."""

CLASSES: Final[tuple[Class, ...]] = (
    "alarm", "restoral", "trouble", "supervisory", "open_close", "bypass", "test", "cancel",
    "info", "system",
)  # fmt: skip


class _Data(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Common settings: immutable, keyword only, invisible to the garbage collector."""


class ReportRef(_Data, frozen=True, kw_only=True):
    """Which part of which report the event is."""

    id: str
    index: int
    count: int


class Account(_Data, frozen=True, kw_only=True):
    """The account that called, as the station knows it."""

    group: str
    id: str
    """As configured when known, else as sent."""
    known: bool
    name: str | None = None
    premise_type: PremiseType | None = None


class Attributes(_Data, frozen=True, kw_only=True, omit_defaults=True):
    """What the kind does not say; absent means not known or not so."""

    new: bool | None = None
    """False for a condition that was reported before (Contact ID 6, SIA O block)."""
    verified: bool | None = None
    silent: bool | None = None
    exit_error: bool | None = None
    recent_close: bool | None = None
    after_alarm: bool | None = None
    forced: bool | None = None
    auto: bool | None = None
    mode: Mode | None = None
    off_normal: bool | None = None
    restores: tuple[Literal["alarm", "trouble", "supervisory"], ...] | None = None
    """What a restoral may clear."""


class Code(_Data, frozen=True, kw_only=True):
    """The panel's own code."""

    format: str
    """``contact-id``, ``sia-dc03``, ``surgard-4/3`` ... or ``gateway`` for our own events."""
    value: str
    qualifier: Literal["new", "restore", "previous"] | None
    name: str | None
    known: bool


class Area(_Data, frozen=True, kw_only=True):
    """Where: the area, with the class that decides one branch of audio verification."""

    id: str | None
    name: str | None
    class_: AreaClass = msgspec.field(name="class")


class Zone(_Data, frozen=True, kw_only=True):
    """Where: the zone, as sent, with what the site told about it."""

    id: str
    name: str | None = None
    sensor: str | None = None
    location: str | None = None


class User(_Data, frozen=True, kw_only=True):
    """Who."""

    id: str
    name: str | None = None


class Address(_Data, frozen=True, kw_only=True):
    """An address that is neither zone, user nor area (a device, line, door, output ...)."""

    type: str
    id: str


class OriginRef(_Data, frozen=True, kw_only=True):
    """How it came in."""

    input: str
    protocol: str
    transport: str
    peer: str
    receiver: str | None
    line: str | None
    sequence: str | None


class Trust(_Data, frozen=True, kw_only=True):
    """How far it can be trusted (SEC-9)."""

    confidentiality: Literal["none", "aes-128", "aes-192", "aes-256", "tls"]
    integrity: Literal["none", "tls"]
    authenticity: Literal["none", "key", "source", "line", "certificate"]
    """``line``: a receiver's own wire; ``source``: a pinned network; ``key``: the account's key."""
    replay_checked: bool


class Media(_Data, frozen=True, kw_only=True):
    """A link to audio, picture or video."""

    kind: Literal["link"]
    url: str


class FollowOn(_Data, frozen=True, kw_only=True):
    """A voice or video session that comes with the same call."""

    kind: Literal["audio", "video"]
    seconds: int | None
    of: str | None
    """Event id of the alarm it belongs to."""


class Position(_Data, frozen=True, kw_only=True):
    """Longitude, latitude, altitude as the panel sent them (DC-09 X, Y, Z)."""

    x: str | None
    y: str | None
    z: str | None


class Raw(_Data, frozen=True, kw_only=True):
    """The report exactly as received."""

    encoding: Literal["latin-1"]
    value: str


class Data(_Data, frozen=True, kw_only=True):
    """The normalised alarm event."""

    journal_seq: int
    dedupe_key: str
    report: ReportRef
    class_: Class = msgspec.field(name="class")
    account: Account
    category: Category
    kind: Kind
    alarm_type: AlarmType
    severity: Annotated[int, Meta(ge=1, le=19)]
    attributes: Attributes
    code: Code
    area: Area
    zone: Zone | None
    user: User | None
    address: Address | None
    occurred_at: str | None
    """The panel's word, ISO 8601 UTC."""
    received_at: str
    clock_skew_ms: int | None
    time_untrusted: bool
    origin: OriginRef
    trust: Trust
    media: tuple[Media, ...]
    follow_on: FollowOn | None
    companion_of: str | None
    position: Position | None
    text: str | None
    on_test: bool
    flags: tuple[str, ...]
    quirks: tuple[str, ...]
    raw: Raw | None


class AlarmEvent(_Data, frozen=True, kw_only=True):
    """One CloudEvent. Immutable: its JSON is made once, at commit."""

    specversion: Literal["1.0"] = "1.0"
    id: EventId
    """Of the event, in every publication of it: what a consumer confirms."""
    source: str
    type: Literal["alarm-gateway.event.v1"] = EVENT_TYPE
    subject: str
    time: str
    datacontenttype: Literal["application/json"] = "application/json"
    data: Data
