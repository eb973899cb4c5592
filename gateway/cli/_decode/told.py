"""What is told of one frame: fields, broken rule, quirks, events, answer; for screen and JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from gateway.normalise import Meaning
from protocols._core import Part

Status = Literal["decoded", "unreadable", "broken"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a frame, in the order of the wire."""

    offset: int
    raw: bytes
    name: str
    meaning: str
    clause: str = ""
    is_wrong: bool = False

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + len(self.raw)


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """The rule that is broken, and where."""

    rule: str
    """A counter's name: ``crc_wrong``, ``decrypt_failed`` ..."""
    reason: str
    offset: int
    clause: str
    hint: str = ""
    """What to try next."""


class Quirk(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a frame left the standard and was read all the same."""

    name: str
    words: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What we would send back, and why."""

    verdict: str
    """``ACK``, ``*ACK``, ``DUH``, ``NAK``, ``silence``, ``kissoff tone``."""
    why: str
    raw: bytes = b""
    fields: tuple[Field, ...] = ()


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a report, spelled out."""

    part: Part
    words: tuple[tuple[str, str], ...]
    """(as sent, what it says) for each piece of the part."""


class Told(msgspec.Struct, kw_only=True):
    """All that is told of one frame."""

    protocol: str
    title: str
    """In words: what kind of frame it is."""
    raw: bytes
    status: Status
    account: str | None = None
    broken: Broken | None = None
    fields: tuple[Field, ...] = ()
    inside: tuple[Field, ...] = ()
    """Fields of the decrypted text; offsets count from its beginning."""
    says: tuple[Said, ...] = ()
    quirks: tuple[Quirk, ...] = ()
    notes: tuple[str, ...] = ()
    events: tuple[Meaning, ...] = ()
    answer: Answer | None = None


def escaped(raw: bytes) -> str:
    r"""Spell bytes so that each can be seen and typed again: ``\n``, ``\r``, ``\x14``."""
    return "".join(_SPELLED[byte] for byte in raw)


_NAMED = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t", 0x5C: "\\\\"}
_SPELLED = tuple(
    _NAMED.get(byte, chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}")  # noqa: PLR2004 - printable ASCII
    for byte in range(256)
)
