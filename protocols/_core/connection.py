"""What every protocol looks like from outside: the connection and what it hands up.

A connection is a value: it is told the time, is given bytes and hands up what they mean,
oldest first; it is told what to say to each of them and hands out the bytes of the answer.
It owns no socket, no task and no clock, and no error of a peer ever leaves it as an exception.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Protocol, TypeAlias

import msgspec

from protocols._core.errors import ProtocolError

Keys: TypeAlias = Callable[[str], Sequence[bytes]]
"""The keys of an account as it is named on the wire, newest first; empty when it has none.

Answers from memory and never waits. The raw key bytes (16, 24 or 32), not their spelling.
"""

Pad: TypeAlias = Callable[[int], bytes]
"""That many random bytes, fit for a pad (the codec drops what its pad must not hold)."""


class Verdict(Enum):
    """What the gateway says to what came in; the codec knows the bytes for it."""

    ACK = auto()
    """Durable, or a repeat of something durable, or a link test while commits succeed."""
    NAK_TIME = auto()
    """Its timestamp is outside the window: tell our time."""
    DUH = auto()
    """Sound frame that cannot be processed; on a receiver link the NAK byte."""
    SILENCE = auto()
    """Not durable, not admitted, or the standard has no word that is true."""


class Repeat(Enum):
    """How a protocol lets a repeat be told from a new report (REL-35, REL-36)."""

    ACCOUNT = auto()
    """Same ``identity`` from the same account on any path, inside the duplicate window."""
    LINK = auto()
    """Byte-identical to the last event frame of the same link, shortly after it."""
    NEVER = auto()
    """Nothing on the wire proves a repeat: every reception is a new report."""


# What is made for every frame may be made by position, several times as fast as by keyword,
# and is invisible to the garbage collector: values made of values hold no cycle.


class Part(msgspec.Struct, frozen=True, gc=False):
    """One thing that a report says; each payload package has its own subclasses."""

    raw: bytes
    """The bytes of this part alone."""


class Unreadable(Part, frozen=True, kw_only=True):
    """A part of a report that could not be read; it becomes an event with an unknown code."""

    format: str
    """``"contact-id"``, ``"sia-dc03"``, ... or ``"raw"`` for a payload we do not decode."""
    reason: str
    """What was seen and what was expected."""


class Report(msgspec.Struct, frozen=True, gc=False):
    """One unit that gets one answer; it becomes one to n events in one transaction."""

    protocol: str
    """Registry name, ``"dc09"`` or ``"surgard"``."""
    raw: bytes
    """The frame exactly as received."""
    token: str
    """What names the layout: the DC-09 id without its star, the Sur-Gard protocol id."""
    account: str | None
    """The account of the header, as sent (case and leading zeros kept); authorise by this."""
    parts: tuple[Part, ...]
    """What it says, in order; empty for a frame with no event in it (one info event)."""
    envelope: object
    """The codec's own record of the frame, needed to answer it and to explain it."""
    repeat: Repeat
    identity: bytes = b""
    """With ``Repeat.ACCOUNT``: equal exactly for repeats of one transmission of one account."""
    inner_account: str | None = None
    """The account inside the data, as sent."""
    receiver: str | None = None
    line: str | None = None
    sequence: str | None = None
    timestamp: datetime | None = None
    """The frame's transmission time, read as UTC; the account's time zone may correct it."""
    key_bits: int = 0
    """0 when it came in clear, else 128, 192 or 256."""
    xdata: tuple[tuple[str, str], ...] = ()
    """Extended data of DC-09 as (letter, text) pairs, order and repeats kept."""
    quirks: tuple[str, ...] = ()
    """In which ways the frame left the standard and was read all the same."""
    internal: bool = False
    """The receiver speaks about itself, not for a panel."""
    companion: bool = False
    """It only adds to a neighbour event (caller id, two-way audio, modifier): an info event."""
    data: bytes = b""
    """What ``parts`` were read from, where ``token`` and this settle them: equal, so are the parts.

    Only of a frame in clear that has no extended data, no quirk and is no companion; else empty.
    """


class LinkTest(msgspec.Struct, frozen=True, gc=False):
    """NULL, XNM or a heartbeat: a sign of life, never journaled, answered while commits succeed."""

    protocol: str
    raw: bytes
    envelope: object
    account: str | None = None
    receiver: str | None = None
    line: str | None = None
    sequence: str | None = None
    timestamp: datetime | None = None
    key_bits: int = 0
    quirks: tuple[str, ...] = ()


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that did not become a report; to be counted, kept raw and answered as REL-28 says."""

    protocol: str
    raw: bytes
    reason: str
    """A counter's name, ``noun_participle``: ``noise``, ``crc_wrong``, ``decrypt_failed`` ..."""
    error: ProtocolError
    envelope_sound: bool = False
    """The envelope was valid and only the body was not: a receiver link says NAK to it."""
    envelope: object = None
    account: str | None = None
    foreign: str | None = None
    """The name of the other protocol that these bytes look like, when they look like one."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the far end said, as seen by a connection in the sending role (simulators)."""

    verdict: Verdict
    raw: bytes
    sequence: str | None = None
    account: str | None = None
    utc: datetime | None = None
    """The receiver's time in a NAK."""


Incoming: TypeAlias = Report | LinkTest | Rejected


class Connection(Protocol):
    """One conversation with one peer, or one UDP listener. Owns no socket, no task and no clock."""

    def receive(self, data: bytes, *, now: float) -> list[Incoming]:
        """Take what was read (a whole datagram on UDP) and say what it held, oldest first.

        Never raises on what a peer sent. ``now`` is monotonic seconds.
        """
        ...

    def answer(self, to: Incoming, verdict: Verdict, *, utc: datetime) -> None:
        """Queue the bytes for this verdict; ``ACK`` only once the report is durable."""
        ...

    def data_to_send(self) -> bytes:
        """Hand out what is queued, and forget it."""
        ...

    def eof(self) -> list[Incoming]:
        """The peer is gone: hand up what was left half-read, as ``Rejected``, and start clean."""
        ...

    def deadline(self) -> float | None:
        """When ``on_deadline`` wants calling, in monotonic seconds; None while nothing waits."""
        ...

    def on_deadline(self, *, now: float) -> list[Incoming]:
        """Hand up what ran out of time (a partial frame, REL-24), as ``Rejected``."""
        ...
