"""What goes into the journal and what comes out of it."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import msgspec

from gateway.journal.form import Form, fill


class Outstanding(Protocol):
    """What the outbox needs to publish an event."""

    @property
    def seq(self) -> int:
        """``journal_seq``: strictly increasing, never reused; may have gaps."""
        ...

    @property
    def event_id(self) -> str:
        """The event's id."""
        ...

    @property
    def account(self) -> str:
        """The account level of the topic, e.g. ``1234``, ``north.1234``, ``_none``."""
        ...

    @property
    def class_(self) -> str:
        """The class level of the topic."""
        ...

    @property
    def is_priority(self) -> bool:
        """Fire, gas, panic, hold-up, medical: published before the backlog (REL-44)."""
        ...

    @property
    def received_ms(self) -> int:
        """When it was received, in UTC milliseconds."""
        ...

    @property
    def json(self) -> bytes:
        """The CloudEvent, as it will be published every time."""
        ...


class Stored(msgspec.Struct, frozen=True, gc=False):
    """An event as it was read back; see ``Outstanding``."""

    seq: int
    event_id: str
    account: str
    class_: str
    is_priority: bool
    received_ms: int
    json: bytes


class Entry(Stored, frozen=True, gc=False):
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


class Alike(msgspec.Struct, frozen=True, gc=False):
    """One event like others before it, on its way to the disk: a form, and what fills it.

    The one event of its report. It is an ``Outstanding`` as well; its JSON is filled in when
    somebody asks for it, and is the same every time.
    """

    seq: int
    event_id: str
    account: str
    """That of the form, as is ``is_priority``: asked for every event, so it stands here too."""
    is_priority: bool
    received_ms: int
    form: Form
    peer: str
    sequence: str | None
    clock_skew_ms: int | None
    monotonic_ns: int
    raw: bytes
    """The report exactly as received."""
    identity: bytes
    """Digest that tells a repeat of this report; never empty."""

    @property
    def class_(self) -> str:
        """The class level of the topic."""
        return self.form.class_

    @property
    def count(self) -> int:
        """Events of its report."""
        return 1

    @property
    def json(self) -> bytes:
        """The CloudEvent."""
        return fill(
            self.form.pieces, self.event_id, self.seq, self.identity.hex(), self.event_id,
            self.received_ms, self.clock_skew_ms, self.peer, self.sequence, self.raw,
        )  # fmt: skip

    def whole(self) -> Entry:
        """Give the same event as an entry that needs no form."""
        return Entry(
            seq=self.seq, event_id=self.event_id, account=self.account, class_=self.class_,
            is_priority=self.is_priority, received_ms=self.received_ms, json=self.json,
            report_id=self.event_id, index=0, count=1, input=self.form.input, peer=self.peer,
            monotonic_ns=self.monotonic_ns, raw=self.raw, identity=self.identity,
        )  # fmt: skip


AnyEntry: TypeAlias = Entry | Alike


class Identity(msgspec.Struct, frozen=True, gc=False):
    """What a start needs to know a repeat again, without reading any payload (REL-16)."""

    seq: int
    """0 for a frame that came again on its link: when, not that it was an event."""
    digest: bytes
    received_ms: int
    link: str


class Record(Entry, frozen=True, kw_only=True, gc=False):
    """One event as it stands in the journal, for the technician's commands."""

    boot_id: str
    """Of the run of the gateway that wrote it; ``monotonic_ns`` counts within it."""
    is_done: bool
    is_intact: bool
    """Whether its checksum holds."""
