"""What receivers say beside Contact ID and SIA: dialled formats, companions, their own affairs.

These parts are shared by every family of receiver: the same panel's call looks different on
each link and says the same.
"""

from __future__ import annotations

import msgspec

from protocols._core import Part


class ItiFields(msgspec.Struct, frozen=True, kw_only=True):
    """What an ITI panel's event carries beside its condition; all as sent."""

    attribute: int
    """The panel's attribute byte: high nibble its kind, low nibble its variant."""
    user: str
    was_level: str = ""
    """Empty where the frame has no levels (ITI generic)."""
    now_level: str = ""


class PulseEvent(Part, frozen=True, kw_only=True):
    """An event of a dialled format: a code whose meaning the format or the installer chose."""

    format: str
    """On Sur-Gard's id 1 a guess by shape, since the wire does not say: ``"pulse-4/2"``,
    ``"surgard-4/3"``; elsewhere the name of the format: ``"telenot"``, ``"sk-fsk2"``."""
    event_code: str
    """One character or a few, as sent."""
    group: str | None = None
    zone: str = ""
    """As sent, filling blanks removed."""
    iti: ItiFields | None = None
    """Only with the format ``"iti"``."""
    meaning: str | None = None
    """In words where the format's own list names the code."""
    state: str | None = None
    """``alarm`` or ``restore`` where the frame says that beside the code."""


class Channels(Part, frozen=True, kw_only=True):
    """All channels of a panel at once, each with its state."""

    format: str
    """``ademco-high-speed``, ``ademco-high-speed-dvl2a``, ``acron-super-fast``, ``vonk``."""
    channels: tuple[str, ...]
    """One character for each, channel 1 first."""
    status: str | None = None
    """What the call is about; None where the format has no such digit."""


class Digits(Part, frozen=True, kw_only=True):
    """Digits without an account or a known division (ADT pulse extended)."""

    format: str
    digits: str


class Internal(Part, frozen=True, kw_only=True):
    """The receiver speaks about itself."""

    code: str
    """A SIA pair, an event letter, or the hex code of a system message."""
    number: str
    """The SIA address, the two-character internal number, or the message's argument."""
    meaning: str | None = None
    """In words where a manual names it."""
    area: str | None = None
    text: str | None = None


class TwoWayAudio(Part, frozen=True, kw_only=True):
    """A voice session is open on a line, or just was."""

    event_code: str
    audio_line: str


class Modifier(Part, frozen=True, kw_only=True):
    """A SIA modifier in a frame of its own, sent before its event."""

    name: str
    value: str


class CallerId(Part, frozen=True, kw_only=True):
    """The number that the panel called from, in a frame of its own or beside the event."""

    number: str
    area: str | None = None
    """Area code where the frame has a field for it; 000 none, 001 one digit."""


class CallingName(Part, frozen=True, kw_only=True):
    """The name that the exchange gave for the calling number."""

    name: str
