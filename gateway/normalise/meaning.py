"""What one part of a report means: the event without its identity, origin and times of receipt."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from gateway.contract.event import (
    Address,
    AlarmType,
    Area,
    Attributes,
    Category,
    Class,
    Code,
    Kind,
    Media,
    Position,
    User,
    Zone,
)

FollowOnSession: TypeAlias = tuple[Literal["audio", "video"], int | None]
"""Kind of the session and its seconds, None when not told."""


class Meaning(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The normalised content of one event. Field names are those of the event contract."""

    category: Category
    kind: Kind
    class_: Class
    alarm_type: AlarmType
    severity: int
    """1 is handled first, 19 last."""
    attributes: Attributes
    code: Code
    area: Area
    is_priority: bool
    """An alarm of fire, gas, hold-up, panic or medical: published before the backlog (REL-44)."""
    zone: Zone | None = None
    user: User | None = None
    address: Address | None = None
    occurred_at: str | None = None
    """The panel's word, ISO 8601 UTC with ``Z``."""
    text: str | None = None
    media: tuple[Media, ...] = ()
    position: Position | None = None
    follow_on: FollowOnSession | None = None
    """A voice or video session that comes with the same call."""
    flags: tuple[str, ...] = ()
    """``review``: an operator should look; ``qualifier_unexpected``: the table has no such
    direction for this code; ``time_unreadable``: the panel's time of the event made no sense;
    ``media_refused``: a link that is neither http nor https was left out."""
    is_companion: bool = False
    """It only adds to a neighbour event (caller id, modifier frame, two-way audio)."""
