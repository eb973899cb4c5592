"""What goes into the journal and what comes out of it."""

from __future__ import annotations

import msgspec


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One event on its way to the disk (REL-10). Its JSON is final: it is never made again."""

    seq: int
    """``journal_seq``: strictly increasing, never reused; may have gaps."""
    event_id: str
    report_id: str
    index: int
    count: int
    input: str
    peer: str
    account: str
    """The account level of the topic, e.g. ``1234``, ``north.1234``, ``_none``."""
    class_: str
    """The class level of the topic."""
    is_priority: bool
    """Fire, gas, panic, hold-up, medical: published before the backlog (REL-44)."""
    received_ms: int
    monotonic_ns: int
    raw: bytes
    """The report exactly as received."""
    json: bytes
    """The CloudEvent, as it will be published every time."""
    identity: bytes
    """Digest that tells a repeat of this report; empty when nothing can (REL-36)."""
    link: str = ""
    """With ``Repeat.LINK``: the link whose last event frame this was (REL-35)."""


class Outstanding(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the outbox needs to publish an event."""

    seq: int
    event_id: str
    account: str
    class_: str
    is_priority: bool
    received_ms: int
    json: bytes
