"""One dialect as the tests see it: its frames, its far end, its answers, what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from construct import Struct

from protocols._core import Answer, Connection, Incoming, Part
from protocols._core.recogniser import Recogniser
from protocols.contact_id import ContactId
from protocols.receiver_link import Channels, PulseEvent
from protocols.receiver_link import Connection as Link
from protocols.registry import PROTOCOLS
from protocols.sia_dc03 import SiaEvent

ACK, NAK = b"\x06", b"\x15"


def cid(account: str, letter: str = "", event: str = "131") -> ContactId:
    """Perimeter burglary, area 01, zone 015; ``letter`` where the receiver sends one."""
    return ContactId(
        raw=b"",
        qualifier={"": "1", "E": "1", "R": "3", "P": "6"}[letter],
        event=event,
        group="01",
        zone="015",
        account=account,
        qualifier_sent=letter,
    )


def sia(account: str, code: str = "BA", address: str = "015", *, area: str = "1") -> SiaEvent:
    """Burglary alarm; without ``area`` it names none."""
    modifiers = (("ri", area),) if area else ()
    return SiaEvent(
        raw=b"", block="N", code=code, address=address, modifiers=modifiers, account=account
    )


def pulse(event_format: str, code: str, zone: str = "") -> PulseEvent:
    """An event of a dialled format."""
    return PulseEvent(raw=b"", format=event_format, event_code=code, zone=zone)


def varied(part: Part) -> Part:
    """The same event from another place, or another event where it names none."""
    if isinstance(part, ContactId):
        return msgspec.structs.replace(part, zone=_other(part.zone))
    if isinstance(part, SiaEvent):
        return msgspec.structs.replace(part, address=_other(part.address))
    if isinstance(part, Channels):
        return msgspec.structs.replace(part, channels=("5", "1", *part.channels[2:]))
    if isinstance(part, PulseEvent):
        return msgspec.structs.replace(part, event_code=_other(part.event_code))
    return part  # a number that called


def _other(digits: str) -> str:
    """Another last digit, or for an opening a closing."""
    last = {"O": "C", "7": "8"}.get(digits[-1], "7")
    return digits[:-1] + last


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One way of speaking."""

    name: str
    protocol: str
    far_end: Callable[[], Link[Answer]]
    account: str
    said: tuple[Part, ...]
    """What its sample frame says."""
    frame: bytes
    """The sample, as the far end writes it first."""
    ack: bytes
    nak: bytes
    heartbeat: bytes = b""
    """Empty where it has none."""
    unreadable: bytes = b""
    """A sound envelope with data that fits nothing; empty where the family has no such thing."""
    wrong_check: bytes = b""
    """The sample with a wrong check value; empty where the family has none."""
    options: Mapping[str, object] = field(default_factory=dict)
    noise: bytes = b"\xff\x00x\x80"
    filling: int = 0
    """Bytes of the sample's end that the reader may leave out of ``raw``."""

    def __str__(self) -> str:
        """The test's id."""
        return self.name

    def gateway(self) -> Connection:
        """The end that takes events, as the registry makes it."""
        return PROTOCOLS[self.protocol].connect(
            keys=lambda _account: (), pad=bytes, options=self.options
        )


def receive(connection: Connection, data: bytes, now: float = 0.0) -> list[Incoming]:
    """All that a connection makes of bytes, what waits for a terminator included."""
    found = connection.receive(data, now=now)
    due = connection.deadline()
    return found if due is None else found + connection.on_deadline(now=due)


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A declaration, what was generated from it, and bytes that it describes."""

    name: str
    declaration: Struct
    recogniser: Recogniser[Any]
    samples: tuple[bytes, ...]

    def __str__(self) -> str:
        """The test's id."""
        return self.name


def of_layouts(name: str, layouts: Any, samples: Mapping[str, tuple[bytes, ...]]) -> list[Declared]:
    return [
        Declared(
            name=f"{name} {layout}",
            declaration=layouts.declared[layout],
            recogniser=recogniser,
            samples=samples[layout],
        )
        for layout, recogniser in layouts.recognisers.items()
    ]
