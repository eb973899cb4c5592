"""What a Sur-Gard receiver says beside Contact ID and SIA: pulse events and its own affairs."""

from __future__ import annotations

import msgspec

from protocols._core import Part


class ItiFields(msgspec.Struct, frozen=True, kw_only=True):
    """What an ITI panel's event carries beside its condition; all as sent."""

    attribute: int
    """The panel's attribute byte: high nibble its kind, low nibble its variant."""
    user: str
    was_level: str
    now_level: str


class PulseEvent(Part, frozen=True, kw_only=True):
    """An event of protocol id 1: a code whose meaning the installer chose."""

    format: str
    """A guess by shape, since the wire does not say: ``"pulse-4/2"``, ``"surgard-4/3"`` ..."""
    event_code: str
    """One character (two for ``"pima-2char"`` and some of ``"modem-ii"``)."""
    group: str | None = None
    zone: str = ""
    """As sent, filling blanks removed."""
    iti: ItiFields | None = None
    """Only with the format ``"iti"``."""


class Internal(Part, frozen=True, kw_only=True):
    """The receiver speaks about itself (ids 0 and S with account 0000, id 1 with account 0000)."""

    code: str
    """The SIA pair (ids 0, S) or the event letter (id 1)."""
    number: str
    """The SIA address, or the two-character internal number of id 1."""
    meaning: str | None = None
    """In words where a manual names it."""
    area: str | None = None
    text: str | None = None


class TwoWayAudio(Part, frozen=True, kw_only=True):
    """A voice session is open on a line, or just was (id 1, event code P by default)."""

    event_code: str
    audio_line: str


class Modifier(Part, frozen=True, kw_only=True):
    """A SIA modifier in a frame of its own, sent before its event (id 3)."""

    name: str
    value: str


class Envelope(msgspec.Struct, frozen=True):
    """What the codec keeps of a frame, to answer it and to explain it."""

    layout: str
    """Which declaration of ``frame.py`` it fits; ``"other"`` for an id that is not decoded."""
    session: int
    """Which opening of the link it came on; answers to an earlier one are not sent."""
    is_b32: bool = False
    """It had the four bytes of the B32 prefix, and so has its answer."""
    clock: str | None = None
    """The receiver's own clock, ``HH:MM:SS-dd/mm``, where that option is on."""
    terminator: str | None = None
