"""What goes into the journal and what comes out of it."""

from __future__ import annotations

import msgspec


class Outstanding(msgspec.Struct, frozen=True, gc=False):
    """What the outbox needs to publish an event."""

    seq: int
    """``journal_seq``: strictly increasing, never reused; may have gaps."""
    event_id: str
    account: str
    """The account level of the topic, e.g. ``1234``, ``north.1234``, ``_none``."""
    class_: str
    """The class level of the topic."""
    is_priority: bool
    """Fire, gas, panic, hold-up, medical: published before the backlog (REL-44)."""
    received_ms: int
    json: bytes
    """The CloudEvent, as it will be published every time."""


class Entry(Outstanding, frozen=True, gc=False):
    """One event on its way to the disk (REL-10). Its JSON is final: it is never made again.

    Once committed it is handed to the outbox as it stands, since it is an ``Outstanding``.
    """

    report_id: str
    index: int
    count: int
    input: str
    peer: str
    monotonic_ns: int
    raw: bytes
    """The report exactly as received."""
    identity: bytes
    """Digest that tells a repeat of this report; empty when nothing can (REL-36)."""
    link: str = ""
    """With ``Repeat.LINK``: the link whose last event frame this was (REL-35)."""


class Identity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a start needs to know a repeat again, without reading any payload (REL-16)."""

    seq: int
    """0 for a frame that came again on its link: when, not that it was an event."""
    digest: bytes
    report_id: str
    received_ms: int
    link: str


class Record(Entry, frozen=True, kw_only=True, gc=False):
    """One event as it stands in the journal, for the technician's commands."""

    boot_id: str
    """Of the run of the gateway that wrote it; ``monotonic_ns`` counts within it."""
    is_done: bool
    is_intact: bool
    """Whether its checksum holds."""
