"""What a Sur-Gard receiver says beside Contact ID and SIA: pulse events and its own affairs."""

from __future__ import annotations

from protocols._core import Part


class PulseEvent(Part, frozen=True, kw_only=True):
    """An event of protocol id 1: a code whose meaning the installer chose."""

    format: str
    """A guess by shape, since the wire does not say: ``"pulse-4/2"``, ``"surgard-4/3"`` ..."""
    event_code: str
    """One character (two for ``"pima-2char"``)."""
    group: str | None = None
    zone: str = ""
    """As sent, filling blanks removed."""


class Internal(Part, frozen=True, kw_only=True):
    """The receiver speaks about itself (ids 0 and S with account 0000, id 1 with account 0000)."""

    code: str
    """The SIA pair (ids 0, S) or the event letter (id 1)."""
    number: str
    """The SIA address, or the two-character internal number of id 1."""
    meaning: str | None = None
    """In words where a manual names it."""


class TwoWayAudio(Part, frozen=True, kw_only=True):
    """A voice session is open on a line, or just was (id 1, event code P by default)."""

    event_code: str
    audio_line: str


class Modifier(Part, frozen=True, kw_only=True):
    """A SIA modifier in a frame of its own, sent before its event (id 3)."""

    name: str
    value: str
